//! The filter `format`: fills the fields of a text.

use crate::{
    format::{Named, format_fields},
    registry::{Row, params},
    support::{Answer, new_text},
};
use gravure_value::{Args, Call, Fault, Mark, ops};

pub(super) fn rows() -> Vec<Row> {
    vec![Row::new(
        &["format"],
        params!("value, /, *rest, **named"),
        format,
    )]
}

fn format<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let template = ops::to_text(call.heap(), args.get(0))?.into_owned();
    call.charge(template.len() as u64 / 8)?;
    let has_arguments = !args.rest.is_empty() || !args.named.is_empty();
    if has_arguments && !template.contains('{') && has_percent_field(&template) {
        return Err(Fault::value(
            "`format` fills fields like `{}`, but the text has fields with `%`",
        )
        .help("use `{}`, or the operator `%`"));
    }
    let filled = format_fields(
        call,
        &template,
        args.rest,
        Named::Args(args.named),
        Mark::Plain,
    )?;
    new_text(call, filled)
}

/// Is there a `%`, digits, a point, digits, and a conversion in a row?
fn has_percent_field(text: &str) -> bool {
    text.match_indices('%').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = rest.strip_prefix('.').unwrap_or(rest);
        let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
        rest.starts_with(|c| "sdfioxXeEgGcr".contains(c))
    })
}
