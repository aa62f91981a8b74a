//! Text for a terminal without the sequences that would control it.
//!
//! Styles (`ESC [ 1;31 m`) stay, everything else that a terminal would obey
//! goes: other control sequences, titles and links, two-byte escapes, and the
//! same in their 8-bit form.

const ESC: char = '\u{1b}';

/// Write a text without control sequences other than styles.
pub fn clean_terminal(text: &str, out: &mut String) {
    let mut rest = text;
    loop {
        let Some(at) = rest.find(|c: char| matches!(c, ESC | '\u{80}'..='\u{9f}')) else {
            out.push_str(rest);
            return;
        };
        let (clean, tail) = rest.split_at(at);
        out.push_str(clean);
        let mut chars = tail.chars();
        let opener = chars.next();
        let body = chars.as_str();
        rest = match opener {
            Some(ESC) => after_escape(tail, body, out),
            Some('\u{9b}') => sequence_len(body).map_or(body, |len| &body[len..]),
            Some('\u{9d}') => after_title(body),
            _ => body,
        };
    }
}

/// What follows after the sequence at an escape character is dealt with.
fn after_escape<'a>(tail: &'a str, body: &'a str, out: &mut String) -> &'a str {
    if let Some(params) = body.strip_prefix('[')
        && let Some(len) = sequence_len(params)
    {
        let (sequence, after) = params.split_at(len);
        let style = sequence.strip_suffix('m');
        if style.is_some_and(|style| style.bytes().all(|b| b.is_ascii_digit() || b == b';')) {
            out.push_str(&tail[..2 + len]);
        }
        return after;
    }
    if let Some(title) = body.strip_prefix(']') {
        return after_title(title);
    }
    if let Some(after) = body.strip_prefix(|c: char| matches!(c, '@'..='_')) {
        return after;
    }
    let last = body.trim_start_matches(|c: char| matches!(c, ' '..='/'));
    last.strip_prefix(|c: char| matches!(c, '0'..='~'))
        .unwrap_or(body)
}

/// The length of a control sequence after its opener, if it is whole.
fn sequence_len(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let params = bytes
        .iter()
        .take_while(|b| matches!(b, 0x30..=0x3f))
        .count();
    let between = bytes[params..]
        .iter()
        .take_while(|b| matches!(b, 0x20..=0x2f))
        .count();
    let last = params + between;
    matches!(bytes.get(last), Some(0x40..=0x7e)).then_some(last + 1)
}

/// What follows a title: it ends with a bell, or before the next sequence.
fn after_title(body: &str) -> &str {
    match body.find(['\u{7}', ESC]) {
        None => "",
        Some(at) => {
            let end = &body[at..];
            end.strip_prefix('\u{7}')
                .or_else(|| end.strip_prefix("\u{1b}\\"))
                .unwrap_or(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_styles_stay() {
        let cases = [
            ("plain <b>", "plain <b>"),
            (
                "a\x1b[31mb\x1b[1;4mc\x1b[0m\x1b[md",
                "a\x1b[31mb\x1b[1;4mc\x1b[0m\x1b[md",
            ),
            ("a\x1b[2J\x1b[Hb", "ab"),
            ("a\x1b[?25lb", "ab"),
            ("a\x1b]0;title\x07b", "ab"),
            ("a\x1b]8;;http://x\x1b\\b", "ab"),
            ("a\x1b]0;x\x1b[1mb", "a\x1b[1mb"),
            ("a\x1b]0;never closed b", "a"),
            ("a\x1bMb\x1bDc\x1bPd", "abcd"),
            ("a\x1b7b\x1b8c\x1bcd\x1b=e\x1b(Bf", "abcdef"),
            ("a\x1b[31", "a31"),
            ("a\x1b", "a"),
            ("a\x1b(", "a("),
            ("a\x1b日", "a日"),
            ("a\x1b[38:5:1mb", "ab"),
            ("a\x1b[>4;1mb", "ab"),
            ("a\x1b[1 qb", "ab"),
            ("a\u{9b}31mb", "ab"),
            ("a\u{9d}0;t\x07b\u{85}c", "abc"),
            ("a\x07b\x08c\rd\0e", "a\x07b\x08c\rd\0e"),
            ("日\x1b[31m本\x1b[0m", "日\x1b[31m本\x1b[0m"),
            ("\x1b[31\x1b[2Jm", "31m"),
        ];
        for (text, wanted) in cases {
            let mut out = String::new();
            clean_terminal(text, &mut out);
            assert_eq!(out, wanted, "{text:?}");
        }
    }
}
