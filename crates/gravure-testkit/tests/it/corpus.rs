//! Every case of the corpus reads, and none is lost.

use gravure_testkit::{Counts, Expected, Index, cases};
use std::{collections::BTreeSet, fs, path::Path};

/// Every file of cases: its name and what it holds.
pub(crate) fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
    let mut files = Vec::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path
            .extension()
            .is_some_and(|extension| extension == "jsonl")
        {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            files.push((name, fs::read(path).unwrap()));
        }
    }
    files.sort();
    files
}

#[test]
fn the_counts_are_those_of_the_index() {
    let index = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/index.json"),
    );
    let index = Index::parse(&index.unwrap()).unwrap();
    let mut counted = Index::default();
    for (name, text) in corpus() {
        let mut counts = Counts::default();
        for (line, case) in cases(&text) {
            match case {
                Ok(case) => counts.add(&case),
                Err(problem) => panic!("{name}:{line}: {problem}"),
            }
        }
        counted.files.insert(name, counts);
    }
    assert_eq!(counted, index);
}

#[test]
fn ids_are_unique_and_every_case_is_judged() {
    let mut ids = BTreeSet::new();
    for (name, text) in corpus() {
        for (line, case) in cases(&text) {
            let case = case.unwrap();
            assert!(case.expected.is_some(), "{name}:{line} {}", case.id);
            assert!(!case.family().is_empty());
            assert!(ids.insert(case.id.clone()), "{} twice", case.id);
        }
    }
    assert!(ids.len() > 6_000);
}

#[test]
fn a_failure_that_is_not_the_host_s_request_has_a_line() {
    for (_, text) in corpus() {
        for (_, case) in cases(&text) {
            let case = case.unwrap();
            let Some(Expected::Error(error)) = case.expected else {
                continue;
            };
            assert!(error.code.is_some(), "{}", case.id);
            assert_ne!(error.line, Some(0), "{}", case.id);
            if error.line.is_none() {
                let code = error.code.as_deref().unwrap_or("");
                let is_request = matches!(code, "K-TPL-001" | "K-CFG-001" | "K-RUN-007");
                assert!(is_request, "{} {code}", case.id);
            }
        }
    }
}
