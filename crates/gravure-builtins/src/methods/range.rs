//! Methods and properties of ranges.

use super::{SELF, Table};
use gravure_value::{Call, Fault, Kind, Param, Range, Registry, Value, View, ops};

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Range],
    };
    table.property("start", |call, args| {
        Ok(Value::Int(range(call, args.get(0))?.start))
    });
    table.property("stop", |call, args| {
        Ok(Value::Int(range(call, args.get(0))?.stop))
    });
    table.property("step", |call, args| {
        Ok(Value::Int(range(call, args.get(0))?.step))
    });
    const ITEM: &[Param] = &[SELF, Param::positional("value")];
    table.quick("index", ITEM, |call, args| {
        match position(call, args.get(0), args.get(1))? {
            Some(at) => Ok(Value::Int(at)),
            None => Err(Fault::value("the range has no such member")),
        }
    });
    table.quick("count", ITEM, |call, args| {
        let found = position(call, args.get(0), args.get(1))?;
        Ok(Value::Int(i64::from(found.is_some())))
    });
}

fn range<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<Range, Fault> {
    let heap = call.heap();
    match heap.view(value) {
        View::Range(range) => Ok(range),
        _ => Err(Fault::kind(format!(
            "{} is no range",
            heap.kind_name(value)
        ))),
    }
}

/// Where a number equal to `item` stands.
fn position<'c>(
    call: &mut Call<'_, 'c>,
    receiver: Value<'c>,
    item: Value<'c>,
) -> Result<Option<i64>, Fault> {
    let range = range(call, receiver)?;
    let heap = call.heap();
    if !ops::contains(heap, item, receiver)? {
        return Ok(None);
    }
    let item = match heap.view(item) {
        View::Int(it) => it,
        View::Bool(it) => i64::from(it),
        // A member is an i64, and this equals one.
        View::Float(it) => it as i64,
        _ => return Ok(None),
    };
    let distance = i128::from(item) - i128::from(range.start);
    let at = distance.checked_div(i128::from(range.step)).unwrap_or(0);
    Ok(i64::try_from(at).ok())
}
