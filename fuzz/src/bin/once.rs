//! Runs targets on files: `once FILE...`, each named for its target.
#![forbid(unsafe_code)]

use gravure_fuzz::targets::TARGETS;
use std::{env, fs, path::Path, time::Instant};

fn main() -> std::io::Result<()> {
    for file in env::args().skip(1) {
        let bytes = fs::read(&file)?;
        let name = Path::new(&file)
            .file_name()
            .and_then(|it| it.to_str())
            .unwrap_or("");
        for (target, run) in TARGETS
            .iter()
            .filter(|(target, _)| name.starts_with(target))
        {
            let start = Instant::now();
            run(&bytes);
            println!("{target} {file}: {:?}", start.elapsed());
        }
    }
    Ok(())
}
