//! The filter `tojson`: a value as JSON that is pure ASCII and closes no tag.
//!
//! Nesting is a list of open containers, never the native stack; a container
//! that is met inside itself is a fault.

use crate::{
    registry::{Row, params},
    support::{Answer, wrong_argument},
};
use gravure_value::{
    Args, Call, CellId, CellKind, Fault, Heap, Kind, Mark, Value, View, ops, text,
};
use std::collections::HashSet;

pub(super) fn rows() -> Vec<Row> {
    vec![Row::naming(
        &["tojson"],
        params!("value, /, indent=, *, attr="),
        tojson,
    )]
}

fn tojson<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let for_attribute = args
        .given(1 + 1)
        .is_some_and(|it| ops::is_truthy(call.heap(), it));
    let heap = call.heap();
    let indent = indent_unit(heap, args.get_or(1, Value::None))?;
    let mut writer = Writer {
        heap,
        out: String::new(),
        indent,
        open: Vec::new(),
        path: HashSet::new(),
    };
    writer.write(args.get(0))?;
    let json = writer.out;
    heap.charge(json.len() as u64 / 8)?;
    let mut safe;
    if for_attribute {
        safe = String::with_capacity(json.len() + json.len() / 8);
        heap.reserve((json.len() as u64).saturating_mul(2))?;
        text::escape_html(&json, &mut safe);
    } else if json.contains("</") || json.contains("<!--") {
        let most = (json.len() as u64).saturating_mul(4);
        heap.check_text(most)?;
        heap.reserve(most)?;
        safe = for_script(&json);
    } else {
        safe = json;
    }
    heap.new_text(Mark::Html, safe)
}

/// JSON that a `<script>` may hold: nothing in it ends the element, and none
/// of its comments is left open, since `<!--<script>` would hide the real end.
/// A comment that is closed again changes nothing.
fn for_script(json: &str) -> String {
    let last_close = json.rfind("-->").unwrap_or(0);
    let mut out = String::with_capacity(json.len() + json.len() / 8);
    let mut rest = json;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        // Where what follows `<!--` begins.
        let inside = json.len() - after.len() + "!--".len();
        let is_open = after.starts_with("!--") && last_close < inside;
        let harms = after.starts_with('/') || is_open;
        out.push_str(if harms { "\\u003c" } else { "<" });
        rest = after;
    }
    out.push_str(rest);
    out
}

/// What one level of indentation is; `None` for everything on one line.
fn indent_unit<'c>(heap: &Heap<'c>, indent: Value<'c>) -> Result<Option<String>, Fault> {
    if indent.is_none() {
        return Ok(None);
    }
    if let Some(unit) = heap.text(indent) {
        return Ok(Some(unit.to_owned()));
    }
    let Some(width) = ops::as_index(heap, indent) else {
        return Err(wrong_argument(heap, indent, "indent", "an int or a str"));
    };
    let width = u64::try_from(width).unwrap_or(0);
    heap.check_text(width)?;
    if width > heap.limits.format_width {
        return Err(Fault::budget("indentation", heap.limits.format_width));
    }
    Ok(Some(" ".repeat(usize::try_from(width).unwrap_or(0))))
}

/// A container that is being written.
struct Open<'c> {
    children: Children<'c>,
    next: usize,
    cell: Option<CellId>,
}

enum Children<'c> {
    /// A list or tuple.
    Items(Value<'c>),
    /// The entries of a dict.
    Entries(Vec<(Value<'c>, Value<'c>)>),
}

struct Writer<'h, 'c> {
    heap: &'h Heap<'c>,
    out: String,
    indent: Option<String>,
    open: Vec<Open<'c>>,
    /// The cells of open containers that may hold themselves.
    path: HashSet<u32>,
}

impl<'c> Writer<'_, 'c> {
    fn write(&mut self, value: Value<'c>) -> Result<(), Fault> {
        self.begin(value)?;
        while let Some(top) = self.open.last_mut() {
            let at = top.next;
            top.next += 1;
            let (child, close) = match &top.children {
                Children::Items(list) => match self.heap.view(*list) {
                    View::List(seq) | View::Tuple(seq) => (seq.get(at).map(|it| (None, it)), ']'),
                    _ => (None, ']'),
                },
                Children::Entries(entries) => {
                    let entry = entries.get(at).map(|&(key, value)| (Some(key), value));
                    (entry, '}')
                }
            };
            self.heap.charge(1)?;
            self.heap.check_text(self.out.len() as u64)?;
            let Some((key, value)) = child else {
                if let Some(cell) = self.open.pop().and_then(|it| it.cell) {
                    self.path.remove(&cell.0);
                }
                self.new_line()?;
                self.out.push(close);
                continue;
            };
            if at > 0 {
                self.out
                    .push_str(if self.indent.is_some() { "," } else { ", " });
            }
            self.new_line()?;
            if let Some(key) = key {
                self.key(key)?;
                self.out.push_str(": ");
            }
            self.begin(value)?;
        }
        Ok(())
    }

    /// Write a value, or open it if it holds others.
    fn begin(&mut self, value: Value<'c>) -> Result<(), Fault> {
        let heap = self.heap;
        match heap.view(value) {
            View::None => self.out.push_str("null"),
            View::Bool(it) => self.out.push_str(if it { "true" } else { "false" }),
            View::Str(_, text) => self.text(text)?,
            View::Int(_) | View::Big(_) => ops::print(heap, value, &mut self.out)?,
            View::Float(it) => float(it, &mut self.out),
            View::List(seq) | View::Tuple(seq) if seq.is_empty() => self.out.push_str("[]"),
            View::Dict(map) if map.is_empty() => self.out.push_str("{}"),
            View::List(_) | View::Tuple(_) => {
                self.out.push('[');
                self.enter(value, Children::Items(value))?;
            }
            View::Dict(map) => {
                self.out.push('{');
                heap.charge(map.len() as u64)?;
                heap.check_collection(map.len() as u64)?;
                self.enter(value, Children::Entries(map.entries(heap)))?;
            }
            _ => {
                let text = ops::to_text(heap, value)?;
                self.text(&text)?;
            }
        }
        Ok(())
    }

    fn enter(&mut self, value: Value<'c>, children: Children<'c>) -> Result<(), Fault> {
        // Every circle leads through a list or dict that may change.
        let cell = match value {
            Value::Cell(CellKind::List | CellKind::Dict, cell) => Some(cell),
            _ => None,
        };
        if let Some(cell) = cell
            && !self.path.insert(cell.0)
        {
            return Err(Fault::value("data that contains itself has no JSON form"));
        }
        self.heap.reserve_level::<Open<'_>>(self.open.len())?;
        self.open.push(Open {
            children,
            next: 0,
            cell,
        });
        Ok(())
    }

    fn new_line(&mut self) -> Result<(), Fault> {
        let Some(unit) = &self.indent else {
            return Ok(());
        };
        let depth = self.open.len() as u64;
        let len = depth.saturating_mul(unit.len() as u64);
        self.heap.charge(len / 8)?;
        self.heap
            .check_text(len.saturating_add(self.out.len() as u64))?;
        self.out.push('\n');
        for _ in 0..depth {
            self.out.push_str(unit);
        }
        Ok(())
    }

    fn key(&mut self, key: Value<'c>) -> Result<(), Fault> {
        let heap = self.heap;
        if let Some(text) = heap.text(key) {
            return self.text(text);
        }
        self.out.push('"');
        match heap.view(key) {
            View::None => self.out.push_str("null"),
            View::Bool(it) => self.out.push_str(if it { "true" } else { "false" }),
            View::Float(it) => float(it, &mut self.out),
            _ if heap.kind(key) == Kind::Int => ops::print(heap, key, &mut self.out)?,
            _ => {
                let kind = heap.kind_name(key);
                return Err(Fault::kind(format!("{kind} is no key in JSON")));
            }
        }
        self.out.push('"');
        Ok(())
    }

    fn text(&mut self, text: &str) -> Result<(), Fault> {
        self.heap.charge(text.len() as u64 / 8)?;
        self.heap.check_text((self.out.len() + text.len()) as u64)?;
        // An escape is at most six times as long as what it stands for.
        self.heap.reserve((text.len() as u64).saturating_mul(6))?;
        let out = &mut self.out;
        out.push('"');
        let mut rest = text;
        while let Some(at) = rest.bytes().position(needs_escape) {
            let (clean, tail) = rest.split_at(at);
            out.push_str(clean);
            let mut chars = tail.chars();
            if let Some(c) = chars.next() {
                escape(c, out);
            }
            rest = chars.as_str();
        }
        out.push_str(rest);
        out.push('"');
        Ok(())
    }
}

fn needs_escape(byte: u8) -> bool {
    !(0x20..0x7f).contains(&byte) || byte == b'"' || byte == b'\\'
}

fn escape(c: char, out: &mut String) {
    match c {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        _ => {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str("\\u");
                for shift in [12, 8, 4, 0] {
                    let digit = u32::from(*unit >> shift & 15);
                    out.extend(char::from_digit(digit, 16));
                }
            }
        }
    }
}

fn float(number: f64, out: &mut String) {
    if number.is_finite() {
        text::float_text(number, out);
    } else if number.is_nan() {
        out.push_str("NaN");
    } else {
        out.push_str(if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        });
    }
}
