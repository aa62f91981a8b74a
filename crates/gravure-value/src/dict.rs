//! A dict in insertion order, keyed by values.
//!
//! Up to [`SCAN`] entries are found by scanning hashes; more through an index.
//! Hash and equality of keys come from `ops`, which charges for them.

use crate::{ALLOCATION, Fault, Heap, Value, ops, text::hash_text};
use gravure_source::RandomState;
use hashbrown::HashTable;
use std::{hash::BuildHasher as _, sync::OnceLock};

/// Up to this many entries no index is kept.
const SCAN: usize = 8;

/// Where a hash lies in an index differs from process to process, so that
/// nobody can write down keys that all lie in one place.
fn spread(hash: u64) -> u64 {
    static SEED: OnceLock<RandomState> = OnceLock::new();
    SEED.get_or_init(RandomState::new).hash_one(hash)
}

#[derive(Clone, Copy, Debug)]
struct Entry<'c> {
    hash: u64,
    key: Value<'c>,
    value: Value<'c>,
}

/// A dict in insertion order. Of a set only the keys count.
#[derive(Clone, Debug, Default)]
pub struct Dict<'c> {
    entries: Vec<Entry<'c>>,
    index: Option<HashTable<u32>>,
    /// Entries that only a look by a text key finds: neither counted nor gone
    /// through. A caught error has some.
    aside: Vec<(&'static str, Value<'c>)>,
}

impl<'c> Dict<'c> {
    /// An empty dict.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// No entry?
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The entry at a position.
    pub fn at(&self, idx: usize) -> Option<(Value<'c>, Value<'c>)> {
        self.entries.get(idx).map(|entry| (entry.key, entry.value))
    }

    /// Entries in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (Value<'c>, Value<'c>)> + use<'_, 'c> {
        self.entries.iter().map(|entry| (entry.key, entry.value))
    }

    /// Where a key is.
    ///
    /// # Errors
    /// `K-RUN-012` if the key cannot be hashed.
    pub fn position(&self, heap: &Heap<'c>, key: Value<'c>) -> Result<Option<usize>, Fault> {
        let hash = ops::hash(heap, key)?;
        self.find(heap, hash, key)
    }

    /// The value under a key.
    ///
    /// # Errors
    /// `K-RUN-012` if the key cannot be hashed.
    pub fn get(&self, heap: &Heap<'c>, key: Value<'c>) -> Result<Option<Value<'c>>, Fault> {
        let found = self.position(heap, key)?;
        Ok(found.map(|idx| self.entries[idx].value))
    }

    /// The value under a text key.
    pub fn get_str(&self, heap: &Heap<'c>, key: &str) -> Option<Value<'c>> {
        self.get_hashed(heap, hash_text(key), key).or_else(|| {
            let aside = self.aside.iter().find(|(name, _)| *name == key);
            aside.map(|(_, value)| *value)
        })
    }

    /// Add a scalar that [`Dict::get_str`] finds and nothing else shows.
    pub fn put_aside(&mut self, name: &'static str, value: Value<'c>) {
        self.aside.push((name, value));
    }

    /// The value under a text key whose [`hash_text`] is known.
    pub fn get_hashed(&self, heap: &Heap<'c>, hash: u64, key: &str) -> Option<Value<'c>> {
        let is_it = |entry: &Entry<'c>| entry.hash == hash && heap.text(entry.key) == Some(key);
        let idx = match &self.index {
            None => self.entries.iter().position(is_it),
            Some(index) => index
                .find(spread(hash), |&idx| is_it(&self.entries[idx as usize]))
                .map(|&idx| idx as usize),
        }?;
        Some(self.entries[idx].value)
    }

    /// Store a value; the old one comes back. A known key keeps its place.
    ///
    /// # Errors
    /// `K-RUN-012` if the key cannot be hashed.
    pub fn insert(
        &mut self,
        heap: &Heap<'c>,
        key: Value<'c>,
        value: Value<'c>,
    ) -> Result<Option<Value<'c>>, Fault> {
        let hash = ops::hash(heap, key)?;
        // What grows is paid for, wherever the key comes from.
        if let Some(idx) = self.find(heap, hash, key)? {
            let old = std::mem::replace(&mut self.entries[idx].value, value);
            return Ok(Some(old));
        }
        heap.charge(ALLOCATION)?;
        self.entries.push(Entry { hash, key, value });
        let n = self.entries.len();
        match &mut self.index {
            Some(index) => {
                let entries = &self.entries;
                index.insert_unique(spread(hash), n as u32 - 1, |&idx| {
                    spread(entries[idx as usize].hash)
                });
            }
            None if n > SCAN => self.reindex(),
            None => {}
        }
        Ok(None)
    }

    /// Remove the entry at a position, keeping the order. Costs one pass.
    pub fn remove_at(&mut self, idx: usize) -> Option<(Value<'c>, Value<'c>)> {
        if idx >= self.entries.len() {
            return None;
        }
        if idx + 1 == self.entries.len() {
            let entry = self.entries.pop()?;
            if let Some(index) = &mut self.index
                && let Ok(found) = index.find_entry(spread(entry.hash), |&at| at as usize == idx)
            {
                found.remove();
            }
            return Some((entry.key, entry.value));
        }
        let entry = self.entries.remove(idx);
        self.reindex();
        Some((entry.key, entry.value))
    }

    /// Remove everything.
    pub fn clear(&mut self) {
        self.entries.clear();
        self.index = None;
    }

    /// Bytes owned, by capacity.
    pub fn bytes(&self) -> usize {
        let index = self.index.as_ref().map_or(0, |index| index.capacity() * 6);
        self.entries.capacity() * size_of::<Entry<'_>>() + index
    }

    fn find(&self, heap: &Heap<'c>, hash: u64, key: Value<'c>) -> Result<Option<usize>, Fault> {
        // Equality of hashable values cannot fail but for the budget; the
        // first fault met is kept and given back.
        let mut fault = None;
        let mut is_it = |entry: &Entry<'c>| {
            entry.hash == hash
                && match ops::eq(heap, entry.key, key) {
                    Ok(same) => same,
                    Err(it) => {
                        fault.get_or_insert(it);
                        false
                    }
                }
        };
        let found = match &self.index {
            None => self.entries.iter().position(is_it),
            Some(index) => index
                .find(spread(hash), |&idx| is_it(&self.entries[idx as usize]))
                .map(|&idx| idx as usize),
        };
        fault.map_or(Ok(found), Err)
    }

    fn reindex(&mut self) {
        if self.entries.len() <= SCAN {
            self.index = None;
            return;
        }
        let entries = &self.entries;
        let mut index = HashTable::with_capacity(entries.len());
        for (idx, entry) in entries.iter().enumerate() {
            index.insert_unique(spread(entry.hash), idx as u32, |&at: &u32| {
                spread(entries[at as usize].hash)
            });
        }
        self.index = Some(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Mark};

    #[test]
    fn entries_keep_their_order_in_small_and_large_dicts() {
        let mut heap = Heap::new(Limits::default());
        for n in [1, 8, 9, 50] {
            let mut dict = Dict::new();
            for key in 0..n {
                let name = heap.new_text(Mark::Plain, format!("k{key}")).unwrap();
                assert!(dict.insert(&heap, name, Value::Int(key)).unwrap().is_none());
            }
            let again = heap.new_text(Mark::Html, "k0").unwrap();
            let old = dict.insert(&heap, again, Value::Int(-1)).unwrap();
            assert!(matches!(old, Some(Value::Int(0))));
            assert_eq!(dict.len(), n as usize);
            let shown: Vec<_> = dict
                .iter()
                .map(|(key, _)| heap.text(key).unwrap())
                .collect();
            let wanted: Vec<_> = (0..n).map(|key| format!("k{key}")).collect();
            assert_eq!(shown, wanted);
            assert!(matches!(dict.get_str(&heap, "k0"), Some(Value::Int(-1))));
            assert!(dict.get_str(&heap, "k50").is_none());
        }
    }

    #[test]
    fn removed_entries_are_gone_and_others_are_found() {
        let heap = Heap::new(Limits::default());
        let mut dict = Dict::new();
        for key in 0..30 {
            dict.insert(&heap, Value::Int(key), Value::Int(key))
                .unwrap();
        }
        for idx in [29, 0, 10, 20] {
            assert!(dict.remove_at(idx).is_some());
        }
        assert!(dict.remove_at(26).is_none());
        let removed = [29, 0, 11, 22];
        for key in 0..30 {
            let found = dict.get(&heap, Value::Int(key)).unwrap();
            assert_eq!(found.is_none(), removed.contains(&key), "{key}");
        }
        dict.insert(&heap, Value::Float(11.0), Value::None).unwrap();
        assert_eq!(dict.position(&heap, Value::Int(11)).unwrap(), Some(26));
        dict.clear();
        assert!(dict.is_empty() && dict.get(&heap, Value::Int(1)).unwrap().is_none());
    }
}
