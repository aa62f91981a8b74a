//! Lists of the host, read in place.
//!
//! In: a collection that lies with the host. Out: its items as values, made
//! when they are asked for. Absent on purpose: items that own something, such
//! as an integer beyond 64 bits; a list of those is copied when it is read.

use crate::{AsData, Data, Given, Mark, Read, Slot, Told, Value};
use std::{borrow::Cow, collections::VecDeque};

/// A list that the host lends: its items stay where they are.
///
/// An item borrows what it can and owns nothing, as [`AsData::is_lent`] says;
/// one that owns a text, a list or a long integer all the same reads as
/// undefined. A list keeps its length and its items while it is lent.
pub trait Sequence: Send + Sync {
    /// How many items there are.
    fn len(&self) -> usize;

    /// No item?
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at a position; `None` behind the last.
    fn get(&self, at: usize) -> Option<Data<'_>>;

    /// The same item as a template reads it. A list that is written by hand
    /// need not say it.
    #[inline]
    fn read(&self, at: usize) -> Option<Read<'_>> {
        self.get(at).map(Read::from)
    }

    /// The same once more, put in its place: what is asked first. A list that
    /// is written by hand need not say it; [`Given::UNKNOWN`] says that
    /// [`Sequence::read`] knows.
    #[inline]
    fn item<'a>(&'a self, at: usize, to: Slot<'_, 'a>) -> Given<'a> {
        match self.read(at) {
            Some(read) => to.put_read(read),
            None => Given::MISSING,
        }
    }

    /// The same items from a position on: at least one, if there is one, and
    /// no more than there is room for. A list that is written by hand need not
    /// say it: its items are read one by one.
    #[inline]
    fn read_on<'a>(&'a self, from: usize, to: &mut Reads<'_, 'a>) {
        to.extend(self.read(from));
    }

    /// All items at once, if they lie so. A list that is written by hand need
    /// not say it.
    fn slice(&self) -> Slice<'_> {
        Slice::Other
    }
}

/// Items that lie side by side in a form that needs no reading.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Slice<'a> {
    /// Integers.
    Ints(&'a [i64]),
    /// Texts.
    Texts(&'a [String]),
    /// Anything else, or elsewhere.
    Other,
}

/// Room for items that are read one after the other.
pub struct Reads<'b, 'a> {
    room: &'b mut [Value<'a>],
    len: usize,
}

impl<'a> Extend<Read<'a>> for Reads<'_, 'a> {
    /// Take items as long as there is room.
    #[inline(always)]
    fn extend<T: IntoIterator<Item = Read<'a>>>(&mut self, items: T) {
        let room = self.room.get_mut(self.len..).unwrap_or(&mut []);
        for (place, item) in room.iter_mut().zip(items) {
            *place = item.lent().unwrap_or(Value::Undefined);
            self.len += 1;
        }
    }
}

impl std::fmt::Debug for Reads<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reads({} of {})", self.len, self.room.len())
    }
}

impl std::fmt::Debug for dyn Sequence + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Sequence({})", self.len())
    }
}

impl<T: AsData> Sequence for Vec<T> {
    fn len(&self) -> usize {
        Vec::len(self)
    }

    fn get(&self, at: usize) -> Option<Data<'_>> {
        self.as_slice().get(at).map(T::as_data)
    }

    #[inline]
    fn read(&self, at: usize) -> Option<Read<'_>> {
        self.as_slice().get(at).map(Read::of)
    }

    #[inline]
    fn item<'a>(&'a self, at: usize, to: Slot<'_, 'a>) -> Given<'a> {
        match self.as_slice().get(at) {
            Some(it) => to.put(it),
            None => Given::MISSING,
        }
    }

    #[inline]
    fn read_on<'a>(&'a self, from: usize, to: &mut Reads<'_, 'a>) {
        to.extend(
            self.as_slice()
                .get(from..)
                .unwrap_or(&[])
                .iter()
                .map(Read::of),
        );
    }

    #[inline]
    fn slice(&self) -> Slice<'_> {
        T::slice_of(self)
    }
}

impl<T: AsData> Sequence for VecDeque<T> {
    fn len(&self) -> usize {
        VecDeque::len(self)
    }

    fn get(&self, at: usize) -> Option<Data<'_>> {
        VecDeque::get(self, at).map(T::as_data)
    }

    #[inline]
    fn read(&self, at: usize) -> Option<Read<'_>> {
        VecDeque::get(self, at).map(Read::of)
    }

    #[inline]
    fn item<'a>(&'a self, at: usize, to: Slot<'_, 'a>) -> Given<'a> {
        match VecDeque::get(self, at) {
            Some(it) => to.put(it),
            None => Given::MISSING,
        }
    }

    #[inline]
    fn read_on<'a>(&'a self, from: usize, to: &mut Reads<'_, 'a>) {
        to.extend(self.range(from.min(self.len())..).map(Read::of));
    }
}

impl<T: AsData, const LEN: usize> Sequence for [T; LEN] {
    fn len(&self) -> usize {
        LEN
    }

    fn get(&self, at: usize) -> Option<Data<'_>> {
        self.as_slice().get(at).map(T::as_data)
    }

    #[inline]
    fn read(&self, at: usize) -> Option<Read<'_>> {
        self.as_slice().get(at).map(Read::of)
    }

    #[inline]
    fn item<'a>(&'a self, at: usize, to: Slot<'_, 'a>) -> Given<'a> {
        match self.as_slice().get(at) {
            Some(it) => to.put(it),
            None => Given::MISSING,
        }
    }

    #[inline]
    fn read_on<'a>(&'a self, from: usize, to: &mut Reads<'_, 'a>) {
        to.extend(
            self.as_slice()
                .get(from..)
                .unwrap_or(&[])
                .iter()
                .map(Read::of),
        );
    }

    #[inline]
    fn slice(&self) -> Slice<'_> {
        T::slice_of(self)
    }
}

impl<'c> Value<'c> {
    /// Data that owns nothing, as a value; any other comes back.
    ///
    /// # Errors
    /// The data itself, which a heap must take over.
    #[inline(always)]
    pub fn from_lent(data: Data<'c>) -> Result<Self, Data<'c>> {
        let value = match &data {
            Data::Undefined => Value::Undefined,
            Data::None => Value::None,
            Data::Bool(it) => Value::Bool(*it),
            Data::Int(it) => Value::Int(*it),
            Data::Float(it) => Value::Float(*it),
            Data::Str(Cow::Borrowed(text)) => Value::Str(Mark::Plain, text),
            Data::Safe(Cow::Borrowed(text)) => Value::Str(Mark::Html, text),
            Data::Marked(mark, Cow::Borrowed(text)) => Value::Str(*mark, text),
            Data::Json(json) => Value::from_json(json),
            Data::Node(tree) => Value::from_tree(tree),
            Data::Object(object) => Value::Object(*object),
            Data::Seq(seq) => Value::Seq(*seq),
            _ => return Err(data),
        };
        // It owns nothing: there is nothing to drop, and nobody need look.
        std::mem::forget(data);
        Ok(value)
    }

    /// The item of a list of the host.
    #[inline]
    pub fn item_of(seq: &'c dyn Sequence, at: usize) -> Option<Self> {
        let mut item = Value::Unset;
        item.put_item_of(seq, at).then_some(item)
    }

    /// The same, put here; false if there is none.
    #[inline(always)]
    pub fn put_item_of(&mut self, seq: &'c dyn Sequence, at: usize) -> bool {
        match seq.item(at, Slot::of(self)).told() {
            Told::Lent => true,
            Told::Missing => false,
            other => self.put_other(seq, at, other),
        }
    }

    #[cold]
    fn put_other(&mut self, seq: &'c dyn Sequence, at: usize, told: Told<'c>) -> bool {
        let read = match told {
            Told::Unknown => seq.read(at).map(Read::lent),
            Told::Lent | Told::Missing | Told::Owned(_) => Some(Ok(Value::Undefined)),
        };
        if let Some(read) = &read {
            *self = match read {
                Ok(value) => *value,
                Err(_) => Value::Undefined,
            };
        }
        read.is_some()
    }

    /// The items of a list of the host from a position on, read ahead where
    /// that is cheap.
    #[inline]
    pub fn items_from(seq: &'c dyn Sequence, from: usize) -> impl Iterator<Item = Self> {
        ItemsFrom {
            seq,
            from,
            ready: [Value::Unset; AHEAD],
            at: 0,
            len: 0,
        }
    }
}

/// Items that are read at once.
const AHEAD: usize = 16;

struct ItemsFrom<'c> {
    seq: &'c dyn Sequence,
    /// The position of the next item that is not read yet.
    from: usize,
    ready: [Value<'c>; AHEAD],
    at: usize,
    len: usize,
}

impl ItemsFrom<'_> {
    #[inline(never)]
    fn read_on(&mut self) {
        let mut reads = Reads {
            room: &mut self.ready,
            len: 0,
        };
        self.seq.read_on(self.from, &mut reads);
        (self.at, self.len) = (0, reads.len);
        self.from = self.from.saturating_add(self.len);
    }
}

impl<'c> Iterator for ItemsFrom<'c> {
    type Item = Value<'c>;

    #[inline(always)]
    fn next(&mut self) -> Option<Value<'c>> {
        if self.at == self.len {
            self.read_on();
        }
        let ready = self.ready.get(..self.len)?;
        let item = ready.get(self.at).copied()?;
        self.at += 1;
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Heap, Limits, ops};

    fn shown(heap: &Heap<'_>, value: Value<'_>) -> String {
        let mut out = String::new();
        ops::repr(heap, value, &mut out).unwrap();
        out
    }

    /// What a list is called, and that it was not copied.
    fn check(seq: &dyn AsData, expected: &str) {
        let mut heap = Heap::new(Limits::default());
        let data = seq.as_data();
        assert!(matches!(data, Data::Seq(_)), "{expected} is copied");
        let value = heap.import(data).unwrap();
        assert_eq!(heap.live_bytes(), 0);
        assert!(heap.is_read_only(value));
        assert_eq!(heap.kind_name(value), "list");
        assert_eq!(shown(&heap, value), expected);
        let copy = heap.export(value).unwrap();
        assert!(matches!(copy, Data::List(_)));
        let copy = heap.import(copy).unwrap();
        assert_eq!(shown(&heap, copy), expected);
        assert!(ops::eq(&heap, value, copy).unwrap());
        assert!(ops::same(&heap, value, value));
        assert!(!ops::same(&heap, value, copy));
        assert_eq!(ops::is_truthy(&heap, value), expected != "[]");
        assert_eq!(ops::length(&heap, value), ops::length(&heap, copy));
        assert!(ops::hash(&heap, value).is_err());
        let Value::Seq(seq) = value else {
            panic!("{expected} is no list of the host");
        };
        let at_once: Vec<Value<'_>> = match seq.slice() {
            Slice::Ints(items) => items.iter().map(|&it| Value::Int(it)).collect(),
            Slice::Texts(items) => items.iter().map(|it| Value::Str(Mark::Plain, it)).collect(),
            Slice::Other => Vec::new(),
        };
        for (at, item) in at_once.into_iter().enumerate() {
            assert!(ops::same(&heap, item, Value::item_of(seq, at).unwrap()));
        }
        let mut many = Value::items_from(seq, 0).chain(Value::items_from(seq, 1));
        let one = (0..seq.len()).chain(1..seq.len());
        for (many, at) in many.by_ref().zip(one) {
            assert!(ops::eq(&heap, many, Value::item_of(seq, at).unwrap()).unwrap());
        }
        assert!(many.next().is_none());
        let (mut lent, mut copied) = (heap.iter(value).unwrap(), heap.iter(copy).unwrap());
        assert_eq!(lent.remaining(), copied.remaining());
        while let Some(item) = copied.step(&heap) {
            let other = lent.step(&heap).unwrap();
            assert!(ops::eq(&heap, item, other).unwrap());
        }
        assert!(lent.step(&heap).is_none());
    }

    #[test]
    fn lists_of_the_host_are_lists() {
        check(&vec!["b", "a"], "['b', 'a']");
        check(&vec![String::from("b")], "['b']");
        check(&vec![3, 1, 2], "[3, 1, 2]");
        check(&vec![3_i64, -1, i64::MAX], "[3, -1, 9223372036854775807]");
        check(&vec![1_u64, 2], "[1, 2]");
        check(&vec![Some(0.5), None], "[0.5, None]");
        check(&Vec::<bool>::new(), "[]");
        check(&VecDeque::from([1, 2]), "[1, 2]");
        check(&[true, false], "[True, False]");
        let many: VecDeque<usize> = (0..100).collect();
        check(&many, &format!("{many:?}"));
        check(&Vec::from(many.clone()), &format!("{many:?}"));
        check(&vec![vec![1], vec![], vec![2, 3]], "[[1], [], [2, 3]]");
        check(
            &vec![serde_json::json!({"a": [1]}), serde_json::json!(null)],
            "[{'a': [1]}, None]",
        );
    }

    #[test]
    fn plain_items_lie_side_by_side() {
        assert!(matches!(vec![1_i64, 2].slice(), Slice::Ints([1, 2])));
        assert!(matches!([1_i64].slice(), Slice::Ints([1])));
        let texts = vec![String::from("a")];
        assert!(matches!(texts.slice(), Slice::Texts([a]) if a == "a"));
        assert!(matches!(vec!["a"].slice(), Slice::Other));
        assert!(matches!(VecDeque::from([1_i64]).slice(), Slice::Other));
    }

    #[test]
    fn what_owns_something_is_copied() {
        for list in [
            &vec![1, u64::MAX] as &dyn AsData,
            &vec!['a'],
            &vec![(1, 2)],
            &vec![vec![u64::MAX]],
        ] {
            assert!(matches!(list.as_data(), Data::List(_)));
        }
    }

    #[test]
    fn items_may_be_told_in_every_way() {
        struct Told;

        impl Sequence for Told {
            fn len(&self) -> usize {
                5
            }
            fn get(&self, at: usize) -> Option<Data<'_>> {
                match at {
                    0 | 3 => Some(Data::Int(at as i64)),
                    4 => Some(Data::from(String::from("own"))),
                    _ => None,
                }
            }
            fn item<'a>(&'a self, at: usize, to: Slot<'_, 'a>) -> Given<'a> {
                match at {
                    1 => to.put("put"),
                    2 => to.put_data(Data::from(String::from("own"))),
                    _ => Given::UNKNOWN,
                }
            }
        }

        let heap = Heap::new(Limits::default());
        let items = (0..6).map(|at| Value::item_of(&Told, at).map(|it| shown(&heap, it)));
        let expected = ["0", "'put'", "Undefined", "3", "Undefined"];
        let expected = expected.map(|it| Some(it.to_owned()));
        assert!(items.eq(expected.into_iter().chain([None])));
        let heap = &heap;
        let mut at = Value::Int(7);
        assert!(!at.put_item_of(&Told, 5));
        assert_eq!(shown(heap, at), "7");
    }

    #[test]
    fn an_item_that_breaks_its_word_is_undefined() {
        struct Liar;

        impl AsData for Liar {
            fn as_data(&self) -> Data<'_> {
                Data::Str(Cow::Owned("owned".into()))
            }
            fn is_lent(&self) -> bool {
                true
            }
        }

        let liars = vec![Liar];
        let mut heap = Heap::new(Limits::default());
        let value = heap.import(liars.as_data()).unwrap();
        assert_eq!(shown(&heap, value), "[Undefined]");
    }
}
