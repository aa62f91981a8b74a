//! How a later check can tell that a source has changed.

use gravure_source::RandomState;
use std::{fs::Metadata, hash::BuildHasher as _, path::PathBuf, sync::OnceLock, time::SystemTime};

/// The state of a source at one moment. Equal stamps mean an equal source.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stamp {
    /// It never changes.
    Forever,
    /// A file as the system describes it.
    File(FileStamp),
    /// A number that the loader counts up.
    Version(u64),
    /// 128 bits made from the text, keyed anew in every process.
    Content(u64, u64),
    /// The stamp of the loader with this number, in a chain of loaders.
    Of(usize, Box<Stamp>),
}

/// What tells two states of a file apart without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileStamp {
    /// Which file: another root may have come to shadow it.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was written last, as exactly as the system knows.
    pub modified: Option<SystemTime>,
    /// Device and number of the file where there are such.
    pub inode: Option<(u64, u64)>,
}

impl Stamp {
    /// A stamp made from the text itself.
    pub fn of_text(text: &str) -> Self {
        static KEYS: OnceLock<[RandomState; 2]> = OnceLock::new();
        let [lhs, rhs] = KEYS.get_or_init(|| [RandomState::new(), RandomState::new()]);
        Self::Content(lhs.hash_one(text), rhs.hash_one(text))
    }
}

impl FileStamp {
    /// The stamp of a file that was asked for under `path`.
    pub fn new(path: PathBuf, metadata: &Metadata) -> Self {
        Self {
            path,
            size: metadata.len(),
            modified: metadata.modified().ok(),
            inode: identity(metadata),
        }
    }
}

/// Device and inode.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

/// There is no such thing that can be had without opening the file.
#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}
