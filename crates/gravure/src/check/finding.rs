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
}

impl<'s> Places<'s> {
    pub(super) fn new(path: &'s str, source: &'s str) -> Self {
        Self {
            path,
            source,
            index: LineIndex::new(source),
            lines: source.split('\n').collect(),
        }
    }

    /// A finding at a place of the source.
    pub(super) fn at(&self, span: Span, mut finding: Finding) -> Finding {
        let range = self.range(span);
        let width = match range.end {
            Some(end) if end.line == range.start.line => {
                let start = range.start.column.unwrap_or(0);
                end.column.unwrap_or(0).saturating_sub(start)
            }
            // It goes on below: the caret stops at the end of the line.
            _ => {
                let line = span.of(self.source).split('\n').next().unwrap_or("");
                u32::try_from(line.chars().count()).unwrap_or(u32::MAX)
            }
        };
        let column = range.start.column.unwrap_or(0);
        finding.snippet = Some(self.snippet(range.start.line, column, width));
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

    /// Up to two lines before and after a line.
    fn snippet(&self, line: u32, column: u32, width: u32) -> Snippet {
        let first = line.saturating_sub(2).max(1);
        let shown = self.lines.iter().zip(1..).skip(first as usize - 1);
        let shown = shown.take_while(|&(_, number)| number <= line.saturating_add(2));
        Snippet {
            lines: shown
                .map(|(text, number)| (number, (*text).to_owned()))
                .collect(),
            error_line: line,
            column,
            width: width.max(1),
        }
    }

    fn range(&self, span: Span) -> Range {
        let start = self.index.line_col(self.source, span.start);
        let end = self.index.line_col(self.source, span.end.max(span.start));
        Range {
            start: Position {
                line: start.line,
                column: Some(start.column),
            },
            end: Some(Position {
                line: end.line,
                column: Some(end.column),
            }),
        }
    }

    /// The line of a place.
    pub(super) fn line(&self, span: Span) -> u32 {
        self.index.line(span.start)
    }
}
