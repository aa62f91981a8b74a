//! Anything serializable as a frozen tree, in one pass.
//!
//! Children of containers that are open lie on a stack and are moved to the
//! tree when their container ends; keys are learned by [`Shapes`], so that maps
//! with the same keys share them. With the memory of the last tree nothing is
//! allocated.
//!
//! Kinds map as JSON does it: none for units, names of variants as texts or as
//! the only key of a dict, bytes as a list. Integers keep their size, floats
//! may be NaN, keys become texts.

use crate::{
    BigInt, Node, Tree, TreeBuilder, guarded,
    shapes::{From, LOOSE, ROOT, Shapes},
    text,
};
use serde::ser::{self, Serialize};
use std::fmt::{self, Display, Write as _};

/// Why data could not be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromSerializeError(pub Box<str>);

impl Display for FromSerializeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FromSerializeError {}

impl ser::Error for FromSerializeError {
    fn custom<T: Display>(message: T) -> Self {
        Self(message.to_string().into())
    }
}

#[cold]
fn too_large() -> FromSerializeError {
    FromSerializeError("the data is larger than 4 GiB".into())
}

#[cold]
fn too_deep() -> FromSerializeError {
    let message = format!("the data is nested deeper than {MAX_NESTING}");
    FromSerializeError(message.into())
}

/// Serializing recurses natively; deeper data is refused.
const MAX_NESTING: u32 = 512;

/// Up to here maps in different places are different.
const DEEP: u32 = 16;

/// What `serde_json` calls a number whose digits it keeps as text.
const NUMBER: &str = "$serde_json::private::Number";

/// Freeze data.
///
/// # Errors
/// What the data's own serializing says; keys that are no text; data that is
/// nested deeper than 512 or larger than 4 GiB.
pub fn tree_of<T: Serialize + ?Sized>(data: &T) -> Result<Tree, FromSerializeError> {
    Freezer::default().freeze(data)
}

/// Makes trees of data, one after the other in the same memory.
#[derive(Debug, Default)]
pub struct Freezer {
    builder: TreeBuilder,
    shapes: Shapes,
    /// Children of the containers that are open, outermost first.
    nodes: Vec<Node>,
    /// Keys that belong to no shape, of the maps that are open.
    keys: Vec<Node>,
    /// The key in whose value we are.
    place: u32,
    depth: u32,
}

impl Freezer {
    /// One with room for what so many bytes of JSON become, as a rule.
    pub fn for_json(bytes: usize) -> Self {
        Self {
            builder: TreeBuilder::for_json(bytes),
            ..Self::default()
        }
    }

    /// Freeze data.
    ///
    /// # Errors
    /// As [`tree_of`].
    pub fn freeze<T: Serialize + ?Sized>(&mut self, data: &T) -> Result<Tree, FromSerializeError> {
        self.shapes.clear();
        self.nodes.clear();
        self.keys.clear();
        self.place = ROOT;
        self.depth = 0;
        guarded(|| data.serialize(Writer(self))).unwrap_or_else(|said| {
            let message = format!("serializing it panicked: {said}");
            Err(FromSerializeError(message.into()))
        })?;
        let root = self.nodes.pop().unwrap_or(Node::None);
        Ok(std::mem::take(&mut self.builder).finish(root))
    }

    /// Give a tree back: the next one is made in its memory.
    pub fn reclaim(&mut self, tree: Tree) {
        self.builder = TreeBuilder::reusing(tree);
    }

    /// The bytes that it owns, by capacity.
    pub fn bytes(&self) -> usize {
        self.builder.bytes()
            + self.shapes.bytes()
            + (self.nodes.capacity() + self.keys.capacity()) * size_of::<Node>()
    }

    /// Go into a container; the depth outside of it.
    #[inline]
    fn enter(&mut self) -> Result<u32, FromSerializeError> {
        if self.depth >= MAX_NESTING {
            return Err(too_deep());
        }
        self.depth += 1;
        Ok(self.depth - 1)
    }

    #[inline(always)]
    fn push(&mut self, node: Node) -> Made {
        self.nodes.push(node);
        Ok(())
    }

    /// The key of a map that follows another; [`LOOSE`] for one that was put
    /// aside.
    #[inline(never)]
    fn step(
        &mut self,
        map: &Open,
        guess: u32,
        key: &str,
        address: usize,
    ) -> Result<u32, FromSerializeError> {
        if map.loose == 0 {
            let (from, shapes) = (map.from(), &mut self.shapes);
            let at = shapes.find(&self.builder, from, guess, key, address);
            let at = match at {
                None if shapes.has_room(shapes.len(map.state), address) => {
                    let node = self.builder.try_text(key).ok_or_else(too_large)?;
                    Some(shapes.add(&self.builder, from, guess, node, address))
                }
                at => at,
            };
            if let Some(at) = at {
                shapes.expect(from, at);
                return Ok(at);
            }
        }
        let node = self.builder.try_text(key).ok_or_else(too_large)?;
        self.keys.push(node);
        Ok(LOOSE)
    }

    /// Go into the value of a variant, whose name is the only key of a map.
    fn variant(&mut self, name: &'static str) -> Result<u32, FromSerializeError> {
        let from = self.inside();
        let guess = self.shapes.first_inside(from.at);
        let at = match self.shapes.is_name(guess, name) {
            true => guess,
            false => {
                let (shapes, address) = (&mut self.shapes, name.as_ptr().addr());
                match shapes.find(&self.builder, from, guess, name, address) {
                    Some(at) => at,
                    None => {
                        let node = self.builder.try_text(name).ok_or_else(too_large)?;
                        shapes.add(&self.builder, from, guess, node, address)
                    }
                }
            }
        };
        self.shapes.expect(from, at);
        self.place = at;
        Ok(at)
    }

    /// Where the first key of a map comes that begins here. What is nested
    /// deep may be nested without end, and begins everywhere alike.
    #[inline(always)]
    fn inside(&self) -> From {
        From {
            at: if self.depth <= DEEP { self.place } else { ROOT },
            is_first: true,
        }
    }

    /// What was made last, under the name of its variant.
    fn wrap(&mut self, variant: u32) -> Made {
        let first = self.nodes.len().saturating_sub(1);
        self.close_map(&Open {
            first,
            state: variant,
            ..Open::default()
        })
    }

    /// Gather the entries of a map under a node.
    #[inline]
    fn close_map(&mut self, map: &Open) -> Made {
        if self.builder.is_full() {
            return Err(too_large());
        }
        let values = self.nodes.get(map.first..).unwrap_or(&[]);
        let node = match self.shapes.keys(map.state) {
            Some((keys, len)) if len as usize == values.len() => {
                self.builder.map_of(keys, len, values)
            }
            _ => self.new_map(map),
        };
        self.nodes.truncate(map.first);
        self.push(node)
    }

    /// A map whose keys are not in the tree yet.
    #[inline(never)]
    fn new_map(&mut self, map: &Open) -> Node {
        let values = self.nodes.get(map.first..).unwrap_or(&[]);
        let mut keys = self.shapes.path(map.state);
        if map.loose == 0 && keys.len() == values.len() && !self.shapes.is_doubled(map.state) {
            let first = self.builder.keys(&keys);
            self.shapes.set_keys(map.state, first);
            return self.builder.map_of(first, keys.len() as u32, values);
        }
        keys.extend_from_slice(self.keys.get(map.first_key..).unwrap_or(&[]));
        self.keys.truncate(map.first_key);
        let entries: Vec<(Node, Node)> = keys.into_iter().zip(values.iter().copied()).collect();
        self.builder.map(&entries)
    }
}

type Made = Result<(), FromSerializeError>;

/// Where a value goes: among the children of its container, or in the place of
/// a key.
trait Target {
    fn freezer(&mut self) -> &mut Freezer;
    fn text(&mut self, text: &str) -> Made;
    fn display<T: Display + ?Sized>(&mut self, it: &T) -> Made;
}

impl Target for Freezer {
    #[inline(always)]
    fn freezer(&mut self) -> &mut Freezer {
        self
    }

    #[inline]
    fn text(&mut self, text: &str) -> Made {
        match self.builder.try_text(text) {
            Some(node) => self.push(node),
            None => Err(too_large()),
        }
    }

    /// Written where texts lie, so that it is no text of its own before.
    fn display<T: Display + ?Sized>(&mut self, it: &T) -> Made {
        let shown = self.builder.try_display(it).map_err(ser::Error::custom)?;
        match shown {
            Some(node) => self.push(node),
            None => Err(too_large()),
        }
    }
}

impl Target for Fields<'_> {
    #[inline(always)]
    fn freezer(&mut self) -> &mut Freezer {
        self.freezer
    }

    #[inline]
    fn text(&mut self, text: &str) -> Made {
        self.pending = match self
            .freezer
            .shapes
            .is_text(&self.freezer.builder, self.guess, text)
        {
            true => self.guess,
            false => self.freezer.step(&self.map, self.guess, text, 0)?,
        };
        Ok(())
    }

    fn display<T: Display + ?Sized>(&mut self, it: &T) -> Made {
        let mut shown = String::new();
        write!(shown, "{it}").map_err(ser::Error::custom)?;
        self.text(&shown)
    }
}

/// The serializer.
struct Writer<'a, T>(&'a mut T);

/// A list whose items come one by one.
struct Items<'a> {
    freezer: &'a mut Freezer,
    /// Where its items begin.
    first: usize,
    first_key: usize,
    /// The key in whose value it is.
    place: u32,
    /// The depth around it.
    depth: u32,
    /// The name around it, if it is a variant.
    variant: u32,
}

/// A map while its entries come.
#[derive(Default)]
struct Open {
    /// Where its values begin.
    first: usize,
    /// Where its keys begin that belong to no shape.
    first_key: usize,
    /// How many of those it has.
    loose: usize,
    /// The last of its other keys.
    state: u32,
    /// The key in whose value it is.
    place: u32,
}

/// A map whose entries come one by one.
struct Fields<'a> {
    freezer: &'a mut Freezer,
    map: Open,
    /// The key that comes next, as a rule.
    guess: u32,
    /// The key whose value comes next; [`ROOT`] if there is none.
    pending: u32,
    depth: u32,
    variant: u32,
    is_number: bool,
}

impl Open {
    /// Where its next key comes.
    #[inline(always)]
    fn from(&self) -> From {
        match self.state {
            ROOT => From {
                at: self.place,
                is_first: true,
            },
            state => From {
                at: state,
                is_first: false,
            },
        }
    }
}

impl<'a> Items<'a> {
    #[inline]
    fn new(
        freezer: &'a mut Freezer,
        variant: Option<&'static str>,
    ) -> Result<Self, FromSerializeError> {
        let depth = freezer.enter()?;
        let variant = match variant {
            Some(name) => freezer.variant(name)?,
            None => ROOT,
        };
        Ok(Self {
            first: freezer.nodes.len(),
            first_key: freezer.keys.len(),
            place: freezer.place,
            depth,
            variant,
            freezer,
        })
    }

    #[inline]
    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Made {
        let before = self.freezer.nodes.len();
        self.freezer.place = self.place;
        let made = value.serialize(Writer(&mut *self.freezer));
        if made.is_err() {
            // Whoever goes on without it goes on from here.
            self.freezer.nodes.truncate(before);
            self.freezer.keys.truncate(self.first_key);
            self.freezer.depth = self.depth + 1;
        }
        made
    }

    #[inline]
    fn finish(self) -> Made {
        let freezer = self.freezer;
        freezer.depth = self.depth;
        if freezer.builder.is_full() {
            return Err(too_large());
        }
        let items = freezer.nodes.get(self.first..).unwrap_or(&[]);
        let list = freezer.builder.list(items);
        freezer.nodes.truncate(self.first);
        freezer.push(list)?;
        match self.variant {
            ROOT => Ok(()),
            variant => freezer.wrap(variant),
        }
    }
}

impl<'a> Fields<'a> {
    #[inline]
    fn new(
        freezer: &'a mut Freezer,
        variant: Option<&'static str>,
    ) -> Result<Self, FromSerializeError> {
        let depth = freezer.enter()?;
        let variant = match variant {
            Some(name) => freezer.variant(name)?,
            None => ROOT,
        };
        let map = Open {
            first: freezer.nodes.len(),
            first_key: freezer.keys.len(),
            loose: 0,
            state: ROOT,
            place: freezer.inside().at,
        };
        Ok(Self {
            guess: freezer.shapes.first_inside(map.place),
            map,
            pending: ROOT,
            depth,
            variant,
            is_number: false,
            freezer,
        })
    }

    #[inline]
    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Made {
        let at = match self.freezer.shapes.is_name(self.guess, name) {
            true => self.guess,
            false => {
                let address = name.as_ptr().addr();
                (self.freezer).step(&self.map, self.guess, name, address)?
            }
        };
        self.value(at, value)
    }

    #[inline]
    fn value<T: Serialize + ?Sized>(&mut self, at: u32, value: &T) -> Made {
        self.freezer.place = at;
        if let Err(error) = value.serialize(Writer(&mut *self.freezer)) {
            self.give_up();
            return Err(error);
        }
        if at == LOOSE {
            self.map.loose += 1;
        } else {
            self.map.state = at;
        }
        self.guess = self.freezer.shapes.next(at);
        Ok(())
    }

    /// Forget the entry in work: whoever goes on without it goes on from here.
    #[cold]
    fn give_up(&mut self) {
        let n_values = self.freezer.shapes.len(self.map.state) + self.map.loose;
        self.freezer.nodes.truncate(self.map.first + n_values);
        (self.freezer.keys).truncate(self.map.first_key + self.map.loose);
        self.freezer.depth = self.depth + 1;
    }

    #[inline]
    fn finish(self) -> Made {
        let freezer = self.freezer;
        freezer.depth = self.depth;
        if self.is_number && freezer.nodes.len() == self.map.first + 1 {
            let digits = freezer.nodes.pop().unwrap_or(Node::None);
            let number = freezer.builder.read_number(digits);
            return freezer.push(number);
        }
        freezer.close_map(&self.map)?;
        match self.variant {
            ROOT => Ok(()),
            variant => freezer.wrap(variant),
        }
    }
}

/// Nodes that are what they look like.
macro_rules! scalars {
    ($($method:ident $type:ty: $it:ident => $node:expr;)*) => {$(
        #[inline]
        fn $method(self, $it: $type) -> Made {
            self.0.freezer().push($node)
        }
    )*};
}

impl<'a, T: Target> ser::Serializer for Writer<'a, T> {
    type Ok = ();
    type Error = FromSerializeError;
    type SerializeSeq = Items<'a>;
    type SerializeTuple = Items<'a>;
    type SerializeTupleStruct = Items<'a>;
    type SerializeTupleVariant = Items<'a>;
    type SerializeMap = Fields<'a>;
    type SerializeStruct = Fields<'a>;
    type SerializeStructVariant = Fields<'a>;

    scalars! {
        serialize_bool bool: it => Node::Bool(it);
        serialize_i8 i8: it => Node::Int(it.into());
        serialize_i16 i16: it => Node::Int(it.into());
        serialize_i32 i32: it => Node::Int(it.into());
        serialize_i64 i64: it => Node::Int(it);
        serialize_u8 u8: it => Node::Int(it.into());
        serialize_u16 u16: it => Node::Int(it.into());
        serialize_u32 u32: it => Node::Int(it.into());
        serialize_f32 f32: it => Node::Float(it.into());
        serialize_f64 f64: it => Node::Float(it);
    }

    fn serialize_i128(self, it: i128) -> Made {
        let freezer = self.0.freezer();
        let node = freezer.builder.big(it.into());
        freezer.push(node)
    }
    fn serialize_u64(self, it: u64) -> Made {
        let freezer = self.0.freezer();
        let node = match i64::try_from(it) {
            Ok(small) => Node::Int(small),
            Err(_) => freezer.builder.big(it.into()),
        };
        freezer.push(node)
    }
    fn serialize_u128(self, it: u128) -> Made {
        let freezer = self.0.freezer();
        let node = freezer.builder.big(BigInt::from(it));
        freezer.push(node)
    }
    fn serialize_char(self, it: char) -> Made {
        self.0.text(it.encode_utf8(&mut [0; 4]))
    }
    #[inline]
    fn serialize_str(self, it: &str) -> Made {
        self.0.text(it)
    }
    fn collect_str<D: Display + ?Sized>(self, it: &D) -> Made {
        self.0.display(it)
    }
    fn serialize_bytes(self, it: &[u8]) -> Made {
        let items = Items::new(self.0.freezer(), None)?;
        let bytes = it.iter().map(|&byte| Node::Int(byte.into()));
        items.freezer.nodes.extend(bytes);
        items.finish()
    }
    fn serialize_none(self) -> Made {
        self.0.freezer().push(Node::None)
    }
    #[inline]
    fn serialize_some<V: Serialize + ?Sized>(self, it: &V) -> Made {
        it.serialize(self)
    }
    fn serialize_unit(self) -> Made {
        self.0.freezer().push(Node::None)
    }
    fn serialize_unit_struct(self, _: &'static str) -> Made {
        self.0.freezer().push(Node::None)
    }
    fn serialize_unit_variant(self, _: &'static str, _: u32, name: &'static str) -> Made {
        self.0.text(name)
    }
    #[inline]
    fn serialize_newtype_struct<V: Serialize + ?Sized>(self, _: &'static str, it: &V) -> Made {
        let depth = self.0.freezer().enter()?;
        it.serialize(Writer(&mut *self.0))?;
        self.0.freezer().depth = depth;
        Ok(())
    }
    fn serialize_newtype_variant<V: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        it: &V,
    ) -> Made {
        let freezer = self.0.freezer();
        let depth = freezer.enter()?;
        let variant = freezer.variant(name)?;
        it.serialize(Writer(&mut *freezer))?;
        freezer.depth = depth;
        freezer.wrap(variant)
    }
    #[inline]
    fn serialize_seq(self, _: Option<usize>) -> Result<Items<'a>, FromSerializeError> {
        Items::new(self.0.freezer(), None)
    }
    #[inline]
    fn serialize_tuple(self, _: usize) -> Result<Items<'a>, FromSerializeError> {
        Items::new(self.0.freezer(), None)
    }
    fn serialize_tuple_struct(
        self,
        _: &'static str,
        _: usize,
    ) -> Result<Items<'a>, FromSerializeError> {
        Items::new(self.0.freezer(), None)
    }
    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        name: &'static str,
        _: usize,
    ) -> Result<Items<'a>, FromSerializeError> {
        Items::new(self.0.freezer(), Some(name))
    }
    #[inline]
    fn serialize_map(self, _: Option<usize>) -> Result<Fields<'a>, FromSerializeError> {
        Fields::new(self.0.freezer(), None)
    }
    #[inline]
    fn serialize_struct(
        self,
        name: &'static str,
        _: usize,
    ) -> Result<Fields<'a>, FromSerializeError> {
        let mut fields = Fields::new(self.0.freezer(), None)?;
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
        Fields::new(self.0.freezer(), Some(name))
    }
}

/// The ways in which items come.
macro_rules! items {
    ($($trait:ident $method:ident;)*) => {$(
        impl ser::$trait for Items<'_> {
            type Ok = ();
            type Error = FromSerializeError;
            #[inline]
            fn $method<T: Serialize + ?Sized>(&mut self, it: &T) -> Made {
                self.item(it)
            }
            #[inline]
            fn end(self) -> Made {
                self.finish()
            }
        }
    )*};
}

items! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

/// The ways in which fields come.
macro_rules! fields {
    ($($trait:ident;)*) => {$(
        impl ser::$trait for Fields<'_> {
            type Ok = ();
            type Error = FromSerializeError;
            #[inline]
            fn serialize_field<T: Serialize + ?Sized>(
                &mut self,
                name: &'static str,
                it: &T,
            ) -> Made {
                self.field(name, it)
            }
            #[inline]
            fn end(self) -> Made {
                self.finish()
            }
        }
    )*};
}

fields! {
    SerializeStruct;
    SerializeStructVariant;
}

impl ser::SerializeMap for Fields<'_> {
    type Ok = ();
    type Error = FromSerializeError;

    #[inline]
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Made {
        let n_values = self.freezer.nodes.len();
        // A key before this one that got no value is forgotten.
        if self.pending == LOOSE {
            self.give_up();
        }
        self.pending = ROOT;
        if let Err(error) = key.serialize(Writer(&mut *self)) {
            self.give_up();
            return Err(error);
        }
        match self.freezer.nodes.len() > n_values {
            true => self.key_of_node(),
            false => Ok(()),
        }
    }

    #[inline]
    fn serialize_value<T: Serialize + ?Sized>(&mut self, it: &T) -> Made {
        match std::mem::replace(&mut self.pending, ROOT) {
            ROOT => Err(FromSerializeError("a value of a map has no key".into())),
            at => self.value(at, it),
        }
    }

    #[inline]
    fn end(self) -> Made {
        let mut map = self;
        if map.pending == LOOSE {
            map.give_up();
        }
        map.finish()
    }
}

impl Fields<'_> {
    /// A key that came as something else than text.
    fn key_of_node(&mut self) -> Made {
        let mut shown = String::new();
        match self.freezer.nodes.pop() {
            Some(Node::Int(it)) => text::int_text(it, &mut shown),
            Some(Node::Bool(it)) => shown.push_str(if it { "true" } else { "false" }),
            Some(Node::Float(it)) => text::float_text(it, &mut shown),
            Some(node @ Node::Big(_)) => shown = self.freezer.builder.big_text(node),
            _ => {
                return Err(FromSerializeError("a key of a map must be a text".into()));
            }
        }
        self.text(&shown)
    }
}

#[cfg(test)]
mod tests;
