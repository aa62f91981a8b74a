//! What the loop of the frequent ops asks about rounds: what comes next, and
//! whether a whole round is one output.
//!
//! Absent on purpose: iterators that run code. The run loop knows those.

use crate::{Compiled, output::Around};
use gravure_bytecode::{Opcode, Operand, Text};
use gravure_value::{Cell, Heap, Items, Iter, NodeId, Value};

/// The iterator of a loop that is held as a value, behind its place in the file.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn held_loop<'a, 'c>(
    heap: &'a mut Heap<'c>,
    iter: &Iter<'c>,
) -> Option<&'a mut Iter<'c>> {
    let Items::OnePass(id) = iter.items else {
        return None;
    };
    match heap.cell_mut(id) {
        Some(Cell::Loop(state)) => Some(&mut state.iter),
        _ => None,
    }
}

/// What an iterator gives next.
pub(crate) enum Upcoming<'c> {
    Item(Value<'c>),
    End,
    /// The run loop knows.
    Unknown,
}

/// Look at the next item without taking it.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn upcoming<'c>(iter: &Iter<'c>) -> Upcoming<'c> {
    let item = match &iter.items {
        Items::Json(items) => items.get(iter.pos as usize).map(Value::from_json),
        Items::Node(tree, first) => {
            (iter.pos < iter.len).then(|| Value::from_node(tree, NodeId(first.0 + iter.pos as u32)))
        }
        Items::Values(items) => items.get(iter.pos as usize).copied(),
        Items::Host(seq) => Value::item_of(*seq, iter.pos as usize),
        Items::Range(range) => range.get(iter.pos).map(Value::Int),
        _ => return Upcoming::Unknown,
    };
    item.map_or(Upcoming::End, Upcoming::Item)
}

/// The texts before and behind the item that a loop's body writes. `None` if
/// the body does anything else.
#[inline]
pub(crate) fn texts_around<'a>(compiled: &'a Compiled, ops: &[u64]) -> Option<Around<'a>> {
    let text = |word: u64| {
        let id = Text::take(word >> 8);
        let &(start, len) = compiled.literals.get(id.index())?;
        let place = start as usize..(start + len) as usize;
        let text = compiled.segment().get(place);
        text.filter(|_| word as u8 == Opcode::EmitText as u8)
    };
    let is_emit = |word: u64| word as u8 == Opcode::Emit as u8;
    let (before, behind) = match *ops {
        [item] if is_emit(item) => (&[][..], &[][..]),
        [a, item] if is_emit(item) => (text(a)?, &[][..]),
        [item, b] if is_emit(item) => (&[][..], text(b)?),
        [a, item, b] if is_emit(item) => (text(a)?, text(b)?),
        _ => return None,
    };
    Some(Around { before, behind })
}
