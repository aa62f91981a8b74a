//! `gravure cache`, and `--cache` of `render`.

use crate::Folder;
use std::fs;

const PAGE: (&str, &[u8]) = ("page.html", b"{% include 'part.html' %}{{ 1 + 1 }}");
const PART: (&str, &[u8]) = ("part.html", b"part ");

/// The entries below a folder.
fn entries(folder: &Folder, name: &str) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![folder.0.join(name)];
    while let Some(path) = open.pop() {
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            match entry.path().is_dir() {
                true => open.push(entry.path()),
                false => found.push(entry.path()),
            }
        }
    }
    found.sort();
    found
}

#[test]
fn pages_are_the_same_with_a_cache() {
    let folder = Folder::new(&[PAGE, PART]);
    for _ in 0..3 {
        folder
            .run("render page.html --cache kept")
            .gives(0, "part 2\n", "");
        assert_eq!(entries(&folder, "kept").len(), 2);
    }
    let stats = folder.run("cache stats --dir kept");
    assert_eq!((stats.code, &*stats.err), (Some(0), ""));
    assert!(stats.out.starts_with("kept\n2 entries, "), "{}", stats.out);
    folder
        .run("cache verify --dir kept")
        .gives(0, "2 entries, 0 damaged, 0 unfinished\n", "");
    folder
        .run("cache clear --dir kept")
        .gives(0, "removed 2 files\n", "");
    assert_eq!(entries(&folder, "kept").len(), 0);
    folder
        .run("render page.html --cache off")
        .gives(0, "part 2\n", "");
}

#[test]
fn what_is_damaged_is_told_and_compiled() {
    let folder = Folder::new(&[PAGE, PART]);
    folder
        .run("render page.html --cache kept")
        .gives(0, "part 2\n", "");
    let files = entries(&folder, "kept");
    for file in &files {
        fs::write(file, "damaged").unwrap();
    }
    let verified = folder.run("cache verify --dir kept");
    assert_eq!(verified.code, Some(1));
    assert!(verified.out.contains(".gvc: it is no entry\n"));
    assert!(
        verified
            .out
            .ends_with("2 entries, 2 damaged, 0 unfinished\n")
    );
    folder.run("render page.html --cache kept").gives(
        0,
        "part 2\n",
        "warning[K-CACHE-001]: an entry of the disk cache was rejected: it is no entry\n",
    );
    folder
        .run("cache verify --dir kept")
        .gives(0, "2 entries, 0 damaged, 0 unfinished\n", "");
}

#[test]
fn the_settings_say_where_it_is() {
    let folder = Folder::new(&[
        ("site/gravure.toml", b"cache = '../kept'\n"),
        ("site/page.html", b"page"),
        ("bad/gravure.toml", b"cache = true\n"),
        ("bad/page.html", b"page"),
    ]);
    folder.run("render site/page.html").gives(0, "page\n", "");
    assert_eq!(entries(&folder, "kept").len(), 1);
    let stats = folder.run("cache stats --config site/gravure.toml");
    assert!(stats.out.contains("\n1 entry, "), "{}", stats.out);
    folder
        .run("render site/page.html --cache off")
        .gives(0, "page\n", "");
    folder.run("render bad/page.html").gives(
        2,
        "",
        "error: `cache` of `bad/gravure.toml` cannot be true\n  \
         help: a folder, `\"auto\"` or `\"off\"` would do\n",
    );
}

#[test]
fn a_folder_that_is_not_there_is_empty_and_one_that_is_none_is_refused() {
    let folder = Folder::new(&[PAGE, PART]);
    folder
        .run("cache stats --dir nowhere")
        .gives(0, "nowhere\n0 entries, 0 bytes\n", "");
    folder
        .run("cache clear --dir nowhere")
        .gives(0, "removed 0 files\n", "");
    assert!(!folder.0.join("nowhere").exists());
    folder.run("render page.html --cache page.html").gives(
        2,
        "",
        "error: the cache folder \"page.html\" is no folder\n  \
         help: name a folder, or a path where nothing is yet\n",
    );
    folder.run("cache stats --dir off").gives(
        2,
        "",
        "error: it is not said where the cache is\n  help: name its folder with `--dir DIR`\n",
    );
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn auto_is_below_the_folder_of_caches() {
    let folder = Folder::new(&[PAGE, PART]);
    let run = |args: &str| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_gravure"))
            .args(args.split(' '))
            .current_dir(&folder.0)
            .env("XDG_CACHE_HOME", folder.0.join("caches"))
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    assert_eq!(run("render page.html --cache auto"), "part 2\n");
    assert_eq!(entries(&folder, "caches/gravure/chunks").len(), 2);
    assert!(run("cache stats").contains("/caches/gravure/chunks\n2 entries, "));
}
