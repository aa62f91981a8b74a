//! Empty tables that outlive a render, so that the next one need not ask for
//! memory.

use crate::{Cell, ContextVar, Heap, Held, Limits, Pool, heap::MIN_COLLECT};
use std::{
    mem::{forget, take},
    sync::Arc,
};

/// The tables of a heap, empty.
#[derive(Debug, Default)]
pub struct SpareHeap {
    pub(crate) cells: Vec<Cell<'static>>,
    pub(crate) pools: Vec<Held<'static, dyn Pool>>,
    pub(crate) vars: Vec<Arc<Vec<ContextVar<'static>>>>,
}

impl<'c> Heap<'c> {
    /// Begin a render with a heap that is new or was emptied.
    #[inline(always)]
    pub fn begin(&mut self, limits: &Limits) {
        self.free = None;
        self.live = 0;
        self.held = 0;
        self.collect_at = MIN_COLLECT;
        self.meter.begin(limits.fuel);
        (*self.limits).clone_from(limits);
    }

    /// End a render: drop all that it has made.
    #[inline(always)]
    pub fn empty(&mut self) {
        // A table that one large render blew up is not worth keeping.
        const MOST: usize = 1 << 14;
        self.cells.clear();
        self.pools.clear();
        self.spare_vars.clear();
        self.meter.drop_alarm();
        if self.cells.capacity() > MOST {
            self.cells = Vec::new();
            self.marks = Vec::new();
        }
        if self.collects_always {
            self.collects_always = false;
        }
    }

    /// Take the empty tables out of a heap that was emptied.
    #[inline(always)]
    pub fn take_tables(&mut self) -> SpareHeap {
        SpareHeap {
            cells: recycle(take(&mut self.cells)),
            pools: recycle(take(&mut self.pools)),
            vars: recycle(take(&mut self.spare_vars)),
        }
    }

    /// Put empty tables back.
    #[inline(always)]
    pub fn give_tables(&mut self, tables: SpareHeap) {
        self.cells = tables.cells;
        self.pools = tables.pools;
        self.spare_vars = tables.vars;
    }

    /// A heap without tables, for a render of any lifetime. Nothing here can
    /// fail or must be dropped, so it is moved in one go.
    #[inline(always)]
    pub fn hollow(self) -> Heap<'static> {
        forget((self.cells, self.pools, self.spare_vars));
        Heap {
            cells: Vec::new(),
            free: self.free,
            live: self.live,
            held: self.held,
            collect_at: self.collect_at,
            collects_always: self.collects_always,
            marks: self.marks,
            pools: Vec::new(),
            spare_vars: Vec::new(),
            attributes: None,
            limits: self.limits,
            meter: self.meter,
        }
    }
}

/// The same memory for other contents: an empty table of another type. The
/// memory is kept where both types have one size and alignment, as they have
/// if they differ in a lifetime.
#[inline]
pub fn recycle<T, U>(mut table: Vec<T>) -> Vec<U> {
    if table.capacity() == 0 {
        return Vec::new();
    }
    table.clear();
    recycle_with(table, |_| unreachable!("the table is empty"))
}

/// A table whose elements are made anew where they lie, on the same terms.
#[inline]
pub fn recycle_with<T, U>(table: Vec<T>, renew: impl Fn(T) -> U) -> Vec<U> {
    table.into_iter().map(renew).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn the_memory_stays() {
        let text = String::from("short-lived");
        let table: Vec<Value<'_>> = vec![Value::Str(crate::Mark::Plain, &text); 100];
        let place = table.as_ptr() as usize;
        let again: Vec<Value<'static>> = recycle(table);
        assert!(again.is_empty());
        assert_eq!((again.as_ptr() as usize, again.capacity()), (place, 100));
    }
}
