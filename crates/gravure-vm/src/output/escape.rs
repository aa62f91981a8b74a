//! Escaping for HTML: copied and classified sixteen bytes at a time.
//!
//! In: text, and room for it at its worst. Out: the room filled, and how much.
//! Long texts go two blocks at a time. A block is written before anybody knows whether it stays; a byte that does
//! not is written over by what stands for it, and the rest of the block is
//! written again behind that. Short texts take part in two words, without a
//! loop and without reading beyond their end.

use wide::u8x16;

/// Bytes that one byte of text becomes at most.
pub(crate) const MOST_ESCAPED: usize = 6;

/// Bytes that are written beyond the end of what counts.
pub(crate) const OVERHANG: usize = 32;

/// The bytes that do not stay.
pub(crate) const SPECIALS: &[u8] = b"\"&'<>\0";

/// A block.
pub(super) const BLOCK: usize = 16;

/// Two blocks.
const PAIR: usize = 2 * BLOCK;

/// Write text, escaped, from `at` on; gives where it ends. `out` must have
/// room for [`MOST_ESCAPED`] bytes a byte and [`OVERHANG`]: what has no room
/// is not written.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn escape_into(bytes: &[u8], out: &mut [u8], mut at: usize) -> usize {
    let mut rest = bytes;
    while let Some(pair) = rest.first_chunk::<PAIR>() {
        put_pair(out, at, pair);
        let mut mask = pair_specials(pair);
        if mask == 0 {
            at += PAIR;
            rest = &rest[PAIR..];
            continue;
        }
        let mut left = PAIR;
        while mask != 0 {
            let clean = mask.trailing_zeros() as usize;
            at = entity_into(rest[clean], out, at + clean);
            rest = &rest[clean + 1..];
            left -= clean + 1;
            mask = mask.unbounded_shr(clean as u32 + 1);
            match rest.first_chunk::<PAIR>() {
                Some(pair) => put_pair(out, at, pair),
                // Near the end what is left of the pair is looked at again.
                None => {
                    left = 0;
                    break;
                }
            }
        }
        at += left;
        rest = &rest[left..];
    }
    let (blocks, tail) = rest.as_chunks::<BLOCK>();
    for block in blocks {
        put(out, at, *block);
        at = match specials(*block) {
            0 => at + BLOCK,
            mask => replace(out, at, u128::from_le_bytes(*block), mask, BLOCK),
        };
    }
    if tail.is_empty() {
        return at;
    }
    let block = filled(tail);
    put(out, at, block.to_le_bytes());
    match specials(block.to_le_bytes()) & ((1 << tail.len()) - 1) {
        0 => at + tail.len(),
        mask => replace(out, at, block, mask, tail.len()),
    }
}

/// Write up to a block of text with no special in it, from a block that may
/// have others' bytes behind the text. If there is one, nothing counts.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn block_into(block: &[u8; BLOCK], len: usize, out: &mut [u8], at: usize) -> bool {
    if len > BLOCK {
        return false;
    }
    put(out, at, *block);
    specials(*block) & ((1 << len) - 1) == 0
}

/// Write the rest of a block that stands at `at`, from its first special on.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn replace(
    out: &mut [u8],
    mut at: usize,
    mut block: u128,
    mut mask: u32,
    mut len: usize,
) -> usize {
    loop {
        let clean = mask.trailing_zeros() as usize;
        at += clean;
        block = block.unbounded_shr(8 * clean as u32);
        at = entity_into(block as u8, out, at);
        block = block.unbounded_shr(8);
        len = len.saturating_sub(clean + 1);
        put(out, at, block.to_le_bytes());
        mask = mask.unbounded_shr(clean as u32 + 1);
        if mask == 0 {
            return at + len;
        }
    }
}

/// Write what stands for a special byte.
#[cfg_attr(not(debug_assertions), inline(always))]
fn entity_into(special: u8, out: &mut [u8], at: usize) -> usize {
    let (entity, len) = entity(special);
    if let Some(to) = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *to = *entity;
    }
    at + len
}

/// What stands for a special byte, as a block of fixed size, and its length.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn entity(special: u8) -> (&'static [u8; 8], usize) {
    let (entity, len) = &ENTITIES[CLASS[special as usize] as usize];
    (entity, *len)
}

/// Write two blocks.
#[cfg_attr(not(debug_assertions), inline(always))]
fn put_pair(out: &mut [u8], at: usize, pair: &[u8; PAIR]) {
    if let Some(to) = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *to = *pair;
    }
}

/// Write sixteen bytes.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn put(out: &mut [u8], at: usize, block: [u8; BLOCK]) {
    if let Some(to) = out.get_mut(at..).and_then(<[u8]>::first_chunk_mut) {
        *to = block;
    }
}

/// Fewer bytes than a block, zeros behind them.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn filled(bytes: &[u8]) -> u128 {
    let len = bytes.len();
    let word = |at: usize| {
        let word = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
        word.map_or(0, |word| u64::from_le_bytes(*word))
    };
    let half = |at: usize| {
        let half = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
        half.map_or(0, |half| u64::from(u32::from_le_bytes(*half)))
    };
    match len {
        8.. => {
            let hi = word(len - 8).unbounded_shr(8 * (16 - len as u32));
            u128::from(word(0)) | u128::from(hi) << 64
        }
        4..=7 => u128::from(half(0) | (half(len - 4) >> (8 * (8 - len))) << 32),
        _ => {
            let byte = |at: usize| bytes.get(at).map_or(0, |&byte| u64::from(byte)) << (8 * at);
            u128::from(byte(0) | byte(1) | byte(2))
        }
    }
}

/// One bit for each byte of a block that does not stay, the first one lowest.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(super) fn specials(block: [u8; BLOCK]) -> u32 {
    marks(block).to_bitmask()
}

/// The same of two blocks; nothing but a test where there is none.
#[cfg_attr(not(debug_assertions), inline(always))]
fn pair_specials(pair: &[u8; PAIR]) -> u32 {
    let (blocks, _) = pair.as_chunks::<BLOCK>();
    let (first, second) = (marks(blocks[0]), marks(blocks[1]));
    first.to_bitmask() | second.to_bitmask() << BLOCK
}

/// All bits of each byte that does not stay. `&` and `'` differ in one bit, so
/// do `<` and `>`.
#[cfg_attr(not(debug_assertions), inline(always))]
fn marks(block: [u8; BLOCK]) -> u8x16 {
    let block = u8x16::new(block);
    let is = |byte: u8| block.simd_eq(u8x16::splat(byte));
    let either = |bit: u8, byte: u8| (block | u8x16::splat(bit)).simd_eq(u8x16::splat(byte));
    either(1, b'\'') | either(2, b'>') | is(b'"') | is(0)
}

/// What becomes of a byte: 0 for nothing, else its place in [`ENTITIES`].
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    table[b'&' as usize] = 1;
    table[b'<' as usize] = 2;
    table[b'>' as usize] = 3;
    table[b'"' as usize] = 4;
    table[b'\'' as usize] = 5;
    table[0] = 6;
    table
};

/// What stands for a byte, as a block of fixed size, and its length.
const ENTITIES: [([u8; 8], usize); 7] = [
    ([0; 8], 0),
    (*b"&amp;\0\0\0", 5),
    (*b"&lt;\0\0\0\0", 4),
    (*b"&gt;\0\0\0\0", 4),
    (*b"&quot;\0\0", 6),
    (*b"&#39;\0\0\0", 5),
    ([0; 8], 0),
];

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::text;

    fn escaped(it: &str) -> String {
        let mut out = vec![0xaa; it.len() * MOST_ESCAPED + OVERHANG + 1];
        let end = escape_into(it.as_bytes(), &mut out, 1);
        assert_eq!(out[0], 0xaa);
        String::from_utf8(out[1..end].to_vec()).unwrap()
    }

    #[test]
    fn it_agrees_with_the_plain_one_at_every_length_and_place() {
        for special in [
            "", "<", "'", "\"", "&", ">", "\0", "é", "&&", "<日>", "\0\0'",
        ] {
            for before in 0..40 {
                for behind in [0, 1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 31, 32, 40] {
                    let text = format!("{}{special}{}", "a".repeat(before), "b".repeat(behind));
                    let mut plain = String::new();
                    text::escape_html(&text, &mut plain);
                    assert_eq!(escaped(&text), plain, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_but_specials_fills_the_room_exactly() {
        for special in ["<", "\"", "\0", "'"] {
            for len in 0..70 {
                let text = special.repeat(len);
                let mut plain = String::new();
                text::escape_html(&text, &mut plain);
                assert_eq!(escaped(&text), plain);
            }
        }
    }

    #[test]
    fn every_byte_is_seen_in_every_place() {
        for byte in 0..=255u8 {
            for place in 0..BLOCK {
                let mut block = [b'a'; BLOCK];
                block[place] = byte;
                assert_eq!(CLASS[byte as usize] != 0, SPECIALS.contains(&byte));
                let wanted = u32::from(CLASS[byte as usize] != 0) << place;
                assert_eq!(specials(block), wanted, "{block:?}");
            }
        }
    }
}
