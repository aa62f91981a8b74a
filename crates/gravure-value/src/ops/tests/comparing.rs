//! Equality, order, membership, identity, truth, hashes.

use super::*;
use gravure_source::Code;

#[test]
fn equality() {
    check(
        "1 | == | 1.0 | True
        1 | == | True | True
        0 | == | False | True
        1 | == | '1' | False
        2 | == | True | False
        -0.0 | == | 0 | True
        9007199254740993 | == | 9007199254740992.0 | False
        9007199254740993.0 | == | 9007199254740992 | True
        9223372036854775808 | == | 9223372036854775808.0 | True
        9223372036854775807 | == | 9223372036854775808.0 | False
        18446744073709551617 | == | 18446744073709551616.0 | False
        nan | == | nan | False
        None | == | None | True
        None | == | 0 | False
        None | == | False | False
        None | == | '' | False
        'a' | == | h'a' | True
        [1, 2] | == | [1.0, 2] | True
        [1, 2] | == | [1, 3] | False
        [1] | == | [1, 2] | False
        (1,) | == | [1] | False
        [] | == | () | False
        [[1, ['a']], {}] | == | [[1, ['a']], {}] | True
        [[1, ['a']], {}] | == | [[1, ['b']], {}] | False
        {'a': 1, 'b': [2]} | == | {'b': [2], 'a': 1.0} | True
        {'a': 1} | == | {'a': 2} | False
        {'a': 1} | == | {'b': 1} | False
        {1: 'x'} | == | {True: 'x'} | True
        set(1, 2) | == | set(2, 1.0) | True
        set(1, 2) | == | set(1, 3) | False
        range(0, 3) | == | range(0, 3) | True
        range(0, 0) | == | range(5, 2) | True
        range(0, 3, 2) | == | range(0, 4, 2) | True
        range(0, 1, 5) | == | range(0, 2, 7) | True
        range(0, 3) | == | [0, 1, 2] | False
        [nan] | == | [nan] | False
        Undefined | == | Undefined | True
        Undefined | == | None | False
        1 | == | [1] | False",
    );
}

#[test]
fn orderings() {
    check(
        "1 | < | 1.5 | True
        True | < | 2 | True
        -1 | < | False | True
        2 | >= | 2.0 | True
        9007199254740993 | > | 9007199254740992.0 | True
        9223372036854775807 | < | 9223372036854775808.0 | True
        -9223372036854775808 | >= | -9223372036854775808.0 | True
        99999999999999999999 | > | 9223372036854775807 | True
        -99999999999999999999 | < | -9223372036854775808 | True
        -1 | > | -1.5 | True
        -2 | < | -1.5 | True
        nan | < | 1 | False
        1 | >= | nan | False
        nan | <= | nan | False
        1 | < | inf | True
        'a' | < | 'b' | True
        'B' | < | 'a' | True
        'é' | > | 'z' | True
        '' | < | 'a' | True
        'a' | <= | h'a' | True
        [1, 2] | < | [1, 3] | True
        [1] | < | [1, 0] | True
        [1, 2] | <= | [1, 2] | True
        [1, 2] | < | [1, 2] | False
        (2,) | > | (1, 9) | True
        [[1]] | < | [[2]] | True
        [[1, 2], 9] | > | [[1], 99] | True
        [1, 'a'] | < | [2, None] | True
        [None, 1] | < | [None, 2] | True
        [None] | < | [None] | False
        [{}, 1] | < | [{}, 2] | True
        [nan] | < | [nan] | False
        set(1) | < | set(1, 2) | True
        set(1) | <= | set(1) | True
        set(1) | < | set(1) | False
        set(1) | < | set(2) | False
        set(1, 2) | > | set(1) | True
        set(1, 2) | >= | set(1, 2) | True
        [set(1)] | < | [set(1, 2)] | True
        1 | < | 'a' | K-RUN-012
        {} | < | {} | K-RUN-012
        [1] | < | (1,) | K-RUN-012
        [1, 'a'] | < | [1, 2] | K-RUN-012
        None | < | 1 | K-RUN-005
        None | < | None | K-RUN-005
        1 | >= | None | K-RUN-005
        'a' | > | None | K-RUN-005
        [None] | < | [1] | K-RUN-005
        [[1, None]] | < | [[1, 'a']] | K-RUN-005
        Undefined | < | 1 | K-RUN-012
        range(0, 1) | < | range(0, 2) | K-RUN-012
        True | < | set(1) | K-RUN-012",
    );
    let mut heap = heap();
    let (a, b) = (read(&mut heap, "set(1)"), read(&mut heap, "set(1, 2)"));
    assert_eq!(order(&heap, a, b).unwrap_err().code, Code::RunKind);
    let (a, b) = (read(&mut heap, "[1, 'b']"), read(&mut heap, "[1, 'a', 0]"));
    assert_eq!(
        order(&heap, a, b).unwrap(),
        Some(std::cmp::Ordering::Greater)
    );
    assert_eq!(
        order(&heap, Value::Float(f64::NAN), Value::Int(1)).unwrap(),
        None
    );
}

#[test]
fn membership() {
    check(
        "1.0 | in | [1] | True
        True | in | [1] | True
        None | in | [None] | True
        [1] | in | [[1]] | True
        'a' | in | ['ab'] | False
        2 | in | (1, 2) | True
        'b' | in | 'abc' | True
        '' | in | 'abc' | True
        'ac' | in | 'abc' | False
        h'b' | in | 'abc' | True
        'a' | in | {'a': 'v'} | True
        1 | in | {'a': 'v'} | False
        'v' | in | {'a': 'v'} | False
        (1, 2) | in | {(1, 2): 0} | True
        3 | in | range(0, 5) | True
        5 | in | range(0, 5) | False
        2.0 | in | range(0, 5) | True
        2.5 | in | range(0, 5) | False
        nan | in | range(0, 5) | False
        'a' | in | range(0, 5) | False
        4 | in | range(0, 9, 3) | False
        -2 | in | range(4, -4, -3) | True
        -5 | in | range(4, -4, -3) | False
        99999999999999999999 | in | range(0, 5) | False
        1 | in | set(1) | True
        'x' | in | set(1) | False
        'a' | in | Undefined | False
        Undefined | in | [Undefined] | True
        1 | in | 'abc' | K-RUN-012
        None | in | 'abc' | K-RUN-012
        1 | in | 5 | K-RUN-012
        1 | in | None | K-RUN-012
        [1] | in | {} | K-RUN-012
        [1] | in | set(1) | K-RUN-012",
    );
}

#[test]
fn identity() {
    check(
        "1 | is | 1 | True
        1 | is | True | False
        0 | is | None | False
        None | is | None | True
        True | is | True | True
        [] | is | [] | False
        'a' | is | h'a' | True
        99999999999999999999 | is | 99999999999999999999 | True",
    );
}

#[test]
fn truth_and_length() {
    let mut heap = heap();
    for (value, is_true, len) in [
        ("None", false, None),
        ("Undefined", false, Some(0)),
        ("0", false, None),
        ("0.0", false, None),
        ("-0.0", false, None),
        ("nan", true, None),
        ("''", false, Some(0)),
        ("h''", false, Some(0)),
        ("'0'", true, Some(1)),
        ("'日本'", true, Some(2)),
        ("[]", false, Some(0)),
        ("[0]", true, Some(1)),
        ("()", false, Some(0)),
        ("{}", false, Some(0)),
        ("set()", false, Some(0)),
        ("range(0, 0)", false, Some(0)),
        ("range(0, 9, 2)", true, Some(5)),
        ("99999999999999999999", true, None),
    ] {
        let read = read(&mut heap, value);
        assert_eq!(is_truthy(&heap, read), is_true, "{value}");
        assert_eq!(length(&heap, read), len, "{value}");
    }
}

#[test]
fn equal_keys_hash_alike() {
    let mut heap = heap();
    for (a, b) in [
        ("1", "1.0"),
        ("1", "True"),
        ("0", "-0.0"),
        ("'a'", "h'a'"),
        ("(1, ('a',))", "(True, (h'a',))"),
        ("9223372036854775808", "9223372036854775808.0"),
        ("1e300", "1e300"),
        ("range(0, 3, 2)", "range(0, 4, 2)"),
    ] {
        let (a, b) = (read(&mut heap, a), read(&mut heap, b));
        assert!(eq(&heap, a, b).unwrap());
        assert_eq!(hash(&heap, a).unwrap(), hash(&heap, b).unwrap());
    }
    let different = [
        "1",
        "2",
        "1.5",
        "'1'",
        "(1,)",
        "((1,),)",
        "(1, 1)",
        "()",
        "None",
        "range(0, 1)",
        "((), 1)",
        "((1,), )",
    ];
    let mut hashes = std::collections::HashSet::new();
    for source in &different[..different.len() - 1] {
        let value = read(&mut heap, source);
        assert!(hashes.insert(hash(&heap, value).unwrap()), "{source}");
    }
    let mut nested = Value::Int(1);
    for _ in 0..100_000 {
        nested = heap.new_tuple(vec![nested]).unwrap();
    }
    assert!(hash(&heap, nested).is_ok());
}
