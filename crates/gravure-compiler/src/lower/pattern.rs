//! `match` and its patterns.

use super::Compiler;
use crate::bindings::Local;
use crate::check;
use crate::labels::Label;
use gravure_bytecode::*;
use gravure_source::{Span, Symbol};
use gravure_syntax::ast::{Expr, ExprId, Match};

impl<'a> Compiler<'a> {
    pub(super) fn lower_match(&mut self, it: &'a Match, span: Span) {
        self.controlled(|this| this.cases(it, span));
    }

    fn cases(&mut self, it: &'a Match, span: Span) {
        let mark = self.mark();
        let subject = it.subject.map(|subject| self.subject(subject));
        let end = self.label();
        for (idx, case) in it.cases.iter().enumerate() {
            let inner = self.mark();
            let bindings = self.unit.bindings.len();
            let next = self.label();
            match subject {
                Some(subject) => {
                    let mut names = Vec::new();
                    self.fit(case.pattern, subject, next, &mut names);
                    for (name, register) in names {
                        self.bind_local(name, register, Local::Other);
                    }
                }
                None if self.is_wildcard(case.pattern) => {}
                None => {
                    let finding = check::value_pattern(span, self.expr_span(case.pattern));
                    self.find(finding);
                    self.dead(|this| this.check_expr(case.pattern));
                }
            }
            if let Some(guard) = case.guard {
                self.branch(guard, false, next);
            }
            self.body(&case.body);
            if idx + 1 < it.cases.len() {
                self.jump(end);
            }
            self.place_label(next);
            self.unit.bindings.truncate(bindings);
            self.release(inner);
        }
        self.place_label(end);
        self.release(mark);
    }

    /// The register of what is matched, which a pattern may give a name.
    fn subject(&mut self, subject: ExprId) -> u16 {
        let register = self.expr(subject, None);
        // A filter may print its answer and leave none, if that is printed next.
        match self.unit.code.last() {
            Some(Op::Filter { base, .. }) if base.0 == register => {
                let kept = self.alloc();
                self.move_to(kept, register);
                kept
            }
            _ => register,
        }
    }

    fn is_wildcard(&self, pattern: ExprId) -> bool {
        match &self.tree.expr(pattern).expr {
            Expr::Name(ident) => Some(ident.name) == self.underscore,
            _ => false,
        }
    }

    /// Go to `no` if a value does not fit a pattern; note the captures.
    fn fit(&mut self, pattern: ExprId, value: u16, no: Label, names: &mut Vec<(Symbol, u16)>) {
        let tree = self.tree;
        let node = tree.expr(pattern);
        match &node.expr {
            Expr::Name(_) if self.is_wildcard(pattern) => {}
            Expr::Name(ident) => names.push((ident.name, value)),
            Expr::Tuple(items) => {
                let mark = self.mark();
                let fits = self.alloc();
                let count = self.count(items.len());
                self.emit_at(
                    node.span,
                    Op::MatchSeq {
                        dst: Dst(fits),
                        src: Src(value),
                        count,
                    },
                );
                self.jump_if(fits, false, no);
                self.release(mark);
                for (idx, &item) in items.iter().enumerate() {
                    if self.is_wildcard(item) {
                        continue;
                    }
                    // Captures keep these registers for the whole case.
                    let part = self.alloc();
                    let index = self.count(idx);
                    self.emit_at(
                        node.span,
                        Op::SeqAt {
                            dst: Dst(part),
                            src: Src(value),
                            index,
                        },
                    );
                    self.fit(item, part, no, names);
                }
            }
            _ => {
                let mark = self.mark();
                let rhs = Src(self.expr(pattern, None));
                self.release(mark);
                let fits = self.alloc();
                self.emit_at(
                    node.span,
                    Op::Eq {
                        dst: Dst(fits),
                        lhs: Src(value),
                        rhs,
                    },
                );
                self.jump_if(fits, false, no);
                self.release(mark);
            }
        }
    }
}
