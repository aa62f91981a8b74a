//! What two sequences of lines have in common.
//!
//! In: lines as numbers, equal ones the same. Out: runs that stand in both,
//! in order. The longest run is taken first, then those left and right of it;
//! ranges that are left wait on a stack.

use gravure_value::Fault;

/// A run of lines that stands in both texts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Run {
    /// Where it starts in the old text.
    pub old: usize,
    /// Where it starts in the new one.
    pub new: usize,
    /// How many lines.
    pub len: usize,
}

/// From this many lines on, lines that occur often start no run.
const MANY: usize = 200;

/// All common runs, in order and not touching each other on both sides.
/// `charge` is paid before each step of the search.
pub(super) fn common_runs(
    old: &[u32],
    new: &[u32],
    charge: impl Fn(u64) -> Result<(), Fault>,
) -> Result<Vec<Run>, Fault> {
    let search = Search {
        old,
        new,
        places: places(old, new),
    };
    let mut runs = Vec::new();
    let mut open = vec![(0, old.len(), 0, new.len())];
    while let Some((old_from, old_to, new_from, new_to)) = open.pop() {
        let run = search.longest(old_from, old_to, new_from, new_to, &charge)?;
        if run.len == 0 {
            continue;
        }
        runs.push(run);
        if old_from < run.old && new_from < run.new {
            open.push((old_from, run.old, new_from, run.new));
        }
        let (old_end, new_end) = (run.old + run.len, run.new + run.len);
        if old_end < old_to && new_end < new_to {
            open.push((old_end, old_to, new_end, new_to));
        }
    }
    runs.sort_unstable_by_key(|run| run.old);
    runs.dedup_by(|next, run| {
        let touches = run.old + run.len == next.old && run.new + run.len == next.new;
        if touches {
            run.len += next.len;
        }
        touches
    });
    Ok(runs)
}

/// Where each line stands in the new text, in order; nowhere for lines that
/// occur so often that they start no run.
fn places(old: &[u32], new: &[u32]) -> Vec<Vec<usize>> {
    let n_kinds = old
        .iter()
        .chain(new)
        .max()
        .map_or(0, |&most| most as usize + 1);
    let mut places = vec![Vec::new(); n_kinds];
    for (at, &line) in new.iter().enumerate() {
        places[line as usize].push(at);
    }
    if new.len() >= MANY {
        let most = new.len() / 100 + 1;
        for places in &mut places {
            if places.len() > most {
                places.clear();
            }
        }
    }
    places
}

struct Search<'a> {
    old: &'a [u32],
    new: &'a [u32],
    places: Vec<Vec<usize>>,
}

impl Search<'_> {
    /// The longest common run of two ranges; of equally long ones the earliest
    /// in the old text, then in the new one.
    fn longest(
        &self,
        old_from: usize,
        old_to: usize,
        new_from: usize,
        new_to: usize,
        charge: &impl Fn(u64) -> Result<(), Fault>,
    ) -> Result<Run, Fault> {
        let mut best = Run {
            old: old_from,
            new: new_from,
            len: 0,
        };
        // Runs that end at the line before, by where they end in the new text.
        let mut before: Vec<(usize, usize)> = Vec::new();
        let mut here: Vec<(usize, usize)> = Vec::new();
        for (at, &line) in self.old.iter().enumerate().take(old_to).skip(old_from) {
            let places = &self.places[line as usize];
            let first = places.partition_point(|&place| place < new_from);
            charge(1 + before.len() as u64)?;
            let mut known = before.iter().peekable();
            for &place in places[first..].iter().take_while(|&&place| place < new_to) {
                charge(1)?;
                while known.next_if(|&&(end, _)| end + 1 < place).is_some() {}
                let len = match known.peek() {
                    Some(&&(end, len)) if end + 1 == place => len + 1,
                    _ => 1,
                };
                here.push((place, len));
                if len > best.len {
                    best = Run {
                        old: at + 1 - len,
                        new: place + 1 - len,
                        len,
                    };
                }
            }
            std::mem::swap(&mut before, &mut here);
            here.clear();
        }
        // Lines that start no run may still be at its ends.
        while best.old > old_from
            && best.new > new_from
            && self.old[best.old - 1] == self.new[best.new - 1]
        {
            charge(1)?;
            best = Run {
                old: best.old - 1,
                new: best.new - 1,
                len: best.len + 1,
            };
        }
        while best.old + best.len < old_to
            && best.new + best.len < new_to
            && self.old[best.old + best.len] == self.new[best.new + best.len]
        {
            charge(1)?;
            best.len += 1;
        }
        Ok(best)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(old: &[u32], new: &[u32]) -> String {
        let runs = common_runs(old, new, |_| Ok(())).unwrap();
        let shown = runs
            .iter()
            .map(|run| format!("{}={}+{}", run.old, run.new, run.len));
        shown.collect::<Vec<_>>().join(" ")
    }

    fn lines(text: &str) -> Vec<u32> {
        text.bytes().map(u32::from).collect()
    }

    #[test]
    fn runs_are_found() {
        for (old, new, expected) in [
            ("", "", ""),
            ("abc", "abc", "0=0+3"),
            ("abcd", "bcd", "1=0+3"),
            ("xyz", "yxz", "0=1+1 2=2+1"),
            ("abxcd", "abcd", "0=0+2 3=2+2"),
            ("qabxcd", "abycdf", "1=0+2 4=3+2"),
            ("ab", "xy", ""),
            ("aaa", "aa", "0=0+2"),
        ] {
            assert_eq!(show(&lines(old), &lines(new)), expected, "{old} {new}");
        }
    }

    #[test]
    fn frequent_lines_start_no_run() {
        // 200 lines, of which one occurs more than three times.
        let mut new: Vec<u32> = (0..200).collect();
        for line in &mut new[10..20] {
            *line = 999;
        }
        assert_eq!(show(&[7, 999], &new), "0=7+1");
        assert_eq!(show(&[5, 6, 999], &new), "0=5+2");
        // It is part of a run that a rarer line starts.
        assert_eq!(show(&[9, 999, 999], &new), "0=9+3");
        assert_eq!(show(&[500, 999], &new), "");
    }

    #[test]
    fn the_search_is_paid_for() {
        let lines = vec![1; 199];
        let paid = std::cell::Cell::new(0);
        let charge = |steps| {
            paid.set(paid.get() + steps);
            Ok(())
        };
        common_runs(&lines, &lines, charge).unwrap();
        assert!(paid.get() > 199 * 199);
    }
}
