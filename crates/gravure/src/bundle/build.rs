//! An environment to the bytes of a bundle.
//!
//! In: what the environment's loader has. Out: one file, or every finding that
//! makes it none: a template that does not compile, a tag that names a template
//! which is not there. Templates that are named are taken in, listed or not.

use super::{Bundle, BundleError, Edge, Identity, Native, NativeKind, SecretKey, Trust, fit};
use crate::{
    Environment, Error,
    check::{Finding, Severity},
    environment::Kept,
    names::normalize,
    tables::Edition,
};
use gravure_bundle::{Contents, Item, hash_of};
use gravure_bytecode::{Chunk, ImportKind, Op, Sym};
use gravure_source::Code;
use gravure_value::Surface;
use std::{collections::BTreeSet, sync::Arc};

/// Puts templates of an environment into a bundle.
///
/// ```
/// use gravure::{Environment, bundle::BundleBuilder, loader::MapLoader};
/// let environment = Environment::with_loader(MapLoader::from([
///     ("page.html", "{% include 'foot.html' %}"),
/// ]));
/// let found = BundleBuilder::new(&environment).build().unwrap_err();
/// assert_eq!(found[0].short(), "page.html:1:4: error[K-TPL-001] template `foot.html` not found");
/// ```
#[derive(Clone, Debug)]
pub struct BundleBuilder<'e> {
    environment: &'e Environment,
    version: u64,
    is_stripped: bool,
    is_lenient: bool,
    key: Option<SecretKey>,
}

impl<'e> BundleBuilder<'e> {
    /// A bundle of what this environment can load.
    pub fn new(environment: &'e Environment) -> Self {
        Self {
            environment,
            version: 0,
            is_stripped: false,
            is_lenient: false,
            key: None,
        }
    }

    /// Which version it is. Hosts may refuse bundles that are older than they
    /// want.
    #[must_use]
    pub fn version(mut self, version: u64) -> Self {
        self.version = version;
        self
    }

    /// Leave out the sources. Errors then come without the lines around them;
    /// code, template, line and column stay.
    #[must_use]
    pub fn strip(mut self) -> Self {
        self.is_stripped = true;
        self
    }

    /// Sign it.
    #[must_use]
    pub fn sign(mut self, key: &SecretKey) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Leave out what does not compile, and let tags name what is not there.
    #[doc(hidden)]
    #[must_use]
    pub fn lenient(mut self) -> Self {
        self.is_lenient = true;
        self
    }

    /// The bytes of a bundle of every template that the loader lists, and of
    /// those that they name. The same templates, options and version give the
    /// same bytes, wherever and whenever.
    ///
    /// # Errors
    /// Everything that is wrong, with its place.
    pub fn build(&self) -> Result<Vec<u8>, Vec<Finding>> {
        let names = self.environment.loader_names();
        let names = names.map_err(|error| vec![Finding::from_error(&error)])?;
        self.build_templates(&names)
    }

    /// [`BundleBuilder::build`] of these templates, and those that they name.
    ///
    /// # Errors
    /// Everything that is wrong, with its place.
    pub fn build_templates<N: AsRef<str>>(&self, names: &[N]) -> Result<Vec<u8>, Vec<Finding>> {
        if !self.is_lenient {
            let checked = self.environment.check_templates(names);
            let checked = checked.map_err(|error| vec![Finding::from_error(&error)])?;
            let mut found = checked.findings;
            found.retain(|it| it.severity == Severity::Error);
            if !found.is_empty() {
                return Err(found);
            }
        }
        let contents = Contents {
            origin: gravure_compiler::origin().clone(),
            version: self.version,
            options: fit::options(self.environment.options())
                .into_iter()
                .collect(),
            items: self.items(names)?,
        };
        gravure_bundle::write(&contents, self.key.as_ref()).map_err(|error| {
            let error = Error::new(Code::Config, error.to_string());
            vec![Finding::from_error(&error)]
        })
    }

    /// The bundle itself, to be used at once.
    ///
    /// # Errors
    /// Everything that is wrong, with its place.
    pub fn open(&self) -> Result<Bundle, Vec<Finding>> {
        let bundle = Bundle::open(self.build()?, &Trust::Own);
        bundle.map_err(|error| vec![Finding::from_error(&refused(&error))])
    }

    /// These templates and all that they name, each once.
    fn items<N: AsRef<str>>(&self, names: &[N]) -> Result<Vec<Item>, Vec<Finding>> {
        let shared = &self.environment.shared;
        let edition = shared.edition();
        let aliases = &shared.options.template_aliases;
        let mut found = Vec::new();
        let mut items = Vec::new();
        let mut seen = BTreeSet::new();
        let names = names
            .iter()
            .map(|name| normalize(name.as_ref(), None, aliases));
        let mut open: Vec<String> = names.flatten().map(|name| name.into_owned()).collect();
        while let Some(name) = open.pop() {
            if !seen.insert(name.clone()) {
                continue;
            }
            match shared.compile_source(&name) {
                Ok(Some((kept, text))) => {
                    let item = self.item(&kept, &text, &edition);
                    open.extend(item.edges.iter().map(|it| it.target.clone()));
                    items.push(item);
                }
                // What must be there has been checked.
                Ok(None) => {}
                Err(error) => found.push(Finding::from_error(&error)),
            }
        }
        match found.is_empty() || self.is_lenient {
            true => Ok(items),
            false => Err(found),
        }
    }

    fn item(&self, kept: &Kept, source: &str, edition: &Edition) -> Item {
        let chunk = &kept.compiled.chunk;
        let aliases = &self.environment.options().template_aliases;
        let edges = chunk.dependencies.iter().map(|it| {
            let name = chunk.symbol(it.name);
            let target = normalize(name, Some(&chunk.name), aliases);
            Edge {
                kind: it.kind,
                target: target.map_or_else(|_| name.to_owned(), |name| name.into_owned()),
                line: it.line,
            }
        });
        Item {
            source_hash: hash_of(source),
            edges: edges.collect(),
            natives: natives(chunk, kept.compiled.surface, edition),
            chunk: match self.is_stripped {
                true => Arc::new(chunk.strip()),
                false => chunk.clone(),
            },
        }
    }
}

/// What a chunk calls by name, as far as the environment has it.
fn natives(chunk: &Chunk, surface: Surface, edition: &Edition) -> Vec<Native> {
    let registry = &*edition.registry;
    let mut found = BTreeSet::new();
    for import in &chunk.imports {
        let name = chunk.symbol(import.name);
        let (kind, id) = match import.kind {
            ImportKind::Filter => (NativeKind::Filter, registry.filter_on(surface, name)),
            ImportKind::Predicate => (NativeKind::Test, registry.predicate(name)),
        };
        found.extend(id.map(|id| Native {
            kind,
            name: name.to_owned(),
            identity: fit::identity_of(registry, id),
        }));
    }
    let mut loaded: Vec<Sym> = chunk.code.iter().filter_map(|&word| loaded(word)).collect();
    loaded.sort_unstable();
    loaded.dedup();
    for sym in loaded {
        let name = chunk.symbol(sym);
        let id = registry
            .function_on(surface, name)
            .or_else(|| registry.global_on(surface, name));
        let is_global = || edition.globals.iter().any(|(global, _)| **global == *name);
        let (kind, identity) = match id {
            Some(id) => (NativeKind::Function, fit::identity_of(registry, id)),
            None if is_global() => (NativeKind::Global, Identity::Host),
            None => continue,
        };
        found.insert(Native {
            kind,
            name: name.to_owned(),
            identity,
        });
    }
    found.into_iter().collect()
}

/// The name that an op reads and that must be there.
fn loaded(word: u64) -> Option<Sym> {
    match Op::decode(word)? {
        Op::LoadName { sym, .. } => Some(sym),
        _ => None,
    }
}

/// Why a bundle cannot be used, as an error of the front door.
pub(crate) fn refused(error: &BundleError) -> Error {
    Error::new(Code::Config, error.to_string())
}

/// Why a template of a bundle cannot be used.
pub(crate) fn unreadable(name: &str, error: &BundleError) -> Error {
    let message = format!("template `{name}` cannot be read from its bundle: {error}");
    Error::new(Code::TplIo, message).help("build the bundle again")
}
