//! Keys of hash tables: fast hashing with keys that nobody can guess.
//!
//! The standard library asks the system for chance, whatever a program is
//! linked with; the keys are made of its answer, others for each table.

use ahash::AHasher;
use std::hash::BuildHasher;

/// Hashes with keys of its own.
///
/// ```
/// use std::hash::BuildHasher as _;
/// let (one, other) = (gravure_source::RandomState::new(), gravure_source::RandomState::new());
/// assert_eq!(one.hash_one("a"), one.clone().hash_one("a"));
/// assert_ne!(one.hash_one("a"), other.hash_one("a"));
/// ```
#[derive(Clone, Debug)]
pub struct RandomState(ahash::RandomState);

impl RandomState {
    /// With new keys.
    pub fn new() -> Self {
        let chance = std::hash::RandomState::new();
        let [a, b, c, d] = [0_u64, 1, 2, 3].map(|number| chance.hash_one(number));
        Self(ahash::RandomState::with_seeds(a, b, c, d))
    }
}

impl Default for RandomState {
    fn default() -> Self {
        Self::new()
    }
}

impl BuildHasher for RandomState {
    type Hasher = AHasher;

    #[inline]
    fn build_hasher(&self) -> AHasher {
        self.0.build_hasher()
    }
}
