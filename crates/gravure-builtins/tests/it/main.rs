//! Natives against cases: an expression and what it prints.
//!
//! A file of cases has lines `expression => text`. A text in double quotes is
//! JSON; `! K-…` is the code of a fault; `with {…}` sets the context of the
//! lines that follow. Files named `html…` print as HTML, others as they are.

mod anything;
mod expr;
mod host;
mod laws;

use expr::{Eval, Failure};
use gravure_value::{Json, Limits, Surface, ops, text};
use host::Bench;
use std::{fs, path::Path};

/// What an expression prints, or the code of its fault in an `Err`; `None` if
/// it is no expression.
pub(crate) fn print(
    source: &str,
    context: &'static Json,
    surface: Surface,
) -> Option<Result<String, String>> {
    let mut bench = Bench::new(surface, Limits::default());
    let mut eval = Eval {
        bench: &mut bench,
        context,
        rest: source,
    };
    let value = match eval.all() {
        Ok(value) => value,
        Err(Failure::Unknown) => return None,
        Err(Failure::Fault(fault)) => return Some(Err(fault.code.to_string())),
    };
    let heap = &bench.heap;
    Some(match ops::to_text(heap, value) {
        Ok(printed) => {
            let mut out = String::new();
            text::escape(surface, heap.mark(value), &printed, &mut out);
            Ok(out)
        }
        Err(fault) => Err(fault.code.to_string()),
    })
}

/// A context that lives as long as the test.
pub(crate) fn context(json: &str) -> &'static Json {
    Box::leak(Box::new(json.parse().expect("the context is JSON")))
}

#[test]
fn cases() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/cases");
    let mut failed = Vec::new();
    let mut n_cases = 0;
    for file in fs::read_dir(dir).expect("the folder of cases is there") {
        let path = file.expect("a folder can be listed").path();
        let name = path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let surface = match name.starts_with("html") {
            true => Surface::Html,
            false => Surface::Text,
        };
        let mut with = context("{}");
        for line in fs::read_to_string(&path)
            .expect("a file of cases is text")
            .lines()
        {
            if let Some(json) = line.strip_prefix("with ") {
                with = context(json);
                continue;
            }
            let Some((source, expected)) = line.rsplit_once(" => ") else {
                assert!(line.is_empty() || line.starts_with('#'), "no case: {line}");
                continue;
            };
            n_cases += 1;
            let expected = expected.trim();
            let expected = match expected.strip_prefix("! ") {
                Some(code) => Err(code.to_owned()),
                None => Ok(match expected.parse::<Json>() {
                    Ok(Json::String(text)) => text,
                    _ => expected.to_owned(),
                }),
            };
            let printed = print(source, with, surface);
            if printed.as_ref() != Some(&expected) {
                failed.push(format!(
                    "{name}: {source}\n  expected {expected:?}\n  got      {printed:?}"
                ));
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{} of {n_cases} failed\n{}",
        failed.len(),
        failed.join("\n")
    );
    assert!(n_cases > 100, "cases were lost");
}
