//! A folder that others may write: nothing below it is reached through a link.
//!
//! In: paths below the cache's folder. Out: what [`System`] would do with
//! them, but for a link in the place of a folder, which is refused: whoever
//! may write here could have entries written, read and removed anywhere else.
//! On Unix each folder on the way is opened in the one above it, so nobody can
//! put a link there between a look and the deed. Elsewhere it is looked for
//! before. The folder of the cache itself may be a link: the host has said so.
//!
//! A folder that nobody else may write needs none of this, nor the calls that
//! it takes.

use super::files::{Facts, Files, Item, System};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// A shared folder, and whatever lies outside of it.
#[derive(Debug)]
pub(super) struct Below {
    root: PathBuf,
    system: System,
}

impl Below {
    pub(super) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            system: System { is_private: false },
        }
    }

    /// The path as seen from the folder; `None` for the folder itself and for
    /// what is outside.
    fn inside<'p>(&self, path: &'p Path) -> Option<&'p Path> {
        let inside = path.strip_prefix(&self.root).ok();
        inside.filter(|it| it.file_name().is_some())
    }
}

/// What stands where a folder must be.
fn no_folder() -> io::Error {
    let why = "there is a link, or no folder, in the place of a folder";
    io::Error::new(io::ErrorKind::NotADirectory, why)
}

#[cfg(unix)]
mod ways {
    use super::*;
    use crate::disk::files::{Kind, read_file};
    use rustix::{
        fd::OwnedFd,
        fs::{self as at, AtFlags, FileType, Mode, OFlags},
        io::Errno,
    };
    use std::{ffi::OsStr, time::Duration};

    const FOLDER: OFlags = OFlags::RDONLY
        .union(OFlags::DIRECTORY)
        .union(OFlags::CLOEXEC);
    const FILE: OFlags = OFlags::NOFOLLOW
        .union(OFlags::NONBLOCK)
        .union(OFlags::CLOEXEC);

    /// A folder in a folder, and no link to one.
    fn enter(folder: &OwnedFd, name: &OsStr) -> io::Result<OwnedFd> {
        let entered = at::openat(folder, name, FOLDER | OFlags::NOFOLLOW, Mode::empty());
        entered.map_err(|errno| match errno {
            Errno::NOTDIR | Errno::LOOP | Errno::MLINK => no_folder(),
            _ => errno.into(),
        })
    }

    impl Below {
        fn open_root(&self) -> io::Result<OwnedFd> {
            Ok(at::open(&self.root, FOLDER, Mode::empty())?)
        }

        /// The folder that a path lies in, and its name there.
        fn way<'p>(&self, inside: &'p Path) -> io::Result<(OwnedFd, &'p OsStr)> {
            let mut folder = self.open_root()?;
            for part in inside.parent().into_iter().flat_map(Path::components) {
                folder = enter(&folder, part.as_os_str())?;
            }
            Ok((folder, inside.file_name().unwrap_or_default()))
        }

        fn open(&self, inside: &Path) -> io::Result<fs::File> {
            let (folder, name) = self.way(inside)?;
            let opened = at::openat(folder, name, FILE | OFlags::RDONLY, Mode::empty());
            match opened {
                Ok(file) => Ok(file.into()),
                Err(Errno::LOOP | Errno::MLINK) => Err(io::ErrorKind::InvalidData.into()),
                Err(errno) => Err(errno.into()),
            }
        }
    }

    impl Files for Below {
        fn now(&self) -> SystemTime {
            self.system.now()
        }

        fn read(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, Option<SystemTime>)> {
            match self.inside(path) {
                None => self.system.read(path, most),
                Some(inside) => read_file(self.open(inside)?, most),
            }
        }

        fn create(&self, path: &Path) -> io::Result<fs::File> {
            let Some(inside) = self.inside(path) else {
                return self.system.create(path);
            };
            let (folder, name) = self.way(inside)?;
            let flags = FILE | OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
            Ok(at::openat(folder, name, flags, Mode::from(0o666))?.into())
        }

        fn write(&self, file: &mut fs::File, bytes: &[u8]) -> io::Result<()> {
            self.system.write(file, bytes)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            let (Some(from_inside), Some(to_inside)) = (self.inside(from), self.inside(to)) else {
                return self.system.rename(from, to);
            };
            let (source, old) = self.way(from_inside)?;
            let (target, new) = self.way(to_inside)?;
            Ok(at::renameat(source, old, target, new)?)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            let Some(inside) = self.inside(path) else {
                return self.system.remove(path);
            };
            let (folder, name) = self.way(inside)?;
            Ok(at::unlinkat(folder, name, AtFlags::empty())?)
        }

        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            let Some(inside) = self.inside(path) else {
                return self.system.remove_folder(path);
            };
            let (folder, name) = self.way(inside)?;
            Ok(at::unlinkat(folder, name, AtFlags::REMOVEDIR)?)
        }

        fn make_folder(&self, path: &Path) -> io::Result<()> {
            let Some(inside) = self.inside(path) else {
                return self.system.make_folder(path);
            };
            let mut folder = match self.open_root() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    self.system.make_folder(&self.root)?;
                    self.open_root()?
                }
                opened => opened?,
            };
            for part in inside.components() {
                match at::mkdirat(&folder, part.as_os_str(), Mode::from(0o777)) {
                    Ok(()) | Err(Errno::EXIST) => {}
                    Err(errno) => return Err(errno.into()),
                }
                folder = enter(&folder, part.as_os_str())?;
            }
            Ok(())
        }

        fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()> {
            match self.inside(path) {
                None => self.system.touch(path, time),
                Some(inside) => self.open(inside)?.set_modified(time),
            }
        }

        fn list(&self, folder: &Path) -> io::Result<Vec<Item>> {
            let Some(inside) = self.inside(folder) else {
                return self.system.list(folder);
            };
            let (above, name) = self.way(inside)?;
            let folder = enter(&above, name)?;
            let mut items = Vec::new();
            for entry in at::Dir::read_from(&folder)? {
                let entry = entry?;
                let Ok(name) = entry.file_name().to_str() else {
                    continue;
                };
                if name == "." || name == ".." {
                    continue;
                }
                // Not every file system says what a name stands for.
                let kind = match entry.file_type() {
                    FileType::Unknown => {
                        let stat = at::statat(&folder, name, AtFlags::SYMLINK_NOFOLLOW);
                        stat.map_or(FileType::Unknown, |it| FileType::from_raw_mode(it.st_mode))
                    }
                    known => known,
                };
                let is_folder = kind == FileType::Directory;
                let name = name.to_owned();
                items.push(Item { name, is_folder });
            }
            Ok(items)
        }

        fn facts(&self, path: &Path) -> io::Result<Facts> {
            let Some(inside) = self.inside(path) else {
                return self.system.facts(path);
            };
            let (folder, name) = self.way(inside)?;
            let stat = at::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
            let since = u64::try_from(stat.st_mtime).unwrap_or(0);
            let modified = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(since));
            Ok(Facts {
                kind: match FileType::from_raw_mode(stat.st_mode) {
                    FileType::Symlink => Kind::Link,
                    FileType::Directory => Kind::Folder,
                    FileType::RegularFile => Kind::File,
                    _ => Kind::Other,
                },
                len: u64::try_from(stat.st_size).unwrap_or(0),
                modified,
                is_ours: true,
                others_write: false,
            })
        }
    }
}

#[cfg(not(unix))]
mod ways {
    use super::*;

    impl Below {
        /// No folder on the way is a link, as far as a look can tell.
        fn check(&self, path: &Path) -> io::Result<()> {
            let inside = self.inside(path).and_then(Path::parent);
            let mut folder = self.root.clone();
            for part in inside.into_iter().flat_map(Path::components) {
                folder.push(part);
                match fs::symlink_metadata(&folder) {
                    Ok(it) if it.file_type().is_symlink() => return Err(no_folder()),
                    _ => {}
                }
            }
            Ok(())
        }
    }

    impl Files for Below {
        fn now(&self) -> SystemTime {
            self.system.now()
        }

        fn read(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, Option<SystemTime>)> {
            self.check(path)?;
            self.system.read(path, most)
        }

        fn create(&self, path: &Path) -> io::Result<fs::File> {
            self.check(path)?;
            self.system.create(path)
        }

        fn write(&self, file: &mut fs::File, bytes: &[u8]) -> io::Result<()> {
            self.system.write(file, bytes)
        }

        fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
            self.check(to)?;
            self.system.rename(from, to)
        }

        fn remove(&self, path: &Path) -> io::Result<()> {
            self.check(path)?;
            self.system.remove(path)
        }

        fn remove_folder(&self, path: &Path) -> io::Result<()> {
            self.check(path)?;
            self.system.remove_folder(path)
        }

        fn make_folder(&self, path: &Path) -> io::Result<()> {
            self.check(&path.join("entry"))?;
            self.system.make_folder(path)
        }

        fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()> {
            self.check(path)?;
            self.system.touch(path, time)
        }

        fn list(&self, folder: &Path) -> io::Result<Vec<Item>> {
            self.check(&folder.join("entry"))?;
            self.system.list(folder)
        }

        fn facts(&self, path: &Path) -> io::Result<Facts> {
            self.check(path)?;
            self.system.facts(path)
        }
    }
}
