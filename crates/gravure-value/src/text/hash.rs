//! A hash of text: the same on every machine and in every build.
//!
//! It is SipHash-1-3 under fixed keys, because chunks keep hashes of names and
//! because whoever writes a template chooses the keys of its dicts: texts with
//! equal hashes must be hard to find even for those who know the keys.

const K0: u64 = 0x6772_6176_7572_6531;
const K1: u64 = 0x9e37_79b9_7f4a_7c15;

/// The hash of a text.
pub fn hash_text(text: &str) -> u64 {
    hash_bytes(text.as_bytes())
}

/// The hash of bytes.
pub(crate) fn hash_bytes(bytes: &[u8]) -> u64 {
    let mut state = Words::new();
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state.word(u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    last[7] = bytes.len() as u8;
    state.word(u64::from_le_bytes(last));
    state.finish()
}

/// A hash of words, fed one by one.
pub(crate) struct Words([u64; 4]);

impl Words {
    /// Nothing fed yet.
    #[inline]
    pub(crate) fn new() -> Self {
        Self([
            K0 ^ 0x736f_6d65_7073_6575,
            K1 ^ 0x646f_7261_6e64_6f6d,
            K0 ^ 0x6c79_6765_6e65_7261,
            K1 ^ 0x7465_6462_7974_6573,
        ])
    }

    /// Feed a word.
    #[inline]
    pub(crate) fn word(&mut self, word: u64) {
        self.0[3] ^= word;
        self.round();
        self.0[0] ^= word;
    }

    #[inline]
    fn round(&mut self) {
        let [mut a, mut b, mut c, mut d] = self.0;
        a = a.wrapping_add(b);
        b = b.rotate_left(13) ^ a;
        a = a.rotate_left(32);
        c = c.wrapping_add(d);
        d = d.rotate_left(16) ^ c;
        a = a.wrapping_add(d);
        d = d.rotate_left(21) ^ a;
        c = c.wrapping_add(b);
        b = b.rotate_left(17) ^ c;
        c = c.rotate_left(32);
        self.0 = [a, b, c, d];
    }

    /// The hash of everything fed.
    #[inline]
    pub(crate) fn finish(mut self) -> u64 {
        self.0[2] ^= 0xff;
        self.round();
        self.round();
        self.round();
        self.0.iter().fold(0, |all, part| all ^ part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_fixed_and_differ() {
        // The values are part of what chunks keep: a change breaks old ones.
        let kept = [
            ("", 0x2871_8cc0_b24e_e82a),
            ("name", 0x1088_733d_2b66_50ea),
            ("a name of more than one word", 0xe594_f7b0_df3e_c45f),
        ];
        for (text, hash) in kept {
            assert_eq!(hash_text(text), hash, "{text:?}");
        }
        let texts = [
            "",
            "\0",
            "a",
            "b",
            "ab",
            "ba",
            "12345678",
            "12345678\0",
            "123456789",
        ];
        for (i, a) in texts.iter().enumerate() {
            for b in &texts[i + 1..] {
                assert_ne!(hash_text(a), hash_text(b), "{a:?} {b:?}");
            }
        }
    }
}
