//! Changing what the render made: lists, dicts and sets in their cells.
//!
//! The contents are taken out of the cell while they change, so that keys can
//! be hashed and compared meanwhile, and always put back. Loops may share
//! them; then the cell gets a copy of its own, which is paid for first.

use gravure_value::{Cell, Dict, Fault, Heap, Value};
use std::sync::Arc;

/// Change a list. Reserve room for `n_more` items first.
pub(super) fn change_list<'c, T>(
    heap: &mut Heap<'c>,
    receiver: Value<'c>,
    n_more: usize,
    then: impl FnOnce(&mut Vec<Value<'c>>) -> T,
) -> Result<T, Fault> {
    let Value::Cell(_, id) = receiver else {
        return Err(not_own());
    };
    let Cell::List(items) = heap.cell(id) else {
        return Err(not_own());
    };
    let (len, capacity) = (items.len(), items.capacity());
    let is_shared = Arc::strong_count(items) > 1;
    let n_after = len as u64 + n_more as u64;
    heap.check_collection(n_after)?;
    if is_shared {
        heap.charge(len as u64)?;
        heap.reserve((len as u64).saturating_mul(size_of::<Value<'_>>() as u64))?;
    }
    if n_after > capacity as u64 {
        let room = n_after.max(capacity as u64 * 2);
        heap.reserve(room.saturating_mul(size_of::<Value<'_>>() as u64))?;
    }
    let Some(Cell::List(items)) = heap.cell_mut(id) else {
        return Err(not_own());
    };
    let items = Arc::make_mut(items);
    let before = if is_shared { 0 } else { items.capacity() };
    let result = then(items);
    let more = items.capacity().saturating_sub(before);
    heap.grow(more * size_of::<Value<'_>>())?;
    Ok(result)
}

/// Change a dict or set.
pub(super) fn change_dict<'c, T>(
    heap: &mut Heap<'c>,
    receiver: Value<'c>,
    n_more: usize,
    then: impl FnOnce(&Heap<'c>, &mut Dict<'c>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    let Value::Cell(_, id) = receiver else {
        return Err(not_own());
    };
    let (Cell::Dict(dict) | Cell::Set(dict)) = heap.cell(id) else {
        return Err(not_own());
    };
    let is_shared = Arc::strong_count(dict) > 1;
    heap.check_collection(dict.len() as u64 + n_more as u64)?;
    if is_shared {
        heap.charge(dict.len() as u64)?;
        heap.reserve(dict.bytes() as u64)?;
    }
    let Some(slot) = heap.cell_mut(id) else {
        return Err(not_own());
    };
    let mut cell = std::mem::replace(slot, Cell::Free(None));
    let (result, more) = match &mut cell {
        Cell::Dict(dict) | Cell::Set(dict) => {
            let dict = Arc::make_mut(dict);
            let before = if is_shared { 0 } else { dict.bytes() };
            let result = then(heap, dict);
            (result, dict.bytes().saturating_sub(before))
        }
        _ => (Err(not_own()), 0),
    };
    if let Some(slot) = heap.cell_mut(id) {
        *slot = cell;
    }
    let result = result?;
    heap.grow(more)?;
    Ok(result)
}

/// What taking an entry out costs: unless it is the last, all others are
/// entered into the index again.
pub(super) fn removal_cost(dict: &Dict<'_>, at: usize) -> u64 {
    if at + 1 == dict.len() {
        1
    } else {
        dict.len() as u64
    }
}

/// Methods are found by kind, so this says that the machine mixed them up.
fn not_own() -> Fault {
    Fault::kind("the receiver cannot be changed")
}
