//! Data of a host that contains itself, that never ends, or that says one
//! thing and gives another: each template gives a page or a code, on a stack of
//! 128 KiB, with and without the bounds of templates that are not trusted.

use gravure::{
    AsData, Bindings, Code, Data, Environment, Error, Fault, Object, Options, Sequence,
    SharedObject,
};
use std::{
    fmt::Write,
    sync::{Arc, Weak},
    thread,
};

const STACK: usize = 128 << 10;

fn small<T: Send>(run: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        let thread = thread::Builder::new().stack_size(STACK);
        let thread = thread.spawn_scoped(scope, run).unwrap();
        thread.join().expect("the thread survives")
    })
}

/// Every attribute, item, member and answer of it is the thing itself.
struct Own;

impl AsData for Own {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

impl Object for Own {
    fn attr<'a>(&'a self, _: &str) -> Option<Data<'a>> {
        Some(Data::Object(self))
    }
    fn item<'a>(&'a self, _: &Data<'_>) -> Option<Data<'a>> {
        Some(Data::Object(self))
    }
    fn items<'a>(&'a self) -> Option<Vec<Data<'a>>> {
        Some(vec![Data::Object(self), Data::Object(self)])
    }
    fn call<'a>(&'a self, _: &str, _: &[Data<'_>]) -> Option<Result<Data<'a>, Fault>> {
        Some(Ok(Data::Object(self)))
    }
    fn print(&self) -> String {
        "own".to_owned()
    }
}

/// The same, kept alive by itself as long as a template holds it.
#[derive(Debug)]
struct Kept(Weak<Kept>);

impl Kept {
    fn new() -> Arc<Self> {
        Arc::new_cyclic(|it| Self(it.clone()))
    }
    fn this(&self) -> Data<'static> {
        match self.0.upgrade() {
            Some(it) => Data::Shared(it),
            None => Data::None,
        }
    }
}

impl SharedObject for Kept {
    fn attr(&self, _: &str) -> Option<Data<'static>> {
        Some(self.this())
    }
    fn items(&self) -> Option<Vec<Data<'static>>> {
        Some(vec![self.this(), self.this()])
    }
    fn call(&self, _: &str, _: &[Data<'_>]) -> Option<Result<Data<'static>, Fault>> {
        Some(Ok(self.this()))
    }
    fn print(&self) -> String {
        "kept".to_owned()
    }
}

/// A list of nothing but itself.
struct Nest;

impl AsData for Nest {
    fn as_data(&self) -> Data<'_> {
        Data::Seq(self)
    }
}

impl Sequence for Nest {
    fn len(&self) -> usize {
        1
    }
    fn get(&self, _: usize) -> Option<Data<'_>> {
        Some(Data::Seq(self))
    }
}

/// A list that says that it has more members than there is memory.
struct Endless;

impl AsData for Endless {
    fn as_data(&self) -> Data<'_> {
        Data::Seq(self)
    }
}

impl Sequence for Endless {
    fn len(&self) -> usize {
        usize::MAX
    }
    fn get(&self, at: usize) -> Option<Data<'_>> {
        Some(Data::Int(at as i64))
    }
}

/// A list that says that it has three members and gives none.
struct Liar;

impl AsData for Liar {
    fn as_data(&self) -> Data<'_> {
        Data::Seq(self)
    }
}

impl Sequence for Liar {
    fn len(&self) -> usize {
        3
    }
    fn get(&self, _: usize) -> Option<Data<'_>> {
        None
    }
}

/// What a template gives, short enough to be written down.
fn outcome(source: &str, is_bounded: bool) -> String {
    let page = small(|| -> Result<String, Error> {
        let options = match is_bounded {
            true => Options {
                limits: gravure::Limits {
                    fuel: 300_000,
                    ..gravure::Limits::untrusted()
                },
                ..Options::untrusted()
            },
            false => Options {
                // Something must end what would not end.
                limits: gravure::Limits {
                    memory: 64 << 20,
                    fuel: 300_000,
                    ..gravure::Limits::default()
                },
                ..Options::default()
            },
        };
        let environment = Environment::with_options(options)?;
        let context = Bindings::new()
            .lend("own", &Own)
            .give("kept", Kept::new())
            .lend("nest", &Nest)
            .lend("endless", &Endless)
            .lend("liar", &Liar);
        environment.from_string(source)?.render(&context)
    });
    match page {
        Ok(page) => page.chars().take(60).collect(),
        Err(error) => error.code().as_str().to_owned(),
    }
}

/// A template, and what it gives.
const CASES: &[(&str, &str)] = &[
    // Printed.
    (
        "{{ own }} {{ kept }} {{ [own, [kept]] }}",
        "own kept [own, [kept]]",
    ),
    ("{{ nest }}", "K-RUN-019"),
    ("{{ nest | string | length }}", "K-RUN-019"),
    ("{{ nest | pprint }}", "K-RUN-019"),
    ("{{ [nest] ~ '' }}", "K-RUN-019"),
    ("{{ '%s' % [nest] }}", "K-RUN-019"),
    ("{{ endless }}", "K-RUN-019"),
    (
        "{{ liar }} {{ liar | length }} {{ liar | list }}",
        "[] 3 []",
    ),
    (
        "{{ own.a.b.c['d'].e().f }} {{ kept.a.b.c.e().f }}",
        "own kept",
    ),
    // As JSON.
    ("{{ own | tojson }} {{ kept | tojson }}", "\"own\" \"kept\""),
    ("{{ nest | tojson }}", "K-RUN-019"),
    ("{{ endless | tojson }}", "K-RUN-019"),
    ("{{ liar | tojson }}", "[]"),
    // Compared.
    (
        "{{ own == own }} {{ kept == kept }} {{ own == kept }}",
        "True True False",
    ),
    ("{{ nest == nest }}", "K-RUN-019"),
    ("{{ [nest] == [[nest]] }}", "K-RUN-019"),
    ("{{ nest < nest }}", "K-RUN-019"),
    ("{{ nest in nest }}", "K-RUN-019"),
    ("{{ own in own }} {{ kept in kept }}", "True True"),
    ("{{ 5 in endless }} {{ endless[5] }}", "True 5"),
    ("{{ -1 in endless }}", "K-RUN-019"),
    ("{{ endless == endless }}", "K-RUN-019"),
    ("{{ liar == liar }} {{ liar == [1, 2, 3] }}", "True True"),
    // As keys.
    ("{{ {own: 1}[own] }}", "1"),
    ("{{ {kept: 1}[kept] }}", "1"),
    ("{{ {nest: 1} }}", "K-RUN-012"),
    ("{{ set([own, own, kept, kept]) | length }}", "2"),
    ("{{ set(nest) }}", "K-RUN-019"),
    ("{{ nest | unique | list | length }}", "K-RUN-019"),
    ("{{ {}[nest] }}", "K-RUN-012"),
    // Sorted.
    ("{{ [own, own] | sort }}", "[own, own]"),
    ("{{ [nest, nest] | sort | length }}", "K-RUN-019"),
    ("{{ [kept, kept] | sort(attribute='a.b') }}", "[kept, kept]"),
    ("{{ endless | sort }}", "K-RUN-019"),
    ("{{ liar | sort }} {{ liar | max }}", "K-RUN-007"),
    // Gone through.
    (
        "{% for a in own %}{% for b in a %}{% for c in b %}.{% end %}{% end %}{% end %}",
        "........",
    ),
    (
        "{% def f(x, n) %}{{ n }}{% for y in x %}{{ f(y, n + 1) }}{% end %}{% end %}{{ f(own, 0) }}",
        "K-RUN-018",
    ),
    (
        "{% def f(x) %}{% for y in x %}{{ f(y) }}{% end %}{% end %}{{ f(nest) }}",
        "K-RUN-018",
    ),
    (
        "{% let x = nest %}{% while true %}{% let x = x[0] %}{% end %}",
        "K-RUN-019",
    ),
    (
        "{% let x = own %}{% for i in range(9000) %}{% let x = x.y %}{% end %}{{ x }}",
        "own",
    ),
    (
        "{% for x in endless %}{% if x > 3 %}{% break %}{% end %}{{ x }}{% end %}",
        "0123",
    ),
    ("{% for x in endless %}{% end %}", "K-RUN-019"),
    (
        "{% for x in liar %}{{ x }},{{ loop.index }}{% empty %}none{% end %}",
        "none",
    ),
    (
        "{% for a, b in own %}{{ a }}{{ b }}{% end %}",
        "ownownownown",
    ),
    // Taken apart, joined, merged.
    (
        "{{ own | list }} {{ kept | list }}",
        "[own, own] [kept, kept]",
    ),
    ("{{ nest | list }}", "K-RUN-019"),
    ("{{ nest | join }}", "K-RUN-019"),
    ("{{ endless | join }}", "K-RUN-019"),
    ("{{ endless | list | length }}", "K-RUN-019"),
    ("{{ endless[3:6] }}", "[3, 4, 5]"),
    (
        "{{ endless | length }} {{ endless | first }}",
        "18446744073709551615 0",
    ),
    ("{{ endless | last }}", "-2"),
    ("{{ endless | reverse | first }}", "K-RUN-019"),
    ("{{ endless | sum }}", "K-RUN-019"),
    ("{{ endless + [1] }}", "K-RUN-019"),
    ("{{ nest + nest }}", "K-RUN-019"),
    ("{{ nest * 3 }}", "K-RUN-019"),
    ("{{ dict(own) }}", "{own: own}"),
    ("{{ dict(nest) }}", "K-RUN-019"),
    ("{{ dict([[own, nest]]) }}", "K-RUN-019"),
    (
        "{{ {'a': own} | tojson }} {{ dict({'a': own}, a=kept) }}",
        "{\"a\": \"own\"} {&#39;a&#39;: kept}",
    ),
    (
        "{% let d = {'a': nest} %}{% set _ = d.update({'b': d}) %}{{ d | length }} {{ d }}",
        "K-RUN-019",
    ),
    (
        "{% let d = {} %}{% set _ = d.update({'d': d}) %}{{ d | tojson }}",
        "K-RUN-007",
    ),
    (
        "{% let d = {} %}{% set _ = d.update({'d': d}) %}{{ d == d }} {{ d == {'d': d} }}",
        "K-RUN-007",
    ),
    (
        "{% let l = [] %}{% set _ = l.append(l) %}{{ l == [l] }}",
        "K-RUN-007",
    ),
    (
        "{% let l = [] %}{% let m = [] %}{% set _ = l.append(m) %}{% set _ = m.append(l) %}{{ l == m }}",
        "K-RUN-007",
    ),
    (
        "{% let l = [] %}{% set _ = l.append(l) %}{{ [l, l] | sort }}",
        "[[[...]], [[...]]]",
    ),
    (
        "{% let l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}",
        "K-RUN-007",
    ),
    (
        "{% let l = [] %}{% set _ = l.append(l) %}{{ l | pprint }}",
        "K-RUN-007",
    ),
    (
        "{% let l = [] %}{% set _ = l.append(l) %}{{ l < l }}",
        "K-RUN-007",
    ),
    ("{{ zip(endless, endless) | first }}", "(0, 0)"),
    ("{{ enumerate(endless) | first }}", "(0, 0)"),
    ("{{ own | map('upper') | list }}", "K-RUN-010"),
    ("{{ own | map(attribute='a.b') | list }}", "[own, own]"),
    ("{{ own | groupby('a') | list | length }}", "1"),
    ("{{ endless | batch(2) | first }}", "K-RUN-019"),
    (
        "{{ own | attr('x') }} {{ own | length }} {{ kept | length }}",
        "own 2 2",
    ),
    ("{{ own | xmlattr }}", "K-RUN-012"),
    ("{{ own + own }}", "K-RUN-012"),
    (
        "{{ own | date }} {{ own | int }} {{ own | float }}",
        " 0 0.0",
    ),
    ("{% cache nest %}x{% end %}", "K-RUN-019"),
    ("{% include nest %}", "K-RUN-012"),
];

#[test]
fn what_contains_itself_ends() {
    let mut wrong = String::new();
    for &(source, wanted) in CASES {
        for is_bounded in [false, true] {
            let found = outcome(source, is_bounded);
            if found != wanted {
                let _ = writeln!(wrong, "{source}\n  {is_bounded}: {found}");
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn walks_without_a_bottom_end_by_memory() {
    let limits = gravure::Limits {
        memory: 4 << 20,
        ..gravure::Limits::default()
    };
    for source in [
        "{{ nest }}",
        "{{ nest | string }}",
        "{{ nest | tojson }}",
        "{{ nest == nest }}",
        "{{ nest < nest }}",
        "{{ [nest] == [[nest]] }}",
        "{{ endless + [1] }}",
        "{{ sum([[1], endless], []) }}",
        "{{ [endless, endless] | classes }}",
    ] {
        let page = small(|| {
            let environment = Environment::with_options(Options {
                limits: limits.clone(),
                ..Options::default()
            })?;
            let context = Bindings::new()
                .lend("nest", &Nest)
                .lend("endless", &Endless);
            environment.from_string(source)?.render(&context)
        });
        let error = page.expect_err(source);
        assert_eq!(error.code(), Code::RunBudget, "{source}: {error}");
    }
}
