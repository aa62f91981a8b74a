//! Who made a chunk: the instructions, the language, and the compiler.
//!
//! Bytes that another set of instructions wrote cannot be read, and those of
//! another compiler need not mean what ours would have written. Both are said
//! at the head of a chunk, and a chunk of somebody else is not read.

use crate::{OPERANDS, Opcode};
use std::sync::LazyLock;

/// The language that a compiler understood, and the compiler itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Origin {
    /// The short name of the language's edition; empty for bytes that nobody
    /// keeps.
    pub edition: String,
    /// A hash over the sources of everything that decides a chunk's bytes.
    pub build: [u8; 32],
}

impl Origin {
    /// A compiler of an edition, built from these sources.
    pub fn new(edition: &str, sources: &[&str]) -> Self {
        let mut hasher = blake3::Hasher::new();
        for source in sources {
            hasher.update(source.as_bytes()).update(&[0]);
        }
        Self {
            edition: edition.to_owned(),
            build: hasher.finalize().into(),
        }
    }
}

/// The fingerprint of the instruction set: names, operands, widths, and the
/// order of all of them. A chunk of another instruction set is not read.
pub fn isa() -> &'static [u8; 32] {
    static ISA: LazyLock<[u8; 32]> = LazyLock::new(|| {
        // One long text is hashed several times as fast as its words.
        let mut text = Vec::with_capacity(1 << 14);
        let mut word = |word: &[u8]| {
            text.extend_from_slice(word);
            text.push(0);
        };
        for opcode in Opcode::ALL {
            word(opcode.mnemonic().as_bytes());
            for (field, kind) in opcode.fields() {
                word(field.as_bytes());
                word(kind.as_bytes());
            }
            word(b";");
        }
        for (name, bits, _) in OPERANDS {
            word(name.as_bytes());
            word(&bits.to_le_bytes());
        }
        blake3::hash(&text).into()
    });
    &ISA
}
