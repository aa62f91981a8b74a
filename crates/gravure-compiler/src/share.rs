//! Paths that are walked once: of a finished unit, before it becomes words.
//!
//! `item.meta.owner.name` and `item.meta.owner.team` begin alike, and the
//! second time nothing can have changed, unless something ran in between that
//! may change what a template has made: a call, an include, another round. So
//! the value behind a beginning that comes again gets a register of its own
//! (its *home*) where it is first read, and who reads it later takes it there.
//!
//! ```text
//!  get_attr r1, r0, meta        get_attr r4, r0, meta
//!  get_attr r1, r1, name        get_attr r1, r4, name
//!  emit     r1                  emit     r1
//!  get_attr r1, r0, meta        get_attr r1, r4, size
//!  get_attr r1, r1, size        emit     r1
//!  emit     r1
//! ```
//!
//! Two passes. The first follows the ops from top to bottom with a number for
//! what each register holds; where a label stands, only what was known at every
//! jump to it is still known. The second writes the ops anew. What fails, fails
//! at the same op as before: what is left out has succeeded already. Only ops
//! that fail on a miss take part: those that probe mean something else.

use crate::maps::{Map, map};
use crate::unit::Unit;
use gravure_bytecode::{AnyOperand, Dst, Op, RegionKind, SpanEntry, Src};
use std::iter::{Copied, Peekable};
use std::ops::Range;
use std::slice::Iter;

/// Homes of one unit.
const MOST_HOMES: usize = 64;

/// How far ahead the second pass looks for the end of a register's use.
const AHEAD: usize = 24;

/// How many facts are gone through one by one, which is all of them as a rule.
const FEW: usize = 16;

/// Registers at a time that are read elsewhere.
const MOST_ALIASES: usize = 16;

/// The owner of names of the context.
const CONTEXT: u32 = u32::MAX;

/// A value that was read: of which value or the context, by which symbol.
type Key = (u32, u32);

/// One read that others may repeat.
struct Fact {
    /// The op that reads it.
    pc: usize,
    /// What stands for its value.
    number: u32,
    /// When it became known.
    since: u32,
    is_used: bool,
    home: Option<u16>,
}

/// The pass, with memory that the units of a template take turns to use.
#[derive(Default)]
pub(crate) struct Sharing {
    targets: Targets,
    known: Known,
    new: New,
    /// Registers that nobody writes any more, and where their value is, up to
    /// the next jump or label.
    aliases: Vec<(u16, u16)>,
    ways: Vec<(usize, bool)>,
}

impl Sharing {
    /// Let paths of a unit be walked once.
    pub(crate) fn share(&mut self, unit: &mut Unit<'_>) {
        let n_reads = unit.code.iter().filter(|op| key_of(op).is_some()).count();
        if n_reads < 2 {
            return;
        }
        self.targets.begin(unit);
        self.known.begin(unit, n_reads);
        for pc in 0..unit.code.len() {
            self.known.step(&self.targets, unit, pc);
        }
        if self.known.repeats.is_empty() {
            return;
        }
        self.targets.mark(&self.known.jumps, unit.code.len());
        let first = usize::from(unit.registers.most());
        let mut n_homes = 0;
        for fact in self.known.facts.iter_mut().filter(|fact| fact.is_used) {
            let home = u16::try_from(first + n_homes).ok();
            if n_homes < MOST_HOMES && home.is_some_and(|home| home < u16::MAX) {
                fact.home = home;
                n_homes += 1;
            }
        }
        if n_homes > 0 {
            unit.registers.extend(n_homes as u32);
            self.rewrite(unit);
        }
    }
}

/// The symbol that an op reads, and the register it reads it from, if any.
fn key_of(op: &Op) -> Option<(Option<Src>, u32, Dst)> {
    match *op {
        Op::GetAttr { dst, src, sym } => Some((Some(src), sym.0, dst)),
        Op::LoadName { dst, sym } => Some((None, sym.0, dst)),
        _ => None,
    }
}

/// Can nothing that a template has made change while the op runs?
fn is_quiet(op: &Op) -> bool {
    matches!(
        op,
        Op::EmitText { .. }
            | Op::Emit { .. }
            | Op::EmitOptional { .. }
            | Op::EmitRaw { .. }
            | Op::Flush {}
            | Op::LoadConst { .. }
            | Op::LoadInt { .. }
            | Op::LoadNone { .. }
            | Op::LoadBool { .. }
            | Op::LoadUndefined { .. }
            | Op::Move { .. }
            | Op::Unset { .. }
            | Op::LoadName { .. }
            | Op::ProbeName { .. }
            | Op::Pick { .. }
            | Op::LoadVar { .. }
            | Op::GetAttr { .. }
            | Op::ProbeAttr { .. }
            | Op::GetAttrOptional { .. }
            | Op::GetItem { .. }
            | Op::GetItemOptional { .. }
            | Op::Slice { .. }
            | Op::Add { .. }
            | Op::Sub { .. }
            | Op::Mul { .. }
            | Op::Div { .. }
            | Op::FloorDiv { .. }
            | Op::Concat { .. }
            | Op::Neg { .. }
            | Op::Not { .. }
            | Op::Eq { .. }
            | Op::Ne { .. }
            | Op::Lt { .. }
            | Op::Le { .. }
            | Op::Gt { .. }
            | Op::Ge { .. }
            | Op::Same { .. }
            | Op::IsDefined { .. }
            | Op::LoopAttr { .. }
            | Op::JumpLooped { .. }
            | Op::Jump { .. }
            | Op::JumpIf { .. }
            | Op::JumpUnless { .. }
            | Op::JumpSet { .. }
            | Op::JumpNone { .. }
            | Op::JumpMissing { .. }
    )
}

/// Where ops may be come to other than from the one before.
#[derive(Default)]
struct Targets {
    /// Labels by place, in order.
    labels: Vec<(usize, u32)>,
    /// Places that are gone back to, in order.
    heads: Vec<usize>,
    /// Starts of regions that catch, with the handler, in order.
    guards: Vec<(usize, u32)>,
    /// The place of each label.
    places: Vec<u32>,
    /// All of them, by place.
    is_target: Vec<bool>,
}

impl Targets {
    fn begin(&mut self, unit: &Unit<'_>) {
        self.labels.clear();
        self.labels.reserve(unit.labels.len());
        self.labels.extend(unit.labels.placed());
        self.places.clear();
        self.places.resize(unit.labels.len(), 0);
        for &(place, label) in &self.labels {
            if let Some(known) = self.places.get_mut(label as usize) {
                *known = place as u32;
            }
        }
        self.labels.sort_unstable();
        self.heads.clear();
        for op in &unit.code {
            match op {
                Op::Next { body: to, .. } | Op::NextEmit { body: to, .. } | Op::Again { to } => {
                    self.heads.push(to.index());
                }
                _ => {}
            }
        }
        self.heads.sort_unstable();
        let regions = unit.regions.iter();
        self.guards.clear();
        self.guards
            .extend(regions.filter_map(|region| Some((region.start as usize, region.handler?.0))));
        self.guards.sort_unstable();
    }

    /// Note every place but those of labels that nobody jumps to.
    fn mark(&mut self, jumps: &[u32], n_ops: usize) {
        let is_reached = |label: u32| jumps.get(label as usize) != Some(&u32::MAX);
        self.is_target.clear();
        self.is_target.resize(n_ops, false);
        let labels = self.labels.iter().filter(|it| is_reached(it.1));
        let guards = self.guards.iter().map(|it| it.0);
        let heads = self.heads.iter().copied();
        for place in labels.map(|it| it.0).chain(guards).chain(heads) {
            if let Some(is_target) = self.is_target.get_mut(place) {
                *is_target = true;
            }
        }
    }

    fn is_target(&self, pc: usize) -> bool {
        self.is_target.get(pc).copied().unwrap_or(true)
    }
}

/// What is known while the ops are followed.
#[derive(Default)]
struct Known {
    facts: Vec<Fact>,
    /// Facts that hold, the latest last.
    holding: Vec<(Key, usize)>,
    /// Those behind the first few.
    by_key: Map<Key, usize>,
    /// What each register holds: since which turn, and its number.
    held: Vec<(u32, u32)>,
    /// Registers that were written, and when.
    written: Vec<(u16, u32)>,
    /// Counts up when nothing is known of any register.
    turn: u32,
    numbers: u32,
    now: u32,
    /// The earliest jump to each label.
    jumps: Vec<u32>,
    next_label: usize,
    next_head: usize,
    next_guard: usize,
    /// The place of the nearest of these three.
    next_event: usize,
    /// Ops that read what a fact knows.
    repeats: Vec<(usize, usize)>,
}

/// A larger map is left, not emptied, which takes as long as it is large.
const MOST_KEPT: usize = 256;

impl Known {
    /// Nothing is known yet of a unit that reads so often.
    fn begin(&mut self, unit: &Unit<'_>, n_reads: usize) {
        self.facts.clear();
        self.facts.reserve(n_reads);
        self.holding.clear();
        self.holding.reserve(n_reads.min(FEW));
        match self.by_key.capacity() > MOST_KEPT {
            true => self.by_key = map(),
            false => self.by_key.clear(),
        }
        self.held.clear();
        self.held.resize(usize::from(unit.registers.most()), (0, 0));
        self.written.clear();
        self.written.reserve(n_reads);
        self.turn = 1;
        self.numbers = 0;
        self.now = 0;
        self.jumps.clear();
        self.jumps.resize(unit.labels.len(), u32::MAX);
        self.next_label = 0;
        self.next_head = 0;
        self.next_guard = 0;
        self.next_event = 0;
        self.repeats.clear();
    }

    fn step(&mut self, targets: &Targets, unit: &Unit<'_>, pc: usize) {
        self.now += 1;
        if pc >= self.next_event {
            self.arrive(targets, pc);
        }
        let Some(op) = unit.code.get(pc) else {
            return;
        };
        if let Op::EmitText { .. } | Op::Emit { .. } = op {
            // Half of all ops, and nothing is to be learned from them.
            return;
        }
        match key_of(op) {
            Some((src, sym, dst)) => {
                let owner = src.map_or(CONTEXT, |src| self.number(src.0));
                self.read((owner, sym), pc, dst);
            }
            None => {
                self.write(op);
                if !is_quiet(op) {
                    self.forget(0);
                }
            }
        }
    }

    /// Only what was known at every jump to here is still known.
    fn arrive(&mut self, targets: &Targets, pc: usize) {
        while let Some(&(at, label)) = targets.labels.get(self.next_label)
            && at <= pc
        {
            self.next_label += 1;
            if let Some(&since) = self.jumps.get(label as usize)
                && since != u32::MAX
            {
                self.forget(since);
                while let Some((register, _)) = self.written.pop_if(|it| it.1 >= since) {
                    self.hold(register, 0);
                }
            }
        }
        while let Some(&at) = targets.heads.get(self.next_head)
            && at <= pc
        {
            self.next_head += 1;
            self.forget(0);
            self.written.clear();
            self.turn += 1;
        }
        while let Some(&(at, handler)) = targets.guards.get(self.next_guard)
            && at <= pc
        {
            self.next_guard += 1;
            self.jump_to(handler);
        }
        let label = targets.labels.get(self.next_label).map(|it| it.0);
        let head = targets.heads.get(self.next_head).copied();
        let guard = targets.guards.get(self.next_guard).map(|it| it.0);
        let nearest = [label, head, guard].into_iter().flatten().min();
        self.next_event = nearest.unwrap_or(usize::MAX);
    }

    fn jump_to(&mut self, label: u32) {
        if let Some(earliest) = self.jumps.get_mut(label as usize) {
            *earliest = (*earliest).min(self.now);
        }
    }

    /// Forget what became known at `since` or later.
    fn forget(&mut self, since: u32) {
        let facts = &self.facts;
        let is_late = |id: usize| facts.get(id).is_none_or(|fact| fact.since >= since);
        while let Some((key, _)) = self.holding.pop_if(|it| is_late(it.1)) {
            if self.holding.len() >= FEW {
                self.by_key.remove(&key);
            }
        }
    }

    /// The fact of a key, if it holds.
    fn fact(&self, key: Key) -> Option<usize> {
        let mut few = self.holding.iter().take(FEW);
        match few.find(|it| it.0 == key) {
            Some(&(_, id)) => Some(id),
            None if self.holding.len() > FEW => self.by_key.get(&key).copied(),
            None => None,
        }
    }

    fn fresh(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    /// The number of what a register holds.
    fn number(&mut self, register: u16) -> u32 {
        match self.held.get(usize::from(register)) {
            Some(&(turn, number)) if turn == self.turn && number != 0 => number,
            _ => {
                let number = self.fresh();
                self.hold(register, number);
                number
            }
        }
    }

    fn hold(&mut self, register: u16, number: u32) {
        if let Some(held) = self.held.get_mut(usize::from(register)) {
            *held = (self.turn, number);
        }
    }

    fn wrote(&mut self, register: u16, number: u32) {
        self.hold(register, number);
        self.written.push((register, self.now));
    }

    fn read(&mut self, key: Key, pc: usize, dst: Dst) {
        if let Some(id) = self.fact(key)
            && let Some(fact) = self.facts.get_mut(id)
        {
            fact.is_used = true;
            let number = fact.number;
            self.repeats.push((pc, id));
            self.wrote(dst.0, number);
            return;
        }
        let number = self.fresh();
        let id = self.facts.len();
        self.facts.push(Fact {
            pc,
            number,
            since: self.now,
            is_used: false,
            home: None,
        });
        if self.holding.len() >= FEW {
            self.by_key.insert(key, id);
        }
        self.holding.push((key, id));
        self.wrote(dst.0, number);
    }

    /// Registers that any other op writes hold something new, and where it jumps
    /// to all that is known now may be known.
    fn write(&mut self, op: &Op) {
        if let Op::Move { dst, src } = *op {
            let number = self.number(src.0);
            self.wrote(dst.0, number);
            return;
        }
        let mut window = None;
        op.operands(&mut |_, operand| match operand {
            AnyOperand::Dst(dst) => self.wrote(dst.0, 0),
            // A window lies at the end: what is behind its start is its own.
            AnyOperand::Base(base) => window = Some(base.0),
            AnyOperand::Jump(to) => self.jump_to(to.0),
            _ => {}
        });
        if let Some(base) = window {
            let end = self.held.len().min(usize::from(base) + WINDOW);
            match usize::from(base) + WINDOW < self.held.len() {
                true => {
                    self.forget(0);
                    self.written.clear();
                    self.turn += 1;
                }
                false => (usize::from(base)..end).for_each(|at| self.wrote(at as u16, 0)),
            }
        }
    }
}

/// Registers behind the start of a window that are forgotten one by one.
const WINDOW: usize = 32;

impl Sharing {
    /// Write the ops anew.
    fn rewrite(&mut self, unit: &mut Unit<'_>) {
        let Self {
            targets,
            known,
            new,
            aliases,
            ways,
        } = self;
        // The memory of one unit's ops is that of the next one's.
        let old = std::mem::take(&mut unit.code);
        let old_spans = std::mem::take(&mut unit.spans);
        new.begin(old.len());
        let mut defined = known.facts.iter().filter(|it| it.home.is_some()).peekable();
        let mut repeated = known.repeats.iter().peekable();
        let mut spans = old_spans.iter().copied().peekable();
        let mut span = None;
        aliases.clear();
        let mut behind = 0;
        while let Some(&op) = old.get(behind) {
            let pc = behind;
            // Who may come from elsewhere finds in a register what is there.
            if !aliases.is_empty() && targets.is_target(pc) {
                aliases.clear();
            }
            if aliases.is_empty() {
                // Up to the next op that reads what is shared all stays as it is.
                let next = [
                    defined.peek().map(|it| it.pc),
                    repeated.peek().map(|it| it.0),
                ];
                let next = next.into_iter().flatten().min().unwrap_or(old.len());
                if next > pc {
                    let end = next.min(old.len());
                    span = new.copy(&old, pc..end, span, &mut spans);
                    behind = end;
                    continue;
                }
            }
            behind += 1;
            new.moved.push(new.code.len() as u32);
            while let Some(next) = spans.next_if(|it| it.pc as usize <= pc) {
                span = Some(next);
            }
            let op = match aliases.is_empty() {
                true => op,
                false => elsewhere(op, aliases),
            };
            // The ops behind a jump are others than those that it leads to.
            if jump_of(&op).0.is_some() {
                aliases.clear();
            }
            let defines = defined.next_if(|it| it.pc == pc).and_then(|it| it.home);
            let repeats = repeated.next_if(|it| it.0 == pc);
            let repeats = repeats.and_then(|&(_, id)| known.facts.get(id)?.home);
            let (Some(home), Some((_, _, dst))) = (defines.or(repeats), key_of(&op)) else {
                new.push(op, span);
                continue;
            };
            if defines.is_some() {
                new.push(read_to(op, Dst(home)), span);
            }
            if aliases.len() < MOST_ALIASES && is_short_lived(&old, targets, pc, dst, ways) {
                aliases.push((dst.0, home));
            } else {
                let src = Src(home);
                new.push(Op::Move { dst, src }, span);
            }
        }
        new.moved.push(new.code.len() as u32);
        new.finish(unit);
        (new.code, new.spans) = (old, old_spans);
    }
}

/// A read whose value goes to another register.
fn read_to(op: Op, dst: Dst) -> Op {
    match op {
        Op::GetAttr { src, sym, .. } => Op::GetAttr { dst, src, sym },
        Op::LoadName { sym, .. } => Op::LoadName { dst, sym },
        other => other,
    }
}

/// An op that reads registers where their values are; those that it writes are
/// where they were again.
fn elsewhere(op: Op, aliases: &mut Vec<(u16, u16)>) -> Op {
    let op = op.with_sources(&mut |src| {
        let known = aliases.iter().find(|(register, _)| *register == src.0);
        known.map_or(src, |&(_, home)| Src(home))
    });
    op.operands(&mut |_, operand| {
        if let AnyOperand::Dst(dst) = operand {
            aliases.retain(|(register, _)| *register != dst.0);
        }
    });
    op
}

/// What an op does with a register.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    Nothing,
    Reads,
    /// Writes it, whether it has read it before or not.
    Writes,
    ReadsAndWrites,
    /// It cannot be said.
    Unclear,
}

fn use_of(op: &Op, register: Dst) -> Use {
    match *op {
        // Half of all ops.
        Op::EmitText { .. } => return Use::Nothing,
        Op::Emit { src } if src.0 == register.0 => return Use::Reads,
        Op::Emit { .. } => return Use::Nothing,
        _ => {}
    }
    let (mut reads, mut writes, mut unclear) = (false, false, false);
    op.operands(&mut |_, operand| match operand {
        AnyOperand::Dst(it) => writes |= it == register,
        AnyOperand::Src(it) => reads |= it.0 == register.0,
        AnyOperand::Base(it) => unclear |= it.0 <= register.0,
        AnyOperand::Back(_)
        | AnyOperand::ProtoId(_)
        | AnyOperand::NamesId(_)
        | AnyOperand::ContentId(_)
        | AnyOperand::OverrideId(_) => unclear = true,
        _ => {}
    });
    match (unclear, reads, writes) {
        (true, ..) => Use::Unclear,
        (_, true, true) => Use::ReadsAndWrites,
        (_, true, false) => Use::Reads,
        (_, false, true) => Use::Writes,
        (_, false, false) => Use::Nothing,
    }
}

/// Where an op jumps to, and whether the next op can follow it.
fn jump_of(op: &Op) -> (Option<u32>, bool) {
    let mut to = None;
    op.operands(&mut |_, operand| {
        if let AnyOperand::Jump(it) = operand {
            to = Some(it.0);
        }
    });
    (to, !matches!(op, Op::Jump { .. } | Op::Ret {}))
}

/// Is what an op writes to a register read by the ops right behind it only,
/// and on every way from there written over, or left behind, unread?
fn is_short_lived(
    code: &[Op],
    targets: &Targets,
    pc: usize,
    register: Dst,
    ways: &mut Vec<(usize, bool)>,
) -> bool {
    // Whoever may be come to from elsewhere must find it where it was.
    ways.clear();
    ways.push((pc + 1, true));
    let mut left = AHEAD;
    while let Some((mut at, mut is_alone)) = ways.pop() {
        loop {
            let Some(op) = code.get(at).filter(|_| left > 0) else {
                return false;
            };
            left -= 1;
            is_alone &= !targets.is_target(at);
            match use_of(op, register) {
                Use::Unclear => return false,
                Use::Reads if !is_alone => return false,
                Use::ReadsAndWrites if !is_alone => return false,
                Use::Writes | Use::ReadsAndWrites => break,
                Use::Reads | Use::Nothing => {}
            }
            let (to, goes_on) = jump_of(op);
            if let Some(label) = to {
                is_alone = false;
                match targets.places.get(label as usize) {
                    Some(&place) if place as usize > at => ways.push((place as usize, false)),
                    _ => return false,
                }
            }
            if !goes_on {
                break;
            }
            at += 1;
        }
    }
    true
}

/// The ops as they are written anew.
#[derive(Default)]
struct New {
    code: Vec<Op>,
    spans: Vec<SpanEntry>,
    /// Where each old op has gone, and the end.
    moved: Vec<u32>,
}

impl New {
    fn begin(&mut self, n_old: usize) {
        self.code.clear();
        self.code.reserve(n_old + 8);
        self.spans.clear();
        self.moved.clear();
        self.moved.reserve(n_old + 1);
    }

    /// Ops that stay as they are, with their spans, the first of which may have
    /// begun before them; the last of these.
    fn copy(
        &mut self,
        old: &[Op],
        range: Range<usize>,
        mut last: Option<SpanEntry>,
        spans: &mut Peekable<Copied<Iter<'_, SpanEntry>>>,
    ) -> Option<SpanEntry> {
        let first = self.code.len();
        let at = |pc: usize| (first + pc.saturating_sub(range.start)) as u32;
        self.moved.extend(range.clone().map(at));
        self.code
            .extend_from_slice(old.get(range.clone()).unwrap_or(&[]));
        let starts = spans.peek().map(|it| it.pc as usize);
        if let Some(span) = last
            && starts.is_none_or(|starts| starts > range.start)
        {
            self.span(first as u32, span);
        }
        while let Some(span) = spans.next_if(|it| (it.pc as usize) < range.end) {
            self.span(at(span.pc as usize), span);
            last = Some(span);
        }
        last
    }

    /// Errors point at a span from an op on.
    fn span(&mut self, pc: u32, span: SpanEntry) {
        let place = |it: &SpanEntry| (it.line, it.column, it.end_column);
        if self.spans.last().map(place) != Some(place(&span)) {
            self.spans.push(SpanEntry { pc, ..span });
        }
    }

    fn push(&mut self, op: Op, span: Option<SpanEntry>) {
        let pc = self.code.len() as u32;
        self.code.push(op);
        if let Some(span) = span {
            self.span(pc, span);
        }
    }

    /// Bring everything that names an op to where that op is now.
    fn finish(&mut self, unit: &mut Unit<'_>) {
        let at = |pc: u32| self.moved.get(pc as usize).copied().unwrap_or(pc);
        unit.labels.move_to(&at);
        for region in &mut unit.regions {
            region.start = at(region.start);
            region.end = at(region.end);
            // One in code that nobody reaches is empty, has no opener, and is
            // left out at the end.
            debug_assert!(
                region.kind == RegionKind::Guard || region.start > 0 || region.end == 0,
                "a region without an opener"
            );
        }
        unit.code = std::mem::take(&mut self.code);
        for op in &mut unit.code {
            match op {
                Op::Next { body: to, .. } | Op::NextEmit { body: to, .. } | Op::Again { to } => {
                    to.0 = at(to.0);
                }
                _ => {}
            }
        }
        unit.spans = std::mem::take(&mut self.spans);
    }
}
