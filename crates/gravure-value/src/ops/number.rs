//! Numbers of three shapes as one: what arithmetic and comparing start from.

use crate::{BigInt, Fault, Heap, Value, View};
use num_traits::{FromPrimitive, Signed, ToPrimitive};
use std::{borrow::Cow, cmp::Ordering};

/// A number. A `Big` never fits `i64`.
#[derive(Clone, Debug)]
pub(crate) enum Num<'a> {
    Int(i64),
    Big(Cow<'a, BigInt>),
    Float(f64),
}

/// The number that a value is: bools are 0 and 1.
pub(crate) fn number<'a, 'c>(heap: &'a Heap<'c>, value: Value<'c>) -> Option<Num<'a>> {
    match value {
        Value::Int(it) => Some(Num::Int(it)),
        Value::Float(it) => Some(Num::Float(it)),
        Value::Bool(it) => Some(Num::Int(i64::from(it))),
        Value::Cell(crate::CellKind::Big, _)
        | Value::Json(_)
        | Value::Node(..)
        | Value::Tree(..) => match heap.view(value) {
            View::Int(it) => Some(Num::Int(it)),
            View::Float(it) => Some(Num::Float(it)),
            View::Bool(it) => Some(Num::Int(i64::from(it))),
            View::Big(it) => Some(match i64::try_from(&*it) {
                Ok(small) => Num::Int(small),
                Err(_) => Num::Big(it),
            }),
            _ => None,
        },
        _ => None,
    }
}

impl<'a> Num<'a> {
    /// As an integer of any size, unless it is a float.
    pub(crate) fn into_big(self) -> Option<Cow<'a, BigInt>> {
        match self {
            Num::Int(it) => Some(Cow::Owned(it.into())),
            Num::Big(it) => Some(it),
            Num::Float(_) => None,
        }
    }

    /// As a float.
    ///
    /// # Errors
    /// `K-RUN-007` if it is too large.
    pub(crate) fn to_float(&self) -> Result<f64, Fault> {
        match self {
            Num::Int(it) => Ok(*it as f64),
            Num::Float(it) => Ok(*it),
            Num::Big(it) => match it.to_f64() {
                Some(float) if float.is_finite() => Ok(float),
                _ => Err(Fault::too_large()),
            },
        }
    }

    /// What looking at all of it costs.
    pub(crate) fn weight(&self) -> u64 {
        match self {
            Num::Big(it) => it.bits() / 64,
            Num::Int(_) | Num::Float(_) => 0,
        }
    }

    /// Zero of either sign?
    pub(crate) fn is_zero(&self) -> bool {
        match self {
            Num::Int(it) => *it == 0,
            Num::Float(it) => *it == 0.0,
            Num::Big(_) => false,
        }
    }

    /// The exact order; `None` if one is not a number.
    pub(crate) fn order(&self, other: &Num<'_>) -> Option<Ordering> {
        match (self, other) {
            (Num::Int(lhs), Num::Int(rhs)) => Some(lhs.cmp(rhs)),
            (Num::Float(lhs), Num::Float(rhs)) => lhs.partial_cmp(rhs),
            (Num::Int(lhs), Num::Float(rhs)) => int_to_float(*lhs, *rhs),
            (Num::Float(lhs), Num::Int(rhs)) => int_to_float(*rhs, *lhs).map(Ordering::reverse),
            (Num::Big(lhs), Num::Big(rhs)) => Some(lhs.cmp(rhs)),
            (Num::Big(lhs), Num::Int(_)) => Some(sign_order(lhs)),
            (Num::Int(_), Num::Big(rhs)) => Some(sign_order(rhs).reverse()),
            (Num::Big(lhs), Num::Float(rhs)) => big_to_float(lhs, *rhs),
            (Num::Float(lhs), Num::Big(rhs)) => big_to_float(rhs, *lhs).map(Ordering::reverse),
        }
    }
}

/// 2^63 as a float: exact.
const LIMIT: f64 = 9_223_372_036_854_775_808.0;

fn int_to_float(int: i64, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    if float >= LIMIT {
        return Some(Ordering::Less);
    }
    if float < -LIMIT {
        return Some(Ordering::Greater);
    }
    let whole = float.trunc();
    let rest = 0.0_f64.partial_cmp(&(float - whole))?;
    Some(int.cmp(&(whole as i64)).then(rest))
}

fn big_to_float(big: &BigInt, float: f64) -> Option<Ordering> {
    if float.is_nan() {
        return None;
    }
    match BigInt::from_f64(float) {
        // The fraction does not matter: `big` lies beyond `i64`, where
        // doubles have none, or the float lies within.
        Some(whole) => Some(big.cmp(&whole)),
        None if float > 0.0 => Some(Ordering::Less),
        None => Some(Ordering::Greater),
    }
}

/// How an integer beyond `i64` compares with all within.
fn sign_order(big: &BigInt) -> Ordering {
    if big.is_negative() {
        Ordering::Less
    } else {
        Ordering::Greater
    }
}

/// An integer or bool as an integer of any size.
pub fn as_big<'c>(heap: &Heap<'c>, value: Value<'c>) -> Option<BigInt> {
    let number = number(heap, value)?;
    // A meter that is used up stops whatever comes next.
    let _ = heap.charge(number.weight());
    Some(number.into_big()?.into_owned())
}

/// A number as a float, `None` for anything else.
///
/// # Errors
/// `K-RUN-007` if an integer is too large for a double.
pub fn as_float<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<Option<f64>, Fault> {
    let Some(number) = number(heap, value) else {
        return Ok(None);
    };
    heap.charge(number.weight())?;
    number.to_float().map(Some)
}

/// An integer or bool as a position; those beyond `i64` become its ends.
pub fn as_index<'c>(heap: &Heap<'c>, value: Value<'c>) -> Option<i64> {
    match number(heap, value)? {
        Num::Int(it) => Some(it),
        Num::Big(it) if it.is_negative() => Some(i64::MIN),
        Num::Big(_) => Some(i64::MAX),
        Num::Float(_) => None,
    }
}
