//! Entries of the disk cache that somebody has changed: refused, or a chunk
//! that runs in bounds.

use super::{chunk::run, stage};
use gravure_bundle::disk::{read_entry, seal, write_entry};

/// The first byte says which template, and whether the changed entry is given
/// a right sum; each three more are a place and what to do there.
pub fn entry(bytes: &[u8]) {
    let [which, edits @ ..] = bytes else { return };
    let chunk = stage::good(which & 0x3f);
    let good = write_entry(&chunk, &[]);
    let read = read_entry(&good).expect("what was written can be read");
    assert!(read.chunk == chunk.strip(), "an entry is not what was kept");

    let mut changed = good.clone();
    for edit in edits.as_chunks::<3>().0 {
        change(&mut changed, *edit);
    }
    let is_sealed = which & 0x80 != 0;
    if is_sealed {
        seal(&mut changed, None);
    }
    match read_entry(&changed) {
        Some(read) => {
            assert!(is_sealed || changed == good, "damage was not found");
            run(&read.chunk, 0);
        }
        None => assert!(changed != good, "an entry was refused"),
    }
}

fn change(bytes: &mut Vec<u8>, [high, low, what]: [u8; 3]) {
    let place = usize::from(high & 0x3f) << 8 | usize::from(low);
    let place = place % (bytes.len() + 1);
    match high >> 6 {
        0 | 1 => {
            if let Some(byte) = bytes.get_mut(place) {
                *byte ^= what;
            }
        }
        2 => bytes.insert(place, what),
        _ => {
            let end = (place + usize::from(what)).min(bytes.len());
            bytes.drain(place..end);
        }
    }
}
