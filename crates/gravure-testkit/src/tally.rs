//! Counting: how many cases there are, how many pass.

use crate::{Case, Expected, Verdict};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// What one file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// All cases.
    pub cases: u64,
    /// Those that must print something.
    pub output: u64,
    /// Those that must fail.
    pub error: u64,
    /// Those whose recorded result is an accident.
    pub quirk: u64,
    /// Those with a result that counts more than the recorded one.
    pub better: u64,
}

impl Counts {
    /// Count one more case.
    pub fn add(&mut self, case: &Case) {
        self.cases += 1;
        match case.expected {
            Some(Expected::Output(_)) => self.output += 1,
            Some(Expected::Error(_)) => self.error += 1,
            None => {}
        }
        self.quirk += u64::from(case.is_quirk);
        self.better += u64::from(case.has_better);
    }
}

/// The counts of `index.json`: what every file should hold.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Index {
    /// Counts by file name.
    pub files: BTreeMap<String, Counts>,
}

impl Index {
    /// Read an index.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let json: Json = serde_json::from_str(text).map_err(|error| error.to_string())?;
        let files = json
            .get("files")
            .and_then(Json::as_object)
            .ok_or("the index has no `files`")?;
        let mut index = Self::default();
        for (name, counts) in files {
            let count = |key: &str| {
                counts
                    .get(key)
                    .and_then(Json::as_u64)
                    .ok_or_else(|| format!("`{name}` in the index has no count `{key}`"))
            };
            let counts = Counts {
                cases: count("cases")?,
                output: count("output")?,
                error: count("error")?,
                quirk: count("quirk")?,
                better: count("better")?,
            };
            index.files.insert(name.clone(), counts);
        }
        Ok(index)
    }
}

/// Verdicts by group, such as file or chapter.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Tally {
    groups: BTreeMap<String, (u64, u64, u64)>,
}

impl Tally {
    /// Count a verdict in a group.
    pub fn add(&mut self, group: &str, verdict: &Verdict) {
        let (passed, failed, unjudged) = self.groups.entry(group.to_owned()).or_default();
        match verdict {
            Verdict::Pass => *passed += 1,
            Verdict::Fail(_) => *failed += 1,
            Verdict::Unjudged => *unjudged += 1,
        }
    }

    /// How many failed.
    pub fn failed(&self) -> u64 {
        self.groups.values().map(|(_, failed, _)| failed).sum()
    }

    /// How many passed.
    pub fn passed(&self) -> u64 {
        self.groups.values().map(|(passed, _, _)| passed).sum()
    }

    /// How many nobody judged.
    pub fn unjudged(&self) -> u64 {
        self.groups.values().map(|(_, _, unjudged)| unjudged).sum()
    }
}

impl std::fmt::Display for Tally {
    /// One line a group, sorted, and one for all.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let wide = self.groups.keys().map(|name| name.chars().count()).max();
        let wide = wide.unwrap_or(0).max(3);
        let all = (self.passed(), self.failed(), self.unjudged());
        let rows = self.groups.iter().map(|(name, row)| (&**name, *row));
        for (name, (passed, failed, unjudged)) in rows.chain([("all", all)]) {
            let judged = passed + failed;
            // Cut, not rounded: only all of them are 100.0.
            let permille = (passed * 1000).checked_div(judged).unwrap_or(1000);
            write!(
                f,
                "{name:<wide$}  {passed:>5} of {judged:>5}  {:>3}.{} %",
                permille / 10,
                permille % 10
            )?;
            if unjudged > 0 {
                write!(f, "  {unjudged} not judged")?;
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_cut_not_rounded() {
        let mut tally = Tally::default();
        for _ in 0..1999 {
            tally.add("b", &Verdict::Pass);
        }
        tally.add("b", &Verdict::Fail(String::new()));
        tally.add("a.jsonl", &Verdict::Unjudged);
        assert_eq!(
            tally.to_string(),
            "a.jsonl      0 of     0  100.0 %  1 not judged\n\
             b         1999 of  2000   99.9 %\n\
             all       1999 of  2000   99.9 %  1 not judged\n"
        );
        assert_eq!(
            (tally.passed(), tally.failed(), tally.unjudged()),
            (1999, 1, 1)
        );
    }

    #[test]
    fn an_index_is_read_as_counts() {
        let text = r#"{"files": {"a.jsonl": {"cases": 3, "output": 2, "error": 1, "quirk": 0, "better": 0}}}"#;
        let index = Index::parse(text).unwrap();
        assert_eq!(index.files["a.jsonl"].output, 2);
        assert!(Index::parse("{}").is_err());
        assert!(
            Index::parse(r#"{"files": {"a": {}}}"#)
                .unwrap_err()
                .contains("`cases`")
        );
    }
}
