//! What holds for Gravure as a whole, seen from outside.

mod callbacks;
mod codes;
mod corpus;
mod docs;
mod embedding;
mod errors;
mod example;
mod invariants;
mod map;
mod modes;
mod objects;
mod regressions;
mod render_state;
mod rooms;
mod snippets;
mod streams;
mod torture;
mod turns;
mod waiting;
mod warnings;
mod workloads;
