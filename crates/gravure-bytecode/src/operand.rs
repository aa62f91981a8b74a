//! Operands: the fields of an instruction. A type is a meaning.
//!
//! A word is 64 bits: the opcode in the lowest 8, then the operands in the
//! order of their row, each in as many bits as its type says, then zeros.

use std::fmt;

/// What every operand type can do.
pub trait Operand: Copy {
    /// How many bits it takes.
    const BITS: u32;
    /// Its bits, right-aligned.
    fn put(self) -> u64;
    /// From its bits, right-aligned.
    fn take(bits: u64) -> Self;
    /// How its bits are written to a file.
    const WAY: Way = Way::Plain;
}

/// How the bits of an operand become the number that is written to a file:
/// always one to one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// As they are.
    Plain,
    /// How far behind the op.
    Forward,
    /// How far before the op.
    Backward,
    /// As a signed number: its distance from zero, doubled.
    Signed,
}

impl Way {
    /// Bits of an operand, so many, of the op at this place, to a number.
    #[inline(always)]
    pub(crate) fn to_number(self, bits: u64, n_bits: u32, at: u32) -> u64 {
        let mask = (1 << n_bits) - 1;
        match self {
            Self::Plain => bits,
            Self::Forward => bits.wrapping_sub(u64::from(at)) & mask,
            Self::Backward => u64::from(at).wrapping_sub(bits) & mask,
            Self::Signed => {
                let sign = bits >> (n_bits - 1);
                ((bits << 1) ^ sign.wrapping_neg()) & mask
            }
        }
    }

    /// The way back, for a number of so many bits.
    #[inline(always)]
    pub(crate) fn to_bits(self, number: u64, n_bits: u32, at: u32) -> u64 {
        let mask = (1 << n_bits) - 1;
        match self {
            Self::Plain => number,
            Self::Forward => u64::from(at).wrapping_add(number) & mask,
            Self::Backward => u64::from(at).wrapping_sub(number) & mask,
            Self::Signed => ((number >> 1) ^ (number & 1).wrapping_neg()) & mask,
        }
    }
}

macro_rules! operands {
    ($($(#[doc = $doc:literal])+ $name:ident($int:ty) $bits:literal $show:literal $($way:ident)?;)*) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, PartialOrd, Ord)]
        pub struct $name(pub $int);

        impl Operand for $name {
            const BITS: u32 = $bits;
            $(const WAY: Way = Way::$way;)?
            #[inline(always)]
            fn put(self) -> u64 {
                (self.0 as u64) & ((1 << $bits) - 1)
            }
            #[inline(always)]
            fn take(bits: u64) -> Self {
                Self((bits & ((1 << $bits) - 1)) as $int)
            }
        }

        impl $name {
            /// As an index.
            #[inline(always)]
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, $show, self.0)
            }
        }
    )*

    /// Every operand type: its name, how many bits it takes, what it means.
    /// The fingerprint of the instruction set and the reference are made of it.
    pub const OPERANDS: &[(&str, u32, &str)] = &[
        $((stringify!($name), $name::BITS, concat!($($doc, "\n"),+)),)*
        ("Imm", Imm::BITS, " A small signed integer.\n"),
    ];
    };
}

operands! {
    /// A register that is written.
    Dst(u16) 16 "r{}";
    /// A register that is read.
    Src(u16) 16 "r{}";
    /// The first of a window of registers that is read, and perhaps written.
    Base(u16) 16 "r{}..";
    /// An iterator of the frame.
    It(u16) 16 "i{}";
    /// A capture of the frame.
    Cap(u16) 16 "c{}";
    /// A constant.
    Const(u32) 24 "k{}";
    /// A text constant.
    Text(u32) 24 "k{}";
    /// A symbol of the chunk.
    Sym(u32) 24 "s{}";
    /// Go forward to this op.
    Jump(u32) 24 "@{}" Forward;
    /// Go back to this op; only loop ops have one.
    Back(u32) 24 "@{}" Backward;
    /// How many.
    Count(u16) 16 "{}";
    /// A filter or predicate that the chunk imports.
    Import(u16) 16 "n{}";
    /// The shape of a call: how many positional arguments, which names.
    ShapeId(u16) 16 "shape{}";
    /// A proto of the chunk.
    ProtoId(u16) 16 "p{}";
    /// A table of visible names.
    NamesId(u16) 16 "names{}";
    /// A table of contents for slots.
    ContentId(u16) 16 "content{}";
    /// A table of overriding blocks.
    OverrideId(u16) 16 "overrides{}";
    /// A small number whose meaning the row tells.
    Small(u8) 8 "{}";
}

/// A small signed integer.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Imm(pub i32);

impl Operand for Imm {
    const BITS: u32 = 32;
    const WAY: Way = Way::Signed;
    fn put(self) -> u64 {
        u64::from(self.0 as u32)
    }
    fn take(bits: u64) -> Self {
        Self(bits as u32 as i32)
    }
}

impl fmt::Display for Imm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}
