//! What waits, and the page that comes of it.

use super::check;

#[test]
fn values_are_waited_for_wherever_an_expression_stands() {
    for (source, wanted) in [
        ("{{ await later(1) }}", "1"),
        (
            "{{ await 1 }}{{ await none }}{{ await xs }}",
            "1None[1, 2, 3]",
        ),
        ("{{ await ready('a') ~ await later('b') }}", "ab"),
        ("{{ (await later('<b>')) | upper }}", "&lt;B&gt;"),
        ("{{ 'a' | replace('a', await later('b')) }}", "b"),
        ("{{ await ('x' | soon) }}", "x"),
        ("{{ [await later(1), await later(2)] | sum }}", "3"),
        ("{{ {'k': await later('v')}['k'] }}", "v"),
        ("{% if await later(true) %}y{% else %}n{% end %}", "y"),
        (
            "{% if await later(0) %}y{% elif await later(1) %}z{% end %}",
            "z",
        ),
        (
            "{% set a = await later(1) %}{% let b = await later(2) %}{{ a + b }}",
            "3",
        ),
        (
            "{% with a = await later(1) %}{{ a }}{% end %}{{ a ?? 'gone' }}",
            "1gone",
        ),
        (
            "{% capture c %}a{{ await later('b') }}c{% end %}[{{ c }}]",
            "[abc]",
        ),
        ("{% filter upper %}a{{ await later('b') }}{% end %}", "AB"),
        (
            "{% spaceless %}<b> {{ await later('b') }}</b> <i>{% end %}",
            "<b> b</b><i>",
        ),
        (
            "{% cache 'k' %}{{ await later('c') }}{% end %}|{% cache 'k' %}no{% end %}",
            "c|c",
        ),
        (
            "{% for x in await later([1, 2]) %}{{ await later(x) }},{% end %}",
            "1,2,",
        ),
        (
            "{% let i = 0 %}{% while (await later(i)) < 2 %}{% let i = i + 1 %}.{% end %}",
            "..",
        ),
        (
            "{% match await later(2) %}{% case 1 %}a{% case 2 %}b{% end %}",
            "b",
        ),
        (
            "{% provide theme = await later('d') %}{{ consume('theme') }}{% end %}",
            "d",
        ),
        (
            "{% push 's' %}{{ await later('p') }}{% end %}[{% stack 's' %}]",
            "[p]",
        ),
        (
            "{% try %}a{{ await later('b') }}{{ nope }}{% fallback %}f{% end %}",
            "f",
        ),
        (
            "{{ await later(await later(later(3))) is defined }}",
            "True",
        ),
        (
            "{% set l = later('once') %}{{ await l }}{{ await l }}",
            "onceonce",
        ),
        ("{{ await stormy('s') }}", "s"),
        ("{{ later(1) }}", "&lt;awaitable&gt;"),
        ("{{ later(1) ?? 'x' }}", "&lt;awaitable&gt;"),
        ("{{ await (later(later(1)) ) }}", "&lt;awaitable&gt;"),
        ("{{ await await later(later(1)) }}", "1"),
    ] {
        check(source, wanted);
    }
}

#[test]
fn other_templates_wait_too() {
    for (source, wanted) in [
        ("a{% include 'part' %}b", "a<p>b"),
        ("a{% include 'indirect' %}b", "a<p>b"),
        ("{% include name %}", "<p>"),
        (
            "{% for x in xs %}{% include 'part' %}{% end %}",
            "<1><2><3>",
        ),
        ("{% include 'calm' %}{{ await 1 }}", "(c)1"),
        (
            "{% include 'missing' ignore missing %}{% include 'part' ignore missing %}",
            "<p>",
        ),
        (
            "{% extends 'base' %}{% block head %}{{ await later('H') }}{% end %}",
            "H[base]",
        ),
        ("{% extends 'base' %}{% block body %}x{% end %}", "h[x]"),
        (
            "{% embed 'base' %}{% block body %}{{ await later('e') }}{% end %}{% end %}!",
            "h[e]!",
        ),
        (
            "{% from 'kit' import card %}{% call card('T') %}{{ await later('in') }}{% end %}",
            "hi T:in;",
        ),
        (
            "{% import 'kit' as kit %}{{ kit.card('T') }}{{ kit.card('U') }}",
            "hi T:;hi U:;",
        ),
        (
            "{% def f(n) %}{{ await later(n) }}{% if n %}{{ f(n - 1) }}{% end %}{% end %}{{ f(3) }}",
            "3210",
        ),
        (
            "{% def f() %}{{ await later('<') }}{% end %}{% set t = f() %}{{ t }}",
            "&lt;",
        ),
        (
            "{% def f(a = await later(1)) %}{{ a }}{% end %}{{ f() }}{{ f(2) }}",
            "12",
        ),
        (
            "{% def f() %}[{% slot %}{% slot foot %}]{% end %}{% call f() %}{{ await later('s') }}\
             {% slot foot %}{{ await later('t') }}{% end %}{% end %}",
            "[st]",
        ),
        ("{% block b %}{{ await later('b') }}{% end %}", "b"),
        (
            "{% region r(a = 1) %}{{ await later(a) }}{% end %}{{ r() }}{{ r(2) }}",
            "12",
        ),
    ] {
        check(source, wanted);
    }
}

#[test]
fn defs_that_builtins_call_wait_too() {
    let down = "{% def down(x) %}{{ await later(9 - x) }}{% end %}";
    let odd = "{% def odd(x) %}{% if (await later(x)) % 2 %}x{% end %}{% end %}";
    for (source, wanted) in [
        ("{{ sorted(xs, key=down) }}", "[3, 2, 1]"),
        ("{{ sorted(xs, key=down, reverse=true) }}", "[1, 2, 3]"),
        ("{{ sorted(xs, reverse=true, key=down)[0] }}", "1"),
        ("{{ min(xs, key=down) }}{{ max(xs, key=down) }}", "31"),
        (
            "{{ min(1, 2, 3, key=down) }}{{ max(4, 5, key=down) }}",
            "34",
        ),
        ("{{ min(nothing, key=down, default='none') }}", "none"),
        (
            "{% set l = [1, 3, 2] %}{% let _ = l.sort(key=down) %}{{ l }}",
            "[3, 2, 1]",
        ),
        (
            "{% set l = [1, 3, 2] %}{% set s = l.sort %}{% let _ = s(key=down) %}{{ l }}",
            "[3, 2, 1]",
        ),
        ("{% for x in map(down, xs) %}{{ x }},{% end %}", "8,7,6,"),
        (
            "{% for x in map(down, xs) %}{{ loop.last }}{{ x }},{% end %}",
            "False8,False7,True6,",
        ),
        ("{% for x in filter(odd, xs) %}{{ x }},{% end %}", "1,3,"),
        (
            "{% for x in filter(odd, xs) %}{{ loop.length }}{{ x }},{% end %}",
            "21,23,",
        ),
        (
            "{% for x in filter(odd, [2, 4]) %}{{ x }}{% else %}none{% end %}",
            "none",
        ),
        (
            "{% for x in filter(odd, xs) %}{% include 'part' %}{% end %}",
            "<1><3>",
        ),
        (
            "{% for x in map(down, xs) %}{% let l = loop %}{{ l.index }}{{ x }}{% end %}",
            "182736",
        ),
        (
            "{% async for x in map(down, xs) %}{{ loop.previtem }}-{{ x }},{% end %}",
            "-8,8-7,7-6,",
        ),
        (
            "{% set m = map(down, xs) %}{% for x in m %}{{ x }}{% break %}{% end %}{% for x in m %}{{ x }}{% end %}",
            "876",
        ),
        (
            "{% def deep(x) %}{{ sorted(xs, key=down)[x - 1] }}{% end %}{{ sorted(xs, key=deep) }}",
            "[3, 2, 1]",
        ),
        (
            "{% def bad(x) %}{{ 1 // (x - 2) }}{% end %}{% try %}{{ sorted(xs, key=bad) }}{% fallback %}f{% end %}\
             {{ sorted(xs, key=down) }}",
            "f[3, 2, 1]",
        ),
        (
            "{% def bad(x) %}{{ 1 // (x - 2) }}{% end %}{% try %}{% for x in map(bad, xs) %}{{ x }}{% end %}{% fallback %}f{% end %}\
             {% for x in map(down, xs) %}{{ x }}{% end %}",
            "f876",
        ),
    ] {
        check(&format!("{down}{odd}{source}"), wanted);
    }
}

#[test]
fn items_come_one_by_one() {
    for (source, wanted) in [
        ("{% async for x in paced(xs) %}{{ x }},{% end %}", "1,2,3,"),
        ("{% async for x in xs %}{{ x }},{% end %}", "1,2,3,"),
        (
            "{% async for x in paced(nothing) %}{{ x }}{% else %}none{% end %}",
            "none",
        ),
        (
            "{% async for x in nothing %}{{ x }}{% empty %}none{% end %}",
            "none",
        ),
        (
            "{% async for x in paced(xs) %}{{ x }}{% else %}none{% end %}",
            "123",
        ),
        (
            "{% async for x in paced(xs) if x != 2 %}{{ loop.index }}{{ x }};{% end %}",
            "11;33;",
        ),
        (
            "{% async for x in paced(xs) if x > 5 %}{{ x }}{% else %}none{% end %}",
            "",
        ),
        (
            "{% async for x in paced(xs) %}{% if x == 2 %}{% break %}{% end %}{{ x }}{% end %}!",
            "1!",
        ),
        (
            "{% async for x in paced(xs) %}{% if x == 2 %}{% continue %}{% end %}{{ x }}{% end %}!",
            "13!",
        ),
        (
            "{% async for x in paced(xs) %}{{ loop.index }}{{ loop.index0 }}{{ loop.first }}\
             {{ loop.cycle('a', 'b') }}{{ loop.previtem }};{% end %}",
            "10Truea;21Falseb1;32Falsea2;",
        ),
        (
            "{% async for x in zip(xs, xs) %}{{ loop.previtem }}{{ x }}{% end %}",
            "(1, 1)(1, 1)(2, 2)(2, 2)(3, 3)",
        ),
        (
            "{% async for x in paced(xs) %}{% let l = loop %}{{ l.index }}{{ l.previtem ?? '-' }}\
             {{ l.first }}{% end %}",
            "1True21False32False",
        ),
        (
            "{% async for a, b in paced([(1, 2), (3, 4)]) %}{{ a }}{{ b }};{% end %}",
            "12;34;",
        ),
        (
            "{% async for x in paced(xs) %}{% async for y in paced(xs) %}{{ x * y }},{% end %}{% end %}",
            "1,2,3,2,4,6,3,6,9,",
        ),
        (
            "{% async for x in paced(xs) %}{% for y in xs %}{{ loop.length }}{{ loop.last }}{% end %}{% end %}",
            "3False3False3True3False3False3True3False3False3True",
        ),
        (
            "{% async for x in paced(xs) %}{{ await later(x) }}{% end %}",
            "123",
        ),
        (
            "{% set s = paced(xs) %}{% async for x in s %}{{ x }}{% break %}{% end %}\
             {% async for x in s %}{{ x }}{% end %}{% async for x in s %}{{ x }}{% else %}!{% end %}",
            "123!",
        ),
        (
            "{% def f(s) %}{% async for x in s %}{% slot %}{% end %}{% end %}\
             {% call f(paced(xs)) %}{{ await later('.') }}{% end %}",
            "...",
        ),
        (
            "{% capture c %}{% async for x in paced(xs) %}{{ x }}{% end %}{% end %}{{ c | length }}",
            "3",
        ),
        (
            "{% async for x in paced(xs) %}{% include 'part' %}{% end %}",
            "<1><2><3>",
        ),
    ] {
        check(source, wanted);
    }
}

#[test]
fn what_goes_wrong_has_the_place_of_the_wait() {
    for (source, wanted) in [
        ("a\n{{ 1 }}{{ await failing('x') }}", "K-RUN-007 main:2:10"),
        ("\n{% set a = await panicking() %}", "K-RUN-007 main:2:11"),
        (
            "{% async for x in drying(xs) %}{{ x }}{% end %}",
            "K-RUN-007 main:1:3",
        ),
        (
            "{% try %}{{ await failing('x') }}{% fallback e %}{{ e.message }}{% end %}",
            "what was awaited failed: x",
        ),
        (
            "{% try %}{% async for x in drying(xs) %}{{ x }}{% end %}{% fallback %}dry{% end %}",
            "dry",
        ),
        ("{{ await later(1) }}{{ nope }}", "K-RUN-001 main:1:23"),
        (
            "{% async for x in paced(xs) %}{{ loop.length }}{% end %}",
            "K-RUN-012 main:1:38",
        ),
        (
            "{% async for x in xs %}{{ loop.last }}{% end %}",
            "K-RUN-012 main:1:31",
        ),
        (
            "{% async for x in paced(xs) %}{% let l = loop %}{{ l.nextitem }}{% end %}",
            "K-RUN-012 main:1:53",
        ),
        ("{% async for x in 5 %}{% end %}", "K-RUN-012 main:1:3"),
        (
            "{% for x in paced(xs) %}{% end %}{{ await 1 }}",
            "K-RUN-012 main:1:3",
        ),
        (
            "{% set l = failing('x') %}{% try %}{{ await l }}{% fallback %}a{% end %}{{ await l }}",
            "K-RUN-007 main:1:75",
        ),
        (
            "{% def f(x) %}{{ await later(x) }}{% end %}{{ map(f, xs) | list }}",
            "K-RUN-020 main:1:17",
        ),
    ] {
        check(source, wanted);
    }
}
