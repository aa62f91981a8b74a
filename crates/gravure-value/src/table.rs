//! A table whose memory outlives a render.
//!
//! What a render holds may be borrowed from its host, and so its tables cannot
//! be kept for the next one as they are. An empty table of another lifetime is
//! made of the same memory in three moves, because nothing in it could still
//! have to be dropped: the table itself drops what it holds, one by one.

use std::mem::{ManuallyDrop, forget, take};

/// A growing table that can leave its memory to another one.
#[derive(Debug)]
pub struct Table<T>(Vec<ManuallyDrop<T>>);

impl<T> Table<T> {
    /// No memory yet.
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// How many there are.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Are there none?
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there may be before it grows.
    #[inline(always)]
    pub fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// Where its memory is: for tests.
    pub fn place(&self) -> usize {
        self.0.as_ptr().addr()
    }

    /// One of them.
    #[inline(always)]
    pub fn get(&self, at: usize) -> Option<&T> {
        self.0.get(at).map(|item| &**item)
    }

    /// One of them, to be changed.
    #[inline(always)]
    pub fn get_mut(&mut self, at: usize) -> Option<&mut T> {
        self.0.get_mut(at).map(|item| &mut **item)
    }

    /// All of them.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator {
        self.0.iter().map(|item| &**item)
    }

    /// All of them, to be changed.
    pub fn iter_mut(&mut self) -> impl DoubleEndedIterator<Item = &mut T> + ExactSizeIterator {
        self.0.iter_mut().map(|item| &mut **item)
    }

    /// The places of all of them. Assigning through one drops what was there.
    #[inline(always)]
    pub fn slots(&mut self) -> &mut [ManuallyDrop<T>] {
        &mut self.0
    }

    /// Add one.
    #[inline(always)]
    pub fn push(&mut self, item: T) {
        self.0.push(ManuallyDrop::new(item));
    }

    /// Take the last one away.
    #[inline(always)]
    pub fn pop(&mut self) -> Option<T> {
        self.0.pop().map(ManuallyDrop::into_inner)
    }

    /// Drop all but the first `len`.
    #[inline(always)]
    pub fn truncate(&mut self, len: usize) {
        while self.0.len() > len {
            drop(self.pop());
        }
    }

    /// Drop all but the first `len`, where most of them need no dropping:
    /// `is_plain` knows those that do not.
    #[inline(always)]
    pub fn cut(&mut self, len: usize, is_plain: impl Fn(&T) -> bool) {
        match self.0.get(len..) {
            None | Some([]) => {}
            Some([last]) if is_plain(last) => self.0.truncate(len),
            Some(_) => self.cut_many(len, is_plain),
        }
    }

    #[inline(never)]
    fn cut_many(&mut self, len: usize, is_plain: impl Fn(&T) -> bool) {
        let rest = self.0.get(len..).unwrap_or(&[]);
        match rest.iter().all(|item| is_plain(item)) {
            true => self.0.truncate(len),
            false => self.truncate(len),
        }
    }

    /// Let the memory go if it is for more than `most`; there is nothing in it.
    pub fn shrink(&mut self, most: usize) {
        if self.0.capacity() > most {
            *self = Self::new();
        }
    }

    /// An empty table in the memory of this one, of the same type but for a
    /// lifetime; what it still holds is forgotten, so clear it before.
    #[inline(always)]
    pub fn recycle<U>(mut self) -> Table<U> {
        let items = take(&mut self.0);
        forget(self);
        Table(recycle(items))
    }
}

impl<T> Default for Table<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Drop for Table<T> {
    fn drop(&mut self) {
        self.truncate(0);
    }
}

/// The same memory for other contents: an empty list of another type, in
/// memory of the same place where both types have one size and alignment, as
/// they have if they differ in a lifetime.
///
/// This is for items that need not be dropped: of those it costs nothing.
#[inline(always)]
pub fn recycle<T, U>(items: Vec<T>) -> Vec<U> {
    let none = items.into_iter().take(0);
    none.map(|_| unreachable!("none is taken")).collect()
}

/// A list whose items are made anew where they lie, on the same terms.
#[inline(always)]
pub fn recycle_with<T, U>(items: Vec<T>, renew: impl Fn(T) -> U) -> Vec<U> {
    items.into_iter().map(renew).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use std::rc::Rc;

    #[test]
    fn the_memory_stays() {
        let text = String::from("short-lived");
        let items: Vec<Value<'_>> = vec![Value::Str(crate::Mark::Plain, &text); 100];
        let place = items.as_ptr() as usize;
        let again: Vec<Value<'static>> = recycle(items);
        assert!(again.is_empty());
        assert_eq!((again.as_ptr() as usize, again.capacity()), (place, 100));
        let mut table: Table<Value<'_>> = Table::new();
        table.push(Value::Str(crate::Mark::Plain, &text));
        let (place, capacity) = (table.place(), table.capacity());
        table.cut(0, |_| true);
        let again: Table<Value<'static>> = table.recycle();
        assert!(again.is_empty());
        assert_eq!((again.place(), again.capacity()), (place, capacity));
    }

    #[test]
    fn what_it_holds_is_dropped_once() {
        let item = Rc::new(());
        let mut table = Table::default();
        for _ in 0..7 {
            table.push(item.clone());
        }
        assert_eq!((table.len(), Rc::strong_count(&item)), (7, 8));
        table.truncate(9);
        table.truncate(5);
        assert_eq!((table.len(), Rc::strong_count(&item)), (5, 6));
        drop(table.pop());
        assert_eq!(Rc::strong_count(&item), 5);
        table.push(item.clone());
        table.cut(1, |_| false);
        assert_eq!((table.len(), Rc::strong_count(&item)), (1, 2));
        table.cut(0, |_| false);
        let capacity = table.capacity();
        table.shrink(capacity);
        assert_eq!(table.capacity(), capacity);
        table.shrink(capacity - 1);
        assert_eq!((table.capacity(), Rc::strong_count(&item)), (0, 1));
        table.push(item.clone());
        drop(table);
        assert_eq!(Rc::strong_count(&item), 1);
    }
}
