//! The only file of the command that asks the library to render.

use crate::failure::{Failed, wants_color};
use gravure::{Context, Environment, Error, loader::FileLoader};
use gravure_testkit::{Data, Engine, Runner, tree_of};
use std::path::PathBuf;

/// A template below some roots.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The folders, tried in order.
    pub(crate) roots: Vec<PathBuf>,
    /// Its name below one of them.
    pub(crate) name: String,
}

/// The page of a template.
pub(crate) fn render(entry: &Entry, context: &Data<'_>) -> Result<String, Failed> {
    let page = || {
        let context = Context::from_tree(tree_of(context))?;
        environment(entry)
            .get_template(&entry.name)?
            .render(&context)
    };
    page().map_err(|error| failed(&error))
}

/// The instructions of a template.
pub(crate) fn listing(entry: &Entry) -> Result<String, Failed> {
    environment(entry)
        .get_template(&entry.name)
        .map(|template| template.disassemble())
        .map_err(|error| failed(&error))
}

/// Runs cases of the corpus.
pub(crate) fn runner() -> impl Runner {
    Engine
}

fn environment(entry: &Entry) -> Environment {
    Environment::with_loader(FileLoader {
        roots: entry.roots.clone(),
        ..FileLoader::new("")
    })
}

fn failed(error: &Error) -> Failed {
    let report = error.report().color(wants_color()).to_string();
    // A template that nobody but the command line asked for is missing input.
    if error.code().as_str() == "K-TPL-001" && error.template().is_none() {
        Failed::not_found(report)
    } else {
        Failed::template(report)
    }
}
