//! The swap of tables: no change is lost, readers see whole values in order.

use crate::{Model, swap::Swap};
use loom::thread;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

pub(crate) const MODELS: &[Model] = &[
    ("swap/no_change_is_lost", no_change_is_lost),
    ("swap/readers_see_whole_values", readers_see_whole_values),
    (
        "swap/what_is_kept_is_never_older",
        what_is_kept_is_never_older,
    ),
    (
        "swap/a_failed_change_ends_its_turn",
        a_failed_change_ends_its_turn,
    ),
];

fn no_change_is_lost() {
    let swap = Arc::new(Swap::new(Vec::new()));
    let write = |number: i32| {
        let swap = swap.clone();
        thread::spawn(move || swap.update(|all| all.push(number)))
    };
    let writers = [write(1), write(2)];
    swap.update(|all| all.push(10));
    swap.update(|all| all.push(20));
    for writer in writers {
        writer.join().unwrap();
    }
    let mut all = swap.read().to_vec();
    let own = all.iter().filter(|it| **it >= 10);
    assert!(own.eq(&[10, 20]), "in order");
    all.sort_unstable();
    assert_eq!(all, [1, 2, 10, 20]);
}

fn readers_see_whole_values() {
    let swap = Arc::new(Swap::new((0, 0)));
    let writers: Vec<_> = (0..2)
        .map(|_| {
            let swap = swap.clone();
            thread::spawn(move || {
                swap.update(|it| {
                    it.0 += 1;
                    thread::yield_now();
                    it.1 += 1;
                });
            })
        })
        .collect();
    let (first, second) = (swap.read(), swap.read());
    assert!(first.0 == first.1 && second.0 == second.1);
    assert!(first.0 <= second.0, "time does not run back");
    for writer in writers {
        writer.join().unwrap();
    }
    assert_eq!(*swap.read(), (2, 2));
}

/// A reader that keeps values, and whoever tells it that there is a newer one.
fn what_is_kept_is_never_older() {
    let swap = Arc::new(Swap::new(0));
    let other = swap.clone();
    let writer = thread::spawn(move || {
        other.update(|it| *it += 1);
        other.update(|it| *it += 1);
    });
    let kept = swap.keep();
    let read = *swap.read();
    if let Some((version, value)) = kept {
        if swap.is_newest(version) {
            assert!(*value >= read, "time does not run back");
        }
        let read = *swap.read();
        writer.join().unwrap();
        assert!(*value <= read);
        let is_newest = swap.is_newest(version);
        assert!(!is_newest || *value == 2, "what has ended is seen");
        return;
    }
    writer.join().unwrap();
    assert_eq!(*swap.keep().unwrap().1, 2);
}

fn a_failed_change_ends_its_turn() {
    let swap = Arc::new(Swap::new(0));
    let other = swap.clone();
    let failing = thread::spawn(move || {
        let failed = catch_unwind(AssertUnwindSafe(|| {
            other.update(|it| {
                *it += 100;
                std::panic::resume_unwind(Box::new("the host's mistake"));
            })
        }));
        assert!(failed.is_err());
    });
    swap.update(|it| *it += 1);
    failing.join().unwrap();
    assert_eq!(*swap.read(), 1);
}
