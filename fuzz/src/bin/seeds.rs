//! Writes `gravure.dict` and, for each target, what libFuzzer begins with:
//! `corpus/<target>/`. Neither the network nor a clock counts.
#![forbid(unsafe_code)]

use gravure_fuzz::{mutate, seeds::seeds, targets::TARGETS, words::dictionary};
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::write(root.join("gravure.dict"), dictionary())?;
    let seeds = seeds();
    for (target, _) in TARGETS {
        let folder = root.join("corpus").join(target);
        fs::create_dir_all(&folder)?;
        if matches!(*target, "chunk" | "entry") {
            let mut chance = mutate::Chance::new(1);
            for n in 0..=255u8 {
                let mut bytes = mutate::edits(&mut chance, &[]);
                bytes[0] = n;
                fs::write(folder.join(format!("edit-{n:03}")), bytes)?;
            }
            continue;
        }
        if matches!(*target, "smith" | "constants" | "data") {
            let mut chance = mutate::Chance::new(1);
            for n in 0..200 {
                fs::write(
                    folder.join(format!("noise-{n:03}")),
                    mutate::noise(&mut chance),
                )?;
            }
            continue;
        }
        for (n, seed) in seeds.iter().enumerate() {
            fs::write(folder.join(format!("case-{n:04}")), seed)?;
        }
    }
    println!("{} cases", seeds.len());
    Ok(())
}
