//! Any bytes as a chunk, and good chunks made bad: refused, or run in bounds.

use super::{
    draft,
    input::Input,
    render::join,
    report::say_everything,
    stage::{self, Way, environment},
};
use gravure::{Error, unstable::Chunk};
use std::rc::Rc;

/// What an encoded chunk begins with; all other bytes are edits of a good one.
const MAGIC: &[u8] = b"GVC\0";

/// What stands before edits whose template stands behind them.
const OWN: u8 = 0xff;

/// Bytes that begin as a chunk are decoded; others say which chunk to compile
/// and what to change in it.
pub fn chunk(bytes: &[u8]) {
    if bytes.starts_with(MAGIC) {
        if let Ok(chunk) = Chunk::decode(bytes) {
            assert!(chunk.encode() == bytes, "a chunk has two spellings");
            run(&chunk, 0);
        }
        return;
    }
    let [which, rest @ ..] = bytes else { return };
    // The template is one of ours, or stands behind the edits.
    let (good, edits) = match (*which == OWN, rest) {
        (true, [n, rest @ ..]) => {
            let n = usize::from(*n).min(rest.len());
            let own = String::from_utf8_lossy(&rest[n..]);
            let environment = environment(&input(0), Way::Usual);
            let Ok(good) = stage::compile(&environment, &own) else {
                return;
            };
            (Rc::new(good), &rest[..n])
        }
        _ => (stage::good(which & 0x3f), rest),
    };
    let mut bytes = good.encode();
    let mut bad: gravure_bytecode::Draft = (**good).clone();
    bad.source = None;
    let is_raw = draft::change(edits, &mut bad, &mut bytes);
    if is_raw && let Ok(chunk) = Chunk::decode(&bytes) {
        assert!(chunk.encode() == bytes, "a chunk has two spellings");
        run(&chunk, which >> 6);
    }
    gravure_bytecode::disassemble(&bad);
    if let Ok(chunk) = Chunk::new(bad) {
        let written = chunk.encode();
        let read = Chunk::decode(&written).expect("what was written can be read");
        assert!(
            read == chunk,
            "a chunk is not what it was before it was written"
        );
        run(&chunk, which >> 6);
    }
}

/// What the chunks' includes, imports and parents find.
fn input(switches: u8) -> Input {
    let named = |(name, source): &(&str, &str)| ((*name).to_owned(), (*source).to_owned());
    let mut templates: Vec<(String, String)> = draft::OTHERS.iter().map(named).collect();
    templates.insert(0, (super::input::MAIN.to_owned(), String::new()));
    Input {
        switches,
        templates,
    }
}

/// Every way to run a chunk ends, and as the usual one does.
pub(super) fn run(chunk: &Chunk, switches: u8) {
    gravure_bytecode::disassemble(chunk);
    let usual = render(chunk, switches, Way::Usual);
    if let Err(error) = &usual {
        say_everything(error);
    }
    for way in [Way::Slow, Way::Collect, Way::Pieces] {
        let other = render(chunk, switches, way);
        // Collecting asks for more: what is held must be what may be read,
        // which a compiler sees to and the verifier does not.
        if way != Way::Collect && !may_differ(chunk) {
            stage::agree(&usual, &other, &way);
        }
    }
}

/// Has the chunk an op of which it is not said what it leaves, or one that
/// chance decides?
fn may_differ(chunk: &Chunk) -> bool {
    let names = |name: &str| super::input::CHANCE.contains(&name);
    let is_open = |&word: &u64| {
        matches!(
            gravure_bytecode::Op::decode(word),
            Some(gravure_bytecode::Op::NextEmit { .. })
        )
    };
    chunk.code.iter().any(is_open) || chunk.imports.iter().any(|it| names(chunk.symbol(it.name)))
}

fn render(chunk: &Chunk, switches: u8, way: Way) -> Result<String, Error> {
    let environment = environment(&input(switches), way);
    let template = stage::template_of(&environment, chunk.clone())?;
    match way {
        Way::Pieces => join(&template),
        _ => template.render(stage::context()),
    }
}

/// The page of a template before anything is changed in its chunk.
#[cfg(test)]
pub(super) fn try_good(source: &str) -> Result<String, Error> {
    let environment = environment(&input(0), Way::Usual);
    let good = stage::compile(&environment, source)?;
    render(&good, 0, Way::Usual)
}
