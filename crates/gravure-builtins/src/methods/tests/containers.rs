//! Methods of lists, dicts, sets, numbers, ranges and loops.

use super::{FakeHost, check, show};
use gravure_value::{Kind, Limits, Surface, Value};

#[test]
fn lists_and_tuples() {
    check(
        r#"
        [[1, 1.0, true], "count", [1]] => 3
        [{"$tuple": [1, 2, 1]}, "count", [1]] => 2
        [[5, 6, 5], "index", [5, 1]] => 2
        [[5, 6, 5], "index", [5, -1]] => 2
        [[3, 1, 2], "index", [9]] => K-RUN-007
        [[3, 1], "index", [3, null]] => K-RUN-012
        [{"$host": [3, 1, 2]}, "index", [1]] => 1
        [{"$host": [3, 1, 2]}, "copy", []] => [3, 1, 2]
        [[3, 1, 2], "append", [4]] => None <- [3, 1, 2, 4]
        [[1], "append", ["$self"]] => None <- [1, [...]]
        [[1, 2], "extend", ["ab"]] => None <- [1, 2, 'a', 'b']
        [[1, 2], "extend", ["$self"]] => None <- [1, 2, 1, 2]
        [[3, 1, 2], "extend", [5]] => K-RUN-012
        [[3, 1, 2], "insert", [1, 9]] => None <- [3, 9, 1, 2]
        [[3, 1, 2], "insert", [99, 8]] => None <- [3, 1, 2, 8]
        [[3, 1, 2], "insert", [-1, 7]] => None <- [3, 1, 7, 2]
        [[3, 1, 2], "insert", [-99, 7]] => None <- [7, 3, 1, 2]
        [[3, 1, 2], "pop", []] => 2 <- [3, 1]
        [[3, 1, 2], "pop", [0]] => 3 <- [1, 2]
        [[3, 1, 2], "pop", [-3]] => 3 <- [1, 2]
        [[3, 1, 2], "pop", [9]] => K-RUN-007
        [[3, 1, 2], "pop", [-4]] => K-RUN-007
        [[], "pop", []] => K-RUN-007
        [[3], "pop", ["a"]] => K-RUN-012
        [[3, 1, 3], "remove", [3]] => None <- [1, 3]
        [[3], "remove", [7]] => K-RUN-007
        [[3, 1, 2], "reverse", []] => None <- [2, 1, 3]
        [[3], "clear", []] => None <- []
        [[3], "append", []] => K-RUN-012
        [{"$tuple": [1]}, "append", [2]] => no such method
        [{"$tuple": [1]}, "copy", []] => no such method
        "#,
    );
}

#[test]
fn sorting() {
    check(
        r#"
        [[3, 1, 2], "sort", []] => None <- [1, 2, 3]
        [[3, 1, 2], "sort", [], {"reverse": true}] => None <- [3, 2, 1]
        [["b", "a", "C"], "sort", []] => None <- ['C', 'a', 'b']
        [["bb", "aa", "c"], "sort", [], {"key": {"$fn": "len"}}] => None <- ['c', 'bb', 'aa']
        [["c", "bb", "aa"], "sort", [], {"key": {"$fn": "len"}, "reverse": true}] => None <- ['bb', 'aa', 'c']
        [[2.5, 1, true, 0.5, 2, 1.0], "sort", []] => None <- [0.5, 1, True, 1.0, 2, 2.5]
        [[[2, 1], [1, 2], [1, 1], [0], []], "sort", []] => None <- [[], [0], [1, 1], [1, 2], [2, 1]]
        [[1, "a"], "sort", []] => K-RUN-012
        [[1, null], "sort", []] => K-RUN-005
        [[3, 1], "sort", [1]] => K-RUN-012
        [[3, 1], "sort", [], {"reverse": "x"}] => K-RUN-012
        [[], "sort", []] => None
        "#,
    );
}

#[test]
fn dicts() {
    check(
        r#"
        [{"b": 2, "a": 1}, "get", ["z", "q"]] => 'q'
        [{"b": 2, "a": 1}, "get", ["z"]] => None
        [{"$host": {"b": 2}}, "get", ["b"]] => 2
        [{"$host": {"b": 2}}, "get", [1]] => None
        [{"$host": {"b": 2}}, "get", [[1]]] => K-RUN-012
        [{"b": 2}, "get", [[1]]] => K-RUN-012
        [{"b": 2}, "get", []] => K-RUN-012
        [{"b": 2}, "get", [], {"key": "b"}] => K-RUN-012
        [{"a": 1, "b": "x"}, "keys", []] => dict_keys(['a', 'b'])
        [{"$host": {"a": 1, "b": "x"}}, "values", []] => dict_values([1, 'x'])
        [{"a": 1, "b": "x"}, "items", []] => dict_items([('a', 1), ('b', 'x')])
        [{"a": 1}, "keys", [1]] => K-RUN-012
        [{"$host": {"a": 1, "b": 2}}, "copy", []] => {'a': 1, 'b': 2}
        [{"$host": {"a": 1}}, "fromkeys", [["x", "y"], 0]] => {'x': 0, 'y': 0}
        [{}, "fromkeys", [["x"]]] => {'x': None}
        [{"a": 1, "b": 2}, "pop", ["a"]] => 1 <- {'b': 2}
        [{"a": 1}, "pop", ["z", 0]] => 0
        [{"a": 1}, "pop", ["z"]] => K-RUN-009
        [{"a": 1, "b": 2}, "popitem", []] => ('b', 2) <- {'a': 1}
        [{}, "popitem", []] => K-RUN-009
        [{"a": 1}, "setdefault", ["c", 5]] => 5 <- {'a': 1, 'c': 5}
        [{"a": 1}, "setdefault", ["c"]] => None <- {'a': 1, 'c': None}
        [{"a": 1}, "setdefault", ["a", 5]] => 1
        [{"b": 2, "a": 1}, "update", [{"c": 3, "b": 9}]] => None <- {'b': 9, 'a': 1, 'c': 3}
        [{"a": 1}, "update", [], {"c": 3}] => None <- {'a': 1, 'c': 3}
        [{"a": 1}, "update", [[["q", 2]]]] => None <- {'a': 1, 'q': 2}
        [{"a": 1}, "update", [{"$host": {"q": 2}}], {"z": 3}] => None <- {'a': 1, 'q': 2, 'z': 3}
        [{"a": 1}, "update", ["$self"]] => None
        [{"a": 1}, "update", [["abc"]]] => K-RUN-007
        [{"a": 1}, "update", [[1]]] => K-RUN-012
        [{"a": 1}, "update", [null]] => K-RUN-012
        [{"a": 1}, "update", [[[[1], 2]]]] => K-RUN-012
        [{"a": 1}, "clear", []] => None <- {}
        "#,
    );
}

#[test]
fn sets() {
    check(
        r#"
        [{"$set": [1]}, "add", [2]] => None <- {1, 2}
        [{"$set": [1]}, "add", [[2]]] => K-RUN-012
        [{"$set": [1]}, "discard", [9]] => None
        [{"$set": [1]}, "remove", [1]] => None <- set()
        [{"$set": [1]}, "remove", [2]] => K-RUN-009
        [{"$set": [1]}, "pop", []] => 1 <- set()
        [{"$set": []}, "pop", []] => K-RUN-009
        [{"$set": [1]}, "update", [[2], [3]]] => None <- {1, 2, 3}
        [{"$set": [1]}, "update", [5]] => K-RUN-012
        [{"$set": [1]}, "clear", []] => None <- set()
        [{"$set": [1, 2]}, "union", [[3], [4]]] => {1, 2, 3, 4}
        [{"$set": [1, 2]}, "intersection", [[2]]] => {2}
        [{"$set": [1, 2]}, "difference", [[2]]] => {1}
        [{"$set": [1, 2]}, "symmetric_difference", [[2, 3]]] => {1, 3}
        [{"$set": [1]}, "issubset", [[1, 2]]] => True
        [{"$set": [1, 2]}, "issuperset", [[1]]] => True
        [{"$set": [1]}, "issuperset", [[1, 2]]] => False
        [{"$set": [1]}, "isdisjoint", [[2]]] => True
        [{"$set": [1]}, "copy", []] => {1}
        [{"$set": [1]}, "union", [5]] => K-RUN-012
        "#,
    );
}

#[test]
fn data_of_the_host_is_refused_before_arguments() {
    check(
        r#"
        [{"$host": [1]}, "append", [4]] => K-RUN-021
        [{"$host": [1]}, "append", []] => K-RUN-021
        [{"$host": [1]}, "extend", [[]]] => K-RUN-021
        [{"$host": [1]}, "insert", [0, 4]] => K-RUN-021
        [{"$host": [1]}, "remove", [7]] => K-RUN-021
        [{"$host": [1]}, "pop", [], {"nope": 1}] => K-RUN-021
        [{"$host": [1]}, "clear", []] => K-RUN-021
        [{"$host": [1]}, "reverse", []] => K-RUN-021
        [{"$host": [1]}, "sort", []] => K-RUN-021
        [{"$host": {"a": 1}}, "update", [], {"c": 3}] => K-RUN-021
        [{"$host": {"a": 1}}, "pop", ["zz"]] => K-RUN-021
        [{"$host": {"a": 1}}, "popitem", []] => K-RUN-021
        [{"$host": {"a": 1}}, "setdefault", ["a", 5]] => K-RUN-021
        [{"$host": {"a": 1}}, "clear", []] => K-RUN-021
        "#,
    );
}

#[test]
fn loops_keep_their_items_while_a_list_changes() {
    let mut host = FakeHost::new(Limits::default(), Surface::Html);
    let list = host
        .heap
        .new_list(vec![Value::Int(1), Value::Int(2)])
        .unwrap();
    let mut iter = host.heap.iter(list).unwrap();
    let id = host.registry.method(Kind::List, "append").unwrap();
    while let Some(item) = iter.step(&host.heap) {
        host.run(id, &[list, item], &[]).unwrap();
    }
    assert_eq!(show(&host, list), "[1, 2, 1, 2]");
}

#[test]
fn numbers_and_ranges() {
    check(
        r#"
        [5, "real", []] => 5
        [5, "imag", []] => 0
        [5, "denominator", []] => 1
        [true, "real", []] => 1
        [1.5, "imag", []] => 0.0
        [5, "bit_length", []] => 3
        [-5, "bit_length", []] => 3
        [true, "bit_length", []] => 1
        [5, "bit_count", []] => 2
        [18446744073709551615, "bit_count", []] => 64
        [5, "is_integer", []] => True
        [5, "as_integer_ratio", []] => (5, 1)
        [true, "conjugate", []] => 1
        [2.5, "is_integer", []] => False
        [2.0, "is_integer", []] => True
        [2.5, "as_integer_ratio", []] => (5, 2)
        [-0.75, "as_integer_ratio", []] => (-3, 4)
        [1e22, "as_integer_ratio", []] => (10000000000000000000000, 1)
        [0.0, "as_integer_ratio", []] => (0, 1)
        [{"$float": "inf"}, "as_integer_ratio", []] => K-RUN-007
        [{"$float": "inf"}, "is_integer", []] => False
        [3.0, "hex", []] => '0x1.8000000000000p+1'
        [-0.1, "hex", []] => '-0x1.999999999999ap-4'
        [5e-324, "hex", []] => '0x0.0000000000001p-1022'
        [{"$float": "-inf"}, "hex", []] => '-inf'
        [{"$range": [2, 9, 3]}, "stop", []] => 9
        [{"$range": [2, 9, 3]}, "step", []] => 3
        [{"$range": [2, 9, 3]}, "index", [5]] => 1
        [{"$range": [9, 2, -3]}, "index", [3.0]] => 2
        [{"$range": [2, 9, 3]}, "index", [6]] => K-RUN-007
        [{"$range": [0, 5, 1]}, "count", [3]] => 1
        [{"$range": [0, 5, 1]}, "count", ["x"]] => 0
        "#,
    );
}

#[test]
fn loops_and_undefined() {
    check(
        r#"
        [{"$loop": [["a", "b", "c"], 2]}, "index", []] => 2
        [{"$loop": [["a", "b", "c"], 2]}, "index0", []] => 1
        [{"$loop": [["a", "b", "c"], 2]}, "revindex", []] => 2
        [{"$loop": [["a", "b", "c"], 2]}, "revindex0", []] => 1
        [{"$loop": [["a", "b", "c"], 1]}, "first", []] => True
        [{"$loop": [["a", "b", "c"], 3]}, "last", []] => True
        [{"$loop": ["añb", 1]}, "length", []] => 3
        [{"$loop": ["añb", 2]}, "nextitem", []] => 'b'
        [{"$loop": [["a", "b"], 2]}, "previtem", []] => 'a'
        [{"$loop": [["a", "b"], 1]}, "previtem", []] => None
        [{"$loop": [["a", "b"], 2]}, "nextitem", []] => None
        [{"$loop": [["a", "b"], 2]}, "cycle", ["o", "e"]] => 'e'
        [{"$loop": [["a", "b"], 2]}, "cycle", []] => None
        [{"$loop": [["a", "b"], 2]}, "cycle", [], {"sep": 1}] => K-RUN-012
        [{"$loop": [["a", "b"], 2, true]}, "index", []] => 2
        [{"$loop": [["a", "b"], 2, true]}, "length", []] => K-RUN-012
        [{"$loop": [["a", "b"], 2, true]}, "nextitem", []] => K-RUN-012
        [{"$undefined": 0}, "get", ["a", 1]] => 1
        [{"$undefined": 0}, "get", ["a"]] => Undefined
        [{"$undefined": 0}, "items", []] => []
        "#,
    );
}
