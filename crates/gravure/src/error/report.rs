//! An error as people read it: one line, or everything.
//!
//! ```text
//! error[K-RUN-001]: undefined variable `titl`
//!   ┌─ page.html:5:12
//! 4 │ <article>
//! 5 │   <h1>{{ titl }}</h1>
//!   │          ^^^^
//! 6 │ </article>
//!   in   card()            called at list.html:14
//!   from main.html:3       include
//!   help: did you mean `title`?
//!   docs: k-run-001
//! ```
//!
//! The parts and their order are a promise, the drawing is not. Columns are
//! printed from 1. Control characters of templates never reach a terminal.

use super::{Error, UNNAMED};
use std::fmt::{self, Write as _};

/// How many frames of a trace, or further findings, are shown.
const MAX_SHOWN: usize = 20;

/// Everything that is known about an error, as text.
#[derive(Debug, Clone, Copy)]
pub struct Report<'e> {
    error: &'e Error,
    is_colored: bool,
}

impl<'e> Report<'e> {
    pub(super) fn new(error: &'e Error) -> Self {
        Self {
            error,
            is_colored: false,
        }
    }

    /// With escape sequences for a terminal, if `is_colored`.
    #[must_use]
    pub fn color(mut self, is_colored: bool) -> Self {
        self.is_colored = is_colored;
        self
    }

    fn paint(&self, style: &'static str) -> &'static str {
        if self.is_colored { style } else { "" }
    }
}

const BOLD: &str = "\x1b[1m";
const RED: &str = "\x1b[1;31m";
const BLUE: &str = "\x1b[34m";
const RESET: &str = "\x1b[0m";

/// `K-RUN-001: undefined variable `titl` (page.html:5:12)`.
pub(super) fn one_line(error: &Error, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{}: {}", error.code(), Clean(error.message()))?;
    match place(error) {
        Some(place) => write!(f, " ({place})"),
        None => Ok(()),
    }
}

impl fmt::Display for Report<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let error = self.error;
        let (red, bold, blue, reset) = (
            self.paint(RED),
            self.paint(BOLD),
            self.paint(BLUE),
            self.paint(RESET),
        );
        writeln!(
            f,
            "{red}error[{}]{reset}{bold}: {}{reset}",
            error.code(),
            Clean(error.message())
        )?;
        let snippet = error.snippet().filter(|snippet| !snippet.lines.is_empty());
        let gutter = snippet
            .and_then(|snippet| snippet.lines.last())
            .map_or(1, |(number, _)| number.to_string().len());
        if let Some(place) = place(error) {
            writeln!(f, "{:gutter$} {blue}┌─{reset} {place}", "")?;
        }
        if let Some(snippet) = snippet {
            f.write_str(&snippet.render(&Clean(&error.0.label).to_string()))?;
        }
        for (line, column, label) in error.0.notes.iter().take(MAX_SHOWN) {
            let name = Clean(error.template().unwrap_or(UNNAMED)).to_string();
            let column = column.saturating_add(1);
            writeln!(f, "  note: {} at {name}:{line}:{column}", Clean(label))?;
        }
        let calls = error.component_stack().iter().rev().map(|frame| {
            let def = format!("{}()", Clean(&frame.def));
            let template = Clean(&frame.template).to_string();
            format!("  in   {def:<17} called at {template}:{}", frame.line)
        });
        trace(f, calls.collect())?;
        let tags = error.template_stack().iter().rev().map(|frame| {
            let place = format!("{}:{}", Clean(&frame.template), frame.line);
            format!("  from {place:<17} {}", frame.role)
        });
        trace(f, tags.collect())?;
        for hint in error.hints() {
            writeln!(f, "  {bold}help{reset}: {}", Clean(&hint))?;
        }
        if let Some(cause) = error.host_error() {
            let cause = cause.to_string();
            if !error.message().contains(&cause) {
                writeln!(f, "  cause: {}", Clean(&cause))?;
            }
        }
        for other in error.others().iter().take(MAX_SHOWN) {
            writeln!(f, "  also {other}")?;
        }
        if let Some(more) = error.others().len().checked_sub(MAX_SHOWN + 1) {
            writeln!(f, "  … {} more …", more + 1)?;
        }
        write!(f, "  docs: {}", error.docs())
    }
}

/// Frames of a trace; a long one loses its middle.
fn trace(f: &mut fmt::Formatter<'_>, lines: Vec<String>) -> fmt::Result {
    let hidden = lines.len().saturating_sub(MAX_SHOWN);
    for (idx, line) in lines.iter().enumerate() {
        if hidden > 0 && idx == MAX_SHOWN / 2 {
            writeln!(f, "  … {hidden} more …")?;
        }
        if idx < MAX_SHOWN / 2 || idx >= MAX_SHOWN / 2 + hidden {
            writeln!(f, "{line}")?;
        }
    }
    Ok(())
}

/// `page.html:5:12`; nothing for requests of the host.
pub(super) fn place(error: &Error) -> Option<String> {
    match (error.template(), error.line(), error.column()) {
        (None, None, _) => None,
        (template, None, _) => Some(Clean(template.unwrap_or(UNNAMED)).to_string()),
        (template, Some(line), column) => {
            let name = Clean(template.unwrap_or(UNNAMED));
            let column = column.unwrap_or(0).saturating_add(1);
            Some(format!("{name}:{line}:{column}"))
        }
    }
}

/// Text on one line, its control characters spelled out.
struct Clean<'t>(&'t str);

impl fmt::Display for Clean<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for c in self.0.chars() {
            // Marks that turn the direction of text around could make a
            // message read as another one.
            let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if c.is_control() || turns {
                write!(f, "{}", c.escape_default())?;
            } else {
                f.write_char(c)?;
            }
        }
        Ok(())
    }
}
