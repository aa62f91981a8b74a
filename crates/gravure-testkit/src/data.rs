//! JSON exactly as written: integers of any size, floats that stay floats,
//! keys in order.

use gravure_value::{BigInt, Node, Tree, TreeBuilder};
pub use jiter::JsonValue as Data;

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
        // The reader's integers come from another version of their crate, so
        // they cross over as text.
        Data::BigInt(it) => match it.to_string().parse::<BigInt>() {
            Ok(big) => builder.big(big),
            Err(_) => Node::None,
        },
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
        let Node::Map(first, 2) = tree.node(tree.root()) else {
            panic!("a map of two");
        };
        let (key, value) = tree.entry(first).unwrap();
        assert_eq!(tree.node(value), Node::Int(1));
        assert!(matches!(tree.node(key), Node::Text(_, 1)));
    }
}
