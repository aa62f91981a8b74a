//! Tags that put templates together: defs, calls and slots, imports, blocks,
//! includes.

use super::frame::{Contents, Kind, Names};
use super::tags::Bindings;
use super::{Builder, Result};
use crate::ast::{ExprId, Ident, Lit, Slot, Stmt};
use crate::grammar::Rule;
use crate::lex::{Group, GroupId, literal};
use crate::pairs::Pair;
use crate::words::{Keyword, Opener, shape};
use gravure_source::{Code, Diagnostic, Span};

impl<'s> Builder<'s> {
    pub(super) fn def_tag(&mut self, keyword: Keyword, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::def_tag, id)?;
        let is_region = keyword == Keyword::Region;
        let mut name = None;
        let mut params = None;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::hyphenated_name => name = Some(self.plain_name(group, pair)?),
                Rule::parameter_list => {
                    let token = self.token(pair)?;
                    params = Some(self.parameters(token.group)?);
                }
                _ => {}
            }
        }
        let (Some(name), Some(params)) = (name, params) else {
            return Err(super::Failed);
        };
        if is_region {
            self.claim(name, true)?;
        }
        Ok(Kind::Def {
            name,
            params,
            is_region,
        })
    }

    /// A name without a hyphen.
    pub(super) fn plain_name(&mut self, group: Group, pair: Pair) -> Result<Ident> {
        if pair.len() > 1 {
            let span = self.whole_span(group, pair);
            let text = span.of(self.source);
            let better: String = text
                .chars()
                .filter(|c| !c.is_whitespace())
                .map(|c| if c == '-' { '_' } else { c })
                .collect();
            let finding = Diagnostic::new(
                Code::ParName,
                span,
                format!("the name `{text}` cannot hold a hyphen"),
            )
            .label("hyphen")
            .help(format!("write `{better}`"));
            return self.fail(finding);
        }
        Ok(self.name(group, pair))
    }

    /// A block's or region's name, unless a region has it or would take it.
    pub(super) fn claim(&mut self, name: Ident, is_region: bool) -> Result<()> {
        let is_embedded = |frame: &super::frame::Frame| matches!(frame.kind, Kind::Embed { .. });
        if self.frames.iter().any(is_embedded) {
            // What overrides a block of another template has that one's name.
            return Ok(());
        }
        match self.blocks.get(&name.name) {
            Some(&(was_region, first)) if was_region || is_region => {
                let text = name.span.of(self.source);
                let finding = Diagnostic::new(
                    Code::ParName,
                    name.span,
                    format!("the name `{text}` is taken"),
                )
                .label("the second one")
                .related(first, "the first one");
                self.fail(finding)
            }
            _ => {
                self.blocks.insert(name.name, (is_region, name.span));
                Ok(())
            }
        }
    }

    pub(super) fn call_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, pairs) = self.recognize(Rule::call_tag, id)?;
        let callee = self.first_value(group, pairs)?;
        Ok(Kind::Call {
            callee,
            contents: Contents::default(),
        })
    }

    /// A slot: content of a call, a place with bindings, or (none) a place that
    /// is already a statement.
    pub(super) fn slot_tag(&mut self, id: GroupId, word: Span) -> Result<Option<Kind>> {
        let is_content = matches!(
            self.frames.last().map(|frame| &frame.kind),
            Some(Kind::Call { .. })
        );
        let read = self.slot_parts(id, word, is_content);
        match read {
            Ok((name, _)) if is_content => Ok(Some(Kind::SlotContent(name))),
            Ok((name, bindings)) if bindings.is_empty() => {
                let slot = Slot {
                    name,
                    bindings,
                    fallback: Box::new([]),
                };
                self.push(Stmt::Slot(Box::new(slot)), word);
                Ok(None)
            }
            Ok((name, bindings)) => Ok(Some(Kind::Slot { name, bindings })),
            Err(failed) => {
                let group = self.tokens.group(id);
                let has_let = self.tokens.shapes(group).windows(2).any(|two| two == b"l:");
                if is_content || has_let {
                    self.open(Kind::Broken, Opener::Slot, word)?;
                }
                Err(failed)
            }
        }
    }

    pub(super) fn slot_parts(
        &mut self,
        id: GroupId,
        word: Span,
        is_content: bool,
    ) -> Result<(Ident, Bindings)> {
        let (group, mut pairs) = self.recognize(Rule::slot_tag, id)?;
        let mut name = self.default_slot(word);
        let mut bindings = Vec::new();
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::slot_name => name = self.name(group, pair),
                Rule::slot_binding => {
                    let mut bound = None;
                    let mut value = None;
                    let mut last = self.whole_span(group, pair);
                    let mut inner = pair.inner();
                    while let Some(part) = self.next(&mut inner) {
                        match part.rule {
                            Rule::target_name => bound = Some(self.name(group, part)),
                            Rule::expression => value = Some(self.expression(group, part)?.id),
                            Rule::ASSIGN => last = self.span(group, part),
                            _ => {}
                        }
                    }
                    match (bound, value) {
                        (Some(_), Some(_)) if is_content => {
                            return self.misplaced(
                                last,
                                "the content of a slot names its values and gives none",
                            );
                        }
                        (Some(_), None) if is_content => {}
                        (Some(name), Some(value)) => bindings.push((name, value)),
                        _ => return self.misplaced(last, "`=` was expected behind `let:name`"),
                    }
                }
                _ => {}
            }
        }
        Ok((name, bindings.into()))
    }

    pub(super) fn import_tag(&mut self, id: GroupId) -> Result<Stmt> {
        let (group, mut pairs) = self.recognize(Rule::import_tag, id)?;
        let mut template = None;
        let mut name = None;
        let mut with_context = false;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::expression => template = Some(self.expression(group, pair)?.id),
                Rule::target_name => name = Some(self.name(group, pair)),
                Rule::with_context => with_context = true,
                _ => {}
            }
        }
        match (template, name) {
            (Some(template), Some(name)) => Ok(Stmt::Import {
                template,
                name,
                with_context,
            }),
            _ => Err(super::Failed),
        }
    }

    pub(super) fn names_tag(&mut self, id: GroupId) -> Result<Stmt> {
        let (group, mut pairs) = self.recognize(Rule::from_tag, id)?;
        let mut template = None;
        let mut names = Vec::new();
        let mut with_context = false;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::expression => template = Some(self.expression(group, pair)?.id),
                Rule::from_item => {
                    let name = self.name(group, pair);
                    let mut inner = pair.inner();
                    let mut alias = name;
                    while let Some(part) = self.next(&mut inner) {
                        if part.rule == Rule::target_name {
                            alias = self.name(group, part);
                        }
                    }
                    names.push((name, alias));
                }
                Rule::with_context => with_context = true,
                _ => {}
            }
        }
        Ok(Stmt::From {
            template: template.ok_or(super::Failed)?,
            names: names.into(),
            with_context,
        })
    }

    /// `include` and `embed`: the name, whether the context goes along, whether
    /// a missing template is ignored.
    pub(super) fn include_tag(&mut self, rule: Rule, id: GroupId) -> Result<(ExprId, bool, bool)> {
        let (group, mut pairs) = self.recognize(rule, id)?;
        let mut template = None;
        let mut context = true;
        let mut ignore_missing = false;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::expression => template = Some(self.expression(group, pair)?.id),
                Rule::context_choice => {
                    context = self.span(group, pair).of(self.source) == "with";
                }
                Rule::ignore_missing => ignore_missing = true,
                _ => {}
            }
        }
        Ok((template.ok_or(super::Failed)?, context, ignore_missing))
    }

    pub(super) fn block_tag(&mut self, rule: Rule, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(rule, id)?;
        let mut name = None;
        let mut modifiers = Vec::new();
        let mut seen = Names::default();
        let mut condition = None;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::hyphenated_name => name = Some(self.plain_name(group, pair)?),
                Rule::modifier => {
                    let (key, value) = self.modifier(group, pair)?;
                    if !seen.insert(key.name) {
                        let text = key.span.of(self.source);
                        let message = format!("the modifier `{text}` stands here twice");
                        return self.misplaced(key.span, &message);
                    }
                    modifiers.push((key, value));
                }
                Rule::expression => condition = Some(self.expression(group, pair)?.id),
                _ => {}
            }
        }
        let name = name.ok_or(super::Failed)?;
        self.claim(name, false)?;
        let is_fragment = rule == Rule::fragment_tag;
        Ok(Kind::Block {
            name,
            modifiers: modifiers.into(),
            condition,
            is_fragment,
        })
    }

    pub(super) fn modifier(&mut self, group: Group, pair: Pair) -> Result<(Ident, Lit)> {
        let name = self.name(group, pair);
        let value = self.find(pair.inner(), Rule::modifier_value);
        let Some(value) = value else {
            let text = name.span.of(self.source);
            let finding = Diagnostic::new(
                Code::ParUnsupported,
                name.span,
                format!("the modifier `{text}` needs a literal value"),
            )
            .label("no value")
            .help(format!(
                "write `{text}=\"…\"`; there are no modifiers like `scoped`"
            ));
            return self.fail(finding);
        };
        let idx = value.first();
        let span = self.tokens.span(group, idx);
        let written = span.of(self.source);
        let value = match self.tokens.shape(idx) {
            shape::STRING => Lit::Str(literal::text(written)),
            shape::NUMBER => literal::number(written),
            shape::CONSTANT => super::expr::constant(written),
            _ => negative(literal::number(
                self.tokens.span(group, idx + 1).of(self.source),
            )),
        };
        Ok((name, value))
    }

    pub(super) fn template_tag(&mut self, id: GroupId, word: Span) -> Result<Stmt> {
        let (group, mut pairs) = self.recognize(Rule::template_tag, id)?;
        if !self.frames.is_empty() {
            return self.misplaced(word, "`template` stands only at the top level");
        }
        if std::mem::replace(&mut self.has_types, true) {
            return self.misplaced(word, "a template has one `template` tag");
        }
        let mut types = Vec::new();
        while let Some(pair) = self.next(&mut pairs) {
            if pair.rule == Rule::declaration {
                let name = self.name(group, pair);
                let ty = self.tokens.span(group, pair.first() + 2);
                types.push((name, self.ident(ty)));
            }
        }
        Ok(Stmt::Template(types.into()))
    }
}

/// A number behind `-`.
fn negative(number: Lit) -> Lit {
    match number {
        Lit::Int(int) => Lit::Int(-int),
        Lit::Float(float) => Lit::Float(-float),
        Lit::Big(digits) if &*digits == "9223372036854775808" => Lit::Int(i64::MIN),
        Lit::Big(digits) => Lit::Big(format!("-{digits}").into()),
        other => other,
    }
}
