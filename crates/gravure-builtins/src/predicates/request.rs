//! Predicates about a request: what its headers say.

use crate::{
    registry::{Row, params},
    support::{Answer, attribute, expect_text},
};
use gravure_value::{Args, Call, Fault, Kind, Params, Value, ops};

const ONLY_VALUE: Params = params!("value, /");

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(&["hx_request"], ONLY_VALUE, hx_request),
        Row::new(&["hx_boosted"], ONLY_VALUE, hx_boosted),
        Row::new(&["hx_target"], params!("value, /, target"), hx_target),
    ]
}

fn hx_request<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_header_true(call, args.get(0), "HX-Request")
}

fn hx_boosted<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    is_header_true(call, args.get(0), "HX-Boosted")
}

fn hx_target<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let (value, target) = (args.get(0), args.get(1));
    let is_it = match headers(call, value)? {
        Some(headers) => {
            let header = attribute(call, headers, "HX-Target")?.unwrap_or(Value::None);
            ops::eq(call.heap(), header, target)?
        }
        None => {
            let heap = call.heap();
            match heap.text(target) {
                Some(target) => ops::to_text(heap, value)? == target,
                None => false,
            }
        }
    };
    Ok(Value::Bool(is_it))
}

/// The headers of a request, if the value is one.
fn headers<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<Option<Value<'c>>, Fault> {
    match call.heap().kind(value) {
        Kind::Dict | Kind::Object => attribute(call, value, "headers"),
        _ => Ok(None),
    }
}

/// Is a header `true`? A value without headers is judged by its truth.
fn is_header_true<'c>(call: &mut Call<'_, 'c>, value: Value<'c>, name: &str) -> Answer<'c> {
    let is_true = match headers(call, value)? {
        Some(headers) => {
            let header = attribute(call, headers, name)?.unwrap_or(Value::None);
            let text = expect_text(call.heap(), header, name).ok();
            text.is_some_and(|text| text.eq_ignore_ascii_case("true"))
        }
        None => ops::is_truthy(call.heap(), value),
    };
    Ok(Value::Bool(is_true))
}
