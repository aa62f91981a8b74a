//! Builtins that do the same work whatever the size of what they are given.

/// Why, and which.
pub(crate) const SPARED: &[(&str, &[&str])] = &[
    (
        "it asks for the kind, or whether there is anything",
        &[
            "bool()",
            "is callable",
            "is defined",
            "is false",
            "is iterable",
            "is mapping",
            "is none",
            "is number",
            "is sequence",
            "is string",
            "is true",
            "is undefined",
            "| typeof",
        ],
    ),
    (
        "values of different kinds or lengths differ at once",
        &["is eq", "is ne", "is in", "is sameas"],
    ),
    (
        "the first letters decide the order",
        &["is ge", "is greaterthan", "is le", "is lessthan"],
    ),
    ("the length is known", &["len()", "| count"]),
    (
        "one entry, or as many as were asked for",
        &[
            "dict.get",
            "dict.popitem",
            "dict.update",
            "list.pop",
            "| attr",
            "| debug",
            "| first",
            "| get",
            "| last",
            "| take",
        ],
    ),
    (
        "what was made is let go, and was paid for then",
        &["dict.clear", "list.clear"],
    ),
    (
        "the value is handed on, or looked at later, item by item",
        &[
            "dict.items",
            "dict.keys",
            "dict.values",
            "enumerate()",
            "filter()",
            "map()",
            "str()",
            "zip()",
            "| classes",
            "| d",
            "| require",
            "| string",
        ],
    ),
    (
        "the piped value is not looked at",
        &[
            "_()",
            "_n()",
            "consume()",
            "dict.fromkeys",
            "is hx_boosted",
            "is hx_request",
            "is hx_target",
        ],
    ),
];
