//! `block` and `fragment`, and the table of everything that can be rendered
//! alone.

use super::Compiler;
use crate::maps::{Map, map};
use gravure_bytecode::*;
use gravure_source::{Span, Symbol};
use gravure_syntax::ast::{Block, Ident, StmtId};

/// A block, fragment or region, and where its name stands.
pub(super) struct Found {
    name: Symbol,
    at: u32,
    entry: BlockEntry,
}

impl<'a> Compiler<'a> {
    pub(super) fn lower_block(&mut self, id: StmtId, it: &'a Block, span: Span) {
        let end = self.label();
        if let Some(condition) = it.condition {
            self.branch(condition, false, end);
        }
        self.block_proto(id, it);
        if !it.is_fragment {
            let sym = self.sym(it.name.name);
            self.emit_at(span, Op::Block { sym });
        }
        self.place_label(end);
    }

    /// The proto of a block. It exists even where the block itself is never
    /// reached: it may override one of a parent.
    fn block_proto(&mut self, id: StmtId, it: &'a Block) {
        if self.done.contains_key(&id) {
            return;
        }
        let dead = std::mem::take(&mut self.dead);
        let name = self.sym(it.name.name);
        self.begin_unit(ProtoKind::Block, name);
        self.body(&it.body);
        let proto = self.finish_unit();
        self.done.insert(id, proto);
        let kind = if it.is_fragment {
            BlockKind::Fragment
        } else {
            BlockKind::Block
        };
        self.add_block(it.name, proto, kind);
        self.dead = dead;
    }

    pub(super) fn add_block(&mut self, ident: Ident, proto: ProtoId, kind: BlockKind) {
        let name = self.sym(ident.name);
        self.blocks.push(Found {
            name: ident.name,
            at: ident.span.start,
            entry: BlockEntry { name, proto, kind },
        });
    }

    /// Everything that can be rendered alone, in order of the source; of equal
    /// names the last body counts.
    pub(super) fn block_table(&mut self) -> Vec<BlockEntry> {
        let mut found = std::mem::take(&mut self.blocks);
        found.sort_by_key(|it| it.at);
        let mut table: Vec<BlockEntry> = Vec::with_capacity(found.len());
        let mut places: Map<Symbol, usize> = map();
        for it in found {
            let known = places.get(&it.name).and_then(|&at| table.get_mut(at));
            match known {
                Some(entry) => *entry = it.entry,
                None => {
                    places.insert(it.name, table.len());
                    table.push(it.entry);
                }
            }
        }
        table
    }
}
