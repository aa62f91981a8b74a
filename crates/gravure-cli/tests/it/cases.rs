//! `gravure test`.

use crate::Folder;

const CASES: &str = r#"{"id": "x/good-01", "area": "1", "templates": {"main.html": "a{{ x }}c"}, "context": {"x": "b"}, "expect": {"output": "abc"}}
{"id": "x/bad-01", "area": "1", "templates": {"main.html": "a"}, "expect": {"output": "b"}}
this is no case
{"id": "y/missing-01", "area": "2", "templates": {}, "expect": {"error": {"code": "K-TPL-001", "line": null, "template": null}}}
{"id": "y/compile-01", "area": "2", "templates": {"main.html": "x"}, "call": "compile"}
{"id": "y/open-01", "area": "2", "templates": {"main.html": "x"}}
"#;

#[test]
fn rates_failures_and_results_are_told() {
    let folder = Folder::new(&[("cases.jsonl", CASES.as_bytes())]);
    let run = folder.run("test cases.jsonl --results out.jsonl");
    run.gives(
        1,
        "\
FAIL x/bad-01: from byte 0: wanted \"b\", got \"a\"

1        1 of     2   50.0 %
2        1 of     1  100.0 %  2 not judged
all      2 of     3   66.6 %  2 not judged

cases.jsonl      2 of     3   66.6 %  2 not judged
all              2 of     3   66.6 %  2 not judged
",
        "cases.jsonl:3: no case: expected ident at line 1 column 2; skipped\n",
    );
    assert_eq!(
        folder.read("out.jsonl"),
        r#"{"id":"x/good-01","output":"abc"}
{"id":"x/bad-01","output":"a"}
{"id":"y/missing-01","error":{"type":"TemplateNotFoundError","code":"K-TPL-001","line":null,"template":null}}
{"id":"y/compile-01","ok":true}
{"id":"y/open-01","output":"x"}
"#
    );
}

#[test]
fn a_filter_looks_at_ids_and_areas() {
    let folder = Folder::new(&[("cases.jsonl", CASES.as_bytes())]);
    let run = folder.run("test cases.jsonl --filter x/good");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(
        run.out.contains("all      1 of     1  100.0 %"),
        "{}",
        run.out
    );
}

#[test]
fn cases_that_got_lost_are_a_failure() {
    let index = br#"{"files": {"cases.jsonl": {"cases": 7, "output": 2, "error": 1, "quirk": 0, "better": 0}}}"#;
    let folder = Folder::new(&[("cases.jsonl", CASES.as_bytes()), ("index.json", index)]);
    let run = folder.run("test cases.jsonl --filter x/good");
    assert_eq!(run.code, Some(1));
    assert!(
        run.out.starts_with("FAIL cases.jsonl: the index says"),
        "{}",
        run.out
    );
}

#[test]
fn files_that_cannot_be_used_are_told() {
    let folder = Folder::new(&[("cases.jsonl", b"")]);
    folder.run("test none.jsonl").refuses(2, &["none.jsonl"]);
    folder
        .run("test cases.jsonl --results no/such/file")
        .refuses(2, &["--results"]);
    folder.run("test").refuses(2, &["CASES.jsonl"]);
    let folder = Folder::new(&[("page.html", b"a\nb\n\xff"), ("dir/a", b"")]);
    folder
        .run("test page.html")
        .refuses(2, &["there is no case in `page.html`", "line 1"]);
    folder.run("test dir").refuses(2, &["`dir` cannot be read"]);
}
