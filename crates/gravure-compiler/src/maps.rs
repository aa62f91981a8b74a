//! Maps and sets for lookup. Nothing walks through one in its own order: what
//! a chunk is never depends on that (I2).
//!
//! The keys are small numbers, nearly always; they are mixed by multiplying
//! and folding the halves of the product together.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// A map for lookup only.
pub(crate) type Map<K, V> = HashMap<K, V, BuildHasherDefault<Folded>>;

/// A set for lookup only, or to be sorted before it is walked through.
pub(crate) type Set<T> = HashSet<T, BuildHasherDefault<Folded>>;

/// An empty map.
pub(crate) fn map<K, V>() -> Map<K, V> {
    Map::default()
}

/// An empty set.
pub(crate) fn set<T>() -> Set<T> {
    Set::default()
}

/// The hash.
#[derive(Default)]
pub(crate) struct Folded(u64);

/// Digits of pi, as odd as any others.
const KEY: u64 = 0x2437_54ad_b3f8_a63b;

impl Folded {
    fn mix(&mut self, number: u64) {
        let product = u128::from(self.0 ^ number ^ KEY) * u128::from(KEY | 1 << 63);
        self.0 = (product as u64) ^ (product >> 64) as u64;
    }
}

impl Hasher for Folded {
    fn write(&mut self, bytes: &[u8]) {
        for part in bytes.chunks(8) {
            let mut number = [0; 8];
            for (to, from) in number.iter_mut().zip(part) {
                *to = *from;
            }
            self.mix(u64::from_le_bytes(number));
        }
        self.mix(bytes.len() as u64);
    }

    fn write_u8(&mut self, number: u8) {
        self.mix(u64::from(number));
    }

    fn write_u16(&mut self, number: u16) {
        self.mix(u64::from(number));
    }

    fn write_u32(&mut self, number: u32) {
        self.mix(u64::from(number));
    }

    fn write_u64(&mut self, number: u64) {
        self.mix(number);
    }

    fn write_i64(&mut self, number: i64) {
        self.mix(number as u64);
    }

    fn write_usize(&mut self, number: usize) {
        self.mix(number as u64);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    #[test]
    fn near_and_round_numbers_spread() {
        for step in [1u64, 8, 1 << 16, 1 << 32, 1 << 48] {
            let buckets = (0..1024).map(|n: u64| {
                let mut hash = Folded::default();
                n.wrapping_mul(step).hash(&mut hash);
                hash.finish() % 1024
            });
            let n = buckets.collect::<HashSet<_>>().len();
            assert!(n > 512, "{n} of 1024 buckets are used for steps of {step}");
        }
    }
}
