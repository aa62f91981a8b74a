//! A case that is rendered again and again, each time with other bounds.
//!
//! In: a case that asks for a page. Out: what came of it. Templates are
//! compiled once, so only the render meets the bounds.

use crate::{Call, Case, engine::options};
use gravure::{
    Context, Environment, Error, Limits, Options, RenderOptions, Template,
    options::{AutoEscape, Mode},
};

/// A case, ready to be rendered.
pub struct Starved {
    environment: Environment,
    template: Template,
    context: Context,
}

impl std::fmt::Debug for Starved {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Starved({:?})", self.template)
    }
}

impl Starved {
    /// `None` for a case that asks for something else, or does not compile.
    pub fn new(case: &Case) -> Option<Self> {
        Self::with_options(case, options(case).ok()?)
    }

    /// The same templates, as documents of another kind than the case says.
    pub fn as_document(case: &Case, mode: Mode) -> Option<Self> {
        let options = Options {
            autoescape: AutoEscape::All(mode),
            ..options(case).ok()?
        };
        Self::with_options(case, options)
    }

    fn with_options(case: &Case, options: Options) -> Option<Self> {
        let environment = Environment::with_options(options).ok()?;
        let template = environment.get_template(&case.entry).ok()?;
        let context = Context::from_tree(case.context.clone()).ok()?;
        matches!(case.call, Call::Render).then_some(Self {
            environment,
            template,
            context,
        })
    }

    /// The page, and how many steps it took, without bounds of its own.
    pub fn plain(&self) -> (Result<String, Error>, u64) {
        self.environment.clear_fragment_cache();
        self.template.render_counting(&self.context)
    }

    /// The page with no more steps and bytes than these.
    ///
    /// # Errors
    /// What the engine says.
    pub fn render(&self, fuel: u64, memory: u64) -> Result<String, Error> {
        self.environment.clear_fragment_cache();
        let limits = Limits {
            fuel,
            memory,
            ..Limits::default()
        };
        let options = RenderOptions {
            limits: Some(limits),
            ..RenderOptions::default()
        };
        self.template.render_with(&self.context, &options)
    }

    /// The page with no more bytes of output than these.
    ///
    /// # Errors
    /// What the engine says.
    pub fn short(&self, output: u64) -> Result<String, Error> {
        self.environment.clear_fragment_cache();
        let limits = Limits {
            output,
            ..Limits::default()
        };
        let options = RenderOptions {
            limits: Some(limits),
            ..RenderOptions::default()
        };
        self.template.render_with(&self.context, &options)
    }

    /// The page in pieces with no more steps than these.
    ///
    /// # Errors
    /// What the engine says.
    pub fn stream(&self, fuel: u64) -> Result<String, Error> {
        self.environment.clear_fragment_cache();
        let limits = Limits {
            fuel,
            ..Limits::default()
        };
        let options = RenderOptions {
            limits: Some(limits),
            ..RenderOptions::default()
        };
        let pieces = self.template.render_stream_with(&self.context, &options);
        pieces.collect()
    }
}
