//! Expressions: rows of `forms` with their holes filled, literals, names, and
//! comprehensions, which bring a name of their own.

use crate::{
    forms::{Kind, NAME},
    smith::Smith,
};
use arbitrary::Result;

/// How many operators stand in one another.
const DEPTH: u8 = 3;

/// What text is made of: each piece once broke an engine, or could.
const PIECES: &[&str] = &[
    "a",
    "B",
    "c, d",
    " ",
    "e f",
    "<b>",
    "</b>",
    "&",
    "'",
    "\"",
    "1",
    "-2.5",
    "\n",
    "\r\n",
    "\t",
    "é",
    "e\u{301}",
    "😀",
    "ß",
    "İ",
    "\u{200d}",
    "\u{202e}",
    "%",
    "{",
    "}",
    "}}",
    "%}",
    "{{",
    "{#",
    "\\",
    "lazy dog",
    "x=1",
    "\u{0}",
    "\u{1b}[0m",
    ".",
];

const NUMBERS: &[&str] = &[
    "1",
    "0",
    "2",
    "3",
    "7",
    "10",
    "100",
    "255",
    "65536",
    "4294967296",
    "9007199254740993",
    "9223372036854775807",
    "9223372036854775808",
    "18446744073709551616",
    "123456789012345678901234567890",
];

const FLOATS: &[&str] = &[
    "0.5",
    "1.0",
    "0.1",
    "2.675",
    "3.14159",
    "100.25",
    "0.0",
    "1234567.891",
    "123456789012345680000.0",
    "0.0000001",
];

impl Smith<'_, '_> {
    /// An expression of a kind that may stand anywhere.
    pub(crate) fn expr(&mut self, kind: Kind) -> Result<String> {
        self.bound(kind, 0)
    }

    /// One that binds at least so tightly.
    pub(crate) fn bound(&mut self, kind: Kind, least: u8) -> Result<String> {
        self.nested(kind, least, DEPTH)
    }

    fn nested(&mut self, kind: Kind, least: u8, depth: u8) -> Result<String> {
        let (level, text) = if depth == 0 || self.once_in(3)? || !self.spend_form() {
            self.leaf(kind)?
        } else if self.once_in(12)? {
            self.comprehension(kind, depth - 1)?
        } else {
            let forms = kind.forms();
            let at = self.below(forms.len())?;
            let (level, form) = forms.get(at).copied().unwrap_or((NAME, "none"));
            (level, self.filled(form, depth - 1)?)
        };
        Ok(if level < least {
            format!("({text})")
        } else {
            text
        })
    }

    /// A form with something in each hole.
    fn filled(&mut self, form: &str, depth: u8) -> Result<String> {
        let mut text = String::new();
        let mut rest = form;
        while let Some((before, behind)) = rest.split_once('$') {
            text.push_str(before);
            let letter = behind.as_bytes().first().copied().unwrap_or(b'i');
            let mut taken = 1;
            match letter {
                b'i' => text.push_str(&self.below(6)?.to_string()),
                b'j' => text.push_str(&(1 + self.below(9)?).to_string()),
                b't' => text.push_str(&self.text_literal()?),
                _ => {
                    let digit = behind.get(1..2).unwrap_or("0");
                    let least = u8::from_str_radix(digit, 16).unwrap_or(0);
                    text.push_str(&self.nested(Kind::of(letter), least, depth)?);
                    taken = 2;
                }
            }
            rest = behind.get(taken..).unwrap_or("");
        }
        text.push_str(rest);
        Ok(text)
    }

    /// A name that holds such a thing, or a literal.
    fn leaf(&mut self, kind: Kind) -> Result<(u8, String)> {
        let known: Vec<String> = (self.names.iter())
            .filter(|(_, of)| *of == kind)
            .map(|(name, _)| name.clone())
            .collect();
        if !known.is_empty() && !self.once_in(3)? {
            // The latest first: what is near is worth more.
            let back = self.below(known.len())?;
            let name = known.into_iter().rev().nth(back).unwrap_or_default();
            return Ok((NAME, name));
        }
        self.literal(kind)
    }

    fn literal(&mut self, kind: Kind) -> Result<(u8, String)> {
        let text = match kind {
            Kind::Int => {
                let number = self.of(NUMBERS)?.unwrap_or("1");
                // A name's tightness, but for what a dot would make a float.
                return Ok((11, number.to_owned()));
            }
            Kind::Float => self.of(FLOATS)?.unwrap_or("0.5").to_owned(),
            Kind::Bool => ["true", "false"][self.below(2)?].to_owned(),
            Kind::Str => self.text_literal()?,
            Kind::Ints => format!("[{}, {}]", self.below(9)?, self.below(9)?),
            Kind::Words => format!("['b', {}]", self.text_literal()?),
            Kind::Dict => format!("{{ 'a': {}, 'b': 2, 'c': 0 }}", self.below(9)?),
            Kind::Row => self.row()?,
            Kind::Rows => format!("[{}, {}]", self.row()?, self.row()?),
        };
        Ok((NAME, text))
    }

    fn row(&mut self) -> Result<String> {
        let (id, name) = (self.below(99)?, self.text_literal()?);
        Ok(format!(
            "{{ 'id': {id}, 'name': {name}, 'tags': ['t', {name}] }}"
        ))
    }

    /// Any text.
    pub(crate) fn text(&mut self) -> Result<String> {
        let mut text = String::new();
        for _ in 0..self.below(5)? {
            text.push_str(self.of(PIECES)?.unwrap_or(""));
        }
        Ok(text)
    }

    /// Any text, as a literal in either quotes, with and without escapes.
    pub(crate) fn text_literal(&mut self) -> Result<String> {
        let text = self.text()?;
        let quote = if self.once_in(3)? { '"' } else { '\'' };
        let plain = self.once_in(2)?;
        let mut literal = String::from(quote);
        for it in text.chars() {
            match it {
                '\\' => literal.push_str("\\\\"),
                _ if it == quote => literal.extend(['\\', it]),
                '\n' => literal.push_str("\\n"),
                '\r' => literal.push_str("\\r"),
                _ if it.is_control() || (!plain && !it.is_ascii()) => {
                    let code = u32::from(it);
                    literal.push_str(&match code {
                        0..=0xffff => format!("\\u{code:04x}"),
                        _ => format!("\\U{code:08x}"),
                    });
                }
                _ => literal.push(it),
            }
        }
        literal.push(quote);
        Ok(literal)
    }

    /// A list made of another, and what such a list can become.
    fn comprehension(&mut self, kind: Kind, depth: u8) -> Result<(u8, String)> {
        let (over, each) = self.source()?;
        let source = self.nested(over, 2, depth)?;
        let name = self.fresh("c");
        let sees = [(name.clone(), each)];
        let (item, level, shape) = match kind {
            Kind::Ints => (Kind::Int, NAME, "[@]"),
            Kind::Words => (Kind::Str, NAME, "[@]"),
            Kind::Rows => (Kind::Row, 6, "[@] + [{ 'id': 0, 'name': '', 'tags': [] }]"),
            Kind::Str => (Kind::Str, 7, "[@] | join('/')"),
            Kind::Int => (Kind::Int, 7, "[@] | sum"),
            _ => return self.literal(kind),
        };
        let (item, condition) = self.with_names(&sees, |it| {
            let item = it.nested(item, 0, depth)?;
            let condition = match it.once_in(2)? {
                true => format!(" if {}", it.nested(Kind::Bool, 2, depth)?),
                false => String::new(),
            };
            Ok((item, condition))
        })?;
        let list = format!("{item} for {name} in {source}{condition}");
        Ok((level, shape.replacen('@', &list, 1)))
    }

    /// Something to go through, and what its items are.
    pub(crate) fn source(&mut self) -> Result<(Kind, Kind)> {
        let all = [
            (Kind::Ints, Kind::Int),
            (Kind::Words, Kind::Str),
            (Kind::Rows, Kind::Row),
            (Kind::Str, Kind::Str),
            (Kind::Dict, Kind::Str),
        ];
        Ok(self.of(&all)?.unwrap_or((Kind::Ints, Kind::Int)))
    }
}
