//! Where templates are and what is around them: roots, settings, names.
//!
//! In: arguments. Out: a [`Site`], and for commands about one template its name
//! below the roots. Settings count in this order: what the command line says,
//! the file it names, the nearest `gravure.toml` in the folder of the
//! templates or above it, nothing.

use crate::{
    args::{Around, Which},
    bundle,
    failure::Failed,
    settings::Settings,
};
use gravure::{
    Options,
    bundle::Bundle,
    loader::{FileLoader, Loader},
};
use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::Arc,
};

/// What the file of settings is called.
pub(crate) const SETTINGS: &str = "gravure.toml";

/// Templates and what is around them.
#[derive(Debug)]
pub(crate) struct Site {
    /// The folders, tried in order.
    pub(crate) roots: Vec<PathBuf>,
    pub(crate) settings: Settings,
    /// Where templates are looked for first.
    pub(crate) bundle: Option<Arc<Bundle>>,
    /// Did somebody name the settings?
    is_set: bool,
}

impl Site {
    /// How its templates are found, read and rendered. A bundle says itself how
    /// it was read, unless somebody names the settings.
    pub(crate) fn options(&self) -> Options {
        let loader = || {
            let loader: Arc<dyn Loader> = Arc::new(FileLoader {
                roots: self.roots.clone(),
                ..FileLoader::new("")
            });
            loader
        };
        let options = match &self.bundle {
            Some(bundle) if !self.is_set => Options::for_bundle(bundle),
            _ => self.settings.options.clone(),
        };
        let is_bundled = self.bundle.is_some() && self.roots.is_empty();
        Options {
            loader: (!is_bundled).then(loader),
            ..options
        }
    }
}

/// The site of a bundle, and of the roots that are named beside it.
fn of_bundle(file: &Path, which: &Which) -> Result<Site, Failed> {
    let bundle = bundle::open(file, &which.trust)?;
    let settings = match &which.around.config {
        Some(file) => Settings::read(file)?,
        None => Settings::default(),
    };
    let site = finished(which.roots.clone(), settings, &which.around)?;
    Ok(Site {
        bundle: Some(Arc::new(bundle)),
        is_set: which.around.config.is_some(),
        ..site
    })
}

/// The site of some folders, or of where we are if there are none.
pub(crate) fn of_roots(roots: &[PathBuf], around: &Around) -> Result<Site, Failed> {
    for root in roots {
        if !root.is_dir() {
            return Err(Failed::unusable(
                format!("the root `{}` is no folder", root.display()),
                "name folders of templates",
            ));
        }
    }
    let found = match &around.config {
        Some(file) => Some(file.clone()),
        None if roots.is_empty() => nearest(Path::new("")),
        None => of_all(roots)?,
    };
    let Some(file) = found else {
        if roots.is_empty() {
            return Err(Failed::unusable(
                "it is not said where the templates are",
                "name their folder, or the roots in a file `gravure.toml`",
            ));
        }
        let settings = Settings::default();
        return finished(roots.to_vec(), settings, around);
    };
    let settings = Settings::read(&file)?;
    // A folder that holds the settings is the project; they say where in it
    // the templates are.
    let is_project = |root: &PathBuf| around.config.is_none() && is_same(root, folder_of(&file));
    let roots = if roots.is_empty() || roots.iter().any(is_project) {
        let mut all = settings.roots.clone();
        all.extend(roots.iter().filter(|root| !is_project(root)).cloned());
        all
    } else {
        roots.to_vec()
    };
    finished(roots, settings, around)
}

/// The site of a template, and its name there.
pub(crate) fn of_template(which: &Which) -> Result<(Site, String), Failed> {
    let (around, name) = (&which.around, &which.template);
    if let Some(file) = &which.bundle {
        return Ok((of_bundle(file, which)?, name.clone()));
    }
    if !which.roots.is_empty() {
        return Ok((of_roots(&which.roots, around)?, name.clone()));
    }
    let path = Path::new(name);
    let is_file = path.is_file();
    let folder = match is_file {
        true => folder_of(path),
        false => Path::new(""),
    };
    let found = around.config.clone().or_else(|| nearest(folder));
    if let Some(file) = &found {
        let settings = Settings::read(file)?;
        let name = match is_file {
            true => settings
                .roots
                .iter()
                .find_map(|root| name_below(path, root)),
            false => Some(name.clone()),
        };
        if let Some(name) = name {
            return Ok((finished(settings.roots.clone(), settings, around)?, name));
        }
    }
    let (true, Some(name)) = (is_file, path.file_name().and_then(|name| name.to_str())) else {
        return Err(no_template(path));
    };
    let settings = match &found {
        Some(file) => Settings::read(file)?,
        None => Settings::default(),
    };
    let folder = match folder == Path::new("") {
        true => Path::new("."),
        false => folder,
    };
    let site = finished(vec![folder.to_owned()], settings, around)?;
    Ok((site, name.to_owned()))
}

/// Why a path is no template.
fn no_template(path: &Path) -> Failed {
    let shown = path.display();
    let (problem, help) = if path.is_dir() {
        (
            format!("`{shown}` is a folder, not a template"),
            "name a template in it; `gravure check DIR` looks at all of them",
        )
    } else if path.exists() {
        (
            format!("`{shown}` is not a regular file"),
            "name a file of text, or save it as one",
        )
    } else {
        (
            format!("there is no template file `{shown}`"),
            "check the path, or name the folder of the templates with `--root DIR`",
        )
    };
    Failed::unusable(problem, help)
}

/// With the names that the command line declares.
fn finished(roots: Vec<PathBuf>, mut settings: Settings, around: &Around) -> Result<Site, Failed> {
    for (option, names) in [
        ("--filters", &around.filters),
        ("--tests", &around.tests),
        ("--functions", &around.functions),
    ] {
        if let Some(bad) = names.iter().find(|name| !is_name(name)) {
            return Err(Failed::unusable(
                format!("`{option}` has `{bad}`, which no template can write"),
                "names are letters, digits and `_`, with commas between them",
            ));
        }
    }
    settings.filters.extend_from_slice(&around.filters);
    settings.tests.extend_from_slice(&around.tests);
    settings.functions.extend_from_slice(&around.functions);
    for root in &roots {
        if !root.is_dir() {
            return Err(Failed::unusable(
                format!("the root `{}` is no folder", root.display()),
                "correct `roots` in the settings",
            ));
        }
    }
    Ok(Site {
        roots,
        settings,
        bundle: None,
        is_set: false,
    })
}

/// Can a template write it as the name of a filter, test or function?
pub(crate) fn is_name(text: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphabetic() || c == '_';
    text.starts_with(is_letter) && text.chars().all(|c| is_letter(c) || c.is_ascii_digit())
}

/// The settings of several roots, which must not have different ones.
fn of_all(roots: &[PathBuf]) -> Result<Option<PathBuf>, Failed> {
    let mut all: Vec<PathBuf> = Vec::new();
    for root in roots {
        if let Some(file) = nearest(root)
            && !all.iter().any(|known| is_same(known, &file))
        {
            all.push(file);
        }
    }
    if let [one, other, ..] = all.as_slice() {
        return Err(Failed::unusable(
            format!(
                "the roots have different settings: `{}` and `{}`",
                one.display(),
                other.display()
            ),
            "name the ones that count with `--config FILE`",
        ));
    }
    Ok(all.pop())
}

/// The settings in a folder or above it. What lies below the folder we are in
/// is named as seen from there.
fn nearest(folder: &Path) -> Option<PathBuf> {
    let here = folder.join(SETTINGS);
    if here.is_file() {
        return Some(here);
    }
    let full = match folder == Path::new("") {
        true => env::current_dir().ok()?,
        false => fs::canonicalize(folder).ok()?,
    };
    let found = full.ancestors().skip(1).map(|folder| folder.join(SETTINGS));
    let found = found.into_iter().find(|file| file.is_file())?;
    let below = env::current_dir()
        .and_then(fs::canonicalize)
        .ok()
        .and_then(|current| Some(found.strip_prefix(current).ok()?.to_owned()));
    Some(below.unwrap_or(found))
}

fn folder_of(file: &Path) -> &Path {
    file.parent().unwrap_or(Path::new(""))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let full = |path: &Path| match path == Path::new("") {
        true => fs::canonicalize("."),
        false => fs::canonicalize(path),
    };
    matches!((full(one), full(other)), (Ok(one), Ok(other)) if one == other)
}

/// The name of a file below a root.
fn name_below(file: &Path, root: &Path) -> Option<String> {
    let file = fs::canonicalize(file).ok()?;
    let below = file.strip_prefix(fs::canonicalize(root).ok()?).ok()?;
    let segments: Option<Vec<&str>> = below.iter().map(|segment| segment.to_str()).collect();
    Some(segments?.join("/"))
}
