//! One proto while it is being written: its code, its names, what is open.

use crate::bindings::{Bindings, Local};
use crate::labels::{Label, Labels};
use crate::registers::Registers;
use gravure_bytecode::{Op, ProtoId, ProtoKind, ProtoParam, RegionKind, SpanEntry, Sym};
use gravure_source::{Span, Symbol};
use gravure_syntax::ast::FilterStep;

/// One place where a name of the enclosing proto may be found, as seen from
/// inside a def, content or override.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Found {
    /// Certainly here.
    Local(u16, Local),
    /// Here if it is set.
    Var(u16),
    /// In the shared variable here, if that is set.
    Shared(u16),
}

/// What a unit knows of one name of the proto around it.
#[derive(Debug)]
pub(crate) struct Captured {
    pub(crate) name: Symbol,
    /// Where to look, in order.
    pub(crate) found: Vec<Found>,
    /// The shared variable that `set` writes.
    pub(crate) target: Option<u16>,
}

/// What must be done when a `break` or `continue` leaves a statement.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Undo<'a> {
    Unbind { sym: Sym, old: u16 },
    Unprovide,
    Drop(u16),
    Keep(u16),
    Spaceless(u16),
    Filter(u16, &'a FilterStep),
    IterEnd(u16),
}

/// A loop around the place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Loop {
    pub(crate) on_break: Label,
    pub(crate) on_continue: Label,
    /// How much was open when it began.
    pub(crate) undo: usize,
}

/// A region that may still be open.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenRegion {
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) handler: Option<Label>,
    pub(crate) kind: RegionKind,
}

/// One proto in the making.
#[derive(Debug)]
pub(crate) struct Unit<'a> {
    pub(crate) id: ProtoId,
    pub(crate) kind: ProtoKind,
    pub(crate) name: Sym,
    pub(crate) params: Vec<ProtoParam>,
    pub(crate) captures: Vec<u16>,
    pub(crate) captured: Vec<Captured>,
    /// Content of a `call` (not an override): its slot may bind names.
    pub(crate) is_slot: bool,
    /// Is there a def around that a caller may have given content to?
    pub(crate) has_caller: bool,
    /// Is nothing kept of it?
    pub(crate) is_dead: bool,
    pub(crate) own_context: bool,
    pub(crate) code: Vec<Op>,
    pub(crate) spans: Vec<SpanEntry>,
    pub(crate) regions: Vec<OpenRegion>,
    pub(crate) labels: Labels,
    pub(crate) registers: Registers,
    pub(crate) iters: Registers,
    pub(crate) caps: Registers,
    pub(crate) bindings: Bindings,
    pub(crate) undo: Vec<Undo<'a>>,
    pub(crate) loops: Vec<Loop>,
    /// Text that is not written yet, and where it starts.
    pub(crate) pending: String,
    pub(crate) pending_span: Span,
}

impl Unit<'_> {
    pub(crate) fn new(id: ProtoId, kind: ProtoKind, name: Sym) -> Self {
        Self {
            id,
            kind,
            name,
            params: Vec::new(),
            captures: Vec::new(),
            captured: Vec::new(),
            is_slot: false,
            has_caller: false,
            is_dead: false,
            own_context: false,
            code: Vec::new(),
            spans: Vec::new(),
            regions: Vec::new(),
            labels: Labels::default(),
            registers: Registers::default(),
            iters: Registers::default(),
            caps: Registers::default(),
            bindings: Bindings::default(),
            undo: Vec::new(),
            loops: Vec::new(),
            pending: String::new(),
            pending_span: Span::default(),
        }
    }

    /// A new one, with room for a small body.
    pub(crate) fn roomy(id: ProtoId, kind: ProtoKind, name: Sym) -> Self {
        Self {
            code: Vec::with_capacity(64),
            spans: Vec::with_capacity(32),
            ..Self::new(id, kind, name)
        }
    }

    /// A new one, with the memory of one that is finished.
    pub(crate) fn reuse(self, id: ProtoId, kind: ProtoKind, name: Sym) -> Self {
        fn emptied<T>(mut list: Vec<T>) -> Vec<T> {
            list.clear();
            list
        }
        let mut pending = self.pending;
        pending.clear();
        Self {
            code: emptied(self.code),
            spans: emptied(self.spans),
            regions: emptied(self.regions),
            labels: self.labels.emptied(),
            bindings: self.bindings.emptied(),
            undo: emptied(self.undo),
            loops: emptied(self.loops),
            pending,
            ..Self::new(id, kind, name)
        }
    }

    /// What it knows of a name of the proto around it.
    pub(crate) fn captured(&self, name: Symbol) -> Option<&Captured> {
        let at = self.captured.binary_search_by_key(&name, |it| it.name);
        self.captured.get(at.ok()?)
    }

    /// Is a loop's variable in force here?
    pub(crate) fn is_in_loop(&self) -> bool {
        self.bindings.has_loop()
            || self.captured.iter().any(|it| {
                let mut found = it.found.iter();
                found.any(|found| matches!(found, Found::Local(_, Local::Loop)))
            })
    }
}
