//! Options, registries, loader and cache in one place.

use crate::{
    Error, Template,
    bundle::{self, Bundle},
    cache::{Cache, CacheStats},
    disk::Fingerprints,
    loader::{Loader, Source, Stamp, not_found},
    names,
    options::{AutoReload, Options},
    policy::Policy,
    swap::Swap,
    sync::{Epoch, Mutex, Read},
    tables::Edition,
    world::{Scene, System},
};
use gravure_bundle::disk::DiskStats;
use gravure_bytecode::{Chunk, Escape};
use gravure_compiler::{CompileOptions, KnownNatives};
use gravure_source::{Code, Diagnostic};
use gravure_syntax::SyntaxOptions;
use gravure_value::{Fault, Limits, Registry, Surface, guarded};
use gravure_vm::{Compiled, Rules};
use std::{
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    sync::{Arc, LazyLock},
    time::{Duration, Instant},
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
    /// How sources are read, as the options say.
    pub(crate) syntax: SyntaxOptions,
    pub(crate) editions: Swap<Edition>,
    cache: Cache<Kept, Error>,
    pub(crate) system: Arc<System>,
    /// How often a template came that may make others asynchronous.
    pub(crate) arrivals: Epoch,
    /// Has every render the bounds of templates that are not trusted? Once it
    /// is so, it stays so.
    pub(crate) is_bounded: AtomicBool,
    /// Is there a bundle? Renders ask, and must not wait for that.
    pub(crate) has_bundles: AtomicBool,
    /// What the options say to each render.
    pub(crate) rules: Rules,
    /// Do they say more to it than most do?
    pub(crate) is_odd: bool,
}

/// How the caches of an environment have done so far.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct CacheInfo {
    /// Compiled templates in memory.
    pub templates: CacheStats,
    /// Text of `cache` tags.
    pub fragments: CacheStats,
    /// Compiled templates on disk, if there is such a cache.
    pub disk: Option<DiskStats>,
}

/// A compiled template with the stamp of its source.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) compiled: Arc<Compiled>,
    pub(crate) warnings: Vec<Diagnostic>,
    /// May only renders with the bounds of strangers run it?
    pub(crate) is_foreign: bool,
    /// Does it come from a bundle, and so stay as it is?
    is_bundled: bool,
    stamp: Stamp,
    /// Of the text alone.
    content: Stamp,
    checked: Mutex<Instant>,
    /// When it was found to bring in nothing asynchronous: the number that
    /// [`Shared::arrivals`] had then, and one.
    pub(crate) sync_at: Epoch,
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
        static NEXT: AtomicU64 = AtomicU64::new(1);
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
        if options.policy != Policy::default() {
            options.policy.restrict(Arc::make_mut(&mut registry));
        }
        let system = Arc::new(System::new(&options));
        let edition = Edition {
            scene: Arc::new(Scene {
                system: system.clone(),
                translations: None,
            }),
            registry,
            globals: Vec::new(),
            global_map: None,
            bundles: Vec::new(),
            fingerprints: Fingerprints::default(),
        };
        Self {
            shared: Arc::new(Shared {
                cache: Cache::new(options.cache_size),
                system,
                editions: Swap::new(edition),
                arrivals: Epoch::default(),
                is_bounded: AtomicBool::new(false),
                has_bundles: AtomicBool::new(false),
                rules: Rules {
                    number: NEXT.fetch_add(1, Ordering::Relaxed),
                    statics: options.static_context.clone(),
                    strict: options.strict_undefined,
                    strict_none: options.strict_none,
                    fragment_per_template: options.fragment_per_template,
                },
                is_odd: options.max_time.is_some()
                    || options.policy.attributes.is_some()
                    || options.probe.is_odd(),
                syntax: options.syntax(),
                options,
            }),
        }
    }

    /// The options it was built with.
    pub fn options(&self) -> &Options {
        &self.shared.options
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

    /// Names of all templates that the bundles have and the loader can list,
    /// sorted.
    ///
    /// # Errors
    /// `K-CFG-001` if the loader cannot list, `K-RUN-016` if there is nothing to
    /// ask, `K-RUN-007` if the loader panics.
    pub fn list_templates(&self) -> Result<Vec<String>, Error> {
        let bundles = &self.shared.edition().bundles;
        let mut names = match &self.shared.options.loader {
            None if !bundles.is_empty() => Vec::new(),
            _ => self.loader_names()?,
        };
        if !bundles.is_empty() {
            let bundled = bundles.iter().flat_map(|bundle| bundle.templates());
            names.extend(bundled.map(|it| it.name.to_owned()));
            names.sort_unstable();
            names.dedup();
        }
        Ok(names)
    }

    /// Forget all compiled templates. Renders that hold one finish with it.
    pub fn clear_cache(&self) {
        self.shared.cache.clear();
    }

    /// Forget these compiled templates. A name that means none is left alone.
    pub fn clear_cached<N: AsRef<str>>(&self, names: &[N]) {
        for name in names {
            let aliases = &self.shared.options.template_aliases;
            if let Ok(name) = names::normalize(name.as_ref(), None, aliases) {
                self.shared.cache.remove(&name);
            }
        }
    }

    /// Forget all kept text of `cache` tags.
    pub fn clear_fragment_cache(&self) {
        self.shared.system.clear_fragments();
    }

    /// Forget compiled templates and kept text.
    pub fn clear_all(&self) {
        self.clear_cache();
        self.clear_fragment_cache();
    }

    /// How the cache of compiled templates has done so far.
    pub fn cache_stats(&self) -> CacheStats {
        self.shared.cache.stats()
    }

    /// How the cache of the text in `cache` tags has done so far.
    pub fn fragment_cache_stats(&self) -> CacheStats {
        self.shared.system.fragment_stats()
    }

    /// How all caches have done so far. Looks through the folder of the disk
    /// cache, if there is one.
    pub fn cache_info(&self) -> CacheInfo {
        let disk = self.shared.options.disk_cache.as_ref();
        CacheInfo {
            templates: self.shared.cache.stats(),
            fragments: self.shared.system.fragment_stats(),
            disk: disk.map(|cache| cache.stats()),
        }
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
    /// The newest edition, for as long as it is borrowed.
    pub(crate) fn edition(&self) -> Read<Edition> {
        self.editions.read()
    }

    /// The template that a tag of `caller` (or the host) names.
    pub(crate) fn find(&self, name: &str, caller: Option<&str>) -> Result<Arc<Kept>, Error> {
        if !self.can_find() {
            return Err(Error::from_fault(
                Fault::new(
                    Code::RunNoLoader,
                    format!("cannot look for `{name}`: there is no loader"),
                )
                .help("configure a loader"),
                None,
            ));
        }
        let name = names::normalize(name, caller, &self.options.template_aliases)
            .map_err(|fault| Error::from_fault(fault, None))?;
        self.cache.get_or_make(
            &name,
            // A loader that panics when it is asked whether something is current
            // may well do so again when it loads, and is caught there.
            |kept| guarded(|| self.is_fresh(&name, kept)).unwrap_or(false),
            |stale| asked(|| self.load(&name, stale))?,
        )
    }

    /// Is there anything that templates could come from?
    pub(crate) fn can_find(&self) -> bool {
        self.options.loader.is_some() || self.has_bundles.load(Ordering::Acquire)
    }

    /// Forget all compiled templates.
    pub(crate) fn forget(&self) {
        self.cache.clear();
    }

    fn is_fresh(&self, name: &str, kept: &Kept) -> bool {
        let Some(loader) = self.options.loader.as_ref().filter(|_| !kept.is_bundled) else {
            return true;
        };
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

    fn load(&self, name: &str, stale: Option<Arc<Kept>>) -> Result<Arc<Kept>, Error> {
        let _depth = LoadDepth::enter(name)?;
        let edition = self.edition();
        for bundle in &edition.bundles {
            if let Some(chunk) = bundle.chunk(name) {
                let chunk = chunk.map_err(|error| bundle::unreadable(name, &error))?;
                return self
                    .link(chunk.clone(), &edition, Some(name))
                    .map(|compiled| Arc::new(Kept::of_bundle(compiled, bundle)));
            }
        }
        let Some(loader) = &self.options.loader else {
            return Err(Error::from_fault(not_found(name), None));
        };
        let source = self.source(loader, name)?;
        let stamp = source.stamp_or_content();
        let is_replaced = stale.is_some();
        if let Some(stale) = stale
            && stale.content == Stamp::of_text(&source.text)
        {
            if stale.stamp == stamp {
                return Ok(stale);
            }
            // Saved again, or found elsewhere, and the same text.
            return Ok(Arc::new(Kept {
                compiled: stale.compiled.clone(),
                warnings: stale.warnings.clone(),
                is_foreign: false,
                is_bundled: false,
                stamp,
                content: stale.content.clone(),
                checked: Mutex::new(Instant::now()),
                sync_at: Epoch::default(),
            }));
        }
        let made = self.compile(Some(name), &source.text, stamp)?;
        self.arrives(&made, is_replaced);
        Ok(Arc::new(made))
    }

    /// The template that a tag of `caller` names literally, kept or loaded;
    /// what is wrong with it is not told, and a kept one counts no lookup.
    pub(crate) fn find_quietly(&self, name: &str, caller: Option<&str>) -> Option<Arc<Kept>> {
        let normalized = names::normalize(name, caller, &self.options.template_aliases).ok()?;
        self.options.policy.check_template(&normalized).ok()?;
        let kept = self.cache.peek(&normalized);
        kept.or_else(|| self.find(name, caller).ok())
    }

    /// What the loader has under a name, compiled, with its text; `None` if it
    /// has nothing.
    pub(crate) fn compile_source(&self, name: &str) -> Result<Option<(Kept, String)>, Error> {
        let Some(loader) = &self.options.loader else {
            return Ok(None);
        };
        let source = match self.source(loader, name) {
            Err(error) if error.code() == Code::TplNotFound => return Ok(None),
            source => source?,
        };
        let kept = self.compile(Some(name), &source.text, Stamp::Forever)?;
        Ok(Some((kept, source.text)))
    }

    fn source(&self, loader: &Arc<dyn Loader>, name: &str) -> Result<Source, Error> {
        let source = asked(|| loader.load(name))?;
        source.map_err(|error| {
            Error::from_fault(error.into_fault(name), None).looked_for(name, loader.clone())
        })
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
        let surface = asked(|| self.options.autoescape.surface(name))?;
        let place = self.place(&edition, name, source, surface);
        let kept = place.as_ref().and_then(|it| self.fetch(&edition, it));
        let (chunk, warnings) = match kept {
            Some(kept) => kept,
            None => {
                let made = self.make(name, source, surface, &edition)?;
                if let Some(place) = &place {
                    self.store(&edition, place, &made.0, &made.1);
                }
                made
            }
        };
        let warnings = self.options.sift(warnings).map_err(fail)?;
        let chunk = match self.options.probe.transform {
            None => chunk,
            Some(transform) => transform(chunk),
        };
        Ok(Kept {
            compiled: self.link(Arc::new(chunk), &edition, name)?,
            warnings,
            is_foreign: false,
            is_bundled: false,
            stamp,
            content: Stamp::of_text(source),
            checked: Mutex::new(Instant::now()),
            sync_at: Epoch::default(),
        })
    }

    fn link(
        &self,
        chunk: Arc<Chunk>,
        edition: &Edition,
        name: Option<&str>,
    ) -> Result<Arc<Compiled>, Error> {
        let linked = gravure_vm::link(chunk, &edition.registry);
        linked.map(Arc::new).map_err(|missing| {
            let names: Vec<_> = missing.into_iter().map(|it| it.name).collect();
            let message = format!("unknown filters or tests: {}", names.join(", "));
            Error::new(Code::ParFilter, message).asked_of(name)
        })
    }

    /// Source to a chunk, and all warnings about it.
    fn make(
        &self,
        name: Option<&str>,
        source: &str,
        surface: Surface,
        edition: &Edition,
    ) -> Result<(Chunk, Vec<Diagnostic>), Error> {
        let fail = |found: Vec<Diagnostic>| Error::from_diagnostics(name, source, found);
        let tree = gravure_syntax::parse(source, &self.syntax).map_err(fail)?;
        let refused = self.options.policy.examine(&tree, source);
        if !refused.is_empty() {
            return Err(fail(refused));
        }
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
        let chunk = Chunk::new(draft).map_err(|refused| {
            Error::new(Code::RunValue, format!("internal error: {refused}")).asked_of(name)
        })?;
        Ok((chunk, warnings))
    }

    /// Steps and time that a render may take at most, with the bounds of
    /// templates that are not trusted if it has those.
    pub(crate) fn bounds(&self, is_bounded: bool) -> (Limits, Option<Duration>) {
        let (limits, time) = (self.options.limits.clone(), self.options.max_time);
        match is_bounded {
            true => bundle::bounded(limits, time),
            false => (limits, time),
        }
    }
}

impl Kept {
    fn of_bundle(compiled: Arc<Compiled>, bundle: &Bundle) -> Self {
        Self {
            sync_at: Epoch::default(),
            compiled,
            warnings: Vec::new(),
            is_foreign: !bundle.is_trusted(),
            is_bundled: true,
            stamp: Stamp::Forever,
            content: Stamp::Forever,
            checked: Mutex::new(Instant::now()),
        }
    }
}

/// How deep this thread is in loaders that ask their environment for templates.
struct LoadDepth;

impl LoadDepth {
    /// A loader that asks for what it is asked for would never end.
    fn enter(name: &str) -> Result<Self, Error> {
        const MOST: u32 = 16;
        LOAD_DEPTH.with(|depth| match depth.get() {
            MOST.. => Err(Error::new(
                Code::TplCycle,
                format!("loaders ask for templates deeper than {MOST}, the last time for `{name}`"),
            )),
            now => {
                depth.set(now + 1);
                Ok(Self)
            }
        })
    }
}

impl Drop for LoadDepth {
    fn drop(&mut self) {
        LOAD_DEPTH.with(|depth| depth.set(depth.get().saturating_sub(1)));
    }
}

thread_local! {
    static LOAD_DEPTH: std::cell::Cell<u32> = const { std::cell::Cell::new(0) };
}

/// Ask the host; a panic of its code is an error, like any other of its failures.
#[inline(always)]
pub(crate) fn asked<T>(ask: impl FnOnce() -> T) -> Result<T, Error> {
    guarded(ask).map_err(|said| Error::from_panic(&said))
}

/// The builtins, made once: environments share them until they add to them.
fn builtins() -> Arc<Registry> {
    static BUILTINS: LazyLock<Arc<Registry>> =
        LazyLock::new(|| Arc::new(gravure_builtins::registry()));
    BUILTINS.clone()
}
