//! `set`, `let`, `export`, and where each of them writes.

use super::Compiler;
use super::names::Read;
use gravure_bytecode::*;
use gravure_source::{Span, Symbol};
use gravure_syntax::ast::{Assign, AssignKind, Expr, ExprId, Ident, Target};

impl<'a> Compiler<'a> {
    pub(super) fn lower_assign(&mut self, it: &'a Assign, span: Span) {
        for (target, if_missing, value) in &it.items {
            let mark = self.mark();
            match target {
                Target::Name(ident) if *if_missing => self.assign_missing(it.kind, *ident, *value),
                Target::Name(ident) => self.assign_name(it.kind, *ident, *value),
                Target::Tuple(targets, _) => self.assign_parts(it.kind, targets, *value, span),
            }
            self.release(mark);
        }
    }

    fn assign_name(&mut self, kind: AssignKind, ident: Ident, value: ExprId) {
        // A literal can go right to its variable: nothing reads it meanwhile.
        if kind == AssignKind::Set
            && let Some(Some(variable)) = self.scope_target(ident.name)
            && !variable.shared
            && let Some(constant) = self.constant(value)
        {
            self.load(&constant, Some(variable.register));
            return;
        }
        let src = self.expr(value, None);
        self.store(kind, ident.name, src, ident.span);
    }

    /// `name ??= value`
    fn assign_missing(&mut self, kind: AssignKind, ident: Ident, value: ExprId) {
        let (write, end) = (self.label(), self.label());
        let mark = self.mark();
        let old = self.read_name(ident, Read::Assigned, None);
        self.jump_missing(old, write);
        self.release(mark);
        self.jump(end);
        self.place_label(write);
        self.assign_name(kind, ident, value);
        self.release(mark);
        self.place_label(end);
    }

    /// `a, b = value`: taken apart by index, all of it before anything is
    /// written.
    fn assign_parts(&mut self, kind: AssignKind, targets: &'a [Target], value: ExprId, span: Span) {
        let tree = self.tree;
        let is_flat = targets.iter().all(|it| matches!(it, Target::Name(_)));
        if let Expr::Tuple(items) = &tree.expr(value).expr
            && is_flat
            && items.len() >= targets.len()
        {
            let parts: Vec<u16> = items.iter().map(|&item| self.expr_to_new(item)).collect();
            for (target, part) in targets.iter().zip(parts) {
                if let Target::Name(ident) = target {
                    self.store(kind, ident.name, part, ident.span);
                }
            }
            return;
        }
        let src = self.expr(value, None);
        let mut names = Vec::new();
        let mut open = vec![(targets, src)];
        while let Some((targets, src)) = open.pop() {
            let base = self.alloc_n(targets.len());
            let count = self.count(targets.len());
            self.emit_at(
                span,
                Op::UnpackIndex {
                    src: Src(src),
                    base: Base(base),
                    count,
                },
            );
            let mut inner = Vec::new();
            for (idx, target) in targets.iter().enumerate() {
                let register = base.saturating_add(idx as u16);
                match target {
                    Target::Name(ident) => names.push((*ident, register)),
                    Target::Tuple(targets, _) => inner.push((&**targets, register)),
                }
            }
            open.extend(inner.into_iter().rev());
        }
        for (ident, register) in names {
            self.store(kind, ident.name, register, ident.span);
        }
    }

    /// Write a value where an assignment of that kind writes.
    pub(super) fn store(&mut self, kind: AssignKind, name: Symbol, src: u16, span: Span) {
        if kind != AssignKind::Set {
            self.store_name(name, src, span);
            return;
        }
        match self.scope_target(name) {
            Some(Some(variable)) if variable.shared => self.emit(Op::StoreVar {
                var: Src(variable.register),
                src: Src(src),
            }),
            Some(Some(variable)) => self.move_to(variable.register, src),
            // Resolving gave every scope the variables that are set in it.
            Some(None) => self.store_name(name, src, span),
            None => self.store_outside(name, src, span),
        }
    }

    /// `set` where this unit has no scope open.
    fn store_outside(&mut self, name: Symbol, src: u16, span: Span) {
        let end = self.label();
        if self.unit.is_slot {
            let mark = self.mark();
            let done = self.alloc();
            let sym = self.sym(name);
            self.emit(Op::StoreBinding {
                done: Dst(done),
                sym,
                src: Src(src),
            });
            self.jump_if(done, true, end);
            self.release(mark);
        }
        match self.unit.captured(name).and_then(|it| it.target) {
            Some(var) => self.emit(Op::StoreVar {
                var: Src(var),
                src: Src(src),
            }),
            None => self.store_name(name, src, span),
        }
        self.place_label(end);
    }

    /// Write to the context.
    pub(super) fn store_name(&mut self, name: Symbol, src: u16, span: Span) {
        let sym = self.sym(name);
        self.emit_at(span, Op::StoreName { sym, src: Src(src) });
    }
}
