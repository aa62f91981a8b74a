//! Statements that collect what their body prints: `capture`, `push`,
//! `cache`, `filter`, `spaceless`; and `trans`, which prints what it is told.

use super::Compiler;
use crate::unit::Undo;
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{Body, ExprId, FilterStep, Ident, Trans};

impl<'a> Compiler<'a> {
    /// Collect what a body prints. A `break` out of it does `undo`.
    fn captured(&mut self, body: &'a Body, span: Span, undo: fn(u16) -> Undo<'a>) -> u16 {
        let cap = self.alloc_cap();
        self.emit_at(span, Op::Capture { cap: Cap(cap) });
        self.captured_body(cap, body, undo(cap));
        cap
    }

    fn captured_body(&mut self, cap: u16, body: &'a Body, undo: Undo<'a>) {
        let region = self.open_region(RegionKind::Capture { cap }, None);
        self.controlled(|this| this.undoing(undo, |this| this.body(body)));
        self.close_region(region);
    }

    pub(super) fn lower_capture(
        &mut self,
        name: Ident,
        filter: &'a Option<FilterStep>,
        body: &'a Body,
        span: Span,
    ) {
        let mark = self.mark();
        let caps = self.unit.caps.mark();
        let cap = self.captured(body, span, Undo::Drop);
        let dst = self.alloc();
        self.emit_at(
            span,
            Op::CaptureEnd {
                dst: Dst(dst),
                cap: Cap(cap),
            },
        );
        self.unit.caps.release(caps);
        if let Some(filter) = filter {
            self.filter_step(filter, dst, false);
        }
        self.store_name(name.name, dst, span);
        self.release(mark);
    }

    pub(super) fn lower_push(&mut self, name: Ident, body: &'a Body, span: Span) {
        let caps = self.unit.caps.mark();
        let cap = self.captured(body, span, Undo::Drop);
        let sym = self.sym(name.name);
        self.emit_at(span, Op::PushEnd { cap: Cap(cap), sym });
        self.unit.caps.release(caps);
    }

    pub(super) fn lower_spaceless(&mut self, body: &'a Body, span: Span) {
        let caps = self.unit.caps.mark();
        let cap = self.captured(body, span, Undo::Spaceless);
        self.emit_at(span, Op::SpacelessEnd { cap: Cap(cap) });
        self.unit.caps.release(caps);
    }

    pub(super) fn lower_filter_block(
        &mut self,
        filter: &'a FilterStep,
        body: &'a Body,
        span: Span,
    ) {
        let caps = self.unit.caps.mark();
        let cap = self.alloc_cap();
        self.emit_at(span, Op::Capture { cap: Cap(cap) });
        self.captured_body(cap, body, Undo::Filter(cap, filter));
        self.end_filter(cap, filter);
        self.unit.caps.release(caps);
    }

    /// Print what was captured, through a filter.
    pub(super) fn end_filter(&mut self, cap: u16, filter: &'a FilterStep) {
        let mark = self.mark();
        let dst = self.alloc();
        let span = filter.name.span;
        self.emit_at(
            span,
            Op::CaptureEnd {
                dst: Dst(dst),
                cap: Cap(cap),
            },
        );
        self.filter_step(filter, dst, true);
        self.emit_at(span, Op::EmitRaw { src: Src(dst) });
        self.release(mark);
    }

    pub(super) fn lower_cache(
        &mut self,
        key: ExprId,
        ttl: Option<ExprId>,
        depends: Option<ExprId>,
        body: &'a Body,
        span: Span,
    ) {
        let mark = self.mark();
        let caps = self.unit.caps.mark();
        let cap = self.alloc_cap();
        let base = self.expr_to_new(key);
        let life = self.alloc();
        let tags = self.alloc();
        let end = self.label();
        self.emit_at(
            span,
            Op::CacheBegin {
                cap: Cap(cap),
                base: Base(base),
                to: Jump(end.0),
            },
        );
        let region = self.open_region(RegionKind::Capture { cap }, None);
        // Asked for only if the entry is to be made.
        match ttl {
            Some(ttl) => {
                self.expr(ttl, Some(life));
            }
            None => self.unset(life, 1),
        }
        match depends {
            // What is missing is nothing to depend on.
            Some(depends) => {
                self.guarded(depends, Some(tags));
            }
            None => self.unset(tags, 1),
        }
        self.controlled(|this| this.undoing(Undo::Keep(cap), |this| this.body(body)));
        self.close_region(region);
        self.emit_at(
            span,
            Op::CacheEnd {
                cap: Cap(cap),
                base: Base(base),
            },
        );
        self.place_label(end);
        self.unit.caps.release(caps);
        self.release(mark);
    }

    pub(super) fn lower_trans(&mut self, it: &'a Trans, span: Span) {
        let mark = self.mark();
        let base = self.load_text(&it.singular, None);
        match &it.plural {
            Some(plural) => {
                self.load_text(plural, None);
            }
            None => {
                let register = self.alloc();
                self.unset(register, 1);
            }
        }
        let mut names = Vec::with_capacity(it.bindings.len());
        for &(name, value) in &it.bindings {
            self.expr_to_new(value);
            names.push(self.sym(name.name));
        }
        let shape = self.shape(0, names);
        self.emit_at(
            span,
            Op::Trans {
                base: Base(base),
                shape,
            },
        );
        self.release(mark);
    }
}
