//! The nested form of a text: in quotes, with escapes.

use super::is_printable;
use std::fmt::Write;

/// Write a text in quotes. With `ascii`, everything beyond ASCII is escaped.
pub fn quote(text: &str, ascii: bool, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    let mut done = 0;
    for (at, c) in text.char_indices() {
        let is_clean = match c {
            '\\' | '\'' | '"' => c != '\\' && c != quote,
            ' '..='~' => true,
            _ => !ascii && is_printable(c),
        };
        if is_clean {
            continue;
        }
        out.push_str(&text[done..at]);
        done = at + c.len_utf8();
        push_escape(c, out);
    }
    out.push_str(&text[done..]);
    out.push(quote);
}

fn push_escape(c: char, out: &mut String) {
    let code = c as u32;
    // Writing to a `String` cannot fail.
    let _ = match c {
        '\\' | '\'' | '"' => {
            out.push('\\');
            out.push(c);
            Ok(())
        }
        '\n' => out.write_str("\\n"),
        '\r' => out.write_str("\\r"),
        '\t' => out.write_str("\\t"),
        '\0'..='\u{ff}' => write!(out, "\\x{code:02x}"),
        '\u{100}'..='\u{ffff}' => write!(out, "\\u{code:04x}"),
        _ => write!(out, "\\U{code:08x}"),
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_in_quotes() {
        let cases = [
            ("", "''", "''"),
            ("a", "'a'", "'a'"),
            ("it's", r#""it's""#, r#""it's""#),
            ("say \"hi\"", r#"'say "hi"'"#, r#"'say "hi"'"#),
            ("both ' and \"", r#"'both \' and "'"#, r#"'both \' and "'"#),
            ("a\nb\tc\rd\\", r"'a\nb\tc\rd\\'", r"'a\nb\tc\rd\\'"),
            (
                "\x01\x7f\u{a0}\u{ad}",
                r"'\x01\x7f\xa0\xad'",
                r"'\x01\x7f\xa0\xad'",
            ),
            ("\u{200b}\u{feff}", r"'\u200b\ufeff'", r"'\u200b\ufeff'"),
            ("\u{e0001}", r"'\U000e0001'", r"'\U000e0001'"),
            ("é日😀", "'é日😀'", r"'\xe9\u65e5\U0001f600'"),
            ("e\u{301}x", "'e\u{301}x'", r"'e\u0301x'"),
        ];
        for (text, plain, ascii) in cases {
            let show = |ascii| {
                let mut out = String::new();
                quote(text, ascii, &mut out);
                out
            };
            assert_eq!(show(false), plain);
            assert_eq!(show(true), ascii);
        }
    }
}
