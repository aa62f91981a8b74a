//! A render that others drive: so many steps at a time.
//!
//! In: a template and its data. Out: a handle that runs for as many steps as
//! it is given and says why it stopped. So one thread can serve many pages
//! and let none wait for long, without an executor. Absent on purpose: a
//! schedule, which is the host's.

use crate::{
    Error,
    render::{Session, Turn},
    stream::Job,
};
use std::task::{self, Waker};

/// A render that runs in turns.
///
/// ```
/// use gravure::{Environment, Progress, context};
/// let template = Environment::new()
///     .from_string("{% for i in range(100000) %}{{ i }},{% end %}")?;
/// let data = context! {};
/// let mut render = template.begin(&data)?;
/// let (mut page, mut turns) = (String::new(), 0);
/// loop {
///     turns += 1;
///     // Here other work may be done.
///     match render.step(10_000)? {
///         Progress::Piece(piece) => page.push_str(&piece),
///         Progress::Done(rest) => break page.push_str(&rest),
///         Progress::Waiting | Progress::OutOfSteps => {}
///     }
/// }
/// assert!(turns > 10);
/// assert_eq!(page, template.render(&data)?);
/// # Ok::<(), gravure::Error>(())
/// ```
pub struct Render<'a> {
    session: Option<Box<Session<'a>>>,
    /// Steps up to the last stop.
    steps: u64,
}

/// Why a [`Render`] has stopped.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Progress {
    /// This is the last piece of the page.
    Done(String),
    /// A piece of the page can be sent.
    Piece(String),
    /// Something is awaited that is not there: see [`Render::step_waking`].
    Waiting,
    /// The steps are used up.
    OutOfSteps,
}

const _: fn() = || {
    fn moves<T: Send>() {}
    moves::<Render<'static>>();
};

impl<'a> Render<'a> {
    pub(crate) fn new(job: Job<'a>) -> Result<Self, Error> {
        let session = Some(job.begin(true)?);
        Ok(Self { session, steps: 0 })
    }

    /// Run for so many steps, a few more at most: up to the next loop, or end
    /// of a call, behind them. A filter is never stopped in its work.
    ///
    /// # Errors
    /// What the render says; it is over then, and `Done` from then on.
    pub fn step(&mut self, steps: u64) -> Result<Progress, Error> {
        self.step_waking(steps, Waker::noop())
    }

    /// [`Render::step`]; if the answer is `Waiting`, the waker is called when
    /// it is worth going on.
    ///
    /// # Errors
    /// As [`Render::step`].
    pub fn step_waking(&mut self, steps: u64, waker: &Waker) -> Result<Progress, Error> {
        let Some(session) = &mut self.session else {
            return Ok(Progress::Done(String::new()));
        };
        let progress = Self::run(session, steps, waker);
        self.steps = session.steps();
        match progress {
            Ok(Progress::Done(_)) => {
                if let Some(session) = self.session.take() {
                    session.end();
                }
            }
            Err(_) => self.session = None,
            Ok(_) => {}
        }
        progress
    }

    fn run(session: &mut Session<'_>, steps: u64, waker: &Waker) -> Result<Progress, Error> {
        let mut cx = task::Context::from_waker(waker);
        session.begin_turn(steps);
        loop {
            if session.poll_wait(&mut cx).is_pending() {
                return match session.can_send() {
                    true => session.piece().map(Progress::Piece),
                    false => Ok(Progress::Waiting),
                };
            }
            match session.turn()? {
                Turn::Done => return session.rest().map(Progress::Done),
                Turn::Piece => return session.piece().map(Progress::Piece),
                Turn::Over => return Ok(Progress::OutOfSteps),
                Turn::Waiting => {}
            }
        }
    }

    /// Steps taken up to the last stop.
    pub fn steps(&self) -> u64 {
        self.steps
    }
}
