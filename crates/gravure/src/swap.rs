//! One value that is never changed, only replaced as a whole.
//!
//! Readers take what is newest and keep it as long as they like; they wait for
//! nobody. Writers take turns: each begins with what the one before it left,
//! so no change is lost. While a writer works no lock is held, so what it
//! calls may read, and drop whatever it likes.
//!
//! Values have versions, so that who has kept one sees by a look at a number
//! whether it still is the newest. No reader sees an older value after a newer
//! one, kept or not.

use crate::sync::{Condvar, Epoch, Mutex, Read, Slot, ThreadId, this_thread};
use std::sync::Arc;

/// The newest of many values.
#[derive(Debug)]
pub(crate) struct Swap<T> {
    newest: Slot<T>,
    /// Two more with each value; odd while one takes the place of another.
    version: Epoch,
    /// Whose turn it is to write.
    writer: Mutex<Option<ThreadId>>,
    turn_over: Condvar,
}

impl<T: Clone> Swap<T> {
    pub(crate) fn new(value: T) -> Self {
        Self {
            newest: Slot::new(Arc::new(value)),
            version: Epoch::default(),
            writer: Mutex::new(None),
            turn_over: Condvar::new(),
        }
    }

    /// The newest value.
    pub(crate) fn read(&self) -> Read<T> {
        self.newest.read()
    }

    /// The newest value, to be kept, with its version; `None` while it changes.
    pub(crate) fn keep(&self) -> Option<(u64, Arc<T>)> {
        // Read before the value: one that comes meanwhile makes it stale.
        let version = self.version.get();
        let is_settled = version.is_multiple_of(2);
        is_settled.then(|| (version, Arc::clone(&self.newest.read())))
    }

    /// Is a value that was kept still the newest?
    #[inline(always)]
    pub(crate) fn is_newest(&self, version: u64) -> bool {
        self.version.get() == version
    }

    /// Copy the newest value, change the copy, make it the newest. A panic of
    /// `change` leaves everything as it was.
    ///
    /// # Panics
    /// If `change` itself asks for a change: it would wait for itself.
    pub(crate) fn update<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let turn = self.take_turn();
        let mut next = T::clone(&self.newest.read());
        let answer = change(&mut next);
        let next = Arc::new(next);
        self.version.advance();
        let old = self.newest.swap(next);
        self.version.advance();
        drop(turn);
        // What the host put into it may do anything when it is dropped.
        drop(old);
        answer
    }

    fn take_turn(&self) -> Turn<'_, T> {
        let me = this_thread();
        let mut writer = self.writer.lock();
        while let Some(other) = *writer {
            assert!(other != me, "an update cannot ask for an update");
            writer = self.turn_over.wait(writer);
        }
        *writer = Some(me);
        Turn(self)
    }
}

/// A turn to write; it ends when this is dropped, also by a panic.
struct Turn<'a, T>(&'a Swap<T>);

impl<T> Drop for Turn<'_, T> {
    fn drop(&mut self) {
        *self.0.writer.lock() = None;
        self.0.turn_over.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        panic::{AssertUnwindSafe, catch_unwind},
        thread,
    };

    #[test]
    fn no_change_is_lost() {
        let swap = Swap::new(Vec::new());
        thread::scope(|scope| {
            for thread in 0..8 {
                let swap = &swap;
                scope.spawn(move || {
                    for n in 0..200 {
                        swap.update(|all| all.push((thread, n)));
                    }
                });
            }
        });
        let all = swap.read();
        assert_eq!(all.len(), 1_600);
        for thread in 0..8 {
            let own = all.iter().filter(|it| it.0 == thread).map(|it| it.1);
            assert!(own.eq(0..200), "in order");
        }
    }

    #[test]
    fn a_reader_keeps_what_it_has() {
        let swap = Swap::new(1);
        let before = swap.read();
        swap.update(|it| *it = 2);
        assert_eq!((**before, **swap.read()), (1, 2));
    }

    #[test]
    fn a_value_that_is_kept_is_known_to_be_old() {
        let swap = Swap::new(1);
        let (version, value) = swap.keep().unwrap();
        assert!(swap.is_newest(version));
        swap.update(|it| *it = 2);
        assert!(!swap.is_newest(version));
        assert_eq!((*value, *swap.keep().unwrap().1), (1, 2));
    }

    #[test]
    fn a_change_that_fails_changes_nothing() {
        let swap = Swap::new(1);
        let failed = catch_unwind(AssertUnwindSafe(|| {
            swap.update(|it| {
                *it = 2;
                assert!(*it == 3, "the host's mistake");
            });
        }));
        assert!(failed.is_err());
        let nested = catch_unwind(AssertUnwindSafe(|| {
            swap.update(|_| swap.update(|it| *it = 4));
        }));
        assert!(nested.is_err());
        assert_eq!(**swap.read(), 1);
        swap.update(|it| *it = 5);
        assert_eq!(**swap.read(), 5);
    }

    #[test]
    fn who_changes_and_who_drops_may_read() {
        struct Reader(Option<Arc<Swap<Reader>>>);
        impl Clone for Reader {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }
        impl Drop for Reader {
            fn drop(&mut self) {
                if let Some(swap) = &self.0 {
                    swap.update(|_| ());
                }
            }
        }
        let swap = Arc::new(Swap::new(Reader(None)));
        swap.update(|it| it.0 = Some(swap.clone()));
        swap.update(|it| {
            assert!(swap.read().0.is_some());
            it.0.take();
        });
        assert!(swap.read().0.is_none());
    }
}
