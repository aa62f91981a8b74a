//! Filling a width and grouping digits.

use super::spec::{Align, Spec};

/// A number in the pieces that layout tells apart. All are ASCII but `rest`,
/// which may be one other character.
pub(super) struct Number<'a> {
    /// `-`, `+`, a blank or nothing.
    pub(super) sign: &'a str,
    /// `0x` and its like.
    pub(super) prefix: &'a str,
    /// The digits before the point; only these are grouped.
    pub(super) digits: &'a str,
    /// What follows them.
    pub(super) rest: &'a str,
}

/// `text` in its width; `len` is its length in code points.
pub(super) fn pad(text: &str, len: usize, width: usize, fill: char, align: Align) -> String {
    let n_fill = width.saturating_sub(len);
    let n_left = match align {
        Align::Left => 0,
        Align::Right | Align::AfterSign => n_fill,
        Align::Center => n_fill / 2,
    };
    let mut out = String::with_capacity(text.len() + n_fill * fill.len_utf8());
    out.extend(std::iter::repeat_n(fill, n_left));
    out.push_str(text);
    out.extend(std::iter::repeat_n(fill, n_fill - n_left));
    out
}

/// A number in its width, grouped by `group` digits if that is asked for.
pub(super) fn lay_out(spec: &Spec, number: &Number<'_>, group: usize) -> String {
    let (fill, align) = (spec.fill(), spec.number_align());
    let n_around = number.sign.len() + number.prefix.len() + number.rest.chars().count();
    let grouped;
    let digits = match spec.grouping {
        Some(separator) if !number.digits.is_empty() => {
            // Zeros that fill the width take part in the grouping.
            let n_min = match (fill, align) {
                ('0', Align::AfterSign) => spec.width.saturating_sub(n_around),
                _ => 0,
            };
            grouped = group_digits(number.digits, separator, group, n_min);
            &*grouped
        }
        _ => number.digits,
    };
    let body = [digits, number.rest].concat();
    let front = [number.sign, number.prefix].concat();
    let len = n_around + digits.len();
    if align == Align::AfterSign {
        let width = spec.width.saturating_sub(front.len());
        let body_len = len - front.len();
        return front + &pad(&body, body_len, width, fill, Align::Right);
    }
    pad(&(front + &body), len, spec.width, fill, align)
}

/// Digits with separators, led by zeros until there are `n_min` characters.
fn group_digits(digits: &str, separator: char, group: usize, n_min: usize) -> String {
    let group = group.max(1);
    let mut n = digits.len();
    while n + (n - 1) / group < n_min {
        n += 1;
    }
    let zeros = std::iter::repeat_n('0', n - digits.len());
    let mut out = String::with_capacity(n + n / group);
    for (at, digit) in zeros.chain(digits.chars()).enumerate() {
        if at > 0 && (n - at).is_multiple_of(group) {
            out.push(separator);
        }
        out.push(digit);
    }
    out
}
