//! The stack of open blocks: what opens, what continues, what closes.
//!
//! Statements of all open bodies lie in one `Vec`; a frame knows where its own
//! begin. Closing a block takes them from there, so nothing here recurses.

use super::frame::{Frame, Kind};
use super::{Builder, Result};
use crate::ast::{Body, Case, Ident, Stmt, StmtNode};
use crate::lex::{GroupId, Piece};
use crate::limits::MAX_DIAGNOSTICS;
use crate::words::{Closer, Keyword, Opener};
use gravure_source::{Code, Diagnostic, Span};

impl<'s> Builder<'s> {
    /// All pieces, then what is left open.
    pub(super) fn pieces(&mut self, pieces: &[Piece]) {
        for &piece in pieces {
            if self.is_over || self.findings.len() >= MAX_DIAGNOSTICS {
                return;
            }
            self.depth = self.frames.len() as u32;
            self.in_element = false;
            self.pairs.forget(0);
            self.steps.clear();
            self.values.clear();
            // A failure has been noted; the next piece is a fresh start.
            let _ = match piece {
                Piece::Text(span) => self.text(span),
                Piece::Comment(span) => self.comment(span),
                Piece::Output(group) => self.output(group),
                Piece::Block(group) => self.tag(group),
            };
        }
        if let Some(frame) = self.frames.last() {
            let end = self.source.len() as u32;
            let word = frame.opener.word();
            let closer = match frame.kind {
                Kind::Raw => "endraw",
                _ => "end",
            };
            self.findings.push(
                Diagnostic::new(
                    Code::ParUnclosedBlock,
                    frame.word,
                    format!("this `{word}` is not closed"),
                )
                .label("opens here")
                .related(Span::new(end, end), "the template ends here")
                .help(format!("add `{closer}`")),
            );
            return;
        }
        self.tree.body = std::mem::take(&mut self.stmts).into();
    }

    /// A statement at this place.
    pub(super) fn push(&mut self, stmt: Stmt, span: Span) {
        let id = self.tree.add_stmt(StmtNode { stmt, span });
        self.stmts.push(id);
    }

    fn text(&mut self, span: Span) -> Result<()> {
        match self.frames.last_mut().map(|frame| &mut frame.kind) {
            Some(Kind::Match { open: None, .. } | Kind::Embed { .. }) => {}
            Some(Kind::Trans { message, .. }) => message.push_str(span.of(self.source)),
            _ => self.push(Stmt::Text(span), span),
        }
        Ok(())
    }

    fn comment(&mut self, span: Span) -> Result<()> {
        match self.frames.last().map(|frame| &frame.kind) {
            Some(Kind::Trans { .. }) => {
                self.misplaced(span, "a translated text cannot hold a comment")
            }
            _ => Ok(()),
        }
    }

    fn output(&mut self, id: GroupId) -> Result<()> {
        let group = self.tokens.group(id);
        match self.frames.last().map(|frame| &frame.kind) {
            Some(Kind::Match { open: None, .. }) => {
                self.misplaced(group.open, "nothing may stand between `match` and `case`")
            }
            Some(Kind::Embed { .. }) => self.misplaced(group.open, "`embed` holds only blocks"),
            Some(Kind::Trans { .. }) => self.trans_output(group),
            _ => {
                let value = self.output_value(id)?;
                let span = Span::new(group.open.end, group.close.start);
                self.push(Stmt::Output(value), span);
                Ok(())
            }
        }
    }

    /// Open a block.
    pub(super) fn open(&mut self, kind: Kind, opener: Opener, word: Span) -> Result<()> {
        let depth = self.frames.len() as u32 + 1;
        if self.go_to(depth, word).is_err() {
            // Everything inside would be too deep as well.
            self.is_over = true;
            return Err(super::Failed);
        }
        if let Kind::SlotContent(_) = kind {
            self.flush_content();
        }
        self.frames.push(Frame {
            kind,
            opener,
            word,
            start: self.stmts.len(),
        });
        Ok(())
    }

    /// The statements of the innermost open body.
    pub(super) fn take_body(&mut self) -> Body {
        let start = self.frames.last().map_or(0, |frame| frame.start);
        if start == 0 {
            // To split everything off would give the room away, too.
            return self.stmts.drain(..).collect();
        }
        self.stmts.split_off(start.min(self.stmts.len())).into()
    }

    /// Close the innermost block that a closer names.
    pub(super) fn close(&mut self, closer: Closer, word: Span) -> Result<()> {
        let Some(frame) = self.frames.last() else {
            if self.n_unknown > 0 {
                self.n_unknown -= 1;
                return Ok(());
            }
            let text = word.of(self.source);
            let finding = Diagnostic::new(
                Code::ParUnexpected,
                word,
                format!("`{text}` closes nothing: no block is open"),
            )
            .label("nothing is open")
            .help("`gravure check --strict` finds them all at once");
            return self.fail(finding);
        };
        let fits = |frame: &Frame| match closer {
            Closer::Any => !matches!(frame.kind, Kind::Raw),
            Closer::Only(opener) => {
                frame.opener == opener || (frame.opener, opener) == (Opener::Async, Opener::For)
            }
        };
        if fits(frame) {
            return self.finish(word);
        }
        let opener = frame.opener.word();
        let text = word.of(self.source);
        let mut finding = Diagnostic::new(
            Code::ParUnexpected,
            word,
            format!("`{text}` does not close `{opener}`"),
        )
        .label("another block is open")
        .related(frame.word, format!("this `{opener}` is open"));
        if let Some(meant) = self.frames.iter().rev().find(|frame| fits(frame)) {
            let meant_word = meant.opener.word();
            finding = finding.related(meant.word, format!("this `{meant_word}` would be closed"));
        }
        finding = finding
            .help("write `end`, which closes whatever is open")
            .help("`gravure check --strict` finds them all at once");
        // Go on as if everything up to the block that is meant were closed.
        if let Some(depth) = self.frames.iter().rposition(fits) {
            let start = self.frames.get(depth).map_or(0, |frame| frame.start);
            self.stmts.truncate(start);
            self.frames.truncate(depth);
        }
        self.fail(finding)
    }

    /// `elif`, `else`, `empty`, `case`, `fallback`, `plural`.
    pub(super) fn go_on(&mut self, keyword: Keyword, id: GroupId, word: Span) -> Result<()> {
        let fits = match (keyword, self.frames.last().map(|frame| &frame.kind)) {
            (_, Some(Kind::Broken)) => return self.part(keyword, id).map(drop),
            (Keyword::Elif, Some(Kind::If { open, negated, .. })) => open.is_some() && !negated,
            (Keyword::Else, Some(Kind::If { open, .. })) => open.is_some(),
            (Keyword::Else | Keyword::Empty, Some(Kind::For { body, .. })) => body.is_none(),
            (Keyword::Else | Keyword::Empty, Some(Kind::WithValue { body, .. })) => body.is_none(),
            (Keyword::Case, Some(Kind::Match { .. })) => true,
            (Keyword::Fallback, Some(Kind::Try { body, .. })) => body.is_none(),
            (Keyword::Plural, Some(Kind::Trans { .. })) => return self.plural(id, word),
            _ => false,
        };
        if !fits {
            let text = word.of(self.source);
            let mut finding = Diagnostic::new(
                Code::ParUnexpected,
                word,
                format!("`{text}` cannot stand here"),
            )
            .label("unexpected");
            if let Some(frame) = self.frames.last() {
                let opener = frame.opener.word();
                finding = finding.related(frame.word, format!("this `{opener}` is open"));
            }
            return self.fail(finding);
        }
        let part = self.part(keyword, id);
        self.depth = self.frames.len() as u32;
        let body = self.take_body();
        let nothing = self.no_value(word);
        match self.frames.last_mut().map(|frame| &mut frame.kind) {
            Some(Kind::If { branches, open, .. }) => {
                if let Some((condition, word)) = open.take() {
                    branches.push((condition, body, word));
                }
                if keyword == Keyword::Elif {
                    let condition = part.as_ref().ok().and_then(|part| part.value);
                    *open = Some((condition.unwrap_or(nothing), word));
                }
            }
            Some(Kind::For { body: first, .. } | Kind::WithValue { body: first, .. }) => {
                *first = Some(body);
            }
            Some(Kind::Match { cases, open, .. }) => {
                if let Some((pattern, guard, span)) = open.take() {
                    cases.push(Case {
                        pattern,
                        guard,
                        body,
                        span,
                    });
                }
                let (value, guard) = part
                    .as_ref()
                    .map_or((None, None), |part| (part.value, part.guard));
                *open = Some((value.unwrap_or(nothing), guard, word));
            }
            Some(Kind::Try { body: first, name }) => {
                *first = Some(body);
                *name = part.as_ref().ok().and_then(|part| part.name);
            }
            _ => {}
        }
        part.map(drop)
    }

    /// May `break` and `continue` stand here?
    pub(super) fn is_in_loop(&self) -> bool {
        for frame in self.frames.iter().rev() {
            match frame.kind {
                Kind::For { body: None, .. } | Kind::While(_) | Kind::Broken => return true,
                Kind::Def { .. }
                | Kind::Block { .. }
                | Kind::Call { .. }
                | Kind::SlotContent(_)
                | Kind::Slot { .. }
                | Kind::Embed { .. } => return false,
                _ => {}
            }
        }
        false
    }

    /// The slot that content belongs to when none is named.
    pub(super) fn default_slot(&mut self, span: Span) -> Ident {
        Ident {
            name: self.tree.names.intern("default"),
            span,
        }
    }

    /// What stands in call content so far goes to its default slot.
    fn flush_content(&mut self) {
        let body = self.take_body();
        let Some(word) = self.frames.last().map(|frame| frame.word) else {
            return;
        };
        if body.is_empty() {
            return;
        }
        let name = self.default_slot(word);
        if let Some(Kind::Call { contents, .. }) =
            self.frames.last_mut().map(|frame| &mut frame.kind)
        {
            contents.add(name, body);
        }
    }
}
