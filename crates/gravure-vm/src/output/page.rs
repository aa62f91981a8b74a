//! The page while nobody else looks at it: the room behind it, as a local of a
//! loop.
//!
//! What is written here has room in the buffer and stays below the limit; what
//! does not certainly do so is refused, and written elsewhere.

use super::{
    BLOCK, Case, MOST_DIGITS, MOST_ESCAPED, OVERHANG, Output, PIECE,
    cased::{self, cased_into},
    escape, escape_into,
    number::{MOST_DECIMALS, decimals_into, short_into},
};
use std::mem::take;

/// The page while nobody else looks at it.
pub(crate) struct Page<'a> {
    /// The room behind what is written, up to where may be written.
    rest: &'a mut [u8],
    /// How long the page may become.
    most: usize,
    /// Where the length goes in the end.
    len: &'a mut usize,
}

impl Output {
    /// The page as a local; what is written ends before `most`.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn page(&mut self, most: usize) -> Page<'_> {
        let most = self.buf.len().min(most).max(self.len);
        Page {
            rest: self.buf.get_mut(self.len..most).unwrap_or(&mut []),
            most,
            len: &mut self.len,
        }
    }
}

impl Page<'_> {
    /// Where the page ends.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn len(&self) -> usize {
        self.most - self.rest.len()
    }

    /// What was written counts.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn end(self) {
        *self.len = self.len();
    }

    /// So many bytes were written.
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn advance(&mut self, n: usize) {
        // Nobody writes more than there is room for.
        self.rest = &mut take(&mut self.rest)[n..];
    }

    /// Write up to [`BLOCK`] bytes of a segment that is padded by as many.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_block(&mut self, segment: &[u8], start: u32, len: u8) -> bool {
        let start = start as usize;
        let from = segment.get(start..start + BLOCK);
        let Some(from) = from.and_then(<[u8]>::first_chunk::<BLOCK>) else {
            return false;
        };
        let Some(to) = self.rest.first_chunk_mut::<BLOCK>() else {
            return false;
        };
        *to = *from;
        self.advance(usize::from(len));
        true
    }

    /// Write bytes as they are.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put(&mut self, text: &[u8]) -> bool {
        let Some(to) = self.rest.get_mut(..text.len()) else {
            return false;
        };
        to.copy_from_slice(text);
        self.advance(text.len());
        true
    }

    /// Write an integer.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_int(&mut self, int: i64) -> bool {
        if self.rest.len() < MOST_DIGITS + 8 {
            return false;
        }
        let n = short_into(int, self.rest, 0);
        self.advance(n);
        true
    }

    /// Write a float, if it has few digits.
    #[inline(never)]
    pub(crate) fn put_float(&mut self, float: f64) -> bool {
        if self.rest.len() < MOST_DECIMALS {
            return false;
        }
        match decimals_into(float, self.rest, 0) {
            Some(n) => self.advance(n),
            None => return false,
        }
        true
    }

    /// Is there room for so many bytes, escaped?
    #[cfg_attr(not(debug_assertions), inline(always))]
    fn has_room_escaped(&self, len: usize) -> bool {
        self.rest.len() >= len * MOST_ESCAPED + OVERHANG
    }

    /// Write text of some length, escaped for HTML.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_escaped(&mut self, text: &[u8]) -> bool {
        if text.len() > PIECE || !self.has_room_escaped(text.len()) {
            return false;
        }
        let n = escape_into(text, self.rest, 0);
        self.advance(n);
        true
    }

    /// Write a text in one case, escaped for HTML, if it is short and of ASCII.
    #[inline]
    pub(crate) fn put_cased(&mut self, text: &[u8], case: Case) -> bool {
        if text.len() > cased::MOST || !self.has_room_escaped(text.len()) {
            return false;
        }
        match cased_into(text, case, self.rest, 0) {
            Some(n) => self.advance(n),
            None => return false,
        }
        true
    }

    /// Write texts of so many bytes in all, escaped for HTML.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_all_escaped(
        &mut self,
        len: usize,
        write: impl FnOnce(&mut Pieces<'_>),
    ) -> bool {
        if !self.has_room_escaped(len) {
            return false;
        }
        let mut pieces = Pieces {
            rest: &mut *self.rest,
            at: 0,
        };
        write(&mut pieces);
        let n = pieces.at;
        self.advance(n.min(self.rest.len()));
        true
    }

    /// Write texts, escaped for HTML, and be told how many bytes they had in
    /// all, with anything else. If that is not said, or there was no certain
    /// room for them, nothing was written.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_escaped_if<T>(
        &mut self,
        write: impl FnOnce(&mut Pieces<'_>) -> Option<(usize, T)>,
    ) -> Option<T> {
        let mut pieces = Pieces {
            rest: &mut *self.rest,
            at: 0,
        };
        let (len, told) = write(&mut pieces)?;
        let n = pieces.at;
        if !self.has_room_escaped(len) {
            return None;
        }
        self.advance(n.min(self.rest.len()));
        Some(told)
    }

    /// The same for a part of a larger text: what stands behind it may be read.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_piece_escaped(&mut self, texts: &[u8], start: u32, len: u32) -> bool {
        let (start, len) = (start as usize, len as usize);
        if !self.has_room_escaped(len) {
            return false;
        }
        let rest = texts.get(start..).unwrap_or(&[]);
        if let Some(block) = rest.first_chunk()
            && escape::block_into(block, len, self.rest, 0)
        {
            self.advance(len);
            return true;
        }
        match rest.get(..len) {
            Some(text) => self.put_escaped(text),
            None => false,
        }
    }
}

/// Texts that are written one behind the other, where there is room for all.
pub(crate) struct Pieces<'a> {
    rest: &'a mut [u8],
    at: usize,
}

impl Pieces<'_> {
    /// Write the first `len` bytes of a block that is [`plain`].
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put_plain(&mut self, block: &[u8; escape::BLOCK], len: usize) {
        escape::put(self.rest, self.at, *block);
        self.at += len;
    }

    /// Write the first `len` bytes of a text: what stands behind may be read.
    #[cfg_attr(not(debug_assertions), inline(always))]
    pub(crate) fn put(&mut self, text: &[u8], len: usize) {
        self.at = match text.first_chunk() {
            Some(block) if escape::block_into(block, len, self.rest, self.at) => self.at + len,
            _ => escape_into(text.get(..len).unwrap_or(&[]), self.rest, self.at),
        };
    }
}

/// A text as a block, if it fits into one and nothing in it is escaped.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn plain(text: &[u8]) -> Option<[u8; escape::BLOCK]> {
    let len = text.len();
    if len > escape::BLOCK {
        return None;
    }
    let block = escape::filled(text).to_le_bytes();
    (escape::specials(block) & ((1 << len) - 1) == 0).then_some(block)
}
