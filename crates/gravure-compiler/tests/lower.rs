//! Sources and the listings that they lower to.
//!
//! A case is a file in `tests/lower`: the source, a line of four dashes, the
//! listing. `UPDATE_LOWER=1 cargo test` writes the listings anew; read what
//! changed before you keep it.

mod common;

use gravure_bytecode::{Chunk, Escape, disassemble};
use gravure_compiler::Optimize;
use std::fs;
use std::path::PathBuf;

const RULE: &str = "\n----\n";

fn cases() -> Vec<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/lower");
    let files = fs::read_dir(folder).expect("the folder of cases is there");
    let mut paths: Vec<PathBuf> = files.flatten().map(|file| file.path()).collect();
    paths.sort();
    paths
}

fn source(path: &PathBuf) -> (String, String) {
    let text = fs::read_to_string(path).expect("a case is readable");
    let (source, listing) = text.split_once(RULE).expect("a case has a rule");
    (source.to_owned(), listing.to_owned())
}

/// Are the listings written anew, and not to be read by others meanwhile?
fn is_updating() -> bool {
    std::env::var_os("UPDATE_LOWER").is_some()
}

#[test]
fn listings() {
    let update = is_updating();
    let mut wrong = Vec::new();
    for path in cases() {
        let (source, expected) = source(&path);
        let actual = match common::compiled(&source) {
            Ok((draft, _)) => {
                let listing = disassemble(&draft);
                Chunk::new(draft).unwrap_or_else(|e| panic!("{path:?}: {e}\n{listing}"));
                listing
            }
            Err(findings) => findings
                .iter()
                .map(|it| format!("{} {:?}: {}\n", it.code, it.span, it.message))
                .collect(),
        };
        if update {
            fs::write(&path, format!("{source}{RULE}{actual}")).expect("a case is writable");
        } else if actual != expected {
            wrong.push(format!("{}\n{actual}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_same_source_gives_the_same_draft() {
    if is_updating() {
        return;
    }
    for path in cases() {
        let (source, _) = source(&path);
        assert_eq!(
            common::compiled(&source),
            common::compiled(&source),
            "{path:?}"
        );
    }
}

#[test]
fn everything_verifies_with_any_switches_and_surface() {
    let one_off = [
        Optimize {
            fold: false,
            ..Optimize::default()
        },
        Optimize {
            print: false,
            ..Optimize::default()
        },
        Optimize {
            branches: false,
            ..Optimize::default()
        },
        Optimize {
            merge_text: false,
            ..Optimize::default()
        },
        Optimize::NONE,
    ];
    if is_updating() {
        return;
    }
    for path in cases() {
        let (source, _) = source(&path);
        for optimize in one_off {
            for escape in [Escape::Html, Escape::Text, Escape::Markdown] {
                match common::compile_with(&source, escape, optimize) {
                    Ok((draft, _)) => {
                        Chunk::new(draft).unwrap_or_else(|e| panic!("{path:?}: {e}"));
                    }
                    Err(_) => assert!(common::compiled(&source).is_err(), "{path:?}"),
                }
            }
        }
    }
}
