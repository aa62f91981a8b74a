//! The crate builds from its package: what it is made of lies inside it.

use std::{fs, path::Path};

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The file after `#[grammar = "…"]`, as seen from the manifest or the sources.
fn grammar() -> String {
    let source = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/grammar.rs"));
    let (_, rest) = source.split_once("#[grammar = \"").expect("the attribute");
    let (path, _) = rest.split_once('"').expect("a closed text");
    path.to_owned()
}

#[test]
fn the_grammar_is_named_without_leaving_the_package() {
    let path = grammar();
    assert!(!path.contains("..") && !path.starts_with('/'), "{path}");
    // A package holds files where the repository may have links, so what is
    // read here is what a build from the package reads.
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = read(&package.join(&path));
    assert!(text.contains("expression"), "a link that was not followed?");
    let manifest = read(&package.join("Cargo.toml"));
    let is_whole = !manifest.contains("\nexclude") && !manifest.contains("\ninclude");
    assert!(is_whole, "does the package still hold {path}?");
}

#[test]
fn there_is_one_grammar() {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    // Outside the repository there is no second place to look.
    let Ok(shown) = fs::read_to_string(package.join("../../grammar/gravure.pest")) else {
        return;
    };
    assert!(shown == read(&package.join(grammar())));
}
