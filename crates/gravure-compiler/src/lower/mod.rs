//! Tree to ops: the state of a compilation, and what every statement uses.
//!
//! A file a family: `expr`, `constants`, `operators`, `comparisons`,
//! `conditions`, `postfix`, `filters`, `guards` and `names` for expressions;
//! `assign`, `control`, `loops`, `pattern`, `buffers`, `functions`, `blocks`
//! and `templates` for statements; `units` begins and ends protos, `emit` is
//! what all of them write with.
//!
//! Two habits hold everywhere. Who lowers an expression says where it wants
//! the value (`want`), and is told where it is. And temps are given back in
//! the reverse order: a statement ends with as many registers as it began.
//!
//! Code that cannot run is lowered all the same, with `dead` counted up:
//! nothing is written then, but names are checked and blocks exist.

mod assign;
mod blocks;
mod buffers;
mod comparisons;
mod conditions;
mod constants;
mod control;
mod emit;
mod expr;
mod filters;
mod functions;
mod guards;
mod loops;
mod names;
mod operators;
mod pattern;
mod postfix;
mod templates;
mod units;

use crate::assemble::{self, Assembled};
use crate::fold::Const;
use crate::maps::{Map, Set, map, set};
use crate::places::Places;
use crate::pool::Pool;
use crate::resolve::{Resolved, resolve};
use crate::share::Sharing;
use crate::unit::{Undo, Unit};
use crate::{CompileOptions, check};
use gravure_bytecode::*;
use gravure_source::{Diagnostic, Span, Symbol};
use gravure_syntax::ast::{self, Body, ExprId, Ident, Stmt, StmtId, Template};

/// A compilation.
pub(crate) struct Compiler<'a> {
    tree: &'a Template,
    source: &'a str,
    options: &'a CompileOptions<'a>,
    places: Places<'a>,
    resolved: Resolved,
    pool: Pool,
    /// Symbols of the chunk by those of the tree.
    syms: Vec<Option<Sym>>,
    /// The values of operators that were looked at, if they are constant.
    known: Map<ExprId, Option<Const>>,
    /// Which expressions count as computed.
    computed: Vec<Option<bool>>,
    protos: Vec<Option<Assembled>>,
    /// Protos of blocks and of defs that take nothing from around them.
    done: Map<StmtId, ProtoId>,
    blocks: Vec<blocks::Found>,
    dependencies: Vec<Dependency>,
    seen_dependencies: Set<Dependency>,
    first_async: Option<Span>,
    /// The proto that is being written, and those around it.
    unit: Unit<'a>,
    outer: Vec<Unit<'a>>,
    /// Units that are finished, for their memory.
    spare: Vec<Unit<'a>>,
    sharing: Sharing,
    /// More than 0: nothing is written.
    dead: u32,
    /// How many statements around the place forbid a `def`.
    control: u32,
    /// The place that errors of the next ops point at.
    span: Span,
    findings: Vec<Diagnostic>,
    warnings: Vec<Diagnostic>,
    is_too_large: bool,
    /// How many names were shown to includes and contents.
    n_shown: usize,
    /// How many ops were written to leave loops.
    n_undone: usize,
    underscore: Option<Symbol>,
    /// The name of loop objects; one more than the tree has, if it has none.
    loop_name: Symbol,
    caller_name: Option<Symbol>,
    has_slot_name: Option<Symbol>,
    filters: Option<Vec<String>>,
    predicates: Option<Vec<String>>,
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(
        tree: &'a Template,
        source: &'a str,
        options: &'a CompileOptions<'a>,
    ) -> Self {
        let mut pool = Pool::new(source.len());
        let empty = pool.sym("").unwrap_or(Sym(0));
        Self {
            tree,
            source,
            options,
            places: Places::new(source),
            resolved: resolve(tree),
            pool,
            syms: vec![None; tree.names.len() + 1],
            known: map(),
            computed: vec![None; tree.exprs.len()],
            protos: Vec::new(),
            done: map(),
            blocks: Vec::new(),
            dependencies: Vec::new(),
            seen_dependencies: set(),
            first_async: None,
            unit: Unit::new(ProtoId(0), ProtoKind::Main, empty),
            outer: Vec::new(),
            spare: Vec::new(),
            sharing: Sharing::default(),
            dead: 0,
            control: 0,
            span: Span::default(),
            findings: Vec::new(),
            warnings: Vec::new(),
            is_too_large: false,
            n_shown: 0,
            n_undone: 0,
            underscore: tree.names.get("_"),
            loop_name: loop_name(tree),
            caller_name: tree.names.get("caller"),
            has_slot_name: tree.names.get("has_slot"),
            filters: None,
            predicates: None,
        }
    }

    /// Compile everything.
    pub(crate) fn run(mut self) -> Result<(Draft, Vec<Diagnostic>), Vec<Diagnostic>> {
        let parent = self.lower_main();
        let setup = self.lower_setup();
        let mut draft = Draft {
            name: self.options.name.to_owned(),
            escape: self.options.escape,
            setup,
            ..Draft::default()
        };
        draft.extends = parent.is_some();
        draft.parent = parent.flatten();
        draft.blocks = self.block_table();
        draft.first_async = self.first_async.map(|span| {
            let place = self.places.of(span);
            (place.line, place.column)
        });
        draft.dependencies = std::mem::take(&mut self.dependencies);
        draft.source = self.options.keep_source.then(|| self.source.into());
        let fits = assemble::link(std::mem::take(&mut self.protos), &mut draft);
        let pool = std::mem::replace(&mut self.pool, Pool::new(0));
        if !pool.fill(&mut draft) || draft.text.len() > limits::TEXT_BYTES {
            self.too_large("bytes");
        }
        if !fits || draft.code.len() > limits::CODE_WORDS {
            self.too_large("instructions");
        }
        if draft.name.len() > limits::NAME_BYTES {
            self.too_large("bytes in its name");
        }
        if draft.blocks.len() > limits::BLOCKS || draft.dependencies.len() > limits::DEPENDENCIES {
            self.too_large("blocks and names of other templates");
        }
        self.warnings.extend(crate::warn::lost_sets(self.tree));
        sort(&mut self.warnings);
        sort(&mut self.findings);
        if self.findings.is_empty() {
            Ok((draft, self.warnings))
        } else {
            Err(self.findings)
        }
    }

    // ---- findings ----

    fn find(&mut self, finding: Diagnostic) {
        self.findings.push(finding);
    }

    /// Something cannot be numbered: found once, at the place of now.
    fn too_large(&mut self, what: &str) {
        if !self.is_too_large {
            self.is_too_large = true;
            let finding = check::too_large(what, self.span);
            self.find(finding);
        }
    }

    fn or_too_large<T>(&mut self, number: Option<T>, none: T, what: &str) -> T {
        match number {
            Some(number) => number,
            None => {
                self.too_large(what);
                none
            }
        }
    }

    // ---- statements ----

    fn body(&mut self, body: &'a Body) {
        for &id in body {
            self.stmt(id);
        }
    }

    /// Lower what cannot run: only to check it.
    fn dead(&mut self, lower: impl FnOnce(&mut Self)) {
        self.dead += 1;
        let mark = self.mark();
        lower(self);
        self.release(mark);
        self.dead -= 1;
    }

    /// Lower a body in which a `def` may not stand.
    fn controlled(&mut self, lower: impl FnOnce(&mut Self)) {
        self.control += 1;
        lower(self);
        self.control -= 1;
    }

    fn undoing(&mut self, undo: Undo<'a>, lower: impl FnOnce(&mut Self)) {
        self.unit.undo.push(undo);
        lower(self);
        self.unit.undo.pop();
    }

    fn stmt(&mut self, id: StmtId) {
        let tree = self.tree;
        let node = tree.stmt(id);
        let span = node.span;
        let mark = self.mark();
        match &node.stmt {
            Stmt::Text(text) => self.text(text.of(self.source), *text),
            Stmt::Output(expr) => self.output(*expr),
            Stmt::If(it) => self.lower_if(id, it),
            Stmt::For(it) => self.lower_for(id, it, span),
            Stmt::While { condition, body } => self.lower_while(id, *condition, body, span),
            Stmt::Break => self.leave_loop(true),
            Stmt::Continue => self.leave_loop(false),
            Stmt::Match(it) => self.lower_match(it, span),
            Stmt::Assign(it) => self.lower_assign(it, span),
            Stmt::Capture { name, filter, body } => self.lower_capture(*name, filter, body, span),
            Stmt::With { bindings, body } => self.lower_with(bindings, body, span),
            Stmt::WithValue(it) => self.lower_with_value(it, span),
            Stmt::Def(it) => self.lower_def(id, it, span),
            Stmt::Call(it) => self.lower_call(id, it, span),
            Stmt::Slot(it) => self.lower_slot(it, span),
            Stmt::Yield(name) => self.lower_yield(*name, span),
            Stmt::Import {
                template,
                name,
                with_context,
            } => self.lower_import(*template, *name, *with_context, span),
            Stmt::From {
                template,
                names,
                with_context,
            } => self.lower_from(*template, names, *with_context, span),
            // At the top level it was dealt with; here it is out of place.
            Stmt::Extends(name) => self.misplaced_extends(*name, span),
            Stmt::Block(it) => self.lower_block(id, it, span),
            Stmt::Include {
                template,
                context,
                ignore_missing,
            } => self.lower_include(*template, *context, *ignore_missing, span),
            Stmt::Embed {
                template,
                context,
                overrides,
            } => self.lower_embed(*template, *context, overrides, span),
            Stmt::Globals(body) => self.body(body),
            Stmt::Template(_) => {}
            Stmt::Provide { name, value, body } => self.lower_provide(*name, *value, body, span),
            Stmt::Push { name, body } => self.lower_push(*name, body, span),
            Stmt::Stack(name) => {
                let sym = self.sym(name.name);
                self.emit_at(span, Op::Stack { sym });
            }
            Stmt::Try {
                body,
                name,
                fallback,
            } => self.lower_try(id, body, *name, fallback, span),
            Stmt::Cache {
                key,
                ttl,
                depends,
                body,
            } => self.lower_cache(*key, *ttl, *depends, body, span),
            Stmt::FilterBlock { filter, body } => self.lower_filter_block(filter, body, span),
            Stmt::Spaceless(body) => self.lower_spaceless(body, span),
            Stmt::Flush => self.emit_at(span, Op::Flush {}),
            Stmt::Trans(it) => self.lower_trans(it, span),
        }
        debug_assert!(
            self.is_too_large || mark == self.mark(),
            "a statement kept a register"
        );
    }

    fn name(&self, ident: Ident) -> &'a str {
        self.tree.name(ident.name)
    }

    fn expr_span(&self, id: ExprId) -> Span {
        self.tree.expr(id).span
    }

    /// The names of all filters, asked for once.
    fn filter_names(&mut self) -> &[String] {
        let natives = self.options.natives;
        self.filters.get_or_insert_with(|| natives.filter_names())
    }

    /// The names of all tests, asked for once.
    fn predicate_names(&mut self) -> &[String] {
        let natives = self.options.natives;
        self.predicates
            .get_or_insert_with(|| natives.predicate_names())
    }

    fn warn_coalesced_filters(&mut self, whole: Span, items: &[ExprId]) {
        for &item in items.iter().skip(1) {
            let node = self.tree.expr(item);
            if let ast::Expr::Filter { steps, .. } = &node.expr
                && !node.grouped
                && let Some(step) = steps.first()
            {
                let at = step.name.span;
                let warning = check::coalesced_filter(self.source, whole, node.span, at);
                self.warnings.push(warning);
            }
        }
    }
}

/// The name of loop objects. A template that includes another in a loop shows
/// it the loop, whether it says the word itself or not.
fn loop_name(tree: &Template) -> Symbol {
    let more = u32::try_from(tree.names.len()).unwrap_or(u32::MAX);
    tree.names.get("loop").unwrap_or(Symbol(more))
}

/// By place; what was found twice is said once.
fn sort(findings: &mut Vec<Diagnostic>) {
    findings.sort_by_key(|it| (it.span.start, it.span.end, it.code));
    let mut seen = set();
    findings.retain(|it| seen.insert((it.span.start, it.span.end, it.code)));
}
