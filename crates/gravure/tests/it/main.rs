//! What holds for Gravure as a whole, seen from outside.

mod codes;
mod docs;
mod embedding;
mod example;
mod objects;
mod rooms;
mod torture;
mod workloads;
