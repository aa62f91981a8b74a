//! Numbers as text: how they print, and what reads as one.

use super::{digit_value, is_space};
use num_bigint::BigInt;

/// Longer texts are not read as integers: reading takes quadratic time.
pub(crate) const MAX_DIGITS: usize = 4300;

const PAIRS: &[u8; 200] = b"0001020304050607080910111213141516171819\
    2021222324252627282930313233343536373839\
    4041424344454647484950515253545556575859\
    6061626364656667686970717273747576777879\
    8081828384858687888990919293949596979899";

/// Write an integer.
pub fn int_text(int: i64, out: &mut String) {
    let mut rest = int.unsigned_abs();
    if int < 0 {
        out.push('-');
    }
    if rest < 10 {
        out.push(char::from(b'0' + rest as u8));
        return;
    }
    let mut buffer = [0; 20];
    let mut at = buffer.len();
    while rest >= 10 {
        let pair = (rest % 100) as usize * 2;
        rest /= 100;
        at -= 2;
        buffer[at] = PAIRS[pair];
        buffer[at + 1] = PAIRS[pair + 1];
    }
    if rest > 0 {
        at -= 1;
        buffer[at] = b'0' + rest as u8;
    } else if buffer[at] == b'0' {
        at += 1;
    }
    out.push_str(std::str::from_utf8(&buffer[at..]).unwrap_or_default());
}

/// Write a float: the shortest digits that read back to it, positional from
/// 1e-4 to below 1e16, else scientific.
pub fn float_text(float: f64, out: &mut String) {
    if !float.is_finite() {
        let text = match (float.is_nan(), float > 0.0) {
            (true, _) => "nan",
            (_, true) => "inf",
            _ => "-inf",
        };
        out.push_str(text);
        return;
    }
    if float == 0.0 {
        out.push_str(if float.is_sign_negative() {
            "-0.0"
        } else {
            "0.0"
        });
        return;
    }
    if float < 0.0 {
        out.push('-');
    }
    let (digits, exponent) = Digits::shortest(float.abs());
    let text = digits.text();
    if !(-4..16).contains(&exponent) {
        push_scientific(text, exponent, out);
        return;
    }
    match usize::try_from(exponent) {
        Err(_) => {
            out.push_str("0.");
            zeros((-exponent) as usize - 1, out);
            out.push_str(text);
        }
        Ok(exponent) if exponent + 1 >= text.len() => {
            out.push_str(text);
            zeros(exponent + 1 - text.len(), out);
            out.push_str(".0");
        }
        Ok(exponent) => {
            let (whole, part) = text.split_at(exponent + 1);
            out.push_str(whole);
            out.push('.');
            out.push_str(part);
        }
    }
}

/// The shortest digits of a finite positive float, and its decimal exponent:
/// `d.ddd × 10^exponent`.
pub(crate) fn shortest_digits(float: f64) -> (String, i32) {
    let (digits, exponent) = Digits::shortest(float);
    (digits.text().to_owned(), exponent)
}

/// Write `d.ddde+NN`.
pub(crate) fn push_scientific(digits: &str, exponent: i32, out: &mut String) {
    let (first, rest) = digits.split_at(digits.len().min(1));
    out.push_str(first);
    if !rest.is_empty() {
        out.push('.');
        out.push_str(rest);
    }
    push_exponent(exponent, out);
}

/// Write `e+NN`.
pub(crate) fn push_exponent(exponent: i32, out: &mut String) {
    out.push_str(if exponent < 0 { "e-" } else { "e+" });
    if exponent.abs() < 10 {
        out.push('0');
    }
    int_text(i64::from(exponent.abs()), out);
}

/// Write `n` zeros.
pub(crate) fn zeros(n: usize, out: &mut String) {
    out.extend(std::iter::repeat_n('0', n));
}

/// At most 17 significant digits.
struct Digits {
    buffer: [u8; 32],
    len: usize,
}

impl Digits {
    /// The shortest digits of a finite positive float that read back to it,
    /// and its decimal exponent. Of two that are equally near, the even one.
    fn shortest(float: f64) -> (Self, i32) {
        let mut buffer = zmij::Buffer::new();
        decompose(buffer.format_finite(float).as_bytes())
    }

    fn text(&self) -> &str {
        let zeros = self.buffer[..self.len]
            .iter()
            .rev()
            .take_while(|&&byte| byte == b'0')
            .count();
        let len = (self.len - zeros).max(1);
        std::str::from_utf8(&self.buffer[..len]).unwrap_or("0")
    }
}

/// Take a number like `12.5`, `0.001`, `1e22` or `1.5e-7` apart.
fn decompose(shown: &[u8]) -> (Digits, i32) {
    let mut digits = Digits {
        buffer: [0; 32],
        len: 0,
    };
    let mut exponent = 0_i32;
    let mut has_point = false;
    for (at, &byte) in shown.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                if digits.len == 0 && byte == b'0' {
                    exponent -= i32::from(has_point);
                    continue;
                }
                exponent += i32::from(!has_point);
                if let Some(slot) = digits.buffer.get_mut(digits.len) {
                    *slot = byte;
                    digits.len += 1;
                }
            }
            b'.' => has_point = true,
            b'e' | b'E' => {
                let tail = std::str::from_utf8(&shown[at + 1..]).unwrap_or("0");
                exponent += tail.trim_start_matches('+').parse::<i32>().unwrap_or(0);
                break;
            }
            _ => {}
        }
    }
    (digits, exponent - 1)
}

/// Read an integer: white space around, a sign, digits of any script with
/// single `_` between them. Not more than 4300 digits.
pub fn parse_int(text: &str) -> Option<BigInt> {
    let text = text.trim_matches(is_space);
    if text.len() < 19
        && let Ok(small) = text.parse::<i64>()
    {
        return Some(small.into());
    }
    let (sign, body) = split_sign(text);
    let mut digits = String::new();
    let rest = take_digits(body, &mut digits)?;
    if !rest.is_empty() || digits.len() > MAX_DIGITS {
        return None;
    }
    let int: BigInt = digits.parse().ok()?;
    Some(if sign == Some('-') { -int } else { int })
}

/// Read a float: as an integer, and with a point, an exponent, `inf`,
/// `infinity`, `nan` in any case.
pub fn parse_float(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_space);
    let (sign, body) = split_sign(text);
    let sign = if sign == Some('-') { -1.0 } else { 1.0 };
    let is_word = |word: &str| body.eq_ignore_ascii_case(word);
    if is_word("inf") || is_word("infinity") {
        return Some(sign * f64::INFINITY);
    }
    if is_word("nan") {
        return Some(f64::NAN);
    }
    let mut plain = String::with_capacity(body.len());
    let mut rest = body;
    let mut has_digits = false;
    if let Some(after) = take_digits(rest, &mut plain) {
        has_digits = true;
        rest = after;
    }
    if let Some(after) = rest.strip_prefix('.') {
        plain.push('.');
        rest = after;
        if let Some(after) = take_digits(rest, &mut plain) {
            has_digits = true;
            rest = after;
        }
    }
    if !has_digits {
        return None;
    }
    if let Some(after) = rest.strip_prefix(['e', 'E']) {
        plain.push('e');
        let (exponent_sign, digits) = split_sign(after);
        plain.extend(exponent_sign);
        rest = take_digits(digits, &mut plain)?;
    }
    if !rest.is_empty() {
        return None;
    }
    plain.parse::<f64>().ok().map(|float| sign * float)
}

fn split_sign(text: &str) -> (Option<char>, &str) {
    match text.chars().next() {
        Some(sign @ ('+' | '-')) => (Some(sign), &text[1..]),
        _ => (None, text),
    }
}

/// Take digits with single `_` between them; what follows, or `None` if there
/// is no digit. A `_` that stands elsewhere is left.
fn take_digits<'a>(text: &'a str, out: &mut String) -> Option<&'a str> {
    let mut end = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if let Some(digit) = digit_value(c) {
            out.push(char::from(b'0' + digit));
            end = at + c.len_utf8();
            continue;
        }
        let is_between = c == '_'
            && end > 0
            && chars
                .peek()
                .is_some_and(|&(_, next)| digit_value(next).is_some());
        if !is_between {
            break;
        }
    }
    (end > 0).then(|| &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(float: f64) -> String {
        let mut out = String::new();
        float_text(float, &mut out);
        out
    }

    #[test]
    fn floats_print_their_shortest_digits() {
        let cases = [
            (1.0, "1.0"),
            (100.0, "100.0"),
            (1.10, "1.1"),
            (123456.789, "123456.789"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e15, "1000000000000000.0"),
            (9999999999999998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (123456789012345680.0, "1.2345678901234568e+17"),
            (1e22, "1e+22"),
            (f64::MAX, "1.7976931348623157e+308"),
            (0.001, "0.001"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (0.00012345, "0.00012345"),
            (0.000012345, "1.2345e-05"),
            (5e-324, "5e-324"),
            (1e-10, "1e-10"),
            (1e100, "1e+100"),
            (-3.5, "-3.5"),
            (-0.0, "-0.0"),
            (0.0, "0.0"),
            (f64::INFINITY, "inf"),
            (f64::NEG_INFINITY, "-inf"),
            (f64::NAN, "nan"),
            (1234567890123456.7, "1234567890123456.8"),
            (6029634259666537.0 / 4.0, "1507408564916634.2"),
            (6029634259666539.0 / 4.0, "1507408564916634.8"),
        ];
        for (float, wanted) in cases {
            assert_eq!(show(float), wanted);
        }
    }

    #[test]
    fn digits_are_those_of_the_standard_library() {
        let mut bits = 0x1234_5678_9abc_def0_u64;
        for _ in 0..20_000 {
            bits = bits.wrapping_mul(0x5851_f42d_4c95_7f2d).wrapping_add(1);
            let float = f64::from_bits(bits);
            if !float.is_finite() {
                continue;
            }
            let shown = show(float);
            assert_eq!(shown.parse::<f64>(), Ok(float), "{shown}");
            let (digits, exponent) = shortest_digits(float.abs());
            let std = format!("{:e}", float.abs());
            let (mantissa, power) = std.split_once('e').unwrap();
            // Of two equally near texts the standard library may take the odd.
            assert_eq!(mantissa.replace('.', "").len(), digits.len(), "{std}");
            assert_eq!(power.parse(), Ok(exponent), "{std}");
        }
    }

    #[test]
    fn integers_print_all_digits() {
        let mut near = vec![i64::MIN, i64::MIN + 1, i64::MAX, 0];
        for power in 0..19 {
            let ten = 10_i64.pow(power);
            near.extend([ten - 1, ten, ten + 1, -ten, 1 - ten]);
        }
        for int in near {
            let mut out = String::new();
            int_text(int, &mut out);
            assert_eq!(out, int.to_string());
        }
    }

    #[test]
    fn texts_read_as_integers() {
        let long = "9".repeat(4300);
        let longer = "9".repeat(4301);
        let cases = [
            ("12", Some("12")),
            (" +7 ", Some("7")),
            ("-7", Some("-7")),
            ("1_000", Some("1000")),
            ("1__0", None),
            ("_1", None),
            ("1_", None),
            ("", None),
            ("+", None),
            ("- 1", None),
            ("1.0", None),
            ("0x10", None),
            ("٣٤", Some("34")),
            ("007", Some("7")),
            ("\u{1f}5\u{3000}", Some("5")),
            ("98765432109876543210", Some("98765432109876543210")),
            ("-9223372036854775808", Some("-9223372036854775808")),
            (&long, Some(&*long)),
            (&longer, None),
        ];
        for (text, wanted) in cases {
            let int = parse_int(text).map(|int| int.to_string());
            assert_eq!(int.as_deref(), wanted, "{text}");
        }
    }

    #[test]
    fn texts_read_as_floats() {
        let cases = [
            ("1.5", Some("1.5")),
            (".5", Some("0.5")),
            ("1.", Some("1.0")),
            (".", None),
            ("1e3", Some("1000.0")),
            ("1E-2", Some("0.01")),
            ("1e", None),
            ("e5", None),
            (" -2 ", Some("-2.0")),
            ("1_0.5_0", Some("10.5")),
            ("1_.5", None),
            ("1._5", None),
            ("inf", Some("inf")),
            ("-Infinity", Some("-inf")),
            ("+NaN", Some("nan")),
            ("infinit", None),
            ("1e400", Some("inf")),
            ("٣.٥", Some("3.5")),
            ("1.5x", None),
            ("-0", Some("-0.0")),
        ];
        for (text, wanted) in cases {
            assert_eq!(parse_float(text).map(show).as_deref(), wanted, "{text}");
        }
    }
}
