//! The registers of all frames, one window behind the other.
//!
//! Behind the last window stand a few more, so that whoever runs a frame sees
//! as many registers as a step can name, and need not ask whether one is there.
//! A step names the first ones of its frame, by a number that the compiler of
//! this program knows to be small: that is what [`Reg`] is for.

use gravure_value::{Value, recycle};
use std::ops::{Deref, DerefMut, Index, IndexMut};

/// So many registers of a frame can be named by a step; ops that name others
/// are left to the run loop.
pub(crate) const REACH: usize = 32;

/// The registers of all frames.
#[derive(Debug, Default)]
pub(crate) struct Registers<'c> {
    /// Those of frames, then at least [`REACH`] that nobody has.
    slots: Vec<Value<'c>>,
    len: usize,
}

impl<'c> Registers<'c> {
    /// How many frames have.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// How many there is memory for.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn capacity(&self) -> usize {
        self.slots.capacity()
    }

    /// Give another frame so many.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn push(&mut self, n: usize) {
        let len = self.len + n;
        if self.slots.len() < len + REACH {
            self.grow(len);
        }
        if let Some(window) = self.slots.get_mut(self.len..len) {
            window.fill(Value::Unset);
        }
        self.len = len;
    }

    /// Give another frame `n`, which begin with the `n_given` values that stand
    /// from `from` on. False, and nothing is given, if one of them is unset.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn push_given(&mut self, n: usize, from: usize, n_given: usize) -> bool {
        let start = self.len;
        if self.slots.len() < start + n + REACH {
            self.grow(start + n);
        }
        let Some((below, above)) = self.slots.split_at_mut_checked(start) else {
            return false;
        };
        let (Some(given), Some((params, others))) = (
            below.get(from..from + n_given),
            above
                .get_mut(..n)
                .and_then(|window| window.split_at_mut_checked(n_given)),
        ) else {
            return false;
        };
        if given.iter().any(|it| !it.is_set()) {
            return false;
        }
        // Few, that are not worth a call which copies many.
        for (to, value) in params.iter_mut().zip(given) {
            *to = *value;
        }
        others.fill(Value::Unset);
        self.len = start + n;
        true
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self, len: usize) {
        // A small frame finds all it needs at once.
        const MORE: usize = REACH + 8;
        while self.slots.len() < len + REACH {
            self.slots.extend_from_slice(&[Value::Unset; MORE]);
        }
    }

    /// Take those behind `len` from their frames.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn truncate(&mut self, len: usize) {
        self.len = self.len.min(len);
    }

    /// What the steps of a frame can name that begins at `base`. Behind its own
    /// there is something that nobody reads.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn window(&mut self, base: usize) -> Option<&mut [Value<'c>; REACH]> {
        self.slots.get_mut(base..)?.first_chunk_mut()
    }

    /// No frame has any, and their memory is let go if it is for more than
    /// `most`.
    #[inline(always)]
    pub(crate) fn clear(&mut self, most: usize) {
        self.len = 0;
        self.slots.clear();
        if self.slots.capacity() > most {
            self.slots = Vec::new();
        }
    }

    /// None, in the memory of these.
    #[inline(always)]
    pub(crate) fn recycle<'d>(self) -> Registers<'d> {
        Registers {
            slots: recycle(self.slots),
            len: 0,
        }
    }
}

impl<'c> Deref for Registers<'c> {
    type Target = [Value<'c>];

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        self.slots.get(..self.len).unwrap_or(&[])
    }
}

impl DerefMut for Registers<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        self.slots.get_mut(..self.len).unwrap_or(&mut [])
    }
}

impl<'c> Index<usize> for Registers<'c> {
    type Output = Value<'c>;

    #[inline(always)]
    fn index(&self, at: usize) -> &Value<'c> {
        &self.slots[at]
    }
}

impl IndexMut<usize> for Registers<'_> {
    #[inline(always)]
    fn index_mut(&mut self, at: usize) -> &mut Self::Output {
        &mut self.slots[at]
    }
}

macro_rules! regs {
    ($($name:ident)+) => {
        /// A register of a frame that a step can name: a number below
        /// [`REACH`].
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(crate) enum Reg { $($name),+ }

        impl Reg {
            const ALL: [Self; REACH] = [$(Self::$name),+];
        }
    };
}

regs! {
    R0 R1 R2 R3 R4 R5 R6 R7 R8 R9 R10 R11 R12 R13 R14 R15
    R16 R17 R18 R19 R20 R21 R22 R23 R24 R25 R26 R27 R28 R29 R30 R31
}

impl Reg {
    /// The register of a number, if a step can name it.
    pub(crate) fn of(number: u16) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// Its number.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn number(self) -> u16 {
        self as u16
    }
}

/// The registers that the steps of a frame can name.
pub(crate) struct Window<'r, 'c>(pub &'r mut [Value<'c>; REACH]);

impl<'c> Index<Reg> for Window<'_, 'c> {
    type Output = Value<'c>;

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn index(&self, at: Reg) -> &Value<'c> {
        &self.0[at as usize]
    }
}

impl IndexMut<Reg> for Window<'_, '_> {
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn index_mut(&mut self, at: Reg) -> &mut Self::Output {
        &mut self.0[at as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_frame_can_be_seen_as_far_as_a_step_reaches() {
        let mut registers = Registers::default();
        assert!(registers.window(0).is_none());
        for n in [0, 1, 7, REACH - 1, REACH, REACH + 1, 1000] {
            let base = registers.len();
            registers.push(n);
            assert_eq!(registers.len(), base + n);
            assert!(registers.iter().skip(base).all(|it| !it.is_set()));
            let mut window = Window(registers.window(base).unwrap());
            window[Reg::R3] = Value::Int(n as i64);
            assert!(matches!(window[Reg::R3], Value::Int(_)));
        }
    }

    #[test]
    fn what_another_frame_left_is_not_seen() {
        let mut registers = Registers::default();
        registers.push(8);
        registers.fill(Value::None);
        registers.truncate(2);
        registers.push(4);
        let kinds: Vec<bool> = registers.iter().map(|it| it.is_set()).collect();
        assert_eq!(kinds, [true, true, false, false, false, false]);
        let registers: Registers<'_> = registers.recycle();
        assert_eq!((registers.len(), registers.iter().count()), (0, 0));
    }

    #[test]
    fn steps_name_the_first_registers_and_no_others() {
        for number in 0..REACH as u16 {
            assert_eq!(Reg::of(number).map(Reg::number), Some(number));
        }
        assert_eq!(Reg::of(REACH as u16), None);
        assert_eq!(Reg::of(u16::MAX), None);
    }
}
