//! The data of a render: a file or standard input, and values from `--set`.
//!
//! JSON is read exactly: integers of any size, floats as floats, keys in order.

use crate::failure::Failed;
use gravure::Context;
use gravure_testkit::{Data, parse_data, parse_tree, tree_of};
use std::{
    fs,
    io::{self, Read as _},
    path::Path,
    str,
    sync::Arc,
};

/// Read the data of a render.
pub(crate) fn read(file: Option<&Path>, sets: &[String]) -> Result<Context, Failed> {
    let loaded = file.map(load).transpose()?;
    // A map of JSON that nothing is put into is a context as it stands.
    if let (
        Some(Loaded {
            kind: Kind::Json,
            text,
            ..
        }),
        [],
    ) = (&loaded, sets)
        && let Ok(tree) = parse_tree(text)
        && let Ok(context) = Context::from_tree(tree)
    {
        return Ok(context);
    }
    let data = with_sets(loaded.as_ref(), sets)?;
    Context::from_tree(tree_of(&data))
        .map_err(|error| Failed::unusable(error.to_string(), "name a file with a map"))
}

/// How many maps the dots of a key may go through: as many levels as data in
/// a file may have.
const DEEPEST: usize = 128;

/// The data of a file, with what the command line puts into it.
fn with_sets(loaded: Option<&Loaded>, sets: &[String]) -> Result<Data<'static>, Failed> {
    let mut data = match loaded {
        None => Data::Object(Arc::new(Vec::new())),
        Some(loaded) => parsed(loaded)?,
    };
    if !matches!(data, Data::Object(_)) {
        data = Data::Object(Arc::new(vec![("data".into(), data)]));
    }
    for set in sets {
        let Some((key, value)) = set.split_once('=') else {
            return Err(Failed::unusable(
                format!("`--set {set}` has no value"),
                "write `--set KEY=VALUE`",
            ));
        };
        if key.split('.').any(str::is_empty) {
            return Err(Failed::unusable(
                format!("`--set {set}` has an empty key"),
                "write `--set KEY=VALUE`, or `--set MAP.KEY=VALUE`",
            ));
        }
        if key.split('.').count() > DEEPEST {
            return Err(Failed::unusable(
                format!("a key of `--set` goes through more than {DEEPEST} maps"),
                "write `--set KEY=VALUE`, or `--set MAP.KEY=VALUE`",
            ));
        }
        let value = parse_data(value).unwrap_or_else(|_| Data::Str(value.to_owned().into()));
        put(&mut data, key, value);
    }
    Ok(data)
}

/// A file of data, not yet understood.
struct Loaded {
    /// What it is called in messages.
    name: String,
    kind: Kind,
    text: String,
}

enum Kind {
    Json,
    Toml,
    Yaml,
}

fn load(path: &Path) -> Result<Loaded, Failed> {
    let shown = path.display();
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(|error| {
                Failed::unusable(
                    format!("standard input cannot be read: {error}"),
                    "pipe JSON in, or name a file",
                )
            })?;
        let name = "standard input".to_owned();
        let text = text_of(bytes, &name)?;
        let kind = Kind::Json;
        return Ok(Loaded { name, kind, text });
    }
    let extension = path
        .extension()
        .and_then(|extension| extension.to_str())
        .unwrap_or("")
        .to_ascii_lowercase();
    let kind = match &*extension {
        "json" => Kind::Json,
        "toml" => Kind::Toml,
        "yaml" | "yml" => Kind::Yaml,
        _ => {
            return Err(Failed::unusable(
                format!("the data file `{shown}` is of no known kind"),
                "name a file that ends in .json, .yaml, .yml or .toml, or `-` for JSON on standard input",
            ));
        }
    };
    let bytes = fs::read(path).map_err(|error| {
        let help = match error.kind() {
            io::ErrorKind::NotFound => "check the path after `--data`",
            _ => "name a file that can be read",
        };
        Failed::unusable(
            format!("the data file `{shown}` cannot be read: {error}"),
            help,
        )
    })?;
    let name = format!("the data file `{shown}`");
    let text = text_of(bytes, &name)?;
    Ok(Loaded { name, kind, text })
}

fn parsed(loaded: &Loaded) -> Result<Data<'static>, Failed> {
    let Loaded { name, kind, text } = loaded;
    match kind {
        Kind::Json => parse_data(text).map_err(|error| {
            Failed::unusable(format!("{name} is no JSON: {error}"), "correct it there")
        }),
        Kind::Toml => match text.parse::<toml::Table>() {
            Ok(table) => Ok(from_toml(toml::Value::Table(table))),
            Err(error) => Err(Failed::unusable(
                format!("{name} is no TOML: {}", toml_problem(text, &error)),
                "correct the file",
            )),
        },
        Kind::Yaml => match serde_norway::from_str::<serde_norway::Value>(text) {
            Ok(value) => Ok(from_yaml(value)),
            Err(error) => Err(Failed::unusable(
                format!("{name} is no YAML: {error}"),
                "correct the file",
            )),
        },
    }
}

/// What is wrong with a text of TOML, and on which line.
pub(crate) fn toml_problem(text: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim_end();
    match error.span().and_then(|span| text.get(..span.start)) {
        Some(before) => format!("{message} (line {})", before.matches('\n').count() + 1),
        None => message.to_owned(),
    }
}

fn text_of(bytes: Vec<u8>, name: &str) -> Result<String, Failed> {
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        Failed::unusable(
            format!("{name} is no UTF-8 at byte {at}"),
            "save it as UTF-8",
        )
    })?;
    Ok(match text.strip_prefix('\u{feff}') {
        Some(body) => body.to_owned(),
        None => text,
    })
}

/// Put a value under a dotted key; maps on the way come into being.
fn put(data: &mut Data<'static>, key: &str, value: Data<'static>) {
    let mut place = data;
    for segment in key.split('.') {
        if !matches!(place, Data::Object(_)) {
            *place = Data::Object(Arc::new(Vec::new()));
        }
        let Data::Object(entries) = place else {
            return;
        };
        let entries = Arc::make_mut(entries);
        let idx = match entries.iter().rposition(|(name, _)| name == segment) {
            Some(idx) => idx,
            None => {
                entries.push((segment.to_owned().into(), Data::Null));
                entries.len() - 1
            }
        };
        let Some((_, next)) = entries.get_mut(idx) else {
            return;
        };
        place = next;
    }
    *place = value;
}

/// Recurses as deep as the file is nested, which its reader bounds to 128.
fn from_yaml(value: serde_norway::Value) -> Data<'static> {
    use serde_norway::Value;
    match value {
        Value::Null => Data::Null,
        Value::Bool(it) => Data::Bool(it),
        Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(it), _) => Data::Int(it),
            (None, Some(it)) => parse_data(&it.to_string()).unwrap_or(Data::Null),
            (None, None) => Data::Float(number.as_f64().unwrap_or(f64::NAN)),
        },
        Value::String(text) => Data::Str(text.into()),
        Value::Sequence(items) => Data::Array(Arc::new(items.into_iter().map(from_yaml).collect())),
        Value::Mapping(entries) => {
            let entries = entries.into_iter().map(|(key, value)| {
                let key = match from_yaml(key) {
                    Data::Str(text) => text,
                    other => key_text(&other).into(),
                };
                (key, from_yaml(value))
            });
            Data::Object(Arc::new(entries.collect()))
        }
        Value::Tagged(tagged) => from_yaml(tagged.value),
    }
}

/// A key that is no text, as text.
fn key_text(key: &Data<'_>) -> String {
    match key {
        Data::Bool(it) => it.to_string(),
        Data::Int(it) => it.to_string(),
        Data::BigInt(it) => it.to_string(),
        Data::Float(it) => it.to_string(),
        _ => "null".to_owned(),
    }
}

/// Recurses as deep as the file is nested, which its reader bounds.
fn from_toml(value: toml::Value) -> Data<'static> {
    use toml::Value;
    match value {
        Value::String(text) => Data::Str(text.into()),
        Value::Integer(it) => Data::Int(it),
        Value::Float(it) => Data::Float(it),
        Value::Boolean(it) => Data::Bool(it),
        Value::Datetime(it) => Data::Str(it.to_string().into()),
        Value::Array(items) => Data::Array(Arc::new(items.into_iter().map(from_toml).collect())),
        Value::Table(table) => {
            let entries = table
                .into_iter()
                .map(|(key, value)| (key.into(), from_toml(value)));
            Data::Object(Arc::new(entries.collect()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn show(data: &Data<'_>) -> String {
        match data {
            Data::Null => "null".to_owned(),
            Data::Str(text) => format!("{text:?}"),
            Data::Array(items) => {
                let items: Vec<String> = items.iter().map(show).collect();
                format!("[{}]", items.join(", "))
            }
            Data::Object(entries) => {
                let entries: Vec<String> = entries
                    .iter()
                    .map(|(key, value)| format!("{key}: {}", show(value)))
                    .collect();
                format!("{{{}}}", entries.join(", "))
            }
            Data::Float(it) => format!("{it:?}"),
            other => key_text(other),
        }
    }

    fn with_file(extension: &str, text: &[u8], sets: &[&str]) -> String {
        let name = format!("gravure-data-{}-{extension}", std::process::id());
        let unique = format!("{name}-{:x}.{extension}", text.len() * 31 + sets.len());
        let path = std::env::temp_dir().join(unique);
        fs::write(&path, text).unwrap();
        let sets: Vec<String> = sets.iter().map(|set| (*set).to_owned()).collect();
        let data = load(&path).and_then(|loaded| with_sets(Some(&loaded), &sets));
        let context = read(Some(&path), &sets);
        fs::remove_file(&path).unwrap();
        assert_eq!(context.is_ok(), data.is_ok());
        match data {
            Ok(data) => {
                let tree = context.map(|context| format!("{:?}", context.tree()));
                assert_eq!(tree.ok(), Some(format!("{:?}", tree_of(&data))));
                show(&data)
            }
            Err(failed) => failed
                .parts()
                .1
                .replace(&path.display().to_string(), "FILE"),
        }
    }

    #[test]
    fn each_kind_of_file_gives_the_same() {
        let wanted = r#"{a: 1, b: [1.0, true, "x"], c: {d: 18446744073709551615}}"#;
        let json = br#"{"a": 1, "b": [1.0, true, "x"], "c": {"d": 18446744073709551615}}"#;
        assert_eq!(with_file("json", json, &[]), wanted);
        let yaml = b"a: 1\nb: [1.0, true, x]\nc:\n  d: 18446744073709551615\n";
        assert_eq!(with_file("yml", yaml, &[]), wanted);
        let toml = b"a = 1\nb = [1.0, true, \"x\"]\n[c]\nd = 2024-01-02\n";
        let wanted = r#"{a: 1, b: [1.0, true, "x"], c: {d: "2024-01-02"}}"#;
        assert_eq!(with_file("toml", toml, &[]), wanted);
    }

    #[test]
    fn keys_of_yaml_become_text() {
        assert_eq!(
            with_file("yaml", b"1: a\ntrue: b\nnull: c\n", &[]),
            r#"{1: "a", true: "b", null: "c"}"#
        );
    }

    #[test]
    fn what_is_no_map_is_called_data() {
        assert_eq!(with_file("json", b"\xef\xbb\xbf[1]", &[]), "{data: [1]}");
    }

    #[test]
    fn set_values_go_over_the_file_s() {
        assert_eq!(
            with_file(
                "json",
                br#"{"a": {"b": 1}, "z": 0}"#,
                &["a.c=[2]", "z.y=text", "n=", "s=\"q\""]
            ),
            r#"{a: {b: 1, c: [2]}, z: {y: "text"}, n: "", s: "q"}"#
        );
    }

    #[test]
    fn what_cannot_be_used_is_told_in_one_message() {
        assert!(
            with_file("json", b"{", &[]).starts_with("error: the data file `FILE` is no JSON: ")
        );
        assert!(
            with_file("yaml", b"a: [", &[]).starts_with("error: the data file `FILE` is no YAML: ")
        );
        assert!(
            with_file("toml", b"a", &[]).starts_with("error: the data file `FILE` is no TOML: ")
        );
        assert_eq!(
            with_file("json", b"\"\xff\"", &[]),
            "error: the data file `FILE` is no UTF-8 at byte 1\n  help: save it as UTF-8"
        );
        assert!(with_file("txt", b"", &[]).contains("is of no known kind"));
        assert!(with_file("json", b"{}", &["novalue"]).contains("has no value"));
        assert!(with_file("json", b"{}", &["a..b=1"]).contains("has an empty key"));
        let deep = format!("a{}=1", ".a".repeat(60_000));
        assert!(with_file("json", b"{}", &[&deep]).contains("more than 128 maps"));
        let missing = read(Some(Path::new("no/such/file.json")), &[]).unwrap_err();
        assert_eq!(missing.parts().0, 2);
        assert!(missing.parts().1.contains("check the path after `--data`"));
    }
}
