//! Words with a meaning: how the grammar sees them, which tags they open and
//! close, and what to say to people who know other engines.

/// What stands for a token in the string that pest reads. Everything that is
/// not listed here stands for itself.
pub(crate) mod shape {
    pub(crate) const NAME: u8 = b'n';
    pub(crate) const CONSTANT: u8 = b'#';
    pub(crate) const STRING: u8 = b'"';
    pub(crate) const NUMBER: u8 = b'0';
    pub(crate) const ROUND: u8 = b'(';
    pub(crate) const SQUARE: u8 = b'[';
    pub(crate) const QUESTION_SQUARE: u8 = b']';
    pub(crate) const CURLY: u8 = b'{';
    /// A closing bracket that closes nothing: no rule takes it.
    pub(crate) const STRAY: u8 = b')';
    pub(crate) const AND: u8 = b'&';
    pub(crate) const OR: u8 = b'$';
    pub(crate) const NOT: u8 = b'!';
    pub(crate) const IN: u8 = b'@';
    pub(crate) const IS: u8 = b'`';
    pub(crate) const AWAIT: u8 = b'}';
    pub(crate) const ELLIPSIS: u8 = b'_';
    pub(crate) const COALESCE_ASSIGN: u8 = b'\'';
    pub(crate) const SAFE_PIPELINE: u8 = b'7';
    pub(crate) const POWER: u8 = b'^';
    pub(crate) const FLOOR: u8 = b';';
    pub(crate) const EQUAL: u8 = b'1';
    pub(crate) const DIFFERENT: u8 = b'2';
    pub(crate) const LESS_EQUAL: u8 = b'3';
    pub(crate) const GREATER_EQUAL: u8 = b'4';
    pub(crate) const PIPELINE: u8 = b'5';
    pub(crate) const QUESTION_DOT: u8 = b'8';
    pub(crate) const SAFE_PIPE: u8 = b'6';
    pub(crate) const COALESCE: u8 = b'?';
    pub(crate) const DOTS: u8 = b'9';
    pub(crate) const BY: u8 = b'b';
    pub(crate) const IF: u8 = b'i';
    pub(crate) const ELSE: u8 = b'e';
    pub(crate) const FOR: u8 = b'f';
    /// A keyword whose tag holds nothing else.
    pub(crate) const BARE: u8 = b'v';
}

/// The words that the grammar tells from names, but for those of tags that hold
/// nothing else.
const SHAPES: &[(&str, u8)] = &[
    ("and", shape::AND),
    ("or", shape::OR),
    ("not", shape::NOT),
    ("in", shape::IN),
    ("is", shape::IS),
    ("await", shape::AWAIT),
    ("true", shape::CONSTANT),
    ("True", shape::CONSTANT),
    ("false", shape::CONSTANT),
    ("False", shape::CONSTANT),
    ("none", shape::CONSTANT),
    ("None", shape::CONSTANT),
    ("if", shape::IF),
    ("else", shape::ELSE),
    ("for", shape::FOR),
    ("by", shape::BY),
    ("as", b'a'),
    ("import", b'p'),
    ("context", b'c'),
    ("missing", b'm'),
    ("let", b'l'),
    ("with", b'w'),
    ("without", b'W'),
    ("ignore", b'g'),
    ("elif", b'L'),
    ("unless", b'u'),
    ("while", b'h'),
    ("async", b'y'),
    ("match", b'M'),
    ("case", b'A'),
    ("set", b's'),
    ("export", b'X'),
    ("promote", b'X'),
    ("capture", b'k'),
    ("def", b'd'),
    ("region", b'r'),
    ("call", b'C'),
    ("slot", b'S'),
    ("yield", b'Y'),
    ("from", b'o'),
    ("extends", b'j'),
    ("block", b'B'),
    ("fragment", b'G'),
    ("include", b'I'),
    ("embed", b'E'),
    ("template", b't'),
    ("provide", b'P'),
    ("push", b'U'),
    ("stack", b'q'),
    ("fallback", b'z'),
    ("cache", b'K'),
    ("filter", b'F'),
    ("trans", b'T'),
];

/// A word with a meaning; one without text stands for all others.
#[derive(Clone, Copy)]
struct Word {
    text: &'static str,
    shape: u8,
    keyword: Option<Keyword>,
}

/// How many slots the table of words has: a power of two.
const N_SLOTS: usize = 256;

/// All words with a meaning, found by [`slot`]; a word whose slot is taken
/// stands in the next one that is free.
static SLOTS: [Word; N_SLOTS] = {
    let mut slots = [Word {
        text: "",
        shape: shape::NAME,
        keyword: None,
    }; N_SLOTS];
    let mut at = 0;
    while at < SHAPES.len() {
        let (text, shape) = SHAPES[at];
        let word = find(&slots, text.as_bytes());
        slots[word].text = text;
        slots[word].shape = shape;
        at += 1;
    }
    at = 0;
    while at < KEYWORDS.len() {
        let (text, keyword) = KEYWORDS[at];
        if !text.is_empty() {
            let word = find(&slots, text.as_bytes());
            if slots[word].text.is_empty() {
                slots[word].text = text;
                slots[word].shape = shape::BARE;
            }
            slots[word].keyword = Some(keyword);
        }
        at += 1;
    }
    slots
};

/// Where a word should stand in the table.
const fn slot(word: &[u8]) -> usize {
    let n = word.len();
    if n == 0 {
        return 0;
    }
    let (first, middle, last) = (word[0], word[n / 2], word[n - 1]);
    (first as usize * 7 + middle as usize * 31 + last as usize * 3 + n) % N_SLOTS
}

/// Where a word stands, or would have to stand. There are always free slots.
const fn find(slots: &[Word; N_SLOTS], word: &[u8]) -> usize {
    let mut at = slot(word);
    while !slots[at].text.is_empty() && !is_same(slots[at].text.as_bytes(), word) {
        at = (at + 1) % N_SLOTS;
    }
    at
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut at = 0;
    while at < a.len() && at < b.len() && a[at] == b[at] {
        at += 1;
    }
    a.len() == b.len() && at == a.len()
}

/// What is known of a word: as [`find`], with a comparison that is faster but
/// not to be had while compiling.
fn look_up(word: &[u8]) -> &'static Word {
    let mut at = slot(word);
    loop {
        let known = &SLOTS[at % N_SLOTS];
        if known.text.is_empty() || known.text.as_bytes() == word {
            return known;
        }
        at += 1;
    }
}

/// The shape of a word.
pub(crate) fn word_shape(word: &[u8]) -> u8 {
    look_up(word).shape
}

/// Is this the shape of a word that may be a variable?
pub(crate) fn is_word(shape: u8) -> bool {
    shape.is_ascii_alphabetic()
}

/// Can a token of this shape begin a value?
pub(crate) fn starts_value(shape: u8) -> bool {
    is_word(shape)
        || matches!(
            shape,
            shape::CONSTANT
                | shape::STRING
                | shape::NUMBER
                | shape::ROUND
                | shape::SQUARE
                | shape::CURLY
        )
}

macro_rules! keywords {
    ($($name:ident $text:literal $closer:literal;)*) => {
        /// The first word of a block tag.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Keyword {
            $(#[doc = concat!("`", $text, "`")] $name,)*
            /// `end`, or `end` and the word of what it closes.
            End(Closer),
        }

        impl Keyword {
            /// The keyword of a word.
            pub(crate) fn of(word: &str) -> Option<Self> {
                look_up(word.as_bytes()).keyword
            }

            /// What it opens, if it is a word with a closer.
            pub(crate) fn opener(self) -> Option<Opener> {
                match self {
                    $(Self::$name => Some(Opener::$name),)*
                    Self::End(_) => None,
                }
            }
        }

        /// A keyword as the thing that is open.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub(crate) enum Opener {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Opener {
            /// As written.
            pub(crate) fn word(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }
        }

        const KEYWORDS: &[(&str, Keyword)] = &[
            ("end", Keyword::End(Closer::Any)),
            $(($text, Keyword::$name),
            ($closer, Keyword::End(Closer::Only(Opener::$name))),)*
        ];

        /// Every word a tag may begin with.
        pub(crate) const WORDS: &[&str] = &[$($text, $closer,)* "end"];
    };
}

/// Which block a closer closes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Closer {
    /// The innermost one, but a raw block.
    Any,
    /// One opened by this word.
    Only(Opener),
}

keywords! {
    If "if" "endif";
    Unless "unless" "endunless";
    For "for" "endfor";
    Async "async" "";
    While "while" "endwhile";
    Match "match" "endmatch";
    With "with" "endwith";
    Def "def" "enddef";
    Call "call" "endcall";
    Capture "capture" "endcapture";
    Cache "cache" "endcache";
    Filter "filter" "endfilter";
    Spaceless "spaceless" "endspaceless";
    Embed "embed" "endembed";
    Raw "raw" "endraw";
    Block "block" "endblock";
    Fragment "fragment" "endfragment";
    Globals "globals" "endglobals";
    Imports "imports" "endimports";
    Provide "provide" "endprovide";
    Region "region" "endregion";
    Push "push" "endpush";
    Try "try" "endtry";
    Trans "trans" "endtrans";
    Slot "slot" "";
    Set "set" "";
    Let "let" "";
    Export "export" "";
    Promote "promote" "";
    Break "break" "";
    Continue "continue" "";
    Extends "extends" "";
    Include "include" "";
    Import "import" "";
    From "from" "";
    Template "template" "";
    Flush "flush" "";
    Yield "yield" "";
    Stack "stack" "";
    Elif "elif" "";
    Else "else" "";
    Empty "empty" "";
    Case "case" "";
    Fallback "fallback" "";
    Plural "plural" "";
}

/// What to write instead of a tag that other engines have.
pub(crate) fn advice(word: &str) -> Option<&'static str> {
    Some(match word {
        "macro" => "write `def name(…)`",
        "endmacro" | "endslot" => "write `end`",
        "namespace" => "write `let` and `export`: they reach out of loops and conditions",
        "endset" => "write `capture name` … `end` to keep text in a variable",
        "fill" | "endfill" => "write `slot name` … `end` inside `call`",
        "do" => "there is no `do`: write `set _ = …`",
        "autoescape" | "endautoescape" => {
            "escaping is decided by the environment's `autoescape` option; mark text with `safe`"
        }
        "super" => "there is no `super()`: put a block of its own into the block to keep its text",
        "elseif" | "elsif" => "write `elif`",
        "switch" => "write `match` and `case`",
        "verbatim" => "write `raw` … `endraw`",
        "print" => "write `{{ … }}`",
        "component" | "props" => "write `def name(…)` and `call name(…)`",
        "trim" => "write `spaceless`, or `-` at the delimiters",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_shape() {
        for &(word, shape) in SHAPES {
            assert_eq!(word_shape(word.as_bytes()), shape, "{word}");
        }
        for word in WORDS.iter().filter(|word| !word.is_empty()) {
            let is_shaped = SHAPES.iter().any(|(known, _)| known == word);
            let is_bare = word_shape(word.as_bytes()) == shape::BARE;
            assert_ne!(is_shaped, is_bare, "{word}");
            assert!(Keyword::of(word).is_some(), "{word}");
        }
        for name in [
            "x", "i", "iff", "If", "ends", "endifs", "_", "_if", "n0", "",
        ] {
            assert_eq!(word_shape(name.as_bytes()), shape::NAME, "{name}");
        }
    }
}
