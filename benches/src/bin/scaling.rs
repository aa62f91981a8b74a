//! What threads cost each other: one environment, one thread and two.
//!
//! In: nothing, or `count RENDERS [updates]` for a tool that counts
//! instructions of `render_once` alone. Out: a line a workload and way.
//!
//! The machine may be busy with other work, so what is compared is pages by
//! the CPU time of the threads that make them: what two free cores would give.
//! Rounds are paired, each way once a round, and the median counts. Two
//! threads with an environment each are the control: whatever those lose is
//! the machine's, not ours.

use cpu_time::ThreadTime;
use gravure::{Environment, Template, loader::FileLoader};
use gravure_benches::workload::{Workload, workload_folder};
use serde_json::{Value as Json, json};
use std::{
    hint::black_box,
    sync::{
        Barrier,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// Paired rounds.
const ROUNDS: usize = 25;

/// CPU time that a thread takes for a round, about.
const TURN: Duration = Duration::from_millis(60);

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("count") => {
            let renders = args.get(1).and_then(|it| it.parse().ok()).unwrap_or(100);
            count(renders, args.get(2).is_some());
        }
        _ => table(),
    }
}

/// A template, its environment, and what it is rendered with.
struct Stage {
    environment: Environment,
    template: Template,
    data: Json,
}

impl Stage {
    fn page() -> Self {
        let environment = Environment::with_loader(FileLoader::new(workload_folder("page")));
        Self {
            template: environment
                .get_template("main.html")
                .expect("page compiles"),
            data: Workload::read("page").data,
            environment,
        }
    }

    /// A loop over a value that all threads share, a global.
    fn site() -> Self {
        let pages: Vec<Json> = (0..500)
            .map(|n| json!({"title": format!("Page {n}"), "url": format!("/p/{n}"), "weight": n}))
            .collect();
        let environment = Environment::new();
        environment
            .update(|tables| tables.add_global("site", &json!({ "pages": pages })))
            .expect("a global");
        let source = "{% for p in site.pages %}<a href=\"{{ p.url }}\">{{ p.title }}</a> \
                      {{ p.weight }}\n{% end %}";
        Self {
            template: environment.from_string(source).expect("site compiles"),
            data: json!({}),
            environment,
        }
    }

    /// What a server does now and then, here all the time.
    fn update(&self, n: usize) {
        self.environment.update(|tables| {
            tables.add_global("revision", &n).expect("a number");
            tables.add_filter("revised", move |it: i64| it + n as i64);
        });
    }
}

#[inline(never)]
fn render_once(stage: &Stage) -> usize {
    stage.template.render(&stage.data).expect("a page").len()
}

/// Pages a second of CPU time, over all threads together.
fn rate(stages: &[&Stage], renders: usize) -> f64 {
    let start = Barrier::new(stages.len());
    let start = &start;
    let spent: Vec<Duration> = thread::scope(|scope| {
        let threads: Vec<_> = stages
            .iter()
            .map(|&stage| {
                scope.spawn(move || {
                    black_box(render_once(stage));
                    start.wait();
                    let clock = ThreadTime::now();
                    for _ in 0..renders {
                        black_box(render_once(stage));
                    }
                    clock.elapsed()
                })
            })
            .collect();
        let threads = threads.into_iter();
        threads.map(|it| it.join().expect("no panic")).collect()
    });
    let spent: f64 = spent.iter().map(Duration::as_secs_f64).sum();
    (renders * stages.len()) as f64 / spent
}

/// The same with a thousand updates a second beside it.
fn rate_with_updates(stages: &[&Stage], renders: usize) -> f64 {
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            let start = Instant::now();
            let mut n = 0;
            while !done.load(Ordering::Relaxed) {
                // As many as are due, however late this thread is woken.
                while n < start.elapsed().as_millis() as usize {
                    n += 1;
                    stages[0].update(n);
                }
                thread::sleep(Duration::from_micros(500));
            }
        });
        let rate = rate(stages, renders);
        done.store(true, Ordering::Relaxed);
        rate
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn table() {
    println!("workload  pages/CPU s  two threads  control  with updates");
    for (name, stage, other) in [
        ("page", Stage::page(), Stage::page()),
        ("site", Stage::site(), Stage::site()),
    ] {
        let clock = ThreadTime::now();
        for _ in 0..50 {
            black_box(render_once(&stage));
        }
        let once = clock.elapsed() / 50;
        let renders = (TURN.as_secs_f64() / once.as_secs_f64()).ceil() as usize;
        let mut ways: [Vec<f64>; 4] = Default::default();
        for _ in 0..ROUNDS {
            let one = rate(&[&stage], renders);
            let two = rate(&[&stage, &stage], renders);
            let control = rate(&[&stage, &other], renders);
            let updated = rate_with_updates(&[&stage, &stage], renders);
            let all = [
                one,
                2.0 * two / one,
                2.0 * control / one,
                2.0 * updated / one,
            ];
            ways.iter_mut().zip(all).for_each(|(way, it)| way.push(it));
        }
        let [one, two, control, updated] = ways.map(median);
        println!("{name:8}  {one:11.0}  {two:10.3}×  {control:6.3}×  {updated:11.3}×");
    }
}

/// Renders for a tool that counts: `page`, with an update before every sixth,
/// which at 170 µs a page are a thousand a second.
fn count(renders: usize, with_updates: bool) {
    let stage = Stage::page();
    for _ in 0..10 {
        black_box(render_once(&stage));
    }
    for n in 0..renders {
        if with_updates && n % 6 == 0 {
            stage.update(n);
        }
        black_box(render_once(&stage));
    }
}
