//! Byte offsets to lines and columns. Only `\n` ends a line.

/// A place as people count it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct LineCol {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 0.
    pub column: u32,
}

/// Where the lines of one text start.
#[derive(Clone, Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// The index of `text`, in one pass.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(
            text.bytes()
                .enumerate()
                .filter(|&(_, byte)| byte == b'\n')
                .map(|(at, _)| at as u32 + 1),
        );
        Self { starts }
    }

    /// Line (from 1) of a byte offset.
    pub fn line(&self, offset: u32) -> u32 {
        self.starts.partition_point(|&start| start <= offset) as u32
    }

    /// Line and column of a byte offset in `text`, which must be the text the
    /// index was made from. Costs one pass over the part of the line before it.
    pub fn line_col(&self, text: &str, offset: u32) -> LineCol {
        let line = self.line(offset);
        let start = self.starts[line as usize - 1] as usize;
        let end = (offset as usize).min(text.len());
        let before = text.get(start..end).unwrap_or("");
        LineCol {
            line,
            column: before.chars().count() as u32,
        }
    }

    /// How many lines there are; at least 1.
    pub fn len(&self) -> usize {
        self.starts.len()
    }

    /// Never: an empty text has one line.
    pub fn is_empty(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_start_behind_line_feeds_only() {
        let text = "a\r\nä\rb\n";
        let index = LineIndex::new(text);
        let at = |offset| {
            let place = index.line_col(text, offset);
            (place.line, place.column)
        };
        assert_eq!(at(0), (1, 0));
        assert_eq!(at(3), (2, 0));
        assert_eq!(at(5), (2, 1));
        assert_eq!(at(8), (3, 0));
        assert_eq!(index.len(), 3);
    }
}
