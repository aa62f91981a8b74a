//! The belt of results: in order, never too many, and nobody waits for ever.

use crate::{Model, belt::Belt};
use loom::thread;
use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

pub(crate) const MODELS: &[Model] = &[
    ("belt/results_come_in_order", in_order),
    ("belt/nobody_gets_too_far_ahead", ahead),
    ("belt/who_stops_is_heard", stopping),
];

fn in_order() {
    let belt = Arc::new(Belt::new(2));
    let workers: Vec<_> = [&[0, 2][..], &[1]]
        .into_iter()
        .map(|numbers| {
            let belt = belt.clone();
            thread::spawn(move || {
                for &number in numbers {
                    if belt.has_room(number) {
                        belt.put(number, number);
                    }
                }
                belt.end(3);
            })
        })
        .collect();
    for number in 0..3 {
        assert_eq!(belt.take(), Some(number));
    }
    assert_eq!(belt.take(), None);
    for worker in workers {
        worker.join().unwrap();
    }
}

fn ahead() {
    let belt = Arc::new(Belt::new(1));
    let taken = Arc::new(AtomicUsize::new(0));
    let (own, count) = (belt.clone(), taken.clone());
    let worker = thread::spawn(move || {
        for number in 0..3 {
            assert!(own.has_room(number));
            assert!(number <= count.load(SeqCst) + 1, "one may be on its way");
            own.put(number, number);
        }
        own.end(3);
    });
    while belt.take().is_some() {
        taken.fetch_add(1, SeqCst);
    }
    assert_eq!(taken.load(SeqCst), 3);
    worker.join().unwrap();
}

fn stopping() {
    let belt = Arc::new(Belt::new(1));
    let own = belt.clone();
    let worker = thread::spawn(move || {
        let mut number = 0;
        while number < 5 && own.has_room(number) {
            own.put(number, number);
            number += 1;
        }
        assert!(number < 5, "nobody took so many");
    });
    assert_eq!(belt.take(), Some(0));
    belt.stop();
    assert_eq!(belt.take(), None);
    worker.join().unwrap();
}
