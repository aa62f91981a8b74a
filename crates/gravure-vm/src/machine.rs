//! Everything that one render owns, and what it is lent.

use crate::{
    CachedBlocks, Compiled,
    blocks::BlockTable,
    frame::Frame,
    lookup::Hints,
    output::{Output, Spot},
    works::Work,
};
use ahash::RandomState;
use gravure_bytecode::NamesId;
use gravure_source::Code;
use gravure_value::{
    Awaitable, CellId, ConstId, Data, Fault, FaultData, Heap, Held, Iter, Limits, Name, OnePass,
    Placed, Registry, SpareHeap, TemplateId, Value, Waiter, World, recycle,
};
use smallvec::SmallVec;
use std::collections::{BTreeMap, HashMap};

/// Facts about a request, by name.
pub type Meta = BTreeMap<String, Data<'static>>;

/// What a render is lent for its whole time.
#[derive(Clone)]
pub struct Env<'c> {
    /// Natives by name and number.
    pub registry: Held<'c, Registry>,
    /// The door outward.
    pub world: Held<'c, dyn World>,
    /// Values that every template sees; a map.
    pub globals: Value<'c>,
    /// Values that hide the context; a map.
    pub statics: Value<'c>,
    /// Facts about the request, for helpers.
    pub meta: Option<&'c Meta>,
    /// Texts of blocks that were rendered before.
    pub cached: Option<&'c CachedBlocks>,
    /// Is a missing attribute an error?
    pub strict: bool,
    /// Is sorting none an error?
    pub strict_none: bool,
    /// Do `cache` tags of different templates never share a key?
    pub fragment_per_template: bool,
    /// May the render wait?
    pub is_async: bool,
}

/// A template that a render needs and has not met yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadRequest {
    /// Who asks: relative names start there.
    pub owner: TemplateId,
    /// The name as the tag gives it.
    pub name: String,
}

/// Texts of the page's own blocks.
#[derive(Default)]
pub(crate) struct CapturedBlocks {
    /// Which ones; none means all.
    pub wanted: Vec<String>,
    /// Name and text, in the order in which they were first shown.
    pub blocks: Vec<(String, String)>,
}

/// Templates by who names them and the name as written.
type Loaded = HashMap<(u32, Box<str>), TemplateId, RandomState>;

/// A template that a constant names.
pub(crate) struct Link {
    pub owner: TemplateId,
    /// Whose constant, and which one.
    pub name: (TemplateId, ConstId),
    pub target: TemplateId,
    /// What a tag of the owner lets it see; of the tag that was there last.
    pub seen: Option<(NamesId, SmallVec<[Seen; 4]>)>,
}

/// A variable that a tag lets a template see.
#[derive(Clone, Copy)]
pub(crate) struct Seen {
    pub register: u16,
    pub shared: bool,
    /// The name as that template spells it, or as the tag's does if that
    /// template never names it.
    pub name: Name,
}

/// Everything that one render owns but its templates. In this order: what the
/// loop of the frequent ops reads stands first, and so near its pointer.
#[repr(C)]
pub(crate) struct Machine<'c> {
    pub heap: Heap<'c>,
    pub regs: Vec<Value<'c>>,
    pub iters: Vec<Iter<'c>>,
    pub caps: Vec<Spot>,
    pub frames: Vec<Frame<'c>>,
    pub out: Output,
    /// Bytes that have left as pieces.
    pub sent: u64,
    /// Where keys stood when they were last looked for.
    pub hints: Hints,
    /// Where a text is put together that is printed and not kept.
    pub scratch: String,
    /// Where `out` may end before somebody must look: limits.
    pub out_max: usize,
    /// Bytes of `out` that the heap counts.
    pub out_held: usize,
    /// Where a stream would like to send a piece; `usize::MAX` for none.
    pub watermark: usize,
    /// Rounds of all loops.
    pub rounds: u64,
    /// Builtins that called back and wait.
    pub callbacks: u32,
    /// How often a context was put where its frame's end does not end it: into
    /// a def, or the content of a tag.
    pub kept: u64,
    pub tables: Vec<BlockTable<'c>>,
    pub providers: Vec<(Box<str>, Value<'c>)>,
    /// Pushed texts with their lists, in order.
    pub pushes: Vec<(Box<str>, Placed)>,
    /// `cache` tags that are open: frame, capture, and how much had been
    /// pushed before.
    pub caching: Vec<(usize, u16, usize)>,
    /// Templates by owner and name as written.
    pub loaded: Option<Loaded>,
    /// The same for names that are constants.
    pub links: Vec<Link>,
    /// A template that must be loaded before the op at hand can be done.
    pub pending: Option<LoadRequest>,
    /// What must be there before the op at hand can be done.
    pub waiting: Option<Waiter>,
    /// What is there now, for the op that has waited for it: an object may
    /// give another each time it is asked.
    pub arrived: Option<Awaitable>,
    /// Facts about the request that were set meanwhile.
    pub meta: Option<Box<Meta>>,
    /// The tree of globals, if the render keeps it alive.
    pub globals: Value<'c>,
    /// What a called-back def gave.
    pub result: Value<'c>,
    /// What a `try` caught, until its handler takes it.
    pub caught: Option<FaultData>,
    /// Texts of blocks, if they are to be kept.
    pub captured: Option<CapturedBlocks>,
    /// Places that were warned of.
    pub warned: Vec<(Code, TemplateId, u16, u32)>,
    /// Iterators that the op at hand has read and that may run template code,
    /// as they were before: if it must be done again, they are so again.
    pub pulled: Vec<(CellId, OnePass<'c>)>,
    /// Work that template code does a part of, innermost last.
    pub works: Vec<Work<'c>>,
    /// One-pass iterators that read each other at the moment.
    pub pulls: u32,
    /// Is each op done by its own method?
    pub is_plain: bool,
}

/// The memory of a render that has ended, for the next one on its thread.
#[derive(Default)]
pub struct Spare {
    heap: SpareHeap,
    regs: Vec<Value<'static>>,
    iters: Vec<Iter<'static>>,
    caps: Vec<Spot>,
    frames: Vec<Frame<'static>>,
    page: Vec<u8>,
    hints: Hints,
    scratch: String,
    pub(crate) templates: Vec<Held<'static, Compiled>>,
}

impl<'c> Machine<'c> {
    /// A machine at rest, in the memory of another.
    pub(crate) fn new(limits: Limits, spare: Spare) -> Self {
        let mut machine = Self {
            heap: Heap::reusing(limits, spare.heap),
            regs: recycle(spare.regs),
            iters: recycle(spare.iters),
            caps: spare.caps,
            frames: recycle(spare.frames),
            out: Output::reusing(spare.page),
            sent: 0,
            hints: spare.hints,
            scratch: spare.scratch,
            out_max: 0,
            out_held: 0,
            watermark: usize::MAX,
            tables: vec![BlockTable::default()],
            providers: Vec::new(),
            pushes: Vec::new(),
            caching: Vec::new(),
            loaded: None,
            links: Vec::new(),
            pending: None,
            waiting: None,
            arrived: None,
            meta: None,
            globals: Value::Unset,
            result: Value::None,
            caught: None,
            captured: None,
            warned: Vec::new(),
            pulled: Vec::new(),
            works: Vec::new(),
            callbacks: 0,
            kept: 0,
            pulls: 0,
            rounds: 0,
            is_plain: false,
        };
        machine.restart_output();
        machine
    }

    /// Nothing of the page is here (any more): the first bytes are free.
    pub(crate) fn restart_output(&mut self) {
        const FREE: u64 = 8 << 10;
        self.heap.release(self.out_held);
        self.out_held = 0;
        let most = self.most_output().min(self.heap.limits.memory).min(FREE);
        self.out_max = usize::try_from(most).unwrap_or(usize::MAX);
        self.out.set_ceiling(self.out_max);
    }

    /// Bytes that may still be printed.
    pub(crate) fn most_output(&self) -> u64 {
        self.heap.limits.output.saturating_sub(self.sent)
    }

    /// The page has come to its mark: count what it holds as memory, and set
    /// the next mark twice as far, or where memory ends.
    ///
    /// # Errors
    /// `K-SEC-005` or `K-RUN-019` if it is too long.
    pub(crate) fn count_output(&mut self) -> Result<(), Fault> {
        let limits = &self.heap.limits;
        let (most, memory) = (self.most_output(), limits.memory);
        let len = self.out.len();
        if len as u64 > most.min(memory) {
            if limits.output <= memory {
                let message = format!("more output than {} bytes", limits.output);
                return Err(Fault::new(Code::SecOutput, message));
            }
            return Err(Fault::budget("memory", memory));
        }
        let needed = len.saturating_sub(self.out_held);
        let (held, step) = (
            self.out_held,
            len.saturating_mul(2).saturating_sub(self.out_held),
        );
        match self.heap.hold(step) {
            Ok(()) => self.out_held += step,
            Err(_) => {
                self.heap.hold(needed)?;
                self.out_held = held + needed;
            }
        }
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        self.out_max = self.out_held.min(most);
        self.out.set_ceiling(self.out_max);
        Ok(())
    }

    /// Keep a text for a list, to the end of the render.
    pub(crate) fn push_text(&mut self, list: Box<str>, text: Placed) -> Result<(), Fault> {
        // The vector doubles, and for a moment both are there.
        let own = 2 * size_of::<(Box<str>, Placed)>();
        self.heap.hold(own + list.len() + text.bytes())?;
        self.pushes.push((list, text));
        Ok(())
    }

    /// End, and leave the memory to another.
    pub(crate) fn into_spare(mut self) -> Spare {
        self.caps.clear();
        Spare {
            heap: self.heap.into_spare(),
            regs: recycle(self.regs),
            iters: recycle(self.iters),
            caps: self.caps,
            frames: recycle(self.frames),
            page: self.out.into_buffer(),
            hints: self.hints,
            scratch: self.scratch,
            templates: Vec::new(),
        }
    }

    /// Free what nobody can reach. Only where no builtin is running.
    pub(crate) fn collect(&mut self) {
        let mut roots: Vec<Value<'c>> = self.regs.clone();
        for iter in &self.iters {
            iter.trace(&mut |value| roots.push(value));
        }
        for frame in &self.frames {
            roots.extend([frame.context, frame.content, frame.bindings]);
        }
        for table in &self.tables {
            table.trace(&mut |value| roots.push(value));
        }
        roots.extend(self.providers.iter().map(|(_, value)| *value));
        for work in &self.works {
            roots.extend(work.items.iter().chain(&work.answers));
        }
        roots.extend([self.result, self.globals]);
        self.heap.collect(roots);
    }
}
