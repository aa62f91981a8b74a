//! Bounds, from both sides: what just fits is good, one more is not.

use super::{EMPTY, put, rule};
use crate::sample::{FREE, full, greeting, proto, span};
use crate::{limits, *};

/// The rule that `full` with this op at `FREE` breaks.
fn with_op(op: Op) -> &'static str {
    let mut draft = full();
    put(&mut draft, FREE, op);
    rule(draft)
}

#[test]
fn every_window_ends_with_the_frame() {
    // `full` has 8 registers; shapes of 0, 1, 1 (named) and 3 arguments; a
    // filter and a predicate; a def with one default.
    let (none, one, named, three) = (ShapeId(0), ShapeId(1), ShapeId(2), ShapeId(3));
    let (dst, src, sym, count) = (Dst(0), Src(0), Sym(5), Count(2));
    type Make = Box<dyn Fn(Base) -> Op>;
    let rows: Vec<(u16, Make)> = vec![
        (4, Box::new(move |base| Op::Call { base, shape: three })),
        (
            1,
            Box::new(move |base| Op::CallOptional { base, shape: none }),
        ),
        (2, Box::new(move |base| Op::CallEmit { base, shape: one })),
        (
            4,
            Box::new(move |base| Op::CallMethod {
                base,
                sym,
                shape: three,
            }),
        ),
        (
            5,
            Box::new(move |base| Op::CallContent { base, shape: three }),
        ),
        (
            4,
            Box::new(move |base| Op::Filter {
                base,
                import: Import(0),
                shape: three,
            }),
        ),
        (
            1,
            Box::new(move |base| Op::Predicate {
                base,
                import: Import(1),
                shape: none,
            }),
        ),
        (
            1,
            Box::new(move |base| Op::Slot {
                sym,
                base,
                shape: named,
            }),
        ),
        (3, Box::new(move |base| Op::Trans { base, shape: named })),
        (3, Box::new(move |bounds| Op::Slice { dst, src, bounds })),
        (
            3,
            Box::new(move |base| Op::Range {
                dst,
                base,
                inclusive: Small(0),
            }),
        ),
        (
            3,
            Box::new(move |base| Op::CacheBegin {
                cap: Cap(0),
                base,
                to: Jump(FREE + 1),
            }),
        ),
        (2, Box::new(move |base| Op::Unset { base, count })),
        (2, Box::new(move |base| Op::Unpack { src, base, count })),
        (
            2,
            Box::new(move |base| Op::UnpackIndex { src, base, count }),
        ),
        (2, Box::new(move |base| Op::Concat { dst, base, count })),
        (2, Box::new(move |base| Op::List { dst, base, count })),
        (2, Box::new(move |base| Op::Tuple { dst, base, count })),
        (4, Box::new(move |base| Op::Dict { dst, base, count })),
        (
            1,
            Box::new(move |base| Op::MakeDef {
                dst,
                proto: ProtoId(3),
                base,
            }),
        ),
    ];
    for (len, make) in rows {
        let last = make(Base(8 - len));
        assert_eq!(with_op(last), "good", "{last:?}");
        let beyond = make(Base(9 - len));
        assert_eq!(with_op(beyond), "V40", "{beyond:?}");
    }
    // This one has its place, at the end of what it takes.
    let cache_end = |base| {
        let mut draft = full();
        put(&mut draft, 34, Op::CacheEnd { cap: Cap(0), base });
        rule(draft)
    };
    assert_eq!((cache_end(Base(5)), cache_end(Base(6))), ("good", "V40"));
}

#[test]
fn every_small_number_means_something_or_is_refused() {
    let (dst, src, it) = (Dst(0), Src(0), It(0));
    let (names, overrides) = (NamesId(0), OverrideId(0));
    type Make = Box<dyn Fn(Small) -> Op>;
    let rows: Vec<(&[u8], Make)> = vec![
        (&[0, 1], Box::new(move |value| Op::LoadBool { dst, value })),
        (
            &[0, 1],
            Box::new(move |inclusive| Op::Range {
                dst,
                base: Base(0),
                inclusive,
            }),
        ),
        (
            &[0, 1],
            Box::new(move |flags| Op::IterAsync { it, src, flags }),
        ),
        (
            &[0, 1],
            Box::new(move |flags| Op::LoopCell { dst, it, flags }),
        ),
        (
            &[0, 1, 2, 3],
            Box::new(move |flags| Op::Import { dst, src, flags }),
        ),
        (
            &[0, 1, 4, 5],
            Box::new(move |flags| Op::Embed {
                src,
                overrides,
                names,
                flags,
            }),
        ),
        (
            &[0, 1, 2, 3, 4, 5, 6, 7],
            Box::new(move |flags| Op::Include { src, names, flags }),
        ),
        (
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
            Box::new(move |attr| Op::LoopAttr { dst, it, attr }),
        ),
    ];
    for (good, make) in rows {
        for number in 0..=u8::MAX {
            let op = make(Small(number));
            let wanted = if good.contains(&number) {
                "good"
            } else {
                "V41"
            };
            assert_eq!(with_op(op), wanted, "{op:?}");
        }
    }
}

#[test]
fn a_table_may_be_as_large_as_its_limit() {
    let with_name = |len| {
        let mut draft = greeting();
        draft.name = "x".repeat(len);
        rule(draft)
    };
    assert_eq!(with_name(limits::NAME_BYTES), "good");
    assert_eq!(with_name(limits::NAME_BYTES + 1), "V01");
}

#[test]
fn the_ranges_may_be_as_long_as_the_text() {
    let with_len = |more: u32| {
        let mut draft = greeting();
        let len = draft.text.len() as u32;
        draft.constants = vec![
            Constant::Text(TextRange { start: 0, len }),
            Constant::Text(TextRange {
                start: 0,
                len: more,
            }),
        ];
        rule(draft)
    };
    assert_eq!((with_len(0), with_len(1)), ("good", "V03"));
}

#[test]
fn an_integer_has_so_many_digits_with_and_without_a_sign() {
    let with = |digits: &str| {
        let mut draft = greeting();
        let start = draft.text.len() as u32;
        let len = digits.len() as u32;
        draft.text.push_str(digits);
        draft
            .constants
            .push(Constant::Big(TextRange { start, len }));
        rule(draft)
    };
    let most = "7".repeat(limits::BIG_DIGITS);
    for (digits, wanted) in [
        ("7", "good"),
        ("-7", "good"),
        (&most, "good"),
        (&format!("-{most}"), "good"),
        (&format!("{most}7"), "V05"),
        ("-", "V05"),
        ("--7", "V05"),
        ("+7", "V05"),
        ("7 ", "V05"),
    ] {
        assert_eq!(with(digits), wanted, "{} digits", digits.len());
    }
}

#[test]
fn names_that_begin_alike_are_not_one() {
    let with = |names: &[&str]| {
        let mut draft = greeting();
        for name in names {
            let start = draft.text.len() as u32;
            let len = name.len() as u32;
            draft.text.push_str(name);
            draft.symbols.push(TextRange { start, len });
        }
        rule(draft)
    };
    let (long, other) = ("a_long_name_of_one", "a_long_name_of_two");
    assert_eq!(
        with(&[long, other, "a_long_n", "a_long_", "a", "ab", "ba"]),
        "good"
    );
    assert_eq!(with(&["z", long, other, "b", long]), "V04");
    assert_eq!(with(&["ab", "b", "ab"]), "V04");
    // The empty one is there already.
    let mut draft = greeting();
    draft.symbols.push(EMPTY);
    assert_eq!(rule(draft), "V04");
}

#[test]
fn a_proto_may_be_as_long_as_a_jump_can_name() {
    let with_words = |n: usize| {
        let mut draft = greeting();
        draft.protos[0].code_len = n as u32;
        draft.protos[1].code_start = n as u32;
        // Only their number counts here, and so many zeros cost nothing.
        draft.code = vec![0; n + 1];
        super::super::layout(&draft).map_err(|error| error.rule)
    };
    assert_eq!(with_words(limits::PROTO_WORDS), Ok(()));
    assert_eq!(with_words(limits::PROTO_WORDS + 1), Err("V12"));
}

#[test]
fn a_span_may_be_empty_and_no_less() {
    let with = |column, end_column| {
        let mut draft = greeting();
        draft.protos[0].spans = vec![SpanEntry {
            column,
            end_column,
            ..span(0, 1, 0)
        }];
        rule(draft)
    };
    assert_eq!(
        (with(4, 4), with(4, 5), with(5, 4)),
        ("good", "good", "V17")
    );
}

#[test]
fn a_setup_proto_that_is_not_there_is_missed() {
    let mut draft = greeting();
    draft.protos.truncate(1);
    draft.code.truncate(draft.protos[0].code_len as usize);
    assert_eq!(draft.setup, ProtoId(1));
    assert_eq!(rule(draft), "V11");
}

#[test]
fn each_rest_may_be_there_once() {
    let with = |roles: &[ParamRole]| {
        let mut draft = greeting();
        let def = proto(&mut draft, ProtoKind::Def, &[Op::Ret {}]);
        def.registers = 3;
        def.params = (roles.iter().enumerate())
            .map(|(index, &role)| ProtoParam {
                name: Sym(index as u32),
                role,
                has_default: false,
            })
            .collect();
        rule(draft)
    };
    use ParamRole::{Named, NamedRest, Plain, Rest};
    assert_eq!(with(&[Plain, Rest, NamedRest]), "good");
    assert_eq!(with(&[Rest, Named, Rest]), "V14");
    assert_eq!(with(&[NamedRest, Named, NamedRest]), "V14");
}

fn guard(start: u32, end: u32, handler: u32) -> Region {
    Region {
        kind: RegionKind::Guard,
        start,
        end,
        handler,
    }
}

#[test]
fn regions_may_be_as_many_as_ops_and_end_together() {
    let with = |ops: &[Op], regions: Vec<Region>| {
        let mut draft = greeting();
        let block = proto(&mut draft, ProtoKind::Block, ops);
        block.caps = 1;
        block.regions = regions;
        rule(draft)
    };
    let (flush, ret) = (Op::Flush {}, Op::Ret {});
    assert_eq!(with(&[ret], vec![guard(0, 0, 0)]), "good");
    assert_eq!(with(&[ret], vec![guard(0, 0, 0); 2]), "V20");
    let both = vec![guard(0, 2, 2), guard(1, 2, 2)];
    // The inner handler would lie behind the outer region.
    assert_eq!(with(&[flush, flush, ret], both), "V25");
    let both = vec![guard(0, 2, 2), guard(1, 2, 1)];
    assert_eq!(with(&[flush, flush, ret], both), "V25");
    // What is empty has an end, and who jumps there takes what is not captured.
    let ops = |first| {
        [
            first,
            Op::Capture { cap: Cap(0) },
            Op::CaptureDrop { cap: Cap(0) },
            ret,
        ]
    };
    let empty = Region {
        kind: RegionKind::Capture { cap: 0 },
        ..guard(2, 2, 0)
    };
    assert_eq!(with(&ops(flush), vec![empty]), "good");
    assert_eq!(with(&ops(Op::Jump { to: Jump(2) }), vec![empty]), "V38");
}

#[test]
fn output_is_taken_once_behind_its_region() {
    let with = |ops: &[Op], kind: RegionKind, at: (u32, u32)| {
        let mut draft = greeting();
        let block = proto(&mut draft, ProtoKind::Block, ops);
        (block.caps, block.registers) = (1, 1);
        block.regions = vec![Region {
            kind,
            ..guard(at.0, at.1, 0)
        }];
        rule(draft)
    };
    let (flush, ret) = (Op::Flush {}, Op::Ret {});
    let (open, drop) = (Op::Capture { cap: Cap(0) }, Op::CaptureDrop { cap: Cap(0) });
    let capture = RegionKind::Capture { cap: 0 };
    assert_eq!(with(&[open, flush, drop, ret], capture, (1, 2)), "good");
    assert_eq!(
        with(&[open, flush, drop, drop, ret], capture, (1, 2)),
        "V49"
    );
    // An empty region of another kind has no inside that a jump could land in.
    let ops = [
        Op::Jump { to: Jump(2) },
        Op::Provide {
            sym: Sym(1),
            src: Src(0),
        },
        Op::Unprovide {},
        ret,
    ];
    assert_eq!(with(&ops, RegionKind::Provide, (2, 2)), "good");
}

#[test]
fn a_table_of_contents_takes_registers_by_itself() {
    // Both tables of `full` name the same content; without the `embed` only
    // that of `make_content` is left.
    let mut draft = full();
    draft.overrides.push(vec![]);
    let embed = draft
        .code
        .iter()
        .position(|&word| matches!(Op::decode(word), Some(Op::Embed { .. })));
    let embed = embed.expect("`full` has one") as u32;
    put(&mut draft, embed, Op::Flush {});
    assert_eq!(rule(draft.clone()), "good");
    draft.protos[4].captures[0] = 8;
    let error = Chunk::new(draft).expect_err("register 8 of 8");
    assert_eq!(error.rule, "V44");
    assert!(error.message.contains("MakeContent"), "{error}");
}

#[test]
fn an_error_about_a_region_says_where_it_starts() {
    let mut draft = full();
    draft.protos[0].regions[0].handler = 7;
    let error = Chunk::new(draft).expect_err("a handler of what catches nothing");
    assert_eq!(
        (error.rule, error.proto, error.pc),
        ("V25", Some(0), Some(3))
    );
}

#[test]
fn the_first_table_that_is_not_there_is_told() {
    let (src, flags) = (Src(0), Small(0));
    let (overrides, names) = (OverrideId(1), NamesId(0));
    assert_eq!(
        with_op(Op::Embed {
            src,
            overrides,
            names,
            flags
        }),
        "V35"
    );
}

#[test]
fn only_ops_with_rules_of_their_own_are_decoded_twice() {
    let alone = [
        "Dst", "Src", "It", "Cap", "Const", "Text", "Sym", "Jump", "Back", "Imm",
    ];
    let mut n_ops = 0;
    for &opcode in Opcode::ALL {
        let mut kinds = opcode.fields().iter().map(|(_, kind)| kind);
        let has_place = matches!(
            opcode,
            Opcode::Extends
                | Opcode::LoadError
                | Opcode::Capture
                | Opcode::CaptureEnd
                | Opcode::CaptureDrop
                | Opcode::SpacelessEnd
                | Opcode::PushEnd
                | Opcode::CacheBegin
                | Opcode::CacheEnd
        );
        let wanted = has_place || kinds.any(|kind| !alone.contains(kind));
        let found = super::super::body::HAS_RULES[opcode as usize];
        assert_eq!(found, wanted, "{opcode:?}");
        n_ops += usize::from(!found);
    }
    assert!(n_ops > Opcode::ALL.len() / 2, "{n_ops} are decoded once");
}
