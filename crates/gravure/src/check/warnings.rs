//! What becomes of warnings: options in, a yes or no for each out.

use crate::Options;
use gravure_source::Diagnostic;

/// What becomes of the warnings of a template that is compiled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Warnings {
    /// They are dropped.
    Off,
    /// They are listed with the template.
    #[default]
    Collect,
    /// They are errors: the template is refused.
    Error,
}

impl Warnings {
    /// A choice by its name: `off`, `collect` or `error`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "off" => Some(Self::Off),
            "collect" => Some(Self::Collect),
            "error" => Some(Self::Error),
            _ => None,
        }
    }
}

impl Options {
    /// The warnings that a compiled template keeps.
    ///
    /// # Errors
    /// Those that refuse it.
    pub(crate) fn sift(
        &self,
        mut found: Vec<Diagnostic>,
    ) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        found.retain(|it| !self.silenced.contains(&it.code));
        match self.warnings {
            Warnings::Off => Ok(Vec::new()),
            Warnings::Error if !found.is_empty() => Err(found),
            _ => Ok(found),
        }
    }
}
