//! A heap that outlives its render, empty, so that the next one need not ask
//! for memory.

use crate::{Cell, Heap, Held, Limits, Table, heap::MIN_COLLECT};
use std::mem::forget;

impl<'c> Heap<'c> {
    /// Begin a render with a heap that is new or was emptied. Limits of the
    /// same number are the same, but for 0: they need not be taken again.
    #[inline(always)]
    pub fn begin(&mut self, limits: &Limits, number: u64) {
        self.meter.begin(limits.fuel);
        if number == 0 || number != self.limits_number {
            self.take_limits(limits, number);
        }
    }

    #[inline(never)]
    fn take_limits(&mut self, limits: &Limits, number: u64) {
        (*self.limits).clone_from(limits);
        self.limits_number = number;
    }

    /// End a render: drop all that it has made.
    #[inline(always)]
    pub fn empty(&mut self) {
        self.cells.cut(0, Cell::is_plain);
        self.pools.cut(0, Held::is_borrowed);
        if self.spare_vars.capacity() > 0 {
            self.drop_vars();
        }
        self.meter.empty();
    }

    #[inline(never)]
    fn drop_vars(&mut self) {
        self.spare_vars = Table::new();
    }

    /// For how many its tables have memory at most: a number that is not less
    /// than any of theirs.
    #[inline(always)]
    pub fn width(&self) -> usize {
        self.cells.capacity() | self.pools.capacity()
    }

    /// Let go what one large render blew up; it is empty.
    pub fn shrink(&mut self) {
        const MOST: usize = 1 << 14;
        self.cells.shrink(MOST);
        self.pools.shrink(MOST);
    }

    /// The memory of a heap that was emptied, for a render of any lifetime:
    /// all but its tables is as in a new one.
    #[inline(always)]
    pub fn hollow(self) -> Heap<'static> {
        // It has no memory.
        forget(self.spare_vars);
        Heap {
            cells: self.cells.recycle(),
            free: None,
            live: 0,
            held: 0,
            collect_at: MIN_COLLECT,
            collects_always: false,
            pools: self.pools.recycle(),
            spare_vars: Table::new(),
            attributes: None,
            limits: self.limits,
            limits_number: self.limits_number,
            meter: self.meter.hollow(),
        }
    }
}
