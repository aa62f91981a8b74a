//! What always holds, one test an invariant, by the numbers of
//! `docs/architecture.md`.

use gravure::{
    AutoEscape, Code, Context, ContextRef, Environment, Error, Limits, Options, Template, context,
    loader::{FileLoader, MapLoader},
    unstable::{Chunk, Probe},
};
use std::{
    cell::RefCell, collections::BTreeMap, fs, panic::RefUnwindSafe, path::Path, sync::Arc, thread,
};

/// Does not compile if the type has the trait: two ways to name one function.
macro_rules! never {
    ($type:ty: $($bound:tt)+) => {
        const _: fn() = || {
            trait Ambiguous<A> {
                fn some() {}
            }
            struct Has;
            impl<T: ?Sized> Ambiguous<()> for T {}
            impl<T: ?Sized + $($bound)+> Ambiguous<Has> for T {}
            let _ = <$type as Ambiguous<_>>::some;
        };
    };
}

// I3: nobody gets a chunk but through the verifier, and nobody changes one.
never!(Chunk: Default);
never!(Chunk: std::ops::DerefMut);
never!(Chunk: From<Vec<u8>>);
never!(Chunk: serde::de::DeserializeOwned);

// I4: threads share what is compiled, and nothing in a chunk can change behind
// a shared reference.
const _: fn() = || {
    fn shared<T: Send + Sync + 'static>() {}
    fn frozen<T: Send + Sync + RefUnwindSafe + 'static>() {}
    frozen::<Chunk>();
    frozen::<Context>();
    shared::<Environment>();
    shared::<Template>();
    shared::<Error>();
    shared::<Options>();
    fn lent<T: Copy + Send + Sync>() {}
    lent::<ContextRef<'static>>();
};

fn workloads() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/workloads")
}

thread_local! {
    static CHUNKS: RefCell<BTreeMap<String, Vec<u8>>> = const { RefCell::new(BTreeMap::new()) };
}

fn remember(chunk: Chunk) -> Chunk {
    let entry = (chunk.name.clone(), chunk.encode());
    CHUNKS.with_borrow_mut(|chunks| chunks.insert(entry.0, entry.1));
    chunk
}

/// The bytes of every template of a workload, by name, from an environment of
/// its own.
fn compile(folder: &Path, change: impl FnOnce(&mut Options)) -> BTreeMap<String, Vec<u8>> {
    let mut options = Options {
        loader: Some(Arc::new(FileLoader::new(folder))),
        probe: Probe {
            transform: Some(remember),
            ..Probe::default()
        },
        ..Options::default()
    };
    change(&mut options);
    let environment = Environment::with_options(options).unwrap();
    for name in environment.list_templates().unwrap() {
        if name.ends_with(".html") && name != "expected.html" {
            environment.get_template(&name).unwrap();
        }
    }
    CHUNKS.with_borrow_mut(std::mem::take)
}

#[test]
fn i2_same_source_same_bytes() {
    let mut n_chunks = 0;
    for entry in fs::read_dir(workloads()).unwrap() {
        let folder = entry.unwrap().path();
        if !folder.is_dir() {
            continue;
        }
        let first = compile(&folder, |_| {});
        let elsewhere = folder.clone();
        // Options that say how pages are rendered say nothing about chunks.
        let second = thread::spawn(move || {
            compile(&elsewhere, |options| {
                options.strict_undefined = false;
                options.limits.fuel = 7;
                options.probe.is_plain = true;
            })
        });
        assert!(first == second.join().unwrap(), "{}", folder.display());
        n_chunks += first.len();
    }
    assert!(n_chunks > 10, "only {n_chunks} chunks");
}

#[test]
fn i2_only_what_is_said_decides() {
    let folder = workloads().join("teams");
    let plain = compile(&folder, |_| {});
    let lean = compile(&folder, |options| options.keep_source = false);
    assert!(plain.keys().eq(lean.keys()) && plain != lean);
    let escaped = compile(&folder, |options| options.autoescape = false.into());
    assert!(plain.keys().eq(escaped.keys()) && plain != escaped);
}

#[test]
fn i3_what_comes_from_outside_is_verified() {
    let folder = workloads().join("page");
    for bytes in compile(&folder, |_| {}).values() {
        let chunk = Chunk::decode(bytes).expect("what was encoded is a chunk");
        assert_eq!(chunk.encode(), *bytes);
        let sourceless = chunk.strip().encode().len();
        for cut in (0..bytes.len()).step_by(97) {
            assert_eq!(
                Chunk::decode(&bytes[..cut]).is_ok(),
                cut == sourceless,
                "{cut}"
            );
        }
    }
}

#[test]
fn i4_threads_share_a_template() {
    let environment = Environment::new();
    let source = "{% for i in range(n) %}{{ i }}-{{ ('x' ~ i) | upper }} {% end %}";
    let template = environment.from_string(source).unwrap();
    let page = template.render(&context! { n => 50 }).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    assert_eq!(template.render(&context! { n => 50 }).unwrap(), page);
                }
            });
        }
    });
}

/// Fuel that no page here uses up.
const PLENTY: u64 = 1_000_000;

/// Pages with loops, calls, parents, filters and faults.
const COUNTED: [&str; 24] = [
    "{% for i in range(100) %}{{ i }}{% end %}",
    "{% for i in range(30) %}{% for j in words %}{% if j == 'b' %}{{ loop.index }}{% end %}{% end %}{% end %}",
    "{% let i = 0 %}{% while i < 9 %}{{ i }}{% let i = i + 1 %}{% end %}",
    "{% def f(a) %}{{ a | upper }}{% end %}{% for w in words %}{{ f(w) }}{% end %}",
    "{{ words | sort | join(',') }}{{ range(1000) | sum }}{{ 'x' * 1000 }}",
    "{% extends 'base' %}{% block a %}{% for w in words %}{{ w }}{% end %}{% endblock %}",
    "{% include 'base' %}{% for w in words %}{% capture c %}{{ w }}{% end %}{{ c }}{% end %}",
    "{% for i in range(20) %}{{ 10 // (10 - i) }}{% end %}",
    "{{ odd }}{% for w in words %}<{{ odd }}, {{ w }}>{% end %}{{ odd | safe }}",
    "{% for i in range(300) %}{{ odd }}{% end %}{{ words }}{{ 1.5 }}{{ none }}{{ true }}",
    "{{ (odd ~ n) * 30 }}{{ [odd, odd] }}{{ { 'a': odd } }}{{ odd | escape }}",
    "{% capture c %}{{ odd }}{% end %}{% for w in words %}{{ c }}{{ w | upper }}{{ c | upper }}{% end %}",
    "{% def f(a) %}{{ a }}{% slot %}{% end %}{% for w in words %}{% call f(odd) %}{{ w }}{{ odd }}{% end %}{% end %}",
    "{% for w in words %}{{ odd | truncate(4) }}{{ words | join(odd) }}{{ odd | lower }}{% end %}",
    "{% for w in long %}{% if w == 'xxxxxxxxxxxxxxxx' %}T{% end %}{{ w != long[1] }}{% end %}{{ n }}",
    "{% for w in words %}{% include 'part' %}{% include 'part' %}{{ w }}{% end %}{% include 'part' %}",
    "{% for w in words %}{% include 'list' %}{% end %}{% include 'list' %}{% include 'list' %}",
    "{% def f(a) %}{{ a }}{% if a < 9 %}{{ f(a + 1) }}{% end %}.{% end %}{% for i in range(9) %}{{ f(i) }}{% end %}",
    "{% def f(a) %}{% include 'part' %}{{ 10 // (2 - a) }}{% end %}{% for i in range(4) %}{{ f(i) }}{% end %}",
    "{% def f(w, b='x') %}{{ w }}{{ b }}{% end %}{% for w in words %}{{ f(w, n) }}{{ f(w) }}{{ f(w, missing) }}{% end %}",
    "{% for w in words %}{{ long | join(', ') }}{{ words | join }}{{ [1, w] | join('&') }}{{ words | join(n) }}{% end %}",
    "{% for w in long %}{{ w | truncate(9) }}{{ 'ab cd é ef' | truncate(8) }}{{ odd | truncate(6, true) }}{{ w | truncate(n, true, '') }}{{ w | truncate(-1) }}{{ w | truncate(1.5) }}{% end %}",
    // Contexts that are paid for by how many variables they hold.
    "{% export v0 = n %}{% export v1 = n %}{% export v2 = n %}{% export v3 = n %}{% export v4 = n %}{% export v5 = n %}{% export v6 = n %}{% export v7 = n %}{% export v8 = n %}{% export v9 = n %}{% export v10 = n %}{% export v11 = n %}{% export v12 = n %}{% export v13 = n %}{% export v14 = n %}{% export v15 = n %}{% export v16 = n %}{% if n %}{% set w = n %}{% include 'part' %}{% end %}",
    "{% export v0 = n %}{% export v1 = n %}{% export v2 = n %}{% export v3 = n %}{% export v4 = n %}{% export v5 = n %}{% export v6 = n %}{% export v7 = n %}{% export v8 = n %}{% if n %}{% set w = n %}{% set w0 = n %}{% set w1 = n %}{% set w2 = n %}{% set w3 = n %}{% set w4 = n %}{% set w5 = n %}{% set w6 = n %}{% set w7 = n %}{% set w8 = n %}{% include 'copy' %}{% end %}",
];

/// What those include.
const PARTS: [(&str, &str); 4] = [
    ("base", "<{% block a %}{% endblock %}>"),
    (
        "part",
        "[{{ w | default('-') }}{{ loop.index | default(0) }}{{ n }}{{ words | join('+') }}]",
    ),
    (
        "list",
        "{% for x in words %}{% include 'part' %}{{ x }}{% end %}{% set n = 4 %}{% include 'part' %}",
    ),
    (
        "copy",
        "{% def f() %}{% export x = n %}{% for i in words %}{{ w }}{{ v0 }}{% end %}{% end %}{{ f() }}",
    ),
];

/// Each kind of document escapes in its own way, and most have blocks of
/// their own for it.
const SURFACES: [&str; 4] = ["html", "false", "markdown", "terminal"];

fn counting(source: &str, surface: &str, probe: Probe, limits: Limits) -> Environment {
    let templates = PARTS.into_iter().chain([("main", source)]);
    let options = Options {
        loader: Some(Arc::new(MapLoader::from_iter(templates))),
        autoescape: AutoEscape::parse(surface).unwrap(),
        probe,
        limits,
        ..Options::default()
    };
    Environment::with_options(options).unwrap()
}

fn with_fuel(fuel: u64) -> Limits {
    Limits {
        fuel,
        ..Limits::default()
    }
}

fn counted() -> Context {
    context! {
        words => ["b", "a", "c"],
        long => ["x".repeat(16), "y".repeat(16), "x".repeat(64), "x".repeat(7)],
        n => 3,
        odd => "<*_é\u{1b}[1m\u{7}&",
    }
}

#[test]
fn i6_steps_are_the_same_however_a_page_is_made() {
    let context = counted();
    for (source, surface) in on_all_surfaces() {
        let mut counts = Vec::new();
        for bits in 0..8 {
            let probe = Probe {
                collect_always: bits & 1 != 0,
                is_plain: bits & 2 != 0,
                piece: (bits & 4 != 0).then_some(1),
                transform: None,
            };
            let environment = counting(source, surface, probe, with_fuel(PLENTY));
            let template = environment.get_template("main").unwrap();
            let (_, whole) = template.render_counting(&context);
            let mut pieces = template.render_stream(&context);
            pieces.by_ref().for_each(drop);
            counts.extend([whole, pieces.steps()]);
        }
        assert!(counts[0] > 10, "{source}: {}", counts[0]);
        assert!(
            counts.iter().all(|&count| count == counts[0]),
            "{source} as {surface}: {counts:?}"
        );
    }
}

/// Code, line and column, or the page.
type Told = Result<String, (Code, Option<u32>, Option<u32>)>;

fn told(result: Result<String, Error>) -> Told {
    result.map_err(|error| (error.code(), error.line(), error.column()))
}

fn on_all_surfaces() -> impl Iterator<Item = (&'static str, &'static str)> {
    let surfaces = |source| SURFACES.map(|surface| (source, surface));
    COUNTED.into_iter().flat_map(surfaces)
}

/// What a page ends with under bounds, as a whole and in pieces.
fn bounded(source: &str, surface: &str, is_plain: bool, limits: &Limits) -> Told {
    let context = counted();
    let mut pages = [None, Some(1)].into_iter().map(|piece| {
        let probe = Probe {
            is_plain,
            piece,
            ..Probe::default()
        };
        let environment = counting(source, surface, probe, limits.clone());
        let template = environment.get_template("main").unwrap();
        let whole = told(template.render(&context));
        let pieces: Result<String, Error> = template.render_stream(&context).collect();
        assert_eq!(told(pieces), whole, "{source} as {surface}");
        whole
    });
    let (whole, small) = (pages.next().unwrap(), pages.next().unwrap());
    assert_eq!(small, whole, "{source} as {surface} in small pieces");
    whole
}

#[test]
fn i6_the_last_step_of_fuel_is_as_good_as_the_first() {
    let context = counted();
    for (source, surface) in on_all_surfaces() {
        let plain = counting(source, surface, Probe::default(), with_fuel(PLENTY));
        let template = plain.get_template("main").unwrap();
        let (wanted, steps) = template.render_counting(&context);
        let wanted = told(wanted);
        for is_plain in [false, true] {
            let page = |fuel: u64| bounded(source, surface, is_plain, &with_fuel(fuel));
            assert_eq!(page(steps), wanted, "{source} as {surface}");
            let short = page(steps - 1).unwrap_err();
            assert_eq!(short.0, Code::RunBudget, "{source} as {surface}");
        }
    }
}

#[test]
fn i6_the_last_byte_of_output_is_as_good_as_the_first() {
    for (source, surface) in on_all_surfaces() {
        for is_plain in [false, true] {
            let with = |output: u64| {
                let limits = Limits {
                    output,
                    ..Limits::default()
                };
                bounded(source, surface, is_plain, &limits)
            };
            // What goes wrong of itself does so before the bound, or not.
            let Ok(wanted) = with(u64::MAX) else { continue };
            let n = wanted.len() as u64;
            assert!(n > 0, "{source}");
            assert_eq!(with(n).as_ref(), Ok(&wanted), "{source} as {surface}");
            for less in [n - 1, n / 2, 1, 0].into_iter().filter(|it| *it < n) {
                let short = with(less).unwrap_err();
                assert_eq!(short.0, Code::SecOutput, "{source} as {surface}: {less}");
            }
        }
    }
}

#[test]
fn i6_depth_ends_at_the_same_call_however_a_page_is_made() {
    let nested = [
        "{% def f(a) %}{{ a }}{% if a < 12 %}{{ f(a + 1) }}{% end %}{% end %}{{ f(0) }}{{ f(3) }}",
        "{% for i in range(3) %}{% set k = 0 %}{% include 'deeper' %}{% end %}",
        "{% def f(k) %}{{ k }}{% include 'deeper' %}{% end %}{% for i in range(3) %}{{ f(i) }}{% end %}",
    ];
    let deeper = "{{ k }}{% if k < 9 %}{% for j in [k + 1] %}{% let k = j %}{% include 'deeper' %}{% end %}{% end %}";
    for source in nested {
        let mut ends = Vec::new();
        for depth in 0..14 {
            let limits = Limits {
                call_depth: depth,
                include_depth: depth,
                ..Limits::default()
            };
            let [told, plain] = [false, true].map(|is_plain| {
                let options = Options {
                    loader: Some(Arc::new(MapLoader::from_iter([
                        ("main", source),
                        ("deeper", deeper),
                    ]))),
                    probe: Probe {
                        is_plain,
                        ..Probe::default()
                    },
                    limits: limits.clone(),
                    ..Options::default()
                };
                let environment = Environment::with_options(options).unwrap();
                let template = environment.get_template("main").unwrap();
                let page = template.render(&context! {});
                page.map_err(|error| {
                    let stacks = (error.template_stack(), error.component_stack());
                    format!("{}{stacks:?}", error.report())
                })
            });
            assert_eq!(told, plain, "{source}: {depth}");
            ends.push(told.is_ok());
        }
        assert!(ends.contains(&false) && ends.contains(&true), "{source}");
    }
}
