//! Borrowed JSON as values, without conversion.

use crate::{Json, Mark, Value};

/// Does `serde_json` keep the order of keys in this build? An ordered map is
/// a list with an index beside it and so is larger than a tree.
pub const ORDERED: bool = size_of::<serde_json::Map<String, Json>>() > 3 * size_of::<usize>();

impl<'c> Value<'c> {
    /// A borrowed JSON value; scalars become immediate.
    #[inline(always)]
    pub fn from_json(json: &'c Json) -> Self {
        match json {
            Json::Null => Value::None,
            Json::Bool(it) => Value::Bool(*it),
            Json::String(text) => Value::Str(Mark::Plain, text),
            Json::Number(number) => match number.as_i64() {
                Some(it) => Value::Int(it),
                None if number.is_u64() => Value::Json(json),
                None => Value::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Json::Array(_) | Json::Object(_) => Value::Json(json),
        }
    }
}
