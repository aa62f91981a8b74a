//! From the start of a process to the first byte of `page`.
//!
//! In: the path of the command `gravure`, and `--update-docs` to write the
//! figures into `docs/performance.md`; the programs of the peers lie next to
//! this one. Out: a Markdown table of medians.
//! All programs are copied first, as installing them does: what a linker has
//! just written lies in memory by small pieces, and starting from those takes
//! a tenth longer.
//! Every round starts each program once, in an order that turns, so a slow
//! spell of the machine falls on all of them. What they print is compared
//! once before.

#[path = "../../../src/docs.rs"]
#[expect(unreachable_pub, reason = "the file is public in the library")]
mod docs;

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROUNDS: usize = 201;

/// A program, and how it is called.
struct Contestant {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<PathBuf>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let gravure = env::args().nth(1).ok_or("usage: cold PATH-OF-GRAVURE")?;
    let mut contestants = contestants(Path::new(&gravure))?;
    let folder = env::temp_dir().join(format!("gravure-cold-{}", std::process::id()));
    fs::create_dir(&folder)?;
    let result = install(&mut contestants, &folder).and_then(|()| compare(&contestants));
    fs::remove_dir_all(&folder)?;
    result
}

/// Copy the programs into a folder.
fn install(contestants: &mut [Contestant], folder: &Path) -> Result<(), Box<dyn Error>> {
    for contestant in contestants {
        let copy = folder.join(contestant.name);
        fs::copy(&contestant.program, &copy)?;
        contestant.program = copy;
    }
    Ok(())
}

fn compare(contestants: &[Contestant]) -> Result<(), Box<dyn Error>> {
    for contestant in contestants.iter().filter(|one| one.name != "nothing") {
        let (_, page) = contestant.run()?;
        if !page.contains("Etching Room Press") || !page.trim_end().ends_with("</html>") {
            return Err(format!("{} printed another page", contestant.name).into());
        }
    }
    let mut times = vec![Vec::with_capacity(ROUNDS); contestants.len()];
    for round in 0..ROUNDS {
        for turn in 0..contestants.len() {
            let place = (round + turn) % contestants.len();
            times[place].push(contestants[place].run()?.0);
        }
    }
    for times in &mut times {
        times.sort();
    }
    let ours = times[0][ROUNDS / 2];
    let mut table =
        "| program | ms to the first byte | quartiles | × Gravure |\n|---|--:|--:|--:|\n"
            .to_owned();
    for (contestant, times) in contestants.iter().zip(&times) {
        let [low, median, high] = [1, 2, 3].map(|quarter| times[ROUNDS * quarter / 4]);
        let _ = writeln!(
            table,
            "| {} | {:.2} | {:.2}–{:.2} | {:.2} |",
            contestant.name,
            millis(median),
            millis(low),
            millis(high),
            median.as_secs_f64() / ours.as_secs_f64()
        );
    }
    print!("{table}");
    if env::args().any(|word| word == "--update-docs") {
        docs::write_section("cold", &format!("{}\n\n{table}", circumstances()))?;
    }
    Ok(())
}

/// What a reader must know of the run.
fn circumstances() -> String {
    let peers = [
        ("MiniJinja", "minijinja"),
        ("Tera", "tera"),
        ("Askama", "askama"),
    ];
    let versions: Vec<String> = peers
        .iter()
        .filter_map(|(name, package)| Some(format!("{name} {}", docs::version(package)?)))
        .collect();
    format!("{} {}.", docs::machine(), versions.join(", "))
}

fn contestants(gravure: &Path) -> Result<Vec<Contestant>, Box<dyn Error>> {
    let benches = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let programs = env::current_exe()?;
    let folder = benches.join("workloads/page");
    let data = folder.join("data.json");
    let mut all = vec![Contestant {
        name: "gravure",
        program: gravure.to_owned(),
        arguments: ["render", "main.html", "--root"]
            .iter()
            .map(PathBuf::from)
            .chain([folder, "--data".into(), data.clone()])
            .collect(),
    }];
    for name in ["minijinja", "tera", "askama", "nothing"] {
        all.push(Contestant {
            name,
            program: programs.with_file_name(name),
            arguments: vec![benches.join("peers").join(name).join("page"), data.clone()],
        });
    }
    Ok(all)
}

impl Contestant {
    /// The time to the first byte, and all that was printed.
    fn run(&self) -> Result<(Duration, String), Box<dyn Error>> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).stdout(Stdio::piped());
        let start = Instant::now();
        let mut child = command.spawn()?;
        let mut pipe = child.stdout.take().ok_or("a pipe was asked for")?;
        let mut page = vec![0; 1];
        pipe.read_exact(&mut page)?;
        let time = start.elapsed();
        pipe.read_to_end(&mut page)?;
        if !child.wait()?.success() {
            return Err(format!("{} failed", self.name).into());
        }
        Ok((time, String::from_utf8(page)?))
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
