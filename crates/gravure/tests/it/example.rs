//! One example as data: templates, data, options and a call in; a page or an
//! error out.
//!
//! Both the pages of the language and the cases of the codes are made of these.
//! Their surroundings hold what only a host can cause: the filter, test and
//! function `broken`, and the templates `unreadable.html` and `latin1.html`.
//! Absent on purpose: how examples are written down, which is each page's own.

use gravure::{
    AutoEscape, Code, Environment, Error, Options, Template,
    loader::{ChoiceLoader, FunctionLoader, LoadError, MapLoader, Source},
    options::ColorDepth,
};
use serde_json::{Map, Value};
use std::{
    future::Future,
    io,
    pin::pin,
    sync::Arc,
    task::{Context, Poll, Waker},
};

/// Templates with what they are rendered with.
#[derive(Clone, Debug, Default)]
pub(crate) struct Example {
    /// Name and source, in order of appearance.
    pub(crate) templates: Vec<(String, String)>,
    /// The data; nothing means an empty map.
    pub(crate) context: Option<Value>,
    /// Options by name.
    pub(crate) options: Map<String, Value>,
}

impl Example {
    /// The template that is asked for: `main.html`, else the last one.
    pub(crate) fn entry(&self) -> &str {
        let mut names = self.templates.iter().map(|(name, _)| name.as_str());
        match names.clone().find(|name| *name == "main.html") {
            Some(name) => name,
            None => names.next_back().expect("an example has a template"),
        }
    }

    /// Codes and lines of what is found without stopping anything.
    pub(crate) fn warnings(&self) -> Result<Vec<(Code, u32)>, Error> {
        let found = self.template()?.warnings();
        Ok(found
            .into_iter()
            .map(|(code, line, _)| (code, line))
            .collect())
    }

    fn template(&self) -> Result<Template, Error> {
        let mut environment = Environment::with_options(self.options())?;
        let fail = |_: gravure::Data<'static>| Err::<bool, _>(io::Error::other("it is broken"));
        environment.add_filter("broken", fail);
        environment.add_test("broken", fail);
        environment.add_function("broken", || {
            Err::<bool, _>(io::Error::other("it is broken"))
        });
        if environment.options().loader.is_none() {
            let (name, source) = self.templates.first().expect("an example has a template");
            return environment.from_named_string(name, source);
        }
        environment.get_template(self.entry())
    }

    /// The page: `call` is empty, `stream`, `async` or `block NAME`.
    pub(crate) fn run(&self, call: &str) -> Result<String, Error> {
        let template = self.template()?;
        let empty = Value::Object(Map::new());
        let context = self.context.as_ref().unwrap_or(&empty);
        match call.split_once(' ').unwrap_or((call, "")) {
            ("", _) => template.render(context),
            ("stream", _) => template.render_stream(context).collect(),
            ("async", _) => now(template.render_async(context)),
            ("block", name) => template.render_block(name, context),
            _ => panic!("`{call}` is no way of rendering"),
        }
    }

    /// Page or error as text: an error is `error CODE at LINE`, with the
    /// template before the line unless it is the one asked for.
    pub(crate) fn shown(&self, call: &str) -> String {
        match self.run(call) {
            // A page shows the escape character as its picture.
            Ok(page) => page.replace('\x1b', "␛"),
            Err(error) => self.place(&error),
        }
    }

    fn place(&self, error: &Error) -> String {
        let code = error.code();
        match (error.template(), error.line()) {
            (Some(name), Some(line)) if name == self.entry() => format!("error {code} at {line}"),
            (Some(name), Some(line)) => format!("error {code} at {name}:{line}"),
            _ => format!("error {code}"),
        }
    }

    fn options(&self) -> Options {
        let templates = MapLoader::from_iter(self.templates.clone());
        let mut options = Options {
            loader: Some(Arc::new(
                ChoiceLoader::new()
                    .or(templates)
                    .or(FunctionLoader::new(failing)),
            )),
            terminal_color: Some(ColorDepth::Basic),
            terminal_width: Some(40),
            terminal_unicode: Some(true),
            ambiguous_width: Some(1),
            ..Options::default()
        };
        for (name, value) in &self.options {
            set(&mut options, name, value);
        }
        options
    }
}

/// Templates that exist and cannot be used.
fn failing(name: &str) -> Result<Option<Source>, LoadError> {
    match name {
        "unreadable.html" => Err(LoadError::Io {
            file: None,
            error: io::Error::from(io::ErrorKind::PermissionDenied),
        }),
        "latin1.html" => Err(LoadError::Encoding {
            file: None,
            offset: 3,
            line: 1,
        }),
        _ => Ok(None),
    }
}

fn set(options: &mut Options, name: &str, value: &Value) {
    let flag = || value.as_bool().expect("a flag");
    let text = || value.as_str().expect("a text").to_owned();
    let count = || value.as_u64().expect("a count");
    let depth = || u32::try_from(count()).expect("a small count");
    match name {
        "autoescape" => {
            options.autoescape = match value {
                Value::Bool(is_on) => AutoEscape::from(*is_on),
                _ => AutoEscape::parse(&text()).expect("a mode"),
            };
        }
        "strict_undefined" => options.strict_undefined = flag(),
        "strict_none" => options.strict_none = flag(),
        "trim_blocks" => options.trim_blocks = flag(),
        "lstrip_blocks" => options.lstrip_blocks = flag(),
        "template_aliases" => {
            let aliases = value.as_object().expect("a map");
            let texts = aliases.iter().map(|(alias, folder)| {
                (alias.clone(), folder.as_str().expect("a folder").to_owned())
            });
            options.template_aliases = texts.collect();
        }
        "block_start" => options.delimiters.block_start = text(),
        "block_end" => options.delimiters.block_end = text(),
        "variable_start" => options.delimiters.variable_start = text(),
        "variable_end" => options.delimiters.variable_end = text(),
        "comment_start" => options.delimiters.comment_start = text(),
        "comment_end" => options.delimiters.comment_end = text(),
        "terminal_color" => {
            options.terminal_color = Some(ColorDepth::parse(&text()).expect("a depth"));
        }
        "terminal_width" => options.terminal_width = Some(depth()),
        "terminal_unicode" => options.terminal_unicode = Some(flag()),
        "loader" if !flag() => options.loader = None,
        "max_tokens" => {
            options.source_limits.max_tokens = usize::try_from(count()).expect("a size")
        }
        "max_nesting" => options.source_limits.max_nesting = depth(),
        "fuel" => options.limits.fuel = count(),
        "memory" => options.limits.memory = count(),
        "output" => options.limits.output = count(),
        "range" => options.limits.range = count(),
        "include_depth" => options.limits.include_depth = depth(),
        "extends_depth" => options.limits.extends_depth = depth(),
        "functions" => {
            let names = value.as_array().expect("names");
            let names = names.iter().filter_map(|name| name.as_str());
            options.policy.functions = gravure::policy::Policy::only(names);
        }
        "call_depth" => options.limits.call_depth = depth(),
        _ => panic!("`{name}` is no option of examples"),
    }
}

/// The value of a future that only waits to let others run.
fn now<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
    }
}
