//! Prints where Gravure stands: one table over all workloads.
//!
//! In: nothing, or names of workloads and engines to be content with.
//! Out: a Markdown table: median CPU time, the ratio to Gravure on the same
//! form of data, and allocations, which its neighbor `allocations` counts.
//! It ends with a failure if any engine made a wrong page.

use std::collections::HashMap;
use std::env;
use std::process::{Command, ExitCode};
use std::time::Duration;

use gravure_benches::check::{check_compiler, check_renderer};
use gravure_benches::contest::Form;
use gravure_benches::engines::{self, gravure};
use gravure_benches::measure::{Plan, Timing, medians};
use gravure_benches::workload::{CORPUS, RENDERED, Workload};

/// Allocator calls and bytes by `workload engine form`.
type Counts = HashMap<String, (String, String)>;

fn main() -> ExitCode {
    let wanted = Wanted::from_arguments();
    let counts = allocation_counts();
    let mut is_clean = true;

    println!("| workload | engine | data | µs | × Gravure | allocations | bytes asked for |");
    println!("|---|---|---|--:|--:|--:|--:|");
    for name in RENDERED.into_iter().filter(|name| wanted.workload(name)) {
        is_clean &= render(name, &wanted, &counts);
    }
    if wanted.workload(CORPUS) {
        is_clean &= compile(&wanted, &counts);
    }
    if is_clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What the arguments ask for; a kind of name that they do not mention is
/// wanted entirely.
struct Wanted {
    workloads: Vec<String>,
    engines: Vec<String>,
}

impl Wanted {
    fn from_arguments() -> Self {
        let is_workload = |name: &String| name == CORPUS || RENDERED.contains(&name.as_str());
        let (workloads, engines) = env::args().skip(1).partition(is_workload);
        Self { workloads, engines }
    }

    fn workload(&self, name: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|one| one == name)
    }

    fn engine(&self, name: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|one| one == name)
    }
}

fn render(name: &str, wanted: &Wanted, counts: &Counts) -> bool {
    let workload = Workload::read(name);
    let mut renderers = engines::renderers(&workload);
    renderers.retain(|renderer| wanted.engine(renderer.engine));
    let entered = renderers.len();
    renderers.retain(|renderer| is_fit(check_renderer(&workload, renderer)));

    let runs: Vec<&dyn Fn() -> String> =
        renderers.iter().map(|renderer| &*renderer.render).collect();
    let times = medians(Plan::default(), &runs, Timing::WithDrop);
    // A struct is compared with the form that needs no conversion either.
    let base = |form: Form| {
        let form = if form == Form::Struct {
            Form::Prepared
        } else {
            form
        };
        let place = renderers
            .iter()
            .position(|one| one.engine == gravure::NAME && one.form == form);
        place.and_then(|place| times.get(place).copied())
    };
    for (renderer, time) in renderers.iter().zip(&times) {
        print_row(
            [name, renderer.engine, renderer.form.word()],
            *time,
            base(renderer.form),
            "",
            counts,
        );
    }
    renderers.len() == entered
}

fn compile(wanted: &Wanted, counts: &Counts) -> bool {
    let corpus = Workload::read(CORPUS);
    let mut compilers = engines::compilers(&corpus);
    compilers.retain(|compiler| wanted.engine(compiler.engine));
    let entered = compilers.len();
    compilers.retain(|compiler| is_fit(check_compiler(&corpus, compiler)));

    let runs: Vec<_> = compilers
        .iter()
        .map(|compiler| &*compiler.compile)
        .collect();
    let times = medians(Plan::default(), &runs, Timing::CallOnly);
    let base = compilers
        .iter()
        .zip(&times)
        .find(|(one, _)| one.engine == gravure::NAME)
        .map(|(_, time)| *time);
    for (compiler, time) in compilers.iter().zip(&times) {
        let speed = format!(
            " ({:.0} MB/s)",
            compiler.bytes as f64 / 1e6 / time.as_secs_f64()
        );
        print_row(
            [CORPUS, compiler.engine, "source"],
            *time,
            base,
            &speed,
            counts,
        );
    }
    compilers.len() == entered
}

fn is_fit(check: Result<(), gravure_benches::check::Mismatch>) -> bool {
    check
        .inspect_err(|mismatch| eprintln!("{mismatch}"))
        .is_ok()
}

fn print_row(
    names: [&str; 3],
    time: Duration,
    base: Option<Duration>,
    remark: &str,
    counts: &Counts,
) {
    let micros = time.as_secs_f64() * 1e6;
    let digits = match micros {
        ..10.0 => 3,
        ..100.0 => 1,
        _ => 0,
    };
    let ratio = base.map_or("–".to_owned(), |base| {
        format!("{:.2}", time.as_secs_f64() / base.as_secs_f64())
    });
    let unknown = ("–".to_owned(), "–".to_owned());
    let (calls, bytes) = counts.get(&names.join(" ")).unwrap_or(&unknown);
    let [workload, engine, form] = names;
    println!(
        "| {workload} | {engine} | {form} | {micros:.digits$}{remark} | {ratio} | {calls} | {bytes} |"
    );
}

/// What the program next to this one prints; nothing if it was not built.
fn allocation_counts() -> Counts {
    let neighbor = env::current_exe().map(|path| path.with_file_name("allocations"));
    let Ok(output) = neighbor.and_then(|path| Command::new(path).output()) else {
        eprintln!("`allocations` was not built next to this program: no counts");
        return Counts::new();
    };
    let text = String::from_utf8_lossy(&output.stdout);
    text.lines()
        .filter_map(|line| {
            let (rest, bytes) = line.rsplit_once(' ')?;
            let (key, calls) = rest.rsplit_once(' ')?;
            Some((key.to_owned(), (calls.to_owned(), bytes.to_owned())))
        })
        .collect()
}
