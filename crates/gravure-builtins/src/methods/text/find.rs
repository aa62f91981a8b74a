//! Searching.

use super::{SELF, Table, text_arg, text_of, window};
use gravure_value::{Args, Call, Fault, Heap, Param, Value, View};

pub(super) fn register(table: &mut Table<'_>) {
    const SUB: &[Param] = &[
        SELF,
        Param::positional("sub"),
        Param::optional_positional("start"),
        Param::optional_positional("end"),
    ];
    table.method("find", SUB, |call, args| {
        Ok(Value::Int(
            position(call, args, |text, sub| text.find(sub))?.unwrap_or(-1),
        ))
    });
    table.method("rfind", SUB, |call, args| {
        Ok(Value::Int(
            position(call, args, |text, sub| text.rfind(sub))?.unwrap_or(-1),
        ))
    });
    table.method("index", SUB, |call, args| {
        must(position(call, args, |text, sub| text.find(sub))?)
    });
    table.method("rindex", SUB, |call, args| {
        must(position(call, args, |text, sub| text.rfind(sub))?)
    });
    table.method("count", SUB, count);
    table.method("startswith", SUB, |call, args| {
        has_affix(call, args, |text, affix| text.starts_with(affix))
    });
    table.method("endswith", SUB, |call, args| {
        has_affix(call, args, |text, affix| text.ends_with(affix))
    });
}

fn must<'c>(found: Option<i64>) -> Result<Value<'c>, Fault> {
    found
        .map(Value::Int)
        .ok_or_else(|| Fault::value("the text does not hold what is looked for"))
}

fn position<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    find: fn(&str, &str) -> Option<usize>,
) -> Result<Option<i64>, Fault> {
    text_arg(call.heap(), args.get(1), "sub")?;
    let Some((range, from)) = window(call, args.get(0), args.get(2), args.get(3))? else {
        return Ok(None);
    };
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?.get(range).unwrap_or("");
    let found = find(text, text_arg(heap, args.get(1), "sub")?);
    let n_before = found
        .and_then(|at| text.get(..at))
        .map(|it| it.chars().count());
    Ok(n_before.and_then(|n| i64::try_from(from + n).ok()))
}

fn count<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault> {
    text_arg(call.heap(), args.get(1), "sub")?;
    let Some((range, _)) = window(call, args.get(0), args.get(2), args.get(3))? else {
        return Ok(Value::Int(0));
    };
    let heap = call.heap();
    let text = text_of(heap, args.get(0))?.get(range).unwrap_or("");
    let n = text.matches(text_arg(heap, args.get(1), "sub")?).count();
    Ok(Value::Int(i64::try_from(n).unwrap_or(i64::MAX)))
}

fn has_affix<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    test: fn(&str, &str) -> bool,
) -> Result<Value<'c>, Fault> {
    let window = window(call, args.get(0), args.get(2), args.get(3))?;
    let heap: &Heap<'c> = call.heap();
    let text = match &window {
        Some((range, _)) => text_of(heap, args.get(0))?.get(range.clone()),
        None => None,
    };
    let has = |affix: Value<'c>| -> Result<bool, Fault> {
        let affix = text_arg(heap, affix, "affix")?;
        heap.charge(affix.len() as u64 / 8)?;
        Ok(text.is_some_and(|text| test(text, affix)))
    };
    if let View::Tuple(affixes) = heap.view(args.get(1)) {
        for affix in affixes.iter() {
            if has(affix)? {
                return Ok(Value::Bool(true));
            }
        }
        return Ok(Value::Bool(false));
    }
    Ok(Value::Bool(has(args.get(1))?))
}
