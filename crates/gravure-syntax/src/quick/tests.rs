//! The short way gives what the grammar gives, or nothing.

use super::read;
use crate::SyntaxOptions;
use crate::grammar::Rule;
use crate::lex::{Piece, lex};
use crate::pairs::PairTable;

/// Every rule that is read for a group, with the words that its tag begins
/// with; brackets and outputs begin with any token.
const RULES: &[(Rule, &str)] = &[
    (Rule::output, ""),
    (Rule::condition_tag, "iLuh"),
    (Rule::for_tag, "fy"),
    (Rule::match_tag, "M"),
    (Rule::case_tag, "A"),
    (Rule::set_tag, "sl"),
    (Rule::export_tag, "X"),
    (Rule::capture_tag, "k"),
    (Rule::with_tag, "w"),
    (Rule::def_tag, "dr"),
    (Rule::call_tag, "C"),
    (Rule::slot_tag, "S"),
    (Rule::yield_tag, "Y"),
    (Rule::import_tag, "p"),
    (Rule::from_tag, "o"),
    (Rule::extends_tag, "j"),
    (Rule::block_tag, "B"),
    (Rule::fragment_tag, "G"),
    (Rule::include_tag, "I"),
    (Rule::embed_tag, "E"),
    (Rule::template_tag, "t"),
    (Rule::provide_tag, "P"),
    (Rule::list_tag, "Uq"),
    (Rule::fallback_tag, "z"),
    (Rule::cache_tag, "K"),
    (Rule::filter_tag, "F"),
    (Rule::trans_tag, "T"),
    (Rule::bare_tag, "ve"),
    (Rule::parens, ""),
    (Rule::list, ""),
    (Rule::dict, ""),
    (Rule::subscripts, ""),
    (Rule::arguments, ""),
    (Rule::parameters, ""),
    (Rule::types, ""),
    (Rule::inner_targets, ""),
];

/// One shape of each sort: words, literals, brackets, operators of every kind,
/// and a bracket that closes nothing.
const SHAPES: &[u8] = b"nifeaplwIbB#\"0([]{='?,:|57&$!@`}.8^+-1<9_m)";

/// Longer stretches that templates are made of.
const PIECES: &[&str] = &[
    "n", "n", "n", "(", "[", "]", ".n", ".#", "8n", "|n", "|n(", "5n", "7n(", "`n", "`!n(", "`\"",
    "`!}", "`#", "!@", "@", "+", "-", "*", "^", "1", "2", "<", "&", "$", "!", "}", "9", "_", "b",
    "?", "i", "e", "f", ",", ":", "n=", "n'", "#=", "\"", "0", "#", "{", "n@n", "a", "p", "=",
    "an", "l:n", "l:n=n", "n=n", "n,n", ",n=0", "n'\"", "pn",
];

/// Does the short way take it, and as the grammar does?
fn is_taken(rule: Rule, shapes: &str) -> bool {
    const BASE: usize = 7;
    let mut quick = PairTable::default();
    if !read(rule, shapes.as_bytes(), BASE, &mut quick) {
        return false;
    }
    let mut whole = PairTable::default();
    let fits = whole.read(rule, shapes.as_bytes(), BASE);
    assert!(fits.is_ok(), "{rule:?} does not take {shapes}");
    assert_eq!(quick, whole, "{rule:?} takes {shapes} apart");
    true
}

#[test]
fn short_groups_are_read_alike() {
    let mut n_taken = 0;
    let mut shapes = String::new();
    for &(rule, words) in RULES {
        let mut starts: Vec<String> = words.chars().map(String::from).collect();
        if words.is_empty() {
            starts.push(String::new());
        }
        for start in starts {
            for n in 0..=3_u32 {
                for number in 0..SHAPES.len().pow(n) {
                    shapes.clear();
                    shapes.push_str(&start);
                    let digit = |at| SHAPES[number / SHAPES.len().pow(at) % SHAPES.len()];
                    shapes.extend((0..n).map(digit).map(char::from));
                    n_taken += usize::from(is_taken(rule, &shapes));
                }
            }
        }
    }
    assert!(n_taken > 10_000, "{n_taken}");
}

#[test]
fn long_groups_are_read_alike() {
    let mut seed = 11_u64;
    let mut below = |n: usize| {
        seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) as usize % n
    };
    let mut n_taken = 0;
    for _ in 0..200_000 {
        let (rule, words) = RULES[below(RULES.len())];
        let mut shapes = String::new();
        if !words.is_empty() {
            let at = below(words.len());
            shapes.push_str(&words[at..=at]);
        }
        for _ in 0..below(9) {
            shapes.push_str(PIECES[below(PIECES.len())]);
        }
        n_taken += usize::from(is_taken(rule, &shapes));
    }
    assert!(n_taken > 5_000, "{n_taken}");
}

/// Whatever the short way is for, it must be taken.
#[test]
fn the_usual_is_read_the_short_way() {
    for (rule, shapes) in [
        (Rule::output, "n.n|n|n("),
        (Rule::output, "-n.n+0*n(^0~\""),
        (Rule::output, "nin`n&n`!n$!nen"),
        (Rule::condition_tag, "in.n&!n1\"$n!@n"),
        (Rule::for_tag, "fn,n@n.n(in"),
        (Rule::case_tag, "A\",nin<0"),
        (Rule::set_tag, "sn=n?n,n'0"),
        (Rule::set_tag, "sn,n=n,n"),
        (Rule::set_tag, "sn=0,0"),
        (Rule::with_tag, "wn=n,n=0"),
        (Rule::with_tag, "wn.nan"),
        (Rule::provide_tag, "Pn=n"),
        (Rule::trans_tag, "Tn=n,n=0n=\""),
        (Rule::cache_tag, "K\",n=0"),
        (Rule::capture_tag, "kn"),
        (Rule::slot_tag, "S"),
        (Rule::slot_tag, "Snl:n=0,l:n"),
        (Rule::list_tag, "U\""),
        (Rule::import_tag, "p\"an"),
        (Rule::def_tag, "dn("),
        (Rule::block_tag, "Bn"),
        (Rule::extends_tag, "j\""),
        (Rule::include_tag, "I\""),
        (Rule::from_tag, "o\"pn,nan"),
        (Rule::list, "nfn@nin"),
        (Rule::list, "n,n,"),
        (Rule::dict, "\":n,\":n,"),
        (Rule::subscripts, "0:n"),
        (Rule::arguments, "n,n=0"),
        (Rule::parameters, "n,n=0,*n,^n"),
    ] {
        assert!(is_taken(rule, shapes), "{rule:?} {shapes}");
    }
    let lexed = lex("{{ a }}{{ b.c | d(1) }}", &SyntaxOptions::default());
    let Ok(lexed) = lexed else {
        panic!("a good template")
    };
    for piece in lexed.pieces {
        let Piece::Output(id) = piece else {
            panic!("an output")
        };
        let shapes = lexed.tokens.shapes(lexed.tokens.group(id));
        let shapes = str::from_utf8(shapes).expect("shapes are ASCII");
        assert!(is_taken(Rule::output, shapes), "{shapes}");
    }
}
