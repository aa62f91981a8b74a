//! A format spec: `[[fill]align][sign][z][#][0][width][, or _][.precision][type]`.

use gravure_value::Fault;

/// Where a value stands in its width.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Align {
    Left,
    Right,
    Center,
    /// Fill goes between the sign and the digits.
    AfterSign,
}

/// A parsed spec. What a field means depends on the kind of the value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Spec {
    /// Is nothing asked for at all?
    pub(super) is_empty: bool,
    pub(super) fill: Option<char>,
    pub(super) align: Option<Align>,
    pub(super) sign: Option<char>,
    /// `z`: a result of minus zero loses its sign.
    pub(super) no_minus_zero: bool,
    /// `#`.
    pub(super) alternate: bool,
    /// `0` before the width, without a fill of its own.
    pub(super) zero: bool,
    pub(super) width: usize,
    pub(super) grouping: Option<char>,
    pub(super) precision: Option<usize>,
    pub(super) kind: Option<char>,
}

impl Spec {
    /// The character that fills the width.
    pub(super) fn fill(&self) -> char {
        self.fill.unwrap_or(if self.zero { '0' } else { ' ' })
    }

    /// The alignment of a number.
    pub(super) fn number_align(&self) -> Align {
        self.align.unwrap_or(if self.zero {
            Align::AfterSign
        } else {
            Align::Right
        })
    }
}

/// Read a spec. Widths and precisions beyond `limit` are refused.
///
/// # Errors
/// `K-RUN-007` for leftover or misplaced characters, `K-RUN-019` for a width
/// or precision beyond the limit.
pub(super) fn parse(text: &str, limit: u64) -> Result<Spec, Fault> {
    let mut rest = Rest { text };
    let (fill, align) = rest.fill_and_align();
    let sign = rest.take(&['+', '-', ' ']);
    let no_minus_zero = rest.take(&['z']).is_some();
    let alternate = rest.take(&['#']).is_some();
    let zero = fill.is_none() && rest.take(&['0']).is_some();
    let width = rest.number(limit)?.unwrap_or(0);
    let grouping = rest.take(&[',', '_']);
    if grouping.is_some() && rest.take(&[',', '_']).is_some() {
        return Err(bad(text, "one grouping character is enough"));
    }
    let precision = match rest.take(&['.']) {
        None => None,
        Some(_) => match rest.number(limit)? {
            None => return Err(bad(text, "the precision is missing")),
            found => found,
        },
    };
    let mut left = rest.text.chars();
    let kind = left.next();
    if left.next().is_some() {
        return Err(bad(text, "characters are left over"));
    }
    Ok(Spec {
        is_empty: text.is_empty(),
        fill,
        align,
        sign,
        no_minus_zero,
        alternate,
        zero,
        width,
        grouping,
        precision,
        kind,
    })
}

fn bad(spec: &str, why: &str) -> Fault {
    let shown: String = spec.chars().take(40).collect();
    Fault::value(format!("bad format spec `{shown}`: {why}"))
}

/// What has not been read yet.
struct Rest<'a> {
    text: &'a str,
}

impl Rest<'_> {
    fn take(&mut self, wanted: &[char]) -> Option<char> {
        let mut chars = self.text.chars();
        let c = chars.next().filter(|c| wanted.contains(c))?;
        self.text = chars.as_str();
        Some(c)
    }

    fn fill_and_align(&mut self) -> (Option<char>, Option<Align>) {
        let mut chars = self.text.chars();
        let (first, second) = (chars.next(), chars.next());
        if let Some(align) = second.and_then(align_of) {
            self.text = chars.as_str();
            return (first, Some(align));
        }
        match first.and_then(align_of) {
            Some(align) => {
                self.take(&['<', '>', '^', '=']);
                (None, Some(align))
            }
            None => (None, None),
        }
    }

    fn number(&mut self, limit: u64) -> Result<Option<usize>, Fault> {
        let n_digits = self.text.bytes().take_while(u8::is_ascii_digit).count();
        if n_digits == 0 {
            return Ok(None);
        }
        let (digits, rest) = self.text.split_at(n_digits);
        self.text = rest;
        let number = digits.bytes().fold(0_u64, |sum, digit| {
            sum.saturating_mul(10)
                .saturating_add(u64::from(digit - b'0'))
        });
        if number > limit {
            return Err(Fault::budget("format width", limit));
        }
        usize::try_from(number)
            .map(Some)
            .map_err(|_| Fault::budget("format width", limit))
    }
}

fn align_of(c: char) -> Option<Align> {
    match c {
        '<' => Some(Align::Left),
        '>' => Some(Align::Right),
        '^' => Some(Align::Center),
        '=' => Some(Align::AfterSign),
        _ => None,
    }
}
