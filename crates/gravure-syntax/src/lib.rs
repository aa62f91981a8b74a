//! Template text to tree. The only crate that has heard of pest.

pub mod ast;
