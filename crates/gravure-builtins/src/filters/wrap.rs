//! The filter `wordwrap`: text in lines of at most so many characters.
//!
//! White space becomes blanks, the text is cut into chunks that a line may
//! end after, and lines are filled with chunks. Chunks are ranges of one
//! array of characters, so nothing is copied before a line is written.

use crate::{
    registry::{Row, params},
    support::{Answer, expect_int, new_text, wrong_argument},
};
use gravure_value::{Args, Call, Fault, Value, ops};
use std::ops::Range;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::new(
        &["wordwrap"],
        params!("value, /, width=, break_long_words="),
        wordwrap,
    )]
}

pub(crate) fn wordwrap<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let width = args.get_or(1, Value::Int(79));
    let break_words = args
        .given(2)
        .is_none_or(|it| ops::is_truthy(call.heap(), it));
    let heap = call.heap();
    let (n_width, is_whole) = match width {
        Value::Float(it) => (it.floor().max(it.min(0.0)) as i64, false),
        _ => (expect_int(heap, width, "width")?, true),
    };
    if n_width <= 0 && !matches!(width, Value::Float(it) if it > 0.0) {
        return Err(Fault::value("the argument `width` must be more than 0"));
    }
    let wrapped = {
        let text = ops::to_text(heap, args.get(0))?;
        let n_tabs = text.bytes().filter(|&byte| byte == b'\t').count() as u64;
        let n_chars = n_tabs.saturating_mul(7).saturating_add(text.len() as u64);
        heap.charge(n_chars)?;
        heap.reserve(n_chars.saturating_mul(4 + size_of::<Range<usize>>() as u64))?;
        let chars = spread(&text);
        let filler = Filler {
            chars: &chars,
            width: usize::try_from(n_width).unwrap_or(0),
            break_words,
        };
        match filler.fill(chunks(&chars), is_whole) {
            Some(lines) => lines,
            None => return Err(wrong_argument(heap, width, "width", "an int")),
        }
    };
    new_text(call, wrapped)
}

/// Tabs expanded to multiples of 8, other white space of ASCII as one blank.
fn spread(text: &str) -> Vec<char> {
    let mut chars = Vec::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' => {
                let n = 8 - column % 8;
                chars.extend(std::iter::repeat_n(' ', n));
                column += n;
            }
            '\n' | '\r' => {
                chars.push(' ');
                column = 0;
            }
            '\u{b}' | '\u{c}' => {
                chars.push(' ');
                column += 1;
            }
            _ => {
                chars.push(c);
                column += 1;
            }
        }
    }
    chars
}

/// A letter, a number or `_`.
fn is_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric() || c == '_';
    }
    matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number
    )
}

/// A word character that is no decimal digit.
fn is_letter(c: char) -> bool {
    is_word(c) && c.general_category() != GeneralCategory::DecimalNumber
}

/// What a dash run may follow.
fn is_before_dash(c: char) -> bool {
    is_word(c) || "!\"'&.,?".contains(c)
}

/// Pieces after which a line may end; together they are the whole text.
fn chunks(chars: &[char]) -> Vec<Range<usize>> {
    let mut chunks = Vec::new();
    let mut start = 0;
    while start < chars.len() {
        let end = chunk_end(chars, start);
        chunks.push(start..end);
        start = end;
    }
    chunks
}

/// Where the chunk that begins at `start` ends.
fn chunk_end(chars: &[char], start: usize) -> usize {
    let is = |at: usize, test: fn(char) -> bool| chars.get(at).copied().is_some_and(test);
    let before = |at: usize, back: usize, test: fn(char) -> bool| {
        at.checked_sub(back).is_some_and(|at| is(at, test))
    };
    let is_blank = |c: char| c == ' ';
    if is(start, is_blank) {
        let n = chars[start..].iter().take_while(|&&c| c == ' ').count();
        return start + n;
    }
    if let Some(end) = dash_run(chars, start) {
        return end;
    }
    for at in start + 1.. {
        if is(at, |c| c == '-') {
            let follows = before(at, 1, is_letter)
                && (before(at, 2, is_letter)
                    || before(at, 2, |c| c == '-') && before(at, 3, is_letter));
            let leads = is(at + 1, is_letter)
                && (is(at + 2, is_letter) || is(at + 2, |c| c == '-') && is(at + 3, is_letter));
            if follows && leads {
                return at + 1;
            }
            if dash_run(chars, at).is_some() {
                return at;
            }
        } else if at >= chars.len() || is(at, is_blank) {
            return at;
        }
    }
    chars.len()
}

/// The end of a run of two or more dashes between words, if one begins here.
fn dash_run(chars: &[char], at: usize) -> Option<usize> {
    let before = chars.get(at.checked_sub(1)?)?;
    if !is_before_dash(*before) {
        return None;
    }
    let n = chars[at..].iter().take_while(|&&c| c == '-').count();
    let leads = chars.get(at + n).copied().is_some_and(is_word);
    (n >= 2 && leads).then_some(at + n)
}

/// Puts chunks on lines.
struct Filler<'a> {
    chars: &'a [char],
    width: usize,
    break_words: bool,
}

impl Filler<'_> {
    /// The lines; `None` if a word must be broken at a width that is no whole
    /// number.
    fn fill(&self, chunks: Vec<Range<usize>>, is_whole: bool) -> Option<String> {
        let mut out = String::with_capacity(self.chars.len() + 16);
        let mut line: Vec<Range<usize>> = Vec::new();
        let mut has_line = false;
        let mut rest = chunks.into_iter();
        let mut next = rest.next();
        while let Some(first) = next.take() {
            line.clear();
            let mut len = 0;
            next = Some(first.clone());
            if self.is_blank(&first) && has_line {
                next = rest.next();
            }
            while let Some(chunk) = next.take() {
                if len + chunk.len() > self.width {
                    next = Some(chunk);
                    break;
                }
                len += chunk.len();
                line.push(chunk);
                next = rest.next();
            }
            if let Some(chunk) = next.take() {
                if chunk.len() <= self.width {
                    next = Some(chunk);
                } else if self.break_words {
                    if !is_whole {
                        return None;
                    }
                    let end = self.break_at(&chunk, self.width - len);
                    if end > chunk.start {
                        line.push(chunk.start..end);
                    }
                    next = Some(end..chunk.end);
                } else if line.is_empty() {
                    line.push(chunk);
                    next = rest.next();
                } else {
                    next = Some(chunk);
                }
            }
            if line.last().is_some_and(|chunk| self.is_blank(chunk)) {
                line.pop();
            }
            if let (Some(first), Some(last)) = (line.first(), line.last()) {
                if has_line {
                    out.push('\n');
                }
                out.extend(&self.chars[first.start..last.end]);
                has_line = true;
            }
        }
        Some(out)
    }

    fn is_blank(&self, chunk: &Range<usize>) -> bool {
        self.chars[chunk.clone()].iter().all(|&c| c == ' ')
    }

    /// Where a chunk that is too long is cut: after the last dash that fits,
    /// if anything but dashes stands before it.
    fn break_at(&self, chunk: &Range<usize>, room: usize) -> usize {
        let part = &self.chars[chunk.start..chunk.start + room];
        match part.iter().rposition(|&c| c == '-') {
            Some(at) if part[..at].iter().any(|&c| c != '-') => chunk.start + at + 1,
            _ => chunk.start + room,
        }
    }
}
