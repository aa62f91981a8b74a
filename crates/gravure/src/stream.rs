//! A page in pieces: an iterator, or a stream, that renders as it is asked.

use crate::{ContextRef, Error, RenderOptions, Template, render::Session};
use gravure_value::{Held, Stream};
use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

/// Bytes that a piece should have before it is sent.
const PIECE: usize = 8 << 10;

/// What is to be rendered.
pub(crate) struct Job<'a> {
    pub(crate) template: &'a Template,
    pub(crate) context: ContextRef<'a>,
    pub(crate) options: Option<&'a RenderOptions>,
    /// One block of it, or the page.
    pub(crate) block: Option<String>,
}

impl<'a> Job<'a> {
    /// Begin it, with what the template's handle saw when it was made.
    pub(crate) fn begin(self, is_async: bool) -> Result<Box<Session<'a>>, Error> {
        let edition = Held::Counted(Arc::clone(&self.template.shared().edition()));
        let (template, options) = (self.template, self.options);
        let mut session = Box::new(Session::new(template, &edition, is_async, options));
        session.prepare(template, &edition, self.context, options)?;
        match &self.block {
            None => session.start(&[])?,
            Some(name) => session.start_block(name)?,
        }
        let probe = self.template.shared().options.probe;
        session.set_watermark(probe.piece.unwrap_or(PIECE));
        Ok(session)
    }
}

/// A render that has not begun, goes on, or is over.
enum State<'a> {
    New(Job<'a>),
    Running(Box<Session<'a>>),
    Ended,
}

impl<'a> State<'a> {
    /// The running render; it begins if it has not. `None` after the end.
    fn running(&mut self, is_async: bool) -> Option<Result<&mut Session<'a>, Error>> {
        if let State::New(_) = self {
            let State::New(job) = std::mem::replace(self, State::Ended) else {
                return None;
            };
            match job.begin(is_async) {
                Ok(session) => *self = State::Running(session),
                Err(error) => return Some(Err(error)),
            }
        }
        match self {
            State::Running(session) => Some(Ok(session)),
            _ => None,
        }
    }

    /// The end, if this piece is the last one.
    fn after(&mut self, piece: Result<(String, bool), Error>) -> Result<String, Error> {
        if let Ok((piece, true)) = piece {
            return Ok(piece);
        }
        if let State::Running(session) = std::mem::replace(self, State::Ended)
            && piece.is_ok()
        {
            session.end();
        }
        piece.map(|(piece, _)| piece)
    }
}

/// The pieces of a page, in order. Nothing runs before the first is asked for;
/// dropping it stops the render. After an error there are no more.
pub struct Pieces<'a> {
    state: State<'a>,
    /// Steps up to the last piece.
    pub(crate) steps: u64,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(job: Job<'a>) -> Self {
        Self {
            state: State::New(job),
            steps: 0,
        }
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let piece = match self.state.running(false)? {
            Ok(session) => {
                let piece = session.next_piece();
                self.steps = session.steps();
                piece
            }
            Err(error) => Err(error),
        };
        Some(self.state.after(piece))
    }
}

/// The pieces of a page or a block, in order, of asynchronous templates too: a
/// [`Stream`]. Nothing runs before the first is asked for; dropping it stops
/// the render. After an error there are no more.
///
/// What is out is sent before the render waits for something.
pub struct AsyncPieces<'a> {
    state: State<'a>,
    has_begun: bool,
}

const _: fn() = || {
    fn moves<T: Send + Unpin>() {}
    moves::<AsyncPieces<'static>>();
};

impl<'a> AsyncPieces<'a> {
    pub(crate) fn new(job: Job<'a>) -> Self {
        Self {
            state: State::New(job),
            has_begun: false,
        }
    }

    /// The next piece, for those who have no `StreamExt` at hand.
    pub async fn next(&mut self) -> Option<Result<String, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }
}

impl Stream for AsyncPieces<'_> {
    type Item = Result<String, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let piece = match this.state.running(true) {
            None => return Poll::Ready(None),
            Some(Err(error)) => Err(error),
            Some(Ok(session)) => {
                if !std::mem::replace(&mut this.has_begun, true) {
                    session.begin_turns();
                }
                ready!(session.poll_piece(cx))
            }
        };
        Poll::Ready(Some(this.state.after(piece)))
    }
}
