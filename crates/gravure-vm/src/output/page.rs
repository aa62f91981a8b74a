//! The page while nobody else looks at it: its bytes and where it ends, as two
//! locals of a loop.
//!
//! What is written here has room in the buffer and stays below the limit; what
//! does not certainly do so is refused, and written elsewhere.

use super::{
    BLOCK, Case, MOST_DIGITS, MOST_ESCAPED, OVERHANG, Output, PIECE,
    cased::{self, cased_into},
    escape, escape_into,
    number::{MOST_DECIMALS, decimals_into, int_into},
};

/// The page while nobody else looks at it.
pub(crate) struct Page<'a> {
    /// Up to where may be written.
    buf: &'a mut [u8],
    at: usize,
    /// Where the length goes in the end.
    len: &'a mut usize,
}

impl Output {
    /// The page as a local; what is written ends before `most`.
    #[inline(always)]
    pub(crate) fn page(&mut self, most: usize) -> Page<'_> {
        let end = self.buf.len().min(most);
        Page {
            buf: self.buf.get_mut(..end).unwrap_or(&mut []),
            at: self.len,
            len: &mut self.len,
        }
    }
}

impl Page<'_> {
    /// Where the page ends.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.at
    }

    /// What was written counts.
    #[inline(always)]
    pub(crate) fn end(self) {
        *self.len = self.at;
    }

    /// Write up to [`BLOCK`] bytes of a segment that is padded by as many.
    #[inline(always)]
    pub(crate) fn put_block(&mut self, segment: &[u8], start: u32, len: u8) -> bool {
        let start = start as usize;
        let from = segment.get(start..start + BLOCK);
        let Some(from) = from.and_then(<[u8]>::first_chunk::<BLOCK>) else {
            return false;
        };
        let to = self.buf.get_mut(self.at..);
        let Some(to) = to.and_then(<[u8]>::first_chunk_mut::<BLOCK>) else {
            return false;
        };
        *to = *from;
        self.at += usize::from(len);
        true
    }

    /// Write bytes as they are.
    #[inline(always)]
    pub(crate) fn put(&mut self, text: &[u8]) -> bool {
        let Some(to) = self.buf.get_mut(self.at..self.at + text.len()) else {
            return false;
        };
        to.copy_from_slice(text);
        self.at += text.len();
        true
    }

    /// Write an integer.
    #[inline(always)]
    pub(crate) fn put_int(&mut self, int: i64) -> bool {
        if self.buf.len() < self.at + MOST_DIGITS + 8 {
            return false;
        }
        self.at = int_into(int, self.buf, self.at);
        true
    }

    /// Write a float, if it has few digits.
    #[inline(never)]
    pub(crate) fn put_float(&mut self, float: f64) -> bool {
        if self.buf.len() < self.at + MOST_DECIMALS {
            return false;
        }
        match decimals_into(float, self.buf, self.at) {
            Some(at) => self.at = at,
            None => return false,
        }
        true
    }

    /// Write text of some length, escaped for HTML.
    #[inline(always)]
    pub(crate) fn put_escaped(&mut self, text: &[u8]) -> bool {
        if text.len() > PIECE || self.buf.len() < self.at + text.len() * MOST_ESCAPED + OVERHANG {
            return false;
        }
        self.at = escape_into(text, self.buf, self.at);
        true
    }

    /// Write a text in one case, escaped for HTML, if it is short and of ASCII.
    #[inline]
    pub(crate) fn put_cased(&mut self, text: &[u8], case: Case) -> bool {
        if text.len() > cased::MOST
            || self.buf.len() < self.at + text.len() * MOST_ESCAPED + OVERHANG
        {
            return false;
        }
        match cased_into(text, case, self.buf, self.at) {
            Some(at) => self.at = at,
            None => return false,
        }
        true
    }

    /// The same for a part of a larger text: what stands behind it may be read.
    #[inline(always)]
    pub(crate) fn put_piece_escaped(&mut self, texts: &[u8], start: u32, len: u32) -> bool {
        let (start, len) = (start as usize, len as usize);
        if self.buf.len() < self.at + len * MOST_ESCAPED + OVERHANG {
            return false;
        }
        let rest = texts.get(start..).unwrap_or(&[]);
        if let Some(block) = rest.first_chunk()
            && escape::block_into(block, len, self.buf, self.at)
        {
            self.at += len;
            return true;
        }
        match rest.get(..len) {
            Some(text) => self.put_escaped(text),
            None => false,
        }
    }
}
