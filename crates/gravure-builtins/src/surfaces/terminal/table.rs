//! The filter `table`: cells in a frame.

use super::{
    HERE, Ruler, cleaned,
    fit::{Align, cut, push_padded},
    pictures::{Frame, LIGHT},
    ruler, settings,
};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_int, expect_text, wrong_argument},
    surfaces::{grid::grid, push_repeated},
};
use gravure_value::{Args, Call, Fault, Heap, Mark, Value, View};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::reading(
        &["table"],
        params!("value, /, headers=, border=, align=, max_width="),
        table,
    )]
}

fn table<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let settings = settings(call);
    let ruler = ruler(&settings);
    let Some(grid) = grid(call, HERE, args.get(0), args.get(1))? else {
        return Ok(Value::Str(Mark::Styled, ""));
    };
    let heap = call.heap();
    let frame = match args.given(2) {
        Some(border) => heap
            .text(border)
            .and_then(|it| Frame::of(it, settings.unicode)),
        None => None,
    };
    let frame = frame
        .or_else(|| Frame::of("light", settings.unicode))
        .unwrap_or(LIGHT);
    let max_width = match args.get(4) {
        width if width.is_missing() => None,
        width => Some(expect_int(heap, width, "max_width")?),
    };
    let columns = columns(heap, &grid.names, args.get(3))?;
    let mut names = Vec::with_capacity(grid.names.len());
    for &name in &grid.names {
        names.push(cleaned(call.heap(), name)?.into_owned());
    }
    let heap = call.heap();
    let all = || std::iter::once(&names).chain(&grid.rows);
    let mut widths = vec![0; names.len()];
    for row in all() {
        heap.charge(names.len() as u64)?;
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = ruler.columns(cell).max(*width);
        }
    }
    if let Some(max_width) = max_width {
        squeeze(&mut widths, max_width);
    }
    let drawing = Drawing {
        ruler,
        frame,
        widths,
        aligns: columns,
        ellipsis: if settings.unicode { "…" } else { "..." },
    };
    drawing.check(heap, all().map(|row| row.iter().map(String::len).sum()))?;
    let out = drawing.draw(&names, &grid.rows);
    heap.new_text(Mark::Styled, out)
}

/// How each column is aligned, by its name.
fn columns<'c>(
    heap: &Heap<'c>,
    names: &[Value<'c>],
    align: Value<'c>,
) -> Result<Vec<Align>, Fault> {
    let map = match heap.view(align) {
        View::Dict(map) => Some(map),
        View::None | View::Undefined => None,
        _ => return Err(wrong_argument(heap, align, "align", "a dict")),
    };
    let of_name = |&name: &Value<'c>| {
        let name = expect_text(heap, name, "headers")?;
        let align = map.as_ref().and_then(|map| map.get_str(heap, name));
        Ok(align.map_or(Align::Left, |it| Align::of(heap, it)))
    };
    names.iter().map(of_name).collect()
}

/// Make columns narrower, all by the same share, if they are too wide.
fn squeeze(widths: &mut [u64], max_width: i64) {
    let free = i128::from(max_width) - (3 * widths.len() as i128 + 1);
    let total: i128 = widths.iter().map(|&width| i128::from(width)).sum();
    if free <= 0 || total <= free {
        return;
    }
    let share = free as f64 / total as f64;
    for width in widths {
        *width = ((*width as f64 * share).floor() as u64).max(1);
    }
}

/// All that is decided before the first line.
struct Drawing {
    ruler: Ruler,
    frame: Frame,
    widths: Vec<u64>,
    aligns: Vec<Align>,
    ellipsis: &'static str,
}

impl Drawing {
    /// Is there room for a text this long? Rows give the bytes of their cells.
    fn check<'c>(&self, heap: &Heap<'c>, rows: impl Iterator<Item = usize>) -> Result<(), Fault> {
        let total: u64 = self.widths.iter().sum();
        let blanks = total.saturating_add(3 + 5 * self.widths.len() as u64);
        let rule = blanks.saturating_mul(3);
        let mut len = rule.saturating_mul(3);
        for bytes in rows {
            // A cell that is cut gets an end of at most seven bytes.
            len = len
                .saturating_add(blanks + 7 * self.widths.len() as u64)
                .saturating_add(bytes as u64);
        }
        heap.charge(len / 8)?;
        heap.check_text(len)
    }

    fn draw(&self, names: &[String], rows: &[Vec<String>]) -> String {
        let mut out = String::new();
        self.rule(&mut out, self.frame.top());
        out.push('\n');
        self.row(&mut out, names);
        out.push('\n');
        self.rule(&mut out, self.frame.middle());
        for row in rows {
            out.push('\n');
            self.row(&mut out, row);
        }
        out.push('\n');
        self.rule(&mut out, self.frame.bottom());
        out
    }

    fn rule(&self, out: &mut String, [left, joint, right]: [&str; 3]) {
        let (horizontal, _) = self.frame.lines();
        out.push_str(left);
        for (idx, width) in self.widths.iter().enumerate() {
            if idx > 0 {
                out.push_str(joint);
            }
            push_repeated(out, horizontal, width + 2);
        }
        out.push_str(right);
    }

    /// One line of cells; missing ones are empty, surplus ones left out.
    fn row(&self, out: &mut String, cells: &[String]) {
        let (_, vertical) = self.frame.lines();
        out.push_str(vertical);
        let mut cells = cells.iter();
        for (&width, &align) in self.widths.iter().zip(&self.aligns) {
            let cell = cells.next().map_or("", String::as_str);
            let columns = self.ruler.columns(cell);
            out.push(' ');
            if columns > width {
                let cut = cut(self.ruler, cell, width, self.ellipsis);
                let n = width.saturating_sub(self.ruler.columns(&cut));
                push_padded(out, &cut, align, " ", n);
            } else {
                push_padded(out, cell, align, " ", width - columns);
            }
            out.push(' ');
            out.push_str(vertical);
        }
        if self.widths.is_empty() {
            out.push_str(vertical);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn widths_are_squeezed() {
        for (widths, max_width, expected) in [
            (&[4, 3, 4][..], 18, &[2, 2, 2][..]),
            (&[5, 10], 14, &[2, 4]),
            (&[1, 100], 20, &[1, 12]),
            (&[4, 3], 7, &[4, 3]),
            (&[4, 3], -5, &[4, 3]),
            (&[], 10, &[]),
        ] {
            let mut squeezed = widths.to_vec();
            squeeze(&mut squeezed, max_width);
            assert_eq!(squeezed, expected, "{widths:?} in {max_width}");
        }
    }
}
