//! What `parse` promises, seen from outside.

mod cases;
mod limits;
mod package;
mod plain;
mod properties;

#[test]
fn no_file_is_forgotten() {
    let dir = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let main = std::fs::read_to_string(dir.join("main.rs")).expect("this file");
    for entry in std::fs::read_dir(&dir).expect("this directory") {
        let name = entry.expect("a readable entry").file_name();
        let name = name.to_string_lossy();
        if let Some(module) = name.strip_suffix(".rs").filter(|&module| module != "main") {
            assert!(main.contains(&format!("mod {module};")), "{module}");
        }
    }
}
