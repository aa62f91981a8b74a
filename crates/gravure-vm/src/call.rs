//! Calls: of defs and contents by frames, of natives directly.

use crate::{
    Compiled, Env,
    context::{self, host_call},
    exec::{Done, Exec, Flow, bug},
    frame::{Ret, Role},
};
use gravure_bytecode::{
    Base, Import, Opcode, Operand, ParamRole, Proto, ProtoId, ShapeId, Src, Sym,
};
use gravure_source::Code;
use gravure_value::{
    Call, Cell, CellKind, Dict, Fault, Kind, Mark, Native, NativeId, Run, Subject, TemplateId,
    Value, View, bind, ops,
};
use smallvec::SmallVec;

/// What calling a def takes from its cell, copied out so that the heap is free
/// while arguments are bound.
struct Callee<'c> {
    template: TemplateId,
    proto: u32,
    context: Value<'c>,
    is_region: bool,
    defaults: SmallVec<[Value<'c>; 6]>,
    captures: SmallVec<[Value<'c>; 6]>,
}

/// A call of a def to which all arguments are given by position, and which
/// writes to the page.
struct PlainCall<'a, 'c> {
    compiled: &'a Compiled,
    proto: &'a Proto,
    template: TemplateId,
    id: ProtoId,
    context: Value<'c>,
    /// The register of the first argument, counted from 0.
    from: usize,
}

/// Positional arguments.
type Positional<'c> = SmallVec<[Value<'c>; 6]>;
/// Named arguments.
type Named<'a, 'c> = SmallVec<[(&'a str, Value<'c>); 4]>;

/// Arguments that are handed over in place.
const FEW: usize = 4;
type Few<'c> = [Value<'c>; FEW];

/// A longer text that was put together is not kept for the next one.
const MOST_SCRATCH: usize = 8 << 10;

impl<'a, 'c> Exec<'a, 'c> {
    /// The arguments of a window: behind `base`, as the shape says.
    fn arguments(
        &self,
        base: Base,
        shape: ShapeId,
    ) -> Result<(Positional<'c>, Named<'a, 'c>), Fault> {
        let chunk = &self.compiled.chunk;
        let shape = chunk.shape(shape).ok_or_else(|| bug("no shape"))?;
        let n = shape.positional as usize;
        let window = self.window(Base(base.0 + 1), shape.len());
        let (positional, named) = window.split_at(n.min(window.len()));
        let names = shape.names.iter().map(|&name| chunk.symbol(name));
        Ok((
            SmallVec::from_slice(positional),
            names.zip(named.iter().copied()).collect(),
        ))
    }

    fn register(&self, base: Base) -> usize {
        self.base + base.index()
    }

    fn put(&mut self, base: Base, value: Value<'c>) {
        let at = self.register(base);
        if let Some(slot) = self.m.regs.get_mut(at) {
            *slot = value;
        }
    }

    pub(crate) fn call_value(&mut self, base: Base, shape: ShapeId) -> Done {
        let callee = self.get(Src(base.0));
        let (args, named) = self.arguments(base, shape)?;
        let ret = Ret::Value(self.register(base));
        if let Some(value) = self.invoke(callee, &args, &named, ret, Value::Unset)? {
            self.put(base, value);
        }
        Ok(Flow::Go)
    }

    pub(crate) fn call_present(&mut self, base: Base, shape: ShapeId) -> Done {
        if self.get(Src(base.0)).is_missing() {
            self.put(base, Value::Undefined);
            return Ok(Flow::Go);
        }
        self.call_value(base, shape)
    }

    pub(crate) fn call_and_emit(&mut self, base: Base, shape: ShapeId) -> Done {
        let callee = self.get(Src(base.0));
        if let Some(call) = self.plain_call(callee, base, shape)? {
            self.begin_call(call)?;
            return Ok(Flow::Go);
        }
        let (args, named) = self.arguments(base, shape)?;
        let ret = self.emit_ret(callee);
        match self.invoke(callee, &args, &named, ret, Value::Unset)? {
            Some(value) => self.write(value),
            None => Ok(Flow::Go),
        }
    }

    /// The call of a def whose parameters are what stands behind `base`, one by
    /// one, and whose output goes to the page; `None` if it is any other.
    #[inline]
    fn plain_call(
        &self,
        callee: Value<'c>,
        base: Base,
        shape: ShapeId,
    ) -> Result<Option<PlainCall<'a, 'c>>, Fault> {
        let Value::Cell(CellKind::Def, id) = callee else {
            return Ok(None);
        };
        let Cell::Def(def) = self.m.heap.cell(id) else {
            return Ok(None);
        };
        let (template, id, context) = (def.template, ProtoId(def.proto as u16), def.context);
        if def.is_region || !def.captures.is_empty() {
            return Ok(None);
        }
        let compiled = self.templates.get(template.0 as usize);
        let compiled: &'a Compiled = compiled.ok_or_else(|| bug("no template"))?;
        let proto = compiled.chunk.proto(id).ok_or_else(|| bug("no proto"))?;
        let shape = self.compiled.chunk.shape(shape);
        let shape = shape.ok_or_else(|| bug("no shape"))?;
        let n = proto.params.len();
        let is_plain = shape.names.is_empty()
            && shape.positional as usize == n
            && !proto.own_context
            && self.writes_alike(compiled.surface)
            && proto.params.iter().all(|it| it.role == ParamRole::Plain);
        let from = self.base + base.index() + 1;
        let are_given = self.m.regs.get(from..from + n);
        if !is_plain || !are_given.is_some_and(|args| args.iter().all(|it| it.is_set())) {
            return Ok(None);
        }
        Ok(Some(PlainCall {
            compiled,
            proto,
            template,
            id,
            context,
            from,
        }))
    }

    #[inline]
    fn begin_call(&mut self, call: PlainCall<'a, 'c>) -> Result<(), Fault> {
        let mut frame = self.child(call.template, call.id, Role::Call, Ret::Emit);
        frame.context = call.context;
        self.open(call.compiled, call.proto, frame)?;
        let n = call.proto.params.len();
        let (args, own) = self.m.regs.split_at_mut(self.base);
        for (slot, &arg) in own.iter_mut().zip(args[call.from..].iter().take(n)) {
            *slot = arg;
        }
        Ok(())
    }

    /// How a def's output goes straight to the page.
    fn emit_ret(&self, callee: Value<'c>) -> Ret {
        let template = match callee {
            Value::Cell(CellKind::Def, id) => match self.m.heap.cell(id) {
                Cell::Def(def) => Some(def.template),
                _ => None,
            },
            Value::Cell(CellKind::Content, id) => match self.m.heap.cell(id) {
                Cell::Content(content) => Some(content.template),
                _ => None,
            },
            _ => None,
        };
        let surface = template
            .and_then(|id| self.templates.get(id.0 as usize))
            .map(|compiled| compiled.surface);
        match surface {
            Some(surface) if self.writes_alike(surface) => Ret::Emit,
            _ => Ret::Escape,
        }
    }

    pub(crate) fn call_with_content(&mut self, base: Base, shape: ShapeId) -> Done {
        let callee = self.get(Src(base.0));
        let (args, named) = self.arguments(base, shape)?;
        let behind = base.0 as usize + 1 + args.len() + named.len();
        let content = self.get(Src(behind as u16));
        let is_def = match callee {
            Value::Cell(CellKind::Def, id) => {
                matches!(self.m.heap.cell(id), Cell::Def(def) if !def.is_region)
            }
            _ => false,
        };
        if !is_def {
            let kind = match callee {
                Value::Cell(CellKind::Def, _) => "region",
                _ => self.m.heap.kind_name(callee),
            };
            return Err(Fault::kind(format!("a {kind} takes no content")));
        }
        let ret = self.emit_ret(callee);
        match self.invoke(callee, &args, &named, ret, content)? {
            Some(value) => self.write(value),
            None => Ok(Flow::Go),
        }
    }

    pub(crate) fn call_attr(&mut self, base: Base, sym: Sym, shape: ShapeId) -> Done {
        self.pay_for(sym)?;
        let object = self.get(Src(base.0));
        let name = self.compiled.chunk.symbol(sym);
        let (args, named) = self.arguments(base, shape)?;
        let ret = Ret::Value(self.register(base));
        if let Some(value) = self.call_method_of(object, name, &args, &named, ret)? {
            self.put(base, value);
        }
        Ok(Flow::Go)
    }

    fn call_method_of(
        &mut self,
        object: Value<'c>,
        name: &str,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
        ret: Ret,
    ) -> Result<Option<Value<'c>>, Fault> {
        if object.is_none() {
            return match self.env.rules.strict {
                true => Err(self.no_attribute(object, name)),
                false => Err(Fault::not_callable("undefined")),
            };
        }
        if let Some(entry) = ops::entry(&self.m.heap, object, name) {
            return self.invoke(entry, args, named, ret, Value::Unset);
        }
        if let Some(answer) = self.call_host_method(object, name, args, named)? {
            return Ok(Some(answer));
        }
        let kind = self.m.heap.kind(object);
        if let Some(id) = self.env.registry.method(kind, name) {
            let mut all: Positional<'c> = SmallVec::new();
            all.push(object);
            all.extend_from_slice(args);
            if named.is_empty() {
                return Ok(Some(self.call_native(id, &all, named)?));
            }
            return self.call_from_op(id, &all, named, true);
        }
        match self.read_attr(object, name)? {
            Some(callee) => self.invoke(callee, args, named, ret, Value::Unset),
            None if self.env.rules.strict => Err(self.no_attribute(object, name)),
            None => Err(Fault::not_callable("undefined")),
        }
    }

    fn call_host_method(
        &mut self,
        object: Value<'c>,
        name: &str,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Option<Value<'c>>, Fault> {
        if self.m.heap.kind(object) != Kind::Object {
            return Ok(None);
        }
        if !named.is_empty() {
            return Err(Fault::kind(format!("`{name}` takes no named arguments")));
        }
        self.m.heap.check_attribute(name)?;
        let mut data = Vec::with_capacity(args.len());
        for &arg in args {
            data.push(self.m.heap.export(arg)?);
        }
        let answer = match self.m.heap.view(object) {
            View::Object(host) => host_call(|| host.call(name, &data))?,
            View::Shared(host) => host_call(|| host.call(name, &data))?,
            _ => None,
        };
        match answer {
            Some(answer) => Ok(Some(self.m.heap.import(answer?)?)),
            None => Ok(None),
        }
    }

    pub(crate) fn run_filter(&mut self, base: Base, import: Import, shape: ShapeId) -> Done {
        let native = self.imported(import)?;
        let few = self.few(base, shape)?;
        if let Some((args, n)) = few {
            if self.prints(base) && self.write_native(native, &args[..n])? {
                // The op that prints is done.
                self.pc += 1;
                return self.check_output();
            }
            let value = self.run_native(native, &args[..n], &[])?;
            self.put(base, value);
            return Ok(Flow::Go);
        }
        let (args, named) = self.with_first(base, shape)?;
        let value = self.run_native(native, &args, &named)?;
        self.put(base, value);
        Ok(Flow::Go)
    }

    pub(crate) fn run_predicate(&mut self, base: Base, import: Import, shape: ShapeId) -> Done {
        let native = self.imported(import)?;
        let (args, named) = self.with_first(base, shape)?;
        let value = self.run_native(native, &args, &named)?;
        let is = ops::is_truthy(&self.m.heap, value);
        self.put(base, Value::Bool(is));
        Ok(Flow::Go)
    }

    /// What stands in `base` and behind it, if that is little and all by
    /// position.
    #[inline]
    fn few(&self, base: Base, shape: ShapeId) -> Result<Option<(Few<'c>, usize)>, Fault> {
        let shape = self.compiled.chunk.shape(shape);
        let shape = shape.ok_or_else(|| bug("no shape"))?;
        let n = 1 + shape.positional as usize;
        if !shape.names.is_empty() || n > FEW {
            return Ok(None);
        }
        let mut args = [Value::Unset; FEW];
        for (arg, &value) in args.iter_mut().zip(self.window(base, n)) {
            *arg = value;
        }
        Ok(Some((args, n)))
    }

    /// Is the answer in `base` printed by the next op?
    #[inline]
    fn prints(&self, base: Base) -> bool {
        let is_print =
            |&word: &u64| word as u8 == Opcode::Emit as u8 && Src::take(word >> 8) == Src(base.0);
        self.code.get(self.pc).is_some_and(is_print)
    }

    /// Print what a native answers without making it a value; false if there
    /// is no way.
    fn write_native(&mut self, native: &Native, args: &[Value<'c>]) -> Result<bool, Fault> {
        self.forget_pulled();
        let Some(write) = native.write else {
            return Ok(false);
        };
        if args.iter().any(|&arg| !self.m.heap.places(arg).is_empty()) {
            return Ok(false);
        }
        let mut text = std::mem::take(&mut self.m.own.scratch);
        text.clear();
        let written = bind(&native.name, &native.params, args, &[], |args| {
            let price = native.price(&self.m.heap, args.values);
            self.m.heap.charge(price)?;
            write(&mut Call { host: self }, args, &mut text)
        });
        let printed = match written? {
            Some(mark) => {
                self.m.out.push_text(self.surface, mark, &text);
                true
            }
            None => false,
        };
        if text.capacity() <= MOST_SCRATCH {
            self.m.own.scratch = text;
        }
        Ok(printed)
    }

    /// What the template was bound to, whatever the name means by now.
    fn imported(&self, import: Import) -> Result<&'a Native, Fault> {
        let compiled: &'a Compiled = self.compiled;
        let native = compiled.imports.get(import.index());
        native.map(|it| &**it).ok_or_else(|| bug("no import"))
    }

    /// As `arguments`, but what stands in `base` is the first of them.
    fn with_first(
        &self,
        base: Base,
        shape: ShapeId,
    ) -> Result<(Positional<'c>, Named<'a, 'c>), Fault> {
        let chunk = &self.compiled.chunk;
        let shape = chunk.shape(shape).ok_or_else(|| bug("no shape"))?;
        let n = 1 + shape.positional as usize;
        let window = self.window(base, 1 + shape.len());
        let (positional, named) = window.split_at(n.min(window.len()));
        let names = shape.names.iter().map(|&name| chunk.symbol(name));
        Ok((
            SmallVec::from_slice(positional),
            names.zip(named.iter().copied()).collect(),
        ))
    }

    /// Call anything. `None`: a frame was pushed, and its answer goes where
    /// `ret` says.
    pub(crate) fn invoke(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
        ret: Ret,
        content: Value<'c>,
    ) -> Result<Option<Value<'c>>, Fault> {
        match callee {
            // A builtin that calls waits for the answer; an op need not.
            Value::Native(id) if ret == Ret::Host || named.is_empty() => {
                Ok(Some(self.call_native(id, args, named)?))
            }
            Value::Native(id) => self.call_from_op(id, args, named, false),
            Value::Cell(CellKind::Def, id) => {
                let Cell::Def(def) = self.m.heap.cell(id) else {
                    return Err(bug("no def"));
                };
                let callee = Callee {
                    template: def.template,
                    proto: def.proto,
                    context: def.context,
                    is_region: def.is_region,
                    defaults: SmallVec::from_slice(&def.defaults),
                    captures: SmallVec::from_slice(&def.captures),
                };
                self.call_def(&callee, args, named, ret, content)?;
                Ok(None)
            }
            Value::Cell(CellKind::Bound, id) => {
                let Cell::Bound(native, object) = *self.m.heap.cell(id) else {
                    return Err(bug("no method"));
                };
                let mut all: Positional<'c> = SmallVec::new();
                all.push(object);
                all.extend_from_slice(args);
                if ret == Ret::Host || named.is_empty() {
                    return Ok(Some(self.call_native(native, &all, named)?));
                }
                self.call_from_op(native, &all, named, true)
            }
            Value::Cell(CellKind::Content, _) => self.call_caller(callee, args, named, ret),
            _ => Err(Fault::not_callable(self.m.heap.kind_name(callee))),
        }
    }

    /// Call a native, its price paid first.
    pub(crate) fn call_native(
        &mut self,
        id: NativeId,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        self.forget_pulled();
        let env: &'a Env<'c> = self.env;
        let native = env.registry.native(id).ok_or_else(|| bug("no native"))?;
        self.run_native(native, args, named)
    }

    fn run_native(
        &mut self,
        native: &Native,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        // `safe` hands text on; every other native looks into it.
        let has_places = args.iter().any(|&arg| !self.m.heap.places(arg).is_empty());
        if has_places && *native.name != *"safe" {
            let mut settled: Positional<'c> = SmallVec::with_capacity(args.len());
            for &arg in args {
                settled.push(self.settled(arg)?);
            }
            return self.run_native(native, &settled, named);
        }
        bind(&native.name, &native.params, args, named, |args| {
            let price = native.price_of(&self.m.heap, &args);
            self.m.heap.charge(price)?;
            let mut call = Call { host: self };
            match &native.run {
                Run::Builtin(run) => run(&mut call, args),
                Run::Host(run) => run.run(&mut call, args),
            }
        })
    }

    /// Call a value from a builtin and run it to its end.
    pub(crate) fn call_back(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault> {
        // A native runs no template code of its own accord: nothing to count.
        if let Value::Native(_) | Value::Cell(CellKind::Bound, _) = callee {
            let answer = self.invoke(callee, args, named, Ret::Host, Value::Unset)?;
            return answer.ok_or_else(|| bug("a native left a frame"));
        }
        let most = self.m.heap.limits.callback_depth;
        if self.m.callbacks >= most {
            return Err(Fault::new(
                Code::RunCallDepth,
                format!("callbacks are nested deeper than {most}"),
            ));
        }
        self.m.callbacks += 1;
        let floor = self.m.frames.len();
        let answer = match self.invoke(callee, args, named, Ret::Host, Value::Unset) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => self.run(floor).map(|_| self.m.result),
            Err(fault) => Err(fault),
        };
        self.m.callbacks -= 1;
        answer
    }

    fn call_def(
        &mut self,
        def: &Callee<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
        ret: Ret,
        content: Value<'c>,
    ) -> Result<(), Fault> {
        let compiled = self.templates.get(def.template.0 as usize);
        let compiled: &'a Compiled = compiled.ok_or_else(|| bug("no template"))?;
        let id = ProtoId(def.proto as u16);
        let proto = compiled.chunk.proto(id).ok_or_else(|| bug("no proto"))?;
        let values = self.bind_def(def, compiled, proto, args, named)?;

        let from = if def.is_region {
            self.frame().context
        } else {
            def.context
        };
        let mut frame = self.child(def.template, id, Role::Call, ret);
        frame.context = from;
        if proto.own_context {
            frame.context = context::copy(&mut self.m.heap, from)?;
            frame.owned = self.m.heap.context_bytes(frame.context);
            frame.kept = self.m.kept;
        }
        frame.content = content;
        self.open(compiled, proto, frame)?;
        if proto.own_context {
            let context = self.frame().context;
            for (param, &value) in proto.params.iter().zip(&values) {
                if value.is_set() {
                    let wanted = self.wanted(param.name);
                    context::write(&mut self.m.heap, context, &wanted, value)?;
                }
            }
        }
        let all = values.iter().chain(def.captures.iter());
        for (idx, &value) in all.enumerate() {
            if let Some(slot) = self.m.regs.get_mut(self.base + idx) {
                *slot = value;
            }
        }
        Ok(())
    }

    /// Arguments to the parameters of a def or region.
    fn bind_def(
        &mut self,
        def: &Callee<'c>,
        compiled: &crate::Compiled,
        proto: &gravure_bytecode::Proto,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<SmallVec<[Value<'c>; 8]>, Fault> {
        let chunk = &compiled.chunk;
        let callee = chunk.symbol(proto.name);
        let mut values: SmallVec<[Value<'c>; 8]> =
            SmallVec::from_elem(Value::Unset, proto.params.len());
        let mut rest_at = None;
        let mut named_at = None;
        let mut n_taken = 0;
        for (idx, param) in proto.params.iter().enumerate() {
            match param.role {
                ParamRole::Plain => {
                    if let Some(&value) = args.get(n_taken) {
                        values[idx] = value;
                        n_taken += 1;
                    }
                }
                ParamRole::Rest => rest_at = Some(idx),
                ParamRole::NamedRest => named_at = Some(idx),
                ParamRole::Named => {}
            }
        }
        let surplus = args.get(n_taken..).unwrap_or(&[]);
        match rest_at {
            Some(idx) => values[idx] = self.m.heap.new_tuple(surplus.to_vec())?,
            None if !surplus.is_empty() => {
                return Err(Fault::kind(format!(
                    "`{callee}` takes at most {n_taken} positional arguments, {} were given",
                    args.len()
                )));
            }
            None => {}
        }
        let mut others = Dict::new();
        for &(name, value) in named {
            let by_name = |param: &gravure_bytecode::ProtoParam| {
                matches!(param.role, ParamRole::Plain | ParamRole::Named)
                    && chunk.symbol(param.name) == name
            };
            match proto.params.iter().position(by_name) {
                Some(idx) if values[idx].is_set() => {
                    let name = gravure_value::excerpt(name);
                    return Err(Fault::kind(format!("`{callee}` got `{name}` twice")));
                }
                Some(idx) => values[idx] = value,
                None if named_at.is_some() => {
                    let key = self.m.heap.new_text(Mark::Plain, name)?;
                    others.insert(&self.m.heap, key, value)?;
                }
                None => {
                    let name = gravure_value::excerpt(name);
                    let mut fault = Fault::kind(format!("`{callee}` has no parameter `{name}`"));
                    let params = proto.params.iter().map(|param| chunk.symbol(param.name));
                    fault.subject = Some(Subject {
                        name: name.into_owned(),
                        known: params.take(64).map(str::to_owned).collect(),
                    });
                    return Err(fault);
                }
            }
        }
        if let Some(idx) = named_at {
            values[idx] = self.m.heap.new_dict(others)?;
        }
        for (idx, param) in proto.params.iter().enumerate() {
            if values[idx].is_set() {
                continue;
            }
            if let Some(&default) = def.defaults.get(idx)
                && default.is_set()
            {
                values[idx] = default;
            } else if !param.has_default {
                return Err(Fault::kind(format!(
                    "`{callee}` needs the argument `{}`",
                    chunk.symbol(param.name)
                )));
            }
        }
        Ok(values)
    }
}
