//! `def`, `region`, `call`, `slot`, `yield`.

use super::Compiler;
use super::names::Plan;
use crate::bindings::{Binding, Local, ScopeVar};
use crate::check;
use crate::fold::Const;
use crate::resolve::Part;
use gravure_bytecode::*;
use gravure_source::Span;
use gravure_syntax::ast::{Body, Call, Def, Expr, Ident, Param, ParamKind, Slot, StepKind, StmtId};

impl<'a> Compiler<'a> {
    // ---- def, region ----

    pub(super) fn lower_def(&mut self, id: StmtId, it: &'a Def, span: Span) {
        if self.control > 0 {
            let word = if it.is_region { "region" } else { "def" };
            let finding = check::misplaced_def(word, self.name(it.name), span);
            self.find(finding);
        }
        let mark = self.mark();
        let dst = self.alloc();
        let mut base = None;
        if !it.is_region {
            for default in it.params.iter().filter_map(|param| param.default) {
                let register = self.expr_to_new(default);
                base.get_or_insert(register);
            }
        }
        let proto = self.def_proto(id, it);
        self.emit_at(
            span,
            Op::MakeDef {
                dst: Dst(dst),
                proto,
                base: Base(base.unwrap_or(dst)),
            },
        );
        self.store_name(it.name.name, dst, span);
        self.release(mark);
    }

    fn def_proto(&mut self, id: StmtId, it: &'a Def) -> ProtoId {
        if let Some(&done) = self.done.get(&id) {
            return done;
        }
        // A region sees nothing from around it, and exists, as a block does,
        // even where nobody makes it.
        let dead = self.dead;
        let (kind, plan) = if it.is_region {
            self.dead = 0;
            (ProtoKind::Region, Plan::default())
        } else {
            (ProtoKind::Def, self.plan((id, 0), it.params.len(), true))
        };
        let Plan { captures, captured } = plan;
        let name = self.sym(it.name.name);
        let is_alone = captures.is_empty() && !self.is_dead();
        self.begin_unit(kind, name);
        let params = it.params.iter().map(|param| self.param(param));
        let params: Vec<ProtoParam> = params.collect();
        self.alloc_n(params.len());
        self.alloc_n(captures.len());
        self.unit.params = params;
        self.unit.captures = captures;
        self.unit.captured = captured;
        self.unit.has_caller = true;
        if it.is_region {
            self.region_defaults(&it.params);
        }
        for (register, param) in it.params.iter().enumerate() {
            let register = u16::try_from(register).unwrap_or(u16::MAX);
            self.bind_local(param.name.name, register, Local::Param);
        }
        self.body(&it.body);
        let proto = self.finish_unit();
        if is_alone {
            self.done.insert(id, proto);
        }
        if it.is_region {
            self.add_block(it.name, proto, BlockKind::Region);
        }
        self.dead = dead;
        proto
    }

    fn param(&mut self, param: &Param) -> ProtoParam {
        ProtoParam {
            name: self.sym(param.name.name),
            role: match param.kind {
                ParamKind::Plain => ParamRole::Plain,
                ParamKind::Named => ParamRole::Named,
                ParamKind::Rest => ParamRole::Rest,
                ParamKind::NamedRest => ParamRole::NamedRest,
            },
            has_default: param.default.is_some(),
        }
    }

    /// A region works out the defaults that a call needs itself. A parameter
    /// that is not given hides nothing: `page=page` takes the caller's.
    fn region_defaults(&mut self, params: &'a [Param]) {
        let registers = (0..=u16::MAX)
            .zip(params)
            .map(|(register, param)| ScopeVar {
                name: param.name.name,
                register,
                shared: false,
            });
        let mut variables: Vec<ScopeVar> = registers.collect();
        variables.sort_by_key(|it| it.name);
        self.unit.bindings.push(Binding::Scope(variables));
        for (register, param) in (0..=u16::MAX).zip(params) {
            let Some(default) = param.default else {
                continue;
            };
            let given = self.label();
            self.jump_set(register, given);
            let mark = self.mark();
            let src = self.expr(default, None);
            self.move_to(register, src);
            self.release(mark);
            self.place_label(given);
        }
        self.unit.bindings.pop();
    }

    // ---- call ----

    pub(super) fn lower_call(&mut self, id: StmtId, it: &'a Call, span: Span) {
        let tree = self.tree;
        let mark = self.mark();
        let (base, shape, at) = match &tree.expr(it.callee).expr {
            Expr::Postfix { base, steps }
                if matches!(steps.last().map(|it| &it.kind), Some(StepKind::Call(_))) =>
            {
                let at = steps.last().map_or(span, |step| step.span);
                let (window, shape) = self.call_window(*base, steps, None);
                (window, shape, at)
            }
            // What is no call expression cannot be called with content, be it
            // a def or not.
            _ => {
                let window = self.expr_to_new(it.callee);
                self.load(&Const::None, Some(window));
                (window, self.shape(0, Vec::new()), span)
            }
        };
        let content = self.alloc();
        let mut table = Vec::with_capacity(it.contents.len());
        for (part, slot) in it.contents.iter().enumerate() {
            let proto = self.content((id, part as u32), slot.name, &slot.body, true);
            let name = self.sym(slot.name.name);
            table.push(SlotContent {
                name,
                proto,
                is_blank: slot.is_blank,
            });
        }
        if !self.is_dead() {
            let table = self.pool.content(table);
            let table = self.or_too_large(table, ContentId(0), "calls with content");
            self.emit(Op::MakeContent {
                dst: Dst(content),
                table,
            });
        }
        self.emit_at(
            at,
            Op::CallContent {
                base: Base(base),
                shape,
            },
        );
        self.release(mark);
    }

    /// The proto of content: of a slot, or of an overriding block. It takes
    /// along what it mentions; registers that were needed for that stay taken.
    pub(super) fn content(
        &mut self,
        part: Part,
        name: Ident,
        body: &'a Body,
        is_slot: bool,
    ) -> ProtoId {
        let Plan { captures, captured } = self.plan(part, 0, false);
        let name = self.sym(name.name);
        let has_caller = self.unit.has_caller;
        self.begin_unit(ProtoKind::Content, name);
        self.alloc_n(captures.len());
        self.unit.captures = captures;
        self.unit.captured = captured;
        self.unit.is_slot = is_slot;
        self.unit.has_caller = has_caller;
        self.body(body);
        self.finish_unit()
    }

    // ---- slot, yield ----

    pub(super) fn lower_slot(&mut self, it: &'a Slot, span: Span) {
        if !self.unit.has_caller {
            // Nobody can give it content: it prints nothing.
            self.dead(|this| this.slot(it, span));
            return;
        }
        self.slot(it, span);
    }

    fn slot(&mut self, it: &'a Slot, span: Span) {
        let mark = self.mark();
        let mut base = None;
        let mut names = Vec::with_capacity(it.bindings.len());
        for &(name, value) in &it.bindings {
            let register = self.expr_to_new(value);
            base.get_or_insert(register);
            names.push(self.sym(name.name));
        }
        let end = self.label();
        if !it.fallback.is_empty() {
            let inner = self.mark();
            let caller = self.alloc();
            let called = self.label();
            self.emit(Op::LoadCaller { dst: Dst(caller) });
            self.jump_set(caller, called);
            self.release(inner);
            let bindings = self.unit.bindings.len();
            for (idx, (name, _)) in it.bindings.iter().enumerate() {
                let register = base.unwrap_or(0).saturating_add(idx as u16);
                self.bind_local(name.name, register, Local::Other);
            }
            self.body(&it.fallback);
            self.unit.bindings.truncate(bindings);
            self.jump(end);
            self.place_label(called);
        }
        self.emit_slot(it.name, base, names, span);
        self.place_label(end);
        self.release(mark);
    }

    fn emit_slot(&mut self, name: Ident, base: Option<u16>, names: Vec<Sym>, span: Span) {
        let mark = self.mark();
        let base = match base {
            Some(base) => base,
            None => self.alloc(),
        };
        let sym = self.sym(name.name);
        let shape = self.shape(0, names);
        self.emit_at(
            span,
            Op::Slot {
                sym,
                base: Base(base),
                shape,
            },
        );
        self.release(mark);
    }

    pub(super) fn lower_yield(&mut self, name: Option<Ident>, span: Span) {
        if !self.unit.has_caller || self.is_dead() {
            return;
        }
        match name {
            Some(name) => self.emit_slot(name, None, Vec::new(), span),
            None => {
                let mark = self.mark();
                let base = Base(self.alloc());
                let sym = self.pool.sym("default");
                let sym = self.or_too_large(sym, Sym(0), "names");
                let shape = self.shape(0, Vec::new());
                self.emit_at(span, Op::Slot { sym, base, shape });
                self.release(mark);
            }
        }
    }
}
