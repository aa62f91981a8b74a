//! The filter `pprint`: the nested form, broken into lines of 80 columns.
//!
//! What is left to write is a list of steps, never the native stack. Whether a
//! value fits on its line is found out by writing at most a line of it, so a
//! value costs a line on each level at most; only what does not fit is opened.

use crate::{
    registry::{Row, params},
    support::{Answer, new_text, sorted_positions},
};
use gravure_source::Code;
use gravure_value::{
    Args, Call, CellId, CellKind, Fault, Heap, Kind, Mark, Value, View, ops, text,
};
use std::collections::HashSet;

/// Columns of a line.
const WIDTH: usize = 80;

pub(super) fn rows() -> Vec<Row> {
    vec![Row::new(&["pprint"], params!("value, /"), pprint)]
}

fn pprint<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let value = args.get(0);
    let heap = call.heap();
    let mut printer = Printer {
        heap,
        out: String::new(),
        steps: vec![Step::Value {
            value,
            place: Place {
                indent: 0,
                allowance: 0,
            },
        }],
        path: HashSet::new(),
        is_top: true,
    };
    printer.run()?;
    let printed = printer.out;
    new_text(call, printed)
}

/// Where a value is written: at which column, and how many closers must
/// follow on its last line.
#[derive(Clone, Copy)]
struct Place {
    indent: usize,
    allowance: usize,
}

/// Something that is left to write.
enum Step<'c> {
    /// A value that begins here.
    Value { value: Value<'c>, place: Place },
    /// The rest of an opened list, tuple or set.
    Items {
        items: Vec<Value<'c>>,
        next: usize,
        place: Place,
        close: &'static str,
        cell: Option<CellId>,
    },
    /// The rest of an opened dict.
    Entries {
        entries: Vec<(Value<'c>, Value<'c>)>,
        next: usize,
        place: Place,
        cell: Option<CellId>,
    },
}

struct Printer<'h, 'c> {
    heap: &'h Heap<'c>,
    out: String,
    steps: Vec<Step<'c>>,
    /// The cells of opened containers that may hold themselves.
    path: HashSet<u32>,
    is_top: bool,
}

impl<'c> Printer<'_, 'c> {
    fn run(&mut self) -> Result<(), Fault> {
        while let Some(step) = self.steps.pop() {
            // What is shown is laid out twice: in one line, then over several.
            self.heap.charge(4)?;
            self.heap.check_text(self.out.len() as u64)?;
            match step {
                Step::Value { value, place } => {
                    self.value(value, place)?;
                    self.is_top = false;
                }
                Step::Items {
                    items,
                    next,
                    place,
                    close,
                    cell,
                } => {
                    let Some(&value) = items.get(next) else {
                        self.close(cell, close);
                        continue;
                    };
                    if next > 0 {
                        self.next_line(place.indent)?;
                    }
                    let inner = place.inner(next + 1 == items.len(), 0);
                    self.steps.push(Step::Items {
                        items,
                        next: next + 1,
                        place,
                        close,
                        cell,
                    });
                    self.steps.push(Step::Value {
                        value,
                        place: inner,
                    });
                }
                Step::Entries {
                    entries,
                    next,
                    place,
                    cell,
                } => {
                    let Some(&(key, value)) = entries.get(next) else {
                        self.close(cell, "}");
                        continue;
                    };
                    if next > 0 {
                        self.next_line(place.indent)?;
                    }
                    let start = self.out.len();
                    ops::repr(self.heap, key, &mut self.out)?;
                    self.out.push_str(": ");
                    let key_width = text::char_count(&self.out[start..]);
                    let inner = place.inner(next + 1 == entries.len(), key_width);
                    self.steps.push(Step::Entries {
                        entries,
                        next: next + 1,
                        place,
                        cell,
                    });
                    self.steps.push(Step::Value {
                        value,
                        place: inner,
                    });
                }
            }
        }
        Ok(())
    }

    /// Write a value, or open it if it does not fit on its line.
    fn value(&mut self, value: Value<'c>, place: Place) -> Result<(), Fault> {
        let heap = self.heap;
        let room = WIDTH
            .saturating_sub(place.indent)
            .saturating_sub(place.allowance);
        let start = self.out.len();
        if write_flat(heap, value, room, &mut self.out)? {
            return Ok(());
        }
        self.out.truncate(start);
        let cell = match value {
            Value::Cell(CellKind::List | CellKind::Dict, cell) => Some(cell),
            _ => None,
        };
        match heap.view(value) {
            View::Str(Mark::Plain, text) => return self.text(text, place),
            View::List(seq) if !seq.is_empty() => {
                let items = seq.iter().collect();
                self.items(items, place, ("[", "]"))
            }
            View::Tuple(seq) if !seq.is_empty() => {
                let items: Vec<_> = seq.iter().collect();
                let close = if items.len() == 1 { ",)" } else { ")" };
                self.items(items, place, ("(", close))
            }
            View::Set(members) if !members.is_empty() => {
                let items: Vec<_> = members.iter().map(|(key, _)| key).collect();
                let order = sorted_positions(heap, &items, |&lhs, &rhs| key_less(heap, lhs, rhs))?;
                let items = order.into_iter().filter_map(|at| items.get(at).copied());
                let items = items.collect();
                self.items(items, place, ("{", "}"))
            }
            View::Dict(map) if !map.is_empty() => {
                heap.check_collection(map.len() as u64)?;
                let entries = sorted_entries(heap, map.entries(heap))?;
                self.out.push('{');
                self.steps.push(Step::Entries {
                    entries,
                    next: 0,
                    place: place.opened(1),
                    cell,
                });
                Ok(())
            }
            _ => return ops::repr(heap, value, &mut self.out),
        }?;
        if let Some(Step::Items { cell: opened, .. }) = self.steps.last_mut() {
            *opened = cell;
        }
        if let Some(cell) = cell
            && !self.path.insert(cell.0)
        {
            return Err(Fault::value("data that contains itself cannot be laid out"));
        }
        Ok(())
    }

    fn items(
        &mut self,
        items: Vec<Value<'c>>,
        place: Place,
        (open, close): (&str, &'static str),
    ) -> Result<(), Fault> {
        self.heap.charge(items.len() as u64)?;
        self.out.push_str(open);
        self.steps.push(Step::Items {
            items,
            next: 0,
            place: place.opened(close.len()),
            close,
            cell: None,
        });
        Ok(())
    }

    fn close(&mut self, cell: Option<CellId>, close: &str) {
        self.out.push_str(close);
        if let Some(cell) = cell {
            self.path.remove(&cell.0);
        }
    }

    fn next_line(&mut self, indent: usize) -> Result<(), Fault> {
        self.out.push(',');
        self.line_at(indent)
    }

    fn line_at(&mut self, indent: usize) -> Result<(), Fault> {
        self.heap.charge(indent as u64 / 8)?;
        self.heap.check_text((self.out.len() + indent) as u64)?;
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', indent));
        Ok(())
    }

    /// A text that does not fit, in pieces on lines of their own.
    fn text(&mut self, text: &str, place: Place) -> Result<(), Fault> {
        self.heap.charge(text.len() as u64 / 2)?;
        self.heap.reserve((text.len() as u64).saturating_mul(4))?;
        let is_top = self.is_top;
        let place = if is_top { place.opened(1) } else { place };
        let pieces = pieces(self.heap, text, place)?;
        if let [piece] = &*pieces {
            self.out.push_str(piece);
            return Ok(());
        }
        if is_top {
            self.out.push('(');
        }
        for (idx, piece) in pieces.iter().enumerate() {
            if idx > 0 {
                self.line_at(place.indent)?;
            }
            self.out.push_str(piece);
        }
        if is_top {
            self.out.push(')');
        }
        Ok(())
    }
}

impl Place {
    /// Inside of a container that is closed by so many characters.
    fn opened(self, closers: usize) -> Self {
        Self {
            indent: self.indent + 1,
            allowance: self.allowance + closers,
        }
    }

    /// For a child of an opened container.
    fn inner(self, is_last: bool, key_width: usize) -> Self {
        Self {
            indent: self.indent + key_width,
            allowance: if is_last { self.allowance } else { 1 },
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    text::quote(text, false, &mut out);
    out
}

/// The quoted pieces of a text: lines, and of lines that are too long as many
/// words as fit.
fn pieces(heap: &Heap<'_>, text: &str, place: Place) -> Result<Vec<String>, Fault> {
    let full = WIDTH.saturating_sub(place.indent);
    let last_room = full.saturating_sub(place.allowance);
    let mut pieces = Vec::new();
    let mut lines = text::split_lines(text, true).peekable();
    while let Some(line) = lines.next() {
        let is_last_line = lines.peek().is_none();
        let room = if is_last_line { last_room } else { full };
        let whole = quoted(line);
        if text::char_count(&whole) <= room {
            pieces.push(whole);
            continue;
        }
        let mut current = String::new();
        let mut rest = line;
        while !rest.is_empty() {
            let (word, tail) = rest.split_at(word_end(rest));
            rest = tail;
            let room = if is_last_line && rest.is_empty() {
                last_room
            } else {
                full
            };
            // A line is quoted anew with each of its words.
            heap.charge(current.len() as u64 / 4)?;
            let kept = current.len();
            current.push_str(word);
            if text::char_count(&quoted(&current)) > room {
                current.truncate(kept);
                if !current.is_empty() {
                    pieces.push(quoted(&current));
                }
                word.clone_into(&mut current);
            }
        }
        if !current.is_empty() {
            pieces.push(quoted(&current));
        }
    }
    Ok(pieces)
}

/// Where the first run of non-space and the space after it end.
fn word_end(text: &str) -> usize {
    let word = text.find(text::is_space).unwrap_or(text.len());
    let tail = &text[word..];
    word + tail.find(|c| !text::is_space(c)).unwrap_or(tail.len())
}

/// Write the nested form, with sorted dicts, if it has at most `room`
/// characters; else what was written is of no use.
fn write_flat<'c>(
    heap: &Heap<'c>,
    value: Value<'c>,
    room: usize,
    out: &mut String,
) -> Result<bool, Fault> {
    enum Part<'c> {
        Value(Value<'c>),
        Literal(&'static str),
    }
    let start = out.len();
    let mut parts = vec![Part::Value(value)];
    while let Some(part) = parts.pop() {
        heap.charge(1)?;
        let written = &out[start..];
        // Every character takes a byte at least, so this is seldom counted.
        if written.len() > room && text::char_count(written) > room {
            return Ok(false);
        }
        let value = match part {
            Part::Literal(text) => {
                out.push_str(text);
                continue;
            }
            Part::Value(value) => value,
        };
        let (items, open, close) = match heap.view(value) {
            // Quoting only makes longer.
            View::Str(_, text) if text.len() / 4 > room => return Ok(false),
            View::List(seq) if seq.len() > room => return Ok(false),
            View::Tuple(seq) if seq.len() > room => return Ok(false),
            View::Dict(map) if map.len() > room => return Ok(false),
            View::List(seq) => (seq.iter().collect::<Vec<_>>(), "[", "]"),
            View::Tuple(seq) => {
                let close = if seq.len() == 1 { ",)" } else { ")" };
                (seq.iter().collect(), "(", close)
            }
            View::Dict(map) => {
                let entries = sorted_entries(heap, map.entries(heap))?;
                out.push('{');
                parts.push(Part::Literal("}"));
                for (idx, &(key, value)) in entries.iter().enumerate().rev() {
                    parts.push(Part::Value(value));
                    parts.push(Part::Literal(": "));
                    parts.push(Part::Value(key));
                    if idx > 0 {
                        parts.push(Part::Literal(", "));
                    }
                }
                continue;
            }
            _ => {
                ops::repr(heap, value, out)?;
                continue;
            }
        };
        out.push_str(open);
        parts.push(Part::Literal(close));
        for (idx, &item) in items.iter().enumerate().rev() {
            parts.push(Part::Value(item));
            if idx > 0 {
                parts.push(Part::Literal(", "));
            }
        }
    }
    Ok(text::char_count(&out[start..]) <= room)
}

fn sorted_entries<'c>(
    heap: &Heap<'c>,
    entries: Vec<(Value<'c>, Value<'c>)>,
) -> Result<Vec<(Value<'c>, Value<'c>)>, Fault> {
    let order = sorted_positions(heap, &entries, |lhs, rhs| key_less(heap, lhs.0, rhs.0))?;
    let sorted = order.into_iter().filter_map(|at| entries.get(at).copied());
    Ok(sorted.collect())
}

/// The order of keys; of keys that do not compare the names of kinds decide.
fn key_less<'c>(heap: &Heap<'c>, lhs: Value<'c>, rhs: Value<'c>) -> Result<bool, Fault> {
    match ops::less(heap, lhs, rhs) {
        Err(fault) if matches!(fault.code, Code::RunKind | Code::RunNoneOrder) => {
            Ok(kind_order(heap.kind(lhs)) < kind_order(heap.kind(rhs)))
        }
        answer => answer,
    }
}

/// None sorts before the kinds whose names begin with a small letter.
fn kind_order(kind: Kind) -> (bool, &'static str) {
    (kind != Kind::None, kind.name())
}
