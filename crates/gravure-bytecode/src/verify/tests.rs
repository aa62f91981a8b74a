//! One thing is broken in a good draft; the rule that sees it is named.

use crate::sample::{FREE, WITH, full, greeting, span};
use crate::{limits, *};

mod edges;
mod ops;

fn rule(draft: Draft) -> &'static str {
    Chunk::new(draft).map_or_else(|error| error.rule, |_| "good")
}

/// The same through bytes. Some of what a draft can say no bytes can.
fn rule_of_bytes(draft: &Draft) -> Option<&'static str> {
    match Chunk::decode(&crate::encode::encode(draft, &Origin::default())) {
        Ok(_) => Some("good"),
        Err(DecodeError::Refused(error)) => Some(error.rule),
        Err(_) => None,
    }
}

/// What only a draft can break: bytes have no place for it, or the decoder sees
/// it first. All other rules are broken by bytes too.
const ONLY_DRAFTS: [&str; 2] = ["V12", "V30"];

/// Break `full` and expect these rules, one after the other, of the draft and
/// of its bytes.
fn check(expected: &str, breaks: &[fn(&mut Draft)]) {
    let mut n_bytes = 0;
    for (index, break_it) in breaks.iter().enumerate() {
        let mut draft = full();
        break_it(&mut draft);
        let of_bytes = rule_of_bytes(&draft);
        if !ONLY_DRAFTS.contains(&expected) {
            assert_eq!(of_bytes.unwrap_or(expected), expected, "{index}, as bytes");
            n_bytes += usize::from(of_bytes.is_some());
        }
        assert_eq!(rule(draft), expected, "{index}");
    }
    let is_held = n_bytes > 0 || ONLY_DRAFTS.contains(&expected);
    assert!(is_held, "no bytes break {expected}");
}

fn put(draft: &mut Draft, pc: u32, op: Op) {
    draft.code[pc as usize] = op.encode();
}

fn main(draft: &mut Draft) -> &mut Proto {
    &mut draft.protos[0]
}

fn region(draft: &mut Draft, index: usize) -> &mut Region {
    &mut draft.protos[0].regions[index]
}

const EMPTY: TextRange = TextRange { start: 0, len: 0 };

#[test]
fn good_drafts_are_chunks() {
    check("good", &[|_| ()]);
    assert_eq!(rule(greeting()), "good");
}

#[test]
fn an_error_says_where() {
    let mut draft = full();
    put(&mut draft, FREE, Op::Emit { src: Src(8) });
    let error = Chunk::new(draft).expect_err("register 8 of 8");
    assert_eq!(
        error.to_string(),
        "V32: a register that the frame has not: Emit { src: Src(8) } in p0 at @22"
    );
    let error = Chunk::new(Draft::default()).expect_err("nothing is no chunk");
    assert_eq!(error.to_string(), "V11: no main proto, or no setup proto");
}

#[test]
fn v01_sizes() {
    check(
        "V01",
        &[
            |it| it.name = "x".repeat(limits::NAME_BYTES + 1),
            |it| it.blocks = vec![it.blocks[0]; limits::BLOCKS + 1],
            |it| it.names = vec![vec![]; limits::IDS + 1],
            |it| it.names[0] = vec![it.names[0][0]; limits::ENTRIES + 1],
            |it| it.shapes[0].names = vec![Sym(0); limits::ENTRIES + 1],
        ],
    );
}

#[test]
fn v02_to_v05_texts() {
    check(
        "V02",
        &[
            |it| it.symbols[1].start = u32::MAX,
            |it| it.symbols[1].len = u32::MAX,
            // Into the middle of the `ä`.
            |it| {
                let Constant::Text(range) = &mut it.constants[0] else {
                    return;
                };
                range.len = 2;
            },
        ],
    );
    check(
        "V03",
        &[
            |it| {
                let len = it.text.len() as u32;
                it.symbols.push(TextRange { start: 0, len });
            },
            |it| {
                let len = it.text.len() as u32;
                it.constants = vec![Constant::Text(TextRange { start: 0, len }); 2];
            },
        ],
    );
    check("V04", &[|it| it.symbols.push(EMPTY)]);
    check(
        "V05",
        &[
            |it| it.constants.push(Constant::Big(EMPTY)),
            |it| it.constants.push(Constant::Big(it.symbols[1])),
            |it| {
                let Constant::Big(range) = &mut it.constants[2] else {
                    return;
                };
                range.len = 1;
            },
        ],
    );
}

#[test]
fn v06_to_v10_tables() {
    const NO: Sym = Sym(10);
    check(
        "V06",
        &[
            |it| it.imports[0].name = NO,
            |it| it.shapes[2].names[0] = NO,
            |it| it.names[0][0].name = NO,
            |it| it.contents[0][0].name = NO,
            |it| it.overrides[0][0].name = NO,
            |it| it.blocks[0].name = NO,
            |it| it.dependencies[0].name = NO,
            |it| it.parent = Some(NO),
        ],
    );
    check(
        "V08",
        &[
            |it| it.contents[0][0].proto = ProtoId(2),
            |it| it.overrides[0][0].proto = ProtoId(3),
            |it| it.overrides[0][0].proto = ProtoId(6),
        ],
    );
    check(
        "V09",
        &[
            |it| it.blocks[0].proto = ProtoId(5),
            |it| it.blocks[1].proto = ProtoId(6),
            |it| it.blocks[2].proto = ProtoId(2),
        ],
    );
    check(
        "V10",
        &[
            |it| it.extends = false,
            |it| it.first_async = Some((0, 1)),
            |it| it.dependencies[0].line = 0,
        ],
    );
}

#[test]
fn v11_v12_layout() {
    check(
        "V11",
        &[
            |it| it.protos[0].kind = ProtoKind::Setup,
            |it| it.protos[1].kind = ProtoKind::Def,
            |it| it.protos[3].kind = ProtoKind::Main,
            |it| it.protos[3].kind = ProtoKind::Setup,
            |it| it.setup = ProtoId(0),
            |it| it.setup = ProtoId(9),
        ],
    );
    check(
        "V12",
        &[
            |it| it.protos[1].code_len = 2,
            |it| it.protos[1].code_len = 0,
            |it| it.protos[1].code_start = 0,
            |it| it.protos[5].code_len = u32::MAX,
            |it| it.code.push(Op::Ret {}.encode()),
            |it| it.code.truncate(it.code.len() - 1),
            // Not in their order.
            |it| {
                let first = it.protos[1].code_start;
                it.protos[1].code_start = it.protos[2].code_start;
                it.protos[2].code_start = first;
            },
        ],
    );
}

#[test]
fn v12_v30_in_bytes() {
    let mut draft = full();
    let setup = &mut draft.protos[1];
    setup.code_len = 0;
    assert_eq!(rule_of_bytes(&draft), Some("V12"));
    // An opcode that is none is seen while reading; spare bits have no place.
    let mut draft = full();
    draft.code[FREE as usize] = u64::MAX;
    let bad = crate::encode::encode(&draft, &Origin::default());
    let error = Chunk::decode(&bad).expect_err("no instruction");
    assert!(error.to_string().ends_with("expected an instruction"));
}

#[test]
fn v13_to_v17_headers() {
    check(
        "V13",
        &[
            |it| it.protos[2].name = Sym(10),
            |it| it.protos[3].params[0].name = Sym(10),
        ],
    );
    check(
        "V14",
        &[
            |it| it.protos[2].params = it.protos[5].params.clone(),
            |it| it.protos[3].params[0].name = Sym(2),
            |it| it.protos[3].params[0].role = ParamRole::Rest,
            |it| it.protos[3].params[1].role = ParamRole::NamedRest,
            |it| it.protos[3].params[2].has_default = true,
        ],
    );
    check(
        "V15",
        &[
            |it| it.protos[0].captures = vec![0],
            |it| it.protos[1].captures = vec![0],
            |it| it.protos[2].captures = vec![0],
        ],
    );
    check(
        "V16",
        &[
            |it| it.protos[3].registers = 4,
            |it| it.protos[4].registers = 0,
        ],
    );
    check(
        "V17",
        &[
            |it| main(it).spans.push(span(48, 1, 1)),
            |it| main(it).spans.push(span(46, 1, 1)),
            |it| main(it).spans[1].pc = 47,
            |it| main(it).spans[0].line = 0,
            |it| main(it).spans[0].column = 9,
        ],
    );
}

#[test]
fn v20_to_v22_regions() {
    check(
        "V20",
        &[
            |it| region(it, 0).start = 7,
            |it| region(it, 5).end = 48,
            |it| region(it, 5).end = u32::MAX,
            |it| main(it).regions = vec![main(it).regions[2]; 49],
        ],
    );
    check(
        "V21",
        &[
            |it| region(it, 1).end = 7,
            |it| main(it).regions.swap(0, 1),
            |it| main(it).regions.reverse(),
        ],
    );
    check(
        "V22",
        &[
            |it| {
                region(it, 0).kind = RegionKind::With {
                    name: Sym(10),
                    register: 3,
                }
            },
            |it| {
                region(it, 0).kind = RegionKind::With {
                    name: Sym(5),
                    register: 8,
                }
            },
            |it| region(it, 1).kind = RegionKind::Capture { cap: 2 },
            |it| region(it, 3).kind = RegionKind::Try { cap: 2 },
        ],
    );
}

#[test]
fn v23_v24_openers_and_closers() {
    check(
        "V23",
        &[
            |it| {
                region(it, 0).kind = RegionKind::With {
                    name: Sym(5),
                    register: 2,
                }
            },
            |it| {
                region(it, 0).kind = RegionKind::With {
                    name: Sym(1),
                    register: 3,
                }
            },
            |it| region(it, 1).kind = RegionKind::Capture { cap: 1 },
            |it| region(it, 1).kind = RegionKind::Provide,
            |it| region(it, 5).kind = WITH,
            |it| region(it, 3).start = 14,
            // The first op has nothing before it.
            |it| region(it, 0).start = 0,
            // Its opener is in no region, but it lies in a guard.
            |it| {
                main(it).regions.insert(
                    0,
                    Region {
                        kind: RegionKind::Guard,
                        start: 3,
                        end: 7,
                        handler: 9,
                    },
                )
            },
        ],
    );
    check(
        "V24",
        &[
            |it| region(it, 1).end = 4,
            |it| region(it, 0).end = 7,
            |it| put(it, 5, Op::CaptureDrop { cap: Cap(1) }),
            |it| {
                put(
                    it,
                    6,
                    Op::Unbind {
                        sym: Sym(5),
                        old: Src(4),
                    },
                )
            },
            |it| put(it, 37, Op::Flush {}),
            |it| put(it, 14, Op::Flush {}),
        ],
    );
    // Any end of a capture closes it.
    check(
        "good",
        &[
            |it| put(it, 5, Op::CaptureDrop { cap: Cap(0) }),
            |it| put(it, 5, Op::SpacelessEnd { cap: Cap(0) }),
            |it| {
                put(
                    it,
                    5,
                    Op::PushEnd {
                        cap: Cap(0),
                        sym: Sym(1),
                    },
                )
            },
        ],
    );
}

#[test]
fn v25_handlers() {
    check(
        "V25",
        &[
            |it| region(it, 0).handler = 7,
            |it| region(it, 2).handler = 7,
            |it| region(it, 2).handler = 48,
            |it| region(it, 2).handler = 0,
            |it| region(it, 3).handler = 17,
            // Into the region of `provide`.
            |it| region(it, 2).handler = 36,
        ],
    );
}
