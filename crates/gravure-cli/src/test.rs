//! `gravure test`: runs cases, prints rates and failures, writes results.

use crate::{
    args,
    failure::{Failed, print, remark},
    worker::Workers,
};
use gravure_testkit::{Case, Counts, Index, Tally, Verdict, cases, judge, lines};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, BufWriter, Write as _},
    path::Path,
};

/// Run the cases of some files.
pub(crate) fn test(args: &args::Test) -> Result<(), Failed> {
    let mut files = Vec::new();
    for path in &args.files {
        let text = read(path)?;
        has_cases(path, &text)?;
        files.push((path, text));
    }
    let mut session = Session {
        workers: Workers::new()?,
        results: args.results.as_deref().map(Results::create).transpose()?,
        filter: args.filter.as_deref(),
        by_file: Tally::default(),
        by_area: Tally::default(),
        problems: String::new(),
        has_lost_cases: false,
    };
    for (path, text) in &files {
        session.run_file(path, text)?;
    }
    if let Some(results) = session.results.take() {
        results.finish()?;
    }
    let Session {
        by_file,
        by_area,
        problems,
        has_lost_cases,
        ..
    } = session;
    print(&format!("{problems}\n{by_area}\n{by_file}"))?;
    if by_file.failed() > 0 || has_lost_cases {
        return Err(Failed::told());
    }
    Ok(())
}

/// A file that holds something, but not one case, is the wrong file.
fn has_cases(path: &Path, text: &[u8]) -> Result<(), Failed> {
    let mut first = None;
    for (number, case) in cases(text) {
        match case {
            Ok(_) => return Ok(()),
            Err(no_case) if first.is_none() => first = Some((number, no_case)),
            Err(_) => {}
        }
    }
    match first {
        None => Ok(()),
        Some((number, no_case)) => Err(Failed::unusable(
            format!(
                "there is no case in `{}`; line {number}: {no_case}",
                path.display()
            ),
            "name files of cases, one JSON object a line",
        )),
    }
}

struct Session<'a> {
    workers: Workers,
    results: Option<Results<'a>>,
    filter: Option<&'a str>,
    by_file: Tally,
    by_area: Tally,
    problems: String,
    has_lost_cases: bool,
}

impl Session<'_> {
    fn run_file(&mut self, path: &Path, text: &[u8]) -> Result<(), Failed> {
        let name = path.file_name().map_or_else(
            || path.display().to_string(),
            |name| name.to_string_lossy().into(),
        );
        let lines: Vec<&[u8]> = lines(text).collect();
        let mut counts = Counts::default();
        for (number, case) in cases(text) {
            let case = match case {
                Ok(case) => case,
                Err(no_case) => {
                    remark(&format!("{name}:{number}: {no_case}; skipped"));
                    continue;
                }
            };
            counts.add(&case);
            if self.is_wanted(&case)
                && let Some(line) = lines.get(number - 1)
            {
                self.run_case(&name, &case, line)?;
            }
        }
        self.compare_with_index(path, &name, counts);
        Ok(())
    }

    fn run_case(&mut self, file: &str, case: &Case, line: &[u8]) -> Result<(), Failed> {
        let outcome = self.workers.run(line)?;
        let verdict = judge(case.expected.as_ref(), &outcome);
        if let Some(results) = &mut self.results {
            results.write(&outcome.to_json(&case.id).to_string())?;
        }
        if let Verdict::Fail(problem) = &verdict {
            // Writing to a text cannot fail.
            let _ = writeln!(self.problems, "FAIL {}: {problem}", case.id);
        }
        let area = if case.area.is_empty() {
            "-"
        } else {
            &case.area
        };
        self.by_area.add(area, &verdict);
        self.by_file.add(file, &verdict);
        Ok(())
    }

    fn is_wanted(&self, case: &Case) -> bool {
        self.filter
            .is_none_or(|text| case.id.contains(text) || case.area.contains(text))
    }

    /// An index beside the file says how many cases there should be.
    fn compare_with_index(&mut self, path: &Path, name: &str, counts: Counts) {
        let Ok(text) = fs::read_to_string(path.with_file_name("index.json")) else {
            return;
        };
        let Ok(index) = Index::parse(&text) else {
            return;
        };
        if let Some(wanted) = index.files.get(name)
            && *wanted != counts
        {
            self.has_lost_cases = true;
            let _ = writeln!(
                self.problems,
                "FAIL {name}: the index says {wanted:?}, the file has {counts:?}"
            );
        }
    }
}

/// The file of results.
struct Results<'a> {
    path: &'a Path,
    file: BufWriter<File>,
}

impl<'a> Results<'a> {
    fn create(path: &'a Path) -> Result<Self, Failed> {
        match File::create(path) {
            Ok(file) => Ok(Self {
                path,
                file: BufWriter::new(file),
            }),
            Err(error) => Err(unwritable(path, &error)),
        }
    }

    fn write(&mut self, line: &str) -> Result<(), Failed> {
        writeln!(self.file, "{line}").map_err(|error| unwritable(self.path, &error))
    }

    fn finish(mut self) -> Result<(), Failed> {
        self.file
            .flush()
            .map_err(|error| unwritable(self.path, &error))
    }
}

fn unwritable(path: &Path, error: &io::Error) -> Failed {
    Failed::unusable(
        format!(
            "the results cannot be written to `{}`: {error}",
            path.display()
        ),
        "name a file in a folder that exists after `--results`",
    )
}

fn read(path: &Path) -> Result<Vec<u8>, Failed> {
    fs::read(path).map_err(|error| {
        Failed::unusable(
            format!("the cases `{}` cannot be read: {error}", path.display()),
            "name files of cases, one JSON object a line",
        )
    })
}
