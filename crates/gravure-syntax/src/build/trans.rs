//! `trans`: text and plain names, made into a message.

use super::frame::Kind;
use super::{Builder, Result};
use crate::ast::{ExprId, Ident};
use crate::grammar::Rule;
use crate::lex::{Group, GroupId, is_space};
use crate::words::{Keyword, is_word};
use gravure_source::{Code, Diagnostic, Span};

impl Builder<'_> {
    /// The tag itself.
    pub(super) fn trans_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::trans_tag, id)?;
        let mut bindings: Vec<(Ident, ExprId)> = Vec::new();
        while let Some(pair) = self.next(&mut pairs) {
            if pair.rule == Rule::binding {
                bindings.push(self.binding(group, pair)?);
            }
        }
        Ok(Kind::Trans {
            names: bindings.iter().map(|(name, _)| name.name).collect(),
            bindings: bindings.into(),
            message: String::new(),
            singular: None,
        })
    }

    /// `{{ name }}` inside a translated text.
    pub(super) fn trans_output(&mut self, group: Group) -> Result<()> {
        let first = group.first as usize;
        let span = self.tokens.span(group, first);
        let is_name = group.first < group.last && is_word(self.tokens.shape(first));
        if !is_name {
            return self.misplaced(span, "a translated text holds only text and names");
        }
        if group.last - group.first > 1 {
            let span = self.tokens.span(group, first + 1);
            let finding = Diagnostic::new(
                Code::ParUnexpected,
                span,
                "a translated text holds plain names only",
            )
            .label("unexpected")
            .help("bind the value in the tag: `trans name=…`");
            return self.fail(finding);
        }
        let name = self.ident(span);
        let text = span.of(self.source);
        if let Some(Kind::Trans { names, message, .. }) =
            self.frames.last_mut().map(|frame| &mut frame.kind)
            && names.contains(&name.name)
        {
            message.push_str("%(");
            message.push_str(text);
            message.push_str(")s");
            return Ok(());
        }
        let finding = Diagnostic::new(
            Code::ParUnexpected,
            span,
            format!("`{text}` is not bound by the tag"),
        )
        .label("not known here")
        .help(format!("write `trans {text}={text}`"));
        self.fail(finding)
    }

    /// `plural` inside `trans`.
    pub(super) fn plural(&mut self, id: GroupId, word: Span) -> Result<()> {
        self.part(Keyword::Plural, id)?;
        let count = self.tree.names.intern("count");
        let message = match self.frames.last_mut().map(|frame| &mut frame.kind) {
            Some(Kind::Trans {
                singular: Some(_), ..
            }) => "there can be one `plural`",
            Some(Kind::Trans {
                names,
                message,
                singular,
                ..
            }) => {
                let has_count = names.contains(&count);
                *singular = Some(fold(&std::mem::take(message)));
                if has_count {
                    return Ok(());
                }
                "`plural` needs a value called `count` in the tag"
            }
            _ => return Err(super::Failed),
        };
        self.misplaced(word, message)
    }
}

/// Trimmed, and every run of white space one blank.
pub(super) fn fold(message: &str) -> Box<str> {
    let mut out = String::with_capacity(message.len());
    for word in message.split(is_space).filter(|word| !word.is_empty()) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out.into()
}
