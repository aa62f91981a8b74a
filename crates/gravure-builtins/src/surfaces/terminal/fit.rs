//! Text that is made as wide as it should be: `pad`, `center`, `truncate`.

use super::{RESET, Ruler, cleaned, ruler, settings};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_int, expect_text, new_text, plain},
    surfaces::push_repeated,
};
use gravure_value::{Args, Call, Fault, Heap, Mark, Value, ops};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::reading(&["pad"], params!("value, /, width, align=, fill="), pad),
        Row::reading(&["center"], params!("value, /, width="), center),
        Row::reading(
            &["truncate"],
            params!("value, /, length=, killwords=, end=, leeway="),
            truncate,
        ),
    ]
}

/// Which side of a text what fills it up stands on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Align {
    Left,
    Right,
    Center,
}

impl Align {
    /// The alignment of a name; left for everything that is none.
    pub(super) fn of<'c>(heap: &Heap<'c>, name: Value<'c>) -> Self {
        match heap.text(name) {
            Some("right") => Align::Right,
            Some("center") => Align::Center,
            _ => Align::Left,
        }
    }
}

/// Write a text filled up by `n` times `fill`, whose length was checked.
pub(super) fn push_padded(out: &mut String, text: &str, align: Align, fill: &str, n: u64) {
    let before = match align {
        Align::Left => 0,
        Align::Right => n,
        Align::Center => n / 2,
    };
    push_repeated(out, fill, before);
    out.push_str(text);
    push_repeated(out, fill, n - before);
}

fn pad<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    let width = expect_int(heap, args.get(1), "width")?;
    let align = Align::of(heap, args.get(2));
    let fill = args.get_or(3, Value::Str(Mark::Plain, " "));
    expect_text(heap, fill, "fill")?;
    let padded = padded(call, args.get(0), width, align, fill)?;
    call.heap().new_text(Mark::Styled, padded)
}

fn center<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let width = expect_int(call.heap(), args.get_or(1, Value::Int(80)), "width")?;
    let blank = Value::Str(Mark::Plain, " ");
    let padded = padded(call, args.get(0), width, Align::Center, blank)?;
    new_text(call, padded)
}

fn padded<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    width: i64,
    align: Align,
    fill: Value<'c>,
) -> Result<String, Fault> {
    let ruler = ruler(&settings(call));
    let heap = call.heap();
    let text = cleaned(heap, value)?;
    let fill = cleaned(heap, fill)?;
    let n = u64::try_from(width)
        .unwrap_or(0)
        .saturating_sub(ruler.columns(&text));
    let len = n
        .saturating_mul(fill.len() as u64)
        .saturating_add(text.len() as u64);
    heap.check_text(len)?;
    heap.charge(len / 8)?;
    let mut out = String::with_capacity(usize::try_from(len).unwrap_or(0));
    push_padded(&mut out, &text, align, &fill, n);
    Ok(out)
}

fn truncate<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let ruler = ruler(&settings(call));
    let heap = call.heap();
    let length = expect_int(heap, args.get_or(1, Value::Int(255)), "length")?;
    let length = u64::try_from(length).unwrap_or(0);
    let end = expect_text(heap, args.get_or(3, Value::Str(Mark::Plain, "…")), "end")?;
    let text = ops::to_text(heap, args.get(0))?;
    heap.charge((text.len() + end.len()) as u64 / 8)?;
    if ruler.columns(&text) <= length {
        drop(text);
        return plain(call, args.get(0));
    }
    heap.check_text((text.len() + end.len() + RESET.len()) as u64)?;
    let cut = cut(ruler, &text, length, end);
    drop(text);
    new_text(call, cut)
}

/// A text that is too wide, cut to `length` columns with `end` among them.
pub(super) fn cut(ruler: Ruler, text: &str, length: u64, end: &str) -> String {
    let room = length.saturating_sub(ruler.columns(end));
    if length == 0 {
        return String::new();
    }
    if room == 0 {
        return ruler.prefix(end, length).0.to_owned();
    }
    if !text.contains('\u{1b}') {
        return format!("{}{end}", ruler.prefix(text, room).0);
    }
    // Sequences behind the last character that fits belong to what is cut.
    let (mut len, mut used) = (0, 0);
    for piece in ruler.pieces(text) {
        let is_full = piece.is_sequence() && used == room;
        if is_full || used + u64::from(piece.columns) > room {
            break;
        }
        used += u64::from(piece.columns);
        len += piece.text.len();
    }
    format!("{}{end}{RESET}", &text[..len])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut() {
        for (text, length, end, expected) in [
            ("The lighthouse", 8, "…", "The lig…"),
            ("The lighthouse", 2, "...", ".."),
            ("The lighthouse", 0, "\u{1b}[1m…", ""),
            ("日本語", 4, "…", "日…"),
            ("日本語", 5, "", "日本"),
            ("abc", 1, "\u{1b}[1m…\u{1b}[0m", "\u{1b}[1m…\u{1b}[0m"),
            ("\u{1b}[1mabc\u{1b}[0m", 2, "…", "\u{1b}[1ma…\u{1b}[0m"),
            (
                "\u{1b}[1mab\u{1b}[0m\u{1b}[2mcdef",
                4,
                "~",
                "\u{1b}[1mab\u{1b}[0m\u{1b}[2mc~\u{1b}[0m",
            ),
            ("a\u{1b}[1m日b", 3, "~", "a\u{1b}[1m~\u{1b}[0m"),
            ("x\u{fe0f}yz", 2, "~", "x\u{fe0f}~"),
        ] {
            assert_eq!(
                cut(Ruler { ambiguous: 1 }, text, length, end),
                expected,
                "{text:?}"
            );
        }
    }

    #[test]
    fn texts_are_padded() {
        for (align, expected) in [
            (Align::Left, "a-----"),
            (Align::Right, "-----a"),
            (Align::Center, "--a---"),
        ] {
            let mut out = String::new();
            push_padded(&mut out, "a", align, "-", 5);
            assert_eq!(out, expected);
        }
    }
}
