//! What characters are: white space, printable, cased, digits.

use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

/// White space: Unicode's and U+001C to U+001F.
#[inline]
pub fn is_space(c: char) -> bool {
    match c {
        '\t'..='\r' | '\u{1c}'..=' ' => true,
        '\0'..='\u{7f}' => false,
        _ => c.is_whitespace(),
    }
}

/// Lower, upper or title case?
pub fn is_cased(c: char) -> bool {
    c.is_lowercase() || c.is_uppercase() || is_title_case(c)
}

/// A letter that is a title-cased pair, as `ǅ`.
pub fn is_title_case(c: char) -> bool {
    c > '\u{7f}' && c.general_category() == Category::TitlecaseLetter
}

/// Does the nested form show it as it is?
pub fn is_printable(c: char) -> bool {
    match c {
        ' '..='~' => true,
        '\0'..='\u{9f}' => false,
        _ => !matches!(
            c.general_category(),
            Category::Control
                | Category::Format
                | Category::Surrogate
                | Category::PrivateUse
                | Category::Unassigned
                | Category::LineSeparator
                | Category::ParagraphSeparator
                | Category::SpaceSeparator
        ),
    }
}

/// A decimal digit of any script?
pub fn is_decimal(c: char) -> bool {
    c.is_ascii_digit() || c > '\u{7f}' && c.general_category() == Category::DecimalNumber
}

/// The value of a decimal digit of any script.
pub fn digit_value(c: char) -> Option<u8> {
    if c.is_ascii() {
        return c.to_digit(10).map(|digit| digit as u8);
    }
    if !is_decimal(c) {
        return None;
    }
    // Digits stand in runs of ten, some runs next to each other.
    let is_digit = |at: &u32| char::from_u32(*at).is_some_and(is_decimal);
    let before = (1..50)
        .map_while(|n| (c as u32).checked_sub(n))
        .take_while(is_digit);
    Some((before.count() % 10) as u8)
}

/// How many characters a text has.
#[inline]
pub fn char_count(text: &str) -> usize {
    text.chars().count()
}

/// Where the character behind the first `n` begins; `None` if there is none.
pub fn char_at(text: &str, n: usize) -> Option<usize> {
    const BLOCK: usize = 32;
    const WORD: usize = 8;
    let bytes = text.as_bytes();
    // There are no more characters than bytes.
    if n >= bytes.len() {
        return None;
    }
    let word = |word: &[u8; WORD]| u64::from_le_bytes(*word);
    let mut left = n;
    let mut at = 0;
    let (blocks, _) = bytes.as_chunks::<BLOCK>();
    for block in blocks {
        let (words, _) = block.as_chunks::<WORD>();
        let all = words.iter().map(word).fold(0, |all, word| all | word);
        let begun = match all & HIGHEST {
            0 if left < BLOCK => return Some(at + left),
            0 => BLOCK,
            _ => words.iter().map(word).map(n_begun).sum(),
        };
        if begun > left {
            break;
        }
        left -= begun;
        at += BLOCK;
    }
    let (words, _) = bytes.get(at..)?.as_chunks::<WORD>();
    for begun in words.iter().map(word).map(n_begun) {
        if begun > left {
            break;
        }
        left -= begun;
        at += WORD;
    }
    let rest = bytes.iter().enumerate().skip(at);
    let mut begun = rest.filter(|&(_, &byte)| begins(byte));
    begun.nth(left).map(|(at, _)| at)
}

/// The highest bit of each byte of a word.
const HIGHEST: u64 = 0x8080_8080_8080_8080;

/// Does a character begin with it? No byte of a longer one but its first is
/// among the others.
fn begins(byte: u8) -> bool {
    (byte as i8) >= -0x40
}

/// How many characters begin within eight bytes.
fn n_begun(word: u64) -> usize {
    // Those that begin none are 10xxxxxx.
    let others = (word & HIGHEST & !(word << 1)) >> 7;
    8 - (others.wrapping_mul(0x0101_0101_0101_0101) >> 56) as usize
}

/// What is left of a text of more than `length` characters, and what then
/// stands behind it; `None` if there are no more. Both together are that long
/// at most. The last word is left out, since it may be cut, unless `within_words`.
pub fn shortened<'a>(
    text: &'a str,
    length: i64,
    within_words: bool,
    end: &'a str,
) -> Option<(&'a str, &'a str)> {
    let wanted = usize::try_from(length).unwrap_or(0);
    let n_kept = wanted.saturating_sub(char_count(end));
    if n_kept == 0 {
        if length >= 0 {
            char_at(text, wanted)?;
        }
        return Some((char_at(end, wanted).map_or(end, |at| &end[..at]), ""));
    }
    // Text is not gone through twice to see whether it is longer.
    let (kept, rest) = text.split_at(char_at(text, n_kept)?);
    char_at(rest, wanted - n_kept)?;
    if within_words {
        return Some((kept, end));
    }
    let kept = match kept.rfind(' ') {
        Some(at) if at > 0 => &kept[..at],
        _ => kept,
    };
    Some((kept.trim_end_matches(is_space), end))
}

const ASCII: &str = "\0\x01\x02\x03\x04\x05\x06\x07\x08\t\n\x0b\x0c\r\x0e\x0f\
    \x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f \
    !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`\
    abcdefghijklmnopqrstuvwxyz{|}~\x7f";

/// An ASCII character as a text that needs no room.
#[inline]
pub fn ascii_char(c: char) -> Option<&'static str> {
    let at = c as usize;
    ASCII.get(at..at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_by_their_number() {
        for piece in ["a", "é", "日", "𝟎", "aé", "日𝟎a"] {
            let text = piece.repeat(70);
            let places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            for n in 0..places.len() + 3 {
                assert_eq!(char_at(&text, n), places.get(n).copied(), "{piece} {n}");
            }
        }
        assert_eq!(char_at("", 0), None);
        assert_eq!(char_at("a", usize::MAX), None);
    }

    #[test]
    fn every_ascii_character_has_a_text() {
        for byte in 0..=127_u8 {
            let c = char::from(byte);
            assert_eq!(ascii_char(c), Some(c.to_string().as_str()));
        }
        assert_eq!(ascii_char('\u{80}'), None);
        assert_eq!(ascii_char('日'), None);
    }

    #[test]
    fn digits_of_all_scripts_have_values() {
        let cases = [
            ('0', Some(0)),
            ('9', Some(9)),
            ('a', None),
            ('٣', Some(3)),
            ('९', Some(9)),
            ('𝟎', Some(0)),
            ('𝟗', Some(9)),
            ('𝟘', Some(0)),
            ('𝟿', Some(9)),
            ('²', None),
            ('½', None),
        ];
        for (c, value) in cases {
            assert_eq!(digit_value(c), value, "{c}");
        }
    }

    #[test]
    fn space_and_printable() {
        for c in [
            '\t', '\n', '\u{b}', '\r', ' ', '\u{1c}', '\u{1f}', '\u{85}', '\u{a0}', '\u{3000}',
        ] {
            assert!(is_space(c), "{c:?}");
        }
        for c in ['\u{8}', '\u{e}', '\u{1b}', 'a', '\u{200b}', '\u{feff}'] {
            assert!(!is_space(c), "{c:?}");
        }
        for c in [' ', 'é', '日', '😀', '\u{301}', '~'] {
            assert!(is_printable(c), "{c:?}");
        }
        for c in [
            '\u{7f}',
            '\u{a0}',
            '\u{ad}',
            '\u{200b}',
            '\u{2028}',
            '\u{e000}',
            '\u{3000}',
            '\u{e0001}',
            '\u{378}',
        ] {
            assert!(!is_printable(c), "{c:?}");
        }
        assert!(
            is_cased('ǅ') && is_cased('a') && is_cased('ª') && !is_cased('1') && !is_cased('日')
        );
    }
}
