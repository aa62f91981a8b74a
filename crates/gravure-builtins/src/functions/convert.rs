//! Functions named as kinds, which make a value of that kind; `len`, `range`.

use crate::{
    filters::number::{cut, read_int},
    registry::{Row, params},
    support::{Answer, expect_int, how_many, plain},
};
use gravure_value::{
    ALLOCATION, Args, BigInt, Call, Dict, Fault, Heap, Kind, Mark, Params, Range, Value, View, ops,
    text,
};

pub(super) fn rows() -> Vec<Row> {
    const MAYBE: Params = params!("value=, /");
    const ONE: Params = params!("value, /");
    vec![
        Row::new(&["range"], params!("start, stop=, step=, /"), range),
        Row::new(&["list"], MAYBE, list),
        Row::new(&["tuple"], MAYBE, tuple),
        Row::new(&["set"], MAYBE, set),
        Row::new(&["dict"], params!("value=, /, **named"), dict),
        Row::new(&["len"], ONE, len),
        Row::new(&["str"], MAYBE, str),
        Row::reading(&["int"], params!("value=, /, base="), int),
        Row::reading(&["float"], MAYBE, float),
        Row::new(&["bool"], MAYBE, bool),
        Row::new(&["abs"], ONE, crate::filters::number::abs),
    ]
}

fn range<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    let bound = |value: Value<'c>, param: &str| match heap.view(value) {
        View::Big(_) => Err(Fault::value(format!("the argument `{param}` is too large"))),
        _ => expect_int(heap, value, param),
    };
    let first = bound(args.get(0), "start")?;
    let (start, stop) = match args.given(1) {
        Some(stop) => (first, bound(stop, "stop")?),
        None => (0, first),
    };
    let step = match args.given(2) {
        Some(step) => bound(step, "step")?,
        None => 1,
    };
    heap.new_range(Range { start, stop, step })
}

/// The items of the argument; none without one.
fn items<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Vec<Value<'c>>, Fault> {
    match args.given(0) {
        Some(value) => call.items(value),
        None => Ok(Vec::new()),
    }
}

fn list<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = items(call, args)?;
    call.heap().new_list(items)
}

fn tuple<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    if call.heap().kind(args.get(0)) == Kind::Tuple {
        return Ok(args.get(0));
    }
    let items = items(call, args)?;
    call.heap().new_tuple(items)
}

fn set<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let items = items(call, args)?;
    let heap = call.heap();
    // Each is looked for among the others, wherever those lie by now.
    heap.charge(items.len() as u64)?;
    let mut members = Dict::new();
    for item in items {
        members.insert(heap, item, Value::None)?;
    }
    heap.new_set(members)
}

fn dict<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let mut dict = Dict::new();
    if let Some(value) = args.given(0) {
        let heap = call.heap();
        let entries = match heap.view(value) {
            View::Dict(map) => {
                heap.charge((map.len() as u64).saturating_mul(3))?;
                heap.check_collection(map.len() as u64)?;
                Some(map.entries(heap))
            }
            _ => None,
        };
        let entries = match entries {
            Some(entries) => entries,
            None => pairs(call, value)?,
        };
        let heap = call.heap();
        for (key, value) in entries {
            dict.insert(heap, key, value)?;
        }
    }
    let heap = call.heap();
    for &(name, value) in args.named {
        let key = heap.new_text(Mark::Plain, name)?;
        dict.insert(heap, key, value)?;
    }
    heap.new_dict(dict)
}

/// Keys and values from items of two items each.
fn pairs<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
) -> Result<Vec<(Value<'c>, Value<'c>)>, Fault> {
    let items = call.items(value)?;
    let mut pairs = Vec::with_capacity(items.len());
    for item in items {
        call.charge(ALLOCATION)?;
        match *call.items(item)? {
            [key, value] => pairs.push((key, value)),
            ref other => {
                let message = format!("a pair for a dict has 2 items, not {}", other.len());
                return Err(Fault::value(message));
            }
        }
    }
    Ok(pairs)
}

fn len<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    if let Some(text) = heap.text(args.get(0)) {
        heap.charge(text.len() as u64 / 64)?;
    }
    match ops::length(heap, args.get(0)) {
        Some(len) => how_many(heap, len),
        None => {
            let kind = heap.kind_name(args.get(0));
            Err(Fault::kind(format!("{kind} has no length")).help("the filter `length` gives 0"))
        }
    }
}

fn str<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    match args.given(0) {
        Some(value) => plain(call, value),
        None => Ok(Value::Str(Mark::Plain, "")),
    }
}

fn bool<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get_or(0, Value::Bool(false));
    Ok(Value::Bool(ops::is_truthy(call.heap(), value)))
}

fn float<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get_or(0, Value::Float(0.0));
    let heap = call.heap();
    let read = match heap.text(value) {
        Some(text) => Some(text::parse_float(text).ok_or_else(|| unreadable(heap, value))?),
        None => ops::as_float(heap, value)?,
    };
    read.map(Value::Float)
        .ok_or_else(|| unfit("float", heap, value))
}

fn unreadable<'c>(heap: &Heap<'c>, value: Value<'c>) -> Fault {
    let kind = heap.kind_name(value);
    Fault::value(format!("this {kind} does not read as a number"))
}

fn unfit<'c>(function: &str, heap: &Heap<'c>, value: Value<'c>) -> Fault {
    let kind = heap.kind_name(value);
    Fault::kind(format!("`{function}` takes a number or a str, not {kind}"))
}

fn int<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get_or(0, Value::Int(0));
    let heap = call.heap();
    if let Some(base) = args.given(1) {
        return int_of_base(heap, args.get(0), base);
    }
    let big = match heap.view(value) {
        View::Bool(it) => return Ok(Value::Int(i64::from(it))),
        View::Int(_) | View::Big(_) => return Ok(value),
        View::Float(it) => {
            let whole = cut(heap, it)?;
            return whole.ok_or_else(|| unreadable(heap, value));
        }
        View::Str(_, text) => read_int(heap, text)?.ok_or_else(|| unreadable(heap, value))?,
        _ => return Err(unfit("int", heap, value)),
    };
    heap.new_int(big)
}

fn int_of_base<'c>(heap: &mut Heap<'c>, value: Value<'c>, base: Value<'c>) -> Answer<'c> {
    let base = expect_int(heap, base, "base")?;
    let Some(text) = heap.text(value) else {
        return Err(Fault::kind("`int` with a base takes a str"));
    };
    // Reading digits of a long number costs a pass for each of its words.
    let len = text.len() as u64;
    heap.charge(len / 8 + (len / 64).saturating_mul(len / 64))?;
    match parse_radix(text, base) {
        Some(big) => heap.new_int(big),
        None => Err(unreadable(heap, value)),
    }
}

/// An integer in some base; in base 0 its prefix says which.
fn parse_radix(text: &str, base: i64) -> Option<BigInt> {
    let text = text.trim_matches(text::is_space);
    let (is_negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let prefix = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => Some(16),
        [b'0', b'o' | b'O', ..] => Some(8),
        [b'0', b'b' | b'B', ..] => Some(2),
        _ => None,
    };
    let (radix, digits) = match (base, prefix) {
        (0, Some(radix)) => (radix, digits.get(2..)?),
        (0, None) => (10, digits),
        (2..=36, Some(radix)) if i64::from(radix) == base => (radix, digits.get(2..)?),
        (2..=36, _) => (u32::try_from(base).ok()?, digits),
        _ => return None,
    };
    let has_prefix = prefix == Some(radix);
    let digits = match digits.strip_prefix('_') {
        Some(digits) if has_prefix => digits,
        _ => digits,
    };
    let mut clean = String::with_capacity(digits.len() + 1);
    if is_negative {
        clean.push('-');
    }
    let mut may_separate = false;
    for c in digits.chars() {
        if c == '_' && may_separate {
            may_separate = false;
            continue;
        }
        let mut ascii = [0; 4];
        let digit = match c.to_digit(36) {
            Some(digit) => digit,
            None => {
                let read = text::parse_int(c.encode_utf8(&mut ascii))?;
                u32::try_from(&read).ok()?
            }
        };
        clean.push(char::from_digit(digit, radix)?);
        may_separate = true;
    }
    if !may_separate {
        return None;
    }
    let is_zero = clean.bytes().all(|byte| byte == b'0' || byte == b'-');
    if base == 0 && prefix.is_none() && digits.starts_with('0') && !is_zero {
        return None;
    }
    BigInt::parse_bytes(clean.as_bytes(), radix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_many_bases() {
        for (text, base, expected) in [
            ("ff", 16, Some("255")),
            (" -0xFF ", 16, Some("-255")),
            ("0b101", 0, Some("5")),
            ("0o17", 0, Some("15")),
            ("12", 0, Some("12")),
            ("012", 0, None),
            ("00", 0, Some("0")),
            ("z", 36, Some("35")),
            ("1_0", 2, Some("2")),
            ("1__0", 2, None),
            ("_1", 2, None),
            ("9", 8, None),
            ("1", 99, None),
            ("1", 1, None),
            ("", 10, None),
            ("0x", 0, None),
            ("+-1", 10, None),
        ] {
            let read = parse_radix(text, base).map(|big| big.to_string());
            assert_eq!(read.as_deref(), expected, "{text:?} in base {base}");
        }
    }
}
