//! The filter `tree`: nested dicts as branches, depth first.

use super::{cleaned, settings};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_int},
    surfaces::push_repeated,
};
use gravure_value::{Args, Call, CellId, Fault, Heap, Mark, Value, View};
use std::collections::HashSet;

pub(super) fn rows() -> Vec<Row> {
    vec![Row::new(&["tree"], params!("value, /, indent="), tree)]
}

fn tree<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let unicode = settings(call).unicode;
    let heap = call.heap();
    let indent = expect_int(heap, args.get_or(1, Value::Int(2)), "indent")?;
    let drawn = match heap.view(args.get(0)) {
        View::Dict(_) => draw(heap, args.get(0), indent, unicode)?,
        _ => cleaned(heap, args.get(0))?.into_owned(),
    };
    call.heap().new_text(Mark::Styled, drawn)
}

/// A dict whose entries are drawn: those that are left, and the length of the
/// prefix that its lines begin with.
struct Open<'c> {
    dict: Value<'c>,
    left: Entries<'c>,
    prefix_len: usize,
}

fn draw<'c>(heap: &Heap<'c>, dict: Value<'c>, indent: i64, unicode: bool) -> Result<String, Fault> {
    let (branch, last_branch, line, trunk) = match unicode {
        true => ("├", "└", "─", "│"),
        false => ("|", "\\", "-", "|"),
    };
    let indent = u64::try_from(indent).unwrap_or(0);
    let n_line = indent.saturating_sub(1);
    let (mut out, mut prefix) = (String::new(), String::new());
    let mut path = HashSet::new();
    let mut open: Vec<Open<'c>> = Vec::new();
    if let Some(left) = enter(heap, dict, &mut path)? {
        open.push(Open {
            dict,
            left,
            prefix_len: 0,
        });
    }
    while let Some(level) = open.last_mut() {
        let Some((key, value)) = level.left.pop() else {
            if let Value::Cell(_, id) = level.dict {
                path.remove(&id);
            }
            open.pop();
            continue;
        };
        let is_last = level.left.is_empty();
        prefix.truncate(level.prefix_len);
        let text = cleaned(heap, key)?;
        let len = n_line
            .saturating_mul(line.len() as u64)
            .saturating_add((prefix.len() + text.len() + 8) as u64);
        heap.charge(1 + len / 8)?;
        heap.check_text(len.saturating_add(out.len() as u64))?;
        if !out.is_empty() {
            out.push('\n');
        }
        out.push_str(&prefix);
        out.push_str(if is_last { last_branch } else { branch });
        push_repeated(&mut out, line, n_line);
        out.push(' ');
        out.push_str(&text);
        if let Some(left) = enter(heap, value, &mut path)? {
            heap.check_text(indent.saturating_add((prefix.len() + trunk.len()) as u64))?;
            prefix.push_str(if is_last { " " } else { trunk });
            push_repeated(&mut prefix, " ", indent);
            let prefix_len = prefix.len();
            open.push(Open {
                dict: value,
                left,
                prefix_len,
            });
        }
    }
    Ok(out)
}

/// Entries, last one first.
type Entries<'c> = Vec<(Value<'c>, Value<'c>)>;

/// The entries of a dict that is not empty and was not entered yet.
fn enter<'c>(
    heap: &Heap<'c>,
    value: Value<'c>,
    path: &mut HashSet<CellId>,
) -> Result<Option<Entries<'c>>, Fault> {
    let View::Dict(map) = heap.view(value) else {
        return Ok(None);
    };
    if map.is_empty() {
        return Ok(None);
    }
    // Only what the render made can contain itself.
    if let Value::Cell(_, id) = value
        && !path.insert(id)
    {
        return Err(Fault::circle());
    }
    heap.charge(map.len() as u64)?;
    heap.reserve((map.len() as u64).saturating_mul(2 * size_of::<Value<'_>>() as u64))?;
    let mut left = map.entries(heap);
    left.reverse();
    Ok(Some(left))
}
