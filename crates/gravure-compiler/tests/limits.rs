//! What a chunk cannot number is a finding, never a wrong number.

mod common;

use gravure_source::Code;

fn is_too_large(source: &str) {
    let findings = common::compiled(source).expect_err("it is too large");
    let codes: Vec<Code> = findings.iter().map(|it| it.code).collect();
    assert_eq!(codes, [Code::ParNesting], "{findings:?}");
}

#[test]
fn too_many_values_side_by_side() {
    let many = "x,".repeat(66_000);
    is_too_large(&format!("{{{{ ({many}) }}}}"));
    is_too_large(&format!("{{{{ f({}) }}}}", many.trim_end_matches(',')));
}

#[test]
fn a_long_list_needs_few_registers() {
    let many = "x,".repeat(66_000);
    let (draft, _) = common::compiled(&format!("{{{{ [{many}] }}}}")).expect("it fits");
    assert!(draft.protos.iter().all(|it| it.registers < 10));
}

#[test]
fn too_many_blocks() {
    let many: String = (0..66_000)
        .map(|n| format!("{{% block b{n} %}}{{% end %}}"))
        .collect();
    is_too_large(&many);
}

#[test]
fn too_many_names_shown() {
    let sets: String = (0..2_000)
        .map(|n| format!("{{% set v{n} = x %}}"))
        .collect();
    let includes = "{% include 'a' %}".repeat(2_000);
    is_too_large(&format!("{{% if x %}}{sets}{includes}{{% end %}}"));
}

#[test]
fn long_chains_cost_no_depth() {
    for (first, link) in [
        ("a", " + a"),
        ("a", " ~ a"),
        ("a", " and a"),
        ("a", ".a"),
        ("a", " < a"),
        ("a", " is odd"),
        ("a", " ?? a"),
    ] {
        let source = format!("{{{{ {first}{} }}}}", link.repeat(20_000));
        // Whether such a chain is taken at all is the parser's business.
        if let Ok((draft, _)) = common::compiled(&source) {
            assert!(draft.protos.iter().all(|it| it.registers < 300), "{link}");
        }
    }
}

#[test]
fn too_much_to_undo() {
    let bindings: Vec<String> = (0..2_000).map(|n| format!("v{n} = x")).collect();
    let breaks = "{% break %}".repeat(2_000);
    is_too_large(&format!(
        "{{% for x in y %}}{{% with {} %}}{breaks}{{% end %}}{{% end %}}",
        bindings.join(", ")
    ));
}
