//! Chunks in any order to the one file that holds them.

use crate::layout::{Layout, ROOT};
use crate::manifest::Row;
use crate::{Details, Edge, Hash, Manifest, Native, SecretKey};
use gravure_bytecode::{Chunk, Origin, PADDING, isa};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Everything that goes into a bundle.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// The edition of the language, and the compiler.
    pub origin: Origin,
    /// Which version it is.
    pub version: u64,
    /// Options that decide what a source compiles to.
    pub options: Vec<(String, String)>,
    /// The templates.
    pub items: Vec<Item>,
}

/// A template with what only whoever compiled it knows.
#[derive(Clone, Debug)]
pub struct Item {
    /// The chunk; its name is the template's. Its source is kept if it has one.
    pub chunk: Arc<Chunk>,
    /// The hash of the source.
    pub source_hash: Hash,
    /// Templates that it names literally.
    pub edges: Vec<Edge>,
    /// What it calls by name.
    pub natives: Vec<Native>,
}

/// Contents are no bundle.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BuildError {
    /// Two templates have one name.
    Twice(String),
    /// One name is asked for as two natives.
    Natives(String),
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Twice(name) => write!(f, "two templates are called `{name}`"),
            Self::Natives(name) => write!(f, "two natives are called `{name}`"),
        }
    }
}

impl std::error::Error for BuildError {}

/// The bytes of a bundle: the same for the same contents, in whatever order
/// they are.
///
/// # Errors
/// Names that are there twice.
pub fn write(contents: &Contents, key: Option<&SecretKey>) -> Result<Vec<u8>, BuildError> {
    let mut items: Vec<&Item> = contents.items.iter().collect();
    items.sort_by(|a, b| a.chunk.name.cmp(&b.chunk.name));
    if let Some([one, _]) = items
        .array_windows()
        .find(|[one, other]| one.chunk.name == other.chunk.name)
    {
        return Err(BuildError::Twice(one.chunk.name.clone()));
    }
    let natives = natives(&items)?;
    let mut options = contents.options.clone();
    options.sort();
    options.dedup_by(|a, b| a.0 == b.0);
    let manifest = Manifest {
        instructions: *isa(),
        origin: contents.origin.clone(),
        version: contents.version,
        options,
        natives,
    };
    let (mut rows, mut details) = (Vec::new(), Vec::new());
    let (mut code, mut text, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    for item in &items {
        let parts = item.chunk.parts();
        rows.push(Row {
            name: item.chunk.name.clone(),
            escape: item.chunk.escape,
            body: parts.body.len(),
            text: parts.text.len(),
            source: parts.source.map(str::len),
            hash: chunk_hash(&item.chunk.name, &parts.body, parts.text),
            source_hash: item.source_hash,
        });
        details.push(details_of(item, &manifest));
        code.extend_from_slice(&parts.body);
        text.extend_from_slice(parts.text.as_bytes());
        sources.extend_from_slice(parts.source.unwrap_or_default().as_bytes());
    }
    text.append(&mut sources);
    text.extend_from_slice(&[0; PADDING]);
    let manifest = manifest.write(&rows, &details);
    let layout = Layout {
        is_signed: key.is_some(),
        manifest: manifest.len(),
        code: code.len(),
        text: text.len(),
    };
    let mut to = Vec::with_capacity(layout.text_start() + text.len());
    to.extend_from_slice(&layout.head());
    to.extend_from_slice(&manifest);
    let root: [u8; ROOT] = blake3::hash(&to).into();
    to.extend_from_slice(&root);
    if let Some(key) = key {
        to.extend_from_slice(&key.public().0);
        to.extend_from_slice(&key.sign(&root));
    }
    to.append(&mut code);
    to.append(&mut text);
    Ok(to)
}

/// Of what a chunk's bytes are, under which name. Lengths keep the parts apart.
pub(crate) fn chunk_hash(name: &str, body: &[u8], text: &str) -> Hash {
    let mut hasher = blake3::Hasher::new();
    for part in [name.as_bytes(), body, text.as_bytes()] {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// The natives of all templates, each once, in order.
fn natives(items: &[&Item]) -> Result<Vec<Native>, BuildError> {
    let mut all = BTreeMap::new();
    for native in items.iter().flat_map(|it| &it.natives) {
        let known = all.insert((native.kind, &native.name), native);
        if known.is_some_and(|known| known != native) {
            return Err(BuildError::Natives(native.name.clone()));
        }
    }
    Ok(all.into_values().cloned().collect())
}

/// What the manifest says of a template beside the index.
fn details_of(item: &Item, manifest: &Manifest) -> Details {
    let place = |native: &Native| {
        let place = manifest.natives.binary_search(native).ok()?;
        u32::try_from(place).ok()
    };
    let mut natives: Vec<u32> = item.natives.iter().filter_map(place).collect();
    natives.sort_unstable();
    natives.dedup();
    Details {
        edges: item.edges.clone(),
        natives,
        ..Details::of(&item.chunk)
    }
}
