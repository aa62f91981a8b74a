//! Text: its hash, its forms, what its characters are.
#![allow(missing_docs, unused_variables)]
use crate::*;
pub fn hash_text(text: &str) -> u64 { text.bytes().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3)) }
pub fn float_text(f: f64, out: &mut String) { out.push_str(&format!("{f:?}")) }
pub fn int_text(i: i64, out: &mut String) { out.push_str(&i.to_string()) }
pub fn parse_int(text: &str) -> Option<BigInt> { text.trim().parse().ok() }
pub fn parse_float(text: &str) -> Option<f64> { text.trim().parse().ok() }
pub fn is_space(c: char) -> bool { c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c) }
pub fn is_line_end(c: char) -> bool { matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}') }
pub fn split_lines(text: &str, keep_ends: bool) -> impl Iterator<Item = &str> { text.lines() }
pub fn upper(text: &str) -> String { text.to_uppercase() }
pub fn lower(text: &str) -> String { text.to_lowercase() }
pub fn title(text: &str) -> String { text.to_owned() }
pub fn capitalize(text: &str) -> String { text.to_owned() }
pub fn swapcase(text: &str) -> String { text.to_owned() }
pub fn casefold(text: &str) -> String { text.to_lowercase() }
pub fn is_cased(c: char) -> bool { c.is_lowercase() || c.is_uppercase() }
pub fn is_printable(c: char) -> bool { !c.is_control() }
pub fn quote(text: &str, ascii: bool, out: &mut String) { out.push_str(&format!("'{text}'")) }
pub fn escape_html(text: &str, out: &mut String) { out.push_str(text) }
pub fn escape_markdown(text: &str, out: &mut String) { out.push_str(text) }
pub fn clean_terminal(text: &str, out: &mut String) { out.push_str(text) }
pub fn escape(surface: Surface, mark: Mark, text: &str, out: &mut String) { out.push_str(text) }
pub fn strip_tags(text: &str) -> String { text.to_owned() }
pub fn char_count(text: &str) -> usize { text.chars().count() }
pub fn unescape_html(text: &str) -> String { text.to_owned() }
