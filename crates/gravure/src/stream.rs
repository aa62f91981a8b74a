//! A page in pieces: an iterator that renders as it is asked.

use crate::{ContextRef, Error, RenderOptions, Template, render::Session};
use gravure_value::Held;
use std::sync::Arc;

/// Bytes that a piece should have before it is sent.
const PIECE: usize = 8 << 10;

/// The pieces of a page, in order. Nothing runs before the first is asked for;
/// dropping it stops the render. After an error there are no more.
pub struct Pieces<'a> {
    state: State<'a>,
    /// Bytes that a piece should have.
    piece: usize,
    /// Steps up to the last piece.
    pub(crate) steps: u64,
}

enum State<'a> {
    Waiting(
        &'a Template,
        ContextRef<'a>,
        bool,
        Option<&'a RenderOptions>,
    ),
    Running(Box<Session<'a>>),
    Ended,
}

impl<'a> Pieces<'a> {
    pub(crate) fn new(
        template: &'a Template,
        context: ContextRef<'a>,
        is_async: bool,
        request: Option<&'a RenderOptions>,
    ) -> Self {
        Self {
            state: State::Waiting(template, context, is_async, request),
            piece: template.shared().options.probe.piece.unwrap_or(PIECE),
            steps: 0,
        }
    }

    fn begin(
        template: &'a Template,
        context: ContextRef<'a>,
        is_async: bool,
        request: Option<&'a RenderOptions>,
    ) -> Result<Box<Session<'a>>, Error> {
        let edition = Held::Counted(Arc::clone(&template.shared().edition()));
        let mut session = Box::new(Session::new(template, edition, context, is_async, request)?);
        session.start(&[])?;
        Ok(session)
    }
}

impl Iterator for Pieces<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut session = match std::mem::replace(&mut self.state, State::Ended) {
            State::Ended => return None,
            State::Running(session) => session,
            State::Waiting(template, context, is_async, request) => {
                match Self::begin(template, context, is_async, request) {
                    Ok(mut session) => {
                        session.set_watermark(self.piece);
                        session
                    }
                    Err(error) => return Some(Err(error)),
                }
            }
        };
        let piece = session.next_piece(self.piece);
        self.steps = session.steps();
        match piece {
            Ok((piece, true)) => {
                self.state = State::Running(session);
                Some(Ok(piece))
            }
            Ok((piece, false)) => {
                session.end();
                Some(Ok(piece))
            }
            Err(error) => Some(Err(error)),
        }
    }
}
