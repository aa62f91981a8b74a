//! The settings file: TOML in, roots, declared names and options out.
//!
//! ```toml
//! roots = ["templates"]            # folders, as seen from the file
//! ext = ["html", "txt"]            # what `check` takes for a template
//! autoescape = "html"              # or true, false, "markdown", "terminal"
//! warnings = "collect"             # or "off", "error"
//! silenced = ["K-WARN-001"]
//! cache = "auto"                   # or "off", or a folder
//! filters = ["money"]              # what the program brings
//! tests = []
//! functions = ["url_for"]
//!
//! [aliases]
//! ui = "parts/ui"
//!
//! [delimiters]
//! block_start = "<%"
//!
//! [options]
//! trim_blocks = true
//! ```
//!
//! A key that is not known is an error: a misspelt setting would be no setting.

use crate::{data::toml_problem, failure::Failed, site::is_name};
use gravure::{
    AutoEscape, Code, Options,
    check::{Warnings, nearest},
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};
use toml::{Table, Value};

/// What a settings file says, and the defaults for the rest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    /// Folders of templates; without any the folder of the file.
    pub(crate) roots: Vec<PathBuf>,
    /// Endings of templates, without dots.
    pub(crate) endings: Option<Vec<String>>,
    pub(crate) filters: Vec<String>,
    pub(crate) tests: Vec<String>,
    pub(crate) functions: Vec<String>,
    /// Where compiled templates are kept.
    pub(crate) cache: Keep,
    /// Without a loader.
    pub(crate) options: Options,
}

/// Where compiled templates are kept.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) enum Keep {
    /// Nowhere.
    #[default]
    Off,
    /// Below the user's folder of caches.
    Auto,
    /// In this folder.
    In(PathBuf),
}

impl Keep {
    /// As people write it.
    pub(crate) fn parse(text: &str) -> Self {
        match text {
            "off" => Self::Off,
            "auto" => Self::Auto,
            folder => Self::In(PathBuf::from(folder)),
        }
    }
}

impl Settings {
    /// Read a file.
    pub(crate) fn read(file: &Path) -> Result<Self, Failed> {
        let shown = file.display().to_string();
        let text = fs::read_to_string(file).map_err(|error| {
            let message = format!("the settings `{shown}` cannot be read: {error}");
            Failed::unusable(message, "name a file in UTF-8 that exists after `--config`")
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let problem = toml_problem(text, &error);
            Failed::unusable(
                format!("the settings `{shown}` are no TOML: {problem}"),
                "correct the file",
            )
        })?;
        let mut settings = Self::from_table(Reader::new(&shown, "", table))?;
        let folder = file.parent().unwrap_or(Path::new(""));
        if settings.roots.is_empty() {
            settings.roots.push(PathBuf::from("."));
        }
        if let Keep::In(cache) = &mut settings.cache {
            *cache = folder.join(&*cache);
        }
        for root in &mut settings.roots {
            let is_here = *root == Path::new(".") && folder != Path::new("");
            *root = match is_here {
                true => folder.to_owned(),
                false => folder.join(&*root),
            };
        }
        Ok(settings)
    }

    fn from_table(mut top: Reader<'_>) -> Result<Self, Failed> {
        let mut it = Self {
            roots: top.take("roots", texts)?.unwrap_or_default(),
            endings: top.take("ext", texts)?,
            filters: top.take("filters", names)?.unwrap_or_default(),
            tests: top.take("tests", names)?.unwrap_or_default(),
            functions: top.take("functions", names)?.unwrap_or_default(),
            cache: Keep::Off,
            options: Options::default(),
        };
        top.put("cache", keep, &mut it.cache)?;
        let options = &mut it.options;
        top.put("autoescape", autoescape, &mut options.autoescape)?;
        top.put("warnings", warnings, &mut options.warnings)?;
        let silenced: Option<Vec<Code>> = top.take("silenced", codes)?;
        options.silenced = silenced.unwrap_or_default().into_iter().collect();
        top.put("aliases", aliases, &mut options.template_aliases)?;
        if let Some(table) = top.table("delimiters")? {
            delimiters(table, options)?;
        }
        if let Some(table) = top.table("options")? {
            more_options(table, options)?;
        }
        top.finish()?;
        Ok(it)
    }
}

fn delimiters(mut table: Reader<'_>, options: &mut Options) -> Result<(), Failed> {
    let it = &mut options.delimiters;
    table.put("block_start", text, &mut it.block_start)?;
    table.put("block_end", text, &mut it.block_end)?;
    table.put("variable_start", text, &mut it.variable_start)?;
    table.put("variable_end", text, &mut it.variable_end)?;
    table.put("comment_start", text, &mut it.comment_start)?;
    table.put("comment_end", text, &mut it.comment_end)?;
    table.finish()
}

fn more_options(mut table: Reader<'_>, options: &mut Options) -> Result<(), Failed> {
    table.put("trim_blocks", switch, &mut options.trim_blocks)?;
    table.put("lstrip_blocks", switch, &mut options.lstrip_blocks)?;
    table.put("strict_undefined", switch, &mut options.strict_undefined)?;
    table.put("strict_none", switch, &mut options.strict_none)?;
    table.put(
        "enable_htmx_helpers",
        switch,
        &mut options.enable_htmx_helpers,
    )?;
    let source = &mut options.source_limits;
    table.put("max_template_bytes", count, &mut source.max_bytes)?;
    table.put("max_tokens", count, &mut source.max_tokens)?;
    table.put("max_nesting", count, &mut source.max_nesting)?;
    table.put("max_filter_chain", count, &mut source.max_filter_chain)?;
    let render = &mut options.limits;
    table.put("max_fuel", count, &mut render.fuel)?;
    table.put("max_memory", count, &mut render.memory)?;
    table.put("max_output", count, &mut render.output)?;
    table.put("max_call_depth", count, &mut render.call_depth)?;
    table.put("max_include_depth", count, &mut render.include_depth)?;
    table.put("max_extends_depth", count, &mut render.extends_depth)?;
    table.put("max_loop_iterations", count, &mut render.loop_rounds)?;
    table.put("max_collection", count, &mut render.collection)?;
    options.max_time = table.take("max_time", seconds)?;
    table.finish()
}

/// A table that is used up key by key.
struct Reader<'f> {
    file: &'f str,
    /// The name of the table with a dot behind it; empty for the whole file.
    prefix: &'static str,
    table: Table,
    known: Vec<&'static str>,
}

/// A value of the right kind, or what would be one.
type Take<T> = fn(Value) -> Result<T, &'static str>;

impl<'f> Reader<'f> {
    fn new(file: &'f str, prefix: &'static str, table: Table) -> Self {
        let known = Vec::new();
        Self {
            file,
            prefix,
            table,
            known,
        }
    }

    fn take<T>(&mut self, key: &'static str, take: Take<T>) -> Result<Option<T>, Failed> {
        self.known.push(key);
        let Some(value) = self.table.remove(key) else {
            return Ok(None);
        };
        let (file, prefix, found) = (self.file, self.prefix, shown(&value));
        take(value).map(Some).map_err(|wanted| {
            let message = format!("`{prefix}{key}` of `{file}` cannot be {found}");
            Failed::unusable(message, &format!("{wanted} would do"))
        })
    }

    fn put<T>(&mut self, key: &'static str, take: Take<T>, to: &mut T) -> Result<(), Failed> {
        if let Some(value) = self.take(key, take)? {
            *to = value;
        }
        Ok(())
    }

    fn table(&mut self, key: &'static str) -> Result<Option<Reader<'f>>, Failed> {
        let prefix = match key {
            "delimiters" => "delimiters.",
            _ => "options.",
        };
        let table = self.take(key, |value| match value {
            Value::Table(table) => Ok(table),
            _ => Err("a table"),
        })?;
        Ok(table.map(|table| Reader::new(self.file, prefix, table)))
    }

    /// Nothing may be left.
    fn finish(self) -> Result<(), Failed> {
        let Some(key) = self.table.keys().next() else {
            return Ok(());
        };
        let (file, prefix) = (self.file, self.prefix);
        let help = match nearest(key, self.known.iter().copied()) {
            Some(near) => format!("did you mean `{prefix}{near}`?"),
            None => format!("known are {}", self.known.join(", ")),
        };
        Err(Failed::unusable(
            format!("`{file}` has an unknown key `{prefix}{key}`"),
            &help,
        ))
    }
}

/// A value as a message names it.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => format!("{text:?}"),
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Boolean(is_on) => is_on.to_string(),
        Value::Datetime(time) => time.to_string(),
        Value::Array(items) => match items.iter().find(|item| !item.is_str()) {
            Some(Value::Array(_)) => "a list of lists".to_owned(),
            Some(item) => format!("a list with {}", shown(item)),
            None => "this list".to_owned(),
        },
        Value::Table(_) => "a table".to_owned(),
    }
}

fn switch(value: Value) -> Result<bool, &'static str> {
    value.as_bool().ok_or("`true` or `false`")
}

fn text(value: Value) -> Result<String, &'static str> {
    match value {
        Value::String(text) => Ok(text),
        _ => Err("a text"),
    }
}

fn count<T: TryFrom<i64>>(value: Value) -> Result<T, &'static str> {
    let number = value
        .as_integer()
        .and_then(|number| T::try_from(number).ok());
    number.ok_or("a number that is not negative")
}

fn seconds(value: Value) -> Result<Duration, &'static str> {
    let number = match value {
        Value::Integer(number) => number as f64,
        Value::Float(number) => number,
        _ => f64::NAN,
    };
    Duration::try_from_secs_f64(number).map_err(|_| "a number of seconds that is not negative")
}

fn texts<T: From<String>>(value: Value) -> Result<Vec<T>, &'static str> {
    const WANTED: &str = "a list of texts";
    let Value::Array(items) = value else {
        return Err(WANTED);
    };
    let items = items.into_iter().map(|item| text(item).map(T::from));
    items.collect::<Result<_, _>>().map_err(|_| WANTED)
}

fn names(value: Value) -> Result<Vec<String>, &'static str> {
    let names: Vec<String> = texts(value)?;
    match names.iter().all(|name| is_name(name)) {
        true => Ok(names),
        false => Err("a list of names as templates write them"),
    }
}

fn codes(value: Value) -> Result<Vec<Code>, &'static str> {
    let texts: Vec<String> = texts(value)?;
    let codes = texts.iter().map(|text| code(text));
    codes
        .collect::<Option<_>>()
        .ok_or("a list of codes such as `K-WARN-001`")
}

/// A code by its spelling.
pub(crate) fn code(text: &str) -> Option<Code> {
    Code::ALL.iter().copied().find(|code| code.as_str() == text)
}

fn aliases(value: Value) -> Result<BTreeMap<String, String>, &'static str> {
    const WANTED: &str = "a table from aliases to folders";
    let Value::Table(table) = value else {
        return Err(WANTED);
    };
    let entries = table
        .into_iter()
        .map(|(key, folder)| Ok((key, text(folder)?)));
    entries.collect::<Result<_, &str>>().map_err(|_| WANTED)
}

fn autoescape(value: Value) -> Result<AutoEscape, &'static str> {
    match value {
        Value::Boolean(is_on) => Some(AutoEscape::from(is_on)),
        Value::String(text) => AutoEscape::parse(&text).ok(),
        _ => None,
    }
    .ok_or("`true`, `false`, `\"html\"`, `\"markdown\"` or `\"terminal\"`")
}

fn keep(value: Value) -> Result<Keep, &'static str> {
    match value {
        Value::String(text) if !text.is_empty() => Ok(Keep::parse(&text)),
        _ => Err("a folder, `\"auto\"` or `\"off\"`"),
    }
}

fn warnings(value: Value) -> Result<Warnings, &'static str> {
    let choice = value.as_str().and_then(Warnings::parse);
    choice.ok_or("`\"off\"`, `\"collect\"` or `\"error\"`")
}
