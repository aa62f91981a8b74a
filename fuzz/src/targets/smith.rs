//! Bytes as a site or a chunk that must be good: read, rendered in every way,
//! and always with the same page.

use super::{
    input::{Input, MAIN},
    report::in_range,
    stage::{self, Way, agree, environment},
};
use gravure::{Error, unstable::Chunk};
use gravure_smith::{Program, Site};
use serde_json::{Value, json};
use std::fmt;

/// The ways that are compared with the usual one.
const WAYS: [Way; 4] = [Way::Plain, Way::Slow, Way::Collect, Way::Pieces];

/// The first byte has the switches, and whether a site or a chunk is made.
pub fn smith(bytes: &[u8]) {
    let [first, rest @ ..] = bytes else { return };
    if first & 0x40 == 0 {
        site(first & 0x3f, rest);
    } else if let Some(Program(chunk)) = Program::of(rest) {
        program(first & 0x3f, &chunk);
    }
}

fn site(switches: u8, bytes: &[u8]) {
    let mut site = Site::of(bytes);
    site.templates.reverse();
    let input = Input {
        switches,
        templates: site.templates,
    };
    for (name, source) in &input.templates {
        if let Err(error) = environment(&input, Way::Usual).get_template(name) {
            panic!("{}\n{source}", error.report());
        }
    }
    let render = |way| render(&input, way, &site.context);
    let usual = render(Way::Usual);
    if let Err(error) = &usual {
        in_range(error, &input);
    }
    for way in WAYS {
        agree(&usual, &render(way), &Told(way, &input));
    }
}

/// A way, and the site that it goes: whoever reads that two pages differ wants
/// to see of what.
struct Told<'a>(Way, &'a Input);

impl fmt::Debug for Told<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)?;
        for (name, source) in &self.1.templates {
            write!(f, "\n== {name}\n{source}")?;
        }
        f.write_str("\n== ")
    }
}

fn render(input: &Input, way: Way, context: &Value) -> Result<String, Error> {
    let template = environment(input, way).get_template(MAIN)?;
    match way {
        Way::Pieces => template.render_stream(context).collect(),
        _ => template.render(context),
    }
}

fn program(switches: u8, chunk: &Chunk) {
    let written = chunk.encode();
    let read = Chunk::decode(&written).expect("what was written can be read");
    assert!(read == *chunk, "a chunk is not what it was");
    let input = Input {
        switches,
        templates: Vec::new(),
    };
    let context = json!({ "n": 3, "s": "<s>", "xs": ["a", "b"], "d": { "a": 1 } });
    let run = |way| {
        let environment = environment(&input, way);
        let template = stage::template_of(&environment, chunk.clone())?;
        match way {
            Way::Pieces => template.render_stream(&context).collect(),
            _ => template.render(&context),
        }
    };
    let usual = run(Way::Usual);
    for way in [Way::Slow, Way::Collect, Way::Pieces] {
        agree(&usual, &run(way), &way);
    }
}
