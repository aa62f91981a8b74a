//! The page as it grows: bytes and a position.
//!
//! The buffer is kept filled with zeros behind the position, and at least
//! [`SLACK`] bytes longer than what is written, so that a short text is copied
//! as one block of fixed size. What stands before the position is always
//! UTF-8: everything comes from `str`s, and cuts move to the start of a
//! character.

use gravure_value::{Mark, Place, Placed, Surface, text};

/// Bytes that may be written behind the position without asking for room.
const SLACK: usize = 64;

/// A block that is copied at once.
const BLOCK: usize = 32;

/// The page as it grows.
#[derive(Debug, Default)]
pub(crate) struct Output {
    buf: Vec<u8>,
    len: usize,
    /// Where what is made of several parts is put together.
    scratch: String,
    /// Where lists are to appear, in order.
    places: Vec<Place>,
}

/// A point in a page: how much is before it, text and places of lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Spot {
    pub at: usize,
    places: usize,
}

impl Output {
    /// An empty page in the buffer of another. What that has written stands
    /// behind the position and is never read.
    pub(crate) fn reusing(buf: Vec<u8>) -> Self {
        Self {
            buf,
            len: 0,
            scratch: String::new(),
            places: Vec::new(),
        }
    }

    /// The buffer, for another page; a very large one is let go.
    pub(crate) fn into_buffer(self) -> Vec<u8> {
        const MOST: usize = 8 << 20;
        if self.buf.len() > MOST {
            return Vec::new();
        }
        self.buf
    }

    /// How many bytes there are.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// What stands behind `start`.
    pub(crate) fn since(&self, start: usize) -> &str {
        let bytes = self.buf.get(start..self.len).unwrap_or(&[]);
        std::str::from_utf8(bytes).unwrap_or("")
    }

    /// The nearest start of a character at or before a place.
    pub(crate) fn boundary(&self, at: usize) -> usize {
        let mut at = at.min(self.len);
        while at > 0 && at < self.len && self.buf[at] & 0xc0 == 0x80 {
            at -= 1;
        }
        at
    }

    /// Where the page ends now.
    pub(crate) fn spot(&self) -> Spot {
        Spot {
            at: self.len,
            places: self.places.len(),
        }
    }

    /// A list is to appear here.
    pub(crate) fn push_place(&mut self, list: Box<str>) {
        self.places.push((self.len, list));
    }

    /// Drop what stands behind a spot.
    pub(crate) fn cut(&mut self, spot: Spot) {
        self.len = self.boundary(spot.at);
        self.places.truncate(spot.places);
        // A spot that a chunk names wrongly may leave places behind the end.
        while self.places.last().is_some_and(|(at, _)| *at > self.len) {
            self.places.pop();
        }
    }

    /// Cut off what stands behind a spot.
    pub(crate) fn take_since(&mut self, spot: Spot) -> Placed {
        let start = self.boundary(spot.at);
        let text = self.since(start).into();
        let first = spot.places.min(self.places.len());
        let mut places = self.places.split_off(first);
        for (at, _) in &mut places {
            *at = at.saturating_sub(start);
        }
        self.cut(spot);
        Placed { text, places }
    }

    /// All of it; the page is empty afterwards.
    pub(crate) fn take_all(&mut self) -> (String, Vec<Place>) {
        let text = self.since(0).to_owned();
        self.len = 0;
        (text, std::mem::take(&mut self.places))
    }

    /// Write text with its places, each piece of text as `write` does.
    pub(crate) fn push_placed(&mut self, placed: &Placed, mut write: impl FnMut(&mut Self, &str)) {
        let mut from = 0;
        for (at, list) in &placed.places {
            write(self, placed.text.get(from..*at).unwrap_or(""));
            self.push_place(list.clone());
            from = *at;
        }
        write(self, placed.text.get(from..).unwrap_or(""));
    }

    /// Write text as it is.
    #[inline]
    pub(crate) fn push_str(&mut self, text: &str) {
        let bytes = text.as_bytes();
        self.room(bytes.len());
        self.buf[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Write `len` bytes of a data segment that is padded by [`BLOCK`] bytes.
    #[inline(always)]
    pub(crate) fn push_padded(&mut self, segment: &[u8], start: usize, len: usize) {
        if len <= BLOCK
            && let Some(from) = segment.get(start..start + BLOCK)
            && let Some(to) = self.buf.get_mut(self.len..self.len + BLOCK)
        {
            to.copy_from_slice(from);
            self.len += len;
            if self.buf.len() < self.len + SLACK {
                self.grow(SLACK);
            }
            return;
        }
        self.push_long(segment.get(start..start + len).unwrap_or(&[]));
    }

    #[inline(never)]
    fn push_long(&mut self, bytes: &[u8]) {
        self.room(bytes.len());
        self.buf[self.len..self.len + bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// Make room for so many bytes and the slack.
    #[inline(always)]
    fn room(&mut self, bytes: usize) {
        if self.buf.len() - self.len < bytes + SLACK {
            self.grow(bytes + SLACK);
        }
    }

    #[cold]
    fn grow(&mut self, bytes: usize) {
        let wanted = self.len + bytes;
        let doubled = self.buf.len() * 2;
        self.buf.resize(wanted.max(doubled).max(256), 0);
    }

    /// Write an integer in decimal digits.
    #[inline]
    pub(crate) fn push_int(&mut self, int: i64) {
        // 20 bytes at most, and there are always more than that.
        if self.buf.len() - self.len < SLACK {
            self.grow(SLACK);
        }
        let mut rest = int.unsigned_abs();
        if int < 0 {
            self.buf[self.len] = b'-';
            self.len += 1;
        }
        let n = digits(rest);
        let place = &mut self.buf[self.len..self.len + n];
        let mut at = n;
        while at >= 2 {
            let pair = (rest % 100) as usize * 2;
            rest /= 100;
            at -= 2;
            place[at] = PAIRS[pair];
            place[at + 1] = PAIRS[pair + 1];
        }
        if at == 1 {
            place[0] = b'0' + (rest % 10) as u8;
        }
        self.len += n;
        if self.buf.len() - self.len < SLACK {
            self.grow(SLACK);
        }
    }

    /// Write a float in its text form.
    pub(crate) fn push_float(&mut self, float: f64) {
        self.scratch.clear();
        text::float_text(float, &mut self.scratch);
        let shown = std::mem::take(&mut self.scratch);
        self.push_str(&shown);
        self.scratch = shown;
    }

    /// Write text of some mark as a surface prints it.
    #[inline]
    pub(crate) fn push_text(&mut self, surface: Surface, mark: Mark, it: &str) {
        match (surface, mark) {
            (Surface::Html, Mark::Html) | (Surface::Text, _) => self.push_str(it),
            (Surface::Html, _) => self.push_escaped(it),
            _ => {
                let mut printed = String::new();
                text::escape(surface, mark, it, &mut printed);
                self.push_str(&printed);
            }
        }
    }

    /// Write text, escaped for HTML: copied and looked at in blocks, again
    /// from behind each byte that does not stay.
    pub(crate) fn push_escaped(&mut self, it: &str) {
        let bytes = it.as_bytes();
        self.room(bytes.len());
        let mut at = 0;
        while let Some(block) = bytes.get(at..).and_then(<[u8]>::first_chunk::<32>) {
            if let Some(to) = self.buf.get_mut(self.len..self.len + 32) {
                to.copy_from_slice(block);
            }
            if !has_special(block) {
                at += 32;
                self.len += 32;
                continue;
            }
            let (words, _) = block.as_chunks::<8>();
            let mut clean = 0;
            for word in words {
                let found = specials(u64::from_le_bytes(*word));
                if found != 0 {
                    clean += found.trailing_zeros() as usize / 8;
                    break;
                }
                clean += 8;
            }
            self.len += clean;
            at += clean;
            if let Some(&special) = bytes.get(at) {
                self.push_entity(special, bytes.len() - at);
                at += 1;
            }
        }
        while let Some(word) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            if let Some(to) = self.buf.get_mut(self.len..self.len + 8) {
                to.copy_from_slice(word);
            }
            let found = specials(u64::from_le_bytes(*word));
            if found == 0 {
                at += 8;
                self.len += 8;
                continue;
            }
            let clean = found.trailing_zeros() as usize / 8;
            self.len += clean;
            at += clean;
            self.push_entity(bytes[at], bytes.len() - at);
            at += 1;
        }
        for &byte in bytes.get(at..).unwrap_or(&[]) {
            match CLASS[byte as usize] {
                0 => {
                    self.buf[self.len] = byte;
                    self.len += 1;
                }
                _ => self.push_entity(byte, 8),
            }
        }
    }

    /// Write what stands for a special byte, and see that there is room for
    /// `left` bytes behind it.
    #[inline(always)]
    fn push_entity(&mut self, special: u8, left: usize) {
        let (text, len) = &ENTITIES[CLASS[special as usize] as usize];
        if let Some(to) = self.buf.get_mut(self.len..self.len + 8) {
            to.copy_from_slice(text);
        }
        self.len += len;
        self.room(left);
    }
}

/// Is there a byte that does not stay? Written so that the compiler looks at
/// all of them at once.
#[inline(always)]
fn has_special(block: &[u8; 32]) -> bool {
    let mut found = 0u8;
    for &byte in block {
        found |= u8::from((byte | 1) == 0x27)
            | u8::from((byte | 2) == 0x3e)
            | u8::from(byte == 0x22)
            | u8::from(byte == 0);
    }
    found != 0
}

/// The high bit of the first byte that does not stay is the lowest bit set:
/// `&` and `'` differ in one bit, so do `<` and `>`.
#[inline(always)]
fn specials(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let zero = |word: u64| word.wrapping_sub(ONES) & !word & HIGH;
    zero((word | ONES) ^ (ONES * 0x27))
        | zero((word | (ONES * 2)) ^ (ONES * 0x3e))
        | zero(word ^ (ONES * 0x22))
        | zero(word)
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

/// How many decimal digits.
#[inline(always)]
fn digits(int: u64) -> usize {
    match int {
        0..10 => 1,
        10..100 => 2,
        100..1_000 => 3,
        1_000..10_000 => 4,
        10_000..100_000 => 5,
        _ => int.ilog10() as usize + 1,
    }
}

const PAIRS: [u8; 200] = {
    let mut table = [0; 200];
    let mut n = 0;
    while n < 100 {
        table[2 * n] = b'0' + (n / 10) as u8;
        table[2 * n + 1] = b'0' + (n % 10) as u8;
        n += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_print_their_digits() {
        for int in [
            0,
            7,
            10,
            99,
            100,
            12_345,
            99_999,
            100_000,
            -1,
            i64::MAX,
            i64::MIN,
        ] {
            let mut out = Output::default();
            out.push_int(int);
            assert_eq!(out.take_all().0, int.to_string());
        }
    }

    #[test]
    fn escaping_agrees_with_the_plain_one_at_every_length_and_place() {
        for special in ["", "<", "'", "\"", "&", ">", "\0", "é", "&&"] {
            for before in 0..70 {
                for behind in [0, 1, 7, 8, 9, 31, 32, 40] {
                    let text = format!("{}{special}{}", "a".repeat(before), "b".repeat(behind));
                    let mut plain = String::new();
                    text::escape_html(&text, &mut plain);
                    let mut out = Output::default();
                    out.push_str("x");
                    out.push_escaped(&text);
                    assert_eq!(out.take_all().0[1..], plain, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn cuts_move_to_the_start_of_a_character() {
        let mut out = Output::default();
        out.push_str("aé");
        out.cut(Spot { at: 2, places: 0 });
        assert_eq!(out.since(0), "a");
    }

    #[test]
    fn padded_pieces_are_cut_to_their_length() {
        let segment = [&b"hello world"[..], &[0; 32]].concat();
        let mut out = Output::reusing(Vec::new());
        for _ in 0..100 {
            out.push_padded(&segment, 6, 5);
        }
        assert_eq!(out.take_all().0, "world".repeat(100));
    }
}
