//! The chunk: one template's compiled unit.
//!
//! [`table`] is the one place where an instruction is described; encoder,
//! decoder, listing, the verifier's walk and the VM's dispatch derive from its
//! rows. A [`Draft`] is what a compiler or a decoder puts together; a
//! [`Chunk`] is a draft that was proved well-formed, and there is no other way
//! to hold one. Values, the tree and execution are absent: constants are plain
//! data.

pub mod bytes;
mod chunk;
mod decode;
mod disasm;
mod docs;
mod encode;
pub mod limits;
mod operand;
mod origin;
pub mod table;
mod text;
mod verify;

pub use chunk::*;
pub use decode::DecodeError;
pub use disasm::disassemble;
pub use docs::docs;
pub use encode::{FORMAT, Parts};
pub use operand::*;
pub use origin::{Origin, isa};
pub use table::{AnyOperand, Dispatch, Op, Opcode, step};
pub use text::{PADDING, SharedText, TextBuffer};
pub use verify::VerifyError;

/// A hash over the sources of this package.
pub const SOURCES: &str = env!("GRAVURE_SOURCES");

#[cfg(test)]
mod sample;
