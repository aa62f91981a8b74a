//! What the protos of a chunk share: texts, symbols, constants, imports,
//! shapes and tables. Equal ones are kept once, in the order of first use.

use crate::fold::Const;
use crate::maps::{Map, map};
use gravure_bytecode::{
    Constant, ContentId, Draft, Import, ImportEntry, ImportKind, NamesId, Override, OverrideId,
    Shape, ShapeId, SlotContent, Sym, TextRange, VisibleName,
};
use gravure_source::{Interner, Symbol};

/// The most that an operand of 24 bits can number.
pub(crate) const MOST_24: usize = 1 << 24;
/// The most that an operand of 16 bits can number.
pub(crate) const MOST_16: usize = u16::MAX as usize;

/// Bytes from which on a text is written down without a look at others.
const LONG: usize = 48;

/// How many bytes of long texts there is room for from the start, at most.
const MOST_AT_ONCE: usize = 1 << 16;

/// A constant whose texts are not placed yet.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Entry {
    Text(Symbol),
    /// A range of the long texts.
    Long(TextRange),
    Int(i64),
    Big(Symbol),
    Float(u64),
}

/// The numbers that a text has, as a symbol and as a constant.
#[derive(Clone, Copy)]
struct TextNumbers {
    symbol: u32,
    constant: u32,
}

/// No number yet: more than any that is given.
const NONE: u32 = u32::MAX;

/// Things that are numbered in the order in which they came.
struct Numbered<T> {
    all: Vec<T>,
    numbers: Map<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Numbered<T> {
    fn new() -> Self {
        Self {
            all: Vec::new(),
            numbers: map(),
        }
    }

    /// The number of a thing; `None` if there would be more than `most`.
    fn number(&mut self, thing: T, most: usize) -> Option<u32> {
        if let Some(&number) = self.numbers.get(&thing) {
            return Some(number);
        }
        if self.all.len() >= most {
            return None;
        }
        let number = self.all.len() as u32;
        self.all.push(thing.clone());
        self.numbers.insert(thing, number);
        Some(number)
    }
}

/// Everything that protos refer to by number.
pub(crate) struct Pool {
    texts: Interner,
    /// By the number of the text.
    text_numbers: Vec<TextNumbers>,
    /// Texts that are too long to be worth looking for equal ones.
    long: String,
    symbols: Vec<Symbol>,
    constants: Vec<Entry>,
    /// Of constants that are no text.
    numbers: Map<Entry, u32>,
    imports: Numbered<(ImportKind, Sym)>,
    shapes: Numbered<Shape>,
    names: Vec<Vec<VisibleName>>,
    contents: Vec<Vec<SlotContent>>,
    overrides: Vec<Vec<Override>>,
}

/// The numbers of a text, perhaps none yet.
fn numbers_of(all: &mut Vec<TextNumbers>, text: Symbol) -> &mut TextNumbers {
    let (symbol, constant) = (NONE, NONE);
    if all.len() <= text.index() {
        all.resize(text.index() + 1, TextNumbers { symbol, constant });
    }
    &mut all[text.index()]
}

/// The number of something new; `None` if there would be too many.
fn push<T>(all: &mut Vec<T>, new: T) -> Option<u32> {
    if all.len() >= MOST_24 {
        return None;
    }
    all.push(new);
    Some(all.len() as u32 - 1)
}

/// The number of a new table.
fn push_table<T>(tables: &mut Vec<T>, table: T) -> Option<u16> {
    let id = u16::try_from(tables.len()).ok()?;
    tables.push(table);
    Some(id)
}

impl Pool {
    /// A pool for a source of so many bytes.
    pub(crate) fn new(bytes: usize) -> Self {
        Self {
            texts: Interner::default(),
            // Most of a template is text, and most of it long.
            long: String::with_capacity(bytes.min(MOST_AT_ONCE)),
            text_numbers: Vec::with_capacity(32),
            symbols: Vec::with_capacity(32),
            constants: Vec::with_capacity(32),
            numbers: map(),
            imports: Numbered::new(),
            shapes: Numbered::new(),
            names: Vec::new(),
            contents: Vec::new(),
            overrides: Vec::new(),
        }
    }

    pub(crate) fn sym(&mut self, text: &str) -> Option<Sym> {
        let text = self.texts.intern(text);
        let known = numbers_of(&mut self.text_numbers, text);
        if known.symbol == NONE {
            known.symbol = push(&mut self.symbols, text)?;
        }
        Some(Sym(known.symbol))
    }

    /// The number of a constant of text.
    pub(crate) fn text(&mut self, text: &str) -> Option<u32> {
        if text.len() > LONG {
            let start = u32::try_from(self.long.len()).ok()?;
            let len = u32::try_from(text.len()).ok()?;
            let number = push(&mut self.constants, Entry::Long(TextRange { start, len }))?;
            self.long.push_str(text);
            return Some(number);
        }
        self.short(text)
    }

    /// The number of a constant of text that may be there already.
    fn short(&mut self, text: &str) -> Option<u32> {
        let text = self.texts.intern(text);
        let known = numbers_of(&mut self.text_numbers, text);
        if known.constant == NONE {
            known.constant = push(&mut self.constants, Entry::Text(text))?;
        }
        Some(known.constant)
    }

    /// The number of any constant that has one; `none` and truth values do not.
    pub(crate) fn constant(&mut self, value: &Const) -> Option<u32> {
        let entry = match value {
            Const::None | Const::Bool(_) => return None,
            Const::Int(int) => Entry::Int(*int),
            Const::Big(digits) => Entry::Big(self.texts.intern(digits)),
            Const::Float(float) => Entry::Float(float.to_bits()),
            Const::Str(text) => return self.short(text),
        };
        if let Some(&known) = self.numbers.get(&entry) {
            return Some(known);
        }
        let number = push(&mut self.constants, entry)?;
        self.numbers.insert(entry, number);
        Some(number)
    }

    pub(crate) fn import(&mut self, kind: ImportKind, name: Sym) -> Option<Import> {
        let number = self.imports.number((kind, name), MOST_16)?;
        u16::try_from(number).ok().map(Import)
    }

    pub(crate) fn shape(&mut self, shape: Shape) -> Option<ShapeId> {
        let number = self.shapes.number(shape, MOST_16)?;
        u16::try_from(number).ok().map(ShapeId)
    }

    pub(crate) fn names(&mut self, table: Vec<VisibleName>) -> Option<NamesId> {
        // Most tags see nothing; they share the empty table.
        if table.is_empty()
            && let Some(at) = self.names.iter().take(16).position(Vec::is_empty)
        {
            return u16::try_from(at).ok().map(NamesId);
        }
        push_table(&mut self.names, table).map(NamesId)
    }

    pub(crate) fn content(&mut self, table: Vec<SlotContent>) -> Option<ContentId> {
        push_table(&mut self.contents, table).map(ContentId)
    }

    pub(crate) fn overrides(&mut self, table: Vec<Override>) -> Option<OverrideId> {
        push_table(&mut self.overrides, table).map(OverrideId)
    }

    /// Put everything into the draft; `false` if the texts are too long.
    pub(crate) fn fill(self, draft: &mut Draft) -> bool {
        let joined = self.texts.joined();
        let Some(long) = u32::try_from(joined.len()).ok() else {
            return false;
        };
        if u32::try_from(joined.len() + self.long.len()).is_err() {
            return false;
        }
        let mut text = String::with_capacity(joined.len() + self.long.len());
        text.push_str(joined);
        text.push_str(&self.long);
        draft.text = text.into();
        let mut ranges = Vec::with_capacity(self.texts.len());
        let mut start = 0;
        for text in self.texts.iter() {
            let len = text.len() as u32;
            ranges.push(TextRange { start, len });
            start += len;
        }
        let range = |text: Symbol| ranges.get(text.index()).copied().unwrap_or_default();
        draft.symbols = self.symbols.iter().map(|&text| range(text)).collect();
        let constant = |entry: &Entry| match *entry {
            Entry::Text(text) => Constant::Text(range(text)),
            Entry::Long(TextRange { start, len }) => Constant::Text(TextRange {
                start: start.saturating_add(long),
                len,
            }),
            Entry::Int(int) => Constant::Int(int),
            Entry::Big(digits) => Constant::Big(range(digits)),
            Entry::Float(bits) => Constant::Float(bits),
        };
        draft.constants = self.constants.iter().map(constant).collect();
        let import = |&(kind, name): &(ImportKind, Sym)| ImportEntry { kind, name };
        draft.imports = self.imports.all.iter().map(import).collect();
        draft.shapes = self.shapes.all;
        draft.names = self.names;
        draft.contents = self.contents;
        draft.overrides = self.overrides;
        true
    }
}
