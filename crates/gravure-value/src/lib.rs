//! What data means: values, the heap of one render, and the operators.
//!
//! In: host data (borrowed JSON, frozen trees, objects) and what a render
//! makes. Out: values as the language sees them, and faults that know no
//! place. Nothing in here has heard of registers, spans or template names.
//!
//! The one idea: a [`Value`] is 24 bytes and `Copy`. What a render makes lies
//! in the cells of its [`Heap`] and is named by number, so values are never
//! counted, never dropped, and may form circles.

mod as_data;
mod awaitable;
mod bind;
mod cell;
mod data;
mod dict;
mod fault;
mod field;
mod guard;
mod heap;
mod held;
mod iter;
mod json;
mod limits;
mod native;
mod object;
pub mod ops;
mod read;
mod sequence;
mod serialize;
mod shapes;
mod spare;
mod table;
mod terminal;
pub mod text;
mod tree;
mod value;
mod view;
mod world;

pub use as_data::AsData;
pub use awaitable::{AsyncItems, Awaitable, Outcome, Taken, Waiter};
pub use bind::{Args, Param, ParamKind, Params, bind};
pub use cell::{
    Cell, CellId, CellKind, Content, Context, ContextVar, Def, Kept, LoopCell, Name, Place, Placed,
    Vars, ViewKind,
};
pub use data::Data;
pub use dict::Dict;
pub use fault::{Fault, FaultData, Site, Subject, excerpt, type_name};
pub use field::{FieldName, Given, Slot, Told};
pub use guard::guarded;
pub use heap::{ALLOCATION, Heap};
pub use held::{Held, Pool};
pub use iter::{Items, Iter, OnePass};
pub use json::ORDERED as JSON_ORDERED;
pub use limits::{Alarm, Limits, Meter};
pub use native::{
    Call, Cost, Host, HostFn, Identity, Native, NativeFn, NativeId, Quick, Registry, Role, Run,
    Whereabouts, WriteFn,
};
pub use object::{Moment, Object, SharedObject};
pub use read::Read;
pub use sequence::{Reads, Sequence, Slice};
pub use serialize::{Freezer, FromSerializeError, tree_of};

pub use table::{Table, recycle, recycle_with};
pub use terminal::{ColorDepth, TerminalSettings};
pub use tree::{MapNode, Node, NodeId, Tree, TreeBuilder};
pub use value::{ConstId, Kind, Mark, Surface, TemplateId, Value};
pub use view::{Entries, Map, Range, Seq, TreeRef, View};
pub use world::{Fixed, Fragment, RenderWarning, World};

/// Values that come one by one.
pub use futures_core::Stream;
/// Integers that do not fit 64 bits.
pub use num_bigint::BigInt;
/// JSON as hosts hand it over.
pub use serde_json::Value as Json;

/// A hash over the sources of this package.
pub const SOURCES: &str = env!("GRAVURE_SOURCES");
