//! Inputs of one target in one file of text: one a line, as bytes are written
//! in source.
//!
//! `targets` does not need this; the tests of `gravure` take both in.

/// Write inputs, the shortest first, as long as there is room for their lines.
pub fn pack(mut inputs: Vec<Vec<u8>>, room: usize) -> String {
    inputs.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
    let mut packed = String::new();
    for input in inputs {
        let line = input.escape_ascii().to_string();
        if packed.len() + line.len() >= room {
            break;
        }
        packed.push_str(&line);
        packed.push('\n');
    }
    packed
}

/// Read them again.
pub fn unpack(packed: &str) -> impl Iterator<Item = Vec<u8>> {
    packed.lines().map(line)
}

fn line(mut rest: &str) -> Vec<u8> {
    let mut input = Vec::new();
    while let Some(first) = rest.bytes().next() {
        let (byte, n) = match (first, rest.as_bytes().get(1)) {
            (b'\\', Some(b'x')) => {
                let digits = rest.get(2..4).unwrap_or("");
                (u8::from_str_radix(digits, 16).unwrap_or(0), 4)
            }
            (b'\\', Some(b'n')) => (b'\n', 2),
            (b'\\', Some(b't')) => (b'\t', 2),
            (b'\\', Some(b'r')) => (b'\r', 2),
            (b'\\', Some(&other)) => (other, 2),
            _ => (first, 1),
        };
        input.push(byte);
        rest = rest.get(n..).unwrap_or("");
    }
    input
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_packed_is_unpacked() {
        let all: Vec<u8> = (0..=255).collect();
        let inputs = vec![vec![], b"{% if \"a\\x\" %}\r\n\t'".to_vec(), all];
        let packed = super::pack(inputs.clone(), 4096);
        assert!(packed.is_ascii());
        assert_eq!(super::unpack(&packed).collect::<Vec<_>>(), inputs);
        assert_eq!(super::unpack(&super::pack(inputs, 100)).count(), 2);
    }
}
