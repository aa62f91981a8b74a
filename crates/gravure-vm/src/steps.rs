//! Code as the loop of the frequent ops reads it: operands taken apart, and
//! what mostly stands together made one step.
//!
//! In: a chunk. Out: a step for each of its ops, in the same place, so that a
//! jump may go to any of them; a step that does several ops says how many by
//! its kind. A render makes the steps of a template when it first runs it.
//! Absent on purpose: meaning. What a step does is in `hot.rs`, and it is what
//! its ops do.

use crate::{
    Compiled, compiled::Name, live::Live, lookup::HINTS, output::Case, printed::Printed,
    stack::Included,
};
use gravure_bytecode::{
    Back, Base, Const, Count, Dst, Imm, Import, It, Jump, NamesId, Opcode, Operand, ShapeId, Small,
    Src, Sym, Text,
};
use gravure_value::{
    Quick, Surface,
    text::{Packed, hash_text},
};

/// Texts of up to this many bytes are copied as a block.
pub(crate) const BLOCK: usize = 32;

/// A name of so many bytes or more is paid for by its length, and left to the
/// ops that do so.
pub(crate) const LONG_NAME: usize = 64;

/// Filters with more arguments are called.
const MOST_ARGUMENTS: u16 = 2;

/// What one or several ops do. Numbers are those of the ops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Step {
    /// Something that is done elsewhere.
    Other,
    /// A short text.
    Text {
        len: u8,
        start: u32,
    },
    /// A text.
    LongText {
        start: u32,
        len: u32,
    },
    /// A short text, then a jump.
    TextJump {
        len: u8,
        start: u32,
        to: u32,
    },
    /// A value.
    Emit {
        src: u16,
    },
    /// A short text, then a value.
    TextEmit {
        len: u8,
        src: u16,
        start: u32,
    },
    /// A short text if there is one, an attribute, and what is done with it.
    Attr {
        /// The words of its name.
        words: Packed,
        /// Where the text stands, or where is jumped to.
        at: u32,
        dst: u16,
        src: u16,
        /// Where its place in the code keeps what it knows.
        hint: u16,
        /// How long the text is.
        len: u8,
        /// One if there is a text.
        n_texts: u8,
        then: Then,
        /// What is shown if it is missing.
        constant: u16,
    },
    /// A comparison.
    Compare {
        by: Relation,
        dst: u16,
        lhs: u16,
        rhs: u16,
    },
    /// A comparison, and a jump; nobody else asks how it came out.
    CompareJump {
        by: Relation,
        lhs: u16,
        rhs: u16,
        to: u32,
    },
    /// A number, a comparison with it, and a jump; nobody else reads the number.
    NumberJump {
        by: Relation,
        lhs: u16,
        number: i32,
        to: u32,
    },
    /// The same with a text constant.
    ConstJump {
        by: Relation,
        lhs: u16,
        constant: u32,
        to: u32,
    },
    /// A text and a move if there are any, a filter that gives text in one case,
    /// and its value.
    Cased {
        case: Case,
        src: u16,
        /// What is moved to `src`; `src` itself if nothing is.
        from: u16,
        at: u32,
        len: u8,
        n_texts: u8,
    },
    /// A filter that makes text of its own, with so many arguments behind its
    /// value, and what it makes.
    Printed {
        filter: Printed,
        base: u16,
        n: u16,
    },
    /// How many items there are, in place of what has them.
    Length {
        base: u16,
    },
    Item {
        dst: u16,
        src: u16,
        key: u16,
    },
    /// Begin to go through a list.
    Begin {
        it: u16,
        src: u16,
    },
    /// Be done with it.
    End {
        it: u16,
    },
    /// Call a def that writes to the page, with so many arguments behind it.
    Call {
        base: u16,
        n: u16,
    },
    /// Include a template.
    Include(Included),
    /// Leave a frame.
    Ret,
    /// A short text, and leave a frame.
    TextRet {
        len: u8,
        start: u32,
    },
    /// A short text if there is one, a variable, and what is done with it.
    Name {
        dst: u16,
        hint: u16,
        sym: u32,
        at: u32,
        len: u8,
        n_texts: u8,
        then: Then,
    },
    Next {
        it: u16,
        dst: u16,
        body: u32,
    },
    NextEmit {
        it: u16,
        dst: u16,
        body: u32,
    },
    /// A short text if there is one, a property of a loop, and what is done
    /// with it.
    LoopAttr {
        attr: u8,
        dst: u16,
        it: u16,
        at: u32,
        len: u8,
        n_texts: u8,
        then: Then,
    },
    Move {
        dst: u16,
        src: u16,
    },
    Int {
        dst: u16,
        value: i32,
    },
    Bool {
        value: bool,
        dst: u16,
    },
    None {
        dst: u16,
    },
    Const {
        dst: u16,
        constant: u32,
    },
    Jump {
        to: u32,
    },
    /// A jump if the truth of a value is `wanted`.
    Branch {
        wanted: bool,
        src: u16,
        to: u32,
    },
    JumpSet {
        src: u16,
        to: u32,
    },
    JumpNone {
        src: u16,
        to: u32,
    },
    JumpMissing {
        src: u16,
        to: u32,
    },
    Pick {
        dst: u16,
        src: u16,
        to: u32,
    },
    Unset {
        base: u16,
        count: u16,
    },
    IsDefined {
        dst: u16,
        src: u16,
    },
    Not {
        dst: u16,
        src: u16,
    },
    Add {
        dst: u16,
        lhs: u16,
        rhs: u16,
    },
    Sub {
        dst: u16,
        lhs: u16,
        rhs: u16,
    },
}

const _: () = assert!(size_of::<Step>() == 32);

/// What is done with an attribute when it is read. A number and no enum: kinds
/// of steps would be told apart by the values that it leaves free, which takes
/// longer than by a number of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Then(u8);

impl Then {
    /// Nothing.
    pub(crate) const PUT: Self = Self(0);
    /// Nothing, and it may be missing.
    pub(crate) const PROBE: Self = Self(1);
    /// The same where a map without the entry certainly does not have it.
    pub(crate) const PROBE_PLAIN: Self = Self(2);
    /// The next step reads an attribute of it.
    pub(crate) const LINK: Self = Self(3);
    /// It is shown.
    pub(crate) const EMIT: Self = Self(4);
    /// It is shown, or a constant if it is missing.
    pub(crate) const DEFAULT: Self = Self(5);
    /// A jump if it is false.
    pub(crate) const JUMP_UNLESS: Self = Self(6);
    /// A jump if it is true.
    pub(crate) const JUMP_IF: Self = Self(7);

    /// May an attribute be missing?
    pub(crate) fn probes(self) -> bool {
        self == Self::PROBE || self == Self::PROBE_PLAIN || self == Self::DEFAULT
    }

    /// Is it shown?
    #[inline(always)]
    pub(crate) fn shows(self) -> bool {
        self == Self::EMIT || self == Self::DEFAULT
    }

    /// The ops behind the attribute's own up to the one that shows it.
    #[inline(always)]
    pub(crate) fn n_shown(self) -> usize {
        match self {
            Self::EMIT => 1,
            _ => DEFAULT_OPS,
        }
    }

    /// Is there a jump?
    #[inline(always)]
    pub(crate) fn jumps(self) -> bool {
        self.0 >= Self::JUMP_UNLESS.0
    }
}

/// The ops behind an attribute that show it or a constant: load the constant, a
/// jump if the attribute is missing, a jump over the move of the constant, that
/// move, and the output.
const DEFAULT_OPS: usize = 5;

impl Step {
    /// What reads something, and what is done with that.
    fn then(mut self, next: Then, to: u32) -> Self {
        if let Step::Attr { then, at, .. }
        | Step::Name { then, at, .. }
        | Step::LoopAttr { then, at, .. } = &mut self
        {
            (*then, *at) = (next, to);
        }
        self
    }

    /// The attribute, or a constant if it is missing, is shown.
    fn or_constant(mut self, id: u32) -> Self {
        if let (Step::Attr { then, constant, .. }, Ok(id)) = (&mut self, u16::try_from(id)) {
            (*then, *constant) = (Then::DEFAULT, id);
        }
        self
    }

    /// The step behind a text. A jump needs the place of that; and only one text
    /// stands before a step.
    fn behind(mut self, n_bytes: u8, start: u32) -> Option<Self> {
        let (n_texts, at, len) = match &mut self {
            Step::Attr { then, .. } | Step::LoopAttr { then, .. } if then.jumps() => return None,
            Step::Attr {
                n_texts, at, len, ..
            }
            | Step::Name {
                n_texts, at, len, ..
            }
            | Step::LoopAttr {
                n_texts, at, len, ..
            }
            | Step::Cased {
                n_texts, at, len, ..
            } => (n_texts, at, len),
            _ => return None,
        };
        let is_first = *n_texts == 0;
        (*n_texts, *at, *len) = (1, start, n_bytes);
        is_first.then_some(self)
    }

    /// Where what is read is put, if nothing is known yet of what is done then.
    fn put(&self) -> Option<u16> {
        match *self {
            Step::Attr { dst, then, .. }
            | Step::Name { dst, then, .. }
            | Step::LoopAttr { dst, then, .. }
                if then == Then::PUT =>
            {
                Some(dst)
            }
            _ => None,
        }
    }
}

/// Which orders of two values are meant: a bit each for less, equal, greater
/// and neither; and whether a jump behind it is done where it holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Relation(u8);

impl Relation {
    const LESS: u8 = 1;
    const SAME: u8 = 2;
    const GREATER: u8 = 4;
    const NEITHER: u8 = 8;
    const JUMPS: u8 = 16;
    const ORDERS: u8 = 15;

    fn of(op: Opcode) -> Option<Self> {
        Some(Self(match op {
            Opcode::Eq => Self::SAME,
            Opcode::Ne => Self::LESS | Self::GREATER | Self::NEITHER,
            Opcode::Lt => Self::LESS,
            Opcode::Le => Self::LESS | Self::SAME,
            Opcode::Gt => Self::GREATER,
            Opcode::Ge => Self::GREATER | Self::SAME,
            _ => return None,
        }))
    }

    fn jumping(self, if_it_holds: bool) -> Self {
        match if_it_holds {
            true => Self(self.0 | Self::JUMPS),
            false => self,
        }
    }

    /// Is a jump done where it holds (else: where it does not)?
    #[inline(always)]
    pub(crate) fn jumps(self) -> bool {
        self.0 & Self::JUMPS != 0
    }

    /// Does it hold between these?
    #[inline(always)]
    pub(crate) fn of_ints(self, lhs: i64, rhs: i64) -> bool {
        // One of less (0), same (1), greater (2).
        let order = 1 + u8::from(lhs > rhs) - u8::from(lhs < rhs);
        self.0 >> order & 1 != 0
    }

    /// Does it hold between these?
    #[inline(always)]
    pub(crate) fn of_floats(self, lhs: f64, rhs: f64) -> bool {
        let order = match () {
            () if lhs < rhs => Self::LESS,
            () if lhs == rhs => Self::SAME,
            () if lhs > rhs => Self::GREATER,
            () => Self::NEITHER,
        };
        self.0 & order != 0
    }

    /// Does it hold between these of which only one thing is known? `None` for
    /// an order.
    #[inline(always)]
    pub(crate) fn of_sameness(self, is_same: bool) -> Option<bool> {
        match self.0 & Self::ORDERS {
            Self::SAME => Some(is_same),
            0b1101 => Some(!is_same),
            _ => None,
        }
    }
}

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
    /// Does nobody read any of two registers who comes from these places?
    fn are_dead(&self, from: [usize; 2], registers: [u16; 2]) -> bool {
        registers.iter().all(|&it| self.live.is_dead(&from, it))
    }

    /// The longest step that begins at a place.
    fn joined(&self, at: usize) -> Step {
        let step = |n: usize| match self.code.get(at + n) {
            Some(&word) => alone(self.compiled, word, self.hint + at + n),
            None => Step::Other,
        };
        let behind = || self.joined(at + 1);
        let first = step(0);
        match (first, step(1)) {
            (Step::Cased { src, .. }, Step::Emit { src: shown }) if shown == src => first,
            // Its text is needed as a value.
            (Step::Cased { .. }, _) => Step::Other,
            (Step::Printed { base, .. }, Step::Emit { src: shown }) if shown == base => first,
            (Step::Printed { .. }, _) => Step::Other,
            (Step::Move { dst, src: from }, Step::Cased { .. }) => match behind() {
                Step::Cased { case, src, .. } if src == dst => Step::Cased {
                    case,
                    src,
                    from,
                    at: 0,
                    len: 0,
                    n_texts: 0,
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
                    match !is_attr || self.live.is_dead(&[at + 2], dst) {
                        true => first.then(Then::EMIT, 0),
                        false => first,
                    }
                }
                Step::Attr { src, .. } if src == dst => first.then(Then::LINK, 0),
                Step::Branch { wanted, src, to }
                    if src == dst
                        && !matches!(first, Step::Name { .. })
                        && self.live.is_dead(&[at + 2, to as usize], dst) =>
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
                    && self.are_dead([at + 1 + DEFAULT_OPS; 2], [dst, other]) =>
                {
                    first.or_constant(constant)
                }
                _ => first,
            },
            (Step::Compare { by, dst, lhs, rhs }, Step::Branch { wanted, src, to })
                if src == dst && self.live.is_dead(&[at + 2, to as usize], dst) =>
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

/// The step of one op at a place.
fn alone(compiled: &Compiled, word: u64, at: usize) -> Step {
    let Some(&op) = Opcode::ALL.get(usize::from(word as u8)) else {
        return Step::Other;
    };
    if let Some(by) = Relation::of(op) {
        take!(word, dst: Dst, lhs: Src, rhs: Src);
        return Step::Compare { by, dst, lhs, rhs };
    }
    match op {
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
            Step::Emit { src }
        }
        Opcode::GetAttr | Opcode::ProbeAttr => {
            take!(word, dst: Dst, src: Src, sym: Sym);
            let Some(&Name {
                words,
                is_of_dicts,
                len,
                ..
            }) = compiled.name(sym)
            else {
                return Step::Other;
            };
            if len as usize >= LONG_NAME {
                return Step::Other;
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
                return Step::Other;
            };
            match Some(native.quick).filter(|_| n <= MOST_ARGUMENTS) {
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
                    src: base,
                    from: base,
                    at: 0,
                    len: 0,
                    n_texts: 0,
                },
                Some(Quick::Length) => Step::Length { base },
                Some(Quick::None) | None => Step::Other,
            }
        }
        Opcode::GetItem => {
            take!(word, dst: Dst, src: Src, key: Src);
            Step::Item { dst, src, key }
        }
        Opcode::Iter | Opcode::IterGather => {
            take!(word, it: It, src: Src);
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
            Step::Next { it, dst, body }
        }
        Opcode::NextEmit => {
            take!(word, it: It, dst: Dst, body: Back);
            Step::NextEmit { it, dst, body }
        }
        Opcode::LoopAttr => {
            take!(word, dst: Dst, it: It, attr: Small);
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
            Step::Move { dst, src }
        }
        Opcode::LoadInt => {
            take!(word, dst: Dst, value: Imm);
            Step::Int { dst, value }
        }
        Opcode::LoadBool => {
            take!(word, dst: Dst, value: Small);
            Step::Bool {
                value: value != 0,
                dst,
            }
        }
        Opcode::LoadNone => {
            take!(word, dst: Dst);
            Step::None { dst }
        }
        Opcode::LoadConst => {
            take!(word, dst: Dst, constant: Const);
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
            Step::Branch {
                wanted: op == Opcode::JumpIf,
                src,
                to,
            }
        }
        Opcode::JumpSet => {
            take!(word, src: Src, to: Jump);
            Step::JumpSet { src, to }
        }
        Opcode::JumpNone => {
            take!(word, src: Src, to: Jump);
            Step::JumpNone { src, to }
        }
        Opcode::JumpMissing => {
            take!(word, src: Src, to: Jump);
            Step::JumpMissing { src, to }
        }
        Opcode::Pick => {
            take!(word, dst: Dst, src: Src, to: Jump);
            Step::Pick { dst, src, to }
        }
        Opcode::Unset => {
            take!(word, base: Base, count: Count);
            Step::Unset { base, count }
        }
        Opcode::IsDefined => {
            take!(word, dst: Dst, src: Src);
            Step::IsDefined { dst, src }
        }
        Opcode::Not => {
            take!(word, dst: Dst, src: Src);
            Step::Not { dst, src }
        }
        Opcode::Add => {
            take!(word, dst: Dst, lhs: Src, rhs: Src);
            Step::Add { dst, lhs, rhs }
        }
        Opcode::Sub => {
            take!(word, dst: Dst, lhs: Src, rhs: Src);
            Step::Sub { dst, lhs, rhs }
        }
        _ => Step::Other,
    }
}

/// The name that an op of an attribute reads.
pub(crate) fn name_of(word: u64) -> Sym {
    take!(word, _dst: Dst, _src: Src, sym: Sym);
    Sym(sym)
}
