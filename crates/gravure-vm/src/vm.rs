//! One render: its templates, its machine, and the stops between.

use crate::{
    Compiled, Env, LoadRequest,
    blocks::{BlockSlot, Body, PAGE},
    exec::Exec,
    frame::{Frame, Ret, Role},
    machine::{CapturedBlocks, Machine, most_of},
    ops::async_in_sync,
    output::Spot,
};
use gravure_bytecode::{BlockKind, ParamRole, ProtoId, Sym};
use gravure_value::{
    CellId, CellKind, Fault, Heap, Held, Limits, Mark, Placed, Table, TemplateId, Tree, Value,
};
use std::{
    mem::forget,
    task::{self, Poll},
};

/// Why a render stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Stop {
    /// What was started has ended.
    Done,
    /// There is output that can be sent.
    Piece,
    /// A template is needed: answer with [`Vm::loaded`] or [`Vm::load_failed`].
    Load(Box<LoadRequest>),
    /// What is awaited is not there: go on when [`Vm::poll_wait`] is ready.
    Await,
    /// The turn that [`Vm::begin_turn`] began is over.
    Quantum,
}

/// One render, where it lies: see [`Running`](crate::Running).
pub struct Vm<'c> {
    /// There while the render is.
    env: Option<Env<'c>>,
    templates: Table<Held<'c, Compiled>>,
    m: Machine<'c>,
    /// The first context.
    context: Option<CellId>,
}

impl<'c> Vm<'c> {
    /// No render yet.
    pub(crate) fn idle(limits: &Limits) -> Self {
        Self {
            env: None,
            templates: Table::new(),
            m: Machine::new(limits),
            context: None,
        }
    }

    /// Begin a render that is new or was emptied.
    #[inline(always)]
    pub(crate) fn restart(&mut self, limits: &Limits, number: u64, env: Env<'c>) {
        // There was none, so nothing is lost.
        forget(self.env.replace(env));
        self.m.begin(limits, number);
    }

    /// Drop everything that the render had.
    #[inline(always)]
    pub(crate) fn empty(&mut self) {
        match &self.env {
            Some(env) if env.registry.is_borrowed() && env.world.is_borrowed() => {}
            _ => self.empty_env(),
        }
        self.templates.cut(0, Held::is_borrowed);
        self.templates.shrink(most_of::<Held<'_, Compiled>>());
        self.m.empty();
    }

    #[cold]
    #[inline(never)]
    fn empty_env(&mut self) {
        self.env = None;
    }

    /// The memory of a render that was emptied, for one of any lifetime.
    #[inline(always)]
    pub(crate) fn hollow(self) -> Vm<'static> {
        forget(self.env);
        Vm {
            env: None,
            templates: self.templates.recycle(),
            m: self.m.hollow(),
            context: None,
        }
    }

    /// The render's values: to import the context.
    pub fn heap(&mut self) -> &mut Heap<'c> {
        &mut self.m.heap
    }

    /// Use this map as the values that every template sees.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up.
    pub fn set_globals(&mut self, tree: Held<'c, Tree>) -> Result<(), Fault> {
        let globals = self.m.heap.new_tree(tree)?;
        self.m.globals = globals;
        if let Some(env) = &mut self.env {
            env.globals = globals;
        }
        Ok(())
    }

    /// Use this map or object as what the host gives, `Unset` for nothing.
    /// Needed before anything is begun.
    ///
    /// # Errors
    /// `K-RUN-019` if not even that fits the limits.
    #[inline]
    pub fn set_host(&mut self, host: Value<'c>) -> Result<(), Fault> {
        self.context = Some(self.m.heap.new_context_of(host)?);
        Ok(())
    }

    /// Meet the first template.
    #[inline(always)]
    pub fn add_entry(&mut self, compiled: &'c Compiled) -> TemplateId {
        self.templates.push(Held::Borrowed(compiled));
        self.m.heap.add_pool(Held::Borrowed(compiled))
    }

    /// Meet a template.
    #[inline]
    pub fn add(&mut self, compiled: Held<'c, Compiled>) -> TemplateId {
        let pool: Held<'c, dyn gravure_value::Pool> = match &compiled {
            Held::Borrowed(it) => Held::Borrowed(*it),
            Held::Counted(it) | Held::Lent(it) => Held::Counted(it.clone()),
        };
        self.templates.push(compiled);
        self.m.heap.add_pool(pool)
    }

    /// A template that was met.
    pub fn template(&self, id: TemplateId) -> Option<&Compiled> {
        self.templates.get(id.0 as usize).map(|held| &**held)
    }

    /// The template of this name, if the render has met it.
    pub fn met(&self, name: &str) -> Option<TemplateId> {
        let found = self.templates.iter().position(|it| it.chunk.name == name);
        found.map(|at| TemplateId(at as u32))
    }

    /// Begin to render a template, with some of its blocks replaced by text.
    ///
    /// # Errors
    /// `K-RUN-020` if it is asynchronous and the render is not.
    pub fn start(&mut self, id: TemplateId, replaced: &[(String, String)]) -> Result<(), Fault> {
        self.m.own.tables.restart();
        for (name, text) in replaced {
            let text = match self.m.heap.new_text(Mark::Html, text.as_str())? {
                Value::Text(_, id) => Some(id),
                _ => None,
            };
            if let Some((template, sym, hash)) = self.spelled(name)
                && let Some(table) = self.m.own.tables.get_mut(PAGE)
            {
                table.slots.push(BlockSlot {
                    hash,
                    template,
                    name: sym,
                    body: Body::Replaced(text),
                });
            }
        }
        self.begin(id, ProtoId(0), Ret::Emit)
    }

    /// Render the first template, which may run here, until something must
    /// happen outside: then [`Vm::run`] goes on.
    ///
    /// # Errors
    /// The fault that ends the render, with its place.
    #[inline(always)]
    pub fn run_entry(&mut self, id: TemplateId, compiled: &'c Compiled) -> Result<Stop, Fault> {
        self.m.own.tables.begin_page(id, compiled);
        let (Some(proto), Some(env)) = (compiled.chunk.protos.first(), &self.env) else {
            return Ok(Stop::Done);
        };
        let frame = self.frame(id, ProtoId(0), Ret::Emit);
        self.m.push(proto, frame)?;
        let mut exec = Exec {
            env,
            templates: &self.templates,
            compiled,
            template: id,
            proto,
            code: compiled.chunk.code_of(proto),
            // Nothing has run before it.
            pc: 0,
            base: 0,
            its: 0,
            caps: 0,
            surface: compiled.surface,
            stop: None,
            m: &mut self.m,
        };
        exec.run(0)
    }

    /// Begin the setup of one template of a chain.
    ///
    /// # Errors
    /// `K-RUN-020` if it is asynchronous and the render is not.
    pub fn start_setup(&mut self, id: TemplateId) -> Result<(), Fault> {
        let setup = self.template(id).map_or(ProtoId(0), |it| it.chunk.setup);
        self.m.own.tables.restart();
        self.begin(id, setup, Ret::Drop)
    }

    /// Begin one block of a chain, most derived template first. False if the
    /// chain has no such block.
    ///
    /// # Errors
    /// `K-RUN-001` if a region's parameter has neither value nor default.
    pub fn start_block(&mut self, chain: &[TemplateId], name: &str) -> Result<bool, Fault> {
        self.m.own.tables.restart();
        let Some(table) = self.m.own.tables.get_mut(PAGE) else {
            return Ok(false);
        };
        for &id in chain {
            if let Some(compiled) = self.templates.get(id.0 as usize) {
                table.add(id, compiled);
            }
        }
        let spelled = |slot: &&BlockSlot| {
            let compiled = self.templates.get(slot.template.0 as usize);
            compiled.is_some_and(|compiled| compiled.chunk.symbol(slot.name) == name)
        };
        let Some(slot) = table.slots.iter().find(spelled).copied() else {
            return Ok(false);
        };
        let Body::Proto(proto, kind) = slot.body else {
            return Ok(false);
        };
        let Some(compiled) = self.templates.get(slot.template.0 as usize) else {
            return Ok(false);
        };
        let Some(code) = compiled.chunk.proto(proto) else {
            return Ok(false);
        };
        let frame = self.frame(slot.template, proto, Ret::Emit);
        self.m.push(code, frame)?;
        if kind == BlockKind::Region {
            self.bind_region()?;
        }
        Ok(true)
    }

    /// A region that is begun by itself takes its parameters from the context.
    fn bind_region(&mut self) -> Result<(), Fault> {
        let context = self.context();
        let Some(mut exec) = self.exec() else {
            return Ok(());
        };
        for (idx, param) in exec.proto.params.iter().enumerate() {
            let wanted = exec.wanted(param.name);
            let value = match param.role {
                ParamRole::Rest => Some(exec.m.heap.new_tuple(Vec::new())?),
                ParamRole::NamedRest => Some(exec.m.heap.new_dict(gravure_value::Dict::new())?),
                _ => exec.lookup(context, &wanted)?,
            };
            match value {
                Some(value) => exec.m.regs[exec.base + idx] = value,
                None if param.has_default => {}
                None => {
                    let known = exec.known_names(context);
                    let mut fault = Fault::undefined_variable(wanted.text, known);
                    exec.pc = 1;
                    exec.place(&mut fault);
                    return Err(fault);
                }
            }
        }
        Ok(())
    }

    /// The first context as a value. Values that are put together are read as
    /// they were written, part by part: a processor waits where several parts
    /// that it has just written are read as one.
    #[inline(always)]
    fn context(&self) -> Value<'c> {
        match self.context {
            Some(id) => Value::Cell(CellKind::Context, id),
            None => Value::Unset,
        }
    }

    #[inline]
    fn frame(&self, template: TemplateId, proto: ProtoId, ret: Ret) -> Frame<'c> {
        Frame {
            template,
            proto: proto.0,
            role: Role::Main,
            ret,
            ignore_missing: false,
            owns_table: false,
            pc: 0,
            base: 0,
            its: 0,
            caps: 0,
            calls: 0,
            includes: 0,
            extends: 0,
            blocks: PAGE,
            out_start: Spot::default(),
            context: self.context(),
            owned: 0,
            kept: 0,
            content: Value::Unset,
            bindings: Value::Unset,
        }
    }

    #[inline]
    fn begin(&mut self, id: TemplateId, proto: ProtoId, ret: Ret) -> Result<(), Fault> {
        let Some(compiled) = self.templates.get(id.0 as usize) else {
            return Ok(());
        };
        let is_async = self.env.as_ref().is_some_and(|env| env.is_async);
        if compiled.chunk.first_async.is_some() && !is_async {
            let mut fault = async_in_sync(&compiled.chunk.name);
            let (line, column) = compiled.chunk.first_async.unwrap_or((1, 0));
            fault.site = Some(Box::new(gravure_value::Site {
                template: compiled.chunk.name.clone(),
                line,
                column,
                end_column: column,
                ..Default::default()
            }));
            return Err(fault);
        }
        self.m.own.tables.add_to_page(id, compiled);
        let Some(code) = compiled.chunk.proto(proto) else {
            return Ok(());
        };
        let frame = self.frame(id, proto, ret);
        self.m.push(code, frame)
    }

    /// A symbol of any template with this spelling.
    fn spelled(&self, name: &str) -> Option<(TemplateId, Sym, u64)> {
        self.templates
            .iter()
            .enumerate()
            .find_map(|(at, compiled)| {
                let syms = (0..compiled.chunk.symbols.len() as u32).map(Sym);
                let mut found = syms.filter(|&sym| compiled.chunk.symbol(sym) == name);
                let sym = found.next()?;
                Some((TemplateId(at as u32), sym, compiled.hash(sym)))
            })
    }

    /// Keep the texts of these blocks of the page, of all if none is named.
    pub fn capture_blocks(&mut self, wanted: Vec<String>) {
        self.m.captured = Some(CapturedBlocks {
            wanted,
            blocks: Vec::new(),
        });
    }

    /// The texts that were kept, by name, in the order in which they were
    /// first shown.
    pub fn take_captured(&mut self) -> Vec<(String, String)> {
        self.m.captured.take().map_or(Vec::new(), |it| it.blocks)
    }

    /// Send pieces of about this many bytes; only a stream does.
    pub fn set_watermark(&mut self, bytes: usize) {
        self.m.watermark = bytes;
    }

    /// Do each op by its own method: for tests, which so find where the loop
    /// of the frequent ops says something else.
    #[doc(hidden)]
    pub fn set_plain(&mut self, is_plain: bool) {
        self.m.is_plain = is_plain;
    }

    /// Ready to run the top frame, if there is one.
    #[inline(always)]
    fn exec(&mut self) -> Option<Exec<'_, 'c>> {
        Exec::new(self.env.as_ref()?, &self.templates, &mut self.m)
    }

    /// Go on until something must happen outside.
    ///
    /// # Errors
    /// The fault that ends the render, with its place.
    pub fn run(&mut self) -> Result<Stop, Fault> {
        let Some(mut exec) = self.exec() else {
            return Ok(Stop::Done);
        };
        exec.run(0)
    }

    /// Let the render stop when it has taken this many steps from here on, as
    /// soon as it can. Without it a render stops for no other.
    pub fn begin_turn(&self, steps: u64) {
        self.m.heap.meter.begin_turn(steps);
    }

    /// Is there what the render has stopped for with [`Stop::Await`]?
    pub fn poll_wait(&mut self, cx: &mut task::Context<'_>) -> Poll<()> {
        let Some(waiter) = &mut self.m.waiting else {
            return Poll::Ready(());
        };
        let polled = waiter.poll(cx);
        if polled.is_ready() {
            self.m.arrived = waiter.value();
            self.m.waiting = None;
        }
        polled
    }

    /// Render every block, whatever texts the host has of before.
    pub fn drop_cached_blocks(&mut self) {
        if let Some(env) = &mut self.env {
            env.cached = None;
        }
    }

    /// May what is out be sent while the render waits?
    pub fn can_send(&mut self) -> bool {
        if self.m.watermark == usize::MAX || self.m.out.len() == 0 {
            return false;
        }
        // A waiting frame stands at its op, and not behind it as others do.
        let Some(mut exec) = self.exec() else {
            return false;
        };
        exec.pc += 1;
        exec.save();
        let is_held = exec.is_held();
        exec.retry();
        !is_held
    }

    /// Answer to [`Stop::Load`]: the template, which may be one that the
    /// render has met under another name.
    pub fn loaded(&mut self, request: &LoadRequest, id: TemplateId) {
        // What may not run here is refused where it is asked for.
        let is_async = self
            .template(id)
            .is_some_and(|it| it.chunk.first_async.is_some());
        if let Some(name) = request.constant
            && !is_async
            && self.m.link(request.owner, name, request.name.len(), id)
        {
            return;
        }
        let key = (request.owner.0, request.name.as_str().into());
        let kept = self.m.loaded.get_or_insert_default().insert(key, id);
        // Whoever asked for it saw that there is room.
        if kept.is_none() {
            let n_bytes = Machine::name_bytes(&request.name) as usize;
            let _ = self.m.heap.hold(n_bytes);
        }
    }

    /// Answer to [`Stop::Load`]: it cannot be had.
    ///
    /// # Errors
    /// The fault, with its place, unless the template handles it.
    pub fn load_failed(&mut self, fault: Fault) -> Result<(), Fault> {
        let Some(mut exec) = self.exec() else {
            return Err(fault);
        };
        exec.load_failed(fault)
    }

    /// All output, places of lists filled.
    ///
    /// # Errors
    /// `K-SEC-005` if the lists make it too long.
    #[inline(always)]
    pub fn take_output(&mut self) -> Result<String, Fault> {
        match self.m.out.has_places() {
            false => Ok(self.m.out.take_text()),
            true => self.take_placed(),
        }
    }

    #[inline(never)]
    fn take_placed(&mut self) -> Result<String, Fault> {
        let (text, places) = self.m.out.take_all();
        let text = text.into();
        self.m.filled(&Placed { text, places })
    }

    /// What can be sent of a render that goes on.
    ///
    /// # Errors
    /// As [`Vm::take_output`].
    pub fn take_piece(&mut self, watermark: usize) -> Result<String, Fault> {
        let piece = self.take_output()?;
        self.m.sent += piece.len() as u64;
        self.m.restart_output();
        for frame in &mut self.m.frames {
            frame.out_start = Spot::default();
        }
        self.m.watermark = watermark;
        Ok(piece)
    }

    /// Bytes of output that wait.
    pub fn output_len(&self) -> usize {
        self.m.out.len()
    }

    /// Steps used so far.
    pub fn steps(&self) -> u64 {
        self.m.heap.meter.used()
    }

    /// Names that the context knows, for messages about blocks and names.
    pub fn block_names(&self, chain: &[TemplateId]) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for &id in chain {
            if let Some(compiled) = self.template(id) {
                for entry in &compiled.chunk.blocks {
                    let name = compiled.chunk.symbol(entry.name);
                    if !names.iter().any(|known| known == name) {
                        names.push(name.to_owned());
                    }
                }
            }
        }
        names
    }
}
