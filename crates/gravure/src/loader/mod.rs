//! Where sources come from: a normalized name in, text or a reason out.
//!
//! [`Loader`] is the one trait. [`MapLoader`] keeps sources in memory,
//! [`EmbeddedLoader`] in the program, [`FileLoader`] reads folders and never
//! leaves them, [`ChoiceLoader`] and [`PrefixLoader`] put loaders together,
//! [`FunctionLoader`] asks the host.
//! Absent on purpose: names with `./`, `..` or aliases, which the environment
//! resolves before it asks; compiling; caching.

mod choice;
mod embedded;
mod file;
mod function;
mod map;
mod prefix;
mod stamp;
mod text;

#[cfg(test)]
mod tests;

pub use choice::ChoiceLoader;
pub use embedded::EmbeddedLoader;
pub use file::FileLoader;
pub use function::FunctionLoader;
pub use map::MapLoader;
pub use prefix::PrefixLoader;
pub use stamp::{FileStamp, Stamp};

use gravure_source::Code;
use gravure_value::Fault;
use std::{error::Error as StdError, io, sync::Arc};

/// Finds the source of a template by its normalized name.
///
/// "Not found" and "failed" are different answers: only the first lets a
/// [`ChoiceLoader`] ask the next one.
///
/// ```
/// use gravure::loader::{LoadError, Loader, Source};
///
/// struct Greeting;
///
/// impl Loader for Greeting {
///     fn load(&self, name: &str) -> Result<Source, LoadError> {
///         match name {
///             "hello.html" => Ok(Source::new("Hello {{ name }}!")),
///             _ => Err(LoadError::not_found()),
///         }
///     }
/// }
/// assert_eq!(Greeting.load("hello.html").unwrap().text, "Hello {{ name }}!");
/// ```
pub trait Loader: Send + Sync {
    /// The source under a name.
    ///
    /// # Errors
    /// [`LoadError::NotFound`] if there is none, another if it cannot be read.
    fn load(&self, name: &str) -> Result<Source, LoadError>;

    /// The stamp that [`Loader::load`] would give now, if it can be had for
    /// less than loading; `None` if not.
    ///
    /// # Errors
    /// As [`Loader::load`], as far as it is noticed.
    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        let _ = name;
        Ok(None)
    }

    /// Is a source with this stamp what [`Loader::load`] would give now?
    /// `false` means "load it and compare".
    fn is_current(&self, name: &str, stamp: &Stamp) -> bool {
        match stamp {
            Stamp::Forever => true,
            _ => matches!(self.stamp(name), Ok(Some(now)) if now == *stamp),
        }
    }

    /// All names, sorted, each once; `None` if this loader cannot list them.
    fn list(&self) -> Option<Vec<String>> {
        None
    }
}

impl<L: Loader + ?Sized> Loader for Arc<L> {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        (**self).load(name)
    }
    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        (**self).stamp(name)
    }
    fn is_current(&self, name: &str, stamp: &Stamp) -> bool {
        (**self).is_current(name, stamp)
    }
    fn list(&self) -> Option<Vec<String>> {
        (**self).list()
    }
}

/// What a loader answers.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Source {
    /// The template.
    pub text: String,
    /// A file name for messages and tools; never used as a template name.
    pub file: Option<String>,
    /// By which a later check can tell that the source has changed.
    pub stamp: Option<Stamp>,
}

impl Source {
    /// Text without a file and without a stamp.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            file: None,
            stamp: None,
        }
    }

    /// The stamp that the loader gave, or one made from the text.
    pub fn stamp_or_content(&self) -> Stamp {
        self.stamp
            .clone()
            .unwrap_or_else(|| Stamp::of_text(&self.text))
    }
}

/// Why a loader gives no source.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// There is no template of that name here.
    NotFound {
        /// Where was looked, such as the roots of a file loader.
        searched: Vec<String>,
        /// What else to say, such as "the path leaves the root".
        notes: Vec<String>,
    },
    /// The bytes are no UTF-8.
    Encoding {
        /// The file, if it is one.
        file: Option<String>,
        /// The first byte that does not decode.
        offset: usize,
        /// The line it stands on, from 1.
        line: u32,
    },
    /// The source is longer than the loader reads.
    TooLong {
        /// How many bytes it reads.
        limit: u64,
    },
    /// It exists and cannot be read.
    Io {
        /// The file, if it is one.
        file: Option<String>,
        /// What the system says.
        error: io::Error,
    },
    /// What the host's own loader says.
    Other(Box<dyn StdError + Send + Sync>),
}

impl LoadError {
    /// "Not found", with nothing more to say.
    pub fn not_found() -> Self {
        Self::NotFound {
            searched: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// May the next loader be asked?
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// The fault of a template called `name`; whoever asked adds the place.
    pub fn into_fault(self, name: &str) -> Fault {
        match self {
            Self::NotFound { searched, notes } => {
                let mut fault = not_found(name);
                if !searched.is_empty() {
                    fault = fault.help(format!("searched: {}", searched.join(", ")));
                }
                notes.into_iter().fold(fault, Fault::help)
            }
            Self::Encoding { offset, line, .. } => Fault::new(
                Code::TplEncoding,
                format!("template `{name}` is no UTF-8 at byte {offset} (line {line})"),
            )
            .help("save the file as UTF-8"),
            Self::TooLong { limit } => Fault::new(
                Code::LexTooLong,
                format!("template `{name}` has more than {limit} bytes"),
            )
            .help("split the template"),
            Self::Io { error, .. } => Fault::new(
                Code::TplIo,
                format!("template `{name}` cannot be read: {error}"),
            )
            .caused_by(Box::new(error)),
            Self::Other(error) => Fault::new(
                Code::RunValue,
                format!("the loader failed for template `{name}`: {error}"),
            )
            .caused_by(error),
        }
    }
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NotFound { .. } => f.write_str("not found"),
            Self::Encoding { offset, .. } => write!(f, "no UTF-8 at byte {offset}"),
            Self::TooLong { limit } => write!(f, "more than {limit} bytes"),
            Self::Io { error, .. } => error.fmt(f),
            Self::Other(error) => error.fmt(f),
        }
    }
}

impl StdError for LoadError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        match self {
            Self::Io { error, .. } => Some(error),
            Self::Other(error) => Some(&**error),
            _ => None,
        }
    }
}

/// No loader has a template: `K-TPL-001`. The one sentence for it.
pub(crate) fn not_found(name: &str) -> Fault {
    let name = gravure_value::excerpt(name);
    Fault::new(Code::TplNotFound, format!("template `{name}` not found"))
}
