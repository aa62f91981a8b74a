//! Methods of dicts.

use super::{
    ALONE, SELF, Table, change,
    store::{change_dict, removal_cost},
};
use gravure_value::{
    Args, Call, Cell, CellKind, Dict, Fault, Heap, Kind, Map, Mark, Param, Params, Registry, Value,
    View, ViewKind, ops,
};

const NOTHING: Params = Params::new(&[]);
/// A key, and what stands for a missing entry.
const KEY_OR: &[Param] = &[
    Param::positional("key"),
    Param::optional_positional("default"),
];

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Dict],
    };
    const GET: &[Param] = &[
        SELF,
        Param::positional("key"),
        Param::optional_positional("default"),
    ];
    table.quick("get", GET, get);
    table.quick("keys", ALONE, |call, args| {
        view(call, ViewKind::Keys, CellKind::KeysView, args)
    });
    table.quick("values", ALONE, |call, args| {
        view(call, ViewKind::Values, CellKind::ValuesView, args)
    });
    table.quick("items", ALONE, |call, args| {
        view(call, ViewKind::Items, CellKind::ItemsView, args)
    });
    table.method("copy", ALONE, copy);
    const FROM_KEYS: &[Param] = &[
        SELF,
        Param::positional("keys"),
        Param::optional_positional("value"),
    ];
    table.quick("fromkeys", FROM_KEYS, from_keys);
    table.mutator("pop", pop);
    table.mutator("popitem", pop_item);
    table.mutator("setdefault", set_default);
    table.mutator("update", update);
    table.mutator("clear", clear);
}

/// The entry under a key of any dict.
fn lookup<'c>(
    heap: &Heap<'c>,
    dict: Value<'c>,
    key: Value<'c>,
) -> Result<Option<Value<'c>>, Fault> {
    match heap.view(dict) {
        View::Dict(Map::Dict(dict)) => dict.get(heap, key),
        View::Dict(map) => match heap.text(key) {
            Some(text) => {
                heap.charge(map.price_of(text))?;
                Ok(map.get_str(heap, text))
            }
            // Host data has no other keys, but lists are no keys at all.
            None => ops::hash(heap, key).map(|_| None),
        },
        _ => Err(Fault::kind(format!("{} is no dict", heap.kind_name(dict)))),
    }
}

fn missing<'c>(heap: &Heap<'c>, key: Value<'c>) -> Fault {
    let mut text = String::new();
    match ops::repr(heap, key, &mut text) {
        Ok(()) => Fault::key(&text),
        Err(fault) => fault,
    }
}

fn get<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let found = lookup(call.heap(), args.get(0), args.get(1))?;
    Ok(found.unwrap_or(args.get_or(2, Value::None)))
}

fn view<'c>(
    call: &mut Call<'_, 'c>,
    part: ViewKind,
    kind: CellKind,
    args: Args<'_, 'c>,
) -> Result<Value<'c>, Fault> {
    let id = call.heap().alloc(Cell::View(part, args.get(0)))?;
    Ok(Value::Cell(kind, id))
}

fn copy<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let copy = match heap.view(args.get(0)) {
        View::Dict(Map::Dict(dict)) => {
            heap.reserve(dict.bytes() as u64)?;
            dict.clone()
        }
        View::Dict(map) => {
            heap.check_collection(map.len() as u64 * 2)?;
            let mut copy = Dict::new();
            for (key, value) in map.entries(heap) {
                copy.insert(heap, key, value)?;
            }
            copy
        }
        _ => Dict::new(),
    };
    heap.new_dict(copy)
}

fn from_keys<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let keys = call.items(args.get(1))?;
    let value = args.get_or(2, Value::None);
    let heap = call.heap();
    heap.check_collection(keys.len() as u64 * 2)?;
    let mut dict = Dict::new();
    for key in keys {
        dict.insert(heap, key, value)?;
    }
    heap.new_dict(dict)
}

fn pop<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(
        call,
        args,
        "pop",
        Params::new(KEY_OR),
        |call, dict, args| {
            let (key, default) = (args.get(0), args.given(1));
            let taken = change_dict(call.heap(), dict, 0, |heap, dict| {
                let Some(at) = dict.position(heap, key)? else {
                    return Ok(None);
                };
                heap.charge(removal_cost(dict, at))?;
                Ok(dict.remove_at(at))
            })?;
            match (taken, default) {
                (Some((_, value)), _) | (None, Some(value)) => Ok(value),
                (None, None) => Err(missing(call.heap(), key)),
            }
        },
    )
}

fn pop_item<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "popitem", NOTHING, |call, dict, _| {
        let taken = change_dict(call.heap(), dict, 0, |_, dict| {
            Ok(dict.len().checked_sub(1).and_then(|at| dict.remove_at(at)))
        })?;
        match taken {
            Some((key, value)) => call.heap().new_tuple(vec![key, value]),
            None => Err(Fault::key("of an empty dict")),
        }
    })
}

fn set_default<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    const PARAMS: Params = Params::new(KEY_OR);
    change(call, args, "setdefault", PARAMS, |call, dict, args| {
        let (key, value) = (args.get(0), args.get_or(1, Value::None));
        change_dict(call.heap(), dict, 1, |heap, dict| {
            if let Some(found) = dict.get(heap, key)? {
                return Ok(found);
            }
            dict.insert(heap, key, value)?;
            Ok(value)
        })
    })
}

fn update<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    const PARAMS: Params = Params::new(&[Param::optional_positional("entries")]).with_named_rest();
    change(call, args, "update", PARAMS, |call, dict, args| {
        let mut more = match args.given(0) {
            Some(source) => entries(call, source)?,
            None => Vec::new(),
        };
        for &(name, value) in args.named {
            let key = call.heap().new_text(Mark::Plain, name)?;
            more.push((key, value));
        }
        call.charge(more.len() as u64)?;
        change_dict(call.heap(), dict, more.len(), |heap, dict| {
            for (key, value) in more {
                dict.insert(heap, key, value)?;
            }
            Ok(())
        })?;
        Ok(Value::None)
    })
}

/// The entries of a dict, or pairs.
fn entries<'c>(
    call: &mut Call<'_, 'c>,
    source: Value<'c>,
) -> Result<Vec<(Value<'c>, Value<'c>)>, Fault> {
    let heap = call.heap();
    if let View::Dict(map) = heap.view(source) {
        heap.charge(map.len() as u64)?;
        heap.check_collection(map.len() as u64 * 2)?;
        return Ok(map.entries(heap));
    }
    let mut entries = Vec::new();
    for pair in call.items(source)? {
        match *call.items(pair)? {
            [key, value] => entries.push((key, value)),
            ref items => {
                return Err(Fault::value(format!(
                    "a pair has 2 items, this has {}",
                    items.len()
                )));
            }
        }
    }
    Ok(entries)
}

fn clear<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "clear", NOTHING, |call, dict, _| {
        change_dict(call.heap(), dict, 0, |_, dict| {
            dict.clear();
            Ok(())
        })?;
        Ok(Value::None)
    })
}
