//! Figures into pages: text between two markers, and what a reader must know
//! of a run: versions, machine, compiler.
//!
//! Dates are left out, so that a run that changes nothing changes no page
//! beyond its figures.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A page of `docs/`.
pub fn page(name: &str) -> PathBuf {
    benches().join("../docs").join(name)
}

/// The folder with the lock file, from whichever package this is built in.
fn benches() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    let is_root = |folder: &&Path| folder.join("Cargo.lock").is_file();
    package.ancestors().find(is_root).unwrap_or(package)
}

/// Puts `figures` between the markers `name` of `docs/performance.md`.
///
/// # Errors
///
/// What is wrong with the page.
pub fn write_section(name: &str, figures: &str) -> Result<(), String> {
    let path = page("performance.md");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let text = between(&text, name, figures)
        .ok_or_else(|| format!("{} has no markers `{name}`", path.display()))?;
    fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}

/// The text with `figures` in place of what lies between the markers.
fn between(text: &str, name: &str, figures: &str) -> Option<String> {
    let (start, end) = (
        format!("<!-- figures: {name} -->\n"),
        format!("<!-- end: {name} -->\n"),
    );
    let (head, rest) = text.split_once(&start)?;
    let (_, tail) = rest.split_once(&end)?;
    Some(format!("{head}{start}\n{}\n\n{end}{tail}", figures.trim()))
}

/// The machine and the compiler, in a sentence.
pub fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("a processor unknown", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let compiler = Command::new("rustc").arg("--version").output();
    let compiler = compiler.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let compiler = compiler.unwrap_or_default();
    let version = compiler.split(' ').nth(1).unwrap_or("unknown");
    format!(
        "One run, on {cores} cores of {model} under {}, Rust {version}.",
        std::env::consts::OS
    )
}

/// The version of a package in the lock file of the benches.
pub fn version(package: &str) -> Option<String> {
    let lock = fs::read_to_string(benches().join("Cargo.lock")).ok()?;
    version_in(&lock, package)
}

fn version_in(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let entry = lock
        .split("[[package]]")
        .find(|entry| entry.lines().any(|line| line == name))?;
    let version = entry
        .lines()
        .find_map(|line| line.strip_prefix("version = "))?;
    Some(version.trim_matches('"').to_owned())
}

#[cfg(test)]
mod tests {
    use super::{between, version_in};

    #[test]
    fn only_what_lies_between_the_markers_changes() {
        let text = "a\n<!-- figures: x -->\nold\n<!-- end: x -->\nb\n";
        assert_eq!(
            between(text, "x", "new\n").as_deref(),
            Some("a\n<!-- figures: x -->\n\nnew\n\n<!-- end: x -->\nb\n")
        );
        assert_eq!(between(text, "y", "new"), None);
    }

    #[test]
    fn a_version_is_that_of_the_whole_name() {
        let lock = "[[package]]\nname = \"tera-x\"\nversion = \"9\"\n\n[[package]]\nname = \"tera\"\nversion = \"2.4.0\"\n";
        assert_eq!(version_in(lock, "tera").as_deref(), Some("2.4.0"));
    }
}
