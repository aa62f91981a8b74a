//! The predicate `match`: a regular expression at the start of a text.
//!
//! An engine without tables follows everything at once that an expression can
//! still become, at each byte of the text. How much that is at most is counted
//! in the expression as it is written out, `a{100}` as a hundred letters, and
//! both compiling and matching are paid for by it.

use crate::{
    registry::{Row, params},
    support::{Answer, expect_text},
};
use gravure_value::{Args, Call, Fault, Value, ops};
use regex::{Regex, RegexBuilder};
use regex_syntax::{
    ParserBuilder,
    hir::{Hir, HirKind},
};

/// Bytes of a compiled expression, and of the states met while it runs.
const MAX_SIZE: usize = 1 << 20;

/// Bytes that the smallest expression takes while it is compiled and run.
const ENGINE: u64 = 192 << 10;

/// Groups within groups.
const MAX_NESTING: u32 = 100;

pub(super) fn rows() -> Vec<Row> {
    vec![Row::new(&["match"], params!("value, /, pattern"), is_match)]
}

fn is_match<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let heap = call.heap();
    let pattern = expect_text(heap, args.get(1), "pattern")?;
    if args.get(0).is_none() {
        return Ok(Value::Bool(false));
    }
    let text = ops::to_text(heap, args.get(0))?;
    // What it takes to run one is let go at once, but it is there meanwhile.
    let work = ENGINE.saturating_add((pattern.len() as u64).saturating_mul(64));
    heap.reserve(work)?;
    heap.charge((pattern.len() as u64).saturating_mul(64) + 2_000)?;
    let width = width(pattern)?;
    heap.charge(width.saturating_mul(COMPILED))?;
    let regex = compile(pattern)?;
    let looks = (text.len() as u64 + 1).saturating_mul(width);
    heap.charge(text.len() as u64 + looks / 4)?;
    Ok(Value::Bool(matches(&regex, &text)))
}

/// Steps of compiling one place of an expression.
const COMPILED: u64 = 4;

/// How many places an expression has, as it is written out.
fn width(pattern: &str) -> Result<u64, Fault> {
    let parsed = ParserBuilder::new()
        .nest_limit(MAX_NESTING)
        .build()
        .parse(pattern);
    Ok(places(&parsed.map_err(bad)?))
}

/// No deeper than expressions may be nested.
fn places(hir: &Hir) -> u64 {
    let all = |parts: &[Hir]| {
        let parts = parts.iter().map(|part| places(part).saturating_add(1));
        parts.fold(0, u64::saturating_add)
    };
    match hir.kind() {
        HirKind::Empty | HirKind::Look(_) => 1,
        HirKind::Literal(literal) => literal.0.len() as u64,
        HirKind::Class(_) => 2,
        HirKind::Repetition(it) => {
            let most = it.max.unwrap_or(it.min.saturating_add(1)).max(1);
            places(&it.sub)
                .saturating_add(1)
                .saturating_mul(most.into())
        }
        HirKind::Capture(it) => places(&it.sub).saturating_add(1),
        HirKind::Concat(parts) | HirKind::Alternation(parts) => all(parts),
    }
}

fn bad(error: impl std::error::Error + Send + Sync + 'static) -> Fault {
    Fault::value("bad regular expression").caused_by(Box::new(error))
}

fn compile(pattern: &str) -> Result<Regex, Fault> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .nest_limit(MAX_NESTING)
        .build()
        .map_err(bad)
}

/// Does it match at the start? `$` also matches before a line feed at the end.
fn matches(regex: &Regex, text: &str) -> bool {
    let starts = |text: &str| regex.find(text).is_some_and(|found| found.start() == 0);
    if starts(text) {
        return true;
    }
    match text.strip_suffix('\n') {
        Some(line) if regex.as_str().contains('$') => starts(line),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_at_the_start_only() {
        for (pattern, text, expected) in [
            ("har", "harbour", true),
            ("bour", "harbour", false),
            ("a$", "a\nb", false),
            ("a$", "a\n", true),
            ("a.b", "a\nb", false),
            ("(?i)ABC", "abc", true),
            ("(?i)É", "é", true),
            (r"\w\d\s", "é٣\u{2003}", true),
            ("", "", true),
            ("b|a", "ab", true),
        ] {
            assert_eq!(
                matches(&compile(pattern).unwrap(), text),
                expected,
                "{pattern}"
            );
        }
        assert!(compile("[").is_err() && width("[").is_err());
        // Nothing is said of `\p{…}`: an engine alone has no tables for it, but
        // a build of all tests has those that a tool for tests asks for.
        assert!(compile(&"(".repeat(500)).is_err());
        assert!(compile("(a{1000}){1000}").is_err());
    }

    #[test]
    fn an_expression_is_as_wide_as_it_is_written_out() {
        for (pattern, at_least) in [
            ("abc", 3),
            ("a{100}", 100),
            ("(a?){100}", 200),
            ("(a{100}){100}", 10_000),
            ("a|bc|def", 6),
            ("(x+x+)+y", 5),
            (r"\w+\d*", 2),
            ("(((((a{200}){200}){200}){200}){200})", 200_000_000),
        ] {
            let width = width(pattern).unwrap();
            assert!(width >= at_least, "{pattern}: {width}");
        }
        assert!(width("^[a-z0-9_]+@[a-z]+\\.com$").unwrap() < 40);
    }
}
