//! Thousands of programs in every way that must agree.

use crate::seeds::bytes;
use arbitrary::{Arbitrary, Unstructured};
use gravure::{
    Code, Environment, Error, Limits, Options,
    loader::MapLoader,
    unstable::{Chunk, Optimize, Probe},
};
use gravure_smith::{MAIN, Program, Site};
use serde_json::json;
use std::{cell::RefCell, sync::Arc, thread};

/// How many sites of six templates are made; as many chunks.
const SITES: u64 = if cfg!(debug_assertions) { 400 } else { 10_000 };

/// The stack that is promised to do.
const STACK: usize = 128 << 10;

#[derive(Clone, Copy, PartialEq, Debug)]
enum Way {
    Usual,
    Plain,
    Slow,
    Decoded,
    Collect,
    Pieces,
}

thread_local! {
    static INSTEAD: RefCell<Option<Chunk>> = const { RefCell::new(None) };
}

/// A chunk as bytes and back, or another one that waits for its turn.
fn exchange(chunk: Chunk) -> Chunk {
    if let Some(other) = INSTEAD.take() {
        return other;
    }
    let written = chunk.encode();
    let read = Chunk::decode(&written).expect("what was written can be read");
    assert!(
        read == chunk,
        "a chunk is not what it was before it was written"
    );
    read
}

fn environment(way: Way) -> Options {
    let limits = Limits {
        fuel: if way == Way::Collect { 20_000 } else { 300_000 },
        output: 1 << 20,
        memory: 16 << 20,
        ..Limits::default()
    };
    Options {
        limits: limits.lowered(&Limits::untrusted()),
        optimize: match way {
            Way::Plain => Optimize::NONE,
            _ => Optimize::default(),
        },
        probe: Probe {
            collect_always: way == Way::Collect,
            is_plain: way == Way::Slow,
            piece: (way == Way::Pieces).then_some(1),
            transform: (way == Way::Decoded).then_some(exchange as fn(Chunk) -> Chunk),
        },
        max_time: None,
        terminal_width: Some(40),
        ..Options::untrusted()
    }
}

fn site(seed: u64) -> Site {
    let bytes = bytes(seed, 3_000);
    Site::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes enough")
}

fn told(site: &Site) -> String {
    let all = site.templates.iter();
    all.map(|(name, source)| format!("--- {name}\n{source}\n"))
        .collect()
}

fn render(site: &Site, way: Way) -> Result<String, Error> {
    let options = Options {
        loader: Some(Arc::new(MapLoader::from_iter(site.templates.clone()))),
        ..environment(way)
    };
    let environment = Environment::with_options(options)?;
    let template = environment.get_template(MAIN)?;
    match way {
        Way::Pieces => template.render_stream(&site.context).collect(),
        _ => template.render(&site.context),
    }
}

fn is_limit(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::RunBudget | Code::SecOutput | Code::RunDepth | Code::RunCallDepth
    )
}

fn agree(
    one: &Result<String, Error>,
    other: &Result<String, Error>,
    way: Way,
    what: &dyn Fn() -> String,
) {
    let same = match (one, other) {
        (Err(error), _) | (_, Err(error)) if is_limit(error) => true,
        (Ok(one), Ok(other)) => one == other,
        (Err(one), Err(other)) => {
            (one.code(), one.message(), one.template(), one.line())
                == (
                    other.code(),
                    other.message(),
                    other.template(),
                    other.line(),
                )
        }
        _ => false,
    };
    assert!(same, "{way:?} differs:\n{one:?}\n{other:?}\n{}", what());
}

/// In parts, each on a thread with a small stack.
fn everywhere(check: fn(u64)) {
    let parts: Vec<_> = (0..2)
        .map(|part| {
            thread::Builder::new()
                .stack_size(STACK)
                .spawn(move || (0..SITES).filter(|n| n % 2 == part).for_each(check))
                .expect("a thread")
        })
        .collect();
    for part in parts {
        part.join().expect("the thread survives");
    }
}

#[test]
fn every_template_compiles() {
    everywhere(|seed| {
        let site = site(seed);
        let options = Options {
            loader: Some(Arc::new(MapLoader::from_iter(site.templates.clone()))),
            ..environment(Way::Decoded)
        };
        let environment = Environment::with_options(options).expect("good options");
        for (name, source) in &site.templates {
            if let Err(error) = environment.get_template(name) {
                panic!("{seed}: {}\n{source}", error.report());
            }
        }
    });
}

#[test]
fn all_ways_to_render_a_site_agree() {
    everywhere(|seed| {
        // Six renders each: a debug build takes every fourth.
        if cfg!(debug_assertions) && seed % 8 > 1 {
            return;
        }
        let site = site(seed);
        let usual = render(&site, Way::Usual);
        for way in [
            Way::Plain,
            Way::Slow,
            Way::Decoded,
            Way::Collect,
            Way::Pieces,
        ] {
            // Who frees at every chance takes long: now and then will do.
            if way != Way::Collect || seed % 16 < 2 {
                agree(&usual, &render(&site, way), way, &|| told(&site));
            }
        }
    });
}

#[test]
fn most_sites_render() {
    let n = 300;
    let mut failed = std::collections::BTreeMap::<String, u32>::new();
    for seed in 0..n {
        if let Err(error) = render(&site(seed), Way::Usual) {
            *failed.entry(error.code().to_string()).or_default() += 1;
        }
    }
    let all: u32 = failed.values().sum();
    assert!(u64::from(all) * 2 < n, "{all} of {n} fail: {failed:?}");
}

/// Every tag and every kind of operator comes up.
#[test]
fn the_language_is_covered() {
    let all: String = (0..300).map(|seed| told(&site(seed))).collect();
    let words = "if elif else unless for empty while break continue match case set let export \
        promote capture with def call region slot yield import from extends include template \
        block fragment embed globals imports provide push stack try fallback cache filter \
        spaceless raw trans plural flush";
    for word in words.split_whitespace() {
        let is_there = ["{% ", "{%- "]
            .iter()
            .any(|open| all.contains(&format!("{open}{word} ")));
        assert!(is_there, "no `{word}`");
    }
    for part in [
        " ?? ",
        "?.",
        "?[",
        " ** ",
        " // ",
        " % ",
        "..",
        " by ",
        " |> ",
        " ?| ",
        " ?|> ",
        " ~ ",
        " is not ",
        " not in ",
        "[::-1]",
        " for ",
        "let:",
        "**named",
        "??=",
        "has_slot()",
        "caller()",
        "consume(",
        " as ",
        "without context",
        "ignore missing",
        "with context",
    ] {
        assert!(all.contains(part), "no `{part}`");
    }
}

#[test]
fn the_same_bytes_make_the_same_site() {
    assert_eq!(site(7), site(7));
    let empty = Site::arbitrary(&mut Unstructured::new(&[])).expect("a site of nothing");
    assert!(render(&empty, Way::Usual).is_ok());
}

#[test]
fn all_ways_to_run_a_chunk_agree() {
    everywhere(|seed| {
        let bytes = bytes(seed, 600);
        let Program(chunk) =
            Program::arbitrary(&mut Unstructured::new(&bytes)).expect("bytes enough");
        let written = chunk.encode();
        assert!(Chunk::decode(&written).expect("it can be read") == chunk);
        let context = json!({ "n": 3, "s": "<s>", "xs": ["a", "b"], "d": { "a": 1 } });
        let run = |way: Way| {
            let options = Options {
                probe: Probe {
                    transform: Some(exchange),
                    ..environment(way).probe
                },
                ..environment(way)
            };
            let environment = Environment::with_options(options)?;
            INSTEAD.set(Some(chunk.clone()));
            let template = environment.from_named_string(MAIN, "")?;
            match way {
                Way::Pieces => template.render_stream(&context).collect(),
                _ => template.render(&context),
            }
        };
        let usual = run(Way::Usual);
        for way in [Way::Slow, Way::Collect, Way::Pieces] {
            agree(&usual, &run(way), way, &|| {
                gravure::unstable::disassemble(&chunk)
            });
        }
    });
}
