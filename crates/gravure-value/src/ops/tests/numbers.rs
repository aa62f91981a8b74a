//! Numbers and the other kinds that arithmetic takes.

use super::*;
use gravure_source::Code;

#[test]
fn arithmetic_of_numbers() {
    check(
        "1 | + | 2 | 3
        1 | + | 2.0 | 3.0
        True | + | True | 2
        1.5 | + | True | 2.5
        9223372036854775807 | + | 1 | 9223372036854775808
        9223372036854775808 | - | 1 | 9223372036854775807
        -9223372036854775808 | - | 1 | -9223372036854775809
        5 | - | 7 | -2
        123456789012345678901234567890 | * | 123456789012345678901234567890 | 15241578753238836750495351562536198787501905199875019052100
        9223372036854775807 | * | 9223372036854775807 | 85070591730234615847396907784232501249
        1.7976931348623157e308 | * | 10 | inf
        0.0 | * | -1 | -0.0
        7 | / | 2 | 3.5
        6 | / | 2 | 3.0
        True | / | 2 | 0.5
        9007199254740993 | / | 1 | 9007199254740992.0
        9007199254740993 | // | 1 | 9007199254740993
        9007199254740993 | // | 1.0 | 9007199254740992.0
        123456789012345678901234567890 | / | 3 | 4.115226300411523e+28
        123456789012345678901234567890 | * | 1.0 | 1.2345678901234568e+29
        1 | / | 0 | K-RUN-011
        1.0 | / | -0.0 | K-RUN-011
        1 | // | 0 | K-RUN-011
        1.0 | // | 0.0 | K-RUN-011
        1 | % | 0 | K-RUN-011
        1 | % | 0.0 | K-RUN-011
        7 | // | 2 | 3
        -7 | // | 2 | -4
        7 | // | -2 | -4
        -7 | // | -2 | 3
        -9223372036854775808 | // | -1 | 9223372036854775808
        -9223372036854775808 | % | -1 | 0
        123456789012345678901234567890 | // | -1000000007 | -123456788148148161865
        123456789012345678901234567890 | % | 7 | 0
        7 | % | 3 | 1
        -7 | % | 3 | 2
        7 | % | -3 | -2
        -7 | % | -3 | -1
        7.5 | % | 2 | 1.5
        -7.5 | % | 2 | 0.5
        7.5 | % | -2 | -0.5
        5 | // | 0.3 | 16.0
        1 | % | 0.1 | 0.09999999999999995
        -1 | // | 0.1 | -10.0
        0.3 | % | 0.1 | 0.09999999999999998
        -0.0 | // | 5 | -0.0
        -0.0 | % | 5 | 0.0
        0.0 | // | -5 | -0.0
        5 | % | inf | 5.0
        -5 | % | inf | inf
        -5 | // | inf | -1.0
        inf | - | inf | nan
        2 | ** | 10 | 1024
        2 | ** | 0 | 1
        0 | ** | 0 | 1
        2 | ** | 63 | 9223372036854775808
        -2 | ** | 3 | -8
        -2 | ** | -1 | -0.5
        2 | ** | -1074 | 5e-324
        4 | ** | 0.5 | 2.0
        True | ** | 2 | 1
        0.0 | ** | 0 | 1.0
        0 | ** | -1 | K-RUN-011
        0.0 | ** | -1.5 | K-RUN-011
        10.0 | ** | 400 | K-RUN-007
        -8 | ** | 0.5 | K-RUN-007
        inf | ** | 2 | inf
        2 | ** | inf | inf
        1 | ** | 99999999999999999999999 | 1
        -1 | ** | 99999999999999999999999 | -1
        -1 | ** | 99999999999999999999998 | 1
        0 | ** | 99999999999999999999999 | 0
        2 | ** | 99999999999999999999999 | K-RUN-019
        9 | ** | 387420489 | K-RUN-019",
    );
}

#[test]
fn long_integers_are_bounded_before_they_are_made() {
    let mut heap = heap();
    let ten = Value::Int(10);
    let long = pow(&mut heap, ten, Value::Int(400)).unwrap();
    let three = Value::Int(3);
    assert_eq!(
        div(&mut heap, long, three).unwrap_err().code,
        Code::RunValue
    );
    assert_eq!(
        mul(&mut heap, long, Value::Float(1.0)).unwrap_err().code,
        Code::RunValue
    );
    let shorter = pow(&mut heap, ten, Value::Int(399)).unwrap();
    let quotient = div(&mut heap, long, shorter);
    assert_eq!(shown(&heap, quotient), "10.0");
    assert!(less(&heap, Value::Float(1.5), long).unwrap());
    assert!(less(&heap, long, Value::Float(f64::INFINITY)).unwrap());
    assert_eq!(less(&heap, long, Value::Float(f64::NAN)).ok(), Some(false));

    let mut out = String::new();
    let longest = pow(&mut heap, ten, Value::Int(4299)).unwrap();
    print(&heap, longest, &mut out).unwrap();
    assert_eq!(out.len(), 4300);
    let longer = pow(&mut heap, ten, Value::Int(4300)).unwrap();
    assert_eq!(
        print(&heap, longer, &mut out).unwrap_err().code,
        Code::RunValue
    );

    let most = pow(&mut heap, Value::Int(2), Value::Int((1 << 22) - 1)).unwrap();
    assert_eq!(
        mul(&mut heap, most, most).unwrap_err().code,
        Code::RunBudget
    );
    assert_eq!(
        mul(&mut heap, most, Value::Int(4)).unwrap_err().code,
        Code::RunBudget
    );
    assert!(sub(&mut heap, most, Value::Int(1)).is_ok());
    assert_eq!(
        add(&mut heap, Surface::Html, most, most).unwrap_err().code,
        Code::RunBudget
    );
}

#[test]
fn quotients_of_long_integers_are_rounded_once() {
    let mut heap = heap();
    let cases = [
        ("1", "3", "0.3333333333333333"),
        ("9007199254740993", "9007199254740992", "1.0"),
        ("18014398509481985", "1", "18014398509481984.0"),
        ("18014398509481987", "1", "18014398509481988.0"),
        (
            "-123456789012345678901234567890",
            "7",
            "-1.763668414462081e+28",
        ),
    ];
    for (a, b, wanted) in cases {
        let (a, b) = (read(&mut heap, a), read(&mut heap, b));
        let made = div(&mut heap, a, b);
        assert_eq!(shown(&heap, made).parse::<f64>(), wanted.parse::<f64>());
    }
    // Around the smallest doubles.
    let one = Value::Int(1);
    let two = Value::Int(2);
    for (power, wanted) in [
        (1074, 5e-324),
        (1075, 0.0),
        (1022, f64::MIN_POSITIVE),
        (1073, 1e-323),
    ] {
        let divisor = pow(&mut heap, two, Value::Int(power)).unwrap();
        let Value::Float(quotient) = div(&mut heap, one, divisor).unwrap() else {
            panic!("a quotient is a float")
        };
        assert_eq!(quotient, wanted, "{power}");
    }
    let divisor = pow(&mut heap, two, Value::Int(1075)).unwrap();
    let three = div(&mut heap, Value::Int(3), divisor);
    assert_eq!(shown(&heap, three), "1e-323");
}

#[test]
fn arithmetic_of_other_kinds() {
    check(
        "'a' | + | 'b' | 'ab'
        'a' | + | 1 | 'a1'
        1 | + | 'a' | '1a'
        'a' | + | None | 'aNone'
        None | + | 'a' | 'Nonea'
        'a' | + | Undefined | 'a'
        'a' | + | [1, 'b'] | \"a[1, 'b']\"
        {'k': 1} | + | 'x' | \"{'k': 1}x\"
        (1,) | + | 'x' | '(1,)x'
        [1] | + | [2, 3] | [1, 2, 3]
        (1,) | + | (2,) | (1, 2)
        [] | + | [] | []
        [1] | + | (2,) | K-RUN-012
        {} | + | {} | K-RUN-012
        1 | + | [1] | K-RUN-012
        None | + | 1 | K-RUN-012
        None | + | None | K-RUN-012
        Undefined | + | 1 | K-RUN-012
        'a' | - | 1 | K-RUN-012
        'a' | / | 2 | K-RUN-012
        '5' | // | 2 | K-RUN-012
        5 | % | '3' | K-RUN-012
        'ab' | * | 3 | 'ababab'
        3 | * | 'ab' | 'ababab'
        'ab' | * | 0 | ''
        'ab' | * | -1 | ''
        'ab' | * | True | 'ab'
        'ab' | * | -99999999999999999999999 | ''
        'ab' | * | 99999999999999999999999 | K-RUN-019
        'ab' | * | 99999999999 | K-RUN-019
        '' | * | 99999999999999999999999 | ''
        [1] | * | 99999999999 | K-RUN-019
        [] | * | 99999999999 | []
        (1,) | * | 3 | (1, 1, 1)
        [1] | * | 0 | []
        2 | * | [1, 2] | [1, 2, 1, 2]
        'a' | * | 1.5 | K-RUN-012
        'a' | * | 'b' | K-RUN-012
        [1] | * | 1.0 | K-RUN-012
        range(0, 3) | * | 2 | K-RUN-012
        None | * | 2 | K-RUN-012
        set(1, 2) | - | set(1) | {2}
        set(1) | - | set(1) | set()
        set(1) | - | [1] | K-RUN-012
        h'<b>' | * | 2 | Markup('<b><b>')
        m'x' | * | 2 | Marked('xx')
        2 | * | t'x' | Styled('xx')",
    );
    let mut heap = heap();
    for (value, minus, plus) in [
        ("True", "-1", "1"),
        (
            "-9223372036854775808",
            "9223372036854775808",
            "-9223372036854775808",
        ),
        (
            "9223372036854775808",
            "-9223372036854775808",
            "9223372036854775808",
        ),
        ("2.5", "-2.5", "2.5"),
        ("0.0", "-0.0", "0.0"),
        ("[1]", "K-RUN-012", "K-RUN-012"),
        ("None", "K-RUN-012", "K-RUN-012"),
        ("'1'", "K-RUN-012", "K-RUN-012"),
    ] {
        let value = read(&mut heap, value);
        let made = neg(&mut heap, value);
        assert_eq!(shown(&heap, made), minus);
        let made = pos(&mut heap, value);
        assert_eq!(shown(&heap, made), plus);
    }
}

#[test]
fn computed_operands_become_numbers() {
    let mut heap = heap();
    for (value, wanted) in [
        ("'5'", "5"),
        ("' +7 '", "7"),
        ("'1_000'", "1000"),
        ("'2.5'", "2.5"),
        ("'.5'", "0.5"),
        ("'inf'", "inf"),
        ("'ab'", "0"),
        ("''", "0"),
        ("h'5'", "5"),
        ("None", "0"),
        ("Undefined", "0"),
        ("True", "True"),
        ("[1]", "[1]"),
        ("3", "3"),
        ("'99999999999999999999'", "99999999999999999999"),
    ] {
        let value = read(&mut heap, value);
        let made = coerce(&mut heap, value);
        assert_eq!(shown(&heap, made), wanted);
    }
}
