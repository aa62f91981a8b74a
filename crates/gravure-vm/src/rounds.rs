//! What the loop of the frequent ops asks about rounds: what comes next, and
//! whether a whole round is one output.
//!
//! Absent on purpose: iterators that run code. The run loop knows those.

use crate::{
    Compiled,
    lookup::{read_json, read_node},
    output::Around,
};
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

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Upcoming {
    /// An item, which stands where it was asked for.
    Item,
    End,
    /// The run loop knows.
    Unknown,
}

/// Look at the next item without taking it, and put it into a register.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn upcoming<'c>(iter: &Iter<'c>, to: &mut Value<'c>) -> Upcoming {
    match &iter.items {
        Items::Json(items) => match items.get(iter.pos as usize) {
            Some(item) => read_json(to, item),
            None => return Upcoming::End,
        },
        Items::Node(tree, first) => match iter.pos < iter.len {
            true => read_node(to, tree, NodeId(first.0 + iter.pos as u32)),
            false => return Upcoming::End,
        },
        Items::Values => match iter.held().get(iter.pos as usize) {
            Some(item) => *to = *item,
            None => return Upcoming::End,
        },
        Items::Host(seq) => match to.put_item_of(*seq, iter.pos as usize) {
            true => {}
            false => return Upcoming::End,
        },
        Items::Range(range) => match range.get(iter.pos) {
            Some(item) => *to = Value::Int(item),
            None => return Upcoming::End,
        },
        _ => return Upcoming::Unknown,
    }
    Upcoming::Item
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
