//! Sources in files below one or more roots.
//!
//! In: a normalized name. Out: the text of a regular file that really lies
//! below a root. A name never says how to leave: `..`, `.` and empty segments,
//! a leading `/`, NUL and a colon in the first segment are not found on every
//! platform. A file is opened folder by folder without following links; where
//! there are some the name is resolved first, and what it is resolved to is
//! opened in the same way if it lies inside, so a link that is swapped between
//! any two steps gains nothing.

use super::stamp::FileStamp;
use super::text::decode;
use super::{LoadError, Loader, Source, Stamp};
use std::{
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

/// Reads templates below root folders, tried in order.
///
/// Encoding is UTF-8; a byte-order mark is dropped and line ends become `\n`.
///
/// ```no_run
/// use gravure::loader::FileLoader;
/// let loader = FileLoader::new("templates").and("shared/templates");
/// ```
#[derive(Clone, Debug)]
pub struct FileLoader {
    /// The folders, as the host named them. They need not exist yet.
    pub roots: Vec<PathBuf>,
    /// The longest file that is read, in bytes.
    pub max_bytes: u64,
}

impl FileLoader {
    /// A loader with one root.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            roots: vec![root.into()],
            max_bytes: 16 << 20,
        }
    }

    /// With one more root, asked last.
    #[must_use]
    pub fn and(mut self, root: impl Into<PathBuf>) -> Self {
        self.roots.push(root.into());
        self
    }

    fn not_found(&self, notes: Vec<String>) -> LoadError {
        LoadError::NotFound {
            searched: self
                .roots
                .iter()
                .map(|root| root.display().to_string())
                .collect(),
            notes,
        }
    }
}

impl Loader for FileLoader {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        let mut notes = Vec::new();
        if is_plain(name) {
            for root in &self.roots {
                match open_steadily(root, name)? {
                    Opened::File(file, path) => return read(file, path, self.max_bytes),
                    Opened::Outside | Opened::Swapped => notes.push(format!(
                        "`{name}` leaves the root {}: a symbolic link must stay inside",
                        root.display()
                    )),
                    Opened::Nothing => {}
                }
            }
        } else {
            notes.push("a name is a relative path without `..`, `.` or empty segments".to_owned());
        }
        Err(self.not_found(notes))
    }

    /// One question to the system a root. A link that leaves its root is
    /// noticed when the file is loaded, which a changed stamp leads to.
    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        if is_plain(name) {
            for root in &self.roots {
                let path = root.join(name);
                match fs::metadata(&path) {
                    Ok(metadata) if metadata.is_file() => {
                        return Ok(Some(Stamp::File(FileStamp::new(path, &metadata))));
                    }
                    Ok(_) => {}
                    Err(error) if is_absent(&error) => {}
                    Err(error) => return Err(io_error(path, error)),
                }
            }
        }
        Err(self.not_found(Vec::new()))
    }

    fn list(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for root in &self.roots {
            list_below(root, &mut names);
        }
        names.sort_unstable();
        names.dedup();
        Some(names)
    }
}

/// Can this name be looked for at all?
fn is_plain(name: &str) -> bool {
    let first = name.split('/').next().unwrap_or("");
    !name.contains(['\0', '\\'])
        && !first.contains(':')
        && name
            .split('/')
            .all(|segment| !matches!(segment, "" | "." | ".."))
}

enum Opened {
    File(File, PathBuf),
    /// It lies outside the root.
    Outside,
    /// The path names another file by now.
    Swapped,
    Nothing,
}

/// Open, and once more if the file was replaced meanwhile: editors save by
/// renaming a new file over the old one.
fn open_steadily(root: &Path, name: &str) -> Result<Opened, LoadError> {
    for _ in 0..8 {
        match open_below(root, name)? {
            Opened::Swapped => {}
            other => return Ok(other),
        }
    }
    Ok(Opened::Swapped)
}

/// Open a file to which no symbolic link leads below the root, as most are:
/// then it lies there, and nothing need be resolved. `None` is something else
/// than a file.
///
/// Each folder is opened in the one above it, so that nobody can put a link
/// there between a look and the deed.
#[cfg(unix)]
fn open_unlinked(root: &Path, name: &Path) -> io::Result<Option<File>> {
    use rustix::fs::{Mode, OFlags, open, openat};
    // To go through a folder one need not be allowed to list it.
    #[cfg(any(target_os = "linux", target_os = "android"))]
    const THROUGH: OFlags = OFlags::PATH;
    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    const THROUGH: OFlags = OFlags::RDONLY;
    const FOLDER: OFlags = THROUGH.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
    // Opening a pipe would wait for its other end.
    const FILE: OFlags = OFlags::RDONLY
        .union(OFlags::NOFOLLOW)
        .union(OFlags::NONBLOCK)
        .union(OFlags::CLOEXEC);
    let mut folder = open(root, FOLDER, Mode::empty())?;
    for part in name.parent().into_iter().flatten() {
        folder = openat(&folder, part, FOLDER | OFlags::NOFOLLOW, Mode::empty())?;
    }
    let Some(last) = name.file_name() else {
        return Ok(None);
    };
    let file = File::from(openat(&folder, last, FILE, Mode::empty())?);
    let is_file = file.metadata()?.is_file();
    Ok(is_file.then_some(file))
}

/// Open a regular file below a root, and make sure that it is what was opened.
fn open_below(root: &Path, name: &str) -> Result<Opened, LoadError> {
    let path = root.join(name);
    // File systems that take names for others' need a longer look.
    #[cfg(all(unix, not(target_vendor = "apple")))]
    if let Ok(Some(file)) = open_unlinked(root, Path::new(name)) {
        return Ok(Opened::File(file, path));
    }
    match fs::metadata(&path) {
        Ok(metadata) if metadata.is_file() => {}
        Ok(_) => return Ok(Opened::Nothing),
        Err(error) if is_absent(&error) => return Ok(Opened::Nothing),
        Err(error) => return Err(io_error(path, error)),
    }
    // The place is judged before a failure to open is told: whether a file
    // outside can be read is nobody's business.
    let (real_root, real_path) = match (fs::canonicalize(root), fs::canonicalize(&path)) {
        (Ok(real_root), Ok(real_path)) => (real_root, real_path),
        (Err(error), _) | (_, Err(error)) if is_absent(&error) => return Ok(Opened::Nothing),
        (Err(error), _) | (_, Err(error)) => return Err(io_error(path, error)),
    };
    let Ok(below) = real_path.strip_prefix(&real_root) else {
        return Ok(Opened::Outside);
    };
    if !spelled_alike(below, name) {
        return Ok(Opened::Nothing);
    }
    open_resolved(&real_root, below, path)
}

/// Open what a path has been resolved to. By now there may be links again: they
/// are not followed, so whatever is opened lies below the root.
#[cfg(unix)]
fn open_resolved(real_root: &Path, below: &Path, path: PathBuf) -> Result<Opened, LoadError> {
    match open_unlinked(real_root, below) {
        Ok(Some(file)) => Ok(Opened::File(file, path)),
        Ok(None) => Ok(Opened::Swapped),
        Err(error) if is_absent(&error) || is_link(&error) => Ok(Opened::Swapped),
        Err(error) => Err(io_error(path, error)),
    }
}

/// Open what a path has been resolved to, and make sure that it still is that.
#[cfg(not(unix))]
fn open_resolved(real_root: &Path, below: &Path, path: PathBuf) -> Result<Opened, LoadError> {
    let real_path = real_root.join(below);
    let file = match File::open(&real_path) {
        Ok(file) => file,
        Err(error) if is_absent(&error) => return Ok(Opened::Swapped),
        Err(error) => return Err(io_error(path, error)),
    };
    match (file.metadata(), fs::canonicalize(&real_path)) {
        (Ok(metadata), Ok(still)) if still == real_path => match metadata.is_file() {
            true => Ok(Opened::File(file, path)),
            false => Ok(Opened::Nothing),
        },
        // What was opened may lie anywhere.
        (Ok(_), Ok(_)) => Ok(Opened::Swapped),
        (_, Err(error)) if is_absent(&error) => Ok(Opened::Swapped),
        (Err(error), _) | (_, Err(error)) => Err(io_error(path, error)),
    }
}

/// Does the system say that there is a link where none may be?
#[cfg(unix)]
fn is_link(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error())
}

/// Names differ by case even where the file system does not care.
fn spelled_alike(below: &Path, name: &str) -> bool {
    if !cfg!(any(windows, target_vendor = "apple")) {
        return true;
    }
    let Some(below) = below.to_str() else {
        return true;
    };
    let below = below.replace('\\', "/");
    below == name || !below.eq_ignore_ascii_case(name)
}

fn read(file: File, path: PathBuf, limit: u64) -> Result<Source, LoadError> {
    let fail = |error| io_error(path.clone(), error);
    let metadata = file.metadata().map_err(fail)?;
    // What the metadata says is a hint: room for it and a read that ends.
    let expected = metadata.len().min(limit).saturating_add(1);
    let mut bytes = Vec::with_capacity(usize::try_from(expected).unwrap_or(0));
    // One byte past the limit tells a longer file from one that just fits,
    // whatever its metadata says.
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(LoadError::TooLong { limit });
    }
    let shown = path.display().to_string();
    let text = decode(bytes).map_err(|bad| LoadError::Encoding {
        file: Some(shown.clone()),
        offset: bad.offset,
        line: bad.line,
    })?;
    Ok(Source {
        text,
        file: Some(shown),
        stamp: Some(Stamp::File(FileStamp::new(path, &metadata))),
    })
}

/// Regular files below a root; hidden ones and editors' backups are left out,
/// folders that are links are not entered, so there is no way round and round.
fn list_below(root: &Path, names: &mut Vec<String>) {
    let Ok(real_root) = fs::canonicalize(root) else {
        return;
    };
    let mut open = vec![(root.to_path_buf(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let file_name = entry.file_name();
            let Some(segment) = file_name.to_str() else {
                continue;
            };
            if segment.starts_with('.') || segment.ends_with('~') {
                continue;
            }
            let name = format!("{prefix}{segment}");
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => open.push((entry.path(), format!("{name}/"))),
                Ok(kind) if kind.is_file() && is_plain(&name) => names.push(name),
                Ok(kind) if kind.is_symlink() && is_plain(&name) => {
                    let inside = fs::canonicalize(entry.path())
                        .is_ok_and(|real| real.starts_with(&real_root) && real.is_file());
                    if inside {
                        names.push(name);
                    }
                }
                _ => {}
            }
        }
    }
}

/// Does the system say that there is no such file?
fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::InvalidFilename
    )
}

fn io_error(path: PathBuf, error: io::Error) -> LoadError {
    LoadError::Io {
        file: Some(path.display().to_string()),
        error,
    }
}
