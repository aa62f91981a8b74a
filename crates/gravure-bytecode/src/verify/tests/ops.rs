//! The rules about code.

use super::{check, put, region, rule};
use crate::sample::{FREE, IN_CAPTURE, full, greeting, proto};
use crate::*;

#[test]
fn v30_v31_code() {
    check(
        "V30",
        &[
            |it| it.code[FREE as usize] = 0xff,
            |it| it.code[36] |= 1 << 63,
        ],
    );
    check(
        "V31",
        &[
            |it| put(it, 47, Op::Flush {}),
            // The setup's one op.
            |it| put(it, 48, Op::Flush {}),
        ],
    );
}

#[test]
fn v32_to_v35_operands() {
    check(
        "V32",
        &[
            |it| put(it, FREE, Op::LoadNone { dst: Dst(8) }),
            |it| put(it, FREE, Op::Emit { src: Src(8) }),
        ],
    );
    check(
        "V33",
        &[
            |it| put(it, FREE, Op::IterEnd { it: It(1) }),
            |it| put(it, FREE, Op::CaptureDrop { cap: Cap(2) }),
        ],
    );
    check(
        "V34",
        &[
            |it| {
                put(
                    it,
                    FREE,
                    Op::LoadConst {
                        dst: Dst(0),
                        value: Const(4),
                    },
                )
            },
            |it| put(it, FREE, Op::EmitText { text: Text(4) }),
            |it| put(it, FREE, Op::EmitText { text: Text(1) }),
        ],
    );
    check(
        "V35",
        &[
            |it| put(it, FREE, Op::Stack { sym: Sym(10) }),
            |it| {
                put(
                    it,
                    FREE,
                    Op::Call {
                        base: Base(0),
                        shape: ShapeId(4),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Filter {
                        base: Base(0),
                        import: Import(2),
                        shape: ShapeId(0),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::MakeDef {
                        dst: Dst(0),
                        proto: ProtoId(6),
                        base: Base(0),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::MakeContent {
                        dst: Dst(0),
                        table: ContentId(1),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Include {
                        src: Src(0),
                        names: NamesId(1),
                        flags: Small(0),
                    },
                )
            },
        ],
    );
}

#[test]
fn v36_to_v38_jumps() {
    check(
        "V36",
        &[
            |it| put(it, FREE, Op::Jump { to: Jump(FREE) }),
            |it| put(it, FREE, Op::Jump { to: Jump(0) }),
            |it| put(it, FREE, Op::Jump { to: Jump(48) }),
        ],
    );
    check(
        "V37",
        &[
            |it| put(it, FREE, Op::Again { to: Back(FREE + 1) }),
            |it| put(it, 33, Op::Again { to: Back(32) }),
            |it| put(it, 7, Op::Again { to: Back(0) }),
        ],
    );
    check(
        "V38",
        &[
            |it| put(it, FREE, Op::Jump { to: Jump(33) }),
            |it| put(it, FREE, Op::Jump { to: Jump(36) }),
            |it| put(it, FREE, Op::Again { to: Back(4) }),
            |it| put(it, 0, Op::Jump { to: Jump(3) }),
            // To where captured output is taken.
            |it| put(it, FREE, Op::Jump { to: Jump(34) }),
        ],
    );
    check(
        "good",
        &[
            // Out of a region, into the start of a guard, and an empty loop.
            |it| put(it, 33, Op::Jump { to: Jump(40) }),
            |it| put(it, 33, Op::Jump { to: Jump(34) }),
            |it| put(it, 4, Op::Jump { to: Jump(7) }),
            |it| put(it, FREE, Op::Again { to: Back(7) }),
            |it| {
                put(
                    it,
                    FREE,
                    Op::Next {
                        it: It(0),
                        dst: Dst(0),
                        body: Back(FREE),
                    },
                )
            },
        ],
    );
}

#[test]
fn v38_only_the_start_of_a_guard_is_open() {
    let jump_to = |to| {
        let mut draft = full();
        // The guard covers two ops now; no other region is near.
        put(&mut draft, 8, Op::Flush {});
        region(&mut draft, 2).end = 9;
        put(&mut draft, 0, Op::Jump { to: Jump(to) });
        rule(draft)
    };
    assert_eq!(
        (jump_to(7), jump_to(8), jump_to(9)),
        ("good", "V38", "good")
    );
}

#[test]
fn v40_windows() {
    check(
        "V40",
        &[
            |it| {
                put(
                    it,
                    FREE,
                    Op::Call {
                        base: Base(5),
                        shape: ShapeId(3),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::CallContent {
                        base: Base(7),
                        shape: ShapeId(0),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::MakeDef {
                        dst: Dst(0),
                        proto: ProtoId(3),
                        base: Base(8),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Trans {
                        base: Base(6),
                        shape: ShapeId(2),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Dict {
                        dst: Dst(0),
                        base: Base(1),
                        count: Count(4),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Dict {
                        dst: Dst(0),
                        base: Base(0),
                        count: Count(u16::MAX),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::List {
                        dst: Dst(0),
                        base: Base(9),
                        count: Count(0),
                    },
                )
            },
        ],
    );
    check(
        "good",
        &[
            |it| {
                put(
                    it,
                    FREE,
                    Op::Call {
                        base: Base(4),
                        shape: ShapeId(3),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::CallContent {
                        base: Base(6),
                        shape: ShapeId(0),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::MakeDef {
                        dst: Dst(0),
                        proto: ProtoId(5),
                        base: Base(8),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Dict {
                        dst: Dst(0),
                        base: Base(0),
                        count: Count(4),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::List {
                        dst: Dst(0),
                        base: Base(8),
                        count: Count(0),
                    },
                )
            },
        ],
    );
}

#[test]
fn v41_to_v47_ops() {
    check(
        "V41",
        &[
            |it| {
                put(
                    it,
                    FREE,
                    Op::LoadBool {
                        dst: Dst(0),
                        value: Small(2),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Range {
                        dst: Dst(0),
                        base: Base(0),
                        inclusive: Small(2),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::LoopAttr {
                        dst: Dst(0),
                        it: It(0),
                        attr: Small(10),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Import {
                        dst: Dst(0),
                        src: Src(0),
                        flags: Small(4),
                    },
                )
            },
        ],
    );
    check("V42", &[|it| it.imports.swap(0, 1)]);
    check(
        "V43",
        &[|it| {
            put(
                it,
                FREE,
                Op::MakeDef {
                    dst: Dst(0),
                    proto: ProtoId(4),
                    base: Base(0),
                },
            );
        }],
    );
    check(
        "V44",
        &[
            |it| it.protos[3].captures[0] = 8,
            |it| it.protos[4].captures[0] = 8,
            |it| it.names[0][1].register = u16::MAX,
        ],
    );
    // A table that nobody uses takes nothing.
    check(
        "good",
        &[|it| {
            it.names.push(vec![VisibleName {
                register: 99,
                ..it.names[0][0]
            }])
        }],
    );
    check(
        "V45",
        &[
            |it| {
                put(
                    it,
                    FREE,
                    Op::Slot {
                        sym: Sym(5),
                        base: Base(0),
                        shape: ShapeId(3),
                    },
                )
            },
            |it| {
                put(
                    it,
                    FREE,
                    Op::Trans {
                        base: Base(0),
                        shape: ShapeId(1),
                    },
                )
            },
        ],
    );
    check(
        "V46",
        &[
            |it| put(it, FREE, Op::Extends { src: Src(0) }),
            |it| (it.extends, it.parent) = (false, None),
        ],
    );
    check("V47", &[|it| put(it, FREE, Op::LoadError { dst: Dst(0) })]);
}

#[test]
fn v48_names_of_a_call() {
    check("V48", &[|it| it.shapes[3].names[1] = Sym(5)]);
    // A slot binds one name after the other.
    check("good", &[|it| it.shapes[2].names.push(Sym(5))]);
}

#[test]
fn v49_what_is_taken_is_open() {
    let (dst, sym, base) = (Dst(0), Sym(0), Base(0));
    check(
        "V49",
        &[
            |it| put(it, FREE, Op::CaptureDrop { cap: Cap(0) }),
            // Another is open there, and before, and behind.
            |it| put(it, IN_CAPTURE, Op::CaptureDrop { cap: Cap(1) }),
            |it| put(it, IN_CAPTURE - 2, Op::CaptureDrop { cap: Cap(0) }),
            |it| put(it, IN_CAPTURE + 5, Op::CaptureDrop { cap: Cap(0) }),
        ],
    );
    let cap = Cap(0);
    for op in [
        Op::CaptureEnd { dst, cap },
        Op::CaptureDrop { cap },
        Op::SpacelessEnd { cap },
        Op::PushEnd { cap, sym },
        Op::CacheEnd { cap, base },
    ] {
        let rule_at = |pc: u32| {
            let mut draft = full();
            put(&mut draft, pc, op);
            rule(draft)
        };
        assert_eq!((rule_at(FREE), rule_at(IN_CAPTURE)), ("V49", "good"));
    }
}

#[test]
fn nothing_captured_needs_no_region() {
    let taken = |opened: Cap, jump: u32| {
        let mut draft = greeting();
        draft.code.clear();
        draft.protos.clear();
        let ops = [
            Op::Jump { to: Jump(jump) },
            Op::Capture { cap: opened },
            Op::CaptureDrop { cap: Cap(0) },
            Op::Ret {},
        ];
        proto(&mut draft, ProtoKind::Main, &ops).caps = 2;
        proto(&mut draft, ProtoKind::Setup, &[Op::Ret {}]);
        rule(draft)
    };
    let found =
        [(Cap(0), 1), (Cap(0), 3), (Cap(0), 2), (Cap(1), 1)].map(|(cap, to)| taken(cap, to));
    assert_eq!(found, ["good", "good", "V38", "V49"]);
}

#[test]
fn a_block_extends_nothing() {
    let mut draft = greeting();
    draft.extends = true;
    let block = proto(
        &mut draft,
        ProtoKind::Block,
        &[Op::Extends { src: Src(0) }, Op::Ret {}],
    );
    block.registers = 1;
    assert_eq!(rule(draft), "V46");
}

/// A word of an opcode: each operand the least that is good at `FREE`, but for
/// one, which has all its bits set.
fn word(opcode: Opcode, greatest: Option<usize>) -> u64 {
    let (mut word, mut at) = (opcode as u64, 8);
    for (index, (_, kind)) in opcode.fields().iter().enumerate() {
        let bits = OPERANDS
            .iter()
            .find(|row| row.0 == *kind)
            .map_or(0, |row| row.1);
        let least = match *kind {
            "Jump" => u64::from(FREE) + 1,
            "Back" => u64::from(FREE),
            "ProtoId" => 3,
            "ShapeId" => 2,
            "Import" => u64::from(opcode == Opcode::Predicate),
            _ => 0,
        };
        let value = if greatest == Some(index) {
            (1 << bits) - 1
        } else {
            least
        };
        word |= value << at;
        at += bits;
    }
    word
}

#[test]
fn every_operand_of_every_op_is_looked_at() {
    for &opcode in Opcode::ALL {
        // What takes output has its place where some is captured.
        let at = match opcode {
            Opcode::CaptureEnd
            | Opcode::CaptureDrop
            | Opcode::SpacelessEnd
            | Opcode::PushEnd
            | Opcode::CacheEnd => IN_CAPTURE,
            _ => FREE,
        };
        let draft_with = |word: u64| {
            let mut draft = full();
            draft.code[at as usize] = word;
            draft
        };
        // These two have one place each, and it is not here.
        if !matches!(opcode, Opcode::Extends | Opcode::LoadError) {
            assert_eq!(rule(draft_with(word(opcode, None))), "good", "{opcode:?}");
        }
        for (index, (field, kind)) in opcode.fields().iter().enumerate() {
            // Any integer is good, and any number of items to ask for.
            let any = *kind == "Imm" || matches!(opcode, Opcode::MatchSeq | Opcode::SeqAt);
            if any && matches!(*kind, "Imm" | "Count") {
                continue;
            }
            let found = rule(draft_with(word(opcode, Some(index))));
            assert_ne!(found, "good", "{opcode:?} {field}");
        }
    }
}

#[test]
fn many_guards_in_each_other_are_quick() {
    let mut draft = greeting();
    let n = 100_000;
    draft.code.clear();
    draft.protos.clear();
    let mut ops = vec![Op::Flush {}; 2 * n];
    ops.push(Op::Ret {});
    let main = proto(&mut draft, ProtoKind::Main, &ops);
    main.regions = (0..n as u32)
        .map(|i| Region {
            start: 0,
            end: 2 * n as u32 - 1 - i,
            handler: 2 * n as u32 - i,
            kind: RegionKind::Guard,
        })
        .collect();
    // The handler of each lies in the one around it, at its end.
    for region in &mut main.regions {
        region.handler = region.end;
    }
    for pc in 0..n {
        draft.code[pc] = Op::Jump {
            to: Jump(pc as u32 + 1),
        }
        .encode();
    }
    proto(&mut draft, ProtoKind::Setup, &[Op::Ret {}]);
    assert_eq!(rule(draft), "good");
}
