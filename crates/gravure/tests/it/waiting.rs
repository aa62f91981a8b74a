//! Templates that wait: every way of waiting gives the same page, at whatever
//! point others run, and whoever leaves at one takes everything along.

use gravure::{
    Bindings, Context, Data, Environment, Error, Options, Progress, Stream, Template, async_items,
    awaitable, loader::MapLoader, unstable::Probe,
};
use std::{
    future::Future,
    pin::{Pin, pin},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{self, Poll, Wake, Waker},
    thread,
};

/// Counts how often it is called.
#[derive(Default)]
struct Calls(AtomicUsize);

impl Wake for Calls {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

impl Calls {
    fn get(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

/// Pending so many times, and woken so often each time.
struct Pause {
    times: usize,
    wakes: usize,
}

impl Future for Pause {
    type Output = ();
    fn poll(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<()> {
        if self.times == 0 {
            return Poll::Ready(());
        }
        self.times -= 1;
        for _ in 0..self.wakes {
            cx.waker().wake_by_ref();
        }
        Poll::Pending
    }
}

/// Items, each behind a pause.
struct Paced {
    items: std::vec::IntoIter<Data<'static>>,
    pause: Option<Pause>,
    fails: bool,
    _token: Arc<()>,
}

impl Stream for Paced {
    type Item = Result<Data<'static>, String>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let pause = self.pause.get_or_insert(Pause { times: 1, wakes: 1 });
        if pin!(pause).poll(cx).is_pending() {
            return Poll::Pending;
        }
        self.pause = None;
        let item = self.items.next().map(Ok);
        Poll::Ready(item.or_else(|| std::mem::take(&mut self.fails).then(|| Err("dry".into()))))
    }
}

fn list(items: Data<'static>) -> std::vec::IntoIter<Data<'static>> {
    match items {
        Data::List(items) | Data::Tuple(items) => items.into_iter(),
        _ => Vec::new().into_iter(),
    }
}

/// Templates around `main`.
const PARTS: &[(&str, &str)] = &[
    ("part", "<{{ await later(x ?? 'p') }}>"),
    ("calm", "({{ x ?? 'c' }})"),
    ("indirect", "{% include 'part' %}"),
    (
        "base",
        "{% block head %}h{% end %}[{% block body %}{{ await later('base') }}{% end %}]",
    ),
    (
        "kit",
        "{% let greeting = await later('hi') %}{% def card(t) %}{{ greeting }} {{ await later(t) }}:\
         {% slot %};{% end %}",
    ),
];

/// An environment whose templates can ask for what is not there yet. All that
/// is waited for holds the token.
fn environment(main: &str, token: &Arc<()>, probe: Probe) -> Environment {
    let loader = MapLoader::from_iter(PARTS.iter().copied().chain([("main", main)]));
    let mut environment = Environment::with_options(Options {
        loader: Some(Arc::new(loader)),
        probe,
        ..Options::default()
    })
    .unwrap();
    let held = token.clone();
    environment.add_function("later", move |data: Data<'static>| {
        let held = held.clone();
        awaitable(async move {
            Pause { times: 1, wakes: 1 }.await;
            drop(held);
            data
        })
    });
    let held = token.clone();
    environment.add_function("stormy", move |data: Data<'static>| {
        let held = held.clone();
        awaitable(async move {
            Pause {
                times: 5,
                wakes: 100,
            }
            .await;
            drop(held);
            data
        })
    });
    environment.add_function("ready", |data: Data<'static>| awaitable(async { data }));
    environment.add_filter("soon", |data: Data<'static>| awaitable(async { data }));
    environment.add_function("failing", |text: String| {
        awaitable(async {
            Pause { times: 1, wakes: 1 }.await;
            Err::<(), String>(text)
        })
    });
    environment.add_function("panicking", || {
        awaitable(async {
            Pause { times: 1, wakes: 1 }.await;
            if true {
                panic!("in a future")
            }
        })
    });
    for (name, fails) in [("paced", false), ("drying", true)] {
        let held = token.clone();
        environment.add_function(name, move |items: Data<'static>| {
            async_items(Paced {
                items: list(items),
                pause: None,
                fails,
                _token: held.clone(),
            })
        });
    }
    environment
}

/// Page, or code, line and column.
fn told(page: Result<String, Error>) -> String {
    page.unwrap_or_else(|error| {
        let (line, column) = (error.line().unwrap_or(0), error.column().unwrap_or(0));
        let template = error.template().unwrap_or("").to_owned();
        format!("{} {template}:{line}:{column}", error.code())
    })
}

/// Polls until it is done; it must be woken before each further poll.
fn drive<T>(future: impl Future<Output = T>) -> T {
    let calls = Arc::new(Calls::default());
    let waker = Waker::from(calls.clone());
    let mut cx = task::Context::from_waker(&waker);
    let mut future = pin!(future);
    for polls in 0.. {
        let before = calls.get();
        if let Poll::Ready(value) = future.as_mut().poll(&mut cx) {
            return value;
        }
        assert!(calls.get() > before, "nobody wakes it after poll {polls}");
    }
    unreachable!()
}

/// The future is polled in another thread each time.
fn wander<T: Send>(future: impl Future<Output = T> + Send) -> T {
    let mut future = Box::pin(future);
    loop {
        let polled = thread::scope(|scope| {
            let poll = || {
                let mut cx = task::Context::from_waker(Waker::noop());
                future.as_mut().poll(&mut cx)
            };
            scope.spawn(poll).join().unwrap()
        });
        if let Poll::Ready(value) = polled {
            return value;
        }
    }
}

/// Turns of so many steps.
fn in_turns(template: &Template, context: &Context, steps: u64) -> Result<String, Error> {
    let mut render = template.begin(context)?;
    let mut page = String::new();
    loop {
        match render.step(steps)? {
            Progress::Done(rest) => return Ok(page + &rest),
            Progress::Piece(piece) => page.push_str(&piece),
            Progress::Waiting | Progress::OutOfSteps => {}
        }
    }
}

fn joined(template: &Template, context: &Context) -> Result<String, Error> {
    let mut pieces = template.render_stream_async(context);
    let mut page = String::new();
    while let Some(piece) = drive(pieces.next()) {
        page.push_str(&piece?);
    }
    Ok(page)
}

/// Every way to the page of a source, and every point to leave it at.
fn check(source: &str, wanted: &str) {
    let context = gravure::context! { xs => [1, 2, 3], nothing => [0; 0], name => "part" };
    for probe in [
        Probe::default(),
        Probe {
            collect_always: true,
            is_plain: true,
            piece: Some(1),
            ..Probe::default()
        },
    ] {
        let token = Arc::new(());
        let environment = environment(source, &token, probe);
        let template = match environment.get_template("main") {
            Ok(template) => template,
            Err(error) => panic!("{source}: {error}"),
        };
        let baseline = Arc::strong_count(&token);
        let whole = told(drive(template.render_async(&context)));
        assert_eq!(whole, wanted, "{source}");
        assert_eq!(told(wander(template.render_async(&context))), wanted);
        assert_eq!(told(joined(&template, &context)), wanted, "{source}");
        for steps in [0, 1, 7, 1_000_000] {
            assert_eq!(
                told(in_turns(&template, &context, steps)),
                wanted,
                "{steps}"
            );
        }
        assert_eq!(Arc::strong_count(&token), baseline, "{source}");
        let mut n_polls = 0;
        loop {
            let mut future = Box::pin(template.render_async(&context));
            let mut cx = task::Context::from_waker(Waker::noop());
            let is_over = (0..n_polls).any(|_| future.as_mut().poll(&mut cx).is_ready());
            drop(future);
            assert_eq!(
                Arc::strong_count(&token),
                baseline,
                "{source} left at {n_polls}"
            );
            if is_over {
                break;
            }
            n_polls += 1;
        }
        let sync = template.render(&context);
        if source.contains("await") || source.contains("async") {
            assert!(template.is_async());
            assert_eq!(sync.unwrap_err().code().as_str(), "K-RUN-020", "{source}");
        }
    }
}

#[test]
fn values_are_waited_for_wherever_an_expression_stands() {
    for (source, wanted) in [
        ("{{ await later(1) }}", "1"),
        (
            "{{ await 1 }}{{ await none }}{{ await xs }}",
            "1None[1, 2, 3]",
        ),
        ("{{ await ready('a') ~ await later('b') }}", "ab"),
        ("{{ (await later('<b>')) | upper }}", "&lt;B&gt;"),
        ("{{ 'a' | replace('a', await later('b')) }}", "b"),
        ("{{ await ('x' | soon) }}", "x"),
        ("{{ [await later(1), await later(2)] | sum }}", "3"),
        ("{{ {'k': await later('v')}['k'] }}", "v"),
        ("{% if await later(true) %}y{% else %}n{% end %}", "y"),
        (
            "{% if await later(0) %}y{% elif await later(1) %}z{% end %}",
            "z",
        ),
        (
            "{% set a = await later(1) %}{% let b = await later(2) %}{{ a + b }}",
            "3",
        ),
        (
            "{% with a = await later(1) %}{{ a }}{% end %}{{ a ?? 'gone' }}",
            "1gone",
        ),
        (
            "{% capture c %}a{{ await later('b') }}c{% end %}[{{ c }}]",
            "[abc]",
        ),
        ("{% filter upper %}a{{ await later('b') }}{% end %}", "AB"),
        (
            "{% spaceless %}<b> {{ await later('b') }}</b> <i>{% end %}",
            "<b> b</b><i>",
        ),
        (
            "{% cache 'k' %}{{ await later('c') }}{% end %}|{% cache 'k' %}no{% end %}",
            "c|c",
        ),
        (
            "{% for x in await later([1, 2]) %}{{ await later(x) }},{% end %}",
            "1,2,",
        ),
        (
            "{% let i = 0 %}{% while (await later(i)) < 2 %}{% let i = i + 1 %}.{% end %}",
            "..",
        ),
        (
            "{% match await later(2) %}{% case 1 %}a{% case 2 %}b{% end %}",
            "b",
        ),
        (
            "{% provide theme = await later('d') %}{{ consume('theme') }}{% end %}",
            "d",
        ),
        (
            "{% push 's' %}{{ await later('p') }}{% end %}[{% stack 's' %}]",
            "[p]",
        ),
        (
            "{% try %}a{{ await later('b') }}{{ nope }}{% fallback %}f{% end %}",
            "f",
        ),
        (
            "{{ await later(await later(later(3))) is defined }}",
            "True",
        ),
        (
            "{% set l = later('once') %}{{ await l }}{{ await l }}",
            "onceonce",
        ),
        ("{{ await stormy('s') }}", "s"),
        ("{{ later(1) }}", "&lt;awaitable&gt;"),
        ("{{ later(1) ?? 'x' }}", "&lt;awaitable&gt;"),
        ("{{ await (later(later(1)) ) }}", "&lt;awaitable&gt;"),
        ("{{ await await later(later(1)) }}", "1"),
    ] {
        check(source, wanted);
    }
}

#[test]
fn other_templates_wait_too() {
    for (source, wanted) in [
        ("a{% include 'part' %}b", "a<p>b"),
        ("a{% include 'indirect' %}b", "a<p>b"),
        ("{% include name %}", "<p>"),
        (
            "{% for x in xs %}{% include 'part' %}{% end %}",
            "<1><2><3>",
        ),
        ("{% include 'calm' %}{{ await 1 }}", "(c)1"),
        (
            "{% include 'missing' ignore missing %}{% include 'part' ignore missing %}",
            "<p>",
        ),
        (
            "{% extends 'base' %}{% block head %}{{ await later('H') }}{% end %}",
            "H[base]",
        ),
        ("{% extends 'base' %}{% block body %}x{% end %}", "h[x]"),
        (
            "{% embed 'base' %}{% block body %}{{ await later('e') }}{% end %}{% end %}!",
            "h[e]!",
        ),
        (
            "{% from 'kit' import card %}{% call card('T') %}{{ await later('in') }}{% end %}",
            "hi T:in;",
        ),
        (
            "{% import 'kit' as kit %}{{ kit.card('T') }}{{ kit.card('U') }}",
            "hi T:;hi U:;",
        ),
        (
            "{% def f(n) %}{{ await later(n) }}{% if n %}{{ f(n - 1) }}{% end %}{% end %}{{ f(3) }}",
            "3210",
        ),
        (
            "{% def f() %}{{ await later('<') }}{% end %}{% set t = f() %}{{ t }}",
            "&lt;",
        ),
        (
            "{% def f(a = await later(1)) %}{{ a }}{% end %}{{ f() }}{{ f(2) }}",
            "12",
        ),
        (
            "{% def f() %}[{% slot %}{% slot foot %}]{% end %}{% call f() %}{{ await later('s') }}\
             {% slot foot %}{{ await later('t') }}{% end %}{% end %}",
            "[st]",
        ),
        ("{% block b %}{{ await later('b') }}{% end %}", "b"),
        (
            "{% region r(a = 1) %}{{ await later(a) }}{% end %}{{ r() }}{{ r(2) }}",
            "12",
        ),
    ] {
        check(source, wanted);
    }
}

#[test]
fn items_come_one_by_one() {
    for (source, wanted) in [
        ("{% async for x in paced(xs) %}{{ x }},{% end %}", "1,2,3,"),
        ("{% async for x in xs %}{{ x }},{% end %}", "1,2,3,"),
        (
            "{% async for x in paced(nothing) %}{{ x }}{% else %}none{% end %}",
            "none",
        ),
        (
            "{% async for x in nothing %}{{ x }}{% empty %}none{% end %}",
            "none",
        ),
        (
            "{% async for x in paced(xs) %}{{ x }}{% else %}none{% end %}",
            "123",
        ),
        (
            "{% async for x in paced(xs) if x != 2 %}{{ loop.index }}{{ x }};{% end %}",
            "11;33;",
        ),
        (
            "{% async for x in paced(xs) if x > 5 %}{{ x }}{% else %}none{% end %}",
            "",
        ),
        (
            "{% async for x in paced(xs) %}{% if x == 2 %}{% break %}{% end %}{{ x }}{% end %}!",
            "1!",
        ),
        (
            "{% async for x in paced(xs) %}{% if x == 2 %}{% continue %}{% end %}{{ x }}{% end %}!",
            "13!",
        ),
        (
            "{% async for x in paced(xs) %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}\
             {{ loop.cycle('a', 'b') }}{{ loop.previtem }};{% end %}",
            "10Truea;21Falseb1;32Falsea2;",
        ),
        (
            "{% async for x in zip(xs, xs) %}{{ loop.previtem }}{{ x }}{% end %}",
            "(1, 1)(1, 1)(2, 2)(2, 2)(3, 3)",
        ),
        (
            "{% async for x in paced(xs) %}{% let l = loop %}{{ l.index }}{{ l.previtem ?? '-' }}\
             {{ l.first }}{% end %}",
            "1True21False32False",
        ),
        (
            "{% async for a, b in paced([(1, 2), (3, 4)]) %}{{ a }}{{ b }};{% end %}",
            "12;34;",
        ),
        (
            "{% async for x in paced(xs) %}{% async for y in paced(xs) %}{{ x * y }},{% end %}{% end %}",
            "1,2,3,2,4,6,3,6,9,",
        ),
        (
            "{% async for x in paced(xs) %}{% for y in xs %}{{ loop.length }}{{ loop.last }}{% end %}{% end %}",
            "3False3False3True3False3False3True3False3False3True",
        ),
        (
            "{% async for x in paced(xs) %}{{ await later(x) }}{% end %}",
            "123",
        ),
        (
            "{% set s = paced(xs) %}{% async for x in s %}{{ x }}{% break %}{% end %}\
             {% async for x in s %}{{ x }}{% end %}{% async for x in s %}{{ x }}{% else %}!{% end %}",
            "123!",
        ),
        (
            "{% def f(s) %}{% async for x in s %}{% slot %}{% end %}{% end %}\
             {% call f(paced(xs)) %}{{ await later('.') }}{% end %}",
            "...",
        ),
        (
            "{% capture c %}{% async for x in paced(xs) %}{{ x }}{% end %}{% end %}{{ c | length }}",
            "3",
        ),
        (
            "{% async for x in paced(xs) %}{% include 'part' %}{% end %}",
            "<1><2><3>",
        ),
    ] {
        check(source, wanted);
    }
}

#[test]
fn what_goes_wrong_has_the_place_of_the_wait() {
    for (source, wanted) in [
        ("a\n{{ 1 }}{{ await failing('x') }}", "K-RUN-007 main:2:10"),
        ("\n{% set a = await panicking() %}", "K-RUN-007 main:2:11"),
        (
            "{% async for x in drying(xs) %}{{ x }}{% end %}",
            "K-RUN-007 main:1:3",
        ),
        (
            "{% try %}{{ await failing('x') }}{% fallback e %}{{ e.message }}{% end %}",
            "what was awaited failed: x",
        ),
        (
            "{% try %}{% async for x in drying(xs) %}{{ x }}{% end %}{% fallback %}dry{% end %}",
            "dry",
        ),
        ("{{ await later(1) }}{{ nope }}", "K-RUN-001 main:1:23"),
        (
            "{% async for x in paced(xs) %}{{ loop.length }}{% end %}",
            "K-RUN-012 main:1:38",
        ),
        (
            "{% async for x in xs %}{{ loop.last }}{% end %}",
            "K-RUN-012 main:1:31",
        ),
        (
            "{% async for x in paced(xs) %}{% let l = loop %}{{ l.nextitem }}{% end %}",
            "K-RUN-012 main:1:53",
        ),
        ("{% async for x in 5 %}{% end %}", "K-RUN-012 main:1:3"),
        (
            "{% for x in paced(xs) %}{% end %}{{ await 1 }}",
            "K-RUN-012 main:1:3",
        ),
        (
            "{% set l = failing('x') %}{% try %}{{ await l }}{% fallback %}a{% end %}{{ await l }}",
            "K-RUN-007 main:1:75",
        ),
        (
            "{% def f(x) %}{{ await later(x) }}{% end %}{{ sorted(xs, key=f) }}",
            "K-RUN-020 main:1:17",
        ),
    ] {
        check(source, wanted);
    }
}

#[test]
fn synchronous_calls_refuse_before_any_output() {
    for (source, wanted) in [
        ("a\n{% include 'part' %}", (2, 3)),
        (
            "a{% include 'calm' %}\n\n {% include 'indirect' %}{{ await 1 }}",
            (3, 4),
        ),
        ("a\n{{ await 1 }}\n{% include 'part' %}", (2, 3)),
        ("{% if name == 1 %}{% include 'part' %}{% end %}", (1, 21)),
        ("{% include 'calm' %}{% include 'part' %}", (1, 23)),
        ("{% include 'missing' %}{% include 'part' %}", (1, 26)),
        ("{% extends 'base' %}", (1, 3)),
        ("{% from 'kit' import card %}{{ 1 }}", (1, 3)),
        ("{% embed 'base' %}{% end %}", (1, 3)),
    ] {
        let token = Arc::new(());
        let environment = environment(source, &token, Probe::default());
        let template = environment.get_template("main").unwrap();
        let context = gravure::context! { name => "part" };
        assert!(template.is_async(), "{source}");
        let mut sink = Vec::new();
        let block = "{% block z %}{% end %}";
        let mut errors = vec![
            template.render(&context).unwrap_err(),
            template
                .render_stream(&context)
                .next()
                .unwrap()
                .unwrap_err(),
            template.render_to(&context, &mut sink).unwrap_err(),
            template.render_with_blocks(&context, &[]).unwrap_err(),
            template.render_capturing(&context, &[]).unwrap_err(),
        ];
        let with_block = environment
            .from_named_string("main2", &format!("{source}{block}"))
            .unwrap();
        let of_block = with_block.render_block("z", &context).unwrap_err();
        assert_eq!(of_block.code().as_str(), "K-RUN-020");
        assert!(sink.is_empty());
        for error in errors.drain(..) {
            assert_eq!(error.code().as_str(), "K-RUN-020", "{source}");
            assert_eq!(error.template(), Some("main"));
            assert_eq!(
                (error.line(), error.column()),
                (Some(wanted.0), Some(wanted.1)),
                "{source}"
            );
        }
    }
    // A computed name is refused where it is reached.
    let token = Arc::new(());
    for name in ["part", "indirect"] {
        let environment = environment(
            "{% if true %}\na{% include name %}{% end %}",
            &token,
            Probe::default(),
        );
        let template = environment.get_template("main").unwrap();
        assert!(!template.is_async());
        let error = template
            .render(&gravure::context! { name => name })
            .unwrap_err();
        assert_eq!(told(Err(error)), "K-RUN-020 main:2:4");
        template
            .render(&gravure::context! { name => "calm" })
            .unwrap();
    }
}

#[test]
fn what_is_asynchronous_is_found_out_again_when_templates_change() {
    let loader = Arc::new(MapLoader::from([
        ("main", "{% include 'mid' %}"),
        ("mid", "{% include 'leaf' %}"),
        ("leaf", "leaf"),
    ]));
    let environment = Environment::with_options(Options {
        loader: Some(loader.clone()),
        ..Options::default()
    })
    .unwrap();
    let template = environment.get_template("main").unwrap();
    let context = Context::new();
    assert_eq!(template.render(&context).unwrap(), "leaf");
    assert!(!template.is_async());
    loader.insert("leaf", "{{ await 1 }}");
    // The tag that is reached says so first; from then on it is known.
    assert!(template.render(&context).is_err());
    assert!(template.is_async());
    assert_eq!(told(template.render(&context)), "K-RUN-020 main:1:3");
    loader.insert("leaf", "leaf");
    assert_eq!(told(drive(template.render_async(&context))), "leaf");
    assert_eq!(told(template.render(&context)), "leaf");
}

#[test]
fn one_value_is_computed_once_for_all_who_wait() {
    let runs = Arc::new(AtomicUsize::new(0));
    let counter = runs.clone();
    let value = awaitable(async move {
        counter.fetch_add(1, Ordering::SeqCst);
        Pause { times: 3, wakes: 1 }.await;
        "v"
    });
    let context = Bindings::new().give("value", value);
    let template = Environment::new()
        .from_string("{{ await value }}{{ await value }}")
        .unwrap();
    let calls = [Arc::new(Calls::default()), Arc::new(Calls::default())];
    let wakers = calls.clone().map(Waker::from);
    type Page<'a> = Pin<Box<dyn Future<Output = Result<String, Error>> + 'a>>;
    let mut first: Page<'_> = Box::pin(template.render_async(&context));
    let mut second: Page<'_> = Box::pin(template.render_async(&context));
    let poll = |future: &mut Page<'_>, at: usize| {
        let mut cx = task::Context::from_waker(&wakers[at]);
        future.as_mut().poll(&mut cx)
    };
    assert!(poll(&mut first, 0).is_pending());
    assert!(poll(&mut second, 1).is_pending());
    // Whoever leaves does not take the others' wakes along.
    let before = calls[1].get();
    drop(first);
    assert!(poll(&mut second, 1).is_pending());
    assert!(calls[1].get() > before);
    let Poll::Ready(page) = poll(&mut second, 1) else {
        panic!("it has been polled four times")
    };
    assert_eq!(page.unwrap(), "vv");
    assert_eq!(runs.load(Ordering::SeqCst), 1);
    drop(second);
    assert_eq!(drive(template.render_async(&context)).unwrap(), "vv");
}

#[test]
fn a_wait_without_end_can_be_left() {
    let token = Arc::new(());
    let held = token.clone();
    let value = awaitable(async move {
        let _held = held;
        std::future::pending::<()>().await;
    });
    let context = Bindings::new().give("value", value);
    let template = Environment::new()
        .from_string("{% provide a = 1 %}{% capture c %}{{ await value }}{% end %}{% end %}")
        .unwrap();
    let waker_token = Arc::new(Calls::default());
    for _ in 0..100 {
        let waker = Waker::from(waker_token.clone());
        let mut future = Box::pin(template.render_async(&context));
        for _ in 0..3 {
            assert!(
                future
                    .as_mut()
                    .poll(&mut task::Context::from_waker(&waker))
                    .is_pending()
            );
        }
    }
    // Nobody who left is remembered.
    assert_eq!(Arc::strong_count(&waker_token), 1);
    assert_eq!(Arc::strong_count(&token), 2);
    drop(context);
    assert_eq!(Arc::strong_count(&token), 1);
}

#[test]
fn what_is_out_is_sent_before_a_wait() {
    let token = Arc::new(());
    let environment = environment(
        "head{{ await later(1) }}{% capture c %}x{{ await later(2) }}{% end %}{{ c }}\
         {% try %}t{{ await later(3) }}{% fallback %}{% end %}",
        &token,
        Probe::default(),
    );
    let template = environment.get_template("main").unwrap();
    let context = Context::new();
    let mut pieces = template.render_stream_async(&context);
    let mut seen = Vec::new();
    while let Some(piece) = drive(pieces.next()) {
        seen.push(piece.unwrap());
    }
    assert_eq!(seen, ["head", "1x2t3"]);
}

#[test]
fn a_long_render_lets_others_run() {
    let template = Environment::new()
        .from_string("{% for i in range(100000) %}{{ i }}{% end %}")
        .unwrap();
    let context = Context::new();
    let calls = Arc::new(Calls::default());
    let waker = Waker::from(calls.clone());
    let mut cx = task::Context::from_waker(&waker);
    let mut future = pin!(template.render_async(&context));
    let mut polls = 1;
    while future.as_mut().poll(&mut cx).is_pending() {
        assert_eq!(calls.get(), polls);
        polls += 1;
    }
    assert!((20..500).contains(&polls), "{polls}");
    // So does one whose pieces are always there.
    let mut pieces = template.render_stream_async(&context);
    let mut n_pending = 0;
    loop {
        match pin!(pieces.next()).poll(&mut cx) {
            Poll::Ready(None) => break,
            Poll::Ready(Some(piece)) => drop(piece.unwrap()),
            Poll::Pending => n_pending += 1,
        }
    }
    assert!((20..500).contains(&n_pending), "{n_pending}");
}

#[test]
fn blocks_wait_with_their_setup() {
    let token = Arc::new(());
    let environment = environment(
        "{% extends 'base' %}{% let a = await later('A') %}{% block head %}{{ a }}{{ await later(1) }}{% end %}",
        &token,
        Probe::default(),
    );
    let template = environment.get_template("main").unwrap();
    let context = Context::new();
    for (block, wanted) in [("head", "A1"), ("body", "base")] {
        let whole = drive(template.render_block_async(block, &context));
        assert_eq!(whole.unwrap(), wanted);
        let mut pieces = template.render_block_stream_async(block, &context);
        let mut page = String::new();
        while let Some(piece) = drive(pieces.next()) {
            page.push_str(&piece.unwrap());
        }
        assert_eq!(page, wanted);
    }
    let unknown = drive(template.render_block_async("nope", &context));
    assert_eq!(unknown.unwrap_err().code().as_str(), "K-RUN-007");
    let mut pieces = template.render_block_stream_async("nope", &context);
    assert!(drive(pieces.next()).unwrap().is_err());
    assert!(drive(pieces.next()).is_none());
}
