//! Keeps what a corpus taught: `keep TARGET FOLDER [BYTES]` writes the
//! shortest inputs of a folder, up to so many bytes, to `kept/TARGET.txt`.
//! Merge the corpus first, so that each of them shows something of its own.
#![forbid(unsafe_code)]

use gravure_fuzz::{kept::pack, targets::TARGETS};
use std::{env, fs, io, path::Path, process::exit};

fn main() -> io::Result<()> {
    let mut args = env::args().skip(1);
    let (Some(target), Some(folder)) = (args.next(), args.next()) else {
        eprintln!("keep TARGET FOLDER [BYTES]");
        exit(2);
    };
    if !TARGETS.iter().any(|(name, _)| *name == target) {
        eprintln!("no target {target}");
        exit(2);
    }
    let room: usize = args
        .next()
        .and_then(|it| it.parse().ok())
        .unwrap_or(64 << 10);
    let inputs = fs::read_dir(folder)?
        .map(|entry| fs::read(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    let packed = pack(inputs, room);
    let kept = Path::new(env!("CARGO_MANIFEST_DIR")).join("kept");
    fs::create_dir_all(&kept)?;
    println!("{target}: {} inputs", packed.lines().count());
    fs::write(kept.join(format!("{target}.txt")), packed)
}
