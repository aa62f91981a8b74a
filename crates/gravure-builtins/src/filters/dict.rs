//! Filters that read one entry or attribute, and `xmlattr`, which writes all.

use crate::{
    registry::{Row, params},
    support::{Answer, attribute_or_empty, expect_text},
};
use gravure_value::{Args, Call, Fault, Kind, Mark, Value, View, ops, text};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::naming(&["attr"], params!("value, /, name"), attr),
        Row::naming(&["get"], params!("value, /, key, default="), get),
        Row::new(&["xmlattr"], params!("value, /"), xmlattr),
    ]
}

fn attr<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    match heap.text(args.get(1)).map(str::to_owned) {
        Some(name) => attribute_or_empty(call, args.get(0), &name),
        None => {
            let found = match heap.kind(args.get(0)) {
                Kind::Dict => ops::get_item_optional(heap, args.get(0), args.get(1))?,
                _ => None,
            };
            Ok(found
                .filter(|it| !it.is_missing())
                .unwrap_or(Value::Str(Mark::Plain, "")))
        }
    }
}

fn get<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let (value, key) = (args.get(0), args.get(1));
    let default = args.get_or(2, Value::None);
    let heap = call.heap();
    let name = match heap.view(value) {
        View::None | View::Undefined => return Ok(default),
        View::Dict(map) => {
            // A text key needs no hash of a value; others go the long way.
            return match heap.text(key) {
                Some(name) => {
                    heap.charge(map.price_of(name))?;
                    Ok(map.get_str(heap, name).unwrap_or(default))
                }
                None => match ops::contains(heap, key, value)? {
                    true => ops::get_item(heap, value, key),
                    false => Ok(default),
                },
            };
        }
        _ => expect_text(heap, key, "key")?.to_owned(),
    };
    Ok(call.host.attr(value, &name)?.unwrap_or(default))
}

fn xmlattr<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    let written = {
        let entries = match heap.view(args.get(0)) {
            View::Dict(map) => {
                // Each name is looked through for what would end it.
                heap.charge((map.len() as u64).saturating_mul(4))?;
                map.entries(heap)
            }
            View::Undefined => Vec::new(),
            _ => {
                let kind = heap.kind_name(args.get(0));
                return Err(Fault::kind(format!("`xmlattr` takes a dict, not {kind}")));
            }
        };
        let mut out = String::new();
        for (key, value) in entries {
            if value.is_none() {
                continue;
            }
            let name = expect_name(heap.text(key))?;
            let text = ops::to_text(heap, value)?;
            heap.charge((name.len() + text.len()) as u64 / 8)?;
            heap.check_text((out.len() + name.len() + text.len()) as u64)?;
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(name);
            out.push_str("=\"");
            text::escape_html(&text, &mut out);
            out.push('"');
        }
        out
    };
    heap.new_text(Mark::Html, written)
}

/// A name that ends neither itself nor its tag.
fn expect_name(name: Option<&str>) -> Result<&str, Fault> {
    const BREAKS: &[char] = &[
        ' ', '\t', '\n', '\r', '\u{c}', '\0', '"', '\'', '>', '/', '=',
    ];
    let Some(name) = name else {
        return Err(Fault::kind("a name of an attribute must be a str"));
    };
    if name.is_empty() || name.contains(BREAKS) {
        let name = gravure_value::excerpt(name);
        return Err(Fault::value(format!("{name:?} is no name of an attribute")));
    }
    Ok(name)
}
