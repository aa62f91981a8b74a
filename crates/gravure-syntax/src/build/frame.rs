//! What an open block knows until it is closed.

use crate::ast::{Body, Case, ExprId, FilterStep, Ident, Lit, Param, StmtId, Target};
use crate::words::Opener;
use gravure_source::{Span, Symbol};
use std::collections::{HashMap, HashSet};

/// An open block.
pub(super) struct Frame {
    /// What it will become.
    pub(super) kind: Kind,
    /// The word that opened it.
    pub(super) opener: Opener,
    /// Where that word stands.
    pub(super) word: Span,
    /// How many statements there were before its own.
    pub(super) start: usize,
}

/// What a block will become, with everything its tags have said so far.
pub(super) enum Kind {
    If {
        branches: Vec<(ExprId, Body, Span)>,
        /// The condition and word of the open branch; none in `else`.
        open: Option<(ExprId, Span)>,
        negated: bool,
    },
    For {
        target: Target,
        source: ExprId,
        condition: Option<ExprId>,
        is_async: bool,
        /// The body, once `else` is open.
        body: Option<Body>,
    },
    While(ExprId),
    Match {
        subject: Option<ExprId>,
        cases: Vec<Case>,
        /// Pattern, guard and word of the open case.
        open: Option<(ExprId, Option<ExprId>, Span)>,
    },
    Capture {
        name: Ident,
        filter: Option<FilterStep>,
    },
    With(Box<[(Ident, ExprId)]>),
    WithValue {
        value: ExprId,
        target: Target,
        /// The body, once `else` is open.
        body: Option<Body>,
    },
    Def {
        name: Ident,
        params: Box<[Param]>,
        is_region: bool,
    },
    Call {
        callee: ExprId,
        contents: Contents,
    },
    /// `slot name` directly in call content.
    SlotContent(Ident),
    /// `slot name let:a=b` in a def.
    Slot {
        name: Ident,
        bindings: Box<[(Ident, ExprId)]>,
    },
    Block {
        name: Ident,
        modifiers: Box<[(Ident, Lit)]>,
        condition: Option<ExprId>,
        is_fragment: bool,
    },
    Embed {
        template: ExprId,
        context: bool,
    },
    Globals,
    Provide {
        name: Ident,
        value: ExprId,
    },
    Push(Ident),
    Try {
        /// The body, once `fallback` is open.
        body: Option<Body>,
        name: Option<Ident>,
    },
    Cache {
        key: ExprId,
        ttl: Option<ExprId>,
        depends: Option<ExprId>,
    },
    FilterBlock(FilterStep),
    Spaceless,
    Raw,
    Trans {
        bindings: Box<[(Ident, ExprId)]>,
        /// What the text may name.
        names: HashSet<Symbol>,
        /// The message that is being written.
        message: String,
        /// The first one, once `plural` is open.
        singular: Option<Box<str>>,
    },
    /// Its tag was wrong; whatever follows is taken as it comes.
    Broken,
}

/// Names that have been seen: a few at first, and as many as there may be.
#[derive(Default)]
pub(super) struct Names {
    few: Vec<Symbol>,
    many: HashSet<Symbol>,
}

impl Names {
    /// How many names are worth going through one by one.
    const FEW: usize = 8;

    /// Note a name. Is it new?
    pub(super) fn insert(&mut self, name: Symbol) -> bool {
        if self.few.contains(&name) {
            return false;
        }
        if self.few.len() < Self::FEW {
            self.few.push(name);
            return true;
        }
        self.many.insert(name)
    }
}

/// Call content by slot, in order of first appearance.
#[derive(Default)]
pub(super) struct Contents {
    pub(super) list: Vec<(Ident, Vec<StmtId>)>,
    by_name: HashMap<Symbol, usize>,
}

impl Contents {
    /// Join statements to the content of a slot.
    pub(super) fn add(&mut self, name: Ident, body: Body) {
        let idx = *self.by_name.entry(name.name).or_insert(self.list.len());
        match self.list.get_mut(idx) {
            Some((_, known)) => known.extend(body),
            None => self.list.push((name, body.into_vec())),
        }
    }
}
