//! Numbers of registers, iterators and captures: taken and given back like a
//! stack, the highest one remembered.

/// One file of numbered places.
#[derive(Debug, Default)]
pub(crate) struct Registers {
    next: u32,
    max: u32,
}

/// The most places that a frame can have.
const MOST: u32 = u16::MAX as u32;

impl Registers {
    /// The first of `n` new places, in a row; `None` if there are no more.
    pub(crate) fn alloc(&mut self, n: u32) -> Option<u16> {
        let first = self.next;
        let next = first.checked_add(n).filter(|&next| next <= MOST)?;
        self.next = next;
        self.max = self.max.max(next);
        u16::try_from(first).ok()
    }

    /// How many are taken: what to give to [`Registers::release`].
    pub(crate) fn mark(&self) -> u32 {
        self.next
    }

    /// Give back everything that was taken since the mark.
    pub(crate) fn release(&mut self, mark: u32) {
        // Where numbers ran out, less was taken than the caller believes.
        self.next = self.next.min(mark);
    }

    /// Have so many more behind all others.
    pub(crate) fn extend(&mut self, n: u32) {
        self.max = self.max.saturating_add(n);
    }

    /// How many a frame must have.
    pub(crate) fn most(&self) -> u16 {
        self.max.min(MOST) as u16
    }
}
