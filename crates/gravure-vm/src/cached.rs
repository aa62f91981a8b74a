//! Texts of blocks that do not depend on the page: rendered once, printed by
//! many renders.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicU64, Ordering},
};

/// Finished markup for blocks, by name, with counts of how it was used. Many
/// renders may share it.
#[derive(Debug, Default)]
pub struct CachedBlocks {
    texts: BTreeMap<String, String>,
    hits: AtomicU64,
    misses: AtomicU64,
}

impl CachedBlocks {
    /// The texts of these blocks.
    pub fn new(texts: impl IntoIterator<Item = (String, String)>) -> Self {
        Self {
            texts: texts.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Names of the blocks, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.texts.keys().map(String::as_str)
    }

    /// How many blocks of pages were printed from here.
    pub fn hits(&self) -> u64 {
        self.hits.load(Ordering::Relaxed)
    }

    /// How many blocks of pages were rendered, since there is no text here.
    pub fn misses(&self) -> u64 {
        self.misses.load(Ordering::Relaxed)
    }

    /// The text of a block that is to be shown; counts.
    pub(crate) fn show(&self, name: &str) -> Option<&str> {
        let text = self.texts.get(name);
        let count = if text.is_some() {
            &self.hits
        } else {
            &self.misses
        };
        count.fetch_add(1, Ordering::Relaxed);
        text.map(String::as_str)
    }
}
