//! I6: whatever a template can make long is counted, and the answer does not
//! depend on the native stack: everything here runs on 128 KiB.

use gravure_source::Code;
use gravure_syntax::{SyntaxOptions, dump, parse};

/// The nesting of the tree, or the first code, found on a small stack.
fn outcome(source: String, options: SyntaxOptions) -> Result<u32, Code> {
    std::thread::Builder::new()
        .stack_size(128 * 1024)
        .spawn(move || match parse(&source, &options) {
            Ok(tree) => {
                assert!(!dump(&tree, &source).is_empty());
                Ok(tree.nesting)
            }
            Err(findings) => Err(findings[0].code),
        })
        .expect("a thread")
        .join()
        .expect("no panic")
}

fn check(source: impl Into<String>, expected: Result<u32, Code>) {
    let source = source.into();
    let shown: String = source.chars().take(40).collect();
    let found = outcome(source, SyntaxOptions::default());
    assert_eq!(found, expected, "{shown}");
}

fn nested(open: &str, inner: &str, close: &str, n: usize) -> String {
    format!("{}{inner}{}", open.repeat(n), close.repeat(n))
}

fn printed(expression: &str) -> String {
    format!("{{{{ {expression} }}}}")
}

#[test]
fn what_fits_is_read() {
    for (open, close) in [
        ("(", ")"),
        ("[", "]"),
        ("f(", ")"),
        ("a[", "]"),
        ("{1: ", "} "),
    ] {
        let source = printed(&nested(open, "1", close, 200));
        check(source, Ok(200));
    }
    check(nested("{% if a %}", "x", "{% end %}", 200), Ok(200));
    let targets = nested("(", "a", ",)", 199);
    check(format!("{{% for {targets} in b %}}{{% end %}}"), Ok(199));
    let types = nested("a[", "b", "]", 199);
    check(format!("{{% def f(a: {types}) %}}{{% end %}}"), Ok(200));
    check(printed(&format!("{}1", "-".repeat(200))), Ok(200));
    check(printed(&format!("{}1", "not ".repeat(200))), Ok(200));
    check(printed(&format!("1{}", " ** 1".repeat(200))), Ok(200));
    check(printed(&format!("{}1", "1 ?? ".repeat(200))), Ok(200));
    check(
        printed(&format!("{}1", "1 if 1 else ".repeat(200))),
        Ok(200),
    );
    check(nested("{% if a %}", "{{ (1) }}", "{% end %}", 199), Ok(200));
}

#[test]
fn one_more_does_not() {
    let deep = Err(Code::ParNesting);
    check(printed(&nested("(", "1", ")", 201)), deep);
    check(nested("{% if a %}", "x", "{% end %}", 201), deep);
    check(nested("{% if a %}", "{{ (1) }}", "{% end %}", 200), deep);
    check(printed(&format!("{}1", "-".repeat(201))), deep);
    check(printed(&format!("1{}", " ** 1".repeat(201))), deep);
    check(printed(&format!("{}1", "1 ?? ".repeat(201))), deep);
    check(printed(&format!("{}1", "1 if 1 else ".repeat(201))), deep);
    check(printed(&format!("{}1", "1..".repeat(201))), deep);
}

#[test]
fn the_host_may_raise_the_limit() {
    for source in [
        printed(&nested("(", "1", ")", 500)),
        printed(&nested("f(x=[", "1", "])", 250)),
        nested("{% for a in b %}", "x", "{% end %}", 500),
    ] {
        let mut options = SyntaxOptions::default();
        options.limits.max_nesting = 500;
        assert_eq!(outcome(source, options), Ok(500));
    }
}

#[test]
fn far_too_deep_is_a_finding() {
    let deep = Err(Code::ParNesting);
    let long = Err(Code::LexTooLong);
    check(printed(&nested("(", "1", ")", 40_000)), deep);
    check(printed(&"(".repeat(90_000)), deep);
    check(printed(&"f(".repeat(40_000)), deep);
    check(printed(&"[{(".repeat(30_000)), deep);
    check(printed(&nested("(", "", "]", 40_000)), deep);
    check(nested("(", "1", ")", 100_000), Ok(0));
    check(printed(&nested("(", "1", ")", 100_000)), long);
    check("{% if a %}".repeat(30_000), deep);
    check("{% if a %}".repeat(100_000), long);
    check(printed(&format!("1{}", " ** 1".repeat(20_000))), deep);
    check(printed(&format!("{}1", "-".repeat(90_000))), deep);
    check(printed(&format!("{}1", "-".repeat(100_000))), long);
    check(
        printed(&format!("{}1", "1 if 1 else ".repeat(20_000))),
        deep,
    );
}

#[test]
fn chains_are_not_deep() {
    let chain = |link: &str| printed(&format!("a{}", link.repeat(30_000)));
    for link in [
        " + a", " * a", " ~ a", " < a", " and a", " or a", ".a", " is a",
    ] {
        check(chain(link), Ok(0));
    }
    let branches = "{% elif a %}x".repeat(15_000);
    check(format!("{{% if a %}}{branches}{{% end %}}"), Ok(1));
    let sum = format!("1{}", " + 1".repeat(90_000));
    check(printed(&sum), Err(Code::LexTooLong));
    let mut options = SyntaxOptions::default();
    options.limits.max_tokens = 1_000_000;
    assert_eq!(outcome(printed(&sum), options), Ok(0));
}

#[test]
fn filters_are_counted() {
    let chain = |n: usize| printed(&format!("a{}", " | f".repeat(n)));
    check(chain(200), Ok(0));
    check(chain(201), Err(Code::ParFilter));
    check(
        printed(&format!(
            "({}) | f",
            "a | f".to_owned() + &" | f".repeat(199)
        )),
        Ok(1),
    );
}

#[test]
fn bytes_are_counted() {
    let mut options = SyntaxOptions::default();
    options.limits.max_bytes = 10;
    assert_eq!(outcome("0123456789".into(), options.clone()), Ok(0));
    assert_eq!(
        outcome("0123456789+".into(), options),
        Err(Code::LexTooLong)
    );
}

#[test]
fn tokens_are_counted() {
    // Text, delimiters, name: three.
    let mut options = SyntaxOptions::default();
    options.limits.max_tokens = 3;
    assert_eq!(outcome("x{{ a }}".into(), options.clone()), Ok(0));
    assert_eq!(outcome("x{{ a }}x".into(), options), Err(Code::LexTooLong));
}

#[test]
fn findings_of_one_tag_are_counted() {
    for source in [
        printed(&"$".repeat(90_000)),
        printed(&format!("'{}'", "\\q".repeat(500_000))),
    ] {
        let findings = parse(&source, &SyntaxOptions::default()).expect_err("a wrong template");
        assert_eq!(findings.len(), 50);
    }
}

#[test]
fn long_lines_are_no_trouble() {
    let text = "{ lorem ipsum }".repeat(700_000);
    check(format!("{text}{{{{ x }}}}"), Ok(0));
    check(printed(&format!("'{}'", "\\n".repeat(500_000))), Ok(0));
    check(printed(&"9".repeat(500_000)), Ok(0));
}
