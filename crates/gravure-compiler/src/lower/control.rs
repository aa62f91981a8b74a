//! `if`, `unless`, `with`, `try`, `provide`.

use super::Compiler;
use crate::resolve::FALLBACK;
use crate::unit::Undo;
use gravure_bytecode::*;
use gravure_source::{Span, Symbol};
use gravure_syntax::ast::{Body, Expr, ExprId, Ident, If, StmtId, Target, WithValue};

impl<'a> Compiler<'a> {
    // ---- if, unless ----

    pub(super) fn lower_if(&mut self, id: StmtId, it: &'a If) {
        self.controlled(|this| this.branches(id, it));
    }

    fn branches(&mut self, id: StmtId, it: &'a If) {
        let end = self.label();
        let mut dead = 0;
        let n = it.branches.len();
        for (part, (condition, body, _)) in it.branches.iter().enumerate() {
            let part = (id, part as u32);
            let known = match self.constant(*condition) {
                Some(constant) if self.options.optimize.branches => {
                    Some(constant.is_truthy() != it.negated)
                }
                _ => None,
            };
            match known {
                Some(false) => self.dead(|this| this.scoped(part, |this| this.body(body))),
                Some(true) => {
                    self.scoped(part, |this| this.body(body));
                    // What comes behind cannot run.
                    self.dead += 1;
                    dead += 1;
                }
                None => {
                    let next = self.label();
                    self.branch(*condition, it.negated, next);
                    self.scoped(part, |this| this.body(body));
                    let is_last = part.1 as usize + 1 == n && it.otherwise.is_none();
                    if !is_last {
                        self.jump(end);
                    }
                    self.place_label(next);
                }
            }
        }
        if let Some(body) = &it.otherwise {
            self.scoped((id, n as u32), |this| this.body(body));
        }
        self.dead -= dead;
        self.place_label(end);
    }

    // ---- with ----

    pub(super) fn lower_with(
        &mut self,
        bindings: &'a [(Ident, ExprId)],
        body: &'a Body,
        span: Span,
    ) {
        let mark = self.mark();
        let n_undo = self.unit.undo.len();
        let mut open = Vec::with_capacity(bindings.len());
        for &(ident, value) in bindings {
            let old = self.alloc();
            let inner = self.mark();
            let src = self.expr(value, None);
            open.push(self.bind(ident.name, old, src, span));
            self.release(inner);
        }
        self.controlled(|this| this.body(body));
        self.unbind(open, n_undo);
        self.release(mark);
    }

    /// Bind a name in the context; the region where it holds begins.
    fn bind(&mut self, name: Symbol, old: u16, src: u16, span: Span) -> (usize, Sym, u16) {
        let sym = self.sym(name);
        self.emit_at(
            span,
            Op::Bind {
                old: Dst(old),
                sym,
                src: Src(src),
            },
        );
        let kind = RegionKind::With {
            name: sym,
            register: old,
        };
        let region = self.open_region(kind, None);
        self.unit.undo.push(Undo::Unbind { sym, old });
        (region, sym, old)
    }

    fn unbind(&mut self, open: Vec<(usize, Sym, u16)>, n_undo: usize) {
        for (region, sym, old) in open.into_iter().rev() {
            self.close_region(region);
            self.emit(Op::Unbind { sym, old: Src(old) });
        }
        self.unit.undo.truncate(n_undo);
    }

    pub(super) fn lower_with_value(&mut self, it: &'a WithValue, span: Span) {
        let tree = self.tree;
        let mark = self.mark();
        let n_undo = self.unit.undo.len();
        let (no, end) = (self.label(), self.label());
        let src = match &tree.expr(it.value).expr {
            Expr::Tuple(items) if !items.is_empty() => {
                let base = u16::try_from(mark).unwrap_or(0);
                for &item in items {
                    let item = self.expr_to_new(item);
                    self.jump_if(item, false, no);
                }
                self.release(mark);
                let dst = self.alloc();
                let count = self.count(items.len());
                self.emit_at(
                    span,
                    Op::Tuple {
                        dst: Dst(dst),
                        base: Base(base),
                        count,
                    },
                );
                dst
            }
            _ => {
                let src = self.expr(it.value, None);
                self.jump_if(src, false, no);
                src
            }
        };
        let mut open = Vec::new();
        let mut work = vec![(&it.target, src)];
        while let Some((target, register)) = work.pop() {
            match target {
                Target::Name(ident) => {
                    let old = self.alloc();
                    open.push(self.bind(ident.name, old, register, span));
                }
                Target::Tuple(targets, _) => {
                    let base = self.alloc_n(targets.len());
                    let count = self.count(targets.len());
                    self.emit_at(
                        span,
                        Op::Unpack {
                            src: Src(register),
                            base: Base(base),
                            count,
                        },
                    );
                    let parts = targets.iter().enumerate();
                    let parts = parts.map(|(idx, part)| (part, base.saturating_add(idx as u16)));
                    work.extend(parts.rev());
                }
            }
        }
        self.controlled(|this| this.body(&it.body));
        self.unbind(open, n_undo);
        self.release(mark);
        if it.otherwise.is_some() {
            self.jump(end);
        }
        self.place_label(no);
        if let Some(body) = &it.otherwise {
            self.controlled(|this| this.body(body));
        }
        self.place_label(end);
    }

    // ---- try ----

    pub(super) fn lower_try(
        &mut self,
        id: StmtId,
        body: &'a Body,
        name: Option<Ident>,
        fallback: &'a Body,
        span: Span,
    ) {
        let caps = self.unit.caps.mark();
        let cap = self.alloc_cap();
        let (handler, end) = (self.label(), self.label());
        self.emit_at(span, Op::Capture { cap: Cap(cap) });
        let region = self.open_region(RegionKind::Try { cap }, Some(handler));
        self.controlled(|this| this.undoing(Undo::Keep(cap), |this| this.body(body)));
        let is_empty = self.close_region(region);
        self.emit(Op::CaptureKeep { cap: Cap(cap) });
        self.unit.caps.release(caps);
        self.jump(end);
        self.place_label(handler);
        if is_empty {
            // Nothing can fail, so there is nothing to fall back from.
            self.dead(|this| this.fallback(id, name, fallback));
        } else {
            self.fallback(id, name, fallback);
        }
        self.place_label(end);
    }

    fn fallback(&mut self, id: StmtId, name: Option<Ident>, fallback: &'a Body) {
        let mark = self.mark();
        let error = self.alloc();
        self.emit(Op::LoadError { dst: Dst(error) });
        match name {
            Some(name) => self.scoped((id, FALLBACK), |this| {
                if let Some(Some(variable)) = this.scope_target(name.name) {
                    if variable.shared {
                        this.emit(Op::StoreVar {
                            var: Src(variable.register),
                            src: Src(error),
                        });
                    } else {
                        this.move_to(variable.register, error);
                    }
                }
                this.controlled(|this| this.body(fallback));
            }),
            None => self.controlled(|this| this.body(fallback)),
        }
        self.release(mark);
    }

    // ---- provide ----

    pub(super) fn lower_provide(&mut self, name: Ident, value: ExprId, body: &'a Body, span: Span) {
        let mark = self.mark();
        let src = Src(self.expr(value, None));
        let sym = self.sym(name.name);
        self.emit_at(span, Op::Provide { sym, src });
        self.release(mark);
        let region = self.open_region(RegionKind::Provide, None);
        self.controlled(|this| this.undoing(Undo::Unprovide, |this| this.body(body)));
        self.close_region(region);
        self.emit(Op::Unprovide {});
    }
}
