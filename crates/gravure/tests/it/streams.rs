//! A page in pieces: as much as was asked for is made, and no more.

use gravure::{Environment, Error, Options, context, loader::MapLoader, unstable::Probe};
use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

/// Bytes of a usual piece.
const PIECE: usize = 8 << 10;

/// An environment whose `tick()` counts how often it was called.
fn ticking() -> (Environment, Arc<AtomicU64>) {
    let ticks = Arc::new(AtomicU64::new(0));
    let mut environment = Environment::new();
    let counter = ticks.clone();
    environment.add_function("tick", move || {
        counter.fetch_add(1, Ordering::Relaxed);
        "tick "
    });
    (environment, ticks)
}

/// An environment with these templates that sends pieces of a byte.
fn bytewise(templates: &[(&str, &str)]) -> Environment {
    let templates = templates.iter().map(|&(name, source)| (name, source));
    let options = Options {
        loader: Some(Arc::new(MapLoader::from_iter(templates))),
        probe: Probe {
            piece: Some(1),
            ..Probe::default()
        },
        ..Options::default()
    };
    Environment::with_options(options).unwrap()
}

/// The pieces of `main`, cut wherever that is allowed, and what ended them.
fn pieces(templates: &[(&str, &str)]) -> (Vec<String>, Option<Error>) {
    let environment = bytewise(templates);
    let template = environment.get_template("main").unwrap();
    let context = context! {};
    let mut pieces = Vec::new();
    for piece in template.render_stream(&context) {
        match piece {
            Ok(piece) => pieces.push(piece),
            Err(error) => return (pieces, Some(error)),
        }
    }
    (pieces, None)
}

#[test]
fn nothing_runs_before_it_is_asked_for() {
    let (environment, ticks) = ticking();
    let source = "{% for i in range(100000) %}{{ tick() }}{% end %}";
    let template = environment.from_string(source).unwrap();
    let context = context! {};
    let mut pieces = template.render_stream(&context);
    assert_eq!(ticks.load(Ordering::Relaxed), 0);
    let first = pieces.next().unwrap().unwrap();
    assert!((PIECE..2 * PIECE).contains(&first.len()), "{}", first.len());
    let after_one = ticks.load(Ordering::Relaxed);
    assert_eq!(first.len() as u64, after_one * 5);
    let second = pieces.next().unwrap().unwrap();
    let after_two = ticks.load(Ordering::Relaxed);
    assert_eq!(second.len() as u64, (after_two - after_one) * 5);
    // Whoever has seen enough may leave.
    drop(pieces);
    assert_eq!(ticks.load(Ordering::Relaxed), after_two);
    assert_eq!(
        template
            .render_stream(&context)
            .map(|it| it.unwrap().len())
            .sum::<usize>(),
        500_000
    );
}

#[test]
fn an_error_comes_after_what_was_before_it() {
    let source = "{% for i in range(5000) %}line {{ i }}\n{% end %}\n{{ 1 // zero }}";
    let environment = Environment::new();
    let template = environment.from_string(source).unwrap();
    let context = context! { zero => 0 };
    let mut pieces = template.render_stream(&context);
    let mut seen = String::new();
    let error = loop {
        match pieces.next().expect("an error") {
            Ok(piece) => seen.push_str(&piece),
            Err(error) => break error,
        }
    };
    assert!(seen.starts_with("line 0\nline 1\n"), "{seen}");
    assert!(seen.len() > 4 * PIECE);
    assert_eq!(error.line(), Some(3));
    // After an error there are no more.
    assert!(pieces.next().is_none());
    let whole = template.render(&context).unwrap_err();
    assert_eq!(whole.to_string(), error.to_string());
    assert_eq!(
        (whole.code(), whole.column()),
        (error.code(), error.column())
    );
}

#[test]
fn pieces_are_cut_at_loops_and_at_flush() {
    let (pieces, error) = pieces(&[(
        "main",
        "<head>{% flush %}{% for i in [1, 2, 3] %}{{ i }};{% end %}é",
    )]);
    assert!(error.is_none());
    assert_eq!(pieces, ["<head>", "1;", "2;", "3;é"].map(str::to_owned));
}

#[test]
fn what_somebody_will_look_at_again_is_not_sent() {
    let rounds = "{% for i in [1, 2] %}{{ i }}{% end %}";
    for (before, behind, page) in [
        ("{% capture c %}", "{% end %}[{{ c }}]", "[12]"),
        ("{% spaceless %} <b> ", " </b> {% end %}", "<b> 12 </b>"),
        ("{% cache 'k' %}", "{% end %}", "12"),
        ("{% filter upper %}a", "{% end %}", "A12"),
        ("{% push 'list' %}", "{% end %}{% stack 'list' %}", "12"),
        ("{% def f() %}", "{% end %}[{{ f() ~ '!' }}]", "[12!]"),
        (
            "{% def f() %}",
            "{% end %}{% set x = f() %}[{{ x }}]",
            "[12]",
        ),
        (
            "{% try %}",
            "{{ unknown }}{% fallback %}sorry{% end %}",
            "sorry",
        ),
    ] {
        let source = format!("{before}{rounds}{behind}");
        let (pieces, error) = pieces(&[("main", &source)]);
        assert!(error.is_none(), "{source}: {error:?}");
        assert_eq!(pieces, [page.to_owned()], "{source}");
    }
}

#[test]
fn pieces_of_blocks_includes_and_parents_come_as_they_are_made() {
    let (pieces, error) = pieces(&[
        (
            "main",
            "{% extends 'base' %}{% block body %}{% include 'rows' %}{% endblock %}",
        ),
        (
            "base",
            "<{% for i in [1, 2] %}{{ i }}{% end %}{% block body %}{% endblock %}>",
        ),
        ("rows", "{% for i in ['a', 'b'] %}{{ i }}{% end %}"),
    ]);
    assert!(error.is_none());
    assert_eq!(pieces, ["<", "1", "2", "a", "b>"].map(str::to_owned));
}

#[test]
fn an_include_that_may_be_missing_is_sent_when_it_is_there() {
    let part = "{% for i in [1, 2] %}{{ i }}{% end %}{% include name %}";
    for (name, page) in [("nothing", "[]"), ("other", "[12other]")] {
        let set = format!("{{% set name = '{name}' %}}[{{% include 'part' ignore missing %}}]");
        let (pieces, error) = pieces(&[("main", &set), ("part", part), ("other", "other")]);
        assert!(error.is_none(), "{error:?}");
        assert_eq!(pieces.concat(), page);
        // The bracket is held back with it: pieces are cut at one place.
        assert_eq!(pieces.len(), 1, "{pieces:?}");
    }
}

#[test]
fn lists_hold_the_page_back_until_they_are_full() {
    let (pieces, error) = pieces(&[(
        "main",
        "{% for i in [1, 2] %}{{ i }}{% end %}|{% stack 'css' %}|\
         {% for i in [3, 4] %}{% push 'css' %}{{ i }}{% end %}{{ i }}{% end %}",
    )]);
    assert!(error.is_none());
    assert_eq!(pieces, ["1", "2|34|34"].map(str::to_owned));
}

struct Full(usize);

impl io::Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.0);
        self.0 -= n;
        match n {
            0 => Err(io::Error::other("the disk is full")),
            n => Ok(n),
        }
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_sink_that_fails_ends_the_render() {
    let (environment, ticks) = ticking();
    let source = "{% for i in range(100000) %}{{ tick() }}{% end %}";
    let template = environment.from_string(source).unwrap();
    let error = template
        .render_to(&context! {}, &mut Full(PIECE))
        .unwrap_err();
    assert_eq!(error.code().as_str(), "K-RUN-007");
    assert_eq!(error.host_error().unwrap().to_string(), "the disk is full");
    assert!(ticks.load(Ordering::Relaxed) < 5000);
}

#[test]
fn blocks_of_the_page_are_kept_when_that_is_asked_for() {
    let loader = MapLoader::from([
        (
            "main.html",
            "{% extends 'base.html' %}{% block b %}[{{ n }}]{% end %}",
        ),
        (
            "base.html",
            "{% for n in [1, 2] %}{% with m = n %}{% block b %}{% end %}{% end %}{% end %}\
             {% block a %}<{% block c %}c{% end %}>{% end %}{% include 'part.html' %}",
        ),
        ("part.html", "{% block p %}part{% end %}"),
    ]);
    let environment = Environment::with_loader(loader);
    let template = environment.get_template("main.html").unwrap();
    let data = context! { n => 7 };
    let (page, blocks) = template.render_capturing(&data, &[]).unwrap();
    assert_eq!(page, template.render(&data).unwrap());
    let found: Vec<_> = blocks
        .iter()
        .map(|(name, text)| (&**name, &**text))
        .collect();
    assert_eq!(found, [("b", "[7]"), ("c", "c"), ("a", "<c>")]);
    let (_, blocks) = template.render_capturing(&data, &["a"]).unwrap();
    assert_eq!(blocks, [("a".to_owned(), "<c>".to_owned())]);
}
