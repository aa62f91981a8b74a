//! A finding for a template's author: code, sentence, place, advice.

use crate::{Code, Span};

/// One finding in one source. Offsets count bytes of that source; who prints
/// it turns them into lines.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Diagnostic {
    /// The stable number.
    pub code: Code,
    /// What was found, lower case, no final stop, template text in backquotes.
    pub message: String,
    /// The token that fails.
    pub span: Span,
    /// A word for the caret line, such as "not known here"; may be empty.
    pub label: String,
    /// Other places that matter, each with a word.
    pub related: Vec<(Span, String)>,
    /// What would do, one sentence each.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A finding with a sentence and a place, and nothing else yet.
    pub fn new(code: Code, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            span,
            label: String::new(),
            related: Vec::new(),
            help: Vec::new(),
        }
    }

    /// With a word under the caret.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// With one more piece of advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// With one more place.
    #[must_use]
    pub fn related(mut self, span: Span, label: impl Into<String>) -> Self {
        self.related.push((span, label.into()));
        self
    }

    /// With "did you mean `near`?" if there is something near.
    #[must_use]
    pub fn did_you_mean(self, near: Option<&str>) -> Self {
        match near {
            Some(near) => self.help(format!("did you mean `{near}`?")),
            None => self,
        }
    }
}
