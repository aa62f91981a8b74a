//! Small bundles, and everything that can be done to one.

use crate::*;
use gravure_bytecode::{
    BlockEntry, BlockKind, Chunk, Constant, Draft, Escape, Op, Proto, ProtoId, ProtoKind,
    SpanEntry, Sym, Text, TextRange,
};
use std::sync::Arc;

/// A template of one text and one block.
fn chunk(name: &str, text: &str) -> Chunk {
    let mut draft = Draft {
        name: name.to_owned(),
        escape: Escape::Html,
        text: format!("body{text}").into(),
        source: Some(format!("{{% block body %}}{text}{{% end %}}").into()),
        setup: ProtoId(1),
        ..Draft::default()
    };
    draft.symbols = vec![
        TextRange { start: 0, len: 0 },
        TextRange { start: 0, len: 4 },
    ];
    draft.constants = vec![Constant::Text(TextRange {
        start: 4,
        len: text.len() as u32,
    })];
    let show = Op::EmitText { text: Text(0) };
    for (kind, ops) in [
        (ProtoKind::Main, &[show, Op::Ret {}][..]),
        (ProtoKind::Setup, &[Op::Ret {}]),
        (ProtoKind::Block, &[show, Op::Ret {}]),
    ] {
        draft.protos.push(Proto {
            kind,
            name: Sym(0),
            code_start: draft.code.len() as u32,
            code_len: ops.len() as u32,
            registers: 0,
            iters: 0,
            caps: 0,
            params: vec![],
            captures: vec![],
            own_context: false,
            regions: vec![],
            spans: vec![SpanEntry {
                pc: 0,
                line: 1,
                column: 0,
                end_column: 3,
            }],
        });
        draft.code.extend(ops.iter().map(|op| op.encode()));
    }
    draft.blocks = vec![BlockEntry {
        name: Sym(1),
        proto: ProtoId(2),
        kind: BlockKind::Block,
    }];
    Chunk::new(draft).expect("a good draft")
}

fn item(name: &str, text: &str) -> Item {
    let chunk = Arc::new(chunk(name, text));
    Item {
        source_hash: hash_of(chunk.source.as_deref().unwrap_or("")),
        chunk,
        edges: vec![],
        natives: vec![Native {
            kind: NativeKind::Filter,
            name: "upper".into(),
            identity: Identity::Builtin,
        }],
    }
}

fn contents() -> Contents {
    Contents {
        version: 7,
        options: vec![("b".into(), "2".into()), ("a".into(), "1".into())],
        items: vec![item("b.html", "zwei ö"), item("a.html", "one")],
        ..Contents::default()
    }
}

fn key() -> SecretKey {
    SecretKey::from_bytes([9; 32])
}

fn signed_by(key: &SecretKey, least_version: u64) -> Trust {
    Trust::Signed {
        keys: vec![key.public()],
        least_version,
    }
}

fn bytes() -> Vec<u8> {
    write(&contents(), None).expect("names are there once")
}

/// Open it and look at everything.
fn look(bytes: Vec<u8>, trust: &Trust) -> Result<Bundle, Vec<BundleError>> {
    let bundle = Bundle::open(bytes, trust).map_err(|error| vec![error])?;
    bundle.verify().map(|()| bundle)
}

#[test]
fn chunks_come_back() {
    let bundle = look(bytes(), &Trust::Own).unwrap();
    let names: Vec<&str> = bundle.templates().map(|it| it.name).collect();
    assert_eq!(names, ["a.html", "b.html"]);
    for (name, text) in [("a.html", "one"), ("b.html", "zwei ö")] {
        let read = bundle.chunk(name).expect("it is there").unwrap();
        assert_eq!(**read, chunk(name, text));
        // Once read, it is the same one.
        let again = bundle.chunk(name).expect("it is there").unwrap();
        assert!(Arc::ptr_eq(read, again));
    }
    assert!(bundle.chunk("c.html").is_none());
    assert_eq!(bundle.manifest().version, 7);
    assert_eq!(bundle.manifest().options[0].0, "a");
    assert_eq!(bundle.manifest().natives.len(), 1);
    let details = bundle.details().unwrap();
    assert_eq!(details[1].natives, [0]);
    assert_eq!(details[1].blocks, [("body".to_owned(), BlockKind::Block)]);
}

#[test]
fn texts_stay_where_they_are() {
    let bytes: &'static [u8] = bytes().leak();
    let inside = bytes.as_ptr_range();
    let bundle = Bundle::open(bytes, &Trust::Own).unwrap();
    let chunk = bundle.chunk("a.html").expect("it is there").unwrap();
    assert!(inside.contains(&chunk.text.as_ptr()));
    let source = chunk.source.as_deref().expect("it is kept");
    assert!(inside.contains(&source.as_ptr()));
    assert_eq!(chunk.text.padded().len(), chunk.text.len() + 32);
}

#[test]
fn a_file_is_read_as_bytes_are() {
    let path = std::env::temp_dir().join(format!("gravure-{}.gvb", std::process::id()));
    std::fs::write(&path, bytes()).unwrap();
    let bundle = Bundle::open_file(&path, &Trust::Own).unwrap();
    bundle.verify().unwrap();
    let whole = Bundle::open(bytes(), &Trust::Own).unwrap();
    assert_eq!(bundle.root(), whole.root());
    assert_eq!(bundle.file_len(), bytes().len());
    for len in [0, 31, 32, 40, bytes().len() - 1] {
        std::fs::write(&path, &bytes()[..len]).unwrap();
        assert!(Bundle::open_file(&path, &Trust::Own).is_err(), "{len}");
    }
    // Longer than memory, and nothing but its length is there.
    for len in [1_u64 << 33, 8 << 40] {
        let mut head = bytes()[..32].to_vec();
        head[24..].copy_from_slice(&(len - 192).to_le_bytes());
        std::fs::write(&path, &head).unwrap();
        let file = std::fs::File::options().write(true).open(&path).unwrap();
        // Not every file system has files of such a length.
        if file.set_len(len).is_ok() {
            let refused = Bundle::open_file(&path, &Trust::Own).unwrap_err();
            assert!(matches!(refused, BundleError::Io(_)), "{refused}");
        }
    }
    std::fs::remove_file(&path).unwrap();
    assert!(matches!(
        Bundle::open_file(&path, &Trust::Own),
        Err(BundleError::Io(_))
    ));
}

#[test]
fn the_order_of_the_contents_does_not_matter() {
    let mut other = contents();
    other.items.reverse();
    other.options.reverse();
    assert_eq!(write(&other, None).unwrap(), bytes());
    let (one, again) = (
        write(&other, Some(&key())),
        write(&contents(), Some(&key())),
    );
    assert_eq!(one.unwrap(), again.unwrap());
}

#[test]
fn names_are_there_once() {
    let mut twice = contents();
    twice.items.push(item("a.html", "three"));
    assert_eq!(
        write(&twice, None),
        Err(BuildError::Twice("a.html".to_owned()))
    );
    let mut two = contents();
    two.items[0].natives[0].identity = Identity::Host;
    assert_eq!(
        write(&two, None),
        Err(BuildError::Natives("upper".to_owned()))
    );
}

#[test]
fn a_stripped_chunk_has_the_same_hash() {
    let mut stripped = contents();
    for item in &mut stripped.items {
        item.chunk = Arc::new(item.chunk.strip());
    }
    let stripped = look(write(&stripped, None).unwrap(), &Trust::Own).unwrap();
    let whole = look(bytes(), &Trust::Own).unwrap();
    for (one, other) in stripped.templates().zip(whole.templates()) {
        assert_eq!((one.hash, one.source_hash), (other.hash, other.source_hash));
        assert_eq!(one.source, None);
        assert!(other.source.is_some());
    }
    assert!(stripped.file_len() < whole.file_len());
}

#[test]
fn trust_is_about_who_signed_which_version() {
    let (key, other) = (key(), SecretKey::from_bytes([8; 32]));
    let bytes = write(&contents(), Some(&key)).unwrap();
    let open = |trust: &Trust| Bundle::open(bytes.clone(), trust);
    let bundle = open(&signed_by(&key, 7)).unwrap();
    assert_eq!(bundle.signer(), Some(key.public()));
    assert!(bundle.is_trusted());
    assert_eq!(
        open(&signed_by(&other, 0)).unwrap_err(),
        BundleError::UnknownKey(key.public())
    );
    assert_eq!(
        open(&signed_by(&key, 8)).unwrap_err(),
        BundleError::TooOld { found: 7, least: 8 }
    );
    assert!(!open(&Trust::Untrusted).unwrap().is_trusted());
    let unsigned = Bundle::open(self::bytes(), &signed_by(&key, 0));
    assert_eq!(unsigned.unwrap_err(), BundleError::Unsigned);
}

#[test]
fn every_changed_byte_is_seen() {
    let signed = write(&contents(), Some(&key())).unwrap();
    for (bytes, trust) in [(bytes(), Trust::Untrusted), (signed, signed_by(&key(), 0))] {
        for at in 0..bytes.len() {
            for change in 1..=255 {
                // A few bits in the large, all of them in the small.
                if at % 16 != 0 && !matches!(change, 1 | 0x80 | 0xff) {
                    continue;
                }
                let mut bytes = bytes.clone();
                bytes[at] ^= change;
                assert!(look(bytes, &trust).is_err(), "{at} ^ {change}");
            }
        }
    }
}

#[test]
fn every_truncation_and_every_more_is_seen() {
    let signed = write(&contents(), Some(&key())).unwrap();
    for (bytes, trust) in [(bytes(), Trust::Untrusted), (signed, signed_by(&key(), 0))] {
        for len in 0..bytes.len() {
            assert!(look(bytes[..len].to_vec(), &trust).is_err(), "{len}");
        }
        for more in [&[0][..], &[0; 32], b"GVB\0"] {
            assert!(look([&bytes, more].concat(), &trust).is_err());
        }
    }
}

#[test]
fn swapped_parts_are_seen() {
    let bytes = bytes();
    let layout =
        crate::layout::Layout::read(bytes.first_chunk().expect("a head"), bytes.len() as u64)
            .unwrap();
    let cuts = [
        0,
        crate::layout::HEAD,
        layout.root(),
        layout.code_start(),
        layout.code_start() + layout.code / 2,
        layout.text_start(),
        layout.text_start() + layout.text / 2,
        bytes.len(),
    ];
    let parts: Vec<&[u8]> = cuts.array_windows().map(|&[a, b]| &bytes[a..b]).collect();
    for one in 0..parts.len() {
        for other in 0..one {
            let mut parts = parts.clone();
            parts.swap(one, other);
            let swapped = parts.concat();
            if swapped != bytes {
                assert!(look(swapped, &Trust::Untrusted).is_err(), "{one} {other}");
            }
        }
    }
}

/// The same bytes with hashes that fit them.
fn with_root(bytes: Vec<u8>) -> Vec<u8> {
    forge(bytes, 0, &key())
}

#[test]
fn hashes_can_be_made_right_again() {
    for bytes in [bytes(), write(&contents(), Some(&key())).unwrap()] {
        assert!(forge(bytes.clone(), 0, &key()) == bytes);
        // What the text says is not for the verifier.
        let mut other = bytes.clone();
        let at = bytes
            .windows(4)
            .position(|it| it == b"zwei")
            .expect("a text");
        other[at] = b'Z';
        assert!(look(other.clone(), &Trust::Untrusted).is_err());
        let forged = look(forge(other, 0, &key()), &Trust::Untrusted).unwrap();
        let chunk = forged.chunk("b.html").expect("it is there").unwrap();
        assert!(chunk.text.contains("Zwei"));
    }
}

#[test]
fn a_manifest_has_one_spelling() {
    let bytes = bytes();
    let layout =
        crate::layout::Layout::read(bytes.first_chunk().expect("a head"), bytes.len() as u64)
            .unwrap();
    let (mut opened, mut refused) = (0, 0);
    for at in crate::layout::HEAD..layout.root() {
        for change in [1, 2, 0x80, 0xff] {
            let mut bytes = bytes.clone();
            bytes[at] ^= change;
            let bytes = with_root(bytes);
            let Ok(bundle) = Bundle::open(bytes.clone(), &Trust::Untrusted) else {
                refused += 1;
                continue;
            };
            // What was read is written the same way.
            if let Ok(details) = bundle.details() {
                let rows: Vec<_> = bundle.rows().cloned().collect();
                let written = bundle.manifest().write(&rows, &details);
                assert!(written == bytes[crate::layout::HEAD..layout.root()], "{at}");
                opened += 1;
            }
        }
    }
    assert!(opened > 100 && refused > 100, "{opened} {refused}");
}

#[test]
fn names_out_of_order_are_refused() {
    let bytes = bytes();
    let swap = |from: &[u8], to: &[u8]| {
        let at = bytes.windows(from.len()).position(|it| it == from);
        let at = at.expect("it is there");
        let mut bytes = bytes.clone();
        bytes[at..at + to.len()].copy_from_slice(to);
        Bundle::open(with_root(bytes), &Trust::Own).err()
    };
    for (from, to) in [(b"a.html", b"c.html"), (b"b.html", b"a.html")] {
        assert!(matches!(
            swap(from, to),
            Some(BundleError::Malformed { .. })
        ));
    }
}
