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

            /// The sentence that documents it.
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
    LexUnclosedTag = "K-LEX-001", Syntax, "unclosed tag";
    /// The source ends inside a comment.
    LexUnclosedComment = "K-LEX-002", Syntax, "unclosed comment";
    /// The source ends inside an output.
    LexUnclosedOutput = "K-LEX-003", Syntax, "unclosed output";
    /// The template has more tokens, or more bytes, than the limit allows.
    LexTooLong = "K-LEX-004", Syntax, "too many tokens";
    /// A quote without its pair.
    LexUnclosedString = "K-LEX-005", Syntax, "unterminated text literal";
    /// An escape in a text literal that does not exist or is cut off.
    LexBadEscape = "K-LEX-006", Syntax, "bad escape";
    /// A character that no token starts with.
    LexBadCharacter = "K-LEX-007", Syntax, "unexpected character";
    /// A token that cannot stand where it does.
    ParUnexpected = "K-PAR-001", Syntax, "unexpected token";
    /// The template ends inside a block.
    ParUnclosedBlock = "K-PAR-002", Syntax, "unclosed block";
    /// A value was expected.
    ParExpression = "K-PAR-003", Syntax, "bad expression";
    /// An unknown, missing or misplaced filter, or a chain that is too long.
    ParFilter = "K-PAR-004", Syntax, "filter";
    /// An unknown test.
    ParTest = "K-PAR-005", Syntax, "test";
    /// A name that cannot be used there, or is used twice.
    ParName = "K-PAR-006", Syntax, "name";
    /// Recognized, but not offered by the language.
    ParUnsupported = "K-PAR-007", Syntax, "unsupported";
    /// More levels of nesting than the limit allows.
    ParNesting = "K-PAR-008", Syntax, "nesting too deep";
    /// No loader has the template.
    TplNotFound = "K-TPL-001", NotFound, "not found";
    /// A misplaced `extends`, or a value pattern in a `match` without subject.
    TplSyntax = "K-TPL-002", Syntax, "template syntax";
    /// Templates that import or extend each other in a circle.
    TplCycle = "K-TPL-003", Runtime, "cycle";
    /// `def` or `region` inside a control block.
    TplPlacement = "K-TPL-004", Syntax, "misplaced definition";
    /// A problem with the template roots.
    TplRoots = "K-TPL-005", Config, "template roots";
    /// Bytes that do not decode.
    TplEncoding = "K-TPL-006", Load, "encoding";
    /// A template exists and cannot be read.
    TplIo = "K-TPL-007", Load, "input/output";
    /// A missing name, or a missing attribute or key read with a dot.
    RunUndefined = "K-RUN-001", Undefined, "undefined";
    /// A host filter answered with an error.
    RunFilter = "K-RUN-002", Runtime, "filter failed";
    /// A host test answered with an error.
    RunTest = "K-RUN-003", Runtime, "test failed";
    /// `require` met none.
    RunRequired = "K-RUN-004", Runtime, "required value";
    /// An ordering comparison met none.
    RunNoneOrder = "K-RUN-005", Runtime, "none comparison";
    /// Includes or parents are nested too deep.
    RunDepth = "K-RUN-006", Runtime, "depth";
    /// A value of the right kind that is impossible; everything without its own code.
    RunValue = "K-RUN-007", Runtime, "runtime";
    /// A name that an imported template does not define.
    RunImportName = "K-RUN-008", Runtime, "import name";
    /// A missing key.
    RunKey = "K-RUN-009", Runtime, "key";
    /// A missing attribute that is not read with a dot.
    RunAttribute = "K-RUN-010", Runtime, "attribute";
    /// Division by zero.
    RunZero = "K-RUN-011", Runtime, "division by zero";
    /// A value of the wrong kind, or wrong arguments.
    RunKind = "K-RUN-012", Runtime, "wrong kind";
    /// A def where a sequence is wanted.
    RunIterateDef = "K-RUN-013", Runtime, "iterating a def";
    /// A template is asked for and no loader is configured.
    RunNoLoader = "K-RUN-016", NotFound, "no loader";
    /// A render helper called outside a render.
    RunOutside = "K-RUN-017", Runtime, "outside a render";
    /// Calls are nested too deep.
    RunCallDepth = "K-RUN-018", Runtime, "call depth";
    /// Fuel, memory or time is used up.
    RunBudget = "K-RUN-019", Security, "budget";
    /// An asynchronous template rendered by a synchronous call.
    RunAsync = "K-RUN-020", Runtime, "async in sync";
    /// A template tried to change data of the host.
    RunReadOnly = "K-RUN-021", Runtime, "read-only data";
    /// An attribute or method blocked by policy.
    SecAttribute = "K-SEC-001", Security, "blocked attribute";
    /// A value of a blocked type.
    SecType = "K-SEC-002", Security, "blocked type";
    /// A range longer than the policy allows.
    SecRange = "K-SEC-003", Security, "range limit";
    /// A call blocked by policy.
    SecCall = "K-SEC-004", Security, "blocked call";
    /// More output than the limit allows.
    SecOutput = "K-SEC-005", Security, "output limit";
    /// A filter behind `??` that binds to the right side only.
    WarnCoalesce = "K-WARN-001", Warning, "filter after `??`";
    /// A `set` inside a block whose name is read after it.
    WarnSetScope = "K-WARN-002", Warning, "set inside a block";
    /// A conversion fell back to its default.
    WarnConversion = "K-WARN-003", Warning, "conversion fell back";
    /// `csrf_token()` without a token.
    WarnCsrf = "K-WARN-004", Warning, "no CSRF token";
    /// A call does not fit the parameters of its def.
    CmpCall = "K-CMP-001", Warning, "call does not fit";
    /// A literal argument of the wrong annotated type.
    CmpType = "K-CMP-002", Warning, "argument type";
    /// A disk cache entry was rejected.
    CacheRejected = "K-CACHE-001", Warning, "cache entry rejected";
    /// The disk cache cannot be written.
    CacheWrite = "K-CACHE-002", Warning, "cache not writable";
    /// A bad option.
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
