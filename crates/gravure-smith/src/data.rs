//! The data of a render: names that every template may use, each of its kind,
//! with values that the bytes choose.

use crate::{forms::Kind, smith::Smith};
use arbitrary::Result;
use serde_json::{Map, Value, json};

/// The names, each of which every site's data have.
pub(crate) const NAMES: &[(&str, Kind)] = &[
    ("n", Kind::Int),
    ("m", Kind::Int),
    ("f", Kind::Float),
    ("on", Kind::Bool),
    ("s", Kind::Str),
    ("q", Kind::Str),
    ("ns", Kind::Ints),
    ("xs", Kind::Words),
    ("d", Kind::Dict),
    ("user", Kind::Row),
    ("rows", Kind::Rows),
];

const INTS: &[i64] = &[
    3,
    0,
    1,
    -1,
    7,
    255,
    -300,
    i64::MAX,
    i64::MIN,
    1 << 53,
    1_700_000_000,
];
const FLOATS: &[f64] = &[2.5, 0.0, -0.0, 1e300, -1.5e-7, 0.1, 123_456.789, 1e16];

impl Smith<'_, '_> {
    /// Values for all names.
    pub(crate) fn context(&mut self) -> Result<Value> {
        let mut context = Map::new();
        for &(name, kind) in NAMES {
            context.insert(name.to_owned(), self.value(kind)?);
        }
        Ok(Value::Object(context))
    }

    fn value(&mut self, kind: Kind) -> Result<Value> {
        Ok(match kind {
            Kind::Int => json!(self.of(INTS)?),
            Kind::Float => json!(self.of(FLOATS)?),
            Kind::Bool => json!(self.below(2)? == 0),
            Kind::Str => json!(self.text()?),
            Kind::Ints => self.list(Kind::Int)?,
            Kind::Words => self.list(Kind::Str)?,
            Kind::Dict => json!({
                "a": self.of(INTS)?, "b": self.below(9)?, "c": self.of(INTS)?
            }),
            Kind::Row => json!({
                "id": self.below(99)?, "name": self.text()?, "tags": self.list(Kind::Str)?
            }),
            Kind::Rows => self.list(Kind::Row)?,
        })
    }

    /// One to four values.
    fn list(&mut self, kind: Kind) -> Result<Value> {
        let n = 1 + self.below(4)?;
        (0..n).map(|_| self.value(kind)).collect()
    }
}
