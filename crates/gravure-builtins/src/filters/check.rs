//! Filters that look at a value and mostly hand it on: `default`, `require`,
//! `debug`, `typeof`.

use crate::{
    registry::{Row, params},
    support::{Answer, new_text},
};
use gravure_source::Code;
use gravure_value::{Args, Call, Fault, Mark, Value, View, excerpt, ops};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(
            &["default", "d"],
            params!("value, /, default_value=, boolean="),
            default,
        ),
        Row::naming(
            &["require"],
            params!("value, /, message=, field_name="),
            require,
        ),
        Row::naming(&["debug"], params!("value, /, label=, max_items="), debug),
        Row::new(&["typeof"], params!("value, /"), type_of),
    ]
}

/// What `default` means for a value; catching faults is the compiler's part.
fn default<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    let by_truth = args.given(2).is_some_and(|it| ops::is_truthy(heap, it));
    if value.is_missing() || by_truth && !ops::is_truthy(heap, value) {
        return Ok(args.get_or(1, Value::Str(Mark::Plain, "")));
    }
    Ok(value)
}

fn require<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    if !value.is_none() {
        return Ok(value);
    }
    let heap = call.heap();
    let message = match (args.given(1), args.given(2)) {
        // A literal is the author's own sentence, however long.
        (Some(message @ Value::Const(..)), _) => ops::to_text(heap, message)?.into_owned(),
        (Some(message), _) if !message.is_none() => {
            excerpt(&ops::to_text(heap, message)?).into_owned()
        }
        (_, Some(field)) if !field.is_none() => {
            let field = ops::to_text(heap, field)?;
            format!("the field `{}` is required", excerpt(&field))
        }
        _ => "a required value is none".to_owned(),
    };
    Err(Fault::new(Code::RunRequired, message))
}

fn type_of<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    let name = match heap.view(args.get(0)) {
        View::Object(object) => Value::Str(Mark::Plain, object.type_name()),
        View::Shared(object) => {
            let name = object.type_name().to_owned();
            return new_text(call, name);
        }
        _ => Value::Str(Mark::Plain, heap.kind_name(args.get(0))),
    };
    Ok(name)
}

/// Bytes of an item's nested form that `debug` shows.
const SHOWN: usize = 80;

fn debug<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    let mut line = String::new();
    if let Some(label) = args.given(1).filter(|it| !it.is_none()) {
        line.push_str(&ops::to_text(heap, label)?);
        line.push_str(": ");
    }
    let max_items = args
        .given(2)
        .and_then(|it| ops::as_index(heap, it))
        .map_or(5, |it| usize::try_from(it).unwrap_or(0));
    line.push_str(heap.kind_name(value));
    let shown: Vec<Value<'c>> = match heap.view(value) {
        View::List(seq) | View::Tuple(seq) => {
            line.push_str(&format!(" of {}", seq.len()));
            seq.iter().take(max_items).collect()
        }
        View::Dict(map) => {
            line.push_str(&format!(" of {}", map.len()));
            heap.charge(map.len() as u64)?;
            let keys = map.entries(heap).into_iter().map(|(key, _)| key);
            keys.take(max_items).collect()
        }
        _ => vec![value],
    };
    heap.charge(shown.len() as u64)?;
    for item in shown {
        let mut text = String::new();
        ops::repr(heap, item, &mut text)?;
        heap.charge(text.len() as u64 / 8)?;
        let end = text
            .char_indices()
            .nth(SHOWN)
            .map_or(text.len(), |(at, _)| at);
        heap.check_text((line.len() + text.len()) as u64)?;
        line.push_str("\n  ");
        line.push_str(&text[..end]);
        if end < text.len() {
            line.push('…');
        }
    }
    call.host.world().debug(&line);
    Ok(value)
}
