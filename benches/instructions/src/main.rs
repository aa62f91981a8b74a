//! Instructions of a render and of a compilation, held to a table.
//!
//! In: nothing; `--update` writes the table anew. Out: a line for each count,
//! and a failure if one is above its row in `benches/instructions.toml` by
//! more than the tolerance. Times depend on the machine and its other guests,
//! counts do not: what they miss is memory and prediction, which `just bench`
//! measures.
//!
//! Each count is the difference of two runs of this very program under
//! callgrind, one of which does the work some times more: starting, reading
//! and the first render fall out. Without valgrind nothing is checked, and a
//! line says so.

mod table;
mod work;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::sync::Mutex;

use table::{Table, Verdict};
use work::{CORPUS, RENDERED, Work};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["run", workload, work, times] => run(workload, work, times).map(|()| true),
        [] => check(false),
        ["--update"] => check(true),
        _ => Err("usage: instructions [--update]".to_owned()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::from(2)
        }
    }
}

/// The measured side.
fn run(workload: &str, work: &str, times: &str) -> Result<(), String> {
    let work = Work::ALL.into_iter().find(|one| one.word() == work);
    let times = times.parse().map_err(|_| "no number of times")?;
    work::run(workload, work.ok_or("no such work")?, times)
}

/// Counts everything and compares; says whether all is well.
fn check(is_update: bool) -> Result<bool, String> {
    if Command::new("valgrind").arg("--version").output().is_err() {
        println!("instructions: not counted, valgrind is not installed");
        return Ok(true);
    }
    if !cfg!(target_arch = "x86_64") {
        println!("instructions: not counted, the table is of x86-64");
        return Ok(true);
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../instructions.toml");
    let mut table = match fs::read_to_string(&path) {
        Ok(text) => Table::read(&text).map_err(|error| format!("instructions.toml: {error}"))?,
        Err(_) => Table::default(),
    };
    let rust = rust_version();
    let is_judged = is_update || table.rust == rust;
    let jobs = jobs();
    let counts = count_all(&jobs, &table)?;
    let mut is_well = true;
    for ((workload, work), count) in jobs.iter().zip(&counts) {
        let (verdict, known) = table.judge(workload, work.word(), *count);
        let change = known.map_or(String::new(), |known| {
            format!("{:+.1} %", (*count as f64 / known as f64 - 1.0) * 100.0)
        });
        let remark = match verdict {
            Verdict::Same => "",
            Verdict::Fewer => " fewer: `just instructions --update` keeps it so",
            Verdict::More => " MORE than the table allows",
            Verdict::Unknown => " not in the table",
        };
        println!(
            "{workload:16} {:9} {count:>12} {change:>8}{remark}",
            work.word()
        );
        is_well &= matches!(verdict, Verdict::Same | Verdict::Fewer);
    }
    if is_update {
        table.rust = rust;
        table.counts = BTreeMap::new();
        for ((workload, work), count) in jobs.iter().zip(&counts) {
            let works = table.counts.entry((*workload).to_owned()).or_default();
            works.insert(work.word().to_owned(), *count);
        }
        fs::write(&path, table.text()).map_err(|error| format!("{}: {error}", path.display()))?;
        return Ok(true);
    }
    if !is_judged {
        let known = &table.rust;
        println!("instructions: not judged, the table is of Rust {known}, this is {rust}");
        return Ok(true);
    }
    if !is_well {
        println!(
            "instructions: more than the table allows; if they are worth it, `just instructions --update` and say why"
        );
    }
    Ok(is_well)
}

/// The version of the compiler that is at hand, which built this.
fn rust_version() -> String {
    let output = Command::new("rustc").arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let version = text.unwrap_or_default();
    version.split(' ').nth(1).unwrap_or("unknown").to_owned()
}

fn jobs() -> Vec<(&'static str, Work)> {
    let rendered = RENDERED
        .into_iter()
        .flat_map(|workload| Work::ALL.map(|work| (workload, work)));
    rendered.chain([(CORPUS, Work::Compile)]).collect()
}

/// One count after the other, by as many threads as there are cores.
fn count_all(jobs: &[(&'static str, Work)], table: &Table) -> Result<Vec<u64>, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let next = Mutex::new(0..jobs.len());
    let found = Mutex::new(vec![None; jobs.len()]);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let place = next.lock().ok().and_then(|mut places| places.next());
                    let Some((place, (workload, work))) =
                        place.and_then(|place| Some((place, jobs.get(place)?)))
                    else {
                        return;
                    };
                    let count = least(&program, workload, *work, table);
                    if let Ok(mut found) = found.lock() {
                        found[place] = Some(count);
                    }
                }
            });
        }
    });
    let found = found.into_inner().map_err(|error| error.to_string())?;
    found
        .into_iter()
        .map(|count| count.unwrap_or_else(|| Err("a thread died".to_owned())))
        .collect()
}

/// A count that is above its row is taken again: hashes have a seed of their
/// own in each process, and a true regression shows every time.
fn least(program: &Path, workload: &str, work: Work, table: &Table) -> Result<u64, String> {
    let mut least = count(program, workload, work)?;
    for _ in 0..2 {
        if table.judge(workload, work.word(), least).0 != Verdict::More {
            break;
        }
        least = least.min(count(program, workload, work)?);
    }
    Ok(least)
}

/// Instructions of one warm run of the work.
fn count(program: &Path, workload: &str, work: Work) -> Result<u64, String> {
    let more = match (workload, work) {
        (CORPUS, _) => 1,
        (_, Work::Compile) => 4,
        ("teams", _) => 100,
        _ => 5,
    };
    let few = callgrind(program, workload, work, 2)?;
    let many = callgrind(program, workload, work, 2 + more)?;
    Ok(many.saturating_sub(few) / more as u64)
}

/// Instructions of a whole process.
fn callgrind(program: &Path, workload: &str, work: Work, times: usize) -> Result<u64, String> {
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", "--callgrind-out-file=/dev/null"])
        .arg(program)
        .args(["run", workload, work.word(), &times.to_string()])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.lines().find_map(|line| {
        let (_, count) = line.split_once("Collected : ")?;
        count.trim().parse().ok()
    });
    match count {
        Some(count) if output.status.success() => Ok(count),
        _ => Err(format!("{workload} {}: {text}", work.word())),
    }
}
