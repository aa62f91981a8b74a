//! The driver that needs no tool: `smoke [TARGET|all] [SECONDS] [SEED] [KIB]`.
//!
//! It mixes seeds by chance that the seed number fixes, on a thread with a
//! small stack, or one of so many KiB. An input that fails is written to `artifacts/` before the
//! driver ends with 1; one that takes too long counts as failed.
#![forbid(unsafe_code)]

use gravure_fuzz::{
    mutate::{self, Chance},
    seeds::seeds,
    targets::{TARGETS, Target},
    words::words,
};
use std::{
    cell::RefCell,
    env, fs,
    path::Path,
    process::exit,
    thread,
    time::{Duration, Instant},
};

/// KiB of stack that the engine promises to do with.
const STACK: usize = 128;

/// Longer than any input may take.
const SLOW: Duration = Duration::from_secs(3);

fn main() {
    let mut args = env::args().skip(1);
    let wanted = args.next().unwrap_or_else(|| "all".to_owned());
    let seconds: u64 = args.next().and_then(|it| it.parse().ok()).unwrap_or(20);
    let seed: u64 = args.next().and_then(|it| it.parse().ok()).unwrap_or(1);
    let stack: usize = args.next().and_then(|it| it.parse().ok()).unwrap_or(STACK);
    let chosen: Vec<_> = TARGETS
        .iter()
        .filter(|(name, _)| wanted == "all" || *name == wanted)
        .collect();
    if chosen.is_empty() {
        eprintln!("no target {wanted}");
        exit(2);
    }
    let share = Duration::from_secs(seconds) / chosen.len() as u32;
    for &&(name, target) in &chosen {
        let runs = thread::Builder::new()
            .stack_size(stack << 10)
            .spawn(move || drive(name, target, share, seed));
        let ended = runs.expect("a thread").join();
        match ended {
            Ok(n) => println!("{name}: {n} inputs"),
            Err(_) => exit(1),
        }
    }
}

thread_local! {
    static INPUT: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// One target for a while; answers how many inputs it took.
fn drive(name: &'static str, target: Target, share: Duration, seed: u64) -> u64 {
    std::panic::set_hook(Box::new(move |panic| {
        eprintln!("{panic}");
        INPUT.with_borrow(|input| keep(name, input));
    }));
    let (seeds, words) = (seeds(), words());
    let mut chance = Chance::new(seed);
    let start = Instant::now();
    let mut n = 0;
    while start.elapsed() < share {
        let input = match name {
            "chunk" | "entry" => mutate::edits(&mut chance, &seeds),
            "bundle" => mutate::edits(&mut chance, &[]),
            "smith" | "constants" | "data" => mutate::noise(&mut chance),
            _ => mutate::text(&mut chance, &seeds, &words),
        };
        INPUT.set(input.clone());
        // A busy machine may be slow once.
        let is_quick = (0..3).any(|_| {
            let begun = Instant::now();
            target(&input);
            begun.elapsed() < SLOW
        });
        assert!(is_quick, "one input takes more than {SLOW:?}");
        n += 1;
    }
    n
}

fn keep(name: &str, input: &[u8]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("artifacts");
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, &byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3)
    });
    let path = folder.join(format!("{name}-{hash:016x}"));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input));
    match kept {
        Ok(()) => eprintln!("the input is in {}", path.display()),
        Err(error) => eprintln!("the input could not be kept ({error}): {input:?}"),
    }
}
