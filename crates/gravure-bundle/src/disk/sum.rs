//! A checksum that tells damage, and nothing about who wrote.
//!
//! Four sums of 64 bits side by side, each over every fourth word. A step is
//! a bijection of the sum for every word, so a change within one word always
//! shows; any other damage does but for one chance in 2⁶⁴. It costs a tenth of
//! what a cryptographic hash does, and nothing here asks for one: an entry that
//! somebody forged is the verifier's to judge, or the keyed hash's.

/// Where the lanes start.
const LANES: [u64; 4] = [
    0x9e37_79b9_7f4a_7c15,
    0xc2b2_ae3d_27d4_eb4f,
    0x1656_67b1_9e37_79f9,
    0xd6e8_feb8_6659_fd93,
];
/// Odd numbers without a pattern.
const FACTORS: [u64; 2] = [0x9fb2_1c65_1e98_df25, 0xff51_afd7_ed55_8ccd];

/// The sum of some bytes.
pub(super) fn sum(bytes: &[u8]) -> [u8; 32] {
    let mut lanes = LANES.map(|lane| lane ^ bytes.len() as u64);
    let (blocks, rest) = bytes.as_chunks::<32>();
    for block in blocks {
        step(&mut lanes, block);
    }
    let mut last = [0; 32];
    for (to, byte) in last.iter_mut().zip(rest) {
        *to = *byte;
    }
    step(&mut lanes, &last);
    let mut sum = [0; 32];
    for (to, lane) in sum.as_chunks_mut::<8>().0.iter_mut().zip(lanes) {
        // Low bits of a product depend on lower bits alone.
        *to = (lane ^ (lane >> 32)).to_le_bytes();
    }
    sum
}

fn step(lanes: &mut [u64; 4], block: &[u8; 32]) {
    let words = block.as_chunks::<8>().0.iter();
    let [of_word, of_lane] = FACTORS;
    for (lane, word) in lanes.iter_mut().zip(words) {
        // The word is spread before it meets the lane: else one bit here and
        // one in the next word could undo each other.
        let spread = u64::from_le_bytes(*word).wrapping_mul(of_word);
        *lane = lane
            .wrapping_add(spread)
            .rotate_left(31)
            .wrapping_mul(of_lane);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_change_within_a_word_shows() {
        let bytes: Vec<u8> = (0..200u8).map(|n| n.wrapping_mul(37)).collect();
        let mut seen = HashSet::from([sum(&bytes)]);
        for at in 0..bytes.len() {
            for flip in 1..=255 {
                let mut changed = bytes.clone();
                changed[at] ^= flip;
                assert!(seen.insert(sum(&changed)), "{at} {flip}");
            }
        }
    }

    #[test]
    fn lengths_and_places_show() {
        let mut seen = HashSet::new();
        for len in 0..300 {
            assert!(seen.insert(sum(&vec![0; len])), "{len}");
            assert!(seen.insert(sum(&vec![255; len])) || len == 0, "{len}");
        }
        // Two words, and two blocks, that change places.
        let words: Vec<u8> = (0..96).collect();
        for at in (0..64).step_by(8) {
            for (by, n) in [(8, 8), (32, 8), (32, 32)] {
                let mut changed = words.clone();
                if at + by + n <= changed.len() {
                    for i in 0..n {
                        changed.swap(at + i, at + by + i);
                    }
                    assert_ne!(sum(&changed), sum(&words), "{at} {by} {n}");
                }
            }
        }
    }

    #[test]
    fn a_sum_stays_what_it_is() {
        // Entries of older processes are read: who changes these changes the
        // format of entries.
        let hex = |bytes: &[u8]| -> String {
            let sum = sum(bytes);
            sum.iter().map(|byte| format!("{byte:02x}")).collect()
        };
        let counted: Vec<u8> = (0..200).collect();
        assert_eq!(
            hex(b""),
            "90861c59bc0a963c2910aced2f3b89eeee7af8ca16d9528ae31a1bc74f566770"
        );
        assert_eq!(
            hex(&counted),
            "be8669212b85ae249ac69f808af84863d6753825b04893c449f7c036afc5641e"
        );
    }
}
