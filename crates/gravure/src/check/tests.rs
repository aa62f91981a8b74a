//! Templates in, findings out, as one line each.

use super::*;
use crate::{
    Options,
    loader::{FunctionLoader, LoadError, Loader, MapLoader, Source},
};
use std::sync::Arc;

fn environment(templates: &[(&str, &str)]) -> Environment {
    let loader = MapLoader::from_iter(templates.iter().copied());
    Environment::with_options(Options {
        loader: Some(Arc::new(loader)),
        template_aliases: [("ui".to_owned(), "parts/ui".to_owned())].into(),
        ..Options::default()
    })
    .unwrap()
}

fn lines(checked: &Checked) -> Vec<String> {
    checked.findings.iter().map(Finding::short).collect()
}

#[track_caller]
fn check(templates: &[(&str, &str)], expected: &[&str]) {
    let checked = environment(templates).check().unwrap();
    assert_eq!(lines(&checked), expected);
}

#[test]
fn good_templates_have_no_findings() {
    check(
        &[
            ("base.html", "{% block a %}{% end %}"),
            (
                "sub/page.html",
                "{% extends '../base.html' %}{% block a %}{% include '@ui/card.html' %}{% end %}",
            ),
            (
                "parts/ui/card.html",
                "{% from './lib.html' import f %}{{ f() }}",
            ),
            ("parts/ui/lib.html", "{% def f() %}x{% end %}"),
        ],
        &[],
    );
}

#[test]
fn all_findings_of_all_files_are_told_in_order() {
    check(
        &[
            ("b.html", "{{ x | uper }}\n{{ y | lowr }}{{ z is evn }}"),
            ("a.html", "{% if %}"),
            ("w.html", "{{ a ?? b | upper }}"),
            ("c.html", "{{ a ?? b | upper }}{% include 'nn' %}"),
        ],
        &[
            "a.html:1:4: error[K-PAR-002] this `if` is not closed",
            "a.html:1:7: error[K-PAR-003] a value was expected, found `%}`",
            "b.html:1:8: error[K-PAR-004] unknown filter `uper`",
            "b.html:2:8: error[K-PAR-004] unknown filter `lowr`",
            "b.html:2:23: error[K-PAR-005] unknown test `evn`",
            "c.html:1:24: error[K-TPL-001] template `nn` not found",
            "c.html:1:13: warning[K-WARN-001] the filter applies to the right side of `??` only",
            "w.html:1:13: warning[K-WARN-001] the filter applies to the right side of `??` only",
        ],
    );
}

/// Each of them with the lines around it, and none with all of a long line.
#[test]
fn thousands_of_findings_on_one_line_are_told_in_its_size() {
    let source = "é{% include 'no' %}".repeat(5_000);
    let checked = environment(&[("a.html", &source)]).check().unwrap();
    assert_eq!(checked.findings.len(), 5_000);
    let kept = |it: &Finding| {
        let lines = it.snippet.as_ref().map_or(&[][..], |it| &it.lines);
        lines.iter().map(|(_, text)| text.len()).sum::<usize>()
    };
    let most = checked.findings.iter().map(kept).max().unwrap();
    assert!(most < 2_048, "{most} bytes of one snippet");
    let last = checked.findings.last().unwrap();
    let column = 19 * 4_999 + 4;
    assert_eq!(last.range.unwrap().start.column, Some(column));
}

#[test]
fn names_in_tags_must_exist() {
    let tags = "\
{# without a parent: all of it is compiled #}
{% include 'no-2' %}{% include 'no-3' ignore missing %}
{% embed 'no-4' %}{% end %}
{% import 'no-5' as x %}
{% from 'no-6' import x %}
{% include 'no-7' if x else 'no-8' %}
{% include x ?? 'no-9' %}
{% include 'no-' + '10' %}
{% include 'no-' + '11' ignore missing %}
{% include x %}
{% include '@au/x' %}
{% include '../x' %}
{% def f() %}{% include './no-12' %}{% end %}
{% if false %}{% include 'no-13' %}{% end %}
";
    check(
        &[("dir.html", tags), ("child.html", "{% extends 'no-1' %}")],
        &[
            "child.html:1:4: error[K-TPL-001] template `no-1` not found",
            "dir.html:2:4: error[K-TPL-001] template `no-2` not found",
            "dir.html:3:4: error[K-TPL-001] template `no-4` not found",
            "dir.html:4:4: error[K-TPL-001] template `no-5` not found",
            "dir.html:5:4: error[K-TPL-001] template `no-6` not found",
            "dir.html:6:4: error[K-TPL-001] template `no-7` not found",
            "dir.html:6:4: error[K-TPL-001] template `no-8` not found",
            "dir.html:7:4: error[K-TPL-001] template `no-9` not found",
            "dir.html:8: error[K-TPL-001] template `no-10` not found",
            "dir.html:11:4: error[K-TPL-001] template `@au/x` not found",
            "dir.html:12:4: error[K-TPL-001] template `../x` not found",
            "dir.html:13:17: error[K-TPL-001] template `no-12` not found",
            "dir.html:14:18: error[K-TPL-001] template `no-13` not found",
        ],
    );
}

#[test]
fn what_was_probably_meant_is_said() {
    let environment = environment(&[
        (
            "page.html",
            "{% include 'crad.html' %}{% include '@iu/card.html' %}",
        ),
        ("card.html", ""),
    ]);
    let checked = environment.check().unwrap();
    let notes: Vec<_> = checked.findings.iter().map(|it| &*it.notes).collect();
    assert_eq!(notes[0], ["did you mean `card.html`?"]);
    assert_eq!(notes[1], ["there is no alias `@iu`: configured are `@ui`"]);
    let first = &checked.findings[0];
    assert_eq!(first.kind, Some("missing-template"));
    assert_eq!(first.metadata["name"], "crad.html");
    assert_eq!(first.metadata["tag"], "include");
}

#[test]
fn what_is_imported_must_be_there() {
    let lib = "{% def card() %}{% end %}{% globals %}{% let v = 1 %}{% end %}{% import 'a' as a %}";
    let page = "\
{% from 'lib' import card, v, a, crad as c, nope %}
{% from 'lib' import nope with context %}
{% from 'lib' import range %}
{% from 'open' import nope %}{% from x import nope %}";
    let templates = [
        ("lib", lib),
        ("page", page),
        ("open", "{% include 'a' %}"),
        ("a", ""),
    ];
    let expected = [
        "page:1:4: error[K-RUN-008] template `lib` has no def `crad`",
        "page:1:4: error[K-RUN-008] template `lib` has no def `nope`",
    ];
    check(&templates, &expected);
    let checked = environment(&templates).check().unwrap();
    assert_eq!(checked.findings[0].notes, ["did you mean `card`?"]);
    assert_eq!(checked.findings[0].metadata["template"], "lib");
}

#[test]
fn a_failing_partial_is_told_once() {
    check(
        &[
            ("a.html", "{% include 'part.html' %}"),
            (
                "b.html",
                "{% include 'part.html' %}{% include 'part.html' %}",
            ),
            ("part.html", "{{ x | uper }}"),
        ],
        &["part.html:1:8: error[K-PAR-004] unknown filter `uper`"],
    );
}

#[test]
fn circles_are_told_once() {
    check(
        &[
            ("a.html", "{% extends 'b.html' %}"),
            ("b.html", "\n{% extends 'c.html' %}"),
            ("c.html", "{% extends 'b.html' %}"),
            ("d.html", "{% extends 'd.html' %}"),
            ("i.html", "{% import 'j.html' as j %}"),
            ("j.html", "{% import 'i.html' as i %}"),
            // These end by a condition, or never begin.
            ("k.html", "{% if x %}{% include 'k.html' %}{% end %}"),
            ("l.html", "{% extends 'l.html' if x else 'a.html' %}"),
        ],
        &[
            "c.html:1:4: error[K-TPL-003] templates go in a circle: b.html → c.html → b.html",
            "d.html:1:4: error[K-TPL-003] templates go in a circle: d.html → d.html",
            "j.html:1:4: error[K-TPL-003] templates go in a circle: i.html → j.html → i.html",
        ],
    );
}

#[test]
fn a_render_says_the_same_of_a_circle() {
    for (start, other) in [
        ("extends 'b'", "extends 'a'"),
        ("import 'b' as b", "import 'a' as a"),
    ] {
        let (a, b) = (format!("{{% {start} %}}"), format!("{{% {other} %}}"));
        let environment = environment(&[("a", &a), ("b", &b)]);
        let checked = environment.check().unwrap();
        let error = environment.render("a", &crate::context! {}).unwrap_err();
        assert_eq!(checked.findings[0].code, error.code(), "{start}");
    }
}

#[test]
fn a_long_chain_and_many_tags_are_no_trouble() {
    let chain: Vec<(String, String)> = (0..3_000)
        .map(|n| (format!("t{n}"), format!("{{% extends 't{}' %}}", n + 1)))
        .collect();
    let mut templates: Vec<(&str, &str)> = chain
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    let many: String = (0..5_000)
        .map(|n| format!("{{% include 'n{}' %}}\n", n % 7))
        .collect();
    templates.push(("many", &many));
    templates.push(("t3000", ""));
    let checked = environment(&templates).check().unwrap();
    assert_eq!(checked.findings.len(), 5_000);
    assert_eq!(checked.n_templates, 3_002);
}

#[test]
fn only_what_was_named_and_what_that_names_is_examined() {
    let environment = environment(&[
        ("a.html", "{% include 'b.html' %}"),
        ("b.html", "{{ x | uper }}"),
        ("c.html", "{{ x | uper }}"),
    ]);
    let checked = environment.check_templates(&["a.html"]).unwrap();
    assert_eq!(checked.n_templates, 2);
    assert_eq!(lines(&checked).len(), 1);
    let checked = environment
        .check_templates(&["d.html", "./a.html"])
        .unwrap();
    assert_eq!(
        lines(&checked),
        [
            "error[K-TPL-001] template `./a.html` not found",
            "error[K-TPL-001] template `d.html` not found"
        ]
    );
    assert!(checked.is_partial);
    assert_eq!(environment.cache_stats().size, 0, "a check keeps nothing");
}

#[test]
fn loaders_that_fail_do_not_stop_a_check() {
    struct Broken;
    impl Loader for Broken {
        fn load(&self, name: &str) -> Result<Source, LoadError> {
            match name {
                "bytes" => Err(LoadError::Encoding {
                    file: None,
                    offset: 9,
                    line: 3,
                }),
                "io" => Err(LoadError::Io {
                    file: None,
                    error: std::io::Error::other("on fire"),
                }),
                "panic" => panic!("oh"),
                "good" => Ok(Source::new("{{ x | uper }}")),
                _ => Err(LoadError::not_found()),
            }
        }
        fn list(&self) -> Option<Vec<String>> {
            Some(
                ["bytes", "gone", "good", "io", "panic"]
                    .map(str::to_owned)
                    .into(),
            )
        }
    }
    let checked = Environment::with_loader(Broken).check().unwrap();
    assert_eq!(
        lines(&checked),
        [
            "error[K-TPL-001] template `gone` not found",
            "bytes:3: error[K-TPL-006] template `bytes` is no UTF-8 at byte 9 (line 3)",
            "good:1:8: error[K-PAR-004] unknown filter `uper`",
            "io: error[K-TPL-007] template `io` cannot be read: on fire",
            "panic: error[K-RUN-007] host code panicked: oh",
        ]
    );
    assert!(checked.is_partial);
}

#[test]
fn a_request_that_cannot_be_served_is_an_error() {
    let error = Environment::new().check().unwrap_err();
    assert_eq!(error.code(), Code::RunNoLoader);
    let loader = FunctionLoader::new(|_| Ok(None));
    let environment = Environment::with_loader(loader);
    assert_eq!(environment.check().unwrap_err().code(), Code::Config);
    assert_eq!(environment.precompile().unwrap_err().len(), 1);
}

#[test]
fn everything_is_compiled_ahead_and_kept() {
    let good = environment(&[("a", "a"), ("b", "{{ b }}")]);
    assert_eq!(good.precompile().unwrap(), 2);
    assert_eq!(good.cache_stats().size, 2);
    let bad = environment(&[("a", "{{"), ("b", "b"), ("c", "{{ x | uper | lowr }}")]);
    let errors = bad.precompile().unwrap_err();
    let found: Vec<_> = errors
        .iter()
        .map(|it| (it.template(), it.others().len()))
        .collect();
    assert_eq!(found, [(Some("a"), 0), (Some("c"), 1)]);
}

#[test]
fn warnings_can_be_silenced_or_refuse() {
    let with = |warnings, silenced: &[Code]| {
        Environment::with_options(Options {
            warnings,
            silenced: silenced.iter().copied().collect(),
            ..Options::default()
        })
        .unwrap()
    };
    let source = "{{ a ?? b | upper }}";
    let count = |environment: Environment| {
        let template = environment
            .from_string(source)
            .map_err(|error| error.code())?;
        Ok(template.warnings().len())
    };
    assert_eq!(count(with(Warnings::Collect, &[])), Ok(1));
    assert_eq!(count(with(Warnings::Off, &[])), Ok(0));
    assert_eq!(count(with(Warnings::Error, &[])), Err(Code::WarnCoalesce));
    for choice in [Warnings::Collect, Warnings::Error] {
        assert_eq!(count(with(choice, &[Code::WarnCoalesce])), Ok(0));
    }
    assert_eq!(Warnings::parse("error"), Some(Warnings::Error));
    assert_eq!(Warnings::parse("errors"), None);
}

#[test]
fn declared_names_are_known_and_fail_when_called() {
    let mut environment = environment(&[(
        "a",
        "{{ x | money('EUR', short=true) }}{{ x is ours }}{{ link(1) }}",
    )]);
    assert_eq!(environment.check().unwrap().findings.len(), 2);
    environment.declare_filter("money");
    environment.declare_test("ours");
    environment.declare_function("link");
    assert_eq!(lines(&environment.check().unwrap()), [""; 0]);
    for (source, code, message) in [
        (
            "{{ 1 | money('EUR', short=true) }}",
            "K-RUN-002",
            "the filter `money` is declared, but it is not here",
        ),
        (
            "{{ 1 is ours }}",
            "K-RUN-003",
            "the test `ours` is declared, but it is not here",
        ),
        (
            "{{ link(1, a=2) }}",
            "K-RUN-007",
            "the function `link` is declared, but it is not here",
        ),
    ] {
        let template = environment.from_string(source).unwrap();
        let error = template.render(&crate::context! {}).unwrap_err();
        assert_eq!((error.code().as_str(), error.message()), (code, message));
        assert_eq!(error.hints(), ["render with the program that brings it"]);
    }
}

#[test]
fn declaring_what_is_there_changes_nothing() {
    let mut environment = Environment::new();
    environment.declare_filter("upper");
    environment.declare_test("even");
    environment.declare_function("range");
    let source = "{{ 'a' | upper }}{{ 2 is even }}{{ range(2) | length }}";
    let template = environment.from_string(source).unwrap();
    assert_eq!(template.render(&crate::context! {}).unwrap(), "ATrue2");
}

#[test]
fn a_finding_has_four_forms() {
    let environment = environment(&[("a:b.html", "one\n{{ x | uper }}\n{% if x %}{% end %}")]);
    let checked = environment.check().unwrap();
    let finding = &checked.findings[0];
    assert_eq!(
        finding.text().to_string(),
        "\
error[K-PAR-004]: unknown filter `uper`
  ┌─ a:b.html:2:8
1 │ one
2 │ {{ x | uper }}
  │        ^^^^ not known here
3 │ {% if x %}{% end %}
  help: did you mean `upper`?
  docs: k-par-004"
    );
    assert!(
        finding
            .text()
            .color(true)
            .to_string()
            .starts_with("\x1b[1;31merror")
    );
    assert_eq!(
        finding.github(None),
        "::error file=a%3Ab.html,line=2,col=8,title=K-PAR-004::unknown filter `uper`%0Ahelp: did you mean `upper`?"
    );
    assert_eq!(
        checked.json("site"),
        r#"{
  "diagnostics": [
    {
      "category": "parser",
      "code": "K-PAR-004",
      "confidence": "proven",
      "documentation_url": "errors.md#k-par-004",
      "kind": null,
      "message": "unknown filter `uper`",
      "metadata": {},
      "notes": [
        "did you mean `upper`?"
      ],
      "path": "a:b.html",
      "range": {
        "end": {
          "column": 11,
          "line": 2
        },
        "start": {
          "column": 7,
          "line": 2
        }
      },
      "related_locations": [],
      "safe_edit": null,
      "severity": "error",
      "source_snippet": {
        "column": 7,
        "error_line": 2,
        "lines": [
          {
            "line": 1,
            "text": "one"
          },
          {
            "line": 2,
            "text": "{{ x | uper }}"
          },
          {
            "line": 3,
            "text": "{% if x %}{% end %}"
          }
        ]
      },
      "suggestion": "did you mean `upper`?",
      "title": "filter"
    }
  ],
  "exit_code": 1,
  "partial": false,
  "root": "site",
  "schema_version": 1,
  "summary": {
    "errors": 1,
    "info": 0,
    "total": 1,
    "warnings": 0
  }
}
"#
    );
}

#[test]
fn names_of_templates_cannot_drive_a_terminal() {
    let environment = environment(&[("a\x1b[2J\n::x.html", "{% include 'b\x07\u{202e}' %}")]);
    let checked = environment.check().unwrap();
    let finding = &checked.findings[0];
    let shown = format!("{}\n{}", finding.text(), finding.short());
    assert!(!shown.contains(['\x1b', '\x07', '\u{202e}']), "{shown}");
    assert_eq!(finding.github(None).lines().count(), 1);
    assert!(!checked.json("").contains('\x1b'));
}

#[test]
fn an_open_block_names_both_places() {
    let checked = environment(&[("a", "{% if x %}\n\n")]).check().unwrap();
    let finding = &checked.findings[0];
    assert_eq!(finding.code, Code::ParUnclosedBlock);
    assert_eq!(finding.related.len(), 1, "{finding:?}");
    assert!(checked.is_partial);
    assert_eq!(
        (checked.exit_code(), checked.count(Severity::Warning)),
        (1, 0)
    );
}

#[test]
fn a_set_that_is_lost_points_at_its_read() {
    let source = "{% if x %}{% set y = 1 %}{% end %}\n{{ y }}";
    let checked = environment(&[("a.html", source)]).check().unwrap();
    let [finding] = checked.findings.as_slice() else {
        panic!("{checked:?}");
    };
    assert_eq!(
        (finding.code, finding.severity),
        (Code::WarnSetScope, Severity::Warning)
    );
    assert_eq!(
        finding.text().to_string(),
        "\
warning[K-WARN-002]: `y` is set inside an `if` and read after it, where the value is gone
  ┌─ a.html:1:18
1 │ {% if x %}{% set y = 1 %}{% end %}
  │                  ^ ends with the block
2 │ {{ y }}
  note: read here at a.html:2:4
  help: write `let y = …` or `export y = …` to keep it
  docs: k-warn-002"
    );
    assert_eq!(checked.exit_code(), 0);
}
