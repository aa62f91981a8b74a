//! The tree: what a template says, before anybody asks what it means.
//!
//! Nodes lie in two flat tables (`exprs`, `stmts`) and name each other by
//! number, so a tree is dropped without recursion and its depth is a property
//! of the source, never of the code that holds it. Chains (`a + b + c`,
//! `x | f | g`, `a.b.c`, `elif … elif …`) are one node with many parts: depth
//! comes from brackets, prefixes, right-associative operators and blocks alone,
//! and those are counted against the nesting limit.

mod expr;
mod stmt;

pub use expr::*;
pub use stmt::*;

use gravure_source::{Interner, Span, Symbol};

/// The number of an expression in [`Template::exprs`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct ExprId(pub u32);

/// The number of a statement in [`Template::stmts`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct StmtId(pub u32);

/// Statements in order.
pub type Body = Box<[StmtId]>;

/// One template as a tree.
#[derive(Clone, Debug, Default)]
pub struct Template {
    /// Every name that occurs.
    pub names: Interner,
    /// All expressions; an [`ExprId`] is a position.
    pub exprs: Vec<ExprNode>,
    /// All statements; a [`StmtId`] is a position.
    pub stmts: Vec<StmtNode>,
    /// The top level.
    pub body: Body,
    /// The deepest nesting that occurs; what a recursive walk must bear.
    pub nesting: u32,
}

impl Template {
    /// The expression of a number.
    pub fn expr(&self, id: ExprId) -> &ExprNode {
        &self.exprs[id.0 as usize]
    }

    /// The statement of a number.
    pub fn stmt(&self, id: StmtId) -> &StmtNode {
        &self.stmts[id.0 as usize]
    }

    /// A new expression at the end of the table.
    pub(crate) fn add_expr(&mut self, node: ExprNode) -> ExprId {
        let id = ExprId(self.exprs.len() as u32);
        self.exprs.push(node);
        id
    }

    /// A new statement at the end of the table.
    pub(crate) fn add_stmt(&mut self, node: StmtNode) -> StmtId {
        let id = StmtId(self.stmts.len() as u32);
        self.stmts.push(node);
        id
    }

    /// The spelling of a name.
    pub fn name(&self, symbol: Symbol) -> &str {
        self.names.text(symbol)
    }
}

/// A name and where it stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    /// The name.
    pub name: Symbol,
    /// Where it is written.
    pub span: Span,
}
