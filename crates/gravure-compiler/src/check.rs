//! Findings of the compiler, each made by a function named after the fact.

use gravure_source::similar::nearest;
use gravure_source::{Code, Diagnostic, Span};

/// A filter that does not exist.
pub(crate) fn unknown_filter(name: &str, known: &[String], span: Span) -> Diagnostic {
    let near = nearest(name, known.iter().map(String::as_str));
    Diagnostic::new(Code::ParFilter, span, format!("unknown filter `{name}`"))
        .label("not known here")
        .did_you_mean(near)
}

/// A test that does not exist.
pub(crate) fn unknown_test(name: &str, known: &[String], span: Span) -> Diagnostic {
    let near = nearest(name, known.iter().map(String::as_str));
    Diagnostic::new(Code::ParTest, span, format!("unknown test `{name}`"))
        .label("not known here")
        .did_you_mean(near)
}

/// A `def` or `region` inside a control block.
pub(crate) fn misplaced_def(word: &str, name: &str, span: Span) -> Diagnostic {
    let message = format!("`{word} {name}` stands inside a control block");
    Diagnostic::new(Code::TplPlacement, span, message)
        .label("cannot be made here")
        .help("move it to the top level, or into a block or def")
}

/// An `extends` inside another statement.
pub(crate) fn misplaced_extends(span: Span) -> Diagnostic {
    let message = "`extends` stands inside another statement";
    Diagnostic::new(Code::TplSyntax, span, message)
        .label("must stand at the top level")
        .help("to choose a parent, write a condition in its name: `extends \"a\" if x else \"b\"`")
}

/// A value pattern in a `match` that has nothing to match.
pub(crate) fn value_pattern(span: Span, pattern: Span) -> Diagnostic {
    let message = "`match` without a subject takes only `_` as pattern";
    Diagnostic::new(Code::TplSyntax, span, message)
        .related(pattern, "a pattern that needs a subject")
        .help("write `case _ if …`")
}

/// Something that a chunk cannot number.
pub(crate) fn too_large(what: &str, span: Span) -> Diagnostic {
    let message = format!("template too large: too many {what}");
    Diagnostic::new(Code::ParNesting, span, message).help("split the template")
}

/// A filter that applies to the fallback only.
pub(crate) fn coalesced_filter(source: &str, whole: Span, right: Span, at: Span) -> Diagnostic {
    let left = Span::new(whole.start, right.start).of(source);
    let left = left.trim_end().trim_end_matches("??").trim_end();
    let right_text = right.of(source);
    let mut parts = right_text.splitn(2, '|');
    let value = parts.next().unwrap_or("").trim_end_matches('?').trim();
    let filters = parts.next().unwrap_or("").trim_start_matches('>').trim();
    Diagnostic::new(
        Code::WarnCoalesce,
        at,
        "the filter applies to the right side of `??` only",
    )
    .label("binds tighter than `??`")
    .help(format!(
        "write `({left} ?? {value}) | {filters}` or `{left} ?? ({right_text})`"
    ))
}
