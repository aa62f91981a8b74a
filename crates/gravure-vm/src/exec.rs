//! The run loop: one word after the other until something must happen outside.

use crate::{
    Compiled, Env, Stop,
    frame::{Frame, Ret, Role},
    levels::Levels,
    machine::Machine,
};
use gravure_bytecode::{
    Back, Base, Cap, Const, ContentId, Count, Dispatch, Dst, Imm, Import, It, Jump, NamesId,
    OverrideId, Proto, ProtoId, ShapeId, Small, Src, Sym, Text, step,
};
use gravure_value::{Fault, Held, Surface, Table, TemplateId, Value};

/// Shall the loop go on after an op?
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Flow {
    /// Yes.
    Go,
    /// No: `Exec::stop` says why.
    Stop,
}

/// What an op answers.
pub(crate) type Done = Result<Flow, Fault>;

/// One turn of the run loop. The fields of the running frame stand here, so
/// that ops reach them without looking the frame up.
pub(crate) struct Exec<'a, 'c> {
    pub env: &'a Env<'c>,
    pub templates: &'a Table<Held<'c, Compiled>>,
    pub m: &'a mut Machine<'c>,
    /// The running template.
    pub compiled: &'a Compiled,
    pub template: TemplateId,
    /// The running proto.
    pub proto: &'a Proto,
    pub code: &'a [u64],
    /// The next op.
    pub pc: usize,
    pub base: usize,
    pub its: usize,
    pub caps: usize,
    pub surface: Surface,
    /// Why the loop stopped.
    pub stop: Option<Stop>,
}

/// A chunk without an op where the verifier saw one: ours to mend.
pub(crate) fn bug(what: &str) -> Fault {
    Fault::value(format!("internal error: {what}"))
}

impl<'a, 'c> Exec<'a, 'c> {
    /// Ready to run the top frame.
    #[inline(always)]
    pub(crate) fn new(
        env: &'a Env<'c>,
        templates: &'a Table<Held<'c, Compiled>>,
        m: &'a mut Machine<'c>,
    ) -> Option<Self> {
        let frame = m.frames.last()?;
        let template = frame.template;
        let compiled: &'a Compiled = templates.get(template.0 as usize)?;
        let proto = compiled.chunk.protos.get(frame.proto as usize)?;
        Some(Self {
            env,
            templates,
            compiled,
            template,
            proto,
            code: compiled.chunk.code_of(proto),
            pc: frame.pc as usize,
            base: frame.base as usize,
            its: frame.its as usize,
            caps: frame.caps as usize,
            surface: compiled.surface,
            stop: None,
            m,
        })
    }

    /// Take the top frame's fields.
    pub(crate) fn enter(&mut self) -> Result<(), Fault> {
        let frame = self.m.frames.last().ok_or_else(|| bug("no frame"))?;
        if frame.template != self.template {
            self.template = frame.template;
            let compiled = self.templates.get(frame.template.0 as usize);
            self.compiled = compiled.ok_or_else(|| bug("no template"))?;
            self.surface = self.compiled.surface;
        }
        let proto = self.compiled.chunk.protos.get(frame.proto as usize);
        self.proto = proto.ok_or_else(|| bug("no proto"))?;
        self.code = self.compiled.chunk.code_of(self.proto);
        self.pc = frame.pc as usize;
        self.base = frame.base as usize;
        self.its = frame.its as usize;
        self.caps = frame.caps as usize;
        Ok(())
    }

    /// Run until the frame above `floor` others has ended, or something else
    /// must happen. A fault leaves `floor` frames.
    pub(crate) fn run(&mut self, floor: usize) -> Result<Stop, Fault> {
        // Compiled without optimizations the hot loop takes 60 KiB of the native
        // stack: callbacks within callbacks leave it out, which no page notices.
        let is_plain = self.m.is_plain || (cfg!(debug_assertions) && self.m.callbacks > 1);
        let mut levels = Levels::new();
        loop {
            let word = match is_plain {
                false => self.hot(&mut levels),
                true => self.fetch(),
            };
            // The last frame may have ended there.
            if self.m.frames.is_empty() {
                return Ok(Stop::Done);
            }
            let Some(word) = word else {
                return Err(bug("ran off the code"));
            };
            match step(self, word) {
                Ok(Flow::Go) => {}
                Ok(Flow::Stop) => {
                    if let Some(stop) = self.stop.take() {
                        return Ok(stop);
                    }
                    if self.m.frames.len() <= floor {
                        return Ok(Stop::Done);
                    }
                }
                Err(fault) => {
                    if self.m.waiting.is_some() {
                        self.retry();
                        return Ok(Stop::Await);
                    }
                    if self.m.callbacks == 0
                        && let Some(request) = self.m.pending.take()
                    {
                        self.put_back();
                        self.retry();
                        return Ok(Stop::Load(request));
                    }
                    self.unwind(fault, floor)?;
                    if self.m.frames.len() <= floor {
                        return Ok(Stop::Done);
                    }
                }
            }
        }
    }

    /// The next word, with nothing done in between: every two ops are a safe
    /// point here.
    fn fetch(&mut self) -> Option<u64> {
        self.safe_point();
        let word = *self.code.get(self.pc)?;
        self.pc += 1;
        Some(word)
    }

    /// Do the op at hand again when the loop goes on.
    pub(crate) fn retry(&mut self) {
        self.pc -= 1;
        self.save();
    }

    /// Keep the pc in the frame.
    pub(crate) fn save(&mut self) {
        if let Some(frame) = self.m.frames.last_mut() {
            frame.pc = self.pc as u32;
        }
    }

    /// The running frame.
    pub(crate) fn frame(&self) -> &Frame<'c> {
        // The loop runs only while there is a frame.
        &self.m.frames[self.m.frames.len() - 1]
    }

    #[inline(always)]
    pub(crate) fn get(&self, src: Src) -> Value<'c> {
        self.m.regs[self.base + src.index()]
    }

    #[inline(always)]
    pub(crate) fn set(&mut self, dst: Dst, value: Value<'c>) {
        self.m.regs[self.base + dst.index()] = value;
    }

    /// A window of registers; shorter than asked for where there are no more.
    pub(crate) fn window(&self, base: Base, len: usize) -> &[Value<'c>] {
        let start = self.base + base.index();
        self.m.regs.get(start..start + len).unwrap_or(&[])
    }

    #[inline(always)]
    pub(crate) fn goto(&mut self, to: Jump) -> Done {
        self.pc = to.index();
        Ok(Flow::Go)
    }

    /// Push a frame for a proto and run it next. Its parameters and captures
    /// are still unset.
    pub(crate) fn push(&mut self, frame: Frame<'c>) -> Result<(), Fault> {
        let compiled: &'a Compiled = self
            .templates
            .get(frame.template.0 as usize)
            .ok_or_else(|| bug("no template"))?;
        let proto = compiled
            .chunk
            .protos
            .get(frame.proto as usize)
            .ok_or_else(|| bug("no proto"))?;
        self.open(compiled, proto, frame)
    }

    /// The same where the frame's template and proto are at hand.
    #[inline(always)]
    pub(crate) fn open(
        &mut self,
        compiled: &'a Compiled,
        proto: &'a Proto,
        frame: Frame<'c>,
    ) -> Result<(), Fault> {
        self.save();
        let machine = &mut *self.m;
        let (base, its, caps) = (machine.regs.len(), machine.iters.len(), machine.caps.len());
        let template = frame.template;
        machine.push(proto, frame)?;
        self.template = template;
        self.compiled = compiled;
        self.surface = compiled.surface;
        self.proto = proto;
        self.code = compiled.chunk.code_of(proto);
        self.pc = 0;
        self.base = base;
        self.its = its;
        self.caps = caps;
        Ok(())
    }

    /// Remove the top frame and what it had; the caller's fields come back if
    /// there is one.
    pub(crate) fn pop(&mut self) -> Result<Option<Frame<'c>>, Fault> {
        let Some(frame) = self.m.frames.last().cloned() else {
            return Ok(None);
        };
        self.leave()?;
        Ok(Some(frame))
    }

    /// The same where nobody asks what it was.
    #[inline]
    fn leave(&mut self) -> Result<(), Fault> {
        let machine = &mut *self.m;
        let Some(frame) = machine.frames.last() else {
            return Ok(());
        };
        machine.regs.truncate(frame.base as usize);
        machine.iters.truncate(frame.its as usize);
        machine.caps.truncate(frame.caps as usize);
        if frame.owns_table {
            machine.own.tables.pop();
        }
        if frame.owned > 0 && frame.kept == machine.kept {
            machine
                .heap
                .free_context(frame.context, frame.owned as usize);
        }
        let n_left = machine.frames.len() - 1;
        machine.frames.truncate(n_left);
        if n_left > 0 {
            return self.enter();
        }
        Ok(())
    }

    fn ret_frame(&mut self) -> Done {
        // Most frames leave nothing but what they have written.
        if let Some(frame) = self.m.frames.last()
            && frame.ret == Ret::Emit
            && (frame.role != Role::Block || self.m.captured.is_none())
        {
            self.leave()?;
            if self.m.frames.is_empty() {
                return Ok(Flow::Stop);
            }
            if self.m.heap.meter.is_due() {
                return self.let_others_run();
            }
            return Ok(Flow::Go);
        }
        self.ret_otherwise()
    }

    #[inline(never)]
    fn ret_otherwise(&mut self) -> Done {
        let surface = self.surface;
        let Some(frame) = self.pop()? else {
            return Ok(Flow::Stop);
        };
        if frame.role == Role::Block && self.m.captured.is_some() {
            self.keep_block(&frame)?;
        }
        match frame.ret {
            Ret::Emit => {}
            Ret::Drop => {
                self.m.out.cut(frame.out_start);
            }
            Ret::Escape => {
                let placed = self.m.out.take_since(frame.out_start);
                let here = self.surface;
                self.m.heap.charge_places(&placed.places, 0)?;
                self.m.out.push_placed(&placed, |out, text| {
                    out.push_text(here, surface.mark(), text);
                });
                self.check_output()?;
            }
            Ret::Value(register) => {
                let placed = self.m.out.take_since(frame.out_start);
                let value = self.m.heap.new_placed(surface.mark(), placed)?;
                if let Some(slot) = self.m.regs.get_mut(register) {
                    *slot = value;
                }
            }
            Ret::Answer => {
                let placed = self.m.out.take_since(frame.out_start);
                let value = self.m.heap.new_placed(surface.mark(), placed)?;
                self.answered(value);
            }
            Ret::Host => {
                let placed = self.m.out.take_since(frame.out_start);
                self.m.result = self.m.heap.new_placed(surface.mark(), placed)?;
                return Ok(Flow::Stop);
            }
            Ret::Import(register, as_dict) => {
                self.m.out.cut(frame.out_start);
                let library = if as_dict {
                    self.dict_of(frame.context)?
                } else {
                    frame.context
                };
                if let Some(slot) = self.m.regs.get_mut(register) {
                    *slot = library;
                }
            }
        }
        if self.m.frames.is_empty() {
            return Ok(Flow::Stop);
        }
        if self.m.heap.meter.is_due() {
            return self.let_others_run();
        }
        Ok(Flow::Go)
    }

    /// Stop, since this turn has taken its steps: between ops, and where no
    /// builtin waits for an answer.
    #[cold]
    pub(crate) fn let_others_run(&mut self) -> Done {
        if self.m.callbacks > 0 {
            return Ok(Flow::Go);
        }
        self.save();
        self.stop = Some(Stop::Quantum);
        Ok(Flow::Stop)
    }

    /// Keep what a block of the page has shown; the last time counts.
    #[cold]
    fn keep_block(&mut self, frame: &Frame<'c>) -> Result<(), Fault> {
        let compiled = self.templates.get(frame.template.0 as usize);
        let proto = compiled.and_then(|it| it.chunk.protos.get(frame.proto as usize));
        let (Some(compiled), Some(proto), 0) = (compiled, proto, frame.includes) else {
            return Ok(());
        };
        let name = compiled.chunk.symbol(proto.name);
        let is_wanted = self.m.captured.as_ref().is_some_and(|captured| {
            captured.wanted.is_empty() || captured.wanted.iter().any(|it| it == name)
        });
        if !is_wanted {
            return Ok(());
        }
        let text = self.m.out.since(frame.out_start.at).to_owned();
        self.m.heap.grow(text.len())?;
        let Some(captured) = &mut self.m.captured else {
            return Ok(());
        };
        match captured.blocks.iter_mut().find(|(known, _)| known == name) {
            Some((_, kept)) => *kept = text,
            None => captured.blocks.push((name.to_owned(), text)),
        }
        Ok(())
    }

    /// Reclaim cells if it is time. Only from ops that hold no value.
    #[inline]
    pub(crate) fn safe_point(&mut self) {
        if self.m.heap.wants_collection() && self.m.callbacks == 0 {
            self.save();
            self.m.collect();
        }
    }
}

/// `fn op(operands) -> Done { self.method(operands) }` for every row.
macro_rules! delegate {
    ($($op:ident($($field:ident: $kind:ty),*) => $method:ident;)*) => {
        $(#[inline(always)]
        fn $op(&mut self, $($field: $kind),*) -> Done {
            self.$method($($field),*)
        })*
    };
}

impl<'c> Dispatch for Exec<'_, 'c> {
    type Out = Done;

    fn unknown(&mut self) -> Done {
        Err(bug("unknown instruction"))
    }

    #[inline(always)]
    fn flush(&mut self) -> Done {
        self.piece(true)
    }

    #[inline(always)]
    fn ret(&mut self) -> Done {
        self.ret_frame()
    }

    #[inline(always)]
    fn load_int(&mut self, dst: Dst, value: Imm) -> Done {
        self.set(dst, Value::Int(i64::from(value.0)));
        Ok(Flow::Go)
    }

    #[inline(always)]
    fn load_none(&mut self, dst: Dst) -> Done {
        self.set(dst, Value::None);
        Ok(Flow::Go)
    }

    #[inline(always)]
    fn load_bool(&mut self, dst: Dst, value: Small) -> Done {
        self.set(dst, Value::Bool(value.0 != 0));
        Ok(Flow::Go)
    }

    #[inline(always)]
    fn load_undefined(&mut self, dst: Dst) -> Done {
        self.set(dst, Value::Undefined);
        Ok(Flow::Go)
    }

    #[inline(always)]
    fn move_(&mut self, dst: Dst, src: Src) -> Done {
        let value = self.get(src);
        self.set(dst, value);
        Ok(Flow::Go)
    }

    #[inline(always)]
    fn jump(&mut self, to: Jump) -> Done {
        self.goto(to)
    }

    #[inline(always)]
    fn jump_if(&mut self, src: Src, to: Jump) -> Done {
        if self.truthy(src) {
            self.goto(to)
        } else {
            Ok(Flow::Go)
        }
    }

    #[inline(always)]
    fn jump_unless(&mut self, src: Src, to: Jump) -> Done {
        if self.truthy(src) {
            Ok(Flow::Go)
        } else {
            self.goto(to)
        }
    }

    #[inline(always)]
    fn jump_set(&mut self, src: Src, to: Jump) -> Done {
        if self.get(src).is_set() {
            self.goto(to)
        } else {
            Ok(Flow::Go)
        }
    }

    #[inline(always)]
    fn jump_none(&mut self, src: Src, to: Jump) -> Done {
        if self.get(src).is_none() {
            self.goto(to)
        } else {
            Ok(Flow::Go)
        }
    }

    #[inline(always)]
    fn jump_missing(&mut self, src: Src, to: Jump) -> Done {
        if self.get(src).is_missing() {
            self.goto(to)
        } else {
            Ok(Flow::Go)
        }
    }

    #[inline(always)]
    fn pick(&mut self, dst: Dst, src: Src, to: Jump) -> Done {
        let value = self.get(src);
        if value.is_set() {
            self.set(dst, value);
            return self.goto(to);
        }
        Ok(Flow::Go)
    }

    #[inline(always)]
    fn is_defined(&mut self, dst: Dst, src: Src) -> Done {
        let is = !self.get(src).is_missing();
        self.set(dst, Value::Bool(is));
        Ok(Flow::Go)
    }

    delegate! {
        emit_text(text: Text) => emit_literal;
        emit(src: Src) => emit_value;
        emit_optional(src: Src) => emit_present;
        emit_raw(src: Src) => emit_plain;
        load_const(dst: Dst, value: Const) => constant;
        unset(base: Base, count: Count) => forget;
        load_name(dst: Dst, sym: Sym) => name;
        probe_name(dst: Dst, sym: Sym) => name_or_unset;
        store_name(sym: Sym, src: Src) => write_name;
        new_var(dst: Dst) => var_new;
        load_var(dst: Dst, var: Src) => var_get;
        store_var(var: Src, src: Src) => var_set;
        probe_binding(dst: Dst, sym: Sym) => binding;
        store_binding(done: Dst, sym: Sym, src: Src) => write_binding;
        bind(old: Dst, sym: Sym, src: Src) => bind_name;
        unbind(sym: Sym, old: Src) => unbind_name;
        get_attr(dst: Dst, src: Src, sym: Sym) => attribute;
        probe_attr(dst: Dst, src: Src, sym: Sym) => attribute_or_unset;
        get_attr_optional(dst: Dst, src: Src, sym: Sym) => attribute_optional;
        get_item(dst: Dst, src: Src, key: Src) => item;
        get_item_optional(dst: Dst, src: Src, key: Src) => item_optional;
        slice(dst: Dst, src: Src, bounds: Base) => slice_of;
        unpack(src: Src, base: Base, count: Count) => unpack_strict;
        unpack_index(src: Src, base: Base, count: Count) => unpack_by_index;
        match_seq(dst: Dst, src: Src, count: Count) => is_seq;
        seq_at(dst: Dst, src: Src, index: Count) => seq_item;
        add(dst: Dst, lhs: Src, rhs: Src) => op_add;
        sub(dst: Dst, lhs: Src, rhs: Src) => op_sub;
        mul(dst: Dst, lhs: Src, rhs: Src) => op_mul;
        div(dst: Dst, lhs: Src, rhs: Src) => op_div;
        floor_div(dst: Dst, lhs: Src, rhs: Src) => op_floor_div;
        modulo(dst: Dst, lhs: Src, rhs: Src) => op_modulo;
        pow(dst: Dst, lhs: Src, rhs: Src) => op_pow;
        concat(dst: Dst, base: Base, count: Count) => op_concat;
        neg(dst: Dst, src: Src) => op_neg;
        pos(dst: Dst, src: Src) => op_pos;
        not(dst: Dst, src: Src) => op_not;
        coerce(dst: Dst, src: Src) => op_coerce;
        coerce_left(dst: Dst, src: Src) => op_coerce_left;
        coerce_right(dst: Dst, src: Src, lhs: Src) => op_coerce_right;
        eq(dst: Dst, lhs: Src, rhs: Src) => op_eq;
        ne(dst: Dst, lhs: Src, rhs: Src) => op_ne;
        lt(dst: Dst, lhs: Src, rhs: Src) => op_lt;
        le(dst: Dst, lhs: Src, rhs: Src) => op_le;
        gt(dst: Dst, lhs: Src, rhs: Src) => op_gt;
        ge(dst: Dst, lhs: Src, rhs: Src) => op_ge;
        contains(dst: Dst, lhs: Src, rhs: Src) => op_contains;
        same(dst: Dst, lhs: Src, rhs: Src) => op_same;
        range(dst: Dst, base: Base, inclusive: Small) => make_range;
        list(dst: Dst, base: Base, count: Count) => make_list;
        tuple(dst: Dst, base: Base, count: Count) => make_tuple;
        dict(dst: Dst, base: Base, count: Count) => make_dict;
        push_item(list: Src, src: Src) => list_push;
        call(base: Base, shape: ShapeId) => call_value;
        call_optional(base: Base, shape: ShapeId) => call_present;
        call_emit(base: Base, shape: ShapeId) => call_and_emit;
        call_method(base: Base, sym: Sym, shape: ShapeId) => call_attr;
        call_content(base: Base, shape: ShapeId) => call_with_content;
        filter(base: Base, import: Import, shape: ShapeId) => run_filter;
        predicate(base: Base, import: Import, shape: ShapeId) => run_predicate;
        make_def(dst: Dst, proto: ProtoId, base: Base) => def;
        make_content(dst: Dst, table: ContentId) => content;
        slot(sym: Sym, base: Base, shape: ShapeId) => show_slot;
        load_caller(dst: Dst) => caller;
        iter(it: It, src: Src) => loop_begin;
        iter_gather(it: It, src: Src) => loop_gather;
        iter_strict(it: It, src: Src) => loop_strict;
        iter_async(it: It, src: Src, flags: Small) => loop_async;
        loop_cell(dst: Dst, it: It, flags: Small) => loop_object;
        jump_looped(it: It, to: Jump) => loop_had_items;
        next(it: It, dst: Dst, body: Back) => loop_next;
        next_emit(it: It, dst: Dst, body: Back) => loop_next;
        iter_end(it: It) => loop_end;
        again(to: Back) => loop_again;
        loop_attr(dst: Dst, it: It, attr: Small) => loop_property;
        capture(cap: Cap) => capture_begin;
        capture_end(dst: Dst, cap: Cap) => capture_take;
        capture_drop(cap: Cap) => capture_discard;
        capture_keep(cap: Cap) => capture_commit;
        spaceless_end(cap: Cap) => spaceless;
        push_end(cap: Cap, sym: Sym) => push_text;
        stack(sym: Sym) => show_stack;
        cache_begin(cap: Cap, base: Base, to: Jump) => cache_look;
        cache_end(cap: Cap, base: Base) => cache_store;
        trans(base: Base, shape: ShapeId) => translate;
        block(sym: Sym) => show_block;
        extends(src: Src) => extend;
        include(src: Src, names: NamesId, flags: Small) => include_template;
        embed(src: Src, overrides: OverrideId, names: NamesId, flags: Small) => embed_template;
        import(dst: Dst, src: Src, flags: Small) => import_template;
        import_name(dst: Dst, src: Src, sym: Sym) => import_one;
        provide(sym: Sym, src: Src) => provide_value;
        unprovide() => provide_end;
        load_error(dst: Dst) => caught_error;
        await_(dst: Dst, src: Src) => wait;
    }
}
