//! Processes that fill one folder and are killed, whatever they are doing.
//!
//! A few of them run with every test; many of them with
//!
//! ```text
//! GRAVURE_KILLS=500 cargo test --release -p gravure --test it disk_kills
//! ```

use crate::disk::{Folder, cache, files_below};
use gravure::{DiskCache, DiskOptions, Environment, Options, context};
use std::{
    env,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    thread,
    time::Duration,
};

/// How many are killed.
const KILLS: &str = "GRAVURE_KILLS";
/// Told to a child: the folder to fill.
const FOLDER: &str = "GRAVURE_TEST_FOLDER";
/// Told to a child: which one it is.
const SEED: &str = "GRAVURE_TEST_SEED";

const N_TEMPLATES: usize = 64;

/// The source of a template, and the page that it gives.
fn template(n: usize) -> (String, String) {
    let text = "some text that is the same everywhere ".repeat(n % 40);
    let source =
        format!("{{% for x in range({n}) %}}{{{{ x }}}}{{% end %}}{text}{{{{ n + {n} }}}}");
    let digits: String = (0..n).map(|x| x.to_string()).collect();
    (source, format!("{digits}{text}{}", n + 1))
}

/// Is the page of each template in this order right?
fn render_all(disk: &Arc<DiskCache>, order: impl Iterator<Item = usize>) {
    let environment = Environment::with_options(Options {
        disk_cache: Some(disk.clone()),
        ..Options::default()
    })
    .unwrap();
    for n in order {
        let (source, page) = template(n);
        let name = format!("{n}.html");
        let found = environment.from_named_string(&name, &source).unwrap();
        assert_eq!(found.render(&context! { n => 1 }).unwrap(), page);
    }
}

/// A child: fills the folder until it is killed.
fn fill(folder: &Path, seed: usize) {
    let options = DiskOptions {
        // So small that entries go while others come.
        max_bytes: 60_000,
        sweep_every: 16,
        ..DiskOptions::default()
    };
    let disk = Arc::new(DiskCache::new(folder, options).unwrap());
    for round in 0.. {
        render_all(
            &disk,
            (0..N_TEMPLATES).map(|n| (n * 7 + seed + round) % N_TEMPLATES),
        );
        if round % 5 == seed % 5 {
            disk.clear();
        }
    }
}

fn child(folder: &Path, seed: usize) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "disk_kills::whoever_is_killed_pages_are_right"])
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Kill it; it must have been alive and well.
fn kill(mut child: Child) {
    child.kill().unwrap();
    let output = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        None,
        "a child ended by itself: {said}"
    );
}

#[test]
fn whoever_is_killed_pages_are_right() {
    if let Some(folder) = env::var_os(FOLDER) {
        let seed = env::var(SEED).unwrap().parse().unwrap();
        return fill(&PathBuf::from(folder), seed);
    }
    let n_kills = env::var(KILLS).map_or(8, |text| text.parse::<usize>().unwrap());
    let folder = Folder::new();
    let mut children: Vec<Child> = (0..4).map(|seed| child(folder.path(), seed)).collect();
    let (mut n_unfinished, mut n_found) = (0, 0);
    for n in 0..n_kills {
        // From before it begins until it has written much.
        thread::sleep(Duration::from_millis(3 + (n as u64 * 7) % 40));
        kill(children.remove(0));
        let examined = cache(folder.path()).verify();
        assert_eq!(examined.damaged, []);
        n_unfinished = n_unfinished.max(examined.unfinished);
        n_found = n_found.max(examined.sound);
        children.push(child(folder.path(), n + 4));
    }
    children.into_iter().for_each(kill);
    let disk = cache(folder.path());
    render_all(&disk, 0..N_TEMPLATES);
    render_all(&disk, 0..N_TEMPLATES);
    let stats = disk.stats();
    println!("killed {n_kills}: up to {n_found} entries and {n_unfinished} unfinished; {stats:?}");
    assert_eq!((stats.rejected, stats.write_errors), (0, 0));
    assert!(stats.hits >= N_TEMPLATES as u64);
    disk.cleanup(Duration::ZERO);
    assert_eq!(files_below(folder.path()), Vec::<PathBuf>::new());
}
