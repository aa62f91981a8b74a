//! What threads share, in one place: locks, conditions, swapped pointers.
//!
//! The cores that synchronize, `swap.rs`, `cache/` and `workers/belt.rs`, take everything of
//! that kind from here and nothing from anywhere else. So the package `models`
//! can compile the same files against types that try every order in which
//! threads may run. Absent on purpose: anything a render would need.

use arc_swap::ArcSwap;
use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

pub(crate) use std::thread::ThreadId;

/// Which thread is this?
pub(crate) fn this_thread() -> ThreadId {
    std::thread::current().id()
}

/// A lock that a panic does not poison.
#[derive(Debug, Default)]
pub(crate) struct Mutex<T>(parking_lot::Mutex<T>);

/// A lock that is held.
pub(crate) type Guard<'a, T> = parking_lot::MutexGuard<'a, T>;

impl<T> Mutex<T> {
    pub(crate) fn new(value: T) -> Self {
        Self(parking_lot::Mutex::new(value))
    }

    pub(crate) fn lock(&self) -> Guard<'_, T> {
        self.0.lock()
    }
}

/// Wakes those who wait for what a lock guards.
#[derive(Debug, Default)]
pub(crate) struct Condvar(parking_lot::Condvar);

impl Condvar {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Let the lock go until somebody tells; there may be no reason to wake.
    pub(crate) fn wait<'a, T>(&self, mut guard: Guard<'a, T>) -> Guard<'a, T> {
        self.0.wait(&mut guard);
        guard
    }

    pub(crate) fn notify_all(&self) {
        self.0.notify_all();
    }
}

/// A pointer that many read and few swap. Reading takes no lock and writes
/// nothing that another thread reads.
#[derive(Debug)]
pub(crate) struct Slot<T>(ArcSwap<T>);

/// What a slot held when it was read; it stays until this is dropped.
pub(crate) type Read<T> = arc_swap::Guard<Arc<T>>;

impl<T> Slot<T> {
    pub(crate) fn new(value: Arc<T>) -> Self {
        Self(ArcSwap::new(value))
    }

    pub(crate) fn read(&self) -> Read<T> {
        self.0.load()
    }

    /// Gives back what was there, so that dropping it is the caller's.
    pub(crate) fn swap(&self, value: Arc<T>) -> Arc<T> {
        self.0.swap(value)
    }
}

/// Counts up. It orders nothing.
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

/// A number that says how far something has come: who reads it sees what was
/// done before it was set.
#[derive(Debug, Default)]
pub(crate) struct Epoch(AtomicU64);

impl Epoch {
    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn set(&self, epoch: u64) {
        self.0.store(epoch, Ordering::Release);
    }

    pub(crate) fn advance(&self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}
