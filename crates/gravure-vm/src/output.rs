//! The page as it grows: bytes and a position.
//!
//! The buffer is kept filled with zeros behind the position, and at least
//! [`SLACK`] bytes longer than what is written, so that a short text is copied
//! as one block of fixed size. What stands before the position is always
//! UTF-8: everything comes from `str`s, and cuts move to the start of a
//! character.

mod cased;
mod escape;
mod long;
mod number;
mod page;
mod rounds;

pub(crate) use cased::Case;
pub(crate) use escape::SPECIALS;
pub(crate) use page::{Page, plain};
pub(crate) use rounds::{Around, Rest};

use escape::{MOST_ESCAPED, OVERHANG, escape_into};
use gravure_value::{Mark, Place, Placed, Surface, text};
use long::long_into;
use number::{MOST_DIGITS, int_into};

/// Bytes that may be written behind the position without asking for room.
const SLACK: usize = 64;

/// A block that is copied at once.
const BLOCK: usize = 32;

/// A piece of a page that stays in the nearest cache while it is looked at and
/// copied.
const CACHED: usize = 16 << 10;

/// Text is escaped in pieces of this many bytes.
const PIECE: usize = 256;

/// The page as it grows.
#[derive(Debug, Default)]
pub(crate) struct Output {
    buf: Vec<u8>,
    len: usize,
    /// How far the buffer may grow of its own accord.
    ceiling: usize,
    /// Where lists are to appear, in order.
    places: Vec<Place>,
    more: Box<More>,
}

/// What most pages do without.
#[derive(Debug, Default)]
struct More {
    /// Has a long page been taken?
    is_used: bool,
    /// Where what is made of several parts is put together.
    scratch: String,
}

/// A point in a page: how much is before it, text and places of lists.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Spot {
    pub at: usize,
    places: usize,
}

impl Output {
    /// Another page may begin. What this one has written stands behind the
    /// position and is never read; a very large buffer is let go.
    #[inline]
    pub(crate) fn clear(&mut self) {
        const MOST: usize = 8 << 20;
        if self.has_places() {
            self.places.clear();
        }
        if self.buf.len() > MOST {
            self.buf = Vec::new();
        }
    }

    /// The memory of one that was cleared.
    #[inline(always)]
    pub(crate) fn hollow(self) -> Self {
        Self {
            buf: self.buf,
            len: 0,
            ceiling: 0,
            places: self.places,
            more: self.more,
        }
    }

    /// How many bytes there are.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// What stands behind `start`.
    #[inline(always)]
    pub(crate) fn since(&self, start: usize) -> &str {
        let bytes = self.buf.get(start..self.len).unwrap_or(&[]);
        simdutf8::basic::from_utf8(bytes).unwrap_or("")
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

    /// Are lists to appear in it?
    pub(crate) fn has_places(&self) -> bool {
        !self.places.is_empty()
    }

    /// All of it, where no list is to appear; the page is empty afterwards.
    #[inline(always)]
    pub(crate) fn take_text(&mut self) -> String {
        let text = match self.len {
            0..CACHED => self.since(0).to_owned(),
            _ => self.long_text(),
        };
        self.len = 0;
        text
    }

    /// A long page, checked and copied by pieces that stay in the nearest cache
    /// in between.
    ///
    /// The first one of all is given away as it lies: who makes one page has no
    /// use for a buffer, and who makes many lets it grow once more.
    #[inline(never)]
    fn long_text(&mut self) -> String {
        if !std::mem::replace(&mut self.more.is_used, true) {
            let mut buf = std::mem::take(&mut self.buf);
            buf.truncate(self.len);
            buf.shrink_to_fit();
            return String::from_utf8(buf).unwrap_or_default();
        }
        let mut text = String::with_capacity(self.len);
        let mut start = 0;
        while start < self.len {
            let end = self.boundary(start + CACHED);
            let piece = self.buf.get(start..end).unwrap_or(&[]);
            match simdutf8::basic::from_utf8(piece) {
                Ok(piece) if !piece.is_empty() => text.push_str(piece),
                _ => return String::new(),
            }
            start = end;
        }
        text
    }

    /// All of it; the page is empty afterwards.
    pub(crate) fn take_all(&mut self) -> (String, Vec<Place>) {
        (self.take_text(), std::mem::take(&mut self.places))
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
    #[inline(never)]
    fn grow(&mut self, bytes: usize) {
        let buf = std::mem::take(&mut self.buf);
        self.buf = grown(buf, self.len + bytes, self.ceiling.saturating_add(SLACK));
    }

    /// Growing by doubling ends here: what goes further takes what it needs.
    pub(crate) fn set_ceiling(&mut self, bytes: usize) {
        self.ceiling = bytes;
    }

    /// Write an integer in decimal digits.
    #[inline(always)]
    pub(crate) fn push_int(&mut self, int: i64) {
        self.room(MOST_DIGITS);
        self.len = int_into(int, &mut self.buf, self.len);
    }

    /// Write a float in its text form.
    pub(crate) fn push_float(&mut self, float: f64) {
        self.more.scratch.clear();
        text::float_text(float, &mut self.more.scratch);
        let shown = std::mem::take(&mut self.more.scratch);
        self.push_str(&shown);
        self.more.scratch = shown;
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

    /// Write text, escaped for HTML.
    #[inline(always)]
    pub(crate) fn push_escaped(&mut self, it: &str) {
        if it.len() > PIECE {
            return self.push_long_escaped(it);
        }
        self.room(it.len() * MOST_ESCAPED + OVERHANG);
        self.len = escape_into(it.as_bytes(), &mut self.buf, self.len);
    }

    #[inline(never)]
    fn push_long_escaped(&mut self, it: &str) {
        let page = (std::mem::take(&mut self.buf), self.len);
        let ceiling = self.ceiling.saturating_add(SLACK);
        (self.buf, self.len) = long_escaped(it.as_bytes(), page, SLACK, ceiling);
    }
}

/// Write long text, escaped, into a buffer from a place on, and make so much
/// room behind it; gives the buffer, and where the text ends.
///
/// What the fast way leaves goes in pieces, so that room is made for what comes
/// and not for the worst that might.
#[inline(never)]
fn long_escaped(
    mut text: &[u8],
    (mut buf, mut at): (Vec<u8>, usize),
    room: usize,
    ceiling: usize,
) -> (Vec<u8>, usize) {
    loop {
        let (done, end) = long_into(text, &mut buf, at);
        (text, at) = (&text[done..], end);
        let (piece, rest) = text.split_at(text.len().min(PIECE));
        let need = piece.len() * MOST_ESCAPED + OVERHANG + room;
        if buf.len() - at < need {
            buf = grown(buf, at + need, ceiling);
        }
        at = escape_into(piece, &mut buf, at);
        if rest.is_empty() {
            return (buf, at);
        }
        text = rest;
    }
}

/// A longer buffer, at least of this length.
#[cold]
#[inline(never)]
fn grown(mut buf: Vec<u8>, wanted: usize, most: usize) -> Vec<u8> {
    let doubled = buf.len() * 2;
    let len = wanted.max(doubled.min(most)).max(256);
    buf.reserve_exact(len - buf.len());
    buf.resize(len, 0);
    buf
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_text_is_escaped_in_pieces() {
        let text = "0123456789<é".repeat(100);
        let mut plain = String::new();
        text::escape_html(&text, &mut plain);
        let mut out = Output::default();
        out.push_int(-7);
        out.push_escaped(&text);
        assert_eq!(out.take_all().0, format!("-7{plain}"));
    }

    #[test]
    fn cuts_move_to_the_start_of_a_character() {
        let mut out = Output::default();
        out.push_str("aé");
        out.cut(Spot { at: 2, places: 0 });
        assert_eq!(out.since(0), "a");
    }

    #[test]
    fn long_pages_are_taken_by_pieces() {
        for lead in 0..4 {
            let text = "x".repeat(lead) + &"aé€😀".repeat(CACHED / 4);
            let mut out = Output::default();
            for is_used in [false, true, true] {
                assert_eq!(out.more.is_used, is_used);
                out.push_str(&text);
                assert_eq!(out.take_text(), text);
                assert_eq!(out.len(), 0);
            }
        }
    }

    #[test]
    fn padded_pieces_are_cut_to_their_length() {
        let segment = [&b"hello world"[..], &[0; 32]].concat();
        let mut out = Output::default();
        for _ in 0..100 {
            out.push_padded(&segment, 6, 5);
        }
        assert_eq!(out.take_all().0, "world".repeat(100));
    }
}
