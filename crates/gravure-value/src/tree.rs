//! A frozen tree: plain data in one piece, made once, read by many renders.
//!
//! Nodes lie in one table; the children of a list stand next to each other,
//! and so do the entries of a map. Texts lie in one string.

use crate::{BigInt, Mark, Value};

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

/// Plain data in one piece. Node 0 is the root.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    nodes: Vec<Node>,
    entries: Vec<(NodeId, NodeId)>,
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
    pub fn node(&self, id: NodeId) -> Node {
        self.nodes.get(id.0 as usize).copied().unwrap_or(Node::None)
    }

    /// Text of the tree.
    pub fn text(&self, start: u32, len: u32) -> &str {
        let start = start as usize;
        self.text.get(start..start + len as usize).unwrap_or("")
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
        let first = first as usize;
        let entries = self.entries.get(first..first + len as usize)?;
        entries
            .iter()
            .find(|(name, _)| match self.node(*name) {
                Node::Text(start, n) => n as usize == key.len() && self.text(start, n) == key,
                _ => false,
            })
            .map(|&(_, value)| value)
    }

    /// The bytes that the tree owns, by capacity.
    pub fn bytes(&self) -> usize {
        self.nodes.capacity() * size_of::<Node>()
            + self.entries.capacity() * size_of::<(NodeId, NodeId)>()
            + self.text.capacity()
            + self.bigs.iter().map(|big| big.bits() as usize / 8 + 32).sum::<usize>()
    }
}

impl<'c> Value<'c> {
    /// A node of a tree that the host holds; scalars become immediate.
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
}

impl TreeBuilder {
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

    /// A list of nodes.
    pub fn list(&mut self, items: &[Node]) -> Node {
        let first = NodeId(self.tree.nodes.len() as u32);
        self.tree.nodes.extend_from_slice(items);
        Node::List(first, items.len() as u32)
    }

    /// A map of key and value nodes, in order. Of equal keys the last value
    /// counts, at the place of the first.
    pub fn map(&mut self, entries: &[(Node, Node)]) -> Node {
        let first = self.tree.entries.len() as u32;
        for &(key, value) in entries {
            let id = NodeId(self.tree.nodes.len() as u32);
            self.tree.nodes.push(key);
            self.tree.nodes.push(value);
            self.tree.entries.push((id, NodeId(id.0 + 1)));
        }
        Node::Map(first, entries.len() as u32)
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
        self.tree
    }
}
