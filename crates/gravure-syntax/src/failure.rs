//! Where pest stops, in words: which code, what was found, what would do.

use crate::grammar::{Rule, human_name};
use crate::lex::{Group, Tokens};
use crate::words::{shape, starts_value};
use gravure_source::{Code, Diagnostic, Span};

/// A place where a group's tokens cannot go on.
pub(crate) struct Failure<'a> {
    /// The text of the template.
    pub(crate) source: &'a str,
    /// Its tokens.
    pub(crate) tokens: &'a Tokens,
    /// The group that was read.
    pub(crate) group: Group,
    /// By which rule.
    pub(crate) rule: Rule,
    /// The number of the token that does not fit.
    pub(crate) at: usize,
    /// Which rules would have taken a token there.
    pub(crate) wanted: &'a [Rule],
}

impl Failure<'_> {
    /// The finding.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        let span = self.tokens.span(self.group, self.at);
        if let Some(special) = self.special(span) {
            return special;
        }
        let code = self.code();
        let mut message = match code {
            Code::ParFilter => "a pipe needs the name of a filter".to_owned(),
            Code::ParExpression if self.wants(Rule::attribute_name) => {
                "a dot needs the name of an attribute".to_owned()
            }
            Code::ParExpression if self.previous() == shape::NOT && self.wants(Rule::IN) => {
                "`not` between two values needs `in`".to_owned()
            }
            Code::ParExpression if self.wants_only_names() => "a name was expected".to_owned(),
            Code::ParExpression => "a value was expected".to_owned(),
            _ => match self.expected() {
                Some(expected) => format!("{expected} was expected"),
                None => format!("{} cannot stand here", found(span.of(self.source))),
            },
        };
        if !message.ends_with("cannot stand here") {
            message.push_str(", found ");
            message.push_str(&found(span.of(self.source)));
        }
        let mut finding = Diagnostic::new(code, span, message).label("unexpected");
        finding.help.extend(self.advice().map(str::to_owned));
        finding
    }

    fn special(&self, span: Span) -> Option<Diagnostic> {
        let here = self.shape_here();
        let keyword = self.tokens.span(self.group, self.group.first as usize);
        match self.rule {
            Rule::set_tag
                if self.is_end()
                    && self.at > self.group.first as usize + 1
                    && keyword.of(self.source) == "set"
                    && !self.has(b'=')
                    && !self.has(shape::COALESCE_ASSIGN) =>
            {
                Some(
                    Diagnostic::new(Code::ParUnsupported, keyword, "`set` needs `= value`")
                        .label("there is no block form")
                        .help("write `capture name` … `end` to keep text in a variable"),
                )
            }
            Rule::fragment_tag if here == shape::IF => Some(
                Diagnostic::new(Code::ParUnsupported, span, "a fragment has no condition")
                    .label("not offered")
                    .help("write `block`, which takes one"),
            ),
            Rule::block_tag | Rule::fragment_tag if self.wants(Rule::modifier_value) => Some(
                Diagnostic::new(
                    Code::ParUnsupported,
                    span,
                    "the value of a block's modifier must be a literal",
                )
                .label("no literal"),
            ),
            Rule::list if here == shape::FOR && self.has_before(shape::FOR) => Some(
                Diagnostic::new(
                    Code::ParExpression,
                    span,
                    "a list comprehension has one `for`",
                )
                .label("the second one"),
            ),
            _ => None,
        }
    }

    fn code(&self) -> Code {
        if self.wants(Rule::filter_name) {
            return Code::ParFilter;
        }
        if self.wants(Rule::attribute_name) {
            return Code::ParExpression;
        }
        if self.previous() == shape::NOT && self.wants(Rule::IN) {
            return Code::ParExpression;
        }
        let wants_value = self.wanted.iter().any(|&rule| takes_value(rule));
        if wants_value && !starts_value(self.shape_here()) {
            Code::ParExpression
        } else {
            Code::ParUnexpected
        }
    }

    /// What would have done, if that is short enough to say.
    fn expected(&self) -> Option<String> {
        let continues = |rule: &Rule| {
            matches!(
                rule,
                Rule::operator
                    | Rule::filter
                    | Rule::test
                    | Rule::identity
                    | Rule::not_in
                    | Rule::attribute
                    | Rule::subscript
                    | Rule::call
                    | Rule::joint
                    | Rule::COALESCE
            )
        };
        // An expression could go on in a dozen ways; nobody wants the list.
        let goes_on = self.wanted.iter().any(continues);
        let mut names: Vec<&str> = self
            .wanted
            .iter()
            .filter(|rule| !continues(rule) && !matches!(rule, Rule::IF | Rule::ELSE))
            .filter_map(|&rule| human_name(rule))
            .collect();
        names.sort_unstable();
        names.dedup();
        let closer = format!("`{}`", self.group.close.of(self.source));
        if self.wanted.contains(&Rule::EOI) && self.group.is_closed {
            if goes_on {
                names.push("an operator");
            }
            names.push(&closer);
        }
        match names.as_slice() {
            [] => None,
            [one] => Some((*one).to_owned()),
            [most @ .., last] => Some(format!("{} or {last}", most.join(", "))),
        }
    }

    fn advice(&self) -> Option<&'static str> {
        let previous = self.previous();
        let word = self.tokens.span(self.group, self.at).of(self.source);
        let is_adjacent = self.at > self.group.first as usize
            && self.tokens.span(self.group, self.at - 1).end
                == self.tokens.span(self.group, self.at).start;
        if previous == shape::NUMBER && is_adjacent && word.starts_with(is_name_char) {
            return Some("numbers have no exponent, prefix or separator");
        }
        match (self.rule, word) {
            (Rule::for_tag, "recursive") => {
                Some("there are no recursive loops: write a `def` that calls itself")
            }
            (Rule::include_tag | Rule::embed_tag, _) if self.wants(Rule::CONTEXT) => {
                Some("to pass values, put it into a `with name = value` block")
            }
            (Rule::for_tag, _) if self.shape_here() == b',' => {
                Some("put a tuple of values into parentheses")
            }
            (_, "|") if previous == b'|' => Some("write `or`"),
            (Rule::output, ",") => Some("put a tuple into parentheses"),
            (_, "=") if self.rule == Rule::output => Some("write `==` to compare, or a `set` tag"),
            _ => None,
        }
    }

    fn wants(&self, rule: Rule) -> bool {
        self.wanted.contains(&rule)
    }

    /// Would a value not do, but a name that takes one?
    fn wants_only_names(&self) -> bool {
        !self.wanted.iter().any(|&rule| {
            takes_value(rule)
                && !matches!(
                    rule,
                    Rule::targets
                        | Rule::for_targets
                        | Rule::inner_targets
                        | Rule::target_group
                        | Rule::unpacking
                )
        })
    }

    fn is_end(&self) -> bool {
        self.at >= self.group.last as usize
    }

    fn shape_here(&self) -> u8 {
        if self.is_end() {
            0
        } else {
            self.tokens.shape(self.at)
        }
    }

    fn previous(&self) -> u8 {
        if self.at > self.group.first as usize {
            self.tokens.shape(self.at - 1)
        } else {
            0
        }
    }

    fn has(&self, shape: u8) -> bool {
        self.tokens.shapes(self.group).contains(&shape)
    }

    fn has_before(&self, shape: u8) -> bool {
        let shapes = self.tokens.shapes(self.group);
        let n = self.at - self.group.first as usize;
        shapes
            .get(1..n)
            .is_some_and(|shapes| shapes.contains(&shape))
    }
}

/// A token as a message shows it.
fn found(text: &str) -> String {
    match text.char_indices().nth(30) {
        Some((cut, _)) => format!("`{}…`", &text[..cut]),
        None => format!("`{text}`"),
    }
}

fn is_name_char(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_'
}

/// Does a rule begin with a value, or with a name that takes one?
fn takes_value(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::primary
            | Rule::sign
            | Rule::or_expr
            | Rule::expression
            | Rule::expr0
            | Rule::tuple
            | Rule::pattern
            | Rule::targets
            | Rule::for_targets
            | Rule::inner_targets
            | Rule::target_group
            | Rule::unpacking
            | Rule::argument
            | Rule::arguments
            | Rule::list
            | Rule::dict
            | Rule::parens
            | Rule::subscripts
    )
}
