//! `set` inside an `if` whose value is gone where it is read.
//!
//! In: a tree. Out: `K-WARN-002` at each such `set`. The walk follows the text
//! from top to bottom and keeps, for each open scope, what was written in it
//! and what blocks inside it have lost. It says nothing where it is not sure: a
//! later write of the name takes the suspicion away, defs are looked at alone,
//! and content of a call may be given the name by its slot.
//!
//! It recurses as deep as the tree is nested, like all of this crate.

use crate::maps::{Map, map};
use gravure_source::{Code, Diagnostic, Span, Symbol};
use gravure_syntax::ast::*;
use std::collections::{BTreeMap, BTreeSet};

/// All such places, in no order.
pub(crate) fn lost_sets(tree: &Template) -> Vec<Diagnostic> {
    let is_set =
        |id: &&StmtNode| matches!(&id.stmt, Stmt::Assign(it) if it.kind == AssignKind::Set);
    let n_all = tree.stmts.iter().filter(is_set).count();
    let n_top = tree
        .body
        .iter()
        .map(|&id| tree.stmt(id))
        .filter(is_set)
        .count();
    if n_all == n_top {
        // Nearly all templates: no `set` is inside of anything.
        return Vec::new();
    }
    let mut walk = Walk {
        tree,
        unit: Unit::default(),
        n_contents: 0,
        found: Vec::new(),
    };
    walk.body(&tree.body);
    walk.found
}

struct Walk<'a> {
    tree: &'a Template,
    unit: Unit,
    /// Contents of calls that are open.
    n_contents: u32,
    found: Vec<Diagnostic>,
}

/// A def, a region, or all the rest.
struct Unit {
    /// Open scopes; the first stands for the context.
    frames: Vec<Frame>,
    /// How often names of the place, which no `set` changes, are bound.
    locals: Map<Symbol, u32>,
    /// Names that `let` or `export` has written.
    lasting: BTreeSet<Symbol>,
    /// How often another template saw every name.
    n_shown: u32,
}

impl Default for Unit {
    fn default() -> Self {
        Self {
            frames: vec![Frame::default()],
            locals: map(),
            lasting: BTreeSet::new(),
            n_shown: 0,
        }
    }
}

#[derive(Default)]
struct Frame {
    written: BTreeMap<Symbol, Written>,
    /// `set` in blocks inside that have ended.
    lost: BTreeMap<Symbol, Vec<Span>>,
}

struct Written {
    span: Span,
    is_read: bool,
    /// How often another template had seen every name by then.
    n_shown: u32,
    /// Is there a variable of the whole template behind it?
    hides: bool,
}

impl<'a> Walk<'a> {
    fn read(&mut self, ident: Ident) {
        if self.unit.locals.get(&ident.name).is_some_and(|&n| n > 0) {
            return;
        }
        for frame in self.unit.frames.iter_mut().rev() {
            if self.n_contents == 0
                && let Some(spans) = frame.lost.remove(&ident.name)
            {
                let name = self.tree.name(ident.name);
                let found = spans.into_iter().map(|span| gone(name, span, ident.span));
                self.found.extend(found);
                return;
            }
            if let Some(written) = frame.written.get_mut(&ident.name) {
                written.is_read = true;
                return;
            }
        }
    }

    /// Another template sees every name.
    fn show_all(&mut self) {
        self.unit.n_shown = self.unit.n_shown.saturating_add(1);
    }

    /// `set` of a name.
    fn set(&mut self, ident: Ident) {
        let is_scope = self.unit.frames.len() > 1;
        let hides = is_scope && self.unit.lasting.contains(&ident.name);
        let Some(frame) = self.unit.frames.last_mut() else {
            return;
        };
        frame.lost.remove(&ident.name);
        let written = frame.written.entry(ident.name).or_insert(Written {
            span: ident.span,
            is_read: false,
            n_shown: self.unit.n_shown,
            hides,
        });
        written.span = ident.span;
    }

    /// A write to the context.
    fn keep(&mut self, name: Symbol) {
        for frame in &mut self.unit.frames {
            frame.lost.remove(&name);
        }
        self.unit.lasting.insert(name);
    }

    /// A branch of an `if`; what it loses.
    fn branch(&mut self, body: &'a Body) -> Vec<(Symbol, Span)> {
        let frame = self.scope(body);
        let mut lost = listed(frame.lost);
        for (name, written) in frame.written {
            let is_read = written.is_read || self.unit.n_shown > written.n_shown;
            if written.hides && !is_read {
                self.found.push(hidden(self.tree.name(name), written.span));
            } else {
                lost.push((name, written.span));
            }
        }
        lost
    }

    /// A scope of a loop: what it writes is meant for one round.
    fn round(&mut self, body: &'a Body) {
        let frame = self.scope(body);
        self.lose(listed(frame.lost));
    }

    fn scope(&mut self, body: &'a Body) -> Frame {
        self.unit.frames.push(Frame::default());
        self.body(body);
        self.unit.frames.pop().unwrap_or_default()
    }

    fn lose(&mut self, lost: Vec<(Symbol, Span)>) {
        if let Some(frame) = self.unit.frames.last_mut() {
            for (name, span) in lost {
                frame.lost.entry(name).or_default().push(span);
            }
        }
    }

    /// With some names of the place in force.
    fn with_locals(&mut self, names: Vec<Symbol>, walk: impl FnOnce(&mut Self)) {
        for &name in &names {
            *self.unit.locals.entry(name).or_default() += 1;
        }
        walk(self);
        for name in &names {
            if let Some(n) = self.unit.locals.get_mut(name) {
                *n -= 1;
            }
        }
    }

    fn body(&mut self, body: &'a Body) {
        for &id in body {
            self.stmt(id);
        }
    }

    fn bodies(&mut self, body: &'a Option<Body>) {
        if let Some(body) = body {
            self.body(body);
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
                let mut lost = Vec::new();
                for (condition, body, _) in &it.branches {
                    self.expr(*condition);
                    lost.extend(self.branch(body));
                }
                if let Some(body) = &it.otherwise {
                    lost.extend(self.branch(body));
                }
                // Only now: branches never see each other.
                self.lose(lost);
            }
            Stmt::For(it) => {
                self.expr(it.source);
                let mut names = names_of(&it.target);
                names.extend(tree.names.get("loop"));
                self.with_locals(names, |walk| {
                    walk.exprs(&it.condition);
                    walk.round(&it.body);
                });
                self.bodies(&it.otherwise);
            }
            Stmt::While { condition, body } => {
                self.expr(*condition);
                self.round(body);
            }
            Stmt::Match(it) => {
                self.exprs(&it.subject);
                for case in &it.cases {
                    let mut names = Vec::new();
                    self.pattern(case.pattern, &mut names);
                    self.with_locals(names, |walk| {
                        walk.exprs(&case.guard);
                        walk.body(&case.body);
                    });
                }
            }
            Stmt::Assign(it) => self.assign(it),
            Stmt::Capture { name, filter, body } => {
                self.steps(filter);
                self.body(body);
                self.keep(name.name);
            }
            Stmt::With { bindings, body } => {
                for &(_, value) in bindings {
                    self.expr(value);
                }
                let names = bindings.iter().map(|(name, _)| name.name).collect();
                self.with_locals(names, |walk| walk.body(body));
            }
            Stmt::WithValue(it) => {
                self.expr(it.value);
                self.with_locals(names_of(&it.target), |walk| walk.body(&it.body));
                self.bodies(&it.otherwise);
            }
            Stmt::Def(it) => self.def(it),
            Stmt::Call(it) => {
                self.expr(it.callee);
                self.n_contents += 1;
                for content in &it.contents {
                    self.body(&content.body);
                }
                self.n_contents -= 1;
            }
            Stmt::Slot(it) => {
                for &(_, value) in &it.bindings {
                    self.expr(value);
                }
                self.body(&it.fallback);
            }
            Stmt::Import { template, name, .. } => {
                self.expr(*template);
                self.keep(name.name);
            }
            Stmt::From {
                template, names, ..
            } => {
                self.expr(*template);
                for (_, name) in names {
                    self.keep(name.name);
                }
            }
            Stmt::Block(it) => {
                self.exprs(&it.condition);
                self.body(&it.body);
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
                self.body(overrides);
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
                        self.with_locals(vec![name.name], |walk| walk.round(fallback));
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
                for &(_, value) in &it.bindings {
                    self.expr(value);
                }
            }
        }
    }

    fn assign(&mut self, it: &'a Assign) {
        for (target, only_missing, value) in &it.items {
            self.expr(*value);
            let mut idents = Vec::new();
            idents_of(target, &mut idents);
            for ident in idents {
                if *only_missing {
                    self.read(ident);
                }
                match it.kind {
                    AssignKind::Set => self.set(ident),
                    AssignKind::Let | AssignKind::Export => self.keep(ident.name),
                }
            }
        }
    }

    fn def(&mut self, it: &'a Def) {
        for param in &it.params {
            self.exprs(&param.default);
        }
        self.keep(it.name.name);
        let outer = std::mem::take(&mut self.unit);
        let n_contents = std::mem::take(&mut self.n_contents);
        let names = it.params.iter().map(|param| param.name.name).collect();
        self.with_locals(names, |walk| walk.body(&it.body));
        self.unit = outer;
        self.n_contents = n_contents;
    }

    fn pattern(&mut self, id: ExprId, names: &mut Vec<Symbol>) {
        let tree = self.tree;
        match &tree.expr(id).expr {
            Expr::Name(ident) => names.push(ident.name),
            Expr::Tuple(items) => {
                for &item in items {
                    self.pattern(item, names);
                }
            }
            _ => self.expr(id),
        }
    }

    fn exprs(&mut self, expr: &Option<ExprId>) {
        if let Some(expr) = expr {
            self.expr(*expr);
        }
    }

    fn each(&mut self, items: &'a [ExprId]) {
        for &item in items {
            self.expr(item);
        }
    }

    fn args(&mut self, args: &'a Args) {
        self.each(&args.positional);
        for &(_, expr) in &args.named {
            self.expr(expr);
        }
    }

    fn steps(&mut self, steps: impl IntoIterator<Item = &'a FilterStep>) {
        for step in steps {
            self.args(&step.args);
        }
    }

    fn expr(&mut self, id: ExprId) {
        let tree = self.tree;
        match &tree.expr(id).expr {
            Expr::Lit(_) => {}
            Expr::Name(ident) => self.read(*ident),
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
                self.with_locals(names_of(&it.target), |walk| {
                    walk.exprs(&it.condition);
                    walk.expr(it.element);
                });
            }
            Expr::Postfix { base, steps } => {
                self.expr(*base);
                for step in steps {
                    self.step(&step.kind);
                }
            }
            Expr::Prefix { operand, .. } => self.expr(*operand),
            Expr::Binary { first, rest } => {
                self.expr(*first);
                for &(_, _, expr) in rest {
                    self.expr(expr);
                }
            }
            Expr::Power { base, exponent, .. } => {
                self.expr(*base);
                self.expr(*exponent);
            }
            Expr::Filter { base, steps } => {
                self.expr(*base);
                self.steps(steps);
            }
            Expr::Test { operand, tests } => {
                self.expr(*operand);
                for test in tests {
                    self.args(&test.args);
                }
            }
            Expr::Compare { first, rest } => {
                self.expr(*first);
                for &(_, _, expr) in rest {
                    self.expr(expr);
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

    fn step(&mut self, kind: &'a StepKind) {
        match kind {
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

fn listed(lost: BTreeMap<Symbol, Vec<Span>>) -> Vec<(Symbol, Span)> {
    let each = |(name, spans): (Symbol, Vec<Span>)| spans.into_iter().map(move |span| (name, span));
    lost.into_iter().flat_map(each).collect()
}

fn names_of(target: &Target) -> Vec<Symbol> {
    let mut idents = Vec::new();
    idents_of(target, &mut idents);
    idents.into_iter().map(|ident| ident.name).collect()
}

fn idents_of(target: &Target, idents: &mut Vec<Ident>) {
    match target {
        Target::Name(ident) => idents.push(*ident),
        Target::Tuple(targets, _) => {
            for target in targets {
                idents_of(target, idents);
            }
        }
    }
}

/// A `set` whose value does not reach the place where its name is read.
fn gone(name: &str, set: Span, read: Span) -> Diagnostic {
    let message =
        format!("`{name}` is set inside an `if` and read after it, where the value is gone");
    Diagnostic::new(Code::WarnSetScope, set, message)
        .label("ends with the block")
        .related(read, "read here")
        .help(format!(
            "write `let {name} = …` or `export {name} = …` to keep it"
        ))
}

/// A `set` that was probably meant for a variable of the whole template.
fn hidden(name: &str, set: Span) -> Diagnostic {
    let message =
        format!("`{name}` is set inside an `if` and does not change the template's `{name}`");
    Diagnostic::new(Code::WarnSetScope, set, message)
        .label("ends with the block")
        .help(format!(
            "write `let {name} = …` or `export {name} = …` to change it"
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_syntax::{SyntaxOptions, parse};

    /// A template, and the names whose `set` is warned of, with `!` where it
    /// hides a variable of the template; in the order of their places.
    #[track_caller]
    fn check(source: &str, expected: &str) {
        let tree = parse(source, &SyntaxOptions::default()).unwrap();
        let mut found = lost_sets(&tree);
        found.sort_by_key(|it| it.span.start);
        let shown = found.iter().map(|it| {
            let mark = if it.related.is_empty() { "!" } else { "" };
            let read = it.related.first().map_or(0, |(span, _)| span.start);
            assert!(read == 0 || read > it.span.end);
            format!("{}{mark}", it.span.of(source))
        });
        assert_eq!(shown.collect::<Vec<_>>().join(" "), expected, "{source}");
    }

    #[test]
    fn a_read_behind_the_block() {
        check("{% if a %}{% set x = 1 %}{% end %}{{ x }}", "x");
        check(
            "{% set x = 0 %}{% if a %}{% set x = 1 %}{% end %}{{ x }}",
            "x",
        );
        check(
            "{% if a %}{% set x = 1 %}{% else %}{% set x = 2 %}{% end %}{{ x }}",
            "x x",
        );
        check("{% unless a %}{% set x, y = 1, 2 %}{% end %}{{ y }}", "y");
        check(
            "{% if a %}{% set x = 1 %}{% end %}{% if b %}{{ f(x).y[0] | g }}{% end %}",
            "x",
        );
        check(
            "{% if a %}{% if b %}{% set x = 1 %}{% end %}{% end %}{{ x }}",
            "x",
        );
        check(
            "{% for i in l %}{% if i %}{% set x = 1 %}{% end %}{% end %}{{ x }}",
            "x",
        );
        check(
            "{% for i in l %}{% set x = 0 %}{% if i %}{% set x = 1 %}{% end %}{{ x }}{% end %}",
            "x",
        );
        check(
            "{% if a %}{% with b = 1 %}{% set x = 1 %}{% end %}{% end %}{{ x }}",
            "x",
        );
        check(
            "{% if a %}{% set x = 1 %}{% end %}{% block b %}{{ x }}{% end %}",
            "x",
        );
        check(
            "{% def f() %}{% if a %}{% set x = 1 %}{% end %}{{ x }}{% end %}",
            "x",
        );
        check(
            "{% if a %}{% set x = 1 %}{% end %}{% set y = x %}{{ x }}",
            "x",
        );
        check("{% if a %}{% set x = 1 %}{% end %}{% set x ??= 2 %}", "x");
    }

    #[test]
    fn a_read_inside_the_block() {
        check("{% if a %}{% set x = 1 %}{{ x }}{% end %}", "");
        check(
            "{% if a %}{% set x = 1 %}{% if b %}{{ x }}{% end %}{% end %}",
            "",
        );
        check(
            "{% if a %}{% set x = 1 %}{% elif x %}{{ x }}{% else %}{{ x }}{% end %}",
            "",
        );
        check(
            "{% if a %}{% set x = 1 %}{{ x }}{% end %}{% if b %}{% set x = 2 %}{{ x }}{% end %}",
            "",
        );
    }

    #[test]
    fn a_name_that_means_something_else_by_then() {
        let set = "{% if a %}{% set x = 1 %}{{ x }}{% end %}";
        for rest in [
            "{% set x = 2 %}{{ x }}",
            "{% let x = 2 %}{{ x }}",
            "{% capture x %}{% end %}{{ x }}",
            "{% import 'a' as x %}{{ x }}",
            "{% from 'a' import y as x %}{{ x }}",
            "{% def x() %}{% end %}{{ x() }}",
            "{% for x in l %}{{ x }}{% end %}",
            "{% with x = 2 %}{{ x }}{% end %}",
            "{% with y as x %}{{ x }}{% end %}",
            "{% match y %}{% case (x, 1) %}{{ x }}{% end %}",
            "{% try %}{% fallback x %}{{ x }}{% end %}",
            "{% def f(x) %}{{ x }}{% end %}",
            "{% def f() %}{{ x }}{% end %}",
            "{% call f() %}{{ x }}{% end %}",
            "{{ [x for x in l] }}{{ y.x }}{{ f(x=1) }}",
        ] {
            check(&format!("{set}{rest}"), "");
        }
    }

    #[test]
    fn a_variable_of_the_template_that_stays_as_it_was() {
        check("{% let x = 0 %}{% if a %}{% set x = 1 %}{% end %}", "x!");
        check(
            "{% export x = 0 %}{% if a %}{% set x = 1 %}{% end %}{{ x }}",
            "x!",
        );
        check(
            "{% let x = 0 %}{% if a %}{% set x = 1 %}{{ x }}{% end %}",
            "",
        );
        check(
            "{% let x = 0 %}{% if a %}{% set x = 1 %}{{ x }}{% end %}{{ x }}",
            "x",
        );
        check(
            "{% let x = 0 %}{% if a %}{% set x = 1 %}{% include 'a' %}{% end %}",
            "",
        );
        check("{% if a %}{% set x = 1 %}{% end %}{% let x = 0 %}", "");
    }

    struct Nothing;

    impl crate::KnownNatives for Nothing {
        fn filter(&self, _: &str) -> bool {
            true
        }
        fn predicate(&self, _: &str) -> bool {
            true
        }
        fn filter_names(&self) -> Vec<String> {
            Vec::new()
        }
        fn predicate_names(&self) -> Vec<String> {
            Vec::new()
        }
    }

    /// As deep as a host may allow, on a thread with little stack.
    #[test]
    fn deep_templates_are_walked_through() {
        for (open, close) in [
            ("{% if a %}{% set x = 1 %}", "{% end %}"),
            (
                "{% def f() %}{% call g() %}{% set x = 1 %}",
                "{% end %}{% end %}",
            ),
            (
                "{% for i in l %}{% if a %}{% set x = 1 %}",
                "{% end %}{% end %}",
            ),
            ("{% if a %}{% set x = [", "] %}{% end %}"),
            (
                "{% match [x for x in (a if b else f(",
                "))] %}{% case 1 %}{% set x = 1 %}{% end %}",
            ),
        ] {
            let walk = move || {
                let mut options = SyntaxOptions::default();
                options.limits.max_nesting = 500;
                let nest = |n: usize| match open.ends_with('[') || open.ends_with('(') {
                    // Only the brackets at the end are repeated.
                    true => {
                        let bracket = &open[open.len() - 1..];
                        let closing = &close[..1];
                        open.to_owned() + &bracket.repeat(n) + &closing.repeat(n) + close
                    }
                    false => open.repeat(n) + &close.repeat(n),
                };
                let trees = [480, 240, 160].map(|n| (parse(&nest(n), &options), nest(n)));
                let deepest = trees
                    .into_iter()
                    .find_map(|(tree, text)| Some((tree.ok()?, text)));
                let (tree, source) = deepest.expect("some depth is allowed");
                assert!(tree.nesting >= 300, "{open}: {}", tree.nesting);
                let options = crate::CompileOptions {
                    name: "",
                    escape: gravure_bytecode::Escape::Html,
                    keep_source: false,
                    natives: &Nothing,
                    optimize: crate::Optimize::default(),
                };
                let _ = crate::compile(&tree, &source, &options);
            };
            let thread = std::thread::Builder::new().stack_size(128 << 10);
            thread.spawn(walk).unwrap().join().unwrap();
        }
    }

    #[test]
    fn other_scopes_and_other_tags_are_left_alone() {
        check("{% for i in l %}{% set x = 1 %}{% end %}{{ x }}", "");
        check("{% if a %}{% let x = 1 %}{% end %}{{ x }}", "");
        check("{% if a %}{% capture x %}{% end %}{% end %}{{ x }}", "");
        check(
            "{% match a %}{% case 1 %}{% set x = 1 %}{% end %}{{ x }}",
            "",
        );
        check("{% set x = 1 %}{{ x }}", "");
    }
}
