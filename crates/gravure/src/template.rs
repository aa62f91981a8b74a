//! A compiled template, ready to be rendered.

use crate::{
    ContextRef, Error, RenderOptions,
    environment::{Kept, Shared},
    render::Session,
    stream::Pieces,
};
use gravure_source::{Diagnostic, LineIndex};
use gravure_value::{Fault, Held};
use gravure_vm::Compiled;
use std::{io, sync::Arc};

/// A compiled template. Cheap to clone; renders may run side by side.
#[derive(Clone)]
pub struct Template {
    shared: Arc<Shared>,
    kept: Arc<Kept>,
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({:?})", self.name())
    }
}

impl Template {
    pub(crate) fn new(shared: Arc<Shared>, kept: Arc<Kept>) -> Self {
        Self { shared, kept }
    }

    /// Its name; `None` for one from a string.
    pub fn name(&self) -> Option<&str> {
        let name = &*self.compiled().chunk.name;
        (name != crate::error::UNNAMED).then_some(name)
    }

    /// Its source, if it was kept.
    pub fn source(&self) -> Option<&str> {
        self.compiled().chunk.source.as_deref()
    }

    /// What was found when it was compiled and stops nothing: code, line and
    /// sentence.
    pub fn warnings(&self) -> Vec<(gravure_source::Code, u32, String)> {
        let index = LineIndex::new(self.source().unwrap_or(""));
        let show = |found: &Diagnostic| {
            let line = index.line(found.span.start);
            (found.code, line, found.message.clone())
        };
        self.kept.warnings.iter().map(show).collect()
    }

    /// Must it be rendered by an asynchronous call?
    pub fn is_async(&self) -> bool {
        self.compiled().chunk.first_async.is_some()
    }

    /// The whole page.
    ///
    /// # Errors
    /// The first thing that goes wrong, with its place and trace.
    pub fn render<'a>(&self, context: impl Into<ContextRef<'a>>) -> Result<String, Error> {
        self.with_session(context.into(), false, None, |session| {
            session.start(&[])?;
            session.finish()
        })
    }

    /// The whole page, with facts about the request and bounds of its own.
    ///
    /// # Errors
    /// The first thing that goes wrong, with its place and trace.
    pub fn render_with<'a>(
        &self,
        context: impl Into<ContextRef<'a>>,
        options: &RenderOptions,
    ) -> Result<String, Error> {
        self.with_session(context.into(), false, Some(options), |session| {
            session.start(&[])?;
            session.finish()
        })
    }

    /// Names of the blocks that [`Template::render_block`] takes, those of
    /// parents included, most derived first.
    ///
    /// # Errors
    /// What is wrong with a parent.
    pub fn list_blocks(&self) -> Result<Vec<String>, Error> {
        let nothing = crate::Context::new();
        self.with_session((&nothing).into(), true, None, |session| {
            session.block_names()
        })
    }

    /// The whole page of anything that serializes.
    ///
    /// # Errors
    /// The first thing that goes wrong, with its place and trace.
    pub fn render_serialize<T: serde::Serialize + ?Sized>(
        &self,
        data: &T,
    ) -> Result<String, Error> {
        self.render(&crate::Context::from_serialize(data)?)
    }

    /// The page, written to a sink in pieces.
    ///
    /// # Errors
    /// As [`Template::render`]; `K-RUN-007` with the cause if writing fails.
    pub fn render_to<'a>(
        &self,
        context: impl Into<ContextRef<'a>>,
        sink: &mut impl io::Write,
    ) -> Result<(), Error> {
        for piece in self.render_stream(context.into()) {
            sink.write_all(piece?.as_bytes()).map_err(|error| {
                let fault = Fault::value("the page could not be written");
                Error::from_fault(fault.caused_by(Box::new(error)), None)
            })?;
        }
        Ok(())
    }

    /// The page in pieces, made as they are asked for. Joined they are what
    /// [`Template::render`] gives.
    pub fn render_stream_with<'a>(
        &'a self,
        context: impl Into<ContextRef<'a>>,
        options: &'a RenderOptions,
    ) -> Pieces<'a> {
        Pieces::new(self, context.into(), false, Some(options))
    }

    /// The page in pieces, with default options.
    pub fn render_stream<'a>(&'a self, context: impl Into<ContextRef<'a>>) -> Pieces<'a> {
        Pieces::new(self, context.into(), false, None)
    }

    /// One block of the template, or of a parent, by its name.
    ///
    /// # Errors
    /// `K-RUN-007` if there is no such block.
    pub fn render_block<'a>(
        &self,
        name: &str,
        context: impl Into<ContextRef<'a>>,
    ) -> Result<String, Error> {
        self.with_session(context.into(), false, None, |session| {
            session.start_block(name)?;
            session.finish()
        })
    }

    /// The page with some blocks replaced by ready markup.
    ///
    /// # Errors
    /// `K-RUN-007` if a name is no block of the template or its parents.
    pub fn render_with_blocks<'a>(
        &self,
        context: impl Into<ContextRef<'a>>,
        blocks: &[(String, String)],
    ) -> Result<String, Error> {
        self.with_session(context.into(), false, None, |session| {
            session.start(blocks)?;
            session.finish()
        })
    }

    /// The whole page, and the texts of these blocks of it (of all if none is
    /// named): name and text, in the order in which they were first shown. Of
    /// a block that is shown twice the last text counts; blocks of included
    /// templates are none of the page's. What was pushed to a list does not
    /// appear in the texts.
    ///
    /// ```
    /// let environment = gravure::Environment::new();
    /// let source = "<h1>{% block title %}Hi{% end %}</h1>{% block body %}…{% end %}";
    /// let template = environment.from_string(source)?;
    /// let (page, blocks) = template.render_capturing(&gravure::context! {}, &["title"])?;
    /// assert_eq!(page, "<h1>Hi</h1>…");
    /// assert_eq!(blocks, [("title".to_owned(), "Hi".to_owned())]);
    /// # Ok::<(), gravure::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Template::render`].
    pub fn render_capturing<'a>(
        &self,
        context: impl Into<ContextRef<'a>>,
        blocks: &[&str],
    ) -> Result<(String, Vec<(String, String)>), Error> {
        self.with_session(context.into(), false, None, |session| {
            session.start(&[])?;
            session.finish_capturing(blocks)
        })
    }

    /// The page, waiting where it must. Values are ready at once for now: what
    /// is awaited is plain data, so the future never waits.
    ///
    /// # Errors
    /// As [`Template::render`].
    pub async fn render_async<'a>(
        &self,
        context: impl Into<ContextRef<'a>>,
    ) -> Result<String, Error> {
        self.with_session(context.into(), true, None, |session| {
            session.start(&[])?;
            session.finish()
        })
    }

    /// One block, as [`Template::render_block`] gives it; takes asynchronous
    /// templates too.
    ///
    /// # Errors
    /// As [`Template::render_block`].
    pub async fn render_block_async<'a>(
        &self,
        name: &str,
        context: impl Into<ContextRef<'a>>,
    ) -> Result<String, Error> {
        self.with_session(context.into(), true, None, |session| {
            session.start_block(name)?;
            session.finish()
        })
    }

    /// The listing of its code.
    pub fn disassemble(&self) -> String {
        gravure_bytecode::disassemble(&self.compiled().chunk)
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.kept.compiled
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    pub(crate) fn with_session<T>(
        &self,
        context: ContextRef<'_>,
        is_async: bool,
        request: Option<&RenderOptions>,
        run: impl FnOnce(&mut Session<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let edition = self.shared.edition();
        let edition = Held::Borrowed(&**edition);
        let mut session = Session::new(self, edition, context, is_async, request)?;
        let result = run(&mut session);
        session.end();
        result
    }
}
