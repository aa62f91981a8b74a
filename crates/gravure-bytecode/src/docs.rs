//! The reference of the instruction set, written from the table.

use crate::{FORMAT, OPERANDS, Opcode, isa};
use std::fmt::Write;

const INTRODUCTION: &str = include_str!("docs/introduction.md");

/// The text of `docs/bytecode.md`.
pub fn docs() -> String {
    let mut to = INTRODUCTION.to_owned();
    // Writing to a string does not fail.
    let _ = write!(
        to,
        "\nThis is format {FORMAT}, instruction set `{}`.\n",
        blake3::Hash::from(*isa()).to_hex()
    );
    to.push_str("\n## Operands\n\n| type | bits | meaning |\n|---|---|---|\n");
    for (name, bits, doc) in OPERANDS {
        let _ = writeln!(
            to,
            "| `{name}` | {bits} | {} |",
            joined(doc).replace('|', "\\|")
        );
    }
    to.push_str("\n## Instructions\n");
    for &opcode in Opcode::ALL {
        let _ = write!(
            to,
            "\n### `{}`\n\n{}\n\n",
            opcode.name(),
            joined(opcode.doc())
        );
        let mut at = 8;
        let _ = write!(to, "Opcode {}", opcode as u8);
        for (field, kind) in opcode.fields() {
            let bits = OPERANDS
                .iter()
                .find(|row| row.0 == *kind)
                .map_or(0, |row| row.1);
            let _ = write!(to, ", `{field}: {kind}` in bits {at} to {}", at + bits - 1);
            at += bits;
        }
        to.push_str(".\n");
    }
    to
}

/// The lines of a doc comment as one.
fn joined(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ")
}
