//! The verifier: a draft comes in, and is well-formed or not.
//!
//! It proves what the VM relies on without looking again: every word is an op,
//! every operand names something that exists and is of the right kind, jumps
//! land on ops and never skip the opening of a region, no code falls off the
//! end of its proto, and what one proto copies from another's frame is there.
//! It goes once over the tables and once over the code, in order; its time and
//! memory are linear in the size of the draft, whatever the draft says.
//!
//! Absent on purpose: types, termination and meaning. Those are faults, the
//! meter, and whom the bytes came from. Nor does it prove that a `capture_end`
//! in the middle of a body (the undoing before a `break`) runs just once: a
//! frame closes what is open and no more.
//!
//! Regions are proved by place, not by path. For every op there is one
//! innermost region, and each way to the op agrees with it:
//!
//! - Regions nest. One that opens something starts right behind the op that
//!   opens it and ends at an op that closes it, and both of these lie directly
//!   in the region around it.
//! - A jump from outside a region does not land in it; only the first op of a
//!   guard, which opens nothing, may be jumped to. A forward jump may leave
//!   regions (the ops that undo stand before it), a jump back may not.
//! - Captured output is taken in a region of its capture, or at the end of one,
//!   where a jump from outside does not land either; without a region, right
//!   behind the op that opens it. So what is taken was opened, and a stream has
//!   sent nothing of it.
//! - A handler lies behind its region, directly in the region around it.

use self::body::Body;
use crate::limits;
use crate::{
    BlockKind, Chunk, Constant, Draft, ParamRole, Proto, ProtoId, ProtoKind, Shape, Sym, TextRange,
};
use std::fmt;

#[cfg(test)]
mod tests;

mod body;

/// Why a draft is no chunk. A correct compiler makes no such draft.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VerifyError {
    /// The number of the broken rule, as in `V07`.
    pub rule: &'static str,
    /// What is wrong.
    pub message: String,
    /// In which proto.
    pub proto: Option<u16>,
    /// At which of its ops.
    pub pc: Option<u32>,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.rule, self.message)?;
        if let Some(proto) = self.proto {
            write!(f, " in p{proto}")?;
        }
        if let Some(pc) = self.pc {
            write!(f, " at @{pc}")?;
        }
        Ok(())
    }
}

impl std::error::Error for VerifyError {}

type Verdict = Result<(), VerifyError>;

fn fail<T>(rule: &'static str, message: impl Into<String>) -> Result<T, VerifyError> {
    Err(VerifyError {
        rule,
        message: message.into(),
        proto: None,
        pc: None,
    })
}

impl Chunk {
    /// Prove a draft well-formed.
    pub fn new(draft: Draft) -> Result<Self, VerifyError> {
        verify(&draft)?;
        Ok(Self::proved(draft))
    }
}

fn verify(draft: &Draft) -> Verdict {
    sizes(draft)?;
    texts(draft)?;
    tables(draft)?;
    layout(draft)?;
    let mut names = NameSet::new(draft.symbols.len());
    let needs = Needs::of(draft, &mut names);
    let mut places = Vec::new();
    for (id, proto) in draft.protos.iter().enumerate() {
        let at = |e: VerifyError| VerifyError {
            proto: u16::try_from(id).ok(),
            ..e
        };
        header(draft, proto, &mut names).map_err(at)?;
        let code = draft.code_of(proto);
        let mut body = Body {
            draft,
            needs: &needs,
            id,
            proto,
            code,
            places,
        };
        body.regions().map_err(at)?;
        body.ops().map_err(at)?;
        places = body.places;
    }
    Ok(())
}

/// V01: no table is larger than its limit.
fn sizes(draft: &Draft) -> Verdict {
    let source = draft.source.as_ref().map_or(0, |it| it.len());
    let shape = draft.shapes.iter().map(|it| it.names.len()).max();
    let names = draft.names.iter().map(Vec::len).max();
    let contents = draft.contents.iter().map(Vec::len).max();
    let overrides = draft.overrides.iter().map(Vec::len).max();
    let rows = [
        ("name", draft.name.len(), limits::NAME_BYTES),
        ("text", draft.text.len(), limits::TEXT_BYTES),
        ("source", source, limits::TEXT_BYTES),
        ("symbols", draft.symbols.len(), limits::SYMBOLS),
        ("constants", draft.constants.len(), limits::CONSTANTS),
        ("code", draft.code.len(), limits::CODE_WORDS),
        ("protos", draft.protos.len(), limits::IDS),
        ("imports", draft.imports.len(), limits::IDS),
        ("shapes", draft.shapes.len(), limits::IDS),
        ("tables of names", draft.names.len(), limits::IDS),
        ("tables of contents", draft.contents.len(), limits::IDS),
        ("tables of overrides", draft.overrides.len(), limits::IDS),
        ("blocks", draft.blocks.len(), limits::BLOCKS),
        (
            "dependencies",
            draft.dependencies.len(),
            limits::DEPENDENCIES,
        ),
        ("a shape", shape.unwrap_or(0), limits::ENTRIES),
        ("names", names.unwrap_or(0), limits::ENTRIES),
        ("contents", contents.unwrap_or(0), limits::ENTRIES),
        ("overrides", overrides.unwrap_or(0), limits::ENTRIES),
    ];
    for (what, len, limit) in rows {
        if len > limit {
            return fail("V01", format!("{what}: {len} is over {limit}"));
        }
    }
    Ok(())
}

/// V02: a range lies in the text and cuts no character.
/// V03: the ranges of the symbols together are no longer than the text, nor are
/// those of the texts among the constants, nor those of the integers; so who
/// copies or reads them all needs no more than three times the text.
/// V04: no symbol is spelled as another.
/// V05: a long integer is decimal digits, perhaps behind a `-`.
fn texts(draft: &Draft) -> Verdict {
    let range = |range: TextRange, total: &mut u64| -> Result<&str, VerifyError> {
        let (start, len) = (range.start as usize, range.len as usize);
        let Some(text) = start
            .checked_add(len)
            .and_then(|end| draft.text.get(start..end))
        else {
            return fail("V02", format!("no text at {start}, {len} bytes"));
        };
        *total += u64::from(range.len);
        if *total > draft.text.len() as u64 {
            return fail("V03", "the ranges add up to more than the text");
        }
        Ok(text)
    };
    let (mut total, mut spelled) = (0, Vec::with_capacity(draft.symbols.len()));
    for &symbol in &draft.symbols {
        let text = range(symbol, &mut total)?;
        spelled.push((first_bytes(text), text));
    }
    // Most differ in their first bytes already. No hash: whoever writes the
    // names could make them meet.
    spelled.sort_unstable();
    if let Some(&[(_, twice), _]) = spelled.array_windows().find(|[one, other]| one == other) {
        return fail("V04", format!("two symbols are spelled {twice:?}"));
    }
    let (mut texts, mut integers) = (0, 0);
    for &constant in &draft.constants {
        match constant {
            Constant::Text(text) => {
                range(text, &mut texts)?;
            }
            Constant::Big(digits) => {
                let text = range(digits, &mut integers)?;
                let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
                let good = (1..=limits::BIG_DIGITS).contains(&digits.len())
                    && digits.iter().all(u8::is_ascii_digit);
                if !good {
                    return fail("V05", "an integer is no digits, or too many");
                }
            }
            Constant::Int(_) | Constant::Float(_) => {}
        }
    }
    Ok(())
}

/// The first eight bytes as a number, with zeros behind a shorter text.
fn first_bytes(text: &str) -> u64 {
    match text.as_bytes().first_chunk() {
        Some(&bytes) => u64::from_be_bytes(bytes),
        None => {
            let bytes = text.bytes();
            bytes.fold(0, |number, byte| number << 8 | u64::from(byte))
        }
    }
}

/// V06: a table names symbols that exist.
/// V08: contents and overrides are protos of kind content.
/// V09: a block or fragment is a proto of kind block, a region one of kind region.
/// V10: a template with a literal parent extends it; lines count from 1.
fn tables(draft: &Draft) -> Verdict {
    let symbol = |sym: Sym| match sym.index() < draft.symbols.len() {
        true => Ok(()),
        false => fail("V06", format!("a table names {sym}")),
    };
    for import in &draft.imports {
        symbol(import.name)?;
    }
    for &name in draft.shapes.iter().flat_map(|it| &it.names) {
        symbol(name)?;
    }
    for entry in draft.names.iter().flatten() {
        symbol(entry.name)?;
    }
    let content = |name: Sym, proto: ProtoId| {
        symbol(name)?;
        match draft.proto(proto).map(|it| it.kind) {
            Some(ProtoKind::Content) => Ok(()),
            _ => fail("V08", format!("{proto} is no content")),
        }
    };
    for entry in draft.contents.iter().flatten() {
        content(entry.name, entry.proto)?;
    }
    for entry in draft.overrides.iter().flatten() {
        content(entry.name, entry.proto)?;
    }
    for block in &draft.blocks {
        symbol(block.name)?;
        let kind = match block.kind {
            BlockKind::Block | BlockKind::Fragment => ProtoKind::Block,
            BlockKind::Region => ProtoKind::Region,
        };
        if draft.proto(block.proto).map(|it| it.kind) != Some(kind) {
            return fail("V09", format!("{} is not of kind {kind:?}", block.proto));
        }
    }
    for dependency in &draft.dependencies {
        symbol(dependency.name)?;
    }
    if let Some(parent) = draft.parent {
        symbol(parent)?;
        if !draft.extends {
            return fail("V10", "a parent, but the template extends nothing");
        }
    }
    let lines = draft.dependencies.iter().map(|it| it.line);
    if lines
        .chain(draft.first_async.map(|(line, _)| line))
        .any(|line| line == 0)
    {
        return fail("V10", "a line 0");
    }
    Ok(())
}

/// V11: the first proto and no other is the main one; the setup proto and no
/// other is of kind setup.
/// V12: the protos share the code out among them, in their order: no word
/// belongs to two, none to nobody, and each proto has some.
fn layout(draft: &Draft) -> Verdict {
    for (id, proto) in draft.protos.iter().enumerate() {
        let kind_fits = (proto.kind == ProtoKind::Main) == (id == 0)
            && (proto.kind == ProtoKind::Setup) == (id == draft.setup.index());
        if !kind_fits {
            return fail("V11", format!("p{id} is of kind {:?}", proto.kind));
        }
    }
    if draft.protos.is_empty() || draft.setup.index() >= draft.protos.len() {
        return fail("V11", "no main proto, or no setup proto");
    }
    let mut behind = 0u64;
    for proto in &draft.protos {
        let (start, len) = (proto.code_start, proto.code_len);
        if u64::from(start) != behind || len == 0 || len as usize > limits::PROTO_WORDS {
            return fail("V12", format!("code of a proto at {start}, {len} words"));
        }
        behind += u64::from(len);
    }
    if behind != draft.code.len() as u64 {
        return fail("V12", "words behind the last proto");
    }
    Ok(())
}

/// V13: a proto's name exists.
/// V14: only defs and regions have parameters: each name once, at most one of
/// each rest role, and no default on those.
/// V15: only what is made (def, region, content) captures registers.
/// V16: parameters and captures fit the registers.
/// V17: spans are sorted by pc, one a pc, inside the proto; lines count from 1
/// and columns do not run backward.
fn header(draft: &Draft, proto: &Proto, names: &mut NameSet) -> Verdict {
    if proto.name.index() >= draft.symbols.len() {
        return fail("V13", format!("no symbol {}", proto.name));
    }
    let is_callable = matches!(proto.kind, ProtoKind::Def | ProtoKind::Region);
    if !is_callable && !proto.params.is_empty() {
        return fail("V14", "parameters of what is not called");
    }
    names.clear();
    let (mut rests, mut named_rests) = (0, 0);
    for param in &proto.params {
        if param.name.index() >= draft.symbols.len() {
            return fail("V13", format!("no symbol {}", param.name));
        }
        rests += usize::from(param.role == ParamRole::Rest);
        named_rests += usize::from(param.role == ParamRole::NamedRest);
        let is_rest = matches!(param.role, ParamRole::Rest | ParamRole::NamedRest);
        let repeats = !names.insert(param.name);
        if repeats || rests > 1 || named_rests > 1 || (is_rest && param.has_default) {
            return fail("V14", format!("parameter {}", param.name));
        }
    }
    if !is_callable && proto.kind != ProtoKind::Content && !proto.captures.is_empty() {
        return fail("V15", "captures of what is not made");
    }
    if proto.params.len().saturating_add(proto.captures.len()) > proto.registers as usize {
        return fail("V16", "more parameters and captures than registers");
    }
    let mut least = 0;
    for span in &proto.spans {
        let good = (least..proto.code_len).contains(&span.pc)
            && span.line > 0
            && span.column <= span.end_column;
        if !good {
            return fail("V17", format!("span for @{}", span.pc));
        }
        least = span.pc + 1;
    }
    Ok(())
}

/// Symbols seen since the last `clear`, which takes no time.
struct NameSet {
    round: u32,
    seen: Vec<u32>,
}

impl NameSet {
    fn new(symbols: usize) -> Self {
        Self {
            round: 0,
            seen: vec![0; symbols],
        }
    }

    fn clear(&mut self) {
        // There are at most two times `limits::IDS` rounds.
        self.round += 1;
    }

    /// Answers false if the symbol is there, or does not exist.
    fn insert(&mut self, sym: Sym) -> bool {
        let round = self.round;
        let seen = self.seen.get_mut(sym.index());
        seen.is_some_and(|it| std::mem::replace(it, round) != round)
    }
}

/// What an op asks of its frame, or of a shape, by way of a table. Found once, so
/// that no table is gone through again at every op that names it. The numbers
/// say how many registers the frame must have.
struct Needs {
    /// Copied when this proto is made.
    captures: Vec<u32>,
    /// Copied when these contents are made.
    contents: Vec<u32>,
    /// Copied when these overrides are made.
    overrides: Vec<u32>,
    /// Seen through these names.
    names: Vec<u32>,
    /// Defaults that making this def takes from its window.
    defaults: Vec<u32>,
    /// Is no name twice in this shape? Only calls need that; slots and
    /// translations bind one name after the other.
    distinct: Vec<bool>,
}

impl Needs {
    fn of(draft: &Draft, set: &mut NameSet) -> Self {
        let behind = |register: u16| u32::from(register) + 1;
        let captures: Vec<u32> = (draft.protos.iter())
            .map(|it| it.captures.iter().copied().map(behind).max().unwrap_or(0))
            .collect();
        let made = |proto: ProtoId| captures.get(proto.index()).copied().unwrap_or(0);
        let mut is_distinct = |shape: &Shape| {
            set.clear();
            shape.names.iter().all(|&name| set.insert(name))
        };
        Self {
            distinct: draft.shapes.iter().map(&mut is_distinct).collect(),
            contents: (draft.contents.iter())
                .map(|table| table.iter().map(|it| made(it.proto)).max().unwrap_or(0))
                .collect(),
            overrides: (draft.overrides.iter())
                .map(|table| table.iter().map(|it| made(it.proto)).max().unwrap_or(0))
                .collect(),
            names: (draft.names.iter())
                .map(|table| {
                    table
                        .iter()
                        .map(|it| behind(it.register))
                        .max()
                        .unwrap_or(0)
                })
                .collect(),
            defaults: (draft.protos.iter())
                .map(|it| match it.kind {
                    ProtoKind::Def => it.params.iter().filter(|it| it.has_default).count() as u32,
                    _ => 0,
                })
                .collect(),
            captures,
        }
    }
}
