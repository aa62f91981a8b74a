//! Bytes of a file to the text of a template.

/// Where bytes stop being UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadByte {
    /// How many good bytes come before.
    pub(crate) offset: usize,
    /// The line it stands on, from 1.
    pub(crate) line: u32,
}

/// Decode, drop a leading byte-order mark, make every line end `\n`.
///
/// Line numbers and columns of a template refer to the result.
pub(crate) fn decode(bytes: Vec<u8>) -> Result<String, BadByte> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let good = error.as_bytes().get(..offset).unwrap_or_default();
        BadByte {
            offset,
            line: count_lines(good),
        }
    })?;
    let body = text.strip_prefix('\u{feff}').unwrap_or(&text);
    if !body.contains('\r') {
        return Ok(if body.len() == text.len() {
            text
        } else {
            body.to_owned()
        });
    }
    let mut out = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((line, behind)) = rest.split_once('\r') {
        out.push_str(line);
        out.push('\n');
        rest = behind.strip_prefix('\n').unwrap_or(behind);
    }
    out.push_str(rest);
    Ok(out)
}

/// The line of the byte behind `good`, with `\r\n`, `\r` and `\n` as ends.
fn count_lines(good: &[u8]) -> u32 {
    let mut line = 1u32;
    let mut previous = 0;
    for &byte in good {
        if byte == b'\r' || (byte == b'\n' && previous != b'\r') {
            line = line.saturating_add(1);
        }
        previous = byte;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(bytes: &[u8], expected: &str) {
        assert_eq!(decode(bytes.to_vec()).as_deref(), Ok(expected));
    }

    #[test]
    fn every_line_end_becomes_one_line_feed() {
        check(b"a\r\nb\rc\nd", "a\nb\nc\nd");
        check(b"\r\r\n\n\r", "\n\n\n\n");
        check(b"", "");
        check("ä\r\nö".as_bytes(), "ä\nö");
    }

    #[test]
    fn one_byte_order_mark_is_dropped() {
        check("\u{feff}a".as_bytes(), "a");
        check("\u{feff}\u{feff}a\r".as_bytes(), "\u{feff}a\n");
        check("a\u{feff}".as_bytes(), "a\u{feff}");
    }

    #[test]
    fn a_bad_byte_is_told_by_offset_and_line() {
        assert_eq!(
            decode(b"ab\r\nc\rd\xff".to_vec()),
            Err(BadByte { offset: 7, line: 3 })
        );
        assert_eq!(
            decode(b"\xc3".to_vec()),
            Err(BadByte { offset: 0, line: 1 })
        );
    }
}
