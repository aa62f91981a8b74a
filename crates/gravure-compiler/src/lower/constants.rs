//! Expressions whose value is known here: found once each, loaded by the
//! shortest op.

use super::Compiler;
use crate::fold::{self, Const};
use gravure_bytecode::Const as ConstId;
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{CompareOp, Expr, ExprId};

impl<'a> Compiler<'a> {
    /// The value of an expression, if it is constant.
    #[inline]
    pub(super) fn constant(&mut self, id: ExprId) -> Option<Const> {
        let tree = self.tree;
        let expr = &tree.expr(id).expr;
        match expr {
            Expr::Lit(lit) => return Some(Const::from(lit)),
            Expr::Prefix { .. }
            | Expr::Binary { .. }
            | Expr::Power { .. }
            | Expr::Compare { .. }
            | Expr::And(_)
            | Expr::Or(_)
            | Expr::Ternary { .. }
                if self.options.optimize.fold => {}
            _ => return None,
        }
        self.operator(id, expr)
    }

    /// The value of an operator, if it is constant; found once.
    #[inline(never)]
    fn operator(&mut self, id: ExprId, expr: &'a Expr) -> Option<Const> {
        if let Some(known) = self.known.get(&id) {
            return known.clone();
        }
        let constant = self.evaluate(expr);
        self.known.insert(id, constant.clone());
        constant
    }

    /// The value of an operator on constants.
    fn evaluate(&mut self, expr: &'a Expr) -> Option<Const> {
        match expr {
            Expr::Prefix { ops, operand } => {
                let mut value = self.constant(*operand)?;
                for &(op, _) in ops.iter().rev() {
                    value = fold::prefix(op, &value)?;
                }
                Some(value)
            }
            Expr::Binary { first, rest } => {
                let mut value = self.constant(*first)?;
                for &(op, _, operand) in rest {
                    let operand = self.constant(operand)?;
                    value = fold::binary(op, &value, &operand)?;
                }
                Some(value)
            }
            Expr::Power { base, exponent, .. } => {
                let base = self.constant(*base)?;
                let exponent = self.constant(*exponent)?;
                fold::power(&base, &exponent)
            }
            Expr::Compare { first, rest } => {
                let mut lhs = self.constant(*first)?;
                for (idx, &(op, _, operand)) in rest.iter().enumerate() {
                    let rhs = self.constant(operand);
                    let holds = fold::compare(op, &lhs, rhs.as_ref()?)?;
                    if !holds || idx + 1 == rest.len() {
                        return self.all_checked(rest.get(idx + 1..), holds);
                    }
                    lhs = rhs?;
                }
                None
            }
            Expr::And(items) | Expr::Or(items) => {
                let decides = matches!(expr, Expr::Or(_));
                let mut result = None;
                for &item in items {
                    let value = self.constant(item)?;
                    if !last_decides(&result, decides) {
                        result = Some(value);
                    }
                }
                result
            }
            Expr::Ternary {
                then,
                condition,
                otherwise,
            } => {
                // All parts must be constant, or names in them went unchecked.
                let condition = self.constant(*condition)?;
                let then = self.constant(*then)?;
                let otherwise = match otherwise {
                    Some(otherwise) => self.constant(*otherwise)?,
                    None => Const::Str("".into()),
                };
                Some(if condition.is_truthy() {
                    then
                } else {
                    otherwise
                })
            }
            _ => None,
        }
    }

    /// A chain that stopped early is a constant only if the rest is too: what
    /// is left out must have been checked.
    fn all_checked(
        &mut self,
        rest: Option<&[(CompareOp, Span, ExprId)]>,
        holds: bool,
    ) -> Option<Const> {
        for &(_, _, operand) in rest.unwrap_or(&[]) {
            self.constant(operand)?;
        }
        Some(Const::Bool(holds))
    }

    /// Load a constant.
    pub(super) fn load(&mut self, constant: &Const, want: Option<u16>) -> u16 {
        let register = self.dst(want);
        if self.is_dead() {
            return register;
        }
        let dst = Dst(register);
        let op = match constant {
            Const::None => Op::LoadNone { dst },
            Const::Bool(it) => Op::LoadBool {
                dst,
                value: Small(u8::from(*it)),
            },
            Const::Int(it) if i32::try_from(*it).is_ok() => Op::LoadInt {
                dst,
                value: Imm(*it as i32),
            },
            other => {
                if matches!(other, Const::Big(digits) if digits.len() > limits::BIG_DIGITS) {
                    self.too_large("digits in a number");
                }
                let number = self.pool.constant(other);
                let value = ConstId(self.or_too_large(number, 0, "constants"));
                Op::LoadConst { dst, value }
            }
        };
        self.emit(op);
        register
    }

    /// Load literal text.
    pub(super) fn load_text(&mut self, text: &str, want: Option<u16>) -> u16 {
        let register = self.dst(want);
        let value = ConstId(self.text_const(text));
        self.emit(Op::LoadConst {
            dst: Dst(register),
            value,
        });
        register
    }
}

/// Is a chain of `and` or `or` decided by what was last taken?
fn last_decides(last: &Option<Const>, decides: bool) -> bool {
    last.as_ref().is_some_and(|it| it.is_truthy() == decides)
}
