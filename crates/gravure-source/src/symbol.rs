//! Names as numbers: a `u32` for a known string, and the table behind it.

use ahash::RandomState;

/// The number of a name in one [`Interner`].
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Symbol(pub u32);

impl Symbol {
    /// The position in the table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A table of distinct strings, numbered in the order in which they came.
///
/// ```
/// use gravure_source::Interner;
/// let mut names = Interner::default();
/// let user = names.intern("user");
/// assert_eq!(names.intern("user"), user);
/// assert_eq!(names.text(user), "user");
/// ```
#[derive(Clone, Debug)]
pub struct Interner {
    /// All strings, one behind the other: a table costs a few allocations,
    /// however many names there are.
    texts: String,
    /// Where each ends, and its hash.
    ends: Vec<(usize, u32)>,
    /// A hash table with open addresses: a symbol and one, or 0. Its length is
    /// a power of two and never less than a third more than it holds.
    slots: Vec<u32>,
    hasher: RandomState,
}

/// How many slots a table begins with: enough for most templates.
const FIRST_SLOTS: usize = 64;

impl Default for Interner {
    fn default() -> Self {
        Self {
            texts: String::new(),
            ends: Vec::new(),
            slots: Vec::new(),
            // Fixed keys: the order of numbers never depends on them, and a
            // table of one template's names cannot be attacked through its
            // hash.
            hasher: RandomState::with_seeds(1, 2, 3, 4),
        }
    }
}

impl Interner {
    /// The symbol of `text`, new or known.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if self.slots.len() * 3 <= self.ends.len() * 4 {
            self.grow();
        }
        let hash = self.hash(text);
        let slot = match self.find(text, hash) {
            Ok(known) => return known,
            Err(slot) => slot,
        };
        let symbol = Symbol(self.ends.len() as u32);
        self.texts.push_str(text);
        self.ends.push((self.texts.len(), hash));
        if let Some(slot) = self.slots.get_mut(slot) {
            *slot = symbol.0 + 1;
        }
        symbol
    }

    /// The symbol of `text` if it has one.
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.find(text, self.hash(text)).ok()
    }

    /// The string behind a symbol of this table.
    pub fn text(&self, symbol: Symbol) -> &str {
        &self.texts[self.range(symbol)]
    }

    fn range(&self, symbol: Symbol) -> std::ops::Range<usize> {
        let end = self.ends[symbol.index()].0;
        match symbol.index().checked_sub(1) {
            Some(before) => self.ends[before].0..end,
            None => 0..end,
        }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Is there no name yet?
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All names in order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len() as u32).map(|number| self.text(Symbol(number)))
    }

    /// All names, one behind the other, in order of their numbers.
    pub fn joined(&self) -> &str {
        &self.texts
    }

    fn hash(&self, text: &str) -> u32 {
        // The upper half is as good as the lower one.
        (self.hasher.hash_one(text) >> 32) as u32
    }

    /// The symbol of a text, or the slot where it would have to stand.
    fn find(&self, text: &str, hash: u32) -> Result<Symbol, usize> {
        let mask = self.slots.len().wrapping_sub(1);
        let mut at = hash as usize & mask;
        // There is always a free slot, so this ends.
        while let Some(&slot) = self.slots.get(at) {
            let Some(number) = slot.checked_sub(1) else {
                return Err(at);
            };
            let symbol = Symbol(number);
            if self.ends[symbol.index()].1 == hash {
                let known = &self.texts.as_bytes()[self.range(symbol)];
                if known == text.as_bytes() {
                    return Ok(symbol);
                }
            }
            at = (at + 1) & mask;
        }
        Err(at)
    }

    fn grow(&mut self) {
        if self.slots.is_empty() {
            self.texts.reserve(FIRST_SLOTS * 8);
            self.ends.reserve(FIRST_SLOTS / 2);
        }
        let len = (self.slots.len() * 2).max(FIRST_SLOTS);
        let mut slots = vec![0; len];
        for (number, &(_, hash)) in self.ends.iter().enumerate() {
            let mut at = hash as usize & (len - 1);
            while slots[at] != 0 {
                at = (at + 1) & (len - 1);
            }
            slots[at] = number as u32 + 1;
        }
        self.slots = slots;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_names_keep_their_numbers() {
        let mut names = Interner::default();
        assert_eq!(names.get(""), None);
        let name = |number: u32| format!("{}{number}", "x".repeat(number as usize % 5));
        for number in 0..5000 {
            assert_eq!(names.get(&name(number)), None);
            assert_eq!(names.intern(&name(number)), Symbol(number));
        }
        for number in 0..5000 {
            assert_eq!(names.intern(&name(number)), Symbol(number));
            assert_eq!(names.get(&name(number)), Some(Symbol(number)));
            assert_eq!(names.text(Symbol(number)), name(number));
        }
        assert_eq!(names.len(), 5000);
        let all: Vec<_> = names.iter().collect();
        assert_eq!(all.concat(), names.joined());
        assert_eq!(names.intern(""), Symbol(5000));
        assert_eq!(names.text(Symbol(5000)), "");
    }
}
