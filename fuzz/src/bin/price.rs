//! What a step costs: nanoseconds of processor time a step of work that
//! allocates or looks at much, over small inputs and over some that no cache
//! holds, under the bounds for templates of strangers. `price [NANOSECONDS
//! [NAME]]` fails if any is dearer than that.
#![forbid(unsafe_code)]

use gravure::{Context, Environment, Limits, Options};
use serde_json::{Value, json};
use std::{env, fs, process::exit, sync::OnceLock, time::Instant};

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

/// The same over data that are as large as such bounds allow.
const HUGE: &[(&str, &str)] = &[
    ("zip", "{% set y = zip(ns, ns) | list %}"),
    (
        "zip of many",
        "{% set y = zip(ns, ns, ns, ns, ns, ns) | list %}",
    ),
    ("zip, a loop", "{% for a, b in zip(ns, ns) %}{% end %}"),
    ("enumerate", "{% set y = enumerate(ns) | list %}"),
    ("set", "{% set y = set(ws) %}"),
    ("set of ints", "{% set y = set(ns) %}"),
    ("set of equals", "{% set y = set(es) %}"),
    ("dict", "{% set y = dict(ps) %}"),
    ("unique", "{% set y = ws | unique %}"),
    ("unique ints", "{% set y = ns | unique %}"),
    ("unique CASE", "{% set y = caps | unique %}"),
    ("groupby", "{% set y = rows | groupby('n') %}"),
    ("sort", "{% set y = ws | sort %}"),
    ("sort CASE", "{% set y = caps | sort %}"),
    ("reverse", "{% set y = ns | reverse | list %}"),
    ("join", "{% set y = ws | join(',') %}"),
    ("list", "{% set y = ns | list %}"),
    ("list of text", "{% set y = short | list %}"),
    ("list of é", "{% set y = accents | list %}"),
    ("map upper", "{% set y = ws | map('upper') | list %}"),
    ("upper", "{% set y = ascii | upper %}"),
    ("upper é", "{% set y = wide | upper %}"),
    ("upper aé", "{% set y = mixed | upper %}"),
    ("upper 日", "{% set y = kanji | upper %}"),
    (
        "upper printed",
        "{% capture y %}{{ accents | upper }}{% end %}",
    ),
    ("lower é", "{% set y = wide | lower %}"),
    ("lower aé", "{% set y = mixed | lower %}"),
    ("lower Σ", "{% set y = sigma | lower %}"),
    (".upper é", "{% set y = wide.upper() %}"),
    (".lower aé", "{% set y = mixed.lower() %}"),
    ("swapcase", "{% set y = ascii.swapcase() %}"),
    ("swapcase é", "{% set y = wide.swapcase() %}"),
    ("swapcase 日", "{% set y = kanji.swapcase() %}"),
    ("capitalize", "{% set y = ascii | capitalize %}"),
    ("capitalize é", "{% set y = wide | capitalize %}"),
    ("capitalize 日", "{% set y = kanji | capitalize %}"),
    ("title", "{% set y = ascii | title %}"),
    ("title é", "{% set y = wide | title %}"),
    ("casefold é", "{% set y = wide.casefold() %}"),
    ("casefold 日", "{% set y = kanji.casefold() %}"),
    ("slug é", "{% set y = wide | slug %}"),
    ("wordcount", "{% set y = ascii | wordcount %}"),
    ("length é", "{% set y = wide | length %}"),
    ("truncate é", "{% set y = wide | truncate(500000) %}"),
    ("wordwrap", "{% set y = ascii | wordwrap(3) %}"),
    ("indent", "{% set y = ascii | indent(1) %}"),
    ("urlencode é", "{% set y = wide | urlencode %}"),
    ("escape", "{% set y = markup | escape %}"),
    ("striptags", "{% set y = markup | striptags %}"),
    ("tojson é", "{% set y = wide | tojson %}"),
    ("tojson", "{% set y = rows | tojson %}"),
    ("pprint", "{% set y = rows | pprint %}"),
    ("replace", "{% set y = ascii | replace('a', 'bc') %}"),
    ("split", "{% set y = short.split() %}"),
    ("splitlines", "{% set y = short.splitlines() %}"),
    ("equal dicts", "{% set y = d == d2 %}"),
    ("in a dict", "{% set y = ws | select('in', d) | list %}"),
    ("attr", "{% set y = rows | map(attribute='n') | list %}"),
    (
        "selectattr",
        "{% set y = rows | selectattr('n', 'gt', 5) | list %}",
    ),
    ("print list", "{% capture y %}{{ ns }}{% end %}"),
    ("print rows", "{% capture y %}{{ rows }}{% end %}"),
    ("print floats", "{% capture y %}{{ fs }}{% end %}"),
    ("escape é", "{% capture y %}{{ wide }}{% end %}"),
    (
        "big to text",
        "{% let big = 7 ** 4000 %}{% while true %}{% set y = big ~ '' %}{% end %}",
    ),
    (
        "big product",
        "{% let big = 7 ** 40000 %}{% while true %}{% set y = big * big %}{% end %}",
    ),
    (
        "big quotient",
        "{% let big = 7 ** 40000 %}{% let c = 7 ** 10000 %}{% while true %}{% set y = big // c %}{% end %}",
    ),
    (
        "big quotient, long",
        "{% let big = 7 ** 40000 %}{% let c = 7 ** 20000 %}{% while true %}{% set y = big // c %}{% end %}",
    ),
    (
        "big quotient, short",
        "{% let big = 7 ** 40000 %}{% let c = 7 ** 2000 %}{% while true %}{% set y = big // c %}{% end %}",
    ),
    (
        "big rest",
        "{% let big = 7 ** 40000 %}{% let c = 7 ** 10000 %}{% while true %}{% set y = big % c %}{% end %}",
    ),
    (
        "big ratio",
        "{% let big = 7 ** 40000 %}{% let c = 7 ** 39900 %}{% while true %}{% set y = big / c %}{% end %}",
    ),
    ("big power", "{% set y = 3 ** 20000 %}"),
    ("huge power", "{% set y = 3 ** 200000 %}"),
    ("many powers", "{% set y = 3 ** 200 %}"),
    (
        "power of big",
        "{% let big = 7 ** 4000 %}{% while true %}{% set y = big ** 5 %}{% end %}",
    ),
    ("date %c", "{% set y = 1000000000 | date('%c') %}"),
    ("match short", "{% set y = 'a' is match('a') %}"),
    ("in, equally long", "{% set y = 'w9999x' in ws %}"),
    ("sort attr CASE", "{% set y = rows | sort(attribute='s') %}"),
    ("lookup", "{% for k in ks %}{% if d[k] %}{% end %}{% end %}"),
    (
        "lookup of JSON",
        "{% for k in ws %}{% if k in d %}{% end %}{% end %}",
    ),
    ("long key", "{% set y = d.get(ascii) %}"),
    ("long key, item", "{% set y = d?[ascii] %}"),
    ("long key in", "{% set y = ascii in d %}"),
    (
        "long attr",
        "{% set y = rows | map(attribute=ascii) | list %}",
    ),
    ("long groupby", "{% set y = rows | groupby(ascii) %}"),
    ("date long", "{% set y = 1000000000 | date(long_fields) %}"),
    ("float", "{% set y = digits | float %}"),
    ("title CASE", "{% set y = ascii.title() %}"),
    ("zfill", "{% set y = '1'.zfill(1000) %}"),
    ("reversed", "{% set y = short | reverse %}"),
    ("index", "{% set y = wide[300000] %}"),
    ("step", "{% set y = short[::-1] %}"),
    ("extend", "{% set y = [] %}{% set z = y.extend(ns) %}"),
    ("pop", "{% set y = ns | list %}{% set z = y.pop(0) %}"),
    ("remove", "{% set y = ns | list %}{% set z = y.remove(7) %}"),
    ("match wide", "{% set y = short is match('(a?){100}b') %}"),
    ("match large", "{% set y = 'a' is match('(a{100}){50}b') %}"),
    (
        "match words",
        "{% set y = ascii is match('[\\\\w ,.]*x') %}",
    ),
    ("is lower", "{% set y = wide is lower %}"),
    ("isalnum", "{% set y = wide.isalnum() %}"),
    ("istitle", "{% set y = wide.istitle() %}"),
    ("xmlattr", "{% set y = d | xmlattr %}"),
    ("items", "{% set y = d.items() | list %}"),
    ("dictsort", "{% set y = d | dictsort %}"),
    ("dict of dict", "{% set y = dict(d) %}"),
    ("copy", "{% set y = ns[:] %}"),
    ("slices of é", "{% set y = wide[10:400000] %}"),
    ("in", "{% set y = 'nope' in ws %}"),
    ("equal", "{% set y = ws == ws2 %}"),
    ("concat", "{% set y = wide ~ wide %}"),
    ("sum", "{% set y = ns | sum %}"),
    ("max", "{% set y = max(ws) %}"),
    ("random", "{% set y = ns | shuffle %}"),
    ("batch", "{% set y = ns | batch(2) | list %}"),
    ("format", "{% set y = '%s' % wide %}"),
    ("count", "{% set y = wide.count('é') %}"),
    ("find", "{% set y = wide.find('nope') %}"),
    ("expandtabs", "{% set y = ascii.expandtabs(2) %}"),
    ("center", "{% set y = short.center(1000) %}"),
    ("int", "{% set y = digits | int %}"),
    ("match", "{% set y = ascii is match('(a|b)*x') %}"),
    ("date fields", "{% set y = 1000000000 | date(fields) %}"),
];

const N: usize = 90_000;

fn small() -> Value {
    let n = || 0..200;
    json!({
        "n": 3,
        "ns": n().collect::<Vec<_>>(),
        "ps": n().map(|n| (format!("k{n}"), n)).collect::<Vec<_>>(),
        "ws": n().map(|n| format!("w{n}")).collect::<Vec<_>>(),
        "rows": n().map(|n| json!({ "n": n, "s": "x" })).collect::<Vec<_>>(),
        "d": n().map(|n| (format!("k{n}"), n)).collect::<std::collections::BTreeMap<_, _>>(),
        "words": "a b c d e f g h i j ".repeat(20),
        "lines": "a\nb\n".repeat(100),
    })
}

fn huge() -> Value {
    // In no order: neither of the values nor of their addresses.
    let n = || (0..N).map(|n| n * 7919 % N);
    json!({
        "ns": n().collect::<Vec<_>>(),
        "es": vec![1; N],
        "ps": n().map(|n| (format!("k{n}"), n)).collect::<Vec<_>>(),
        "ws": n().map(|n| format!("w{n}")).collect::<Vec<_>>(),
        "ks": n().map(|n| format!("k{n}")).collect::<Vec<_>>(),
        "ws2": n().map(|n| format!("w{n}")).collect::<Vec<_>>(),
        "caps": n().map(|n| format!("W{n}")).collect::<Vec<_>>(),
        "rows": n().take(N / 10).map(|n| json!({ "n": n, "s": "x" })).collect::<Vec<_>>(),
        "d": n().map(|n| (format!("k{n}"), n)).collect::<std::collections::BTreeMap<_, _>>(),
        "ascii": "Some Words, and more. ".repeat(30_000),
        "wide": "Öffentliche Ämter für größere Übungen ÀÉÎÕÜ ".repeat(15_000),
        "kanji": "日本語 ".repeat(60_000),
        "mixed": "aé".repeat(200_000),
        "sigma": "ΣΑΣ'ας. ".repeat(50_000),
        "fs": n().map(|n| n as f64 / 7.0).collect::<Vec<_>>(),
        "d2": n().map(|n| (format!("k{n}"), n)).collect::<std::collections::BTreeMap<_, _>>(),
        "short": "Some Words ".repeat(4_000),
        "accents": "éÀü ".repeat(9_000),
        "markup": "<b class='x'>&amp;</b> ".repeat(20_000),
        "digits": "123456789".repeat(400),
        "long_fields": "%c".repeat(10_000),
        "fields": "%Y-%m-%d ".repeat(10_000),
    })
}

/// Nanoseconds that this thread has run: other work does not count, where the
/// system tells.
fn running() -> u128 {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|it| it.split(' ').next()?.parse().ok());
    told.unwrap_or_else(|| START.get_or_init(Instant::now).elapsed().as_nanos())
}

/// Nanoseconds a step of some work, the best of some tries.
fn price(work: &str, data: &Context, fuel: u64, n_tries: usize) -> f64 {
    let options = Options {
        limits: Limits {
            fuel,
            loop_rounds: u64::MAX,
            ..Limits::untrusted()
        },
        max_time: None,
        ..Options::untrusted()
    };
    let environment = Environment::with_options(options).expect("good options");
    let source = format!("{{% while true %}}{work}{{% end %}}");
    let template = environment.from_string(&source).expect("it compiles");
    let mut best = f64::MAX;
    for _ in 0..n_tries {
        let start = running();
        let (page, steps) = template.render_counting(data);
        let taken = (running() - start) as f64;
        let error = page.expect_err("there is no end but that of the fuel");
        let why = error.message();
        assert!(why.starts_with("fuel"), "{work} ends otherwise: {why}");
        best = best.min(taken / steps.max(1) as f64);
    }
    best
}

fn main() {
    let mut args = env::args().skip(1);
    let most: f64 = args
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(f64::MAX);
    let only = args.next().unwrap_or_default();
    let small = Context::from_serialize(&small()).expect("data");
    let huge = Context::from_serialize(&huge()).expect("data");
    let small = WORK.iter().map(|work| (work, "", &small, 10_000_000, 2));
    let huge = HUGE
        .iter()
        .map(|work| (work, "huge: ", &huge, 10_000_000, 2));
    let mut dear = Vec::new();
    for ((name, work), size, data, fuel, n_tries) in small.chain(huge) {
        let name = format!("{size}{name}");
        if !name.contains(&only) {
            continue;
        }
        let price = price(work, data, fuel, n_tries);
        println!("{name:24} {price:6.1} ns a step");
        if price > most {
            dear.push(name);
        }
    }
    if !dear.is_empty() {
        println!("dearer than {most} ns: {}", dear.join(", "));
    }
    exit(i32::from(!dear.is_empty()));
}
