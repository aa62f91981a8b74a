//! Frames that the loop of the frequent ops begins and ends without leaving it.
//!
//! In: what a call or the end of a frame says; includes are in `included.rs`.
//! Out: another frame that runs; or nothing, and then nothing was done, and the
//! op does it. A frame that ends before the loop does is never pushed: its
//! registers are there, and how to go back; the others are pushed when the loop
//! is left, so that whoever looks at frames finds all of them.
//!
//! What is checked, counted and paid here is what the op checks, counts and
//! pays. So this file may leave out any case: what is near a limit, must load,
//! binds arguments in another way, or brings blocks is refused.

use crate::{
    Compiled,
    frame::{Frame, Ret, Role},
    included::{Included, Own, Shown},
    levels::{Above, MOST_NESTED, Now, Nows, Site, way_of_def},
    machine::Machine,
    output::Spot,
};
use gravure_value::{Cell, CellId, CellKind, Held, Iter, Table, Value};

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
        let below = nows.at;
        let callee = nows.now()?.base + usize::from(callee);
        let &Value::Cell(CellKind::Def, id) = self.regs.get(callee)? else {
            return None;
        };
        let Above {
            now,
            at,
            place,
            n_made,
        } = nows.above(way_of_def(id.0))?;
        let site = Site {
            caller: now.id,
            key: id.0,
            tag: Included {
                src: 0,
                names: n,
                flags: 0,
            },
        };
        if place.as_ref().is_none_or(|last| last.site != site) {
            *place = None;
            *place = Some(self.callee(templates, (now, below), (id, n), (site, n_made))?);
        }
        let next = place.as_mut()?;
        let (n_regs, n) = (usize::from(next.registers), usize::from(n));
        if !self.heap.has_room(next.room as u64)
            || !self.heap.meter.affords(next.price)
            || !self.regs.push_given(n_regs, callee + 1, n)
        {
            return None;
        }
        self.heap.meter.try_charge(next.price);
        next.pc = 0;
        next.out_start = self.out.spot();
        let n_iters = next.iters;
        nows.at = at;
        self.push_iters(n_iters);
        Some(())
    }

    /// The frame of a def that is called with so many arguments.
    #[inline(never)]
    fn callee<'a>(
        &self,
        templates: &'a Table<Held<'c, Compiled>>,
        (now, below): (&Now<'a, 'c>, usize),
        (id, n): (CellId, u16),
        (site, n_made): (Site, &mut u64),
    ) -> Option<Now<'a, 'c>> {
        let Cell::Def(def) = self.heap.cell(id) else {
            return None;
        };
        let compiled: &'a Compiled = templates.get(def.template.0 as usize)?;
        let ready = compiled.ready();
        let entry = ready.entries.get(def.proto as usize)?;
        if entry.params != u32::from(n)
            || def.is_region
            || !def.captures.is_empty()
            || compiled.surface != now.compiled.surface
            || now.calls >= self.heap.limits.call_depth
        {
            return None;
        }
        let stack = now.stack + entry.bytes;
        *n_made += 1;
        Some(Now {
            compiled,
            segment: compiled.segment(),
            steps: ready.steps_at(entry)?,
            template: def.template,
            start: entry.start,
            pc: 0,
            base: self.regs.len(),
            its: self.iters.len(),
            context: def.context,
            is_shown: false,
            shown: Shown::NOTHING,
            role: Role::Call,
            proto: def.proto as u16,
            ignore_missing: false,
            calls: now.calls + 1,
            includes: now.includes,
            stack,
            own: Own::NOTHING,
            out_start: Spot::default(),
            id: *n_made,
            site,
            below: below as u8,
            level: now.level + 1,
            room: stack,
            price: entry.price,
            registers: entry.registers,
            iters: entry.iters,
        })
    }

    /// Make room for a frame's iterators.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn push_iters(&mut self, n: u16) {
        for _ in 0..n {
            self.iters.push(Iter::empty());
        }
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
        if nows.at == 0 {
            return self.left(templates, nows).is_some();
        }
        let Some(now) = nows.now() else {
            return false;
        };
        self.regs.truncate(now.base);
        self.iters.cut(now.its, Iter::is_plain);
        // Nothing was kept since it was made: that takes other ops.
        self.end_context(now);
        nows.at = usize::from(now.below);
        true
    }

    /// The same for a frame that is pushed. The last one is gone, too, when
    /// this says that there is none to go on with.
    #[inline(never)]
    fn left<'a>(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        nows: &mut Nows<'_, 'a, 'c>,
    ) -> Option<()> {
        let frame = self.frames.last()?;
        if frame.ret != Ret::Emit || (frame.role == Role::Block && self.captured.is_some()) {
            return None;
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
        nows.begin(templates, self)
    }

    /// Push the frames that are not there yet, with contexts of their own where
    /// they have some.
    #[inline(never)]
    pub(crate) fn push_frames(&mut self, nows: &mut Nows<'_, '_, 'c>) {
        if let (Some(now), Some(frame)) = (nows.first(), self.frames.last_mut()) {
            frame.pc = now.pc as u32;
        }
        let mut path = [0; MOST_NESTED];
        let mut at = nows.at;
        while let Some((_, now)) = nows.pair(at).filter(|_| at > 0) {
            let level = usize::from(now.level);
            let below = usize::from(now.below);
            if let Some(place) = path.get_mut(level.wrapping_sub(1)) {
                *place = at;
            }
            at = below;
        }
        for at in path.into_iter().take_while(|&at| at > 0) {
            self.make_context(nows, at);
            let (Some((_, now)), Some(below)) = (nows.pair(at), self.frames.last()) else {
                return;
            };
            let is_call = now.role == Role::Call;
            let frame = Frame {
                template: now.template,
                proto: now.proto,
                role: now.role,
                ret: Ret::Emit,
                ignore_missing: now.ignore_missing,
                owns_table: false,
                pc: now.pc as u32,
                base: now.base as u32,
                its: now.its as u32,
                caps: self.caps.len() as u32,
                calls: now.calls,
                includes: now.includes,
                extends: if is_call { below.extends } else { 0 },
                blocks: if is_call { below.blocks } else { 0 },
                out_start: now.out_start,
                context: now.context,
                owned: now.own.bytes(),
                kept: self.kept,
                content: Value::Unset,
                bindings: Value::Unset,
            };
            self.frames.push(frame);
        }
    }
}
