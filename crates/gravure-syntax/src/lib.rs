//! Template text to tree. The only crate that has heard of pest.
//!
//! ```text
//! text ─ lex ─▶ pieces, tokens ─ pest ─▶ pairs ─ build ─▶ ast::Template
//! ```
//!
//! Most groups need not go through pest: `quick` gives the same pairs, and
//! whatever it does not know is left to the grammar, as are all findings.
//!
//! Parsing is pure (I1): text and options in, a tree or diagnostics out. No
//! name is resolved here, no filter is known by name, nothing is evaluated.
//!
//! ```
//! use gravure_syntax::{dump, parse, SyntaxOptions};
//! let source = "Hello {{ user.name | upper }}!";
//! let tree = parse(source, &SyntaxOptions::default()).unwrap();
//! assert!(dump(&tree, source).contains("filter upper"));
//! ```

pub mod ast;
mod build;
mod dump;
mod failure;
mod grammar;
mod lex;
mod limits;
mod options;
mod pairs;
mod precedence;
mod quick;
mod words;

pub use dump::dump;
pub use limits::SyntaxLimits;
pub use options::{Delimiters, SyntaxOptions};

/// A hash over the sources of this package.
pub const SOURCES: &str = env!("GRAVURE_SOURCES");

use gravure_source::{Code, Diagnostic, Span};

/// The tree of a template.
///
/// # Errors
///
/// Everything that was found, at least one finding. The first is *the* error:
/// the first of the first stage that fails, tokens (`K-LEX`) before grammar
/// (`K-PAR`).
pub fn parse(source: &str, options: &SyntaxOptions) -> Result<ast::Template, Vec<Diagnostic>> {
    let limit = options.limits.max_bytes.min(u32::MAX as usize - 1);
    if source.len() > limit {
        return Err(vec![
            Diagnostic::new(
                Code::LexTooLong,
                Span::new(0, 0),
                format!(
                    "the template has {} bytes, the limit is {limit}",
                    source.len()
                ),
            )
            .help("split the template"),
        ]);
    }
    if let Err(problem) = options.delimiters.check() {
        return Err(vec![Diagnostic::new(
            Code::Config,
            Span::new(0, 0),
            problem,
        )]);
    }
    let lexed = lex::lex(source, options)?;
    limits::with_stack(|| build::build(source, &lexed, options.limits))
}
