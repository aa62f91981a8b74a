//! A file system of which one step fails, or all from one step on, and whose
//! clock can be set. What every step of writing an entry may leave behind is
//! tried out here.

use super::{
    DiskCache, DiskError, DiskOptions,
    files::{Facts, Files, Item, Kind, System},
    folder::prepare,
    tests::{Folder, chunk, everything, key},
};
use std::{
    fs, io,
    io::Write as _,
    path::Path,
    sync::{Arc, Mutex},
    time::{Duration, SystemTime},
};

/// How steps fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum How {
    /// This one does nothing (a write half of it) and says so.
    Before,
    /// This one does what it should and says that it did not.
    After,
    /// This one and all others do nothing: the process is dead.
    Dead,
}

/// What goes wrong when.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) n_steps: usize,
    pub(super) fails_at: Option<(usize, How)>,
    pub(super) kind: io::ErrorKind,
    /// Only this step fails, and always, whatever `fails_at` says.
    pub(super) always: Option<&'static str>,
    pub(super) now: Option<SystemTime>,
    /// The steps, for who reads a failure of a test.
    pub(super) log: Vec<&'static str>,
}

#[derive(Clone, Debug)]
pub(super) struct Faulty(pub(super) Arc<Mutex<Plan>>);

const REAL: System = System { is_private: true };

impl Faulty {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(Plan {
            n_steps: 0,
            fails_at: None,
            kind: io::ErrorKind::StorageFull,
            always: None,
            now: None,
            log: Vec::new(),
        })))
    }

    pub(super) fn set(&self, change: impl FnOnce(&mut Plan)) {
        change(&mut self.0.lock().unwrap());
    }

    /// One step that does `work`, unless it is its turn to fail.
    fn step<T>(
        &self,
        name: &'static str,
        work: impl FnOnce() -> io::Result<T>,
        half: impl FnOnce(),
    ) -> io::Result<T> {
        let mut plan = self.0.lock().unwrap();
        let at = plan.n_steps;
        plan.n_steps += 1;
        plan.log.push(name);
        let how = match plan.fails_at {
            Some((turn, How::Dead)) if turn < at => return Err(plan.kind.into()),
            Some((turn, how)) if turn == at => Some(how),
            _ if plan.always == Some(name) => Some(How::Before),
            _ => None,
        };
        let failure = plan.kind.into();
        drop(plan);
        match how {
            None => work(),
            Some(How::After) => work().and(Err(failure)),
            Some(How::Before | How::Dead) => {
                half();
                Err(failure)
            }
        }
    }
}

impl Files for Faulty {
    fn now(&self) -> SystemTime {
        let now = self.0.lock().unwrap().now;
        now.unwrap_or_else(SystemTime::now)
    }
    fn read(&self, path: &Path, most: u64) -> io::Result<(Vec<u8>, Option<SystemTime>)> {
        self.step("read", || REAL.read(path, most), || ())
    }
    fn create(&self, path: &Path) -> io::Result<fs::File> {
        self.step("create", || REAL.create(path), || ())
    }
    fn write(&self, file: &mut fs::File, bytes: &[u8]) -> io::Result<()> {
        let mut other = file.try_clone()?;
        let half = || other.write_all(&bytes[..bytes.len() / 2]).unwrap();
        self.step("write", || REAL.write(file, bytes), half)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        self.step("rename", || REAL.rename(from, to), || ())
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        self.step("remove", || REAL.remove(path), || ())
    }
    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        self.step("remove_folder", || REAL.remove_folder(path), || ())
    }
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        self.step("make_folder", || REAL.make_folder(path), || ())
    }
    fn touch(&self, path: &Path, time: SystemTime) -> io::Result<()> {
        self.step("touch", || REAL.touch(path, time), || ())
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<Item>> {
        self.step("list", || REAL.list(folder), || ())
    }
    fn facts(&self, path: &Path) -> io::Result<Facts> {
        self.step("facts", || REAL.facts(path), || ())
    }
}

pub(super) fn faulty_cache(folder: &Folder, options: DiskOptions) -> (DiskCache, Faulty) {
    let files = Faulty::new();
    let cache = DiskCache::on(Box::new(files.clone()), folder.path(), options).unwrap();
    (cache, files)
}

/// Everything that writers do: a first entry, another one in the same place,
/// one more, and the bounds.
fn life(cache: &DiskCache) {
    for (key_of, source) in [("a", "A"), ("a", "A"), ("b", "B")] {
        let _ = cache.put(&key(key_of), &chunk(source), &[]);
    }
    for (key_of, source) in [("a", "A"), ("b", "B"), ("none", "")] {
        if let Ok(Some(entry)) = cache.get(&key(key_of), |_| true) {
            assert_eq!(entry.chunk, chunk(source).strip());
        }
    }
    cache.cleanup(Duration::from_secs(1 << 20));
}

#[test]
fn whatever_step_fails_what_is_found_is_right() {
    let options = || DiskOptions {
        sweep_every: 1,
        ..DiskOptions::default()
    };
    let clean = Folder::new();
    let (cache, files) = faulty_cache(&clean, options());
    life(&cache);
    let n_steps = files.0.lock().unwrap().n_steps;
    assert!(n_steps > 30, "{n_steps}");

    let kinds = [
        io::ErrorKind::StorageFull,
        io::ErrorKind::PermissionDenied,
        io::ErrorKind::NotFound,
        io::ErrorKind::Interrupted,
    ];
    for how in [How::Before, How::After, How::Dead] {
        // What the error is called matters where the process goes on by it.
        let kinds = match how {
            How::Before => &kinds[..],
            How::After | How::Dead => &kinds[..1],
        };
        for (turn, &kind) in
            (0..n_steps).flat_map(|turn| kinds.iter().map(move |kind| (turn, kind)))
        {
            let folder = Folder::new();
            let files = Faulty::new();
            files.set(|plan| {
                plan.fails_at = Some((turn, how));
                plan.kind = kind;
            });
            let boxed = Box::new(files.clone());
            if let Ok(cache) = DiskCache::on(boxed, folder.path(), options()) {
                life(&cache);
            }
            // The next process finds each entry whole, or not at all.
            let next = DiskCache::new(folder.path(), options()).unwrap();
            for (key_of, source) in [("a", "A"), ("b", "B")] {
                let found = next.get(&key(key_of), |_| true).unwrap_or_else(|trouble| {
                    let log = &files.0.lock().unwrap().log;
                    panic!("{how:?} {turn} {kind:?}: {trouble:?} after {log:?}")
                });
                if let Some(entry) = found {
                    assert_eq!(entry.chunk, chunk(source).strip());
                }
                next.put(&key(key_of), &chunk(source), &[]).unwrap();
                assert!(next.get(&key(key_of), |_| true).unwrap().is_some());
            }
            assert_eq!(next.verify().damaged, []);
            // Only a dead process leaves something unfinished, or one that
            // could not even remove it.
            let n_unfinished = next.verify().unfinished;
            assert!(n_unfinished <= 1, "{how:?} {turn}: {n_unfinished}");
            next.cleanup(Duration::ZERO);
            assert_eq!(everything(&folder.path()), 0, "{how:?} {turn}");
        }
    }
}

#[test]
fn a_disk_that_takes_nothing_is_told_once() {
    for step in ["create", "write", "rename", "make_folder", "facts"] {
        let folder = Folder::new();
        let (cache, files) = faulty_cache(&folder, DiskOptions::default());
        files.set(|plan| plan.always = Some(step));
        let told = (0..20)
            .filter_map(|n| cache.put(&key(&n.to_string()), &chunk("x"), &[]).err())
            .collect::<Vec<_>>();
        assert_eq!(told.len(), 20, "{step}");
        assert_eq!(told.iter().filter(|it| it.is_first).count(), 1);
        assert!(told[0].message.contains("cannot be written"));
        assert_eq!(cache.stats().write_errors, 20);
        files.set(|plan| plan.always = None);
        assert_eq!(everything(&folder.path()), 0, "{step}");
        // Room again: it goes on.
        cache.put(&key("a"), &chunk("x"), &[]).unwrap();
        assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
    }
}

#[test]
fn what_cannot_be_read_is_counted_and_compiled() {
    for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::Other] {
        let folder = Folder::new();
        let (cache, files) = faulty_cache(&folder, DiskOptions::default());
        cache.put(&key("a"), &chunk("x"), &[]).unwrap();
        files.set(|plan| {
            plan.always = Some("read");
            plan.kind = kind;
        });
        let trouble = cache.get(&key("a"), |_| true).unwrap_err();
        assert!(trouble.is_first, "{trouble:?}");
        let is_kept = everything(&folder.path()) == 1;
        assert_eq!(is_kept, kind == io::ErrorKind::Other);
    }
}

#[test]
fn a_use_counts_once_an_hour() {
    let folder = Folder::new();
    let (cache, files) = faulty_cache(&folder, DiskOptions::default());
    cache.put(&key("a"), &chunk("x"), &[]).unwrap();
    let touches = |later: u64| {
        let start = SystemTime::now();
        files.set(|plan| {
            plan.log.clear();
            plan.now = Some(start + Duration::from_secs(later));
        });
        assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
        let log = files.0.lock().unwrap().log.clone();
        log.iter().filter(|step| **step == "touch").count()
    };
    assert_eq!(touches(0), 0);
    assert_eq!(touches(3_000), 0);
    assert_eq!(touches(3_700), 1);
    assert_eq!(touches(3_700 + 3_000), 0);
    // Back to a time before the last use: the file is of the future, and is
    // put right.
    assert_eq!(touches(60), 1);
    assert_eq!(touches(60), 0);
}

#[test]
fn a_clock_that_goes_back_keeps_nothing_for_ever() {
    let folder = Folder::new();
    let options = DiskOptions {
        sweep_every: 1,
        ..DiskOptions::default()
    };
    let day = Duration::from_secs(24 * 3600);
    let (cache, files) = faulty_cache(&folder, options);
    cache.put(&key("a"), &chunk("a"), &[]).unwrap();
    // Ten years ahead, somebody uses it.
    let now = SystemTime::now();
    files.set(|plan| plan.now = Some(now + 3_650 * day));
    assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
    // Back again: the next sweep puts it right, and then it ages.
    files.set(|plan| plan.now = Some(now));
    cache.put(&key("b"), &chunk("b"), &[]).unwrap();
    assert_eq!(cache.stats().file_count, 2);
    files.set(|plan| plan.now = Some(now + 31 * day));
    cache.put(&key("c"), &chunk("c"), &[]).unwrap();
    // What was just written is of the past by that clock, and goes too.
    assert!(cache.get(&key("a"), |_| true).unwrap().is_none());
    assert_eq!(cache.stats().write_errors, 0);
}

/// The steps of one `put` after the folder is there, when `step` fails so.
fn steps_of_put(step: &'static str, kind: io::ErrorKind) -> (bool, Vec<&'static str>) {
    let folder = Folder::new();
    let options = DiskOptions {
        sweep_every: u64::MAX,
        ..DiskOptions::default()
    };
    let (cache, files) = faulty_cache(&folder, options);
    // The first write sweeps.
    cache.put(&key("a"), &chunk("x"), &[]).unwrap();
    files.set(|plan| {
        plan.always = Some(step);
        plan.kind = kind;
        plan.log.clear();
    });
    let is_good = cache.put(&key("b"), &chunk("x"), &[]).is_ok();
    let log = files.0.lock().unwrap().log.clone();
    (is_good, log)
}

#[test]
fn a_write_is_tried_again_only_where_a_folder_was_missing() {
    use io::ErrorKind::{NotFound, PermissionDenied};
    let (is_good, steps) = steps_of_put("create", PermissionDenied);
    assert_eq!((is_good, &*steps), (false, &["facts", "create"][..]));
    let (is_good, steps) = steps_of_put("create", NotFound);
    let wanted = ["facts", "create", "make_folder", "create"];
    assert_eq!((is_good, &*steps), (false, &wanted[..]));
    let (is_good, steps) = steps_of_put("facts", PermissionDenied);
    assert_eq!((is_good, &*steps), (false, &["facts"][..]));
    let (is_good, steps) = steps_of_put("facts", NotFound);
    let wanted = ["facts", "make_folder", "facts"];
    assert_eq!((is_good, &*steps), (false, &wanted[..]));
}

#[test]
fn a_folder_that_was_cleared_meanwhile_is_no_trouble() {
    use io::ErrorKind::{NotFound, StorageFull};
    let (is_good, steps) = steps_of_put("rename", NotFound);
    assert!(is_good && !steps.contains(&"remove"), "{steps:?}");
    let (is_good, steps) = steps_of_put("rename", StorageFull);
    assert!(
        !is_good && steps.ends_with(&["rename", "remove"]),
        "{steps:?}"
    );
}

#[test]
fn an_entry_goes_when_it_is_older_than_the_bound_and_not_before() {
    let max_age = Duration::from_secs(50);
    for (more, is_kept) in [(Duration::ZERO, true), (Duration::from_millis(1), false)] {
        let folder = Folder::new();
        let options = DiskOptions {
            sweep_every: 1,
            max_age,
            ..DiskOptions::default()
        };
        let (cache, files) = faulty_cache(&folder, options);
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        let path = super::place::entry(&folder.path(), &key("a").0);
        let used = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
        fs::File::open(&path).unwrap().set_modified(used).unwrap();
        files.set(|plan| plan.now = Some(used + max_age + more));
        cache.put(&key("b"), &chunk("b"), &[]).unwrap();
        assert_eq!(path.exists(), is_kept, "{more:?}");
    }
}

#[test]
fn what_is_looked_through_is_counted() {
    let folder = Folder::new();
    let (cache, files) = faulty_cache(&folder, DiskOptions::default());
    for name in ["a", "b", "c"] {
        cache.put(&key(name), &chunk(name), &[]).unwrap();
    }
    let examined = cache.verify();
    assert_eq!((examined.sound, examined.damaged.len()), (3, 0));
    files.set(|plan| plan.always = Some("read"));
    // What was removed since is neither sound nor damaged; the rest is told.
    files.set(|plan| plan.kind = io::ErrorKind::NotFound);
    let examined = cache.verify();
    assert_eq!((examined.sound, examined.damaged.len()), (0, 0));
    files.set(|plan| plan.kind = io::ErrorKind::PermissionDenied);
    let examined = cache.verify();
    assert_eq!((examined.sound, examined.damaged.len()), (0, 3));
    let (file, why) = &examined.damaged[0];
    assert!(file.ends_with(".gvc") && !file.starts_with('/'), "{file}");
    assert!(why.starts_with("it cannot be read"), "{why}");
}

/// A file system in which there is one thing, and nothing can be done.
#[derive(Debug)]
struct One(Facts);

impl Files for One {
    fn now(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH
    }
    fn read(&self, _: &Path, _: u64) -> io::Result<(Vec<u8>, Option<SystemTime>)> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn create(&self, _: &Path) -> io::Result<fs::File> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn write(&self, _: &mut fs::File, _: &[u8]) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn remove(&self, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn remove_folder(&self, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn make_folder(&self, _: &Path) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn touch(&self, _: &Path, _: SystemTime) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn list(&self, _: &Path) -> io::Result<Vec<Item>> {
        Err(io::ErrorKind::Unsupported.into())
    }
    fn facts(&self, _: &Path) -> io::Result<Facts> {
        Ok(self.0)
    }
}

#[test]
fn whom_a_folder_is_trusted_to() {
    let rows = [
        // Kind, ours, others write; alone, and said to be shared.
        (Kind::Folder, true, false, "good", "good"),
        (Kind::Folder, false, false, "another user's", "good"),
        (Kind::Folder, true, true, "others may write", "good"),
        (Kind::Folder, false, true, "another user's", "good"),
        (Kind::Link, true, false, "is a link", "good"),
        (Kind::File, true, false, "is no folder", "is no folder"),
        (Kind::Other, true, false, "is no folder", "is no folder"),
    ];
    for (kind, is_ours, others_write, alone, shared) in rows {
        for (is_shared, wanted) in [(false, alone), (true, shared)] {
            let files = One(Facts {
                kind,
                len: 0,
                modified: None,
                is_ours,
                others_write,
            });
            let checked = prepare(&files, Path::new("some/where"), is_shared);
            let told = match &checked {
                Ok(()) => "good".to_owned(),
                // Whoever reads it knows where, and what would do.
                Err(error) => format!("{error}; {}", error.help()),
            };
            assert!(told.contains(wanted), "{kind:?} {is_shared}: {told}");
            assert!(checked.is_ok() || told.contains("some/where"), "{told}");
            assert!(checked.is_ok() || told.contains("; name ") || told.contains("chmod"));
        }
    }
}

#[test]
fn an_error_of_the_system_is_its_own_reason() {
    use std::error::Error as _;
    let error = DiskError::from(io::Error::other("the disk is on fire"));
    assert_eq!(error.to_string(), "the disk is on fire");
    assert!(error.source().is_some() && DiskError::NoHome.source().is_none());
    assert!(
        DiskError::NoHome
            .to_string()
            .contains("no folder for caches")
    );
    assert_eq!(DiskError::NoHome.help(), "name a folder");
    assert!(error.help().contains("read and written"));
}
