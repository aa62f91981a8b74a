//! The figures of one run, and how they are printed.
//!
//! In: times by `measure`, counts by the program `allocations`.
//! Out: Markdown tables, the same for a terminal and for the page.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::Duration;

use crate::contest::Form;
use crate::engines::{floor, gravure};
use crate::workload::{CORPUS, DEFAULT_PAIR};

/// One contestant's figures.
#[derive(Clone, Debug)]
pub struct Row {
    /// The workload.
    pub workload: String,
    /// The engine.
    pub engine: &'static str,
    /// The word of the form of data, `source` for the corpus.
    pub form: &'static str,
    /// The median of one call.
    pub time: Duration,
    /// The bytes of the sources, for the corpus.
    pub source_bytes: usize,
    /// What the allocator was asked, if it was counted.
    pub counts: Option<Counts>,
}

/// What was asked of the allocator.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    /// Calls.
    pub calls: u64,
    /// Bytes asked for.
    pub bytes: u64,
    /// Live bytes: at the peak of a render and beyond its page, or when the
    /// corpus is compiled.
    pub live: u64,
}

impl Counts {
    /// Reads what `allocations` prints, by the first three words of a line.
    pub fn read(text: &str) -> HashMap<String, Self> {
        let line = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            let [workload, engine, form, calls, bytes, live] = words.as_slice() else {
                return None;
            };
            let counts = Self {
                calls: calls.parse().ok()?,
                bytes: bytes.parse().ok()?,
                live: live.parse().ok()?,
            };
            Some((format!("{workload} {engine} {form}"), counts))
        };
        text.lines().filter_map(line).collect()
    }
}

/// All figures of one run.
#[derive(Debug, Default)]
pub struct Standing {
    /// In the order in which they are shown.
    pub rows: Vec<Row>,
}

impl Standing {
    /// The time of a contestant.
    pub fn time(&self, workload: &str, engine: &str, form: &str) -> Option<Duration> {
        let row = self
            .rows
            .iter()
            .find(|row| row.workload == workload && row.engine == engine && row.form == form);
        row.map(|row| row.time)
    }

    /// How often the floor's time a row takes.
    pub fn to_floor(&self, row: &Row) -> Option<f64> {
        let floor = self.time(&row.workload, floor::NAME, Form::Struct.word())?;
        Some(ratio(row.time, floor))
    }

    /// How often Gravure's time a row takes, for the same form of data; a
    /// template compiled for its struct is compared with prepared data.
    pub fn to_gravure(&self, row: &Row) -> Option<f64> {
        let form = if row.form == Form::Struct.word() {
            Form::Prepared.word()
        } else {
            row.form
        };
        let ours = self.time(&row.workload, gravure::NAME, form)?;
        Some(ratio(row.time, ours))
    }

    /// Every table for which there are figures.
    pub fn tables(&self) -> String {
        let mut text = String::new();
        let tables = [self.renders(), self.pair(), self.corpus()];
        for table in tables.iter().filter(|table| !table.is_empty()) {
            let gap = if text.is_empty() { "" } else { "\n" };
            text.push_str(gap);
            text.push_str(table);
        }
        text
    }

    fn renders(&self) -> String {
        let mut text = String::new();
        for row in self.rows.iter().filter(|row| row.workload != CORPUS) {
            if text.is_empty() {
                text.push_str("| workload | engine | data | µs | × floor | × Gravure | allocations | bytes | peak |\n");
                text.push_str("|---|---|---|--:|--:|--:|--:|--:|--:|\n");
            }
            let [calls, bytes, live] = counts(row.counts);
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {} | {calls} | {bytes} | {live} |",
                row.workload,
                row.engine,
                row.form,
                digits(row.time.as_secs_f64() * 1e6),
                or_dash(self.to_floor(row)),
                or_dash(self.to_gravure(row)),
            );
        }
        text
    }

    fn pair(&self) -> String {
        let [present, missing] = DEFAULT_PAIR;
        let mut text = String::new();
        for row in self.rows.iter().filter(|row| row.workload == missing) {
            let Some(base) = self.time(present, row.engine, row.form) else {
                continue;
            };
            if text.is_empty() {
                text.push_str("| engine | data | missing key ÷ present key |\n|---|---|--:|\n");
            }
            let _ = writeln!(
                text,
                "| {} | {} | {:.2} |",
                row.engine,
                row.form,
                ratio(row.time, base)
            );
        }
        text
    }

    fn corpus(&self) -> String {
        let mut text = String::new();
        for row in self.rows.iter().filter(|row| row.workload == CORPUS) {
            if text.is_empty() {
                text.push_str("| engine | ms | MB/s | × Gravure | allocations | bytes | live bytes per byte of source |\n");
                text.push_str("|---|--:|--:|--:|--:|--:|--:|\n");
            }
            let seconds = row.time.as_secs_f64();
            let [calls, bytes, _] = counts(row.counts);
            let source_bytes = row.source_bytes as f64;
            let live = row
                .counts
                .map(|counts| counts.live as f64 / source_bytes.max(1.0));
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {calls} | {bytes} | {} |",
                row.engine,
                digits(seconds * 1e3),
                digits(source_bytes / 1e6 / seconds.max(1e-12)),
                or_dash(self.to_gravure(row)),
                live.map_or("–".to_owned(), |live| format!("{live:.1}")),
            );
        }
        text
    }
}

fn ratio(time: Duration, base: Duration) -> f64 {
    time.as_secs_f64() / base.as_secs_f64().max(1e-12)
}

/// Three digits that count.
fn digits(figure: f64) -> String {
    let digits = match figure {
        ..1.0 => 3,
        ..10.0 => 2,
        ..100.0 => 1,
        _ => 0,
    };
    format!("{figure:.digits$}")
}

fn or_dash(ratio: Option<f64>) -> String {
    ratio.map_or("–".to_owned(), |ratio| format!("{ratio:.2}"))
}

fn counts(counts: Option<Counts>) -> [String; 3] {
    counts.map_or_else(
        || ["–", "–", "–"].map(str::to_owned),
        |counts| [counts.calls, counts.bytes, counts.live].map(|count| count.to_string()),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(workload: &str, engine: &'static str, form: &'static str, micros: u64) -> Row {
        Row {
            workload: workload.to_owned(),
            engine,
            form,
            time: Duration::from_micros(micros),
            source_bytes: 1000,
            counts: Some(Counts {
                calls: 2,
                bytes: 30,
                live: 4000,
            }),
        }
    }

    #[test]
    fn each_figure_has_its_base() {
        let standing = Standing {
            rows: vec![
                row("page", "floor", "struct", 10),
                row("page", "gravure", "prepared", 20),
                row("page", "gravure", "json", 25),
                row("page", "tera", "json", 50),
                row("default-present", "tera", "json", 50),
                row("default-missing", "tera", "json", 75),
                row("corpus", "gravure", "source", 1000),
            ],
        };
        let text = standing.tables();
        for line in [
            "| page | floor | struct | 10.0 | 1.00 | 0.50 | 2 | 30 | 4000 |",
            "| page | gravure | json | 25.0 | 2.50 | 1.00 | 2 | 30 | 4000 |",
            "| page | tera | json | 50.0 | 5.00 | 2.00 | 2 | 30 | 4000 |",
            "| tera | json | 1.50 |",
            "| gravure | 1.00 | 1.00 | 1.00 | 2 | 30 | 4.0 |",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
    }

    #[test]
    fn counts_are_read_as_they_are_printed() {
        let counts = Counts::read("page tera json 1 22 333\nnonsense\n");
        assert_eq!(counts.len(), 1);
        assert_eq!(counts["page tera json"].live, 333);
    }
}
