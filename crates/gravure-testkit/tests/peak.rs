//! What a render holds at its worst, under the tightest bound that lets it end:
//! never more than twice that bound and 64 KiB. A binary of its own, since it
//! replaces the allocator, which counts a block twice while it grows.
//!
//! Some of the corpus is tried; `GRAVURE_STRESS` set tries all of it.

use gravure::{Code, Environment, Error};
use gravure_testkit::{Case, Starved, cases};
use peak_alloc::PeakAlloc;
use std::{fs, path::Path, thread};

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// What no render is counted for: tables at rest, the thread.
const SLACK: usize = 64 << 10;

/// Bytes beyond those at the start, at the worst moment. A thread of its own
/// has no memory of renders before.
fn peak_of(run: &(impl Fn() + Sync)) -> usize {
    thread::scope(|scope| {
        let measured = scope.spawn(|| {
            ALLOCATOR.reset_peak_usage();
            let before = ALLOCATOR.current_usage();
            run();
            ALLOCATOR.peak_usage().saturating_sub(before)
        });
        measured.join().unwrap()
    })
}

/// The smallest bound that does.
fn counted(does: impl Fn(u64) -> bool) -> usize {
    let (mut low, mut high) = (0, 1 << 12);
    while !does(high) {
        (low, high) = (high, high * 2);
        assert!(high < 1 << 32, "it never ends");
    }
    while high - low > high / 16 {
        let middle = low + (high - low) / 2;
        match does(middle) {
            true => high = middle,
            false => low = middle,
        }
    }
    high as usize
}

fn is_starved(page: &Result<String, Error>) -> bool {
    page.as_ref()
        .is_err_and(|error| error.code() == Code::RunBudget)
}

/// What is wrong with a render, if anything.
fn judge(name: &str, render: impl Fn(u64) -> Result<String, Error> + Sync) -> Option<String> {
    // Whatever is compiled, and whatever is made once, is there.
    let _ = render(u64::MAX);
    if peak_of(&|| drop(render(u64::MAX))) <= SLACK {
        return None;
    }
    let counted = counted(|bytes| !is_starved(&render(bytes)));
    let peak = peak_of(&|| drop(render(counted as u64)));
    let bound = 2 * counted + SLACK;
    (peak > bound).then(|| format!("{name}: {peak} bytes, counted {counted}"))
}

fn corpus() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|it| it == "jsonl") {
            let text = fs::read(path).unwrap();
            all.extend(cases(&text).map(|(_, case)| case.unwrap()));
        }
    }
    all
}

/// Templates that hold much, each in its own way.
const LARGE: &[(&str, &str)] = &[
    ("a page", "{% for i in range(40000) %}{{ i }} {% end %}"),
    ("a page of text", "{{ 'abcdefgh' * 40000 }}"),
    (
        "a list",
        "{% set x = range(40000) | list %}{{ x | length }}",
    ),
    (
        "a list that grows",
        "{% set x = [] %}{% for i in range(12000) %}{% set _ = x.append(i) %}{% end %}{{ x | length }}",
    ),
    (
        "a dict",
        "{% set d = {} %}{% for i in range(8000) %}{% set _ = d.update({i: i}) %}{% end %}{{ d | length }}",
    ),
    (
        "texts",
        "{% set x = [] %}{% for i in range(8000) %}{% set _ = x.append('text ' ~ i) %}{% end %}{{ x | length }}",
    ),
    (
        "one long text",
        "{% set x = 'abc' * 100000 %}{{ x | length }}",
    ),
    (
        "texts joined",
        "{% set x = range(40000) | join(',') %}{{ x | length }}",
    ),
    (
        "a text replaced",
        "{{ ('ab' * 40000) | replace('a', 'xyz') | length }}",
    ),
    ("a text split", "{{ ('ab,' * 20000).split(',') | length }}"),
    ("a text escaped", "{{ ('<&>' * 20000) | escape | length }}"),
    ("upper case", "{{ ('ab' * 60000) | upper | length }}"),
    ("characters", "{{ ('ab' * 12000) | list | length }}"),
    ("sorted", "{{ range(20000) | sort(reverse=true) | length }}"),
    (
        "sorted texts",
        "{{ ([n ~ 'x' for n in range(8000)] | sort) | length }}",
    ),
    ("unique", "{{ range(12000) | unique | list | length }}"),
    (
        "grouped",
        "{% set x = [{'a': n % 100} for n in range(8000)] %}{{ x | groupby('a') | length }}",
    ),
    (
        "reversed",
        "{{ range(20000) | list | reverse | list | length }}",
    ),
    ("batches", "{{ range(20000) | batch(3) | list | length }}"),
    ("slices", "{{ range(20000) | slice(3) | list | length }}"),
    (
        "a comprehension",
        "{{ [n * 2 for n in range(40000)] | length }}",
    ),
    ("JSON", "{{ range(20000) | list | tojson | length }}"),
    ("printed", "{{ range(20000) | list | string | length }}"),
    ("pprint", "{{ range(8000) | list | pprint | length }}"),
    (
        "a capture",
        "{% capture x %}{% for i in range(20000) %}{{ i }}{% end %}{% end %}{{ x | length }}",
    ),
    (
        "a filter block",
        "{% filter upper %}{% for i in range(20000) %}ab{{ i }}{% end %}{% end %}",
    ),
    (
        "spaceless",
        "{% spaceless %}{% for i in range(12000) %}<b> {{ i }} </b> {% end %}{% end %}",
    ),
    (
        "a stack",
        "{% stack 's' %}{% for i in range(8000) %}{% push 's' %}{{ i }}{% end %}{% end %}",
    ),
    (
        "a slot",
        "{% def d() %}{% slot %}{% end %}{% call d() %}{% for i in range(20000) %}{{ i }}{% end %}{% end %}",
    ),
    (
        "a big integer",
        "{{ (10 ** 20000) | string | length if false else (2 ** 500000) > 0 }}",
    ),
    (
        "calls",
        "{% def d(n) %}{% if n > 0 %}{{ d(n - 1) }}{{ n }}{% end %}{% end %}{{ d(400) }}",
    ),
    (
        "variables",
        "{% for i in range(1000) %}{% let a = i ~ 'x' %}{{ a }}{% end %}",
    ),
    (
        "a sum of lists",
        "{{ ([1] * 40000 + [2] * 40000) | length }}",
    ),
    (
        "a set",
        "{{ (range(12000) | list) | unique | list | join | length }}",
    ),
    (
        "words",
        "{{ ('word ' * 12000) | title | wordwrap(40) | length }}",
    ),
    ("format", "{{ '{:10000}' | format('x') | length }}"),
    (
        "nested lists",
        "{% set x = [[n, [n]] for n in range(8000)] %}{{ x | length }}",
    ),
    (
        "items",
        "{% set d = dict() %}{% for i in range(10000) %}{% set _ = d.update({'k' ~ i: [i]}) %}{% end %}{{ d.items() | list | length }}",
    ),
];

#[test]
fn a_render_holds_at_most_twice_what_it_is_counted_for() {
    let mut wrong = Vec::new();
    let mut n = 0;
    let every = match std::env::var_os("GRAVURE_STRESS") {
        Some(_) => 1,
        None => 6,
    };
    for case in corpus().into_iter().step_by(every) {
        if let Some(starved) = Starved::new(&case) {
            n += 1;
            wrong.extend(judge(&case.id, |memory| starved.render(u64::MAX, memory)));
        }
    }
    assert!(n > 4_000 / every, "only {n} cases");
    for (name, source) in LARGE {
        let environment = Environment::new();
        let template = environment.from_string(source);
        let template = template.unwrap_or_else(|error| panic!("{name}: {error}"));
        let context = gravure::Context::new();
        let render = |memory| {
            let options = gravure::RenderOptions {
                limits: Some(gravure::Limits {
                    memory,
                    ..gravure::Limits::default()
                }),
                ..gravure::RenderOptions::default()
            };
            template.render_with(&context, &options)
        };
        if let Err(error) = render(u64::MAX) {
            wrong.push(format!("{name}: {error}"));
        }
        wrong.extend(judge(name, render));
    }
    assert!(
        wrong.is_empty(),
        "{} of {n}:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
