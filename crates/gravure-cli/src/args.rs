//! What can be asked for on the command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Render templates, look at their bytecode, run conformance cases.
#[derive(Parser, Debug)]
#[command(
    name = "gravure",
    version,
    after_help = "Exit codes: 0 done; 1 a template, a render or a case failed; \
                  2 arguments, files or data cannot be used."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Render a template with data and print the result
    Render(Render),
    /// Print the instructions that a template compiles to
    Disasm(Disasm),
    /// Run conformance cases and compare their results
    Test(Test),
    /// Serve cases to `test` over standard input and output
    #[command(hide = true)]
    TestWorker,
}

/// Which template is meant.
#[derive(clap::Args, Debug)]
pub(crate) struct Which {
    /// The template: a file, or a name below the roots if there are any
    pub(crate) template: String,
    /// A folder that templates are found in; may be given several times, the
    /// first that has a template wins. Without it: the folder of the template
    #[arg(long = "root", value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Render {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Data: a .json, .yaml, .yml or .toml file, or `-` for JSON on standard
    /// input. What is not a map is put under the name `data`
    #[arg(long, value_name = "FILE")]
    pub(crate) data: Option<PathBuf>,
    /// One more value, over those of the file: JSON if it is JSON, else text;
    /// dots go into maps (`site.title=Hello`)
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(crate) sets: Vec<String>,
    /// Write to this file, exactly as rendered. Standard output gets a final
    /// line end if there is none
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Disasm {
    #[command(flatten)]
    pub(crate) which: Which,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Test {
    /// Files of cases, one JSON object a line
    #[arg(required = true, value_name = "CASES.jsonl")]
    pub(crate) files: Vec<PathBuf>,
    /// Write every result to this file, one JSON object a line
    #[arg(long, value_name = "OUT.jsonl")]
    pub(crate) results: Option<PathBuf>,
    /// Only cases whose id or area has this text in it
    #[arg(long, value_name = "TEXT")]
    pub(crate) filter: Option<String>,
}
