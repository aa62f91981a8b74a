//! How the text of a template is to be read.

use crate::SyntaxLimits;

/// The six markers that set tags apart from text, taken literally.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Delimiters {
    /// Opens a block tag.
    pub block_start: String,
    /// Closes a block tag.
    pub block_end: String,
    /// Opens an output.
    pub variable_start: String,
    /// Closes an output.
    pub variable_end: String,
    /// Opens a comment.
    pub comment_start: String,
    /// Closes a comment.
    pub comment_end: String,
}

impl Default for Delimiters {
    fn default() -> Self {
        Self {
            block_start: "{%".to_owned(),
            block_end: "%}".to_owned(),
            variable_start: "{{".to_owned(),
            variable_end: "}}".to_owned(),
            comment_start: "{#".to_owned(),
            comment_end: "#}".to_owned(),
        }
    }
}

impl Delimiters {
    /// Can a lexer work with these? None may be empty. Where two that open are
    /// the same, an output wins over a block, and a block over a comment.
    ///
    /// # Errors
    ///
    /// A sentence that names the delimiter.
    pub fn check(&self) -> Result<(), String> {
        let named = [
            ("block_start", &self.block_start),
            ("variable_start", &self.variable_start),
            ("comment_start", &self.comment_start),
            ("block_end", &self.block_end),
            ("variable_end", &self.variable_end),
            ("comment_end", &self.comment_end),
        ];
        for (name, text) in named {
            if text.is_empty() {
                return Err(format!("`{name}` is empty"));
            }
        }
        Ok(())
    }
}

/// Everything that decides how a source is read.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct SyntaxOptions {
    /// Where tags begin and end.
    pub delimiters: Delimiters,
    /// Drop the line end right after a block tag.
    pub trim_blocks: bool,
    /// Drop the blanks before a block tag that begins its line.
    pub lstrip_blocks: bool,
    /// Bounds.
    pub limits: SyntaxLimits,
}
