//! Plain data that hosts hand over, and what becomes of it.

use crate::view::{Entries, Map};
use crate::{
    BigInt, Cell, CellKind, Dict, Fault, Heap, Held, Json, Kept, Mark, Object, Range, Seq,
    Sequence, SharedObject, Tree, Value, View,
};
use std::{borrow::Cow, sync::Arc};

/// Data of a host: owned or borrowed.
#[derive(Clone)]
pub enum Data<'a> {
    /// Undefined.
    Undefined,
    /// None.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A longer integer.
    Big(BigInt),
    /// A float.
    Float(f64),
    /// Text.
    Str(Cow<'a, str>),
    /// Safe HTML.
    Safe(Cow<'a, str>),
    /// Text that is safe for the surface of its mark.
    Marked(Mark, Cow<'a, str>),
    /// A list.
    List(Vec<Data<'a>>),
    /// A list that the host lends.
    Seq(&'a dyn Sequence),
    /// A tuple.
    Tuple(Vec<Data<'a>>),
    /// A dict in order.
    Dict(Vec<(Data<'a>, Data<'a>)>),
    /// Borrowed JSON.
    Json(&'a Json),
    /// A frozen tree that the host holds.
    Node(&'a Tree),
    /// A frozen tree that is counted.
    Tree(Arc<Tree>),
    /// An object that the host lends.
    Object(&'a dyn Object),
    /// An object that keeps itself alive.
    Shared(Arc<dyn SharedObject>),
}

/// Values that are made of others, while those are taken over.
enum Importing<'c> {
    List(std::vec::IntoIter<Data<'c>>, Vec<Value<'c>>),
    Tuple(std::vec::IntoIter<Data<'c>>, Vec<Value<'c>>),
    /// Pairs that are left, the value after the key in work, that key.
    Dict(
        std::vec::IntoIter<(Data<'c>, Data<'c>)>,
        Option<Data<'c>>,
        Value<'c>,
        Dict<'c>,
    ),
}

impl<'c> Heap<'c> {
    /// Take data of the host over; containers become read-only.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too large, `K-RUN-012` for a key of a dict that
    /// cannot be one.
    #[inline]
    pub fn import(&mut self, data: Data<'c>) -> Result<Value<'c>, Fault> {
        match Value::from_lent(data) {
            Ok(value) => Ok(value),
            Err(owned) => self.import_owned(owned),
        }
    }

    fn import_owned(&mut self, data: Data<'c>) -> Result<Value<'c>, Fault> {
        let mut open: Vec<Importing<'c>> = Vec::new();
        let mut current = data;
        loop {
            let mut done = match current {
                Data::List(items) => {
                    self.charge(items.len() as u64)?;
                    self.check_collection(items.len() as u64)?;
                    let values = Vec::with_capacity(items.len());
                    open.push(Importing::List(items.into_iter(), values));
                    None
                }
                Data::Tuple(items) => {
                    self.charge(items.len() as u64)?;
                    self.check_collection(items.len() as u64)?;
                    let values = Vec::with_capacity(items.len());
                    open.push(Importing::Tuple(items.into_iter(), values));
                    None
                }
                Data::Dict(entries) => {
                    self.charge(entries.len() as u64)?;
                    self.check_collection(entries.len() as u64)?;
                    let rest = entries.into_iter();
                    open.push(Importing::Dict(rest, None, Value::Unset, Dict::new()));
                    None
                }
                scalar => Some(self.import_scalar(scalar)?),
            };
            // Hand values to their containers until one wants another.
            current = loop {
                let Some(container) = open.last_mut() else {
                    return Ok(done.unwrap_or(Value::None));
                };
                let value = done.take();
                let wanted = match container {
                    Importing::List(rest, values) | Importing::Tuple(rest, values) => {
                        values.extend(value);
                        rest.next()
                    }
                    Importing::Dict(rest, waiting, key, dict) => match (value, waiting.take()) {
                        (Some(value), Some(data)) => {
                            *key = value;
                            Some(data)
                        }
                        (value, _) => {
                            if let Some(value) = value {
                                dict.insert(self, *key, value)?;
                            }
                            rest.next().map(|(key, value)| {
                                *waiting = Some(value);
                                key
                            })
                        }
                    },
                };
                if let Some(data) = wanted {
                    break data;
                }
                done = match open.pop() {
                    Some(container) => Some(self.close(container)?),
                    None => None,
                };
            };
        }
    }

    fn close(&mut self, container: Importing<'c>) -> Result<Value<'c>, Fault> {
        match container {
            Importing::Tuple(_, values) => self.new_tuple(values),
            Importing::List(_, values) => {
                let id = self.alloc(Cell::List(Arc::new(values)))?;
                Ok(Value::Cell(CellKind::FrozenList, id))
            }
            Importing::Dict(.., dict) => {
                let id = self.alloc(Cell::Dict(Arc::new(dict)))?;
                Ok(Value::Cell(CellKind::FrozenDict, id))
            }
        }
    }

    fn import_scalar(&mut self, data: Data<'c>) -> Result<Value<'c>, Fault> {
        Ok(match data {
            Data::Undefined => Value::Undefined,
            Data::Bool(it) => Value::Bool(it),
            Data::Int(it) => Value::Int(it),
            Data::Big(it) => return self.new_int(it),
            Data::Float(it) => Value::Float(it),
            Data::Str(text) => return self.import_text(Mark::Plain, text),
            Data::Safe(text) => return self.import_text(Mark::Html, text),
            Data::Marked(mark, text) => return self.import_text(mark, text),
            Data::Json(json) => Value::from_json(json),
            Data::Node(tree) => Value::from_tree(tree),
            Data::Tree(tree) => return self.new_tree(Held::Counted(tree)),
            Data::Object(object) => Value::Object(object),
            Data::Seq(seq) => Value::Seq(seq),
            Data::Shared(object) => {
                let cell = Cell::Shared(Kept::new(object));
                Value::Cell(CellKind::Shared, self.alloc(cell)?)
            }
            // Containers are the caller's.
            Data::None | Data::List(_) | Data::Tuple(_) | Data::Dict(_) => Value::None,
        })
    }

    fn import_text(&mut self, mark: Mark, text: Cow<'c, str>) -> Result<Value<'c>, Fault> {
        match text {
            Cow::Borrowed(text) => Ok(Value::Str(mark, text)),
            Cow::Owned(text) => {
                self.charge(text.len() as u64 / 8)?;
                self.new_text(mark, text)
            }
        }
    }

    /// Data for a host function: a copy that borrows nothing. Sets, ranges and
    /// views become lists.
    ///
    /// # Errors
    /// `K-RUN-007` for data that contains itself or is nested too deep,
    /// `K-RUN-012` for functions, iterators and borrowed objects, `K-RUN-019`.
    pub fn export(&self, value: Value<'c>) -> Result<Data<'static>, Fault> {
        self.copy_out(value, &|_| None)
    }

    /// Data for a host function that lasts as long as the render: like
    /// [`Heap::export`], but what the host holds is lent.
    ///
    /// # Errors
    /// As [`Heap::export`]; borrowed objects are no error.
    pub fn lend(&self, value: Value<'c>) -> Result<Data<'c>, Fault> {
        self.copy_out(value, &|value| match value {
            Value::Str(Mark::Html, text) => Some(Data::Safe(Cow::Borrowed(text))),
            Value::Str(_, text) => Some(Data::Str(Cow::Borrowed(text))),
            Value::Json(json) => Some(Data::Json(json)),
            Value::Object(object) => Some(Data::Object(object)),
            Value::Seq(seq) => Some(Data::Seq(seq)),
            _ => None,
        })
    }

    /// Copy data out; `lent` says what is not copied.
    fn copy_out<'o>(
        &self,
        value: Value<'c>,
        lent: &dyn Fn(Value<'c>) -> Option<Data<'o>>,
    ) -> Result<Data<'o>, Fault> {
        let mut open: Vec<Exporting<'_, 'c, 'o>> = Vec::new();
        let mut current = value;
        loop {
            let mut done = match lent(current) {
                Some(data) => Some(data),
                None => match Exporting::new(self, current)? {
                    None => Some(self.scalar_out(current)?),
                    // The depth also ends walks through circles.
                    Some(_) if open.len() >= MAX_NESTING => {
                        return Err(Fault::value(
                            "the data is nested too deep, or contains itself",
                        ));
                    }
                    Some(container) => {
                        open.push(container);
                        None
                    }
                },
            };
            current = loop {
                let Some(container) = open.last_mut() else {
                    return Ok(done.unwrap_or(Data::None));
                };
                self.charge(1)?;
                if let Some(next) = container.step(done.take()) {
                    break next;
                }
                done = open.pop().map(Exporting::close);
            };
        }
    }

    fn scalar_out(&self, value: Value<'c>) -> Result<Data<'static>, Fault> {
        Ok(match self.view(value) {
            View::Undefined => Data::Undefined,
            View::None => Data::None,
            View::Bool(it) => Data::Bool(it),
            View::Int(it) => Data::Int(it),
            View::Big(it) => {
                self.charge(it.bits() / 64)?;
                Data::Big(it.into_owned())
            }
            View::Float(it) => Data::Float(it),
            View::Str(mark, text) => {
                self.charge(text.len() as u64 / 8)?;
                let text = Cow::Owned(text.to_owned());
                match mark {
                    Mark::Html => Data::Safe(text),
                    _ => Data::Str(text),
                }
            }
            _ => match value {
                Value::Cell(CellKind::Shared, id) => match self.cell(id) {
                    Cell::Shared(object) => {
                        object.get().cloned().map_or(Data::Undefined, Data::Shared)
                    }
                    _ => Data::None,
                },
                _ => {
                    return Err(Fault::kind(format!(
                        "a host function cannot be given this {}",
                        self.kind_name(value)
                    )));
                }
            },
        })
    }
}

/// Nested data is dropped by native recursion, so it must end somewhere.
const MAX_NESTING: usize = 200;

/// A container while it is copied out.
enum Exporting<'a, 'c, 'o> {
    Seq(Seq<'a, 'c>, usize, Vec<Data<'o>>, bool),
    Range(Range, u64, Vec<Data<'o>>),
    /// Entries; which part of them; what was copied.
    Part(
        Entries<'a, 'c>,
        fn((Value<'c>, Value<'c>)) -> Value<'c>,
        Vec<Data<'o>>,
    ),
    /// Entries, the value after the key in work, that key, what was copied;
    /// pairs instead of a dict?
    Map(
        Entries<'a, 'c>,
        Option<Value<'c>>,
        Option<Data<'o>>,
        Vec<(Data<'o>, Data<'o>)>,
        bool,
    ),
}

impl<'a, 'c: 'a, 'o> Exporting<'a, 'c, 'o> {
    fn new(heap: &'a Heap<'c>, value: Value<'c>) -> Result<Option<Self>, Fault> {
        let container = match heap.view(value) {
            View::List(seq) => Exporting::Seq(seq, 0, Vec::new(), false),
            View::Tuple(seq) => Exporting::Seq(seq, 0, Vec::new(), true),
            View::Range(range) => {
                heap.check_collection(range.len())?;
                Exporting::Range(range, 0, Vec::new())
            }
            View::Set(members) => {
                Exporting::Part(Map::Dict(members).iter(), |(key, _)| key, Vec::new())
            }
            View::KeysView(map) => Exporting::Part(map.iter(), |(key, _)| key, Vec::new()),
            View::ValuesView(map) => Exporting::Part(map.iter(), |(_, value)| value, Vec::new()),
            View::Dict(map) => Exporting::Map(map.iter(), None, None, Vec::new(), false),
            View::ItemsView(map) => Exporting::Map(map.iter(), None, None, Vec::new(), true),
            _ => return Ok(None),
        };
        Ok(Some(container))
    }

    /// Take what was copied last; the next value to copy.
    fn step(&mut self, done: Option<Data<'o>>) -> Option<Value<'c>> {
        match self {
            Exporting::Seq(seq, at, items, _) => {
                items.extend(done);
                *at += 1;
                seq.get(*at - 1)
            }
            Exporting::Range(range, at, items) => {
                items.extend(done);
                *at += 1;
                range.get(*at - 1).map(Value::Int)
            }
            Exporting::Part(entries, part, items) => {
                items.extend(done);
                entries.next().map(*part)
            }
            Exporting::Map(entries, waiting, key, pairs, _) => match waiting.take() {
                Some(value) => {
                    *key = done;
                    Some(value)
                }
                None => {
                    if let (Some(key), Some(value)) = (key.take(), done) {
                        pairs.push((key, value));
                    }
                    let (key, value) = entries.next()?;
                    *waiting = Some(value);
                    Some(key)
                }
            },
        }
    }

    fn close(self) -> Data<'o> {
        match self {
            Exporting::Seq(.., items, true) => Data::Tuple(items),
            Exporting::Seq(.., items, _)
            | Exporting::Range(.., items)
            | Exporting::Part(.., items) => Data::List(items),
            Exporting::Map(.., pairs, false) => Data::Dict(pairs),
            Exporting::Map(.., pairs, true) => Data::List(
                pairs
                    .into_iter()
                    .map(|(key, value)| Data::Tuple(vec![key, value]))
                    .collect(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, ops};

    fn text(it: &'static str) -> Data<'static> {
        Data::Str(it.into())
    }

    fn shown(heap: &Heap<'_>, value: Value<'_>) -> String {
        let mut out = String::new();
        ops::repr(heap, value, &mut out).unwrap();
        out
    }

    #[test]
    fn data_goes_in_and_out() {
        let json = serde_json::json!({"a": [1, {"b": null}]});
        let pair = (
            text("k"),
            Data::List(vec![Data::Int(1), Data::List(Vec::new())]),
        );
        let cases = [
            (Data::None, "None"),
            (Data::Undefined, "Undefined"),
            (Data::Big(BigInt::from(u64::MAX)), "18446744073709551615"),
            (Data::Big(BigInt::from(5)), "5"),
            (text("x"), "'x'"),
            (Data::Safe(Cow::Owned("<b>".into())), "Markup('<b>')"),
            (Data::List(Vec::new()), "[]"),
            (
                Data::Tuple(vec![Data::Tuple(vec![Data::Bool(true)])]),
                "((True,),)",
            ),
            (
                Data::Dict(vec![pair.clone(), (Data::Int(2), Data::Float(0.5))]),
                "{'k': [1, []], 2: 0.5}",
            ),
            (
                Data::Dict(vec![
                    (text("a"), Data::Int(1)),
                    (text("b"), Data::Int(2)),
                    (text("a"), Data::Int(3)),
                ]),
                "{'a': 3, 'b': 2}",
            ),
            (Data::Json(&json), "{'a': [1, {'b': None}]}"),
            (
                Data::List(vec![Data::Json(&json), Data::Dict(vec![pair])]),
                "[{'a': [1, {'b': None}]}, {'k': [1, []]}]",
            ),
            (
                Data::Tree(Arc::new(crate::tree_of(&json).unwrap())),
                "{'a': [1, {'b': None}]}",
            ),
        ];
        for (data, wanted) in cases {
            let mut heap = Heap::new(Limits::default());
            let value = heap.import(data).unwrap();
            assert_eq!(shown(&heap, value), wanted);
            assert!(heap.is_read_only(value));
            for out in [heap.export(value).unwrap(), heap.lend(value).unwrap()] {
                let again = heap.import(out).unwrap();
                assert_eq!(shown(&heap, again), wanted);
            }
        }
    }

    #[test]
    fn what_only_a_render_has_becomes_a_list() {
        let mut heap = Heap::new(Limits::default());
        let range = heap
            .new_range(Range {
                start: 0,
                stop: 3,
                step: 1,
            })
            .unwrap();
        let out = heap.export(range).unwrap();
        let list = heap.import(out).unwrap();
        assert_eq!(shown(&heap, list), "[0, 1, 2]");
        let dict = heap
            .import(Data::Dict(vec![(text("a"), Data::Int(1))]))
            .unwrap();
        for (kind, cell, wanted) in [
            (crate::ViewKind::Keys, CellKind::KeysView, "['a']"),
            (crate::ViewKind::Values, CellKind::ValuesView, "[1]"),
            (crate::ViewKind::Items, CellKind::ItemsView, "[('a', 1)]"),
        ] {
            let id = heap.alloc(Cell::View(kind, dict)).unwrap();
            let out = heap.export(Value::Cell(cell, id)).unwrap();
            let list = heap.import(out).unwrap();
            assert_eq!(shown(&heap, list), wanted);
        }
        let native = Value::Native(crate::NativeId(0));
        assert!(heap.export(native).is_err());
    }

    #[test]
    fn bad_keys_are_refused() {
        let mut heap = Heap::new(Limits::default());
        let data = Data::Dict(vec![(Data::List(Vec::new()), Data::None)]);
        assert!(heap.import(data).is_err());
    }
}
