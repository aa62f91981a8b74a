//! Names as numbers: a `u32` for a known string, and the table behind it.

use ahash::RandomState;
use std::collections::HashMap;

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
    texts: Vec<Box<str>>,
    numbers: HashMap<Box<str>, Symbol, RandomState>,
}

impl Default for Interner {
    fn default() -> Self {
        // Fixed keys: the order of numbers never depends on them, and a table
        // of one template's names cannot be attacked through its hash.
        let state = RandomState::with_seeds(1, 2, 3, 4);
        Self {
            texts: Vec::new(),
            numbers: HashMap::with_hasher(state),
        }
    }
}

impl Interner {
    /// The symbol of `text`, new or known.
    pub fn intern(&mut self, text: &str) -> Symbol {
        if let Some(&known) = self.numbers.get(text) {
            return known;
        }
        let symbol = Symbol(self.texts.len() as u32);
        self.texts.push(text.into());
        self.numbers.insert(text.into(), symbol);
        symbol
    }

    /// The symbol of `text` if it has one.
    pub fn get(&self, text: &str) -> Option<Symbol> {
        self.numbers.get(text).copied()
    }

    /// The string behind a symbol of this table.
    pub fn text(&self, symbol: Symbol) -> &str {
        &self.texts[symbol.index()]
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.texts.len()
    }

    /// Is there no name yet?
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }

    /// All names in order of their numbers.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|text| &**text)
    }
}
