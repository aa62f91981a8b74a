//! Filters of the Markdown surface: text in, markup around it, marked as safe
//! Markdown.

use super::{grid::grid, joined, presented, printed};
use crate::{
    registry::{Row, params},
    support::{Answer, lowered},
};
use gravure_value::{Args, Call, Fault, Mark, Params, Registry, Surface, Value, ops, text};
use std::borrow::Cow;

const HERE: Surface = Surface::Markdown;

/// Name the filters and the global.
pub(super) fn register(registry: &mut Registry) {
    const ONE: Params = params!("value, /");
    let filters = [
        Row::reading(&["bold"], ONE, |call, args| wrapped(call, args, "**", "**")),
        Row::reading(&["italic"], ONE, |call, args| wrapped(call, args, "*", "*")),
        Row::reading(&["strike"], ONE, |call, args| {
            wrapped(call, args, "~~", "~~")
        }),
        Row::reading(&["h1"], ONE, |call, args| wrapped(call, args, "# ", "")),
        Row::reading(&["h2"], ONE, |call, args| wrapped(call, args, "## ", "")),
        Row::reading(&["h3"], ONE, |call, args| wrapped(call, args, "### ", "")),
        Row::reading(&["h4"], ONE, |call, args| wrapped(call, args, "#### ", "")),
        Row::reading(&["code"], ONE, code),
        Row::reading(&["link"], params!("value, /, url"), link),
        Row::reading(&["badge"], ONE, badge),
        Row::reading(&["codeblock"], params!("value, /, lang="), codeblock),
        Row::reading(&["details"], params!("value, /, summary="), details),
        Row::reading(&["table"], params!("value, /, headers="), table),
    ];
    for row in filters {
        row.add(registry, |registry, name, id| {
            registry.set_surface_filter(HERE, name, id);
        });
    }
    let output_format = Row::new(&["output_format"], params!(""), |_, _| {
        Ok(Value::Str(Mark::Plain, "markdown"))
    });
    output_format.add(registry, |registry, name, id| {
        registry.set_surface_global(HERE, name, id);
    });
}

/// The text form as a text of its own, so that more can be built around it.
fn owned<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<String, Fault> {
    ops::to_text(call.heap(), value).map(Cow::into_owned)
}

fn escaped<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Result<String, Fault> {
    presented(call.heap(), HERE, value).map(Cow::into_owned)
}

fn wrapped<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, open: &str, close: &str) -> Answer<'c> {
    let text = escaped(call, args.get(0))?;
    joined(call, Mark::Markdown, &[open, &text, close])
}

fn code<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let text = owned(call, args.get(0))?;
    let (open, close) = match text.contains('`') {
        true => ("`` ", " ``"),
        false => ("`", "`"),
    };
    joined(call, Mark::Markdown, &[open, &text, close])
}

fn link<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let text = escaped(call, args.get(0))?;
    let url = owned(call, args.get(1))?;
    joined(call, Mark::Markdown, &["[", &text, "](", &url, ")"])
}

fn badge<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let text = owned(call, args.get(0))?;
    let word = lowered(Cow::Borrowed(text.trim_matches(text::is_space)));
    let name = match &*word {
        "pass" | "success" | "ok" => "white_check_mark",
        "fail" | "failed" | "error" => "x",
        "warn" | "warning" => "warning",
        "skip" | "skipped" => "heavy_minus_sign",
        "info" => "information_source",
        other => other,
    };
    joined(call, Mark::Markdown, &[":", name, ":"])
}

fn codeblock<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let text = owned(call, args.get(0))?;
    let lang = match args.given(1) {
        Some(lang) => owned(call, lang)?,
        None => String::new(),
    };
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let n = (longest + 1).max(3);
    call.heap().check_text((n as u64).saturating_mul(2))?;
    let fence = "`".repeat(n);
    joined(
        call,
        Mark::Markdown,
        &[&fence, &lang, "\n", &text, "\n", &fence],
    )
}

fn details<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let summary = escaped(call, args.get_or(1, Value::Str(Mark::Plain, "Details")))?;
    let text = escaped(call, args.get(0))?;
    joined(
        call,
        Mark::Markdown,
        &[
            "<details>\n<summary>",
            &summary,
            "</summary>\n\n",
            &text,
            "\n\n</details>",
        ],
    )
}

fn table<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let Some(grid) = grid(call, HERE, args.get(0), args.get(1))? else {
        return Ok(Value::Str(Mark::Markdown, ""));
    };
    let mut out = String::new();
    let mut names = Vec::with_capacity(grid.names.len());
    for &name in &grid.names {
        names.push(printed(call.heap(), HERE, name)?.into_owned());
    }
    push_row(call, &names, &mut out)?;
    out.push('\n');
    let rules = vec!["---".to_owned(); names.len()];
    push_row(call, &rules, &mut out)?;
    for row in &grid.rows {
        out.push('\n');
        push_row(call, row, &mut out)?;
    }
    call.heap().new_text(Mark::Markdown, out)
}

/// One line: cells that are escaped already, but may hold bars and line ends.
fn push_row(call: &mut Call<'_, '_>, cells: &[String], out: &mut String) -> Result<(), Fault> {
    let len: u64 = cells.iter().map(|cell| cell.len() as u64 + 3).sum();
    let heap = call.heap();
    heap.charge(cells.len() as u64 + len / 8)?;
    // A line end becomes four bytes at most.
    heap.check_text(len.saturating_mul(4).saturating_add(out.len() as u64))?;
    out.push_str("| ");
    for (idx, cell) in cells.iter().enumerate() {
        if idx > 0 {
            out.push_str(" | ");
        }
        for c in cell.chars() {
            match c {
                '|' => out.push_str("\\|"),
                '\n' => out.push_str("<br>"),
                _ => out.push(c),
            }
        }
    }
    out.push_str(" |");
    Ok(())
}
