//! What objects of the host say to the loop of the frequent ops.
//!
//! In: an object, and steps that read attributes. Out: values in registers, and
//! how far that went. What a name needs is asked for by its words first, which
//! derived objects answer; those that are written by hand are asked by name.
//! Absent on purpose: faults. What fails is asked again by the run loop, which
//! knows what to say.

use crate::context::host_call;
use gravure_value::{
    FieldName, Heap, Mark, Object, Read, Slot, Told, Value, guarded, text::Packed,
};

/// What an object says about a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Its attribute, which stands where it was asked for.
    Found,
    /// There is none.
    Missing,
    /// It did not get that far.
    Failed,
    /// It must be asked by name.
    Unknown,
}

/// Read an attribute of an object by the words of its name. Cold, so that the
/// loop keeps its registers for what it does itself.
#[cold]
#[inline(never)]
pub(crate) fn field<'c>(
    to: &mut Value<'c>,
    heap: &mut Heap<'c>,
    object: &'c dyn Object,
    words: Packed,
) -> Answer {
    // Where some are refused, names are needed.
    if heap.attributes.is_some() {
        return Answer::Unknown;
    }
    let before = *to;
    match ask_field(to, object, words) {
        Some(Told::Lent) => {
            // None reads as nothing.
            if let Value::None = to {
                *to = Value::Str(Mark::Plain, "");
            }
            Answer::Found
        }
        other => {
            *to = before;
            keep(heap, other, to)
        }
    }
}

/// Ask an object by the words of a name; `None` if it panics, and then there
/// may be anything in the place.
#[cfg_attr(not(debug_assertions), inline(always))]
fn ask_field<'c>(to: &mut Value<'c>, object: &'c dyn Object, words: Packed) -> Option<Told<'c>> {
    let name = FieldName::packed(words);
    guarded(|| object.field(name, Slot::of(to)).told()).ok()
}

/// Put what an object says into a register, if it is more than a value.
#[inline(never)]
fn keep<'c>(heap: &mut Heap<'c>, told: Option<Told<'c>>, to: &mut Value<'c>) -> Answer {
    *to = match told {
        Some(Told::Lent) => return Answer::Found,
        Some(Told::Missing) => return Answer::Missing,
        Some(Told::Unknown) => return Answer::Unknown,
        Some(Told::Owned(data)) => {
            let paid = heap.meter.used();
            match heap.import(*data) {
                Ok(value) => value,
                Err(_) => return refused(heap, paid),
            }
        }
        None => return Answer::Failed,
    };
    Answer::Found
}

/// What was too much is asked for again, and paid for then.
fn refused(heap: &Heap<'_>, paid: u64) -> Answer {
    heap.meter.refund(paid);
    Answer::Failed
}

/// Ask an object that [`field`] did not learn it from for an attribute, if
/// templates may read it.
#[inline(never)]
pub(crate) fn attribute<'c>(
    to: &mut Value<'c>,
    heap: &mut Heap<'c>,
    object: &'c dyn Object,
    name: &str,
) -> Answer {
    if heap.check_attribute(name).is_err() {
        return Answer::Failed;
    }
    let answer = by_name(to, heap, object, name);
    if answer == Answer::Found && to.is_none() {
        *to = Value::Str(Mark::Plain, "");
    }
    answer
}

/// Ask an object that is a context for a variable.
#[cold]
#[inline(never)]
pub(crate) fn variable<'c, 'n>(
    to: &mut Value<'c>,
    heap: &mut Heap<'c>,
    object: &'c dyn Object,
    words: Packed,
    name: impl FnOnce() -> &'n str,
) -> bool {
    let before = *to;
    let mut answer = match ask_field(to, object, words) {
        Some(Told::Lent) => return true,
        other => {
            *to = before;
            keep(heap, other, to)
        }
    };
    if answer == Answer::Unknown {
        answer = by_name(to, heap, object, name());
    }
    answer == Answer::Found
}

fn by_name<'c>(
    to: &mut Value<'c>,
    heap: &mut Heap<'c>,
    object: &'c dyn Object,
    name: &str,
) -> Answer {
    // Where all may be read, it was asked by the words of the name before.
    let read = match heap.attributes {
        None => host_call(|| object.read(name)),
        Some(_) => host_call(|| Read::attr(object, name)),
    };
    let paid = heap.meter.used();
    match read {
        Ok(Some(read)) => match heap.take(read) {
            Ok(value) => {
                *to = value;
                Answer::Found
            }
            Err(_) => refused(heap, paid),
        },
        Ok(None) => Answer::Missing,
        Err(_) => Answer::Failed,
    }
}
