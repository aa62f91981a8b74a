//! A chunk as bytes: the same on every machine, and one way only to write it.
//!
//! ```text
//! "GVC\0" │ format: u16 │ 0: u16 │ fingerprint of the instructions: 32 bytes
//! edition of the language: text │ compiler: 32 bytes │ name: text
//! body: length, then so many bytes │ text │ source: 0, or 1 and the text
//! ```
//!
//! Whoever keeps many chunks in one file writes their heads once and their
//! texts side by side; what is left of a chunk then is its [`Parts`].
//!
//! Numbers, lists and choices are written as `bytes.rs` says. An instruction
//! is its opcode and its operands, each a number; a jump is the distance from
//! its own op. What mostly follows something else (a range of the text, the
//! next span) is written as the distance from that. A chunk without its source
//! is the same bytes with another end.

use crate::bytes::{Ranges, Writer, zigzag};
use crate::{Chunk, Constant, Draft, Opcode, Origin, Proto, RegionKind, Shape, SpanEntry, isa};

/// The version of the format. Other versions are not read.
pub const FORMAT: u16 = 2;

/// What the bytes begin with.
pub(crate) const MAGIC: [u8; 4] = *b"GVC\0";

/// The bit beside the kind of a proto that needs a context of its own.
pub(crate) const OWN_CONTEXT: u8 = 8;

/// A chunk in the parts that a file of many chunks keeps apart. Its name is
/// kept there too.
#[derive(Clone, Debug)]
pub struct Parts<'a> {
    /// Everything but texts.
    pub body: Vec<u8>,
    /// Every text of the chunk.
    pub text: &'a str,
    /// The source, if it is kept.
    pub source: Option<&'a str>,
}

impl Chunk {
    /// As bytes, which [`Chunk::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        self.encode_from(&Origin::default())
    }

    /// As bytes that say who made them, which [`Chunk::decode_from`] reads.
    pub fn encode_from(&self, origin: &Origin) -> Vec<u8> {
        encode(self, origin)
    }

    /// In parts, which [`Chunk::from_parts`] puts together.
    pub fn parts(&self) -> Parts<'_> {
        Parts {
            body: body(self),
            text: &self.text,
            source: self.source.as_deref(),
        }
    }
}

pub(crate) fn encode(draft: &Draft, origin: &Origin) -> Vec<u8> {
    let body = body(draft);
    let source = draft.source.as_ref().map_or(0, |it| it.len());
    let mut to = Writer(Vec::with_capacity(
        256 + body.len() + draft.text.len() + source,
    ));
    to.bytes(&MAGIC);
    to.bytes(&FORMAT.to_le_bytes());
    to.bytes(&[0; 2]);
    to.bytes(isa());
    to.text(&origin.edition);
    to.bytes(&origin.build);
    to.text(&draft.name);
    to.number(body.len() as u64);
    to.bytes(&body);
    to.text(&draft.text);
    to.option(draft.source.as_deref(), Writer::text);
    to.0
}

/// Nothing is lost: the limits that the verifier holds keep every length
/// within its field.
fn body(draft: &Draft) -> Vec<u8> {
    let mut to = Writer(Vec::with_capacity(64 + 6 * draft.code.len()));
    head(&mut to, draft);
    symbols(&mut to, draft);
    constants(&mut to, draft);
    to.list(&draft.protos, |to, it| proto(to, draft, it));
    tables(&mut to, draft);
    to.0
}

fn head(to: &mut Writer, draft: &Draft) {
    to.byte(draft.escape as u8);
    to.number(draft.setup.0);
    to.bool(draft.extends);
    to.option(draft.parent, Writer::sym);
    to.option(draft.first_async, |to, (line, column)| {
        to.number(line);
        to.number(column);
    });
}

fn symbols(to: &mut Writer, draft: &Draft) {
    let mut ranges = Ranges::default();
    to.list(&draft.symbols, |to, &range| {
        to.signed(ranges.distance(range));
        to.number(range.len);
        ranges.passed(range);
    });
}

/// The two lowest bits of the first number are the sort of the constant.
fn constants(to: &mut Writer, draft: &Draft) {
    let mut ranges = Ranges::default();
    to.list(&draft.constants, |to, &it| match it {
        Constant::Text(range) | Constant::Big(range) => {
            let sort = if matches!(it, Constant::Text(_)) {
                0
            } else {
                2
            };
            to.number(zigzag(ranges.distance(range)) << 2 | sort);
            to.number(range.len);
            ranges.passed(range);
        }
        Constant::Int(int) => {
            to.byte(1);
            to.signed(int);
        }
        Constant::Float(bits) => {
            to.byte(3);
            to.bytes(&bits.to_le_bytes());
        }
    });
}

fn proto(to: &mut Writer, draft: &Draft, proto: &Proto) {
    let own_context = if proto.own_context { OWN_CONTEXT } else { 0 };
    to.byte(proto.kind as u8 | own_context);
    to.sym(proto.name);
    to.number(proto.registers);
    to.number(proto.iters);
    to.number(proto.caps);
    to.list(&proto.params, |to, it| {
        to.sym(it.name);
        to.byte(it.role as u8);
        to.bool(it.has_default);
    });
    to.list(&proto.captures, |to, &it| to.number(it));
    to.list(draft.code_of(proto), {
        let mut at = 0u32;
        move |to, &word| {
            op(to, at, word);
            at = at.wrapping_add(1);
        }
    });
    to.list(&proto.regions, |to, it| {
        to.number(it.start);
        to.number(it.end);
        to.number(it.handler);
        match it.kind {
            RegionKind::Guard => to.byte(0),
            RegionKind::Try { cap } => {
                to.byte(1);
                to.number(cap);
            }
            RegionKind::With { name, register } => {
                to.byte(2);
                to.sym(name);
                to.number(register);
            }
            RegionKind::Capture { cap } => {
                to.byte(3);
                to.number(cap);
            }
            RegionKind::Provide => to.byte(4),
        }
    });
    spans(to, &proto.spans);
}

/// The opcode, then each operand as a number. What is no op is in no chunk, and
/// nobody reads it.
fn op(to: &mut Writer, at: u32, word: u64) {
    to.byte(word as u8);
    let opcode = Opcode::ALL.get(usize::from(word as u8));
    let mut left = word >> 8;
    for &(bits, way) in opcode.map_or(&[][..], |it| it.layout()) {
        let own = left & ((1 << bits) - 1);
        to.number(way.to_number(own, bits, at));
        left >>= bits;
    }
}

/// Each span as its distance from the one before; the columns as they are.
fn spans(to: &mut Writer, spans: &[SpanEntry]) {
    let (mut pc, mut line) = (0, 1);
    to.list(spans, |to, it| {
        to.signed(i64::from(it.pc) - i64::from(pc));
        to.signed(i64::from(it.line) - i64::from(line));
        to.number(it.column);
        to.signed(i64::from(it.end_column) - i64::from(it.column));
        (pc, line) = (it.pc, it.line);
    });
}

fn tables(to: &mut Writer, draft: &Draft) {
    to.list(&draft.imports, |to, it| {
        to.byte(it.kind as u8);
        to.sym(it.name);
    });
    to.list(&draft.shapes, |to, Shape { positional, names }| {
        to.number(*positional);
        to.list(names, |to, &it| to.sym(it));
    });
    to.list(&draft.names, |to, table| {
        to.list(table, |to, it| {
            to.sym(it.name);
            to.number(it.register);
            to.bool(it.shared);
        });
    });
    to.list(&draft.contents, |to, table| {
        to.list(table, |to, it| {
            to.sym(it.name);
            to.number(it.proto.0);
            to.bool(it.is_blank);
        });
    });
    to.list(&draft.overrides, |to, table| {
        to.list(table, |to, it| {
            to.sym(it.name);
            to.number(it.proto.0);
        });
    });
    to.list(&draft.blocks, |to, it| {
        to.sym(it.name);
        to.number(it.proto.0);
        to.byte(it.kind as u8);
    });
    to.list(&draft.dependencies, |to, it| {
        to.byte(it.kind as u8);
        to.sym(it.name);
        to.number(it.line);
    });
}
