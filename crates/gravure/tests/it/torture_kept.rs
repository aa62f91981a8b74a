//! What is kept when something goes wrong halfway: the text of a `cache` tag
//! whose body failed, was left, or was given up is made anew the next time, and
//! nothing of the attempt remains.

use gravure::{
    AutoEscape, Bindings, Code, Context, ContextRef, Environment, Error, Limits, Options, Progress,
    RenderOptions, Template, loader::MapLoader,
};
use std::{
    panic::resume_unwind,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

const STACK: usize = 128 << 10;

/// A page in turns of so few steps that bodies end in the middle of them.
fn in_turns(template: &Template, data: ContextRef<'_>) -> Result<String, Error> {
    let mut render = template.begin(data)?;
    let mut page = String::new();
    loop {
        match render.step(2)? {
            Progress::Done(rest) => return Ok(page + &rest),
            Progress::Piece(piece) => page.push_str(&piece),
            Progress::Waiting | Progress::OutOfSteps => {}
        }
    }
}

/// An environment whose `touchy(way)` fails in that way as long as it shall.
fn environment(main: &str, shall_fail: &Arc<AtomicBool>) -> Environment {
    let templates = [
        ("main", main),
        ("fails", "half{{ touchy('error') }}whole"),
        ("well", "well"),
    ];
    let mut environment = Environment::with_options(Options {
        loader: Some(Arc::new(MapLoader::from(templates))),
        autoescape: AutoEscape::from(false),
        ..Options::default()
    })
    .unwrap();
    let shall_fail = shall_fail.clone();
    environment.add_function("touchy", move |way: &str| -> Result<String, String> {
        match (shall_fail.load(Ordering::Relaxed), way) {
            (false, _) => Ok("!".to_owned()),
            (true, "panic") => resume_unwind(Box::new("as it shall")),
            (true, _) => Err("as it shall".to_owned()),
        }
    });
    environment
}

/// Pages that fail half way through a `cache` tag, and what they are when they
/// do not. The first part fails; where it is caught, the page says so.
const CASES: &[(&str, &str, &str)] = &[
    (
        "{% cache 'k' %}a{{ touchy('error') }}b{% end %}",
        "K-RUN-007",
        "a!b",
    ),
    (
        "{% cache 'k' %}a{{ touchy('panic') }}b{% end %}",
        "K-RUN-007",
        "a!b",
    ),
    (
        "{% cache 'k' %}a{% include 'fails' %}b{% end %}",
        "K-RUN-007",
        "ahalf!wholeb",
    ),
    (
        "{% cache 'out' %}1{% cache 'in' %}2{% end %}3{{ touchy('error') }}{% end %}",
        "K-RUN-007",
        "123!",
    ),
    (
        "{% try %}x{% cache 'k' %}a{{ touchy('error') }}b{% end %}{% fallback %}caught{% end %}",
        "caught",
        "xa!b",
    ),
    (
        "{% cache 'k' %}a{% try %}b{{ touchy('panic') }}{% fallback %}-{% end %}c{% end %}",
        "a-c",
        "a-c",
    ),
    (
        "{% cache 'k' %}{% push 's' %}p{% end %}{{ touchy('error') }}{% end %}[{% stack 's' %}]",
        "K-RUN-007",
        "![p]",
    ),
    (
        "{% try %}{% cache 'k' %}{% push 's' %}p{% end %}{{ touchy('error') }}{% end %}{% fallback %}f{% end %}[{% stack 's' %}]",
        "f[p]",
        "![p]",
    ),
    (
        "{% def d() %}{% cache 'k' %}a{{ touchy('error') }}{% end %}{% end %}{% capture c %}{{ d() }}{% end %}<{{ c }}>",
        "K-RUN-007",
        "<a!>",
    ),
    (
        "{% cache 'k' %}{% capture c %}a{{ touchy('error') }}{% end %}{{ c }}{{ c }}{% end %}",
        "K-RUN-007",
        "a!a!",
    ),
    (
        "{% cache 'k' %}a{{ nobody }}{% end %}",
        "K-RUN-001",
        "K-RUN-001",
    ),
    (
        "{% cache 'k' %}a{% include 'nobody' %}{% end %}",
        "K-TPL-001",
        "K-TPL-001",
    ),
    ("{% cache touchy('error') %}a{% end %}", "K-RUN-007", "a"),
];

/// A way to render.
type Way = fn(&Template, ContextRef<'_>) -> Result<String, Error>;

fn said(page: Result<String, Error>) -> String {
    page.unwrap_or_else(|error| error.code().as_str().to_owned())
}

#[test]
fn a_body_that_fails_leaves_nothing_behind() {
    let mut wrong = Vec::new();
    for &(main, broken, well) in CASES {
        let ways: [(&str, Way); 3] = [
            ("page", |it, data| it.render(data)),
            ("pieces", |it, data| it.render_stream(data).collect()),
            ("turns", in_turns),
        ];
        for (way, render) in ways {
            let work = move || {
                let shall_fail = Arc::new(AtomicBool::new(true));
                let environment = environment(main, &shall_fail);
                let template = environment.get_template("main").unwrap();
                let nothing = Context::new();
                let data = || ContextRef::from(&nothing);
                let mut pages = vec![
                    said(render(&template, data())),
                    said(render(&template, data())),
                ];
                let kept = environment.fragment_cache_stats().size;
                shall_fail.store(false, Ordering::Relaxed);
                pages.push(said(render(&template, data())));
                pages.push(said(render(&template, data())));
                (pages, kept)
            };
            let thread = thread::Builder::new().stack_size(STACK).spawn(work);
            let (pages, kept) = thread.unwrap().join().expect("the thread survives");
            if pages != [broken, broken, well, well] {
                wrong.push(format!("{main} as {way}: {pages:?}, {kept} kept"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_body_that_is_left_is_not_kept() {
    let main = "{% for i in range(3) %}{% cache 'k' %}a{% if i < 2 %}{% continue %}{% end %}\
        b{{ i }}{% end %}{% end %}";
    let environment = environment(main, &Arc::new(AtomicBool::new(false)));
    let page = || environment.render("main", &Context::new()).unwrap();
    assert_eq!([page(), page()], ["aaab2", "ab2ab2ab2"]);
}

#[test]
fn a_body_that_meets_a_bound_leaves_nothing_behind() {
    let main = "{% cache 'k' %}a{% for i in range(1000) %}{{ i }}{% end %}b{% end %}";
    let environment = environment(main, &Arc::new(AtomicBool::new(false)));
    let template = environment.get_template("main").unwrap();
    for limits in [
        Limits {
            fuel: 500,
            ..Limits::default()
        },
        Limits {
            output: 100,
            ..Limits::default()
        },
        Limits {
            memory: 1,
            ..Limits::default()
        },
        Limits {
            loop_rounds: 10,
            ..Limits::default()
        },
    ] {
        let options = RenderOptions {
            limits: Some(limits),
            ..RenderOptions::default()
        };
        let error = template.render_with(&Context::new(), &options).unwrap_err();
        assert!(
            matches!(error.code(), Code::RunBudget | Code::SecOutput),
            "{error}"
        );
        assert_eq!(environment.fragment_cache_stats().size, 0);
    }
    let page = template.render(&Context::new()).unwrap();
    assert_eq!(page.len(), 2 + 10 + 180 + 2_700);
    assert_eq!(environment.fragment_cache_stats().size, 1);
}

#[test]
fn a_body_that_is_given_up_leaves_nothing_behind() {
    let main = "{% cache 'k' %}a{% for i in range(100) %}{{ i }}{% end %}b{% end %}";
    let environment = environment(main, &Arc::new(AtomicBool::new(false)));
    let template = environment.get_template("main").unwrap();
    let nothing = Context::new();
    let mut n_unfinished = 0;
    for steps in 1..200 {
        let mut render = template.begin(&nothing).unwrap();
        let is_over = matches!(render.step(steps), Ok(Progress::Done(_)));
        drop(render);
        if !is_over && environment.fragment_cache_stats().size == 0 {
            n_unfinished += 1;
        }
    }
    assert!(n_unfinished > 50, "{n_unfinished} were given up halfway");
    let page = template.render(&nothing).unwrap();
    assert_eq!(page.len(), 1 + 190 + 1);
}

#[test]
fn what_one_render_could_not_finish_another_does() {
    // The objects of one render fail, those of the next do not: nothing of the
    // first is seen.
    let main = "{% cache 'k' %}{{ name }}{{ touchy('error') }}{% end %}";
    let shall_fail = Arc::new(AtomicBool::new(true));
    let environment = environment(main, &shall_fail);
    let template = environment.get_template("main").unwrap();
    let first = Bindings::new().give("name", "first".to_owned());
    assert!(template.render(&first).is_err());
    shall_fail.store(false, Ordering::Relaxed);
    let second = Bindings::new().give("name", "second".to_owned());
    assert_eq!(template.render(&second).unwrap(), "second!");
    assert_eq!(template.render(&first).unwrap(), "second!");
}
