//! Expressions of cases, read and worked out in one go: literals, names of the
//! context and of functions, calls, filters, tests and `~`.

use crate::host::Bench;
use gravure_value::{Fault, Host as _, Json, Mark, Value, ops, text};

type Named<'c> = Vec<(String, Value<'c>)>;

pub(crate) struct Eval<'a, 'c> {
    pub(crate) bench: &'a mut Bench<'c>,
    pub(crate) context: &'c Json,
    pub(crate) rest: &'a str,
}

/// Why an expression gave nothing.
pub(crate) enum Failure {
    /// It is none that this reader knows.
    Unknown,
    Fault(Fault),
}

impl From<Fault> for Failure {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

type Answer<'c> = Result<Value<'c>, Failure>;

impl<'c> Eval<'_, 'c> {
    /// The whole expression.
    pub(crate) fn all(&mut self) -> Answer<'c> {
        let value = self.expr()?;
        self.skip();
        match self.rest.is_empty() {
            true => Ok(value),
            false => Err(Failure::Unknown),
        }
    }

    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn eat(&mut self, token: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn expect(&mut self, token: &str) -> Result<(), Failure> {
        self.eat(token).then_some(()).ok_or(Failure::Unknown)
    }

    fn name(&mut self) -> Option<String> {
        self.skip();
        let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let len = self.rest.find(|c| !is_name(c)).unwrap_or(self.rest.len());
        if len == 0 || self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (name, rest) = self.rest.split_at(len);
        self.rest = rest;
        Some(name.to_owned())
    }

    fn expr(&mut self) -> Answer<'c> {
        let mut parts = vec![self.tested()?];
        while self.eat("~") {
            parts.push(self.tested()?);
        }
        match *parts {
            [only] => Ok(only),
            _ => Ok(ops::concat(
                &mut self.bench.heap,
                self.bench.surface,
                &parts,
            )?),
        }
    }

    fn tested(&mut self) -> Answer<'c> {
        let value = self.piped()?;
        if !self.eat("is ") {
            return Ok(value);
        }
        let is_not = self.eat("not ");
        let name = self.name().ok_or(Failure::Unknown)?;
        let id = self
            .bench
            .registry
            .predicate(&name)
            .ok_or(Failure::Unknown)?;
        let (mut args, named) = self.arguments()?;
        args.insert(0, value);
        let answer = self.call(Value::Native(id), &args, &named)?;
        Ok(Value::Bool(
            ops::is_truthy(&self.bench.heap, answer) != is_not,
        ))
    }

    fn piped(&mut self) -> Answer<'c> {
        let mut value = self.primary()?;
        while self.eat("|") {
            let name = self.name().ok_or(Failure::Unknown)?;
            let id = self.bench.registry.filter(&name).ok_or(Failure::Unknown)?;
            let (mut args, named) = self.arguments()?;
            args.insert(0, value);
            value = self.call(Value::Native(id), &args, &named)?;
        }
        Ok(value)
    }

    fn call(&mut self, callee: Value<'c>, args: &[Value<'c>], named: &Named<'c>) -> Answer<'c> {
        let named: Vec<_> = named
            .iter()
            .map(|(name, value)| (&**name, *value))
            .collect();
        Ok(self.bench.call(callee, args, &named)?)
    }

    /// `(…)`, or nothing.
    fn arguments(&mut self) -> Result<(Vec<Value<'c>>, Named<'c>), Failure> {
        let (mut args, mut named) = (Vec::new(), Vec::new());
        if !self.rest.starts_with('(') {
            return Ok((args, named));
        }
        self.rest = &self.rest[1..];
        while !self.eat(")") {
            let before = self.rest;
            let name = self.name();
            if let Some(name) = name.filter(|_| self.eat("=")) {
                named.push((name, self.expr()?));
            } else {
                self.rest = before;
                args.push(self.expr()?);
            }
            if !self.eat(",") {
                self.expect(")")?;
                break;
            }
        }
        Ok((args, named))
    }

    fn primary(&mut self) -> Answer<'c> {
        let mut value = self.atom()?;
        loop {
            if self.rest.starts_with('.') {
                self.rest = &self.rest[1..];
                let name = self.name().ok_or(Failure::Unknown)?;
                let found = self.bench.attr(value, &name)?;
                value = match found {
                    None => Value::Undefined,
                    Some(found) if found.is_none() => Value::Str(Mark::Plain, ""),
                    Some(found) => found,
                };
            } else if self.rest.starts_with('(') {
                let (args, named) = self.arguments()?;
                value = self.call(value, &args, &named)?;
            } else {
                return Ok(value);
            }
        }
    }

    fn atom(&mut self) -> Answer<'c> {
        self.skip();
        match self.rest.bytes().next() {
            Some(quote @ (b'"' | b'\'')) => self.text(char::from(quote)),
            Some(b'[') => {
                let items = self.items('[', "]")?.0;
                Ok(self.bench.heap.new_list(items)?)
            }
            Some(b'(') => {
                let (items, is_tuple) = self.items('(', ")")?;
                match (&*items, is_tuple) {
                    (&[only], false) => Ok(only),
                    _ => Ok(self.bench.heap.new_tuple(items)?),
                }
            }
            Some(b'{') => self.dict(),
            Some(b'0'..=b'9' | b'-') => self.number(),
            _ => self.named_value(),
        }
    }

    fn items(&mut self, open: char, close: &str) -> Result<(Vec<Value<'c>>, bool), Failure> {
        self.rest = self.rest.strip_prefix(open).ok_or(Failure::Unknown)?;
        let (mut items, mut has_comma) = (Vec::new(), false);
        while !self.eat(close) {
            items.push(self.expr()?);
            if !self.eat(",") {
                self.expect(close)?;
                break;
            }
            has_comma = true;
        }
        let is_tuple = has_comma || items.is_empty();
        Ok((items, is_tuple))
    }

    fn dict(&mut self) -> Answer<'c> {
        self.expect("{")?;
        let mut dict = gravure_value::Dict::new();
        while !self.eat("}") {
            let key = self.expr()?;
            self.expect(":")?;
            let value = self.expr()?;
            dict.insert(&self.bench.heap, key, value)?;
            if !self.eat(",") {
                self.expect("}")?;
                break;
            }
        }
        Ok(self.bench.heap.new_dict(dict)?)
    }

    fn number(&mut self) -> Answer<'c> {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "-+.".contains(c);
        let len = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(len);
        self.rest = rest;
        if let Some(big) = text::parse_int(number) {
            return Ok(self.bench.heap.new_int(big)?);
        }
        let float = number.parse().map_err(|_| Failure::Unknown)?;
        Ok(Value::Float(float))
    }

    fn text(&mut self, quote: char) -> Answer<'c> {
        let mut out = String::new();
        let mut chars = self.rest[1..].chars();
        loop {
            match chars.next().ok_or(Failure::Unknown)? {
                c if c == quote => break,
                '\\' => out.push(match chars.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('r') => '\r',
                    Some(c @ ('\\' | '\'' | '"')) => c,
                    Some('u') => {
                        let hex: String = chars.by_ref().take(4).collect();
                        let code = u32::from_str_radix(&hex, 16).ok();
                        code.and_then(char::from_u32).ok_or(Failure::Unknown)?
                    }
                    _ => return Err(Failure::Unknown),
                }),
                c => out.push(c),
            }
        }
        self.rest = chars.as_str();
        Ok(self.bench.heap.new_text(Mark::Plain, out)?)
    }

    fn named_value(&mut self) -> Answer<'c> {
        let name = self.name().ok_or(Failure::Unknown)?;
        if let Some(value) = self.context.get(&name) {
            return Ok(Value::from_json(value));
        }
        Ok(match &*name {
            "none" => Value::None,
            "true" => Value::Bool(true),
            "false" => Value::Bool(false),
            "undefined" => Value::Undefined,
            _ => {
                let id = self.bench.registry.function(&name);
                Value::Native(id.ok_or(Failure::Unknown)?)
            }
        })
    }
}
