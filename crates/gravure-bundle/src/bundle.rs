//! A bundle that is open: chunks by name.
//!
//! Opening reads the head, the manifest and the signature and looks at the text
//! once, to see that it is UTF-8; no chunk is touched. The first who asks for a
//! chunk has it hashed, read and verified; whoever asks again takes no lock.

use crate::build::chunk_hash;
use crate::layout::{HEAD, Layout, ROOT, SEAL};
use crate::manifest::{Row, read_details, seen_from_file};
use crate::{BundleError, Details, Hash, Manifest, PublicKey};
use gravure_bytecode::{Chunk, Escape, PADDING, SharedText, TextBuffer, isa};
use std::{
    fmt,
    fs::{self, File},
    io::{self, Read as _},
    path::Path,
    sync::{Arc, OnceLock},
};

/// Whom a host believes.
///
/// Every chunk is verified before it can be run, whoever made it. Trust is
/// about the rest: what the pages say, and how much a render may take.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Trust {
    /// The program brought the bundle itself: it was built here, or is embedded.
    Own,
    /// Bundles that one of these keys has signed, of this version or a later
    /// one. An old bundle with a good signature is still an old bundle.
    Signed {
        /// Keys that count.
        keys: Vec<PublicKey>,
        /// The least version that is taken.
        least_version: u64,
    },
    /// Any bundle. Renders of its templates have the bounds of templates that
    /// are not trusted.
    Untrusted,
}

/// Bytes of a bundle.
pub enum Bytes {
    /// They are part of the program, and stay where they are.
    Static(&'static [u8]),
    /// They were made or read; their text is copied once.
    Owned(Vec<u8>),
}

impl From<&'static [u8]> for Bytes {
    fn from(bytes: &'static [u8]) -> Self {
        Self::Static(bytes)
    }
}

impl<const N: usize> From<&'static [u8; N]> for Bytes {
    fn from(bytes: &'static [u8; N]) -> Self {
        Self::Static(bytes)
    }
}

impl From<Vec<u8>> for Bytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Owned(bytes)
    }
}

/// Everything before the text.
enum Front {
    Static(&'static [u8]),
    Owned(Box<[u8]>),
}

impl Front {
    fn get(&self, start: usize, len: usize) -> &[u8] {
        let bytes = match self {
            Self::Static(bytes) => bytes,
            Self::Owned(bytes) => &**bytes,
        };
        let end = start.saturating_add(len);
        bytes.get(start..end).unwrap_or(&[])
    }
}

/// An open bundle.
pub struct Bundle {
    front: Front,
    text: TextBuffer,
    layout: Layout,
    manifest: Manifest,
    /// By name.
    entries: Box<[Entry]>,
    /// Where the details begin in the manifest.
    details: usize,
    root: Hash,
    signer: Option<PublicKey>,
    is_trusted: bool,
}

struct Entry {
    row: Row,
    body: usize,
    text: usize,
    source: usize,
    chunk: OnceLock<Result<Arc<Chunk>, BundleError>>,
}

/// What the index says of a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TemplateInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// How it escapes.
    pub escape: Escape,
    /// Bytes of its code and tables.
    pub body: usize,
    /// Bytes of its texts.
    pub text: usize,
    /// Bytes of its source, if it is kept.
    pub source: Option<usize>,
    /// The hash of its code and text.
    pub hash: &'a Hash,
    /// The hash of its source.
    pub source_hash: &'a Hash,
}

impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bundle")
            .field("templates", &self.entries.len())
            .field("version", &self.manifest.version)
            .field("root", &crate::hex(&self.root))
            .field("is_trusted", &self.is_trusted)
            .finish_non_exhaustive()
    }
}

const _: fn() = || {
    fn shared<T: Send + Sync>() {}
    shared::<Bundle>();
};

/// The longest file that is read; a thousand templates are some megabytes.
const MOST: u64 = 1 << 30;

/// Open a file, which may have become a pipe since it was looked at: that must
/// not be waited for.
fn opened(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NONBLOCK.bits();
        options.custom_flags(i32::try_from(flags).unwrap_or(0));
    }
    options.open(path)
}

fn irregular() -> BundleError {
    io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file").into()
}

impl Bundle {
    /// Open a bundle that is in memory.
    ///
    /// # Errors
    /// What is wrong with it, or why it is not trusted.
    pub fn open(bytes: impl Into<Bytes>, trust: &Trust) -> Result<Self, BundleError> {
        match bytes.into() {
            Bytes::Static(bytes) => {
                let layout = layout(bytes)?;
                let (front, text) = split(bytes, layout.text_start());
                let text = str::from_utf8(text).map_err(|error| no_utf8(&layout, error))?;
                Self::new(
                    Front::Static(front),
                    TextBuffer::Static(text),
                    layout,
                    trust,
                )
            }
            Bytes::Owned(mut bytes) => {
                let layout = layout(&bytes)?;
                let text = bytes.split_off(layout.text_start().min(bytes.len()));
                Self::of_parts(bytes, text, layout, trust)
            }
        }
    }

    /// Open a bundle in a file. It is read once, each part straight to where it
    /// stays.
    ///
    /// # Errors
    /// It cannot be read, what is wrong with it, or why it is not trusted.
    pub fn open_file(path: impl AsRef<Path>, trust: &Trust) -> Result<Self, BundleError> {
        let path = path.as_ref();
        // Opening what is none may wait for somebody else.
        if !fs::metadata(path)?.is_file() {
            return Err(irregular());
        }
        let mut file = opened(path)?;
        let metadata = file.metadata()?;
        if !metadata.is_file() {
            return Err(irregular());
        }
        let mut head = Vec::with_capacity(HEAD);
        (&mut file).take(HEAD as u64).read_to_end(&mut head)?;
        let Some(first) = head.first_chunk() else {
            return Err(BundleError::NotABundle);
        };
        // All lengths add up to the file's; but a file may be longer than what
        // is in it, and than memory.
        if metadata.len() > MOST {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it is too large").into());
        }
        let layout = Layout::read(first, metadata.len())?;
        let mut front = head;
        let rest = layout.text_start() - HEAD;
        front.try_reserve_exact(rest).map_err(io::Error::from)?;
        (&mut file).take(rest as u64).read_to_end(&mut front)?;
        let mut text = Vec::new();
        text.try_reserve_exact(layout.text)
            .map_err(io::Error::from)?;
        file.take(layout.text as u64).read_to_end(&mut text)?;
        Self::of_parts(front, text, layout, trust)
    }

    fn of_parts(
        front: Vec<u8>,
        text: Vec<u8>,
        layout: Layout,
        trust: &Trust,
    ) -> Result<Self, BundleError> {
        let text = String::from_utf8(text).map_err(|error| no_utf8(&layout, error.utf8_error()))?;
        let text = TextBuffer::Shared(Arc::new(text));
        Self::new(Front::Owned(front.into()), text, layout, trust)
    }

    fn new(
        front: Front,
        text: TextBuffer,
        layout: Layout,
        trust: &Trust,
    ) -> Result<Self, BundleError> {
        let malformed = |offset: usize, expected| BundleError::Malformed {
            offset: offset as u64,
            expected,
        };
        let covered = front.get(0, layout.root());
        let root: Hash = blake3::hash(covered).into();
        // Constant time is not wanted: nobody is to be kept from the hash.
        if front.get(layout.root(), ROOT) != root {
            return Err(BundleError::RootHash);
        }
        let signer = signer(&front, &layout, &root)?;
        let manifest = front.get(HEAD, layout.manifest);
        let (manifest, rows, details) =
            Manifest::read(manifest).map_err(|error| seen_from_file(&error, HEAD))?;
        let is_trusted = is_trusted(trust, signer, manifest.version)?;
        let entries = entries(rows, &layout)
            .ok_or_else(|| malformed(HEAD, "an index of all code and all text"))?;
        let end = text.as_str().len();
        let padding = end
            .checked_sub(PADDING)
            .and_then(|start| text.as_str().as_bytes().get(start..));
        if end != layout.text || padding.is_none_or(|it| it.iter().any(|&byte| byte != 0)) {
            return Err(malformed(layout.text_start() + end, "zeros at the end"));
        }
        Ok(Self {
            front,
            text,
            layout,
            manifest,
            entries,
            details,
            root,
            signer,
            is_trusted,
        })
    }

    /// What the chunks were compiled by and with, and what they need.
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The root hash.
    pub fn root(&self) -> &Hash {
        &self.root
    }

    /// The key it is signed with; the signature is good.
    pub fn signer(&self) -> Option<PublicKey> {
        self.signer
    }

    /// Are its templates bounded as any other, or as those of strangers?
    pub fn is_trusted(&self) -> bool {
        self.is_trusted
    }

    /// How many bytes the whole file has.
    pub fn file_len(&self) -> usize {
        self.layout.text_start() + self.layout.text
    }

    /// The index, by name.
    pub fn templates(&self) -> impl ExactSizeIterator<Item = TemplateInfo<'_>> {
        self.entries.iter().map(Entry::info)
    }

    /// What the index says of one template.
    pub fn template(&self, name: &str) -> Option<TemplateInfo<'_>> {
        self.entry(name).map(Entry::info)
    }

    /// The details of all templates, in the order of the index. They are read
    /// from the manifest each time.
    ///
    /// # Errors
    /// They are damaged.
    pub fn details(&self) -> Result<Vec<Details>, BundleError> {
        let start = HEAD + self.details;
        let len = self.layout.manifest.saturating_sub(self.details);
        let bytes = self.front.get(start, len);
        read_details(bytes, self.entries.len()).map_err(|error| seen_from_file(&error, start))
    }

    /// The chunk of a template; `None` if there is no such template.
    pub fn chunk(&self, name: &str) -> Option<Result<&Arc<Chunk>, BundleError>> {
        let entry = self.entry(name)?;
        let chunk = entry.chunk.get_or_init(|| self.read(entry).map(Arc::new));
        Some(chunk.as_ref().map_err(BundleError::clone))
    }

    /// Look at everything now: each chunk, each source, all details.
    ///
    /// # Errors
    /// All that is wrong.
    pub fn verify(&self) -> Result<(), Vec<BundleError>> {
        let mut found = Vec::new();
        let details = self.details();
        let all = match &details {
            Ok(all) => all.as_slice(),
            Err(error) => {
                found.push(error.clone());
                &[]
            }
        };
        for (at, entry) in self.entries.iter().enumerate() {
            match self.chunk(&entry.row.name) {
                Some(Ok(chunk)) => {
                    let is_so = |it: &Details| self.is_so(it, chunk);
                    if !all.is_empty() && !all.get(at).is_some_and(is_so) {
                        let name = entry.row.name.clone();
                        found.push(BundleError::Details { name });
                    }
                }
                Some(Err(error)) => found.push(error),
                None => {}
            }
        }
        match found.is_empty() {
            true => Ok(()),
            false => Err(found),
        }
    }

    /// Are the details those of the chunk? Which names edges and natives are
    /// resolved to is for the environment.
    fn is_so(&self, details: &Details, chunk: &Chunk) -> bool {
        let own = Details::of(chunk);
        let n_natives = self.manifest.natives.len();
        let lines = details.edges.iter().map(|it| (it.kind, it.line));
        let natives = &details.natives;
        own.signatures == details.signatures
            && own.blocks == details.blocks
            && lines.eq(chunk.dependencies.iter().map(|it| (it.kind, it.line)))
            && natives.is_sorted_by(|a, b| a < b)
            && natives.iter().all(|&it| (it as usize) < n_natives)
    }

    #[cfg(test)]
    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.entries.iter().map(|entry| &entry.row)
    }

    fn entry(&self, name: &str) -> Option<&Entry> {
        let found = self
            .entries
            .binary_search_by(|entry| (*entry.row.name).cmp(name));
        self.entries.get(found.ok()?)
    }

    fn read(&self, entry: &Entry) -> Result<Chunk, BundleError> {
        if self.manifest.instructions != *isa() {
            return Err(BundleError::Instructions);
        }
        let row = &entry.row;
        let damaged = || BundleError::ChunkHash {
            name: row.name.clone(),
        };
        let text = |start, len| SharedText::within(&self.text, start, len).ok_or_else(damaged);
        let body = self
            .front
            .get(self.layout.code_start() + entry.body, row.body);
        let own = text(entry.text, row.text)?;
        if chunk_hash(&row.name, body, &own) != row.hash {
            return Err(damaged());
        }
        let source = match row.source {
            Some(len) => {
                let source = text(entry.source, len)?;
                if crate::hash_of(&source) != row.source_hash {
                    return Err(damaged());
                }
                Some(source)
            }
            None => None,
        };
        let chunk = Chunk::from_parts(row.name.clone(), body, own, source);
        let chunk = chunk.map_err(|error| BundleError::Chunk {
            name: row.name.clone(),
            error,
        })?;
        match chunk.escape == row.escape {
            true => Ok(chunk),
            false => Err(BundleError::Details {
                name: row.name.clone(),
            }),
        }
    }
}

impl Entry {
    fn info(&self) -> TemplateInfo<'_> {
        TemplateInfo {
            name: &self.row.name,
            escape: self.row.escape,
            body: self.row.body,
            text: self.row.text,
            source: self.row.source,
            hash: &self.row.hash,
            source_hash: &self.row.source_hash,
        }
    }
}

fn layout(bytes: &[u8]) -> Result<Layout, BundleError> {
    match bytes.first_chunk() {
        Some(head) => Layout::read(head, bytes.len() as u64),
        None => Err(BundleError::NotABundle),
    }
}

fn split(bytes: &[u8], at: usize) -> (&[u8], &[u8]) {
    bytes.split_at_checked(at).unwrap_or((bytes, &[]))
}

fn no_utf8(layout: &Layout, error: std::str::Utf8Error) -> BundleError {
    BundleError::Malformed {
        offset: (layout.text_start() + error.valid_up_to()) as u64,
        expected: "UTF-8",
    }
}

/// Who has signed the root hash. A signature that is there must be good,
/// whether or not anybody wants one.
fn signer(front: &Front, layout: &Layout, root: &Hash) -> Result<Option<PublicKey>, BundleError> {
    if !layout.is_signed {
        return Ok(None);
    }
    let seal = front.get(layout.root() + ROOT, SEAL);
    let parts = seal.split_first_chunk::<32>();
    let Some((key, signature)) = parts.and_then(|(key, rest)| Some((key, rest.first_chunk()?)))
    else {
        return Err(BundleError::Signature);
    };
    let key = PublicKey(*key);
    match key.has_signed(root, signature) {
        true => Ok(Some(key)),
        false => Err(BundleError::Signature),
    }
}

fn is_trusted(trust: &Trust, signer: Option<PublicKey>, version: u64) -> Result<bool, BundleError> {
    match trust {
        Trust::Own => Ok(true),
        Trust::Untrusted => Ok(false),
        Trust::Signed {
            keys,
            least_version,
        } => match signer {
            None => Err(BundleError::Unsigned),
            Some(key) if !keys.contains(&key) => Err(BundleError::UnknownKey(key)),
            Some(_) if version < *least_version => Err(BundleError::TooOld {
                found: version,
                least: *least_version,
            }),
            Some(_) => Ok(true),
        },
    }
}

/// Where everything is: one part behind the other, with nothing left.
fn entries(rows: Vec<Row>, layout: &Layout) -> Option<Box<[Entry]>> {
    let sum = |len: fn(&Row) -> usize| {
        let mut lens = rows.iter().map(len);
        lens.try_fold(0usize, |sum, len| sum.checked_add(len))
    };
    let texts = sum(|row| row.text)?;
    let sources = sum(|row| row.source.unwrap_or(0))?;
    let all = texts.checked_add(sources)?.checked_add(PADDING)?;
    if sum(|row| row.body)? != layout.code || all != layout.text {
        return None;
    }
    let (mut body, mut text, mut source) = (0, 0, texts);
    let entry = |row: Row| {
        let entry = Entry {
            body,
            text,
            source,
            chunk: OnceLock::new(),
            row,
        };
        // None of the sums overflows.
        body += entry.row.body;
        text += entry.row.text;
        source += entry.row.source.unwrap_or(0);
        entry
    };
    Some(rows.into_iter().map(entry).collect())
}
