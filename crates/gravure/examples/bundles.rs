//! What bundles cost, beside compiling the same templates.
//!
//! ```text
//! cargo run --release -p gravure --example bundles -- make FOLDER
//! ```
//!
//! takes the workload `corpus` five times, 1000 templates, writes them to a
//! folder with a bundle of them (`corpus.gvb`) and one of the workload `page`
//! (`page.gvb`), and prints sizes and the time that verifying takes. For tools
//! that watch a process there are `empty`, `compile FOLDER`, `open FILE NAME`
//! and `page FOLDER`: nothing; compiling all; one page of a bundle; the page of
//! the workload, with the time from the first line of `main`.

use gravure::{
    Environment,
    bundle::{Bundle, BundleBuilder, Trust},
    loader::{FileLoader, MapLoader},
    unstable::Chunk,
};
use std::{env, error::Error, fs, hint::black_box, path::Path, time::Instant};

type Done<T = ()> = Result<T, Box<dyn Error>>;

/// Copies of the workload.
const COPIES: usize = 5;

fn main() -> Done {
    let start = Instant::now();
    let args: Vec<String> = env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args.as_slice() {
        ["make", folder] => make(Path::new(folder)),
        ["empty"] => Ok(()),
        ["compile", folder] => compile(Path::new(folder)),
        ["open", file, name] => {
            let data = fs::read_to_string(workload("corpus").join("data.json"))?;
            let data: serde_json::Value = serde_json::from_str(&data)?;
            let read = start.elapsed();
            let bundle = Bundle::open_file(file, &Trust::Own)?;
            let open = start.elapsed();
            let environment = Environment::from_bundle(bundle)?;
            let ready = start.elapsed();
            let page = environment.render(name, &data)?;
            let done = start.elapsed();
            println!(
                "{} bytes: data {read:?}, bundle {:?}, environment {:?}, page {:?}, all but the data \
                 {:?}",
                page.len(),
                open - read,
                ready - open,
                done - ready,
                done - read
            );
            Ok(())
        }
        ["page", folder] => page(Path::new(folder), start),
        _ => Err("make FOLDER, empty, compile FOLDER, open FILE NAME or page FOLDER".into()),
    }
}

fn environment(file: &str) -> Done<Environment> {
    let bundle = Bundle::open_file(file, &Trust::Own)?;
    Ok(Environment::from_bundle(bundle)?)
}

fn compile(folder: &Path) -> Done {
    let environment = Environment::with_loader(FileLoader::new(folder.join("corpus")));
    let n_templates = environment.precompile();
    let n_templates = n_templates.map_err(|errors| format!("{errors:?}"))?;
    println!("{n_templates} templates");
    Ok(())
}

fn page(folder: &Path, start: Instant) -> Done {
    let data = fs::read_to_string(workload("page").join("data.json"))?;
    let data: serde_json::Value = serde_json::from_str(&data)?;
    let read = start.elapsed();
    let file = folder.join("page.gvb");
    let page = environment(&file.display().to_string())?.render("main.html", &data)?;
    let done = start.elapsed();
    assert_eq!(
        page,
        fs::read_to_string(workload("page").join("expected.html"))?
    );
    println!("data {read:?}, page {:?}", done - read);
    Ok(())
}

fn workload(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../benches/workloads")
        .join(name)
}

/// The templates of a workload, by name.
fn templates(name: &str) -> Done<Vec<(String, String)>> {
    let mut templates = Vec::new();
    for entry in fs::read_dir(workload(name))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        if let Some(name) = name
            && name.ends_with(".html")
            && name != "expected.html"
        {
            templates.push((name.to_owned(), fs::read_to_string(&path)?));
        }
    }
    templates.sort();
    Ok(templates)
}

fn make(folder: &Path) -> Done {
    let mut many = Vec::new();
    for copy in 0..COPIES {
        for (name, text) in templates("corpus")? {
            // The copies name each other as the originals do.
            let text = text.replace("\"t", &format!("\"c{copy}/t"));
            many.push((format!("c{copy}/{name}"), text));
        }
    }
    for (name, text) in &many {
        let file = folder.join("corpus").join(name);
        fs::create_dir_all(file.parent().ok_or("a folder")?)?;
        fs::write(file, text)?;
    }
    println!("| templates | source | whole | stripped | of the source |");
    println!("|---|---:|---:|---:|---:|");
    for (name, file, templates) in [
        ("corpus", None, templates("corpus")?),
        ("corpus, five times", Some("corpus.gvb"), many),
        ("page", Some("page.gvb"), templates("page")?),
    ] {
        let source: usize = templates.iter().map(|(_, text)| text.len()).sum();
        let environment = Environment::with_loader(MapLoader::from_iter(templates));
        let build = |builder: BundleBuilder<'_>| builder.build().map_err(|it| format!("{it:?}"));
        let whole = build(BundleBuilder::new(&environment))?;
        let stripped = build(BundleBuilder::new(&environment).strip())?;
        let share = stripped.len() as f64 / source as f64;
        let (whole, len) = (whole.len(), stripped.len());
        println!("| {name} | {source} | {whole} | {len} | {share:.3} |");
        if let Some(file) = file {
            fs::write(folder.join(file), &stripped)?;
            println!("\n{}\n", speed(stripped)?);
        }
    }
    Ok(())
}

/// How long opening a bundle and verifying its chunks takes.
fn speed(bytes: Vec<u8>) -> Done<String> {
    let bundle = Bundle::open(bytes.clone(), &Trust::Own)?;
    let names: Vec<&str> = bundle.templates().map(|it| it.name).collect();
    let mut chunks = Vec::new();
    for &name in &names {
        chunks.push(bundle.chunk(name).ok_or("a chunk")??.clone());
    }
    let n_ops: usize = chunks.iter().map(|it| it.code.len()).sum();
    let body: usize = bundle.templates().map(|it| it.body).sum();
    let text: usize = bundle.templates().map(|it| it.text).sum();
    let (mut open, mut read, mut verify) = (f64::MAX, f64::MAX, 0.0);
    for _ in 0..20 {
        let bytes = bytes.clone();
        let start = Instant::now();
        let bundle = Bundle::open(bytes, &Trust::Own)?;
        open = open.min(start.elapsed().as_nanos() as f64);
        let start = Instant::now();
        for &name in &names {
            black_box(bundle.chunk(name).is_some_and(|it| it.is_ok()));
        }
        read = read.min(start.elapsed().as_nanos() as f64);
    }
    // Who reads a chunk verifies it while it is still at hand.
    for chunk in &chunks {
        let mut least = f64::MAX;
        for _ in 0..20 {
            let draft = (***chunk).clone();
            let start = Instant::now();
            let chunk = black_box(Chunk::new(draft));
            least = least.min(start.elapsed().as_nanos() as f64);
            drop(chunk);
        }
        verify += least;
    }
    Ok(format!(
        "{n_ops} instructions, code {body} bytes, text {text} bytes; open {:.0} µs; verify {:.1} \
         ns an instruction; hash, read and verify {:.1}",
        open / 1e3,
        verify / n_ops as f64,
        read / n_ops as f64
    ))
}
