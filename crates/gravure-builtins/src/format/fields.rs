//! Filling the fields of a template: `{name.attr[item]!r:spec}`.
//!
//! A spec may hold fields of its own, one level deep; that is all the
//! recursion there is.

use super::value::{format_str, format_value};
use gravure_value::{
    ALLOCATION, Call, Cell, CellKind, Fault, Kind, Mark, Surface, Value, View, ops,
    text::{escape, quote},
};

/// Where names of fields are looked up.
#[derive(Clone, Copy, Debug)]
pub enum Named<'a, 'c> {
    /// Among named arguments.
    Args(&'a [(&'a str, Value<'c>)]),
    /// In a dict.
    Dict(Value<'c>),
}

/// The template with its fields filled in. A template that is safe for some
/// surface escapes what is inserted, unless that is safe too, before widths
/// apply.
///
/// # Errors
/// `K-RUN-007` for a bad template, position or spec, `K-RUN-009` for an
/// unknown name, `K-RUN-010` for an unknown attribute, `K-RUN-012` for a kind
/// that has no items or takes no spec, `K-RUN-019` for sizes.
pub fn format_fields<'c>(
    call: &mut Call<'_, 'c>,
    template: &str,
    positional: &[Value<'c>],
    named: Named<'_, 'c>,
    mark: Mark,
) -> Result<String, Fault> {
    let mut filler = Filler {
        positional,
        named,
        numbering: Numbering::None,
        mark,
        n_open: 0,
    };
    filler.fill(call, template)
}

/// A text as it goes into a text that is safe by `mark`.
pub fn escape_inserted(
    call: &mut Call<'_, '_>,
    mark: Mark,
    inserted: Mark,
    text: &str,
    out: &mut String,
) {
    let surface = match (mark, call.host.surface()) {
        (Mark::Plain, _) => Surface::Text,
        (Mark::Markdown, _) => Surface::Markdown,
        (Mark::Styled, _) => Surface::Terminal,
        (Mark::Html, Surface::Text) => Surface::Html,
        (Mark::Html, surface) => surface,
    };
    escape(surface, inserted, text, out);
}

/// How fields without and with numbers have been used so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Numbering {
    None,
    Automatic(usize),
    Manual,
}

/// Fields that may be open at a time: one, and one in its spec.
const MAX_OPEN: u32 = 2;

struct Filler<'a, 'c> {
    positional: &'a [Value<'c>],
    named: Named<'a, 'c>,
    numbering: Numbering,
    mark: Mark,
    n_open: u32,
}

/// One field as it is written.
struct Field<'t> {
    name: &'t str,
    conversion: Option<char>,
    spec: &'t str,
    /// The spec holds fields.
    is_nested: bool,
}

impl<'c> Filler<'_, 'c> {
    fn fill(&mut self, call: &mut Call<'_, 'c>, template: &str) -> Result<String, Fault> {
        self.n_open += 1;
        if self.n_open > MAX_OPEN {
            return Err(Fault::value("fields of a format are nested too deep"));
        }
        call.charge(ALLOCATION + template.len() as u64 / 8)?;
        let mut out = String::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (text, brace) = rest.split_at(at);
            out.push_str(text);
            rest = brace.get(1..).unwrap_or("");
            let is_open = brace.starts_with('{');
            let double = if is_open { '{' } else { '}' };
            if let Some(after) = rest.strip_prefix(double) {
                out.push(double);
                rest = after;
            } else if is_open {
                let (field, after) = read_field(rest)?;
                let piece = self.show(call, &field)?;
                let len = out.len() as u64 + piece.len() as u64;
                call.charge(1 + piece.len() as u64 / 8)?;
                call.heap().check_text(len)?;
                out.push_str(&piece);
                rest = after;
            } else {
                return Err(Fault::value("a single `}` in a format: write `}}`"));
            }
        }
        out.push_str(rest);
        self.n_open -= 1;
        Ok(out)
    }

    fn show(&mut self, call: &mut Call<'_, 'c>, field: &Field<'_>) -> Result<String, Fault> {
        let value = self.value(call, field.name)?;
        let conversion = field.conversion;
        if !matches!(conversion, None | Some('s' | 'r' | 'a')) {
            return Err(Fault::value("a conversion is one of `!s`, `!r`, `!a`"));
        }
        let expanded;
        let spec = if field.is_nested {
            expanded = self.fill(call, field.spec)?;
            &*expanded
        } else {
            field.spec
        };
        let heap = call.heap();
        if conversion.is_none() && (!self.mark.is_safe() || is_number(heap.kind(value))) {
            return format_value(call, value, spec);
        }
        // From here on it is a text, and it may need escaping.
        let mut text = String::new();
        let mut inserted = Mark::Plain;
        match conversion {
            None => {
                if let Some(it) = heap.text(value) {
                    text.push_str(it);
                    inserted = heap.mark(value);
                } else if spec.is_empty() {
                    ops::print(heap, value, &mut text)?;
                } else {
                    return format_value(call, value, spec);
                }
            }
            Some('s') => ops::print(heap, value, &mut text)?,
            // What goes into safe text is escaped before it is quoted.
            Some(conversion) if self.mark.is_safe() && heap.text(value).is_some() => {
                let (own, raw) = (heap.mark(value), heap.text(value).unwrap_or("").to_owned());
                let mut escaped = String::new();
                call.charge(raw.len() as u64 / 8)?;
                escape_inserted(call, self.mark, own, &raw, &mut escaped);
                quote(&escaped, conversion == 'a', &mut text);
                inserted = self.mark;
            }
            Some('r') => ops::repr(heap, value, &mut text)?,
            Some(_) => ops::repr_ascii(heap, value, &mut text)?,
        }
        if self.mark.is_safe() {
            let mut escaped = String::with_capacity(text.len());
            call.charge(text.len() as u64 / 8)?;
            escape_inserted(call, self.mark, inserted, &text, &mut escaped);
            text = escaped;
        }
        if spec.is_empty() {
            return Ok(text);
        }
        format_str(call.heap(), &text, spec)
    }

    /// What a field's name and its accessors lead to.
    fn value(&mut self, call: &mut Call<'_, 'c>, name: &str) -> Result<Value<'c>, Fault> {
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (first, mut path) = name.split_at(end);
        let mut value = self.argument(call, first)?;
        while !path.is_empty() {
            call.charge(1)?;
            if let Some(after) = path.strip_prefix('.') {
                let end = after.find(['.', '[']).unwrap_or(after.len());
                let (attr, rest) = after.split_at(end);
                value = read_attr(call, value, some(attr)?)?;
                path = rest;
            } else if let Some(after) = path.strip_prefix('[') {
                let Some((key, rest)) = after.split_once(']') else {
                    return Err(Fault::value("a field of a format lacks its `]`"));
                };
                value = read_item(call, value, some(key)?)?;
                path = rest;
            } else {
                return Err(Fault::value(
                    "after `]` a field of a format goes on with `.` or `[`",
                ));
            }
        }
        Ok(value)
    }

    fn argument(&mut self, call: &mut Call<'_, 'c>, name: &str) -> Result<Value<'c>, Fault> {
        if name.is_empty() {
            let at = match self.numbering {
                Numbering::None => 0,
                Numbering::Automatic(at) => at,
                Numbering::Manual => return Err(mixed()),
            };
            self.numbering = Numbering::Automatic(at + 1);
            return self.at(at);
        }
        if name.bytes().all(|b| b.is_ascii_digit()) {
            if matches!(self.numbering, Numbering::Automatic(_)) {
                return Err(mixed());
            }
            self.numbering = Numbering::Manual;
            return self.at(name.parse().unwrap_or(usize::MAX));
        }
        let found = match self.named {
            Named::Args(args) => {
                call.charge(args.len() as u64 / 8)?;
                args.iter().find(|(it, _)| *it == name).map(|(_, it)| *it)
            }
            Named::Dict(dict) => ops::entry(call.heap(), dict, name),
        };
        found.ok_or_else(|| missing(name))
    }

    fn at(&self, at: usize) -> Result<Value<'c>, Fault> {
        self.positional
            .get(at)
            .copied()
            .ok_or_else(|| Fault::index("a format has more fields than there are arguments"))
    }
}

fn mixed() -> Fault {
    Fault::value("a format numbers all of its fields or none")
}

fn missing(name: &str) -> Fault {
    let mut quoted = String::new();
    quote(name, false, &mut quoted);
    Fault::key(&quoted)
}

fn some(name: &str) -> Result<&str, Fault> {
    if name.is_empty() {
        return Err(Fault::value("an accessor of a format is empty"));
    }
    Ok(name)
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Bool | Kind::Int | Kind::Float)
}

/// `.name` reads methods and properties, never an entry of a dict.
fn read_attr<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    name: &str,
) -> Result<Value<'c>, Fault> {
    let found = if matches!(call.heap().view(value), View::Dict(_)) {
        match call.host.registry().method(Kind::Dict, name) {
            Some(id) => {
                let cell = call.heap().alloc(Cell::Bound(id, value))?;
                Some(Value::Cell(CellKind::Bound, cell))
            }
            None => None,
        }
    } else {
        call.host.attr(value, name)?
    };
    let owner = call.heap().kind_name(value);
    found.ok_or_else(|| Fault::attribute(name, owner))
}

/// `[text]`: digits are an index, anything else is a key.
fn read_item<'c>(call: &mut Call<'_, 'c>, value: Value<'c>, key: &str) -> Result<Value<'c>, Fault> {
    let heap = call.heap();
    if key.bytes().all(|b| b.is_ascii_digit()) {
        let Ok(at) = key.parse() else {
            return Err(Fault::value("an index of a format is too large"));
        };
        return ops::get_item(heap, value, Value::Int(at));
    }
    if let Some(found) = ops::entry(heap, value, key) {
        return Ok(found);
    }
    if matches!(heap.view(value), View::Dict(_)) {
        return Err(missing(key));
    }
    let key = heap.new_text(Mark::Plain, key)?;
    ops::get_item(heap, value, key)
}

/// The field that begins here, just after its brace, and what follows it.
fn read_field(text: &str) -> Result<(Field<'_>, &str), Fault> {
    let (name, end) = read_name(text)?;
    let mut conversion = None;
    let mut rest = text.get(end..).unwrap_or("");
    if let Some(after) = rest.strip_prefix('!') {
        let mut chars = after.chars();
        conversion = chars.next();
        rest = chars.as_str();
        if conversion.is_none() {
            return Err(Fault::value("a format ends where a conversion should be"));
        }
        if !rest.starts_with(['}', ':']) {
            return Err(Fault::value("a conversion of a format is one letter"));
        }
    }
    if let Some(after) = rest.strip_prefix('}') {
        let field = Field {
            name,
            conversion,
            spec: "",
            is_nested: false,
        };
        return Ok((field, after));
    }
    let Some(spec) = rest.strip_prefix(':') else {
        return Err(unclosed());
    };
    let mut depth = 1_usize;
    let mut is_nested = false;
    for (at, b) in spec.bytes().enumerate() {
        match b {
            b'{' => {
                depth += 1;
                is_nested = true;
            }
            b'}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let field = Field {
                name,
                conversion,
                spec: &spec[..at],
                is_nested,
            };
            return Ok((field, &spec[at + 1..]));
        }
    }
    Err(unclosed())
}

/// The name with its accessors, and where it ends. Inside of `[ ]` nothing is
/// special.
fn read_name(text: &str) -> Result<(&str, usize), Fault> {
    let mut in_brackets = false;
    for (at, b) in text.bytes().enumerate() {
        match b {
            b']' => in_brackets = false,
            _ if in_brackets => {}
            b'[' => in_brackets = true,
            b'{' => return Err(Fault::value("a `{` in the name of a format's field")),
            b'}' | b':' | b'!' => return Ok((&text[..at], at)),
            _ => {}
        }
    }
    Err(unclosed())
}

fn unclosed() -> Fault {
    Fault::value("a field of a format is not closed").help("a brace as text is written `{{`")
}
