//! Renders that run out of steps or bytes, wherever that happens, and whatever
//! kind of document they write: the right code, no panic, and an environment
//! that is none the worse for it.

use crate::corpus::corpus;
use gravure::{Code, Error, options::Mode};
use gravure_testkit::{Case, Starved, cases};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// How many cases are starved; `GRAVURE_STRESS` set starves all of them.
const SAMPLE: usize = 500;

/// So many amounts of fuel are tried with a case.
const AMOUNTS: u64 = 64;

/// What is compared of a page or an error.
fn told(page: &Result<String, Error>) -> Result<&str, String> {
    match page {
        Ok(page) => Ok(page),
        Err(error) => Err(format!("{error}")),
    }
}

fn is_starved(page: &Result<String, Error>) -> bool {
    page.as_ref()
        .is_err_and(|error| error.code() == Code::RunBudget)
}

/// Cases that render the same for as many steps every time.
fn sample() -> Vec<Case> {
    let mut all = Vec::new();
    for (_, text) in corpus() {
        for (_, case) in cases(&text) {
            let case = case.unwrap();
            let by_chance = |it: &(String, String)| {
                ["shuffle", "random", "now"]
                    .iter()
                    .any(|word| it.1.contains(word))
            };
            if case.templates.iter().any(by_chance) {
                continue;
            }
            if Starved::new(&case).is_some() {
                all.push(case);
            }
        }
    }
    let wanted = match std::env::var_os("GRAVURE_STRESS") {
        Some(_) => all.len(),
        None => SAMPLE,
    };
    let every = (all.len() / wanted).max(1);
    all.into_iter().step_by(every).collect()
}

/// From nothing to all, each number if there are few.
fn amounts(all: u64) -> Vec<u64> {
    let most = AMOUNTS.min(all);
    let mut amounts: Vec<u64> = (0..most).map(|n| n * all / most.max(1)).collect();
    amounts.extend([1, 2, all.saturating_sub(1), all]);
    amounts.sort_unstable();
    amounts.dedup();
    amounts.retain(|&it| it <= all);
    amounts
}

/// The case as it is, and as a document of some other kind: of every kind if
/// all cases are starved.
fn starve(case: &Case, at: usize) -> Result<(), String> {
    starve_one(&Starved::new(case).ok_or("it does not load")?)?;
    const OTHERS: [Mode; 3] = [Mode::Off, Mode::Markdown, Mode::Terminal];
    let others = match std::env::var_os("GRAVURE_STRESS") {
        Some(_) => &OTHERS[..],
        None => &OTHERS[at % 3..][..1],
    };
    for &mode in others {
        // A filter of one kind of document may be unknown to another.
        if let Some(starved) = Starved::as_document(case, mode) {
            starve_one(&starved).map_err(|told| format!("as {mode:?}: {told}"))?;
        }
    }
    Ok(())
}

fn starve_one(starved: &Starved) -> Result<(), String> {
    let (plain, used) = starved.plain();
    for fuel in amounts(used) {
        for (way, page) in [
            ("page", starved.render(fuel, u64::MAX)),
            ("stream", starved.stream(fuel)),
        ] {
            let is_enough = fuel >= used && told(&page) == told(&plain);
            // An error may come before all is used up that was counted.
            let is_right = is_enough || (is_starved(&page) && fuel < used);
            let is_own = plain.is_err() && told(&page) == told(&plain);
            if !is_right && !is_own {
                return Err(format!("{way}, fuel {fuel} of {used}: {:?}", told(&page)));
            }
        }
    }
    if let Ok(page) = &plain {
        let len = page.len() as u64;
        // Output that is captured counts while it is, and may become less.
        let mut most = len;
        loop {
            let page = starved.short(most);
            if told(&page) == told(&plain) {
                break;
            }
            let code = page.as_ref().map_err(Error::code).err();
            if code != Some(Code::SecOutput) || most > 16 * len + 1024 {
                return Err(format!("output {most}: {:?}", told(&page)));
            }
            most = 2 * most + 1;
        }
        for less in [len.saturating_sub(1), len / 2, 0] {
            let page = starved.short(less);
            let code = page.as_ref().map_err(Error::code).err();
            if less < len && code != Some(Code::SecOutput) {
                return Err(format!("output {less} of {len}: {:?}", told(&page)));
            }
        }
    }
    let (mut memory, mut is_enough) = (0, 0);
    while is_enough < 3 && memory < 1 << 28 {
        let page = starved.render(u64::MAX, memory);
        if told(&page) == told(&plain) {
            is_enough += 1;
        } else if !is_starved(&page) || is_enough > 0 {
            return Err(format!("memory {memory}: {:?}", told(&page)));
        }
        memory = (memory + memory / 8).max(memory + 16);
    }
    let (again, steps) = starved.plain();
    if (told(&again), steps) != (told(&plain), used) {
        return Err(format!("afterwards: {:?}", told(&again)));
    }
    Ok(())
}

#[test]
fn with_less_of_everything() {
    let sample = sample();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, |n| n.get()) {
            scope.spawn(|| {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    let Some(case) = sample.get(at) else { break };
                    let told = catch_unwind(AssertUnwindSafe(|| starve(case, at)));
                    let told = told.unwrap_or(Err("a panic".to_owned()));
                    if let Err(told) = told {
                        wrong.lock().unwrap().push(format!("{}: {told}", case.id));
                    }
                }
            });
        }
    });
    let mut wrong = wrong.into_inner().unwrap();
    assert!(sample.len() >= SAMPLE);
    let n_wrong = wrong.len();
    wrong.truncate(30);
    assert!(
        wrong.is_empty(),
        "{n_wrong} of {}:\n{}",
        sample.len(),
        wrong.join("\n")
    );
}
