//! Warnings as bytes, and bytes from anywhere as warnings.
//!
//! A number is four bytes, little-endian; text is its length and then it; a
//! list is how many and then they. A code is its spelling, so one that this
//! build does not know is no warning of it.

use gravure_source::{Code, Diagnostic, Span};

pub(super) fn encode(found: &[Diagnostic]) -> Vec<u8> {
    let mut to = Vec::new();
    if found.is_empty() {
        return to;
    }
    number(&mut to, found.len() as u32);
    for it in found {
        text(&mut to, it.code.as_str());
        text(&mut to, &it.message);
        span(&mut to, it.span);
        text(&mut to, &it.label);
        number(&mut to, it.related.len() as u32);
        for (place, label) in &it.related {
            span(&mut to, *place);
            text(&mut to, label);
        }
        number(&mut to, it.help.len() as u32);
        for help in &it.help {
            text(&mut to, help);
        }
    }
    to
}

fn number(to: &mut Vec<u8>, number: u32) {
    to.extend_from_slice(&number.to_le_bytes());
}

fn text(to: &mut Vec<u8>, text: &str) {
    number(to, text.len() as u32);
    to.extend_from_slice(text.as_bytes());
}

fn span(to: &mut Vec<u8>, span: Span) {
    number(to, span.start);
    number(to, span.end);
}

/// `None` unless every byte is accounted for.
pub(super) fn decode(bytes: &[u8]) -> Option<Vec<Diagnostic>> {
    if bytes.is_empty() {
        return Some(Vec::new());
    }
    let mut from = Reader(bytes);
    let found = from.list(Reader::diagnostic)?;
    from.0.is_empty().then_some(found)
}

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn number(&mut self) -> Option<u32> {
        let (number, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(u32::from_le_bytes(*number))
    }

    fn text(&mut self) -> Option<String> {
        let len = self.number()?;
        let (text, rest) = self.0.split_at_checked(len as usize)?;
        self.0 = rest;
        Some(std::str::from_utf8(text).ok()?.to_owned())
    }

    fn span(&mut self) -> Option<Span> {
        Some(Span::new(self.number()?, self.number()?))
    }

    /// Every item takes at least four bytes, so a length that the rest cannot
    /// pay for is refused before anything is reserved.
    fn list<T>(&mut self, item: fn(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let n_items = self.number()? as usize;
        if n_items > self.0.len() / 4 {
            return None;
        }
        (0..n_items).map(|_| item(self)).collect()
    }

    fn diagnostic(&mut self) -> Option<Diagnostic> {
        let code = self.text()?;
        let code = Code::ALL.iter().find(|known| known.as_str() == code)?;
        let message = self.text()?;
        let mut it = Diagnostic::new(*code, self.span()?, message);
        it.label = self.text()?;
        it.related = self.list(|from| Some((from.span()?, from.text()?)))?;
        it.help = self.list(Self::text)?;
        Some(it)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_nothing_less_is() {
        let found = [
            Diagnostic::new(Code::WarnCoalesce, Span::new(3, 9), "a `??`")
                .label("here")
                .help("parentheses")
                .help("or none")
                .related(Span::new(1, 2), "there"),
            Diagnostic::new(Code::WarnSetScope, Span::new(0, 0), ""),
        ];
        let bytes = encode(&found);
        assert_eq!(decode(&bytes).unwrap(), found);
        assert_eq!(decode(&encode(&[])).unwrap(), []);
        for len in 1..bytes.len() {
            assert_eq!(decode(&bytes[..len]), None, "{len}");
        }
        assert_eq!(decode(&[&bytes[..], b"x"].concat()), None);
        assert_eq!(decode(&[255; 64]), None);
    }
}
