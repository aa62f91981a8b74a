//! Which body a block has: the most derived one that a render knows.

use crate::Compiled;
use gravure_bytecode::{BlockKind, ProtoId};
use gravure_value::{TemplateId, Value};

/// One body of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockSlot<'c> {
    pub hash: u64,
    pub template: TemplateId,
    pub name: gravure_bytecode::Sym,
    pub body: Body<'c>,
}

/// What a block shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body<'c> {
    /// A proto of its template.
    Proto(ProtoId, BlockKind),
    /// An embed's block: its proto, and the content cell that it sees.
    Override(ProtoId, Value<'c>),
    /// Text of the host.
    Replaced(Value<'c>),
}

/// Blocks from the most derived template to its furthest parent.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockTable<'c> {
    pub slots: Vec<BlockSlot<'c>>,
    /// The templates of the chain, most derived first.
    pub chain: Vec<TemplateId>,
    /// Who has extended, and on which line, in the same order.
    pub extended: Vec<(TemplateId, u32)>,
}

impl<'c> BlockTable<'c> {
    /// Add a template below what is there.
    pub(crate) fn add(&mut self, id: TemplateId, compiled: &Compiled) {
        self.chain.push(id);
        for entry in &compiled.chunk.blocks {
            self.slots.push(BlockSlot {
                hash: compiled.hash(entry.name),
                template: id,
                name: entry.name,
                body: Body::Proto(entry.proto, entry.kind),
            });
        }
    }

    /// Every value that it holds.
    pub(crate) fn trace(&self, see: &mut dyn FnMut(Value<'c>)) {
        for slot in &self.slots {
            match slot.body {
                Body::Override(_, value) | Body::Replaced(value) => see(value),
                Body::Proto(..) => {}
            }
        }
    }
}
