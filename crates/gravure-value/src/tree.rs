//! A frozen tree: plain data in one piece, made once, read by many renders.
//!
//! Nodes lie in one table; the children of a list stand next to each other,
//! and so do the entries of a map. Texts lie in one string.

use crate::{BigInt, Mark, Value, text::Packed};
use std::cmp::Ordering;

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
    /// A map: its first entry, how many.
    Map(u32, u32),
}

const _: () = assert!(size_of::<Node>() == 16);

/// Up to this many entries of a map are found by scanning.
const SCAN: usize = 8;

/// What a lookup needs of an entry.
#[derive(Clone, Copy, Debug)]
struct Key {
    /// The key; [`Packed::NONE`] if two words do not hold it.
    words: Packed,
    value: Node,
    id: NodeId,
}

/// Plain data in one piece.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    entries: Vec<(NodeId, NodeId)>,
    /// The key of each entry in two words, and its value, so that a scan
    /// touches nothing else.
    keys: Vec<Key>,
    /// For each entry of a map with more than [`SCAN`] of them, the entries
    /// of that map in the order of their keys; as far as such a map reaches.
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
    pub fn entry(&self, at: u32) -> Option<(NodeId, NodeId)> {
        self.entries.get(at as usize).copied()
    }

    /// The value node under a key of the map whose entries are `first..first + len`.
    pub fn find(&self, first: u32, len: u32, key: &str) -> Option<NodeId> {
        let range = first as usize..first as usize + len as usize;
        if len as usize > SCAN {
            let sorted = self.sorted.get(range)?;
            let idx = sorted
                .binary_search_by(|&at| by_length(self.key(at), key))
                .ok()?;
            return self.entry(sorted[idx]).map(|(_, value)| value);
        }
        let entries = self.entries.get(range)?;
        entries
            .iter()
            .find(|(name, _)| match self.node(*name) {
                Node::Text(start, n) => n as usize == key.len() && self.text(start, n) == key,
                _ => false,
            })
            .map(|&(_, value)| value)
    }

    /// The value of an entry, if its key is this one, whose words are these.
    /// A key of more than two words is not found here.
    #[inline(always)]
    pub fn entry_if(&self, at: u32, words: Packed) -> Option<(NodeId, Node)> {
        let key = self.keys.get(at as usize)?;
        (key.words == words).then_some((key.id, key.value))
    }

    /// The same for a key of any length.
    pub fn entry_if_long(&self, at: u32, name: &[u8]) -> Option<(NodeId, Node)> {
        let key = self.keys.get(at as usize)?;
        (self.key(at).as_bytes() == name).then_some((key.id, key.value))
    }

    /// The text of an entry's key.
    fn key(&self, at: u32) -> &str {
        match self.entry(at).map(|(key, _)| self.node(key)) {
            Some(Node::Text(start, len)) => self.text(start, len),
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
                Node::Map(first, len) => (7, pair(first, len)),
            };
            take(&[kind]);
            take(&payload.to_le_bytes());
        }
        take(&(self.entries.len() as u64).to_le_bytes());
        for (key, value) in &self.entries {
            take(&pair(key.0, value.0).to_le_bytes());
        }
        take(&(self.bigs.len() as u64).to_le_bytes());
        for big in &self.bigs {
            let bytes = big.to_signed_bytes_le();
            take(&(bytes.len() as u64).to_le_bytes());
            take(&bytes);
        }
        take(self.text.as_bytes());
    }

    /// The bytes that the tree owns, by capacity.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.entries.capacity() * size_of::<(NodeId, NodeId)>()
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
    /// The first entry of the last map that was sorted, and how many it has.
    last_large: (u32, u32),
}

impl TreeBuilder {
    /// A builder with room for what so many bytes of JSON become, as a rule.
    pub fn for_json(bytes: usize) -> Self {
        let mut builder = Self::default();
        builder.tree.text.reserve(bytes / 4 * 3);
        builder.tree.nodes.reserve(bytes / 12);
        builder.tree.entries.reserve(bytes / 24);
        builder
    }

    /// A text node.
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
        let first = self.tree.entries.len() as u32;
        for &(key, value) in entries {
            let id = NodeId(self.tree.nodes.len() as u32);
            self.tree.nodes.push(key);
            self.tree.nodes.push(value);
            self.tree.entries.push((id, NodeId(id.0 + 1)));
        }
        if entries.len() <= SCAN && !self.has_equal(entries) {
            // Small maps need no order.
            return Node::Map(first, entries.len() as u32);
        }
        if self.is_like_last(entries) {
            return self.map_like_last(first, entries.len() as u32);
        }
        let mut order: Vec<u32> = (first..first + entries.len() as u32).collect();
        let tree = &self.tree;
        order.sort_by(|&a, &b| by_length(tree.key(a), tree.key(b)).then(a.cmp(&b)));
        if order
            .windows(2)
            .any(|pair| tree.key(pair[0]) == tree.key(pair[1]))
        {
            order = self.drop_equal(order);
        }
        let len = self.tree.entries.len() as u32 - first;
        self.tree.sorted.resize(first as usize, 0);
        self.tree.sorted.extend(order);
        self.last_large = (first, len);
        Node::Map(first, len)
    }

    /// Has a large map the keys of the large map before it, as rows of a table
    /// have?
    fn is_like_last(&self, entries: &[(Node, Node)]) -> bool {
        let (last, len) = self.last_large;
        len as usize == entries.len()
            && entries.iter().zip(last..).all(|((key, _), at)| match *key {
                Node::Text(start, len) => self.tree.text(start, len) == self.tree.key(at),
                _ => false,
            })
    }

    /// A map whose entries are there, and whose keys stand in the order of the
    /// large map before it.
    fn map_like_last(&mut self, first: u32, len: u32) -> Node {
        let (last, _) = self.last_large;
        self.tree.sorted.resize(first as usize, 0);
        for at in last..last.saturating_add(len) {
            let order = self.tree.sorted.get(at as usize).copied().unwrap_or(last);
            self.tree.sorted.push(order.saturating_sub(last) + first);
        }
        self.last_large = (first, len);
        Node::Map(first, len)
    }

    /// Are two keys of a small map equal?
    fn has_equal(&self, entries: &[(Node, Node)]) -> bool {
        let is_equal = |lhs: Node, rhs: Node| match (lhs, rhs) {
            // Most differ in their lengths.
            (Node::Text(a, len), Node::Text(b, other)) => {
                len == other && (a == b || self.tree.text(a, len) == self.tree.text(b, len))
            }
            _ => lhs == rhs,
        };
        let mut rest = entries;
        while let Some(((key, _), after)) = rest.split_first() {
            if after.iter().any(|(other, _)| is_equal(*key, *other)) {
                return true;
            }
            rest = after;
        }
        false
    }

    /// Move the last value of equal keys to the first of them and drop the
    /// others; gives the order of what is left.
    fn drop_equal(&mut self, order: Vec<u32>) -> Vec<u32> {
        let Some(&first) = order.iter().min() else {
            return order;
        };
        let mut is_kept = vec![true; order.len()];
        let mut leaders: Vec<u32> = Vec::with_capacity(order.len());
        for &at in &order {
            match leaders.last() {
                Some(&leader) if self.tree.key(leader) == self.tree.key(at) => {
                    is_kept[(at - first) as usize] = false;
                    self.tree.entries[leader as usize].1 = self.tree.entries[at as usize].1;
                }
                _ => leaders.push(at),
            }
        }
        // Where each kept entry goes when the others are gone.
        let mut places = Vec::with_capacity(order.len());
        let mut n_kept = 0;
        for &kept in &is_kept {
            places.push(first + n_kept);
            n_kept += u32::from(kept);
        }
        let mut at = 0;
        self.tree.entries.retain(|_| {
            at += 1;
            let idx = (at - 1_u32).checked_sub(first);
            idx.is_none_or(|idx| is_kept[idx as usize])
        });
        leaders
            .iter()
            .map(|&at| places[(at - first) as usize])
            .collect()
    }

    /// A copy of another tree, as a loose node.
    pub fn graft(&mut self, other: &Tree) -> Node {
        let node_base = self.tree.nodes.len() as u32;
        let entry_base = self.tree.entries.len() as u32;
        let big_base = self.tree.bigs.len() as u32;
        let text_base = self.tree.text.len() as u32;
        let moved = |node: Node| match node {
            Node::Big(at) => Node::Big(at + big_base),
            Node::Text(start, len) => Node::Text(start + text_base, len),
            Node::List(first, len) => Node::List(NodeId(first.0 + node_base), len),
            Node::Map(first, len) => Node::Map(first + entry_base, len),
            scalar => scalar,
        };
        self.tree.text.push_str(&other.text);
        self.tree.bigs.extend(other.bigs.iter().cloned());
        self.tree
            .nodes
            .extend(other.nodes.iter().map(|&node| moved(node)));
        let id = |id: NodeId| NodeId(id.0 + node_base);
        let entries = other.entries.iter();
        self.tree
            .entries
            .extend(entries.map(|&(key, value)| (id(key), id(value))));
        self.tree.sorted.resize(entry_base as usize, 0);
        let sorted = other.sorted.iter();
        self.tree.sorted.extend(sorted.map(|&at| at + entry_base));
        moved(other.node(other.root()))
    }

    /// How many bytes of text and nodes there are; a tree holds less than 4 GiB.
    pub fn is_full(&self) -> bool {
        const MAX: usize = u32::MAX as usize - 16;
        self.tree.text.len() >= MAX || self.tree.nodes.len() >= MAX / 2
    }

    /// The finished tree with this root.
    pub fn finish(mut self, root: Node) -> Tree {
        self.tree.root = self.tree.nodes.len() as u32;
        self.tree.nodes.push(root);
        let tree = &self.tree;
        let key = |&(key, id): &(NodeId, NodeId)| {
            let words = match tree.node(key) {
                Node::Text(start, len) => Packed::of(tree.text(start, len).as_bytes()),
                _ => Packed::NONE,
            };
            Key {
                words: if words.is_whole() {
                    words
                } else {
                    Packed::NONE
                },
                value: tree.node(id),
                id,
            }
        };
        self.tree.keys = tree.entries.iter().map(key).collect();
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
        let Node::Map(first, len) = tree.node(tree.root()) else {
            panic!("the root is a map")
        };
        let shown = (first..first + len)
            .map(|at| {
                format!(
                    "{}={:?}",
                    tree.key(at),
                    tree.entry(at).map(|it| tree.node(it.1))
                )
            })
            .collect();
        for (n, key) in keys.iter().enumerate() {
            let found = tree.find(first, len, key).map(|id| tree.node(id));
            let last = keys.iter().rposition(|other| other == key).unwrap_or(n);
            assert_eq!(found, Some(Node::Int(last as i64)), "{key}");
        }
        assert_eq!(tree.find(first, len, "nobody"), None);
        assert_eq!(tree.find(first, len, "before"), None);
        assert_eq!(tree.find(first, len, "after"), None);
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
    fn rows_of_a_table_are_sorted_alike() {
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
            let Node::Map(first, len) = node else {
                panic!("a row is a map")
            };
            for n in 0..12 {
                let value = Some(Node::Int(row as i64 * 100 + n));
                let found = |key: &str| tree.find(first, len, key).map(|id| tree.node(id));
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
        let Node::Map(first, len) = tree.node(tree.root()) else {
            panic!("the root is a map")
        };
        let found = tree.find(first, len, "k7").map(|id| tree.node(id));
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
