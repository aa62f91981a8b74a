//! Every code that a template can cause is caused, and `docs/errors.md` says
//! what the table of codes says.
//!
//! Cases lie in `tests/codes`, a file for each time at which a template fails:
//!
//! ```text
//! === what it is about        a case begins
//! --- main.html               a template; `context` and `options` hold JSON
//! --- error                   what comes: CODE at TEMPLATE:LINE, or `warning`
//! --- stack                   the tags on the way, outermost first; `stack today`
//!                             where parents and the places of blocks should
//!                             be among them, and are not yet
//! --- calls                   the running calls of defs, outermost first
//! ```
//!
//! A code without a case stands in [`BEYOND`], with the reason.

use crate::example::Example;
use gravure::{Code, Error, ErrorKind};
use std::{collections::BTreeSet, env, fmt::Write, fs, path::Path};

/// Codes that no template can cause, and why.
const BEYOND: &[(Code, &str)] = &[
    (Code::TplRoots, "tools that look at whole folders report it"),
    (Code::RunOutside, "a host causes it, by calling a helper without a render"),
    (Code::SecAttribute, "a host cannot block attributes yet"),
    (Code::SecType, "a host cannot block types yet"),
    (Code::SecCall, "a host cannot block calls yet"),
    (Code::WarnSetScope, "scopes are not examined yet"),
    (Code::WarnConversion, "warnings of a render are not collected yet"),
    (Code::WarnCsrf, "warnings of a render are not collected yet"),
    (Code::CmpCall, "calls are not checked before they run yet"),
    (Code::CmpType, "annotations are not checked yet"),
    (Code::CacheRejected, "compiled templates are not kept on disk yet"),
    (Code::CacheWrite, "compiled templates are not kept on disk yet"),
    (Code::Config, "a host causes it, by its options"),
];

/// The parts of `docs/errors.md`: the area of a code, a heading, a sentence.
const AREAS: &[(&str, &str, &str)] = &[
    ("K-LEX", "Characters and tokens", "Found when a template is read, before anything else."),
    ("K-PAR", "Tags and expressions", "Found when a template is read, also in parts that would never run."),
    ("K-TPL", "Templates", "A template cannot be found, read or put together."),
    ("K-RUN", "Rendering", "Something goes wrong while a page is made."),
    ("K-SEC", "Limits and policies", "What a host forbids; `try` does not catch it."),
    ("K-WARN", "Warnings", "They stop nothing; they are listed with the template."),
    ("K-CMP", "Calls", "What tools find out about calls without running them."),
    ("K-CACHE", "Kept templates", "Trouble with compiled templates on disk; pages are made all the same."),
    ("K-CFG", "Options", "An environment cannot be built."),
];

/// One case.
#[derive(Default)]
struct Case {
    name: String,
    example: Example,
    /// Is it a warning, not an error?
    is_warning: bool,
    /// `CODE at TEMPLATE:LINE`.
    expected: String,
    /// Nothing is not compared.
    stack: Option<Vec<String>>,
    calls: Option<Vec<String>>,
}

impl Case {
    fn code(&self) -> Code {
        let text = self.expected.split(' ').next().unwrap_or("");
        let code = Code::ALL.iter().find(|code| code.as_str() == text);
        *code.unwrap_or_else(|| panic!("{}: `{text}` is no code", self.name))
    }

    fn put(&mut self, section: &str, body: &str) {
        let json = |what| serde_json::from_str(body).unwrap_or_else(|error| panic!("{what}: {error}"));
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
            "stack" | "stack today" => self.stack = lines(),
            "calls" => self.calls = lines(),
            template => self.example.templates.push((template.to_owned(), body.to_owned())),
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
        for (what, actual, expected) in [("stack", stack, &self.stack), ("calls", calls, &self.calls)] {
            if expected.as_ref().is_some_and(|expected| *expected != actual) {
                return Err(format!("{place} with {what} {actual:?}"));
            }
        }
        // Whatever has a place can be shown, with the code and the place in it.
        let report = error.report().to_string();
        let shown = [error.code().as_str(), &place[place.find(" at ").map_or(0, |at| at + 4)..]];
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
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/codes");
    let mut cases = Vec::new();
    for file in ["reading.txt", "loading.txt", "rendering.txt", "warnings.txt"] {
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
    assert_eq!(beyond.len(), BEYOND.len(), "a code stands twice in the table");
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
        let frames = cases.iter().filter_map(|case| case.stack.as_ref()).flatten();
        frames.clone().any(|frame| frame.ends_with(what))
    };
    for role in ["include", "import", "embed"] {
        assert!(has(role), "no case goes through {role}");
    }
    assert!(cases.iter().any(|case| case.calls.is_some()));
    let mut names: Vec<_> = cases.iter().map(|case| &case.name).collect();
    names.sort_unstable();
    assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "a name is used twice");
}

/// Ways to bring a piece of template into a page without moving its lines: a
/// name, `main.html`, what stands before and behind the piece, and its template.
const PLACES: &[(&str, &str, &str, &str, &str)] = &[
    ("include", "\n{% include 'part.html' %}", "", "", "part.html"),
    ("embed", "{% embed 'part.html' %}{% end %}", "", "", "part.html"),
    ("parent", "{% extends 'part.html' %}", "", "", "part.html"),
    ("block", "", "{% block a %}", "{% end %}", "main.html"),
    ("overriding block", "", "{% extends 'base.html' %}{% block a %}", "{% end %}", "main.html"),
    ("override in an embed", "", "{% embed 'base.html' %}{% block a %}", "{% end %}{% end %}", "main.html"),
    ("slot content", "", "{% def w() %}{% slot %}{% end %}{% call w() %}", "{% end %}", "main.html"),
    ("slot content of an imported def", "", "{% from 'ui.html' import w %}{% call w() %}", "{% end %}", "main.html"),
    ("named slot", "", "{% def w() %}{% slot s %}{% end %}{% call w() %}{% slot s %}", "{% end %}{% end %}", "main.html"),
    ("def", "", "{% def w() %}", "{% end %}{{ w() }}", "main.html"),
    ("region", "", "{% region w() %}", "{% end %}{{ w() }}", "main.html"),
    ("imported def", "{% from 'part.html' import w with context %}{{ w() }}", "{% def w() %}", "{% end %}", "part.html"),
    ("imported template", "{% import 'part.html' as p with context %}", "", "", "part.html"),
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
    ("fallback", "{% try %}{{ 1 / 0 }}{% fallback %}", "{% end %}"),
];

/// Cases that are one template, which does not name itself.
fn pieces() -> Vec<Case> {
    let alone = |case: &Case| {
        let templates = &case.example.templates;
        templates.len() == 1 && !templates[0].1.contains("main.html") && !case.is_warning
    };
    let during = |case: &Case| case.code().as_str().starts_with("K-RUN") || case.code().kind() == ErrorKind::Security;
    let mut pieces: Vec<_> = cases();
    // An asynchronous template is refused at the tag that brings it in, and
    // without a loader nothing is brought in.
    pieces.retain(|case| alone(case) && during(case) && !matches!(case.code(), Code::RunAsync | Code::RunNoLoader));
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
        let blocks = blocks.map(|(name, before, behind)| (*name, "", *before, *behind, "main.html"));
        for (name, main, before, behind, template) in PLACES.iter().copied().chain(blocks) {
            let mut example = case.example.clone();
            example.templates = vec![
                ("main.html".to_owned(), main.to_owned()),
                ("base.html".to_owned(), "{% block a %}{% end %}".to_owned()),
                ("ui.html".to_owned(), "{% def w() %}{% slot %}{% end %}".to_owned()),
                (template.to_owned(), format!("{before}{source}{behind}")),
            ];
            let expected = case.expected.replace("main.html", template);
            for call in ["", "stream", "async"] {
                let actual = match example.run(call) {
                    Ok(page) => format!("the page {page:?}"),
                    Err(error) => place(&error),
                };
                if actual != expected {
                    let _ = writeln!(wrong, "{} in {name} {call}: not {expected}, but {actual}", case.name);
                }
            }
        }
    }
    assert!(pieces.len() > 20, "only {} pieces", pieces.len());
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn try_catches_what_may_be_caught_and_tells_its_place() {
    for case in pieces().iter().filter(|case| !case.example.templates[0].1.contains("{% def")) {
        let source = &case.example.templates[0].1;
        let caught = "{{ e.code }} at {{ e.template }}:{{ e.line }}";
        let mut example = case.example.clone();
        example.templates[0].1 = format!("{{% try %}}{source}{{% fallback e %}}{caught}{{% end %}}");
        let never = case.code() == Code::RunBudget || case.code().kind() == ErrorKind::Security;
        let expected = match never {
            true => format!("error {}", case.expected.replace("main.html:", "")),
            false => case.expected.clone(),
        };
        assert_eq!(example.shown(""), expected, "{}", case.name);
    }
}

/// `docs/errors.md`, from the table of codes and the cases.
fn page() -> String {
    let mut page = "# Errors\n\n\
        <!-- Made from the table of codes: change it there, then run the tests with UPDATE=1. -->\n\n\
        Every failure has a code, which stays the same from version to version; sentences may change.\n\
        It points at the template that holds the failing text, and at the line of the failing expression.\n\
        The examples show one way to cause each; the first line of a block names its template.\n"
        .to_owned();
    let cases = cases();
    for (area, heading, sentence) in AREAS {
        let codes = || Code::ALL.iter().filter(|code| code.as_str().starts_with(area));
        let _ = write!(page, "\n## {heading}\n\n{sentence}\n\n| Code | Name | Kind |\n|---|---|---|\n");
        for code in codes() {
            let (text, kind) = (code.as_str(), kind(code.kind()));
            let anchor = text.to_lowercase();
            let _ = writeln!(page, "| [{text}](#{anchor}) | {} | {kind} |", code.title());
        }
        for code in codes() {
            let _ = write!(page, "\n### {code}\n\n{}\n", code.doc().trim().replace(". ", ".\n"));
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
        let _ = write!(page, "\n```{info}\n{body}\n```\n");
    };
    if !case.example.options.is_empty() {
        fence("json options", &serde_json::Value::Object(case.example.options.clone()).to_string());
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
    assert!(kept == made, "docs/errors.md is stale: run this test with UPDATE=1");
}

#[test]
fn the_page_of_errors_has_every_code() {
    let page = page();
    for code in Code::ALL {
        assert!(page.contains(&format!("\n### {code}\n")), "{code} belongs to no area");
        assert!(!code.doc().trim().is_empty() && !code.title().is_empty());
    }
}
