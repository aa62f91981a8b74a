//! What many builtins need: arguments of one kind, text forms, attributes, a
//! sort that may fail.

use gravure_value::{BigInt, Call, Fault, Heap, Kind, Mark, Surface, Value, View, ops, text};
use std::borrow::Cow;

/// What a builtin answers.
pub(crate) type Answer<'c> = Result<Value<'c>, Fault>;

/// What printing an answer without making it gives.
pub(crate) type Written = Result<Option<Mark>, Fault>;

/// The fault for an argument of a kind that does not fit.
pub(crate) fn wrong_argument<'c>(
    heap: &Heap<'c>,
    value: Value<'c>,
    param: &str,
    wanted: &str,
) -> Fault {
    let found = heap.kind_name(value);
    Fault::kind(format!(
        "the argument `{param}` must be {wanted}, not {found}"
    ))
}

/// The text of an argument that must be a str.
pub(crate) fn expect_text<'h, 'c>(
    heap: &'h Heap<'c>,
    value: Value<'c>,
    param: &str,
) -> Result<&'h str, Fault> {
    heap.text(value)
        .ok_or_else(|| wrong_argument(heap, value, param, "a str"))
}

/// The number of an argument that must be an int or a bool; integers beyond 64
/// bits are the nearest that fit.
pub(crate) fn expect_int<'c>(heap: &Heap<'c>, value: Value<'c>, param: &str) -> Result<i64, Fault> {
    ops::as_index(heap, value).ok_or_else(|| wrong_argument(heap, value, param, "an int"))
}

/// Is it a bool, an int or a float?
pub(crate) fn is_number<'c>(heap: &Heap<'c>, value: Value<'c>) -> bool {
    matches!(heap.kind(value), Kind::Bool | Kind::Int | Kind::Float)
}

/// How many there are: the longest ranges have more than 64 bits can say.
pub(crate) fn how_many<'c>(heap: &mut Heap<'c>, n: u64) -> Answer<'c> {
    match i64::try_from(n) {
        Ok(n) => Ok(Value::Int(n)),
        Err(_) => heap.new_int(BigInt::from(n)),
    }
}

/// A plain text that was just built.
pub(crate) fn new_text<'c>(call: &mut Call<'_, 'c>, text: String) -> Answer<'c> {
    call.heap().new_text(Mark::Plain, text)
}

/// Turn the text form of a value into another plain text, which is at most
/// `growth` times as long.
pub(crate) fn map_text<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    growth: u64,
    change: impl FnOnce(&str) -> String,
) -> Answer<'c> {
    let heap = call.heap();
    let changed = {
        let text = ops::to_text(heap, value)?;
        let len = text.len() as u64;
        heap.charge(len / 8)?;
        heap.reserve(len.saturating_mul(growth))?;
        change(&text)
    };
    heap.new_text(Mark::Plain, changed)
}

/// The same, appended to what is written; the way of those who only print.
pub(crate) fn write_text<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    growth: u64,
    change: impl FnOnce(&str, &mut String),
    to: &mut String,
) -> Written {
    let heap = call.heap();
    let text = ops::to_text(heap, value)?;
    let len = text.len() as u64;
    heap.charge(len / 8)?;
    heap.reserve(len.saturating_mul(growth))?;
    change(&text, to);
    heap.check_text(to.len() as u64)?;
    Ok(Some(Mark::Plain))
}

/// The text form as a plain str; a str is not copied.
pub(crate) fn plain<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Answer<'c> {
    let heap = call.heap();
    match heap.kind(value) {
        Kind::Str if heap.mark(value) == Mark::Plain => Ok(value),
        Kind::Str => heap.with_mark(Mark::Plain, value),
        _ => {
            let text = ops::to_text(heap, value)?.into_owned();
            heap.new_text(Mark::Plain, text)
        }
    }
}

/// A piece of the text form of a value as a plain str. `cut` says which piece;
/// text of the host is shared, and text that stays whole is not copied.
pub(crate) fn piece<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    cut: impl for<'t> FnOnce(&'t str) -> &'t str,
) -> Answer<'c> {
    if let Value::Str(_, text) = value {
        call.charge(text.len() as u64 / 8)?;
        return Ok(Value::Str(Mark::Plain, cut(text)));
    }
    let heap = call.heap();
    let piece = {
        let text = ops::to_text(heap, value)?;
        heap.charge(text.len() as u64 / 8)?;
        let piece = cut(&text);
        (piece.len() < text.len()).then(|| piece.to_owned())
    };
    match piece {
        Some(text) => new_text(call, text),
        None => plain(call, value),
    }
}

/// Escape what is put into safe text on a surface. Where nothing is escaped
/// on printing, safe text still is HTML.
pub(crate) fn escape_into(surface: Surface, plain: &str, out: &mut String) {
    match surface {
        Surface::Text | Surface::Html => text::escape_html(plain, out),
        Surface::Markdown => text::escape_markdown(plain, out),
        Surface::Terminal => text::clean_terminal(plain, out),
    }
}

/// What `value.name` is, with none kept as none; `None` if it is missing.
pub(crate) fn attribute<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    name: &str,
) -> Result<Option<Value<'c>>, Fault> {
    // The name is hashed or compared anew for each value.
    call.charge(1 + name.len() as u64 / 8)?;
    if let Some(found) = ops::entry(call.heap(), value, name) {
        return Ok(Some(found));
    }
    call.host.attr(value, name)
}

/// What the filter `attr` gives: an empty str for what is missing and for none.
pub(crate) fn attribute_or_empty<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    name: &str,
) -> Answer<'c> {
    let found = attribute(call, value, name)?;
    Ok(found
        .filter(|it| !it.is_missing())
        .unwrap_or(Value::Str(Mark::Plain, "")))
}

/// Can it be gone through? Undefined can, without an item; functions cannot.
pub(crate) fn is_iterable<'c>(heap: &Heap<'c>, value: Value<'c>) -> bool {
    match heap.view(value) {
        View::Object(object) => object.items().is_some(),
        View::Shared(object) => object.items().is_some(),
        View::None
        | View::Bool(_)
        | View::Int(_)
        | View::Big(_)
        | View::Float(_)
        | View::Function => false,
        _ => true,
    }
}

/// All items, or `None` for what has none to go through.
pub(crate) fn items_if_any<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
) -> Result<Option<Vec<Value<'c>>>, Fault> {
    if is_iterable(call.heap(), value) {
        return call.items(value).map(Some);
    }
    Ok(None)
}

/// The lower-case form of a text; borrowed if it is that already.
pub(crate) fn lowered(text: Cow<'_, str>) -> Cow<'_, str> {
    let is_lower = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    if text.bytes().all(is_lower) {
        return text;
    }
    Cow::Owned(text::lower(&text))
}

/// Is `lhs` less than `rhs`? As `ops::less`, for the commonest kinds at once.
#[inline]
pub(crate) fn less<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match (lhs, rhs) {
        (Value::Int(lhs), Value::Int(rhs)) => Ok(lhs < rhs),
        (Value::Float(lhs), Value::Float(rhs)) => Ok(lhs < rhs),
        _ => ops::less(heap, lhs, rhs),
    }
}

/// Below this length runs are sorted by insertion.
const RUN: usize = 8;

/// Sort stably by an order that may fail and need not be total; the order says
/// whether its first argument must stand before its second.
///
/// Items should be small: they are moved a few times each. The caller's order
/// charges for what it does.
pub(crate) fn merge_sort<T: Copy>(
    items: &mut Vec<T>,
    mut is_less: impl FnMut(T, T) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    for run in items.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while at > 0 && is_less(run[at], run[at - 1])? {
                run.swap(at, at - 1);
                at -= 1;
            }
        }
    }
    let mut width = RUN;
    let mut merged = Vec::with_capacity(items.len());
    while width < items.len() {
        for pair in items.chunks(width * 2) {
            let (left, right) = pair.split_at(width.min(pair.len()));
            merge(left, right, &mut merged, &mut is_less)?;
        }
        std::mem::swap(items, &mut merged);
        merged.clear();
        width *= 2;
    }
    Ok(())
}

/// Merge two sorted runs; of equal items the left one comes first.
fn merge<T: Copy>(
    mut left: &[T],
    mut right: &[T],
    merged: &mut Vec<T>,
    is_less: &mut impl FnMut(T, T) -> Result<bool, Fault>,
) -> Result<(), Fault> {
    if let (Some(&last), Some(&first)) = (left.last(), right.first())
        && is_less(first, last)?
    {
        while let (Some((&lhs, lhs_rest)), Some((&rhs, rhs_rest))) =
            (left.split_first(), right.split_first())
        {
            if is_less(rhs, lhs)? {
                merged.push(rhs);
                right = rhs_rest;
            } else {
                merged.push(lhs);
                left = lhs_rest;
            }
        }
    }
    merged.extend_from_slice(left);
    merged.extend_from_slice(right);
    Ok(())
}

/// The positions of `keys` in sorted order.
pub(crate) fn sorted_positions<'c, K>(
    heap: &Heap<'c>,
    keys: &[K],
    mut is_less: impl FnMut(&K, &K) -> Result<bool, Fault>,
) -> Result<Vec<usize>, Fault> {
    heap.reserve((keys.len() as u64).saturating_mul(2 * size_of::<usize>() as u64))?;
    let mut order: Vec<usize> = (0..keys.len()).collect();
    merge_sort(&mut order, |lhs, rhs| {
        heap.charge(1)?;
        match (keys.get(lhs), keys.get(rhs)) {
            (Some(lhs), Some(rhs)) => is_less(lhs, rhs),
            _ => Ok(false),
        }
    })?;
    Ok(order)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sorting_is_stable_at_every_length() {
        for len in 0..200u32 {
            let mut items: Vec<(u32, u32)> = (0..len).map(|at| ((at * 7919) % 13, at)).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|item| item.0);
            merge_sort(&mut items, |lhs, rhs| Ok(lhs.0 < rhs.0)).unwrap();
            assert_eq!(items, expected, "{len} items");
        }
    }

    #[test]
    fn an_order_that_is_no_order_ends_and_keeps_the_items() {
        let mut coin = 1u32;
        let mut items: Vec<u32> = (0..500).collect();
        merge_sort(&mut items, |_, _| {
            coin = coin.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Ok(coin >> 31 == 1)
        })
        .unwrap();
        items.sort_unstable();
        assert_eq!(items, (0..500).collect::<Vec<_>>());
    }

    #[test]
    fn a_failing_order_fails_the_sort() {
        let mut items = vec![3, 1, 2];
        let result = merge_sort(&mut items, |_, _| Err(Fault::order("int", "str")));
        assert!(result.is_err());
    }
}
