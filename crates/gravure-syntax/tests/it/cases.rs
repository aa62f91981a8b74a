//! Template in, tree dump or findings out: the files of `tests/parse`.
//!
//! A case is `=== title [options]`, the template, `---`, what is expected.
//! `UPDATE_EXPECT=1` writes down what comes out now; the diff is the review.

use gravure_source::{Diagnostic, LineIndex, Span};
use gravure_syntax::{SyntaxOptions, dump, parse};
use std::fmt::Write as _;
use std::path::Path;

#[test]
fn every_file_holds() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/parse");
    let mut paths: Vec<_> = std::fs::read_dir(&dir)
        .expect("the directory of cases exists")
        .map(|entry| entry.expect("a readable entry").path())
        .collect();
    paths.sort();
    assert!(!paths.is_empty());
    let mut wrong = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).expect("a readable file");
        let now = run_file(&text);
        if now == text {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, now).expect("a writable file");
        } else {
            wrong.push(format!(
                "{}:\n{}",
                path.display(),
                first_difference(&text, &now)
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The file with what comes out now.
fn run_file(text: &str) -> String {
    let mut out = String::new();
    for case in text.split("=== ").skip(1) {
        let (title, rest) = case.split_once('\n').expect("a title line");
        let (template, _) = rest.split_once("\n---\n").expect("a template and `---`");
        let result = check(title, template);
        let _ = writeln!(out, "=== {title}\n{template}\n---\n{result}");
    }
    out
}

fn check(title: &str, template: &str) -> String {
    let mut options = SyntaxOptions::default();
    let switches = title.rsplit_once('[').map_or("", |(_, switches)| switches);
    for switch in switches.trim_end_matches(']').split_whitespace() {
        match switch {
            "trim_blocks" => options.trim_blocks = true,
            "lstrip_blocks" => options.lstrip_blocks = true,
            other => panic!("there is no option {other}"),
        }
    }
    match parse(template, &options) {
        Ok(tree) => dump(&tree, template),
        Err(findings) => findings
            .iter()
            .map(|finding| show(finding, template))
            .collect(),
    }
}

fn show(finding: &Diagnostic, template: &str) -> String {
    let index = LineIndex::new(template);
    let place = |span: Span| {
        let place = index.line_col(template, span.start);
        format!("{}:{}", place.line, place.column)
    };
    let mut out = format!(
        "{} {} `{}` {}",
        finding.code,
        place(finding.span),
        finding.span.of(template),
        finding.message
    );
    if !finding.label.is_empty() {
        let _ = write!(out, " ({})", finding.label);
    }
    out.push('\n');
    for (span, label) in &finding.related {
        let _ = writeln!(out, "  {} {label}", place(*span));
    }
    for help in &finding.help {
        let _ = writeln!(out, "  help: {help}");
    }
    out
}

fn first_difference(before: &str, now: &str) -> String {
    let mut title = "";
    for (old, new) in before.lines().zip(now.lines()) {
        if old.starts_with("=== ") {
            title = old;
        }
        if old != new {
            return format!("{title}\n  expected {old}\n  found    {new}");
        }
    }
    format!("{title}\n  one is longer than the other")
}
