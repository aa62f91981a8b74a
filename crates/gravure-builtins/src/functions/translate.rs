//! `_` and `_n`: messages in the reader's language. Without translations the
//! message itself comes back.

use crate::{
    registry::{Row, params},
    support::{Answer, new_text, plain},
};
use gravure_value::{Args, Call, Kind, Value, ops};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::naming(&["_"], params!("message"), gettext),
        Row::naming(&["_n"], params!("singular, plural, n"), ngettext),
    ]
}

fn gettext<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let message = args.get(0);
    let Some(text) = call.heap().text(message).map(str::to_owned) else {
        return Ok(message);
    };
    match call.host.world().gettext(&text) {
        Some(translated) => new_text(call, translated),
        None => plain(call, message),
    }
}

fn ngettext<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let (singular, plural, n) = (args.get(0), args.get(1), args.get(2));
    let heap = call.heap();
    let is_one = ops::eq(heap, n, Value::Int(1))?;
    let texts = heap.text(singular).zip(heap.text(plural));
    if let Some((singular, plural)) = texts.map(|(lhs, rhs)| (lhs.to_owned(), rhs.to_owned())) {
        let n = match n {
            Value::Float(it) => it as i64,
            _ => ops::as_index(heap, n).unwrap_or(0),
        };
        if let Some(translated) = call.host.world().ngettext(&singular, &plural, n) {
            return new_text(call, translated);
        }
    }
    let message = if is_one { singular } else { plural };
    match call.heap().kind(message) {
        Kind::Str => plain(call, message),
        _ => Ok(message),
    }
}
