//! Methods and properties of values, by kind.
//!
//! In: a receiver, always the first parameter, and arguments. Out: values.
//! Absent: which names a dict's keys hide, and what a missing name means; the
//! machine decides both.
//!
//! A method that changes its receiver takes any arguments at first, so that it
//! can refuse data of the host before it looks at them.

mod dict;
mod list;
mod loops;
mod number;
mod range;
mod set;
mod sort;
mod store;
mod text;
mod undefined;

#[cfg(test)]
mod tests;

use gravure_value::{
    Args, Call, Cost, Fault, Kind, Native, NativeFn, Param, Params, Registry, Value, bind, ops,
};

/// Give every kind its methods and properties.
pub(crate) fn register(registry: &mut Registry) {
    text::register(registry);
    list::register(registry);
    dict::register(registry);
    set::register(registry);
    range::register(registry);
    number::register(registry);
    loops::register(registry);
    undefined::register(registry);
}

/// The receiver.
const SELF: Param = Param::positional("self");
/// Nothing but the receiver.
const ALONE: &[Param] = &[SELF];

/// The methods of one or more kinds, as they are entered into the registry.
struct Table<'r> {
    registry: &'r mut Registry,
    kinds: &'static [Kind],
}

impl Table<'_> {
    /// A method that only reads its receiver, at a cost of its size.
    fn method(&mut self, name: &'static str, params: &'static [Param], run: NativeFn) {
        self.enter(name, Params::new(params), Cost::Input, run);
    }

    /// A method that does not look at all of its receiver.
    fn quick(&mut self, name: &'static str, params: &'static [Param], run: NativeFn) {
        self.enter(name, Params::new(params), Cost::Flat(1), run);
    }

    /// A method of any number of arguments.
    fn variadic(&mut self, name: &'static str, run: NativeFn) {
        self.enter(name, Params::new(ALONE).with_rest(), Cost::Flat(1), run);
    }

    /// A method that changes its receiver; `run` binds by [`change`].
    fn mutator(&mut self, name: &'static str, run: NativeFn) {
        let params = Params::new(ALONE).with_rest().with_named_rest();
        self.enter(name, params, Cost::Flat(1), run);
    }

    /// An attribute that is computed when it is read.
    fn property(&mut self, name: &'static str, run: NativeFn) {
        let native = Native::builtin(name, Params::new(ALONE), Cost::Flat(1), run);
        let id = self.registry.add(native);
        for &kind in self.kinds {
            self.registry.set_property(kind, name, id);
        }
    }

    fn enter(&mut self, name: &'static str, params: Params, cost: Cost, run: NativeFn) {
        let id = self.registry.add(Native::builtin(name, params, cost, run));
        for &kind in self.kinds {
            self.registry.set_method(kind, name, id);
        }
    }
}

/// Refuse data of the host, then bind what a mutator was given; `then` gets
/// the receiver and the arguments that follow it.
fn change<'c>(
    call: &mut Call<'_, 'c>,
    args: Args<'_, 'c>,
    name: &str,
    params: Params,
    then: impl FnOnce(&mut Call<'_, 'c>, Value<'c>, Args<'_, 'c>) -> Result<Value<'c>, Fault>,
) -> Result<Value<'c>, Fault> {
    let receiver = args.get(0);
    if call.heap().is_read_only(receiver) {
        return Err(Fault::read_only(name));
    }
    bind(name, &params, args.rest, args.named, |args| {
        then(call, receiver, args)
    })
}

/// An int or bool argument; too large ones count as the largest.
fn int_arg<'c>(call: &mut Call<'_, 'c>, value: Value<'c>, name: &str) -> Result<i64, Fault> {
    let heap = call.heap();
    match ops::as_index(heap, value) {
        Some(it) => Ok(it),
        None => {
            let kind = heap.kind_name(value);
            Err(Fault::kind(format!("`{name}` must be an int, not {kind}")))
        }
    }
}

/// An int argument that may be left out.
fn int_arg_or<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    name: &str,
    default: i64,
) -> Result<i64, Fault> {
    match value {
        Value::Unset => Ok(default),
        _ => int_arg(call, value, name),
    }
}

/// A bound of a search: an int, or none for the end of what is searched.
fn bound_arg<'c>(
    call: &mut Call<'_, 'c>,
    value: Value<'c>,
    name: &str,
) -> Result<Option<i64>, Fault> {
    match value {
        Value::Unset | Value::None => Ok(None),
        _ => int_arg(call, value, name).map(Some),
    }
}

/// The part of `len` items that bounds leave: from, to. `from` may lie behind
/// `to`, then nothing is left.
fn bounds(len: usize, start: Option<i64>, end: Option<i64>) -> (usize, usize) {
    let from_either_end = |at: i64| {
        let distance = usize::try_from(at.unsigned_abs()).unwrap_or(usize::MAX);
        if at < 0 {
            len.saturating_sub(distance)
        } else {
            distance
        }
    };
    (
        start.map_or(0, from_either_end),
        end.map_or(len, from_either_end).min(len),
    )
}
