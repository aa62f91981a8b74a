//! Switches that no page may notice: tests turn them and compare.
//!
//! They reach a compile or a render through [`Options`](crate::Options), and
//! are no promise: nothing here is part of what the crate offers.

use crate::{ContextRef, Error, Pieces, Template};
use gravure_bytecode::Chunk;

/// Ways to run that must all give the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Probe {
    /// Free what nobody can reach wherever that is allowed, however little it
    /// is. Finds values that somebody still needs and nobody holds.
    pub collect_always: bool,
    /// Do each op by its own method, never in the loop of the frequent ones.
    pub is_plain: bool,
    /// Bytes that a piece should have before it is sent; `None` for as usual.
    pub piece: Option<usize>,
    /// What becomes of each chunk before it runs.
    pub transform: Option<fn(Chunk) -> Chunk>,
}

impl Probe {
    /// Must each render be told of it?
    pub(crate) fn is_odd(&self) -> bool {
        self.collect_always || self.is_plain
    }
}

impl Template {
    /// [`Template::render`], and how many steps it took.
    #[doc(hidden)]
    pub fn render_counting<'a>(
        &self,
        context: impl Into<ContextRef<'a>>,
    ) -> (Result<String, Error>, u64) {
        let counted = self.with_session(context.into(), false, None, |session| {
            let page = session.start(&[]).and_then(|()| session.finish());
            Ok((page, session.steps()))
        });
        counted.unwrap_or_else(|error| (Err(error), 0))
    }
}

impl Pieces<'_> {
    /// How many steps the render has taken up to the last piece.
    #[doc(hidden)]
    pub fn steps(&self) -> u64 {
        self.steps
    }
}
