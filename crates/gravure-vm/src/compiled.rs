//! A chunk bound to the natives of one edition.

use gravure_bytecode::{Chunk, Constant, Escape, ImportKind, Sym};
use gravure_source::Symbol;
use gravure_value::{ConstId, Kind, Native, Pool, Registry, Surface, text::hash_text};
use std::sync::Arc;

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
    hashes: Box<[u64]>,
    /// Start and length in the segment, for each constant that is text.
    pub(crate) literals: Box<[(u32, u32)]>,
    /// Start and length in the segment, for each symbol.
    pub(crate) symbols: Box<[(u32, u32)]>,
    /// For each symbol: does every dict have a method or property of that name?
    of_dicts: Box<[bool]>,
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
    let hashes = chunk
        .symbols
        .iter()
        .map(|&range| hash_text(chunk.text(range)))
        .collect();
    let literals = chunk
        .constants
        .iter()
        .map(|constant| match constant {
            Constant::Text(range) => (range.start, range.len),
            _ => (0, 0),
        })
        .collect();
    let of_dicts = chunk
        .symbols
        .iter()
        .map(|&range| {
            let name = chunk.text(range);
            registry.method(Kind::Dict, name).is_some()
                || registry.property(Kind::Dict, name).is_some()
        })
        .collect();
    let symbols = chunk.symbols.iter();
    let symbols = symbols.map(|range| (range.start, range.len)).collect();
    Ok(Compiled {
        chunk,
        imports: imports.into(),
        surface,
        hashes,
        literals,
        symbols,
        of_dicts,
    })
}

impl Compiled {
    /// The chunk's text with some bytes behind it, so that a piece can be
    /// copied as a block.
    #[inline]
    pub(crate) fn segment(&self) -> &[u8] {
        self.chunk.text.padded()
    }

    /// The spelling of a symbol, in the segment.
    #[inline(always)]
    pub(crate) fn name<'a>(&self, segment: &'a [u8], sym: Sym) -> Option<&'a [u8]> {
        let &(start, len) = self.symbols.get(sym.index())?;
        segment.get(start as usize..(start + len) as usize)
    }

    /// May a dict without such an entry answer to the name all the same?
    #[inline(always)]
    pub(crate) fn is_of_dicts(&self, sym: Sym) -> bool {
        self.of_dicts.get(sym.index()).copied().unwrap_or(true)
    }

    /// The hash of a symbol's spelling.
    pub(crate) fn hash(&self, sym: Sym) -> u64 {
        self.hashes.get(sym.index()).copied().unwrap_or(0)
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
