//! Names, characters and numbers that have broken engines: each gives a page,
//! or the code that says what is wrong, on a stack of 128 KiB.

use gravure::{
    Code, Environment, Error, Options, context,
    loader::{FileLoader, MapLoader},
};
use std::{fs, path::Path, sync::Arc, thread};

const STACK: usize = 128 << 10;

fn small<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK).spawn(run);
    thread.unwrap().join().expect("the thread survives")
}

fn render(source: impl Into<String>) -> Result<String, Error> {
    let source = source.into();
    small(move || {
        Environment::new()
            .from_string(&source)?
            .render(&context! { n => 1 })
    })
}

fn code(result: Result<String, Error>) -> Code {
    result.expect_err("an error").code()
}

/// The code of `main` among several templates.
fn code_among(templates: &'static [(&'static str, &'static str)]) -> Code {
    code(small(move || {
        let environment = Environment::with_loader(MapLoader::from_iter(templates.iter().copied()));
        environment.get_template("main")?.render(&context! {})
    }))
}

#[test]
fn circles_of_three_end() {
    assert_eq!(
        code_among(&[
            ("main", "{% include 'b' %}"),
            ("b", "{% include 'c' %}"),
            ("c", "{% include 'main' %}"),
        ]),
        Code::RunDepth
    );
    assert_eq!(
        code_among(&[
            ("main", "{% extends 'b' %}"),
            ("b", "{% extends 'c' %}"),
            ("c", "{% extends 'main' %}"),
        ]),
        Code::TplCycle
    );
    assert_eq!(
        code_among(&[
            ("main", "{% from 'b' import f %}"),
            ("b", "{% import 'c' as c %}{% def f() %}{% end %}"),
            ("c", "{% from 'main' import g %}"),
        ]),
        Code::TplCycle
    );
    assert_eq!(
        code_among(&[
            ("main", "{% embed 'b' %}{% block x %}{% end %}{% end %}"),
            ("b", "{% block x %}{% end %}{% embed 'main' %}{% end %}"),
        ]),
        Code::RunDepth
    );
    // By turns: an include leads to a child whose parent includes again.
    assert_eq!(
        code_among(&[
            ("main", "{% include 'child' %}"),
            ("child", "{% extends 'base' %}{% block b %}x{% end %}"),
            ("base", "{% block b %}{% end %}{% include 'main' %}"),
        ]),
        Code::RunDepth
    );
}

#[test]
fn callers_and_slots_that_call_each_other_end() {
    let mutual = "{% def a() %}{% call b() %}{% slot %}{% end %}{% end %}{% end %}\
        {% def b() %}{% call a() %}{% yield %}{% end %}{% end %}{% call a() %}x{% end %}";
    assert_eq!(code(render(mutual)), Code::RunCallDepth);
    let caller = "{% def f(g) %}{{ g(g) }}{% end %}{{ f(f) }}";
    assert_eq!(code(render(caller)), Code::RunCallDepth);
    let region = "{% region r() %}{{ r() }}{% end %}{{ r() }}";
    assert_eq!(code(render(region)), Code::RunCallDepth);
}

#[test]
fn names_of_a_megabyte() {
    let name = "x".repeat(1 << 20);
    assert_eq!(
        code(render(format!("{{{{ {name} }}}}"))),
        Code::RunUndefined
    );
    assert_eq!(
        render(format!("{{% set {name} = 7 %}}{{{{ {name} }}}}")).unwrap(),
        "7"
    );
    for source in [
        format!("{{% {name} %}}"),
        format!("{{{{ n | {name} }}}}"),
        format!("{{{{ n is {name} }}}}"),
        format!("{{{{ n.{name} }}}}"),
    ] {
        let error = render(source).expect_err("no such thing");
        // What is said of it stays short enough to be read.
        assert!(error.report().to_string().len() < 8 << 20);
    }
}

#[test]
fn whatever_is_open_is_an_error() {
    for source in [
        "{{",
        "{%",
        "{{ (",
        "{{ [",
        "{{ {",
        "{{ 'a",
        "{{ \"a",
        "{% if",
        "{% if n",
        "{% if n %}",
        "{{ ( ] }}",
        "{{ [ ) }}",
        "{{ n ) }}",
        "{{ n ] }}",
        "{{ n } }}",
        "{% end %}",
        "{% endfor %}",
        "{% else %}",
        "{% elif n %}",
        "{% case 1 %}",
        "{% fallback %}",
        "{% for x in [1] %}{% end %}{% end %}",
        "{% raw %}",
        "{% raw %}{% end %}",
        "{% def f( %}",
        "{% try %}",
        "{% block %}",
        "{{ n | }}",
        "{{ | n }}",
        "{{ n is }}",
        "{{ . }}",
        "{{ n. }}",
        "{{ n.. }}",
        "{{ 1 + }}",
        "{{ }}",
        "{% %}",
        "{% slot %}{% end %}{% end %}",
        "{% call n %}",
        "{% plural %}",
        "{% trans %}{% if n %}",
    ] {
        let error = match render(source) {
            Err(error) => error,
            Ok(page) => panic!("{source} gives {page:?}"),
        };
        let kind = error.code().as_str();
        assert!(
            kind.starts_with("K-PAR") || kind.starts_with("K-LEX") || kind.starts_with("K-TPL"),
            "{source}: {kind}"
        );
    }
}

#[test]
fn odd_characters_are_text_outside_of_tags() {
    for text in [
        "\0",
        "a\0b",
        "\u{feff}x",
        "x\u{feff}",
        "\u{202e}abc\u{202c}",
        "e\u{301}\u{302}\u{303}",
        "\u{200d}\u{200b}",
        "\u{1f468}\u{200d}\u{1f469}",
        "\u{2028}\u{2029}",
        "\u{85}",
        "\u{10ffff}",
        "} }",
        "{ {",
        "%}",
        "}}",
        "#}",
    ] {
        assert_eq!(render(text).unwrap(), text, "{text:?}");
        let printed = render(format!("{{{{ '{text}' | safe }}}}"));
        assert_eq!(printed.unwrap(), text, "{text:?}");
    }
    let combining = format!("a{}", "\u{301}".repeat(100_000));
    assert_eq!(render(combining.clone()).unwrap(), combining);
    for source in [
        "{{ \0 }}",
        "{{ n\u{202e} }}",
        "{{ \u{feff}n }}",
        "{% if\u{200b} n %}",
    ] {
        let kind = code(render(source));
        assert!(
            matches!(kind.as_str().get(..5), Some("K-LEX" | "K-PAR")),
            "{source:?}: {kind}"
        );
    }
}

#[test]
fn a_lone_return_ends_a_line() {
    let error = render("a\rb\r{{ nobody }}").unwrap_err();
    assert_eq!(error.code(), Code::RunUndefined);
    assert!(error.line().is_some_and(|line| (1..=3).contains(&line)));
    assert!(render("a\r{% if n %}\rb\r{% end %}").is_ok());
}

#[test]
fn numbers_at_every_edge() {
    for (source, page) in [
        ("9223372036854775807 + 1", "9223372036854775808"),
        ("-9223372036854775807 - 1", "-9223372036854775808"),
        ("-9223372036854775808 - 1", "-9223372036854775809"),
        ("-(-9223372036854775807 - 1)", "9223372036854775808"),
        ("(-9223372036854775807 - 1) // -1", "9223372036854775808"),
        ("(-9223372036854775807 - 1) % -1", "0"),
        ("(-9223372036854775807 - 1) | abs", "9223372036854775808"),
        ("abs(-9223372036854775807 - 1)", "9223372036854775808"),
        (
            "9223372036854775807 * 9223372036854775807",
            "85070591730234615847396907784232501249",
        ),
        ("9007199254740993 == 9007199254740992.0", "False"),
        ("9223372036854775807 < 9223372036854775808.0", "True"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("-0.0", "-0.0"),
        ("0.0 == -0.0", "True"),
        ("1 / 3", "0.3333333333333333"),
        ("[1, 2, 3][-9223372036854775807:]", "[1, 2, 3]"),
        ("[1, 2, 3][:99999999999999999999]", "[1, 2, 3]"),
        ("[1, 2, 3][::9223372036854775807]", "[1]"),
        ("[1, 2, 3][::-9223372036854775807]", "[3]"),
        ("range(9223372036854775807) | length", "9223372036854775807"),
        ("(1..3 by 9223372036854775807) | list", "[1]"),
    ] {
        assert_eq!(
            render(format!("{{{{ {source} }}}}")).unwrap(),
            page,
            "{source}"
        );
    }
    for (source, expected) in [
        ("1 / 0", Code::RunZero),
        ("1 // 0", Code::RunZero),
        ("1 % 0", Code::RunZero),
        ("1.0 % 0", Code::RunZero),
        ("0 ** -1", Code::RunZero),
        ("2 ** 99999999", Code::RunBudget),
        ("[0] * 9223372036854775807", Code::RunBudget),
        ("'%999999999d' % 1", Code::RunBudget),
        ("'{:999999999}' | format(1)", Code::RunBudget),
    ] {
        assert_eq!(
            code(render(format!("{{{{ {source} }}}}"))),
            expected,
            "{source}"
        );
    }
}

#[test]
fn a_map_of_a_million_keys() {
    let map: std::collections::BTreeMap<String, u32> =
        (0..1_000_000).map(|n| (format!("k{n}"), n)).collect();
    let context = gravure::Context::from_serialize(&serde_json::json!({ "m": map })).unwrap();
    let template = Environment::new()
        .from_string("{{ m | length }} {{ m.k999999 }} {{ 'k5' in m }} {{ m.get('nope', 0) }}")
        .unwrap();
    assert_eq!(template.render(&context).unwrap(), "1000000 999999 True 0");
}

fn folder(name: &str) -> std::path::PathBuf {
    let folder = std::env::temp_dir().join(format!("gravure-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("root/sub")).unwrap();
    fs::write(folder.join("root/in.html"), "inside").unwrap();
    fs::write(folder.join("secret.html"), "secret").unwrap();
    folder
}

#[test]
fn no_name_leaves_the_root() {
    let folder = folder("names");
    let options = Options {
        loader: Some(Arc::new(FileLoader::new(folder.join("root")))),
        template_aliases: [("up".to_owned(), "..".to_owned())].into(),
        ..Options::default()
    };
    let environment = Environment::with_options(options).unwrap();
    let outside = folder.join("secret.html");
    let mut names: Vec<String> = [
        "../secret.html",
        "sub/../../secret.html",
        "./../secret.html",
        "..\\secret.html",
        "sub\\..\\..\\secret.html",
        "/secret.html",
        "//secret.html",
        "@up/secret.html",
        "@nobody/secret.html",
        "..",
        ".",
        "",
        "/",
        "sub",
        "in.html/",
        "in.html/../../secret.html",
        "in.html\0",
        "in.html\0.txt",
        "\0",
        "C:secret.html",
        "C:\\secret.html",
        "\\\\host\\secret",
        "....//secret.html",
        "%2e%2e/secret.html",
        "..%2fsecret.html",
        "\u{2025}/secret.html",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(outside.to_string_lossy().into_owned());
    names.push("a".repeat(5_000));
    names.push("a/".repeat(5_000));
    names.push(format!("{}secret.html", "../".repeat(1_000)));
    for name in names {
        let error = match environment.get_template(&name) {
            Err(error) => error,
            Ok(template) => panic!("{name:?} gives {:?}", template.render(&context! {})),
        };
        assert!(error.code().as_str().starts_with("K-"), "{name:?}");
        assert!(!error.to_string().contains('\0'), "{name:?}");
        let source = "{% include name %}";
        let included = environment.from_string(source).unwrap();
        let page = included.render(&context! { name => &*name });
        assert!(page.is_err(), "{name:?} is included as {page:?}");
    }
    assert_eq!(
        environment
            .get_template("in.html")
            .unwrap()
            .render(&context! {})
            .unwrap(),
        "inside"
    );
    fs::remove_dir_all(folder).unwrap();
}

#[cfg(unix)]
#[test]
fn no_link_leaves_the_root() {
    use std::os::unix::fs::symlink;
    let folder = folder("links");
    let root = folder.join("root");
    symlink("../secret.html", root.join("up.html")).unwrap();
    symlink(folder.join("secret.html"), root.join("far.html")).unwrap();
    symlink("..", root.join("parent")).unwrap();
    symlink("self.html", root.join("self.html")).unwrap();
    symlink("in.html", root.join("good.html")).unwrap();
    let environment = Environment::with_loader(FileLoader::new(&root));
    for name in ["up.html", "far.html", "parent/secret.html", "self.html"] {
        assert!(environment.get_template(name).is_err(), "{name}");
    }
    let good = environment.get_template("good.html").unwrap();
    assert_eq!(good.render(&context! {}).unwrap(), "inside");
    assert!(Path::new(&root).exists());
    fs::remove_dir_all(folder).unwrap();
}
