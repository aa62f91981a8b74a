//! Numbers and dates seen through templates, against models that know nothing
//! of the engine: exact integers, the floats of this machine, the formats of
//! the standard library, a calendar of others.

use gravure::{AutoEscape, Environment, Options};
use jiff::{Timestamp, tz::TimeZone};
use num_bigint::BigInt;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::sync::LazyLock;

static TEXT: LazyLock<Environment> = LazyLock::new(|| {
    let options = Options {
        autoescape: AutoEscape::from(false),
        ..Options::default()
    };
    Environment::with_options(options).expect("good options")
});

fn rendered(source: &str, data: &Value) -> Result<String, gravure::Error> {
    TEXT.from_string(source)?.render(data)
}

fn text(source: &str, data: &Value) -> String {
    let page = rendered(source, data);
    page.unwrap_or_else(|error| panic!("{}\n{source}\n{data}", error.report()))
}

fn truth(it: bool) -> &'static str {
    if it { "True" } else { "False" }
}

/// Integers near the places where representations change.
fn edges() -> impl Strategy<Value = BigInt> {
    let near = prop_oneof![
        Just(0u32),
        Just(7),
        Just(8),
        Just(31),
        Just(32),
        Just(52),
        Just(53),
        Just(54),
        Just(62),
        Just(63),
        Just(64),
        Just(65),
        Just(127),
        Just(128),
        0u32..300,
    ];
    (near, -3i64..4, any::<bool>()).prop_map(|(bits, off, is_negative)| {
        let edge = (BigInt::from(1) << bits) + off;
        if is_negative { -edge } else { edge }
    })
}

/// Floats of every size, with those that are whole numbers, and the edges.
fn floats() -> impl Strategy<Value = f64> {
    prop_oneof![
        any::<u64>().prop_map(f64::from_bits),
        (-1e6..1e6f64),
        (-(1i64 << 60)..(1 << 60)).prop_map(|it| it as f64),
        proptest::sample::select(
            &[
                0.0,
                -0.0,
                1.0,
                -1.0,
                0.5,
                1.5,
                2.5,
                1e16,
                1e-5,
                1e22,
                1e300,
                5e-324,
                9_007_199_254_740_992.0,
                9_223_372_036_854_775_808.0,
                f64::MAX,
                f64::MIN_POSITIVE,
            ][..]
        ),
    ]
    .prop_filter("finite", |it| it.is_finite())
}

/// The integer in a float that is one.
fn exact(float: f64) -> BigInt {
    let bits = float.abs().to_bits();
    let (power, fraction) = ((bits >> 52) as i32, bits & ((1 << 52) - 1));
    let (mantissa, shift) = match power {
        0 => (fraction, -1074),
        _ => (fraction | 1 << 52, power - 1075),
    };
    let whole = match shift {
        0.. => BigInt::from(mantissa) << shift,
        _ if shift < -63 => BigInt::from(0),
        _ => BigInt::from(mantissa >> -shift),
    };
    if float < 0.0 { -whole } else { whole }
}

/// How an integer and a float are ordered, exactly.
fn ordered(int: &BigInt, float: f64) -> std::cmp::Ordering {
    let whole = exact(float.trunc());
    int.cmp(&whole).then_with(|| {
        let rest = float - float.trunc();
        0.0f64.partial_cmp(&rest).expect("finite")
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 128,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn integers_at_the_edges(a in edges(), b in edges()) {
        let source = format!(
            "{{% set a = {a}, b = {b} %}}{{{{ a + b }}}} {{{{ a - b }}}} {{{{ a * b }}}} {{{{ -a }}}} \
            {{{{ a < b }}}} {{{{ a == b }}}} {{{{ a >= b }}}} {{{{ a | abs }}}} {{{{ [a, b] | sum }}}} \
            {{{{ [a, b] | min }}}} {{{{ max(a, b) }}}} {{{{ (a ~ '') | int }}}} {{{{ a in [b, a] }}}} \
            {{{{ {{a: 'x'}}[a] }}}}"
        );
        let sum = &a + &b;
        let abs = if a < BigInt::from(0) { -&a } else { a.clone() };
        let expected = format!(
            "{sum} {} {} {} {} {} {} {abs} {sum} {} {} {a} True x",
            &a - &b, &a * &b, -&a, truth(a < b), truth(a == b), truth(a >= b),
            (&a).min(&b), (&a).max(&b),
        );
        prop_assert_eq!(text(&source, &json!({})), expected.clone());
        // From data they are no other numbers than from the text of a template.
        let data: Value = serde_json::from_str(&format!("{{\"a\": {a}, \"b\": {b}}}")).unwrap();
        if a.bits() < 64 && b.bits() < 64 {
            let source = source.split_once("%}").unwrap().1;
            prop_assert_eq!(text(source, &data), expected);
        }
    }

    #[test]
    fn powers_of_integers(a in -40i64..40, n in 0u32..40) {
        let power = BigInt::from(a).pow(n);
        prop_assert_eq!(text("{{ a ** n }}", &json!({ "a": a, "n": n })), power.to_string());
        let folded = format!("{{{{ ({a}) ** {n} }}}}");
        prop_assert_eq!(text(&folded, &json!({})), power.to_string());
    }

    #[test]
    fn floats_are_those_of_the_machine(a in floats(), b in floats()) {
        let data = json!({ "a": a, "b": b });
        for (op, wanted) in [("+", a + b), ("-", a - b), ("*", a * b), ("/", a / b)] {
            if op == "/" && b == 0.0 {
                prop_assert!(rendered("{{ a / b }}", &data).is_err());
                continue;
            }
            let page = text(&format!("{{{{ a {op} b }}}}"), &data);
            if wanted.is_finite() {
                prop_assert_eq!(page.parse::<f64>().unwrap().to_bits(), wanted.to_bits(), "{} {} {}", a, op, b);
            } else {
                prop_assert!(page.ends_with("inf") || page == "nan", "{page}");
            }
        }
        let order = text("{{ a < b }} {{ a == b }} {{ a > b }}", &data);
        prop_assert_eq!(order, format!("{} {} {}", truth(a < b), truth(a == b), truth(a > b)));
    }

    #[test]
    fn quotients_rounded_down_and_their_rests_belong_together(
        a in -1e9..1e9f64, b in prop_oneof![-1e5..-1e-3f64, 1e-3..1e5f64],
    ) {
        let data = json!({ "a": a, "b": b });
        let page = text("{{ a // b }} {{ a % b }}", &data);
        let parts: Vec<f64> = page.split(' ').map(|it| it.parse().unwrap()).collect();
        let (quotient, rest) = (parts[0], parts[1]);
        prop_assert_eq!(quotient, quotient.floor());
        prop_assert!(rest == 0.0 || (rest < 0.0) == (b < 0.0), "{page}");
        prop_assert!(rest.abs() <= b.abs(), "{page}");
        let again = quotient * b + rest;
        prop_assert!((again - a).abs() <= a.abs().max(b.abs()) * 1e-12, "{page}: {again}");
    }

    #[test]
    fn integers_and_floats_are_compared_exactly(a in edges(), b in floats()) {
        let source = format!("{{% set a = {a} %}}{{{{ a < b }}}} {{{{ a == b }}}} {{{{ a > b }}}} {{{{ b <= a }}}}");
        let order = ordered(&a, b);
        let expected = format!(
            "{} {} {} {}",
            truth(order.is_lt()), truth(order.is_eq()), truth(order.is_gt()), truth(order.is_ge())
        );
        prop_assert_eq!(text(&source, &json!({ "b": b })), expected, "{} and {}", a, b);
    }

    #[test]
    fn true_quotients_of_integers(a in any::<i32>(), b in any::<i32>().prop_filter("no zero", |it| *it != 0)) {
        let page = text("{{ a / b }}", &json!({ "a": a, "b": b }));
        let wanted = f64::from(a) / f64::from(b);
        prop_assert_eq!(page.parse::<f64>().unwrap().to_bits(), wanted.to_bits());
    }

    #[test]
    fn floats_become_the_integers_in_them(a in floats()) {
        let page = text("{{ a | int }}", &json!({ "a": a }));
        prop_assert_eq!(page, exact(a.trunc()).to_string());
    }

    #[test]
    fn formats_of_integers(n in any::<i64>(), width in 0usize..24) {
        let data = json!({ "n": n });
        let sign = if n < 0 { "-" } else { "" };
        let abs = n.unsigned_abs();
        for (spec, wanted) in [
            ("d".to_owned(), n.to_string()),
            ("x".to_owned(), format!("{sign}{abs:x}")),
            ("X".to_owned(), format!("{sign}{abs:X}")),
            ("#x".to_owned(), format!("{sign}{abs:#x}")),
            ("o".to_owned(), format!("{sign}{abs:o}")),
            ("b".to_owned(), format!("{sign}{abs:b}")),
            ("+d".to_owned(), format!("{n:+}")),
            (format!("0{}d", width + 1), format!("{n:0width$}", width = width + 1)),
            (format!(">{}", width + 1), format!("{n:>width$}", width = width + 1)),
            (format!("<{}", width + 1), format!("{n:<width$}", width = width + 1)),
        ] {
            let page = text(&format!("{{{{ '{{:{spec}}}' | format(n) }}}}"), &data);
            prop_assert_eq!(page, wanted, "{}", spec);
        }
        for (spec, wanted) in [
            ("%d".to_owned(), n.to_string()),
            ("%x".to_owned(), format!("{sign}{abs:x}")),
            ("%+d".to_owned(), format!("{n:+}")),
            (format!("%0{}d", width + 1), format!("{n:0width$}", width = width + 1)),
            (format!("%-{}d|", width + 1), format!("{n:<width$}|", width = width + 1)),
            ("%%%s".to_owned(), format!("%{n}")),
        ] {
            prop_assert_eq!(text(&format!("{{{{ '{spec}' % n }}}}"), &data), wanted, "{}", spec);
        }
        let grouped = text("{{ '{:,}' | format(n) }}", &data);
        prop_assert_eq!(grouped.replace(',', ""), n.to_string());
        let groups: Vec<&str> = grouped.trim_start_matches('-').split(',').collect();
        prop_assert!(groups.iter().skip(1).all(|it| it.len() == 3) && groups[0].len() <= 3);
    }

    #[test]
    fn formats_of_floats(a in floats(), precision in 0usize..18) {
        prop_assume!(a.abs() < 1e30);
        let data = json!({ "a": a });
        let fixed = format!("{a:.precision$}");
        prop_assert_eq!(text(&format!("{{{{ '{{:.{precision}f}}' | format(a) }}}}"), &data), fixed.clone());
        prop_assert_eq!(text(&format!("{{{{ '%.{precision}f' % a }}}}"), &data), fixed.clone());
        // With a sign and at least two digits, the exponent is C's.
        let scientific = format!("{a:.precision$e}");
        let (digits, power) = scientific.split_once('e').unwrap();
        let power: i32 = power.parse().unwrap();
        let sign = if power < 0 { '-' } else { '+' };
        let wanted = format!("{digits}e{sign}{:02}", power.abs());
        prop_assert_eq!(text(&format!("{{{{ '{{:.{precision}e}}' | format(a) }}}}"), &data), wanted);
    }

    #[test]
    fn rounding_goes_to_the_nearest(a in -1e9..1e9f64, places in 0i32..6) {
        let page = text(&format!("{{{{ a | round({places}) }}}}"), &json!({ "a": a }));
        let rounded: f64 = page.parse().unwrap();
        let wanted: f64 = format!("{a:.*}", places as usize).parse().unwrap();
        prop_assert_eq!(rounded.to_bits() << 1, wanted.to_bits() << 1, "{} to {}", a, places);
    }

    #[test]
    fn ranges_are_those_of_the_model(start in -20i64..20, stop in -20i64..20, step in prop_oneof![-5i64..0, 1i64..6]) {
        let mut model = Vec::new();
        let mut at = start;
        while (step > 0 && at < stop) || (step < 0 && at > stop) {
            model.push(at);
            at += step;
        }
        let data = json!({ "a": start, "b": stop, "s": step });
        let listed: Vec<String> = model.iter().map(i64::to_string).collect();
        prop_assert_eq!(text("{{ range(a, b, s) | join(' ') }}", &data), listed.join(" "));
        prop_assert_eq!(text("{{ range(a, b, s) | length }}", &data), model.len().to_string());
        prop_assert_eq!(
            text("{{ range(a, b, s) | sum }}", &data),
            model.iter().sum::<i64>().to_string()
        );
        let mut back = listed.clone();
        back.reverse();
        prop_assert_eq!(text("{{ reversed(range(a, b, s)) | join(' ') }}", &data), back.join(" "));
        prop_assert_eq!(text("{{ 3 in range(a, b, s) }}", &data), truth(model.contains(&3)));
    }

    #[test]
    fn dates_are_those_of_another_calendar(seconds in -60_000_000_000i64..200_000_000_000) {
        // The zone that this process has.
        let zone = TimeZone::system();
        let moment = Timestamp::from_second(seconds).unwrap().to_zoned(zone);
        for directive in [
            "%Y", "%m", "%d", "%e", "%j", "%H", "%I", "%M", "%S", "%p", "%A", "%a", "%B", "%b",
            "%F", "%T", "%D", "%R", "%U", "%W", "%G", "%V", "%u", "%w", "%s", "%y", "%k",
            "%l", "%P", "%h", "%%", "%n", "%t",
        ] {
            let format = format!("{{{{ t | date('<{directive}>') }}}}");
            let wanted = moment.strftime(&format!("<{directive}>")).to_string();
            prop_assert_eq!(text(&format, &json!({ "t": seconds })), wanted, "{} of {}", directive, seconds);
        }
    }
}
