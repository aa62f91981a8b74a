//! Chunk to text: a register machine with its frames on the heap.
//!
//! In: linked chunks and a context. Out: text, or a fault with its place.
//!
//! ```text
//!   Vm ─ templates ─┐            a render meets templates and keeps them
//!    └─ Machine     │            registers, frames, iterators, captures, output
//!         ▲         ▼
//!        Exec: one turn of the run loop, borrowing both
//! ```
//!
//! The one idea: a template never recurses on the Rust stack. A call, an
//! include, a block, a slot push a frame; what must happen outside
//! (loading a template, sending a piece) ends the loop with a [`Stop`], and it
//! goes on where it stopped. The one re-entry is a builtin that calls back; it
//! is counted. Absent on purpose: files, clocks, the tree, any global state.

mod blocks;
mod cached;
mod call;
mod compiled;
mod context;
mod exec;
mod frame;
mod glance;
mod host;
mod hot;
mod included;
mod joined;
mod levels;
mod live;
mod lookup;
mod machine;
mod objects;
mod ops;
mod output;
mod places;
mod printed;
mod quick;
mod registers;
mod rounds;
mod site;
mod spare;
mod stack;
mod steps;
mod unwind;
mod vm;
mod works;

pub use cached::CachedBlocks;
pub use compiled::{Compiled, LinkError, link};
pub use machine::{Env, LoadRequest, Meta, Rules};
pub use ops::async_in_sync;
pub use spare::{Running, Spare};
pub use vm::{Stop, Vm};
