//! Text to pieces and tokens: everything lexical is decided here.
//!
//! The lexer finds tags, removes comments, keeps raw blocks, applies white
//! space control, decides where a tag ends and cuts its inside into tokens.
//! One pass, no step back: time is linear in the source. All findings of this
//! stage are `K-LEX`; grammar is unknown here.

pub(crate) mod literal;
mod pieces;
mod tokens;

pub(crate) use pieces::{Piece, is_space, lex};
pub(crate) use tokens::{Group, GroupId, Token, Tokens};

/// Everything a source consists of.
pub(crate) struct Lexed {
    /// In order.
    pub(crate) pieces: Vec<Piece>,
    /// The insides of all tags.
    pub(crate) tokens: Tokens,
}
