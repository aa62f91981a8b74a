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

#[test]
fn slots_are_called_too_and_may_be_empty() {
    let def = "{% def f() %}{{ sorted(['other', 'none', 'default'], key=caller) }}\
               {% for s in map(caller, ['none', 'default', 'other']) %}[{{ s }}]{% end %}\
               {% for s in filter(caller, ['none', 'default']) %}{{ s }}{% end %}\
               {% end %}{% call f() %}a{% slot other %}b{% end %}{% end %}";
    let page = "[&#39;none&#39;, &#39;default&#39;, &#39;other&#39;][][a][b]default";
    check(def, page, 0);
}

#[test]
fn what_is_read_below_a_builtin_is_read_again_if_a_template_must_be_loaded() {
    let def = "{% def f(x) %}{% if x % 2 %}{% include 'part' %}{% else %}{% include 'other' %}{% end %}{{ x }}{% end %}\
               {% set l = [1, 2, 3] %}";
    for (source, wanted) in [
        ("{{ map(f, l) | join(',') }}", "p1,o2,p3"),
        ("{{ filter(f, l) | list }}", "[1, 2, 3]"),
        ("{{ enumerate(map(f, l)) | list | length }}", "3"),
        ("{{ zip(enumerate(l), map(f, l)) | list | length }}", "3"),
        (
            "{% for i, x in enumerate(map(f, l)) %}{{ i }}{{ x }};{% end %}",
            "0p1;1o2;2p3;",
        ),
        ("{% for x in map(f, map(f, [1])) %}{{ x }}{% end %}", ""),
        (
            "{% for a, b in zip(l, map(f, l)) %}{{ a }}{{ b }};{% end %}",
            "1p1;2o2;3p3;",
        ),
        (
            "{% set a, b = map(f, [1, 2]) | list %}{{ a }}{{ b }}",
            "p1o2",
        ),
        (
            "{% for x, y in [map(f, [1, 2])] %}{{ x }}{{ y }}{% end %}",
            "p1o2",
        ),
        ("{{ 'o2' in map(f, l) }}{{ 'x' in map(f, l) }}", "TrueFalse"),
        (
            "{{ sorted(map(f, l)) | length }}{{ sorted(map(f, l), key=str) | length }}",
            "33",
        ),
        (
            "{% set m = map(f, l) %}{{ m | first }}{% for x in m %}{{ x }}{% end %}",
            "p1o2p3",
        ),
    ] {
        let (page, _) = render(&format!("{def}{source}"));
        match wanted {
            "" => assert!(page.is_err(), "a text cannot be counted with: {source}"),
            _ => assert_eq!(page.unwrap(), wanted, "{source}"),
        }
    }
}
