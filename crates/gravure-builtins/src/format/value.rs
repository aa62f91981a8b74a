//! One value by a spec: what each kind allows.

use super::{
    pad::{Number, lay_out, pad},
    spec::{Align, Spec, parse},
};
use gravure_value::{
    BigInt, Call, Fault, Heap, Kind, Value, View, ops,
    text::number_format::{Style, float_digits, shortest},
};

/// Integers of more bits have no decimal text.
const MAX_DECIMAL_BITS: u64 = 14_284;

/// A value by a spec, as a field of a template shows it.
///
/// # Errors
/// `K-RUN-007` for a spec that does not fit the value, `K-RUN-012` for a kind
/// that takes none, `K-RUN-019` for a width beyond the limit.
pub fn format_value<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    spec: &str,
) -> Result<String, Fault> {
    let heap = call.heap();
    if spec.is_empty() {
        let mut out = String::new();
        ops::print(heap, value, &mut out)?;
        return Ok(out);
    }
    let takes_spec = matches!(
        heap.kind(value),
        Kind::Str | Kind::Bool | Kind::Int | Kind::Float
    );
    if !takes_spec {
        return Err(no_spec(heap, value));
    }
    let spec = parse(spec, heap.limits.format_width)?;
    if let Some(text) = heap.text(value) {
        return format_text(heap, text, &spec);
    }
    let asked = (spec.width as u64).saturating_add(spec.precision.unwrap_or(0) as u64);
    heap.charge(1 + heap.size_hint(value) + asked / 8)?;
    heap.check_text(asked.saturating_mul(spec.fill().len_utf8() as u64))?;
    match heap.view(value) {
        View::Bool(it) => format_int(heap, value, &BigInt::from(i32::from(it)), &spec),
        View::Int(it) => format_int(heap, value, &BigInt::from(it), &spec),
        View::Big(it) => format_int(heap, value, &it, &spec),
        View::Float(it) => format_float(heap, it, &spec),
        _ => Err(no_spec(heap, value)),
    }
}

fn no_spec<'c>(heap: &Heap<'c>, value: Value<'c>) -> Fault {
    Fault::kind(format!("{} takes no format spec", heap.kind_name(value)))
}

/// A text by a spec; text alone has no sign, grouping or digits.
///
/// # Errors
/// As [`format_value`].
pub(super) fn format_str(heap: &Heap<'_>, text: &str, spec: &str) -> Result<String, Fault> {
    let spec = parse(spec, heap.limits.format_width)?;
    format_text(heap, text, &spec)
}

fn format_text(heap: &Heap<'_>, text: &str, spec: &Spec) -> Result<String, Fault> {
    let misplaced = match spec {
        _ if !matches!(spec.kind, None | Some('s')) => "this type",
        Spec { sign: Some(_), .. } => "a sign",
        Spec {
            no_minus_zero: true,
            ..
        } => "`z`",
        Spec {
            alternate: true, ..
        } => "`#`",
        Spec {
            grouping: Some(_), ..
        } => "grouping",
        Spec {
            align: Some(Align::AfterSign),
            ..
        } => "`=`",
        _ => "",
    };
    if !misplaced.is_empty() {
        return Err(Fault::value(format!("{misplaced} cannot format a str")));
    }
    let extra = spec.width.saturating_mul(spec.fill().len_utf8());
    heap.charge((text.len() as u64).saturating_add(extra as u64) / 8)?;
    heap.check_text((text.len() as u64).saturating_add(extra as u64))?;
    let text = match spec.precision {
        Some(n) => text
            .char_indices()
            .nth(n)
            .map_or(text, |(end, _)| &text[..end]),
        None => text,
    };
    let align = spec.align.unwrap_or(Align::Left);
    Ok(pad(
        text,
        text.chars().count(),
        spec.width,
        spec.fill(),
        align,
    ))
}

fn format_int<'c>(
    heap: &Heap<'c>,
    value: Value<'c>,
    int: &BigInt,
    spec: &Spec,
) -> Result<String, Fault> {
    let kind = spec.kind.unwrap_or('d');
    if matches!(kind, 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%') {
        let float = ops::as_float(heap, value)?.unwrap_or(0.0);
        return format_float(heap, float, spec);
    }
    let misplaced = match (kind, spec) {
        (
            _,
            Spec {
                precision: Some(_), ..
            },
        ) => "a precision",
        (
            _,
            Spec {
                no_minus_zero: true,
                ..
            },
        ) => "`z`",
        ('c', Spec { sign: Some(_), .. }) => "a sign",
        (
            'c',
            Spec {
                alternate: true, ..
            },
        ) => "`#`",
        (
            'c' | 'n',
            Spec {
                grouping: Some(_), ..
            },
        )
        | (
            'b' | 'o' | 'x' | 'X',
            Spec {
                grouping: Some(','),
                ..
            },
        ) => "this grouping",
        _ => "",
    };
    if !misplaced.is_empty() {
        return Err(Fault::value(format!("{misplaced} cannot go with `{kind}`")));
    }
    let (radix, prefix, group) = match kind {
        'd' | 'n' => (10, "", 3),
        'b' => (2, "0b", 4),
        'o' => (8, "0o", 4),
        'x' => (16, "0x", 4),
        'X' => (16, "0X", 4),
        'c' => return format_char(int, spec),
        _ => return Err(unknown(kind, "an int")),
    };
    let is_long = int.bits() > MAX_DECIMAL_BITS;
    if radix == 10 && is_long {
        return Err(Fault::value(
            "an int of more than 4300 digits has no decimal text",
        ));
    }
    // Decimal digits of long integers cost more than a pass.
    heap.charge(int.bits() / 8)?;
    let mut digits = int.magnitude().to_str_radix(radix);
    if kind == 'X' {
        digits.make_ascii_uppercase();
    }
    let number = Number {
        sign: sign_of(*int < BigInt::from(0), spec),
        prefix: if spec.alternate { prefix } else { "" },
        digits: &digits,
        rest: "",
    };
    Ok(lay_out(spec, &number, group))
}

fn format_char(int: &BigInt, spec: &Spec) -> Result<String, Fault> {
    let c = u32::try_from(int).ok().and_then(char::from_u32);
    let Some(c) = c else {
        return Err(Fault::value("`c` needs the code point of a character"));
    };
    let text = c.to_string();
    Ok(pad(&text, 1, spec.width, spec.fill(), spec.number_align()))
}

fn format_float(heap: &Heap<'_>, value: f64, spec: &Spec) -> Result<String, Fault> {
    if spec.kind == Some('n') && spec.grouping.is_some() {
        return Err(Fault::value("this grouping cannot go with `n`"));
    }
    let (style, scaled) = match spec.kind {
        None => (Style::Plain, value),
        Some('f' | 'F') => (Style::Fixed, value),
        Some('e' | 'E') => (Style::Exponent, value),
        Some('g' | 'G' | 'n') => (Style::General, value),
        Some('%') => (Style::Fixed, value * 100.0),
        Some(kind) => return Err(unknown(kind, "a float")),
    };
    heap.charge(n_digits_at_most(scaled, spec.precision))?;
    let mut body = match (spec.kind, spec.precision) {
        (None, None) => plain_digits(scaled, spec.alternate),
        (_, n) => float_digits(scaled, style, n.unwrap_or(6), spec.alternate),
    };
    if matches!(spec.kind, Some('E' | 'F' | 'G')) {
        body.make_ascii_uppercase();
    }
    if spec.kind == Some('%') {
        body.push('%');
    }
    let mantissa = body.split(['e', 'E']).next().unwrap_or("");
    let is_zero = scaled.is_finite() && !mantissa.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let is_negative = scaled.is_sign_negative() && !scaled.is_nan();
    let n_digits = body.bytes().take_while(u8::is_ascii_digit).count();
    let number = Number {
        sign: sign_of(is_negative && !(spec.no_minus_zero && is_zero), spec),
        prefix: "",
        digits: &body[..n_digits],
        rest: &body[n_digits..],
    };
    Ok(lay_out(spec, &number, 3))
}

/// How many digits rounding works out: exact ones cost far more than a pass.
fn n_digits_at_most(value: f64, precision: Option<usize>) -> u64 {
    let n_whole = match value.abs() {
        it if it.is_finite() && it >= 10.0 => it.log10() as u64,
        _ => 0,
    };
    n_whole + precision.map_or(0, |n| n.min(1_100) as u64)
}

/// The digits of printing; `#` puts a point where an exponent left none.
fn plain_digits(value: f64, alternate: bool) -> String {
    if !value.is_finite() {
        return float_digits(value, Style::Plain, 1, false);
    }
    let mut digits = shortest(value);
    if alternate && !digits.contains('.') {
        let at = digits.find('e').unwrap_or(digits.len());
        digits.insert(at, '.');
    }
    digits
}

fn sign_of(is_negative: bool, spec: &Spec) -> &'static str {
    match spec.sign {
        _ if is_negative => "-",
        Some('+') => "+",
        Some(' ') => " ",
        _ => "",
    }
}

fn unknown(kind: char, what: &str) -> Fault {
    Fault::value(format!("format type `{kind}` cannot show {what}"))
}
