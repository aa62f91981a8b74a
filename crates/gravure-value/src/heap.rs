//! The cells of one render: made, looked at, and reclaimed by mark and sweep.
//!
//! Collection happens only when the VM asks for it, at points where no native
//! function holds values on the Rust stack. Live bytes are what the memory
//! limit counts: exact after each collection, an upper bound between two.

use crate::{
    BigInt, Cell, CellId, CellKind, ConstId, Context, ContextVar, Dict, Fault, Held, Iter, Kind,
    Limits, Mark, Meter, Node, Place, Placed, Pool, Range, Table, TemplateId, Tree, Value, Vars,
    View, cell::bytes_of,
};
use std::{collections::BTreeSet, sync::Arc};

/// Below this many live bytes nothing is collected.
pub(crate) const MIN_COLLECT: usize = 8 << 10;

/// What a render makes, what it may use, and where constants lie.
#[derive(Debug)]
pub struct Heap<'c> {
    pub(crate) cells: Table<Cell<'c>>,
    pub(crate) free: Option<CellId>,
    /// Room for variables of contexts, without any.
    pub(crate) spare_vars: Table<Arc<Vec<ContextVar<'c>>>>,
    pub(crate) live: usize,
    /// Bytes beside the cells: the page, pushed texts.
    pub(crate) held: usize,
    pub(crate) collect_at: usize,
    pub(crate) collects_always: bool,
    pub(crate) pools: Table<Held<'c, dyn Pool>>,
    /// Names that templates may read of the host's objects; `None` for all.
    pub attributes: Option<&'c BTreeSet<String>>,
    /// The bounds of the render.
    pub limits: Box<Limits>,
    /// Which ones they are; 0 for nobody's.
    pub(crate) limits_number: u64,
    /// Counts its steps.
    pub meter: Meter,
}

impl std::fmt::Debug for dyn Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Pool({})", self.template())
    }
}

/// Steps of an allocation, its release included: some tens of nanoseconds.
pub const ALLOCATION: u64 = 4;

impl<'c> Heap<'c> {
    /// An empty heap.
    pub fn new(limits: Limits) -> Self {
        Self {
            cells: Table::new(),
            free: None,
            spare_vars: Table::new(),
            live: 0,
            held: 0,
            collect_at: MIN_COLLECT,
            collects_always: false,
            pools: Table::new(),
            attributes: None,
            meter: Meter::new(limits.fuel),
            limits: Box::new(limits),
            limits_number: 0,
        }
    }

    /// Pay for `steps` before doing them.
    ///
    /// # Errors
    /// `K-RUN-019` if the fuel is used up.
    #[inline]
    pub fn charge(&self, steps: u64) -> Result<(), Fault> {
        self.meter.charge(steps)
    }

    /// May templates read this of an object of the host? Whatever the syntax or
    /// the filter, whoever asks an object for something asks here first.
    ///
    /// # Errors
    /// `K-SEC-001` if not.
    #[inline]
    pub fn check_attribute(&self, name: &str) -> Result<(), Fault> {
        match self.attributes {
            Some(allowed) if !allowed.contains(name) => Err(Fault::blocked_attribute(name)),
            _ => Ok(()),
        }
    }

    /// Add the texts of a template; numbers are given in order.
    #[inline]
    pub fn add_pool(&mut self, pool: Held<'c, dyn Pool>) -> TemplateId {
        self.pools.push(pool);
        TemplateId(self.pools.len() as u32 - 1)
    }

    /// The texts of a template.
    pub fn pool(&self, template: TemplateId) -> Option<&dyn Pool> {
        self.pools.get(template.0 as usize).map(|pool| &**pool)
    }

    /// The text of a constant.
    pub fn constant(&self, template: TemplateId, id: ConstId) -> &str {
        self.pools
            .get(template.0 as usize)
            .map_or("", |pool| pool.text(id))
    }

    /// A cell; [`Cell::Free`] for a number that is none.
    pub fn cell(&self, id: CellId) -> &Cell<'c> {
        const NONE: &Cell<'static> = &Cell::Free(None);
        self.cells.get(id.0 as usize).unwrap_or(NONE)
    }

    /// A cell to change. Call [`Heap::grow`] for bytes that are added to it.
    pub fn cell_mut(&mut self, id: CellId) -> Option<&mut Cell<'c>> {
        self.cells.get_mut(id.0 as usize)
    }

    /// Own a cell, which costs [`ALLOCATION`] steps.
    ///
    /// # Errors
    /// `K-RUN-019` if memory or fuel is used up.
    pub fn alloc(&mut self, cell: Cell<'c>) -> Result<CellId, Fault> {
        let bytes = cell.bytes();
        self.place(cell, bytes)
    }

    #[inline(always)]
    fn place(&mut self, cell: Cell<'c>, bytes: usize) -> Result<CellId, Fault> {
        self.charge(ALLOCATION)?;
        self.grow(bytes)?;
        if let Some(id) = self.free
            && let Some(slot) = self.cells.get_mut(id.0 as usize)
        {
            if let Cell::Free(next) = *slot {
                self.free = next;
            }
            *slot = cell;
            return Ok(id);
        }
        let Ok(number) = u32::try_from(self.cells.len()) else {
            return Err(Fault::budget("memory", self.limits.memory));
        };
        // The table doubles here, and for a moment the old one is there too.
        if number >= 1 << 10 && number.is_power_of_two() {
            self.reserve(u64::from(number) * size_of::<Cell<'_>>() as u64)?;
        }
        self.cells.push(cell);
        Ok(CellId(number))
    }

    /// Count bytes that a cell grows by, or that are about to be made.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up.
    #[inline]
    pub fn grow(&mut self, bytes: usize) -> Result<(), Fault> {
        self.live = self.live.saturating_add(bytes);
        if self.live.saturating_add(self.held) as u64 > self.limits.memory {
            return Err(Fault::budget("memory", self.limits.memory));
        }
        Ok(())
    }

    /// Count bytes that no collection frees.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up; nothing is counted then.
    pub fn hold(&mut self, bytes: usize) -> Result<(), Fault> {
        self.reserve(bytes as u64)?;
        self.held = self.held.saturating_add(bytes);
        Ok(())
    }

    /// Bytes that were held are gone.
    pub fn release(&mut self, bytes: usize) {
        self.held = self.held.saturating_sub(bytes);
    }

    /// Fail before making something of `bytes` bytes that could not be kept.
    ///
    /// # Errors
    /// `K-RUN-019` if memory would be used up.
    #[inline]
    pub fn reserve(&self, bytes: u64) -> Result<(), Fault> {
        match self.has_room(bytes) {
            true => Ok(()),
            false => Err(Fault::budget("memory", self.most_memory())),
        }
    }

    /// Could something of `bytes` bytes be made and kept?
    #[inline(always)]
    pub fn has_room(&self, bytes: u64) -> bool {
        let counted = self.live.saturating_add(self.held) as u64;
        counted.saturating_add(bytes) <= self.most_memory()
    }

    /// No allocation can be larger than an address, whatever the host allows.
    #[inline(always)]
    fn most_memory(&self) -> u64 {
        self.limits.memory.min(isize::MAX as u64)
    }

    /// Fail before a walk goes into one more container than the `depth` that it
    /// is in, with a `T` for each: lists of a host may have no bottom.
    ///
    /// # Errors
    /// `K-RUN-019` if memory would be used up.
    #[inline]
    pub fn reserve_level<T>(&self, depth: usize) -> Result<(), Fault> {
        let bytes = (depth as u64 + 1).saturating_mul(size_of::<T>() as u64);
        self.reserve(bytes)
    }

    /// Bytes held now; an upper bound since the last collection.
    pub fn live_bytes(&self) -> usize {
        self.live
    }

    /// Fail for a collection of `len` elements that is too long.
    ///
    /// # Errors
    /// `K-RUN-019`.
    #[inline]
    pub fn check_collection(&self, len: u64) -> Result<(), Fault> {
        if len > self.limits.collection {
            return Err(Fault::budget("collection size", self.limits.collection));
        }
        self.reserve(len.saturating_mul(size_of::<Value<'_>>() as u64))
    }

    /// Fail for a text of `len` bytes that is too long.
    ///
    /// # Errors
    /// `K-RUN-019`.
    #[inline]
    pub fn check_text(&self, len: u64) -> Result<(), Fault> {
        if len > self.limits.text {
            return Err(Fault::budget("text size", self.limits.text));
        }
        self.reserve(len)
    }

    // ---- making ----

    /// A text.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long or memory is used up.
    pub fn new_text(&mut self, mark: Mark, text: impl Into<Box<str>>) -> Result<Value<'c>, Fault> {
        let text = text.into();
        if text.is_empty() {
            return Ok(Value::Str(mark, ""));
        }
        self.check_text(text.len() as u64)?;
        Ok(Value::Text(mark, self.alloc(Cell::Text(text))?))
    }

    /// A text with places of lists in it, if there are any.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long or memory is used up.
    pub fn new_placed(&mut self, mark: Mark, placed: Placed) -> Result<Value<'c>, Fault> {
        if placed.places.is_empty() {
            return self.new_text(mark, placed.text);
        }
        self.check_text(placed.text.len() as u64)?;
        let id = self.alloc(Cell::Placed(Box::new(placed)))?;
        Ok(Value::Text(mark, id))
    }

    /// Pay for copying the places of lists in a text, before it is done; there
    /// is room for them beside `more` bytes. How many bytes they take.
    ///
    /// # Errors
    /// `K-RUN-019` if fuel or memory is used up.
    pub fn charge_places(&self, places: &[Place], more: usize) -> Result<usize, Fault> {
        self.charge(places.len() as u64)?;
        let bytes = bytes_of(places);
        self.reserve(bytes.saturating_add(more) as u64)?;
        Ok(bytes)
    }

    /// The places of lists in a text.
    pub fn places(&self, value: Value<'c>) -> &[Place] {
        match value {
            Value::Text(_, id) => match self.cell(id) {
                Cell::Placed(placed) => &placed.places,
                _ => &[],
            },
            _ => &[],
        }
    }

    /// An integer of any size; immediate if it fits.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long.
    pub fn new_int(&mut self, big: BigInt) -> Result<Value<'c>, Fault> {
        if let Ok(it) = i64::try_from(&big) {
            return Ok(Value::Int(it));
        }
        if big.bits() > self.limits.int_bits {
            return Err(Fault::budget("integer size", self.limits.int_bits));
        }
        Ok(Value::Cell(CellKind::Big, self.alloc(Cell::Big(big))?))
    }

    /// A list that may change.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long or memory is used up.
    pub fn new_list(&mut self, items: Vec<Value<'c>>) -> Result<Value<'c>, Fault> {
        self.check_collection(items.len() as u64)?;
        let id = self.alloc(Cell::List(Arc::new(items)))?;
        Ok(Value::Cell(CellKind::List, id))
    }

    /// A tuple.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long or memory is used up.
    pub fn new_tuple(&mut self, items: Vec<Value<'c>>) -> Result<Value<'c>, Fault> {
        self.check_collection(items.len() as u64)?;
        let id = self.alloc(Cell::Tuple(Arc::new(items)))?;
        Ok(Value::Cell(CellKind::Tuple, id))
    }

    /// A dict that may change.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long or memory is used up.
    pub fn new_dict(&mut self, dict: Dict<'c>) -> Result<Value<'c>, Fault> {
        self.check_collection(dict.len() as u64)?;
        let id = self.alloc(Cell::Dict(Arc::new(dict)))?;
        Ok(Value::Cell(CellKind::Dict, id))
    }

    /// A set that may change.
    ///
    /// # Errors
    /// `K-RUN-019` if it is too long or memory is used up.
    pub fn new_set(&mut self, members: Dict<'c>) -> Result<Value<'c>, Fault> {
        self.check_collection(members.len() as u64)?;
        let id = self.alloc(Cell::Set(Arc::new(members)))?;
        Ok(Value::Cell(CellKind::Set, id))
    }

    /// A range; `step` must not be 0.
    ///
    /// # Errors
    /// `K-RUN-007` if the step is 0, `K-SEC-003` if it is too long.
    pub fn new_range(&mut self, range: Range) -> Result<Value<'c>, Fault> {
        if range.step == 0 {
            return Err(Fault::value("the step of a range must not be 0"));
        }
        if range.len() > self.limits.range {
            let message = format!(
                "a range of {} members is longer than {}",
                range.len(),
                self.limits.range
            );
            return Err(Fault::new(gravure_source::Code::SecRange, message));
        }
        let id = self.alloc(Cell::Range(range))?;
        Ok(Value::Cell(CellKind::Range, id))
    }

    /// A context.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up.
    #[inline]
    pub fn new_context(&mut self, context: Context<'c>) -> Result<Value<'c>, Fault> {
        let bytes = size_of::<Cell<'_>>() + context.vars.bytes();
        let id = self.place(Cell::Context(context), bytes)?;
        Ok(Value::Cell(CellKind::Context, id))
    }

    /// The context of a render, of what the host gives.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up.
    #[inline]
    pub fn new_context_of(&mut self, host: Value<'c>) -> Result<CellId, Fault> {
        let context = || Context {
            host,
            vars: Vars::default(),
            overlay: None,
            shared: Value::Unset,
        };
        if !self.cells.is_empty() {
            return self.alloc(Cell::Context(context()));
        }
        // Made where it stays.
        if !self.meter.try_charge(ALLOCATION) {
            self.charge(ALLOCATION)?;
        }
        self.grow(size_of::<Cell<'_>>())?;
        self.cells.push(Cell::Context(context()));
        Ok(CellId(0))
    }

    /// Will the next cell stand where another one was?
    #[inline]
    pub fn has_free_cell(&self) -> bool {
        self.free.is_some()
    }

    /// Put a cell aside for a context that may still have to be made, and count
    /// so many bytes for it, for which there must be room. `None` if no other
    /// cell was where it would be.
    #[inline(always)]
    pub fn put_aside(&mut self, bytes: usize) -> Option<CellId> {
        let id = self.free?;
        let Cell::Free(next) = *self.cells.get(id.0 as usize)? else {
            return None;
        };
        self.free = next;
        self.live = self.live.saturating_add(bytes);
        Some(id)
    }

    /// A cell that was put aside is not needed, nor are the bytes that were
    /// counted.
    #[inline(always)]
    pub fn take_back(&mut self, id: CellId, bytes: usize) {
        if let Some(Cell::Free(next)) = self.cells.get_mut(id.0 as usize) {
            *next = self.free;
            self.free = Some(id);
            self.live = self.live.saturating_sub(bytes);
        }
    }

    /// Make a context in a cell that was put aside with so many bytes; what
    /// counts now comes back with it. It costs [`ALLOCATION`] steps, which must
    /// be paid.
    pub fn put_context(
        &mut self,
        id: CellId,
        counted: u32,
        context: Context<'c>,
    ) -> (Value<'c>, u32) {
        let bytes = size_of::<Cell<'_>>() + context.vars.bytes();
        self.live = self.live.saturating_sub(counted as usize);
        self.live = self.live.saturating_add(bytes);
        if let Some(slot) = self.cells.get_mut(id.0 as usize) {
            *slot = Cell::Context(context);
        }
        let bytes = u32::try_from(bytes).unwrap_or(0);
        (Value::Cell(CellKind::Context, id), bytes)
    }

    /// The bytes that were counted for a context that was just made.
    pub fn context_bytes(&self, context: Value<'c>) -> u32 {
        match context {
            Value::Cell(CellKind::Context, id) => u32::try_from(self.cell(id).bytes()).unwrap_or(0),
            _ => 0,
        }
    }

    /// Free a context that nothing names any more, for which so many bytes
    /// were counted when it was made. What was counted for it since is given
    /// back by the next collection.
    pub fn free_context(&mut self, context: Value<'c>, counted: usize) {
        let Value::Cell(CellKind::Context, id) = context else {
            return;
        };
        let Some(cell) = self.cells.get_mut(id.0 as usize) else {
            return;
        };
        if !matches!(cell, Cell::Context(_)) {
            return;
        }
        let was = std::mem::replace(cell, Cell::Free(self.free));
        self.free = Some(id);
        self.live = self.live.saturating_sub(counted);
        if let Cell::Context(was) = was
            && let Some(room) = was.overlay.or(was.vars.into_room())
        {
            self.keep_vars(room);
        }
    }

    /// Keep the room of variables for the next ones, if nobody else has them.
    #[inline]
    fn keep_vars(&mut self, mut vars: Arc<Vec<ContextVar<'c>>>) {
        const MOST: usize = 32;
        if self.spare_vars.len() < 4
            && let Some(own) = Arc::get_mut(&mut vars)
            && own.capacity() <= MOST
        {
            own.clear();
            self.spare_vars.push(vars);
        }
    }

    /// An empty list of variables for a context that is to be made.
    #[inline]
    pub fn new_vars(&mut self) -> Arc<Vec<ContextVar<'c>>> {
        self.spare_vars.pop().unwrap_or_default()
    }

    /// A frozen tree, as the value of its root. It is read-only.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up.
    pub fn new_tree(&mut self, tree: Held<'c, Tree>) -> Result<Value<'c>, Fault> {
        if let Held::Borrowed(tree) = tree {
            return Ok(Value::from_tree(tree));
        }
        let root = tree.root();
        let scalar = match tree.node(root) {
            Node::None => Some(Value::None),
            Node::Bool(it) => Some(Value::Bool(it)),
            Node::Int(it) => Some(Value::Int(it)),
            Node::Float(it) => Some(Value::Float(it)),
            _ => None,
        };
        match scalar {
            Some(value) => Ok(value),
            None => Ok(Value::Tree(self.alloc(Cell::Tree(tree))?, root)),
        }
    }

    // ---- looking ----

    /// Items and their keys, made before a builtin that sorts by them was
    /// called: they stand in the place of the function that makes keys.
    pub fn ready_keys(&self, key: Value<'c>) -> Option<(Vec<Value<'c>>, Vec<Value<'c>>)> {
        let Value::Cell(CellKind::Var, id) = key else {
            return None;
        };
        let Cell::Var(pair) = *self.cell(id) else {
            return None;
        };
        let all = |value| match self.view(value) {
            View::Tuple(values) => Some(values.iter().collect()),
            _ => None,
        };
        match self.view(pair) {
            View::Tuple(pair) => Some((all(pair.get(0)?)?, all(pair.get(1)?)?)),
            _ => None,
        }
    }

    /// The text of a str, `None` for any other kind.
    #[inline]
    pub fn text(&self, value: Value<'c>) -> Option<&str> {
        match value {
            Value::Str(_, text) => Some(text),
            Value::Const(template, id) => Some(self.constant(template, id)),
            Value::Text(_, id) => match self.cell(id) {
                Cell::Text(text) => Some(text),
                Cell::Placed(placed) => Some(&placed.text),
                _ => None,
            },
            Value::Tree(..) => match self.view(value) {
                View::Str(_, text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// For which surface a text is safe.
    pub fn mark(&self, value: Value<'c>) -> Mark {
        match value {
            Value::Str(mark, _) | Value::Text(mark, _) => mark,
            _ => Mark::Plain,
        }
    }

    /// The same text with another mark; texts of trees are copied.
    ///
    /// # Errors
    /// `K-RUN-019` if memory is used up.
    pub fn with_mark(&mut self, mark: Mark, value: Value<'c>) -> Result<Value<'c>, Fault> {
        match value {
            Value::Str(_, text) => Ok(Value::Str(mark, text)),
            Value::Text(_, id) => Ok(Value::Text(mark, id)),
            Value::Const(..) if mark == Mark::Plain => Ok(value),
            _ => match self.text(value).map(Box::<str>::from) {
                Some(text) => self.new_text(mark, text),
                None => Ok(value),
            },
        }
    }

    /// What kind of datum it is.
    pub fn kind(&self, value: Value<'c>) -> Kind {
        match value {
            Value::Unset | Value::Undefined => Kind::Undefined,
            Value::None => Kind::None,
            Value::Bool(_) => Kind::Bool,
            Value::Int(_) => Kind::Int,
            Value::Float(_) => Kind::Float,
            Value::Str(..) | Value::Const(..) | Value::Text(..) => Kind::Str,
            Value::Native(_) => Kind::Function,
            Value::Object(_) => Kind::Object,
            Value::Seq(_) => Kind::List,
            Value::Cell(kind, _) => match kind {
                CellKind::Big => Kind::Int,
                CellKind::List | CellKind::FrozenList => Kind::List,
                CellKind::Tuple => Kind::Tuple,
                CellKind::Dict | CellKind::FrozenDict => Kind::Dict,
                CellKind::Set | CellKind::FrozenSet => Kind::Set,
                CellKind::Range => Kind::Range,
                CellKind::KeysView => Kind::KeysView,
                CellKind::ValuesView => Kind::ValuesView,
                CellKind::ItemsView => Kind::ItemsView,
                CellKind::Iter => Kind::Iter,
                CellKind::Def | CellKind::Bound | CellKind::Content => Kind::Function,
                CellKind::Loop => Kind::Loop,
                CellKind::Shared => Kind::Object,
                CellKind::Var | CellKind::Context => Kind::Undefined,
            },
            Value::Json(_) | Value::Node(..) | Value::Tree(..) => match self.view(value) {
                View::List(_) => Kind::List,
                View::Dict(_) => Kind::Dict,
                View::Big(_) => Kind::Int,
                View::Float(_) => Kind::Float,
                View::Str(..) => Kind::Str,
                View::Bool(_) => Kind::Bool,
                _ => Kind::None,
            },
        }
    }

    /// The word for its kind.
    pub fn kind_name(&self, value: Value<'c>) -> &'static str {
        self.kind(value).name()
    }

    /// Data of the host, which templates may not change.
    pub fn is_read_only(&self, value: Value<'c>) -> bool {
        !matches!(
            value,
            Value::Cell(CellKind::List | CellKind::Dict | CellKind::Set, _)
        )
    }

    /// How many items or eighths of a text's bytes there are; 0 for scalars.
    pub fn size_hint(&self, value: Value<'c>) -> u64 {
        match value {
            Value::Int(_) | Value::Bool(_) | Value::None | Value::Float(_) => 0,
            _ => match self.view(value) {
                View::Str(_, text) => text.len() as u64 / 8,
                View::List(seq) | View::Tuple(seq) => seq.len() as u64,
                View::Dict(map)
                | View::KeysView(map)
                | View::ValuesView(map)
                | View::ItemsView(map) => map.len() as u64,
                View::Set(members) => members.len() as u64,
                View::Range(range) => range.len(),
                View::Big(big) => big.bits() / 64,
                _ => 0,
            },
        }
    }

    // ---- collecting ----

    /// Is a collection due? Asked by the VM at safe points.
    #[inline]
    pub fn wants_collection(&self) -> bool {
        self.live >= self.collect_at
    }

    /// Let a collection be due all the time: for tests, which so find values
    /// that nobody holds.
    #[doc(hidden)]
    pub fn collect_always(&mut self, always: bool) {
        self.collects_always = always;
        self.collect_at = if always { 0 } else { MIN_COLLECT };
    }

    /// Free every cell that cannot be reached from `roots`.
    pub fn collect(&mut self, roots: impl IntoIterator<Item = Value<'c>>) {
        let mut marks = vec![false; self.cells.len()];
        let mut open: Vec<Value<'c>> = Vec::new();
        for root in roots {
            self.reach(root, &mut marks, &mut open);
        }
        while let Some(value) = open.pop() {
            let id = match value {
                Value::Cell(_, id) => id,
                _ => continue,
            };
            self.trace(id, &mut |inner| {
                self.reach_into(inner, &mut marks, &mut open)
            });
        }
        self.sweep(&marks);
        if self.collects_always {
            return;
        }
        let ceiling = usize::try_from(self.limits.memory / 2).unwrap_or(usize::MAX);
        self.collect_at = (self.live * 2)
            .min(ceiling.max(self.live + MIN_COLLECT))
            .max(MIN_COLLECT);
    }

    fn reach(&self, value: Value<'c>, marks: &mut [bool], open: &mut Vec<Value<'c>>) {
        self.reach_into(value, marks, open);
    }

    /// Mark what a value names; containers go to the work list.
    fn reach_into(&self, value: Value<'c>, marks: &mut [bool], open: &mut Vec<Value<'c>>) {
        let id = match value {
            Value::Text(_, id) | Value::Tree(id, _) | Value::Cell(_, id) => id,
            _ => return,
        };
        let Some(mark) = marks.get_mut(id.0 as usize) else {
            return;
        };
        if !*mark {
            *mark = true;
            if matches!(value, Value::Cell(..)) {
                open.push(value);
            }
        }
    }

    /// Every value that a cell holds.
    fn trace(&self, id: CellId, see: &mut dyn FnMut(Value<'c>)) {
        match self.cell(id) {
            Cell::Free(_)
            | Cell::Text(_)
            | Cell::Placed(_)
            | Cell::Big(_)
            | Cell::Range(_)
            | Cell::Tree(_)
            | Cell::Shared(_) => {}
            Cell::List(items) | Cell::Tuple(items) => items.iter().copied().for_each(see),
            Cell::Dict(dict) | Cell::Set(dict) => {
                for (key, value) in dict.iter() {
                    see(key);
                    see(value);
                }
            }
            Cell::View(_, value) | Cell::Bound(_, value) | Cell::Var(value) => see(*value),
            Cell::OnePass(state) => state.trace(see),
            Cell::Def(def) => {
                see(def.context);
                def.defaults
                    .iter()
                    .chain(&def.captures)
                    .copied()
                    .for_each(see);
            }
            Cell::Content(content) => {
                see(content.context);
                see(content.outer);
                see(content.bindings);
                content.captures.iter().copied().for_each(see);
            }
            Cell::Loop(state) => state.iter.trace(see),
            Cell::Context(context) => {
                see(context.host);
                see(context.shared);
                let overlay = context.overlay.iter().flat_map(|vars| vars.iter());
                context
                    .vars
                    .iter()
                    .chain(overlay)
                    .for_each(|var| see(var.value));
            }
        }
    }

    fn sweep(&mut self, marks: &[bool]) {
        let mut live = 0;
        let mut free = None;
        for (idx, cell) in self.cells.iter_mut().enumerate().rev() {
            if marks.get(idx).copied().unwrap_or(true) && !matches!(cell, Cell::Free(_)) {
                live += cell.bytes();
            } else {
                *cell = Cell::Free(free);
                free = Some(CellId(idx as u32));
            }
        }
        self.free = free;
        self.live = live;
    }

    /// Begin to go through anything that has items.
    ///
    /// # Errors
    /// `K-RUN-012` if there are none, `K-RUN-013` for a def.
    pub fn iter(&mut self, value: Value<'c>) -> Result<Iter<'c>, Fault> {
        Iter::new(self, value)
    }
}

#[cfg(test)]
mod tests;
