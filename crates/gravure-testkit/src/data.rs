//! JSON exactly as written: integers of any size, floats that stay floats,
//! keys in order.

use gravure_value::{BigInt, Node, Tree, TreeBuilder};
pub use jiter::JsonValue as Data;
use jiter::{Jiter, NumberAny, NumberInt, Peek};

/// As deep as the reader of [`Data`] goes.
const MAX_NESTING: u32 = 200;

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
/// half the memory, which a process that only renders once pays for.
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
    let mut json = Jiter::new(text.as_bytes());
    let mut growing = Growing {
        builder: TreeBuilder::for_json(text.len()),
        items: Vec::new(),
        entries: Vec::new(),
    };
    let peek = json.peek().ok()?;
    let root = step(&mut json, peek, 0, &mut growing)?;
    json.finish().ok()?;
    Some(growing.builder.finish(root))
}

/// A tree, and the children of what is open, innermost last.
struct Growing {
    builder: TreeBuilder,
    items: Vec<Node>,
    entries: Vec<(Node, Node)>,
}

/// One value; `None` where it is nested too deep, or no value. Which mistake it
/// was nobody asks here, and carrying it up takes as long as the value does.
fn step(json: &mut Jiter<'_>, peek: Peek, depth: u32, growing: &mut Growing) -> Option<Node> {
    if depth >= MAX_NESTING {
        return None;
    }
    Some(match peek {
        Peek::Null => json.known_null().map(|()| Node::None).ok()?,
        Peek::True | Peek::False => Node::Bool(json.known_bool(peek).ok()?),
        Peek::String => growing.builder.text(json.known_str().ok()?),
        Peek::Array => {
            let first = growing.items.len();
            let mut next = json.known_array().ok()?;
            while let Some(peek) = next {
                let item = step(json, peek, depth + 1, growing)?;
                growing.items.push(item);
                next = json.array_step().ok()?;
            }
            let list = growing.builder.list(&growing.items[first..]);
            growing.items.truncate(first);
            list
        }
        Peek::Object => {
            let first = growing.entries.len();
            let key = json.known_object().ok()?;
            let mut key = key.map(|key| growing.builder.text(key));
            while let Some(name) = key {
                let peek = json.peek().ok()?;
                let value = step(json, peek, depth + 1, growing)?;
                growing.entries.push((name, value));
                key = json.next_key().ok()?.map(|key| growing.builder.text(key));
            }
            let map = growing.builder.map(&growing.entries[first..]);
            growing.entries.truncate(first);
            map
        }
        _ => match json.known_number(peek).ok()? {
            NumberAny::Int(NumberInt::Int(it)) => Node::Int(it),
            NumberAny::Int(NumberInt::BigInt(it)) => big(&it, &mut growing.builder),
            NumberAny::Float(it) => Node::Float(it),
        },
    })
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

    fn shown(text: &str) -> String {
        let tree = tree_of(&parse_data(text).unwrap());
        let direct = parse_tree(text).unwrap();
        assert_eq!(format!("{tree:?}"), format!("{direct:?}"), "{text}");
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
            let shown = |tree: Tree| format!("{tree:?}");
            let long_way = parse_data(text).map(|data| shown(tree_of(&data)));
            let excerpt = text.get(..20).unwrap_or(text);
            assert_eq!(parse_tree(text).map(shown), long_way, "{excerpt}");
        }
    }
}
