//! Cases run in a process of their own: a case may panic, overflow its stack
//! or never end, and the next one must not notice.
//!
//! ```text
//! gravure test ── a line of the corpus ──▶ gravure test-worker
//!              ◀── one line: its result ──
//! ```
//!
//! The worker is this very program. It is started anew after a case that
//! killed it.

use crate::failure::{Failed, panic_text};
use gravure_testkit::{Case, Outcome, Runner as _};
use std::{
    env,
    io::{self, BufRead as _, BufReader, Write as _},
    panic::{self, AssertUnwindSafe},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    thread,
    time::Duration,
};

/// How long one case may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Answer cases from standard input until it ends.
pub(crate) fn serve() -> Result<(), Failed> {
    let runner = crate::engine::runner();
    let mut input = io::stdin().lock();
    let mut out = io::stdout().lock();
    let mut line = Vec::new();
    loop {
        line.clear();
        // Who asked is gone when either end closes; there is nothing to tell.
        if !input.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            return Ok(());
        }
        let (id, outcome) = match Case::parse(&String::from_utf8_lossy(&line)) {
            Ok(case) => {
                let outcome = panic::catch_unwind(AssertUnwindSafe(|| runner.run(&case)))
                    .unwrap_or_else(|payload| {
                        Outcome::Crash(format!("panic: {}", panic_text(&*payload)))
                    });
                (case.id, outcome)
            }
            Err(no_case) => (String::new(), Outcome::Crash(no_case.to_string())),
        };
        let answer = format!("{}\n", outcome.to_full_json(&id));
        if out
            .write_all(answer.as_bytes())
            .and_then(|()| out.flush())
            .is_err()
        {
            return Ok(());
        }
    }
}

/// Runs cases in worker processes, one after the other.
pub(crate) struct Workers {
    command: Box<dyn Fn() -> Command>,
    patience: Duration,
    running: Option<Running>,
}

struct Running {
    child: Child,
    answers: Receiver<String>,
}

impl Workers {
    /// Workers that are this program.
    pub(crate) fn new() -> Result<Self, Failed> {
        let program = env::current_exe().map_err(|error| {
            Failed::unusable(
                format!("the program does not know where it is: {error}"),
                "start it by its full path",
            )
        })?;
        Ok(Self::of(
            move || {
                let mut command = Command::new(&program);
                command.arg("test-worker");
                command
            },
            PATIENCE,
        ))
    }

    fn of(command: impl Fn() -> Command + 'static, patience: Duration) -> Self {
        Self {
            command: Box::new(command),
            patience,
            running: None,
        }
    }

    /// The result of the case on `line`, which holds no line feed.
    pub(crate) fn run(&mut self, line: &[u8]) -> Result<Outcome, Failed> {
        let mut running = match self.running.take() {
            Some(running) => running,
            None => self.start()?,
        };
        let outcome = running.ask(line, self.patience);
        match &outcome {
            // A worker that has crashed once, even if it caught that, is not
            // asked again.
            Outcome::Crash(_) => running.stop(),
            _ => self.running = Some(running),
        }
        Ok(outcome)
    }

    fn start(&self) -> Result<Running, Failed> {
        let unusable = |error: io::Error| {
            Failed::unusable(
                format!("the worker process cannot be started: {error}"),
                "check that the program can start itself",
            )
        };
        let mut child = (self.command)()
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(unusable)?;
        let Some(stdout) = child.stdout.take() else {
            return Err(unusable(io::ErrorKind::BrokenPipe.into()));
        };
        let (tell, answers) = channel();
        // Ends with the worker's output, or when nobody listens any more.
        thread::spawn(move || {
            for line in BufReader::new(stdout).split(b'\n') {
                let Ok(line) = line else { break };
                if tell
                    .send(String::from_utf8_lossy(&line).into_owned())
                    .is_err()
                {
                    break;
                }
            }
        });
        Ok(Running { child, answers })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(running) = &mut self.running {
            running.stop();
        }
    }
}

impl Running {
    fn ask(&mut self, line: &[u8], patience: Duration) -> Outcome {
        if let Some(stdin) = &mut self.child.stdin {
            // A worker that died meanwhile gives no answer, which is noticed
            // below.
            let _ = stdin
                .write_all(line)
                .and_then(|()| stdin.write_all(b"\n"))
                .and_then(|()| stdin.flush());
        }
        match self.answers.recv_timeout(patience) {
            Ok(answer) => serde_json::from_str(&answer)
                .ok()
                .and_then(|json| Outcome::from_json(&json))
                .unwrap_or_else(|| Outcome::Crash("the worker gave no result".to_owned())),
            Err(RecvTimeoutError::Timeout) => Outcome::Crash("timeout".to_owned()),
            Err(RecvTimeoutError::Disconnected) => Outcome::Crash(match self.child.wait() {
                Ok(status) => death(status),
                Err(error) => format!("the worker is gone: {error}"),
            }),
        }
    }

    /// End the worker, whatever it is doing.
    fn stop(&mut self) {
        // Both fail only if it has ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// How a process ended.
fn death(status: ExitStatus) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        if let Some(signal) = status.signal() {
            return format!("signal {signal}");
        }
    }
    match status.code() {
        Some(code) => format!("exit {code}"),
        None => "the worker ended".to_owned(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    /// A worker in a few lines of shell: answers a line as it says.
    const SCRIPT: &str = r#"
        while read -r line; do
            case "$line" in
                die) kill -6 $$ ;;
                leave) exit 3 ;;
                hang) sleep 60 ;;
                nonsense) echo nonsense ;;
                panic) echo '{"id":"x","crash":"panic: oh"}' ;;
                pid) echo "{\"id\":\"x\",\"output\":\"$$\"}" ;;
                *) echo "{\"id\":\"x\",\"output\":\"$line\"}" ;;
            esac
        done"#;

    fn workers() -> Workers {
        Workers::of(
            || {
                let mut command = Command::new("sh");
                command.arg("-c").arg(SCRIPT);
                command
            },
            Duration::from_millis(1_500),
        )
    }

    fn run(workers: &mut Workers, line: &str) -> String {
        match workers.run(line.as_bytes()).unwrap() {
            Outcome::Output(text) => text,
            Outcome::Crash(what) => format!("! {what}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn every_crash_is_told_and_the_next_case_runs() {
        let mut workers = workers();
        for (line, result) in [
            ("a", "a"),
            ("die", "! signal 6"),
            ("b", "b"),
            ("leave", "! exit 3"),
            ("hang", "! timeout"),
            ("c", "c"),
            ("nonsense", "! the worker gave no result"),
            ("panic", "! panic: oh"),
            ("d", "d"),
        ] {
            assert_eq!(run(&mut workers, line), result);
        }
    }

    #[test]
    fn a_worker_serves_until_it_crashes() {
        let mut workers = workers();
        let first = run(&mut workers, "pid");
        assert_eq!(run(&mut workers, "pid"), first);
        run(&mut workers, "panic");
        assert_ne!(run(&mut workers, "pid"), first);
    }
}
