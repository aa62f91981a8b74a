//! Everything that one render owns, and what it is lent.

use crate::{
    CachedBlocks,
    blocks::Tables,
    frame::{Frame, Role},
    included::{MOST_SEEN, Sights},
    lookup::Hints,
    output::{Output, Spot},
    registers::Registers,
    works::Work,
};
use gravure_bytecode::{NamesId, Proto};
use gravure_source::{Code, RandomState};
use gravure_value::{
    Awaitable, CellId, ConstId, Data, Fault, Heap, Held, Iter, Limits, Name, OnePass, Placed,
    Registry, Table, TemplateId, Tree, Value, Waiter, World, recycle,
};
use smallvec::SmallVec;
use std::{
    collections::{BTreeMap, HashMap},
    mem::{forget, take},
    ops::{Deref, DerefMut},
    sync::Arc,
};

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
    /// Facts about the request, for helpers.
    pub meta: Option<&'c Meta>,
    /// Texts of blocks that were rendered before.
    pub cached: Option<&'c CachedBlocks>,
    /// What is the same in all renders.
    pub rules: &'c Rules,
    /// Are there values that hide the context?
    pub has_statics: bool,
    /// May the render wait?
    pub is_async: bool,
}

impl<'c> Env<'c> {
    /// Values that hide the context; a map, `Unset` for none.
    pub(crate) fn statics(&self) -> Value<'c> {
        let statics = self.rules.statics.as_deref();
        statics.map_or(Value::Unset, Value::from_tree)
    }
}

/// What is the same in all renders of an environment.
#[derive(Debug, Default)]
pub struct Rules {
    /// Its number, which no other environment of the process has; 0 for none.
    pub number: u64,
    /// Values that hide the context; a map.
    pub statics: Option<Arc<Tree>>,
    /// Is a missing attribute an error?
    pub strict: bool,
    /// Is sorting none an error?
    pub strict_none: bool,
    /// Do `cache` tags of different templates never share a key?
    pub fragment_per_template: bool,
}

/// A template that a render needs and has not met yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadRequest {
    /// Who asks: relative names start there.
    pub owner: TemplateId,
    /// The name as the tag gives it.
    pub name: String,
    /// The constant that it is, if it is one: whose, and which.
    pub constant: Option<(TemplateId, ConstId)>,
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
    /// How long it is.
    pub n_bytes: usize,
    pub target: TemplateId,
    /// Has a tag gone there before? One that does so once learns nothing.
    pub is_met: bool,
    /// What a tag of the owner lets it see; of the tag that was there last.
    pub seen: Option<(NamesId, SmallVec<[Seen; MOST_SEEN]>)>,
    /// The same as the loop of the frequent ops reads it.
    pub sights: Sights,
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
    pub regs: Registers<'c>,
    pub iters: Table<Iter<'c>>,
    pub caps: Vec<Spot>,
    pub frames: Vec<Frame<'c>>,
    pub out: Output,
    /// Where keys stood when they were last looked for.
    pub hints: Hints,
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
    /// One-pass iterators that read each other at the moment.
    pub pulls: u32,
    /// Is each op done by its own method?
    pub is_plain: bool,
    /// How often a context was put where its frame's end does not end it: into
    /// a def, or the content of a tag.
    pub kept: u64,
    /// What has memory for the next render and no lifetime.
    pub own: Box<Own>,
    pub providers: Vec<(Box<str>, Value<'c>)>,
    /// The tree of globals, if the render keeps it alive.
    pub globals: Value<'c>,
    /// What a called-back def gave.
    pub result: Value<'c>,
    /// Iterators that the op at hand has read and that may run template code,
    /// as they were before: if it must be done again, they are so again.
    pub pulled: Vec<(CellId, OnePass<'c>)>,
    /// Work that template code does a part of, innermost last.
    pub works: Vec<Work<'c>>,
    pub(crate) rare: Box<Rare>,
    /// May there be anything in `rare`?
    is_rare: bool,
}

/// What a machine owns that names nothing of its render: it stays where it is
/// when the machine passes to the next one.
#[derive(Default)]
pub(crate) struct Own {
    pub tables: Tables,
    /// Where a text is put together that is printed and not kept.
    pub scratch: String,
}

/// What most renders do without, reached as if it were of the machine itself.
#[derive(Default)]
pub(crate) struct Rare {
    /// Bytes that have left as pieces.
    pub sent: u64,
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
    pub pending: Option<Box<LoadRequest>>,
    /// What must be there before the op at hand can be done.
    pub waiting: Option<Waiter>,
    /// What is there now, for the op that has waited for it: an object may
    /// give another each time it is asked.
    pub arrived: Option<Awaitable>,
    /// Facts about the request that were set meanwhile.
    pub meta: Option<Box<Meta>>,
    /// What a `try` caught, until its handler takes it.
    pub caught: Option<Fault>,
    /// Texts of blocks, if they are to be kept.
    pub captured: Option<CapturedBlocks>,
    /// Places that were warned of.
    pub warned: Vec<(Code, TemplateId, u16, u32)>,
}

impl Deref for Machine<'_> {
    type Target = Rare;

    #[inline(always)]
    fn deref(&self) -> &Rare {
        &self.rare
    }
}

impl DerefMut for Machine<'_> {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut Rare {
        self.is_rare = true;
        &mut self.rare
    }
}

/// For how many a table may keep memory: unless a large render blew it up.
#[inline(always)]
pub(crate) fn most_of<T>() -> usize {
    const MOST: usize = 256 << 10;
    MOST / size_of::<T>().max(1)
}

/// Empty a table, and keep its memory unless a large render blew it up.
#[inline(always)]
pub(crate) fn clear<T>(table: &mut Vec<T>) {
    table.clear();
    if table.capacity() > most_of::<T>() {
        *table = Vec::new();
    }
}

impl<'c> Machine<'c> {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self {
            heap: Heap::new(limits.clone()),
            regs: Registers::default(),
            iters: Table::new(),
            caps: Vec::new(),
            frames: Vec::new(),
            out: Output::default(),
            hints: Hints::default(),
            out_max: 0,
            out_held: 0,
            watermark: usize::MAX,
            rounds: 0,
            callbacks: 0,
            kept: 0,
            pulls: 0,
            is_plain: false,
            own: Box::default(),
            providers: Vec::new(),
            globals: Value::Unset,
            result: Value::None,
            pulled: Vec::new(),
            works: Vec::new(),
            rare: Box::default(),
            is_rare: false,
        }
    }

    /// Begin a render with a machine that is new or was emptied.
    #[inline(always)]
    pub(crate) fn begin(&mut self, limits: &Limits, number: u64) {
        self.heap.begin(limits, number);
        self.free_output(limits.output.min(limits.memory));
    }

    /// Drop everything that a render had, and keep memory of a common size.
    #[inline(always)]
    pub(crate) fn empty(&mut self) {
        // Any of the bounds is above this, and a number not above it has no
        // other bits.
        const COMMON: usize = (1 << 10) - 1;
        self.heap.empty();
        self.iters.cut(0, Iter::is_plain);
        self.out.clear();
        self.own.tables.empty();
        let n_odd = self.providers.capacity() | self.pulled.capacity() | self.works.capacity();
        if self.is_rare || n_odd > 0 {
            self.empty_rare();
        }
        let lists = self.regs.capacity() | self.iters.capacity();
        let width = lists | self.caps.capacity() | self.frames.capacity();
        if (self.heap.width() | width) > COMMON {
            self.shrink();
        }
    }

    /// Let go what one large render blew up.
    #[cold]
    #[inline(never)]
    fn shrink(&mut self) {
        self.heap.shrink();
        self.regs.clear(most_of::<Value<'_>>());
        self.iters.shrink(most_of::<Iter<'_>>());
        clear(&mut self.caps);
        clear(&mut self.frames);
    }

    #[cold]
    #[inline(never)]
    fn empty_rare(&mut self) {
        self.is_rare = false;
        let mut links = take(&mut self.rare.links);
        clear(&mut links);
        *self.rare = Rare {
            links,
            ..Rare::default()
        };
        self.providers = Vec::new();
        self.pulled = Vec::new();
        self.works = Vec::new();
    }

    /// The memory of a machine that was emptied, for a render of any lifetime:
    /// all but that is as in a new one.
    #[inline(always)]
    pub(crate) fn hollow(self) -> Machine<'static> {
        // They have no memory.
        forget((self.providers, self.pulled, self.works));
        Machine {
            heap: self.heap.hollow(),
            regs: self.regs.recycle(),
            iters: self.iters.recycle(),
            caps: recycle(self.caps),
            frames: recycle(self.frames),
            out: self.out.hollow(),
            hints: self.hints,
            out_max: 0,
            out_held: 0,
            watermark: usize::MAX,
            rounds: 0,
            callbacks: 0,
            pulls: 0,
            is_plain: false,
            kept: 0,
            own: self.own,
            providers: Vec::new(),
            globals: Value::Unset,
            result: Value::None,
            pulled: Vec::new(),
            works: Vec::new(),
            rare: self.rare,
            is_rare: false,
        }
    }

    /// Push a frame for its proto. Its parameters and captures are still unset.
    ///
    /// # Errors
    /// `K-RUN-019` and its like if a bound is reached.
    #[inline(always)]
    pub(crate) fn push(&mut self, proto: &Proto, mut frame: Frame<'c>) -> Result<(), Fault> {
        if matches!(frame.role, Role::Call | Role::Content | Role::Block) {
            frame.calls += 1;
            let most = self.heap.limits.call_depth;
            if frame.calls > most {
                return Err(Fault::call_depth(most));
            }
        }
        let price = 1 + u64::from(proto.code_len);
        if !self.heap.meter.try_charge(price) {
            self.heap.charge(price)?;
        }
        let (base, its, caps) = (self.regs.len(), self.iters.len(), self.caps.len());
        frame.base = base as u32;
        frame.its = its as u32;
        frame.caps = caps as u32;
        frame.out_start = self.out.spot();
        frame.pc = 0;
        let n_regs = base + proto.registers as usize;
        let n_iters = its + proto.iters as usize;
        let n_frames = self.frames.len() + 1;
        let stack = n_regs * size_of::<Value<'_>>()
            + n_iters * size_of::<Iter<'_>>()
            + n_frames * size_of::<Frame<'_>>();
        self.heap.reserve(stack as u64)?;
        self.regs.push(proto.registers as usize);
        for _ in 0..proto.iters {
            self.iters.push(Iter::empty());
        }
        if proto.caps > 0 {
            let n_caps = caps + proto.caps as usize;
            self.caps.resize(n_caps, Spot::default());
        }
        self.frames.push(frame);
        Ok(())
    }

    /// Nothing of the page is here (any more): the first bytes are free.
    pub(crate) fn restart_output(&mut self) {
        self.heap.release(self.out_held);
        self.out_held = 0;
        self.free_output(self.most_output().min(self.heap.limits.memory));
    }

    /// The first bytes of so many are free.
    #[inline(always)]
    fn free_output(&mut self, most: u64) {
        const FREE: u64 = 8 << 10;
        self.out_max = most.min(FREE) as usize;
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

    /// Which template a constant names in a template; false if there are too
    /// many of these to look through.
    pub(crate) fn link(
        &mut self,
        owner: TemplateId,
        name: (TemplateId, ConstId),
        n_bytes: usize,
        id: TemplateId,
    ) -> bool {
        // A long list would be slower than the table behind it.
        const MOST: usize = 32;
        let is_room = self.links.len() < MOST;
        if is_room {
            self.links.push(Link {
                owner,
                name,
                n_bytes,
                target: id,
                is_met: false,
                seen: None,
                sights: Sights::NONE,
            });
        }
        is_room
    }

    /// What keeping the name of a template takes, with its place in the table.
    pub(crate) fn name_bytes(name: &str) -> u64 {
        (name.len() as u64).saturating_add(64)
    }

    /// Keep a text for a list, to the end of the render.
    pub(crate) fn push_text(&mut self, list: Box<str>, text: Placed) -> Result<(), Fault> {
        // The vector doubles, and for a moment both are there.
        let own = 2 * size_of::<(Box<str>, Placed)>();
        self.heap.hold(own + list.len() + text.bytes())?;
        self.pushes.push((list, text));
        Ok(())
    }

    /// Pay for places of lists that go to the page, which has them to the end
    /// of the render.
    pub(crate) fn hold_places(&mut self, placed: &Placed) -> Result<(), Fault> {
        let bytes = self.heap.charge_places(&placed.places, 0)?;
        self.heap.hold(bytes)
    }

    /// Free what nobody can reach. Only where no builtin is running.
    pub(crate) fn collect(&mut self) {
        let n_roots = self.regs.len() + 3 * self.frames.len() + self.iters.len();
        let mut roots: Vec<Value<'c>> = Vec::with_capacity(n_roots + 16);
        roots.extend_from_slice(&self.regs);
        for iter in self.iters.iter() {
            iter.trace(&mut |value| roots.push(value));
        }
        for frame in &self.frames {
            roots.extend([frame.context, frame.content, frame.bindings]);
        }
        for table in self.own.tables.used() {
            for value in table.values() {
                roots.push(value);
            }
        }
        roots.extend(self.providers.iter().map(|(_, value)| *value));
        for work in &self.works {
            roots.extend(work.items.iter().chain(&work.answers));
        }
        roots.extend([self.result, self.globals]);
        self.heap.collect(roots);
    }
}
