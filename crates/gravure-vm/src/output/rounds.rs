//! The rounds of a loop that shows each item between two texts.
//!
//! `{% for cell in row %}<td>{{ cell }}</td>{% end %}` needs no ops: what
//! stands behind one item and before the next is one text, copied as a block of
//! fixed size, and the page and its end are locals here. What is rare (other
//! values, a limit that is near) is left to the ops of the body.

use super::{
    BLOCK, MOST_DIGITS, MOST_ESCAPED, OVERHANG, Output, PIECE, SLACK, escape_into, grown, int_into,
    long_escaped, number::few_digits,
};
use gravure_value::{Items, Iter, Json, Mark, Node, Slice, Tree, Value};

/// Texts around each item that are longer are left to the ops.
const MOST_AROUND: usize = 2 * BLOCK;

/// What stands around each item.
pub(crate) struct Around<'a> {
    pub before: &'a [u8],
    pub behind: &'a [u8],
}

/// Why no more rounds were done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rest {
    /// There are no more items.
    Ended,
    /// The next one is for the ops.
    Left,
}

/// An item as it is shown.
enum Shown<'a> {
    Int(i64),
    Text(&'a [u8]),
    /// The ops know how.
    Other,
}

impl<'a> Shown<'a> {
    #[inline(always)]
    fn json(json: &'a Json) -> Self {
        match json {
            Json::String(text) => Self::Text(text.as_bytes()),
            _ => Self::value(Value::from_json(json)),
        }
    }

    #[inline(always)]
    fn node(tree: &'a Tree, node: Node) -> Self {
        match node {
            Node::Int(int) => Self::Int(int),
            Node::Text(start, len) => {
                let range = start as usize..start as usize + len as usize;
                let text = tree.bytes_of_texts().get(range);
                text.map_or(Self::Other, Self::Text)
            }
            _ => Self::Other,
        }
    }

    #[inline(always)]
    fn value(value: Value<'a>) -> Self {
        match value {
            Value::Int(int) => Self::Int(int),
            Value::Str(Mark::Plain, text) => Self::Text(text.as_bytes()),
            _ => Self::Other,
        }
    }
}

impl Output {
    /// Show items while that is simple: at most so many, and no further than
    /// `bound`. Gives how many were shown.
    #[inline(never)]
    pub(crate) fn push_rounds(
        &mut self,
        around: &Around<'_>,
        iter: &Iter<'_>,
        is_html: bool,
        most: u64,
        bound: usize,
    ) -> (u64, Rest) {
        let from = usize::try_from(iter.pos).unwrap_or(usize::MAX);
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let (done, total) = match &iter.items {
            Items::Json(items) => {
                let items = items.get(from..).unwrap_or(&[]);
                let shown = items.iter().take(most).map(Shown::json);
                (self.push_all(around, shown, is_html, bound), items.len())
            }
            Items::Values => {
                let items = iter.held().get(from..).unwrap_or(&[]);
                let shown = items.iter().take(most).map(|&it| Shown::value(it));
                (self.push_all(around, shown, is_html, bound), items.len())
            }
            Items::Node(tree, first) => {
                let items = tree.nodes(*first, iter.len).get(from..).unwrap_or(&[]);
                let shown = items.iter().take(most).map(|&it| Shown::node(tree, it));
                (self.push_all(around, shown, is_html, bound), items.len())
            }
            Items::Range(range) => {
                let left = range.len().saturating_sub(iter.pos);
                let members = (iter.pos..range.len()).take(most);
                let shown = members.map(|at| range.get(at).map_or(Shown::Other, Shown::Int));
                let done = self.push_all(around, shown, is_html, bound);
                (done, usize::try_from(left).unwrap_or(usize::MAX))
            }
            Items::Host(seq) => match seq.slice() {
                Slice::Ints(items) => {
                    let items = items.get(from..).unwrap_or(&[]);
                    let shown = items.iter().take(most).map(|&it| Shown::Int(it));
                    (self.push_all(around, shown, is_html, bound), items.len())
                }
                Slice::Texts(items) => {
                    let items = items.get(from..).unwrap_or(&[]);
                    let shown = items.iter().take(most);
                    let shown = shown.map(|it| Shown::Text(it.as_bytes()));
                    (self.push_all(around, shown, is_html, bound), items.len())
                }
                _ => {
                    let left = seq.len().saturating_sub(from);
                    let items = Value::items_from(*seq, from).take(left.min(most));
                    let shown = items.map(Shown::value);
                    (self.push_all(around, shown, is_html, bound), left)
                }
            },
            _ => return (0, Rest::Left),
        };
        let rest = match done == total {
            true => Rest::Ended,
            false => Rest::Left,
        };
        (done as u64, rest)
    }

    #[inline(always)]
    fn push_all<'a>(
        &mut self,
        around: &Around<'_>,
        items: impl Iterator<Item = Shown<'a>>,
        is_html: bool,
        bound: usize,
    ) -> usize {
        let n_before = around.before.len();
        let n_between = around.behind.len() + n_before;
        if n_between > MOST_AROUND {
            return 0;
        }
        let mut between = [0; MOST_AROUND];
        between[..around.behind.len()].copy_from_slice(around.behind);
        between[around.behind.len()..n_between].copy_from_slice(around.before);
        let [first, second] = halves(between);

        self.push_long(around.before);
        // The buffer is a local that nobody else sees.
        let mut buf = std::mem::take(&mut self.buf);
        let ceiling = self.ceiling.saturating_add(SLACK);
        let mut at = self.len;
        let mut done = 0;
        // Up to here an integer has room, and what stands behind it.
        let end_of = |buf: &[u8]| {
            let bound = bound.saturating_sub(MOST_DIGITS + MOST_AROUND - 1);
            bound.min(buf.len().saturating_sub(MOST_DIGITS + MOST_AROUND + SLACK))
        };
        let mut end = end_of(&buf);
        for item in items {
            match item {
                Shown::Int(int) => {
                    if at >= end {
                        if at.saturating_add(MOST_DIGITS) + MOST_AROUND > bound {
                            break;
                        }
                        let need = at + MOST_DIGITS + MOST_AROUND + SLACK;
                        if buf.len() <= need {
                            buf = grown(buf, need + 1, ceiling);
                            end = end_of(&buf);
                        }
                    }
                    match few_digits(int) {
                        // One look at the room for both.
                        Some((digits, len)) => {
                            let window = buf.get_mut(at..);
                            let window = window.and_then(<[u8]>::first_chunk_mut::<{ 8 + BLOCK }>);
                            if let Some(window) = window {
                                window[..8].copy_from_slice(&digits.to_le_bytes());
                                window[len..len + BLOCK].copy_from_slice(&first);
                            }
                            at += len;
                        }
                        None => {
                            at = int_into(int, &mut buf, at);
                            put(&mut buf, at, &first);
                        }
                    }
                }
                Shown::Text(text) if is_html => {
                    let worst = text.len().saturating_mul(MOST_ESCAPED);
                    if at.saturating_add(worst) + MOST_AROUND > bound {
                        break;
                    }
                    if text.len() > PIECE {
                        let room = MOST_AROUND + SLACK;
                        (buf, at) = long_escaped(text, (buf, at), room, ceiling);
                    } else {
                        let need = text.len() * MOST_ESCAPED + OVERHANG + MOST_AROUND + SLACK;
                        if buf.len() - at < need {
                            buf = grown(buf, at + need, ceiling);
                        }
                        at = escape_into(text, &mut buf, at);
                    }
                    end = end_of(&buf);
                    put(&mut buf, at, &first);
                }
                _ => break,
            }
            if n_between > BLOCK {
                put(&mut buf, at + BLOCK, &second);
            }
            at += n_between;
            done += 1;
        }
        // The text before an item that did not come.
        self.len = at - n_before;
        self.buf = buf;
        self.room(0);
        done
    }
}

/// Both blocks of the text between two items.
fn halves(between: [u8; MOST_AROUND]) -> [[u8; BLOCK]; 2] {
    let (blocks, _) = between.as_chunks::<BLOCK>();
    [blocks[0], blocks[1]]
}

/// Write a block where there is room for it.
#[inline(always)]
fn put(buf: &mut [u8], at: usize, block: &[u8; BLOCK]) {
    if let Some(to) = buf.get_mut(at..at + BLOCK) {
        to.copy_from_slice(block);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::{Heap, Limits, tree_of};

    fn shown(json: &serde_json::Value, most: u64, bound: usize) -> (String, u64, Rest) {
        let tree = tree_of(json).unwrap();
        let mut heap = Heap::new(Limits::default());
        let mut answers = Vec::new();
        for value in [Value::from_json(json), Value::from_tree(&tree)] {
            let iter = heap.iter(value).unwrap();
            let around = Around {
                before: b"<td>",
                behind: b"</td>",
            };
            let mut out = Output::default();
            let (done, rest) = out.push_rounds(&around, &iter, true, most, bound);
            answers.push((out.take_all().0, done, rest));
        }
        assert_eq!(answers[0], answers[1]);
        answers.remove(0)
    }

    #[test]
    fn items_stand_between_their_texts() {
        let json = serde_json::json!([1, "a<b", "", -20]);
        let (page, done, rest) = shown(&json, 9, usize::MAX);
        assert_eq!(page, "<td>1</td><td>a&lt;b</td><td></td><td>-20</td>");
        assert_eq!((done, rest), (4, Rest::Ended));
        assert_eq!(shown(&serde_json::json!([]), 9, 99).0, "");
    }

    #[test]
    fn what_is_not_simple_is_left() {
        let json = serde_json::json!([1, 2.5, 3]);
        let (page, done, rest) = shown(&json, 9, usize::MAX);
        assert_eq!((&*page, done, rest), ("<td>1</td>", 1, Rest::Left));
    }

    #[test]
    fn no_more_rounds_are_done_than_are_paid_for() {
        let json = serde_json::json!([1, 2, 3]);
        let (page, done, rest) = shown(&json, 2, usize::MAX);
        assert_eq!((page.len(), done, rest), (20, 2, Rest::Left));
        assert_eq!(shown(&json, 0, usize::MAX).1, 0);
    }

    #[test]
    fn the_bound_is_never_passed() {
        let json = serde_json::json!(["<".repeat(50), "<".repeat(50), "<".repeat(50)]);
        for bound in 0..1000 {
            assert!(shown(&json, 9, bound).0.len() <= bound);
        }
    }

    #[test]
    fn long_texts_and_many_items_find_room() {
        let long = "x&".repeat(5000);
        let json = serde_json::json!([long, long, long]);
        let (page, ..) = shown(&json, 9, usize::MAX);
        let wanted = format!("<td>{}</td>", "x&amp;".repeat(5000)).repeat(3);
        assert!(page == wanted);
        let many: Vec<i64> = (0..5000).collect();
        let wanted: String = many.iter().map(|n| format!("<td>{n}</td>")).collect();
        assert!(shown(&serde_json::json!(many), u64::MAX, usize::MAX).0 == wanted);
    }

    /// The rounds of a value, written into a buffer of some length.
    fn into_room(
        room: usize,
        around: &Around<'_>,
        value: Value<'_>,
        is_html: bool,
    ) -> (String, u64, Rest, usize) {
        let mut heap = Heap::new(Limits::default());
        let iter = heap.iter(value).unwrap();
        let mut out = Output {
            buf: vec![0; room],
            ..Output::default()
        };
        let (done, rest) = out.push_rounds(around, &iter, is_html, u64::MAX, usize::MAX);
        let (page, _) = out.take_all();
        (page, done, rest, out.buf.len())
    }

    #[test]
    fn whatever_room_there_is_nothing_is_lost_and_little_is_asked_for() {
        let long = "<x>".repeat(200);
        let rows = [
            serde_json::json!([i64::MIN, i64::MAX, -1, 0, i64::MIN, i64::MIN]),
            serde_json::json!(["", "", "", "", "", "", "", "", "", "", "", ""]),
            serde_json::json!(["", 7, "<", "", 123_456_789, "plain text", "", long, ""]),
            // Nothing becomes longer than this.
            serde_json::json!(["\"".repeat(11), "\"".repeat(11), "", "\"".repeat(9)]),
        ];
        let filler = "0123456789".repeat(4);
        for (n_before, n_behind) in [(0, 0), (4, 5), (0, 31), (16, 16), (17, 16), (40, 24)] {
            let (before, behind) = (&filler[..n_before], &filler[..n_behind]);
            let around = Around {
                before: before.as_bytes(),
                behind: behind.as_bytes(),
            };
            for json in &rows {
                let mut wanted = String::new();
                for item in json.as_array().unwrap() {
                    wanted.push_str(before);
                    match item.as_str() {
                        Some(it) => gravure_value::text::escape_html(it, &mut wanted),
                        None => wanted.push_str(&item.to_string()),
                    }
                    wanted.push_str(behind);
                }
                for room in 0..300 {
                    let (page, done, rest, len) =
                        into_room(room, &around, Value::from_json(json), true);
                    let told = format!("{n_before} and {n_behind} around {json}, {room}");
                    assert_eq!(page, wanted, "{told}");
                    let n = json.as_array().unwrap().len() as u64;
                    assert_eq!((done, rest), (n, Rest::Ended), "{told}");
                    // A buffer is a block at least, and else no longer than the
                    // worst that the next piece might have become.
                    let worst = PIECE * MOST_ESCAPED + OVERHANG + MOST_AROUND + SLACK;
                    let most = match json.to_string().len() > PIECE {
                        true => wanted.len() + worst,
                        false => wanted.len() + 11 * MOST_ESCAPED + OVERHANG + MOST_AROUND + SLACK,
                    };
                    assert!(len <= most.max(room).max(256), "{told}: {len} over {most}");
                }
            }
        }
    }

    #[test]
    fn texts_around_may_be_two_blocks_and_no_more() {
        let json = serde_json::json!([1, 2]);
        let filler = "x".repeat(MOST_AROUND);
        for (n_before, n_behind, wanted) in [(64, 0, 2), (0, 64, 2), (1, 64, 0), (33, 32, 0)] {
            let around = Around {
                before: &filler.as_bytes()[..n_before],
                behind: &filler.as_bytes()[..n_behind],
            };
            let (page, done, ..) = into_room(0, &around, Value::from_json(&json), true);
            assert_eq!(done, wanted, "{n_before} and {n_behind}");
            // What is left to the ops is not begun.
            assert_eq!(page.len() as u64, wanted * 65);
        }
    }

    #[test]
    fn the_bound_may_be_reached() {
        let json = serde_json::json!([1]);
        // What stands before it, the longest integer, and what may stand
        // around.
        let least = "<td>".len() + MOST_DIGITS + MOST_AROUND;
        assert_eq!(shown(&json, 9, least).1, 1);
        assert_eq!(shown(&json, 9, least - 1).1, 0);
        let json = serde_json::json!(["<<"]);
        let least = "<td>".len() + 2 * MOST_ESCAPED + MOST_AROUND;
        assert_eq!(shown(&json, 9, least).1, 1);
        assert_eq!(shown(&json, 9, least - 1).1, 0);
    }

    #[test]
    fn items_of_every_home_are_shown() {
        let around = Around {
            before: b"(",
            behind: b")",
        };
        let host = vec![5_i64, 6];
        let mut heap = Heap::new(Limits::default());
        let list = heap.new_list(vec![Value::Int(5), Value::Int(6)]).unwrap();
        let range = gravure_value::Range {
            start: 5,
            stop: 9,
            step: 2,
        };
        let range = heap.new_range(range).unwrap();
        for (value, wanted) in [
            (list, "(5)(6)"),
            (range, "(5)(7)"),
            (Value::Seq(&host), "(5)(6)"),
        ] {
            for skipped in 0..3 {
                let mut iter = heap.iter(value).unwrap();
                iter.pos = skipped;
                let mut out = Output::default();
                let answer = out.push_rounds(&around, &iter, true, 9, usize::MAX);
                assert_eq!(answer, (2 - skipped, Rest::Ended), "{value:?}");
                let page = out.take_all().0;
                assert_eq!(page, wanted[3 * skipped as usize..], "{value:?}");
            }
        }
    }

    #[test]
    fn texts_are_left_where_nothing_is_escaped() {
        let around = Around {
            before: b"",
            behind: b"\n",
        };
        let json = serde_json::json!([1, "a<b"]);
        let (page, done, rest, _) = into_room(0, &around, Value::from_json(&json), false);
        assert_eq!((&*page, done, rest), ("1\n", 1, Rest::Left));
    }
}
