//! Equality, order, membership, identity, truth.
//!
//! Comparing nested data keeps its own stack and meets circles as faults. Two
//! circles are met again as a pair, since there are only so many pairs.

use super::number::{Num, number};
use super::path::{Path, cells_of};
use crate::view::{Entries, Map};
use crate::{Cell, CellId, CellKind, Data, Dict, Fault, Heap, Items, Range, Seq, Value, View};
use std::{cmp::Ordering, sync::Arc};

/// `lhs == rhs`: exact for numbers, by code points for texts, by members for
/// containers; different kinds are unequal.
///
/// # Errors
/// `K-RUN-007` for data that contains itself, `K-RUN-019`.
#[inline]
pub fn eq<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => return Ok(a == b),
        (Value::None, Value::None) => return Ok(true),
        (Value::Bool(a), Value::Bool(b)) => return Ok(a == b),
        (Value::Str(_, a), Value::Str(_, b)) if a.len() != b.len() || a.len() < 64 => {
            return Ok(a == b);
        }
        _ => {}
    }
    eq_slow(heap, lhs, rhs)
}

#[inline(never)]
fn eq_slow<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    let first = match eq_shallow(heap, lhs, rhs)? {
        Equal::Known(known) => return Ok(known),
        Equal::Open(walk) => walk,
    };
    let mut path = Path::default();
    let mut walks = vec![(first, enter(&mut path, lhs, rhs)?)];
    while let Some((walk, is_tracked)) = walks.last_mut() {
        match walk.next(heap)? {
            Next::Differ => return Ok(false),
            Next::Done => {
                if *is_tracked {
                    path.leave();
                }
                walks.pop();
            }
            Next::Pair(a, b) => match eq_shallow(heap, a, b)? {
                Equal::Known(true) => {}
                Equal::Known(false) => return Ok(false),
                Equal::Open(walk) => {
                    let is_tracked = enter(&mut path, a, b)?;
                    heap.reserve_level::<(Walk<'_, '_>, bool)>(walks.len())?;
                    walks.push((walk, is_tracked));
                }
            },
        }
    }
    Ok(true)
}

fn enter(path: &mut Path, lhs: Value<'_>, rhs: Value<'_>) -> Result<bool, Fault> {
    match cells_of(lhs, rhs) {
        None => Ok(false),
        Some(id) if path.enter(id) => Ok(true),
        Some(_) => Err(Fault::circle()),
    }
}

enum Equal<'a, 'c> {
    Known(bool),
    Open(Walk<'a, 'c>),
}

/// Two containers of the same length, as far as they are compared.
enum Walk<'a, 'c> {
    Seqs(Seq<'a, 'c>, Seq<'a, 'c>, usize),
    Maps(Entries<'a, 'c>, Map<'a, 'c>),
}

enum Next<'c> {
    Pair(Value<'c>, Value<'c>),
    Differ,
    Done,
}

impl<'a, 'c: 'a> Walk<'a, 'c> {
    fn next(&mut self, heap: &Heap<'c>) -> Result<Next<'c>, Fault> {
        // Two values, which lie wherever they were made.
        heap.charge(2)?;
        match self {
            Walk::Seqs(lhs, rhs, at) => {
                let pair = lhs.get(*at).zip(rhs.get(*at));
                *at += 1;
                Ok(pair.map_or(Next::Done, |(a, b)| Next::Pair(a, b)))
            }
            Walk::Maps(lhs, rhs) => match lhs.next() {
                None => Ok(Next::Done),
                Some((key, value)) => Ok(match rhs.get(heap, key)? {
                    Some(other) => Next::Pair(value, other),
                    None => Next::Differ,
                }),
            },
        }
    }
}

/// Compare without going into containers.
fn eq_shallow<'a, 'c: 'a>(
    heap: &'a Heap<'c>,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Equal<'a, 'c>, Fault> {
    if let Some(a) = heap.text(lhs) {
        let Some(b) = heap.text(rhs) else {
            return Ok(Equal::Known(false));
        };
        if a.len() != b.len() {
            return Ok(Equal::Known(false));
        }
        heap.charge(a.len() as u64 / 8)?;
        return Ok(Equal::Known(a == b));
    }
    if let Some(a) = number(heap, lhs) {
        let Some(b) = number(heap, rhs) else {
            return Ok(Equal::Known(false));
        };
        heap.charge(a.weight() + b.weight())?;
        return Ok(Equal::Known(a.order(&b) == Some(Ordering::Equal)));
    }
    let known = match (heap.view(lhs), heap.view(rhs)) {
        (View::List(a), View::List(b)) | (View::Tuple(a), View::Tuple(b)) => {
            if a.len() == b.len() {
                return Ok(Equal::Open(Walk::Seqs(a, b, 0)));
            }
            false
        }
        (View::Dict(a), View::Dict(b)) | (View::ItemsView(a), View::ItemsView(b)) => {
            if a.len() == b.len() {
                return Ok(Equal::Open(Walk::Maps(a.iter(), b)));
            }
            false
        }
        (View::KeysView(a), View::KeysView(b)) => {
            let mut keys = a.iter();
            a.len() == b.len()
                && loop {
                    heap.charge(1)?;
                    match keys.next() {
                        None => break true,
                        Some((key, _)) if b.get(heap, key)?.is_none() => break false,
                        Some(_) => {}
                    }
                }
        }
        (View::Set(a), View::Set(b)) => a.len() == b.len() && is_subset(heap, a, b)?,
        (View::Range(a), View::Range(b)) => same_members(a, b),
        _ => same(heap, lhs, rhs),
    };
    Ok(Equal::Known(known))
}

fn same_members(a: Range, b: Range) -> bool {
    let len = a.len();
    len == b.len() && (len == 0 || a.start == b.start && (len == 1 || a.step == b.step))
}

fn is_subset<'c>(heap: &Heap<'c>, a: &Dict<'c>, b: &Dict<'c>) -> Result<bool, Fault> {
    if a.len() > b.len() {
        return Ok(false);
    }
    for (member, _) in a.iter() {
        heap.charge(1)?;
        if b.position(heap, member)?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

// ---- order ----

/// How two values are ordered, `None` if one is not a number. Sets have no
/// order of this kind.
///
/// # Errors
/// `K-RUN-005` if none is met, `K-RUN-012` for other kinds without an order.
pub fn order<'c>(
    heap: &Heap<'c>,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Option<Ordering>, Fault> {
    if let (Value::Int(a), Value::Int(b)) = (lhs, rhs) {
        return Ok(Some(a.cmp(&b)));
    }
    match decide(heap, lhs, rhs)? {
        Decided::Length(order) => Ok(Some(order)),
        Decided::By(a, b) => order_shallow(heap, a, b),
    }
}

/// `lhs < rhs`.
///
/// # Errors
/// As [`order`].
#[inline]
pub fn less<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => Ok(a < b),
        (Value::Float(a), Value::Float(b)) => Ok(a < b),
        _ => relate(heap, lhs, rhs, Ordering::is_lt, |heap, a, b| {
            Ok(a.len() < b.len() && is_subset(heap, a, b)?)
        }),
    }
}

/// `lhs <= rhs`.
///
/// # Errors
/// As [`order`].
#[inline]
pub fn less_eq<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => Ok(a <= b),
        (Value::Float(a), Value::Float(b)) => Ok(a <= b),
        _ => relate(heap, lhs, rhs, Ordering::is_le, is_subset),
    }
}

/// `lhs > rhs`.
///
/// # Errors
/// As [`order`].
#[inline]
pub fn greater<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => Ok(a > b),
        (Value::Float(a), Value::Float(b)) => Ok(a > b),
        _ => relate(heap, lhs, rhs, Ordering::is_gt, |heap, a, b| {
            Ok(a.len() > b.len() && is_subset(heap, b, a)?)
        }),
    }
}

/// `lhs >= rhs`.
///
/// # Errors
/// As [`order`].
#[inline]
pub fn greater_eq<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match (lhs, rhs) {
        (Value::Int(a), Value::Int(b)) => Ok(a >= b),
        (Value::Float(a), Value::Float(b)) => Ok(a >= b),
        _ => relate(heap, lhs, rhs, Ordering::is_ge, |heap, a, b| {
            is_subset(heap, b, a)
        }),
    }
}

type OfSets = for<'c> fn(&Heap<'c>, &Dict<'c>, &Dict<'c>) -> Result<bool, Fault>;

#[inline(never)]
fn relate<'c>(
    heap: &Heap<'c>,
    lhs: Value<'c>,
    rhs: Value<'c>,
    holds: fn(Ordering) -> bool,
    of_sets: OfSets,
) -> Result<bool, Fault> {
    match decide(heap, lhs, rhs)? {
        Decided::Length(order) => Ok(holds(order)),
        Decided::By(a, b) => {
            if let (View::Set(a), View::Set(b)) = (heap.view(a), heap.view(b)) {
                return of_sets(heap, a, b);
            }
            Ok(order_shallow(heap, a, b)?.is_some_and(holds))
        }
    }
}

/// What the order of two values depends on.
enum Decided<'c> {
    /// One is the beginning of the other, or both are equal.
    Length(Ordering),
    /// These two: the values themselves, or the first that differ in them.
    By(Value<'c>, Value<'c>),
}

fn decide<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<Decided<'c>, Fault> {
    let Some((a, b)) = both_seqs(heap, lhs, rhs) else {
        return Ok(Decided::By(lhs, rhs));
    };
    let mut path = Path::default();
    let mut walks = vec![((a, b, 0), enter(&mut path, lhs, rhs)?)];
    while let Some(((a, b, at), is_tracked)) = walks.last_mut() {
        heap.charge(1)?;
        let Some((x, y)) = a.get(*at).zip(b.get(*at)) else {
            let order = a.len().cmp(&b.len());
            if order.is_ne() {
                return Ok(Decided::Length(order));
            }
            if *is_tracked {
                path.leave();
            }
            walks.pop();
            continue;
        };
        *at += 1;
        match both_seqs(heap, x, y) {
            Some((a, b)) => {
                let is_tracked = enter(&mut path, x, y)?;
                heap.reserve_level::<((Seq<'_, '_>, Seq<'_, '_>, usize), bool)>(walks.len())?;
                walks.push(((a, b, 0), is_tracked));
            }
            None if eq(heap, x, y)? => {}
            None => return Ok(Decided::By(x, y)),
        }
    }
    Ok(Decided::Length(Ordering::Equal))
}

fn both_seqs<'a, 'c: 'a>(
    heap: &'a Heap<'c>,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Option<(Seq<'a, 'c>, Seq<'a, 'c>)> {
    let is_container = |value| {
        matches!(
            value,
            Value::Cell(..) | Value::Json(_) | Value::Node(..) | Value::Tree(..) | Value::Seq(_)
        )
    };
    if !is_container(lhs) || !is_container(rhs) {
        return None;
    }
    match (heap.view(lhs), heap.view(rhs)) {
        (View::List(a), View::List(b)) | (View::Tuple(a), View::Tuple(b)) => Some((a, b)),
        _ => None,
    }
}

fn order_shallow<'c>(
    heap: &Heap<'c>,
    lhs: Value<'c>,
    rhs: Value<'c>,
) -> Result<Option<Ordering>, Fault> {
    if let (Some(a), Some(b)) = (heap.text(lhs), heap.text(rhs)) {
        heap.charge(a.len().min(b.len()) as u64 / 8)?;
        return Ok(Some(a.cmp(b)));
    }
    if let (Some(a), Some(b)) = (number(heap, lhs), number(heap, rhs)) {
        heap.charge(a.weight() + b.weight())?;
        return Ok(a.order(&b));
    }
    let (left, right) = (heap.kind_name(lhs), heap.kind_name(rhs));
    if lhs.is_none() || rhs.is_none() {
        return Err(Fault::none_order(left, right));
    }
    Err(Fault::order(left, right))
}

// ---- membership ----

/// `item in container`.
///
/// # Errors
/// `K-RUN-012` for what has no members, for anything but a text in a text, and
/// for keys that cannot be hashed. One-pass iterators are the VM's.
pub fn contains<'c>(heap: &Heap<'c>, item: Value<'c>, container: Value<'c>) -> Result<bool, Fault> {
    let wrong = || Fault::no_members(heap.kind_name(item), heap.kind_name(container));
    match heap.view(container) {
        View::Str(_, text) => {
            let part = heap.text(item).ok_or_else(wrong)?;
            heap.charge(text.len() as u64 / 8)?;
            Ok(text.contains(part))
        }
        View::List(seq) | View::Tuple(seq) => any_equal(heap, item, seq.iter()),
        View::ValuesView(map) => any_equal(heap, item, map.iter().map(|(_, value)| value)),
        View::Dict(map) | View::KeysView(map) => Ok(map.get(heap, item)?.is_some()),
        View::Set(members) => Ok(members.position(heap, item)?.is_some()),
        View::ItemsView(map) => {
            let View::Tuple(pair) = heap.view(item) else {
                return Ok(false);
            };
            match (pair.len(), pair.get(0), pair.get(1)) {
                (2, Some(key), Some(value)) => match map.get(heap, key)? {
                    Some(found) => eq(heap, found, value),
                    None => Ok(false),
                },
                _ => Ok(false),
            }
        }
        View::Range(range) => Ok(number(heap, item).is_some_and(|it| is_member(range, &it))),
        View::Undefined => Ok(false),
        View::Object(object) => match object.items() {
            Some(items) => any_data(heap, item, items),
            None => Err(wrong()),
        },
        View::Shared(object) => match object.items() {
            Some(items) => any_data(heap, item, items),
            None => Err(wrong()),
        },
        _ => Err(wrong()),
    }
}

fn any_equal<'c>(
    heap: &Heap<'c>,
    item: Value<'c>,
    values: impl Iterator<Item = Value<'c>>,
) -> Result<bool, Fault> {
    // A text lies elsewhere than the item that holds it.
    let price = 1 + u64::from(heap.text(item).is_some());
    for value in values {
        heap.charge(price)?;
        if eq(heap, value, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Is an item of an object equal? Scalars, texts and borrowed data can be;
/// owned containers are new each time they are asked for and never are.
fn any_data<'c>(heap: &Heap<'c>, item: Value<'c>, all: Vec<Data<'c>>) -> Result<bool, Fault> {
    for data in &all {
        heap.charge(1)?;
        let value = match data {
            Data::Str(text) | Data::Safe(text) | Data::Marked(_, text) => {
                if heap.text(item) == Some(text) {
                    return Ok(true);
                }
                continue;
            }
            Data::None => Value::None,
            Data::Undefined => Value::Undefined,
            Data::Bool(it) => Value::Bool(*it),
            Data::Int(it) => Value::Int(*it),
            Data::Float(it) => Value::Float(*it),
            Data::Json(json) => Value::from_json(json),
            Data::Node(tree) => Value::from_tree(tree),
            Data::Object(object) => Value::Object(*object),
            Data::Seq(seq) => Value::Seq(*seq),
            _ => continue,
        };
        if eq(heap, value, item)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn is_member(range: Range, item: &Num<'_>) -> bool {
    let at = match item {
        Num::Int(it) => *it,
        Num::Float(it) => {
            let whole = *it as i64;
            if item.order(&Num::Int(whole)) != Some(Ordering::Equal) {
                return false;
            }
            whole
        }
        Num::Big(_) => return false,
    };
    let from_start = i128::from(at) - i128::from(range.start);
    let step = i128::from(range.step);
    step != 0
        && from_start % step == 0
        && from_start / step >= 0
        && from_start / step < i128::from(range.len())
}

// ---- identity and truth ----

/// Are they one and the same? Scalars and texts are if they are of one kind
/// and equal, everything else if it is one object.
pub fn same<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> bool {
    match (lhs, rhs) {
        (Value::Unset | Value::Undefined, Value::Unset | Value::Undefined) => true,
        (Value::None, Value::None) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Cell(CellKind::Big, _), Value::Cell(CellKind::Big, _)) => {
            match (heap.view(lhs), heap.view(rhs)) {
                (View::Big(a), View::Big(b)) => a == b,
                _ => false,
            }
        }
        (Value::Cell(_, a), Value::Cell(_, b)) => a == b || same_cells(heap, a, b),
        (Value::Json(a), Value::Json(b)) => std::ptr::eq(a, b),
        (Value::Node(a, at), Value::Node(b, other)) => std::ptr::eq(a, b) && at == other,
        (Value::Tree(a, at), Value::Tree(b, other)) if a == b && at == other => true,
        (Value::Object(a), Value::Object(b)) => std::ptr::addr_eq(a, b),
        (Value::Seq(a), Value::Seq(b)) => std::ptr::addr_eq(a, b),
        (Value::Native(a), Value::Native(b)) => a == b,
        _ => match (heap.text(lhs), heap.text(rhs)) {
            (Some(a), Some(b)) => a == b,
            _ => false,
        },
    }
}

/// A method is made anew each time it is read, and so is what keeps an object
/// of the host.
fn same_cells<'c>(heap: &Heap<'c>, lhs: CellId, rhs: CellId) -> bool {
    match (heap.cell(lhs), heap.cell(rhs)) {
        // A receiver is data, never a method: this goes one step deep.
        (Cell::Bound(a, on), Cell::Bound(b, other)) => {
            a == b && !matches!(on, Value::Cell(CellKind::Bound, _)) && same(heap, *on, *other)
        }
        (Cell::Shared(a), Cell::Shared(b)) => match (a.get(), b.get()) {
            (Some(a), Some(b)) => std::ptr::addr_eq(Arc::as_ptr(a), Arc::as_ptr(b)),
            _ => false,
        },
        _ => false,
    }
}

/// Is it true in a condition?
#[inline]
pub fn is_truthy<'c>(heap: &Heap<'c>, value: Value<'c>) -> bool {
    match value {
        Value::Bool(it) => it,
        Value::Int(it) => it != 0,
        Value::Float(it) => it != 0.0,
        Value::None | Value::Undefined | Value::Unset => false,
        Value::Str(_, text) => !text.is_empty(),
        _ => match heap.view(value) {
            View::Undefined | View::None => false,
            View::Bool(it) => it,
            View::Int(it) => it != 0,
            View::Float(it) => it != 0.0,
            View::Str(_, text) => !text.is_empty(),
            View::List(seq) | View::Tuple(seq) => !seq.is_empty(),
            View::Dict(map)
            | View::KeysView(map)
            | View::ValuesView(map)
            | View::ItemsView(map) => !map.is_empty(),
            View::Set(members) => !members.is_empty(),
            View::Range(range) => !range.is_empty(),
            View::Object(object) => object.is_truthy(),
            View::Big(_) | View::Iter | View::Loop | View::Function | View::Shared(_) => true,
        },
    }
}

/// How many characters or items there are; `None` for what has no length.
pub fn length<'c>(heap: &Heap<'c>, value: Value<'c>) -> Option<u64> {
    match heap.view(value) {
        View::Undefined => Some(0),
        View::Str(_, text) => Some(crate::text::char_count(text) as u64),
        View::List(seq) | View::Tuple(seq) => Some(seq.len() as u64),
        View::Dict(map) | View::KeysView(map) | View::ValuesView(map) | View::ItemsView(map) => {
            Some(map.len() as u64)
        }
        View::Set(members) => Some(members.len() as u64),
        View::Range(range) => Some(range.len()),
        View::Object(object) => object.items().map(|items| items.len() as u64),
        View::Shared(object) => object.items().map(|items| items.len() as u64),
        _ => None,
    }
}

/// How many rounds a loop has, unless it is asynchronous. A text is counted
/// each time, and paid for.
pub(crate) fn loop_length<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<Option<u64>, Fault> {
    let Value::Cell(CellKind::Loop, id) = value else {
        return Ok(None);
    };
    match heap.cell(id) {
        Cell::Loop(state) if !state.is_async => {
            if let Items::Chars(text, _) = &state.iter.items {
                heap.charge(text.len() as u64 / 8)?;
            }
            let mut iter = state.iter.clone();
            Ok(Some(iter.measure()).filter(|&len| len != u64::MAX))
        }
        _ => Ok(None),
    }
}
