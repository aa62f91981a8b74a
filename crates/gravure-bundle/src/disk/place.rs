//! Where an entry lies: addresses to paths and back.
//!
//! ```text
//! 3/f/09…62 more digits….gvc            an entry
//! 3/f/09…62 more digits….71-0-5c….tmp   the same, while it is written
//! ```
//!
//! An address is 64 digits; the first two name folders. Nothing of a
//! template's name or source can be read from it.

use std::{
    ffi::OsString,
    hash::{BuildHasher, RandomState},
    path::{MAIN_SEPARATOR_STR as SLASH, Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
};

const DIGITS: &[u8; 16] = b"0123456789abcdef";
const ENTRY: &str = ".gvc";
const TEMPORARY: &str = ".tmp";

/// Digits of the name of a file.
const REST: usize = 62;

/// The path of an entry.
pub(super) fn entry(root: &Path, address: &[u8; 32]) -> PathBuf {
    let mut digits = [0; 64];
    for (to, byte) in digits.as_chunks_mut::<2>().0.iter_mut().zip(address) {
        *to = [digit(byte >> 4), digit(byte & 15)];
    }
    let digits = std::str::from_utf8(&digits).unwrap_or_default();
    let (first, rest) = digits.split_at(1);
    let (second, rest) = rest.split_at(1);
    let mut path = OsString::with_capacity(root.as_os_str().len() + 72);
    path.push(root);
    for part in [SLASH, first, SLASH, second, SLASH, rest, ENTRY] {
        path.push(part);
    }
    path.into()
}

fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' + nibble,
        _ => b'a' + (nibble & 15) - 10,
    }
}

/// A path beside an entry's that nobody else has.
pub(super) fn temporary(entry: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // Processes in different containers may have one number.
    let chance = RandomState::new().hash_one(count);
    entry.with_extension(format!(
        "{}-{count}-{chance:016x}{TEMPORARY}",
        process::id()
    ))
}

/// Is it one digit?
pub(super) fn is_digit(name: &str) -> bool {
    matches!(name.as_bytes(), [digit] if DIGITS.contains(digit))
}

/// The address of an entry, by its folders and its name.
pub(super) fn address_of(first: &str, second: &str, name: &str) -> Option<[u8; 32]> {
    let rest = name.strip_suffix(ENTRY).filter(|rest| rest.len() == REST)?;
    let mut nibbles = [first, second, rest]
        .into_iter()
        .flat_map(str::bytes)
        .map(|digit| {
            let value = DIGITS.iter().position(|known| *known == digit)?;
            Some(value as u8)
        });
    let mut address = [0; 32];
    for byte in &mut address {
        *byte = (nibbles.next()?? << 4) | nibbles.next()??;
    }
    Some(address)
}

/// Is it the name of a file that is being written?
pub(super) fn is_temporary(name: &str) -> bool {
    let rest = name
        .strip_suffix(TEMPORARY)
        .and_then(|it| it.split_once('.'));
    rest.is_some_and(|(digits, _)| {
        digits.len() == REST && digits.bytes().all(|digit| DIGITS.contains(&digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_and_back() {
        let mut address = [7; 32];
        address[0] = 0x3f;
        address[31] = 0xa0;
        let path = entry(Path::new("c"), &address);
        let shown = path.display().to_string();
        assert_eq!(shown, format!("c/3/f/{}a0.gvc", "07".repeat(30)));
        let name = path.file_name().unwrap().to_str().unwrap();
        assert_eq!(address_of("3", "f", name), Some(address));
        assert_eq!(address_of("3", "F", name), None);
        assert_eq!(address_of("3", "f", &name[1..]), None);
        assert!(!is_temporary(name));

        let one = temporary(&path);
        assert_eq!(one.parent(), path.parent());
        assert_ne!(one, temporary(&path));
        let name = one.file_name().unwrap().to_str().unwrap();
        assert!(is_temporary(name), "{name}");
        assert_eq!(address_of("3", "f", name), None);
        assert!(!is_temporary("notes.tmp") && !is_digit("ab") && is_digit("c"));
        let digits = "0".repeat(REST);
        for (name, wanted) in [
            (format!("{digits}.1-2-3.tmp"), true),
            (format!("{digits}0.1-2-3.tmp"), false),
            (format!("{}.1-2-3.tmp", &digits[1..]), false),
            (format!("x{}.1-2-3.tmp", &digits[1..]), false),
            (format!("{digits}.1-2-3.txt"), false),
            (format!("{digits}.tmp"), false),
        ] {
            assert_eq!(is_temporary(&name), wanted, "{name}");
        }
    }
}
