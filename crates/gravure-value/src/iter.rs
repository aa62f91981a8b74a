//! Going through anything that has items.
//!
//! An iterator holds its items as they were when it began: a list is shared,
//! and changing it meanwhile copies it. What needs template code to go on
//! (`map`, `filter`) is driven by the VM through `Host::next`.

use crate::text::ascii_char;
use crate::{
    AsyncItems, Cell, CellId, CellKind, Fault, Heap, Json, Kind, Mark, Node, NodeId, Range,
    Sequence, Tree, Value, View, view::Map,
};
use gravure_source::Code;
use std::sync::Arc;

/// Where items come from. What has to be dropped is not in here, so that a
/// place is given to another sequence without a look at what it was.
#[derive(Clone, Copy, Debug)]
pub enum Items<'c> {
    /// Borrowed JSON.
    Json(&'c [Json]),
    /// Children of a node that the host holds.
    Node(&'c Tree, NodeId),
    /// A list of the host.
    Host(&'c dyn Sequence),
    /// Children of a node in a cell's tree.
    Tree(CellId, NodeId),
    /// Those that the iterator holds: of a list or tuple, or made for it.
    Values,
    /// Members of a range.
    Range(Range),
    /// Characters of borrowed text, from this byte on.
    Chars(&'c str, usize),
    /// A one-pass iterator: its cell.
    OnePass(CellId),
}

/// A place in a sequence of items.
#[derive(Clone, Debug)]
pub struct Iter<'c> {
    /// Where they come from.
    pub items: Items<'c>,
    /// How many have been given.
    pub pos: u64,
    /// How many there are; `u64::MAX` if unknown.
    pub len: u64,
    /// What was asked for, so that it can be gone through again.
    pub source: Value<'c>,
    held: Option<Arc<Vec<Value<'c>>>>,
}

/// The state of what `zip`, `enumerate`, `reversed`, `map`, `filter` return.
#[derive(Clone, Debug)]
pub enum OnePass<'c> {
    /// Items one by one.
    Plain(Iter<'c>),
    /// Pairs with a running number.
    Enumerate(Iter<'c>, Value<'c>),
    /// Tuples of items, as long as the shortest (or `strict`).
    Zip(Vec<Iter<'c>>, bool),
    /// A function of items of several sources.
    Map(Value<'c>, Vec<Iter<'c>>),
    /// Items for which a function (none: themselves) is true.
    Filter(Value<'c>, Iter<'c>),
    /// What comes one by one, with the item before and the one at hand.
    Async(AsyncItems, [Value<'c>; 2]),
    /// Nothing any more.
    Done,
}

impl<'c> OnePass<'c> {
    /// Bytes of items that nobody else holds.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            OnePass::Done | OnePass::Async(..) => 0,
            OnePass::Plain(iter) | OnePass::Enumerate(iter, _) | OnePass::Filter(_, iter) => {
                iter.bytes()
            }
            OnePass::Zip(iters, _) | OnePass::Map(_, iters) => {
                let own = iters.capacity() * size_of::<Iter<'_>>();
                own + iters.iter().map(Iter::bytes).sum::<usize>()
            }
        }
    }

    /// Every value that it holds.
    pub(crate) fn trace(&self, see: &mut dyn FnMut(Value<'c>)) {
        match self {
            OnePass::Done => {}
            OnePass::Async(_, seen) => seen.iter().copied().for_each(see),
            OnePass::Plain(iter) => iter.trace(see),
            OnePass::Enumerate(iter, value) | OnePass::Filter(value, iter) => {
                see(*value);
                iter.trace(see);
            }
            OnePass::Zip(iters, _) => iters.iter().for_each(|iter| iter.trace(see)),
            OnePass::Map(value, iters) => {
                see(*value);
                iters.iter().for_each(|iter| iter.trace(see));
            }
        }
    }
}

impl<'c> Iter<'c> {
    /// Has it nothing that must be dropped?
    #[inline]
    pub fn is_plain(&self) -> bool {
        self.held.is_none()
    }

    /// Begin to go through a value.
    ///
    /// # Errors
    /// `K-RUN-012` if it has no items, `K-RUN-013` for a def.
    pub fn new(heap: &mut Heap<'c>, source: Value<'c>) -> Result<Self, Fault> {
        let mut iter = Self::empty();
        if iter.begin(source) {
            return Ok(iter);
        }
        let mut held = None;
        let mut hold = |values: Arc<Vec<Value<'c>>>| {
            let len = values.len() as u64;
            held = Some(values);
            (Items::Values, len)
        };
        let (items, len) = match source {
            Value::Str(_, text) => (Items::Chars(text, 0), u64::MAX),
            Value::Unset | Value::Undefined => (Items::Chars("", 0), 0),
            Value::Tree(cell, id) => match heap.cell(cell) {
                Cell::Tree(tree) => match tree.node(id) {
                    Node::List(first, len) => (Items::Tree(cell, first), u64::from(len)),
                    _ => hold(Self::collected(heap, source)?),
                },
                _ => hold(Self::collected(heap, source)?),
            },
            Value::Cell(_, id) => match heap.cell(id) {
                Cell::List(items) | Cell::Tuple(items) => hold(items.clone()),
                Cell::Range(range) => (Items::Range(*range), range.len()),
                Cell::OnePass(_) => (Items::OnePass(id), u64::MAX),
                Cell::Loop(state) => {
                    let again = state.iter.source;
                    return match again {
                        Value::Cell(CellKind::Loop, _) => Err(Fault::not_iterable("loop")),
                        _ => Self::new(heap, again),
                    };
                }
                _ => hold(Self::collected(heap, source)?),
            },
            _ => hold(Self::collected(heap, source)?),
        };
        Ok(Self {
            items,
            pos: 0,
            len,
            source,
            held,
        })
    }

    /// Go through a list of the host from here on, if it is one: that needs no
    /// heap and never fails.
    #[inline(always)]
    pub fn begin(&mut self, source: Value<'c>) -> bool {
        match source {
            Value::Json(Json::Array(items)) => {
                self.items = Items::Json(items);
                self.len = items.len() as u64;
            }
            Value::Node(tree, id) => match tree.node(id) {
                Node::List(first, len) => {
                    self.items = Items::Node(tree, first);
                    self.len = u64::from(len);
                }
                _ => return false,
            },
            Value::Seq(seq) => {
                self.items = Items::Host(seq);
                self.len = seq.len() as u64;
            }
            _ => return false,
        }
        self.pos = 0;
        self.source = source;
        self.held = None;
        true
    }

    /// No items, and nothing owned.
    pub fn empty() -> Self {
        Self {
            items: Items::Chars("", 0),
            pos: 0,
            len: 0,
            source: Value::None,
            held: None,
        }
    }

    /// Have no items any more.
    #[inline(always)]
    pub fn end(&mut self) {
        self.items = Items::Chars("", 0);
        self.pos = 0;
        self.len = 0;
        self.source = Value::None;
        self.held = None;
    }

    /// What comes one by one, of a cell that knows how.
    pub fn one_pass(cell: CellId, source: Value<'c>) -> Self {
        Self {
            items: Items::OnePass(cell),
            len: u64::MAX,
            source,
            ..Self::empty()
        }
    }

    /// The items that it holds: those of a list or tuple, or made for it.
    #[inline(always)]
    pub fn held(&self) -> &[Value<'c>] {
        match &self.held {
            Some(held) => held,
            None => &[],
        }
    }

    /// Items of a list that was made for this.
    pub fn of(items: Vec<Value<'c>>) -> Self {
        let len = items.len() as u64;
        Self {
            items: Items::Values,
            len,
            held: Some(Arc::new(items)),
            ..Self::empty()
        }
    }

    /// Kinds whose items must be gathered first.
    fn collected(heap: &mut Heap<'c>, source: Value<'c>) -> Result<Arc<Vec<Value<'c>>>, Fault> {
        heap.charge(heap.size_hint(source))?;
        if let View::Str(_, text) = heap.view(source) {
            heap.reserve((text.len() * size_of::<Value<'_>>()) as u64)?;
            let text: Box<str> = text.into();
            let mut items = Vec::with_capacity(text.len());
            for c in text.chars() {
                // ASCII needs no cells.
                items.push(match ascii_char(c) {
                    Some(single) => Value::Str(Mark::Plain, single),
                    None => heap.new_text(Mark::Plain, c.to_string())?,
                });
            }
            return Ok(Arc::new(items));
        }
        let map_items = |map: Map<'_, 'c>, part: fn((Value<'c>, Value<'c>)) -> Value<'c>| {
            map.entries(heap).into_iter().map(part).collect::<Vec<_>>()
        };
        let items = match heap.view(source) {
            View::Dict(map) | View::KeysView(map) => map_items(map, |(key, _)| key),
            View::ValuesView(map) => map_items(map, |(_, value)| value),
            View::ItemsView(map) => {
                let entries = map.entries(heap);
                let mut pairs = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    pairs.push(heap.new_tuple(vec![key, value])?);
                }
                pairs
            }
            View::Set(members) => members.iter().map(|(key, _)| key).collect(),
            View::Object(object) => match object.items() {
                Some(items) => {
                    let mut values = Vec::with_capacity(items.len());
                    for item in items {
                        values.push(heap.import(item)?);
                    }
                    values
                }
                None => return Err(Fault::not_iterable(object.type_name())),
            },
            View::Shared(object) => match object.items() {
                Some(items) => {
                    let mut values = Vec::with_capacity(items.len());
                    for item in items {
                        values.push(heap.import(item)?);
                    }
                    values
                }
                None => {
                    let name = object.type_name().to_owned();
                    return Err(Fault::not_iterable(&name));
                }
            },
            View::Function if matches!(source, Value::Cell(CellKind::Def, _)) => {
                return Err(
                    Fault::new(Code::RunIterateDef, "a def has no items to go through")
                        .help("a def and a variable share this name: rename one"),
                );
            }
            _ => return Err(Fault::not_iterable(heap.kind_name(source))),
        };
        Ok(Arc::new(items))
    }

    /// How many items are left, if that is known.
    pub fn remaining(&self) -> Option<u64> {
        (self.len != u64::MAX).then(|| self.len.saturating_sub(self.pos))
    }

    /// The item at a position, without going there; `None` past the end, and
    /// for one-pass iterators, but for the last two of an async sequence.
    pub fn peek(&self, heap: &Heap<'c>, at: u64) -> Option<Value<'c>> {
        let idx = usize::try_from(at).ok()?;
        match &self.items {
            Items::Json(items) => items.get(idx).map(Value::from_json),
            Items::Node(tree, first) => {
                (at < self.len).then(|| Value::from_node(tree, NodeId(first.0 + at as u32)))
            }
            Items::Host(seq) => Value::item_of(*seq, idx),
            Items::Tree(cell, first) => {
                let Cell::Tree(tree) = heap.cell(*cell) else {
                    return None;
                };
                let tree = crate::view::TreeRef::Cell(tree, *cell);
                (at < self.len).then(|| tree.value(NodeId(first.0 + at as u32)))
            }
            Items::Values => self.held().get(idx).copied(),
            Items::Range(range) => range.get(at).map(Value::Int),
            Items::Chars(text, next) => {
                // Counted from where the iterator is: neighbors are near.
                let (before, after) = text.split_at_checked(*next)?;
                let c = match at.checked_sub(self.pos) {
                    Some(ahead) => {
                        let (at, c) = after.char_indices().nth(usize::try_from(ahead).ok()?)?;
                        &after[at..at + c.len_utf8()]
                    }
                    None => {
                        let back = usize::try_from(self.pos - 1 - at).ok()?;
                        let (at, c) = before.char_indices().rev().nth(back)?;
                        &before[at..at + c.len_utf8()]
                    }
                };
                Some(Value::Str(Mark::Plain, c))
            }
            Items::OnePass(cell) => match heap.cell(*cell) {
                Cell::OnePass(state) => match **state {
                    // Nothing is kept but the last two.
                    OnePass::Async(_, [before, current]) => match self.pos.checked_sub(at)? {
                        1 => Some(current),
                        2 => Some(before),
                        _ => None,
                    },
                    _ => None,
                },
                _ => None,
            },
        }
    }

    /// The next item of anything but a one-pass iterator. One-pass iterators
    /// give `None` here: only [`crate::Host::next`] drives them.
    #[inline]
    pub fn step(&mut self, heap: &Heap<'c>) -> Option<Value<'c>> {
        let item = match &mut self.items {
            Items::Chars(text, at) => {
                let c = text.get(*at..)?.chars().next()?;
                let start = *at;
                *at += c.len_utf8();
                Some(Value::Str(Mark::Plain, &text[start..*at]))
            }
            _ => self.peek(heap, self.pos),
        };
        if item.is_some() {
            self.pos += 1;
        }
        item
    }

    /// Bytes of items that nobody else holds.
    pub(crate) fn bytes(&self) -> usize {
        match &self.held {
            Some(items) if Arc::strong_count(items) == 1 => {
                items.capacity() * size_of::<Value<'_>>()
            }
            _ => 0,
        }
    }

    /// Is it driven by the VM?
    pub fn is_one_pass(&self) -> bool {
        matches!(self.items, Items::OnePass(_))
    }

    /// Learn the length of a text, which is not known before it is asked for.
    pub fn measure(&mut self) -> u64 {
        if let Items::Chars(text, _) = self.items
            && self.len == u64::MAX
        {
            self.len = text.chars().count() as u64;
        }
        self.len
    }

    /// Every value that it holds.
    pub fn trace(&self, see: &mut dyn FnMut(Value<'c>)) {
        see(self.source);
        match &self.items {
            Items::Values => self.held().iter().copied().for_each(see),
            Items::OnePass(cell) => see(Value::Cell(CellKind::Iter, *cell)),
            Items::Tree(cell, node) => see(Value::Tree(*cell, *node)),
            Items::Json(_)
            | Items::Node(..)
            | Items::Host(_)
            | Items::Range(_)
            | Items::Chars(..) => {}
        }
    }

    /// Is it made of the kinds that `reversed` and `reverse` accept?
    pub fn is_reversible(heap: &Heap<'c>, value: Value<'c>) -> bool {
        matches!(
            heap.kind(value),
            Kind::Str
                | Kind::List
                | Kind::Tuple
                | Kind::Dict
                | Kind::Range
                | Kind::KeysView
                | Kind::ValuesView
                | Kind::ItemsView
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dict, Limits, ops, tree_of};

    fn steps<'c>(heap: &mut Heap<'c>, source: Value<'c>) -> String {
        let mut iter = match Iter::new(heap, source) {
            Ok(iter) => iter,
            Err(fault) => return fault.code.to_string(),
        };
        let mut items = Vec::new();
        while let Some(item) = iter.step(heap) {
            items.push(item);
            assert_eq!(iter.pos, items.len() as u64);
        }
        assert!(iter.remaining().is_none_or(|left| left == 0));
        let len = iter.measure();
        assert_eq!(len, items.len() as u64);
        let mut out = String::new();
        for item in items {
            ops::repr(heap, item, &mut out).unwrap();
            out.push(' ');
        }
        out
    }

    #[test]
    fn everything_with_items_gives_them() {
        let json = serde_json::json!([1, "a", [2], {"k": null}]);
        let tree = tree_of(&json).unwrap();
        let counted = Arc::new(tree.clone());
        let mut heap = Heap::new(Limits::default());
        let all = "1 'a' [2] {'k': None} ";
        assert_eq!(steps(&mut heap, Value::from_json(&json)), all);
        assert_eq!(steps(&mut heap, Value::from_tree(&tree)), all);
        let value = heap.new_tree(crate::Held::Counted(counted)).unwrap();
        assert_eq!(steps(&mut heap, value), all);
        assert_eq!(steps(&mut heap, Value::Str(Mark::Html, "a日")), "'a' '日' ");
        let text = heap.new_text(Mark::Html, "a日").unwrap();
        assert_eq!(steps(&mut heap, text), "'a' '日' ");
        assert_eq!(steps(&mut heap, Value::Undefined), "");
        let range = heap
            .new_range(Range {
                start: 3,
                stop: 0,
                step: -2,
            })
            .unwrap();
        assert_eq!(steps(&mut heap, range), "3 1 ");
        let mut dict = Dict::new();
        dict.insert(&heap, Value::Int(1), Value::Bool(true))
            .unwrap();
        let set = heap.new_set(dict.clone()).unwrap();
        let dict = heap.new_dict(dict).unwrap();
        assert_eq!(steps(&mut heap, dict), "1 ");
        assert_eq!(steps(&mut heap, set), "1 ");
        let items = heap
            .alloc(Cell::View(crate::ViewKind::Items, dict))
            .unwrap();
        assert_eq!(
            steps(&mut heap, Value::Cell(CellKind::ItemsView, items)),
            "(1, True) "
        );
        assert_eq!(steps(&mut heap, Value::Int(5)), "K-RUN-012");
        assert_eq!(steps(&mut heap, Value::None), "K-RUN-012");
    }

    #[test]
    fn neighbors_can_be_seen() {
        let mut heap = Heap::new(Limits::default());
        let mut iter = Iter::new(&mut heap, Value::Str(Mark::Plain, "aä日z")).unwrap();
        for pos in 0..=4 {
            for (at, wanted) in ["a", "ä", "日", "z"].into_iter().enumerate() {
                let seen = iter.peek(&heap, at as u64).and_then(|it| heap.text(it));
                assert_eq!(seen, Some(wanted), "from {pos}");
            }
            assert!(iter.peek(&heap, 4).is_none());
            iter.step(&heap);
        }
    }

    #[test]
    fn characters_that_are_ascii_need_no_cells() {
        let mut heap = Heap::new(Limits::default());
        let text = heap.new_text(Mark::Plain, "abc".repeat(100)).unwrap();
        let before = heap.live_bytes();
        let iter = Iter::new(&mut heap, text).unwrap();
        assert_eq!(heap.live_bytes(), before);
        assert!(matches!(
            iter.peek(&heap, 299),
            Some(Value::Str(Mark::Plain, "c"))
        ));
    }
}
