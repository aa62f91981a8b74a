//! Methods of sets. Where a method takes another set, anything iterable does.

use super::{
    ALONE, SELF, Table, change,
    store::{change_dict, removal_cost},
};
use gravure_value::{
    Args, Call, Dict, Fault, Heap, Kind, Param, Params, Registry, Value, View, ops,
};

const NOTHING: Params = Params::new(&[]);
const MEMBER: Params = Params::new(&[Param::positional("value")]);

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Set],
    };
    table.method("copy", ALONE, |call, args| {
        let members = members(call, args.get(0))?;
        call.heap().new_set(members)
    });
    table.variadic("union", union);
    table.variadic("intersection", intersection);
    table.variadic("difference", difference);
    const OTHER: &[Param] = &[SELF, Param::positional("other")];
    table.method("symmetric_difference", OTHER, symmetric_difference);
    table.method("issubset", OTHER, |call, args| {
        let (lhs, rhs) = both(call, args)?;
        all_in(call.heap(), &lhs, &rhs)
    });
    table.method("issuperset", OTHER, |call, args| {
        let (lhs, rhs) = both(call, args)?;
        all_in(call.heap(), &rhs, &lhs)
    });
    table.method("isdisjoint", OTHER, |call, args| {
        let (lhs, rhs) = both(call, args)?;
        let common = kept(call.heap(), &lhs, &rhs, true)?;
        Ok(Value::Bool(common.is_empty()))
    });
    table.mutator("add", add);
    table.mutator("discard", discard);
    table.mutator("remove", remove);
    table.mutator("pop", pop);
    table.mutator("clear", clear);
    table.mutator("update", update);
}

/// The members of a set, or of anything iterable made a set.
fn members<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<Dict<'c>, Fault> {
    let heap = call.heap();
    if let View::Set(members) = heap.view(value) {
        heap.charge(members.len() as u64)?;
        heap.reserve(members.bytes() as u64)?;
        return Ok(members.clone());
    }
    let items = call.items(value)?;
    let heap = call.heap();
    let mut members = Dict::new();
    insert_all(heap, &mut members, &items)?;
    Ok(members)
}

fn insert_all<'c>(
    heap: &Heap<'c>,
    members: &mut Dict<'c>,
    items: &[Value<'c>],
) -> Result<(), Fault> {
    heap.charge(items.len() as u64)?;
    heap.check_collection((members.len() as u64).saturating_add(items.len() as u64) * 2)?;
    for &item in items {
        members.insert(heap, item, Value::None)?;
    }
    Ok(())
}

fn both<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<(Dict<'c>, Dict<'c>), Fault> {
    Ok((members(call, args.get(0))?, members(call, args.get(1))?))
}

/// The members of `lhs` that are, or are not, in `rhs`.
fn kept<'c>(
    heap: &Heap<'c>,
    lhs: &Dict<'c>,
    rhs: &Dict<'c>,
    is_common: bool,
) -> Result<Dict<'c>, Fault> {
    heap.charge(lhs.len() as u64)?;
    let mut out = Dict::new();
    for (member, _) in lhs.iter() {
        if rhs.position(heap, member)?.is_some() == is_common {
            out.insert(heap, member, Value::None)?;
        }
    }
    Ok(out)
}

fn all_in<'c>(heap: &Heap<'c>, lhs: &Dict<'c>, rhs: &Dict<'c>) -> Result<Value<'c>, Fault> {
    heap.charge(lhs.len() as u64)?;
    for (member, _) in lhs.iter() {
        if rhs.position(heap, member)?.is_none() {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}

fn union<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let mut out = members(call, args.get(0))?;
    for &other in args.rest {
        let items = call.items(other)?;
        insert_all(call.heap(), &mut out, &items)?;
    }
    call.heap().new_set(out)
}

fn intersection<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    filtered(call, args, true)
}

fn difference<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    filtered(call, args, false)
}

fn filtered<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    is_common: bool,
) -> Result<Value<'c>, Fault> {
    let mut out = members(call, args.get(0))?;
    for &other in args.rest {
        let other = members(call, other)?;
        out = kept(call.heap(), &out, &other, is_common)?;
    }
    call.heap().new_set(out)
}

fn symmetric_difference<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
) -> Result<Value<'c>, Fault> {
    let (lhs, rhs) = both(call, args)?;
    let heap = call.heap();
    let mut out = kept(heap, &lhs, &rhs, false)?;
    for (member, _) in kept(heap, &rhs, &lhs, false)?.iter() {
        out.insert(heap, member, Value::None)?;
    }
    heap.new_set(out)
}

fn add<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "add", MEMBER, |call, set, args| {
        let member = args.get(0);
        change_dict(call.heap(), set, 1, |heap, members| {
            members.insert(heap, member, Value::None)
        })?;
        Ok(Value::None)
    })
}

/// Take a member out; was it there?
fn take<'c>(call: &mut Call<'_, 'c>, set: Value<'c>, member: Value<'c>) -> Result<bool, Fault> {
    change_dict(call.heap(), set, 0, |heap, members| {
        let Some(at) = members.position(heap, member)? else {
            return Ok(false);
        };
        heap.charge(removal_cost(members, at))?;
        Ok(members.remove_at(at).is_some())
    })
}

fn discard<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "discard", MEMBER, |call, set, args| {
        take(call, set, args.get(0))?;
        Ok(Value::None)
    })
}

fn remove<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "remove", MEMBER, |call, set, args| {
        if take(call, set, args.get(0))? {
            return Ok(Value::None);
        }
        let mut text = String::new();
        ops::repr(call.heap(), args.get(0), &mut text)?;
        Err(Fault::key(&text))
    })
}

fn pop<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "pop", NOTHING, |call, set, _| {
        let taken = change_dict(call.heap(), set, 0, |_, members| {
            Ok(members
                .len()
                .checked_sub(1)
                .and_then(|at| members.remove_at(at)))
        })?;
        match taken {
            Some((member, _)) => Ok(member),
            None => Err(Fault::key("of an empty set")),
        }
    })
}

fn clear<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    change(call, args, "clear", NOTHING, |call, set, _| {
        change_dict(call.heap(), set, 0, |_, members| {
            members.clear();
            Ok(())
        })?;
        Ok(Value::None)
    })
}

fn update<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    const PARAMS: Params = Params::new(&[]).with_rest();
    change(call, args, "update", PARAMS, |call, set, args| {
        for &other in args.rest {
            let items = call.items(other)?;
            change_dict(call.heap(), set, items.len(), |heap, members| {
                insert_all(heap, members, &items)
            })?;
        }
        Ok(Value::None)
    })
}
