//! Functions that give one-pass iterators. Nothing is read before somebody
//! asks for an item; `map` and `filter` are driven by the host.

use crate::{
    filters::sequence::reversed_items,
    registry::{Row, params},
    support::{Answer, expect_int},
};
use gravure_value::{Args, Call, Cell, CellKind, Fault, Iter, OnePass, Range, Value, View, ops};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(&["reversed"], params!("value, /"), reversed),
        Row::new(&["enumerate"], params!("iterable, start="), enumerate),
        Row::new(&["zip"], params!("*rest, strict="), zip),
        Row::new(&["map"], params!("function, iterable, /, *rest"), map),
        Row::new(&["filter"], params!("function, iterable, /"), filter),
    ]
}

fn one_pass<'c>(call: &mut Call<'_, 'c>, state: OnePass<'c>) -> Answer<'c> {
    let cell = call.heap().alloc(Cell::OnePass(Box::new(state)))?;
    Ok(Value::Cell(CellKind::Iter, cell))
}

fn iters<'c>(call: &mut Call<'_, 'c>, sources: &[Value<'c>]) -> Result<Vec<Iter<'c>>, Fault> {
    sources.iter().map(|&it| call.heap().iter(it)).collect()
}

fn reversed<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let backward = match call.heap().view(value) {
        View::Range(range) => backward(range),
        _ => None,
    };
    let iter = match backward {
        Some(range) => {
            let range = call.heap().new_range(range)?;
            call.heap().iter(range)?
        }
        None => Iter::of(reversed_items(call, value)?),
    };
    one_pass(call, OnePass::Plain(iter))
}

/// The members of a range from the last to the first, as a range.
fn backward(range: Range) -> Option<Range> {
    let last = range.get(range.len().checked_sub(1)?)?;
    Some(Range {
        start: last,
        stop: range.start.checked_sub(range.step)?,
        step: range.step.checked_neg()?,
    })
}

fn enumerate<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let start = args.get_or(1, Value::Int(0));
    let heap = call.heap();
    expect_int(heap, start, "start")?;
    let start = match start {
        Value::Bool(it) => Value::Int(i64::from(it)),
        _ => start,
    };
    let iter = heap.iter(args.get(0))?;
    one_pass(call, OnePass::Enumerate(iter, start))
}

fn zip<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let is_strict = args
        .given(0)
        .is_some_and(|it| ops::is_truthy(call.heap(), it));
    let iters = iters(call, args.rest)?;
    one_pass(call, OnePass::Zip(iters, is_strict))
}

fn map<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let mut sources = vec![args.get(1)];
    sources.extend_from_slice(args.rest);
    let iters = iters(call, &sources)?;
    one_pass(call, OnePass::Map(args.get(0), iters))
}

fn filter<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let iter = call.heap().iter(args.get(1))?;
    one_pass(call, OnePass::Filter(args.get(0), iter))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_run_backward() {
        for (range, expected) in [
            ((0, 3, 1), vec![2, 1, 0]),
            ((1, 10, 4), vec![9, 5, 1]),
            ((5, 0, -2), vec![1, 3, 5]),
        ] {
            let (start, stop, step) = range;
            let back = backward(Range { start, stop, step }).unwrap();
            let members: Vec<_> = (0..back.len()).filter_map(|at| back.get(at)).collect();
            assert_eq!(members, expected);
        }
        assert_eq!(
            backward(Range {
                start: 0,
                stop: 0,
                step: 1
            }),
            None
        );
        assert_eq!(
            backward(Range {
                start: i64::MIN,
                stop: 0,
                step: 1
            }),
            None
        );
    }
}
