//! The cases of `tests/torture/`: templates and data that are mostly one thing
//! a million times, or stand at the edge of something. Each has the page, its
//! length or the code that it must give, on a stack of 128 KiB.
//!
//! `=== name` begins a case with its template `main`; `--- template NAME`,
//! `--- data` (JSON; `{"n": 1}` without it) may follow, and one of `--- page`,
//! `--- length` (in characters), `--- error` (a code) and `--- no data` (the
//! data is no JSON) ends it. The line feed before a `---` or `===` belongs to
//! neither; a blank line before `===` is left out.
//!
//! `«text*N»` is text N times, where `№` in it is the number of the round, and
//! `«u+XXXX»` or `«u+XXXX*N»` a character by its number. `UPDATE_EXPECT=1`
//! rewrites what comes out.

use gravure::{Environment, loader::MapLoader};
use std::{fmt::Write, fs, path::Path, thread};

const STACK: usize = 128 << 10;

/// A case as it is written.
#[derive(Default)]
struct Case {
    name: String,
    templates: Vec<(String, String)>,
    data: Option<String>,
    kind: String,
    expected: String,
}

/// What is before the first case, and the cases.
fn read(text: &str) -> (String, Vec<Case>) {
    let mut parts = text.split("\n=== ");
    let head = parts.next().unwrap_or("").to_owned();
    let cases = parts.map(|part| {
        let (name, body) = part.split_once('\n').expect("a template");
        let mut case = Case {
            name: name.to_owned(),
            ..Case::default()
        };
        let mut sections = body.split("\n--- ");
        let main = sections.next().unwrap_or("");
        case.templates.push(("main".to_owned(), main.to_owned()));
        for section in sections {
            let (kind, body) = section.split_once('\n').unwrap_or((section, ""));
            match kind.strip_prefix("template ") {
                Some(name) => case.templates.push((name.to_owned(), body.to_owned())),
                None if kind == "data" => case.data = Some(body.to_owned()),
                None => {
                    let body = body.trim_end_matches('\n');
                    (case.kind, case.expected) = (kind.trim_end().to_owned(), body.to_owned());
                }
            }
        }
        case
    });
    (head, cases.collect())
}

/// Text as it is meant.
fn grown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('«') {
        let (inner, behind) = behind.split_once('»').expect("a closing mark");
        let (what, n) = match inner.rsplit_once('*') {
            Some((what, n)) if n.bytes().all(|b| b.is_ascii_digit()) => {
                (what, n.parse().expect("a number of rounds"))
            }
            _ => (inner, 1),
        };
        let character = what.strip_prefix("u+").map(|digits| {
            let number = u32::from_str_radix(digits, 16).expect("a number of a character");
            char::from_u32(number).expect("a character").to_string()
        });
        let what = character.as_deref().unwrap_or(what);
        out.push_str(before);
        for round in 0..n {
            match what.contains('№') {
                true => out.push_str(&what.replace('№', &usize::to_string(&round))),
                false => out.push_str(what),
            }
        }
        rest = behind;
    }
    out + rest
}

/// A page as a case can say it: without characters that nobody sees.
fn written(page: &str) -> String {
    let mut out = String::new();
    for c in page.chars() {
        match c {
            '\n' | ' '..='~' => out.push(c),
            other => {
                let _ = write!(out, "«u+{:04x}»", u32::from(other));
            }
        }
    }
    out
}

/// What comes out: a kind of section, and what it says.
fn run(case: &Case) -> (String, String) {
    let templates = case
        .templates
        .iter()
        .map(|(name, text)| (name.clone(), grown(text)));
    let templates: Vec<_> = templates.collect();
    let data = grown(case.data.as_deref().unwrap_or(r#"{"n": 1}"#));
    let wants_length = case.kind == "length";
    let work = move || {
        let Ok(data) = serde_json::from_str::<serde_json::Value>(&data) else {
            return ("no data".to_owned(), String::new());
        };
        let environment = Environment::with_loader(MapLoader::from_iter(templates));
        let template = environment.get_template("main");
        match template.and_then(|template| template.render(&data)) {
            Ok(page) if wants_length => ("length".to_owned(), page.chars().count().to_string()),
            Ok(page) => ("page".to_owned(), page.trim_end_matches('\n').to_owned()),
            Err(error) => {
                // Whatever is told of it can be told.
                let report = error.report().to_string();
                assert!(!report.contains('\0'), "{report:.200}");
                ("error".to_owned(), error.code().as_str().to_owned())
            }
        }
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    thread.unwrap().join().expect("the thread survives")
}

fn check(file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/torture")
        .join(file);
    let (head, cases) = read(&fs::read_to_string(&path).unwrap());
    assert!(cases.len() >= 5, "the cases are found");
    let mut wrong = Vec::new();
    let mut anew = head;
    for case in &cases {
        let (kind, found) = run(case);
        let is_right = kind == case.kind && found == grown(&case.expected);
        if !is_right {
            wrong.push(format!(
                "{file}: {}\n  wanted {}: {:.300}\n  found {kind}: {:.300}",
                case.name,
                case.kind,
                case.expected,
                written(&found)
            ));
        }
        let _ = write!(anew, "\n=== {}", case.name);
        for (at, (name, text)) in case.templates.iter().enumerate() {
            match at {
                0 => anew.push('\n'),
                _ => {
                    let _ = writeln!(anew, "\n--- template {name}");
                }
            }
            anew.push_str(text);
        }
        if let Some(data) = &case.data {
            let _ = write!(anew, "\n--- data\n{data}");
        }
        match is_right {
            true => {
                let _ = write!(anew, "\n--- {}\n{}\n", case.kind, case.expected);
            }
            false => {
                let _ = write!(anew, "\n--- {kind}\n{}\n", written(&found));
            }
        }
    }
    if std::env::var_os("UPDATE_EXPECT").is_some() && !wrong.is_empty() {
        fs::write(&path, anew).unwrap();
        return;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn comments() {
    check("comments.txt");
}

#[test]
fn numbers() {
    check("numbers.txt");
}

#[test]
fn edges() {
    check("edges.txt");
}

#[test]
fn characters() {
    check("characters.txt");
}

#[test]
fn maps() {
    check("maps.txt");
}

#[test]
fn circles() {
    check("circles.txt");
}
