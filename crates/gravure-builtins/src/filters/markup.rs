//! Filters about markup: `escape`, `safe`, `classes`, `csp_nonce`.

use crate::{
    registry::{Row, params},
    support::{Answer, expect_text, items_if_any, new_text, plain},
};
use gravure_value::{Args, Call, Kind, Mark, Value, View, ops, text};

pub(super) fn rows() -> Vec<Row> {
    vec![
        Row::new(&["escape", "e"], params!("value, /"), escape),
        Row::new(&["safe"], params!("value, /, reason="), safe),
        Row::new(&["classes"], params!("value, /"), classes),
        Row::naming(&["csp_nonce"], params!("value, /, nonce="), csp_nonce),
    ]
}

fn escape<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    if heap.mark(value) == Mark::Html {
        return Ok(value);
    }
    let escaped = {
        let text = ops::to_text(heap, value)?;
        heap.charge(text.len() as u64 / 8)?;
        // The longest escape is six times as long as what it stands for.
        heap.reserve((text.len() as u64).saturating_mul(2))?;
        let mut out = String::with_capacity(text.len() + text.len() / 8);
        text::escape_html(&text, &mut out);
        out
    };
    heap.new_text(Mark::Html, escaped)
}

fn safe<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    marked_safe(call, args.get(0))
}

/// The text form, as it is, trusted.
fn marked_safe<'c>(call: &mut Call<'_, 'c>, value: Value<'c>) -> Answer<'c> {
    let text = plain(call, value)?;
    let heap = call.heap();
    heap.charge(heap.size_hint(text))?;
    heap.with_mark(Mark::Html, text)
}

fn classes<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    if value.is_missing() {
        return Ok(Value::Str(Mark::Plain, ""));
    }
    if call.heap().kind(value) == Kind::Str {
        return plain(call, value);
    }
    let Some(items) = items_if_any(call, value)? else {
        return plain(call, value);
    };
    let heap = call.heap();
    let mut names = Vec::new();
    for item in items {
        match heap.view(item) {
            View::List(seq) | View::Tuple(seq) => {
                heap.charge(seq.len() as u64)?;
                heap.check_collection(names.len().saturating_add(seq.len()) as u64)?;
                names.extend(seq.iter());
            }
            _ => names.push(item),
        }
    }
    let mut out = String::new();
    for name in names {
        if !ops::is_truthy(heap, name) {
            continue;
        }
        if !out.is_empty() {
            out.push(' ');
        }
        let text = ops::to_text(heap, name)?;
        heap.charge(text.len() as u64 / 8)?;
        heap.check_text((out.len() + text.len()) as u64)?;
        out.push_str(&text);
    }
    new_text(call, out)
}

fn csp_nonce<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let given = args.given(1).filter(|it| !it.is_none());
    let nonce = match given {
        Some(nonce) => expect_text(call.heap(), nonce, "nonce")?.to_owned(),
        None => match call.host.meta("csp_nonce") {
            Some(gravure_value::Data::Str(nonce) | gravure_value::Data::Safe(nonce)) => {
                nonce.into_owned()
            }
            _ => String::new(),
        },
    };
    if nonce.is_empty() {
        return marked_safe(call, args.get(0));
    }
    let heap = call.heap();
    let with_nonces = {
        let text = ops::to_text(heap, args.get(0))?;
        heap.charge(text.len() as u64 / 4)?;
        let attribute = format!(" nonce=\"{}\"", escape_attribute(&nonce));
        let places = tags_without_nonce(&text);
        let grown = (places.len() as u64).saturating_mul(attribute.len() as u64);
        heap.check_text(grown.saturating_add(text.len() as u64))?;
        heap.charge(grown / 8)?;
        let mut out = String::with_capacity(text.len());
        let mut done = 0;
        for at in places {
            out.push_str(&text[done..at]);
            out.push_str(&attribute);
            done = at;
        }
        out.push_str(&text[done..]);
        out
    };
    heap.new_text(Mark::Html, with_nonces)
}

/// Escaped for an attribute, with the apostrophe in hexadecimal.
pub(crate) fn escape_attribute(value: &str) -> String {
    let mut out = String::new();
    for (idx, part) in value.split('\'').enumerate() {
        if idx > 0 {
            out.push_str("&#x27;");
        }
        text::escape_html(part, &mut out);
    }
    out
}

/// Where the `>` of each opening `script` and `style` tag without a nonce is.
fn tags_without_nonce(text: &str) -> Vec<usize> {
    let mut places = Vec::new();
    let mut at = 0;
    while let Some(open) = text[at..].find('<') {
        at += open + 1;
        let tail = text[at..].trim_start_matches(text::is_space);
        let Some(attrs) = after_name(tail, "script").or_else(|| after_name(tail, "style")) else {
            continue;
        };
        if !attrs.starts_with('>') && !attrs.starts_with(text::is_space) {
            continue;
        }
        // Without a `>` there is no tag here, nor anywhere behind.
        let Some(len) = attrs.find('>') else {
            break;
        };
        let end = text.len() - attrs.len() + len;
        if !has_nonce(&attrs[..len]) {
            places.push(end);
        }
        at = end;
    }
    places
}

/// What follows a name, in any ASCII case.
fn after_name<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (head, tail) = text.split_at_checked(name.len())?;
    head.eq_ignore_ascii_case(name).then_some(tail)
}

/// Does `nonce`, at the start of a word, and `=` stand here?
fn has_nonce(attrs: &str) -> bool {
    attrs.match_indices("nonce").any(|(at, word)| {
        let before = attrs[..at].chars().next_back();
        let is_inside = before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let tail = attrs[at + word.len()..].trim_start_matches(text::is_space);
        !is_inside && tail.starts_with('=')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_that_get_a_nonce() {
        for (markup, expected) in [
            ("<script>", "<script^>"),
            (
                "<SCRIPT async><style\nmedia='x'>",
                "<SCRIPT async^><style\nmedia='x'^>",
            ),
            (
                "<script nonce=x><script data-nonce = y>",
                "<script nonce=x><script data-nonce = y>",
            ),
            (
                "<script xnonce=x><scripts>< script>",
                "<script xnonce=x^><scripts>< script^>",
            ),
            ("<script/><script src", "<script/><script src"),
            ("<<script>", "<<script^>"),
        ] {
            let mut marked = markup.to_owned();
            for &at in tags_without_nonce(markup).iter().rev() {
                marked.insert(at, '^');
            }
            assert_eq!(marked, expected);
        }
    }
}
