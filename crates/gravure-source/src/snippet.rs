//! The lines around a place, and the caret under it.

/// The lines around one failing line, as data.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Snippet {
    /// Line number (from 1) and text, without the line feed. Of a very long
    /// line only the stretch that can be shown is here.
    pub lines: Vec<(u32, String)>,
    /// The failing line.
    pub error_line: u32,
    /// Column of the failing token in characters of that text, from 0.
    pub column: u32,
    /// How many characters the caret underlines; at least 1.
    pub width: u32,
}

impl Snippet {
    /// Up to two lines before and after `line` of `text`.
    pub fn new(text: &str, line: u32, column: u32, width: u32) -> Self {
        let first = line.saturating_sub(2).max(1);
        // A stretch of the line around the caret, for lines without end.
        let cut = column.saturating_sub(LONG / 2);
        let lines = text
            .split('\n')
            .enumerate()
            .map(|(idx, text)| (idx as u32 + 1, text))
            .skip(first as usize - 1)
            .take((line + 3 - first) as usize)
            .map(|(number, text)| {
                let cut = if number == line { cut } else { 0 };
                (number, stretch(text.trim_end_matches('\r'), cut))
            })
            .collect();
        Self {
            lines,
            error_line: line,
            column: column - cut,
            width: width.max(1),
        }
    }

    /// Print it as a report does; `label` stands behind the caret.
    pub fn render(&self, label: &str) -> String {
        use std::fmt::Write as _;
        let gutter = self
            .lines
            .last()
            .map_or(1, |(number, _)| number.to_string().len());
        let mut out = String::new();
        for (number, text) in &self.lines {
            let (shown, lead) = self.fit(text, *number == self.error_line);
            let _ = writeln!(out, "{number:>gutter$} │ {shown}");
            if *number == self.error_line {
                let caret = "^".repeat(self.width.min(80) as usize);
                let blank = " ".repeat(lead);
                let line = format!("{:gutter$} │ {blank}{caret} {label}", "");
                let _ = writeln!(out, "{}", line.trim_end());
            }
        }
        out
    }

    /// A line as shown: tabs as four columns, cut around the caret if long.
    /// Also how many columns stand before the caret.
    fn fit(&self, text: &str, is_error: bool) -> (String, usize) {
        const WIDE: usize = 160;
        let column = if is_error { self.column as usize } else { 0 };
        let skip = if text.chars().count() > WIDE && column > 80 {
            column - 80
        } else {
            0
        };
        let mut shown = String::new();
        let mut lead = 0;
        for (idx, c) in text.chars().enumerate().skip(skip).take(WIDE) {
            let width = match c {
                '\t' => 4,
                _ => 1,
            };
            if idx < column {
                lead += width;
            }
            match c {
                '\t' => shown.push_str("    "),
                c if c.is_control() => shown.push('\u{fffd}'),
                c => shown.push(c),
            }
        }
        (shown, lead)
    }
}

/// Characters of a line that a snippet keeps; a report shows fewer.
const LONG: u32 = 1024;

/// The characters of a line from a column on, as many as a snippet keeps.
fn stretch(line: &str, from: u32) -> String {
    line.chars()
        .skip(from as usize)
        .take(LONG as usize)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caret_stands_under_the_token() {
        let snippet = Snippet::new("one\n\ttwo {{ x }}\nthree", 2, 8, 1);
        assert_eq!(
            snippet.render("here"),
            "1 │ one\n2 │     two {{ x }}\n  │            ^ here\n3 │ three\n"
        );
    }

    #[test]
    fn of_a_line_without_end_only_what_is_shown_is_kept() {
        let line = format!("{}!{}", "ä".repeat(100_000), "b".repeat(100_000));
        let snippet = Snippet::new(&format!("{line}\n{line}"), 1, 100_000, 1);
        assert!(snippet.lines.iter().all(|(_, text)| text.len() < 4096));
        let shown = snippet.render("here");
        let expected = format!(
            "1 │ {}!{}\n  │ {}^ here\n2 │ {}\n",
            "ä".repeat(80),
            "b".repeat(79),
            " ".repeat(80),
            "ä".repeat(160)
        );
        assert_eq!(shown, expected);
    }

    #[test]
    fn a_line_past_the_end_gives_what_there_is() {
        assert_eq!(Snippet::new("a", 9, 0, 0).lines, []);
    }
}
