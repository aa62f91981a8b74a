//! Bytes and allocations, counted. A binary of its own, since it replaces the
//! allocator, and one test at a time, since the counters are everybody's.
//!
//! `GRAVURE_STRESS` set to a number makes that many rounds of what is short
//! otherwise.

use gravure::{
    Context, ContextRef, Environment, Options, context,
    loader::{FileLoader, FunctionLoader, MapLoader, Source},
    options::AutoReload,
};
use stats_alloc::{INSTRUMENTED_SYSTEM, StatsAlloc};
use std::{
    alloc::System,
    fs,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes that are held at the moment.
fn held() -> usize {
    let stats = ALLOCATOR.stats();
    stats
        .bytes_allocated
        .saturating_sub(stats.bytes_deallocated)
}

/// How often memory was asked for since the program began.
fn asked() -> usize {
    let stats = ALLOCATOR.stats();
    stats.allocations + stats.reallocations
}

/// A stream of this page never holds so much more than before; looked at
/// between its pieces and whenever the page calls `look()`.
fn stays_below(source: &str, most: usize, n_bytes: usize) {
    let _alone = alone();
    let peak = Arc::new(AtomicUsize::new(0));
    let mut environment = Environment::new();
    let seen = peak.clone();
    environment.add_function("look", move || {
        seen.fetch_max(held(), Ordering::Relaxed);
        ""
    });
    let template = environment.from_string(source).unwrap();
    let context = context! {};
    let baseline = held();
    let mut written = 0;
    for piece in template.render_stream(&context) {
        written += piece.unwrap().len();
        peak.fetch_max(held(), Ordering::Relaxed);
    }
    assert_eq!(written, n_bytes);
    let above = peak.load(Ordering::Relaxed).saturating_sub(baseline);
    assert!(above < most, "{above} bytes above the baseline");
}

#[test]
fn a_stream_of_a_million_rounds_stays_small() {
    let source = "{% for i in range(1000000) %}{{ i }}\n\
                  {% if i % 10000 == 9999 %}{{ look() }}{% end %}{% end %}";
    stays_below(source, 2 << 20, 6_888_890);
}

#[test]
fn what_a_round_makes_is_gone_after_it() {
    let source = "{% for i in range(100000) %}{{ ('ab' ~ (i % 10)) | upper }}\
                  {% if i % 1000 == 999 %}{{ look() }}{% end %}{% end %}";
    stays_below(source, 2 << 20, 300_000);
}

/// How often each of many renders asks for memory, the first left out: of JSON,
/// and of data prepared ahead.
fn per_render(workload: &str) -> [f64; 2] {
    const RENDERS: usize = 20;
    let _alone = alone();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../benches/workloads")
        .join(workload);
    let data = fs::read_to_string(folder.join("data.json")).unwrap();
    let data: serde_json::Value = serde_json::from_str(&data).unwrap();
    let context = Context::from_serialize(&data).unwrap();
    let options = Options {
        loader: Some(Arc::new(FileLoader::new(&folder))),
        // Asking for a file's time is the loader's business.
        auto_reload: AutoReload::Never,
        ..Options::default()
    };
    let environment = Environment::with_options(options).unwrap();
    let template = environment.get_template("main.html").unwrap();
    let forms: [ContextRef<'_>; 2] = [(&data).into(), (&context).into()];
    forms.map(|form| {
        for _ in 0..2 {
            template.render(form).unwrap();
        }
        // The harness around the test asks for memory too, now and then.
        let rounds = (0..RENDERS).map(|_| {
            let before = asked();
            template.render(form).unwrap();
            asked() - before
        });
        rounds.min().unwrap_or(0) as f64
    })
}

#[test]
fn a_render_in_kept_memory_asks_for_the_page_alone() {
    // A page of many templates loads them, and makes defs.
    for (workload, most) in [
        ("table-int", 1.0),
        ("table-str", 1.0),
        ("teams", 1.0),
        ("escape", 1.0),
        ("page", 20.0),
    ] {
        let asked = per_render(workload);
        println!("{workload}: {asked:?} allocations a render");
        assert!(
            asked.iter().all(|&it| it <= most),
            "{workload}: {asked:?} allocations a render"
        );
    }
}

#[test]
fn a_render_that_failed_leaves_its_memory_too() {
    let _alone = alone();
    let environment = Environment::new();
    let fails = environment.from_string("{% for i in range(9) %}{{ 1 / (7 - i) }}{% end %}");
    let fails = fails.unwrap();
    let works = environment.from_string("{% for i in range(9) %}{{ i }}{% end %}");
    let works = works.unwrap();
    let context = context! {};
    works.render(&context).unwrap();
    fails.render(&context).unwrap_err();
    let rounds = (0..20).map(|_| {
        drop(fails.render(&context));
        let before = asked();
        works.render(&context).unwrap();
        asked() - before
    });
    assert_eq!(rounds.min(), Some(1), "the page alone");
}

#[test]
fn what_an_include_sees_is_gone_after_it() {
    let _alone = alone();
    let loader = MapLoader::from([
        ("part.html", "{{ i }}"),
        (
            "main.html",
            "{% for i in range(200) %}{% include 'part.html' %}{% end %}",
        ),
    ]);
    let environment = Environment::with_loader(loader);
    let template = environment.get_template("main.html").unwrap();
    let context = context! {};
    for _ in 0..3 {
        template.render(&context).unwrap();
    }
    let rounds = (0..20).map(|_| {
        let before = asked();
        template.render(&context).unwrap();
        asked() - before
    });
    let asked = rounds.min().unwrap_or(usize::MAX);
    assert!(asked < 20, "{asked} allocations for 200 includes");
}

#[test]
fn a_render_that_is_left_at_any_wait_keeps_nothing() {
    let _alone = alone();
    let mut environment = Environment::new();
    environment.add_function("later", |n: i64| {
        let mut was_polled = false;
        gravure::awaitable(std::future::poll_fn(move |_| {
            match std::mem::replace(&mut was_polled, true) {
                true => std::task::Poll::Ready(n),
                false => std::task::Poll::Pending,
            }
        }))
    });
    let source = "{% provide p = 'x' * 1000 %}{% capture c %}{% for i in range(5) %}\
                  {{ 'text' * 100 }}{{ await later(i) }}{% end %}{% end %}{{ c }}{% end %}\
                  {% def f(i) %}{{ await later(i) }}{% end %}{{ sorted(range(5), key=f) }}";
    let template = environment.from_string(source).unwrap();
    let context = context! {};
    let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
    let mut leave_at = |n_polls: usize| {
        let mut future = Box::pin(template.render_async(&context));
        (0..n_polls).any(|_| future.as_mut().poll(&mut cx).is_ready())
    };
    // What a thread keeps for its next render has grown after the first round.
    while !leave_at(20) {}
    // The harness around the test asks for memory too, now and then.
    let mut n_clean = 0;
    for _ in 0..20 {
        let before = held();
        let mut n_polls = 0;
        while !leave_at(n_polls) {
            n_polls += 1;
        }
        assert_eq!(n_polls, 11, "ten waits and the end");
        n_clean += usize::from(held() <= before);
    }
    assert!(n_clean > 10, "something stays in all but {n_clean} rounds");
}

/// Nothing that comes once and never again leaves anything behind.
fn leaves_nothing(what: &str, mut round: impl FnMut(usize)) {
    let rounds = std::env::var("GRAVURE_STRESS").ok();
    let rounds = rounds.and_then(|it| it.parse().ok()).unwrap_or(2_000);
    let _alone = alone();
    for n in 0..500 {
        round(n);
    }
    let before = held();
    for n in 500..500 + rounds {
        round(n);
    }
    let more = held().saturating_sub(before);
    assert!(
        more < 48 << 10,
        "{what}: {more} bytes after {rounds} rounds"
    );
}

/// An environment that keeps little, and has any name but those with `x`.
fn forgetful() -> Environment {
    let loader = FunctionLoader::new(|name: &str| {
        let source = format!("{{{{ n }}}} {name} {{% cache '{name}' %}}{name}{{% end %}}");
        Ok((!name.contains('x')).then(|| Source::new(source)))
    });
    let options = Options {
        loader: Some(Arc::new(loader)),
        cache_size: 16,
        fragment_cache_size: 16,
        ..Options::default()
    };
    Environment::with_options(options).unwrap()
}

#[test]
fn sources_and_names_that_come_once_leave_nothing() {
    let environment = forgetful();
    leaves_nothing("sources", |n| {
        let source = format!("{{{{ n }}}} {n} {{% let v{n} = n %}}{{{{ v{n} }}}}");
        let template = environment.from_string(&source).unwrap();
        let page = template.render(&context! { n => n }).unwrap();
        assert_eq!(page, format!("{n} {n} {n}"));
        let named = environment.from_named_string(&format!("name{n}"), "{{ n");
        named.unwrap_err();
    });
    leaves_nothing("names", |n| {
        let page = environment.render(&format!("p{n}"), &context! { n => n });
        assert_eq!(page.unwrap(), format!("{n} p{n} p{n}"));
        environment.get_template(&format!("x{n}")).unwrap_err();
    });
}

#[test]
fn updates_leave_nothing() {
    let environment = Environment::new();
    let template = environment.from_string("{{ f() }} {{ g }}").unwrap();
    leaves_nothing("updates", |n| {
        environment.update(|tables| {
            tables.add_filter("host", move |it: usize| it + n);
            tables.add_test("host", move |it: usize| it == n);
            tables.add_function("f", move || n);
            tables.add_function(&format!("f{n}"), || 1);
            tables.remove_function(&format!("f{n}"));
            tables.add_global("g", &n).unwrap();
        });
        let page = template.render(&context! {}).unwrap();
        assert_eq!(page, format!("{n} {n}"));
    });
}
