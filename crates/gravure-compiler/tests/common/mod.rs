//! What the tests of this crate share: a short list of natives, and source to
//! draft in one call.

use gravure_bytecode::{Draft, Escape};
use gravure_compiler::{CompileOptions, KnownNatives, Optimize, compile};
use gravure_source::Diagnostic;
use gravure_syntax::{SyntaxLimits, SyntaxOptions, parse};

/// Filters and tests that exist here.
struct Natives;

const FILTERS: [&str; 5] = ["default", "join", "lower", "trim", "upper"];
const PREDICATES: [&str; 3] = ["divisibleby", "even", "odd"];

impl KnownNatives for Natives {
    fn filter(&self, name: &str) -> bool {
        FILTERS.contains(&name)
    }

    fn predicate(&self, name: &str) -> bool {
        PREDICATES.contains(&name)
    }

    fn filter_names(&self) -> Vec<String> {
        FILTERS.map(str::to_owned).to_vec()
    }

    fn predicate_names(&self) -> Vec<String> {
        PREDICATES.map(str::to_owned).to_vec()
    }
}

/// A draft and warnings, or findings, of either stage.
pub(crate) type Answer = Result<(Draft, Vec<Diagnostic>), Vec<Diagnostic>>;

/// Compile a source.
pub(crate) fn compile_with(source: &str, escape: Escape, optimize: Optimize) -> Answer {
    let options = SyntaxOptions {
        limits: SyntaxLimits {
            max_nesting: 500,
            max_tokens: 1_000_000,
            ..SyntaxLimits::default()
        },
        ..SyntaxOptions::default()
    };
    let tree = parse(source, &options)?;
    let options = CompileOptions {
        name: "",
        escape,
        keep_source: false,
        natives: &Natives,
        optimize,
    };
    compile(&tree, source, &options)
}

/// Compile a source as most are.
#[allow(dead_code)]
pub(crate) fn compiled(source: &str) -> Answer {
    compile_with(source, Escape::Html, Optimize::default())
}
