//! Filters, predicates, functions and methods: what templates find by name.
//!
//! In: values and the handle of the render that asks. Out: values, or faults
//! without a place. Every name stands in one table, made by [`registry`];
//! nothing here knows template names, caches or the outside, which is reached
//! through `World` only.
//!
//! The one idea: a builtin reads, then builds, then allocates. What it pays
//! for, it pays for before it works, and no data makes it recurse.

mod registry;
mod support;

mod filters;
mod functions;
mod predicates;
mod surfaces;

pub mod format;
pub mod methods;

pub use registry::registry;
