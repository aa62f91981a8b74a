//! What stands inside brackets: tuples, lists, dicts, arguments, subscripts,
//! targets, parameters. The only place where reading recurses on the native
//! stack; `Builder::inside` counts every level.

use super::frame::Names;
use super::{Builder, Result};
use crate::ast::{Args, Comprehension, Expr, ExprId, Ident, Param, ParamKind, StepKind, Target};
use crate::grammar::Rule;
use crate::lex::{Group, GroupId, Token};
use crate::pairs::{Pair, Pairs};
use crate::precedence::{Operand, PRIMARY};
use gravure_source::{Code, Diagnostic, Span};

impl<'s> Builder<'s> {
    /// `(a)`, `(a, b)`, `()`
    pub(super) fn parens(&mut self, token: Token) -> Result<Operand> {
        self.inside(Rule::parens, token.group, |builder, group, pairs| {
            let (items, has_comma) = builder.items(group, pairs)?;
            if let ([only], false) = (&*items, has_comma) {
                if let Some(node) = builder.tree.exprs.get_mut(only.0 as usize) {
                    node.grouped = true;
                }
                return Ok(Operand {
                    id: *only,
                    span: token.span,
                    level: PRIMARY,
                });
            }
            Ok(builder.operand(Expr::Tuple(items), token.span))
        })
    }

    /// Expressions between commas, and whether there was a comma.
    pub(super) fn items(
        &mut self,
        group: Group,
        mut pairs: Pairs,
    ) -> Result<(Box<[ExprId]>, bool)> {
        let mark = self.values.len();
        let mut has_comma = false;
        while let Some(pair) = self.next(&mut pairs) {
            match pair.rule {
                Rule::COMMA => has_comma = true,
                _ => {
                    let value = self.expression(group, pair)?.id;
                    self.values.push(value);
                }
            }
        }
        Ok((self.values_since(mark), has_comma))
    }

    /// `[a, b]`, `[a for b in c if d]`
    pub(super) fn list(&mut self, token: Token) -> Result<Operand> {
        self.inside(Rule::list, token.group, |builder, group, mut pairs| {
            let mut behind = pairs;
            builder.next(&mut behind);
            let is_comprehension = builder.next_is(behind, Rule::comprehension);
            if !is_comprehension {
                let (items, _) = builder.items(group, pairs)?;
                return Ok(builder.operand(Expr::List(items), token.span));
            }
            let (Some(element), Some(rest)) = (builder.next(&mut pairs), builder.next(&mut pairs))
            else {
                return Err(super::Failed);
            };
            let was_in_element = std::mem::replace(&mut builder.in_element, true);
            let element = builder.expression(group, element)?.id;
            builder.in_element = was_in_element;
            let comprehension = builder.comprehension(group, element, rest)?;
            let expr = Expr::Comprehension(Box::new(comprehension));
            Ok(builder.operand(expr, token.span))
        })
    }

    fn comprehension(
        &mut self,
        group: Group,
        element: ExprId,
        pair: Pair,
    ) -> Result<Comprehension> {
        let keyword = self.span(group, pair);
        let mut target = Target::Tuple(Box::new([]), keyword);
        let mut values = Vec::new();
        let mut inner = pair.inner();
        while let Some(pair) = self.next(&mut inner) {
            match pair.rule {
                Rule::for_targets => target = self.targets(group, pair)?,
                Rule::or_expr => values.push(self.or_expr(group, pair)?.id),
                _ => {}
            }
        }
        let mut values = values.into_iter();
        Ok(Comprehension {
            element,
            target,
            source: values.next().unwrap_or(element),
            condition: values.next(),
            keyword,
        })
    }

    /// `{a: b, c: d}`
    pub(super) fn dict(&mut self, token: Token) -> Result<Operand> {
        self.inside(Rule::dict, token.group, |builder, group, mut pairs| {
            // Keys and values by turns.
            let mark = builder.values.len();
            while let Some(pair) = builder.next(&mut pairs) {
                if pair.rule == Rule::expression {
                    let value = builder.expression(group, pair)?.id;
                    builder.values.push(value);
                }
            }
            let items = builder.values_since(mark);
            let (entries, _) = items.as_chunks::<2>();
            let entries = entries.iter().map(|&[key, value]| (key, value)).collect();
            Ok(builder.operand(Expr::Dict(entries), token.span))
        })
    }

    /// `[key]`, `[start:stop:step]`
    pub(super) fn subscripts(&mut self, id: GroupId, optional: bool) -> Result<StepKind> {
        self.inside(Rule::subscripts, id, |builder, group, mut pairs| {
            let mut parts = [None; 3];
            let mut n_colons = 0;
            while let Some(pair) = builder.next(&mut pairs) {
                match pair.rule {
                    Rule::COLON => n_colons += 1,
                    Rule::expression => {
                        let value = builder.expression(group, pair)?.id;
                        if let Some(part) = parts.get_mut(n_colons) {
                            *part = Some(value);
                        }
                    }
                    _ => {}
                }
            }
            let [start, stop, step] = parts;
            match (n_colons, start) {
                (0, Some(key)) => Ok(StepKind::Item { key, optional }),
                (0, None) => {
                    let finding =
                        Diagnostic::new(Code::ParExpression, group.close, "a key was expected")
                            .label("unexpected");
                    builder.fail(finding)
                }
                _ => Ok(StepKind::Slice {
                    start,
                    stop,
                    step,
                    optional,
                }),
            }
        })
    }

    /// `(a, b, c=d)`
    pub(super) fn arguments(&mut self, id: GroupId) -> Result<Args> {
        self.inside(Rule::arguments, id, |builder, group, mut pairs| {
            let mark = builder.values.len();
            let mut named: Vec<(Ident, ExprId)> = Vec::new();
            let mut seen = Names::default();
            while let Some(pair) = builder.next(&mut pairs) {
                if pair.rule != Rule::argument {
                    continue;
                }
                let span = builder.span(group, pair);
                let mut name = None;
                let mut inner = pair.inner();
                while let Some(part) = builder.next(&mut inner) {
                    match part.rule {
                        Rule::argument_name => {
                            let given = builder.name(group, part);
                            if !seen.insert(given.name) {
                                let text = given.span.of(builder.source);
                                let finding = Diagnostic::new(
                                    Code::ParExpression,
                                    given.span,
                                    format!("the argument `{text}` is given twice"),
                                )
                                .label("the second one");
                                return builder.fail(finding);
                            }
                            name = Some(given);
                        }
                        Rule::expression => {
                            if name.is_none() && !named.is_empty() {
                                return builder.fail(positional_after_named(span));
                            }
                            let value = builder.expression(group, part)?.id;
                            match name {
                                Some(name) => named.push((name, value)),
                                None => builder.values.push(value),
                            }
                        }
                        _ => {}
                    }
                }
            }
            Ok(Args {
                positional: builder.values_since(mark),
                named: named.into(),
            })
        })
    }

    /// Targets between commas: `targets`, `for_targets`.
    pub(super) fn targets(&mut self, group: Group, pair: Pair) -> Result<Target> {
        let span = self.whole_span(group, pair);
        let mut targets = Vec::new();
        let mut has_comma = false;
        let mut inner = pair.inner();
        while let Some(pair) = self.next(&mut inner) {
            match pair.rule {
                Rule::target_name => targets.push(Target::Name(self.name(group, pair))),
                Rule::target_group => {
                    let token = self.token(pair)?;
                    targets.push(self.target_group(token)?);
                }
                _ => has_comma = true,
            }
        }
        if !has_comma && let Some(only) = targets.pop() {
            return Ok(only);
        }
        Ok(Target::Tuple(targets.into(), span))
    }

    fn target_group(&mut self, token: Token) -> Result<Target> {
        self.inside(
            Rule::inner_targets,
            token.group,
            |builder, group, mut pairs| match builder.next(&mut pairs) {
                Some(pair) => builder.targets(group, pair),
                None => Err(super::Failed),
            },
        )
    }

    /// `(a, b: int = 1, *rest, **named)`
    pub(super) fn parameters(&mut self, id: GroupId) -> Result<Box<[Param]>> {
        self.inside(Rule::parameters, id, |builder, group, mut pairs| {
            let mut params: Vec<Param> = Vec::new();
            let mut seen = Names::default();
            while let Some(pair) = builder.next(&mut pairs) {
                if pair.rule != Rule::parameter {
                    continue;
                }
                let param = builder.parameter(group, pair, &params)?;
                if !seen.insert(param.name.name) {
                    let text = param.name.span.of(builder.source);
                    let finding = Diagnostic::new(
                        Code::ParName,
                        param.name.span,
                        format!("the parameter `{text}` stands here twice"),
                    )
                    .label("the second one");
                    return builder.fail(finding);
                }
                params.push(param);
            }
            Ok(params.into())
        })
    }

    fn parameter(&mut self, group: Group, pair: Pair, before: &[Param]) -> Result<Param> {
        let start = self.span(group, pair);
        let has_rest = before
            .last()
            .is_some_and(|param| matches!(param.kind, ParamKind::Rest | ParamKind::Named));
        let kind = match start.of(self.source) {
            "*" => ParamKind::Rest,
            "**" => ParamKind::NamedRest,
            _ if has_rest => ParamKind::Named,
            _ => ParamKind::Plain,
        };
        if before
            .last()
            .is_some_and(|param| param.kind == ParamKind::NamedRest)
        {
            return self.misplaced(start, "nothing may follow a `**` parameter");
        }
        if kind == ParamKind::Rest && has_rest {
            return self.misplaced(start, "there can be one `*` parameter");
        }
        let mut name = None;
        let mut annotation = None;
        let mut default = None;
        let mut inner = pair.inner();
        while let Some(part) = self.next(&mut inner) {
            match part.rule {
                Rule::parameter_name => name = Some(self.name(group, part)),
                Rule::annotation => annotation = Some(self.annotation(group, part)?),
                Rule::expression => default = Some(self.expression(group, part)?.id),
                _ => {}
            }
        }
        let Some(name) = name else {
            return Err(super::Failed);
        };
        let after_default = before
            .last()
            .is_some_and(|param| param.kind == ParamKind::Plain && param.default.is_some());
        if kind == ParamKind::Plain && default.is_none() && after_default {
            let text = name.span.of(self.source);
            let finding = Diagnostic::new(
                Code::ParExpression,
                name.span,
                format!("the parameter `{text}` needs a default, as the one before it has one"),
            )
            .label("no default");
            return self.fail(finding);
        }
        Ok(Param {
            name,
            kind,
            default,
            annotation,
        })
    }

    /// An annotation's form is checked, its meaning is nobody's business here.
    fn annotation(&mut self, group: Group, pair: Pair) -> Result<Span> {
        let mut span = self.span(group, pair);
        let mut inner = pair.inner();
        while let Some(part) = self.next(&mut inner) {
            if part.rule == Rule::annotated_type {
                span = self.whole_span(group, part);
                self.annotated_type(part)?;
            }
        }
        Ok(span)
    }

    fn annotated_type(&mut self, pair: Pair) -> Result<()> {
        let mut inner = pair.inner();
        while let Some(part) = self.next(&mut inner) {
            if part.rule == Rule::type_arguments {
                let token = self.token(part)?;
                self.inside(Rule::types, token.group, |builder, _, mut pairs| {
                    while let Some(pair) = builder.next(&mut pairs) {
                        if pair.rule == Rule::annotated_type {
                            builder.annotated_type(pair)?;
                        }
                    }
                    Ok(())
                })?;
            }
        }
        Ok(())
    }
}

fn positional_after_named(span: Span) -> Diagnostic {
    Diagnostic::new(
        Code::ParExpression,
        span,
        "an argument by position cannot follow one by name",
    )
    .label("by position")
    .help("put the named arguments last")
}
