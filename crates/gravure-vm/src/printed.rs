//! Filters that make text of their own, where that is only printed: it goes to
//! the page, piece by piece, and is never made.
//!
//! What is printed and charged is what the native prints and charges. So this
//! file may leave out any case: other kinds of items, much of anything, what
//! cannot be paid at once or has no room is refused before anything is done,
//! and the native is called.

use crate::{output::Page, quick, steps::BLOCK};
use gravure_value::{Heap, Json, Mark, Node, NodeId, Slice, Value, text};

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
        Value::Node(tree, id) => match tree.node(id) {
            Node::List(first, len) => {
                let item = |at: usize| match tree.node(NodeId(first.0 + at as u32)) {
                    Node::Text(start, len) => {
                        let text = tree.bytes_of_texts().get(start as usize..)?;
                        Some((text, len as usize))
                    }
                    _ => None,
                };
                put_joined(page, heap, len as usize, separator.as_bytes(), item)
            }
            _ => None,
        },
        Value::Seq(seq) => match seq.slice() {
            Slice::Texts(items) => {
                let item = |at: usize| items.get(at).map(|it| (it.as_bytes(), it.len()));
                put_joined(page, heap, items.len(), separator.as_bytes(), item)
            }
            _ => None,
        },
        Value::Json(Json::Array(items)) => {
            let item = |at: usize| match items.get(at)? {
                Json::String(text) => Some((text.as_bytes(), text.len())),
                _ => None,
            };
            put_joined(page, heap, items.len(), separator.as_bytes(), item)
        }
        _ => None,
    }
}

/// The steps that it costs, if that can be paid and was printed.
#[inline(always)]
fn put_joined<'c>(
    page: &mut Page<'_>,
    heap: &Heap<'_>,
    n: usize,
    separator: &[u8],
    item: impl Fn(usize) -> Option<(&'c [u8], usize)>,
) -> Option<u64> {
    let between = n.saturating_sub(1) * separator.len();
    if n > MOST_ITEMS || separator.len() > MOST_TEXT || heap.check_collection(n as u64).is_err() {
        return None;
    }
    let mut len = between;
    let mut steps = 1 + (n + between / 8) as u64;
    for at in 0..n {
        let (_, text_len) = item(at)?;
        len += text_len;
        steps += text_len as u64 / 8;
    }
    if len > MOST_TEXT || !can_be_made(heap, len) || !heap.meter.affords(steps) {
        return None;
    }
    let mut block = [0; BLOCK];
    let separator = match block.get_mut(..separator.len()) {
        Some(place) => {
            place.copy_from_slice(separator);
            (&block[..], separator.len())
        }
        None => (separator, separator.len()),
    };
    let is_printed = page.put_all_escaped(len, |pieces| {
        for at in 0..n {
            if at > 0 {
                pieces.put(separator.0, separator.1);
            }
            let (text, len) = item(at).unwrap_or((&[], 0));
            pieces.put(text, len);
        }
    });
    is_printed.then_some(steps)
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
