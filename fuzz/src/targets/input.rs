//! Bytes, read as switches and templates.
//!
//! A first byte of `80`–`BF`, which begins no text, holds the switches; all
//! other bytes are text: the main template, then for each further one `1E`,
//! its name, a line end, its source.

/// What a target is given.
pub(super) struct Input {
    pub(super) switches: u8,
    /// The main template comes first.
    pub(super) templates: Vec<(String, String)>,
}

/// Between two templates.
const BETWEEN: char = '\u{1e}';

/// The name of the first template.
pub(super) const MAIN: &str = "main.html";

/// Filters and functions whose answer chance or a clock decides.
pub(super) const CHANCE: &[&str] = &["random", "now", "shuffle"];

impl Input {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let (switches, rest) = match bytes {
            [first @ 0x80..=0xbf, rest @ ..] => (first & 0x3f, rest),
            _ => (0, bytes),
        };
        let text = String::from_utf8_lossy(rest);
        let mut parts = text.split(BETWEEN);
        let main = parts.next().unwrap_or("");
        let mut templates = vec![(MAIN.to_owned(), main.to_owned())];
        for part in parts.take(8) {
            let (name, source) = part.split_once('\n').unwrap_or(("p.html", part));
            templates.push((name.to_owned(), source.to_owned()));
        }
        Self {
            switches,
            templates,
        }
    }

    /// The source of the main template.
    pub(super) fn main(&self) -> &str {
        self.templates.first().map_or("", |(_, source)| source)
    }

    /// Does any template have one of these words?
    pub(super) fn mentions(&self, words: &[&str]) -> bool {
        let has = |source: &String| words.iter().any(|word| source.contains(word));
        self.templates.iter().any(|(_, source)| has(source))
    }
}
