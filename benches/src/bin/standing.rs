//! Prints where Gravure stands: one table for every workload.
fn main() {}
