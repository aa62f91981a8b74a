//! What a render may use, and the meter that counts it.
//!
//! One counter counts down to the next checkpoint; a charge is a subtraction
//! and a test. Builtins charge before they work, the VM charges its loops and
//! calls, so no long work escapes.

use crate::Fault;
use std::cell::Cell as Slot;

/// The bounds of a render. `u64::MAX` means none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Steps: one an instruction or an item that a builtin looks at.
    pub fuel: u64,
    /// Bytes that the render's own values may hold at a time, by capacity.
    pub memory: u64,
    /// Bytes of output, all pieces together.
    pub output: u64,
    /// Nested calls of defs, call contents and slots.
    pub call_depth: u32,
    /// Nested includes and embeds.
    pub include_depth: u32,
    /// Parents above the template asked for.
    pub extends_depth: u32,
    /// Rounds of all loops together.
    pub loop_rounds: u64,
    /// Elements of one collection.
    pub collection: u64,
    /// Bytes of one text.
    pub text: u64,
    /// Members of one range.
    pub range: u64,
    /// Width or precision in a format.
    pub format_width: u64,
    /// Bits of one integer.
    pub int_bits: u64,
    /// Calls from builtins back into the template, nested.
    pub callback_depth: u32,
}

impl Default for Limits {
    /// Memory (1 GiB), integers (4 Mibit) and depths are bounded; fuel and
    /// output are the host's choice.
    fn default() -> Self {
        Self {
            fuel: u64::MAX,
            memory: 1 << 30,
            output: u64::MAX,
            call_depth: 500,
            include_depth: 50,
            extends_depth: 50,
            loop_rounds: u64::MAX,
            collection: u64::MAX,
            text: u64::MAX,
            range: u64::MAX,
            format_width: 10_000,
            int_bits: 1 << 22,
            callback_depth: 4,
        }
    }
}

impl Limits {
    /// The lower of both bounds, one by one.
    #[must_use]
    pub fn lowered(&self, by: &Self) -> Self {
        Self {
            fuel: self.fuel.min(by.fuel),
            memory: self.memory.min(by.memory),
            output: self.output.min(by.output),
            call_depth: self.call_depth.min(by.call_depth),
            include_depth: self.include_depth.min(by.include_depth),
            extends_depth: self.extends_depth.min(by.extends_depth),
            loop_rounds: self.loop_rounds.min(by.loop_rounds),
            collection: self.collection.min(by.collection),
            text: self.text.min(by.text),
            range: self.range.min(by.range),
            format_width: self.format_width.min(by.format_width),
            int_bits: self.int_bits.min(by.int_bits),
            callback_depth: self.callback_depth.min(by.callback_depth),
        }
    }

    /// Bounds for templates of people one does not trust.
    pub fn untrusted() -> Self {
        Self {
            fuel: 50_000_000,
            memory: 64 << 20,
            output: 10 << 20,
            call_depth: 100,
            include_depth: 20,
            extends_depth: 20,
            loop_rounds: 1_000_000,
            collection: 100_000,
            text: 8 << 20,
            range: 10_000,
            format_width: 1_000,
            ..Self::default()
        }
    }
}

/// Counts the steps of one render down.
///
/// Charging takes `&self`, so that everything that only reads data can charge.
pub struct Meter {
    /// Steps until the next checkpoint; below zero the slow path decides.
    left: Slot<i64>,
    /// Fuel behind the checkpoint.
    reserve: Slot<u64>,
    limit: u64,
    /// Steps of this turn behind the checkpoint; `u64::MAX` if a render need
    /// not let others run.
    turn: Slot<u64>,
    /// Checkpoints since the turn was over.
    overdue: Slot<u32>,
    /// Asked at each checkpoint: is the time up? With the limit in
    /// milliseconds.
    alarm: Option<(Alarm, u64)>,
}

/// Tells whether the time is up.
pub type Alarm = Box<dyn Fn() -> bool + Send + Sync>;

impl std::fmt::Debug for Meter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Meter({} used of {})", self.used(), self.limit)
    }
}

/// Steps between two checkpoints.
const QUANTUM: u64 = 1 << 16;

impl Meter {
    /// A full meter.
    pub fn new(fuel: u64) -> Self {
        let first = fuel.min(QUANTUM);
        Self {
            left: Slot::new(first as i64),
            reserve: Slot::new(fuel - first),
            limit: fuel,
            turn: Slot::new(u64::MAX),
            overdue: Slot::new(0),
            alarm: None,
        }
    }

    /// Be full: for a meter that is new or hollow.
    #[inline(always)]
    pub(crate) fn begin(&mut self, fuel: u64) {
        let first = fuel.min(QUANTUM);
        self.left.set(first as i64);
        self.reserve.set(fuel - first);
        self.limit = fuel;
    }

    /// Nobody is asked any more.
    #[inline(always)]
    pub(crate) fn empty(&mut self) {
        if self.alarm.is_some() {
            self.drop_alarm();
        }
    }

    #[cold]
    #[inline(never)]
    fn drop_alarm(&mut self) {
        self.alarm = None;
    }

    /// One that is still to begin; this one was emptied.
    #[inline(always)]
    pub(crate) fn hollow(self) -> Self {
        std::mem::forget(self.alarm);
        Self {
            left: Slot::new(0),
            reserve: Slot::new(0),
            limit: 0,
            turn: Slot::new(u64::MAX),
            overdue: Slot::new(0),
            alarm: None,
        }
    }

    /// Ask at each checkpoint, and now, whether the time is up.
    pub fn set_alarm(&mut self, alarm: Alarm, milliseconds: u64) {
        self.alarm = Some((alarm, milliseconds));
    }

    /// Pay for `steps` before doing them.
    ///
    /// # Errors
    /// `K-RUN-019` if the fuel is used up.
    #[inline]
    pub fn charge(&self, steps: u64) -> Result<(), Fault> {
        let left = self
            .left
            .get()
            .saturating_sub(i64::try_from(steps).unwrap_or(i64::MAX));
        self.left.set(left);
        if left < 0 { self.refill() } else { Ok(()) }
    }

    /// Pay if that takes no look at the reserve. If not, nothing is paid.
    #[inline(always)]
    pub fn try_charge(&self, steps: u64) -> bool {
        let left = self.left.get();
        let enough = left >= 0 && left as u64 >= steps;
        if enough {
            self.left.set(left - steps as i64);
        }
        enough
    }

    /// Would [`Meter::try_charge`] pay?
    #[inline(always)]
    pub fn affords(&self, steps: u64) -> bool {
        let left = self.left.get();
        left >= 0 && left as u64 >= steps
    }

    /// How many times `steps` could be paid by [`Meter::try_charge`].
    #[inline(always)]
    pub fn affordable(&self, steps: u64) -> u64 {
        u64::try_from(self.left.get()).unwrap_or(0) / steps.max(1)
    }

    /// Steps used so far.
    pub fn used(&self) -> u64 {
        let rest = i128::from(self.reserve.get()) + i128::from(self.left.get());
        (i128::from(self.limit) - rest).clamp(0, i128::from(u64::MAX)) as u64
    }

    /// Give back what was paid since so many steps were [`used`](Meter::used),
    /// for work that was refused and will be asked for again.
    pub fn refund(&self, since: u64) {
        let paid = self.used().saturating_sub(since);
        let paid = i64::try_from(paid).unwrap_or(i64::MAX);
        self.left.set(self.left.get().saturating_add(paid));
    }

    /// Begin a turn of so many steps. When they are used up the meter is due,
    /// and every charge is looked at until the next turn begins.
    pub fn begin_turn(&self, steps: u64) {
        let left = u64::try_from(self.left.get()).unwrap_or(0);
        self.turn.set(steps);
        self.overdue.set(0);
        self.grant(self.reserve.get().saturating_add(left));
    }

    /// Is the turn over?
    #[inline]
    pub fn is_due(&self) -> bool {
        self.overdue.get() > 0
    }

    /// Steps up to the next checkpoint, from what is left.
    fn grant(&self, rest: u64) {
        let turn = self.turn.get();
        let next = rest.min(QUANTUM).min(turn);
        self.left.set(next as i64);
        self.reserve.set(rest - next);
        if turn != u64::MAX {
            self.turn.set(turn - next);
        }
    }

    #[cold]
    fn refill(&self) -> Result<(), Fault> {
        // A clock costs more than the steps between two charges.
        let looks = self.overdue.get().is_multiple_of(64);
        if looks
            && let Some((alarm, milliseconds)) = &self.alarm
            && alarm()
        {
            return Err(Fault::budget("time in milliseconds", *milliseconds));
        }
        let debt = self.left.get().unsigned_abs();
        let reserve = self.reserve.get();
        if self.limit != u64::MAX && debt > reserve {
            return Err(Fault::budget("fuel", self.limit));
        }
        let turn = self.turn.get();
        if turn != u64::MAX {
            self.turn.set(turn.saturating_sub(debt));
            if turn <= debt {
                self.overdue.set(self.overdue.get().saturating_add(1));
            }
        }
        self.grant(reserve.saturating_sub(debt));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    };

    #[test]
    fn the_meter_stops_exactly_at_its_limit() {
        let meter = Meter::new(100_000);
        for _ in 0..100_000 {
            meter.charge(1).unwrap();
        }
        assert_eq!(meter.used(), 100_000);
        assert!(meter.charge(1).is_err());
        assert!(meter.charge(1).is_err());
    }

    #[test]
    fn all_of_the_fuel_may_be_used_at_once() {
        for fuel in [0, 1, QUANTUM - 1, QUANTUM, QUANTUM + 1, 3 * QUANTUM + 7] {
            let meter = Meter::new(fuel);
            meter.charge(fuel).unwrap();
            assert_eq!(meter.used(), fuel);
            assert!(meter.charge(1).is_err());
            assert!(Meter::new(fuel).charge(fuel + 1).is_err());
        }
    }

    #[test]
    fn a_huge_charge_is_one_fault() {
        let meter = Meter::new(10);
        assert!(meter.charge(u64::MAX).is_err());
        let free = Meter::new(u64::MAX);
        free.charge(1 << 40).unwrap();
        free.charge(u64::MAX).unwrap();
    }

    #[test]
    fn a_turn_ends_and_the_next_one_begins() {
        let meter = Meter::new(u64::MAX);
        meter.charge(10).unwrap();
        assert!(!meter.is_due());
        meter.begin_turn(100);
        for _ in 0..100 {
            assert!(meter.try_charge(1));
        }
        assert!(!meter.try_charge(1) && !meter.is_due());
        meter.charge(1).unwrap();
        assert!(meter.is_due() && !meter.try_charge(1));
        meter.charge(50).unwrap();
        meter.begin_turn(5);
        assert!(!meter.is_due());
        meter.charge(1_000).unwrap();
        assert!(meter.is_due());
        assert_eq!(meter.used(), 10 + 100 + 1 + 50 + 1_000);
        let short = Meter::new(20);
        for turn in 0..4 {
            short.begin_turn(5);
            assert_eq!(short.used(), turn * 5);
            short.charge(5).unwrap();
        }
        short.begin_turn(5);
        assert!(short.charge(1).is_err());
    }

    #[test]
    fn unlimited_meters_count_too() {
        let meter = Meter::new(u64::MAX);
        meter.charge(70_000).unwrap();
        assert_eq!(meter.used(), 70_000);
    }

    /// Bounds that are all the same number.
    fn all(bound: u32) -> Limits {
        let long = u64::from(bound);
        Limits {
            fuel: long,
            memory: long,
            output: long,
            call_depth: bound,
            include_depth: bound,
            extends_depth: bound,
            loop_rounds: long,
            collection: long,
            text: long,
            range: long,
            format_width: long,
            int_bits: long,
            callback_depth: bound,
        }
    }

    #[test]
    fn every_bound_can_be_lowered_and_none_raised() {
        let base = Limits::default();
        assert_eq!(base.lowered(&all(3)), all(3));
        assert_eq!(all(3).lowered(&base), all(3));
        assert_eq!(all(3).lowered(&all(5)), all(3));
        assert_eq!(all(5).lowered(&all(3)), all(3));
    }

    #[test]
    fn who_is_not_trusted_gets_these_bounds() {
        let wanted = Limits {
            fuel: 50_000_000,
            memory: 67_108_864,
            output: 10_485_760,
            call_depth: 100,
            include_depth: 20,
            extends_depth: 20,
            loop_rounds: 1_000_000,
            collection: 100_000,
            text: 8_388_608,
            range: 10_000,
            format_width: 1_000,
            int_bits: 4_194_304,
            callback_depth: 4,
        };
        assert_eq!(Limits::untrusted(), wanted);
        // None of them is above what everybody has.
        assert_eq!(Limits::default().lowered(&wanted), wanted);
    }

    /// A meter with an alarm that never rings, and how often it was asked.
    fn watched(fuel: u64) -> (Meter, Arc<AtomicU64>) {
        let asked = Arc::new(AtomicU64::new(0));
        let count = asked.clone();
        let mut meter = Meter::new(fuel);
        let alarm = move || {
            count.fetch_add(1, Ordering::Relaxed);
            false
        };
        meter.set_alarm(Box::new(alarm), 7);
        (meter, asked)
    }

    #[test]
    fn the_alarm_is_asked_at_checkpoints_and_nowhere_else() {
        let (meter, asked) = watched(u64::MAX);
        let n_asked = || asked.load(Ordering::Relaxed);
        for _ in 0..QUANTUM {
            meter.charge(1).unwrap();
        }
        assert_eq!((QUANTUM, n_asked()), (65_536, 0));
        meter.charge(1).unwrap();
        assert_eq!(n_asked(), 1);
        meter.charge(QUANTUM + 1).unwrap();
        assert_eq!(n_asked(), 2);
        // Who does not let others run is asked at every 64th charge.
        meter.begin_turn(0);
        for _ in 0..640 {
            meter.charge(1).unwrap();
        }
        assert_eq!(n_asked(), 12);
    }

    #[test]
    fn the_alarm_ends_a_render_at_the_next_checkpoint() {
        let mut meter = Meter::new(u64::MAX);
        meter.set_alarm(Box::new(|| true), 250);
        meter.charge(QUANTUM).unwrap();
        let fault = meter.charge(1).unwrap_err();
        assert_eq!(fault.code, gravure_source::Code::RunBudget);
        assert!(fault.message.contains("250"), "{}", fault.message);
    }

    #[test]
    fn a_meter_shows_what_is_used() {
        let meter = Meter::new(1_000);
        meter.charge(30).unwrap();
        assert_eq!(format!("{meter:?}"), "Meter(30 used of 1000)");
    }

    #[test]
    fn what_is_affordable_is_what_can_be_paid() {
        for (fuel, steps) in [(100, 1), (100, 7), (100, 100), (100, 101), (0, 1), (5, 0)] {
            let meter = Meter::new(fuel);
            let affordable = meter.affordable(steps);
            let mut paid = 0;
            while steps > 0 && meter.try_charge(steps) {
                paid += 1;
            }
            let wanted = if steps == 0 { fuel } else { paid };
            assert_eq!(affordable, wanted, "{fuel} by {steps}");
            assert_eq!(meter.used(), paid * steps);
        }
        // What is owed pays for nothing.
        let meter = Meter::new(10);
        assert!(meter.charge(20).is_err());
        assert!(meter.affordable(1) == 0 && !meter.try_charge(0));
    }
}
