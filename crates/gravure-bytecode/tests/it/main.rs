//! What this crate promises to the outside, as one binary.

mod docs;

/// Every file beside this one is a module of it.
#[test]
fn no_file_is_forgotten() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it");
    let main = include_str!("main.rs");
    for entry in std::fs::read_dir(here).expect("this directory is there") {
        let name = entry.expect("an entry").file_name();
        let name = name.to_string_lossy().replace(".rs", "");
        assert!(
            name == "main" || main.contains(&format!("mod {name};")),
            "{name}"
        );
    }
}
