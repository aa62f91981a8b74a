//! Names that try to get out of loaders: through prefixes, choices, aliases and
//! relative names. What is asked for is never found, and a loader is never asked
//! for a name that is none.

use gravure::{
    Code, Environment, Options, context,
    loader::{
        ChoiceLoader, FileLoader, FunctionLoader, LoadError, Loader, MapLoader, PrefixLoader,
        Source,
    },
};
use std::{
    fs,
    path::PathBuf,
    sync::{Arc, Mutex},
    thread,
};

const STACK: usize = 128 << 10;

/// Remembers what it is asked for, and has everything.
#[derive(Clone, Default)]
struct Witness(Arc<Mutex<Vec<String>>>);

impl Loader for Witness {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        self.0.lock().unwrap().push(name.to_owned());
        Ok(Source::new("seen"))
    }
    fn list(&self) -> Option<Vec<String>> {
        None
    }
}

/// A folder with `root/in.html` in it, and `secret.html` beside `root`.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("gravure-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("root/sub")).unwrap();
    fs::write(folder.join("root/in.html"), "inside").unwrap();
    fs::write(folder.join("root/sub/in.html"), "sub").unwrap();
    fs::write(folder.join("secret.html"), "secret").unwrap();
    folder
}

/// Names for a loader under the prefix `a`, and one under `b`.
fn escapes(outside: &str) -> Vec<String> {
    let mut names: Vec<String> = [
        "a/../secret.html",
        "a/../../secret.html",
        "a/sub/../../secret.html",
        "a/sub/../../../secret.html",
        "a\\..\\secret.html",
        "a\\sub\\..\\..\\secret.html",
        "a/..\\secret.html",
        "a/./../secret.html",
        "a//../secret.html",
        "a//secret.html",
        "a///secret.html",
        "a/",
        "a",
        "a/.",
        "a/..",
        "a/...",
        "a/..../secret.html",
        "/a/secret.html",
        "//a/in.html",
        "../a/secret.html",
        "./a/../../secret.html",
        "b/../a/../secret.html",
        "aa/in.html",
        "A/in.html",
        " a /in.html",
        "a\0/in.html",
        "a/\0in.html",
        "a/in.html\0",
        "a/in.html\0/../../secret.html",
        "a/C:/secret.html",
        "a/C:secret.html",
        "a/\\\\host\\secret",
        "a/%2e%2e/secret.html",
        "a/..%2fsecret.html",
        "a/\u{2025}/secret.html",
        "a/\u{ff0e}\u{ff0e}/secret.html",
        "a/..\u{200b}/secret.html",
        "a/. ./secret.html",
        "a/.. /secret.html",
        "a/ ../secret.html",
        "@a/../secret.html",
        "@up/secret.html",
        "@upup/secret.html",
        "@chain/secret.html",
        "@chain2/secret.html",
        "@own/secret.html",
        "@root/secret.html",
        "@deep/../../secret.html",
        "@deep/..",
        "@/secret.html",
        "@@up/secret.html",
        "@up\\secret.html",
        "@",
        "@up",
        "a/@up/secret.html",
        "..",
        ".",
        "",
        "/",
        "\\",
        "a/in.html/",
        "a/in.html/.",
        "a/in.html/../../secret.html",
        "a/sub",
        "a/sub/",
        "\u{202e}lmth.terces/../a",
        "\u{feff}a/in.html",
    ]
    .map(str::to_owned)
    .to_vec();
    names.push(outside.to_owned());
    names.push(format!("a/{outside}"));
    names.push(format!("a{outside}"));
    names.push(format!("a/{}", "x".repeat(5_000)));
    names.push(format!("a/{}", "x".repeat(1 << 20)));
    names.push(format!("{}/in.html", "a".repeat(1 << 20)));
    names.push(format!("a/{}in.html", "./".repeat(100_000)));
    names.push(format!("a/{}secret.html", "../".repeat(100_000)));
    names.push(format!("a/{}secret.html", "sub/../".repeat(100_000)));
    names.push(format!("{}secret.html", "@up/".repeat(100_000)));
    names.push("a/".repeat(100_000));
    names
}

fn aliases() -> std::collections::BTreeMap<String, String> {
    [
        ("up", ".."),
        ("upup", "a/../.."),
        ("chain", "@chain2"),
        ("chain2", "@chain"),
        ("own", "@own"),
        ("root", "/"),
        ("deep", "a/sub"),
        ("good", "a"),
        ("", "a/.."),
    ]
    .map(|(alias, folder)| (alias.to_owned(), folder.to_owned()))
    .into()
}

fn with(loader: impl Loader + 'static) -> Environment {
    Environment::with_options(Options {
        loader: Some(Arc::new(loader)),
        template_aliases: aliases(),
        ..Options::default()
    })
    .unwrap()
}

/// Every name, asked for by the host and by tags, gives nothing from outside.
fn nothing_gets_out(loader: impl Loader + 'static, outside: String) {
    let work = move || {
        let environment = with(loader);
        let tags = [
            "{% include name %}",
            "{% extends name %}",
            "{% embed name %}{% end %}",
            "{% import name as x %}{{ x }}",
            "{% from name import f %}",
        ];
        for name in escapes(&outside) {
            let shown: String = name.chars().take(40).collect();
            if let Ok(template) = environment.get_template(&name) {
                let page = template.render(&context! {}).unwrap();
                assert!(
                    page == "inside" || page == "sub",
                    "{shown:?} gives {page:?}"
                );
            }
            for tag in tags {
                for caller in ["a/sub/main", "a/../main"] {
                    let Ok(template) = environment.from_named_string(caller, tag) else {
                        continue;
                    };
                    match template.render(&context! { name => &*name }) {
                        Ok(page) => {
                            assert!(!page.contains("secret"), "{shown:?} in {tag}: {page:?}")
                        }
                        Err(error) => {
                            let report = error.report().to_string();
                            assert!(!report.contains('\0'), "{shown:?}");
                            assert!(report.len() < 8 << 20, "{shown:?}");
                        }
                    }
                }
            }
        }
        let good = environment.get_template("@good/in.html").unwrap();
        assert_eq!(good.render(&context! {}).unwrap(), "inside");
    };
    let thread = thread::Builder::new().stack_size(STACK).spawn(work);
    thread.unwrap().join().expect("the thread survives");
}

#[test]
fn no_name_gets_out_of_a_prefix() {
    let folder = folder("prefixes");
    let outside = folder.join("secret.html").to_string_lossy().into_owned();
    let files = || FileLoader::new(folder.join("root"));
    nothing_gets_out(PrefixLoader::new().at("a", files()), outside.clone());
    nothing_gets_out(
        PrefixLoader::new()
            .at("a", files())
            .at("..", files())
            .at("", files())
            .at("b", PrefixLoader::new().at("..", files())),
        outside.clone(),
    );
    nothing_gets_out(
        ChoiceLoader::new()
            .or(MapLoader::from([("x", "x")]))
            .or(PrefixLoader::new().at("a", ChoiceLoader::new().or(files()))),
        outside,
    );
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn delimiters_that_are_parts_of_names_lead_nowhere() {
    let folder = folder("delimiters");
    for delimiter in ["..", ".", "../", "::", "a", "\\", "\0", "//"] {
        let files = FileLoader::new(folder.join("root"));
        let loader = PrefixLoader::with_delimiter(delimiter).at("p", files);
        let environment = with(loader);
        for rest in [
            "../secret.html",
            "/../secret.html",
            "secret.html",
            "/secret.html",
            ".",
            "",
            "\\..\\secret.html",
        ] {
            let name = format!("p{delimiter}{rest}");
            let found = environment.get_template(&name);
            assert!(found.is_err(), "{name:?} with {delimiter:?}");
        }
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn loaders_are_asked_for_names_alone() {
    let witness = Witness::default();
    let asked = witness.0.clone();
    let loader = PrefixLoader::new()
        .at("a", witness.clone())
        .at("..", witness.clone())
        .at("", witness.clone())
        .at(".", witness);
    let environment = with(ChoiceLoader::new().or(loader));
    for name in escapes("/secret.html") {
        let _ = environment.get_template(&name);
    }
    for name in asked.lock().unwrap().iter() {
        let shown: String = name.chars().take(40).collect();
        assert!(!name.split('/').any(|part| part == ".."), "{shown:?}");
        assert!(!name.contains('\\'), "{shown:?}");
    }
    assert!(asked.lock().unwrap().len() > 10, "some are names");
}

#[test]
fn aliases_are_replaced_once() {
    let function = FunctionLoader::new(|name: &str| Ok(Some(Source::new(name.to_owned()))));
    let environment = with(function);
    for (name, found) in [
        ("@good/x", Some("a/x")),
        ("@deep/x", Some("a/sub/x")),
        ("@chain/x", Some("@chain2/x")),
        ("@own/x", Some("@own/x")),
        ("@up/x", None),
        ("@upup/x", None),
        ("@/x", None),
        ("@nobody/x", None),
        ("@@up/x", None),
    ] {
        let page = environment
            .get_template(name)
            .and_then(|it| it.render(&context! {}));
        match (page, found) {
            (Ok(page), Some(found)) => assert_eq!(page, found, "{name}"),
            (Err(error), None) => assert_eq!(error.code(), Code::TplNotFound, "{name}"),
            (page, found) => panic!("{name}: {page:?}, not {found:?}"),
        }
    }
}
