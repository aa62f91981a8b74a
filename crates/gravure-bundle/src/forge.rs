//! What somebody does who changes a bundle and can count.
//!
//! A hash is no signature: whoever changes bytes can make the hashes right
//! again. Tests and fuzzers do, so that what lies behind the hashes is reached.

use crate::build::chunk_hash;
use crate::layout::{HEAD, Layout, ROOT, SEAL};
use crate::manifest::{Manifest, Row};
use crate::{Hash, SecretKey};

/// The same bytes with every hash, the length of the manifest and the signature
/// (by this key) made right, as far as they can be found. `grown` says by
/// how many bytes the manifest has grown; the code has the rest.
#[doc(hidden)]
pub fn forge(mut bytes: Vec<u8>, grown: isize, key: &SecretKey) -> Vec<u8> {
    fix_lengths(&mut bytes, grown);
    let Some(layout) = layout(&bytes) else {
        return bytes;
    };
    let end = HEAD + layout.manifest;
    let manifest = bytes.get(HEAD..end).unwrap_or(&[]);
    if let Ok((manifest, mut rows, details)) = Manifest::read(manifest) {
        hash_all(&bytes, &layout, &mut rows);
        // With the details as they are, whatever they are.
        let mut written = manifest.write(&rows, &[]);
        written.extend(bytes.get(HEAD + details..end).unwrap_or(&[]));
        if written.len() == layout.manifest {
            put(&mut bytes, HEAD, &written);
        }
    }
    let root: Hash = blake3::hash(bytes.get(..end).unwrap_or(&[])).into();
    put(&mut bytes, layout.root(), &root);
    if layout.is_signed {
        let seal = [&key.public().0[..], &key.sign(&root)].concat();
        debug_assert_eq!(seal.len(), SEAL);
        put(&mut bytes, layout.root() + ROOT, &seal);
    }
    bytes
}

/// The head with lengths that add up, if some bytes came or went.
fn fix_lengths(bytes: &mut [u8], grown: isize) {
    let len = bytes.len() as u64;
    let field = |bytes: &[u8], at: usize| {
        let field = bytes.get(at..).and_then(|rest| rest.first_chunk());
        field.map_or(0, |&field| u64::from_le_bytes(field))
    };
    let manifest = field(bytes, 8).wrapping_add_signed(grown as i64);
    let others = (HEAD + ROOT) as u64
        + if bytes.get(6) == Some(&1) {
            SEAL as u64
        } else {
            0
        };
    let text = field(bytes, 24);
    let code = len
        .wrapping_sub(others)
        .wrapping_sub(manifest)
        .wrapping_sub(text);
    put(bytes, 8, &manifest.to_le_bytes());
    put(bytes, 16, &code.to_le_bytes());
}

fn layout(bytes: &[u8]) -> Option<Layout> {
    Layout::read(bytes.first_chunk()?, bytes.len() as u64).ok()
}

/// The hash of each chunk, where the index says that it is.
fn hash_all(bytes: &[u8], layout: &Layout, rows: &mut [Row]) {
    let (mut body, mut text) = (layout.code_start(), layout.text_start());
    let texts: usize = rows.iter().fold(0, |sum, row| sum.saturating_add(row.text));
    let mut source = text.saturating_add(texts);
    for row in rows {
        let part = |start: &mut usize, len: usize| {
            let end = start.saturating_add(len);
            let part = bytes.get(*start..end).unwrap_or(&[]);
            *start = end;
            part
        };
        let (own, text) = (part(&mut body, row.body), part(&mut text, row.text));
        row.hash = chunk_hash(&row.name, own, &String::from_utf8_lossy(text));
        if let Some(len) = row.source {
            let source = String::from_utf8_lossy(part(&mut source, len));
            row.source_hash = crate::hash_of(&source);
        }
    }
}

fn put(bytes: &mut [u8], at: usize, with: &[u8]) {
    let end = at.saturating_add(with.len());
    if let Some(place) = bytes.get_mut(at..end) {
        place.copy_from_slice(with);
    }
}
