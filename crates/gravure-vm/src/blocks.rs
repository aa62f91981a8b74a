//! Which body a block has: the most derived one that a render knows.

use crate::Compiled;
use gravure_bytecode::{BlockKind, ProtoId};
use gravure_value::{CellId, CellKind, Mark, TemplateId, Value};

/// The number of the page's own block table.
pub(crate) const PAGE: u32 = 1;

/// One body of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BlockSlot {
    pub hash: u64,
    pub template: TemplateId,
    pub name: gravure_bytecode::Sym,
    pub body: Body,
}

/// What a block shows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Body {
    /// A proto of its template.
    Proto(ProtoId, BlockKind),
    /// An embed's block: its proto, and the content cell that it sees.
    Override(ProtoId, CellId),
    /// Text of the host, in a cell; `None` for no text.
    Replaced(Option<CellId>),
}

/// Blocks from the most derived template to its furthest parent.
#[derive(Clone, Debug, Default)]
pub(crate) struct BlockTable {
    pub slots: Vec<BlockSlot>,
    /// The templates of the chain, most derived first.
    pub chain: Vec<TemplateId>,
    /// Who has extended, and on which line, in the same order.
    pub extended: Vec<(TemplateId, u32)>,
}

impl BlockTable {
    /// Nothing is in it any more; its memory stays.
    #[inline]
    fn clear(&mut self) {
        self.slots.clear();
        self.chain.clear();
        self.extended.clear();
    }

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
    pub(crate) fn values(&self) -> impl Iterator<Item = Value<'static>> + '_ {
        self.slots.iter().filter_map(|slot| match slot.body {
            Body::Override(_, id) => Some(Value::Cell(CellKind::Content, id)),
            Body::Replaced(Some(id)) => Some(Value::Text(Mark::Html, id)),
            Body::Replaced(None) | Body::Proto(..) => None,
        })
    }
}

/// The tables of a render, innermost last. The first is nobody's and the second
/// the page's own. The memory of one that is gone serves the next.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    all: Vec<BlockTable>,
    /// How many are in use.
    n: usize,
    /// May there be more in them than the one template that the page is?
    is_used: bool,
}

impl Tables {
    /// Nobody's table, and the page's with a template. One without blocks finds
    /// its table as it left it.
    #[inline(always)]
    pub(crate) fn begin_page(&mut self, id: TemplateId, compiled: &Compiled) {
        let is_plain = !self.is_used && compiled.chunk.blocks.is_empty();
        match self.all.get(PAGE as usize) {
            Some(page) if is_plain && page.chain == [id] => self.n = 2,
            _ => self.begin_page_anew(id, compiled),
        }
    }

    #[inline(never)]
    fn begin_page_anew(&mut self, id: TemplateId, compiled: &Compiled) {
        self.restart();
        self.add_to_page(id, compiled);
    }

    /// Nobody's table and the page's, both empty.
    #[inline]
    pub(crate) fn restart(&mut self) {
        match self.all.get_mut(PAGE as usize) {
            Some(page) if !self.is_used => {
                page.chain.clear();
                self.n = 2;
            }
            _ => self.restart_all(),
        }
    }

    #[inline(never)]
    fn restart_all(&mut self) {
        self.n = 0;
        self.push();
        self.push();
    }

    /// Add a template below those of the page.
    #[inline]
    pub(crate) fn add_to_page(&mut self, id: TemplateId, compiled: &Compiled) {
        if !compiled.chunk.blocks.is_empty() {
            self.is_used = true;
        }
        if let Some(page) = self.all.get_mut(PAGE as usize) {
            page.add(id, compiled);
        }
    }

    /// One more, which is empty.
    #[inline]
    pub(crate) fn push(&mut self) -> &mut BlockTable {
        self.is_used = true;
        let at = self.n;
        self.n += 1;
        if at >= self.all.len() {
            self.lengthen();
        }
        let table = &mut self.all[at];
        table.clear();
        table
    }

    #[cold]
    fn lengthen(&mut self) {
        self.all.resize_with(self.n, BlockTable::default);
    }

    /// The last one is gone.
    pub(crate) fn pop(&mut self) {
        self.n = self.n.saturating_sub(1);
    }

    /// The number of the last one.
    pub(crate) fn last(&self) -> u32 {
        self.n.saturating_sub(1) as u32
    }

    pub(crate) fn get(&self, number: u32) -> Option<&BlockTable> {
        self.used().get(number as usize)
    }

    pub(crate) fn get_mut(&mut self, number: u32) -> Option<&mut BlockTable> {
        self.is_used = true;
        let used = self.n.min(self.all.len());
        self.all[..used].get_mut(number as usize)
    }

    /// All that are in use.
    pub(crate) fn used(&self) -> &[BlockTable] {
        self.all.get(..self.n).unwrap_or(&[])
    }

    /// There are none; no more memory is kept than most pages need.
    #[inline]
    pub(crate) fn empty(&mut self) {
        self.n = 0;
        if self.is_used {
            self.shrink();
        }
    }

    #[inline(never)]
    fn shrink(&mut self) {
        const MOST_TABLES: usize = 8;
        const MOST_SLOTS: usize = 256;
        self.is_used = false;
        self.all.truncate(MOST_TABLES);
        for table in &mut self.all {
            table.clear();
            let most = table.slots.capacity().max(table.chain.capacity());
            if most.max(table.extended.capacity()) > MOST_SLOTS {
                *table = BlockTable::default();
            }
        }
    }
}
