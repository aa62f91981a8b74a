//! Numbers, lists and text as bytes, with one way to write each.
//!
//! A number is written in groups of seven bits, the lowest first, with the
//! highest bit of each byte saying that more follow; the last group is not
//! zero unless it is the only one. A signed number is written as its distance
//! from zero, doubled, less one below zero. A list is its length, then its
//! items; a choice is a byte.

use crate::{DecodeError, Sym, TextRange};

/// What reading gives.
pub type Read<T> = Result<T, DecodeError>;

/// Bytes as they are written.
#[derive(Default)]
pub struct Writer(pub(crate) Vec<u8>);

impl Writer {
    /// What has been written.
    pub fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    /// These bytes as they are.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    /// One byte.
    pub fn byte(&mut self, byte: u8) {
        self.0.push(byte);
    }

    /// A number.
    #[inline]
    pub fn number(&mut self, number: impl Into<u64>) {
        let mut left = number.into();
        while left >= 0x80 {
            self.0.push(left as u8 | 0x80);
            left >>= 7;
        }
        self.0.push(left as u8);
    }

    /// A signed number.
    pub fn signed(&mut self, number: i64) {
        self.number(zigzag(number));
    }

    /// A byte, 0 or 1.
    pub fn bool(&mut self, it: bool) {
        self.byte(u8::from(it));
    }

    /// The number of a symbol.
    pub fn sym(&mut self, sym: Sym) {
        self.number(sym.0);
    }

    /// The length of a text, then its bytes.
    pub fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.bytes(text.as_bytes());
    }

    /// Is there one? Then what there is.
    pub fn option<T>(&mut self, it: Option<T>, write: impl Fn(&mut Self, T)) {
        self.bool(it.is_some());
        if let Some(it) = it {
            write(self, it);
        }
    }

    /// How many, then each.
    pub fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        self.number(items.len() as u64);
        for item in items {
            write(self, item);
        }
    }
}

/// A window of the bytes. Offsets count from the first byte of all, for errors.
pub struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// All of these.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The error of who expected something else here.
    ///
    /// # Errors
    /// Always.
    #[cold]
    pub fn malformed<T>(&self, expected: &'static str) -> Read<T> {
        Err(DecodeError::Malformed {
            offset: self.at,
            expected,
        })
    }

    /// How many bytes have been read.
    pub fn offset(&self) -> u64 {
        self.at as u64
    }

    /// How many are left.
    pub fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    /// So many bytes.
    ///
    /// # Errors
    /// There are not so many.
    pub fn take(&mut self, len: u64) -> Read<&'a [u8]> {
        let len = usize::try_from(len).ok().filter(|&len| len <= self.left());
        let taken = len.and_then(|len| self.bytes.get(self.at..self.at + len));
        let Some(taken) = taken else {
            return self.malformed("more bytes");
        };
        self.at += taken.len();
        Ok(taken)
    }

    /// So many bytes, as many as the type says.
    ///
    /// # Errors
    /// There are not so many.
    pub fn array<const N: usize>(&mut self) -> Read<[u8; N]> {
        match self.take(N as u64)?.first_chunk() {
            Some(array) => Ok(*array),
            None => self.malformed("more bytes"),
        }
    }

    /// One byte.
    ///
    /// # Errors
    /// There is none.
    #[inline]
    pub fn byte(&mut self) -> Read<u8> {
        match self.bytes.get(self.at) {
            Some(&byte) => {
                self.at += 1;
                Ok(byte)
            }
            None => self.malformed("more bytes"),
        }
    }

    /// A number; most are one byte.
    ///
    /// # Errors
    /// It is cut off, too long, or has a shorter spelling.
    #[inline(always)]
    pub fn number(&mut self) -> Read<u64> {
        let byte = self.byte()?;
        if byte < 0x80 {
            return Ok(u64::from(byte));
        }
        self.longer_number(byte)
    }

    fn longer_number(&mut self, first: u8) -> Read<u64> {
        let (mut number, mut shift) = (u64::from(first & 0x7f), 7);
        loop {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7f);
            if shift == 63 && group > 1 {
                return self.malformed("a smaller number");
            }
            number |= group << shift;
            if byte < 0x80 {
                return match byte {
                    0 => self.malformed("the shorter spelling of a number"),
                    _ => Ok(number),
                };
            }
            shift += 7;
            if shift > 63 {
                return self.malformed("a shorter number");
            }
        }
    }

    /// A signed number.
    ///
    /// # Errors
    /// As [`Reader::number`].
    pub fn signed(&mut self) -> Read<i64> {
        self.number().map(unzigzag)
    }

    /// A number of 32 bits.
    ///
    /// # Errors
    /// It is none, or longer.
    #[inline]
    pub fn u32(&mut self) -> Read<u32> {
        match u32::try_from(self.number()?) {
            Ok(number) => Ok(number),
            Err(_) => self.malformed("a number of 32 bits"),
        }
    }

    /// A number of 16 bits.
    ///
    /// # Errors
    /// It is none, or longer.
    #[inline]
    pub fn u16(&mut self) -> Read<u16> {
        match u16::try_from(self.number()?) {
            Ok(number) => Ok(number),
            Err(_) => self.malformed("a number of 16 bits"),
        }
    }

    /// So far from a number of 32 bits, and one of 32 bits itself.
    ///
    /// # Errors
    /// It is not.
    pub fn near(&mut self, base: u32) -> Read<u32> {
        let by = self.signed()?;
        let number = i64::from(base).checked_add(by);
        match number.and_then(|number| u32::try_from(number).ok()) {
            Some(number) => Ok(number),
            None => self.malformed("a number of 32 bits"),
        }
    }

    /// A byte, 0 or 1.
    ///
    /// # Errors
    /// It is another.
    pub fn bool(&mut self) -> Read<bool> {
        self.choice(&[false, true])
    }

    /// A byte that picks one of these. They stand in the order of their numbers.
    ///
    /// # Errors
    /// There are not so many.
    pub fn choice<T: Copy>(&mut self, of: &[T]) -> Read<T> {
        let byte = self.byte()?;
        self.pick(u64::from(byte), of)
    }

    /// The one of these that a number picks.
    ///
    /// # Errors
    /// There are not so many.
    pub fn pick<T: Copy>(&self, number: u64, of: &[T]) -> Read<T> {
        let picked = usize::try_from(number).ok().and_then(|at| of.get(at));
        match picked {
            Some(&picked) => Ok(picked),
            None => self.malformed("a smaller choice"),
        }
    }

    /// The number of a symbol.
    ///
    /// # Errors
    /// As [`Reader::u32`].
    pub fn sym(&mut self) -> Read<Sym> {
        self.u32().map(Sym)
    }

    /// So many bytes of UTF-8.
    ///
    /// # Errors
    /// There are not so many, or they are none.
    pub fn text(&mut self, len: u64) -> Read<&'a str> {
        match str::from_utf8(self.take(len)?) {
            Ok(text) => Ok(text),
            Err(_) => self.malformed("UTF-8"),
        }
    }

    /// Is there one? Then what there is.
    ///
    /// # Errors
    /// What reading it says.
    pub fn option<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Option<T>> {
        Ok(if self.bool()? {
            Some(read(self)?)
        } else {
            None
        })
    }

    /// A list of items that take at least so many bytes each.
    ///
    /// # Errors
    /// There cannot be so many, or what reading one says.
    pub fn list<T>(
        &mut self,
        least: u64,
        mut read: impl FnMut(&mut Self) -> Read<T>,
    ) -> Read<Vec<T>> {
        let len = self.number()?;
        if len.saturating_mul(least) > self.left() as u64 {
            return self.malformed("a shorter list");
        }
        (0..len).map(|_| read(self)).collect()
    }

    /// Nothing is left.
    ///
    /// # Errors
    /// Something is.
    pub fn finish(&self) -> Read<()> {
        match self.left() {
            0 => Ok(()),
            _ => self.malformed("the end"),
        }
    }
}

/// Ranges that mostly follow each other, each from the end of the one before.
#[derive(Default)]
pub(crate) struct Ranges {
    end: u32,
}

impl Ranges {
    /// How far it starts from where the last one ended.
    pub(crate) fn distance(&self, range: TextRange) -> i64 {
        i64::from(range.start) - i64::from(self.end)
    }

    pub(crate) fn passed(&mut self, range: TextRange) {
        self.end = range.start.wrapping_add(range.len);
    }

    pub(crate) fn read(&mut self, from: &mut Reader, distance: i64) -> Read<TextRange> {
        let start = i64::from(self.end).checked_add(distance);
        let Some(start) = start.and_then(|start| u32::try_from(start).ok()) else {
            return from.malformed("a range of the text");
        };
        let range = TextRange {
            start,
            len: from.u32()?,
        };
        self.passed(range);
        Ok(range)
    }
}

pub(crate) fn zigzag(number: i64) -> u64 {
    ((number << 1) ^ (number >> 63)) as u64
}

pub(crate) fn unzigzag(number: u64) -> i64 {
    (number >> 1) as i64 ^ -((number & 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(bytes: &[u8]) -> Option<u64> {
        let mut from = Reader::new(bytes);
        let number = from.number().ok()?;
        from.finish().ok().map(|()| number)
    }

    #[test]
    fn numbers_have_one_spelling() {
        for it in [0, 1, 127, 128, 300, 1 << 21, u64::MAX - 1, u64::MAX] {
            let mut to = Writer::default();
            to.number(it);
            assert_eq!(number(&to.0), Some(it));
        }
        for bytes in [
            &[][..],
            &[0x80],
            &[0x80, 0],
            &[0xff, 0x80, 0],
            &[0xff; 10],
            &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2],
            &[
                0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 1,
            ],
        ] {
            assert_eq!(number(bytes), None, "{bytes:?}");
        }
    }

    #[test]
    fn signed_numbers_come_back() {
        for it in [0, 1, -1, 63, -64, i64::MAX, i64::MIN] {
            assert_eq!(unzigzag(zigzag(it)), it);
        }
        assert_eq!(zigzag(-1), 1);
        assert_eq!(zigzag(1), 2);
    }
}
