//! Short ways give what the grammar gives: a value alone in a tag, which is
//! read without the grammar, and the same value at the same place behind it.

use gravure_syntax::{SyntaxOptions, dump, parse};

fn tree(source: &str) -> String {
    let tree = parse(source, &SyntaxOptions::default()).expect("a good template");
    dump(&tree, source)
}

/// The lines below the line that begins with `head`, without their indent.
fn below(tree: &str, head: &str) -> Vec<String> {
    let lines: Vec<_> = tree.lines().collect();
    let depth = |line: &str| line.len() - line.trim_start().len();
    let at = lines
        .iter()
        .position(|line| line.trim_start().starts_with(head))
        .expect("the line is there");
    lines[at + 1..]
        .iter()
        .take_while(|line| depth(line) > depth(lines[at]))
        .map(|line| line[depth(lines[at]) + 2..].to_owned())
        .collect()
}

#[test]
fn plain_values_have_the_same_tree_either_way() {
    for value in [
        "a",
        "if",
        "a.b",
        "a.true.await.if",
        "1",
        "1.5",
        "'x'",
        "none",
        "a . b",
    ] {
        let whole = below(&tree(&format!("{{{{ {value} }}}}")), "output");
        let listed = below(&tree(&format!("{{{{[{value},] }}}}")), "list");
        assert_eq!(whole, listed, "{value}");
        let alone = below(&tree(&format!("{{{{ f({value}) }}}}")), "( )");
        let first = below(&tree(&format!("{{{{ f({value},1) }}}}")), "( )");
        assert_eq!(alone, first[..alone.len()], "{value}");
        let key = below(&tree(&format!("{{{{ f[{value}] }}}}")), "[ ]");
        assert_eq!(key, alone, "{value}");
    }
}

#[test]
fn what_only_looks_plain_is_read_by_the_grammar() {
    for wrong in [
        "a.", "a.1", "a b", "1.x", "await", "a..", "'a'.", "none b", "and", "a.in",
    ] {
        for source in [
            format!("{{{{ {wrong} }}}}"),
            format!("{{{{ f({wrong}) }}}}"),
            format!("{{{{ f[{wrong}] }}}}"),
            format!("{{% if {wrong} %}}{{% end %}}"),
        ] {
            assert!(
                parse(&source, &SyntaxOptions::default()).is_err(),
                "{source}"
            );
        }
    }
}
