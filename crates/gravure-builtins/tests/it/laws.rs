//! What no case can show: budgets, deep data, circles, chance.

use crate::{context, host::Bench, print};
use gravure_value::{Cell, Data, Host as _, Limits, Mark, Surface, Value, ops};
use std::sync::Arc;

fn filter<'c>(bench: &mut Bench<'c>, name: &str, args: &[Value<'c>]) -> Result<Value<'c>, String> {
    let id = bench.registry.filter(name).expect("the filter exists");
    let answer = bench.call_native(id, args, &[]);
    answer.map_err(|fault| fault.code.to_string())
}

fn text_of<'c>(bench: &Bench<'c>, value: Value<'c>) -> String {
    ops::to_text(&bench.heap, value)
        .expect("it prints")
        .into_owned()
}

/// `[[[…]]]`, so many levels.
fn nested<'c>(bench: &mut Bench<'c>, levels: usize) -> Value<'c> {
    let mut value = Value::Int(1);
    for _ in 0..levels {
        value = bench.heap.new_list(vec![value]).expect("memory is enough");
    }
    value
}

#[test]
fn deep_data_needs_no_native_stack() {
    let mut bench = Bench::new(Surface::Text, Limits::default());
    let deep = nested(&mut bench, 20_000);
    let json = filter(&mut bench, "tojson", &[deep]).expect("it has a form");
    assert_eq!(text_of(&bench, json).len(), 40_001);
    let shown = filter(&mut bench, "pprint", &[deep]).expect("it has a form");
    assert_eq!(text_of(&bench, shown).len(), 40_001);
}

#[test]
fn circles_are_faults() {
    let mut bench = Bench::new(Surface::Text, Limits::default());
    let list = bench.heap.new_list(Vec::new()).expect("memory is enough");
    let around = bench
        .heap
        .new_tuple(vec![Value::Int(1), list])
        .expect("memory is enough");
    let Value::Cell(_, cell) = list else {
        panic!("a list is a cell")
    };
    *bench.heap.cell_mut(cell).expect("it is there") = Cell::List(Arc::new(vec![around]));
    for name in ["tojson", "pprint"] {
        assert_eq!(
            filter(&mut bench, name, &[list]).unwrap_err(),
            "K-RUN-007",
            "{name}"
        );
    }
}

#[test]
fn what_grows_is_measured_before_it_is_made() {
    let huge = Value::Int(1 << 40);
    let text = Value::Str(Mark::Plain, "a\nb");
    let cases: &[(&str, &[Value<'static>])] = &[
        ("center", &[text, huge]),
        ("indent", &[text, huge]),
        ("decimal", &[Value::Float(1.5), huge]),
        ("format_number", &[Value::Float(1.5), huge]),
        ("slice", &[text, huge]),
        ("batch", &[text, huge, text]),
        ("tojson", &[Value::Bool(true), huge]),
    ];
    for (name, args) in cases {
        let mut bench = Bench::new(Surface::Text, Limits::untrusted());
        assert_eq!(
            filter(&mut bench, name, args).unwrap_err(),
            "K-RUN-019",
            "{name}"
        );
    }
}

#[test]
fn long_work_is_paid_for() {
    let limits = Limits {
        fuel: 5_000,
        ..Limits::default()
    };
    let long: &'static str = Box::leak("b a-".repeat(50_000).into_boxed_str());
    let text = Value::Str(Mark::Plain, long);
    for name in [
        "upper",
        "title",
        "trim",
        "wordwrap",
        "slug",
        "wordcount",
        "urlencode",
        "striptags",
        "escape",
        "list",
        "tojson",
        "pprint",
        "sort",
        "unique",
        "reverse",
        "join",
        "shuffle",
        "truncate",
        "indent",
    ] {
        let mut bench = Bench::new(Surface::Text, limits.clone());
        let code = filter(&mut bench, name, &[text]).err();
        assert_eq!(code.as_deref(), Some("K-RUN-019"), "{name}");
    }
}

#[test]
fn chance_comes_from_the_world() {
    let mut bench = Bench::new(Surface::Text, Limits::default());
    let text = Value::Str(Mark::Plain, "abcdefgh");
    let shuffled = filter(&mut bench, "shuffle", &[text]).expect("it has items");
    let again = filter(&mut bench, "shuffle", &[text]).expect("it has items");
    assert_eq!(text_of(&bench, shuffled), text_of(&bench, again));
    let sorted = filter(&mut bench, "sort", &[shuffled]).expect("it has items");
    assert_eq!(
        text_of(&bench, sorted),
        "['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']"
    );
}

fn function<'c>(bench: &mut Bench<'c>, name: &str, args: &[Value<'c>]) -> Value<'c> {
    let id = bench.registry.function(name).expect("the function exists");
    bench.call_native(id, args, &[]).expect("it answers")
}

#[test]
fn facts_about_the_request_come_from_the_world() {
    let mut bench = Bench::new(Surface::Html, Limits::default());
    bench.world.meta = vec![
        ("hx_target", Data::Int(5)),
        ("csrf_token", Data::Str("a'<b".into())),
        ("csp_nonce", Data::Str("n0".into())),
    ];
    let target = function(&mut bench, "hx_target", &[]);
    assert_eq!(text_of(&bench, target), "5");
    let field = function(&mut bench, "csrf_token", &[]);
    assert_eq!(
        text_of(&bench, field),
        "<input type=\"hidden\" name=\"csrf_token\" value=\"a&#x27;&lt;b\">"
    );
    assert_eq!(bench.heap.mark(field), Mark::Html);
    let nonce = function(&mut bench, "csp_nonce", &[]);
    assert_eq!(
        (text_of(&bench, nonce), bench.heap.mark(nonce)),
        ("n0".to_owned(), Mark::Plain)
    );
    let tag = filter(
        &mut bench,
        "csp_nonce",
        &[Value::Str(Mark::Plain, "<style>")],
    );
    assert_eq!(
        text_of(&bench, tag.expect("it has a form")),
        "<style nonce=\"n0\">"
    );
}

#[test]
fn dates_are_local() {
    let mut bench = Bench::new(Surface::Text, Limits::default());
    bench.world.offset = 2 * 3600;
    let format = Value::Str(Mark::Plain, "%F %T.%f %s");
    let shown = filter(
        &mut bench,
        "date",
        &[Value::Float(1_718_488_800.25), format],
    );
    let shown = shown.expect("it has a form");
    assert_eq!(
        text_of(&bench, shown),
        "2024-06-16 00:00:00.250000 1718488800"
    );
}

#[test]
fn translations_are_the_hosts() {
    let mut bench = Bench::new(Surface::Html, Limits::default());
    bench.world.translates = true;
    let (one, many) = (
        Value::Str(Mark::Html, "one"),
        Value::Str(Mark::Plain, "many"),
    );
    let single = function(&mut bench, "_", &[one]);
    assert_eq!(text_of(&bench, single), "«one»");
    assert_eq!(bench.heap.mark(single), Mark::Plain);
    let several = function(&mut bench, "_n", &[one, many, Value::Int(3)]);
    assert_eq!(text_of(&bench, several), "«many:3»");
}

#[test]
fn strict_none_is_seen_by_sort() {
    let mut bench = Bench::new(Surface::Text, Limits::default());
    let items = bench
        .heap
        .new_list(vec![Value::Int(2), Value::None])
        .expect("memory is enough");
    assert!(filter(&mut bench, "sort", &[items]).is_ok());
    bench.strict_none = true;
    assert_eq!(
        filter(&mut bench, "sort", &[items]).unwrap_err(),
        "K-RUN-005"
    );
    assert!(bench.strict_none());
}

#[test]
fn the_reader_of_cases_reads() {
    let with = context("{}");
    assert_eq!(
        print("1 ~ [2, 'a']", with, Surface::Text),
        Some(Ok("1[2, 'a']".to_owned()))
    );
    assert_eq!(print("1 +", with, Surface::Text), None);
}
