//! Everything a host may decide about an environment.
//!
//! A plain struct with public fields; [`Options::check`] says what is wrong
//! with it before anything is built from it. Options are fixed once an
//! environment is built.

use crate::{check::Warnings, error::Error, loader::Loader, policy::Policy};
use gravure_source::Code;
use gravure_syntax::{Delimiters, SyntaxLimits, SyntaxOptions};
use gravure_value::{Limits, Node, RenderWarning, Surface, Tree};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

/// How an environment finds, reads, renders and keeps templates.
///
/// ```
/// use gravure::options::{AutoEscape, Options};
/// let options = Options {
///     autoescape: AutoEscape::parse("markdown").unwrap(),
///     trim_blocks: true,
///     ..Options::default()
/// };
/// assert!(options.check().is_ok());
/// ```
#[derive(Clone)]
pub struct Options {
    /// Where templates come from. Without one, only templates from strings
    /// work, as long as they refer to no other.
    pub loader: Option<Arc<dyn Loader>>,
    /// What kind of document each template writes.
    pub autoescape: AutoEscape,
    /// Is a missing attribute, or a missing key read with a dot, an error?
    pub strict_undefined: bool,
    /// Is `sort` that meets none an error?
    pub strict_none: bool,
    /// The six markers that set tags apart from text.
    pub delimiters: Delimiters,
    /// Drop the first line end after a tag.
    pub trim_blocks: bool,
    /// Drop the blanks between the start of a line and a tag.
    pub lstrip_blocks: bool,
    /// The folder behind each alias: with `ui` → `parts/ui`, the name
    /// `@ui/card.html` means `parts/ui/card.html`.
    pub template_aliases: BTreeMap<String, String>,
    /// Values that no render can override; a map.
    pub static_context: Option<Arc<Tree>>,
    /// Bounds on each source.
    pub source_limits: SyntaxLimits,
    /// Bounds on each render, depths of includes, parents and calls among them.
    pub limits: Limits,
    /// How long a render may take; `None` means without bound.
    pub max_time: Option<Duration>,
    /// What templates may use, by name. Nothing is forbidden unless it says so.
    pub policy: Policy,
    /// Compiled templates that are kept; 0 means without bound.
    pub cache_size: usize,
    /// When is a kept template checked against its source?
    pub auto_reload: AutoReload,
    /// Entries of `cache` tags that are kept; 0 means without bound.
    pub fragment_cache_size: usize,
    /// Bytes of such entries, all together.
    pub fragment_cache_bytes: usize,
    /// How long such an entry lives unless its tag says otherwise; zero keeps
    /// nothing.
    pub fragment_ttl: Duration,
    /// Put the name of the template into the key of its `cache` tags?
    pub fragment_per_template: bool,
    /// Are `csrf_token()`, `csp_nonce()` and the `hx_` functions there?
    pub enable_htmx_helpers: bool,
    /// The colors of a terminal; `None` means "as the surroundings say".
    pub terminal_color: Option<ColorDepth>,
    /// The columns of a terminal; `None` or 0 means "as the surroundings say".
    pub terminal_width: Option<u32>,
    /// Does the terminal show more than ASCII?
    pub terminal_unicode: Option<bool>,
    /// How wide are characters of ambiguous width, 1 or 2?
    pub ambiguous_width: Option<u8>,
    /// Keep the text of templates, for the lines around an error?
    pub keep_source: bool,
    /// Takes what the filter `debug` writes.
    pub debug_sink: Option<DebugSink>,
    /// Takes warnings of renders, as far as `warnings` and `silenced` let them
    /// through.
    pub warning_sink: Option<WarningSink>,
    /// Is unreadable text that `int`, `float` and their like met worth a warning?
    pub conversion_warnings: bool,
    /// What becomes of warnings.
    pub warnings: Warnings,
    /// Codes of warnings that are never told.
    pub silenced: BTreeSet<Code>,
    /// Switches of the optimizer; none changes a page.
    pub optimize: gravure_compiler::Optimize,
    /// Switches for tests.
    #[doc(hidden)]
    pub probe: crate::probe::Probe,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            loader: None,
            autoescape: AutoEscape::default(),
            strict_undefined: true,
            strict_none: false,
            delimiters: Delimiters::default(),
            trim_blocks: false,
            lstrip_blocks: false,
            template_aliases: BTreeMap::new(),
            static_context: None,
            source_limits: SyntaxLimits::default(),
            limits: Limits::default(),
            max_time: None,
            policy: Policy::default(),
            cache_size: 400,
            auto_reload: AutoReload::Always,
            fragment_cache_size: 1_000,
            fragment_cache_bytes: 64 << 20,
            fragment_ttl: Duration::from_secs(300),
            fragment_per_template: false,
            enable_htmx_helpers: true,
            terminal_color: None,
            terminal_width: None,
            terminal_unicode: None,
            ambiguous_width: None,
            keep_source: true,
            debug_sink: None,
            warning_sink: None,
            conversion_warnings: false,
            warnings: Warnings::default(),
            silenced: BTreeSet::new(),
            optimize: gravure_compiler::Optimize::default(),
            probe: crate::probe::Probe::default(),
        }
    }
}

/// The deepest nesting of a source that a host may allow.
const MAX_NESTING: u32 = 500;

impl Options {
    /// Bounds for templates of people one does not trust: how much they may
    /// read, hold, print and how long that may take.
    pub fn untrusted() -> Self {
        Self {
            source_limits: SyntaxLimits {
                max_bytes: 1 << 20,
                max_tokens: 100_000,
                max_nesting: 64,
                max_filter_chain: 100,
            },
            limits: Limits::untrusted(),
            max_time: Some(Duration::from_secs(5)),
            ..Self::default()
        }
    }

    /// Can an environment be built from these?
    ///
    /// # Errors
    /// `K-CFG-001` that names the first bad option, and what would do.
    pub fn check(&self) -> Result<(), Error> {
        if let Err(problem) = self.delimiters.check() {
            return Err(
                Error::new(gravure_source::Code::Config, problem).help("no delimiter may be empty")
            );
        }
        let nesting = self.source_limits.max_nesting;
        if nesting > MAX_NESTING {
            return Err(Error::config(
                "source_limits.max_nesting",
                &nesting.to_string(),
                &format!("at most {MAX_NESTING} would do"),
            ));
        }
        if let Some(width) = self.ambiguous_width
            && !matches!(width, 1 | 2)
        {
            return Err(Error::config(
                "ambiguous_width",
                &width.to_string(),
                "1 or 2 would do",
            ));
        }
        if let Some(tree) = &self.static_context
            && !matches!(tree.node(tree.root()), Node::Map(..))
        {
            return Err(Error::config(
                "static_context",
                "a value without names",
                "a map from names to values would do",
            ));
        }
        if let Some(alias) = self.template_aliases.keys().find(|key| key.contains('/')) {
            return Err(Error::config(
                "template_aliases",
                &format!("`{alias}`, which no tag can write"),
                "an alias without `/` would do",
            ));
        }
        Ok(())
    }

    /// How sources are read.
    pub fn syntax(&self) -> SyntaxOptions {
        SyntaxOptions {
            delimiters: self.delimiters.clone(),
            trim_blocks: self.trim_blocks,
            lstrip_blocks: self.lstrip_blocks,
            limits: self.source_limits,
        }
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("autoescape", &self.autoescape)
            .field("has_loader", &self.loader.is_some())
            .finish_non_exhaustive()
    }
}

/// Takes warnings of renders.
///
/// ```
/// use gravure::{Environment, Options, context};
/// use std::sync::{Arc, Mutex};
/// let told = Arc::new(Mutex::new(Vec::new()));
/// let sink = told.clone();
/// let environment = Environment::with_options(Options {
///     warning_sink: Some(Arc::new(move |it| sink.lock().unwrap().push((it.code, it.line)))),
///     ..Options::default()
/// })?;
/// environment.from_string("{{ csrf_token() }}")?.render(&context! {})?;
/// assert_eq!(*told.lock().unwrap(), [(gravure::Code::WarnCsrf, 1)]);
/// # Ok::<(), gravure::Error>(())
/// ```
pub type WarningSink = Arc<dyn Fn(&RenderWarning) + Send + Sync>;

/// Takes lines of text.
pub type DebugSink = Arc<dyn Fn(&str) + Send + Sync>;

/// What kind of document templates write.
#[derive(Clone)]
pub enum AutoEscape {
    /// The same for every template; [`Mode::On`] looks at the name.
    All(Mode),
    /// Asked once for each compiled template, with its normalized name.
    ByName(Arc<ModeOf>),
}

/// Answers which mode a template of a name has; `None` is one without a name.
pub type ModeOf = dyn Fn(Option<&str>) -> Mode + Send + Sync;

/// An answer about one template.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// HTML, unless the name says otherwise.
    #[default]
    On,
    /// No escaping.
    Off,
    /// Markdown.
    Markdown,
    /// A terminal.
    Terminal,
}

impl Mode {
    /// A mode by its name; case and blanks around it do not matter.
    ///
    /// # Errors
    /// `K-CFG-001` for any other text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match &*text.trim().to_lowercase() {
            "true" | "html" => Ok(Self::On),
            "false" => Ok(Self::Off),
            "markdown" => Ok(Self::Markdown),
            "terminal" => Ok(Self::Terminal),
            _ => Err(Error::config(
                "autoescape",
                &format!("`{text}`"),
                "`true`, `false`, `html`, `markdown` or `terminal` would do",
            )),
        }
    }

    /// The surface of a template of that name.
    ///
    /// Only a name that ends in `.kida` or `.gravure` says what it holds: by
    /// what stands before that ending, in its last segment.
    pub fn surface(self, name: Option<&str>) -> Surface {
        match self {
            Self::Off => Surface::Text,
            Self::Markdown => Surface::Markdown,
            Self::Terminal => Surface::Terminal,
            Self::On => {
                let segment = name.and_then(|name| name.rsplit('/').next()).unwrap_or("");
                let inner = [".kida", ".gravure"]
                    .iter()
                    .find_map(|ending| segment.strip_suffix(ending));
                match inner {
                    Some(inner) if !is_markup(inner) => Surface::Text,
                    _ => Surface::Html,
                }
            }
        }
    }
}

fn is_markup(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".html", ".htm", ".xhtml", ".xml", ".svg"]
        .iter()
        .any(|ending| name.ends_with(ending))
}

impl Default for AutoEscape {
    fn default() -> Self {
        Self::All(Mode::On)
    }
}

impl AutoEscape {
    /// The same mode for every template, by its name.
    ///
    /// # Errors
    /// `K-CFG-001` for a text that is no mode.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Mode::parse(text).map(Self::All)
    }

    /// A function of the template's name; `None` for one without a name.
    pub fn by_name(function: impl Fn(Option<&str>) -> Mode + Send + Sync + 'static) -> Self {
        Self::ByName(Arc::new(function))
    }

    /// The surface of a template of that name.
    pub fn surface(&self, name: Option<&str>) -> Surface {
        match self {
            Self::All(mode) => mode.surface(name),
            Self::ByName(function) => function(name).surface(name),
        }
    }
}

impl From<bool> for AutoEscape {
    fn from(is_on: bool) -> Self {
        Self::All(if is_on { Mode::On } else { Mode::Off })
    }
}

impl std::fmt::Debug for AutoEscape {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::All(mode) => write!(f, "All({mode:?})"),
            Self::ByName(_) => f.write_str("ByName(…)"),
        }
    }
}

/// When a kept template is checked against its source.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AutoReload {
    /// Never: the host clears the cache.
    Never,
    /// On every lookup, by the stamp of its loader.
    #[default]
    Always,
    /// On every lookup, by the text itself.
    Hash,
    /// As [`AutoReload::Always`], but not again within this time.
    Every(Duration),
}

/// The colors a terminal shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum ColorDepth {
    /// None.
    None,
    /// 16.
    Basic,
    /// 256.
    Extended,
    /// 24 bits.
    TrueColor,
}

impl ColorDepth {
    /// A depth by its name: `none`, `basic`, `256`, `truecolor`.
    ///
    /// # Errors
    /// `K-CFG-001` for any other text.
    pub fn parse(text: &str) -> Result<Self, Error> {
        match text {
            "none" => Ok(Self::None),
            "basic" => Ok(Self::Basic),
            "256" => Ok(Self::Extended),
            "truecolor" => Ok(Self::TrueColor),
            _ => Err(Error::config(
                "terminal_color",
                &format!("`{text}`"),
                "`none`, `basic`, `256` or `truecolor` would do",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::TreeBuilder;

    #[test]
    fn the_defaults_are_good() {
        assert!(Options::default().check().is_ok());
        assert!(Options::untrusted().check().is_ok());
    }

    #[test]
    fn modes_have_names() {
        for (text, mode) in [
            ("true", Mode::On),
            (" TRUE ", Mode::On),
            ("html", Mode::On),
            ("False", Mode::Off),
            ("markdown", Mode::Markdown),
            ("terminal", Mode::Terminal),
        ] {
            assert_eq!(Mode::parse(text).unwrap(), mode, "{text}");
        }
        for text in ["", "off", "markdown2", "latex", "on"] {
            let error = AutoEscape::parse(text).unwrap_err();
            assert_eq!(error.code().as_str(), "K-CFG-001", "{text}");
            assert_eq!((error.template(), error.line()), (None, None));
        }
    }

    #[test]
    fn names_choose_the_surface_only_when_escaping_is_on() {
        for (name, is_html) in [
            ("a.html", true),
            ("a.txt", true),
            ("a.md", true),
            ("a.html.kida", true),
            ("a.XHTML.gravure", true),
            ("a.svg.kida", true),
            ("a.md.kida", false),
            ("a.kida", false),
            (".kida", false),
            ("a.gravure", false),
            ("page.KIDA", true),
            ("dir.html/a.kida", false),
            ("dir.kida/a.txt", true),
            ("", true),
        ] {
            let expected = if is_html {
                Surface::Html
            } else {
                Surface::Text
            };
            assert_eq!(
                AutoEscape::from(true).surface(Some(name)),
                expected,
                "{name}"
            );
            assert_eq!(AutoEscape::from(false).surface(Some(name)), Surface::Text);
            assert_eq!(Mode::Markdown.surface(Some(name)), Surface::Markdown);
        }
        assert_eq!(AutoEscape::default().surface(None), Surface::Html);
    }

    #[test]
    fn a_function_is_asked_by_name() {
        let autoescape = AutoEscape::by_name(|name| match name {
            Some("log.txt") => Mode::Terminal,
            Some(_) => Mode::On,
            None => Mode::Off,
        });
        assert_eq!(autoescape.surface(Some("log.txt")), Surface::Terminal);
        assert_eq!(autoescape.surface(Some("x.kida")), Surface::Text);
        assert_eq!(autoescape.surface(None), Surface::Text);
    }

    fn refused(change: impl FnOnce(&mut Options)) -> String {
        let mut options = Options::default();
        change(&mut options);
        let error = options.check().unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::Config);
        error.message().to_owned()
    }

    #[test]
    fn bad_options_are_named() {
        assert_eq!(
            refused(|options| options.delimiters.block_start = String::new()),
            "`block_start` is empty"
        );
        assert_eq!(
            refused(|options| options.ambiguous_width = Some(3)),
            "option `ambiguous_width` cannot be 3"
        );
        assert_eq!(
            refused(|options| options.source_limits.max_nesting = 501),
            "option `source_limits.max_nesting` cannot be 501"
        );
        assert_eq!(
            refused(|options| {
                options
                    .template_aliases
                    .insert("a/b".to_owned(), "c".to_owned());
            }),
            "option `template_aliases` cannot be `a/b`, which no tag can write"
        );
        let mut builder = TreeBuilder::default();
        let root = builder.text("x");
        let tree = Arc::new(builder.finish(root));
        assert_eq!(
            refused(|options| options.static_context = Some(tree)),
            "option `static_context` cannot be a value without names"
        );
        assert!(ColorDepth::parse("bogus").is_err());
        assert_eq!(ColorDepth::parse("256").unwrap(), ColorDepth::Extended);
    }
}
