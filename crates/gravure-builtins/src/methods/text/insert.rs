//! Inserting values into a text, and the methods that only safe HTML has.

use super::{ALONE, SELF, Table, text_of};
use crate::format::{Named, escape_inserted, format_fields};
use gravure_value::{
    Args, Call, Cost, Fault, Mark, Param, Params, Value, View,
    text::{strip_tags, unescape_html},
};

pub(super) fn register(table: &mut Table<'_>) {
    table.method(
        "join",
        const { &[SELF, Param::positional("iterable")] },
        join,
    );
    let params = Params::new(ALONE).with_rest().with_named_rest();
    table.enter("format", params, Cost::Input, |call, args| {
        fill(call, args.get(0), args.rest, Named::Args(args.named))
    });
    table.method(
        "format_map",
        const { &[SELF, Param::positional("mapping")] },
        |call, args| {
            let heap = call.heap();
            if !matches!(heap.view(args.get(1)), View::Dict(_)) {
                let kind = heap.kind_name(args.get(1));
                return Err(Fault::kind(format!("`mapping` must be a dict, not {kind}")));
            }
            fill(call, args.get(0), &[], Named::Dict(args.get(1)))
        },
    );
    table.method("striptags", ALONE, |call, args| {
        only_safe(call, args, "striptags")?;
        let heap = call.heap();
        let text = strip_tags(text_of(heap, args.get(0))?);
        heap.new_text(Mark::Html, text)
    });
    table.method("unescape", ALONE, |call, args| {
        only_safe(call, args, "unescape")?;
        let heap = call.heap();
        let text = text_of(heap, args.get(0))?;
        if !text.contains('&') {
            return Ok(args.get(0));
        }
        let text = unescape_html(text);
        heap.new_text(Mark::Plain, text)
    });
}

fn fill<'c>(
    call: &mut Call<'_, 'c>,
    receiver: Value<'c>,
    positional: &[Value<'c>],
    named: Named<'_, 'c>,
) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let mark = heap.mark(receiver);
    let template = text_of(heap, receiver)?;
    heap.reserve(template.len() as u64)?;
    let template = template.to_owned();
    let filled = format_fields(call, &template, positional, named, mark)?;
    call.heap().new_text(mark, filled)
}

/// To any other text these methods do not exist.
fn only_safe<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, name: &str) -> Result<(), Fault> {
    match call.heap().mark(args.get(0)) {
        Mark::Html => Ok(()),
        _ => Err(Fault::undefined_attribute(name, "str", Vec::new())),
    }
}

fn join<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let items = call.items(args.get(1))?;
    let heap = call.heap();
    let mark = heap.mark(args.get(0));
    let separator = text_of(heap, args.get(0))?;
    let n_gaps = items.len().saturating_sub(1) as u64;
    let mut len = n_gaps.saturating_mul(separator.len() as u64);
    for &item in &items {
        let Some(text) = heap.text(item) else {
            let kind = heap.kind_name(item);
            return Err(Fault::kind(format!(
                "`join` takes items of kind str, not {kind}"
            )));
        };
        len = len.saturating_add(text.len() as u64);
    }
    heap.charge(len / 8)?;
    heap.check_text(len)?;
    let separator = separator.to_owned();
    let mut out = String::with_capacity(usize::try_from(len).unwrap_or(0));
    for (at, &item) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(&separator);
        }
        let text = call.heap().text(item).unwrap_or("");
        if !mark.is_safe() {
            out.push_str(text);
            continue;
        }
        let (text, inserted) = (text.to_owned(), call.heap().mark(item));
        escape_inserted(call, mark, inserted, &text, &mut out);
        call.heap().check_text(out.len() as u64)?;
    }
    call.heap().new_text(mark, out)
}
