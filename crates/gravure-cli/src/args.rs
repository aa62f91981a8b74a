//! What can be asked for on the command line.

use clap::{Parser, Subcommand};
use std::path::PathBuf;

/// Render templates, check them, look at their bytecode, run conformance cases.
#[derive(Parser, Debug)]
#[command(
    name = "gravure",
    version,
    after_help = "Exit codes: 0 done; 1 a template, a render or a case failed, or a check found \
                  errors; 2 arguments, files or data cannot be used."
)]
pub(crate) struct Args {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Render a template with data and print the result
    Render(Render),
    /// Compile every template below some folders and print what is wrong
    Check(Check),
    /// Print the instructions that a template compiles to
    Disasm(Disasm),
    /// Compile every template below some folders into one file
    Bundle(Bundle),
    /// Print what is in a bundle
    Inspect(Inspect),
    /// Look at every byte of a bundle, and at who signed it
    Verify(Verify),
    /// Make a pair of keys: one to sign bundles with, one to check them
    Keygen(Keygen),
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
    /// A bundle that the template is looked for in, before the roots if there are
    /// any. Unless one of `--key` has signed it, its renders have narrow bounds
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) trust: Trusted,
    #[command(flatten)]
    pub(crate) around: Around,
}

/// Whose bundles are trusted.
#[derive(clap::Args, Debug)]
pub(crate) struct Trusted {
    /// A public key, or a file with one: the bundle must be signed with it. May
    /// be given several times
    #[arg(long = "key", value_name = "KEY")]
    pub(crate) keys: Vec<String>,
    /// The least version of a signed bundle that will do
    #[arg(long = "least-version", value_name = "N", default_value_t = 0)]
    pub(crate) least: u64,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Bundle {
    /// Folders of templates, the first that has a name wins. Without it: the
    /// roots of the nearest gravure.toml
    #[arg(value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Leave out the sources: errors come without the lines around them
    #[arg(long)]
    pub(crate) strip: bool,
    /// A file with the secret key to sign with
    #[arg(long, value_name = "FILE")]
    pub(crate) sign: Option<PathBuf>,
    /// Which version of the bundle it is; hosts may refuse older ones
    #[arg(long = "number", value_name = "N", default_value_t = 0)]
    pub(crate) number: u64,
    /// Files that are templates, by their ending, as `gravure check` has it
    #[arg(long, value_name = "ENDINGS", value_delimiter = ',')]
    pub(crate) ext: Vec<String>,
    #[command(flatten)]
    pub(crate) around: Around,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Inspect {
    /// The bundle
    pub(crate) file: PathBuf,
    /// For programs
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) trust: Trusted,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Verify {
    /// The bundle
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) trust: Trusted,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Keygen {
    /// The file for the secret key; the public one goes beside it, with `.pub`
    /// behind its name
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: PathBuf,
}

/// What the program around the templates brings.
#[derive(clap::Args, Debug)]
pub(crate) struct Around {
    /// The settings. Without it: the nearest gravure.toml in the folder of the
    /// templates or above it, if there is one
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Filters that the program brings: known, but not here to be run
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) filters: Vec<String>,
    /// Tests that the program brings
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) tests: Vec<String>,
    /// Functions that the program brings
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub(crate) functions: Vec<String>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Check {
    /// Folders of templates, the first that has a name wins. Without it: the
    /// roots of the nearest gravure.toml
    #[arg(value_name = "DIR")]
    pub(crate) roots: Vec<PathBuf>,
    #[command(flatten)]
    pub(crate) around: Around,
    /// How findings are printed
    #[arg(long, value_enum, default_value_t)]
    pub(crate) format: Format,
    /// Make errors of the findings of a code, or of all `warnings`
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) deny: Vec<String>,
    /// Leave out the findings of a code
    #[arg(long, value_name = "CODE", value_delimiter = ',')]
    pub(crate) allow: Vec<String>,
    /// Files that are templates, by their ending. Without it: html, htm, xml,
    /// svg, txt, md, jinja, j2, kida, gravure
    #[arg(long, value_name = "ENDINGS", value_delimiter = ',')]
    pub(crate) ext: Vec<String>,
}

/// How findings are printed.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// One line each, for editors
    Short,
    /// Workflow commands, for build services
    Github,
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
    /// Print warnings about the template, and those it names, to standard error
    #[arg(long)]
    pub(crate) warnings: bool,
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
