//! The clock: CPU time of this thread, in rounds that take turns.
//!
//! Wall time says little on a machine that others use.
//! Every round asks each contestant once, so a slow spell of the machine
//! falls on all of them and the ratios stay.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

/// How many rounds there are, and how long one contestant's turn should take.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// The number of rounds; the median of an odd number is a measured one.
    pub rounds: usize,
    /// The shortest turn: long enough to make the clock's own cost vanish.
    pub turn: Duration,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            rounds: 11,
            turn: Duration::from_millis(30),
        }
    }
}

/// The median CPU time of one call for each of `contestants`.
///
/// What a call returns is dropped on the clock when `is_drop_timed`.
pub fn medians<T>(plan: Plan, contestants: &[&dyn Fn() -> T], timing: Timing) -> Vec<Duration> {
    let turns: Vec<u32> = contestants
        .iter()
        .map(|run| calls_for(plan.turn, run, timing))
        .collect();
    let mut times = vec![Vec::with_capacity(plan.rounds); contestants.len()];
    for _ in 0..plan.rounds {
        for ((run, calls), times) in contestants.iter().zip(&turns).zip(&mut times) {
            times.push(time(*calls, run, timing) / *calls);
        }
    }
    times.into_iter().map(median).collect()
}

/// What is on the clock.
#[derive(Clone, Copy, Debug)]
pub enum Timing {
    /// The call and the drop of what it returned.
    WithDrop,
    /// The call alone, each one by itself.
    CallOnly,
}

/// How many calls fill a turn; the search warms the caches, too.
fn calls_for<T>(turn: Duration, run: &dyn Fn() -> T, timing: Timing) -> u32 {
    let mut calls = 1_u32;
    loop {
        let taken = time(calls, run, timing);
        if taken >= turn / 4 || calls >= 1 << 28 {
            let ratio = turn.as_secs_f64() / taken.as_secs_f64().max(1e-9);
            return (f64::from(calls) * ratio).ceil().max(1.0) as u32;
        }
        calls *= 4;
    }
}

fn time<T>(calls: u32, run: &dyn Fn() -> T, timing: Timing) -> Duration {
    match timing {
        Timing::WithDrop => {
            let start = ThreadTime::now();
            for _ in 0..calls {
                black_box(run());
            }
            start.elapsed()
        }
        Timing::CallOnly => {
            let mut total = Duration::ZERO;
            for _ in 0..calls {
                let start = ThreadTime::now();
                let made = black_box(run());
                total += start.elapsed();
                drop(made);
            }
            total
        }
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_one_in_the_middle() {
        let times = [9, 1, 5].map(Duration::from_nanos).to_vec();
        assert_eq!(median(times), Duration::from_nanos(5));
    }

    #[test]
    fn more_work_takes_more_time() {
        let plan = Plan {
            rounds: 3,
            turn: Duration::from_millis(2),
        };
        let sum = |n: u64| (0..n).fold(0_u64, |sum, i| black_box(sum ^ i));
        let times = medians(plan, &[&|| sum(1_000), &|| sum(100_000)], Timing::WithDrop);
        assert!(times[1] > 10 * times[0], "{times:?}");
    }
}
