//! One running proto: its window of registers, its pc, and whom to return to.
//!
//! ```text
//! caller's registers │ params │ captures │ locals, temps │ next frame's base …
//!               base ┘                                   └ base + registers
//! ```
//!
//! Frames lie in one `Vec` owned by the machine, never on the Rust stack. A
//! frame names windows and owns none, so a call allocates nothing. A frame's
//! link to its caller never changes, so the trace can be read off the frames.

use crate::output::Spot;
use gravure_value::{TemplateId, Value};

/// What becomes of a proto's output, and of the frame's end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ret {
    /// It stays where it was written.
    Emit,
    /// It is escaped for the caller's surface, as safe text of its own.
    Escape,
    /// It becomes a safe text in this register (counted from 0, not a base).
    Value(usize),
    /// It becomes a safe text for the builtin that called.
    Host,
    /// It becomes a safe text for the work of the op that called, which is
    /// then done again.
    Answer,
    /// It is dropped; this register takes the library (1: as a dict).
    Import(usize, bool),
    /// It is dropped.
    Drop,
}

/// How a frame came to be, for traces and limits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Role {
    /// The render itself, a parent that took over, or a setup.
    Main,
    /// A block.
    Block,
    /// A def or region.
    Call,
    /// Content of a call, or an overriding block.
    Content,
    /// An included template.
    Include,
    /// An embedded template.
    Embed,
    /// A template that is imported.
    Import,
}

/// One running proto.
#[derive(Clone, Debug)]
pub(crate) struct Frame<'c> {
    pub template: TemplateId,
    pub proto: u16,
    pub role: Role,
    pub ret: Ret,
    /// A missing template below makes the whole include print nothing.
    pub ignore_missing: bool,
    /// Does the last block table belong to this frame?
    pub owns_table: bool,
    /// The op to go on with; of a caller the one behind its call.
    pub pc: u32,
    pub base: u32,
    pub its: u32,
    pub caps: u32,
    /// Nested calls, blocks and contents up to here.
    pub calls: u32,
    pub includes: u32,
    pub extends: u32,
    pub blocks: u32,
    /// Where its output begins.
    pub out_start: Spot,
    /// A `Value::Cell(Context, …)`.
    pub context: Value<'c>,
    /// Bytes that were counted for the context, if it was made for this frame
    /// alone; 0 if it was not. It is freed with the frame, unless somebody has
    /// kept a context since.
    pub owned: u32,
    /// How often that had happened before.
    pub kept: u64,
    /// What the caller of this def passes for slots; of a content frame that
    /// of the def around the `call` tag.
    pub content: Value<'c>,
    /// The slot scope of a content frame.
    pub bindings: Value<'c>,
}
