//! Tree to chunk: every name gets its place, every statement its ops.
//!
//! ```text
//! ast::Template ─ resolve ─▶ who sets what ─ lower ─▶ ops, labels ─ assemble ─▶ Draft
//! ```
//!
//! In: a tree, its source, and the names of filters and tests as data. Out: a
//! [`Draft`] that the caller has verified, or every finding. Nothing is run,
//! loaded or looked up here; the same input gives the same bytes (I2).
//!
//! Lowering recurses over the tree, whose depth is a property of the tree that
//! the parser has bounded; [`compile`] makes sure that the stack bears it.

mod assemble;
mod bindings;
mod check;
mod fold;
mod labels;
mod lower;
mod maps;
mod places;
mod pool;
mod registers;
mod resolve;
mod share;
mod unit;
mod warn;

use gravure_bytecode::{Draft, Escape, Origin};
use gravure_source::Diagnostic;
use gravure_syntax::ast::Template;
use std::sync::LazyLock;

/// The short name of the language's edition.
pub const EDITION: &str = "kida-0.12";

/// A hash over the sources of this package.
pub const SOURCES: &str = env!("GRAVURE_SOURCES");

/// What this compiler writes at the head of its chunks: the edition, and a hash
/// over the sources of every package that decides a chunk's bytes.
pub fn origin() -> &'static Origin {
    static ORIGIN: LazyLock<Origin> = LazyLock::new(|| {
        let sources = [
            gravure_source::SOURCES,
            gravure_syntax::SOURCES,
            gravure_value::SOURCES,
            gravure_bytecode::SOURCES,
            SOURCES,
        ];
        Origin::new(EDITION, &sources)
    });
    &ORIGIN
}

/// Which filters and tests exist.
pub trait KnownNatives {
    /// Is there a filter of that name?
    fn filter(&self, name: &str) -> bool;
    /// Is there a test of that name?
    fn predicate(&self, name: &str) -> bool;
    /// All filters, for suggestions.
    fn filter_names(&self) -> Vec<String>;
    /// All tests, for suggestions.
    fn predicate_names(&self) -> Vec<String>;
}

/// Switches of what only makes a page faster, never different.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Optimize {
    /// Evaluate operators on constants.
    pub fold: bool,
    /// Print constants as text.
    pub print: bool,
    /// Leave out branches that a constant excludes.
    pub branches: bool,
    /// Join text that stands side by side.
    pub merge_text: bool,
    /// Use one op for loops that only print their items.
    pub loops: bool,
    /// Walk a path once where it would be walked again for nothing.
    pub paths: bool,
}

impl Optimize {
    /// Everything off.
    pub const NONE: Self = Self {
        fold: false,
        print: false,
        branches: false,
        merge_text: false,
        loops: false,
        paths: false,
    };
}

impl Default for Optimize {
    fn default() -> Self {
        Self {
            fold: true,
            print: true,
            branches: true,
            merge_text: true,
            loops: true,
            paths: true,
        }
    }
}

/// Everything but the tree that decides what a chunk is.
#[derive(Clone, Copy)]
pub struct CompileOptions<'a> {
    /// The template's name; empty for one from a string.
    pub name: &'a str,
    /// How it escapes.
    pub escape: Escape,
    /// Put the source into the chunk, for snippets.
    pub keep_source: bool,
    /// Known filters and tests.
    pub natives: &'a dyn KnownNatives,
    /// Switches.
    pub optimize: Optimize,
}

/// Native stack that lowering needs for a flat template.
const BASE: usize = 128 << 10;
/// Native stack that lowering needs for one level of nesting. One level can
/// pass through every precedence of an expression; a test holds the figure.
const LEVEL: usize = if cfg!(debug_assertions) {
    24 << 10
} else {
    8 << 10
};

/// The chunk of a template, not yet verified, and warnings.
///
/// # Errors
///
/// Everything that was found, in the order of its place.
pub fn compile(
    template: &Template,
    source: &str,
    options: &CompileOptions<'_>,
) -> Result<(Draft, Vec<Diagnostic>), Vec<Diagnostic>> {
    let stack = BASE + (template.nesting as usize + 2).saturating_mul(LEVEL);
    stacker::maybe_grow(stack, stack, || {
        lower::Compiler::new(template, source, options).run()
    })
}
