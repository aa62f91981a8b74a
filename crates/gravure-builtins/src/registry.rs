//! The one table that names every builtin.

use crate::{filters, functions, methods, predicates, surfaces};
use gravure_value::{Cost, Native, NativeFn, NativeId, Param, Params, Registry, WriteFn};

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

/// One native and the names that it goes by; its first name is the one that
/// messages show.
pub(crate) struct Row {
    names: &'static [&'static str],
    native: Native,
}

impl Row {
    /// A native whose cost is charged as it goes: one step to begin with.
    pub(crate) fn new(
        names: &'static [&'static str],
        signature: &'static str,
        run: NativeFn,
    ) -> Self {
        Self::costing(Cost::Flat(1), names, signature, run)
    }

    /// A native that reads all of its arguments once.
    pub(crate) fn reading(
        names: &'static [&'static str],
        signature: &'static str,
        run: NativeFn,
    ) -> Self {
        Self::costing(Cost::Input, names, signature, run)
    }

    /// A native that reads names and messages, and little else of what it is
    /// given.
    pub(crate) fn naming(
        names: &'static [&'static str],
        signature: &'static str,
        run: NativeFn,
    ) -> Self {
        Self::costing(Cost::Words, names, signature, run)
    }

    /// It can be printed without being made.
    pub(crate) fn writing(mut self, write: WriteFn) -> Self {
        self.native.write = Some(write);
        self
    }

    fn costing(
        cost: Cost,
        names: &'static [&'static str],
        signature: &'static str,
        run: NativeFn,
    ) -> Self {
        let name = names.first().copied().unwrap_or_default();
        Self {
            names,
            native: Native::builtin(name, params(signature), cost, run),
        }
    }

    /// Give the row's native a number, and tell its names to `name`.
    pub(crate) fn add(self, registry: &mut Registry, name: fn(&mut Registry, &str, NativeId)) {
        let id = registry.add(self.native);
        for it in self.names {
            name(registry, it, id);
        }
    }
}

/// Parameters as a template author would write them down: those before `/` are
/// given by position only, those after `*` by name only, `name=` may be left
/// out; `*rest` and `**named` take what is left.
fn params(signature: &'static str) -> Params {
    let words = || signature.split(", ").filter(|it| !it.is_empty());
    let n_positional = match signature.contains('/') {
        true => words().position(|it| it == "/").unwrap_or(0),
        false => 0,
    };
    let mut params = Params::default();
    let mut list = Vec::with_capacity(4);
    let mut is_named = false;
    for (idx, word) in words().enumerate() {
        if word == "/" {
            continue;
        }
        if word.starts_with("**") {
            params.named_rest = true;
        } else if word.starts_with('*') {
            is_named = true;
            params.rest = word.len() > 1;
        } else {
            let optional = word.strip_suffix('=');
            let name = optional.unwrap_or(word);
            list.push(match (optional.is_some(), idx < n_positional) {
                _ if is_named => Param::named(name),
                (false, true) => Param::positional(name),
                (false, false) => Param::required(name),
                (true, true) => Param::optional_positional(name),
                (true, false) => Param::optional(name),
            });
        }
    }
    params.list = list.into();
    params
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signatures_are_read() {
        let read = params("value, /, old, count=, *rest, strict=, **named");
        let expected = [
            Param::positional("value"),
            Param::required("old"),
            Param::optional("count"),
            Param::named("strict"),
        ];
        assert_eq!(*read.list, expected);
        assert!(read.rest && read.named_rest);
        assert_eq!(params(""), Params::default());
        let read = params("value=, /, *, key=");
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
