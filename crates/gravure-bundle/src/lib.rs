//! Chunks that ship: many compiled templates in one file.
//!
//! ```text
//! "GVB\0" │ format: u16 │ is it signed: u16 │ lengths of manifest, code and text: u64 each
//! manifest: who compiled, version, options, natives, index, details
//! root hash: BLAKE3 of everything before it
//! if signed: public key │ Ed25519 signature over the root hash
//! code: bodies of the chunks, in the order of the index
//! text: texts of the chunks, then their sources, then 32 zeros; one piece of UTF-8
//! ```
//!
//! In: chunks with what is known about them ([`Contents`]), or bytes from
//! anywhere. Out: the one file that holds them, or a [`Bundle`] that gives each
//! chunk when it is asked for. The same contents are the same bytes, whatever
//! order they came in. Every byte counts: the root hash covers what stands
//! before it, the manifest has a hash of each chunk, lengths leave no gap.
//! A chunk is hashed, read and verified when it is first asked for, once; its
//! text stays where it is.
//!
//! Absent on purpose: compiling, linking, and whether the program around has
//! what the chunks need. The manifest says what that is.

mod build;
mod bundle;
mod error;
mod forge;
mod keys;
mod layout;
mod manifest;

pub use build::{BuildError, Contents, Item, write};
pub use bundle::{Bundle, Bytes, TemplateInfo, Trust};
pub use error::BundleError;
#[doc(hidden)]
pub use forge::forge;
pub use keys::{BadKey, PublicKey, SecretKey};
pub use manifest::{Details, Edge, Identity, Manifest, Native, NativeKind, Signature};

/// A BLAKE3 hash.
pub type Hash = [u8; 32];

/// A hash as hexadecimal digits.
pub fn hex(hash: &Hash) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}

/// The hash of a text.
pub fn hash_of(text: &str) -> Hash {
    blake3::hash(text.as_bytes()).into()
}

#[cfg(test)]
mod tests;
