//! The cache: one maker a name, nobody waits for ever, bounds hold.

use crate::{Model, cache::Cache};
use loom::thread;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::SeqCst},
    },
};

pub(crate) const MODELS: &[Model] = &[
    ("cache/one_makes_and_the_others_wait", one_makes),
    ("cache/a_stale_value_is_made_anew_once", stale_once),
    ("cache/a_failure_reaches_all_and_is_not_kept", failures),
    ("cache/who_waits_for_a_panic_makes_its_own", panics),
    ("cache/makers_that_need_each_other_end", circles),
    (
        "cache/what_is_cleared_while_it_is_made_is_not_kept",
        clearing,
    ),
    ("cache/the_bound_holds", eviction),
    ("cache/counters_add_up", counters),
];

type Numbers = Cache<usize, &'static str>;

/// Run this on two threads at once.
fn twice(run: impl Fn(usize) + Send + Sync + 'static) {
    let run = Arc::new(run);
    let other = run.clone();
    let thread = thread::spawn(move || other(1));
    run(0);
    thread.join().unwrap();
}

fn one_makes() {
    let cache = Arc::new(Numbers::new(4));
    let n_made = Arc::new(AtomicUsize::new(0));
    let (own, count) = (cache.clone(), n_made.clone());
    twice(move |_| {
        let made = own.get_or_make(
            "a",
            |_| true,
            |_| {
                thread::yield_now();
                Ok(Arc::new(count.fetch_add(1, SeqCst)))
            },
        );
        assert_eq!(made.map(|it| *it), Ok(0));
    });
    assert_eq!(n_made.load(SeqCst), 1);
    assert_eq!(cache.names(), ["a"]);
}

fn stale_once() {
    let cache = Arc::new(Numbers::new(4));
    cache.insert("a", Arc::new(0));
    let n_made = Arc::new(AtomicUsize::new(0));
    let (own, count) = (cache.clone(), n_made.clone());
    twice(move |_| {
        let made = own.get_or_make(
            "a",
            |it| *it == 1,
            |stale| {
                assert_eq!(stale.as_deref(), Some(&0));
                count.fetch_add(1, SeqCst);
                Ok(Arc::new(1))
            },
        );
        assert_eq!(made.map(|it| *it), Ok(1));
    });
    assert_eq!(n_made.load(SeqCst), 1);
}

fn failures() {
    let cache = Arc::new(Numbers::new(4));
    let own = cache.clone();
    twice(move |_| {
        let made = own.get_or_make("a", |_| true, |_| Err("no"));
        assert_eq!(made, Err("no"));
    });
    assert_eq!(cache.stats().size, 0);
    let made = cache.get_or_make("a", |_| true, |_| Ok(Arc::new(7)));
    assert_eq!(made.map(|it| *it), Ok(7));
}

fn panics() {
    let cache = Arc::new(Numbers::new(4));
    let own = cache.clone();
    twice(move |thread| {
        let made = catch_unwind(AssertUnwindSafe(|| {
            own.get_or_make(
                "a",
                |_| true,
                |_| match thread {
                    0 => std::panic::resume_unwind(Box::new("the host's mistake")),
                    _ => Ok(Arc::new(7)),
                },
            )
        }));
        match made {
            Ok(made) => assert_eq!(made.map(|it| *it), Ok(7)),
            Err(_) => assert_eq!(thread, 0),
        }
    });
    let made = cache.get_or_make("a", |_| true, |_| Ok(Arc::new(8)));
    assert!(matches!(made.map(|it| *it), Ok(7 | 8)));
}

fn circles() {
    let cache = Arc::new(Numbers::new(4));
    let own = cache.clone();
    twice(move |thread| {
        let names = ["a", "b"];
        let made = own.get_or_make(
            names[thread],
            |_| true,
            |_| {
                let inner = own.get_or_make(names[1 - thread], |_| true, |_| Ok(Arc::new(1)));
                Ok(Arc::new(*inner? + 1))
            },
        );
        assert!(matches!(made.map(|it| *it), Ok(1..=3)));
    });
    assert_eq!(cache.stats().size, 2);
}

fn clearing() {
    let cache = Arc::new(Numbers::new(4));
    let source = Arc::new(loom::sync::atomic::AtomicUsize::new(0));
    let (own, own_source) = (cache.clone(), source.clone());
    let thread = thread::spawn(move || {
        let made = own.get_or_make(
            "a",
            |_| true,
            |_| {
                let read = own_source.load(SeqCst);
                thread::yield_now();
                Ok(Arc::new(read))
            },
        );
        assert!(made.is_ok());
    });
    // The source changes, and then the host says so.
    source.store(1, SeqCst);
    cache.clear();
    thread.join().unwrap();
    assert!(matches!(cache.peek("a").as_deref(), None | Some(1)));
}

fn eviction() {
    let cache = Arc::new(Numbers::new(1));
    let own = cache.clone();
    twice(move |thread| {
        for name in [["a", "b"], ["b", "c"]][thread] {
            let made = own.get_or_make(name, |_| true, |_| Ok(Arc::new(name.len())));
            assert_eq!(made.map(|it| *it), Ok(1));
            assert!(own.stats().size <= 1);
        }
    });
    assert_eq!(cache.names().len(), 1);
}

fn counters() {
    let cache = Arc::new(Numbers::new(1));
    let own = cache.clone();
    twice(move |_| {
        for name in ["a", "a"] {
            let made = own.get_or_make(name, |_| true, |_| Ok(Arc::new(1)));
            assert!(made.is_ok());
        }
    });
    let stats = cache.stats();
    assert_eq!(stats.hits + stats.misses, 4);
}
