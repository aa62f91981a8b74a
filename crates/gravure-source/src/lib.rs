//! Where text is: sources, spans, lines, symbols, and findings about them.
//!
//! In: text with a name. Out: byte ranges, line numbers, interned names, and
//! diagnostics printed for people. Nothing in here knows what a template is;
//! the table of codes in [`code`] is the one list of what can be reported.

pub mod code;
pub mod diagnostic;
pub mod line_index;
pub mod seeds;
pub mod similar;
pub mod snippet;
pub mod span;
pub mod symbol;

pub use code::Code;
pub use diagnostic::Diagnostic;
pub use line_index::{LineCol, LineIndex};
pub use seeds::RandomState;
pub use span::Span;
pub use symbol::{Interner, Symbol};

/// A hash over the sources of this package.
pub const SOURCES: &str = env!("GRAVURE_SOURCES");
