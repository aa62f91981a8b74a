//! Work of builtins that template code does a part of, without waiting for it
//! on the native stack.
//!
//! `sorted(items, key=def)` and a loop over `map(def, items)` need an answer
//! of a def for each item. Instead of running the def below the builtin, its
//! frame is pushed, its answer is kept here, and the op is done again: until
//! no answer is missing. So a def may load, wait and be stopped there like
//! anywhere else. What calls back in any other way still waits on the stack.

use crate::{
    exec::{Exec, bug},
    frame::Ret,
};
use gravure_value::{
    Call, Cell, CellId, CellKind, Fault, Items, Iter, NativeId, OnePass, Run, Value, ops,
};

/// An op's work on its way.
#[derive(Debug)]
pub(crate) struct Work<'c> {
    /// How many frames there are, the one of the op included.
    pub depth: usize,
    pub part: Part,
    /// What is asked about, or was gathered.
    pub items: Vec<Value<'c>>,
    /// What was answered so far, in the same order.
    pub answers: Vec<Value<'c>>,
}

/// What sort of work it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Part {
    /// The keys of all items.
    Keys,
    /// One item of a `map` or `filter`.
    Item,
    /// All items of one of these, before a loop begins.
    Gather,
}

/// What a loop gets.
pub(crate) enum Drawn<'c> {
    /// An item.
    Item(Value<'c>),
    /// The end.
    End,
    /// A frame was pushed: the op will be done again.
    Called,
}

/// Does calling it run a proto?
pub(crate) fn is_template_code(callee: Value<'_>) -> bool {
    matches!(callee, Value::Cell(CellKind::Def | CellKind::Content, _))
}

impl<'c> Exec<'_, 'c> {
    /// An op begins that may read iterators below builtins.
    #[inline]
    pub(crate) fn forget_pulled(&mut self) {
        if self.m.callbacks == 0 && !self.m.pulled.is_empty() {
            self.m.pulled.clear();
        }
    }

    /// An iterator is about to be read that may run template code.
    pub(crate) fn remember(&mut self, id: CellId, state: &OnePass<'c>) {
        // Looking through more would cost more than anybody has paid.
        const MOST: usize = 64;
        let pulled = &mut self.m.pulled;
        if pulled.len() < MOST && pulled.iter().all(|(known, _)| *known != id) {
            pulled.push((id, state.clone()));
        }
    }

    /// The op at hand will be done again, since what ran below a builtin needs
    /// a template: what it has read is there again.
    pub(crate) fn put_back(&mut self) {
        for (id, before) in std::mem::take(&mut self.m.pulled) {
            if let Some(Cell::OnePass(state)) = self.m.heap.cell_mut(id) {
                **state = before;
            }
        }
    }

    /// The work of this sort that the op at hand has begun.
    fn work(&mut self, part: Part) -> Option<&mut Work<'c>> {
        let depth = self.m.frames.len();
        let works = self.m.works.iter_mut().rev();
        let mut own = works.take_while(|work| work.depth == depth);
        own.find(|work| work.part == part)
    }

    fn begin_work(&mut self, part: Part, items: Vec<Value<'c>>) {
        self.m.works.push(Work {
            depth: self.m.frames.len(),
            part,
            items,
            answers: Vec::new(),
        });
    }

    /// An op of the top frame has failed, or its frame is gone: so is its work.
    pub(crate) fn drop_works(&mut self) {
        let depth = self.m.frames.len();
        while self.m.works.last().is_some_and(|work| work.depth >= depth) {
            self.m.works.pop();
        }
    }

    /// Run template code for the work on top, and then this op again.
    fn ask(&mut self, callee: Value<'c>, args: &[Value<'c>]) -> Result<(), Fault> {
        // A slot that nobody fills has no frame.
        if let Some(answer) = self.invoke(callee, args, &[], Ret::Answer, Value::Unset)? {
            self.answered(answer);
        }
        Ok(())
    }

    /// The frame of an answer has ended.
    pub(crate) fn answered(&mut self, answer: Value<'c>) {
        if let Some(work) = self.m.works.last_mut() {
            work.answers.push(answer);
        }
        self.pc -= 1;
    }

    /// The function of a `key=`, if this native sorts by it and it is template
    /// code.
    fn key_of(&self, id: NativeId, named: &[(&str, Value<'c>)]) -> Option<Value<'c>> {
        let (_, key) = *named.iter().find(|(name, _)| *name == "key")?;
        let native = self.env.registry.native(id)?;
        let sorts = matches!(native.run, Run::Builtin(_))
            && matches!(&*native.name, "sorted" | "min" | "max" | "sort");
        (sorts && is_template_code(key)).then_some(key)
    }

    /// Call a native from an op. `None`: a frame was pushed that works for it.
    /// Of a method the first argument is the receiver, which stays.
    pub(crate) fn call_from_op(
        &mut self,
        id: NativeId,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
        is_method: bool,
    ) -> Result<Option<Value<'c>>, Fault> {
        let Some(key) = self.key_of(id, named).filter(|_| !args.is_empty()) else {
            return self.call_native(id, args, named).map(Some);
        };
        if self.work(Part::Keys).is_none() {
            self.forget_pulled();
            let items = match args {
                [iterable] => Call { host: self }.items(*iterable)?,
                several => several.to_vec(),
            };
            self.begin_work(Part::Keys, items);
        }
        let missing = self
            .work(Part::Keys)
            .and_then(|work| work.items.get(work.answers.len()).copied());
        if let Some(item) = missing {
            self.m.heap.charge(1)?;
            self.ask(key, &[item])?;
            return Ok(None);
        }
        let Some(Work { items, answers, .. }) = self.m.works.pop() else {
            return Err(bug("no work"));
        };
        // The builtin finds the keys in the place of what makes them, in a
        // cell that no template can name.
        let items = self.m.heap.new_tuple(items)?;
        let keys = self.m.heap.new_tuple(answers)?;
        let pair = self.m.heap.new_tuple(vec![items, keys])?;
        let keys = self.m.heap.alloc(Cell::Var(pair))?;
        let keys = Value::Cell(CellKind::Var, keys);
        let named: Vec<_> = named
            .iter()
            .map(|&(name, value)| (name, if name == "key" { keys } else { value }))
            .collect();
        // What can be gone through once only has been.
        match (is_method, args) {
            (false, [_]) => self.call_native(id, &[items], &named),
            _ => self.call_native(id, args, &named),
        }
        .map(Some)
    }

    /// The cell of a `map` or `filter` with template code that an iterator
    /// reads, and the loop object in between, if there is one.
    fn lazy_cell(&self, iter: &Iter<'c>) -> Option<(CellId, Option<CellId>)> {
        let Items::OnePass(outer) = iter.items else {
            return None;
        };
        let (id, wrapper) = match self.m.heap.cell(outer) {
            Cell::Loop(state) => match state.iter.items {
                Items::OnePass(inner) => (inner, Some(outer)),
                _ => return None,
            },
            _ => (outer, None),
        };
        let Cell::OnePass(state) = self.m.heap.cell(id) else {
            return None;
        };
        match **state {
            OnePass::Map(function, _) | OnePass::Filter(function, _)
                if is_template_code(function) =>
            {
                Some((id, wrapper))
            }
            _ => None,
        }
    }

    /// The next item for the loop op at hand.
    pub(crate) fn draw(&mut self, iter: &mut Iter<'c>) -> Result<Drawn<'c>, Fault> {
        self.forget_pulled();
        let Some((id, wrapper)) = self.lazy_cell(iter) else {
            return Ok(match self.advance(iter)? {
                Some(item) => Drawn::Item(item),
                None => Drawn::End,
            });
        };
        let answer = match self.work(Part::Item) {
            Some(work) => work
                .answers
                .pop()
                .map(|answer| (answer, work.items.first().copied())),
            None => None,
        };
        if let Some((answer, candidate)) = answer {
            self.m.works.pop();
            let item = match candidate {
                // A filter keeps what its function says yes to.
                Some(item) if ops::is_truthy(&self.m.heap, answer) => Some(item),
                Some(_) => None,
                None => Some(answer),
            };
            if let Some(item) = item {
                iter.pos += 1;
                if let Some(Cell::Loop(state)) = wrapper.and_then(|id| self.m.heap.cell_mut(id)) {
                    state.iter.pos += 1;
                }
                return Ok(Drawn::Item(item));
            }
        }
        self.m.heap.charge(1)?;
        let Some((function, candidates, is_filter)) = self.candidates(id)? else {
            return Ok(Drawn::End);
        };
        let kept = if is_filter {
            candidates.clone()
        } else {
            Vec::new()
        };
        self.begin_work(Part::Item, kept);
        self.ask(function, &candidates)?;
        Ok(Drawn::Called)
    }

    /// What a `map` or `filter` calls its function with next.
    #[allow(clippy::type_complexity)]
    fn candidates(
        &mut self,
        id: CellId,
    ) -> Result<Option<(Value<'c>, Vec<Value<'c>>, bool)>, Fault> {
        let Some(Cell::OnePass(state)) = self.m.heap.cell_mut(id) else {
            return Ok(None);
        };
        let mut taken = std::mem::replace(&mut **state, OnePass::Done);
        let is_nested = match &taken {
            OnePass::Map(_, iters) => iters.iter().any(Iter::is_one_pass),
            OnePass::Filter(_, iter) => iter.is_one_pass(),
            _ => false,
        };
        if is_nested {
            self.remember(id, &taken);
        }
        let candidates = self.advance_all(&mut taken);
        if let Some(Cell::OnePass(state)) = self.m.heap.cell_mut(id) {
            **state = taken;
        }
        candidates
    }

    #[allow(clippy::type_complexity)]
    fn advance_all(
        &mut self,
        state: &mut OnePass<'c>,
    ) -> Result<Option<(Value<'c>, Vec<Value<'c>>, bool)>, Fault> {
        let (function, iters, is_filter) = match state {
            OnePass::Map(function, iters) => (*function, iters.as_mut_slice(), false),
            OnePass::Filter(function, iter) => (*function, std::slice::from_mut(iter), true),
            _ => return Ok(None),
        };
        let mut items = Vec::with_capacity(iters.len());
        for iter in iters {
            match self.advance(iter)? {
                Some(item) => items.push(item),
                None => return Ok(None),
            }
        }
        Ok(Some((function, items, is_filter)))
    }

    /// All items of a one-pass iterator, before a loop begins. `None`: a frame
    /// was pushed that works for it.
    pub(crate) fn gather(&mut self, iter: &mut Iter<'c>) -> Result<Option<Vec<Value<'c>>>, Fault> {
        if self.work(Part::Gather).is_none() {
            self.begin_work(Part::Gather, Vec::new());
        }
        loop {
            match self.draw(iter)? {
                Drawn::Called => return Ok(None),
                Drawn::End => break,
                Drawn::Item(item) => {
                    self.m.heap.charge(1)?;
                    let Some(work) = self.work(Part::Gather) else {
                        return Err(bug("no work"));
                    };
                    work.items.push(item);
                    let len = work.items.len() as u64;
                    self.m.heap.check_collection(len)?;
                }
            }
        }
        Ok(self.m.works.pop().map(|work| work.items))
    }
}
