//! Pages whose values live in odd places, in every mode of the machine: a loop
//! below such a value collects what nobody holds, and must not collect it.
//!
//! The corpus runs in the same modes; here stand the templates that were
//! written for them.

use gravure::{
    Context, Environment, Options, context,
    loader::MapLoader,
    unstable::{Chunk, Optimize, Probe},
};
use std::sync::Arc;

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
        let context: &Context = &context! { words => ["b", "a", "c"], n => 3 };
        assert_eq!(template.render(context).unwrap(), page, "{probe:?}");
        let pieces: Result<String, _> = template.render_stream(context).collect();
        assert_eq!(pieces.unwrap(), page, "{probe:?}, in pieces");
    }
}

/// Makes garbage, and rounds at which it is collected.
const CHURN: &str = "{% for i in range(3) %}{{ ('z' ~ i ~ n) | replace('z', '') | length | string | replace('2', '') }}{% end %}";

fn churned(source: &str) -> String {
    source.replace("CHURN", CHURN)
}

fn check_one(source: &str, page: &str) {
    check(&[("main", &churned(source))], page);
}

#[test]
fn locals_temps_and_loop_items() {
    check_one("{% set x = 'v' ~ n %}CHURN{{ x }}", "v3");
    check_one("{% for w in words | map('upper') %}CHURN{{ w }}{% end %}", "BAC");
    check_one("{% for w in words | sort %}CHURN{{ loop.previtem }}{{ w }};{% end %}", "a;ab;bc;");
    check_one("{% for a in [n ~ 'x', n ~ 'y'] %}{% for b in [a ~ 1] %}CHURN{{ a }}{{ b }} {% end %}{% end %}", "3x3x1 3y3y1 ");
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
    check_one("{% set t = 'x' ~ n %}{% filter upper %}CHURN{{ t }}{% end %}{{ t }}", "X3x3");
}

#[test]
fn what_is_provided() {
    check_one(
        "{% def leaf() %}CHURN{{ consume('theme') }}{% end %}{% provide theme = 'dark' ~ n %}CHURN{{ leaf() }}{% end %}",
        "dark3",
    );
}

#[test]
fn templates_that_bring_in_others() {
    let part = churned("CHURN{{ x }}");
    let library = churned("{% set kept = 'k' ~ 1 %}{% def f(a) %}CHURN{{ a }}{{ kept }}{% end %}");
    let main = churned(
        "{% set x = 'x' ~ n %}{% include 'part' %}{% import 'library' as lib %}CHURN{{ lib.f('a' ~ n) }}{{ x }}",
    );
    check(&[("main", &main), ("part", &part), ("library", &library)], "x3a3k1x3");
    let base = churned("{% set t = 't' ~ n %}CHURN{% block a %}{% endblock %}{{ t }}");
    let main = churned("{% extends 'base' %}{% block a %}CHURN{% for w in [n ~ 'w'] %}CHURN{{ w }}{% end %}{% endblock %}");
    check(&[("main", &main), ("base", &base)], "3wt3");
    let main = churned(
        "{% set x = 'x' ~ n %}{% embed 'base' %}{% block a %}CHURN{{ x }}{% endblock %}{% end %}",
    );
    check(&[("main", &main), ("base", &base)], "x3t3");
}

#[test]
fn faults_that_are_caught() {
    check_one(
        "{% set x = 'x' ~ n %}{% try %}CHURN{{ none.a.b }}{% fallback error %}CHURN{{ error.code }}{{ x }}{% end %}",
        "K-RUN-009x3",
    );
}
