//! `gravure render` and `gravure disasm`.

use crate::Folder;

#[test]
fn a_page_goes_to_standard_output_with_a_final_line_end() {
    let folder = Folder::new(&[("a.html", b"a{{ x }}c"), ("b.html", b"b\n")]);
    folder.run("render a.html --set x=b").gives(0, "abc\n", "");
    folder.run("render b.html").gives(0, "b\n", "");
}

#[test]
fn a_page_is_written_exactly() {
    let folder = Folder::new(&[("a.html", b"a")]);
    folder.run("render a.html -o out.html").gives(0, "", "");
    assert_eq!(folder.read("out.html"), "a");
}

#[test]
fn the_first_root_that_has_the_template_wins() {
    let folder = Folder::new(&[
        ("one/a.html", b"1"),
        ("two/a.html", b"2"),
        ("two/b.html", b"3"),
    ]);
    folder
        .run("render a.html --root one --root two")
        .gives(0, "1\n", "");
    folder
        .run("render b.html --root one --root two")
        .gives(0, "3\n", "");
    folder.run("render one/a.html").gives(0, "1\n", "");
}

#[test]
fn data_comes_from_files_and_standard_input() {
    let folder = Folder::new(&[
        ("a.html", b"{{ x }}"),
        ("d.json", b"{\"x\": 123456789012345678901234567890}"),
        ("d.yaml", b"x: b\n"),
        ("d.toml", b"x = 'b'\n"),
    ]);
    folder
        .run("render a.html --data d.yaml")
        .gives(0, "b\n", "");
    folder
        .run("render a.html --data d.toml")
        .gives(0, "b\n", "");
    folder
        .run("render a.html --data d.json")
        .gives(0, "123456789012345678901234567890\n", "");
    folder
        .run_with("render a.html --data -", b"{\"x\": \"b\"}")
        .gives(0, "b\n", "");
    folder
        .run("render a.html --data d.json --set x=over")
        .gives(0, "over\n", "");
}

/// A pipe that somebody writes to is data; one that nobody writes to is neither
/// a template, nor settings, nor a bundle, and is not waited for.
#[cfg(unix)]
#[test]
fn pipes_are_data_and_nothing_else() {
    let folder = Folder::new(&[("a.html", b"{{ x }}")]);
    for name in ["d.json", "pipe.html", "gravure.toml", "site.bundle"] {
        let mut make = std::process::Command::new("mkfifo");
        assert!(make.arg(folder.0.join(name)).status().unwrap().success());
    }
    let data = folder.0.join("d.json");
    let writer = std::thread::spawn(move || std::fs::write(data, b"{\"x\": \"b\"}"));
    folder
        .run("render a.html --data d.json")
        .gives(0, "b\n", "");
    writer.join().unwrap().unwrap();
    folder
        .run("render pipe.html")
        .refuses(2, &["pipe.html", "not a regular file"]);
    folder
        .run("render a.html --bundle site.bundle")
        .refuses(2, &["site.bundle"]);
    folder
        .run("check .")
        .gives(0, "", "0 errors, 0 warnings in 1 template\n");
}

#[test]
fn what_cannot_be_done_is_one_message() {
    let folder = Folder::new(&[
        ("a.html", b"a"),
        ("bad.html", b"a\xff"),
        ("syntax.html", b"a\n{% if %}"),
        ("bad.json", b"{"),
        ("bytes.json", b"\"\xff\""),
        ("bad.yaml", b"a: [\n"),
        ("bad.toml", b"a = 1\nb\n"),
        ("undefined.html", b"{{ x }}"),
        ("part.html", b"{% include 'no.html' %}"),
        ("list.csv", b"1,2"),
        ("empty.json", b""),
        ("cut.json", b"{\"x\": [1,"),
        ("nan.json", b"{\"x\": NaN}"),
        ("bad.settings", b"[options]\ntrim_block = true\n"),
        ("folder.html/a", b""),
        ("root/x.html", b"x"),
    ]);
    for (args, code, words) in [
        ("render none.html", 2, &["none.html", "help"][..]),
        (
            "render x.htm --root root",
            2,
            &["K-TPL-001", "did you mean `x.html`?"],
        ),
        ("render a.html --root none", 2, &["`none` is no folder"]),
        (
            "render a.html --data none.json",
            2,
            &["none.json", "--data"],
        ),
        ("render a.html --data bad.json", 2, &["no JSON", "line 1"]),
        (
            "render a.html --data bad.html",
            2,
            &["of no known kind", ".json"],
        ),
        ("render a.html --data list.csv", 2, &["of no known kind"]),
        ("render a.html --set x", 2, &["--set x", "KEY=VALUE"]),
        ("render a.html -o no/such/file", 2, &["cannot be written"]),
        ("render a.html --unknown", 2, &["--unknown", "Usage"]),
        ("render", 2, &["TEMPLATE", "Usage"]),
        ("unknown", 2, &["unknown", "Usage"]),
        ("render a.html --data -", 2, &["standard input is no JSON"]),
        ("render a.html --data empty.json", 2, &["no JSON", "line 1"]),
        ("render a.html --data cut.json", 2, &["no JSON", "line 1"]),
        ("render a.html --data nan.json", 2, &["no JSON", "column 7"]),
        ("render a.html --data folder.html", 2, &["of no known kind"]),
        ("render a.html --set =1", 2, &["empty key", "KEY=VALUE"]),
        ("render a.html --set a..b=1", 2, &["empty key", "MAP.KEY"]),
        ("render a.html -o root", 2, &["`root` cannot be written"]),
        (
            "render folder.html",
            2,
            &["is a folder, not a template", "gravure check"],
        ),
        ("render .", 2, &["`.` is a folder"]),
        ("disasm folder.html", 2, &["is a folder, not a template"]),
        (
            "render folder.html --root .",
            2,
            &["K-TPL-001", "`folder.html` not found"],
        ),
        ("render ../a.html --root root", 2, &["K-TPL-001"]),
        ("render / --root root", 2, &["K-TPL-001", "relative path"]),
        ("render a.html --root a.html", 2, &["`a.html` is no folder"]),
        ("render a.html b.html", 2, &["b.html", "Usage"]),
        (
            "render a.html --config none.toml",
            2,
            &["none.toml", "--config"],
        ),
        (
            "render a.html --config bad.settings",
            2,
            &["unknown key `options.trim_block`"],
        ),
        (
            "render a.html --filters a-b",
            2,
            &["`a-b`, which no template can write"],
        ),
        (
            "render a.html --data bytes.json",
            2,
            &["no UTF-8 at byte 1"],
        ),
        ("render a.html --data bad.yaml", 2, &["no YAML", "line"]),
        ("render a.html --data bad.toml", 2, &["no TOML", "(line 2)"]),
        (
            "render undefined.html",
            1,
            &["K-RUN-001", "undefined.html:1:4"],
        ),
        ("render part.html", 1, &["K-TPL-001", "part.html:1:4"]),
        ("disasm none.html", 2, &["none.html", "help"]),
        ("disasm syntax.html", 1, &["syntax.html:2:"]),
        ("render bad.html", 1, &["K-TPL-006", "byte 1"]),
        ("render syntax.html", 1, &["K-PAR-", "syntax.html:2:"]),
    ] {
        folder.run(args).refuses(code, words);
    }
}

#[test]
fn the_listing_of_a_template_is_printed() {
    let folder = Folder::new(&[("a.html", b"some text")]);
    let run = folder.run("disasm a.html");
    assert_eq!((run.code, &*run.err), (Some(0), ""));
    assert!(!run.out.is_empty());
}

#[test]
fn the_version_and_the_help_are_no_failure() {
    let folder = Folder::new(&[]);
    let run = folder.run("--version");
    assert_eq!(run.code, Some(0));
    assert!(run.out.starts_with("gravure "));
    assert!(folder.run("--help").out.contains("Exit codes"));
    assert_eq!(folder.run("").code, Some(2));
}

#[test]
fn warnings_are_printed_when_asked_for() {
    let folder = Folder::new(&[
        ("a.html", b"{{ x ?? 'b' | upper }}{% include 'p.html' %}"),
        ("p.html", b"{{ x ?? 'c' | upper }}"),
    ]);
    folder.run("render a.html").gives(0, "BC\n", "");
    let run = folder.run("render a.html --warnings");
    assert_eq!((run.code, &*run.out), (Some(0), "BC\n"), "{run:?}");
    for place in ["a.html:1:15", "p.html:1:15"] {
        assert!(run.err.contains(place), "{}", run.err);
    }
    assert_eq!(run.err.matches("warning[K-WARN-001]: ").count(), 2);
}

#[test]
fn a_page_that_cannot_be_printed_is_a_failure() {
    let full = std::path::Path::new("/dev/full");
    if !full.exists() {
        return;
    }
    let folder = Folder::new(&[("a.html", b"a")]);
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_gravure"))
        .args(["render", "a.html"])
        .current_dir(&folder.0)
        .stdout(std::fs::File::create(full).unwrap())
        .output()
        .unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: standard output cannot be written"));
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_refused() {
    use std::os::unix::ffi::OsStrExt as _;
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_gravure"))
        .args([
            std::ffi::OsStr::new("render"),
            std::ffi::OsStr::from_bytes(b"\xff.html"),
        ])
        .output()
        .unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2), "{said}");
    assert!(said.starts_with("error: invalid UTF-8"), "{said}");
}
