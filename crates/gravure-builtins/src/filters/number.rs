//! Filters that read numbers and write them.

use crate::{
    registry::{Row, params},
    support::{Answer, expect_int, new_text, plain, wrong_argument},
};
use gravure_source::Code;
use gravure_value::{Args, BigInt, Call, Fault, Heap, Mark, Params, Value, View, ops, text};

pub(super) fn rows() -> Vec<Row> {
    const DEFAULT_STRICT: Params = params!("value, /, default=, strict=");
    vec![
        Row::new(&["abs"], params!("value, /"), abs),
        Row::reading(&["int"], DEFAULT_STRICT, int),
        Row::reading(&["float"], DEFAULT_STRICT, float),
        Row::reading(
            &["round"],
            params!("value, /, precision=, method=, *, strict="),
            round,
        ),
        Row::reading(
            &["decimal"],
            params!("value, /, places=, *, strict="),
            decimal,
        ),
        Row::reading(
            &["format_number"],
            params!("value, /, decimal_places=, *, strict="),
            format_number,
        ),
        Row::reading(&["commas"], params!("value, /"), commas),
        Row::reading(
            &["filesizeformat"],
            params!("value, /, binary="),
            filesizeformat,
        ),
    ]
}

/// The absolute value of a number, as filter and as function.
pub(crate) fn abs<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    let big = match heap.view(value) {
        View::Bool(it) => return Ok(Value::Int(i64::from(it))),
        View::Int(it) => match it.checked_abs() {
            Some(it) => return Ok(Value::Int(it)),
            None => -BigInt::from(it),
        },
        View::Float(it) => return Ok(Value::Float(it.abs())),
        View::Big(big) if *big < BigInt::ZERO => -big.into_owned(),
        View::Big(_) => return Ok(value),
        _ => {
            let kind = heap.kind_name(value);
            return Err(Fault::kind(format!("`abs` takes a number, not {kind}")));
        }
    };
    heap.new_int(big)
}

/// A float cut toward zero; `None` for infinities and what is no number.
pub(crate) fn cut<'c>(heap: &mut Heap<'c>, number: f64) -> Result<Option<Value<'c>>, Fault> {
    if !number.is_finite() {
        return Ok(None);
    }
    // The bound is exact; below it the cast is too.
    if number.abs() < 9_223_372_036_854_775_808.0 {
        return Ok(Some(Value::Int(number as i64)));
    }
    heap.new_int(big_of(number)).map(Some)
}

/// A finite float of at least 2⁵² as the integer that it is.
fn big_of(number: f64) -> BigInt {
    let bits = number.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64 - 1075;
    let mantissa = bits & ((1 << 52) - 1) | 1 << 52;
    let big = match u32::try_from(exponent) {
        Ok(up) => BigInt::from(mantissa) << up,
        Err(_) => BigInt::from(mantissa) >> exponent.unsigned_abs().min(64),
    };
    if number < 0.0 { -big } else { big }
}

/// What an unreadable input gives: a fault if the call is strict.
fn unreadable<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    strict: Option<Value<'c>>,
    filter: &str,
) -> Result<(), Fault> {
    let heap = call.heap();
    if strict.is_none_or(|it| !ops::is_truthy(heap, it)) {
        if heap.text(value).is_some() {
            let message = format!("`{filter}` cannot read this text and gives its default");
            call.host.warn(Code::WarnConversion, message);
        }
        return Ok(());
    }
    let kind = heap.kind_name(value);
    Err(Fault::value(format!(
        "`{filter}` cannot read this {kind} as a number"
    )))
}

fn int<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    let read = match heap.view(value) {
        View::Bool(it) => Some(Value::Int(i64::from(it))),
        View::Int(_) | View::Big(_) => Some(value),
        View::Float(it) => cut(heap, it)?,
        View::Str(_, text) => match read_int(heap, text)? {
            Some(big) => Some(heap.new_int(big)?),
            None => None,
        },
        _ => None,
    };
    match read {
        Some(read) => Ok(read),
        None => {
            unreadable(call, value, args.given(2), "int")?;
            Ok(args.get_or(1, Value::Int(0)))
        }
    }
}

fn float<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    match read_float(call.heap(), value)? {
        Some(read) => Ok(Value::Float(read)),
        None => {
            unreadable(call, value, args.given(2), "float")?;
            Ok(args.get_or(1, Value::Float(0.0)))
        }
    }
}

/// Text that reads as an integer. Reading digits of a long number costs a pass
/// for each of its words.
pub(crate) fn read_int(heap: &Heap<'_>, text: &str) -> Result<Option<BigInt>, Fault> {
    let len = text.len() as u64;
    heap.charge((len / 64).saturating_mul(len / 64))?;
    Ok(text::parse_int(text))
}

/// A number, or text that reads as a float.
pub(crate) fn read_float<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<Option<f64>, Fault> {
    match heap.text(value) {
        Some(text) => Ok(text::parse_float(text)),
        None => ops::as_float(heap, value),
    }
}

fn round<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let precision = match args.given(1) {
        Some(it) if !it.is_none() => expect_int(call.heap(), it, "precision")?,
        _ => 0,
    };
    let Some(number) = read_float(call.heap(), args.get(0))? else {
        unreadable(call, args.get(0), args.given(3), "round")?;
        return Ok(Value::Float(0.0));
    };
    let method = args.get_or(2, Value::None);
    let toward: fn(f64) -> f64 = match call.heap().text(method) {
        Some("ceil") => f64::ceil,
        Some("floor") => f64::floor,
        _ => return Ok(Value::Float(round_half_even(number, precision))),
    };
    let scale = power_of_ten(precision);
    let scaled = number * scale;
    if !number.is_finite() || !scaled.is_finite() || scale == 0.0 {
        return Err(Fault::value("this number cannot be rounded up or down"));
    }
    // Adding 0 turns a negative zero into zero: integers have none.
    Ok(Value::Float((toward(scaled) + 0.0) / scale))
}

/// 10 to an integer power as the nearest float.
fn power_of_ten(exponent: i64) -> f64 {
    format!("1e{exponent}").parse().unwrap_or(f64::INFINITY)
}

/// The exact value rounded to so many decimals, ties to even.
fn round_half_even(number: f64, precision: i64) -> f64 {
    // Beyond these bounds every float is exact, or nearer to zero than to a
    // unit of the last place.
    if !number.is_finite() || precision > 323 {
        return number;
    }
    if let Ok(places) = usize::try_from(precision) {
        return format!("{number:.places$}").parse().unwrap_or(number);
    }
    if precision < -309 {
        return 0.0 * number;
    }
    let unit = BigInt::from(10).pow(u32::try_from(precision.unsigned_abs()).unwrap_or(0));
    let whole = number.abs().trunc();
    let digits = format!("{whole:.0}").parse::<BigInt>().unwrap_or_default();
    let mut quotient = &digits / &unit;
    let twice: BigInt = (&digits - &quotient * &unit) * 2;
    let is_up = match twice.cmp(&unit) {
        std::cmp::Ordering::Greater => true,
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => number.abs() > whole || quotient.bit(0),
    };
    if is_up {
        quotient += 1;
    }
    let rounded: f64 = (quotient * unit)
        .to_string()
        .parse()
        .unwrap_or(f64::INFINITY);
    rounded.copysign(number)
}

fn decimal<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let written = match places(call.heap(), args.get_or(1, Value::Int(2)))? {
        Some(places) if places >= 0 => write_fixed(call.heap(), value, places as u64)?,
        _ => None,
    };
    written_or_plain(call, value, written, args.given(2), "decimal")
}

fn written_or_plain<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    written: Option<String>,
    strict: Option<Value<'c>>,
    filter: &str,
) -> Answer<'c> {
    match written {
        Some(text) => new_text(call, text),
        None => {
            unreadable(call, value, strict, filter)?;
            plain(call, value)
        }
    }
}

/// A number of decimals; `None` if it is no number.
fn places<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<Option<i64>, Fault> {
    let places = match heap.view(value) {
        View::Float(it) if it.is_finite() => Some(it as i64),
        View::Str(_, text) => {
            text::parse_int(text).map(|big| i64::try_from(&big).unwrap_or(i64::MAX))
        }
        _ => ops::as_index(heap, value),
    };
    if let Some(wide) = places.and_then(|it| u64::try_from(it).ok())
        && wide > heap.limits.format_width.min(u64::from(u16::MAX))
    {
        return Err(Fault::budget("format precision", heap.limits.format_width));
    }
    Ok(places)
}

/// A number with exactly so many decimals; integers stay exact.
fn write_fixed<'c>(
    heap: &Heap<'c>,
    value: Value<'c>,
    places: u64,
) -> Result<Option<String>, Fault> {
    heap.charge(places / 8)?;
    let places = usize::try_from(places).unwrap_or(0);
    let whole = match heap.view(value) {
        View::Bool(it) => Some(i64::from(it).to_string()),
        View::Int(_) | View::Big(_) => {
            let mut out = String::new();
            ops::print(heap, value, &mut out)?;
            Some(out)
        }
        _ => None,
    };
    if let Some(mut whole) = whole {
        if places > 0 {
            whole.push('.');
            whole.extend(std::iter::repeat_n('0', places));
        }
        return Ok(Some(whole));
    }
    let number = read_float(heap, value)?;
    Ok(number.map(|number| fixed(number, places)))
}

/// A float with so many decimals, rounded exactly, ties to even.
pub(crate) fn fixed(number: f64, places: usize) -> String {
    if number.is_nan() {
        return "nan".to_owned();
    }
    format!("{number:.places$}")
}

fn format_number<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    grouped_number(
        call,
        args.get(0),
        args.get_or(1, Value::Int(0)),
        args.given(2),
    )
}

fn commas<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    grouped_number(call, args.get(0), Value::Int(0), None)
}

fn grouped_number<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    decimals: Value<'c>,
    strict: Option<Value<'c>>,
) -> Answer<'c> {
    let heap = call.heap();
    let written = match places(heap, decimals)? {
        Some(places) if places > 0 => write_fixed(heap, value, places as u64)?,
        Some(_) => write_cut(heap, value)?,
        None => None,
    };
    let grouped = written.map(|digits| group(&digits));
    written_or_plain(call, value, grouped, strict, "format_number")
}

/// A number cut toward zero.
fn write_cut<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<Option<String>, Fault> {
    match read_float(heap, value) {
        Ok(Some(number)) if number.is_nan() => Ok(None),
        Ok(Some(number)) if number.is_infinite() => {
            Err(Fault::value("infinity cannot be cut to an int"))
        }
        Ok(Some(number)) if matches!(heap.view(value), View::Float(_) | View::Str(..)) => {
            let cut = number.trunc() + 0.0;
            Ok(Some(format!("{cut:.0}")))
        }
        Ok(None) => Ok(None),
        _ => write_fixed(heap, value, 0),
    }
}

/// Commas between groups of three digits before the point.
fn group(number: &str) -> String {
    let start = number
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(number.len());
    let (sign, rest) = number.split_at(start);
    let point = rest.find('.').unwrap_or(rest.len());
    let (whole, decimals) = rest.split_at(point);
    let mut out = String::with_capacity(number.len() + whole.len() / 3);
    out.push_str(sign);
    for (idx, digit) in whole.char_indices() {
        if idx > 0 && (whole.len() - idx) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    out.push_str(decimals);
    out
}

fn filesizeformat<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let is_binary = args
        .given(1)
        .is_some_and(|it| ops::is_truthy(call.heap(), it));
    let (base, units) = if is_binary {
        (1024.0, ["KiB", "MiB", "GiB", "TiB"])
    } else {
        (1000.0, ["kB", "MB", "GB", "TB"])
    };
    let value = args.get(0);
    let heap = call.heap();
    let Some(number) = read_float(heap, value)? else {
        return Ok(Value::Str(Mark::Plain, "0 Bytes"));
    };
    if number < base {
        let bytes = match cut(heap, number)? {
            Some(it) => it,
            None => return Err(Fault::value("a size cannot be infinite below zero")),
        };
        let mut out = String::new();
        ops::print(heap, bytes, &mut out)?;
        out.push_str(" Bytes");
        return new_text(call, out);
    }
    let mut size = base;
    let mut unit = units[0];
    for (next, name) in units.into_iter().enumerate() {
        unit = name;
        if number < size * base || next + 1 == units.len() {
            break;
        }
        size *= base;
    }
    let out = format!("{} {unit}", fixed(number / size, 1));
    new_text(call, out)
}

/// A fault for a value that is no number.
pub(crate) fn expect_number<'c>(
    heap: &Heap<'c>,
    value: Value<'c>,
    param: &str,
) -> Result<(), Fault> {
    if crate::support::is_number(heap, value) {
        return Ok(());
    }
    Err(wrong_argument(heap, value, param, "a number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_is_exact_and_half_to_even() {
        for (number, precision, rounded) in [
            (2.5, 0, 2.0),
            (3.5, 0, 4.0),
            (2.675, 2, 2.67),
            (0.15, 1, 0.1),
            (1250.0, -2, 1200.0),
            (1350.0, -2, 1400.0),
            (1250.5, -2, 1300.0),
            (-1250.0, -2, -1200.0),
            (1e300, -299, 1e300),
            (4.0, -1, 0.0),
            (1e20, 400, 1e20),
        ] {
            assert_eq!(
                round_half_even(number, precision),
                rounded,
                "{number} {precision}"
            );
        }
    }

    #[test]
    fn long_floats_are_cut_exactly() {
        assert_eq!(big_of(1e22).to_string(), "10000000000000000000000");
        assert_eq!(
            big_of(-9_223_372_036_854_775_808.0).to_string(),
            "-9223372036854775808"
        );
    }

    #[test]
    fn groups_of_three() {
        for (number, grouped) in [
            ("1", "1"),
            ("123", "123"),
            ("1234", "1,234"),
            ("-1234567.50", "-1,234,567.50"),
            ("inf", "inf"),
        ] {
            assert_eq!(group(number), grouped);
        }
    }
}
