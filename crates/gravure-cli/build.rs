//! Links the command whole, so that it starts soon.
//!
//! A program of shared libraries has the system look for them, map them and
//! bind their names whenever it starts: a fifth of the time that a small page
//! takes. Where the linker has the C library as an archive, the command brings
//! along what it uses of it, and can be loaded at any address all the same. Its
//! pointers are then listed as a map of bits, which its own start can read
//! whatever the system has. Whether all that can be done here tells a small
//! program that is linked so and run.
//!
//! Where it cannot, where the command is built for another system, and where
//! somebody says `GRAVURE_SHARED=1`, nothing is done but that the code that
//! unwinds stacks is brought along: Rust's library asks for `libgcc_s.so`.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

/// What Rust tells the linker to look for, and the archives that stand in for
/// it; those of the last need each other.
const LIBRARIES: [(&str, &[&str]); 7] = [
    ("gcc_s", &["libgcc_eh.a", "libgcc.a"]),
    ("util", &["libutil.a"]),
    ("rt", &["librt.a"]),
    ("pthread", &["libpthread.a"]),
    ("m", &["libm.a"]),
    ("dl", &["libdl.a"]),
    ("c", &["libc.a", "libgcc_eh.a", "libgcc.a"]),
];

/// Wholly linked at any address; pointers as a map of bits.
const ARGUMENTS: [&str; 2] = ["-static-pie", "-Wl,-z,pack-relative-relocs"];

/// Uses what a command uses: memory, threads, unwinding, numbers.
const TRIAL: &str = r#"
fn main() {
    std::panic::set_hook(Box::new(|_| {}));
    let sine = std::thread::spawn(|| std::env::args().len() as f64 / 2.0);
    let sine = sine.join().map_or(0.0, f64::sin);
    let caught = std::panic::catch_unwind(|| panic!("{sine}"));
    println!("{:.3} {}", sine, caught.is_err());
}
"#;

/// What it prints.
const TRIED: &[u8] = b"0.479 true\n";

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    println!("cargo::rerun-if-env-changed=GRAVURE_SHARED");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is_gnu || env::var("HOST") != env::var("TARGET") {
        return;
    }
    let folder = env::var_os("OUT_DIR").map(PathBuf::from);
    let is_wanted = is("PROFILE", "release") && !is("GRAVURE_SHARED", "1");
    if let Some(folder) = folder.filter(|_| is_wanted)
        && stand_in(&folder).is_ok()
        && runs(&folder)
    {
        // Not by `rustc-link-search`: tests are linked as everybody else.
        println!("cargo::rustc-link-arg-bins=-L{}", folder.display());
        for argument in ARGUMENTS {
            println!("cargo::rustc-link-arg-bins={argument}");
        }
    } else if archive("libgcc_eh.a").is_some() {
        println!("cargo::rustc-link-lib=gcc_eh");
    }
}

/// Write for each library a script that names its archives. Rust tells the
/// linker to look for shared libraries; it looks into our folder first.
fn stand_in(folder: &Path) -> io::Result<()> {
    for (name, archives) in LIBRARIES {
        let found: Vec<String> = archives.iter().filter_map(|it| archive(it)).collect();
        // The others are parts of the last, since some years.
        let is_needed = matches!(name, "gcc_s" | "m" | "c");
        if is_needed && found.len() < archives.len() {
            return Err(io::ErrorKind::NotFound.into());
        }
        let script = format!("GROUP ( {} )\n", found.join(" "));
        fs::write(folder.join(format!("lib{name}.so")), script)?;
    }
    Ok(())
}

/// Where the linker has an archive; it repeats the name if it has none.
fn archive(name: &str) -> Option<String> {
    let asked = Command::new(linker())
        .arg(format!("-print-file-name={name}"))
        .output();
    let answer = asked.ok().filter(|it| it.status.success())?;
    let text = String::from_utf8(answer.stdout).ok()?;
    let path = Path::new(text.trim());
    // A path with other characters would have to be quoted.
    let is_plain = |it: u8| it.is_ascii_alphanumeric() || b"/._-+".contains(&it);
    let is_usable = path.is_absolute() && path.is_file() && text.trim().bytes().all(is_plain);
    is_usable.then(|| text.trim().to_owned())
}

fn linker() -> String {
    env::var("RUSTC_LINKER").unwrap_or_else(|_| "cc".to_owned())
}

/// Does a small program that is linked so do what it should?
fn runs(folder: &Path) -> bool {
    let (source, program) = (folder.join("trial.rs"), folder.join("trial"));
    if fs::write(&source, TRIAL).is_err() {
        return false;
    }
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let mut rustc = Command::new(env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
    rustc
        .args(flags.split('\x1f').filter(|flag| !flag.is_empty()))
        .arg(format!("-Clinker={}", linker()))
        .args(ARGUMENTS.map(|argument| format!("-Clink-arg={argument}")))
        .arg(format!("-Clink-arg=-L{}", folder.display()))
        .arg("--edition=2024")
        .arg("-o")
        .args([&program, &source]);
    let is_built = rustc.output().is_ok_and(|it| it.status.success());
    let ran = Command::new(&program).output();
    is_built && ran.is_ok_and(|it| it.status.success() && it.stdout == TRIED)
}
