//! Plain data that hosts hand over, and what becomes of it.

use crate::{BigInt, Fault, Heap, Json, Object, SharedObject, Tree, Value};
use std::{borrow::Cow, sync::Arc};

/// Data of a host: owned or borrowed.
#[derive(Clone)]
pub enum Data<'a> {
    /// Undefined.
    Undefined,
    /// None.
    None,
    /// A truth value.
    Bool(bool),
    /// An integer that fits.
    Int(i64),
    /// A longer integer.
    Big(BigInt),
    /// A float.
    Float(f64),
    /// Text.
    Str(Cow<'a, str>),
    /// Safe HTML.
    Safe(Cow<'a, str>),
    /// A list.
    List(Vec<Data<'a>>),
    /// A tuple.
    Tuple(Vec<Data<'a>>),
    /// A dict in order.
    Dict(Vec<(Data<'a>, Data<'a>)>),
    /// Borrowed JSON.
    Json(&'a Json),
    /// A frozen tree that the host holds.
    Node(&'a Tree),
    /// A frozen tree that is counted.
    Tree(Arc<Tree>),
    /// An object that the host lends.
    Object(&'a dyn Object),
    /// An object that keeps itself alive.
    Shared(Arc<dyn SharedObject>),
}

/// Why data could not be taken over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FromSerializeError(pub String);

/// stub
pub fn tree_of<T: serde::Serialize + ?Sized>(data: &T) -> Result<Tree, FromSerializeError> {
    let _ = data;
    Err(FromSerializeError(String::new()))
}

impl<'c> Heap<'c> {
    /// Take data of the host over; containers become read-only.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too large.
    pub fn import(&mut self, data: Data<'c>) -> Result<Value<'c>, Fault> {
        let _ = data;
        Ok(Value::None)
    }
}

impl<'c> Heap<'c> {
    /// Data for a host function: a copy that borrows nothing.
    ///
    /// # Errors
    /// `K-RUN-007` for circles.
    pub fn export(&self, value: Value<'c>) -> Result<Data<'static>, Fault> {
        let _ = value;
        Ok(Data::None)
    }
}
