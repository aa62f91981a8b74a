//! What went wrong, without a place. Only the VM knows the place and adds it.
//!
//! A fault is one pointer wide and is made only when somebody will see it;
//! sentences are written here, once, in the factories. What a sentence quotes
//! may come from the context and be of any length; it is cut by [`excerpt`].

use gravure_source::Code;
use std::{borrow::Cow, error::Error};

/// What went wrong.
#[derive(Debug)]
pub struct Fault(Box<FaultData>);

const _: () = assert!(size_of::<Fault>() == size_of::<usize>());

/// Behind the pointer of a [`Fault`].
#[derive(Debug)]
pub struct FaultData {
    /// The stable number.
    pub code: Code,
    /// What was found, lower case, no final stop.
    pub message: String,
    /// What would do.
    pub help: Vec<String>,
    /// The name that does not exist, for suggestions.
    pub subject: Option<Subject>,
    /// `IndexError` instead of `ValueError` in a `fallback`.
    pub is_index: bool,
    /// The host's own error behind it.
    pub source: Option<Box<dyn Error + Send + Sync>>,
    /// Where it happened; the VM fills it in, innermost first wins.
    pub site: Option<Box<Site>>,
}

/// The name behind an undefined fault, and what was known there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject {
    /// The name that was asked for.
    pub name: String,
    /// Names that exist there, at most 64.
    pub known: Vec<String>,
}

/// A place in a template, and how the render came there.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Site {
    /// The template that owns the failing text.
    pub template: String,
    /// Line, from 1; 0 if there is none.
    pub line: u32,
    /// Column in characters, from 0.
    pub column: u32,
    /// Last column of the token, exclusive; not before `column`.
    pub end_column: u32,
    /// Where included, embedded and imported templates were entered, outermost
    /// first: template, line, role.
    pub templates: Vec<(String, u32, &'static str)>,
    /// What the tag here does if it names another template, such as `import`.
    pub role: Option<&'static str>,
    /// Running calls, outermost first: template and line of the call, def.
    pub components: Vec<(String, u32, String)>,
}

impl std::ops::Deref for Fault {
    type Target = FaultData;
    fn deref(&self) -> &FaultData {
        &self.0
    }
}

impl std::ops::DerefMut for Fault {
    fn deref_mut(&mut self) -> &mut FaultData {
        &mut self.0
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl Fault {
    /// A fault with a code and a sentence.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self(Box::new(FaultData {
            code,
            message: message.into(),
            help: Vec::new(),
            subject: None,
            is_index: false,
            source: None,
            site: None,
        }))
    }

    /// With advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help.push(help.into());
        self
    }

    /// With the host's own error behind it.
    #[must_use]
    pub fn caused_by(mut self, source: Box<dyn Error + Send + Sync>) -> Self {
        self.0.source = Some(source);
        self
    }

    /// The record behind the pointer.
    pub fn into_data(self) -> FaultData {
        *self.0
    }

    /// A name that exists nowhere.
    pub fn undefined_variable(name: &str, known: Vec<String>) -> Self {
        let name = &*excerpt(name);
        let mut fault = Self::new(Code::RunUndefined, format!("undefined variable `{name}`"));
        // Functions of other engines get their advice, not a name that looks alike.
        if let Some(advice) = foreign_function(name) {
            return fault.help(advice);
        }
        fault.0.subject = Some(Subject {
            name: name.to_owned(),
            known,
        });
        fault.help(format!(
            "use `{{{{ {name} | default('') }}}}` for optional values"
        ))
    }

    /// An attribute or key, read with a dot, that does not exist.
    pub fn undefined_attribute(name: &str, owner: &str, known: Vec<String>) -> Self {
        let name = &*excerpt(name);
        let mut fault = Self::new(
            Code::RunUndefined,
            format!("undefined attribute/key `{name}` of {}", article(owner)),
        );
        fault.0.subject = Some(Subject {
            name: name.to_owned(),
            known,
        });
        fault.help(format!(
            "`?.{name}` gives none for a missing key of a dict, `?? ''` also covers attributes"
        ))
    }

    /// A value of a kind that does not fit: K-RUN-012.
    pub fn kind(message: impl Into<String>) -> Self {
        Self::new(Code::RunKind, message)
    }

    /// A value of the right kind that is impossible: K-RUN-007.
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(Code::RunValue, message)
    }

    /// An index out of range: K-RUN-007.
    pub fn index(message: impl Into<String>) -> Self {
        let mut fault = Self::new(Code::RunValue, message);
        fault.0.is_index = true;
        fault
    }

    /// A key that is not there: K-RUN-009.
    pub fn key(key: &str) -> Self {
        Self::new(Code::RunKey, format!("missing key {}", excerpt(key)))
            .help("use `?[…]` or `.get(…)` for keys that may be missing")
    }

    /// An attribute that a policy keeps to the host: K-SEC-001.
    pub fn blocked_attribute(name: &str) -> Self {
        let name = excerpt(name);
        Self::new(
            Code::SecAttribute,
            format!("the attribute `{name}` is not allowed here"),
        )
    }

    /// An attribute that is not there and is not read with a dot: K-RUN-010.
    pub fn attribute(name: &str, owner: &str) -> Self {
        Self::new(
            Code::RunAttribute,
            format!("{} has no attribute `{}`", article(owner), excerpt(name)),
        )
    }

    /// Division by zero: K-RUN-011.
    pub fn zero() -> Self {
        Self::new(Code::RunZero, "division by zero").help("guard it with a condition")
    }

    /// An ordering that meets none: K-RUN-005.
    pub fn none_order(lhs: &str, rhs: &str) -> Self {
        Self::new(Code::RunNoneOrder, format!("cannot order {lhs} and {rhs}"))
            .help("replace none first, for instance with `default`")
    }

    /// Two kinds that have no order: K-RUN-012.
    pub fn order(lhs: &str, rhs: &str) -> Self {
        Self::kind(format!("cannot order {lhs} and {rhs}"))
    }

    /// An operator that does not take these kinds: K-RUN-012.
    pub fn operands(op: &str, lhs: &str, rhs: &str) -> Self {
        let fault = Self::kind(format!("cannot apply `{op}` to {lhs} and {rhs}"));
        if lhs == "str" || rhs == "str" {
            return fault.help("data files may hold text where a number is meant: use `int`");
        }
        fault
    }

    /// A sign before what is no number: K-RUN-012.
    pub fn operand(op: &str, kind: &str) -> Self {
        Self::kind(format!("cannot apply `{op}` to {}", article(kind)))
    }

    /// A number that no double can hold: K-RUN-007.
    pub fn too_large() -> Self {
        Self::value("the number is too large for a float")
    }

    /// An integer with more digits than are ever written: K-RUN-007.
    pub fn too_many_digits() -> Self {
        Self::value("an integer of more than 4300 digits has no decimal text")
    }

    /// Data that contains itself where it must end: K-RUN-007.
    pub fn circle() -> Self {
        Self::value("the data contains itself")
    }

    /// A key that no dict or set can hold: K-RUN-012.
    pub fn unhashable(kind: &str) -> Self {
        Self::kind(format!("{} cannot be a key", article(kind)))
            .help("use a tuple instead of a list")
    }

    /// `in` over what has no members: K-RUN-012.
    pub fn no_members(item: &str, container: &str) -> Self {
        Self::kind(format!("cannot look for {item} in {}", article(container)))
    }

    /// `[ ]` on what has no items: K-RUN-012.
    pub fn not_subscriptable(kind: &str) -> Self {
        Self::kind(format!("{} has no items to read with `[ ]`", article(kind)))
    }

    /// Calling what cannot be called: K-RUN-012.
    pub fn not_callable(kind: &str) -> Self {
        Self::kind(format!("{} cannot be called", article(kind)))
    }

    /// Iterating what has no items: K-RUN-012.
    pub fn not_iterable(kind: &str) -> Self {
        Self::kind(format!("{} has no items to go through", article(kind)))
    }

    /// A method that would change data of the host: K-RUN-021.
    pub fn read_only(method: &str) -> Self {
        Self::new(
            Code::RunReadOnly,
            format!("`{method}` would change data of the host"),
        )
        .help("copy it first: `x.copy()`")
    }

    /// A budget is used up: K-RUN-019.
    pub fn budget(what: &str, limit: u64) -> Self {
        Self::new(
            Code::RunBudget,
            format!("{what} is used up (limit {limit})"),
        )
    }

    /// Calls are nested too deep: K-RUN-018.
    pub fn call_depth(limit: u32) -> Self {
        Self::new(
            Code::RunCallDepth,
            format!("calls are nested deeper than {limit}"),
        )
        .help("look for a def that calls itself without end")
    }
}

/// The name of a sort of error in the language, as `fallback e` shows it in
/// `e.type`. `is_index` tells an index out of range from other bad values,
/// `is_host` an error of the host from one of ours.
pub fn type_name(code: Code, is_index: bool, is_host: bool) -> &'static str {
    match code {
        Code::RunUndefined => "UndefinedError",
        Code::RunRequired => "RequiredValueError",
        Code::RunNoneOrder | Code::RunKind | Code::RunIterateDef | Code::RunReadOnly => "TypeError",
        Code::RunValue if is_host => "TemplateRuntimeError",
        Code::RunValue if is_index => "IndexError",
        Code::RunValue => "ValueError",
        Code::RunKey => "KeyError",
        Code::RunAttribute => "AttributeError",
        Code::RunZero => "ZeroDivisionError",
        Code::TplNotFound => "TemplateNotFoundError",
        Code::TplSyntax | Code::TplPlacement => "TemplateSyntaxError",
        Code::Config => "ValueError",
        code if code.as_str().starts_with("K-LEX") => "LexerError",
        code if code.as_str().starts_with("K-PAR") => "ParseError",
        code if code.as_str().starts_with("K-SEC") => "SecurityError",
        _ => "TemplateRuntimeError",
    }
}

/// What to write in place of a function that other engines have.
fn foreign_function(name: &str) -> Option<&'static str> {
    Some(match name {
        "super" => "there is no `super()`: put a block of its own into the block to keep its text",
        "namespace" => "write `let` and `export`: they reach out of loops and conditions",
        "cycler" => "write `loop.cycle(…)` in the loop",
        "joiner" => "write `{% if not loop.first %}…{% end %}`, or the filter `join`",
        "lipsum" | "now" => "let the host add a function of this name",
        "url_for" | "get_flashed_messages" => "let the host add a function of this name",
        _ => return None,
    })
}

/// Characters of one text that a message quotes at most.
const QUOTED: usize = 80;

/// What a message quotes of a text: all of it, or its first characters and `…`,
/// 80 together.
#[must_use]
pub fn excerpt(text: &str) -> Cow<'_, str> {
    let mut starts = text.char_indices().map(|(at, _)| at);
    let cut = starts.nth(QUOTED - 1).unwrap_or(text.len());
    if starts.next().is_none() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("{}…", text.get(..cut).unwrap_or("")))
}

/// "a list", "an int", "none".
fn article(kind: &str) -> String {
    match kind.bytes().next() {
        _ if kind == "none" || kind == "undefined" => kind.to_owned(),
        Some(b'a' | b'e' | b'i' | b'o' | b'u') => format!("an {kind}"),
        _ => format!("a {kind}"),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, excerpt};

    #[test]
    fn messages_quote_no_more_than_eighty_characters() {
        let (fits, long) = ("é".repeat(80), "é".repeat(81));
        assert_eq!(excerpt(&fits), fits);
        assert_eq!(excerpt(&long), format!("{}…", "é".repeat(79)));
        for fault in [
            Fault::key(&long),
            Fault::attribute(&long, "dict"),
            Fault::blocked_attribute(&long),
            Fault::undefined_attribute(&long, "dict", Vec::new()),
            Fault::undefined_variable(&long, Vec::new()),
        ] {
            let said = format!("{fault} {:?} {:?}", fault.help, fault.subject);
            assert!(said.contains("é…") && !said.contains(&fits), "{said}");
        }
    }
}
