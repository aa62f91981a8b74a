//! Options, registries, loader and cache in one place.

use crate::{
    Error, Template,
    cache::{Cache, CacheStats},
    convert::{HostFunction, Role, host_native},
    loader::{LoadError, Loader, Source, Stamp},
    names,
    options::{AutoReload, Options},
    world::{Scene, System},
};
use gravure_bytecode::{Chunk, Escape};
use gravure_compiler::{CompileOptions, KnownNatives};
use gravure_source::{Code, Diagnostic};
use gravure_value::{Fault, Limits, Node, Registry, Surface, Tree, TreeBuilder, Value};
use gravure_vm::Compiled;
use parking_lot::Mutex;
use std::{
    sync::atomic::{AtomicU64, Ordering},
    sync::{Arc, LazyLock},
    time::Instant,
};

/// Finds, compiles and keeps templates.
///
/// Configure it through `&mut`, then share it through `&`: it is `Send` and
/// `Sync`, and renders never wait for each other.
///
/// ```
/// use gravure::{Environment, Options, loader::MapLoader};
/// let loader = MapLoader::from([("hello.html", "Hello {{ name }}!")]);
/// let mut environment = Environment::with_options(Options {
///     loader: Some(std::sync::Arc::new(loader)),
///     ..Options::default()
/// })?;
/// environment.add_filter("shout", |text: &str| format!("{}!", text.to_uppercase()));
/// let page = environment.get_template("hello.html")?;
/// assert_eq!(page.render(&gravure::context! { name => "Ada" })?, "Hello Ada!");
/// # Ok::<(), gravure::Error>(())
/// ```
pub struct Environment {
    pub(crate) shared: Arc<Shared>,
}

/// What templates keep alive of their environment.
pub(crate) struct Shared {
    pub(crate) options: Options,
    edition: Mutex<Arc<Edition>>,
    epoch: AtomicU64,
    cache: Cache<Kept, Error>,
    pub(crate) system: Arc<System>,
    /// How often a template came that may make others asynchronous.
    pub(crate) arrivals: AtomicU64,
}

/// What templates can call and see, at one moment; swapped whole.
#[derive(Clone)]
pub(crate) struct Edition {
    epoch: u64,
    pub(crate) registry: Arc<Registry>,
    pub(crate) globals: Vec<(Box<str>, Arc<Tree>)>,
    pub(crate) global_map: Option<Arc<Tree>>,
    pub(crate) scene: Scene,
}

/// A compiled template with the stamp of its source.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) warnings: Vec<Diagnostic>,
    stamp: Stamp,
    checked: Mutex<Instant>,
    /// When it was found to bring in nothing asynchronous: the number that
    /// [`Shared::arrivals`] had then, and one.
    pub(crate) sync_at: AtomicU64,
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Environment>();
    shared::<Template>();
};

impl Default for Environment {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}

impl Environment {
    /// An environment with default options and no loader.
    pub fn new() -> Self {
        Self::build(Options::default())
    }

    /// An environment that finds templates with a loader.
    pub fn with_loader(loader: impl Loader + 'static) -> Self {
        Self::build(Options {
            loader: Some(Arc::new(loader)),
            ..Options::default()
        })
    }

    /// An environment with these options.
    ///
    /// # Errors
    /// `K-CFG-001` for the first bad option.
    pub fn with_options(options: Options) -> Result<Self, Error> {
        options.check()?;
        Ok(Self::build(options))
    }

    fn build(options: Options) -> Self {
        let mut registry = builtins();
        if !options.enable_htmx_helpers {
            for name in [
                "hx_request",
                "hx_target",
                "hx_trigger",
                "hx_boosted",
                "csrf_token",
                "csp_nonce",
            ] {
                Arc::make_mut(&mut registry).remove_function(name);
            }
        }
        let system = Arc::new(System::new(&options));
        let edition = Edition {
            epoch: 0,
            scene: Scene {
                system: system.clone(),
                translations: None,
            },
            registry,
            globals: Vec::new(),
            global_map: None,
        };
        Self {
            shared: Arc::new(Shared {
                cache: Cache::new(options.cache_size),
                system,
                edition: Mutex::new(Arc::new(edition)),
                epoch: AtomicU64::new(0),
                arrivals: AtomicU64::new(0),
                options,
            }),
        }
    }

    /// The options it was built with.
    pub fn options(&self) -> &Options {
        &self.shared.options
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
        let native = host_native(name, Role::Filter, filter);
        self.shared.update(|edition| {
            let registry = Arc::make_mut(&mut edition.registry);
            let id = registry.add(native);
            registry.set_filter(name, id);
        });
    }

    /// Offer a test, for use behind `is`: its first argument is the tested value.
    pub fn add_test<F, Args: 'static>(&mut self, name: &str, test: F)
    where
        F: HostFunction<Args>,
    {
        let native = host_native(name, Role::Test, test);
        self.shared.update(|edition| {
            let registry = Arc::make_mut(&mut edition.registry);
            let id = registry.add(native);
            registry.set_predicate(name, id);
        });
    }

    /// Offer a function that every template can call.
    pub fn add_function<F, Args: 'static>(&mut self, name: &str, function: F)
    where
        F: HostFunction<Args>,
    {
        let native = host_native(name, Role::Function, function);
        self.shared.update(|edition| {
            let registry = Arc::make_mut(&mut edition.registry);
            let id = registry.add(native);
            registry.set_function(name, id);
        });
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
        let tree = gravure_value::tree_of(value).map_err(|error| {
            let message = format!("the global `{name}` cannot be serialized: {}", error.0);
            Error::new(Code::Config, message)
        })?;
        self.shared.update(|edition| {
            edition.globals.retain(|(known, _)| **known != *name);
            edition.globals.push((name.into(), Arc::new(tree)));
            let mut builder = TreeBuilder::default();
            let entries: Vec<(Node, Node)> = edition
                .globals
                .iter()
                .map(|(name, tree)| (builder.text(name), builder.graft(tree)))
                .collect();
            let root = builder.map(&entries);
            edition.global_map = Some(Arc::new(builder.finish(root)));
        });
        Ok(())
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
        self.shared.update(|edition| {
            edition.scene.translations = Some((Arc::new(gettext), Arc::new(ngettext)));
        });
    }

    /// The template of a name, compiled or kept.
    ///
    /// # Errors
    /// `K-TPL-001` if there is none, `K-RUN-016` if there is no loader, what is
    /// wrong with its source otherwise.
    pub fn get_template(&self, name: &str) -> Result<Template, Error> {
        let kept = self.shared.find(name, None)?;
        Ok(Template::new(self.shared.clone(), kept))
    }

    /// The first template that exists.
    ///
    /// # Errors
    /// `K-TPL-001` if none does; only "not found" moves on to the next name.
    pub fn select_template(&self, names: &[&str]) -> Result<Template, Error> {
        let mut last = Error::new(Code::TplNotFound, "no template was named");
        for name in names {
            match self.get_template(name) {
                Err(error) if error.code() == Code::TplNotFound => last = error,
                other => return other,
            }
        }
        Err(last)
    }

    /// A template from its source, without a name. It is not kept.
    ///
    /// # Errors
    /// What is wrong with the source.
    pub fn from_string(&self, source: &str) -> Result<Template, Error> {
        let kept = self.shared.compile(None, source, Stamp::of_text(source))?;
        Ok(Template::new(self.shared.clone(), Arc::new(kept)))
    }

    /// A template from its source. The name counts in messages, for relative
    /// names and for escaping; it need not exist.
    ///
    /// # Errors
    /// What is wrong with the source.
    pub fn from_named_string(&self, name: &str, source: &str) -> Result<Template, Error> {
        let kept = self
            .shared
            .compile(Some(name), source, Stamp::of_text(source))?;
        Ok(Template::new(self.shared.clone(), Arc::new(kept)))
    }

    /// [`Environment::get_template`] and [`Template::render`] in one.
    ///
    /// # Errors
    /// Those of both.
    pub fn render<'a>(
        &self,
        name: &str,
        context: impl Into<crate::ContextRef<'a>>,
    ) -> Result<String, Error> {
        self.get_template(name)?.render(context)
    }

    /// Names of all templates that the loader can list, sorted.
    pub fn list_templates(&self) -> Option<Vec<String>> {
        self.shared.options.loader.as_ref()?.list()
    }

    /// Forget all compiled templates. Renders that hold one finish with it.
    pub fn clear_cache(&self) {
        self.shared.cache.clear();
    }

    /// Forget all kept text of `cache` tags.
    pub fn clear_fragment_cache(&self) {
        self.shared.system.clear_fragments();
    }

    /// How the cache of compiled templates has done so far.
    pub fn cache_stats(&self) -> CacheStats {
        self.shared.cache.stats()
    }
}

/// What the compiler is told of a registry, on one surface.
pub(crate) struct Known<'a>(pub(crate) &'a Registry, pub(crate) Surface);

impl KnownNatives for Known<'_> {
    fn filter(&self, name: &str) -> bool {
        self.0.filter_on(self.1, name).is_some()
    }
    fn predicate(&self, name: &str) -> bool {
        self.0.predicate(name).is_some()
    }
    fn filter_names(&self) -> Vec<String> {
        self.0
            .filter_names_on(self.1)
            .into_iter()
            .map(str::to_owned)
            .collect()
    }
    fn predicate_names(&self) -> Vec<String> {
        self.0
            .predicate_names()
            .into_iter()
            .map(str::to_owned)
            .collect()
    }
}

impl Shared {
    /// Change the edition; what renders now keeps the old one.
    pub(crate) fn update(&self, change: impl FnOnce(&mut Edition)) {
        let mut edition = self.edition.lock();
        let mut next = Edition::clone(&edition);
        change(&mut next);
        next.epoch += 1;
        self.epoch.store(next.epoch, Ordering::Release);
        *edition = Arc::new(next);
    }

    /// The newest edition, under a short lock.
    pub(crate) fn edition(&self) -> Arc<Edition> {
        self.edition.lock().clone()
    }

    /// Is an edition the newest?
    pub(crate) fn is_current(&self, edition: &Edition) -> bool {
        self.epoch.load(Ordering::Acquire) == edition.epoch
    }

    /// The template that a tag of `caller` (or the host) names.
    pub(crate) fn find(&self, name: &str, caller: Option<&str>) -> Result<Arc<Kept>, Error> {
        let Some(loader) = &self.options.loader else {
            return Err(Error::from_fault(
                Fault::new(
                    Code::RunNoLoader,
                    format!("cannot look for `{name}`: there is no loader"),
                )
                .help("configure a loader"),
                None,
            ));
        };
        let name = names::normalize(name, caller, &self.options.template_aliases)
            .map_err(|fault| Error::from_fault(fault, None))?;
        self.cache.get_or_make(
            &name,
            |kept| self.is_fresh(&**loader, &name, kept),
            |stale| self.load(loader, &name, stale),
        )
    }

    fn is_fresh(&self, loader: &dyn Loader, name: &str, kept: &Kept) -> bool {
        match self.options.auto_reload {
            AutoReload::Never => true,
            AutoReload::Hash => false,
            AutoReload::Always => loader.is_current(name, &kept.stamp),
            AutoReload::Every(pause) => {
                let mut checked = kept.checked.lock();
                if checked.elapsed() < pause {
                    return true;
                }
                *checked = Instant::now();
                drop(checked);
                loader.is_current(name, &kept.stamp)
            }
        }
    }

    fn load(
        &self,
        loader: &Arc<dyn Loader>,
        name: &str,
        stale: Option<Arc<Kept>>,
    ) -> Result<Arc<Kept>, Error> {
        let loaded = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| loader.load(name)));
        let source: Result<Source, LoadError> =
            loaded.map_err(|payload| Error::from_panic(&*payload))?;
        let source = source.map_err(|error| {
            Error::from_fault(error.into_fault(name), None).looked_for(name, loader.clone())
        })?;
        let stamp = source.stamp_or_content();
        let is_replaced = stale.is_some();
        if let Some(stale) = stale
            && stale.stamp == stamp
        {
            return Ok(stale);
        }
        let made = self.compile(Some(name), &source.text, stamp)?;
        self.arrives(&made, is_replaced);
        Ok(Arc::new(made))
    }

    /// The template that a tag of `caller` names literally, kept or loaded;
    /// what is wrong with it is not told, and a kept one counts no lookup.
    pub(crate) fn find_quietly(&self, name: &str, caller: Option<&str>) -> Option<Arc<Kept>> {
        let normalized = names::normalize(name, caller, &self.options.template_aliases).ok()?;
        let kept = self.cache.peek(&normalized);
        kept.or_else(|| self.find(name, caller).ok())
    }

    /// Source to a linked chunk.
    pub(crate) fn compile(
        &self,
        name: Option<&str>,
        source: &str,
        stamp: Stamp,
    ) -> Result<Kept, Error> {
        let fail = |found: Vec<Diagnostic>| Error::from_diagnostics(name, source, found);
        let edition = self.edition();
        let tree = gravure_syntax::parse(source, &self.options.syntax()).map_err(fail)?;
        let surface = self.options.autoescape.surface(name);
        let escape = match surface {
            Surface::Text => Escape::Text,
            Surface::Html => Escape::Html,
            Surface::Markdown => Escape::Markdown,
            Surface::Terminal => Escape::Terminal,
        };
        let options = CompileOptions {
            name: name.unwrap_or(crate::error::UNNAMED),
            escape,
            keep_source: self.options.keep_source,
            natives: &Known(&edition.registry, surface),
            optimize: self.options.optimize,
        };
        let (draft, warnings) = gravure_compiler::compile(&tree, source, &options).map_err(fail)?;
        let warnings = self.options.sift(warnings).map_err(fail)?;
        let chunk = Chunk::new(draft).map_err(|refused| {
            Error::new(Code::RunValue, format!("internal error: {refused}")).asked_of(name)
        })?;
        let chunk = match self.options.probe.transform {
            None => chunk,
            Some(transform) => transform(chunk),
        };
        let compiled = gravure_vm::link(Arc::new(chunk), &edition.registry).map_err(|missing| {
            let names: Vec<_> = missing.into_iter().map(|it| it.name).collect();
            let message = format!("unknown filters or tests: {}", names.join(", "));
            Error::new(Code::ParFilter, message).asked_of(name)
        })?;
        Ok(Kept {
            compiled: Arc::new(compiled),
            warnings,
            stamp,
            checked: Mutex::new(Instant::now()),
            sync_at: AtomicU64::new(0),
        })
    }

    /// The limits of a render.
    pub(crate) fn limits(&self) -> Limits {
        self.options.limits.clone()
    }
}

/// The builtins, made once: environments share them until they add to them.
fn builtins() -> Arc<Registry> {
    static BUILTINS: LazyLock<Arc<Registry>> =
        LazyLock::new(|| Arc::new(gravure_builtins::registry()));
    BUILTINS.clone()
}

impl Edition {
    /// The map of globals, for a render.
    pub(crate) fn globals(&self) -> Value<'_> {
        match &self.global_map {
            Some(tree) => Value::from_tree(tree),
            None => Value::Unset,
        }
    }
}
