//! Values that are not there yet: a future of one, or a stream of many.
//!
//! In: a host's future or stream. Out: a handle that a template can hold, and
//! a [`Waiter`] that a driver polls. The one idea: what is awaited belongs to
//! the handle and not to who waits, so a value that is awaited twice, or by
//! two renders at once, is computed once, and a render that is dropped takes
//! nothing with it. Absent on purpose: executors, timers, spawning, and locks
//! that wait: who finds a future in somebody else's hands is woken when that
//! one is done.

use crate::{Data, SharedObject};
use futures_core::Stream;
use std::{
    error::Error,
    future::Future,
    pin::Pin,
    sync::{
        Arc, Mutex, PoisonError, TryLockError,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
};

/// What a future or an item of a stream comes to.
pub type Outcome = Result<Data<'static>, Box<dyn Error + Send + Sync>>;

type BoxFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;
type BoxStream = Pin<Box<dyn Stream<Item = Outcome> + Send>>;

/// A value that is not there yet: what `await` waits for. Clones are the same
/// value, which is computed once, by whoever polls first.
///
/// ```
/// use gravure_value::{Awaitable, Data};
/// let answer = Awaitable::new(async { Ok(Data::Int(42)) });
/// assert!(matches!(Data::from(answer), Data::Shared(_)));
/// ```
#[derive(Clone)]
pub struct Awaitable(Arc<Shared<Value>>);

/// Values that come one by one: what `async for` goes through. Clones share
/// the items: each is given once.
#[derive(Clone)]
pub struct AsyncItems(Arc<Shared<Items>>);

struct Shared<T> {
    state: Mutex<T>,
    relay: Arc<Relay>,
    /// Somebody has found the state in another's hands.
    is_wanted: AtomicBool,
}

enum Value {
    Running(BoxFuture),
    Done(Data<'static>),
    /// The error is the first one's who asks; later ones get its sentence.
    Failed(Option<Box<dyn Error + Send + Sync>>, String),
}

enum Items {
    /// The stream, and an item that nobody has taken yet.
    Running(BoxStream, Option<Outcome>),
    Ended,
}

/// What an [`AsyncItems`] has at the moment.
pub enum Taken {
    /// An item.
    Item(Outcome),
    /// No item any more.
    End,
    /// Not yet: wait.
    NotYet,
}

impl<T> Shared<T> {
    fn new(state: T) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(state),
            relay: Arc::default(),
            is_wanted: AtomicBool::new(false),
        })
    }

    /// Look at the state, unless another is at it.
    fn with<U>(&self, look: impl FnOnce(&mut T) -> U) -> Option<U> {
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            Err(TryLockError::WouldBlock) => return None,
        };
        Some(look(&mut state))
    }

    /// Register a waker, then poll. If the state is in another's hands, that
    /// one wakes us when it lets go: the wish is told before the look, and the
    /// other looks for wishes after it has let go.
    fn poll(
        &self,
        ticket: u64,
        waker: &Waker,
        poll: impl FnOnce(&mut T, &mut Context<'_>) -> Poll<()>,
    ) -> Poll<()> {
        self.relay.register(ticket, waker);
        self.is_wanted.store(true, Ordering::SeqCst);
        let relay = Waker::from(self.relay.clone());
        let polled = self.with(|state| {
            self.is_wanted.store(false, Ordering::SeqCst);
            poll(state, &mut Context::from_waker(&relay))
        });
        match polled {
            None => Poll::Pending,
            Some(done) => {
                if done.is_ready() {
                    self.relay.forget(ticket);
                }
                if self.is_wanted.swap(false, Ordering::SeqCst) || done.is_ready() {
                    self.relay.wake_all();
                }
                done
            }
        }
    }
}

/// Hands one wake to everybody who waits.
#[derive(Default)]
struct Relay {
    waiting: Mutex<Vec<(u64, Waker)>>,
    tickets: AtomicU64,
}

impl Relay {
    fn register(&self, ticket: u64, waker: &Waker) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        match waiting.iter_mut().find(|(other, _)| *other == ticket) {
            Some((_, known)) => known.clone_from(waker),
            None => waiting.push((ticket, waker.clone())),
        }
    }

    fn forget(&self, ticket: u64) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|(other, _)| *other != ticket);
    }

    fn wake_all(&self) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = std::mem::take(&mut *waiting);
        drop(waiting);
        for (_, waker) in woken {
            waker.wake();
        }
    }
}

impl Wake for Relay {
    fn wake(self: Arc<Self>) {
        self.wake_all();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.wake_all();
    }
}

/// Run code of the host; a panic is an error like any other.
fn guarded<T>(run: impl FnOnce() -> T) -> Result<T, Box<dyn Error + Send + Sync>> {
    crate::guarded(run).map_err(|_| "it panicked".into())
}

impl Awaitable {
    /// A value that a future will give.
    pub fn new(future: impl Future<Output = Outcome> + Send + 'static) -> Self {
        Self(Shared::new(Value::Running(Box::pin(future))))
    }

    /// The value, if it is there.
    pub fn take(&self) -> Option<Outcome> {
        self.0.with(Value::outcome).flatten()
    }
}

impl Value {
    fn outcome(&mut self) -> Option<Outcome> {
        match self {
            Value::Running(_) => None,
            Value::Done(data) => Some(Ok(data.clone())),
            Value::Failed(error, sentence) => {
                Some(Err(error.take().unwrap_or_else(|| sentence.clone().into())))
            }
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Value::Running(future) = self else {
            return Poll::Ready(());
        };
        let outcome = match guarded(|| future.as_mut().poll(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(outcome)) => outcome,
            Err(panicked) => Err(panicked),
        };
        let done = match outcome {
            Ok(data) => Value::Done(data),
            Err(error) => {
                let sentence = error.to_string();
                Value::Failed(Some(error), sentence)
            }
        };
        let future = std::mem::replace(self, done);
        // A value that is there is there, whatever its future leaves with.
        let _ = guarded(|| drop(future));
        Poll::Ready(())
    }
}

impl AsyncItems {
    /// Values that a stream will give.
    pub fn new(stream: impl Stream<Item = Outcome> + Send + 'static) -> Self {
        Self(Shared::new(Items::Running(Box::pin(stream), None)))
    }

    /// The next item, if it is there.
    pub fn take(&self) -> Taken {
        let taken = self.0.with(|state| match state {
            Items::Ended => Taken::End,
            Items::Running(_, next) => next.take().map_or(Taken::NotYet, Taken::Item),
        });
        taken.unwrap_or(Taken::NotYet)
    }
}

impl Items {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let Items::Running(stream, next) = self else {
            return Poll::Ready(());
        };
        if next.is_some() {
            return Poll::Ready(());
        }
        match guarded(|| stream.as_mut().poll_next(cx)) {
            Ok(Poll::Pending) => return Poll::Pending,
            Ok(Poll::Ready(Some(item))) => *next = Some(item),
            Ok(Poll::Ready(None)) => {
                let stream = std::mem::replace(self, Items::Ended);
                let _ = guarded(|| drop(stream));
            }
            Err(panicked) => *next = Some(Err(panicked)),
        }
        Poll::Ready(())
    }
}

/// Somebody who waits for one of both. Dropped, it waits no more.
pub struct Waiter {
    target: Target,
    ticket: u64,
}

enum Target {
    Value(Awaitable),
    Items(AsyncItems),
}

impl Target {
    fn relay(&self) -> &Relay {
        match self {
            Target::Value(value) => &value.0.relay,
            Target::Items(items) => &items.0.relay,
        }
    }
}

impl Waiter {
    /// Wait for a value.
    pub fn for_value(value: Awaitable) -> Self {
        Self::new(Target::Value(value))
    }

    /// Wait for an item, or for the end.
    pub fn for_item(items: AsyncItems) -> Self {
        Self::new(Target::Items(items))
    }

    fn new(target: Target) -> Self {
        let ticket = target.relay().tickets.fetch_add(1, Ordering::Relaxed);
        Self { target, ticket }
    }

    /// The value that is waited for, if it is one.
    pub fn value(&self) -> Option<Awaitable> {
        match &self.target {
            Target::Value(value) => Some(value.clone()),
            Target::Items(_) => None,
        }
    }

    /// Is there something to take? If not, the task is woken when it is worth
    /// asking again.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let (ticket, waker) = (self.ticket, cx.waker());
        match &self.target {
            Target::Value(it) => it.0.poll(ticket, waker, Value::poll),
            Target::Items(it) => it.0.poll(ticket, waker, Items::poll),
        }
    }
}

impl Drop for Waiter {
    fn drop(&mut self) {
        self.target.relay().forget(self.ticket);
    }
}

impl std::fmt::Debug for Waiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Waiter")
    }
}

impl std::fmt::Debug for Awaitable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Awaitable")
    }
}

impl std::fmt::Debug for AsyncItems {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("AsyncItems")
    }
}

impl SharedObject for Awaitable {
    fn attr(&self, _: &str) -> Option<Data<'static>> {
        None
    }

    fn type_name(&self) -> &str {
        "awaitable"
    }

    fn awaitable(&self) -> Option<Awaitable> {
        Some(self.clone())
    }
}

impl SharedObject for AsyncItems {
    fn attr(&self, _: &str) -> Option<Data<'static>> {
        None
    }

    fn type_name(&self) -> &str {
        "async sequence"
    }

    fn async_items(&self) -> Option<AsyncItems> {
        Some(self.clone())
    }
}

impl From<Awaitable> for Data<'_> {
    fn from(value: Awaitable) -> Self {
        Data::Shared(Arc::new(value))
    }
}

impl From<AsyncItems> for Data<'_> {
    fn from(items: AsyncItems) -> Self {
        Data::Shared(Arc::new(items))
    }
}
