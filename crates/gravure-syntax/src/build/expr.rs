//! Expressions: flat sequences to nodes.
//!
//! What may follow what is the grammar's business, what binds tighter is that
//! of `precedence`. Here the two meet, and depth is counted: one level for each
//! prefix and right-associative operator on the way down to an operand.

use super::{Builder, Result};
use crate::ast::{
    Args, BinaryOp, CompareOp, Expr, FilterStep, Lit, PrefixOp, Step, StepKind, TestStep,
};
use crate::grammar::Rule;
use crate::lex::{Group, Token, literal};
use crate::pairs::{Pair, Pairs};
use crate::precedence::{ChainKind, Infix, Misfit, Operand, PRIMARY, Stack};
use crate::words::shape;
use gravure_source::{Code, Diagnostic, Span};

impl<'s> Builder<'s> {
    /// `a ?? b if c else d`: an `expression` or an `expr0`.
    pub(super) fn expression(&mut self, group: Group, pair: Pair) -> Result<Operand> {
        let outer = self.depth;
        let mut pairs = pair.inner();
        let first = self.conditional(group, &mut pairs)?;
        if self.pairs.peek(pairs).is_none() {
            return Ok(first);
        }
        let mut parts = vec![first];
        while let Some(pair) = self.next(&mut pairs) {
            // What is left of a conditional can only be `??`.
            let span = self.span(group, pair);
            self.go_to(outer + parts.len() as u32, span)?;
            parts.push(self.conditional(group, &mut pairs)?);
        }
        self.depth = outer;
        match parts.as_slice() {
            [only] => Ok(*only),
            [first, .., last] => {
                let span = first.span.to(last.span);
                let expr = Expr::Coalesce(parts.iter().map(|part| part.id).collect());
                Ok(self.operand(expr, span))
            }
            [] => Err(super::Failed),
        }
    }

    /// `a if b else c if d`, from the front of `pairs`.
    fn conditional(&mut self, group: Group, pairs: &mut Pairs) -> Result<Operand> {
        let outer = self.depth;
        let mut then = self.next_or_expr(group, pairs)?;
        let mut branches = Vec::new();
        let mut otherwise = None;
        while self.next_is(*pairs, Rule::IF) {
            let word = self.next(pairs);
            let span = word.map_or(then.span, |word| self.span(group, word));
            self.go_to(outer + 1 + branches.len() as u32, span)?;
            let condition = self.next_or_expr(group, pairs)?;
            branches.push((then, condition));
            otherwise = None;
            if self.next_is(*pairs, Rule::ELSE) {
                self.next(pairs);
                then = self.next_or_expr(group, pairs)?;
                otherwise = Some(then);
            }
        }
        self.depth = outer;
        let mut made = otherwise;
        for (then, condition) in branches.into_iter().rev() {
            let end = made.map_or(condition.span, |made| made.span);
            let expr = Expr::Ternary {
                then: then.id,
                condition: condition.id,
                otherwise: made.map(|made| made.id),
            };
            made = Some(self.operand(expr, then.span.to(end)));
        }
        Ok(made.unwrap_or(then))
    }

    fn next_or_expr(&mut self, group: Group, pairs: &mut Pairs) -> Result<Operand> {
        match self.next(pairs) {
            Some(pair) => self.or_expr(group, pair),
            None => Err(super::Failed),
        }
    }

    /// Operands and operators, as they stand.
    pub(super) fn or_expr(&mut self, group: Group, pair: Pair) -> Result<Operand> {
        let mut pairs = pair.inner();
        let mut start = None;
        if self.next_is(pairs, Rule::primary)
            && let Some(first) = self.next(&mut pairs)
        {
            let operand = self.primary(group, first.first())?;
            let operand = self.postfix(group, first.first(), operand, &mut pairs)?;
            if self.pairs.peek(pairs).is_none() {
                // Most sequences are one value.
                return Ok(operand);
            }
            start = Some(operand);
        }
        let mut stack = self.stacks.pop().unwrap_or_default();
        if let Some(operand) = start {
            stack.operand(operand);
        }
        let made = self.sequence(group, &mut stack, pairs)?;
        self.stacks.push(stack);
        Ok(made)
    }

    /// What is left of a sequence.
    fn sequence(&mut self, group: Group, stack: &mut Stack, mut pairs: Pairs) -> Result<Operand> {
        let outer = self.depth;
        while let Some(pair) = self.next(&mut pairs) {
            let idx = pair.first();
            let span = self.tokens.span(group, idx);
            match pair.rule {
                Rule::NOT | Rule::sign => {
                    let op = self.prefix_op(idx, span)?;
                    stack.prefix(op, span);
                }
                Rule::primary => {
                    let operand = self.primary(group, idx)?;
                    let operand = self.postfix(group, idx, operand, &mut pairs)?;
                    stack.operand(operand);
                    continue;
                }
                Rule::filter => {
                    self.filter(group, pair, stack)?;
                    continue;
                }
                Rule::test => {
                    self.test(group, pair, stack)?;
                    continue;
                }
                Rule::operator if self.tokens.shape(idx) == shape::BY => {
                    if stack.by(&mut self.tree).is_err() {
                        return self.misplaced(span, "`by` needs a range before it");
                    }
                }
                _ => {
                    let negated = pair.len() > 1;
                    let op = self.infix_op(idx, negated);
                    if stack.infix(&mut self.tree, op, span).is_err() {
                        return self.too_tight(span);
                    }
                }
            }
            self.go_to(outer + stack.depth(), span)?;
        }
        self.depth = outer;
        stack.finish(&mut self.tree).ok_or(super::Failed)
    }

    fn prefix_op(&mut self, idx: usize, span: Span) -> Result<PrefixOp> {
        Ok(match self.tokens.shape(idx) {
            shape::NOT => PrefixOp::Not,
            b'-' => PrefixOp::Neg,
            b'+' => PrefixOp::Pos,
            _ if self.in_element => {
                let finding = Diagnostic::new(
                    Code::ParExpression,
                    span,
                    "`await` cannot stand in the element of a list comprehension",
                )
                .help("await the source, or use `async for`");
                return self.fail(finding);
            }
            _ => PrefixOp::Await,
        })
    }

    fn infix_op(&self, idx: usize, negated: bool) -> Infix {
        use {BinaryOp as B, CompareOp as C};
        match self.tokens.shape(idx) {
            shape::OR => Infix::Or,
            shape::AND => Infix::And,
            shape::EQUAL => Infix::Compare(C::Eq),
            shape::DIFFERENT => Infix::Compare(C::Ne),
            b'<' => Infix::Compare(C::Lt),
            shape::LESS_EQUAL => Infix::Compare(C::Le),
            b'>' => Infix::Compare(C::Gt),
            shape::GREATER_EQUAL => Infix::Compare(C::Ge),
            shape::IN => Infix::Compare(C::In),
            shape::NOT => Infix::Compare(C::NotIn),
            shape::IS if negated => Infix::Compare(C::IsNot),
            shape::IS => Infix::Compare(C::Is),
            b'-' => Infix::Binary(B::Sub),
            b'~' => Infix::Binary(B::Concat),
            b'*' => Infix::Binary(B::Mul),
            b'/' => Infix::Binary(B::Div),
            shape::FLOOR => Infix::Binary(B::FloorDiv),
            b'%' => Infix::Binary(B::Mod),
            shape::POWER => Infix::Power,
            shape::DOTS => Infix::Range { is_inclusive: true },
            shape::ELLIPSIS => Infix::Range {
                is_inclusive: false,
            },
            _ => Infix::Binary(B::Add),
        }
    }

    /// The simplest value, at a token.
    pub(super) fn primary(&mut self, group: Group, idx: usize) -> Result<Operand> {
        let Some(token) = self.tokens.get(idx) else {
            return Err(super::Failed);
        };
        let span = self.tokens.span(group, idx);
        let written = span.of(self.source);
        let expr = match self.tokens.shape(idx) {
            shape::ROUND => return self.parens(token),
            shape::SQUARE => return self.list(token),
            shape::CURLY => return self.dict(token),
            shape::STRING => Expr::Lit(Lit::Str(literal::text(written))),
            shape::NUMBER => Expr::Lit(literal::number(written)),
            shape::CONSTANT => Expr::Lit(constant(written)),
            _ => Expr::Name(self.ident(span)),
        };
        Ok(self.operand(expr, span))
    }

    /// A value that no operator pulls apart.
    pub(super) fn operand(&mut self, expr: Expr, span: Span) -> Operand {
        Operand {
            id: self.expr(expr, span),
            span,
            level: PRIMARY,
        }
    }

    /// The steps behind a primary, from the front of `pairs`.
    fn postfix(
        &mut self,
        group: Group,
        idx: usize,
        base: Operand,
        pairs: &mut Pairs,
    ) -> Result<Operand> {
        let mark = self.steps.len();
        let mut end = base.span;
        // Where an error of a call points if it is a method's.
        let mut method = None;
        while let Some(pair) = self.pairs.peek(*pairs) {
            let step = match pair.rule {
                Rule::attribute => self.attribute(group, pair),
                Rule::subscript => self.subscript(pair)?,
                Rule::call => self.call(group, idx, pair, method)?,
                _ => break,
            };
            end = self.whole_span(group, pair);
            method = matches!(step.kind, StepKind::Attr { .. }).then_some(step.span);
            self.steps.push(step);
            self.next(pairs);
        }
        if self.steps.len() <= mark {
            return Ok(base);
        }
        let expr = Expr::Postfix {
            base: base.id,
            steps: self.steps.split_off(mark).into(),
        };
        Ok(self.operand(expr, base.span.to(end)))
    }

    fn attribute(&mut self, group: Group, pair: Pair) -> Step {
        let dot = pair.first();
        let span = self.tokens.span(group, dot + 1);
        let kind = StepKind::Attr {
            name: self.ident(span),
            optional: self.tokens.shape(dot) == shape::QUESTION_DOT,
        };
        Step { kind, span }
    }

    fn subscript(&mut self, pair: Pair) -> Result<Step> {
        let token = self.token(pair)?;
        let optional = self.tokens.shape(pair.first()) == shape::QUESTION_SQUARE;
        let kind = self.subscripts(token.group, optional)?;
        let span = self.tokens.group(token.group).open;
        Ok(Step { kind, span })
    }

    /// A call, whose errors point at what is called.
    fn call(
        &mut self,
        group: Group,
        first: usize,
        pair: Pair,
        method: Option<Span>,
    ) -> Result<Step> {
        let token = self.token(pair)?;
        let span = match method {
            Some(span) => span,
            None => match self.tokens.get(first) {
                Some(token) if matches!(self.tokens.shape(first), b'(' | b'[' | b'{') => {
                    self.tokens.group(token.group).open
                }
                Some(token) => token.span,
                None => group.open,
            },
        };
        let kind = StepKind::Call(self.arguments(token.group)?);
        Ok(Step { kind, span })
    }

    /// The token a pair starts with.
    pub(super) fn token(&self, pair: Pair) -> Result<Token> {
        self.tokens.get(pair.first()).ok_or(super::Failed)
    }

    fn filter(&mut self, group: Group, pair: Pair, stack: &mut Stack) -> Result<()> {
        let idx = pair.first();
        let pipe = self.tokens.span(group, idx);
        let shape = self.tokens.shape(idx);
        let kind = match shape {
            shape::PIPELINE => ChainKind::Pipeline,
            shape::SAFE_PIPELINE => ChainKind::Safe,
            _ => ChainKind::Plain,
        };
        match stack.before_filter(&mut self.tree, kind) {
            Ok(()) => {}
            Err(Misfit::Looser) => return self.too_tight(pipe),
            Err(Misfit::MixedPipes(chain)) => {
                let code = if chain == ChainKind::Pipeline && shape != b'|' {
                    Code::ParUnexpected
                } else {
                    Code::ParFilter
                };
                let finding = Diagnostic::new(
                    code,
                    pipe,
                    format!(
                        "`{}` cannot stand in a chain that is written with `{}`",
                        pipe.of(self.source),
                        chain_word(chain)
                    ),
                )
                .label("another pipe")
                .help("write one chain with one pipe, or put the first part into parentheses");
                return self.fail(finding);
            }
        }
        let limit = self.limits.max_filter_chain;
        if stack.n_filters() >= limit {
            let finding = Diagnostic::new(
                Code::ParFilter,
                pipe,
                format!("more than {limit} filters on one value"),
            );
            return self.fail(finding);
        }
        let end = self.whole_span(group, pair);
        let step = self.applied(
            group,
            pair,
            1,
            matches!(shape, shape::SAFE_PIPE | shape::SAFE_PIPELINE),
        )?;
        stack.filter(step, end);
        Ok(())
    }

    /// A filter's name and arguments, `skip` tokens behind the start of a pair.
    pub(super) fn applied(
        &mut self,
        group: Group,
        pair: Pair,
        skip: usize,
        optional: bool,
    ) -> Result<FilterStep> {
        let idx = pair.first() + skip;
        let end = pair.behind();
        let name = self.ident(self.tokens.span(group, idx));
        let args = match self.tokens.get(idx + 1) {
            Some(token) if idx + 1 < end => self.arguments(token.group)?,
            _ => Args::default(),
        };
        Ok(FilterStep {
            name,
            args,
            optional,
        })
    }

    fn test(&mut self, group: Group, pair: Pair, stack: &mut Stack) -> Result<()> {
        let start = pair.first();
        let end = pair.behind();
        let negated = self.tokens.shape(start + 1) == shape::NOT;
        let idx = start + 1 + usize::from(negated);
        let name = self.ident(self.tokens.span(group, idx));
        let args = match self.tokens.get(idx + 1) {
            Some(token) if idx + 1 < end => {
                if self.tokens.shape(idx + 1) == shape::ROUND {
                    self.arguments(token.group)?
                } else {
                    Args {
                        positional: Box::new([self.primary(group, idx + 1)?.id]),
                        named: Box::new([]),
                    }
                }
            }
            _ => Args::default(),
        };
        let step = TestStep {
            name,
            args,
            negated,
        };
        let span = self.whole_span(group, pair);
        stack.test(&mut self.tree, step, span);
        Ok(())
    }

    fn too_tight<T>(&mut self, span: Span) -> Result<T> {
        let op = span.of(self.source);
        let finding = Diagnostic::new(
            Code::ParUnexpected,
            span,
            format!("`{op}` binds tighter than what stands before it"),
        )
        .label("unexpected")
        .help("put what stands before it into parentheses");
        self.fail(finding)
    }

    pub(super) fn misplaced<T>(&mut self, span: Span, message: &str) -> Result<T> {
        self.fail(Diagnostic::new(Code::ParUnexpected, span, message).label("unexpected"))
    }
}

fn chain_word(chain: ChainKind) -> &'static str {
    match chain {
        ChainKind::Plain => "|",
        ChainKind::Pipeline => "|>",
        ChainKind::Safe => "?|>",
    }
}

/// The value of a constant's word.
pub(super) fn constant(word: &str) -> Lit {
    match word {
        "true" | "True" => Lit::Bool(true),
        "false" | "False" => Lit::Bool(false),
        _ => Lit::None,
    }
}
