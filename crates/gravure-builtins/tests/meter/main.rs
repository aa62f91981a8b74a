//! The meter is honest: every builtin, fed with arguments that grow, pays for
//! what it allocates and for what it looks at. Names come from the registry,
//! so none can be forgotten. A binary of its own, since it replaces the
//! allocator.
//!
//! Time is not measured: it is not the same twice.

#[path = "../it/host.rs"]
mod host;
mod shapes;
mod spared;

use gravure_source::Code;
use gravure_value::{Heap, Kind, Limits, NativeId, Param, ParamKind, Surface, Value};
use host::Bench;
use shapes::{FILLERS, SHAPES, Shape};
use spared::SPARED;
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};
use std::{
    alloc::System,
    collections::{BTreeMap, BTreeSet},
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

/// Bytes that any call may allocate for nothing: messages, small tables.
const FREE: u64 = 2 << 10;

/// Bytes that a step pays for.
const PER_STEP: u64 = 640;

const SMALL: usize = 56;
/// Texts of it are longer than what is free, so that none is copied unseen.
const LARGE: usize = 8 * SMALL;

const SURFACES: [Surface; 4] = [
    Surface::Html,
    Surface::Text,
    Surface::Markdown,
    Surface::Terminal,
];

/// Shapes that are work for whoever looks at all of a piped value.
const READ: [&str; 3] = ["words", "texts", "a dict"];

/// All kinds that a value of a shape can be.
const KINDS: [Kind; 16] = [
    Kind::None,
    Kind::Bool,
    Kind::Int,
    Kind::Float,
    Kind::Str,
    Kind::List,
    Kind::Tuple,
    Kind::Dict,
    Kind::Set,
    Kind::Range,
    Kind::KeysView,
    Kind::ValuesView,
    Kind::ItemsView,
    Kind::Iter,
    Kind::Loop,
    Kind::Function,
];

/// What of the arguments grows.
#[derive(Clone, Copy, PartialEq)]
enum Grown {
    One(usize),
    All,
    /// One that has no parameter but a name, which grows as well.
    Surplus,
}

/// How a builtin is called: a shape, where it goes, what the others are, and
/// whether arguments that can be left out are there.
#[derive(Clone, Copy)]
struct Trial {
    grown: Grown,
    shape: Shape,
    filler: Option<Shape>,
    is_full: bool,
}

struct Work {
    bytes: u64,
    steps: u64,
    is_done: bool,
    is_refused: bool,
}

/// Every native of a surface by a name that tells where it stands.
fn natives(bench: &Bench<'_>, surface: Surface) -> Vec<(String, NativeId, Option<Kind>)> {
    let registry = &bench.registry;
    let mut all = Vec::new();
    for name in registry.filter_names_on(surface) {
        all.push((format!("| {name}"), registry.filter_on(surface, name), None));
    }
    for name in registry.predicate_names() {
        all.push((format!("is {name}"), registry.predicate(name), None));
    }
    for name in registry.function_names_on(surface) {
        let id = registry.function_on(surface, name);
        let id = id.or_else(|| registry.global_on(surface, name));
        all.push((format!("{name}()"), id, None));
    }
    for kind in KINDS {
        for name in registry.method_names(kind) {
            let id = registry.method(kind, name);
            let id = id.or_else(|| registry.property(kind, name));
            all.push((format!("{}.{name}", kind.name()), id, Some(kind)));
        }
    }
    let all = all.into_iter();
    all.map(|(name, id, kind)| (name, id.expect("a name has a native"), kind))
        .collect()
}

/// Must an argument be there? What goes into the rest is given, too.
fn is_needed(param: Option<&Param>) -> bool {
    param.is_none_or(|it| matches!(it.kind, ParamKind::Required | ParamKind::Positional))
}

/// Call it, and measure.
fn work(bench: &mut Bench<'_>, id: NativeId, trial: Trial, n: usize) -> Work {
    let params = bench.registry.native(id).unwrap().params.clone();
    let mut args = Vec::new();
    let mut named: Vec<(&str, Value<'_>)> = Vec::new();
    let mut has_gap = false;
    let places = params.list.len() + if params.rest { 2 } else { 0 };
    for at in 0..places {
        let param = params.list.get(at);
        let is_grown = trial.grown == Grown::All || trial.grown == Grown::One(at);
        let shape = match trial.filler {
            _ if is_grown => Some(trial.shape),
            Some(filler) if is_needed(param) || trial.is_full => Some(filler),
            _ => None,
        };
        let Some(shape) = shape else {
            has_gap = true;
            continue;
        };
        let value = shape(bench, n);
        match param {
            Some(param) if has_gap || param.kind == ParamKind::Named => {
                named.push((param.name, value));
            }
            _ => args.push(value),
        }
    }
    let surplus = "long name ".repeat(8 * n);
    if trial.grown == Grown::Surplus {
        let value = (trial.shape)(bench, n);
        named.push((&surplus, value));
    }
    let before = bench.heap.meter.used();
    let region = Region::new(ALLOCATOR);
    let answer = bench.call_native(id, &args, &named);
    let bytes = region.change().bytes_allocated as u64;
    let steps = bench.heap.meter.used() - before;
    let is_done = answer.is_ok();
    let is_refused = matches!(&answer, Err(fault) if fault.code == Code::RunKind);
    drop(answer);
    bench.heap = Heap::new((*bench.heap.limits).clone());
    Work {
        bytes,
        steps,
        is_done,
        is_refused,
    }
}

/// All trials of a native.
fn trials(bench: &Bench<'_>, id: NativeId) -> Vec<(String, Trial, &'static str)> {
    let params = &bench.registry.native(id).unwrap().params;
    let places = params.list.len() + usize::from(params.rest);
    let surplus = params.named_rest.then_some(Grown::Surplus);
    let places = (0..places).map(Grown::One).chain(surplus);
    let places: Vec<Grown> = places.collect();
    let mut all = Vec::new();
    for &(name, shape) in SHAPES {
        for &grown in places.iter().chain([&Grown::All]) {
            let place = match grown {
                Grown::One(at) => params.list.get(at).map_or("*", |param| param.name),
                Grown::All => "all",
                Grown::Surplus => "**",
            };
            let others = params.list.iter().enumerate();
            let others = others.filter(|&(at, _)| grown != Grown::All && grown != Grown::One(at));
            let (needed, optional): (Vec<_>, Vec<_>) =
                others.partition(|(_, param)| is_needed(Some(param)));
            for &filler in FILLERS {
                for is_full in [false, true] {
                    // Fillers that go nowhere change nothing.
                    let is_of_use = match is_full {
                        false => needed.is_empty() == filler.is_none(),
                        true => !optional.is_empty() && filler.is_some(),
                    };
                    let trial = Trial {
                        grown,
                        shape,
                        filler,
                        is_full,
                    };
                    if is_of_use {
                        all.push((place.to_owned(), trial, name));
                    }
                }
            }
        }
    }
    all
}

#[test]
fn every_builtin_pays_for_its_work() {
    let limits = Limits {
        fuel: u64::MAX,
        memory: 1 << 30,
        ..Limits::default()
    };
    let mut seen = BTreeSet::new();
    let mut names = BTreeSet::new();
    let mut untried = BTreeSet::new();
    let mut unpaid = BTreeMap::new();
    let mut constant = BTreeMap::new();
    for surface in SURFACES {
        let mut bench = Bench::new(surface, limits.clone());
        for (name, id, kind) in natives(&bench, surface) {
            // What all surfaces share is tried once.
            if !seen.insert(id) {
                continue;
            }
            names.insert(name.clone());
            let all = trials(&bench, id);
            let mut is_tried = all.is_empty();
            for (place, trial, shape) in all {
                if let (Some(kind), Grown::One(0) | Grown::All) = (kind, trial.grown) {
                    let value = (trial.shape)(&mut bench, 1);
                    if bench.heap.kind(value) != kind {
                        continue;
                    }
                }
                // A kind that is refused is refused at every size.
                if work(&mut bench, id, trial, 2).is_refused {
                    continue;
                }
                is_tried = true;
                let small = work(&mut bench, id, trial, SMALL);
                let large = work(&mut bench, id, trial, LARGE);
                for (n, work) in [(SMALL, &small), (LARGE, &large)] {
                    if work.bytes > FREE.saturating_add(PER_STEP.saturating_mul(work.steps)) {
                        let said = format!(
                            "{n} of {shape}: {} bytes for {} steps",
                            work.bytes, work.steps
                        );
                        unpaid.insert(format!("{name} {place}"), said);
                    }
                }
                let is_grown =
                    large.steps >= small.steps.saturating_add((LARGE - SMALL) as u64 / 8);
                let is_read = trial.grown == Grown::One(0) && READ.contains(&shape);
                if is_read && small.is_done && large.is_done && !is_grown {
                    let said = format!("{shape}: {} steps, then {}", small.steps, large.steps);
                    constant.entry(name.clone()).or_insert(said);
                }
            }
            if !is_tried {
                untried.insert(name);
            }
        }
    }
    assert!(untried.is_empty(), "no value that fits: {untried:?}");
    let spared: BTreeSet<&str> = SPARED
        .iter()
        .flat_map(|(_, names)| *names)
        .copied()
        .collect();
    constant.retain(|name, _| !spared.contains(name.as_str()));
    assert!(unpaid.is_empty(), "allocated and not paid for: {unpaid:#?}");
    assert!(
        constant.is_empty(),
        "looked at and not paid for: {constant:#?}"
    );
    let unknown: Vec<_> = spared
        .iter()
        .filter(|&&name| !names.contains(name))
        .collect();
    assert!(unknown.is_empty(), "not in the registry: {unknown:?}");
}
