//! What holds for any text at all.

use gravure_source::{Code, Diagnostic};
use gravure_syntax::{Delimiters, SyntaxOptions, dump, parse};

/// Pieces that are put together in many ways.
const PIECES: &[&str] = &[
    "{{", "}}", "{%", "%}", "{#", "#}", "-", " ", "\n", "x", "if", "else", "for", "in", "end", "(",
    ")", "[", "]", "{", "}", "'a'", "'", "\\", "1", "1.5", "|", "|>", "?", "??", "=", ",", ".",
    "..", "not", "is", "and", "set", "slot", "let", ":", "call", "raw", "endraw", "trans", "match",
    "case", "def", "*", "**", "with", "as", "await", "true", "block", "é", "$", "by", "embed",
    "try",
];

/// A small generator of numbers, the same ones every time.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

#[test]
fn any_text_gives_a_tree_or_findings_in_words() {
    let mut numbers = Numbers(7);
    for round in 0..20_000 {
        let n_pieces = 1 + numbers.below(14);
        let mut source = String::new();
        if round % 2 == 0 {
            source.push_str("{% ");
        }
        for _ in 0..n_pieces {
            source.push_str(PIECES[numbers.below(PIECES.len())]);
            if round % 3 == 0 {
                source.push(' ');
            }
        }
        if round % 4 == 0 {
            source.push_str(" %}x{% end %}");
        }
        let options = SyntaxOptions {
            trim_blocks: round % 5 == 0,
            lstrip_blocks: round % 7 == 0,
            ..SyntaxOptions::default()
        };
        match parse(&source, &options) {
            Ok(tree) => drop(dump(&tree, &source)),
            Err(findings) => {
                assert!(!findings.is_empty(), "{source:?}");
                for finding in &findings {
                    speaks_to_people(finding, &source);
                }
            }
        }
    }
}

/// No rule's identifier, no final stop, a place inside the source.
fn speaks_to_people(finding: &Diagnostic, source: &str) {
    let said = std::iter::once(&finding.message).chain(&finding.help);
    for sentence in said {
        // What stands in backquotes is the template's own text.
        let ours: String = sentence.split('`').step_by(2).collect();
        assert!(!ours.contains('_'), "{sentence:?} for {source:?}");
        assert!(!sentence.ends_with('.'), "{sentence:?}");
    }
    let span = finding.span;
    assert!(span.start <= span.end && span.end as usize <= source.len());
    assert!(source.get(span.start as usize..span.end as usize).is_some());
}

#[test]
fn lexical_findings_come_first() {
    let codes = |source: &str| -> Vec<Code> {
        parse(source, &SyntaxOptions::default())
            .expect_err("a wrong template")
            .iter()
            .map(|finding| finding.code)
            .collect()
    };
    assert_eq!(
        codes("{{ a b }}\n{{ $ }}{{ '\\q' }}"),
        [Code::LexBadCharacter, Code::LexBadEscape]
    );
    assert_eq!(
        codes("{{ a b }}{% frob %}{{ 1 + }}{% if a %}"),
        [
            Code::ParUnexpected,
            Code::ParUnexpected,
            Code::ParExpression,
            Code::ParUnclosedBlock
        ]
    );
}

#[test]
fn findings_are_capped() {
    let findings = parse(&"{{ a b }}".repeat(1000), &SyntaxOptions::default());
    assert_eq!(findings.expect_err("a wrong template").len(), 50);
}

#[test]
fn delimiters_are_any_text() {
    let options = SyntaxOptions {
        delimiters: Delimiters {
            block_start: "<%".into(),
            block_end: "%>".into(),
            variable_start: "<%=".into(),
            variable_end: "%>".into(),
            comment_start: "<!--".into(),
            comment_end: "-->".into(),
        },
        ..SyntaxOptions::default()
    };
    let source = "a {{ b }}<%= c %><% if d %>e<% end %><!-- f --> g";
    let tree = parse(source, &options).expect("a good template");
    assert_eq!(
        dump(&tree, source),
        "text \"a {{ b }}\" @0..9\n\
         output @12..15\n  name c @13..14\n\
         if @20..22\n  if name d @23..24\n  then\n    text \"e\" @27..28\n\
         text \" g\" @47..49\n"
    );
}

#[test]
fn delimiters_are_checked() {
    let with = |change: fn(&mut Delimiters)| {
        let mut delimiters = Delimiters::default();
        change(&mut delimiters);
        delimiters.check()
    };
    assert_eq!(with(|_| {}), Ok(()));
    assert_eq!(
        with(|delimiters| delimiters.block_end.clear()),
        Err("`block_end` is empty".to_owned())
    );
    // Openers may be equal: see the next test.
    assert_eq!(
        with(|delimiters| delimiters.comment_start = "{{".to_owned()),
        Ok(())
    );
}

#[test]
fn of_equal_openers_the_output_wins_then_the_block() {
    let mut options = SyntaxOptions::default();
    options.delimiters.comment_start = "{{".to_owned();
    let tree = parse("{{ a }}", &options).expect("an output");
    assert_eq!(dump(&tree, "{{ a }}"), "output @2..5\n  name a @3..4\n");
    options.delimiters.block_start = "{{".to_owned();
    options.delimiters.variable_start = "<<".to_owned();
    let found = parse("{{ a %}", &options).expect_err("no such tag");
    assert_eq!(found[0].code.as_str(), "K-PAR-001");
}
