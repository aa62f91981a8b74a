//! Nesting at the highest limit is compiled on a thread with little stack.

mod common;

use gravure_bytecode::Chunk;

/// What opens and closes a level, and what stands inside of all.
type Shape = (&'static str, &'static str, &'static str);

/// As deep as the limit lets it be: how many levels a round of a shape counts
/// is the parser's business, so the most rounds that it takes are looked for.
fn deepest((open, middle, close): Shape) -> (usize, String) {
    let source = |n: usize| {
        let nest = open.repeat(n) + middle + &close.repeat(n);
        if open.starts_with("{%") {
            nest
        } else {
            format!("{{{{ {nest} }}}}")
        }
    };
    let (mut good, mut bad) = (1, 1024);
    while good + 1 < bad {
        let n = (good + bad) / 2;
        match common::compiled(&source(n)) {
            Ok(_) => good = n,
            Err(_) => bad = n,
        }
    }
    (good, source(good))
}

fn on_a_small_stack(shape: Shape) {
    let thread = std::thread::Builder::new().stack_size(128 << 10);
    let handle = thread.spawn(move || {
        let (n, source) = deepest(shape);
        let (draft, _) = common::compiled(&source).expect("it compiled before");
        Chunk::new(draft).expect("a compiled draft is well-formed");
        n
    });
    let n = handle.expect("a thread starts").join().expect("no panic");
    assert!(n >= 50, "only {n} rounds of {}", shape.0);
}

#[test]
fn expressions() {
    for shape in [
        ("(", "x", ")"),
        ("[", "x", "]"),
        ("{1: ", "x", "} "),
        ("f(", "x", ")"),
        ("a.f(", "x", ")"),
        ("x[", "x", "]"),
        ("(x ?? ", "x", ")"),
        ("(x | default(", "x", "))"),
        ("[x for x in ", "x", "]"),
        ("(1 < 2 < ", "x", ")"),
        ("(a if b else ", "x", ")"),
        (
            "(a ?? b if c or d and not g == 1 + 2 * -x ** ",
            "x",
            " | upper is odd else h)",
        ),
    ] {
        on_a_small_stack(shape);
    }
}

#[test]
fn statements() {
    for shape in [
        ("{% if x %}", "{% set x = 1 %}", "{% end %}"),
        ("{% for x in y %}", "{{ loop.index }}", "{% end %}"),
        ("{% with x = 1 %}", "x", "{% end %}"),
        ("{% block a %}", "x", "{% end %}"),
        ("{% def f(x) %}", "{{ x }}", "{% end %}"),
        ("{% call f(x) %}", "{% set y = x %}", "{% end %}"),
        ("{% try %}", "{{ x }}", "{% fallback e %}{{ e }}{% end %}"),
        ("{% match x %}{% case (a, b) %}", "{{ x }}", "{% end %}"),
        ("{% filter upper %}", "x", "{% end %}"),
        (
            "{% embed 'a' %}{% block b %}",
            "{% include 'c' %}",
            "{% end %}{% end %}",
        ),
    ] {
        on_a_small_stack(shape);
    }
}
