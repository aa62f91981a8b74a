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
    /// Is a warning to be told at all?
    pub(crate) fn tells(&self, warning: &Diagnostic) -> bool {
        self.warnings != Warnings::Off && !self.silenced.contains(&warning.code)
    }

    /// The warnings that a compiled template keeps.
    ///
    /// # Errors
    /// Those that refuse it.
    pub(crate) fn sift(&self, found: Vec<Diagnostic>) -> Result<Vec<Diagnostic>, Vec<Diagnostic>> {
        let mut told = found;
        told.retain(|it| self.tells(it));
        match self.warnings {
            Warnings::Error if !told.is_empty() => Err(told),
            _ => Ok(told),
        }
    }
}
