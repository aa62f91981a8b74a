//! The cores that threads share, in every order in which threads may run.
//!
//! `swap.rs`, `cache/mod.rs` and `workers/belt.rs` are compiled here once more,
//! the very files, against the types of `sync.rs` beside this one. loom runs
//! each model again and again, with another order of threads each time, up to
//! three switches that no thread asked for; a lost wakeup is found as a
//! deadlock. In: nothing, or a part of the models' names. Out: a line a model,
//! and a panic that shows what went wrong.
//!
//! `mutations.sh` breaks the cores on purpose and expects the models to tell.

#[path = "../../crates/gravure/src/workers/belt.rs"]
#[allow(dead_code)]
mod belt;
#[path = "../../crates/gravure/src/cache/mod.rs"]
#[allow(dead_code)]
mod cache;
mod of_belt;
mod of_cache;
mod of_swap;
#[path = "../../crates/gravure/src/swap.rs"]
#[allow(dead_code)]
mod swap;
#[allow(dead_code)]
mod sync;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

/// A name, and what is run in every order.
type Model = (&'static str, fn());

fn main() {
    let wanted = std::env::args().nth(1).unwrap_or_default();
    let all: Vec<Model> = [of_swap::MODELS, of_cache::MODELS, of_belt::MODELS].concat();
    for (name, model) in all {
        if name.contains(&wanted) {
            run(name, model);
        }
    }
}

fn run(name: &str, model: fn()) {
    let orders = Arc::new(AtomicU64::new(0));
    let count = orders.clone();
    let start = Instant::now();
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.max_branches = 10_000;
    builder.check(move || {
        count.fetch_add(1, Ordering::Relaxed);
        model();
    });
    println!(
        "{name}: {} orders in {:.2} s",
        orders.load(Ordering::Relaxed),
        start.elapsed().as_secs_f64()
    );
}
