//! The short way through the grammar, for what most tags hold.
//!
//! In: a rule and the shapes of a group's tokens. Out: the pairs that the
//! grammar gives, without asking pest, which takes many times as long. Nothing
//! is decided here: whatever is rare, and whatever is wrong, is left to the
//! grammar, and a test holds the two ways against each other. A function says
//! `None` when it cannot go on; what it has written is forgotten then.

mod values;

use crate::grammar::Rule;
use crate::pairs::PairTable;
use crate::words::{is_word, shape};

/// Read a group's tokens, numbered from `base` on. False if the grammar has to
/// be asked; what is in the table behind its mark is of no use then.
pub(crate) fn read(rule: Rule, shapes: &[u8], base: usize, pairs: &mut PairTable) -> bool {
    let mut reader = Reader {
        shapes,
        at: 0,
        base,
        pairs,
    };
    reader.group(rule).is_some() && reader.is_over()
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
            Rule::parens if self.is_over() => Some(()),
            Rule::parens => self.items(Rule::expression),
            Rule::list => self.list(),
            Rule::dict => self.dict(),
            Rule::subscripts => self.subscripts(),
            Rule::arguments => self.arguments(),
            Rule::parameters => self.parameters(),
            _ => self.tag(rule),
        }
    }

    // Tags.

    fn tag(&mut self, rule: Rule) -> Read {
        match rule {
            Rule::condition_tag => {
                self.word(Rule::IF, shape::IF, b"Luh")?;
                self.expression(Rule::expression)
            }
            Rule::for_tag => {
                self.leaf(Rule::FOR, shape::FOR)?;
                self.names(Rule::for_targets)?;
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
                if !self.starts_assignment() {
                    return self.unpacking();
                }
                self.assignments()
            }
            Rule::export_tag => {
                self.one_of(b"X")?;
                if !self.starts_assignment() {
                    return self.unpacking();
                }
                self.assignment()
            }
            Rule::with_tag => {
                self.one_of(b"w")?;
                self.with()
            }
            Rule::provide_tag => {
                self.one_of(b"P")?;
                self.binding()
            }
            Rule::trans_tag => {
                self.one_of(b"T")?;
                while !self.is_over() {
                    self.binding()?;
                    self.comma();
                }
                Some(())
            }
            Rule::cache_tag => {
                self.one_of(b"K")?;
                self.expression(Rule::expression)?;
                while self.comma() {
                    self.binding()?;
                }
                Some(())
            }
            Rule::capture_tag => {
                self.one_of(b"k")?;
                self.name(Rule::target_name)
            }
            Rule::def_tag => {
                self.one_of(b"dr")?;
                self.name(Rule::hyphenated_name)?;
                self.leaf(Rule::parameter_list, shape::ROUND)
            }
            Rule::slot_tag => self.slot(),
            Rule::block_tag | Rule::fragment_tag => {
                self.one_of(b"BG")?;
                self.name(Rule::hyphenated_name)
            }
            Rule::list_tag => {
                self.one_of(b"Uq")?;
                self.leaf(Rule::list_name, shape::STRING)
            }
            Rule::call_tag | Rule::extends_tag => {
                self.one_of(b"Cj")?;
                self.expression(Rule::expression)
            }
            Rule::include_tag | Rule::embed_tag => {
                self.one_of(b"IE")?;
                self.expression(Rule::expression)
            }
            Rule::import_tag => {
                self.leaf(Rule::IMPORT, b'p')?;
                self.expression(Rule::expression)?;
                self.leaf(Rule::AS, b'a')?;
                self.name(Rule::target_name)
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
            _ => None,
        }
    }

    /// `if condition`, if that is there.
    fn optional_if(&mut self, condition: impl FnOnce(&mut Self) -> Read) -> Read {
        if self.peek() != shape::IF {
            return Some(());
        }
        self.take(Rule::IF, 1);
        condition(self)
    }

    /// `a`, `a, b`: targets that are names only.
    fn names(&mut self, rule: Rule) -> Read {
        let pair = self.open(rule);
        self.name(Rule::target_name)?;
        while self.comma() {
            self.name(Rule::target_name)?;
        }
        self.close(pair)
    }

    /// Does `a =` or `a ??=` stand here?
    fn starts_assignment(&self) -> bool {
        is_word(self.peek()) && matches!(self.ahead(1), b'=' | shape::COALESCE_ASSIGN)
    }

    /// `a = 1, b ??= 2`, `a = 1, 2`
    fn assignments(&mut self) -> Read {
        self.assignment()?;
        while self.peek() == b',' {
            if !(is_word(self.ahead(1)) && matches!(self.ahead(2), b'=' | shape::COALESCE_ASSIGN)) {
                return self.more_items(Rule::expression);
            }
            self.comma();
            self.assignment()?;
        }
        Some(())
    }

    /// `a = 1`, `a ??= 1`
    fn assignment(&mut self) -> Read {
        let pair = self.open(Rule::assignment);
        self.name(Rule::target_name)?;
        self.need(matches!(self.peek(), b'=' | shape::COALESCE_ASSIGN))?;
        self.take(Rule::assign, 1);
        self.expression(Rule::expression)?;
        self.close(pair)
    }

    /// `a, b = pair`
    fn unpacking(&mut self) -> Read {
        let pair = self.open(Rule::unpacking);
        self.names(Rule::targets)?;
        self.leaf(Rule::ASSIGN, b'=')?;
        self.series(Rule::tuple, Rule::expression)?;
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

    /// `a = 1, b = 2`, or `value as a`.
    fn with(&mut self) -> Read {
        if is_word(self.peek()) && self.ahead(1) == b'=' {
            self.binding()?;
            while self.comma() {
                self.binding()?;
            }
            return Some(());
        }
        self.series(Rule::tuple, Rule::expression)?;
        if self.peek() == b'a' {
            self.take(Rule::AS, 1);
            self.names(Rule::targets)?;
        }
        Some(())
    }

    /// `slot`, `slot name`, with `let:a=1` or without.
    fn slot(&mut self) -> Read {
        self.one_of(b"S")?;
        let is_let = |reader: &Self| reader.peek() == b'l' && reader.ahead(1) == b':';
        if !self.is_over() && !is_let(self) {
            self.name(Rule::slot_name)?;
        }
        while !self.is_over() {
            self.need(is_let(self))?;
            let pair = self.open(Rule::slot_binding);
            self.take(Rule::LET, 1);
            self.take(Rule::COLON, 1);
            self.name(Rule::target_name)?;
            if self.peek() == b'=' {
                self.take(Rule::ASSIGN, 1);
                self.expression(Rule::expression)?;
            }
            self.comma();
            self.close(pair)?;
        }
        Some(())
    }

    /// `a`, `a as b`
    fn imported(&mut self) -> Read {
        let pair = self.open(Rule::from_item);
        self.name(Rule::target_name)?;
        if self.peek() == b'a' {
            self.take(Rule::AS, 1);
            self.name(Rule::target_name)?;
        }
        self.close(pair)
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
    fn need(&self, is_there: bool) -> Read {
        is_there.then_some(())
    }

    /// Tokens that the grammar does not show.
    fn skip(&mut self, n: usize) {
        self.at += n;
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
        self.need(shapes.contains(&self.peek()))?;
        self.skip(1);
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
        self.need(is_word(self.peek()))?;
        self.take(rule, 1);
        Some(())
    }

    /// One token of a shape, as a pair of its own.
    fn leaf(&mut self, rule: Rule, shape: u8) -> Read {
        self.need(self.peek() == shape)?;
        self.take(rule, 1);
        Some(())
    }

    /// The next `n` tokens as a pair with nothing in it.
    fn take(&mut self, rule: Rule, n: usize) {
        let first = self.base + self.at;
        self.pairs.leaf(rule, first, first + n);
        self.skip(n);
    }

    fn open(&mut self, rule: Rule) -> usize {
        self.pairs.open(rule, self.base + self.at)
    }

    fn close(&mut self, pair: usize) -> Read {
        self.pairs.close(pair, self.base + self.at);
        Some(())
    }
}

#[cfg(test)]
mod tests;
