//! Reading items: `x[key]`, `x?[key]`, slices.

use super::{as_index, repr};
use crate::{Cell, Data, Fault, Heap, Kind, Mark, Range, Value, View, text};
use std::borrow::Cow;

/// `object[key]`.
///
/// # Errors
/// `K-RUN-009` for a missing key, `K-RUN-007` for a position out of range,
/// `K-RUN-012` for keys and objects of other kinds.
pub fn get_item<'c>(
    heap: &mut Heap<'c>,
    object: Value<'c>,
    key: Value<'c>,
) -> Result<Value<'c>, Fault> {
    if let (Value::Cell(_, id), Value::Int(at)) = (object, key)
        && let Cell::List(items) | Cell::Tuple(items) = heap.cell(id)
        && let Some(at) = resolve(at, items.len() as u64)
        && let Some(&item) = items.get(at as usize)
    {
        return Ok(item);
    }
    let found = match find(heap, object, key)? {
        Found::Value(value) => return Ok(value),
        other => other,
    };
    let kind = heap.kind_name(object);
    Err(match found {
        Found::NoKey => missing_key(heap, key),
        Found::OutOfRange => {
            let mut shown = String::new();
            repr(heap, key, &mut shown)?;
            Fault::index(format!("there is no item {shown} in {}", what(kind)))
        }
        Found::NoIndex => Fault::kind(format!(
            "an item of {} is read with an int, not with {}",
            what(kind),
            heap.kind_name(key)
        )),
        _ => Fault::not_subscriptable(kind),
    })
}

/// `object?[key]`: `Some(none)` for none and for a missing key of a dict, and
/// `None` for what is missing anywhere else.
///
/// # Errors
/// `K-RUN-012` for a key of a dict that cannot be hashed.
pub fn get_item_optional<'c>(
    heap: &mut Heap<'c>,
    object: Value<'c>,
    key: Value<'c>,
) -> Result<Option<Value<'c>>, Fault> {
    if object.is_none() {
        return Ok(Some(Value::None));
    }
    Ok(match find(heap, object, key)? {
        Found::Value(value) => Some(value),
        Found::NoKey => Some(Value::None),
        Found::OutOfRange | Found::NoIndex | Found::NoItems => None,
    })
}

/// The entry of a dict under a text; `None` for anything that is no dict.
#[inline]
pub fn entry<'c>(heap: &Heap<'c>, object: Value<'c>, name: &str) -> Option<Value<'c>> {
    match object {
        Value::Json(_) | Value::Node(..) | Value::Tree(..) | Value::Cell(..) => {
            match heap.view(object) {
                View::Dict(map) => map.get_str(heap, name),
                _ => None,
            }
        }
        _ => None,
    }
}

enum Found<'c> {
    Value(Value<'c>),
    /// A dict without that key.
    NoKey,
    /// A sequence that is too short.
    OutOfRange,
    /// A sequence, and a key that is no position.
    NoIndex,
    /// Neither dict nor sequence.
    NoItems,
}

fn find<'c>(heap: &mut Heap<'c>, object: Value<'c>, key: Value<'c>) -> Result<Found<'c>, Fault> {
    let position = as_index(heap, key);
    let at = |len: u64| match position {
        None => Err(Found::NoIndex),
        Some(at) => resolve(at, len).ok_or(Found::OutOfRange),
    };
    let imported = match heap.view(object) {
        View::Dict(map) => return Ok(map.get(heap, key)?.map_or(Found::NoKey, Found::Value)),
        View::List(seq) | View::Tuple(seq) => {
            return Ok(match at(seq.len() as u64) {
                Ok(at) => seq.get(at as usize).map_or(Found::OutOfRange, Found::Value),
                Err(other) => other,
            });
        }
        View::Range(range) => {
            return Ok(match at(range.len()) {
                Ok(at) => range
                    .get(at)
                    .map_or(Found::OutOfRange, |it| Found::Value(Value::Int(it))),
                Err(other) => other,
            });
        }
        View::Str(_, shown) => {
            let Some(at) = position else {
                return Ok(Found::NoIndex);
            };
            heap.charge(at.unsigned_abs().min(shown.len() as u64) / 8)?;
            match char_at(shown, at) {
                None => return Ok(Found::OutOfRange),
                Some(range) => return piece(heap, object, range).map(Found::Value),
            }
        }
        View::Object(host) => {
            let key = heap.lend(key)?;
            if let Data::Str(name) | Data::Safe(name) = &key {
                heap.check_attribute(name)?;
            }
            host.item(&key)
        }
        _ => return Ok(Found::NoItems),
    };
    match imported {
        Some(data) => heap.import(data).map(Found::Value),
        None => Ok(Found::NoKey),
    }
}

/// A position from the start, for one that may count from the end.
fn resolve(at: i64, len: u64) -> Option<u64> {
    let from_start = match u64::try_from(at) {
        Ok(at) => at,
        Err(_) => len.checked_sub(at.unsigned_abs())?,
    };
    (from_start < len).then_some(from_start)
}

/// The bytes of a character, by its position.
fn char_at(shown: &str, at: i64) -> Option<std::ops::Range<usize>> {
    let (start, c) = match usize::try_from(at) {
        Ok(at) => shown.char_indices().nth(at)?,
        Err(_) => {
            let back = usize::try_from(at.unsigned_abs() - 1).ok()?;
            shown.char_indices().rev().nth(back)?
        }
    };
    Some(start..start + c.len_utf8())
}

/// A piece of a text, plain; the host's texts and single ASCII characters
/// need no room.
fn piece<'c>(
    heap: &mut Heap<'c>,
    source: Value<'c>,
    range: std::ops::Range<usize>,
) -> Result<Value<'c>, Fault> {
    if let Value::Str(_, shown) = source {
        return Ok(Value::Str(Mark::Plain, shown.get(range).unwrap_or("")));
    }
    let part = heap
        .text(source)
        .and_then(|shown| shown.get(range))
        .unwrap_or("");
    if part.len() == 1
        && let Some(single) = part.chars().next().and_then(text::ascii_char)
    {
        return Ok(Value::Str(Mark::Plain, single));
    }
    let part: Box<str> = part.into();
    heap.new_text(Mark::Plain, part)
}

/// Text for a message about a missing key.
fn missing_key<'c>(heap: &Heap<'c>, key: Value<'c>) -> Fault {
    let mut shown = String::new();
    match repr(heap, key, &mut shown) {
        Ok(()) => Fault::key(&shown),
        Err(fault) => fault,
    }
}

fn what(kind: &str) -> Cow<'_, str> {
    match kind {
        "str" => Cow::Borrowed("the text"),
        _ => Cow::Owned(format!("the {kind}")),
    }
}

/// `object[start:stop:step]`; unset and none are left out.
///
/// # Errors
/// `K-RUN-007` for a step of 0, `K-RUN-009` for a dict, `K-RUN-012` for bounds
/// and objects of other kinds.
pub fn slice<'c>(
    heap: &mut Heap<'c>,
    object: Value<'c>,
    start: Value<'c>,
    stop: Value<'c>,
    step: Value<'c>,
) -> Result<Value<'c>, Fault> {
    let kind = heap.kind(object);
    match kind {
        Kind::Str | Kind::List | Kind::Tuple | Kind::Range => {}
        Kind::Dict => {
            return Err(Fault::key("of a slice").help("a dict has no slices"));
        }
        _ => return Err(Fault::not_subscriptable(kind.name())),
    }
    let start = bound(heap, start)?;
    let stop = bound(heap, stop)?;
    let step = bound(heap, step)?.unwrap_or(1);
    if step == 0 {
        return Err(Fault::value("the step of a slice must not be 0"));
    }
    if let View::Range(range) = heap.view(object) {
        return slice_range(heap, range, start, stop, step);
    }
    if kind == Kind::Str {
        return slice_text(heap, object, start, stop, step);
    }
    let items = match heap.view(object) {
        View::List(seq) | View::Tuple(seq) => {
            let (first, end) = slice_bounds(seq.len() as u64, start, stop, step);
            let picked = Range {
                start: first,
                stop: end,
                step,
            };
            heap.charge(picked.len())?;
            heap.check_collection(picked.len())?;
            let mut items = Vec::with_capacity(picked.len() as usize);
            items.extend((0..picked.len()).filter_map(|n| seq.get(picked.get(n)? as usize)));
            items
        }
        _ => Vec::new(),
    };
    match kind {
        Kind::Tuple => heap.new_tuple(items),
        _ => heap.new_list(items),
    }
}

fn bound<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<Option<i64>, Fault> {
    match value {
        Value::Unset | Value::None => Ok(None),
        _ => match as_index(heap, value) {
            Some(at) => Ok(Some(at)),
            None => Err(Fault::kind(format!(
                "a bound of a slice is an int or none, not {}",
                heap.kind_name(value)
            ))),
        },
    }
}

/// Where a slice of something of `len` items starts, and what it stops before:
/// for a negative step that may be -1.
pub fn slice_bounds(len: u64, start: Option<i64>, stop: Option<i64>, step: i64) -> (i64, i64) {
    let (start, stop) = wide_bounds(len, start, stop, step);
    let narrow = |at: i128| i64::try_from(at).unwrap_or(i64::MAX);
    (narrow(start), narrow(stop))
}

fn wide_bounds(len: u64, start: Option<i64>, stop: Option<i64>, step: i64) -> (i128, i128) {
    let len = i128::from(len);
    let (low, high) = if step < 0 { (-1, len - 1) } else { (0, len) };
    let clamp = |at: i64| {
        let at = i128::from(at);
        let at = if at < 0 { at + len } else { at };
        at.clamp(low, high)
    };
    let (first, last) = if step < 0 { (high, low) } else { (low, high) };
    (start.map_or(first, clamp), stop.map_or(last, clamp))
}

fn slice_range<'c>(
    heap: &mut Heap<'c>,
    range: Range,
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
) -> Result<Value<'c>, Fault> {
    let (first, end) = wide_bounds(range.len(), start, stop, step);
    let member = |at: i128| {
        let value = i128::from(range.start) + at * i128::from(range.step);
        i64::try_from(value).map_err(|_| Fault::value("a bound of the range is too large"))
    };
    let step = range
        .step
        .checked_mul(step)
        .ok_or_else(|| Fault::value("the step of the range is too large"))?;
    let sliced = Range {
        start: member(first)?,
        stop: member(end)?,
        step,
    };
    heap.new_range(sliced)
}

fn slice_text<'c>(
    heap: &mut Heap<'c>,
    object: Value<'c>,
    start: Option<i64>,
    stop: Option<i64>,
    step: i64,
) -> Result<Value<'c>, Fault> {
    let shown = heap.text(object).unwrap_or("");
    heap.charge(shown.len() as u64 / 4 + 1)?;
    let is_ascii = shown.is_ascii();
    let len = if is_ascii {
        shown.len()
    } else {
        text::char_count(shown)
    };
    let (first, end) = slice_bounds(len as u64, start, stop, step);
    if step == 1 {
        let (first, end) = (first as usize, end.max(first) as usize);
        let place = |at: usize| match is_ascii {
            true => at,
            false => shown
                .char_indices()
                .nth(at)
                .map_or(shown.len(), |(at, _)| at),
        };
        let range = place(first)..place(end);
        return piece(heap, object, range);
    }
    let picked = Range {
        start: first,
        stop: end,
        step,
    };
    heap.charge(picked.len())?;
    let out: String = if is_ascii {
        let bytes = shown.as_bytes();
        (0..picked.len())
            .filter_map(|n| bytes.get(picked.get(n)? as usize))
            .map(|&byte| char::from(byte))
            .collect()
    } else {
        heap.reserve(len as u64 * 4)?;
        let chars: Vec<char> = shown.chars().collect();
        (0..picked.len())
            .filter_map(|n| chars.get(picked.get(n)? as usize))
            .collect()
    };
    heap.new_text(Mark::Plain, out)
}
