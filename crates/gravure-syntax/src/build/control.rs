//! Tags that steer and bind: conditions, loops, `match`, assignments, `with`,
//! `capture`, and the small blocks.

use super::frame::Kind;
use super::{Builder, Result};
use crate::ast::{Assign, AssignKind, Expr, ExprId, ExprNode, FilterStep, Ident, Stmt, Target};
use crate::grammar::Rule;
use crate::lex::{Group, GroupId, literal};
use crate::pairs::Pair;
use crate::words::{Keyword, shape};
use gravure_source::{Code, Diagnostic, Span};

impl<'s> Builder<'s> {
    pub(super) fn condition_value(&mut self, id: GroupId) -> Result<ExprId> {
        let (group, pairs) = self.recognize(Rule::condition_tag, id)?;
        self.first_value(group, pairs)
    }

    pub(super) fn condition(&mut self, keyword: Keyword, id: GroupId, word: Span) -> Result<Kind> {
        let condition = self.condition_value(id)?;
        Ok(match keyword {
            Keyword::While => Kind::While(condition),
            _ => Kind::If {
                branches: Vec::with_capacity(1),
                open: Some((condition, word)),
                negated: keyword == Keyword::Unless,
            },
        })
    }

    pub(super) fn for_tag(&mut self, keyword: Keyword, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::for_tag, id)?;
        let mut target = None;
        let mut source = None;
        let mut condition = None;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::for_targets => target = Some(self.targets(group, pair)?),
                Rule::expr0 => source = Some(self.expression(group, pair)?.id),
                Rule::or_expr => condition = Some(self.or_expr(group, pair)?.id),
                _ => {}
            }
        }
        let (Some(target), Some(source)) = (target, source) else {
            return Err(super::Failed);
        };
        Ok(Kind::For {
            target,
            source,
            condition,
            is_async: keyword == Keyword::Async,
            body: None,
        })
    }

    pub(super) fn match_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::match_tag, id)?;
        let mut subject = None;
        while let Some(pair) = self.next(&mut pairs) {
            if pair.rule == Rule::tuple {
                subject = Some(self.tuple(group, pair)?);
            }
        }
        Ok(Kind::Match {
            subject,
            cases: Vec::new(),
            open: None,
        })
    }

    pub(super) fn assign_tag(&mut self, rule: Rule, kind: AssignKind, id: GroupId) -> Result<Stmt> {
        let (group, mut pairs) = self.recognize(rule, id)?;
        let mut items: Vec<(Target, bool, ExprId)> = Vec::new();
        // Expressions behind the last assignment make its value a tuple.
        let mut more = Vec::new();
        let mut end = group.open;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::assignment => {
                    let name = self.name(group, pair);
                    let op = pair.first() + 1;
                    let is_default = self.tokens.shape(op) == shape::COALESCE_ASSIGN;
                    let value = self.first_value(group, pair.inner())?;
                    items.push((Target::Name(name), is_default, value));
                }
                Rule::unpacking => items.push(self.unpacking(group, pair)?),
                Rule::expression => {
                    end = self.whole_span(group, pair);
                    more.push(self.expression(group, pair)?.id);
                }
                _ => {}
            }
        }
        if !more.is_empty()
            && let Some((_, _, value)) = items.last_mut()
        {
            let span = self.tree.expr(*value).span.to(end);
            more.insert(0, *value);
            *value = self.tree.add_expr(ExprNode {
                expr: Expr::Tuple(more.into()),
                span,
                grouped: false,
            });
        }
        Ok(Stmt::Assign(Assign {
            kind,
            items: items.into(),
        }))
    }

    pub(super) fn unpacking(&mut self, group: Group, pair: Pair) -> Result<(Target, bool, ExprId)> {
        let mut target = None;
        let mut value = None;
        let mut inner = pair.inner();
        while let Some(part) = self.next(&mut inner) {
            match part.rule {
                Rule::targets => target = Some(self.targets(group, part)?),
                Rule::tuple => value = Some(self.tuple(group, part)?),
                _ => {}
            }
        }
        match (target, value) {
            (Some(target), Some(value)) => Ok((target, false, value)),
            _ => Err(super::Failed),
        }
    }

    pub(super) fn capture_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::capture_tag, id)?;
        let mut name = None;
        let mut filter = None;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::target_name => name = Some(self.name(group, pair)),
                Rule::applied_filter => filter = Some(self.applied(group, pair, 0, false)?),
                _ => {}
            }
        }
        let name = name.ok_or(super::Failed)?;
        Ok(Kind::Capture { name, filter })
    }

    pub(super) fn with_tag(&mut self, id: GroupId, word: Span) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::with_tag, id)?;
        let mut bindings = Vec::new();
        let mut value = None;
        let mut target = None;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::binding => bindings.push(self.binding(group, pair)?),
                Rule::tuple => value = Some(self.tuple(group, pair)?),
                Rule::targets => target = Some(self.targets(group, pair)?),
                _ => {}
            }
        }
        let Some(value) = value else {
            return Ok(Kind::With(bindings.into()));
        };
        let it = Ident {
            name: self.tree.names.intern("it"),
            span: word,
        };
        Ok(Kind::WithValue {
            value,
            target: target.unwrap_or(Target::Name(it)),
            body: None,
        })
    }

    pub(super) fn provide_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::provide_tag, id)?;
        let pair = self.next(&mut pairs).ok_or(super::Failed)?;
        let (name, value) = self.binding(group, pair)?;
        Ok(Kind::Provide { name, value })
    }

    /// The list that `push` or `stack` names.
    pub(super) fn list_tag(&mut self, id: GroupId) -> Result<Ident> {
        let (group, mut pairs) = self.recognize(Rule::list_tag, id)?;
        let pair = self.next(&mut pairs).ok_or(super::Failed)?;
        let span = self.span(group, pair);
        let text = literal::text(span.of(self.source));
        Ok(Ident {
            name: self.tree.names.intern(&text),
            span,
        })
    }

    pub(super) fn cache_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::cache_tag, id)?;
        let mut key = None;
        let mut ttl = None;
        let mut depends = None;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::expression => key = Some(self.expression(group, pair)?.id),
                Rule::binding => {
                    let name = self.span(group, pair);
                    let part = match name.of(self.source) {
                        "ttl" => &mut ttl,
                        "depends" => &mut depends,
                        other => {
                            let message = format!("`cache` has no option `{other}`");
                            let finding = Diagnostic::new(Code::ParUnexpected, name, message)
                                .label("not known here")
                                .help("the options are `ttl` and `depends`");
                            return self.fail(finding);
                        }
                    };
                    *part = Some(self.binding(group, pair)?.1);
                }
                _ => {}
            }
        }
        let key = key.ok_or(super::Failed)?;
        Ok(Kind::Cache { key, ttl, depends })
    }

    pub(super) fn filter_tag(&mut self, id: GroupId) -> Result<Kind> {
        let (group, mut pairs) = self.recognize(Rule::filter_tag, id)?;
        let pair = self.next(&mut pairs).ok_or(super::Failed)?;
        let filter: FilterStep = self.applied(group, pair, 0, false)?;
        Ok(Kind::FilterBlock(filter))
    }
}
