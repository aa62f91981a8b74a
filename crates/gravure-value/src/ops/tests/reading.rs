//! Items, slices, printing, circles and depth.

use super::*;
use gravure_source::Code;

#[test]
fn items() {
    check(
        "[3, 4, 5] | item | 0 | 3
        [3, 4, 5] | item | -1 | 5
        [3, 4, 5] | item | True | 4
        [3, 4, 5] | item | -3 | 3
        [3, 4, 5] | item | 3 | K-RUN-007
        [3, 4, 5] | item | -4 | K-RUN-007
        [3, 4, 5] | item | -9223372036854775808 | K-RUN-007
        [3, 4, 5] | item | 99999999999999999999 | K-RUN-007
        [3, 4, 5] | item | '0' | K-RUN-012
        [3, 4, 5] | item | 1.0 | K-RUN-012
        [3, 4, 5] | item | None | K-RUN-012
        (1, 2) | item | -1 | 2
        '日本' | item | 1 | '本'
        'abc' | item | -1 | 'c'
        h'<b>' | item | 0 | '<'
        'abc' | item | 3 | K-RUN-007
        'abc' | item | -4 | K-RUN-007
        'abc' | item | 'a' | K-RUN-012
        range(1, 10) | item | 0 | 1
        range(1, 10, 2) | item | -1 | 9
        range(1, 10) | item | 9 | K-RUN-007
        {'a': 1} | item | 'a' | 1
        {1: 'int'} | item | 1.0 | 'int'
        {1: 'int'} | item | True | 'int'
        {(1, (2, 'a')): 'deep'} | item | (1, (2, 'a')) | 'deep'
        {None: 'n', 1.5: 'f'} | item | 1.5 | 'f'
        {range(0, 2): 'r'} | item | range(0, 2) | 'r'
        {'a': 1} | item | 'q' | K-RUN-009
        {'a': 1} | item | [1] | K-RUN-012
        {'a': 1} | item | ([1],) | K-RUN-012
        None | item | 'x' | K-RUN-012
        5 | item | 0 | K-RUN-012
        set(1) | item | 0 | K-RUN-012
        Undefined | item | 0 | K-RUN-012
        None | ?item | 'x' | None
        {'a': 1} | ?item | 'q' | None
        {'a': 1} | ?item | 'a' | 1
        {'a': 1} | ?item | [1] | K-RUN-012
        [1] | ?item | 9 | Undefined
        [1] | ?item | 'x' | Undefined
        5 | ?item | 0 | Undefined
        'str' | ?item | 9 | Undefined",
    );
}

#[test]
fn slices() {
    let cases = [
        ("[1, 2, 3, 4]", "1", "3", "None", "[2, 3]"),
        ("[1, 2, 3, 4]", "None", "2", "None", "[1, 2]"),
        ("[1, 2, 3, 4]", "-3", "-1", "None", "[2, 3]"),
        ("[1, 2, 3, 4]", "None", "None", "2", "[1, 3]"),
        ("[1, 2, 3, 4]", "None", "None", "-1", "[4, 3, 2, 1]"),
        ("[1, 2, 3, 4]", "3", "0", "-2", "[4, 2]"),
        ("[1, 2, 3, 4]", "9", "None", "None", "[]"),
        ("[1, 2, 3, 4]", "-9", "2", "None", "[1, 2]"),
        ("[1, 2, 3, 4]", "-1", "-9", "-1", "[4, 3, 2, 1]"),
        ("[1, 2, 3, 4]", "3", "1", "None", "[]"),
        ("[1, 2, 3]", "True", "None", "None", "[2, 3]"),
        ("[1, 2, 3]", "None", "None", "9223372036854775807", "[1]"),
        ("[1, 2, 3]", "None", "None", "-99999999999999999999", "[3]"),
        (
            "[1, 2, 3]",
            "-99999999999999999999",
            "99999999999999999999",
            "None",
            "[1, 2, 3]",
        ),
        ("(1, 2, 3)", "1", "None", "None", "(2, 3)"),
        ("'hello'", "1", "3", "None", "'el'"),
        ("'hello'", "None", "None", "-1", "'olleh'"),
        ("'hello'", "3", "1", "None", "''"),
        ("'日本語'", "1", "None", "None", "'本語'"),
        ("'日本語'", "None", "None", "-2", "'語日'"),
        ("h'<b>'", "None", "None", "None", "'<b>'"),
        ("range(0, 10)", "2", "5", "None", "range(2, 5)"),
        ("range(0, 10)", "None", "None", "3", "range(0, 10, 3)"),
        ("range(1, 10)", "-2", "None", "None", "range(8, 10)"),
        ("range(0, 10)", "None", "None", "-1", "range(9, -1, -1)"),
        (
            "range(0, 9223372036854775807, 9223372036854775806)",
            "None",
            "None",
            "3",
            "K-RUN-007",
        ),
        ("[1]", "None", "None", "0", "K-RUN-007"),
        ("[1, 2]", "'a'", "None", "None", "K-RUN-012"),
        ("[1, 2]", "None", "1.0", "None", "K-RUN-012"),
        ("{'a': 1}", "0", "1", "None", "K-RUN-009"),
        ("None", "0", "1", "None", "K-RUN-012"),
        ("Undefined", "0", "1", "None", "K-RUN-012"),
    ];
    let mut heap = heap();
    for (object, start, stop, step, wanted) in cases {
        let [object, start, stop, step] = [object, start, stop, step].map(|it| read(&mut heap, it));
        let made = slice(&mut heap, object, start, stop, step);
        assert_eq!(
            shown(&heap, made),
            wanted,
            "{object:?}[{start:?}:{stop:?}:{step:?}]"
        );
    }
    assert_eq!(slice_bounds(5, None, None, 1), (0, 5));
    assert_eq!(slice_bounds(5, None, None, -1), (4, -1));
    assert_eq!(slice_bounds(5, Some(-2), Some(99), 1), (3, 5));
    assert_eq!(slice_bounds(0, Some(3), None, -1), (-1, -1));
}

#[test]
fn printing() {
    let mut heap = heap();
    for (value, printed, nested) in [
        ("None", "None", "None"),
        ("True", "True", "True"),
        ("Undefined", "", "Undefined"),
        ("-7", "-7", "-7"),
        (
            "99999999999999999999",
            "99999999999999999999",
            "99999999999999999999",
        ),
        ("1e16", "1e+16", "1e+16"),
        ("'a'", "a", "'a'"),
        ("h'<'", "<", "Markup('<')"),
        (
            "[1, 2.0, 'x', True, None, [], {}, (), (1,)]",
            "[1, 2.0, 'x', True, None, [], {}, (), (1,)]",
            "[1, 2.0, 'x', True, None, [], {}, (), (1,)]",
        ),
        (
            "{'k': h'v', 1: [{}], (1, 2): Undefined}",
            "{'k': Markup('v'), 1: [{}], (1, 2): Undefined}",
            "{'k': Markup('v'), 1: [{}], (1, 2): Undefined}",
        ),
        ("set()", "set()", "set()"),
        ("set('a')", "{'a'}", "{'a'}"),
        ("range(0, 3)", "range(0, 3)", "range(0, 3)"),
        ("range(0, 9, 3)", "range(0, 9, 3)", "range(0, 9, 3)"),
    ] {
        let value = read(&mut heap, value);
        let mut out = String::new();
        print(&heap, value, &mut out).unwrap();
        assert_eq!(out, printed);
        assert_eq!(to_text(&heap, value).unwrap(), printed);
        assert_eq!(shown(&heap, Ok(value)), nested);
    }
    let value = read(&mut heap, "['é😀', 'a']");
    let mut out = String::new();
    repr_ascii(&heap, value, &mut out).unwrap();
    assert_eq!(out, r"['\xe9\U0001f600', 'a']");
}

#[test]
fn views_of_dicts() {
    use crate::{Cell, CellKind, ViewKind};
    let mut heap = heap();
    let dict = read(&mut heap, "{'a': 1, 'b': 'x'}");
    let view = |heap: &mut Heap<'static>, kind, cell_kind| {
        let id = heap.alloc(Cell::View(kind, dict)).unwrap();
        Value::Cell(cell_kind, id)
    };
    let keys = view(&mut heap, ViewKind::Keys, CellKind::KeysView);
    let values = view(&mut heap, ViewKind::Values, CellKind::ValuesView);
    let items = view(&mut heap, ViewKind::Items, CellKind::ItemsView);
    assert_eq!(shown(&heap, Ok(keys)), "dict_keys(['a', 'b'])");
    assert_eq!(shown(&heap, Ok(values)), "dict_values([1, 'x'])");
    assert_eq!(
        shown(&heap, Ok(items)),
        "dict_items([('a', 1), ('b', 'x')])"
    );
    let [a, x, pair, wrong] = ["'a'", "'x'", "('a', 1)", "('a', 2)"].map(|it| read(&mut heap, it));
    assert!(contains(&heap, a, keys).unwrap());
    assert!(!contains(&heap, x, keys).unwrap());
    assert!(contains(&heap, x, values).unwrap());
    assert!(contains(&heap, pair, items).unwrap());
    assert!(!contains(&heap, wrong, items).unwrap());
    assert_eq!(hash(&heap, keys).unwrap_err().code, Code::RunKind);
    assert_eq!(length(&heap, items), Some(2));
    assert!(is_truthy(&heap, items));
    assert_eq!(
        get_item(&mut heap, keys, Value::Int(0)).unwrap_err().code,
        Code::RunKind
    );
}

#[test]
fn circles() {
    use crate::{Cell, CellKind};
    use std::sync::Arc;
    let mut heap = heap();
    let list = |heap: &mut Heap<'static>| {
        let Value::Cell(_, id) = heap.new_list(Vec::new()).unwrap() else {
            panic!("a list is a cell")
        };
        id
    };
    let (a, b) = (list(&mut heap), list(&mut heap));
    let value = |id| Value::Cell(CellKind::List, id);
    // `a` holds itself; `b` holds itself through a tuple in a list.
    *heap.cell_mut(a).unwrap() = Cell::List(Arc::new(vec![Value::Int(1), value(a)]));
    let tuple = heap.new_tuple(vec![value(b)]).unwrap();
    let inner = heap.new_list(vec![Value::Int(1), tuple]).unwrap();
    *heap.cell_mut(b).unwrap() = Cell::List(Arc::new(vec![Value::Int(1), inner]));
    assert_eq!(shown(&heap, Ok(value(a))), "[1, [...]]");
    assert_eq!(shown(&heap, Ok(value(b))), "[1, [1, ([...],)]]");
    assert_eq!(shown(&heap, Ok(tuple)), "([1, [1, (...)]],)");
    assert_eq!(
        eq(&heap, value(a), value(a)).unwrap_err().code,
        Code::RunValue
    );
    assert_eq!(
        less(&heap, value(a), value(a)).unwrap_err().code,
        Code::RunValue
    );
    assert_eq!(eq(&heap, value(a), value(b)).ok(), Some(false));
    assert_eq!(heap.export(value(a)).err().unwrap().code, Code::RunValue);
    assert_eq!(hash(&heap, value(a)).unwrap_err().code, Code::RunKind);
    // The same list twice is no circle.
    let twice = heap.new_list(vec![inner, inner]).unwrap();
    assert_eq!(shown(&heap, Ok(twice)).matches("...").count(), 2);
    let empty = heap.new_list(Vec::new()).unwrap();
    let twice = heap.new_list(vec![empty, empty]).unwrap();
    assert_eq!(shown(&heap, Ok(twice)), "[[], []]");
    assert!(eq(&heap, twice, twice).unwrap());
}

#[test]
fn depth_costs_no_stack() {
    let mut heap = heap();
    let (mut a, mut b) = (Value::Int(1), Value::Int(1));
    for _ in 0..100_000 {
        a = heap.new_list(vec![a]).unwrap();
        b = heap.new_list(vec![b]).unwrap();
    }
    assert!(eq(&heap, a, b).unwrap());
    assert!(!less(&heap, a, b).unwrap());
    assert_eq!(shown(&heap, Ok(a)).len(), 200_001);
    assert_eq!(heap.export(a).err().unwrap().code, Code::RunValue);
}

#[test]
fn work_is_paid_for() {
    let mut heap = Heap::new(Limits {
        fuel: 10_000,
        ..Limits::default()
    });
    let mut nested = heap.new_list(Vec::new()).unwrap();
    for _ in 0..64 {
        nested = heap.new_list(vec![nested, nested]).unwrap();
    }
    let mut out = String::new();
    assert_eq!(
        print(&heap, nested, &mut out).unwrap_err().code,
        Code::RunBudget
    );
    let fresh = Heap::new(Limits {
        text: 1_000,
        ..Limits::default()
    });
    let mut heap = fresh;
    let mut nested = heap.new_list(Vec::new()).unwrap();
    for _ in 0..64 {
        nested = heap.new_list(vec![nested, nested]).unwrap();
    }
    assert_eq!(
        print(&heap, nested, &mut out).unwrap_err().code,
        Code::RunBudget
    );
}

#[test]
fn loops_show_how_far_they_are() {
    use crate::{Cell, CellKind, Iter, LoopCell};
    let mut heap = heap();
    for (source, wanted) in [
        ("[7, 8, 9]", "<LoopContext 2/3>"),
        ("'日本'", "<LoopContext 2/2>"),
    ] {
        let source = read(&mut heap, source);
        let mut iter = Iter::new(&mut heap, source).unwrap();
        iter.step(&heap);
        iter.step(&heap);
        let state = LoopCell {
            iter,
            is_async: false,
        };
        let id = heap.alloc(Cell::Loop(Box::new(state))).unwrap();
        let value = Value::Cell(CellKind::Loop, id);
        assert_eq!(shown(&heap, Ok(value)), wanted);
        assert!(is_truthy(&heap, value));
    }
}

#[test]
fn no_pair_of_kinds_is_a_surprise() {
    let sources = [
        "None",
        "Undefined",
        "True",
        "0",
        "-1",
        "3",
        "9223372036854775807",
        "-9223372036854775808",
        "99999999999999999999",
        "-99999999999999999999",
        "0.0",
        "-0.5",
        "1e300",
        "nan",
        "inf",
        "-inf",
        "''",
        "'a日'",
        "'%s %d'",
        "'%*.*f'",
        "h'<%s>'",
        "m'x'",
        "t'x'",
        "[]",
        "[1, [2]]",
        "()",
        "('a', 1)",
        "(-3, 4, 1.5)",
        "{}",
        "{'a': [1]}",
        "set()",
        "set(1, 'a')",
        "range(0, 0)",
        "range(0, 9223372036854775807)",
        "range(9223372036854775807, -9223372036854775808, -9223372036854775808)",
    ];
    let ops = [
        "+", "-", "*", "/", "//", "%", "**", "~", "==", "<", "<=", ">", ">=", "in", "is", "item",
        "?item", "md ~", "md %", "term %", "text +",
    ];
    // Nothing but the allocator stands in the way of the largest sizes.
    for memory in [1 << 20, u64::MAX] {
        for lhs in sources {
            for rhs in sources {
                let mut heap = Heap::new(Limits {
                    memory,
                    int_bits: 1 << 12,
                    ..Limits::default()
                });
                let (a, b) = (read(&mut heap, lhs), read(&mut heap, rhs));
                if memory == u64::MAX && (lhs.contains("922") || rhs.contains("922")) {
                    let made = mul(&mut heap, a, b);
                    let _ = shown(&heap, made);
                    continue;
                }
                for op in ops {
                    let made = apply(&mut heap, op, a, b);
                    let _ = shown(&heap, made);
                }
                for third in [Value::None, a, b] {
                    let made = slice(&mut heap, a, b, third, Value::Int(-2));
                    let _ = shown(&heap, made);
                    let made = slice(&mut heap, a, third, b, b);
                    let _ = shown(&heap, made);
                }
                let _ = (hash(&heap, a), order(&heap, a, b), length(&heap, a));
                let (_, _) = (neg(&mut heap, a), coerce(&mut heap, a));
                // Identity implies equality, but for NaN and circles.
                let is_nan = matches!(a, Value::Float(it) if it.is_nan());
                assert!(is_nan || !same(&heap, a, b) || eq(&heap, a, b).unwrap());
            }
        }
    }
}
