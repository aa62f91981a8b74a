//! The comparison: Gravure and its peers do the same work on the same data.
//!
//! In: the folders of `workloads/` (templates, data, expected page) and of
//! `peers/` (the same templates in each peer's own syntax).
//! Out: closures that render or compile, checked against the expected page
//! before anyone may time them, and the means to time and count them.
//! Absent on purpose: any tuning of one engine that another does not get.

pub mod chart;
pub mod check;
pub mod contest;
mod data;
pub mod docs;
pub mod engines;
pub mod measure;
pub mod normalize;
pub mod report;
pub mod workload;
