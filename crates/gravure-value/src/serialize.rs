//! Anything serializable as a frozen tree, in one pass.
//!
//! Children of containers that are open lie on two stacks and are moved to the
//! tree when their container ends: no container costs an allocation.
//!
//! Kinds map as JSON does it: none for units, names of variants as texts or as
//! the only key of a dict, bytes as a list. Integers keep their size, floats
//! may be NaN, keys become texts.

use crate::{BigInt, Node, Tree, TreeBuilder, text};
use ahash::AHashMap;
use serde::ser::{self, Serialize};

/// Why data could not be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromSerializeError(pub String);

impl std::fmt::Display for FromSerializeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FromSerializeError {}

impl ser::Error for FromSerializeError {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }
}

/// Serializing recurses natively; deeper data is refused.
const MAX_NESTING: u32 = 512;

/// What `serde_json` calls a number whose digits it keeps as text.
const NUMBER: &str = "$serde_json::private::Number";

/// Freeze data.
///
/// # Errors
/// What the data's own serializing says; keys that are no text; data that is
/// nested deeper than 512 or larger than 4 GiB.
pub fn tree_of<T: Serialize + ?Sized>(data: &T) -> Result<Tree, FromSerializeError> {
    let mut maker = Maker {
        builder: TreeBuilder::default(),
        names: Names::default(),
        items: Vec::new(),
        entries: Vec::new(),
        depth: 0,
    };
    let root = data.serialize(&mut maker)?;
    Ok(maker.builder.finish(root))
}

struct Maker {
    builder: TreeBuilder,
    names: Names,
    /// Items of the lists that are open, outermost first.
    items: Vec<Node>,
    /// Entries of the maps that are open, outermost first.
    entries: Vec<(Node, Node)>,
    depth: u32,
}

/// Names of fields and variants, each of which is in the tree once.
///
/// Structs of one type are named alike: behind the name that was wanted last
/// stands, as a rule, the one that is wanted now.
#[derive(Default)]
struct Names {
    /// Where a name lies in the program, its node, and the one that came
    /// behind it when it was last wanted.
    known: Vec<(&'static str, Node, usize)>,
    by_place: AHashMap<(usize, usize), usize>,
    last: usize,
}

impl Names {
    /// The node of a name that is known.
    #[inline]
    fn find(&mut self, name: &'static str) -> Option<Node> {
        let next = self.known.get(self.last).map_or(0, |known| known.2);
        if let Some(&(known, node, _)) = self.known.get(next)
            && std::ptr::eq(known, name)
        {
            self.last = next;
            return Some(node);
        }
        let place = (name.as_ptr().addr(), name.len());
        let &at = self.by_place.get(&place)?;
        self.follow(at);
        self.known.get(at).map(|known| known.1)
    }

    fn insert(&mut self, name: &'static str, node: Node) {
        let at = self.known.len();
        self.known.push((name, node, 0));
        self.by_place.insert((name.as_ptr().addr(), name.len()), at);
        self.follow(at);
    }

    fn follow(&mut self, at: usize) {
        if let Some(last) = self.known.get_mut(self.last) {
            last.2 = at;
        }
        self.last = at;
    }
}

impl Maker {
    fn text(&mut self, text: &str) -> Result<Node, FromSerializeError> {
        if self.builder.is_full() || text.len() >= u32::MAX as usize / 2 {
            return Err(FromSerializeError("the data is larger than 4 GiB".into()));
        }
        Ok(self.builder.text(text))
    }

    fn name(&mut self, name: &'static str) -> Result<Node, FromSerializeError> {
        if let Some(node) = self.names.find(name) {
            return Ok(node);
        }
        let node = self.text(name)?;
        self.names.insert(name, node);
        Ok(node)
    }

    fn nested<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<Node, FromSerializeError> {
        if self.depth >= MAX_NESTING {
            let message = format!("the data is nested deeper than {MAX_NESTING}");
            return Err(FromSerializeError(message));
        }
        let (n_items, n_entries) = (self.items.len(), self.entries.len());
        self.depth += 1;
        let node = value.serialize(&mut *self);
        self.depth -= 1;
        // A container that was given up leaves its children behind.
        self.items.truncate(n_items);
        self.entries.truncate(n_entries);
        node
    }

    fn big(&mut self, big: BigInt) -> Node {
        self.builder.big(big)
    }

    fn variant(&mut self, name: &'static str, content: Node) -> Result<Node, FromSerializeError> {
        let name = self.name(name)?;
        Ok(self.builder.map(&[(name, content)]))
    }
}

/// A container whose items come one by one.
struct Items<'a> {
    maker: &'a mut Maker,
    /// Where its items begin.
    first: usize,
    variant: Option<&'static str>,
}

/// A container whose entries come one by one.
struct Fields<'a> {
    maker: &'a mut Maker,
    /// Where its entries begin.
    first: usize,
    key: Option<Node>,
    variant: Option<&'static str>,
    is_number: bool,
}

impl<'a> Items<'a> {
    fn new(maker: &'a mut Maker, variant: Option<&'static str>) -> Self {
        let first = maker.items.len();
        Self {
            maker,
            first,
            variant,
        }
    }

    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), FromSerializeError> {
        let node = self.maker.nested(value)?;
        self.maker.items.push(node);
        Ok(())
    }

    fn finish(self) -> Result<Node, FromSerializeError> {
        if self.maker.builder.is_full() {
            return Err(FromSerializeError("the data is larger than 4 GiB".into()));
        }
        let items = self.maker.items.get(self.first..).unwrap_or(&[]);
        let list = self.maker.builder.list(items);
        self.maker.items.truncate(self.first);
        match self.variant {
            Some(name) => self.maker.variant(name, list),
            None => Ok(list),
        }
    }
}

impl<'a> Fields<'a> {
    fn new(maker: &'a mut Maker, variant: Option<&'static str>) -> Self {
        let first = maker.entries.len();
        Self {
            maker,
            first,
            key: None,
            variant,
            is_number: false,
        }
    }

    fn field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), FromSerializeError> {
        let key = self.maker.name(name)?;
        let value = self.maker.nested(value)?;
        self.maker.entries.push((key, value));
        Ok(())
    }

    fn finish(self) -> Result<Node, FromSerializeError> {
        if self.maker.builder.is_full() {
            return Err(FromSerializeError("the data is larger than 4 GiB".into()));
        }
        let entries = self.maker.entries.get(self.first..).unwrap_or(&[]);
        let map = match *entries {
            [(_, number)] if self.is_number => number,
            _ => self.maker.builder.map(entries),
        };
        self.maker.entries.truncate(self.first);
        match self.variant {
            Some(name) => self.maker.variant(name, map),
            None => Ok(map),
        }
    }
}

type Made = Result<Node, FromSerializeError>;

impl<'a> ser::Serializer for &'a mut Maker {
    type Ok = Node;
    type Error = FromSerializeError;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    fn serialize_bool(self, it: bool) -> Made {
        Ok(Node::Bool(it))
    }
    fn serialize_i8(self, it: i8) -> Made {
        Ok(Node::Int(it.into()))
    }
    fn serialize_i16(self, it: i16) -> Made {
        Ok(Node::Int(it.into()))
    }
    fn serialize_i32(self, it: i32) -> Made {
        Ok(Node::Int(it.into()))
    }
    fn serialize_i64(self, it: i64) -> Made {
        Ok(Node::Int(it))
    }
    fn serialize_i128(self, it: i128) -> Made {
        Ok(self.big(it.into()))
    }
    fn serialize_u8(self, it: u8) -> Made {
        Ok(Node::Int(it.into()))
    }
    fn serialize_u16(self, it: u16) -> Made {
        Ok(Node::Int(it.into()))
    }
    fn serialize_u32(self, it: u32) -> Made {
        Ok(Node::Int(it.into()))
    }
    fn serialize_u64(self, it: u64) -> Made {
        match i64::try_from(it) {
            Ok(small) => Ok(Node::Int(small)),
            Err(_) => Ok(self.big(it.into())),
        }
    }
    fn serialize_u128(self, it: u128) -> Made {
        Ok(self.big(it.into()))
    }
    fn serialize_f32(self, it: f32) -> Made {
        Ok(Node::Float(it.into()))
    }
    fn serialize_f64(self, it: f64) -> Made {
        Ok(Node::Float(it))
    }
    fn serialize_char(self, it: char) -> Made {
        self.text(it.encode_utf8(&mut [0; 4]))
    }
    fn serialize_str(self, it: &str) -> Made {
        self.text(it)
    }
    fn serialize_bytes(self, it: &[u8]) -> Made {
        let items = Items::new(self, None);
        let bytes = it.iter().map(|&byte| Node::Int(byte.into()));
        items.maker.items.extend(bytes);
        items.finish()
    }
    fn serialize_none(self) -> Made {
        Ok(Node::None)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, it: &T) -> Made {
        it.serialize(self)
    }
    fn serialize_unit(self) -> Made {
        Ok(Node::None)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Made {
        Ok(Node::None)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Made {
        self.name(name)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, it: &T) -> Made {
        self.nested(it)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        it: &T,
    ) -> Made {
        let content = self.nested(it)?;
        self.variant(name, content)
    }
    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, FromSerializeError> {
        Ok(Items::new(self, None))
    }
    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, FromSerializeError> {
        Ok(Items::new(self, None))
    }
    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'a>, FromSerializeError> {
        Ok(Items::new(self, None))
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'a>, FromSerializeError> {
        Ok(Items::new(self, Some(name)))
    }
    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, FromSerializeError> {
        Ok(Fields::new(self, None))
    }
    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, FromSerializeError> {
        let mut fields = Fields::new(self, None);
        fields.is_number = name == NUMBER;
        Ok(fields)
    }
    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, FromSerializeError> {
        Ok(Fields::new(self, Some(name)))
    }
}

impl ser::SerializeSeq for Items<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Self::Error> {
        self.push(it)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl ser::SerializeTuple for Items<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_element<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Self::Error> {
        self.push(it)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl ser::SerializeTupleStruct for Items<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Self::Error> {
        self.push(it)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl ser::SerializeTupleVariant for Items<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_field<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Self::Error> {
        self.push(it)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl ser::SerializeMap for Fields<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Self::Error> {
        let node = self.maker.nested(key)?;
        let mut shown = String::new();
        self.key = Some(match node {
            Node::Text(..) => node,
            Node::Int(it) => {
                text::int_text(it, &mut shown);
                self.maker.text(&shown)?
            }
            Node::Bool(it) => self.maker.text(if it { "true" } else { "false" })?,
            Node::Float(it) => {
                text::float_text(it, &mut shown);
                self.maker.text(&shown)?
            }
            Node::Big(_) => {
                let shown = self.maker.builder.big_text(node);
                self.maker.text(&shown)?
            }
            Node::None | Node::List(..) | Node::Map(..) => {
                return Err(FromSerializeError("a key of a map must be a text".into()));
            }
        });
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, it: &T) -> Result<(), Self::Error> {
        let value = self.maker.nested(it)?;
        let key = self.key.take();
        let key = key.ok_or_else(|| FromSerializeError("a value of a map has no key".into()))?;
        self.maker.entries.push((key, value));
        Ok(())
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl ser::SerializeStruct for Fields<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        it: &T,
    ) -> Result<(), Self::Error> {
        self.field(name, it)?;
        if self.is_number
            && let Some((_, node)) = self.maker.entries.last_mut()
        {
            *node = self.maker.builder.read_number(*node);
        }
        Ok(())
    }
    fn end(self) -> Made {
        self.finish()
    }
}

impl ser::SerializeStructVariant for Fields<'_> {
    type Ok = Node;
    type Error = FromSerializeError;
    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        it: &T,
    ) -> Result<(), Self::Error> {
        self.field(name, it)
    }
    fn end(self) -> Made {
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Heap, Limits, Value, ops};
    use std::collections::BTreeMap;

    fn show<T: Serialize>(data: &T) -> String {
        let tree = match tree_of(data) {
            Ok(tree) => tree,
            Err(error) => return error.to_string(),
        };
        let heap = Heap::new(Limits::default());
        let mut out = String::new();
        ops::repr(&heap, Value::from_tree(&tree), &mut out).unwrap();
        out
    }

    /// As derived: one kind of everything.
    struct Record;

    impl Serialize for Record {
        fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            use ser::SerializeStruct;
            let mut fields = out.serialize_struct("Record", 3)?;
            fields.serialize_field("name", "x")?;
            fields.serialize_field("none", &None::<i32>)?;
            fields.serialize_field("list", &[Some(1), None])?;
            fields.end()
        }
    }

    struct Variants;

    impl Serialize for Variants {
        fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            struct Kind(u32);
            impl Serialize for Kind {
                fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
                    use ser::{SerializeStructVariant, SerializeTupleVariant};
                    match self.0 {
                        0 => out.serialize_unit_variant("Kind", 0, "Unit"),
                        1 => out.serialize_newtype_variant("Kind", 1, "Newtype", &5),
                        2 => {
                            let mut items = out.serialize_tuple_variant("Kind", 2, "Tuple", 2)?;
                            items.serialize_field(&1)?;
                            items.serialize_field("a")?;
                            items.end()
                        }
                        3 => {
                            let mut items = out.serialize_struct_variant("Kind", 3, "Struct", 1)?;
                            items.serialize_field("a", &1)?;
                            items.end()
                        }
                        _ => out.serialize_bytes(&[1, 255]),
                    }
                }
            }
            out.collect_seq((0..5).map(Kind))
        }
    }

    struct Doubled;

    impl Serialize for Doubled {
        fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            out.collect_map([("b", 1), ("a", 2), ("b", 3)])
        }
    }

    struct Deep(u32);

    impl Serialize for Deep {
        fn serialize<S: ser::Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
            match self.0 {
                0 => out.serialize_unit(),
                n => out.collect_seq([Deep(n - 1)]),
            }
        }
    }

    #[test]
    fn everything_has_a_node() {
        assert_eq!(
            show(&(1_u8, -1_i64, 2.5_f32, 'x', "y", true, ())),
            "[1, -1, 2.5, 'x', 'y', True, None]"
        );
        assert_eq!(
            show(&(u64::MAX, i128::MIN, u128::MAX)),
            format!("[{}, {}, {}]", u64::MAX, i128::MIN, u128::MAX)
        );
        assert_eq!(show(&(f64::NAN, f64::INFINITY, -0.0)), "[nan, inf, -0.0]");
        assert_eq!(
            show(&[Record, Record]),
            "[{'name': 'x', 'none': None, 'list': [1, None]}, {'name': 'x', 'none': None, 'list': [1, None]}]"
        );
        assert_eq!(
            show(&Variants),
            "['Unit', {'Newtype': 5}, {'Tuple': [1, 'a']}, {'Struct': {'a': 1}}, [1, 255]]"
        );
        assert_eq!(show(&Doubled), "{'b': 3, 'a': 2}");
        assert_eq!(
            show(&BTreeMap::from([(2, 'a'), (-1, 'b')])),
            "{'-1': 'b', '2': 'a'}"
        );
        assert_eq!(
            show(&BTreeMap::from([(u128::MAX, 1)])),
            format!("{{'{}': 1}}", u128::MAX)
        );
        assert_eq!(show(&BTreeMap::from([(true, 1)])), "{'true': 1}");
        assert_eq!(
            show(&BTreeMap::from([((), 1)])),
            "a key of a map must be a text"
        );
        assert_eq!(
            show(&serde_json::json!({"b": [1.0, null], "a": {}})),
            "{'b': [1.0, None], 'a': {}}"
        );
    }

    #[test]
    fn depth_is_bounded() {
        assert!(tree_of(&Deep(512)).is_ok());
        assert_eq!(show(&Deep(100_000)), "the data is nested deeper than 512");
    }
}
