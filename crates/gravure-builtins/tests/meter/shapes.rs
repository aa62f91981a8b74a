//! Values that grow with a number: what the builtins are fed with.

use crate::host::Bench;
use gravure_value::{BigInt, Cell, CellKind, Dict, Kind, LoopCell, Mark, Range, Value, ops};

/// A value of about `n` parts.
pub(crate) type Shape = for<'c> fn(&mut Bench<'c>, usize) -> Value<'c>;

/// Every way in which an argument can be large.
pub(crate) const SHAPES: &[(&str, Shape)] = &[
    ("words", |b, n| text(b, "some Words and\tmore\n", n)),
    ("one word", |b, n| text(b, "letters", n)),
    ("lower case", |b, n| text(b, "lower", n)),
    ("upper case", |b, n| text(b, "UPPER", n)),
    ("markup", |b, n| {
        text(b, "<b class='x'>&amp;|*_`\u{1b}[1m", n)
    }),
    ("safe markup", |b, n| {
        let plain = text(b, "<b> & </b>", n);
        b.heap.with_mark(Mark::Html, plain).unwrap()
    }),
    ("other letters", |b, n| text(b, "é日本 ß\u{301}", n)),
    ("digits", |b, n| text(b, "12345678", n)),
    ("blanks", |b, n| text(b, "  \n \t", n)),
    ("lines", |b, n| text(b, "x\n", n)),
    ("fields", |b, n| text(b, "{0} %s %d %Y ", n)),
    ("a wide field", |b, n| owned(b, format!("{{:>{n}}}"))),
    ("a wide number", |b, n| owned(b, format!("%{n}d"))),
    ("a precise number", |b, n| owned(b, format!("%.{n}f"))),
    ("a pattern", |b, n| text(b, "(a|b)?", n)),
    ("a length", |_, n| Value::Int(n as i64)),
    ("a float", |_, n| Value::Float(n as f64 + 0.5)),
    ("a truth", |_, n| Value::Bool(n > 2)),
    ("a negative length", |_, n| Value::Int(-(n as i64))),
    ("a long int", |b, n| {
        b.heap.new_int(BigInt::from(1) << (8 * n)).unwrap()
    }),
    ("ints", |b, n| {
        let items = (0..n).map(|at| Value::Int((at * 7919 % n) as i64));
        let items = items.collect();
        b.heap.new_list(items).unwrap()
    }),
    ("equal ints", |b, n| {
        b.heap.new_list(vec![Value::Int(1); n]).unwrap()
    }),
    ("texts", |b, n| {
        let items = (0..n).map(|at| owned(b, format!("text {at}"))).collect();
        b.heap.new_list(items).unwrap()
    }),
    ("one long text", |b, n| {
        let item = text(b, "some Words <b>\n", n);
        b.heap.new_list(vec![item, item]).unwrap()
    }),
    ("a tuple", |b, n| {
        b.heap.new_tuple(vec![Value::Int(1); n]).unwrap()
    }),
    ("pairs", |b, n| {
        let pair = |at| vec![Value::Int(at as i64), Value::Str(Mark::Plain, "two")];
        let items = (0..n).map(|at| b.heap.new_tuple(pair(at)).unwrap());
        let items = items.collect();
        b.heap.new_list(items).unwrap()
    }),
    ("rows", |b, n| {
        let items = (0..n).map(|at| row(b, at)).collect();
        b.heap.new_list(items).unwrap()
    }),
    ("lists in lists", |b, n| {
        let mut list = b.heap.new_list(Vec::new()).unwrap();
        for _ in 0..n {
            list = b.heap.new_list(vec![list]).unwrap();
        }
        list
    }),
    ("a dict", dict),
    ("a long entry", |b, n| {
        let value = text(b, "some Words <b>\n", n);
        let mut dict = Dict::new();
        dict.insert(&b.heap, Value::Str(Mark::Plain, "name"), value)
            .unwrap();
        b.heap.new_dict(dict).unwrap()
    }),
    ("a set", |b, n| {
        let mut members = Dict::new();
        for at in 0..n {
            members
                .insert(&b.heap, Value::Int(at as i64), Value::None)
                .unwrap();
        }
        b.heap.new_set(members).unwrap()
    }),
    ("a range", |b, n| {
        let range = Range {
            start: 0,
            stop: n as i64,
            step: 1,
        };
        b.heap.new_range(range).unwrap()
    }),
    ("keys", |b, n| view(b, n, "keys")),
    ("values", |b, n| view(b, n, "values")),
    ("items", |b, n| view(b, n, "items")),
    ("a loop", |b, n| {
        let items = b.heap.new_list(vec![Value::Int(1); n]).unwrap();
        a_loop(b, items)
    }),
    ("a loop over text", |b, n| {
        let text = "é".repeat(8 * n).leak();
        a_loop(b, Value::Str(Mark::Plain, text))
    }),
    ("an iterator", |b, n| {
        let list = b.heap.new_list(vec![Value::Int(1); n]).unwrap();
        let id = b.registry.function("enumerate").unwrap();
        b.call_native(id, &[list], &[]).unwrap()
    }),
];

/// Arguments beside the one that grows; `None` leaves out what can be.
pub(crate) const FILLERS: &[Option<Shape>] = &[
    None,
    Some(|_, _| Value::Str(Mark::Plain, "a")),
    Some(|_, _| Value::Str(Mark::Plain, "name")),
    Some(|_, _| Value::Int(2)),
    Some(|_, _| Value::Int(70)),
    Some(|b, _| {
        let items = ["b", "a", "c"].map(|it| Value::Str(Mark::Plain, it));
        b.heap.new_list(items.to_vec()).unwrap()
    }),
    Some(|b, _| row(b, 1)),
    Some(|b, _| Value::Native(b.registry.function("str").unwrap())),
];

/// A loop that has been kept as a value, in its middle.
fn a_loop<'c>(bench: &mut Bench<'c>, items: Value<'c>) -> Value<'c> {
    let mut iter = bench.heap.iter(items).unwrap();
    let n = ops::length(&bench.heap, items).unwrap_or(0);
    for _ in 0..n / 2 {
        iter.step(&bench.heap);
    }
    let is_async = false;
    let cell = Cell::Loop(Box::new(LoopCell { iter, is_async }));
    let id = bench.heap.alloc(cell).unwrap();
    Value::Cell(CellKind::Loop, id)
}

fn row<'c>(bench: &mut Bench<'c>, at: usize) -> Value<'c> {
    let mut dict = Dict::new();
    let name = owned(bench, format!("name {}", at % 7));
    dict.insert(&bench.heap, Value::Str(Mark::Plain, "name"), name)
        .unwrap();
    let key = Value::Str(Mark::Plain, "a");
    dict.insert(&bench.heap, key, Value::Int(at as i64))
        .unwrap();
    bench.heap.new_dict(dict).unwrap()
}

fn dict<'c>(bench: &mut Bench<'c>, n: usize) -> Value<'c> {
    let mut dict = Dict::new();
    for at in 0..n {
        let key = owned(bench, format!("key{at}"));
        dict.insert(&bench.heap, key, Value::Int(at as i64))
            .unwrap();
    }
    bench.heap.new_dict(dict).unwrap()
}

fn view<'c>(bench: &mut Bench<'c>, n: usize, method: &str) -> Value<'c> {
    let dict = dict(bench, n);
    let id = bench.registry.method(Kind::Dict, method).unwrap();
    bench.call_native(id, &[dict], &[]).unwrap()
}

/// About `8 * n` bytes of the same again and again.
fn text<'c>(bench: &mut Bench<'c>, part: &str, n: usize) -> Value<'c> {
    owned(bench, part.repeat(1 + 8 * n / part.len()))
}

fn owned<'c>(bench: &mut Bench<'c>, text: String) -> Value<'c> {
    bench.heap.new_text(Mark::Plain, text).unwrap()
}
