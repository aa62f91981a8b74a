//! Short texts in one case, escaped for HTML on the way.
//!
//! In: text of ASCII, and room for it at its worst. Out: the room filled, and
//! how much. Absent on purpose: everything beyond ASCII, which changes its
//! length and looks at its neighbors.

use super::{
    Output,
    escape::{BLOCK, MOST_ESCAPED, OVERHANG, filled, put, replace, specials},
};
use wide::u8x16;

/// Longer texts are left to others.
const MOST: usize = 64;

/// Which case.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Case {
    Upper,
    Lower,
}

impl Output {
    /// Write a text in one case, escaped if it is for HTML. False, and nothing
    /// is written, if it is long or not ASCII, or might not stay below a bound.
    #[inline]
    pub(crate) fn push_cased(&mut self, it: &str, case: Case, is_html: bool, bound: usize) -> bool {
        let worst = it.len() * MOST_ESCAPED;
        if it.len() > MOST || self.len + worst > bound {
            return false;
        }
        self.room(worst + OVERHANG);
        match cased_into(it.as_bytes(), case, is_html, &mut self.buf, self.len) {
            Some(end) => {
                self.len = end;
                true
            }
            None => false,
        }
    }
}

/// Write text from `at` on; gives where it ends, `None` if it is not ASCII.
#[inline(always)]
fn cased_into(
    bytes: &[u8],
    case: Case,
    is_html: bool,
    out: &mut [u8],
    mut at: usize,
) -> Option<usize> {
    let (blocks, tail) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        at = block_into(u8x16::new(*block), BLOCK, case, is_html, out, at)?;
    }
    if tail.is_empty() {
        return Some(at);
    }
    let block = u8x16::new(filled(tail).to_le_bytes());
    block_into(block, tail.len(), case, is_html, out, at)
}

/// Write the first `len` bytes of a block, behind which there are zeros.
#[inline(always)]
fn block_into(
    block: u8x16,
    len: usize,
    case: Case,
    is_html: bool,
    out: &mut [u8],
    at: usize,
) -> Option<usize> {
    // The highest bit of each byte: none is set in ASCII.
    if block.to_bitmask() != 0 {
        return None;
    }
    let block = turned(block, case).to_array();
    put(out, at, block);
    // Zeros behind the end are no part of the text.
    let mask = match is_html {
        true => specials(block) & ((1 << len) - 1),
        false => 0,
    };
    Some(match mask {
        0 => at + len,
        mask => replace(out, at, u128::from_le_bytes(block), mask, len),
    })
}

/// The letters of the other case differ in one bit.
#[inline(always)]
fn turned(block: u8x16, case: Case) -> u8x16 {
    let (first, last) = match case {
        Case::Upper => (b'a', b'z'),
        Case::Lower => (b'A', b'Z'),
    };
    let nearest = block.max(u8x16::splat(first)).min(u8x16::splat(last));
    block ^ (nearest.simd_eq(block) & u8x16::splat(0x20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::text;

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
                    for (is_html, wanted) in [(true, &escaped), (false, &wanted)] {
                        let mut out = Output::default();
                        assert!(out.push_cased(it, case, is_html, 1_000));
                        assert_eq!(out.take_all().0, *wanted, "{it:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn what_is_not_for_it_is_refused() {
        let mut out = Output::default();
        for it in ["é", "abcdefghijklmnopé", &"a".repeat(MOST + 1)] {
            assert!(!out.push_cased(it, Case::Upper, true, 1_000));
        }
        assert!(!out.push_cased("abc", Case::Upper, true, 17));
        assert_eq!(out.len(), 0);
        assert!(out.push_cased("abc", Case::Upper, true, 18));
    }
}
