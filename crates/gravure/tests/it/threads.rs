//! One environment and many threads: what is changed, loaded and forgotten
//! while others render.

use gravure::{
    AutoEscape, Code, Context, Environment, Options, context,
    loader::{FileLoader, FunctionLoader, LoadError, Loader, MapLoader, Source},
    options::{AutoReload, Mode},
};
use std::{
    cell::Cell,
    fs,
    path::PathBuf,
    sync::{
        Arc, Barrier, OnceLock,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

fn with(templates: &[(&str, &str)]) -> Environment {
    Environment::with_loader(MapLoader::from_iter(templates.iter().copied()))
}

#[test]
fn no_update_is_lost_and_each_is_seen_whole() {
    let environment = with(&[
        ("page", "{{ a }}={% include 'part' %}"),
        ("part", "{{ b }}"),
    ]);
    environment.update(|tables| {
        tables.add_global("a", &0).unwrap();
        tables.add_global("b", &0).unwrap();
    });
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let writers: Vec<_> = (0..4)
            .map(|writer| {
                let environment = &environment;
                scope.spawn(move || {
                    for n in 0..50 {
                        environment.update(|tables| {
                            let number = writer * 1_000 + n;
                            tables.add_global("a", &number).unwrap();
                            tables.add_global("b", &number).unwrap();
                            tables.add_function(&format!("f{number}"), move || number);
                        });
                    }
                })
            })
            .collect();
        for _ in 0..2 {
            scope.spawn(|| {
                let page = environment.get_template("page").unwrap();
                while !done.load(Ordering::Relaxed) {
                    let text = page.render(&context! {}).unwrap();
                    let (a, b) = text.split_once('=').unwrap();
                    assert_eq!(a, b, "one snapshot, includes too");
                }
            });
        }
        for writer in writers {
            writer.join().unwrap();
        }
        done.store(true, Ordering::Relaxed);
    });
    environment.update(|tables| {
        let names = tables.function_names();
        let added = names.iter().filter(|name| {
            let digits = name.strip_prefix('f').unwrap_or("");
            !digits.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())
        });
        assert_eq!(added.count(), 200);
    });
}

/// An environment whose function `bump` changes everything while a page is
/// being rendered.
fn changing() -> Arc<Environment> {
    static COUNT: AtomicUsize = AtomicUsize::new(1);
    let environment = Arc::new(with(&[
        // A literal name would be compiled before the page begins.
        (
            "page",
            "{{ v }}{{ 1 | f }}{{ bump() }}{% include ['part'][0] %}",
        ),
        ("part", "{{ v }}{{ 1 | f }}{{ _('m') }}"),
    ]));
    let weak = Arc::downgrade(&environment);
    environment.update(|tables| {
        tables.add_global("v", "old ").unwrap();
        tables.add_filter("f", |_: i64| "F1 ");
        tables.add_function("bump", move || {
            let environment = weak.upgrade().unwrap();
            environment.update(|tables| {
                tables.add_global("v", "new ").unwrap();
                tables.add_filter("f", |_: i64| "F2 ");
                tables.install_translations(|_| "new".to_owned(), |_, _, _| "new".to_owned());
            });
            COUNT.fetch_add(1, Ordering::Relaxed);
            ""
        });
    });
    environment
}

#[test]
fn a_render_ends_with_the_globals_it_began_with() {
    // What is compiled meanwhile is bound to the newest filters: binding
    // happens when a template is compiled, reading globals when one starts.
    let first = "old F1 old F2 m";
    let second = "new F1 new F2 new";
    let environment = changing();
    let page = environment.get_template("page").unwrap();
    assert_eq!(page.render(&context! {}).unwrap(), first);
    assert_eq!(page.render(&context! {}).unwrap(), second);
    let environment = changing();
    let page = environment.get_template("page").unwrap();
    let context = context! {};
    let joined = || page.render_stream(&context).collect::<Result<String, _>>();
    assert_eq!(joined().unwrap(), first);
    assert_eq!(joined().unwrap(), second);
}

#[test]
fn a_stream_sees_what_is_newest_when_it_starts() {
    let environment = Environment::new();
    let source = "{{ v }}{% for i in range(4000) %}{{ i }}{% end %}{{ v }}";
    let template = environment.from_string(source);
    let template = template.unwrap();
    environment.update(|tables| tables.add_global("v", "one").unwrap());
    let context = context! {};
    let mut pieces = template.render_stream(&context);
    environment.update(|tables| tables.add_global("v", "two").unwrap());
    // Nothing runs before the first piece is asked for.
    let first = pieces.next().unwrap().unwrap();
    assert!(first.starts_with("two0123"), "{first}");
    environment.update(|tables| tables.add_global("v", "three").unwrap());
    let rest: String = pieces.map(Result::unwrap).collect();
    assert!(!rest.is_empty() && rest.ends_with("3999two"), "{rest}");
}

#[test]
fn globals_that_a_stream_holds_cost_it_no_memory() {
    let options = Options {
        limits: gravure::Limits {
            memory: 1 << 16,
            ..gravure::Limits::default()
        },
        ..Options::default()
    };
    let environment = Environment::with_options(options).unwrap();
    let long = vec!["some text"; 10_000];
    environment.update(|tables| tables.add_global("long", &long).unwrap());
    let template = environment.from_string("{{ long | length }}").unwrap();
    let context = context! {};
    assert_eq!(template.render(&context).unwrap(), "10000");
    let pieces: Result<String, _> = template.render_stream(&context).collect();
    assert_eq!(pieces.unwrap(), "10000");
}

#[test]
fn what_is_taken_away_is_gone_for_those_who_come_later() {
    let environment = Environment::new();
    environment.update(|tables| {
        tables.add_filter("f", |it: i64| it + 1);
        tables.add_test("t", |it: i64| it == 1);
        tables.add_function("g", || "g");
        tables.add_global("v", "v").unwrap();
        assert_eq!(tables.global_names(), ["v"]);
        assert!(tables.filter_names().contains(&"f") && tables.test_names().contains(&"t"));
    });
    let source = "{{ 1 | f }} {{ 1 is t }} {{ g() }} {{ v }}";
    let template = environment.from_string(source).unwrap();
    assert_eq!(template.render(&context! {}).unwrap(), "2 True g v");
    environment.update(|tables| {
        tables.remove_filter("f");
        tables.remove_test("t");
        tables.remove_function("g");
        tables.remove_global("v");
    });
    let bound = environment.from_string("{{ 1 is odd }}").unwrap();
    assert_eq!(bound.render(&context! {}).unwrap(), "True");
    assert_eq!(
        environment.from_string("{{ 1 | f }}").unwrap_err().code(),
        Code::ParFilter
    );
    assert_eq!(
        environment.from_string("{{ 1 is t }}").unwrap_err().code(),
        Code::ParTest
    );
    assert_eq!(
        template.render(&context! {}).unwrap_err().code(),
        Code::RunUndefined
    );
    let given = context! { g => "" , v => "mine" };
    let error = template.render(&given).unwrap_err();
    assert_ne!(
        error.code(),
        Code::RunUndefined,
        "the filter is still bound"
    );
}

#[test]
fn a_function_takes_the_place_of_a_global() {
    let environment = Environment::new();
    let template = environment.from_string("{{ it() }}").unwrap();
    environment.update(|tables| {
        tables.add_global("it", &1).unwrap();
        tables.add_function("it", || "function");
    });
    assert_eq!(template.render(&context! {}).unwrap(), "function");
}

/// Counts what it is asked, and takes its time.
struct Slow {
    loads: AtomicUsize,
    source: &'static str,
}

impl Loader for Slow {
    fn load(&self, _: &str) -> Result<Source, LoadError> {
        self.loads.fetch_add(1, Ordering::Relaxed);
        thread::sleep(Duration::from_millis(30));
        Ok(Source::new(self.source))
    }
}

fn at_once<T: Send>(n: usize, run: impl Fn() -> T + Sync) -> Vec<T> {
    let start = Barrier::new(n);
    thread::scope(|scope| {
        let all: Vec<_> = (0..n)
            .map(|_| {
                scope.spawn(|| {
                    start.wait();
                    run()
                })
            })
            .collect();
        all.into_iter().map(|it| it.join().unwrap()).collect()
    })
}

#[test]
fn those_who_wait_get_the_same_error_and_it_is_not_kept() {
    let loader = Arc::new(Slow {
        loads: AtomicUsize::new(0),
        source: "{% if %}",
    });
    let environment = Environment::with_loader(loader.clone());
    let errors = at_once(8, || environment.get_template("a").unwrap_err());
    for error in &errors {
        assert_eq!(error.to_string(), errors[0].to_string());
        assert_eq!((error.template(), error.line()), (Some("a"), Some(1)));
    }
    assert_eq!(loader.loads.load(Ordering::Relaxed), 1);
    assert_eq!(environment.cache_stats().size, 0);
    environment.get_template("a").unwrap_err();
    assert_eq!(loader.loads.load(Ordering::Relaxed), 2, "tried again");
}

#[test]
fn a_host_that_panics_fails_alone() {
    let asked = Arc::new(AtomicUsize::new(0));
    struct Moody(Arc<AtomicUsize>);
    impl Loader for Moody {
        fn load(&self, name: &str) -> Result<Source, LoadError> {
            match name {
                "bad" => panic!("the loader's mistake"),
                _ => Ok(Source::new("{{ 1 | f }}")),
            }
        }
        fn is_current(&self, _: &str, _: &gravure::loader::Stamp) -> bool {
            assert!(self.0.fetch_add(1, Ordering::Relaxed) > 0, "once");
            true
        }
    }
    let options = Options {
        loader: Some(Arc::new(Moody(asked.clone()))),
        autoescape: AutoEscape::by_name(|name| match name {
            Some("odd") => panic!("the function's mistake"),
            _ => Mode::On,
        }),
        ..Options::default()
    };
    let environment = Environment::with_options(options).unwrap();
    environment.update(|tables| {
        tables.add_filter("f", |n: i64| -> i64 { panic!("the filter's mistake {n}") })
    });
    for name in ["bad", "odd"] {
        for error in at_once(4, || environment.get_template(name).unwrap_err()) {
            assert_eq!(error.code(), Code::RunValue, "{name}: {error}");
        }
    }
    let good = environment.get_template("good").unwrap();
    environment
        .get_template("good")
        .expect("asked whether it is current, it panics, and loads");
    assert_eq!(asked.load(Ordering::Relaxed), 1);
    let error = good.render(&context! {}).unwrap_err();
    assert_eq!((error.template(), error.line()), (Some("good"), Some(1)));
    environment.update(|tables| tables.add_filter("f", |n: i64| n + 1));
    environment.clear_cached(&["good"]);
    assert_eq!(environment.render("good", &context! {}).unwrap(), "2");
}

#[test]
fn a_loader_may_ask_the_environment() {
    thread_local!(static DEPTH: Cell<usize> = const { Cell::new(0) });
    let itself: Arc<OnceLock<Environment>> = Arc::default();
    let inner = itself.clone();
    let loader = FunctionLoader::new(move |name: &str| {
        let environment = inner.get().unwrap();
        // Each name asks for others, two of them for each other.
        let other = match name {
            "a" => "b",
            "b" => "a",
            "self" => "self2",
            _ => return Ok(Some(Source::new(format!("<{name}>")))),
        };
        // Going round for ever would be the loader's own mistake.
        if DEPTH.get() == 4 {
            return Ok(Some(Source::new("deep")));
        }
        DEPTH.set(DEPTH.get() + 1);
        environment.update(|tables| tables.add_global(name, name).unwrap());
        environment.clear_cached(&["nothing"]);
        let found = environment
            .get_template(other)
            .map(|it| it.name().map(str::len));
        DEPTH.set(DEPTH.get() - 1);
        Ok(Some(Source::new(format!("{name}{}", found.is_ok()))))
    });
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(loader)),
        auto_reload: AutoReload::Never,
        ..Options::default()
    });
    let environment = itself.get_or_init(|| environment.unwrap());
    let asked = at_once(4, || {
        let names = ["a", "b", "self", "c"];
        names.map(|name| environment.render(name, &Context::new()).is_ok())
    });
    assert_eq!(asked, vec![[true; 4]; 4]);
}

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("gravure-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn a_file_that_is_saved_unchanged_is_not_compiled_again() {
    let folder = Folder::new("saved");
    folder.write("late/a", "one");
    let compiled = Arc::new(AtomicUsize::new(0));
    let count = compiled.clone();
    let loader = FileLoader::new(folder.0.join("early")).and(folder.0.join("late"));
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(loader)),
        // Asked once for each template that is compiled.
        autoescape: AutoEscape::by_name(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
            Mode::On
        }),
        ..Options::default()
    })
    .unwrap();
    let page = || environment.render("a", &context! {}).unwrap();
    let n_compiled = || compiled.load(Ordering::Relaxed);
    assert_eq!(
        (page(), page(), n_compiled()),
        ("one".into(), "one".into(), 1)
    );
    // Renamed over the old one: another file with the same text.
    folder.write("late/b", "one");
    fs::rename(folder.0.join("late/b"), folder.0.join("late/a")).unwrap();
    assert_eq!((page(), n_compiled()), ("one".into(), 1));
    // The new stamp is known from then on: a hit.
    let hits = environment.cache_stats().hits;
    assert_eq!(
        (page(), environment.cache_stats().hits),
        ("one".into(), hits + 1)
    );
    folder.write("late/a", "two");
    assert_eq!((page(), n_compiled()), ("two".into(), 2));
    // A root that is asked earlier gains the name.
    folder.write("early/a", "three");
    assert_eq!((page(), n_compiled()), ("three".into(), 3));
    fs::remove_file(folder.0.join("early/a")).unwrap();
    assert_eq!((page(), n_compiled()), ("two".into(), 4));
    fs::remove_file(folder.0.join("late/a")).unwrap();
    let error = environment.get_template("a").unwrap_err();
    assert_eq!(error.code(), Code::TplNotFound);
}

#[test]
fn all_of_a_cache_or_some_of_it_is_forgotten() {
    let environment = with(&[
        ("a", "{% cache 'key' %}a{% end %}"),
        ("b", "{% cache 'key' %}b{% end %}"),
        ("c", "c"),
    ]);
    for name in ["a", "b", "c", "a", "b"] {
        environment.render(name, &context! {}).unwrap();
    }
    assert_eq!(environment.cache_stats().size, 3);
    let fragments = environment.fragment_cache_stats();
    assert_eq!((fragments.size, fragments.max_size), (1, 1_000));
    assert_eq!((fragments.hits, fragments.misses), (3, 1));
    environment.clear_cached(&["a", "./c", "../x", "nobody"]);
    assert_eq!(environment.cache_stats().size, 2);
    assert_eq!(environment.fragment_cache_stats().size, 1);
    assert_eq!(environment.render("b", &context! {}).unwrap(), "a");
    environment.clear_all();
    assert_eq!(environment.cache_stats().size, 0);
    let fragments = environment.fragment_cache_stats();
    assert_eq!(
        (fragments.size, fragments.hits, fragments.misses),
        (0, 0, 0)
    );
    assert_eq!(environment.render("b", &context! {}).unwrap(), "b");
}
