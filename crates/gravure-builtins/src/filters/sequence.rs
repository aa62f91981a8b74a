//! Filters that take the items of a value and give some of them, in some
//! order.
//!
//! "Soft" filters answer a value that has no items with something empty; the
//! others fail.

use super::number::expect_number;
use crate::{
    registry::{Row, params},
    support::{
        Answer, Written, escape_into, expect_int, expect_text, how_many, is_iterable, items_if_any,
    },
};
use gravure_value::{
    Args, Call, Fault, Heap, Iter, Mark, Params, Quick, Seq, Surface, Value, View, ops,
};

const ONLY_VALUE: Params = params!("value, /");

pub(super) fn rows() -> Vec<Row> {
    const COUNTED: Params = params!("value, /, count");
    vec![
        Row::new(&["first"], ONLY_VALUE, first),
        Row::new(&["last"], ONLY_VALUE, last),
        Row::new(&["length", "count"], ONLY_VALUE, length).known_as(Quick::Length),
        Row::new(&["join"], params!("value, /, separator="), join)
            .writing(write_joined)
            .known_as(Quick::Join),
        Row::new(&["list"], ONLY_VALUE, list),
        Row::new(&["reverse"], ONLY_VALUE, reverse),
        Row::new(
            &["batch"],
            params!("value, /, linecount, fill_with="),
            batch,
        ),
        Row::new(&["slice"], params!("value, /, slices, fill_with="), slice),
        Row::new(&["take"], COUNTED, take),
        Row::new(&["skip"], COUNTED, skip),
        Row::new(&["compact"], params!("value, /, *, truthy="), compact),
        Row::new(&["random"], ONLY_VALUE, random),
        Row::new(&["shuffle"], ONLY_VALUE, shuffle),
    ]
}

fn first<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    match heap.view(value) {
        View::List(seq) | View::Tuple(seq) => return Ok(seq.get(0).unwrap_or(Value::None)),
        View::Str(_, text) => {
            let first = text.chars().next().map(String::from);
            return match first {
                Some(text) => heap.new_text(Mark::Plain, text),
                None => Ok(Value::None),
            };
        }
        _ if !is_iterable(heap, value) => return Ok(Value::None),
        _ => {}
    }
    let mut iter = heap.iter(value)?;
    Ok(call.host.next(&mut iter)?.unwrap_or(Value::None))
}

fn last<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    match heap.view(value) {
        View::List(seq) | View::Tuple(seq) => {
            let last = seq.len().checked_sub(1).and_then(|at| seq.get(at));
            return Ok(last.unwrap_or(Value::None));
        }
        View::Range(range) => {
            let last = range.len().checked_sub(1).and_then(|at| range.get(at));
            return Ok(last.map_or(Value::None, Value::Int));
        }
        View::Str(_, text) => {
            let last = text.chars().next_back().map(String::from);
            return match last {
                Some(text) => heap.new_text(Mark::Plain, text),
                None => Ok(Value::None),
            };
        }
        _ => {}
    }
    let items = items_if_any(call, value)?;
    Ok(items
        .and_then(|items| items.last().copied())
        .unwrap_or(Value::None))
}

fn length<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    if let Some(text) = heap.text(args.get(0)) {
        heap.charge(text.len() as u64 / 64)?;
    }
    let len = ops::length(heap, args.get(0)).unwrap_or(0);
    how_many(heap, len)
}

fn join<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let mut joined = String::new();
    let mark = join_into(call, args, &mut joined)?;
    call.heap().new_text(mark, joined)
}

fn write_joined<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, to: &mut String) -> Written {
    join_into(call, args, to).map(Some)
}

/// Append items with a separator between them to nothing.
fn join_into<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    out: &mut String,
) -> Result<Mark, Fault> {
    let separator = args.get_or(1, Value::Str(Mark::Plain, ""));
    expect_text(call.heap(), separator, "separator")?;
    if args.get(0).is_none() {
        return Ok(Mark::Plain);
    }
    let surface = call.host.surface();
    let heap = call.heap();
    // What lies there as a list need not be gathered first.
    if let View::List(seq) | View::Tuple(seq) = heap.view(args.get(0)) {
        let len = seq.len();
        heap.check_collection(len as u64)?;
        heap.charge(len as u64)?;
        return match seq {
            Seq::Host(seq) => {
                let items = Value::items_from(seq, 0).take(len);
                join_all(heap, surface, separator, (len, items), out)
            }
            _ => join_all(heap, surface, separator, (len, seq.iter()), out),
        };
    }
    let items = call.items(args.get(0))?;
    let heap = call.heap();
    join_all(heap, surface, separator, (items.len(), items), out)
}

fn join_all<'c>(
    heap: &Heap<'c>,
    surface: Surface,
    separator: Value<'c>,
    (len, items): (usize, impl IntoIterator<Item = Value<'c>>),
    out: &mut String,
) -> Result<Mark, Fault> {
    let mark = join_mark(surface, heap.mark(separator));
    let separator = expect_text(heap, separator, "separator")?;
    let gaps = (len as u64).saturating_sub(1);
    let gaps_len = gaps.saturating_mul(separator.len() as u64);
    heap.check_text(gaps_len)?;
    heap.charge(gaps_len / 8)?;
    for (idx, item) in items.into_iter().enumerate() {
        if idx > 0 {
            out.push_str(separator);
        }
        if let (Value::Str(_, text), false) = (item, mark.is_safe()) {
            heap.charge(text.len() as u64 / 8)?;
            out.push_str(text);
        } else if mark.is_safe() {
            let text = ops::to_text(heap, item)?;
            heap.charge(text.len() as u64 / 8)?;
            escape_into(surface, &text, out);
        } else if let Some(text) = heap.text(item) {
            heap.charge(text.len() as u64 / 8)?;
            out.push_str(text);
        } else {
            ops::print(heap, item, out)?;
        }
        heap.check_text(out.len() as u64)?;
    }
    Ok(mark)
}

/// What a text is that was joined by a separator with a mark. A terminal
/// trusts nothing but styled text.
fn join_mark(surface: Surface, separator: Mark) -> Mark {
    match (surface, separator) {
        (_, Mark::Plain) | (Surface::Terminal, Mark::Html | Mark::Markdown) => Mark::Plain,
        _ => surface.mark(),
    }
}

fn list<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    call.heap().new_list(items)
}

fn reverse<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = reversed_items(call, args.get(0))?;
    call.heap().new_list(items)
}

/// The items of what has an order to turn around.
pub(crate) fn reversed_items<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
) -> Result<Vec<Value<'c>>, Fault> {
    if !Iter::is_reversible(call.heap(), value) {
        let kind = call.heap().kind_name(value);
        return Err(Fault::kind(format!("{kind} cannot be reversed")));
    }
    let mut items = call.items(value)?;
    items.reverse();
    Ok(items)
}

fn batch<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    let size = args.get(1);
    let fill = args.get_or(2, Value::None);
    let heap = call.heap();
    if items.is_empty() {
        return heap.new_list(Vec::new());
    }
    expect_number(heap, size, "linecount")?;
    let size = match size {
        Value::Float(it) if it.is_nan() => usize::MAX,
        Value::Float(it) => it.ceil() as usize,
        _ => usize::try_from(ops::as_index(heap, size).unwrap_or(i64::MAX)).unwrap_or(1),
    };
    let size = size.max(1);
    let mut batches = Vec::with_capacity(items.len() / size + 1);
    for part in items.chunks(size) {
        let mut part = part.to_vec();
        if !fill.is_none() && part.len() < size {
            heap.check_collection(size as u64)?;
            heap.charge((size - part.len()) as u64)?;
            part.resize(size, fill);
        }
        batches.push(heap.new_list(part)?);
    }
    heap.new_list(batches)
}

fn slice<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    let fill = args.get_or(2, Value::None);
    let heap = call.heap();
    let n_slices = expect_int(heap, args.get(1), "slices")?;
    if n_slices <= 0 {
        return match (items.is_empty(), n_slices) {
            (true, _) => heap.new_list(Vec::new()),
            (false, 0) => Err(Fault::zero()),
            _ => Err(Fault::value("the argument `slices` must not be negative")),
        };
    }
    heap.check_collection(n_slices as u64)?;
    heap.charge(n_slices as u64)?;
    let n_slices = usize::try_from(n_slices).unwrap_or(usize::MAX);
    let longest = items.len().div_ceil(n_slices);
    let mut slices = Vec::with_capacity(n_slices);
    for start in 0..n_slices {
        let mut slice: Vec<_> = items
            .iter()
            .skip(start)
            .step_by(n_slices)
            .copied()
            .collect();
        if !fill.is_none() && slice.len() < longest {
            slice.push(fill);
        }
        slices.push(heap.new_list(slice)?);
    }
    heap.new_list(slices)
}

/// How many items `take` and `skip` mean; `None` for counts that mean none.
fn count<'c>(call: &mut Call<'_, 'c>, count: Value<'c>) -> Option<usize> {
    let n = ops::as_index(call.heap(), count)?;
    usize::try_from(n).ok()
}

fn take<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let (value, limit) = (args.get(0), args.get(1));
    if limit.is_none() || !is_iterable(call.heap(), value) {
        let items = items_if_any(call, value)?.unwrap_or_default();
        return call.heap().new_list(items);
    }
    let Some(limit) = count(call, limit) else {
        return call.heap().new_list(Vec::new());
    };
    let mut iter = call.heap().iter(value)?;
    let mut items = Vec::new();
    while items.len() < limit {
        let Some(item) = call.host.next(&mut iter)? else {
            break;
        };
        call.charge(1)?;
        call.heap().check_collection(items.len() as u64 + 1)?;
        items.push(item);
    }
    call.heap().new_list(items)
}

fn skip<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let mut items = items_if_any(call, args.get(0))?.unwrap_or_default();
    if !args.get(1).is_none() {
        let n = count(call, args.get(1)).unwrap_or(usize::MAX);
        items.drain(..n.min(items.len()));
    }
    call.heap().new_list(items)
}

fn compact<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let by_truth = args
        .given(1)
        .is_none_or(|it| ops::is_truthy(call.heap(), it));
    let mut items = items_if_any(call, args.get(0))?.unwrap_or_default();
    let heap = call.heap();
    items.retain(|&item| match by_truth {
        true => ops::is_truthy(heap, item),
        false => !item.is_none(),
    });
    heap.new_list(items)
}

fn random<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    let at = below(call, items.len());
    Ok(items.get(at).copied().unwrap_or(Value::None))
}

fn shuffle<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let mut items = call.items(args.get(0))?;
    call.charge(items.len() as u64)?;
    for last in (1..items.len()).rev() {
        let at = below(call, last + 1);
        items.swap(at, last);
    }
    call.heap().new_list(items)
}

/// A random number below `bound`, 0 if there is none. Of 64 bits the high
/// half of a product is taken: the bias is below one in 2³².
fn below(call: &mut Call<'_, '_>, bound: usize) -> usize {
    let wide = u128::from(call.host.world().random()) * bound as u128;
    (wide >> 64) as usize
}
