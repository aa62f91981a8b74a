//! What a policy refuses: by its code, its place, and whatever way leads there.

use gravure::{
    Bindings, Code, Data, Environment, Error, Object, Options, context,
    loader::MapLoader,
    policy::{Allowed, Policy},
};
use std::{collections::BTreeSet, sync::Arc};

/// A person with something to hide.
struct Person;

impl Object for Person {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        match name {
            "name" => Some("Ada".into()),
            "secret" => Some("s3cret".into()),
            _ => None,
        }
    }
    fn attrs(&self) -> Vec<&str> {
        vec!["name", "secret"]
    }
    fn item<'a>(&'a self, key: &Data<'_>) -> Option<Data<'a>> {
        match key {
            Data::Str(name) => self.attr(name),
            Data::Int(0) => Some("first".into()),
            _ => None,
        }
    }
    fn call<'a>(&'a self, name: &str, _: &[Data<'_>]) -> Option<Result<Data<'a>, gravure::Fault>> {
        match name {
            "hello" => Some(Ok("hello".into())),
            "delete" => Some(Ok("s3cret".into())),
            _ => None,
        }
    }
}

impl gravure::AsData for Person {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

fn environment(policy: Policy) -> Environment {
    let templates = [
        ("parts/a", "part {% include 'parts/b' %}"),
        ("parts/b", "b"),
        ("secret", "s3cret"),
        ("base", "{% block x %}{% end %}"),
        ("defs", "{% def f() %}def{% end %}"),
        ("page", "{% include 'secret' %}"),
        ("child", "{% extends 'secret' %}{% block x %}{% end %}"),
    ];
    let mut environment = Environment::with_options(Options {
        loader: Some(Arc::new(MapLoader::from_iter(templates))),
        policy,
        ..Options::default()
    })
    .unwrap();
    environment.add_filter("mine", |n: i64| n + 1);
    environment.add_function("danger", || "s3cret");
    environment
}

fn render(environment: &Environment, source: &str) -> Result<String, Error> {
    let context = Bindings::new().lend("p", &Person).give("part", "parts/a");
    let template = environment.from_string(source)?;
    template.render(&context)
}

/// These work under the policy, and these are refused with the code, at the
/// column, also inside of a `try`.
fn holds(policy: Policy, work: &[(&str, &str)], refused: &[(&str, Code, u32)]) {
    let environment = environment(policy);
    for (source, page) in work {
        let shown = render(&environment, source);
        assert_eq!(shown.as_deref().ok(), Some(*page), "{source}: {shown:?}");
    }
    for (source, code, column) in refused {
        let error = render(&environment, source).unwrap_err();
        assert_eq!(error.code(), *code, "{source}: {error}");
        assert_eq!(
            (error.line(), error.column()),
            (Some(1), Some(*column)),
            "{source}: {error}"
        );
        assert!(!error.report().to_string().contains("s3cret"));
        let tried = format!("{{% try %}}{source}{{% fallback %}}caught{{% end %}}");
        let error = render(&environment, &tried).unwrap_err();
        assert_eq!(error.code(), *code, "{tried}");
    }
}

fn only(names: &[&str]) -> Allowed {
    Policy::only(names.iter().copied())
}

#[test]
fn nothing_is_refused_by_default() {
    let environment = environment(Policy::default());
    let source = "{{ p.secret }} {{ danger() }} {% include 'secret' %} {% include part %}";
    assert_eq!(
        render(&environment, source).unwrap(),
        "s3cret s3cret s3cret part b"
    );
}

#[test]
fn tags() {
    holds(
        Policy {
            tags: only(&["if", "for", "try"]),
            ..Policy::default()
        },
        &[
            (
                "{% if true %}{% for i in [1] %}{{ i }}{% end %}{% end %}",
                "1",
            ),
            ("{# comment #}{% raw %}{{ x }}{% endraw %}", "{{ x }}"),
        ],
        &[
            ("{% include 'base' %}", Code::SecCall, 3),
            (
                "{% if true %}{%- unless 1 %}{% end %}{% end %}",
                Code::SecCall,
                17,
            ),
            ("{% let x = 1 %}", Code::SecCall, 3),
            ("{% filter upper %}{% end %}", Code::SecCall, 3),
        ],
    );
}

/// Every word that begins a tag, with a template that has it and no other that
/// a list of tags knows, and with those that come with it.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("if", "{% if(1) %}a{% elif 2 %}b{% else %}c{% end %}", &[]),
    ("unless", "{% unless 1 %}a{% else %}b{% endunless %}", &[]),
    ("for", "{% for x in [] %}a{% empty %}b{% endfor %}", &[]),
    ("for", "{% for x in [1] %}{{ x }}{% else %}b{% end %}", &[]),
    ("while", "{% while false %}a{% end %}", &[]),
    ("break", "{% for x in [1] %}{% break %}{% end %}", &["for"]),
    (
        "continue",
        "{% for x in [1] %}{% continue %}{% end %}",
        &["for"],
    ),
    (
        "match",
        "{% match 1 %}{% case 1 %}a{% case _ %}b{% end %}",
        &[],
    ),
    ("set", "{% set x = 1 %}", &[]),
    ("let", "{% let x = 1 %}", &[]),
    ("export", "{% export x = 1 %}", &[]),
    ("promote", "{% promote x = 1 %}", &[]),
    ("capture", "{% capture x %}a{% endcapture %}", &[]),
    ("with", "{% with x = 1 %}a{% end %}", &[]),
    ("with", "{% with 1 as x %}a{% else %}b{% end %}", &[]),
    ("def", "{% def f() %}a{% enddef %}", &[]),
    (
        "call",
        "{% def f() %}{% end %}{% call f() %}a{% end %}",
        &["def"],
    ),
    (
        "call",
        "{% def f() %}{% end %}{% call f() %}{% slot s %}a{% end %}{% end %}",
        &["def"],
    ),
    ("slot", "{% def f() %}{% slot %}{% end %}", &["def"]),
    ("yield", "{% def f() %}{% yield %}{% end %}", &["def"]),
    ("region", "{% region r() %}a{% end %}", &[]),
    ("import", "{% import 'defs' as d %}", &[]),
    ("from", "{% from 'defs' import f %}", &[]),
    ("extends", "{% extends('base') %}", &[]),
    ("block", "{% block b %}a{% end %}", &[]),
    ("fragment", "{% fragment b %}a{% end %}", &[]),
    ("include", "{% include('parts/b') %}", &[]),
    ("include", "{% include'parts/b' %}", &[]),
    ("include", "{%-include \"parts/b\"-%}", &[]),
    ("embed", "{% embed 'base' %}{% end %}", &[]),
    (
        "embed",
        "{% embed 'base' %}{% block x %}a{% end %}{% end %}",
        &["block"],
    ),
    ("globals", "{% globals %}{% end %}", &[]),
    ("imports", "{% imports %}{% end %}", &[]),
    ("template", "{% template x: str %}", &[]),
    ("provide", "{% provide p = 1 %}a{% end %}", &[]),
    ("push", "{% push 's' %}a{% end %}", &[]),
    ("stack", "{% stack 's' %}", &[]),
    ("try", "{% try %}a{% fallback e %}b{% end %}", &[]),
    ("cache", "{% cache 'k' %}a{% end %}", &[]),
    ("filter", "{% filter upper %}a{% end %}", &[]),
    ("spaceless", "{% spaceless %}a{% end %}", &[]),
    ("flush", "{% flush %}", &[]),
    ("trans", "{% trans %}a{% endtrans %}", &[]),
    ("trans", "{% trans count=2 %}a{% plural %}b{% end %}", &[]),
    ("async", "{% async for x in [] %}a{% end %}", &[]),
];

#[test]
fn every_word_of_a_tag() {
    let mut wrong = Vec::new();
    for &(word, source, others) in WORDS {
        let tags = |with: &[&str]| {
            let names = others.iter().chain(with).copied();
            let policy = Policy {
                tags: Policy::only(names),
                ..Policy::default()
            };
            environment(policy).from_string(source).map(|_| ())
        };
        if let Err(error) = tags(&[word]) {
            wrong.push(format!("{source} with `{word}`: {error}"));
        }
        match tags(&[]) {
            Ok(()) => wrong.push(format!("{source} without `{word}` is let through")),
            Err(error) => {
                if error.code() != Code::SecCall
                    || !error.to_string().contains(&format!("`{word}`"))
                {
                    wrong.push(format!("{source} without `{word}`: {error}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn filters() {
    holds(
        Policy {
            filters: only(&["upper", "map", "join", "mine"]),
            ..Policy::default()
        },
        &[
            ("{{ 'a' | upper }}{{ 1 | mine }}", "A2"),
            ("{{ ['a', 'b'] | map('upper') | join }}", "AB"),
            ("{% filter upper %}a{% end %}", "A"),
        ],
        &[
            ("{{ 'a' | lower }}", Code::SecCall, 9),
            ("{{ '<' | upper | safe }}", Code::SecCall, 17),
            ("{% filter lower %}{% end %}", Code::SecCall, 10),
            ("{% capture x | lower %}{% end %}", Code::SecCall, 15),
            ("{{ 'a' |> lower }}", Code::SecCall, 10),
        ],
    );
}

#[test]
fn tests_by_their_word_and_by_a_text() {
    holds(
        Policy {
            tests: only(&["odd", "defined"]),
            ..Policy::default()
        },
        &[
            (
                "{{ 1 is odd }}{{ [1, 2] | select('odd') | list }}",
                "True[1]",
            ),
            ("{{ x is defined }}", "False"),
        ],
        &[
            ("{{ 1 is not even }}", Code::SecCall, 12),
            ("{{ [1, 2] | select('even') | list }}", Code::SecCall, 12),
        ],
    );
}

#[test]
fn functions() {
    holds(
        Policy {
            functions: only(&["range"]),
            ..Policy::default()
        },
        &[
            ("{{ range(2) | list }}", "[0, 1]"),
            (
                "{% def f() %}def{% end %}{{ f() }}{{ 'a'.upper() }}",
                "defA",
            ),
            ("{% from 'defs' import f %}{{ f() }}", "def"),
        ],
        &[
            ("{{ danger() }}", Code::SecCall, 3),
            ("{% let f = danger %}{{ f() }}", Code::SecCall, 23),
            ("{{ dict(a=1) }}", Code::SecCall, 3),
        ],
    );
}

#[test]
fn what_is_added_later_is_refused_as_well() {
    let environment = environment(Policy {
        functions: only(&["range"]),
        filters: only(&["upper"]),
        ..Policy::default()
    });
    environment.update(|tables| {
        tables.add_function("later", || "s3cret");
        tables.add_function("range", || "the host's own");
        tables.add_filter("upper", |it: &str| format!("<{it}>"));
    });
    assert_eq!(
        render(&environment, "{{ range() }}").unwrap(),
        "the host&#39;s own"
    );
    assert_eq!(
        render(&environment, "{{ 'a' | upper }}").unwrap(),
        "&lt;a&gt;"
    );
    let error = render(&environment, "{{ later() }}").unwrap_err();
    assert_eq!(error.code(), Code::SecCall);
}

#[test]
fn attributes_whatever_way_leads_there() {
    holds(
        Policy {
            attributes: only(&["name", "hello"]),
            ..Policy::default()
        },
        &[
            (
                "{{ p.name }}{{ p['name'] }}{{ p.hello() }}{{ p[0] }}",
                "AdaAdahellofirst",
            ),
            ("{{ [p] | map(attribute='name') | join }}", "Ada"),
            ("{{ {'secret': 1}.secret }}", "1"),
        ],
        &[
            ("{{ p.secret }}", Code::SecAttribute, 5),
            ("{{ p?.secret }}", Code::SecAttribute, 6),
            ("{{ p['secret'] }}", Code::SecAttribute, 4),
            ("{{ p?['secret'] }}", Code::SecAttribute, 4),
            ("{{ p.delete() }}", Code::SecAttribute, 5),
            ("{{ p.nothing ?? 1 }}", Code::SecAttribute, 5),
            ("{{ p | attr('secret') }}", Code::SecAttribute, 7),
            ("{{ p | get('secret') }}", Code::SecAttribute, 7),
            (
                "{{ [p] | map(attribute='secret') | list }}",
                Code::SecAttribute,
                9,
            ),
            (
                "{{ [p] | sort(attribute='secret') }}",
                Code::SecAttribute,
                9,
            ),
            ("{{ [p] | groupby('secret') }}", Code::SecAttribute, 9),
            ("{{ '{0.secret}'.format(p) }}", Code::SecAttribute, 16),
        ],
    );
    // A suggestion names nothing that is kept back.
    let environment = environment(Policy {
        attributes: only(&["name", "nme"]),
        ..Policy::default()
    });
    let error = render(&environment, "{{ p.nme }}").unwrap_err();
    assert_eq!(error.suggestion().as_deref(), Some("name"));
}

#[test]
fn templates_that_tags_bring_in() {
    let policy = Policy {
        templates: only(&["parts/*", "base"]),
        ..Policy::default()
    };
    holds(
        policy.clone(),
        &[
            ("{% include 'parts/a' %}", "part b"),
            ("{% include part %}", "part b"),
            ("{% extends 'base' %}{% block x %}x{% end %}", "x"),
        ],
        &[
            ("{% include 'secret' %}", Code::SecCall, 3),
            ("{% include 'secret' ignore missing %}", Code::SecCall, 3),
            ("{% include 'nobody' ignore missing %}", Code::SecCall, 3),
            ("{% from 'defs' import f %}", Code::SecCall, 3),
            ("{% embed 'secret' %}{% end %}", Code::SecCall, 3),
        ],
    );
    // What the host asks for is its own affair, what that brings in is not.
    let environment = environment(policy);
    assert_eq!(
        environment.render("secret", &context! {}).unwrap(),
        "s3cret"
    );
    for name in ["page", "child"] {
        let error = environment.render(name, &context! {}).unwrap_err();
        assert_eq!(
            (error.code(), error.template()),
            (Code::SecCall, Some(name))
        );
    }
    let child = environment.get_template("child").unwrap();
    let error = child.render_block("x", &context! {}).unwrap_err();
    assert_eq!(error.code(), Code::SecCall);
}

#[test]
fn names_of_templates_in_so_many_words() {
    holds(
        Policy {
            literal_names: true,
            ..Policy::default()
        },
        &[
            ("{% include 'parts/a' %}", "part b"),
            ("{% include 'parts/a' if true else 'secret' %}", "part b"),
        ],
        &[
            ("{% include part %}", Code::SecCall, 11),
            ("{% include 'parts/' ~ 'a' %}", Code::SecCall, 11),
            (
                "{% include 'parts/a' if true else part %}",
                Code::SecCall,
                11,
            ),
        ],
    );
}

#[test]
fn a_check_finds_what_a_policy_refuses() {
    let environment = environment(Policy {
        tags: only(&["block", "def", "extends"]),
        ..Policy::default()
    });
    let checked = environment.check().unwrap();
    let refused = checked
        .findings
        .iter()
        .filter(|it| it.code == Code::SecCall);
    let templates: BTreeSet<&str> = refused.filter_map(|it| it.path.as_deref()).collect();
    assert_eq!(templates, BTreeSet::from(["page", "parts/a"]));
}
