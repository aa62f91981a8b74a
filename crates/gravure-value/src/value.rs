//! A value: 24 bytes, `Copy`, `Send`, `Sync`.

use crate::{CellId, CellKind, Json, NativeId, NodeId, Object, Sequence, Tree};

/// The number of a template that a render has met.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TemplateId(pub u32);

/// The number of a constant in its template's pool.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct ConstId(pub u32);

/// For which surface a text is known to be safe.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Mark {
    /// For none: it is escaped when printed.
    #[default]
    Plain,
    /// Safe HTML.
    Html,
    /// Safe Markdown.
    Markdown,
    /// Styled terminal text.
    Styled,
}

impl Mark {
    /// Is the text safe for some surface?
    pub fn is_safe(self) -> bool {
        self != Mark::Plain
    }
}

/// What kind of document a template writes.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
#[repr(u8)]
pub enum Surface {
    /// No escaping.
    Text,
    /// HTML.
    #[default]
    Html,
    /// Markdown.
    Markdown,
    /// A terminal.
    Terminal,
}

impl Surface {
    /// The mark of text that is safe on this surface, as calls of defs and
    /// joining with safe text produce it.
    pub fn mark(self) -> Mark {
        match self {
            Surface::Text | Surface::Html => Mark::Html,
            Surface::Markdown => Mark::Markdown,
            Surface::Terminal => Mark::Styled,
        }
    }
}

/// A datum.
///
/// Scalars of JSON and trees are always turned into the plain variants, so
/// `Json`, `Node` and `Tree` name a list or a map (or, `Json`, a number beyond
/// `i64`; or, `Tree` and `Node`, a text or a long integer that a cell owns).
#[derive(Clone, Copy)]
pub enum Value<'c> {
    /// Nothing was ever stored here. Never visible to a template.
    Unset,
    /// The undefined value of lenient mode.
    Undefined,
    /// `none`.
    None,
    /// `true`, `false`.
    Bool(bool),
    /// An integer of 64 bits.
    Int(i64),
    /// A float.
    Float(f64),
    /// Text of the host.
    Str(Mark, &'c str),
    /// A list or map (or long number) of the host.
    Json(&'c Json),
    /// A node of a frozen tree that the host holds.
    Node(&'c Tree, NodeId),
    /// An object of the host.
    Object(&'c dyn Object),
    /// A list of the host, read in place.
    Seq(&'c dyn Sequence),
    /// A text constant of a template.
    Const(TemplateId, ConstId),
    /// A function, filter or predicate.
    Native(NativeId),
    /// Text that the render made.
    Text(Mark, CellId),
    /// A node of a frozen tree in a cell.
    Tree(CellId, NodeId),
    /// Anything else that the render made.
    Cell(CellKind, CellId),
}

const _: () = assert!(size_of::<Value<'static>>() == 24);
const _: fn() = || {
    fn shared<T: Send + Sync + Copy>() {}
    shared::<Value<'static>>();
};

impl Value<'_> {
    /// Has something been stored?
    pub fn is_set(self) -> bool {
        !matches!(self, Value::Unset)
    }

    /// Undefined (or never stored)?
    pub fn is_undefined(self) -> bool {
        matches!(self, Value::Unset | Value::Undefined)
    }

    /// None?
    pub fn is_none(self) -> bool {
        matches!(self, Value::None)
    }

    /// None or undefined: what `??` and `default` replace.
    pub fn is_missing(self) -> bool {
        matches!(self, Value::Unset | Value::Undefined | Value::None)
    }
}

impl std::fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Value::Unset => f.write_str("Unset"),
            Value::Undefined => f.write_str("Undefined"),
            Value::None => f.write_str("None"),
            Value::Bool(it) => write!(f, "{it}"),
            Value::Int(it) => write!(f, "{it}"),
            Value::Float(it) => write!(f, "{it:?}"),
            Value::Str(mark, it) => write!(f, "Str({mark:?}, {it:?})"),
            Value::Json(it) => write!(f, "Json({it})"),
            Value::Node(_, id) => write!(f, "Node({})", id.0),
            Value::Object(_) => f.write_str("Object"),
            Value::Seq(_) => f.write_str("Seq"),
            Value::Const(template, id) => write!(f, "Const({}, {})", template.0, id.0),
            Value::Native(id) => write!(f, "Native({})", id.0),
            Value::Text(mark, id) => write!(f, "Text({mark:?}, {})", id.0),
            Value::Tree(id, node) => write!(f, "Tree({}, {})", id.0, node.0),
            Value::Cell(kind, id) => write!(f, "Cell({kind:?}, {})", id.0),
        }
    }
}

/// Which sort of datum a value is, as people call it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// Undefined.
    Undefined,
    /// None.
    None,
    /// A truth value.
    Bool,
    /// An integer of any size.
    Int,
    /// A float.
    Float,
    /// Text.
    Str,
    /// A list.
    List,
    /// A tuple.
    Tuple,
    /// A dict.
    Dict,
    /// A set.
    Set,
    /// A range.
    Range,
    /// A view of a dict's keys.
    KeysView,
    /// A view of a dict's values.
    ValuesView,
    /// A view of a dict's items.
    ItemsView,
    /// A one-pass iterator.
    Iter,
    /// The loop object.
    Loop,
    /// A function, def, region, method or caller.
    Function,
    /// An object of the host.
    Object,
}

impl Kind {
    /// The word for messages.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Undefined => "undefined",
            Kind::None => "none",
            Kind::Bool => "bool",
            Kind::Int => "int",
            Kind::Float => "float",
            Kind::Str => "str",
            Kind::List => "list",
            Kind::Tuple => "tuple",
            Kind::Dict => "dict",
            Kind::Set => "set",
            Kind::Range => "range",
            Kind::KeysView => "dict_keys",
            Kind::ValuesView => "dict_values",
            Kind::ItemsView => "dict_items",
            Kind::Iter => "iterator",
            Kind::Loop => "loop",
            Kind::Function => "function",
            Kind::Object => "object",
        }
    }
}
