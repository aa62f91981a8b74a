//! Pages whose values live in odd places, in every mode of the machine: a loop
//! below such a value collects what nobody holds, and must not collect it.
//!
//! The corpus runs in the same modes; here stand the templates that were
//! written for them.

use gravure::{
    Context, Environment, Error, Limits, Options, context,
    loader::MapLoader,
    unstable::{Chunk, Optimize, Probe},
};
use std::{collections::BTreeMap, sync::Arc};

type Templates<'a> = &'a [(&'a str, &'a str)];

fn through_bytes(chunk: Chunk) -> Chunk {
    Chunk::decode(&chunk.strip().encode()).expect("what was encoded is a chunk")
}

/// All modes, the plain one first.
fn modes() -> impl Iterator<Item = (Optimize, Probe)> {
    (0..32).map(|bits: u32| {
        let is_on = |bit: u32| bits & (1 << bit) != 0;
        let optimize = match is_on(0) {
            true => Optimize::NONE,
            false => Optimize::default(),
        };
        let probe = Probe {
            collect_always: is_on(1),
            is_plain: is_on(2),
            piece: is_on(3).then_some(1),
            transform: match is_on(4) {
                true => Some(through_bytes),
                false => None,
            },
        };
        (optimize, probe)
    })
}

/// `main` is this page in every mode, whole and in pieces.
fn check(templates: Templates<'_>, page: &str) {
    for (optimize, probe) in modes() {
        let options = Options {
            loader: Some(Arc::new(MapLoader::from_iter(templates.iter().copied()))),
            optimize,
            probe,
            ..Options::default()
        };
        let environment = Environment::with_options(options).unwrap();
        let template = environment.get_template("main").unwrap();
        let rows = [BTreeMap::from([("a", 1)]), BTreeMap::from([("b", 2)])];
        let context: &Context = &context! { words => ["b", "a", "c"], n => 3, rows => rows };
        assert_eq!(template.render(context).unwrap(), page, "{probe:?}");
        let pieces: Result<String, _> = template.render_stream(context).collect();
        assert_eq!(pieces.unwrap(), page, "{probe:?}, in pieces");
    }
}

/// Makes garbage, and rounds at which it is collected.
const CHURN: &str = "{% for i in range(3) %}{{ ('z' ~ i) | replace('z' ~ i, '') }}{% end %}";

fn churned(source: &str) -> String {
    source.replace("CHURN", CHURN)
}

fn check_one(source: &str, page: &str) {
    check(&[("main", &churned(source))], page);
}

#[test]
fn locals_temps_and_loop_items() {
    check_one("{% set x = 'v' ~ n %}CHURN{{ x }}", "v3");
    check_one(
        "{% for w in words | map('upper') %}CHURN{{ w }}{% end %}",
        "BAC",
    );
    check_one(
        "{% for w in words | sort %}CHURN{{ loop.previtem }}{{ w }};{% end %}",
        "a;ab;bc;",
    );
    check_one(
        "{% for a in [n ~ 'x', n ~ 'y'] %}{% for b in [a ~ 1] %}CHURN{{ a }}{{ b }} {% end %}{% end %}",
        "3x3x1 3y3y1 ",
    );
}

/// Steps name the first registers of a frame; whatever else it has is for ops
/// that are not steps.
#[test]
fn frames_of_many_registers() {
    for n in [2, 20, 30, 31, 32, 33, 60, 300] {
        let names: Vec<String> = (0..n).map(|at| format!("v{at}")).collect();
        let values: Vec<String> = (0..n).map(|at| at.to_string()).collect();
        let shown = names.iter().map(|it| {
            format!("{{% if {it} > 1 %}}{{{{ {it} + n }}}}.{{% end %}}{{{{ loop.last }}}}")
        });
        let source = format!(
            "{{% for {} in [[{}]] %}}{{% for word in words %}}{{{{ word }}}}{}{{% end %}}{{% end %}}",
            names.join(", "),
            values.join(", "),
            shown.collect::<String>(),
        );
        let page = |is_last: &str| -> String {
            let sums = (0..n).map(|at| match at {
                0 | 1 => is_last.to_owned(),
                _ => format!("{}.{is_last}", at + 3),
            });
            sums.collect()
        };
        let (others, last) = (page("False"), page("True"));
        check_one(&source, &format!("b{others}a{others}c{last}"));
    }
}

/// What is set in a round is gone in the next one, however much it is.
#[test]
fn rounds_of_many_variables() {
    for n in [3, 25, 29, 30, 31, 40, 200] {
        let sets: String = (0..n)
            .map(|at| format!("{{% set v{at} = word ~ {at} %}}"))
            .collect();
        let last = n - 1;
        let source = format!(
            "{{% for word in words %}}{{% if loop.first %}}{{% set v{last} = 'early' %}}{{% end %}}\
             {{{{ v{last} is defined }}}} {{{{ v0 is defined }}}} {sets}{{{{ v{last} }}}} {{% end %}}"
        );
        let page: String = ["b", "a", "c"]
            .map(|it| format!("False False {it}{last} "))
            .concat();
        check_one(&source, &page);
    }
}

/// What stands in for an attribute that is missing is shown as any other text.
#[test]
fn defaults_of_every_kind() {
    for (text, shown) in [
        ("-", "-"),
        ("", ""),
        ("a<b", "a&lt;b"),
        ("it\\'s", "it&#39;s"),
        ("ä€😀", "ä€😀"),
        (&*"x".repeat(32), &*"x".repeat(32)),
        (&*"x".repeat(33), &*"x".repeat(33)),
        (&*"&".repeat(99), &*"&amp;".repeat(99)),
    ] {
        let source = format!(
            "{{% for row in rows %}}({{{{ row.a | default('{text}') }}}}, {{{{ row.c ?? '{text}' }}}}){{% end %}}"
        );
        check_one(&source, &format!("(1, {shown})({shown}, {shown})"));
    }
}

#[test]
fn defs_their_defaults_and_what_they_see() {
    check_one(
        "{% set p = 'p' ~ n %}{% def f(a, b='d' ~ n) %}CHURN{{ a }}{{ b }}{{ p }}{% end %}{{ f('x' ~ n) }}{{ f('y' ~ n, b='z' ~ n) }}",
        "x3d3p3y3z3p3",
    );
    check_one(
        "{% def f(a) %}CHURN{{ a }}{% end %}{{ [f('x' ~ n), f('y' ~ n)] | join('-') ~ f('w' ~ n) }}",
        "x3-y3w3",
    );
}

#[test]
fn contents_and_slots() {
    check_one(
        "{% def card() %}CHURN<{{ caller() }}>{% end %}{% set t = 't' ~ n %}{% call card() %}CHURN{{ t }}{% end %}",
        "<t3>",
    );
}

#[test]
fn captured_text() {
    check_one("{% capture c %}a{{ n }}CHURN{% end %}CHURN{{ c }}", "a3");
    check_one(
        "{% set t = 'x' ~ n %}{% filter upper %}CHURN{{ t }}{% end %}{{ t }}",
        "X3x3",
    );
}

#[test]
fn what_is_provided() {
    check_one(
        "{% def leaf() %}CHURN{{ consume('theme') }}{% end %}{% provide theme = 'dark' ~ n %}CHURN{{ leaf() }}{% end %}",
        "dark3",
    );
    check_one(
        "{% provide theme = 'dark' ~ n %}{{ [n ~ 'a', n ~ 'b', n ~ 'c'] | join('') }}CHURN{{ consume('theme') }}{% end %}",
        "3a3b3cdark3",
    );
}

#[test]
fn templates_that_bring_in_others() {
    let part = churned("CHURN{{ x }}");
    let library = churned("{% set kept = 'k' ~ 1 %}{% def f(a) %}CHURN{{ a }}{{ kept }}{% end %}");
    let main = churned(
        "{% set x = 'x' ~ n %}{% include 'part' %}{% import 'library' as lib %}CHURN{{ lib.f('a' ~ n) }}{{ x }}",
    );
    check(
        &[("main", &main), ("part", &part), ("library", &library)],
        "x3a3k1x3",
    );
    let base = churned("{% set t = 't' ~ n %}CHURN{% block a %}{% endblock %}{{ t }}");
    let main = churned(
        "{% extends 'base' %}{% block a %}CHURN{% for w in [n ~ 'w'] %}CHURN{{ w }}{% end %}{% endblock %}",
    );
    check(&[("main", &main), ("base", &base)], "3wt3");
    let main = churned(
        "{% set x = 'x' ~ n %}{% embed 'base' %}{% block a %}CHURN{{ x }}{% endblock %}{% end %}",
    );
    check(&[("main", &main), ("base", &base)], "x3t3");
}

/// What a template sees around its tag is read in one way in a round that
/// nothing interrupts, and in another way wherever somebody could look.
#[test]
fn includes_in_rounds() {
    let around = |part: &str, rest: &[(&str, &str)], page: &str| {
        let main = "{% set x = 'x' %}{% for w in words %}{% set t = w ~ n %}{% include 'part' %};{% end %}{{ x }}";
        let part = churned(part);
        let templates = [&[("main", main), ("part", &*part)], rest].concat();
        check(&templates, page);
    };
    // Names of the scope, of the context, and both.
    around("{{ w }}{{ t }}{{ n }}{{ x }}", &[], "bb33x;aa33x;cc33x;x");
    around(
        "{{ loop.index }}{{ loop.last }}",
        &[],
        "1False;2False;3True;x",
    );
    // What it writes hides what it saw, and is its own.
    around(
        "{{ w }}{% set w = 'own' %}{{ w }}{% set x = 'y' %}{{ x }}",
        &[],
        "bowny;aowny;cowny;x",
    );
    // An include within sees what it sees, and again behind it.
    around(
        "{{ t }}{% include 'inner' %}{{ t }}",
        &[("inner", "({{ t }}{{ w }})")],
        "b3(b3b)b3;a3(a3a)a3;c3(c3c)c3;x",
    );
    around(
        "{% for i in [1, 2] %}{% include 'inner' %}{% end %}{{ w }}",
        &[("inner", "{{ i }}{{ w }}{{ t | upper }}")],
        "1bB32bB3b;1aA32aA3a;1cC32cC3c;x",
    );
    // Defs keep it, and their frames see nothing of it.
    around(
        "{% def f(a) %}{{ a }}{{ t }}{{ n }}{% end %}{{ f(w) }}CHURN{{ f(x) }}{{ t }}",
        &[],
        "bb33xb33b3;aa33xa33a3;cc33xc33c3;x",
    );
    // The loop is left within it, with a frame above and without one.
    around(
        "{% def f(a) %}{{ [a] | sort | join('') }}CHURN{{ a }}{% end %}{{ f(t) }}{{ w }}CHURN{{ t }}",
        &[],
        "b3b3bb3;a3a3aa3;c3c3cc3;x",
    );
    around(
        "{% try %}{{ w }}{{ unknown }}{% fallback %}{{ t }}{% end %}",
        &[],
        "b3;a3;c3;x",
    );
    around(
        "{{ unknown is defined }}{{ t is defined }}{{ (unknown | default(w)) }}",
        &[],
        "FalseTrueb;FalseTruea;FalseTruec;x",
    );
    // More names than are learned, and a scope whose names are not all set.
    let main = "{% set a = 1 %}{% for b in words %}{% set c = 3 %}{% set d = 4 %}{% set e = 5 %}{% set f = 6 %}{% include 'part' %}{% end %}";
    let part = "{{ a }}{{ b }}{{ c }}{{ d }}{{ e }}{{ f }};";
    check(&[("main", main), ("part", part)], "1b3456;1a3456;1c3456;");
    let main =
        "{% for w in words %}{% include 'part' %}{% set t = 't' %}{% include 'part' %}{% end %}";
    let part = "{{ w }}{{ t | default('-') }};";
    check(&[("main", main), ("part", part)], "b-;bt;a-;at;c-;ct;");
    // Deeper than frames are kept apart.
    let main = "{% for w in words %}{% set k = 7 %}{% include 'part' %};{% end %}";
    let part = "{{ w }}{{ k }}{% if k > 0 %}{% set k = k - 1 %}{% include 'part' %}{% end %}";
    check(
        &[("main", main), ("part", part)],
        "b7b6b5b4b3b2b1b0;a7a6a5a4a3a2a1a0;c7c6c5c4c3c2c1c0;",
    );
}

#[test]
fn faults_that_are_caught() {
    check_one(
        "{% set x = 'x' ~ n %}{% try %}CHURN{{ unknown }}{% fallback error %}CHURN{{ error.code }}{{ x }}{% end %}",
        "K-RUN-001x3",
    );
}

/// Two texts that fill ten bytes with what the page puts around them.
fn words(source: &str) -> [&'static str; 2] {
    match source.contains("<{{") {
        true => ["abc", "abc"],
        false => ["abcde", "abcde"],
    }
}

/// What a page comes to under limits of its own, in every mode: the same.
fn check_limits(source: &str, change: impl Fn(&mut Limits), is_page: bool) {
    let mut first = None;
    for (optimize, probe) in modes().filter(|(optimize, _)| *optimize == Optimize::default()) {
        let mut options = Options {
            optimize,
            probe,
            ..Options::default()
        };
        change(&mut options.limits);
        let environment = Environment::with_options(options).unwrap();
        let template = environment.from_string(source).unwrap();
        let context: &Context = &context! {
            word => "abcde", n => 3, floats => [1.5, 2.5], words => words(source),
        };
        let whole = template.render(context);
        let pieces: Result<String, Error> = template.render_stream(context).collect();
        for result in [whole, pieces] {
            let told = result.map_err(|error| (error.code(), error.line(), error.column()));
            assert_eq!(told.is_ok(), is_page, "{source}: {told:?}, {probe:?}");
            let wanted = first.get_or_insert_with(|| told.clone());
            assert_eq!(told, *wanted, "{source}, {probe:?}");
        }
    }
}

#[test]
fn output_ends_at_its_limit() {
    for source in [
        "{{ word }}{{ word }}",
        "0123456789",
        "{{ n }}{{ n }}{{ n }}{{ n }}{{ n }}{{ n }}{{ n }}{{ n }}{{ n }}{{ n }}",
        "01234{{ word }}",
        "{{ word }}01234",
        "{% for i in range(10) %}{{ i }}{% end %}",
        "{% for i in range(5) %}{{ n }}{{ i }}{% end %}",
        "{% for i in range(2) %}{% if i %}{{ word }}{% else %}01234{% end %}{% end %}",
        "{% capture c %}{{ word }}01234{% end %}{{ c | upper }}",
        "{% def f() %}{{ word }}01234{% end %}{{ f() }}",
        "{{ word ~ word }}",
        "{{ 1.5 }}{{ 1234567 }}",
        "{% for f in floats %}{{ f }};;{% end %}",
        "{% for w in words %}{{ w }}{% end %}",
        "{% for w in words %}<{{ w }}>{% end %}",
    ] {
        check_limits(source, |limits| limits.output = 10, true);
        check_limits(source, |limits| limits.output = 9, false);
        check_limits(source, |limits| limits.output = 4, false);
    }
}

#[test]
fn rounds_end_at_their_limit() {
    for source in [
        "{% for i in range(10) %}{{ i }}{% end %}",
        "{% for i in range(5) %}{{ i }}{% end %}{% for f in [1, 2, 3, 4, 5] | sort %}{{ f }}{% end %}",
        "{% let i = 0 %}{% while i < 10 %}{% let i = i + 1 %}{% end %}",
    ] {
        check_limits(source, |limits| limits.loop_rounds = 10, true);
        check_limits(source, |limits| limits.loop_rounds = 9, false);
    }
}
