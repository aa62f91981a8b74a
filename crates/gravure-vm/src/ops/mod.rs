//! What the instructions do, a file a family. Methods stand on `Exec`.

mod access;
mod build;
mod captures;
mod emit;
mod loops;
mod names;
mod operators;
mod slots;
mod templates;
mod waiting;

pub use templates::async_in_sync;
