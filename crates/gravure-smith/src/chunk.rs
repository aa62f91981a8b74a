//! Chunks that always verify: drafts written op by op, without a template.
//!
//! A compiler writes a small part of what the verifier lets through. Here are
//! ops in orders that no template leads to, with regions, loops and jumps that
//! nest as the rules want it. Every register is written before it may be read,
//! so all ways of running such a chunk must give the same.

use arbitrary::{Arbitrary, Result, Unstructured};
use gravure_bytecode::*;

/// A chunk. Its main proto asks for the names `n`, `s`, `xs` and `d`, which a
/// context may have or not.
#[derive(Clone, Debug)]
pub struct Program(pub Chunk);

impl Program {
    /// The chunk that these bytes make; `None` if they are too few.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Self::arbitrary(&mut Unstructured::new(bytes)).ok()
    }
}

impl<'b> Arbitrary<'b> for Program {
    fn arbitrary(bytes: &mut Unstructured<'b>) -> Result<Self> {
        let draft = draft(bytes)?;
        Ok(Self(
            Chunk::new(draft).expect("what is written here follows the rules"),
        ))
    }
}

/// Registers that always hold something.
const LIVE: u16 = 8;
/// Registers of a frame: the live ones, a window of four, and what `bind` saves.
const WINDOW: u16 = LIVE;
const SAVED: u16 = LIVE + 4;
const DEPTH: u16 = 3;
const REGISTERS: u16 = SAVED + DEPTH + 1;

/// Names, by their number.
const NAMES: &[&str] = &[
    "", "n", "s", "xs", "d", "a", "b", "upper", "length", "odd", "css",
];
/// The first four constants are texts.
const TEXTS: &[&str] = &["text ", "<b>&</b>", "é😀", ""];

fn draft(bytes: &mut Unstructured<'_>) -> Result<Draft> {
    let mut draft = Draft {
        name: crate::MAIN.to_owned(),
        escape: [Escape::Html, Escape::Text][usize::from(bytes.int_in_range(0..=1u8)?)],
        ..Draft::default()
    };
    for name in NAMES {
        let range = put(&mut draft.text, name);
        draft.symbols.push(range);
    }
    for text in TEXTS {
        let range = put(&mut draft.text, text);
        draft.constants.push(Constant::Text(range));
    }
    let digits = put(&mut draft.text, "-123456789012345678901234567890");
    draft.constants.push(Constant::Big(digits));
    draft
        .constants
        .push(Constant::Int(bytes.arbitrary::<i64>()?));
    draft.constants.push(Constant::Float(2.5f64.to_bits()));
    for (kind, name) in [
        (ImportKind::Filter, 7),
        (ImportKind::Filter, 8),
        (ImportKind::Predicate, 9),
    ] {
        let name = Sym(name);
        draft.imports.push(ImportEntry { kind, name });
    }
    draft.shapes.push(Shape::default());
    draft.shapes.push(Shape {
        positional: 1,
        names: Vec::new(),
    });
    draft.shapes.push(Shape {
        positional: 1,
        names: vec![Sym(6)],
    });
    for kind in [ProtoKind::Main, ProtoKind::Setup, ProtoKind::Def] {
        let mut body = Body::new(bytes, kind == ProtoKind::Main);
        body.begin(kind)?;
        if kind != ProtoKind::Setup {
            body.ops(DEPTH)?;
        }
        body.code.push(Op::Ret {});
        let params = match kind {
            ProtoKind::Def => vec![param(5, false), param(6, true)],
            _ => Vec::new(),
        };
        draft.protos.push(Proto {
            kind,
            name: Sym(0),
            code_start: draft.code.len() as u32,
            code_len: body.code.len() as u32,
            registers: REGISTERS,
            iters: DEPTH + 1,
            caps: DEPTH + 1,
            params,
            captures: Vec::new(),
            own_context: kind == ProtoKind::Def,
            regions: body.sorted_regions(),
            spans: vec![SpanEntry {
                pc: 0,
                line: 1,
                column: 0,
                end_column: 1,
            }],
        });
        draft.code.extend(body.code.iter().map(|op| op.encode()));
    }
    draft.setup = ProtoId(1);
    Ok(draft)
}

fn put(text: &mut SharedText, part: &str) -> TextRange {
    let start = text.len() as u32;
    text.push_str(part);
    TextRange {
        start,
        len: part.len() as u32,
    }
}

fn param(name: u32, has_default: bool) -> ProtoParam {
    ProtoParam {
        name: Sym(name),
        role: ParamRole::Plain,
        has_default,
    }
}

/// One proto while it is written.
struct Body<'a, 'b> {
    bytes: &'a mut Unstructured<'b>,
    code: Vec<Op>,
    regions: Vec<Region>,
    /// May it call the def?
    may_call: bool,
    /// How many ops may still be chosen.
    left: u32,
}

impl<'a, 'b> Body<'a, 'b> {
    fn new(bytes: &'a mut Unstructured<'b>, may_call: bool) -> Self {
        Self {
            bytes,
            code: Vec::new(),
            regions: Vec::new(),
            may_call,
            left: 60,
        }
    }

    fn pc(&self) -> u32 {
        self.code.len() as u32
    }

    fn below(&mut self, bound: u16) -> Result<u16> {
        self.bytes.int_in_range(0..=bound.saturating_sub(1))
    }

    fn src(&mut self) -> Result<Src> {
        Ok(Src(self.below(LIVE)?))
    }

    /// Not of the parameters, which a def may share with its caller.
    fn dst(&mut self) -> Result<Dst> {
        Ok(Dst(self.below(LIVE)?))
    }

    /// Something in every register that may be read.
    fn begin(&mut self, kind: ProtoKind) -> Result<()> {
        let first = if kind == ProtoKind::Def { 2 } else { 0 };
        for at in first..REGISTERS {
            let dst = Dst(at);
            let op = match (at, self.below(8)?) {
                (WINDOW.., _) => Op::LoadNone { dst },
                (_, 0) => Op::LoadInt {
                    dst,
                    value: Imm(i32::from(self.below(9)?)),
                },
                (_, 1 | 2) => Op::LoadConst {
                    dst,
                    value: Const(u32::from(self.below(7)?)),
                },
                (_, 3) => Op::LoadBool {
                    dst,
                    value: Small(1),
                },
                (_, 4) => Op::LoadUndefined { dst },
                (_, n) => Op::ProbeName {
                    dst,
                    sym: Sym(u32::from(n).saturating_sub(4).max(1)),
                },
            };
            self.code.push(op);
            // A name that is not there leaves the register unset.
            if matches!(op, Op::ProbeName { .. }) {
                let to = Jump(self.pc() + 2);
                self.code.push(Op::JumpSet { src: Src(at), to });
                self.code.push(Op::LoadNone { dst });
            }
        }
        Ok(())
    }

    fn ops(&mut self, depth: u16) -> Result<()> {
        for _ in 0..=self.below(6)? {
            if self.left == 0 {
                break;
            }
            self.left -= 1;
            match self.below(if depth == 0 { 6 } else { 12 })? {
                0..=2 => self.plain()?,
                3 => self.operator()?,
                4 => self.built()?,
                5 => self.called()?,
                6 => self.choice(depth)?,
                7 | 8 => self.each(depth)?,
                9 => self.captured(depth)?,
                10 => self.attempt(depth)?,
                _ => self.bound(depth)?,
            }
        }
        Ok(())
    }

    fn plain(&mut self) -> Result<()> {
        let (dst, src) = (self.dst()?, self.src()?);
        let sym = Sym(u32::from(1 + self.below(6)?));
        let op = match self.below(10)? {
            0 | 1 => Op::Emit { src },
            2 => Op::EmitText {
                text: Text(u32::from(self.below(4)?)),
            },
            3 => Op::EmitOptional { src },
            4 => Op::EmitRaw { src },
            5 => Op::Move { dst, src },
            6 => Op::StoreName { sym, src },
            7 => Op::GetAttrOptional { dst, src, sym },
            8 => Op::Stack { sym: Sym(10) },
            _ => Op::Flush {},
        };
        self.code.push(op);
        Ok(())
    }

    fn operator(&mut self) -> Result<()> {
        let (dst, lhs, rhs) = (self.dst()?, self.src()?, self.src()?);
        let op = match self.below(16)? {
            0 => Op::Add { dst, lhs, rhs },
            1 => Op::Sub { dst, lhs, rhs },
            2 => Op::Mul { dst, lhs, rhs },
            3 => Op::Div { dst, lhs, rhs },
            4 => Op::FloorDiv { dst, lhs, rhs },
            5 => Op::Modulo { dst, lhs, rhs },
            6 => Op::Eq { dst, lhs, rhs },
            7 => Op::Ne { dst, lhs, rhs },
            8 => Op::Lt { dst, lhs, rhs },
            9 => Op::Contains { dst, lhs, rhs },
            10 => Op::Same { dst, lhs, rhs },
            11 => Op::Not { dst, src: lhs },
            12 => Op::Neg { dst, src: lhs },
            13 => Op::Coerce { dst, src: lhs },
            14 => Op::IsDefined { dst, src: lhs },
            _ => Op::GetItemOptional {
                dst,
                src: lhs,
                key: rhs,
            },
        };
        self.code.push(op);
        Ok(())
    }

    /// Copies into the window.
    fn window(&mut self, n: u16) -> Result<Base> {
        for at in 0..n {
            let (dst, src) = (Dst(WINDOW + at), self.src()?);
            self.code.push(Op::Move { dst, src });
        }
        Ok(Base(WINDOW))
    }

    fn built(&mut self) -> Result<()> {
        let n = self.below(5)?;
        let base = self.window(n)?;
        let (dst, count) = (self.dst()?, Count(n));
        let op = match self.below(4)? {
            0 => Op::List { dst, base, count },
            1 => Op::Tuple { dst, base, count },
            2 => Op::Dict {
                dst,
                base,
                count: Count(n / 2),
            },
            _ => Op::Concat { dst, base, count },
        };
        self.code.push(op);
        Ok(())
    }

    fn called(&mut self) -> Result<()> {
        let which = self.below(4)?;
        let base = self.window(3)?;
        match which {
            0 => {
                let import = Import(self.below(2)?);
                let shape = ShapeId(0);
                self.code.push(Op::Filter {
                    base,
                    import,
                    shape,
                });
            }
            1 => self.code.push(Op::Predicate {
                base,
                import: Import(2),
                shape: ShapeId(0),
            }),
            _ if !self.may_call => {}
            _ => {
                self.code.push(Op::MakeDef {
                    dst: Dst(WINDOW),
                    proto: ProtoId(2),
                    base: Base(WINDOW + 1),
                });
                let shape = ShapeId(1 + self.below(2)?);
                self.code.push(match which {
                    2 => Op::Call { base, shape },
                    _ => Op::CallEmit { base, shape },
                });
                if which == 3 {
                    // What it leaves in the window is no promise.
                    self.code.push(Op::LoadNone { dst: Dst(WINDOW) });
                }
            }
        }
        let dst = self.dst()?;
        self.code.push(Op::Move {
            dst,
            src: Src(WINDOW),
        });
        Ok(())
    }

    /// A jump that is told later where to go.
    fn hole(&mut self) -> usize {
        self.code.push(Op::Flush {});
        self.code.len() - 1
    }

    fn fill(&mut self, hole: usize, op: Op) {
        if let Some(it) = self.code.get_mut(hole) {
            *it = op;
        }
    }

    fn choice(&mut self, depth: u16) -> Result<()> {
        let (src, way) = (self.src()?, self.below(5)?);
        let over = self.hole();
        self.ops(depth - 1)?;
        let behind = self.hole();
        let to = Jump(self.pc());
        self.fill(
            over,
            match way {
                0 => Op::JumpIf { src, to },
                1 => Op::JumpUnless { src, to },
                2 => Op::JumpSet { src, to },
                3 => Op::JumpNone { src, to },
                _ => Op::JumpMissing { src, to },
            },
        );
        self.ops(depth - 1)?;
        let to = Jump(self.pc());
        self.fill(behind, Op::Jump { to });
        self.code.push(Op::Flush {});
        Ok(())
    }

    fn each(&mut self, depth: u16) -> Result<()> {
        let (it, dst) = (It(depth), self.dst()?);
        // A short list, or whatever a register has.
        let src = match self.below(3)? {
            0 => self.src()?,
            _ => {
                let n = self.below(4)?;
                let base = self.window(n)?;
                self.code.push(Op::List {
                    dst: Dst(WINDOW),
                    base,
                    count: Count(n),
                });
                Src(WINDOW)
            }
        };
        self.code.push(Op::Iter { it, src });
        let first = self.hole();
        let body = Back(self.pc());
        if self.below(2)? == 0 {
            let attr = Small(self.below(9)? as _);
            let dst = self.dst()?;
            self.code.push(Op::LoopAttr { dst, it, attr });
        }
        self.ops(depth - 1)?;
        // A body must not be empty: there is always something to come back to.
        self.code.push(Op::Emit { src: Src(dst.0) });
        let to = Jump(self.pc());
        self.fill(first, Op::Jump { to });
        self.code.push(Op::Next { it, dst, body });
        self.code.push(Op::IterEnd { it });
        Ok(())
    }

    fn captured(&mut self, depth: u16) -> Result<()> {
        let cap = Cap(depth);
        self.code.push(Op::Capture { cap });
        let start = self.pc();
        self.ops(depth - 1)?;
        self.code.push(Op::Flush {});
        self.region(start, 0, RegionKind::Capture { cap: depth });
        let dst = self.dst()?;
        let op = match self.below(5)? {
            0 | 1 => Op::CaptureEnd { dst, cap },
            2 => Op::CaptureKeep { cap },
            3 => Op::SpacelessEnd { cap },
            _ => Op::PushEnd { cap, sym: Sym(10) },
        };
        self.code.push(op);
        Ok(())
    }

    fn attempt(&mut self, depth: u16) -> Result<()> {
        let cap = Cap(depth);
        self.code.push(Op::Capture { cap });
        let start = self.pc();
        self.ops(depth - 1)?;
        self.code.push(Op::Flush {});
        let end = self.pc();
        self.code.push(Op::CaptureKeep { cap });
        let behind = self.hole();
        let handler = self.pc();
        self.regions.push(Region {
            start,
            end,
            handler,
            kind: RegionKind::Try { cap: depth },
        });
        let dst = self.dst()?;
        self.code.push(Op::LoadError { dst });
        self.ops(depth - 1)?;
        let to = Jump(self.pc());
        self.fill(behind, Op::Jump { to });
        self.code.push(Op::Flush {});
        Ok(())
    }

    /// `with` or `provide`.
    fn bound(&mut self, depth: u16) -> Result<()> {
        let (sym, src) = (Sym(u32::from(1 + self.below(6)?)), self.src()?);
        let register = SAVED + depth;
        let is_with = self.below(2)? == 0;
        self.code.push(match is_with {
            true => Op::Bind {
                old: Dst(register),
                sym,
                src,
            },
            false => Op::Provide { sym, src },
        });
        let start = self.pc();
        self.ops(depth - 1)?;
        self.code.push(Op::Flush {});
        let (kind, close) = match is_with {
            true => (
                RegionKind::With {
                    name: sym,
                    register,
                },
                Op::Unbind {
                    sym,
                    old: Src(register),
                },
            ),
            false => (RegionKind::Provide, Op::Unprovide {}),
        };
        self.region(start, 0, kind);
        self.code.push(close);
        Ok(())
    }

    /// A region up to here.
    fn region(&mut self, start: u32, handler: u32, kind: RegionKind) {
        let end = self.pc();
        self.regions.push(Region {
            start,
            end,
            handler,
            kind,
        });
    }

    /// By start, the outer one first.
    fn sorted_regions(&self) -> Vec<Region> {
        let mut regions = self.regions.clone();
        regions.sort_by_key(|it| (it.start, std::cmp::Reverse(it.end)));
        regions
    }
}
