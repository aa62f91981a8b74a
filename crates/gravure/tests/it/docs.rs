//! Every example of `docs/language` is run, and prints what the page says.
//!
//! ````text
//! ```json              the data; `json options` holds options instead
//! ```kida base.html    a template; without a name it is `main.html`
//! ```output            what it prints, or `error CODE at LINE`
//! ````
//!
//! Whatever a fence says behind its first word stands above it, too, where a
//! reader sees it: see [`caption`].
//!
//! An example ends with its `output`; further outputs right behind it are other
//! ways to render the same: `output block NAME`, `output stream`,
//! `output async`. `text` blocks are no examples. With `UPDATE=1` the outputs
//! are written anew, and nothing else is.

use crate::example::Example;
use gravure_value::{Native, NativeId, ParamKind, Surface};
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// The line that stands above a fence with such an info string, if any must.
pub(crate) fn caption(info: &str) -> Option<String> {
    let (kind, rest) = info.split_once(' ')?;
    Some(match (kind, rest.split_once(' ').unwrap_or((rest, ""))) {
        ("kida", _) => format!("`{rest}`:"),
        ("json", _) => "With the options".to_owned(),
        (_, ("block", name)) => format!("The block `{name}` alone:"),
        (_, ("async", _)) => "Rendered asynchronously:".to_owned(),
        (_, ("stream", _)) => "In pieces:".to_owned(),
        _ => format!("({rest}):"),
    })
}

/// A fenced block: its info string, where its fence stands, its text.
struct Fence {
    info: String,
    /// Index of the opening line.
    open: usize,
    /// Index of the closing line.
    close: usize,
    body: String,
    /// The last line with text before it.
    above: String,
}

/// What a page did wrong, and how many examples it has.
#[derive(Default)]
struct Checked {
    n_examples: usize,
    n_outputs: usize,
    wrong: Vec<String>,
    /// The lines that each output should have, by the indexes of its fence.
    updates: Vec<(usize, usize, String)>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/language")
}

/// All fences of a page, or the line of one that is never closed.
fn fences(page: &str) -> Result<Vec<Fence>, usize> {
    let lines: Vec<&str> = page.lines().collect();
    let mut fences = Vec::new();
    let mut idx = 0;
    while let Some(line) = lines.get(idx) {
        let ticks = line.len() - line.trim_start_matches('`').len();
        if ticks < 3 {
            idx += 1;
            continue;
        }
        let closer = &line[..ticks];
        let n_body = lines[idx + 1..].iter().position(|line| *line == closer);
        let close = idx + 1 + n_body.ok_or(idx + 1)?;
        fences.push(Fence {
            info: line[ticks..].trim().to_owned(),
            open: idx,
            close,
            body: lines[idx + 1..close].join("\n"),
            above: lines[..idx]
                .iter()
                .rfind(|line| !line.is_empty())
                .map_or("", |line| line)
                .to_owned(),
        });
        idx = close + 1;
    }
    Ok(fences)
}

/// Run all examples of a page.
fn check(page: &str) -> Checked {
    let mut checked = Checked::default();
    let fences = match fences(page) {
        Ok(fences) => fences,
        Err(line) => {
            checked
                .wrong
                .push(format!("{line}: the fence is never closed"));
            return checked;
        }
    };
    let mut example = Example::default();
    let mut has_output = false;
    let mut begun = None;
    for fence in &fences {
        let line = fence.open + 1;
        let (kind, rest) = fence.info.split_once(' ').unwrap_or((&fence.info, ""));
        if kind == "text" {
            continue;
        }
        if let Some(caption) = caption(&fence.info)
            && caption != fence.above
        {
            checked
                .wrong
                .push(format!("{line}: `{caption}` does not stand above"));
        }
        if has_output && kind != "output" {
            example = Example::default();
            has_output = false;
        }
        if matches!(kind, "kida" | "json") {
            begun = Some(line);
        }
        match kind {
            "kida" => {
                let name = if rest.is_empty() { "main.html" } else { rest };
                if example.templates.iter().any(|(known, _)| known == name) {
                    let problem = format!("{line}: `{name}` comes twice without an output between");
                    checked.wrong.push(problem);
                }
                example
                    .templates
                    .push((name.to_owned(), fence.body.clone()));
            }
            "json" => match serde_json::from_str(&fence.body) {
                Ok(serde_json::Value::Object(map)) if rest == "options" => example.options = map,
                Ok(data) if rest.is_empty() => example.context = Some(data),
                Ok(_) => checked.wrong.push(format!("{line}: these are no options")),
                Err(error) => checked.wrong.push(format!("{line}: no JSON: {error}")),
            },
            "output" if example.templates.is_empty() => {
                checked
                    .wrong
                    .push(format!("{line}: an output without a template"));
                has_output = true;
            }
            "output" => {
                checked.n_examples += usize::from(!has_output);
                checked.n_outputs += 1;
                has_output = true;
                let shown = example.shown(rest);
                if shown != fence.body {
                    let problem = format!(
                        "{line}: the page says\n{}\n  but it prints\n{shown}",
                        fence.body
                    );
                    checked.wrong.push(problem);
                    checked.updates.push((fence.open, fence.close, shown));
                }
            }
            _ => checked
                .wrong
                .push(format!("{line}: blocks of `{kind}` are not known")),
        }
    }
    if let (Some(line), false) = (begun, has_output) {
        checked
            .wrong
            .push(format!("{line}: an example without an output"));
    }
    checked
}

/// The page with its outputs as they are.
fn updated(page: &str, updates: &[(usize, usize, String)]) -> String {
    let lines: Vec<&str> = page.lines().collect();
    let mut out = String::new();
    let mut next = 0;
    let mut push = |lines: &[&str]| lines.iter().for_each(|line| out += &format!("{line}\n"));
    for (open, close, shown) in updates {
        push(&lines[next..=*open]);
        push(&if shown.is_empty() {
            Vec::new()
        } else {
            shown.split('\n').collect()
        });
        next = *close;
    }
    push(&lines[next..]);
    out
}

/// The pages, in order of their names.
fn pages() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("docs/language exists");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut pages: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|extension| extension == "md"))
        .collect();
    pages.sort();
    pages
}

fn name(path: &Path) -> &str {
    path.file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
}

#[test]
fn every_example_prints_what_its_page_says() {
    let is_update = env::var_os("UPDATE").is_some();
    let mut report = String::new();
    let mut n_wrong = 0;
    let mut n_examples = 0;
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a readable page");
        let mut checked = check(&page);
        if is_update && !checked.updates.is_empty() {
            fs::write(&path, updated(&page, &checked.updates)).expect("a writable page");
            checked = check(&fs::read_to_string(&path).expect("a readable page"));
        }
        n_examples += checked.n_examples;
        n_wrong += checked.wrong.len();
        report += &format!(
            "{}: {} examples, {} outputs, {} wrong\n",
            name(&path),
            checked.n_examples,
            checked.n_outputs,
            checked.wrong.len()
        );
        for problem in checked.wrong {
            report += &format!("  {}:{problem}\n", name(&path));
        }
    }
    assert!(n_wrong == 0, "{n_wrong} of {n_examples} examples\n{report}");
    assert!(
        n_examples > 200,
        "only {n_examples} examples were found\n{report}"
    );
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(folder().join("README.md")).expect("an index");
    for path in pages() {
        let name = name(&path);
        assert!(
            name == "README.md" || index.contains(&format!("({name})")),
            "{name}"
        );
    }
}

#[test]
fn links_lead_somewhere() {
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a readable page");
        let links = page
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| link.contains(".md") || link.starts_with('#')) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                path.clone()
            } else {
                folder().join(file)
            };
            let Ok(target) = fs::read_to_string(target) else {
                panic!("{} links to {link}", name(&path));
            };
            let mut anchors = target.lines().filter_map(anchor_of);
            let is_there = anchor.is_empty() || anchors.any(|it| it == anchor);
            assert!(is_there, "{} links to {link}", name(&path));
        }
    }
}

/// What the tables of a page lack of a native: its name, or a parameter that
/// can be given by name.
fn missing(page: &str, name: &str, native: Option<&Native>) -> Option<String> {
    let (call, word) = (format!("`{name}("), format!("`{name}`"));
    let rows = page.lines().filter(|line| line.starts_with('|'));
    let rows = rows.filter(|row| row.contains(&call) || row.contains(&word));
    let mut problem = Some(format!("{name} is in no table"));
    for row in rows {
        // Another name for the same is written without its parameters.
        let shown: Vec<_> = row.split(&call).skip(1).collect();
        let params = native.map_or(&[][..], |native| &native.params.list);
        let mut params = params
            .iter()
            .filter(|param| !shown.is_empty() && is_named(param.kind));
        let lost = params.find(|param| !shown.iter().any(|text| text.contains(param.name)));
        problem = lost.map(|param| format!("{name} has a parameter {}", param.name));
        if problem.is_none() {
            break;
        }
    }
    problem
}

fn is_named(kind: ParamKind) -> bool {
    !matches!(kind, ParamKind::Positional | ParamKind::OptionalPositional)
}

#[test]
fn the_catalogs_are_complete() {
    let page = |name| fs::read_to_string(folder().join(name)).expect("a readable page");
    let registry = gravure_builtins::registry();
    let native = |id: Option<NativeId>| {
        id.and_then(|id| registry.native(id))
            .map(|native| &**native)
    };
    let (filters, tests, functions, surfaces) = (
        page("filters.md"),
        page("tests.md"),
        page("functions.md"),
        page("escaping-and-surfaces.md"),
    );
    let mut lost = Vec::new();
    for name in registry.filter_names() {
        lost.extend(missing(&filters, name, native(registry.filter(name))));
    }
    for name in registry
        .predicate_names()
        .into_iter()
        .filter(|name| *name != "in")
    {
        lost.extend(missing(&tests, name, native(registry.predicate(name))));
    }
    for name in registry.function_names() {
        lost.extend(missing(&functions, name, native(registry.function(name))));
    }
    for surface in [Surface::Markdown, Surface::Terminal] {
        for name in registry.filter_names_on(surface) {
            let id = registry.filter_on(surface, name);
            if id != registry.filter(name) {
                lost.extend(missing(&surfaces, name, native(id)));
            }
        }
    }
    assert!(lost.is_empty(), "{}", lost.join("\n"));
}

/// How a heading is linked to.
fn anchor_of(line: &str) -> Option<String> {
    let heading = line
        .strip_prefix('#')?
        .trim_start_matches('#')
        .strip_prefix(' ')?;
    let kept = heading
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    Some(kept.collect::<String>().to_lowercase().replace(' ', "-"))
}

#[test]
fn pages_that_say_nothing_are_noticed() {
    for (page, problem) in [
        ("```kida\nx\n```\n", "an example without an output"),
        ("```json\n{}\n```\n", "an example without an output"),
        ("```output\nx\n```\n", "an output without a template"),
        (
            "```kida\nx\n```\n```kida\ny\n```\n```output\ny\n```\n",
            "comes twice",
        ),
        ("```kida\nx\n", "never closed"),
        ("```html\nx\n```\n", "not known"),
        (
            "```kida a.html\nx\n```\n```output\nx\n```\n",
            "does not stand above",
        ),
        (
            "```kida\n{{ 1 + 1 }}\n```\n```output\n3\n```\n",
            "it prints\n2",
        ),
        (
            "```kida\n\n{{ q }}\n```\n```output\nerror K-RUN-001 at 1\n```\n",
            "K-RUN-001 at 2",
        ),
    ] {
        let wrong = check(page).wrong;
        assert!(
            wrong.len() == 1 && wrong[0].contains(problem),
            "{page}: {wrong:?}"
        );
    }
}

#[test]
fn an_update_writes_outputs_only() {
    let page =
        "a\n```kida\n{{ 1 }}\n\n```\n```output\n```\nb\n```kida\n```\n```output\nx\n```\nc\n";
    let fresh = updated(page, &check(page).updates);
    let expected =
        "a\n```kida\n{{ 1 }}\n\n```\n```output\n1\n\n```\nb\n```kida\n```\n```output\n```\nc\n";
    assert_eq!(fresh, expected);
    assert!(check(&fresh).wrong.is_empty());
}
