//! What natives and properties say that pages are full of, without calling them.
//!
//! What is answered and charged is what the native does. So this file may leave
//! out any case: what is long, rare, of another kind, or cannot be paid at once
//! is refused before anything is done, and the native is called.

use crate::lookup::{read_json, read_node};
use gravure_value::{Cell, CellId, Heap, Json, Node, NodeId, Value, text::Packed};

/// What a call of a native costs whose price is one step: that is paid for its
/// parameters, and for what it is given beyond them.
const CALL: u64 = 2;

/// Texts in one case that are longer are left to the native.
pub(crate) const MOST_CASED: usize = 64;

/// What the native pays that prints a short text in one case, if that can be
/// paid, and the native could make its answer; `None` for longer ones.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn price_of_case(heap: &Heap<'_>, text: &str) -> Option<u64> {
    let len = text.len() as u64;
    let may_be_made =
        text.len() <= MOST_CASED && len <= heap.limits.text && heap.has_room(3 * MOST_CASED as u64);
    let steps = 2 + 2 * (len / 8);
    (may_be_made && heap.meter.affords(steps)).then_some(steps)
}

/// The text of a str that lies where no longer look is needed.
#[inline(always)]
pub(crate) fn text<'a, 'c: 'a>(heap: &'a Heap<'c>, value: Value<'c>) -> Option<&'a str> {
    match value {
        Value::Str(_, text) => Some(text),
        Value::Const(template, id) => Some(heap.constant(template, id)),
        Value::Text(_, id) => match heap.cell(id) {
            Cell::Text(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// How many items there are.
#[inline]
pub(crate) fn length<'c>(heap: &Heap<'c>, value: Value<'c>) -> Option<Value<'c>> {
    let len = match value {
        Value::Json(Json::Array(items)) => items.len() as u64,
        Value::Json(Json::Object(map)) => map.len() as u64,
        Value::Node(tree, id) => match tree.node(id) {
            Node::List(_, len) => u64::from(len),
            Node::Map(map) => u64::from(map.len),
            _ => return None,
        },
        Value::Seq(seq) => seq.len() as u64,
        Value::Cell(_, id) => match heap.cell(id) {
            Cell::List(items) | Cell::Tuple(items) => items.len() as u64,
            _ => return None,
        },
        _ => return None,
    };
    let len = i64::try_from(len).ok()?;
    heap.meter.try_charge(CALL).then_some(Value::Int(len))
}

/// Put the item of a list of the host at a position, which may count from the
/// end, into a register.
#[inline]
pub(crate) fn item<'c>(to: &mut Value<'c>, object: Value<'c>, at: Value<'c>) -> bool {
    let Value::Int(at) = at else {
        return false;
    };
    let place = |len: usize| match at {
        0.. => usize::try_from(at).ok(),
        _ => len.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    };
    match object {
        Value::Json(Json::Array(items)) => {
            let item = place(items.len()).and_then(|at| items.get(at));
            item.map(|item| read_json(to, item)).is_some()
        }
        Value::Node(tree, id) => match tree.node(id) {
            Node::List(first, len) => {
                let at = place(len as usize).filter(|&at| at < len as usize);
                at.map(|at| read_node(to, tree, NodeId(first.0 + at as u32)))
                    .is_some()
            }
            _ => false,
        },
        Value::Seq(seq) => {
            let at = place(seq.len());
            at.is_some_and(|at| to.put_item_of(seq, at))
        }
        _ => false,
    }
}

/// A property of a loop that is held as a value, by the words of its name.
#[inline]
pub(crate) fn of_loop<'c>(heap: &Heap<'c>, id: CellId, name: Packed) -> Option<Value<'c>> {
    const INDEX: Packed = Packed::of_known("index");
    const INDEX0: Packed = Packed::of_known("index0");
    const FIRST: Packed = Packed::of_known("first");
    const LAST: Packed = Packed::of_known("last");
    const LENGTH: Packed = Packed::of_known("length");
    let Cell::Loop(state) = heap.cell(id) else {
        return None;
    };
    let len = i64::try_from(state.iter.len).ok()?;
    let at = i64::try_from(state.iter.pos).ok()?.max(1);
    let value = match name {
        _ if state.is_async => return None,
        INDEX => Value::Int(at),
        INDEX0 => Value::Int(at - 1),
        FIRST => Value::Bool(at == 1),
        LAST => Value::Bool(at >= len),
        LENGTH => Value::Int(len),
        _ => return None,
    };
    heap.meter.try_charge(CALL).then_some(value)
}
