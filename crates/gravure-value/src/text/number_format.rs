//! Floats with a chosen number of digits, for `%` formatting, `format` and
//! the filters that round.
//!
//! Digits are those of the exact binary value, ties to even. Signs, widths and
//! grouping are the callers'.

use super::number::{push_exponent, shortest_digits, zeros};

/// Beyond this many digits every double has only zeros.
const MAX_PRECISION: usize = 1100;

/// How a float is laid out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// `f`: digits after the point.
    Fixed,
    /// `e`: one digit before the point, digits after it, an exponent.
    Exponent,
    /// `g`: significant digits, whichever of both is shorter, no trailing
    /// zeros.
    General,
    /// Like [`Style::General`], but with a digit after the point.
    Plain,
}

/// The text of a float without its sign, in lower case: `inf` and `nan` too.
/// With `alternate` the point and the zeros of `g` stay.
pub fn float_digits(float: f64, style: Style, precision: usize, alternate: bool) -> String {
    let float = float.abs();
    if float.is_nan() {
        return "nan".into();
    }
    if float.is_infinite() {
        return "inf".into();
    }
    match style {
        Style::Fixed => fixed(float, precision, alternate),
        Style::Exponent => exponent(float, precision, alternate),
        Style::General | Style::Plain => general(float, precision.max(1), style, alternate),
    }
}

/// The shortest text of a float without its sign, as printing shows it.
pub fn shortest(float: f64) -> String {
    let mut out = String::new();
    super::float_text(float.abs(), &mut out);
    out
}

fn fixed(float: f64, precision: usize, alternate: bool) -> String {
    let shown = precision.min(MAX_PRECISION);
    let mut out = format!("{float:.shown$}");
    zeros(precision - shown, &mut out);
    if alternate && precision == 0 {
        out.push('.');
    }
    out
}

fn exponent(float: f64, precision: usize, alternate: bool) -> String {
    let (digits, power) = round(float, precision + 1);
    lay_out_exponent(&digits, power, alternate)
}

fn lay_out_exponent(digits: &str, power: i32, alternate: bool) -> String {
    let (first, rest) = digits.split_at(digits.len().min(1));
    let mut out = first.to_owned();
    if !rest.is_empty() || alternate {
        out.push('.');
    }
    out.push_str(rest);
    push_exponent(power, &mut out);
    out
}

fn general(float: f64, precision: usize, style: Style, alternate: bool) -> String {
    let (mut digits, power) = round(float, precision);
    if !alternate {
        digits.truncate(digits.trim_end_matches('0').len().max(1));
    }
    // `Plain` needs room for its digit after the point.
    let top = match style {
        Style::Plain => precision as i64 - 1,
        _ => precision as i64,
    };
    if power < -4 || i64::from(power) >= top {
        return lay_out_exponent(&digits, power, alternate);
    }
    let mut out = String::new();
    match usize::try_from(power) {
        Err(_) => {
            out.push_str("0.");
            zeros(power.unsigned_abs() as usize - 1, &mut out);
            out.push_str(&digits);
        }
        Ok(power) => {
            let n_whole = power + 1;
            zeros(n_whole.saturating_sub(digits.len()), &mut digits);
            let (whole, part) = digits.split_at(n_whole);
            out.push_str(whole);
            if !part.is_empty() || alternate || style == Style::Plain {
                out.push('.');
            }
            out.push_str(part);
            if part.is_empty() && style == Style::Plain {
                out.push('0');
            }
        }
    }
    out
}

/// The first `n` significant digits, rounded, and the decimal exponent.
fn round(float: f64, n: usize) -> (String, i32) {
    let shown = n.clamp(1, MAX_PRECISION) - 1;
    let text = format!("{float:.shown$e}");
    let (mantissa, power) = text.split_once('e').unwrap_or((&text, "0"));
    let mut digits = mantissa.replace('.', "");
    zeros(n.saturating_sub(digits.len()), &mut digits);
    (digits, power.parse().unwrap_or(0))
}

/// The shortest significant digits of a positive float and its exponent.
pub fn significant(float: f64) -> (String, i32) {
    if float == 0.0 || !float.is_finite() {
        return ("0".into(), 0);
    }
    shortest_digits(float.abs())
}

#[cfg(test)]
mod tests {
    use super::{Style::*, *};

    #[test]
    fn digits_of_each_style() {
        let cases = [
            (1.5, Fixed, 6, false, "1.500000"),
            (2.25, Fixed, 1, false, "2.2"),
            (2.675, Fixed, 2, false, "2.67"),
            (2.5, Fixed, 0, false, "2"),
            (3.5, Fixed, 0, false, "4"),
            (2.5, Fixed, 0, true, "2."),
            (0.0, Fixed, 2, false, "0.00"),
            (-1.25, Fixed, 2, false, "1.25"),
            (1e22, Fixed, 0, false, "10000000000000000000000"),
            (12345.678, Exponent, 6, false, "1.234568e+04"),
            (0.00012, Exponent, 2, false, "1.20e-04"),
            (0.0, Exponent, 2, false, "0.00e+00"),
            (5.0, Exponent, 0, false, "5e+00"),
            (5.0, Exponent, 0, true, "5.e+00"),
            (9.99, Exponent, 1, false, "1.0e+01"),
            (1e300, Exponent, 1, false, "1.0e+300"),
            (0.00001, General, 6, false, "1e-05"),
            (0.0001, General, 6, false, "0.0001"),
            (1234567.0, General, 6, false, "1.23457e+06"),
            (100000.0, General, 6, false, "100000"),
            (100000.0, General, 6, true, "100000."),
            (1.5, General, 6, true, "1.50000"),
            (0.0, General, 6, false, "0"),
            (0.0, General, 3, true, "0.00"),
            (1e6, General, 6, true, "1.00000e+06"),
            (999999.5, General, 6, false, "1e+06"),
            (5.0, General, 0, false, "5"),
            (1.5, Plain, 5, false, "1.5"),
            (3.0, Plain, 5, false, "3.0"),
            (100.0, Plain, 3, false, "1e+02"),
            (f64::INFINITY, Fixed, 2, false, "inf"),
            (f64::NAN, General, 2, false, "nan"),
        ];
        for (float, style, precision, alternate, wanted) in cases {
            let shown = float_digits(float, style, precision, alternate);
            assert_eq!(shown, wanted, "{float} {style:?} {precision} {alternate}");
        }
    }

    #[test]
    fn any_precision_is_possible() {
        let long = float_digits(0.1, Fixed, 70_000, false);
        assert_eq!(long.len(), 70_002);
        assert!(long.starts_with("0.1000000000000000055511151231257827"));
        let long = float_digits(0.1, Exponent, 70_000, false);
        assert_eq!(long.len(), 70_002 + 4);
        assert_eq!(float_digits(0.5, General, 70_000, true).len(), 70_002);
    }
}
