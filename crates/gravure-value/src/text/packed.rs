//! Names as numbers: a short name is compared in two words.

/// The bytes of a name in two words: up to fifteen bytes and how many they
/// are. Of a longer name these are the first fifteen, and what stands behind
/// them is compared by who asks.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub struct Packed(u64, u64);

/// The names that two words hold.
const MOST: usize = 15;

/// The length of every name that is longer.
const LONGER: u64 = 0xff << 56;

impl Packed {
    /// Words that no name has.
    pub const NONE: Self = Self(0, 0xfe << 56);

    /// The words of a name.
    #[inline(always)]
    pub fn of(name: &[u8]) -> Self {
        let len = name.len();
        if len > MOST {
            return Self(word(name, 0), word(name, 7) >> 8 | LONGER);
        }
        let length = (len as u64) << 56;
        match len {
            8.. => {
                let behind = word(name, len - 8).unbounded_shr(8 * (16 - len as u32));
                Self(word(name, 0), behind | length)
            }
            4.. => {
                let behind = half(name, len - 4) >> (8 * (8 - len));
                Self(half(name, 0) | behind << 32, length)
            }
            _ => {
                let byte = |at: usize| name.get(at).map_or(0, |&it| u64::from(it) << (8 * at));
                Self(byte(0) | byte(1) | byte(2), length)
            }
        }
    }

    /// The words of a name that is known ahead; of a longer one words that no
    /// name has.
    pub const fn of_known(name: &str) -> Self {
        let name = name.as_bytes();
        if name.len() > MOST {
            return Self::NONE;
        }
        let mut words = [0, (name.len() as u64) << 56];
        let mut at = 0;
        while at < name.len() {
            words[at / 8] |= (name[at] as u64) << (8 * (at % 8));
            at += 1;
        }
        Self(words[0], words[1])
    }

    /// Are these the words of a name, and do they say all?
    #[inline(always)]
    pub fn is(self, name: &[u8]) -> bool {
        name.len() <= MOST && self == Self::of(name)
    }

    /// Do the words say all?
    #[inline(always)]
    pub fn is_whole(self) -> bool {
        self.1 < LONGER
    }
}

#[inline(always)]
fn word(bytes: &[u8], at: usize) -> u64 {
    let chunk = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>);
    chunk.map_or(0, |chunk| u64::from_le_bytes(*chunk))
}

#[inline(always)]
fn half(bytes: &[u8], at: usize) -> u64 {
    let chunk = bytes.get(at..).and_then(<[u8]>::first_chunk::<4>);
    chunk.map_or(0, |chunk| u64::from(u32::from_le_bytes(*chunk)))
}

#[cfg(test)]
mod tests {
    use super::Packed;

    #[test]
    fn names_have_the_same_words_if_they_are_the_same() {
        for len in 0..=15u8 {
            let name: Vec<u8> = (b'a'..b'a' + len).collect();
            assert_eq!(Packed::of(&name), Packed::of(&name.clone()));
            assert!(Packed::of(&name).is_whole());
            let known = std::str::from_utf8(&name).unwrap();
            assert_eq!(Packed::of(&name), Packed::of_known(known));
            for at in 0..usize::from(len) {
                let mut other = name.clone();
                other[at] ^= 1;
                assert_ne!(Packed::of(&name), Packed::of(&other), "{len} {at}");
            }
            let longer = [&name[..], &[0]].concat();
            assert_ne!(Packed::of(&name), Packed::of(&longer));
        }
    }

    #[test]
    fn longer_names_say_that_there_is_more() {
        let long = Packed::of(b"sixteen bytes...");
        assert!(!long.is_whole());
        assert_eq!(long, Packed::of(b"sixteen bytes..,"));
        assert_ne!(long, Packed::of(b"sixteen bytes,.."));
        assert!(Packed::of(&[0xff; 15]).is_whole());
        assert!(!long.is(b"sixteen bytes..."));
        assert_eq!(Packed::of_known("sixteen bytes..."), Packed::NONE);
        assert!(!Packed::of(&[b'a'; 255]).is(&[b'a'; 255]));
        assert!(!Packed::NONE.is(&[b'a'; 254]) && !Packed::NONE.is(b""));
        assert!(Packed::of(b"name").is(b"name") && !Packed::of(b"name").is(b"named"));
    }
}
