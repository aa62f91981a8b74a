//! Puts the code that unwinds stacks into the command, where the linker has it
//! as an archive.
//!
//! Rust's library asks for `libgcc_s.so`, which the system would look for, map,
//! bind and start whenever the command starts: a tenth of a millisecond of the
//! two that a small page takes. Where there is no such archive, or the command
//! is built for another system, nothing is different.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_gnu && env::var("HOST") == env::var("TARGET") && has_archive() {
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}

/// Does the linker know the archive? It repeats the name if not.
fn has_archive() -> bool {
    let linker = env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned());
    let asked = Command::new(linker)
        .arg("-print-file-name=libgcc_eh.a")
        .output();
    let answer = asked.ok().filter(|it| it.status.success());
    answer.is_some_and(|it| {
        let path = String::from_utf8_lossy(&it.stdout);
        let path = Path::new(path.trim());
        path.is_absolute() && path.is_file()
    })
}
