//! Expressions.

use super::{ExprId, Ident};
use gravure_source::Span;

/// An expression with its place.
#[derive(Clone, Debug)]
pub struct ExprNode {
    /// What it is.
    pub expr: Expr,
    /// All of its source text, surrounding parentheses not included.
    pub span: Span,
    /// Written in parentheses of its own: `(a | f)`, not `(a, b)`.
    pub grouped: bool,
}

/// What an expression can be.
#[derive(Clone, Debug)]
pub enum Expr {
    /// A literal.
    Lit(Lit),
    /// A name to be looked up.
    Name(Ident),
    /// `(a, b)`, `()`, `(a,)`; also the bare tuples of some tags.
    Tuple(Box<[ExprId]>),
    /// `[a, b]`.
    List(Box<[ExprId]>),
    /// `{k: v}`.
    Dict(Box<[(ExprId, ExprId)]>),
    /// `[element for target in source if condition]`.
    Comprehension(Box<Comprehension>),
    /// `base` and what is done to it from left to right: `.a`, `[i]`, `(x)`, `..b`.
    Postfix {
        /// The leftmost operand.
        base: ExprId,
        /// At least one.
        steps: Box<[Step]>,
    },
    /// Prefixes `-` and `+`, `not`, `await`, outermost first.
    Prefix {
        /// At least one, with the operator's place.
        ops: Box<[(PrefixOp, Span)]>,
        /// What they apply to.
        operand: ExprId,
    },
    /// Left-associative arithmetic of one level: `a + b - c`, or `a * b / c`.
    Binary {
        /// The leftmost operand.
        first: ExprId,
        /// Operator, its place, right operand; at least one.
        rest: Box<[(BinaryOp, Span, ExprId)]>,
    },
    /// `base ** exponent`; the span is the operator's.
    Power {
        /// Left.
        base: ExprId,
        /// Right: a unary expression.
        exponent: ExprId,
        /// The operator.
        op: Span,
    },
    /// A chain of filters on one value.
    Filter {
        /// The value.
        base: ExprId,
        /// At least one.
        steps: Box<[FilterStep]>,
    },
    /// `operand is t1 is not t2`: tests, each of the result of the one before.
    Test {
        /// What is tested first.
        operand: ExprId,
        /// At least one.
        tests: Box<[TestStep]>,
    },
    /// A comparison chain: `a < b <= c`, `x in y`, `x is none`.
    Compare {
        /// The leftmost operand.
        first: ExprId,
        /// Operator, its place, right operand; at least one.
        rest: Box<[(CompareOp, Span, ExprId)]>,
    },
    /// `a and b and c`; at least two.
    And(Box<[ExprId]>),
    /// `a or b or c`; at least two.
    Or(Box<[ExprId]>),
    /// `a ?? b ?? c`; at least two, right-associative.
    Coalesce(Box<[ExprId]>),
    /// `then if condition else otherwise`.
    Ternary {
        /// The value if the condition holds.
        then: ExprId,
        /// The condition.
        condition: ExprId,
        /// The value if not; absent gives the empty str.
        otherwise: Option<ExprId>,
    },
}

/// A literal.
#[derive(Clone, Debug, PartialEq)]
pub enum Lit {
    /// `none`, `None`.
    None,
    /// `true`, `True`, `false`, `False`.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A longer integer: its decimal digits without leading zeros.
    Big(Box<str>),
    /// A float.
    Float(f64),
    /// Text, escapes decoded.
    Str(Box<str>),
}

/// `[element for target in source if condition]`.
#[derive(Clone, Debug)]
pub struct Comprehension {
    /// What each round gives.
    pub element: ExprId,
    /// Names that take the items.
    pub target: Target,
    /// Where the items come from.
    pub source: ExprId,
    /// Which items count.
    pub condition: Option<ExprId>,
    /// The word `for`.
    pub keyword: Span,
}

/// Names that take values apart.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// One name.
    Name(Ident),
    /// Several targets, and the place of the group.
    Tuple(Box<[Target]>, Span),
}

/// One step of a postfix chain.
#[derive(Clone, Debug)]
pub struct Step {
    /// What is done.
    pub kind: StepKind,
    /// Where an error of this step points: the name of an attribute, the
    /// opening bracket, the dots of a range; for a call the callee's name
    /// (`f` in `f(x)`, `m` in `a.m(x)`), else the callee's first token.
    pub span: Span,
}

/// What a postfix step does.
#[derive(Clone, Debug)]
pub enum StepKind {
    /// `.name`, or `?.name` if optional.
    Attr {
        /// The attribute.
        name: Ident,
        /// Written with `?`.
        optional: bool,
    },
    /// `[key]`, or `?[key]` if optional.
    Item {
        /// The key.
        key: ExprId,
        /// Written with `?`.
        optional: bool,
    },
    /// `[start:stop:step]`.
    Slice {
        /// Lower bound.
        start: Option<ExprId>,
        /// Upper bound.
        stop: Option<ExprId>,
        /// Step.
        step: Option<ExprId>,
        /// Written with `?`.
        optional: bool,
    },
    /// `(args)`.
    Call(Args),
    /// `..end`, `...end`, `by step`.
    Range {
        /// The other bound.
        end: ExprId,
        /// Is the bound part of it (`..`)?
        inclusive: bool,
        /// The step.
        step: Option<ExprId>,
    },
}

/// Arguments of a call, filter or test.
#[derive(Clone, Debug, Default)]
pub struct Args {
    /// By position.
    pub positional: Box<[ExprId]>,
    /// By name, in order; no name twice.
    pub named: Box<[(Ident, ExprId)]>,
}

/// One filter of a chain.
#[derive(Clone, Debug)]
pub struct FilterStep {
    /// Which filter; its place is where errors point.
    pub name: Ident,
    /// Its arguments.
    pub args: Args,
    /// `?|` or `?|>`: none passes by.
    pub optional: bool,
}

/// One test of a chain.
#[derive(Clone, Debug)]
pub struct TestStep {
    /// Which test; its place is where errors point.
    pub name: Ident,
    /// Its arguments.
    pub args: Args,
    /// `is not`.
    pub negated: bool,
}

/// Prefix operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PrefixOp {
    /// `-`
    Neg,
    /// `+`
    Pos,
    /// `not`
    Not,
    /// `await`
    Await,
}

/// Left-associative arithmetic.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinaryOp {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `~`
    Concat,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `//`
    FloorDiv,
    /// `%`
    Mod,
}

/// Links of a comparison chain.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CompareOp {
    /// `==`
    Eq,
    /// `!=`
    Ne,
    /// `<`
    Lt,
    /// `<=`
    Le,
    /// `>`
    Gt,
    /// `>=`
    Ge,
    /// `in`
    In,
    /// `not in`
    NotIn,
    /// `is` with anything that is no test name
    Is,
    /// `is not` with anything that is no test name
    IsNot,
}
