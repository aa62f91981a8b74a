//! Any data: borrowed, or copied into a tree, they print alike, and what
//! `tojson` writes reads back as what it was.

use super::{
    input::{Input, MAIN},
    stage::{self, Way, agree, environment},
};
use gravure::Context;
use serde_json::{Map, Value, json};

const TEMPLATE: &str = "{{ v | tojson }}\u{1d}{{ v | tojson(indent=2) }}\u{1d}\
    {{ v }}|{{ v | pprint }}|{{ v | length }}|{{ v | typeof }}|{{ v is mapping }}\
    {% for x in v if v is iterable %}{{ loop.index }}{{ x }}{{ x in v }}{% end %}\
    {{ v == v }}{{ v == w }}{{ [v, v] | unique | length }}{{ { 'k': v } | tojson }}";

/// Bytes that are JSON are taken as such; of others a value is made.
pub fn data(bytes: &[u8]) {
    let value = serde_json::from_slice(bytes).unwrap_or_else(|_| Maker(bytes).value(5));
    // The third switch: no escaping.
    let input = Input {
        switches: 1 << 3,
        templates: vec![(MAIN.to_owned(), TEMPLATE.to_owned())],
    };
    let both = json!({ "v": value, "w": value });
    let borrowed = |way| {
        let template = environment(&input, way).get_template(MAIN)?;
        template.render(&both)
    };
    let usual = borrowed(Way::Usual);
    for way in [Way::Plain, Way::Slow, Way::Collect] {
        agree(&usual, &borrowed(way), &way);
    }
    let context = Context::from_serialize(&both).expect("JSON can be a context");
    let template = environment(&input, Way::Usual).get_template(MAIN);
    let copied = template.and_then(|template| template.render(&context));
    agree(&usual, &copied, &"a copy of the data");
    let Ok(page) = usual.or_else(|error| {
        // A float without a name in JSON, or too much of everything.
        stage::is_limit(&error)
            .then_some(String::new())
            .ok_or(error)
    }) else {
        return;
    };
    for text in page.split('\u{1d}').take(2).filter(|it| !it.is_empty()) {
        let read: Value = serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("{error}: {text:?} of {value}"));
        assert_eq!(read, value, "{text}");
    }
}

/// Makes values of bytes.
struct Maker<'a>(&'a [u8]);

const TEXTS: &[&str] = &[
    "",
    "a",
    "</script>",
    "\"",
    "\\",
    "\u{0}",
    "\u{7f}",
    "\u{2028}",
    "é",
    "😀",
    "a\nb",
    "key",
    "items",
    "&<>'",
    "\u{feff}",
    "\u{202e}x",
];

impl Maker<'_> {
    fn byte(&mut self) -> u8 {
        let [first, rest @ ..] = self.0 else { return 0 };
        self.0 = rest;
        *first
    }

    fn text(&mut self) -> String {
        let n = self.byte() % 3;
        let one = |_| TEXTS[usize::from(self.byte()) % TEXTS.len()];
        (0..n).map(one).collect()
    }

    fn bits(&mut self) -> u64 {
        (0..8).fold(0, |bits, _| bits << 8 | u64::from(self.byte()))
    }

    fn value(&mut self, depth: u8) -> Value {
        match self.byte() % if depth == 0 { 6 } else { 10 } {
            0 => Value::Null,
            1 => json!(self.byte() & 1 == 0),
            2 => json!(self.bits() as i64),
            3 => json!(self.bits()),
            4 => {
                let float = f64::from_bits(self.bits());
                json!(if float.is_finite() { float } else { 0.5 })
            }
            5 => json!(self.text()),
            6 | 7 => {
                let n = self.byte() % 6;
                (0..n).map(|_| self.value(depth - 1)).collect()
            }
            _ => {
                let n = self.byte() % 6;
                let mut map = Map::new();
                for _ in 0..n {
                    let key = self.text();
                    let value = self.value(depth - 1);
                    map.insert(key, value);
                }
                Value::Object(map)
            }
        }
    }
}
