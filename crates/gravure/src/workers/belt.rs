//! Results on their way from those who make them to the one who takes them.
//!
//! They come in any order and leave in the order of their numbers. Who makes
//! them stays at most `window` numbers ahead of who takes them, so what waits
//! is bounded. Absent on purpose: threads, and what is being made.

use crate::sync::{Condvar, Guard, Mutex};
use std::collections::VecDeque;

/// A belt of numbered results.
#[derive(Debug)]
pub(crate) struct Belt<R> {
    window: usize,
    state: Mutex<State<R>>,
    moved: Condvar,
}

#[derive(Debug)]
struct State<R> {
    /// The number of the first result that has not been taken.
    first: usize,
    /// Results from `first` on, as far as they are there.
    waiting: VecDeque<Option<R>>,
    /// How many there will be, once that is known.
    total: Option<usize>,
    /// Nobody takes any more, or somebody failed to make one.
    is_stopped: bool,
}

impl<R> Belt<R> {
    pub(crate) fn new(window: usize) -> Self {
        Self {
            window: window.max(1),
            state: Mutex::new(State {
                first: 0,
                waiting: VecDeque::new(),
                total: None,
                is_stopped: false,
            }),
            moved: Condvar::new(),
        }
    }

    /// Wait until the result of a number has room; `false` if nobody wants it.
    pub(crate) fn has_room(&self, number: usize) -> bool {
        let mut state = self.state.lock();
        while !state.is_stopped && number - state.first.min(number) >= self.window {
            state = self.moved.wait(state);
        }
        !state.is_stopped
    }

    /// Lay the result of a number on the belt, once.
    pub(crate) fn put(&self, number: usize, result: R) {
        let mut state = self.state.lock();
        let at = number.saturating_sub(state.first);
        while state.waiting.len() <= at {
            state.waiting.push_back(None);
        }
        if let Some(place) = state.waiting.get_mut(at) {
            *place = Some(result);
        }
        self.tell(state);
    }

    /// There will be this many.
    pub(crate) fn end(&self, total: usize) {
        let mut state = self.state.lock();
        state.total = Some(total);
        self.tell(state);
    }

    /// Nothing more will be taken, or can be made.
    pub(crate) fn stop(&self) {
        let mut state = self.state.lock();
        state.is_stopped = true;
        self.tell(state);
    }

    /// Wait for the next result in order; `None` behind the last.
    pub(crate) fn take(&self) -> Option<R> {
        let mut state = self.state.lock();
        loop {
            if state.is_stopped || state.total == Some(state.first) {
                return None;
            }
            if let Some(Some(_)) = state.waiting.front() {
                let result = state.waiting.pop_front().flatten();
                state.first += 1;
                self.tell(state);
                return result;
            }
            state = self.moved.wait(state);
        }
    }

    fn tell(&self, state: Guard<'_, State<R>>) {
        drop(state);
        self.moved.notify_all();
    }
}
