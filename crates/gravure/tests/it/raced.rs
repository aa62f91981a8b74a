//! Folders and files that are exchanged while they are loaded, thousands of
//! times a second, for links that lead outside and for pipes that nobody
//! writes to: nothing from outside is ever read, and nothing ever waits.

#![cfg(target_os = "linux")]

use gravure::{
    Environment,
    bundle::{Bundle, BundleBuilder, Trust},
    context,
    loader::{FileLoader, LoadError, Loader, MapLoader},
};
use rustix::fs::{CWD, FileType, Mode, RenameFlags, mknodat, renameat_with};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

/// How often each name is loaded.
const LOADS: usize = 3_000;

/// Far longer than all loads of a test take.
const HANG: Duration = Duration::from_secs(120);

struct Folder(PathBuf);

impl Folder {
    /// `root/` with files that say `inside`, `outside/` with the same names that
    /// say `secret`.
    fn new(name: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("gravure-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        for (side, says) in [("root", "inside"), ("outside", "secret")] {
            for below in ["sub/deep", "other/deep"] {
                fs::create_dir_all(folder.join(side).join(below)).unwrap();
                fs::write(folder.join(side).join(below).join("a.html"), says).unwrap();
            }
            fs::write(folder.join(side).join("a.html"), says).unwrap();
            fs::write(folder.join(side).join("sub/a.html"), says).unwrap();
        }
        Self(folder)
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A pipe that nobody writes to.
    fn pipe(&self, name: &str) -> PathBuf {
        let path = self.at(name);
        let mode = Mode::RUSR | Mode::WUSR;
        mknodat(CWD, &path, FileType::Fifo, mode, 0).unwrap();
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Two names for the price of one: what was here is there now.
fn exchange(here: &Path, there: &Path) {
    renameat_with(CWD, here, CWD, there, RenameFlags::EXCHANGE).unwrap();
}

/// Do something while pairs of paths are exchanged, and fail if it hangs. How
/// often they were.
fn while_exchanging(pairs: Vec<(PathBuf, PathBuf)>, run: impl FnOnce() + Send + 'static) -> usize {
    let is_over = AtomicBool::new(false);
    let n_exchanges = AtomicUsize::new(0);
    thread::scope(|scope| {
        for (here, there) in &pairs {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    exchange(here, there);
                    n_exchanges.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let (tell, told) = mpsc::channel();
        // Not of this scope: it could not be left if that one hung.
        let worker = thread::spawn(move || {
            run();
            let _ = tell.send(());
        });
        let done = told.recv_timeout(HANG);
        is_over.store(true, Ordering::Relaxed);
        match done {
            Err(mpsc::RecvTimeoutError::Timeout) => panic!("a load waits for ever"),
            _ => worker.join().expect("nothing from outside is read"),
        }
    });
    n_exchanges.into_inner()
}

/// Load names again and again, and until the file inside was among what was
/// found; they say `inside` or are errors.
fn loads(root: PathBuf, names: &'static [&'static str]) -> impl FnOnce() + Send {
    move || {
        let loader = FileLoader::new(root);
        let mut n_found = 0;
        let mut n_rounds = 0;
        while n_rounds < LOADS || n_found == 0 {
            n_rounds += 1;
            for name in names {
                match loader.load(name) {
                    Ok(source) => {
                        assert_eq!(source.text, "inside", "{name}");
                        n_found += 1;
                    }
                    Err(LoadError::NotFound { .. }) => {}
                    Err(other) => panic!("{name}: {other:?}"),
                }
                // It may not be there any more, but the question does not hang.
                let _ = loader.stamp(name);
            }
        }
    }
}

#[test]
fn a_folder_that_is_a_link_outside_now_and_then() {
    let folder = Folder::new("raced-folder");
    symlink(folder.at("outside/sub"), folder.at("link")).unwrap();
    let pairs = vec![(folder.at("root/sub"), folder.at("link"))];
    let n = while_exchanging(
        pairs,
        loads(folder.at("root"), &["sub/a.html", "sub/deep/a.html"]),
    );
    assert!(n > 100, "{n} exchanges");
}

#[test]
fn folders_on_two_levels_and_a_file() {
    let folder = Folder::new("raced-levels");
    symlink(folder.at("outside/sub"), folder.at("link")).unwrap();
    symlink(folder.at("outside/sub/deep"), folder.at("deep")).unwrap();
    symlink(folder.at("outside/a.html"), folder.at("file")).unwrap();
    let pairs = vec![
        (folder.at("root/sub"), folder.at("link")),
        (folder.at("root/other/deep"), folder.at("deep")),
        (folder.at("root/a.html"), folder.at("file")),
    ];
    let n = while_exchanging(
        pairs,
        loads(
            folder.at("root"),
            &["sub/deep/a.html", "other/deep/a.html", "a.html"],
        ),
    );
    assert!(n > 100, "{n} exchanges");
}

#[test]
fn a_link_inside_to_a_folder_that_is_a_link_outside_now_and_then() {
    // A link that stays inside is followed, which takes the longer way; where
    // it leads to changes between any two of its steps.
    let folder = Folder::new("raced-links");
    symlink("sub", folder.at("root/alias")).unwrap();
    symlink("sub/deep/a.html", folder.at("root/b.html")).unwrap();
    symlink(folder.at("outside/sub"), folder.at("link")).unwrap();
    let pairs = vec![(folder.at("root/sub"), folder.at("link"))];
    let n = while_exchanging(
        pairs,
        loads(
            folder.at("root"),
            &["alias/a.html", "alias/deep/a.html", "b.html"],
        ),
    );
    assert!(n > 100, "{n} exchanges");
}

#[test]
fn a_file_that_is_a_pipe_now_and_then() {
    let folder = Folder::new("raced-pipe");
    symlink("a.html", folder.at("root/b.html")).unwrap();
    let pipe = folder.pipe("pipe");
    let pairs = vec![(folder.at("root/a.html"), pipe)];
    let n = while_exchanging(pairs, loads(folder.at("root"), &["a.html", "b.html"]));
    assert!(n > 100, "{n} exchanges");
}

#[test]
fn pipes_are_no_templates() {
    let folder = Folder::new("pipes");
    folder.pipe("root/pipe.html");
    symlink("pipe.html", folder.at("root/link.html")).unwrap();
    symlink(folder.pipe("pipe"), folder.at("root/far.html")).unwrap();
    let root = folder.at("root");
    let work = move || {
        let loader = FileLoader::new(root);
        let names = loader.list().unwrap();
        assert!(!names.iter().any(|name| name.contains("pipe")), "{names:?}");
        let environment = Environment::with_loader(loader);
        for name in ["pipe.html", "link.html", "far.html", "pipe.html/a"] {
            assert!(environment.get_template(name).is_err(), "{name}");
            let source = "{% include name ignore missing %}.";
            let page = environment.from_string(source).unwrap();
            assert_eq!(page.render(&context! { name => name }).unwrap(), ".");
        }
    };
    while_exchanging(Vec::new(), work);
}

/// The bytes of a bundle with one template.
fn bundle() -> Vec<u8> {
    let site = Environment::with_loader(MapLoader::from([("main", "bundled")]));
    BundleBuilder::new(&site).build().expect("a bundle")
}

#[test]
fn pipes_are_no_bundles() {
    let folder = Folder::new("pipe-bundles");
    let good = folder.at("good.bundle");
    fs::write(&good, bundle()).unwrap();
    let pipe = folder.pipe("pipe.bundle");
    symlink(&pipe, folder.at("link.bundle")).unwrap();
    let names = [pipe.clone(), folder.at("link.bundle")];
    while_exchanging(Vec::new(), move || {
        for name in names {
            assert!(Bundle::open_file(&name, &Trust::Own).is_err(), "{name:?}");
        }
    });
    let opened = good.clone();
    let work = move || {
        let mut n_opened = 0;
        let mut n_rounds = 0;
        while n_rounds < 6 * LOADS || n_opened == 0 {
            n_rounds += 1;
            n_opened += usize::from(Bundle::open_file(&opened, &Trust::Own).is_ok());
        }
    };
    let n = while_exchanging(vec![(good, pipe)], work);
    assert!(n > 100, "{n} exchanges");
}
