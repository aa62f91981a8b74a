//! The cache under one thread and under many.

use super::*;
use std::{
    sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

type Texts = Cache<String, String>;

fn get(cache: &Texts, name: &str) -> Result<String, String> {
    let made = cache.get_or_make(name, |_| true, |_| Ok(Arc::new(name.to_uppercase())));
    made.map(|value| value.to_string())
}

fn counts(cache: &Texts) -> (usize, u64, u64) {
    let stats = cache.stats();
    (stats.size, stats.hits, stats.misses)
}

#[test]
fn the_least_recently_used_goes_first() {
    let cache = Texts::new(2);
    for name in ["a", "b", "a", "c"] {
        get(&cache, name).unwrap();
    }
    assert_eq!(cache.names(), ["c", "a"]);
    assert_eq!(counts(&cache), (2, 1, 3));
    assert!((cache.stats().hit_rate() - 0.25).abs() < 1e-9);
    cache.remove("c");
    assert_eq!(cache.names(), ["a"]);
    cache.clear();
    assert_eq!(counts(&cache), (0, 0, 0));
    assert!(cache.stats().hit_rate() == 0.0);
}

#[test]
fn without_a_bound_everything_stays() {
    let cache = Texts::new(0);
    for n in 0..1_000 {
        get(&cache, &n.to_string()).unwrap();
    }
    assert_eq!(cache.stats().size, 1_000);
}

#[test]
fn failures_are_not_kept() {
    let cache = Texts::new(2);
    let failed = cache.get_or_make("a", |_| true, |_| Err("no".to_owned()));
    assert_eq!(failed.unwrap_err(), "no");
    assert_eq!(get(&cache, "a").unwrap(), "A");
    assert_eq!(counts(&cache), (1, 0, 2));
}

#[test]
fn a_stale_value_is_handed_to_its_maker() {
    let cache = Texts::new(2);
    get(&cache, "a").unwrap();
    let same = cache
        .get_or_make("a", |_| false, |stale| Ok(stale.unwrap()))
        .unwrap();
    assert_eq!(*same, "A");
    assert_eq!(counts(&cache), (1, 0, 2));
    assert!(Arc::ptr_eq(&same, &cache.peek("a").unwrap()));
}

#[test]
fn what_is_stale_is_made_anew_unless_somebody_was_quicker() {
    let cache = Texts::new(2);
    get(&cache, "a").unwrap();
    let made = cache.get_or_make(
        "a",
        |_| false,
        |stale| Ok(Arc::new(format!("newer than {}", stale.unwrap()))),
    );
    assert_eq!(*made.unwrap(), "newer than A");
    assert_eq!(*cache.peek("a").unwrap(), "newer than A");
    // While it is asked whether the kept value is current, another one comes.
    let made = cache.get_or_make(
        "a",
        |_| {
            cache.insert("a", Arc::new("newest".to_owned()));
            false
        },
        |_| Err("made once too often".to_owned()),
    );
    assert_eq!(made.as_deref().map(String::as_str), Ok("newest"));
    assert_eq!(counts(&cache), (1, 0, 3));
}

#[test]
fn one_thread_makes_and_the_others_wait() {
    let cache = Texts::new(8);
    let n_made = AtomicUsize::new(0);
    let start = Barrier::new(8);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                start.wait();
                let value = cache.get_or_make(
                    "a",
                    |_| true,
                    |_| {
                        n_made.fetch_add(1, Ordering::Relaxed);
                        thread::sleep(Duration::from_millis(50));
                        Ok(Arc::new("A".to_owned()))
                    },
                );
                assert_eq!(*value.unwrap(), "A");
            });
        }
    });
    assert_eq!(n_made.load(Ordering::Relaxed), 1);
    let stats = cache.stats();
    assert_eq!(stats.hits + stats.misses, 8);
    assert!(cache.state.lock().waiting.is_empty());
    assert!(cache.state.lock().flights.is_empty());
}

#[test]
fn all_who_wait_get_the_failure() {
    let cache = Texts::new(8);
    let start = Barrier::new(4);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                start.wait();
                let failed = cache.get_or_make(
                    "a",
                    |_| true,
                    |_| {
                        thread::sleep(Duration::from_millis(30));
                        Err("no".to_owned())
                    },
                );
                assert_eq!(failed.unwrap_err(), "no");
            });
        }
    });
    assert_eq!(cache.stats().size, 0);
}

#[test]
fn a_slow_name_stops_no_other() {
    let cache = Texts::new(8);
    let (tell, told) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    thread::scope(|scope| {
        let cache = &cache;
        scope.spawn(move || {
            let made = cache.get_or_make(
                "slow",
                |_| true,
                |_| {
                    tell.send(()).unwrap();
                    released.recv().unwrap();
                    Ok(Arc::new("S".to_owned()))
                },
            );
            assert_eq!(*made.unwrap(), "S");
        });
        told.recv().unwrap();
        // The slow maker is released only after all of this is done.
        assert_eq!(get(cache, "a").unwrap(), "A");
        assert_eq!(get(cache, "a").unwrap(), "A");
        release.send(()).unwrap();
    });
    assert_eq!(cache.stats().size, 2);
}

#[test]
fn a_maker_may_ask_for_its_own_name() {
    let cache = Texts::new(8);
    let made = cache.get_or_make(
        "a",
        |_| true,
        |_| {
            let inner = get(&cache, "a")?;
            Ok(Arc::new(format!("outer {inner}")))
        },
    );
    assert_eq!(*made.unwrap(), "outer A");
}

#[test]
fn makers_that_need_each_other_do_not_wait_for_ever() {
    let cache = Texts::new(8);
    let both = Barrier::new(2);
    thread::scope(|scope| {
        for (mine, other) in [("a", "b"), ("b", "a")] {
            let (cache, both) = (&cache, &both);
            scope.spawn(move || {
                let made = cache.get_or_make(
                    mine,
                    |_| true,
                    |_| {
                        both.wait();
                        let inner = get(cache, other)?;
                        Ok(Arc::new(format!("{mine}{inner}")))
                    },
                );
                assert!(made.unwrap().starts_with(mine));
            });
        }
    });
    assert!(cache.state.lock().waiting.is_empty());
}

#[test]
fn who_waits_for_a_panic_makes_its_own() {
    let cache = Texts::new(8);
    let (tell, told) = mpsc::channel();
    thread::scope(|scope| {
        let cache = &cache;
        let first = scope.spawn(move || {
            cache.get_or_make(
                "a",
                |_| true,
                |_| {
                    tell.send(()).unwrap();
                    thread::sleep(Duration::from_millis(50));
                    panic!("a loader of the host fails so");
                },
            )
        });
        told.recv().unwrap();
        assert_eq!(get(cache, "a").unwrap(), "A");
        assert!(first.join().is_err());
    });
    assert!(cache.state.lock().flights.is_empty());
    assert_eq!(get(&cache, "b").unwrap(), "B");
}

#[test]
fn what_is_cleared_while_it_is_made_is_not_kept() {
    let cache = Texts::new(8);
    let made = cache.get_or_make(
        "a",
        |_| true,
        |_| {
            cache.clear();
            Ok(Arc::new("old".to_owned()))
        },
    );
    assert_eq!(*made.unwrap(), "old");
    assert_eq!(cache.stats().size, 0);
    let made = cache.get_or_make(
        "a",
        |_| true,
        |_| {
            cache.insert("a", Arc::new("newer".to_owned()));
            Ok(Arc::new("old".to_owned()))
        },
    );
    assert_eq!(*made.unwrap(), "old");
    assert_eq!(*cache.peek("a").unwrap(), "newer");
}

#[test]
fn many_threads_and_many_names_stay_within_the_bound() {
    let cache = Texts::new(16);
    thread::scope(|scope| {
        for seed in 0..8usize {
            let cache = &cache;
            scope.spawn(move || {
                for n in 0..2_000 {
                    let name = ((n * 7 + seed * 13) % 40).to_string();
                    assert_eq!(get(cache, &name).unwrap(), name);
                    assert!(cache.stats().size <= 16);
                }
            });
        }
    });
    let stats = cache.stats();
    assert_eq!(stats.hits + stats.misses, 16_000);
}
