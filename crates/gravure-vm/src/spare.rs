//! A render's memory, from one render to the next on its thread.
//!
//! In: a render that has ended. Out: the same memory for one of any other
//! lifetime, empty but for what its tables can hold. It never moves: a render
//! is made and ended where it lies.

use crate::{Env, Vm};
use gravure_value::{Limits, recycle_with};
use std::ops::{Deref, DerefMut};

/// The memory of a render that has ended, for the next one on its thread.
#[derive(Default)]
pub struct Spare(Option<Place<'static>>);

/// One of an array, since the memory of a table can pass to values of another
/// lifetime.
type Place<'c> = Box<[Vm<'c>; 1]>;

/// A render in its place.
pub struct Running<'c>(Place<'c>);

impl Spare {
    /// No memory yet.
    pub const NONE: Self = Self(None);
}

impl<'c> Running<'c> {
    /// A render at rest, in the memory of one that has ended, with what it is
    /// lent, which is put there at once. What the host gives is still to be
    /// set.
    #[inline(always)]
    pub fn new(limits: &Limits, spare: Spare, env: impl FnOnce() -> Env<'c>) -> Self {
        let mut place: Place<'c> = match spare.0 {
            Some(place) => place,
            None => fresh(limits),
        };
        let [vm] = &mut *place;
        vm.restart(limits, env());
        Self(place)
    }

    /// End, and leave the memory to another render.
    #[inline(always)]
    pub fn into_spare(self) -> Spare {
        let mut place = self.0;
        let [vm] = &mut *place;
        vm.empty();
        let all: Box<[Vm<'c>]> = place;
        let all = recycle_with(all.into_vec(), Vm::hollow);
        Spare(Place::try_from(all).ok())
    }
}

#[cold]
#[inline(never)]
fn fresh<'c>(limits: &Limits) -> Place<'c> {
    Box::new([Vm::idle(limits)])
}

impl<'c> Deref for Running<'c> {
    type Target = Vm<'c>;

    #[inline(always)]
    fn deref(&self) -> &Self::Target {
        let [vm] = &*self.0;
        vm
    }
}

impl DerefMut for Running<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Self::Target {
        let [vm] = &mut *self.0;
        vm
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_stays_where_it_is() {
        let place = fresh(&Limits::default());
        let at = &raw const *place as usize;
        let spare = Running(place).into_spare();
        let again = spare.0.map(|place| &raw const *place as usize);
        assert_eq!(again, Some(at));
    }
}
