//! What a bundle says of itself and of each template in it.
//!
//! ```text
//! instructions: 32 bytes │ edition: text │ compiler: 32 bytes │ version
//! options: (name, value)…, by name │ natives: (kind, name, identity)…, by kind and name
//! index: (name, escape, bytes of code, of text, of source + 1 or 0, hash, hash of the source)…,
//! by name │ details of each, in that order
//! ```
//!
//! Names in order, each once, and numbers with one spelling: a manifest has one
//! way to be written. Details are what tools show; they are read when somebody
//! asks, and held against the chunks when somebody verifies.

use crate::{BundleError, Hash};
use gravure_bytecode::{
    BlockKind, Chunk, DecodeError, DependencyKind, Escape, Origin, ParamRole, ProtoKind,
    bytes::{Read, Reader, Writer},
};

/// What chunks were compiled by and with, and what they need.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Manifest {
    /// The fingerprint of the instruction set.
    pub instructions: Hash,
    /// The edition of the language, and the compiler.
    pub origin: Origin,
    /// Which version of the bundle it is, as whoever built it counts.
    pub version: u64,
    /// The options of the environment that decide what a source compiles to:
    /// name and value, by name.
    pub options: Vec<(String, String)>,
    /// What the chunks call by name, by kind and name.
    pub natives: Vec<Native>,
}

/// Something that a chunk calls by name and the program must have.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Native {
    /// In which table it is.
    pub kind: NativeKind,
    /// Its name.
    pub name: String,
    /// Which one it is.
    pub identity: Identity,
}

/// The tables of a registry.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
#[repr(u8)]
pub enum NativeKind {
    /// Behind a pipe.
    Filter,
    /// Behind `is`.
    Test,
    /// Called by name.
    Function,
    /// A value that every template sees.
    Global,
}

/// Which of all natives of a name is meant.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Identity {
    /// The one that comes with Gravure.
    Builtin,
    /// One that the program brings.
    Host,
    /// A version of one that the program brings.
    Version(String),
}

/// What tools want to know of a template.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Details {
    /// Templates that it names literally.
    pub edges: Vec<Edge>,
    /// What it calls by name: places in the natives of the manifest.
    pub natives: Vec<u32>,
    /// Its defs and regions.
    pub signatures: Vec<Signature>,
    /// Its blocks.
    pub blocks: Vec<(String, BlockKind)>,
}

/// One template names another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Edge {
    /// How.
    pub kind: DependencyKind,
    /// The name that is looked for.
    pub target: String,
    /// The line of the tag.
    pub line: u32,
}

/// How a def or region is called.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Signature {
    /// Its name.
    pub name: String,
    /// Is it a region?
    pub is_region: bool,
    /// Its parameters: name, role, and whether there is a default.
    pub params: Vec<(String, ParamRole, bool)>,
}

/// A line of the index.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) escape: Escape,
    pub(crate) body: usize,
    pub(crate) text: usize,
    pub(crate) source: Option<usize>,
    pub(crate) hash: Hash,
    pub(crate) source_hash: Hash,
}

/// The least that a row takes.
const LEAST_ROW: u64 = 5 + 64;

impl Manifest {
    pub(crate) fn write(&self, rows: &[Row], details: &[Details]) -> Vec<u8> {
        let mut to = Writer::default();
        to.bytes(&self.instructions);
        to.text(&self.origin.edition);
        to.bytes(&self.origin.build);
        to.number(self.version);
        to.list(&self.options, |to, (name, value)| {
            to.text(name);
            to.text(value);
        });
        to.list(&self.natives, |to, it| {
            to.byte(it.kind as u8);
            to.text(&it.name);
            match &it.identity {
                Identity::Builtin => to.byte(0),
                Identity::Host => to.byte(1),
                Identity::Version(version) => {
                    to.byte(2);
                    to.text(version);
                }
            }
        });
        to.list(rows, |to, row| {
            to.text(&row.name);
            to.byte(row.escape as u8);
            to.number(row.body as u64);
            to.number(row.text as u64);
            to.number(row.source.map_or(0, |len| len as u64 + 1));
            to.bytes(&row.hash);
            to.bytes(&row.source_hash);
        });
        for it in details {
            it.write(&mut to);
        }
        to.into_bytes()
    }

    /// The manifest, its index, and where the details begin.
    pub(crate) fn read(bytes: &[u8]) -> Read<(Self, Vec<Row>, usize)> {
        let mut from = Reader::new(bytes);
        let instructions = from.array()?;
        let edition = text(&mut from)?;
        let build = from.array()?;
        let manifest = Self {
            instructions,
            origin: Origin { edition, build },
            version: from.number()?,
            options: from.list(2, |from| Ok((text(from)?, text(from)?)))?,
            natives: from.list(3, native)?,
        };
        let rows = from.list(LEAST_ROW, row)?;
        let is_sorted = manifest.options.is_sorted_by(|a, b| a.0 < b.0)
            && (manifest.natives).is_sorted_by(|a, b| (a.kind, &a.name) < (b.kind, &b.name))
            && rows.is_sorted_by(|a, b| a.name < b.name);
        if !is_sorted {
            return from.malformed("names in order, each once");
        }
        Ok((manifest, rows, from.offset() as usize))
    }
}

fn text(from: &mut Reader) -> Read<String> {
    let len = from.number()?;
    from.text(len).map(str::to_owned)
}

fn native(from: &mut Reader) -> Read<Native> {
    use NativeKind::*;
    Ok(Native {
        kind: from.choice(&[Filter, Test, Function, Global])?,
        name: text(from)?,
        identity: match from.byte()? {
            0 => Identity::Builtin,
            1 => Identity::Host,
            2 => Identity::Version(text(from)?),
            _ => return from.malformed("an identity"),
        },
    })
}

fn length(from: &mut Reader) -> Read<usize> {
    match usize::try_from(from.number()?) {
        Ok(len) => Ok(len),
        Err(_) => from.malformed("a shorter part"),
    }
}

fn row(from: &mut Reader) -> Read<Row> {
    Ok(Row {
        name: text(from)?,
        escape: from.choice(&[
            Escape::Text,
            Escape::Html,
            Escape::Markdown,
            Escape::Terminal,
        ])?,
        body: length(from)?,
        text: length(from)?,
        source: length(from)?.checked_sub(1),
        hash: from.array()?,
        source_hash: from.array()?,
    })
}

/// The details of so many templates, to the last byte.
pub(crate) fn read_details(bytes: &[u8], n_rows: usize) -> Read<Vec<Details>> {
    let mut from = Reader::new(bytes);
    let all = (0..n_rows).map(|_| Details::read(&mut from));
    let all: Vec<Details> = all.collect::<Read<_>>()?;
    from.finish()?;
    Ok(all)
}

impl Details {
    /// What a chunk says of itself; edges and natives are for whoever can
    /// resolve them.
    pub fn of(chunk: &Chunk) -> Self {
        let symbol = |sym| chunk.symbol(sym).to_owned();
        let is_called = |kind| matches!(kind, ProtoKind::Def | ProtoKind::Region);
        let called = chunk.protos.iter().filter(|it| is_called(it.kind));
        let blocks = chunk.blocks.iter();
        Self {
            edges: Vec::new(),
            natives: Vec::new(),
            signatures: called
                .map(|it| Signature {
                    name: symbol(it.name),
                    is_region: it.kind == ProtoKind::Region,
                    params: (it.params.iter())
                        .map(|it| (symbol(it.name), it.role, it.has_default))
                        .collect(),
                })
                .collect(),
            blocks: blocks.map(|it| (symbol(it.name), it.kind)).collect(),
        }
    }

    fn write(&self, to: &mut Writer) {
        to.list(&self.edges, |to, it| {
            to.byte(it.kind as u8);
            to.text(&it.target);
            to.number(it.line);
        });
        to.list(&self.natives, |to, &it| to.number(it));
        to.list(&self.signatures, |to, it| {
            to.text(&it.name);
            to.bool(it.is_region);
            to.list(&it.params, |to, (name, role, has_default)| {
                to.text(name);
                to.byte(*role as u8);
                to.bool(*has_default);
            });
        });
        to.list(&self.blocks, |to, (name, kind)| {
            to.text(name);
            to.byte(*kind as u8);
        });
    }

    fn read(from: &mut Reader) -> Read<Self> {
        use DependencyKind::*;
        Ok(Self {
            edges: from.list(3, |from| {
                Ok(Edge {
                    kind: from.choice(&[Extends, Include, Embed, Import])?,
                    target: text(from)?,
                    line: from.u32()?,
                })
            })?,
            natives: from.list(1, Reader::u32)?,
            signatures: from.list(3, |from| {
                use ParamRole::*;
                Ok(Signature {
                    name: text(from)?,
                    is_region: from.bool()?,
                    params: from.list(3, |from| {
                        let name = text(from)?;
                        let role = from.choice(&[Plain, Named, Rest, NamedRest])?;
                        Ok((name, role, from.bool()?))
                    })?,
                })
            })?,
            blocks: from.list(2, |from| {
                use BlockKind::*;
                Ok((text(from)?, from.choice(&[Block, Fragment, Region])?))
            })?,
        })
    }
}

/// What reading a part that begins at `start` says, as seen from the file.
pub(crate) fn seen_from_file(error: &DecodeError, start: usize) -> BundleError {
    match *error {
        DecodeError::Malformed { offset, expected } => BundleError::Malformed {
            offset: start as u64 + offset as u64,
            expected,
        },
        _ => BundleError::Malformed {
            offset: start as u64,
            expected: "a manifest",
        },
    }
}
