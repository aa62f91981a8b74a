//! Blocks, parents, includes, embeds, imports.

use crate::{
    Compiled,
    blocks::{BlockSlot, BlockTable, Body},
    context::{self, Wanted},
    exec::{Done, Exec, Flow, bug},
    frame::{Ret, Role},
    included::{IGNORE_MISSING, MOST_SEEN, ON_A_COPY, Sights, WITHOUT_CONTEXT},
    machine::{Link, LoadRequest, Machine, Seen},
    steps::LONG_NAME,
};
use gravure_bytecode::{BlockKind, Dst, NamesId, OverrideId, ProtoId, Small, Src, Sym};
use gravure_source::{Code, RandomState, Symbol};
use gravure_value::{
    Cell, CellKind, Context, ContextVar, Dict, Fault, Mark, Name, TemplateId, Value, Vars, View,
};
use smallvec::SmallVec;
use std::{collections::HashSet, sync::Arc};

impl<'a, 'c> Exec<'a, 'c> {
    /// The link of a constant that names a template which was met.
    #[inline]
    fn link_of(&self, name: Value<'c>) -> Option<usize> {
        let Value::Const(template, id) = name else {
            return None;
        };
        let is_it = |link: &Link| link.name == (template, id) && link.owner == self.template;
        self.m.links.iter().position(is_it)
    }

    /// The template that a tag names. What was not met yet must be loaded
    /// first: then the op is done again.
    fn template_named(&mut self, name: Value<'c>) -> Result<TemplateId, Fault> {
        let link = self.link_of(name).and_then(|at| self.m.links.get(at));
        if let Some(link) = link {
            self.pay_for_bytes(link.n_bytes)?;
            return Ok(link.target);
        }
        let Some(text) = self.m.heap.text(name) else {
            let kind = self.m.heap.kind_name(name);
            return Err(Fault::kind(format!(
                "a template's name must be a str, not {kind}"
            )));
        };
        let constant = match name {
            Value::Const(template, id) => Some((template, id)),
            _ => None,
        };
        let owner = self.template;
        if let Some(loaded) = &self.m.loaded
            && let Some(&id) = loaded.get(&(owner.0, text.into()))
        {
            let compiled = self.templates.get(id.0 as usize);
            let compiled = compiled.ok_or_else(|| bug("no template"))?;
            self.pay_for_bytes(text.len())?;
            if compiled.chunk.first_async.is_some() && !self.env.is_async {
                return Err(async_in_sync(&compiled.chunk.name));
            }
            if let Some((template, constant)) = constant {
                let n_bytes = text.len();
                self.m.link(owner, (template, constant), n_bytes, id);
            }
            return Ok(id);
        }
        // It is kept once the template is there.
        self.m.heap.reserve(Machine::name_bytes(text))?;
        let name = text.to_owned();
        self.forget_pulled();
        self.m.pending = Some(Box::new(LoadRequest {
            owner,
            name,
            constant,
        }));
        // Nobody reads it: the op is done again.
        Err(Fault::new(Code::RunValue, String::new()))
    }

    /// A new block table for a template that begins, if it needs one.
    fn table_for(&mut self, id: TemplateId, table: Option<BlockTable>) -> Option<u32> {
        let compiled = self.templates.get(id.0 as usize)?;
        if table.is_none() && compiled.chunk.blocks.is_empty() && !compiled.chunk.extends {
            return None;
        }
        let pushed = self.m.own.tables.push();
        if let Some(table) = table {
            *pushed = table;
        }
        pushed.add(id, compiled);
        Some(self.m.own.tables.last())
    }

    pub(crate) fn show_block(&mut self, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let wanted = self.wanted(sym);
        let table = self.m.own.tables.get(self.frame().blocks);
        let n_slots = table.map_or(0, |table| table.slots.len());
        self.m
            .heap
            .charge((n_slots + self.compiled.chunk.blocks.len()) as u64 / 8)?;
        let found = self.find_block(&wanted).or_else(|| {
            // A block inside an override: its own template has it.
            let mut own = BlockTable::default();
            own.add(self.template, self.compiled);
            own.slots.into_iter().find(|slot| self.names(slot, &wanted))
        });
        let Some(slot) = found else {
            return Ok(Flow::Go);
        };
        match slot.body {
            Body::Proto(proto, _) => {
                // Blocks of the page itself have its table, which is the first.
                if let Some(cached) = self.env.cached
                    && self.frame().blocks == 1
                    && let Some(text) = cached.show(wanted.text)
                {
                    self.m.heap.charge(text.len() as u64 / 8)?;
                    self.m.out.push_str(text);
                    return self.check_output();
                }
                let frame = self.child(slot.template, proto, Role::Block, Ret::Emit);
                self.push(frame)?;
            }
            Body::Replaced(text) => {
                if let Some(id) = text
                    && let Cell::Text(text) = self.m.heap.cell(id)
                {
                    self.m.out.push_str(text);
                }
                return self.check_output();
            }
            Body::Override(proto, id) => {
                let Cell::Content(content) = self.m.heap.cell(id) else {
                    return Ok(Flow::Go);
                };
                let content = content.clone();
                let (context, blocks) = (self.frame().context, self.frame().blocks);
                let skip = content.table as usize;
                self.push_body(&content, proto, skip, Ret::Emit, |frame| {
                    frame.context = context;
                    frame.blocks = blocks;
                })?;
            }
        }
        Ok(Flow::Go)
    }

    fn names(&self, slot: &BlockSlot, wanted: &Wanted<'_>) -> bool {
        let name = Name {
            hash: slot.hash,
            template: slot.template,
            symbol: Symbol(slot.name.0),
        };
        !matches!(slot.body, Body::Proto(_, BlockKind::Region)) && wanted.is(&self.m.heap, &name)
    }

    fn find_block(&self, wanted: &Wanted<'_>) -> Option<BlockSlot> {
        let table = self.m.own.tables.get(self.frame().blocks)?;
        table
            .slots
            .iter()
            .find(|slot| slot.hash == wanted.name.hash && self.names(slot, wanted))
            .copied()
    }

    pub(crate) fn extend(&mut self, src: Src) -> Done {
        let name = self.get(src);
        let most = self.m.heap.limits.extends_depth;
        if self.frame().extends >= most {
            let message = format!("parents are nested deeper than {most}");
            return Err(Fault::new(Code::RunDepth, message).help("look for a cycle of `extends`"));
        }
        let parent = self.template_named(name)?;
        let blocks = self.frame().blocks;
        if let Some(table) = self.m.own.tables.get(blocks)
            && table.chain.contains(&parent)
        {
            let chain = self.chain(&table.chain.clone(), parent);
            return Err(Fault::new(
                Code::TplCycle,
                format!("templates extend each other: {chain}"),
            ));
        }
        let mut frame = self.frame().clone();
        frame.template = parent;
        frame.proto = 0;
        frame.extends += 1;
        let out_start = frame.out_start;
        if let Some(compiled) = self.templates.get(parent.0 as usize)
            && let Some(table) = self.m.own.tables.get_mut(blocks)
        {
            let at = self.pc.saturating_sub(1) as u32;
            let line = self.proto.span(at).map_or(0, |span| span.line);
            table.extended.push((self.template, line));
            table.add(parent, compiled);
        }
        // The parent takes the child's place: same caller, same context.
        if let Some(top) = self.m.frames.last_mut() {
            top.owns_table = false;
        }
        let child = self.m.frames.pop();
        if let Some(child) = child {
            self.m.regs.truncate(child.base as usize);
            self.m.iters.truncate(child.its as usize);
            self.m.caps.truncate(child.caps as usize);
        }
        // `push` saves the caller's pc from this turn's fields, which are the
        // child's: keep the caller's.
        let caller_pc = self.m.frames.last().map(|caller| caller.pc);
        let pushed = self.push(frame);
        let n = self.m.frames.len();
        if let Some(pc) = caller_pc
            && let Some(caller) = n.checked_sub(2).and_then(|at| self.m.frames.get_mut(at))
        {
            caller.pc = pc;
        }
        if let Some(top) = self.m.frames.last_mut() {
            top.out_start = out_start;
        }
        pushed?;
        Ok(Flow::Go)
    }

    /// `a → b → a`.
    fn chain(&self, ids: &[TemplateId], last: TemplateId) -> String {
        let names = ids.iter().chain([&last]).map(|id| {
            let compiled = self.templates.get(id.0 as usize);
            compiled.map_or("", |compiled| &*compiled.chunk.name)
        });
        names.collect::<Vec<_>>().join(" → ")
    }

    /// Learn what a tag lets the template behind a link see: nothing twice, and
    /// each name as that template spells it, so that looking it up compares
    /// numbers.
    fn learn(&mut self, link: usize, names: NamesId) {
        // A longer table would cost more than it spares.
        const MOST: usize = MOST_SEEN;
        let Some(link) = self.m.links.get_mut(link) else {
            return;
        };
        if !std::mem::replace(&mut link.is_met, true) {
            return;
        }
        let (Some(target), Some(table)) = (
            self.templates.get(link.target.0 as usize),
            self.compiled.chunk.names.get(names.index()),
        ) else {
            return;
        };
        let is_twice = |at: usize| table[..at].iter().any(|it| it.name == table[at].name);
        if table.len() > MOST || (0..table.len()).any(is_twice) {
            return;
        }
        let mut seen = SmallVec::new();
        for entry in table {
            let (hash, spelled) = (
                self.compiled.hash(entry.name),
                self.compiled.chunk.symbol(entry.name),
            );
            let found = (0..target.chunk.symbols.len() as u32)
                .map(Sym)
                .find(|&sym| target.hash(sym) == hash && target.chunk.symbol(sym) == spelled);
            let (template, sym) = match found {
                Some(sym) => (link.target, sym),
                None => (self.template, entry.name),
            };
            seen.push(Seen {
                register: entry.register,
                shared: entry.shared,
                name: Name {
                    hash,
                    template,
                    symbol: Symbol(sym.0),
                },
            });
        }
        // A long name is paid for each time, by the op.
        link.sights = match link.n_bytes < LONG_NAME {
            true => Sights::of(names.0, link.target, &seen),
            false => Sights::NONE,
        };
        link.seen = Some((names, seen));
    }

    /// Add what a tag lets the template behind a link see, if that was
    /// learned; false if nothing was added.
    #[inline]
    fn see_again(
        &self,
        names: NamesId,
        link: Option<usize>,
        vars: &mut Vec<ContextVar<'c>>,
    ) -> Result<bool, Fault> {
        let link = link.and_then(|at| self.m.links.get(at));
        let seen = match link.and_then(|link| link.seen.as_ref()) {
            // A slot's own bindings come first and may hide others.
            Some((known, seen)) if *known == names && !self.frame().bindings.is_set() => seen,
            _ => return Ok(false),
        };
        self.m.heap.charge(seen.len() as u64)?;
        for entry in seen {
            let at = self.base + entry.register as usize;
            let mut value = self.m.regs.get(at).copied().unwrap_or(Value::Unset);
            if entry.shared {
                value = self.read_var(value);
            }
            if value.is_set() {
                let name = entry.name;
                vars.push(ContextVar { name, value });
            }
        }
        Ok(true)
    }

    /// Add the names that a tag lets a template see, innermost first.
    fn see(&self, names: NamesId, vars: &mut Vec<ContextVar<'c>>) -> Result<(), Fault> {
        self.scope_vars(vars);
        let table = self.compiled.chunk.names.get(names.index());
        let table = table.map_or(&[][..], |table| table);
        self.m.heap.charge(table.len() as u64)?;
        // Most tags see a few names; hashes are kept only where comparing all
        // with all would cost.
        let mut seen: Option<HashSet<u64, RandomState>> =
            (table.len() + vars.len() > 16).then(|| vars.iter().map(|var| var.name.hash).collect());
        for entry in table {
            let at = self.base + entry.register as usize;
            let mut value = self.m.regs.get(at).copied().unwrap_or(Value::Unset);
            if entry.shared {
                value = self.read_var(value);
            }
            if !value.is_set() {
                continue;
            }
            let name = self.name_of(entry.name);
            // Only a name whose hash was seen can be there already.
            let may_be = seen.as_mut().is_none_or(|seen| !seen.insert(name.hash));
            let is_same = |var: &ContextVar<'c>| context::is_same(&self.m.heap, &name, &var.name);
            if may_be && vars.iter().any(is_same) {
                continue;
            }
            vars.push(ContextVar { name, value });
        }
        Ok(())
    }

    /// The context of an included or embedded template; if it is made for that
    /// alone, with what was counted for it.
    fn included_context(
        &mut self,
        names: NamesId,
        link: Option<usize>,
        flags: u8,
    ) -> Result<(Value<'c>, u32), Fault> {
        let current = self.frame().context;
        let context = if flags & WITHOUT_CONTEXT != 0 {
            self.m.heap.new_context(Context {
                host: Value::Unset,
                vars: Vars::default(),
                overlay: None,
                shared: Value::Unset,
            })?
        } else {
            let mut vars = self.m.heap.new_vars();
            let seen = Arc::make_mut(&mut vars);
            if !self.see_again(names, link, seen)? {
                self.see(names, seen)?;
                if let Some(link) = link {
                    self.learn(link, names);
                }
            }
            if flags & ON_A_COPY != 0 {
                // What was written stands behind what the tag can see.
                let host = context::gather(&self.m.heap, current, seen)?;
                self.m.heap.new_context(Context {
                    host,
                    vars: vars.into(),
                    overlay: None,
                    shared: Value::Unset,
                })?
            } else if seen.is_empty() {
                return Ok((current, 0));
            } else {
                let host = context::host_of(&self.m.heap, current);
                self.m.heap.new_context(Context {
                    host,
                    vars: Vars::default(),
                    overlay: Some(vars),
                    shared: current,
                })?
            }
        };
        Ok((context, self.m.heap.context_bytes(context)))
    }

    pub(crate) fn include_template(&mut self, src: Src, names: NamesId, flags: Small) -> Done {
        self.enter_template(src, names, flags.0, Role::Include, None)
    }

    pub(crate) fn embed_template(
        &mut self,
        src: Src,
        overrides: OverrideId,
        names: NamesId,
        flags: Small,
    ) -> Done {
        self.enter_template(src, names, flags.0, Role::Embed, Some(overrides))
    }

    fn enter_template(
        &mut self,
        src: Src,
        names: NamesId,
        flags: u8,
        role: Role,
        overrides: Option<OverrideId>,
    ) -> Done {
        let name = self.get(src);
        let most = self.m.heap.limits.include_depth;
        if self.frame().includes >= most {
            let message = format!("includes are nested deeper than {most}");
            return Err(Fault::new(Code::RunDepth, message).help("look for a cycle of `include`"));
        }
        let ignore = flags & IGNORE_MISSING != 0;
        // A template that is met again may learn what it is given.
        let link = self.link_of(name);
        let id = match link.and_then(|at| self.m.links.get(at)) {
            Some(link) => {
                self.pay_for_bytes(link.n_bytes)?;
                link.target
            }
            None => self.template_named(name)?,
        };
        let table = match overrides {
            Some(overrides) => Some(self.override_table(overrides)?),
            None => None,
        };
        let (context, owned) = self.included_context(names, link, flags)?;
        let compiled: &'a Compiled = self
            .templates
            .get(id.0 as usize)
            .ok_or_else(|| bug("no template"))?;
        let proto = compiled
            .chunk
            .proto(ProtoId(0))
            .ok_or_else(|| bug("no proto"))?;
        let has_table =
            table.is_some() || !compiled.chunk.blocks.is_empty() || compiled.chunk.extends;
        let blocks = if has_table {
            self.table_for(id, table)
        } else {
            None
        };
        let mut frame = self.child(id, ProtoId(0), role, Ret::Emit);
        frame.includes += 1;
        frame.extends = 0;
        frame.context = context;
        frame.owned = owned;
        frame.kept = self.m.kept;
        frame.ignore_missing = ignore;
        frame.owns_table = blocks.is_some();
        frame.blocks = blocks.unwrap_or(0);
        self.open(compiled, proto, frame)?;
        Ok(Flow::Go)
    }

    fn override_table(&mut self, overrides: OverrideId) -> Result<BlockTable, Fault> {
        let mut table = BlockTable::default();
        let compiled = self.compiled;
        for entry in compiled.chunk.overrides_of(overrides) {
            let Some(proto) = compiled.chunk.proto(entry.proto) else {
                continue;
            };
            let captures = proto
                .captures
                .iter()
                .map(|&register| {
                    let at = self.base + register as usize;
                    self.m.regs.get(at).copied().unwrap_or(Value::Unset)
                })
                .collect();
            let Value::Cell(_, content) = self.new_content(0, captures)? else {
                continue;
            };
            table.slots.push(BlockSlot {
                hash: compiled.hash(entry.name),
                template: self.template,
                name: entry.name,
                body: Body::Override(entry.proto, content),
            });
        }
        Ok(table)
    }

    pub(crate) fn import_template(&mut self, dst: Dst, src: Src, flags: Small) -> Done {
        let name = self.get(src);
        let id = self.template_named(name)?;
        let importing: Vec<TemplateId> = self
            .m
            .frames
            .iter()
            .filter(|frame| frame.role == Role::Import)
            .map(|frame| frame.template)
            .collect();
        if let Some(at) = importing.iter().position(|&other| other == id) {
            let chain = self.chain(&importing[at..], id);
            return Err(Fault::new(
                Code::TplCycle,
                format!("templates import each other: {chain}"),
            ));
        }
        let context = if flags.0 & 1 != 0 {
            let current = self.frame().context;
            context::copy(&mut self.m.heap, current)?
        } else {
            self.m.heap.new_context(Context {
                host: Value::Unset,
                vars: Vars::default(),
                overlay: None,
                shared: Value::Unset,
            })?
        };
        let blocks = self.table_for(id, None);
        let ret = Ret::Import(self.base + dst.index(), flags.0 & 2 != 0);
        let mut frame = self.child(id, ProtoId(0), Role::Import, ret);
        frame.extends = 0;
        frame.context = context;
        frame.owns_table = blocks.is_some();
        frame.blocks = blocks.unwrap_or(0);
        self.push(frame)?;
        Ok(Flow::Go)
    }

    /// Everything in a context as a dict.
    pub(crate) fn dict_of(&mut self, context: Value<'c>) -> Result<Value<'c>, Fault> {
        let mut names: Vec<(String, Value<'c>)> = Vec::new();
        for layer in [self.env.globals, context::host_of(&self.m.heap, context)] {
            if let View::Dict(map) = self.m.heap.view(layer) {
                for (key, value) in map.entries(&self.m.heap) {
                    if let Some(key) = self.m.heap.text(key) {
                        names.push((key.to_owned(), value));
                    }
                }
            }
        }
        for name in self.env.registry.function_names_on(self.surface) {
            if let Some(id) = self.env.registry.function_on(self.surface, name) {
                names.push((name.to_owned(), Value::Native(id)));
            }
        }
        if let Some(own) = context::context_of(&self.m.heap, context) {
            for var in own.vars.iter().filter(|var| var.value.is_set()) {
                if let Some(pool) = self.m.heap.pool(var.name.template) {
                    names.push((pool.symbol(var.name.symbol).to_owned(), var.value));
                }
            }
        }
        self.m.heap.charge(names.len() as u64)?;
        let mut dict = Dict::new();
        for (name, value) in names {
            let key = self.m.heap.new_text(Mark::Plain, name)?;
            dict.insert(&self.m.heap, key, value)?;
        }
        self.m.heap.new_dict(dict)
    }

    pub(crate) fn import_one(&mut self, dst: Dst, src: Src, sym: Sym) -> Done {
        self.pay_for(sym)?;
        let library = self.get(src);
        let wanted = self.wanted(sym);
        let found = self.lookup(library, &wanted)?;
        let is_callable = matches!(
            found,
            Some(
                Value::Native(_)
                    | Value::Cell(CellKind::Def | CellKind::Bound | CellKind::Content, _)
            )
        );
        match found {
            Some(value) if is_callable => {
                self.set(dst, value);
                Ok(Flow::Go)
            }
            _ => {
                let mut fault = Fault::new(
                    Code::RunImportName,
                    match found {
                        Some(_) => format!("`{}` of the imported template is no def", wanted.text),
                        None => format!("the imported template has no def `{}`", wanted.text),
                    },
                );
                fault.subject = Some(gravure_value::Subject {
                    name: wanted.text.to_owned(),
                    known: self.known_names(library),
                });
                Err(fault)
            }
        }
    }
}

/// An asynchronous template in a synchronous render.
pub fn async_in_sync(name: &str) -> Fault {
    Fault::new(
        Code::RunAsync,
        format!("`{name}` is asynchronous and cannot be rendered synchronously"),
    )
    .help("use `render_async` or an asynchronous stream")
}
