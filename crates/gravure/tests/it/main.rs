//! What holds for Gravure as a whole, seen from outside.

mod rooms;
mod torture;
mod workloads;
