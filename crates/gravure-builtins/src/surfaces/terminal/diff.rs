//! The filter `diff`: what changed from one text to another, line by line.
//!
//! Lines are compared with their ends and cleaned only when they are shown.

use super::{
    RESET, has_color,
    matching::{Run, common_runs},
    settings,
};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_int},
};
use gravure_value::{Args, Call, Fault, Heap, Mark, Value, ops, text};
use std::{collections::HashMap, fmt::Write, ops::Range};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::reading(
        &["diff"],
        params!("value, /, new, context="),
        diff,
    )]
}

fn diff<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let is_painted = has_color(&settings(call));
    let heap = call.heap();
    let context = expect_int(heap, args.get_or(2, Value::Int(3)), "context")?;
    let context = usize::try_from(context).unwrap_or(0);
    let shown = {
        let (old, new) = (
            ops::to_text(heap, args.get(0))?,
            ops::to_text(heap, args.get(1))?,
        );
        let len = (old.len() + new.len()) as u64;
        heap.charge(len / 4)?;
        if old == new {
            return Ok(Value::Str(Mark::Styled, ""));
        }
        let lines: [Vec<&str>; 2] =
            [&old, &new].map(|text| text::split_lines(text, true).collect());
        let n_lines = lines.iter().map(Vec::len).sum::<usize>() as u64;
        heap.charge(n_lines)?;
        // Numbers, places and runs of the search, and marks around each line.
        heap.reserve(n_lines.saturating_mul(160).saturating_add(len))?;
        show(heap, &lines, context, is_painted)?
    };
    heap.new_text(Mark::Styled, shown)
}

fn show<'c>(
    heap: &Heap<'c>,
    [old, new]: &[Vec<&str>; 2],
    context: usize,
    is_painted: bool,
) -> Result<String, Fault> {
    let mut known = HashMap::new();
    let mut number = |line| {
        let next = known.len() as u32;
        *known.entry(line).or_insert(next)
    };
    let old_lines: Vec<u32> = old.iter().map(|&line| number(line)).collect();
    let new_lines: Vec<u32> = new.iter().map(|&line| number(line)).collect();
    let runs = common_runs(&old_lines, &new_lines, |steps| heap.charge(steps))?;
    let mut page = Page {
        heap,
        is_painted,
        out: String::new(),
    };
    page.line("2", "--- ", "")?;
    page.line("2", "+++ ", "")?;
    for hunk in hunks(&changes(&runs, old.len(), new.len()), context) {
        page.hunk(&hunk, old, new)?;
    }
    Ok(page.out)
}

/// Lines that are the same, or old lines in whose place new ones stand.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Change {
    is_equal: bool,
    old: Range<usize>,
    new: Range<usize>,
}

/// Runs and what lies between them; together they are both texts.
fn changes(runs: &[Run], old_len: usize, new_len: usize) -> Vec<Change> {
    let mut changes = Vec::with_capacity(2 * runs.len() + 1);
    let (mut old_at, mut new_at) = (0, 0);
    let end = Run {
        old: old_len,
        new: new_len,
        len: 0,
    };
    for run in runs.iter().chain([&end]) {
        if old_at < run.old || new_at < run.new {
            let (old, new) = (old_at..run.old, new_at..run.new);
            changes.push(Change {
                is_equal: false,
                old,
                new,
            });
        }
        (old_at, new_at) = (run.old + run.len, run.new + run.len);
        if run.len > 0 {
            let (old, new) = (run.old..old_at, run.new..new_at);
            changes.push(Change {
                is_equal: true,
                old,
                new,
            });
        }
    }
    changes
}

/// Changes with some equal lines around; long equal stretches lie between.
fn hunks(changes: &[Change], context: usize) -> Vec<Vec<Change>> {
    let mut hunks = Vec::new();
    let mut hunk: Vec<Change> = Vec::new();
    for (idx, change) in changes.iter().enumerate() {
        let (old, new) = (&change.old, &change.new);
        if !change.is_equal {
            hunk.push(change.clone());
            continue;
        }
        let (is_first, is_last) = (idx == 0, idx + 1 == changes.len());
        let head = |n: usize| Change {
            is_equal: true,
            old: old.start..old.start + n,
            new: new.start..new.start + n,
        };
        let tail = |n: usize| Change {
            is_equal: true,
            old: old.end - n..old.end,
            new: new.end - n..new.end,
        };
        let n = context.min(old.len());
        if is_first {
            hunk.push(tail(n));
        } else if is_last {
            hunk.push(head(n));
        } else if old.len() > context.saturating_mul(2) {
            hunk.push(head(n));
            hunks.push(std::mem::take(&mut hunk));
            hunk.push(tail(n));
        } else {
            hunk.push(change.clone());
        }
    }
    hunks.push(hunk);
    hunks.retain(|hunk| hunk.iter().any(|change| !change.is_equal));
    hunks
}

/// First line and count as a header shows them.
fn place(lines: Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        n => format!("{},{n}", lines.start + 1),
    }
}

/// What is shown, while it is written.
struct Page<'h, 'c> {
    heap: &'h Heap<'c>,
    is_painted: bool,
    out: String,
}

impl Page<'_, '_> {
    fn hunk(&mut self, hunk: &[Change], old: &[&str], new: &[&str]) -> Result<(), Fault> {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else {
            return Ok(());
        };
        let old_place = place(first.old.start..last.old.end);
        let new_place = place(first.new.start..last.new.end);
        self.line("36", &format!("@@ -{old_place} +{new_place} @@"), "")?;
        for change in hunk {
            let old = old.get(change.old.clone()).unwrap_or_default();
            let new = new.get(change.new.clone()).unwrap_or_default();
            if change.is_equal {
                self.lines("2", "   ", old)?;
            } else {
                self.lines("31", "- ", old)?;
                self.lines("32", "+ ", new)?;
            }
        }
        Ok(())
    }

    fn lines(&mut self, code: &str, front: &str, lines: &[&str]) -> Result<(), Fault> {
        lines
            .iter()
            .try_for_each(|line| self.line(code, front, line))
    }

    fn line(&mut self, code: &str, front: &str, line: &str) -> Result<(), Fault> {
        self.heap.charge(1 + line.len() as u64 / 8)?;
        self.heap
            .check_text((self.out.len() + line.len() + 32) as u64)?;
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        if self.is_painted {
            // Writing to a String cannot fail.
            let _ = write!(self.out, "\u{1b}[{code}m");
        }
        self.out.push_str(front);
        text::clean_terminal(line.strip_suffix('\n').unwrap_or(line), &mut self.out);
        if self.is_painted {
            self.out.push_str(RESET);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::Limits;

    /// Each character of the texts is a line.
    fn check(old: &str, new: &str, context: usize) -> String {
        let text = |chars: &str| chars.chars().map(|c| format!("{c}\n")).collect::<String>();
        let (old, new) = (text(old), text(new));
        let lines = [&old, &new].map(|text| text::split_lines(text, true).collect());
        let heap = Heap::new(Limits::default());
        let shown = show(&heap, &lines, context, false).unwrap();
        shown
            .strip_prefix("--- \n+++ \n")
            .unwrap()
            .replace('\n', "|")
    }

    #[test]
    fn hunks_are_shown() {
        for (old, new, context, expected) in [
            ("", "x", 3, "@@ -0,0 +1 @@|+ x"),
            ("x", "", 3, "@@ -1 +0,0 @@|- x"),
            ("abc", "aXc", 3, "@@ -1,3 +1,3 @@|   a|- b|+ X|   c"),
            (
                "abcdefghi",
                "abcdEfghi",
                1,
                "@@ -4,3 +4,3 @@|   d|- e|+ E|   f",
            ),
            (
                "abcdefghi",
                "AbcdefghI",
                1,
                "@@ -1,2 +1,2 @@|- a|+ A|   b|@@ -8,2 +8,2 @@|   h|- i|+ I",
            ),
            (
                "abcd",
                "AbcD",
                1,
                "@@ -1,4 +1,4 @@|- a|+ A|   b|   c|- d|+ D",
            ),
            ("xyz", "yxz", 0, "@@ -0,0 +1 @@|+ y|@@ -2 +2,0 @@|- y"),
            ("ac", "abc", usize::MAX, "@@ -1,2 +1,3 @@|   a|+ b|   c"),
        ] {
            assert_eq!(check(old, new, context), expected, "{old} {new} {context}");
        }
    }
}
