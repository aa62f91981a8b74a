//! Where the parts of a bundle are.
//!
//! The head has a fixed length and says how long the parts are; together they
//! are exactly the file.

use crate::BundleError;

/// The version of the format. Other versions are not read.
pub(crate) const FORMAT: u16 = 1;

/// What a bundle begins with.
pub(crate) const MAGIC: [u8; 4] = *b"GVB\0";

/// Bytes of the head.
pub(crate) const HEAD: usize = 32;

/// Bytes of the root hash.
pub(crate) const ROOT: usize = 32;

/// Bytes of a key and a signature.
pub(crate) const SEAL: usize = 32 + 64;

/// What the head says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Layout {
    pub(crate) is_signed: bool,
    pub(crate) manifest: usize,
    pub(crate) code: usize,
    pub(crate) text: usize,
}

impl Layout {
    /// As the first bytes of a bundle.
    pub(crate) fn head(&self) -> [u8; HEAD] {
        let mut head = [0; HEAD];
        let fields: [&[u8]; 6] = [
            &MAGIC,
            &FORMAT.to_le_bytes(),
            &u16::from(self.is_signed).to_le_bytes(),
            &(self.manifest as u64).to_le_bytes(),
            &(self.code as u64).to_le_bytes(),
            &(self.text as u64).to_le_bytes(),
        ];
        for (to, from) in head.iter_mut().zip(fields.into_iter().flatten()) {
            *to = *from;
        }
        head
    }

    /// From the first bytes of a file of that length.
    pub(crate) fn read(head: &[u8; HEAD], len: u64) -> Result<Self, BundleError> {
        let field = |at: usize| {
            let bytes = head.get(at..).and_then(|rest| rest.first_chunk());
            bytes.map_or(0, |&bytes| u64::from_le_bytes(bytes))
        };
        let [m0, m1, m2, m3, f0, f1, s0, s1, ..] = *head;
        if [m0, m1, m2, m3] != MAGIC {
            return Err(BundleError::NotABundle);
        }
        let found = u16::from_le_bytes([f0, f1]);
        if found != FORMAT {
            return Err(BundleError::Format { found });
        }
        let is_signed = match u16::from_le_bytes([s0, s1]) {
            0 => false,
            1 => true,
            _ => {
                return Err(BundleError::Malformed {
                    offset: 6,
                    expected: "signed or not",
                });
            }
        };
        let all = [field(8), field(16), field(24)];
        let fixed = (HEAD + ROOT) as u64 + if is_signed { SEAL as u64 } else { 0 };
        let sum = all
            .iter()
            .try_fold(fixed, |sum, &part| sum.checked_add(part));
        if sum != Some(len) || usize::try_from(len).is_err() {
            return Err(BundleError::Malformed {
                offset: len,
                expected: "a file as long as its head says",
            });
        }
        // Each is at most the sum, which fits.
        let [manifest, code, text] = all.map(|part| part as usize);
        Ok(Self {
            is_signed,
            manifest,
            code,
            text,
        })
    }

    /// Where the root hash is.
    pub(crate) fn root(&self) -> usize {
        HEAD + self.manifest
    }

    /// Where the code begins.
    pub(crate) fn code_start(&self) -> usize {
        self.root() + ROOT + if self.is_signed { SEAL } else { 0 }
    }

    /// Where the text begins.
    pub(crate) fn text_start(&self) -> usize {
        self.code_start() + self.code
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_come_back() {
        for is_signed in [false, true] {
            let layout = Layout {
                is_signed,
                manifest: 3,
                code: 4,
                text: 5,
            };
            let len = 64 + 12 + if is_signed { 96 } else { 0 };
            assert_eq!(Layout::read(&layout.head(), len), Ok(layout));
            assert!(Layout::read(&layout.head(), len + 1).is_err());
            assert!(Layout::read(&layout.head(), len - 1).is_err());
        }
    }

    #[test]
    fn lengths_that_overflow_are_refused() {
        let mut head = Layout {
            is_signed: false,
            manifest: 0,
            code: 0,
            text: 0,
        }
        .head();
        assert!(Layout::read(&head, 64).is_ok());
        head[8..].fill(0xff);
        assert!(Layout::read(&head, 61).is_err());
        assert!(Layout::read(&head, u64::MAX).is_err());
    }
}
