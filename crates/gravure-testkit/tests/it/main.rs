//! The corpus is whole, and the engine passes it, whichever way it is run.

mod corpus;
mod modes;
mod starved;
