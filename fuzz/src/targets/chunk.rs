//! Any bytes as a chunk, and good chunks made bad: refused, or run in bounds.

use super::{
    draft,
    input::Input,
    render::join,
    report::say_everything,
    stage::{self, Way, environment},
};
use gravure::{Error, unstable::Chunk};
use gravure_bytecode::{AnyOperand, Op, Proto, RegionKind};
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

/// May the ways differ: is something decided by chance, or does somebody look
/// at what a fast loop leaves, of which nothing is said?
fn may_differ(chunk: &Chunk) -> bool {
    let names = |name: &str| super::input::CHANCE.contains(&name);
    chunk.protos.iter().any(|proto| looks_behind(chunk, proto))
        || chunk.imports.iter().any(|it| names(chunk.symbol(it.name)))
}

/// Is the register of a `next_emit` read outside of its loop, or can the loop
/// be come into from elsewhere?
fn looks_behind(chunk: &Chunk, proto: &Proto) -> bool {
    let start = proto.code_start as usize;
    let words = chunk.code.get(start..start + proto.code_len as usize);
    let ops: Vec<Op> = words
        .unwrap_or(&[])
        .iter()
        .filter_map(|&word| Op::decode(word))
        .collect();
    ops.iter().enumerate().any(|(end, op)| {
        let Op::NextEmit { dst, body, .. } = *op else {
            return false;
        };
        let rounds = body.index()..end;
        let is_read = ops.iter().enumerate().any(|(at, op)| {
            let mut is_bad = false;
            op.operands(&mut |_, operand| {
                is_bad |= match operand {
                    AnyOperand::Src(src) => src.0 == dst.0 && !rounds.contains(&at),
                    // A window reaches to the last register.
                    AnyOperand::Base(base) => base.0 <= dst.0,
                    AnyOperand::Jump(to) => rounds.contains(&(to.0 as usize)),
                    AnyOperand::Back(to) => at != end && rounds.contains(&to.index()),
                    _ => false,
                };
            });
            is_bad
        });
        let is_shown = (chunk.names.iter().flatten()).any(|name| name.register == dst.0)
            || chunk.protos.iter().any(|it| it.captures.contains(&dst.0))
            || proto.regions.iter().any(|region| {
                matches!(region.kind, RegionKind::With { register, .. } if register == dst.0)
                    || rounds.contains(&(region.handler as usize))
            });
        is_read || is_shown
    })
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
