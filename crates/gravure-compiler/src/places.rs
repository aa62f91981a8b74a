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
    /// The line that was asked for last, where it starts and the next one does;
    /// most questions go on from there.
    line: usize,
    start: u32,
    behind: u32,
    /// Characters before it.
    chars: u32,
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
        let feeds = memchr::memchr_iter(b'\n', source.as_bytes());
        let mut starts = Vec::with_capacity(feeds.clone().count() + 1);
        starts.push(0);
        starts.extend(feeds.map(|at| at as u32 + 1));
        let behind = starts.get(1).copied().unwrap_or(u32::MAX);
        Self {
            source,
            starts,
            before,
            line: 0,
            start: 0,
            behind,
            chars: 0,
            last_span: Span::default(),
            last_place: Place {
                line: 1,
                column: 0,
                end_column: 0,
            },
        }
    }

    /// Go to the line of an offset.
    fn go_to(&mut self, offset: u32) {
        if (self.start..self.behind).contains(&offset) {
            return;
        }
        let start = |line: usize| self.starts.get(line).copied().unwrap_or(u32::MAX);
        let next = self.line + 1;
        self.line = if (start(next)..start(next + 1)).contains(&offset) {
            next
        } else {
            let behind = self.starts.partition_point(|&start| start <= offset);
            behind.saturating_sub(1)
        };
        self.start = self.starts.get(self.line).copied().unwrap_or(0);
        self.behind = self.starts.get(self.line + 1).copied().unwrap_or(u32::MAX);
        self.chars = self.chars(self.start);
    }

    /// Characters before an offset.
    fn chars(&self, offset: u32) -> u32 {
        let offset = (offset as usize).min(self.source.len());
        if self.before.is_empty() {
            return offset as u32;
        }
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
        self.go_to(span.start);
        let column = self.chars(span.start).saturating_sub(self.chars);
        let end_column = if (span.start..self.behind).contains(&span.end) {
            self.chars(span.end).saturating_sub(self.chars)
        } else {
            column + 1
        };
        Place {
            line: self.line as u32 + 1,
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
