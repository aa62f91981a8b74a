//! Filters that make text of their own, where that is only printed: it goes to
//! the page, piece by piece, and is never made.
//!
//! What is printed and charged is what the native prints and charges. So this
//! file may leave out any case: other kinds of items, much of anything, what
//! cannot be paid at once or has no room is refused before anything is done,
//! and the native is called.

use crate::{
    output::{Page, plain},
    quick,
};
use gravure_value::{Heap, Json, Mark, Node, Slice, Value, text};

/// Which filter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Printed {
    Joined,
    Shortened,
}

/// More items are left to the native.
const MOST_ITEMS: usize = 64;

/// Longer texts are left to it.
const MOST_TEXT: usize = 4 << 10;

/// Print what a filter makes of its arguments, the filtered value first.
#[cold]
#[inline(never)]
pub(crate) fn print<'c>(
    page: &mut Page<'_>,
    heap: &Heap<'c>,
    filter: Printed,
    args: &[Value<'c>],
) -> bool {
    let steps = match filter {
        Printed::Joined => joined(page, heap, args),
        Printed::Shortened => shortened(page, heap, args),
    };
    match steps {
        Some(steps) => heap.meter.try_charge(steps),
        None => false,
    }
}

/// Texts of a list of the host, with a text between each two.
fn joined<'c>(page: &mut Page<'_>, heap: &Heap<'c>, args: &[Value<'c>]) -> Option<u64> {
    let (list, separator) = match *args {
        [list] => (list, ""),
        [list, Value::Str(Mark::Plain, separator)] => (list, separator),
        [list, separator @ Value::Const(..)] => (list, quick::text(heap, separator)?),
        _ => return None,
    };
    match list {
        Value::Node(tree, id) => {
            let Node::List(first, len) = tree.node(id) else {
                return None;
            };
            let texts = tree.bytes_of_texts();
            let items = tree
                .nodes(first, u64::from(len))
                .iter()
                .map(|&node| match node {
                    Node::Text(start, len) => Some((texts.get(start as usize..)?, len as usize)),
                    _ => None,
                });
            put_joined(page, heap, separator.as_bytes(), items)
        }
        Value::Seq(seq) => match seq.slice() {
            Slice::Texts(items) => {
                let items = items.iter().map(|it| Some((it.as_bytes(), it.len())));
                put_joined(page, heap, separator.as_bytes(), items)
            }
            _ => None,
        },
        Value::Json(Json::Array(items)) => {
            let items = items.iter().map(|item| match item {
                Json::String(text) => Some((text.as_bytes(), text.len())),
                _ => None,
            });
            put_joined(page, heap, separator.as_bytes(), items)
        }
        _ => None,
    }
}

/// The steps that it costs, if that can be paid and was printed. An item is
/// what begins with its bytes, and how many they are.
#[inline(always)]
fn put_joined<'c>(
    page: &mut Page<'_>,
    heap: &Heap<'_>,
    separator: &[u8],
    items: impl ExactSizeIterator<Item = Option<(&'c [u8], usize)>>,
) -> Option<u64> {
    let n = items.len();
    let n_between = separator.len();
    if n > MOST_ITEMS || n_between > MOST_TEXT || heap.check_collection(n as u64).is_err() {
        return None;
    }
    let block = plain(separator);
    let between = n.saturating_sub(1) * n_between;
    // What is written counts only if all of it is in order.
    page.put_escaped_if(|pieces| {
        let mut len = between;
        let mut steps = 1 + (n + between / 8) as u64;
        for (at, item) in items.enumerate() {
            let (text, text_len) = item?;
            len += text_len;
            steps += text_len as u64 / 8;
            if len > MOST_TEXT {
                return None;
            }
            if at > 0 {
                match &block {
                    Some(block) => pieces.put_plain(block, n_between),
                    None => pieces.put(separator, n_between),
                }
            }
            pieces.put(text, text_len);
        }
        let is_paid = can_be_made(heap, len) && heap.meter.affords(steps);
        is_paid.then_some((len, steps))
    })
}

/// The beginning of a text, and dots.
fn shortened<'c>(page: &mut Page<'_>, heap: &Heap<'c>, args: &[Value<'c>]) -> Option<u64> {
    let (whole, length, within_words) = match *args {
        [whole] => (whole, 255, false),
        [whole, Value::Int(length)] => (whole, length, false),
        [whole, Value::Int(length), Value::Bool(within_words)] => (whole, length, within_words),
        _ => return None,
    };
    let whole = quick::text(heap, whole)?;
    let steps = 1 + whole.len() as u64 / 8;
    if whole.len() > MOST_TEXT || !heap.meter.affords(steps) {
        return None;
    }
    let (kept, end) = text::shortened(whole, length, within_words, "...").unwrap_or((whole, ""));
    if !can_be_made(heap, kept.len() + end.len()) {
        return None;
    }
    let is_printed = page.put_all_escaped(kept.len() + end.len(), |pieces| {
        for text in [kept, end] {
            pieces.put(text.as_bytes(), text.len());
        }
    });
    is_printed.then_some(steps)
}

/// Could the native make a text of so many bytes?
fn can_be_made(heap: &Heap<'_>, len: usize) -> bool {
    len as u64 <= heap.limits.text && heap.has_room(len as u64)
}
