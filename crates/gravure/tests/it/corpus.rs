//! Our own cases: templates and data, and the page or the error as printed.
//!
//! A file has sections that begin with `== `: `context` (JSON), one for each
//! template by its name, and at the end `page` or `error`. The page is compared
//! without the last line feed of the section, the error as its full report.
//! `UPDATE_EXPECT=1` rewrites what comes out.

use gravure::{Environment, loader::MapLoader};
use std::{fs, path::Path};

struct Case {
    context: serde_json::Value,
    templates: Vec<(String, String)>,
    kind: &'static str,
    expected: String,
}

fn read(text: &str) -> Case {
    let mut case = Case {
        context: serde_json::json!({}),
        templates: Vec::new(),
        kind: "page",
        expected: String::new(),
    };
    let text = text
        .strip_prefix("== ")
        .expect("a case begins with a section");
    let text = text.strip_suffix('\n').unwrap_or(text);
    for section in text.split("\n== ") {
        let (name, body) = section.split_once('\n').unwrap_or((section, ""));
        let body = body.to_owned();
        match name {
            "context" => case.context = serde_json::from_str(&body).expect("JSON"),
            "page" => case.expected = body,
            "error" => (case.kind, case.expected) = ("error", body),
            _ => case.templates.push((name.to_owned(), body)),
        }
    }
    case
}

fn run(case: &Case) -> (&'static str, String) {
    let environment = Environment::with_loader(MapLoader::from_iter(case.templates.clone()));
    let page = environment
        .get_template("main.html")
        .and_then(|template| template.render(&case.context));
    match page {
        Ok(page) => ("page", page),
        Err(error) => ("error", error.report().to_string().trim_end().to_owned()),
    }
}

#[test]
fn every_case_gives_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files = Vec::new();
    for folder in fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        files.extend(
            fs::read_dir(folder)
                .unwrap()
                .map(|file| file.unwrap().path()),
        );
    }
    files.sort();
    assert!(files.len() >= 10, "the cases are found");
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let case = read(&text);
        let (kind, found) = run(&case);
        if (kind, &found) == (case.kind, &case.expected) {
            continue;
        }
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            let head = text.rfind(&format!("== {}\n", case.kind)).unwrap();
            fs::write(&file, format!("{}== {kind}\n{found}\n", &text[..head])).unwrap();
            continue;
        }
        wrong.push(format!(
            "{}\n  wanted {}: {}\n  found {kind}: {found}",
            file.display(),
            case.kind,
            case.expected
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
