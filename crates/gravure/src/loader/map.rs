//! Sources in memory, by name.

use super::{LoadError, Loader, Source, Stamp};
use parking_lot::RwLock;
use std::collections::BTreeMap;

/// Keeps sources in memory. They may be replaced while others render.
///
/// ```
/// use gravure::loader::{Loader, MapLoader};
/// let loader = MapLoader::from([("a.html", "A"), ("b.html", "B")]);
/// assert_eq!(loader.load("a.html").unwrap().text, "A");
/// assert!(loader.load("c.html").unwrap_err().is_not_found());
/// ```
#[derive(Debug, Default)]
pub struct MapLoader {
    state: RwLock<State>,
}

#[derive(Debug, Default)]
struct State {
    sources: BTreeMap<String, (String, u64)>,
    /// Counts changes, so that a name that goes and comes back is new.
    version: u64,
}

impl MapLoader {
    /// A loader without sources.
    pub fn new() -> Self {
        Self::default()
    }

    /// Put a source under a name, in the place of an older one.
    pub fn insert(&self, name: impl Into<String>, text: impl Into<String>) {
        let (name, text) = (name.into(), text.into());
        let mut state = self.state.write();
        state.version += 1;
        let version = state.version;
        state.sources.insert(name, (text, version));
    }

    /// Forget a source. Was there one?
    pub fn remove(&self, name: &str) -> bool {
        self.state.write().sources.remove(name).is_some()
    }
}

impl<N: Into<String>, T: Into<String>> FromIterator<(N, T)> for MapLoader {
    fn from_iter<I: IntoIterator<Item = (N, T)>>(sources: I) -> Self {
        let loader = Self::new();
        for (name, text) in sources {
            loader.insert(name, text);
        }
        loader
    }
}

impl<N: Into<String>, T: Into<String>, const LEN: usize> From<[(N, T); LEN]> for MapLoader {
    fn from(sources: [(N, T); LEN]) -> Self {
        sources.into_iter().collect()
    }
}

impl Loader for MapLoader {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        let state = self.state.read();
        let (text, version) = state.sources.get(name).ok_or_else(LoadError::not_found)?;
        Ok(Source {
            text: text.clone(),
            file: None,
            stamp: Some(Stamp::Version(*version)),
        })
    }

    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        let state = self.state.read();
        let (_, version) = state.sources.get(name).ok_or_else(LoadError::not_found)?;
        Ok(Some(Stamp::Version(*version)))
    }

    fn list(&self) -> Option<Vec<String>> {
        Some(self.state.read().sources.keys().cloned().collect())
    }
}
