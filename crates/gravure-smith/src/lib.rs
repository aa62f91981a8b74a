//! Makes programs out of bytes: sets of templates that always compile, with
//! data that fit them, and chunks that always verify.
//!
//! Whoever has an engine, or a part of one, can ask it for anything that the
//! language can say, and compare what comes out in two ways. A template made
//! of random characters dies in the parser; one made here reaches the last
//! room of the house. Where the bytes come from is up to the caller: a fuzzer,
//! a seed, a file.
//!
//! ```
//! use gravure::{Environment, loader::MapLoader};
//! use gravure_smith::Site;
//!
//! let bytes: Vec<u8> = (0..2000u32).map(|n| (n * n / 7) as u8).collect();
//! let site = Site::of(&bytes);
//! let environment = Environment::with_loader(MapLoader::from_iter(site.templates.clone()));
//! let template = environment.get_template(gravure_smith::MAIN).expect("it compiles");
//! let page = template.render(&site.context);
//! # let _ = page;
//! ```
//!
//! [`Site`] and [`Program`] are [`arbitrary::Arbitrary`] as well.
//!
//! Most of the pages render, too; some meet an error that only a render can
//! know, such as an item that is not there. The same bytes give the same
//! programs in every run of one release, and other ones after it.
//!
//! Absent on purpose: asynchronous tags, which a synchronous render refuses;
//! `random`, `shuffle` and whatever else gives another answer every time; and
//! programs without end: loops are short and calls go to earlier defs only.
#![forbid(unsafe_code)]

mod chunk;
mod data;
mod expr;
mod forms;
mod site;
mod smith;
mod tags;

pub use chunk::Program;
pub use site::Site;

/// The name of the template that a page is asked of.
pub const MAIN: &str = "main.html";
