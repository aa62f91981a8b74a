//! A chunk as bytes: the same on every machine, and one way only to write it.
//!
//! ```text
//! "GVC\0" │ format: u16 │ 0: u16 │ fingerprint of the instructions: u64
//! then sections: tag, 8 bytes │ length: u64 │ so many bytes │ zeros up to 8
//! ```
//!
//! Numbers are little-endian and of fixed width, so none has two spellings.
//! A list is its length as `u32`, then its items; text is its length in bytes,
//! then they; a choice is a byte. Sections stand in one order and all of them
//! are there, but for the last one, the source: a chunk without it is the same
//! bytes, cut off before it. Code begins at a multiple of eight.

use crate::{Chunk, Constant, Draft, OPERANDS, Opcode, Proto, RegionKind, Shape, Sym, TextRange};

/// The version of the format. Other versions are not read.
pub const FORMAT: u16 = 1;

/// What the bytes begin with.
pub(crate) const MAGIC: [u8; 4] = *b"GVC\0";

/// Tags of the sections, in order.
pub(crate) const SECTIONS: [&[u8; 8]; 14] = [
    b"head\0\0\0\0",
    b"text\0\0\0\0",
    b"symbols\0",
    b"consts\0\0",
    b"code\0\0\0\0",
    b"protos\0\0",
    b"imports\0",
    b"shapes\0\0",
    b"names\0\0\0",
    b"contents",
    b"override",
    b"blocks\0\0",
    b"depends\0",
    b"source\0\0",
];

/// The fingerprint of the instruction set: names, operands, widths, and the
/// order of all of them. A chunk of another instruction set is not read.
pub const ISA: u64 = {
    let mut hash = FNV_START;
    let mut row = 0;
    while row < Opcode::ALL.len() {
        hash = fnv(hash, Opcode::ALL[row].mnemonic().as_bytes());
        let fields = Opcode::ALL[row].fields();
        let mut field = 0;
        while field < fields.len() {
            hash = fnv(hash, fields[field].0.as_bytes());
            hash = fnv(hash, fields[field].1.as_bytes());
            field += 1;
        }
        hash = fnv(hash, b";");
        row += 1;
    }
    let mut row = 0;
    while row < OPERANDS.len() {
        hash = fnv(hash, OPERANDS[row].0.as_bytes());
        hash = fnv(hash, &OPERANDS[row].1.to_le_bytes());
        row += 1;
    }
    hash
};

const FNV_START: u64 = 0xcbf2_9ce4_8422_2325;

/// FNV-1a over some bytes and a zero behind them.
const fn fnv(mut hash: u64, bytes: &[u8]) -> u64 {
    const PRIME: u64 = 0x100_0000_01b3;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    hash.wrapping_mul(PRIME)
}

impl Chunk {
    /// As bytes, which [`Chunk::decode`] reads.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }
}

/// Nothing is lost: the limits that the verifier holds keep every length
/// within its field.
fn encode(draft: &Draft) -> Vec<u8> {
    let source = draft.source.as_ref().map_or(0, String::len);
    let mut to = Writer(Vec::with_capacity(
        1024 + draft.text.len() + 12 * draft.code.len() + source,
    ));
    to.bytes(&MAGIC);
    to.u16(FORMAT);
    to.u16(0);
    to.u64(ISA);
    type Write = fn(&mut Writer, &Draft);
    let writers: [Write; 14] = [
        head,
        text,
        symbols,
        constants,
        code,
        protos,
        imports,
        shapes,
        names,
        contents,
        overrides,
        blocks,
        dependencies,
        self::source,
    ];
    let kept = if draft.source.is_some() { 14 } else { 13 };
    for (tag, write) in SECTIONS.iter().zip(writers).take(kept) {
        to.section(tag, |to| write(to, draft));
    }
    to.0
}

fn head(to: &mut Writer, draft: &Draft) {
    to.text(&draft.name);
    to.u8(draft.escape as u8);
    to.u16(draft.setup.0);
    to.bool(draft.extends);
    to.option(draft.parent, Writer::sym);
    to.option(draft.first_async, |to, (line, column)| {
        to.u32(line);
        to.u32(column);
    });
}

fn text(to: &mut Writer, draft: &Draft) {
    to.bytes(draft.text.as_bytes());
}

fn symbols(to: &mut Writer, draft: &Draft) {
    to.list(&draft.symbols, |to, &it| to.range(it));
}

fn constants(to: &mut Writer, draft: &Draft) {
    to.list(&draft.constants, |to, it| match *it {
        Constant::Text(range) => {
            to.u8(0);
            to.range(range);
        }
        Constant::Int(int) => {
            to.u8(1);
            to.u64(int as u64);
        }
        Constant::Big(range) => {
            to.u8(2);
            to.range(range);
        }
        Constant::Float(bits) => {
            to.u8(3);
            to.u64(bits);
        }
    });
}

fn code(to: &mut Writer, draft: &Draft) {
    for &word in &draft.code {
        to.u64(word);
    }
}

fn protos(to: &mut Writer, draft: &Draft) {
    to.list(&draft.protos, proto);
}

fn proto(to: &mut Writer, proto: &Proto) {
    to.u8(proto.kind as u8);
    to.sym(proto.name);
    to.u32(proto.code_start);
    to.u32(proto.code_len);
    to.u16(proto.registers);
    to.u16(proto.iters);
    to.u16(proto.caps);
    to.bool(proto.own_context);
    to.list(&proto.params, |to, it| {
        to.sym(it.name);
        to.u8(it.role as u8);
        to.bool(it.has_default);
    });
    to.list(&proto.captures, |to, &it| to.u16(it));
    to.list(&proto.regions, |to, it| {
        to.u32(it.start);
        to.u32(it.end);
        to.u32(it.handler);
        match it.kind {
            RegionKind::Guard => to.u8(0),
            RegionKind::Try { cap } => {
                to.u8(1);
                to.u16(cap);
            }
            RegionKind::With { name, register } => {
                to.u8(2);
                to.sym(name);
                to.u16(register);
            }
            RegionKind::Capture { cap } => {
                to.u8(3);
                to.u16(cap);
            }
            RegionKind::Provide => to.u8(4),
        }
    });
    to.list(&proto.spans, |to, it| {
        to.u32(it.pc);
        to.u32(it.line);
        to.u32(it.column);
        to.u32(it.end_column);
    });
}

fn imports(to: &mut Writer, draft: &Draft) {
    to.list(&draft.imports, |to, it| {
        to.u8(it.kind as u8);
        to.sym(it.name);
    });
}

fn shapes(to: &mut Writer, draft: &Draft) {
    to.list(&draft.shapes, |to, Shape { positional, names }| {
        to.u16(*positional);
        to.list(names, |to, &it| to.sym(it));
    });
}

fn names(to: &mut Writer, draft: &Draft) {
    to.list(&draft.names, |to, table| {
        to.list(table, |to, it| {
            to.sym(it.name);
            to.u16(it.register);
            to.bool(it.shared);
        });
    });
}

fn contents(to: &mut Writer, draft: &Draft) {
    to.list(&draft.contents, |to, table| {
        to.list(table, |to, it| {
            to.sym(it.name);
            to.u16(it.proto.0);
            to.bool(it.is_blank);
        });
    });
}

fn overrides(to: &mut Writer, draft: &Draft) {
    to.list(&draft.overrides, |to, table| {
        to.list(table, |to, it| {
            to.sym(it.name);
            to.u16(it.proto.0);
        });
    });
}

fn blocks(to: &mut Writer, draft: &Draft) {
    to.list(&draft.blocks, |to, it| {
        to.sym(it.name);
        to.u16(it.proto.0);
        to.u8(it.kind as u8);
    });
}

fn dependencies(to: &mut Writer, draft: &Draft) {
    to.list(&draft.dependencies, |to, it| {
        to.u8(it.kind as u8);
        to.sym(it.name);
        to.u32(it.line);
    });
}

fn source(to: &mut Writer, draft: &Draft) {
    to.bytes(draft.source.as_deref().unwrap_or_default().as_bytes());
}

struct Writer(Vec<u8>);

impl Writer {
    fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn u8(&mut self, int: u8) {
        self.0.push(int);
    }

    fn u16(&mut self, int: u16) {
        self.bytes(&int.to_le_bytes());
    }

    fn u32(&mut self, int: u32) {
        self.bytes(&int.to_le_bytes());
    }

    fn u64(&mut self, int: u64) {
        self.bytes(&int.to_le_bytes());
    }

    fn bool(&mut self, it: bool) {
        self.u8(u8::from(it));
    }

    fn sym(&mut self, sym: Sym) {
        self.u32(sym.0);
    }

    fn range(&mut self, range: TextRange) {
        self.u32(range.start);
        self.u32(range.len);
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.bytes(text.as_bytes());
    }

    fn option<T>(&mut self, it: Option<T>, write: impl Fn(&mut Self, T)) {
        self.bool(it.is_some());
        if let Some(it) = it {
            write(self, it);
        }
    }

    fn list<T>(&mut self, items: &[T], write: impl Fn(&mut Self, &T)) {
        self.u32(items.len() as u32);
        for item in items {
            write(self, item);
        }
    }

    fn section(&mut self, tag: &[u8; 8], write: impl FnOnce(&mut Self)) {
        self.bytes(tag);
        self.u64(0);
        let start = self.0.len();
        write(self);
        let len = self.0.len() - start;
        if let Some(field) = self.0.get_mut(start - 8..start) {
            field.copy_from_slice(&(len as u64).to_le_bytes());
        }
        self.0.resize(self.0.len().next_multiple_of(8), 0);
    }
}
