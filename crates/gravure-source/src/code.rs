//! Every code that can be reported: one row each, a promise to users.

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $kind:ident, $title:literal;)*) => {
        /// The stable number of a finding. [`Code::as_str`] is its spelling.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
        pub enum Code {
            $($(#[doc = $doc])+ $name,)*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name),*];

            /// The spelling, like `K-RUN-001`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Code::$name => $text,)* }
            }

            /// What kind of failure it is.
            pub const fn kind(self) -> Kind {
                match self { $(Code::$name => Kind::$kind,)* }
            }

            /// A short name, like "undefined".
            pub const fn title(self) -> &'static str {
                match self { $(Code::$name => $title,)* }
            }

            /// What it means, and what to do about it.
            pub const fn doc(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc),+),)* }
            }
        }
    };
}

/// What sort of failure a code stands for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Kind {
    /// Reading or compiling a template.
    Syntax,
    /// No template of that name.
    NotFound,
    /// A template exists and cannot be used.
    Load,
    /// A name, attribute or key that does not exist.
    Undefined,
    /// Anything else while rendering.
    Runtime,
    /// Policy and limits.
    Security,
    /// A bad option.
    Config,
    /// A finding that stops nothing.
    Warning,
}

codes! {
    /// The source ends inside a block tag.
    /// The place is its opening; a `%}` is missing.
    LexUnclosedTag = "K-LEX-001", Syntax, "unclosed tag";
    /// The source ends inside a comment.
    /// The place is its opening; a `#}` is missing.
    LexUnclosedComment = "K-LEX-002", Syntax, "unclosed comment";
    /// The source ends inside an output.
    /// The place is its opening; a `}}` is missing.
    LexUnclosedOutput = "K-LEX-003", Syntax, "unclosed output";
    /// The template has more tokens, or more bytes, than the limit allows.
    /// Split the template, or let the host raise the limit.
    LexTooLong = "K-LEX-004", Syntax, "too many tokens";
    /// A quote without its pair.
    /// The place is the quote that opens it; a text may span lines, so it can swallow later tags.
    LexUnclosedString = "K-LEX-005", Syntax, "unterminated text literal";
    /// An escape in a text literal that does not exist or is cut off.
    /// There are `\n` `\r` `\t` `\\` `\'` `\"`, `\uXXXX` and `\UXXXXXXXX`.
    LexBadEscape = "K-LEX-006", Syntax, "bad escape";
    /// A character that no token starts with.
    /// Names are ASCII; `and`, `or` and `not` are words.
    LexBadCharacter = "K-LEX-007", Syntax, "unexpected character";
    /// A token that cannot stand where it does.
    /// An unknown tag, a closer that closes nothing, a missing bracket, a `break` outside of loops.
    ParUnexpected = "K-PAR-001", Syntax, "unexpected token";
    /// The template ends inside a block.
    /// The place is the innermost tag that is open; an `{% end %}` is missing.
    ParUnclosedBlock = "K-PAR-002", Syntax, "unclosed block";
    /// A value was expected.
    /// Also arguments, parameters and comprehensions that are put together wrongly.
    ParExpression = "K-PAR-003", Syntax, "bad expression";
    /// An unknown, missing or misplaced filter, or a chain that is too long.
    /// Names of filters are checked when the template is read, wherever they stand.
    ParFilter = "K-PAR-004", Syntax, "filter";
    /// An unknown test.
    /// Names of tests are checked when the template is read; those handed to `select` and its relatives are checked when they run.
    ParTest = "K-PAR-005", Syntax, "test";
    /// A name that cannot be used there, or is used twice.
    /// A hyphen in the name of a block or def, a parameter twice, a region and a block of one name.
    ParName = "K-PAR-006", Syntax, "name";
    /// Recognized, but not offered by the language.
    /// A word of another engine; the message says what to write.
    ParUnsupported = "K-PAR-007", Syntax, "unsupported";
    /// More levels of nesting than the limit allows.
    /// Blocks, brackets and prefixes count.
    ParNesting = "K-PAR-008", Syntax, "nesting too deep";
    /// No loader has the template.
    /// Also a relative name that leaves the root, and an unknown alias.
    TplNotFound = "K-TPL-001", NotFound, "not found";
    /// A misplaced `extends`, or a value pattern in a `match` without subject.
    /// `extends` stands at the top level of a template.
    TplSyntax = "K-TPL-002", Syntax, "template syntax";
    /// Templates that import or extend each other in a circle.
    /// The place is the tag that closes the circle.
    TplCycle = "K-TPL-003", Runtime, "cycle";
    /// `def` or `region` inside a control block.
    /// Move it to the top level, or into a block or def.
    TplPlacement = "K-TPL-004", Syntax, "misplaced definition";
    /// A problem with the template roots.
    /// Only tools report it.
    TplRoots = "K-TPL-005", Config, "template roots";
    /// Bytes that do not decode.
    /// Templates are UTF-8.
    TplEncoding = "K-TPL-006", Load, "encoding";
    /// A template exists and cannot be read.
    /// The error of the system is behind it.
    TplIo = "K-TPL-007", Load, "input/output";
    /// A missing name, or a missing attribute or key read with a dot.
    /// Use `??`, `default` or `is defined` for what may be missing, and `?.` for what may be none.
    RunUndefined = "K-RUN-001", Undefined, "undefined";
    /// A host filter answered with an error.
    /// The error of the host is behind it.
    RunFilter = "K-RUN-002", Runtime, "filter failed";
    /// A host test answered with an error.
    /// The error of the host is behind it.
    RunTest = "K-RUN-003", Runtime, "test failed";
    /// `require` met none.
    /// Set the value before, or use `default`.
    RunRequired = "K-RUN-004", Runtime, "required value";
    /// An ordering comparison met none.
    /// Anything else that cannot be ordered is `K-RUN-012`.
    RunNoneOrder = "K-RUN-005", Runtime, "none comparison";
    /// Includes or parents are nested too deep.
    /// Look for a template that includes itself.
    RunDepth = "K-RUN-006", Runtime, "depth";
    /// A value of the right kind that is impossible; everything without its own code.
    /// An index out of range, a number that cannot be read, a wrong count to unpack, a bad format, a failed function of the host.
    RunValue = "K-RUN-007", Runtime, "runtime";
    /// A name that an imported template does not define.
    /// Only defs, regions and functions can be imported by name.
    RunImportName = "K-RUN-008", Runtime, "import name";
    /// A missing key.
    /// Use `?[…]`, or `get` with a default.
    RunKey = "K-RUN-009", Runtime, "key";
    /// A missing attribute that is not read with a dot.
    /// In a placeholder of `format`, or named in `map`.
    RunAttribute = "K-RUN-010", Runtime, "attribute";
    /// Division by zero.
    /// Guard it with a condition.
    RunZero = "K-RUN-011", Runtime, "division by zero";
    /// A value of the wrong kind, or wrong arguments.
    /// Data files often hold text where a number is meant: convert it with `int` or `float`.
    RunKind = "K-RUN-012", Runtime, "wrong kind";
    /// A def where a sequence is wanted.
    /// A def and a variable share this name: rename one.
    RunIterateDef = "K-RUN-013", Runtime, "iterating a def";
    /// A template is asked for and no loader is configured.
    /// Give the environment a loader.
    RunNoLoader = "K-RUN-016", NotFound, "no loader";
    /// A render helper called outside a render.
    /// Only the host can cause it.
    RunOutside = "K-RUN-017", Runtime, "outside a render";
    /// Calls are nested too deep.
    /// Look for a def that calls itself without end.
    RunCallDepth = "K-RUN-018", Runtime, "call depth";
    /// Fuel, memory or time is used up.
    /// Nothing in the template catches it.
    RunBudget = "K-RUN-019", Security, "budget";
    /// An asynchronous template rendered by a synchronous call.
    /// The place is the first `await` or `async for`, or the tag that brings in such a template.
    RunAsync = "K-RUN-020", Runtime, "async in sync";
    /// A template tried to change data of the host.
    /// Copy it first: `x.copy()`.
    RunReadOnly = "K-RUN-021", Runtime, "read-only data";
    /// An attribute or method blocked by policy.
    /// Nothing in the template catches it.
    SecAttribute = "K-SEC-001", Security, "blocked attribute";
    /// A value of a blocked type.
    /// Nothing in the template catches it.
    SecType = "K-SEC-002", Security, "blocked type";
    /// A range longer than the policy allows.
    /// Nothing in the template catches it.
    SecRange = "K-SEC-003", Security, "range limit";
    /// A call blocked by policy.
    /// Nothing in the template catches it.
    SecCall = "K-SEC-004", Security, "blocked call";
    /// More output than the limit allows.
    /// Nothing in the template catches it.
    SecOutput = "K-SEC-005", Security, "output limit";
    /// A filter behind `??` that binds to the right side only.
    /// Write parentheses: `(a ?? b) | f` or `a ?? (b | f)`.
    WarnCoalesce = "K-WARN-001", Warning, "filter after `??`";
    /// A `set` inside a block whose name is read after it.
    /// Write `let` or `export` for what should outlive the block.
    WarnSetScope = "K-WARN-002", Warning, "set inside a block";
    /// A conversion fell back to its default.
    /// `strict=true` makes it an error.
    WarnConversion = "K-WARN-003", Warning, "conversion fell back";
    /// `csrf_token()` without a token.
    /// The form will have no protection.
    WarnCsrf = "K-WARN-004", Warning, "no CSRF token";
    /// A call does not fit the parameters of its def.
    /// The call would fail with `K-RUN-012`.
    CmpCall = "K-CMP-001", Warning, "call does not fit";
    /// A literal argument of the wrong annotated type.
    /// Annotations are checked by tools only.
    CmpType = "K-CMP-002", Warning, "argument type";
    /// A disk cache entry was rejected.
    /// The template is compiled again.
    CacheRejected = "K-CACHE-001", Warning, "cache entry rejected";
    /// The disk cache cannot be written.
    /// Templates are compiled again by the next process.
    CacheWrite = "K-CACHE-002", Warning, "cache not writable";
    /// A bad option.
    /// The message names the option and what would do.
    Config = "K-CFG-001", Config, "bad option";
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_distinct() {
        let mut texts: Vec<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        texts.sort_unstable();
        let n = texts.len();
        texts.dedup();
        assert_eq!(texts.len(), n);
    }
}
