//! Which registers somebody may still read.
//!
//! In: the code of a proto. Out: for each place the registers that are read on
//! some way from there before they are written; the classic analysis backward
//! over the code, again and again until nothing changes. A step that does
//! several ops need not put into a register what only they read. Absent on
//! purpose: registers beyond the first 64 and code with many regions, where
//! everything counts as read, and precision: windows of registers and lists
//! that name registers read whatever they may, and any op may fail.

use gravure_bytecode::{AnyOperand, Back, Jump, Op, Proto, Region, RegionKind};

/// Code with more regions is not looked at: each op may lie in any.
const MOST_REGIONS: usize = 16;

/// What an op does.
struct Doing {
    /// The registers that it reads, a bit each.
    reads: u64,
    /// Those that it writes in any case.
    writes: u64,
    /// Where it may go on other than behind it.
    to: Option<usize>,
    /// May it go on behind it?
    goes_on: bool,
}

/// The bit of a register; none beyond the first 64.
fn bit(register: u16) -> u64 {
    1u64.checked_shl(u32::from(register)).unwrap_or(0)
}

impl Doing {
    fn of(word: u64) -> Self {
        let mut doing = Self {
            reads: 0,
            writes: 0,
            to: None,
            goes_on: true,
        };
        let Some(op) = Op::decode(word) else {
            doing.reads = u64::MAX;
            return doing;
        };
        op.operands(&mut |_, operand| match operand {
            AnyOperand::Dst(it) => doing.writes |= bit(it.0),
            AnyOperand::Src(it) => doing.reads |= bit(it.0),
            // All registers from there on may be its window.
            AnyOperand::Base(it) => doing.reads |= bit(it.0).wrapping_neg(),
            AnyOperand::NamesId(_)
            | AnyOperand::ProtoId(_)
            | AnyOperand::ContentId(_)
            | AnyOperand::OverrideId(_) => doing.reads = u64::MAX,
            AnyOperand::Jump(Jump(to)) | AnyOperand::Back(Back(to)) => {
                let other = doing.to.replace(to as usize);
                // No op goes to two places; one that did would read everything.
                doing.reads |= other.map_or(0, |_| u64::MAX);
            }
            _ => {}
        });
        // Only some of those that jump write; whether they do is not asked.
        if doing.to.is_some() {
            doing.writes = 0;
        }
        doing.goes_on = !matches!(op, Op::Jump { .. } | Op::Again { .. } | Op::Ret {});
        doing
    }
}

/// The registers that are read, for each place of some code.
pub(crate) struct Live(Option<Vec<u64>>);

impl Live {
    /// Of a proto with its code.
    pub(crate) fn of(proto: &Proto, code: &[u64]) -> Self {
        if proto.regions.len() > MOST_REGIONS {
            return Self(None);
        }
        let doings: Vec<Doing> = code.iter().map(|&word| Doing::of(word)).collect();
        let mut live = vec![0; code.len()];
        // Registers are only ever added; a loop in a loop takes a pass more.
        loop {
            let mut changes = false;
            let mut behind = u64::MAX;
            for (at, doing) in doings.iter().enumerate().rev() {
                let mut after = match doing.goes_on {
                    true => behind,
                    false => 0,
                };
                if let Some(to) = doing.to {
                    after |= live.get(to).copied().unwrap_or(u64::MAX);
                }
                let around = proto.regions.iter().filter(|it| {
                    let range = it.start as usize..it.end as usize;
                    range.contains(&at)
                });
                let failing = around.fold(0, |all, region| all | read_by(region, &live));
                behind = after & !doing.writes | doing.reads | failing;
                if let Some(live) = live.get_mut(at) {
                    changes |= *live != behind;
                    *live = behind;
                }
            }
            if !changes {
                return Self(Some(live));
            }
        }
    }

    /// Does nobody read a register who comes from these places?
    pub(crate) fn is_dead(&self, from: &[usize], register: u16) -> bool {
        let Some(live) = &self.0 else {
            return false;
        };
        let bit = bit(register);
        let is_dead = |&at: &usize| live.get(at).is_some_and(|live| live & bit == 0);
        bit != 0 && from.iter().all(is_dead)
    }
}

/// What is read when an op in a region fails.
fn read_by(region: &Region, live: &[u64]) -> u64 {
    match region.kind {
        RegionKind::Guard | RegionKind::Try { .. } => {
            let handler = live.get(region.handler as usize);
            handler.copied().unwrap_or(u64::MAX)
        }
        RegionKind::With { register, .. } => bit(register),
        RegionKind::Capture { .. } | RegionKind::Provide => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gravure_bytecode::{
        Base, Count, Dst, It, NamesId, ProtoKind, Region, RegionKind, Small, Src, Sym, Text,
    };

    fn proto() -> Proto {
        Proto {
            kind: ProtoKind::Main,
            name: Sym(0),
            code_start: 0,
            code_len: 0,
            registers: 9,
            iters: 1,
            caps: 0,
            params: vec![],
            captures: vec![],
            own_context: false,
            regions: vec![],
            spans: vec![],
        }
    }

    fn is_dead(code: &[Op], from: &[usize], register: u16) -> bool {
        let words: Vec<u64> = code.iter().map(|op| op.encode()).collect();
        Live::of(&proto(), &words).is_dead(from, register)
    }

    const TEXT: Op = Op::EmitText { text: Text(0) };
    const RET: Op = Op::Ret {};

    fn write(register: u16) -> Op {
        Op::LoadNone { dst: Dst(register) }
    }

    fn read(register: u16) -> Op {
        Op::Emit { src: Src(register) }
    }

    #[test]
    fn what_is_written_or_left_before_it_is_read_is_dead() {
        assert!(is_dead(&[TEXT, write(1), read(1), RET], &[0], 1));
        assert!(is_dead(&[TEXT, read(2), RET], &[0], 1));
        assert!(!is_dead(&[TEXT, read(1), RET], &[0], 1));
        // Reading and writing it is reading it.
        let (dst, src) = (Dst(1), Src(1));
        assert!(!is_dead(&[Op::Not { dst, src }, RET], &[0], 1));
    }

    #[test]
    fn every_way_counts() {
        let src = Src(0);
        let to = Jump(3);
        let code = [Op::JumpIf { src, to }, write(1), RET, read(1), RET];
        assert!(!is_dead(&code, &[0], 1));
        assert!(is_dead(&code, &[1], 1));
        assert!(!is_dead(&code, &[1, 3], 1));
        let code = [Op::Jump { to }, read(1), RET, write(1), RET];
        assert!(is_dead(&code, &[0], 1));
    }

    #[test]
    fn rounds_are_gone_through() {
        let next = |body| Op::Next {
            it: It(0),
            dst: Dst(0),
            body: Back(body),
        };
        assert!(is_dead(&[write(1), TEXT, next(0), RET], &[1], 1));
        assert!(!is_dead(&[read(1), TEXT, next(0), RET], &[1], 1));
        assert!(is_dead(&[TEXT, next(0), RET], &[0], 1));
        // The item may be read behind the loop: it is not certainly written.
        assert!(!is_dead(&[TEXT, next(0), read(0), RET], &[0], 0));
        // A round within a round brings it to the front.
        let inner = [TEXT, TEXT, next(1), read(1), next(0), RET];
        assert!(!is_dead(&inner, &[0], 1));
    }

    #[test]
    fn windows_and_lists_are_readers() {
        let (base, count) = (Base(1), Count(1));
        let unset = [Op::Unset { base, count }, RET];
        assert!(!is_dead(&unset, &[0], 1) && !is_dead(&unset, &[0], 5));
        assert!(is_dead(&unset, &[0], 0));
        let include = Op::Include {
            src: Src(0),
            names: NamesId(0),
            flags: Small(0),
        };
        assert!(!is_dead(&[include, write(1), RET], &[0], 1));
    }

    #[test]
    fn what_is_not_known_is_read() {
        assert!(!is_dead(&[TEXT], &[0], 1), "it runs off the code");
        assert!(!is_dead(&[RET], &[7], 1));
        assert!(!is_dead(&[RET], &[0], 64));
        assert!(is_dead(&[RET], &[0], 63));
        let region = Region {
            kind: RegionKind::Provide,
            start: 0,
            end: 1,
            handler: 0,
        };
        assert!(within(vec![region; MOST_REGIONS], &[RET], 0, 1));
        assert!(!within(vec![region; MOST_REGIONS + 1], &[RET], 0, 1));
    }

    /// Is a register dead from a place on, in code with regions?
    fn within(regions: Vec<Region>, code: &[Op], from: usize, register: u16) -> bool {
        let words: Vec<u64> = code.iter().map(|op| op.encode()).collect();
        let proto = Proto { regions, ..proto() };
        Live::of(&proto, &words).is_dead(&[from], register)
    }

    #[test]
    fn what_a_handler_reads_is_read_by_whatever_may_fail() {
        let region = |kind| Region {
            kind,
            start: 1,
            end: 3,
            handler: 4,
        };
        let code = [TEXT, TEXT, write(1), RET, read(1), RET];
        for kind in [RegionKind::Guard, RegionKind::Try { cap: 0 }] {
            for at in 0..3 {
                assert!(!within(vec![region(kind)], &code, at, 1), "{kind:?}, {at}");
            }
            assert!(within(vec![region(kind)], &code, 3, 1));
            assert!(within(vec![region(kind)], &code, 0, 2));
        }
        let with = RegionKind::With {
            name: Sym(0),
            register: 2,
        };
        assert!(!within(vec![region(with)], &code, 1, 2));
        assert!(within(vec![region(with)], &code, 3, 2));
        assert!(within(vec![region(with)], &code, 1, 1));
        let capture = RegionKind::Capture { cap: 0 };
        assert!(within(vec![region(capture)], &code, 0, 1));
    }
}
