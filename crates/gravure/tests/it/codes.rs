//! Every code that a template can cause is caused, wherever a template can be.
//!
//! Cases lie in `tests/codes`, a file for each time at which a template fails:
//!
//! ```text
//! === what it is about        a case begins
//! --- main.html               a template; `context` and `options` hold JSON
//! --- error                   what comes: CODE at TEMPLATE:LINE, or `warning`
//! --- stack                   the tags on the way, outermost first
//! --- calls                   the running calls of defs, outermost first
//! ```
//!
//! A code without a case stands in [`BEYOND`], with the reason.

use crate::example::Example;
use gravure::{Code, Error, ErrorKind};
use std::{collections::BTreeSet, fmt::Write, fs, path::Path};

/// Codes that no template can cause, and why.
pub(crate) const BEYOND: &[(Code, &str)] = &[
    (Code::TplRoots, "tools that look at whole folders report it"),
    (
        Code::RunOutside,
        "a host causes it, by calling a helper without a render",
    ),
    (
        Code::SecAttribute,
        "it takes an object of the host, of which a policy keeps something back",
    ),
    (
        Code::SecType,
        "values have what their kind has, so no kind must be blocked",
    ),
    (
        Code::WarnConversion,
        "a warning of a render, which goes to a sink: see `warnings.rs`",
    ),
    (
        Code::WarnCsrf,
        "a warning of a render, which goes to a sink: see `warnings.rs`",
    ),
    (Code::CmpCall, "calls are not checked before they run yet"),
    (Code::CmpType, "annotations are not checked yet"),
    (
        Code::CacheRejected,
        "compiled templates are not kept on disk yet",
    ),
    (
        Code::CacheWrite,
        "compiled templates are not kept on disk yet",
    ),
    (Code::Config, "a host causes it, by its options"),
];

/// One case.
#[derive(Default)]
pub(crate) struct Case {
    name: String,
    pub(crate) example: Example,
    /// Is it a warning, not an error?
    is_warning: bool,
    /// `CODE at TEMPLATE:LINE`.
    pub(crate) expected: String,
    /// Nothing is not compared.
    stack: Option<Vec<String>>,
    calls: Option<Vec<String>>,
}

impl Case {
    pub(crate) fn code(&self) -> Code {
        let text = self.expected.split(' ').next().unwrap_or("");
        let code = Code::ALL.iter().find(|code| code.as_str() == text);
        *code.unwrap_or_else(|| panic!("{}: `{text}` is no code", self.name))
    }

    fn put(&mut self, section: &str, body: &str) {
        let json =
            |what| serde_json::from_str(body).unwrap_or_else(|error| panic!("{what}: {error}"));
        let lines = || Some(body.lines().map(str::to_owned).collect());
        match section {
            "context" => self.example.context = Some(json("the context")),
            "options" => match json("the options") {
                serde_json::Value::Object(options) => self.example.options = options,
                _ => panic!("{}: the options are no map", self.name),
            },
            "error" | "warning" => {
                self.is_warning = section == "warning";
                body.trim().clone_into(&mut self.expected);
            }
            "stack" => self.stack = lines(),
            "calls" => self.calls = lines(),
            template => self
                .example
                .templates
                .push((template.to_owned(), body.to_owned())),
        }
    }

    /// What is wrong with what comes; nothing if it is right.
    fn check(&self) -> Result<(), String> {
        if self.is_warning {
            return self.check_warning();
        }
        let error = match self.example.run("") {
            Err(error) => error,
            Ok(page) => return Err(format!("a page: {page:?}")),
        };
        let place = place(&error);
        if place != self.expected {
            return Err(format!("{place} ({})", error.message()));
        }
        let stack = error.template_stack().iter();
        let stack: Vec<_> = stack
            .map(|frame| format!("{}:{} {}", frame.template, frame.line, frame.role))
            .collect();
        let calls = error.component_stack().iter();
        let calls: Vec<_> = calls
            .map(|frame| format!("{}:{} {}", frame.template, frame.line, frame.def))
            .collect();
        for (what, actual, expected) in
            [("stack", stack, &self.stack), ("calls", calls, &self.calls)]
        {
            if expected
                .as_ref()
                .is_some_and(|expected| *expected != actual)
            {
                return Err(format!("{place} with {what} {actual:?}"));
            }
        }
        // Whatever has a place can be shown, with the code and the place in it.
        let report = error.report().to_string();
        let shown = [
            error.code().as_str(),
            &place[place.find(" at ").map_or(0, |at| at + 4)..],
        ];
        match shown.iter().find(|text| !report.contains(**text)) {
            Some(text) => Err(format!("a report without {text}:\n{report}")),
            None => Ok(()),
        }
    }

    fn check_warning(&self) -> Result<(), String> {
        let warnings = self.example.warnings().map_err(|error| place(&error))?;
        let entry = self.example.entry();
        let all: Vec<_> = warnings
            .iter()
            .map(|(code, line)| format!("{code} at {entry}:{line}"))
            .collect();
        match all.contains(&self.expected) {
            true => Ok(()),
            false => Err(format!("the warnings {all:?}")),
        }
    }
}

fn place(error: &Error) -> String {
    let code = error.code();
    match (error.template(), error.line()) {
        (Some(template), Some(line)) => format!("{code} at {template}:{line}"),
        (template, line) => format!("{code} without a place: {template:?}, {line:?}"),
    }
}

/// All cases, in order of their files and places.
pub(crate) fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codes");
    let mut cases = Vec::new();
    for file in [
        "reading.txt",
        "loading.txt",
        "rendering.txt",
        "warnings.txt",
    ] {
        let text = fs::read_to_string(folder.join(file)).expect("a file of cases");
        for part in text.split("\n=== ").skip(1) {
            let mut sections = part.split("\n--- ");
            let mut case = Case {
                name: sections.next().unwrap_or("").trim().to_owned(),
                ..Case::default()
            };
            for section in sections {
                let (name, body) = section.split_once('\n').unwrap_or((section, ""));
                case.put(name, body.strip_suffix('\n').unwrap_or(body));
            }
            cases.push(case);
        }
    }
    cases
}

#[test]
fn every_case_fails_as_it_says() {
    let cases = cases();
    let mut wrong = String::new();
    for case in &cases {
        if let Err(actual) = case.check() {
            let _ = writeln!(wrong, "{}: not {}, but {actual}", case.name, case.expected);
        }
    }
    assert!(wrong.is_empty(), "of {} cases:\n{wrong}", cases.len());
}

#[test]
fn every_code_has_a_case_or_a_reason() {
    let caused: BTreeSet<Code> = cases().iter().map(Case::code).collect();
    let beyond: BTreeSet<Code> = BEYOND.iter().map(|(code, _)| *code).collect();
    assert_eq!(
        beyond.len(),
        BEYOND.len(),
        "a code stands twice in the table"
    );
    for code in Code::ALL {
        assert!(
            caused.contains(code) != beyond.contains(code),
            "{code} wants either a case or a reason why it has none"
        );
    }
}

#[test]
fn codes_of_a_render_are_found_wherever_they_are_caused() {
    let cases = cases();
    let has = |what: &str| {
        let frames = cases
            .iter()
            .filter_map(|case| case.stack.as_ref())
            .flatten();
        frames.clone().any(|frame| frame.ends_with(what))
    };
    for role in ["include", "import", "embed"] {
        assert!(has(role), "no case goes through {role}");
    }
    assert!(cases.iter().any(|case| case.calls.is_some()));
    let mut names: Vec<_> = cases.iter().map(|case| &case.name).collect();
    names.sort_unstable();
    assert!(
        names.windows(2).all(|pair| pair[0] != pair[1]),
        "a name is used twice"
    );
}

/// Ways to bring a piece of template into a page without moving its lines: a
/// name, `main.html`, what stands before and behind the piece, and its template.
const PLACES: &[(&str, &str, &str, &str, &str)] = &[
    (
        "include",
        "\n{% include 'part.html' %}",
        "",
        "",
        "part.html",
    ),
    (
        "embed",
        "{% embed 'part.html' %}{% end %}",
        "",
        "",
        "part.html",
    ),
    ("parent", "{% extends 'part.html' %}", "", "", "part.html"),
    ("block", "", "{% block a %}", "{% end %}", "main.html"),
    (
        "overriding block",
        "",
        "{% extends 'base.html' %}{% block a %}",
        "{% end %}",
        "main.html",
    ),
    (
        "override in an embed",
        "",
        "{% embed 'base.html' %}{% block a %}",
        "{% end %}{% end %}",
        "main.html",
    ),
    (
        "slot content",
        "",
        "{% def w() %}{% slot %}{% end %}{% call w() %}",
        "{% end %}",
        "main.html",
    ),
    (
        "slot content of an imported def",
        "",
        "{% from 'ui.html' import w %}{% call w() %}",
        "{% end %}",
        "main.html",
    ),
    (
        "named slot",
        "",
        "{% def w() %}{% slot s %}{% end %}{% call w() %}{% slot s %}",
        "{% end %}{% end %}",
        "main.html",
    ),
    (
        "def",
        "",
        "{% def w() %}",
        "{% end %}{{ w() }}",
        "main.html",
    ),
    (
        "region",
        "",
        "{% region w() %}",
        "{% end %}{{ w() }}",
        "main.html",
    ),
    (
        "imported def",
        "{% from 'part.html' import w with context %}{{ w() }}",
        "{% def w() %}",
        "{% end %}",
        "part.html",
    ),
    (
        "imported template",
        "{% import 'part.html' as p with context %}",
        "",
        "",
        "part.html",
    ),
];

/// Statements that a piece may stand in; a def may not.
const BLOCKS: &[(&str, &str, &str)] = &[
    ("if", "{% if true %}", "{% end %}"),
    ("for", "{% for _ in [1] %}", "{% end %}"),
    ("with", "{% with _ = 1 %}", "{% end %}"),
    ("match", "{% match 1 %}{% case _ %}", "{% end %}"),
    ("capture", "{% capture _ %}", "{% end %}"),
    ("cache", "{% cache 'key' %}", "{% end %}"),
    ("filter", "{% filter upper %}", "{% end %}"),
    ("spaceless", "{% spaceless %}", "{% end %}"),
    ("push", "{% push 's' %}", "{% end %}"),
    ("provide", "{% provide p = 1 %}", "{% end %}"),
    (
        "fallback",
        "{% try %}{{ 1 / 0 }}{% fallback %}",
        "{% end %}",
    ),
];

/// Cases that are one template, which does not name itself.
fn pieces() -> Vec<Case> {
    let alone = |case: &Case| {
        let templates = &case.example.templates;
        templates.len() == 1 && !templates[0].1.contains("main.html") && !case.is_warning
    };
    let during = |case: &Case| {
        case.code().as_str().starts_with("K-RUN") || case.code().kind() == ErrorKind::Security
    };
    let mut pieces: Vec<_> = cases();
    // An asynchronous template is refused at the tag that brings it in, and
    // without a loader nothing is brought in.
    pieces.retain(|case| {
        alone(case) && during(case) && !matches!(case.code(), Code::RunAsync | Code::RunNoLoader)
    });
    pieces
}

#[test]
fn an_error_keeps_its_place_wherever_its_piece_stands() {
    let pieces = pieces();
    let mut wrong = String::new();
    for case in &pieces {
        let source = &case.example.templates[0].1;
        let is_def = source.contains("{% def");
        let blocks = BLOCKS.iter().filter(|_| !is_def);
        let blocks =
            blocks.map(|(name, before, behind)| (*name, "", *before, *behind, "main.html"));
        for (name, main, before, behind, template) in PLACES.iter().copied().chain(blocks) {
            let mut example = case.example.clone();
            example.templates = vec![
                ("main.html".to_owned(), main.to_owned()),
                ("base.html".to_owned(), "{% block a %}{% end %}".to_owned()),
                (
                    "ui.html".to_owned(),
                    "{% def w() %}{% slot %}{% end %}".to_owned(),
                ),
                (template.to_owned(), format!("{before}{source}{behind}")),
            ];
            let expected = case.expected.replace("main.html", template);
            for call in ["", "stream", "async"] {
                let actual = match example.run(call) {
                    Ok(page) => format!("the page {page:?}"),
                    Err(error) => place(&error),
                };
                if actual != expected {
                    let _ = writeln!(
                        wrong,
                        "{} in {name} {call}: not {expected}, but {actual}",
                        case.name
                    );
                }
            }
        }
    }
    assert!(pieces.len() > 20, "only {} pieces", pieces.len());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn try_catches_what_may_be_caught_and_tells_its_place() {
    for case in pieces()
        .iter()
        .filter(|case| !case.example.templates[0].1.contains("{% def"))
    {
        let source = &case.example.templates[0].1;
        let caught = "{{ e.code }} at {{ e.template }}:{{ e.line }}";
        let mut example = case.example.clone();
        example.templates[0].1 =
            format!("{{% try %}}{source}{{% fallback e %}}{caught}{{% end %}}");
        let never = case.code() == Code::RunBudget || case.code().kind() == ErrorKind::Security;
        let expected = match never {
            true => format!("error {}", case.expected.replace("main.html:", "")),
            false => case.expected.clone(),
        };
        assert_eq!(example.shown(""), expected, "{}", case.name);
    }
}
