//! What `crates/gravure/src/sync.rs` offers, made of types that loom drives.
//!
//! A slot is a lock here: that reads and swaps of a pointer come in one order
//! is what the real one promises, and nobody here doubts it. Counters order
//! nothing, so they are left out of the game.

use loom::sync as real;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

pub(crate) use loom::thread::ThreadId;

pub(crate) fn this_thread() -> ThreadId {
    loom::thread::current().id()
}

#[derive(Debug)]
pub(crate) struct Mutex<T>(real::Mutex<T>);

pub(crate) type Guard<'a, T> = real::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(real::Mutex::new(value))
    }

    /// A lock that a panic does not poison.
    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

#[derive(Debug)]
pub(crate) struct Condvar(real::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self(real::Condvar::new())
    }

    pub(crate) fn wait<'a, T>(&self, guard: Guard<'a, T>) -> Guard<'a, T> {
        let woken = self.0.wait(guard);
        woken.unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

#[derive(Debug)]
pub(crate) struct Slot<T>(Mutex<Arc<T>>);

pub(crate) type Read<T> = Arc<T>;

impl<T> Slot<T> {
    pub(crate) fn new(value: Arc<T>) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn read(&self) -> Read<T> {
        self.0.lock().clone()
    }

    pub(crate) fn swap(&self, value: Arc<T>) -> Arc<T> {
        std::mem::replace(&mut *self.0.lock(), value)
    }
}

#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add_one(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn reset(&self) {
        self.0.store(0, Ordering::Relaxed);
    }
}

#[derive(Debug, Default)]
pub(crate) struct Epoch(real::atomic::AtomicU64);

impl Epoch {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
