//! The filter `syntax`: JSON and YAML in colors.
//!
//! Line by line, with an eye for the usual: nothing is parsed, and text that
//! is neither comes out as it went in.

use super::{RESET, has_color, settings};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_text, lowered},
};
use gravure_value::{Args, Call, Mark, Value, text};
use std::borrow::Cow;

pub(super) fn rows() -> Vec<Row> {
    vec![Row::reading(
        &["syntax"],
        params!("value, /, language="),
        syntax,
    )]
}

type PaintLine = fn(&str, &mut String);

const KEY: &str = "36";
const STRING: &str = "32";
const WORD: &str = "35";
const NUMBER: &str = "33";
const FAINT: &str = "2";

fn syntax<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let settings = settings(call);
    let heap = call.heap();
    let language = expect_text(
        heap,
        args.get_or(1, Value::Str(Mark::Plain, "json")),
        "language",
    )?;
    let paint_line = match &*lowered(Cow::Borrowed(language)) {
        "json" => Some(json_line as PaintLine),
        "yaml" | "yml" => Some(yaml_line as PaintLine),
        _ => None,
    };
    let text = super::cleaned(heap, args.get(0))?.into_owned();
    let Some(paint_line) = paint_line.filter(|_| has_color(&settings)) else {
        return heap.new_text(Mark::Styled, text);
    };
    let text = without_styles(&text);
    let mut out = String::with_capacity(text.len());
    for (idx, line) in text::split_lines(&text, false).enumerate() {
        heap.charge(1 + line.len() as u64)?;
        // A comma alone becomes nine bytes.
        heap.check_text((line.len() as u64 + 1).saturating_mul(9) + out.len() as u64)?;
        if idx > 0 {
            out.push('\n');
        }
        paint_line(line, &mut out);
    }
    heap.new_text(Mark::Styled, out)
}

/// A text without style codes, which would be taken for numbers.
fn without_styles(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let codes = part
            .bytes()
            .take_while(|&byte| byte.is_ascii_digit() || byte == b';')
            .count();
        match part[codes..].strip_prefix('m') {
            Some(after) => out.push_str(after),
            None => {
                out.push_str("\u{1b}[");
                out.push_str(part);
            }
        }
    }
    out
}

fn paint(code: &str, text: &str, out: &mut String) {
    out.push_str("\u{1b}[");
    out.push_str(code);
    out.push('m');
    out.push_str(text);
    out.push_str(RESET);
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn json_line(line: &str, out: &mut String) {
    let mut rest = line;
    let mut before = None;
    // A string that does not end takes every later quote along as escaped.
    let mut may_be_string = true;
    while let Some(c) = rest.chars().next() {
        let string = if c == '"' && may_be_string {
            string_len(rest)
        } else {
            None
        };
        may_be_string &= c != '"' || string.is_some();
        let (code, len) = if let Some(len) = string {
            let after = rest[len..].trim_start_matches(text::is_space);
            (if after.starts_with(':') { KEY } else { STRING }, len)
        } else if let Some(len) = word_len(rest).filter(|_| !before.is_some_and(is_word)) {
            (WORD, len)
        } else if let Some(len) = number_len(rest) {
            (NUMBER, len)
        } else {
            let code = if matches!(c, '{' | '}' | '[' | ']' | ',') {
                FAINT
            } else {
                ""
            };
            (code, c.len_utf8())
        };
        let (token, after) = rest.split_at(len);
        if code.is_empty() {
            out.push_str(token);
        } else {
            paint(code, token, out);
        }
        before = token.chars().next_back();
        rest = after;
    }
}

/// The length of a string in double quotes at the start, if it ends.
fn string_len(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The length of `true`, `false` or `null` at the start, as a whole word.
fn word_len(text: &str) -> Option<usize> {
    let word = ["true", "false", "null"]
        .into_iter()
        .find(|word| text.starts_with(word))?;
    let is_whole = !text[word.len()..].starts_with(is_word);
    is_whole.then_some(word.len())
}

/// The length of a number at the start.
fn number_len(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let digits = |at: usize| {
        let bytes = bytes.get(at..).unwrap_or_default();
        bytes
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count()
    };
    let is = |at: usize, wanted: &[u8]| bytes.get(at).is_some_and(|byte| wanted.contains(byte));
    let start = usize::from(is(0, b"-"));
    let mut end = start + digits(start);
    if end == start {
        return None;
    }
    if is(end, b".") && digits(end + 1) > 0 {
        end += 1 + digits(end + 1);
    }
    if is(end, b"eE") {
        let sign = usize::from(is(end + 1, b"+-"));
        let n = digits(end + 1 + sign);
        end += if n > 0 { 1 + sign + n } else { 0 };
    }
    Some(end)
}

fn yaml_line(line: &str, out: &mut String) {
    let (text, comment) = line.split_at(line.find('#').unwrap_or(line.len()));
    let rest = match key_len(text) {
        Some(len) => {
            paint(KEY, &text[..len], out);
            text[len..].trim_start_matches(text::is_space)
        }
        None => text,
    };
    match value_at(rest) {
        Some((at, code)) => {
            out.push_str(rest[..at].trim_end_matches(text::is_space));
            out.push(' ');
            paint(code, rest[at..].trim_end_matches(text::is_space), out);
        }
        None => out.push_str(rest),
    }
    if !comment.is_empty() {
        paint(FAINT, comment, out);
    }
}

/// The length of a key at the start, blanks before it included.
fn key_len(text: &str) -> Option<usize> {
    let key = text.trim_start_matches(text::is_space);
    let after = key.trim_start_matches(|c| is_word(c) || matches!(c, '.' | '-'));
    let is_key =
        after.len() < key.len() && after.trim_start_matches(text::is_space).starts_with(':');
    is_key.then_some(text.len() - after.len())
}

/// Where the value behind a colon and a blank begins, if it is one of those
/// that have a color.
fn value_at(text: &str) -> Option<(usize, &'static str)> {
    let text = text.trim_end_matches(text::is_space);
    let after_colon = |colon: usize| {
        let tail = &text[colon + 1..];
        let value = tail.trim_start_matches(text::is_space);
        (value.len() < tail.len()).then(|| text.len() - value.len())
    };
    if text.ends_with(['"', '\'']) {
        let mut colons = text
            .match_indices(':')
            .filter_map(|(colon, _)| after_colon(colon));
        let at = colons.find(|&at| text[at..].len() > 1 && text[at..].starts_with(['"', '\'']))?;
        return Some((at, STRING));
    }
    let at = after_colon(text.rfind(':')?)?;
    let value = &text[at..];
    let is_switch = ["true", "false", "yes", "no", "on", "off"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    if is_switch {
        return Some((at, WORD));
    }
    (number_len(value) == Some(value.len())).then_some((at, NUMBER))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Painted text in brackets: `[code|text]`.
    fn check(paint_line: PaintLine, line: &str) -> String {
        let mut out = String::new();
        paint_line(line, &mut out);
        out.replace(RESET, "]")
            .replace("\u{1b}[", "[")
            .replace('m', "|")
    }

    #[test]
    fn json() {
        for (line, expected) in [
            (r#""k" : "v""#, r#"[36|"k"] : [32|"v"]"#),
            (r#""x\"y" "#, r#"[32|"x\"y"] "#),
            (r#""open \" end 1"#, r#""open \" end [33|1]"#),
            (
                "true truex xtrue nulls null",
                "[35|true] truex xtrue nulls [35|null]",
            ),
            ("-2.5e3 1.2.3 1.e", "[33|-2.5e3] [33|1.2].[33|3] [33|1].e"),
            ("abc12e+ -", "abc[33|12]e+ -"),
            ("{}", "[2|{][2|}]"),
            ("é日", "é日"),
        ] {
            assert_eq!(check(json_line, line), expected, "{line}");
        }
    }

    #[test]
    fn yaml() {
        for (line, expected) in [
            ("# a: 1", "[2|# a: 1]"),
            ("a: 5 # b", "[36|a]: [33|5][2|# b]"),
            ("  a.b-c : Yes  ", "[36|  a.b-c]: [35|Yes]"),
            ("  - b: 2", "  - b: [33|2]"),
            ("a: \"x: 'y'\"", "[36|a]: [32|\"x: 'y'\"]"),
            ("a: \"", "[36|a]: \""),
            ("h:5", "[36|h]:5"),
            ("k: a: 5", "[36|k]: a: [33|5]"),
            ("k: v ", "[36|k]: v "),
            ("日: no", "[36|日]: [35|no]"),
            ("", ""),
        ] {
            assert_eq!(check(yaml_line, line), expected, "{line}");
        }
    }

    #[test]
    fn styles_are_taken_away() {
        let text = "\u{1b}[31m1\u{1b}[0m \u{1b}[x";
        assert_eq!(without_styles(text), "1 \u{1b}[x");
    }
}
