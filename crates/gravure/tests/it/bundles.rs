//! Templates from a bundle are the templates they were built of: same pages,
//! same errors, and no bundle is taken that does not fit.

use gravure::{
    AutoEscape, Environment, Error, Limits, Options,
    bundle::{
        Bundle, BundleBuilder, BundleError, DependencyKind, Escape, Identity, Mismatch, NativeKind,
        SecretKey, Trust,
    },
    context,
    loader::{FileLoader, Loader, MapLoader},
    policy::Policy,
};
use std::{fs, path::PathBuf, sync::Arc};

const SITE: [(&str, &str); 4] = [
    (
        "page.html",
        "{% extends 'base.html' %}{% block body %}{{ title | upper }} {{ price(3) }}{% end %}",
    ),
    (
        "base.html",
        "<main>{% block body %}{% end %}</main>{% include './parts/foot.html' %}",
    ),
    (
        "parts/foot.html",
        "{% def price(n, unit='€') %}{{ n }} {{ unit }}{% end %}<i>{{ title.missing.deep }}</i>",
    ),
    (
        "note.md.kida",
        "{% if n is odd %}odd{% end %}{{ range(n) | length }}",
    ),
];

fn site(templates: &[(&'static str, &'static str)]) -> Environment {
    Environment::with_loader(MapLoader::from_iter(templates.iter().copied()))
}

fn built(environment: &Environment) -> Bundle {
    BundleBuilder::new(environment)
        .open()
        .expect("nothing is wrong")
}

/// Code, template, line, columns and sentence.
fn told(error: &Error) -> impl PartialEq + std::fmt::Debug + use<> {
    (
        error.code(),
        error.template().map(str::to_owned),
        (error.line(), error.column(), error.end_column()),
        error.message().to_owned(),
        error.template_stack().to_vec(),
    )
}

#[test]
fn pages_and_errors_are_the_same() {
    let source = site(&SITE);
    let price = |n: i64| n * 2;
    let mut source = source;
    source.add_function("price", price);
    let stripped = BundleBuilder::new(&source).strip().open().unwrap();
    for (bundle, has_source) in [(built(&source), true), (stripped, false)] {
        let mut bundled = Environment::new();
        bundled.add_function("price", price);
        bundled.add_bundle(bundle).unwrap();
        let names = ["base.html", "note.md.kida", "page.html", "parts/foot.html"];
        assert_eq!(bundled.list_templates().unwrap(), names);
        let data = context! { n => 3, title => "a" };
        let page = bundled.render("note.md.kida", &data).unwrap();
        assert_eq!(page, source.render("note.md.kida", &data).unwrap());
        let error = bundled.render("page.html", &data).unwrap_err();
        assert_eq!(
            told(&error),
            told(&source.render("page.html", &data).unwrap_err())
        );
        assert_eq!(error.template(), Some("parts/foot.html"));
        assert_eq!(error.snippet().is_some(), has_source);
        let template = bundled.get_template("page.html").unwrap();
        assert_eq!(template.source().is_some(), has_source);
        let missing = bundled.get_template("none.html").unwrap_err();
        assert_eq!(missing.code().as_str(), "K-TPL-001");
    }
}

#[test]
fn a_bundle_stands_before_the_loader() {
    let bundle = built(&site(&[
        ("a.html", "bundled"),
        ("b.html", "{% include 'c.html' %}"),
        ("c.html", "c"),
    ]));
    let mut mixed = site(&[("a.html", "loaded"), ("d.html", "{% include 'a.html' %}!")]);
    assert_eq!(mixed.render("a.html", &context! {}).unwrap(), "loaded");
    mixed.add_bundle(bundle).unwrap();
    for (name, page) in [
        ("a.html", "bundled"),
        ("b.html", "c"),
        ("d.html", "bundled!"),
    ] {
        assert_eq!(mixed.render(name, &context! {}).unwrap(), page);
    }
    assert_eq!(
        mixed.list_templates().unwrap(),
        ["a.html", "b.html", "c.html", "d.html"]
    );
    assert_eq!(mixed.bundles().len(), 1);
    // The first bundle that has a template wins.
    mixed
        .add_bundle(built(&site(&[("a.html", "later")])))
        .unwrap();
    assert_eq!(mixed.render("a.html", &context! {}).unwrap(), "bundled");
}

#[test]
fn options_come_with_the_bundle() {
    let mut options = Options {
        loader: Some(Arc::new(MapLoader::from([
            ("a.txt", "[% if true %]\n  <$ x $>[% end %]"),
            ("b.html", "[% include '@ui/c.html' %]"),
            ("parts/c.html", "<$ x $>"),
        ]))),
        trim_blocks: true,
        autoescape: AutoEscape::by_name(|name| match name {
            Some("a.txt") => gravure::options::Mode::Off,
            _ => gravure::options::Mode::On,
        }),
        ..Options::default()
    };
    let it = &mut options.delimiters;
    (it.block_start, it.block_end) = ("[%".into(), "%]".into());
    (it.variable_start, it.variable_end) = ("<$".into(), "$>".into());
    options.template_aliases.insert("ui".into(), "parts".into());
    let source = Environment::with_options(options).unwrap();
    let bundle = Arc::new(built(&source));
    let bundled = Environment::from_bundle(bundle.clone()).unwrap();
    for name in ["a.txt", "b.html"] {
        let data = context! { x => "<" };
        assert_eq!(
            bundled.render(name, &data).unwrap(),
            source.render(name, &data).unwrap()
        );
    }
    // Somebody else's options are listed, each.
    let found = Environment::new().bundle_mismatches(&bundle);
    let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "option `@ui` was \"parts\", here it is nothing",
            "option `block_end` was \"%]\", here it is \"%}\"",
            "option `block_start` was \"[%\", here it is \"{%\"",
            "option `trim_blocks` was \"true\", here it is \"false\"",
            "option `variable_end` was \"$>\", here it is \"}}\"",
            "option `variable_start` was \"<$\", here it is \"{{\"",
            "`a.txt` was compiled as Text, here it would be Html",
        ]
    );
}

#[test]
fn everything_that_is_missing_is_listed() {
    let mut source = site(&[(
        "a.html",
        "{{ x | shout | upper }}{% if x is nice %}{{ now() }}{{ brand }}{% end %}{{ range(2) }}",
    )]);
    source.add_filter("shout", |text: &str| text.to_uppercase());
    source.add_test("nice", |_: &str| true);
    source.add_function("now", || 1i64);
    source.add_global("brand", "B").unwrap();
    let bundle = Arc::new(built(&source));
    let needs = bundle.manifest().natives.iter();
    let needs: Vec<_> = needs
        .map(|it| (it.kind, it.name.as_str(), it.identity.clone()))
        .collect();
    assert_eq!(
        needs,
        [
            (NativeKind::Filter, "shout", Identity::Host),
            (NativeKind::Filter, "upper", Identity::Builtin),
            (NativeKind::Test, "nice", Identity::Host),
            (NativeKind::Function, "now", Identity::Host),
            (NativeKind::Function, "range", Identity::Builtin),
            (NativeKind::Global, "brand", Identity::Host),
        ]
    );
    let mut here = Environment::new();
    here.add_filter("upper", |text: &str| text.to_owned());
    let found = here.bundle_mismatches(&bundle);
    assert!(matches!(found[1], Mismatch::Other { .. }));
    let error = here.add_bundle(bundle.clone()).unwrap_err();
    assert_eq!(error.code().as_str(), "K-CFG-001");
    assert_eq!(
        error.hints(),
        [
            "there is no filter `shout`",
            "the filter `upper` was a builtin, here it is one of the program",
            "there is no test `nice`",
            "there is no function `now`",
            "there is no global `brand`",
        ]
    );
    // Refused means unchanged.
    assert!(here.bundles().is_empty());
    assert!(source.add_bundle(bundle).is_ok());
}

#[test]
fn what_is_not_there_is_found_when_a_bundle_is_built() {
    let broken = site(&[
        ("a.html", "ok\n  {% include 'missing.html' %}"),
        (
            "b.html",
            "{% include 'maybe.html' ignore missing %}{% extends 'a.html' %}",
        ),
        ("c.html", "{{ x | nope }}"),
        ("d.html", "{% from 'lib.html' import f %}"),
        ("e.html", "{% include name %}"),
    ]);
    let found = BundleBuilder::new(&broken).build().unwrap_err();
    let found: Vec<String> = found.iter().map(|it| it.short()).collect();
    assert_eq!(
        found,
        [
            "a.html:2:6: error[K-TPL-001] template `missing.html` not found",
            "c.html:1:8: error[K-PAR-004] unknown filter `nope`",
            "d.html:1:4: error[K-TPL-001] template `lib.html` not found",
        ]
    );
    let none = BundleBuilder::new(&Environment::new()).build().unwrap_err();
    assert_eq!(none[0].code.as_str(), "K-RUN-016");
}

#[test]
fn what_is_named_comes_along() {
    let bytes = BundleBuilder::new(&site(&[
        ("a.html", "{% include './b.html' %}"),
        ("b.html", "b"),
        ("c.html", "c"),
    ]))
    .build_templates(&["a.html"])
    .unwrap();
    let bundle = Bundle::open(bytes, &Trust::Own).unwrap();
    let names: Vec<_> = bundle.templates().map(|it| it.name.to_owned()).collect();
    assert_eq!(names, ["a.html", "b.html"]);
    let edges = &bundle.details().unwrap()[0].edges;
    assert_eq!(edges[0].kind, DependencyKind::Include);
    assert_eq!((&*edges[0].target, edges[0].line), ("b.html", 1));
    bundle.verify().unwrap();
    assert_eq!(bundle.template("a.html").unwrap().escape, Escape::Html);
}

#[test]
fn strangers_have_bounds_and_can_only_lower_them() {
    let endless = "{% for a in range(9000) %}{% for b in range(9000) %}{% for c in range(9000) %}\
                   {% end %}{% end %}{% end %}";
    let source = site(&[("a.html", endless), ("b.html", "{{ 'x' * 9437184 }}")]);
    let bytes = BundleBuilder::new(&source).build().unwrap();
    let mut here = Environment::with_options(Options {
        limits: Limits {
            text: 1_000,
            ..Limits::default()
        },
        ..Options::default()
    })
    .unwrap();
    here.add_bundle(Bundle::open(bytes, &Trust::Untrusted).unwrap())
        .unwrap();
    let error = here.render("a.html", &context! {}).unwrap_err();
    assert_eq!(error.message(), "loop rounds is used up (limit 1000000)");
    // What the host bounds lower stays lower.
    assert!(here.render("b.html", &context! {}).is_err());
    // Its own templates have the same bounds now: they may include another.
    let own = here.from_string(endless).unwrap();
    assert_eq!(own.render(&context! {}).unwrap_err().code(), error.code());
    let data = context! {};
    let mut pieces = own.render_stream(&data);
    assert!(pieces.any(|piece| piece.is_err()));
}

#[test]
fn a_render_without_bounds_runs_no_stranger() {
    let mut here = site(&[("a.html", "a{% flush %}{% include 'x.html' %}")]);
    let stranger = BundleBuilder::new(&site(&[("x.html", "x")]))
        .build()
        .unwrap();
    let own = here.get_template("a.html").unwrap();
    let data = context! {};
    let mut pieces = own.render_stream(&data);
    assert_eq!(pieces.next().unwrap().unwrap(), "a");
    let bundle = Bundle::open(stranger, &Trust::Untrusted).unwrap();
    here.add_bundle(bundle).unwrap();
    let error = pieces.next().unwrap().unwrap_err();
    assert!(error.message().contains("is not trusted"), "{error}");
    // The next render has bounds.
    assert_eq!(own.render(&data).unwrap(), "ax");
}

#[test]
fn a_policy_holds_for_bundles() {
    let with = |policy: Policy| {
        Environment::with_options(Options {
            loader: Some(Arc::new(MapLoader::from([("a.html", "{{ x | upper }}")]))),
            policy,
            ..Options::default()
        })
        .unwrap()
    };
    let free = with(Policy::default());
    let bytes = BundleBuilder::new(&free).build().unwrap();
    let open = |trust: &Trust| Bundle::open(bytes.clone(), trust).unwrap();
    // What was compiled under another policy does not fit.
    let mut strict = with(Policy {
        tags: Policy::only(["if"]),
        ..Policy::default()
    });
    for (trust, n_found) in [(Trust::Own, 1), (Trust::Untrusted, 2)] {
        assert_eq!(strict.bundle_mismatches(&open(&trust)).len(), n_found);
    }
    assert!(strict.add_bundle(open(&Trust::Own)).is_err());
    let own = BundleBuilder::new(&strict).build().unwrap();
    let own = Bundle::open(own, &Trust::Own).unwrap();
    strict.add_bundle(own).unwrap();
    assert_eq!(
        strict.render("a.html", &context! { x => "b" }).unwrap(),
        "B"
    );
}

#[test]
fn a_damaged_chunk_costs_its_template_only() {
    let source = site(&[("a.html", "{{ x }}aaaa"), ("b.html", "bbbb")]);
    let mut bytes = BundleBuilder::new(&source).strip().build().unwrap();
    let at = bytes.windows(4).position(|it| it == b"aaaa").unwrap();
    bytes[at] = b'c';
    let bundle = Bundle::open(bytes, &Trust::Own).unwrap();
    assert_eq!(
        bundle.verify().unwrap_err(),
        [BundleError::ChunkHash {
            name: "a.html".into()
        }]
    );
    let environment = Environment::from_bundle(bundle).unwrap();
    assert_eq!(environment.render("b.html", &context! {}).unwrap(), "bbbb");
    let error = environment.get_template("a.html").unwrap_err();
    assert_eq!(error.code().as_str(), "K-TPL-007");
    assert!(error.message().contains("is not what its hash was made of"));
}

#[test]
fn signed_bundles_are_taken_from_those_one_knows() {
    let source = site(&[("a.html", "a")]);
    let key = SecretKey::from_bytes([3; 32]);
    let bytes = BundleBuilder::new(&source)
        .version(4)
        .sign(&key)
        .build()
        .unwrap();
    let trust = |keys, least_version| Trust::Signed {
        keys,
        least_version,
    };
    let bundle = Bundle::open(bytes.clone(), &trust(vec![key.public()], 4)).unwrap();
    assert!(bundle.is_trusted());
    let environment = Environment::from_bundle(bundle).unwrap();
    assert_eq!(environment.render("a.html", &context! {}).unwrap(), "a");
    for (keys, least) in [(vec![], 0), (vec![key.public()], 5)] {
        assert!(Bundle::open(bytes.clone(), &trust(keys, least)).is_err());
    }
}

/// A folder of templates, written in this order.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str, templates: &[(&str, &str)]) -> Self {
        let root = std::env::temp_dir().join(format!("gravure-{}-{name}", std::process::id()));
        for (name, text) in templates {
            let file = root.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(root)
    }

    fn bundle(&self) -> Vec<u8> {
        let loader: Arc<dyn Loader> = Arc::new(FileLoader::new(&self.0));
        let mut environment = Environment::with_options(Options {
            loader: Some(loader),
            ..Options::default()
        })
        .unwrap();
        environment.add_function("price", |n: i64| n);
        let key = SecretKey::from_bytes([1; 32]);
        BundleBuilder::new(&environment).sign(&key).build().unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn the_same_templates_are_the_same_bytes() {
    let mut other_order = SITE;
    other_order.reverse();
    let one = Folder::new("bundle-one", &SITE);
    let other = Folder::new("a-bundle-elsewhere", &other_order);
    assert!(one.bundle() == other.bundle());
    assert!(one.bundle() == one.bundle());
    // And nothing of where they lay is in it.
    let bytes = one.bundle();
    assert!(!bytes.windows(10).any(|it| it == b"bundle-one"));
}

#[test]
fn a_file_of_the_program_is_a_bundle_or_not() {
    let opened = gravure::include_bundle!("bundles.rs");
    assert_eq!(opened.unwrap_err(), BundleError::NotABundle);
}

#[test]
fn chunks_of_another_compiler_do_not_fit() {
    let bytes = BundleBuilder::new(&site(&[("a.html", "a")]))
        .build()
        .unwrap();
    let bundle = Bundle::open(bytes, &Trust::Own).unwrap();
    assert_eq!(bundle.manifest().origin.edition, "kida-0.12");
    assert!(Environment::new().bundle_mismatches(&bundle).is_empty());
}
