//! Attributes of objects that are asked for by two words: whatever way leads
//! there, in the loop of the frequent ops and in the plain one.

use gravure::{
    AsData, Code, Data, Environment, FieldName, Given, Limits, Object, Options, Read, Slot,
    policy::Policy,
    unstable::{Optimize, Probe},
};
use std::collections::BTreeMap;

#[derive(Object)]
struct Ship {
    name: String,
    n: i64,
    wide: u64,
    rate: f64,
    is_new: bool,
    letter: char,
    none: Option<String>,
    #[object(optional)]
    gone: Option<i64>,
    port: Port,
    next: Option<Box<Ship>>,
    holds: Vec<Vec<i64>>,
    words: Vec<String>,
    odd: Vec<u64>,
    rates: BTreeMap<String, f64>,
    fifteen_letters: u8,
    sixteen_letters1: u8,
    sixteen_letters2: u8,
    hand: Hand,
}

#[derive(Object)]
struct Port {
    name: &'static str,
    #[object(rename = "é")]
    accent: u8,
    #[object(rename = "")]
    empty: u8,
}

/// Written by hand, in every way that there is.
struct Hand;

const SHORT: FieldName = FieldName::new("short");
const MADE: FieldName = FieldName::new("made");
const GONE: FieldName = FieldName::new("gone");
const PANICS: FieldName = FieldName::new("panics");
const LARGE: FieldName = FieldName::new("large");
const BLANK: FieldName = FieldName::new("blank");
/// These fill their slot and say that they did not.
const LIES: FieldName = FieldName::new("lies");
const LEAVES: FieldName = FieldName::new("leaves");
const FALLS: FieldName = FieldName::new("falls");
/// Too long: nobody asks so.
const LONG: FieldName = FieldName::new("longer_than_fifteen");

impl Object for Hand {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        match name {
            "by_name" => Some(Data::Int(1)),
            "too_long" => Some(Data::from("x".repeat(800))),
            "longer_than_fifteen" => Some(Data::Int(2)),
            "leaves" => Some(Data::Int(3)),
            "panics" => Some(Data::from("no panic")),
            "both" => std::panic::resume_unwind(Box::new("both")),
            _ => None,
        }
    }

    fn field<'a>(&'a self, name: FieldName, to: Slot<'_, 'a>) -> Given<'a> {
        match name {
            SHORT => to.put("<s>"),
            MADE => to.put_data(Data::from(String::from("<m>"))),
            GONE => Given::MISSING,
            LARGE => to.put_data(Data::from("x".repeat(800))),
            PANICS => std::panic::resume_unwind(Box::new("field")),
            BLANK => to.put(&None::<i64>),
            LIES => {
                let _ = to.put("lie");
                Given::MISSING
            }
            LEAVES => {
                let _ = to.put("left");
                Given::UNKNOWN
            }
            FALLS => {
                let _ = to.put("fallen");
                std::panic::resume_unwind(Box::new("put"))
            }
            LONG => to.put("never"),
            _ => Given::UNKNOWN,
        }
    }
}

impl AsData for Hand {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

fn ship(next: Option<Box<Ship>>) -> Ship {
    Ship {
        name: "Ada <3".to_owned(),
        n: -7,
        wide: u64::MAX,
        rate: 0.5,
        is_new: true,
        letter: '&',
        none: None,
        gone: None,
        port: Port {
            name: "P",
            accent: 1,
            empty: 2,
        },
        next,
        holds: vec![vec![1, 2], vec![]],
        words: (0..20).map(|n| format!("w{n}")).collect(),
        odd: vec![1, u64::MAX],
        rates: BTreeMap::from([("a".to_owned(), 1.5)]),
        fifteen_letters: 15,
        sixteen_letters1: 161,
        sixteen_letters2: 162,
        hand: Hand,
    }
}

/// Templates over a ship as the whole context, `name` and so on, which also
/// lies there as `s`; and what they give.
const PAGES: &[(&str, Result<&str, Code>)] = &[
    (
        "{{ s.name }}|{{ s.n }}|{{ s.wide }}|{{ s.rate }}|{{ s.is_new }}|{{ s.letter }}",
        Ok("Ada &lt;3|-7|18446744073709551615|0.5|True|&amp;"),
    ),
    (
        "{{ name }}|{{ n }}|{{ wide }}",
        Ok("Ada &lt;3|-7|18446744073709551615"),
    ),
    (
        "{{ s.none }}|{{ s.none is none }}|{{ s?.none }}",
        Ok("|False|"),
    ),
    ("{{ s.gone | default('d') }}{{ s.gone ?? 1 }}", Ok("d1")),
    ("{{ s.gone }}", Err(Code::RunUndefined)),
    ("{{ s.nothing }}", Err(Code::RunUndefined)),
    ("{{ nothing }}", Err(Code::RunUndefined)),
    ("{{ s.names }}", Err(Code::RunUndefined)),
    ("{{ s.nam }}", Err(Code::RunUndefined)),
    ("{{ s.port.name }}{{ s.port | attr('é') }}", Ok("P1")),
    ("{{ s.next.next.port.name }}", Ok("P")),
    ("{{ s.next.next.next.name }}", Err(Code::RunUndefined)),
    ("{{ s.next.port.nothing }}", Err(Code::RunUndefined)),
    ("{{ s.port.name.nothing }}", Err(Code::RunUndefined)),
    (
        "{% for i in range(3) %}{% if s.is_new %}{{ s.next.n }}{% end %}{% if not s.port %}x{% end %}{% end %}",
        Ok("-7-7-7"),
    ),
    (
        "{% for row in s.holds %}{% if row %}{{ row | length }}{{ row[0] }}{{ row[-1] }}{% else %}-{% end %}{% end %}{{ s.holds[1] | length }}",
        Ok("212-0"),
    ),
    ("{{ s.holds[2] }}", Err(Code::RunValue)),
    (
        "{{ s.words | join('<') }}",
        Ok(
            "w0&lt;w1&lt;w2&lt;w3&lt;w4&lt;w5&lt;w6&lt;w7&lt;w8&lt;w9&lt;w10&lt;w11&lt;w12&lt;w13&lt;w14&lt;w15&lt;w16&lt;w17&lt;w18&lt;w19",
        ),
    ),
    (
        "{{ s.odd | join(', ') }}|{{ s.holds | join('-') }}|{{ s.none | join }}",
        Ok("1, 18446744073709551615|[1, 2]-[]|"),
    ),
    ("{{ s.rates.a }}{{ s.rates | length }}", Ok("1.51")),
    (
        "{{ s.fifteen_letters }} {{ s.sixteen_letters1 }} {{ s.sixteen_letters2 }} {{ sixteen_letters2 }}",
        Ok("15 161 162 162"),
    ),
    ("{{ s.sixteen_letters }}", Err(Code::RunUndefined)),
    ("{{ s.sixteen_letters3 }}", Err(Code::RunUndefined)),
    ("{{ s.sixteen_letters3 | default('d') }}", Ok("d")),
    (
        "{{ s.hand.short }}{{ s.hand.made }}{{ s.hand.by_name }}{{ s.hand.longer_than_fifteen }}",
        Ok("&lt;s&gt;&lt;m&gt;12"),
    ),
    (
        "{{ s.hand.gone | default('d') }}{{ s.hand.x ?? 'e' }}",
        Ok("de"),
    ),
    ("{{ s.hand.gone }}", Err(Code::RunUndefined)),
    ("{{ s.hand.panics }}", Err(Code::RunValue)),
    ("{{ s.hand.panics | default('d') }}", Err(Code::RunValue)),
    ("{{ s.hand.both }}", Err(Code::RunValue)),
    (
        "{% for i in range(3) %}{% try %}{{ i }}{{ s.hand.panics }}{% fallback %}caught{% end %}{% end %}",
        Ok("caughtcaughtcaught"),
    ),
    (
        "{% set x = s.hand %}{% try %}{% set x = x.panics %}{% fallback %}{% end %}{{ x.short }}",
        Ok("&lt;s&gt;"),
    ),
    (
        "{{ s.hand.lies | default('d') }}{{ s.hand.lies ?? 'e' }}{{ s.hand.lies is defined }}{{ s.hand.leaves }}{{ s.hand.blank }}",
        Ok("deFalse3"),
    ),
    ("{{ s.hand.lies }}", Err(Code::RunUndefined)),
    ("{{ s.hand.falls | default('d') }}", Err(Code::RunValue)),
    (
        "{% set x = 'old' %}{% for i in range(3) %}{% try %}{% set x = s.hand.falls %}{% fallback %}{{ x }}{% end %}{% end %}",
        Ok("oldoldold"),
    ),
    (
        "{% set x = 'old' %}{% try %}{% set x = s.hand.lies %}{% fallback %}{{ x }}{% end %}",
        Ok("old"),
    ),
    (
        "{% set x = s.hand %}{% try %}{% set x = x.falls %}{% fallback %}{% end %}{% try %}{% set x = x.lies %}{% fallback %}{% end %}{{ x.leaves }}",
        Ok("3"),
    ),
    (
        "{% for o in [s, s.next] %}{{ o.gone | default('d') }}{{ o.hand.gone | default('e') }}{{ o.none | default('f') }}{{ o.hand.blank | default('g') }}{{ o.port.nothing | default(o.n) }}{% end %}",
        Ok("de-7de-7"),
    ),
    (
        "{% def f(a, b, c) %}{{ a }}{{ b }}{{ c }}{% end %}{% for o in [s, s.next] %}{{ f(o.name, o.n, o.hand.made) }}{% end %}",
        Ok("Ada &lt;3-7&lt;m&gt;Ada &lt;3-7&lt;m&gt;"),
    ),
    (
        "{{ s | attr('name') }}{{ [s, s] | map(attribute='n') | join }}",
        Ok("Ada &lt;3-7-7"),
    ),
];

struct Case<'a> {
    is_plain: bool,
    optimize: Optimize,
    policy: &'a Policy,
    fuel: u64,
    text: u64,
}

fn render(source: &str, case: &Case<'_>) -> Result<String, Code> {
    render_or_say(source, case).map_err(|error| error.code())
}

fn render_or_say(source: &str, case: &Case<'_>) -> Result<String, gravure::Error> {
    let environment = Environment::with_options(Options {
        optimize: case.optimize,
        policy: case.policy.clone(),
        probe: Probe {
            is_plain: case.is_plain,
            ..Probe::default()
        },
        limits: Limits {
            fuel: case.fuel,
            text: case.text,
            ..Limits::default()
        },
        ..Options::default()
    })
    .unwrap();
    let whole = ship(Some(Box::new(ship(Some(Box::new(ship(None)))))));
    let template = environment.from_string(source).unwrap();
    // `s` beside the fields of the ship.
    let with_s = WithShip(&whole);
    template.render(&with_s as &dyn Object)
}

/// A context that is asked in the short way for its variables.
struct WithShip<'a>(&'a Ship);

impl Object for WithShip<'_> {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        Object::read(self, name).map(Data::from)
    }
    fn read<'a>(&'a self, name: &str) -> Option<Read<'a>> {
        match name {
            "s" => Some(Read::of(self.0)),
            _ => self.0.read(name),
        }
    }
    fn field<'a>(&'a self, name: FieldName, to: Slot<'_, 'a>) -> Given<'a> {
        const S: FieldName = FieldName::new("s");
        match name {
            S => to.put(self.0),
            _ => self.0.field(name, to),
        }
    }
}

fn each_mode(policy: &Policy, fuel: u64) -> impl Iterator<Item = Case<'_>> {
    [Optimize::default(), Optimize::NONE]
        .into_iter()
        .flat_map(move |optimize| {
            [true, false].map(|is_plain| Case {
                is_plain,
                optimize,
                policy,
                fuel,
                text: Limits::default().text,
            })
        })
}

/// A policy under which these may be read.
fn only(names: &[&str]) -> Policy {
    Policy {
        attributes: Policy::only(names.iter().copied()),
        ..Policy::default()
    }
}

#[test]
fn attributes_are_the_same_in_both_loops() {
    let mut wrong = Vec::new();
    for (source, expected) in PAGES {
        for case in each_mode(&Policy::default(), Limits::default().fuel) {
            let page = render(source, &case);
            if page.as_deref() != expected.as_deref() {
                wrong.push((source, case.is_plain, page));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn so_much_is_paid_in_both_loops() {
    for (source, _) in PAGES {
        for fuel in 0..60 {
            let policy = Policy::default();
            let mut pages = each_mode(&policy, fuel).map(|case| render(source, &case));
            assert_eq!(pages.next(), pages.next(), "{source} for {fuel}");
            assert_eq!(pages.next(), pages.next(), "{source} for {fuel}");
        }
    }
}

#[test]
fn what_is_refused_is_paid_once() {
    let policy = Policy::default();
    for source in ["{{ s.hand.large }}", "{{ s.hand.too_long }}"] {
        let mut n_refused = 0;
        for fuel in 0..300 {
            let mut messages = each_mode(&policy, fuel).map(|case| {
                let case = Case { text: 700, ..case };
                render_or_say(source, &case)
                    .unwrap_err()
                    .message()
                    .to_owned()
            });
            let first = messages.next().unwrap();
            n_refused += u32::from(first.contains("text size"));
            for message in messages {
                assert_eq!(message, first, "{source} for {fuel}");
            }
        }
        assert!((1..300).contains(&n_refused), "{source}: {n_refused}");
    }
}

#[test]
fn a_constant_that_has_no_room_is_refused_in_both_loops() {
    let source = "{% for o in [s, s.next] %}{{ o.gone | default('<<<<') }}{{ o.hand.gone | default('eeee') }}{{ o.port.x | default('ffff') }}{% end %}";
    let page_under = |output: u64, is_plain: bool| {
        let environment = Environment::with_options(Options {
            probe: Probe {
                is_plain,
                ..Probe::default()
            },
            limits: Limits {
                output,
                ..Limits::default()
            },
            ..Options::default()
        })
        .unwrap();
        let whole = ship(Some(Box::new(ship(None))));
        let template = environment.from_string(source).unwrap();
        let page = template.render(&WithShip(&whole) as &dyn Object);
        page.map_err(|error| (error.code(), error.message().to_owned()))
    };
    for output in 0..60 {
        let page = page_under(output, false);
        assert_eq!(page, page_under(output, true), "{output}");
        assert_eq!(page.is_ok(), output >= 48, "{output}: {page:?}");
    }
}

#[test]
fn what_may_be_read_is_read_and_nothing_else() {
    let some = only(&[
        "next",
        "port",
        "name",
        "hand",
        "short",
        "longer_than_fifteen",
    ]);
    for (source, expected) in [
        ("{{ s.name }}{{ s.next.port.name }}", Ok("Ada &lt;3P")),
        (
            "{{ s.hand.short }}{{ s.hand.longer_than_fifteen }}",
            Ok("&lt;s&gt;2"),
        ),
        ("{{ s.n }}", Err(Code::SecAttribute)),
        ("{{ s.next.n }}", Err(Code::SecAttribute)),
        ("{% if s.next.is_new %}{% end %}", Err(Code::SecAttribute)),
        ("{{ s.sixteen_letters1 }}", Err(Code::SecAttribute)),
        ("{{ s.gone | default('d') }}", Err(Code::SecAttribute)),
        ("{{ s.hand.made }}", Err(Code::SecAttribute)),
        ("{{ s.hand.nothing ?? 1 }}", Err(Code::SecAttribute)),
        ("{{ s.hand.panics }}", Err(Code::SecAttribute)),
        // Variables are no attributes.
        ("{{ n }}", Ok("-7")),
        (
            "{% for o in [{'n': 1}, s] %}{{ o.n }}{% end %}",
            Err(Code::SecAttribute),
        ),
        (
            "{% for o in [s, s.next] %}{{ o.name }}{% end %}",
            Ok("Ada &lt;3Ada &lt;3"),
        ),
    ] {
        for case in each_mode(&some, Limits::default().fuel) {
            let page = render(source, &case);
            let is_plain = case.is_plain;
            assert_eq!(
                page.as_deref(),
                expected.as_ref().copied(),
                "{source}, {is_plain}"
            );
        }
    }
}
