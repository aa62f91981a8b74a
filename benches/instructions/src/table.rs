//! The table of counts: `benches/instructions.toml`, and how a run compares.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What a count may differ from the table, in percent, unless it says so itself.
const TOLERANCE: u64 = 3;

/// Instructions by workload, then by work.
pub(crate) type Counts = BTreeMap<String, BTreeMap<String, u64>>;

/// What the file holds.
#[derive(Debug)]
pub(crate) struct Table {
    /// Percent by which a count may be above its row.
    pub(crate) tolerance: u64,
    /// The compiler that built what was counted; another makes other code.
    pub(crate) rust: String,
    pub(crate) counts: Counts,
}

impl Default for Table {
    fn default() -> Self {
        Self {
            tolerance: TOLERANCE,
            rust: String::new(),
            counts: Counts::new(),
        }
    }
}

/// How a count stands to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Same,
    Fewer,
    More,
    Unknown,
}

impl Table {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let file: toml::Table = text.parse().map_err(|error| format!("{error}"))?;
        let mut table = Self::default();
        for (key, value) in file {
            match value {
                toml::Value::Integer(percent) if key == "tolerance" => {
                    table.tolerance = u64::try_from(percent).map_err(|error| error.to_string())?;
                }
                toml::Value::String(version) if key == "rust" => table.rust = version,
                toml::Value::Table(works) => {
                    let works = works.into_iter().map(|(work, count)| {
                        let count = count.as_integer().and_then(|it| u64::try_from(it).ok());
                        let count = count.ok_or(format!("`{key}.{work}` is no count"))?;
                        Ok((work, count))
                    });
                    let works: Result<_, String> = works.collect();
                    table.counts.insert(key, works?);
                }
                _ => return Err(format!("`{key}` is not known")),
            }
        }
        Ok(table)
    }

    pub(crate) fn text(&self) -> String {
        let mut text = format!(
            "# Instructions of one warm render, and of compiling a workload once.\n\
             # Counted by callgrind on x86-64; written by `just instructions --update`.\n\n\
             # Percent by which a count may be above the one here.\n\
             tolerance = {}\n\
             # Code of another compiler is counted, but not judged.\n\
             rust = \"{}\"\n",
            self.tolerance, self.rust
        );
        for (workload, works) in &self.counts {
            let _ = write!(text, "\n[{workload}]\n");
            for (work, count) in works {
                let _ = writeln!(text, "{work} = {}", grouped(*count));
            }
        }
        text
    }

    pub(crate) fn judge(&self, workload: &str, work: &str, count: u64) -> (Verdict, Option<u64>) {
        let Some(known) = self.counts.get(workload).and_then(|works| works.get(work)) else {
            return (Verdict::Unknown, None);
        };
        let slack = known.saturating_mul(self.tolerance) / 100;
        let verdict = if count > known.saturating_add(slack) {
            Verdict::More
        } else if count < known.saturating_sub(slack) {
            Verdict::Fewer
        } else {
            Verdict::Same
        };
        (verdict, Some(*known))
    }
}

/// `1_234_567`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_judged_by_the_table() {
        let table = Table::read("tolerance = 3\n[page]\njson = 1_000\n").unwrap();
        for (count, verdict) in [
            (1000, Verdict::Same),
            (1030, Verdict::Same),
            (1031, Verdict::More),
            (969, Verdict::Fewer),
        ] {
            assert_eq!(table.judge("page", "json", count), (verdict, Some(1000)));
        }
        assert_eq!(table.judge("page", "prepared", 1), (Verdict::Unknown, None));
    }

    #[test]
    fn what_is_written_is_read() {
        let mut table = Table::default();
        let works = BTreeMap::from([("json".to_owned(), 1_234_567)]);
        table.counts.insert("table-int".to_owned(), works);
        table.rust = "1.95.0".to_owned();
        let text = table.text();
        assert_eq!(Table::read(&text).unwrap().rust, "1.95.0");
        assert!(text.contains("[table-int]\njson = 1_234_567\n"), "{text}");
        assert_eq!(Table::read(&text).unwrap().counts, table.counts);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["page = 'x'", "[page]\njson = -1", "tolerance = -1", "= 1"] {
            assert!(Table::read(text).is_err(), "{text}");
        }
    }
}
