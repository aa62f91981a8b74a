//! The targets: functions over bytes that return, or panic with what is wrong.
//!
//! ```text
//! bytes ─ Input ─▶ switches, templates ─ Stage ─▶ pages and errors ─▶ compared
//! ```
//!
//! Nothing here asks whether a page is right. It asks what must hold of any
//! page: that it comes at all, and by whichever way it is made the same.

mod bundle;
mod chunk;
mod constants;
mod data;
mod draft;
mod entry;
mod input;
mod render;
mod report;
mod smith;
mod source;
mod stage;

pub use bundle::{Fate, bundle, fate};
pub use chunk::chunk;
pub use constants::constants;
pub use data::data;
pub use entry::entry;
pub use render::render;
pub use report::report;
pub use smith::smith;
pub use source::source;

/// A function over bytes.
pub type Target = fn(&[u8]);

/// All of them by name.
pub const TARGETS: &[(&str, Target)] = &[
    ("source", source),
    ("render", render),
    ("chunk", chunk),
    ("entry", entry),
    ("report", report),
    ("bundle", bundle),
    ("smith", smith),
    ("constants", constants),
    ("data", data),
];
