//! What all of lowering writes with: numbers of things, registers, ops,
//! labels, regions, text.

use super::Compiler;
use crate::labels::Label;
use crate::pool::MOST_24;
use crate::unit::OpenRegion;
use gravure_bytecode::*;
use gravure_source::{Span, Symbol};

impl<'a> Compiler<'a> {
    // ---- numbers ----

    pub(super) fn is_dead(&self) -> bool {
        self.dead > 0
    }

    /// The chunk's symbol of a name of the tree.
    pub(super) fn sym(&mut self, name: Symbol) -> Sym {
        if self.is_dead() {
            return Sym(0);
        }
        if let Some(Some(sym)) = self.syms.get(name.index()) {
            return *sym;
        }
        let text = if name == self.loop_name {
            "loop"
        } else {
            self.tree.name(name)
        };
        let sym = self.pool.sym(text);
        let sym = self.or_too_large(sym, Sym(0), "names");
        if let Some(slot) = self.syms.get_mut(name.index()) {
            *slot = Some(sym);
        }
        sym
    }

    pub(super) fn empty_sym(&mut self) -> Sym {
        Sym(0)
    }

    pub(super) fn text_const(&mut self, text: &str) -> u32 {
        if self.is_dead() {
            return 0;
        }
        let number = self.pool.text(text);
        self.or_too_large(number, 0, "constants")
    }

    pub(super) fn shape(&mut self, positional: usize, names: Vec<Sym>) -> ShapeId {
        if self.is_dead() {
            return ShapeId(0);
        }
        let shape = u16::try_from(positional).ok().and_then(|positional| {
            u16::try_from(positional as usize + names.len()).ok()?;
            self.pool.shape(Shape { positional, names })
        });
        self.or_too_large(shape, ShapeId(0), "arguments")
    }

    pub(super) fn import(&mut self, kind: ImportKind, name: Symbol) -> Import {
        if self.is_dead() {
            return Import(0);
        }
        let name = self.sym(name);
        let import = self.pool.import(kind, name);
        self.or_too_large(import, Import(0), "filters and tests")
    }

    pub(super) fn count(&mut self, n: usize) -> Count {
        let count = u16::try_from(n).ok().map(Count);
        self.or_too_large(count, Count(0), "items")
    }

    // ---- registers ----

    pub(super) fn mark(&self) -> u32 {
        self.unit.registers.mark()
    }

    pub(super) fn release(&mut self, mark: u32) {
        self.unit.registers.release(mark);
    }

    /// The first of `n` new registers in a row.
    pub(super) fn alloc_n(&mut self, n: usize) -> u16 {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        let first = self.unit.registers.alloc(n);
        self.or_too_large(first, 0, "registers")
    }

    pub(super) fn alloc(&mut self) -> u16 {
        self.alloc_n(1)
    }

    pub(super) fn alloc_it(&mut self) -> u16 {
        let it = self.unit.iters.alloc(1);
        self.or_too_large(it, 0, "loops")
    }

    pub(super) fn alloc_cap(&mut self) -> u16 {
        let cap = self.unit.caps.alloc(1);
        self.or_too_large(cap, 0, "captures")
    }

    /// Where a result goes: where it is wanted, or to a new temp.
    pub(super) fn dst(&mut self, want: Option<u16>) -> u16 {
        match want {
            Some(register) => register,
            None => self.alloc(),
        }
    }

    /// The first register of a call's window: the wanted one if it is the last
    /// that is taken, else a new one.
    pub(super) fn window(&mut self, want: Option<u16>) -> u16 {
        match want {
            Some(register) if u32::from(register) + 1 == self.mark() => register,
            _ => self.alloc(),
        }
    }

    /// The result of a call lies in its window; bring it to where it is wanted.
    pub(super) fn leave_window(&mut self, base: u16, want: Option<u16>) -> u16 {
        match want {
            Some(dst) if dst != base => {
                self.move_to(dst, base);
                self.release(u32::from(base));
                dst
            }
            _ => {
                self.release(u32::from(base) + 1);
                base
            }
        }
    }

    pub(super) fn move_to(&mut self, dst: u16, src: u16) {
        if dst != src {
            self.emit(Op::Move {
                dst: Dst(dst),
                src: Src(src),
            });
        }
    }

    /// A value that is in a register already, where it is wanted.
    pub(super) fn given(&mut self, register: u16, want: Option<u16>) -> u16 {
        match want {
            Some(dst) => {
                self.move_to(dst, register);
                dst
            }
            None => register,
        }
    }

    // ---- code ----

    /// Write an op that cannot fail.
    pub(super) fn emit(&mut self, op: Op) {
        if self.is_dead() {
            return;
        }
        self.flush_text();
        self.push_op(op);
    }

    /// Write an op whose errors point at `span`.
    pub(super) fn emit_at(&mut self, span: Span, op: Op) {
        if self.is_dead() {
            return;
        }
        self.flush_text();
        self.place(span);
        self.push_op(op);
    }

    pub(super) fn push_op(&mut self, op: Op) {
        if self.unit.code.len() >= MOST_24 - 1 {
            self.too_large("instructions");
            return;
        }
        self.unit.code.push(op);
    }

    /// Errors of what is written from here on point at `span`.
    pub(super) fn place(&mut self, span: Span) {
        self.span = span;
        let place = self.places.of(span);
        let entry = SpanEntry {
            pc: self.unit.code.len() as u32,
            line: place.line,
            column: place.column,
            end_column: place.end_column,
        };
        let spans = &mut self.unit.spans;
        match spans.last_mut() {
            Some(last)
                if (last.line, last.column, last.end_column)
                    == (entry.line, entry.column, entry.end_column) => {}
            Some(last) if last.pc == entry.pc => *last = entry,
            _ => spans.push(entry),
        }
    }

    /// The number of the next op.
    pub(super) fn here(&mut self) -> u32 {
        if !self.is_dead() {
            self.flush_text();
        }
        self.unit.code.len() as u32
    }

    pub(super) fn label(&mut self) -> Label {
        self.unit.labels.fresh()
    }

    /// Give a label its place: here.
    pub(super) fn place_label(&mut self, label: Label) {
        let pc = self.here();
        self.unit.labels.place(label, pc);
    }

    pub(super) fn jump(&mut self, to: Label) {
        self.emit(Op::Jump { to: Jump(to.0) });
    }

    pub(super) fn jump_if(&mut self, src: u16, when: bool, to: Label) {
        let (src, to) = (Src(src), Jump(to.0));
        self.emit(if when {
            Op::JumpIf { src, to }
        } else {
            Op::JumpUnless { src, to }
        });
    }

    pub(super) fn jump_set(&mut self, src: u16, to: Label) {
        self.emit(Op::JumpSet {
            src: Src(src),
            to: Jump(to.0),
        });
    }

    pub(super) fn jump_missing(&mut self, src: u16, to: Label) {
        self.emit(Op::JumpMissing {
            src: Src(src),
            to: Jump(to.0),
        });
    }

    pub(super) fn unset(&mut self, base: u16, count: usize) {
        if count > 0 {
            let count = self.count(count);
            self.emit(Op::Unset {
                base: Base(base),
                count,
            });
        }
    }

    /// A region begins here.
    pub(super) fn open_region(&mut self, kind: RegionKind, handler: Option<Label>) -> usize {
        let start = self.here();
        self.unit.regions.push(OpenRegion {
            start,
            end: start,
            handler,
            kind,
        });
        self.unit.regions.len() - 1
    }

    /// A region ends here. Is there nothing in it?
    pub(super) fn close_region(&mut self, region: usize) -> bool {
        let end = self.here();
        match self.unit.regions.get_mut(region) {
            Some(region) => {
                region.end = end;
                region.start == end
            }
            None => true,
        }
    }

    // ---- text ----

    /// Write literal text: now, or together with what follows it.
    pub(super) fn text(&mut self, text: &str, span: Span) {
        if self.is_dead() || text.is_empty() {
            return;
        }
        if self.unit.pending.is_empty() {
            self.unit.pending_span = span;
        }
        self.unit.pending.push_str(text);
        if !self.options.optimize.merge_text {
            self.flush_text();
        }
    }

    #[inline]
    pub(super) fn flush_text(&mut self) {
        if !self.unit.pending.is_empty() {
            self.write_text();
        }
    }

    #[inline(never)]
    fn write_text(&mut self) {
        let mut text = std::mem::take(&mut self.unit.pending);
        let number = self.pool.text(&text);
        text.clear();
        self.unit.pending = text;
        let number = self.or_too_large(number, 0, "constants");
        let span = self.unit.pending_span;
        // An error of writing (too much output) points at the text's start.
        self.place(Span::new(span.start, span.start));
        self.push_op(Op::EmitText { text: Text(number) });
    }
}
