//! The inside of one tag: characters to tokens, brackets to groups.
//!
//! ```text
//! f(a, [1]) | up      tokens:  f  (…)  |  up        shape: n(|n
//!                     group (…):  a  ,  […]                 n,[
//!                     group […]:  1                         0
//! ```
//!
//! A group's tokens lie side by side, so its shape is one slice for pest. An
//! inner group is finished before the outer one and stands before it.

use super::literal;
use crate::limits::MAX_DIAGNOSTICS;
use crate::words::{shape, word_shape};
use gravure_source::{Code, Diagnostic, Span};

/// The number of a bracket group, or of the inside of a tag.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct GroupId(pub(crate) u32);

/// One lexeme, or a whole bracket group.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    /// Where it stands, brackets included.
    pub(crate) span: Span,
    /// The group, if it is one.
    pub(crate) group: GroupId,
}

/// A bracket group or the inside of a tag.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Group {
    /// Number of its first token.
    pub(crate) first: u32,
    /// Number behind its last token.
    pub(crate) last: u32,
    /// The opening bracket or delimiter.
    pub(crate) open: Span,
    /// The closing one, or what stands where it should be.
    pub(crate) close: Span,
    /// Has it been closed by its own closer?
    pub(crate) is_closed: bool,
}

/// All tokens of a source.
#[derive(Default)]
pub(crate) struct Tokens {
    tokens: Vec<Token>,
    /// ASCII, all of it.
    shapes: Vec<u8>,
    groups: Vec<Group>,
}

impl Tokens {
    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The group of a number.
    pub(crate) fn group(&self, id: GroupId) -> Group {
        self.groups[id.0 as usize]
    }

    /// The shapes of a group's tokens.
    pub(crate) fn shapes(&self, group: Group) -> &[u8] {
        self.shapes
            .get(group.first as usize..group.last as usize)
            .unwrap_or(&[])
    }

    /// The shape of a token; 0 behind the last one.
    pub(crate) fn shape(&self, idx: usize) -> u8 {
        self.shapes.get(idx).copied().unwrap_or(0)
    }

    /// A token by its number.
    pub(crate) fn get(&self, idx: usize) -> Option<Token> {
        self.tokens.get(idx).copied()
    }

    /// The place of a token of a group, or of its closer if the number is
    /// behind its last token.
    pub(crate) fn span(&self, group: Group, idx: usize) -> Span {
        match self.tokens.get(idx) {
            Some(token) if idx < group.last as usize => token.span,
            _ => group.close,
        }
    }
}

/// How a tag ended.
pub(crate) struct TagEnd {
    /// The inside.
    pub(crate) group: GroupId,
    /// Offset behind the closer.
    pub(crate) end: usize,
    /// Was there a `-` before the closer?
    pub(crate) trims: bool,
}

/// Why a tag has no end.
pub(crate) enum Endless {
    /// The source ends inside it.
    Source,
    /// The source ends inside a text literal, which has been reported.
    Text,
    /// There are too many tokens.
    TooMany,
}

/// An open bracket.
struct Open {
    /// Where its tokens start in the scratch.
    mark: usize,
    /// Where it stands.
    span: Span,
    /// The shape of the group.
    shape: u8,
}

/// Cuts the insides of tags into tokens; lives as long as the lexer.
pub(crate) struct Tokenizer<'s> {
    source: &'s str,
    pub(crate) tokens: Tokens,
    pub(crate) findings: Vec<Diagnostic>,
    /// How many lexemes may still come.
    pub(crate) budget: usize,
    scratch: Vec<Token>,
    scratch_shapes: Vec<u8>,
    open: Vec<Open>,
    /// How many open brackets there are of each kind: `)`, `]`, `}`.
    n_open: [usize; 3],
}

/// For how many tokens there is room from the start, at most.
const MOST_AT_ONCE: usize = 1 << 14;

const NO_GROUP: GroupId = GroupId(u32::MAX);

impl<'s> Tokenizer<'s> {
    pub(crate) fn new(source: &'s str, budget: usize) -> Self {
        // Few templates have a token for every sixteen bytes, and room that
        // was never used costs nothing.
        let n_tokens = (source.len() / 16).min(budget).min(MOST_AT_ONCE);
        Self {
            source,
            tokens: Tokens {
                tokens: Vec::with_capacity(n_tokens),
                shapes: Vec::with_capacity(n_tokens),
                groups: Vec::with_capacity(n_tokens / 2),
            },
            findings: Vec::new(),
            budget,
            scratch: Vec::new(),
            scratch_shapes: Vec::new(),
            open: Vec::new(),
            n_open: [0; 3],
        }
    }

    /// Count one lexeme. False if there are too many.
    pub(crate) fn charge(&mut self) -> bool {
        match self.budget.checked_sub(1) {
            Some(left) => {
                self.budget = left;
                true
            }
            None => false,
        }
    }

    /// The tokens of a tag whose inside starts at `start`, up to `closer`.
    pub(crate) fn tag(
        &mut self,
        opener: Span,
        start: usize,
        closer: &str,
    ) -> Result<TagEnd, Endless> {
        let bytes = self.source.as_bytes();
        let closer = closer.as_bytes();
        self.scratch.clear();
        self.scratch_shapes.clear();
        self.open.clear();
        self.n_open = [0; 3];
        let mut at = start;
        loop {
            while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\r' | b'\n')) {
                at += 1;
            }
            let Some(&byte) = bytes.get(at) else {
                return Err(Endless::Source);
            };
            let trims = byte == b'-' && bytes[at + 1..].starts_with(closer);
            let ends = closer.first() == Some(&byte) && bytes[at..].starts_with(closer);
            if trims || ends {
                let from = at + usize::from(trims);
                let end = from + closer.len();
                let group = self.finish(opener, Span::new(at as u32, end as u32));
                return Ok(TagEnd { group, end, trims });
            }
            if !self.charge() {
                return Err(Endless::TooMany);
            }
            at = match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.word(at),
                b'0'..=b'9' => self.number(at),
                b'\'' | b'"' => self.string(at, byte).ok_or(Endless::Text)?,
                _ => self.operator(at),
            };
        }
    }

    fn push(&mut self, shape: u8, start: usize, end: usize) -> usize {
        self.scratch.push(Token {
            span: Span::new(start as u32, end as u32),
            group: NO_GROUP,
        });
        self.scratch_shapes.push(shape);
        end
    }

    fn word(&mut self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let rest = bytes.get(start..).unwrap_or(&[]);
        let n = rest.iter().position(|&byte| !is_word_byte(byte));
        let word = rest.get(..n.unwrap_or(rest.len())).unwrap_or(&[]);
        let end = start + word.len();
        let shape = word_shape(word);
        self.push(shape, start, end)
    }

    fn number(&mut self, start: usize) -> usize {
        let bytes = self.source.as_bytes();
        let digits = |from: usize| {
            let n = bytes
                .iter()
                .skip(from)
                .take_while(|b| b.is_ascii_digit())
                .count();
            from + n
        };
        let mut end = digits(start);
        if bytes.get(end) == Some(&b'.') && bytes.get(end + 1) != Some(&b'.') {
            end = digits(end + 1);
        }
        self.push(shape::NUMBER, start, end)
    }

    /// A text literal; none if the source ends in it.
    fn string(&mut self, start: usize, quote: u8) -> Option<usize> {
        let bytes = self.source.as_bytes();
        let mut at = start + 1;
        while let Some(found) = memchr::memchr2(quote, b'\\', &bytes[at.min(bytes.len())..]) {
            at += found;
            if bytes[at] == quote {
                return Some(self.push(shape::STRING, start, at + 1));
            }
            let rest = self.source.get(at..).unwrap_or("");
            at += match literal::escape_len(rest, at as u32) {
                Ok(len) => len,
                Err((finding, len)) => {
                    self.note(*finding);
                    len
                }
            };
        }
        let span = Span::new(start as u32, start as u32 + 1);
        self.findings.push(
            Diagnostic::new(
                Code::LexUnclosedString,
                span,
                "this text literal is not closed",
            )
            .label("opens here")
            .help(format!("add `{}`", quote as char)),
        );
        None
    }

    fn operator(&mut self, at: usize) -> usize {
        let bytes = self.source.as_bytes();
        let next = |n: usize| bytes.get(at + n).copied().unwrap_or(0);
        let byte = next(0);
        let (shape, len) = match (byte, next(1), next(2)) {
            (b'.', b'.', b'.') => (shape::ELLIPSIS, 3),
            (b'?', b'?', b'=') => (shape::COALESCE_ASSIGN, 3),
            (b'?', b'|', b'>') => (shape::SAFE_PIPELINE, 3),
            (b'*', b'*', _) => (shape::POWER, 2),
            (b'/', b'/', _) => (shape::FLOOR, 2),
            (b'=', b'=', _) => (shape::EQUAL, 2),
            (b'!', b'=', _) => (shape::DIFFERENT, 2),
            (b'<', b'=', _) => (shape::LESS_EQUAL, 2),
            (b'>', b'=', _) => (shape::GREATER_EQUAL, 2),
            (b'|', b'>', _) => (shape::PIPELINE, 2),
            (b'?', b'.', _) => (shape::QUESTION_DOT, 2),
            (b'?', b'[', _) => return self.open(shape::QUESTION_SQUARE, at, 2),
            (b'?', b'|', _) => (shape::SAFE_PIPE, 2),
            (b'?', b'?', _) => (shape::COALESCE, 2),
            (b'.', b'.', _) => (shape::DOTS, 2),
            (b'(' | b'[' | b'{', ..) => return self.open(byte, at, 1),
            (b')' | b']' | b'}', ..) => return self.close(byte, at),
            (
                b'<' | b'>' | b'+' | b'-' | b'*' | b'/' | b'%' | b'=' | b'.' | b',' | b':' | b'|'
                | b'~',
                ..,
            ) => (byte, 1),
            _ => return self.bad_character(at),
        };
        self.push(shape, at, at + len)
    }

    fn bad_character(&mut self, at: usize) -> usize {
        let rest = self.source.get(at..).unwrap_or("");
        let c = rest.chars().next().unwrap_or('\0');
        let span = Span::new(at as u32, (at + c.len_utf8()) as u32);
        let help = match c {
            '&' => Some("write `and`"),
            '!' => Some("write `not`"),
            '?' => Some("write `a if condition else b`"),
            '#' => Some("there are no comments inside tags"),
            _ if c.is_alphabetic() => Some("names are made of ASCII letters, digits and `_`"),
            _ if c.is_whitespace() => Some("only blanks, tabs and line ends may stand in tags"),
            _ => None,
        };
        let shown = if c.is_control() || c.is_whitespace() {
            format!("U+{:04X}", u32::from(c))
        } else {
            c.to_string()
        };
        let mut finding = Diagnostic::new(
            Code::LexBadCharacter,
            span,
            format!("`{shown}` cannot stand in a tag"),
        )
        .label("not known here");
        finding.help.extend(help.map(str::to_owned));
        self.note(finding);
        at + c.len_utf8()
    }

    /// One more finding inside a tag, unless there are plenty.
    fn note(&mut self, finding: Diagnostic) {
        if self.findings.len() < MAX_DIAGNOSTICS {
            self.findings.push(finding);
        }
    }

    fn open(&mut self, shape: u8, at: usize, len: usize) -> usize {
        self.n_open[kind_of(shape)] += 1;
        self.open.push(Open {
            mark: self.scratch.len(),
            span: Span::new(at as u32, (at + len) as u32),
            shape,
        });
        at + len
    }

    fn close(&mut self, bracket: u8, at: usize) -> usize {
        let span = Span::new(at as u32, at as u32 + 1);
        let kind = kind_of(bracket);
        if self.n_open[kind] == 0 {
            return self.push(shape::STRAY, at, at + 1);
        }
        // What stands open inside the bracket that is closed ends here too.
        while let Some(open) = self.open.pop() {
            let fits = kind_of(open.shape) == kind;
            self.group(open, span, fits);
            if fits {
                break;
            }
        }
        at + 1
    }

    /// Move the tokens behind an opening bracket into a group of their own.
    fn group(&mut self, open: Open, close: Span, is_closed: bool) {
        let kind = kind_of(open.shape);
        self.n_open[kind] = self.n_open[kind].saturating_sub(1);
        let group = self.keep(open.mark, open.span, close, is_closed);
        self.scratch.push(Token {
            span: if is_closed {
                open.span.to(close)
            } else {
                Span::new(open.span.start, close.start)
            },
            group,
        });
        self.scratch_shapes.push(open.shape);
    }

    fn keep(&mut self, mark: usize, open: Span, close: Span, is_closed: bool) -> GroupId {
        let tokens = &mut self.tokens;
        let first = tokens.tokens.len() as u32;
        let inside = self.scratch.get(mark..).unwrap_or(&[]);
        tokens.tokens.extend_from_slice(inside);
        let inside = self.scratch_shapes.get(mark..).unwrap_or(&[]);
        tokens.shapes.extend_from_slice(inside);
        self.scratch.truncate(mark);
        self.scratch_shapes.truncate(mark);
        let id = GroupId(tokens.groups.len() as u32);
        tokens.groups.push(Group {
            first,
            last: tokens.tokens.len() as u32,
            open,
            close,
            is_closed,
        });
        id
    }

    fn finish(&mut self, opener: Span, closer: Span) -> GroupId {
        while let Some(open) = self.open.pop() {
            self.group(open, closer, false);
        }
        self.keep(0, opener, closer, true)
    }
}

/// Which of the three kinds of brackets a bracket or group is.
fn kind_of(shape: u8) -> usize {
    match shape {
        b'(' | b')' => 0,
        b'[' | b']' => 1,
        _ => 2,
    }
}

/// May a byte stand inside a name?
pub(crate) fn is_word_byte(byte: u8) -> bool {
    IS_WORD_BYTE[byte as usize]
}

static IS_WORD_BYTE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < table.len() {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || byte as u8 == b'_';
        byte += 1;
    }
    table
};
