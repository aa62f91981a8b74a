//! Prints what each engine asks of the allocator, for one warm render of each
//! workload and for compiling the corpus.
//!
//! Out: lines of `workload engine form calls bytes kept`: calls of the
//! allocator, bytes asked for, and live bytes: for a render at its peak and
//! beyond the page, for the corpus when all is compiled.
//! It is a program of its own because counting costs time: the program that
//! times must not count.

use std::alloc::System;

use gravure_benches::check::{check_compiler, check_renderer};
use gravure_benches::engines;
use gravure_benches::workload::{CORPUS, RENDERED, Workload};
use peakmem_alloc::{PeakMemAlloc, PeakMemAllocTrait as _};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, Stats, StatsAlloc};

#[global_allocator]
static ALLOCATOR: PeakMemAlloc<&StatsAlloc<System>> = PeakMemAlloc::new(&INSTRUMENTED_SYSTEM);

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let is_wanted = |name: &str| wanted.is_empty() || wanted.iter().any(|one| one == name);
    for name in RENDERED.into_iter().filter(|name| is_wanted(name)) {
        let workload = Workload::read(name);
        for renderer in engines::renderers(&workload) {
            if let Err(mismatch) = check_renderer(&workload, &renderer) {
                eprintln!("{mismatch}");
                continue;
            }
            let (page, change, peak) = count(&renderer.render);
            print(
                [name, renderer.engine, renderer.form.word()],
                change,
                peak.saturating_sub(page.len()),
            );
        }
    }
    if !is_wanted(CORPUS) {
        return;
    }
    let corpus = Workload::read(CORPUS);
    for compiler in engines::compilers(&corpus) {
        if let Err(mismatch) = check_compiler(&corpus, &compiler) {
            eprintln!("{mismatch}");
            continue;
        }
        let (_, change, _) = count(&compiler.compile);
        let live = change.bytes_allocated - change.bytes_deallocated;
        print([CORPUS, compiler.engine, "source"], change, live);
    }
}

/// What the third of three runs made, asked for and held at its peak.
fn count<T>(run: &dyn Fn() -> T) -> (T, Stats, usize) {
    drop(run());
    drop(run());
    ALLOCATOR.reset_peak_memory();
    let region = Region::new(&INSTRUMENTED_SYSTEM);
    let made = run();
    let change = region.change();
    (made, change, ALLOCATOR.get_peak_memory())
}

/// A growing buffer counts as a call each time, and with what it grows by.
fn print(names: [&str; 3], change: Stats, kept: usize) {
    let calls = change.allocations + change.reallocations;
    println!(
        "{} {calls} {} {kept}",
        names.join(" "),
        change.bytes_allocated
    );
}
