//! Templates that kill engines: each gives a page or an error, on a thread
//! with a stack of 128 KiB, in work that grows with the input and no faster.

use gravure::{Code, Environment, Error, Limits, Options, context, loader::MapLoader};
use std::{sync::Arc, thread};

const STACK: usize = 128 << 10;

/// Run on a small stack.
fn small<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    let thread = thread::Builder::new().stack_size(STACK).spawn(run);
    thread.unwrap().join().expect("the thread survives")
}

/// The page of one template, or its error, on a small stack.
fn render(source: String) -> Result<String, Error> {
    small(move || {
        let environment = Environment::new();
        environment
            .from_string(&source)?
            .render(&context! { n => 1 })
    })
}

/// The page of `main` among several templates, on a small stack.
fn render_all(templates: &'static [(&'static str, &'static str)]) -> Result<String, Error> {
    small(move || {
        let environment = Environment::with_loader(MapLoader::from_iter(templates.iter().copied()));
        environment.get_template("main")?.render(&context! {})
    })
}

fn code(result: Result<String, Error>) -> Code {
    result.expect_err("an error").code()
}

#[test]
fn parentheses_beyond_the_limit() {
    let source = format!("{{{{ {}1{} }}}}", "(".repeat(100_000), ")".repeat(100_000));
    // More brackets than tokens are allowed, or deeper than allowed: an error either way.
    assert!(matches!(
        code(render(source)),
        Code::ParNesting | Code::LexTooLong
    ));
    let source = format!("{{{{ {}1{} }}}}", "(".repeat(40_000), ")".repeat(40_000));
    assert_eq!(code(render(source)), Code::ParNesting);
}

#[test]
fn parentheses_within_the_limit() {
    let source = format!("{{{{ {}n{} }}}}", "(".repeat(190), ")".repeat(190));
    assert_eq!(render(source).unwrap(), "1");
}

#[test]
fn brackets_braces_and_prefixes_within_the_limit() {
    let list = format!("{{{{ {}n{} }}}}", "[".repeat(150), "]".repeat(150));
    assert_eq!(
        render(list).unwrap(),
        format!("{}1{}", "[".repeat(150), "]".repeat(150))
    );
    let not = format!("{{{{ {}n }}}}", "not ".repeat(150));
    assert_eq!(render(not).unwrap(), "True");
    let minus = format!("{{{{ {}n }}}}", "- ".repeat(150));
    assert_eq!(render(minus).unwrap(), "1");
    let power = format!("{{{{ {}n }}}}", "1 ** ".repeat(150));
    assert_eq!(render(power).unwrap(), "1");
    let ternary = format!("{{{{ {}n }}}}", "n if n else ".repeat(90));
    assert_eq!(render(ternary).unwrap(), "1");
}

#[test]
fn blocks_beyond_and_within_the_limit() {
    let unclosed = "{% if n %}".repeat(100_000);
    assert!(matches!(
        code(render(unclosed)),
        Code::ParNesting | Code::ParUnclosedBlock | Code::LexTooLong
    ));
    for (open, close) in [
        ("{% if n %}", "{% end %}"),
        ("{% for x in [1] %}", "{% end %}"),
        ("{% with a = n %}", "{% end %}"),
        ("{% spaceless %}", "{% end %}"),
        ("{% match n %}{% case _ %}", "{% end %}"),
    ] {
        let source = format!("{}x{}", open.repeat(180), close.repeat(180));
        assert_eq!(render(source).unwrap(), "x", "{open}");
    }
}

#[test]
fn unary_power_and_not_chains_are_errors_not_crashes() {
    for chain in ["- ", "not ", "2 ** ", "n ?? ", "n if n else "] {
        let source = format!("{{{{ {}n }}}}", chain.repeat(20_000));
        assert!(
            matches!(code(render(source)), Code::ParNesting | Code::LexTooLong),
            "{chain}"
        );
    }
}

#[test]
fn sums_within_and_beyond_the_token_limit() {
    let source = format!("{{{{ {}0 }}}}", "n + ".repeat(45_000));
    assert_eq!(render(source).unwrap(), "45000");
    let source = format!("{{{{ {}0 }}}}", "n + ".repeat(1_000_000));
    assert_eq!(code(render(source)), Code::LexTooLong);
}

#[test]
fn long_chains_of_every_operator() {
    for (link, n, page) in [
        (" ~ ''", 20_000, "1".to_owned()),
        (" and n", 20_000, "1".to_owned()),
        (" or n", 20_000, "1".to_owned()),
        (" * n", 20_000, "1".to_owned()),
        (" == n", 20_000, "True".to_owned()),
    ] {
        let source = format!("{{{{ n{} }}}}", link.repeat(n));
        assert_eq!(render(source).unwrap(), page, "{link}");
    }
    let elifs = format!(
        "{{% if not n %}}a{}{{% else %}}z{{% end %}}",
        "{% elif not n %}b".repeat(15_000)
    );
    assert_eq!(render(elifs).unwrap(), "z");
}

#[test]
fn a_line_of_ten_megabytes() {
    let text = "x".repeat(10 << 20);
    assert_eq!(render(text.clone()).unwrap().len(), text.len());
    let tag = format!("{{{{ '{}' | length }}}}", "y".repeat(10 << 20));
    assert_eq!(render(tag).unwrap(), (10 << 20).to_string());
    let huge = "x".repeat(17 << 20);
    assert_eq!(code(render(huge)), Code::LexTooLong);
}

#[test]
fn thousands_of_mistakes_on_one_long_line() {
    let source: String = (0..20_000)
        .map(|n| format!("{{{{ a | unknown{n} }}}}"))
        .collect();
    let error = Environment::new().from_string(&source).unwrap_err();
    assert_eq!(error.code(), Code::ParFilter);
    assert_eq!(error.others().len(), 99);
    let kept = |error: &Error| {
        let lines = error.snippet().map_or(&[][..], |it| &it.lines);
        lines.iter().map(|(_, text)| text.len()).sum::<usize>()
    };
    let n_bytes = kept(&error) + error.others().iter().map(kept).sum::<usize>();
    assert!(n_bytes < source.len(), "{n_bytes} bytes of snippets");
}

#[test]
fn a_template_that_includes_itself() {
    let error = render_all(&[("main", "a{% include 'main' %}")]).unwrap_err();
    assert_eq!((error.code(), error.line()), (Code::RunDepth, Some(1)));
    assert_eq!(error.template_stack().len(), 50);
}

#[test]
fn templates_that_extend_or_import_each_other() {
    let error = render_all(&[("main", "{% extends 'b' %}"), ("b", "{% extends 'main' %}")]);
    assert_eq!(code(error), Code::TplCycle);
    let error = render_all(&[
        ("main", "{% import 'b' as b %}"),
        ("b", "{% import 'main' as m %}"),
    ]);
    assert_eq!(code(error), Code::TplCycle);
}

#[test]
fn defs_that_call_each_other_without_end() {
    let source = "{% def a() %}{{ b() }}{% end %}{% def b() %}{{ a() }}{% end %}{{ a() }}";
    assert_eq!(code(render(source.to_owned())), Code::RunCallDepth);
    let slots = "{% def a() %}{% call a() %}{% yield %}{% end %}{% end %}{% call a() %}x{% end %}";
    assert_eq!(code(render(slots.to_owned())), Code::RunCallDepth);
    let key = "{% def f(x) %}{{ sorted([1, 2], key=f) }}{% end %}{{ f(1) }}";
    assert_eq!(code(render(key.to_owned())), Code::RunCallDepth);
}

#[test]
fn defs_within_the_depth() {
    let source =
        "{% def f(n) %}{{ n }}{% if n < 400 %}{{ f(n + 1) }}{% end %}{% end %}{{ f(0) | length }}";
    let digits: usize = (0..=400).map(|n: u32| n.to_string().len()).sum();
    assert_eq!(render(source.to_owned()).unwrap(), digits.to_string());
}

#[test]
fn lists_within_lists_within_lists() {
    let source = "{% let l = [] %}{% for i in range(100000) %}{% let l = [l] %}{% end %}{{ l | string | length }}";
    assert_eq!(render(source.to_owned()).unwrap(), "200002");
    let own = "{% let l = [] %}{% set _ = l.append(l) %}{{ l }}";
    assert_eq!(render(own.to_owned()).unwrap(), "[[...]]");
}

#[test]
fn numbers_too_large_to_hold() {
    assert_eq!(
        code(render("{{ 9 ** 9 ** 9 }}".to_owned())),
        Code::RunBudget
    );
    assert_eq!(
        code(render("{{ 'x' * 9999999999999 }}".to_owned())),
        Code::RunBudget
    );
    assert_eq!(
        code(render("{{ [1] * 9999999999999 }}".to_owned())),
        Code::RunBudget
    );
    assert_eq!(
        code(render("{{ 'x' | center(99999999999) }}".to_owned())),
        Code::RunBudget
    );
}

fn limited(source: &str, limits: Limits) -> Result<String, Error> {
    let source = source.to_owned();
    small(move || {
        let options = Options {
            limits,
            ..Options::default()
        };
        let environment = Environment::with_options(options)?;
        environment.from_string(&source)?.render(&context! {})
    })
}

#[test]
fn endless_loops_end_by_fuel() {
    let fuel = Limits {
        fuel: 1_000_000,
        ..Limits::default()
    };
    for source in [
        "{% while true %}{% end %}",
        "{% for i in range(999999999999) %}{% end %}",
        "{{ range(999999999999) | list | length }}",
        "{{ range(999999999999) | sum }}",
        "{{ 'x' * 100000000 }}",
        "{% let l = [] %}{% while true %}{% set _ = l.append(1) %}{% end %}",
        "{% def f() %}{{ f() }}{% end %}{% while true %}{{ f }}{% end %}",
    ] {
        assert_eq!(
            code(limited(source, fuel.clone())),
            Code::RunBudget,
            "{source}"
        );
    }
}

#[test]
fn output_and_memory_are_bounded() {
    let output = Limits {
        output: 10_000,
        ..Limits::default()
    };
    let source = "{% while true %}xxxxxxxxxx{% end %}";
    assert_eq!(code(limited(source, output)), Code::SecOutput);
    let memory = Limits {
        memory: 1 << 20,
        ..Limits::default()
    };
    let grow = "{% let l = [] %}{% while true %}{% set _ = l.append('x' * 100) %}{% end %}";
    assert_eq!(code(limited(grow, memory.clone())), Code::RunBudget);
    assert_eq!(code(limited(source, memory.clone())), Code::RunBudget);
    // What is dropped is reclaimed: a hundred times the limit passes through.
    let churn = "{% for i in range(10000) %}{% set s = 'x' * 10000 %}{% end %}done";
    assert_eq!(limited(churn, memory).unwrap(), "done");
}

#[test]
fn work_is_linear_in_the_input() {
    // Steps, not time: twice the items, about twice the fuel.
    let steps = |n: usize| {
        let enough = |fuel: u64| {
            let limits = Limits {
                fuel,
                ..Limits::default()
            };
            let source = format!("{{% for i in range({n}) %}}{{{{ i }}}},{{% end %}}");
            limited(&source, limits).is_ok()
        };
        let (mut low, mut high) = (1u64, 1 << 32);
        while low < high {
            let middle = low + (high - low) / 2;
            match enough(middle) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        low
    };
    let (small, large) = (steps(1_000), steps(2_000));
    assert!(large < small * 21 / 10, "{small} then {large}");
}

#[test]
fn lists_that_show_nothing_are_paid_for() {
    let fuel = Limits {
        fuel: 20_000_000,
        ..Limits::default()
    };
    // Ten thousand places of a list with ten thousand pushes, each of which
    // shows an empty list: no output, and a hundred million looks.
    let source =
        "{% for i in range(10000) %}{% stack 's' %}{% push 's' %}{% stack 't' %}{% end %}{% end %}";
    assert_eq!(code(limited(source, fuel)), Code::RunBudget);
}

#[test]
fn many_variables_are_paid_for() {
    // Looking through thousands of variables is work, and work is paid: twice
    // the variables, about twice the steps of a read.
    let steps = |n: usize| {
        let lets: String = (0..n).map(|i| format!("{{% let v{i} = 1 %}}")).collect();
        let source = format!(
            "{lets}{{% for i in range(1000) %}}{{% if nope is defined %}}{{% end %}}{{% end %}}"
        );
        let enough = |fuel: u64| {
            let limits = Limits {
                fuel,
                ..Limits::default()
            };
            limited(&source, limits).is_ok()
        };
        let (mut low, mut high) = (1u64, 1 << 32);
        while high - low > high / 64 {
            let middle = low + (high - low) / 2;
            match enough(middle) {
                true => high = middle,
                false => low = middle + 1,
            }
        }
        high
    };
    assert!(steps(4_000) > steps(1_000) * 2);
}

#[test]
fn allocations_are_paid_for() {
    // Not one step an item, but what making something for each item takes.
    let fuel = Limits {
        fuel: 20_000,
        ..Limits::default()
    };
    for work in [
        "range(4000) | batch(1)",
        "zip(range(4000), range(4000)) | list",
        "enumerate(range(4000)) | list",
        "set(range(4000))",
        "range(4000) | groupby('real')",
        "dict(enumerate(range(4000)))",
        "('a ' * 4000).split()",
        "range(4000) | unique",
        "range(4000) | list | pprint",
    ] {
        let source = format!("{{% set y = {work} %}}");
        assert_eq!(
            code(limited(&source, fuel.clone())),
            Code::RunBudget,
            "{work}"
        );
    }
}

#[test]
fn renders_of_one_template_do_not_meet() {
    let environment = Arc::new(Environment::new());
    let template = environment
        .from_string("{% for i in range(n) %}{{ i }}{% end %}")
        .unwrap();
    let threads: Vec<_> = (0..8)
        .map(|n| {
            let template = template.clone();
            thread::spawn(move || template.render(&context! { n => n }).unwrap())
        })
        .collect();
    for (n, thread) in threads.into_iter().enumerate() {
        let page: String = (0..n).map(|i| i.to_string()).collect();
        assert_eq!(thread.join().unwrap(), page);
    }
}
