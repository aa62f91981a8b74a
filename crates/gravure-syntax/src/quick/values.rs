//! Expressions, and what stands inside brackets.

use super::{Read, Reader};
use crate::grammar::Rule;
use crate::words::{is_word, shape, starts_value};

impl Reader<'_> {
    /// An `expression`, or an `expr0`, which has no `if`.
    pub(super) fn expression(&mut self, rule: Rule) -> Read {
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

    pub(super) fn or_expr(&mut self) -> Read {
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
                    self.need(is_word(self.ahead(1)))?;
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
                    self.need(self.ahead(1) == shape::IN)?;
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
        self.need(starts_value(self.peek()))?;
        self.take(Rule::primary, 1);
        loop {
            match self.peek() {
                b'.' | shape::QUESTION_DOT => {
                    self.need(is_wide_word(self.ahead(1)))?;
                    self.take(Rule::attribute, 2);
                }
                shape::SQUARE | shape::QUESTION_SQUARE => self.take(Rule::subscript, 1),
                shape::ROUND => self.take(Rule::call, 1),
                _ => return Some(()),
            }
        }
    }

    /// A `tuple` or a `pattern`.
    pub(super) fn series(&mut self, rule: Rule, item: Rule) -> Read {
        let pair = self.open(rule);
        self.items(item)?;
        self.close(pair)
    }

    /// `a`, `a, b`, `a, b,`
    pub(super) fn items(&mut self, item: Rule) -> Read {
        self.expression(item)?;
        self.more_items(item)
    }

    /// `, b, c,`
    pub(super) fn more_items(&mut self, item: Rule) -> Read {
        while self.comma() {
            let starts = matches!(self.peek(), b'-' | b'+' | shape::AWAIT | shape::NOT)
                || starts_value(self.peek());
            if !starts {
                break;
            }
            self.expression(item)?;
        }
        Some(())
    }

    // Inside brackets.

    pub(super) fn list(&mut self) -> Read {
        if self.is_over() {
            return Some(());
        }
        self.expression(Rule::expression)?;
        if self.peek() != shape::FOR {
            return self.more_items(Rule::expression);
        }
        let pair = self.open(Rule::comprehension);
        self.take(Rule::FOR, 1);
        self.names(Rule::for_targets)?;
        self.leaf(Rule::IN, shape::IN)?;
        self.or_expr()?;
        self.optional_if(Self::or_expr)?;
        self.close(pair)
    }

    pub(super) fn dict(&mut self) -> Read {
        while !self.is_over() {
            self.expression(Rule::expression)?;
            self.leaf(Rule::COLON, b':')?;
            self.expression(Rule::expression)?;
            if !self.comma() {
                break;
            }
        }
        Some(())
    }

    pub(super) fn subscripts(&mut self) -> Read {
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

    pub(super) fn arguments(&mut self) -> Read {
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

    pub(super) fn parameters(&mut self) -> Read {
        if self.is_over() {
            return Some(());
        }
        loop {
            let pair = self.open(Rule::parameter);
            if matches!(self.peek(), b'*' | shape::POWER) {
                self.skip(1);
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
