//! What holds for Gravure as a whole, seen from outside.

mod bundles;
mod callbacks;
mod codes;
mod corpus;
mod docs;
mod embedding;
mod errors;
mod example;
mod invariants;
mod many;
mod map;
mod modes;
mod objects;
mod policy;
mod regressions;
mod render_state;
mod rooms;
mod snippets;
mod streams;
mod stress;
mod threads;
mod torture;
mod turns;
mod waiting;
mod warnings;
mod workloads;
