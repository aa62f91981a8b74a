//! Changes of inputs, by chance that a seed fixes: nothing here needs a tool
//! or a corpus on disk.

/// A generator of numbers (xorshift64*), the same on every machine.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// From a seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// A number below `bound`; 0 if there is none.
    pub fn below(&mut self, bound: usize) -> usize {
        (self.number() >> 33).checked_rem(bound as u64).unwrap_or(0) as usize
    }

    /// One of these.
    pub fn of<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        items.get(self.below(items.len()))
    }
}

/// The longest input that is made.
const LONGEST: usize = 4096;

/// A text made from seeds and words: parts cut out, doubled, mixed.
pub fn text(chance: &mut Chance, seeds: &[Vec<u8>], words: &[String]) -> Vec<u8> {
    let mut made = chance.of(seeds).cloned().unwrap_or_default();
    for _ in 0..=chance.below(6) {
        let at = chance.below(made.len() + 1);
        let end = (at + 1 + chance.below(12)).min(made.len());
        match chance.below(9) {
            0 => drop(made.drain(at..end)),
            1 => {
                let part = made[at..end].to_vec();
                let n = 1 + chance.below(4);
                made.splice(at..at, part.repeat(n));
            }
            2 => {
                if let Some(byte) = made.get_mut(at) {
                    *byte = chance.number() as u8;
                }
            }
            3 | 4 => {
                let word = chance.of(words).map_or("", |word| word).as_bytes().to_vec();
                made.splice(at..at, word);
            }
            5 => {
                // In place of a word, so that what comes of it still reads.
                let (start, end) = word_at(&made, at);
                let word = chance.of(words).map_or("", |word| word).as_bytes().to_vec();
                made.splice(start..end, word);
            }
            6 => {
                let number = NUMBERS[chance.below(NUMBERS.len())];
                let (start, end) = word_at(&made, at);
                made.splice(start..end, number.bytes());
            }
            _ => {
                let other = chance.of(seeds).cloned().unwrap_or_default();
                let from = chance.below(other.len() + 1);
                let to = from + chance.below(other.len() + 1 - from);
                let cut = if chance.below(2) == 0 {
                    at
                } else {
                    end.max(at)
                };
                made.splice(at..cut, other[from..to].iter().copied());
            }
        }
    }
    if chance.below(4) == 0 {
        made.insert(0, 0x80 | chance.below(0x40) as u8);
    }
    made.truncate(LONGEST);
    made
}

/// A template to compile and edits of its chunk.
pub fn edits(chance: &mut Chance, seeds: &[Vec<u8>]) -> Vec<u8> {
    let n = 5 * (1 + chance.below(4));
    let edits: Vec<u8> = (0..n).map(|_| chance.number() as u8).collect();
    let (mut made, seed) = match (chance.below(2), chance.of(seeds)) {
        (1, Some(seed)) => (vec![0xff, n as u8], &**seed),
        _ => (vec![chance.number() as u8], &[][..]),
    };
    made.extend(edits);
    // The main template alone, without switches.
    let text = seed.split(|&byte| byte == 0x1e).next().unwrap_or(&[]);
    made.extend(
        text.iter()
            .skip_while(|&&byte| (0x80..0xc0).contains(&byte)),
    );
    made
}

/// Bytes without any order, for targets that make something of every byte;
/// often few, which are quick to try.
pub fn noise(chance: &mut Chance) -> Vec<u8> {
    let longest = LONGEST >> chance.below(8);
    let n = 16 + chance.below(longest);
    (0..n).map(|_| (chance.number() >> 40) as u8).collect()
}

const NUMBERS: &[&str] = &[
    "0",
    "-1",
    "1",
    "2.5",
    "1e308",
    "9223372036854775807",
    "9223372036854775808",
    "255",
    "100000",
    "-9223372036854775808",
    "none",
    "true",
    "''",
    "[]",
    "{}",
    "x",
    "undefined_name",
    "(1,)",
];

/// The stretch of letters around a place.
fn word_at(text: &[u8], at: usize) -> (usize, usize) {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let before = text[..at]
        .iter()
        .rev()
        .take_while(|byte| is_word(byte))
        .count();
    let behind = text[at..].iter().take_while(|byte| is_word(byte)).count();
    (at - before, at + behind)
}
