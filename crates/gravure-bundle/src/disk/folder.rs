//! The folder of a cache: where it is, and whether it can be trusted.
//!
//! Whoever can write the folder can have any page rendered that the verifier
//! lets through. So a folder is taken only if it is one, no link to one, this
//! user's, and nobody else may write it. Folders above it are for the host to
//! choose: whoever may rename those may put another one in its place.

use super::files::{Files, Kind};
use std::{
    env, fmt, io,
    path::{Path, PathBuf},
};

/// Why a folder is not taken.
#[derive(Debug)]
#[non_exhaustive]
pub enum DiskError {
    /// It is a link, wherever that leads.
    Link(PathBuf),
    /// It is no folder.
    NotAFolder(PathBuf),
    /// It belongs to another user.
    NotOurs(PathBuf),
    /// Others may write it.
    OthersWrite(PathBuf),
    /// There is no folder for caches: neither of the variables that name one
    /// is set.
    NoHome,
    /// The system says why.
    Io(io::Error),
}

impl fmt::Display for DiskError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Link(path) => write!(f, "the cache folder {path:?} is a link"),
            Self::NotAFolder(path) => write!(f, "the cache folder {path:?} is no folder"),
            Self::NotOurs(path) => write!(f, "the cache folder {path:?} is another user's"),
            Self::OthersWrite(path) => {
                write!(f, "others may write the cache folder {path:?}")
            }
            Self::NoHome => f.write_str("there is no folder for caches on this system"),
            Self::Io(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for DiskError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl From<io::Error> for DiskError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl DiskError {
    /// What would do.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Link(_) => "name the folder that the link leads to",
            Self::NotAFolder(_) => "name a folder, or a path where nothing is yet",
            Self::NotOurs(_) => "name a folder of the user who runs the program",
            Self::OthersWrite(_) => {
                "take the right to write from others (`chmod go-w`), or say that the folder is shared and give a key"
            }
            Self::NoHome => "name a folder",
            Self::Io(_) => "name a folder that can be read and written",
        }
    }
}

/// Make the folder if it is not there, and look at it.
pub(super) fn prepare(files: &dyn Files, folder: &Path, is_shared: bool) -> Result<(), DiskError> {
    match check(files, folder, is_shared) {
        Err(DiskError::Io(error)) if error.kind() == io::ErrorKind::NotFound => {
            files.make_folder(folder)?;
            check(files, folder, is_shared)
        }
        checked => checked,
    }
}

/// Is it there, and to be trusted?
pub(super) fn check(files: &dyn Files, folder: &Path, is_shared: bool) -> Result<(), DiskError> {
    let facts = files.facts(folder)?;
    let path = || folder.to_owned();
    match facts.kind {
        Kind::Link if is_shared => Ok(()),
        Kind::Link => Err(DiskError::Link(path())),
        Kind::File | Kind::Other => Err(DiskError::NotAFolder(path())),
        Kind::Folder if is_shared => Ok(()),
        Kind::Folder if !facts.is_ours => Err(DiskError::NotOurs(path())),
        Kind::Folder if facts.others_write => Err(DiskError::OthersWrite(path())),
        Kind::Folder => Ok(()),
    }
}

/// A folder of our own below the one that this user has for caches.
pub(super) fn of_user() -> Option<PathBuf> {
    of_variables(|name| env::var_os(name).map(PathBuf::from))
}

fn of_variables(variable: impl Fn(&str) -> Option<PathBuf>) -> Option<PathBuf> {
    // A relative path would mean another folder wherever the program is run.
    let set = |name| variable(name).filter(|path| path.is_absolute());
    let caches = if cfg!(windows) {
        set("LOCALAPPDATA")?
    } else if cfg!(target_os = "macos") {
        set("HOME")?.join("Library/Caches")
    } else {
        set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))?
    };
    Some(caches.join("gravure").join("chunks"))
}

#[cfg(all(test, unix, not(target_os = "macos")))]
mod tests {
    use super::*;

    #[test]
    fn the_folder_of_a_user() {
        let of = |list: &[(&str, &str)]| {
            let found = of_variables(|name| {
                let known = list.iter().find(|(known, _)| *known == name);
                known.map(|(_, path)| PathBuf::from(path))
            });
            found.map(|path| path.display().to_string())
        };
        let home = ("HOME", "/home/ada");
        assert_eq!(of(&[home]).unwrap(), "/home/ada/.cache/gravure/chunks");
        let named = ("XDG_CACHE_HOME", "/var/cache/ada");
        assert_eq!(of(&[home, named]).unwrap(), "/var/cache/ada/gravure/chunks");
        let relative = ("XDG_CACHE_HOME", "cache");
        assert_eq!(
            of(&[home, relative]).unwrap(),
            "/home/ada/.cache/gravure/chunks"
        );
        assert_eq!(of(&[("HOME", "")]), None);
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn the_folder_of_this_user() {
        let here = |name: &str| env::var_os(name).map(PathBuf::from);
        assert_eq!(of_user(), of_variables(here));
    }
}
