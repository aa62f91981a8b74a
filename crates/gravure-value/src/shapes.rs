//! Which keys maps have, learned while data is serialized.
//!
//! In: the keys of maps, one behind the other. Out: for maps with the same keys
//! in the same order, one place in the tree where those keys stand. What comes
//! again is named alike, so each key remembers which one came behind it, and
//! which one came first in its value: as a rule a key is recognized by one
//! comparison. Absent on purpose: maps that have too many keys, or too many
//! others; their keys are theirs alone.

use crate::{Node, TreeBuilder, text::same_bytes};
use gravure_source::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher as _;

/// Before the first key of a map.
pub(crate) const ROOT: u32 = 0;

/// A key that belongs to no shape.
pub(crate) const LOOSE: u32 = u32::MAX;

/// Keys that are remembered, unless they are names of the program.
const MOST: usize = 1 << 12;

/// Names of the program that are remembered.
const MOST_NAMES: usize = 1 << 16;

/// A map with more keys than this has them for itself, unless they are names
/// of the program.
const LONGEST: usize = 64;

/// Keys in the place of another that are looked through.
const FEW: usize = 4;

/// Where a key comes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct From {
    /// The key before it; for the first one, the key in whose value its map is.
    pub at: u32,
    /// Is it the first of its map?
    pub is_first: bool,
}

/// What was learned.
#[derive(Debug)]
pub(crate) struct Shapes {
    steps: Vec<Step>,
    /// Steps by where they start and their key.
    known: HashTable<u32>,
    hasher: RandomState,
}

/// A key behind others.
#[derive(Clone, Copy, Debug)]
struct Step {
    /// Where its text lies in the program, if it is a name; else 0.
    address: usize,
    /// Where its text lies in the tree.
    start: u32,
    len: u32,
    /// The key before it; for the first key of a map, the one in whose value
    /// the map is.
    from: u32,
    /// How many keys of its map there are up to it.
    n_keys: u32,
    /// Another that may come in its place, in a ring.
    sibling: u32,
    /// The key that came behind it last.
    next: u32,
    /// The first key of the map that came in its value last.
    inside: u32,
    /// Where the keys up to it stand in the tree; [`LOOSE`] if they do not.
    keys: u32,
    /// Are two of the keys up to it equal?
    is_doubled: bool,
}

const START: Step = Step {
    address: 0,
    start: 0,
    len: 0,
    from: ROOT,
    n_keys: 0,
    sibling: ROOT,
    next: ROOT,
    inside: ROOT,
    keys: LOOSE,
    is_doubled: false,
};

impl Default for Shapes {
    fn default() -> Self {
        Self {
            steps: vec![START],
            known: HashTable::new(),
            hasher: RandomState::new(),
        }
    }
}

impl Shapes {
    /// Forget everything, for another tree.
    pub(crate) fn clear(&mut self) {
        self.steps.clear();
        self.steps.push(START);
        self.known.clear();
    }

    /// The bytes that it owns, by capacity.
    pub(crate) fn bytes(&self) -> usize {
        self.steps.capacity() * size_of::<Step>() + self.known.capacity() * size_of::<u32>()
    }

    #[inline(always)]
    fn step(&self, at: u32) -> Option<&Step> {
        self.steps.get(at as usize)
    }

    /// Is this step the name? Names of the program that lie in one place are
    /// the same.
    #[inline(always)]
    pub(crate) fn is_name(&self, at: u32, name: &'static str) -> bool {
        self.step(at).is_some_and(|step| {
            step.address == name.as_ptr().addr() && step.len as usize == name.len()
        })
    }

    /// Is this step the key?
    #[inline]
    pub(crate) fn is_text(&self, builder: &TreeBuilder, at: u32, key: &str) -> bool {
        at != ROOT
            && self.step(at).is_some_and(|step| {
                step.len as usize == key.len()
                    && same_bytes(
                        builder.text_at(step.start, step.len).as_bytes(),
                        key.as_bytes(),
                    )
            })
    }

    /// The key that came behind this one last.
    #[inline(always)]
    pub(crate) fn next(&self, at: u32) -> u32 {
        self.step(at).map_or(ROOT, |step| step.next)
    }

    /// The key that came first in its value last.
    #[inline(always)]
    pub(crate) fn first_inside(&self, at: u32) -> u32 {
        self.step(at).map_or(ROOT, |step| step.inside)
    }

    /// How many keys there are up to this one.
    pub(crate) fn len(&self, at: u32) -> usize {
        self.step(at).map_or(0, |step| step.n_keys as usize)
    }

    /// Where the keys up to this one stand in the tree, and how many they are.
    #[inline(always)]
    pub(crate) fn keys(&self, at: u32) -> Option<(u32, u32)> {
        let step = self.step(at)?;
        (step.keys != LOOSE).then_some((step.keys, step.n_keys))
    }

    /// Remember where the keys up to this one stand.
    pub(crate) fn set_keys(&mut self, at: u32, keys: u32) {
        if let Some(step) = self.steps.get_mut(at as usize) {
            step.keys = keys;
        }
    }

    /// Are two of the keys up to this one equal?
    pub(crate) fn is_doubled(&self, at: u32) -> bool {
        self.step(at).is_some_and(|step| step.is_doubled)
    }

    /// The keys up to this one.
    pub(crate) fn path(&self, at: u32) -> Vec<Node> {
        let mut keys = Vec::with_capacity(self.len(at));
        keys.extend(self.before(at).map(|step| Node::Text(step.start, step.len)));
        keys.reverse();
        keys
    }

    /// This key, and those before it in its map.
    fn before(&self, at: u32) -> impl Iterator<Item = &Step> {
        let mut at = at;
        (0..self.len(at)).filter_map(move |_| {
            let step = self.step(at)?;
            at = step.from;
            Some(step)
        })
    }

    /// The step with this key, from the key before it, or the first in the
    /// value of that key.
    pub(crate) fn find(
        &self,
        builder: &TreeBuilder,
        from: From,
        guess: u32,
        key: &str,
        address: usize,
    ) -> Option<u32> {
        // One that came a little longer ago.
        let mut at = guess;
        for _ in 0..FEW {
            at = self.step(at)?.sibling;
            let step = self.step(at)?;
            let is_it = match address {
                0 => self.is_text(builder, at, key),
                _ => step.address == address && step.len as usize == key.len(),
            };
            if is_it && at != ROOT {
                return Some(at);
            }
        }
        let is_it = |&at: &u32| {
            self.step(at).is_some_and(|step| {
                step.is_from(from) && builder.text_at(step.start, step.len) == key
            })
        };
        self.known.find(self.hash(from, key), is_it).copied()
    }

    fn hash(&self, from: From, key: &str) -> u64 {
        self.hasher.hash_one((from.at, from.is_first, key))
    }

    /// May another step be remembered, behind so many keys?
    pub(crate) fn has_room(&self, n_keys: usize, address: usize) -> bool {
        match address {
            0 => self.steps.len() < MOST && n_keys < LONGEST,
            _ => self.steps.len() < MOST_NAMES,
        }
    }

    /// A step that is new, with the node of its key.
    pub(crate) fn add(
        &mut self,
        builder: &TreeBuilder,
        from: From,
        guess: u32,
        key: Node,
        address: usize,
    ) -> u32 {
        let (start, len) = match key {
            Node::Text(start, len) => (start, len),
            _ => (0, 0),
        };
        let text = |step: &Step| builder.text_at(step.start, step.len);
        let own = builder.text_at(start, len);
        let (n_keys, is_doubled) = match from.is_first {
            true => (0, false),
            false => (
                self.len(from.at),
                self.is_doubled(from.at) || self.before(from.at).any(|step| text(step) == own),
            ),
        };
        let at = self.steps.len() as u32;
        let sibling = match self.steps.get_mut(guess as usize) {
            Some(other) if guess != ROOT => std::mem::replace(&mut other.sibling, at),
            _ => at,
        };
        self.steps.push(Step {
            address,
            start,
            len,
            from: from.at,
            n_keys: n_keys as u32 + 1,
            sibling,
            is_doubled,
            ..START
        });
        let steps = &self.steps;
        let hash = |&at: &u32| {
            let step = steps.get(at as usize).unwrap_or(&START);
            let from = From {
                at: step.from,
                is_first: step.n_keys == 1,
            };
            self.hasher.hash_one((from.at, from.is_first, text(step)))
        };
        let own = hash(&at);
        self.known.insert_unique(own, at, hash);
        at
    }

    /// Expect this step when the one before it comes again.
    pub(crate) fn expect(&mut self, from: From, at: u32) {
        if let Some(step) = self.steps.get_mut(from.at as usize) {
            match from.is_first {
                true => step.inside = at,
                false => step.next = at,
            }
        }
    }
}

impl Step {
    fn is_from(&self, from: From) -> bool {
        self.from == from.at && (self.n_keys == 1) == from.is_first
    }
}
