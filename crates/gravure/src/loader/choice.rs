//! Several loaders, asked in order.

use super::{LoadError, Loader, Source, Stamp};
use std::sync::Arc;

/// Asks loaders in order; the first that finds the name wins. Only "not found"
/// goes on to the next: a file that cannot be read ends the search.
#[derive(Clone, Default)]
pub struct ChoiceLoader {
    loaders: Vec<Arc<dyn Loader>>,
}

impl ChoiceLoader {
    /// A choice of none.
    pub fn new() -> Self {
        Self::default()
    }

    /// With one more loader, asked last.
    #[must_use]
    pub fn or(mut self, loader: impl Loader + 'static) -> Self {
        self.loaders.push(Arc::new(loader));
        self
    }

    fn first<T>(
        &self,
        ask: impl Fn(&dyn Loader) -> Result<T, LoadError>,
    ) -> Result<(usize, T), LoadError> {
        let mut all_searched = Vec::new();
        let mut all_notes = Vec::new();
        for (idx, loader) in self.loaders.iter().enumerate() {
            match ask(&**loader) {
                Ok(found) => return Ok((idx, found)),
                Err(LoadError::NotFound { searched, notes }) => {
                    all_searched.extend(searched);
                    all_notes.extend(notes);
                }
                Err(other) => return Err(other),
            }
        }
        Err(LoadError::NotFound {
            searched: all_searched,
            notes: all_notes,
        })
    }
}

impl std::fmt::Debug for ChoiceLoader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ChoiceLoader({} loaders)", self.loaders.len())
    }
}

impl Loader for ChoiceLoader {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        let (idx, mut source) = self.first(|loader| loader.load(name))?;
        // Without the number, a name that moves from one loader to another
        // could bring a stamp that happens to be equal. A source without a
        // stamp, or one that never changes, may still be shadowed.
        source.stamp = source.stamp.map(|stamp| Stamp::Of(idx, Box::new(stamp)));
        Ok(source)
    }

    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        // A loader that has no cheap stamp may not have the name either, so
        // nothing can be said about those behind it.
        let (idx, stamp) = self.first(|loader| loader.stamp(name))?;
        Ok(stamp.map(|stamp| Stamp::Of(idx, Box::new(stamp))))
    }

    fn list(&self) -> Option<Vec<String>> {
        let mut names = Vec::new();
        for loader in &self.loaders {
            names.extend(loader.list()?);
        }
        names.sort_unstable();
        names.dedup();
        Some(names)
    }
}
