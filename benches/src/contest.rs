//! Who takes part: one closure for each engine and form of data.

use std::any::Any;

/// How an engine is handed the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Converted once, before the clock starts, into the engine's own value.
    Prepared,
    /// A borrowed `serde_json::Value` on every render, with whatever
    /// conversion the engine needs for it.
    Json,
    /// A borrowed Rust struct on every render, converted through `Serialize`.
    Serialize,
    /// A borrowed Rust struct that the engine reads in place at run time.
    Object,
    /// A borrowed Rust struct that the template was compiled for.
    Struct,
}

impl Form {
    /// The word that stands in tables and benchmark names.
    pub fn word(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Json => "json",
            Self::Serialize => "serialize",
            Self::Object => "object",
            Self::Struct => "struct",
        }
    }
}

/// An engine, ready to render one workload.
pub struct Renderer<'w> {
    /// The engine's name.
    pub engine: &'static str,
    /// How it gets the data.
    pub form: Form,
    /// One render into a new owned string.
    pub render: Box<dyn Fn() -> String + 'w>,
}

impl std::fmt::Debug for Renderer<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Renderer({}, {})", self.engine, self.form.word())
    }
}

/// An engine, ready to compile the corpus.
pub struct Compiler<'w> {
    /// The engine's name.
    pub engine: &'static str,
    /// The bytes of the corpus in this engine's syntax.
    pub bytes: usize,
    /// From sources in memory and an empty environment to all templates
    /// compiled; the result is what has to be dropped off the clock.
    pub compile: Box<dyn Fn() -> Box<dyn Any> + 'w>,
    /// All pages of the corpus, one behind the other.
    pub render_all: Box<dyn Fn() -> String + 'w>,
}

impl std::fmt::Debug for Compiler<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Compiler({}, {} bytes)", self.engine, self.bytes)
    }
}
