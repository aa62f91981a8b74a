//! JSON exactly as written: integers of any size, floats that stay floats,
//! keys in order.

use gravure_value::{BigInt, Freezer, Node, Tree, TreeBuilder};
pub use jiter::JsonValue as Data;
use jiter::{Jiter, JiterError, NumberAny, NumberInt, Peek};
use serde::ser::{
    self, Serialize, SerializeMap as _, SerializeSeq as _, SerializeStruct as _, Serializer,
};
use std::cell::RefCell;

/// As deep as the reader of [`Data`] goes.
const MAX_NESTING: u32 = 200;

/// What `serde_json` calls a number whose digits it keeps as text.
const NUMBER: &str = "$serde_json::private::Number";

/// JSON as data of a render.
///
/// Recurses as deep as the JSON is nested, which its reader bounds to 200.
pub fn tree_of(data: &Data<'_>) -> Tree {
    let mut builder = TreeBuilder::default();
    let root = node_of(data, &mut builder);
    builder.finish(root)
}

fn node_of(data: &Data<'_>, builder: &mut TreeBuilder) -> Node {
    match data {
        Data::Null => Node::None,
        Data::Bool(it) => Node::Bool(*it),
        Data::Int(it) => Node::Int(*it),
        Data::BigInt(it) => big(it, builder),
        Data::Float(it) => Node::Float(*it),
        Data::Str(it) => builder.text(it),
        Data::Array(items) => {
            let nodes: Vec<Node> = items.iter().map(|item| node_of(item, builder)).collect();
            builder.list(&nodes)
        }
        Data::Object(entries) => {
            let nodes: Vec<(Node, Node)> = entries
                .iter()
                .map(|(key, value)| (builder.text(key), node_of(value, builder)))
                .collect();
            builder.map(&nodes)
        }
    }
}

/// Read one JSON text as data of a render, without [`Data`] between the two:
/// half the memory and half the work, which a process that only renders once
/// pays for.
///
/// # Errors
/// Where it is no JSON.
pub fn parse_tree(text: &str) -> Result<Tree, String> {
    // A mistake is met again by the other reader, which has the words for it.
    match walk(text) {
        Some(tree) => Ok(tree),
        None => parse_data(text).map(|data| tree_of(&data)),
    }
}

fn walk(text: &str) -> Option<Tree> {
    let json = RefCell::new(Jiter::new(text.as_bytes()));
    let peek = json.borrow_mut().peek().ok()?;
    let reading = Reading {
        json: &json,
        peek,
        depth: 0,
    };
    let tree = Freezer::for_json(text.len()).freeze(&reading).ok()?;
    json.into_inner().finish().ok()?;
    Some(tree)
}

/// A value that begins where a reader is. It can be serialized once.
struct Reading<'r, 't> {
    json: &'r RefCell<Jiter<'t>>,
    peek: Peek,
    depth: u32,
}

impl Reading<'_, '_> {
    fn inside(&self, peek: Peek) -> Self {
        Self {
            json: self.json,
            peek,
            depth: self.depth + 1,
        }
    }
}

/// Which mistake it was nobody asks here.
fn no_json<E: ser::Error>(_: JiterError) -> E {
    E::custom("no JSON")
}

impl Serialize for Reading<'_, '_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        if self.depth >= MAX_NESTING {
            return Err(ser::Error::custom("nested too deep"));
        }
        let json = self.json;
        match self.peek {
            Peek::Null => {
                json.borrow_mut().known_null().map_err(no_json)?;
                to.serialize_unit()
            }
            Peek::True | Peek::False => {
                let it = json.borrow_mut().known_bool(self.peek);
                to.serialize_bool(it.map_err(no_json)?)
            }
            Peek::String => to.serialize_str(json.borrow_mut().known_str().map_err(no_json)?),
            Peek::Array => {
                let mut next = json.borrow_mut().known_array().map_err(no_json)?;
                let mut items = to.serialize_seq(None)?;
                while let Some(peek) = next {
                    items.serialize_element(&self.inside(peek))?;
                    next = json.borrow_mut().array_step().map_err(no_json)?;
                }
                items.end()
            }
            Peek::Object => {
                let mut entries = to.serialize_map(None)?;
                let mut is_open = match json.borrow_mut().known_object().map_err(no_json)? {
                    Some(key) => entries.serialize_key(key).map(|()| true)?,
                    None => false,
                };
                while is_open {
                    let peek = json.borrow_mut().peek().map_err(no_json)?;
                    entries.serialize_value(&self.inside(peek))?;
                    is_open = match json.borrow_mut().next_key().map_err(no_json)? {
                        Some(key) => entries.serialize_key(key).map(|()| true)?,
                        None => false,
                    };
                }
                entries.end()
            }
            _ => {
                let number = json.borrow_mut().known_number(self.peek);
                match number.map_err(no_json)? {
                    NumberAny::Int(NumberInt::Int(it)) => to.serialize_i64(it),
                    NumberAny::Int(NumberInt::BigInt(it)) => match i128::try_from(&it) {
                        Ok(it) => to.serialize_i128(it),
                        Err(_) => {
                            let mut number = to.serialize_struct(NUMBER, 1)?;
                            number.serialize_field(NUMBER, &it.to_string())?;
                            number.end()
                        }
                    },
                    NumberAny::Float(it) => to.serialize_f64(it),
                }
            }
        }
    }
}

/// The reader's integers come from another version of their crate, so they
/// cross over as text.
fn big(it: &impl ToString, builder: &mut TreeBuilder) -> Node {
    match it.to_string().parse::<BigInt>() {
        Ok(big) => builder.big(big),
        Err(_) => Node::None,
    }
}

/// Read one JSON text.
///
/// # Errors
/// Where it is no JSON.
pub fn parse_data(text: &str) -> Result<Data<'static>, String> {
    match Data::parse(text.as_bytes(), false) {
        Ok(data) => Ok(data.into_static()),
        Err(error) => Err(error.description(text.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_value::NodeId;

    /// All that is in a tree, wherever it lies.
    fn all(tree: &Tree, node: Node) -> String {
        match node {
            Node::Big(at) => tree.big(at).unwrap().to_string(),
            Node::Text(start, len) => format!("{:?}", tree.text(start, len)),
            Node::List(first, len) => {
                let items = (first.0..first.0 + len).map(|at| all(tree, tree.node(NodeId(at))));
                format!("[{}]", items.collect::<Vec<_>>().join(", "))
            }
            Node::Map(map) => {
                let entries = (0..map.len).map(|at| {
                    let (key, value) = tree.entry(map, at).unwrap();
                    let of = |id| all(tree, tree.node(id));
                    format!("{}: {}", of(key), of(value))
                });
                format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
            }
            scalar => format!("{scalar:?}"),
        }
    }

    fn whole(tree: &Tree) -> String {
        all(tree, tree.node(tree.root()))
    }

    fn shown(text: &str) -> String {
        let tree = tree_of(&parse_data(text).unwrap());
        let direct = parse_tree(text).unwrap();
        assert_eq!(whole(&tree), whole(&direct), "{text}");
        match tree.node(tree.root()) {
            Node::Big(at) => tree.big(at).unwrap().to_string(),
            Node::Text(start, len) => tree.text(start, len).to_owned(),
            node => format!("{node:?}"),
        }
    }

    #[test]
    fn numbers_stay_what_they_are() {
        assert_eq!(shown("7"), "Int(7)");
        assert_eq!(shown("7.0"), "Float(7.0)");
        assert_eq!(shown("7e0"), "Float(7.0)");
        assert_eq!(shown("-0"), "Int(0)");
        assert_eq!(shown("9223372036854775807"), "Int(9223372036854775807)");
        assert_eq!(shown("9223372036854775808"), "9223372036854775808");
        assert_eq!(
            shown("-123456789012345678901234567890"),
            "-123456789012345678901234567890"
        );
        assert_eq!(shown("0.1"), "Float(0.1)");
        assert_eq!(shown("1e308"), "Float(1e308)");
    }

    #[test]
    fn texts_hold_what_they_hold() {
        assert_eq!(shown(r#""a\u0000\u2028\u0085""#), "a\0\u{2028}\u{85}");
        assert!(parse_data("NaN").is_err());
        assert!(parse_data("{} x").is_err());
    }

    #[test]
    fn keys_keep_their_order() {
        let tree = tree_of(&parse_data(r#"{"b": 1, "a": 2}"#).unwrap());
        let Node::Map(map) = tree.node(tree.root()) else {
            panic!("a map");
        };
        assert_eq!(map.len, 2);
        let (key, value) = tree.entry(map, 0).unwrap();
        assert_eq!(tree.node(value), Node::Int(1));
        assert!(matches!(tree.node(key), Node::Text(_, 1)));
    }

    #[test]
    fn both_ways_read_the_same() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        for text in [
            r#"{"a": [1, -2.5e3, true, false, null, "x\u00e9\n"], "b": {"c": {}}, "b": []}"#,
            r#"[{"a": 1, "b": [{"a": 2}]}, {"a": 3, "b": [{"a": 4, "a": 5}]}, {"b": 6}, {"a": {}}]"#,
            r#"{"n": [-170141183460469231731687303715884105729, 18446744073709551615]}"#,
            "[]",
            " 7 ",
            "99999999999999999999",
            &nested(199),
            &nested(200),
            &nested(201),
            &nested(100_000),
            "",
            "[1,]",
            "[1 2]",
            "{\"a\" 1}",
            "{\"a\": }",
            "{a: 1}",
            "Infinity",
            "-NaN",
            "01",
            "\"a",
            "[1] x",
        ] {
            let long_way = parse_data(text).map(|data| whole(&tree_of(&data)));
            let excerpt = text.get(..20).unwrap_or(text);
            let short_way = parse_tree(text).map(|tree| whole(&tree));
            assert_eq!(short_way, long_way, "{excerpt}");
        }
    }
}
