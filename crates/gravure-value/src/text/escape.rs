//! What printing does to text that is not safe for the surface.

use super::{clean_terminal, is_decimal};
use crate::{Mark, Surface};

/// Write a text of some mark as its surface prints it.
pub fn escape(surface: Surface, mark: Mark, text: &str, out: &mut String) {
    match (surface, mark) {
        (Surface::Text, _)
        | (Surface::Html, Mark::Html)
        | (Surface::Markdown, Mark::Html | Mark::Markdown)
        | (Surface::Terminal, Mark::Styled) => out.push_str(text),
        (Surface::Html, _) => escape_html(text, out),
        (Surface::Markdown, _) => escape_markdown(text, out),
        (Surface::Terminal, _) => clean_terminal(text, out),
    }
}

/// Write a text of the mark `inner` as it is inserted into text of the mark
/// `outer`: escaped, unless it is safe there. Nothing is escaped for plain text.
pub fn escape_into(outer: Mark, inner: Mark, text: &str, out: &mut String) {
    let surface = match outer {
        Mark::Plain => Surface::Text,
        Mark::Html => Surface::Html,
        Mark::Markdown => Surface::Markdown,
        Mark::Styled => Surface::Terminal,
    };
    escape(surface, inner, text, out);
}

/// What becomes of a byte: 0 for nothing, else its place in `NAMES`.
const CLASS: [u8; 256] = {
    let mut table = [0; 256];
    table[b'&' as usize] = 1;
    table[b'<' as usize] = 2;
    table[b'>' as usize] = 3;
    table[b'"' as usize] = 4;
    table[b'\'' as usize] = 5;
    table[0] = 6;
    table
};

const NAMES: [&str; 7] = ["", "&amp;", "&lt;", "&gt;", "&quot;", "&#39;", ""];

/// Bytes that are looked at together.
const BLOCK: usize = 8;

/// Escape for HTML: five characters become entities, NUL goes.
///
/// Clean runs are copied whole; whether a block of bytes is clean is one
/// question.
pub fn escape_html(text: &str, out: &mut String) {
    let bytes = text.as_bytes();
    let mut done = 0;
    let mut at = 0;
    out.reserve(bytes.len());
    loop {
        let rest = bytes.get(at..).unwrap_or(&[]);
        let Some(hit) = first_hit(rest) else {
            break;
        };
        at += hit;
        let name = NAMES[CLASS[bytes[at] as usize] as usize];
        // Hits are ASCII, so both ends lie between characters.
        out.push_str(&text[done..at]);
        out.push_str(name);
        at += 1;
        done = at;
    }
    out.push_str(&text[done..]);
}

/// Where the first byte is that does not stay.
#[inline]
fn first_hit(bytes: &[u8]) -> Option<usize> {
    let is_hit = |byte: &u8| CLASS[*byte as usize] != 0;
    // Hits stand in groups: look at what is near before looking far.
    let (near, far) = bytes.split_at(bytes.len().min(BLOCK));
    if let Some(at) = near.iter().position(is_hit) {
        return Some(at);
    }
    let (blocks, tail) = far.as_chunks::<BLOCK>();
    let n_clean = blocks.iter().take_while(|block| is_clean(block)).count();
    let start = near.len() + n_clean * BLOCK;
    let suspect = blocks.get(n_clean).map_or(tail, |block| block.as_slice());
    suspect.iter().position(is_hit).map(|at| start + at)
}

#[inline]
fn is_clean(block: &[u8; BLOCK]) -> bool {
    let hits = block
        .iter()
        .fold(0, |all, &byte| all | CLASS[byte as usize]);
    hits == 0
}

/// Escape for Markdown: what could be markup gets a backslash, and so do
/// markers of headings, lists and quotes at the start of a line.
pub fn escape_markdown(text: &str, out: &mut String) {
    let mut is_first = true;
    let mut rest = text;
    while !rest.is_empty() || is_first {
        is_first = false;
        let end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let (line, tail) = rest.split_at(end);
        let marker = marker_at(line, tail);
        for (at, c) in line.char_indices() {
            let is_markup = matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<');
            if is_markup || marker == Some(at) {
                out.push('\\');
            }
            out.push(c);
        }
        rest = tail;
    }
}

/// Where a marker begins in a line (its `\n` included), if there is one.
fn marker_at(line: &str, tail: &str) -> Option<usize> {
    let n_blank = line
        .bytes()
        .take(3)
        .take_while(|byte| matches!(byte, b' ' | b'\t'))
        .count();
    let text = &line[n_blank..];
    let after = match text.chars().next()? {
        '>' => return Some(n_blank),
        '#' => {
            let n = text
                .bytes()
                .take(6)
                .take_while(|&byte| byte == b'#')
                .count();
            &text[n..]
        }
        '-' | '+' => &text[1..],
        c if is_decimal(c) => {
            let digits = text.chars().take(9).take_while(|&c| is_decimal(c));
            let len: usize = digits.map(char::len_utf8).sum();
            text[len..].strip_prefix(['.', ')'])?
        }
        _ => return None,
    };
    let ends = match after {
        "" => true,
        "\n" => tail.is_empty(),
        _ => after.starts_with([' ', '\t']),
    };
    ends.then_some(n_blank)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(escape: fn(&str, &mut String), text: &str) -> String {
        let mut out = String::new();
        escape(text, &mut out);
        out
    }

    #[test]
    fn html() {
        let long = "clean text of some length ".repeat(4);
        let cases = [
            ("", String::new()),
            ("plain", "plain".into()),
            ("<", "&lt;".into()),
            ("&<>\"'", "&amp;&lt;&gt;&quot;&#39;".into()),
            ("a\0b", "ab".into()),
            ("`=/;\u{2028}é&amp;", "`=/;\u{2028}é&amp;amp;".into()),
            (
                "日本<日本>日本語日本語",
                "日本&lt;日本&gt;日本語日本語".into(),
            ),
            (&long, long.clone()),
            ("1234567<12345678>", "1234567&lt;12345678&gt;".into()),
            ("\0\0\0", String::new()),
        ];
        for (text, wanted) in cases {
            assert_eq!(with(escape_html, text), wanted, "{text:?}");
        }
    }

    #[test]
    fn html_far_from_the_last_hit() {
        let plainly = |text: &str| -> String {
            let each = text.chars().map(|c| match c {
                '&' => "&amp;".to_owned(),
                '<' => "&lt;".to_owned(),
                '>' => "&gt;".to_owned(),
                '"' => "&quot;".to_owned(),
                '\'' => "&#39;".to_owned(),
                '\0' => String::new(),
                other => other.to_string(),
            });
            each.collect()
        };
        // One hit, and pairs of hits in one block: with each other, with
        // themselves, next to each other and apart.
        let hits = ["&", "<", ">", "\"", "'", "\0", "<<", "&é&", "<x>", "'\0'"];
        for hit in hits {
            for before in 0..45 {
                for behind in [0, 1, 7, 8, 9, 30] {
                    let text = format!("{}{hit}{}", "a".repeat(before), "b".repeat(behind));
                    assert_eq!(with(escape_html, &text), plainly(&text), "{text:?}");
                    let twice = format!("{text}{text}");
                    assert_eq!(with(escape_html, &twice), plainly(&twice), "{twice:?}");
                }
            }
        }
    }

    #[test]
    fn markdown() {
        let cases = [
            ("", ""),
            ("a*b_c`d[e]<f>\\", r"a\*b\_c\`d\[e\]\<f>\\"),
            ("# h", r"\# h"),
            ("###### h", r"\###### h"),
            ("####### h", "####### h"),
            ("#h", "#h"),
            ("#", r"\#"),
            ("   # h", r"   \# h"),
            ("    # h", "    # h"),
            ("\t# h", "\t\\# h"),
            ("- i", r"\- i"),
            ("-i", "-i"),
            ("-", r"\-"),
            ("--- ", "--- "),
            ("-\ti", "\\-\ti"),
            ("* i", r"\* i"),
            ("1. a", r"\1. a"),
            ("123456789. a", r"\123456789. a"),
            ("1234567890. a", "1234567890. a"),
            ("1.a", "1.a"),
            ("1.", r"\1."),
            ("1) ", r"\1) "),
            ("٣. a", r"\٣. a"),
            ("a\n- b\n# c\n1. d\n> e", "a\n\\- b\n\\# c\n\\1. d\n\\> e"),
            ("a\r- b", "a\r- b"),
            ("-\nx", "-\nx"),
            ("x\n-\n", "x\n\\-\n"),
            ("x\n#\ny", "x\n#\ny"),
            ("\n- a", "\n\\- a"),
            ("-1.5", "-1.5"),
            (". a\n) b", ". a\n) b"),
        ];
        for (text, wanted) in cases {
            assert_eq!(with(escape_markdown, text), wanted, "{text:?}");
        }
    }

    #[test]
    fn marks_decide() {
        let text = "<*\x1bM";
        let html = "&lt;*\x1bM";
        let markdown = "\\<\\*\x1bM";
        let cases = [
            (Surface::Text, Mark::Plain, text),
            (Surface::Html, Mark::Plain, html),
            (Surface::Html, Mark::Html, text),
            (Surface::Html, Mark::Markdown, html),
            (Surface::Html, Mark::Styled, html),
            (Surface::Markdown, Mark::Plain, markdown),
            (Surface::Markdown, Mark::Html, text),
            (Surface::Markdown, Mark::Markdown, text),
            (Surface::Markdown, Mark::Styled, markdown),
            (Surface::Terminal, Mark::Plain, "<*"),
            (Surface::Terminal, Mark::Html, "<*"),
            (Surface::Terminal, Mark::Styled, text),
        ];
        for (surface, mark, wanted) in cases {
            let mut out = String::new();
            escape(surface, mark, text, &mut out);
            assert_eq!(out, wanted, "{surface:?} {mark:?}");
        }
    }

    #[test]
    fn the_text_around_decides() {
        let text = "<*\x1bM";
        let cases = [
            (Mark::Plain, Mark::Plain, text),
            (Mark::Plain, Mark::Html, text),
            (Mark::Html, Mark::Plain, "&lt;*\x1bM"),
            (Mark::Html, Mark::Html, text),
            (Mark::Html, Mark::Styled, "&lt;*\x1bM"),
            (Mark::Markdown, Mark::Plain, "\\<\\*\x1bM"),
            (Mark::Markdown, Mark::Html, text),
            (Mark::Styled, Mark::Html, "<*"),
            (Mark::Styled, Mark::Styled, text),
        ];
        for (outer, inner, wanted) in cases {
            let mut out = String::from("x");
            escape_into(outer, inner, text, &mut out);
            assert_eq!(out, format!("x{wanted}"), "{inner:?} in {outer:?}");
        }
    }
}
