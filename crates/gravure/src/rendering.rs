//! Every way to render a template, with the options of one render.
//!
//! The plain methods of [`Template`] are these with no options.

use crate::{
    AsyncPieces, ContextRef, Error, Pieces, Render, RenderOptions, Template, environment::asked,
    render::Session, stream::Job,
};
use gravure_value::{Fault, Held};
use std::{io, sync::Arc};

/// A template with the options of one render: made by [`Template::with`].
///
/// ```
/// use gravure::{Environment, RenderOptions, context};
/// let template = Environment::new()
///     .from_string("{% block form %}{{ csrf_token() }}{% end %}")?;
/// let options = RenderOptions::default().meta("csrf_token", "t0k3n");
/// let block = template.with(&options).render_block("form", &context! {})?;
/// assert!(block.contains("t0k3n"));
/// # Ok::<(), gravure::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Rendering<'t> {
    template: &'t Template,
    options: Option<&'t RenderOptions>,
}

impl<'t> Rendering<'t> {
    pub(crate) fn new(template: &'t Template, options: Option<&'t RenderOptions>) -> Self {
        Self { template, options }
    }

    /// As [`Template::render`].
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render<'a>(self, context: impl Into<ContextRef<'a>>) -> Result<String, Error> {
        self.template.page(context.into(), self.options)
    }

    /// As [`Template::render_to`].
    ///
    /// # Errors
    /// As [`Template::render_to`].
    pub fn render_to<'a>(
        self,
        context: impl Into<ContextRef<'a>>,
        sink: &mut impl io::Write,
    ) -> Result<(), Error> {
        let context = context.into();
        for piece in Pieces::new(self.job(context, None)) {
            let piece = piece?;
            asked(|| sink.write_all(piece.as_bytes()))?.map_err(|error| {
                let fault = Fault::value("the page could not be written");
                Error::from_fault(fault.caused_by(Box::new(error)), None)
            })?;
        }
        Ok(())
    }

    /// As [`Template::render_stream`].
    pub fn render_stream<'a>(self, context: impl Into<ContextRef<'a>>) -> Pieces<'a>
    where
        't: 'a,
    {
        Pieces::new(self.job(context.into(), None))
    }

    /// As [`Template::render_block`].
    ///
    /// # Errors
    /// As [`Template::render_block`].
    pub fn render_block<'a>(
        self,
        name: &str,
        context: impl Into<ContextRef<'a>>,
    ) -> Result<String, Error> {
        self.session(context.into(), |session| {
            session.start_block(name)?;
            session.finish()
        })
    }

    /// As [`Template::render_with_blocks`].
    ///
    /// # Errors
    /// As [`Template::render_with_blocks`].
    pub fn render_with_blocks<'a>(
        self,
        context: impl Into<ContextRef<'a>>,
        blocks: &[(String, String)],
    ) -> Result<String, Error> {
        self.session(context.into(), |session| {
            session.start(blocks)?;
            session.finish()
        })
    }

    /// As [`Template::render_capturing`].
    ///
    /// # Errors
    /// As [`Template::render_capturing`].
    pub fn render_capturing<'a>(
        self,
        context: impl Into<ContextRef<'a>>,
        blocks: &[&str],
    ) -> Result<(String, Vec<(String, String)>), Error> {
        self.session(context.into(), |session| {
            session.start(&[])?;
            session.finish_capturing(blocks)
        })
    }

    /// As [`Template::render_async`].
    pub fn render_async<'a>(
        self,
        context: impl Into<ContextRef<'a>>,
    ) -> impl Future<Output = Result<String, Error>> + Send
    where
        't: 'a,
    {
        self.whole(context.into(), None)
    }

    /// As [`Template::render_block_async`].
    pub fn render_block_async<'a>(
        self,
        name: &'a str,
        context: impl Into<ContextRef<'a>>,
    ) -> impl Future<Output = Result<String, Error>> + Send
    where
        't: 'a,
    {
        self.whole(context.into(), Some(name))
    }

    /// As [`Template::render_stream_async`].
    pub fn render_stream_async<'a>(self, context: impl Into<ContextRef<'a>>) -> AsyncPieces<'a>
    where
        't: 'a,
    {
        AsyncPieces::new(self.job(context.into(), None))
    }

    /// As [`Template::render_block_stream_async`].
    pub fn render_block_stream_async<'a>(
        self,
        name: &str,
        context: impl Into<ContextRef<'a>>,
    ) -> AsyncPieces<'a>
    where
        't: 'a,
    {
        AsyncPieces::new(self.job(context.into(), Some(name)))
    }

    /// As [`Template::begin`].
    ///
    /// # Errors
    /// As [`Template::begin`].
    pub fn begin<'a>(self, context: impl Into<ContextRef<'a>>) -> Result<Render<'a>, Error>
    where
        't: 'a,
    {
        Render::new(self.job(context.into(), None))
    }

    fn job<'a>(self, context: ContextRef<'a>, block: Option<&str>) -> Job<'a>
    where
        't: 'a,
    {
        Job {
            template: self.template,
            context,
            options: self.options,
            block: block.map(str::to_owned),
        }
    }

    fn session<T>(
        self,
        context: ContextRef<'_>,
        run: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.template
            .with_session(context, false, self.options, run)
    }

    async fn whole(self, context: ContextRef<'_>, block: Option<&str>) -> Result<String, Error> {
        let edition = Held::Counted(Arc::clone(&self.template.shared().edition()));
        let (template, options) = (self.template, self.options);
        let mut session = Session::new(template, &edition, true, options);
        session.prepare(template, &edition, context, options)?;
        match block {
            None => session.start(&[])?,
            Some(name) => session.start_block(name)?,
        }
        let page = session.finish_async().await;
        session.end();
        page
    }
}
