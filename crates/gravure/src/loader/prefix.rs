//! Loaders under prefixes of names.

use super::{LoadError, Loader, Source, Stamp};
use std::{collections::BTreeMap, sync::Arc};

/// Splits a name once at a delimiter: the loader under the first part is asked
/// for the second. A name without the delimiter is all prefix.
#[derive(Clone)]
pub struct PrefixLoader {
    delimiter: String,
    loaders: BTreeMap<String, Arc<dyn Loader>>,
}

impl Default for PrefixLoader {
    fn default() -> Self {
        Self::with_delimiter("/")
    }
}

impl PrefixLoader {
    /// No prefixes yet, `/` behind each.
    pub fn new() -> Self {
        Self::default()
    }

    /// No prefixes yet, and another delimiter; an empty one is `/`.
    pub fn with_delimiter(delimiter: impl Into<String>) -> Self {
        let delimiter = delimiter.into();
        Self {
            delimiter: if delimiter.is_empty() {
                "/".to_owned()
            } else {
                delimiter
            },
            loaders: BTreeMap::new(),
        }
    }

    /// With a loader under a prefix.
    #[must_use]
    pub fn at(mut self, prefix: impl Into<String>, loader: impl Loader + 'static) -> Self {
        self.loaders.insert(prefix.into(), Arc::new(loader));
        self
    }

    fn find<'a>(&self, name: &'a str) -> Result<(&dyn Loader, &'a str), LoadError> {
        let (prefix, rest) = name.split_once(&*self.delimiter).unwrap_or((name, ""));
        match self.loaders.get(prefix) {
            Some(loader) => Ok((&**loader, rest)),
            None => {
                let prefixes: Vec<&str> = self.loaders.keys().map(|key| &**key).collect();
                Err(LoadError::NotFound {
                    searched: Vec::new(),
                    notes: vec![format!("known prefixes: {}", prefixes.join(", "))],
                })
            }
        }
    }
}

impl std::fmt::Debug for PrefixLoader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrefixLoader({:?})", self.loaders.keys())
    }
}

impl Loader for PrefixLoader {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        let (loader, rest) = self.find(name)?;
        loader.load(rest)
    }

    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        let (loader, rest) = self.find(name)?;
        loader.stamp(rest)
    }

    fn list(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for (prefix, loader) in &self.loaders {
            let inner = loader.list()?;
            names.extend(
                inner
                    .into_iter()
                    .map(|rest| format!("{prefix}{}{rest}", self.delimiter)),
            );
        }
        names.sort_unstable();
        names.dedup();
        Some(names)
    }
}
