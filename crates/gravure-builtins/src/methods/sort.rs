//! A stable merge sort whose comparison may fail.
//!
//! The one of the standard library may panic when an order is not total, as
//! that of sets and of nan is not, and cannot stop at a fault.

use gravure_value::{Call, Fault, Heap, Value, ops};
use std::cmp::Ordering;

/// Texts up to this size are compared without asking what it costs.
const SHORT: usize = 256;

/// `items` in the order of their `keys`; ties keep their order, in reverse too.
///
/// # Errors
/// `K-RUN-012` for kinds without an order, `K-RUN-005` for none among others.
pub(super) fn merge_sort<'c>(
    call: &mut Call<'_, 'c>,
    items: &[Value<'c>],
    keys: &[Value<'c>],
    is_reverse: bool,
) -> Result<Vec<Value<'c>>, Fault> {
    let heap = &*call.heap();
    let n = items.len().min(keys.len());
    let n_rounds = u64::from(usize::BITS - n.leading_zeros());
    heap.charge(n as u64 * n_rounds)?;
    heap.reserve(n as u64 * 2 * size_of::<usize>() as u64)?;
    let mut order: Vec<usize> = (0..n).collect();
    if is_reverse {
        order.reverse();
    }
    if !sort_ints(keys, &mut order) && !sort_short_texts(heap, keys, &mut order) {
        sort_by_parts(heap, keys, &mut order)?;
    }
    if is_reverse {
        order.reverse();
    }
    Ok(order
        .iter()
        .filter_map(|&at| items.get(at).copied())
        .collect())
}

/// Sort if all keys are plain ints; else do nothing.
fn sort_ints(keys: &[Value<'_>], order: &mut [usize]) -> bool {
    if !keys.iter().all(|key| matches!(key, Value::Int(_))) {
        return false;
    }
    order.sort_by_key(|&at| match keys.get(at) {
        Some(Value::Int(it)) => *it,
        _ => 0,
    });
    true
}

/// Sort if all keys are short texts; else do nothing.
fn sort_short_texts<'c>(heap: &Heap<'c>, keys: &[Value<'c>], order: &mut [usize]) -> bool {
    let texts: Option<Vec<&str>> = keys
        .iter()
        .map(|&key| heap.text(key).filter(|text| text.len() <= SHORT))
        .collect();
    let Some(texts) = texts else {
        return false;
    };
    order.sort_by(|&lhs, &rhs| match (texts.get(lhs), texts.get(rhs)) {
        (Some(lhs), Some(rhs)) => lhs.cmp(rhs),
        _ => Ordering::Equal,
    });
    true
}

/// Bottom-up: runs of one, two, four … are merged.
fn sort_by_parts<'c>(
    heap: &Heap<'c>,
    keys: &[Value<'c>],
    order: &mut Vec<usize>,
) -> Result<(), Fault> {
    let n = order.len();
    let key = |at: usize| keys.get(at).copied().unwrap_or(Value::None);
    let mut merged: Vec<usize> = Vec::with_capacity(n);
    let mut run = 1;
    while run < n {
        merged.clear();
        for pair in order.chunks(run * 2) {
            let (mut left, mut right) = pair.split_at(run.min(pair.len()));
            while let (Some(&lhs), Some(&rhs)) = (left.first(), right.first()) {
                // Only what is less overtakes: that keeps ties in order.
                if ops::less(heap, key(rhs), key(lhs))? {
                    merged.push(rhs);
                    right = right.get(1..).unwrap_or(&[]);
                } else {
                    merged.push(lhs);
                    left = left.get(1..).unwrap_or(&[]);
                }
            }
            merged.extend_from_slice(left);
            merged.extend_from_slice(right);
        }
        std::mem::swap(order, &mut merged);
        run = run.saturating_mul(2);
    }
    Ok(())
}
