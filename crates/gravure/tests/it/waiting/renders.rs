//! What holds for a render that waits, whatever its page.

use super::*;

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

/// A user whose posts are asked for when a template reads them.
struct User;

impl gravure::Object for User {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        match name {
            "posts" => Some(awaitable(async { vec!["a", "b"] })),
            "friend" => Some(Data::Shared(Arc::new(Friend))),
            "name" => Some("Ada".into()),
            _ => None,
        }
    }

    fn call<'a>(&'a self, name: &str, _: &[Data<'_>]) -> Option<Result<Data<'a>, gravure::Fault>> {
        (name == "age").then(|| Ok(awaitable(async { 36 })))
    }

    fn awaitable(&self) -> Option<gravure::Awaitable> {
        Some(gravure::Awaitable::new(async { Ok("whole".into()) }))
    }
}

#[derive(Debug)]
struct Friend;

impl gravure::SharedObject for Friend {
    fn attr(&self, name: &str) -> Option<Data<'static>> {
        (name == "name").then(|| awaitable(async { "Bo" }))
    }

    fn async_items(&self) -> Option<gravure::AsyncItems> {
        let token = Arc::new(());
        Some(gravure::AsyncItems::new(Outcomes(Paced {
            items: vec![Data::Int(1), Data::Int(2)].into_iter(),
            pause: None,
            fails: false,
            _token: token,
        })))
    }
}

/// With errors of the sort that a handle takes.
struct Outcomes(Paced);

impl Stream for Outcomes {
    type Item = Result<Data<'static>, Box<dyn std::error::Error + Send + Sync>>;
    fn poll_next(mut self: Pin<&mut Self>, cx: &mut task::Context<'_>) -> Poll<Option<Self::Item>> {
        let item = pin!(&mut self.0).poll_next(cx);
        item.map(|item| item.map(|item| item.map_err(Into::into)))
    }
}

#[test]
fn objects_may_wait_themselves_and_have_parts_that_do() {
    let source = "{{ await user.posts }} {{ await user.age() }} {{ await user.friend.name }} \
                  {{ await user.name }} {{ await user }} {{ user.name }} \
                  {% async for n in user.friend %}{{ n }}{% end %}";
    let template = Environment::new().from_string(source).unwrap();
    let user = User;
    let context = Bindings::new().give("user", Data::Object(&user));
    let page = drive(template.render_async(&context)).unwrap();
    assert_eq!(page, "[&#39;a&#39;, &#39;b&#39;] 36 Bo Ada whole Ada 12");
}

#[test]
fn bounds_hold_while_waiting() {
    let environment = Environment::new();
    let template = environment
        .from_string("{% async for i in range(100000) %}{{ await i }}{% end %}")
        .unwrap();
    let options = gravure::RenderOptions {
        limits: Some(gravure::Limits {
            fuel: 1_000,
            ..gravure::Limits::default()
        }),
        ..gravure::RenderOptions::default()
    };
    let context = Context::new();
    let error = drive(template.with(&options).render_async(&context)).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-019");
    let late = gravure::RenderOptions {
        max_time: Some(std::time::Duration::ZERO),
        ..gravure::RenderOptions::default()
    };
    let error = drive(template.with(&late).render_async(&context)).unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-019");
}

#[test]
fn a_wake_from_another_thread_goes_on() {
    let (sender, receiver) = std::sync::mpsc::channel::<Waker>();
    let waking = thread::spawn(move || {
        while let Ok(waker) = receiver.recv() {
            waker.wake();
        }
    });
    let sender = std::sync::Mutex::new(sender);
    let mut environment = Environment::new();
    environment.add_function("outside", move |data: Data<'static>| {
        let sender = sender.lock().unwrap().clone();
        let mut was_polled = false;
        awaitable(async move {
            std::future::poll_fn(|cx| {
                if std::mem::replace(&mut was_polled, true) {
                    return Poll::Ready(());
                }
                sender.send(cx.waker().clone()).unwrap();
                Poll::Pending
            })
            .await;
            data
        })
    });
    let template = environment
        .from_string("{% for i in range(200) %}{{ await outside(i) }},{% end %}")
        .unwrap();
    let context = Context::new();
    let waker = Waker::from(Arc::new(Unparking(thread::current())));
    let mut future = Box::pin(template.render_async(&context));
    let page = loop {
        let mut cx = task::Context::from_waker(&waker);
        match future.as_mut().poll(&mut cx) {
            Poll::Ready(page) => break page.unwrap(),
            Poll::Pending => thread::park(),
        }
    };
    assert!(page.ends_with("198,199,"), "{page}");
    drop(future);
    drop(template);
    drop(environment);
    waking.join().unwrap();
}

#[test]
fn many_renders_may_wait_for_one_value_in_many_threads() {
    let template = Environment::new()
        .from_string("{{ await value }}{% async for x in items %}{{ x }}{% end %}")
        .unwrap();
    for _ in 0..50 {
        let value = awaitable(async {
            Pause {
                times: 20,
                wakes: 2,
            }
            .await;
            "v"
        });
        let n_items = 30;
        let items = async_items(Paced {
            items: vec![Data::Int(7); n_items].into_iter(),
            pause: None,
            fails: false,
            _token: Arc::new(()),
        });
        let context = Bindings::new().give("value", value).give("items", items);
        let pages: Vec<String> = thread::scope(|scope| {
            let render = || {
                let waker = Waker::from(Arc::new(Unparking(thread::current())));
                let mut future = pin!(template.render_async(&context));
                loop {
                    let mut cx = task::Context::from_waker(&waker);
                    match future.as_mut().poll(&mut cx) {
                        Poll::Ready(page) => return page.unwrap(),
                        Poll::Pending => thread::park(),
                    }
                }
            };
            let workers: Vec<_> = (0..4).map(|_| scope.spawn(render)).collect();
            workers.into_iter().map(|it| it.join().unwrap()).collect()
        });
        assert!(pages.iter().all(|page| page.starts_with('v')), "{pages:?}");
        let n_given: usize = pages.iter().map(|page| page.len() - 1).sum();
        assert_eq!(n_given, n_items);
    }
}
