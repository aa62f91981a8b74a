//! A render in small: just enough of a host to run natives.

use gravure_value::{
    Call, Cell, CellKind, Data, Fault, Heap, Items, Iter, Limits, NativeId, OnePass, Registry, Run,
    Surface, Value, World, bind, ops,
};
use std::{mem, time::Duration};

/// A world in which nothing changes but what a test sets.
pub(crate) struct Still {
    pub(crate) meta: Vec<(&'static str, Data<'static>)>,
    pub(crate) offset: i32,
    pub(crate) translates: bool,
}

impl World for Still {
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn local_offset(&self, _: i64) -> i32 {
        self.offset
    }
    fn random(&self) -> u64 {
        0x9e37_79b9_7f4a_7c15
    }
    fn meta(&self, key: &str) -> Option<Data<'static>> {
        let found = self.meta.iter().find(|(name, _)| *name == key);
        found.map(|(_, data)| data.clone())
    }
    fn debug(&self, _: &str) {}
    fn gettext(&self, message: &str) -> Option<String> {
        self.translates.then(|| format!("«{message}»"))
    }
    fn ngettext(&self, singular: &str, plural: &str, n: i64) -> Option<String> {
        let message = if n == 1 { singular } else { plural };
        self.translates.then(|| format!("«{message}:{n}»"))
    }
}

pub(crate) struct Bench<'c> {
    pub(crate) heap: Heap<'c>,
    pub(crate) registry: Registry,
    pub(crate) world: Still,
    pub(crate) surface: Surface,
    pub(crate) strict_none: bool,
}

impl Bench<'_> {
    pub(crate) fn new(surface: Surface, limits: Limits) -> Self {
        Self {
            heap: Heap::new(limits),
            registry: gravure_builtins::registry(),
            world: Still {
                meta: Vec::new(),
                offset: 0,
                translates: false,
            },
            surface,
            strict_none: false,
        }
    }
}

impl<'c> Bench<'c> {
    pub(crate) fn call_native(
        &mut self,
        id: NativeId,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        let native = self
            .registry
            .native(id)
            .expect("the number was given")
            .clone();
        bind(&native.name, &native.params, args, named, |args| {
            let price = native.price_of(&self.heap, &args);
            self.heap.charge(price)?;
            let mut call = Call { host: self };
            match &native.run {
                Run::Builtin(run) => run(&mut call, args),
                Run::Host(run) => run.run(&mut call, args),
            }
        })
    }

    /// The next item of the iterator in a cell. Its state is out of the cell
    /// meanwhile, so an iterator that reads itself is empty.
    fn advance(&mut self, state: &mut OnePass<'c>) -> Result<Option<Value<'c>>, Fault> {
        use gravure_value::Host as _;
        match state {
            OnePass::Done | OnePass::Async(..) => Ok(None),
            OnePass::Plain(iter) => self.next(iter),
            OnePass::Enumerate(iter, number) => {
                let Some(item) = self.next(iter)? else {
                    return Ok(None);
                };
                let pair = self.heap.new_tuple(vec![*number, item])?;
                *number = ops::add(&mut self.heap, Surface::Text, *number, Value::Int(1))?;
                Ok(Some(pair))
            }
            OnePass::Zip(iters, strict) => {
                let mut items = Vec::new();
                for iter in iters.iter_mut() {
                    items.extend(self.next(iter)?);
                }
                if items.len() == iters.len() && !items.is_empty() {
                    return self.heap.new_tuple(items).map(Some);
                }
                match *strict && !items.is_empty() {
                    true => Err(Fault::value("`zip` got unequal lengths")),
                    false => Ok(None),
                }
            }
            OnePass::Map(function, iters) => {
                let mut items = Vec::new();
                for iter in iters.iter_mut() {
                    match self.next(iter)? {
                        Some(item) => items.push(item),
                        None => return Ok(None),
                    }
                }
                self.call(*function, &items, &[]).map(Some)
            }
            OnePass::Filter(function, iter) => {
                while let Some(item) = self.next(iter)? {
                    let answer = match function.is_none() {
                        true => item,
                        false => self.call(*function, &[item], &[])?,
                    };
                    if ops::is_truthy(&self.heap, answer) {
                        return Ok(Some(item));
                    }
                }
                Ok(None)
            }
        }
    }
}

impl<'c> gravure_value::Host<'c> for Bench<'c> {
    fn heap(&mut self) -> &mut Heap<'c> {
        &mut self.heap
    }
    fn world(&self) -> &dyn World {
        &self.world
    }
    fn registry(&self) -> &Registry {
        &self.registry
    }
    fn surface(&self) -> Surface {
        self.surface
    }
    fn strict(&self) -> bool {
        true
    }
    fn strict_none(&self) -> bool {
        self.strict_none
    }
    fn consume(&mut self, key: &str) -> Option<Value<'c>> {
        (key == "provided").then_some(Value::Int(7))
    }
    fn call(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        match callee {
            Value::Native(id) => self.call_native(id, args, named),
            Value::Cell(CellKind::Bound, cell) => {
                let Cell::Bound(id, receiver) = *self.heap.cell(cell) else {
                    return Err(Fault::not_callable("function"));
                };
                let mut all = vec![receiver];
                all.extend_from_slice(args);
                self.call_native(id, &all, named)
            }
            _ => Err(Fault::not_callable(self.heap.kind_name(callee))),
        }
    }
    fn attr(&mut self, value: Value<'c>, name: &str) -> Result<Option<Value<'c>>, Fault> {
        if let Some(found) = ops::entry(&self.heap, value, name) {
            return Ok(Some(found));
        }
        let kind = self.heap.kind(value);
        if let Some(id) = self.registry.property(kind, name) {
            return self.call_native(id, &[value], &[]).map(Some);
        }
        let Some(id) = self.registry.method(kind, name) else {
            return Ok(None);
        };
        let cell = self.heap.alloc(Cell::Bound(id, value))?;
        Ok(Some(Value::Cell(CellKind::Bound, cell)))
    }
    fn next(&mut self, iter: &mut Iter<'c>) -> Result<Option<Value<'c>>, Fault> {
        let Items::OnePass(cell) = iter.items else {
            return Ok(iter.step(&self.heap));
        };
        let Some(Cell::OnePass(state)) = self.heap.cell_mut(cell) else {
            return Ok(None);
        };
        let mut state = mem::replace(&mut **state, OnePass::Done);
        let item = self.advance(&mut state)?;
        if item.is_some()
            && let Some(Cell::OnePass(place)) = self.heap.cell_mut(cell)
        {
            **place = state;
        }
        Ok(item)
    }
}
