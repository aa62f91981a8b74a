//! Byte offsets to lines and columns, in constant time each.
//!
//! A template may be one line of a megabyte, so counting characters from the
//! start of the line for every op would be quadratic: characters are counted
//! once, block by block.

use gravure_source::{LineIndex, Span};

/// How many bytes a block has.
const BLOCK: usize = 64;

/// A place as the chunk holds it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Place {
    /// From 1.
    pub(crate) line: u32,
    /// In characters, from 0.
    pub(crate) column: u32,
    /// Behind the token.
    pub(crate) end_column: u32,
}

/// Where things are in one source.
pub(crate) struct Places<'a> {
    source: &'a str,
    lines: LineIndex,
    starts: Vec<u32>,
    /// Characters before each block; empty if every byte is one.
    before: Vec<u32>,
}

/// Does a byte start a character?
fn starts_char(byte: &u8) -> bool {
    (*byte as i8) >= -0x40
}

impl<'a> Places<'a> {
    pub(crate) fn new(source: &'a str) -> Self {
        let mut before = Vec::new();
        if !source.is_ascii() {
            let mut count = 0;
            for block in source.as_bytes().chunks(BLOCK) {
                before.push(count);
                count += block.iter().filter(|byte| starts_char(byte)).count() as u32;
            }
            before.push(count);
        }
        let mut starts = vec![0];
        let feeds = source
            .bytes()
            .enumerate()
            .filter(|&(_, byte)| byte == b'\n');
        starts.extend(feeds.map(|(at, _)| at as u32 + 1));
        Self {
            source,
            lines: LineIndex::new(source),
            starts,
            before,
        }
    }

    /// Characters before an offset.
    fn chars(&self, offset: u32) -> u32 {
        let offset = (offset as usize).min(self.source.len());
        match self.before.get(offset / BLOCK) {
            None => offset as u32,
            Some(before) => {
                let start = offset / BLOCK * BLOCK;
                let rest = self.source.as_bytes().get(start..offset).unwrap_or(&[]);
                before + rest.iter().filter(|byte| starts_char(byte)).count() as u32
            }
        }
    }

    /// Line and column of an offset.
    fn at(&self, offset: u32) -> (u32, u32) {
        let line = self.lines.line(offset);
        let start = self.starts.get(line as usize - 1).copied().unwrap_or(0);
        (line, self.chars(offset).saturating_sub(self.chars(start)))
    }

    /// The place of a token; of one that spans lines, its first character.
    pub(crate) fn of(&self, span: Span) -> Place {
        let (line, column) = self.at(span.start);
        let (end_line, end_column) = self.at(span.end);
        let end_column = if end_line == line && end_column >= column {
            end_column
        } else {
            column + 1
        };
        Place {
            line,
            column,
            end_column,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters() {
        let source = "ä".repeat(100) + "\nbc {{ x }}";
        let places = Places::new(&source);
        let at = |start, end| {
            let place = places.of(Span::new(start, end));
            (place.line, place.column, place.end_column)
        };
        assert_eq!(at(198, 200), (1, 99, 100));
        assert_eq!(at(201, 203), (2, 0, 2));
        assert_eq!(at(198, 203), (1, 99, 100));
    }
}
