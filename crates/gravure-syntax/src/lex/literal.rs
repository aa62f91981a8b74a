//! Literals: text escapes and numbers.

use crate::ast::Lit;
use gravure_source::{Code, Diagnostic, Span};

/// Is the escape at the start of `rest` (a backslash and what follows, up to
/// the closing quote or further) a good one? Its length in bytes if so.
///
/// # Errors
///
/// What is wrong with it, and how many bytes to skip.
pub(crate) fn escape_len(rest: &str, at: u32) -> Result<usize, (Box<Diagnostic>, usize)> {
    let Some(kind) = rest.chars().nth(1) else {
        return Ok(1);
    };
    let n_digits = match kind {
        'n' | 'r' | 't' | '\\' | '\'' | '"' => return Ok(2),
        'u' => 4,
        'U' => 8,
        _ => {
            let len = 1 + kind.len_utf8();
            let finding = bad(at, len, "this escape does not exist")
                .help(r#"escapes are `\n`, `\r`, `\t`, `\\`, `\'`, `\"`, `\uXXXX` and `\UXXXXXXXX`; write `\\` for a backslash"#);
            return Err((Box::new(finding), len));
        }
    };
    let digits = rest
        .bytes()
        .skip(2)
        .take(n_digits)
        .take_while(u8::is_ascii_hexdigit)
        .count();
    let len = 2 + digits;
    if digits < n_digits {
        let finding = bad(
            at,
            len,
            format!("`\\{kind}` needs {n_digits} hexadecimal digits"),
        );
        return Err((Box::new(finding), len));
    }
    match code_point(rest.get(2..len).unwrap_or("")) {
        Some(_) => Ok(len),
        None => {
            let finding = bad(at, len, "there is no such character");
            Err((Box::new(finding), len))
        }
    }
}

fn bad(at: u32, len: usize, message: impl Into<String>) -> Diagnostic {
    let span = Span::new(at, at + len as u32);
    Diagnostic::new(Code::LexBadEscape, span, message).label("bad escape")
}

fn code_point(digits: &str) -> Option<char> {
    char::from_u32(u32::from_str_radix(digits, 16).ok()?)
}

/// The text of a string literal as it is written, quotes included. The lexer
/// has checked its escapes.
pub(crate) fn text(written: &str) -> Box<str> {
    let inner = written
        .get(1..written.len().saturating_sub(1))
        .unwrap_or("");
    if memchr::memchr(b'\\', inner.as_bytes()).is_none() {
        return inner.into();
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest.as_bytes()) {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(kind) = rest.chars().next() else {
            break;
        };
        let n_digits = match kind {
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let digits = rest.get(1..1 + n_digits).unwrap_or("");
        match kind {
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' | 'U' => out.extend(code_point(digits)),
            other => out.push(other),
        }
        rest = rest.get(kind.len_utf8() + digits.len()..).unwrap_or("");
    }
    out.push_str(rest);
    out.into()
}

/// The value of a number as it is written.
pub(crate) fn number(written: &str) -> Lit {
    if written.contains('.') {
        // Digits, a point, digits or nothing: always a float to Rust as well.
        return Lit::Float(written.parse().unwrap_or(f64::INFINITY));
    }
    let digits = written.trim_start_matches('0');
    if digits.is_empty() {
        return Lit::Int(0);
    }
    match digits.parse() {
        Ok(int) => Lit::Int(int),
        Err(_) => Lit::Big(digits.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(&*text(r#"'a\n\'\"\\\u00e4\U0001F600z'"#), "a\n'\"\\ä😀z");
        assert_eq!(&*text("''"), "");
    }

    #[test]
    fn numbers_of_any_length() {
        assert_eq!(number("007"), Lit::Int(7));
        assert_eq!(number("000"), Lit::Int(0));
        assert_eq!(number("1."), Lit::Float(1.0));
        assert_eq!(number("9223372036854775807"), Lit::Int(i64::MAX));
        assert_eq!(
            number("0009223372036854775808"),
            Lit::Big("9223372036854775808".into())
        );
    }
}
