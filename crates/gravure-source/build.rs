//! A hash over the sources of a package, as part of the identity of a compiler.
//!
//! In: the name and version of the package and every file below its `src`.
//! Out: `GRAVURE_SOURCES`, 32 hexadecimal digits that the package is compiled
//! with. Every package that decides the bytes of a chunk has this file, by a
//! link, so that each can be built alone.
//!
//! Where the package lies, in which order its files are listed and how their
//! lines end does not count. The hash tells honest builds apart; it is no proof
//! of anything, so a plain one will do.

use std::{env, fs, io, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=src");
    println!("cargo::rerun-if-changed=build.rs");
    let of = |name: &str| env::var(name).unwrap_or_default();
    let folder = of("CARGO_MANIFEST_DIR");
    let package = format!("{} {}", of("CARGO_PKG_NAME"), of("CARGO_PKG_VERSION"));
    let hash = hash(&package, &Path::new(&folder).join("src"));
    let hash = hash.expect("the sources of the package can be read");
    println!("cargo::rustc-env=GRAVURE_SOURCES={hash:032x}");
}

/// The hash of a package's files.
pub(crate) fn hash(package: &str, folder: &Path) -> io::Result<u128> {
    let mut files = Vec::new();
    list(folder, "", &mut files)?;
    files.sort();
    let mut hash = add(START, package.as_bytes());
    for name in files {
        let text = fs::read(folder.join(&name))?;
        let is_end = |at: usize| text.get(at) == Some(&b'\r') && text.get(at + 1) == Some(&b'\n');
        let kept = (0..text.len()).filter(|&at| !is_end(at));
        let kept: Vec<u8> = kept.filter_map(|at| text.get(at).copied()).collect();
        hash = add(hash, name.as_bytes());
        hash = add(hash, &(kept.len() as u64).to_le_bytes());
        hash = add(hash, &kept);
    }
    Ok(hash)
}

/// Names of all files, with `/` between folders.
fn list(folder: &Path, prefix: &str, files: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        match entry.path().is_dir() {
            true => list(&entry.path(), &format!("{name}/"), files)?,
            false => files.push(name),
        }
    }
    Ok(())
}

const START: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;

/// FNV-1a over some bytes and a zero behind them.
fn add(hash: u128, bytes: &[u8]) -> u128 {
    const PRIME: u128 = 0x0100_0000_0000_0000_013b;
    let bytes = bytes.iter().chain(&[0]);
    bytes.fold(hash, |hash, &byte| {
        (hash ^ u128::from(byte)).wrapping_mul(PRIME)
    })
}
