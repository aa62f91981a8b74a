//! Taking something away at the ends.

use super::{SELF, Table, kept_mark, part, range_in, text_arg, text_of};
use gravure_value::{Args, Call, Fault, Mark, Param, Value, text::is_space};
use std::collections::HashSet;

pub(super) fn register(table: &mut Table<'_>) {
    const CHARS: &[Param] = &[SELF, Param::optional_positional("chars")];
    table.method("strip", CHARS, |call, args| strip(call, args, true, true));
    table.method("lstrip", CHARS, |call, args| strip(call, args, true, false));
    table.method("rstrip", CHARS, |call, args| strip(call, args, false, true));
    table.method(
        "removeprefix",
        const { &[SELF, Param::positional("prefix")] },
        |call, args| remove(call, args, |text, prefix| text.strip_prefix(prefix)),
    );
    table.method(
        "removesuffix",
        const { &[SELF, Param::positional("suffix")] },
        |call, args| remove(call, args, |text, suffix| text.strip_suffix(suffix)),
    );
}

fn strip<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    left: bool,
    right: bool,
) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let kept = match args.get(1) {
        Value::Unset | Value::None => trim(text, left, right, is_space),
        chars => {
            let chars = text_arg(heap, chars, "chars")?;
            heap.charge(chars.len() as u64)?;
            let set: HashSet<char> = chars.chars().collect();
            trim(text, left, right, |c| set.contains(&c))
        }
    };
    let (range, mark) = (range_in(text, kept), kept_mark(heap, args.get(0)));
    part(heap, args.get(0), range, mark)
}

fn trim(text: &str, left: bool, right: bool, goes: impl Fn(char) -> bool) -> &str {
    let text = if left {
        text.trim_start_matches(&goes)
    } else {
        text
    };
    if right {
        text.trim_end_matches(&goes)
    } else {
        text
    }
}

fn remove<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    strip: for<'t> fn(&'t str, &str) -> Option<&'t str>,
) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let kept = strip(text, text_arg(heap, args.get(1), "affix")?).unwrap_or(text);
    let range = range_in(text, kept);
    part(heap, args.get(0), range, Mark::Plain)
}
