//! Drafts for tests: a small one to read, and one that has a bit of everything.

use crate::*;

/// `Hello {{ user.name | upper }}!`
pub(crate) fn greeting() -> Draft {
    let mut draft = Draft {
        name: "main.html".into(),
        ..Draft::default()
    };
    draft.source = Some("Hello {{ user.name | upper }}!\n".into());
    symbols(&mut draft, &["", "user", "name", "upper"]);
    text(&mut draft, "Hello ");
    text(&mut draft, "!");
    draft.imports.push(ImportEntry {
        kind: ImportKind::Filter,
        name: Sym(3),
    });
    draft.shapes.push(Shape::default());
    let main = proto(
        &mut draft,
        ProtoKind::Main,
        &[
            Op::EmitText { text: Text(0) },
            Op::LoadName {
                dst: Dst(0),
                sym: Sym(1),
            },
            Op::GetAttr {
                dst: Dst(0),
                src: Src(0),
                sym: Sym(2),
            },
            Op::Filter {
                base: Base(0),
                import: Import(0),
                shape: ShapeId(0),
            },
            Op::Emit { src: Src(0) },
            Op::EmitText { text: Text(1) },
            Op::Ret {},
        ],
    );
    main.registers = 1;
    main.spans = vec![span(0, 1, 0), span(1, 1, 9), span(3, 1, 21)];
    proto(&mut draft, ProtoKind::Setup, &[Op::Ret {}]);
    draft.setup = ProtoId(1);
    draft
}

/// What `disassemble` says of it.
pub(crate) const GREETING_LISTING: &str = r#"template main.html

proto p0 main   registers 1
       | Hello {{ user.name | upper }}!
    0  emit_text      "Hello "                ; 1:0
    1  load_name      r0, user                ; 1:9
    2  get_attr       r0, r0, name
    3  filter         r0.., upper, (0)        ; 1:21
    4  emit           r0
    5  emit_text      "!"
    6  ret

proto p1 setup   registers 0
    0  ret
"#;

/// Every table has entries, every kind of region is there, and so are the ops
/// that have rules of their own.
pub(crate) fn full() -> Draft {
    let mut draft = Draft {
        name: "full.html".into(),
        ..Draft::default()
    };
    let names = [
        "",
        "user",
        "name",
        "upper",
        "odd",
        "x",
        "card",
        "default",
        "body",
        "base.html",
    ];
    symbols(&mut draft, &names);
    text(&mut draft, "Hällo ");
    draft.constants.push(Constant::Int(-7));
    let start = draft.text.len() as u32;
    draft.text.push_str("-123456789012345678901");
    draft
        .constants
        .push(Constant::Big(TextRange { start, len: 22 }));
    draft.constants.push(Constant::Float(0.5f64.to_bits()));
    draft.imports = vec![
        ImportEntry {
            kind: ImportKind::Filter,
            name: Sym(3),
        },
        ImportEntry {
            kind: ImportKind::Predicate,
            name: Sym(4),
        },
    ];
    draft.shapes = vec![
        Shape::default(),
        Shape {
            positional: 1,
            names: vec![],
        },
        Shape {
            positional: 0,
            names: vec![Sym(5)],
        },
        Shape {
            positional: 1,
            names: vec![Sym(5), Sym(1)],
        },
    ];
    draft.names = vec![vec![
        VisibleName {
            name: Sym(1),
            register: 0,
            shared: false,
        },
        VisibleName {
            name: Sym(5),
            register: 7,
            shared: true,
        },
    ]];
    draft.contents = vec![vec![SlotContent {
        name: Sym(7),
        proto: ProtoId(4),
        is_blank: false,
    }]];
    draft.overrides = vec![vec![Override {
        name: Sym(8),
        proto: ProtoId(4),
    }]];
    draft.blocks = vec![
        BlockEntry {
            name: Sym(8),
            proto: ProtoId(2),
            kind: BlockKind::Block,
        },
        BlockEntry {
            name: Sym(7),
            proto: ProtoId(2),
            kind: BlockKind::Fragment,
        },
        BlockEntry {
            name: Sym(6),
            proto: ProtoId(5),
            kind: BlockKind::Region,
        },
    ];
    draft.parent = Some(Sym(9));
    draft.extends = true;
    draft.first_async = Some((3, 4));
    draft.dependencies = vec![Dependency {
        kind: DependencyKind::Extends,
        name: Sym(9),
        line: 1,
    }];
    draft.setup = ProtoId(1);
    draft.source = Some("{% extends 'base.html' %}\n".into());

    let main = proto(&mut draft, ProtoKind::Main, &main_ops());
    (main.registers, main.iters, main.caps) = (8, 1, 2);
    main.regions = vec![
        Region {
            start: 3,
            end: 6,
            handler: 0,
            kind: WITH,
        },
        Region {
            start: 4,
            end: 5,
            handler: 0,
            kind: RegionKind::Capture { cap: 0 },
        },
        Region {
            start: 7,
            end: 8,
            handler: 9,
            kind: RegionKind::Guard,
        },
        Region {
            start: 13,
            end: 14,
            handler: 16,
            kind: RegionKind::Try { cap: 1 },
        },
        Region {
            start: 33,
            end: 34,
            handler: 0,
            kind: RegionKind::Capture { cap: 0 },
        },
        Region {
            start: 36,
            end: 37,
            handler: 0,
            kind: RegionKind::Provide,
        },
    ];
    main.spans = vec![span(0, 1, 0), span(1, 2, 3), span(46, 3, 4)];
    proto(&mut draft, ProtoKind::Setup, &[Op::Ret {}]);
    proto(&mut draft, ProtoKind::Block, &[Op::Ret {}]);
    let def = proto(&mut draft, ProtoKind::Def, &[Op::Ret {}]);
    def.registers = 5;
    let param = |name, role, has_default| ProtoParam {
        name,
        role,
        has_default,
    };
    def.params = vec![
        param(Sym(1), ParamRole::Plain, true),
        param(Sym(2), ParamRole::Rest, false),
        param(Sym(5), ParamRole::NamedRest, false),
    ];
    def.captures = vec![7, 0];
    def.own_context = true;
    let content = proto(&mut draft, ProtoKind::Content, &[Op::Ret {}]);
    content.registers = 1;
    content.captures = vec![7];
    let region = proto(&mut draft, ProtoKind::Region, &[Op::Ret {}]);
    region.registers = 1;
    region.params = vec![param(Sym(1), ParamRole::Named, true)];
    draft
}

pub(crate) const WITH: RegionKind = RegionKind::With {
    name: Sym(5),
    register: 3,
};

/// The op of `full` that has no region around it and that no jump names.
pub(crate) const FREE: u32 = 22;

/// The op of `full` that stands alone where the first capture is open.
pub(crate) const IN_CAPTURE: u32 = 33;

fn main_ops() -> [Op; 48] {
    let (r0, r1, base) = (Dst(0), Dst(1), Base(1));
    [
        Op::EmitText { text: Text(0) },
        Op::LoadName {
            dst: r0,
            sym: Sym(1),
        },
        Op::Bind {
            old: Dst(3),
            sym: Sym(5),
            src: Src(0),
        },
        Op::Capture { cap: Cap(0) },
        Op::GetAttr {
            dst: r1,
            src: Src(0),
            sym: Sym(2),
        },
        Op::CaptureEnd {
            dst: r1,
            cap: Cap(0),
        },
        Op::Unbind {
            sym: Sym(5),
            old: Src(3),
        },
        Op::LoadName {
            dst: Dst(2),
            sym: Sym(1),
        },
        Op::Jump { to: Jump(10) },
        Op::Unset {
            base: Base(2),
            count: Count(1),
        },
        Op::JumpMissing {
            src: Src(2),
            to: Jump(12),
        },
        Op::Emit { src: Src(2) },
        Op::Capture { cap: Cap(1) },
        Op::Block { sym: Sym(8) },
        Op::CaptureKeep { cap: Cap(1) },
        Op::Jump { to: Jump(17) },
        Op::LoadError { dst: Dst(4) },
        Op::Iter {
            it: It(0),
            src: Src(0),
        },
        Op::Jump { to: Jump(20) },
        Op::LoopAttr {
            dst: r1,
            it: It(0),
            attr: Small(0),
        },
        Op::Next {
            it: It(0),
            dst: r1,
            body: Back(19),
        },
        Op::IterEnd { it: It(0) },
        Op::Filter {
            base: Base(0),
            import: Import(0),
            shape: ShapeId(1),
        },
        Op::Predicate {
            base: Base(0),
            import: Import(1),
            shape: ShapeId(0),
        },
        Op::MakeDef {
            dst: Dst(5),
            proto: ProtoId(3),
            base: Base(6),
        },
        Op::MakeContent {
            dst: Dst(6),
            table: ContentId(0),
        },
        Op::CallContent {
            base: Base(4),
            shape: ShapeId(1),
        },
        Op::Include {
            src: Src(0),
            names: NamesId(0),
            flags: Small(4),
        },
        Op::Embed {
            src: Src(0),
            overrides: OverrideId(0),
            names: NamesId(0),
            flags: Small(0),
        },
        Op::Slot {
            sym: Sym(5),
            base: Base(0),
            shape: ShapeId(2),
        },
        Op::Trans {
            base: Base(0),
            shape: ShapeId(2),
        },
        Op::Range {
            dst: r0,
            base,
            inclusive: Small(1),
        },
        Op::CacheBegin {
            cap: Cap(0),
            base,
            to: Jump(35),
        },
        Op::Emit { src: Src(0) },
        Op::CacheEnd { cap: Cap(0), base },
        Op::Provide {
            sym: Sym(5),
            src: Src(0),
        },
        Op::Flush {},
        Op::Unprovide {},
        Op::LoadConst {
            dst: r0,
            value: Const(1),
        },
        Op::LoadBool {
            dst: r0,
            value: Small(1),
        },
        Op::Import {
            dst: r0,
            src: Src(1),
            flags: Small(3),
        },
        Op::CallMethod {
            base: Base(0),
            sym: Sym(2),
            shape: ShapeId(3),
        },
        Op::Dict {
            dst: r0,
            base,
            count: Count(2),
        },
        Op::Slice {
            dst: r0,
            src: Src(1),
            bounds: Base(2),
        },
        Op::Emit { src: Src(0) },
        Op::Again { to: Back(44) },
        Op::Extends { src: Src(0) },
        Op::Ret {},
    ]
}

pub(crate) fn span(pc: u32, line: u32, column: u32) -> SpanEntry {
    SpanEntry {
        pc,
        line,
        column,
        end_column: column + 1,
    }
}

/// Append a proto and its code.
pub(crate) fn proto<'a>(draft: &'a mut Draft, kind: ProtoKind, ops: &[Op]) -> &'a mut Proto {
    let code_start = draft.code.len() as u32;
    draft.code.extend(ops.iter().map(|op| op.encode()));
    draft.protos.push(Proto {
        kind,
        name: Sym(0),
        code_start,
        code_len: ops.len() as u32,
        registers: 0,
        iters: 0,
        caps: 0,
        params: vec![],
        captures: vec![],
        own_context: false,
        regions: vec![],
        spans: vec![],
    });
    draft.protos.last_mut().expect("just pushed")
}

fn symbols(draft: &mut Draft, names: &[&str]) {
    for name in names {
        let start = draft.text.len() as u32;
        draft.text.push_str(name);
        draft.symbols.push(TextRange {
            start,
            len: name.len() as u32,
        });
    }
}

fn text(draft: &mut Draft, text: &str) {
    let start = draft.text.len() as u32;
    draft.text.push_str(text);
    draft.constants.push(Constant::Text(TextRange {
        start,
        len: text.len() as u32,
    }));
}
