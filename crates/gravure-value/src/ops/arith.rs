//! Arithmetic: `+ - * / // % **` and signs.
//!
//! Integers that fit 64 bits and floats are answered first, inline; whatever
//! else there is goes through the slow functions below, which pay for the size
//! of what they make before they make it.

use super::number::{Num, number};
use super::{concat, percent};
use crate::{BigInt, Dict, Fault, Heap, Kind, Surface, Value, View, text};
use num_integer::Integer;
use num_traits::{Pow, Signed, ToPrimitive, Zero};
use std::borrow::Cow;

/// `lhs + rhs`: numbers, lists, tuples; with a text on one side it joins.
///
/// # Errors
/// `K-RUN-012` for other kinds.
#[inline]
pub fn add<'c>(
    heap: &mut Heap<'c>,
    surface: Surface,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Value<'c>, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => {
            if let Some(sum) = a.checked_add(b) {
                return Ok(Value::Int(sum));
            }
        }
        (Value::Float(a), Value::Float(b)) => return Ok(Value::Float(a + b)),
        _ => {}
    }
    add_slow(heap, surface, lhs, rhs)
}

/// `lhs - rhs`: numbers, sets.
///
/// # Errors
/// `K-RUN-012` for other kinds.
#[inline]
pub fn sub<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => {
            if let Some(difference) = a.checked_sub(b) {
                return Ok(Value::Int(difference));
            }
        }
        (Value::Float(a), Value::Float(b)) => return Ok(Value::Float(a - b)),
        _ => {}
    }
    sub_slow(heap, lhs, rhs)
}

/// `lhs * rhs`: numbers; a text, list or tuple with a count.
///
/// # Errors
/// `K-RUN-012` for other kinds, `K-RUN-019` for what would be too large.
#[inline]
pub fn mul<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => {
            if let Some(product) = a.checked_mul(b) {
                return Ok(Value::Int(product));
            }
        }
        (Value::Float(a), Value::Float(b)) => return Ok(Value::Float(a * b)),
        _ => {}
    }
    mul_slow(heap, lhs, rhs)
}

/// `lhs / rhs`: a float; two integers are divided exactly and rounded once.
///
/// # Errors
/// `K-RUN-011`, `K-RUN-012`, `K-RUN-007` if the result is too large.
pub fn div<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
    let (a, b) = operands(heap, "/", lhs, rhs)?;
    if b.is_zero() {
        return Err(Fault::zero());
    }
    // Both are exact as doubles, so one rounding is left.
    const EXACT: u64 = 1 << 53;
    let quotient = match (&a, &b) {
        (Num::Int(a), Num::Int(b)) if a.unsigned_abs() <= EXACT && b.unsigned_abs() <= EXACT => {
            *a as f64 / *b as f64
        }
        (Num::Float(_), _) | (_, Num::Float(_)) => a.to_float()? / b.to_float()?,
        _ => {
            let (a, b) = bigs(a, b);
            charge_product(heap, a.bits(), b.bits())?;
            divide_exactly(&a, &b).ok_or_else(Fault::too_large)?
        }
    };
    Ok(Value::Float(quotient))
}

/// `lhs // rhs`: the floor; a float if either is.
///
/// # Errors
/// `K-RUN-011`, `K-RUN-012`.
pub fn floor_div<'c>(
    heap: &mut Heap<'c>,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Value<'c>, Fault> {
    if let (Value::Int(a), Value::Int(b)) = (lhs, rhs)
        && b != 0
        && let Some(quotient) = a.checked_div(b)
    {
        let is_below = a % b != 0 && (a < 0) != (b < 0);
        return Ok(Value::Int(quotient - i64::from(is_below)));
    }
    let (a, b) = operands(heap, "//", lhs, rhs)?;
    if b.is_zero() {
        return Err(Fault::zero());
    }
    if matches!((&a, &b), (Num::Float(_), _) | (_, Num::Float(_))) {
        return Ok(Value::Float(floor_mod(a.to_float()?, b.to_float()?).0));
    }
    let quotient = long(heap, a, b, |a, b| a.div_floor(b))?;
    heap.new_int(quotient)
}

/// `lhs % rhs`: the remainder with the sign of `rhs`; a text is formatted.
///
/// # Errors
/// `K-RUN-011`, `K-RUN-012`, and what formatting says.
pub fn modulo<'c>(
    heap: &mut Heap<'c>,
    surface: Surface,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Value<'c>, Fault> {
    if let (Value::Int(a), Value::Int(b)) = (lhs, rhs)
        && b != 0
        && let Some(rest) = a.checked_rem(b)
    {
        let is_other_side = rest != 0 && (rest < 0) != (b < 0);
        return Ok(Value::Int(if is_other_side { rest + b } else { rest }));
    }
    if heap.kind(lhs) == Kind::Str {
        return percent(heap, surface, lhs, rhs);
    }
    let (a, b) = operands(heap, "%", lhs, rhs)?;
    if b.is_zero() {
        return Err(Fault::zero());
    }
    if matches!((&a, &b), (Num::Float(_), _) | (_, Num::Float(_))) {
        return Ok(Value::Float(floor_mod(a.to_float()?, b.to_float()?).1));
    }
    let rest = long(heap, a, b, |a, b| a.mod_floor(b))?;
    heap.new_int(rest)
}

/// `lhs ** rhs`: an integer for an integer and one that is not negative.
///
/// # Errors
/// `K-RUN-011` for zero to a negative power, `K-RUN-012`, `K-RUN-007` if a
/// float is too large or not real, `K-RUN-019` if an integer would be too long.
pub fn pow<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
    if let (Value::Int(a), Value::Int(b)) = (lhs, rhs)
        && let Ok(exponent) = u32::try_from(b)
        && let Some(power) = a.checked_pow(exponent)
    {
        return Ok(Value::Int(power));
    }
    let (a, b) = operands(heap, "**", lhs, rhs)?;
    let is_negative = match &b {
        Num::Int(it) => *it < 0,
        Num::Big(it) => it.is_negative(),
        Num::Float(_) => false,
    };
    if is_negative || matches!((&a, &b), (Num::Float(_), _) | (_, Num::Float(_))) {
        return Ok(Value::Float(float_pow(a.to_float()?, b.to_float()?)?));
    }
    let power = long_pow(heap, a, b)?;
    heap.new_int(power)
}

/// `-value`.
///
/// # Errors
/// `K-RUN-012` for anything but a number.
#[inline]
pub fn neg<'c>(heap: &mut Heap<'c>, value: Value<'c>) -> Result<Value<'c>, Fault> {
    match value {
        Value::Int(it) if it != i64::MIN => return Ok(Value::Int(-it)),
        Value::Float(it) => return Ok(Value::Float(-it)),
        _ => {}
    }
    let negated = match number(heap, value) {
        None => return Err(Fault::operand("-", heap.kind_name(value))),
        Some(Num::Float(it)) => return Ok(Value::Float(-it)),
        Some(Num::Int(it)) => -BigInt::from(it),
        Some(Num::Big(it)) => {
            heap.charge(it.bits() / 64)?;
            -it.into_owned()
        }
    };
    heap.new_int(negated)
}

/// `+value`: of a bool an integer.
///
/// # Errors
/// `K-RUN-012` for anything but a number.
pub fn pos<'c>(heap: &mut Heap<'c>, value: Value<'c>) -> Result<Value<'c>, Fault> {
    match value {
        Value::Bool(it) => Ok(Value::Int(i64::from(it))),
        _ if number(heap, value).is_some() => Ok(value),
        _ => Err(Fault::operand("+", heap.kind_name(value))),
    }
}

/// What arithmetic does to a computed operand first: texts are read as
/// numbers or else are 0, none and undefined are 0, the rest stays.
///
/// # Errors
/// `K-RUN-019` only.
#[inline]
pub fn coerce<'c>(heap: &mut Heap<'c>, value: Value<'c>) -> Result<Value<'c>, Fault> {
    match value {
        Value::Int(_) | Value::Float(_) | Value::Bool(_) => return Ok(value),
        Value::None | Value::Undefined | Value::Unset => return Ok(Value::Int(0)),
        _ => {}
    }
    let Some(shown) = heap.text(value) else {
        return Ok(value);
    };
    heap.charge(shown.len() as u64 / 8)?;
    match text::parse_int(shown) {
        Some(int) => heap.new_int(int),
        None => Ok(text::parse_float(shown).map_or(Value::Int(0), Value::Float)),
    }
}

// ---- the slow halves ----

#[inline(never)]
fn add_slow<'c>(
    heap: &mut Heap<'c>,
    surface: Surface,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Value<'c>, Fault> {
    if let (Some(a), Some(b)) = (number(heap, lhs), number(heap, rhs)) {
        let sum = calculate(heap, a, b, |a, b| a + b, |a, b| a + b)?;
        return sum.into_value(heap);
    }
    let (left, right) = (heap.kind(lhs), heap.kind(rhs));
    match (left, right) {
        (Kind::Str, _) | (_, Kind::Str) => concat(heap, surface, &[lhs, rhs]),
        (Kind::List, Kind::List) | (Kind::Tuple, Kind::Tuple) => {
            let (View::List(a) | View::Tuple(a), View::List(b) | View::Tuple(b)) =
                (heap.view(lhs), heap.view(rhs))
            else {
                return Err(Fault::operands("+", left.name(), right.name()));
            };
            // What a host lends may be as long as it says.
            let len = a.len().saturating_add(b.len());
            heap.charge(len as u64)?;
            heap.check_collection(len as u64)?;
            let mut items = Vec::with_capacity(len);
            items.extend(a.iter());
            items.extend(b.iter());
            new_seq(heap, left, items)
        }
        _ => Err(Fault::operands("+", left.name(), right.name())),
    }
}

#[inline(never)]
fn sub_slow<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
    if let (View::Set(a), View::Set(b)) = (heap.view(lhs), heap.view(rhs)) {
        heap.charge(a.len() as u64)?;
        heap.check_collection(a.len() as u64)?;
        let mut rest = Dict::new();
        for (member, _) in a.iter() {
            if b.position(heap, member)?.is_none() {
                rest.insert(heap, member, Value::None)?;
            }
        }
        return heap.new_set(rest);
    }
    let (a, b) = operands(heap, "-", lhs, rhs)?;
    let difference = calculate(heap, a, b, |a, b| a - b, |a, b| a - b)?;
    difference.into_value(heap)
}

#[inline(never)]
fn mul_slow<'c>(heap: &mut Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Value<'c>, Fault> {
    let product = match (number(heap, lhs), number(heap, rhs)) {
        (Some(a), Some(b)) => calculate_product(heap, a, b)?,
        (None, Some(_)) => return repeat(heap, lhs, rhs, (lhs, rhs)),
        (Some(_), None) => return repeat(heap, rhs, lhs, (lhs, rhs)),
        (None, None) => {
            let (lhs, rhs) = (heap.kind_name(lhs), heap.kind_name(rhs));
            return Err(Fault::operands("*", lhs, rhs));
        }
    };
    product.into_value(heap)
}

/// A text, list or tuple several times. `shown` is what stands in the template.
fn repeat<'c>(
    heap: &mut Heap<'c>,
    what: Value<'c>,
    count: Value<'c>,
    shown: (Value<'c>, Value<'c>),
) -> Result<Value<'c>, Fault> {
    let wrong =
        |heap: &Heap<'c>| Fault::operands("*", heap.kind_name(shown.0), heap.kind_name(shown.1));
    let Some(count) = super::as_index(heap, count) else {
        return Err(wrong(heap));
    };
    let count = u64::try_from(count).unwrap_or(0);
    let kind = heap.kind(what);
    match heap.view(what) {
        View::Str(mark, text) => {
            let len = (text.len() as u64).saturating_mul(count);
            heap.charge(len / 8)?;
            heap.check_text(len)?;
            // What passes the check fits memory, empty texts apart.
            let repeated = if len == 0 {
                String::new()
            } else {
                text.repeat(count as usize)
            };
            heap.new_text(mark, repeated)
        }
        View::List(seq) | View::Tuple(seq) => {
            let len = (seq.len() as u64).saturating_mul(count);
            heap.charge(len)?;
            heap.check_collection(len)?;
            let mut items = Vec::with_capacity(len as usize);
            if len > 0 {
                for _ in 0..count {
                    items.extend(seq.iter());
                }
            }
            new_seq(heap, kind, items)
        }
        _ => Err(wrong(heap)),
    }
}

fn new_seq<'c>(heap: &mut Heap<'c>, kind: Kind, items: Vec<Value<'c>>) -> Result<Value<'c>, Fault> {
    match kind {
        Kind::Tuple => heap.new_tuple(items),
        _ => heap.new_list(items),
    }
}

fn operands<'a, 'c>(
    heap: &'a Heap<'c>,
    op: &str,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<(Num<'a>, Num<'a>), Fault> {
    match (number(heap, lhs), number(heap, rhs)) {
        (Some(a), Some(b)) => {
            heap.charge(a.weight() + b.weight())?;
            Ok((a, b))
        }
        _ => Err(Fault::operands(
            op,
            heap.kind_name(lhs),
            heap.kind_name(rhs),
        )),
    }
}

/// A number that borrows nothing.
enum Answer {
    Int(BigInt),
    Float(f64),
}

impl Answer {
    fn into_value<'c>(self, heap: &mut Heap<'c>) -> Result<Value<'c>, Fault> {
        match self {
            Answer::Int(it) => heap.new_int(it),
            Answer::Float(it) => Ok(Value::Float(it)),
        }
    }
}

/// A sum or difference.
fn calculate(
    heap: &Heap<'_>,
    a: Num<'_>,
    b: Num<'_>,
    ints: fn(&BigInt, &BigInt) -> BigInt,
    floats: fn(f64, f64) -> f64,
) -> Result<Answer, Fault> {
    heap.charge(a.weight() + b.weight())?;
    if let (Num::Float(_), _) | (_, Num::Float(_)) = (&a, &b) {
        return Ok(Answer::Float(floats(a.to_float()?, b.to_float()?)));
    }
    let (a, b) = bigs(a, b);
    let bits = a.bits().max(b.bits());
    heap.charge(bits / 64)?;
    heap.reserve(bits / 8)?;
    Ok(Answer::Int(ints(&a, &b)))
}

fn calculate_product(heap: &Heap<'_>, a: Num<'_>, b: Num<'_>) -> Result<Answer, Fault> {
    heap.charge(a.weight() + b.weight())?;
    if let (Num::Float(_), _) | (_, Num::Float(_)) = (&a, &b) {
        return Ok(Answer::Float(a.to_float()? * b.to_float()?));
    }
    let (a, b) = bigs(a, b);
    // A product has as many bits as both together, or one less.
    let bits = (a.bits() + b.bits()).saturating_sub(1);
    if bits > heap.limits.int_bits {
        return Err(Fault::budget("integer size", heap.limits.int_bits));
    }
    heap.reserve(bits / 8)?;
    charge_product(heap, a.bits(), b.bits())?;
    Ok(Answer::Int(&*a * &*b))
}

fn long(
    heap: &Heap<'_>,
    a: Num<'_>,
    b: Num<'_>,
    ints: fn(&BigInt, &BigInt) -> BigInt,
) -> Result<BigInt, Fault> {
    let (a, b) = bigs(a, b);
    charge_quotient(heap, a.bits(), b.bits())?;
    Ok(ints(&a, &b))
}

/// A power of two integers, the second of which is not negative.
fn long_pow(heap: &Heap<'_>, base: Num<'_>, exponent: Num<'_>) -> Result<BigInt, Fault> {
    let (base, exponent) = bigs(base, exponent);
    if base.bits() <= 1 {
        return Ok(match (exponent.is_zero(), exponent.is_odd()) {
            (true, _) => BigInt::from(1),
            (_, true) => base.into_owned(),
            _ => base.abs(),
        });
    }
    let too_long = || Fault::budget("integer size", heap.limits.int_bits);
    let exponent = exponent.to_u32().ok_or_else(too_long)?;
    let bits = (base.bits() - 1).saturating_mul(u64::from(exponent));
    if bits > heap.limits.int_bits {
        return Err(too_long());
    }
    heap.reserve(bits / 4)?;
    // The last square, and all before it, which are a third of that together.
    charge_product(heap, bits, bits)?;
    charge_product(heap, bits / 2, bits / 2)?;
    Ok(Pow::pow(&*base, exponent))
}

/// Both as integers. Floats were dealt with before; they would be 0 here.
fn bigs<'a>(a: Num<'a>, b: Num<'a>) -> (Cow<'a, BigInt>, Cow<'a, BigInt>) {
    (
        a.into_big().unwrap_or_default(),
        b.into_big().unwrap_or_default(),
    )
}

/// Pay for dividing integers of so many bits: each word of the quotient has a
/// price of its own, and goes through all words of the divisor, never by a
/// quicker way, as products are made.
fn charge_quotient(heap: &Heap<'_>, a: u64, b: u64) -> Result<(), Fault> {
    let (quotient, divisor) = (a.saturating_sub(b) / 64 + 1, b / 64 + 1);
    heap.charge(
        (quotient.saturating_mul(divisor) / 32)
            .saturating_add(quotient.saturating_mul(3))
            .saturating_add(divisor),
    )
}

/// Pay for multiplying integers of so many bits.
fn charge_product(heap: &Heap<'_>, a: u64, b: u64) -> Result<(), Fault> {
    let (a, b) = (a / 64 + 1, b / 64 + 1);
    heap.charge(
        (a.saturating_mul(b) / 64)
            .saturating_add(a)
            .saturating_add(b),
    )
}

/// The quotient of two integers, rounded once; `None` if it is too large.
fn divide_exactly(a: &BigInt, b: &BigInt) -> Option<f64> {
    let is_negative = a.is_negative() != b.is_negative();
    if a.is_zero() {
        return Some(if is_negative { -0.0 } else { 0.0 });
    }
    let (a, b) = (a.magnitude(), b.magnitude());
    // Scale so that the quotient has 63 or 64 bits, more than any rounding
    // needs; what is left over only matters by being there ("sticky").
    let shift = 63 + b.bits() as i64 - a.bits() as i64;
    let (quotient, rest) = if shift >= 0 {
        (a << shift as u64).div_rem(b)
    } else {
        a.div_rem(&(b << shift.unsigned_abs()))
    };
    let digits = quotient.to_u64()? | u64::from(!rest.is_zero());
    let n_bits = 64 - i64::from(digits.leading_zeros());
    // The quotient lies in 2^(top - 1) .. 2^top.
    let top = n_bits - shift;
    if top > 1024 {
        return None;
    }
    // Below the normal doubles fewer bits are kept.
    let n_kept = if top >= -1021 { 53 } else { 53 - (-1021 - top) };
    let rounded = round_bits(digits, n_bits - n_kept);
    let scale = n_bits - n_kept - shift;
    let float = scale_float(rounded as f64, scale);
    float
        .is_finite()
        .then_some(if is_negative { -float } else { float })
}

/// Drop the last `n` bits (10 to 64 and beyond), rounding half to even.
fn round_bits(digits: u64, n: i64) -> u64 {
    match n {
        ..=0 => digits,
        65.. => 0,
        64 => u64::from(digits > 1 << 63),
        _ => {
            let kept = digits >> n;
            let rest = digits & ((1 << n) - 1);
            let half = 1 << (n - 1);
            kept + u64::from(rest > half || rest == half && kept & 1 == 1)
        }
    }
}

/// `float × 2^power` where nothing is rounded but by what overflows.
fn scale_float(float: f64, power: i64) -> f64 {
    let half = power / 2;
    float * 2_f64.powi(half as i32) * 2_f64.powi((power - half) as i32)
}

/// Floor and remainder of floats; the remainder is exact but for one rounding.
fn floor_mod(a: f64, b: f64) -> (f64, f64) {
    let mut rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 {
        if (b < 0.0) != (rest < 0.0) {
            rest += b;
            quotient -= 1.0;
        }
    } else {
        rest = 0.0_f64.copysign(b);
    }
    let floor = if quotient != 0.0 {
        let floor = quotient.floor();
        if quotient - floor > 0.5 {
            floor + 1.0
        } else {
            floor
        }
    } else {
        0.0_f64.copysign(a / b)
    };
    (floor, rest)
}

fn float_pow(base: f64, exponent: f64) -> Result<f64, Fault> {
    if base == 0.0 && exponent < 0.0 {
        return Err(Fault::zero());
    }
    if base < 0.0 && base.is_finite() && exponent.is_finite() && exponent.fract() != 0.0 {
        return Err(Fault::value(
            "a negative number has no real fractional power",
        ));
    }
    let power = base.powf(exponent);
    if power.is_infinite() && base.is_finite() && exponent.is_finite() {
        return Err(Fault::too_large());
    }
    Ok(power)
}
