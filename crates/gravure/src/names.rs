//! Names of templates: what was written in, the one name behind it out.
//!
//! White space goes, `\` becomes `/`, `@alias/` becomes its folder, `./` and
//! `../` start at the folder of the template that owns the tag. Nothing else
//! changes: `a//b.html` and `a/b.html` are two names. Pure: whether a name
//! exists is a question for a loader.

use crate::loader::not_found;
use gravure_value::Fault;
use std::{borrow::Cow, collections::BTreeMap};

/// The folder behind each alias, by the alias without its `@`.
pub type Aliases = BTreeMap<String, String>;

/// The normalized name. `caller` is the name of the template whose tag asks,
/// `None` when the host does.
///
/// # Errors
/// `K-TPL-001` for a name that cannot be one; whoever asked adds the place.
pub(crate) fn normalize<'n>(
    name: &'n str,
    caller: Option<&str>,
    aliases: &Aliases,
) -> Result<Cow<'n, str>, Fault> {
    let trimmed = name.trim_matches(is_space);
    let mut name = if trimmed.contains('\\') {
        Cow::Owned(trimmed.replace('\\', "/"))
    } else {
        Cow::Borrowed(trimmed)
    };
    if let Some(rest) = name.strip_prefix('@') {
        name = Cow::Owned(replace_alias(&name, rest, aliases)?);
    }
    if name.starts_with("./") || name.starts_with("../") {
        let Some(caller) = caller else {
            return Err(not_found(&name)
                .help("relative names work only inside tags, where a template asks"));
        };
        name = Cow::Owned(join(caller, &name)?);
    }
    if name.split('/').any(|segment| segment == "..") {
        return Err(not_found(&name).help("`..` is allowed only at the start of a relative name"));
    }
    Ok(name)
}

fn replace_alias(name: &str, rest: &str, aliases: &Aliases) -> Result<String, Fault> {
    let (alias, path) = match rest.split_once('/') {
        Some((alias, path)) => (alias, Some(path)),
        None => (rest, None),
    };
    let Some(folder) = aliases.get(alias) else {
        let known: Vec<String> = aliases.keys().map(|key| format!("`@{key}`")).collect();
        let fault = not_found(name);
        return Err(if known.is_empty() {
            fault.help(format!("there is no alias `@{alias}`: none is configured"))
        } else {
            fault.help(format!(
                "there is no alias `@{alias}`: configured are {}",
                known.join(", ")
            ))
        });
    };
    let folder = folder.trim_matches('/');
    Ok(match path {
        Some(path) => format!("{folder}/{path}"),
        None => folder.to_owned(),
    })
}

/// A relative name as seen from the folder of `caller`.
fn join(caller: &str, name: &str) -> Result<String, Fault> {
    let folder = caller.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut segments: Vec<&str> = Vec::new();
    for segment in folder.split('/').chain(name.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                if segments.pop().is_none() {
                    return Err(not_found(name).help(format!(
                        "seen from `{caller}`, the name escapes the template root"
                    )));
                }
            }
            segment => segments.push(segment),
        }
    }
    if segments.is_empty() {
        return Err(not_found(name).help(format!(
            "seen from `{caller}`, the name does not name a template"
        )));
    }
    Ok(segments.join("/"))
}

/// White space around a name: what Unicode says, and the four separators of
/// ASCII that text files of old used between records.
fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, caller: Option<&str>, expected: &str) {
        let aliases = [
            ("ui", "parts/ui"),
            ("lay", "/layouts/"),
            ("up", ".."),
            ("rel", "./sub"),
        ]
        .map(|(key, folder)| (key.to_owned(), folder.to_owned()))
        .into();
        let found = match normalize(name, caller, &aliases) {
            Ok(name) => name.into_owned(),
            Err(fault) => format!("! {fault} ({})", fault.help.join("; ")),
        };
        assert_eq!(found, expected, "{name:?} from {caller:?}");
    }

    #[test]
    fn plain_names_only_lose_white_space_and_backslashes() {
        check("a/b.html", None, "a/b.html");
        check("  a/b.html\n", None, "a/b.html");
        check("a\\b.html", None, "a/b.html");
        check("/a.html", None, "/a.html");
        check("a//b.html", None, "a//b.html");
        check("a/./b.html", Some("x/y"), "a/./b.html");
        check("", None, "");
        check(".", None, ".");
        check("...", None, "...");
        check("a/b.html", Some("x/y.html"), "a/b.html");
    }

    #[test]
    fn two_dots_are_no_name() {
        let help = "(`..` is allowed only at the start of a relative name)";
        check(
            "a/../b",
            None,
            &format!("! K-TPL-001: template `a/../b` not found {help}"),
        );
        check(
            "..",
            Some("a/b"),
            &format!("! K-TPL-001: template `..` not found {help}"),
        );
        check(
            "a\\..\\b",
            None,
            &format!("! K-TPL-001: template `a/../b` not found {help}"),
        );
    }

    #[test]
    fn relative_names_start_at_the_caller() {
        check("./b.html", Some("a/c.html"), "a/b.html");
        check("../../main.html", Some("a/d/e.html"), "main.html");
        check("./../c.html", Some("a/d/f.html"), "a/c.html");
        check(".//x.html", Some("main.html"), "x.html");
        check(".\\x.html", Some("p/main.html"), "p/x.html");
        check("./d/../x.html", Some("p/main.html"), "p/x.html");
        check(
            "../x.html",
            Some("main.html"),
            "! K-TPL-001: template `../x.html` not found \
             (seen from `main.html`, the name escapes the template root)",
        );
        check(
            "./.",
            Some("main.html"),
            "! K-TPL-001: template `./.` not found \
             (seen from `main.html`, the name does not name a template)",
        );
        check(
            "./x.html",
            None,
            "! K-TPL-001: template `./x.html` not found \
             (relative names work only inside tags, where a template asks)",
        );
    }

    #[test]
    fn aliases_are_replaced_once_and_before_the_relative_step() {
        check("@ui/card.html", None, "parts/ui/card.html");
        check("@lay/base.html", None, "layouts/base.html");
        check("@ui", None, "parts/ui");
        check(" @ui\\card.html", None, "parts/ui/card.html");
        check("@rel/x.html", Some("p/m.html"), "p/sub/x.html");
        check("a/@ui/x", None, "a/@ui/x");
        let known = "configured are `@lay`, `@rel`, `@ui`, `@up`";
        check(
            "@UI/card.html",
            None,
            &format!(
                "! K-TPL-001: template `@UI/card.html` not found (there is no alias `@UI`: {known})"
            ),
        );
        check(
            "@ui/../ui/card.html",
            None,
            "! K-TPL-001: template `parts/ui/../ui/card.html` not found \
             (`..` is allowed only at the start of a relative name)",
        );
    }
}
