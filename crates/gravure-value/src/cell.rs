//! Cells: what a render makes, owned by its heap and named by number.

use crate::{
    BigInt, Dict, Held, Iter, NativeId, OnePass, Range, SharedObject, TemplateId, Tree, Value,
    guarded,
};
use gravure_source::Symbol;
use std::{ops::Deref, sync::Arc};

/// The number of a cell.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct CellId(pub u32);

/// What sort of cell a value names, so that most questions need no look.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[repr(u8)]
pub enum CellKind {
    /// [`Cell::Big`].
    Big,
    /// [`Cell::List`] that may change.
    List,
    /// [`Cell::List`] that came from the host: read-only.
    FrozenList,
    /// [`Cell::Tuple`].
    Tuple,
    /// [`Cell::Dict`] that may change.
    Dict,
    /// [`Cell::Dict`] that came from the host: read-only.
    FrozenDict,
    /// [`Cell::Set`] that may change.
    Set,
    /// [`Cell::Set`] that came from the host: read-only.
    FrozenSet,
    /// [`Cell::Range`].
    Range,
    /// [`Cell::View`] of keys.
    KeysView,
    /// [`Cell::View`] of values.
    ValuesView,
    /// [`Cell::View`] of items.
    ItemsView,
    /// [`Cell::OnePass`].
    Iter,
    /// [`Cell::Def`].
    Def,
    /// [`Cell::Bound`].
    Bound,
    /// [`Cell::Content`]: what `caller` is.
    Content,
    /// [`Cell::Loop`].
    Loop,
    /// [`Cell::Var`]. Never visible to a template.
    Var,
    /// [`Cell::Context`]. Never visible to a template.
    Context,
    /// [`Cell::Shared`].
    Shared,
}

/// Something a render made.
#[derive(Debug)]
pub enum Cell<'c> {
    /// Nobody's: the next free cell.
    Free(Option<CellId>),
    /// Text.
    Text(Box<str>),
    /// Text with places of lists in it.
    Placed(Box<Placed>),
    /// An integer beyond `i64`.
    Big(BigInt),
    /// A list. Loops share it; changing copies while they do.
    List(Arc<Vec<Value<'c>>>),
    /// A tuple.
    Tuple(Arc<Vec<Value<'c>>>),
    /// A dict.
    Dict(Arc<Dict<'c>>),
    /// A set: a dict without values.
    Set(Arc<Dict<'c>>),
    /// A range.
    Range(Range),
    /// A live view of a dict.
    View(ViewKind, Value<'c>),
    /// A one-pass iterator.
    OnePass(Box<OnePass<'c>>),
    /// A def or region.
    Def(Box<Def<'c>>),
    /// A method with its receiver.
    Bound(NativeId, Value<'c>),
    /// Content that a `call` tag passes.
    Content(Box<Content<'c>>),
    /// The `loop` of a `for`.
    Loop(Box<LoopCell<'c>>),
    /// A scope variable that content assigns.
    Var(Value<'c>),
    /// A template context.
    Context(Context<'c>),
    /// A frozen tree.
    Tree(Held<'c, Tree>),
    /// An object that a host function made.
    Shared(Kept),
}

/// An object of the host. It may panic while it is dropped, wherever a render
/// lets it go: that goes no further, since a second one on the way out of the
/// first would end the process.
#[derive(Clone, Debug)]
pub struct Kept(Option<Arc<dyn SharedObject>>);

impl Kept {
    /// Keep an object.
    pub fn new(object: Arc<dyn SharedObject>) -> Self {
        Self(Some(object))
    }

    /// The object; there is one until this is dropped.
    pub fn get(&self) -> Option<&Arc<dyn SharedObject>> {
        self.0.as_ref()
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        let object = self.0.take();
        // What it says has been told by the panic itself.
        let _ = guarded(move || drop(object));
    }
}

/// Where the texts of a list are to appear: a byte position, and the list.
pub type Place = (usize, Box<str>);

/// The bytes that places of lists take.
pub(crate) fn bytes_of(places: &[Place]) -> usize {
    let each = places.iter();
    each.map(|(_, list)| list.len() + size_of::<Place>()).sum()
}

/// Text in which lists are to appear that are not complete yet. The places
/// stand beside the text, never in it.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Placed {
    /// The text without what is to appear.
    pub text: Box<str>,
    /// In order of position.
    pub places: Vec<Place>,
}

impl Placed {
    /// The bytes that it owns.
    pub fn bytes(&self) -> usize {
        self.text.len() + bytes_of(&self.places)
    }
}

/// Which part of a dict a view shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ViewKind {
    /// Its keys.
    Keys,
    /// Its values.
    Values,
    /// Pairs of both.
    Items,
}

/// A name of some template, comparable across templates: by number if both
/// belong to one template, else by hash and spelling.
#[derive(Clone, Copy, Debug)]
pub struct Name {
    /// A hash of the spelling, the same in every template.
    pub hash: u64,
    /// Whose symbol it is.
    pub template: TemplateId,
    /// The symbol.
    pub symbol: Symbol,
}

/// One variable of a context.
#[derive(Clone, Copy, Debug)]
pub struct ContextVar<'c> {
    /// Its name.
    pub name: Name,
    /// Its value; [`Value::Unset`] if it was written and is gone again.
    pub value: Value<'c>,
}

/// Variables that contexts share until one of them writes. None at all, as in
/// most contexts, take no memory.
#[derive(Clone, Debug, Default)]
pub struct Vars<'c>(Option<Arc<Vec<ContextVar<'c>>>>);

impl<'c> Vars<'c> {
    /// Room for writing: a copy, if another context has the same.
    pub fn make_mut(&mut self) -> &mut Vec<ContextVar<'c>> {
        Arc::make_mut(self.0.get_or_insert_default())
    }

    /// What the variables stand in, if there are any.
    pub(crate) fn into_room(self) -> Option<Arc<Vec<ContextVar<'c>>>> {
        self.0
    }

    pub(crate) fn bytes(&self) -> usize {
        let capacity = self.0.as_ref().map_or(0, |vars| vars.capacity());
        capacity * size_of::<ContextVar<'_>>()
    }
}

impl<'c> Deref for Vars<'c> {
    type Target = [ContextVar<'c>];

    #[inline]
    fn deref(&self) -> &Self::Target {
        self.0.as_ref().map_or(&[], |vars| vars.as_slice())
    }
}

impl<'c> From<Vec<ContextVar<'c>>> for Vars<'c> {
    fn from(vars: Vec<ContextVar<'c>>) -> Self {
        match vars.is_empty() {
            true => Self(None),
            false => Self(Some(Arc::new(vars))),
        }
    }
}

impl<'c> From<Arc<Vec<ContextVar<'c>>>> for Vars<'c> {
    fn from(vars: Arc<Vec<ContextVar<'c>>>) -> Self {
        Self(Some(vars))
    }
}

/// What statements have written, on top of what the host gave.
///
/// A copy shares `vars` until one side writes.
#[derive(Clone, Debug)]
pub struct Context<'c> {
    /// What the host gave: a map or an object, `Unset` for nothing.
    pub host: Value<'c>,
    /// What was written, in order of first writing.
    pub vars: Vars<'c>,
    /// A read-only layer that hides `vars`: what an include sees of the
    /// scopes around its tag.
    pub overlay: Option<Arc<Vec<ContextVar<'c>>>>,
    /// The context that is read behind the overlay and written to in place of
    /// this one's `vars`: a `Value::Cell(Context, …)`, or `Unset` for none.
    pub shared: Value<'c>,
}

/// A def or region as a value.
#[derive(Clone, Debug)]
pub struct Def<'c> {
    /// Whose proto it is.
    pub template: TemplateId,
    /// Its proto in that template's chunk.
    pub proto: u32,
    /// Its name.
    pub name: Symbol,
    /// The context it was defined in: a `Value::Cell(Context, …)`. For a
    /// region the caller's counts and this is only its home.
    pub context: Value<'c>,
    /// Values of the parameters' defaults, aligned with the parameters.
    pub defaults: Box<[Value<'c>]>,
    /// Local bindings around it, by value.
    pub captures: Box<[Value<'c>]>,
    /// Is it a region?
    pub is_region: bool,
}

/// What a `call` tag passes: a proto a slot, and what they see.
#[derive(Clone, Debug)]
pub struct Content<'c> {
    /// Whose protos they are.
    pub template: TemplateId,
    /// The content table of that template's chunk.
    pub table: u32,
    /// Local bindings and scope variables around the tag.
    pub captures: Box<[Value<'c>]>,
    /// The context of the tag: a `Value::Cell(Context, …)`.
    pub context: Value<'c>,
    /// The slot scope in force at the tag: a context whose `vars` are the
    /// bindings and whose `shared` is the slot scope around it; else `Unset`.
    pub bindings: Value<'c>,
    /// The content of the def around the tag, for forwarding; else `Unset`.
    pub outer: Value<'c>,
    /// The number of the block table in force at the tag.
    pub blocks: u32,
}

/// A `loop` that is held as a value.
#[derive(Clone, Debug)]
pub struct LoopCell<'c> {
    /// The iterator, as far as it has come.
    pub iter: Iter<'c>,
    /// An asynchronous loop knows no size.
    pub is_async: bool,
}

impl Cell<'_> {
    /// Is it a context that has nothing to drop, as most of them?
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        match self {
            Cell::Context(it) => it.vars.0.is_none() && it.overlay.is_none(),
            _ => false,
        }
    }

    /// The bytes that the cell owns, itself included, by capacity.
    pub(crate) fn bytes(&self) -> usize {
        let own = match self {
            Cell::Free(_)
            | Cell::Range(_)
            | Cell::View(..)
            | Cell::Bound(..)
            | Cell::Var(_)
            | Cell::Shared(_) => 0,
            Cell::Text(text) => text.len(),
            Cell::Placed(placed) => placed.bytes(),
            Cell::Big(big) => big.bits() as usize / 8 + 8,
            Cell::List(items) | Cell::Tuple(items) => items.capacity() * size_of::<Value<'_>>(),
            Cell::Dict(dict) | Cell::Set(dict) => dict.bytes(),
            Cell::OnePass(state) => size_of::<OnePass<'_>>() + state.bytes(),
            Cell::Def(def) => {
                size_of::<Def<'_>>()
                    + (def.defaults.len() + def.captures.len()) * size_of::<Value<'_>>()
            }
            Cell::Content(content) => {
                size_of::<Content<'_>>() + content.captures.len() * size_of::<Value<'_>>()
            }
            Cell::Loop(state) => size_of::<LoopCell<'_>>() + state.iter.bytes(),
            Cell::Context(context) => context.vars.bytes(),
            Cell::Tree(Held::Borrowed(_) | Held::Lent(_)) => 0,
            Cell::Tree(Held::Counted(tree)) => tree.bytes(),
        };
        own + size_of::<Self>()
    }
}
