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
    if let Ok(draft) = decode(bytes, &Origin::default()) {
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
    assert_eq!(&bytes[..8], b"GVC\0\x02\0\0\0");
    assert_eq!(&bytes[8..40], isa());
    // No edition, no compiler; then the name.
    assert_eq!(bytes[40..73], [0; 33]);
    assert_eq!(&bytes[73..83], b"\x09main.html");
}

#[test]
fn a_stripped_chunk_differs_in_its_end() {
    let whole = chunk(full());
    let stripped = whole.strip();
    assert_eq!(stripped.source, None);
    assert_eq!(stripped.protos, whole.protos);
    let (bytes, whole) = (stripped.encode(), whole.encode());
    let (last, rest) = bytes.split_last().expect("some bytes");
    assert_eq!(*last, 0);
    assert!(whole.starts_with(rest));
    assert_eq!(Chunk::decode(&bytes), Ok(stripped));
}

#[test]
fn a_chunk_comes_back_from_its_parts() {
    for whole in [full(), greeting()] {
        let whole = chunk(whole);
        let parts = whole.parts();
        let text = format!("xyz{}{}{}", parts.text, "behind", "\0".repeat(PADDING));
        let buffer = TextBuffer::Shared(std::sync::Arc::new(text));
        let text = SharedText::within(&buffer, 3, parts.text.len()).expect("a range");
        let source = parts.source.map(SharedText::from);
        let again = Chunk::from_parts(whole.name.clone(), &parts.body, text, source);
        assert_eq!(again.as_ref(), Ok(&whole));
        let more = [&parts.body[..], &[0]].concat();
        let text = parts.text.into();
        assert!(Chunk::from_parts(String::new(), &more, text, None).is_err());
    }
}

#[test]
fn chunks_of_somebody_else_are_not_read() {
    let ours = Origin {
        edition: "kida-0.12".into(),
        build: [7; 32],
    };
    let chunk = chunk(full());
    let bytes = chunk.encode_from(&ours);
    assert_eq!(Chunk::decode_from(&bytes, &ours), Ok(chunk));
    assert_eq!(
        Chunk::decode(&bytes),
        Err(DecodeError::Edition {
            found: "kida-0.12".into()
        })
    );
    let theirs = Origin {
        build: [8; 32],
        ..ours
    };
    assert_eq!(Chunk::decode_from(&bytes, &theirs), Err(DecodeError::Build));
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
    assert_eq!(with(41, 1), DecodeError::Build);
    // The length of the body.
    assert_eq!(
        with(83, good[83] - 1).to_string(),
        "damaged at byte 166: expected the end of the body"
    );
    assert_eq!(Chunk::decode(b""), Err(DecodeError::NotAChunk));
}

#[test]
fn every_truncation_is_refused() {
    for whole in [chunk(full()), chunk(full()).strip()] {
        let bytes = whole.encode();
        for len in 0..bytes.len() {
            assert!(!is_accepted(&bytes[..len]), "{len}");
        }
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
