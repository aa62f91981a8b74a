//! What a step costs: nanoseconds a step of work that allocates, under the
//! bounds for templates of strangers. `price [NANOSECONDS]` fails if any is
//! dearer than that.
#![forbid(unsafe_code)]

use gravure::{Environment, Limits, Options};
use std::{env, process::exit, time::Instant};

/// Work in a loop, which ends when the fuel does.
const WORK: &[(&str, &str)] = &[
    ("groupby", "{% set y = rows | groupby('n') %}"),
    ("zip", "{% set y = zip(ns, ns) | list %}"),
    ("dict", "{% set y = dict(ps) %}"),
    ("dict of names", "{% set y = dict(d, z=1) %}"),
    ("pprint", "{% set y = rows | pprint %}"),
    ("split", "{% set y = words.split() %}"),
    ("split by", "{% set y = words.split(' ') %}"),
    ("split short", "{% set y = 'a b'.split() %}"),
    ("splitlines", "{% set y = lines.splitlines() %}"),
    ("enumerate", "{% set y = enumerate(ns) | list %}"),
    ("items", "{% set y = d.items() | list %}"),
    ("batch", "{% set y = ns | batch(1) %}"),
    ("slice", "{% set y = ns | slice(50) %}"),
    ("list of text", "{% set y = words | list %}"),
    ("map upper", "{% set y = ws | map('upper') %}"),
    ("sort", "{% set y = ws | sort %}"),
    ("unique", "{% set y = ws | unique %}"),
    ("set", "{% set y = set(ws) %}"),
    ("dictsort", "{% set y = d | dictsort %}"),
    ("tojson", "{% set y = rows | tojson %}"),
    ("wordwrap", "{% set y = words | wordwrap(2) %}"),
    ("format", "{% set y = '{:>9}'.format(1) %}"),
    ("concat", "{% set y = n ~ 'a' %}"),
    ("list", "{% set y = [n, n] %}"),
    ("dict literal", "{% set y = {'a': n} %}"),
    ("tuple", "{% set y = (n, n) %}"),
    ("nothing", "{% set y = n %}"),
];

fn main() {
    let most: f64 = env::args()
        .nth(1)
        .and_then(|it| it.parse().ok())
        .unwrap_or(f64::MAX);
    let data = serde_json::json!({
        "n": 3,
        "ns": (0..200).collect::<Vec<_>>(),
        "ps": (0..200).map(|n| (format!("k{n}"), n)).collect::<Vec<_>>(),
        "ws": (0..200).map(|n| format!("w{n}")).collect::<Vec<_>>(),
        "rows": (0..200).map(|n| serde_json::json!({ "n": n, "s": "x" })).collect::<Vec<_>>(),
        "d": (0..200).map(|n| (format!("k{n}"), n)).collect::<std::collections::BTreeMap<_, _>>(),
        "words": "a b c d e f g h i j ".repeat(20),
        "lines": "a\nb\n".repeat(100),
    });
    let mut is_dear = false;
    for (name, work) in WORK {
        let options = Options {
            limits: Limits {
                fuel: 2_000_000,
                ..Limits::untrusted()
            },
            ..Options::untrusted()
        };
        let environment = Environment::with_options(options).expect("good options");
        let source = format!("{{% while true %}}{work}{{% end %}}");
        let template = environment.from_string(&source).expect("it compiles");
        // The best of some: the machine has other work.
        let mut best = f64::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            let (page, steps) = template.render_counting(&data);
            let taken = start.elapsed().as_nanos() as f64;
            assert!(page.is_err(), "there is no end but that of the fuel");
            best = best.min(taken / steps.max(1) as f64);
        }
        println!("{name:14} {best:6.1} ns a step");
        is_dear |= best > most;
    }
    exit(i32::from(is_dear));
}
