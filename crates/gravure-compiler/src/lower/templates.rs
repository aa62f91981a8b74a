//! Tags that bring in other templates: `include`, `embed`, `import`, `from`;
//! and an `extends` out of place.

use super::Compiler;
use crate::check;
use crate::maps::{Map, map};
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{Body, ExprId, Ident, Stmt};

/// Nothing of the context.
const WITHOUT_CONTEXT: u8 = 1;
/// A template that is missing prints nothing.
const IGNORE_MISSING: u8 = 2;
/// On a copy of the context.
const COPY: u8 = 4;
/// An import sees the context.
const WITH_CONTEXT: u8 = 1;
/// An import gives everything, as a dict.
const AS_DICT: u8 = 2;

impl<'a> Compiler<'a> {
    pub(super) fn misplaced_extends(&mut self, name: ExprId, span: Span) {
        self.find(check::misplaced_extends(span));
        self.dead(|this| this.check_expr(name));
    }

    /// The names that a template sees from here, and the flags of the tag.
    fn shown(&mut self, context: bool) -> (NamesId, u8) {
        let mut flags = 0;
        let mut table = Vec::new();
        if context {
            table = self.visible_names();
            if self.unit.is_in_loop() {
                flags |= COPY;
            }
        } else {
            flags |= WITHOUT_CONTEXT;
        }
        if self.is_dead() {
            return (NamesId(0), flags);
        }
        let names = self.pool.names(table);
        (self.or_too_large(names, NamesId(0), "includes"), flags)
    }

    pub(super) fn lower_include(
        &mut self,
        template: ExprId,
        context: bool,
        ignore_missing: bool,
        span: Span,
    ) {
        let mark = self.mark();
        self.literal_name(template, DependencyKind::Include, span);
        let src = Src(self.expr(template, None));
        let (names, mut flags) = self.shown(context);
        if ignore_missing {
            flags |= IGNORE_MISSING;
        }
        self.emit_at(
            span,
            Op::Include {
                src,
                names,
                flags: Small(flags),
            },
        );
        self.release(mark);
    }

    pub(super) fn lower_embed(
        &mut self,
        template: ExprId,
        context: bool,
        blocks: &'a Body,
        span: Span,
    ) {
        let tree = self.tree;
        let mark = self.mark();
        self.literal_name(template, DependencyKind::Embed, span);
        let src = Src(self.expr(template, None));
        let mut table: Vec<Override> = Vec::with_capacity(blocks.len());
        let mut places: Map<Sym, usize> = map();
        for &id in blocks {
            let Stmt::Block(it) = &tree.stmt(id).stmt else {
                continue;
            };
            if let Some(condition) = it.condition {
                self.dead(|this| this.check_expr(condition));
            }
            let proto = self.content((id, 0), it.name, &it.body, false);
            let name = self.sym(it.name.name);
            // Of equal names the last body counts.
            let place = *places.entry(name).or_insert(table.len());
            match table.get_mut(place) {
                Some(known) => known.proto = proto,
                None => table.push(Override { name, proto }),
            }
        }
        let (names, flags) = self.shown(context);
        if !self.is_dead() {
            let overrides = self.pool.overrides(table);
            let overrides = self.or_too_large(overrides, OverrideId(0), "embeds");
            self.emit_at(
                span,
                Op::Embed {
                    src,
                    overrides,
                    names,
                    flags: Small(flags),
                },
            );
        }
        self.release(mark);
    }

    /// `dst ←` the library of a template.
    fn import_library(&mut self, template: ExprId, flags: u8, span: Span) -> u16 {
        let mark = self.mark();
        self.literal_name(template, DependencyKind::Import, span);
        let src = Src(self.expr(template, None));
        self.release(mark);
        let dst = self.alloc();
        self.emit_at(
            span,
            Op::Import {
                dst: Dst(dst),
                src,
                flags: Small(flags),
            },
        );
        dst
    }

    pub(super) fn lower_import(
        &mut self,
        template: ExprId,
        name: Ident,
        with_context: bool,
        span: Span,
    ) {
        let mark = self.mark();
        let context = if with_context { WITH_CONTEXT } else { 0 };
        let library = self.import_library(template, context | AS_DICT, span);
        self.store_name(name.name, library, span);
        self.release(mark);
    }

    pub(super) fn lower_from(
        &mut self,
        template: ExprId,
        names: &'a [(Ident, Ident)],
        with_context: bool,
        span: Span,
    ) {
        let mark = self.mark();
        let context = if with_context { WITH_CONTEXT } else { 0 };
        let library = self.import_library(template, context, span);
        for &(name, alias) in names {
            let inner = self.mark();
            let dst = self.alloc();
            let sym = self.sym(name.name);
            self.emit_at(
                span,
                Op::ImportName {
                    dst: Dst(dst),
                    src: Src(library),
                    sym,
                },
            );
            self.store_name(alias.name, dst, span);
            self.release(inner);
        }
        self.release(mark);
    }
}
