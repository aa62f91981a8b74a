//! The macros of Gravure: `#[derive(Object)]` and `embed_templates!`.
//!
//! In: tokens of the host's program. Out: tokens that name nothing but
//! `::gravure` and `::core`. Absent on purpose: what the words mean, which
//! `gravure` says where it offers these macros again; use them from there.

mod embed;
mod object;

use proc_macro::TokenStream;

/// Make a struct an object that templates read in place.
///
/// Every named field becomes an attribute; its type implements
/// `gravure::AsData`, as numbers, texts, options, lists, maps, JSON and other
/// structs with this derive do. Nothing is converted before a template asks.
///
/// | Attribute | Says |
/// |---|---|
/// | `#[object(rename = "…")]` on a field | the name that templates write |
/// | `#[object(skip)]` on a field | templates do not see it |
/// | `#[object(optional)]` on a field of `Option` | `None` is missing, not none |
/// | `#[object(rename = "…")]` on the struct | what `typeof` says |
///
/// The struct must be `Send` and `Sync`. It also implements `AsData`, so it may
/// be the field of another, and `&T` is a context for a render.
#[proc_macro_derive(Object, attributes(object))]
pub fn derive_object(input: TokenStream) -> TokenStream {
    finish(object::expand(input.into()))
}

/// All templates below a folder of the package, as a `gravure::loader::EmbeddedLoader`.
///
/// The folder is relative to the package's `Cargo.toml`. Names are sorted and
/// have `/` between their parts. Left out are names that start with `.`, and
/// folders that start with `.` or `__` or are symbolic links. A changed file is
/// noticed by the next build; for a new one, a build script prints
/// `cargo::rerun-if-changed=templates`.
#[proc_macro]
pub fn embed_templates(input: TokenStream) -> TokenStream {
    finish(embed::expand(input.into()))
}

fn finish(expanded: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    expanded
        .unwrap_or_else(|error| error.into_compile_error())
        .into()
}
