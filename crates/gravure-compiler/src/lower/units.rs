//! Where protos begin and end, and the two that every chunk has: main and
//! setup.

use super::Compiler;
use crate::assemble::assemble;
use crate::fold::Const;
use crate::unit::Unit;
use gravure_bytecode::*;
use gravure_syntax::ast::{AssignKind, Body, ExprId, Stmt, StmtId};

impl<'a> Compiler<'a> {
    /// From here on ops go to a new proto. In dead code it is thrown away.
    pub(super) fn begin_unit(&mut self, kind: ProtoKind, name: Sym) {
        let id = if self.is_dead() {
            ProtoId(0)
        } else {
            let id = u16::try_from(self.protos.len()).ok().map(ProtoId);
            self.protos.push(None);
            self.or_too_large(id, ProtoId(0), "blocks and defs")
        };
        let mut unit = match self.spare.pop() {
            Some(spare) => spare.reuse(id, kind, name),
            None => Unit::roomy(id, kind, name),
        };
        unit.is_dead = self.is_dead();
        self.outer.push(std::mem::replace(&mut self.unit, unit));
    }

    /// The proto is complete.
    pub(super) fn finish_unit(&mut self) -> ProtoId {
        self.emit(Op::Ret {});
        let Some(outer) = self.outer.pop() else {
            return self.unit.id;
        };
        let mut unit = std::mem::replace(&mut self.unit, outer);
        let id = unit.id;
        if self.options.optimize.paths {
            self.sharing.share(&mut unit);
        }
        if !unit.is_dead
            && let Some(slot) = self.protos.get_mut(id.index())
        {
            *slot = Some(assemble(&unit));
        }
        self.spare.push(unit);
        id
    }

    /// The main proto. If the template extends another: the literal name, if
    /// it is one.
    pub(super) fn lower_main(&mut self) -> Option<Option<Sym>> {
        let tree = self.tree;
        let extends = tree.body.iter().find_map(|&id| match tree.stmt(id).stmt {
            Stmt::Extends(name) => Some((name, tree.stmt(id).span)),
            _ => None,
        });
        let empty = self.empty_sym();
        self.begin_unit(ProtoKind::Main, empty);
        for &id in &tree.body {
            match &tree.stmt(id).stmt {
                // The first one counts and comes last; others are checked.
                Stmt::Extends(name) => self.dead(|it| it.check_expr(*name)),
                _ if extends.is_none() => self.stmt(id),
                Stmt::Assign(_)
                | Stmt::Def(_)
                | Stmt::Import { .. }
                | Stmt::From { .. }
                | Stmt::Template(_) => self.stmt(id),
                Stmt::Globals(body) => self.lower_quietly(id, body),
                _ => self.dead(|it| it.stmt(id)),
            }
        }
        let parent = extends.map(|(name, span)| {
            let literal = self.literal_name(name, DependencyKind::Extends, span);
            let mark = self.mark();
            let src = self.expr(name, None);
            self.emit_at(span, Op::Extends { src: Src(src) });
            self.release(mark);
            literal
        });
        self.finish_unit();
        parent
    }

    /// What runs before a block is rendered alone.
    pub(super) fn lower_setup(&mut self) -> ProtoId {
        let tree = self.tree;
        let empty = self.empty_sym();
        self.begin_unit(ProtoKind::Setup, empty);
        let steps: [fn(&Stmt) -> bool; 5] = [
            |stmt| matches!(stmt, Stmt::Import { .. } | Stmt::From { .. }),
            |stmt| matches!(stmt, Stmt::Assign(it) if it.kind == AssignKind::Let),
            |stmt| matches!(stmt, Stmt::Def(it) if !it.is_region),
            |stmt| matches!(stmt, Stmt::Def(it) if it.is_region),
            |stmt| matches!(stmt, Stmt::Globals(_)),
        ];
        for takes in steps {
            for &id in &tree.body {
                let stmt = &tree.stmt(id).stmt;
                if takes(stmt) {
                    match stmt {
                        Stmt::Globals(body) => self.lower_quietly(id, body),
                        _ => self.stmt(id),
                    }
                }
            }
        }
        self.finish_unit()
    }

    /// Run a body and drop what it prints.
    fn lower_quietly(&mut self, id: StmtId, body: &'a Body) {
        let span = self.tree.stmt(id).span;
        let mark = self.unit.caps.mark();
        let cap = self.alloc_cap();
        self.emit_at(span, Op::Capture { cap: Cap(cap) });
        let region = self.open_region(RegionKind::Capture { cap }, None);
        self.body(body);
        self.close_region(region);
        self.emit(Op::CaptureDrop { cap: Cap(cap) });
        self.unit.caps.release(mark);
    }

    /// Lower an expression only to check it.
    pub(super) fn check_expr(&mut self, id: ExprId) {
        let mark = self.mark();
        self.expr(id, None);
        self.release(mark);
    }

    /// The text of an expression that is literal text, as a symbol; and the
    /// template is noted as named here.
    pub(super) fn literal_name(
        &mut self,
        id: ExprId,
        kind: DependencyKind,
        tag: gravure_source::Span,
    ) -> Option<Sym> {
        let Some(Const::Str(text)) = self.constant(id) else {
            return None;
        };
        if self.is_dead() {
            return None;
        }
        let name = self.pool.sym(&text);
        let name = self.or_too_large(name, Sym(0), "names");
        let line = self.places.of(tag).line;
        let dependency = Dependency { kind, name, line };
        // The setup names the same ones again.
        if self.seen_dependencies.insert(dependency) {
            self.dependencies.push(dependency);
        }
        Some(name)
    }
}
