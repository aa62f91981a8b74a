//! The words of the language, for whoever mixes templates: tags and operators
//! by hand, filters, tests, functions and methods from the registry.

use gravure_value::Kind;
use std::collections::BTreeSet;

/// Tags with what may stand in them, so that a mix is likely to be read.
const TAGS: &[&str] = &[
    "{{ ",
    " }}",
    "{% ",
    " %}",
    "{# ",
    " #}",
    "{%- ",
    " -%}",
    "{{- ",
    " -}}",
    "{% end %}",
    "{% else %}",
    "{% empty %}",
    "{% elif n %}",
    "{% if n %}",
    "{% unless n %}",
    "{% for x in xs %}",
    "{% for a, b in ps %}",
    "{% async for x in xs %}",
    "{% while n %}",
    "{% break %}",
    "{% continue %}",
    "{% break if n %}",
    "{% let x = 1 %}",
    "{% set x = n %}",
    "{% export x = n %}",
    "{% let a, b = xs %}",
    "{% capture c %}",
    "{% def f(a, b=1, *c, **d) %}",
    "{{ f(1) }}",
    "{% call f(1) %}",
    "{% slot r let:x=n %}",
    "{% slot r let:x %}",
    "{% slot %}",
    "{% slot foot %}",
    "{% yield %}",
    "{% block b %}",
    "{% fragment fr %}",
    "{% region r(x=1) %}",
    "{% extends 'p.html' %}",
    "{% include 'p.html' %}",
    "{% include 'p.html' ignore missing %}",
    "{% include 'p.html' without context %}",
    "{% include 'p.html' with a=1 %}",
    "{% import 'p.html' as lib %}",
    "{% from 'p.html' import f %}",
    "{% embed 'p.html' %}",
    "{% match v %}",
    "{% case [a, *b] %}",
    "{% case x if x > 1 %}",
    "{% case _ %}",
    "{% try %}",
    "{% fallback %}",
    "{% fallback e %}",
    "{% with a = 1 %}",
    "{% with n as m %}",
    "{% filter upper %}",
    "{% spaceless %}",
    "{% raw %}",
    "{% include p %}",
    "{% cache 'k' %}",
    "{% cache 'k', ttl='5m' %}",
    "{% trans %}",
    "{% trans x = n %}",
    "{% plural %}",
    "{% push 'p' %}",
    "{% stack 'p' %}",
    "{% provide t = 1 %}",
    "{% flush %}",
    "{% globals %}",
    "{% imports %}",
    "{% template x: int %}",
    "{{ loop.index }}",
    "{{ loop.changed(x) }}",
    "{{ consume('t') }}",
    "\u{1e}p.html\n",
];

/// Operators, words and literals of expressions.
const PARTS: &[&str] = &[
    "|",
    "?|",
    "|>",
    "?|>",
    "~",
    "??",
    "?.",
    "?[",
    "**",
    "//",
    "==",
    "!=",
    "<=",
    ">=",
    "<",
    ">",
    "=",
    "??=",
    "+",
    "-",
    "*",
    "/",
    "%",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    ".",
    "...",
    "..",
    "and ",
    "or ",
    "not ",
    "in ",
    "is ",
    "is not ",
    "if ",
    "else ",
    "for ",
    "by ",
    "as ",
    "await ",
    "true",
    "false",
    "none",
    "'",
    "\"",
    "'\\u00e9'",
    "1..5",
    "1..=5 by 2",
    "xs[1:]",
    "xs[::-1]",
    "(1, 2)",
    "[x for x in xs if x]",
    "{'k': n}",
    "x if n else s",
    "-",
    "key=",
    "reverse=true",
    "attribute='name'",
    "'%s %d'",
    "'{:>5}'",
    "\n",
    "\r\n",
    "\u{0}",
    "\u{1b}[31m",
    "\u{e9}",
    "\u{1f600}",
    "\u{202e}",
    "user.name",
    "d.items()",
    "loop",
    "range(3)",
];

/// Every word, sorted.
pub fn words() -> Vec<String> {
    let registry = gravure_builtins::registry();
    let mut words: BTreeSet<String> = TAGS
        .iter()
        .chain(PARTS)
        .map(|&word| word.to_owned())
        .collect();
    words.extend(
        registry
            .filter_names()
            .iter()
            .map(|name| format!(" | {name}")),
    );
    words.extend(
        registry
            .filter_names()
            .iter()
            .map(|name| format!(" | {name}(n, ")),
    );
    words.extend(
        registry
            .predicate_names()
            .iter()
            .map(|name| format!(" is {name} ")),
    );
    words.extend(
        registry
            .function_names()
            .iter()
            .map(|name| format!("{name}(")),
    );
    for kind in [
        Kind::Str,
        Kind::List,
        Kind::Dict,
        Kind::Set,
        Kind::Int,
        Kind::Float,
        Kind::Range,
    ] {
        words.extend(
            registry
                .method_names(kind)
                .iter()
                .map(|name| format!(".{name}(")),
        );
    }
    words.into_iter().collect()
}

/// The words as libFuzzer reads them: one quoted line each.
pub fn dictionary() -> String {
    let mut lines =
        String::from("# The words of the language. Written by `cargo run --bin seeds`.\n");
    for word in words() {
        let escape = |byte: u8| match byte {
            b'"' | b'\\' => format!("\\{}", byte as char),
            b' '..=b'~' => (byte as char).to_string(),
            _ => format!("\\x{byte:02x}"),
        };
        lines.push_str(&format!(
            "\"{}\"\n",
            word.bytes().map(escape).collect::<String>()
        ));
    }
    lines
}
