//! What `README.md` and `docs/embedding.md` promise about using Gravure, beyond
//! the programs that they show, which are in `snippets.rs`.

use gravure::{
    AutoEscape, Context, Environment, Options, context,
    loader::{ChoiceLoader, FileLoader, LoadError, Loader, MapLoader, PrefixLoader, Source},
    options::AutoReload,
};
use std::{
    fs,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

fn with(templates: &[(&str, &str)]) -> Environment {
    Environment::with_loader(MapLoader::from_iter(templates.iter().copied()))
}

#[test]
fn the_report_in_the_readme_is_what_is_printed() {
    let environment = with(&[("page.html", "<article>\n  <h1>{{ titl }}</h1>\n</article>")]);
    let page = environment.get_template("page.html").unwrap();
    let error = page.render(&context! { title => "T" }).unwrap_err();
    let readme = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../README.md");
    let readme = fs::read_to_string(readme).unwrap();
    let report = error.report().to_string();
    assert!(readme.contains(report.trim_end()), "{report}");
}

#[test]
fn the_example_page_renders_the_same_every_way() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/blog");
    let data = fs::read_to_string(folder.join("index.json")).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let environment = Environment::with_loader(FileLoader::new(&folder));
    let page = environment.get_template("index.html").unwrap();
    let text = page.render(&data).unwrap();
    assert!(
        text.contains("<title>Latest – Ink &amp; Paper</title>"),
        "{text}"
    );
    assert!(
        text.contains("<li aria-current=\"page\">Home</li>"),
        "{text}"
    );
    assert!(text.contains("by an unknown author"), "{text}");
    assert!(text.contains("4 posts since 2023-01-08."), "{text}");
    let pieces: Result<String, _> = page.render_stream(&data).collect();
    assert_eq!(pieces.unwrap(), text);
    let prepared = Context::from_serialize(&data).unwrap();
    assert_eq!(page.render(&prepared).unwrap(), text);
    assert!(text.contains(&page.render_block("content", &data).unwrap()));
}

#[test]
fn the_examples_have_no_findings() {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    for (folder, filters) in [("blog", &[][..]), ("server/templates", &["size"])] {
        let mut environment = Environment::with_loader(FileLoader::new(examples.join(folder)));
        for name in filters {
            environment.declare_filter(name);
        }
        let checked = environment.check().unwrap();
        let found: Vec<String> = checked.findings.iter().map(|it| it.short()).collect();
        assert!(found.is_empty() && checked.n_templates > 2, "{found:?}");
    }
}

#[test]
fn options_decide_how_sources_are_read() {
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(MapLoader::from([(
            "a.md",
            "{% if true %}\n*{{ x }}*{% end %}",
        )]))),
        autoescape: AutoEscape::parse("markdown").unwrap(),
        trim_blocks: true,
        ..Options::default()
    })
    .unwrap();
    let page = environment
        .render("a.md", &context! { x => "a*b" })
        .unwrap();
    assert_eq!(page, "*a\\*b*");
    let refused = Environment::with_options(Options {
        ambiguous_width: Some(7),
        ..Options::default()
    });
    assert_eq!(refused.unwrap_err().code().as_str(), "K-CFG-001");
}

#[test]
fn closures_are_filters_tests_and_functions() {
    let mut environment = Environment::new();
    environment.add_filter("shout", |text: &str| format!("{}!", text.to_uppercase()));
    environment.add_test("blank", |text: &str| text.trim().is_empty());
    environment.add_function("add", |lhs: i64, rhs: Option<i64>| lhs + rhs.unwrap_or(1));
    let site = serde_json::json!({"title": "Ink & Paper"});
    environment.add_global("site", &site).unwrap();
    let template = environment
        .from_string(
            "{{ 'a' | shout }} {{ ' ' is blank }} {{ add(1) }} {{ add(1, 4) }} {{ site.title }}",
        )
        .unwrap();
    assert_eq!(
        template.render(&context! {}).unwrap(),
        "A! True 2 5 Ink &amp; Paper"
    );
}

#[test]
fn an_error_of_a_closure_has_the_template_s_place_and_can_be_had_back() {
    let mut environment = with(&[("a.html", "x\n{{ 'x' | number }}")]);
    environment.add_filter("number", |text: &str| text.parse::<i64>());
    let page = environment.get_template("a.html").unwrap();
    let error = page.render(&context! {}).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-002");
    assert_eq!((error.template(), error.line()), (Some("a.html"), Some(2)));
    let host = error.host_error().unwrap();
    assert!(host.is::<std::num::ParseIntError>());
}

#[test]
fn a_page_that_is_not_found_suggests_one_that_is() {
    let environment = with(&[
        ("index.html", "{% include 'foter.html' %}"),
        ("footer.html", ""),
    ]);
    let error = environment.get_template("indx.html").unwrap_err();
    assert_eq!(error.suggestion().as_deref(), Some("index.html"));
    assert_eq!((error.template(), error.line()), (None, None));
    let error = environment.render("index.html", &context! {}).unwrap_err();
    assert_eq!(error.suggestion().as_deref(), Some("footer.html"));
    assert_eq!(
        (error.template(), error.line()),
        (Some("index.html"), Some(1))
    );
}

#[test]
fn loaders_can_be_put_together() {
    let loader = ChoiceLoader::new()
        .or(MapLoader::from([("a", "mine")]))
        .or(PrefixLoader::new().at("lib", MapLoader::from([("a", "theirs")])));
    let environment = Environment::with_loader(loader);
    let render = |name: &str| environment.render(name, &context! {}).unwrap();
    assert_eq!(
        (render("a"), render("lib/a")),
        ("mine".to_owned(), "theirs".to_owned())
    );
}

#[test]
fn a_source_that_changes_is_read_again_unless_told_not_to() {
    for (auto_reload, after) in [(AutoReload::Always, "new"), (AutoReload::Never, "old")] {
        let loader = Arc::new(MapLoader::from([("a", "old")]));
        let environment = Environment::with_options(Options {
            loader: Some(loader.clone()),
            auto_reload,
            ..Options::default()
        })
        .unwrap();
        assert_eq!(environment.render("a", &context! {}).unwrap(), "old");
        loader.insert("a", "new");
        assert_eq!(environment.render("a", &context! {}).unwrap(), after);
        environment.clear_cache();
        assert_eq!(environment.render("a", &context! {}).unwrap(), "new");
    }
}

/// Counts how often it is asked, and takes its time.
struct Slow(Arc<AtomicUsize>);

impl Loader for Slow {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        thread::sleep(std::time::Duration::from_millis(20));
        match name {
            "a" => Ok(Source::new("{{ n }}")),
            _ => Err(LoadError::not_found()),
        }
    }
}

#[test]
fn many_threads_compile_a_template_once() {
    let asked = Arc::new(AtomicUsize::new(0));
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(Slow(asked.clone()))),
        auto_reload: AutoReload::Never,
        ..Options::default()
    })
    .unwrap();
    thread::scope(|scope| {
        for n in 0..8 {
            let environment = &environment;
            scope.spawn(move || {
                let page = environment.render("a", &context! { n => n }).unwrap();
                assert_eq!(page, n.to_string());
            });
        }
    });
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[test]
fn a_loader_that_asks_for_what_it_is_asked_for_ends() {
    use std::sync::{Arc, OnceLock};

    struct Circle(Arc<OnceLock<Environment>>);
    impl Loader for Circle {
        fn load(&self, name: &str) -> Result<Source, LoadError> {
            let environment = self.0.get().expect("it is there when it is asked");
            match environment.get_template(name) {
                Ok(_) => Err(LoadError::not_found()),
                Err(error) => Err(LoadError::Other(error.message().to_owned().into())),
            }
        }
    }
    let place = Arc::new(OnceLock::new());
    let circle = Circle(place.clone());
    place.set(Environment::with_loader(circle)).ok();
    let environment = place.get().unwrap();
    let error = environment.get_template("a").unwrap_err();
    let shown = format!("{error:?} {error}");
    assert!(shown.contains("deeper than 16"), "{shown}");
    // The way out is the way in: the next question begins anew.
    let again = environment.get_template("a").unwrap_err();
    assert_eq!(again.to_string(), error.to_string());
}

#[test]
fn a_loader_that_panics_is_an_error() {
    struct Broken;
    impl Loader for Broken {
        fn load(&self, _: &str) -> Result<Source, LoadError> {
            panic!("no network")
        }
    }
    let environment = Environment::with_loader(Broken);
    for _ in 0..2 {
        let error = environment.get_template("a").unwrap_err();
        assert_eq!(error.code().as_str(), "K-RUN-007");
        assert!(error.message().contains("no network"));
    }
}
