//! Defs that builtins call: their keys and items are made by frames, so what
//! they do happens once, and nothing is bounded by the native stack.

use gravure::{Context, Environment, Error, Limits, Options, loader::MapLoader, unstable::Probe};
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

/// What `main` gives, and how often `tick()` was called.
fn render(main: &str) -> (Result<String, Error>, usize) {
    let ticks = Arc::new(AtomicUsize::new(0));
    let mut pages = Vec::new();
    for probe in [
        Probe::default(),
        Probe {
            collect_always: true,
            is_plain: true,
            ..Probe::default()
        },
    ] {
        ticks.store(0, Ordering::Relaxed);
        let loader = MapLoader::from([
            ("main", main),
            ("part", "{{ tick() }}p"),
            ("other", "{{ tick() }}o"),
        ]);
        let mut environment = Environment::with_options(Options {
            loader: Some(Arc::new(loader)),
            probe,
            limits: Limits {
                call_depth: 100,
                ..Limits::default()
            },
            ..Options::default()
        })
        .unwrap();
        let counter = ticks.clone();
        environment.add_function("tick", move || {
            counter.fetch_add(1, Ordering::Relaxed);
            ""
        });
        let template = environment.get_template("main").unwrap();
        pages.push(template.render(&Context::new()));
    }
    let told = |page: &Result<String, Error>| format!("{page:?}");
    assert_eq!(told(&pages[0]), told(&pages[1]), "{main}");
    (pages.remove(0), ticks.load(Ordering::Relaxed))
}

fn check(main: &str, wanted: &str, n_ticks: usize) {
    let (page, ticks) = render(main);
    let page = page.unwrap_or_else(|error| {
        let place = (error.line().unwrap_or(0), error.column().unwrap_or(0));
        format!("{} {}:{}", error.code(), place.0, place.1)
    });
    assert_eq!((&*page, ticks), (wanted, n_ticks), "{main}");
}

#[test]
fn what_a_def_does_is_done_once() {
    let def = "{% def f(x) %}{{ tick() }}{% if x == 2 %}{% include 'other' %}{% else %}\
               {% include 'part' %}{% end %}{{ 9 - x }}{% end %}{% set l = [1, 2, 3] %}";
    for (source, wanted, n_ticks) in [
        ("{{ sorted(l, key=f) }}", "[2, 3, 1]", 6),
        ("{{ min(l, key=f) }}{{ max(1, 2, key=f) }}", "21", 10),
        ("{% let _ = l.sort(key=f) %}{{ l }}", "[2, 3, 1]", 6),
        ("{% for x in map(f, l) %}{{ x }};{% end %}", "p8;o7;p6;", 6),
        (
            "{% for x in map(f, l) %}{{ loop.last }}{{ x }};{% end %}",
            "Falsep8;Falseo7;Truep6;",
            6,
        ),
        ("{% for x in filter(f, l) %}{{ x }};{% end %}", "1;2;3;", 6),
        (
            "{% for x in filter(f, l) %}{{ loop.length }};{% end %}",
            "3;3;3;",
            6,
        ),
        ("{% for x in map(f, l) %}{% break %}{% end %}", "", 2),
        (
            "{{ sorted([], key=f) }}{{ min([], key=f, default=0) }}",
            "[]0",
            0,
        ),
    ] {
        check(&format!("{def}{source}"), wanted, n_ticks);
    }
}

#[test]
fn a_fault_has_its_place_and_leaves_nothing_behind() {
    let def = "{% def f(x) %}{{ 1 // (x - 2) }}{% end %}{% def g(x) %}{{ 9 - x }}{% end %}\n";
    for (source, wanted) in [
        ("{{ sorted([1, 2], key=f) }}", "K-RUN-011 1:19"),
        ("{% for x in map(f, [1, 2]) %}{% end %}", "K-RUN-011 1:19"),
        ("{{ sorted([1, 2], key=f, nope=1) }}", "K-RUN-011 1:19"),
        ("{{ sorted(1, key=g) }}", "K-RUN-012 2:3"),
        ("{{ min(1, 2, default=3, key=g) }}", "K-RUN-012 2:3"),
        ("{{ sorted([1], key='x') }}", "K-RUN-012 2:3"),
        (
            "{% def two(a, b) %}{% end %}{{ sorted([1], key=two) }}",
            "K-RUN-012 2:31",
        ),
        (
            "{% try %}{{ sorted([1, 2], key=f) }}{% fallback %}-{% end %}{{ sorted([1, 2], key=g) }}",
            "\n-[2, 1]",
        ),
        (
            "{% for x in [1, 2] %}{% try %}{% for y in map(f, [1, 2]) %}{{ y }}{% end %}{% fallback %}-{% end %}{% end %}",
            "\n--",
        ),
        ("{{ sorted([1, 2], key=f) ?? 'x' }}", "K-RUN-011 1:19"),
    ] {
        check(&format!("{def}{source}"), wanted, 0);
    }
}

#[test]
fn sorting_in_sorting_is_bounded_by_calls_alone() {
    let deep = "{% def f(x) %}{% if x %}{{ sorted([x - 1], key=f) }}{% end %}{% end %}";
    check(&format!("{deep}{{{{ sorted([20], key=f) }}}}"), "[20]", 0);
    check(
        &format!("{deep}{{{{ sorted([2000], key=f) }}}}"),
        "K-RUN-018 1:27",
        0,
    );
}

#[test]
fn a_list_that_changes_while_it_is_sorted_keeps_its_items() {
    let source = "{% set l = [3, 1, 2] %}{% def f(x) %}{% let _ = l.append(0) %}{{ x }}{% end %}\
                  {% let _ = l.sort(key=f) %}{{ l }}";
    check(source, "[1, 2, 3]", 0);
}
