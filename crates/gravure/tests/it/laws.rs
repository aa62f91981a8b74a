//! What holds for any numbers, texts and lists, seen through templates: each
//! law has a model here that knows nothing of the engine.

use gravure::{AutoEscape, Environment, Options, unstable::Chunk};
use num_bigint::BigInt;
use proptest::{collection::vec, option, prelude::*};
use serde_json::{Value, json};
use std::sync::LazyLock;

static TEXT: LazyLock<Environment> = LazyLock::new(|| {
    let options = Options {
        autoescape: AutoEscape::from(false),
        ..Options::default()
    };
    Environment::with_options(options).expect("good options")
});

fn text(source: &str, data: &Value) -> String {
    let template = TEXT.from_string(source);
    let page = template.and_then(|template| template.render(data));
    page.unwrap_or_else(|error| panic!("{}\n{source}\n{data}", error.report()))
}

/// Whatever has been trouble.
const PIECES: &[&str] = &[
    "a",
    "b c",
    " ",
    "\n",
    "<b>",
    "&amp;",
    "\"",
    "'",
    "é",
    "e\u{301}",
    "😀",
    "\u{0}",
    "\t",
    "word",
    "\u{202e}",
    "longer-word",
];

/// The pieces, mixed.
fn any_text() -> impl Strategy<Value = String> {
    vec(proptest::sample::select(PIECES), 0..12).prop_map(|it| it.concat())
}

fn unescaped(page: &str) -> String {
    let page = page.replace("&lt;", "<").replace("&gt;", ">");
    let page = page.replace("&#34;", "\"").replace("&quot;", "\"");
    page.replace("&#39;", "'").replace("&amp;", "&")
}

/// Where a slice of `n` items goes, as its definition says.
fn sliced(n: i64, bounds: (Option<i64>, Option<i64>, i64)) -> Vec<i64> {
    let (start, stop, step) = bounds;
    let at = |it: i64, low: i64, high: i64| if it < 0 { it + n } else { it }.clamp(low, high);
    let (mut from, to) = match step > 0 {
        true => (
            start.map_or(0, |it| at(it, 0, n)),
            stop.map_or(n, |it| at(it, 0, n)),
        ),
        false => (
            start.map_or(n - 1, |it| at(it, -1, n - 1)),
            stop.map_or(-1, |it| at(it, -1, n - 1)),
        ),
    };
    let mut picked = Vec::new();
    while (step > 0 && from < to) || (step < 0 && from > to) {
        picked.push(from);
        from += step;
    }
    picked
}

fn joined(items: impl IntoIterator<Item = i64>) -> String {
    let items: Vec<String> = items.into_iter().map(|it| it.to_string()).collect();
    items.join(",")
}

/// The quotient rounded down and what remains.
fn divided(a: &BigInt, b: &BigInt) -> (BigInt, BigInt) {
    let (quotient, rest) = (a / b, a % b);
    let zero = BigInt::from(0);
    match rest != zero && (rest < zero) != (*b < zero) {
        true => (quotient - 1, rest + b),
        false => (quotient, rest),
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 64,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn escaping_loses_nothing_and_lets_nothing_through(s in any_text()) {
        let environment = Environment::new();
        let page = environment
            .from_string("{{ s }}")
            .and_then(|it| it.render(&json!({ "s": s })))
            .unwrap();
        prop_assert!(!page.contains(['<', '>', '"', '\'']), "{page:?}");
        // A character that no document may have is dropped.
        prop_assert_eq!(unescaped(&page), s.replace('\0', ""));
        let json = text("{{ s | tojson }}", &json!({ "s": s }));
        prop_assert!(json.is_ascii() && !json.contains("</"));
        prop_assert_eq!(serde_json::from_str::<String>(&json).unwrap(), s);
    }

    #[test]
    fn integers_are_those_of_mathematics(a in "-?[1-9][0-9]{0,45}", b in "-?[1-9][0-9]{0,30}") {
        let (x, y): (BigInt, BigInt) = (a.parse().unwrap(), b.parse().unwrap());
        let (quotient, rest) = divided(&x, &y);
        let source = format!(
            "{{% set a = {a}, b = {b} %}}{{{{ a + b }}}} {{{{ a - b }}}} {{{{ a * b }}}} \
            {{{{ a // b }}}} {{{{ a % b }}}} {{{{ -a }}}} {{{{ a < b }}}} {{{{ a == b }}}} \
            {{{{ (a ~ '') | int == a }}}}"
        );
        let truth = |it| if it { "True" } else { "False" };
        let expected = format!(
            "{} {} {} {quotient} {rest} {} {} {} True",
            &x + &y, &x - &y, &x * &y, -&x, truth(x < y), truth(x == y)
        );
        prop_assert_eq!(text(&source, &json!({})), expected);
        // Folded constants are no other numbers.
        let folded = format!("{{{{ ({a}) + ({b}) }}}} {{{{ ({a}) // ({b}) }}}} {{{{ ({a}) % ({b}) }}}}");
        prop_assert_eq!(text(&folded, &json!({})), format!("{} {quotient} {rest}", &x + &y));
    }

    #[test]
    fn floats_read_back(bits in any::<u64>()) {
        let float = f64::from_bits(bits);
        prop_assume!(float.is_finite());
        let page = text("{{ f }}", &json!({ "f": float }));
        prop_assert_eq!(page.parse::<f64>().unwrap().to_bits(), bits, "{}", page);
        // As short as any text that reads back.
        let digits = |it: &str| {
            let it = it.split(['e', 'E']).next().unwrap_or(it).replace(['.', '-'], "");
            it.trim_start_matches('0').trim_end_matches('0').len()
        };
        prop_assert_eq!(digits(&page), digits(&format!("{float:e}")));
    }

    #[test]
    fn slices_and_items_are_those_of_the_model(
        n in 0i64..9,
        start in option::of(-11i64..11),
        stop in option::of(-11i64..11),
        step in prop_oneof![-4i64..0, 1i64..5],
    ) {
        let list: Vec<i64> = (0..n).collect();
        let word = |it: Option<i64>| it.map_or(String::new(), |it| it.to_string());
        let bounds = format!("[{}:{}:{step}]", word(start), word(stop));
        let picked = sliced(n, (start, stop, step));
        let data = json!({ "l": list, "s": "abcdefghi".get(..n as usize) });
        prop_assert_eq!(
            text(&format!("{{{{ l{bounds} | join(',') }}}}"), &data),
            joined(picked.clone())
        );
        let letters: String = picked.iter().map(|&at| (b'a' + at as u8) as char).collect();
        prop_assert_eq!(text(&format!("{{{{ s{bounds} }}}}"), &data), letters);
        if let Some(at) = start {
            let found = if at < 0 { at + n } else { at };
            let expected = (0..n).contains(&found).then(|| found.to_string());
            let page = TEXT.from_string(&format!("{{{{ l[{at}] }}}}")).unwrap().render(&data);
            prop_assert_eq!(page.ok(), expected);
        }
    }

    #[test]
    fn sorting_keeps_the_order_of_equals(keys in vec(-3i64..3, 0..24), is_back in any::<bool>()) {
        let rows: Vec<Value> = (keys.iter().enumerate())
            .map(|(at, key)| json!({ "k": key, "i": at }))
            .collect();
        let mut order: Vec<usize> = (0..keys.len()).collect();
        match is_back {
            true => order.sort_by(|&a, &b| keys[b].cmp(&keys[a])),
            false => order.sort_by_key(|&at| keys[at]),
        }
        let source = format!(
            "{{{{ rows | sort(attribute='k', reverse={is_back}) | map(attribute='i') | join(',') }}}}"
        );
        let expected = joined(order.iter().map(|&at| at as i64));
        prop_assert_eq!(text(&source, &json!({ "rows": rows })), expected);
        let once = text("{{ l | sort | join(',') }}", &json!({ "l": keys }));
        prop_assert_eq!(text("{{ l | sort | sort | join(',') }}", &json!({ "l": keys })), once.clone());
        prop_assert_eq!(text("{{ sorted(l) | join(',') }}", &json!({ "l": keys })), once);
    }

    #[test]
    fn of_two_numbers_one_is_less_or_they_are_equal(
        a in prop_oneof![any::<i64>().prop_map(|it| json!(it)), (-1e19..1e19f64).prop_map(|it| json!(it))],
        b in prop_oneof![any::<i64>().prop_map(|it| json!(it)), (-1e19..1e19f64).prop_map(|it| json!(it))],
        c in prop_oneof![(-9i64..9).prop_map(|it| json!(it)), (-9.0..9.0f64).prop_map(|it| json!(it))],
    ) {
        let data = json!({ "a": a, "b": b, "c": c });
        let both = text("{{ a < b }} {{ b < a }} {{ a == b }} {{ a <= b }} {{ a >= b }}", &data);
        prop_assert!(
            ["True False False True False", "False True False False True", "False False True True True"]
                .contains(&&*both),
            "{both}"
        );
        let sorted = text("{% set s = [a, b, c] | sort %}{{ s[0] <= s[1] <= s[2] and s[0] <= s[2] }}", &data);
        prop_assert_eq!(sorted, "True");
        prop_assert_eq!(text("{{ (a == b) == ({ a: 1 }.get(b) == 1) }}", &data), "True");
    }

    #[test]
    fn dates_agree_with_themselves(seconds in -2_000_000_000i64..4_000_000_000) {
        let data = json!({ "t": seconds });
        prop_assert_eq!(text("{{ t | date('%s') }}", &data), seconds.to_string());
        let page = text("{{ t | date('%F %T|%Y-%m-%d %H:%M:%S|%%|%j') }}", &data);
        let parts: Vec<&str> = page.split('|').collect();
        prop_assert_eq!(parts[0], parts[1]);
        prop_assert_eq!(parts[2], "%");
        prop_assert!((1..=366).contains(&parts[3].parse::<u32>().unwrap()));
    }

    #[test]
    fn widths_are_kept(n in any::<i64>(), width in 0usize..30, sign in "[<>^]") {
        let source = format!("{{{{ '{{:{sign}{width}}}' | format(n) }}}}");
        let page = text(&source, &json!({ "n": n }));
        prop_assert_eq!(page.trim(), n.to_string());
        prop_assert_eq!(page.chars().count(), width.max(n.to_string().len()));
    }

    #[test]
    fn what_is_truncated_fits(s in any_text(), length in 3usize..20, kill in any::<bool>()) {
        let source = format!("{{{{ s | truncate({length}, killwords={kill}, leeway=0) }}}}");
        let page = text(&source, &json!({ "s": s }));
        let n = s.chars().count();
        if n <= length {
            prop_assert_eq!(page, s);
        } else {
            prop_assert!(page.chars().count() <= length, "{page:?}");
            let kept = page.strip_suffix("...").expect("it ends with what says so");
            prop_assert!(s.starts_with(kept));
        }
    }

    #[test]
    fn wrapped_lines_are_no_longer_than_asked(s in any_text(), width in 1usize..12) {
        let page = text(&format!("{{{{ s | wordwrap({width}) }}}}"), &json!({ "s": s }));
        for line in page.split('\n') {
            prop_assert!(line.trim_end().chars().count() <= width, "{line:?} of {s:?}");
        }
        let solid = |it: &str| it.split_whitespace().collect::<String>();
        prop_assert_eq!(solid(&page), solid(&s));
    }

    #[test]
    fn bytes_are_a_chunk_or_are_refused(seed in vec(any::<u8>(), 0..200), at in any::<usize>(), to in any::<u8>()) {
        if let Some(gravure_smith::Program(chunk)) = gravure_smith::Program::of(&seed) {
            let mut written = chunk.encode();
            prop_assert!(Chunk::decode(&written).unwrap() == chunk);
            let n = written.len();
            written[at % n] = to;
            if let Ok(read) = Chunk::decode(&written) {
                prop_assert_eq!(read.encode(), written.clone());
            }
            prop_assert!(Chunk::decode(&written[..at % n]).is_err());
        }
    }

    #[test]
    fn errors_point_into_their_source(
        parts in vec(proptest::sample::select(&[
            "{{", "}}", "{%", "%}", " if ", "x", "é", "😀", "\n", "\r", "'", "(", "[", " end ",
            " for ", "|", "\u{0}", "{#", "1", " def ", " in ",
        ][..]), 0..20),
    ) {
        let source = parts.concat();
        if let Err(error) = TEXT.from_string(&source) {
            if let Some(span) = error.span() {
                let part = source.get(span.start as usize..span.end as usize);
                prop_assert!(part.is_some(), "{span:?} of {source:?}");
            }
            prop_assert!(error.line().is_none_or(|it| it >= 1));
            let _ = error.report().to_string();
        }
    }
}
