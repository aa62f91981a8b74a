//! The `gravure` command: renders templates, checks them, lists chunks, makes bundles, runs cases.
//!
//! In: arguments, files, standard input. Out: text on standard output,
//! remarks and errors on standard error, an exit code: 0 done, 1 a template,
//! a render or a case failed or a check found errors, 2 the request cannot be served (arguments,
//! files, data). Thin on purpose: what a program could want is in the library.

mod args;
mod bundle;
mod cache;
mod check;
mod data;
mod engine;
mod failure;
mod inspect;
mod plain;
mod render;
mod settings;
mod site;
mod test;
mod worker;

use args::{Args, Command};
use clap::{Args as _, FromArgMatches as _, Parser as _};
use failure::{Failed, OK};
use std::{env, panic, process::ExitCode};

fn main() -> ExitCode {
    let command = rendering().unwrap_or_else(|| Args::parse().command);
    // A panic is a bug of ours; whoever meets it gets a sentence, not a trace.
    panic::set_hook(Box::new(|_| {}));
    let done = panic::catch_unwind(|| match command {
        Command::Render(args) => render::render(&args),
        Command::Check(args) => check::check(&args),
        Command::Disasm(args) => render::disasm(&args),
        Command::Bundle(args) => bundle::bundle(&args),
        Command::Inspect(args) => inspect::inspect(&args),
        Command::Verify(args) => bundle::verify(&args),
        Command::Keygen(args) => bundle::keygen(&args),
        Command::Cache(args) => cache::cache(&args),
        Command::Test(args) => test::test(&args),
        Command::TestWorker => worker::serve(),
    });
    match done {
        Ok(Ok(())) => ExitCode::from(OK),
        Ok(Err(failed)) => failed.tell(),
        Err(payload) => Failed::bug(&*payload).tell(),
    }
}

/// What `gravure render` is asked for, read without making the other commands:
/// that would be a fifth of the steps of a small render. Help and mistakes are
/// left to the whole command, which has the words.
fn rendering() -> Option<Command> {
    let mut words = env::args_os().skip(1);
    if words.next()? != "render" {
        return None;
    }
    if let Some(plain) = plain::render(words) {
        return Some(Command::Render(plain));
    }
    // It takes the first word for the name of the program.
    let command = args::Render::augment_args(clap::Command::new("render"));
    let read = command.try_get_matches_from(env::args_os().skip(1));
    let read = args::Render::from_arg_matches(&read.ok()?);
    read.ok().map(Command::Render)
}
