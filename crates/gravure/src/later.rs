//! Values of the host that are not there yet.
//!
//! In: futures and streams of anything that a closure can answer. Out: data
//! that templates `await` or go through with `async for`. Absent on purpose:
//! an executor. A future runs when a render polls it, unless the host has
//! spawned it before.

use crate::IntoAnswer;
use gravure_value::{AsyncItems, Awaitable, Data, Outcome, Stream};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
};

/// A value that a future will give, for `{{ await value }}`.
///
/// The future runs when a render awaits it, once, however often it is awaited.
/// To have several at work at once, spawn them and hand out what their handles
/// give.
///
/// ```
/// use gravure::{Bindings, Environment, awaitable};
/// let template = Environment::new().from_string("{{ await visits }} visits")?;
/// let page = async move {
///     let context = Bindings::new().give("visits", awaitable(async { 3 }));
///     template.render_async(&context).await
/// };
/// # let mut page = Box::pin(page);
/// # let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
/// # let std::task::Poll::Ready(page) = page.as_mut().poll(&mut cx) else { panic!() };
/// # assert_eq!(page?, "3 visits");
/// # Ok::<(), gravure::Error>(())
/// ```
pub fn awaitable<F>(future: F) -> Data<'static>
where
    F: Future<Output: IntoAnswer> + Send + 'static,
{
    Awaitable::new(async move { future.await.into_answer() }).into()
}

/// Values that a stream will give, for `{% async for value in values %}`.
///
/// Items are asked for one by one, as the loop comes to them. Two loops share
/// the items of one stream.
pub fn async_items<S>(stream: S) -> Data<'static>
where
    S: Stream<Item: IntoAnswer> + Send + 'static,
{
    AsyncItems::new(Answers(Box::pin(stream))).into()
}

/// A stream whose items are made into data.
struct Answers<S>(Pin<Box<S>>);

impl<S: Stream<Item: IntoAnswer>> Stream for Answers<S> {
    type Item = Outcome;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Outcome>> {
        let item = self.0.as_mut().poll_next(cx);
        item.map(|item| item.map(IntoAnswer::into_answer))
    }
}
