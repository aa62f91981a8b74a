//! Comparisons, chained or not, and tests.

use super::Compiler;
use crate::check;
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{CompareOp, ExprId, TestStep};

impl<'a> Compiler<'a> {
    // ---- comparisons ----

    pub(super) fn compare(
        &mut self,
        first: ExprId,
        rest: &'a [(CompareOp, Span, ExprId)],
        want: Option<u16>,
    ) -> u16 {
        let mark = self.mark();
        if let [(op, span, operand)] = rest {
            let lhs = self.expr(first, None);
            let rhs = self.expr(*operand, None);
            self.release(mark);
            let dst = self.dst(want);
            self.link(*op, *span, dst, lhs, rhs);
            return dst;
        }
        let dst = self.dst(want);
        let inner = self.mark();
        let end = self.label();
        // Two registers take turns: the right operand of a link is the left
        // one of the next.
        let mut here = self.alloc();
        let mut there = self.alloc();
        self.expr(first, Some(here));
        for (idx, &(op, span, operand)) in rest.iter().enumerate() {
            self.expr(operand, Some(there));
            self.link(op, span, dst, here, there);
            if idx + 1 < rest.len() {
                self.jump_if(dst, false, end);
            }
            std::mem::swap(&mut here, &mut there);
        }
        self.place_label(end);
        self.release(inner);
        dst
    }

    fn link(&mut self, op: CompareOp, span: Span, dst: u16, lhs: u16, rhs: u16) {
        let (target, lhs, rhs) = (Dst(dst), Src(lhs), Src(rhs));
        let dst = target;
        let link = match op {
            CompareOp::Eq => Op::Eq { dst, lhs, rhs },
            CompareOp::Ne => Op::Ne { dst, lhs, rhs },
            CompareOp::Lt => Op::Lt { dst, lhs, rhs },
            CompareOp::Le => Op::Le { dst, lhs, rhs },
            CompareOp::Gt => Op::Gt { dst, lhs, rhs },
            CompareOp::Ge => Op::Ge { dst, lhs, rhs },
            CompareOp::In | CompareOp::NotIn => Op::Contains { dst, lhs, rhs },
            CompareOp::Is | CompareOp::IsNot => Op::Same { dst, lhs, rhs },
        };
        self.emit_at(span, link);
        if matches!(op, CompareOp::NotIn | CompareOp::IsNot) {
            self.emit(Op::Not {
                dst,
                src: Src(dst.0),
            });
        }
    }

    // ---- tests ----

    /// `x is t1 is not t2`
    pub(super) fn test_chain(
        &mut self,
        operand: ExprId,
        tests: &'a [TestStep],
        want: Option<u16>,
    ) -> u16 {
        let guards = |it: &TestStep| self.guards_as_test(it);
        let mut guarded: Vec<bool> = tests.iter().map(guards).collect();
        let first_guard = guarded.iter().position(|it| *it);
        if let ([test], Some(0)) = (tests, first_guard) {
            let mark = self.mark();
            let src = self.guarded(operand, None);
            self.release(mark);
            let dst = self.dst(want);
            self.defined(test, dst, src);
            return dst;
        }
        let base = self.window(want);
        let mut guard = None;
        if first_guard == Some(0) {
            self.guarded(operand, Some(base));
        } else {
            guard = first_guard.map(|_| self.open_guard());
            self.expr(operand, Some(base));
        }
        guarded.push(false);
        for (idx, test) in tests.iter().enumerate() {
            if guarded.get(idx) == Some(&true) {
                if let Some(guard) = guard.take() {
                    self.close_guard(guard, base);
                }
                self.defined(test, base, base);
                if guarded.iter().skip(idx + 1).any(|it| *it) {
                    guard = Some(self.open_guard());
                }
                continue;
            }
            self.check_test(test);
            let shape = self.args(&test.args);
            let import = self.import(ImportKind::Predicate, test.name.name);
            self.emit_at(
                test.name.span,
                Op::Predicate {
                    base: Base(base),
                    import,
                    shape,
                },
            );
            self.release(u32::from(base) + 1);
            if test.negated {
                self.negate(base);
            }
        }
        self.leave_window(base, want)
    }

    /// Is a test `defined` or `undefined`, which catch misses?
    fn guards_as_test(&self, test: &TestStep) -> bool {
        matches!(self.name(test.name), "defined" | "undefined")
    }

    fn defined(&mut self, test: &'a TestStep, dst: u16, src: u16) {
        // Arguments are accepted and ignored, but what they name must exist.
        if !test.args.positional.is_empty() || !test.args.named.is_empty() {
            self.dead(|it| {
                it.alloc();
                it.args(&test.args);
            });
        }
        self.emit(Op::IsDefined {
            dst: Dst(dst),
            src: Src(src),
        });
        if (self.name(test.name) == "undefined") != test.negated {
            self.negate(dst);
        }
    }

    fn negate(&mut self, register: u16) {
        self.emit(Op::Not {
            dst: Dst(register),
            src: Src(register),
        });
    }

    fn check_test(&mut self, test: &TestStep) {
        let name = self.name(test.name);
        if !self.options.natives.predicate(name) {
            let finding = check::unknown_test(name, self.predicate_names(), test.name.span);
            self.find(finding);
        }
    }
}
