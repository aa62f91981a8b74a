//! Renders side by side on one thread: nobody waits for more than a turn.

use gravure::{Context, Environment, Options, Progress, Render, unstable::Probe};

/// Two renders in turns of so many steps: how many the long one took between
/// two turns of the short one, at most, and until the short one was done; and
/// whether the pages are right.
fn side_by_side(long: &str, turn: u64) -> (u64, u64) {
    let environment = Environment::new();
    let long = environment.from_string(long).unwrap();
    let short = environment
        .from_string("{% for i in range(100) %}<li>{{ i }}</li>{% end %}")
        .unwrap();
    let context = Context::new();
    let mut busy = long.begin(&context).unwrap();
    let mut page = String::new();
    // It has been at work for a while.
    for _ in 0..10 {
        assert!(!matches!(busy.step(turn).unwrap(), Progress::Done(_)));
    }
    let mut quick = short.begin(&context).unwrap();
    let (mut longest, mut total) = (0, 0);
    loop {
        let before = busy.steps();
        assert!(!matches!(busy.step(turn).unwrap(), Progress::Done(_)));
        let taken = busy.steps() - before;
        longest = longest.max(taken);
        total += taken;
        match quick.step(turn).unwrap() {
            Progress::Piece(piece) => page.push_str(&piece),
            Progress::Done(rest) => {
                page.push_str(&rest);
                break;
            }
            Progress::Waiting | Progress::OutOfSteps => {}
        }
    }
    assert_eq!(page, short.render(&context).unwrap());
    (longest, total)
}

#[test]
fn a_short_page_waits_for_one_turn_of_a_long_one() {
    for long in [
        "{% for i in range(1000000) %}{{ i }}{% end %}",
        "{% for i in range(1000000) %}{{ i }}{% if i % 2 %}x{% end %}{{ i | string }}{% end %}",
        "{% let i = 0 %}{% while i < 1000000 %}{% let i = i + 1 %}{% end %}",
        "{% def f(n) %}{% if n %}{{ f(n - 1) }}{{ f(n - 1) }}{% end %}{% end %}{{ f(30) }}",
        "{% def f(n) %}{{ n }}{% end %}{% for i in range(1000000) %}{{ f(i) }}{% end %}",
        "{% def f(n) %}{{ n }}{% end %}{{ sorted(range(1000000), key=f) }}",
        "{% def f(n) %}{% end %}{% for i in filter(f, range(1000000)) %}{{ i }}{% end %}",
        "{% for i in range(1000000) %}{{ [i, 1] | sum }}{{ 'abc' | upper | length }}{% end %}",
    ] {
        for turn in [10, 200, 5_000] {
            let (longest, _) = side_by_side(long, turn);
            // A turn ends with the round, or the call, that its last step
            // belongs to; what these make costs four steps each.
            assert!(longest <= turn + 100, "{longest} instead of {turn}: {long}");
        }
    }
}

#[test]
fn turns_change_no_page_and_no_count() {
    let source = "{% def f(x) %}[{{ x }}]{% end %}{% set l = [3, 1, 2] %}\
        {% for i in range(300) %}{{ f(i) }}{% for x in sorted(l, key=f) %}{{ x }}{% end %}\
        {% try %}{{ nope }}{% fallback %}!{% end %}{% end %}";
    for is_plain in [false, true] {
        let environment = Environment::with_options(Options {
            probe: Probe {
                is_plain,
                collect_always: is_plain,
                ..Probe::default()
            },
            ..Options::default()
        })
        .unwrap();
        let template = environment.from_string(source).unwrap();
        let context = Context::new();
        let (page, steps) = template.render_counting(&context);
        let page = page.unwrap();
        for turn in [0, 1, 13, 1_000, u64::MAX] {
            let mut render = template.begin(&context).unwrap();
            let mut joined = String::new();
            loop {
                match render.step(turn).unwrap() {
                    Progress::Done(rest) => break joined.push_str(&rest),
                    Progress::Piece(piece) => joined.push_str(&piece),
                    Progress::Waiting | Progress::OutOfSteps => {}
                }
            }
            assert_eq!(joined, page, "{turn}");
            assert_eq!(render.steps(), steps, "{turn}");
        }
    }
}

#[test]
fn a_render_that_is_over_stays_over() {
    let environment = Environment::new();
    let context = Context::new();
    let good = environment.from_string("a").unwrap();
    let mut render: Render<'_> = good.begin(&context).unwrap();
    assert_eq!(render.step(0).unwrap(), Progress::Done("a".into()));
    assert_eq!(render.step(0).unwrap(), Progress::Done(String::new()));
    let bad = environment.from_string("a{{ nope }}").unwrap();
    let mut render = bad.begin(&context).unwrap();
    assert!(render.step(1_000).is_err());
    assert_eq!(render.step(1_000).unwrap(), Progress::Done(String::new()));
}
