//! The loop object: positions, neighbors and `cycle`.
//!
//! The machine reads `loop.index` and its like itself; this is what a loop
//! object answers that has been kept as a value.

use super::Table;
use gravure_value::{Call, Cell, Fault, Items, Iter, Kind, Registry, Value};

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Loop],
    };
    table.property("index", |call, args| {
        Ok(int(position(call, args.get(0))?.saturating_add(1)))
    });
    table.property("index0", |call, args| Ok(int(position(call, args.get(0))?)));
    table.property("first", |call, args| {
        Ok(Value::Bool(position(call, args.get(0))? == 0))
    });
    table.property("length", |call, args| {
        Ok(int(length(call, args.get(0), "length")?))
    });
    table.property("last", |call, args| {
        let left = items_left(call, args.get(0), "last")?;
        Ok(Value::Bool(left == 0))
    });
    table.property("revindex", |call, args| {
        let left = items_left(call, args.get(0), "revindex")?;
        Ok(int(left.saturating_add(1)))
    });
    table.property("revindex0", |call, args| {
        Ok(int(items_left(call, args.get(0), "revindex0")?))
    });
    table.property("previtem", |call, args| {
        match position(call, args.get(0))?.checked_sub(1) {
            Some(at) => item(call, args.get(0), at),
            None => Ok(Value::None),
        }
    });
    table.property("nextitem", |call, args| {
        length(call, args.get(0), "nextitem")?;
        let at = position(call, args.get(0))?.saturating_add(1);
        item(call, args.get(0), at)
    });
    table.variadic("cycle", |call, args| {
        let position = position(call, args.get(0))?;
        let n = args.rest.len().max(1) as u64;
        let at = usize::try_from(position % n).unwrap_or(0);
        Ok(args.rest.get(at).copied().unwrap_or(Value::None))
    });
}

fn int<'c>(n: u64) -> Value<'c> {
    Value::Int(i64::try_from(n).unwrap_or(i64::MAX))
}

fn state<'a, 'c>(
    call: &'a mut Call<'_, 'c>,
    value: Value<'c>,
) -> Result<(&'a Iter<'c>, bool), Fault> {
    let heap = call.heap();
    if let Value::Cell(_, id) = value
        && let Cell::Loop(state) = heap.cell(id)
    {
        return Ok((&state.iter, state.is_async));
    }
    Err(Fault::kind(format!("{} is no loop", heap.kind_name(value))))
}

/// The position of the current item, from 0.
fn position<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<u64, Fault> {
    Ok(state(call, value)?.0.pos.saturating_sub(1))
}

/// How many items there are; unknown to an asynchronous loop.
fn length<'c>(call: &mut Call<'_, 'c>, value: Value<'c>, name: &str) -> Result<u64, Fault> {
    let (iter, is_async) = state(call, value)?;
    if is_async {
        return Err(Fault::kind(format!(
            "an asynchronous loop has no `{name}`, which needs its size"
        )));
    }
    if iter.len != u64::MAX {
        return Ok(iter.len);
    }
    let Items::Chars(text, _) = iter.items else {
        return Err(Fault::kind(format!(
            "the size of this loop is unknown: no `{name}`"
        )));
    };
    call.charge(text.len() as u64 / 8)?;
    Ok(text.chars().count() as u64)
}

fn items_left<'c>(call: &mut Call<'_, 'c>, value: Value<'c>, name: &str) -> Result<u64, Fault> {
    let length = length(call, value, name)?;
    let given = position(call, value)?.saturating_add(1);
    Ok(length.saturating_sub(given))
}

fn item<'c>(call: &mut Call<'_, 'c>, value: Value<'c>, at: u64) -> Result<Value<'c>, Fault> {
    let (iter, _) = state(call, value)?;
    let iter = iter.clone();
    if matches!(iter.items, Items::Chars(..)) {
        call.charge(at / 8)?;
    }
    Ok(iter.peek(call.heap(), at).unwrap_or(Value::None))
}
