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
    /// Texts that are too long to be worth looking for equal ones.
    long: String,
    symbols: Numbered<Symbol>,
    constants: Numbered<Entry>,
    imports: Numbered<(ImportKind, Sym)>,
    shapes: Numbered<Shape>,
    names: Vec<Vec<VisibleName>>,
    contents: Vec<Vec<SlotContent>>,
    overrides: Vec<Vec<Override>>,
}

/// The number of a new table.
fn push<T>(tables: &mut Vec<T>, table: T) -> Option<u16> {
    let id = u16::try_from(tables.len()).ok()?;
    tables.push(table);
    Some(id)
}

impl Pool {
    pub(crate) fn new() -> Self {
        Self {
            texts: Interner::default(),
            long: String::new(),
            symbols: Numbered::new(),
            constants: Numbered::new(),
            imports: Numbered::new(),
            shapes: Numbered::new(),
            names: Vec::new(),
            contents: Vec::new(),
            overrides: Vec::new(),
        }
    }

    pub(crate) fn sym(&mut self, text: &str) -> Option<Sym> {
        let text = self.texts.intern(text);
        self.symbols.number(text, MOST_24).map(Sym)
    }

    /// The number of a constant of text.
    pub(crate) fn text(&mut self, text: &str) -> Option<u32> {
        if text.len() > LONG {
            let start = u32::try_from(self.long.len()).ok()?;
            let len = u32::try_from(text.len()).ok()?;
            self.long.push_str(text);
            let range = TextRange { start, len };
            return self.constants.number(Entry::Long(range), MOST_24);
        }
        let text = self.texts.intern(text);
        self.constants.number(Entry::Text(text), MOST_24)
    }

    /// The number of any constant that has one; `none` and truth values do not.
    pub(crate) fn constant(&mut self, value: &Const) -> Option<u32> {
        let entry = match value {
            Const::None | Const::Bool(_) => return None,
            Const::Int(int) => Entry::Int(*int),
            Const::Big(digits) => Entry::Big(self.texts.intern(digits)),
            Const::Float(float) => Entry::Float(float.to_bits()),
            Const::Str(text) => Entry::Text(self.texts.intern(text)),
        };
        self.constants.number(entry, MOST_24)
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
        push(&mut self.names, table).map(NamesId)
    }

    pub(crate) fn content(&mut self, table: Vec<SlotContent>) -> Option<ContentId> {
        push(&mut self.contents, table).map(ContentId)
    }

    pub(crate) fn overrides(&mut self, table: Vec<Override>) -> Option<OverrideId> {
        push(&mut self.overrides, table).map(OverrideId)
    }

    /// Put everything into the draft; `false` if the texts are too long.
    pub(crate) fn fill(self, draft: &mut Draft) -> bool {
        let mut ranges = Vec::with_capacity(self.texts.len());
        for text in self.texts.iter() {
            let (Ok(start), Ok(len)) = (u32::try_from(draft.text.len()), u32::try_from(text.len()))
            else {
                return false;
            };
            ranges.push(TextRange { start, len });
            draft.text.push_str(text);
        }
        let Ok(long) = u32::try_from(draft.text.len()) else {
            return false;
        };
        draft.text.push_str(&self.long);
        if u32::try_from(draft.text.len()).is_err() {
            return false;
        }
        let range = |text: Symbol| ranges.get(text.index()).copied().unwrap_or_default();
        draft.symbols = self.symbols.all.iter().map(|&text| range(text)).collect();
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
        draft.constants = self.constants.all.iter().map(constant).collect();
        let import = |&(kind, name): &(ImportKind, Sym)| ImportEntry { kind, name };
        draft.imports = self.imports.all.iter().map(import).collect();
        draft.shapes = self.shapes.all;
        draft.names = self.names;
        draft.contents = self.contents;
        draft.overrides = self.overrides;
        true
    }
}
