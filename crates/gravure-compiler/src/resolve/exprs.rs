//! The walk through expressions: which names they mention.

use super::{Walk, loop_attr};
use gravure_syntax::ast::*;

impl<'a> Walk<'a> {
    pub(super) fn bodies(&mut self, body: &'a Option<Body>) {
        if let Some(body) = body {
            self.body(body);
        }
    }

    pub(super) fn exprs(&mut self, expr: &Option<ExprId>) {
        if let Some(expr) = expr {
            self.expr(*expr);
        }
    }

    pub(super) fn args(&mut self, args: &'a Args) {
        for &expr in &args.positional {
            self.expr(expr);
        }
        for &(_, expr) in &args.named {
            self.expr(expr);
        }
    }

    pub(super) fn expr(&mut self, id: ExprId) {
        let tree = self.tree;
        match &tree.expr(id).expr {
            Expr::Lit(_) => {}
            Expr::Name(ident) => self.mention(ident.name),
            Expr::Tuple(items) | Expr::List(items) => self.each(items),
            Expr::And(items) | Expr::Or(items) | Expr::Coalesce(items) => self.each(items),
            Expr::Dict(pairs) => {
                for &(key, value) in pairs {
                    self.expr(key);
                    self.expr(value);
                }
            }
            Expr::Comprehension(it) => {
                self.expr(it.source);
                self.exprs(&it.condition);
                self.expr(it.element);
            }
            Expr::Postfix { base, steps } => self.postfix(*base, steps),
            Expr::Prefix { operand, .. } => self.expr(*operand),
            Expr::Binary { first, rest } => {
                self.expr(*first);
                for (_, _, expr) in rest {
                    self.expr(*expr);
                }
            }
            Expr::Power { base, exponent, .. } => {
                self.expr(*base);
                self.expr(*exponent);
            }
            Expr::Filter { base, steps } => {
                self.expr(*base);
                for step in steps {
                    self.args(&step.args);
                }
            }
            Expr::Test { operand, tests } => {
                self.expr(*operand);
                for test in tests {
                    self.args(&test.args);
                }
            }
            Expr::Compare { first, rest } => {
                self.expr(*first);
                for (_, _, expr) in rest {
                    self.expr(*expr);
                }
            }
            Expr::Ternary {
                then,
                condition,
                otherwise,
            } => {
                self.expr(*condition);
                self.expr(*then);
                self.exprs(otherwise);
            }
        }
    }

    fn each(&mut self, items: &'a [ExprId]) {
        for &item in items {
            self.expr(item);
        }
    }

    fn postfix(&mut self, base: ExprId, steps: &'a [Step]) {
        let tree = self.tree;
        match (&tree.expr(base).expr, steps) {
            (Expr::Name(ident), [first, rest @ ..])
                if Some(ident.name) == self.loop_name && self.is_plain_attr(first, rest) =>
            {
                self.note(ident.name);
                self.use_loop(false);
            }
            _ => self.expr(base),
        }
        for step in steps {
            match &step.kind {
                StepKind::Attr { .. } => {}
                StepKind::Item { key, .. } => self.expr(*key),
                StepKind::Slice {
                    start, stop, step, ..
                } => {
                    self.exprs(start);
                    self.exprs(stop);
                    self.exprs(step);
                }
                StepKind::Call(args) => self.args(args),
                StepKind::Range { end, step, .. } => {
                    self.expr(*end);
                    self.exprs(step);
                }
            }
        }
    }

    /// Is the first step an attribute of the loop that has its own op?
    fn is_plain_attr(&self, first: &Step, rest: &[Step]) -> bool {
        let is_called = matches!(rest.first().map(|it| &it.kind), Some(StepKind::Call(_)));
        match &first.kind {
            StepKind::Attr {
                name,
                optional: false,
            } => !is_called && loop_attr(self.tree.name(name.name)).is_some(),
            _ => false,
        }
    }
}
