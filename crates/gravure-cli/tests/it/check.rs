//! `gravure check`.

use crate::Folder;
use std::{fs, path::Path};

const SITE: &[(&str, &[u8])] = &[
    ("site/base.html", b"{% block body %}{% end %}\n"),
    (
        "site/page.html",
        b"{% extends 'bas.html' %}\n{% block body %}{{ x | uper }}{{ y | lowr }}{% end %}\n",
    ),
    ("site/warn.html", b"{{ a ?? b | upper }}\n"),
    ("site/bytes.html", b"a\xff"),
    // No templates.
    ("site/style.css", b"{{"),
    ("site/.hidden.html", b"{{"),
    ("site/node_modules/x.html", b"{{"),
];

#[test]
fn a_clean_site_has_no_findings() {
    let folder = Folder::new(&[("site/a.html", b"{{ x }}"), ("site/sub/b.txt", b"")]);
    let run = folder.run("check site");
    run.gives(0, "", "0 errors, 0 warnings in 2 templates\n");
    let run = folder.run("check site --format json");
    run.gives(
        0,
        r#"{
  "diagnostics": [],
  "exit_code": 0,
  "partial": false,
  "root": "site",
  "schema_version": 1,
  "summary": {
    "errors": 0,
    "info": 0,
    "total": 0,
    "warnings": 0
  }
}
"#,
        "",
    );
}

#[test]
fn a_folder_without_templates_is_told() {
    let folder = Folder::new(&[("site/style.css", b"{{")]);
    let told = "no template was found below `site`: no file there ends in html, htm, xml, svg, \
                txt, md, jinja, j2, kida, gravure\n";
    let summary = "0 errors, 0 warnings in 0 templates\n";
    let run = folder.run("check site");
    run.gives(0, "", &format!("{told}{summary}"));
    let run = folder.run("check site --format short --ext .htm");
    let told = "no template was found below `site`: no file there ends in htm\n";
    run.gives(0, "", told);
    folder
        .run("check site --ext .")
        .refuses(2, &["`.` is no ending", "--ext html,txt"]);
    folder
        .run("check none")
        .refuses(2, &["`none` is no folder", "help"]);
    folder
        .run("check site --deny foo")
        .refuses(2, &["unknown code `foo`"]);
    folder
        .run("check")
        .refuses(2, &["not said where the templates are"]);
}

#[test]
fn every_finding_of_every_file_is_a_line() {
    let folder = Folder::new(SITE);
    folder.run("check site --format short").gives(
        1,
        "\
bytes.html:1: error[K-TPL-006] template `bytes.html` is no UTF-8 at byte 1 (line 1)
page.html:1:4: error[K-TPL-001] template `bas.html` not found
page.html:2:24: error[K-PAR-004] unknown filter `uper`
page.html:2:38: error[K-PAR-004] unknown filter `lowr`
warn.html:1:13: warning[K-WARN-001] the filter applies to the right side of `??` only
",
        "",
    );
}

#[test]
fn findings_for_people_have_everything() {
    let folder = Folder::new(&[("site/a.html", b"one\n{{ x | uper }}\n")]);
    folder.run("check site").gives(
        1,
        "\
error[K-PAR-004]: unknown filter `uper`
  ┌─ a.html:2:8
1 │ one
2 │ {{ x | uper }}
  │        ^^^^ not known here
3 │ 
  help: did you mean `upper`?
  docs: k-par-004

",
        "1 error, 0 warnings in 1 template\n",
    );
}

#[test]
fn build_services_are_given_files() {
    let folder = Folder::new(&[("site/sub/a.html", b"{{ x | uper }}")]);
    folder.run("check site --format github").gives(
        1,
        "::error file=site/sub/a.html,line=1,col=8,title=K-PAR-004::unknown filter `uper`%0Ahelp: did you mean `upper`?\n",
        "",
    );
}

#[test]
fn json_agrees_with_the_exit_code() {
    let folder = Folder::new(SITE);
    for (args, code) in [
        ("check site --format json", 1),
        (
            "check site --format json --allow K-TPL-001,K-TPL-006,K-PAR-004",
            0,
        ),
        (
            "check site --format json --allow K-TPL-001,K-TPL-006,K-PAR-004 --deny warnings",
            1,
        ),
    ] {
        let run = folder.run(args);
        assert_eq!((run.code, &*run.err), (Some(code), ""), "{args}");
        let said = format!("\n  \"exit_code\": {code},\n  \"partial\": true,\n");
        assert!(run.out.contains(&said), "{}", run.out);
        assert!(!run.out.contains(folder.0.to_str().unwrap()), "{}", run.out);
    }
}

#[test]
fn warnings_alone_are_no_failure_unless_denied() {
    let folder = Folder::new(&[("site/a.html", b"{{ a ?? b | upper }}")]);
    for (args, code, severity) in [
        ("check site --format short", 0, "warning[K-WARN-001]"),
        (
            "check site --format short --deny warnings",
            1,
            "error[K-WARN-001]",
        ),
        (
            "check site --format short --deny K-WARN-001",
            1,
            "error[K-WARN-001]",
        ),
        (
            "check site --format short --deny K-PAR-004",
            0,
            "warning[K-WARN-001]",
        ),
    ] {
        let run = folder.run(args);
        assert_eq!(run.code, Some(code), "{args}");
        assert!(run.out.contains(severity), "{args}: {}", run.out);
    }
    let run = folder.run("check site --format short --allow K-WARN-001");
    run.gives(0, "", "");
}

#[test]
fn the_first_root_that_has_a_name_counts() {
    let folder = Folder::new(&[
        ("one/a.html", b"{% include 'b.html' %}"),
        ("two/a.html", b"{{ x | uper }}"),
        ("two/b.html", b""),
    ]);
    folder
        .run("check one two")
        .gives(0, "", "0 errors, 0 warnings in 2 templates\n");
    assert_eq!(folder.run("check one").code, Some(1));
}

#[test]
fn endings_say_what_a_template_is() {
    let folder = Folder::new(&[
        ("site/a.tpl", b"{{"),
        ("site/b.HTML", b""),
        ("site/c", b"{{"),
    ]);
    let run = folder.run("check site");
    run.gives(0, "", "0 errors, 0 warnings in 1 template\n");
    assert_eq!(folder.run("check site --ext .tpl,html").code, Some(1));
}

#[test]
fn requests_that_cannot_be_served_are_one_message() {
    let folder = Folder::new(&[("site/a.html", b"")]);
    for (args, words) in [
        ("check none", &["`none` is no folder", "help"][..]),
        ("check site/a.html", &["is no folder"]),
        ("check", &["where the templates are", "gravure.toml"]),
        ("check site --format xml", &["xml", "json"]),
        ("check site --unknown", &["--unknown", "Usage"]),
        (
            "check site --deny K-WARN-1",
            &["did you mean `K-WARN-001`?"],
        ),
        ("check site --allow all", &["unknown code `all`"]),
        ("check site --filters a-b", &["`--filters` has `a-b`"]),
        (
            "check site --config none.toml",
            &["none.toml", "cannot be read"],
        ),
    ] {
        folder.run(args).refuses(2, words);
    }
}

/// Two hundred templates of a kind, and some that use what only their program
/// brings.
fn real_site() -> Folder {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/workloads/corpus");
    let folder = Folder::new(&[
        ("gravure.toml", b"roots = ['templates']\n"),
        (
            "templates/shop/cart.html",
            b"{% extends 't024.html' %}{{ total | money('EUR') }}{{ link_to('x') }}",
        ),
        (
            "templates/shop/item.html",
            b"{% if item is sold_out %}{{ item.price | money }}{% end %}",
        ),
        ("templates/mail.txt", b"{{ text | wrap_mail(width=72) }}"),
    ]);
    let mut n_files = 0;
    for entry in fs::read_dir(corpus).unwrap() {
        let entry = entry.unwrap();
        fs::copy(
            entry.path(),
            folder.0.join("templates").join(entry.file_name()),
        )
        .unwrap();
        n_files += u32::from(entry.path().extension().is_some_and(|it| it == "html"));
    }
    assert!(n_files >= 200);
    folder
}

#[test]
fn a_real_site_is_clean_when_its_own_names_are_declared() {
    let folder = real_site();
    let run = folder.run("check --format short");
    assert_eq!(
        run.out,
        "\
mail.txt:1:11: error[K-PAR-004] unknown filter `wrap_mail`
shop/cart.html:1:37: error[K-PAR-004] unknown filter `money`
shop/item.html:1:15: error[K-PAR-005] unknown test `sold_out`
shop/item.html:1:42: error[K-PAR-004] unknown filter `money`
"
    );
    assert_eq!(run.code, Some(1));
    let run = folder.run("check --filters money,wrap_mail --tests sold_out --functions link_to");
    assert_eq!((run.code, &*run.out), (Some(0), ""));
    assert!(
        run.err.starts_with("0 errors, 0 warnings in 20"),
        "{}",
        run.err
    );
    let run = folder.run("check --filters money --tests sold_out");
    assert_eq!(run.code, Some(1));
    fs::write(
        folder.0.join("gravure.toml"),
        "roots = ['templates']\nfilters = ['money', 'wrap_mail']\ntests = ['sold_out']\n",
    )
    .unwrap();
    assert_eq!(folder.run("check").code, Some(0));
}
