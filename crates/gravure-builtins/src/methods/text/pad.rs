//! Filling a text up to a width.

use super::{SELF, Table, inserted, int_arg, kept_mark, text_arg, text_of};
use gravure_value::{Args, Call, Fault, Param, Value};

pub(super) fn register(table: &mut Table<'_>) {
    const WIDTH: &[Param] = &[
        SELF,
        Param::positional("width"),
        Param::optional_positional("fill"),
    ];
    table.method("center", WIDTH, |call, args| {
        // The odd one goes to the left only if the width is odd too.
        pad(call, args, |n, width| n / 2 + (n & width & 1))
    });
    table.method("ljust", WIDTH, |call, args| pad(call, args, |_, _| 0));
    table.method("rjust", WIDTH, |call, args| pad(call, args, |n, _| n));
    table.method(
        "zfill",
        const { &[SELF, Param::positional("width")] },
        zero_fill,
    );
}

/// How many characters the receiver lacks; refuses what is beyond any format.
fn lacking<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    fill_len: usize,
) -> Result<(usize, usize), Fault> {
    let width = int_arg(call, args.get(1), "width")?;
    let width = usize::try_from(width.max(0)).unwrap_or(usize::MAX);
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?;
    let n = width.saturating_sub(text.chars().count());
    if n as u64 > heap.limits.format_width {
        return Err(Fault::budget("format width", heap.limits.format_width));
    }
    let len = (n as u64).saturating_mul(fill_len as u64);
    heap.charge(len / 8)?;
    heap.check_text(len.saturating_add(text.len() as u64))?;
    Ok((n, width))
}

fn pad<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    left: fn(usize, usize) -> usize,
) -> Result<Value<'c>, Fault> {
    let fill = match args.get(2) {
        Value::Unset => ' ',
        fill => {
            let mut chars = text_arg(call.heap(), fill, "fill")?.chars();
            match (chars.next(), chars.next()) {
                (Some(fill), None) => fill,
                _ => return Err(Fault::kind("`fill` must be one character")),
            }
        }
    };
    let mark = kept_mark(call.heap(), args.get(0));
    let escaped = match args.get(2) {
        Value::Unset => None,
        value => inserted(call, mark, value, "fill")?,
    };
    let fill = escaped.unwrap_or_else(|| fill.into());
    let (n, width) = lacking(call, args, fill.len())?;
    let heap = call.heap();
    if n == 0 {
        return heap.with_mark(mark, args.get(0));
    }
    let text = text_of(heap, args.get(0))?;
    let n_left = left(n, width).min(n);
    let mut out = String::with_capacity(text.len() + n * fill.len());
    out.extend(std::iter::repeat_n(&*fill, n_left));
    out.push_str(text);
    out.extend(std::iter::repeat_n(&*fill, n - n_left));
    heap.new_text(mark, out)
}

fn zero_fill<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    let (n, _) = lacking(call, args, 1)?;
    let heap = call.heap();
    let mark = kept_mark(heap, args.get(0));
    if n == 0 {
        return heap.with_mark(mark, args.get(0));
    }
    let text = text_of(heap, args.get(0))?;
    let (sign, digits) = text.split_at(usize::from(text.starts_with(['+', '-'])));
    let mut out = String::with_capacity(text.len() + n);
    out.push_str(sign);
    out.extend(std::iter::repeat_n('0', n));
    out.push_str(digits);
    heap.new_text(mark, out)
}
