//! Names in a template context: read, written, copied.
//!
//! Order of reading: the overlay of an include, what was written, static
//! values, what the host gave, globals. Nothing hashes a name at run time but
//! the host's own maps.

use crate::{Compiled, exec::Exec};
use gravure_bytecode::Sym;
use gravure_source::Symbol;
use gravure_value::{
    Cell, CellKind, Context, ContextVar, Fault, Heap, Name, Read, TemplateId, Value, Vars, View,
    guarded, ops,
};
use std::sync::Arc;

/// A name of the running template, with what comparing it needs.
#[derive(Clone, Copy)]
pub(crate) struct Wanted<'a> {
    pub name: Name,
    pub text: &'a str,
}

impl<'a> Wanted<'a> {
    /// The name behind a symbol.
    pub(crate) fn new(template: TemplateId, compiled: &'a Compiled, sym: Sym) -> Self {
        Self {
            name: Name {
                hash: compiled.hash(sym),
                template,
                symbol: Symbol(sym.0),
            },
            text: compiled.chunk.symbol(sym),
        }
    }

    /// Is it the same name?
    pub(crate) fn is(&self, heap: &Heap<'_>, other: &Name) -> bool {
        self.name.hash == other.hash
            && ((self.name.template == other.template && self.name.symbol == other.symbol)
                || heap
                    .pool(other.template)
                    .is_some_and(|pool| pool.symbol(other.symbol) == self.text))
    }
}

/// Are two names the same?
#[inline]
pub(crate) fn is_same(heap: &Heap<'_>, one: &Name, other: &Name) -> bool {
    one.hash == other.hash
        && ((one.template == other.template && one.symbol == other.symbol)
            || match (heap.pool(one.template), heap.pool(other.template)) {
                (Some(mine), Some(theirs)) => {
                    mine.symbol(one.symbol) == theirs.symbol(other.symbol)
                }
                _ => false,
            })
}

/// The context behind a value.
pub(crate) fn context_of<'a, 'c>(heap: &'a Heap<'c>, value: Value<'c>) -> Option<&'a Context<'c>> {
    match value {
        Value::Cell(CellKind::Context, id) => match heap.cell(id) {
            Cell::Context(context) => Some(context),
            _ => None,
        },
        _ => None,
    }
}

/// So many variables are looked through for nothing.
pub(crate) const FREE: usize = 16;

/// What looking through a context costs beyond the op itself: nothing for the
/// few variables that most templates write.
fn price(heap: &Heap<'_>, context: &Context<'_>) -> Result<(), Fault> {
    let overlaid = context.overlay.as_ref().map_or(0, |vars| vars.len());
    match context.vars.len() + overlaid {
        0..=FREE => Ok(()),
        n => heap.charge(n as u64 / 8),
    }
}

/// A variable that was written (or overlaid); `Unset` ones are gone.
pub(crate) fn written<'c>(
    heap: &Heap<'c>,
    context: Value<'c>,
    wanted: &Wanted<'_>,
) -> Option<Value<'c>> {
    let mut at = context;
    while let Some(context) = context_of(heap, at) {
        let overlay = context.overlay.iter().flat_map(|vars| vars.iter());
        let found = overlay
            .chain(context.vars.iter())
            .find(|var| var.value.is_set() && wanted.is(heap, &var.name));
        if let Some(var) = found {
            return Some(var.value);
        }
        at = context.shared;
    }
    None
}

/// The value of a variable that is shared.
pub(crate) fn shared<'c>(heap: &Heap<'c>, var: Value<'c>) -> Value<'c> {
    match var {
        Value::Cell(CellKind::Var, id) => match heap.cell(id) {
            Cell::Var(value) => *value,
            _ => Value::Unset,
        },
        _ => Value::Unset,
    }
}

/// What the host gave to a context.
pub(crate) fn host_of<'c>(heap: &Heap<'c>, context: Value<'c>) -> Value<'c> {
    let mut at = context;
    loop {
        match context_of(heap, at) {
            Some(context) if context.shared.is_set() => at = context.shared,
            Some(context) => return context.host,
            None => return Value::Unset,
        }
    }
}

/// Write a variable; the value that stood there comes back, `Unset` if none.
pub(crate) fn write<'c>(
    heap: &mut Heap<'c>,
    context: Value<'c>,
    wanted: &Wanted<'_>,
    value: Value<'c>,
) -> Result<Value<'c>, Fault> {
    let mut at = context;
    while let Some(context) = context_of(heap, at) {
        if !context.shared.is_set() {
            break;
        }
        at = context.shared;
    }
    if let Some(own) = context_of(heap, at) {
        price(heap, own)?;
    }
    let position = context_of(heap, at).and_then(|context| {
        context
            .vars
            .iter()
            .position(|var| wanted.is(heap, &var.name))
    });
    let Value::Cell(CellKind::Context, id) = at else {
        return Ok(Value::Unset);
    };
    if position.is_none() {
        heap.grow(size_of::<ContextVar<'_>>())?;
    }
    let Some(Cell::Context(context)) = heap.cell_mut(id) else {
        return Ok(Value::Unset);
    };
    let vars = context.vars.make_mut();
    match position.and_then(|idx| vars.get_mut(idx)) {
        Some(var) => Ok(std::mem::replace(&mut var.value, value)),
        None => {
            vars.push(ContextVar {
                name: wanted.name,
                value,
            });
            Ok(Value::Unset)
        }
    }
}

/// A copy of a context: both sides share what was written until one writes.
pub(crate) fn copy<'c>(heap: &mut Heap<'c>, context: Value<'c>) -> Result<Value<'c>, Fault> {
    let mut flat = Context {
        host: host_of(heap, context),
        vars: Vars::default(),
        overlay: None,
        shared: Value::Unset,
    };
    let mut overlays: Vec<ContextVar<'c>> = Vec::new();
    let mut at = context;
    while let Some(context) = context_of(heap, at) {
        price(heap, context)?;
        if let Some(overlay) = &context.overlay {
            overlays.extend(overlay.iter().copied());
        }
        if !context.shared.is_set() {
            flat.vars = context.vars.clone();
        }
        at = context.shared;
    }
    if !overlays.is_empty() {
        flat.overlay = Some(Arc::new(overlays));
    }
    heap.new_context(flat)
}

/// Put everything that was written behind some variables; what the host gave
/// comes back.
pub(crate) fn gather<'c>(
    heap: &Heap<'c>,
    context: Value<'c>,
    vars: &mut Vec<ContextVar<'c>>,
) -> Result<Value<'c>, Fault> {
    let mut overlays: Vec<ContextVar<'c>> = Vec::new();
    let mut host = Value::Unset;
    let mut at = context;
    while let Some(context) = context_of(heap, at) {
        price(heap, context)?;
        if let Some(overlay) = &context.overlay {
            overlays.extend(overlay.iter().copied());
        }
        if !context.shared.is_set() {
            vars.extend_from_slice(&context.vars);
            host = context.host;
        }
        at = context.shared;
    }
    vars.extend(overlays);
    Ok(host)
}

/// Ask the host; a panic of its code becomes a fault.
///
/// # Errors
/// `K-RUN-007` if it panics.
pub(crate) fn host_call<T>(ask: impl FnOnce() -> T) -> Result<T, Fault> {
    guarded(ask).map_err(|_| Fault::value("an object of the host panicked"))
}

impl<'c> Exec<'_, 'c> {
    /// The context's value of a name, `None` if there is none anywhere.
    pub(crate) fn lookup(
        &mut self,
        context: Value<'c>,
        wanted: &Wanted<'_>,
    ) -> Result<Option<Value<'c>>, Fault> {
        let heap = &self.m.heap;
        if let Some(own) = context_of(heap, context) {
            price(heap, own)?;
            if let Some(shared) = context_of(heap, own.shared) {
                price(heap, shared)?;
            }
        }
        if let Some(value) = written(heap, context, wanted) {
            return Ok(Some(value));
        }
        if self.env.has_statics
            && let Some(value) = ops::entry(heap, self.env.statics(), wanted.text)
        {
            return Ok(Some(value));
        }
        let given = match host_of(heap, context) {
            Value::Unset => None,
            Value::Object(object) => match host_call(|| Read::attr(object, wanted.text))? {
                Some(read) => Some(self.m.heap.take(read)?),
                None => None,
            },
            host => ops::entry(heap, host, wanted.text),
        };
        if given.is_some() {
            return Ok(given);
        }
        if self.env.globals.is_set()
            && let Some(value) = ops::entry(&self.m.heap, self.env.globals, wanted.text)
        {
            return Ok(Some(value));
        }
        let registry = &self.env.registry;
        if let Some(id) = registry.function_on(self.surface, wanted.text) {
            return Ok(Some(Value::Native(id)));
        }
        match registry.global_on(self.surface, wanted.text) {
            Some(id) => Ok(Some(self.call_native(id, &[], &[])?)),
            None => Ok(None),
        }
    }

    /// Names that a context knows, at most 64, nearest first.
    pub(crate) fn known_names(&self, context: Value<'c>) -> Vec<String> {
        const MOST: usize = 64;
        let heap = &self.m.heap;
        let mut names: Vec<String> = Vec::new();
        let mut at = context;
        // No more than are shown: a fault that a template catches must stay cheap.
        while names.len() < MOST
            && let Some(context) = context_of(heap, at)
        {
            let overlay = context.overlay.iter().flat_map(|vars| vars.iter());
            for var in overlay.chain(context.vars.iter()).take(MOST) {
                if let Some(pool) = heap.pool(var.name.template) {
                    names.push(pool.symbol(var.name.symbol).to_owned());
                }
            }
            at = context.shared;
        }
        if let Value::Object(object) = host_of(heap, context) {
            names.extend(object.attrs().into_iter().take(MOST).map(str::to_owned));
        }
        for layer in [self.env.statics(), host_of(heap, context), self.env.globals] {
            if let View::Dict(map) = heap.view(layer) {
                let keys = map.iter().take(MOST);
                names.extend(keys.filter_map(|(key, _)| heap.text(key).map(str::to_owned)));
            }
        }
        names.extend(
            self.env
                .registry
                .function_names_on(self.surface)
                .into_iter()
                .map(str::to_owned),
        );
        names.truncate(MOST);
        names
    }
}
