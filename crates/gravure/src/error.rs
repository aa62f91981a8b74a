//! What the front door answers when something goes wrong.
//!
//! In: faults with their sites from renders, diagnostics from reading
//! templates, failures of loaders, bad options. Out: one [`Error`], a pointer
//! wide, that knows code, place, trace and advice; `report.rs` prints it.
//! Similar names are looked for only when somebody asks or prints.
//!
//! Absent on purpose: values of variables. They never reach a message.

mod forms;
mod report;
#[cfg(test)]
mod tests;

pub use gravure_source::{Code, Span, code::Kind as ErrorKind, snippet::Snippet};
pub use report::Report;

use crate::loader::Loader;
use gravure_source::{Diagnostic, LineIndex, similar::nearest};
use gravure_value::{Fault, Site, Subject, guarded, type_name};
use std::{error::Error as StdError, sync::Arc};

/// Why a template could not be read, found or rendered.
///
/// `{}` prints one line, `{:#}` or [`Error::report`] everything that is known.
/// Codes and places are promises; sentences are not.
#[derive(Clone)]
pub struct Error(Box<Repr>);

const _: () = assert!(size_of::<Error>() == size_of::<usize>());

#[derive(Clone)]
struct Repr {
    code: Code,
    message: String,
    template: Option<String>,
    place: Option<Place>,
    span: Option<Span>,
    label: String,
    templates: Vec<TemplateFrame>,
    components: Vec<ComponentFrame>,
    help: Vec<String>,
    notes: Vec<(u32, u32, String)>,
    snippet: Option<Snippet>,
    candidates: Candidates,
    is_index: bool,
    source: Option<Arc<dyn StdError + Send + Sync>>,
    others: Vec<Error>,
}

/// Findings of one source that become errors. Each takes a walk along its line
/// and keeps the lines around it, and whoever wrote the source chose how many
/// there are and how long the lines.
const MOST_FINDINGS: usize = 100;

/// Where on its line a token stands.
#[derive(Clone, Copy)]
struct Place {
    line: u32,
    column: u32,
    end_column: u32,
}

/// Among which names a misspelt one is looked for.
#[derive(Clone)]
enum Candidates {
    None,
    Known(Subject),
    Loader(String, Arc<dyn Loader>),
}

/// A tag through which a render came to the failing place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateFrame {
    /// The template that holds the tag.
    pub template: String,
    /// The tag's line, from 1.
    pub line: u32,
    /// `include`, `embed`, `import`, `extends` or `block`.
    pub role: &'static str,
}

/// A running call of a def.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComponentFrame {
    /// The template that holds the call.
    pub template: String,
    /// The call's line, from 1.
    pub line: u32,
    /// The name of the def.
    pub def: String,
}

/// What a template from a string without a name is called in text.
pub(crate) const UNNAMED: &str = "<template>";

impl Error {
    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.code.kind()
    }

    /// The stable number.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// What was found, without a place.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The template that owns the failing text; `None` for one without a name
    /// and for requests of the host.
    pub fn template(&self) -> Option<&str> {
        self.0.template.as_deref()
    }

    /// The line of the failing token, from 1.
    pub fn line(&self) -> Option<u32> {
        self.0.place.map(|place| place.line)
    }

    /// The column of the failing token in characters, from 0.
    pub fn column(&self) -> Option<u32> {
        self.0.place.map(|place| place.column)
    }

    /// The column behind the failing token, on the same line.
    pub fn end_column(&self) -> Option<u32> {
        self.0.place.map(|place| place.end_column)
    }

    /// The failing bytes of the source, for errors from reading it.
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// Where included, embedded, extended and imported templates were
    /// entered, outermost first; the failing place is not among them.
    pub fn template_stack(&self) -> &[TemplateFrame] {
        &self.0.templates
    }

    /// The running calls of defs, outermost first.
    pub fn component_stack(&self) -> &[ComponentFrame] {
        &self.0.components
    }

    /// The name that was probably meant. Looked for when asked.
    pub fn suggestion(&self) -> Option<String> {
        match &self.0.candidates {
            Candidates::Known(subject) => {
                let known = subject.known.iter().map(|name| &**name);
                nearest(&subject.name, known).map(str::to_owned)
            }
            Candidates::Loader(name, loader) => {
                let names = guarded(|| loader.list()).ok()??;
                nearest(name, names.iter().map(|name| &**name)).map(str::to_owned)
            }
            // Findings about a source were made with their suggestion.
            Candidates::None => self.0.help.iter().find_map(|help| {
                let name = help.strip_prefix("did you mean `")?.strip_suffix("`?")?;
                Some(name.to_owned())
            }),
        }
    }

    /// What would do, the likeliest first.
    pub fn hints(&self) -> Vec<String> {
        let suggestion = self.suggestion();
        let mut hints = Vec::new();
        match (&self.0.candidates, &suggestion) {
            (Candidates::None, _) => {}
            (_, Some(name)) => hints.push(format!("did you mean `{name}`?")),
            (Candidates::Loader(_, loader), None) => {
                if let Ok(Some(names)) = guarded(|| loader.list())
                    && !names.is_empty()
                {
                    let shown: Vec<&str> = names.iter().take(10).map(|name| &**name).collect();
                    let more = if names.len() > 10 { ", …" } else { "" };
                    hints.push(format!("known templates: {}{more}", shown.join(", ")));
                }
            }
            (Candidates::Known(_), None) => {}
        }
        hints.extend(self.0.help.iter().cloned());
        hints
    }

    /// The lines around the failing place, if the source is known.
    pub fn snippet(&self) -> Option<&Snippet> {
        self.0.snippet.as_ref()
    }

    /// The anchor of the code's documentation, such as `k-run-001`.
    pub fn docs(&self) -> String {
        self.0.code.as_str().to_lowercase()
    }

    /// More findings about the same template, in order of their places.
    pub fn others(&self) -> &[Error] {
        &self.0.others
    }

    /// The host's own error behind this one, if there is one.
    pub fn host_error(&self) -> Option<&(dyn StdError + Send + Sync + 'static)> {
        self.0.source.as_deref()
    }

    /// Everything that is known, for people. `{}` prints it without color.
    pub fn report(&self) -> Report<'_> {
        Report::new(self)
    }

    /// Everything that is known, as a fragment of HTML without styles; class
    /// names begin with `gravure-`.
    pub fn html(&self) -> String {
        forms::html(self)
    }

    /// [`Error::html`] as a page of its own.
    pub fn html_page(&self) -> String {
        forms::html_page(self)
    }

    /// Everything that is known, as Markdown.
    pub fn markdown(&self) -> String {
        forms::markdown(self)
    }

    /// The name of this sort of error in the language, as `fallback e` shows
    /// it in `e.type`.
    pub fn type_name(&self) -> &'static str {
        type_name(self.0.code, self.0.is_index, self.0.source.is_some())
    }
}

impl Error {
    /// An error with a code and a sentence, and no place.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(Repr {
            code,
            message: message.into(),
            template: None,
            place: None,
            span: None,
            label: String::new(),
            templates: Vec::new(),
            components: Vec::new(),
            help: Vec::new(),
            notes: Vec::new(),
            snippet: None,
            candidates: Candidates::None,
            is_index: false,
            source: None,
            others: Vec::new(),
        }))
    }

    /// A bad option: its name, what was found, what would do.
    pub(crate) fn config(option: &str, found: &str, wanted: &str) -> Self {
        Self::new(Code::Config, format!("option `{option}` cannot be {found}")).help(wanted)
    }

    /// With advice.
    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// What was found in a source, up to [`MOST_FINDINGS`]. The first finding
    /// is the error, the others can be had from it. A template without a name
    /// has `None`.
    ///
    /// An empty list is a bug of the caller; it gives an error that says so.
    pub(crate) fn from_diagnostics(
        template: Option<&str>,
        source: &str,
        diagnostics: Vec<Diagnostic>,
    ) -> Self {
        let index = LineIndex::new(source);
        let mut errors = diagnostics
            .into_iter()
            .take(MOST_FINDINGS)
            .map(|found| Self::from_diagnostic(template, source, &index, found));
        match errors.next() {
            Some(mut first) => {
                first.0.others = errors.collect();
                first
            }
            None => Self::new(Code::RunValue, "a template was refused without a finding"),
        }
    }

    fn from_diagnostic(
        template: Option<&str>,
        source: &str,
        index: &LineIndex,
        found: Diagnostic,
    ) -> Self {
        let mut error = Self::new(found.code, found.message);
        let repr = &mut *error.0;
        repr.template = template.map(str::to_owned);
        repr.help = found.help;
        // A bad delimiter is the host's request, not a place in the source.
        if found.code == Code::Config {
            repr.template = None;
            return error;
        }
        let start = index.line_col(source, found.span.start);
        let end = index.line_col(source, found.span.end.max(found.span.start));
        let width = if end.line == start.line {
            end.column.saturating_sub(start.column)
        } else {
            // The token goes on below: the caret stops at the end of the line.
            let line = found.span.of(source).split('\n').next().unwrap_or("");
            u32::try_from(line.chars().count()).unwrap_or(u32::MAX)
        };
        repr.place = Some(Place {
            line: start.line,
            column: start.column,
            end_column: start.column.saturating_add(width.max(1)),
        });
        repr.span = Some(found.span);
        repr.label = found.label;
        repr.notes = found
            .related
            .into_iter()
            .map(|(span, label)| {
                let place = index.line_col(source, span.start);
                (place.line, place.column, label)
            })
            .collect();
        repr.snippet = Some(Snippet::new(source, start.line, start.column, width));
        error
    }

    /// A fault of a render. `source` is the text of the template that its
    /// site names, if that is known.
    pub(crate) fn from_fault(fault: Fault, source: Option<&str>) -> Self {
        let mut data = fault.into_data();
        // A fault that only carries an error of ours through the machine is
        // that error: it has the better place.
        let mut host_error = data.source.take();
        if let Some(inner) = host_error.take_if(|inner| inner.is::<Error>())
            && let Ok(inner) = inner.downcast::<Error>()
        {
            return match data.site {
                Some(site) => inner.reached_from(&site, site.role.unwrap_or("include")),
                None => *inner,
            };
        }
        let mut error = Self::new(data.code, data.message);
        let repr = &mut *error.0;
        repr.help = data.help;
        repr.is_index = data.is_index;
        repr.source = host_error.map(Arc::from);
        repr.candidates = match data.subject {
            Some(subject) => Candidates::Known(subject),
            None => Candidates::None,
        };
        if let Some(site) = data.site {
            repr.template = Some(site.template.clone()).filter(|name| name != UNNAMED);
            if site.line > 0 {
                let end_column = site.end_column.max(site.column.saturating_add(1));
                repr.place = Some(Place {
                    line: site.line,
                    column: site.column,
                    end_column,
                });
                repr.snippet = source.map(|text| {
                    Snippet::new(text, site.line, site.column, end_column - site.column)
                });
            }
            error = error.traced(*site);
        }
        error
    }

    /// A bug of ours or a panic of the host, caught at the front door.
    pub(crate) fn from_panic(said: &str) -> Self {
        Self::new(Code::RunValue, format!("host code panicked: {said}"))
    }

    /// With the loader that did not find `name`, for suggestions.
    #[must_use]
    pub(crate) fn looked_for(mut self, name: &str, loader: Arc<dyn Loader>) -> Self {
        if self.0.code == Code::TplNotFound {
            self.0.candidates = Candidates::Loader(name.to_owned(), loader);
        }
        self
    }

    /// With the template that the host asked for, when there is no better place.
    #[must_use]
    pub(crate) fn asked_of(mut self, template: Option<&str>) -> Self {
        if self.0.template.is_none() {
            self.0.template = template.map(str::to_owned);
        }
        self
    }

    /// An error of a template that a tag at `site` brought in: its own place
    /// stays, the tag becomes the end of its trace. An error without a place
    /// gets the tag's.
    #[must_use]
    pub(crate) fn reached_from(mut self, site: &Site, role: &'static str) -> Self {
        if self.0.template.is_none() && self.0.place.is_none() {
            self.0.template = Some(site.template.clone()).filter(|name| name != UNNAMED);
            if site.line > 0 {
                self.0.place = Some(Place {
                    line: site.line,
                    column: site.column,
                    end_column: site.end_column.max(site.column.saturating_add(1)),
                });
            }
        } else if self.0.templates.is_empty() {
            let mut site = site.clone();
            if site.line > 0 {
                let tag = (site.template.clone(), site.line, role);
                site.templates.push(tag);
            }
            return self.traced(site);
        }
        if self.0.templates.is_empty() && self.0.components.is_empty() {
            return self.traced(site.clone());
        }
        self
    }

    fn traced(mut self, site: Site) -> Self {
        self.0.templates = site
            .templates
            .into_iter()
            .map(|(template, line, role)| TemplateFrame {
                template,
                line,
                role,
            })
            .collect();
        self.0.components = site
            .components
            .into_iter()
            .map(|(template, line, def)| ComponentFrame {
                template,
                line,
                def,
            })
            .collect();
        self
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if f.alternate() {
            self.report().fmt(f)
        } else {
            report::one_line(self, f)
        }
    }
}

impl std::fmt::Debug for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Error({self})")
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|error| error as _)
    }
}
