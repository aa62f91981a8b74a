//! Every example of `docs/language` is run, and prints what the page says.
//!
//! ````text
//! ```json              the data; `json options` holds options instead
//! ```kida base.html    a template; without a name it is `main.html`
//! ```output            what it prints, or `error CODE at LINE`
//! ````
//!
//! An example ends with its `output`; further outputs right behind it are other
//! ways to render the same: `output block NAME`, `output stream`,
//! `output async`. `text` blocks are no examples. With `UPDATE=1` the outputs
//! are written anew, and nothing else is.

use crate::example::Example;
use std::{
    env, fs,
    path::{Path, PathBuf},
};

/// A fenced block: its info string, where its fence stands, its text.
struct Fence {
    info: String,
    /// Index of the opening line.
    open: usize,
    /// Index of the closing line.
    close: usize,
    body: String,
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
            checked.wrong.push(format!("{line}: the fence is never closed"));
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
                example.templates.push((name.to_owned(), fence.body.clone()));
            }
            "json" => match serde_json::from_str(&fence.body) {
                Ok(serde_json::Value::Object(map)) if rest == "options" => example.options = map,
                Ok(data) if rest.is_empty() => example.context = Some(data),
                Ok(_) => checked.wrong.push(format!("{line}: these are no options")),
                Err(error) => checked.wrong.push(format!("{line}: no JSON: {error}")),
            },
            "output" if example.templates.is_empty() => {
                checked.wrong.push(format!("{line}: an output without a template"));
                has_output = true;
            }
            "output" => {
                checked.n_examples += usize::from(!has_output);
                checked.n_outputs += 1;
                has_output = true;
                let shown = example.shown(rest);
                if shown != fence.body {
                    let problem = format!("{line}: the page says\n{}\n  but it prints\n{shown}", fence.body);
                    checked.wrong.push(problem);
                    checked.updates.push((fence.open, fence.close, shown));
                }
            }
            _ => checked.wrong.push(format!("{line}: blocks of `{kind}` are not known")),
        }
    }
    if let (Some(line), false) = (begun, has_output) {
        checked.wrong.push(format!("{line}: an example without an output"));
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
        push(&if shown.is_empty() { Vec::new() } else { shown.split('\n').collect() });
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
    path.file_name().and_then(|name| name.to_str()).expect("a name")
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
    assert!(n_examples > 200, "only {n_examples} examples were found\n{report}");
}

#[test]
fn the_index_names_every_page() {
    let index = fs::read_to_string(folder().join("README.md")).expect("an index");
    for path in pages() {
        let name = name(&path);
        assert!(name == "README.md" || index.contains(&format!("({name})")), "{name}");
    }
}

#[test]
fn links_lead_somewhere() {
    for path in pages() {
        let page = fs::read_to_string(&path).expect("a readable page");
        let links = page.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| link.contains(".md")) {
            let file = link.split('#').next().unwrap_or(link);
            assert!(folder().join(file).is_file(), "{} links to {link}", name(&path));
        }
    }
}

#[test]
fn pages_that_say_nothing_are_noticed() {
    for (page, problem) in [
        ("```kida\nx\n```\n", "an example without an output"),
        ("```json\n{}\n```\n", "an example without an output"),
        ("```output\nx\n```\n", "an output without a template"),
        ("```kida\nx\n```\n```kida\ny\n```\n```output\ny\n```\n", "comes twice"),
        ("```kida\nx\n", "never closed"),
        ("```html\nx\n```\n", "not known"),
        ("```kida\n{{ 1 + 1 }}\n```\n```output\n3\n```\n", "it prints\n2"),
        ("```kida\n\n{{ q }}\n```\n```output\nerror K-RUN-001 at 1\n```\n", "K-RUN-001 at 2"),
    ] {
        let wrong = check(page).wrong;
        assert!(wrong.len() == 1 && wrong[0].contains(problem), "{page}: {wrong:?}");
    }
}

#[test]
fn an_update_writes_outputs_only() {
    let page = "a\n```kida\n{{ 1 }}\n\n```\n```output\n```\nb\n```kida\n```\n```output\nx\n```\nc\n";
    let fresh = updated(page, &check(page).updates);
    let expected = "a\n```kida\n{{ 1 }}\n\n```\n```output\n1\n\n```\nb\n```kida\n```\n```output\n```\nc\n";
    assert_eq!(fresh, expected);
    assert!(check(&fresh).wrong.is_empty());
}
