//! What was encoded comes back; what was not is refused, whatever it is.

use super::*;
use crate::sample::{full, greeting};

fn chunk(draft: Draft) -> Chunk {
    Chunk::new(draft).expect("a good draft")
}

/// Numbers that look random and are the same on every run.
struct Xorshift(u64);

impl Xorshift {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// Never a panic; what is accepted is written the same way again. What can be
/// read can be listed, well-formed or not.
fn is_accepted(bytes: &[u8]) -> bool {
    if let Ok(draft) = decode(bytes) {
        assert!(disassemble(&draft).contains("proto p0") || draft.protos.is_empty());
    }
    match Chunk::decode(bytes) {
        Ok(chunk) => {
            assert!(chunk.encode() == bytes, "two spellings of one chunk");
            true
        }
        Err(error) => {
            assert!(!error.to_string().is_empty());
            false
        }
    }
}

#[test]
fn chunks_come_back() {
    for draft in [full(), greeting()] {
        let chunk = chunk(draft);
        let bytes = chunk.encode();
        assert_eq!(Chunk::decode(&bytes).as_ref(), Ok(&chunk));
        assert!(is_accepted(&bytes));
    }
}

#[test]
fn the_head_is_as_documented() {
    let bytes = chunk(greeting()).encode();
    assert_eq!(&bytes[..8], b"GVC\0\x01\0\0\0");
    assert_eq!(bytes[8..16], ISA.to_le_bytes());
    assert_eq!(&bytes[16..24], b"head\0\0\0\0");
    let code = bytes
        .windows(8)
        .position(|it| it == b"code\0\0\0\0")
        .expect("the section");
    assert_eq!(code % 8, 0);
}

#[test]
fn a_stripped_chunk_is_a_prefix() {
    let whole = chunk(full());
    let stripped = whole.strip();
    assert_eq!(stripped.source, None);
    assert_eq!(stripped.protos, whole.protos);
    let bytes = stripped.encode();
    assert!(whole.encode().starts_with(&bytes));
    assert_eq!(Chunk::decode(&bytes), Ok(stripped));
}

#[test]
fn the_wrong_head_is_named() {
    let good = chunk(greeting()).encode();
    let with = |at: usize, byte: u8| {
        let mut bytes = good.clone();
        bytes[at] = byte;
        Chunk::decode(&bytes).expect_err("one byte is wrong")
    };
    assert_eq!(with(0, b'g'), DecodeError::NotAChunk);
    assert_eq!(with(4, 9), DecodeError::Format { found: 9 });
    assert_eq!(
        with(6, 1),
        DecodeError::Malformed {
            offset: 8,
            expected: "zeros"
        }
    );
    assert_eq!(with(8, !good[8]), DecodeError::Instructions);
    assert_eq!(
        with(16, b'H').to_string(),
        "damaged at byte 24: expected another section"
    );
    assert_eq!(Chunk::decode(b""), Err(DecodeError::NotAChunk));
}

#[test]
fn every_truncation_is_refused() {
    let whole = chunk(full());
    let (bytes, stripped) = (whole.encode(), whole.strip().encode().len());
    for len in 0..bytes.len() {
        // Cut off before the source it is the stripped chunk.
        assert_eq!(is_accepted(&bytes[..len]), len == stripped, "{len}");
    }
}

#[test]
fn trailing_bytes_are_refused() {
    for draft in [
        full(),
        Draft {
            source: None,
            ..full()
        },
    ] {
        let bytes = chunk(draft).encode();
        for more in [&[0][..], &[0; 8], &[0; 16], b"source\0\0", b"x"] {
            assert!(!is_accepted(&[&bytes, more].concat()));
        }
    }
}

#[test]
fn every_changed_byte_is_seen_or_kept() {
    let bytes = chunk(full()).encode();
    let (mut accepted, mut refused) = (0, 0);
    for at in 0..bytes.len() {
        for change in [1, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            *if is_accepted(&bytes) {
                &mut accepted
            } else {
                &mut refused
            } += 1;
        }
    }
    assert!(accepted > 100 && refused > 1000, "{accepted} {refused}");
}

#[test]
fn random_damage_is_survived() {
    let mut random = Xorshift(0x9e37_79b9_7f4a_7c15);
    let good = chunk(full()).encode();
    let mut accepted = 0;
    for _ in 0..30_000 {
        let mut bytes = good.clone();
        for _ in 0..1 + random.below(4) {
            let at = random.below(bytes.len());
            match random.below(6) {
                0 => bytes[at] = 0,
                1 => bytes[at] = 0xff,
                2 => bytes[at] = bytes[at].wrapping_add(1),
                3 => bytes[at] = random.below(256) as u8,
                4 => drop(bytes.remove(at)),
                _ => bytes.insert(at, random.below(256) as u8),
            }
        }
        accepted += usize::from(is_accepted(&bytes));
    }
    assert!(accepted > 0);
}

#[test]
fn a_length_out_of_nowhere_reserves_nothing() {
    let good = chunk(full()).encode();
    for at in (16..good.len() - 8).step_by(4) {
        for width in [4, 8] {
            let mut bytes = good.clone();
            bytes[at..at + width].fill(0xff);
            is_accepted(&bytes);
        }
    }
}
