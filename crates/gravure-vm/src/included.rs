//! Includes that the loop of the frequent ops does without leaving it.
//!
//! In: a tag that has included its template before, so that what it lets that
//! one see is known. Out: a frame, or nothing, and then nothing was done, and
//! the op does it.
//!
//! What the template sees around the tag is a context of its own to the op.
//! Here its values stand beside the frame, each under the number that the
//! template gives its name; the context is made where somebody else could ask
//! for it: an include within, or whatever is done outside of the loop. Its cell
//! is put aside and its bytes are counted before that, so that it can always be
//! made.

use crate::{
    Compiled,
    context::{self, FREE},
    frame::Role,
    levels::{Above, Now, Nows, Site, way_of_link},
    machine::{Link, Machine, Seen},
    output::Spot,
    registers::{Reg, Window},
};
use gravure_value::{
    ALLOCATION, Cell, CellId, Context, ContextVar, Held, Table, TemplateId, Value, Vars,
};
use std::sync::Arc;
use wide::u32x4;

/// An include sees nothing of what is around it.
pub(crate) const WITHOUT_CONTEXT: u8 = 1;
/// An included template that is missing prints nothing.
pub(crate) const IGNORE_MISSING: u8 = 2;
/// What an included template writes is its own.
pub(crate) const ON_A_COPY: u8 = 4;

/// A tag lets a template see so many variables at most.
pub(crate) const MOST_SEEN: usize = 4;

/// A list of variables that is used again has room for so many at most.
const MOST_SPARE: usize = 32;

/// What an include names.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Included {
    pub src: u16,
    pub names: u16,
    pub flags: u8,
}

/// What a tag lets a template see, as the loop reads it.
#[derive(Clone, Copy)]
pub(crate) struct Sights {
    /// The tag's list of names; [`Sights::NONE`] if it is not known or must be
    /// read in another way.
    names: u32,
    n: usize,
    registers: [Reg; MOST_SEEN],
    /// The template's symbols; [`NO_SYMBOL`] for names that it does not have.
    symbols: [u32; MOST_SEEN],
}

/// The number of no symbol.
const NO_SYMBOL: u32 = u32::MAX;

impl Sights {
    /// Nothing is known.
    pub(crate) const NONE: Self = Self {
        names: u32::MAX,
        n: 0,
        registers: [Reg::R0; MOST_SEEN],
        symbols: [NO_SYMBOL; MOST_SEEN],
    };

    /// What a list of names lets a template see.
    pub(crate) fn of(names: u16, target: TemplateId, seen: &[Seen]) -> Self {
        if seen.len() > MOST_SEEN {
            return Self::NONE;
        }
        let mut all = Self {
            names: u32::from(names),
            n: seen.len(),
            ..Self::NONE
        };
        let places = all.registers.iter_mut().zip(&mut all.symbols);
        for (entry, (register, symbol)) in seen.iter().zip(places) {
            *register = match Reg::of(entry.register) {
                Some(near) if !entry.shared => near,
                _ => return Self::NONE,
            };
            if entry.name.template == target {
                *symbol = entry.name.symbol.0;
            }
        }
        all
    }
}

/// What is shown to a frame.
pub(crate) struct Shown<'c> {
    symbols: [u32; MOST_SEEN],
    values: [Value<'c>; MOST_SEEN],
}

impl<'c> Shown<'c> {
    /// Nothing but the context.
    pub(crate) const NOTHING: Self = Self {
        symbols: [NO_SYMBOL; MOST_SEEN],
        values: [Value::Unset; MOST_SEEN],
    };

    /// Put the variable of a symbol into a register, if it is shown.
    #[cold]
    #[inline(never)]
    pub(crate) fn put(&self, symbol: u32, to: &mut Value<'c>) -> bool {
        let is_it = u32x4::new(self.symbols).simd_eq(u32x4::splat(symbol));
        let place = is_it.to_bitmask().trailing_zeros();
        match self.values.get(place as usize) {
            Some(value) => *to = *value,
            None => return false,
        }
        true
    }
}

/// The context of a frame that was included.
#[derive(Clone, Copy)]
pub(crate) struct Own {
    cell: CellId,
    /// What counts for it; 0 if there is none.
    bytes: u32,
    /// What counts for it until it is made.
    due: u32,
    /// Is it still to be made?
    is_due: bool,
    /// Is looking through it paid?
    is_long: bool,
    /// Does it hold all variables behind those that are shown?
    is_copy: bool,
    /// The link that knows what is shown.
    link: u32,
}

impl Own {
    /// There is none.
    pub(crate) const NOTHING: Self = Self {
        cell: CellId(0),
        bytes: 0,
        due: 0,
        is_due: false,
        is_long: false,
        is_copy: false,
        link: 0,
    };

    /// What counts for it.
    pub(crate) fn bytes(&self) -> u32 {
        self.bytes
    }
}

impl<'c> Machine<'c> {
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
        // What this frame is shown is a part of what that one sees.
        if nows.now()?.is_shown {
            self.make_context(nows, nows.at);
        }
        let below = nows.at;
        let now = nows.now()?;
        let &Value::Const(of, id) = self.regs.get(now.base + usize::from(tag.src))? else {
            return None;
        };
        let is_it = |link: &Link| link.name == (of, id) && link.owner == now.template;
        let link = self.rare.links.iter().position(is_it)?;
        let Above {
            now,
            at,
            place,
            n_made,
        } = nows.above(way_of_link(link))?;
        let site = Site {
            caller: now.id,
            key: link as u32,
            tag,
        };
        if place.as_ref().is_none_or(|last| last.site != site) {
            *place = None;
            *place = Some(self.inclusion(templates, (now, below), (site, n_made))?);
        }
        let next = place.as_mut()?;
        let sights = &self.rare.links.get(link)?.sights;
        let heap = &mut self.heap;
        if !heap.has_free_cell() || !heap.has_room(next.room as u64) {
            return None;
        }
        let registers = Window(self.regs.window(now.base)?);
        let shown = &mut next.shown;
        let mut is_any = next.own.is_copy;
        for at in 0..MOST_SEEN {
            let register = sights.registers[at];
            let is_set = at < sights.n && registers[register].is_set();
            is_any |= is_set;
            shown.symbols[at] = if is_set {
                sights.symbols[at]
            } else {
                NO_SYMBOL
            };
            shown.values[at] = registers[register];
        }
        let price = if is_any {
            next.price + ALLOCATION
        } else {
            next.price
        };
        if !heap.meter.try_charge(price) {
            return None;
        }
        let own = &mut next.own;
        own.bytes = 0;
        if is_any {
            own.cell = heap.put_aside(own.due as usize)?;
            own.bytes = own.due;
        }
        own.is_due = is_any;
        next.is_shown = is_any;
        next.pc = 0;
        next.out_start = self.out.spot();
        self.regs.push(usize::from(next.registers));
        let (n_iters, is_long) = (next.iters, next.own.is_long);
        nows.at = at;
        self.push_iters(n_iters);
        if is_long {
            // Looking through many variables is paid, which takes the context.
            self.make_context(nows, at);
        }
        Some(())
    }

    /// The frame of a template that a tag includes.
    #[inline(never)]
    fn inclusion<'a>(
        &self,
        templates: &'a Table<Held<'c, Compiled>>,
        (now, below): (&Now<'a, 'c>, usize),
        (site, n_made): (Site, &mut u64),
    ) -> Option<Now<'a, 'c>> {
        let link = self.rare.links.get(site.key as usize)?;
        let (sights, tag) = (&link.sights, site.tag);
        let compiled: &'a Compiled = templates.get(link.target.0 as usize)?;
        let ready = compiled.ready();
        let entry = ready.entries.first()?;
        let outer = context::context_of(&self.heap, now.context)?;
        let n_vars = outer.vars.len();
        let n_overlaid = outer.overlay.as_ref().map_or(0, |vars| vars.len());
        let is_copy = tag.flags & ON_A_COPY != 0;
        let n_copied = if is_copy { n_vars } else { 0 };
        // A slot's own bindings would come first.
        let has_bindings = below == 0 && self.frames.last()?.bindings.is_set();
        if sights.names != u32::from(tag.names)
            || tag.flags & WITHOUT_CONTEXT != 0
            || has_bindings
            || now.includes >= self.heap.limits.include_depth
            || !ready.is_plain
            || n_copied > FREE
            || (is_copy && (outer.shared.is_set() || outer.overlay.is_some()))
        {
            return None;
        }
        let stack = now.stack + entry.bytes;
        // A list that grows may become twice as long as what is in it.
        let most = MOST_SPARE + 2 * (sights.n + n_copied);
        let bytes = (sights.n + n_copied) * size_of::<ContextVar<'_>>();
        *n_made += 1;
        Some(Now {
            compiled,
            segment: compiled.segment(),
            steps: ready.steps_at(entry)?,
            template: link.target,
            start: entry.start,
            pc: 0,
            base: self.regs.len(),
            its: self.iters.len(),
            context: now.context,
            is_shown: false,
            shown: Shown::NOTHING,
            role: Role::Include,
            proto: 0,
            ignore_missing: tag.flags & IGNORE_MISSING != 0,
            calls: now.calls,
            includes: now.includes + 1,
            stack,
            own: Own {
                link: site.key,
                is_copy,
                is_long: sights.n + n_vars + n_overlaid > FREE,
                due: (size_of::<Cell<'_>>() + bytes) as u32,
                ..Own::NOTHING
            },
            out_start: Spot::default(),
            id: *n_made,
            site,
            below: below as u8,
            level: now.level + 1,
            room: stack + size_of::<Cell<'_>>() + most * size_of::<ContextVar<'_>>(),
            price: entry.price + sights.n as u64,
            registers: entry.registers,
            iters: entry.iters,
        })
    }

    /// The context of a frame that has ended is gone, if it was its own.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end_context(&mut self, now: &Now<'_, 'c>) {
        match now.own.bytes as usize {
            0 => {}
            bytes if now.own.is_due => self.heap.take_back(now.own.cell, bytes),
            _ => self.free_context(now),
        }
    }

    #[cold]
    #[inline(never)]
    fn free_context(&mut self, now: &Now<'_, 'c>) {
        self.heap.free_context(now.context, now.own.bytes as usize);
    }

    /// Make the context of a frame that was included, if it is due.
    #[cold]
    #[inline(never)]
    pub(crate) fn make_context(&mut self, nows: &mut Nows<'_, '_, 'c>, at: usize) {
        let Some((caller, now)) = nows.pair(at) else {
            return;
        };
        let own = &mut now.own;
        if !std::mem::replace(&mut own.is_due, false) {
            return;
        }
        let heap = &mut self.heap;
        let mut vars = heap.new_vars();
        let list = Arc::make_mut(&mut vars);
        let link = self.rare.links.get(own.link as usize);
        let seen = link.and_then(|link| link.seen.as_ref());
        for entry in seen.map_or(&[][..], |(_, seen)| seen) {
            // The registers of who includes are as they were.
            let register = caller.base + usize::from(entry.register);
            let value = self.regs.get(register).copied();
            list.extend(value.filter(|it| it.is_set()).map(|value| ContextVar {
                name: entry.name,
                value,
            }));
        }
        let context = if own.is_copy {
            // What was written stands behind what the tag can see.
            let outer = context::context_of(heap, now.context);
            list.extend(outer.iter().flat_map(|outer| outer.vars.iter()));
            Context {
                host: outer.map_or(Value::Unset, |outer| outer.host),
                vars: vars.into(),
                overlay: None,
                shared: Value::Unset,
            }
        } else {
            Context {
                host: context::host_of(heap, now.context),
                vars: Vars::default(),
                overlay: Some(vars),
                shared: now.context,
            }
        };
        (now.context, own.bytes) = heap.put_context(own.cell, own.bytes, context);
        now.is_shown = false;
        // It is not as it was made.
        now.site = Site::NONE;
    }
}
