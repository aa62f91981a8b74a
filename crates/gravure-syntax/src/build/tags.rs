//! One tag: its keyword decides the rule, the rule's parts become a statement
//! or open a block.

use super::frame::Kind;
use super::{Builder, Result};
use crate::ast::{AssignKind, Expr, ExprId, Ident, Stmt, StmtNode};
use crate::grammar::Rule;
use crate::lex::{Group, GroupId};
use crate::pairs::{Pair, Pairs};
use crate::words::{Keyword, Opener, WORDS, advice, is_word};
use gravure_source::similar::nearest;
use gravure_source::{Code, Diagnostic, Span};

/// Names and their values.
pub(super) type Bindings = Box<[(Ident, ExprId)]>;

/// What a continuation such as `elif` or `case` says.
#[derive(Default)]
pub(super) struct Part {
    /// Condition or pattern.
    pub(super) value: Option<ExprId>,
    /// The guard of a `case`.
    pub(super) guard: Option<ExprId>,
    /// The name of a `fallback`.
    pub(super) name: Option<Ident>,
}

impl<'s> Builder<'s> {
    /// The value of an output.
    pub(super) fn output_value(&mut self, id: GroupId) -> Result<ExprId> {
        let (group, mut pairs) = self.recognize(Rule::output, id)?;
        match self.next(&mut pairs) {
            Some(pair) => Ok(self.expression(group, pair)?.id),
            None => Err(super::Failed),
        }
    }

    /// A block tag.
    pub(super) fn tag(&mut self, id: GroupId) -> Result<()> {
        let group = self.tokens.group(id);
        let first = group.first as usize;
        let word = self.tokens.span(group, first);
        if group.first == group.last {
            return self.misplaced(
                group.close,
                "a tag begins with a word, and this one is empty",
            );
        }
        let text = word.of(self.source);
        let Some(keyword) = Keyword::of(text) else {
            return self.unknown(word, is_word(self.tokens.shape(first)));
        };
        self.check_place(keyword, word);
        match keyword {
            Keyword::End(closer) => {
                let junk = self.bare(id);
                self.close(closer, word)?;
                junk
            }
            Keyword::Elif
            | Keyword::Else
            | Keyword::Empty
            | Keyword::Case
            | Keyword::Fallback
            | Keyword::Plural => self.go_on(keyword, id, word),
            _ => self.start(keyword, id, word),
        }
    }

    /// Note what cannot stand directly in the block around it.
    pub(super) fn check_place(&mut self, keyword: Keyword, word: Span) {
        let message = match self.frames.last().map(|frame| &frame.kind) {
            Some(Kind::Match { open: None, .. }) if keyword != Keyword::Case => {
                "nothing may stand between `match` and `case`"
            }
            Some(Kind::Embed { .. }) if keyword != Keyword::Block => "`embed` holds only blocks",
            Some(Kind::Trans { .. }) if keyword != Keyword::Plural => {
                "a translated text holds only text and names"
            }
            _ => return,
        };
        if !matches!(keyword, Keyword::End(_)) {
            // The tag is read all the same, so that its closer fits.
            let _ = self.misplaced::<()>(word, message);
        }
    }

    pub(super) fn unknown(&mut self, word: Span, is_word: bool) -> Result<()> {
        let text = word.of(self.source);
        if !is_word {
            return self.misplaced(word, "a tag begins with a word");
        }
        let is_closer = text.starts_with("end");
        if is_closer && self.n_unknown > 0 {
            self.n_unknown -= 1;
            return Err(super::Failed);
        }
        if !is_closer {
            self.n_unknown += 1;
        }
        let finding = Diagnostic::new(
            Code::ParUnexpected,
            word,
            format!("there is no tag `{text}`"),
        )
        .label("not known here");
        let finding = match advice(text) {
            Some(advice) => finding.help(advice),
            None => {
                let lower = text.to_ascii_lowercase();
                let words = || WORDS.iter().copied().filter(|word| !word.is_empty());
                match words().find(|&word| word == lower) {
                    Some(known) => finding.help(format!("did you mean `{known}`?")),
                    None => finding.did_you_mean(nearest(text, words())),
                }
            }
        };
        self.fail(finding)
    }

    /// A tag that stands alone or opens a block.
    pub(super) fn start(&mut self, keyword: Keyword, id: GroupId, word: Span) -> Result<()> {
        let kind = match keyword {
            Keyword::If | Keyword::Unless | Keyword::While => self.condition(keyword, id, word),
            Keyword::For | Keyword::Async => self.for_tag(keyword, id),
            Keyword::Match => self.match_tag(id),
            Keyword::With => self.with_tag(id, word),
            Keyword::Def | Keyword::Region => self.def_tag(keyword, id),
            Keyword::Call => self.call_tag(id),
            Keyword::Capture => self.capture_tag(id),
            Keyword::Cache => self.cache_tag(id),
            Keyword::Filter => self.filter_tag(id),
            Keyword::Embed => self
                .include_tag(Rule::embed_tag, id)
                .map(|(template, context, _)| Kind::Embed { template, context }),
            Keyword::Block => self.block_tag(Rule::block_tag, id),
            Keyword::Fragment => self.block_tag(Rule::fragment_tag, id),
            Keyword::Provide => self.provide_tag(id),
            Keyword::Push => self.list_tag(id).map(Kind::Push),
            Keyword::Trans => self.trans_tag(id),
            Keyword::Try => self.bare(id).map(|()| Kind::Try {
                body: None,
                name: None,
            }),
            Keyword::Spaceless => self.bare(id).map(|()| Kind::Spaceless),
            Keyword::Globals | Keyword::Imports => self.bare(id).map(|()| Kind::Globals),
            Keyword::Raw => {
                let junk = self.bare(id);
                // Its content is text, whatever the tag says.
                self.open(Kind::Raw, Opener::Raw, word)?;
                return junk;
            }
            Keyword::Slot => match self.slot_tag(id, word)? {
                Some(kind) => Ok(kind),
                None => return Ok(()),
            },
            _ => {
                let stmt = self.single(keyword, id, word)?;
                self.push(stmt, word);
                return Ok(());
            }
        };
        let Some(opener) = keyword.opener() else {
            return Err(super::Failed);
        };
        let (kind, result) = match kind {
            Ok(kind) => (kind, Ok(())),
            Err(failed) => (Kind::Broken, Err(failed)),
        };
        self.open(kind, opener, word)?;
        result
    }

    /// A tag without a body.
    pub(super) fn single(&mut self, keyword: Keyword, id: GroupId, word: Span) -> Result<Stmt> {
        match keyword {
            Keyword::Set => self.assign_tag(Rule::set_tag, AssignKind::Set, id),
            Keyword::Let => self.assign_tag(Rule::set_tag, AssignKind::Let, id),
            Keyword::Export | Keyword::Promote => {
                self.assign_tag(Rule::export_tag, AssignKind::Export, id)
            }
            Keyword::Extends => {
                let (group, pairs) = self.recognize(Rule::extends_tag, id)?;
                Ok(Stmt::Extends(self.first_value(group, pairs)?))
            }
            Keyword::Include => {
                let (template, context, ignore_missing) =
                    self.include_tag(Rule::include_tag, id)?;
                Ok(Stmt::Include {
                    template,
                    context,
                    ignore_missing,
                })
            }
            Keyword::Import => self.import_tag(id),
            Keyword::From => self.names_tag(id),
            Keyword::Template => self.template_tag(id, word),
            Keyword::Stack => self.list_tag(id).map(Stmt::Stack),
            Keyword::Yield => {
                let (group, pairs) = self.recognize(Rule::yield_tag, id)?;
                Ok(Stmt::Yield(self.first_name(group, pairs)))
            }
            Keyword::Break | Keyword::Continue => {
                self.bare(id)?;
                if !self.is_in_loop() {
                    let text = word.of(self.source);
                    let message = format!("`{text}` stands outside a loop");
                    return self.misplaced(word, &message);
                }
                Ok(match keyword {
                    Keyword::Break => Stmt::Break,
                    _ => Stmt::Continue,
                })
            }
            _ => self.bare(id).map(|()| Stmt::Flush),
        }
    }

    /// A tag that is only its word.
    pub(super) fn bare(&mut self, id: GroupId) -> Result<()> {
        let group = self.tokens.group(id);
        if group.last - group.first == 1 {
            return Ok(());
        }
        self.recognize(Rule::bare_tag, id).map(drop)
    }

    /// What a continuation says.
    pub(super) fn part(&mut self, keyword: Keyword, id: GroupId) -> Result<Part> {
        let mut part = Part::default();
        match keyword {
            Keyword::Elif => {
                part.value = Some(self.condition_value(id)?);
            }
            Keyword::Case => {
                let (group, mut pairs) = self.recognize(Rule::case_tag, id)?;
                while let Some(pair) = self.next(&mut pairs) {
                    match pair.rule {
                        Rule::pattern => part.value = Some(self.tuple(group, pair)?),
                        Rule::expression => part.guard = Some(self.expression(group, pair)?.id),
                        _ => {}
                    }
                }
            }
            Keyword::Fallback => {
                let (group, pairs) = self.recognize(Rule::fallback_tag, id)?;
                part.name = self.first_name(group, pairs);
            }
            _ => self.bare(id)?,
        }
        Ok(part)
    }

    /// The first expression of a tag.
    pub(super) fn first_value(&mut self, group: Group, mut pairs: Pairs) -> Result<ExprId> {
        while let Some(pair) = self.next(&mut pairs) {
            if pair.rule == Rule::expression {
                return Ok(self.expression(group, pair)?.id);
            }
        }
        Err(super::Failed)
    }

    /// The first name of a tag.
    pub(super) fn first_name(&mut self, group: Group, pairs: Pairs) -> Option<Ident> {
        self.find(pairs, Rule::target_name)
            .map(|pair| self.name(group, pair))
    }

    /// A `tuple` or a `pattern`: a tuple if there is more than one, and for a
    /// pattern also if there is a comma.
    pub(super) fn tuple(&mut self, group: Group, pair: Pair) -> Result<ExprId> {
        let span = self.whole_span(group, pair);
        let is_pattern = pair.rule == Rule::pattern;
        let (items, has_comma) = self.items(group, pair.inner())?;
        match &*items {
            [only] if !(is_pattern && has_comma) => Ok(*only),
            _ => Ok(self.expr(Expr::Tuple(items), span)),
        }
    }

    /// `name = value`
    pub(super) fn binding(&mut self, group: Group, pair: Pair) -> Result<(Ident, ExprId)> {
        let name = self.name(group, pair);
        let value = self.first_value(group, pair.inner())?;
        Ok((name, value))
    }
}

/// A statement node is as small as it looks.
const _: () = assert!(size_of::<StmtNode>() <= 96);
