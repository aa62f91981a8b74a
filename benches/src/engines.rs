//! The engines, each with the settings its own documentation recommends.
//!
//! Every file offers the same two functions: `renderers` for a workload and,
//! where templates are compiled at run time, `compiler` for the corpus.

pub mod askama;
pub mod gravure;
pub mod minijinja;
pub mod tera;

use crate::contest::{Compiler, Renderer};
use crate::workload::Workload;

/// Everybody who renders `workload`, Gravure first.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let mut all = gravure::renderers(workload);
    all.extend(askama::renderers(workload));
    all.extend(minijinja::renderers(workload));
    all.extend(tera::renderers(workload));
    all
}

/// Everybody who compiles at run time, Gravure first.
pub fn compilers(corpus: &Workload) -> Vec<Compiler<'_>> {
    vec![
        gravure::compiler(corpus),
        minijinja::compiler(corpus),
        tera::compiler(corpus),
    ]
}
