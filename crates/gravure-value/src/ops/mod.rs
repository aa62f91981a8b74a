//! The operators, each once: what they mean for every pair of kinds.
//!
//! In: values and the heap they lie in. Out: values, truth, order, text.
//! Everything pays for its work before doing it, and walks nested data with a
//! stack of its own. Absent: spans, registers, iterators that run template code.

mod arith;
mod compare;
mod concat;
mod hash;
mod item;
mod number;
mod path;
mod percent;
mod print;
#[cfg(test)]
mod tests;

pub use arith::{add, coerce, div, floor_div, modulo, mul, neg, pos, pow, sub};
pub use compare::{
    contains, eq, greater, greater_eq, is_truthy, length, less, less_eq, order, same,
};
pub use concat::{concat, counts_as_safe, inserting_mark, joined_mark};
pub use hash::hash;
pub use item::{entry, get_item, get_item_optional, slice, slice_bounds};
pub use number::{as_big, as_float, as_index};
pub use percent::percent;
pub use print::{print, repr, repr_ascii, to_text};
