//! Pieces and pairs to a tree.
//!
//! Tags come flat from the lexer. `blocks` nests them with a stack of its own,
//! so an unclosed `for` is reported at the `for`; `tags` reads one tag;
//! `expr` and `brackets` read what stands in it. A tag that fails is reported
//! and the next one is read as if nothing had happened.

mod blocks;
mod brackets;
mod composition;
mod control;
mod expr;
mod finish;
mod frame;
mod tags;
mod trans;

use crate::SyntaxLimits;
use crate::ast::{Expr, ExprId, ExprNode, Ident, Lit, Step, StmtId, Template};
use crate::failure::Failure;
use crate::grammar::Rule;
use crate::lex::{Group, GroupId, Lexed, Tokens};
use crate::limits::{MAX_DIAGNOSTICS, with_stack};
use crate::pairs::{Pair, PairTable, Pairs};
use crate::precedence::Stack;
use crate::quick;
use crate::words::{is_word, shape};
use frame::Frame;
use gravure_source::{Code, Diagnostic, Span, Symbol};
use std::collections::HashMap;

/// A finding has been noted; the tag goes no further.
#[derive(Debug)]
pub(crate) struct Failed;

type Result<T> = std::result::Result<T, Failed>;

/// The tree of a lexed source.
///
/// # Errors
///
/// All findings of this stage.
pub(crate) fn build(
    source: &str,
    lexed: &Lexed,
    limits: SyntaxLimits,
) -> std::result::Result<Template, Vec<Diagnostic>> {
    let mut builder = Builder {
        source,
        tokens: &lexed.tokens,
        pairs: PairTable::default(),
        stacks: Vec::new(),
        steps: Vec::new(),
        values: Vec::new(),
        limits,
        tree: Template {
            // About what there will be; most tokens are no node of their own.
            exprs: Vec::with_capacity(lexed.tokens.len() / 2),
            stmts: Vec::with_capacity(lexed.pieces.len()),
            ..Template::default()
        },
        findings: Vec::new(),
        depth: 0,
        in_element: false,
        frames: Vec::new(),
        stmts: Vec::new(),
        n_unknown: 0,
        is_over: false,
        has_types: false,
        blocks: HashMap::new(),
    };
    builder.pieces(&lexed.pieces);
    if builder.findings.is_empty() {
        Ok(builder.tree)
    } else {
        Err(builder.findings)
    }
}

/// The work on one template.
struct Builder<'s> {
    source: &'s str,
    tokens: &'s Tokens,
    /// What is known of the groups that are being read.
    pairs: PairTable,
    /// Stacks that are not in use.
    stacks: Vec<Stack>,
    /// Steps of the chains, and values of the lists, that are being read: who
    /// reads one takes them from where its own begin.
    steps: Vec<Step>,
    values: Vec<ExprId>,
    limits: SyntaxLimits,
    tree: Template,
    findings: Vec<Diagnostic>,
    /// Levels open here: blocks, brackets, prefixes.
    depth: u32,
    /// Inside the element of a comprehension, where `await` cannot stand.
    in_element: bool,
    /// Open blocks, outermost first.
    frames: Vec<Frame>,
    /// Statements of all open bodies; a frame knows where its own start.
    stmts: Vec<StmtId>,
    /// Unknown keywords, whose closers are not worth a second finding.
    n_unknown: usize,
    /// Nothing that follows is worth reading.
    is_over: bool,
    /// Has there been a `template` tag?
    has_types: bool,
    /// Blocks and regions by name: is it a region, and where.
    blocks: HashMap<Symbol, (bool, Span)>,
}

impl<'s> Builder<'s> {
    /// Note a finding.
    fn fail<T>(&mut self, finding: Diagnostic) -> Result<T> {
        self.findings.push(finding);
        if self.findings.len() >= MAX_DIAGNOSTICS {
            self.is_over = true;
        }
        Err(Failed)
    }

    /// One level deeper, if the limit allows.
    fn go_to(&mut self, depth: u32, span: Span) -> Result<()> {
        let limit = self.limits.max_nesting;
        if depth > limit {
            return self.fail(
                Diagnostic::new(
                    Code::ParNesting,
                    span,
                    format!("more than {limit} levels of nesting"),
                )
                .label("one level too deep")
                .help("move a part into a `def` or a template of its own"),
            );
        }
        self.depth = depth;
        self.tree.nesting = self.tree.nesting.max(depth);
        Ok(())
    }

    /// The values of the list that began at a mark.
    fn values_since(&mut self, mark: usize) -> Box<[ExprId]> {
        self.values.split_off(mark.min(self.values.len())).into()
    }

    /// The pairs of a group, read by a rule.
    fn recognize(&mut self, rule: Rule, id: GroupId) -> Result<(Group, Pairs)> {
        let group = self.tokens.group(id);
        let shapes = self.tokens.shapes(group);
        let first = group.first as usize;
        let mark = self.pairs.mark();
        if quick::read(rule, shapes, first, &mut self.pairs) {
            return Ok((group, self.pairs.since(mark)));
        }
        self.pairs.forget(mark);
        let unfit = match self.pairs.read(rule, shapes, first) {
            Ok(()) => return Ok((group, self.pairs.since(mark))),
            Err(unfit) => unfit,
        };
        let at = first + unfit.at;
        self.examine(rule, group, at)?;
        let failure = Failure {
            source: self.source,
            tokens: self.tokens,
            group,
            rule,
            at,
            wanted: &unfit.wanted,
        };
        self.fail(failure.diagnostic())
    }

    /// Read what stands inside brackets, and mind that they are closed.
    fn inside<T>(
        &mut self,
        rule: Rule,
        id: GroupId,
        read: impl FnOnce(&mut Self, Group, Pairs) -> Result<T>,
    ) -> Result<T> {
        let outer = self.depth;
        let open = self.tokens.group(id).open;
        self.go_to(outer + 1, open)?;
        let made = with_stack(|| {
            let mark = self.pairs.mark();
            let (group, pairs) = self.recognize(rule, id)?;
            let made = read(self, group, pairs)?;
            self.pairs.forget(mark);
            if group.is_closed {
                Ok(made)
            } else {
                self.unclosed(rule, group)
            }
        })?;
        self.depth = outer;
        Ok(made)
    }

    fn unclosed<T>(&mut self, rule: Rule, group: Group) -> Result<T> {
        let bracket = match group.open.of(self.source) {
            "(" => ")",
            "{" => "}",
            _ => "]",
        };
        let last = match group.last.checked_sub(1) {
            Some(last) if last >= group.first => self.tokens.shape(last as usize),
            _ => b',',
        };
        let is_params = matches!(rule, Rule::parameters | Rule::types | Rule::inner_targets);
        let (code, message) = if last == b',' && !is_params {
            (Code::ParExpression, "a value was expected".to_owned())
        } else {
            (Code::ParUnexpected, format!("`{bracket}` was expected"))
        };
        self.fail(
            Diagnostic::new(code, group.close, message)
                .label("unexpected")
                .related(group.open, "opens here"),
        )
    }

    /// A group cannot be read at token `upto`. A finding inside a bracket before
    /// it comes first, so look there.
    fn examine(&mut self, rule: Rule, group: Group, upto: usize) -> Result<()> {
        if matches!(
            rule,
            Rule::parameters | Rule::types | Rule::inner_targets | Rule::def_tag
        ) {
            return Ok(());
        }
        for idx in group.first as usize..upto.min(group.last as usize) {
            let Some(token) = self.tokens.get(idx) else {
                break;
            };
            let follows_value = idx > group.first as usize
                && self.tokens.span(group, idx - 1).end == token.span.start
                && {
                    let before = self.tokens.shape(idx - 1);
                    is_word(before) || matches!(before, b'(' | b'[' | b']' | b'"')
                };
            match self.tokens.shape(idx) {
                shape::ROUND if follows_value => drop(self.arguments(token.group)?),
                shape::ROUND => drop(self.parens(token)?),
                shape::SQUARE if follows_value => drop(self.subscripts(token.group, false)?),
                shape::QUESTION_SQUARE => drop(self.subscripts(token.group, true)?),
                shape::SQUARE => drop(self.list(token)?),
                shape::CURLY => drop(self.dict(token)?),
                _ => {}
            }
        }
        Ok(())
    }

    /// Take the first of some pairs.
    fn next(&self, pairs: &mut Pairs) -> Option<Pair> {
        self.pairs.next(pairs)
    }

    /// Is the first of some pairs what a rule took?
    fn next_is(&self, pairs: Pairs, rule: Rule) -> bool {
        self.pairs.peek(pairs).is_some_and(|pair| pair.rule == rule)
    }

    /// The first pair of a rule.
    fn find(&self, mut pairs: Pairs, rule: Rule) -> Option<Pair> {
        while let Some(pair) = self.next(&mut pairs) {
            if pair.rule == rule {
                return Some(pair);
            }
        }
        None
    }

    /// The place of the token a pair starts with.
    fn span(&self, group: Group, pair: Pair) -> Span {
        self.tokens.span(group, pair.first())
    }

    /// All of a pair's source text.
    fn whole_span(&self, group: Group, pair: Pair) -> Span {
        let first = pair.first();
        let last = pair.behind().saturating_sub(1).max(first);
        self.tokens
            .span(group, first)
            .to(self.tokens.span(group, last))
    }

    /// The name at a place.
    fn ident(&mut self, span: Span) -> Ident {
        Ident {
            name: self.tree.names.intern(span.of(self.source)),
            span,
        }
    }

    /// The name that a pair is.
    fn name(&mut self, group: Group, pair: Pair) -> Ident {
        let span = self.span(group, pair);
        self.ident(span)
    }

    /// A new expression.
    fn expr(&mut self, expr: Expr, span: Span) -> ExprId {
        self.tree.add_expr(ExprNode {
            expr,
            span,
            grouped: false,
        })
    }

    /// Something to put where a value is missing; the tree is lost anyway.
    fn no_value(&mut self, span: Span) -> ExprId {
        self.expr(Expr::Lit(Lit::None), span)
    }
}
