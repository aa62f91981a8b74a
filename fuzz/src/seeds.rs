//! Inputs to begin with: the templates of the conformance cases, and the
//! chunks that they compile to.

use std::{fs, path::Path};

/// One input for each case that has templates.
pub fn seeds() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../conformance");
    let mut files: Vec<_> = fs::read_dir(folder)
        .map(|entries| entries.flatten().map(|entry| entry.path()).collect())
        .unwrap_or_default();
    files.retain(|path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "jsonl"));
    files.sort();
    let texts = files
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok());
    texts
        .flat_map(|text| text.lines().filter_map(seed).collect::<Vec<_>>())
        .collect()
}

/// The templates of one case, as the targets read them.
fn seed(line: &str) -> Option<Vec<u8>> {
    let case: serde_json::Value = serde_json::from_str(line).ok()?;
    let templates = case.get("templates")?.as_object()?;
    let mut bytes = Vec::new();
    match case
        .pointer("/options/autoescape")
        .map(ToString::to_string)
        .as_deref()
    {
        Some("false") => bytes.push(0x88),
        Some("\"markdown\"") => bytes.push(0x90),
        Some("\"terminal\"") => bytes.push(0x98),
        _ => {}
    }
    let mut sources: Vec<_> = templates.iter().collect();
    sources.sort_by_key(|(name, _)| *name != "main.html");
    for (at, (name, source)) in sources.into_iter().enumerate() {
        if at > 0 {
            bytes.extend(format!("\u{1e}{name}\n").bytes());
        }
        bytes.extend(source.as_str()?.bytes());
    }
    Some(bytes)
}
