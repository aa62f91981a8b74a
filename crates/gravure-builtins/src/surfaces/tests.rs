//! Filters and globals of the surfaces as data.
//!
//! A case is `[value, "filter", [arguments], {named arguments}] => result`; the
//! named ones may be left out. Objects of one key make what JSON cannot write:
//! `{"$safe": "…"}`, `{"$md": "…"}`, `{"$styled": "…"}`, `{"$tuple": […]}`,
//! `{"$float": "nan"}`. In values and results `␛` is the escape character and
//! `⏎` a line feed. A result is its mark, `P` for plain, and its text; a fault
//! is its code.

use crate::registry;
use gravure_value::{
    Call, ColorDepth, Data, Dict, Fault, Fixed, Heap, Host, Iter, Json, Limits, Mark, NativeId,
    Object, Registry, Run, Surface, TerminalSettings, Value, World, bind, ops, text,
};
use std::time::Duration;

/// The fixed world with a terminal.
struct Desk(TerminalSettings);

impl World for Desk {
    fn terminal(&self) -> TerminalSettings {
        self.0
    }
    fn monotonic(&self) -> Duration {
        Fixed.monotonic()
    }
    fn local_offset(&self, at: i64) -> i32 {
        Fixed.local_offset(at)
    }
    fn random(&self) -> u64 {
        Fixed.random()
    }
    fn meta(&self, key: &str) -> Option<Data<'static>> {
        Fixed.meta(key)
    }
    fn debug(&self, text: &str) {
        Fixed.debug(text);
    }
    fn gettext(&self, message: &str) -> Option<String> {
        Fixed.gettext(message)
    }
    fn ngettext(&self, singular: &str, plural: &str, n: i64) -> Option<String> {
        Fixed.ngettext(singular, plural, n)
    }
}

struct Bench<'c> {
    heap: Heap<'c>,
    registry: Registry,
    desk: Desk,
    surface: Surface,
}

impl<'c> Bench<'c> {
    fn new(surface: Surface, settings: TerminalSettings, limits: Limits) -> Self {
        Self {
            heap: Heap::new(limits),
            registry: registry(),
            desk: Desk(settings),
            surface,
        }
    }

    fn run(
        &mut self,
        id: NativeId,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        let native = self
            .registry
            .native(id)
            .expect("the number was given")
            .clone();
        bind(&native.name, &native.params, args, named, |args| {
            self.heap.charge(native.price(&self.heap, args.values))?;
            match &native.run {
                Run::Builtin(run) => run(&mut Call { host: self }, args),
                Run::Host(run) => run.run(&mut Call { host: self }, args),
            }
        })
    }

    /// JSON as a value. Tests only; nesting is what they write.
    fn make(&mut self, json: &'c Json) -> Value<'c> {
        if let Json::Array(items) = json {
            let items = items.iter().map(|item| self.make(item)).collect();
            return self.heap.new_list(items).unwrap();
        }
        let Json::Object(map) = json else {
            return Value::from_json(json);
        };
        let (key, inner) = match map.iter().next() {
            Some((key, inner)) if key.starts_with('$') => (&**key, inner),
            _ => {
                let mut dict = Dict::new();
                for (key, value) in map {
                    let (key, value) = (Value::Str(Mark::Plain, key), self.make(value));
                    dict.insert(&self.heap, key, value).unwrap();
                }
                return self.heap.new_dict(dict).unwrap();
            }
        };
        let text = inner.as_str().unwrap_or("");
        match key {
            "$safe" => Value::Str(Mark::Html, text),
            "$md" => Value::Str(Mark::Markdown, text),
            "$styled" => Value::Str(Mark::Styled, text),
            "$float" => Value::Float(text.parse().unwrap()),
            "$tuple" => {
                let items = inner.as_array().unwrap();
                let items = items.iter().map(|item| self.make(item)).collect();
                self.heap.new_tuple(items).unwrap()
            }
            _ => panic!("no such kind: {key}"),
        }
    }

    fn show(&self, result: Result<Value<'c>, Fault>) -> String {
        let value = match result {
            Ok(value) => value,
            Err(fault) => return fault.code.to_string(),
        };
        let mark = match self.heap.mark(value) {
            Mark::Plain => "P",
            Mark::Html => "HTML",
            Mark::Markdown => "M",
            Mark::Styled => "S",
        };
        let text = ops::to_text(&self.heap, value).unwrap();
        format!("{mark} {}", text.replace('\u{1b}', "␛").replace('\n', "⏎"))
    }
}

impl<'c> Host<'c> for Bench<'c> {
    fn heap(&mut self) -> &mut Heap<'c> {
        &mut self.heap
    }
    fn world(&self) -> &dyn World {
        &self.desk
    }
    fn registry(&self) -> &Registry {
        &self.registry
    }
    fn surface(&self) -> Surface {
        self.surface
    }
    fn strict(&self) -> bool {
        true
    }
    fn strict_none(&self) -> bool {
        false
    }
    fn consume(&mut self, _: &str) -> Option<Value<'c>> {
        None
    }
    fn call(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        match callee {
            Value::Native(id) => self.run(id, args, named),
            _ => Err(Fault::not_callable(self.heap.kind_name(callee))),
        }
    }
    fn attr(&mut self, _: Value<'c>, _: &str) -> Result<Option<Value<'c>>, Fault> {
        Ok(None)
    }
    fn next(&mut self, iter: &mut Iter<'c>) -> Result<Option<Value<'c>>, Fault> {
        Ok(iter.step(&self.heap))
    }
}

const COLORS: TerminalSettings = TerminalSettings {
    color: ColorDepth::TrueColor,
    width: 30,
    height: 10,
    tty: true,
    unicode: true,
    ambiguous_width: 1,
};
const BARE: TerminalSettings = TerminalSettings {
    color: ColorDepth::None,
    tty: false,
    unicode: false,
    ..COLORS
};

fn run_case(surface: Surface, settings: TerminalSettings, limits: Limits, input: &str) -> String {
    let input = input.replace('␛', "\\u001b").replace('⏎', "\\n");
    let input: Json = input.parse().unwrap_or_else(|it| panic!("{it}: {input}"));
    let mut bench = Bench::new(surface, settings, limits);
    let name = input[1].as_str().unwrap();
    let Some(id) = bench.registry.filter_on(surface, name) else {
        return "no such filter".to_owned();
    };
    let mut args = vec![bench.make(&input[0])];
    for arg in input[2].as_array().unwrap() {
        args.push(bench.make(arg));
    }
    let mut named = Vec::new();
    for (name, value) in input[3].as_object().into_iter().flatten() {
        named.push((&**name, bench.make(value)));
    }
    let result = bench.run(id, &args, &named);
    bench.show(result)
}

fn check(surface: Surface, settings: TerminalSettings, cases: &str) {
    let mut wrong = Vec::new();
    for line in cases.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (input, expected) = line.split_once(" => ").unwrap_or_else(|| panic!("{line}"));
        let found = run_case(surface, settings, Limits::default(), input);
        if found.trim_end() != expected.trim_end_matches('$').trim_end() {
            wrong.push(format!("{input}\n  wanted {expected}\n  found  {found}"));
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn markdown() {
    let cases = r##"
        ["a*b", "bold", []] => M **a\*b**
        [{"$md": "*a*"}, "italic", []] => M **a**
        [{"$safe": "<b>"}, "strike", []] => M ~~<b>~~
        [{"$styled": "*"}, "bold", []] => M **\***
        ["# x", "h1", []] => M # \# x
        [null, "h4", []] => M #### None
        ["x", "h5", []] => no such filter
        ["x", "h1", [1]] => K-RUN-012
        ["a*", "code", []] => M `a*`
        ["a`b", "code", []] => M `` a`b ``
        ["[x]", "link", ["u)("]] => M [\[x\]](u)()
        ["x", "link", []] => K-RUN-012
        [" OK⏎", "badge", []] => M :white_check_mark:
        ["Odd One", "badge", []] => M :odd one:
        ["x⏎", "codeblock", ["rs"]] => M ```rs⏎x⏎⏎```
        ["a ```` b", "codeblock", [], {"lang": 5}] => M `````5⏎a ```` b⏎`````
        ["- x", "details", [{"$md": "*s*"}]] => M <details>⏎<summary>*s*</summary>⏎⏎\- x⏎⏎</details>
        ["x", "details", []] => M <details>⏎<summary>Details</summary>⏎⏎x⏎⏎</details>
        ["x", "red", []] => no such filter
    "##;
    check(Surface::Markdown, COLORS, cases);
}

#[test]
fn markdown_tables() {
    let cases = r#"
        [[{"a": 1}, {"b|": "x⏎y"}], "table", []] => M | a | b\| |⏎| --- | --- |⏎| 1 |  |⏎|  | x<br>y |
        [[{"a": 1, "b": 2}], "table", [["b", "c"]]] => M | b | c |⏎| --- | --- |⏎| 2 |  |
        [[[1, "_"], [{"$md": "_"}]], "table", []] => M | col0 | col1 |⏎| --- | --- |⏎| 1 | \_ |⏎| _ |
        [["ab", "c"], "table", ["x"]] => M | x |⏎| --- |⏎| a | b |⏎| c |
        [[[]], "table", []] => M |  |⏎|  |⏎|  |
        [[], "table", []] => M $
        [{"k": 1}, "table", []] => M | col0 |⏎| --- |⏎| k |
        [[{"a": 1}, [2]], "table", []] => K-RUN-012
        [[[1], 2], "table", []] => K-RUN-012
        [null, "table", []] => K-RUN-012
        [[5], "table", []] => K-RUN-012
        [[[1]], "table", [5]] => K-RUN-012
    "#;
    check(Surface::Markdown, COLORS, cases);
}

#[test]
fn colors() {
    let cases = r##"
        ["a␛[2J", "red", []] => S ␛[31ma␛[0m
        [{"$styled": "␛[2J"}, "bold", []] => S ␛[1m␛[2J␛[0m
        [{"$safe": "␛[2J<"}, "strike", []] => S ␛[9m<␛[0m
        ["", "bright_cyan", []] => S ␛[96m␛[0m
        ["x", "red", [1]] => K-RUN-012
        ["x", "h1", []] => no such filter
        ["x", "fg", ["#0a0B0c"]] => S ␛[38;2;10;11;12mx␛[0m
        ["x", "bg", [{"$tuple": ["1", 2.9, true]}]] => S ␛[48;2;1;2;1mx␛[0m
        ["x", "fg", [true]] => S ␛[38;5;1mx␛[0m
        ["x", "fg", [256]] => K-RUN-007
        ["x", "fg", [[1, 2, {"$float": "nan"}]]] => K-RUN-007
        ["x", "fg", [[1, 2, -0.5]]] => S ␛[38;2;1;2;0mx␛[0m
        ["x", "bg", [{}]] => K-RUN-007
        ["x", "fg", []] => K-RUN-012
    "##;
    check(Surface::Terminal, COLORS, cases);
    let cases = r#"
        ["a␛[2J␛[1mb", "red", []] => S a␛[1mb
        ["x", "fg", [[]]] => S x
    "#;
    check(Surface::Terminal, BARE, cases);
}

#[test]
fn fitting() {
    let cases = r#"
        ["日", "pad", [4]] => S 日  $
        ["日", "pad", [5, "center"], {"fill": "-"}] => S -日--
        ["a", "pad", [3, "right", "ab"]] => S ababa
        ["a␛[2J", "pad", [3, 5, "␛[2J."]] => S a..
        ["abc", "pad", [-1]] => S abc
        ["a", "pad", [2.0]] => K-RUN-012
        ["a", "pad", [9223372036854775807]] => K-RUN-019
        [{"$styled": "␛[1ma␛[0m"}, "center", [4]] => P  ␛[1ma␛[0m  $
        [{"$styled": "ab"}, "truncate", [2]] => P ab
        ["abcd", "truncate", [3]] => P ab…
        ["abcd", "truncate", [-3]] => P $
        ["abcd", "truncate", [3, null, "..", "x"]] => P a..
        ["abcd", "truncate", [null]] => K-RUN-012
        ["abcd", "truncate", [9], {"end": 5}] => K-RUN-012
        ["aa bb cc", "wrap", [5]] => P aa bb⏎cc
        ["aa bb", "wordwrap", [2]] => P aa⏎bb
        ["aaaaa bb", "wrap", [4]] => P aaaaa⏎bb
        ["aaaaa-bb", "wrap", [5], {"break_long_words": false}] => P aaaaa-⏎bb
        [{"$styled": "␛[1maaaaa bb"}, "wrap", [4]] => P ␛[1maaaa⏎␛[1ma bb
        ["a", "wrap", ["4"]] => K-RUN-012
    "#;
    check(Surface::Terminal, COLORS, cases);
}

#[test]
fn small_pictures() {
    let cases = r#"
        [" Warn ", "badge", []] => S ␛[33m⚠␛[0m
        ["x␛[2J", "badge", ["warn", "green"]] => S ␛[32m⚠ x␛[0m
        ["x", "badge", ["␛[2J>", "Green"]] => S > x
        ["x", "badge", ["zap", 5]] => S zap x
        ["x", "badge", [0]] => S x
        [0.25, "bar", [4]] => S █░░░ 25%
        ["1e400", "bar", [2, false]] => S ██
        [{"$float": "nan"}, "bar", [2]] => S ██ 100%
        [0.5, "bar", [9223372036854775807]] => K-RUN-019
        ["x", "bar", []] => K-RUN-007
        [null, "bar", []] => K-RUN-012
        ["a", "kv", ["日", 9]] => S a ···· 日
        ["a", "kv", ["b", 2, "=", "日"]] => S a=日=b
        ["a", "kv", ["b", 9], {"fill": 1}] => K-RUN-012
        ["a", "kv", ["b", 9223372036854775807]] => K-RUN-019
    "#;
    check(Surface::Terminal, COLORS, cases);
    let cases = r#"
        ["failed", "badge", ["x"]] => S [FAIL]
        ["x", "badge", ["info", "red"]] => S [i] x
        [0.5, "bar", [4]] => S [##--] 50%
        ["a", "kv", ["b", 6]] => S a .. b
    "#;
    check(Surface::Terminal, BARE, cases);
    let plain_pictures = TerminalSettings {
        color: ColorDepth::Basic,
        ..BARE
    };
    check(
        Surface::Terminal,
        plain_pictures,
        r#"["skip", "badge", []] => S ␛[2mo␛[0m"#,
    );
}

#[test]
fn tables() {
    let cases = r#"
        [[{"a": "日", "b": 1}], "table", []] => S ┌────┬───┐⏎│ a  │ b │⏎├────┼───┤⏎│ 日 │ 1 │⏎└────┴───┘
        [[["x␛[2J", 2], [3]], "table", [["a", "b"], "ascii"]] => S +---+---+⏎| a | b |⏎+---+---+⏎| x | 2 |⏎| 3 |   |⏎+---+---+
        [[["xyz"]], "table", [["abcde"]], {"align": {"abcde": "right"}, "border": 5}] => S ┌───────┐⏎│ abcde │⏎├───────┤⏎│   xyz │⏎└───────┘
        [[["xyz"]], "table", [["abcde"]], {"max_width": 7, "border": "round"}] => S ╭─────╮⏎│ ab… │⏎├─────┤⏎│ xyz │⏎╰─────╯
        [[[]], "table", []] => S ┌┐⏎││⏎├┤⏎││⏎└┘
        [[], "table", []] => S $
        [[[1]], "table", [[1]]] => K-RUN-012
        [[[1]], "table", [], {"align": "left"}] => K-RUN-012
        [[[1]], "table", [], {"max_width": 1.5}] => K-RUN-012
    "#;
    check(Surface::Terminal, COLORS, cases);
}

#[test]
fn trees() {
    let cases = r#"
        [{"a": {"b": {"c": 1}, "d": {}}, "e␛[2J": [1]}, "tree", []] => S ├─ a⏎│  ├─ b⏎│  │  └─ c⏎│  └─ d⏎└─ e
        [{"a": {"b": 1}}, "tree", [-3]] => S └ a⏎ └ b
        [{}, "tree", []] => S $
        ["x␛[2J", "tree", []] => S x
        [{"a": 1}, "tree", [null]] => K-RUN-012
        [{"a": {"b": 1}}, "tree", [9223372036854775807]] => K-RUN-019
    "#;
    check(Surface::Terminal, COLORS, cases);
    let cases = r#"[{"a": {"b": 1}, "c": 2}, "tree", []] => S |- a⏎|  \- b⏎\- c"#;
    check(Surface::Terminal, BARE, cases);
}

#[test]
fn a_tree_that_contains_itself_ends() {
    let mut bench = Bench::new(Surface::Terminal, COLORS, Limits::default());
    let dict = bench.heap.new_dict(Dict::new()).unwrap();
    let Value::Cell(_, id) = dict else {
        panic!("a dict lies in a cell");
    };
    let mut inner = Dict::new();
    inner
        .insert(&bench.heap, Value::Str(Mark::Plain, "k"), dict)
        .unwrap();
    *bench.heap.cell_mut(id).unwrap() = gravure_value::Cell::Dict(inner.into());
    let tree = bench.registry.filter_on(Surface::Terminal, "tree").unwrap();
    let result = bench.run(tree, &[dict], &[]);
    assert_eq!(bench.show(result), "K-RUN-007");
}

#[test]
fn differences_and_colors_of_languages() {
    let cases = r#"
        ["a⏎b", "diff", ["a⏎B⏎"]] => S ␛[2m--- ␛[0m⏎␛[2m+++ ␛[0m⏎␛[36m@@ -1,2 +1,2 @@␛[0m⏎␛[2m   a␛[0m⏎␛[31m- b␛[0m⏎␛[32m+ B␛[0m
        [1, "diff", [1]] => S $
        ["a", "diff", ["b", 1.5]] => K-RUN-012
        ["[1]", "syntax", []] => S ␛[2m[␛[0m␛[33m1␛[0m␛[2m]␛[0m
        ["a: ␛[1myes", "syntax", ["Yaml"]] => S ␛[36ma␛[0m: ␛[35myes␛[0m
        ["[␛[2J␛[1m1]", "syntax", ["rust"]] => S [␛[1m1]
        ["x", "syntax", [null]] => K-RUN-012
    "#;
    check(Surface::Terminal, COLORS, cases);
    let cases = r#"
        ["a␛[2J", "diff", ["--b"], {"context": -1}] => S --- ⏎+++ ⏎@@ -1 +1 @@⏎- a⏎+ --b
        ["a⏎b", "syntax", []] => S a⏎b
    "#;
    check(Surface::Terminal, BARE, cases);
}

/// A global, followed by attributes, as it is shown.
fn read(settings: TerminalSettings, path: &str) -> String {
    let mut bench = Bench::new(Surface::Terminal, settings, Limits::default());
    let mut names = path.split('.');
    let name = names.next().unwrap_or_default();
    let Some(id) = bench.registry.global_on(Surface::Terminal, name) else {
        return "no such global".to_owned();
    };
    let mut value = bench.run(id, &[], &[]).unwrap();
    for name in names {
        let found = match bench.heap.view(value) {
            gravure_value::View::Shared(object) => object.attr(name),
            _ => None,
        };
        match found {
            Some(data) => value = bench.heap.import(data).unwrap(),
            None => return "missing".to_owned(),
        }
    }
    bench.show(Ok(value))
}

#[test]
fn globals() {
    for (path, unicode, ascii) in [
        ("columns", "P 30", "P 30"),
        ("rows", "P 10", "P 10"),
        ("tty", "P True", "P False"),
        ("icons.star", "S ★\u{fe0e}", "S *"),
        ("icons.nope", "missing", "missing"),
        ("box.heavy.cross", "S ╋", "S +"),
        ("box.heavy.nope", "missing", "missing"),
        ("box.nope", "missing", "missing"),
        ("output_format", "no such global", "no such global"),
    ] {
        assert_eq!(read(COLORS, path), unicode, "{path}");
        assert_eq!(read(BARE, path), ascii, "{path}");
    }
    let registry = registry();
    assert!(
        registry
            .global_on(Surface::Markdown, "output_format")
            .is_some()
    );
    assert_eq!(registry.global_on(Surface::Html, "columns"), None);
    assert_eq!(registry.function_on(Surface::Markdown, "hr"), None);
}

#[test]
fn lines() {
    let nothing = Value::None;
    let text = |it| Value::Str(Mark::Plain, it);
    for (args, expected) in [
        (&[Value::Int(3)][..], "P ───"),
        (&[], "P ──────────────────────────────"),
        (
            &[Value::Int(0), text("=")],
            "P ==============================",
        ),
        (&[Value::Int(8), nothing, text("日本")], "P ── 日本 $"),
        (&[Value::Int(12), text("*"), text("Ab")], "P ** Ab ****"),
        (&[Value::Int(-2)], "P $"),
        (&[Value::Int(i64::MAX)], "K-RUN-019"),
        (&[Value::Float(1.0)], "K-RUN-012"),
        (&[nothing, nothing, Value::Int(5)], "K-RUN-012"),
    ] {
        let mut bench = Bench::new(Surface::Terminal, COLORS, Limits::default());
        let hr = bench.registry.function_on(Surface::Terminal, "hr").unwrap();
        let result = bench.run(hr, args, &[]);
        let expected = expected.trim_end_matches('$').trim_end();
        assert_eq!(bench.show(result).trim_end(), expected, "{args:?}");
    }
}

#[test]
fn surfaces_have_their_names() {
    let registry = registry();
    let own = |surface| {
        let all = registry.filter_names();
        let names = registry.filter_names_on(surface);
        let own = names.into_iter().filter(|name| !all.contains(name));
        own.collect::<Vec<_>>().join(" ")
    };
    assert_eq!(
        own(Surface::Markdown),
        "badge bold code codeblock details h1 h2 h3 h4 italic link strike table"
    );
    assert_eq!(
        own(Surface::Terminal),
        "badge bar bg black blink blue bold bright_blue bright_cyan bright_green bright_magenta \
         bright_red bright_yellow cyan diff dim fg green inverse italic kv magenta pad red strike \
         syntax table tree underline white wrap yellow"
    );
    for name in ["center", "truncate", "wordwrap"] {
        assert_ne!(
            registry.filter_on(Surface::Terminal, name),
            registry.filter(name)
        );
    }
    assert_eq!(own(Surface::Html) + &own(Surface::Text), "");
}

/// One or two of each sort, odd ones first.
const ODD: &str = r#"[
    "", "a", "é日\u0301", "\u001b[", "\u001b]x", "\u001b[1ma b\u001b[0m", "{\"a\": -}", "a: '",
    "\"\\", "a\nb\r\nc", null, true, -1, 0, 2, 9223372036854775807, -9223372036854775808,
    18446744073709551615, 2.5, {"$float": "inf"}, {"$float": "nan"},
    {"$styled": "\u001b[1m日\u001b[0m b"}, [], [[1, 2], []], [{"a": {"b": 1}}, {}],
    {"a": {"b": {}}, "c": [1]}, {"$tuple": [1, 2, 3]}
]"#;

#[test]
fn no_argument_is_too_odd() {
    let odd: Json = ODD.parse().unwrap();
    for surface in [Surface::Markdown, Surface::Terminal] {
        for settings in [COLORS, BARE] {
            let limits = Limits {
                fuel: u64::MAX,
                text: 1 << 20,
                ..Limits::untrusted()
            };
            let mut bench = Bench::new(surface, settings, limits);
            let odd = odd.as_array().unwrap().iter();
            let values: Vec<Value<'_>> = odd.map(|json| bench.make(json)).collect();
            let all = bench.registry.clone();
            let names = all.filter_names_on(surface).into_iter();
            let own = names.filter(|name| all.filter_on(surface, name) != all.filter(name));
            for name in own {
                let id = all.filter_on(surface, name).unwrap();
                for &first in &values {
                    call_with(&mut bench, id, &values, &[first]);
                    for (idx, &second) in values.iter().enumerate() {
                        let third = values[(idx * 7 + 3) % values.len()];
                        call_with(&mut bench, id, &values, &[first, second]);
                        call_with(&mut bench, id, &values, &[first, second, third]);
                        call_with(&mut bench, id, &values, &[first, third, third, second]);
                    }
                }
            }
        }
    }
}

/// Call, and check that a fault is one that a call may have.
fn call_with<'c>(bench: &mut Bench<'c>, id: NativeId, kept: &[Value<'c>], args: &[Value<'c>]) {
    let result = bench.run(id, args, &[]);
    let found = bench.show(result);
    let is_known = matches!(&*found, "K-RUN-012" | "K-RUN-007" | "K-RUN-019");
    let name = bench.registry.native(id).map(|native| native.name.clone());
    assert!(
        is_known || !found.starts_with('K'),
        "{name:?} {args:?}: {found}"
    );
    // What was made is of no use any more.
    bench.heap.collect(kept.iter().copied());
}

/// An object that looks different wherever it is printed.
struct Chameleon;

impl Object for Chameleon {
    fn attr<'a>(&'a self, _: &str) -> Option<Data<'a>> {
        None
    }
    fn print(&self) -> String {
        "*text*".to_owned()
    }
    fn form(&self, surface: Surface) -> Option<String> {
        match surface {
            Surface::Markdown => Some("_md_".to_owned()),
            Surface::Terminal => Some("\u{1b}[2J".to_owned()),
            Surface::Text | Surface::Html => None,
        }
    }
}

#[test]
fn objects_bring_forms_of_their_own() {
    for (surface, name, expected) in [
        (Surface::Markdown, "bold", "M **_md_**"),
        (Surface::Markdown, "code", "M `*text*`"),
        (Surface::Terminal, "red", "S ␛[31m␛[2J␛[0m"),
        (Surface::Terminal, "badge", "S ␛[2J"),
        (Surface::Terminal, "tree", "S *text*"),
    ] {
        let mut bench = Bench::new(surface, COLORS, Limits::default());
        let id = bench.registry.filter_on(surface, name).unwrap();
        let result = bench.run(id, &[Value::Object(&Chameleon)], &[]);
        assert_eq!(bench.show(result), expected, "{name}");
    }
}

#[test]
fn escaping_and_printing_agree() {
    let heap = Heap::new(Limits::default());
    for mark in [Mark::Plain, Mark::Html, Mark::Markdown, Mark::Styled] {
        for surface in [
            Surface::Text,
            Surface::Html,
            Surface::Markdown,
            Surface::Terminal,
        ] {
            let value = Value::Str(mark, "<*\u{1b}[2J&");
            let mut expected = String::new();
            text::escape(surface, mark, "<*\u{1b}[2J&", &mut expected);
            assert_eq!(super::printed(&heap, surface, value).unwrap(), expected);
        }
    }
}
