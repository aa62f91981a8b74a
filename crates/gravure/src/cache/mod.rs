//! What is kept by name: a bounded table, and one maker for each name.
//!
//! A hit takes one short lock. A miss makes the value without any lock; others
//! that miss the same name meanwhile wait for it, and nobody waits for another
//! name. Failures reach everybody who waited and are not kept.
//!
//! ```text
//! get_or_make ─ hit, still current ───────────────▶ value
//!            └─ miss ─ first of its name: make ───▶ value or failure
//!                    └ others: wait for the first ▶ the same
//! ```
//!
//! Waiting never ends in a circle: a thread that would wait for itself, through
//! however many others, makes the value on its own instead.

use crate::sync::{Condvar, Counter, Mutex, ThreadId, this_thread};
use gravure_source::RandomState;
use lru::LruCache;
use std::{collections::HashMap, num::NonZeroUsize, sync::Arc};

/// Values by name, the least recently used go first.
#[derive(Debug)]
pub struct Cache<T, E> {
    state: Mutex<State<T, E>>,
    capacity: usize,
    hits: Counter,
    misses: Counter,
}

/// How a cache has done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct CacheStats {
    /// Values kept now.
    pub size: usize,
    /// Values kept at most; 0 means without bound.
    pub max_size: usize,
    /// Lookups that found a current value.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
}

impl CacheStats {
    /// Hits among all lookups; 0 when nothing was asked.
    pub fn hit_rate(&self) -> f64 {
        match self.hits.saturating_add(self.misses) {
            0 => 0.0,
            all => self.hits as f64 / all as f64,
        }
    }
}

#[derive(Debug)]
struct State<T, E> {
    kept: LruCache<Box<str>, Arc<T>, RandomState>,
    /// Who makes which name at the moment.
    flights: HashMap<Box<str>, Arc<Flight<T, E>>, RandomState>,
    /// Which thread waits for which.
    waiting: HashMap<ThreadId, ThreadId, RandomState>,
}

/// One value that is being made.
#[derive(Debug)]
struct Flight<T, E> {
    maker: ThreadId,
    outcome: Mutex<Outcome<T, E>>,
    landed: Condvar,
}

#[derive(Debug)]
enum Outcome<T, E> {
    Flying,
    Made(Result<Arc<T>, E>),
    /// The maker panicked; whoever waited tries on its own.
    Lost,
}

impl<T, E: Clone> Cache<T, E> {
    /// A cache of so many values; 0 means without bound.
    pub fn new(capacity: usize) -> Self {
        let hasher = RandomState::new();
        Self {
            state: Mutex::new(State {
                kept: match NonZeroUsize::new(capacity) {
                    Some(capacity) => LruCache::with_hasher(capacity, hasher),
                    None => LruCache::unbounded_with_hasher(hasher),
                },
                flights: HashMap::default(),
                waiting: HashMap::default(),
            }),
            capacity,
            hits: Counter::default(),
            misses: Counter::default(),
        }
    }

    /// The value of a name: the kept one if `is_current` says so, else what
    /// `make` makes. `make` is handed the kept value that is out of date, and
    /// may give it back. One call counts one hit or one miss.
    ///
    /// # Errors
    /// What `make` says, or what the `make` that was waited for said.
    pub fn get_or_make(
        &self,
        name: &str,
        is_current: impl Fn(&T) -> bool,
        make: impl FnOnce(Option<Arc<T>>) -> Result<Arc<T>, E>,
    ) -> Result<Arc<T>, E> {
        let kept = self.state.lock().kept.get(name).cloned();
        // Asking whether a value is current may mean asking the disk, so it
        // happens outside the lock.
        let stale = match kept {
            Some(value) if is_current(&value) => {
                self.hits.add_one();
                return Ok(value);
            }
            stale => stale,
        };
        self.misses.add_one();
        match self.board(name, stale.as_ref()) {
            Ticket::Kept(value) => Ok(value),
            Ticket::Fly(flight) => {
                let landing = Landing {
                    cache: self,
                    name,
                    flight: &flight,
                };
                let made = make(stale);
                landing.land(made)
            }
            Ticket::Wait(flight) => match self.wait(&flight) {
                Some(made) => made,
                None => make(stale),
            },
            Ticket::Alone => make(stale),
        }
    }

    /// The kept value of a name, current or not; makes it the most recent and
    /// counts nothing.
    pub fn peek(&self, name: &str) -> Option<Arc<T>> {
        self.state.lock().kept.get(name).cloned()
    }

    /// Keep a value in the place of an older one.
    pub fn insert(&self, name: &str, value: Arc<T>) {
        let evicted = {
            let mut state = self.state.lock();
            state.flights.remove(name);
            state.kept.push(name.into(), value)
        };
        drop(evicted);
    }

    /// Forget a name. What is being made under it reaches those who wait, and
    /// is not kept.
    pub fn remove(&self, name: &str) {
        let forgotten = {
            let mut state = self.state.lock();
            state.flights.remove(name);
            state.kept.pop(name)
        };
        drop(forgotten);
    }

    /// Forget everything, the counters too.
    pub fn clear(&self) {
        let hasher = RandomState::new();
        let fresh = match NonZeroUsize::new(self.capacity) {
            Some(capacity) => LruCache::with_hasher(capacity, hasher),
            None => LruCache::unbounded_with_hasher(hasher),
        };
        let forgotten = {
            let mut state = self.state.lock();
            state.flights.clear();
            std::mem::replace(&mut state.kept, fresh)
        };
        drop(forgotten);
        self.hits.reset();
        self.misses.reset();
    }

    /// All kept names, the most recently used first.
    pub fn names(&self) -> Vec<String> {
        let state = self.state.lock();
        state
            .kept
            .iter()
            .map(|(name, _)| name.to_string())
            .collect()
    }

    /// How the cache has done so far.
    pub fn stats(&self) -> CacheStats {
        CacheStats {
            size: self.state.lock().kept.len(),
            max_size: self.capacity,
            hits: self.hits.get(),
            misses: self.misses.get(),
        }
    }

    /// Who makes the value of a name that `stale` does not serve?
    fn board(&self, name: &str, stale: Option<&Arc<T>>) -> Ticket<T, E> {
        let me = this_thread();
        let mut state = self.state.lock();
        // Somebody may have landed between our look and now.
        if let Some(kept) = state.kept.get(name)
            && !stale.is_some_and(|stale| Arc::ptr_eq(stale, kept))
        {
            return Ticket::Kept(kept.clone());
        }
        let Some(flight) = state.flights.get(name).cloned() else {
            let flight = Arc::new(Flight {
                maker: me,
                outcome: Mutex::new(Outcome::Flying),
                landed: Condvar::new(),
            });
            state.flights.insert(name.into(), flight.clone());
            return Ticket::Fly(flight);
        };
        let mut maker = flight.maker;
        loop {
            if maker == me {
                return Ticket::Alone;
            }
            match state.waiting.get(&maker) {
                Some(&next) => maker = next,
                None => break,
            }
        }
        state.waiting.insert(me, flight.maker);
        Ticket::Wait(flight)
    }

    /// What another thread made; `None` if it failed to say.
    fn wait(&self, flight: &Flight<T, E>) -> Option<Result<Arc<T>, E>> {
        let mut outcome = flight.outcome.lock();
        while matches!(*outcome, Outcome::Flying) {
            outcome = flight.landed.wait(outcome);
        }
        let made = match &*outcome {
            Outcome::Made(made) => Some(made.clone()),
            Outcome::Flying | Outcome::Lost => None,
        };
        drop(outcome);
        let me = this_thread();
        self.state.lock().waiting.remove(&me);
        made
    }
}

/// What a thread that misses a name is to do.
enum Ticket<T, E> {
    /// Nothing: here it is.
    Kept(Arc<T>),
    /// Make it for all.
    Fly(Arc<Flight<T, E>>),
    /// Wait for who makes it.
    Wait(Arc<Flight<T, E>>),
    /// Make it for itself: waiting would be for itself.
    Alone,
}

/// Ends a flight, also when `make` panics.
struct Landing<'a, T, E: Clone> {
    cache: &'a Cache<T, E>,
    name: &'a str,
    flight: &'a Arc<Flight<T, E>>,
}

impl<T, E: Clone> Landing<'_, T, E> {
    fn land(self, made: Result<Arc<T>, E>) -> Result<Arc<T>, E> {
        let evicted = {
            let mut state = self.cache.state.lock();
            let is_mine = self.is_listed(&state);
            match &made {
                Ok(value) if is_mine => state.kept.push(self.name.into(), value.clone()),
                _ => None,
            }
        };
        drop(evicted);
        *self.flight.outcome.lock() = Outcome::Made(made.clone());
        made
    }

    /// Is this still the flight of its name? `clear`, `remove` and `insert`
    /// take it off the list.
    fn is_listed(&self, state: &State<T, E>) -> bool {
        state
            .flights
            .get(self.name)
            .is_some_and(|listed| Arc::ptr_eq(listed, self.flight))
    }
}

impl<T, E: Clone> Drop for Landing<'_, T, E> {
    fn drop(&mut self) {
        {
            let mut state = self.cache.state.lock();
            if self.is_listed(&state) {
                state.flights.remove(self.name);
            }
        }
        let mut outcome = self.flight.outcome.lock();
        if matches!(*outcome, Outcome::Flying) {
            *outcome = Outcome::Lost;
        }
        drop(outcome);
        self.flight.landed.notify_all();
    }
}

#[cfg(test)]
mod tests;
