//! Inputs that once broke what must hold for any bytes, run again.
//!
//! The files are in `fuzz/regressions/`, each named for its target and for
//! what it was: `render-break-in-capture`. The targets are those of the
//! fuzzers; here they run on the stack that is promised to do. So do the
//! inputs that fuzzing kept because each does something that no other does:
//! one a line in the files of `fuzz/kept/`, one file a target.

#[path = "../../../../fuzz/src/targets/mod.rs"]
#[allow(unreachable_pub, unused_imports)]
mod targets;

#[path = "../../../../fuzz/src/kept.rs"]
#[allow(unreachable_pub, dead_code)]
mod kept;

use std::{fs, path::Path, thread};
use targets::TARGETS;

const STACK: usize = 128 << 10;

#[test]
fn what_once_failed_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/regressions");
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    files.sort();
    assert!(!files.is_empty());
    for path in files {
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Some((_, target)) = TARGETS.iter().find(|(target, _)| name.starts_with(target)) else {
            panic!("{name} is named for no target");
        };
        let bytes = fs::read(&path).unwrap();
        let runs = thread::Builder::new()
            .stack_size(STACK)
            .spawn(move || target(&bytes));
        assert!(runs.unwrap().join().is_ok(), "{name} fails again");
    }
}

#[test]
fn what_was_kept_holds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/kept");
    for (name, target) in TARGETS {
        let packed = fs::read_to_string(folder.join(format!("{name}.txt"))).unwrap();
        assert!(!packed.is_empty(), "{name}");
        let all = move || {
            for (at, input) in kept::unpack(&packed).enumerate() {
                let run = std::panic::catch_unwind(|| target(&input));
                assert!(run.is_ok(), "line {} of {name} fails", at + 1);
            }
        };
        let runs = thread::Builder::new().stack_size(STACK).spawn(all);
        assert!(runs.unwrap().join().is_ok(), "{name}");
    }
}
