//! Does a bundle fit an environment? Everything in which they differ.
//!
//! Names bind by identity: a builtin that the host has replaced is another
//! filter, whatever it is called.

use super::{Bundle, Escape, Identity, Manifest, Native, NativeKind};
use crate::{
    AutoEscape, Environment, Options, environment::Shared, error::Error, options::Mode,
    policy::Policy, tables::Edition,
};
use gravure_bytecode::isa;
use gravure_compiler::origin;
use gravure_source::Code;
use gravure_value::{Limits, NativeId, Registry, Surface, guarded};
use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

/// One thing in which a bundle and an environment differ.
#[derive(Clone, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Mismatch {
    /// Its chunks are of another instruction set.
    Instructions,
    /// Its templates are written in another edition of the language.
    Edition {
        /// Which one.
        found: String,
    },
    /// It was compiled by another build of the compiler.
    Build,
    /// It was compiled with another value of an option, or with one that is
    /// not known here.
    Option {
        /// The option.
        name: String,
        /// Its value there; `None` if there is none.
        bundle: Option<String>,
        /// Its value here; `None` if there is none.
        here: Option<String>,
    },
    /// Something that the templates call is not here.
    Missing(Native),
    /// Something that the templates call is here, but not the same.
    Other {
        /// What was meant.
        native: Native,
        /// What is here under that name.
        here: Identity,
    },
    /// The environment forbids tags by name, and nobody vouches for what the
    /// bundle says of that: tags cannot be seen in what is compiled.
    Policy,
    /// A template would be escaped in another way.
    Escape {
        /// The template.
        template: String,
        /// How it is escaped there.
        bundle: Escape,
        /// How it would be here.
        here: Escape,
    },
    /// How a template is escaped here is a secret: the function that says so
    /// panicked.
    NoEscape {
        /// The template.
        template: String,
        /// What the panic said.
        said: String,
    },
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |value: &Option<String>| match value {
            Some(value) => format!("{value:?}"),
            None => "nothing".to_owned(),
        };
        match self {
            Self::Instructions => f.write_str("it is of another instruction set"),
            Self::Edition { found } => write!(
                f,
                "it is of the edition {found:?}, here is {:?}",
                origin().edition
            ),
            Self::Build => f.write_str("it was compiled by another build of the compiler"),
            Self::Option { name, bundle, here } => write!(
                f,
                "option `{name}` was {}, here it is {}",
                shown(bundle),
                shown(here)
            ),
            Self::Missing(native) => {
                write!(f, "there is no {} `{}`", word(native.kind), native.name)
            }
            Self::Other { native, here } => write!(
                f,
                "the {} `{}` was {}, here it is {}",
                word(native.kind),
                native.name,
                identity(&native.identity),
                identity(here)
            ),
            Self::Policy => f.write_str(
                "a policy of tags cannot be enforced on templates that are compiled and not trusted",
            ),
            Self::Escape {
                template,
                bundle,
                here,
            } => write!(
                f,
                "`{template}` was compiled as {bundle:?}, here it would be {here:?}"
            ),
            Self::NoEscape { template, said } => write!(
                f,
                "how `{template}` is escaped here cannot be said: host code panicked: {said}"
            ),
        }
    }
}

fn word(kind: NativeKind) -> &'static str {
    match kind {
        NativeKind::Filter => "filter",
        NativeKind::Test => "test",
        NativeKind::Function => "function",
        NativeKind::Global => "global",
    }
}

fn identity(identity: &Identity) -> String {
    match identity {
        Identity::Builtin => "a builtin".to_owned(),
        Identity::Host => "one of the program".to_owned(),
        Identity::Version(version) => format!("version {version:?} of the program's"),
    }
}

impl Environment {
    /// An environment for the templates of a bundle. Options that decide what
    /// a source compiles to are those of the bundle, all others the defaults.
    ///
    /// ```
    /// use gravure::{Environment, bundle::{Bundle, BundleBuilder, Trust}, loader::MapLoader};
    /// let site = Environment::with_loader(MapLoader::from([("hi.html", "Hi {{ name }}!")]));
    /// let bytes = BundleBuilder::new(&site).build().expect("nothing is wrong with it");
    /// let bundle = Bundle::open(bytes, &Trust::Own).expect("it is what was built");
    /// let environment = Environment::from_bundle(bundle)?;
    /// assert_eq!(environment.render("hi.html", &gravure::context! { name => "Ada" })?, "Hi Ada!");
    /// # Ok::<(), gravure::Error>(())
    /// ```
    ///
    /// # Errors
    /// `K-CFG-001` with every mismatch: what the templates call must be a
    /// builtin. For templates that call the program's own filters use
    /// [`Environment::add_bundle`].
    pub fn from_bundle(bundle: impl Into<Arc<Bundle>>) -> Result<Self, Error> {
        let bundle = bundle.into();
        let environment = Self::with_options(Options::for_bundle(&bundle))?;
        // How templates escape is what the bundle says, so it cannot differ.
        environment.take(bundle, Self::mismatches)?;
        Ok(environment)
    }

    /// Find templates in a bundle too: first in the bundles, in the order in
    /// which they were added, then with the loader. Filters, tests and
    /// functions that its templates call must be there already.
    ///
    /// From a bundle that is not trusted on, every render of this environment
    /// has at most the bounds of [`Options::untrusted`], for any of them may
    /// come to include such a template.
    ///
    /// # Errors
    /// `K-CFG-001` with every mismatch, see
    /// [`Environment::bundle_mismatches`].
    pub fn add_bundle(&mut self, bundle: impl Into<Arc<Bundle>>) -> Result<(), Error> {
        self.take(bundle.into(), Self::bundle_mismatches)
    }

    fn take(
        &self,
        bundle: Arc<Bundle>,
        mismatches: fn(&Self, &Bundle) -> Vec<Mismatch>,
    ) -> Result<(), Error> {
        let found = mismatches(self, &bundle);
        if !found.is_empty() {
            let n_found = found.len();
            let error = Error::new(
                Code::Config,
                format!("the bundle does not fit this environment in {n_found} ways"),
            );
            return Err(found
                .iter()
                .fold(error, |error, it| error.help(it.to_string())));
        }
        self.shared.add_bundle(bundle);
        Ok(())
    }

    /// Everything in which a bundle and this environment differ.
    pub fn bundle_mismatches(&self, bundle: &Bundle) -> Vec<Mismatch> {
        let mut found = self.mismatches(bundle);
        for it in bundle.templates() {
            let here = match guarded(|| self.options().autoescape.surface(Some(it.name))) {
                Ok(surface) => escape(surface),
                Err(said) => {
                    let template = it.name.to_owned();
                    found.push(Mismatch::NoEscape { template, said });
                    continue;
                }
            };
            if here != it.escape {
                found.push(Mismatch::Escape {
                    template: it.name.to_owned(),
                    bundle: it.escape,
                    here,
                });
            }
        }
        found
    }

    /// All but how templates escape.
    fn mismatches(&self, bundle: &Bundle) -> Vec<Mismatch> {
        let (shared, edition) = (&self.shared, self.shared.edition());
        let manifest = bundle.manifest();
        let mut found = Vec::new();
        if manifest.instructions != *isa() {
            found.push(Mismatch::Instructions);
        }
        if manifest.origin.edition != origin().edition {
            let edition = manifest.origin.edition.clone();
            found.push(Mismatch::Edition { found: edition });
        }
        if manifest.origin.build != origin().build {
            found.push(Mismatch::Build);
        }
        found.extend(options_differ(manifest, &shared.options));
        let policy = &shared.options.policy;
        if !bundle.is_trusted() && (policy.tags.is_some() || policy.literal_names) {
            found.push(Mismatch::Policy);
        }
        let natives = manifest.natives.iter();
        found.extend(natives.filter_map(|native| native_differs(native, &edition)));
        found
    }

    /// The bundles that templates are found in, the first one first.
    pub fn bundles(&self) -> Vec<Arc<Bundle>> {
        self.shared.edition().bundles.clone()
    }
}

impl Shared {
    fn add_bundle(&self, bundle: Arc<Bundle>) {
        if !bundle.is_trusted() {
            self.is_bounded.store(true, Ordering::Release);
        }
        self.update(|edition| edition.bundles.push(bundle));
        self.has_bundles.store(true, Ordering::Release);
        // What was loaded before may be in the bundle.
        self.forget();
    }
}

/// The bounds of renders that may come to a template of a stranger.
pub(crate) fn bounded(limits: Limits, time: Option<Duration>) -> (Limits, Option<Duration>) {
    let most = Options::untrusted();
    let time = match (time, most.max_time) {
        (Some(own), Some(most)) => Some(own.min(most)),
        (own, most) => own.or(most),
    };
    (limits.lowered(&most.limits), time)
}

/// Options that decide what a source compiles to, as a manifest has them.
pub(super) fn options(of: &Options) -> BTreeMap<String, String> {
    let it = &of.delimiters;
    let delimiters = [
        ("block_start", &it.block_start),
        ("block_end", &it.block_end),
        ("variable_start", &it.variable_start),
        ("variable_end", &it.variable_end),
        ("comment_start", &it.comment_start),
        ("comment_end", &it.comment_end),
    ];
    let delimiters = delimiters.map(|(name, value)| (name.to_owned(), value.clone()));
    let switches = [
        ("trim_blocks", of.trim_blocks),
        ("lstrip_blocks", of.lstrip_blocks),
    ];
    let switches = switches.map(|(name, is_on)| (name.to_owned(), is_on.to_string()));
    let aliases = of.template_aliases.iter();
    let aliases = aliases.map(|(alias, folder)| (format!("@{alias}"), folder.clone()));
    let has_policy = of.policy != Policy::default();
    let policy = has_policy.then(|| ("policy".to_owned(), of.policy.fingerprint()));
    delimiters
        .into_iter()
        .chain(switches)
        .chain(aliases)
        .chain(policy)
        .collect()
}

fn options_differ(manifest: &Manifest, own: &Options) -> Vec<Mismatch> {
    let own = options(own);
    let there: BTreeMap<String, String> = manifest.options.iter().cloned().collect();
    let mut names: Vec<&String> = own.keys().chain(there.keys()).collect();
    names.sort();
    names.dedup();
    let differ = names.into_iter().filter(|&it| own.get(it) != there.get(it));
    let mismatch = |name: &String| Mismatch::Option {
        name: name.clone(),
        bundle: there.get(name).cloned(),
        here: own.get(name).cloned(),
    };
    differ.map(mismatch).collect()
}

impl Options {
    /// Options that a bundle fits: what decides what a source compiles to is as
    /// the bundle says, all else as by default.
    pub fn for_bundle(bundle: &Arc<Bundle>) -> Self {
        let mut options = Self::default();
        for (name, value) in &bundle.manifest().options {
            let delimiters = &mut options.delimiters;
            let value = value.clone();
            match name.as_str() {
                "block_start" => delimiters.block_start = value,
                "block_end" => delimiters.block_end = value,
                "variable_start" => delimiters.variable_start = value,
                "variable_end" => delimiters.variable_end = value,
                "comment_start" => delimiters.comment_start = value,
                "comment_end" => delimiters.comment_end = value,
                "trim_blocks" => options.trim_blocks = value == "true",
                "lstrip_blocks" => options.lstrip_blocks = value == "true",
                // What is not known stays a mismatch.
                name => {
                    if let Some(alias) = name.strip_prefix('@') {
                        options.template_aliases.insert(alias.to_owned(), value);
                    }
                }
            }
        }
        let known = bundle.clone();
        options.autoescape = AutoEscape::by_name(move |name| {
            let known = name.and_then(|name| known.template(name));
            match known.map(|it| it.escape) {
                Some(Escape::Text) => Mode::Off,
                Some(Escape::Markdown) => Mode::Markdown,
                Some(Escape::Terminal) => Mode::Terminal,
                Some(Escape::Html) | None => Mode::On,
            }
        });
        options
    }
}

fn native_differs(native: &Native, edition: &Edition) -> Option<Mismatch> {
    let Some(here) = lookup(native.kind, &native.name, edition) else {
        return Some(Mismatch::Missing(native.clone()));
    };
    let is_same = here.iter().any(|here| match (&native.identity, here) {
        // Nobody said which one: any of the program's will do.
        (Identity::Host, Identity::Host | Identity::Version(_)) => true,
        (wanted, here) => wanted == here,
    });
    match (is_same, here.into_iter().next()) {
        (false, Some(here)) => Some(Mismatch::Other {
            native: native.clone(),
            here,
        }),
        _ => None,
    }
}

const SURFACES: [Surface; 4] = [
    Surface::Text,
    Surface::Html,
    Surface::Markdown,
    Surface::Terminal,
];

/// What is there under a name, on all surfaces; `None` if nothing is.
fn lookup(kind: NativeKind, name: &str, edition: &Edition) -> Option<Vec<Identity>> {
    let registry = &*edition.registry;
    let of = |surface: Surface| match kind {
        NativeKind::Filter => registry.filter_on(surface, name),
        NativeKind::Test => registry.predicate(name),
        NativeKind::Function => registry
            .function_on(surface, name)
            .or_else(|| registry.global_on(surface, name)),
        NativeKind::Global => None,
    };
    if kind == NativeKind::Global {
        let is_there = edition.globals.iter().any(|(global, _)| **global == *name);
        return is_there.then(|| vec![Identity::Host]);
    }
    let all = SURFACES.into_iter().filter_map(of);
    let all: Vec<Identity> = all.map(|id| identity_of(registry, id)).collect();
    (!all.is_empty()).then_some(all)
}

/// Which native it is.
pub(super) fn identity_of(registry: &Registry, id: NativeId) -> Identity {
    use gravure_value::Identity as Which;
    match registry.native(id).map(|native| &native.identity) {
        Some(Which::Builtin) => Identity::Builtin,
        Some(Which::Host(version)) => Identity::Version(version.to_string()),
        Some(Which::Unversioned) | None => Identity::Host,
    }
}

fn escape(surface: Surface) -> Escape {
    match surface {
        Surface::Text => Escape::Text,
        Surface::Html => Escape::Html,
        Surface::Markdown => Escape::Markdown,
        Surface::Terminal => Escape::Terminal,
    }
}
