//! Jobs done by several threads, their results in the order of the jobs.

use super::belt::Belt;
use crate::sync::Mutex;
use std::{ops::ControlFlow, thread};

/// How many results each worker may be ahead.
const AHEAD: usize = 4;

/// Do jobs with so many threads and hand each result to `take`, in order, on
/// the calling thread. Jobs are drawn as results are taken: no more than a few
/// for each worker are under way or wait. With one worker, and where threads
/// cannot be had, the calling thread does it all.
///
/// # Panics
/// If `jobs`, `work` or `take` does.
pub(crate) fn in_order<J: Send, R: Send>(
    workers: usize,
    jobs: impl Iterator<Item = J> + Send,
    work: impl Fn(J) -> R + Sync,
    mut take: impl FnMut(R) -> ControlFlow<()>,
) {
    if workers <= 1 {
        let _ = jobs.map(work).try_for_each(take);
        return;
    }
    let belt = &Belt::new(workers.saturating_mul(AHEAD));
    let source = &Mutex::new((0, jobs));
    let work = &work;
    let labor = move || {
        let _stop = StopOnPanic(belt);
        loop {
            let mut jobs = source.lock();
            let (number, jobs_left) = &mut *jobs;
            // Whoever draws the next job waits for its room; the others wait
            // for their turn to draw.
            if !belt.has_room(*number) {
                return;
            }
            let Some(job) = jobs_left.next() else {
                belt.end(*number);
                return;
            };
            let mine = *number;
            *number += 1;
            drop(jobs);
            belt.put(mine, work(job));
        }
    };
    thread::scope(|scope| {
        // Ends the others if `take` panics.
        let _stop = StopOnPanic(belt);
        let spawned = (0..workers).take_while(|_| {
            let spawned = thread::Builder::new().spawn_scoped(scope, labor);
            spawned.is_ok()
        });
        if spawned.count() == 0 {
            let mut jobs = source.lock();
            let _ = jobs.1.by_ref().map(work).try_for_each(take);
            return;
        }
        while let Some(result) = belt.take() {
            if take(result).is_break() {
                belt.stop();
                return;
            }
        }
    });
}

/// A worker that panics leaves a hole that nobody must wait for.
struct StopOnPanic<'a, R>(&'a Belt<R>);

impl<R> Drop for StopOnPanic<'_, R> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        sync::atomic::{AtomicUsize, Ordering::Relaxed},
        time::Duration,
    };

    fn all(workers: usize, n: usize) -> Vec<usize> {
        let mut taken = Vec::new();
        in_order(
            workers,
            0..n,
            |it| it * 2,
            |it| {
                taken.push(it);
                ControlFlow::Continue(())
            },
        );
        taken
    }

    #[test]
    fn results_come_in_order() {
        for workers in [0, 1, 2, 3, 16] {
            for n in [0, 1, 2, 1_000] {
                let expected: Vec<usize> = (0..n).map(|it| it * 2).collect();
                assert_eq!(all(workers, n), expected, "{workers} {n}");
            }
        }
    }

    #[test]
    fn who_takes_slowly_holds_the_others_back() {
        let (drawn, taken) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let jobs = (0..100).inspect(|_| {
            let ahead = drawn.fetch_add(1, Relaxed) - taken.load(Relaxed);
            assert!(ahead <= 2 * AHEAD + 1, "{ahead} ahead");
        });
        in_order(
            2,
            jobs,
            |it| it,
            |_| {
                thread::sleep(Duration::from_micros(100));
                taken.fetch_add(1, Relaxed);
                ControlFlow::Continue(())
            },
        );
        assert_eq!(taken.load(Relaxed), 100);
    }

    #[test]
    fn who_takes_may_stop() {
        for workers in [1, 4] {
            let drawn = AtomicUsize::new(0);
            let mut taken = Vec::new();
            in_order(
                workers,
                (0..).inspect(|_| {
                    drawn.fetch_add(1, Relaxed);
                }),
                |it: usize| it,
                |it| {
                    taken.push(it);
                    match it {
                        5 => ControlFlow::Break(()),
                        _ => ControlFlow::Continue(()),
                    }
                },
            );
            assert_eq!(taken, [0, 1, 2, 3, 4, 5]);
            assert!(drawn.load(Relaxed) <= 6 + workers * AHEAD);
        }
    }

    #[test]
    fn a_panic_reaches_the_caller_and_nobody_waits_for_ever() {
        let fails = |bad_job: usize, bad_work: usize, bad_take: usize| {
            catch_unwind(AssertUnwindSafe(|| {
                in_order(
                    3,
                    (0..100).inspect(|it| assert_ne!(*it, bad_job)),
                    |it| {
                        assert_ne!(it, bad_work);
                        it
                    },
                    |it| {
                        assert_ne!(it, bad_take);
                        ControlFlow::Continue(())
                    },
                );
            }))
            .is_err()
        };
        assert!(fails(50, 999, 999));
        assert!(fails(999, 50, 999));
        assert!(fails(999, 999, 50));
        assert!(!fails(999, 999, 999));
    }
}
