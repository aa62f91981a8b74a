//! Defs as values, contents of `call` tags, and slots.

use crate::{
    context::{self, Wanted},
    exec::{Done, Exec, Flow, bug},
    frame::{Frame, Ret, Role},
    output::Spot,
};
use gravure_bytecode::{Base, ContentId, Dst, ProtoId, ProtoKind, ShapeId, Sym};
use gravure_source::Symbol;
use gravure_value::{Cell, CellKind, Content, Context, ContextVar, Def, Fault, TemplateId, Value};

impl<'c> Exec<'_, 'c> {
    pub(crate) fn def(&mut self, dst: Dst, proto: ProtoId, base: Base) -> Done {
        let Some(body) = self.compiled.chunk.proto(proto) else {
            return Err(bug("no proto"));
        };
        let is_region = body.kind == ProtoKind::Region;
        let mut given = self.base + base.index();
        let mut defaults = Vec::with_capacity(body.params.len());
        for param in &body.params {
            let mut value = Value::Unset;
            if param.has_default && !is_region {
                value = self.m.regs.get(given).copied().unwrap_or(Value::Unset);
                given += 1;
            }
            defaults.push(value);
        }
        let captures = self.captured(&body.captures);
        let def = Def {
            template: self.template,
            proto: u32::from(proto.0),
            name: Symbol(body.name.0),
            context: self.frame().context,
            defaults: defaults.into(),
            captures,
            is_region,
        };
        self.m.kept += 1;
        let id = self.m.heap.alloc(Cell::Def(Box::new(def)))?;
        self.set(dst, Value::Cell(CellKind::Def, id));
        Ok(Flow::Go)
    }

    /// Values of this frame's registers.
    fn captured(&self, registers: &[u16]) -> Box<[Value<'c>]> {
        let value = |&register: &u16| {
            let at = self.base + register as usize;
            self.m.regs.get(at).copied().unwrap_or(Value::Unset)
        };
        registers.iter().map(value).collect()
    }

    pub(crate) fn content(&mut self, dst: Dst, table: ContentId) -> Done {
        let mut registers = Vec::new();
        for entry in self.compiled.chunk.content(table) {
            if let Some(proto) = self.compiled.chunk.proto(entry.proto) {
                registers.extend_from_slice(&proto.captures);
            }
        }
        let captures = self.captured(&registers);
        let value = self.new_content(u32::from(table.0), captures)?;
        self.set(dst, value);
        Ok(Flow::Go)
    }

    /// A content cell that sees the running frame.
    pub(crate) fn new_content(
        &mut self,
        table: u32,
        captures: Box<[Value<'c>]>,
    ) -> Result<Value<'c>, Fault> {
        self.m.kept += 1;
        let frame = self.frame();
        let content = Content {
            template: self.template,
            table,
            captures,
            context: frame.context,
            bindings: frame.bindings,
            outer: frame.content,
            blocks: frame.blocks,
        };
        let id = self.m.heap.alloc(Cell::Content(Box::new(content)))?;
        Ok(Value::Cell(CellKind::Content, id))
    }

    pub(crate) fn caller(&mut self, dst: Dst) -> Done {
        let content = self.frame().content;
        self.set(dst, content);
        Ok(Flow::Go)
    }

    pub(crate) fn show_slot(&mut self, sym: Sym, base: Base, shape: ShapeId) -> Done {
        self.pay_for(sym)?;
        let Some(shape) = self.compiled.chunk.shape(shape) else {
            return Err(bug("no shape"));
        };
        let values = self.window(base, shape.names.len());
        let bindings: Vec<ContextVar<'c>> = shape
            .names
            .iter()
            .zip(values)
            .map(|(&name, &value)| ContextVar {
                name: self.wanted(name).name,
                value,
            })
            .collect();
        let content = self.frame().content;
        let name = self.compiled.chunk.symbol(sym);
        self.run_content(content, name, bindings, Ret::Emit)?;
        Ok(Flow::Go)
    }

    /// Run what a content has for a slot; false if there is nothing.
    pub(crate) fn run_content(
        &mut self,
        content: Value<'c>,
        slot: &str,
        bindings: Vec<ContextVar<'c>>,
        ret: Ret,
    ) -> Result<bool, Fault> {
        let mut at = content;
        // A blank content hands the slot on to the def around its tag.
        let (content, proto, skip) = loop {
            let Value::Cell(CellKind::Content, id) = at else {
                return Ok(false);
            };
            let Cell::Content(content) = self.m.heap.cell(id) else {
                return Ok(false);
            };
            let compiled = self
                .templates
                .get(content.template.0 as usize)
                .ok_or_else(|| bug("no template"))?;
            let table = gravure_bytecode::ContentId(content.table as u16);
            let mut skip = 0;
            let mut found = None;
            for entry in compiled.chunk.content(table) {
                if compiled.chunk.symbol(entry.name) == slot {
                    found = Some(entry);
                    break;
                }
                let proto = compiled.chunk.proto(entry.proto);
                skip += proto.map_or(0, |proto| proto.captures.len());
            }
            // A tag without any text has a blank default content.
            let is_blank = found.map_or(slot == "default", |entry| entry.is_blank);
            match found {
                _ if is_blank && content.outer.is_set() => at = content.outer,
                Some(entry) => break (content.clone(), entry.proto, skip),
                None => return Ok(false),
            }
        };
        let scope = match bindings.is_empty() {
            true => content.bindings,
            false => self.m.heap.new_context(Context {
                host: Value::Unset,
                vars: bindings.into(),
                overlay: None,
                shared: content.bindings,
            })?,
        };
        self.push_body(&content, proto, skip, ret, |frame| frame.bindings = scope)?;
        Ok(true)
    }

    /// Push a frame for a proto that sees what a content cell captured, from
    /// `skip` on.
    pub(crate) fn push_body(
        &mut self,
        content: &Content<'c>,
        proto: ProtoId,
        skip: usize,
        ret: Ret,
        adjust: impl FnOnce(&mut Frame<'c>),
    ) -> Result<(), Fault> {
        let mut frame = self.child(content.template, proto, Role::Content, ret);
        frame.context = content.context;
        frame.content = content.outer;
        frame.bindings = content.bindings;
        frame.blocks = content.blocks;
        adjust(&mut frame);
        self.push(frame)?;
        let n = self.proto.captures.len();
        let from = self.proto.params.len();
        let captures = content.captures.get(skip..).unwrap_or(&[]);
        for (idx, &value) in captures.iter().take(n).enumerate() {
            if let Some(slot) = self.m.regs.get_mut(self.base + from + idx) {
                *slot = value;
            }
        }
        Ok(())
    }

    /// A frame below the running one, in the same context.
    #[inline(always)]
    pub(crate) fn child(
        &self,
        template: TemplateId,
        proto: ProtoId,
        role: Role,
        ret: Ret,
    ) -> Frame<'c> {
        let frame = self.frame();
        Frame {
            template,
            proto: proto.0,
            role,
            ret,
            ignore_missing: false,
            owns_table: false,
            pc: 0,
            base: 0,
            its: 0,
            caps: 0,
            calls: frame.calls,
            includes: frame.includes,
            extends: frame.extends,
            blocks: frame.blocks,
            out_start: Spot::default(),
            context: frame.context,
            owned: 0,
            kept: 0,
            content: Value::Unset,
            bindings: Value::Unset,
        }
    }

    /// `caller()`, `caller("x", k=v)`.
    pub(crate) fn call_caller(
        &mut self,
        content: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
        ret: Ret,
    ) -> Result<Option<Value<'c>>, Fault> {
        let mut slot = None;
        let mut bindings: Vec<(String, Value<'c>)> = Vec::new();
        if args.len() > 1 {
            return Err(Fault::kind("`caller` takes one slot name by position"));
        }
        if let Some(&name) = args.first() {
            slot = Some(name);
        }
        for &(name, value) in named {
            if name == "slot" && slot.is_none() {
                slot = Some(value);
            } else {
                bindings.push((name.to_owned(), value));
            }
        }
        let n_symbols = self.compiled.chunk.symbols.len();
        self.m
            .heap
            .charge((bindings.len() * n_symbols) as u64 / 8)?;
        let name = match slot {
            None => "default".to_owned(),
            Some(name) => match self.m.heap.text(name) {
                Some(name) => name.to_owned(),
                None => return Err(Fault::kind("a slot's name must be a str")),
            },
        };
        let vars = bindings
            .iter()
            .filter_map(|(name, value)| {
                Some(ContextVar {
                    name: self.known_name(name)?,
                    value: *value,
                })
            })
            .collect();
        match self.run_content(content, &name, vars, ret)? {
            true => Ok(None),
            false => Ok(Some(Value::Str(self.surface.mark(), ""))),
        }
    }

    /// A name by its spelling, if the running template has it.
    fn known_name(&self, text: &str) -> Option<gravure_value::Name> {
        let chunk = &self.compiled.chunk;
        let found = (0..chunk.symbols.len() as u32)
            .map(Sym)
            .find(|&sym| chunk.symbol(sym) == text)?;
        Some(Wanted::new(self.template, self.compiled, found).name)
    }

    /// What an include sees of the slot scope.
    pub(crate) fn scope_vars(&self, vars: &mut Vec<ContextVar<'c>>) {
        let mut at = self.frame().bindings;
        while let Some(scope) = context::context_of(&self.m.heap, at) {
            vars.extend(scope.vars.iter().copied());
            at = scope.shared;
        }
    }
}
