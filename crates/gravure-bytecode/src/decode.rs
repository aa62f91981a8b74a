//! Bytes that may come from anywhere, read as a chunk or refused.
//!
//! Each byte is accounted for and has one meaning: what is read here and then
//! encoded gives the same bytes. A length is held against the bytes that are
//! left before anything is reserved for it, so reading takes no more memory
//! than a small multiple of the input. The layout is in `encode.rs`; what the
//! parts mean is the verifier's to judge, and it always does.

use crate::encode::{FORMAT, ISA, MAGIC, SECTIONS};
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
            Self::Malformed { offset, expected } => {
                write!(f, "damaged at byte {offset}: expected {expected}")
            }
            Self::Refused(error) => write!(f, "not well-formed: {error}"),
        }
    }
}

impl std::error::Error for DecodeError {}

type Read<T> = Result<T, DecodeError>;

impl Chunk {
    /// From bytes that [`Chunk::encode`] wrote; any others are refused.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        Self::new(decode(bytes)?).map_err(DecodeError::Refused)
    }
}

fn decode(bytes: &[u8]) -> Read<Draft> {
    let mut from = Reader {
        bytes,
        at: 0,
        end: bytes.len(),
    };
    if from.array().ok() != Some(MAGIC) {
        return Err(DecodeError::NotAChunk);
    }
    let found = from.u16()?;
    if found != FORMAT {
        return Err(DecodeError::Format { found });
    }
    if from.u16()? != 0 {
        return from.malformed("zeros");
    }
    if from.u64()? != ISA {
        return Err(DecodeError::Instructions);
    }
    let [
        head_tag,
        text,
        symbols,
        constants,
        code,
        protos,
        tables @ ..,
        source,
    ] = SECTIONS;
    let [
        imports,
        shapes,
        names,
        contents,
        overrides,
        blocks,
        dependencies,
    ] = tables;
    let mut draft = Draft::default();
    from.section(head_tag, |from| head(from, &mut draft))?;
    draft.text = from.section(text, Reader::rest_as_text)?;
    draft.symbols = from.section(symbols, |from| from.list(8, Reader::range))?;
    draft.constants = from.section(constants, |from| from.list(9, constant))?;
    draft.code = from.section(code, self::code)?;
    draft.protos = from.section(protos, |from| from.list(36, proto))?;
    draft.imports = from.section(imports, |from| from.list(5, import))?;
    draft.shapes = from.section(shapes, |from| from.list(6, shape))?;
    draft.names = from.section(names, |from| from.list(4, |it| it.list(7, visible_name)))?;
    draft.contents = from.section(contents, |from| from.list(4, |it| it.list(7, slot_content)))?;
    draft.overrides = from.section(overrides, |from| from.list(4, |it| it.list(6, override_)))?;
    draft.blocks = from.section(blocks, |from| from.list(7, block))?;
    draft.dependencies = from.section(dependencies, |from| from.list(9, dependency))?;
    if from.at < from.end {
        draft.source = Some(from.section(source, Reader::rest_as_text)?);
    }
    from.finish()?;
    Ok(draft)
}

fn head(from: &mut Reader, draft: &mut Draft) -> Read<()> {
    let len = from.u32()?;
    draft.name = from.text(u64::from(len))?;
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

fn constant(from: &mut Reader) -> Read<Constant> {
    Ok(match from.u8()? {
        0 => Constant::Text(from.range()?),
        1 => Constant::Int(from.u64()? as i64),
        2 => Constant::Big(from.range()?),
        3 => Constant::Float(from.u64()?),
        _ => return from.malformed("a sort of constant"),
    })
}

fn code(from: &mut Reader) -> Read<Vec<u64>> {
    let (words, odd) = from.take(from.left() as u64)?.as_chunks();
    if !odd.is_empty() {
        return from.malformed("whole words");
    }
    Ok(words.iter().map(|&word| u64::from_le_bytes(word)).collect())
}

fn proto(from: &mut Reader) -> Read<Proto> {
    use ProtoKind::*;
    Ok(Proto {
        kind: from.choice(&[Main, Setup, Block, Def, Region, Content])?,
        name: from.sym()?,
        code_start: from.u32()?,
        code_len: from.u32()?,
        registers: from.u16()?,
        iters: from.u16()?,
        caps: from.u16()?,
        own_context: from.bool()?,
        params: from.list(6, param)?,
        captures: from.list(2, Reader::u16)?,
        regions: from.list(13, region)?,
        spans: from.list(16, span)?,
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
        kind: match from.u8()? {
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

fn span(from: &mut Reader) -> Read<SpanEntry> {
    Ok(SpanEntry {
        pc: from.u32()?,
        line: from.u32()?,
        column: from.u32()?,
        end_column: from.u32()?,
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
        names: from.list(4, Reader::sym)?,
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

/// A window of the bytes. Offsets count from the first byte of all, for errors.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    end: usize,
}

impl<'a> Reader<'a> {
    fn malformed<T>(&self, expected: &'static str) -> Read<T> {
        Err(DecodeError::Malformed {
            offset: self.at,
            expected,
        })
    }

    fn left(&self) -> usize {
        self.end.saturating_sub(self.at)
    }

    fn take(&mut self, len: u64) -> Read<&'a [u8]> {
        let len = usize::try_from(len).ok().filter(|&len| len <= self.left());
        let taken = len.and_then(|len| self.bytes.get(self.at..self.at + len));
        let Some(taken) = taken else {
            return self.malformed("more bytes");
        };
        self.at += taken.len();
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        match self.take(N as u64)?.first_chunk() {
            Some(array) => Ok(*array),
            None => self.malformed("more bytes"),
        }
    }

    fn u8(&mut self) -> Read<u8> {
        self.array().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> Read<u16> {
        self.array().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> Read<u32> {
        self.array().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Read<u64> {
        self.array().map(u64::from_le_bytes)
    }

    fn bool(&mut self) -> Read<bool> {
        self.choice(&[false, true])
    }

    /// A byte that picks one of these. They stand in the order of their numbers.
    fn choice<T: Copy>(&mut self, of: &[T]) -> Read<T> {
        match of.get(usize::from(self.u8()?)) {
            Some(&picked) => Ok(picked),
            None => self.malformed("a smaller choice"),
        }
    }

    fn sym(&mut self) -> Read<Sym> {
        self.u32().map(Sym)
    }

    fn range(&mut self) -> Read<TextRange> {
        Ok(TextRange {
            start: self.u32()?,
            len: self.u32()?,
        })
    }

    fn text(&mut self, len: u64) -> Read<String> {
        match str::from_utf8(self.take(len)?) {
            Ok(text) => Ok(text.to_owned()),
            Err(_) => self.malformed("UTF-8"),
        }
    }

    fn rest_as_text(&mut self) -> Read<String> {
        self.text(self.left() as u64)
    }

    fn option<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Option<T>> {
        Ok(if self.bool()? {
            Some(read(self)?)
        } else {
            None
        })
    }

    /// A list of items that take at least so many bytes each.
    fn list<T>(&mut self, least: u64, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let len = self.u32()?;
        if u64::from(len).saturating_mul(least) > self.left() as u64 {
            return self.malformed("a shorter list");
        }
        (0..len).map(|_| read(self)).collect()
    }

    /// A section: its contents are read to their last byte.
    fn section<T>(&mut self, tag: &[u8; 8], read: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.array()? != *tag {
            return self.malformed("another section");
        }
        let len = self.u64()?;
        let start = self.at;
        let len = self.take(len)?.len();
        let mut inside = Reader {
            bytes: self.bytes,
            at: start,
            end: start + len,
        };
        let it = read(&mut inside)?;
        inside.finish()?;
        let padding = len.next_multiple_of(8) - len;
        if self.take(padding as u64)?.iter().any(|&byte| byte != 0) {
            return self.malformed("zeros");
        }
        Ok(it)
    }

    fn finish(&self) -> Read<()> {
        match self.left() {
            0 => Ok(()),
            _ => self.malformed("the end"),
        }
    }
}
