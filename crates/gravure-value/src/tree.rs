//! A frozen tree: plain data in one piece, made once, read by many renders.
//!
//! Nodes lie in one table; the children of a list stand next to each other,
//! and so do the values of a map. Its keys stand in a table of their own: maps
//! with the same keys in the same order share them. Texts lie in one string.

use crate::{BigInt, Mark, Value, text::Packed};
use std::{
    cmp::Ordering,
    fmt::{self, Write as _},
};

/// The number of a node in its tree.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NodeId(pub u32);

/// One node.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Node {
    /// None.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A float.
    Float(f64),
    /// A longer integer, by its number in the tree.
    Big(u32),
    /// Text: where it starts, how many bytes.
    Text(u32, u32),
    /// A list: its first child, how many.
    List(NodeId, u32),
    /// A map.
    Map(MapNode),
}

/// A map of a tree: where its keys stand and where its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MapNode {
    /// The first of its keys in the table of keys.
    pub keys: u32,
    /// The first of its values, which are nodes.
    pub values: NodeId,
    /// How many entries it has.
    pub len: u32,
}

const _: () = assert!(size_of::<Node>() == 16);

/// Up to this many entries of a map are found by scanning.
const SCAN: usize = 8;

/// A key of maps.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// Its text, so that a scan touches nothing else; [`Packed::NONE`] if two
    /// words do not hold it.
    words: Packed,
    /// Its node.
    node: NodeId,
}

/// The bytes of text, and twice the nodes, that a tree may hold.
const MOST: usize = u32::MAX as usize - 16;

/// Plain data in one piece.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    /// The keys of a map stand next to each other.
    keys: Vec<Key>,
    /// For each key of a map with more than [`SCAN`] of them, the positions of
    /// that map's keys in the order of their texts; as far as such a map
    /// reaches.
    sorted: Vec<u32>,
    bigs: Vec<BigInt>,
    text: String,
    root: u32,
}

impl Tree {
    /// The root's number.
    pub fn root(&self) -> NodeId {
        NodeId(self.root)
    }

    /// A node; `None` for a number that is none.
    #[inline(always)]
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id.0 as usize).copied().unwrap_or(Node::None)
    }

    /// So many nodes in a row, as the children of a list stand; none if there
    /// are fewer.
    pub fn nodes(&self, first: NodeId, len: u64) -> &[Node] {
        let first = first.0 as usize;
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        let nodes = self.nodes.get(first..first.saturating_add(len));
        nodes.unwrap_or(&[])
    }

    /// Text of the tree.
    #[inline]
    pub fn text(&self, start: u32, len: u32) -> &str {
        let start = start as usize;
        self.text.get(start..start + len as usize).unwrap_or("")
    }

    /// The bytes of all texts; a text node says where its own stand.
    #[inline(always)]
    pub fn bytes_of_texts(&self) -> &[u8] {
        self.text.as_bytes()
    }

    /// A long integer.
    pub fn big(&self, at: u32) -> Option<&BigInt> {
        self.bigs.get(at as usize)
    }

    /// An entry of a map: key node and value node.
    pub fn entry(&self, map: MapNode, at: u32) -> Option<(NodeId, NodeId)> {
        if at >= map.len {
            return None;
        }
        let key = self.keys.get(map.keys as usize + at as usize)?;
        Some((key.node, NodeId(map.values.0.saturating_add(at))))
    }

    /// The value node under a key of a map.
    pub fn find(&self, map: MapNode, key: &str) -> Option<NodeId> {
        let range = map.keys as usize..map.keys as usize + map.len as usize;
        let at = if map.len as usize > SCAN {
            let sorted = self.sorted.get(range)?;
            let place = sorted
                .binary_search_by(|&at| by_length(self.key(map.keys.saturating_add(at)), key))
                .ok()?;
            sorted.get(place).copied()?
        } else {
            let words = Packed::of(key.as_bytes());
            let mut keys = self.keys.get(range)?.iter();
            let at = match words.is_whole() {
                true => keys.position(|it| it.words == words),
                false => keys.position(|it| self.text_of(it.node) == key),
            };
            at? as u32
        };
        Some(NodeId(map.values.0.saturating_add(at)))
    }

    /// The value of an entry, if its key is this one, whose words are these.
    /// A key of more than two words is not found here.
    #[inline(always)]
    pub fn entry_if(&self, map: MapNode, at: u32, words: Packed) -> Option<NodeId> {
        let key = self.keys.get(map.keys as usize + at as usize)?;
        if at >= map.len || key.words != words {
            return None;
        }
        Some(NodeId(map.values.0.wrapping_add(at)))
    }

    /// Where a key whose words are these stands in a map. A key of more than
    /// two words is not found here.
    #[inline(always)]
    pub fn position(&self, map: MapNode, words: Packed) -> Option<u32> {
        let first = map.keys as usize;
        let keys = self.keys.get(first..first + map.len as usize)?;
        let at = keys.iter().position(|key| key.words == words)?;
        Some(at as u32)
    }

    /// The same for a key of any length.
    pub fn entry_if_long(&self, map: MapNode, at: u32, name: &[u8]) -> Option<NodeId> {
        let (key, value) = self.entry(map, at)?;
        (self.text_of(key).as_bytes() == name).then_some(value)
    }

    /// The text of a key.
    fn key(&self, at: u32) -> &str {
        self.keys
            .get(at as usize)
            .map_or("", |key| self.text_of(key.node))
    }

    /// The text of a node; of others it is empty.
    fn text_of(&self, id: NodeId) -> &str {
        match self.node(id) {
            Node::Text(start, len) => self.text(start, len),
            _ => "",
        }
    }

    /// The tree as bytes, in parts: for who hashes it. Trees with the same
    /// bytes are the same; the same data put together in another order may
    /// have others.
    pub fn feed(&self, take: &mut dyn FnMut(&[u8])) {
        take(&self.root.to_le_bytes());
        take(&(self.nodes.len() as u64).to_le_bytes());
        for node in &self.nodes {
            let (kind, payload) = match *node {
                Node::None => (0, 0),
                Node::Bool(it) => (1, u64::from(it)),
                Node::Int(it) => (2, it as u64),
                Node::Float(it) => (3, it.to_bits()),
                Node::Big(at) => (4, u64::from(at)),
                Node::Text(start, len) => (5, pair(start, len)),
                Node::List(first, len) => (6, pair(first.0, len)),
                Node::Map(map) => {
                    take(&map.keys.to_le_bytes());
                    (7, pair(map.values.0, map.len))
                }
            };
            take(&[kind]);
            take(&payload.to_le_bytes());
        }
        take(&(self.keys.len() as u64).to_le_bytes());
        for key in &self.keys {
            take(&key.node.0.to_le_bytes());
        }
        take(&(self.bigs.len() as u64).to_le_bytes());
        for big in &self.bigs {
            let bytes = big.to_signed_bytes_le();
            take(&(bytes.len() as u64).to_le_bytes());
            take(&bytes);
        }
        take(self.text.as_bytes());
    }

    /// How many keys there are for all maps.
    #[cfg(test)]
    pub(crate) fn keys_len(&self) -> usize {
        self.keys.len()
    }

    /// The bytes that the tree owns, by capacity.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.keys.capacity() * size_of::<Key>()
            + self.sorted.capacity() * size_of::<u32>()
            + self.text.capacity()
            + self
                .bigs
                .iter()
                .map(|big| big.bits() as usize / 8 + 32)
                .sum::<usize>()
    }
}

/// Two numbers as one.
fn pair(high: u32, low: u32) -> u64 {
    u64::from(high) << 32 | u64::from(low)
}

/// An order of texts that is faster than that of their characters.
fn by_length(lhs: &str, rhs: &str) -> Ordering {
    lhs.len().cmp(&rhs.len()).then_with(|| lhs.cmp(rhs))
}

impl<'c> Value<'c> {
    /// A node of a tree that the host holds; scalars become immediate.
    #[inline]
    pub fn from_node(tree: &'c Tree, id: NodeId) -> Self {
        match tree.node(id) {
            Node::None => Value::None,
            Node::Bool(it) => Value::Bool(it),
            Node::Int(it) => Value::Int(it),
            Node::Float(it) => Value::Float(it),
            Node::Text(start, len) => Value::Str(Mark::Plain, tree.text(start, len)),
            Node::Big(_) | Node::List(..) | Node::Map(..) => Value::Node(tree, id),
        }
    }

    /// The root of a tree that the host holds.
    pub fn from_tree(tree: &'c Tree) -> Self {
        Self::from_node(tree, tree.root())
    }
}

/// Builds a tree from the leaves up: children are pushed as loose nodes, then
/// gathered under their parent.
#[derive(Debug, Default)]
pub struct TreeBuilder {
    tree: Tree,
    /// The first key of the map that was made last, and how many it has.
    last: (u32, u32),
}

impl TreeBuilder {
    /// A builder with room for what so many bytes of JSON become, as a rule.
    pub fn for_json(bytes: usize) -> Self {
        let mut builder = Self::default();
        builder.tree.text.reserve(bytes / 4 * 3);
        builder.tree.nodes.reserve(bytes / 12);
        builder
    }

    /// A builder in the memory of a tree that nobody needs any more.
    pub(crate) fn reusing(mut tree: Tree) -> Self {
        tree.nodes.clear();
        tree.keys.clear();
        tree.sorted.clear();
        tree.bigs.clear();
        tree.text.clear();
        Self { tree, last: (0, 0) }
    }

    /// The bytes that it owns, by capacity.
    pub(crate) fn bytes(&self) -> usize {
        self.tree.bytes()
    }

    /// A text node, if there is room for it.
    #[inline]
    pub(crate) fn try_text(&mut self, text: &str) -> Option<Node> {
        if self.tree.text.len() + text.len() > MOST {
            return None;
        }
        Some(self.text(text))
    }

    /// What something shows as a text node, if there is room for it.
    pub(crate) fn try_display<T: fmt::Display + ?Sized>(
        &mut self,
        it: &T,
    ) -> Result<Option<Node>, fmt::Error> {
        let start = self.tree.text.len();
        let shown = write!(self.tree.text, "{it}");
        let len = self.tree.text.len() - start;
        if shown.is_err() || start + len > MOST {
            self.tree.text.truncate(start);
            return shown.map(|()| None);
        }
        Ok(Some(Node::Text(start as u32, len as u32)))
    }

    /// A text that was made.
    #[inline]
    pub(crate) fn text_at(&self, start: u32, len: u32) -> &str {
        self.tree.text(start, len)
    }

    /// A text node.
    #[inline]
    pub fn text(&mut self, text: &str) -> Node {
        let start = self.tree.text.len() as u32;
        self.tree.text.push_str(text);
        Node::Text(start, text.len() as u32)
    }

    /// An integer node.
    pub fn big(&mut self, big: BigInt) -> Node {
        match i64::try_from(&big) {
            Ok(it) => Node::Int(it),
            Err(_) => {
                self.tree.bigs.push(big);
                Node::Big(self.tree.bigs.len() as u32 - 1)
            }
        }
    }

    /// All digits of an integer node that [`TreeBuilder::big`] made.
    pub(crate) fn big_text(&self, node: Node) -> String {
        match node {
            Node::Big(at) => self.tree.big(at).map(BigInt::to_string).unwrap_or_default(),
            Node::Int(it) => it.to_string(),
            _ => String::new(),
        }
    }

    /// The number that a text node spells; other nodes stay.
    pub(crate) fn read_number(&mut self, node: Node) -> Node {
        let Node::Text(start, len) = node else {
            return node;
        };
        let text = self.tree.text(start, len);
        if let Some(int) = crate::text::parse_int(text) {
            return self.big(int);
        }
        crate::text::parse_float(text).map_or(node, Node::Float)
    }

    /// A list of nodes.
    pub fn list(&mut self, items: &[Node]) -> Node {
        let first = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.extend_from_slice(items);
        Node::List(first, items.len() as u32)
    }

    /// A map of key and value nodes, in order; keys are texts. Of equal keys
    /// the last value counts, at the place of the first.
    pub fn map(&mut self, entries: &[(Node, Node)]) -> Node {
        let (keys, len) = self.last;
        if len as usize == entries.len() && self.is_like(keys, entries) {
            return self.gather(keys, entries);
        }
        let order = self.order(entries);
        match self.has_equal(entries, &order) {
            true => {
                let entries = self.without_equal(entries);
                let order = self.order(&entries);
                self.new_map(&entries, order)
            }
            false => self.new_map(entries, order),
        }
    }

    fn new_map(&mut self, entries: &[(Node, Node)], order: Vec<u32>) -> Node {
        let keys = self.put_keys(entries.iter().map(|&(key, _)| key), order);
        let len = entries.len() as u32;
        self.last = (keys, len);
        self.gather(keys, entries)
    }

    /// The values of entries whose keys are there.
    fn gather(&mut self, keys: u32, entries: &[(Node, Node)]) -> Node {
        let first = NodeId(self.tree.nodes.len() as u32);
        let values = entries.iter().map(|&(_, value)| value);
        self.tree.nodes.extend(values);
        Node::Map(MapNode {
            keys,
            values: first,
            len: entries.len() as u32,
        })
    }

    /// A map with keys that are there, and as many values.
    #[inline]
    pub(crate) fn map_of(&mut self, keys: u32, len: u32, values: &[Node]) -> Node {
        let first = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.extend_from_slice(values);
        Node::Map(MapNode {
            keys,
            values: first,
            len,
        })
    }

    /// Put keys, no two of which are equal, where maps find them.
    pub(crate) fn keys(&mut self, keys: &[Node]) -> u32 {
        let order = self.order_by(keys.len(), |at| keys.get(at).copied());
        self.put_keys(keys.iter().copied(), order)
    }

    /// The same where their order is known.
    fn put_keys(&mut self, keys: impl Iterator<Item = Node>, order: Vec<u32>) -> u32 {
        let tree = &mut self.tree;
        let first = tree.keys.len() as u32;
        for key in keys {
            let words = match key {
                Node::Text(start, len) => Packed::of(tree.text(start, len).as_bytes()),
                _ => Packed::NONE,
            };
            let words = match words.is_whole() {
                true => words,
                false => Packed::NONE,
            };
            let node = NodeId(tree.nodes.len() as u32);
            tree.nodes.push(key);
            tree.keys.push(Key { words, node });
        }
        if !order.is_empty() {
            tree.sorted.resize(first as usize, 0);
            tree.sorted.extend(order);
        }
        first
    }

    /// The positions of entries in the order of their keys; small maps need
    /// none.
    fn order(&self, entries: &[(Node, Node)]) -> Vec<u32> {
        self.order_by(entries.len(), |at| entries.get(at).map(|&(key, _)| key))
    }

    fn order_by(&self, len: usize, key: impl Fn(usize) -> Option<Node>) -> Vec<u32> {
        if len <= SCAN {
            return Vec::new();
        }
        let text = |at: u32| self.text_of(key(at as usize));
        let mut order: Vec<u32> = (0..len as u32).collect();
        order.sort_by(|&a, &b| by_length(text(a), text(b)));
        order
    }

    /// The text of a loose node; of others it is empty.
    fn text_of(&self, node: Option<Node>) -> &str {
        match node {
            Some(Node::Text(start, len)) => self.tree.text(start, len),
            _ => "",
        }
    }

    /// Are keys equal?
    fn has_equal(&self, entries: &[(Node, Node)], order: &[u32]) -> bool {
        let key = |at: usize| self.text_of(entries.get(at).map(|&(key, _)| key));
        if entries.len() <= SCAN {
            let is_again = |at: usize| (0..at).any(|before| key(before) == key(at));
            return (0..entries.len()).any(is_again);
        }
        order
            .windows(2)
            .any(|pair| matches!(*pair, [a, b] if key(a as usize) == key(b as usize)))
    }

    /// Are these the keys that begin there, as they are in rows of a table?
    fn is_like(&self, keys: u32, entries: &[(Node, Node)]) -> bool {
        entries.iter().zip(keys..).all(|((key, _), at)| match *key {
            Node::Text(start, len) => self.tree.text(start, len) == self.tree.key(at),
            _ => false,
        })
    }

    /// Where keys are equal: the last value at the place of the first.
    fn without_equal(&self, entries: &[(Node, Node)]) -> Vec<(Node, Node)> {
        let key = |at: usize| self.text_of(entries.get(at).map(|&(key, _)| key));
        let mut order: Vec<usize> = (0..entries.len()).collect();
        order.sort_by(|&a, &b| by_length(key(a), key(b)));
        let mut kept: Vec<Option<(Node, Node)>> = entries.iter().copied().map(Some).collect();
        for group in order.chunk_by(|&a, &b| key(a) == key(b)) {
            let (Some(&first), Some(&last)) = (group.first(), group.last()) else {
                continue;
            };
            let value = entries.get(last).map(|&(_, value)| value);
            for &at in group {
                let entry = kept.get_mut(at);
                if let Some(entry) = entry {
                    *entry = match (at == first, *entry, value) {
                        (true, Some((key, _)), Some(value)) => Some((key, value)),
                        _ => None,
                    };
                }
            }
        }
        kept.into_iter().flatten().collect()
    }

    /// A copy of another tree, as a loose node.
    pub fn graft(&mut self, other: &Tree) -> Node {
        let node_base = self.tree.nodes.len() as u32;
        let key_base = self.tree.keys.len() as u32;
        let big_base = self.tree.bigs.len() as u32;
        let text_base = self.tree.text.len() as u32;
        let moved = |node: Node| match node {
            Node::Big(at) => Node::Big(at + big_base),
            Node::Text(start, len) => Node::Text(start + text_base, len),
            Node::List(first, len) => Node::List(NodeId(first.0 + node_base), len),
            Node::Map(map) => Node::Map(MapNode {
                keys: map.keys + key_base,
                values: NodeId(map.values.0 + node_base),
                len: map.len,
            }),
            scalar => scalar,
        };
        self.tree.text.push_str(&other.text);
        self.tree.bigs.extend(other.bigs.iter().cloned());
        self.tree
            .nodes
            .extend(other.nodes.iter().map(|&node| moved(node)));
        let keys = other.keys.iter();
        self.tree.keys.extend(keys.map(|key| Key {
            words: key.words,
            node: NodeId(key.node.0 + node_base),
        }));
        if !other.sorted.is_empty() {
            self.tree.sorted.resize(key_base as usize, 0);
            self.tree.sorted.extend_from_slice(&other.sorted);
        }
        moved(other.node(other.root()))
    }

    /// How many bytes of text and nodes there are; a tree holds less than 4 GiB.
    pub fn is_full(&self) -> bool {
        self.tree.text.len() >= MOST || self.tree.nodes.len() >= MOST / 2
    }

    /// The finished tree with this root.
    pub fn finish(mut self, root: Node) -> Tree {
        self.tree.root = self.tree.nodes.len() as u32;
        self.tree.nodes.push(root);
        self.tree
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map_of(keys: &[&str]) -> (Tree, Vec<String>) {
        let mut builder = TreeBuilder::default();
        let before = builder.text("before");
        builder.map(&[(before, Node::None)]);
        let entries: Vec<_> = keys
            .iter()
            .enumerate()
            .map(|(n, key)| (builder.text(key), Node::Int(n as i64)))
            .collect();
        let root = builder.map(&entries);
        let after = builder.text("after");
        builder.map(&[(after, Node::None)]);
        let tree = builder.finish(root);
        let Node::Map(map) = tree.node(tree.root()) else {
            panic!("the root is a map")
        };
        let shown = (0..map.len)
            .map(|at| {
                format!(
                    "{}={:?}",
                    tree.key(map.keys + at),
                    tree.entry(map, at).map(|it| tree.node(it.1))
                )
            })
            .collect();
        for (n, key) in keys.iter().enumerate() {
            let found = tree.find(map, key).map(|id| tree.node(id));
            let last = keys.iter().rposition(|other| other == key).unwrap_or(n);
            assert_eq!(found, Some(Node::Int(last as i64)), "{key}");
        }
        assert_eq!(tree.find(map, "nobody"), None);
        assert_eq!(tree.find(map, "before"), None);
        assert_eq!(tree.find(map, "after"), None);
        assert_eq!(tree.entry(map, map.len), None);
        (tree, shown)
    }

    #[test]
    fn keys_are_found_in_small_and_large_maps() {
        for n in [0, 1, 7, 8, 9, 100] {
            let keys: Vec<String> = (0..n).map(|n| format!("k{}", n * 7919 % 1000)).collect();
            map_of(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }

    #[test]
    fn rows_of_a_table_share_their_keys() {
        let mut builder = TreeBuilder::default();
        let mut rows = Vec::new();
        for row in 0..4 {
            let key = |n: i64| match row {
                // One row has other keys.
                2 => format!("other{n}"),
                _ => format!("k{}", n * 7919 % 1000),
            };
            let entries: Vec<_> = (0..12)
                .map(|n| (builder.text(&key(n)), Node::Int(row * 100 + n)))
                .collect();
            rows.push(builder.map(&entries));
        }
        let tree = builder.finish(Node::None);
        for (row, node) in rows.into_iter().enumerate() {
            let Node::Map(map) = node else {
                panic!("a row is a map")
            };
            assert_eq!(map.keys, [0, 0, 12, 24][row]);
            for n in 0..12 {
                let value = Some(Node::Int(row as i64 * 100 + n));
                let found = |key: &str| tree.find(map, key).map(|id| tree.node(id));
                let (like, other) = (format!("k{}", n * 7919 % 1000), format!("other{n}"));
                assert_eq!(found(&like), value.filter(|_| row != 2), "{row} {like}");
                assert_eq!(found(&other), value.filter(|_| row == 2), "{row} {other}");
            }
        }
    }

    #[test]
    fn a_graft_keeps_its_large_maps() {
        let keys: Vec<String> = (0..20).map(|n| format!("k{n}")).collect();
        let (other, _) = map_of(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        let mut builder = TreeBuilder::default();
        let key = builder.text("small");
        builder.map(&[(key, Node::None)]);
        let grafted = builder.graft(&other);
        let tree = builder.finish(grafted);
        let Node::Map(map) = tree.node(tree.root()) else {
            panic!("the root is a map")
        };
        let found = tree.find(map, "k7").map(|id| tree.node(id));
        assert_eq!(found, Some(Node::Int(7)));
    }

    #[test]
    fn of_equal_keys_the_last_counts_at_the_first_place() {
        let (_, shown) = map_of(&["b", "a", "b", "c", "a", "b"]);
        assert_eq!(
            shown,
            ["b=Some(Int(5))", "a=Some(Int(4))", "c=Some(Int(3))"]
        );
        let keys: Vec<String> = (0..60).map(|n| format!("k{}", n % 20)).collect();
        let (_, shown) = map_of(&keys.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(shown.len(), 20);
        assert_eq!(shown[3], "k3=Some(Int(43))");
    }
}
