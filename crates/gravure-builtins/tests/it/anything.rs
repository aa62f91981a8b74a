//! Every native with every sort of argument: an answer or a fault, never a
//! panic, within the budget.

use crate::host::Bench;
use gravure_source::Code;
use gravure_value::{
    BigInt, Dict, Fault, Host as _, Limits, Mark, NativeId, Range, Surface, Value, ops,
};

/// One or two of each sort, odd ones first.
fn zoo<'c>(bench: &mut Bench<'c>) -> Result<Vec<Value<'c>>, Fault> {
    let heap = &mut bench.heap;
    let big = heap.new_int(BigInt::from(10).pow(40))?;
    let small = heap.new_int(-BigInt::from(10).pow(40))?;
    let mut dict = Dict::new();
    dict.insert(heap, Value::Str(Mark::Plain, "a"), Value::Int(1))?;
    dict.insert(heap, Value::None, Value::Float(f64::NAN))?;
    let mut members = Dict::new();
    members.insert(heap, Value::Int(2), Value::None)?;
    let dict = heap.new_dict(dict)?;
    let mixed = vec![
        Value::Int(3),
        Value::None,
        Value::Str(Mark::Html, "<é>"),
        dict,
    ];
    let mut values = vec![
        Value::None,
        Value::Undefined,
        Value::Bool(true),
        Value::Int(0),
        Value::Int(-1),
        Value::Int(2),
        Value::Int(i64::MIN),
        Value::Int(i64::MAX),
        big,
        small,
        Value::Float(f64::NAN),
        Value::Float(f64::INFINITY),
        Value::Float(-0.0),
        Value::Float(2.5),
        Value::Float(1e300),
        Value::Float(5e-324),
        Value::Str(Mark::Plain, ""),
        Value::Str(Mark::Plain, "a"),
        Value::Str(Mark::Html, "<b> é—日\u{301}\r\n\t"),
        Value::Str(Mark::Plain, "{0[a]!r:>{1}} %d -٣ -- x"),
        Value::Str(Mark::Plain, "ǆ ß İ ſ %Y%-d%q <script a=1> a-b--c"),
        Value::Str(Mark::Plain, "[(?i"),
        heap.new_list(mixed.clone())?,
        heap.new_list(vec![Value::Int(2), Value::Float(0.5)])?,
        heap.new_tuple(mixed)?,
        dict,
        heap.new_set(members)?,
        heap.new_range(Range {
            start: 5,
            stop: -5,
            step: -3,
        })?,
        heap.new_range(Range {
            start: i64::MIN,
            stop: i64::MIN + 3,
            step: 1,
        })?,
    ];
    let len = bench.registry.function("len").expect("`len` exists");
    values.push(Value::Native(len));
    Ok(values)
}

fn names(bench: &Bench<'_>) -> Vec<(String, NativeId)> {
    let registry = &bench.registry;
    let filters = registry.filter_names().into_iter();
    let filters = filters.map(|name| (format!("|{name}"), registry.filter(name)));
    let predicates = registry.predicate_names().into_iter();
    let predicates = predicates.map(|name| (format!("is {name}"), registry.predicate(name)));
    let functions = registry.function_names().into_iter();
    let functions = functions.map(|name| (format!("{name}()"), registry.function(name)));
    let all = filters.chain(predicates).chain(functions);
    all.filter_map(|(name, id)| Some((name, id?))).collect()
}

/// Call, read what comes of it, and check that a fault is one of a call.
fn call_with<'c>(bench: &mut Bench<'c>, name: &str, id: NativeId, args: &[Value<'c>]) {
    let answer =
        bench
            .call_native(id, args, &[])
            .and_then(|answer| match bench.heap.iter(answer) {
                Ok(mut iter) if iter.is_one_pass() => bench.next(&mut iter).map(|_| ()),
                _ => ops::to_text(&bench.heap, answer).map(|_| ()),
            });
    if let Err(fault) = answer {
        let is_known = matches!(
            fault.code,
            Code::RunKind
                | Code::RunValue
                | Code::RunNoneOrder
                | Code::RunRequired
                | Code::RunKey
                | Code::RunAttribute
                | Code::RunZero
                | Code::RunBudget
                | Code::ParTest
                | Code::SecRange
        );
        assert!(is_known, "{name} with {args:?}: {fault}");
    }
}

#[test]
fn no_argument_is_too_odd() {
    let limits = Limits {
        fuel: u64::MAX,
        memory: 256 << 20,
        ..Limits::untrusted()
    };
    let mut bench = Bench::new(Surface::Html, limits);
    let values = zoo(&mut bench).expect("memory is enough");
    let mut dice = 1u64;
    let mut roll = |n: usize| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (dice >> 33) as usize % n
    };
    for (name, id) in names(&bench) {
        call_with(&mut bench, &name, id, &[]);
        for &first in &values {
            call_with(&mut bench, &name, id, &[first]);
            for &second in &values {
                call_with(&mut bench, &name, id, &[first, second]);
                let third = values[roll(values.len())];
                call_with(&mut bench, &name, id, &[first, second, third]);
                let fourth = values[roll(values.len())];
                call_with(&mut bench, &name, id, &[first, second, third, fourth]);
            }
            // What was made is of no use any more.
            bench.heap.collect(values.iter().copied());
        }
    }
}
