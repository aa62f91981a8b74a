//! Keys: everything that decides what a chunk is, as 32 bytes.
//!
//! In: fields with names, one after the other. Out: their BLAKE3 hash. Each
//! field is written with its name and its length, so no two lists of fields
//! are the same bytes. Which fields there are is for the caller to say, but
//! for how entries are written, which is known here.

use std::fmt;

/// A hash over fields, open for more.
#[derive(Clone)]
pub struct Fields(blake3::Hasher);

/// What everything but a template's name and source comes to.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 32]);

/// The key of one entry.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Key(pub(crate) [u8; 32]);

impl Fields {
    /// Nothing but how entries and chunks are written: the layout of both,
    /// and the instructions. Which compiler it was is for the caller to say.
    pub fn new() -> Self {
        let mut fields = Self(blake3::Hasher::new());
        fields
            .number("entry", u64::from(super::entry::FORMAT))
            .number("chunk", u64::from(gravure_bytecode::FORMAT))
            .bytes("instructions", gravure_bytecode::isa());
        fields
    }

    /// One more, as bytes.
    pub fn bytes(&mut self, name: &str, bytes: &[u8]) -> &mut Self {
        self.0.update(&(name.len() as u64).to_le_bytes());
        self.0.update(name.as_bytes());
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
        self
    }

    /// One more, as text.
    pub fn text(&mut self, name: &str, text: &str) -> &mut Self {
        self.bytes(name, text.as_bytes())
    }

    /// One more, as a number.
    pub fn number(&mut self, name: &str, number: u64) -> &mut Self {
        self.bytes(name, &number.to_le_bytes())
    }

    /// One more, on or off.
    pub fn switch(&mut self, name: &str, is_on: bool) -> &mut Self {
        self.bytes(name, &[u8::from(is_on)])
    }

    /// No more.
    pub fn finish(&self) -> Fingerprint {
        Fingerprint(*self.0.finalize().as_bytes())
    }
}

impl Default for Fields {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fields")
    }
}

impl Fingerprint {
    /// The key of a template: its name, if it has one, and its source.
    pub fn key(&self, name: Option<&str>, source: &str) -> Key {
        let mut hash = blake3::Hasher::new();
        let name_len = name.map_or(u64::MAX, |name| name.len() as u64);
        hash.update(&self.0);
        hash.update(&name_len.to_le_bytes());
        hash.update(name.unwrap_or_default().as_bytes());
        hash.update(source.as_bytes());
        Key(*hash.finalize().as_bytes())
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        hex(&self.0, f)
    }
}

fn hex(bytes: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_lists_of_fields_are_one() {
        let of = |list: &[(&str, &str)]| {
            let mut fields = Fields::new();
            for (name, text) in list {
                fields.text(name, text);
            }
            fields.finish()
        };
        let lists: [&[(&str, &str)]; 6] = [
            &[],
            &[("a", "bc")],
            &[("ab", "c")],
            &[("a", "b"), ("c", "")],
            &[("a", ""), ("b", "c")],
            &[("", "abc")],
        ];
        for (at, one) in lists.iter().enumerate() {
            for other in &lists[..at] {
                assert_ne!(of(one), of(other), "{one:?} and {other:?}");
            }
        }
    }

    #[test]
    fn name_and_source_are_kept_apart() {
        let fingerprint = Fields::new().finish();
        let keys = [
            fingerprint.key(None, "ab"),
            fingerprint.key(Some(""), "ab"),
            fingerprint.key(Some("a"), "b"),
            fingerprint.key(Some("ab"), ""),
        ];
        for (at, key) in keys.iter().enumerate() {
            assert!(!keys[..at].contains(key));
        }
    }

    #[test]
    fn every_sort_of_field_counts() {
        let of = |add: &dyn Fn(&mut Fields)| {
            let mut fields = Fields::new();
            add(&mut fields);
            fields.finish()
        };
        let all = [
            of(&|_| ()),
            of(&|it| {
                it.switch("a", true);
            }),
            of(&|it| {
                it.switch("a", false);
            }),
            of(&|it| {
                it.switch("b", true);
            }),
            of(&|it| {
                it.number("a", 1);
            }),
            of(&|it| {
                it.number("a", 256);
            }),
            of(&|it| {
                it.text("a", "1");
            }),
            of(&|it| {
                it.bytes("a", &[1, 0]);
            }),
            of(&|it| {
                it.switch("a", true).switch("b", false);
            }),
            of(&|it| {
                it.switch("a", true).switch("b", true);
            }),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(!all[..at].contains(one), "{at}");
        }
        assert_eq!(Fields::default().finish(), all[0]);
    }

    #[test]
    fn keys_show_their_digits() {
        let mut bytes = [0; 32];
        (bytes[0], bytes[31]) = (0xa0, 0x0b);
        let wanted = format!("a0{}0b", "00".repeat(30));
        assert_eq!(format!("{:?}", Key(bytes)), wanted);
        assert_eq!(format!("{:?}", Fingerprint(bytes)), wanted);
        assert_eq!(format!("{:?}", Fields::new()), "Fields");
    }
}
