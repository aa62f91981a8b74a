//! Where lines end.

/// Does a line end here? `\r\n` is one end.
#[inline]
pub fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n'..='\r' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The lines of a text, with or without their ends. No empty last line.
pub fn split_lines(text: &str, keep_ends: bool) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let (line, end) = match rest.find(is_line_end) {
            None => (rest.len(), rest.len()),
            Some(at) => {
                let tail = &rest[at..];
                let width = match tail.strip_prefix("\r\n") {
                    Some(_) => 2,
                    None => tail.chars().next().map_or(0, char::len_utf8),
                };
                (at, at + width)
            }
        };
        let (taken, left) = rest.split_at(end);
        rest = left;
        Some(if keep_ends { taken } else { &taken[..line] })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_all_ends() {
        let cases: [(&str, &[&str], &[&str]); 6] = [
            ("", &[], &[]),
            ("a", &["a"], &["a"]),
            ("a\n", &["a"], &["a\n"]),
            ("a\r\nb\rc", &["a", "b", "c"], &["a\r\n", "b\r", "c"]),
            ("\n\n", &["", ""], &["\n", "\n"]),
            (
                "a\u{b}b\u{c}c\u{1c}d\u{1d}e\u{1e}f\u{85}g\u{2028}h\u{2029}i\u{1f}",
                &["a", "b", "c", "d", "e", "f", "g", "h", "i\u{1f}"],
                &[
                    "a\u{b}",
                    "b\u{c}",
                    "c\u{1c}",
                    "d\u{1d}",
                    "e\u{1e}",
                    "f\u{85}",
                    "g\u{2028}",
                    "h\u{2029}",
                    "i\u{1f}",
                ],
            ),
        ];
        for (text, plain, kept) in cases {
            assert_eq!(
                split_lines(text, false).collect::<Vec<_>>(),
                plain,
                "{text:?}"
            );
            assert_eq!(
                split_lines(text, true).collect::<Vec<_>>(),
                kept,
                "{text:?}"
            );
        }
    }
}
