//! `format` and `format_map`.

use super::{FakeHost, check};
use crate::format::{Named, format_fields};
use gravure_value::{Call, Limits, Mark, Surface, Value};

#[test]
fn formats() {
    check(
        r#"
        ["{} {}", "format", [1, "a"]] => '1 a'
        ["{0}{1}{0}", "format", ["x", "y"]] => 'xyx'
        ["{a}{b}", "format", [], {"b": 1, "a": 2}] => '21'
        ["{{}} {{{}}}", "format", [1]] => '{} {1}'
        ["{a[k]} {b[0]} {0[1]}", "format", [[7, 8]], {"a": {"k": 1}, "b": [2]}] => '1 2 8'
        ["{!r} {!s} {!a}", "format", ["é", "é", "é"]] => "'é' é '\\xe9'"
        ["{:{}}|{:{w}}|", "format", ["a", 5, "b"], {"w": 3}] => 'a    |b  |'
        ["{x} {}", "format", [1], {"x": 2}] => '2 1'
        ["no fields", "format", [1]] => 'no fields'
        ["{:>5}|{:<5}|{:^5}|{:*^7}|{:5}|{:5}", "format", ["a", "b", "c", "d", "e", 1]] => '    a|b    |  c  |***d***|e    |    1'
        ["{:06} {:+} {: } {:-} {:=+6}", "format", [5, 6, 7, 8, 3]] => '000005 +6  7 8 +    3'
        ["{:b} {:o} {:x} {:X} {:#x} {:c} {:,} {:_} {:d}", "format", [5, 8, 255, 255, 255, 65, 1234567, 1234567, 42]] => '101 10 ff FF 0xff A 1,234,567 1_234_567 42'
        ["{:.2f} {:8.2f}|{:<8.2f}|{:,.2f} {:.0f} {:f}", "format", [3.14159, 3.14159, 2.5, 12345.678, 2.5, 1]] => '3.14     3.14|2.50    |12,345.68 2 1.000000'
        ["{:e} {:.1e} {:g} {:.3g} {:%} {:.1%}", "format", [1234.5, 1234.5, 0.00001, 1234567, 0.5, 0.256]] => '1.234500e+03 1.2e+03 1e-05 1.23e+06 50.000000% 25.6%'
        ["{:.3} {:10.2}|", "format", ["abcdef", "xyz"]] => 'abc xy        |'
        ["{:>5} {} {}", "format", [true, true, null]] => '    1 True None'
        ["{:} {:g} {}", "format", [1.0, 1.0, 1.0]] => '1.0 1 1.0'
        ["{:08.3f} {:+.1f} {:_.2f} {:,}", "format", [3.14159, 2.0, 12345.678, 1234.5]] => '0003.142 +2.0 12_345.68 1,234.5'
        ["{:>+8,.1f}|{:x^5}|{:^05}|{:05}", "format", [1234.56, "a", 3, "b"]] => '+1,234.6|xxaxx|00300|b0000'
        ["{:G} {:E} {:F} {:#o} {:#b} {:#X}", "format", [0.00001, 12345.0, 1.5, 8, 5, 255]] => '1E-05 1.234500E+04 1.500000 0o10 0b101 0XFF'
        ["{:s}|{:5s}|{:n}", "format", ["a", "b", 7]] => 'a|b    |7'
        ["{:05}|{:>05}|", "format", ["ab", "ab"]] => 'ab000|000ab|'
        ["{:.3} {:.3}", "format", [31415.9, 2.0]] => '3.14e+04 2.0'
        ["{:b} {:#06x} {:_b}", "format", [-5, 255, 1023]] => '-101 0x00ff 11_1111_1111'
        ["{:08.2f}|{:010,}|{:10,}|{:08,}|", "format", [-3.14159, 1234567, 1234567, 1234]] => '-0003.14|01,234,567| 1,234,567|0,001,234|'
        ["{:E} {:F} {:e}", "format", [12345.0, {"$float": "nan"}, 12345]] => '1.234500E+04 NAN 1.234500e+04'
        ["{:<5}|{:>5}|{:^5}|{:=5}|", "format", [-7, -7, -7, -7]] => '-7   |   -7| -7  |-   7|'
        ["{:0<5}|{:<05}|{:^+6}|", "format", [7, 7, 5]] => '70000|70000|  +5  |'
        ["{:x<3}|{:z}|{:z.1f}|{:.1f}|", "format", ["abcd", 1.0, -0.01, -0.01]] => 'abcd|1.0|0.0|-0.0|'
        ["{!r:>6}|{!s:5}|", "format", ["a", null]] => "   'a'|None |"
        ["{:>-5}|{: }", "format", [1, -5]] => '    1|-5'
        ["{:n} {:n}", "format", [1234, 1.5]] => '1234 1.5'
        ["{:6}|{:06}|", "format", [{"$float": "nan"}, {"$float": "inf"}]] => '   nan|000inf|'
        ["{:c}|{:3c}|{:日^5}", "format", [9731, 65, "x"]] => '☃|  A|日日x日日'
        ["{:d} {:,}", "format", [18446744073709551615, 18446744073709551615]] => '18446744073709551615 18,446,744,073,709,551,615'
        ["{:#.3g} {:#.0f} {:#.0e} {:#} {:#}", "format", [1.0, 3.0, 3.0, 1e16, 2.0]] => '1.00 3. 3.e+00 1.e+16 2.0'
        ["{:.0f} {:.0f} {:.0f} {:.1f} {:.2f}", "format", [0.5, 1.5, 2.5, 0.25, 2.675]] => '0 2 2 0.2 2.67'
        ["{:+} {:+.1f} {: } {:-010.2f}", "format", [{"$float": "nan"}, {"$float": "inf"}, {"$float": "-inf"}, -2.5]] => '+nan +inf -inf -000002.50'
        ["{0.real} {1.imag}", "format", [7, 1.5]] => '7 0.0'
        ["{}", "format", []] => K-RUN-007
        ["{0}{}", "format", ["a", "b"]] => K-RUN-007
        ["{}{0}", "format", ["a", "b"]] => K-RUN-007
        ["{", "format", []] => K-RUN-007
        ["}", "format", []] => K-RUN-007
        ["{}}", "format", [1]] => K-RUN-007
        ["{:5", "format", [1]] => K-RUN-007
        ["{!x}", "format", [1]] => K-RUN-007
        ["{!", "format", [1]] => K-RUN-007
        ["{0[9]}", "format", [[1]]] => K-RUN-007
        ["{0[a]}", "format", [[1]]] => K-RUN-012
        ["{0[]}", "format", [[1]]] => K-RUN-007
        ["{0[0]x}", "format", [[1]]] => K-RUN-007
        ["{0[0}", "format", [[1]]] => K-RUN-007
        ["{0[zz]}", "format", [{"a": 1}]] => K-RUN-009
        ["{a}", "format", []] => K-RUN-009
        ["{ a}", "format", [], {"a": 1}] => K-RUN-009
        ["{0.nosuch}", "format", [1]] => K-RUN-010
        ["{a.b}", "format", [], {"a": {"b": 1}}] => K-RUN-010
        ["{:{:{}}}", "format", [1, 2, 3]] => K-RUN-007
        ["{:{w}}", "format", [1]] => K-RUN-009
        ["{:>{}}", "format", ["a", "x"]] => K-RUN-007
        ["{:>5}", "format", [[1]]] => K-RUN-012
        ["{:>5}", "format", [null]] => K-RUN-012
        ["{:s}", "format", [5]] => K-RUN-007
        ["{:s}", "format", [true]] => K-RUN-007
        ["{:d}", "format", ["a"]] => K-RUN-007
        ["{:=5}", "format", ["a"]] => K-RUN-007
        ["{:+}", "format", ["a"]] => K-RUN-007
        ["{:,}", "format", ["a"]] => K-RUN-007
        ["{:#}", "format", ["a"]] => K-RUN-007
        ["{:.2}", "format", [5]] => K-RUN-007
        ["{:.2d}", "format", [5]] => K-RUN-007
        ["{:,x}", "format", [255]] => K-RUN-007
        ["{:x}", "format", [2.0]] => K-RUN-007
        ["{:y}", "format", [1]] => K-RUN-007
        ["{:zz}", "format", [1]] => K-RUN-007
        ["{:c}", "format", [-1]] => K-RUN-007
        ["{:c}", "format", ["a"]] => K-RUN-007
        ["{:5.}", "format", [1.0]] => K-RUN-007
        "#,
    );
}

#[test]
fn formats_of_safe_text() {
    check(
        r#"
        [{"$safe": "<{}>"}, "format", ["<b>"]] => Markup('<&lt;b&gt;>')
        [{"$safe": "<{}>"}, "format", [{"$safe": "<b>"}]] => Markup('<<b>>')
        [{"$safe": "<{x}>{}"}, "format", [5], {"x": "<b>"}] => Markup('<&lt;b&gt;>5')
        [{"$safe": "{:>6}"}, "format", ["<b>"]] => Markup('&lt;b&gt;')
        [{"$safe": "<{}>"}, "format", [["<b>"]]] => Markup('<[&#39;&lt;b&gt;&#39;]>')
        [{"$safe": "<{0[0]}>"}, "format", [["<b>"]]] => Markup('<&lt;b&gt;>')
        [{"$safe": "<{!r}>"}, "format", ["<b>"]] => Markup("<'&lt;b&gt;'>")
        [{"$safe": "<{:>5d}>"}, "format", [7]] => Markup('<    7>')
        [{"$safe": "{x}"}, "format", [], {"y": 1}] => K-RUN-009
        [{"$safe": "{:>5}"}, "format", [["<"]]] => K-RUN-012
        ["<{}>", "format", [{"$safe": "<b>"}]] => '<<b>>'
        ["{a}{b[c]}", "format_map", [{"a": 1, "b": {"c": 2}}]] => '12'
        ["{a}", "format_map", [{}]] => K-RUN-009
        ["{}", "format_map", [{}]] => K-RUN-007
        ["{}", "format_map", [[1]]] => K-RUN-012
        "#,
    );
}

/// The filter and the method fill fields alike; this asks the function.
#[test]
fn fields_of_a_plain_template() {
    let mut host = FakeHost::new(Limits::default(), Surface::Html);
    let mut call = Call { host: &mut host };
    let args = [("w", Value::Int(4))];
    let filled = format_fields(
        &mut call,
        "{:>{w}}|{0.real}",
        &[Value::Int(7)],
        Named::Args(&args),
        Mark::Plain,
    );
    // The first field is numbered automatically, so the second must be too.
    assert_eq!(filled.unwrap_err().code.as_str(), "K-RUN-007");
}
