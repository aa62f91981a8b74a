//! Every door through which code of the host is called, with a host that panics
//! behind it: what was asked for is an error, and the environment is as it was.
//! `panics.rs` beside this goes deeper into objects, closures and futures.

use gravure::{
    AsData, AutoEscape, Bindings, Context, Data, Environment, Error, Object, Options, Sequence,
    SharedObject, async_items, awaitable,
    bundle::{Bundle, BundleBuilder, Trust},
    context,
    loader::{LoadError, Loader, MapLoader, Source, Stamp},
};
use std::{
    io,
    ops::ControlFlow,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    pin::{Pin, pin},
    sync::Arc,
    task::{self, Poll, Waker},
};

fn fail() -> ! {
    resume_unwind(Box::new("as it shall"))
}

/// Thrown, and thrown again while it is dropped.
struct Barbed;

impl Drop for Barbed {
    fn drop(&mut self) {
        resume_unwind(Box::new(Self));
    }
}

fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut cx) {
            return done;
        }
    }
}

/// A loader that panics when it is asked one thing.
struct Touchy(&'static str);

impl Loader for Touchy {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        if self.0 == "load" && name == "main" {
            fail();
        }
        match name {
            "main" => Ok(Source::new("a{{ 1 }}")),
            "well" => Ok(Source::new("well")),
            _ => Err(LoadError::NotFound {
                searched: Vec::new(),
                notes: Vec::new(),
            }),
        }
    }
    fn stamp(&self, _: &str) -> Result<Option<Stamp>, LoadError> {
        if self.0 == "stamp" {
            fail();
        }
        Ok(None)
    }
    fn list(&self) -> Option<Vec<String>> {
        if self.0 == "list" {
            fail();
        }
        Some(vec!["main".to_owned(), "well".to_owned()])
    }
}

fn with(options: Options) -> Environment {
    Environment::with_options(options).unwrap()
}

fn loading(touchy: &'static str) -> Environment {
    Environment::with_loader(Touchy(touchy))
}

/// An environment with one template, and with `well`.
fn having(main: &'static str) -> Options {
    Options {
        loader: Some(Arc::new(MapLoader::from([
            ("main", main),
            ("well", "well"),
        ]))),
        ..Options::default()
    }
}

/// Data of each sort that panics.
struct Sore;

impl Object for Sore {
    fn attr<'a>(&'a self, _: &str) -> Option<Data<'a>> {
        fail()
    }
    fn print(&self) -> String {
        resume_unwind(Box::new(Barbed))
    }
}

impl AsData for Sore {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

struct SoreList;

impl Sequence for SoreList {
    fn len(&self) -> usize {
        1
    }
    fn get(&self, _: usize) -> Option<Data<'_>> {
        fail()
    }
}

impl AsData for SoreList {
    fn as_data(&self) -> Data<'_> {
        Data::Seq(self)
    }
}

#[derive(Debug)]
struct SoreShared;

impl SharedObject for SoreShared {
    fn attr(&self, _: &str) -> Option<Data<'static>> {
        resume_unwind(Box::new(Barbed))
    }
}

/// Cannot even say what it is.
struct SoreData;

impl AsData for SoreData {
    fn as_data(&self) -> Data<'_> {
        fail()
    }
}

impl serde::Serialize for SoreData {
    fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        fail()
    }
}

struct SoreSink;

impl io::Write for SoreSink {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        fail()
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

struct SoreStream;

impl gravure::Stream for SoreStream {
    type Item = i64;
    fn poll_next(self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<Option<i64>> {
        fail()
    }
}

#[derive(Debug)]
struct SoreError;

impl std::fmt::Display for SoreError {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        fail()
    }
}

impl std::error::Error for SoreError {}

type Asked = Result<String, Error>;
type Door = (&'static str, fn() -> Asked);

/// A page of the host's closures, asynchronous or not.
fn closures(main: &'static str) -> Asked {
    let mut environment = with(having(main));
    environment.add_filter("f", |_: i64| -> i64 { fail() });
    environment.add_test("t", |_: i64| -> bool { fail() });
    environment.add_function("g", || -> i64 { fail() });
    environment.add_function("barbed", || -> i64 { resume_unwind(Box::new(Barbed)) });
    environment.add_function("e", || Err::<i64, _>(SoreError));
    environment.add_function("future", || {
        awaitable(async {
            if true {
                fail();
            }
        })
    });
    environment.add_function("stream", || async_items(SoreStream));
    environment.install_translations(|_: &str| fail(), |_: &str, _: &str, _: i64| fail());
    let template = environment.get_template("main")?;
    match template.is_async() {
        true => wait(template.render_async(&Context::new())),
        false => template.render(&Context::new()),
    }
}

/// A page of the host's data.
fn data(main: &'static str) -> Asked {
    let context = Bindings::new()
        .lend("object", &Sore)
        .lend("list", &SoreList)
        .lend("data", &SoreData)
        .give("shared", Arc::new(SoreShared));
    with(having(main)).render("main", &context)
}

fn first(found: Result<usize, Vec<Error>>) -> Asked {
    match found {
        Ok(n) => Ok(n.to_string()),
        Err(errors) => Err(errors.into_iter().next().expect("an error")),
    }
}

fn by_name() -> Options {
    Options {
        autoescape: AutoEscape::by_name(|_| fail()),
        ..having("main")
    }
}

/// A door, and what comes of knocking at it.
const DOORS: &[Door] = &[
    ("Loader::load, by the host", || {
        loading("load").render("main", &Context::new())
    }),
    ("Loader::load, by a tag", || {
        let environment = loading("load");
        environment
            .from_string("{% include 'main' %}")?
            .render(&Context::new())
    }),
    ("Loader::load, by precompile", || {
        first(loading("load").precompile())
    }),
    ("Loader::list, by list_templates", || {
        Ok(loading("list").list_templates()?.concat())
    }),
    ("Loader::list, by check", || {
        Ok(format!("{:?}", loading("list").check()?.n_templates))
    }),
    ("Loader::list, by precompile", || {
        first(loading("list").precompile())
    }),
    ("AutoEscape::by_name, by get_template", || {
        with(by_name()).render("main", &Context::new())
    }),
    ("AutoEscape::by_name, by from_string", || {
        with(by_name()).from_string("x")?.render(&Context::new())
    }),
    ("AutoEscape::by_name, by add_bundle", || {
        let site = with(having("x"));
        let bytes = BundleBuilder::new(&site).build().expect("a bundle");
        let bundle = Bundle::open(bytes, &Trust::Own).expect("it opens");
        with(by_name()).add_bundle(bundle)?;
        Ok(String::new())
    }),
    ("Write, by render_to", || {
        let environment = with(having("page"));
        let template = environment.get_template("main")?;
        template.render_to(&Context::new(), &mut SoreSink)?;
        Ok(String::new())
    }),
    ("warning_sink", || {
        let options = Options {
            warning_sink: Some(Arc::new(|_| fail())),
            ..having("{{ csrf_token() }}")
        };
        with(options).render("main", &Context::new())
    }),
    ("debug_sink", || {
        let options = Options {
            debug_sink: Some(Arc::new(|_: &str| fail())),
            ..having("{{ 1 | debug }}")
        };
        with(options).render("main", &Context::new())
    }),
    ("Serialize, by Context::from_serialize", || {
        Context::from_serialize(&SoreData)?;
        Ok(String::new())
    }),
    ("Serialize, within a map", || {
        Context::from_serialize(&std::collections::BTreeMap::from([("a", SoreData)]))?;
        Ok(String::new())
    }),
    ("Serialize, by render_serialize", || {
        with(having("x"))
            .get_template("main")?
            .render_serialize(&SoreData)
    }),
    ("Serialize, by add_global", || {
        with(having("x")).add_global("sore", &SoreData)?;
        Ok(String::new())
    }),
    ("a filter", || closures("{{ 1 | f }}")),
    ("a test", || closures("{{ 1 is t }}")),
    ("a function", || closures("{{ g() }}")),
    ("a function that throws what throws again", || {
        closures("{{ barbed() }}")
    }),
    ("Display of an error", || closures("{{ e() }}")),
    ("a future", || closures("{{ await future() }}")),
    ("a stream", || {
        closures("{% async for x in stream() %}{{ x }}{% end %}")
    }),
    ("gettext", || closures("{{ _('a') }}")),
    ("ngettext", || closures("{{ _n('a', 'b', 2) }}")),
    ("Object::attr", || data("{{ object.x }}")),
    ("Object::print, which throws what throws again", || {
        data("{{ object }}")
    }),
    ("Sequence::get", || data("{{ list }}")),
    ("SharedObject::attr", || data("{{ shared.x }}")),
    ("AsData", || data("{{ data }}")),
];

#[test]
fn every_door_holds() {
    let mut wrong = Vec::new();
    for &(door, knock) in DOORS {
        let knocked = catch_unwind(AssertUnwindSafe(knock));
        match knocked {
            Ok(Err(error)) => {
                // Whatever is said of it can be said.
                let _ = (error.report().to_string(), error.hints(), error.to_string());
            }
            Ok(Ok(page)) => wrong.push(format!("{door} gives {page:?}")),
            Err(payload) => {
                std::mem::forget(payload);
                wrong.push(format!("{door}: the panic came out"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_asked_on_the_side_is_left_out() {
    // A loader that cannot say whether its template is current loads it again.
    let environment = loading("stamp");
    for _ in 0..3 {
        assert_eq!(environment.render("main", &Context::new()).unwrap(), "a1");
    }
    // No list, no suggestions; the error itself is there.
    let environment = loading("list");
    let error = environment.get_template("mian").unwrap_err();
    assert_eq!(error.suggestion(), None);
    assert_eq!(error.hints(), Vec::<String>::new());
    assert!(error.report().to_string().contains("mian"));
    // A check of named templates needs no list.
    let checked = environment.check_templates(&["main", "mian"]).unwrap();
    assert_eq!(checked.n_templates, 1);
    // A check says what it could not do.
    for options in [by_name(), having("main")] {
        let is_told = options.autoescape.clone();
        let environment = with(options);
        let checked = environment.check().unwrap();
        let is_sore = matches!(is_told, AutoEscape::ByName(_));
        assert_eq!(checked.is_partial, is_sore, "{:?}", checked.findings);
    }
    // As everywhere, `context!` makes none of what cannot be serialized.
    let page = with(having("x")).from_string("{{ sore }}|{{ n }}").unwrap();
    let context = context! { sore => SoreData, n => 1 };
    assert_eq!(page.render(&context).unwrap(), "None|1");
}

/// Closures that are called only while the host's own call runs let their
/// panics through, as those of any iterator do; nothing is broken afterwards.
#[test]
fn panics_of_the_caller_go_to_the_caller() {
    let mut environment = with(having("{{ n }}"));
    let template = environment.get_template("main").unwrap();
    let contexts = || (0..40).map(|n| context! { n => n });
    for workers in [1, 3] {
        let drawn = catch_unwind(AssertUnwindSafe(|| {
            let contexts = contexts().map(|it| match it.tree().bytes() {
                0 => it,
                _ => fail(),
            });
            environment.render_many(&template, contexts, Some(workers))
        }));
        assert!(drawn.is_err(), "{workers} workers");
        let taken = catch_unwind(AssertUnwindSafe(|| {
            let mut n_taken = 0;
            environment.render_each(&template, contexts(), Some(workers), |_| {
                n_taken += 1;
                if n_taken == 7 {
                    fail();
                }
                ControlFlow::Continue(())
            });
        }));
        assert!(taken.is_err(), "{workers} workers");
        let pages = environment.render_many(&template, contexts(), Some(workers));
        assert_eq!(pages.len(), 40);
    }
    let updated = catch_unwind(AssertUnwindSafe(|| {
        environment.update(|it| {
            it.add_function("half", || 1);
            fail()
        })
    }));
    assert!(updated.is_err());
    let half = environment.from_string("{{ half() }}").unwrap();
    assert!(half.render(&Context::new()).is_err(), "all or nothing");
    environment.add_function("half", || 2);
    assert_eq!(half.render(&Context::new()).unwrap(), "2");
}
