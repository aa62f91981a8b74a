//! The filter `wrap`, here also called `wordwrap`: lines of at most so many
//! columns.
//!
//! Words are what stands between blanks. In plain text a word is never cut;
//! in text with control sequences a word that no line can hold is, and each
//! new line sets the styles again that are in force.

use super::{RESET, Ruler, ruler, settings, width::Piece};
use crate::{
    filters::wrap::wordwrap,
    registry::{Row, params},
    support::{Answer, expect_int, new_text},
};
use gravure_value::{Args, Call, Fault, Heap, Value, ops};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::reading(
        &["wrap", "wordwrap"],
        params!("value, /, width=, break_long_words="),
        wrap,
    )]
}

fn wrap<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    if args
        .given(2)
        .is_some_and(|it| !ops::is_truthy(call.heap(), it))
    {
        return wordwrap(call, args);
    }
    let ruler = ruler(&settings(call));
    let heap = call.heap();
    let width = expect_int(heap, args.get_or(1, Value::Int(79)), "width")?;
    let width = u64::try_from(width).unwrap_or(0);
    let wrapped = {
        let text = ops::to_text(heap, args.get(0))?;
        heap.charge(text.len() as u64 / 4)?;
        heap.check_text(text.len() as u64)?;
        match text.contains('\u{1b}') {
            true => wrap_styled(heap, ruler, &text, width)?,
            false => wrap_plain(ruler, &text, width),
        }
    };
    new_text(call, wrapped)
}

fn wrap_plain(ruler: Ruler, text: &str, width: u64) -> String {
    let mut out = String::with_capacity(text.len());
    let mut used = 0_u64;
    for (idx, word) in text.split(' ').enumerate() {
        let columns = ruler.columns(word);
        if idx == 0 {
            used = columns;
        } else if used + 1 + columns <= width {
            out.push(' ');
            used += 1 + columns;
        } else {
            out.push('\n');
            used = columns;
        }
        out.push_str(word);
    }
    out
}

fn wrap_styled<'c>(heap: &Heap<'c>, ruler: Ruler, text: &str, width: u64) -> Result<String, Fault> {
    let mut lines = Lines {
        heap,
        width,
        out: String::with_capacity(text.len()),
        used: 0,
        styles: String::new(),
    };
    // A blank inside of a sequence separates nothing, so the pieces decide
    // where words end.
    let mut pieces = ruler.pieces(text);
    let mut word: Vec<Piece<'_>> = Vec::new();
    loop {
        let next = pieces.next();
        match next {
            Some(piece) if piece.text != " " => word.push(piece),
            _ => {
                lines.add_word(&word)?;
                word.clear();
                match next {
                    Some(_) => lines.add_blank(),
                    None => return Ok(lines.out),
                }
            }
        }
    }
}

/// Lines while they are filled.
struct Lines<'h, 'c> {
    heap: &'h Heap<'c>,
    width: u64,
    out: String,
    /// Columns of the last line.
    used: u64,
    /// Style codes since the last reset.
    styles: String,
}

impl Lines<'_, '_> {
    fn add_blank(&mut self) {
        if self.used < self.width {
            self.out.push(' ');
            self.used += 1;
        }
    }

    fn add_word(&mut self, word: &[Piece<'_>]) -> Result<(), Fault> {
        let columns: u64 = word.iter().map(|piece| u64::from(piece.columns)).sum();
        let is_cut = columns > self.width;
        if !is_cut && self.used + columns > self.width {
            self.end_line()?;
        }
        for piece in word {
            let columns = u64::from(piece.columns);
            if is_cut && self.used > 0 && self.used + columns > self.width {
                self.end_line()?;
            }
            self.out.push_str(piece.text);
            self.used += columns;
            if piece.text == RESET {
                self.styles.clear();
            } else if piece.is_style() {
                self.styles.push_str(piece.text);
            }
        }
        Ok(())
    }

    /// Begin a line with the styles in force, which may be many.
    fn end_line(&mut self) -> Result<(), Fault> {
        self.heap.charge(1 + self.styles.len() as u64 / 8)?;
        self.heap
            .check_text((self.out.len() + self.styles.len() + 1) as u64)?;
        self.out.push('\n');
        self.out.push_str(&self.styles);
        self.used = 0;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::Limits;

    #[test]
    fn plain_text() {
        for (text, width, expected) in [
            ("one two three four", 9, "one two\nthree\nfour"),
            ("extraordinarily ok", 6, "extraordinarily\nok"),
            ("a  b   c d", 3, "a \nb  \nc d"),
            ("日本 語文 章", 5, "日本\n語文\n章"),
            ("", 5, ""),
            (" ", 5, " "),
            ("a b", 0, "a\nb"),
        ] {
            assert_eq!(
                wrap_plain(Ruler { ambiguous: 1 }, text, width),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn styled_text() {
        let heap = Heap::new(Limits::default());
        for (text, width, expected) in [
            (
                "\u{1b}[31mone two three\u{1b}[0m",
                7,
                "\u{1b}[31mone two\n\u{1b}[31mthree\u{1b}[0m",
            ),
            (
                "\u{1b}[1mab \u{1b}[31mcdefgh ij",
                5,
                "\u{1b}[1mab \u{1b}[31mcd\n\u{1b}[1m\u{1b}[31mefgh \n\u{1b}[1m\u{1b}[31mij",
            ),
            ("\u{1b}[1ma\u{1b}[0m bc", 3, "\u{1b}[1ma\u{1b}[0m \nbc"),
            ("\u{1b}[1mab", 0, "\u{1b}[1ma\n\u{1b}[1mb"),
            ("日本\u{1b}[0m", 3, "日\n本\u{1b}[0m"),
            ("\u{1b}[1m", 3, "\u{1b}[1m"),
        ] {
            let wrapped = wrap_styled(&heap, Ruler { ambiguous: 1 }, text, width).unwrap();
            assert_eq!(wrapped, expected, "{text:?}");
        }
    }

    #[test]
    fn styles_on_many_lines_are_counted() {
        let limits = Limits {
            text: 1 << 20,
            ..Limits::default()
        };
        let heap = Heap::new(limits);
        let text = "\u{1b}[1ma ".repeat(20_000);
        let fault = wrap_styled(&heap, Ruler { ambiguous: 1 }, &text, 1).unwrap_err();
        assert_eq!(fault.code.as_str(), "K-RUN-019");
    }
}
