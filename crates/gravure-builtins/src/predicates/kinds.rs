//! Predicates about what sort of value it is.

use crate::{
    registry::{Row, params},
    support::{Answer, is_iterable},
};
use gravure_value::{Args, Call, Kind, Params, Value, ops, text};

const ONLY_VALUE: Params = params!("value, /");

pub(super) fn rows() -> Vec<Row> {
    const ANY: Params = params!("value, /, *rest, **named");
    vec![
        Row::new(&["defined"], ANY, defined),
        Row::new(&["undefined"], ANY, undefined),
        Row::new(&["none"], ONLY_VALUE, none),
        Row::new(&["true"], ONLY_VALUE, is_true),
        Row::new(&["false"], ONLY_VALUE, is_false),
        Row::new(&["string"], ONLY_VALUE, string),
        Row::new(&["number"], ONLY_VALUE, number),
        Row::new(&["sequence"], ONLY_VALUE, sequence),
        Row::new(&["mapping"], ONLY_VALUE, mapping),
        Row::new(&["iterable"], ONLY_VALUE, iterable),
        Row::new(&["callable"], ONLY_VALUE, callable),
        Row::reading(&["lower"], ONLY_VALUE, lower),
        Row::reading(&["upper"], ONLY_VALUE, upper),
    ]
}

/// What `is defined` means for a value; catching faults is the compiler's
/// part. Further arguments mean nothing.
fn defined<'c>(_: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(!args.get(0).is_missing()))
}

fn undefined<'c>(_: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(args.get(0).is_missing()))
}

fn none<'c>(_: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(args.get(0).is_none()))
}

fn is_true<'c>(_: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(matches!(args.get(0), Value::Bool(true))))
}

fn is_false<'c>(_: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(matches!(args.get(0), Value::Bool(false))))
}

/// Is the value of one of these kinds?
fn is_any<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, kinds: &[Kind]) -> Answer<'c> {
    let kind = call.heap().kind(args.get(0));
    Ok(Value::Bool(kinds.contains(&kind)))
}

fn string<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_any(call, args, &[Kind::Str])
}

fn number<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_any(call, args, &[Kind::Int, Kind::Float])
}

fn sequence<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_any(call, args, &[Kind::List, Kind::Tuple, Kind::Str])
}

fn mapping<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_any(call, args, &[Kind::Dict])
}

fn callable<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_any(call, args, &[Kind::Function])
}

fn iterable<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    Ok(Value::Bool(is_iterable(call.heap(), args.get(0))))
}

fn lower<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_all(call, args, char::is_lowercase)
}

fn upper<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_all(call, args, char::is_uppercase)
}

/// Has the text form letters with case, and are they all of the wanted one?
fn is_all<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    is_wanted: fn(char) -> bool,
) -> Answer<'c> {
    let text = ops::to_text(call.heap(), args.get(0))?;
    let mut cased = text.chars().filter(|&c| text::is_cased(c)).peekable();
    let has_any = cased.peek().is_some();
    Ok(Value::Bool(has_any && cased.all(is_wanted)))
}
