//! Short texts in one case, escaped for HTML on the way.
//!
//! In: text of ASCII, and room for it at its worst. Out: the room filled, and
//! how much. Absent on purpose: everything beyond ASCII, which changes its
//! length and looks at its neighbors.

use super::escape::{BLOCK, filled, put, replace, specials};
use wide::u8x16;

/// Longer texts are left to others.
pub(super) const MOST: usize = crate::quick::MOST_CASED;

/// Which case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Upper,
    Lower,
}

/// Write text from `at` on; gives where it ends, `None` if it is not ASCII.
#[inline]
pub(super) fn cased_into(bytes: &[u8], case: Case, out: &mut [u8], mut at: usize) -> Option<usize> {
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        at = block_into(u8x16::new(*block), BLOCK, case, out, at)?;
    }
    if tail.is_empty() {
        return Some(at);
    }
    let block = u8x16::new(filled(tail).to_le_bytes());
    block_into(block, tail.len(), case, out, at)
}

/// Write the first `len` bytes of a block, behind which there are zeros.
#[cfg_attr(not(debug_assertions), inline(always))]
fn block_into(block: u8x16, len: usize, case: Case, out: &mut [u8], at: usize) -> Option<usize> {
    // The highest bit of each byte: none is set in ASCII.
    if block.to_bitmask() != 0 {
        return None;
    }
    let block = turned(block, case).to_array();
    put(out, at, block);
    // Zeros behind the end are no part of the text.
    Some(match specials(block) & ((1 << len) - 1) {
        0 => at + len,
        mask => replace(out, at, u128::from_le_bytes(block), mask, len),
    })
}

/// The letters of the other case differ in one bit.
#[cfg_attr(not(debug_assertions), inline(always))]
fn turned(block: u8x16, case: Case) -> u8x16 {
    const LETTERS: u8 = 26;
    let first = match case {
        Case::Upper => b'a',
        Case::Lower => b'A',
    };
    // Its letters are the lowest numbers, and so not changed by a limit.
    let number = block - u8x16::splat(first);
    let is_letter = number.min(u8x16::splat(LETTERS - 1)).simd_eq(number);
    block ^ (is_letter & u8x16::splat(0x20))
}

#[cfg(test)]
mod tests {
    use super::{
        super::escape::{MOST_ESCAPED, OVERHANG},
        *,
    };
    use gravure_value::text;

    fn cased(it: &str, case: Case) -> Option<String> {
        let mut out = vec![0; it.len() * MOST_ESCAPED + OVERHANG];
        let end = cased_into(it.as_bytes(), case, &mut out, 0)?;
        Some(String::from_utf8(out[..end].to_vec()).unwrap())
    }

    #[test]
    fn it_agrees_with_the_plain_ones_at_every_length() {
        let all: String = (0..128u8).map(char::from).collect();
        for from in 0..all.len() {
            for len in 0..=MOST.min(all.len() - from) {
                let it = &all[from..from + len];
                for (case, wanted) in [
                    (Case::Upper, text::upper(it)),
                    (Case::Lower, text::lower(it)),
                ] {
                    let mut escaped = String::new();
                    text::escape_html(&wanted, &mut escaped);
                    assert_eq!(cased(it, case), Some(escaped), "{it:?}");
                }
            }
        }
    }

    #[test]
    fn what_is_not_ascii_is_refused() {
        for it in ["é", "abcdefghijklmnopé", "éabcdefghijklmnop"] {
            assert_eq!(cased(it, Case::Upper), None);
        }
    }
}
