//! Bundles: compiled templates that ship in one file.
//!
//! ```text
//! environment ─ BundleBuilder ─▶ bytes ─ Bundle::open ─▶ Bundle ─ add_bundle ─▶ environment
//! ```
//!
//! [`BundleBuilder`] compiles what an environment can load, after a check that
//! nothing is missing, and writes it down. [`Bundle::open`] takes the bytes
//! back, of a file or of the program itself ([`include_bundle!`](crate::include_bundle)),
//! as far as [`Trust`] goes. An environment with a bundle finds the templates
//! in it before it asks its loader; it takes a bundle only if it has
//! everything that the chunks need, and otherwise says all that it lacks.
//!
//! Chunks are read when they are asked for, and each is verified before it can
//! run, whoever made it.

mod build;
mod fit;

pub use build::BundleBuilder;
pub(crate) use build::unreadable;
pub use fit::Mismatch;
pub(crate) use fit::bounded;
pub use gravure_bundle::{
    BadKey, Bundle, BundleError, Bytes, Details, Edge, Hash, Identity, Manifest, Native,
    NativeKind, PublicKey, SecretKey, Signature, TemplateInfo, Trust, hex,
};
pub use gravure_bytecode::{BlockKind, DependencyKind, Escape, ParamRole};

/// Open the bundle of a file that is put into the program. The path is as
/// `include_bytes!` takes it; the text of the templates stays in the program.
///
/// ```
/// let opened = gravure::include_bundle!(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"));
/// assert_eq!(opened.unwrap_err(), gravure::bundle::BundleError::NotABundle);
/// ```
#[macro_export]
macro_rules! include_bundle {
    ($path:expr) => {
        $crate::bundle::Bundle::open(::core::include_bytes!($path), &$crate::bundle::Trust::Own)
    };
}
