//! What must be known of a template before its first op: which variables each
//! scope has, which of them content assigns, what content mentions, and how
//! loops use `loop`.
//!
//! A scope's variables are fixed when it is entered, but a `set` further down
//! counts too (content may run twice), hence a pass of its own. What content
//! mentions is over-estimated: a name that turns out to be bound inside it is
//! captured for nothing, which costs one register.

mod exprs;

use crate::maps::{Map, map};
use gravure_source::Symbol;
use gravure_syntax::ast::*;

/// The variables of a scope, and whether content assigns them.
pub(crate) type Variables = Vec<(Symbol, bool)>;

/// How a `for` uses its loop object.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct LoopUse {
    /// Is `loop` mentioned in the body or the filter?
    pub(crate) mentioned: bool,
    /// Is it used as a value, or could another template see it?
    pub(crate) escapes: bool,
}

/// What a def, content or override takes from around it.
#[derive(Default, Debug)]
pub(crate) struct Mentions {
    /// Every name it mentions, sorted.
    pub(crate) names: Vec<Symbol>,
    /// An include or embed in it shows every visible name.
    pub(crate) all: bool,
}

/// A part of a statement that is a scope or a unit of its own.
pub(crate) type Part = (StmtId, u32);

/// The answers.
#[derive(Debug)]
pub(crate) struct Resolved {
    scopes: Map<Part, Variables>,
    loops: Map<StmtId, LoopUse>,
    units: Map<Part, Mentions>,
}

impl Resolved {
    /// The variables of a scope.
    pub(crate) fn scope(&self, part: Part) -> &[(Symbol, bool)] {
        self.scopes.get(&part).map_or(&[], |it| it)
    }

    /// How a `for` uses `loop`.
    pub(crate) fn loop_use(&self, stmt: StmtId) -> LoopUse {
        self.loops.get(&stmt).copied().unwrap_or_default()
    }

    /// What a unit takes from around it.
    pub(crate) fn mentions(&self, part: Part) -> (&[Symbol], bool) {
        self.units
            .get(&part)
            .map_or((&[], false), |it| (&it.names, it.all))
    }
}

/// The part of a `try` that is its fallback.
pub(crate) const FALLBACK: u32 = 1;

/// A loop attribute that has an op of its own.
pub(crate) fn loop_attr(name: &str) -> Option<u8> {
    const NAMES: [&str; 9] = [
        "index",
        "index0",
        "first",
        "last",
        "length",
        "revindex",
        "revindex0",
        "previtem",
        "nextitem",
    ];
    let at = NAMES.iter().position(|known| *known == name)?;
    u8::try_from(at).ok()
}

/// Look through the whole template.
pub(crate) fn resolve(tree: &Template) -> Resolved {
    let mut walk = Walk {
        tree,
        loop_name: tree.names.get("loop"),
        out: Resolved {
            scopes: map(),
            loops: map(),
            units: map(),
        },
        places: map(),
        units: vec![Unit::new(false)],
        seen: vec![0; tree.names.len()],
        n_units: 0,
    };
    walk.body(&tree.body);
    walk.out
}

/// A unit on the way.
struct Unit {
    /// Does it see the unit around it?
    sees_out: bool,
    number: u32,
    scopes: Vec<Part>,
    loops: Vec<StmtId>,
    /// What it mentions; some names twice.
    names: Vec<Symbol>,
    all: bool,
}

impl Unit {
    fn new(sees_out: bool) -> Self {
        Self {
            sees_out,
            number: 0,
            scopes: Vec::new(),
            loops: Vec::new(),
            names: Vec::new(),
            all: false,
        }
    }
}

struct Walk<'a> {
    tree: &'a Template,
    loop_name: Option<Symbol>,
    out: Resolved,
    /// Where in its scope a variable stands.
    places: Map<(Part, Symbol), usize>,
    units: Vec<Unit>,
    /// Which unit has noted a name last.
    seen: Vec<u32>,
    n_units: u32,
}

impl<'a> Walk<'a> {
    /// Note a name of the innermost unit. Nobody asks for those of the
    /// template itself.
    fn note(&mut self, name: Symbol) {
        if let [_, .., unit] = self.units.as_mut_slice()
            && let Some(seen) = self.seen.get_mut(name.index())
            && *seen != unit.number
        {
            *seen = unit.number;
            unit.names.push(name);
        }
    }

    fn mention(&mut self, name: Symbol) {
        self.note(name);
        if Some(name) == self.loop_name {
            self.use_loop(true);
        }
    }

    /// The loop object of the innermost loop is used.
    fn use_loop(&mut self, escapes: bool) {
        let mut crossed = false;
        for unit in self.units.iter().rev() {
            if let Some(&stmt) = unit.loops.last() {
                let used = self.out.loops.entry(stmt).or_default();
                used.mentioned = true;
                used.escapes |= escapes || crossed;
                return;
            }
            if !unit.sees_out {
                return;
            }
            crossed = true;
        }
    }

    /// Another template sees everything from here.
    fn show_all(&mut self) {
        if let Some(unit) = self.units.last_mut() {
            unit.all = true;
        }
        self.use_loop(true);
    }

    /// A `set` of a name.
    fn assign(&mut self, name: Symbol) {
        self.note(name);
        let mut shared = false;
        for unit in self.units.iter().rev() {
            if let Some(&part) = unit.scopes.last() {
                self.declare(part, name, shared);
                return;
            }
            if !unit.sees_out {
                return;
            }
            shared = true;
        }
    }

    fn declare(&mut self, part: Part, name: Symbol, shared: bool) {
        let variables = self.out.scopes.entry(part).or_default();
        let at = *self.places.entry((part, name)).or_insert_with(|| {
            variables.push((name, false));
            variables.len() - 1
        });
        if let Some(variable) = variables.get_mut(at) {
            variable.1 |= shared;
        }
    }

    fn assign_target(&mut self, target: &Target) {
        match target {
            Target::Name(ident) => self.assign(ident.name),
            Target::Tuple(targets, _) => {
                for target in targets {
                    self.assign_target(target);
                }
            }
        }
    }

    /// Walk through a unit of its own.
    fn unit(&mut self, part: Part, sees_out: bool, walk: impl FnOnce(&mut Self)) {
        self.n_units = self.n_units.saturating_add(1);
        self.units.push(Unit {
            number: self.n_units,
            ..Unit::new(sees_out)
        });
        walk(self);
        let Some(unit) = self.units.pop() else { return };
        let mut names = unit.names;
        names.sort_unstable();
        names.dedup();
        if let [.., outer] = self.units.as_mut_slice() {
            outer.all |= unit.all && sees_out;
        }
        for &name in &names {
            self.note(name);
        }
        let all = unit.all;
        self.out.units.insert(part, Mentions { names, all });
    }

    /// Walk through a body that is a scope.
    fn scope(&mut self, part: Part, body: &'a Body) {
        if let Some(unit) = self.units.last_mut() {
            unit.scopes.push(part);
        }
        self.body(body);
        if let Some(unit) = self.units.last_mut() {
            unit.scopes.pop();
        }
    }

    fn body(&mut self, body: &'a Body) {
        for &id in body {
            self.stmt(id);
        }
    }

    fn stmt(&mut self, id: StmtId) {
        let tree = self.tree;
        match &tree.stmt(id).stmt {
            Stmt::Text(_)
            | Stmt::Break
            | Stmt::Continue
            | Stmt::Yield(_)
            | Stmt::Template(_)
            | Stmt::Stack(_)
            | Stmt::Flush => {}
            Stmt::Output(expr) | Stmt::Extends(expr) => self.expr(*expr),
            Stmt::If(it) => {
                for (part, (condition, body, _)) in it.branches.iter().enumerate() {
                    self.expr(*condition);
                    self.scope((id, part as u32), body);
                }
                if let Some(body) = &it.otherwise {
                    self.scope((id, it.branches.len() as u32), body);
                }
            }
            Stmt::For(it) => {
                self.expr(it.source);
                if let Some(unit) = self.units.last_mut() {
                    unit.loops.push(id);
                }
                self.exprs(&it.condition);
                self.scope((id, 0), &it.body);
                if let Some(unit) = self.units.last_mut() {
                    unit.loops.pop();
                }
                self.bodies(&it.otherwise);
            }
            Stmt::While { condition, body } => {
                self.expr(*condition);
                self.scope((id, 0), body);
            }
            Stmt::Match(it) => {
                self.exprs(&it.subject);
                for case in &it.cases {
                    self.expr(case.pattern);
                    self.exprs(&case.guard);
                    self.body(&case.body);
                }
            }
            Stmt::Assign(it) => {
                for (target, _, value) in &it.items {
                    self.expr(*value);
                    if it.kind == AssignKind::Set {
                        self.assign_target(target);
                    } else {
                        self.mention_target(target);
                    }
                }
            }
            Stmt::Capture { filter, body, .. } => {
                if let Some(filter) = filter {
                    self.args(&filter.args);
                }
                self.body(body);
            }
            Stmt::With { bindings, body } => {
                for (_, value) in bindings {
                    self.expr(*value);
                }
                self.body(body);
            }
            Stmt::WithValue(it) => {
                self.expr(it.value);
                self.body(&it.body);
                self.bodies(&it.otherwise);
            }
            Stmt::Def(it) => {
                for param in &it.params {
                    self.exprs(&param.default);
                }
                self.unit((id, 0), false, |walk| {
                    for param in &it.params {
                        walk.exprs(&param.default);
                    }
                    walk.body(&it.body);
                });
            }
            Stmt::Call(it) => {
                self.expr(it.callee);
                for (part, content) in it.contents.iter().enumerate() {
                    self.unit((id, part as u32), true, |walk| walk.body(&content.body));
                }
            }
            Stmt::Slot(it) => {
                for (_, value) in &it.bindings {
                    self.expr(*value);
                }
                self.body(&it.fallback);
            }
            Stmt::Import { template, .. } | Stmt::From { template, .. } => self.expr(*template),
            Stmt::Block(it) => {
                self.exprs(&it.condition);
                self.unit((id, 0), false, |walk| walk.body(&it.body));
            }
            Stmt::Include { template, .. } => {
                self.expr(*template);
                self.show_all();
            }
            Stmt::Embed {
                template,
                overrides,
                ..
            } => {
                self.expr(*template);
                self.show_all();
                for &block in overrides {
                    match &tree.stmt(block).stmt {
                        Stmt::Block(it) => {
                            self.exprs(&it.condition);
                            self.unit((block, 0), true, |walk| walk.body(&it.body));
                        }
                        _ => self.stmt(block),
                    }
                }
            }
            Stmt::Globals(body) | Stmt::Spaceless(body) | Stmt::Push { body, .. } => {
                self.body(body);
            }
            Stmt::Provide { value, body, .. } => {
                self.expr(*value);
                self.body(body);
            }
            Stmt::Try {
                body,
                name,
                fallback,
            } => {
                self.body(body);
                match name {
                    Some(name) => {
                        self.declare((id, FALLBACK), name.name, false);
                        self.scope((id, FALLBACK), fallback);
                    }
                    None => self.body(fallback),
                }
            }
            Stmt::Cache {
                key,
                ttl,
                depends,
                body,
            } => {
                self.expr(*key);
                self.exprs(ttl);
                self.exprs(depends);
                self.body(body);
            }
            Stmt::FilterBlock { filter, body } => {
                self.args(&filter.args);
                self.body(body);
            }
            Stmt::Trans(it) => {
                for (_, value) in &it.bindings {
                    self.expr(*value);
                }
            }
        }
    }

    fn mention_target(&mut self, target: &Target) {
        match target {
            // `??=` looks the name up.
            Target::Name(ident) => {
                self.note(ident.name);
            }
            Target::Tuple(targets, _) => {
                for target in targets {
                    self.mention_target(target);
                }
            }
        }
    }
}
