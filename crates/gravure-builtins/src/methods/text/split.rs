//! Taking a text apart.

use super::{SELF, Table, int_arg_or, kept_mark, part, parts, range_in, text_arg, text_of};
use gravure_value::{
    Args, Call, Fault, Heap, Param, Value, ops,
    text::{is_space, split_lines},
};
use std::ops::Range;

pub(super) fn register(table: &mut Table<'_>) {
    const SPLIT: &[Param] = &[SELF, Param::optional("sep"), Param::optional("maxsplit")];
    table.method("split", SPLIT, |call, args| split(call, args, End::Front));
    table.method("rsplit", SPLIT, |call, args| split(call, args, End::Back));
    const LINES: &[Param] = &[SELF, Param::optional("keepends")];
    table.method("splitlines", LINES, lines);
    const SEPARATOR: &[Param] = &[SELF, Param::positional("sep")];
    table.method("partition", SEPARATOR, |call, args| {
        partition(call, args, End::Front)
    });
    table.method("rpartition", SEPARATOR, |call, args| {
        partition(call, args, End::Back)
    });
}

/// From which end it is split.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Front,
    Back,
}

fn split<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, end: End) -> Result<Value<'c>, Fault> {
    let limit = int_arg_or(call, args.get(2), "maxsplit", -1)?;
    // Negative: no limit.
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let mut ranges = match args.get(1) {
        Value::Unset | Value::None => match end {
            End::Front => collect(
                heap,
                text,
                Words {
                    rest: text,
                    left: limit,
                },
            )?,
            End::Back => collect(
                heap,
                text,
                BackWords {
                    rest: text,
                    left: limit,
                },
            )?,
        },
        separator => {
            let separator = text_arg(heap, separator, "sep")?;
            if separator.is_empty() {
                return Err(Fault::value("the separator is empty"));
            }
            let n = limit.saturating_add(1);
            match end {
                End::Front => collect(heap, text, text.splitn(n, separator))?,
                End::Back => collect(heap, text, text.rsplitn(n, separator))?,
            }
        }
    };
    if end == End::Back {
        ranges.reverse();
    }
    let mark = kept_mark(heap, args.get(0));
    let values = parts(heap, args.get(0), &ranges, mark)?;
    heap.new_list(values)
}

/// Where the parts lie; too many of them are refused while they come.
fn collect<'t>(
    heap: &Heap<'_>,
    text: &'t str,
    parts: impl Iterator<Item = &'t str>,
) -> Result<Vec<Range<usize>>, Fault> {
    let mut ranges = Vec::new();
    for part in parts {
        heap.check_collection(ranges.len() as u64 + 1)?;
        ranges.push(range_in(text, part));
    }
    Ok(ranges)
}

/// Words from the front; after `left` of them the rest comes as it is.
struct Words<'t> {
    rest: &'t str,
    left: usize,
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;
    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest.trim_start_matches(is_space);
        let end = match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                text.find(is_space).unwrap_or(text.len())
            }
            None => text.len(),
        };
        let (word, rest) = text.split_at(end);
        self.rest = rest;
        Some(word).filter(|word| !word.is_empty())
    }
}

/// Words from the back; after `left` of them the rest comes as it is.
struct BackWords<'t> {
    rest: &'t str,
    left: usize,
}

impl<'t> Iterator for BackWords<'t> {
    type Item = &'t str;
    fn next(&mut self) -> Option<&'t str> {
        let text = self.rest.trim_end_matches(is_space);
        let start = match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                text.trim_end_matches(|c| !is_space(c)).len()
            }
            None => 0,
        };
        let (rest, word) = text.split_at(start);
        self.rest = rest;
        Some(word).filter(|word| !word.is_empty())
    }
}

fn lines<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let keep = ops::is_truthy(heap, args.get_or(1, Value::Bool(false)));
    let text = text_of(heap, args.get(0))?;
    let ranges = collect(heap, text, split_lines(text, keep))?;
    let mark = kept_mark(heap, args.get(0));
    let values = parts(heap, args.get(0), &ranges, mark)?;
    heap.new_list(values)
}

fn partition<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    end: End,
) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let separator = text_arg(heap, args.get(1), "sep")?;
    if separator.is_empty() {
        return Err(Fault::value("the separator is empty"));
    }
    let (len, n_separator) = (text.len(), separator.len());
    let found = match end {
        End::Front => text.find(separator),
        End::Back => text.rfind(separator),
    };
    let ranges = match (found, end) {
        (Some(at), _) => [0..at, at..at + n_separator, at + n_separator..len],
        (None, End::Front) => [0..len, len..len, len..len],
        (None, End::Back) => [0..0, 0..0, 0..len],
    };
    let mark = kept_mark(heap, args.get(0));
    let mut values = Vec::with_capacity(3);
    for range in ranges {
        values.push(part(heap, args.get(0), range, mark)?);
    }
    heap.new_tuple(values)
}
