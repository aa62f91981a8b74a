//! Bytes that may come from anywhere, read as a chunk or refused.
//!
//! Each byte is accounted for and has one meaning: what is read here and then
//! encoded gives the same bytes. A length is held against the bytes that are
//! left before anything is reserved for it, so reading takes no more memory
//! than a small multiple of the input. The layout is in `encode.rs`; what the
//! parts mean is the verifier's to judge, and it always does.

use crate::bytes::{Ranges, Read, Reader, unzigzag};
use crate::encode::{FORMAT, MAGIC, OWN_CONTEXT};
use crate::*;
use std::fmt;

#[cfg(test)]
mod tests;

/// Why bytes are no chunk.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DecodeError {
    /// They do not begin as a chunk does.
    NotAChunk,
    /// They are of another version of the format.
    Format {
        /// Which one.
        found: u16,
    },
    /// They are of another instruction set.
    Instructions,
    /// They are of another edition of the language.
    Edition {
        /// Which one.
        found: String,
    },
    /// They are of another compiler.
    Build,
    /// They are cut off, damaged, or not written as a chunk is.
    Malformed {
        /// Where it was noticed.
        offset: usize,
        /// What was expected.
        expected: &'static str,
    },
    /// They were read, but are not well-formed.
    Refused(VerifyError),
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAChunk => f.write_str("no chunk: it begins as something else"),
            Self::Format { found } => write!(f, "format {found}, where {FORMAT} is read"),
            Self::Instructions => f.write_str("a chunk of another instruction set"),
            Self::Edition { found } => {
                write!(f, "a chunk of another edition of the language: {found:?}")
            }
            Self::Build => f.write_str("a chunk of another compiler"),
            Self::Malformed { offset, expected } => {
                write!(f, "damaged at byte {offset}: expected {expected}")
            }
            Self::Refused(error) => write!(f, "not well-formed: {error}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl Chunk {
    /// From bytes that [`Chunk::encode`] wrote; any others are refused.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::decode_from(bytes, &Origin::default())
    }

    /// From bytes that [`Chunk::encode_from`] wrote, of this origin.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn decode_from(bytes: &[u8], origin: &Origin) -> Result<Self, DecodeError> {
        Self::new(decode(bytes, origin)?).map_err(DecodeError::Refused)
    }

    /// From the parts that [`Chunk::parts`] gave, and the name.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn from_parts(
        name: String,
        body: &[u8],
        text: SharedText,
        source: Option<SharedText>,
    ) -> Result<Self, DecodeError> {
        let mut draft = Draft {
            name,
            text,
            source,
            ..Draft::default()
        };
        let mut from = Reader::new(body);
        self::body(&mut from, &mut draft)?;
        from.finish()?;
        Self::new(draft).map_err(DecodeError::Refused)
    }
}

fn decode(bytes: &[u8], origin: &Origin) -> Read<Draft> {
    let mut from = Reader::new(bytes);
    if from.array().ok() != Some(MAGIC) {
        return Err(DecodeError::NotAChunk);
    }
    let found = from.array().map(u16::from_le_bytes)?;
    if found != FORMAT {
        return Err(DecodeError::Format { found });
    }
    if from.array()? != [0; 2] {
        return from.malformed("zeros");
    }
    if from.array()? != *isa() {
        return Err(DecodeError::Instructions);
    }
    let edition = text(&mut from)?;
    if edition != origin.edition {
        let found = edition.to_owned();
        return Err(DecodeError::Edition { found });
    }
    if from.array()? != origin.build {
        return Err(DecodeError::Build);
    }
    let mut draft = Draft {
        name: text(&mut from)?.to_owned(),
        ..Draft::default()
    };
    let len = from.number()?;
    let end = from.offset().checked_add(len);
    body(&mut from, &mut draft)?;
    if end != Some(from.offset()) {
        return from.malformed("the end of the body");
    }
    draft.text = text(&mut from)?.into();
    draft.source = from.option(text)?.map(SharedText::from);
    from.finish()?;
    Ok(draft)
}

fn text<'a>(from: &mut Reader<'a>) -> Read<&'a str> {
    let len = from.number()?;
    from.text(len)
}

fn body(from: &mut Reader, draft: &mut Draft) -> Read<()> {
    head(from, draft)?;
    let mut ranges = Ranges::default();
    draft.symbols = from.list(2, |from| {
        let distance = from.signed()?;
        ranges.read(from, distance)
    })?;
    let mut ranges = Ranges::default();
    draft.constants = from.list(2, |from| constant(from, &mut ranges))?;
    let code = &mut draft.code;
    draft.protos = from.list(10, |from| proto(from, code))?;
    draft.imports = from.list(2, import)?;
    draft.shapes = from.list(2, shape)?;
    draft.names = from.list(1, |it| it.list(3, visible_name))?;
    draft.contents = from.list(1, |it| it.list(3, slot_content))?;
    draft.overrides = from.list(1, |it| it.list(2, override_))?;
    draft.blocks = from.list(3, block)?;
    draft.dependencies = from.list(3, dependency)?;
    Ok(())
}

fn head(from: &mut Reader, draft: &mut Draft) -> Read<()> {
    draft.escape = from.choice(&[
        Escape::Text,
        Escape::Html,
        Escape::Markdown,
        Escape::Terminal,
    ])?;
    draft.setup = ProtoId(from.u16()?);
    draft.extends = from.bool()?;
    draft.parent = from.option(Reader::sym)?;
    draft.first_async = from.option(|from| Ok((from.u32()?, from.u32()?)))?;
    Ok(())
}

fn constant(from: &mut Reader, ranges: &mut Ranges) -> Read<Constant> {
    let first = from.number()?;
    let distance = unzigzag(first >> 2);
    Ok(match (first & 3, distance) {
        (0, _) => Constant::Text(ranges.read(from, distance)?),
        (2, _) => Constant::Big(ranges.read(from, distance)?),
        (1, 0) => Constant::Int(from.signed()?),
        (3, 0) => Constant::Float(u64::from_le_bytes(from.array()?)),
        _ => return from.malformed("a sort of constant"),
    })
}

fn proto(from: &mut Reader, code: &mut Vec<u64>) -> Read<Proto> {
    use ProtoKind::*;
    let first = from.byte()?;
    let kind = u64::from(first & !OWN_CONTEXT);
    let kind = from.pick(kind, &[Main, Setup, Block, Def, Region, Content])?;
    let name = from.sym()?;
    let (registers, iters, caps) = (from.u16()?, from.u16()?, from.u16()?);
    let params = from.list(3, param)?;
    let captures = from.list(1, Reader::u16)?;
    let Ok(code_start) = u32::try_from(code.len()) else {
        return from.malformed("fewer instructions");
    };
    let code_len = from.u32()?;
    if code_len as usize > from.left() {
        return from.malformed("fewer instructions");
    }
    code.reserve(code_len as usize);
    for at in 0..code_len {
        code.push(op(from, at)?);
    }
    Ok(Proto {
        kind,
        name,
        code_start,
        code_len,
        registers,
        iters,
        caps,
        own_context: first & OWN_CONTEXT != 0,
        params,
        captures,
        regions: from.list(4, region)?,
        spans: spans(from)?,
    })
}

/// One word. Each number fits its field, so the word has one spelling.
#[inline]
fn op(from: &mut Reader, at: u32) -> Read<u64> {
    let byte = from.byte()?;
    let Some(opcode) = Opcode::ALL.get(usize::from(byte)) else {
        return from.malformed("an instruction");
    };
    let (mut word, mut shift) = (u64::from(byte), 8);
    for &(bits, way) in opcode.layout() {
        let number = from.number()?;
        if number >> bits != 0 {
            return from.malformed("a smaller operand");
        }
        word |= way.to_bits(number, bits, at) << shift;
        shift += bits;
    }
    Ok(word)
}

fn spans(from: &mut Reader) -> Read<Vec<SpanEntry>> {
    let (mut pc, mut line) = (0, 1);
    from.list(4, |from| {
        pc = from.near(pc)?;
        line = from.near(line)?;
        let column = from.u32()?;
        Ok(SpanEntry {
            pc,
            line,
            column,
            end_column: from.near(column)?,
        })
    })
}

fn param(from: &mut Reader) -> Read<ProtoParam> {
    use ParamRole::*;
    Ok(ProtoParam {
        name: from.sym()?,
        role: from.choice(&[Plain, Named, Rest, NamedRest])?,
        has_default: from.bool()?,
    })
}

fn region(from: &mut Reader) -> Read<Region> {
    Ok(Region {
        start: from.u32()?,
        end: from.u32()?,
        handler: from.u32()?,
        kind: match from.byte()? {
            0 => RegionKind::Guard,
            1 => RegionKind::Try { cap: from.u16()? },
            2 => RegionKind::With {
                name: from.sym()?,
                register: from.u16()?,
            },
            3 => RegionKind::Capture { cap: from.u16()? },
            4 => RegionKind::Provide,
            _ => return from.malformed("a sort of region"),
        },
    })
}

fn import(from: &mut Reader) -> Read<ImportEntry> {
    Ok(ImportEntry {
        kind: from.choice(&[ImportKind::Filter, ImportKind::Predicate])?,
        name: from.sym()?,
    })
}

fn shape(from: &mut Reader) -> Read<Shape> {
    Ok(Shape {
        positional: from.u16()?,
        names: from.list(1, Reader::sym)?,
    })
}

fn visible_name(from: &mut Reader) -> Read<VisibleName> {
    Ok(VisibleName {
        name: from.sym()?,
        register: from.u16()?,
        shared: from.bool()?,
    })
}

fn slot_content(from: &mut Reader) -> Read<SlotContent> {
    Ok(SlotContent {
        name: from.sym()?,
        proto: ProtoId(from.u16()?),
        is_blank: from.bool()?,
    })
}

fn override_(from: &mut Reader) -> Read<Override> {
    Ok(Override {
        name: from.sym()?,
        proto: ProtoId(from.u16()?),
    })
}

fn block(from: &mut Reader) -> Read<BlockEntry> {
    use BlockKind::*;
    Ok(BlockEntry {
        name: from.sym()?,
        proto: ProtoId(from.u16()?),
        kind: from.choice(&[Block, Fragment, Region])?,
    })
}

fn dependency(from: &mut Reader) -> Read<Dependency> {
    use DependencyKind::*;
    Ok(Dependency {
        kind: from.choice(&[Extends, Include, Embed, Import])?,
        name: from.sym()?,
        line: from.u32()?,
    })
}
