//! The short way through the grammar, for what most tags hold.
//!
//! In: a rule and the shapes of a group's tokens. Out: the pairs that the
//! grammar gives, without asking pest, which takes many times as long. Nothing
//! is decided here: whatever is rare, and whatever is wrong, is left to the
//! grammar, and a test holds the two ways against each other. A function says
//! `None` when it cannot go on; what it has written is forgotten then.

use crate::grammar::Rule;
use crate::pairs::PairTable;
use crate::words::{is_word, shape, starts_value};

/// Read a group's tokens, numbered from `base` on. False if the grammar has to
/// be asked; what is in the table behind its mark is of no use then.
pub(crate) fn read(rule: Rule, shapes: &[u8], base: usize, pairs: &mut PairTable) -> bool {
    let mut reader = Reader {
        shapes,
        at: 0,
        base,
        pairs,
    };
    reader.group(rule).is_some() && reader.at == shapes.len()
}

struct Reader<'a> {
    shapes: &'a [u8],
    /// The token that is next.
    at: usize,
    /// The number of the group's first token.
    base: usize,
    pairs: &'a mut PairTable,
}

/// What a `fn(&mut Reader)` has read, or nothing.
type Read = Option<()>;

impl Reader<'_> {
    /// What stands in a tag or in brackets, up to its end.
    fn group(&mut self, rule: Rule) -> Read {
        match rule {
            Rule::output => self.expression(Rule::expression),
            Rule::condition_tag => {
                self.word(Rule::IF, shape::IF, b"Luh")?;
                self.expression(Rule::expression)
            }
            Rule::for_tag => {
                self.leaf(Rule::FOR, shape::FOR)?;
                self.for_targets()?;
                self.leaf(Rule::IN, shape::IN)?;
                self.expression(Rule::expr0)?;
                self.optional_if(Self::or_expr)
            }
            Rule::match_tag => {
                self.one_of(b"M")?;
                if self.is_over() {
                    return Some(());
                }
                self.series(Rule::tuple, Rule::expression)
            }
            Rule::case_tag => {
                self.one_of(b"A")?;
                self.series(Rule::pattern, Rule::expr0)?;
                self.optional_if(|reader| reader.expression(Rule::expression))
            }
            Rule::set_tag => {
                self.word(Rule::LET, b'l', b"s")?;
                self.assignment()?;
                while self.comma() {
                    self.assignment()?;
                }
                Some(())
            }
            Rule::export_tag => {
                self.one_of(b"X")?;
                self.assignment()
            }
            Rule::with_tag => {
                self.one_of(b"w")?;
                self.binding()?;
                while self.comma() {
                    self.binding()?;
                }
                Some(())
            }
            Rule::def_tag => {
                self.one_of(b"dr")?;
                self.name(Rule::hyphenated_name)?;
                self.leaf(Rule::parameter_list, shape::ROUND)
            }
            Rule::block_tag | Rule::fragment_tag => {
                self.one_of(b"BG")?;
                self.name(Rule::hyphenated_name)
            }
            Rule::call_tag | Rule::extends_tag | Rule::include_tag | Rule::embed_tag => {
                self.one_of(b"CjIE")?;
                self.expression(Rule::expression)
            }
            Rule::from_tag => {
                self.one_of(b"o")?;
                self.expression(Rule::expression)?;
                self.leaf(Rule::IMPORT, b'p')?;
                self.imported()?;
                while self.comma() {
                    self.imported()?;
                }
                Some(())
            }
            Rule::parens => {
                if self.is_over() {
                    return Some(());
                }
                self.items(Rule::expression)
            }
            Rule::list => self.list(),
            Rule::dict => self.dict(),
            Rule::subscripts => self.subscripts(),
            Rule::arguments => self.arguments(),
            Rule::parameters => self.parameters(),
            _ => None,
        }
    }

    // Pairs of tags.

    /// `if condition`, if that is there.
    fn optional_if(&mut self, condition: impl FnOnce(&mut Self) -> Read) -> Read {
        if self.peek() != shape::IF {
            return Some(());
        }
        self.leaf(Rule::IF, shape::IF)?;
        condition(self)
    }

    /// `a`, `a, b`: names only.
    fn for_targets(&mut self) -> Read {
        let pair = self.open(Rule::for_targets);
        self.name(Rule::target_name)?;
        while self.comma() {
            self.name(Rule::target_name)?;
        }
        self.close(pair)
    }

    /// `a = 1`, `a ??= 1`
    fn assignment(&mut self) -> Read {
        let pair = self.open(Rule::assignment);
        self.name(Rule::target_name)?;
        self.start(matches!(self.peek(), b'=' | shape::COALESCE_ASSIGN))?;
        self.take(Rule::assign, 1);
        self.expression(Rule::expression)?;
        self.close(pair)
    }

    /// `a = 1`
    fn binding(&mut self) -> Read {
        let pair = self.open(Rule::binding);
        self.name(Rule::target_name)?;
        self.leaf(Rule::ASSIGN, b'=')?;
        self.expression(Rule::expression)?;
        self.close(pair)
    }

    /// `a`
    fn imported(&mut self) -> Read {
        let pair = self.open(Rule::from_item);
        self.name(Rule::target_name)?;
        self.close(pair)
    }

    // Expressions.

    /// An `expression`, or an `expr0`, which has no `if`.
    fn expression(&mut self, rule: Rule) -> Read {
        let pair = self.open(rule);
        loop {
            self.or_expr()?;
            while rule == Rule::expression && self.peek() == shape::IF {
                self.take(Rule::IF, 1);
                self.or_expr()?;
                if self.peek() != shape::ELSE {
                    break;
                }
                self.take(Rule::ELSE, 1);
                self.or_expr()?;
            }
            if self.peek() != shape::COALESCE {
                return self.close(pair);
            }
            self.take(Rule::COALESCE, 1);
        }
    }

    fn or_expr(&mut self) -> Read {
        let pair = self.open(Rule::or_expr);
        self.comparison()?;
        while matches!(self.peek(), shape::AND | shape::OR) {
            self.take(Rule::joint, 1);
            self.comparison()?;
        }
        self.close(pair)
    }

    fn comparison(&mut self) -> Read {
        while self.peek() == shape::NOT {
            self.take(Rule::NOT, 1);
        }
        self.operand()?;
        loop {
            match self.peek() {
                b'|' | shape::PIPELINE | shape::SAFE_PIPE | shape::SAFE_PIPELINE => {
                    self.start(is_word(self.ahead(1)))?;
                    let has_arguments = self.ahead(2) == shape::ROUND;
                    self.take(Rule::filter, 2 + usize::from(has_arguments));
                }
                shape::IS => {
                    let negated = usize::from(self.ahead(1) == shape::NOT);
                    let name = self.ahead(1 + negated);
                    if is_word(name) || name == shape::AWAIT {
                        let has_argument = matches!(
                            self.ahead(2 + negated),
                            shape::ROUND | shape::STRING | shape::NUMBER | shape::CONSTANT
                        );
                        self.take(Rule::test, 2 + negated + usize::from(has_argument));
                    } else {
                        self.take(Rule::identity, 1 + negated);
                        self.operand()?;
                    }
                }
                shape::NOT => {
                    self.start(self.ahead(1) == shape::IN)?;
                    self.take(Rule::not_in, 2);
                    self.operand()?;
                }
                other if is_operator(other) => {
                    self.take(Rule::operator, 1);
                    self.operand()?;
                }
                _ => return Some(()),
            }
        }
    }

    fn operand(&mut self) -> Read {
        while matches!(self.peek(), b'-' | b'+' | shape::AWAIT) {
            self.take(Rule::sign, 1);
        }
        self.start(starts_value(self.peek()))?;
        self.take(Rule::primary, 1);
        loop {
            match self.peek() {
                b'.' | shape::QUESTION_DOT => {
                    self.start(is_wide_word(self.ahead(1)))?;
                    self.take(Rule::attribute, 2);
                }
                shape::SQUARE | shape::QUESTION_SQUARE => self.take(Rule::subscript, 1),
                shape::ROUND => self.take(Rule::call, 1),
                _ => return Some(()),
            }
        }
    }

    /// A `tuple` or a `pattern`.
    fn series(&mut self, rule: Rule, item: Rule) -> Read {
        let pair = self.open(rule);
        self.items(item)?;
        self.close(pair)
    }

    /// `a, b`; a comma at the end is left to the grammar.
    fn items(&mut self, item: Rule) -> Read {
        self.expression(item)?;
        while self.comma() {
            self.expression(item)?;
        }
        Some(())
    }

    // Inside brackets.

    fn list(&mut self) -> Read {
        if self.is_over() {
            return Some(());
        }
        self.expression(Rule::expression)?;
        if self.peek() == shape::FOR {
            let pair = self.open(Rule::comprehension);
            self.take(Rule::FOR, 1);
            self.for_targets()?;
            self.leaf(Rule::IN, shape::IN)?;
            self.or_expr()?;
            self.optional_if(Self::or_expr)?;
            return self.close(pair);
        }
        while self.comma() {
            self.expression(Rule::expression)?;
        }
        Some(())
    }

    fn dict(&mut self) -> Read {
        if self.is_over() {
            return Some(());
        }
        loop {
            self.expression(Rule::expression)?;
            self.leaf(Rule::COLON, b':')?;
            self.expression(Rule::expression)?;
            if !self.comma() {
                return Some(());
            }
        }
    }

    fn subscripts(&mut self) -> Read {
        for n_colons in 0..3 {
            if n_colons > 0 {
                self.leaf(Rule::COLON, b':')?;
            }
            if !self.is_over() && self.peek() != b':' {
                self.expression(Rule::expression)?;
            }
            if self.is_over() {
                break;
            }
        }
        Some(())
    }

    fn arguments(&mut self) -> Read {
        if self.is_over() {
            return Some(());
        }
        loop {
            let pair = self.open(Rule::argument);
            if is_wide_word(self.peek()) && self.ahead(1) == b'=' {
                self.take(Rule::argument_name, 1);
                self.take(Rule::ASSIGN, 1);
            }
            self.expression(Rule::expression)?;
            self.close(pair)?;
            if !self.comma() {
                return Some(());
            }
        }
    }

    fn parameters(&mut self) -> Read {
        if self.is_over() {
            return Some(());
        }
        loop {
            let pair = self.open(Rule::parameter);
            if matches!(self.peek(), b'*' | shape::POWER) {
                self.at += 1;
                self.name(Rule::parameter_name)?;
            } else {
                self.name(Rule::parameter_name)?;
                if self.peek() == b'=' {
                    self.take(Rule::ASSIGN, 1);
                    self.expression(Rule::expression)?;
                }
            }
            self.close(pair)?;
            if !self.comma() {
                return Some(());
            }
        }
    }

    // Tokens.

    /// The shape of the next token; 0 at the end.
    fn peek(&self) -> u8 {
        self.ahead(0)
    }

    /// The shape of the token that is `n` behind the next.
    fn ahead(&self, n: usize) -> u8 {
        self.shapes.get(self.at + n).copied().unwrap_or(0)
    }

    fn is_over(&self) -> bool {
        self.at >= self.shapes.len()
    }

    /// Go on only if what is needed is there.
    fn start(&self, is_there: bool) -> Read {
        is_there.then_some(())
    }

    /// The word of a tag: one that the grammar shows, or any of some others.
    fn word(&mut self, rule: Rule, shape: u8, others: &[u8]) -> Read {
        if self.peek() == shape {
            self.take(rule, 1);
            return Some(());
        }
        self.one_of(others)
    }

    /// Any of some tokens, which the grammar does not show.
    fn one_of(&mut self, shapes: &[u8]) -> Read {
        self.start(shapes.contains(&self.peek()))?;
        self.at += 1;
        Some(())
    }

    fn comma(&mut self) -> bool {
        let is_there = self.peek() == b',';
        if is_there {
            self.take(Rule::COMMA, 1);
        }
        is_there
    }

    /// A name, as a pair of its own.
    fn name(&mut self, rule: Rule) -> Read {
        self.start(is_word(self.peek()))?;
        self.take(rule, 1);
        Some(())
    }

    /// One token of a shape, as a pair of its own.
    fn leaf(&mut self, rule: Rule, shape: u8) -> Read {
        self.start(self.peek() == shape)?;
        self.take(rule, 1);
        Some(())
    }

    /// The next `n` tokens as a pair with nothing in it.
    fn take(&mut self, rule: Rule, n: usize) {
        let first = self.base + self.at;
        self.pairs.leaf(rule, first, first + n);
        self.at += n;
    }

    fn open(&mut self, rule: Rule) -> usize {
        self.pairs.open(rule, self.base + self.at)
    }

    fn close(&mut self, pair: usize) -> Read {
        self.pairs.close(pair, self.base + self.at);
        Some(())
    }
}

/// May it stand behind a dot, or name an argument?
fn is_wide_word(shape: u8) -> bool {
    is_word(shape) || matches!(shape, shape::CONSTANT | shape::AWAIT)
}

/// A token of the grammar's rule `operator`.
fn is_operator(shape: u8) -> bool {
    matches!(
        shape,
        b'+' | b'-'
            | b'~'
            | b'*'
            | b'/'
            | b'%'
            | b'<'
            | b'>'
            | shape::FLOOR
            | shape::POWER
            | shape::EQUAL
            | shape::DIFFERENT
            | shape::LESS_EQUAL
            | shape::GREATER_EQUAL
            | shape::IN
            | shape::DOTS
            | shape::ELLIPSIS
            | shape::BY
    )
}

#[cfg(test)]
mod tests;
