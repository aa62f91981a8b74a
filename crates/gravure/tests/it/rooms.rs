//! The house keeps its plan: what each room may use, and how its files begin.
//!
//! The plan is the table of rooms in `docs/architecture.md`; this test reads
//! it and compares it with the manifests. When the two part, one is wrong:
//! usually the manifest.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

type Rooms = BTreeMap<String, BTreeSet<String>>;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words in backquotes.
fn quoted(text: &str) -> Vec<String> {
    text.split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect()
}

/// Rooms and what they may use, from rows like
/// ``| `room` | what lives there | `package`, `package` | in tests |``.
fn plan() -> (Rooms, Rooms) {
    let mut uses = Rooms::new();
    let mut tests = Rooms::new();
    for line in read(&root().join("docs/architecture.md")).lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
        let ([name, _, may_use, in_tests], true) =
            (cells.as_slice(), line.starts_with("| `gravure"))
        else {
            continue;
        };
        let [name] = quoted(name).try_into().expect("a row has one room");
        uses.insert(name.clone(), quoted(may_use).into_iter().collect());
        tests.insert(name, quoted(in_tests).into_iter().collect());
    }
    (uses, tests)
}

/// What a section of a manifest names.
fn section(manifest: &str, wanted: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    let mut is_inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            let header = header.trim_end_matches(']');
            // What only some systems need counts as well.
            is_inside = header == wanted
                || header.starts_with("target.") && header.ends_with(&format!(".{wanted}"));
            if let Some(name) = header.strip_prefix(&format!("{wanted}.")) {
                names.insert(name.to_owned());
            }
        } else if is_inside && let Some((name, _)) = line.split_once('=') {
            let name = name.split('.').next().unwrap_or(name);
            names.insert(name.trim().trim_matches('"').to_owned());
        }
    }
    names
}

fn manifests(wanted: &str) -> Rooms {
    let mut rooms = Rooms::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let entry = entry.unwrap();
        let manifest = entry.path().join("Cargo.toml");
        if manifest.is_file() {
            let name = entry.file_name().into_string().unwrap();
            rooms.insert(name, section(&read(&manifest), wanted));
        }
    }
    rooms
}

#[test]
fn every_room_uses_what_the_plan_says() {
    let (uses, tests) = plan();
    assert_eq!(
        manifests("dependencies"),
        uses,
        "left the manifests, right the plan"
    );
    assert_eq!(
        manifests("dev-dependencies"),
        tests,
        "left the manifests, right the plan"
    );
    for (name, packages) in manifests("build-dependencies") {
        assert!(packages.is_empty(), "{name} has build dependencies");
    }
}

#[test]
fn the_compiler_and_the_machine_meet_only_at_the_chunk() {
    let rooms = manifests("dependencies");
    assert!(!rooms["gravure-compiler"].contains("gravure-vm"));
    assert!(!rooms["gravure-vm"].contains("gravure-compiler"));
    assert!(!rooms["gravure-vm"].contains("gravure-syntax"));
    assert!(!rooms["gravure-bytecode"].contains("gravure-value"));
}

#[test]
fn no_manifest_allows_unsafe_code() {
    let workspace = read(&root().join("Cargo.toml"));
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    for name in manifests("dependencies").keys() {
        let manifest = read(&root().join("crates").join(name).join("Cargo.toml"));
        let lints = section(&manifest, "lints");
        assert!(
            lints.contains("workspace"),
            "{name} does not take the lints of the workspace"
        );
    }
}

/// All files of Rust below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let path = entry.path();
            if path.is_dir() && entry.file_name() != "target" {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files
}

#[test]
fn every_file_opens_with_what_it_is() {
    let mut n_files = 0;
    for folder in ["crates", "benches", "fuzz"] {
        for path in sources(&root().join(folder)) {
            n_files += 1;
            let text = read(&path);
            let first = text.lines().next().unwrap_or("");
            assert!(
                first.starts_with("//! "),
                "{} does not open with a sentence in `//!`",
                path.display()
            );
        }
    }
    assert!(n_files > 30, "only {n_files} files were found");
}

#[test]
fn no_file_has_two_ideas() {
    for path in sources(&root().join("crates")) {
        let n_lines = read(&path).lines().count();
        assert!(n_lines <= 800, "{} has {n_lines} lines", path.display());
    }
}

#[test]
fn no_test_file_is_forgotten() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = read(&folder.join("main.rs"));
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else {
            continue;
        };
        if stem != "main" {
            assert!(
                main.contains(&format!("mod {stem};")),
                "{stem} is not in main.rs"
            );
        }
    }
}
