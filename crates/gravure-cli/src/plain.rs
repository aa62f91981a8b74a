//! The plainest ways to ask for a render, read without the command line's own
//! library, which takes longer than compiling a small template.
//!
//! In: the words behind `render`. Out: what the library would make of them, or
//! nothing where it should look itself: at options that are rare, at several
//! meanings, at mistakes, and at calls for help, for which it has the words.

use crate::args::{Around, Render, Trusted, Which};
use std::{ffi::OsString, path::PathBuf};

/// A template, and common options, each with its value in a word of its own.
pub(crate) fn render(words: impl IntoIterator<Item = OsString>) -> Option<Render> {
    let mut template = None;
    let (mut roots, mut sets) = (Vec::new(), Vec::new());
    let (mut data, mut output) = (None, None);
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        let word = word.into_string().ok()?;
        if !word.starts_with('-') {
            put(&mut template, word)?;
            continue;
        }
        let value = words.next()?;
        if value.is_empty() || value.as_encoded_bytes().starts_with(b"-") {
            return None;
        }
        match &*word {
            "--root" => roots.push(PathBuf::from(value)),
            "--set" => sets.push(value.into_string().ok()?),
            "--data" => put(&mut data, PathBuf::from(value))?,
            "--output" | "-o" => put(&mut output, PathBuf::from(value))?,
            _ => return None,
        }
    }
    let which = Which {
        template: template?,
        roots,
        bundle: None,
        trust: Trusted {
            keys: Vec::new(),
            least: 0,
        },
        around: Around {
            config: None,
            filters: Vec::new(),
            tests: Vec::new(),
            functions: Vec::new(),
        },
    };
    Some(Render {
        which,
        data,
        sets,
        output,
        cache: None,
        warnings: false,
    })
}

/// What may be given once.
fn put<T>(place: &mut Option<T>, value: T) -> Option<()> {
    match place {
        None => *place = Some(value),
        Some(_) => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::{Args, Command};
    use clap::Parser as _;

    /// What the library makes of the words.
    fn long_way(words: &[&str]) -> Option<String> {
        let all = ["gravure", "render"].iter().chain(words);
        match Args::try_parse_from(all).ok()?.command {
            Command::Render(args) => Some(format!("{args:?}")),
            _ => None,
        }
    }

    fn short_way(words: &[&str]) -> Option<String> {
        let words = words.iter().map(OsString::from);
        render(words).map(|args| format!("{args:?}"))
    }

    #[test]
    fn plain_words_mean_the_same() {
        for words in [
            &["a.html"] as &[&str],
            &["a.html", "--data", "a.json"],
            &["--root", "x", "a.html", "--root", "y", "-o", "z"],
            &["--set", "a=1", "--set", "b=-2", "--set", "--", "x"],
            &["a b", "--set", "k=\u{e9} = ,", "--output", "o"],
            &["", "--root", "."],
        ] {
            assert!(long_way(words).is_some() || short_way(words).is_none());
            if let Some(plain) = short_way(words) {
                assert_eq!(Some(plain), long_way(words), "{words:?}");
            }
        }
        assert!(short_way(&["--root", "x", "a.html", "--data", "d", "-o", "z"]).is_some());
    }

    /// Up to five words of these, in every order: whoever answers at all
    /// answers alike.
    #[test]
    fn whatever_is_not_plain_is_left_to_the_library() {
        const WORDS: [&str; 9] = [
            "--data",
            "a",
            "-o",
            "--root",
            "--set",
            "",
            "--",
            "--data=x",
            "--warnings",
        ];
        let mut n_plain = 0;
        for number in 0..WORDS.len().pow(5) {
            let mut rest = number;
            let mut words = Vec::new();
            while rest > 0 {
                words.push(WORDS[rest % WORDS.len()]);
                rest /= WORDS.len();
            }
            if let Some(plain) = short_way(&words) {
                assert_eq!(Some(plain), long_way(&words), "{words:?}");
                n_plain += 1;
            }
        }
        assert!(n_plain >= 20, "{n_plain}");
    }
}
