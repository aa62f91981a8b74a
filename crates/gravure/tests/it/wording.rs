//! Texts and lists seen through templates, against models that know nothing of
//! the engine, and where errors point.

use gravure::{AutoEscape, Environment, Options, context, loader::MapLoader};
use proptest::{collection::vec, prelude::*};
use serde_json::{Value, json};
use std::{collections::HashSet, sync::LazyLock};

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

/// Whatever has been trouble, ends of lines and of tags included.
const PIECES: &[&str] = &[
    "a",
    "B",
    "b c",
    " ",
    "\n",
    "\r",
    "\t",
    "<b>",
    "&amp;",
    "\"",
    "'",
    "\\",
    "é",
    "É",
    "e\u{301}",
    "😀",
    "日本",
    "ß",
    "Σ",
    "ﬁ",
    "\u{0}",
    "\u{7f}",
    "\u{a0}",
    "\u{202e}",
    "\u{feff}",
    "{{",
    "}}",
    "%}",
    "{#",
    "-",
    ".",
    "%",
    "/",
    "word",
    "longer-word",
    "İ",
    "ǆ",
];

fn any_text() -> impl Strategy<Value = String> {
    vec(proptest::sample::select(PIECES), 0..14).prop_map(|it| it.concat())
}

/// A text as a literal of a template, written one way or another.
fn literal(text: &str, way: u8) -> String {
    let mut out = String::from("'");
    for c in text.chars() {
        match (c, way % 3) {
            ('\\', _) => out.push_str("\\\\"),
            ('\'', _) => out.push_str("\\'"),
            ('\n', _) => out.push_str("\\n"),
            ('\r', 0) => out.push_str("\\r"),
            (_, 1) if (c as u32) < 0x1_0000 => out.push_str(&format!("\\u{:04X}", c as u32)),
            (_, 1) => out.push_str(&format!("\\U{:08x}", c as u32)),
            (' '..='~', _) => out.push(c),
            (_, 2) => out.push_str(&format!("\\U{:08X}", c as u32)),
            _ => out.push(c),
        }
    }
    out.push('\'');
    out
}

/// Line from 1 and column in characters from 0 of a byte.
fn place(source: &str, at: usize) -> (u32, u32) {
    let before = &source[..at];
    let line = before.matches('\n').count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line, before[start..].chars().count() as u32)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 96,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn literals_say_what_was_written(s in any_text(), way in any::<u8>()) {
        prop_assert_eq!(text(&format!("{{{{ {} }}}}", literal(&s, way)), &json!({})), s.clone());
        // What is shown in a list is a literal of the same text.
        let shown = text("{{ [s] }}", &json!({ "s": s }));
        if !shown.contains("\\x") {
            prop_assert_eq!(text(&format!("{{{{ {shown}[0] }}}}"), &json!({})), s.clone());
        }
        prop_assert_eq!(text(&format!("{{{{ {} == s }}}}", literal(&s, way)), &json!({ "s": s })), "True");
    }

    #[test]
    fn escapes_are_undone(s in any_text()) {
        let data = json!({ "s": s });
        let kept = s.replace('\0', "");
        prop_assert_eq!(text("{{ (s | escape).unescape() }}", &data), kept.clone());
        prop_assert_eq!(text("{{ s | escape | striptags }}", &data).contains('<'), false);
        // Twice escaped is escaped once: it is safe already.
        prop_assert_eq!(text("{{ s | escape | escape }}", &data), text("{{ s | escape }}", &data));
        let encoded = text("{{ s | urlencode }}", &data);
        let mut bytes = Vec::new();
        let mut rest = encoded.as_bytes();
        while let [first, tail @ ..] = rest {
            rest = match (first, tail) {
                (b'%', [high, low, tail @ ..]) => {
                    let digit = |it: &u8| (*it as char).to_digit(16).expect("a digit") as u8;
                    bytes.push(digit(high) << 4 | digit(low));
                    tail
                }
                _ => {
                    prop_assert!(first.is_ascii_alphanumeric() || b"-_.~".contains(first), "{encoded}");
                    bytes.push(*first);
                    tail
                }
            };
        }
        prop_assert_eq!(String::from_utf8(bytes).unwrap(), s);
        let nested = json!({ "s": { "k": [kept, 1, null, true, 1.5] } });
        let written = text("{{ s | tojson }}", &nested);
        prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), nested["s"].clone());
    }

    #[test]
    fn cases_are_those_of_unicode(s in any_text()) {
        let data = json!({ "s": s });
        prop_assert_eq!(text("{{ s | upper }}", &data), s.to_uppercase());
        prop_assert_eq!(text("{{ s.upper() }}", &data), s.to_uppercase());
        prop_assert_eq!(text("{{ s | lower }}", &data), s.to_lowercase());
        // Long texts go another way.
        let long = s.repeat(20);
        let data = json!({ "s": long });
        prop_assert_eq!(text("{{ s | upper }}", &data), long.to_uppercase());
        prop_assert_eq!(text("{{ s | lower }}", &data), long.to_lowercase());
        let first = text("{{ s | capitalize }}", &data);
        let (head, tail) = match long.chars().next() {
            Some(c) => long.split_at(c.len_utf8()),
            None => ("", ""),
        };
        if head.is_ascii() && !tail.contains('Σ') {
            prop_assert_eq!(first, head.to_uppercase() + &tail.to_lowercase());
        }
    }

    #[test]
    fn parts_of_texts(s in any_text(), part in proptest::sample::select(PIECES), n in 0usize..20) {
        let data = json!({ "s": s, "p": part, "n": n });
        let split: Vec<&str> = s.split(part).collect();
        prop_assert_eq!(text("{{ s.split(p) | length }}", &data), split.len().to_string());
        prop_assert_eq!(text("{{ s.split(p) | join(p) }}", &data), s.clone());
        prop_assert_eq!(text("{{ s | replace(p, 'X') }}", &data), s.replace(part, "X"));
        prop_assert_eq!(text("{{ s.count(p) }}", &data), s.matches(part).count().to_string());
        prop_assert_eq!(text("{{ p in s }}", &data), if s.contains(part) { "True" } else { "False" });
        let found = s.find(part).map_or(-1, |at| s[..at].chars().count() as i64);
        prop_assert_eq!(text("{{ s.find(p) }}", &data), found.to_string());
        let found = s.rfind(part).map_or(-1, |at| s[..at].chars().count() as i64);
        prop_assert_eq!(text("{{ s.rfind(p) }}", &data), found.to_string());
        prop_assert_eq!(
            text("{{ s.startswith(p) }}{{ s.endswith(p) }}", &data),
            [s.starts_with(part), s.ends_with(part)].map(|it| if it { "True" } else { "False" }).concat()
        );
        let chars: Vec<char> = s.chars().collect();
        prop_assert_eq!(text("{{ s | length }}", &data), chars.len().to_string());
        prop_assert_eq!(text("{{ s | reverse | join }}", &data), chars.iter().rev().collect::<String>());
        prop_assert_eq!(text("{{ s[:n] ~ s[n:] }}", &data), s.clone());
        prop_assert_eq!(text("{{ s[n:][:2] }}", &data), chars.iter().skip(n).take(2).collect::<String>());
        prop_assert_eq!(text("{{ s * 3 }}", &data), s.repeat(3));
        let lengths = text("{{ s.ljust(n) | length }} {{ s.rjust(n) | length }} {{ s | center(n) | length }}", &data);
        let longest = chars.len().max(n);
        prop_assert_eq!(lengths, format!("{longest} {longest} {longest}"));
        prop_assert_eq!(text("{{ (s | center(n)) | trim == s | trim }}", &data), "True");
    }

    #[test]
    fn lists_are_dealt_out_whole(l in vec(-5i64..5, 0..30), n in 1usize..7) {
        let data = json!({ "l": l, "n": n });
        let joined = |items: &[i64]| items.iter().map(i64::to_string).collect::<Vec<_>>().join(",");
        let chunks: Vec<String> = l.chunks(n).map(joined).collect();
        let batches = "{% for b in l | batch(n) %}{{ b | join(',') }};{% end %}";
        prop_assert_eq!(text(batches, &data), chunks.iter().map(|it| format!("{it};")).collect::<String>());
        let slices = text("{% for s in l | slice(n) %}{{ s | length }} {% end %}", &data);
        let sizes: Vec<usize> = slices.split_whitespace().map(|it| it.parse().unwrap()).collect();
        prop_assert_eq!(sizes.iter().sum::<usize>(), l.len());
        prop_assert!(sizes.iter().all(|it| it.abs_diff(l.len() / n) <= 1), "{sizes:?}");
        let mut seen = HashSet::new();
        let unique: Vec<i64> = l.iter().copied().filter(|it| seen.insert(*it)).collect();
        prop_assert_eq!(text("{{ l | unique | join(',') }}", &data), joined(&unique));
        prop_assert_eq!(text("{{ set(l) | length }}", &data), unique.len().to_string());
        let mut sorted = l.clone();
        sorted.sort_unstable();
        prop_assert_eq!(text("{{ l | sort | join(',') }}", &data), joined(&sorted));
        let mut back = l.clone();
        back.reverse();
        prop_assert_eq!(text("{{ l | reverse | join(',') }}", &data), joined(&back));
        prop_assert_eq!(text("{{ l | sum }}", &data), l.iter().sum::<i64>().to_string());
        prop_assert_eq!(text("{{ l[:n] + l[n:] == l }} {{ l | skip(n) | join(',') }}", &data),
            format!("True {}", joined(l.get(n..).unwrap_or(&[]))));
        prop_assert_eq!(text("{{ (l | take(n)) + (l | skip(n)) == l }}", &data), "True");
        prop_assert_eq!(text("{{ zip(l, l | reverse) | list | length }}", &data), l.len().to_string());
        let rows: Vec<Value> = l.iter().enumerate().map(|(at, k)| json!({ "k": k, "at": at })).collect();
        let groups = text(
            "{% for g in rows | groupby('k') %}{{ g.grouper }}:{{ g.list | map(attribute='at') | join(',') }};{% end %}",
            &json!({ "rows": rows }),
        );
        let mut keys = unique;
        keys.sort_unstable();
        let model: String = keys.iter().map(|key| {
            let places: Vec<String> = (l.iter().enumerate())
                .filter(|(_, it)| *it == key)
                .map(|(at, _)| at.to_string())
                .collect();
            format!("{key}:{};", places.join(","))
        }).collect();
        prop_assert_eq!(groups, model);
    }

    #[test]
    fn lists_are_ordered_as_words_are(a in vec(-2i64..2, 0..5), b in vec(-2i64..2, 0..5), c in vec(-2i64..2, 0..5)) {
        let data = json!({ "a": a, "b": b, "c": c });
        let truth = |it: bool| if it { "True" } else { "False" };
        let page = text("{{ a < b }} {{ a <= b }} {{ a == b }} {{ a != b }} {{ a > b }} {{ a >= b }}", &data);
        let wanted = [a < b, a <= b, a == b, a != b, a > b, a >= b].map(truth).join(" ");
        prop_assert_eq!(page, wanted);
        let mut all = [a, b, c];
        all.sort();
        let sorted = text("{% for l in sorted([a, b, c]) %}{{ l }}{% end %}", &data);
        prop_assert_eq!(sorted, all.iter().map(|it| format!("{it:?}")).collect::<String>());
    }

    #[test]
    fn dicts_keep_their_order_and_find_what_they_hold(keys in vec("[a-c]{1,2}", 0..30)) {
        let mut order: Vec<&String> = Vec::new();
        for key in &keys {
            if !order.contains(&key) {
                order.push(key);
            }
        }
        let data = json!({ "keys": keys });
        let source = "{% let d = {} %}{% for k in keys %}{% set _ = d.update({ k: loop.index }) %}{% end %}";
        let listed: Vec<&str> = order.iter().map(|it| &***it).collect();
        prop_assert_eq!(text(&format!("{source}{{{{ d | join(',') }}}}"), &data), listed.join(","));
        let found = text(&format!("{source}{{% for k in keys %}}{{{{ d[k] }}}} {{% end %}}"), &data);
        let last: String = keys.iter().map(|key| {
            let at = keys.iter().rposition(|it| it == key).unwrap() + 1;
            format!("{at} ")
        }).collect();
        prop_assert_eq!(found, last);
        prop_assert_eq!(text(&format!("{source}{{{{ d == d and d | length }}}}"), &data),
            if order.is_empty() { "0".to_owned() } else { order.len().to_string() });
    }

    #[test]
    fn errors_stand_where_their_cause_does(
        before in vec(proptest::sample::select(&["a", "é", "😀", "\n", "\r\n", "{# x\n #}", "{{ 1 }}", "{% if true %}b{% end %}", "\t"][..]), 0..20),
        cause in proptest::sample::select(&[
            ("{{ ", "nobody", " }}"), ("{{ 1 + ", "nobody", " }}"), ("{% if ", "nobody", " %}{% end %}"),
            ("{% set x = ", "nobody", " %}"), ("{{\n  ", "nobody", "\n}}"), ("{% for i in [1] %}{{ ", "nobody", " }}{% end %}"),
        ][..]),
    ) {
        let source = format!("{}{}{}{}", before.concat(), cause.0, cause.1, cause.2);
        let at = source.find("nobody").unwrap();
        let error = TEXT.from_string(&source).unwrap().render(&context! {}).unwrap_err();
        prop_assert_eq!((error.line(), error.column()), {
            let (line, column) = place(&source, at);
            (Some(line), Some(column))
        }, "{:?}", source);
        let (_, column) = place(&source, at);
        prop_assert_eq!(error.end_column(), Some(column + 6));
        // The same place through an include, and as a template of a loader.
        let loader = MapLoader::from([("main", "\n\n {% include 'part' %}"), ("part", &source)]);
        let error = Environment::with_loader(loader).render("main", &context! {}).unwrap_err();
        prop_assert_eq!(error.template(), Some("part"));
        prop_assert_eq!((error.line(), error.column()), {
            let (line, column) = place(&source, at);
            (Some(line), Some(column))
        });
    }
}
