//! What running a case gave, also as a line of JSON.

use crate::Case;
use serde_json::{Value as Json, json};

/// Runs cases. Each is given a fresh environment with the case's templates and
/// options and nothing else.
pub trait Runner {
    /// Load the entry and call it.
    fn run(&self, case: &Case) -> Outcome;
}

/// What came out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// Text.
    Output(String),
    /// Nothing was to be rendered, and nothing failed.
    Compiled,
    /// A failure, as it should be told.
    Error(Failure),
    /// A failure that should never be: a panic, a signal, no end.
    Crash(String),
}

/// A failure with its place and trace.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Failure {
    /// The name of its sort in the language.
    pub type_name: String,
    /// The code.
    pub code: String,
    /// The line, if it has one.
    pub line: Option<u32>,
    /// The template, if it has one.
    pub template: Option<String>,
    /// Template and line of every tag on the way, without roles that only
    /// show how parents and blocks came in.
    pub stack: Vec<(String, u32)>,
    /// Template, line and name of every running call.
    pub component_stack: Vec<(String, u32, String)>,
}

impl Outcome {
    /// The result of the case `id` as one JSON object.
    pub fn to_json(&self, id: &str) -> Json {
        match self {
            Self::Output(text) => json!({"id": id, "output": text}),
            Self::Compiled => json!({"id": id, "ok": true}),
            Self::Crash(what) => json!({"id": id, "crash": what}),
            Self::Error(failure) => json!({"id": id, "error": {
                "type": failure.type_name,
                "code": failure.code,
                "line": failure.line,
                "template": failure.template,
            }}),
        }
    }

    /// As [`Outcome::to_json`], with the traces of a failure.
    pub fn to_full_json(&self, id: &str) -> Json {
        let mut full = self.to_json(id);
        if let (Self::Error(failure), Some(error)) = (self, full.get_mut("error")) {
            error["stack"] = json!(failure.stack);
            error["component_stack"] = json!(failure.component_stack);
        }
        full
    }

    /// The outcome that [`Outcome::to_full_json`] wrote; `None` if it is none.
    pub fn from_json(json: &Json) -> Option<Self> {
        if let Some(text) = json.get("output") {
            return Some(Self::Output(text.as_str()?.to_owned()));
        }
        if let Some(what) = json.get("crash") {
            return Some(Self::Crash(what.as_str()?.to_owned()));
        }
        if json.get("ok").is_some() {
            return Some(Self::Compiled);
        }
        let error = json.get("error")?;
        let text = |name: &str| error.get(name)?.as_str().map(str::to_owned);
        let list = |name: &str| error.get(name).and_then(Json::as_array);
        let line = |json: Option<&Json>| u32::try_from(json?.as_u64()?).ok();
        let stack = list("stack").map_or(Vec::new(), |frames| {
            let frames = frames.iter().filter_map(|frame| {
                let template = frame.get(0)?.as_str()?;
                Some((template.to_owned(), line(frame.get(1))?))
            });
            frames.collect()
        });
        let component_stack = list("component_stack").map_or(Vec::new(), |frames| {
            let frames = frames.iter().filter_map(|frame| {
                let template = frame.get(0)?.as_str()?;
                let def = frame.get(2)?.as_str()?;
                Some((template.to_owned(), line(frame.get(1))?, def.to_owned()))
            });
            frames.collect()
        });
        Some(Self::Error(Failure {
            type_name: text("type")?,
            code: text("code")?,
            line: line(error.get("line")),
            template: text("template"),
            stack,
            component_stack,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outcomes_survive_being_written() {
        let failure = Failure {
            type_name: "TypeError".to_owned(),
            code: "K-RUN-012".to_owned(),
            line: Some(3),
            template: None,
            stack: vec![("a".to_owned(), 1)],
            component_stack: vec![("a".to_owned(), 2, "f".to_owned())],
        };
        for outcome in [
            Outcome::Output("a\0\u{2028}".to_owned()),
            Outcome::Compiled,
            Outcome::Crash("signal 6".to_owned()),
            Outcome::Error(failure),
            Outcome::Error(Failure {
                type_name: "X".to_owned(),
                code: "Y".to_owned(),
                ..Failure::default()
            }),
        ] {
            let text = outcome.to_full_json("id").to_string();
            assert!(!text.contains('\n'));
            let json: Json = serde_json::from_str(&text).unwrap();
            assert_eq!(Outcome::from_json(&json), Some(outcome));
        }
        assert_eq!(Outcome::from_json(&json!({"id": "x"})), None);
    }

    #[test]
    fn results_are_short() {
        let failure = Failure {
            type_name: "KeyError".to_owned(),
            code: "K-RUN-009".to_owned(),
            line: Some(1),
            ..Failure::default()
        };
        assert_eq!(
            Outcome::Error(failure).to_json("a/b-01").to_string(),
            r#"{"id":"a/b-01","error":{"type":"KeyError","code":"K-RUN-009","line":1,"template":null}}"#
        );
    }
}
