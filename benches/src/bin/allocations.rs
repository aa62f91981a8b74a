//! Prints how often each engine asks the allocator, for one warm render of
//! each workload and for compiling the corpus.
//!
//! Out: lines of `workload engine form allocations bytes`.
//! It is a program of its own because counting costs time: the program that
//! times must not count.

use std::alloc::System;
use std::any::Any;

use gravure_benches::check::{check_compiler, check_renderer};
use gravure_benches::engines;
use gravure_benches::workload::{CORPUS, RENDERED, Workload};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() {
    for name in RENDERED {
        let workload = Workload::read(name);
        for renderer in engines::renderers(&workload) {
            if let Err(mismatch) = check_renderer(&workload, &renderer) {
                eprintln!("{mismatch}");
                continue;
            }
            let (calls, bytes) = count(&renderer.render);
            println!(
                "{name} {} {} {calls} {bytes}",
                renderer.engine,
                renderer.form.word()
            );
        }
    }
    let corpus = Workload::read(CORPUS);
    for compiler in engines::compilers(&corpus) {
        if let Err(mismatch) = check_compiler(&corpus, &compiler) {
            eprintln!("{mismatch}");
            continue;
        }
        let (calls, bytes) = count::<Box<dyn Any>>(&compiler.compile);
        println!("{CORPUS} {} source {calls} {bytes}", compiler.engine);
    }
}

/// Calls of the allocator (a growing buffer counts each time) and the bytes
/// asked for, by the third of three runs.
fn count<T>(run: &dyn Fn() -> T) -> (usize, usize) {
    drop(run());
    drop(run());
    let region = Region::new(ALLOCATOR);
    let made = run();
    let change = region.change();
    drop(made);
    let grown = usize::try_from(change.bytes_reallocated).unwrap_or(0);
    (
        change.allocations + change.reallocations,
        change.bytes_allocated + grown,
    )
}
