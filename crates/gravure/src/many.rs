//! One template for many contexts, on many threads.

use crate::{
    ContextRef, Environment, Error, Template,
    workers::{Crew, Work, in_order},
};
use std::ops::ControlFlow;

impl Environment {
    /// Render a template once for each context, on several threads; the pages
    /// in the order of the contexts, each with its own error.
    ///
    /// `workers` says how many threads; `None` lets [`Crew`] decide, which
    /// uses one for fewer than ten contexts.
    ///
    /// ```
    /// use gravure::{Environment, context};
    /// let environment = Environment::new();
    /// let template = environment.from_string("{{ 10 / n }}")?;
    /// let contexts = (0..3).map(|n| context! { n => n });
    /// let pages = environment.render_many(&template, contexts, Some(2));
    /// assert!(pages[0].is_err());
    /// assert_eq!(pages[1].as_deref().ok(), Some("10.0"));
    /// assert_eq!(pages[2].as_deref().ok(), Some("5.0"));
    /// # Ok::<(), gravure::Error>(())
    /// ```
    ///
    /// # Panics
    /// If the iterator does.
    pub fn render_many<C>(
        &self,
        template: &Template,
        contexts: impl IntoIterator<Item = C, IntoIter: Send>,
        workers: Option<usize>,
    ) -> Vec<Result<String, Error>>
    where
        C: Send,
        for<'x> &'x C: Into<ContextRef<'x>>,
    {
        let mut pages = Vec::new();
        self.render_each(template, contexts, workers, |page| {
            pages.push(page);
            ControlFlow::Continue(())
        });
        pages
    }

    /// As [`Environment::render_many`], but each page is handed to `take` on
    /// the calling thread as soon as it is its turn. Contexts are drawn as
    /// pages are taken, a few ahead, so neither pile up; `take` ends it all
    /// with [`ControlFlow::Break`].
    ///
    /// # Panics
    /// If the iterator or `take` does.
    pub fn render_each<C>(
        &self,
        template: &Template,
        contexts: impl IntoIterator<Item = C, IntoIter: Send>,
        workers: Option<usize>,
        take: impl FnMut(Result<String, Error>) -> ControlFlow<()>,
    ) where
        C: Send,
        for<'x> &'x C: Into<ContextRef<'x>>,
    {
        let contexts = contexts.into_iter();
        // Who cannot say how many there are has many.
        let tasks = contexts.size_hint().1.unwrap_or(usize::MAX);
        let crew = Crew {
            wanted: workers,
            ..Crew::new(Work::Render, tasks)
        };
        let render = |context: C| template.render(&context);
        in_order(crew.size().min(tasks), contexts, render, take);
    }
}
