//! Cases on the engine itself: options by name, one environment a case.

use crate::{Call, Case, Data, Failure, Outcome, Runner, tree_of};
use gravure::{
    AsyncPieces, Context, Environment, Error, Options, Template,
    loader::MapLoader,
    options::{AutoEscape, AutoReload, ColorDepth},
};
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{Poll, Waker},
    thread,
    time::Duration,
};

/// Runs cases on the engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Engine;

impl Runner for Engine {
    fn run(&self, case: &Case) -> Outcome {
        match run(case) {
            Ok(outcome) => outcome,
            Err(stop) => Outcome::Error(stop.failure()),
        }
    }
}

/// Why there is no output.
pub(crate) enum Stop {
    /// An option that is not known, or of a kind that does not fit.
    Option(String),
    /// What the engine says.
    Error(Error),
}

impl Stop {
    /// As cases tell it.
    pub(crate) fn failure(&self) -> Failure {
        match self {
            Self::Option(name) => Failure {
                type_name: "ValueError".to_owned(),
                code: "K-CFG-001".to_owned(),
                // Kept where a person who runs the case can find it.
                template: None,
                stack: vec![(format!("option {name}"), 0)],
                ..Failure::default()
            },
            Self::Error(error) => failure(error),
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

fn run(case: &Case) -> Result<Outcome, Stop> {
    let environment = Environment::with_options(options(case)?)?;
    let template = environment.get_template(&case.entry)?;
    call(case, &template)
}

fn call(case: &Case, template: &Template) -> Result<Outcome, Stop> {
    let context = &Context::from_tree(case.context.clone())?;
    let page = match &case.call {
        Call::Compile => return Ok(Outcome::Compiled),
        Call::Render => template.render(context)?,
        Call::Stream => template.render_stream(context).collect::<Result<_, _>>()?,
        Call::Block(name) => template.render_block(name, context)?,
        Call::BlockStream(name) => joined_async(template.render_block_stream_async(name, context))?,
        Call::Blocks(blocks) => template.render_with_blocks(context, blocks)?,
        Call::Async => block_on(template.render_async(context))?,
        Call::StreamAsync => joined_async(template.render_stream_async(context))?,
    };
    Ok(Outcome::Output(page))
}

/// The pieces of an asynchronous stream.
pub(crate) fn joined_async(mut pieces: AsyncPieces<'_>) -> Result<String, Error> {
    let mut page = String::new();
    while let Some(piece) = block_on(pieces.next()) {
        page.push_str(&piece?);
    }
    Ok(page)
}

/// The value of a future. What cases await is all there, so nothing ever has
/// to be woken: a future that is not ready only lets others run.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = std::task::Context::from_waker(Waker::noop());
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => thread::yield_now(),
        }
    }
}

/// The options of a case.
pub(crate) fn options(case: &Case) -> Result<Options, Stop> {
    let mut options = Options {
        loader: Some(Arc::new(MapLoader::from_iter(case.templates.clone()))),
        ..Options::default()
    };
    for (name, value) in &case.options {
        set(&mut options, name, value)?;
    }
    Ok(options)
}

fn set(options: &mut Options, name: &str, value: &Data<'static>) -> Result<(), Stop> {
    let given = Given { name, value };
    match name {
        "autoescape" => {
            options.autoescape = match value {
                Data::Bool(is_on) => AutoEscape::from(*is_on),
                _ => AutoEscape::parse(given.text()?)?,
            };
        }
        "strict_undefined" => options.strict_undefined = given.flag()?,
        "strict_none" => options.strict_none = given.flag()?,
        "static_context" => match value {
            Data::Null => {}
            Data::Object(_) => options.static_context = Some(Arc::new(tree_of(value))),
            _ => return Err(given.unfit()),
        },
        "template_aliases" => {
            let Data::Object(aliases) = value else {
                return Err(given.unfit());
            };
            for (alias, folder) in aliases.iter() {
                let Data::Str(folder) = folder else {
                    return Err(given.unfit());
                };
                options
                    .template_aliases
                    .insert(alias.to_string(), folder.to_string());
            }
        }
        "block_start" => options.delimiters.block_start = given.text()?.to_owned(),
        "block_end" => options.delimiters.block_end = given.text()?.to_owned(),
        "variable_start" => options.delimiters.variable_start = given.text()?.to_owned(),
        "variable_end" => options.delimiters.variable_end = given.text()?.to_owned(),
        "comment_start" => options.delimiters.comment_start = given.text()?.to_owned(),
        "comment_end" => options.delimiters.comment_end = given.text()?.to_owned(),
        "trim_blocks" => options.trim_blocks = given.flag()?,
        "lstrip_blocks" => options.lstrip_blocks = given.flag()?,
        "max_include_depth" => options.limits.include_depth = given.count()?,
        "max_extends_depth" => options.limits.extends_depth = given.count()?,
        "terminal_color" => options.terminal_color = Some(ColorDepth::parse(given.text()?)?),
        "terminal_width" => options.terminal_width = Some(given.count()?),
        "terminal_unicode" => options.terminal_unicode = Some(given.flag()?),
        "ambiguous_width" => options.ambiguous_width = Some(given.count()?),
        "enable_htmx_helpers" => options.enable_htmx_helpers = given.flag()?,
        "cache_size" => options.cache_size = given.count()?,
        "fragment_cache_size" => options.fragment_cache_size = given.count()?,
        "fragment_ttl" => {
            options.fragment_ttl = match value {
                Data::Int(seconds) => {
                    Duration::from_secs(u64::try_from(*seconds).map_err(|_| given.unfit())?)
                }
                Data::Float(seconds) => {
                    Duration::try_from_secs_f64(*seconds).map_err(|_| given.unfit())?
                }
                _ => return Err(given.unfit()),
            };
        }
        "auto_reload" => {
            options.auto_reload = if given.flag()? {
                AutoReload::Always
            } else {
                AutoReload::Never
            };
        }
        // These change no output, and there is nothing here to switch.
        "preserve_ast"
        | "validate_calls"
        | "optimize_translations"
        | "inline_components"
        | "fstring_coalescing" => {
            given.flag()?;
        }
        _ => return Err(given.unfit()),
    }
    Ok(())
}

/// An option as the case gives it.
struct Given<'a> {
    name: &'a str,
    value: &'a Data<'static>,
}

impl<'a> Given<'a> {
    fn unfit(&self) -> Stop {
        Stop::Option(self.name.to_owned())
    }

    fn flag(&self) -> Result<bool, Stop> {
        match self.value {
            Data::Bool(flag) => Ok(*flag),
            _ => Err(self.unfit()),
        }
    }

    fn text(&self) -> Result<&'a str, Stop> {
        match self.value {
            Data::Str(text) => Ok(text),
            _ => Err(self.unfit()),
        }
    }

    fn count<T: TryFrom<i64>>(&self) -> Result<T, Stop> {
        match self.value {
            Data::Int(count) => T::try_from(*count).map_err(|_| self.unfit()),
            _ => Err(self.unfit()),
        }
    }
}

/// An error as cases tell it: of the trace only the tags that brought another
/// template in.
fn failure(error: &Error) -> Failure {
    Failure {
        type_name: error.type_name().to_owned(),
        code: error.code().as_str().to_owned(),
        line: error.line(),
        template: error.template().map(str::to_owned),
        stack: error
            .template_stack()
            .iter()
            .filter(|frame| matches!(frame.role, "include" | "embed" | "import"))
            .map(|frame| (frame.template.clone(), frame.line))
            .collect(),
        component_stack: error
            .component_stack()
            .iter()
            .map(|frame| (frame.template.clone(), frame.line, frame.def.clone()))
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(line: &str) -> String {
        match Engine.run(&Case::parse(line).unwrap()) {
            Outcome::Output(text) => text,
            Outcome::Error(failure) => failure.code,
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn every_call_gives_the_page() {
        for call in [
            r#""render""#,
            r#""stream""#,
            r#""async""#,
            r#""stream_async""#,
            "null",
        ] {
            assert_eq!(
                run(&format!(
                    r#"{{"id": "a", "templates": {{"main.html": "a{{{{ x }}}}c"}},
                        "context": {{"x": "b"}}, "call": {call}}}"#
                )),
                "abc",
                "{call}"
            );
        }
        assert_eq!(
            run(r#"{"id": "a", "templates": {"main.html": "x"}, "call": "compile"}"#),
            "Compiled"
        );
    }

    #[test]
    fn options_that_are_not_known_are_refused() {
        for options in [
            r#"{"colour": 1}"#,
            r#"{"trim_blocks": "yes"}"#,
            r#"{"cache_size": -1}"#,
        ] {
            assert_eq!(
                run(&format!(
                    r#"{{"id": "a", "templates": {{"main.html": "x"}}, "options": {options}}}"#
                )),
                "K-CFG-001",
                "{options}"
            );
        }
    }
}
