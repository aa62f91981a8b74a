//! `docs/errors.md` says what the table of codes says, with the cases of the
//! codes as examples. `UPDATE=1` writes it anew.

use crate::{
    codes::{BEYOND, Case, cases},
    docs::caption,
};
use gravure::{Code, ErrorKind};
use std::{env, fmt::Write, fs, path::Path};

/// The parts of `docs/errors.md`: the area of a code, a heading, a sentence.
const AREAS: &[(&str, &str, &str)] = &[
    (
        "K-LEX",
        "Characters and tokens",
        "Found when a template is read, before anything else.",
    ),
    (
        "K-PAR",
        "Tags and expressions",
        "Found when a template is read, also in parts that would never run.",
    ),
    (
        "K-TPL",
        "Templates",
        "A template cannot be found, read or put together.",
    ),
    (
        "K-RUN",
        "Rendering",
        "Something goes wrong while a page is made.",
    ),
    (
        "K-SEC",
        "Limits and policies",
        "What a host forbids; `try` does not catch it.",
    ),
    (
        "K-WARN",
        "Warnings",
        "They stop nothing; they are listed with the template.",
    ),
    (
        "K-CMP",
        "Calls",
        "What tools find out about calls without running them.",
    ),
    (
        "K-CACHE",
        "Kept templates",
        "Trouble with compiled templates on disk; pages are made all the same.",
    ),
    ("K-CFG", "Options", "An environment cannot be built."),
];

/// `docs/errors.md`, from the table of codes and the cases.
fn page() -> String {
    let mut page = "# Errors\n\n\
        <!-- Made from the table of codes: change it there, then run the tests with UPDATE=1. -->\n\n\
        Every failure has a code, which stays the same from version to version; sentences may change.\n\
        It points at the template that holds the failing text, and at the line of the failing expression.\n\
        The examples show one way to cause each.\n"
        .to_owned();
    let cases = cases();
    for (area, heading, sentence) in AREAS {
        let codes = || {
            Code::ALL
                .iter()
                .filter(|code| code.as_str().starts_with(area))
        };
        let _ = write!(
            page,
            "\n## {heading}\n\n{sentence}\n\n| Code | Name | Kind |\n|---|---|---|\n"
        );
        for code in codes() {
            let (text, kind) = (code.as_str(), kind(code.kind()));
            let anchor = text.to_lowercase();
            let _ = writeln!(page, "| [{text}](#{anchor}) | {} | {kind} |", code.title());
        }
        for code in codes() {
            let _ = write!(
                page,
                "\n### {code}\n\n{}\n",
                code.doc().trim().replace(". ", ".\n")
            );
            match cases.iter().find(|case| case.code() == *code) {
                Some(case) => example(&mut page, case),
                None => {
                    let reason = BEYOND.iter().find(|(beyond, _)| beyond == code);
                    let reason = reason.map_or("", |(_, reason)| reason);
                    let _ = write!(page, "\nNo template causes it: {reason}.\n");
                }
            }
        }
    }
    page
}

fn example(page: &mut String, case: &Case) {
    let mut fence = |info: &str, body: &str| {
        if let Some(caption) = caption(info) {
            let _ = write!(page, "\n{caption}\n");
        }
        let _ = write!(page, "\n```{info}\n{body}\n```\n");
    };
    if !case.example.options.is_empty() {
        fence(
            "json options",
            &serde_json::Value::Object(case.example.options.clone()).to_string(),
        );
    }
    if let Some(context) = &case.example.context {
        fence("json", &context.to_string());
    }
    for (name, source) in &case.example.templates {
        fence(&format!("kida {name}"), source);
    }
    fence("output", &case.expected);
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Syntax => "syntax",
        ErrorKind::NotFound => "not found",
        ErrorKind::Load => "load",
        ErrorKind::Undefined => "undefined",
        ErrorKind::Runtime => "runtime",
        ErrorKind::Security => "security",
        ErrorKind::Config => "configuration",
        ErrorKind::Warning => "warning",
    }
}

#[test]
fn the_page_of_errors_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/errors.md");
    let made = page();
    if env::var_os("UPDATE").is_some() {
        fs::write(&path, &made).expect("the page can be written");
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/errors.md is stale: run this test with UPDATE=1"
    );
}

#[test]
fn the_page_of_errors_has_every_code() {
    let page = page();
    for code in Code::ALL {
        assert!(
            page.contains(&format!("\n### {code}\n")),
            "{code} belongs to no area"
        );
        assert!(!code.doc().trim().is_empty() && !code.title().is_empty());
    }
}
