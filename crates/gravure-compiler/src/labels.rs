//! Places in code that are not known yet when a jump to them is written.
//!
//! Until a unit is finished, a jump holds the number of its label; then every
//! one is replaced by the op that the label stands before.

use gravure_bytecode::{Jump, Op};

/// A place in a unit's code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Label(pub(crate) u32);

/// The labels of one unit.
#[derive(Debug, Default)]
pub(crate) struct Labels {
    places: Vec<u32>,
}

/// A label that was not placed.
const NOWHERE: u32 = u32::MAX;

impl Labels {
    /// No labels, with the memory of these.
    pub(crate) fn emptied(mut self) -> Self {
        self.places.clear();
        self
    }

    /// A label without a place yet.
    pub(crate) fn fresh(&mut self) -> Label {
        self.places.push(NOWHERE);
        Label(self.places.len() as u32 - 1)
    }

    /// Give it its place.
    pub(crate) fn place(&mut self, label: Label, pc: u32) {
        if let Some(place) = self.places.get_mut(label.0 as usize) {
            *place = pc;
        }
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.places.len()
    }

    /// Those that have a place: it, and their number.
    pub(crate) fn placed(&self) -> impl Iterator<Item = (usize, u32)> {
        let places = self.places.iter().zip(0..);
        places
            .filter(|(pc, _)| **pc != NOWHERE)
            .map(|(&pc, label)| (pc as usize, label))
    }

    /// Give every one its new place.
    pub(crate) fn move_to(&mut self, at: &impl Fn(u32) -> u32) {
        for place in self.places.iter_mut().filter(|it| **it != NOWHERE) {
            *place = at(*place);
        }
    }

    /// Its place.
    pub(crate) fn pc(&self, label: Label) -> u32 {
        let pc = self.places.get(label.0 as usize).copied();
        debug_assert!(pc.is_some_and(|pc| pc != NOWHERE), "a label without place");
        pc.unwrap_or(0)
    }

    /// An op with the place in the place of the label.
    pub(crate) fn patch(&self, op: Op) -> Op {
        let at = |to: Jump| Jump(self.pc(Label(to.0)));
        match op {
            Op::Pick { dst, src, to } => Op::Pick {
                dst,
                src,
                to: at(to),
            },
            Op::Jump { to } => Op::Jump { to: at(to) },
            Op::JumpIf { src, to } => Op::JumpIf { src, to: at(to) },
            Op::JumpUnless { src, to } => Op::JumpUnless { src, to: at(to) },
            Op::JumpSet { src, to } => Op::JumpSet { src, to: at(to) },
            Op::JumpNone { src, to } => Op::JumpNone { src, to: at(to) },
            Op::JumpMissing { src, to } => Op::JumpMissing { src, to: at(to) },
            Op::JumpLooped { it, to } => Op::JumpLooped { it, to: at(to) },
            Op::CacheBegin { cap, base, to } => Op::CacheBegin {
                cap,
                base,
                to: at(to),
            },
            other => other,
        }
    }
}
