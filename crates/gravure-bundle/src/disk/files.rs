//! The few calls to the file system that the cache makes, one method each.
//!
//! A trait, so that tests can let each of them fail; [`System`] is the real
//! one, and `below.rs` has one for folders that others may write. Nothing here follows a link in the last part of a path, waits for a
//! pipe, or reads what is no regular file. On systems other than Unix the
//! first two are as the system has them: links are looked for before a file is
//! opened, and who may write where is for the folder's own settings to say.

use std::{
    fmt, fs, io,
    io::{Read as _, Write as _},
    path::Path,
    time::SystemTime,
};

/// A name in a folder.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Names of ours are ASCII; of others the name does not matter.
    pub(crate) name: String,
    /// A folder, and no link to one.
    pub(crate) is_folder: bool,
}

/// What a path leads to, links not followed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts {
    pub(crate) kind: Kind,
    pub(crate) len: u64,
    pub(crate) modified: Option<SystemTime>,
    /// Is the folder this user's? Always so for files, and on systems that do
    /// not say.
    pub(crate) is_ours: bool,
    /// May others write the folder? Never so for files, and on systems that do
    /// not say.
    pub(crate) others_write: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    Other,
}

/// What is asked of the file system.
pub(crate) trait Files: Send + Sync + fmt::Debug {
    fn now(&self) -> SystemTime;
    /// A whole regular file of so many bytes at most, and when it was written.
    fn read(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, Option<SystemTime>)>;
    /// A file that was not there.
    fn create(&self, path: &Path) -> io::Result<fs::File>;
    fn write(&self, file: &mut fs::File, bytes: &[u8]) -> io::Result<()>;
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    fn remove(&self, path: &Path) -> io::Result<()>;
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// A folder, and those above it that are not there.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()>;
    fn list(&self, folder: &Path) -> io::Result<Vec<Item>>;
    fn facts(&self, path: &Path) -> io::Result<Facts>;
}

/// The file system of this machine.
#[derive(Debug)]
pub(crate) struct System {
    /// May nobody else look at what is made?
    pub(crate) is_private: bool,
}

impl Files for System {
    fn now(&self) -> SystemTime {
        SystemTime::now()
    }

    fn read(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, Option<SystemTime>)> {
        read_file(open(path)?, most)
    }

    fn create(&self, path: &Path) -> io::Result<fs::File> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use std::os::unix::fs::OpenOptionsExt as _;
            options.mode(if self.is_private { 0o600 } else { 0o666 });
            options.custom_flags(no_follow());
        }
        options.open(path)
    }

    fn write(&self, file: &mut fs::File, bytes: &[u8]) -> io::Result<()> {
        file.write_all(bytes)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        if self.is_private {
            use std::os::unix::fs::DirBuilderExt as _;
            builder.mode(0o700);
        }
        builder.create(path)
    }

    fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()> {
        to_touch(path)?.set_modified(time)
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<Item>> {
        let mut items = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if let Ok(name) = entry.file_name().into_string() {
                let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
                items.push(Item { name, is_folder });
            }
        }
        Ok(items)
    }

    fn facts(&self, path: &Path) -> io::Result<Facts> {
        let metadata = fs::symlink_metadata(path)?;
        let kind = metadata.file_type();
        let (is_ours, others_write) = access(&metadata);
        Ok(Facts {
            kind: if kind.is_symlink() {
                Kind::Link
            } else if kind.is_dir() {
                Kind::Folder
            } else if kind.is_file() {
                Kind::File
            } else {
                Kind::Other
            },
            len: metadata.len(),
            modified: metadata.modified().ok(),
            is_ours,
            others_write,
        })
    }
}

/// What an open file holds, if it is a regular one of so many bytes at most.
pub(super) fn read_file(
    mut file: fs::File,
    most: u64,
) -> io::Result<(Vec<u8>, Option<SystemTime>)> {
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let len = usize::try_from(metadata.len()).map_err(|_| io::ErrorKind::InvalidData)?;
    let mut bytes = vec![0; len];
    file.read_exact(&mut bytes)?;
    Ok((bytes, metadata.modified().ok()))
}

#[cfg(unix)]
fn open(path: &Path) -> io::Result<fs::File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = fs::OpenOptions::new();
    let opened = options.read(true).custom_flags(no_follow()).open(path);
    // A link is said to lead around in circles.
    opened.map_err(|error| match rustix::io::Errno::from_io_error(&error) {
        Some(rustix::io::Errno::LOOP) => io::ErrorKind::InvalidData.into(),
        _ => error,
    })
}

/// Flags that stop at a link, and do not wait for who writes a pipe.
#[cfg(unix)]
fn no_follow() -> i32 {
    use rustix::fs::OFlags;
    (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32
}

/// Of a folder: is it this user's, and may others write it?
#[cfg(unix)]
fn access(metadata: &fs::Metadata) -> (bool, bool) {
    use std::os::unix::fs::MetadataExt as _;
    if !metadata.is_dir() {
        return (true, false);
    }
    let is_ours = metadata.uid() == rustix::process::geteuid().as_raw();
    (is_ours, metadata.mode() & 0o022 != 0)
}

/// The owner of a file may set its times, however it is open.
#[cfg(unix)]
fn to_touch(path: &Path) -> io::Result<fs::File> {
    open(path)
}

#[cfg(not(unix))]
fn open(path: &Path) -> io::Result<fs::File> {
    if fs::symlink_metadata(path)?.file_type().is_symlink() {
        return Err(io::ErrorKind::InvalidData.into());
    }
    fs::File::open(path)
}

#[cfg(not(unix))]
fn to_touch(path: &Path) -> io::Result<fs::File> {
    fs::OpenOptions::new().write(true).open(path)
}

#[cfg(not(unix))]
fn access(_: &fs::Metadata) -> (bool, bool) {
    (true, false)
}
