//! Methods and properties of numbers.

use super::{ALONE, Table};
use gravure_value::{Args, BigInt, Call, Fault, Kind, Registry, Value, View, ops};

pub(super) fn register(registry: &mut Registry) {
    let mut table = Table {
        registry,
        kinds: &[Kind::Int, Kind::Bool],
    };
    table.property("real", plain_int);
    table.property("imag", |_, _| Ok(Value::Int(0)));
    table.property("numerator", plain_int);
    table.property("denominator", |_, _| Ok(Value::Int(1)));
    table.quick("conjugate", ALONE, plain_int);
    table.quick("is_integer", ALONE, |_, _| Ok(Value::Bool(true)));
    table.quick("bit_length", ALONE, |call, args| {
        let bits = big(call, args.get(0))?.bits();
        Ok(Value::Int(i64::try_from(bits).unwrap_or(i64::MAX)))
    });
    table.method("bit_count", ALONE, |call, args| {
        let ones = big(call, args.get(0))?.magnitude().count_ones();
        Ok(Value::Int(i64::try_from(ones).unwrap_or(i64::MAX)))
    });
    table.quick("as_integer_ratio", ALONE, |call, args| {
        let whole = plain_int(call, args)?;
        call.heap().new_tuple(vec![whole, Value::Int(1)])
    });
    table.kinds = &[Kind::Float];
    table.property("real", |_, args| Ok(args.get(0)));
    table.property("imag", |_, _| Ok(Value::Float(0.0)));
    table.quick("conjugate", ALONE, |_, args| Ok(args.get(0)));
    table.quick("is_integer", ALONE, |call, args| {
        let float = float(call, args.get(0))?;
        Ok(Value::Bool(float.is_finite() && float.fract() == 0.0))
    });
    table.quick("as_integer_ratio", ALONE, ratio);
    table.quick("hex", ALONE, |call, args| {
        let text = hex(float(call, args.get(0))?);
        call.heap().new_text(gravure_value::Mark::Plain, text)
    });
}

/// The int itself; of a bool, the int it counts as.
fn plain_int<'c>(_: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    Ok(match args.get(0) {
        Value::Bool(it) => Value::Int(i64::from(it)),
        int => int,
    })
}

fn big<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<BigInt, Fault> {
    let heap = call.heap();
    ops::as_big(heap, value)
        .ok_or_else(|| Fault::kind(format!("{} is no int", heap.kind_name(value))))
}

fn float<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<f64, Fault> {
    let heap = call.heap();
    match heap.view(value) {
        View::Float(it) => Ok(it),
        _ => Err(Fault::kind(format!(
            "{} is no float",
            heap.kind_name(value)
        ))),
    }
}

/// A finite float as sign, mantissa and exponent: mantissa × 2^exponent.
fn decode(float: f64) -> (bool, u64, i64) {
    let bits = float.to_bits();
    let fraction = bits & ((1 << 52) - 1);
    let exponent = ((bits >> 52) & 0x7ff) as i64;
    // Below the smallest normal exponent the leading one is gone.
    let (mantissa, exponent) = match exponent {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, exponent - 1075),
    };
    (float.is_sign_negative(), mantissa, exponent)
}

fn ratio<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let float = float(call, args.get(0))?;
    if !float.is_finite() {
        return Err(Fault::value("inf and nan are no ratios"));
    }
    let (is_negative, mantissa, exponent) = decode(float);
    let n_twos = match mantissa {
        0 => 0,
        _ => i64::from(mantissa.trailing_zeros()).min((-exponent).max(0)),
    };
    let mut top = BigInt::from(mantissa >> n_twos);
    let mut bottom = BigInt::from(1);
    let exponent = if mantissa == 0 { 0 } else { exponent + n_twos };
    if exponent > 0 {
        top <<= exponent;
    } else {
        bottom <<= -exponent;
    }
    if is_negative {
        top = -top;
    }
    let heap = call.heap();
    let (top, bottom) = (heap.new_int(top)?, heap.new_int(bottom)?);
    heap.new_tuple(vec![top, bottom])
}

/// `0x1.8000000000000p+1` and its like.
fn hex(float: f64) -> String {
    if float.is_nan() {
        return "nan".to_owned();
    }
    let sign = if float.is_sign_negative() { "-" } else { "" };
    if float.is_infinite() {
        return format!("{sign}inf");
    }
    if float == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let (_, mantissa, exponent) = decode(float);
    let (whole, fraction) = (mantissa >> 52, mantissa & ((1 << 52) - 1));
    format!("{sign}0x{whole}.{fraction:013x}p{:+}", exponent + 52)
}
