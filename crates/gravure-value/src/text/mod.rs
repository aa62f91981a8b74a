//! Text: its hash, what its characters are, its forms, its escaping.
//!
//! In: plain `&str` and numbers. Out: text. Nothing in here knows values,
//! heaps or faults; every function is linear in what it reads.

mod case;
mod chars;
mod clean;
mod escape;
mod hash;
mod lines;
mod number;
pub mod number_format;
mod quote;
mod unescape;

pub use case::{capitalize, casefold, lower, swapcase, title, upper};
pub use chars::{
    ascii_char, char_count, digit_value, is_cased, is_decimal, is_printable, is_space,
    is_title_case,
};
pub use clean::clean_terminal;
pub use escape::{escape, escape_html, escape_into, escape_markdown};
pub(crate) use hash::Words;
pub use hash::hash_text;
pub use lines::{is_line_end, split_lines};
pub(crate) use number::MAX_DIGITS;
pub use number::{float_text, int_text, parse_float, parse_int};
pub use quote::quote;
pub use unescape::{strip_tags, unescape_html};
