//! What is rendered: a folder of `workloads/` read into memory.
//!
//! In: a folder with templates, `data.json` and `expected.html`.
//! Out: a [`Workload`].
//! The compile corpus is a folder of the same kind with many entries.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value as Json;

/// The workloads that are rendered, in the order in which they are shown.
pub const RENDERED: [&str; 8] = [
    "table-int",
    "table-str",
    "teams",
    "page",
    "escape",
    "deep",
    "default-present",
    "default-missing",
];

/// Two workloads with one template and one page: what costs a key that is
/// there, and one that is not.
pub const DEFAULT_PAIR: [&str; 2] = ["default-present", "default-missing"];

/// The folder of templates that are compiled.
pub const CORPUS: &str = "corpus";

/// One workload: its data and the page that every engine has to make of it.
#[derive(Debug)]
pub struct Workload {
    /// The folder's name.
    pub name: String,
    /// The context; its keys are the variables of the template.
    pub data: Json,
    /// The text of `data.json`, for those who read it into types of their own.
    pub data_text: String,
    /// The page, or all pages of the corpus in the order of their names.
    pub expected: String,
}

impl Workload {
    /// Reads the workload `name`.
    ///
    /// # Panics
    ///
    /// When the folder is incomplete: there is nothing to measure then.
    pub fn read(name: &str) -> Self {
        let folder = workload_folder(name);
        let data_text = read(&folder.join("data.json"));
        Self {
            name: name.to_owned(),
            data: serde_json::from_str(&data_text).expect("data.json is JSON"),
            data_text,
            expected: read(&folder.join("expected.html")),
        }
    }
}

/// Templates by name, sorted.
#[derive(Debug)]
pub struct Sources {
    /// Pairs of name and text.
    pub templates: Vec<(String, String)>,
    /// The length of all texts together.
    pub bytes: usize,
}

impl Sources {
    /// Reads every template of a folder; the expected page is none of them.
    ///
    /// # Panics
    ///
    /// When the folder cannot be read.
    pub fn read(folder: &Path) -> Self {
        let mut templates: Vec<_> = fs::read_dir(folder)
            .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
            .map(|entry| entry.expect("the folder stays readable").path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "html")
            })
            .filter(|path| path.file_name().is_some_and(|name| name != "expected.html"))
            .map(|path| {
                let name = path.file_name().expect("the filter saw a name");
                (name.to_string_lossy().into_owned(), read(&path))
            })
            .collect();
        templates.sort();
        let bytes = templates.iter().map(|(_, text)| text.len()).sum();
        Self { templates, bytes }
    }
}

/// Where the templates in Gravure's syntax, the data and the page lie.
pub fn workload_folder(name: &str) -> PathBuf {
    root().join("workloads").join(name)
}

/// Where a peer's version of a workload lies; the pair shares one.
pub fn peer_folder(engine: &str, name: &str) -> PathBuf {
    let name = if DEFAULT_PAIR.contains(&name) {
        "default"
    } else {
        name
    };
    root().join("peers").join(engine).join(name)
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
