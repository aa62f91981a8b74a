//! What a template may use up while it is read.
//!
//! Every bound is checked before the work it bounds, so the answer never
//! depends on the native stack of the thread that asks (I6).

/// Bounds on one source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SyntaxLimits {
    /// Bytes of source, checked before anything is read.
    pub max_bytes: usize,
    /// Lexemes inside tags; a text between tags counts one.
    pub max_tokens: usize,
    /// Open blocks, brackets, prefixes and right-associative operators.
    pub max_nesting: u32,
    /// Filters on one value.
    pub max_filter_chain: usize,
}

impl Default for SyntaxLimits {
    fn default() -> Self {
        Self {
            max_bytes: 16 * 1024 * 1024,
            max_tokens: 100_000,
            max_nesting: 200,
            max_filter_chain: 200,
        }
    }
}

/// How many findings one run reports.
pub(crate) const MAX_DIAGNOSTICS: usize = 50;

/// Native stack that must be left when a bracket group is entered: pest wants
/// 64 KiB for itself, the rest is one level of building in a debug build.
const STACK_NEEDED: usize = 192 * 1024;

/// How much is added when there is less.
const STACK_ADDED: usize = 2 * 1024 * 1024;

/// Run `work` with room for one more level on the native stack. How many
/// levels there can be is bounded by `max_nesting`, not by the stack.
pub(crate) fn with_stack<R>(work: impl FnOnce() -> R) -> R {
    stacker::maybe_grow(STACK_NEEDED, STACK_ADDED, work)
}
