//! Functions that order or add items: `min`, `max`, `sum`, `sorted`.

use crate::{
    filters::total::{End, best, empty, total},
    registry::{Row, params},
    support::{Answer, less, sorted_positions},
};
use gravure_value::{Args, Call, Fault, Params, Value, ops};

pub(super) fn rows() -> Vec<Row> {
    const BEST: Params = params!("*rest, key=, default=");
    vec![
        Row::new(&["min"], BEST, min),
        Row::new(&["max"], BEST, max),
        Row::new(&["sum"], params!("iterable, /, start="), sum),
        Row::new(
            &["sorted"],
            params!("iterable, /, *, key=, reverse="),
            sorted,
        ),
    ]
}

fn min<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    best_of(call, args, End::Least, "min")
}

fn max<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    best_of(call, args, End::Greatest, "max")
}

fn best_of<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, end: End, name: &str) -> Answer<'c> {
    let default = args.given(1);
    let items = match args.rest {
        [] => return Err(Fault::kind(format!("`{name}` needs an argument"))),
        [iterable] => call.items(*iterable)?,
        _ if default.is_some() => {
            let message = format!("`{name}` takes `default` with one iterable only");
            return Err(Fault::kind(message));
        }
        several => several.to_vec(),
    };
    let keys = keys(call, &items, args.get(0))?;
    let found = best(call, keys.as_deref().unwrap_or(&items), end)?;
    match found.and_then(|at| items.get(at)) {
        Some(&item) => Ok(item),
        None => default.ok_or_else(|| empty(name)),
    }
}

/// What the function `key` says of each item; `None` without one.
pub(crate) fn keys<'c>(
    call: &mut Call<'_, 'c>,
    items: &[Value<'c>],
    key: Value<'c>,
) -> Result<Option<Vec<Value<'c>>>, Fault> {
    if key.is_missing() {
        return Ok(None);
    }
    if let Some((_, keys)) = call.heap().ready_keys(key) {
        return Ok(Some(keys));
    }
    let mut keys = Vec::with_capacity(items.len());
    for &item in items {
        call.charge(1)?;
        keys.push(call.host.call(key, &[item], &[])?);
    }
    Ok(Some(keys))
}

fn sum<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    total(call, &items, args.get_or(1, Value::Int(0)))
}

fn sorted<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = call.items(args.get(0))?;
    let keys = keys(call, &items, args.get(1))?;
    let heap = call.heap();
    let is_reverse = args.given(2).is_some_and(|it| ops::is_truthy(heap, it));
    let order =
        sorted_positions(
            heap,
            keys.as_deref().unwrap_or(&items),
            |&lhs, &rhs| match is_reverse {
                true => less(heap, rhs, lhs),
                false => less(heap, lhs, rhs),
            },
        )?;
    let sorted = order.into_iter().filter_map(|at| items.get(at).copied());
    let sorted = sorted.collect();
    heap.new_list(sorted)
}
