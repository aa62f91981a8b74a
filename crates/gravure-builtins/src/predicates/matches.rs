//! The predicate `match`: a regular expression at the start of a text.

use crate::{
    registry::{Row, params},
    support::{Answer, expect_text},
};
use gravure_value::{Args, Call, Fault, Value, ops};
use regex::{Regex, RegexBuilder};

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
    // Compiling is the dear part; a match looks at each byte once.
    // What it takes to run one is let go at once, but it is there meanwhile.
    let work = ENGINE.saturating_add((pattern.len() as u64).saturating_mul(64));
    heap.reserve(work)?;
    let steps = (pattern.len() as u64)
        .saturating_mul(64)
        .saturating_add(text.len() as u64 / 4);
    heap.charge(steps.saturating_add(2_000))?;
    let regex = compile(pattern)?;
    Ok(Value::Bool(matches(&regex, &text)))
}

fn compile(pattern: &str) -> Result<Regex, Fault> {
    RegexBuilder::new(pattern)
        .size_limit(MAX_SIZE)
        .dfa_size_limit(MAX_SIZE)
        .nest_limit(MAX_NESTING)
        .build()
        .map_err(|error| Fault::value("bad regular expression").caused_by(Box::new(error)))
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
        assert!(compile("[").is_err());
        // Nothing is said of `\p{…}`: an engine alone has no tables for it, but
        // a build of all tests has those that a tool for tests asks for.
        assert!(compile(&"(".repeat(500)).is_err());
        assert!(compile("(a{1000}){1000}").is_err());
    }
}
