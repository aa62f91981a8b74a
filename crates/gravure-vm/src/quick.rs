//! Filters that pages are full of, done without being called.
//!
//! What they answer and charge is what the native does. So this file may leave
//! out any case: what is long, rare, of another kind, or cannot be paid at once
//! is refused before anything is done, and the native is called.

use crate::output::{Case, Output};
use gravure_value::{Cell, Heap, Json, Native, Node, NodeId, Quick, Surface, Value};

/// What a call of a native costs whose price is one step: that is paid for its
/// parameters, and for what it is given beyond them.
pub(crate) const CALL: u64 = 2;

/// Print `value | native` on a page that may grow up to `bound`; false if
/// nothing was done.
#[inline]
pub(crate) fn print<'c>(
    native: &Native,
    value: Value<'c>,
    surface: Surface,
    heap: &Heap<'c>,
    out: &mut Output,
    bound: usize,
) -> bool {
    let case = match native.quick {
        Quick::Upper => Case::Upper,
        Quick::Lower => Case::Lower,
        Quick::None | Quick::Length => return false,
    };
    let is_html = match surface {
        Surface::Html => true,
        Surface::Text => false,
        Surface::Markdown | Surface::Terminal => return false,
    };
    let Some(text) = short(heap, value) else {
        return false;
    };
    let len = text.len() as u64;
    // What making the text would need, and the text itself.
    if len > heap.limits.text || heap.reserve(len * 3).is_err() {
        return false;
    }
    let steps = 2 + 2 * (len / 8);
    heap.meter.affords(steps)
        && out.push_cased(text, case, is_html, bound)
        && heap.meter.try_charge(steps)
}

/// What `value | native` is, if that is found without a longer look.
#[inline]
pub(crate) fn answer<'c>(native: &Native, value: Value<'c>, heap: &Heap<'c>) -> Option<Value<'c>> {
    if native.quick != Quick::Length {
        return None;
    }
    let len = match value {
        Value::Json(Json::Array(items)) => items.len() as u64,
        Value::Json(Json::Object(map)) => map.len() as u64,
        Value::Node(tree, id) => match tree.node(id) {
            Node::List(_, len) => u64::from(len),
            Node::Map(map) => u64::from(map.len),
            _ => return None,
        },
        Value::Cell(_, id) => match heap.cell(id) {
            Cell::List(items) | Cell::Tuple(items) => items.len() as u64,
            _ => return None,
        },
        _ => return None,
    };
    let len = i64::try_from(len).ok()?;
    heap.meter.try_charge(CALL).then_some(Value::Int(len))
}

/// The item of a list of the host at a position, which may count from the end.
#[inline]
pub(crate) fn item<'c>(object: Value<'c>, at: Value<'c>) -> Option<Value<'c>> {
    let Value::Int(at) = at else {
        return None;
    };
    let place = |len: usize| match at {
        0.. => usize::try_from(at).ok(),
        _ => len.checked_sub(usize::try_from(at.unsigned_abs()).ok()?),
    };
    match object {
        Value::Json(Json::Array(items)) => items.get(place(items.len())?).map(Value::from_json),
        Value::Node(tree, id) => match tree.node(id) {
            Node::List(first, len) => {
                let at = place(len as usize).filter(|&at| at < len as usize)?;
                Some(Value::from_node(tree, NodeId(first.0 + at as u32)))
            }
            _ => None,
        },
        _ => None,
    }
}

/// The text of a str that lies where no longer look is needed.
#[inline(always)]
fn short<'a, 'c: 'a>(heap: &'a Heap<'c>, value: Value<'c>) -> Option<&'a str> {
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
