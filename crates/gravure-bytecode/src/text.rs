//! Text of a chunk: its own, or a range of a text that many chunks share.
//!
//! A bundle holds the texts of all its chunks in one piece, which stands in
//! the program or was read once; a chunk names a range of it and copies
//! nothing. Wherever the text lies, [`PADDING`] bytes stand behind it, so that
//! a piece of it can be copied as a block.
//!
//! Absent on purpose: changing a text that is shared.

use std::{fmt, ops::Deref, sync::Arc};

/// Bytes that stand behind every text.
pub const PADDING: usize = 32;

/// As many zeros.
const ZEROS: &str = "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

const _: () = assert!(ZEROS.len() == PADDING);

/// A text that many chunks lie in.
#[derive(Clone)]
pub enum TextBuffer {
    /// It is part of the program.
    Static(&'static str),
    /// It was read.
    Shared(Arc<String>),
}

impl TextBuffer {
    /// All of it.
    #[inline(always)]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Static(text) => text,
            Self::Shared(text) => text,
        }
    }
}

/// Text with [`PADDING`] bytes behind it.
#[derive(Clone)]
pub struct SharedText {
    buffer: TextBuffer,
    /// `start..end` cuts no character, and `end + PADDING` is in the buffer.
    start: usize,
    end: usize,
}

impl SharedText {
    /// A range of a larger text; `None` if it cuts a character or is too near
    /// to the end.
    pub fn within(buffer: &TextBuffer, start: usize, len: usize) -> Option<Self> {
        let end = start.checked_add(len)?;
        let text = buffer.as_str();
        text.get(start..end)?;
        let is_padded = end.checked_add(PADDING)? <= text.len();
        is_padded.then(|| Self {
            buffer: buffer.clone(),
            start,
            end,
        })
    }

    /// The text, and [`PADDING`] bytes behind it that mean nothing.
    #[inline(always)]
    pub fn padded(&self) -> &[u8] {
        let bytes = self.buffer.as_str().as_bytes();
        bytes.get(self.start..self.end + PADDING).unwrap_or(&[])
    }

    /// Put more text behind it. All of it is copied: this is for drafts that
    /// are written by hand.
    pub fn push_str(&mut self, more: &str) {
        *self = Self::from([&**self, more].concat());
    }
}

impl From<String> for SharedText {
    fn from(mut text: String) -> Self {
        let end = text.len();
        text.reserve_exact(PADDING);
        text.push_str(ZEROS);
        Self {
            buffer: TextBuffer::Shared(Arc::new(text)),
            start: 0,
            end,
        }
    }
}

impl From<&str> for SharedText {
    fn from(text: &str) -> Self {
        let mut padded = String::with_capacity(text.len() + PADDING);
        padded.push_str(text);
        padded.into()
    }
}

impl Default for SharedText {
    fn default() -> Self {
        Self {
            buffer: TextBuffer::Static(ZEROS),
            start: 0,
            end: 0,
        }
    }
}

impl Deref for SharedText {
    type Target = str;
    #[inline]
    fn deref(&self) -> &str {
        let text = self.buffer.as_str();
        text.get(self.start..self.end).unwrap_or("")
    }
}

impl PartialEq for SharedText {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for SharedText {}

impl fmt::Debug for SharedText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_padded() {
        for text in ["", "x", "äöü"] {
            let shared = SharedText::from(text);
            assert_eq!(&*shared, text);
            assert_eq!(shared.padded().len(), text.len() + PADDING);
            assert!(shared.padded().starts_with(text.as_bytes()));
        }
        assert_eq!(SharedText::default().padded(), [0; PADDING]);
    }

    #[test]
    fn a_range_cuts_no_character_and_keeps_off_the_end() {
        let text = format!("aäb{ZEROS}");
        let buffer = TextBuffer::Shared(Arc::new(text));
        let of = |start, len| SharedText::within(&buffer, start, len);
        assert_eq!(of(0, 4).as_deref(), Some("aäb"));
        assert_eq!(of(1, 2).as_deref(), Some("ä"));
        assert_eq!(of(1, 2).map(|it| it.padded().len()), Some(34));
        assert_eq!(of(0, 2), None);
        assert_eq!(of(0, 5), None);
        assert_eq!(of(4, usize::MAX), None);
    }

    #[test]
    fn more_text_is_put_behind() {
        let mut text = SharedText::default();
        text.push_str("ab");
        text.push_str("c");
        assert_eq!(&*text, "abc");
    }
}
