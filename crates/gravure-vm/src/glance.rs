//! What the loop of the frequent ops asks about values: attributes that do not
//! stand where they were last, truth, comparisons, and how a value is shown.
//!
//! Every answer may be that it is not known: then the op's own method is asked.

use crate::{
    Compiled,
    joined::name_of,
    lookup::{Entry, Hints, entry, lacks, put_json, put_node},
    objects::{self, Answer},
    output::Page,
    quick,
    registers::{REACH, Reg},
    steps::{Relation, Step, Then},
};
use gravure_value::{CellKind, Heap, Json, Mark, TemplateId, Value, text::same_bytes};

/// Where the text stands that is shown instead of an attribute which is known
/// to be missing, or certainly is.
#[cold]
#[inline(never)]
pub(crate) fn instead(
    regs: &[Value<'_>; REACH],
    compiled: &Compiled,
    step: &Step,
    is_missing: bool,
) -> Option<(u32, u8)> {
    let Step::Attr {
        words,
        src,
        then: Then::DEFAULT,
        constant,
        ..
    } = *step
    else {
        return None;
    };
    let is_missing = is_missing || lacks(regs[src as usize], words);
    let &(start, len) = compiled.literals.get(usize::from(constant))?;
    // It fits into a block.
    is_missing.then_some((start, len as u8))
}

/// Put an attribute into a register that does not stand where it was last.
#[cold]
#[inline(never)]
pub(crate) fn attribute<'c>(
    regs: &mut [Value<'c>; REACH],
    heap: &mut Heap<'c>,
    compiled: &Compiled,
    at: usize,
    step: &Step,
    hints: &mut Hints,
) -> bool {
    let Step::Attr {
        words,
        dst,
        src,
        hint,
        then,
        ..
    } = *step
    else {
        return false;
    };
    let (from, to) = (regs[src as usize], &mut regs[dst as usize]);
    if let Value::Cell(CellKind::Loop, id) = from
        && let Some(value) = quick::of_loop(heap, id, words)
    {
        *to = value;
        return true;
    }
    let Some(&word) = compiled.chunk.code.get(at) else {
        return false;
    };
    let probes = then.probes();
    if let Value::Object(object) = from {
        // It did not know the words of the name.
        let name = compiled.chunk.symbol(name_of(word));
        match objects::attribute(to, heap, object, name) {
            Answer::Found => {}
            Answer::Missing if probes => *to = Value::Unset,
            Answer::Missing | Answer::Failed | Answer::Unknown => return false,
        }
        return true;
    }
    if then == Then::PROBE_PLAIN && lacks(from, words) {
        *to = Value::Unset;
        return true;
    }
    let Some(name) = compiled.name(name_of(word).0) else {
        return false;
    };
    match entry(from, name, compiled.segment(), hints.at(hint)) {
        Entry::Json(json) => put_json(to, json),
        Entry::Node(tree, id) => put_node(to, tree, (id, tree.node(id))),
        Entry::Missing if probes && !name.is_of_dicts => *to = Value::Unset,
        Entry::Object(_) | Entry::Missing | Entry::Unknown => return false,
    }
    true
}

/// Show a value on a page of HTML. What may not fit is written, or refused,
/// elsewhere.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn show<'c>(
    page: &mut Page<'_>,
    heap: &Heap<'c>,
    (compiled, template): (&Compiled, TemplateId),
    value: Value<'c>,
) -> bool {
    match value {
        Value::Int(it) => page.put_int(it),
        Value::Str(Mark::Plain, it) => page.put_escaped(it.as_bytes()),
        Value::Const(of, id) if of == template => match compiled.literal(id.0) {
            Some(text) => page.put_escaped(text),
            None => false,
        },
        Value::Const(of, id) => page.put_escaped(heap.constant(of, id).as_bytes()),
        Value::Float(it) => page.put_float(it),
        _ => false,
    }
}

/// Truth of what needs no look.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn truth(value: Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(it) => Some(it),
        Value::Int(it) => Some(it != 0),
        Value::None | Value::Undefined | Value::Unset => Some(false),
        Value::Str(_, text) => Some(!text.is_empty()),
        Value::Float(it) => Some(it != 0.0),
        Value::Json(Json::Array(items)) => Some(!items.is_empty()),
        _ => None,
    }
}

/// Whether a relation holds between scalars of one kind. Nothing is paid where
/// it is not found out.
#[inline(never)]
pub(crate) fn holds<'c>(
    heap: &Heap<'c>,
    by: Relation,
    regs: &[Value<'c>; REACH],
    (lhs, rhs): (Reg, Reg),
) -> Option<bool> {
    match (regs[lhs as usize], regs[rhs as usize]) {
        (Value::Int(a), Value::Int(b)) => Some(by.of_ints(a, b)),
        (Value::Float(a), Value::Float(b)) => Some(by.of_floats(a, b)),
        (lhs, rhs) => {
            by.of_sameness(true)?;
            by.of_sameness(equal(heap, lhs, rhs)?)
        }
    }
}

/// Equality of scalars of one kind.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn equal<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Option<bool> {
    match (lhs, rhs) {
        // Up to this length two texts are compared for nothing.
        (Value::Str(_, a), Value::Str(_, b)) if a.len() != b.len() || a.len() < 64 => {
            Some(same_bytes(a.as_bytes(), b.as_bytes()))
        }
        (Value::Str(_, a), Value::Const(template, id))
        | (Value::Const(template, id), Value::Str(_, a)) => {
            is_constant(heap, a.as_bytes(), heap.constant(template, id).as_bytes())
        }
        (Value::Bool(a), Value::Bool(b)) => Some(a == b),
        _ => None,
    }
}

/// A text and a constant. Comparing them is paid by the byte, as the op does;
/// long ones are compared elsewhere.
#[cfg_attr(not(debug_assertions), inline(always))]
pub(crate) fn is_constant(heap: &Heap<'_>, text: &[u8], constant: &[u8]) -> Option<bool> {
    if text.len() != constant.len() {
        return Some(false);
    }
    let is_paid = text.len() <= 64 && heap.meter.try_charge(text.len() as u64 / 8);
    is_paid.then(|| same_bytes(text, constant))
}
