//! Tables of operands and results.
//!
//! Operands are written as they print: numbers, texts in `'…'` (with
//! `h'…'` for safe HTML, `m'…'` for Markdown, `t'…'` for styled), lists,
//! tuples, dicts, `set(…)`, `range(a, b, c)`, `None`, `True`, `Undefined`.

mod comparing;
mod joining;
mod numbers;
mod objects;
mod reading;

use super::*;
use crate::{BigInt, Dict, Fault, Heap, Limits, Mark, Range, Surface, Value};

type Made = Result<Value<'static>, Fault>;

/// Reads operands. For tests only: it trusts what it reads.
struct Reader<'h, 't> {
    heap: &'h mut Heap<'static>,
    rest: &'t str,
}

fn read(heap: &mut Heap<'static>, source: &str) -> Value<'static> {
    let mut reader = Reader { heap, rest: source };
    let value = reader.value();
    assert_eq!(reader.rest.trim(), "", "in {source}");
    value
}

impl Reader<'_, '_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn items(&mut self, close: &str) -> Vec<Value<'static>> {
        let mut items = Vec::new();
        while !self.eat(close) {
            items.push(self.value());
            self.eat(",");
        }
        items
    }

    fn text(&mut self, mark: Mark) -> Value<'static> {
        let end = self.rest.find('\'').expect("a closing quote");
        let text = self.rest[..end].replace("\\n", "\n").replace("\\e", "\x1b");
        self.rest = &self.rest[end + 1..];
        self.heap.new_text(mark, text).unwrap()
    }

    fn value(&mut self) -> Value<'static> {
        let marks = [
            ("'", Mark::Plain),
            ("h'", Mark::Html),
            ("m'", Mark::Markdown),
            ("t'", Mark::Styled),
        ];
        for (opener, mark) in marks {
            if self.eat(opener) {
                return self.text(mark);
            }
        }
        let words = [
            ("None", Value::None),
            ("True", Value::Bool(true)),
            ("False", Value::Bool(false)),
            ("Undefined", Value::Undefined),
            ("nan", Value::Float(f64::NAN)),
            ("inf", Value::Float(f64::INFINITY)),
            ("-inf", Value::Float(f64::NEG_INFINITY)),
        ];
        for (word, value) in words {
            if self.eat(word) {
                return value;
            }
        }
        if self.eat("range(") {
            let bounds: Vec<i64> = self
                .items(")")
                .iter()
                .map(|&bound| as_index(self.heap, bound).unwrap())
                .collect();
            let step = bounds.get(2).copied().unwrap_or(1);
            let range = Range {
                start: bounds[0],
                stop: bounds[1],
                step,
            };
            return self.heap.new_range(range).unwrap();
        }
        if self.eat("set(") {
            let mut members = Dict::new();
            for item in self.items(")") {
                members.insert(self.heap, item, Value::None).unwrap();
            }
            return self.heap.new_set(members).unwrap();
        }
        if self.eat("[") {
            let items = self.items("]");
            return self.heap.new_list(items).unwrap();
        }
        if self.eat("(") {
            let items = self.items(")");
            return self.heap.new_tuple(items).unwrap();
        }
        if self.eat("{") {
            let mut dict = Dict::new();
            while !self.eat("}") {
                let key = self.value();
                assert!(self.eat(":"));
                let value = self.value();
                dict.insert(self.heap, key, value).unwrap();
                self.eat(",");
            }
            return self.heap.new_dict(dict).unwrap();
        }
        let is_number = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        let end = self.rest.find(|c| !is_number(c)).unwrap_or(self.rest.len());
        let (number, rest) = self.rest.split_at(end);
        self.rest = rest;
        if number.contains(['.', 'e']) {
            return Value::Float(
                number
                    .parse()
                    .unwrap_or_else(|_| panic!("no number: {number}")),
            );
        }
        let int: BigInt = number
            .parse()
            .unwrap_or_else(|_| panic!("no number: {number}"));
        self.heap.new_int(int).unwrap()
    }
}

fn heap() -> Heap<'static> {
    Heap::new(Limits {
        memory: 64 << 20,
        ..Limits::default()
    })
}

fn shown(heap: &Heap<'static>, made: Made) -> String {
    match made {
        Err(fault) => fault.code.to_string(),
        Ok(value) => {
            let mut out = String::new();
            match repr(heap, value, &mut out) {
                Ok(()) => out,
                Err(fault) => fault.code.to_string(),
            }
        }
    }
}

fn apply(heap: &mut Heap<'static>, op: &str, a: Value<'static>, b: Value<'static>) -> Made {
    let (surface, op) = match op.split_once(' ') {
        Some(("md", op)) => (Surface::Markdown, op),
        Some(("term", op)) => (Surface::Terminal, op),
        Some(("text", op)) => (Surface::Text, op),
        _ => (Surface::Html, op),
    };
    match op {
        "+" => add(heap, surface, a, b),
        "-" => sub(heap, a, b),
        "*" => mul(heap, a, b),
        "/" => div(heap, a, b),
        "//" => floor_div(heap, a, b),
        "%" => modulo(heap, surface, a, b),
        "**" => pow(heap, a, b),
        "~" => concat(heap, surface, &[a, b]),
        "==" => eq(heap, a, b).map(Value::Bool),
        "<" => less(heap, a, b).map(Value::Bool),
        "<=" => less_eq(heap, a, b).map(Value::Bool),
        ">" => greater(heap, a, b).map(Value::Bool),
        ">=" => greater_eq(heap, a, b).map(Value::Bool),
        "in" => contains(heap, a, b).map(Value::Bool),
        "is" => Ok(Value::Bool(same(heap, a, b))),
        "item" => get_item(heap, a, b),
        "?item" => get_item_optional(heap, a, b).map(|it| it.unwrap_or(Value::Undefined)),
        _ => panic!("no operator {op}"),
    }
}

/// Each line: lhs, operator, rhs, result, with ` | ` between them.
fn check(table: &str) {
    for line in table.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut heap = heap();
        let parts: Vec<&str> = line.split(" | ").collect();
        let [lhs, op, rhs, wanted] = parts[..] else {
            panic!("four parts are needed: {line}")
        };
        let a = read(&mut heap, lhs);
        let b = read(&mut heap, rhs);
        let made = apply(&mut heap, op, a, b);
        assert_eq!(shown(&heap, made), wanted, "{line}");
    }
}
