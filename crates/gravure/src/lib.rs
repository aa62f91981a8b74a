//! Gravure renders templates: fast, safely, and the same every time.
//!
//! ```
//! let environment = gravure::Environment::new();
//! let template = environment.from_string("Hello {{ user | upper }}!")?;
//! assert_eq!(template.render(&gravure::context! { user => "Ada" })?, "Hello ADA!");
//! # Ok::<(), gravure::Error>(())
//! ```
//!
//! An [`Environment`] holds options, a [loader], and what
//! templates can call; a [`Template`] is compiled once and rendered often, from
//! as many threads as you like. Data comes as borrowed JSON (`&serde_json::Value`,
//! used without conversion), as anything that implements `serde::Serialize`
//! (through [`Context`]), or as host [objects](trait@Object), which a derive
//! makes of structs and [`Bindings`] put together.

mod bindings;
pub mod bundle;
pub mod cache;
pub mod check;
mod context;
mod convert;
mod disk;
mod environment;
mod error;
mod later;
pub mod loader;
mod many;
mod names;
pub mod options;
pub mod policy;
mod probe;
mod reach;
mod render;
mod render_context;
mod rendering;
mod request;
mod step;
mod stream;
mod swap;
mod sync;
mod tables;
mod template;
pub mod workers;
mod world;

pub use bindings::Bindings;
pub use context::{Context, ContextRef};
pub use convert::{Argument, ArgumentError, HostFunction, IntoAnswer};
pub use environment::{CacheInfo, Environment};
pub use error::{Code, ComponentFrame, Error, ErrorKind, Report, Snippet, Span, TemplateFrame};
pub use gravure_bundle::disk::{DiskCache, DiskError, DiskOptions, DiskStats};
pub use gravure_derive::{Object, embed_templates};
pub use gravure_syntax::{Delimiters, SyntaxLimits};
pub use gravure_value::{
    AsData, AsyncItems, Awaitable, BigInt, Data, Fault, FieldName, Given, Limits, Mark, Moment,
    Node, Object, Read, Reads, RenderWarning, Sequence, SharedObject, Slice, Slot, Stream, Surface,
    Tree, TreeBuilder,
};
pub use gravure_vm::CachedBlocks;
pub use later::{async_items, awaitable};
pub use names::Aliases;
pub use options::{AutoEscape, Options};
pub use render_context::RenderContext;
pub use rendering::Rendering;
pub use request::RenderOptions;
pub use step::{Progress, Render};
pub use stream::{AsyncPieces, Pieces};
pub use tables::Tables;
pub use template::Template;

/// Machinery that may change with any release: chunks and listings.
pub mod unstable {
    pub use gravure_bytecode::{Chunk, disassemble};
    pub use gravure_compiler::Optimize;

    #[doc(hidden)]
    pub use crate::probe::Probe;
}
