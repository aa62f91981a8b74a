//! Gravure.
use crate::contest::{Compiler, Renderer};
use crate::workload::Workload;

/// The name in tables.
pub const NAME: &str = "gravure";

/// The workload from prepared data and from JSON.
pub fn renderers(_: &Workload) -> Vec<Renderer<'_>> {
    Vec::new()
}

/// The corpus.
pub fn compiler(corpus: &Workload) -> Compiler<'_> {
    super::minijinja::compiler(corpus)
}
