//! Functions about the request, and `consume`. The world knows the request.

use crate::{
    filters::markup::escape_attribute,
    registry::{Row, params},
    support::{Answer, plain},
};
use gravure_source::Code;
use gravure_value::{Args, Call, Mark, Params, Value, ops};

const NOTHING: Params = params!("");

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::naming(&["consume"], params!("key, default="), consume),
        Row::new(&["hx_request"], NOTHING, hx_request),
        Row::new(&["hx_boosted"], NOTHING, hx_boosted),
        Row::new(&["hx_target"], NOTHING, hx_target),
        Row::new(&["hx_trigger"], NOTHING, hx_trigger),
        Row::new(&["csrf_token"], NOTHING, csrf_token),
        Row::naming(&["csp_nonce"], NOTHING, csp_nonce),
    ]
}

fn consume<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let key = call.heap().text(args.get(0)).map(str::to_owned);
    let found = key.and_then(|key| call.host.consume(&key));
    Ok(found.unwrap_or(args.get_or(1, Value::None)))
}

/// A fact about the request, as the host set it.
fn meta<'c>(call: &mut Call<'_, 'c>, key: &str, default: Value<'c>) -> Answer<'c> {
    match call.host.meta(key) {
        Some(data) => call.heap().import(data),
        None => Ok(default),
    }
}

fn hx_request<'c>(call: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Answer<'c> {
    meta(call, "hx_request", Value::Bool(false))
}

fn hx_boosted<'c>(call: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Answer<'c> {
    meta(call, "hx_boosted", Value::Bool(false))
}

fn hx_target<'c>(call: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Answer<'c> {
    meta(call, "hx_target", Value::None)
}

fn hx_trigger<'c>(call: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Answer<'c> {
    meta(call, "hx_trigger", Value::None)
}

fn csrf_token<'c>(call: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Answer<'c> {
    let token = meta(call, "csrf_token", Value::None)?;
    let heap = call.heap();
    if !ops::is_truthy(heap, token) {
        let message = "`csrf_token()` has no token: the form will be refused";
        call.host.warn(Code::WarnCsrf, message.to_owned());
        return Ok(Value::Str(Mark::Html, ""));
    }
    let field = {
        let token = ops::to_text(heap, token)?;
        heap.charge(token.len() as u64 / 8)?;
        let token = escape_attribute(&token);
        format!("<input type=\"hidden\" name=\"csrf_token\" value=\"{token}\">")
    };
    heap.new_text(Mark::Html, field)
}

fn csp_nonce<'c>(call: &mut Call<'_, 'c>, _: Args<'_, 'c>) -> Answer<'c> {
    let nonce = meta(call, "csp_nonce", Value::None)?;
    if !ops::is_truthy(call.heap(), nonce) {
        return Ok(Value::Str(Mark::Plain, ""));
    }
    plain(call, nonce)
}
