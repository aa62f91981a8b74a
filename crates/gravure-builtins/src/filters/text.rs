//! Filters that turn a text into another text. They take the text form of any
//! input and give plain text, whatever mark the input had.

use crate::{
    registry::{Row, params},
    support::{
        Answer, Written, expect_int, expect_text, map_text, new_text, piece, plain, write_text,
    },
};
use gravure_value::{Args, Call, Fault, Heap, Mark, Params, Quick, Value, View, ops, text};

const ONLY_VALUE: Params = params!("value, /");

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::reading(&["upper"], ONLY_VALUE, upper)
            .writing(write_upper)
            .known_as(Quick::Upper),
        Row::reading(&["lower"], ONLY_VALUE, lower)
            .writing(write_lower)
            .known_as(Quick::Lower),
        Row::reading(&["capitalize"], ONLY_VALUE, capitalize),
        Row::reading(&["title"], ONLY_VALUE, title),
        Row::new(&["trim", "strip"], params!("value, /, chars="), trim),
        Row::new(&["center"], params!("value, /, width="), center),
        Row::new(&["replace"], params!("value, /, old, new, count="), replace),
        Row::new(
            &["truncate"],
            params!("value, /, length=, killwords=, end=, leeway="),
            truncate,
        )
        .writing(write_truncated)
        .known_as(Quick::Truncate),
        Row::new(&["indent"], params!("value, /, width=, first="), indent),
        Row::reading(&["slug"], ONLY_VALUE, slug),
        Row::reading(&["wordcount"], ONLY_VALUE, wordcount),
        Row::reading(&["urlencode"], ONLY_VALUE, urlencode),
        Row::reading(&["striptags"], ONLY_VALUE, striptags),
        Row::new(&["string"], ONLY_VALUE, string),
        Row::naming(&["pluralize"], params!("value, /, suffix="), pluralize),
    ]
}

fn upper<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    map_text(call, args.get(0), 3, text::upper)
}

fn lower<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    map_text(call, args.get(0), 3, text::lower)
}

fn write_upper<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, to: &mut String) -> Written {
    write_text(call, args.get(0), 3, text::upper_into, to)
}

fn write_lower<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, to: &mut String) -> Written {
    write_text(call, args.get(0), 3, text::lower_into, to)
}

fn capitalize<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    map_text(call, args.get(0), 3, text::capitalize)
}

fn title<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    map_text(call, args.get(0), 3, text::title)
}

fn string<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    plain(call, args.get(0))
}

fn striptags<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    map_text(call, args.get(0), 1, text::strip_tags)
}

fn trim<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let chars = args.get(1);
    if chars.is_missing() {
        return piece(call, args.get(0), |text| text.trim_matches(text::is_space));
    }
    let chars = expect_text(call.heap(), chars, "chars")?.to_owned();
    call.charge(chars.len() as u64 / 8)?;
    if let Ok(only) = chars.parse::<char>() {
        return piece(call, args.get(0), |text| text.trim_matches(only));
    }
    let mut set: Vec<char> = chars.chars().collect();
    set.sort_unstable();
    piece(call, args.get(0), |text| {
        text.trim_matches(|c| set.binary_search(&c).is_ok())
    })
}

fn center<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let width = match args.given(1) {
        Some(width) => expect_int(call.heap(), width, "width")?,
        None => 80,
    };
    let width = u64::try_from(width).unwrap_or(0);
    let heap = call.heap();
    let centered = {
        let text = ops::to_text(heap, args.get(0))?;
        heap.charge(text.len() as u64 / 8)?;
        let len = text::char_count(&text) as u64;
        if len >= width {
            None
        } else {
            let pad = width - len;
            heap.check_text(pad.saturating_add(text.len() as u64))?;
            heap.charge(pad / 8)?;
            // The odd blank goes left if the width is odd too.
            let left = pad / 2 + u64::from(pad % 2 == 1 && width % 2 == 1);
            let mut out = String::with_capacity((pad as usize) + text.len());
            push_blanks(&mut out, left);
            out.push_str(&text);
            push_blanks(&mut out, pad - left);
            Some(out)
        }
    };
    match centered {
        Some(text) => new_text(call, text),
        None => plain(call, args.get(0)),
    }
}

/// Add blanks, whose number the caller has checked.
pub(crate) fn push_blanks(out: &mut String, n: u64) {
    out.extend(std::iter::repeat_n(' ', usize::try_from(n).unwrap_or(0)));
}

fn replace<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let limit = replace_limit(call, args.given(3))?;
    let heap = call.heap();
    let replaced = {
        let old = expect_text(heap, args.get(1), "old")?;
        let new = expect_text(heap, args.get(2), "new")?;
        let text = ops::to_text(heap, args.get(0))?;
        heap.charge(text.len() as u64 / 4)?;
        if limit == 0 {
            None
        } else {
            // Counted first, so that nothing too long is begun.
            let found = if old.is_empty() {
                text::char_count(&text) + 1
            } else {
                text.matches(old).take(limit).count()
            };
            let found = found.min(limit) as u64;
            let len = (text.len() as u64).saturating_add(found.saturating_mul(new.len() as u64));
            heap.check_text(len.saturating_sub(found.saturating_mul(old.len() as u64)))?;
            heap.charge(len / 8)?;
            match found {
                0 => None,
                _ => Some(text.replacen(old, new, limit)),
            }
        }
    };
    match replaced {
        Some(text) => new_text(call, text),
        None => plain(call, args.get(0)),
    }
}

/// How many matches `count` allows.
fn replace_limit<'c>(call: &mut Call<'_, 'c>, count: Option<Value<'c>>) -> Result<usize, Fault> {
    let Some(count) = count else {
        return Ok(usize::MAX);
    };
    let heap = call.heap();
    let limit = match heap.view(count) {
        View::None | View::Undefined => return Ok(usize::MAX),
        View::Bool(it) => Some(i64::from(it)),
        View::Int(it) => Some(it),
        View::Big(big) => Some(if big.bits() > 0 && *big < 0.into() {
            -1
        } else {
            i64::MAX
        }),
        View::Float(it) if it.is_finite() => Some(it as i64),
        View::Str(_, text) => {
            heap.charge(text.len() as u64 / 8)?;
            text::parse_int(text).map(|big| i64::try_from(&big).unwrap_or(i64::MAX))
        }
        _ => None,
    };
    match limit {
        Some(n) => Ok(usize::try_from(n).unwrap_or(usize::MAX)),
        None => Err(Fault::value("the argument `count` is no number")),
    }
}

fn truncate<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    let cut = {
        let text = ops::to_text(heap, args.get(0))?;
        cut(heap, &text, &args)?.map(|(kept, end)| [kept, end].concat())
    };
    match cut {
        Some(text) => new_text(call, text),
        None => plain(call, args.get(0)),
    }
}

fn write_truncated<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, to: &mut String) -> Written {
    let heap = call.heap();
    let text = ops::to_text(heap, args.get(0))?;
    let (kept, end) = cut(heap, &text, &args)?.unwrap_or((&text, ""));
    heap.check_text((kept.len() + end.len()) as u64)?;
    to.push_str(kept);
    to.push_str(end);
    Ok(Some(Mark::Plain))
}

/// What is left of a text that is too long, and what stands behind it.
fn cut<'a, 'c>(
    heap: &'a Heap<'c>,
    text: &'a str,
    args: &Args<'_, 'c>,
) -> Result<Option<(&'a str, &'a str)>, Fault> {
    let length = args.get_or(1, Value::Int(255));
    let kill_words = args.given(2).is_some_and(|it| ops::is_truthy(heap, it));
    heap.charge(text.len() as u64 / 8)?;
    if let Value::Float(it) = length
        && text::char_count(text) as f64 <= it
    {
        return Ok(None);
    }
    let length = expect_int(heap, length, "length")?;
    let given = args.given(3);
    let end = given.map_or(Some("..."), |end| heap.text(end));
    let cut = text::shortened(text, length, kill_words, end.unwrap_or(""));
    // Behind a text that stays as it is may stand anything.
    if let (Some(_), None, Some(wrong)) = (cut, end, given) {
        expect_text(heap, wrong, "end")?;
    }
    Ok(cut)
}

fn indent<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let width = match args.given(1) {
        Some(width) => expect_int(call.heap(), width, "width")?,
        None => 4,
    };
    let width = u64::try_from(width).unwrap_or(0);
    let first = args
        .given(2)
        .is_some_and(|it| ops::is_truthy(call.heap(), it));
    let heap = call.heap();
    let indented = {
        let text = ops::to_text(heap, args.get(0))?;
        heap.charge(text.len() as u64 / 4)?;
        let n_lines = text::split_lines(&text, true).count() as u64;
        let len = n_lines
            .saturating_mul(width)
            .saturating_add(text.len() as u64);
        heap.check_text(len)?;
        heap.charge(len / 8)?;
        let mut out = String::with_capacity(usize::try_from(len).unwrap_or(0));
        for (idx, line) in text::split_lines(&text, true).enumerate() {
            if idx > 0 || first {
                push_blanks(&mut out, width);
            }
            out.push_str(line);
        }
        out
    };
    new_text(call, indented)
}

fn slug<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    if args.get(0).is_none() {
        return Ok(Value::Str(Mark::Plain, ""));
    }
    map_text(call, args.get(0), 3, |text| {
        let mut out = String::with_capacity(text.len());
        for c in text::lower(text).chars() {
            if c.is_ascii_lowercase() || c.is_ascii_digit() {
                out.push(c);
            } else if !out.is_empty() && !out.ends_with('-') {
                out.push('-');
            }
        }
        if out.ends_with('-') {
            out.pop();
        }
        out
    })
}

fn wordcount<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let text = ops::to_text(call.heap(), args.get(0))?;
    let words = text.split(text::is_space).filter(|word| !word.is_empty());
    Ok(Value::Int(words.count() as i64))
}

fn urlencode<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    map_text(call, args.get(0), 3, |text| {
        let mut out = String::with_capacity(text.len());
        for byte in text.bytes() {
            if byte.is_ascii_alphanumeric() || b"_.-~".contains(&byte) {
                out.push(char::from(byte));
            } else {
                out.push('%');
                out.push(char::from(HEX[usize::from(byte >> 4)]));
                out.push(char::from(HEX[usize::from(byte & 15)]));
            }
        }
        out
    })
}

fn pluralize<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let suffix = args.get_or(1, Value::Str(Mark::Plain, "s"));
    let heap = call.heap();
    let is_one = match heap.view(args.get(0)) {
        View::None => Some(false),
        View::Bool(it) => Some(it),
        View::Int(it) => Some(it == 1),
        View::Big(_) => Some(false),
        View::Float(it) if it.is_finite() => Some(it.trunc() == 1.0),
        View::Str(_, text) => text::parse_int(text).map(|big| big == 1.into()),
        _ => None,
    };
    let text = expect_text(heap, suffix, "suffix")?;
    let Some(is_one) = is_one else {
        let kind = heap.kind_name(args.get(0));
        return Err(Fault::value(format!(
            "{kind} does not read as a number of things"
        )));
    };
    heap.charge(text.len() as u64 / 8)?;
    let mut forms = text.split(',');
    let form = match (forms.next(), forms.next()) {
        (Some(one), Some(_)) if is_one => one.trim_matches(text::is_space),
        (_, Some(many)) => many.trim_matches(text::is_space),
        _ if is_one => "",
        _ => text,
    };
    let form = form.to_owned();
    new_text(call, form)
}
