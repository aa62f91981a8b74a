//! What an object or a list of the host gives when it is read.
//!
//! In: data that is lent or made. Out: the same, in the form of the values of
//! a render wherever nothing has to be made: a template then reads a field of a
//! struct as it reads a node of a tree.

use crate::{AsData, Data, Fault, Heap, Mark, Value};
use std::borrow::Cow;

/// An attribute or item as a template reads it, made of [`Data`] or of
/// anything that can be lent as such.
///
/// ```
/// use gravure_value::{Data, Read};
///
/// assert!(matches!(Data::from(Read::of("text")), Data::Str(_)));
/// assert!(matches!(Data::from(Read::from(Data::Int(7))), Data::Int(7)));
/// ```
#[derive(Clone)]
pub struct Read<'a>(Kept<'a>);

#[derive(Clone)]
enum Kept<'a> {
    /// It owns nothing.
    Lent(Value<'a>),
    /// A heap must take it over.
    Owned(Data<'a>),
}

impl<'a> Read<'a> {
    /// What a field holds.
    #[inline(always)]
    pub fn of<T: AsData + ?Sized>(it: &'a T) -> Self {
        Self::from(it.as_data())
    }

    pub(crate) fn lending(value: Value<'a>) -> Self {
        Self(Kept::Lent(value))
    }

    pub(crate) fn owning(data: Data<'a>) -> Self {
        Self(Kept::Owned(data))
    }

    /// The value, if it owns nothing; else it comes back.
    ///
    /// # Errors
    /// What a heap must take over.
    #[inline(always)]
    pub fn lent(self) -> Result<Value<'a>, Self> {
        match self.0 {
            Kept::Lent(value) => Ok(value),
            owned => Err(Self(owned)),
        }
    }
}

impl<'a> From<Data<'a>> for Read<'a> {
    #[inline(always)]
    fn from(data: Data<'a>) -> Self {
        Self(match Value::from_lent(data) {
            Ok(value) => Kept::Lent(value),
            Err(data) => Kept::Owned(data),
        })
    }
}

impl<'a> From<Read<'a>> for Data<'a> {
    fn from(read: Read<'a>) -> Self {
        let value = match read.0 {
            Kept::Owned(data) => return data,
            Kept::Lent(value) => value,
        };
        match value {
            Value::None => Data::None,
            Value::Bool(it) => Data::Bool(it),
            Value::Int(it) => Data::Int(it),
            Value::Float(it) => Data::Float(it),
            Value::Str(Mark::Plain, text) => Data::Str(Cow::Borrowed(text)),
            Value::Str(Mark::Html, text) => Data::Safe(Cow::Borrowed(text)),
            Value::Str(mark, text) => Data::Marked(mark, Cow::Borrowed(text)),
            Value::Json(json) => Data::Json(json),
            Value::Node(tree, _) => Data::Node(tree),
            Value::Object(object) => Data::Object(object),
            Value::Seq(seq) => Data::Seq(seq),
            // Data that is lent is nothing of a render.
            _ => Data::Undefined,
        }
    }
}

impl<'c> Heap<'c> {
    /// Take over what was read.
    ///
    /// # Errors
    /// As [`Heap::import`].
    #[inline]
    pub fn take(&mut self, read: Read<'c>) -> Result<Value<'c>, Fault> {
        match read.0 {
            Kept::Lent(value) => Ok(value),
            Kept::Owned(data) => self.import(data),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{BigInt, Limits, ops};

    #[test]
    fn what_is_read_is_what_was_given() {
        let json = serde_json::json!({"a": [1, u64::MAX]});
        let tree = crate::tree_of(&json).unwrap();
        let long = vec![1, u64::MAX];
        let lent: Vec<Data<'_>> = vec![
            Data::Undefined,
            Data::None,
            Data::Bool(true),
            Data::Int(-1),
            Data::Float(0.5),
            Data::from("text"),
            Data::Safe("<b>".into()),
            Data::Marked(Mark::Markdown, "*".into()),
            Data::Json(&json),
            Data::Json(&json["a"][1]),
            Data::Node(&tree),
            (&[1_u8, 2]).into(),
        ];
        let owned: Vec<Data<'_>> = vec![
            Data::Big(BigInt::from(u64::MAX)),
            Data::from(String::from("own")),
            Data::Safe(String::from("own").into()),
            Data::Tuple(vec![Data::Int(1)]),
            Data::Dict(vec![("k".into(), Data::None)]),
            (&long).into(),
        ];
        for (list, is_lent) in [(lent, true), (owned, false)] {
            for data in list {
                let mut heap = Heap::new(Limits::default());
                let mut shown = |data| {
                    let value = heap.import(data).unwrap();
                    let mut out = String::new();
                    ops::repr(&heap, value, &mut out).unwrap();
                    out
                };
                let expected = shown(data.clone());
                assert_eq!(shown(Data::from(Read::from(data.clone()))), expected);
                assert_eq!(
                    Read::from(data.clone()).lent().is_ok(),
                    is_lent,
                    "{expected}"
                );
                let value = heap.take(Read::from(data)).unwrap();
                let mut out = String::new();
                ops::repr(&heap, value, &mut out).unwrap();
                assert_eq!(out, expected);
            }
        }
    }
}
