//! The operators, each once: what they mean for every pair of kinds.
#![allow(missing_docs, unused_variables)]
use crate::*;
use std::{borrow::Cow, cmp::Ordering};
type V<'c> = Value<'c>;
type R<'c> = Result<Value<'c>, Fault>;
pub fn hash<'c>(heap: &Heap<'c>, v: Value<'c>) -> Result<u64, Fault> { Ok(heap.text(v).map_or(0, text::hash_text)) }
pub fn eq<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> { match (lhs, rhs) { (Value::Int(a), Value::Int(b)) => Ok(a == b), _ => Ok(heap.text(lhs).is_some() && heap.text(lhs) == heap.text(rhs)) } }
pub fn add<'c>(heap: &mut Heap<'c>, surface: Surface, lhs: V<'c>, rhs: V<'c>) -> R<'c> { match (lhs, rhs) { (Value::Int(a), Value::Int(b)) => Ok(Value::Int(a.wrapping_add(b))), _ => Ok(lhs) } }
pub fn sub<'c>(heap: &mut Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> R<'c> { Ok(lhs) }
pub fn mul<'c>(heap: &mut Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> R<'c> { Ok(lhs) }
pub fn div<'c>(heap: &mut Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> R<'c> { Ok(lhs) }
pub fn floor_div<'c>(heap: &mut Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> R<'c> { Ok(lhs) }
pub fn pow<'c>(heap: &mut Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> R<'c> { Ok(lhs) }
pub fn modulo<'c>(heap: &mut Heap<'c>, surface: Surface, lhs: V<'c>, rhs: V<'c>) -> R<'c> { Ok(lhs) }
pub fn neg<'c>(heap: &mut Heap<'c>, v: V<'c>) -> R<'c> { Ok(v) }
pub fn pos<'c>(heap: &mut Heap<'c>, v: V<'c>) -> R<'c> { Ok(v) }
pub fn concat<'c>(heap: &mut Heap<'c>, surface: Surface, parts: &[V<'c>]) -> R<'c> { let mut out = String::new(); for &p in parts { print(heap, p, &mut out)?; } heap.new_text(Mark::Plain, out) }
pub fn coerce<'c>(heap: &mut Heap<'c>, v: V<'c>) -> R<'c> { Ok(v) }
pub fn percent<'c>(heap: &mut Heap<'c>, surface: Surface, fmt: V<'c>, args: V<'c>) -> R<'c> { Ok(fmt) }
pub fn order<'c>(heap: &Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> Result<Option<Ordering>, Fault> { match (lhs, rhs) { (Value::Int(a), Value::Int(b)) => Ok(Some(a.cmp(&b))), _ => Ok(None) } }
pub fn less<'c>(heap: &Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> Result<bool, Fault> { Ok(order(heap, lhs, rhs)?.is_some_and(Ordering::is_lt)) }
pub fn less_eq<'c>(heap: &Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> Result<bool, Fault> { Ok(order(heap, lhs, rhs)?.is_some_and(Ordering::is_le)) }
pub fn greater<'c>(heap: &Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> Result<bool, Fault> { Ok(order(heap, lhs, rhs)?.is_some_and(Ordering::is_gt)) }
pub fn greater_eq<'c>(heap: &Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> Result<bool, Fault> { Ok(order(heap, lhs, rhs)?.is_some_and(Ordering::is_ge)) }
pub fn contains<'c>(heap: &Heap<'c>, item: V<'c>, container: V<'c>) -> Result<bool, Fault> { Ok(false) }
pub fn same<'c>(heap: &Heap<'c>, lhs: V<'c>, rhs: V<'c>) -> bool { matches!((lhs, rhs), (Value::None, Value::None)) }
pub fn is_truthy<'c>(heap: &Heap<'c>, v: V<'c>) -> bool { match v { Value::Bool(b) => b, Value::Int(i) => i != 0, Value::Float(f) => f != 0.0, Value::Unset | Value::Undefined | Value::None => false, _ => length(heap, v) != Some(0) } }
pub fn get_item<'c>(heap: &mut Heap<'c>, object: V<'c>, key: V<'c>) -> R<'c> { Ok(Value::None) }
pub fn get_item_optional<'c>(heap: &mut Heap<'c>, object: V<'c>, key: V<'c>) -> Result<Option<V<'c>>, Fault> { Ok(None) }
pub fn slice<'c>(heap: &mut Heap<'c>, object: V<'c>, start: V<'c>, stop: V<'c>, step: V<'c>) -> R<'c> { Ok(object) }
pub fn slice_bounds(len: u64, start: Option<i64>, stop: Option<i64>, step: i64) -> (i64, i64) { (0, len as i64) }
pub fn as_index<'c>(heap: &Heap<'c>, v: V<'c>) -> Option<i64> { match v { Value::Int(i) => Some(i), Value::Bool(b) => Some(i64::from(b)), _ => None } }
pub fn entry<'c>(heap: &Heap<'c>, object: V<'c>, name: &str) -> Option<V<'c>> { match heap.view(object) { View::Dict(map) => map.get_str(heap, name), _ => None } }
pub fn length<'c>(heap: &Heap<'c>, v: V<'c>) -> Option<u64> { match heap.view(v) { View::Str(_, t) => Some(t.chars().count() as u64), View::List(s) | View::Tuple(s) => Some(s.len() as u64), View::Dict(m) => Some(m.len() as u64), _ => None } }
pub fn print<'c>(heap: &Heap<'c>, v: V<'c>, out: &mut String) -> Result<(), Fault> { match v { Value::Int(i) => text::int_text(i, out), _ => if let Some(t) = heap.text(v) { out.push_str(t) } } Ok(()) }
pub fn to_text<'a, 'c>(heap: &'a Heap<'c>, v: V<'c>) -> Result<Cow<'a, str>, Fault> { if let Some(t) = heap.text(v) { return Ok(Cow::Borrowed(t)); } let mut out = String::new(); print(heap, v, &mut out)?; Ok(Cow::Owned(out)) }
pub fn repr<'c>(heap: &Heap<'c>, v: V<'c>, out: &mut String) -> Result<(), Fault> { print(heap, v, out) }
pub fn repr_ascii<'c>(heap: &Heap<'c>, v: V<'c>, out: &mut String) -> Result<(), Fault> { print(heap, v, out) }
pub fn as_big<'c>(heap: &Heap<'c>, v: V<'c>) -> Option<BigInt> { as_index(heap, v).map(BigInt::from) }
pub fn as_float<'c>(heap: &Heap<'c>, v: V<'c>) -> Result<Option<f64>, Fault> { match v { Value::Int(i) => Ok(Some(i as f64)), Value::Float(f) => Ok(Some(f)), _ => Ok(None) } }
