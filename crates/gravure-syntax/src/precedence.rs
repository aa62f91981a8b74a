//! Which operator binds tighter: one table, worked with a stack of our own.
//!
//! In: operands and operators of one flat sequence, left to right. Out: one
//! node. A run of operators of one left-associative level is one node with many
//! parts, so a sum of a hundred thousand terms is no deeper than one of two.
//! Right-associative operators and prefixes do nest; whoever feeds the stack
//! counts them (`Stack::depth`).

use crate::ast::{
    BinaryOp, CompareOp, Expr, ExprId, ExprNode, FilterStep, PrefixOp, Step, StepKind, Template,
    TestStep,
};
use gravure_source::Span;

/// How tight something binds; more is tighter.
pub(crate) type Level = u8;

const OR: Level = 2;
const AND: Level = 4;
const NOT: Level = 6;
const COMPARE: Level = 8;
const TEST: Level = 10;
const SUM: Level = 12;
const FILTER: Level = 14;
const PRODUCT: Level = 16;
const UNARY: Level = 18;
const POWER: Level = 20;
const RANGE: Level = 22;
/// A value that no operator can pull apart.
pub(crate) const PRIMARY: Level = 24;

/// An operator between two operands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Infix {
    Or,
    And,
    Compare(CompareOp),
    Binary(BinaryOp),
    Power,
    Range { is_inclusive: bool },
}

/// The table: an operator's level, and what its right operand must reach.
fn binding(infix: Infix) -> (Level, Level) {
    match infix {
        Infix::Or => (OR, OR + 1),
        Infix::And => (AND, AND + 1),
        Infix::Compare(_) => (COMPARE, COMPARE + 1),
        Infix::Binary(BinaryOp::Add | BinaryOp::Sub | BinaryOp::Concat) => (SUM, SUM + 1),
        Infix::Binary(_) => (PRODUCT, PRODUCT + 1),
        // Right-associative: the right side is a unary.
        Infix::Power => (POWER, UNARY),
        Infix::Range { .. } => (RANGE, UNARY),
    }
}

/// The same for prefixes: what the operand must reach.
fn prefix_level(op: PrefixOp) -> Level {
    match op {
        PrefixOp::Not => NOT,
        PrefixOp::Neg | PrefixOp::Pos | PrefixOp::Await => UNARY,
    }
}

/// A finished value.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operand {
    /// The node.
    pub(crate) id: ExprId,
    /// All of its text, surrounding parentheses included.
    pub(crate) span: Span,
    /// How tight its outermost operator binds.
    pub(crate) level: Level,
}

/// How the filters of one chain are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ChainKind {
    /// `|`, `?|`
    Plain,
    /// `|>`
    Pipeline,
    /// `?|>`
    Safe,
}

/// Why an operator cannot stand where it does.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misfit {
    /// What stands before it binds looser: `x | first * 2`.
    Looser,
    /// The chain is written with other pipes.
    MixedPipes(ChainKind),
}

/// An operator that waits for its right operand.
enum Pending {
    Prefix(PrefixOp, Span),
    Chain {
        first: Operand,
        /// Where in `Stack::links` the operands behind the first begin.
        start: usize,
        op: Infix,
        span: Span,
    },
    Power {
        base: Operand,
        op: Span,
    },
    Range {
        start: Operand,
        is_inclusive: bool,
        dots: Span,
        /// The other bound, once `by` has been read.
        end: Option<Operand>,
    },
}

impl Pending {
    /// What its right operand must reach.
    fn right(&self) -> Level {
        match self {
            Self::Prefix(op, _) => prefix_level(*op),
            Self::Chain { op, .. } => binding(*op).1,
            Self::Power { .. } => binding(Infix::Power).1,
            Self::Range { .. } => binding(Infix::Range { is_inclusive: true }).1,
        }
    }
}

/// The work on one flat sequence. When it is done, the stack is as new and may
/// be used again.
#[derive(Default)]
pub(crate) struct Stack {
    pending: Vec<Pending>,
    /// Operands behind the first one, of all chains that wait.
    links: Vec<(Infix, Span, Operand)>,
    current: Option<Operand>,
    filters: Vec<FilterStep>,
    chain: Option<ChainKind>,
    tests: Vec<TestStep>,
    /// Where the last filter or test ends.
    end: Span,
    /// How many of `pending` make what follows deeper.
    n_deep: u32,
}

impl Stack {
    /// How much deeper than the sequence itself the next operand lies.
    pub(crate) fn depth(&self) -> u32 {
        self.n_deep
    }

    /// A prefix before the next operand.
    pub(crate) fn prefix(&mut self, op: PrefixOp, span: Span) {
        self.n_deep += 1;
        self.pending.push(Pending::Prefix(op, span));
    }

    /// The next operand.
    pub(crate) fn operand(&mut self, operand: Operand) {
        self.current = Some(operand);
    }

    /// How many filters the chain at the end has.
    pub(crate) fn n_filters(&self) -> usize {
        self.filters.len()
    }

    /// May a filter of this spelling follow? To be asked before its arguments
    /// are read, so that findings come in order.
    pub(crate) fn before_filter(
        &mut self,
        tree: &mut Template,
        kind: ChainKind,
    ) -> Result<(), Misfit> {
        if !self.tests.is_empty() {
            return Err(Misfit::Looser);
        }
        match self.chain {
            None => {
                self.reduce(tree, FILTER);
                if self.level() < FILTER {
                    return Err(Misfit::Looser);
                }
                self.chain = Some(kind);
                Ok(())
            }
            Some(chain) if chain == kind => Ok(()),
            Some(chain) => Err(Misfit::MixedPipes(chain)),
        }
    }

    /// A filter on what stands before it, up to `end`.
    pub(crate) fn filter(&mut self, step: FilterStep, end: Span) {
        self.filters.push(step);
        self.end = end;
    }

    /// A test of what stands before it, up to `end`.
    pub(crate) fn test(&mut self, tree: &mut Template, step: TestStep, end: Span) {
        if self.tests.is_empty() {
            self.reduce(tree, TEST);
        }
        self.tests.push(step);
        self.end = end;
    }

    /// An operator behind the operand.
    pub(crate) fn infix(
        &mut self,
        tree: &mut Template,
        op: Infix,
        span: Span,
    ) -> Result<(), Misfit> {
        let (level, _) = binding(op);
        self.reduce(tree, level);
        let Some(current) = self.current.take() else {
            return Err(Misfit::Looser);
        };
        if current.level < level {
            return Err(Misfit::Looser);
        }
        match op {
            Infix::Power => {
                self.n_deep += 1;
                self.pending.push(Pending::Power {
                    base: current,
                    op: span,
                });
            }
            Infix::Range { is_inclusive } => {
                self.n_deep += 1;
                self.pending.push(Pending::Range {
                    start: current,
                    is_inclusive,
                    dots: span,
                    end: None,
                });
            }
            _ => match self.pending.last_mut() {
                Some(Pending::Chain {
                    op: last,
                    span: last_span,
                    ..
                }) if binding(*last).0 == level => {
                    self.links.push((*last, *last_span, current));
                    *last = op;
                    *last_span = span;
                }
                _ => self.pending.push(Pending::Chain {
                    first: current,
                    start: self.links.len(),
                    op,
                    span,
                }),
            },
        }
        Ok(())
    }

    /// The word `by` behind the second bound of a range.
    pub(crate) fn by(&mut self, tree: &mut Template) -> Result<(), Misfit> {
        self.settle(tree);
        if self.level() < UNARY {
            return Err(Misfit::Looser);
        }
        loop {
            match self.pending.last_mut() {
                Some(Pending::Range {
                    end: end @ None, ..
                }) => {
                    *end = self.current.take();
                    return Ok(());
                }
                Some(Pending::Chain { .. }) | None => return Err(Misfit::Looser),
                Some(Pending::Prefix(PrefixOp::Not, _)) => return Err(Misfit::Looser),
                Some(_) => self.reduce_one(tree, UNARY - 1),
            }
        }
    }

    /// The whole sequence as one value.
    pub(crate) fn finish(&mut self, tree: &mut Template) -> Option<Operand> {
        self.reduce(tree, 0);
        self.current.take()
    }

    fn level(&self) -> Level {
        self.current.map_or(0, |current| current.level)
    }

    /// Finish every pending operator that binds tighter than `level`, but for a
    /// chain of that very level, which goes on.
    fn reduce(&mut self, tree: &mut Template, level: Level) {
        self.settle(tree);
        while let Some(top) = self.pending.last() {
            let goes_on = matches!(top, Pending::Chain { op, .. } if binding(*op).0 == level);
            if goes_on || top.right() <= level {
                return;
            }
            self.reduce_one(tree, level);
        }
    }

    /// Make the node of the topmost pending operator; of all prefixes on top
    /// that bind tighter than `level` at once.
    fn reduce_one(&mut self, tree: &mut Template, level: Level) {
        let (Some(top), Some(current)) = (self.pending.pop(), self.current.take()) else {
            return;
        };
        let made = match top {
            Pending::Prefix(op, span) => {
                self.n_deep -= 1;
                let mut ops = vec![(op, span)];
                let mut outermost = prefix_level(op);
                while let Some(&Pending::Prefix(op, span)) = self.pending.last()
                    && prefix_level(op) > level
                {
                    self.pending.pop();
                    self.n_deep -= 1;
                    outermost = prefix_level(op);
                    ops.push((op, span));
                }
                ops.reverse();
                let span = ops.first().map_or(span, |first| first.1).to(current.span);
                let expr = Expr::Prefix {
                    ops: ops.into(),
                    operand: current.id,
                };
                node(tree, expr, span, outermost)
            }
            Pending::Chain {
                first,
                start,
                op,
                span,
            } => {
                self.links.push((op, span, current));
                let made = chain(tree, first, self.links.get(start..).unwrap_or(&[]));
                self.links.truncate(start);
                made
            }
            Pending::Power { base, op } => {
                self.n_deep -= 1;
                let expr = Expr::Power {
                    base: base.id,
                    exponent: current.id,
                    op,
                };
                node(tree, expr, base.span.to(current.span), POWER)
            }
            Pending::Range {
                start,
                is_inclusive,
                dots,
                end,
            } => {
                self.n_deep -= 1;
                let kind = StepKind::Range {
                    end: end.unwrap_or(current).id,
                    inclusive: is_inclusive,
                    step: end.map(|_| current.id),
                };
                let span = start.span.to(current.span);
                let step = Step { kind, span: dots };
                range(tree, start, step, span)
            }
        };
        self.current = Some(made);
    }

    /// Make the node of the filters or tests that stand behind the operand.
    fn settle(&mut self, tree: &mut Template) {
        let Some(current) = self.current else {
            return;
        };
        let mut made = current;
        if !self.filters.is_empty() {
            let expr = Expr::Filter {
                base: made.id,
                steps: self.filters.drain(..).collect(),
            };
            made = node(tree, expr, made.span.to(self.end), FILTER);
        }
        if !self.tests.is_empty() {
            let expr = Expr::Test {
                operand: made.id,
                tests: self.tests.drain(..).collect(),
            };
            made = node(tree, expr, made.span.to(self.end), TEST);
        }
        self.chain = None;
        self.current = Some(made);
    }
}

/// A new node.
fn node(tree: &mut Template, expr: Expr, span: Span, level: Level) -> Operand {
    let id = tree.add_expr(ExprNode {
        expr,
        span,
        grouped: false,
    });
    Operand { id, span, level }
}

/// One node for a run of operators of one level.
fn chain(tree: &mut Template, first: Operand, rest: &[(Infix, Span, Operand)]) -> Operand {
    let end = rest.last().map_or(first.span, |(_, _, last)| last.span);
    let op = rest.first().map_or(Infix::Or, |part| part.0);
    let (level, _) = binding(op);
    let all = || {
        std::iter::once(first.id)
            .chain(rest.iter().map(|part| part.2.id))
            .collect()
    };
    let expr = match op {
        Infix::Or => Expr::Or(all()),
        Infix::And => Expr::And(all()),
        Infix::Compare(_) => Expr::Compare {
            first: first.id,
            rest: parts(rest, |op| match op {
                Infix::Compare(op) => Some(op),
                _ => None,
            }),
        },
        _ => Expr::Binary {
            first: first.id,
            rest: parts(rest, |op| match op {
                Infix::Binary(op) => Some(op),
                _ => None,
            }),
        },
    };
    node(tree, expr, first.span.to(end), level)
}

/// Operators and operands of a chain, all of which are of one kind.
fn parts<T>(
    rest: &[(Infix, Span, Operand)],
    kind: impl Fn(Infix) -> Option<T>,
) -> Box<[(T, Span, ExprId)]> {
    let mut parts = Vec::with_capacity(rest.len());
    for &(op, span, operand) in rest {
        parts.extend(kind(op).map(|op| (op, span, operand.id)));
    }
    parts.into()
}

/// A range is one more step of the postfix chain that is its start.
fn range(tree: &mut Template, start: Operand, step: Step, span: Span) -> Operand {
    if let Some(known) = tree.exprs.get_mut(start.id.0 as usize)
        && !known.grouped
        && let Expr::Postfix { steps, .. } = &mut known.expr
    {
        let mut longer = std::mem::take(steps).into_vec();
        longer.push(step);
        *steps = longer.into();
        known.span = span;
        return Operand {
            id: start.id,
            span,
            level: RANGE,
        };
    }
    let expr = Expr::Postfix {
        base: start.id,
        steps: Box::new([step]),
    };
    node(tree, expr, span, RANGE)
}
