//! Code as the loop of the frequent ops reads it: operands taken apart, and
//! what mostly stands together made one step.
//!
//! There is a step for each op, in the same place, so that a jump may go to any
//! of them; a step that does several ops says how many by its kind.
//! Absent on purpose: meaning. What a step does is in `hot.rs`, and it is what
//! its ops do.

use crate::{included::Included, output::Case, printed::Printed, registers::Reg};
use gravure_bytecode::Opcode;
use gravure_value::text::Packed;

/// Texts of up to this many bytes are copied as a block.
pub(crate) const BLOCK: usize = 32;

/// A name of so many bytes or more is paid for by its length, and left to the
/// ops that do so.
pub(crate) const LONG_NAME: usize = 64;

/// What one or several ops do. Numbers are those of the ops.
///
/// Kinds are told apart by a byte of their own: by the values that a [`Reg`]
/// leaves free it would take longer.
#[derive(Clone, Copy, Debug, PartialEq)]
#[repr(u8)]
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
        src: Reg,
    },
    /// A short text, then a value.
    TextEmit {
        len: u8,
        src: Reg,
        start: u32,
    },
    /// A short text if there is one, an attribute, and what is done with it.
    Attr {
        dst: Reg,
        src: Reg,
        then: Then,
        /// How long the text is.
        len: u8,
        /// One if there is a text.
        n_texts: u8,
        /// Where its place in the code keeps what it knows.
        hint: u16,
        /// The words of its name.
        words: Packed,
        /// Where the text stands, or where is jumped to.
        at: u32,
        /// What is shown if it is missing.
        constant: u16,
    },
    /// A comparison.
    Compare {
        by: Relation,
        dst: Reg,
        lhs: Reg,
        rhs: Reg,
    },
    /// A comparison, and a jump; nobody else asks how it came out.
    CompareJump {
        by: Relation,
        lhs: Reg,
        rhs: Reg,
        to: u32,
    },
    /// A number, a comparison with it, and a jump; nobody else reads the number.
    NumberJump {
        by: Relation,
        lhs: Reg,
        number: i32,
        to: u32,
    },
    /// The same with a text constant.
    ConstJump {
        by: Relation,
        lhs: Reg,
        constant: u32,
        to: u32,
    },
    /// A text and a move if there are any, a filter that gives text in one case,
    /// and its value. Nobody else reads what is moved.
    Cased {
        case: Case,
        /// Where the value is.
        src: Reg,
        at: u32,
        len: u8,
        n_texts: u8,
        /// One if there is a move.
        n_moves: u8,
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
        base: Reg,
    },
    Item {
        dst: Reg,
        src: Reg,
        key: Reg,
    },
    /// Begin to go through a list.
    Begin {
        it: u16,
        src: Reg,
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
        dst: Reg,
        hint: u16,
        sym: u32,
        at: u32,
        len: u8,
        n_texts: u8,
        then: Then,
    },
    Next {
        it: u16,
        dst: Reg,
        body: u32,
    },
    NextEmit {
        it: u16,
        dst: Reg,
        body: u32,
    },
    /// A short text if there is one, a property of a loop, and what is done
    /// with it.
    LoopAttr {
        attr: u8,
        dst: Reg,
        it: u16,
        at: u32,
        len: u8,
        n_texts: u8,
        then: Then,
    },
    Move {
        dst: Reg,
        src: Reg,
    },
    Int {
        dst: Reg,
        value: i32,
    },
    Bool {
        value: bool,
        dst: Reg,
    },
    None {
        dst: Reg,
    },
    Const {
        dst: Reg,
        constant: u32,
    },
    Jump {
        to: u32,
    },
    /// A jump if the truth of a value is `wanted`.
    Branch {
        wanted: bool,
        src: Reg,
        to: u32,
    },
    JumpSet {
        src: Reg,
        to: u32,
    },
    JumpNone {
        src: Reg,
        to: u32,
    },
    JumpMissing {
        src: Reg,
        to: u32,
    },
    Pick {
        dst: Reg,
        src: Reg,
        to: u32,
    },
    Unset {
        base: u16,
        count: u16,
    },
    IsDefined {
        dst: Reg,
        src: Reg,
    },
    Not {
        dst: Reg,
        src: Reg,
    },
    Add {
        dst: Reg,
        lhs: Reg,
        rhs: Reg,
    },
    Sub {
        dst: Reg,
        lhs: Reg,
        rhs: Reg,
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
pub(crate) const DEFAULT_OPS: usize = 5;

impl Step {
    /// What reads something, and what is done with that.
    pub(crate) fn then(mut self, next: Then, to: u32) -> Self {
        if let Step::Attr { then, at, .. }
        | Step::Name { then, at, .. }
        | Step::LoopAttr { then, at, .. } = &mut self
        {
            (*then, *at) = (next, to);
        }
        self
    }

    /// The attribute, or a constant if it is missing, is shown.
    pub(crate) fn or_constant(mut self, id: u32) -> Self {
        if let (Step::Attr { then, constant, .. }, Ok(id)) = (&mut self, u16::try_from(id)) {
            (*then, *constant) = (Then::DEFAULT, id);
        }
        self
    }

    /// The step behind a text. A jump needs the place of that; and only one text
    /// stands before a step.
    pub(crate) fn behind(mut self, n_bytes: u8, start: u32) -> Option<Self> {
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
    pub(crate) fn put(&self) -> Option<Reg> {
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

    pub(crate) fn of(op: Opcode) -> Option<Self> {
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

    pub(crate) fn jumping(self, if_it_holds: bool) -> Self {
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
