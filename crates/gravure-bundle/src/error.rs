//! Why bytes are no bundle, or one that is not trusted, or a chunk in it none.

use crate::PublicKey;
use gravure_bytecode::DecodeError;
use std::fmt;

/// What is wrong with a bundle, or with one chunk in it.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum BundleError {
    /// It does not begin as a bundle does.
    NotABundle,
    /// It is of another version of the format.
    Format {
        /// Which one.
        found: u16,
    },
    /// It is cut off, damaged, or not written as a bundle is.
    Malformed {
        /// Where it was noticed.
        offset: u64,
        /// What was expected.
        expected: &'static str,
    },
    /// Its head is not what its root hash was made of.
    RootHash,
    /// It must be signed and is not.
    Unsigned,
    /// It is signed with a key that is not trusted.
    UnknownKey(PublicKey),
    /// The signature is not one of its key.
    Signature,
    /// It is older than what is accepted.
    TooOld {
        /// Its version.
        found: u64,
        /// The least that would do.
        least: u64,
    },
    /// Its chunks are of another instruction set.
    Instructions,
    /// A chunk is not what its hash was made of.
    ChunkHash {
        /// The template.
        name: String,
    },
    /// A chunk cannot be read, or is not well-formed.
    Chunk {
        /// The template.
        name: String,
        /// Why.
        error: DecodeError,
    },
    /// What the manifest says of a template is not what its chunk says.
    Details {
        /// The template.
        name: String,
    },
    /// The file cannot be read.
    Io(String),
}

impl fmt::Display for BundleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotABundle => f.write_str("no bundle: it begins as something else"),
            Self::Format { found } => {
                let read = crate::layout::FORMAT;
                write!(f, "a bundle of format {found}, where {read} is read")
            }
            Self::Malformed { offset, expected } => {
                write!(
                    f,
                    "the bundle is damaged at byte {offset}: expected {expected}"
                )
            }
            Self::RootHash => f.write_str("the bundle is not what its root hash was made of"),
            Self::Unsigned => f.write_str("the bundle is not signed"),
            Self::UnknownKey(key) => {
                write!(
                    f,
                    "the bundle is signed with a key that is not trusted: {key}"
                )
            }
            Self::Signature => f.write_str("the signature of the bundle is not one of its key"),
            Self::TooOld { found, least } => {
                write!(
                    f,
                    "the bundle has version {found}, at least {least} is wanted"
                )
            }
            Self::Instructions => f.write_str("the bundle is of another instruction set"),
            Self::ChunkHash { name } => {
                write!(f, "`{name}` is not what its hash was made of")
            }
            Self::Chunk { name, error } => write!(f, "`{name}`: {error}"),
            Self::Details { name } => {
                write!(f, "`{name}` is not what the manifest says of it")
            }
            Self::Io(said) => write!(f, "the bundle cannot be read: {said}"),
        }
    }
}

impl std::error::Error for BundleError {}

impl From<std::io::Error> for BundleError {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error.to_string())
    }
}
