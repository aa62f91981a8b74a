//! Arguments to parameters, for natives.

use crate::{Fault, Value};
use smallvec::SmallVec;

/// How a parameter takes its argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ParamKind {
    /// Must be given, by position or name.
    Required,
    /// May be given, by position or name; [`Value::Unset`] if it is not.
    Optional,
    /// May be given, by name only.
    Named,
    /// Must be given, by position only.
    Positional,
    /// May be given, by position only.
    OptionalPositional,
}

/// One parameter.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Param {
    /// Its name.
    pub name: &'static str,
    /// How it takes its argument.
    pub kind: ParamKind,
}

/// The parameters of a native.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Params {
    /// One by one.
    pub list: std::borrow::Cow<'static, [Param]>,
    /// Surplus positional arguments go to [`Args::rest`].
    pub rest: bool,
    /// Surplus named arguments go to [`Args::named`].
    pub named_rest: bool,
}

impl Params {
    /// Exactly these.
    pub const fn new(list: &'static [Param]) -> Self {
        Self {
            list: std::borrow::Cow::Borrowed(list),
            rest: false,
            named_rest: false,
        }
    }

    /// These, and any number of others by position.
    #[must_use]
    pub const fn with_rest(mut self) -> Self {
        self.rest = true;
        self
    }

    /// These, and any number of others by name.
    #[must_use]
    pub const fn with_named_rest(mut self) -> Self {
        self.named_rest = true;
        self
    }
}

impl Param {
    /// Must be given, by position or name.
    pub const fn required(name: &'static str) -> Self {
        Self {
            name,
            kind: ParamKind::Required,
        }
    }
    /// May be given, by position or name.
    pub const fn optional(name: &'static str) -> Self {
        Self {
            name,
            kind: ParamKind::Optional,
        }
    }
    /// May be given, by name only.
    pub const fn named(name: &'static str) -> Self {
        Self {
            name,
            kind: ParamKind::Named,
        }
    }
    /// Must be given, by position only.
    pub const fn positional(name: &'static str) -> Self {
        Self {
            name,
            kind: ParamKind::Positional,
        }
    }
    /// May be given, by position only.
    pub const fn optional_positional(name: &'static str) -> Self {
        Self {
            name,
            kind: ParamKind::OptionalPositional,
        }
    }
}

/// Arguments as a native gets them.
#[derive(Clone, Copy, Debug)]
pub struct Args<'a, 'c> {
    /// One a parameter, in order; [`Value::Unset`] where none was given.
    pub values: &'a [Value<'c>],
    /// Surplus positional arguments.
    pub rest: &'a [Value<'c>],
    /// Surplus named arguments.
    pub named: &'a [(&'a str, Value<'c>)],
}

impl<'c> Args<'_, 'c> {
    /// The argument of a parameter; `Unset` if it was not given.
    pub fn get(&self, idx: usize) -> Value<'c> {
        self.values.get(idx).copied().unwrap_or(Value::Unset)
    }

    /// The argument of a parameter, or another value if it was not given.
    pub fn get_or(&self, idx: usize, default: Value<'c>) -> Value<'c> {
        match self.get(idx) {
            Value::Unset => default,
            value => value,
        }
    }

    /// The argument if it was given.
    pub fn given(&self, idx: usize) -> Option<Value<'c>> {
        Some(self.get(idx)).filter(|value| value.is_set())
    }
}

/// Bind arguments to parameters and hand them to `then`.
///
/// # Errors
/// `K-RUN-012` for too many, too few, doubled or unknown arguments.
pub fn bind<'c, T>(
    callee: &str,
    params: &Params,
    positional: &[Value<'c>],
    named: &[(&str, Value<'c>)],
    then: impl FnOnce(Args<'_, 'c>) -> Result<T, Fault>,
) -> Result<T, Fault> {
    // Every parameter has its argument, in order: nothing to bind.
    let is_plain = named.is_empty()
        && positional.len() == params.list.len()
        && params
            .list
            .iter()
            .all(|param| param.kind != ParamKind::Named);
    if is_plain {
        return then(Args {
            values: positional,
            rest: &[],
            named: &[],
        });
    }
    // The first ones have theirs, and the others can do without.
    const FEW: usize = 6;
    if named.is_empty() && positional.len() < params.list.len() && params.list.len() <= FEW {
        let (given, left) = params.list.split_at(positional.len());
        let is_simple = given.iter().all(|it| it.kind != ParamKind::Named)
            && left
                .iter()
                .all(|it| !matches!(it.kind, ParamKind::Required | ParamKind::Positional));
        if is_simple {
            let mut values = [Value::Unset; FEW];
            values[..positional.len()].copy_from_slice(positional);
            return then(Args {
                values: &values[..params.list.len()],
                rest: &[],
                named: &[],
            });
        }
    }
    let mut values: SmallVec<[Value<'c>; 8]> = SmallVec::from_elem(Value::Unset, params.list.len());
    let mut n_taken = 0;
    for (slot, param) in values.iter_mut().zip(params.list.iter()) {
        if param.kind == ParamKind::Named {
            continue;
        }
        match positional.get(n_taken) {
            Some(&value) => *slot = value,
            None => break,
        }
        n_taken += 1;
    }
    let rest = positional.get(n_taken..).unwrap_or(&[]);
    if !rest.is_empty() && !params.rest {
        return Err(Fault::kind(format!(
            "`{callee}` takes at most {n_taken} positional arguments, {} were given",
            positional.len()
        )));
    }
    let mut surplus: SmallVec<[(&str, Value<'c>); 4]> = SmallVec::new();
    for &(name, value) in named {
        let by_name = |param: &Param| {
            param.name == name
                && !matches!(
                    param.kind,
                    ParamKind::Positional | ParamKind::OptionalPositional
                )
        };
        match params.list.iter().position(by_name) {
            Some(idx) if values[idx].is_set() => {
                let name = crate::excerpt(name);
                return Err(Fault::kind(format!("`{callee}` got `{name}` twice")));
            }
            Some(idx) => values[idx] = value,
            None if params.named_rest => surplus.push((name, value)),
            None => {
                let name = crate::excerpt(name);
                return Err(Fault::kind(format!("`{callee}` has no parameter `{name}`")));
            }
        }
    }
    for (value, param) in values.iter().zip(params.list.iter()) {
        let is_needed = matches!(param.kind, ParamKind::Required | ParamKind::Positional);
        if is_needed && !value.is_set() {
            return Err(Fault::kind(format!(
                "`{callee}` needs the argument `{}`",
                param.name
            )));
        }
    }
    then(Args {
        values: &values,
        rest,
        named: &surplus,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: Params = Params::new(&[
        Param::required("value"),
        Param::optional("width"),
        Param::named("strict"),
    ]);

    fn show(positional: &[Value<'_>], named: &[(&str, Value<'_>)]) -> String {
        let result = bind("f", &PARAMS, positional, named, |args| {
            Ok(format!("{:?}", args.values))
        });
        result.unwrap_or_else(|fault| fault.message.clone())
    }

    #[test]
    fn arguments_find_their_parameters() {
        let one = Value::Int(1);
        assert_eq!(show(&[one], &[]), "[1, Unset, Unset]");
        assert_eq!(show(&[one], &[("strict", one)]), "[1, Unset, 1]");
        assert_eq!(show(&[], &[]), "`f` needs the argument `value`");
        assert_eq!(show(&[one], &[("value", one)]), "`f` got `value` twice");
        assert_eq!(show(&[one], &[("w", one)]), "`f` has no parameter `w`");
        assert_eq!(
            show(&[one, one, one], &[]),
            "`f` takes at most 2 positional arguments, 3 were given"
        );
    }
}
