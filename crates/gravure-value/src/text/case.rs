//! Upper, lower and title case with the full mappings of Unicode.
//!
//! The standard library maps single characters; title case, folding and the
//! final sigma are made here from those. It searches a table for each of them,
//! which is dear in a long text: what becomes of the characters of two bytes
//! is kept once somebody has needed it.

use super::chars::{is_cased, is_title_case};
use std::sync::LazyLock;
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
        return map_chars(text, to, |_, _| Case::Upper);
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
        return map_chars(text, to, |_, _| Case::Lower);
    }
    let start = to.len();
    to.push_str(text);
    if let Some(added) = to.get_mut(start..) {
        added.make_ascii_lowercase();
    }
}

/// The first character in title case, the rest in lower case.
pub fn capitalize(text: &str) -> String {
    let mut chars = text.chars();
    let mut out = String::with_capacity(text.len());
    match chars.next() {
        // What stands before a sigma decides what becomes of it.
        Some(first) if text.is_ascii() => {
            out.push(first.to_ascii_uppercase());
            lower_into(chars.as_str(), &mut out);
        }
        _ => map_chars(text, &mut out, |at, _| {
            if at == 0 { Case::Title } else { Case::Lower }
        }),
    }
    out
}

/// A cased character is title-cased if the one before is not cased, else
/// lower-cased.
pub fn title(text: &str) -> String {
    let mut after_cased = false;
    let mut out = String::with_capacity(text.len());
    map_chars(text, &mut out, |_, c| {
        let case = if after_cased {
            Case::Lower
        } else {
            Case::Title
        };
        after_cased = if c.is_ascii() {
            c.is_ascii_alphabetic()
        } else if let Some(known) = Known::of(c, text.len()) {
            known.is_upper || known.is_lower || known.is_title
        } else {
            !is_caseless(c) && is_cased(c)
        };
        case
    });
    out
}

/// Upper becomes lower, lower becomes upper.
pub fn swapcase(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    map_chars(text, &mut out, |_, c| {
        let (is_upper, is_lower) = if c.is_ascii() {
            (c.is_ascii_uppercase(), c.is_ascii_lowercase())
        } else if let Some(known) = Known::of(c, text.len()) {
            (known.is_upper, known.is_lower)
        } else if is_caseless(c) {
            (false, false)
        } else {
            (c.is_uppercase(), c.is_lowercase())
        };
        if is_upper {
            Case::Lower
        } else if is_lower {
            Case::Upper
        } else {
            Case::Keep
        }
    });
    out
}

/// Full folding, for comparing without case.
pub fn casefold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match Known::of(c, text.len()) {
            Some(known) if known.folded != MANY => {
                out.extend(char::from_u32(known.folded.into()));
            }
            _ if is_caseless(c) => out.push(c),
            _ => push_folded(c, &mut out),
        }
    }
    out
}

fn push_folded(c: char, out: &mut String) {
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

#[derive(Clone, Copy)]
enum Case {
    Upper,
    Lower,
    Title,
    Keep,
}

fn map_chars(text: &str, out: &mut String, mut case: impl FnMut(usize, char) -> Case) {
    out.reserve(text.len());
    for (at, c) in text.char_indices() {
        let case = case(at, c);
        if c.is_ascii() {
            out.push(match case {
                Case::Upper | Case::Title => c.to_ascii_uppercase(),
                Case::Lower => c.to_ascii_lowercase(),
                Case::Keep => c,
            });
            continue;
        }
        if is_caseless(c) {
            out.push(c);
            continue;
        }
        if let Some(known) = Known::of(c, text.len()) {
            let mapped = match case {
                Case::Keep => c as u16,
                Case::Upper => known.upper,
                Case::Lower => known.lower,
                Case::Title => known.title,
            };
            if let Some(mapped) = char::from_u32(mapped.into()).filter(|_| mapped != MANY) {
                out.push(mapped);
                continue;
            }
        }
        match case {
            Case::Keep => out.push(c),
            Case::Upper => out.extend(c.to_uppercase()),
            Case::Lower if c == 'Σ' => out.push(if is_final(text, at) { 'ς' } else { 'σ' }),
            Case::Lower => out.extend(c.to_lowercase()),
            Case::Title => push_title(c, out),
        }
    }
}

/// Scripts without case in which long texts are written, a quick look.
fn is_caseless(c: char) -> bool {
    matches!(c, '\u{900}'..='\u{109f}' | '\u{3000}'..='\u{a63f}' | '\u{ac00}'..='\u{faff}')
}

/// What is known of a character of one or two bytes.
#[derive(Clone, Copy)]
struct Known {
    upper: u16,
    lower: u16,
    title: u16,
    folded: u16,
    is_upper: bool,
    is_lower: bool,
    is_title: bool,
}

/// Where one character becomes many, or its neighbors decide.
const MANY: u16 = u16::MAX;

impl Known {
    /// The characters before this have what is to be known of them kept: all
    /// of one and two bytes that have case, and some more.
    const END: usize = 0x590;

    const LONG: usize = 64;

    /// What is known of a character in a text of so many bytes: nothing, if
    /// that is so short that making the table would cost more.
    fn of(c: char, len: usize) -> Option<Self> {
        static ALL: LazyLock<Box<[Known]>> = LazyLock::new(|| {
            let all = (0..Known::END as u32).map(|at| match char::from_u32(at) {
                Some(c) => Known::new(c),
                None => Known::new('\0'),
            });
            all.collect()
        });
        match len >= Self::LONG && (c as usize) < Self::END {
            true => ALL.get(c as usize).copied(),
            false => None,
        }
    }

    fn new(c: char) -> Self {
        let only = |mapped: &str| {
            let only = mapped.parse::<char>().map(u32::from);
            only.map_or(MANY, |it| u16::try_from(it).unwrap_or(MANY))
        };
        let mut title = String::new();
        push_title(c, &mut title);
        let mut folded = String::new();
        push_folded(c, &mut folded);
        Self {
            upper: only(&c.to_uppercase().to_string()),
            lower: match c {
                'Σ' => MANY,
                _ => only(&c.to_lowercase().to_string()),
            },
            title: only(&title),
            folded: only(&folded),
            is_upper: c.is_uppercase(),
            is_lower: c.is_lowercase(),
            is_title: is_title_case(c),
        }
    }
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
    match c {
        '\0'..='\u{7f}' => return matches!(c, '\'' | '.' | ':' | '^' | '`'),
        // The letters among which a sigma stands.
        '\u{388}'..='\u{3ff}' => return false,
        _ => {}
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
    fn what_is_kept_of_a_character_is_true_of_it() {
        for c in (0..0x11_0000).filter_map(char::from_u32) {
            if is_caseless(c) {
                assert!(!is_cased(c), "{c:?} has case");
                assert!(
                    c.to_uppercase().eq([c]) && c.to_lowercase().eq([c]),
                    "{c:?}"
                );
                assert_eq!(casefold(&c.to_string()), c.to_string());
            }
            if (c as usize) < 0x900 && !is_ignorable(c) {
                // Long and short texts go different ways.
                let long = format!("1{c}1{}", "1".repeat(Known::LONG));
                for map in [upper, lower, title, swapcase, capitalize, casefold] {
                    assert!(map(&long).starts_with(&map(&format!("1{c}1"))), "{c:?}");
                }
                assert!(!('\u{388}'..='\u{3ff}').contains(&c) || c.is_alphabetic() || !is_cased(c));
                let text = format!("1{c}1");
                assert_eq!(upper(&text), text.to_uppercase(), "{c:?}");
                assert_eq!(lower(&text), text.to_lowercase(), "{c:?}");
                let swapped = match c {
                    _ if c.is_uppercase() => text.to_lowercase(),
                    _ if c.is_lowercase() => text.to_uppercase(),
                    _ => text.clone(),
                };
                assert_eq!(swapcase(&text), swapped, "{c:?}");
                let mut titled = String::new();
                push_title(c, &mut titled);
                assert_eq!(title(&text), format!("1{titled}1"), "{c:?}");
                assert_eq!(title(&format!("{c}é")).ends_with('é'), is_cased(c), "{c:?}");
            }
        }
        for text in ["ΑΣ ΣΑΣ. Σ' ΑΣ'", "aΣ\u{301} Σ", "日Σ ΑΣ日", "İΣ", "ΣΣ ς"]
        {
            assert_eq!(lower(text), text.to_lowercase(), "{text}");
        }
    }

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
