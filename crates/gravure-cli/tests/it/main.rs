//! The command as a user meets it: arguments in, text and exit code out.

mod bundles;
mod cases;
mod check;
mod pages;
mod settings;

use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
};

/// A folder with files, gone after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let unique = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("gravure-cli-{}-{unique}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        for (name, bytes) in files {
            let file = path.join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, bytes).unwrap();
        }
        Self(path)
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// Run the command in the folder, arguments split at blanks.
    fn run(&self, args: &str) -> Run {
        self.run_with(args, b"")
    }

    fn run_with(&self, args: &str, input: &[u8]) -> Run {
        let mut child = Command::new(Path::new(env!("CARGO_BIN_EXE_gravure")))
            .args(args.split_whitespace())
            .current_dir(&self.0)
            .env("RUST_BACKTRACE", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let _ = child.stdin.take().unwrap().write_all(input);
        Run::from(child.wait_with_output().unwrap())
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What the command did.
#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Run {
    /// It ended so, and said exactly this.
    #[track_caller]
    fn gives(&self, code: i32, out: &str, err: &str) {
        assert_eq!((self.code, &*self.out, &*self.err), (Some(code), out, err));
    }

    /// It ended so, said nothing on standard output, and one thing on
    /// standard error that has these words in it.
    #[track_caller]
    fn refuses(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, &*self.out), (Some(code), ""), "{}", self.err);
        for word in words {
            assert!(self.err.contains(word), "`{word}` is not in: {}", self.err);
        }
        let is_trace = self.err.contains("panicked at") || self.err.contains("stack backtrace");
        assert!(!is_trace, "{}", self.err);
        let is_one = self.err.starts_with("error") && !self.err.contains("\nerror");
        assert!(is_one, "{}", self.err);
    }
}
