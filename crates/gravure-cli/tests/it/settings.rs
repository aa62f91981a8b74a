//! `gravure.toml`, and names that only the program brings.

use crate::Folder;

#[test]
fn settings_hold_for_every_command() {
    let folder = Folder::new(&[
        (
            "gravure.toml",
            b"\
roots = ['templates', 'shared']
autoescape = false
[aliases]
ui = 'parts/ui'
[delimiters]
variable_start = '<<'
variable_end = '>>'
[options]
trim_blocks = true
",
        ),
        (
            "templates/sub/page.html",
            b"{% if true %}\n<< '<' >>{% end %}{% include '@ui/card.html' %}",
        ),
        ("shared/parts/ui/card.html", b"card"),
        ("other/x.html", b"<< '<' >>{{ 1 }}"),
    ]);
    folder
        .run("render templates/sub/page.html")
        .gives(0, "<card\n", "");
    folder.run("render sub/page.html").gives(0, "<card\n", "");
    folder.run("render other/x.html").gives(0, "<{{ 1 }}\n", "");
    folder
        .run("render x.html --root other")
        .gives(0, "<{{ 1 }}\n", "");
    folder
        .run("check")
        .gives(0, "", "0 errors, 0 warnings in 2 templates\n");
    folder
        .run("check .")
        .gives(0, "", "0 errors, 0 warnings in 2 templates\n");
    assert_eq!(folder.run("disasm sub/page.html").code, Some(0));
    // The part lies in the other root.
    assert_eq!(folder.run("check templates").code, Some(1));
}

#[test]
fn settings_can_be_named() {
    let folder = Folder::new(&[
        (
            "set/my.toml",
            b"roots = ['../site']\nautoescape = 'markdown'\n",
        ),
        ("set/bare.toml", b"autoescape = false\n"),
        ("set/a.html", b"a"),
        ("site/b.html", b"{{ '<' }}"),
    ]);
    folder
        .run("render b.html --config set/my.toml")
        .gives(0, "\\<\n", "");
    folder
        .run("render b.html --root site --config set/bare.toml")
        .gives(0, "<\n", "");
    folder
        .run("check --config set/bare.toml")
        .gives(0, "", "0 errors, 0 warnings in 1 template\n");
}

#[test]
fn warnings_are_a_setting() {
    let warn: &[u8] = b"{{ x ?? 'b' | upper }}";
    for (setting, rendered, checked) in [
        ("warnings = 'collect'", 0, 0),
        ("warnings = 'off'", 0, 0),
        ("warnings = 'error'", 1, 1),
        ("warnings = 'error'\nsilenced = ['K-WARN-001']", 0, 0),
    ] {
        let folder = Folder::new(&[("gravure.toml", setting.as_bytes()), ("a.html", warn)]);
        assert_eq!(
            folder.run("render a.html").code,
            Some(rendered),
            "{setting}"
        );
        assert_eq!(folder.run("check").code, Some(checked), "{setting}");
    }
}

#[test]
fn bad_settings_are_one_message() {
    for (text, words) in [
        (
            "rots = ['a']",
            &["unknown key `rots`", "did you mean `roots`?"][..],
        ),
        (
            "zzzzzz = 1",
            &["unknown key `zzzzzz`", "known are roots, ext"],
        ),
        (
            "[delimiters]\nblock_strat = 'x'",
            &[
                "unknown key `delimiters.block_strat`",
                "did you mean `delimiters.block_start`?",
            ],
        ),
        (
            "[options]\ntrim_block = true",
            &["did you mean `options.trim_blocks`?"],
        ),
        (
            "roots = 'a'",
            &["`roots`", "cannot be \"a\"", "a list of texts would do"],
        ),
        ("filters = ['a b']", &["`filters`", "a list of names"]),
        ("silenced = ['K-1']", &["`silenced`", "K-WARN-001"]),
        ("autoescape = 'latex'", &["`autoescape`", "`\"markdown\"`"]),
        ("warnings = true", &["`warnings`", "`\"collect\"`"]),
        ("aliases = 3", &["`aliases`", "a table"]),
        (
            "[options]\nmax_nesting = -1",
            &["`options.max_nesting`", "not negative"],
        ),
        (
            "[options]\nmax_time = 'x'",
            &["`options.max_time`", "seconds"],
        ),
        (
            "[options]\nmax_nesting = 100000",
            &["K-CFG-001", "max_nesting"],
        ),
        ("[delimiters]\nblock_end = ''", &["K-CFG-001", "block_end"]),
        ("[aliases]\n'a/b' = 'x'", &["K-CFG-001", "a/b"]),
        (
            "roots = ['none']",
            &["the root `none` is no folder", "settings"],
        ),
        ("a = 1\nb", &["no TOML", "(line 2)"]),
    ] {
        let folder = Folder::new(&[("gravure.toml", text.as_bytes()), ("a.html", b"a")]);
        for args in ["check", "render a.html", "disasm a.html"] {
            // A file that lies in no root is rendered where it lies.
            if text.starts_with("roots = ['none']") && args != "check" {
                continue;
            }
            folder.run(args).refuses(2, words);
        }
    }
}

#[test]
fn roots_with_different_settings_need_a_choice() {
    let folder = Folder::new(&[
        ("one/gravure.toml", b""),
        ("two/gravure.toml", b""),
        ("two/x.toml", b""),
        ("one/a.html", b""),
        ("two/b.html", b""),
    ]);
    folder
        .run("check one two")
        .refuses(2, &["one/gravure.toml", "two/gravure.toml", "--config"]);
    let run = folder.run("check one two --config two/x.toml");
    run.gives(0, "", "0 errors, 0 warnings in 2 templates\n");
}

#[test]
fn a_declared_name_that_is_run_says_so() {
    let folder = Folder::new(&[
        ("a.html", b"{{ 1 | money('EUR', x=1) }}"),
        ("b.html", b"{{ 1 is ours }}"),
        ("c.html", b"{{ link(1) }}"),
        ("d.html", b"{% if false %}{{ 1 | money }}{% end %}d"),
    ]);
    for (name, words) in [
        (
            "a.html",
            &[
                "K-RUN-002",
                "the filter `money` is declared",
                "the program that brings it",
            ],
        ),
        (
            "b.html",
            &[
                "K-RUN-003",
                "the test `ours` is declared",
                "the program that brings it",
            ],
        ),
        (
            "c.html",
            &[
                "K-RUN-007",
                "the function `link` is declared",
                "the program that brings it",
            ],
        ),
    ] {
        let args = format!("render {name} --filters money --tests ours --functions link");
        folder.run(&args).refuses(1, words);
    }
    folder
        .run("render d.html --filters money")
        .gives(0, "d\n", "");
    folder
        .run("render d.html")
        .refuses(1, &["K-PAR-004", "unknown filter `money`"]);
}
