//! What lies in the folder may be anything; what is given out is right.

use super::*;
use gravure_compiler::{CompileOptions, KnownNatives, Optimize};
use gravure_source::{Code, Span};
use std::{env, fs, process, sync::atomic::AtomicUsize, thread, time::SystemTime};

/// A folder of a test, gone when the test is over.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("gravure-bundle-{}-{n}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    pub(super) fn path(&self) -> PathBuf {
        self.0.clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

struct NoNatives;

impl KnownNatives for NoNatives {
    fn filter(&self, _: &str) -> bool {
        false
    }
    fn predicate(&self, _: &str) -> bool {
        false
    }
    fn filter_names(&self) -> Vec<String> {
        Vec::new()
    }
    fn predicate_names(&self) -> Vec<String> {
        Vec::new()
    }
}

pub(super) fn chunk(source: &str) -> Chunk {
    let options = CompileOptions {
        name: "a.html",
        escape: gravure_bytecode::Escape::Html,
        keep_source: true,
        natives: &NoNatives,
        optimize: Optimize::default(),
    };
    let tree = gravure_syntax::parse(source, &Default::default()).unwrap();
    let (draft, _) = gravure_compiler::compile(&tree, source, &options).unwrap();
    Chunk::new(draft).unwrap()
}

pub(super) fn key(text: &str) -> Key {
    Fields::new().finish().key(Some("a.html"), text)
}

/// All files below a folder.
fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => files.append(&mut files_below(&entry.path())),
            false => files.push(entry.path()),
        }
    }
    files
}

pub(super) fn everything(folder: &Path) -> usize {
    files_below(folder).len()
}

fn the_file(folder: &Folder) -> PathBuf {
    let files = files_below(&folder.path());
    let [file] = files.as_slice() else {
        panic!("{files:?}");
    };
    file.clone()
}

fn cache(folder: &Folder) -> DiskCache {
    DiskCache::new(folder.path(), DiskOptions::default()).unwrap()
}

const SOURCE: &str = "Hello {% for x in xs %}{{ x.name + 1 }}, {% end %}!";

fn findings() -> Vec<Diagnostic> {
    vec![
        Diagnostic::new(Code::WarnCoalesce, Span::new(1, 4), "something")
            .label("here")
            .help("elsewhere"),
    ]
}

#[test]
fn what_was_put_is_got() {
    let folder = Folder::new();
    let cache = cache(&folder);
    assert_eq!(cache.get(&key("a"), |_| true), Ok(None));
    cache.put(&key("a"), &chunk(SOURCE), &findings()).unwrap();
    let entry = cache.get(&key("a"), |_| true).unwrap().unwrap();
    assert_eq!(entry.chunk.with_source(SOURCE), chunk(SOURCE));
    assert_eq!(entry.warnings, findings());
    assert_eq!(cache.get(&key("b"), |_| true), Ok(None));
    let stats = cache.stats();
    let bytes = fs::metadata(the_file(&folder)).unwrap().len();
    assert_eq!(
        stats,
        DiskStats {
            file_count: 1,
            total_bytes: bytes,
            hits: 1,
            misses: 2,
            ..DiskStats::default()
        }
    );
    // Neither the name of the template nor its source can be read.
    let shown = the_file(&folder).display().to_string();
    assert!(!shown.contains("a.html") && shown.ends_with(".gvc"));
    // Another process finds it too.
    let next = DiskCache::new(folder.path(), DiskOptions::default()).unwrap();
    assert!(next.get(&key("a"), |_| true).unwrap().is_some());
    assert_eq!((next.clear(), everything(&folder.path())), (1, 0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Whatever is written into the file of an entry, it is rejected and goes.
fn is_rejected(cache: &DiskCache, file: &Path, bytes: &[u8]) -> Trouble {
    fs::write(file, bytes).unwrap();
    let trouble = cache.get(&key("a"), |_| true).unwrap_err();
    assert!(!file.exists());
    assert_eq!(cache.get(&key("a"), |_| true), Ok(None));
    trouble
}

#[test]
fn every_change_of_a_byte_and_every_cut_is_found() {
    let folder = Folder::new();
    let cache = cache(&folder);
    cache.put(&key("a"), &chunk(SOURCE), &findings()).unwrap();
    let file = the_file(&folder);
    let whole = fs::read(&file).unwrap();
    let mut n_rejected = 0;
    for at in 0..whole.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            let trouble = is_rejected(&cache, &file, &changed);
            assert_eq!(trouble.is_first, n_rejected == 0);
            n_rejected += 1;
        }
    }
    for len in 0..whole.len() {
        is_rejected(&cache, &file, &whole[..len]);
    }
    for more in [&b"\0"[..], b"x", &whole] {
        is_rejected(&cache, &file, &[&whole, more].concat());
    }
    assert_eq!(
        cache.stats().rejected,
        (4 * whole.len() + whole.len() + 3) as u64
    );
    fs::write(&file, &whole).unwrap();
    assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
}

#[test]
fn a_right_sum_over_anything_is_a_refusal_or_a_chunk() {
    let folder = Folder::new();
    let cache = cache(&folder);
    cache.put(&key("a"), &chunk(SOURCE), &findings()).unwrap();
    let file = the_file(&folder);
    let whole = fs::read(&file).unwrap();
    let (mut n_refused, mut n_taken) = (0, 0);
    for at in 40..whole.len() {
        for flip in [0x01, 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[at] ^= flip;
            seal(&mut changed, None);
            fs::write(&file, &changed).unwrap();
            match cache.get(&key("a"), |_| true) {
                Err(_) => n_refused += 1,
                Ok(found) => {
                    let entry = found.unwrap();
                    assert!(
                        (entry.chunk.encode(), &entry.warnings)
                            != (chunk(SOURCE).strip().encode(), &findings())
                    );
                    n_taken += 1;
                }
            }
        }
    }
    // Texts, lines and numbers can be others; what is proved cannot.
    assert!(
        n_refused > n_taken / 4 && n_taken > 0,
        "{n_refused} {n_taken}"
    );
}

#[test]
fn entries_that_change_places_are_both_refused() {
    let folder = Folder::new();
    let cache = cache(&folder);
    for name in ["a", "b"] {
        cache.put(&key(name), &chunk(name), &[]).unwrap();
    }
    let files = files_below(&folder.path());
    let [one, other] = files.as_slice() else {
        panic!("{files:?}");
    };
    let between = folder.path().join("between");
    fs::rename(one, &between).unwrap();
    fs::rename(other, one).unwrap();
    fs::rename(&between, other).unwrap();
    assert_eq!(cache.verify().damaged.len(), 2);
    for name in ["a", "b"] {
        let trouble = cache.get(&key(name), |_| true).unwrap_err();
        assert!(trouble.message.contains("another template"), "{trouble:?}");
    }
    assert_eq!(everything(&folder.path()), 0);
}

#[test]
fn what_does_not_fit_is_refused() {
    let folder = Folder::new();
    let cache = cache(&folder);
    cache.put(&key("a"), &chunk("a"), &[]).unwrap();
    let trouble = cache.get(&key("a"), |it| it.chunk.name == "b.html");
    assert!(
        trouble
            .unwrap_err()
            .message
            .contains("not of this template")
    );
    assert_eq!(everything(&folder.path()), 0);
}

#[test]
fn only_who_has_the_secret_writes_what_is_read() {
    let folder = Folder::new();
    let with = |secret| {
        let options = DiskOptions {
            secret,
            ..DiskOptions::default()
        };
        DiskCache::new(folder.path(), options).unwrap()
    };
    let (mine, other, plain) = (with(Some([1; 32])), with(Some([2; 32])), with(None));
    mine.put(&key("a"), &chunk("a"), &[]).unwrap();
    assert_eq!(other.get(&key("a"), |_| true), Ok(None));
    assert_eq!(plain.get(&key("a"), |_| true), Ok(None));
    let file = the_file(&folder);
    let mut forged = fs::read(&file).unwrap();
    for secret in [None, Some([2; 32])] {
        seal(&mut forged, secret.as_ref());
        fs::write(&file, &forged).unwrap();
        let trouble = mine.get(&key("a"), |_| true).unwrap_err();
        assert!(trouble.message.contains("checksum"), "{trouble:?}");
    }
    mine.put(&key("a"), &chunk("a"), &[]).unwrap();
    assert!(mine.get(&key("a"), |_| true).unwrap().is_some());
    let shown = format!("{mine:?}");
    assert!(
        shown.contains("has_secret: true") && !shown.contains("[1, 1"),
        "{shown}"
    );
}

#[test]
fn the_bounds_hold_and_the_longest_unused_goes() {
    let folder = Folder::new();
    let one = entry::encode(&[0; 32], None, &chunk("aaaa"), &[]).len() as u64;
    let options = DiskOptions {
        max_bytes: 3 * one + 1,
        sweep_every: 1,
        ..DiskOptions::default()
    };
    let cache = DiskCache::new(folder.path(), options).unwrap();
    let now = SystemTime::now();
    for (at, name) in ["0", "1", "2"].into_iter().enumerate() {
        cache.put(&key(name), &chunk("aaaa"), &[]).unwrap();
        let path = place::entry(&folder.path(), &key(name).0);
        let used = now - Duration::from_secs(7_200 * (3 - at as u64));
        fs::File::open(path).unwrap().set_modified(used).unwrap();
    }
    // The oldest is used, so the second one goes.
    assert!(cache.get(&key("0"), |_| true).unwrap().is_some());
    cache.put(&key("3"), &chunk("aaaa"), &[]).unwrap();
    let is_there = |name: &str| cache.get(&key(name), |_| true).unwrap().is_some();
    assert_eq!(
        ["0", "1", "2", "3"].map(is_there),
        [true, false, true, true]
    );
    assert!(cache.stats().total_bytes <= options_bytes(one));
    // What is larger than all of it is not kept, and that is no error.
    cache
        .put(&key("large"), &chunk(&"x".repeat(4_000)), &[])
        .unwrap();
    assert!(!is_there("large"));
}

#[test]
fn entries_for_fuzzers_are_entries() {
    let bytes = write_entry(&chunk(SOURCE), &findings());
    let entry = read_entry(&bytes).unwrap();
    assert_eq!(entry.chunk, chunk(SOURCE).strip());
    assert_eq!(entry.warnings, findings());
    assert!(read_entry(&bytes[1..]).is_none());
}

#[test]
fn an_entry_may_be_as_large_as_the_cache() {
    let size = entry::encode(&[0; 32], None, &chunk("aaaa"), &[]).len() as u64;
    for (max_bytes, is_kept) in [(size - 1, false), (size, true), (size + 1, true)] {
        let folder = Folder::new();
        let options = DiskOptions {
            max_bytes,
            ..DiskOptions::default()
        };
        let cache = DiskCache::new(folder.path(), options).unwrap();
        cache.put(&key("a"), &chunk("aaaa"), &[]).unwrap();
        let found = cache.get(&key("a"), |_| true).unwrap();
        assert_eq!(found.is_some(), is_kept, "{max_bytes} of {size}");
    }
}

#[test]
fn the_folder_of_the_user_is_the_one_of_the_surroundings() {
    assert_eq!(DiskCache::auto_folder(), folder::of_user());
    let found = DiskCache::auto_folder();
    assert!(found.is_none_or(|it| it.is_absolute() && it.ends_with("gravure/chunks")));
}

fn options_bytes(one: u64) -> u64 {
    3 * one + 1
}

#[test]
fn what_is_old_goes_and_what_is_not_ours_stays() {
    let folder = Folder::new();
    let cache = cache(&folder);
    cache.put(&key("old"), &chunk("a"), &[]).unwrap();
    let old = the_file(&folder);
    let beside = old.parent().unwrap();
    let unfinished = place::temporary(&old);
    fs::write(&unfinished, "half").unwrap();
    let notes = beside.join("notes.txt");
    fs::write(&notes, "mine").unwrap();
    let month = SystemTime::now() - Duration::from_secs(31 * 24 * 3600);
    for file in [&old, &unfinished, &notes] {
        fs::File::open(file).unwrap().set_modified(month).unwrap();
    }
    assert_eq!(cache.verify().unfinished, 1);
    // A new process sweeps with its first write.
    let next = DiskCache::new(folder.path(), DiskOptions::default()).unwrap();
    next.put(&key("new"), &chunk("a"), &[]).unwrap();
    assert!(!old.exists() && !unfinished.exists() && notes.exists());
    assert_eq!(next.stats().file_count, 1);
    assert_eq!(next.cleanup(Duration::from_secs(60)), 0);
    assert_eq!(next.cleanup(Duration::ZERO), 1);
    assert_eq!(next.clear(), 0);
    assert!(notes.exists());
}

#[test]
fn many_threads_and_caches_on_one_folder() {
    let folder = Folder::new();
    let options = DiskOptions {
        max_bytes: 20_000,
        sweep_every: 8,
        ..DiskOptions::default()
    };
    let caches = [(); 3].map(|()| DiskCache::new(folder.path(), options.clone()).unwrap());
    let chunks: Vec<Chunk> = (0..12).map(|n| chunk(&format!("{n} {SOURCE}"))).collect();
    let n_hits = AtomicUsize::new(0);
    thread::scope(|scope| {
        for seed in 0..6 {
            let (caches, chunks, n_hits) = (&caches, &chunks, &n_hits);
            scope.spawn(move || {
                let cache = &caches[seed % 3];
                for round in 0..200 {
                    let n = (round * 7 + seed * 5) % chunks.len();
                    let key = key(&n.to_string());
                    match cache.get(&key, |_| true).unwrap() {
                        Some(entry) => {
                            assert_eq!(entry.chunk, chunks[n].strip());
                            n_hits.fetch_add(1, Ordering::Relaxed);
                        }
                        // Somebody may clear while it is written.
                        None => drop(cache.put(&key, &chunks[n], &[])),
                    }
                    if round % 97 == 96 {
                        cache.clear();
                    }
                }
            });
        }
    });
    assert!(n_hits.into_inner() > 100);
    caches[0].cleanup(Duration::ZERO);
    assert_eq!(everything(&folder.path()), 0);
}

#[cfg(unix)]
mod on_unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    fn shared() -> DiskOptions {
        DiskOptions {
            is_shared: true,
            ..DiskOptions::default()
        }
    }

    #[test]
    fn nobody_else_can_look_in() {
        let folder = Folder::new();
        let cache = cache(&folder);
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        let file = the_file(&folder);
        assert_eq!(mode(&file), 0o600);
        for folder in file.ancestors().skip(1).take(3) {
            assert_eq!(mode(folder), 0o700, "{folder:?}");
        }
    }

    #[test]
    fn folders_that_others_decide_about_are_refused() {
        let folder = Folder::new();
        fs::create_dir(folder.path()).unwrap();
        for bad in [0o777, 0o770, 0o702] {
            set_mode(&folder.path(), bad);
            let refused = DiskCache::new(folder.path(), DiskOptions::default()).unwrap_err();
            assert!(matches!(refused, DiskError::OthersWrite(_)), "{refused}");
            assert!(DiskCache::new(folder.path(), shared()).is_ok());
        }
        set_mode(&folder.path(), 0o755);
        assert!(DiskCache::new(folder.path(), DiskOptions::default()).is_ok());

        let link = Folder::new();
        symlink(folder.path(), link.path()).unwrap();
        let refused = DiskCache::new(link.path(), DiskOptions::default()).unwrap_err();
        assert!(matches!(refused, DiskError::Link(_)), "{refused}");
        assert!(DiskCache::new(link.path(), shared()).is_ok());
        fs::remove_file(link.path()).unwrap();

        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let refused = DiskCache::new(&file, DiskOptions::default()).unwrap_err();
        assert!(matches!(refused, DiskError::NotAFolder(_)), "{refused}");

        // The root of the file system is the administrator's.
        if !rustix::process::geteuid().is_root() {
            let refused = DiskCache::new("/", DiskOptions::default()).unwrap_err();
            assert!(matches!(refused, DiskError::NotOurs(_)), "{refused}");
        } else {
            let user = Some(rustix::process::Uid::from_raw(65_534));
            rustix::fs::chown(folder.path(), user, None).unwrap();
            let refused = DiskCache::new(folder.path(), DiskOptions::default()).unwrap_err();
            assert!(matches!(refused, DiskError::NotOurs(_)), "{refused}");
        }
    }

    #[test]
    fn links_pipes_and_folders_in_place_of_an_entry_go() {
        let folder = Folder::new();
        let cache = cache(&folder);
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        let file = the_file(&folder);
        let aside = folder.path().join("aside");
        fs::rename(&file, &aside).unwrap();
        let plant: [&dyn Fn(); 4] = [
            &|| symlink(&aside, &file).unwrap(),
            &|| symlink("nowhere", &file).unwrap(),
            &|| fs::create_dir(&file).unwrap(),
            &|| {
                let mode = rustix::fs::Mode::from(0o600);
                let kind = rustix::fs::FileType::Fifo;
                let here = rustix::fs::CWD;
                rustix::fs::mknodat(here, &file, kind, mode, 0).unwrap();
            },
        ];
        for plant in plant {
            plant();
            assert!(cache.get(&key("a"), |_| true).is_err());
            assert_eq!(cache.get(&key("a"), |_| true), Ok(None));
            // A write replaces what is planted as well.
            plant();
            let put = cache.put(&key("a"), &chunk("a"), &[]);
            if put.is_ok() {
                assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
                fs::remove_file(&file).unwrap();
            } else {
                fs::remove_dir(&file).unwrap();
            }
        }
        assert!(aside.exists());
    }

    #[test]
    fn a_sweep_does_not_follow_links() {
        let folder = Folder::new();
        let cache = cache(&folder);
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        // The entry's first folder, reached by a link.
        let file = the_file(&folder);
        let first = file.ancestors().nth(2).unwrap();
        let aside = folder.path().join("aside");
        fs::rename(first, &aside).unwrap();
        symlink(&aside, first).unwrap();
        assert_eq!(cache.clear(), 0);
        assert_eq!(cache.stats().file_count, 0);
        assert!(first.is_symlink() && everything(&aside) == 1);
    }

    /// Entries that stay whole, and folders that stay empty.
    #[test]
    fn a_link_in_place_of_a_digit_leads_nowhere() {
        for n_above in [1, 2] {
            let folder = Folder::new();
            let cache = DiskCache::new(folder.path(), shared()).unwrap();
            cache.put(&key("a"), &chunk("a"), &[]).unwrap();
            assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
            let file = the_file(&folder);
            let digit = file.ancestors().nth(n_above).unwrap();

            // A link that leads to the true entry is none that is followed.
            let aside = folder.path().join("aside");
            fs::rename(digit, &aside).unwrap();
            symlink(&aside, digit).unwrap();
            assert!(!matches!(cache.get(&key("a"), |_| true), Ok(Some(_))));
            let trouble = cache.put(&key("a"), &chunk("a"), &[]).unwrap_err();
            assert!(trouble.message.contains("link"), "{trouble:?}");
            assert_eq!(cache.clear(), 0);
            assert_eq!(cache.stats().file_count, 0);
            assert!(everything(&aside) == 1, "the entry is where it was");

            // Nor is anything written where a link leads.
            let elsewhere = Folder::new();
            fs::create_dir(elsewhere.path()).unwrap();
            fs::remove_file(digit).unwrap();
            symlink(elsewhere.path(), digit).unwrap();
            assert!(cache.put(&key("a"), &chunk("a"), &[]).is_err());
            let made = fs::read_dir(elsewhere.path()).unwrap().count();
            assert_eq!(made, 0, "with a link {n_above} above the entry");

            fs::remove_file(digit).unwrap();
            cache.put(&key("a"), &chunk("a"), &[]).unwrap();
            assert!(cache.get(&key("a"), |_| true).unwrap().is_some());
        }
    }

    /// The whole life of a shared folder, by the ways that follow no link.
    #[test]
    fn a_shared_folder_works_as_any_other() {
        let folder = Folder::new();
        let link = Folder::new();
        symlink(folder.path(), link.path()).unwrap();
        // The folder is not there yet, nor what the link leads to.
        fs::create_dir(folder.path()).unwrap();
        let cache = DiskCache::new(link.path(), shared()).unwrap();
        for name in ["a", "b", "c"] {
            cache.put(&key(name), &chunk(name), &[]).unwrap();
            assert!(cache.get(&key(name), |_| true).unwrap().is_some());
        }
        let stats = cache.stats();
        assert_eq!((stats.file_count, stats.hits), (3, 3));
        assert!(stats.total_bytes > 0);
        assert_eq!(cache.verify().sound, 3);
        assert_eq!(cache.cleanup(Duration::from_secs(3600)), 0);
        assert_eq!(cache.cleanup(Duration::ZERO), 3);
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        assert_eq!(cache.clear(), 1);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        fs::remove_file(link.path()).unwrap();
    }

    #[test]
    fn a_folder_that_goes_away_comes_back_and_a_link_in_its_place_does_not() {
        let folder = Folder::new();
        let cache = cache(&folder);
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        fs::remove_dir_all(folder.path()).unwrap();
        assert_eq!(cache.get(&key("a"), |_| true), Ok(None));
        cache.put(&key("a"), &chunk("a"), &[]).unwrap();
        assert!(cache.get(&key("a"), |_| true).unwrap().is_some());

        let elsewhere = Folder::new();
        fs::rename(folder.path(), elsewhere.path()).unwrap();
        symlink(elsewhere.path(), folder.path()).unwrap();
        let trouble = cache.put(&key("b"), &chunk("b"), &[]).unwrap_err();
        assert!(trouble.message.contains("is a link"), "{trouble:?}");
        assert_eq!(everything(&elsewhere.path()), 1);
        fs::remove_file(folder.path()).unwrap();
    }
}
