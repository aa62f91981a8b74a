//! Small pictures of one value: `badge`, `bar`, `kv`.

use super::{
    RESET, cleaned, has_color, pictures::icon, presented_here, ruler, settings, style::color_code,
};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_int, expect_text, lowered, wrong_argument},
    surfaces::{joined, push_repeated},
};
use gravure_value::{Args, Call, Fault, Heap, Kind, Mark, Value, ops, text};
use std::borrow::Cow;

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::reading(&["badge"], params!("value, /, icon=, badge_color="), badge),
        Row::reading(&["bar"], params!("value, /, width=, show_pct="), bar),
        Row::reading(&["kv"], params!("value, /, value, width=, sep=, fill="), kv),
    ]
}

/// The picture in a badge: without what asks for its text form.
fn picture(name: &str, unicode: bool) -> Option<&'static str> {
    let is_here = matches!(name, "check" | "cross" | "warn" | "info" | "circle");
    let picture = icon(name, unicode).filter(|_| is_here)?;
    Some(picture.trim_end_matches('\u{fe0e}'))
}

/// Icon, code and plain text of a word that is known.
fn status(word: &str) -> Option<(&'static str, u8, &'static str)> {
    Some(match word {
        "pass" | "success" => ("check", 32, "[PASS]"),
        "ok" => ("check", 32, "[OK]"),
        "fail" | "failed" => ("cross", 31, "[FAIL]"),
        "error" => ("cross", 31, "[ERROR]"),
        "warn" | "warning" => ("warn", 33, "[WARN]"),
        "skip" | "skipped" => ("circle", 2, "[SKIP]"),
        "info" => ("info", 34, "[INFO]"),
        _ => return None,
    })
}

fn badge<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let settings = settings(call);
    let heap = call.heap();
    let known = {
        let shown = ops::to_text(heap, args.get(0))?;
        status(&lowered(Cow::Borrowed(shown.trim_matches(text::is_space))))
    };
    if let Some((name, code, plain)) = known {
        if !has_color(&settings) {
            return Ok(Value::Str(Mark::Styled, plain));
        }
        let picture = picture(name, settings.unicode).unwrap_or(plain);
        return joined(
            call,
            Mark::Styled,
            &[&format!("\u{1b}[{code}m"), picture, RESET],
        );
    }
    let code = heap.text(args.get(2)).and_then(color_code);
    let code = code.filter(|_| has_color(&settings));
    let text = presented_here(heap, args.get(0))?.into_owned();
    let mut front = match code {
        Some(code) => format!("\u{1b}[{code}m"),
        None => String::new(),
    };
    let heap = call.heap();
    if args.given(1).is_some_and(|it| ops::is_truthy(heap, it)) {
        let shown = cleaned(heap, args.get(1))?;
        front.push_str(picture(&shown, settings.unicode).unwrap_or(&shown));
        front.push(' ');
    }
    let back = if code.is_some() { RESET } else { "" };
    joined(call, Mark::Styled, &[&front, &text, back])
}

fn bar<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let unicode = settings(call).unicode;
    let heap = call.heap();
    let part = share(heap, args.get(0))?;
    let width = expect_int(heap, args.get_or(1, Value::Int(20)), "width")?;
    let width = u64::try_from(width).unwrap_or(0);
    let shows_percent = args.given(2).is_none_or(|it| ops::is_truthy(heap, it));
    let len = width
        .saturating_mul(if unicode { 3 } else { 1 })
        .saturating_add(8);
    heap.check_text(len)?;
    heap.charge(len / 8)?;
    // Both factors are checked, so the product is from 0 to the width.
    let n_full = ((part * width as f64).floor() as u64).min(width);
    let mut out = String::with_capacity(usize::try_from(len).unwrap_or(0));
    let (open, full, empty, close) = match unicode {
        true => ("", "█", "░", ""),
        false => ("[", "#", "-", "]"),
    };
    out.push_str(open);
    push_repeated(&mut out, full, n_full);
    push_repeated(&mut out, empty, width - n_full);
    out.push_str(close);
    if shows_percent {
        out.push(' ');
        text::int_text((part * 100.0).floor() as i64, &mut out);
        out.push('%');
    }
    heap.new_text(Mark::Styled, out)
}

/// A number as a share of one; what is no number at all is the whole.
fn share<'c>(heap: &Heap<'c>, value: Value<'c>) -> Result<f64, Fault> {
    let number = match heap.kind(value) {
        Kind::Str => match text::parse_float(heap.text(value).unwrap_or_default()) {
            Some(number) => number,
            None => return Err(Fault::value("`bar` cannot read this str as a number")),
        },
        _ => match ops::as_float(heap, value)? {
            Some(number) => number,
            None => return Err(wrong_argument(heap, value, "value", "a number")),
        },
    };
    Ok(if number.is_nan() {
        1.0
    } else {
        number.clamp(0.0, 1.0)
    })
}

fn kv<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let settings = settings(call);
    let ruler = ruler(&settings);
    let heap = call.heap();
    let width = expect_int(heap, args.get_or(2, Value::Int(40)), "width")?;
    let sep = args.get_or(3, Value::Str(Mark::Plain, " "));
    let fill = args.get_or(4, Value::Str(Mark::Plain, "·"));
    expect_text(heap, sep, "sep")?;
    expect_text(heap, fill, "fill")?;
    let (label, value) = (
        presented_here(heap, args.get(0))?,
        presented_here(heap, args.get(1))?,
    );
    let (sep, mut fill) = (cleaned(heap, sep)?, cleaned(heap, fill)?);
    if !settings.unicode && fill.contains('·') {
        fill = Cow::Owned(fill.replace('·', "."));
    }
    let taken =
        ruler.columns(&label) + ruler.columns(&value) + ruler.columns(&sep).saturating_mul(2);
    let n = u64::try_from(width)
        .unwrap_or(0)
        .saturating_sub(taken)
        .max(1);
    let rest = label.len() + value.len() + 2 * sep.len();
    let len = n
        .saturating_mul(fill.len() as u64)
        .saturating_add(rest as u64);
    heap.check_text(len)?;
    heap.charge(len / 8)?;
    let mut out = String::with_capacity(usize::try_from(len).unwrap_or(0));
    out.push_str(&label);
    out.push_str(&sep);
    push_repeated(&mut out, &fill, n);
    out.push_str(&sep);
    out.push_str(&value);
    drop((label, value, sep, fill));
    heap.new_text(Mark::Styled, out)
}
