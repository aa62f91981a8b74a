//! One finding: what was found, where, how sure that is, and what would do.
//!
//! In: diagnostics of reading and compiling, errors of loading, facts of later
//! analyses. Out: a record that all forms print and none adds to. Records are
//! made complete and then only sorted.

use crate::error::Error;
use gravure_source::{Code, Diagnostic, LineIndex, Span, code::Kind, snippet::Snippet};
use std::{cmp::Ordering, collections::BTreeMap};

/// How bad a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Severity {
    /// A render that comes to this place fails.
    Error,
    /// It may mean something else than it seems to.
    Warning,
    /// Worth knowing.
    Info,
}

impl Severity {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }

    /// What a code means unless somebody says otherwise.
    pub fn of(code: Code) -> Self {
        match code.kind() {
            Kind::Warning => Self::Warning,
            _ => Self::Error,
        }
    }
}

/// How sure a finding is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Confidence {
    /// It follows from the text.
    Proven,
    /// A heuristic that would rather say nothing than be wrong.
    Conservative,
    /// It was seen by running.
    RuntimeOnly,
}

impl Confidence {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Conservative => "conservative",
            Self::RuntimeOnly => "runtime-only",
        }
    }
}

/// A place in a template.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Position {
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 0; `None` if only the line is known.
    pub column: Option<u32>,
}

/// A stretch of a template.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Range {
    /// Its first character.
    pub start: Position,
    /// The character behind it; not before `start`.
    pub end: Option<Position>,
}

impl Range {
    /// A line of which no more is known.
    pub fn of_line(line: u32) -> Self {
        let start = Position { line, column: None };
        Self { start, end: None }
    }
}

/// Another place that matters.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Related {
    /// What stands there.
    pub label: String,
    /// The template.
    pub path: Option<String>,
    /// Where in it.
    pub range: Option<Range>,
}

/// A finding.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding {
    /// The stable number.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What was found, lower case, no final stop.
    pub message: String,
    /// The name of the template; `None` for requests of the host.
    pub path: Option<String>,
    /// Where in it.
    pub range: Option<Range>,
    /// A word for the caret line; may be empty.
    pub label: String,
    /// A word for machines, such as `missing-template`.
    pub kind: Option<&'static str>,
    /// Other places that matter.
    pub related: Vec<Related>,
    /// What would do, the likeliest first.
    pub notes: Vec<String>,
    /// The lines around it.
    pub snippet: Option<Snippet>,
    /// Facts by name, never values of variables.
    pub metadata: BTreeMap<&'static str, String>,
}

impl Finding {
    /// A finding with a sentence, and nothing else yet.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::of(code),
            confidence: Confidence::Proven,
            message: message.into(),
            path: None,
            range: None,
            label: String::new(),
            kind: None,
            related: Vec::new(),
            notes: Vec::new(),
            snippet: None,
            metadata: BTreeMap::new(),
        }
    }

    /// The area of the code, in a word.
    pub fn category(&self) -> &'static str {
        let area = self.code.as_str().split('-').nth(1).unwrap_or("");
        match area {
            "LEX" => "lexer",
            "PAR" => "parser",
            "RUN" => "runtime",
            "TPL" => "template",
            "SEC" => "security",
            "CMP" => "component",
            "WARN" => "warning",
            "CACHE" => "cache",
            "CFG" => "configuration",
            _ => "other",
        }
    }

    /// What to do, if that is known.
    pub fn suggestion(&self) -> Option<&str> {
        self.notes.first().map(|note| &**note)
    }

    /// The anchor of the code's documentation, such as `k-par-004`.
    pub fn docs(&self) -> String {
        self.code.as_str().to_lowercase()
    }

    /// An error of loading a template, or of the host's request.
    pub fn from_error(error: &Error) -> Self {
        let mut finding = Self::new(error.code(), error.message());
        finding.path = error.template().map(str::to_owned);
        finding.range = error.line().map(|line| Range {
            start: Position {
                line,
                column: error.column(),
            },
            end: error.end_column().map(|column| Position {
                line,
                column: Some(column),
            }),
        });
        finding.notes = error.hints();
        finding.snippet = error.snippet().cloned();
        let components = error.component_stack().iter().map(|frame| Related {
            label: format!("component {}", frame.def),
            path: Some(frame.template.clone()),
            range: Some(Range::of_line(frame.line)),
        });
        let templates = error.template_stack().iter().map(|frame| Related {
            label: "template".to_owned(),
            path: Some(frame.template.clone()),
            range: Some(Range::of_line(frame.line)),
        });
        finding.related = components.chain(templates).collect();
        if matches!(error.kind(), Kind::Undefined | Kind::Runtime) {
            finding.confidence = Confidence::RuntimeOnly;
        }
        finding
    }

    /// What the order looks at, but for the severity, which may be changed
    /// without moving anything.
    pub(super) fn order(&self, other: &Self) -> Ordering {
        let key = |it: &Self| {
            let start = it.range.map(|range| range.start);
            (phase(it.code), start.map(|it| (it.line, it.column)))
        };
        let (mine, theirs) = (key(self), key(other));
        mine.0
            .cmp(&theirs.0)
            .then_with(|| self.path.cmp(&other.path))
            .then_with(|| mine.1.cmp(&theirs.1))
            .then_with(|| self.code.as_str().cmp(other.code.as_str()))
            .then_with(|| self.message.cmp(&other.message))
            .then_with(|| self.range.cmp(&other.range))
    }

    /// Does another one say the same?
    pub(super) fn is_same(&self, other: &Self) -> bool {
        (self.code, &self.path, self.range, &self.message)
            == (other.code, &other.path, other.range, &other.message)
    }
}

/// In which step of a check a code is found; earlier steps are told first.
fn phase(code: Code) -> u8 {
    match code {
        Code::Config | Code::TplRoots => 0,
        Code::WarnCoalesce | Code::WarnSetScope => 2,
        Code::CmpCall => 3,
        Code::CmpType => 4,
        _ => 1,
    }
}

/// Turns what the compiler says of one source into findings.
pub(super) struct Places<'s> {
    pub(super) path: &'s str,
    source: &'s str,
    index: LineIndex,
    /// Split once: a source may have thousands of findings.
    lines: Vec<&'s str>,
    /// How many characters stand before each stretch of the source, so that a
    /// column far out on a long line is not counted from its beginning.
    before: Vec<u32>,
}

/// Bytes of such a stretch.
const STRETCH: usize = 256;

/// Characters of a line that a snippet keeps; a report shows fewer.
const LONG: u32 = 1024;

impl<'s> Places<'s> {
    pub(super) fn new(path: &'s str, source: &'s str) -> Self {
        let mut n_chars = 0;
        let stretches = source.as_bytes().chunks(STRETCH);
        let mut before = vec![0];
        before.extend(stretches.map(|stretch| {
            n_chars += chars_of(stretch);
            n_chars
        }));
        Self {
            path,
            source,
            index: LineIndex::new(source),
            lines: source.split('\n').collect(),
            before,
        }
    }

    /// A finding at a place of the source.
    pub(super) fn at(&self, span: Span, mut finding: Finding) -> Finding {
        let range = self.range(span);
        let start = range.start.column.unwrap_or(0);
        let width = match range.end {
            Some(end) if end.line == range.start.line => {
                end.column.unwrap_or(0).saturating_sub(start)
            }
            // It goes on below: the caret stops at the end of the line.
            _ => {
                let line = self.line_at(range.start.line);
                let end = self.start_of(range.start.line) + line.len();
                self.chars_until(end) - self.chars_until(span.start as usize)
            }
        };
        finding.snippet = Some(self.snippet(span, range.start.line, start, width));
        finding.path = Some(self.path.to_owned());
        finding.range = Some(range);
        finding
    }

    /// A finding at a line of the source.
    pub(super) fn at_line(&self, line: u32, mut finding: Finding) -> Finding {
        finding.path = Some(self.path.to_owned());
        finding.range = Some(Range::of_line(line));
        finding
    }

    /// What reading or compiling the source has found.
    pub(super) fn finding(&self, found: Diagnostic) -> Finding {
        let mut finding = Finding::new(found.code, found.message);
        finding.notes = found.help;
        finding.label = found.label;
        let related = found.related.into_iter().map(|(span, label)| Related {
            label,
            path: Some(self.path.to_owned()),
            range: Some(self.range(span)),
        });
        finding.related = related.collect();
        // A bad delimiter is the host's request, not a place in the source.
        if found.code == Code::Config {
            return finding;
        }
        self.at(found.span, finding)
    }

    /// Up to two lines before and after a line; of very long ones only the
    /// stretch that can be shown.
    fn snippet(&self, span: Span, line: u32, column: u32, width: u32) -> Snippet {
        let first = line.saturating_sub(2).max(1);
        let numbers = first..=line.saturating_add(2).min(self.lines.len() as u32);
        let cut = column.saturating_sub(LONG / 2);
        let lines = numbers.map(|number| {
            let text = match number == line && cut > 0 {
                true => self.text_before(span.start as usize, line),
                false => self.line_at(number),
            };
            let long = text.char_indices().nth(LONG as usize);
            let end = long.map_or(text.len(), |(at, _)| at);
            (number, text.get(..end).unwrap_or("").to_owned())
        });
        Snippet {
            lines: lines.collect(),
            error_line: line,
            column: column - cut,
            width: width.max(1),
        }
    }

    /// A line from so many characters before a place on, that a snippet shows
    /// the place in its middle.
    fn text_before(&self, place: usize, line: u32) -> &'s str {
        let text = self.line_at(line);
        let (before, _) = text
            .split_at_checked(place.saturating_sub(self.start_of(line)))
            .unwrap_or((text, ""));
        let first = before.char_indices().rev().nth(LONG as usize / 2 - 1);
        first.and_then(|(at, _)| text.get(at..)).unwrap_or(text)
    }

    fn line_at(&self, line: u32) -> &'s str {
        let idx = (line as usize).saturating_sub(1);
        self.lines.get(idx).copied().unwrap_or("")
    }

    /// The byte at which a line begins.
    fn start_of(&self, line: u32) -> usize {
        let text = self.line_at(line);
        (text.as_ptr() as usize).saturating_sub(self.source.as_ptr() as usize)
    }

    /// Characters before a byte.
    fn chars_until(&self, at: usize) -> u32 {
        let at = at.min(self.source.len());
        let stretch = at / STRETCH;
        let rest = self.source.as_bytes().get(stretch * STRETCH..at);
        let before = self.before.get(stretch).copied().unwrap_or(0);
        before + chars_of(rest.unwrap_or(&[]))
    }

    fn range(&self, span: Span) -> Range {
        let place = |at: u32| {
            let line = self.index.line(at);
            let start = self.chars_until(self.start_of(line));
            let column = self.chars_until(at as usize).saturating_sub(start);
            Position {
                line,
                column: Some(column),
            }
        };
        Range {
            start: place(span.start),
            end: Some(place(span.end.max(span.start))),
        }
    }

    /// The line of a place.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.index.line(span.start)
    }
}

/// Characters that begin in these bytes of a text.
fn chars_of(bytes: &[u8]) -> u32 {
    let n = bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_as_from_the_beginning_of_the_line() {
        let texts = [
            String::new(),
            "a".repeat(STRETCH),
            "é".repeat(STRETCH),
            format!(
                "{}\n{}",
                "日".repeat(STRETCH / 3 + 1),
                "x\r\n".repeat(STRETCH)
            ),
            format!("a{}\n\n{}b", "é日😀".repeat(400), "é".repeat(700)),
        ];
        for text in &texts {
            let places = Places::new("a", text);
            let index = LineIndex::new(text);
            let ends = text.char_indices().map(|(at, _)| at);
            for at in ends.chain([text.len()]) {
                let expected = index.line_col(text, at as u32);
                let start = places.range(Span::new(at as u32, at as u32)).start;
                assert_eq!(
                    (start.line, start.column),
                    (expected.line, Some(expected.column))
                );
            }
        }
    }

    #[test]
    fn of_a_line_without_end_only_what_is_shown_is_kept() {
        let text = format!(
            "one\n{}!{}\nthree",
            "ä".repeat(100_000),
            "b".repeat(100_000)
        );
        let at = text.find('!').unwrap() as u32;
        let finding = Places::new("a", &text).at(
            Span::new(at, at + 1),
            Finding::new(Code::ParFilter, "something"),
        );
        assert_eq!(finding.range.unwrap().start.column, Some(100_000));
        let snippet = finding.snippet.unwrap();
        assert_eq!((snippet.column, snippet.width), (512, 1));
        let [first, (number, line), last] = &snippet.lines[..] else {
            panic!("{snippet:?}")
        };
        assert_eq!((&*first.1, *number, &*last.1), ("one", 2, "three"));
        assert_eq!(line.chars().count(), 1024);
        assert_eq!(line.chars().nth(512), Some('!'));
    }

    #[test]
    fn a_caret_goes_to_the_end_of_its_line() {
        let text = "ab\ncdé\nf";
        let finding = Places::new("a", text).at(
            Span::new(4, text.len() as u32),
            Finding::new(Code::ParFilter, "something"),
        );
        assert_eq!(finding.snippet.unwrap().width, 2);
    }
}
