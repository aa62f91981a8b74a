//! A chunk bound to the natives of one edition.

use crate::{frame::Frame, joined::steps_of, steps::Step};
use gravure_bytecode::{Chunk, Constant, Escape, ImportKind, ParamRole, Proto, Sym, TextRange};
use gravure_source::Symbol;
use gravure_value::{
    ConstId, Iter, Kind, Native, Pool, Registry, Surface, Value,
    text::{Packed, hash_text},
};
use std::sync::{Arc, OnceLock};

/// A chunk whose imports are bound.
#[derive(Debug)]
pub struct Compiled {
    /// The code.
    pub chunk: Arc<Chunk>,
    /// The native behind each import. They are the template's own: a name that
    /// is given to another native later does not change what it does.
    pub imports: Box<[Arc<Native>]>,
    /// How outputs are escaped.
    pub surface: Surface,
    /// Start and length in the segment, for each constant that is text.
    pub(crate) literals: Box<[(u32, u32)]>,
    names: Box<[Name]>,
    /// Made when the template is first rendered.
    ready: OnceLock<Ready>,
}

/// Code as the loop of the frequent ops reads it.
#[derive(Debug)]
pub(crate) struct Ready {
    pub steps: Box<[Step]>,
    /// What entering each proto takes.
    pub entries: Box<[Entry]>,
    /// Does it begin without blocks, parents and captures?
    pub is_plain: bool,
}

/// What entering a proto takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Entry {
    /// Its first step, and how many there are.
    pub start: u32,
    pub len: u32,
    pub registers: u16,
    pub iters: u16,
    /// How many arguments it takes by position, each with a register;
    /// [`NO_PARAMS`] if calling it takes more than these.
    pub params: u32,
    /// The bytes of its frame, its registers and its iterators.
    pub bytes: usize,
    /// The steps that entering it takes.
    pub price: u64,
}

/// No call has so many arguments.
const NO_PARAMS: u32 = u32::MAX;

impl Ready {
    /// The steps of a proto.
    #[inline(always)]
    pub(crate) fn steps_at(&self, entry: &Entry) -> Option<&[Step]> {
        let start = entry.start as usize;
        self.steps.get(start..start + entry.len as usize)
    }

    #[cold]
    fn new(compiled: &Compiled) -> Self {
        let entry = |proto: &Proto| {
            let is_plain = !proto.own_context
                && proto.caps == 0
                && proto.params.len() <= usize::from(proto.registers)
                && proto.params.iter().all(|it| it.role == ParamRole::Plain);
            Entry {
                start: proto.code_start,
                len: proto.code_len,
                registers: proto.registers,
                iters: proto.iters,
                params: match u16::try_from(proto.params.len()) {
                    Ok(n) if is_plain => u32::from(n),
                    _ => NO_PARAMS,
                },
                bytes: usize::from(proto.registers) * size_of::<Value<'_>>()
                    + usize::from(proto.iters) * size_of::<Iter<'_>>()
                    + size_of::<Frame<'_>>(),
                price: 1 + u64::from(proto.code_len),
            }
        };
        let chunk = &compiled.chunk;
        Self {
            steps: steps_of(compiled),
            entries: chunk.protos.iter().map(entry).collect(),
            is_plain: chunk.blocks.is_empty()
                && !chunk.extends
                && chunk.protos.first().is_some_and(|it| it.caps == 0),
        }
    }
}

/// A symbol as lookups need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Name {
    pub words: Packed,
    /// The hash of its spelling.
    pub hash: u64,
    /// Where its spelling is in the segment, and how many bytes.
    start: u32,
    pub len: u32,
    /// Does every dict have a method or property of that name, so that a dict
    /// without such an entry may answer to it all the same?
    pub is_of_dicts: bool,
}

impl Name {
    /// Its spelling.
    #[inline]
    pub(crate) fn spelled(self, segment: &[u8]) -> &[u8] {
        let range = self.start as usize..self.start as usize + self.len as usize;
        segment.get(range).unwrap_or(&[])
    }

    /// Is this its spelling?
    #[inline(always)]
    pub(crate) fn is(self, segment: &[u8], text: &[u8]) -> bool {
        self.len as usize == text.len()
            && self.words == Packed::of(text)
            && (self.words.is_whole() || self.spelled(segment) == text)
    }
}

/// A name that a chunk needs and the registry does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkError {
    /// Filter or predicate.
    pub kind: ImportKind,
    /// Its name.
    pub name: String,
}

/// Bind a chunk's imports.
///
/// # Errors
/// Every name that the registry does not have.
pub fn link(chunk: Arc<Chunk>, registry: &Registry) -> Result<Compiled, Vec<LinkError>> {
    let surface = match chunk.escape {
        Escape::Text => Surface::Text,
        Escape::Html => Surface::Html,
        Escape::Markdown => Surface::Markdown,
        Escape::Terminal => Surface::Terminal,
    };
    let mut missing = Vec::new();
    let mut imports = Vec::with_capacity(chunk.imports.len());
    for entry in &chunk.imports {
        let name = chunk.symbol(entry.name);
        let found = match entry.kind {
            ImportKind::Filter => registry.filter_on(surface, name),
            ImportKind::Predicate => registry.predicate(name),
        };
        match found.and_then(|id| registry.native(id)) {
            Some(native) => imports.push(native.clone()),
            None => missing.push(LinkError {
                kind: entry.kind,
                name: name.to_owned(),
            }),
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    let literals = chunk
        .constants
        .iter()
        .map(|constant| match constant {
            Constant::Text(range) => (range.start, range.len),
            _ => (0, 0),
        })
        .collect();
    let name = |range: &TextRange| {
        let text = chunk.text(*range);
        Name {
            words: Packed::of(text.as_bytes()),
            hash: hash_text(text),
            start: range.start,
            len: range.len,
            is_of_dicts: registry.method(Kind::Dict, text).is_some()
                || registry.property(Kind::Dict, text).is_some(),
        }
    };
    let names = chunk.symbols.iter().map(name).collect();
    Ok(Compiled {
        chunk,
        imports: imports.into(),
        surface,
        literals,
        names,
        ready: OnceLock::new(),
    })
}

impl Compiled {
    /// The chunk's text with some bytes behind it, so that a piece can be
    /// copied as a block.
    #[inline]
    pub(crate) fn segment(&self) -> &[u8] {
        self.chunk.text.padded()
    }

    /// A symbol as lookups need it.
    #[inline(always)]
    pub(crate) fn name(&self, sym: u32) -> Option<&Name> {
        self.names.get(sym as usize)
    }

    /// The bytes of a text constant.
    #[inline(always)]
    pub(crate) fn literal(&self, constant: u32) -> Option<&[u8]> {
        let &(start, len) = self.literals.get(constant as usize)?;
        self.segment()
            .get(start as usize..start as usize + len as usize)
    }

    /// The hash of a symbol's spelling.
    pub(crate) fn hash(&self, sym: Sym) -> u64 {
        self.name(sym.0).map_or(0, |name| name.hash)
    }

    /// The code, ready to run.
    #[inline(always)]
    pub(crate) fn ready(&self) -> &Ready {
        self.ready.get_or_init(|| Ready::new(self))
    }
}

impl Pool for Compiled {
    fn text(&self, id: ConstId) -> &str {
        match self.chunk.constants.get(id.0 as usize) {
            Some(Constant::Text(range) | Constant::Big(range)) => self.chunk.text(*range),
            _ => "",
        }
    }

    fn symbol(&self, symbol: Symbol) -> &str {
        self.chunk.symbol(Sym(symbol.0))
    }

    fn template(&self) -> &str {
        &self.chunk.name
    }
}
