//! What must hold for any bytes, as ordinary functions, and the means to make
//! bytes that are worth a try.
//!
//! `targets` needs nothing but what `gravure` and its bytecode offer, so the
//! tests of `gravure` take it in as it is and run it on `regressions/`.
#![forbid(unsafe_code)]

pub mod kept;
pub mod mutate;
pub mod seeds;
pub mod targets;
pub mod words;
