//! The `gravure` command: renders templates, checks them, lists chunks, makes bundles, runs cases.
//!
//! In: arguments, files, standard input. Out: text on standard output,
//! remarks and errors on standard error, an exit code: 0 done, 1 a template,
//! a render or a case failed or a check found errors, 2 the request cannot be served (arguments,
//! files, data). Thin on purpose: what a program could want is in the library.

mod args;
mod bundle;
mod check;
mod data;
mod engine;
mod failure;
mod inspect;
mod render;
mod settings;
mod site;
mod test;
mod worker;

use args::{Args, Command};
use clap::Parser as _;
use failure::{Failed, OK};
use std::{panic, process::ExitCode};

fn main() -> ExitCode {
    let args = Args::parse();
    // A panic is a bug of ours; whoever meets it gets a sentence, not a trace.
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(|| match args.command {
        Command::Render(args) => render::render(&args),
        Command::Check(args) => check::check(&args),
        Command::Disasm(args) => render::disasm(&args),
        Command::Bundle(args) => bundle::bundle(&args),
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Verify(args) => bundle::verify(&args),
        Command::Keygen(args) => bundle::keygen(&args),
        Command::Test(args) => test::test(&args),
        Command::TestWorker => worker::serve(),
    });
    match done {
        Ok(Ok(())) => ExitCode::from(OK),
        Ok(Err(failed)) => failed.tell(),
        Err(payload) => Failed::bug(&*payload).tell(),
    }
}
