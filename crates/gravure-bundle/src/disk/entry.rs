//! An entry as bytes: a header that can be checked, a chunk, its warnings.
//!
//! ```text
//! "GVDISK\0\1" │ sum: 32 bytes │ address: 32 bytes │ chunk: u64 │ warnings: u64
//! then so many bytes of a chunk without its source, and so many of warnings
//! ```
//!
//! Numbers are little-endian. The sum is of everything behind it: a plain one
//! that tells damage or, if the host gave a key, the BLAKE3 hash made with it,
//! which tells who wrote too. What it covers is decoded and verified in either
//! case, as if it came from anywhere.

use super::{sum::sum, warnings};
use gravure_bytecode::Chunk;
use gravure_source::Diagnostic;
use std::fmt;

/// The version of the layout.
pub(crate) const FORMAT: u16 = 1;

const MAGIC: [u8; 8] = *b"GVDISK\0\x01";
const SUM: usize = 32;
const HEADER: usize = MAGIC.len() + SUM + 32 + 8 + 8;

/// What is kept of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its chunk, without the source: who asks has that.
    pub chunk: Chunk,
    /// Everything that was found when it was compiled and stops nothing.
    pub warnings: Vec<Diagnostic>,
}

/// Why bytes are no entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Refused {
    /// They are too short, or begin as something else.
    NotAnEntry,
    /// They are not what was written, or not by whom.
    Sum,
    /// They are the entry of another address.
    Address,
    /// The lengths do not come to the length of the file.
    Length,
    /// The chunk was not decoded, or not proved.
    Chunk,
    /// The warnings cannot be read.
    Warnings,
    /// Who asked says that this cannot be the chunk it asked for.
    Unfit,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotAnEntry => "it is no entry",
            Self::Sum => "its checksum is wrong",
            Self::Address => "it is the entry of another template",
            Self::Length => "its length is wrong",
            Self::Chunk => "its chunk is not well-formed",
            Self::Warnings => "its warnings cannot be read",
            Self::Unfit => "its chunk is not of this template",
        })
    }
}

/// Is this the sum of what stands behind it? Keyed ones are compared in
/// constant time.
fn is_sum(found: &[u8; SUM], secret: Option<&[u8; 32]>, rest: &[u8]) -> bool {
    match secret {
        Some(secret) => blake3::keyed_hash(secret, rest) == *found,
        None => sum(rest) == *found,
    }
}

/// The bytes of an entry.
pub(crate) fn encode(
    address: &[u8; 32],
    secret: Option<&[u8; 32]>,
    chunk: &Chunk,
    found: &[Diagnostic],
) -> Vec<u8> {
    let chunk = match chunk.source {
        Some(_) => chunk.strip().encode(),
        None => chunk.encode(),
    };
    let found = warnings::encode(found);
    let mut bytes = Vec::with_capacity(HEADER + chunk.len() + found.len());
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&[0; SUM]);
    bytes.extend_from_slice(address);
    bytes.extend_from_slice(&(chunk.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&(found.len() as u64).to_le_bytes());
    bytes.extend_from_slice(&chunk);
    bytes.extend_from_slice(&found);
    seal(&mut bytes, secret);
    bytes
}

/// The bytes of an entry that lies nowhere, without a secret: for fuzzers.
pub fn write_entry(chunk: &Chunk, found: &[Diagnostic]) -> Vec<u8> {
    encode(&[7; 32], None, chunk, found)
}

/// What [`write_entry`] wrote, from bytes that may come from anywhere.
pub fn read_entry(bytes: &[u8]) -> Option<Entry> {
    decode(bytes, &[7; 32], None).ok()
}

/// Write the sum of what stands behind it. Tests forge entries with it.
pub fn seal(bytes: &mut [u8], secret: Option<&[u8; 32]>) {
    let Some((head, rest)) = bytes.split_at_mut_checked(MAGIC.len() + SUM) else {
        return;
    };
    if let Some(field) = head.last_chunk_mut::<SUM>() {
        *field = match secret {
            Some(secret) => *blake3::keyed_hash(secret, rest).as_bytes(),
            None => sum(rest),
        };
    }
}

/// An entry from bytes that may come from anywhere.
pub(crate) fn decode(
    bytes: &[u8],
    address: &[u8; 32],
    secret: Option<&[u8; 32]>,
) -> Result<Entry, Refused> {
    let rest = bytes.strip_prefix(&MAGIC).ok_or(Refused::NotAnEntry)?;
    let (found_sum, rest) = rest.split_first_chunk::<SUM>().ok_or(Refused::NotAnEntry)?;
    if !is_sum(found_sum, secret, rest) {
        return Err(Refused::Sum);
    }
    let (found_address, rest) = rest.split_first_chunk::<32>().ok_or(Refused::Length)?;
    if found_address != address {
        return Err(Refused::Address);
    }
    let (chunk_len, rest) = length(rest)?;
    let (warnings_len, rest) = length(rest)?;
    let (chunk, found) = rest
        .split_at_checked(chunk_len)
        .filter(|(_, found)| found.len() == warnings_len)
        .ok_or(Refused::Length)?;
    let chunk = Chunk::decode(chunk).map_err(|_| Refused::Chunk)?;
    let warnings = warnings::decode(found).ok_or(Refused::Warnings)?;
    Ok(Entry { chunk, warnings })
}

fn length(bytes: &[u8]) -> Result<(usize, &[u8]), Refused> {
    let (length, rest) = bytes.split_first_chunk().ok_or(Refused::Length)?;
    let length = usize::try_from(u64::from_le_bytes(*length)).map_err(|_| Refused::Length)?;
    Ok((length, rest))
}
