//! A draft and a chunk.

use crate::{ContentId, OverrideId, ProtoId, ShapeId, SharedText, Sym};

/// For which kind of document a template escapes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Escape {
    /// No escaping.
    Text,
    /// HTML.
    #[default]
    Html,
    /// Markdown.
    Markdown,
    /// A terminal.
    Terminal,
}

/// Bytes of the chunk's text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct TextRange {
    /// Where it starts.
    pub start: u32,
    /// How many bytes.
    pub len: u32,
}

/// A constant: plain data.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Constant {
    /// Text.
    Text(TextRange),
    /// An integer of 64 bits.
    Int(i64),
    /// A longer integer, as decimal digits (perhaps behind a `-`).
    Big(TextRange),
    /// A float, by its bits.
    Float(u64),
}

/// Which native an import is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum ImportKind {
    /// Behind a pipe.
    Filter,
    /// Behind `is`.
    Predicate,
}

/// A filter or predicate that the chunk needs.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ImportEntry {
    /// Which table it is in.
    pub kind: ImportKind,
    /// Its name.
    pub name: Sym,
}

/// The arguments of a call.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Shape {
    /// How many by position.
    pub positional: u16,
    /// Names of the others, in order.
    pub names: Vec<Sym>,
}

impl Shape {
    /// How many arguments.
    pub fn len(&self) -> usize {
        self.positional as usize + self.names.len()
    }

    /// No argument?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A name that an included template can see, and the register that holds it
/// (a shared variable if `shared`). Several entries of one name: the first
/// that is set counts.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct VisibleName {
    /// The name.
    pub name: Sym,
    /// Its register.
    pub register: u16,
    /// Does the register hold a shared variable?
    pub shared: bool,
}

/// The content that a `call` tag has for one slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SlotContent {
    /// The slot.
    pub name: Sym,
    /// What is rendered: a proto of kind content.
    pub proto: ProtoId,
    /// Nothing but white space.
    pub is_blank: bool,
}

/// A block that overrides one of an embedded template.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Override {
    /// The block.
    pub name: Sym,
    /// Its body: a proto of kind content.
    pub proto: ProtoId,
}

/// A block, fragment or region of the template.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BlockEntry {
    /// Its name.
    pub name: Sym,
    /// Its body.
    pub proto: ProtoId,
    /// What it is.
    pub kind: BlockKind,
}

/// Sorts of blocks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum BlockKind {
    /// `block`.
    Block,
    /// `fragment`.
    Fragment,
    /// `region`.
    Region,
}

/// What a proto is the body of.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum ProtoKind {
    /// The template itself.
    Main,
    /// What runs before one block is rendered alone.
    Setup,
    /// A block or fragment, or a block in an embed.
    Block,
    /// A def.
    Def,
    /// A region.
    Region,
    /// Content of a call, or an overriding block: sees the frame around it.
    Content,
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum ParamRole {
    /// By position or name.
    Plain,
    /// By name only.
    Named,
    /// All surplus positional ones.
    Rest,
    /// All surplus named ones.
    NamedRest,
}

/// A parameter of a def or region. Parameter *i* is register *i*.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ProtoParam {
    /// Its name.
    pub name: Sym,
    /// Its role.
    pub role: ParamRole,
    /// Has it a default? A def's is evaluated where the def is made, a
    /// region's by the region's own code if its register is unset.
    pub has_default: bool,
}

/// What a stretch of code has open, and what to do if it is left by a fault.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum RegionKind {
    /// Catches K-RUN-001: go to the handler.
    Guard,
    /// Catches what templates may catch: go to the handler, whose first op is
    /// `load_error`. Output since the capture began is dropped.
    Try {
        /// The capture that holds the body's output.
        cap: u16,
    },
    /// The context's name gets back what the register holds.
    With {
        /// The name.
        name: Sym,
        /// Where the old value is.
        register: u16,
    },
    /// Output since then is dropped.
    Capture {
        /// The capture.
        cap: u16,
    },
    /// One provided value is taken back.
    Provide,
}

/// A stretch of code with something open. Regions nest.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Region {
    /// The first op inside.
    pub start: u32,
    /// The first op behind it.
    pub end: u32,
    /// Where a caught fault goes; 0 if the kind catches nothing.
    pub handler: u32,
    /// What is open.
    pub kind: RegionKind,
}

/// From which op on errors point where. Columns count characters from 0.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SpanEntry {
    /// The first op it holds for, within the proto.
    pub pc: u32,
    /// The line, from 1.
    pub line: u32,
    /// The first column.
    pub column: u32,
    /// The column behind the token; not before `column`.
    pub end_column: u32,
}

/// One body of a template.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Proto {
    /// What it is the body of.
    pub kind: ProtoKind,
    /// The name of the def, region, block or slot; of others the empty symbol.
    pub name: Sym,
    /// Its first op in the chunk's code.
    pub code_start: u32,
    /// How many ops.
    pub code_len: u32,
    /// How many registers a frame has: parameters, captures, locals, temps.
    pub registers: u16,
    /// How many iterators.
    pub iters: u16,
    /// How many captures of output.
    pub caps: u16,
    /// Parameters, in registers 0, 1, ….
    pub params: Vec<ProtoParam>,
    /// Registers of the enclosing proto that are copied into the registers
    /// behind the parameters when a def, content or override is made.
    pub captures: Vec<u16>,
    /// Must a call have a context of its own? (It writes, includes, shows
    /// blocks, runs slots or makes defs.)
    pub own_context: bool,
    /// Sorted by start; an outer region comes before an inner one.
    pub regions: Vec<Region>,
    /// Sorted by pc.
    pub spans: Vec<SpanEntry>,
}

/// How a template reaches another one by a name that is a literal.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum DependencyKind {
    /// `extends`.
    Extends,
    /// `include`.
    Include,
    /// `embed`.
    Embed,
    /// `import`, `from`.
    Import,
}

/// A template that this one names literally.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Dependency {
    /// How.
    pub kind: DependencyKind,
    /// The name as written.
    pub name: Sym,
    /// The tag's line.
    pub line: u32,
}

/// Everything a chunk consists of, not yet proved.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Draft {
    /// The template's name; empty for one from a string.
    pub name: String,
    /// How it escapes.
    pub escape: Escape,
    /// Every text of the chunk.
    pub text: SharedText,
    /// Names, as ranges of the text.
    pub symbols: Vec<TextRange>,
    /// Constants.
    pub constants: Vec<Constant>,
    /// Words of all protos, one after the other.
    pub code: Vec<u64>,
    /// Bodies; the first is the main one.
    pub protos: Vec<Proto>,
    /// What runs before a block is rendered alone; there is one.
    pub setup: ProtoId,
    /// Filters and predicates it needs.
    pub imports: Vec<ImportEntry>,
    /// Shapes of calls.
    pub shapes: Vec<Shape>,
    /// Tables of visible names.
    pub names: Vec<Vec<VisibleName>>,
    /// Contents of `call` tags.
    pub contents: Vec<Vec<SlotContent>>,
    /// Blocks of `embed` tags.
    pub overrides: Vec<Vec<Override>>,
    /// Blocks, fragments and regions.
    pub blocks: Vec<BlockEntry>,
    /// The literal name behind `extends`, if it is one.
    pub parent: Option<Sym>,
    /// Does it extend anything at all?
    pub extends: bool,
    /// The place of the first `async for` or `await`, if there is one.
    pub first_async: Option<(u32, u32)>,
    /// Templates it names literally.
    pub dependencies: Vec<Dependency>,
    /// The source, if it is kept: for snippets.
    pub source: Option<SharedText>,
}

impl Draft {
    /// Text of a range; empty if there is none.
    #[inline]
    pub fn text(&self, range: TextRange) -> &str {
        let start = range.start as usize;
        self.text
            .get(start..start.saturating_add(range.len as usize))
            .unwrap_or("")
    }

    /// The spelling of a symbol; empty if there is none.
    #[inline]
    pub fn symbol(&self, sym: Sym) -> &str {
        self.symbols
            .get(sym.index())
            .map_or("", |&range| self.text(range))
    }

    /// The words of a proto.
    pub fn code_of(&self, proto: &Proto) -> &[u64] {
        let start = proto.code_start as usize;
        self.code
            .get(start..start.saturating_add(proto.code_len as usize))
            .unwrap_or(&[])
    }

    /// A proto.
    pub fn proto(&self, id: ProtoId) -> Option<&Proto> {
        self.protos.get(id.index())
    }

    /// A call's shape.
    pub fn shape(&self, id: ShapeId) -> Option<&Shape> {
        self.shapes.get(id.index())
    }

    /// The contents of a `call` tag.
    pub fn content(&self, id: ContentId) -> &[SlotContent] {
        self.contents.get(id.index()).map_or(&[], |it| it)
    }

    /// The blocks of an `embed` tag.
    pub fn overrides_of(&self, id: OverrideId) -> &[Override] {
        self.overrides.get(id.index()).map_or(&[], |it| it)
    }
}

impl Proto {
    /// The place that an op's errors point at.
    pub fn span(&self, pc: u32) -> Option<&SpanEntry> {
        let behind = self.spans.partition_point(|entry| entry.pc <= pc);
        self.spans.get(behind.checked_sub(1)?)
    }
}

/// A draft that was proved well-formed. The type is the proof.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Chunk {
    draft: Draft,
}

impl std::ops::Deref for Chunk {
    type Target = Draft;
    fn deref(&self) -> &Draft {
        &self.draft
    }
}

impl Chunk {
    /// A draft that the verifier has just proved; nobody else calls this.
    pub(crate) fn proved(draft: Draft) -> Self {
        Self { draft }
    }

    /// The same chunk without its source. Whatever it prints stays the same,
    /// but for the source lines beside errors.
    pub fn strip(&self) -> Self {
        // Nothing that was proved depends on the source.
        let mut draft = self.draft.clone();
        draft.source = None;
        Self { draft }
    }

    /// The same chunk with this source: whoever has it at hand need not read
    /// it from bytes. One that is longer than a chunk may hold is left out.
    pub fn with_source(self, source: &str) -> Self {
        let Self { mut draft } = self;
        let fits = source.len() <= crate::limits::TEXT_BYTES;
        draft.source = fits.then(|| source.into());
        Self { draft }
    }
}
