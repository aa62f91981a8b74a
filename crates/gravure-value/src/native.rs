//! Functions written in Rust: filters, predicates, functions and methods.
//!
//! A native cannot be built without saying what it costs: the VM charges that
//! before the native runs, and the native charges through its [`Call`] for
//! what it makes.

use crate::{Args, Data, Fault, Heap, Iter, Kind, Mark, Params, Site, Surface, Value, World};
use gravure_source::{Code, RandomState};
use std::{borrow::Cow, collections::HashMap, sync::Arc};

/// The number of a native in its registry.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct NativeId(pub u32);

/// A native as a plain function.
pub type NativeFn = for<'c> fn(&mut Call<'_, 'c>, Args<'_, 'c>) -> Result<Value<'c>, Fault>;

/// A native that appends its text to a page in the making instead of giving a
/// value: what it says and charges is what the native does, and the mark is
/// that of the value. `None`: nothing was done, and the native must run.
pub type WriteFn =
    for<'c> fn(&mut Call<'_, 'c>, Args<'_, 'c>, &mut String) -> Result<Option<Mark>, Fault>;

/// A native that the host brings.
pub trait HostFn: Send + Sync {
    /// Do it. Charge through `call` before long work.
    ///
    /// # Errors
    /// What the host says; a host's own error is wrapped as `K-RUN-002`,
    /// `K-RUN-003` or `K-RUN-007`.
    fn run<'c>(&self, call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Result<Value<'c>, Fault>;
}

/// How a native runs.
#[derive(Clone)]
pub enum Run {
    /// One of ours.
    Builtin(NativeFn),
    /// The host's.
    Host(Arc<dyn HostFn>),
}

/// What a call costs before it starts, in steps.
#[derive(Clone, Copy, Debug)]
pub enum Cost {
    /// The same whatever it is given.
    Flat(u32),
    /// One step an item and one each 8 bytes of text, over all arguments;
    /// what lies inside of items is not counted.
    Input,
    /// One step, and one each 8 bytes of text among the arguments: for those
    /// that look names up, and must not pay for what they are looked up in.
    Words,
}

/// A native that a machine may know so well that it does the work itself where
/// that is little: for a short text or a list, and nothing beside. It answers
/// and charges what the native does.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Quick {
    /// It is always called.
    #[default]
    None,
    /// The text form in upper case, plain; [`Cost::Input`], and one step each
    /// 8 bytes of the text.
    Upper,
    /// The same in lower case.
    Lower,
    /// How many items there are; [`Cost::Flat`] of one step.
    Length,
    /// Items with a text between each two, plain if that is: one step,
    /// one an item, and one each 8 bytes of all texts between them and of each item.
    Join,
    /// Plain text of so many characters at most: what [`crate::text::shortened`]
    /// leaves with its defaults; one step, and one each 8 bytes of the text.
    Truncate,
}

/// How a native is told from another of its name, in another process too.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Identity {
    /// One of ours: it comes with the build.
    Builtin,
    /// The host's, in the version that the host gave it.
    Host(Box<str>),
    /// The host's, and nobody said which version: not even equal to itself.
    Unversioned,
}

/// A function written in Rust.
#[derive(Clone)]
pub struct Native {
    /// Its name, for messages.
    pub name: Cow<'static, str>,
    /// Which one of that name.
    pub identity: Identity,
    /// Its parameters; of a filter, predicate or method the first takes the
    /// piped value, the tested value, the receiver.
    pub params: Params,
    /// What it costs.
    pub cost: Cost,
    /// What it does.
    pub run: Run,
    /// How its answer is printed without being made, if there is a way.
    pub write: Option<WriteFn>,
    /// Which of those it is that need not be called.
    pub quick: Quick,
}

impl std::fmt::Debug for Native {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Native({})", self.name)
    }
}

impl Native {
    /// One of ours.
    pub fn builtin(name: &'static str, params: Params, cost: Cost, run: NativeFn) -> Self {
        Self {
            name: name.into(),
            identity: Identity::Builtin,
            params,
            cost,
            run: Run::Builtin(run),
            write: None,
            quick: Quick::None,
        }
    }

    /// What a call costs: its arguments, those that have no parameter of their
    /// own, and the names of those that were named.
    #[inline]
    pub fn price_of(&self, heap: &Heap<'_>, args: &Args<'_, '_>) -> u64 {
        let price = self.price(heap, args.values);
        let price = price.saturating_add(self.price(heap, args.rest));
        match args.named {
            [] => price,
            named => price.saturating_add(self.price_of_named(heap, named)),
        }
    }

    /// One step a name and one each 8 bytes of it, whatever the native does
    /// with it, and what the values cost.
    #[cold]
    fn price_of_named(&self, heap: &Heap<'_>, named: &[(&str, Value<'_>)]) -> u64 {
        let prices = named.iter().map(|&(name, value)| {
            let price = self.price(heap, &[value]);
            price.saturating_add(name.len() as u64 / 8)
        });
        prices.fold(0, u64::saturating_add)
    }

    /// What arguments of parameters cost.
    pub fn price(&self, heap: &Heap<'_>, values: &[Value<'_>]) -> u64 {
        match self.cost {
            Cost::Flat(steps) => u64::from(steps),
            Cost::Input => values
                .iter()
                .map(|&value| 1 + heap.size_hint(value))
                .fold(1, u64::saturating_add),
            Cost::Words => {
                let texts = values.iter().filter_map(|&value| heap.text(value));
                1 + texts.map(|text| text.len() as u64 / 8).sum::<u64>()
            }
        }
    }
}

/// Where a render is, and how it came there.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Whereabouts {
    /// Template and line of the call, and the traces.
    pub site: Site,
    /// Nested includes and embeds up to here.
    pub include_depth: u32,
    /// Parents up to here, of the template that is rendered or included.
    pub extends_depth: u32,
    /// Templates that are being imported, outermost first.
    pub importing: Vec<String>,
}

/// What a native may ask of the render that called it.
pub trait Host<'c> {
    /// The render's values.
    fn heap(&mut self) -> &mut Heap<'c>;
    /// The outside.
    fn world(&self) -> &dyn World;
    /// A fact about the request, such as `csp_nonce`.
    fn meta(&self, key: &str) -> Option<Data<'static>> {
        self.world().meta(key)
    }
    /// All facts about the request that were given to the render.
    fn all_meta(&self) -> Vec<(String, Data<'static>)> {
        Vec::new()
    }
    /// Set a fact about the request for the rest of the render.
    fn set_meta(&mut self, key: &str, value: Data<'static>) {
        let _ = (key, value);
    }
    /// Where the render is.
    fn whereabouts(&mut self) -> Whereabouts {
        Whereabouts::default()
    }
    /// Tell of something that stops nothing, once a place.
    fn warn(&mut self, code: Code, message: String) {
        let _ = (code, message);
    }
    /// All natives of the running template's edition.
    fn registry(&self) -> &Registry;
    /// The surface of the template that holds the call.
    fn surface(&self) -> Surface;
    /// Is a missing attribute an error?
    fn strict(&self) -> bool;
    /// Is sorting none an error?
    fn strict_none(&self) -> bool;
    /// The innermost provided value of a key.
    fn consume(&mut self, key: &str) -> Option<Value<'c>>;
    /// Call a value (a def, a function, a bound method) and wait for its answer.
    ///
    /// # Errors
    /// What the callee says; `K-RUN-018` if such calls are nested too deep.
    fn call(
        &mut self,
        callee: Value<'c>,
        args: &[Value<'c>],
        named: &[(&str, Value<'c>)],
    ) -> Result<Value<'c>, Fault>;
    /// The attribute `name` of a value as `value.name` reads it, `None` if it
    /// is missing: dict entries, then methods and properties.
    ///
    /// # Errors
    /// Only the budget and host objects.
    fn attr(&mut self, value: Value<'c>, name: &str) -> Result<Option<Value<'c>>, Fault>;
    /// The next item of an iterator, running template code if it must.
    ///
    /// # Errors
    /// What that code says.
    fn next(&mut self, iter: &mut Iter<'c>) -> Result<Option<Value<'c>>, Fault>;
}

/// The handle that a native is given.
pub struct Call<'a, 'c> {
    /// The render.
    pub host: &'a mut dyn Host<'c>,
}

impl<'c> Call<'_, 'c> {
    /// The render's values.
    pub fn heap(&mut self) -> &mut Heap<'c> {
        self.host.heap()
    }

    /// Pay for `steps` before doing them.
    ///
    /// # Errors
    /// `K-RUN-019` if the fuel is used up.
    pub fn charge(&mut self, steps: u64) -> Result<(), Fault> {
        self.host.heap().charge(steps)
    }

    /// All items of anything iterable, one-pass iterators included (they are
    /// used up). Charges one step an item.
    ///
    /// # Errors
    /// `K-RUN-012` if there are no items to go through, `K-RUN-013` for a def.
    pub fn items(&mut self, value: Value<'c>) -> Result<Vec<Value<'c>>, Fault> {
        let mut iter = self.heap().iter(value)?;
        let mut items = Vec::new();
        let hint = iter.remaining().unwrap_or(0);
        self.heap().check_collection(hint)?;
        items.reserve_exact(usize::try_from(hint).unwrap_or(0).min(1 << 16));
        let mut counted = 0;
        while let Some(item) = self.host.next(&mut iter)? {
            self.charge(1)?;
            self.heap().check_collection(items.len() as u64 + 1)?;
            items.push(item);
            // Counted until the next collection, by when the builtin is done.
            if items.capacity() > counted {
                let more = items.capacity() - counted;
                self.heap().grow(more * size_of::<Value<'_>>())?;
                counted = items.capacity();
            }
        }
        Ok(items)
    }
}

/// What a native is called as.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Role {
    /// Behind a pipe.
    Filter,
    /// Behind `is`.
    Predicate,
    /// By name, on its own.
    Function,
}

/// Natives by name. Most names come with the build and are not copied.
type Names = HashMap<Cow<'static, str>, NativeId, RandomState>;

/// Every native that templates can be bound to, by table and name.
///
/// A number means something in its own registry alone, and only as long as
/// that is not compacted: templates are linked with natives, not with numbers.
#[derive(Clone, Debug, Default)]
pub struct Registry {
    natives: Vec<Arc<Native>>,
    filters: Names,
    predicates: Names,
    functions: Names,
    methods: HashMap<(Kind, &'static str), NativeId, RandomState>,
    properties: HashMap<(Kind, &'static str), NativeId, RandomState>,
    surfaces: [OwnNames; 4],
}

/// Names that exist on one surface only, or mean something else there.
#[derive(Clone, Debug, Default)]
struct OwnNames {
    filters: Names,
    functions: Names,
    /// Natives without parameters that are run when the name is read.
    globals: Names,
}

impl Registry {
    /// A registry with room for about so many natives and methods.
    pub fn with_room(natives: usize, methods: usize) -> Self {
        let mut registry = Self::default();
        registry.natives.reserve(natives);
        registry.filters.reserve(natives / 4);
        registry.methods.reserve(methods);
        registry
    }

    /// Give a native a number.
    pub fn add(&mut self, native: Native) -> NativeId {
        self.natives.push(Arc::new(native));
        NativeId(self.natives.len() as u32 - 1)
    }

    /// The native of a number.
    pub fn native(&self, id: NativeId) -> Option<&Arc<Native>> {
        self.natives.get(id.0 as usize)
    }

    /// Say which one of its name a native is. Registries that share it are
    /// not touched.
    pub fn identify(&mut self, id: NativeId, identity: Identity) {
        if let Some(native) = self.natives.get_mut(id.0 as usize) {
            Arc::make_mut(native).identity = identity;
        }
    }

    /// Give a filter's name to a native, on every surface.
    pub fn set_filter(&mut self, name: Cow<'static, str>, id: NativeId) {
        for own in &mut self.surfaces {
            // An empty table hashes all the same.
            if !own.filters.is_empty() {
                own.filters.remove(&*name);
            }
        }
        self.filters.insert(name, id);
    }

    /// Give a filter's name to a native on one surface, where it hides the
    /// filter that all surfaces have.
    pub fn set_surface_filter(&mut self, surface: Surface, name: Cow<'static, str>, id: NativeId) {
        self.own_mut(surface).filters.insert(name, id);
    }

    /// Give a global function's name to a native on one surface.
    pub fn set_surface_function(
        &mut self,
        surface: Surface,
        name: Cow<'static, str>,
        id: NativeId,
    ) {
        self.own_mut(surface).functions.insert(name, id);
    }

    /// Offer a value under a name on one surface: what a native without
    /// parameters gives when the name is read.
    pub fn set_surface_global(&mut self, surface: Surface, name: Cow<'static, str>, id: NativeId) {
        self.own_mut(surface).globals.insert(name, id);
    }

    /// Give a predicate's name to a native.
    pub fn set_predicate(&mut self, name: Cow<'static, str>, id: NativeId) {
        self.predicates.insert(name, id);
    }

    /// Give a global function's name to a native, on every surface.
    pub fn set_function(&mut self, name: Cow<'static, str>, id: NativeId) {
        for own in &mut self.surfaces {
            if !own.functions.is_empty() {
                own.functions.remove(&*name);
            }
            if !own.globals.is_empty() {
                own.globals.remove(&*name);
            }
        }
        self.functions.insert(name, id);
    }

    /// Take a filter's name away, on every surface.
    pub fn remove_filter(&mut self, name: &str) {
        for own in &mut self.surfaces {
            // An empty table hashes all the same.
            if !own.filters.is_empty() {
                own.filters.remove(name);
            }
        }
        self.filters.remove(name);
    }

    /// Take a predicate's name away.
    pub fn remove_predicate(&mut self, name: &str) {
        self.predicates.remove(name);
    }

    /// Take a global function's name away, on every surface.
    pub fn remove_function(&mut self, name: &str) {
        for own in &mut self.surfaces {
            own.functions.remove(name);
            own.globals.remove(name);
        }
        self.functions.remove(name);
    }

    /// Give a kind a method: its first parameter takes the receiver.
    pub fn set_method(&mut self, kind: Kind, name: &'static str, id: NativeId) {
        self.methods.insert((kind, name), id);
    }

    /// Give a kind a property: a native of one parameter, run when it is read.
    pub fn set_property(&mut self, kind: Kind, name: &'static str, id: NativeId) {
        self.properties.insert((kind, name), id);
    }

    /// Give names, on every surface, to what `other` says instead.
    pub fn replace(&mut self, other: impl Fn(Role, &str) -> Option<Native>) {
        let natives = &mut self.natives;
        let mut replace = |role, table: &mut Names| {
            for (name, id) in table {
                if let Some(native) = other(role, name) {
                    natives.push(Arc::new(native));
                    *id = NativeId(natives.len() as u32 - 1);
                }
            }
        };
        for own in &mut self.surfaces {
            replace(Role::Filter, &mut own.filters);
            replace(Role::Function, &mut own.functions);
            replace(Role::Function, &mut own.globals);
        }
        replace(Role::Filter, &mut self.filters);
        replace(Role::Predicate, &mut self.predicates);
        replace(Role::Function, &mut self.functions);
    }

    /// Has most of what was added lost its last name?
    pub fn is_crowded(&self) -> bool {
        let own = self.surfaces.iter();
        let own = own.map(|it| it.filters.len() + it.functions.len() + it.globals.len());
        let names = own.sum::<usize>()
            + self.filters.len()
            + self.predicates.len()
            + self.functions.len()
            + self.methods.len()
            + self.properties.len();
        self.natives.len() > 2 * names + 8
    }

    /// Forget natives that have no name, and number the others anew.
    pub fn compact(&mut self) {
        let old = std::mem::take(&mut self.natives);
        let mut moved: Vec<Option<NativeId>> = vec![None; old.len()];
        let natives = &mut self.natives;
        let mut renumber = |id: &mut NativeId| {
            let at = id.0 as usize;
            if let (Some(native), Some(moved)) = (old.get(at), moved.get_mut(at)) {
                *id = *moved.get_or_insert_with(|| {
                    natives.push(native.clone());
                    NativeId(natives.len() as u32 - 1)
                });
            }
        };
        for own in &mut self.surfaces {
            own.filters.values_mut().for_each(&mut renumber);
            own.functions.values_mut().for_each(&mut renumber);
            own.globals.values_mut().for_each(&mut renumber);
        }
        self.filters.values_mut().for_each(&mut renumber);
        self.predicates.values_mut().for_each(&mut renumber);
        self.functions.values_mut().for_each(&mut renumber);
        self.methods.values_mut().for_each(&mut renumber);
        self.properties.values_mut().for_each(&mut renumber);
    }

    fn own(&self, surface: Surface) -> &OwnNames {
        let [text, html, markdown, terminal] = &self.surfaces;
        match surface {
            Surface::Text => text,
            Surface::Html => html,
            Surface::Markdown => markdown,
            Surface::Terminal => terminal,
        }
    }

    fn own_mut(&mut self, surface: Surface) -> &mut OwnNames {
        let [text, html, markdown, terminal] = &mut self.surfaces;
        match surface {
            Surface::Text => text,
            Surface::Html => html,
            Surface::Markdown => markdown,
            Surface::Terminal => terminal,
        }
    }

    /// The filter of a name on a surface: its own, or the one of all surfaces.
    pub fn filter_on(&self, surface: Surface, name: &str) -> Option<NativeId> {
        let own = self.own(surface).filters.get(name).copied();
        own.or_else(|| self.filter(name))
    }

    /// The function of a name on a surface: its own, or the one of all surfaces.
    pub fn function_on(&self, surface: Surface, name: &str) -> Option<NativeId> {
        let own = self.own(surface).functions.get(name).copied();
        own.or_else(|| self.function(name))
    }

    /// The native that gives the value of a name on a surface. It takes no
    /// arguments and is run when the name is read.
    pub fn global_on(&self, surface: Surface, name: &str) -> Option<NativeId> {
        self.own(surface).globals.get(name).copied()
    }

    /// The filter of a name that all surfaces have.
    pub fn filter(&self, name: &str) -> Option<NativeId> {
        self.filters.get(name).copied()
    }

    /// The predicate of a name.
    pub fn predicate(&self, name: &str) -> Option<NativeId> {
        self.predicates.get(name).copied()
    }

    /// The function of a name that all surfaces have.
    pub fn function(&self, name: &str) -> Option<NativeId> {
        self.functions.get(name).copied()
    }

    /// The method of a kind.
    pub fn method(&self, kind: Kind, name: &str) -> Option<NativeId> {
        // Shortens the keys' lifetime, so that a borrowed name can be one.
        let methods: &HashMap<(Kind, &str), NativeId, RandomState> = &self.methods;
        methods.get(&(kind, name)).copied()
    }

    /// The property of a kind.
    pub fn property(&self, kind: Kind, name: &str) -> Option<NativeId> {
        let properties: &HashMap<(Kind, &str), NativeId, RandomState> = &self.properties;
        properties.get(&(kind, name)).copied()
    }

    /// Names of all filters of a surface, sorted.
    pub fn filter_names_on(&self, surface: Surface) -> Vec<&str> {
        let mut names = self.filter_names();
        names.extend(self.own(surface).filters.keys().map(|name| &**name));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Names of all functions and values of a surface, sorted.
    pub fn function_names_on(&self, surface: Surface) -> Vec<&str> {
        let own = self.own(surface);
        let mut names = self.function_names();
        names.extend(
            own.functions
                .keys()
                .chain(own.globals.keys())
                .map(|name| &**name),
        );
        names.sort_unstable();
        names.dedup();
        names
    }

    /// Names of filters that all surfaces have, sorted.
    pub fn filter_names(&self) -> Vec<&str> {
        sorted(&self.filters)
    }

    /// Names of all predicates, sorted.
    pub fn predicate_names(&self) -> Vec<&str> {
        sorted(&self.predicates)
    }

    /// Names of functions that all surfaces have, sorted.
    pub fn function_names(&self) -> Vec<&str> {
        sorted(&self.functions)
    }

    /// Names of a kind's methods, sorted.
    pub fn method_names(&self, kind: Kind) -> Vec<&str> {
        let of_kind = |&&(k, name): &&(Kind, &'static str)| (k == kind).then_some(name);
        let mut names: Vec<_> = self
            .methods
            .keys()
            .chain(self.properties.keys())
            .filter_map(|key| of_kind(&key))
            .collect();
        names.sort_unstable();
        names
    }
}

fn sorted(table: &Names) -> Vec<&str> {
    let mut names: Vec<_> = table.keys().map(|name| &**name).collect();
    names.sort_unstable();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(registry: &mut Registry, name: &str) -> NativeId {
        let run: NativeFn = |_, args| Ok(args.get(0));
        let native = Native::builtin("", Params::default(), Cost::Flat(1), run);
        registry.add(Native {
            name: name.to_owned().into(),
            ..native
        })
    }

    #[test]
    fn surfaces_hide_and_add_names() {
        let mut registry = Registry::default();
        let (all, own, host) = (
            named(&mut registry, "all"),
            named(&mut registry, "own"),
            named(&mut registry, "host"),
        );
        registry.set_filter("wrap".into(), all);
        registry.set_surface_filter(Surface::Terminal, "wrap".into(), own);
        registry.set_surface_filter(Surface::Terminal, "red".into(), own);
        assert_eq!(registry.filter_on(Surface::Html, "wrap"), Some(all));
        assert_eq!(registry.filter_on(Surface::Terminal, "wrap"), Some(own));
        assert_eq!(registry.filter_on(Surface::Markdown, "red"), None);
        assert_eq!(registry.filter_names_on(Surface::Terminal), ["red", "wrap"]);
        assert_eq!(registry.filter_names_on(Surface::Text), ["wrap"]);
        // What the host brings later counts everywhere.
        registry.set_filter("red".into(), host);
        assert_eq!(registry.filter_on(Surface::Terminal, "red"), Some(host));
        assert_eq!(registry.filter_on(Surface::Html, "red"), Some(host));
    }

    #[test]
    fn what_lost_its_name_is_forgotten() {
        let mut registry = Registry::default();
        for n in 0..1_000 {
            let id = named(&mut registry, &n.to_string());
            registry.set_filter("wrap".into(), id);
            registry.set_function("hr".into(), id);
            if registry.is_crowded() {
                registry.compact();
            }
        }
        assert!(registry.natives.len() <= 13, "{}", registry.natives.len());
        let kept = registry.filter("wrap").unwrap();
        assert_eq!(registry.function("hr"), Some(kept), "shared as before");
        assert_eq!(&*registry.native(kept).unwrap().name, "999");
        registry.remove_filter("wrap");
        registry.remove_function("hr");
        registry.compact();
        assert!(registry.natives.is_empty());
    }

    #[test]
    fn surfaces_have_functions_and_values() {
        let mut registry = Registry::default();
        let (own, host) = (named(&mut registry, "own"), named(&mut registry, "host"));
        registry.set_surface_function(Surface::Terminal, "hr".into(), own);
        registry.set_surface_global(Surface::Terminal, "columns".into(), own);
        assert_eq!(registry.function_on(Surface::Terminal, "hr"), Some(own));
        assert_eq!(registry.function_on(Surface::Html, "hr"), None);
        assert_eq!(registry.global_on(Surface::Terminal, "columns"), Some(own));
        assert_eq!(registry.global_on(Surface::Markdown, "columns"), None);
        assert_eq!(
            registry.function_names_on(Surface::Terminal),
            ["columns", "hr"]
        );
        registry.set_function("columns".into(), host);
        assert_eq!(registry.global_on(Surface::Terminal, "columns"), None);
        assert_eq!(
            registry.function_on(Surface::Terminal, "columns"),
            Some(host)
        );
    }
}
