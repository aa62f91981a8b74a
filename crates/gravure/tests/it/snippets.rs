//! The programs of `README.md`, `docs/embedding.md` and `docs/cli.md`, run.
//!
//! Each stands here as it stands there, line by line, in a function that gives
//! it what it needs around it; the last tests find every program of the pages
//! in this file, and every option and loader on the page.

use std::{error::Error as StdError, fs, path::Path};

type Done = Result<(), Box<dyn StdError>>;

mod the_smallest_program {
    fn main() -> Result<(), gravure::Error> {
        let environment = gravure::Environment::new();
        let template = environment.from_string("Hello {{ user | upper }}!")?;
        println!("{}", template.render(&gravure::context! { user => "Ada" })?);
        Ok(())
    }

    #[test]
    fn runs() {
        main().unwrap();
    }
}

#[test]
fn loaders() -> Done {
    use gravure::loader::{ChoiceLoader, FileLoader, FunctionLoader, MapLoader};
    use gravure::loader::{PrefixLoader, Source};
    use gravure::{Environment, context};

    let mail = MapLoader::from([("note.txt", "Dear {{ name }}")]);
    let version = FunctionLoader::new(|name: &str| match name {
        "version.txt" => Ok(Some(Source::new("1.2"))),
        _ => Ok(None),
    });
    let loader = ChoiceLoader::new()
        .or(FileLoader::new("templates").and("shared/templates"))
        .or(PrefixLoader::new().at("mail", mail))
        .or(version);

    let environment = Environment::with_loader(loader);
    let note = environment.render("mail/note.txt", &context! { name => "Ada" })?;
    assert_eq!(note, "Dear Ada");
    Ok(())
}

#[test]
fn embedded() -> Done {
    use gravure::{Environment, context, embed_templates};

    let environment = Environment::with_loader(embed_templates!("tests/embedded"));
    let owner = serde_json::json!({"name": "Ada"});
    let page = environment.render("page.html", &context! { title => "Home", owner => owner })?;

    assert!(page.starts_with("<h1>Home</h1>"));
    Ok(())
}

#[test]
fn a_loader_of_its_own() -> Done {
    use gravure::loader::{LoadError, Loader, Source};

    struct Wiki;

    impl Loader for Wiki {
        fn load(&self, name: &str) -> Result<Source, LoadError> {
            match name {
                "home" => Ok(Source::new("Welcome, {{ name }}.")),
                "secret" => Err(LoadError::Other("the wiki does not answer".into())),
                _ => Err(LoadError::not_found()),
            }
        }
    }

    let environment = gravure::Environment::with_loader(Wiki);
    let page = environment.render("home", &gravure::context! { name => "Ada" })?;
    assert_eq!(page, "Welcome, Ada.");
    let error = environment.get_template("secret").unwrap_err();
    assert!(error.message().contains("the wiki does not answer"));
    assert_eq!(
        environment.get_template("x").unwrap_err().code().as_str(),
        "K-TPL-001"
    );
    Ok(())
}

#[test]
fn options() -> Done {
    use gravure::{AutoEscape, Environment, Options, loader::FileLoader, options::Mode};
    use std::sync::Arc;

    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(FileLoader::new("templates"))),
        autoescape: AutoEscape::by_name(|name| match name {
            Some(name) if name.ends_with(".txt") => Mode::Off,
            Some(name) if name.ends_with(".md") => Mode::Markdown,
            _ => Mode::On,
        }),
        trim_blocks: true,
        ..Options::default()
    })?;

    for (name, page) in [("a.txt", "<"), ("a.md", "\\<"), ("a.html", "&lt;")] {
        let template = environment.from_named_string(name, "{{ '<' }}")?;
        assert_eq!(template.render(&gravure::context! {})?, page);
    }
    Ok(())
}

#[test]
#[expect(dead_code, reason = "a field is skipped")]
fn data() -> Done {
    use gravure::{Bindings, Context, Environment, Object, context};
    use serde_json::json;

    #[derive(Object)]
    struct User {
        name: String,
        tags: Vec<String>,
        #[object(rename = "mail")]
        address: Option<String>,
        #[object(skip)]
        password: String,
    }

    let environment = Environment::new();
    let hello = environment.from_string("{{ user.name }} likes {{ user.tags[0] }}")?;

    // Names and values.
    let tags = ["ink", "paper"];
    let by_hand = context! { user => json!({"name": "Ada", "tags": tags}) };
    assert_eq!(hello.render(&by_hand)?, "Ada likes ink");

    // JSON, used where it lies.
    let value = json!({"user": {"name": "Ada", "tags": ["ink"]}});
    assert_eq!(hello.render(&value)?, "Ada likes ink");

    // Anything that serializes, converted once.
    let prepared = Context::from_serialize(&value)?;
    assert_eq!(hello.render(&prepared)?, "Ada likes ink");

    // A struct, read in place: no field is touched before a template asks for it.
    let user = User {
        name: "Ada".to_owned(),
        tags: vec!["ink".to_owned()],
        address: None,
        password: "none of yours".to_owned(),
    };
    let context = Bindings::new()
        .lend("user", &user)
        .lend("site", &value)
        .give("visits", 3);
    assert_eq!(hello.render(&context)?, "Ada likes ink");

    let alone = environment.from_string("{{ name }}, {{ mail is none }}")?;
    assert_eq!(alone.render(&user)?, "Ada, True");
    assert!(
        environment
            .from_string("{{ password }}")?
            .render(&user)
            .is_err()
    );
    Ok(())
}

#[test]
fn an_object_by_hand() -> Done {
    use gravure::{AsData, Data, Object};

    struct Clock {
        hour: i64,
    }

    impl Object for Clock {
        fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
            match name {
                "hour" => Some(Data::Int(self.hour)),
                "is_early" => Some(Data::Bool(self.hour < 8)),
                _ => None,
            }
        }

        // For "did you mean".
        fn attrs(&self) -> Vec<&str> {
            vec!["hour", "is_early"]
        }
    }

    impl AsData for Clock {
        fn as_data(&self) -> Data<'_> {
            Data::Object(self)
        }
    }

    let clock = Clock { hour: 7 };
    let context = gravure::Bindings::new().lend("clock", &clock);
    let environment = gravure::Environment::new();
    let page = environment.from_string("{{ clock.hour }} {{ clock.is_early }}")?;
    assert_eq!(page.render(&context)?, "7 True");
    let wrong = environment.from_string("{{ clock.our }}")?.render(&context);
    assert_eq!(wrong.unwrap_err().suggestion().as_deref(), Some("hour"));
    Ok(())
}

#[test]
fn an_object_that_answers_by_two_words() -> Done {
    use gravure::{AsData, Data, FieldName, Given, Object, Slot};

    struct Lamp {
        watts: f64,
        room: String,
    }

    impl Object for Lamp {
        fn field<'a>(&'a self, name: FieldName, to: Slot<'_, 'a>) -> Given<'a> {
            const WATTS: FieldName = FieldName::new("watts");
            const ROOM: FieldName = FieldName::new("room");
            match name {
                WATTS => to.put(&self.watts),
                ROOM => to.put(&self.room),
                _ => Given::UNKNOWN,
            }
        }

        // Whatever `field` does not know.
        fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
            match name {
                "is_brighter_than_day" => Some(Data::Bool(self.watts > 100.0)),
                _ => None,
            }
        }
    }

    impl AsData for Lamp {
        fn as_data(&self) -> Data<'_> {
            Data::Object(self)
        }
    }

    let lamp = Lamp {
        watts: 4.5,
        room: "<hall>".to_owned(),
    };
    let context = gravure::Bindings::new().lend("lamp", &lamp);
    let environment = gravure::Environment::new();
    let page = environment
        .from_string("{{ lamp.room }} {{ lamp.watts }} {{ lamp.is_brighter_than_day }}")?;
    assert_eq!(page.render(&context)?, "&lt;hall&gt; 4.5 False");
    let wrong = environment
        .from_string("{{ lamp.price }}")?
        .render(&context);
    assert!(wrong.is_err());
    Ok(())
}

#[test]
fn closures() -> Done {
    use gravure::{Context, Data, Environment, Error, context};

    fn environment() -> Result<Environment, Error> {
        let mut environment = Environment::new();
        environment.add_filter("shout", |text: &str| format!("{}!", text.to_uppercase()));
        environment.add_filter("join_all", |items: Vec<&str>, between: Option<&str>| {
            items.join(between.unwrap_or(", "))
        });
        environment.add_filter("number", |text: &str| text.parse::<i64>());
        environment.add_test("blank", |text: &str| text.trim().is_empty());
        environment.add_function("add", |lhs: i64, rhs: Option<i64>| lhs + rhs.unwrap_or(1));
        environment.add_function("bold", |text: &str| {
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            Data::Safe(format!("<b>{text}</b>").into())
        });
        environment.add_global("site", &serde_json::json!({"title": "Ink & Paper"}))?;
        Ok(environment)
    }

    let page = environment()?.from_string(
        "{{ 'a' | shout }} {{ ['b', 'c'] | join_all }} {{ '7' | number }} {{ ' ' is blank }} \
         {{ add(1) }} {{ add(1, 4) }} {{ bold('<i>') }} {{ site.title }}",
    )?;
    assert_eq!(
        page.render(&Context::new())?,
        "A! b, c 7 True 2 5 <b>&lt;i></b> Ink &amp; Paper"
    );
    let local = context! { site => serde_json::json!({"title": "Mine"}) };
    assert!(page.render(&local)?.ends_with("Mine"));
    Ok(())
}

#[test]
fn values_that_stay() -> Done {
    use gravure::{Environment, Options, context};
    use std::sync::Arc;

    let environment = Environment::with_options(Options {
        static_context: Some(Arc::new(context! { release => "1.2" }.tree().clone())),
        ..Options::default()
    })?;
    let footer = environment.from_string("{{ release }}")?;
    assert_eq!(footer.render(&context! { release => "9" })?, "1.2");
    Ok(())
}

#[test]
fn ways_of_rendering() -> Done {
    use gravure::{Environment, context, loader::MapLoader};

    let environment = Environment::with_loader(MapLoader::from([
        (
            "base.html",
            "<h1>{% block title %}{% end %}</h1>{% block body %}{% end %}",
        ),
        (
            "page.html",
            "{% extends 'base.html' %}{% block title %}{{ title }}{% end %}",
        ),
    ]));
    let page = environment.get_template("page.html")?;
    let context = context! { title => "Ink & Paper" };
    let whole = page.render(&context)?;
    assert_eq!(whole, "<h1>Ink &amp; Paper</h1>");

    // Pieces, joined, are the page.
    let pieces: Result<String, gravure::Error> = page.render_stream(&context).collect();
    assert_eq!(pieces?, whole);

    let mut sink = Vec::new();
    page.render_to(&context, &mut sink)?;
    assert_eq!(sink, whole.as_bytes());

    assert_eq!(page.list_blocks()?, ["title", "body"]);
    assert_eq!(page.render_block("title", &context)?, "Ink &amp; Paper");

    let blocks = [("body".to_owned(), "<p>ready</p>".to_owned())];
    let replaced = page.render_with_blocks(&context, &blocks)?;
    assert_eq!(replaced, "<h1>Ink &amp; Paper</h1><p>ready</p>");
    Ok(())
}

/// A server may move a render to another thread.
fn sent<T>(future: impl Future<Output = T> + Send) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}

#[test]
fn awaiting() -> Done {
    use gravure::{Environment, Error, awaitable, context};

    async fn profile(id: i64) -> Result<String, std::io::Error> {
        Ok(format!("user {id}"))
    }

    async fn page() -> Result<String, Error> {
        let mut environment = Environment::new();
        environment.add_function("profile", |id: i64| awaitable(profile(id)));
        let template = environment.from_string("<h1>{{ await profile(7) }}</h1>")?;
        template.render_async(&context! {}).await
    }

    assert_eq!(sent(page())?, "<h1>user 7</h1>");
    Ok(())
}

mod at_once {
    use gravure::{Bindings, Template, awaitable};

    /// `spawn` is your executor's: it begins the work and gives a handle that is a
    /// future of its end.
    async fn both<H>(
        template: &Template,
        spawn: impl Fn(&'static str) -> H,
    ) -> Result<String, gravure::Error>
    where
        H: Future<Output = Result<String, std::io::Error>> + Send + 'static,
    {
        let context = Bindings::new()
            .give("posts", awaitable(spawn("posts")))
            .give("comments", awaitable(spawn("comments")));
        // {{ await posts }} … {{ await comments }}
        template.render_async(&context).await
    }

    #[test]
    fn runs() {
        let environment = gravure::Environment::new();
        let source = "{{ await posts }}, {{ await comments }}";
        let template = environment.from_string(source).unwrap();
        let page = super::sent(both(&template, |what| async move { Ok(what.to_owned()) }));
        assert_eq!(page.unwrap(), "posts, comments");
    }
}

#[test]
fn the_render_that_calls() -> Done {
    use gravure::{Environment, RenderContext, RenderOptions, context};

    let mut environment = Environment::new();
    environment.add_filter("trace", |render: &RenderContext, text: &str| {
        let template = render.template().unwrap_or_default();
        format!("{text} ({template}:{})", render.line())
    });
    environment.add_function("visits", |render: &RenderContext| render.meta("visits"));
    let page = environment.from_named_string("page.txt", "{{ 'here' | trace }}, {{ visits() }}")?;
    let options = RenderOptions::default().meta("visits", 3);
    assert_eq!(
        page.render_with(&context! {}, &options)?,
        "here (page.txt:1), 3"
    );
    Ok(())
}

#[test]
fn turns() -> Done {
    use gravure::{Environment, Progress, context};

    let environment = Environment::new();
    let long = environment.from_string("{% for i in range(1000000) %}{{ i }}{% end %}")?;
    let short = environment.from_string("{% for i in range(100) %}{{ i }}{% end %}")?;
    let data = context! {};

    let mut renders = vec![long.begin(&data)?, short.begin(&data)?];
    let mut n_turns = 0;
    'serve: loop {
        for render in &mut renders {
            n_turns += 1;
            match render.step(10_000)? {
                // Send it; `Waiting` asks to be called again when its waker says so.
                Progress::Piece(_) | Progress::Waiting | Progress::OutOfSteps => {}
                Progress::Done(_) => break 'serve,
            }
        }
    }
    assert_eq!(n_turns, 2);
    Ok(())
}

#[test]
fn one_request() -> Done {
    use gravure::{Environment, Limits, RenderOptions, context};
    use std::time::Duration;

    let environment = Environment::new();
    let form = environment.from_string("<form>{{ csrf_token() }}</form>")?;
    let options = RenderOptions {
        limits: Some(Limits {
            fuel: 10_000,
            ..Limits::default()
        }),
        max_time: Some(Duration::from_millis(200)),
        ..RenderOptions::default()
    };
    let options = options.meta("csrf_token", "t0k3n");
    let page = form.render_with(&context! {}, &options)?;
    assert!(page.contains("value=\"t0k3n\""));

    // Every way of rendering takes them.
    let mut sink = Vec::new();
    form.with(&options).render_to(&context! {}, &mut sink)?;
    assert_eq!(sink, page.as_bytes());
    Ok(())
}

#[test]
fn many_pages_at_once() -> Done {
    use gravure::{Environment, context};
    use std::ops::ControlFlow;

    let environment = Environment::new();
    let page = environment.from_string("<h1>{{ title }}</h1>")?;
    let contexts = [context! { title => "Ink" }, context! { title => "Paper" }];
    let pages = environment.render_many(&page, &contexts, None);
    assert_eq!(pages[1].as_deref().ok(), Some("<h1>Paper</h1>"));

    // Contexts made on the way, pages taken in order, neither piling up.
    let mut n_bytes = 0;
    let numbers = (0..1000).map(|n| context! { title => n });
    environment.render_each(&page, numbers, Some(2), |page| {
        n_bytes += page.map_or(0, |page| page.len());
        ControlFlow::Continue(())
    });
    assert_eq!(n_bytes, 11_890);
    Ok(())
}

#[test]
fn changes_while_others_render() -> Done {
    use gravure::{Environment, context};

    let environment = Environment::new();
    let page = environment.from_string("{{ price }} {{ currency() }}")?;
    environment.update(|tables| {
        tables.add_function("currency", || "EUR");
        tables.add_global("price", &12)
    })?;
    assert_eq!(page.render(&context! {})?, "12 EUR");
    environment.update(|tables| {
        tables.add_function("currency", || "CHF");
        tables.add_global("price", &11)
    })?;
    assert_eq!(page.render(&context! {})?, "11 CHF");
    Ok(())
}

#[test]
fn translations() -> Done {
    use gravure::{Environment, context};

    let mut environment = Environment::new();
    environment.install_translations(
        |message| message.replace("Hello", "Hallo"),
        |singular, plural, n| match n {
            1 => singular.replace("letter", "Brief"),
            _ => plural.replace("letters", "Briefe"),
        },
    );
    let page = environment.from_string(
        "{% trans who = name %}Hello {{ who }}!{% end %} \
         {% trans count = letters %}{{ count }} letter{% plural %}{{ count }} letters{% end %}",
    )?;
    let context = context! { name => "Ada", letters => 2 };
    assert_eq!(page.render(&context)?, "Hallo Ada! 2 Briefe");
    Ok(())
}

#[test]
fn errors() -> Done {
    use gravure::{Environment, ErrorKind, context, loader::MapLoader};

    let environment = Environment::with_loader(MapLoader::from([(
        "page.html",
        "<article>\n  <h1>{{ titl }}</h1>\n</article>",
    )]));
    let page = environment.get_template("page.html")?;
    let error = match page.render(&context! { title => "Home" }) {
        Ok(page) => return Err(format!("{page} has no mistake").into()),
        Err(error) => error,
    };
    assert_eq!(error.code().as_str(), "K-RUN-001");
    assert_eq!(error.kind(), ErrorKind::Undefined);
    assert_eq!(error.template(), Some("page.html"));
    assert_eq!((error.line(), error.column()), (Some(2), Some(9)));
    assert_eq!(error.suggestion().as_deref(), Some("title"));
    eprintln!("{}", error.report().color(true));
    Ok(())
}

#[test]
fn limits() -> Done {
    use gravure::{Environment, Options, context, loader::MapLoader};
    use std::sync::Arc;

    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(MapLoader::from([(
            "long.html",
            "{% for a in range(9999) %}{% for b in range(9999) %}.{% end %}{% end %}",
        )]))),
        ..Options::untrusted()
    })?;
    let refused = environment.render("long.html", &context! {});
    assert!(refused.is_err_and(|error| error.code().as_str().starts_with("K-")));
    Ok(())
}

#[test]
fn what_templates_may_use() -> Done {
    use gravure::{Code, Environment, Options, context, policy::Policy};

    let environment = Environment::with_options(Options {
        policy: Policy {
            tags: Policy::only(["if", "for"]),
            filters: Policy::only(["upper", "join", "map"]),
            functions: Policy::only(["range"]),
            ..Policy::default()
        },
        ..Options::untrusted()
    })?;
    let page = environment.from_string("{% for i in range(3) %}{{ i }}{% end %}")?;
    assert_eq!(page.render(&context! {})?, "012");
    let refused = environment.from_string("{{ '<script>' | safe }}");
    assert!(refused.is_err_and(|error| error.code() == Code::SecCall));
    Ok(())
}

#[test]
fn disk_cache() -> Done {
    use gravure::{DiskCache, DiskOptions, Environment, Error, Options, loader::FileLoader};
    use std::sync::Arc;

    fn environment(templates: &str, folder: &str) -> Result<Environment, Error> {
        let mut environment = Environment::with_options(Options {
            loader: Some(Arc::new(FileLoader::new(templates))),
            disk_cache: Some(Arc::new(DiskCache::new(folder, DiskOptions::default())?)),
            ..Options::default()
        })?;
        environment.add_filter("shout", |text: &str| text.to_uppercase());
        // Without a version, templates that use the filter are not kept.
        environment.set_filter_version("shout", env!("CARGO_PKG_VERSION"))?;
        Ok(environment)
    }

    let folder = crate::disk::Folder::new();
    let templates = folder.path().join("templates");
    let kept = folder.path().join("kept");
    fs::create_dir_all(&templates)?;
    fs::write(templates.join("a.html"), "{{ 'a' | shout }}")?;
    for hits in 0..2 {
        let (templates, kept) = (templates.to_string_lossy(), kept.to_string_lossy());
        let environment = environment(&templates, &kept)?;
        assert_eq!(environment.render("a.html", &gravure::context! {})?, "A");
        assert_eq!(
            environment.cache_info().disk.map(|disk| disk.hits),
            Some(hits)
        );
    }
    Ok(())
}

#[test]
fn checking() -> Done {
    use gravure::{Environment, check::Severity, loader::MapLoader};

    let environment = Environment::with_loader(MapLoader::from([
        ("page.html", "{% extends 'bas.html' %}"),
        ("base.html", "{{ title | uper }}"),
    ]));

    // Everything that is wrong with any template; nothing is rendered.
    let checked = environment.check()?;
    assert_eq!(checked.count(Severity::Error), 2);
    for finding in &checked.findings {
        eprintln!("{}", finding.text());
    }

    // Compile all of them before the first request.
    let errors = environment.precompile().unwrap_err();
    assert_eq!(errors[0].template(), Some("base.html"));
    Ok(())
}

#[test]
fn bundles() -> Done {
    use gravure::bundle::{Bundle, BundleBuilder, SecretKey, Trust};
    use gravure::{Environment, context, loader::MapLoader};

    // Where the program is built: everything is checked, compiled and signed.
    let source = Environment::with_loader(MapLoader::from([
        (
            "page.html",
            "{% extends 'base.html' %}{% block body %}Hi {{ name }}{% end %}",
        ),
        ("base.html", "<main>{% block body %}{% end %}</main>"),
    ]));
    let key = SecretKey::generate()?;
    let built = BundleBuilder::new(&source)
        .version(12)
        .strip()
        .sign(&key)
        .build();
    let bytes = built.expect("no template is wrong");

    // Where it runs: no source is read and nothing is compiled.
    let trust = Trust::Signed {
        keys: vec![key.public()],
        least_version: 12,
    };
    let bundle = Bundle::open(bytes, &trust)?;
    let environment = Environment::from_bundle(bundle)?;
    let page = environment.render("page.html", &context! { name => "Ada" })?;
    assert_eq!(page, "<main>Hi Ada</main>");
    Ok(())
}

#[test]
fn a_check_as_the_page_of_the_command_says() -> Done {
    let environment = gravure::Environment::with_loader(gravure::loader::MapLoader::new());
    let checked = environment.check()?;
    for finding in &checked.findings {
        eprintln!("{}", finding.short());
    }
    Ok(())
}

fn read(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lines without what depends on where they stand.
fn bare(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.fold("\n".to_owned(), |all, line| all + line + "\n")
}

#[test]
fn every_program_of_the_pages_stands_here() {
    let here = read("crates/gravure/tests/it/snippets.rs");
    // The folder of templates that this package has.
    let here = bare(&here.replace("\"tests/embedded\"", "\"templates\""));
    let mut n_programs = 0;
    for name in ["README.md", "docs/embedding.md", "docs/cli.md"] {
        for program in read(name).split("```rust\n").skip(1) {
            let (program, _) = program.split_once("```").expect("a closed block");
            assert!(here.contains(&bare(program)), "{name}:\n{program}");
            n_programs += 1;
        }
    }
    assert!(n_programs > 15, "only {n_programs} programs were found");
}

/// What public items of a source are called, by the words before their names.
fn names_after<'a>(source: &'a str, before: &str) -> Vec<&'a str> {
    let lines = source.lines().filter_map(|line| line.strip_prefix(before));
    lines
        .filter_map(|rest| rest.split([':', '(', '<', ' ', ';']).next())
        .collect()
}

#[test]
fn the_page_has_every_option_bound_call_and_loader() {
    // Bounds have a page of their own.
    let page = read("docs/embedding.md") + &read("docs/limits.md");
    let options = read("crates/gravure/src/options.rs");
    let (_, options) = options.split_once("pub struct Options {").unwrap();
    let (options, _) = options.split_once("\n}").unwrap();
    let limits = read("crates/gravure-value/src/limits.rs");
    let (_, limits) = limits.split_once("pub struct Limits {").unwrap();
    let (limits, _) = limits.split_once("\n}").unwrap();
    let of_files = [
        "template.rs",
        "environment.rs",
        "tables.rs",
        "many.rs",
        "check/mod.rs",
        "check/declare.rs",
        "error.rs",
        "render_context.rs",
    ];
    let calls = of_files.map(|file| read(&format!("crates/gravure/src/{file}")));
    let loaders = read("crates/gravure/src/loader/mod.rs");
    let mut wanted = names_after(options, "    pub ");
    wanted.extend(names_after(limits, "    pub "));
    for file in &calls {
        wanted.extend(names_after(file, "    pub fn "));
        wanted.extend(names_after(file, "    pub async fn "));
    }
    let loaders = names_after(&loaders, "pub use ");
    assert!(
        wanted.len() > 80 && loaders.len() > 5,
        "{wanted:?} {loaders:?}"
    );
    let loaders = loaders.iter().filter_map(|path| path.rsplit("::").next());
    wanted.extend(loaders.filter(|name| name.ends_with("Loader")));
    // What tests and curious people use, or what other words say.
    let quiet = [
        "probe",
        "name",
        "source",
        "message",
        "new",
        "options",
        "disassemble",
    ];
    wanted.retain(|name| !quiet.contains(name) && !page.contains(name));
    assert!(wanted.is_empty(), "not on the page: {wanted:?}");
}
