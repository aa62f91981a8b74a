//! One case: templates, data, how to render, what must come out.

use crate::data::{Data, parse_data, tree_of};
use gravure_value::Tree;

/// One case of the corpus.
#[derive(Clone, Debug)]
pub struct Case {
    /// Unique: family, `-`, two digits.
    pub id: String,
    /// The chapter it belongs to; may be empty.
    pub area: String,
    /// Name and source of every template, in order.
    pub templates: Vec<(String, String)>,
    /// The template to ask for.
    pub entry: String,
    /// The data.
    pub context: Tree,
    /// Options of the environment by name.
    pub options: Vec<(String, Data<'static>)>,
    /// How to render.
    pub call: Call,
    /// What must come out; `None` if nobody says.
    pub expected: Option<Expected>,
    /// Is what is recorded an accident?
    pub is_quirk: bool,
    /// Is there a result that counts more than the recorded one?
    pub has_better: bool,
}

/// How a case is rendered.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Call {
    /// The whole text.
    Render,
    /// A stream, its pieces joined.
    Stream,
    /// The whole text, awaited.
    Async,
    /// An asynchronous stream, its pieces joined.
    StreamAsync,
    /// One block.
    Block(String),
    /// One block as an asynchronous stream, its pieces joined.
    BlockStream(String),
    /// The page with some blocks replaced by ready markup.
    Blocks(Vec<(String, String)>),
    /// Load and compile, render nothing.
    Compile,
}

/// What must come out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// This text, character for character.
    Output(String),
    /// This failure.
    Error(ExpectedError),
}

/// What is known of a failure that must come; `None` is not compared.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExpectedError {
    /// The code.
    pub code: Option<String>,
    /// The line.
    pub line: Option<u32>,
    /// The template.
    pub template: Option<String>,
    /// Template and line of every tag on the way.
    pub stack: Option<Vec<(String, u32)>>,
    /// Template, line and name of every running call.
    pub component_stack: Option<Vec<(String, u32, String)>>,
}

/// Why a line is no case.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NoCase {
    /// The case's id, if it has one.
    pub id: Option<String>,
    /// What is wrong.
    pub reason: String,
}

impl std::fmt::Display for NoCase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.id {
            Some(id) => write!(f, "{id} is no case: {}", self.reason),
            None => write!(f, "no case: {}", self.reason),
        }
    }
}

impl std::error::Error for NoCase {}

/// The cases of a file with their line numbers, from 1; empty lines are none.
///
/// Only `\n` ends a line: texts hold characters that other readers break at.
/// A line that is no UTF-8 is no case, and the others are read all the same.
pub fn cases(file: &[u8]) -> impl Iterator<Item = (usize, Result<Case, NoCase>)> {
    lines(file).enumerate().filter_map(|(idx, line)| {
        let case = match str::from_utf8(line) {
            Ok(line) if line.trim().is_empty() => return None,
            Ok(line) => Case::parse(line),
            Err(error) => Err(NoCase {
                id: None,
                reason: format!("it is no UTF-8 at byte {}", error.valid_up_to()),
            }),
        };
        Some((idx + 1, case))
    })
}

/// The lines of a file of cases, without a byte-order mark.
pub fn lines(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    file.strip_prefix(b"\xef\xbb\xbf")
        .unwrap_or(file)
        .split(|&byte| byte == b'\n')
}

impl Case {
    /// The case of one line.
    ///
    /// # Errors
    /// What makes the line no case.
    pub fn parse(line: &str) -> Result<Self, NoCase> {
        let fail = |id: Option<&str>, reason: String| NoCase {
            id: id.map(str::to_owned),
            reason,
        };
        let data = parse_data(line).map_err(|reason| fail(None, reason))?;
        let Data::Object(fields) = data else {
            return Err(fail(None, "it is no JSON object".to_owned()));
        };
        let fields = Fields(&fields);
        let id = match fields.get("id") {
            Some(Data::Str(id)) => id.to_string(),
            _ => return Err(fail(None, "it has no `id`".to_owned())),
        };
        Self::from_fields(&id, &fields).map_err(|reason| fail(Some(&id), reason))
    }

    /// The first part of the id, such as `filter`.
    pub fn family(&self) -> &str {
        self.id.split('/').next().unwrap_or("")
    }

    fn from_fields(id: &str, fields: &Fields<'_>) -> Result<Self, String> {
        let Some(templates) = fields.get("templates") else {
            return Err("it has no `templates`".to_owned());
        };
        let better = fields.get("better").map(|it| expected(it, true));
        let recorded = fields.get("expect").map(|it| expected(it, false));
        Ok(Self {
            id: id.to_owned(),
            area: fields.text("area")?.unwrap_or("").to_owned(),
            templates: texts("templates", templates)?,
            entry: fields.text("entry")?.unwrap_or("main.html").to_owned(),
            context: match fields.get("context") {
                None => tree_of(&Data::Object(Vec::new().into())),
                Some(object @ Data::Object(_)) => tree_of(object),
                Some(_) => return Err("`context` is no object".to_owned()),
            },
            options: match fields.get("options") {
                None => Vec::new(),
                Some(Data::Object(options)) => options
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.clone()))
                    .collect(),
                Some(_) => return Err("`options` is no object".to_owned()),
            },
            call: call(fields.get("call"))?,
            has_better: better.is_some(),
            expected: better.or(recorded).transpose()?,
            is_quirk: matches!(fields.get("quirk"), Some(Data::Bool(true))),
        })
    }
}

/// The entries of an object; of equal keys the last counts.
struct Fields<'a>(&'a [(std::borrow::Cow<'static, str>, Data<'static>)]);

impl<'a> Fields<'a> {
    fn get(&self, name: &str) -> Option<&'a Data<'static>> {
        let mut entries = self.0.iter().rev();
        entries.find(|(key, _)| key == name).map(|(_, value)| value)
    }

    fn text(&self, name: &str) -> Result<Option<&'a str>, String> {
        match self.get(name) {
            None | Some(Data::Null) => Ok(None),
            Some(Data::Str(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` is no text")),
        }
    }

    fn line(&self) -> Result<Option<u32>, String> {
        match self.get("line") {
            None | Some(Data::Null) => Ok(None),
            Some(Data::Int(line)) => u32::try_from(*line)
                .map(Some)
                .map_err(|_| "`line` is no line number".to_owned()),
            Some(_) => Err("`line` is no line number".to_owned()),
        }
    }
}

/// An object of texts, in order.
fn texts(name: &str, data: &Data<'static>) -> Result<Vec<(String, String)>, String> {
    let Data::Object(entries) = data else {
        return Err(format!("`{name}` is no object"));
    };
    let mut all = Vec::with_capacity(entries.len());
    for (key, value) in entries.iter() {
        match value {
            Data::Str(text) => all.push((key.to_string(), text.to_string())),
            _ => return Err(format!("`{key}` in `{name}` is no text")),
        }
    }
    Ok(all)
}

fn call(data: Option<&Data<'static>>) -> Result<Call, String> {
    let unknown = || "`call` is not known".to_owned();
    match data {
        None | Some(Data::Null) => Ok(Call::Render),
        Some(Data::Str(word)) => match &**word {
            "render" => Ok(Call::Render),
            "stream" => Ok(Call::Stream),
            "async" => Ok(Call::Async),
            "stream_async" => Ok(Call::StreamAsync),
            "compile" => Ok(Call::Compile),
            _ => Err(unknown()),
        },
        Some(Data::Object(fields)) => match fields.as_slice() {
            [(word, Data::Str(name))] if word == "block" => Ok(Call::Block(name.to_string())),
            [(word, Data::Str(name))] if word == "block_stream" => {
                Ok(Call::BlockStream(name.to_string()))
            }
            [(word, blocks)] if word == "blocks" => texts("blocks", blocks).map(Call::Blocks),
            _ => Err(unknown()),
        },
        Some(_) => Err(unknown()),
    }
}

/// A result. Stacks count only where `with_stacks` says so: the recorded ones
/// are information.
fn expected(data: &Data<'static>, with_stacks: bool) -> Result<Expected, String> {
    let Data::Object(fields) = data else {
        return Err("a result is no object".to_owned());
    };
    match Fields(fields).get("output") {
        Some(Data::Str(output)) => return Ok(Expected::Output(output.to_string())),
        Some(_) => return Err("`output` is no text".to_owned()),
        None => {}
    }
    let Some(Data::Object(error)) = Fields(fields).get("error") else {
        return Err("a result has neither `output` nor `error`".to_owned());
    };
    let error = Fields(error);
    let mut expected = ExpectedError {
        code: error.text("code")?.map(str::to_owned),
        line: error.line()?,
        template: error.text("template")?.map(str::to_owned),
        stack: None,
        component_stack: None,
    };
    if with_stacks {
        expected.stack = error.get("stack").map(stack).transpose()?;
        expected.component_stack = error
            .get("component_stack")
            .map(component_stack)
            .transpose()?;
    }
    Ok(Expected::Error(expected))
}

fn stack(data: &Data<'static>) -> Result<Vec<(String, u32)>, String> {
    let frames = frames(data)?;
    frames
        .iter()
        .map(|frame| match frame.as_slice() {
            [Data::Str(template), Data::Int(line)] => {
                Ok((template.to_string(), u32::try_from(*line).unwrap_or(0)))
            }
            _ => Err("a frame of `stack` is not `[template, line]`".to_owned()),
        })
        .collect()
}

fn component_stack(data: &Data<'static>) -> Result<Vec<(String, u32, String)>, String> {
    let frames = frames(data)?;
    frames
        .iter()
        .map(|frame| match frame.as_slice() {
            [Data::Str(template), Data::Int(line), Data::Str(def)] => Ok((
                template.to_string(),
                u32::try_from(*line).unwrap_or(0),
                def.to_string(),
            )),
            _ => Err("a frame of `component_stack` is not `[template, line, def]`".to_owned()),
        })
        .collect()
}

fn frames<'a>(data: &'a Data<'static>) -> Result<Vec<&'a Vec<Data<'static>>>, String> {
    let Data::Array(frames) = data else {
        return Err("a stack is no list".to_owned());
    };
    frames
        .iter()
        .map(|frame| match frame {
            Data::Array(frame) => Ok(&**frame),
            _ => Err("a frame of a stack is no list".to_owned()),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Case {
        Case::parse(line).unwrap()
    }

    fn reason(line: &str) -> String {
        Case::parse(line).unwrap_err().to_string()
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let case = parse(r#"{"id": "a/b-01", "templates": {"main.html": "x"}}"#);
        assert_eq!((&*case.entry, case.call), ("main.html", Call::Render));
        assert_eq!(case.expected, None);
        assert!(!case.is_quirk && !case.has_better && case.options.is_empty());
    }

    #[test]
    fn the_better_result_counts() {
        let case = parse(
            r#"{"id": "a", "templates": {}, "quirk": true, "expect": {"output": "x"},
                "better": {"error": {"code": "K-RUN-001", "line": 2, "template": null,
                "stack": [["m", 1]], "component_stack": [["m", 1, "f"]]}}}"#,
        );
        assert_eq!(
            case.expected,
            Some(Expected::Error(ExpectedError {
                code: Some("K-RUN-001".to_owned()),
                line: Some(2),
                template: None,
                stack: Some(vec![("m".to_owned(), 1)]),
                component_stack: Some(vec![("m".to_owned(), 1, "f".to_owned())]),
            }))
        );
    }

    #[test]
    fn recorded_stacks_are_not_compared() {
        let case = parse(
            r#"{"id": "a", "templates": {}, "expect": {"error": {"code": "K", "stack": [["m", 1]]}}}"#,
        );
        let Some(Expected::Error(error)) = case.expected else {
            panic!("an error");
        };
        assert_eq!(error.stack, None);
    }

    #[test]
    fn calls_have_names() {
        let call = |call: &str| {
            parse(&format!(
                r#"{{"id": "a", "templates": {{}}, "call": {call}}}"#
            ))
            .call
        };
        assert_eq!(call(r#""stream""#), Call::Stream);
        assert_eq!(call(r#""stream_async""#), Call::StreamAsync);
        assert_eq!(call(r#""compile""#), Call::Compile);
        assert_eq!(call(r#"{"block": "b"}"#), Call::Block("b".to_owned()));
        assert_eq!(
            call(r#"{"block_stream": "b"}"#),
            Call::BlockStream("b".to_owned())
        );
        let blocks = vec![("b".to_owned(), "<p>".to_owned())];
        assert_eq!(call(r#"{"blocks": {"b": "<p>"}}"#), Call::Blocks(blocks));
    }

    #[test]
    fn lines_that_are_no_case_say_why() {
        assert!(reason("{").starts_with("no case: "));
        assert_eq!(reason("[]"), "no case: it is no JSON object");
        assert_eq!(reason("{}"), "no case: it has no `id`");
        assert_eq!(
            reason(r#"{"id": "x"}"#),
            "x is no case: it has no `templates`"
        );
        assert_eq!(
            reason(r#"{"id": "x", "templates": {"m": 1}}"#),
            "x is no case: `m` in `templates` is no text"
        );
        assert_eq!(
            reason(r#"{"id": "x", "templates": {}, "call": "fly"}"#),
            "x is no case: `call` is not known"
        );
        assert_eq!(
            reason(r#"{"id": "x", "templates": {}, "context": []}"#),
            "x is no case: `context` is no object"
        );
        assert_eq!(
            reason(r#"{"id": "x", "templates": {}, "expect": {}}"#),
            "x is no case: a result has neither `output` nor `error`"
        );
    }

    #[test]
    fn only_line_feeds_end_a_line() {
        let text = "\u{feff}{\"id\": \"a\u{2028}\u{85}\", \"templates\": {}}\n\n\
                    {\"id\": \"b\", \"templates\": {}}\r\n";
        let found: Vec<(usize, String)> = cases(text.as_bytes())
            .map(|(line, case)| (line, case.unwrap().id))
            .collect();
        assert_eq!(
            found,
            [(1, "a\u{2028}\u{85}".to_owned()), (3, "b".to_owned())]
        );
    }

    #[test]
    fn a_line_that_is_no_text_is_no_case() {
        let found: Vec<String> = cases(b"\xff\n{\"id\": \"b\", \"templates\": {}}")
            .map(|(line, case)| match case {
                Ok(case) => format!("{line} {}", case.id),
                Err(problem) => format!("{line} {problem}"),
            })
            .collect();
        assert_eq!(found, ["1 no case: it is no UTF-8 at byte 0", "2 b"]);
    }
}
