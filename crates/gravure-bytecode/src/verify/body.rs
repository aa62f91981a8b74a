//! Of one proto: its regions, then its ops.

use super::{Needs, Verdict, VerifyError, fail};
use crate::{
    AnyOperand, Back, Base, Cap, Constant, Draft, Import, ImportKind, Jump, Op, Opcode, Proto,
    ProtoKind, Region, RegionKind, ShapeId,
};

/// No region.
const NONE: u32 = u32::MAX;

/// A region that nobody is in.
const NOWHERE: u32 = u32::MAX - 1;

/// Where an op lies.
#[derive(Clone, Copy)]
pub(super) struct Place {
    /// The innermost region it is in.
    inner: u32,
    /// The innermost region that who jumps here must be in already: `inner`,
    /// but for guards that start here and for what takes a capture.
    entry: u32,
    /// Is it the handler of a `try`?
    is_handler: bool,
    /// Does it take a capture that is open here?
    takes_open: bool,
}

/// In no region.
const OUTSIDE: Place = Place {
    inner: NONE,
    entry: NONE,
    is_handler: false,
    takes_open: false,
};

/// One proto.
pub(super) struct Body<'a> {
    pub(super) draft: &'a Draft,
    pub(super) needs: &'a Needs,
    pub(super) id: usize,
    pub(super) proto: &'a Proto,
    pub(super) code: &'a [u64],
    /// One an op; empty if the proto has no regions and captures nothing.
    pub(super) places: Vec<Place>,
}

impl Body<'_> {
    fn op(&self, pc: u32) -> Option<Op> {
        self.code
            .get(pc as usize)
            .and_then(|&word| Op::decode(word))
    }

    fn place(&self, pc: u32) -> Place {
        self.places.get(pc as usize).copied().unwrap_or(OUTSIDE)
    }

    /// Is an op in a region? Every op is in no region, and no op is nowhere.
    fn contains(&self, region: u32, pc: u32) -> bool {
        let regions = &self.proto.regions;
        let is_in = |it: &Region| (it.start..it.end).contains(&pc);
        region == NONE || regions.get(region as usize).is_some_and(is_in)
    }

    /// V20: a region lies inside the proto, with an op behind it; there are not
    /// more regions than ops.
    /// V21: regions are sorted by start and nest, the outer one first.
    pub(super) fn regions(&mut self) -> Verdict {
        let regions = &self.proto.regions;
        self.places.clear();
        if regions.is_empty() && self.proto.caps == 0 {
            return Ok(());
        }
        if regions.len() > self.code.len() {
            return fail("V20", "more regions than ops");
        }
        self.places.resize(self.code.len(), OUTSIDE);
        let mut open = Open {
            regions,
            stack: Vec::new(),
        };
        let (mut parents, mut last) = (Vec::with_capacity(regions.len()), 0);
        for (id, region) in regions.iter().enumerate() {
            if region.start > region.end || region.end >= self.proto.code_len {
                return fail("V20", format!("region {id}"));
            }
            let parent = open.at(region.start);
            let sticks_out = regions
                .get(parent as usize)
                .is_some_and(|it| region.end > it.end);
            if region.start < last || sticks_out {
                return fail("V21", format!("region {id}"));
            }
            last = region.start;
            parents.push(parent);
            open.stack.push(id as u32);
        }
        let mut open = Open {
            regions,
            stack: Vec::new(),
        };
        let mut coming = regions.iter().enumerate().peekable();
        for (pc, place) in self.places.iter_mut().enumerate() {
            let pc = pc as u32;
            place.entry = open.at(pc);
            while let Some((id, region)) = coming.next_if(|(_, it)| it.start == pc) {
                if region.end > pc {
                    open.stack.push(id as u32);
                    if region.kind != RegionKind::Guard {
                        place.entry = id as u32;
                    }
                }
            }
            place.inner = open.at(pc);
        }
        if self.proto.caps > 0 {
            self.taking();
        }
        for (region, parent) in regions.iter().zip(parents) {
            self.region(region, parent).map_err(|e| VerifyError {
                pc: Some(region.start),
                ..e
            })?;
        }
        Ok(())
    }

    /// Where output may be taken: in a region of its capture, at the end of one,
    /// and, where nothing is captured, right behind the op that opens. To the
    /// last two nobody jumps from outside.
    fn taking(&mut self) {
        let regions = &self.proto.regions;
        let mut coming = regions.iter().peekable();
        // For each capture, what lies behind the last op that may take it.
        let mut open_until = vec![0; usize::from(self.proto.caps)];
        let mut opened = None;
        for (pc, (place, &word)) in self.places.iter_mut().zip(self.code).enumerate() {
            let pc = pc as u32;
            while let Some(region) = coming.next_if(|it| it.start == pc) {
                if let Some(until) = captured(region.kind).and_then(|it| open_until.get_mut(it)) {
                    *until = region.end.saturating_add(1).max(*until);
                }
            }
            let (opens, takes) = capturing(word);
            if let Some(cap) = takes {
                place.takes_open = open_until.get(cap.index()).is_some_and(|&it| pc < it);
                if opened == takes {
                    place.takes_open = true;
                    place.entry = NOWHERE;
                }
            }
            opened = opens;
        }
        for (id, region) in regions.iter().enumerate() {
            if captured(region.kind).is_some()
                && let Some(place) = self.places.get_mut(region.end as usize)
            {
                place.entry = id as u32;
            }
        }
    }

    /// V22: its registers, captures and names exist.
    /// V23: one that opens something starts behind the op that opens it, which
    /// lies directly in the region around it.
    /// V24: and ends at an op that closes it, likewise.
    /// V25: one that catches has a handler behind it, directly in the region
    /// around it; that of a `try` begins with `load_error`. Others have none.
    fn region(&mut self, region: &Region, parent: u32) -> Verdict {
        let exists = match region.kind {
            RegionKind::Guard | RegionKind::Provide => true,
            RegionKind::Try { cap } | RegionKind::Capture { cap } => cap < self.proto.caps,
            RegionKind::With { name, register } => {
                name.index() < self.draft.symbols.len() && register < self.proto.registers
            }
        };
        if !exists {
            return fail("V22", format!("{:?}", region.kind));
        }
        if region.kind != RegionKind::Guard {
            let opener = region.start.checked_sub(1);
            let opener = opener.filter(|&pc| self.place(pc).inner == parent);
            if !opener
                .and_then(|pc| self.op(pc))
                .is_some_and(|op| opens(op, region.kind))
            {
                return fail("V23", format!("nothing opens {:?}", region.kind));
            }
            let closer = Some(region.end).filter(|&pc| self.place(pc).inner == parent);
            if !closer
                .and_then(|pc| self.op(pc))
                .is_some_and(|op| closes(op, region.kind))
            {
                return fail("V24", format!("nothing closes {:?}", region.kind));
            }
        }
        let handler = region.handler;
        if !matches!(region.kind, RegionKind::Guard | RegionKind::Try { .. }) {
            return match handler {
                0 => Ok(()),
                _ => fail("V25", "a handler of what catches nothing"),
            };
        }
        let (inner, len) = (self.place(handler).inner, self.proto.code_len);
        if handler < region.end || handler >= len || inner != parent {
            return fail("V25", format!("handler @{handler}"));
        }
        if matches!(region.kind, RegionKind::Try { .. }) {
            if !matches!(self.op(handler), Some(Op::LoadError { .. })) {
                return fail("V25", format!("handler @{handler} loads no error"));
            }
            if let Some(place) = self.places.get_mut(handler as usize) {
                place.is_handler = true;
            }
        }
        Ok(())
    }

    /// V30: every word is an op with zeros behind its operands.
    /// V31: the last op is `ret`.
    pub(super) fn ops(&self) -> Verdict {
        for (pc, &word) in self.code.iter().enumerate() {
            let pc = pc as u32;
            let mut kept = Ok(());
            let is_op = Op::operands_of(word, &mut |operand| {
                if kept.is_ok() {
                    kept = self.operand(pc, operand);
                }
            });
            if !is_op {
                kept = Err(V30);
            }
            if kept.is_ok() && HAS_RULES.get((word & 0xff) as usize) == Some(&true) {
                kept = Op::decode(word).map_or(Err(V30), |op| self.op_rules(pc, op));
            }
            if let Err(Broken(rule)) = kept {
                return broken(rule, pc, word);
            }
        }
        match self.code.last().and_then(|&word| Op::decode(word)) {
            Some(Op::Ret {}) => Ok(()),
            _ => fail("V31", "the last op is not `ret`"),
        }
    }

    #[inline(always)]
    fn operand(&self, pc: u32, operand: AnyOperand) -> Kept {
        let (draft, proto) = (self.draft, self.proto);
        match operand {
            AnyOperand::Dst(it) => V32.unless(it.0 < proto.registers),
            AnyOperand::Src(it) => V32.unless(it.0 < proto.registers),
            AnyOperand::It(it) => V33.unless(it.0 < proto.iters),
            AnyOperand::Cap(it) => V33.unless(it.0 < proto.caps),
            AnyOperand::Const(it) => V34.unless(it.index() < draft.constants.len()),
            AnyOperand::Text(it) => {
                let constant = draft.constants.get(it.index());
                V34.unless(matches!(constant, Some(Constant::Text(_))))
            }
            AnyOperand::Sym(it) => V35.unless(it.index() < draft.symbols.len()),
            AnyOperand::Import(it) => V35.unless(it.index() < draft.imports.len()),
            AnyOperand::ShapeId(it) => V35.unless(it.index() < draft.shapes.len()),
            AnyOperand::ProtoId(it) => V35.unless(it.index() < draft.protos.len()),
            AnyOperand::NamesId(it) => V35.unless(it.index() < draft.names.len()),
            AnyOperand::ContentId(it) => V35.unless(it.index() < draft.contents.len()),
            AnyOperand::OverrideId(it) => V35.unless(it.index() < draft.overrides.len()),
            AnyOperand::Jump(Jump(to)) => {
                V36.unless(pc < to && to < proto.code_len)?;
                V38.unless(self.contains(self.place(to).entry, pc))
            }
            AnyOperand::Back(Back(to)) => {
                V37.unless(to <= pc && self.contains(self.place(pc).inner, to))?;
                V38.unless(self.contains(self.place(to).entry, pc))
            }
            // What these mean only the op knows: `op_rules`.
            AnyOperand::Base(_) | AnyOperand::Count(_) => Ok(()),
            AnyOperand::Small(_) | AnyOperand::Imm(_) => Ok(()),
        }
    }

    fn op_rules(&self, pc: u32, op: Op) -> Kept {
        let (draft, needs) = (self.draft, self.needs);
        match op {
            Op::Call { base, shape }
            | Op::CallOptional { base, shape }
            | Op::CallEmit { base, shape }
            | Op::CallMethod { base, shape, .. } => self.call(base, 1, shape),
            Op::Filter {
                base,
                import,
                shape,
            } => {
                self.import(import, ImportKind::Filter)?;
                self.call(base, 1, shape)
            }
            Op::Predicate {
                base,
                import,
                shape,
            } => {
                self.import(import, ImportKind::Predicate)?;
                self.call(base, 1, shape)
            }
            Op::CallContent { base, shape } => self.call(base, 2, shape),
            Op::Slot { base, shape, .. } => {
                self.named_only(shape)?;
                self.window(base, self.arguments(shape))
            }
            Op::Trans { base, shape } => {
                self.named_only(shape)?;
                self.window(base, 2 + self.arguments(shape))
            }
            Op::Slice { bounds: base, .. } => self.window(base, 3),
            Op::CacheBegin { base, .. } => self.window(base, 3),
            Op::CacheEnd { base, .. } => {
                V49.unless(self.place(pc).takes_open)?;
                self.window(base, 3)
            }
            Op::Range {
                base, inclusive, ..
            } => {
                V41.unless(inclusive.0 <= 1)?;
                self.window(base, 3)
            }
            Op::Unset { base, count }
            | Op::Unpack { base, count, .. }
            | Op::UnpackIndex { base, count, .. }
            | Op::Concat { base, count, .. }
            | Op::List { base, count, .. }
            | Op::Tuple { base, count, .. } => self.window(base, u64::from(count.0)),
            Op::Dict { base, count, .. } => self.window(base, 2 * u64::from(count.0)),
            Op::MakeDef { proto, base, .. } => {
                let kind = draft.proto(proto).map(|it| it.kind);
                V43.unless(matches!(kind, Some(ProtoKind::Def | ProtoKind::Region)))?;
                self.taken(&needs.captures, proto.index())?;
                let defaults = needs.defaults.get(proto.index()).copied().unwrap_or(0);
                self.window(base, u64::from(defaults))
            }
            Op::MakeContent { table, .. } => self.taken(&needs.contents, table.index()),
            Op::Include { names, flags, .. } => {
                V41.unless(flags.0 & !7 == 0)?;
                self.taken(&needs.names, names.index())
            }
            Op::Embed {
                overrides,
                names,
                flags,
                ..
            } => {
                V41.unless(flags.0 & !5 == 0)?;
                self.taken(&needs.overrides, overrides.index())?;
                self.taken(&needs.names, names.index())
            }
            Op::Import { flags, .. } => V41.unless(flags.0 & !3 == 0),
            Op::LoadBool { value, .. } => V41.unless(value.0 <= 1),
            Op::IterAsync { flags, .. } | Op::LoopCell { flags, .. } => V41.unless(flags.0 <= 1),
            Op::LoopAttr { attr, .. } => V41.unless(attr.0 <= 9),
            Op::Extends { .. } => {
                let is_last = self.proto.code_len.checked_sub(2) == Some(pc);
                V46.unless(self.id == 0 && is_last && draft.extends)
            }
            Op::LoadError { .. } => V47.unless(self.place(pc).is_handler),
            Op::CaptureEnd { .. }
            | Op::CaptureDrop { .. }
            | Op::SpacelessEnd { .. }
            | Op::PushEnd { .. } => V49.unless(self.place(pc).takes_open),
            _ => Ok(()),
        }
    }

    fn window(&self, base: Base, len: u64) -> Kept {
        V40.unless(u64::from(base.0) + len <= u64::from(self.proto.registers))
    }

    /// A window of so many registers beside the arguments.
    fn call(&self, base: Base, others: u64, shape: ShapeId) -> Kept {
        V48.unless(self.needs.distinct.get(shape.index()) == Some(&true))?;
        self.window(base, others + self.arguments(shape))
    }

    fn arguments(&self, shape: ShapeId) -> u64 {
        self.draft.shape(shape).map_or(0, |it| it.len() as u64)
    }

    fn import(&self, import: Import, kind: ImportKind) -> Kept {
        let import = self.draft.imports.get(import.index());
        V42.unless(import.is_some_and(|it| it.kind == kind))
    }

    fn named_only(&self, shape: ShapeId) -> Kept {
        V45.unless(self.draft.shape(shape).is_some_and(|it| it.positional == 0))
    }

    fn taken(&self, needs: &[u32], id: usize) -> Kept {
        let registers = u32::from(self.proto.registers);
        V44.unless(needs.get(id).is_some_and(|&need| need <= registers))
    }
}

/// A rule about ops that may be broken: its number, then what breaks it. Such
/// an answer fits two machine words, and millions of them are asked for.
#[derive(Clone, Copy)]
struct Broken(&'static str);

type Kept = Result<(), Broken>;

impl Broken {
    #[inline(always)]
    fn unless(self, good: bool) -> Kept {
        if good { Ok(()) } else { Err(self) }
    }
}

const V30: Broken = Broken("V30 no op");
const V32: Broken = Broken("V32 a register that the frame has not");
const V33: Broken = Broken("V33 an iterator or capture that the frame has not");
const V34: Broken = Broken("V34 no such constant, or no text");
const V35: Broken = Broken("V35 no such symbol, import, shape, proto or table");
const V36: Broken = Broken("V36 a jump does not go forward to an op of the proto");
const V37: Broken = Broken("V37 a jump back goes forward, or leaves a region");
const V38: Broken = Broken("V38 a jump lands inside a region, or where it is taken, from outside");
const V40: Broken = Broken("V40 a window of registers does not fit the frame");
const V41: Broken = Broken("V41 a small number that means nothing");
const V42: Broken = Broken("V42 a filter that is imported as a predicate, or the reverse");
const V43: Broken = Broken("V43 what is made is no def and no region");
const V44: Broken = Broken("V44 a table or made proto takes registers that the frame has not");
const V45: Broken = Broken("V45 a slot or translation with positional values");
const V46: Broken = Broken("V46 `extends` is not the last but one op of a main proto that extends");
const V47: Broken = Broken("V47 `load_error` is not the first op of a `try` handler");
const V48: Broken = Broken("V48 a call with one name twice");
const V49: Broken = Broken("V49 what is taken is no open capture");

#[cold]
fn broken(rule: &'static str, pc: u32, word: u64) -> Verdict {
    let (rule, what) = rule.split_once(' ').unwrap_or((rule, ""));
    let message = match Op::decode(word) {
        Some(op) => format!("{what}: {op:?}"),
        None => format!("{what}: {word:#018x}"),
    };
    let at = |error| VerifyError {
        pc: Some(pc),
        ..error
    };
    fail(rule, message).map_err(at)
}

/// Which opcodes `op_rules` may have something to say about: those with an
/// operand that means nothing without its op, and those that only some places
/// may have.
/// All others are not decoded a second time.
pub(super) const HAS_RULES: [bool; Opcode::ALL.len()] = {
    let mut has = [false; Opcode::ALL.len()];
    let mut at = 0;
    while at < has.len() {
        let fields = Opcode::ALL[at].fields();
        let mut field = 0;
        while field < fields.len() {
            has[at] |= !is_judged_alone(fields[field].1);
            field += 1;
        }
        at += 1;
    }
    has[Opcode::Extends as usize] = true;
    has[Opcode::LoadError as usize] = true;
    at = 0;
    while at < has.len() {
        has[at] |= CAPTURES[at];
        at += 1;
    }
    has
};

/// Which opcodes open a capture, or take its output.
const CAPTURES: [bool; Opcode::ALL.len()] = {
    let mut captures = [false; Opcode::ALL.len()];
    captures[Opcode::Capture as usize] = true;
    captures[Opcode::CacheBegin as usize] = true;
    captures[Opcode::CaptureEnd as usize] = true;
    captures[Opcode::CaptureDrop as usize] = true;
    captures[Opcode::SpacelessEnd as usize] = true;
    captures[Opcode::PushEnd as usize] = true;
    captures[Opcode::CacheEnd as usize] = true;
    captures
};

/// Kinds of operands of which everything is said once they are in range.
const fn is_judged_alone(kind: &str) -> bool {
    const ALONE: [&str; 10] = [
        "Dst", "Src", "It", "Cap", "Const", "Text", "Sym", "Jump", "Back", "Imm",
    ];
    let mut at = 0;
    while at < ALONE.len() {
        if is_same(kind.as_bytes(), ALONE[at].as_bytes()) {
            return true;
        }
        at += 1;
    }
    false
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    at == a.len() && at == b.len()
}

/// Regions that are open while pcs are gone through in order.
struct Open<'a> {
    regions: &'a [Region],
    stack: Vec<u32>,
}

impl Open<'_> {
    /// The innermost one at a pc.
    fn at(&mut self, pc: u32) -> u32 {
        let ended = |id: &mut u32| self.regions.get(*id as usize).is_none_or(|it| it.end <= pc);
        while self.stack.pop_if(ended).is_some() {}
        self.stack.last().copied().unwrap_or(NONE)
    }
}

/// The capture that is open in such a region.
fn captured(kind: RegionKind) -> Option<usize> {
    match kind {
        RegionKind::Try { cap } | RegionKind::Capture { cap } => Some(usize::from(cap)),
        _ => None,
    }
}

/// The capture that an op opens, and the one of which it takes the output.
fn capturing(word: u64) -> (Option<Cap>, Option<Cap>) {
    if CAPTURES.get((word & 0xff) as usize) != Some(&true) {
        return (None, None);
    }
    match Op::decode(word) {
        Some(Op::Capture { cap } | Op::CacheBegin { cap, .. }) => (Some(cap), None),
        Some(
            Op::CaptureEnd { cap, .. }
            | Op::CaptureDrop { cap }
            | Op::SpacelessEnd { cap }
            | Op::PushEnd { cap, .. }
            | Op::CacheEnd { cap, .. },
        ) => (None, Some(cap)),
        _ => (None, None),
    }
}

fn opens(op: Op, kind: RegionKind) -> bool {
    match (op, kind) {
        (Op::Capture { cap }, RegionKind::Try { cap: of } | RegionKind::Capture { cap: of })
        | (Op::CacheBegin { cap, .. }, RegionKind::Capture { cap: of }) => cap == Cap(of),
        (Op::Bind { old, sym, .. }, RegionKind::With { name, register }) => {
            old.0 == register && sym == name
        }
        (Op::Provide { .. }, RegionKind::Provide) => true,
        _ => false,
    }
}

fn closes(op: Op, kind: RegionKind) -> bool {
    match (op, kind) {
        (
            Op::CaptureEnd { cap, .. }
            | Op::CaptureDrop { cap }
            | Op::CaptureKeep { cap }
            | Op::SpacelessEnd { cap }
            | Op::PushEnd { cap, .. }
            | Op::CacheEnd { cap, .. },
            RegionKind::Try { cap: of } | RegionKind::Capture { cap: of },
        ) => cap == Cap(of),
        (Op::Unbind { sym, old }, RegionKind::With { name, register }) => {
            old.0 == register && sym == name
        }
        (Op::Unprovide {}, RegionKind::Provide) => true,
        _ => false,
    }
}
