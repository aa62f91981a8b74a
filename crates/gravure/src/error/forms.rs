//! An error as HTML, for debug pages, and as Markdown, for summaries.
//!
//! The same parts as the text report, in the same order. Everything that comes
//! from a template is escaped, so a failing template cannot write the page
//! that shows its failure. No styles: class names begin with `gravure-`.

use super::{Error, UNNAMED, report::place};
use std::fmt::Write as _;

// Writing to a `String` cannot fail, so the results of `write!` are dropped.

/// A fragment of HTML.
pub(super) fn html(error: &Error) -> String {
    let mut out = String::from("<div class=\"gravure-error\">\n");
    let _ = writeln!(
        out,
        "<h1 class=\"gravure-title\"><span class=\"gravure-code\">{}</span> {}</h1>",
        error.code(),
        Html(error.message())
    );
    if let Some(place) = place(error) {
        let _ = writeln!(out, "<p class=\"gravure-place\">{}</p>", Html(&place));
    }
    let hints = error.hints();
    if let Some(first) = hints.first() {
        let _ = writeln!(
            out,
            "<p class=\"gravure-first-fix\">First fix: {}</p>",
            Html(first)
        );
    }
    if let Some(snippet) = error.snippet() {
        out.push_str("<pre class=\"gravure-snippet\">");
        for (number, text) in &snippet.lines {
            let class = if *number == snippet.error_line {
                "gravure-line gravure-line-error"
            } else {
                "gravure-line"
            };
            let _ = writeln!(
                out,
                "<span class=\"{class}\" data-line=\"{number}\">{}</span>",
                Html(text)
            );
        }
        out.push_str("</pre>\n");
    }
    list(&mut out, "gravure-components", components(error));
    list(&mut out, "gravure-templates", templates(error));
    list(
        &mut out,
        "gravure-hints",
        hints.into_iter().skip(1).collect(),
    );
    let others = error.others().iter().map(ToString::to_string);
    list(&mut out, "gravure-others", others.collect());
    let _ = writeln!(
        out,
        "<p class=\"gravure-docs\">{}</p>\n</div>",
        error.docs()
    );
    out
}

/// A whole page of HTML.
pub(super) fn html_page(error: &Error) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <title>{} {}</title>\n</head>\n<body>\n{}</body>\n</html>\n",
        error.code(),
        Html(error.message()),
        html(error)
    )
}

/// Markdown.
pub(super) fn markdown(error: &Error) -> String {
    let mut out = format!("## {}\n\n{}\n", error.code(), Markdown(error.message()));
    if let Some(place) = place(error) {
        let _ = writeln!(out, "\n{}", Markdown(&place));
    }
    if let Some(snippet) = error.snippet().filter(|snippet| !snippet.lines.is_empty()) {
        let drawn = snippet.render(&error.0.label);
        let fence = "`".repeat(longest_run(&drawn, '`').max(2) + 1);
        let _ = writeln!(out, "\n{fence}text\n{}\n{fence}", drawn.trim_end());
    }
    let hints = error.hints();
    for (title, lines) in [
        ("Help", hints),
        ("Calls", components(error)),
        ("Templates", templates(error)),
    ] {
        if !lines.is_empty() {
            let _ = writeln!(out, "\n### {title}\n");
        }
        for line in lines {
            let _ = writeln!(out, "- {}", Markdown(&line));
        }
    }
    out
}

/// Running calls, innermost first.
fn components(error: &Error) -> Vec<String> {
    let frames = error.component_stack().iter().rev();
    let shown = frames.map(|frame| {
        format!(
            "{}() called at {}:{}",
            frame.def, frame.template, frame.line
        )
    });
    cut(shown.collect())
}

/// Tags on the way, innermost first.
fn templates(error: &Error) -> Vec<String> {
    let frames = error.template_stack().iter().rev();
    let shown = frames.map(|frame| {
        let template = match &*frame.template {
            "" => UNNAMED,
            name => name,
        };
        format!("{template}:{} {}", frame.line, frame.role)
    });
    cut(shown.collect())
}

/// A long trace loses its middle.
fn cut(mut lines: Vec<String>) -> Vec<String> {
    const MAX: usize = 20;
    if lines.len() > MAX {
        let hidden = lines.len() - MAX;
        let note = format!("… {hidden} more …");
        lines.splice(MAX / 2..MAX / 2 + hidden, [note]);
    }
    lines
}

fn list(out: &mut String, class: &str, lines: Vec<String>) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "<ul class=\"{class}\">");
    for line in lines {
        let _ = writeln!(out, "<li>{}</li>", Html(&line));
    }
    out.push_str("</ul>\n");
}

/// How many of a character stand in a row at most.
fn longest_run(text: &str, wanted: char) -> usize {
    let mut best = 0;
    let mut run = 0;
    for c in text.chars() {
        run = if c == wanted { run + 1 } else { 0 };
        best = best.max(run);
    }
    best
}

/// Text in HTML, also within an attribute.
struct Html<'t>(&'t str);

impl std::fmt::Display for Html<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c if c.is_control() && c != '\t' => f.write_str("\u{fffd}")?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

/// Text in Markdown, on one line, where it means itself.
struct Markdown<'t>(&'t str);

impl std::fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                c if c.is_control() => write!(f, " ")?,
                '<' => f.write_str("&lt;")?,
                '&' => f.write_str("&amp;")?,
                c if c.is_ascii_punctuation() && !matches!(c, '.' | ',' | ':' | '/' | '-') => {
                    write!(f, "\\{c}")?;
                }
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}
