//! Expressions as text.

use super::{Dumper, Item, literal};
use crate::ast::{BinaryOp, CompareOp, Expr, ExprId, PrefixOp, Step, StepKind};

impl Dumper<'_> {
    pub(super) fn expr(&mut self, label: &'static str, id: ExprId) {
        let tree = self.tree;
        let node = tree.expr(id);
        let mark = if node.grouped { " grouped" } else { "" };
        let head = format!("{label} {}{mark}", self.expr_head(&node.expr));
        self.head(&head, node.span);
        match &node.expr {
            Expr::Lit(_) | Expr::Name(_) => {}
            Expr::Tuple(items)
            | Expr::List(items)
            | Expr::And(items)
            | Expr::Or(items)
            | Expr::Coalesce(items) => {
                for &id in items {
                    self.value("", id);
                }
            }
            Expr::Dict(entries) => {
                for &(key, value) in entries {
                    self.value("key", key);
                    self.value("value", value);
                }
            }
            Expr::Comprehension(parts) => {
                self.value("element", parts.element);
                self.value("source", parts.source);
                self.maybe("if", parts.condition);
            }
            Expr::Postfix { base, steps } => {
                self.value("", *base);
                for step in steps {
                    self.step(step);
                }
            }
            Expr::Prefix { operand, .. } => self.value("", *operand),
            Expr::Binary { first, rest } => {
                self.value("", *first);
                for &(op, _, id) in rest {
                    self.value(binary_word(op), id);
                }
            }
            Expr::Power { base, exponent, .. } => {
                self.value("", *base);
                self.value("**", *exponent);
            }
            Expr::Filter { base, steps } => {
                self.value("", *base);
                for step in steps {
                    self.filter(1, step);
                }
            }
            Expr::Test { operand, tests } => {
                self.value("", *operand);
                for test in tests {
                    let word = if test.negated { "is not" } else { "is" };
                    let line = format!("{word} {}", self.name(test.name));
                    self.child(1, Item::Line(line));
                    self.args(2, &test.args);
                }
            }
            Expr::Compare { first, rest } => {
                self.value("", *first);
                for &(op, _, id) in rest {
                    self.value(compare_word(op), id);
                }
            }
            Expr::Ternary {
                then,
                condition,
                otherwise,
            } => {
                self.value("then", *then);
                self.value("if", *condition);
                self.maybe("else", *otherwise);
            }
        }
    }

    fn expr_head(&self, expr: &Expr) -> String {
        match expr {
            Expr::Lit(lit) => literal(lit),
            Expr::Name(name) => format!("name {}", self.name(*name)),
            Expr::Tuple(_) => "tuple".to_owned(),
            Expr::List(_) => "list".to_owned(),
            Expr::Dict(_) => "dict".to_owned(),
            Expr::Comprehension(parts) => format!("comprehension {}", self.target(&parts.target)),
            Expr::Postfix { .. } => "postfix".to_owned(),
            Expr::Prefix { ops, .. } => {
                let ops: Vec<_> = ops.iter().map(|&(op, _)| prefix_word(op)).collect();
                format!("prefix {}", ops.join(" "))
            }
            Expr::Binary { .. } => "binary".to_owned(),
            Expr::Power { .. } => "power".to_owned(),
            Expr::Filter { .. } => "filtered".to_owned(),
            Expr::Test { .. } => "tested".to_owned(),
            Expr::Compare { .. } => "compare".to_owned(),
            Expr::And(_) => "and".to_owned(),
            Expr::Or(_) => "or".to_owned(),
            Expr::Coalesce(_) => "coalesce".to_owned(),
            Expr::Ternary { .. } => "ternary".to_owned(),
        }
    }

    fn step(&mut self, step: &Step) {
        let mark = |optional: bool| if optional { "?" } else { "" };
        let word = match &step.kind {
            StepKind::Attr { name, optional } => {
                format!("{}.{}", mark(*optional), self.name(*name))
            }
            StepKind::Item { optional, .. } => format!("{}[ ]", mark(*optional)),
            StepKind::Slice { optional, .. } => format!("{}[ : ]", mark(*optional)),
            StepKind::Call(_) => "( )".to_owned(),
            StepKind::Range { inclusive, .. } => (if *inclusive { ".." } else { "..." }).to_owned(),
        };
        let line = format!("{word} @{}..{}", step.span.start, step.span.end);
        self.child(1, Item::Line(line));
        let parts = match &step.kind {
            StepKind::Attr { .. } => return,
            StepKind::Item { key, .. } => [("", Some(*key)), ("", None), ("", None)],
            StepKind::Slice {
                start, stop, step, ..
            } => [("from", *start), ("to", *stop), ("by", *step)],
            StepKind::Range { end, step, .. } => [("to", Some(*end)), ("by", *step), ("", None)],
            StepKind::Call(args) => return self.args(2, args),
        };
        for (label, id) in parts {
            if let Some(id) = id {
                self.child(2, Item::Expr(label, id));
            }
        }
    }
}

fn prefix_word(op: PrefixOp) -> &'static str {
    match op {
        PrefixOp::Neg => "-",
        PrefixOp::Pos => "+",
        PrefixOp::Not => "not",
        PrefixOp::Await => "await",
    }
}

fn binary_word(op: BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Sub => "-",
        BinaryOp::Concat => "~",
        BinaryOp::Mul => "*",
        BinaryOp::Div => "/",
        BinaryOp::FloorDiv => "//",
        BinaryOp::Mod => "%",
    }
}

fn compare_word(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "==",
        CompareOp::Ne => "!=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
        CompareOp::In => "in",
        CompareOp::NotIn => "not in",
        CompareOp::Is => "is",
        CompareOp::IsNot => "is not",
    }
}
