//! The engines, each with the settings its own documentation recommends.
//!
//! Every file offers the same two functions: `renderers` for a workload and,
//! where templates are compiled at run time, `compiler` for the corpus.
//! Without the feature `peers` only Gravure and the floor are there, which is
//! quick to build.

#[cfg(feature = "peers")]
pub mod askama;
pub mod floor;
pub mod gravure;
#[cfg(feature = "peers")]
pub mod handlebars;
#[cfg(feature = "peers")]
pub mod minijinja;
#[cfg(feature = "peers")]
pub mod sailfish;
#[cfg(feature = "peers")]
pub mod tera;

use crate::contest::{Compiler, Renderer};
use crate::workload::Workload;

/// Everybody who renders `workload`: the floor, Gravure, those who compile
/// ahead, those who do not.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    [
        floor::renderers,
        gravure::renderers,
        #[cfg(feature = "peers")]
        sailfish::renderers,
        #[cfg(feature = "peers")]
        askama::renderers,
        #[cfg(feature = "peers")]
        minijinja::renderers,
        #[cfg(feature = "peers")]
        tera::renderers,
        #[cfg(feature = "peers")]
        handlebars::renderers,
    ]
    .into_iter()
    .flat_map(|renderers: fn(&Workload) -> Vec<Renderer<'_>>| renderers(workload))
    .collect()
}

/// Everybody who compiles at run time, Gravure first.
pub fn compilers(corpus: &Workload) -> Vec<Compiler<'_>> {
    vec![
        gravure::compiler(corpus),
        #[cfg(feature = "peers")]
        minijinja::compiler(corpus),
        #[cfg(feature = "peers")]
        tera::compiler(corpus),
        #[cfg(feature = "peers")]
        handlebars::compiler(corpus),
    ]
}
