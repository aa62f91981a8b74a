//! How many columns of a terminal a text takes.
//!
//! In: text, which may hold control sequences. Out: its columns, or its
//! pieces one by one: characters with their columns, and sequences, which
//! take none.

use super::ambiguous::is_ambiguous;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};
use unicode_width::UnicodeWidthChar;

const ESC: u8 = 0x1b;
const TEXT_STYLE: char = '\u{fe0e}';

/// Measures text for one terminal.
#[derive(Clone, Copy)]
pub(super) struct Ruler {
    /// The columns of a character of ambiguous width.
    pub ambiguous: u8,
}

/// What cannot be cut.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Piece<'t> {
    /// A character, with what selects its form, or a control sequence.
    pub text: &'t str,
    /// The columns it takes.
    pub columns: u8,
}

impl Piece<'_> {
    /// Is it a control sequence?
    pub(super) fn is_sequence(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with('\u{1b}')
    }

    /// Is it a sequence that only sets a style?
    pub(super) fn is_style(&self) -> bool {
        let codes = self
            .text
            .strip_prefix("\u{1b}[")
            .and_then(|it| it.strip_suffix('m'));
        codes.is_some_and(|it| it.bytes().all(|byte| byte.is_ascii_digit() || byte == b';'))
    }
}

impl Ruler {
    /// The columns of a text.
    pub(super) fn columns(self, text: &str) -> u64 {
        if text.is_ascii() && !text.as_bytes().contains(&ESC) {
            return text.len() as u64;
        }
        self.pieces(text)
            .map(|piece| u64::from(piece.columns))
            .sum()
    }

    /// The pieces of a text in order; together they are the whole text.
    pub(super) fn pieces(self, text: &str) -> Pieces<'_> {
        Pieces {
            ruler: self,
            rest: text,
            sequences: Sequences::default(),
        }
    }

    /// The longest start of a text that fits, and its columns.
    pub(super) fn prefix(self, text: &str, room: u64) -> (&str, u64) {
        let (mut len, mut used) = (0, 0);
        for piece in self.pieces(text) {
            if used + u64::from(piece.columns) > room {
                break;
            }
            used += u64::from(piece.columns);
            len += piece.text.len();
        }
        (&text[..len], used)
    }

    fn char_columns(self, c: char) -> u8 {
        match c {
            '\0'..='\u{7f}' => 1,
            '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}' => 0,
            _ if is_wide(c) => 2,
            _ if is_ambiguous(c) || is_symbol(c) => self.ambiguous,
            _ => 1,
        }
    }
}

/// Wide or full width, marks that are drawn over wide characters included.
fn is_wide(c: char) -> bool {
    match c {
        '\u{302a}'..='\u{302f}'
        | '\u{3099}'..='\u{309a}'
        | '\u{3164}'
        | '\u{16fe4}'
        | '\u{16ff0}'..='\u{16ff1}' => true,
        '\u{17a4}' => false,
        _ => c.width() == Some(2),
    }
}

/// A symbol of neutral width, in the blocks where fonts disagree about it.
fn is_symbol(c: char) -> bool {
    let is_half_width = matches!(c, '\u{20a9}' | '\u{ffe8}'..='\u{ffee}');
    c >= '\u{2000}' && !is_half_width && c.general_category_group() == GeneralCategoryGroup::Symbol
}

/// Pieces of a text, see [`Ruler::pieces`].
pub(super) struct Pieces<'t> {
    ruler: Ruler,
    rest: &'t str,
    sequences: Sequences,
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let mut chars = self.rest.chars();
        let c = chars.next()?;
        if c == '\u{1b}'
            && let Some(len) = self.sequences.len(self.rest)
        {
            return Some(self.take(len, 0));
        }
        if chars.next() == Some(TEXT_STYLE) {
            return Some(self.take(c.len_utf8() + TEXT_STYLE.len_utf8(), 1));
        }
        Some(self.take(c.len_utf8(), self.ruler.char_columns(c)))
    }
}

impl<'t> Pieces<'t> {
    fn take(&mut self, len: usize, columns: u8) -> Piece<'t> {
        let (text, rest) = self.rest.split_at(len);
        self.rest = rest;
        Piece { text, columns }
    }
}

/// Finds the ends of sequences; remembers what was looked for in vain, so
/// that a text full of openers is not searched to its end at each of them.
#[derive(Default)]
struct Sequences {
    no_style: bool,
    no_letter: bool,
    /// No title ends before so many bytes are left.
    no_title: Option<usize>,
}

impl Sequences {
    /// The length of the sequence at the start of `text`, if it is one.
    fn len(&mut self, text: &str) -> Option<usize> {
        let bytes = text.as_bytes();
        match bytes.get(1)? {
            b'[' => {
                let end = self.find(bytes, |it| &mut it.no_style, |byte| byte == b'm');
                end.or_else(|| {
                    self.find(
                        bytes,
                        |it| &mut it.no_letter,
                        |byte| byte.is_ascii_alphabetic(),
                    )
                })
            }
            b']' => {
                if self.no_title.is_some_and(|left| bytes.len() > left) {
                    return None;
                }
                let line = bytes.split(|&byte| byte == b'\n').next().unwrap_or(bytes);
                let end = (2..line.len()).find_map(|at| match line[at] {
                    0x7 => Some(at + 1),
                    ESC if line.get(at + 1) == Some(&b'\\') => Some(at + 2),
                    _ => None,
                });
                if end.is_none() {
                    self.no_title = Some(bytes.len() - line.len());
                }
                end
            }
            _ => None,
        }
    }

    /// Where the first such byte after the opener ends.
    fn find(
        &mut self,
        bytes: &[u8],
        in_vain: fn(&mut Self) -> &mut bool,
        is_end: fn(u8) -> bool,
    ) -> Option<usize> {
        if *in_vain(self) {
            return None;
        }
        let found = bytes.iter().skip(2).position(|&byte| is_end(byte));
        *in_vain(self) = found.is_none();
        found.map(|at| at + 3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        for (text, narrow, wide) in [
            ("", 0, 0),
            ("abc\t\n", 5, 5),
            ("\u{7f}", 1, 1),
            ("日本", 4, 4),
            ("한글", 4, 4),
            ("é", 1, 2),
            ("e\u{301}", 2, 3),
            ("★", 1, 2),
            ("⚙", 1, 2),
            ("⚠\u{fe0e}", 1, 1),
            ("⚠\u{fe0f}", 1, 2),
            ("👍", 2, 2),
            ("👍\u{fe0e}", 1, 1),
            ("👨\u{200d}👩\u{200d}👧", 8, 8),
            ("ア", 2, 2),
            ("ｱ", 1, 1),
            ("Ａ", 2, 2),
            ("\u{200b}", 1, 1),
            ("…─✓", 3, 6),
            ("𝄞", 1, 2),
            ("\u{ad}", 1, 2),
            ("₩", 1, 1),
            ("\u{302a}\u{3164}", 4, 4),
            ("\u{17d8}", 1, 1),
            ("\u{1b}[1;31mab\u{1b}[0m", 2, 2),
            ("a\u{1b}]0;t\u{7}b\u{1b}[2Kc", 3, 3),
            ("a\u{1b}]8;;x\u{1b}\\b", 2, 2),
            ("a\u{1b}]8;;x\nb\u{7}", 10, 10),
            ("\u{1b}7\u{1b}", 3, 3),
            ("\u{1b}[12", 4, 4),
        ] {
            assert_eq!(Ruler { ambiguous: 1 }.columns(text), narrow, "{text:?}");
            assert_eq!(Ruler { ambiguous: 2 }.columns(text), wide, "{text:?}");
        }
    }

    #[test]
    fn pieces_are_the_whole_text() {
        let text = "a\u{1b}[31mé\u{fe0e}日\u{1b}]t\u{7}\u{1b}[2Jz";
        let pieces: Vec<_> = Ruler { ambiguous: 1 }.pieces(text).collect();
        let texts: Vec<_> = pieces.iter().map(|piece| piece.text).collect();
        let expected = [
            "a",
            "\u{1b}[31m",
            "é\u{fe0e}",
            "日",
            "\u{1b}]t\u{7}",
            "\u{1b}[2J",
            "z",
        ];
        assert_eq!(texts, expected);
        let styles: Vec<_> = pieces.iter().map(Piece::is_style).collect();
        assert_eq!(styles, [false, true, false, false, false, false, false]);
        let sequences = pieces.iter().filter(|piece| piece.is_sequence()).count();
        assert_eq!(sequences, 3);
    }

    #[test]
    fn prefixes_fit() {
        let ruler = Ruler { ambiguous: 2 };
        for (text, room, prefix, used) in [
            ("abc", 2, "ab", 2),
            ("日本", 3, "日", 2),
            ("⚠\u{fe0e}bc", 1, "⚠\u{fe0e}", 1),
            ("a\u{1b}[1mbc", 1, "a\u{1b}[1m", 1),
            ("…", 1, "", 0),
        ] {
            assert_eq!(ruler.prefix(text, room), (prefix, used), "{text:?}");
        }
    }

    #[test]
    fn openers_without_an_end_are_searched_once() {
        for opener in ["\u{1b}[", "\u{1b}]"] {
            let text = opener.repeat(400_000);
            assert_eq!(Ruler { ambiguous: 1 }.columns(&text), text.len() as u64);
        }
    }
}
