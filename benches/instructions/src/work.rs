//! What is counted: a workload rendered or compiled some times.
//!
//! In: a folder of `benches/workloads/`. Out: nothing but the work itself.

use std::fs;
use std::hint::black_box;
use std::path::{Path, PathBuf};

use gravure::loader::MapLoader;
use gravure::{Context, Environment};

/// The workloads, in the order in which they are shown.
pub(crate) const RENDERED: [&str; 8] = [
    "table-int",
    "table-str",
    "teams",
    "page",
    "escape",
    "deep",
    "default-present",
    "default-missing",
];

/// Two hundred templates; they are compiled only.
pub(crate) const CORPUS: &str = "corpus";

/// What can be done with a workload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Render from a context that is prepared.
    Prepared,
    /// Render from borrowed JSON.
    Json,
    /// Compile every template of the folder into a new environment.
    Compile,
}

impl Work {
    pub(crate) const ALL: [Self; 3] = [Self::Prepared, Self::Json, Self::Compile];

    /// The word on the command line and in the table.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Prepared => "prepared",
            Self::Json => "json",
            Self::Compile => "compile",
        }
    }
}

/// Does the work `times` times.
pub(crate) fn run(workload: &str, work: Work, times: usize) -> Result<(), String> {
    let folder = folder(workload);
    let sources = sources(&folder)?;
    match work {
        Work::Compile => {
            for _ in 0..times {
                black_box(compiled(&sources)?);
            }
        }
        Work::Prepared | Work::Json => {
            let text = read(&folder.join("data.json"))?;
            let data: serde_json::Value =
                serde_json::from_str(&text).map_err(|error| error.to_string())?;
            let prepared = Context::from_serialize(&data).map_err(|error| error.to_string())?;
            let template = compiled(&sources)?
                .get_template("main.html")
                .map_err(|error| error.to_string())?;
            for _ in 0..times {
                let page = match work {
                    Work::Json => template.render(&data),
                    _ => template.render(&prepared),
                };
                black_box(page.map_err(|error| error.to_string())?);
            }
        }
    }
    Ok(())
}

/// An environment that has compiled every template.
fn compiled(sources: &[(String, String)]) -> Result<Environment, String> {
    let loader = MapLoader::new();
    for (name, text) in sources {
        loader.insert(name.as_str(), text.as_str());
    }
    let environment = Environment::with_loader(loader);
    for (name, _) in sources {
        black_box(
            environment
                .get_template(name)
                .map_err(|error| error.to_string())?,
        );
    }
    Ok(environment)
}

fn sources(folder: &Path) -> Result<Vec<(String, String)>, String> {
    let entries = fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut sources = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.ends_with(".html") && name != "expected.html" {
            sources.push((name, read(&entry.path())?));
        }
    }
    sources.sort();
    Ok(sources)
}

fn folder(workload: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../workloads")
        .join(workload)
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}
