//! Everything that is made here compiles, renders within bounds, and gives the
//! same in whatever way it is rendered.

mod modes;
mod seeds;
