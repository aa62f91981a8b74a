//! The one table that names every builtin.

use crate::{filters, functions, methods, predicates, surfaces};
use gravure_value::{Cost, Native, NativeFn, NativeId, Param, Params, Quick, Registry, WriteFn};
use std::borrow::Cow;

/// About as many natives as there are, and methods counted by kind.
const NATIVES: usize = 300;
const METHODS: usize = 110;

/// All filters, predicates, functions, methods and properties of the language.
///
/// ```
/// let registry = gravure_builtins::registry();
/// assert_eq!(registry.filter("count"), registry.filter("length"));
/// assert!(registry.predicate("odd").is_some());
/// ```
pub fn registry() -> Registry {
    let mut registry = Registry::with_room(NATIVES, METHODS);
    filters::register(&mut registry);
    predicates::register(&mut registry);
    functions::register(&mut registry);
    methods::register(&mut registry);
    surfaces::register(&mut registry);
    registry
}

/// A name that comes with the build.
pub(crate) type Name = Cow<'static, str>;

/// One native and the names that it goes by; its first name is the one that
/// messages show.
pub(crate) struct Row {
    names: &'static [&'static str],
    native: Native,
}

impl Row {
    /// A native whose cost is charged as it goes: one step to begin with.
    pub(crate) fn new(names: &'static [&'static str], params: Params, run: NativeFn) -> Self {
        Self::costing(Cost::Flat(1), names, params, run)
    }

    /// A native that reads all of its arguments once.
    pub(crate) fn reading(names: &'static [&'static str], params: Params, run: NativeFn) -> Self {
        Self::costing(Cost::Input, names, params, run)
    }

    /// A native that reads names and messages, and little else of what it is
    /// given.
    pub(crate) fn naming(names: &'static [&'static str], params: Params, run: NativeFn) -> Self {
        Self::costing(Cost::Words, names, params, run)
    }

    /// It can be printed without being made.
    pub(crate) fn writing(mut self, write: WriteFn) -> Self {
        self.native.write = Some(write);
        self
    }

    /// A machine may do without calling it.
    pub(crate) fn known_as(mut self, quick: Quick) -> Self {
        self.native.quick = quick;
        self
    }

    fn costing(cost: Cost, names: &'static [&'static str], params: Params, run: NativeFn) -> Self {
        let name = names.first().copied().unwrap_or_default();
        Self {
            names,
            native: Native::builtin(name, params, cost, run),
        }
    }

    /// Give the row's native a number, and tell its names to `name`.
    pub(crate) fn add(self, registry: &mut Registry, name: fn(&mut Registry, Name, NativeId)) {
        let id = registry.add(self.native);
        for it in self.names {
            name(registry, Name::Borrowed(it), id);
        }
    }
}

/// Parameters as a template author would write them down: those before `/` are
/// given by position only, those after `*` by name only, `name=` may be left
/// out; `*rest` and `**named` take what is left. They are read while this room
/// is compiled, so a process that starts finds them ready.
macro_rules! params {
    ($signature:expr) => {{
        const SIGNATURE: &str = $signature;
        const LIST: &[gravure_value::Param] =
            &$crate::registry::list::<{ $crate::registry::count(SIGNATURE) }>(SIGNATURE);
        const PARAMS: gravure_value::Params = $crate::registry::shaped(SIGNATURE, LIST);
        PARAMS
    }};
}
pub(crate) use params;

/// A word of a signature, and what is behind it.
const fn word(signature: &'static str) -> (&'static str, &'static str) {
    let bytes = signature.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] == b',' {
            let (word, rest) = signature.split_at(at);
            return (word, rest.split_at(", ".len()).1);
        }
        at += 1;
    }
    (signature, "")
}

/// Does a word name a parameter of its own?
const fn is_param(word: &str) -> bool {
    !matches!(word.as_bytes(), [b'/' | b'*', ..])
}

/// How many parameters a signature has.
pub(crate) const fn count(mut signature: &'static str) -> usize {
    let mut n = 0;
    while !signature.is_empty() {
        let (it, rest) = word(signature);
        n += is_param(it) as usize;
        signature = rest;
    }
    n
}

/// How many parameters stand before `/`.
const fn count_positional(mut signature: &'static str) -> usize {
    let mut n = 0;
    while !signature.is_empty() {
        let (it, rest) = word(signature);
        if matches!(it.as_bytes(), b"/") {
            return n;
        }
        n += 1;
        signature = rest;
    }
    0
}

/// The parameters of a signature, one by one.
pub(crate) const fn list<const N: usize>(mut signature: &'static str) -> [Param; N] {
    let n_positional = count_positional(signature);
    let mut list = [Param::required(""); N];
    let mut is_named = false;
    let mut idx = 0;
    while !signature.is_empty() {
        let (it, rest) = word(signature);
        signature = rest;
        if !is_param(it) {
            is_named |= it.as_bytes()[0] == b'*';
            continue;
        }
        let is_optional = it.as_bytes()[it.len() - 1] == b'=';
        let name = match is_optional {
            true => it.split_at(it.len() - 1).0,
            false => it,
        };
        list[idx] = match (is_optional, idx < n_positional) {
            _ if is_named => Param::named(name),
            (false, true) => Param::positional(name),
            (false, false) => Param::required(name),
            (true, true) => Param::optional_positional(name),
            (true, false) => Param::optional(name),
        };
        idx += 1;
    }
    list
}

/// Parameters with what takes the rest.
pub(crate) const fn shaped(mut signature: &'static str, list: &'static [Param]) -> Params {
    let mut params = Params::new(list);
    while !signature.is_empty() {
        let (it, rest) = word(signature);
        signature = rest;
        match it.as_bytes() {
            [b'*', b'*', ..] => params = params.with_named_rest(),
            [b'*', _, ..] => params = params.with_rest(),
            _ => {}
        }
    }
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read() {
        let read = params!("value, /, old, count=, *rest, strict=, **named");
        let expected = [
            Param::positional("value"),
            Param::required("old"),
            Param::optional("count"),
            Param::named("strict"),
        ];
        assert_eq!(*read.list, expected);
        assert!(read.rest && read.named_rest);
        assert_eq!(params!(""), Params::default());
        let read = params!("value=, /, *, key=");
        assert_eq!(
            *read.list,
            [Param::optional_positional("value"), Param::named("key")]
        );
        assert!(!read.rest && !read.named_rest);
    }

    #[test]
    fn every_name_is_there() {
        let registry = registry();
        let filters = "abs attr batch capitalize center classes commas compact count csp_nonce d \
            date debug decimal default dictsort e escape filesizeformat first float format \
            format_number get groupby indent int join last length list lower map max min \
            pluralize pprint random reject rejectattr replace require reverse round safe select \
            selectattr shuffle skip slice slug sort string strip striptags sum take title tojson \
            trim truncate typeof unique upper urlencode wordcount wordwrap xmlattr";
        assert_eq!(registry.filter_names().join(" "), filters);
        let predicates = "callable defined divisibleby eq equalto even false ge greaterthan gt \
            hx_boosted hx_request hx_target in iterable le lessthan lower lt mapping match ne none \
            number odd sameas sequence string true undefined upper";
        assert_eq!(registry.predicate_names().join(" "), predicates);
        let functions = "_ _n abs bool consume csp_nonce csrf_token dict enumerate filter float \
            hx_boosted hx_request hx_target hx_trigger int len list map max min range reversed \
            set sorted str sum tuple zip";
        assert_eq!(registry.function_names().join(" "), functions);
    }
}
