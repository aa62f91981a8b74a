//! Every case of the corpus in every mode: what must come out comes out, and
//! no mode says anything else than the plain one.
//!
//! All cases run on threads with a stack of 128 KiB, one after the other, each
//! in the memory of the one before.

use crate::corpus::corpus;
use gravure::unstable::{Chunk, Optimize, Probe};
use gravure_testkit::{
    Bundled, Case, Mode, Outcome, Tally, Told, Verdict, Way, cases, json_of, judge, through_bytes,
};
use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    hash::{DefaultHasher, Hash, Hasher},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The stack that every render must do with.
const STACK: usize = 128 << 10;

/// Disagreements that are shown.
const SHOWN: usize = 40;

struct Prepared {
    file: String,
    case: Case,
    /// The same data, where JSON can say it.
    json: Option<serde_json::Value>,
}

static CORPUS: LazyLock<Vec<Prepared>> = LazyLock::new(|| {
    let mut all = Vec::new();
    for (file, text) in corpus() {
        for (_, case) in cases(&text) {
            let case = case.unwrap();
            let json = json_of(&case.context);
            let file = file.clone();
            all.push(Prepared { file, case, json });
        }
    }
    all
});

/// What the plain mode says when it is asked as the case asks.
static PLAIN: LazyLock<Vec<Told>> = LazyLock::new(|| {
    let told = run_all(Mode::default(), |mode, it| {
        let told = mode.run(&it.case, None, &[Way::Asked]);
        told.into_iter().next().map(|(_, told)| told)
    });
    told.into_iter().flatten().collect()
});

/// One answer a case, in the order of the corpus.
fn run_all<T: Send>(mode: Mode, run: impl Fn(Mode, &Prepared) -> T + Sync) -> Vec<T> {
    let corpus = &*CORPUS;
    let next = AtomicUsize::new(0);
    let answers = Mutex::new(Vec::with_capacity(corpus.len()));
    let work = || {
        let mut own = Vec::new();
        while let Some(it) = corpus.get(next.fetch_add(1, Ordering::Relaxed)) {
            let place = std::ptr::from_ref(it) as usize;
            own.push((place, run(mode, it)));
        }
        answers.lock().unwrap().append(&mut own);
    };
    thread::scope(|scope| {
        let n_workers = thread::available_parallelism().map_or(2, |n| n.get());
        for _ in 0..n_workers {
            let small = thread::Builder::new().stack_size(STACK);
            small.spawn_scoped(scope, work).unwrap();
        }
    });
    let mut answers = answers.into_inner().unwrap();
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

/// No case says anything else in this mode, in these ways.
fn check(mode: Mode, ways: &[Way]) {
    let plain = &*PLAIN;
    let told = run_all(mode, |mode, it| {
        let run = AssertUnwindSafe(|| mode.run(&it.case, it.json.as_ref(), ways));
        catch_unwind(run).unwrap_or_else(|_| {
            let crash = Told {
                outcome: Outcome::Crash("a panic".to_owned()),
                columns: None,
                message: String::new(),
                steps: None,
            };
            vec![(Way::Asked, crash)]
        })
    });
    assert_eq!(told.len(), plain.len());
    let mut found = Vec::new();
    for ((it, wanted), told) in CORPUS.iter().zip(plain).zip(&told) {
        for (way, told) in told {
            if !agree(mode, &it.case, wanted, told) {
                found.push(format!(
                    "{} {way:?}\n  plain {wanted:?}\n  here  {told:?}",
                    it.case.id
                ));
            }
        }
    }
    let n_found = found.len();
    found.truncate(SHOWN);
    assert!(
        n_found == 0,
        "{n_found} disagreements\n{}",
        found.join("\n")
    );
}

/// Does a case take as many steps as chance will have it? Sorting does.
fn is_by_chance(case: &Case) -> bool {
    let shuffles = |(_, source): &(String, String)| source.contains("shuffle");
    case.templates.iter().any(shuffles)
}

/// Do both say the same, and for as many steps where one counted? Only the
/// optimizer may save some, and chance.
fn agree(mode: Mode, case: &Case, wanted: &Told, told: &Told) -> bool {
    let is_free =
        mode.optimize != Optimize::default() || told.steps.is_none() || is_by_chance(case);
    let steps = if is_free { wanted.steps } else { told.steps };
    let told = Told {
        steps,
        ..told.clone()
    };
    told == *wanted
}

fn with(change: impl FnOnce(&mut Mode)) -> Mode {
    let mut mode = Mode::default();
    change(&mut mode);
    mode
}

#[test]
fn every_case_gives_what_it_must() {
    let mut tally = Tally::default();
    let mut failed = Vec::new();
    for (it, told) in CORPUS.iter().zip(&*PLAIN) {
        let verdict = judge(it.case.expected.as_ref(), &told.outcome);
        if let Verdict::Fail(problem) = &verdict {
            failed.push(format!("{} {problem}", it.case.id));
        }
        tally.add(&it.file, &verdict);
    }
    assert_eq!(PLAIN.len(), CORPUS.len());
    assert_eq!(tally.unjudged(), 0);
    failed.truncate(SHOWN);
    assert!(failed.is_empty(), "{}\n{tally}", failed.join("\n"));
}

#[test]
fn however_the_page_is_asked_for() {
    check(Mode::default(), &Way::ALL);
}

#[test]
fn with_the_optimizer_off() {
    check(with(|mode| mode.optimize = Optimize::NONE), &[Way::Asked]);
}

#[test]
fn from_bytes_without_the_source() {
    check(
        with(|mode| mode.probe.transform = Some(through_bytes)),
        &[Way::Asked],
    );
}

#[test]
fn from_a_bundle() {
    check(
        with(|mode| mode.bundle = Some(Bundled::Whole)),
        &[Way::Asked],
    );
}

#[test]
fn from_a_bundle_without_the_sources() {
    check(
        with(|mode| mode.bundle = Some(Bundled::Stripped)),
        &[Way::Asked, Way::Stream],
    );
}

#[test]
fn with_a_collection_wherever_one_may_be() {
    check(
        with(|mode| mode.probe.collect_always = true),
        &[Way::Asked, Way::Json],
    );
}

#[test]
fn without_the_loop_of_the_frequent_ops() {
    check(
        with(|mode| mode.probe.is_plain = true),
        &[Way::Asked, Way::Json],
    );
}

#[test]
fn in_pieces_of_a_byte() {
    check(
        with(|mode| mode.probe.piece = Some(1)),
        &[Way::Stream, Way::Sink],
    );
}

#[test]
fn with_all_of_it_at_once() {
    let mode = Mode {
        optimize: Optimize::NONE,
        probe: Probe {
            collect_always: true,
            is_plain: true,
            piece: Some(1),
            transform: Some(through_bytes),
        },
        ..Mode::default()
    };
    check(mode, &Way::ALL);
}

/// With bounds a little too narrow cases fail, and at one place. It is tried
/// with every third.
fn check_narrow(code: &str, narrow: impl Fn(&Told) -> Option<Mode> + Sync) {
    let places: BTreeMap<&str, (usize, &Told)> = CORPUS
        .iter()
        .zip(&*PLAIN)
        .enumerate()
        .map(|(at, (it, told))| (&*it.case.id, (at, told)))
        .collect();
    let found = run_all(Mode::default(), |_, it| {
        let (at, told) = places.get(&*it.case.id)?;
        if at % 3 != 0 || is_by_chance(&it.case) {
            return None;
        }
        let mode = narrow(told)?;
        let first = mode.run(&it.case, None, &[Way::Asked, Way::Stream]);
        let mut plain = mode;
        plain.probe.is_plain = true;
        let second = plain.run(&it.case, None, &[Way::Asked, Way::Stream]);
        let wanted = first.first().map(|(_, told)| told)?;
        let is_code =
            |told: &Told| matches!(&told.outcome, Outcome::Error(failure) if failure.code == code);
        let fails = |(_, told): &&(Way, Told)| {
            !is_code(told) || (&told.outcome, told.columns) != (&wanted.outcome, wanted.columns)
        };
        let other = first.iter().chain(&second).find(fails)?;
        Some(format!(
            "{}\n  first {wanted:?}\n  other {other:?}",
            it.case.id
        ))
    });
    let mut found: Vec<String> = found.into_iter().flatten().collect();
    let n_found = found.len();
    found.truncate(SHOWN);
    assert!(
        n_found == 0,
        "{n_found} disagreements\n{}",
        found.join("\n")
    );
}

#[test]
fn with_a_byte_less_than_the_page_has() {
    check_narrow("K-SEC-005", |told| match &told.outcome {
        Outcome::Output(page) if !page.is_empty() => Some(Mode {
            output: Some(page.len() as u64 - 1),
            ..Mode::default()
        }),
        _ => None,
    });
}

#[test]
fn with_a_step_less_than_the_page_takes() {
    check_narrow("K-RUN-019", |told| {
        Some(Mode {
            fuel: Some(told.steps?.checked_sub(1)?),
            ..Mode::default()
        })
    });
}

thread_local! {
    static COMPILED: RefCell<BTreeSet<(String, u64)>> = const { RefCell::new(BTreeSet::new()) };
}

/// Remember the bytes of a chunk.
fn remember(chunk: Chunk) -> Chunk {
    let mut hasher = DefaultHasher::new();
    chunk.encode().hash(&mut hasher);
    let entry = (chunk.name.clone(), hasher.finish());
    COMPILED.with_borrow_mut(|compiled| compiled.insert(entry));
    chunk
}

#[test]
fn the_same_bytes_whoever_compiles() {
    let mode = with(|mode| mode.probe.transform = Some(remember));
    let compile = |mode: Mode, it: &Prepared| {
        let n_told = mode.run(&it.case, None, &[Way::Asked]).len();
        (n_told, COMPILED.with_borrow_mut(std::mem::take))
    };
    let (first, second) = (run_all(mode, compile), run_all(mode, compile));
    let n_chunks: usize = first.iter().map(|(_, compiled)| compiled.len()).sum();
    assert!(n_chunks > CORPUS.len() / 2, "only {n_chunks}");
    for ((it, first), second) in CORPUS.iter().zip(first).zip(second) {
        assert_eq!(first, second, "{}", it.case.id);
    }
}

#[test]
fn most_data_can_be_said_in_json() {
    let n_json = CORPUS.iter().filter(|it| it.json.is_some()).count();
    assert!(n_json * 100 > CORPUS.len() * 95, "only {n_json}");
}
