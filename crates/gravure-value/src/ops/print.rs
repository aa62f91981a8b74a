//! The text form of a value, and the nested form inside containers.
//!
//! Nested data is walked with an explicit stack. A container that is met
//! inside of itself is shown as `[...]`, `(...)` or `{...}`.

use super::compare::loop_length;
use super::path::{Path, cell_of};
use crate::view::{Entries, Map};
use crate::{BigInt, Cell, CellKind, Fault, Heap, Mark, Seq, Value, View, text};
use std::borrow::Cow;
use std::fmt::Write;

/// Write the text form: what printing shows, before any escaping.
///
/// # Errors
/// `K-RUN-007` for integers of more than 4300 digits, `K-RUN-019`.
#[inline]
pub fn print<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) -> Result<(), Fault> {
    match value {
        Value::Int(it) => {
            text::int_text(it, out);
            return Ok(());
        }
        Value::Undefined | Value::Unset => return Ok(()),
        _ => {}
    }
    if let Some(shown) = heap.text(value) {
        heap.charge(shown.len() as u64 / 8)?;
        out.push_str(shown);
        return Ok(());
    }
    nested(heap, value, out)
}

/// The text form, borrowed if the value is a text.
///
/// # Errors
/// As [`print()`].
pub fn to_text<'a, 'c>(heap: &'a Heap<'c>, value: Value<'c>) -> Result<Cow<'a, str>, Fault> {
    if let Some(shown) = heap.text(value) {
        return Ok(Cow::Borrowed(shown));
    }
    let mut out = String::new();
    print(heap, value, &mut out)?;
    Ok(Cow::Owned(out))
}

/// Write the nested form: like the text form, but texts are quoted.
///
/// # Errors
/// As [`print()`].
pub fn repr<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) -> Result<(), Fault> {
    nested(heap, value, out)
}

/// Write the nested form with everything beyond ASCII escaped.
///
/// # Errors
/// As [`print()`].
pub fn repr_ascii<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) -> Result<(), Fault> {
    let mut shown = String::new();
    nested(heap, value, &mut shown)?;
    for c in shown.chars() {
        let code = c as u32;
        // Writing to a `String` cannot fail.
        let _ = match code {
            0..0x80 => out.write_char(c),
            0x80..0x100 => write!(out, "\\x{code:02x}"),
            0x100..0x1_0000 => write!(out, "\\u{code:04x}"),
            _ => write!(out, "\\U{code:08x}"),
        };
    }
    Ok(())
}

/// An open container.
struct Open<'a, 'c> {
    rest: Rest<'a, 'c>,
    n_shown: usize,
    close: &'static str,
    is_tracked: bool,
}

/// What is still to be shown of a container.
enum Rest<'a, 'c> {
    Seq(Seq<'a, 'c>),
    /// Keys, values, or for `Pairs` and `Items` the value after its key.
    Keys(Entries<'a, 'c>),
    Values(Entries<'a, 'c>),
    Pairs(Entries<'a, 'c>, Option<Value<'c>>),
    Items(Entries<'a, 'c>, Option<Value<'c>>),
}

impl<'a, 'c: 'a> Open<'a, 'c> {
    /// What stands before the next value, and that value.
    fn next(&mut self) -> Option<(&'static str, Value<'c>)> {
        let comma = if self.n_shown == 0 { "" } else { ", " };
        let next = match &mut self.rest {
            Rest::Seq(seq) => (comma, seq.get(self.n_shown)?),
            Rest::Keys(entries) => (comma, entries.next()?.0),
            Rest::Values(entries) => (comma, entries.next()?.1),
            Rest::Pairs(entries, waiting) => match waiting.take() {
                Some(value) => (": ", value),
                None => {
                    let (key, value) = entries.next()?;
                    *waiting = Some(value);
                    (comma, key)
                }
            },
            Rest::Items(entries, waiting) => match waiting.take() {
                Some(value) => (", ", value),
                None => {
                    let (key, value) = entries.next()?;
                    *waiting = Some(value);
                    (if self.n_shown == 0 { "(" } else { "), (" }, key)
                }
            },
        };
        self.n_shown += 1;
        Some(next)
    }
}

#[inline(never)]
fn nested<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) -> Result<(), Fault> {
    let start = out.len();
    let mut path = Path::default();
    let mut open: Vec<Open<'_, 'c>> = Vec::new();
    let mut current = value;
    loop {
        if let Some((opener, mut container)) = enter(heap, current) {
            match cell_of(current) {
                Some(id) if !path.enter(id) => out.push_str(circle(container.close)),
                id => {
                    container.is_tracked = id.is_some();
                    out.push_str(opener);
                    heap.reserve_level::<Open<'_, '_>>(open.len())?;
                    open.push(container);
                }
            }
        } else {
            scalar(heap, current, out)?;
        }
        current = loop {
            let Some(container) = open.last_mut() else {
                return Ok(());
            };
            heap.charge(1)?;
            heap.check_text((out.len() - start) as u64)?;
            if let Some((before, value)) = container.next() {
                out.push_str(before);
                break value;
            }
            out.push_str(container.close);
            if container.is_tracked {
                path.leave();
            }
            open.pop();
        };
    }
}

fn circle(close: &str) -> &'static str {
    match close {
        "]" => "[...]",
        "}" => "{...}",
        ",)" | ")" => "(...)",
        _ => "...",
    }
}

/// The opener of a container and the container, `None` for a scalar.
fn enter<'a, 'c: 'a>(heap: &'a Heap<'c>, value: Value<'c>) -> Option<(&'static str, Open<'a, 'c>)> {
    if !matches!(
        value,
        Value::Cell(..) | Value::Json(_) | Value::Node(..) | Value::Tree(..) | Value::Seq(_)
    ) {
        return None;
    }
    let items_close = |map: &Map<'_, '_>| if map.is_empty() { "])" } else { ")])" };
    let (opener, rest, close) = match heap.view(value) {
        View::List(seq) => ("[", Rest::Seq(seq), "]"),
        View::Tuple(seq) if seq.len() == 1 => ("(", Rest::Seq(seq), ",)"),
        View::Tuple(seq) => ("(", Rest::Seq(seq), ")"),
        View::Dict(map) => ("{", Rest::Pairs(map.iter(), None), "}"),
        View::Set(members) if members.is_empty() => {
            ("set(", Rest::Keys(Map::Dict(members).iter()), ")")
        }
        View::Set(members) => ("{", Rest::Keys(Map::Dict(members).iter()), "}"),
        View::KeysView(map) => ("dict_keys([", Rest::Keys(map.iter()), "])"),
        View::ValuesView(map) => ("dict_values([", Rest::Values(map.iter()), "])"),
        View::ItemsView(map) => {
            let close = items_close(&map);
            ("dict_items([", Rest::Items(map.iter(), None), close)
        }
        _ => return None,
    };
    let container = Open {
        rest,
        n_shown: 0,
        close,
        is_tracked: false,
    };
    Some((opener, container))
}

fn scalar<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) -> Result<(), Fault> {
    match heap.view(value) {
        View::Undefined => out.push_str("Undefined"),
        View::None => out.push_str("None"),
        View::Bool(it) => out.push_str(if it { "True" } else { "False" }),
        View::Int(it) => text::int_text(it, out),
        View::Big(it) => push_big(heap, &it, out)?,
        View::Float(it) => {
            heap.charge(1)?;
            text::float_text(it, out);
        }
        View::Str(mark, shown) => {
            heap.charge(shown.len() as u64 / 8)?;
            let wrapper = match mark {
                Mark::Plain => "",
                Mark::Html => "Markup(",
                Mark::Markdown => "Marked(",
                Mark::Styled => "Styled(",
            };
            out.push_str(wrapper);
            text::quote(shown, false, out);
            if mark.is_safe() {
                out.push(')');
            }
        }
        View::Range(range) => {
            out.push_str("range(");
            text::int_text(range.start, out);
            out.push_str(", ");
            text::int_text(range.stop, out);
            if range.step != 1 {
                out.push_str(", ");
                text::int_text(range.step, out);
            }
            out.push(')');
        }
        View::Loop => push_loop(heap, value, out)?,
        View::Iter => out.push_str("<iterator>"),
        View::Function => push_function(heap, value, out),
        View::Object(object) => out.push_str(&object.print()),
        View::Shared(object) => out.push_str(&object.print()),
        // Containers were entered.
        View::List(_)
        | View::Tuple(_)
        | View::Dict(_)
        | View::Set(_)
        | View::KeysView(_)
        | View::ValuesView(_)
        | View::ItemsView(_) => {}
    }
    Ok(())
}

/// Write all digits of a long integer, if they are not too many.
pub(crate) fn push_big(heap: &Heap<'_>, big: &BigInt, out: &mut String) -> Result<(), Fault> {
    // 10^4300 has 14285 bits; up to there the quadratic work is small.
    if big.bits() > 14_285 {
        return Err(Fault::too_many_digits());
    }
    let n_words = big.bits() / 64 + 1;
    heap.charge(n_words * n_words / 12 + 1)?;
    let shown = big.to_string();
    if shown.trim_start_matches('-').len() > text::MAX_DIGITS {
        return Err(Fault::too_many_digits());
    }
    out.push_str(&shown);
    Ok(())
}

fn push_loop<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) -> Result<(), Fault> {
    let Value::Cell(CellKind::Loop, id) = value else {
        return Ok(());
    };
    let Cell::Loop(state) = heap.cell(id) else {
        return Ok(());
    };
    // Writing to a `String` cannot fail.
    let _ = match loop_length(heap, value)? {
        Some(len) => write!(out, "<LoopContext {}/{len}>", state.iter.pos),
        None => write!(out, "<LoopContext {}/?>", state.iter.pos),
    };
    Ok(())
}

fn push_function<'c>(heap: &Heap<'c>, value: Value<'c>, out: &mut String) {
    let Value::Cell(_, id) = value else {
        out.push_str("<function>");
        return;
    };
    match heap.cell(id) {
        Cell::Def(def) => {
            let name = heap
                .pool(def.template)
                .map_or("", |pool| pool.symbol(def.name));
            let word = if def.is_region { "region" } else { "def" };
            // Writing to a `String` cannot fail.
            let _ = write!(out, "<{word} {name}>");
        }
        Cell::Bound(..) => out.push_str("<method>"),
        _ => out.push_str("<caller>"),
    }
}
