//! A compiled template, ready to be rendered.

use crate::{
    AsyncPieces, ContextRef, Error, Pieces, Render, RenderOptions, Rendering,
    environment::{Kept, Shared},
    render::Session,
    sync::Read,
    tables::Edition,
};
use gravure_source::{Diagnostic, LineIndex};
use gravure_value::Held;
use gravure_vm::Compiled;
use std::{
    io,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};

/// A compiled template. Cheap to clone; renders may run side by side.
///
/// A template that is rendered again and again keeps what its environment
/// offered when it was rendered for the second time, as long as it lives.
pub struct Template {
    shared: Arc<Shared>,
    kept: Arc<Kept>,
    /// Was it rendered before?
    is_known: AtomicBool,
    /// What templates could call and see at its second render, with the version
    /// of that: so the next ones need not protect it from being replaced.
    seen: OnceLock<(u64, Arc<Edition>)>,
}

impl Clone for Template {
    fn clone(&self) -> Self {
        Self::new(self.shared.clone(), self.kept.clone())
    }
}

impl std::fmt::Debug for Template {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Template({:?})", self.name())
    }
}

impl Template {
    pub(crate) fn new(shared: Arc<Shared>, kept: Arc<Kept>) -> Self {
        Self {
            shared,
            kept,
            is_known: AtomicBool::new(false),
            seen: OnceLock::new(),
        }
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

    /// Must it be rendered by an asynchronous call? It must if it has `await`
    /// or `async for`, reached or not, or names a template that must; those are
    /// looked for, and loaded if they are not kept.
    pub fn is_async(&self) -> bool {
        !self.shared.is_sync(&self.kept)
    }

    /// The template with the options of one render, to be rendered in any way.
    pub fn with<'a>(&'a self, options: &'a RenderOptions) -> Rendering<'a> {
        Rendering::new(self, Some(options))
    }

    fn plain(&self) -> Rendering<'_> {
        Rendering::new(self, None)
    }

    /// The whole page.
    ///
    /// # Errors
    /// The first thing that goes wrong, with its place and trace.
    pub fn render<'a>(&self, context: impl Into<ContextRef<'a>>) -> Result<String, Error> {
        self.plain().render(context)
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
        self.with(options).render(context)
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
        crate::Context::once(data, |context| self.render(context))
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
        self.plain().render_to(context, sink)
    }

    /// The page in pieces, made as they are asked for. Joined they are what
    /// [`Template::render`] gives.
    pub fn render_stream_with<'a>(
        &'a self,
        context: impl Into<ContextRef<'a>>,
        options: &'a RenderOptions,
    ) -> Pieces<'a> {
        self.with(options).render_stream(context)
    }

    /// The page in pieces, with default options.
    pub fn render_stream<'a>(&'a self, context: impl Into<ContextRef<'a>>) -> Pieces<'a> {
        self.plain().render_stream(context)
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
        self.plain().render_block(name, context)
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
        self.plain().render_with_blocks(context, blocks)
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
        self.plain().render_capturing(context, blocks)
    }

    /// The whole page, waiting where it must: for templates with `await` and
    /// `async for`, and all others. Others of the executor run while it waits,
    /// and every few thousand steps. It needs no particular executor, may move
    /// between threads, and dropping it stops the render.
    ///
    /// Its error is the first thing that goes wrong, with its place and trace.
    pub fn render_async<'a>(
        &'a self,
        context: impl Into<ContextRef<'a>>,
    ) -> impl Future<Output = Result<String, Error>> + Send {
        self.plain().render_async(context)
    }

    /// One block, as [`Template::render_block`] gives it, waiting where it
    /// must.
    pub fn render_block_async<'a>(
        &'a self,
        name: &'a str,
        context: impl Into<ContextRef<'a>>,
    ) -> impl Future<Output = Result<String, Error>> + Send {
        self.plain().render_block_async(name, context)
    }

    /// The page in pieces, as they are made, waiting where it must.
    pub fn render_stream_async<'a>(
        &'a self,
        context: impl Into<ContextRef<'a>>,
    ) -> AsyncPieces<'a> {
        self.plain().render_stream_async(context)
    }

    /// One block in pieces, as they are made, waiting where it must.
    pub fn render_block_stream_async<'a>(
        &'a self,
        name: &str,
        context: impl Into<ContextRef<'a>>,
    ) -> AsyncPieces<'a> {
        self.plain().render_block_stream_async(name, context)
    }

    /// A render that runs in turns of so many steps, of asynchronous templates
    /// too: for hosts that schedule themselves.
    ///
    /// # Errors
    /// What is wrong before the first step.
    pub fn begin<'a>(&'a self, context: impl Into<ContextRef<'a>>) -> Result<Render<'a>, Error> {
        self.plain().begin(context)
    }

    /// The listing of its code.
    pub fn disassemble(&self) -> String {
        gravure_bytecode::disassemble(&self.compiled().chunk)
    }

    /// What templates can call and see now, where it is not kept.
    #[inline(never)]
    fn newest_edition(&self) -> Read<Edition> {
        let editions = &self.shared.editions;
        if self.seen.get().is_none() {
            // A render that is the only one has no use for it.
            if !self.is_known.load(Ordering::Relaxed) {
                self.is_known.store(true, Ordering::Relaxed);
            } else if let Some(seen) = editions.keep() {
                // Another thread may have been faster.
                let _ = self.seen.set(seen);
            }
        }
        editions.read()
    }

    pub(crate) fn compiled(&self) -> &Compiled {
        &self.kept.compiled
    }

    pub(crate) fn kept(&self) -> &Kept {
        &self.kept
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
        let mut newest = None;
        let edition = Held::Borrowed(self.edition(&mut newest));
        let mut session = Session::new(self, &edition, is_async, request);
        let prepared = session.prepare(self, &edition, context, request);
        let result = prepared.and_then(|()| run(&mut session));
        session.end();
        result
    }

    /// The whole page. Most renders come by here, and a small page costs little
    /// more than its beginning and end: so all of that is made one here.
    pub(crate) fn page(
        &self,
        context: ContextRef<'_>,
        request: Option<&RenderOptions>,
    ) -> Result<String, Error> {
        let mut newest = None;
        let edition = Held::Borrowed(self.edition(&mut newest));
        let mut session = Session::new(self, &edition, false, request);
        let page = match session.prepare_here(self, &edition, context, request) {
            Ok(()) => session.whole(),
            Err(error) => Err(error),
        };
        session.end();
        page
    }

    /// What templates can call and see now: what was kept if it still is that,
    /// else the newest, which is put aside for as long as it is needed.
    #[inline(always)]
    fn edition<'a>(&'a self, newest: &'a mut Option<Read<Edition>>) -> &'a Edition {
        match self.seen.get() {
            Some((version, seen)) if self.shared.editions.is_newest(*version) => seen,
            _ => newest.insert(self.newest_edition()),
        }
    }
}
