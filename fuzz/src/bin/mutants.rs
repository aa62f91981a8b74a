//! `mutants [N] [SEED]`: so many bundles, each a good one with some bytes
//! changed and its hashes made right again, opened and run as a stranger's.
//!
//! It prints how far they came, the slowest, and the most memory the process
//! held. A panic is a finding: its input is printed, and the driver ends with 1.
#![forbid(unsafe_code)]

use gravure_fuzz::{
    mutate::Chance,
    targets::{Fate, fate},
};
use std::{
    collections::BTreeMap,
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    process::exit,
    thread,
    time::{Duration, Instant},
};

/// What the engine promises to do with.
const STACK: usize = 128 << 10;

fn main() {
    let mut args = env::args().skip(1);
    let n: u64 = args
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(1_000_000);
    let seed: u64 = args.next().and_then(|it| it.parse().ok()).unwrap_or(1);
    let runs = thread::Builder::new().stack_size(STACK);
    let runs = runs.spawn(move || drive(n, seed)).expect("a thread");
    let Ok((fates, slowest)) = runs.join() else {
        exit(1);
    };
    for (fate, count) in fates {
        println!(
            "{:<10} {count:>9} {:>6.2} %",
            format!("{fate:?}"),
            100.0 * count as f64 / n as f64
        );
    }
    println!("slowest    {slowest:?}");
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM")) {
        println!("{line}");
    }
}

fn drive(n: u64, seed: u64) -> (BTreeMap<Fate, u64>, Duration) {
    let mut chance = Chance::new(seed);
    let mut fates = BTreeMap::new();
    let mut slowest = Duration::ZERO;
    for _ in 0..n {
        let n_edits = 1 + chance.below(3);
        let input: Vec<u8> = (0..1 + 5 * n_edits)
            .map(|_| chance.number() as u8)
            .collect();
        let start = Instant::now();
        match catch_unwind(AssertUnwindSafe(|| fate(&input))) {
            Ok(fate) => *fates.entry(fate).or_default() += 1,
            Err(_) => {
                eprintln!("the input is {input:?}");
                exit(1);
            }
        }
        slowest = slowest.max(start.elapsed());
    }
    (fates, slowest)
}
