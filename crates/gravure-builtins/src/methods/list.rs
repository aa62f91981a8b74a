//! Methods of lists and tuples.

use super::{
    ALONE, SELF, Table, bound_arg, bounds, change, int_arg, int_arg_or, sort::merge_sort,
    store::change_list,
};
use gravure_value::{Args, Call, Fault, Kind, Param, Params, Registry, Seq, Value, View, ops};

const NOTHING: Params = Params::new(&[]);
const ITEM: Params = Params::new(&[Param::positional("value")]);

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::List, Kind::Tuple],
    };
    table.method(
        "count",
        const { &[SELF, Param::positional("value")] },
        count,
    );
    const INDEX: &[Param] = &[
        SELF,
        Param::positional("value"),
        Param::optional_positional("start"),
        Param::optional_positional("end"),
    ];
    table.method("index", INDEX, index);
    table.kinds = &[Kind::List];
    table.method("copy", ALONE, |call, args| {
        let items = call.items(args.get(0))?;
        call.heap().new_list(items)
    });
    table.mutator("append", append);
    table.mutator("extend", extend);
    table.mutator("insert", insert);
    table.mutator("pop", pop);
    table.mutator("remove", remove);
    table.mutator("reverse", reverse);
    table.mutator("clear", clear);
    table.mutator("sort", sort);
}

fn seq<'a, 'c>(call: &'a mut Call<'_, 'c>, value: Value<'c>) -> Result<Seq<'a, 'c>, Fault> {
    let heap = call.heap();
    match heap.view(value) {
        View::List(seq) | View::Tuple(seq) => Ok(seq),
        _ => Err(Fault::kind(format!("{} is no list", heap.kind_name(value)))),
    }
}

fn len<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<usize, Fault> {
    Ok(seq(call, value)?.len())
}

fn count<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let (list, wanted) = (args.get(0), args.get(1));
    let heap = &*call.heap();
    let (View::List(seq) | View::Tuple(seq)) = heap.view(list) else {
        return Ok(Value::Int(0));
    };
    let mut n = 0;
    for item in seq.iter() {
        n += i64::from(is_same(heap, item, wanted)?);
    }
    Ok(Value::Int(n))
}

fn index<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let start = bound_index(call, args.get(2), "start")?;
    let end = bound_index(call, args.get(3), "end")?;
    let (from, to) = bounds(len(call, args.get(0))?, start, end);
    match find(call, args.get(0), args.get(1), from, to)? {
        Some(at) => Ok(Value::Int(i64::try_from(at).unwrap_or(i64::MAX))),
        None => Err(Fault::value("no item equals the value")),
    }
}

/// Unlike texts, lists take no none for a bound.
fn bound_index<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    name: &str,
) -> Result<Option<i64>, Fault> {
    match value {
        Value::None => int_arg(call, value, name).map(Some),
        _ => bound_arg(call, value, name),
    }
}

fn find<'c>(
    call: &mut Call<'_, 'c>,
    list: Value<'c>,
    wanted: Value<'c>,
    from: usize,
    to: usize,
) -> Result<Option<usize>, Fault> {
    let heap = &*call.heap();
    let (View::List(seq) | View::Tuple(seq)) = heap.view(list) else {
        return Ok(None);
    };
    for at in from..to {
        heap.charge(1)?;
        match seq.get(at) {
            Some(item) if is_same(heap, item, wanted)? => return Ok(Some(at)),
            Some(_) => {}
            None => break,
        }
    }
    Ok(None)
}

/// Items that are the wanted one itself are found even where they cannot be
/// compared, as a list inside of itself.
fn is_same<'c>(
    heap: &gravure_value::Heap<'c>,
    item: Value<'c>,
    wanted: Value<'c>,
) -> Result<bool, Fault> {
    match (item, wanted) {
        (Value::Int(lhs), Value::Int(rhs)) => Ok(lhs == rhs),
        (Value::Cell(_, lhs), Value::Cell(_, rhs)) if lhs == rhs => Ok(true),
        _ => ops::eq(heap, item, wanted),
    }
}

fn append<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "append", ITEM, |call, list, args| {
        let item = args.get(0);
        change_list(call.heap(), list, 1, |items| items.push(item))?;
        Ok(Value::None)
    })
}

fn extend<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "extend", ITEM, |call, list, args| {
        let more = call.items(args.get(0))?;
        change_list(call.heap(), list, more.len(), |items| {
            items.extend_from_slice(&more);
        })?;
        Ok(Value::None)
    })
}

fn insert<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    const PARAMS: Params = Params::new(&[Param::positional("index"), Param::positional("value")]);
    change(call, args, "insert", PARAMS, |call, list, args| {
        let at = int_arg(call, args.get(0), "index")?;
        let len = len(call, list)?;
        let (at, _) = bounds(len, Some(at), None);
        let at = at.min(len);
        // Items behind it move.
        call.charge((len - at) as u64 / 8)?;
        let item = args.get(1);
        change_list(call.heap(), list, 1, |items| {
            items.insert(at.min(items.len()), item)
        })?;
        Ok(Value::None)
    })
}

fn pop<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    const PARAMS: Params = Params::new(&[Param::optional_positional("index")]);
    change(call, args, "pop", PARAMS, |call, list, args| {
        let at = int_arg_or(call, args.get(0), "index", -1)?;
        let len = len(call, list)?;
        if len == 0 {
            return Err(Fault::index("the list is empty"));
        }
        let at = if at < 0 {
            at.checked_add(i64::try_from(len).unwrap_or(i64::MAX))
        } else {
            Some(at)
        };
        match at.and_then(|at| usize::try_from(at).ok()) {
            Some(at) if at < len => take_at(call, list, at, len),
            _ => Err(Fault::index("the index is out of range")),
        }
    })
}

fn remove<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "remove", ITEM, |call, list, args| {
        let len = len(call, list)?;
        match find(call, list, args.get(0), 0, len)? {
            Some(at) => take_at(call, list, at, len).map(|_| Value::None),
            None => Err(Fault::value("no item equals the value")),
        }
    })
}

/// Take an item out; those behind it move.
fn take_at<'c>(
    call: &mut Call<'_, 'c>,
    list: Value<'c>,
    at: usize,
    len: usize,
) -> Result<Value<'c>, Fault> {
    call.charge(len.saturating_sub(at) as u64 / 8)?;
    change_list(call.heap(), list, 0, |items| {
        if at < items.len() {
            items.remove(at)
        } else {
            Value::None
        }
    })
}

fn reverse<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "reverse", NOTHING, |call, list, _| {
        let len = len(call, list)?;
        call.charge(len as u64)?;
        change_list(call.heap(), list, 0, |items| items.reverse())?;
        Ok(Value::None)
    })
}

fn clear<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "clear", NOTHING, |call, list, _| {
        change_list(call.heap(), list, 0, Vec::clear)?;
        Ok(Value::None)
    })
}

fn sort<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    const PARAMS: Params = Params::new(&[Param::named("key"), Param::named("reverse")]);
    change(call, args, "sort", PARAMS, |call, list, args| {
        let items = call.items(list)?;
        let is_reverse = int_arg_or(call, args.get(1), "reverse", 0)? != 0;
        let sorted = match args.get(0) {
            Value::Unset | Value::None => merge_sort(call, &items, &items, is_reverse)?,
            key => {
                // Made before: of the list as it was when that began.
                let ready = call.heap().ready_keys(key);
                let (items, keys) = match ready {
                    Some(ready) => ready,
                    None => {
                        let mut keys = Vec::with_capacity(items.len());
                        for &item in &items {
                            keys.push(call.host.call(key, &[item], &[])?);
                        }
                        (items, keys)
                    }
                };
                merge_sort(call, &items, &keys, is_reverse)?
            }
        };
        change_list(call.heap(), list, 0, |items| *items = sorted)?;
        Ok(Value::None)
    })
}
