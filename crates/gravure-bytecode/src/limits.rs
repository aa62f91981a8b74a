//! How large a chunk may be.
//!
//! Every bound is far above what a template of sensible size needs. They keep
//! hostile bytes from asking for more than their own length pays for, and they
//! make every number of a chunk fit the field it is written to. A compiler
//! that comes near one reports it as a diagnostic; it never makes such a draft.

/// Bytes of the chunk's text, and of its source.
pub const TEXT_BYTES: usize = 1 << 28;
/// Bytes of the template's name.
pub const NAME_BYTES: usize = 1 << 16;
/// Symbols: a [`Sym`](crate::Sym) has 24 bits.
pub const SYMBOLS: usize = 1 << 24;
/// Constants: a [`Const`](crate::Const) has 24 bits.
pub const CONSTANTS: usize = 1 << 24;
/// Digits of an integer constant, whose reading takes more than linear time.
pub const BIG_DIGITS: usize = 1 << 17;
/// Words of all protos together.
pub const CODE_WORDS: usize = 1 << 26;
/// Words of one proto: a [`Jump`](crate::Jump) has 24 bits.
pub const PROTO_WORDS: usize = 1 << 24;
/// Protos, imports, shapes, and tables of names, contents and overrides each:
/// their ids have 16 bits.
pub const IDS: usize = 1 << 16;
/// Entries of one shape or of one table.
pub const ENTRIES: usize = 1 << 16;
/// Blocks, fragments and regions.
pub const BLOCKS: usize = 1 << 16;
/// Templates named literally.
pub const DEPENDENCIES: usize = 1 << 20;
