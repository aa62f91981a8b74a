//! `text % args`: printf-style formatting.
//!
//! `%` [`(name)`] flags width [`.`precision] type. What is inserted into a
//! safe text is escaped first, before widths are applied.

use super::number::{Num, number};
use super::print::push_big;
use super::{inserting_mark, print, repr, repr_ascii};
use crate::text::number_format::{Style, float_digits};
use crate::view::Map;
use crate::{BigInt, Fault, Heap, Mark, Seq, Surface, Value, View, excerpt, text};
use num_traits::{FromPrimitive, Signed};

/// Format a text with a tuple of values, a dict, or one value.
///
/// # Errors
/// `K-RUN-012` for too few, unused or unfitting values, `K-RUN-009` for a name
/// that is missing, `K-RUN-007` for a bad format, `K-RUN-019`.
pub fn percent<'c>(
    heap: &mut Heap<'c>,
    surface: Surface,
    format: Value<'c>,
    args: Value<'c>,
) -> Result<Value<'c>, Fault> {
    let Some(shown) = heap.text(format) else {
        return Err(Fault::operands(
            "%",
            heap.kind_name(format),
            heap.kind_name(args),
        ));
    };
    let mark = inserting_mark(surface, heap.mark(format));
    heap.charge(shown.len() as u64 / 4 + 1)?;
    heap.check_text(shown.len() as u64)?;
    let mut printer = Printer {
        heap,
        mark,
        args: Args::new(heap, args),
        out: String::with_capacity(shown.len()),
    };
    printer.run(shown)?;
    let out = printer.out;
    heap.new_text(mark, out)
}

/// The values that are still to be inserted.
enum Args<'a, 'c> {
    Tuple(Seq<'a, 'c>, usize),
    /// One value, unless it was taken; a dict may also be used by name.
    Single(Option<Value<'c>>, Option<Map<'a, 'c>>),
}

impl<'a, 'c: 'a> Args<'a, 'c> {
    fn new(heap: &'a Heap<'c>, args: Value<'c>) -> Self {
        match heap.view(args) {
            View::Tuple(seq) => Args::Tuple(seq, 0),
            View::Dict(map) => Args::Single(Some(args), Some(map)),
            _ => Args::Single(Some(args), None),
        }
    }

    fn next(&mut self) -> Result<Value<'c>, Fault> {
        let next = match self {
            Args::Single(value, _) => value.take(),
            Args::Tuple(seq, at) => {
                *at += 1;
                seq.get(*at - 1)
            }
        };
        next.ok_or_else(|| Fault::kind("there are fewer values than the format takes"))
    }

    fn named(&mut self, heap: &Heap<'c>, name: &str) -> Result<Value<'c>, Fault> {
        let Args::Single(value, Some(map)) = self else {
            let name = excerpt(name);
            return Err(Fault::kind(format!("a dict is needed for `%({name})`")));
        };
        *value = None;
        map.get_str(heap, name).ok_or_else(|| {
            let mut shown = String::new();
            text::quote(name, false, &mut shown);
            Fault::key(&shown)
        })
    }

    fn is_used_up(&self) -> bool {
        match self {
            Args::Tuple(seq, at) => *at >= seq.len(),
            Args::Single(value, map) => value.is_none() || map.is_some(),
        }
    }
}

/// What stands between `%` and the type.
#[derive(Default)]
struct Spec {
    is_alternate: bool,
    is_zero: bool,
    is_left: bool,
    is_blank: bool,
    is_plus: bool,
    width: usize,
    precision: Option<usize>,
}

struct Printer<'a, 'c> {
    heap: &'a Heap<'c>,
    mark: Mark,
    args: Args<'a, 'c>,
    out: String,
}

impl<'a, 'c: 'a> Printer<'a, 'c> {
    fn run(&mut self, format: &str) -> Result<(), Fault> {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            self.out.push_str(&rest[..at]);
            rest = self.conversion(&rest[at + 1..])?;
            self.heap.charge(1)?;
            self.heap.check_text(self.out.len() as u64)?;
        }
        self.out.push_str(rest);
        if self.args.is_used_up() {
            return Ok(());
        }
        Err(Fault::kind("there are more values than the format takes"))
    }

    /// Do one conversion; what follows it.
    fn conversion<'f>(&mut self, format: &'f str) -> Result<&'f str, Fault> {
        let mut rest = format;
        let mut value = None;
        if let Some(body) = rest.strip_prefix('(') {
            let (name, after) = body.split_once(')').ok_or_else(cut_off)?;
            value = Some(self.args.named(self.heap, name)?);
            rest = after;
        }
        let mut spec = Spec::default();
        while let Some(flag) = rest.bytes().next() {
            match flag {
                b'#' => spec.is_alternate = true,
                b'0' => spec.is_zero = true,
                b'-' => spec.is_left = true,
                b' ' => spec.is_blank = true,
                b'+' => spec.is_plus = true,
                _ => break,
            }
            rest = &rest[1..];
        }
        let (width, after) = self.count(rest)?;
        rest = after;
        spec.is_left |= width < 0;
        spec.width = self.bounded(width.unsigned_abs())?;
        if let Some(after) = rest.strip_prefix('.') {
            let (precision, after) = self.count(after)?;
            rest = after;
            spec.precision = Some(self.bounded(u64::try_from(precision).unwrap_or(0))?);
        }
        let mut chars = rest.chars();
        let kind = chars.next().ok_or_else(cut_off)?;
        if kind == '%' {
            self.out.push('%');
            return Ok(chars.as_str());
        }
        if !"sracdiuxXoeEfFgG".contains(kind) {
            return Err(Fault::value(format!(
                "the format has no conversion `%{kind}`"
            )));
        }
        let value = match value {
            Some(value) => value,
            None => self.args.next()?,
        };
        self.convert(kind, &spec, value)?;
        Ok(chars.as_str())
    }

    /// A width or precision: digits, or `*` for the next value.
    fn count<'f>(&mut self, format: &'f str) -> Result<(i64, &'f str), Fault> {
        if let Some(after) = format.strip_prefix('*') {
            let value = self.args.next()?;
            return match super::as_index(self.heap, value) {
                Some(count) => Ok((count, after)),
                None => Err(Fault::kind(format!(
                    "`*` takes an int, not {}",
                    self.heap.kind_name(value)
                ))),
            };
        }
        let len = format.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, after) = format.split_at(len);
        let count = match digits {
            "" => 0,
            _ => digits.parse().unwrap_or(i64::MAX),
        };
        Ok((count, after))
    }

    fn bounded(&self, count: u64) -> Result<usize, Fault> {
        let limit = self.heap.limits.format_width;
        if count > limit {
            return Err(Fault::budget("format width", limit));
        }
        self.heap.charge(count / 8)?;
        self.heap.check_text(count)?;
        Ok(usize::try_from(count).unwrap_or(usize::MAX))
    }

    fn convert(&mut self, kind: char, spec: &Spec, value: Value<'c>) -> Result<(), Fault> {
        match kind {
            's' | 'r' | 'a' => {
                let shown = self.shown(kind, value)?;
                let end = spec.precision.and_then(|n| shown.char_indices().nth(n));
                self.pad(
                    spec,
                    "",
                    &shown[..end.map_or(shown.len(), |(at, _)| at)],
                    false,
                );
            }
            'c' => {
                let c = self.character(value)?;
                let mut shown = String::new();
                text::escape_into(
                    self.mark,
                    Mark::Plain,
                    c.encode_utf8(&mut [0; 4]),
                    &mut shown,
                );
                self.pad(spec, "", &shown, false);
            }
            'd' | 'i' | 'u' => {
                let (is_negative, digits) = self.decimal(kind, value)?;
                self.integer(spec, is_negative, "", &digits);
            }
            'x' | 'X' | 'o' => {
                let (is_negative, digits) = self.radix(kind, value)?;
                let prefix = match kind {
                    _ if !spec.is_alternate => "",
                    'x' => "0x",
                    'X' => "0X",
                    _ => "0o",
                };
                self.integer(spec, is_negative, prefix, &digits);
            }
            _ => {
                let Some(float) = super::as_float(self.heap, value)? else {
                    return Err(self.unfitting(kind, value));
                };
                let style = match kind {
                    'f' | 'F' => Style::Fixed,
                    'e' | 'E' => Style::Exponent,
                    _ => Style::General,
                };
                let precision = spec.precision.unwrap_or(6);
                let mut digits = float_digits(float, style, precision, spec.is_alternate);
                if kind.is_ascii_uppercase() {
                    digits.make_ascii_uppercase();
                }
                let is_negative = float.is_sign_negative() && !float.is_nan();
                self.pad(spec, sign(spec, is_negative), &digits, true);
            }
        }
        Ok(())
    }

    /// A value as text, escaped for a safe format.
    fn shown(&self, kind: char, value: Value<'c>) -> Result<String, Fault> {
        let mut shown = String::new();
        let is_plain = self.mark == Mark::Plain;
        if let Some(plain) = self.heap.text(value) {
            let mark = self.heap.mark(value);
            self.heap.charge(plain.len() as u64 / 8)?;
            if kind == 's' {
                text::escape_into(self.mark, mark, plain, &mut shown);
                return Ok(shown);
            }
            if !is_plain && mark == Mark::Plain {
                // The text is escaped, not the quotes around it.
                let mut escaped = String::new();
                text::escape_into(self.mark, mark, plain, &mut escaped);
                text::quote(&escaped, kind == 'a', &mut shown);
                return Ok(shown);
            }
        }
        match kind {
            's' => print(self.heap, value, &mut shown)?,
            'r' => repr(self.heap, value, &mut shown)?,
            _ => repr_ascii(self.heap, value, &mut shown)?,
        }
        let is_safe_text = self.heap.mark(value).is_safe();
        if is_plain || is_safe_text {
            return Ok(shown);
        }
        let mut escaped = String::new();
        text::escape_into(self.mark, Mark::Plain, &shown, &mut escaped);
        Ok(escaped)
    }

    fn character(&self, value: Value<'c>) -> Result<char, Fault> {
        if let Some(shown) = self.heap.text(value) {
            let mut chars = shown.chars();
            return match (chars.next(), chars.next()) {
                (Some(c), None) => Ok(c),
                _ => Err(Fault::kind("`%c` takes one character, not a longer text")),
            };
        }
        match number(self.heap, value) {
            Some(Num::Int(code)) => u32::try_from(code).ok().and_then(char::from_u32),
            Some(Num::Big(_)) => None,
            _ => return Err(self.unfitting('c', value)),
        }
        .ok_or_else(|| Fault::value("`%c` takes a code point, this is none"))
    }

    fn decimal(&self, kind: char, value: Value<'c>) -> Result<(bool, String), Fault> {
        let mut digits = String::new();
        let is_negative = match number(self.heap, value) {
            None => return Err(self.unfitting(kind, value)),
            Some(Num::Int(it)) => {
                text::int_text(it, &mut digits);
                it < 0
            }
            Some(Num::Big(it)) => {
                push_big(self.heap, &it, &mut digits)?;
                it.is_negative()
            }
            Some(Num::Float(it)) => {
                let Some(whole) = BigInt::from_f64(it) else {
                    return Err(Fault::value("`%d` takes a finite number"));
                };
                push_big(self.heap, &whole, &mut digits)?;
                whole.is_negative()
            }
        };
        if is_negative {
            digits.remove(0);
        }
        Ok((is_negative, digits))
    }

    fn radix(&self, kind: char, value: Value<'c>) -> Result<(bool, String), Fault> {
        let Some(int) = super::as_big(self.heap, value) else {
            return Err(self.unfitting(kind, value));
        };
        self.heap.charge(int.bits() / 8)?;
        self.heap.check_text(int.bits() / 3)?;
        let digits = int
            .magnitude()
            .to_str_radix(if kind == 'o' { 8 } else { 16 });
        let digits = match kind {
            'X' => digits.to_ascii_uppercase(),
            _ => digits,
        };
        Ok((int.is_negative(), digits))
    }

    fn integer(&mut self, spec: &Spec, is_negative: bool, prefix: &str, digits: &str) {
        let sign = sign(spec, is_negative);
        let n_more = spec.precision.unwrap_or(0).saturating_sub(digits.len());
        let digits = format!("{}{digits}", "0".repeat(n_more));
        self.pad(spec, &format!("{sign}{prefix}"), &digits, true);
    }

    /// Write with padding; zeros go between the sign and a number.
    fn pad(&mut self, spec: &Spec, sign: &str, body: &str, is_number: bool) {
        let len = sign.len() + text::char_count(body);
        let n = spec.width.saturating_sub(len);
        let fill = |out: &mut String, c| out.extend(std::iter::repeat_n(c, n));
        let is_zero = spec.is_zero && is_number && !spec.is_left;
        if !spec.is_left && !is_zero {
            fill(&mut self.out, ' ');
        }
        self.out.push_str(sign);
        if is_zero {
            fill(&mut self.out, '0');
        }
        self.out.push_str(body);
        if spec.is_left {
            fill(&mut self.out, ' ');
        }
    }

    fn unfitting(&self, kind: char, value: Value<'c>) -> Fault {
        let found = self.heap.kind_name(value);
        let fault = Fault::kind(format!("`%{kind}` takes a number, not {found}"));
        match found {
            "str" => fault.help("data files may hold text where a number is meant: use `int`"),
            _ => fault,
        }
    }
}

fn sign(spec: &Spec, is_negative: bool) -> &'static str {
    match (is_negative, spec.is_plus, spec.is_blank) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (_, _, true) => " ",
        _ => "",
    }
}

fn cut_off() -> Fault {
    Fault::value("the format ends inside of a conversion")
}
