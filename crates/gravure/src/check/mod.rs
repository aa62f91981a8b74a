//! Looking through templates without rendering them: what is wrong with each,
//! and whether they find each other.
//!
//! ```text
//! names ─ load, parse, compile ─▶ findings, tags ─ do the targets exist? ─▶ Checked
//! ```
//!
//! In: an environment and names. Out: every finding of every template, sorted.
//! Nothing is rendered, no host function runs, nothing is kept: the cache of
//! compiled templates sees none of it (but for [`Environment::precompile`],
//! which fills it). A template that fails does not stop the others.
//!
//! Further analyses take the tree of an examined template in `examine.rs` and
//! add to its findings.

mod cycles;
mod declare;
mod examine;
mod finding;
mod forms;
mod json;
mod tags;
#[cfg(test)]
mod tests;
mod warnings;

pub use finding::{Confidence, Finding, Position, Range, Related, Severity};
pub use forms::Text;
pub use gravure_source::similar::nearest;
pub use warnings::Warnings;

use crate::{
    Environment, Error,
    environment::asked,
    workers::{Crew, Work, in_order},
};
use examine::Session;
use gravure_source::Code;
use gravure_value::Fault;
use std::ops::ControlFlow;

/// What a check has found.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Sorted by step, template, place, code; nothing twice.
    pub findings: Vec<Finding>,
    /// Could some template not be examined to its end?
    pub is_partial: bool,
    /// How many templates were examined.
    pub n_templates: usize,
}

impl Checked {
    /// How many findings are so bad.
    pub fn count(&self, severity: Severity) -> usize {
        let findings = self.findings.iter();
        findings.filter(|it| it.severity == severity).count()
    }

    /// What a command that checks ends with: 1 if there are errors, else 0.
    pub fn exit_code(&self) -> u8 {
        u8::from(self.count(Severity::Error) > 0)
    }
}

impl Environment {
    /// Examine every template that the loader lists, and those they name.
    ///
    /// ```
    /// use gravure::{Environment, loader::MapLoader};
    /// let environment = Environment::with_loader(MapLoader::from([
    ///     ("page.html", "{% extends 'bas.html' %}"),
    ///     ("base.html", "{{ title | uper }}"),
    /// ]));
    /// let found = environment.check()?.findings;
    /// let short: Vec<String> = found.iter().map(|it| it.short()).collect();
    /// assert_eq!(short, [
    ///     "base.html:1:12: error[K-PAR-004] unknown filter `uper`",
    ///     "page.html:1:4: error[K-TPL-001] template `bas.html` not found",
    /// ]);
    /// # Ok::<(), gravure::Error>(())
    /// ```
    ///
    /// # Errors
    /// `K-RUN-016` if there is no loader, `K-CFG-001` if it cannot list.
    pub fn check(&self) -> Result<Checked, Error> {
        let names = self.loader_names()?;
        self.check_templates(&names)
    }

    /// Examine these templates, and those they name.
    ///
    /// # Errors
    /// `K-RUN-016` if there is no loader.
    pub fn check_templates<N: AsRef<str>>(&self, names: &[N]) -> Result<Checked, Error> {
        let loader = self.options().loader.clone().ok_or_else(no_loader)?;
        let mut session = Session::new(&self.shared, loader);
        for name in names {
            session.add(name.as_ref());
        }
        Ok(session.finish())
    }

    /// Compile every template that the loader lists, on several threads if
    /// there are many, and keep them: the first render of each finds it ready.
    /// Answers how many there are.
    ///
    /// The cache must have room for them, see
    /// [`Options::cache_size`](crate::Options::cache_size).
    ///
    /// # Errors
    /// Everything that is wrong with any of them, in the order of their names.
    pub fn precompile(&self) -> Result<usize, Vec<Error>> {
        let names = self.loader_names().map_err(|error| vec![error])?;
        self.precompile_templates(&names)
    }

    /// [`Environment::precompile`] for these templates.
    ///
    /// # Errors
    /// Everything that is wrong with any of them, in their order.
    pub fn precompile_templates<N: AsRef<str>>(&self, names: &[N]) -> Result<usize, Vec<Error>> {
        let crew = Crew::new(Work::Compile, names.len());
        let names_left = names.iter().map(AsRef::as_ref);
        let names_left: Vec<&str> = names_left.collect();
        let mut errors = Vec::new();
        in_order(
            crew.size(),
            names_left.into_iter(),
            |name| self.get_template(name),
            |compiled| {
                errors.extend(compiled.err());
                ControlFlow::Continue(())
            },
        );
        if errors.is_empty() {
            Ok(names.len())
        } else {
            Err(errors)
        }
    }

    pub(crate) fn loader_names(&self) -> Result<Vec<String>, Error> {
        let loader = self.options().loader.as_ref().ok_or_else(no_loader)?;
        asked(|| loader.list())?.ok_or_else(|| {
            let message = "the loader cannot list its templates";
            Error::new(Code::Config, message).help("name the templates")
        })
    }
}

fn no_loader() -> Error {
    let fault = Fault::new(
        Code::RunNoLoader,
        "there are no templates: there is no loader",
    );
    Error::from_fault(fault.help("configure a loader"), None)
}
