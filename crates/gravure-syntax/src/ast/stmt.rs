//! Statements: text, outputs and every tag.

use super::{Body, ExprId, FilterStep, Ident, Lit, Target};
use gravure_source::Span;

/// A statement with its place.
#[derive(Clone, Debug)]
pub struct StmtNode {
    /// What it is.
    pub stmt: Stmt,
    /// The keyword of a tag (where errors of the whole tag point); for an
    /// output the text between the delimiters, for text the text.
    pub span: Span,
}

/// What a statement can be.
#[derive(Clone, Debug)]
pub enum Stmt {
    /// Literal text, as it lies in the source after trimming; also raw blocks.
    Text(Span),
    /// `{{ expr }}`
    Output(ExprId),
    /// `if`, and `unless` (see `negated`).
    If(If),
    /// `for`, and `async for`.
    For(Box<For>),
    /// `while`.
    While {
        /// Tested before each round.
        condition: ExprId,
        /// What each round does.
        body: Body,
    },
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `match`.
    Match(Match),
    /// `set`, `let`, `export`, `promote`.
    Assign(Assign),
    /// `capture name | filter(args)`.
    Capture {
        /// The variable.
        name: Ident,
        /// Applied to the text.
        filter: Option<FilterStep>,
        /// What is captured.
        body: Body,
    },
    /// `with name = expr, …`.
    With {
        /// In order, later ones see earlier ones.
        bindings: Box<[(Ident, ExprId)]>,
        /// Where they hold.
        body: Body,
    },
    /// `with expr as target … else …`.
    WithValue(Box<WithValue>),
    /// `def` and `region`.
    Def(Box<Def>),
    /// `call expr … end`.
    Call(Box<Call>),
    /// `slot`, where a def offers a place.
    Slot(Box<Slot>),
    /// `yield name`: the slot's name, `default` if absent.
    Yield(Option<Ident>),
    /// `import expr as name`.
    Import {
        /// The template's name.
        template: ExprId,
        /// The variable.
        name: Ident,
        /// `with context`.
        with_context: bool,
    },
    /// `from expr import name as alias, …`.
    From {
        /// The template's name.
        template: ExprId,
        /// Name in the library, variable here.
        names: Box<[(Ident, Ident)]>,
        /// `with context`.
        with_context: bool,
    },
    /// `extends expr`.
    Extends(ExprId),
    /// `block` and `fragment`.
    Block(Box<Block>),
    /// `include`.
    Include {
        /// The template's name.
        template: ExprId,
        /// False after `without context`.
        context: bool,
        /// `ignore missing`.
        ignore_missing: bool,
    },
    /// `embed`.
    Embed {
        /// The template's name.
        template: ExprId,
        /// False after `without context`.
        context: bool,
        /// The blocks inside: statements of kind [`Stmt::Block`].
        overrides: Body,
    },
    /// `globals` and `imports`.
    Globals(Body),
    /// `template name: type, …`: names and types.
    Template(Box<[(Ident, Ident)]>),
    /// `provide name = expr … end`.
    Provide {
        /// The key.
        name: Ident,
        /// The value.
        value: ExprId,
        /// Where it is provided.
        body: Body,
    },
    /// `push "name" … end`.
    Push {
        /// The list.
        name: Ident,
        /// What is pushed.
        body: Body,
    },
    /// `stack "name"`.
    Stack(Ident),
    /// `try … fallback name … end`.
    Try {
        /// What is tried.
        body: Body,
        /// The variable that takes the error.
        name: Option<Ident>,
        /// What stands in its place.
        fallback: Body,
    },
    /// `cache key, ttl = …, depends = … … end`.
    Cache {
        /// The key.
        key: ExprId,
        /// Life in seconds or as text.
        ttl: Option<ExprId>,
        /// What it depends on.
        depends: Option<ExprId>,
        /// What is kept.
        body: Body,
    },
    /// `filter name(args) … end`.
    FilterBlock {
        /// The filter.
        filter: FilterStep,
        /// What it is applied to.
        body: Body,
    },
    /// `spaceless … end`.
    Spaceless(Body),
    /// `flush`.
    Flush,
    /// `trans … plural … end`.
    Trans(Box<Trans>),
}

/// `if`, `elif`, `else`; `unless`, `else`.
#[derive(Clone, Debug)]
pub struct If {
    /// Condition, body, and the place of the word; at least one.
    pub branches: Box<[(ExprId, Body, Span)]>,
    /// `else`.
    pub otherwise: Option<Body>,
    /// `unless`: the (only) condition is turned round.
    pub negated: bool,
}

/// `for`.
#[derive(Clone, Debug)]
pub struct For {
    /// Names that take the items.
    pub target: Target,
    /// Where the items come from.
    pub source: ExprId,
    /// Which items count.
    pub condition: Option<ExprId>,
    /// What each round does.
    pub body: Body,
    /// `else`, `empty`: if there were no items at all.
    pub otherwise: Option<Body>,
    /// `async for`.
    pub is_async: bool,
}

/// `match`.
#[derive(Clone, Debug)]
pub struct Match {
    /// What is matched; absent if only guards decide.
    pub subject: Option<ExprId>,
    /// In order; at least one.
    pub cases: Box<[Case]>,
}

/// `case`.
#[derive(Clone, Debug)]
pub struct Case {
    /// What must fit. A `Name` other than `_` captures, a `Tuple` (nested too)
    /// takes apart, `_` fits anything, all else is evaluated and compared.
    pub pattern: ExprId,
    /// Tested if the pattern fits.
    pub guard: Option<ExprId>,
    /// What is done.
    pub body: Body,
    /// The word `case`.
    pub span: Span,
}

/// Which assignment tag it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum AssignKind {
    /// `set`: the innermost scope.
    Set,
    /// `let`: the context.
    Let,
    /// `export`, `promote`: the context.
    Export,
}

/// `set`, `let`, `export`, `promote`.
#[derive(Clone, Debug)]
pub struct Assign {
    /// Which tag.
    pub kind: AssignKind,
    /// Target, whether `??=`, value; left to right. A `Tuple` target stands
    /// alone and takes its value apart by index.
    pub items: Box<[(Target, bool, ExprId)]>,
}

/// `with expr as target`.
#[derive(Clone, Debug)]
pub struct WithValue {
    /// The value; a bare or parenthesized tuple is `Expr::Tuple`.
    pub value: ExprId,
    /// What it is bound to; `it` if absent in the source.
    pub target: Target,
    /// If the value is truthy.
    pub body: Body,
    /// If it is not.
    pub otherwise: Option<Body>,
}

/// A parameter's role.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// By position or name.
    Plain,
    /// Behind `*name`: by name only.
    Named,
    /// `*name`.
    Rest,
    /// `**name`.
    NamedRest,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: Ident,
    /// Its role.
    pub kind: ParamKind,
    /// The default.
    pub default: Option<ExprId>,
    /// The annotation as written.
    pub annotation: Option<Span>,
}

/// `def` and `region`.
#[derive(Clone, Debug)]
pub struct Def {
    /// The name.
    pub name: Ident,
    /// Parameters in order.
    pub params: Box<[Param]>,
    /// The body.
    pub body: Body,
    /// `region`.
    pub is_region: bool,
}

/// `call`.
#[derive(Clone, Debug)]
pub struct Call {
    /// What is called: a `Postfix` whose last step is a `Call`. Anything else
    /// (`call f` without parentheses) fails when it runs.
    pub callee: ExprId,
    /// Content by slot, in order of first appearance; `default` holds what
    /// stands outside of slots (joined with `slot` and `slot default`).
    pub contents: Box<[Content]>,
}

/// The content for one slot.
#[derive(Clone, Debug)]
pub struct Content {
    /// The slot; its name is `default` for the rest.
    pub name: Ident,
    /// What is rendered for it.
    pub body: Body,
    /// Is it nothing but white space and comments?
    pub is_blank: bool,
}

/// A place for content in a def.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The slot; its name is `default` if not given.
    pub name: Ident,
    /// `let:name=expr`.
    pub bindings: Box<[(Ident, ExprId)]>,
    /// Printed when there is no caller; only scoped slots have one.
    pub fallback: Body,
}

/// `block` and `fragment`.
#[derive(Clone, Debug)]
pub struct Block {
    /// The name.
    pub name: Ident,
    /// `key=literal`.
    pub modifiers: Box<[(Ident, Lit)]>,
    /// Is it shown here?
    pub condition: Option<ExprId>,
    /// The body.
    pub body: Body,
    /// `fragment`: skipped by a full render.
    pub is_fragment: bool,
}

/// `trans`.
#[derive(Clone, Debug)]
pub struct Trans {
    /// `name = expr`.
    pub bindings: Box<[(Ident, ExprId)]>,
    /// The message: `%(name)s` for values, white space folded.
    pub singular: Box<str>,
    /// The other message.
    pub plural: Option<Box<str>>,
}
