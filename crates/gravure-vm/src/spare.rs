//! A render's memory, from one render to the next on its thread.
//!
//! In: a render that has ended. Out: the same memory for one of any other
//! lifetime, empty but for what its tables can hold. It never moves: a render
//! is made and ended where it lies.

use crate::{Env, Vm};
use gravure_value::{Limits, recycle_with};
use std::{
    mem::ManuallyDrop,
    ops::{Deref, DerefMut},
};

/// The memory of a render that has ended, for the next one on its thread.
#[derive(Default)]
pub struct Spare(Place<'static>);

/// A render in its place.
pub struct Running<'c>(Place<'c>);

/// Where a render lies, if it is there: it leaves only with its place, at its
/// end. One of an array, since the memory of a table can pass to values of
/// another lifetime; and dropped by hand, so that passing costs nothing.
#[derive(Default)]
struct Place<'c>(Option<Box<[ManuallyDrop<Vm<'c>>; 1]>>);

impl Drop for Place<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.0.is_some() {
            self.abandon();
        }
    }
}

impl<'c> Place<'c> {
    #[cold]
    #[inline(never)]
    fn fresh(limits: &Limits) -> Self {
        Self(Some(Box::new([ManuallyDrop::new(Vm::idle(limits))])))
    }

    /// A render is dropped on its way, or its thread ends.
    #[cold]
    #[inline(never)]
    fn abandon(&mut self) {
        if let Some(place) = self.0.take() {
            let [vm] = *place;
            drop(ManuallyDrop::into_inner(vm));
        }
    }
}

impl Spare {
    /// No memory yet.
    pub const NONE: Self = Self(Place(None));
}

impl<'c> Running<'c> {
    /// A render at rest, in the memory of one that has ended, with what it is
    /// lent, which is put there at once. What the host gives is still to be
    /// set. Limits of the same number are the same, but for 0.
    #[inline(always)]
    pub fn new(
        (limits, number): (&Limits, u64),
        spare: Spare,
        env: impl FnOnce() -> Env<'c>,
    ) -> Self {
        let mut place: Place<'c> = spare.0;
        if place.0.is_none() {
            place = Place::fresh(limits);
        }
        let mut running = Self(place);
        running.restart(limits, number, env());
        running
    }

    /// End, and leave the memory to another render.
    #[inline(always)]
    pub fn into_spare(mut self) -> Spare {
        self.empty();
        let Some(place) = self.0.0.take() else {
            return Spare::NONE;
        };
        let all: Box<[ManuallyDrop<Vm<'c>>]> = place;
        let all = recycle_with(all.into_vec(), |vm| {
            ManuallyDrop::new(ManuallyDrop::into_inner(vm).hollow())
        });
        Spare(Place(all.try_into().ok()))
    }
}

impl<'c> Deref for Running<'c> {
    type Target = Vm<'c>;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        match &self.0.0 {
            Some(place) => {
                let [vm] = &**place;
                vm
            }
            None => unreachable!("it leaves only with its place"),
        }
    }
}

impl DerefMut for Running<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        match &mut self.0.0 {
            Some(place) => {
                let [vm] = &mut **place;
                vm
            }
            None => unreachable!("it leaves only with its place"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_stays_where_it_is() {
        let at = |place: &Place<'_>| place.0.as_ref().map(|it| &raw const **it as usize);
        let place = Place::fresh(&Limits::default());
        let before = at(&place);
        let spare = Running(place).into_spare();
        assert!(before.is_some());
        assert_eq!(at(&spare.0), before);
    }
}
