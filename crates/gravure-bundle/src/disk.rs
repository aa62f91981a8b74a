//! Compiled templates on disk: one file each, found by what it was made of.
//!
//! In: keys, chunks and their warnings. Out: the same, or nothing; whatever
//! lies in the folder, a caller that compiles when it is given nothing has the
//! right chunk. Nothing here fails a render: what goes wrong is counted, and
//! the first of its sort is handed to the caller to be told.
//!
//! ```text
//! get ─ read ─ sum ─ address ─ decode ─ verify ─ does it fit? ─▶ entry
//!                └ wrong: remove, count ─▶ nothing
//! put ─ write beside it ─ rename ─ now and then: hold the bounds
//! ```
//!
//! A key says everything that a chunk depends on, so an entry never becomes
//! wrong, only unused. It lives until it was not used for long, or until there
//! is no room: its time of last writing, which a use sets once an hour, says
//! when it was used last.
//!
//! Nothing is synced. After a loss of power a file may be empty or damaged
//! though its name is there; the sum tells, and the template is compiled. A
//! sync would cost more than that on every write.

mod below;
mod entry;
mod files;
mod folder;
mod key;
mod place;
mod sum;
mod sweep;
mod warnings;

#[cfg(test)]
mod faults;
#[cfg(test)]
mod tests;

pub use entry::Entry;
#[doc(hidden)]
pub use entry::{read_entry, seal, write_entry};
pub use folder::DiskError;
pub use key::{Fields, Fingerprint, Key};

use below::Below;
use entry::Refused;
use files::{Files, System};
use gravure_bytecode::Chunk;
use gravure_source::Diagnostic;
use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    time::Duration,
};

/// How a cache keeps what it keeps.
#[derive(Clone, PartialEq, Eq)]
pub struct DiskOptions {
    /// Bytes of all files together.
    pub max_bytes: u64,
    /// How long an entry lives that nobody uses.
    pub max_age: Duration,
    /// The bounds are held by the first write and then by every so-manieth.
    pub sweep_every: u64,
    /// A key of the host's. With it, only who has the key can write entries
    /// that are read: for folders that others may write.
    pub secret: Option<[u8; 32]>,
    /// Take a folder that is a link, another user's, or that others may
    /// write. Without a `secret` they decide what is rendered. Below it no
    /// link is followed.
    pub is_shared: bool,
}

impl Default for DiskOptions {
    fn default() -> Self {
        Self {
            max_bytes: 256 << 20,
            max_age: Duration::from_secs(30 * 24 * 3600),
            sweep_every: 256,
            secret: None,
            is_shared: false,
        }
    }
}

impl fmt::Debug for DiskOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiskOptions")
            .field("max_bytes", &self.max_bytes)
            .field("max_age", &self.max_age)
            .field("sweep_every", &self.sweep_every)
            .field("has_secret", &self.secret.is_some())
            .field("is_shared", &self.is_shared)
            .finish()
    }
}

/// How a cache has done since it was opened, and what lies in its folder now.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct DiskStats {
    /// Entries in the folder, whoever wrote them.
    pub file_count: u64,
    /// Their bytes.
    pub total_bytes: u64,
    /// Lookups that gave a chunk.
    pub hits: u64,
    /// Lookups that did not.
    pub misses: u64,
    /// Those of them that found something, and it could not be used.
    pub rejected: u64,
    /// Entries that could not be written.
    pub write_errors: u64,
}

/// What looking through a cache has shown.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Examined {
    /// Entries that are as they were written.
    pub sound: u64,
    /// Those that are not: the file as seen from the folder, and why.
    pub damaged: Vec<(String, String)>,
    /// Files that somebody is writing, or died while writing.
    pub unfinished: u64,
}

/// Something went wrong that costs a compilation and nothing else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Trouble {
    /// What went wrong, and why.
    pub message: String,
    /// Is it the first of its sort? The others need not be told.
    pub is_first: bool,
}

/// A folder of compiled templates. Many threads may share one; many processes
/// may use one folder.
#[derive(Debug)]
pub struct DiskCache {
    folder: PathBuf,
    options: DiskOptions,
    files: Box<dyn Files>,
    hits: AtomicU64,
    misses: AtomicU64,
    rejected: AtomicU64,
    write_errors: AtomicU64,
    writes: AtomicU64,
    is_sweeping: AtomicBool,
}

/// An entry that was used again is given a new time after so long.
const TOUCHED: Duration = Duration::from_secs(3600);

impl DiskCache {
    /// The cache in a folder, which is made if it is not there.
    ///
    /// A folder that cannot be made or read is no error: it is tried again
    /// with every write, and meanwhile nothing is found.
    ///
    /// # Errors
    /// If it is there and is not to be trusted.
    pub fn new(folder: impl Into<PathBuf>, options: DiskOptions) -> Result<Self, DiskError> {
        let folder = folder.into();
        let files: Box<dyn Files> = match options.is_shared {
            true => Box::new(Below::new(&folder)),
            false => Box::new(System { is_private: true }),
        };
        Self::on(files, folder, options)
    }

    /// The cache in [`DiskCache::auto_folder`].
    ///
    /// # Errors
    /// If there is no such folder, or it is there and is not to be trusted.
    pub fn auto(options: DiskOptions) -> Result<Self, DiskError> {
        Self::new(Self::auto_folder().ok_or(DiskError::NoHome)?, options)
    }

    /// A folder of our own below the one that the user has for caches:
    /// `$XDG_CACHE_HOME` or `~/.cache`, `~/Library/Caches`, `%LOCALAPPDATA%`.
    pub fn auto_folder() -> Option<PathBuf> {
        folder::of_user()
    }

    fn on(files: Box<dyn Files>, folder: PathBuf, options: DiskOptions) -> Result<Self, DiskError> {
        match folder::prepare(&*files, &folder, options.is_shared) {
            Ok(()) | Err(DiskError::Io(_)) => {}
            Err(refused) => return Err(refused),
        }
        Ok(Self {
            folder,
            options,
            files,
            hits: AtomicU64::new(0),
            misses: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
            write_errors: AtomicU64::new(0),
            writes: AtomicU64::new(0),
            is_sweeping: AtomicBool::new(false),
        })
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// What is kept under a key, if it `fits`: who asks knows what the chunk
    /// would be called and how it would escape.
    ///
    /// # Errors
    /// If there was something and it could not be used. It is gone now, as far
    /// as that was possible; the caller compiles.
    pub fn get(
        &self,
        key: &Key,
        fits: impl FnOnce(&Entry) -> bool,
    ) -> Result<Option<Entry>, Trouble> {
        let address = self.address(key);
        let path = place::entry(&self.folder, &address);
        let found = self.files.read(&path, self.options.max_bytes);
        let (bytes, modified) = match found {
            Ok(found) => found,
            Err(error) => return self.unreadable(&path, &error),
        };
        let entry = entry::decode(&bytes, &address, self.options.secret.as_ref());
        match entry.and_then(|it| {
            if fits(&it) {
                Ok(it)
            } else {
                Err(Refused::Unfit)
            }
        }) {
            Ok(entry) => {
                self.hits.fetch_add(1, Ordering::Relaxed);
                let now = self.files.now();
                let age = modified.map(|modified| now.duration_since(modified));
                // A file of the future is one from before the clock went back.
                if !matches!(age, Some(Ok(age)) if age < TOUCHED) {
                    let _ = self.files.touch(&path, now);
                }
                Ok(Some(entry))
            }
            Err(refused) => {
                self.discard(&path);
                Err(self.reject(&refused))
            }
        }
    }

    fn unreadable(&self, path: &Path, error: &io::Error) -> Result<Option<Entry>, Trouble> {
        use io::ErrorKind::{
            InvalidData, NotADirectory, NotFound, PermissionDenied, UnexpectedEof,
        };
        match error.kind() {
            NotFound | NotADirectory => {
                self.misses.fetch_add(1, Ordering::Relaxed);
                return Ok(None);
            }
            // What is there is no entry. Anything else may pass, such as too
            // many open files, and the next write replaces the entry anyway.
            InvalidData | PermissionDenied | UnexpectedEof => {
                self.discard(path);
            }
            _ => {}
        }
        Err(self.reject(&format_args!("it cannot be read: {error}")))
    }

    /// Remove what is no entry, if it can be removed: a file, a link, or an
    /// empty folder.
    fn discard(&self, path: &Path) {
        let removed = self.files.remove(path);
        let _ = removed.or_else(|_| self.files.remove_folder(path));
    }

    fn reject(&self, why: &dyn fmt::Display) -> Trouble {
        self.misses.fetch_add(1, Ordering::Relaxed);
        Trouble {
            message: format!("an entry of the disk cache was rejected: {why}"),
            is_first: self.rejected.fetch_add(1, Ordering::Relaxed) == 0,
        }
    }

    /// Keep a chunk under its key, without its source. One that is larger
    /// than the whole cache may be is not kept.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn put(&self, key: &Key, chunk: &Chunk, warnings: &[Diagnostic]) -> Result<(), Trouble> {
        let address = self.address(key);
        let bytes = entry::encode(&address, self.options.secret.as_ref(), chunk, warnings);
        if bytes.len() as u64 > self.options.max_bytes {
            return Ok(());
        }
        let published = self.publish(&place::entry(&self.folder, &address), &bytes);
        let n_writes = self.writes.fetch_add(1, Ordering::Relaxed);
        if n_writes.is_multiple_of(self.options.sweep_every.max(1)) {
            self.sweep();
        }
        published.map_err(|error| Trouble {
            message: format!("the disk cache cannot be written: {error}"),
            is_first: self.write_errors.fetch_add(1, Ordering::Relaxed) == 0,
        })
    }

    /// The whole file appears under its name, or nothing does.
    fn publish(&self, path: &Path, bytes: &[u8]) -> Result<(), DiskError> {
        let files = &*self.files;
        folder::prepare(files, &self.folder, self.options.is_shared)?;
        let temporary = place::temporary(path);
        let mut file = match files.create(&temporary) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Some(folder) = path.parent() {
                    files.make_folder(folder)?;
                }
                files.create(&temporary)?
            }
            created => created?,
        };
        let written = files.write(&mut file, bytes);
        // Closed first: some systems rename no open file.
        drop(file);
        let renamed = written.and_then(|()| files.rename(&temporary, path));
        match renamed {
            // Somebody has cleared the folder since; so be it.
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            Err(error) => {
                let _ = files.remove(&temporary);
                Err(error.into())
            }
            Ok(()) => Ok(()),
        }
    }

    /// Hold the bounds, unless another thread is at it.
    fn sweep(&self) {
        if self.is_sweeping.swap(true, Ordering::Acquire) {
            return;
        }
        let DiskOptions {
            max_bytes, max_age, ..
        } = self.options;
        sweep::bound(&*self.files, &self.folder, max_bytes, max_age);
        self.is_sweeping.store(false, Ordering::Release);
    }

    /// Remove all entries; says how many files went.
    pub fn clear(&self) -> usize {
        sweep::clear(&*self.files, &self.folder)
    }

    /// Remove entries that were not used for so long, and what was left by
    /// writers that died; says how many files went.
    pub fn cleanup(&self, max_age: Duration) -> usize {
        sweep::cleanup(&*self.files, &self.folder, max_age)
    }

    /// How it has done. Looks through the folder to count.
    pub fn stats(&self) -> DiskStats {
        let mut stats = DiskStats {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
            rejected: self.rejected.load(Ordering::Relaxed),
            write_errors: self.write_errors.load(Ordering::Relaxed),
            ..DiskStats::default()
        };
        for found in sweep::scan(&*self.files, &self.folder) {
            if found.address.is_some() {
                stats.file_count += 1;
                stats.total_bytes = stats.total_bytes.saturating_add(found.len);
            }
        }
        stats
    }

    /// Read every entry, decode and verify it. Changes nothing.
    pub fn verify(&self) -> Examined {
        let mut examined = Examined::default();
        for found in sweep::scan(&*self.files, &self.folder) {
            let Some(address) = found.address else {
                examined.unfinished += 1;
                continue;
            };
            let why = match self.files.read(&found.path, u64::MAX) {
                Ok((bytes, _)) => {
                    let secret = self.options.secret.as_ref();
                    entry::decode(&bytes, &address, secret)
                        .err()
                        .map(|it| it.to_string())
                }
                // Somebody has removed it since.
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => Some(format!("it cannot be read: {error}")),
            };
            match why {
                None => examined.sound += 1,
                Some(why) => {
                    let path = found.path.strip_prefix(&self.folder).unwrap_or(&found.path);
                    examined.damaged.push((path.display().to_string(), why));
                }
            }
        }
        examined.damaged.sort();
        examined
    }

    /// Where an entry lies. With a secret, nobody else can tell where, and
    /// caches with different ones never meet.
    fn address(&self, key: &Key) -> [u8; 32] {
        match &self.options.secret {
            Some(secret) => *blake3::keyed_hash(secret, &key.0).as_bytes(),
            None => key.0,
        }
    }
}
