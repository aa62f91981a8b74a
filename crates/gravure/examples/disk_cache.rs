//! What a hit of the disk cache costs, beside compiling the same template.
//!
//! ```text
//! cargo run --release -p gravure --example disk_cache
//! ```
//!
//! prints two tables: for a page that is mostly tags, and for one that is
//! mostly text. For tools that watch a process there is
//! `disk_cache WORK tags|text KILOBYTES TIMES`, where the work is `compile`,
//! `hit` or `miss`: it does that so often, after one hit.

use gravure::{DiskCache, DiskOptions, Environment, Options};
use std::{
    env,
    error::Error,
    fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

/// About half a kilobyte of a page that is mostly tags.
const TAGS: &str = r#"
{% if user.is_known and section.items %}
<section class="{{ section.kind | default('plain') }}" id="s-{{ loop_id }}">
  <h2>{{ section.title | upper }}</h2>
  <p>Some text that nobody computes: it stands there as it is, line by line.</p>
  <ul>
  {% for item in section.items %}
    <li><a href="{{ item.url }}">{{ item.name | truncate(40) }}</a> {{ item.price * 1.19 }}</li>
  {% else %}
    <li>nothing here</li>
  {% end %}
  </ul>
</section>
{% end %}
"#;

/// About a kilobyte of a page that is mostly text.
const TEXT: &str = r#"
<article class="post">
  <h2><a href="{{ post.url }}">{{ post.title }}</a></h2>
  <p>Copper remembers. A plate that was bitten once keeps the line under every
  later one, and whoever prints from it prints what was there before. Scrape it,
  burnish it, and hold it to the light: the old drawing comes back as a shadow,
  fainter each time and never quite gone. Printers call it a ghost, and some of
  them would not be without one.</p>
  <p>Paper forgets more easily. It swells where it is damp and shrinks where it
  dries, and after some years it lies as if nothing had been pressed into it. But
  turn the sheet and run a finger along the back, and there is the edge of the
  plate, a frame of a hair's width that no hand has drawn.</p>
  {% if post.note %}<aside>{{ post.note }}</aside>{% end %}
</article>
"#;

/// A page of about so many bytes.
fn page(part: &str, bytes: usize) -> String {
    let mut page = String::new();
    while page.len() + part.len() <= bytes {
        page.push_str(part);
    }
    let rest = "<p>Hello {{ user.name }}, and good day to you.</p>\n";
    while page.len() + rest.len() <= bytes {
        page.push_str(rest);
    }
    page
}

struct Desk {
    folder: PathBuf,
    plain: Environment,
    cached: Environment,
    source: String,
    n_names: AtomicUsize,
}

impl Desk {
    fn new(part: &str, bytes: usize) -> Result<Self, Box<dyn Error>> {
        let folder = env::temp_dir().join(format!("gravure-disk-{}", process::id()));
        let cache = Arc::new(DiskCache::new(&folder, DiskOptions::default())?);
        let cached = Environment::with_options(Options {
            disk_cache: Some(cache),
            ..Options::default()
        })?;
        let desk = Self {
            folder,
            plain: Environment::new(),
            cached,
            n_names: AtomicUsize::new(0),
            source: page(part, bytes),
        };
        // One miss writes it, one hit reads it.
        desk.hit()?;
        desk.hit()?;
        Ok(desk)
    }

    fn compile(&self) -> Result<(), gravure::Error> {
        self.plain.from_named_string("page.html", &self.source)?;
        Ok(())
    }

    fn hit(&self) -> Result<(), gravure::Error> {
        self.cached.from_named_string("page.html", &self.source)?;
        Ok(())
    }

    /// Under a name that nobody has used yet.
    fn miss(&self) -> Result<(), gravure::Error> {
        let name = format!("{}.html", self.n_names.fetch_add(1, Ordering::Relaxed));
        self.cached.from_named_string(&name, &self.source)?;
        Ok(())
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// The median of some rounds.
fn median(
    n_rounds: usize,
    mut work: impl FnMut() -> Result<(), gravure::Error>,
) -> Result<Duration, gravure::Error> {
    let mut rounds = Vec::with_capacity(n_rounds);
    for _ in 0..n_rounds {
        let start = Instant::now();
        work()?;
        rounds.push(start.elapsed());
    }
    rounds.sort_unstable();
    Ok(rounds.get(n_rounds / 2).copied().unwrap_or_default())
}

/// Bytes of all files below a folder.
fn bytes_below(folder: &Path) -> std::io::Result<u64> {
    let mut bytes = 0;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        bytes += match entry.file_type()?.is_dir() {
            true => bytes_below(&entry.path())?,
            false => entry.metadata()?.len(),
        };
    }
    Ok(bytes)
}

fn table(title: &str, part: &str) -> Result<(), Box<dyn Error>> {
    println!("{title}\n");
    println!("| source | file | compile | hit | hit / compile | miss |");
    println!("|---:|---:|---:|---:|---:|---:|");
    for bytes in [
        128,
        256,
        512,
        1 << 10,
        2 << 10,
        4 << 10,
        16 << 10,
        64 << 10,
        256 << 10,
    ] {
        let desk = Desk::new(part, bytes)?;
        let n_rounds = (4_000_000 / bytes).clamp(30, 3_000);
        let bytes = bytes_below(&desk.folder)?;
        let compile = median(n_rounds, || desk.compile())?;
        let hit = median(n_rounds, || desk.hit())?;
        let miss = median(n_rounds.min(300), || desk.miss())?;
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        println!(
            "| {} B | {bytes} B | {:.1} µs | {:.1} µs | {:.2} | {:.0} µs |",
            desk.source.len(),
            micros(compile),
            micros(hit),
            micros(hit) / micros(compile),
            micros(miss),
        );
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = env::args().skip(1).collect();
    let [work, part, kilobytes, times] = args.as_slice() else {
        table("Mostly tags", TAGS)?;
        println!();
        return table("Mostly text", TEXT);
    };
    let part = if part == "text" { TEXT } else { TAGS };
    let desk = Desk::new(part, kilobytes.parse::<usize>()? << 10)?;
    for _ in 0..times.parse::<usize>()? {
        match work.as_str() {
            "compile" => desk.compile()?,
            "hit" => desk.hit()?,
            _ => desk.miss()?,
        }
    }
    Ok(())
}
