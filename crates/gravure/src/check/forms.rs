//! Findings as text: for people, for editors, for build services.
//!
//! Control characters of templates never reach a terminal or a command line.

use super::{Finding, Range, Severity};
use crate::error::UNNAMED;
use std::fmt::{self, Write as _};

/// Everything that is known about a finding, for people.
#[derive(Clone, Copy, Debug)]
pub struct Text<'f> {
    finding: &'f Finding,
    is_colored: bool,
}

impl Text<'_> {
    /// With escape sequences for a terminal, if `is_colored`.
    #[must_use]
    pub fn color(mut self, is_colored: bool) -> Self {
        self.is_colored = is_colored;
        self
    }
}

impl Finding {
    /// Everything that is known, for people.
    pub fn text(&self) -> Text<'_> {
        Text {
            finding: self,
            is_colored: false,
        }
    }

    /// `page.html:5:12: error[K-PAR-004] unknown filter …`: one line, columns
    /// from 1.
    pub fn short(&self) -> String {
        let place = place(self.path.as_deref(), self.range);
        let (severity, code) = (self.severity.as_str(), self.code);
        let message = clean(&self.message);
        match place {
            Some(place) => format!("{place}: {severity}[{code}] {message}"),
            None => format!("{severity}[{code}] {message}"),
        }
    }

    /// A workflow command: `::error file=…,line=…,col=…,title=…::message`.
    /// `file` is where the template lies, if that is known.
    pub fn github(&self, file: Option<&str>) -> String {
        let command = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "notice",
        };
        let mut properties = Vec::new();
        if let Some(file) = file.or(self.path.as_deref()) {
            properties.push(format!("file={}", property(file)));
        }
        if let Some(range) = self.range {
            properties.push(format!("line={}", range.start.line));
            if let Some(column) = range.start.column {
                properties.push(format!("col={}", column.saturating_add(1)));
            }
        }
        properties.push(format!("title={}", property(self.code.as_str())));
        let mut message = self.message.clone();
        for note in &self.notes {
            let _ = write!(message, "\nhelp: {note}");
        }
        format!("::{command} {}::{}", properties.join(","), data(&message))
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let it = self.finding;
        let paint = |style: &'static str| if self.is_colored { style } else { "" };
        let (bold, blue, reset) = (paint("\x1b[1m"), paint("\x1b[34m"), paint("\x1b[0m"));
        let head = match it.severity {
            Severity::Error => paint("\x1b[1;31m"),
            Severity::Warning => paint("\x1b[1;33m"),
            Severity::Info => paint("\x1b[1;36m"),
        };
        let (severity, code, message) = (it.severity.as_str(), it.code, clean(&it.message));
        writeln!(f, "{head}{severity}[{code}]{reset}{bold}: {message}{reset}")?;
        let snippet = it.snippet.as_ref().filter(|it| !it.lines.is_empty());
        let gutter = snippet
            .and_then(|snippet| snippet.lines.last())
            .map_or(1, |(number, _)| number.to_string().len());
        if let Some(place) = place(it.path.as_deref(), it.range) {
            writeln!(f, "{:gutter$} {blue}┌─{reset} {place}", "")?;
        }
        if let Some(snippet) = snippet {
            let mut snippet = snippet.clone();
            for (_, text) in &mut snippet.lines {
                *text = text.replace(turns, "\u{fffd}");
            }
            f.write_str(&snippet.render(&clean(&it.label)))?;
        }
        for related in &it.related {
            let label = clean(&related.label);
            match place(related.path.as_deref(), related.range) {
                Some(place) => writeln!(f, "  note: {label} at {place}")?,
                None => writeln!(f, "  note: {label}")?,
            }
        }
        for note in &it.notes {
            writeln!(f, "  {bold}help{reset}: {}", clean(note))?;
        }
        write!(f, "  docs: {}", it.docs())
    }
}

/// `page.html:5:12`; nothing for requests of the host.
fn place(path: Option<&str>, range: Option<Range>) -> Option<String> {
    let name = clean(path.unwrap_or(UNNAMED));
    match (range, path) {
        (None, None) => None,
        (None, Some(_)) => Some(name),
        (Some(range), _) => {
            let line = range.start.line;
            Some(match range.start.column {
                Some(column) => format!("{name}:{line}:{}", column.saturating_add(1)),
                None => format!("{name}:{line}"),
            })
        }
    }
}

/// Marks that turn the direction of text around could make a message read as
/// another one.
fn turns(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Text on one line, its control characters spelled out.
fn clean(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || turns(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

/// The message of a workflow command.
fn data(text: &str) -> String {
    let escaped = text.replace('%', "%25");
    escaped.replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a workflow command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
