//! Maps and sets for lookup. Their hash has fixed keys, and nothing walks through one
//! in its own order: what a chunk is never depends on that (I2).

use ahash::RandomState;
use std::collections::{HashMap, HashSet};

/// A map for lookup only.
pub(crate) type Map<K, V> = HashMap<K, V, RandomState>;

/// An empty map.
pub(crate) fn map<K, V>() -> Map<K, V> {
    HashMap::with_hasher(RandomState::with_seeds(1, 2, 3, 4))
}

/// A set for lookup only, or to be sorted before it is walked through.
pub(crate) type Set<T> = HashSet<T, RandomState>;

/// An empty set.
pub(crate) fn set<T>() -> Set<T> {
    HashSet::with_hasher(RandomState::with_seeds(1, 2, 3, 4))
}
