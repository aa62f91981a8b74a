//! Where text ends and tags begin, and how much white space they take along.

use super::Lexed;
use super::tokens::{Endless, GroupId, Tokenizer, is_word_byte};
use crate::SyntaxOptions;
use crate::limits::MAX_DIAGNOSTICS;
use gravure_source::{Code, Diagnostic, Span};

/// One part of a source.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Piece {
    /// Literal text, trimmed; never empty.
    Text(Span),
    /// A comment, delimiters included.
    Comment(Span),
    /// `{{ … }}`
    Output(GroupId),
    /// `{% … %}`; what stands inside a raw block is a text.
    Block(GroupId),
}

/// Which tag a delimiter opens.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Block,
    Output,
    Comment,
}

/// What the tag before a text takes from its start.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trim {
    Nothing,
    LineEnd,
    All,
}

/// The pieces and tokens of a source.
///
/// # Errors
///
/// All lexical findings, in order of their places.
pub(crate) fn lex(source: &str, options: &SyntaxOptions) -> Result<Lexed, Vec<Diagnostic>> {
    let mut lexer = Lexer {
        source,
        options,
        openers: Openers::new(options),
        tokenizer: Tokenizer::new(source, options.limits.max_tokens),
        pieces: Vec::with_capacity((source.len() / 64).min(1 << 12)),
        at: 0,
        trim: Trim::Nothing,
    };
    lexer.run();
    let mut findings = lexer.tokenizer.findings;
    if findings.is_empty() {
        return Ok(Lexed {
            pieces: lexer.pieces,
            tokens: lexer.tokenizer.tokens,
        });
    }
    findings.sort_by_key(|finding| finding.span.start);
    Err(findings)
}

struct Lexer<'s> {
    source: &'s str,
    options: &'s SyntaxOptions,
    openers: Openers<'s>,
    tokenizer: Tokenizer<'s>,
    pieces: Vec<Piece>,
    /// Where the text that is looked at starts.
    at: usize,
    /// What the tag before takes from it.
    trim: Trim,
}

impl<'s> Lexer<'s> {
    fn run(&mut self) {
        while let Some((start, kind, len)) = self.openers.find(self.source, self.at) {
            let inside = start + len;
            let minus = self.source.as_bytes().get(inside) == Some(&b'-');
            if !self.text(start, minus, kind == Kind::Block) || !self.tokenizer.charge() {
                return self.too_many(start);
            }
            let opener = Span::new(start as u32, inside as u32);
            let goes_on = match kind {
                Kind::Comment => self.comment(opener),
                Kind::Output | Kind::Block => self.tag(kind, opener, inside + usize::from(minus)),
            };
            if !goes_on || self.tokenizer.findings.len() >= MAX_DIAGNOSTICS {
                return;
            }
        }
        let end = self.source.len();
        if !self.text(end, false, false) {
            self.too_many(end);
        }
    }

    /// The text up to `end`. False if there are too many tokens.
    fn text(&mut self, end: usize, minus: bool, before_block: bool) -> bool {
        let start = self.at;
        let whole = self.source.get(start..end).unwrap_or("");
        if whole.is_empty() {
            return true;
        }
        if !self.tokenizer.charge() {
            return false;
        }
        let mut kept = match self.trim {
            Trim::Nothing => whole,
            Trim::All => whole.trim_start_matches(is_space),
            Trim::LineEnd => whole
                .strip_prefix("\r\n")
                .or_else(|| whole.strip_prefix('\n'))
                .unwrap_or(whole),
        };
        let n_taken = whole.len() - kept.len();
        if minus {
            kept = kept.trim_end_matches(is_space);
        } else if before_block && self.options.lstrip_blocks {
            let line = match memchr::memrchr(b'\n', whole.as_bytes()) {
                Some(at) => Some(at + 1),
                None if start == 0 => Some(0),
                None => None,
            };
            if let Some(line) = line
                && whole.get(line..).unwrap_or("").chars().all(is_space)
            {
                kept = kept.get(..line.saturating_sub(n_taken)).unwrap_or(kept);
            }
        }
        if !kept.is_empty() {
            let from = (start + n_taken) as u32;
            self.pieces
                .push(Piece::Text(Span::new(from, from + kept.len() as u32)));
        }
        true
    }

    /// A comment. False if the source ends in it.
    fn comment(&mut self, opener: Span) -> bool {
        let closer = self.options.delimiters.comment_end.as_str();
        let inside = opener.end as usize;
        let rest = self.source.as_bytes().get(inside..).unwrap_or(&[]);
        let Some(found) = find(rest, closer.as_bytes()) else {
            self.unclosed(Code::LexUnclosedComment, "comment", opener, closer);
            return false;
        };
        self.at = inside + found + closer.len();
        self.trim = Trim::Nothing;
        self.pieces
            .push(Piece::Comment(Span::new(opener.start, self.at as u32)));
        true
    }

    /// An output or a block tag. False if nothing can follow.
    fn tag(&mut self, kind: Kind, opener: Span, inside: usize) -> bool {
        let delimiters = &self.options.delimiters;
        let closer = match kind {
            Kind::Output => delimiters.variable_end.as_str(),
            _ => delimiters.block_end.as_str(),
        };
        let whole_opener = Span::new(opener.start, inside as u32);
        let tag = match self.tokenizer.tag(whole_opener, inside, closer) {
            Ok(tag) => tag,
            Err(Endless::Source) => {
                let (code, what) = match kind {
                    Kind::Output => (Code::LexUnclosedOutput, "output"),
                    _ => (Code::LexUnclosedTag, "tag"),
                };
                self.unclosed(code, what, opener, closer);
                return false;
            }
            Err(Endless::Text) => return false,
            Err(Endless::TooMany) => {
                self.too_many(opener.start as usize);
                return false;
            }
        };
        self.at = tag.end;
        self.trim = match (tag.trims, kind) {
            (true, _) => Trim::All,
            (false, Kind::Block) if self.options.trim_blocks => Trim::LineEnd,
            _ => Trim::Nothing,
        };
        if kind == Kind::Output {
            self.pieces.push(Piece::Output(tag.group));
            return true;
        }
        self.pieces.push(Piece::Block(tag.group));
        let group = self.tokenizer.tokens.group(tag.group);
        let is_raw = self
            .tokenizer
            .tokens
            .get(group.first as usize)
            .is_some_and(|word| group.first < group.last && word.span.of(self.source) == "raw");
        !is_raw || self.raw()
    }

    /// The content of a raw block, up to the tag that closes it, which is read
    /// like any other tag. False if there are too many tokens.
    fn raw(&mut self) -> bool {
        let start = self.at;
        let rest = self.source.get(start..).unwrap_or("");
        let opener = self.options.delimiters.block_start.as_str();
        let found = memchr::memmem::find_iter(rest.as_bytes(), opener.as_bytes())
            .find(|at| closes_raw(&rest[at + opener.len()..]));
        let end = start + found.unwrap_or(rest.len());
        let minus = self
            .source
            .as_bytes()
            .get(end + opener.len())
            .is_some_and(|&byte| found.is_some() && byte == b'-');
        if !self.text(end, minus, found.is_some()) {
            self.too_many(end);
            return false;
        }
        self.at = end;
        self.trim = Trim::Nothing;
        true
    }

    fn unclosed(&mut self, code: Code, what: &str, opener: Span, closer: &str) {
        self.tokenizer.findings.push(
            Diagnostic::new(code, opener, format!("this {what} is not closed"))
                .label("opens here")
                .help(format!("add `{closer}`")),
        );
    }

    fn too_many(&mut self, at: usize) {
        let limit = self.options.limits.max_tokens;
        self.tokenizer.findings.push(
            Diagnostic::new(
                Code::LexTooLong,
                Span::new(at as u32, at as u32),
                format!("the template has more than {limit} tokens"),
            )
            .help("split the template"),
        );
    }
}

/// The first place of a short text in bytes, in which its first byte is rare: no
/// searcher is made, which would cost more than to look.
fn find(bytes: &[u8], text: &[u8]) -> Option<usize> {
    let &first = text.first()?;
    memchr::memchr_iter(first, bytes).find(|&at| bytes[at..].starts_with(text))
}

/// Does a block tag whose inside is `rest` begin with `endraw`?
fn closes_raw(rest: &str) -> bool {
    let rest = rest.strip_prefix('-').unwrap_or(rest);
    let rest = rest.trim_start_matches([' ', '\t', '\r', '\n']);
    match rest.strip_prefix("endraw") {
        Some(rest) => !rest.bytes().next().is_some_and(is_word_byte),
        None => false,
    }
}

/// White space, as the language sees it.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// The three opening delimiters, longest first; of equal ones the output's,
/// then the block's.
struct Openers<'s> {
    texts: [(&'s str, Kind); 3],
    first: [u8; 3],
}

impl<'s> Openers<'s> {
    fn new(options: &'s SyntaxOptions) -> Self {
        let delimiters = &options.delimiters;
        let mut texts = [
            (delimiters.variable_start.as_str(), Kind::Output),
            (delimiters.block_start.as_str(), Kind::Block),
            (delimiters.comment_start.as_str(), Kind::Comment),
        ];
        texts.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        let first = texts.map(|(text, _)| text.as_bytes().first().copied().unwrap_or(0));
        Self { texts, first }
    }

    /// The leftmost opener at or behind `at`: where, which, how long. Where
    /// several match, the longest.
    fn find(&self, source: &str, at: usize) -> Option<(usize, Kind, usize)> {
        let bytes = source.as_bytes();
        let mut from = at;
        loop {
            let rest = bytes.get(from..)?;
            let [a, b, c] = self.first;
            let found = if a == b && b == c {
                memchr::memchr(a, rest)
            } else {
                memchr::memchr3(a, b, c, rest)
            }?;
            let start = from + found;
            for (text, kind) in self.texts {
                if bytes[start..].starts_with(text.as_bytes()) {
                    return Some((start, kind, text.len()));
                }
            }
            from = start + 1;
        }
    }
}
