//! Loops: iterators in their file, or in a cell if `loop` is held as a value.

use crate::{
    exec::{Done, Exec, Flow, bug},
    works::{Drawn, is_template_code},
};
use gravure_bytecode::{Back, Dst, It, Jump, Small, Src};
use gravure_source::Code;
use gravure_value::{
    Cell, CellId, CellKind, Fault, Items, Iter, LoopCell, Mark, OnePass, Value, ops,
};

/// One-pass iterators may read each other this deep.
const MAX_PULLS: u32 = 16;

impl<'c> Exec<'_, 'c> {
    #[inline(always)]
    pub(super) fn begin(&mut self, it: It, iter: Iter<'c>) -> Done {
        match self.m.iters.get_mut(self.its + it.index()) {
            Some(slot) => *slot = iter,
            None => return Err(bug("no iterator")),
        }
        Ok(Flow::Go)
    }

    // A call would be a tenth of what a loop of a few rounds costs.
    #[inline(always)]
    pub(crate) fn loop_begin(&mut self, it: It, src: Src) -> Done {
        let source = self.get(src);
        let iter = match source {
            Value::None => Iter::empty(),
            _ => self.m.heap.iter(source)?,
        };
        self.begin(it, iter)
    }

    pub(crate) fn loop_strict(&mut self, it: It, src: Src) -> Done {
        let source = self.get(src);
        let iter = self.m.heap.iter(source)?;
        self.begin(it, iter)
    }

    #[inline(always)]
    pub(crate) fn loop_gather(&mut self, it: It, src: Src) -> Done {
        let source = self.get(src);
        let mut iter = match source {
            Value::None => Iter::empty(),
            _ => self.m.heap.iter(source)?,
        };
        if iter.is_one_pass() {
            let Some(items) = self.gather(&mut iter)? else {
                return Ok(Flow::Go);
            };
            let list = self.m.heap.new_list(items)?;
            iter = self.m.heap.iter(list)?;
        }
        iter.measure();
        self.begin(it, iter)
    }

    pub(crate) fn loop_object(&mut self, dst: Dst, it: It, flags: Small) -> Done {
        let Some(slot) = self.m.iters.get_mut(self.its + it.index()) else {
            return Err(bug("no iterator"));
        };
        let iter = std::mem::replace(slot, Iter::empty());
        let id = self.m.heap.alloc(Cell::Loop(Box::new(LoopCell {
            iter,
            is_async: flags.0 != 0,
        })))?;
        let cell = Value::Cell(CellKind::Loop, id);
        self.set(dst, cell);
        self.begin(it, Iter::one_pass(id, cell))
    }

    /// The iterator behind an entry of the iterator file.
    fn looping(&self, it: It) -> Option<&Iter<'c>> {
        let iter = self.m.iters.get(self.its + it.index())?;
        match iter.items {
            Items::OnePass(id) => match self.m.heap.cell(id) {
                Cell::Loop(state) => Some(&state.iter),
                _ => Some(iter),
            },
            _ => Some(iter),
        }
    }

    pub(crate) fn loop_had_items(&mut self, it: It, to: Jump) -> Done {
        match self.looping(it) {
            Some(iter) if iter.pos > 0 => self.goto(to),
            _ => Ok(Flow::Go),
        }
    }

    #[inline]
    pub(crate) fn loop_next(&mut self, it: It, dst: Dst, body: Back) -> Done {
        let at = self.its + it.index();
        let machine = &mut *self.m;
        let Some(iter) = machine.iters.get_mut(at) else {
            return Err(bug("no iterator"));
        };
        let item = if iter.is_one_pass() {
            let mut iter = iter.clone();
            let drawn = self.draw(&mut iter)?;
            if let Drawn::Called = drawn {
                return Ok(Flow::Go);
            }
            if let Some(slot) = self.m.iters.get_mut(at) {
                *slot = iter;
            }
            match drawn {
                Drawn::Item(item) => Some(item),
                _ => None,
            }
        } else {
            iter.step(&machine.heap)
        };
        let Some(item) = item else {
            return Ok(Flow::Go);
        };
        self.set(dst, item);
        self.round(body)
    }

    pub(crate) fn loop_again(&mut self, to: Back) -> Done {
        self.round(to)
    }

    /// Pay for a round and go back to its start.
    #[inline]
    fn round(&mut self, body: Back) -> Done {
        let steps = self.pc.saturating_sub(body.index()) as u64;
        // A turn can only be over where the meter wants to be asked.
        let is_due = !self.m.heap.meter.try_charge(steps) && {
            self.m.heap.charge(steps)?;
            self.m.heap.meter.is_due()
        };
        self.m.rounds += 1;
        if self.m.rounds > self.m.heap.limits.loop_rounds {
            return Err(Fault::budget("loop rounds", self.m.heap.limits.loop_rounds));
        }
        self.safe_point();
        self.pc = body.index();
        if self.m.out.len() >= self.m.watermark && self.piece(false)? == Flow::Stop {
            return Ok(Flow::Stop);
        }
        if is_due {
            return self.let_others_run();
        }
        Ok(Flow::Go)
    }

    pub(crate) fn loop_end(&mut self, it: It) -> Done {
        self.begin(it, Iter::empty())
    }

    pub(crate) fn loop_property(&mut self, dst: Dst, it: It, attr: Small) -> Done {
        let Some(iter) = self.looping(it) else {
            return Err(bug("no iterator"));
        };
        let int = |n: u64| Value::Int(i64::try_from(n).unwrap_or(i64::MAX));
        let known = |n: u64| match iter.len {
            u64::MAX => Err(Fault::kind("the loop's size is not known")),
            _ => Ok(n),
        };
        let neighbor = |at: Option<u64>| {
            at.and_then(|at| iter.peek(&self.m.heap, at))
                .filter(|item| !item.is_none())
                .unwrap_or(Value::Str(Mark::Plain, ""))
        };
        let value = match attr.0 {
            0 => int(iter.pos),
            1 => int(iter.pos.saturating_sub(1)),
            2 => Value::Bool(iter.pos <= 1),
            3 => Value::Bool(iter.pos >= known(iter.len)?),
            4 => int(known(iter.len)?),
            5 => int(known(iter.len)?.saturating_sub(iter.pos).saturating_add(1)),
            6 => int(known(iter.len)?.saturating_sub(iter.pos)),
            7 => neighbor(iter.pos.checked_sub(2)),
            8 => neighbor(Some(iter.pos)),
            _ => return Err(Fault::kind("an asynchronous loop does not know its size")),
        };
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// The next item of any iterator.
    pub(crate) fn advance(&mut self, iter: &mut Iter<'c>) -> Result<Option<Value<'c>>, Fault> {
        let Items::OnePass(id) = iter.items else {
            return Ok(iter.step(&self.m.heap));
        };
        if self.m.pulls >= MAX_PULLS {
            return Err(Fault::new(
                Code::RunCallDepth,
                format!("iterators read each other deeper than {MAX_PULLS}"),
            ));
        }
        self.m.pulls += 1;
        let item = self.pull(id);
        self.m.pulls -= 1;
        let item = item?;
        if item.is_some() {
            iter.pos += 1;
        }
        Ok(item)
    }

    /// The next item of a one-pass iterator's (or loop's) cell.
    fn pull(&mut self, id: CellId) -> Result<Option<Value<'c>>, Fault> {
        let state = match self.m.heap.cell_mut(id) {
            Some(Cell::Loop(state)) => {
                let mut iter = std::mem::replace(&mut state.iter, Iter::empty());
                let item = self.advance(&mut iter);
                if let Some(Cell::Loop(state)) = self.m.heap.cell_mut(id) {
                    state.iter = iter;
                }
                return item;
            }
            Some(Cell::OnePass(state)) => state,
            _ => return Ok(None),
        };
        // What is read for another iterator counts with that one.
        let runs_code = self.m.pulls > 1 || may_run_code(state);
        let mut taken = std::mem::replace(&mut **state, OnePass::Done);
        if runs_code {
            self.remember(id, &taken);
        }
        let item = self.produce(&mut taken);
        if let Some(Cell::OnePass(state)) = self.m.heap.cell_mut(id) {
            **state = taken;
        }
        item
    }

    fn produce(&mut self, state: &mut OnePass<'c>) -> Result<Option<Value<'c>>, Fault> {
        self.m.heap.charge(1)?;
        match state {
            OnePass::Done => Ok(None),
            OnePass::Async(items, seen) => self.upcoming(items, seen),
            OnePass::Plain(iter) => self.advance(iter),
            OnePass::Enumerate(iter, number) => {
                let Some(item) = self.advance(iter)? else {
                    return Ok(None);
                };
                let pair = self.m.heap.new_tuple(vec![*number, item])?;
                *number = ops::add(&mut self.m.heap, self.surface, *number, Value::Int(1))?;
                Ok(Some(pair))
            }
            OnePass::Zip(iters, strict) => {
                self.m.heap.charge(iters.len() as u64)?;
                let mut items = Vec::with_capacity(iters.len());
                for iter in iters.iter_mut() {
                    match self.advance(iter)? {
                        Some(item) => items.push(item),
                        None if *strict && !items.is_empty() => {
                            return Err(Fault::value("`zip` got sources of different lengths"));
                        }
                        None => break,
                    }
                }
                if items.len() < iters.len() || iters.is_empty() {
                    if *strict && items.is_empty() {
                        for iter in iters.iter_mut().skip(1) {
                            if self.advance(iter)?.is_some() {
                                return Err(Fault::value("`zip` got sources of different lengths"));
                            }
                        }
                    }
                    *state = OnePass::Done;
                    return Ok(None);
                }
                Ok(Some(self.m.heap.new_tuple(items)?))
            }
            OnePass::Map(function, iters) => {
                let mut items = Vec::with_capacity(iters.len());
                for iter in iters.iter_mut() {
                    match self.advance(iter)? {
                        Some(item) => items.push(item),
                        None => return Ok(None),
                    }
                }
                Ok(Some(self.call_back(*function, &items, &[])?))
            }
            OnePass::Filter(function, iter) => loop {
                let Some(item) = self.advance(iter)? else {
                    return Ok(None);
                };
                let verdict = match *function {
                    Value::None => item,
                    function => self.call_back(function, &[item], &[])?,
                };
                if ops::is_truthy(&self.m.heap, verdict) {
                    return Ok(Some(item));
                }
                self.m.heap.charge(1)?;
            },
        }
    }
}

/// May reading it run template code?
fn may_run_code(state: &OnePass<'_>) -> bool {
    match state {
        OnePass::Done | OnePass::Async(..) => false,
        OnePass::Plain(iter) | OnePass::Enumerate(iter, _) => iter.is_one_pass(),
        OnePass::Zip(iters, _) => iters.iter().any(Iter::is_one_pass),
        OnePass::Map(function, iters) => {
            is_template_code(*function) || iters.iter().any(Iter::is_one_pass)
        }
        OnePass::Filter(function, iter) => is_template_code(*function) || iter.is_one_pass(),
    }
}
