//! Many threads do many things to one environment, and every page must be one
//! that a single thread makes.
//!
//! Globals and one template have a few versions each. The oracle renders every
//! template with every context in every combination of versions, one after the
//! other, in an environment of its own; a page that mixes versions is in none
//! of its lists.
//!
//! `GRAVURE_STRESS` says how many things are done, `GRAVURE_SEED` which.

use gravure::{
    Context, Environment, Error, Limits, Options, RenderOptions, context, loader::MapLoader,
};
use std::{
    collections::BTreeSet,
    ops::ControlFlow,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{SystemTime, UNIX_EPOCH},
};

const THREADS: usize = 8;
const GLOBALS: usize = 4;
const PARTS: usize = 3;
const CONTEXTS: usize = 6;

/// Templates that stay as they are.
const STEADY: &[(&str, &str)] = &[
    (
        "base",
        "<{% block head %}{{ g.n }}{% end %}|{% include 'part' %}|{% block body %}-{% end %}>{{ g.n }}",
    ),
    (
        "child",
        "{% extends 'base' %}{% block head %}{{ name }}{{ g.n }}{% end %}\
         {% block body %}{% for i in rows %}{{ i | f }}{% include 'part' %}{% end %}{% end %}",
    ),
    (
        "grandchild",
        "{% extends 'child' %}{% block head %}{{ rows | length }}{% end %}",
    ),
    ("lib", "{% def bold(x) %}<b>{{ x }}{{ g.n }}</b>{% end %}"),
    (
        "importing",
        "{% from 'lib' import bold %}{% import 'lib' as lib %}\
         {{ bold(name) }}{% include 'chain1' %}{{ lib.bold(call()) }}",
    ),
    ("chain1", "1{% include 'chain2' %}{{ g.n }}"),
    ("chain2", "2{% include 'chain3' %}{{ g.n }}"),
    (
        "chain3",
        "3{% include 'part' %}{{ g.n }}{% cache 'c' ~ name %}kept {{ name }}{% end %}",
    ),
    (
        "long",
        "{% include 'part' %}{% for i in range(3000) %}{{ i }},{% end %}{{ g.n }}{% include 'part' %}",
    ),
    ("wrong", "\n{% include 'part' %}\n{{ missing }}"),
    (
        "lists",
        "{% stack 's' %}{% for i in rows %}{% push 's' %}{{ i | f }}{% end %}{% end %}{{ g.n }}",
    ),
    (
        "caught",
        "{% try %}{% include 'wrong' %}{% fallback e %}{{ e.code }}{% end %}{{ g.n }}",
    ),
];

fn part(version: usize) -> String {
    format!("(part {version} of {{{{ name }}}} {{{{ g.n }}}})")
}

fn environment(limits: Limits) -> (Environment, Arc<MapLoader>) {
    let loader = Arc::new(MapLoader::from_iter(STEADY.iter().copied()));
    loader.insert("part", part(0));
    let options = Options {
        loader: Some(loader.clone()),
        limits,
        cache_size: 9,
        fragment_cache_size: 3,
        ..Options::default()
    };
    let environment = Environment::with_options(options).unwrap();
    set_globals(&environment, 0);
    (environment, loader)
}

fn set_globals(environment: &Environment, n: usize) {
    environment.update(|tables| {
        tables
            .add_global("g", &serde_json::json!({ "n": format!("g{n}") }))
            .unwrap();
        tables.add_filter("f", |n: i64| format!("[{n}]"));
        tables.add_function("call", move || format!("g{n}"));
    });
}

fn contexts() -> Vec<Context> {
    let rows = |n: usize| (0..n).collect::<Vec<_>>();
    (0..CONTEXTS)
        .map(|n| context! { name => format!("<n{n}>"), rows => rows(n) })
        .collect()
}

/// A page, or what can be told of an error.
type Told = Result<String, String>;

fn told(page: Result<String, Error>) -> Told {
    page.map_err(|error| {
        let stack = error.template_stack().iter();
        let stack: Vec<_> = stack.map(|it| (it.template.clone(), it.line)).collect();
        let place = (error.template(), error.line(), error.column());
        format!("{} {place:?} {stack:?}", error.code())
    })
}

/// By template, way and context: everything that may come.
struct Oracle {
    pages: Vec<Vec<BTreeSet<Told>>>,
    blocks: Vec<BTreeSet<Told>>,
}

impl Oracle {
    fn new(contexts: &[Context]) -> Self {
        let (environment, loader) = environment(Limits::default());
        let mut pages = vec![vec![BTreeSet::new(); contexts.len()]; STEADY.len()];
        let mut blocks = vec![BTreeSet::new(); contexts.len()];
        for n in 0..GLOBALS {
            for version in 0..PARTS {
                set_globals(&environment, n);
                loader.insert("part", part(version));
                environment.clear_all();
                for (c, context) in contexts.iter().enumerate() {
                    for (t, (name, _)) in STEADY.iter().enumerate() {
                        pages[t][c].insert(told(environment.render(name, context)));
                    }
                    let child = environment.get_template("grandchild").unwrap();
                    blocks[c].insert(told(child.render_block("body", context)));
                }
            }
        }
        Self { pages, blocks }
    }
}

/// Numbers that look like chance and can be had again.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % sides
    }
}

struct Arena<'a> {
    environment: &'a Environment,
    loader: &'a MapLoader,
    contexts: &'a [Context],
    oracle: &'a Oracle,
}

impl Arena<'_> {
    /// Do one thing; what is wrong with what came of it.
    fn act(&self, dice: &mut Dice) -> Result<(), String> {
        let (t, c) = (dice.roll(STEADY.len()), dice.roll(CONTEXTS));
        let (name, context) = (STEADY[t].0, &self.contexts[c]);
        let expected = &self.oracle.pages[t][c];
        let holds = |what: &str, told: Told| match expected.contains(&told) {
            true => Ok(()),
            false => Err(format!("{what} of {name}, context {c}: {told:?}")),
        };
        let environment = self.environment;
        let template = || {
            environment
                .get_template(name)
                .map_err(|error| error.to_string())
        };
        match dice.roll(100) {
            0..40 => holds("page", told(environment.render(name, context))),
            40..55 => {
                let template = template()?;
                let pieces: Result<String, Error> = template.render_stream(context).collect();
                holds("stream", told(pieces))
            }
            55..60 => {
                // Left in the middle.
                let template = template()?;
                let first = template.render_stream(context).next();
                let Some(Ok(first)) = first else {
                    return Ok(());
                };
                let starts = |told: &Told| told.as_ref().is_ok_and(|it| it.starts_with(&*first));
                let failed = expected.iter().all(Result::is_err);
                match failed || expected.iter().any(starts) {
                    true => Ok(()),
                    false => Err(format!("first piece of {name}, context {c}: {first:?}")),
                }
            }
            60..68 => {
                let child = environment.get_template("grandchild");
                let block = told(child.and_then(|it| it.render_block("body", context)));
                match self.oracle.blocks[c].contains(&block) {
                    true => Ok(()),
                    false => Err(format!("block, context {c}: {block:?}")),
                }
            }
            68..73 => {
                let template = template()?;
                let (page, blocks) = match template.render_capturing(context, &[]) {
                    Ok(all) => all,
                    Err(error) => return holds("captured", told(Err(error))),
                };
                let is_whole = blocks.iter().all(|(_, text)| page.contains(text));
                assert!(is_whole, "{name}: {blocks:?} in {page}");
                holds("captured", Ok(page))
            }
            73..79 => {
                // Cancelled by its budget, or not.
                let limits = Limits {
                    fuel: dice.roll(400) as u64,
                    ..Limits::default()
                };
                let options = RenderOptions {
                    limits: Some(limits),
                    ..RenderOptions::default()
                };
                match template()?.render_with(context, &options) {
                    Err(error) if error.code().as_str() == "K-RUN-019" => Ok(()),
                    page => holds("cancelled", told(page)),
                }
            }
            79..83 => {
                let template = template()?;
                let first = dice.roll(CONTEXTS);
                let some = &self.contexts[first..];
                let mut at = first;
                let mut wrong = Ok(());
                environment.render_each(&template, some, Some(2), |page| {
                    let page = told(page);
                    if !self.oracle.pages[t][at].contains(&page) {
                        wrong = Err(format!("one of many of {name}, context {at}: {page:?}"));
                    }
                    at += 1;
                    ControlFlow::Continue(())
                });
                wrong
            }
            83..86 => {
                let n = dice.roll(1 << 30);
                let source = format!("{{{{ {n} + 1 }}}}{{{{ g.n[0] }}}}");
                let page = environment.from_string(&source);
                let page = told(page.and_then(|it| it.render(context)));
                match page == Ok(format!("{}g", n + 1)) {
                    true => Ok(()),
                    false => Err(format!("from {source}: {page:?}")),
                }
            }
            86..88 => {
                let missing = format!("missing{}", dice.roll(1_000));
                match environment.select_template(&[&missing, name]) {
                    Ok(template) if template.name() == Some(name) => Ok(()),
                    other => Err(format!("selected {other:?}")),
                }
            }
            88..90 => match environment.get_template("nobody") {
                Err(error) if error.code().as_str() == "K-TPL-001" => Ok(()),
                other => Err(format!("nobody is {other:?}")),
            },
            90..93 => {
                set_globals(environment, dice.roll(GLOBALS));
                Ok(())
            }
            93..97 => {
                self.loader.insert("part", part(dice.roll(PARTS)));
                Ok(())
            }
            97 => {
                environment.clear_cache();
                Ok(())
            }
            98 => {
                environment.clear_cached(&[name, "part"]);
                Ok(())
            }
            _ => {
                environment.clear_fragment_cache();
                let stats = environment.cache_stats();
                assert!(stats.size <= stats.max_size);
                Ok(())
            }
        }
    }
}

#[test]
fn every_page_under_stress_is_one_of_a_single_thread() {
    let number = |name| std::env::var(name).ok().and_then(|it| it.parse().ok());
    let total = number("GRAVURE_STRESS").unwrap_or(16_000usize);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    let seed = number("GRAVURE_SEED").unwrap_or(now.as_nanos() as usize) as u64;
    println!("{total} actions, GRAVURE_SEED={seed}");
    let contexts = contexts();
    let oracle = Oracle::new(&contexts);
    let (environment, loader) = environment(Limits::default());
    let done = AtomicUsize::new(0);
    thread::scope(|scope| {
        for thread in 0..THREADS as u64 {
            let (done, arena) = (
                &done,
                Arena {
                    environment: &environment,
                    loader: &loader,
                    contexts: &contexts,
                    oracle: &oracle,
                },
            );
            scope.spawn(move || {
                let mut dice = Dice((seed ^ (thread + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1);
                while done.fetch_add(1, Ordering::Relaxed) < total {
                    if let Err(wrong) = arena.act(&mut dice) {
                        done.store(total, Ordering::Relaxed);
                        panic!("GRAVURE_SEED={seed}: {wrong}");
                    }
                }
            });
        }
    });
    // Whatever happened, it still does what it should.
    environment.clear_all();
    for (t, (name, _)) in STEADY.iter().enumerate() {
        for (c, context) in contexts.iter().enumerate() {
            let page = told(environment.render(name, context));
            assert!(oracle.pages[t][c].contains(&page), "{name}: {page:?}");
        }
    }
}
