//! Templates that wait: every way of waiting gives the same page, at whatever
//! point others run, and whoever leaves at one takes everything along.

mod pages;
mod renders;

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

/// Unparks the thread that waits.
struct Unparking(thread::Thread);

impl Wake for Unparking {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
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
