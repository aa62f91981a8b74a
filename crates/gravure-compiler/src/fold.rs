//! Constants: operators on literals, evaluated early with the very operators
//! that a render uses.
//!
//! What would fail is left to run time, where it fails only if it is reached;
//! so is what could become large. Filters, tests and names are never folded.

use gravure_syntax::ast::{BinaryOp, CompareOp, Lit, PrefixOp};
use gravure_value::{Heap, Limits, Mark, Surface, Value, ops};
use std::rc::Rc;

/// A value that is known.
#[derive(Clone, Debug)]
pub(crate) enum Const {
    None,
    Bool(bool),
    Int(i64),
    /// Decimal digits, perhaps behind a `-`.
    Big(Rc<str>),
    Float(f64),
    Str(Rc<str>),
}

/// The longest text that is made early, in bytes.
const MAX_TEXT: usize = 4096;
/// The most digits of an integer that is worked with early.
const MAX_DIGITS: usize = 40;

impl From<&Lit> for Const {
    fn from(lit: &Lit) -> Self {
        match lit {
            Lit::None => Const::None,
            Lit::Bool(it) => Const::Bool(*it),
            Lit::Int(it) => Const::Int(*it),
            Lit::Big(digits) => Const::Big((&**digits).into()),
            Lit::Float(it) => Const::Float(*it),
            Lit::Str(text) => Const::Str((&**text).into()),
        }
    }
}

impl Const {
    /// Does a condition with it hold?
    pub(crate) fn is_truthy(&self) -> bool {
        match self {
            Const::None => false,
            Const::Bool(it) => *it,
            Const::Int(it) => *it != 0,
            Const::Big(_) => true,
            Const::Float(it) => *it != 0.0,
            Const::Str(text) => !text.is_empty(),
        }
    }

    fn is_small(&self) -> bool {
        match self {
            Const::Big(digits) => digits.len() <= MAX_DIGITS,
            Const::Str(text) => text.len() <= MAX_TEXT,
            _ => true,
        }
    }

    fn is_number(&self) -> bool {
        !matches!(self, Const::None | Const::Str(_))
    }
}

/// A scratch heap for a few values.
fn heap() -> Heap<'static> {
    Heap::new(Limits::default())
}

fn value(heap: &mut Heap<'static>, constant: &Const) -> Option<Value<'static>> {
    Some(match constant {
        Const::None => Value::None,
        Const::Bool(it) => Value::Bool(*it),
        Const::Int(it) => Value::Int(*it),
        Const::Float(it) => Value::Float(*it),
        Const::Str(text) => heap.new_text(Mark::Plain, text.to_string()).ok()?,
        // Rare enough to be left to the render.
        Const::Big(_) => return None,
    })
}

fn constant(heap: &Heap<'static>, value: Value<'static>) -> Option<Const> {
    let folded = match value {
        Value::None => Const::None,
        Value::Bool(it) => Const::Bool(it),
        Value::Int(it) => Const::Int(it),
        Value::Float(it) => Const::Float(it),
        Value::Str(Mark::Plain, _) | Value::Text(Mark::Plain, _) => {
            Const::Str(heap.text(value)?.into())
        }
        _ => return None,
    };
    folded.is_small().then_some(folded)
}

/// `lhs op rhs`, if that is a small constant.
pub(crate) fn binary(op: BinaryOp, lhs: &Const, rhs: &Const) -> Option<Const> {
    if !lhs.is_small() || !rhs.is_small() {
        return None;
    }
    let numbers = lhs.is_number() && rhs.is_number();
    let mut scratch = heap();
    let heap = &mut scratch;
    let (lhs, rhs) = (value(heap, lhs)?, value(heap, rhs)?);
    let surface = Surface::Text;
    let result = match op {
        BinaryOp::Add => ops::add(heap, surface, lhs, rhs),
        BinaryOp::Concat => ops::concat(heap, surface, &[lhs, rhs]),
        // Of texts these repeat and format, which can become large.
        _ if !numbers => return None,
        BinaryOp::Sub => ops::sub(heap, lhs, rhs),
        BinaryOp::Mul => ops::mul(heap, lhs, rhs),
        BinaryOp::Div => ops::div(heap, lhs, rhs),
        BinaryOp::FloorDiv => ops::floor_div(heap, lhs, rhs),
        BinaryOp::Mod => ops::modulo(heap, surface, lhs, rhs),
    };
    constant(heap, result.ok()?)
}

/// `base ** exponent`, of small integers.
pub(crate) fn power(base: &Const, exponent: &Const) -> Option<Const> {
    let (Const::Int(_), Const::Int(0..=64)) = (base, exponent) else {
        return None;
    };
    let mut scratch = heap();
    let heap = &mut scratch;
    let (base, exponent) = (value(heap, base)?, value(heap, exponent)?);
    let result = ops::pow(heap, base, exponent).ok()?;
    constant(heap, result)
}

/// `op operand`.
pub(crate) fn prefix(op: PrefixOp, operand: &Const) -> Option<Const> {
    let mut scratch = heap();
    let heap = &mut scratch;
    let result = match op {
        PrefixOp::Not => return Some(Const::Bool(!operand.is_truthy())),
        PrefixOp::Await => return None,
        // The smallest integer is written as a sign and a number too long.
        PrefixOp::Neg if matches!(operand, Const::Big(digits) if &**digits == "9223372036854775808") =>
        {
            return Some(Const::Int(i64::MIN));
        }
        PrefixOp::Neg => {
            let operand = value(heap, operand)?;
            ops::neg(heap, operand)
        }
        PrefixOp::Pos => {
            let operand = value(heap, operand)?;
            ops::pos(heap, operand)
        }
    };
    constant(heap, result.ok()?)
}

/// `lhs op rhs`: does the link of a comparison hold?
pub(crate) fn compare(op: CompareOp, lhs: &Const, rhs: &Const) -> Option<bool> {
    let mut scratch = heap();
    let heap = &mut scratch;
    let (lhs, rhs) = (value(heap, lhs)?, value(heap, rhs)?);
    let result = match op {
        CompareOp::Eq => ops::eq(heap, lhs, rhs),
        CompareOp::Ne => ops::eq(heap, lhs, rhs).map(|it| !it),
        CompareOp::Lt => ops::less(heap, lhs, rhs),
        CompareOp::Le => ops::less_eq(heap, lhs, rhs),
        CompareOp::Gt => ops::greater(heap, lhs, rhs),
        CompareOp::Ge => ops::greater_eq(heap, lhs, rhs),
        CompareOp::In => ops::contains(heap, lhs, rhs),
        CompareOp::NotIn => ops::contains(heap, lhs, rhs).map(|it| !it),
        // Of numbers and texts identity is nobody's business.
        CompareOp::Is | CompareOp::IsNot => {
            let simple = |it| matches!(it, Value::None | Value::Bool(_));
            if !simple(lhs) || !simple(rhs) {
                return None;
            }
            Ok(ops::same(heap, lhs, rhs) == (op == CompareOp::Is))
        }
    };
    result.ok()
}

/// A constant as an output prints it, before escaping.
pub(crate) fn printed(constant: &Const) -> Option<String> {
    if !constant.is_small() {
        return None;
    }
    if let Const::Str(text) = constant {
        return Some(text.to_string());
    }
    let mut scratch = heap();
    let value = value(&mut scratch, constant)?;
    let mut out = String::new();
    ops::print(&scratch, value, &mut out).ok()?;
    Some(out)
}

/// Text as an output on an HTML surface writes it.
pub(crate) fn escaped_html(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\0' => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Const {
        Const::Str(text.into())
    }

    fn show(constant: Option<Const>) -> String {
        constant
            .and_then(|it| printed(&it))
            .unwrap_or_else(|| "later".to_owned())
    }

    #[test]
    fn operators_give_what_a_render_gives() {
        let int = Const::Int;
        let rows = [
            (BinaryOp::Add, int(1), int(2), "3"),
            (BinaryOp::Add, int(i64::MAX), int(1), "later"),
            (BinaryOp::Add, text("a"), int(1), "a1"),
            (BinaryOp::Add, Const::None, int(1), "later"),
            (BinaryOp::Concat, text("a"), Const::None, "aNone"),
            (
                BinaryOp::Concat,
                Const::Float(1.0),
                Const::Bool(true),
                "1.0True",
            ),
            (BinaryOp::Sub, Const::Bool(true), int(3), "-2"),
            (BinaryOp::Mul, text("a"), int(3), "later"),
            (BinaryOp::Div, int(1), int(0), "later"),
            (BinaryOp::Div, int(6), int(3), "2.0"),
            (BinaryOp::FloorDiv, int(-7), int(2), "-4"),
            (BinaryOp::Mod, int(-7), int(2), "1"),
            (BinaryOp::Mod, text("%s"), int(2), "later"),
        ];
        for (op, lhs, rhs, expected) in rows {
            let shown = show(binary(op, &lhs, &rhs));
            assert_eq!(shown, expected, "{lhs:?} {op:?} {rhs:?}");
        }
    }

    #[test]
    fn results_stay_small() {
        assert_eq!(show(power(&Const::Int(2), &Const::Int(10))), "1024");
        assert_eq!(show(power(&Const::Int(2), &Const::Int(64))), "later");
        assert_eq!(show(power(&Const::Int(9), &Const::Int(1 << 40))), "later");
        let long = text(&"x".repeat(MAX_TEXT));
        assert_eq!(show(binary(BinaryOp::Add, &long, &long)), "later");
    }

    #[test]
    fn signs_and_comparisons() {
        let least = Const::Big("9223372036854775808".into());
        assert_eq!(show(prefix(PrefixOp::Neg, &least)), i64::MIN.to_string());
        assert_eq!(show(prefix(PrefixOp::Neg, &Const::Int(i64::MIN))), "later");
        assert_eq!(show(prefix(PrefixOp::Neg, &text("a"))), "later");
        assert_eq!(show(prefix(PrefixOp::Not, &text(""))), "True");
        let one = Const::Int(1);
        let holds = |op, rhs| compare(op, &one, &rhs);
        assert_eq!(holds(CompareOp::Eq, Const::Float(1.0)), Some(true));
        assert_eq!(holds(CompareOp::Lt, text("a")), None);
        assert_eq!(holds(CompareOp::In, text("a")), None);
        assert_eq!(holds(CompareOp::Is, Const::Int(1)), None);
        assert_eq!(
            compare(CompareOp::Is, &Const::None, &Const::None),
            Some(true)
        );
    }

    #[test]
    fn html_is_escaped_as_outputs_are() {
        assert_eq!(escaped_html("a<&>\"'\0b"), "a&lt;&amp;&gt;&quot;&#39;b");
    }
}
