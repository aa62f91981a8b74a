//! Every construct within itself: as deep as the limits let it, and far
//! deeper, closed and not. All on a stack of 128 KiB.

use gravure::{Code, Environment, Error, Options, context, loader::MapLoader};
use std::{sync::Arc, thread};

const STACK: usize = 128 << 10;

/// Brackets, blocks and prefixes that any construct may have around it: some
/// take two or three for one of theirs.
const WITHIN: usize = 60;

const BEYOND: usize = 3_000;

/// One construct: its name, its beginning, its end. `#` is the number of the
/// level.
type Shape = (&'static str, &'static str, &'static str);

/// Tags around tags; in the middle stands text.
const TAGS: &[Shape] = &[
    ("if", "{% if n %}", "{% end %}"),
    ("else", "{% if not n %}{% else %}", "{% end %}"),
    ("elif", "{% if not n %}{% elif n %}", "{% end %}"),
    ("unless", "{% unless not n %}", "{% end %}"),
    ("for", "{% for a# in [1] %}", "{% end %}"),
    ("for with two", "{% for a#, b# in [[1, 2]] %}", "{% end %}"),
    ("for, of a range", "{% for a# in 1..1 %}", "{% end %}"),
    ("empty", "{% for a# in [] %}{% empty %}", "{% end %}"),
    ("while", "{% while n %}", "{% break %}{% end %}"),
    ("with", "{% with a# = n %}", "{% end %}"),
    ("with as", "{% with n as a# %}", "{% end %}"),
    (
        "match",
        "{% match n %}{% case 2 %}{% case 1 %}",
        "{% end %}",
    ),
    ("case", "{% match n %}{% case a# if a# %}", "{% end %}"),
    ("try", "{% try %}", "{% fallback %}{% end %}"),
    (
        "fallback",
        "{% try %}{{ nobody# }}{% fallback e# %}",
        "{% end %}",
    ),
    ("capture", "{% capture c %}", "{% end %}{{ c }}"),
    ("spaceless", "{% spaceless %}", "{% end %}"),
    ("filter", "{% filter lower %}", "{% end %}"),
    ("provide", "{% provide p = n %}", "{% end %}"),
    ("cache", "{% cache 'k#' %}", "{% end %}"),
    ("def", "{% def f#() %}", "{% end %}{{ f#() }}"),
    ("region", "{% region r#() %}", "{% end %}{{ r#() }}"),
    ("call", "{% call f0() %}", "{% end %}"),
    (
        "call with slot",
        "{% call f0() %}{% slot %}",
        "{% end %}{% end %}",
    ),
    ("block", "{% block b# %}", "{% end %}"),
    ("fragment", "{% fragment g# %}", "{% end %}"),
    ("push", "{% push 's' %}", "{% end %}{% stack 's' %}"),
    (
        "embed",
        "{% embed 'part' %}{% block p %}",
        "{% end %}{% end %}",
    ),
    ("slot", "{% def s#() %}{% slot %}", "{% end %}{{ s#() }}"),
    ("comment", "{# a #}{% if n %}", "{# b #}{% end %}"),
];

/// Expressions around expressions; in the middle stands `n`, which is 1.
const EXPRESSIONS: &[Shape] = &[
    ("parentheses", "(", ")"),
    ("tuple", "(", ",)"),
    ("list", "[", "]"),
    ("dict", "{'a': ", " }"),
    ("key", "{[", "] | length: 1 }"),
    ("call", "str(", ")"),
    ("named argument", "dict(a=", ")"),
    ("subscript", "{1: 1 }[", "]"),
    ("optional subscript", "{1: 1 }?[", "]"),
    ("slice", "'ab'[:(", ") and 2]"),
    ("filter's argument", "'' | default(", ", true)"),
    ("test's argument", "1 if n is sameas(", ") else n"),
    ("method's argument", "'ab'.replace('c', str(", "))"),
    ("comprehension", "[a# for a# in [", "]]"),
    ("comprehension's source", "[1 for a# in [", "]]"),
    ("condition of one", "[1 for a# in [1] if [", "]]"),
    ("then", "(", ") if n else 0"),
    ("condition", "1 if (", ") else 0"),
    ("else", "0 if not n else (", ")"),
    ("not", "not ", ""),
    ("minus", "- ", ""),
    ("plus", "+ ", ""),
    ("power", "1 ** ", ""),
    ("coalesce", "none ?? (", ")"),
    ("plus, to the right", "0 + (", ")"),
    ("minus, to the right", "0 - (", ")"),
    ("times", "1 * (", ")"),
    ("over", "1 / (", ")"),
    ("floor", "1 // (", ")"),
    ("rest", "3 % (", " + 1)"),
    ("join", "'a' ~ (", ")"),
    ("and", "1 and (", ")"),
    ("or", "0 or (", ")"),
    ("equal", "1 == (", ")"),
    ("different", "2 != (", ")"),
    ("less", "0 < (", ")"),
    ("less or equal", "0 <= (", ")"),
    ("more", "3 > (", ")"),
    ("more or equal", "3 >= (", ")"),
    ("in", "1 in [", "]"),
    ("not in", "2 not in [", "]"),
    ("same", "1 is (", ")"),
    ("range", "[(1..1), ", "]"),
    ("text in text", "['}}', '%}', \"#}\", ", "]"),
];

fn repeated(part: &str, levels: impl Iterator<Item = usize>) -> String {
    levels
        .map(|level| part.replace('#', &level.to_string()))
        .collect()
}

fn nested((_, open, close): Shape, middle: &str, n: usize) -> String {
    let before = repeated(open, 0..n);
    let after = repeated(close, (0..n).rev());
    format!("{before}{middle}{after}")
}

/// What is around all of them: something to call.
fn page(body: &str) -> String {
    format!("{{% def f0() %}}{{% slot %}}{{% end %}}{body}")
}

fn render(source: String) -> Result<String, Error> {
    let small = thread::Builder::new().stack_size(STACK);
    let thread = small.spawn(move || {
        let part = ("part", "{% block p %}{% end %}");
        let environment = Environment::with_options(Options {
            loader: Some(Arc::new(MapLoader::from([part]))),
            ..Options::default()
        })?;
        environment
            .from_string(&source)?
            .render(&context! { n => 1 })
    });
    thread.unwrap().join().expect("the thread survives")
}

/// It is refused before anything runs.
fn is_refused(source: String, what: &str) {
    let code = match render(source) {
        Err(error) => error.code(),
        Ok(page) => panic!("{what} gives {} bytes", page.len()),
    };
    let area = code.as_str().get(..5);
    assert!(
        matches!(area, Some("K-PAR" | "K-LEX" | "K-TPL")),
        "{what}: {code}"
    );
}

#[test]
fn every_tag_in_itself() {
    let mut wrong = Vec::new();
    for &shape in TAGS {
        let name = shape.0;
        // A fragment is rendered alone, and nothing in a page.
        let is_shown = |page: &str| name == "fragment" || page.contains('x');
        match render(page(&nested(shape, "x", WITHIN))) {
            Ok(page) if is_shown(&page) => {}
            // Each level calls what holds the next.
            Err(error) if matches!(error.code(), Code::RunDepth | Code::RunCallDepth) => {
                match render(page(&nested(shape, "x", 9))) {
                    Ok(page) if is_shown(&page) => {}
                    other => wrong.push(format!("{name}, 9 deep: {other:?}")),
                }
            }
            other => wrong.push(format!("{name}: {other:?}")),
        }
        let code = render(nested(shape, "x", BEYOND)).expect_err(name).code();
        if !matches!(code, Code::ParNesting | Code::LexTooLong) {
            wrong.push(format!("{name}, far too deep: {code}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_tag_without_its_end_and_every_end_without_its_tag() {
    for &(name, open, close) in TAGS {
        for n in [1, WITHIN, BEYOND] {
            is_refused(repeated(open, 0..n), name);
            is_refused(page(&(repeated(open, 0..n) + "x")), name);
        }
        // One end too many, and one too few.
        for (opened, closed) in [(3, 4), (4, 3), (0, 1), (0, BEYOND)] {
            let source = repeated(open, 0..opened) + &repeated(close, (0..closed).rev());
            is_refused(source, name);
        }
    }
}

#[test]
fn tags_that_cross_each_other() {
    for &(one, open, _) in TAGS {
        for &(other, within, _) in TAGS {
            let crossed = format!("{open}{within}x{{% endraw %}}");
            is_refused(crossed, &format!("{one} and {other}"));
        }
    }
}

#[test]
fn every_expression_in_itself() {
    let mut wrong = Vec::new();
    for &shape in EXPRESSIONS {
        let name = shape.0;
        let printed = |n| format!("{{{{ {} }}}}", nested(shape, "n", n));
        for n in [1, 2, WITHIN] {
            match render(printed(n)) {
                Ok(page) if !page.is_empty() => {}
                other => wrong.push(format!("{name}, {n} deep: {other:?}")),
            }
        }
        let code = render(printed(BEYOND)).expect_err(name).code();
        if !matches!(code, Code::ParNesting | Code::LexTooLong) {
            wrong.push(format!("{name}, far too deep: {code}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_expression_without_its_end_and_every_end_alone() {
    for &(name, open, close) in EXPRESSIONS {
        for n in [1, WITHIN, BEYOND] {
            // Prefixes alone want a value.
            is_refused(format!("{{{{ {} }}}}", repeated(open, 0..n)), name);
            is_refused(format!("{{{{ {}", repeated(open, 0..n)), name);
        }
        if close.ends_with([')', ']', '}']) {
            for n in [1, WITHIN, BEYOND] {
                let ends = repeated(close, (0..n).rev());
                is_refused(format!("{{{{ n{ends} }}}}"), name);
                is_refused(format!("{{% if n{ends} %}}{{% end %}}"), name);
            }
        }
    }
}

/// What a grammar with backtracking takes exponential time for: a mistake at
/// the end of what could be read in many ways.
#[test]
fn mistakes_behind_much_that_could_be_many_things() {
    for &shape in EXPRESSIONS {
        for mistake in ["n n", "n for"] {
            let source = nested(shape, mistake, 40);
            is_refused(format!("{{{{ {source} }}}}"), shape.0);
            is_refused(format!("{{% set {source} = n %}}"), shape.0);
        }
    }
    // Each of these wants something behind it.
    for unit in [
        "a if b else ",
        "a ?? ",
        "a | b | ",
        "a[",
        "a(b=",
        "[a for a in ",
        "a <",
        "not a in ",
        "a is not b and ",
        "-a ** -",
        "a?.b?[",
        "a and not ",
        "{a: ",
        "*",
        "a = b, ",
    ] {
        for n in [20, 2_000] {
            is_refused(format!("{{{{ {} }}}}", unit.repeat(n)), unit);
            is_refused(format!("{{% set x = {} %}}", unit.repeat(n)), unit);
            is_refused(format!("{{% if {}", unit.repeat(n)), unit);
        }
    }
}

/// Patterns, targets, types and parameters have brackets of their own.
#[test]
fn patterns_and_targets_in_themselves() {
    let square = |n: usize| format!("{}a{}", "[".repeat(n), "]".repeat(n));
    let round = |n: usize| format!("{}a{}", "(".repeat(n), ",)".repeat(n));
    let types = |n: usize| format!("{}b{}", "a[".repeat(n), "]".repeat(n));
    let value = |n: usize| format!("{}7{}", "[".repeat(n), "]".repeat(n));
    for (name, source, page) in [
        (
            "case",
            format!(
                "{{% match {} %}}{{% case {} %}}{{{{ 7 }}}}{{% end %}}",
                value(50),
                value(50)
            ),
            "7",
        ),
        (
            "for",
            format!(
                "{{% for {} in [{}] %}}{{{{ a }}}}{{% end %}}",
                round(50),
                value(50)
            ),
            "7",
        ),
        (
            "set",
            format!("{{% set {} = {} %}}{{{{ a }}}}", round(50), value(50)),
            "7",
        ),
        (
            "with",
            format!(
                "{{% with {} as {} %}}{{{{ a }}}}{{% end %}}",
                value(50),
                round(50)
            ),
            "7",
        ),
        (
            "parameter",
            format!(
                "{{% def f(a: {}) %}}{{{{ a }}}}{{% end %}}{{{{ f(7) }}}}",
                types(50)
            ),
            "7",
        ),
        (
            "comprehension",
            format!("{{{{ [a for {} in [{}]][0] }}}}", round(50), value(50)),
            "7",
        ),
    ] {
        assert_eq!(render(source).expect(name), page, "{name}");
    }
    for (name, source) in [
        (
            "case",
            format!("{{% match n %}}{{% case {} %}}{{% end %}}", square(BEYOND)),
        ),
        (
            "for",
            format!("{{% for {} in n %}}{{% end %}}", round(BEYOND)),
        ),
        ("set", format!("{{% set {} = n %}}", round(BEYOND))),
        (
            "with",
            format!("{{% with n as {} %}}{{% end %}}", round(BEYOND)),
        ),
        (
            "parameter",
            format!("{{% def f(a: {}) %}}{{% end %}}", types(BEYOND)),
        ),
        (
            "comprehension",
            format!("{{{{ [a for {} in n] }}}}", round(BEYOND)),
        ),
    ] {
        is_refused(source, name);
    }
}

/// As long as deep: chains of what stands beside itself.
#[test]
fn long_chains_of_everything() {
    for link in [
        " + 1", " - 1", " * 1", " / 1", " // 1", " % 7", " ~ 1", " and 1", " or 1", " == 1",
        " != 2", " < 9", " <= 9", " > 0", " >= 0", ".real", " | int",
    ] {
        for n in [180, 15_000] {
            let source = format!("{{{{ n{} }}}}", link.repeat(n));
            match render(source) {
                Ok(page) => assert!(!page.is_empty(), "{link}"),
                Err(error) => {
                    let code = error.code().as_str().to_owned();
                    let is_known = ["K-PAR", "K-LEX", "K-RUN"].contains(&&code[..5]);
                    assert!(is_known, "{link} {n} times: {code}");
                }
            }
        }
    }
    for (name, tag) in [
        ("set", "{% set a = n %}"),
        ("let", "{% let a = n %}"),
        ("export", "{% export a = n %}"),
        ("comment", "{# x #}"),
        ("raw", "{% raw %}{{{% endraw %}"),
        ("print", "{{ n }}"),
        ("include", "{% include 'part' %}"),
        ("import", "{% import 'part' as p %}"),
        ("from", "{% from 'part' import nobody as p %}"),
        ("flush", "{% flush %}"),
        ("stack", "{% stack 's' %}"),
        ("trans", "{% trans %}a{% end %}"),
    ] {
        let result = render(tag.repeat(5_000));
        if let Err(error) = result {
            assert!(error.code().as_str().starts_with("K-"), "{name}: {error}");
        }
    }
    let cases: String = (0..5_000).map(|n| format!("{{% case {n} %}}{n}")).collect();
    let matched = render(format!("{{% match 4999 %}}{cases}{{% end %}}"));
    assert_eq!(matched.unwrap(), "4999");
    let names: Vec<String> = (0..200).map(|n| format!("a{n}")).collect();
    let names = names.join(", ");
    let def = format!("{{% def f({names}) %}}{{{{ a199 }}}}{{% end %}}");
    let given: Vec<String> = (0..200).map(|n| n.to_string()).collect();
    let called = render(format!("{def}{{{{ f({}) }}}}", given.join(", ")));
    match called {
        Ok(page) => assert_eq!(page, "199"),
        Err(error) => assert!(error.code().as_str().starts_with("K-PAR"), "{error}"),
    }
}
