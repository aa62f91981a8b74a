//! The steps of a chunk, made of its ops.
//!
//! In: a chunk whose imports are bound. Out: a step for each of its ops, the
//! longest that begins there; a render makes those of a template when it first
//! runs it. Absent on purpose: whatever depends on a render.

use crate::{
    Compiled,
    compiled::Name,
    included::Included,
    live::Live,
    lookup::HINTS,
    output::{Case, SPECIALS},
    printed::Printed,
    registers::{REACH, Reg},
    steps::{BLOCK, DEFAULT_OPS, LONG_NAME, Relation, Step, Then},
};
use gravure_bytecode::{
    Back, Base, Const, Count, Dst, Imm, Import, It, Jump, NamesId, Opcode, Operand, ShapeId, Small,
    Src, Sym, Text,
};
use gravure_value::{Quick, Surface, text::hash_text};

/// Filters with more arguments are called.
const MOST_ARGUMENTS: u16 = 2;

/// The operands of a word in the order of its row.
macro_rules! take {
    ($word:expr, $($field:ident: $kind:ident),+) => {
        let mut at = 8u32;
        $(
            let $field = <$kind as Operand>::take($word >> at).0;
            at += <$kind as Operand>::BITS;
        )+
        let _ = at;
    };
}

/// The steps of all code of a chunk.
pub(crate) fn steps_of(compiled: &Compiled) -> Box<[Step]> {
    let chunk = &compiled.chunk;
    let mut steps = vec![Step::Other; chunk.code.len()];
    // Templates keep their hints apart.
    let salt = hash_text(&chunk.name) as usize % HINTS;
    for proto in &chunk.protos {
        let code = chunk.code_of(proto);
        let body = Body {
            compiled,
            code,
            live: Live::of(proto, code),
            hint: salt + proto.code_start as usize,
        };
        let places = steps.get_mut(proto.code_start as usize..);
        let places = places.unwrap_or(&mut []).iter_mut();
        for (at, place) in places.take(body.code.len()).enumerate() {
            *place = body.joined(at);
        }
    }
    steps.into()
}

/// The code of a proto.
struct Body<'a> {
    compiled: &'a Compiled,
    code: &'a [u64],
    /// The number of its first place among all that know something.
    hint: usize,
    live: Live,
}

impl Body<'_> {
    /// Does nobody read a register who comes from these places?
    fn is_dead(&self, from: &[usize], register: Reg) -> bool {
        self.live.is_dead(from, register.number())
    }

    /// Does nobody read any of two registers who comes from these places?
    fn are_dead(&self, from: [usize; 2], registers: [Reg; 2]) -> bool {
        registers.iter().all(|it| self.is_dead(&from, *it))
    }

    /// Is a text constant shown as it is, by copying a block?
    fn is_block(&self, constant: u32) -> bool {
        let literal = self.compiled.literal(constant);
        literal
            .is_some_and(|it| it.len() <= BLOCK && !it.iter().any(|byte| SPECIALS.contains(byte)))
    }

    /// The longest step that begins at a place.
    fn joined(&self, at: usize) -> Step {
        let step = |n: usize| match self.code.get(at + n) {
            Some(&word) => {
                let step = alone(self.compiled, word, self.hint + at + n);
                step.unwrap_or(Step::Other)
            }
            None => Step::Other,
        };
        let behind = || self.joined(at + 1);
        let first = step(0);
        match (first, step(1)) {
            // Nobody else may read its text, which is not made.
            (Step::Cased { src, .. }, Step::Emit { src: shown })
                if shown == src && self.is_dead(&[at + 2], src) =>
            {
                first
            }
            (Step::Cased { .. }, _) => Step::Other,
            (Step::Printed { base, .. }, Step::Emit { src: shown })
                if shown.number() == base && self.is_dead(&[at + 2], shown) =>
            {
                first
            }
            (Step::Printed { .. }, _) => Step::Other,
            (Step::Move { dst, src: from }, Step::Cased { .. }) => match behind() {
                Step::Cased { case, src, .. } if src == dst => Step::Cased {
                    case,
                    src: from,
                    at: 0,
                    len: 0,
                    n_texts: 0,
                    n_moves: 1,
                },
                _ => first,
            },
            (Step::Text { len, start }, Step::Jump { to }) => Step::TextJump { len, start, to },
            (Step::Text { len, start }, Step::Emit { src }) => Step::TextEmit { len, src, start },
            (Step::Text { len, start }, Step::Ret) => Step::TextRet { len, start },
            (
                Step::Text { len, start },
                Step::Attr { .. }
                | Step::Name { .. }
                | Step::LoopAttr { .. }
                | Step::Cased { .. }
                | Step::Move { .. },
            ) => behind().behind(len, start).unwrap_or(first),
            (_, next) if let Some(dst) = first.put() => match next {
                Step::Emit { src } if src == dst => {
                    // Of an attribute only what is shown is looked at.
                    let is_attr = matches!(first, Step::Attr { .. });
                    match !is_attr || self.is_dead(&[at + 2], dst) {
                        true => first.then(Then::EMIT, 0),
                        false => first,
                    }
                }
                Step::Attr { src, .. } if src == dst => first.then(Then::LINK, 0),
                Step::Branch { wanted, src, to }
                    if src == dst
                        && !matches!(first, Step::Name { .. })
                        && self.is_dead(&[at + 2, to as usize], dst) =>
                {
                    let then = match wanted {
                        true => Then::JUMP_IF,
                        false => Then::JUMP_UNLESS,
                    };
                    first.then(then, to)
                }
                _ => first,
            },
            (
                Step::Attr {
                    dst,
                    then: Then::PROBE_PLAIN,
                    ..
                },
                Step::Const {
                    dst: other,
                    constant,
                },
            ) => match (step(2), step(3), step(4), step(5)) {
                (
                    Step::JumpMissing { src: asked, to },
                    Step::Jump { to: over },
                    Step::Move {
                        dst: into,
                        src: from,
                    },
                    Step::Emit { src: shown },
                ) if [asked, into, shown] == [dst; 3]
                    && from == other
                    && other != dst
                    && to as usize == at + 4
                    && over as usize == at + DEFAULT_OPS
                    && self.are_dead([at + 1 + DEFAULT_OPS; 2], [dst, other])
                    && self.is_block(constant) =>
                {
                    first.or_constant(constant)
                }
                _ => first,
            },
            (Step::Compare { by, dst, lhs, rhs }, Step::Branch { wanted, src, to })
                if src == dst && self.is_dead(&[at + 2, to as usize], dst) =>
            {
                Step::CompareJump {
                    by: by.jumping(wanted),
                    lhs,
                    rhs,
                    to,
                }
            }
            (loaded, Step::Compare { by, dst, lhs, rhs }) => match (loaded, step(2)) {
                (Step::Int { dst: number, value }, Step::Branch { wanted, src, to })
                    if src == dst
                        && number == rhs
                        && lhs != rhs
                        && self.are_dead([at + 3, to as usize], [dst, rhs]) =>
                {
                    let by = by.jumping(wanted);
                    Step::NumberJump {
                        by,
                        lhs,
                        number: value,
                        to,
                    }
                }
                (
                    Step::Const {
                        dst: text,
                        constant,
                    },
                    Step::Branch { wanted, src, to },
                ) if src == dst
                    && text == rhs
                    && lhs != rhs
                    && by.of_sameness(true).is_some()
                    && self.are_dead([at + 3, to as usize], [dst, rhs]) =>
                {
                    Step::ConstJump {
                        by: by.jumping(wanted),
                        lhs,
                        constant,
                        to,
                    }
                }
                _ => first,
            },
            _ => first,
        }
    }
}

/// Can a step name so many registers in a row?
fn is_near(base: u16, n: u16) -> bool {
    usize::from(base) + usize::from(n) <= REACH
}

/// The step of one op at a place; `None` if it names registers that no step
/// can.
fn alone(compiled: &Compiled, word: u64, at: usize) -> Option<Step> {
    let Some(&op) = Opcode::ALL.get(usize::from(word as u8)) else {
        return Some(Step::Other);
    };
    if let Some(by) = Relation::of(op) {
        take!(word, dst: Dst, lhs: Src, rhs: Src);
        let dst = Reg::of(dst)?;
        let lhs = Reg::of(lhs)?;
        let rhs = Reg::of(rhs)?;
        return Some(Step::Compare { by, dst, lhs, rhs });
    }
    Some(match op {
        Opcode::EmitText => {
            take!(word, text: Text);
            match compiled.literals.get(text as usize) {
                Some(&(start, len)) if len as usize <= BLOCK => Step::Text {
                    len: len as u8,
                    start,
                },
                Some(&(start, len)) => Step::LongText { start, len },
                None => Step::Other,
            }
        }
        Opcode::Emit if compiled.surface == Surface::Html => {
            take!(word, src: Src);
            let src = Reg::of(src)?;
            Step::Emit { src }
        }
        Opcode::GetAttr | Opcode::ProbeAttr => {
            take!(word, dst: Dst, src: Src, sym: Sym);
            let dst = Reg::of(dst)?;
            let src = Reg::of(src)?;
            let Some(&Name {
                words,
                is_of_dicts,
                len,
                ..
            }) = compiled.name(sym)
            else {
                return Some(Step::Other);
            };
            if len as usize >= LONG_NAME {
                return Some(Step::Other);
            }
            let then = match op {
                Opcode::GetAttr => Then::PUT,
                _ if !is_of_dicts && words.is_whole() => Then::PROBE_PLAIN,
                _ => Then::PROBE,
            };
            Step::Attr {
                words,
                at: 0,
                dst,
                src,
                hint: (at % HINTS) as u16,
                len: 0,
                n_texts: 0,
                then,
                constant: 0,
            }
        }
        Opcode::LoadName | Opcode::ProbeName => {
            take!(word, dst: Dst, sym: Sym);
            let dst = Reg::of(dst)?;
            match compiled.name(sym) {
                Some(name) if name.len as usize >= LONG_NAME => Step::Other,
                _ => Step::Name {
                    dst,
                    hint: (at % HINTS) as u16,
                    sym,
                    at: 0,
                    len: 0,
                    n_texts: 0,
                    then: Then::PUT,
                },
            }
        }
        Opcode::Filter => {
            take!(word, base: Base, import: Import, shape: ShapeId);
            let shape = compiled.chunk.shapes.get(usize::from(shape));
            let n = shape
                .filter(|it| it.names.is_empty())
                .map(|it| it.positional);
            let native = compiled.imports.get(usize::from(import));
            let (Some(native), Some(n)) = (native, n) else {
                return Some(Step::Other);
            };
            match Some(native.quick).filter(|_| n <= MOST_ARGUMENTS) {
                Some(Quick::Join | Quick::Truncate) if !is_near(base, n + 1) => Step::Other,
                Some(Quick::Join) => Step::Printed {
                    filter: Printed::Joined,
                    base,
                    n,
                },
                Some(Quick::Truncate) => Step::Printed {
                    filter: Printed::Shortened,
                    base,
                    n,
                },
                Some(_) if n > 0 => Step::Other,
                Some(quick @ (Quick::Upper | Quick::Lower)) => Step::Cased {
                    case: match quick {
                        Quick::Upper => Case::Upper,
                        _ => Case::Lower,
                    },
                    src: Reg::of(base)?,
                    at: 0,
                    len: 0,
                    n_texts: 0,
                    n_moves: 0,
                },
                Some(Quick::Length) => Step::Length {
                    base: Reg::of(base)?,
                },
                Some(Quick::None) | None => Step::Other,
            }
        }
        Opcode::GetItem => {
            take!(word, dst: Dst, src: Src, key: Src);
            let dst = Reg::of(dst)?;
            let src = Reg::of(src)?;
            let key = Reg::of(key)?;
            Step::Item { dst, src, key }
        }
        Opcode::Iter | Opcode::IterGather => {
            take!(word, it: It, src: Src);
            let src = Reg::of(src)?;
            Step::Begin { it, src }
        }
        Opcode::IterEnd => {
            take!(word, it: It);
            Step::End { it }
        }
        Opcode::CallEmit => {
            take!(word, base: Base, shape: ShapeId);
            match compiled.chunk.shapes.get(usize::from(shape)) {
                Some(shape) if shape.names.is_empty() => Step::Call {
                    base,
                    n: shape.positional,
                },
                _ => Step::Other,
            }
        }
        Opcode::Include => {
            take!(word, src: Src, names: NamesId, flags: Small);
            Step::Include(Included { src, names, flags })
        }
        Opcode::Ret => Step::Ret,
        Opcode::Next => {
            take!(word, it: It, dst: Dst, body: Back);
            let dst = Reg::of(dst)?;
            Step::Next { it, dst, body }
        }
        Opcode::NextEmit => {
            take!(word, it: It, dst: Dst, body: Back);
            let dst = Reg::of(dst)?;
            Step::NextEmit { it, dst, body }
        }
        Opcode::LoopAttr => {
            take!(word, dst: Dst, it: It, attr: Small);
            let dst = Reg::of(dst)?;
            Step::LoopAttr {
                attr,
                dst,
                it,
                at: 0,
                len: 0,
                n_texts: 0,
                then: Then::PUT,
            }
        }
        Opcode::Move => {
            take!(word, dst: Dst, src: Src);
            let dst = Reg::of(dst)?;
            let src = Reg::of(src)?;
            Step::Move { dst, src }
        }
        Opcode::LoadInt => {
            take!(word, dst: Dst, value: Imm);
            let dst = Reg::of(dst)?;
            Step::Int { dst, value }
        }
        Opcode::LoadBool => {
            take!(word, dst: Dst, value: Small);
            let dst = Reg::of(dst)?;
            Step::Bool {
                value: value != 0,
                dst,
            }
        }
        Opcode::LoadNone => {
            take!(word, dst: Dst);
            let dst = Reg::of(dst)?;
            Step::None { dst }
        }
        Opcode::LoadConst => {
            take!(word, dst: Dst, constant: Const);
            let dst = Reg::of(dst)?;
            match compiled.chunk.constants.get(constant as usize) {
                Some(gravure_bytecode::Constant::Text(_)) => Step::Const { dst, constant },
                _ => Step::Other,
            }
        }
        Opcode::Jump => {
            take!(word, to: Jump);
            Step::Jump { to }
        }
        Opcode::JumpIf | Opcode::JumpUnless => {
            take!(word, src: Src, to: Jump);
            let src = Reg::of(src)?;
            Step::Branch {
                wanted: op == Opcode::JumpIf,
                src,
                to,
            }
        }
        Opcode::JumpSet => {
            take!(word, src: Src, to: Jump);
            let src = Reg::of(src)?;
            Step::JumpSet { src, to }
        }
        Opcode::JumpNone => {
            take!(word, src: Src, to: Jump);
            let src = Reg::of(src)?;
            Step::JumpNone { src, to }
        }
        Opcode::JumpMissing => {
            take!(word, src: Src, to: Jump);
            let src = Reg::of(src)?;
            Step::JumpMissing { src, to }
        }
        Opcode::Pick => {
            take!(word, dst: Dst, src: Src, to: Jump);
            let dst = Reg::of(dst)?;
            let src = Reg::of(src)?;
            Step::Pick { dst, src, to }
        }
        Opcode::Unset => {
            take!(word, base: Base, count: Count);
            match is_near(base, count) {
                true => Step::Unset { base, count },
                false => Step::Other,
            }
        }
        Opcode::IsDefined => {
            take!(word, dst: Dst, src: Src);
            let dst = Reg::of(dst)?;
            let src = Reg::of(src)?;
            Step::IsDefined { dst, src }
        }
        Opcode::Not => {
            take!(word, dst: Dst, src: Src);
            let dst = Reg::of(dst)?;
            let src = Reg::of(src)?;
            Step::Not { dst, src }
        }
        Opcode::Add => {
            take!(word, dst: Dst, lhs: Src, rhs: Src);
            let dst = Reg::of(dst)?;
            let lhs = Reg::of(lhs)?;
            let rhs = Reg::of(rhs)?;
            Step::Add { dst, lhs, rhs }
        }
        Opcode::Sub => {
            take!(word, dst: Dst, lhs: Src, rhs: Src);
            let dst = Reg::of(dst)?;
            let lhs = Reg::of(lhs)?;
            let rhs = Reg::of(rhs)?;
            Step::Sub { dst, lhs, rhs }
        }
        _ => Step::Other,
    })
}

/// The name that an op of an attribute reads.
pub(crate) fn name_of(word: u64) -> Sym {
    take!(word, _dst: Dst, _src: Src, sym: Sym);
    Sym(sym)
}
