//! What the rules of the grammar took of a group's tokens.
//!
//! One flat table for all groups that are being read: a pair stands before the
//! pairs inside it and knows where they end, so going through them needs no
//! allocation. Pairs that `build` never looks into are leaves, whatever the
//! grammar has inside them.

use crate::grammar::{Recognizer, Rule};
use pest::Parser as _;
use pest::Token;
use pest::error::{ErrorVariant, InputLocation};

/// The tokens that one rule took.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pair {
    /// Which rule.
    pub(crate) rule: Rule,
    /// The number of its first token.
    first: u32,
    /// The number behind its last token.
    behind: u32,
    /// Where the pairs inside it stand in the table.
    inner: Pairs,
}

/// Pairs side by side: a stretch of the table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Pairs {
    at: u32,
    end: u32,
}

/// All pairs of the groups that are being read.
#[derive(Default, PartialEq, Debug)]
pub(crate) struct PairTable(Vec<Pair>);

/// A token that a rule cannot take.
pub(crate) struct Unfit {
    /// How many tokens of the group stand before it.
    pub(crate) at: usize,
    /// Rules that would have taken a token there.
    pub(crate) wanted: Vec<Rule>,
}

impl Pair {
    /// The number of its first token.
    pub(crate) fn first(self) -> usize {
        self.first as usize
    }

    /// The number behind its last token.
    pub(crate) fn behind(self) -> usize {
        self.behind as usize
    }

    /// How many tokens it has.
    pub(crate) fn len(self) -> usize {
        (self.behind - self.first) as usize
    }

    /// The pairs inside it.
    pub(crate) fn inner(self) -> Pairs {
        self.inner
    }
}

impl PairTable {
    /// Where the next pair will stand.
    pub(crate) fn mark(&self) -> usize {
        self.0.len()
    }

    /// Forget everything behind a mark.
    pub(crate) fn forget(&mut self, mark: usize) {
        self.0.truncate(mark);
    }

    /// The pairs behind a mark, side by side.
    pub(crate) fn since(&self, mark: usize) -> Pairs {
        Pairs {
            at: mark as u32,
            end: self.0.len() as u32,
        }
    }

    /// The first of some pairs.
    pub(crate) fn peek(&self, pairs: Pairs) -> Option<Pair> {
        if pairs.at < pairs.end {
            self.0.get(pairs.at as usize).copied()
        } else {
            None
        }
    }

    /// Take the first of some pairs.
    pub(crate) fn next(&self, pairs: &mut Pairs) -> Option<Pair> {
        let pair = self.peek(*pairs)?;
        pairs.at = pair.inner.end;
        Some(pair)
    }

    /// A pair begins at token `first`.
    pub(crate) fn open(&mut self, rule: Rule, first: usize) -> usize {
        let at = self.0.len();
        let inner = at as u32 + 1;
        self.0.push(Pair {
            rule,
            first: first as u32,
            behind: first as u32,
            inner: Pairs {
                at: inner,
                end: inner,
            },
        });
        at
    }

    /// The pair that was opened at `at` ends before token `behind`.
    pub(crate) fn close(&mut self, at: usize, behind: usize) {
        let end = self.0.len() as u32;
        if let Some(pair) = self.0.get_mut(at) {
            pair.behind = behind as u32;
            pair.inner.end = end;
        }
    }

    /// A pair with nothing in it.
    pub(crate) fn leaf(&mut self, rule: Rule, first: usize, behind: usize) {
        let inner = self.0.len() as u32 + 1;
        self.0.push(Pair {
            rule,
            first: first as u32,
            behind: behind as u32,
            inner: Pairs {
                at: inner,
                end: inner,
            },
        });
    }

    /// Read the tokens from number `base` on, of the given shapes, by a rule of
    /// the grammar.
    ///
    /// # Errors
    ///
    /// The token that does not fit.
    pub(crate) fn read(&mut self, rule: Rule, shapes: &[u8], base: usize) -> Result<(), Unfit> {
        let shapes = str::from_utf8(shapes).unwrap_or("");
        let pairs = match Recognizer::parse(rule, shapes) {
            Ok(pairs) => pairs,
            Err(error) => {
                let (InputLocation::Pos(at) | InputLocation::Span((at, _))) = error.location;
                let wanted = match error.variant {
                    ErrorVariant::ParsingError { positives, .. } => positives,
                    ErrorVariant::CustomError { .. } => Vec::new(),
                };
                return Err(Unfit { at, wanted });
            }
        };
        // The rule asked for, and the end that each such rule has, are no pairs.
        let mut open = Vec::new();
        let mut n_hidden = 0_u32;
        for token in pairs.tokens().skip(1) {
            match token {
                Token::Start { rule, .. } if n_hidden > 0 || rule == Rule::EOI => n_hidden += 1,
                Token::End { .. } if n_hidden > 1 => n_hidden -= 1,
                Token::End { rule, pos } => {
                    n_hidden = 0;
                    if rule != Rule::EOI
                        && let Some(at) = open.pop()
                    {
                        self.close(at, base + pos.pos());
                    }
                }
                Token::Start { rule, pos } => {
                    open.push(self.open(rule, base + pos.pos()));
                    n_hidden = u32::from(is_leaf(rule));
                }
            }
        }
        Ok(())
    }
}

/// Is a rule one whose pairs nobody asks for?
fn is_leaf(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::filter | Rule::test | Rule::attribute | Rule::not_in | Rule::identity
    )
}
