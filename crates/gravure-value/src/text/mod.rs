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
mod packed;
mod quote;
mod unescape;

pub use case::{capitalize, casefold, lower, lower_into, swapcase, title, upper, upper_into};
pub use chars::{
    ascii_char, char_at, char_count, digit_value, is_cased, is_decimal, is_printable, is_space,
    is_title_case, shortened,
};
pub use clean::clean_terminal;
pub use escape::{escape, escape_html, escape_into, escape_markdown};
pub(crate) use hash::Words;
pub use hash::hash_text;
pub use lines::{is_line_end, split_lines};
pub(crate) use number::MAX_DIGITS;
pub use number::{float_text, int_text, parse_float, parse_int};
pub use packed::Packed;
pub use quote::quote;
pub use unescape::{strip_tags, unescape_html};

/// Are two runs of bytes of one length equal? Names are short: up to 16 bytes
/// are compared as two words, without a call.
#[inline(always)]
pub fn same_bytes(a: &[u8], b: &[u8]) -> bool {
    let word = |bytes: &[u8], at: usize| {
        let chunk = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
        chunk.map_or(0, |chunk| u64::from_le_bytes(*chunk))
    };
    let half = |bytes: &[u8], at: usize| {
        let chunk = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
        chunk.map_or(0, |chunk| u32::from_le_bytes(*chunk))
    };
    let n = a.len();
    if n != b.len() {
        return false;
    }
    match n {
        8..=16 => word(a, 0) == word(b, 0) && word(a, n - 8) == word(b, n - 8),
        4..=7 => half(a, 0) == half(b, 0) && half(a, n - 4) == half(b, n - 4),
        0..=3 => a.iter().zip(b).all(|(a, b)| a == b),
        _ => a == b,
    }
}

#[cfg(test)]
mod same_bytes_tests {
    use super::same_bytes;

    #[test]
    fn one_byte_makes_a_difference_wherever_it_is() {
        for len in 0..40 {
            let a: Vec<u8> = (0..len).collect();
            assert!(same_bytes(&a, &a.clone()));
            for at in 0..len as usize {
                let mut b = a.clone();
                b[at] ^= 1;
                assert!(!same_bytes(&a, &b), "{len} {at}");
            }
        }
        assert!(!same_bytes(b"abc", b"abcd"));
    }
}
