//! How the command ends, and the one message that says why.

use std::{
    any::Any,
    fmt,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

/// Done.
pub(crate) const OK: u8 = 0;
/// A template, a render or a case failed, or a check found errors.
const FAILED: u8 = 1;
/// Arguments, files or data cannot be used.
const UNUSABLE: u8 = 2;

/// Why the command stops.
#[derive(Debug)]
pub(crate) struct Failed {
    code: u8,
    /// For standard error; empty if everything has been said.
    message: String,
}

impl Failed {
    /// The request cannot be served: what was found, and what would do.
    pub(crate) fn unusable(message: impl fmt::Display, help: &str) -> Self {
        Self {
            code: UNUSABLE,
            message: format!("error: {}\n  help: {help}", one_line(&message.to_string())),
        }
    }

    /// A template failed; the report says all.
    pub(crate) fn template(report: String) -> Self {
        Self {
            code: FAILED,
            message: report,
        }
    }

    /// The library cannot serve the request; the report says all.
    pub(crate) fn refused(report: String) -> Self {
        Self {
            code: UNUSABLE,
            message: report,
        }
    }

    /// Cases failed, or a check found errors; all has been told.
    pub(crate) fn told() -> Self {
        Self {
            code: FAILED,
            message: String::new(),
        }
    }

    /// A panic got through.
    pub(crate) fn bug(payload: &(dyn Any + Send)) -> Self {
        Self {
            code: FAILED,
            message: format!(
                "error: gravure made a mistake: {}\n  help: please report it with the template \
                 and the data",
                one_line(&panic_text(payload))
            ),
        }
    }

    /// Say it, and give the exit code.
    pub(crate) fn tell(&self) -> ExitCode {
        if !self.message.is_empty() {
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr().lock(), "{}", self.message);
        }
        ExitCode::from(self.code)
    }

    #[cfg(test)]
    pub(crate) fn parts(&self) -> (u8, &str) {
        (self.code, &self.message)
    }
}

/// What a panic said.
pub(crate) fn panic_text(payload: &(dyn Any + Send)) -> String {
    payload
        .downcast_ref::<&str>()
        .map(|text| (*text).to_owned())
        .or_else(|| payload.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no message".to_owned())
}

/// Are colors wanted on standard error?
pub(crate) fn wants_color() -> bool {
    io::stderr().is_terminal() && allows_color()
}

/// Are colors wanted on standard output?
pub(crate) fn wants_color_in_print() -> bool {
    io::stdout().is_terminal() && allows_color()
}

fn allows_color() -> bool {
    std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty())
}

/// A remark on standard error.
pub(crate) fn remark(text: &str) {
    // Nobody is left to tell if standard error is closed.
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Write to standard output. A reader that has gone away (`| head`) is no
/// failure.
pub(crate) fn print(text: &str) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failed::unusable(
            format!("standard output cannot be written: {error}"),
            "write to a file with `-o FILE`",
        )),
        _ => Ok(()),
    }
}

/// Control characters of names and data never reach a terminal.
pub(crate) fn one_line(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control().then(|| c.escape_default());
            let plain = (!c.is_control()).then_some(c);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_one_line_and_one_advice() {
        let failed = Failed::unusable("a\x1b\nb", "do c");
        assert_eq!(failed.parts(), (2, "error: a\\u{1b}\\nb\n  help: do c"));
    }
}
