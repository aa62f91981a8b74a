//! Escaping long text for HTML: sixty-four bytes at a time, where the machine
//! can.
//!
//! In: text, and room for some of it. Out: how much of it was written, and
//! where that ends; what is left is for `escape.rs`, which also does all of it
//! on other machines.
//!
//! No two of the bytes that do not stay end in the same four bits. So those
//! bits name the only one that a byte could be, and one comparison tells
//! whether it is (a lookup like the one of Langdale and Lemire, "Parsing
//! Gigabytes of JSON per Second", with a single table). All marks of a block
//! are known before the first is used: where a text must be cut is what a
//! processor guesses wrongly, and so it learns of it early.

use super::escape::entity;

/// A block.
const BLOCK: usize = 64;

/// A block, and what stands for its last byte.
const WINDOW: usize = BLOCK + 8;

/// Write what fits of a text, escaped, from `at` on; gives how many bytes of
/// the text are done, and where what is written ends.
#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
pub(super) fn long_into(text: &[u8], out: &mut [u8], at: usize) -> (usize, usize) {
    match fearless_simd::Level::new().as_avx2() {
        Some(simd) => vectors::wide_into(simd, text, out, at),
        None => (0, at),
    }
}

/// Nothing is done here where the vectors are short.
#[cfg(not(any(target_arch = "x86", target_arch = "x86_64")))]
pub(super) fn long_into(_: &[u8], _: &mut [u8], at: usize) -> (usize, usize) {
    (0, at)
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
mod vectors {
    use super::{BLOCK, WINDOW, entity};
    use fearless_simd::{Avx2, Simd, SimdBase, u8x32};

    /// What a byte must be so as not to stay, by its last four bits; twice,
    /// since halves of a vector are looked up apart.
    const BY_LAST_BITS: [u8; 32] = {
        let mut table = [0; 32];
        let specials = b"\"&'<>";
        let mut at = 0;
        while at < specials.len() {
            let last = specials[at] as usize & 15;
            table[last] = specials[at];
            table[16 + last] = specials[at];
            at += 1;
        }
        table
    };

    #[inline(never)]
    pub(super) fn wide_into(simd: Avx2, text: &[u8], out: &mut [u8], at: usize) -> (usize, usize) {
        simd.vectorize(
            #[inline(always)]
            || blocks_into(simd, text, out, at),
        )
    }

    #[inline(always)]
    fn blocks_into<S: Simd>(simd: S, text: &[u8], out: &mut [u8], mut at: usize) -> (usize, usize) {
        let table = u8x32::from_slice(simd, &BY_LAST_BITS);
        let marks = |half: &[u8; 32]| {
            let half = u8x32::from_slice(simd, half);
            let only = simd.swizzle_dyn_within_blocks_u8x32(table, half);
            simd.to_bitmask_mask8x32(simd.simd_eq_u8x32(only, half))
        };
        let mut rest = text;
        // The next block is read behind a cut.
        while let Some(ahead) = rest.first_chunk::<{ 2 * BLOCK }>() {
            let (halves, _) = ahead.as_chunks::<32>();
            let mut mask = marks(&halves[0]) | marks(&halves[1]) << 32;
            let mut from = 0;
            loop {
                let window = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut);
                let block = ahead.get(from..).and_then(<[u8]>::first_chunk);
                let (Some::<&mut [u8; WINDOW]>(window), Some::<&[u8; BLOCK]>(block)) =
                    (window, block)
                else {
                    return (text.len() - rest.len() + from, at);
                };
                window[..BLOCK].copy_from_slice(block);
                if mask == 0 {
                    break;
                }
                let cut = mask.trailing_zeros() as usize;
                mask &= mask - 1;
                let (entity, len) = entity(ahead[cut]);
                let clean = cut - from;
                window[clean..clean + entity.len()].copy_from_slice(entity);
                at += clean + len;
                from = cut + 1;
            }
            at += BLOCK - from;
            rest = &rest[BLOCK..];
        }
        (text.len() - rest.len(), at)
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Output, SLACK, long_escaped};
    use super::*;
    use gravure_value::text;

    fn plain(it: &str) -> String {
        let mut plain = String::new();
        text::escape_html(it, &mut plain);
        plain
    }

    /// A text escaped from the second byte of a buffer of some length on.
    fn escaped(it: &str, len: usize) -> String {
        let page = (vec![0xaa; len.max(1)], 1);
        let (buf, end) = long_escaped(it.as_bytes(), page, SLACK, usize::MAX);
        assert_eq!(buf[0], 0xaa);
        assert!(buf.len() - end >= SLACK);
        String::from_utf8(buf[1..end].to_vec()).unwrap()
    }

    #[test]
    fn it_agrees_with_the_plain_one_at_every_length_and_place() {
        for special in ["", "<", "'", "\"\"", "&>", "\0", "é", "<日>"] {
            for before in 0..130 {
                for behind in [0, 1, 31, 63, 64, 65, 128, 300] {
                    let it = format!("{}{special}{}", "a".repeat(before), "b".repeat(behind));
                    assert_eq!(escaped(&it, 4000), plain(&it), "{it:?}");
                }
            }
        }
    }

    #[test]
    fn whatever_room_there_is_nothing_is_lost() {
        let it = "some text, <b>then</b> more of it & so on, \"quoted\"\0 ".repeat(9);
        for len in 0..1200 {
            assert_eq!(escaped(&it, len), plain(&it), "{len}");
        }
        let it = "<'&\">\0".repeat(80);
        for len in 0..1200 {
            assert_eq!(escaped(&it, len), plain(&it), "{len}");
        }
    }

    #[test]
    fn what_is_done_and_what_is_written_belong_together() {
        let it = "0123456<89&".repeat(40);
        for len in 0..700 {
            let mut out = vec![0; len];
            let (done, end) = long_into(it.as_bytes(), &mut out, 0);
            assert!(end <= len);
            assert_eq!(&out[..end], plain(&it[..done]).as_bytes(), "{len}");
        }
    }

    #[test]
    fn every_byte_is_seen_in_every_place() {
        // Bytes as they are: what they would be as characters is another matter.
        for byte in 0..=255_u8 {
            for place in 0..2 * BLOCK {
                let mut text = vec![b'a'; 4 * BLOCK];
                text[place] = byte;
                let mut out = vec![0; 6 * BLOCK];
                let (done, end) = long_into(&text, &mut out, 0);
                let mut wanted = Vec::new();
                for byte in &text[..done] {
                    let (entity, len) = entity(*byte);
                    match byte {
                        b'"' | b'&' | b'\'' | b'<' | b'>' | 0 => wanted.extend(&entity[..len]),
                        _ => wanted.push(*byte),
                    }
                }
                assert_eq!(out[..end], wanted, "{byte} at {place}");
            }
        }
    }

    #[test]
    fn the_page_takes_long_texts() {
        let it = "ab<cd>".repeat(200);
        let mut out = Output::default();
        out.push_str("(");
        out.push_escaped(&it);
        out.push_str(")");
        assert_eq!(out.take_all().0, format!("({})", plain(&it)));
    }
}
