//! Methods of texts.
//!
//! Positions and lengths count code points. What a method makes of safe HTML
//! stays safe where the language says so; other marks are lost but for the
//! methods that insert.

mod cases;
mod find;
mod insert;
mod pad;
mod predicates;
mod replace;
mod split;
mod trim;

use super::{ALONE, SELF, Table, bound_arg, bounds, int_arg, int_arg_or};
use crate::format::escape_inserted;
use gravure_value::{Call, Fault, Heap, Kind, Mark, Registry, Value};
use std::ops::Range;

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Str],
    };
    cases::register(&mut table);
    trim::register(&mut table);
    split::register(&mut table);
    find::register(&mut table);
    replace::register(&mut table);
    pad::register(&mut table);
    insert::register(&mut table);
    predicates::register(&mut table);
}

/// The text of the receiver.
fn text_of<'a, 'c>(heap: &'a Heap<'c>, value: Value<'c>) -> Result<&'a str, Fault> {
    text_arg(heap, value, "the receiver")
}

/// An argument that must be a text.
fn text_arg<'a, 'c>(heap: &'a Heap<'c>, value: Value<'c>, name: &str) -> Result<&'a str, Fault> {
    heap.text(value).ok_or_else(|| {
        let kind = heap.kind_name(value);
        Fault::kind(format!("`{name}` must be a str, not {kind}"))
    })
}

/// The mark that most methods keep: that of HTML, no other.
fn kept_mark<'c>(heap: &Heap<'c>, receiver: Value<'c>) -> Mark {
    match heap.mark(receiver) {
        Mark::Html => Mark::Html,
        _ => Mark::Plain,
    }
}

/// A text argument as it goes into text of the mark `kept`: escaped if that is
/// safe and the argument is not. What the template itself writes as a literal
/// goes in as it is written.
fn inserted<'c>(
    call: &mut Call<'_, 'c>,
    kept: Mark,
    value: Value<'c>,
    name: &str,
) -> Result<Option<String>, Fault> {
    let heap = call.heap();
    let text = text_arg(heap, value, name)?;
    if !kept.is_safe() || matches!(value, Value::Const(..)) {
        return Ok(None);
    }
    heap.charge(text.len() as u64 / 8)?;
    // An escape is at most six times as long as what it stands for.
    heap.reserve((text.len() as u64).saturating_mul(7))?;
    let (text, mark) = (text.to_owned(), heap.mark(value));
    let mut out = String::with_capacity(text.len());
    escape_inserted(call, kept, mark, &text, &mut out);
    Ok(Some(out).filter(|out| *out != text))
}

/// A part of the receiver; text of the host is shared, not copied.
fn part<'c>(
    heap: &mut Heap<'c>,
    receiver: Value<'c>,
    range: Range<usize>,
    mark: Mark,
) -> Result<Value<'c>, Fault> {
    if let Value::Str(_, text) = receiver {
        return Ok(Value::Str(mark, text.get(range).unwrap_or("")));
    }
    let text = heap.text(receiver).unwrap_or("");
    if range == (0..text.len()) {
        return heap.with_mark(mark, receiver);
    }
    heap.charge(range.len() as u64 / 8)?;
    let part: Box<str> = text.get(range).unwrap_or("").into();
    heap.new_text(mark, part)
}

/// A list of parts of the receiver.
fn parts<'c>(
    heap: &mut Heap<'c>,
    receiver: Value<'c>,
    ranges: &[Range<usize>],
    mark: Mark,
) -> Result<Vec<Value<'c>>, Fault> {
    heap.charge(ranges.len() as u64)?;
    heap.check_collection(ranges.len() as u64)?;
    let mut values = Vec::with_capacity(ranges.len());
    for range in ranges {
        values.push(part(heap, receiver, range.clone(), mark)?);
    }
    Ok(values)
}

/// Where `part`, a slice of `whole`, lies in it.
fn range_in(whole: &str, part: &str) -> Range<usize> {
    let start = (part.as_ptr() as usize).saturating_sub(whole.as_ptr() as usize);
    start..start + part.len()
}

/// What stays of a text between bounds in code points: its range in bytes and
/// its first position. `None` if the first bound lies behind the second.
fn window<'c>(
    call: &mut Call<'_, 'c>,
    receiver: Value<'c>,
    start: Value<'c>,
    end: Value<'c>,
) -> Result<Option<(Range<usize>, usize)>, Fault> {
    let start = bound_arg(call, start, "start")?;
    let end = bound_arg(call, end, "end")?;
    let text = text_of(call.heap(), receiver)?;
    if start.is_none() && end.is_none() {
        return Ok(Some((0..text.len(), 0)));
    }
    let n_chars = text.chars().count();
    let (from, to) = bounds(n_chars, start, end);
    if from > to {
        return Ok(None);
    }
    if n_chars == text.len() {
        return Ok(Some((from..to, from)));
    }
    let byte_at = |at: usize| text.char_indices().nth(at).map_or(text.len(), |(at, _)| at);
    Ok(Some((byte_at(from)..byte_at(to), from)))
}
