//! Paths that are walked once, against pages that walk them each time: with
//! more of them than a unit shares, and among more registers than the pass
//! follows one by one.

use gravure::{
    Context, Environment, Error, Options,
    loader::MapLoader,
    unstable::{Optimize, Probe},
};
use proptest::{collection::vec, prelude::*};
use serde_json::{Map, Value, json};
use std::{sync::Arc, sync::LazyLock};

/// Names of the context; each holds the same members, but for some.
const N_NAMES: usize = 150;

static DATA: LazyLock<Context> = LazyLock::new(|| {
    let mut data = Map::new();
    for n in 0..N_NAMES {
        let mut inner =
            json!({ "c": n, "d": format!("<{n}>"), "l": [n, [n]], "e": { "f": { "g": n } } });
        if n % 11 == 10 {
            inner["c"] = Value::Null;
        }
        data.insert(format!("a{n}"), json!({ "b": inner, "n": n }));
    }
    data.insert("xs".to_owned(), json!([1, 2, 3]));
    Context::from_serialize(&Value::Object(data)).unwrap()
});

const PART: (&str, &str) = ("part", "({{ a1.b.c }}{{ a1.b.d }}{{ a1.b.c }})");

fn render(main: &str, paths: bool, probe: Probe) -> Result<String, Error> {
    let options = Options {
        loader: Some(Arc::new(MapLoader::from([("main", main), PART]))),
        optimize: Optimize {
            paths,
            ..Optimize::default()
        },
        probe,
        ..Options::default()
    };
    Environment::with_options(options)?.render("main", &*DATA)
}

/// Page, or code and place.
fn told(page: Result<String, Error>) -> Result<String, String> {
    page.map_err(|error| {
        let place = (error.line(), error.column(), error.end_column());
        format!("{} {} {place:?}", error.code(), error.message())
    })
}

/// With the pass and without, freeing at every chance and op by op.
fn same(main: &str) -> Result<String, String> {
    let plain = told(render(main, false, Probe::default()));
    for probe in [
        Probe::default(),
        Probe {
            collect_always: true,
            ..Probe::default()
        },
        Probe {
            is_plain: true,
            ..Probe::default()
        },
    ] {
        assert_eq!(told(render(main, true, probe)), plain, "{main}");
    }
    plain
}

fn has_homes(main: &str) -> bool {
    let listing = |paths| {
        let options = Options {
            optimize: Optimize {
                paths,
                ..Optimize::default()
            },
            ..Options::default()
        };
        let environment = Environment::with_options(options).unwrap();
        environment.from_string(main).unwrap().disassemble()
    };
    listing(true) != listing(false)
}

/// Each of so many paths, twice.
fn many(n: usize) -> String {
    let walked = |n: usize| format!("{{{{ a{n}.b.c }}}},{{{{ a{n}.b.d }}}}|");
    let once: String = (0..n).map(walked).collect();
    format!("{once}\n{once}")
}

#[test]
fn as_many_homes_as_there_are_and_more() {
    for n in [1, 31, 32, 33, 63, 64, 65, 66, 100, N_NAMES] {
        let page = same(&many(n)).unwrap();
        assert_eq!(page.matches('|').count(), 2 * n);
        assert!(has_homes(&many(n)), "{n}");
        // In a unit of its own each, with others around it.
        let def = format!(
            "{{% def f() %}}{}{{% end %}}{{{{ f() }}}}{{{{ f() }}}}",
            many(n)
        );
        assert_eq!(same(&def).unwrap().matches('|').count(), 4 * n);
        let rounds = format!("{{% for x in xs %}}{}{{% end %}}", many(n));
        assert_eq!(same(&rounds).unwrap().matches('|').count(), 6 * n);
    }
}

/// A list, a call or a dict has all its values in registers side by side.
#[test]
fn windows_wider_than_the_pass_follows() {
    for width in [8, 30, 31, 32, 33, 34, 64, 70, 140] {
        let at = |n: usize| format!("a{}.b", n % N_NAMES);
        let values = |member: &str| {
            let values = (0..width).map(|n| format!("{}.{member}", at(n)));
            values.collect::<Vec<_>>().join(", ")
        };
        let names = |prefix: &str| {
            let names = (0..width).map(|n| format!("{prefix}{n}"));
            names.collect::<Vec<_>>().join(", ")
        };
        let named: Vec<String> = (0..width).map(|n| format!("p{n}={}.c", at(n))).collect();
        let named = named.join(", ");
        let entries: Vec<String> = (0..width).map(|n| format!("'k{n}': {}.d", at(n))).collect();
        let entries = entries.join(", ");
        let (c, d, params) = (values("c"), values("d"), names("p"));
        for main in [
            format!("{{{{ [{c}] }}}}{{{{ [{d}] }}}}{{{{ [{c}] }}}}"),
            format!("{{{{ ({c}, {d}) }}}}{{{{ a0.b.c }}}}{{{{ a0.b.d }}}}"),
            format!("{{{{ {{ {entries} }} }}}}{{{{ {{ {entries} }} }}}}"),
            format!("{{{{ a1.b.c }}}}{{{{ [{c}] | join(a1.b.d) }}}}{{{{ a1.b.c }}}}"),
            format!(
                "{{% def f({params}) %}}{{{{ p0 }}}}{{{{ p{} }}}}{{% end %}}{{{{ a0.b.c }}}}\
                {{{{ f({c}) }}}}{{{{ f({named}) }}}}{{{{ a0.b.c }}}}{{{{ a0.b.d }}}}",
                width - 1
            ),
            format!(
                "{{{{ a0.b.c }}}}{{{{ dict({named}) }}}}{{{{ a0.b.d }}}}{{{{ dict({named}) }}}}"
            ),
            format!(
                "{{% set v = [{c}, [{d}, [{c}]]] %}}{{{{ v }}}}{{{{ a2.b.c }}}}{{{{ a2.b.d }}}}"
            ),
            format!(
                "{{% let a0 = a1 %}}{{{{ [{c}] }}}}{{% let a1 = a2 %}}{{{{ [{c}] }}}}{{{{ a0.b.c }}}}"
            ),
            format!("{{% for x in [{d}] %}}{{{{ x }}}}{{{{ a0.b.c }}}}{{{{ a0.b.d }}}}{{% end %}}"),
            format!("{{% include 'part' %}}{{{{ [{c}] }}}}{{% include 'part' %}}{{{{ [{d}] }}}}"),
            // What fails fails at the same place.
            format!("{{{{ [{c}] }}}}\n{{{{ [{d}, a0.b.nobody.x] }}}}"),
            format!(
                "{{{{ [{c}] }}}}{{% try %}}{{{{ [{d}, a0.b.c.x.y] }}}}{{% fallback %}}!{{% end %}}{{{{ [{d}] }}}}"
            ),
        ] {
            let _ = same(&main);
        }
    }
}

fn path() -> impl Strategy<Value = String> {
    let member = proptest::sample::select(
        &[
            ".n",
            ".b.c",
            ".b.d",
            ".b.l[1][0]",
            ".b.e.f.g",
            ".b.e.f",
            ".b.nope",
            ".b?.c",
        ][..],
    );
    (0usize..90, member).prop_map(|(n, member)| format!("a{n}{member}"))
}

fn statement() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        6 => path().prop_map(|it| format!("{{{{ {it} }}}},")),
        1 => (path(), path()).prop_map(|(a, b)| format!("{{{{ {a} ~ {b} }}}};")),
        1 => (0usize..90, path()).prop_map(|(n, it)| format!("{{% let a{n} = {it} %}}")),
        1 => (0usize..90, 0usize..90).prop_map(|(n, m)| format!("{{% set a{n} = a{m} %}}")),
        1 => Just("{% include 'part' %}".to_owned()),
        1 => vec(path(), 30..50).prop_map(|all| format!("{{{{ [{}] }}}}", all.join(", "))),
        1 => vec(path(), 30..50).prop_map(|all| format!("{{{{ dict(k=[{}]) }}}}", all.join(", "))),
    ];
    leaf.prop_recursive(3, 60, 8, |inner| {
        let body = vec(inner, 1..8).prop_map(|all| all.concat());
        prop_oneof![
            (path(), body.clone())
                .prop_map(|(it, body)| format!("{{% if {it} %}}{body}{{% end %}}")),
            (path(), body.clone(), body.clone())
                .prop_map(|(it, a, b)| format!("{{% if {it} %}}{a}{{% else %}}{b}{{% end %}}")),
            body.clone()
                .prop_map(|body| format!("{{% for x in xs %}}{body}{{% end %}}")),
            body.clone()
                .prop_map(|body| format!("{{% try %}}{body}{{% fallback %}}!{{% end %}}")),
            body.clone()
                .prop_map(|body| format!("{{% capture c %}}{body}{{% end %}}{{{{ c }}}}")),
            body.prop_map(|body| format!("{{% def f() %}}{body}{{% end %}}{{{{ f() }}}}")),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_page_of_many_paths(all in vec(statement(), 20..60)) {
        let _ = same(&all.concat());
    }
}
