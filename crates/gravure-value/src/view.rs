//! One way to look at a value, wherever its data lies.

use crate::{
    BigInt, Cell, CellId, Dict, Fault, Heap, Json, MapNode, Mark, Node, NodeId, Object, Sequence,
    Tree, Value, ops,
};
use std::borrow::Cow;

/// A value as an operator or filter sees it.
pub enum View<'a, 'c> {
    /// Undefined.
    Undefined,
    /// None.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A longer integer.
    Big(Cow<'a, BigInt>),
    /// A float.
    Float(f64),
    /// Text.
    Str(Mark, &'a str),
    /// A list.
    List(Seq<'a, 'c>),
    /// A tuple.
    Tuple(Seq<'a, 'c>),
    /// A dict.
    Dict(Map<'a, 'c>),
    /// A set.
    Set(&'a Dict<'c>),
    /// A range.
    Range(Range),
    /// A view of a dict's keys.
    KeysView(Map<'a, 'c>),
    /// A view of a dict's values.
    ValuesView(Map<'a, 'c>),
    /// A view of a dict's items.
    ItemsView(Map<'a, 'c>),
    /// A one-pass iterator.
    Iter,
    /// The loop object.
    Loop,
    /// A function, def, region, method or caller.
    Function,
    /// An object that the host lends.
    Object(&'c dyn Object),
    /// An object that a host function made.
    Shared(&'a dyn crate::SharedObject),
}

/// A list or tuple, wherever it lies.
#[derive(Clone, Copy)]
pub enum Seq<'a, 'c> {
    /// Borrowed JSON.
    Json(&'c [Json]),
    /// Children of a node: the tree, its cell if one owns it, first child, count.
    Node(TreeRef<'a, 'c>, NodeId, u32),
    /// Lent by the host.
    Host(&'c dyn Sequence),
    /// Made by the render.
    Values(&'a [Value<'c>]),
}

/// A tree, and how to name its nodes.
#[derive(Clone, Copy)]
pub enum TreeRef<'a, 'c> {
    /// The host holds it.
    Host(&'c Tree),
    /// A cell holds it.
    Cell(&'a Tree, CellId),
}

impl<'a, 'c> TreeRef<'a, 'c> {
    /// The tree itself.
    pub fn tree(self) -> &'a Tree
    where
        'c: 'a,
    {
        match self {
            TreeRef::Host(tree) => tree,
            TreeRef::Cell(tree, _) => tree,
        }
    }

    /// A node as a value; scalars become immediate.
    pub fn value(self, id: NodeId) -> Value<'c> {
        match self {
            TreeRef::Host(tree) => Value::from_node(tree, id),
            TreeRef::Cell(tree, cell) => match tree.node(id) {
                Node::None => Value::None,
                Node::Bool(it) => Value::Bool(it),
                Node::Int(it) => Value::Int(it),
                Node::Float(it) => Value::Float(it),
                _ => Value::Tree(cell, id),
            },
        }
    }
}

impl<'a, 'c: 'a> Seq<'a, 'c> {
    /// How many items.
    pub fn len(&self) -> usize {
        match self {
            Seq::Json(items) => items.len(),
            Seq::Node(_, _, len) => *len as usize,
            Seq::Host(seq) => seq.len(),
            Seq::Values(items) => items.len(),
        }
    }

    /// No item?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The item at a position.
    pub fn get(&self, idx: usize) -> Option<Value<'c>> {
        match self {
            Seq::Json(items) => items.get(idx).map(Value::from_json),
            Seq::Node(tree, first, len) => {
                ((idx as u64) < u64::from(*len)).then(|| tree.value(NodeId(first.0 + idx as u32)))
            }
            Seq::Host(seq) => Value::item_of(*seq, idx),
            Seq::Values(items) => items.get(idx).copied(),
        }
    }

    /// All items in order.
    pub fn iter(
        &self,
    ) -> impl DoubleEndedIterator<Item = Value<'c>> + ExactSizeIterator + use<'_, 'a, 'c> {
        (0..self.len()).map(|idx| self.get(idx).unwrap_or(Value::None))
    }
}

/// A dict, wherever it lies. Keys of host data are text.
#[derive(Clone, Copy)]
pub enum Map<'a, 'c> {
    /// Borrowed JSON.
    Json(&'c serde_json::Map<String, Json>),
    /// A map node.
    Node(TreeRef<'a, 'c>, MapNode),
    /// Made by the render.
    Dict(&'a Dict<'c>),
}

impl<'a, 'c: 'a> Map<'a, 'c> {
    /// How many entries.
    pub fn len(&self) -> usize {
        match self {
            Map::Json(map) => map.len(),
            Map::Node(_, map) => map.len as usize,
            Map::Dict(dict) => dict.len(),
        }
    }

    /// No entry?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The entry under a text key.
    pub fn get_str(&self, heap: &Heap<'c>, key: &str) -> Option<Value<'c>> {
        match self {
            Map::Json(map) => map.get(key).map(Value::from_json),
            Map::Node(tree, map) => {
                let found = tree.tree().find(*map, key)?;
                Some(tree.value(found))
            }
            Map::Dict(dict) => dict.get_str(heap, key),
        }
    }

    /// The value under any key.
    ///
    /// # Errors
    /// `K-RUN-012` if the key cannot be hashed.
    pub fn get(&self, heap: &Heap<'c>, key: Value<'c>) -> Result<Option<Value<'c>>, Fault> {
        match (self, heap.text(key)) {
            (Map::Dict(dict), _) => dict.get(heap, key),
            (_, Some(key)) => {
                heap.charge(self.price_of(key))?;
                Ok(self.get_str(heap, key))
            }
            (_, None) => ops::hash(heap, key).map(|_| None),
        }
    }

    /// Steps of looking for a text in data of the host: the text is hashed or
    /// compared, and the entries of a large tree are halved again and again.
    pub fn price_of(&self, key: &str) -> u64 {
        const FEW: u32 = 8;
        let halves = match self {
            Map::Node(_, map) if map.len > FEW => u64::from(map.len.ilog2()),
            _ => 0,
        };
        halves + key.len() as u64 / 8
    }

    /// Entries in order, one by one. For JSON and trees the keys are texts.
    pub fn iter(&self) -> Entries<'a, 'c> {
        match *self {
            Map::Json(map) => Entries::Json(map.iter()),
            Map::Node(tree, map) => Entries::Node(tree, map, 0),
            Map::Dict(dict) => Entries::Dict(dict, 0),
        }
    }

    /// All entries in order. For JSON and trees the keys are texts.
    pub fn entries(&self, heap: &Heap<'c>) -> Vec<(Value<'c>, Value<'c>)> {
        let _ = heap;
        self.iter().collect()
    }
}

/// Entries of a dict in order.
pub enum Entries<'a, 'c> {
    /// Of borrowed JSON.
    Json(serde_json::map::Iter<'c>),
    /// Of a tree: the next one.
    Node(TreeRef<'a, 'c>, MapNode, u32),
    /// Of a dict: the next one.
    Dict(&'a Dict<'c>, usize),
}

impl<'a, 'c: 'a> Iterator for Entries<'a, 'c> {
    type Item = (Value<'c>, Value<'c>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Entries::Json(iter) => {
                let (key, value) = iter.next()?;
                Some((Value::Str(Mark::Plain, key), Value::from_json(value)))
            }
            Entries::Node(tree, map, at) => {
                let (key, value) = tree.tree().entry(*map, *at)?;
                *at += 1;
                Some((tree.value(key), tree.value(value)))
            }
            Entries::Dict(dict, at) => {
                let entry = dict.at(*at)?;
                *at += 1;
                Some(entry)
            }
        }
    }
}

/// A range: `start`, `start + step`, … before `stop`. `step` is never 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first member, if there is one.
    pub start: i64,
    /// The bound, not a member.
    pub stop: i64,
    /// The distance.
    pub step: i64,
}

impl Range {
    /// How many members.
    pub fn len(&self) -> u64 {
        let (start, stop, step) = (
            i128::from(self.start),
            i128::from(self.stop),
            i128::from(self.step),
        );
        let span = if step > 0 { stop - start } else { start - stop };
        if span <= 0 || step == 0 {
            return 0;
        }
        let n = (span + step.abs() - 1) / step.abs();
        u64::try_from(n).unwrap_or(u64::MAX)
    }

    /// No member?
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The member at a position.
    pub fn get(&self, idx: u64) -> Option<i64> {
        if idx >= self.len() {
            return None;
        }
        let at = i128::from(self.start) + i128::from(idx) * i128::from(self.step);
        i64::try_from(at).ok()
    }
}

impl<'c> Heap<'c> {
    /// Look at a value.
    pub fn view(&self, value: Value<'c>) -> View<'_, 'c> {
        match value {
            Value::Unset | Value::Undefined => View::Undefined,
            Value::None => View::None,
            Value::Bool(it) => View::Bool(it),
            Value::Int(it) => View::Int(it),
            Value::Float(it) => View::Float(it),
            Value::Str(mark, it) => View::Str(mark, it),
            Value::Const(template, id) => View::Str(Mark::Plain, self.constant(template, id)),
            Value::Native(_) => View::Function,
            Value::Object(object) => View::Object(object),
            Value::Seq(seq) => View::List(Seq::Host(seq)),
            Value::Json(json) => match json {
                Json::Array(items) => View::List(Seq::Json(items)),
                Json::Object(map) => View::Dict(Map::Json(map)),
                Json::Number(number) => match number.as_u64() {
                    Some(wide) => View::Big(Cow::Owned(BigInt::from(wide))),
                    None => View::Float(number.as_f64().unwrap_or(f64::NAN)),
                },
                Json::String(text) => View::Str(Mark::Plain, text),
                Json::Bool(it) => View::Bool(*it),
                Json::Null => View::None,
            },
            Value::Node(tree, id) => view_node(TreeRef::Host(tree), id),
            Value::Tree(cell, id) => match self.cell(cell) {
                Cell::Tree(tree) => view_node(TreeRef::Cell(tree, cell), id),
                _ => View::Undefined,
            },
            Value::Text(mark, id) => match self.cell(id) {
                Cell::Text(text) => View::Str(mark, text),
                Cell::Placed(placed) => View::Str(mark, &placed.text),
                _ => View::Undefined,
            },
            Value::Cell(_, id) => match self.cell(id) {
                Cell::Big(big) => View::Big(Cow::Borrowed(big)),
                Cell::List(items) => View::List(Seq::Values(items)),
                Cell::Tuple(items) => View::Tuple(Seq::Values(items)),
                Cell::Dict(dict) => View::Dict(Map::Dict(dict)),
                Cell::Set(dict) => View::Set(dict),
                Cell::Range(range) => View::Range(*range),
                Cell::View(kind, dict) => {
                    let View::Dict(map) = self.view(*dict) else {
                        return View::Undefined;
                    };
                    match kind {
                        crate::ViewKind::Keys => View::KeysView(map),
                        crate::ViewKind::Values => View::ValuesView(map),
                        crate::ViewKind::Items => View::ItemsView(map),
                    }
                }
                Cell::OnePass(_) => View::Iter,
                Cell::Loop(_) => View::Loop,
                Cell::Def(_) | Cell::Bound(..) | Cell::Content(_) => View::Function,
                Cell::Shared(object) => match object.get() {
                    Some(object) => View::Shared(&**object),
                    None => View::Undefined,
                },
                Cell::Free(_)
                | Cell::Text(_)
                | Cell::Placed(_)
                | Cell::Var(_)
                | Cell::Context(_)
                | Cell::Tree(_) => View::Undefined,
            },
        }
    }
}

fn view_node<'a, 'c: 'a>(tree: TreeRef<'a, 'c>, id: NodeId) -> View<'a, 'c> {
    match tree.tree().node(id) {
        Node::None => View::None,
        Node::Bool(it) => View::Bool(it),
        Node::Int(it) => View::Int(it),
        Node::Float(it) => View::Float(it),
        Node::Big(at) => match tree.tree().big(at) {
            Some(big) => View::Big(Cow::Borrowed(big)),
            None => View::None,
        },
        Node::Text(start, len) => View::Str(Mark::Plain, tree.tree().text(start, len)),
        Node::List(first, len) => View::List(Seq::Node(tree, first, len)),
        Node::Map(map) => View::Dict(Map::Node(tree, map)),
    }
}
