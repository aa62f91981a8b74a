//! Putting one thing in the place of another.

use super::{SELF, Table, inserted, int_arg_or, kept_mark, text_arg, text_of};
use gravure_value::{Args, Call, Fault, Heap, Map, Mark, Param, Value, View, ops};

pub(super) fn register(table: &mut Table<'_>) {
    const REPLACE: &[Param] = &[
        SELF,
        Param::positional("old"),
        Param::positional("new"),
        Param::optional("count"),
    ];
    table.method("replace", REPLACE, replace);
    table.method(
        "expandtabs",
        const { &[SELF, Param::optional("tabsize")] },
        expand_tabs,
    );
    table.method(
        "translate",
        const { &[SELF, Param::positional("table")] },
        translate,
    );
}

fn replace<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let limit = int_arg_or(call, args.get(3), "count", -1)?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let mark = kept_mark(call.heap(), args.get(0));
    let escaped = inserted(call, mark, args.get(2), "new")?;
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let old = text_arg(heap, args.get(1), "old")?;
    let new = match &escaped {
        Some(escaped) => escaped,
        None => text_arg(heap, args.get(2), "new")?,
    };
    // Counting first is a second pass, and the only way to know the size.
    let n = text.matches(old).take(limit).count() as u64;
    if n == 0 {
        return heap.with_mark(mark, args.get(0));
    }
    let removed = n.saturating_mul(old.len() as u64);
    let added = n.saturating_mul(new.len() as u64);
    let len = (text.len() as u64)
        .saturating_add(added)
        .saturating_sub(removed);
    heap.charge(n.saturating_add(len / 8))?;
    heap.check_text(len)?;
    let replaced = text.replacen(old, new, limit);
    heap.new_text(mark, replaced)
}

fn expand_tabs<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let size = int_arg_or(call, args.get(1), "tabsize", 8)?;
    let size = u64::try_from(size).unwrap_or(0);
    let heap = call.heap();
    let mark = kept_mark(heap, args.get(0));
    let text = text_of(heap, args.get(0))?;
    let n_tabs = text.bytes().filter(|&b| b == b'\t').count() as u64;
    if n_tabs == 0 {
        return heap.with_mark(mark, args.get(0));
    }
    if size > heap.limits.format_width {
        return Err(Fault::budget("format width", heap.limits.format_width));
    }
    let most = n_tabs
        .saturating_mul(size)
        .saturating_add(text.len() as u64);
    heap.charge(most / 8)?;
    heap.check_text(most)?;
    let mut out = String::with_capacity(text.len());
    let mut column = 0;
    for c in text.chars() {
        match c {
            '\t' if size == 0 => {}
            '\t' => {
                let n_blanks = size - column % size;
                column += n_blanks;
                out.extend(std::iter::repeat_n(
                    ' ',
                    usize::try_from(n_blanks).unwrap_or(0),
                ));
            }
            _ => {
                column = if matches!(c, '\n' | '\r') {
                    0
                } else {
                    column + 1
                };
                out.push(c);
            }
        }
    }
    heap.new_text(mark, out)
}

fn translate<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let map = match heap.view(args.get(1)) {
        View::Dict(map) => map,
        _ => {
            let kind = heap.kind_name(args.get(1));
            return Err(Fault::kind(format!("`table` must be a dict, not {kind}")));
        }
    };
    heap.charge(text.len() as u64)?;
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        translate_char(heap, &map, c, &mut out)?;
    }
    heap.new_text(Mark::Plain, out)
}

fn translate_char<'c>(
    heap: &Heap<'c>,
    map: &Map<'_, 'c>,
    c: char,
    out: &mut String,
) -> Result<(), Fault> {
    let code = Value::Int(i64::from(u32::from(c)));
    let found = match map {
        Map::Dict(dict) => dict.get(heap, code)?,
        // Keys of host data are texts, and no text equals a number.
        _ => None,
    };
    let Some(found) = found else {
        out.push(c);
        return Ok(());
    };
    if found.is_none() {
        return Ok(());
    }
    if let Some(text) = heap.text(found) {
        heap.charge(text.len() as u64 / 8)?;
        heap.check_text((out.len() + text.len()) as u64)?;
        out.push_str(text);
        return Ok(());
    }
    let Some(code) = ops::as_index(heap, found) else {
        let kind = heap.kind_name(found);
        return Err(Fault::kind(format!("a character cannot become {kind}")));
    };
    match u32::try_from(code).ok().and_then(char::from_u32) {
        Some(c) => out.push(c),
        None => return Err(Fault::value("this is the code point of no character")),
    }
    Ok(())
}
