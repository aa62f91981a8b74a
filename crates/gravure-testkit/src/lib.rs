//! The conformance corpus: reading cases, running them, judging results.
//!
//! ```text
//! line of a .jsonl ─ Case::parse ─▶ Case ─ Runner ─▶ Outcome ─ judge ─▶ Verdict
//! ```
//!
//! In: files of cases, one JSON object a line. Out: verdicts, and counts that
//! show that no case was lost. How a case is rendered is behind [`Runner`], so
//! that reading and judging know nothing of the engine's insides.
//! Absent on purpose: processes and time limits; who runs cases that may crash
//! puts them into a process of their own.

mod case;
mod data;
mod engine;
mod judge;
mod mode;
mod outcome;
mod starved;
mod tally;

pub use case::{Call, Case, Expected, ExpectedError, NoCase, cases, lines};
pub use data::{Data, parse_data, parse_tree, tree_of};
pub use engine::Engine;
pub use judge::{Verdict, judge};
pub use mode::{Bundled, Mode, Told, Way, json_of, through_bytes};
pub use outcome::{Failure, Outcome, Runner};
pub use starved::Starved;
pub use tally::{Counts, Index, Tally};
