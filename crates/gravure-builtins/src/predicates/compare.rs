//! Predicates about one value and another.

use crate::{
    filters::number::expect_number,
    registry::{Row, params},
    support::Answer,
};
use gravure_value::{Args, Call, Fault, Heap, Params, Surface, Value, ops};

const ONLY_VALUE: Params = params!("value, /");
const OTHER: Params = params!("value, /, other");

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(&["odd"], ONLY_VALUE, odd),
        Row::new(&["even"], ONLY_VALUE, even),
        Row::new(&["divisibleby"], params!("value, /, num"), divisibleby),
        Row::new(&["eq", "equalto"], OTHER, eq),
        Row::new(&["ne"], OTHER, ne),
        Row::new(&["lt", "lessthan"], OTHER, lt),
        Row::new(&["le"], OTHER, le),
        Row::new(&["gt", "greaterthan"], OTHER, gt),
        Row::new(&["ge"], OTHER, ge),
        Row::new(&["sameas"], OTHER, sameas),
        Row::new(&["in"], params!("value, /, seq"), is_in),
    ]
}

/// `lhs mod rhs == rest`, for numbers.
fn leaves<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>, rest: i64) -> Answer<'c> {
    if let (Value::Int(lhs), Value::Int(rhs)) = (lhs, rhs)
        && rhs != 0
    {
        // The remainder's sign does not matter: it is compared with 0 or,
        // for a positive divisor, made positive.
        return Ok(Value::Bool(
            lhs.checked_rem_euclid(rhs).unwrap_or(0) == rest,
        ));
    }
    expect_number(heap, lhs, "value")?;
    expect_number(heap, rhs, "num")?;
    let left = ops::modulo(heap, Surface::Text, lhs, rhs)?;
    Ok(Value::Bool(ops::eq(heap, left, Value::Int(rest))?))
}

fn odd<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    leaves(call.heap(), args.get(0), Value::Int(2), 1)
}

fn even<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    leaves(call.heap(), args.get(0), Value::Int(2), 0)
}

fn divisibleby<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    leaves(call.heap(), args.get(0), args.get(1), 0)
}

/// A question about two values.
type Question = for<'c> fn(&Heap<'c>, Value<'c>, Value<'c>) -> Result<bool, Fault>;

fn ask<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, question: Question) -> Answer<'c> {
    question(call.heap(), args.get(0), args.get(1)).map(Value::Bool)
}

fn eq<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    ask(call, args, ops::eq)
}

fn ne<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    ask(call, args, |heap, lhs, rhs| Ok(!ops::eq(heap, lhs, rhs)?))
}

fn lt<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    ask(call, args, ops::less)
}

fn le<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    ask(call, args, ops::less_eq)
}

fn gt<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    ask(call, args, ops::greater)
}

fn ge<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    ask(call, args, ops::greater_eq)
}

fn sameas<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(ops::same(
        call.heap(),
        args.get(0),
        args.get(1),
    )))
}

fn is_in<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let (item, container) = (args.get(0), args.get(1));
    let heap = call.heap();
    let mut iter = heap.iter(container).ok().filter(|iter| iter.is_one_pass());
    let Some(iter) = &mut iter else {
        return ops::contains(heap, item, container).map(Value::Bool);
    };
    while let Some(other) = call.host.next(iter)? {
        call.charge(1)?;
        if ops::eq(call.heap(), other, item)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}
