//! Hosts that panic: in loaders, objects, sequences, closures, futures,
//! streams, translations and sinks, and while their objects are dropped. Each
//! is an error of one render, with a code, and the environment is as it was.

use gravure::{
    AsData, Bindings, Code, Context, ContextRef, Data, Environment, Error, FieldName, Given,
    Object, Options, Progress, Sequence, SharedObject, Slot, Stream, Surface, Template,
    async_items, awaitable, context,
    loader::{LoadError, Loader, MapLoader, Source},
    unstable::Probe,
};
use std::{
    io,
    panic::resume_unwind,
    pin::{Pin, pin},
    sync::Arc,
    task::{self, Poll, Waker},
    thread,
};

/// Poll until it is there.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut cx) {
            return done;
        }
    }
}

/// A page in turns of few steps.
fn in_turns(template: &Template, data: ContextRef<'_>) -> Result<String, Error> {
    let mut render = template.begin(data)?;
    let mut page = String::new();
    loop {
        match render.step(3)? {
            Progress::Done(rest) => return Ok(page + &rest),
            Progress::Piece(piece) => page.push_str(&piece),
            Progress::Waiting | Progress::OutOfSteps => {}
        }
    }
}

/// Every way to the page of `main`; asynchronous templates have fewer.
fn all_ways(
    template: &Template,
    data: ContextRef<'_>,
) -> Vec<(&'static str, Result<String, Error>)> {
    let mut pieces = template.render_stream_async(data);
    let streamed = wait(async {
        let mut page = String::new();
        while let Some(piece) = pieces.next().await {
            page.push_str(&piece?);
        }
        Ok(page)
    });
    let mut ways = vec![
        ("async page", wait(template.render_async(data))),
        ("async pieces", streamed),
        ("turns", in_turns(template, data)),
    ];
    if !template.is_async() {
        let mut sink = Vec::new();
        let written = template.render_to(data, &mut sink);
        let written = written.map(|()| String::from_utf8(sink).unwrap());
        ways.extend([
            ("page", template.render(data)),
            ("pieces", template.render_stream(data).collect()),
            ("sink", written),
        ]);
    }
    ways
}

const WELL: &str = "{% for i in range(3) %}{{ i | plus }}{% end %}";

/// A page that has nothing to do with what went wrong, in this thread and in
/// another.
fn is_well(environment: &Environment, after: &str) {
    let page = || environment.render("well", &context! {}).unwrap();
    assert_eq!(page(), "123", "after {after}");
    thread::scope(|scope| {
        let elsewhere = scope.spawn(page).join().unwrap();
        assert_eq!(elsewhere, "123", "after {after}");
    });
    assert!(environment.get_template("nobody").is_err());
    let _ = environment.cache_info();
}

fn options(main: &str) -> Options {
    Options {
        loader: Some(Arc::new(MapLoader::from([("main", main), ("well", WELL)]))),
        ..Options::default()
    }
}

fn environment(main: &str) -> Environment {
    let mut environment = Environment::with_options(options(main)).unwrap();
    environment.add_filter("plus", |n: i64| n + 1);
    environment
}

/// Each way ends with an error of this code, and the environment is well.
fn check<'a>(environment: &Environment, main: &str, data: impl Into<ContextRef<'a>>) {
    let template = environment.get_template("main").unwrap();
    let data = data.into();
    for _ in 0..2 {
        for (way, page) in all_ways(&template, data) {
            let Err(error) = page else {
                panic!("{main} as {way} gives {page:?}");
            };
            assert_eq!(error.code(), Code::RunValue, "{main} as {way}: {error}");
            assert!(error.to_string().contains("panic"), "{main}: {error}");
        }
        is_well(environment, main);
    }
}

/// A panic that says nothing on the way: there are hundreds of them here.
fn fail(why: &'static str) -> ! {
    resume_unwind(Box::new(why))
}

/// Panics when it is asked for one thing.
#[derive(Debug)]
struct Touchy(&'static str);

impl Touchy {
    fn asked(&self, what: &str) {
        if self.0 == what {
            fail(self.0);
        }
    }
}

impl AsData for Touchy {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

impl Object for Touchy {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        self.asked("attr");
        (name == "there").then_some(Data::Int(1))
    }
    fn field<'a>(&'a self, _: FieldName, _: Slot<'_, 'a>) -> Given<'a> {
        self.asked("field");
        Given::UNKNOWN
    }
    fn attrs(&self) -> Vec<&str> {
        self.asked("attrs");
        vec!["there"]
    }
    fn item<'a>(&'a self, _: &Data<'_>) -> Option<Data<'a>> {
        self.asked("item");
        None
    }
    fn items<'a>(&'a self) -> Option<Vec<Data<'a>>> {
        self.asked("items");
        Some(vec![Data::Int(1)])
    }
    fn call<'a>(&'a self, _: &str, _: &[Data<'_>]) -> Option<Result<Data<'a>, gravure::Fault>> {
        self.asked("call");
        None
    }
    fn print(&self) -> String {
        self.asked("print");
        "touchy".to_owned()
    }
    fn form(&self, _: Surface) -> Option<String> {
        self.asked("form");
        None
    }
    fn moment(&self) -> Option<gravure::Moment> {
        self.asked("moment");
        None
    }
    fn awaitable(&self) -> Option<gravure::Awaitable> {
        self.asked("awaitable");
        None
    }
    fn async_items(&self) -> Option<gravure::AsyncItems> {
        self.asked("async_items");
        None
    }
    fn type_name(&self) -> &str {
        self.asked("type_name");
        "touchy"
    }
    fn is_truthy(&self) -> bool {
        self.asked("is_truthy");
        true
    }
}

/// The same, as something that keeps itself alive.
#[derive(Debug)]
struct Shared(Touchy);

impl SharedObject for Shared {
    fn attr(&self, name: &str) -> Option<Data<'static>> {
        self.0.asked("attr");
        (name == "there").then_some(Data::Int(1))
    }
    fn items(&self) -> Option<Vec<Data<'static>>> {
        self.0.asked("items");
        Some(vec![Data::Int(1)])
    }
    fn call(&self, _: &str, _: &[Data<'_>]) -> Option<Result<Data<'static>, gravure::Fault>> {
        self.0.asked("call");
        None
    }
    fn print(&self) -> String {
        self.0.asked("print");
        "shared".to_owned()
    }
    fn form(&self, _: Surface) -> Option<String> {
        self.0.asked("form");
        None
    }
    fn moment(&self) -> Option<gravure::Moment> {
        self.0.asked("moment");
        None
    }
    fn awaitable(&self) -> Option<gravure::Awaitable> {
        self.0.asked("awaitable");
        None
    }
    fn async_items(&self) -> Option<gravure::AsyncItems> {
        self.0.asked("async_items");
        None
    }
    fn type_name(&self) -> &str {
        self.0.asked("type_name");
        "shared"
    }
}

/// What is asked of an object, by templates that do.
const ASKED: &[(&str, &[&str])] = &[
    (
        "attr",
        &[
            "{{ o.x }}",
            "{{ o?.x }}",
            "{{ o | attr('x') }}",
            "{{ o.x is defined }}",
            "{% for i in range(9) %}{{ o.there }}{{ o.x }}{% end %}",
            "{% def f(a) %}{{ a.x }}{% end %}{% capture c %}{{ f(o) }}{% end %}",
        ],
    ),
    (
        "items",
        &[
            "{% for x in o %}{{ x }}{% end %}",
            "{{ o | list }}",
            "{{ o | join }}",
            "{% let a = o | map('upper') %}{% for x in a %}{% end %}",
            "{{ zip(o, o) | list }}",
        ],
    ),
    ("call", &["{{ o.there() }}", "{{ o.m(1) }}"]),
    (
        "print",
        &[
            "{{ o }}",
            "{{ o ~ '' }}",
            "{{ o | upper }}",
            "{{ '%s' % o }}",
            "{{ [o, [o]] }}",
            "{{ o | escape }}",
            "{{ [o, o] | join(',') }}",
            "{{ [o, o] | sort }}",
        ],
    ),
    ("form", &["{{ o }}", "a{{ o }}b{{ o | escape }}"]),
    ("moment", &["{{ o | date }}"]),
    ("awaitable", &["{{ await o }}"]),
    ("async_items", &["{% async for x in o %}{{ x }}{% end %}"]),
    ("type_name", &["{{ o | typeof }}"]),
];

#[test]
fn objects_that_panic_fail_alone() {
    for (what, templates) in ASKED {
        let lent = Touchy(what);
        let shared = Arc::new(Shared(Touchy(what)));
        for main in *templates {
            let environment = environment(main);
            let context = Bindings::new().lend("o", &lent);
            check(&environment, main, &context);
            let context = Bindings::new().give("o", shared.clone());
            check(&environment, main, &context);
        }
    }
    for (what, main) in [
        ("field", "{{ o.there }}"),
        ("field", "{{ o?.x ?? 1 }}"),
        ("field", "{{ o | attr('there') }}"),
        (
            "field",
            "{% for i in range(9) %}{% if o.there %}{{ o.x }}{% end %}{% end %}",
        ),
        ("attrs", "{{ o.missing }}"),
        ("item", "{{ o['missing'] }}"),
        ("is_truthy", "{% if o %}{% end %}"),
        ("is_truthy", "{{ [o] | select | list }}"),
    ] {
        let lent = Touchy(what);
        let context = Bindings::new().lend("o", &lent);
        check(&environment(main), main, &context);
    }
}

/// A list that cannot be looked at.
struct Torn(&'static str);

impl AsData for Torn {
    fn as_data(&self) -> Data<'_> {
        Data::Seq(self)
    }
}

impl Sequence for Torn {
    fn len(&self) -> usize {
        if self.0 == "len" {
            fail("asked for its length");
        }
        3
    }
    fn get(&self, at: usize) -> Option<Data<'_>> {
        if self.0 == "get" && at > 0 {
            fail("asked for its second item");
        }
        (at < 3).then_some(Data::Int(1))
    }
}

#[test]
fn sequences_that_panic_fail_alone() {
    for main in [
        "{% for x in l %}{{ x }}{% end %}",
        "{{ l | sort }}",
        "{{ l[2:] }}",
        "{{ l | reverse }}",
    ] {
        for what in ["len", "get"] {
            let lent = Torn(what);
            check(&environment(main), main, &Bindings::new().lend("l", &lent));
        }
    }
    for main in ["{{ l }}", "{{ l | tojson }}", "{{ l + [1] }}"] {
        let lent = Torn("get");
        check(&environment(main), main, &Bindings::new().lend("l", &lent));
    }
}

#[test]
fn closures_that_panic_fail_alone() {
    for main in [
        "{{ 1 | f }}",
        "{{ 1 is t }}",
        "{{ g(1) }}",
        "{{ [3, 1] | select('t') | list }}",
        "{{ sorted([2, 1], key=g) }}",
        "{% for x in map(g, [1]) %}{% end %}",
        "{% def d(a) %}{{ a | f }}{% end %}{{ sorted([2, 1], key=d) }}",
        "{% capture c %}{{ g(1) }}{% end %}",
        "{% let l = [] %}{% for i in range(9) %}{% set _ = l.append(g(i)) %}{% end %}",
    ] {
        let mut environment = environment(main);
        environment.add_filter("f", |_: i64| -> i64 { fail("the filter's mistake") });
        environment.add_test("t", |_: i64| -> bool { fail("the test's mistake") });
        environment.add_function("g", |_: i64| -> i64 { fail("the function's mistake") });
        check(&environment, main, &context! {});
        // Like any other mistake of a closure, it can be caught.
        if main.contains("def") {
            continue;
        }
        let caught = format!("{{% try %}}a{main}{{% fallback e %}}<{{{{ e.code }}}}>{{% end %}}");
        let page = environment.from_string(&caught).unwrap();
        assert_eq!(page.render(&context! {}).unwrap(), "<K-RUN-007>", "{main}");
    }
}

/// An error that cannot say what it is.
#[derive(Debug)]
struct Speechless;

impl std::fmt::Display for Speechless {
    fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        fail("no words")
    }
}

impl std::error::Error for Speechless {}

#[test]
fn errors_that_panic_when_they_are_told_fail_alone() {
    let main = "{{ g() }}";
    let mut environment = environment(main);
    environment.add_function("g", || Err::<i64, _>(Speechless));
    check(&environment, main, &context! {});
}

/// Panics when it is asked for an item.
struct Dry(usize);

impl Stream for Dry {
    type Item = i64;
    fn poll_next(mut self: Pin<&mut Self>, _: &mut task::Context<'_>) -> Poll<Option<i64>> {
        if self.0 == 0 {
            fail("it is dry");
        }
        self.0 -= 1;
        Poll::Ready(Some(1))
    }
}

/// Panics when it is dropped, whether it was waited for or not.
struct Clinging;

impl Drop for Clinging {
    fn drop(&mut self) {
        if !thread::panicking() {
            fail("it would not go");
        }
    }
}

#[test]
fn futures_and_streams_that_panic_fail_alone() {
    for main in [
        "{{ await bad() }}",
        "a{% for i in range(3) %}{{ await bad() }}{% end %}",
        "{% async for x in dry(0) %}{{ x }}{% end %}",
        "{% async for x in dry(2) %}{{ x }}{% end %}",
        "{% capture c %}{% async for x in dry(1) %}{{ x }}{% end %}{% end %}",
        "{{ await clinging() }}",
    ] {
        let mut environment = environment(main);
        environment.add_function("bad", || {
            awaitable(async {
                if true {
                    fail("in a future");
                }
            })
        });
        environment.add_function("dry", |n: usize| async_items(Dry(n)));
        environment.add_function("clinging", || {
            let held = Clinging;
            awaitable(async move {
                let _held = held;
                1
            })
        });
        check(&environment, main, &context! {});
    }
}

/// Panics while it is dropped, as long as nothing else does.
#[derive(Debug)]
struct Sticky;

impl Drop for Sticky {
    fn drop(&mut self) {
        fail("it would not be dropped");
    }
}

impl SharedObject for Sticky {
    fn attr(&self, _: &str) -> Option<Data<'static>> {
        None
    }
}

#[test]
fn objects_that_panic_when_they_are_dropped_harm_nobody() {
    for main in [
        "{% let a = sticky() %}",
        // More than one at the end of a render must not end the process.
        "{% let a = [sticky(), sticky(), sticky()] %}",
        "{% for i in range(500) %}{% set a = sticky() %}{% end %}",
        "{% let a = [sticky(), sticky()] %}{{ nobody.x }}",
        "{% let a = sticky() %}{{ boom() }}",
        "{{ taken(sticky()) }}",
        "{{ [sticky(), sticky()] | length }}",
    ] {
        for collect_always in [false, true] {
            let mut options = options(main);
            options.probe = Probe {
                collect_always,
                ..Probe::default()
            };
            let mut environment = Environment::with_options(options).unwrap();
            environment.add_filter("plus", |n: i64| n + 1);
            environment.add_function("sticky", || Data::from(Arc::new(Sticky)));
            environment.add_function("taken", |_: Data<'static>| 1);
            environment.add_function("boom", || -> i64 { fail("as well") });
            let template = environment.get_template("main").unwrap();
            for (way, page) in all_ways(&template, (&Context::new()).into()) {
                if let Err(error) = page {
                    let code = error.code().as_str();
                    assert!(code.starts_with("K-RUN-"), "{main} as {way}: {error}");
                }
            }
            // A render that is given up drops what it holds, too.
            let nothing = Context::new();
            let mut render = template.begin(&nothing).unwrap();
            let _ = render.step(5);
            drop(render);
            let mut pieces = template.render_stream(&nothing);
            let _ = pieces.next();
            drop(pieces);
            is_well(&environment, main);
        }
    }
}

/// Panics as the name says.
struct Moody;

impl Loader for Moody {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        match name {
            "bad" => fail("the loader's mistake"),
            "well" => Ok(Source::new(WELL)),
            "inner" => Ok(Source::new("{% include 'bad' %}")),
            "main" => Ok(Source::new("{% include what %}")),
            _ => Err(LoadError::NotFound {
                searched: Vec::new(),
                notes: Vec::new(),
            }),
        }
    }
    fn list(&self) -> Option<Vec<String>> {
        fail("the loader has lost its list")
    }
}

#[test]
fn loaders_that_panic_fail_alone() {
    for main in [
        "{% include 'bad' %}",
        "{% extends 'bad' %}",
        "{% embed 'bad' %}{% end %}",
        "{% import 'bad' as b %}{{ b }}",
        "{% from 'bad' import f %}{{ f() }}",
        "{% include 'inner' %}",
        "{% include 'bad' ignore missing %}",
        "{% try %}{% include 'nobody' %}{% fallback %}{% include 'bad' %}{% end %}",
    ] {
        let mut environment = Environment::with_loader(Moody);
        environment.add_filter("plus", |n: i64| n + 1);
        let template = environment.from_string(main).unwrap();
        for (way, page) in all_ways(&template, (&Context::new()).into()) {
            let error = page.expect_err(main);
            assert!(
                error.to_string().contains("panic"),
                "{main} as {way}: {error}"
            );
            is_well(&environment, main);
        }
    }
    let mut environment = Environment::with_loader(Moody);
    environment.add_filter("plus", |n: i64| n + 1);
    assert!(environment.list_templates().is_err());
    assert!(environment.check().is_err());
    is_well(&environment, "a list");
}

#[test]
fn translations_and_sinks_that_panic_fail_alone() {
    for main in [
        "{{ _('a') }}",
        "{{ _n('a', 'b', 2) }}",
        "{% trans %}a{% end %}",
    ] {
        let mut environment = environment(main);
        environment.install_translations(
            |_: &str| fail("no words"),
            |_: &str, _: &str, _: i64| fail("no numbers"),
        );
        check(&environment, main, &context! {});
    }
    let main = "{{ 1 | debug }}";
    let mut environment = Environment::with_options(Options {
        debug_sink: Some(Arc::new(|_: &str| fail("nothing to see"))),
        ..options(main)
    })
    .unwrap();
    environment.add_filter("plus", |n: i64| n + 1);
    check(&environment, main, &context! {});
}

/// Writes nothing, and not even that.
struct Broken;

impl io::Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        fail("no paper")
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_panics_fails_alone() {
    let environment = environment("page");
    let template = environment.get_template("main").unwrap();
    let error = template.render_to(&context! {}, &mut Broken).unwrap_err();
    assert_eq!(error.code(), Code::RunValue);
    is_well(&environment, "a broken sink");
}
