//! The data of a render.

use crate::Error;
use gravure_source::Code;
use gravure_value::{Freezer, FromSerializeError, Json, Node, Object, Tree, TreeBuilder, tree_of};
use serde::Serialize;
use std::cell::Cell;

thread_local! {
    /// The memory of the last data that this thread rendered by serializing.
    static SPARE: Cell<Option<Box<Freezer>>> = const { Cell::new(None) };
}

/// The memory that a thread keeps for data to come.
const MOST_KEPT: usize = 1 << 20;

/// Data prepared for rendering: a map in one compact piece.
///
/// Prepared once, it can be rendered many times, by many threads.
///
/// ```
/// use gravure::{Context, context};
/// let user = std::collections::BTreeMap::from([("name", "Ada")]);
/// let from_anything_that_serializes = Context::from_serialize(&user)?;
/// let by_hand = context! { name => "Ada" };
/// # let _ = (from_anything_that_serializes, by_hand);
/// # Ok::<(), gravure::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Context {
    tree: Tree,
}

impl Default for Context {
    fn default() -> Self {
        let mut builder = TreeBuilder::default();
        let root = builder.map(&[]);
        Self {
            tree: builder.finish(root),
        }
    }
}

fn no_context(error: FromSerializeError) -> Error {
    let message = format!("the context cannot be serialized: {error}");
    Error::new(Code::Config, message)
}

impl Context {
    /// An empty context.
    pub fn new() -> Self {
        Self::default()
    }

    /// The context of anything that serializes to a map or struct.
    ///
    /// # Errors
    /// `K-CFG-001` if it is no map, or cannot be serialized.
    pub fn from_serialize<T: Serialize + ?Sized>(data: &T) -> Result<Self, Error> {
        Self::from_tree(tree_of(data).map_err(no_context)?)
    }

    /// Do something with the context of data, which is gone afterwards: the
    /// next one on this thread is made in its memory.
    pub(crate) fn once<T: Serialize + ?Sized, R>(
        data: &T,
        run: impl FnOnce(&Self) -> Result<R, Error>,
    ) -> Result<R, Error> {
        // Data whose serializing renders finds nothing here, and has its own.
        let mut freezer = SPARE
            .try_with(Cell::take)
            .ok()
            .flatten()
            .unwrap_or_default();
        let context = Self::from_tree(freezer.freeze(data).map_err(no_context)?)?;
        let result = run(&context);
        freezer.reclaim(context.tree);
        if freezer.bytes() <= MOST_KEPT {
            // A thread that is ending keeps nothing.
            let _ = SPARE.try_with(|spare| spare.set(Some(freezer)));
        }
        result
    }

    /// A context from a tree whose root is a map.
    ///
    /// # Errors
    /// `K-CFG-001` if its root is no map.
    pub fn from_tree(tree: Tree) -> Result<Self, Error> {
        match tree.node(tree.root()) {
            Node::Map(..) => Ok(Self { tree }),
            _ => Err(Error::new(
                Code::Config,
                "the context must be a map from names to values",
            )),
        }
    }

    /// The data itself.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }
}

/// The data of one render, borrowed.
#[derive(Clone, Copy)]
pub enum ContextRef<'a> {
    /// JSON, used where it lies; an object.
    Json(&'a Json),
    /// A prepared tree whose root is a map.
    Tree(&'a Tree),
    /// An object whose attributes are the variables.
    Object(&'a dyn Object),
}

impl<'a> From<&'a Json> for ContextRef<'a> {
    fn from(json: &'a Json) -> Self {
        Self::Json(json)
    }
}

impl<'a> From<&'a Context> for ContextRef<'a> {
    fn from(context: &'a Context) -> Self {
        Self::Tree(&context.tree)
    }
}

impl<'a> From<&'a &Json> for ContextRef<'a> {
    fn from(json: &'a &Json) -> Self {
        Self::Json(json)
    }
}

impl<'a> From<&'a &Context> for ContextRef<'a> {
    fn from(context: &'a &Context) -> Self {
        Self::Tree(&context.tree)
    }
}

impl<'a> From<&'a dyn Object> for ContextRef<'a> {
    fn from(object: &'a dyn Object) -> Self {
        Self::Object(object)
    }
}

/// A [`Context`] from names and values that serialize.
///
/// A value that cannot be serialized becomes none.
///
/// ```
/// let context = gravure::context! { title => "Home", n => 3, tags => ["a", "b"] };
/// # let _: gravure::Context = context;
/// ```
#[macro_export]
macro_rules! context {
    ($($name:ident => $value:expr),* $(,)?) => {
        $crate::Context::from_pairs([$((stringify!($name), $crate::Context::value(&$value))),*])
    };
}

impl Context {
    /// One value of [`context!`](crate::context).
    #[doc(hidden)]
    pub fn value<T: Serialize + ?Sized>(value: &T) -> Tree {
        tree_of(value).unwrap_or_default()
    }

    /// What [`context!`](crate::context) expands to.
    #[doc(hidden)]
    pub fn from_pairs<const N: usize>(pairs: [(&str, Tree); N]) -> Self {
        let mut builder = TreeBuilder::default();
        let mut entries = Vec::with_capacity(N);
        for (name, tree) in pairs {
            let key = builder.text(name);
            let value = builder.graft(&tree);
            entries.push((key, value));
        }
        let root = builder.map(&entries);
        Self {
            tree: builder.finish(root),
        }
    }
}
