//! Frames that the loop of the frequent ops begins and ends without leaving it.
//!
//! In: what a call, an include or the end of a frame says. Out: what the loop
//! reads of the frame that runs now; or nothing, and then nothing was done, and
//! the op does it. A frame that ends before the loop does is never pushed: its
//! registers are there, and how to go back; the others are pushed when the loop
//! is left, so that whoever looks at frames finds all of them.
//!
//! What is checked, counted and paid here is what the op checks, counts and
//! pays. So this file may leave out any case: what is near a limit, must load,
//! binds arguments in another way, or brings blocks is refused.

use crate::{
    Compiled,
    compiled::Entry,
    context,
    frame::{Frame, Ret, Role},
    machine::Machine,
    output::Spot,
    steps::{LONG_NAME, Step},
};
use gravure_bytecode::NamesId;
use gravure_value::{
    ALLOCATION, Cell, CellKind, Context, ContextVar, Held, Iter, Table, TemplateId, Value, Vars,
};
use std::sync::Arc;

/// An include sees nothing of what is around it.
pub(crate) const WITHOUT_CONTEXT: u8 = 1;
/// An included template that is missing prints nothing.
pub(crate) const IGNORE_MISSING: u8 = 2;
/// What an included template writes is its own.
pub(crate) const ON_A_COPY: u8 = 4;

/// A list of variables that is used again has room for so many at most.
const MOST_SPARE: usize = 32;

/// What an include names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Included {
    pub src: u16,
    pub names: u16,
    pub flags: u8,
}

/// What the loop reads of the frame that runs.
#[derive(Clone, Copy)]
pub(crate) struct Now<'a, 'c> {
    pub compiled: &'a Compiled,
    pub segment: &'a [u8],
    pub steps: &'a [Step],
    pub template: TemplateId,
    /// Where its steps stand among those of the template.
    pub start: u32,
    pub pc: usize,
    pub base: usize,
    pub its: usize,
    pub context: Value<'c>,
}

impl<'a, 'c> Now<'a, 'c> {
    /// The running frame of a turn.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(templates: &'a Table<Held<'c, Compiled>>, frame: &Frame<'c>) -> Option<Self> {
        let compiled: &'a Compiled = templates.get(frame.template.0 as usize)?;
        let ready = compiled.ready();
        let entry = ready.entries.get(usize::from(frame.proto))?;
        Some(Self {
            compiled,
            segment: compiled.segment(),
            steps: ready.steps_at(entry)?,
            template: frame.template,
            start: entry.start,
            pc: frame.pc as usize,
            base: frame.base as usize,
            its: frame.its as usize,
            context: frame.context,
        })
    }

    /// Another template's code, if it is another's.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn compiled_as(
        &self,
        templates: &'a Table<Held<'c, Compiled>>,
        template: TemplateId,
    ) -> Option<(&'a Compiled, &'a [u8])> {
        if template == self.template {
            return Some((self.compiled, self.segment));
        }
        let compiled: &'a Compiled = templates.get(template.0 as usize)?;
        Some((compiled, compiled.segment()))
    }
}

/// A frame that has called or included another one, and what that one is.
struct Caller<'a, 'c> {
    now: Now<'a, 'c>,
    calls: u32,
    includes: u32,
    role: Role,
    proto: u16,
    ignore_missing: bool,
    owned: u32,
    out_start: Spot,
}

/// So many frames at most are not pushed yet.
const MOST_CALLERS: usize = 4;

/// Room for them, which is made once a turn.
pub(crate) struct Callers<'a, 'c>([Option<Caller<'a, 'c>>; MOST_CALLERS]);

impl Callers<'_, '_> {
    pub(crate) fn new() -> Self {
        // One by one: so nothing is written but that there is none.
        Self(std::array::from_fn(|_| None))
    }
}

/// The frame that runs, and those behind it that are not pushed yet.
pub(crate) struct Nows<'t, 'a, 'c> {
    pub now: Now<'a, 'c>,
    /// Nested calls and includes up to here.
    calls: u32,
    includes: u32,
    n_callers: usize,
    callers: &'t mut [Option<Caller<'a, 'c>>; MOST_CALLERS],
}

impl<'t, 'a, 'c> Nows<'t, 'a, 'c> {
    /// The top frame.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(
        templates: &'a Table<Held<'c, Compiled>>,
        frame: &Frame<'c>,
        callers: &'t mut Callers<'a, 'c>,
    ) -> Option<Self> {
        Some(Self {
            now: Now::of(templates, frame)?,
            calls: frame.calls,
            includes: frame.includes,
            n_callers: 0,
            callers: &mut callers.0,
        })
    }
}

impl<'c> Machine<'c> {
    /// Call the def in a register with the `n` arguments behind it, if that
    /// writes to the page and all parameters are given by position.
    #[inline(never)]
    pub(crate) fn call_quickly<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
        callee: u16,
        n: u16,
    ) -> bool {
        self.called(templates, nows, callee, n).is_some()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn called<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
        callee: u16,
        n: u16,
    ) -> Option<()> {
        let now = &mut nows.now;
        let callee = now.base + usize::from(callee);
        let &Value::Cell(CellKind::Def, id) = self.regs.get(callee)? else {
            return None;
        };
        let Cell::Def(def) = self.heap.cell(id) else {
            return None;
        };
        let (compiled, segment) = now.compiled_as(templates, def.template)?;
        let ready = compiled.ready();
        let entry = ready.entries.get(def.proto as usize)?;
        let steps = ready.steps_at(entry)?;
        if entry.params != Some(n)
            || def.is_region
            || !def.captures.is_empty()
            || compiled.surface != now.compiled.surface
            || nows.calls >= self.heap.limits.call_depth
            || !self.has_room(entry, nows.n_callers, 0)
        {
            return None;
        }
        let slot = nows.callers.get_mut(nows.n_callers)?;
        let price = 1 + u64::from(entry.len);
        let args = self.regs.get(callee + 1..callee + 1 + usize::from(n))?;
        if args.iter().any(|it| !it.is_set()) || !self.heap.meter.try_charge(price) {
            return None;
        }
        *slot = Some(Caller {
            now: *now,
            calls: nows.calls,
            includes: nows.includes,
            role: Role::Call,
            proto: def.proto as u16,
            ignore_missing: false,
            owned: 0,
            out_start: self.out.spot(),
        });
        nows.n_callers += 1;
        nows.calls += 1;
        now.compiled = compiled;
        now.segment = segment;
        now.steps = steps;
        now.template = def.template;
        now.start = entry.start;
        now.pc = 0;
        now.base = self.regs.len();
        now.its = self.iters.len();
        now.context = def.context;
        let entry = *entry;
        self.push_windows(entry);
        // There are as many registers as parameters at least.
        for at in 0..usize::from(n) {
            self.regs[now.base + at] = self.regs[callee + 1 + at];
        }
        Some(())
    }

    /// Include a template that a tag has included before.
    #[inline(never)]
    pub(crate) fn include_quickly<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
        tag: Included,
    ) -> bool {
        self.included(templates, nows, tag).is_some()
    }

    #[cfg_attr(not(debug_assertions), inline(always))]
    fn included<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
        tag: Included,
    ) -> Option<()> {
        let now = &mut nows.now;
        let &Value::Const(of, id) = self.regs.get(now.base + usize::from(tag.src))? else {
            return None;
        };
        let links = self.rare.links.iter();
        let mut own = links.filter(|link| link.owner == now.template);
        let link = own.find(|link| link.name == (of, id))?;
        let (names, seen) = link.seen.as_ref()?;
        let compiled: &'a Compiled = templates.get(link.target.0 as usize)?;
        let ready = compiled.ready();
        let entry = *ready.entries.first()?;
        let steps = ready.steps_at(&entry)?;
        let heap = &self.heap;
        // A slot's own bindings would come first.
        let has_bindings = nows.n_callers == 0 && self.frames.last()?.bindings.is_set();
        if *names != NamesId(tag.names)
            || tag.flags & WITHOUT_CONTEXT != 0
            || has_bindings
            || nows.includes >= heap.limits.include_depth
            || link.n_bytes >= LONG_NAME
            || seen.iter().any(|it| it.shared)
            || !ready.is_plain
        {
            return None;
        }
        let is_copy = tag.flags & ON_A_COPY != 0;
        let outer = context::context_of(heap, now.context)?;
        let n_copied = match is_copy {
            false => 0,
            true if outer.shared.is_set() || outer.overlay.is_some() => return None,
            true => outer.vars.len(),
        };
        let price = seen.len() as u64 + 1 + u64::from(entry.len);
        // A list that grows may become twice as long as what is in it.
        let n_vars = MOST_SPARE + 2 * (seen.len() + n_copied);
        let bytes = size_of::<Cell<'_>>() + n_vars * size_of::<ContextVar<'_>>();
        if n_copied > context::FREE
            || !heap.has_free_cell()
            || !heap.meter.affords(price + ALLOCATION)
            || !self.has_room(&entry, nows.n_callers, bytes)
        {
            return None;
        }
        let slot = nows.callers.get_mut(nows.n_callers)?;
        let heap = &mut self.heap;
        let mut vars = heap.new_vars();
        let own = Arc::get_mut(&mut vars)?;
        for entry in seen {
            let value = *self.regs.get(now.base + usize::from(entry.register))?;
            if value.is_set() {
                let name = entry.name;
                own.push(ContextVar { name, value });
            }
        }
        let outer = context::context_of(heap, now.context)?;
        let (context, owned) = if is_copy {
            // What was written stands behind what the tag can see.
            for var in outer.vars.iter() {
                own.push(*var);
            }
            heap.meter.try_charge(ALLOCATION);
            heap.place_context(Context {
                host: outer.host,
                vars: vars.into(),
                overlay: None,
                shared: Value::Unset,
            })?
        } else if own.is_empty() {
            (now.context, 0)
        } else {
            heap.meter.try_charge(ALLOCATION);
            heap.place_context(Context {
                host: context::host_of(heap, now.context),
                vars: Vars::default(),
                overlay: Some(vars),
                shared: now.context,
            })?
        };
        heap.meter.try_charge(price);
        *slot = Some(Caller {
            now: *now,
            calls: nows.calls,
            includes: nows.includes,
            role: Role::Include,
            proto: 0,
            ignore_missing: tag.flags & IGNORE_MISSING != 0,
            owned,
            out_start: self.out.spot(),
        });
        nows.n_callers += 1;
        nows.includes += 1;
        now.template = link.target;
        now.compiled = compiled;
        now.segment = compiled.segment();
        now.steps = steps;
        now.start = entry.start;
        now.pc = 0;
        now.base = self.regs.len();
        now.its = self.iters.len();
        now.context = context;
        self.push_windows(entry);
        Some(())
    }

    /// Leave a frame that leaves nothing but what it has written.
    #[inline(never)]
    pub(crate) fn leave_quickly<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
    ) -> bool {
        if self.heap.meter.is_due() {
            return false;
        }
        // Below the first one there is none.
        let at = nows.n_callers.wrapping_sub(1);
        let Some(Some(caller)) = nows.callers.get(at) else {
            return self.left(templates, nows).is_some();
        };
        let now = &mut nows.now;
        self.regs.truncate(now.base);
        self.iters.truncate(now.its);
        // Nothing was kept since it was made: that takes other ops.
        if caller.owned > 0 {
            self.heap.free_context(now.context, caller.owned as usize);
        }
        nows.calls = caller.calls;
        nows.includes = caller.includes;
        *now = caller.now;
        nows.n_callers = at;
        true
    }

    /// The same for a frame that is pushed. The last one is gone, too, when
    /// this says that there is none to go on with.
    fn left<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
    ) -> Option<()> {
        let frame = self.frames.last()?;
        if frame.ret != Ret::Emit || (frame.role == Role::Block && self.captured.is_some()) {
            return None;
        }
        let mut goes_on = None;
        if let [.., caller, _] = self.frames.as_slice() {
            nows.now = Now::of(templates, caller)?;
            (nows.calls, nows.includes) = (caller.calls, caller.includes);
            goes_on = Some(());
        }
        if frame.owned > 0 && frame.kept == self.kept {
            self.heap.free_context(frame.context, frame.owned as usize);
        }
        self.regs.truncate(frame.base as usize);
        self.iters.cut(frame.its as usize, Iter::is_plain);
        self.caps.truncate(frame.caps as usize);
        if frame.owns_table {
            self.own.tables.pop();
        }
        self.frames.pop();
        goes_on
    }

    /// Push the frames that are not there yet.
    #[inline(never)]
    pub(crate) fn push_frames(&mut self, nows: &Nows<'_, '_, 'c>) {
        let callers = nows.callers.get(..nows.n_callers).unwrap_or(&[]);
        for (at, caller) in callers.iter().enumerate() {
            let (Some(caller), Some(below)) = (caller, self.frames.last_mut()) else {
                return;
            };
            below.pc = caller.now.pc as u32;
            let next = callers.get(at + 1).and_then(Option::as_ref);
            let now = next.map_or(&nows.now, |next| &next.now);
            let is_call = caller.role == Role::Call;
            let frame = Frame {
                template: now.template,
                proto: caller.proto,
                role: caller.role,
                ret: Ret::Emit,
                ignore_missing: caller.ignore_missing,
                owns_table: false,
                pc: now.pc as u32,
                base: now.base as u32,
                its: now.its as u32,
                caps: self.caps.len() as u32,
                calls: caller.calls + u32::from(is_call),
                includes: caller.includes + u32::from(!is_call),
                extends: if is_call { below.extends } else { 0 },
                blocks: if is_call { below.blocks } else { 0 },
                out_start: caller.out_start,
                context: now.context,
                owned: caller.owned,
                kept: self.kept,
                content: Value::Unset,
                bindings: Value::Unset,
            };
            self.frames.push(frame);
        }
    }

    /// Is there room for another frame, behind so many that are not pushed yet,
    /// and for so many bytes beside all of them?
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_room(&self, entry: &Entry, n_callers: usize, bytes: usize) -> bool {
        let n_regs = self.regs.len() + usize::from(entry.registers);
        let n_iters = self.iters.len() + usize::from(entry.iters);
        let n_frames = self.frames.len() + n_callers + 1;
        let stack = n_regs * size_of::<Value<'_>>()
            + n_iters * size_of::<Iter<'_>>()
            + n_frames * size_of::<Frame<'_>>();
        self.heap.has_room((stack + bytes) as u64)
    }

    /// Make room for a frame's registers and iterators.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn push_windows(&mut self, entry: Entry) {
        self.regs.push(usize::from(entry.registers));
        for _ in 0..entry.iters {
            self.iters.push(Iter::empty());
        }
    }
}
