//! Expressions of which only the truth is wanted: jumps instead of values.

use super::Compiler;
use crate::labels::Label;
use gravure_syntax::ast::{Expr, ExprId, PrefixOp};

impl<'a> Compiler<'a> {
    /// Go to a label if the truth of an expression is `when`; else go on.
    pub(super) fn branch(&mut self, id: ExprId, when: bool, to: Label) {
        if let Some(constant) = self.constant(id)
            && self.options.optimize.branches
        {
            if constant.is_truthy() == when {
                self.jump(to);
            }
            return;
        }
        let tree = self.tree;
        match &tree.expr(id).expr {
            Expr::Prefix { ops, operand } if ops.iter().all(|(op, _)| *op == PrefixOp::Not) => {
                let flips = ops.len() % 2 == 1;
                self.branch(*operand, when != flips, to);
            }
            Expr::And(items) => self.branch_all(items, false, when, to),
            Expr::Or(items) => self.branch_all(items, true, when, to),
            _ => {
                let mark = self.mark();
                let src = self.expr(id, None);
                self.jump_if(src, when, to);
                self.release(mark);
            }
        }
    }

    /// A chain that the first operand of truth `decides` decides.
    fn branch_all(&mut self, items: &'a [ExprId], decides: bool, when: bool, to: Label) {
        let Some((&last, others)) = items.split_last() else {
            return;
        };
        if when == decides {
            for &item in others {
                self.branch(item, decides, to);
            }
            self.branch(last, when, to);
        } else {
            let end = self.label();
            for &item in others {
                self.branch(item, decides, end);
            }
            self.branch(last, when, to);
            self.place_label(end);
        }
    }
}
