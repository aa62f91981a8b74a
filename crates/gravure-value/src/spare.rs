//! A heap that outlives its render, empty, so that the next one need not ask
//! for memory.

use crate::{Heap, Limits, heap::MIN_COLLECT};

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
        self.cells.clear(MOST);
        self.pools.clear(MOST);
        self.spare_vars.clear(MOST);
        self.meter.drop_alarm();
        if self.marks.capacity() > MOST {
            self.marks = Vec::new();
        }
        if self.collects_always {
            self.collects_always = false;
        }
    }

    /// The memory of a heap that was emptied, for a render of any lifetime.
    #[inline(always)]
    pub fn hollow(self) -> Heap<'static> {
        Heap {
            cells: self.cells.recycle(),
            free: self.free,
            live: self.live,
            held: self.held,
            collect_at: self.collect_at,
            collects_always: self.collects_always,
            marks: self.marks,
            pools: self.pools.recycle(),
            spare_vars: self.spare_vars.recycle(),
            attributes: None,
            limits: self.limits,
            meter: self.meter,
        }
    }
}
