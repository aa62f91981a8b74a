//! Is what came out what must come out?

use crate::{Expected, ExpectedError, Failure, Outcome};

/// The judgment of one case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// As it must be.
    Pass,
    /// Not as it must be, and how.
    Fail(String),
    /// Nobody says what must come out.
    Unjudged,
}

/// Compare an outcome with what must come out. A crash fails also where
/// nothing else is known.
pub fn judge(expected: Option<&Expected>, outcome: &Outcome) -> Verdict {
    let problem = match (expected, outcome) {
        (_, Outcome::Crash(what)) => Some(format!("crash: {what}")),
        (None, _) => return Verdict::Unjudged,
        (Some(Expected::Output(wanted)), Outcome::Output(got)) => {
            (wanted != got).then(|| difference(wanted, got))
        }
        (Some(Expected::Error(wanted)), Outcome::Error(got)) => compare(wanted, got),
        (Some(wanted), got) => Some(format!("wanted {}, got {}", wanted_text(wanted), text(got))),
    };
    match problem {
        Some(problem) => Verdict::Fail(problem),
        None => Verdict::Pass,
    }
}

fn compare(wanted: &ExpectedError, got: &Failure) -> Option<String> {
    let mut problems = Vec::new();
    if wanted.code.as_ref().is_some_and(|code| *code != got.code) {
        problems.push(format!("code {}", got.code));
    }
    if wanted.line.is_some_and(|line| Some(line) != got.line) {
        problems.push(format!("line {}", or_none(got.line)));
    }
    if wanted.template.is_some() && wanted.template != got.template {
        problems.push(format!("template {:?}", got.template));
    }
    if wanted
        .stack
        .as_ref()
        .is_some_and(|stack| *stack != got.stack)
    {
        problems.push(format!("stack {:?} not {:?}", got.stack, wanted.stack));
    }
    if let Some(stack) = &wanted.component_stack
        && *stack != got.component_stack
    {
        problems.push(format!(
            "component stack {:?} not {stack:?}",
            got.component_stack
        ));
    }
    if problems.is_empty() {
        return None;
    }
    let wanted = Expected::Error(wanted.clone());
    Some(format!(
        "wanted {}, got {}",
        wanted_text(&wanted),
        problems.join(", ")
    ))
}

/// Two texts from where they part.
fn difference(wanted: &str, got: &str) -> String {
    let common = wanted
        .char_indices()
        .zip(got.chars())
        .find(|((_, lhs), rhs)| lhs != rhs)
        .map_or(wanted.len().min(got.len()), |((at, _), _)| at);
    let wanted = wanted.get(common..).unwrap_or("");
    let got = got.get(common..).unwrap_or("");
    format!(
        "from byte {common}: wanted {}, got {}",
        excerpt(wanted),
        excerpt(got)
    )
}

fn excerpt(text: &str) -> String {
    match text.char_indices().nth(120) {
        Some((cut, _)) => format!("{:?}…", text.get(..cut).unwrap_or("")),
        None => format!("{text:?}"),
    }
}

fn wanted_text(expected: &Expected) -> String {
    match expected {
        Expected::Output(text) => excerpt(text),
        Expected::Error(error) => format!(
            "{} at {}:{}",
            error.code.as_deref().unwrap_or("an error"),
            error.template.as_deref().unwrap_or("-"),
            or_none(error.line)
        ),
    }
}

fn text(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Output(text) => excerpt(text),
        Outcome::Compiled => "ok".to_owned(),
        Outcome::Crash(what) => what.clone(),
        Outcome::Error(failure) => format!(
            "{} at {}:{}",
            failure.code,
            failure.template.as_deref().unwrap_or("-"),
            or_none(failure.line)
        ),
    }
}

fn or_none(line: Option<u32>) -> String {
    line.map_or("-".to_owned(), |line| line.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(code: &str, line: Option<u32>, template: Option<&str>) -> Outcome {
        Outcome::Error(Failure {
            type_name: "X".to_owned(),
            code: code.to_owned(),
            line,
            template: template.map(str::to_owned),
            ..Failure::default()
        })
    }

    fn wanted(code: &str, line: Option<u32>, template: Option<&str>) -> Expected {
        Expected::Error(ExpectedError {
            code: Some(code.to_owned()),
            line,
            template: template.map(str::to_owned),
            ..ExpectedError::default()
        })
    }

    #[test]
    fn texts_must_be_equal_to_the_last_character() {
        let expected = Expected::Output("a\n".to_owned());
        let judged = |text: &str| judge(Some(&expected), &Outcome::Output(text.to_owned()));
        assert_eq!(judged("a\n"), Verdict::Pass);
        assert_eq!(
            judged("a"),
            Verdict::Fail(r#"from byte 1: wanted "\n", got """#.to_owned())
        );
        assert_eq!(
            judged("ä\n"),
            Verdict::Fail(r#"from byte 0: wanted "a\n", got "ä\n""#.to_owned())
        );
    }

    #[test]
    fn what_is_not_said_is_not_compared() {
        let error = failure("K-RUN-001", Some(2), Some("m"));
        assert_eq!(
            judge(Some(&wanted("K-RUN-001", None, None)), &error),
            Verdict::Pass
        );
        assert_eq!(
            judge(Some(&wanted("K-RUN-001", Some(2), Some("m"))), &error),
            Verdict::Pass
        );
        assert_eq!(
            judge(Some(&wanted("K-RUN-007", Some(1), Some("x"))), &error),
            Verdict::Fail(
                "wanted K-RUN-007 at x:1, got code K-RUN-001, line 2, template Some(\"m\")"
                    .to_owned()
            )
        );
        assert_eq!(judge(None, &error), Verdict::Unjudged);
    }

    #[test]
    fn stacks_are_compared_where_they_are_said() {
        let mut got = Failure::default();
        let mut expected = ExpectedError {
            stack: Some(vec![("m".to_owned(), 1)]),
            ..ExpectedError::default()
        };
        let judged = |expected: &ExpectedError, got: &Failure| {
            let expected = Expected::Error(expected.clone());
            judge(Some(&expected), &Outcome::Error(got.clone()))
        };
        assert!(matches!(judged(&expected, &got), Verdict::Fail(_)));
        got.stack.push(("m".to_owned(), 1));
        assert_eq!(judged(&expected, &got), Verdict::Pass);
        expected.component_stack = Some(Vec::new());
        assert_eq!(judged(&expected, &got), Verdict::Pass);
        got.component_stack
            .push(("m".to_owned(), 1, "f".to_owned()));
        assert!(matches!(judged(&expected, &got), Verdict::Fail(_)));
    }

    #[test]
    fn crashes_fail_whatever_was_wanted() {
        let crash = Outcome::Crash("timeout".to_owned());
        assert_eq!(
            judge(None, &crash),
            Verdict::Fail("crash: timeout".to_owned())
        );
        let compiled = judge(Some(&wanted("K", None, None)), &Outcome::Compiled);
        assert_eq!(
            compiled,
            Verdict::Fail("wanted K at -:-, got ok".to_owned())
        );
    }
}
