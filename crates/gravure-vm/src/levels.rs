//! Frames that run in the loop of the frequent ops, level by level, and those
//! that have ended there.
//!
//! In: what calls and includes make. Out: which frame runs, and a place for the
//! next one. A frame that has ended stays where it is, with all that does not
//! change while the frame below runs: a loop that calls one def, or includes one
//! template, makes its frame once, and then only renews what was passed, where
//! the page ends, and what is paid. Nothing stays from one stay in the loop to
//! the next, since everything may change in between.

use crate::{
    Compiled,
    frame::{Frame, Role},
    included::{Included, Own, Shown},
    machine::Machine,
    output::Spot,
    steps::Step,
};
use gravure_value::{Held, Iter, Table, TemplateId, Value};
use std::array::from_fn;

/// What the loop reads of a frame, and what else it is if it must be pushed.
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
    /// What an include lets it see on top of that, if it does.
    pub is_shown: bool,
    pub shown: Shown<'c>,
    pub role: Role,
    pub proto: u16,
    pub ignore_missing: bool,
    /// Nested calls and includes up to here.
    pub calls: u32,
    pub includes: u32,
    /// Bytes of all registers, iterators and frames up to here.
    pub stack: usize,
    pub own: Own,
    pub out_start: Spot,
    /// Which frame this is: what is made anew has a number of its own.
    pub id: u64,
    /// Where it came from: from there it is gone to again as it is.
    pub site: Site,
    /// Which frame is below it, and how many are.
    pub below: u8,
    pub level: u8,
    /// What it takes to begin: room for so many bytes beside all others, steps,
    /// registers and iterators.
    pub room: usize,
    pub price: u64,
    pub registers: u16,
    pub iters: u16,
}

/// A place in the code, as far as one frame tells it from others.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) struct Site {
    /// The frame that goes on from there; none has the number 0.
    pub caller: u64,
    /// The cell of a def, or a link.
    pub key: u32,
    pub tag: Included,
}

impl Site {
    /// No place.
    pub(crate) const NONE: Self = Self {
        caller: 0,
        key: 0,
        tag: Included {
            src: 0,
            names: 0,
            flags: 0,
        },
    };
}

/// So many frames at most are not pushed yet.
pub(crate) const MOST_NESTED: usize = 3;

/// So many frames that have ended at each level are kept for when they are gone
/// to again: half of them defs, half of them templates.
const WAYS: usize = 4;

/// The frame that is pushed, those above it, and those that were there.
const PLACES: usize = 1 + MOST_NESTED * WAYS;

/// Room for them, which is made once a turn.
pub(crate) struct Levels<'a, 'c> {
    frames: [Option<Now<'a, 'c>>; PLACES],
    /// How many have had a number.
    n_made: u64,
}

impl Levels<'_, '_> {
    pub(crate) fn new() -> Self {
        // One by one: so nothing is written but that there is none.
        Self {
            frames: from_fn(|_| None),
            n_made: 0,
        }
    }
}

/// The frame that is pushed, and those above it that are not yet.
pub(crate) struct Nows<'t, 'a, 'c> {
    /// Which of them runs.
    pub at: usize,
    levels: &'t mut Levels<'a, 'c>,
}

/// The frame that runs, and the place for one above it.
pub(crate) struct Above<'n, 'a, 'c> {
    pub now: &'n Now<'a, 'c>,
    pub at: usize,
    pub place: &'n mut Option<Now<'a, 'c>>,
    pub n_made: &'n mut u64,
}

/// A def goes here, by its cell.
#[inline(always)]
pub(crate) fn way_of_def(cell: u32) -> usize {
    cell as usize % (WAYS / 2)
}

/// A template goes here, by its link.
#[inline(always)]
pub(crate) fn way_of_link(link: usize) -> usize {
    WAYS / 2 + link % (WAYS / 2)
}

impl<'t, 'a, 'c> Nows<'t, 'a, 'c> {
    /// The top frame of a machine, which runs.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn of(
        templates: &'a Table<Held<'c, Compiled>>,
        machine: &Machine<'c>,
        levels: &'t mut Levels<'a, 'c>,
    ) -> Option<Self> {
        let mut nows = Self { at: 0, levels };
        nows.begin(templates, machine)?;
        Some(nows)
    }

    /// The same when it is another one: what was kept belongs to others.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn begin(
        &mut self,
        templates: &'a Table<Held<'c, Compiled>>,
        machine: &Machine<'c>,
    ) -> Option<()> {
        let frame = machine.frames.last()?;
        let compiled: &'a Compiled = templates.get(frame.template.0 as usize)?;
        let ready = compiled.ready();
        let entry = ready.entries.get(usize::from(frame.proto))?;
        let steps = ready.steps_at(entry)?;
        let levels = &mut *self.levels;
        levels.n_made += 1;
        let [first, ..] = &mut levels.frames;
        *first = Some(Now {
            compiled,
            segment: compiled.segment(),
            steps,
            template: frame.template,
            start: entry.start,
            pc: frame.pc as usize,
            base: frame.base as usize,
            its: frame.its as usize,
            context: frame.context,
            is_shown: false,
            shown: Shown::NOTHING,
            role: frame.role,
            proto: frame.proto,
            calls: frame.calls,
            includes: frame.includes,
            ignore_missing: frame.ignore_missing,
            stack: machine.regs.len() * size_of::<Value<'_>>()
                + machine.iters.len() * size_of::<Iter<'_>>()
                + machine.frames.len() * size_of::<Frame<'_>>(),
            own: Own::NOTHING,
            out_start: frame.out_start,
            id: levels.n_made,
            site: Site::NONE,
            below: 0,
            level: 0,
            room: 0,
            price: 0,
            registers: 0,
            iters: 0,
        });
        Some(())
    }

    /// The frame that is pushed.
    pub(crate) fn first(&self) -> Option<&Now<'a, 'c>> {
        let [first, ..] = &self.levels.frames;
        first.as_ref()
    }

    /// The frame that runs.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn now(&mut self) -> Option<&mut Now<'a, 'c>> {
        self.levels.frames.get_mut(self.at)?.as_mut()
    }

    /// It, and a place for one above it.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn above(&mut self, way: usize) -> Option<Above<'_, 'a, 'c>> {
        let level = usize::from(self.now()?.level);
        let at = 1 + level * WAYS + way;
        let levels = &mut *self.levels;
        let (below, above) = levels.frames.split_at_mut_checked(at)?;
        Some(Above {
            now: below.get(self.at)?.as_ref()?,
            at,
            place: above.first_mut()?,
            n_made: &mut levels.n_made,
        })
    }

    /// A frame that is not pushed yet, and the one below it.
    pub(crate) fn pair(&mut self, at: usize) -> Option<(&Now<'a, 'c>, &mut Now<'a, 'c>)> {
        let (below, above) = self.levels.frames.split_at_mut_checked(at)?;
        let now = above.first_mut()?.as_mut()?;
        Some((below.get(usize::from(now.below))?.as_ref()?, now))
    }
}
