//! What a closure of the host may know of the render that calls it.
//!
//! In: the handle of the machine. Out: where the render is, facts about the
//! request, provided values. It is handed to closures that ask for it, and is
//! nowhere else: no variable of a template names it, and no thread keeps it.

use crate::{RenderOptions, TemplateFrame, error::UNNAMED};
use gravure_value::{Call, Data, Whereabouts};
use std::cell::RefCell;

/// The render that calls a closure of the host: the first argument of filters,
/// tests and functions that ask for it.
///
/// ```
/// use gravure::{Environment, RenderContext, RenderOptions, context};
/// let mut environment = Environment::new();
/// environment.add_function("here", |render: &RenderContext| {
///     format!("{}:{}", render.template().unwrap_or_default(), render.line())
/// });
/// environment.add_filter("for_user", |render: &RenderContext, text: &str| {
///     let user = render.meta("user").map(|_| "somebody").unwrap_or("nobody");
///     format!("{text} for {user}")
/// });
/// let template = environment.from_named_string("a.txt", "{{ here() }}, {{ 'tea' | for_user }}")?;
/// let options = RenderOptions::default().meta("user", "Ada");
/// assert_eq!(template.render_with(&context! {}, &options)?, "a.txt:1, tea for somebody");
/// # Ok::<(), gravure::Error>(())
/// ```
pub struct RenderContext<'a> {
    render: RefCell<&'a mut dyn State>,
}

/// What is asked of the machine, without its lifetimes.
trait State {
    fn whereabouts(&mut self) -> Whereabouts;
    fn meta(&self, key: &str) -> Option<Data<'static>>;
    fn all_meta(&self) -> Vec<(String, Data<'static>)>;
    fn set_meta(&mut self, key: &str, value: Data<'static>);
    fn consume(&mut self, key: &str) -> Option<Data<'static>>;
}

impl State for Call<'_, '_> {
    fn whereabouts(&mut self) -> Whereabouts {
        self.host.whereabouts()
    }

    fn meta(&self, key: &str) -> Option<Data<'static>> {
        self.host.meta(key)
    }

    fn all_meta(&self) -> Vec<(String, Data<'static>)> {
        self.host.all_meta()
    }

    fn set_meta(&mut self, key: &str, value: Data<'static>) {
        self.host.set_meta(key, value);
    }

    fn consume(&mut self, key: &str) -> Option<Data<'static>> {
        let value = self.host.consume(key)?;
        self.heap().export(value).ok()
    }
}

impl<'a> RenderContext<'a> {
    /// For one call.
    pub(crate) fn new(call: &'a mut Call<'_, '_>) -> Self {
        Self {
            render: RefCell::new(call),
        }
    }

    fn whereabouts(&self) -> Whereabouts {
        self.render.borrow_mut().whereabouts()
    }

    /// The template that holds the call; `None` for one without a name.
    pub fn template(&self) -> Option<String> {
        let name = self.whereabouts().site.template;
        (name != UNNAMED).then_some(name)
    }

    /// The line of the call, from 1.
    pub fn line(&self) -> u32 {
        self.whereabouts().site.line
    }

    /// Nested includes and embeds up to here.
    pub fn include_depth(&self) -> u32 {
        self.whereabouts().include_depth
    }

    /// Parents up to here, of the page or of what was included last.
    pub fn extends_depth(&self) -> u32 {
        self.whereabouts().extends_depth
    }

    /// The tags that brought the render here, outermost first.
    pub fn template_stack(&self) -> Vec<TemplateFrame> {
        let templates = self.whereabouts().site.templates;
        let frames = templates.into_iter();
        frames
            .map(|(template, line, role)| TemplateFrame {
                template,
                line,
                role,
            })
            .collect()
    }

    /// The calls of defs that run, outermost first: where, and which.
    pub fn component_stack(&self) -> Vec<crate::ComponentFrame> {
        let components = self.whereabouts().site.components;
        let frames = components.into_iter();
        frames
            .map(|(template, line, def)| crate::ComponentFrame {
                template,
                line,
                def,
            })
            .collect()
    }

    /// The templates that are being imported, outermost first.
    pub fn import_stack(&self) -> Vec<String> {
        self.whereabouts().importing
    }

    /// A fact about the request: set by a closure, or given with the options.
    pub fn meta(&self, key: &str) -> Option<Data<'static>> {
        self.render.borrow().meta(key)
    }

    /// Set a fact about the request, for the rest of this render. All
    /// templates of the page share it; other renders do not see it.
    pub fn set_meta(&self, key: &str, value: impl Into<Data<'static>>) {
        self.render.borrow_mut().set_meta(key, value.into());
    }

    /// The innermost value that the templates around the call provide under
    /// this key. `None` too for what cannot leave the render, such as a def.
    pub fn consume(&self, key: &str) -> Option<Data<'static>> {
        self.render.borrow_mut().consume(key)
    }

    /// Options for a render that is started from here: it begins afresh, with a
    /// copy of this one's facts about the request. What it sets stays with it.
    pub fn nested_options(&self) -> RenderOptions {
        RenderOptions {
            meta: self.render.borrow().all_meta().into_iter().collect(),
            ..RenderOptions::default()
        }
    }
}

impl std::fmt::Debug for RenderContext<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Facts about a request may be secret.
        f.write_str("RenderContext")
    }
}
