//! The format mini-language: a template with `{fields}`, and one value by a
//! spec such as `>8,.2f`.
//!
//! In: a template or spec and values. Out: text. Absent: `%` formatting, which
//! is an operator and lies with the operators.
//!
//! Widths and precisions are compared with the limit of the render before any
//! work; every piece is paid for and measured before it joins the result.

mod fields;
mod pad;
mod spec;
mod value;

pub use fields::{Named, escape_inserted, format_fields};
pub use value::format_value;

#[cfg(test)]
mod tests;
