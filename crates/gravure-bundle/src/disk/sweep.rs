//! Going through all files of a cache: to count them, to bound them, to
//! remove them, to look whether they are sound.
//!
//! Names that the cache would not give are never touched, nor are folders that
//! are links. Several processes may sweep one folder at once: who finds that a
//! file is gone goes on.

use super::{
    files::{Files, Kind},
    place,
};
use std::{
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

/// A file being written is older than this only if its writer is dead.
pub(super) const ABANDONED: Duration = Duration::from_secs(3600);

/// A file of the cache.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) path: PathBuf,
    /// The address in its path; `None` for a file that is being written.
    pub(super) address: Option<[u8; 32]>,
    pub(super) len: u64,
    pub(super) modified: Option<SystemTime>,
}

impl Found {
    /// The time since its last use; none for a file of the future.
    fn age(&self, now: SystemTime) -> Duration {
        let modified = self.modified.unwrap_or(SystemTime::UNIX_EPOCH);
        now.duration_since(modified).unwrap_or_default()
    }

    fn is_of_future(&self, now: SystemTime) -> bool {
        self.modified.is_some_and(|modified| modified > now)
    }
}

/// All files of a cache, entries and those being written.
pub(super) fn scan(files: &dyn Files, root: &Path) -> Vec<Found> {
    let mut all = Vec::new();
    for first in folders(files, root) {
        for second in folders(files, &root.join(&first)) {
            let folder = root.join(&first).join(&second);
            for item in files.list(&folder).unwrap_or_default() {
                let address = place::address_of(&first, &second, &item.name);
                if address.is_none() && !place::is_temporary(&item.name) {
                    continue;
                }
                let path = folder.join(&item.name);
                if let Ok(facts) = files.facts(&path)
                    && facts.kind == Kind::File
                {
                    all.push(Found {
                        path,
                        address,
                        len: facts.len,
                        modified: facts.modified,
                    });
                }
            }
        }
    }
    all
}

fn folders(files: &dyn Files, folder: &Path) -> Vec<String> {
    let mut items = files.list(folder).unwrap_or_default();
    items.retain(|item| item.is_folder && place::is_digit(&item.name));
    items.into_iter().map(|item| item.name).collect()
}

/// Hold the bounds.
pub(super) fn bound(files: &dyn Files, root: &Path, max_bytes: u64, max_age: Duration) {
    let now = files.now();
    let mut kept = Vec::new();
    for found in scan(files, root) {
        let most = match found.address {
            Some(_) => max_age,
            None => ABANDONED,
        };
        if found.age(now) > most {
            let _ = files.remove(&found.path);
        } else if found.address.is_some() {
            // The clock went back since. A file of the future would outlive
            // all others, so its age counts from now on.
            if found.is_of_future(now) {
                let _ = files.touch(&found.path, now);
            }
            kept.push(found);
        }
    }
    let mut total = kept.iter().map(|it| it.len).fold(0, u64::saturating_add);
    kept.sort_by(|lhs, rhs| (lhs.modified, &lhs.path).cmp(&(rhs.modified, &rhs.path)));
    for found in kept {
        if total <= max_bytes {
            break;
        }
        let _ = files.remove(&found.path);
        total = total.saturating_sub(found.len);
    }
}

/// Remove what was not used for so long, and what was being written then.
pub(super) fn cleanup(files: &dyn Files, root: &Path, max_age: Duration) -> usize {
    let now = files.now();
    let mut found = scan(files, root);
    found.retain(|it| {
        let most = match it.address {
            Some(_) => max_age,
            None => max_age.min(ABANDONED),
        };
        it.age(now) >= most
    });
    remove(files, &found)
}

/// Remove everything, and the folders in between as far as they are empty.
pub(super) fn clear(files: &dyn Files, root: &Path) -> usize {
    let n_removed = remove(files, &scan(files, root));
    for first in folders(files, root) {
        let first = root.join(first);
        for second in folders(files, &first) {
            let _ = files.remove_folder(&first.join(second));
        }
        let _ = files.remove_folder(&first);
    }
    n_removed
}

fn remove(files: &dyn Files, found: &[Found]) -> usize {
    let removed = found.iter().filter(|it| files.remove(&it.path).is_ok());
    removed.count()
}
