//! Prints where Gravure stands: tables over all workloads.
//!
//! In: nothing, or names of workloads and engines to be content with;
//! `--chart` draws `docs/performance.svg`, `--update-docs` writes the tables
//! into `docs/performance.md`, both of a run with everything.
//! Out: Markdown tables: median CPU times, ratios to the floor and to Gravure,
//! and what the neighbor `allocations` counts.
//! It ends with a failure if any engine made a wrong page.

use std::collections::HashMap;
use std::env;
use std::fs;
use std::process::{Command, ExitCode};

use gravure_benches::chart;
use gravure_benches::check::{check_compiler, check_renderer};
use gravure_benches::docs;
use gravure_benches::engines;
use gravure_benches::measure::{Plan, Timing, medians};
use gravure_benches::report::{Counts, Row, Standing};
use gravure_benches::workload::{CORPUS, RENDERED, Workload};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let wanted = Wanted::from_arguments()?;
    let counts = allocation_counts(&wanted);
    let mut standing = Standing::default();
    let mut is_clean = true;
    for name in RENDERED.into_iter().filter(|name| wanted.workload(name)) {
        is_clean &= render(name, &wanted, &counts, &mut standing);
    }
    if wanted.workload(CORPUS) {
        is_clean &= compile(&wanted, &counts, &mut standing);
    }
    print!("{}", standing.tables());
    if !is_clean {
        return Err("some engine made a wrong page and was left out".to_owned());
    }
    if wanted.has_chart {
        let path = docs::page("performance.svg");
        fs::write(&path, chart::svg(&standing))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if wanted.updates_docs {
        docs::write_section("standing", &figures(&standing))?;
    }
    Ok(())
}

/// What stands in the page: the circumstances, then the tables.
fn figures(standing: &Standing) -> String {
    let peers = [
        ("Sailfish", "sailfish"),
        ("Askama", "askama"),
        ("MiniJinja", "minijinja"),
        ("Tera", "tera"),
        ("Handlebars", "handlebars"),
    ];
    let versions: Vec<String> = peers
        .iter()
        .filter_map(|(name, package)| Some(format!("{name} {}", docs::version(package)?)))
        .collect();
    format!(
        "{}\nPeers: {}.\nRelease builds with fat LTO, one codegen unit; the CPU time of the thread; the median of {} rounds in turns.\n\n{}",
        docs::machine(),
        versions.join(", "),
        Plan::default().rounds,
        standing.tables()
    )
}

/// What the arguments ask for; a kind of name that they do not mention is
/// wanted entirely.
struct Wanted {
    workloads: Vec<String>,
    engines: Vec<String>,
    has_chart: bool,
    updates_docs: bool,
}

impl Wanted {
    fn from_arguments() -> Result<Self, String> {
        let (flags, names): (Vec<String>, Vec<String>) =
            env::args().skip(1).partition(|word| word.starts_with("--"));
        if let Some(flag) = flags
            .iter()
            .find(|flag| !["--chart", "--update-docs"].contains(&flag.as_str()))
        {
            return Err(format!("`{flag}` is not known: `--chart`, `--update-docs`"));
        }
        let is_partial = !names.is_empty() || !cfg!(feature = "peers");
        if is_partial && !flags.is_empty() {
            return Err("pages and pictures are made of a run with everything".to_owned());
        }
        let is_workload = |name: &String| name == CORPUS || RENDERED.contains(&name.as_str());
        let (workloads, engines) = names.into_iter().partition(is_workload);
        Ok(Self {
            workloads,
            engines,
            has_chart: flags.iter().any(|flag| flag == "--chart"),
            updates_docs: flags.iter().any(|flag| flag == "--update-docs"),
        })
    }

    fn workload(&self, name: &str) -> bool {
        self.workloads.is_empty() || self.workloads.iter().any(|one| one == name)
    }

    fn engine(&self, name: &str) -> bool {
        self.engines.is_empty() || self.engines.iter().any(|one| one == name)
    }
}

fn render(
    name: &str,
    wanted: &Wanted,
    counts: &HashMap<String, Counts>,
    standing: &mut Standing,
) -> bool {
    let workload = Workload::read(name);
    let mut renderers = engines::renderers(&workload);
    renderers.retain(|renderer| wanted.engine(renderer.engine));
    let entered = renderers.len();
    renderers.retain(|renderer| is_fit(check_renderer(&workload, renderer)));

    let runs: Vec<&dyn Fn() -> String> =
        renderers.iter().map(|renderer| &*renderer.render).collect();
    let times = medians(Plan::default(), &runs, Timing::WithDrop);
    for (renderer, time) in renderers.iter().zip(times) {
        let form = renderer.form.word();
        standing.rows.push(Row {
            workload: name.to_owned(),
            engine: renderer.engine,
            form,
            time,
            source_bytes: 0,
            counts: counts
                .get(&format!("{name} {} {form}", renderer.engine))
                .copied(),
        });
    }
    renderers.len() == entered
}

fn compile(wanted: &Wanted, counts: &HashMap<String, Counts>, standing: &mut Standing) -> bool {
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
    for (compiler, time) in compilers.iter().zip(times) {
        let key = format!("{CORPUS} {} source", compiler.engine);
        standing.rows.push(Row {
            workload: CORPUS.to_owned(),
            engine: compiler.engine,
            form: "source",
            time,
            source_bytes: compiler.bytes,
            counts: counts.get(&key).copied(),
        });
    }
    compilers.len() == entered
}

fn is_fit(check: Result<(), gravure_benches::check::Mismatch>) -> bool {
    check
        .inspect_err(|mismatch| eprintln!("{mismatch}"))
        .is_ok()
}

/// What the program next to this one prints; nothing if it was not built.
fn allocation_counts(wanted: &Wanted) -> HashMap<String, Counts> {
    let neighbor = env::current_exe().map(|path| path.with_file_name("allocations"));
    let run = |path| Command::new(path).args(&wanted.workloads).output();
    let Ok(output) = neighbor.and_then(run) else {
        eprintln!("`allocations` was not built next to this program: no counts");
        return HashMap::new();
    };
    Counts::read(&String::from_utf8_lossy(&output.stdout))
}
