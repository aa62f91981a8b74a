//! Expressions of constants, whose values an evaluator here knows by itself:
//! folded, not folded, and with the constants in the context.
//!
//! The evaluator has 128 bits for integers and gives up where these, or the
//! exactness of a float, end. What it says then is nothing; what it says
//! otherwise must be what stands on the page.

use super::{
    input::{Input, MAIN},
    stage::{self, Way, environment},
};
use serde_json::{Map, Value as Json};

/// Make an expression of the bytes and compare.
pub fn constants(bytes: &[u8]) {
    let mut maker = Maker {
        bytes,
        data: Map::new(),
    };
    while !maker.bytes.is_empty() {
        let kind = [Kind::Int, Kind::Float, Kind::Text, Kind::Truth][maker.below(4)];
        let made = maker.make(kind, 4);
        let expected = match made.value {
            Ok(value) => Ok(value.printed()),
            Err(Stop::Unknown) => continue,
            Err(Stop::Fails) => Err(()),
        };
        check(&made.text, &expected, &Json::Null);
        check(&made.named, &expected, &Json::Object(maker.data.clone()));
    }
}

fn check(text: &str, expected: &Result<String, ()>, data: &Json) {
    // The third switch: no escaping.
    let input = Input {
        switches: 1 << 3,
        templates: vec![(MAIN.to_owned(), format!("{{{{ {text} }}}}"))],
    };
    for way in [Way::Usual, Way::Plain, Way::Slow] {
        let template = environment(&input, way).get_template(MAIN);
        let template = template.unwrap_or_else(|error| panic!("{text}: {}", error.report()));
        let page = match data {
            Json::Null => template.render(stage::context()),
            data => template.render(data),
        };
        match (&page, expected) {
            (Ok(page), Ok(expected)) => assert_eq!(page, expected, "{way:?} of {text} {data}"),
            (Err(_), Err(())) => {}
            (Err(error), _) if stage::is_limit(error) => {}
            _ => panic!("{way:?} of {text} {data}: {page:?} instead of {expected:?}"),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
enum Kind {
    Int,
    Float,
    Text,
    Truth,
}

#[derive(Clone, PartialEq, Debug)]
enum Value {
    Int(i128),
    Float(f64),
    Text(String),
    Truth(bool),
}

/// Why there is no value.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Stop {
    /// The render must fail.
    Fails,
    /// Nobody here knows.
    Unknown,
}

type Known = Result<Value, Stop>;

/// An expression with its value.
struct Made {
    /// With literals.
    text: String,
    /// With names of the context instead.
    named: String,
    value: Known,
}

/// Integers up to here are floats without loss.
const EXACT: i128 = 1 << 53;

impl Value {
    fn printed(&self) -> String {
        match self {
            Self::Int(it) => it.to_string(),
            Self::Float(it) => printed(*it),
            Self::Text(it) => it.clone(),
            Self::Truth(it) => if *it { "True" } else { "False" }.to_owned(),
        }
    }

    fn is_true(&self) -> bool {
        match self {
            Self::Int(it) => *it != 0,
            Self::Float(it) => *it != 0.0,
            Self::Text(it) => !it.is_empty(),
            Self::Truth(it) => *it,
        }
    }

    fn float(&self) -> Result<f64, Stop> {
        match self {
            Self::Int(it) if it.abs() <= EXACT => Ok(*it as f64),
            Self::Float(it) => Ok(*it),
            _ => Err(Stop::Unknown),
        }
    }
}

/// The shortest digits that read back, with a point, and a power of ten for
/// what is very large or small.
fn printed(float: f64) -> String {
    if !float.is_finite() {
        return match float {
            _ if float.is_nan() => "nan",
            _ if float > 0.0 => "inf",
            _ => "-inf",
        }
        .to_owned();
    }
    let shortest = format!("{float:e}");
    // Of two shortest texts that are as near, the one with the even last digit.
    let n_digits = shortest.split('e').next().map_or(1, |digits| {
        digits.bytes().filter(u8::is_ascii_digit).count()
    });
    let exact = format!("{float:.*e}", n_digits + 30);
    let (digits, power) = exact.split_once('e').unwrap_or((&exact, "0"));
    let (digits, rest) = digits.split_at(digits.len() - 31);
    let lower = format!("{digits}e{power}");
    let is_even = digits.bytes().last().is_some_and(|it| it % 2 == 0);
    let is_tie = rest.starts_with('5') && rest.trim_end_matches('0') == "5";
    let short = match is_tie && is_even && lower.parse() == Ok(float) {
        true => lower,
        false => shortest,
    };
    let (digits, power) = short.split_once('e').unwrap_or((&short, "0"));
    let power: i32 = power.parse().unwrap_or(0);
    if float != 0.0 && !(-4..16).contains(&power) {
        let sign = if power < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", power.abs());
    }
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits.replace('.', "")),
        None => ("", digits.replace('.', "")),
    };
    let zeros = "0".repeat(usize::try_from(-power).unwrap_or(0));
    let mut digits = zeros + &digits;
    let whole = 1 + usize::try_from(power).unwrap_or(0);
    while digits.len() <= whole {
        digits.push('0');
    }
    let (whole, behind) = digits.split_at(whole);
    format!("{sign}{whole}.{behind}")
}

struct Maker<'a> {
    bytes: &'a [u8],
    data: Map<String, Json>,
}

const INTS: &[i128] = &[
    0,
    1,
    2,
    3,
    7,
    10,
    255,
    65_536,
    (1 << 31) - 1,
    1 << 31,
    1 << 32,
    (1 << 53) - 1,
    1 << 53,
    (1 << 63) - 1,
    1 << 62,
];
const FLOATS: &[(&str, f64)] = &[
    ("0.0", 0.0),
    ("0.5", 0.5),
    ("1.0", 1.0),
    ("0.1", 0.1),
    ("2.675", 2.675),
    ("1000000000000000.0", 1e15),
    ("10000000000000000.0", 1e16),
    ("0.0001", 1e-4),
    ("0.00001", 1e-5),
    ("123456.789", 123_456.789),
    ("0.3333333333333333", 0.333_333_333_333_333_3),
];
const TEXTS: &[&str] = &["", "a", "ab", "b", "A", "é", "😀z", "10", " ", "<&>"];

impl Maker<'_> {
    fn below(&mut self, bound: usize) -> usize {
        let [first, rest @ ..] = self.bytes else {
            return 0;
        };
        self.bytes = rest;
        usize::from(*first) % bound.max(1)
    }

    fn literal(&mut self, kind: Kind) -> Made {
        let (text, value, json) = match kind {
            Kind::Int => {
                let it = INTS[self.below(INTS.len())];
                (it.to_string(), Value::Int(it), Json::from(it as i64))
            }
            Kind::Float => {
                let (text, it) = FLOATS[self.below(FLOATS.len())];
                (text.to_owned(), Value::Float(it), Json::from(it))
            }
            Kind::Text => {
                let it = TEXTS[self.below(TEXTS.len())];
                (
                    format!("'{it}'"),
                    Value::Text(it.to_owned()),
                    Json::from(it),
                )
            }
            Kind::Truth => {
                let it = self.below(2) == 0;
                (it.to_string(), Value::Truth(it), Json::from(it))
            }
        };
        let name = format!("c{}", self.data.len());
        self.data.insert(name.clone(), json);
        Made {
            text,
            named: name,
            value: Ok(value),
        }
    }

    fn make(&mut self, kind: Kind, depth: u8) -> Made {
        if depth == 0 || self.bytes.is_empty() || self.below(5) == 0 {
            return self.literal(kind);
        }
        let depth = depth - 1;
        if self.below(8) == 0 {
            return self.choice(kind, depth);
        }
        match kind {
            Kind::Int => match self.below(8) {
                0 => self.prefix("-", Kind::Int, depth, |it| match it {
                    Value::Int(it) => int(it.checked_neg()),
                    _ => Err(Stop::Unknown),
                }),
                1 => self.power(depth),
                n => {
                    let op = ["+", "-", "*", "//", "%", "+"][n - 2];
                    self.infix(op, (Kind::Int, Kind::Int), depth, number)
                }
            },
            Kind::Float => {
                let kinds = [
                    (Kind::Int, Kind::Float),
                    (Kind::Float, Kind::Int),
                    (Kind::Float, Kind::Float),
                ][self.below(3)];
                match self.below(7) {
                    0 => self.infix("/", (Kind::Int, Kind::Int), depth, number),
                    n => {
                        let op = ["+", "-", "*", "/", "//", "%"][n - 1];
                        self.infix(op, kinds, depth, number)
                    }
                }
            }
            Kind::Text => match self.below(4) {
                0 => self.infix("+", (Kind::Text, Kind::Text), depth, joined),
                1 => self.infix("~", (Kind::Text, Kind::Int), depth, joined),
                2 => self.infix("~", (Kind::Float, Kind::Truth), depth, joined),
                _ => self.repeated(depth),
            },
            Kind::Truth => {
                let op = ["==", "!=", "<", "<=", ">", ">="][self.below(6)];
                let kinds = [
                    (Kind::Int, Kind::Int),
                    (Kind::Int, Kind::Float),
                    (Kind::Float, Kind::Float),
                    (Kind::Text, Kind::Text),
                ][self.below(4)];
                match self.below(5) {
                    0 => self.prefix("not ", Kind::Truth, depth, |it| {
                        Ok(Value::Truth(!it.is_true()))
                    }),
                    1 => self.infix(
                        "in",
                        (Kind::Text, Kind::Text),
                        depth,
                        |_, one, other| match (one, other) {
                            (Value::Text(one), Value::Text(other)) => {
                                Ok(Value::Truth(other.contains(&*one)))
                            }
                            _ => Err(Stop::Unknown),
                        },
                    ),
                    2 => self.chain(depth),
                    _ => self.infix(op, kinds, depth, compared),
                }
            }
        }
    }

    fn prefix(&mut self, op: &str, kind: Kind, depth: u8, eval: fn(Value) -> Known) -> Made {
        let of = self.make(kind, depth);
        Made {
            text: format!("({op}{})", of.text),
            named: format!("({op}{})", of.named),
            value: of.value.and_then(eval),
        }
    }

    fn infix(
        &mut self,
        op: &'static str,
        kinds: (Kind, Kind),
        depth: u8,
        eval: fn(&str, Value, Value) -> Known,
    ) -> Made {
        let (one, other) = (self.make(kinds.0, depth), self.make(kinds.1, depth));
        let both = one.value.and_then(|one| Ok((one, other.value?)));
        Made {
            text: format!("({} {op} {})", one.text, other.text),
            named: format!("({} {op} {})", one.named, other.named),
            value: both.and_then(|(one, other)| eval(op, one, other)),
        }
    }

    fn power(&mut self, depth: u8) -> Made {
        let (base, n) = (self.make(Kind::Int, depth), self.below(6));
        Made {
            text: format!("({} ** {n})", base.text),
            named: format!("({} ** {n})", base.named),
            value: base.value.and_then(|base| match base {
                Value::Int(base) => int(base.checked_pow(n as u32)),
                _ => Err(Stop::Unknown),
            }),
        }
    }

    fn repeated(&mut self, depth: u8) -> Made {
        let (text, n) = (self.make(Kind::Text, depth), self.below(4));
        Made {
            value: text.value.map(|it| Value::Text(it.printed().repeat(n))),
            text: format!("({} * {n})", text.text),
            named: format!("({} * {n})", text.named),
        }
    }

    /// `a < b <= c`
    fn chain(&mut self, depth: u8) -> Made {
        let [a, b, c] = [(); 3].map(|()| self.make(Kind::Int, depth));
        let value = a.value.and_then(|a| {
            let b = b.value?;
            match compared("<", a, b.clone())? {
                Value::Truth(true) => compared("<=", b, c.value?),
                no => Ok(no),
            }
        });
        Made {
            text: format!("({} < {} <= {})", a.text, b.text, c.text),
            named: format!("({} < {} <= {})", a.named, b.named, c.named),
            value,
        }
    }

    /// `a if c else b`, `a and b`, `a or b`: what is not needed may fail.
    fn choice(&mut self, kind: Kind, depth: u8) -> Made {
        let (one, other) = (self.make(kind, depth), self.make(kind, depth));
        let (op, way) = [("and", 0), ("or", 1), ("if", 2)][self.below(3)];
        if way == 2 {
            let asked = self.make(Kind::Truth, depth);
            let value = asked
                .value
                .and_then(|it| if it.is_true() { one.value } else { other.value });
            return Made {
                text: format!("({} if {} else {})", one.text, asked.text, other.text),
                named: format!("({} if {} else {})", one.named, asked.named, other.named),
                value,
            };
        }
        Made {
            text: format!("({} {op} {})", one.text, other.text),
            named: format!("({} {op} {})", one.named, other.named),
            value: one.value.and_then(|one| match one.is_true() == (way == 0) {
                true => other.value,
                false => Ok(one),
            }),
        }
    }
}

fn int(it: Option<i128>) -> Known {
    // Half of what there is, so that nothing above overflows unseen.
    match it {
        Some(it) if it.unsigned_abs() < 1 << 120 => Ok(Value::Int(it)),
        _ => Err(Stop::Unknown),
    }
}

/// The quotient rounded down, and what remains, with the sign of the divisor.
fn divided(one: i128, other: i128) -> Option<(i128, i128)> {
    let (quotient, rest) = (one.checked_div(other)?, one.checked_rem(other)?);
    match rest != 0 && (rest < 0) != (other < 0) {
        true => Some((quotient - 1, rest + other)),
        false => Some((quotient, rest)),
    }
}

fn number(op: &str, one: Value, other: Value) -> Known {
    if let (&Value::Int(one), &Value::Int(other)) = (&one, &other)
        && op != "/"
    {
        return match op {
            "+" => int(one.checked_add(other)),
            "-" => int(one.checked_sub(other)),
            "*" => int(one.checked_mul(other)),
            _ if other == 0 => Err(Stop::Fails),
            "//" => int(divided(one, other).map(|it| it.0)),
            _ => int(divided(one, other).map(|it| it.1)),
        };
    }
    let (one, other) = (one.float()?, other.float()?);
    if !one.is_finite() || !other.is_finite() {
        return Err(Stop::Unknown);
    }
    Ok(Value::Float(match op {
        "+" => one + other,
        "-" => one - other,
        "*" => one * other,
        _ if other == 0.0 => return Err(Stop::Fails),
        "/" => one / other,
        _ => {
            let mut rest = one % other;
            let mut quotient = (one - rest) / other;
            if rest == 0.0 {
                rest = 0.0f64.copysign(other);
            } else if (rest < 0.0) != (other < 0.0) {
                rest += other;
                quotient -= 1.0;
            }
            let floor = match quotient == 0.0 {
                true => 0.0f64.copysign(one / other),
                false if quotient - quotient.floor() > 0.5 => quotient.floor() + 1.0,
                false => quotient.floor(),
            };
            if op == "%" { rest } else { floor }
        }
    }))
}

fn joined(_: &str, one: Value, other: Value) -> Known {
    let text = one.printed() + &other.printed();
    Ok(Value::Text(text))
}

fn compared(op: &str, one: Value, other: Value) -> Known {
    let order = match (&one, &other) {
        (Value::Int(one), Value::Int(other)) => Some(one.cmp(other)),
        (Value::Text(one), Value::Text(other)) => Some(one.chars().cmp(other.chars())),
        _ => one.float()?.partial_cmp(&other.float()?),
    };
    Ok(Value::Truth(match op {
        "==" => order.is_some_and(|it| it.is_eq()),
        "!=" => order.is_none_or(|it| it.is_ne()),
        "<" => order.is_some_and(|it| it.is_lt()),
        "<=" => order.is_some_and(|it| it.is_le()),
        ">" => order.is_some_and(|it| it.is_gt()),
        _ => order.is_some_and(|it| it.is_ge()),
    }))
}
