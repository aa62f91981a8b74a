//! Upper, lower and title case.

use super::{ALONE, Table, kept_mark, text_of};
use gravure_value::{Args, Call, Fault, Value, text};

pub(super) fn register(table: &mut Table<'_>) {
    table.method("upper", ALONE, |call, args| map(call, args, text::upper));
    table.method("lower", ALONE, |call, args| map(call, args, text::lower));
    table.method("title", ALONE, |call, args| map(call, args, text::title));
    table.method("casefold", ALONE, |call, args| {
        map(call, args, text::casefold)
    });
    table.method("swapcase", ALONE, |call, args| {
        map(call, args, text::swapcase)
    });
    table.method("capitalize", ALONE, |call, args| {
        map(call, args, text::capitalize)
    });
}

fn map<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    change: fn(&str) -> String,
) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    heap.charge(text.len() as u64 / 8)?;
    // One code point becomes three at most.
    heap.reserve((text.len() as u64).saturating_mul(3))?;
    let (changed, mark) = (change(text), kept_mark(heap, args.get(0)));
    heap.new_text(mark, changed)
}
