//! Hashes of keys: equal values hash alike, whatever they are made of.

use super::number::{Num, number};
use crate::text::Words;
use crate::{Cell, Fault, Heap, Kind, Seq, Value, View, text};
use num_traits::{FromPrimitive, ToPrimitive};
use std::sync::Arc;

/// The hash of a value that can be a key. `1`, `1.0` and `true` hash alike.
///
/// # Errors
/// `K-RUN-012` for lists, dicts, sets and what contains one.
#[inline]
pub fn hash<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<u64, Fault> {
    match value {
        Value::Int(it) => Ok(mix(it as u64)),
        Value::Bool(it) => Ok(mix(u64::from(it))),
        Value::Str(_, it) if it.len() < 64 => Ok(text::hash_text(it)),
        _ => hash_slow(heap, value),
    }
}

#[inline(never)]
fn hash_slow<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<u64, Fault> {
    let first = match hash_shallow(heap, value)? {
        Hashed::Known(hash) => return Ok(hash),
        Hashed::Tuple(seq) => seq,
    };
    // Tuples are fed flat: where they begin and how long they are says it all.
    let mut words = Words::new();
    let mut open: Vec<(Seq<'_, 'c>, usize)> = Vec::new();
    let mut entered = Some(first);
    loop {
        if let Some(seq) = entered.take() {
            words.word(TUPLE ^ seq.len() as u64);
            open.push((seq, 0));
        }
        let Some((seq, at)) = open.last_mut() else {
            return Ok(words.finish());
        };
        heap.charge(1)?;
        let Some(item) = seq.get(*at) else {
            open.pop();
            continue;
        };
        *at += 1;
        match hash_shallow(heap, item)? {
            Hashed::Known(hash) => words.word(hash),
            Hashed::Tuple(seq) => entered = Some(seq),
        }
    }
}

enum Hashed<'a, 'c> {
    Known(u64),
    Tuple(Seq<'a, 'c>),
}

const TUPLE: u64 = 0x7475_706c_6500_0000;
const RANGE: u64 = 0x7261_6e67_6500_0000;
const FRACTION: u64 = 0x666c_6f61_7400_0000;

fn hash_shallow<'a, 'c: 'a>(heap: &'a Heap<'c>, value: Value<'c>) -> Result<Hashed<'a, 'c>, Fault> {
    if let Some(shown) = heap.text(value) {
        heap.charge(shown.len() as u64 / 8)?;
        return Ok(Hashed::Known(text::hash_text(shown)));
    }
    if let Some(it) = number(heap, value) {
        return hash_number(heap, &it).map(Hashed::Known);
    }
    let known = match value {
        Value::Native(id) => mix(u64::from(id.0) ^ 0x6e61_7469_7665 << 16),
        Value::Object(object) => mix(std::ptr::from_ref(object).addr() as u64),
        _ => match heap.view(value) {
            View::None => mix(0x6e6f_6e65 << 32),
            View::Undefined => mix(0x756e_6465 << 32),
            View::Tuple(seq) => return Ok(Hashed::Tuple(seq)),
            View::Range(range) => {
                let len = range.len();
                let mut words = Words::new();
                words.word(RANGE ^ len);
                if len > 0 {
                    words.word(range.start as u64);
                }
                if len > 1 {
                    words.word(range.step as u64);
                }
                words.finish()
            }
            View::List(_)
            | View::Dict(_)
            | View::Set(_)
            | View::KeysView(_)
            | View::ItemsView(_) => return Err(Fault::unhashable(heap.kind_name(value))),
            _ => match value {
                // Methods are made anew each time they are read.
                Value::Cell(crate::CellKind::Bound, _) => mix(0x626f_756e << 32),
                // And so is what keeps an object of the host.
                Value::Cell(crate::CellKind::Shared, id) => match heap.cell(id) {
                    Cell::Shared(kept) => {
                        let at = kept.get().map_or(0, |it| Arc::as_ptr(it).addr());
                        mix(at as u64 ^ 0x7368_6172 << 32)
                    }
                    _ => 0,
                },
                Value::Cell(_, id) => mix(u64::from(id.0) ^ 0x63_656c_6c00 << 24),
                _ => return Err(Fault::unhashable(Kind::Object.name())),
            },
        },
    };
    Ok(Hashed::Known(known))
}

fn hash_number(heap: &Heap<'_>, number: &Num<'_>) -> Result<u64, Fault> {
    let float = match number {
        Num::Int(it) => return Ok(mix(*it as u64)),
        Num::Big(it) => {
            heap.charge(it.bits() / 64)?;
            return Ok(hash_big(it));
        }
        Num::Float(it) => *it,
    };
    if float.fract() == 0.0
        && let Some(whole) = num_bigint::BigInt::from_f64(float)
    {
        return Ok(match whole.to_i64() {
            Some(small) => mix(small as u64),
            None => hash_big(&whole),
        });
    }
    Ok(mix(float.to_bits() ^ FRACTION))
}

fn hash_big(big: &num_bigint::BigInt) -> u64 {
    let mut words = Words::new();
    words.word(big.sign() as u64);
    big.iter_u64_digits().for_each(|digit| words.word(digit));
    words.finish()
}

/// Spread the bits of a word; no two words become one.
#[inline]
fn mix(word: u64) -> u64 {
    let mut it = word.wrapping_add(0x9e37_79b9_7f4a_7c15);
    it = (it ^ it >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    it = (it ^ it >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    it ^ it >> 31
}
