//! Upper, lower and title case with the full mappings of Unicode.
//!
//! The standard library maps single characters and whole texts; title case,
//! folding and the final sigma of mixed mappings are made here from those.

use super::chars::{is_cased, is_title_case};
use unicode_properties::{GeneralCategory as Category, UnicodeGeneralCategory};

/// Everything in upper case.
pub fn upper(text: &str) -> String {
    let mut upper = String::with_capacity(text.len());
    upper_into(text, &mut upper);
    upper
}

/// Everything in lower case; a final sigma is respected.
pub fn lower(text: &str) -> String {
    let mut lower = String::with_capacity(text.len());
    lower_into(text, &mut lower);
    lower
}

/// Append everything in upper case.
pub fn upper_into(text: &str, to: &mut String) {
    if !text.is_ascii() {
        to.push_str(&text.to_uppercase());
        return;
    }
    let start = to.len();
    to.push_str(text);
    if let Some(added) = to.get_mut(start..) {
        added.make_ascii_uppercase();
    }
}

/// Append everything in lower case; a final sigma is respected.
pub fn lower_into(text: &str, to: &mut String) {
    if !text.is_ascii() {
        to.push_str(&text.to_lowercase());
        return;
    }
    let start = to.len();
    to.push_str(text);
    if let Some(added) = to.get_mut(start..) {
        added.make_ascii_lowercase();
    }
}

/// The first character in title case, the rest in lower case.
pub fn capitalize(text: &str) -> String {
    map_chars(
        text,
        |at, _| if at == 0 { Case::Title } else { Case::Lower },
    )
}

/// A cased character is title-cased if the one before is not cased, else
/// lower-cased.
pub fn title(text: &str) -> String {
    let mut after_cased = false;
    map_chars(text, |_, c| {
        let case = if after_cased {
            Case::Lower
        } else {
            Case::Title
        };
        after_cased = is_cased(c);
        case
    })
}

/// Upper becomes lower, lower becomes upper.
pub fn swapcase(text: &str) -> String {
    map_chars(text, |_, c| {
        if c.is_uppercase() {
            Case::Lower
        } else if c.is_lowercase() {
            Case::Upper
        } else {
            Case::Keep
        }
    })
}

/// Full folding, for comparing without case.
pub fn casefold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0'..='\u{7f}' => out.push(c.to_ascii_lowercase()),
            'ı' | '\u{13a0}'..='\u{13f5}' => out.push(c),
            '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(c.to_uppercase()),
            // What differs only in case is equal after going down, up, down.
            _ => out.extend(
                c.to_lowercase()
                    .flat_map(char::to_uppercase)
                    .flat_map(char::to_lowercase),
            ),
        }
    }
    out
}

#[derive(Clone, Copy)]
enum Case {
    Upper,
    Lower,
    Title,
    Keep,
}

fn map_chars(text: &str, mut case: impl FnMut(usize, char) -> Case) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match case(at, c) {
            Case::Keep => out.push(c),
            Case::Upper => out.extend(c.to_uppercase()),
            Case::Lower if c == 'Σ' => out.push(if is_final(text, at) { 'ς' } else { 'σ' }),
            Case::Lower => out.extend(c.to_lowercase()),
            Case::Title => push_title(c, &mut out),
        }
    }
    out
}

/// Does the sigma at this place end a word?
fn is_final(text: &str, at: usize) -> bool {
    let before = text[..at].chars().rev();
    let after = text[at..].chars().skip(1);
    is_next_cased(before) && !is_next_cased(after)
}

fn is_next_cased(mut chars: impl Iterator<Item = char>) -> bool {
    chars.find(|&c| !is_ignorable(c)).is_some_and(is_cased)
}

/// Unicode's `Case_Ignorable`.
fn is_ignorable(c: char) -> bool {
    if c.is_ascii() {
        return matches!(c, '\'' | '.' | ':' | '^' | '`');
    }
    matches!(
        c,
        '·' | '\u{387}'
            | '\u{55f}'
            | '\u{5f4}'
            | '‘'
            | '’'
            | '․'
            | '‧'
            | '\u{fe13}'
            | '\u{fe52}'
            | '\u{fe55}'
            | '\u{ff07}'
            | '\u{ff0e}'
            | '\u{ff1a}'
    ) || matches!(
        c.general_category(),
        Category::NonspacingMark
            | Category::EnclosingMark
            | Category::Format
            | Category::ModifierLetter
            | Category::ModifierSymbol
    )
}

fn push_title(c: char, out: &mut String) {
    match c {
        '\0'..='\u{7f}' => out.push(c.to_ascii_uppercase()),
        'Ǆ'..='ǆ' => out.push('ǅ'),
        'Ǉ'..='ǉ' => out.push('ǈ'),
        'Ǌ'..='ǌ' => out.push('ǋ'),
        'Ǳ'..='ǳ' => out.push('ǲ'),
        // Georgian has capitals for whole words only.
        '\u{10d0}'..='\u{10ff}' | '\u{1c90}'..='\u{1cbf}' => out.push(c),
        '\u{1f80}'..='\u{1f87}' | '\u{1f90}'..='\u{1f97}' | '\u{1fa0}'..='\u{1fa7}' => {
            out.extend(char::from_u32(c as u32 + 8));
        }
        'ᾳ' => out.push('ᾼ'),
        'ῃ' => out.push('ῌ'),
        'ῳ' => out.push('ῼ'),
        _ if is_title_case(c) => out.push(c),
        _ => {
            let mut upper = c.to_uppercase();
            out.extend(upper.next());
            for rest in upper {
                match rest {
                    // The iota of these stays below.
                    'Ι' if ('\u{1f00}'..='\u{1fff}').contains(&c) => out.push('\u{345}'),
                    _ if c == 'ŉ' => out.push(rest),
                    _ => out.extend(rest.to_lowercase()),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_mapping() {
        type Map = fn(&str) -> String;
        let cases: [(&str, Map, &str, &str); 26] = [
            ("upper", upper, "straße ŉ", "STRASSE ʼN"),
            ("lower", lower, "ΑΣ ΑΣΑ İ", "ας ασα i̇"),
            ("capitalize", capitalize, "", ""),
            ("capitalize", capitalize, "hELLO wORLD", "Hello world"),
            ("capitalize", capitalize, "ßA", "Ssa"),
            ("capitalize", capitalize, "ǆX", "ǅx"),
            ("capitalize", capitalize, "ΑΣ", "Ας"),
            ("title", title, "it's x1y", "It'S X1Y"),
            ("title", title, "hello WORLD-wide", "Hello World-Wide"),
            ("title", title, "ﬁne ǆ ŉ", "Fine ǅ ʼN"),
            ("title", title, "ΟΔΟΣ ΟΔΟΣ", "Οδος Οδος"),
            ("title", title, "ᾳ ᾀ ᾲ ა", "ᾼ ᾈ Ὰ\u{345} ა"),
            ("swapcase", swapcase, "Hello ß ΑΣ", "hELLO SS ας"),
            ("swapcase", swapcase, "ǅ", "ǅ"),
            ("casefold", casefold, "Straße ẞ", "strasse ss"),
            ("casefold", casefold, "ΑΣς", "ασσ"),
            ("casefold", casefold, "İıI", "i̇ıi"),
            ("casefold", casefold, "ﬁ ŉ ſ µ", "fi ʼn s μ"),
            ("casefold", casefold, "ᏸꭰᎠ", "ᏰᎠᎠ"),
            ("casefold", casefold, "ᾳ ᾈ", "αι ἀι"),
            ("casefold", casefold, "ABC xyz", "abc xyz"),
            ("lower", lower, "Σ", "σ"),
            ("title", title, "Σ", "Σ"),
            ("swapcase", swapcase, "Σ ΑΣ' ΑΣ'Α", "σ ας' ασ'α"),
            ("swapcase", swapcase, "aΣ.b aΣ. b", "Aσ.B Aς. B"),
            ("upper", upper, "ǆ ﬃ", "Ǆ FFI"),
        ];
        for (name, map, text, wanted) in cases {
            assert_eq!(map(text), wanted, "{name} {text}");
        }
    }
}
