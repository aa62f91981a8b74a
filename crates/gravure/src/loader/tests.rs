//! Loaders against real folders and against each other.

use super::*;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder that goes away with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &str)]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = COUNT.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("gravure-loader-{}-{unique}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        let folder = Self(path);
        for (name, text) in files {
            folder.write(name, text.as_bytes());
        }
        folder
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn text(loader: &impl Loader, name: &str) -> String {
    match loader.load(name) {
        Ok(source) => source.text,
        Err(error) => format!("! {error}"),
    }
}

fn notes(loader: &impl Loader, name: &str) -> String {
    match loader.load(name) {
        Err(LoadError::NotFound { notes, .. }) => notes.join("; "),
        other => panic!("{name} should not be found: {other:?}"),
    }
}

#[test]
fn files_are_found_in_the_order_of_roots() {
    let first = Folder::new(&[("a.html", "first")]);
    let second = Folder::new(&[("a.html", "second"), ("sub/b.html", "b\r\n")]);
    let loader = FileLoader::new(&first.0).and(&second.0);
    assert_eq!(text(&loader, "a.html"), "first");
    assert_eq!(text(&loader, "sub/b.html"), "b\n");
    assert_eq!(text(&loader, "c.html"), "! not found");
    let file = loader.load("a.html").unwrap().file.unwrap();
    assert_eq!(Path::new(&file), first.at("a.html"));
}

#[test]
fn names_that_could_leave_are_not_found() {
    let folder = Folder::new(&[
        ("root/a.html", "A"),
        ("secret.html", "S"),
        ("root/x/b", "B"),
    ]);
    let loader = FileLoader::new(folder.at("root"));
    let absolute = folder.at("root/a.html").display().to_string();
    for name in [
        "../secret.html",
        "x/../../secret.html",
        "x/../a.html",
        &*absolute,
        "/a.html",
        "./a.html",
        "x//b",
        "x/./b",
        "x/b/",
        "x",
        "",
        ".",
        "..",
        "a.html\0",
        "a.html\0.png",
        "C:",
        "C:/a.html",
        "C:a.html",
        "..\\secret.html",
        "x\\b",
        "a.html/x",
    ] {
        assert_eq!(text(&loader, name), "! not found", "{name:?}");
        assert!(
            loader.stamp(name).is_err_and(|error| error.is_not_found()),
            "{name:?}"
        );
    }
    assert_eq!(text(&loader, "x/b"), "B");
}

#[test]
fn a_very_long_name_is_not_found() {
    let folder = Folder::new(&[]);
    let loader = FileLoader::new(&folder.0);
    assert_eq!(text(&loader, &"n".repeat(100_000)), "! not found");
    assert_eq!(text(&loader, &"n/".repeat(100_000)), "! not found");
}

#[cfg(unix)]
mod links {
    use super::*;
    use std::os::unix::fs::symlink;

    #[test]
    fn links_that_stay_inside_are_followed() {
        let folder = Folder::new(&[("real/a.html", "A")]);
        symlink("real", folder.at("alias")).unwrap();
        symlink("real/a.html", folder.at("b.html")).unwrap();
        let loader = FileLoader::new(&folder.0);
        assert_eq!(text(&loader, "alias/a.html"), "A");
        assert_eq!(text(&loader, "b.html"), "A");
        assert_eq!(loader.list().unwrap(), ["b.html", "real/a.html"]);
    }

    #[test]
    fn a_root_may_be_a_link_itself() {
        let folder = Folder::new(&[("real/a.html", "A")]);
        symlink("real", folder.at("root")).unwrap();
        assert_eq!(text(&FileLoader::new(folder.at("root")), "a.html"), "A");
    }

    #[test]
    fn links_that_leave_the_root_are_refused_and_the_next_root_is_asked() {
        let outside = Folder::new(&[("s.html", "secret"), ("deep/t.html", "secret")]);
        let first = Folder::new(&[]);
        symlink(outside.at("s.html"), first.at("s.html")).unwrap();
        symlink(outside.at("deep"), first.at("deep")).unwrap();
        symlink(first.at("deep"), first.at("twice")).unwrap();
        let alone = FileLoader::new(&first.0);
        for name in ["s.html", "deep/t.html", "twice/t.html"] {
            assert!(notes(&alone, name).contains("leaves the root"), "{name}");
        }
        assert_eq!(alone.list().unwrap(), Vec::<String>::new());
        let second = Folder::new(&[("s.html", "mine")]);
        assert_eq!(text(&alone.and(&second.0), "s.html"), "mine");
    }

    #[test]
    fn links_that_lead_nowhere_or_in_circles_end() {
        let folder = Folder::new(&[("a.html", "A")]);
        symlink("nowhere", folder.at("dangling")).unwrap();
        symlink(".", folder.at("again")).unwrap();
        symlink("one", folder.at("two")).unwrap();
        symlink("two", folder.at("one")).unwrap();
        let loader = FileLoader::new(&folder.0);
        assert_eq!(text(&loader, "dangling"), "! not found");
        assert_eq!(text(&loader, "again/again/a.html"), "A");
        assert!(loader.load("one").is_err());
        assert_eq!(loader.list().unwrap(), ["a.html"]);
    }

    #[test]
    fn a_link_that_is_swapped_all_the_time_never_lets_the_outside_in() {
        let outside = Folder::new(&[("a.html", "secret")]);
        let folder = Folder::new(&[("inside.html", "fine")]);
        let link = folder.at("a.html");
        symlink("inside.html", &link).unwrap();
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let new = folder.at("next");
                while !stop.load(Ordering::Relaxed) {
                    for target in [outside.at("a.html"), folder.at("inside.html")] {
                        symlink(target, &new).unwrap();
                        fs::rename(&new, &link).unwrap();
                    }
                }
            });
            let loader = FileLoader::new(&folder.0);
            for _ in 0..2_000 {
                assert_ne!(text(&loader, "a.html"), "secret");
            }
            stop.store(true, Ordering::Relaxed);
        });
    }

    #[test]
    fn a_socket_is_not_found() {
        let folder = Folder::new(&[]);
        let _listener = std::os::unix::net::UnixListener::bind(folder.at("socket")).unwrap();
        let loader = FileLoader::new(&folder.0);
        assert_eq!(text(&loader, "socket"), "! not found");
    }
}

#[test]
fn bytes_that_do_not_decode_are_told_by_place() {
    let folder = Folder::new(&[]);
    folder.write("a.html", b"one\ntwo \xff");
    match FileLoader::new(&folder.0).load("a.html") {
        Err(LoadError::Encoding { offset, line, .. }) => assert_eq!((offset, line), (8, 2)),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_file_past_the_limit_is_not_read() {
    let folder = Folder::new(&[("a.html", "12345"), ("b.html", "1234")]);
    let mut loader = FileLoader::new(&folder.0);
    loader.max_bytes = 4;
    assert_eq!(text(&loader, "a.html"), "! more than 4 bytes");
    assert_eq!(text(&loader, "b.html"), "1234");
}

#[test]
fn listings_leave_hidden_files_and_backups_out() {
    let folder = Folder::new(&[
        ("b.html", ""),
        ("a/x.txt", ""),
        (".hidden", ""),
        (".git/y", ""),
        ("b.html~", ""),
    ]);
    let other = Folder::new(&[("b.html", ""), ("c", "")]);
    let loader = FileLoader::new(&folder.0).and(&other.0);
    assert_eq!(loader.list().unwrap(), ["a/x.txt", "b.html", "c"]);
    assert_eq!(text(&loader, ".hidden"), "");
}

#[test]
fn a_changed_file_has_another_stamp() {
    let first = Folder::new(&[]);
    let second = Folder::new(&[("a.html", "one")]);
    let loader = FileLoader::new(&first.0).and(&second.0);
    let stamp = loader.load("a.html").unwrap().stamp.unwrap();
    assert!(loader.is_current("a.html", &stamp));
    second.write("a.html", b"longer");
    assert!(!loader.is_current("a.html", &stamp));
    let stamp = loader.load("a.html").unwrap().stamp.unwrap();
    first.write("a.html", b"shadow");
    assert!(
        !loader.is_current("a.html", &stamp),
        "an earlier root has it now"
    );
    let stamp = loader.load("a.html").unwrap().stamp.unwrap();
    fs::remove_file(first.at("a.html")).unwrap();
    fs::remove_file(second.at("a.html")).unwrap();
    assert!(!loader.is_current("a.html", &stamp));
}

#[test]
fn a_map_counts_its_changes() {
    let loader = MapLoader::from([("b", "1"), ("a", "2")]);
    assert_eq!(loader.list().unwrap(), ["a", "b"]);
    let stamp = loader.load("a").unwrap().stamp.unwrap();
    loader.insert("b", "other");
    assert!(loader.is_current("a", &stamp));
    loader.insert("a", "2");
    assert!(!loader.is_current("a", &stamp));
    assert!(loader.remove("a"));
    assert!(!loader.remove("a"));
    assert!(loader.load("a").unwrap_err().is_not_found());
}

struct Broken;

impl Loader for Broken {
    fn load(&self, _: &str) -> Result<Source, LoadError> {
        Err(LoadError::Other("no network".into()))
    }
}

#[test]
fn a_choice_goes_on_only_when_nothing_is_found() {
    let loader = ChoiceLoader::new()
        .or(MapLoader::from([("a", "1")]))
        .or(MapLoader::from([("a", "2"), ("b", "3")]));
    assert_eq!(text(&loader, "a"), "1");
    assert_eq!(text(&loader, "b"), "3");
    assert_eq!(text(&loader, "c"), "! not found");
    assert_eq!(loader.list().unwrap(), ["a", "b"]);
    let broken = ChoiceLoader::new().or(Broken).or(loader);
    assert_eq!(text(&broken, "a"), "! no network");
    assert_eq!(broken.list(), None);
}

#[test]
fn a_choice_notices_what_an_earlier_loader_gains() {
    let first = Arc::new(MapLoader::new());
    let loader = ChoiceLoader::new()
        .or(first.clone())
        .or(MapLoader::from([("a", "2")]));
    let stamp = loader.load("a").unwrap().stamp.unwrap();
    assert!(loader.is_current("a", &stamp));
    first.insert("a", "1");
    assert!(!loader.is_current("a", &stamp));
}

#[test]
fn a_prefix_is_split_off_once() {
    let loader = PrefixLoader::new()
        .at("ui", MapLoader::from([("a/b", "AB"), ("", "whole")]))
        .at("", MapLoader::from([("x", "X")]));
    assert_eq!(text(&loader, "ui/a/b"), "AB");
    assert_eq!(text(&loader, "ui"), "whole");
    assert_eq!(text(&loader, "/x"), "X");
    assert_eq!(notes(&loader, "other/a"), "known prefixes: , ui");
    assert_eq!(loader.list().unwrap(), ["/x", "ui/", "ui/a/b"]);
    let colons = PrefixLoader::with_delimiter("::").at("m", MapLoader::from([("a", "A")]));
    assert_eq!(text(&colons, "m::a"), "A");
}

#[test]
fn a_function_cannot_list_and_has_no_cheap_stamp() {
    let loader = FunctionLoader::new(|name: &str| match name {
        "bad" => Err(LoadError::Other("no".into())),
        "a" => Ok(Some(Source::new("A"))),
        _ => Ok(None),
    });
    assert_eq!(text(&loader, "a"), "A");
    assert_eq!(text(&loader, "b"), "! not found");
    assert_eq!(text(&loader, "bad"), "! no");
    assert_eq!(loader.list(), None);
    let stamp = loader.load("a").unwrap().stamp_or_content();
    assert_eq!(stamp, Stamp::of_text("A"));
    assert_ne!(stamp, Stamp::of_text("B"));
    assert!(!loader.is_current("a", &stamp));
    assert!(loader.is_current("a", &Stamp::Forever));
}

#[test]
fn failures_become_faults_with_their_codes() {
    let fault = |error: LoadError| error.into_fault("x.html").to_string();
    assert_eq!(
        fault(LoadError::not_found()),
        "K-TPL-001: template `x.html` not found"
    );
    assert_eq!(
        fault(LoadError::Encoding {
            file: None,
            offset: 3,
            line: 1
        }),
        "K-TPL-006: template `x.html` is no UTF-8 at byte 3 (line 1)"
    );
    assert_eq!(
        fault(LoadError::TooLong { limit: 9 }),
        "K-LEX-004: template `x.html` has more than 9 bytes"
    );
    let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
    assert_eq!(
        fault(LoadError::Io {
            file: None,
            error: denied
        }),
        "K-TPL-007: template `x.html` cannot be read: permission denied"
    );
    assert_eq!(
        fault(LoadError::Other("no network".into())),
        "K-RUN-007: the loader failed for template `x.html`: no network"
    );
}
