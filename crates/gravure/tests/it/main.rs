//! What holds for Gravure as a whole, seen from outside.

mod bundles;
mod codes;
mod corpus;
mod disk;
mod disk_kills;
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
mod rooms;
mod snippets;
mod streams;
mod stress;
mod threads;
mod torture;
mod warnings;
mod workloads;
