//! What always holds, one test an invariant, by the numbers of
//! `docs/architecture.md`.

use gravure::{
    Context, ContextRef, Environment, Error, Options, Template, context,
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
const COUNTED: [&str; 8] = [
    "{% for i in range(100) %}{{ i }}{% end %}",
    "{% for i in range(30) %}{% for j in words %}{% if j == 'b' %}{{ loop.index }}{% end %}{% end %}{% end %}",
    "{% let i = 0 %}{% while i < 9 %}{{ i }}{% let i = i + 1 %}{% end %}",
    "{% def f(a) %}{{ a | upper }}{% end %}{% for w in words %}{{ f(w) }}{% end %}",
    "{{ words | sort | join(',') }}{{ range(1000) | sum }}{{ 'x' * 1000 }}",
    "{% extends 'base' %}{% block a %}{% for w in words %}{{ w }}{% end %}{% endblock %}",
    "{% include 'base' %}{% for w in words %}{% capture c %}{{ w }}{% end %}{{ c }}{% end %}",
    "{% for i in range(20) %}{{ 10 // (10 - i) }}{% end %}",
];

fn counting(source: &str, probe: Probe, fuel: u64) -> Environment {
    let templates = [("main", source), ("base", "<{% block a %}{% endblock %}>")];
    let mut options = Options {
        loader: Some(Arc::new(MapLoader::from_iter(templates))),
        probe,
        ..Options::default()
    };
    options.limits.fuel = fuel;
    Environment::with_options(options).unwrap()
}

#[test]
fn i6_steps_are_the_same_however_a_page_is_made() {
    let context = context! { words => ["b", "a", "c"], n => 3 };
    for source in COUNTED {
        let mut counts = Vec::new();
        for bits in 0..8 {
            let probe = Probe {
                collect_always: bits & 1 != 0,
                is_plain: bits & 2 != 0,
                piece: (bits & 4 != 0).then_some(1),
                transform: None,
            };
            let environment = counting(source, probe, PLENTY);
            let template = environment.get_template("main").unwrap();
            let (_, whole) = template.render_counting(&context);
            let mut pieces = template.render_stream(&context);
            pieces.by_ref().for_each(drop);
            counts.extend([whole, pieces.steps()]);
        }
        assert!(counts[0] > 10, "{source}: {}", counts[0]);
        assert!(
            counts.iter().all(|&count| count == counts[0]),
            "{source}: {counts:?}"
        );
    }
}

#[test]
fn i6_the_last_step_of_fuel_is_as_good_as_the_first() {
    let context = context! { words => ["b", "a", "c"], n => 3 };
    for source in COUNTED {
        let plain = counting(source, Probe::default(), PLENTY);
        let template = plain.get_template("main").unwrap();
        let (wanted, steps) = template.render_counting(&context);
        let told = |result: Result<String, Error>| {
            result.map_err(|error| (error.code(), error.line(), error.column()))
        };
        let wanted = told(wanted);
        for is_plain in [false, true] {
            let probe = Probe {
                is_plain,
                ..Probe::default()
            };
            let page = |fuel: u64| {
                let environment = counting(source, probe, fuel);
                let template = environment.get_template("main").unwrap();
                let whole = told(template.render(&context));
                let pieces: Result<String, Error> = template.render_stream(&context).collect();
                assert_eq!(told(pieces), whole, "{source} with {fuel}");
                whole
            };
            assert_eq!(page(steps), wanted, "{source}");
            let short = page(steps - 1).unwrap_err();
            assert_eq!(short.0.as_str(), "K-RUN-019", "{source}");
        }
    }
}
