//! Arithmetic and signs.

use super::Compiler;
use crate::fold::{self, Const};
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{BinaryOp, Expr, ExprId, PrefixOp, StepKind};

/// How many values are concatenated at once.
const WIDE: usize = 200;

/// One link of a sum or product.
type Link = (BinaryOp, Span, ExprId);

/// What is known of a left operand.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Number,
    Text,
    Unknown,
}

impl Left {
    /// Of a constant.
    fn of(constant: &Const) -> Self {
        match constant {
            Const::Str(_) => Left::Text,
            _ => Left::Number,
        }
    }

    /// Of what an operator gives.
    fn after(op: BinaryOp) -> Self {
        match op {
            BinaryOp::Sub | BinaryOp::Div | BinaryOp::FloorDiv => Left::Number,
            _ => Left::Unknown,
        }
    }
}

/// Does the operator read computed text as a number?
fn coerces(op: BinaryOp) -> bool {
    !matches!(op, BinaryOp::Add | BinaryOp::Concat)
}

impl<'a> Compiler<'a> {
    /// Does an expression count as computed, so that text is read as a number?
    pub(super) fn is_computed(&mut self, id: ExprId) -> bool {
        if let Some(Some(known)) = self.computed.get(id.0 as usize) {
            return *known;
        }
        let tree = self.tree;
        let computed = match &tree.expr(id).expr {
            Expr::Filter { .. } => true,
            Expr::Postfix { steps, .. } => {
                matches!(steps.last().map(|it| &it.kind), Some(StepKind::Call(_)))
            }
            Expr::Prefix { operand, .. } => self.is_computed(*operand),
            Expr::Binary { first, rest } => {
                let mut computed = self.is_computed(*first);
                for &(_, _, operand) in rest {
                    computed |= self.is_computed(operand);
                }
                computed
            }
            Expr::Power { base, exponent, .. } => {
                let base = self.is_computed(*base);
                self.is_computed(*exponent) || base
            }
            Expr::Ternary {
                then,
                condition,
                otherwise,
            } => {
                let mut computed = self.is_computed(*then);
                computed |= self.is_computed(*condition);
                if let Some(otherwise) = otherwise {
                    computed |= self.is_computed(*otherwise);
                }
                computed
            }
            _ => false,
        };
        if let Some(slot) = self.computed.get_mut(id.0 as usize) {
            *slot = Some(computed);
        }
        computed
    }

    /// Is an expression a number for certain, so that reading it as one
    /// changes nothing?
    fn is_number(&self, id: ExprId) -> bool {
        match &self.tree.expr(id).expr {
            Expr::Power { .. } => true,
            Expr::Prefix { ops, .. } => {
                matches!(
                    ops.first(),
                    Some((PrefixOp::Neg | PrefixOp::Pos | PrefixOp::Not, _))
                )
            }
            Expr::Binary { rest, .. } => matches!(
                rest.last(),
                Some((BinaryOp::Sub | BinaryOp::Div | BinaryOp::FloorDiv, _, _))
            ),
            _ => false,
        }
    }

    /// Read a computed operand as a number, in a register of its own: `at` is
    /// where temps began before the operand was lowered.
    fn coerce(&mut self, src: u16, at: u32, left: bool, span: Span) -> u16 {
        self.release(at);
        let dst = self.alloc();
        let op = if left {
            Op::CoerceLeft {
                dst: Dst(dst),
                src: Src(src),
            }
        } else {
            Op::Coerce {
                dst: Dst(dst),
                src: Src(src),
            }
        };
        self.emit_at(span, op);
        dst
    }

    /// The operand of an operator, read as a number if it must be.
    fn operand(&mut self, id: ExprId, coerced: bool, left: bool, span: Span) -> u16 {
        let at = self.mark();
        let src = self.expr(id, None);
        if coerced && self.is_computed(id) && !self.is_number(id) {
            return self.coerce(src, at, left, span);
        }
        src
    }

    /// `a + b - c`, `a * b / c`, `a ~ b ~ c`.
    pub(super) fn binary(&mut self, first: ExprId, rest: &'a [Link], want: Option<u16>) -> u16 {
        let mark = self.mark();
        let mut rest = rest;
        let mut known = self.constant(first);
        // Constants at the front are worked out here.
        while self.options.optimize.fold
            && let Some(lhs) = &known
            && let [(op, _, operand), behind @ ..] = rest
            && let Some(rhs) = self.constant(*operand)
            && let Some(value) = fold::binary(*op, lhs, &rhs)
        {
            known = Some(value);
            rest = behind;
        }
        let Some(&(op, span, _)) = rest.first() else {
            return match known {
                Some(constant) => self.load(&constant, want),
                None => self.expr(first, want),
            };
        };
        let computed = known.is_none() && self.is_computed(first);
        if op == BinaryOp::Concat {
            return self.binary_from(known, first, computed, rest, want, mark);
        }
        let left = match &known {
            Some(constant) => Left::of(constant),
            None if self.is_number(first) => Left::Number,
            None => Left::Unknown,
        };
        let acc = match &known {
            Some(constant) => self.load(constant, None),
            None => self.operand(first, coerces(op), op == BinaryOp::Mod, span),
        };
        self.links((acc, left), computed, rest, want, mark)
    }

    /// A chain that begins with `~`.
    fn binary_from(
        &mut self,
        known: Option<Const>,
        first: ExprId,
        computed: bool,
        rest: &'a [Link],
        want: Option<u16>,
        mark: u32,
    ) -> u16 {
        let base = self.alloc();
        match known {
            Some(constant) => self.load(&constant, Some(base)),
            None => self.expr(first, Some(base)),
        };
        self.links((base, Left::Unknown), computed, rest, want, mark)
    }

    /// Apply the links of a chain to what is in `acc`; temps began at `mark`.
    fn links(
        &mut self,
        (mut acc, mut left): (u16, Left),
        mut computed: bool,
        mut rest: &'a [Link],
        want: Option<u16>,
        mark: u32,
    ) -> u16 {
        while let [(op, span, operand), behind @ ..] = rest {
            let (op, span) = (*op, *span);
            if op == BinaryOp::Concat {
                (acc, rest) = self.concat(acc, &mut computed, rest, want, mark);
                left = Left::Unknown;
                continue;
            }
            rest = behind;
            let rhs = if op == BinaryOp::Mod && left != Left::Number {
                self.format_operand(*operand, acc, left, span)
            } else {
                self.operand(*operand, coerces(op), false, span)
            };
            left = Left::after(op);
            computed |= self.is_computed(*operand);
            self.release(mark);
            let dst = if rest.is_empty() {
                self.dst(want)
            } else {
                self.alloc()
            };
            self.emit_at(span, operator(op, dst, acc, rhs));
            acc = dst;
            // What was computed is read as a number by the next operator too.
            if let Some(&(next, span, _)) = rest.first()
                && computed
                && coerces(next)
                && !matches!(op, BinaryOp::Sub | BinaryOp::Div | BinaryOp::FloorDiv)
            {
                acc = self.coerce(acc, mark, next == BinaryOp::Mod, span);
            }
        }
        acc
    }

    /// The right operand of a `%` that may be formatting: it is read as a
    /// number only if the left one turns out to be no text.
    fn format_operand(&mut self, id: ExprId, lhs: u16, left: Left, span: Span) -> u16 {
        let rhs = self.expr(id, None);
        if left == Left::Text || !self.is_computed(id) || self.is_number(id) {
            return rhs;
        }
        self.emit_at(
            span,
            Op::CoerceRight {
                dst: Dst(rhs),
                src: Src(rhs),
                lhs: Src(lhs),
            },
        );
        rhs
    }

    /// The run of `~` at the front of `rest`: one op for all of them.
    fn concat(
        &mut self,
        acc: u16,
        computed: &mut bool,
        rest: &'a [Link],
        want: Option<u16>,
        mark: u32,
    ) -> (u16, &'a [Link]) {
        let n_links = rest
            .iter()
            .take(WIDE)
            .take_while(|it| it.0 == BinaryOp::Concat)
            .count();
        let (links, behind) = rest.split_at(n_links);
        let base = u16::try_from(mark).unwrap_or(0);
        if self.mark() == mark {
            let first = self.alloc();
            self.move_to(first, acc);
        }
        let mut at = links.first().map_or(Span::default(), |it| it.1);
        for &(_, span, operand) in links {
            self.expr_to_new(operand);
            *computed |= self.is_computed(operand);
            at = span;
        }
        self.release(mark);
        let dst = if behind.is_empty() {
            self.dst(want)
        } else {
            self.alloc()
        };
        let count = self.count(links.len() + 1);
        self.emit_at(
            at,
            Op::Concat {
                dst: Dst(dst),
                base: Base(base),
                count,
            },
        );
        let mut acc = dst;
        if let Some(&(next, span, _)) = behind.first()
            && *computed
            && coerces(next)
        {
            acc = self.coerce(acc, mark, next == BinaryOp::Mod, span);
        }
        (acc, behind)
    }

    pub(super) fn power(
        &mut self,
        base: ExprId,
        exponent: ExprId,
        op: Span,
        want: Option<u16>,
    ) -> u16 {
        let mark = self.mark();
        let lhs = self.operand(base, true, false, op);
        let rhs = self.operand(exponent, true, false, op);
        self.release(mark);
        let dst = self.dst(want);
        self.emit_at(
            op,
            Op::Pow {
                dst: Dst(dst),
                lhs: Src(lhs),
                rhs: Src(rhs),
            },
        );
        dst
    }

    pub(super) fn prefix(
        &mut self,
        ops: &'a [(PrefixOp, Span)],
        operand: ExprId,
        want: Option<u16>,
    ) -> u16 {
        let mark = self.mark();
        let mut src = Src(self.expr(operand, None));
        self.release(mark);
        let register = self.dst(want);
        let dst = Dst(register);
        for &(op, span) in ops.iter().rev() {
            let op = match op {
                PrefixOp::Neg => Op::Neg { dst, src },
                PrefixOp::Pos => Op::Pos { dst, src },
                PrefixOp::Not => Op::Not { dst, src },
                PrefixOp::Await => {
                    self.is_async(span);
                    Op::Await { dst, src }
                }
            };
            self.emit_at(span, op);
            src = Src(register);
        }
        register
    }

    /// The template is asynchronous because of what stands at `span`.
    pub(super) fn is_async(&mut self, span: Span) {
        let first = self.first_async.get_or_insert(span);
        if span.start < first.start {
            *first = span;
        }
    }
}

fn operator(op: BinaryOp, dst: u16, lhs: u16, rhs: u16) -> Op {
    let (register, lhs, rhs) = (dst, Src(lhs), Src(rhs));
    let dst = Dst(register);
    match op {
        BinaryOp::Add => Op::Add { dst, lhs, rhs },
        BinaryOp::Sub => Op::Sub { dst, lhs, rhs },
        BinaryOp::Mul => Op::Mul { dst, lhs, rhs },
        BinaryOp::Div => Op::Div { dst, lhs, rhs },
        BinaryOp::FloorDiv => Op::FloorDiv { dst, lhs, rhs },
        BinaryOp::Mod => Op::Modulo { dst, lhs, rhs },
        // Runs of `~` have an op of their own, which takes any number.
        BinaryOp::Concat => Op::Concat {
            dst,
            base: Base(lhs.0),
            count: Count(1),
        },
    }
}
