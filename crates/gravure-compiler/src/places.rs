//! Byte offsets to lines and columns, in constant time each.
//!
//! A template may be one line of a megabyte, so counting characters from the
//! start of the line for every op would be quadratic: characters are counted
//! once, block by block.

use gravure_source::Span;

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
    /// Where each line starts.
    starts: Vec<u32>,
    /// Characters before each block; empty if every byte is one.
    before: Vec<u32>,
    /// The line that was asked for last; most questions go on from there.
    last: usize,
    /// The token that was asked for last, which errors of several ops point at.
    last_span: Span,
    last_place: Place,
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
        let feeds = memchr::memchr_iter(b'\n', source.as_bytes());
        starts.extend(feeds.map(|at| at as u32 + 1));
        Self {
            source,
            starts,
            before,
            last: 0,
            last_span: Span::default(),
            last_place: Place {
                line: 1,
                column: 0,
                end_column: 0,
            },
        }
    }

    /// The line of an offset, from 0.
    fn line(&mut self, offset: u32) -> usize {
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(u32::MAX);
        for line in [self.last, self.last + 1] {
            if start(line) <= offset && offset < start(line + 1) {
                self.last = line;
                return line;
            }
        }
        let behind = self.starts.partition_point(|&start| start <= offset);
        self.last = behind.saturating_sub(1);
        self.last
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

    /// The place of a token; of one that spans lines, its first character.
    pub(crate) fn of(&mut self, span: Span) -> Place {
        if span != self.last_span {
            self.last_span = span;
            self.last_place = self.look_up(span);
        }
        self.last_place
    }

    fn look_up(&mut self, span: Span) -> Place {
        let line = self.line(span.start);
        let start = self.starts.get(line).copied().unwrap_or(0);
        let behind = self.starts.get(line + 1).copied().unwrap_or(u32::MAX);
        let first = self.chars(start);
        let column = self.chars(span.start).saturating_sub(first);
        let end_column = if (span.start..behind).contains(&span.end) {
            self.chars(span.end).saturating_sub(first)
        } else {
            column + 1
        };
        Place {
            line: line as u32 + 1,
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
        let mut places = Places::new(&source);
        let mut at = |start, end| {
            let place = places.of(Span::new(start, end));
            (place.line, place.column, place.end_column)
        };
        assert_eq!(at(198, 200), (1, 99, 100));
        assert_eq!(at(201, 203), (2, 0, 2));
        assert_eq!(at(198, 203), (1, 99, 100));
        assert_eq!(at(211, 211), (2, 10, 10));
        assert_eq!(at(0, 2), (1, 0, 1));
        assert_eq!(at(0, 2), (1, 0, 1));
        assert_eq!(at(0, 0), (1, 0, 0));
    }
}
