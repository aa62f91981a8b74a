//! What templates can call and see, and how that changes while they render.
//!
//! An [`Edition`] is one consistent set: natives, globals, translations. It is
//! never changed, only replaced by a changed copy; a render reads the newest
//! one when it starts and keeps it to its end, whatever it includes.

use crate::{
    Environment, Error,
    bundle::Bundle,
    convert::{HostFunction, Role, host_native},
    disk::Fingerprints,
    environment::Shared,
    policy::Policy,
    world::Scene,
};
use gravure_source::Code;
use gravure_value::{Held, Identity, Native, NativeId, Node, Registry, Tree, TreeBuilder, World};
use std::sync::Arc;

/// What templates can call and see, at one moment; swapped whole.
#[derive(Clone)]
pub(crate) struct Edition {
    pub(crate) registry: Arc<Registry>,
    pub(crate) globals: Vec<(Box<str>, Arc<Tree>)>,
    pub(crate) global_map: Option<Arc<Tree>>,
    pub(crate) scene: Arc<Scene>,
    /// Where templates are looked for before the loader is asked.
    pub(crate) bundles: Vec<Arc<Bundle>>,
    pub(crate) fingerprints: Fingerprints,
}

/// Filters, tests, functions, globals and translations, to be changed together.
///
/// [`Environment::update`] hands it out.
pub struct Tables<'a> {
    edition: &'a mut Edition,
}

impl std::fmt::Debug for Tables<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tables").finish_non_exhaustive()
    }
}

impl Environment {
    /// Change what templates can call and see, while other threads render.
    ///
    /// All changes of one call become visible together. Updates take turns, so
    /// none is lost, and no render waits for one: a render that has begun goes
    /// on with what it began with, includes and imports too. A template keeps
    /// the filters and tests that it was compiled with; functions, globals and
    /// translations are those of the moment when a render starts. If `change`
    /// panics, nothing changes.
    ///
    /// ```
    /// use gravure::{Environment, context};
    /// let environment = Environment::new();
    /// let template = environment.from_string("{{ rate }}: {{ convert(2) }}");
    /// let template = template?;
    /// std::thread::scope(|scope| {
    ///     scope.spawn(|| {
    ///         environment.update(|tables| {
    ///             tables.add_function("convert", |euros: i64| euros * 3);
    ///             tables.add_global("rate", &3)
    ///         })
    ///     });
    /// });
    /// assert_eq!(template.render(&context! {})?, "3: 6");
    /// # Ok::<(), gravure::Error>(())
    /// ```
    ///
    /// # Panics
    /// If `change` itself calls this on the same environment.
    pub fn update<T>(&self, change: impl FnOnce(&mut Tables<'_>) -> T) -> T {
        self.shared
            .update(|edition| change(&mut Tables { edition }))
    }

    /// Offer a filter: its first argument is the piped value.
    ///
    /// Arguments are converted to the closure's types; an argument of type
    /// `Option` may be left out. The answer may be a `Result`.
    ///
    /// ```
    /// let mut environment = gravure::Environment::new();
    /// environment.add_filter("repeat", |text: &str, n: Option<i64>| {
    ///     text.repeat(n.unwrap_or(2).clamp(0, 100) as usize)
    /// });
    /// let template = environment.from_string("{{ 'ab' | repeat }} {{ 'ab' | repeat(3) }}")?;
    /// assert_eq!(template.render(&gravure::context! {})?, "abab ababab");
    /// # Ok::<(), gravure::Error>(())
    /// ```
    pub fn add_filter<F, Args: 'static>(&mut self, name: &str, filter: F)
    where
        F: HostFunction<Args>,
    {
        self.update(|tables| tables.add_filter(name, filter));
    }

    /// Offer a test, for use behind `is`: its first argument is the tested value.
    pub fn add_test<F, Args: 'static>(&mut self, name: &str, test: F)
    where
        F: HostFunction<Args>,
    {
        self.update(|tables| tables.add_test(name, test));
    }

    /// Say which version of a filter of yours this is: any text that changes
    /// whenever what it does changes. Only then are templates that use it kept
    /// on disk.
    ///
    /// # Errors
    /// `K-CFG-001` if there is no filter of yours of that name.
    pub fn set_filter_version(&mut self, name: &str, version: &str) -> Result<(), Error> {
        self.identify("filter", name, version, |registry| registry.filter(name))
    }

    /// [`Environment::set_filter_version`] for a test.
    ///
    /// # Errors
    /// `K-CFG-001` if there is no test of yours of that name.
    pub fn set_test_version(&mut self, name: &str, version: &str) -> Result<(), Error> {
        self.identify("test", name, version, |registry| registry.predicate(name))
    }

    fn identify(
        &self,
        word: &str,
        name: &str,
        version: &str,
        find: impl Fn(&Registry) -> Option<NativeId>,
    ) -> Result<(), Error> {
        let edition = self.shared.edition();
        let id = find(&edition.registry).filter(|&id| {
            let native = edition.registry.native(id);
            native.is_some_and(|native| native.identity != Identity::Builtin)
        });
        let Some(id) = id else {
            let message = format!("the program brings no {word} `{name}`");
            return Err(Error::new(Code::Config, message).help("add it first"));
        };
        self.shared.update(|edition| {
            let registry = Arc::make_mut(&mut edition.registry);
            registry.identify(id, Identity::Host(version.into()));
        });
        Ok(())
    }

    /// Offer a function that every template can call.
    pub fn add_function<F, Args: 'static>(&mut self, name: &str, function: F)
    where
        F: HostFunction<Args>,
    {
        self.update(|tables| tables.add_function(name, function));
    }

    /// Offer a value that every template sees, unless its context has the name.
    ///
    /// # Errors
    /// `K-CFG-001` if it cannot be serialized.
    pub fn add_global<T: serde::Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), Error> {
        self.update(|tables| tables.add_global(name, value))
    }

    /// Install what `_`, `_n` and `trans` call. Templates that are compiled
    /// already follow with their next render.
    ///
    /// ```
    /// let mut environment = gravure::Environment::new();
    /// environment.install_translations(
    ///     |message| message.replace("Hello", "Hallo"),
    ///     |singular, plural, n| (if n == 1 { singular } else { plural }).to_owned(),
    /// );
    /// let template = environment.from_string("{% trans who = name %}Hello {{ who }}!{% end %}")?;
    /// assert_eq!(template.render(&gravure::context! { name => "Ada" })?, "Hallo Ada!");
    /// # Ok::<(), gravure::Error>(())
    /// ```
    pub fn install_translations(
        &mut self,
        gettext: impl Fn(&str) -> String + Send + Sync + 'static,
        ngettext: impl Fn(&str, &str, i64) -> String + Send + Sync + 'static,
    ) {
        self.update(|tables| tables.install_translations(gettext, ngettext));
    }
}

impl Tables<'_> {
    /// As [`Environment::add_filter`].
    pub fn add_filter<F, Args: 'static>(&mut self, name: &str, filter: F)
    where
        F: HostFunction<Args>,
    {
        let (registry, id) = self.add(host_native(name, Role::Filter, filter));
        registry.set_filter(name.to_owned().into(), id);
    }

    /// As [`Environment::add_test`].
    pub fn add_test<F, Args: 'static>(&mut self, name: &str, test: F)
    where
        F: HostFunction<Args>,
    {
        let (registry, id) = self.add(host_native(name, Role::Test, test));
        registry.set_predicate(name.to_owned().into(), id);
    }

    /// As [`Environment::add_function`]. A global of that name is gone.
    pub fn add_function<F, Args: 'static>(&mut self, name: &str, function: F)
    where
        F: HostFunction<Args>,
    {
        self.remove_global(name);
        let (registry, id) = self.add(host_native(name, Role::Function, function));
        registry.set_function(name.to_owned().into(), id);
    }

    /// As [`Environment::add_global`].
    ///
    /// # Errors
    /// `K-CFG-001` if it cannot be serialized.
    pub fn add_global<T: serde::Serialize + ?Sized>(
        &mut self,
        name: &str,
        value: &T,
    ) -> Result<(), Error> {
        let tree = gravure_value::tree_of(value).map_err(|error| {
            let message = format!("the global `{name}` cannot be serialized: {}", error.0);
            Error::new(Code::Config, message)
        })?;
        self.edition.globals.retain(|(known, _)| **known != *name);
        self.edition.globals.push((name.into(), Arc::new(tree)));
        self.edition.map_globals();
        Ok(())
    }

    /// As [`Environment::install_translations`].
    pub fn install_translations(
        &mut self,
        gettext: impl Fn(&str) -> String + Send + Sync + 'static,
        ngettext: impl Fn(&str, &str, i64) -> String + Send + Sync + 'static,
    ) {
        self.edition.scene = Arc::new(Scene {
            system: self.edition.scene.system.clone(),
            translations: Some((Arc::new(gettext), Arc::new(ngettext))),
        });
    }

    /// Take a filter away. Templates that are compiled keep it.
    pub fn remove_filter(&mut self, name: &str) {
        self.registry().remove_filter(name);
    }

    /// Take a test away. Templates that are compiled keep it.
    pub fn remove_test(&mut self, name: &str) {
        self.registry().remove_predicate(name);
    }

    /// Take a function away.
    pub fn remove_function(&mut self, name: &str) {
        self.registry().remove_function(name);
    }

    /// Take a global away.
    pub fn remove_global(&mut self, name: &str) {
        if self.edition.globals.iter().any(|it| *it.0 == *name) {
            self.edition.globals.retain(|(known, _)| **known != *name);
            self.edition.map_globals();
        }
    }

    /// Names of filters that every kind of document has, sorted.
    pub fn filter_names(&self) -> Vec<&str> {
        self.edition.registry.filter_names()
    }

    /// Names of all tests, sorted.
    pub fn test_names(&self) -> Vec<&str> {
        self.edition.registry.predicate_names()
    }

    /// Names of functions that every kind of document has, sorted.
    pub fn function_names(&self) -> Vec<&str> {
        self.edition.registry.function_names()
    }

    /// Names of all globals, in the order in which they were added.
    pub fn global_names(&self) -> Vec<&str> {
        let globals = self.edition.globals.iter();
        globals.map(|(name, _)| &**name).collect()
    }

    fn registry(&mut self) -> &mut Registry {
        Arc::make_mut(&mut self.edition.registry)
    }

    fn add(&mut self, native: Native) -> (&mut Registry, NativeId) {
        let registry = self.registry();
        let id = registry.add(native);
        (registry, id)
    }
}

/// What a render is lent of an edition: natives, door outward. An edition that
/// outlives the render is borrowed: nothing that other threads read is written,
/// not even a count.
#[inline(always)]
pub(crate) fn parts<'c>(edition: &Held<'c, Edition>) -> (Held<'c, Registry>, Held<'c, dyn World>) {
    match edition {
        Held::Borrowed(it) => (Held::Borrowed(&it.registry), Held::Borrowed(&*it.scene)),
        Held::Counted(it) | Held::Lent(it) => (
            Held::Counted(it.registry.clone()),
            Held::Counted(it.scene.clone()),
        ),
    }
}

/// The globals of an edition, on the same terms.
pub(crate) fn globals<'c>(edition: &Held<'c, Edition>) -> Option<Held<'c, Tree>> {
    match edition {
        Held::Borrowed(it) => it.global_map.as_deref().map(Held::Borrowed),
        Held::Counted(it) | Held::Lent(it) => it.global_map.clone().map(Held::Lent),
    }
}

impl Edition {
    /// One map of all globals.
    fn map_globals(&mut self) {
        let mut builder = TreeBuilder::default();
        let globals = self.globals.iter();
        let entries: Vec<(Node, Node)> = globals
            .map(|(name, tree)| (builder.text(name), builder.graft(tree)))
            .collect();
        let root = builder.map(&entries);
        self.global_map = Some(Arc::new(builder.finish(root)));
    }
}

impl Shared {
    /// Change the edition; what renders now keeps the old one.
    pub(crate) fn update<T>(&self, change: impl FnOnce(&mut Edition) -> T) -> T {
        self.editions.update(|edition| {
            let answer = change(edition);
            edition.fingerprints = Fingerprints::default();
            if self.options.policy != Policy::default() {
                let registry = Arc::make_mut(&mut edition.registry);
                self.options.policy.restrict(registry);
            }
            if edition.registry.is_crowded() {
                Arc::make_mut(&mut edition.registry).compact();
            }
            answer
        })
    }
}
