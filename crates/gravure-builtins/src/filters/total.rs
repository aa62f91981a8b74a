//! `sum`, `min` and `max`, as filters and as functions.

use crate::{
    registry::{Row, params},
    support::{Answer, attribute, expect_text, less},
};
use gravure_value::{Args, Call, Fault, Kind, Params, Surface, Value, View, ops};

pub(super) fn rows() -> Vec<Row> {
    const OF_ATTRIBUTE: Params = params!("value, /, attribute=");
    vec![
        Row::naming(&["sum"], params!("value, /, attribute=, start="), sum),
        Row::naming(&["min"], OF_ATTRIBUTE, min),
        Row::naming(&["max"], OF_ATTRIBUTE, max),
    ]
}

fn sum<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let mut items = call.items(args.get(0))?;
    if let Some(name) = attribute_name(call, args.get(1))? {
        for item in &mut items {
            *item = attribute(call, *item, &name)?
                .filter(|it| !it.is_undefined())
                .unwrap_or(Value::Int(0));
        }
    }
    total(call, &items, args.get_or(2, Value::Int(0)))
}

fn attribute_name<'c>(call: &mut Call<'_, 'c>, name: Value<'c>) -> Result<Option<String>, Fault> {
    if name.is_missing() {
        return Ok(None);
    }
    expect_text(call.heap(), name, "attribute").map(|name| Some(name.to_owned()))
}

/// Everything added to `start`, from the left. Once a float is met, what
/// rounding takes away is kept and given back at the end.
pub(crate) fn total<'c>(
    call: &mut Call<'_, 'c>,
    items: &[Value<'c>],
    start: Value<'c>,
) -> Answer<'c> {
    let heap = call.heap();
    if heap.kind(start) == Kind::Str {
        return Err(Fault::kind("`sum` does not add texts").help("use `join`"));
    }
    let mut items = items.iter().copied();
    let mut total = start;
    loop {
        match heap.kind(total) {
            Kind::Float => return compensated(call, total, items),
            Kind::List | Kind::Tuple => return concatenated(call, total, items),
            _ => {}
        }
        let Some(item) = items.next() else {
            return Ok(total);
        };
        total = match (total, item) {
            (Value::Int(lhs), Value::Int(rhs)) => match lhs.checked_add(rhs) {
                Some(sum) => Value::Int(sum),
                None => ops::add(heap, Surface::Text, total, item)?,
            },
            _ if heap.kind(item) == Kind::Str => return Err(Fault::operands("+", "int", "str")),
            _ => ops::add(heap, Surface::Text, total, item)?,
        };
    }
}

fn compensated<'c>(
    call: &mut Call<'_, 'c>,
    start: Value<'c>,
    items: impl Iterator<Item = Value<'c>>,
) -> Answer<'c> {
    let Value::Float(mut high) = start else {
        return Ok(start);
    };
    let mut low = 0.0;
    for item in items {
        let heap = call.heap();
        let Some(next) = ops::as_float(heap, item)? else {
            let kind = heap.kind_name(item);
            return Err(Fault::operands("+", "float", kind));
        };
        let sum = high + next;
        low += if high.abs() >= next.abs() {
            (high - sum) + next
        } else {
            (next - sum) + high
        };
        high = sum;
    }
    let total = if low.is_finite() { high + low } else { high };
    Ok(Value::Float(total))
}

/// Lists or tuples joined, without copying the sum again and again.
fn concatenated<'c>(
    call: &mut Call<'_, 'c>,
    start: Value<'c>,
    items: impl Iterator<Item = Value<'c>>,
) -> Answer<'c> {
    let kind = call.heap().kind(start);
    let mut joined: Vec<Value<'c>> = Vec::new();
    for part in std::iter::once(start).chain(items) {
        let heap = call.heap();
        let seq = match (kind, heap.view(part)) {
            (Kind::List, View::List(seq)) | (Kind::Tuple, View::Tuple(seq)) => seq,
            _ => return Err(Fault::operands("+", kind.name(), heap.kind_name(part))),
        };
        heap.charge(seq.len() as u64)?;
        heap.check_collection(joined.len().saturating_add(seq.len()) as u64)?;
        joined.extend(seq.iter());
    }
    match kind {
        Kind::Tuple => call.heap().new_tuple(joined),
        _ => call.heap().new_list(joined),
    }
}

fn min<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    best_item(call, args, End::Least, "min")
}

fn max<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    best_item(call, args, End::Greatest, "max")
}

/// Which end of an order is wanted.
#[derive(Clone, Copy)]
pub(crate) enum End {
    /// The first of the smallest.
    Least,
    /// The first of the largest.
    Greatest,
}

fn best_item<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, end: End, name: &str) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    let keys = match attribute_name(call, args.get(1))? {
        None => None,
        Some(attr) => {
            let mut keys = Vec::with_capacity(items.len());
            for &item in &items {
                let key = attribute(call, item, &attr)?.unwrap_or(Value::None);
                let is_true = ops::is_truthy(call.heap(), key);
                keys.push(if is_true { key } else { Value::Int(0) });
            }
            Some(keys)
        }
    };
    let found = best(call, keys.as_deref().unwrap_or(&items), end)?;
    match found.and_then(|at| items.get(at)) {
        Some(&item) => Ok(item),
        None => Err(empty(name)),
    }
}

/// The fault for `min` or `max` of nothing.
pub(crate) fn empty(name: &str) -> Fault {
    Fault::value(format!("`{name}` needs at least one item"))
}

/// Where the first of the smallest or largest keys is.
pub(crate) fn best<'c>(
    call: &mut Call<'_, 'c>,
    keys: &[Value<'c>],
    end: End,
) -> Result<Option<usize>, Fault> {
    let heap = call.heap();
    let mut best: Option<(usize, Value<'c>)> = None;
    for (at, &key) in keys.iter().enumerate() {
        heap.charge(1)?;
        let is_better = match (best, end) {
            (None, _) => true,
            (Some((_, held)), End::Least) => less(heap, key, held)?,
            (Some((_, held)), End::Greatest) => less(heap, held, key)?,
        };
        if is_better {
            best = Some((at, key));
        }
    }
    Ok(best.map(|(at, _)| at))
}
