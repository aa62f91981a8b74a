//! Lists, tuples and dicts.

use crate::exec::{Done, Exec, Flow};
use gravure_bytecode::{Base, Count, Dst, Src};
use gravure_value::{Cell, CellKind, Dict, Value};
use std::sync::Arc;

impl<'c> Exec<'_, 'c> {
    pub(crate) fn make_list(&mut self, dst: Dst, base: Base, count: Count) -> Done {
        self.m.heap.charge(u64::from(count.0))?;
        let items = self.window(base, count.index()).to_vec();
        let value = self.m.heap.new_list(items)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn make_tuple(&mut self, dst: Dst, base: Base, count: Count) -> Done {
        self.m.heap.charge(u64::from(count.0))?;
        let items = self.window(base, count.index()).to_vec();
        let value = self.m.heap.new_tuple(items)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn make_dict(&mut self, dst: Dst, base: Base, count: Count) -> Done {
        self.m.heap.charge(u64::from(count.0))?;
        let pairs = self.window(base, 2 * count.index()).to_vec();
        let mut dict = Dict::new();
        for pair in pairs.chunks_exact(2) {
            if let &[key, value] = pair {
                dict.insert(&self.m.heap, key, value)?;
            }
        }
        let value = self.m.heap.new_dict(dict)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    pub(crate) fn list_push(&mut self, list: Src, src: Src) -> Done {
        let item = self.get(src);
        let Value::Cell(CellKind::List, id) = self.get(list) else {
            return Ok(Flow::Go);
        };
        if let Cell::List(items) = self.m.heap.cell(id) {
            let len = items.len() as u64;
            self.m.heap.check_collection(len + 1)?;
        }
        self.m.heap.grow(size_of::<Value<'_>>())?;
        if let Some(Cell::List(items)) = self.m.heap.cell_mut(id) {
            Arc::make_mut(items).push(item);
        }
        Ok(Flow::Go)
    }
}
