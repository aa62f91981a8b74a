//! The meter over templates that want too much: each stops at its bound, at
//! the right line, and leaves the environment as it was. And what a render may
//! ask for is never more than what its environment allows.

use gravure::{
    Code, Context, ContextRef, Environment, Error, Limits, Options, Progress, RenderOptions,
    context, loader::MapLoader,
};
use std::{
    pin::pin,
    sync::Arc,
    task::{self, Poll, Waker},
    time::Duration,
};

fn untrusted(source: &str) -> (Environment, Result<String, Error>) {
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(MapLoader::from([
            ("main", source),
            ("well", "{% for i in range(3) %}{{ i }}{% end %}"),
        ]))),
        ..Options::untrusted()
    });
    let environment = environment.unwrap();
    let page = environment.render("main", &context! {});
    (environment, page)
}

#[test]
fn what_broke_others_stops_in_time() {
    // All on the second line, where the error must be.
    for (source, code) in [
        (
            "{% let s = 'xxxxxxxx' %}\n{% for i in range(60) %}{% let s = s ~ s %}{% end %}",
            Code::RunBudget,
        ),
        (
            "{% let s = 'x' * 100000 %}\n{{ s | replace('x', s) }}",
            Code::RunBudget,
        ),
        (
            "\n{% for a in range(10000) %}{% for b in range(10000) %}{% end %}{% end %}",
            Code::RunBudget,
        ),
        ("\n{{ range(100000000) | list }}", Code::SecRange),
        ("\n{{ '{:9999999}' | format(1) }}", Code::RunBudget),
        ("\n{{ '{:9999999}'.format(1) }}", Code::RunBudget),
        ("\n{{ 'x' | center(99999999) }}", Code::RunBudget),
        ("\n{{ 'x'.ljust(99999999) }}", Code::RunBudget),
        ("\n{{ 'x\\ty'.expandtabs(99999999) }}", Code::RunBudget),
        ("\n{{ 'x\\ny' | indent(99999999) }}", Code::RunBudget),
        ("\n{{ 9 ** 9 ** 9 }}", Code::RunBudget),
        ("\n{{ [1] * 100000000 }}", Code::RunBudget),
        (
            "{% let l = range(10000) | list %}\n{% for i in range(10000) %}{% let m = l | sort %}{% end %}",
            Code::RunBudget,
        ),
        (
            "{% let l = ['x' * 10000] * 10000 %}\n{{ l | join(',') | length }}",
            Code::RunBudget,
        ),
        (
            "{% let l = range(10000) | list %}\n{% for i in range(100000) | batch(1) %}{{ l | batch(1) | list | length }}{% end %}",
            Code::SecRange,
        ),
        (
            "{% let l = range(10000) | list %}\n{% for i in range(10000) %}{% let m = l | slice(3) | list %}{% end %}",
            Code::RunBudget,
        ),
        (
            "{% let l = range(10000) | list %}\n{% for i in range(10000) %}{% let m = l | batch(3) | list %}{% end %}",
            Code::RunBudget,
        ),
        (
            "{% def a() %}{% call a() %}x{% end %}{% end %}\n{{ a() }}",
            Code::RunCallDepth,
        ),
        (
            "{% def f(n) %}{{ g(n) }}{% end %}{% def g(n) %}{{ f(n) }}{% end %}\n{{ f(1) }}",
            Code::RunCallDepth,
        ),
        (
            "{% def f(n) %}{% provide k = n %}{{ f(n + 1) }}{% end %}{% end %}\n{{ f(1) }}",
            Code::RunCallDepth,
        ),
        (
            "\n{% for i in range(10000) %}{{ 'x' * 10000 }}{% end %}",
            Code::SecOutput,
        ),
        ("\n{% while true %}{% end %}", Code::RunBudget),
        ("\n{% include 'main' %}", Code::RunDepth),
    ] {
        let (environment, page) = untrusted(source);
        let error = page.expect_err(source);
        assert_eq!(error.code(), code, "{source}: {error}");
        let place = if code == Code::RunCallDepth { 1 } else { 2 };
        assert_eq!(error.line(), Some(place), "{source}");
        let well = environment.render("well", &context! {});
        assert_eq!(well.unwrap(), "012", "after {source}");
    }
}

/// What a page of one environment ends with, through every way of rendering.
fn all_ways(environment: &Environment, asked: &RenderOptions) -> Vec<(&'static str, Option<Code>)> {
    let template = environment.get_template("main").unwrap();
    let data = context! {};
    let with = || template.with(asked);
    let mut stepped = with().begin(&data).unwrap();
    let stepped = loop {
        match stepped.step(1_000) {
            Ok(Progress::Done(_)) => break Ok(()),
            Ok(_) => {}
            Err(error) => break Err(error),
        }
    };
    let stream: Result<String, Error> = with().render_stream(&data).collect();
    let mut sink = Vec::new();
    let ways = [
        ("page", with().render(&data).map(drop)),
        ("sink", with().render_to(&data, &mut sink).map(drop)),
        ("stream", stream.map(drop)),
        ("block", with().render_block("b", &data).map(drop)),
        ("async page", wait(with().render_async(&data)).map(drop)),
        (
            "async block",
            wait(with().render_block_async("b", &data)).map(drop),
        ),
        ("steps", stepped),
    ];
    let ways = ways.into_iter();
    ways.map(|(way, done)| (way, done.err().map(|error| error.code())))
        .collect()
}

/// Poll until it is there: a long render lets others run now and then.
fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let mut cx = task::Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(done) = future.as_mut().poll(&mut cx) {
            return done;
        }
    }
}

/// One bound lowered to what the page of its source exceeds.
type Lower = fn(&mut Limits);

const BOUNDS: &[(&str, Code, Lower)] = &[
    (
        "{% for i in range(5000) %}{% end %}",
        Code::RunBudget,
        |it| it.fuel = 1_000,
    ),
    ("{% let s = 'x' * 90000 %}", Code::RunBudget, |it| {
        it.memory = 40_000
    }),
    ("{{ 'x' * 2000 }}", Code::SecOutput, |it| it.output = 1_000),
    (
        "{% def f(n) %}{% if n %}{{ f(n - 1) }}{% end %}{% end %}{{ f(9) }}",
        Code::RunCallDepth,
        |it| it.call_depth = 5,
    ),
    ("{% include 'part' %}", Code::RunDepth, |it| {
        it.include_depth = 0
    }),
    ("{% for i in [1, 2, 3] %}{% end %}", Code::RunBudget, |it| {
        it.loop_rounds = 2
    }),
    ("{{ [1] * 20 }}", Code::RunBudget, |it| it.collection = 10),
    ("{{ 'x' * 20 }}", Code::RunBudget, |it| it.text = 10),
    ("{{ range(20) | list }}", Code::SecRange, |it| it.range = 10),
    (
        "{{ 'x' | center(20) | length }}{{ '{:20}'.format(1) }}",
        Code::RunBudget,
        |it| {
            it.format_width = 10;
        },
    ),
    ("{{ 2 ** 200 }}", Code::RunBudget, |it| it.int_bits = 100),
];

#[test]
fn a_render_can_only_lower_its_bounds_whichever_way_it_is_run() {
    for (source, code, lower) in BOUNDS {
        let main = format!("{{% block b %}}{source}{{% end %}}");
        let environment = |limits: Limits| {
            let loader = MapLoader::from([("main", main.as_str()), ("part", "p")]);
            Environment::with_options(Options {
                loader: Some(Arc::new(loader)),
                limits,
                ..Options::default()
            })
            .unwrap()
        };
        let mut low = Limits::default();
        lower(&mut low);
        let asking = |limits| RenderOptions {
            limits: Some(limits),
            ..RenderOptions::default()
        };
        for (has, asks, expected) in [
            (Limits::default(), low.clone(), Some(*code)),
            (low.clone(), Limits::default(), Some(*code)),
            (Limits::default(), Limits::default(), None),
        ] {
            for (way, found) in all_ways(&environment(has), &asking(asks)) {
                assert_eq!(found, expected, "{source} as {way}");
            }
        }
    }
}

#[test]
fn a_render_can_only_lower_its_time() {
    let slow = "{% block b %}{% for i in range(3000000) %}{% end %}{% end %}";
    let brief = Some(Duration::ZERO);
    let long = Some(Duration::from_secs(600));
    for (has, asks) in [(brief, long), (long, brief), (None, brief), (brief, None)] {
        let environment = Environment::with_options(Options {
            loader: Some(Arc::new(MapLoader::from([("main", slow)]))),
            max_time: has,
            ..Options::default()
        });
        let asked = RenderOptions {
            max_time: asks,
            ..RenderOptions::default()
        };
        for (way, found) in all_ways(&environment.unwrap(), &asked) {
            assert_eq!(found, Some(Code::RunBudget), "{has:?} {asks:?} as {way}");
        }
    }
}

#[test]
fn closures_of_the_host_pay_for_what_they_take_and_give() {
    let steps = |source: &str, n: usize| {
        let mut environment = Environment::new();
        environment.add_filter("same", |text: &str| text.to_owned());
        environment.add_filter("size", |text: &str| text.len() as i64);
        environment.add_function("many", |n: i64| (0..n).collect::<Vec<i64>>());
        environment.add_function("long", |n: i64| "x".repeat(n as usize));
        environment.add_filter("count_all", |items: Vec<i64>| items.len() as i64);
        let template = environment.from_string(source).unwrap();
        let data = context! { n => n as i64, text => "y".repeat(n), items => vec![1_i64; n] };
        let mut render = template.begin(&data).unwrap();
        while !matches!(render.step(1 << 30).unwrap(), Progress::Done(_)) {}
        render.steps()
    };
    for (source, per_byte) in [
        ("{{ text | size }}", 8),
        ("{% let t = text | same %}", 4),
        ("{% let t = long(n) %}", 8),
        ("{% let t = many(n) %}", 1),
        ("{{ items | count_all }}", 1),
    ] {
        let (small, large) = (steps(source, 1_000), steps(source, 9_000));
        assert!(
            large - small >= 8_000 / per_byte,
            "{source}: {small} then {large}"
        );
    }
}

/// The steps of a page with every bound for strangers but the fuel.
fn steps_of(source: &str, data: ContextRef<'_>) -> u64 {
    let environment = Environment::with_options(Options::untrusted()).unwrap();
    let template = environment.from_string(source).unwrap();
    let mut render = template.begin(data).unwrap();
    while !matches!(render.step(1 << 40).unwrap(), Progress::Done(_)) {}
    render.steps()
}

#[test]
fn a_text_is_matched_for_the_pattern_as_it_is_written_out() {
    let none = context! {};
    let plain = steps_of("{{ ('a' * 200) is match('a?x') }}", (&none).into());
    let wide = steps_of(
        "{{ ('a' * 200) is match('((a?){30}){30}x') }}",
        (&none).into(),
    );
    assert!(wide > plain + 200 * 900 / 4, "{plain} then {wide}");
    assert!(plain > 200 / 4, "{plain}");
}

#[test]
fn a_long_key_is_looked_for_in_data_of_the_host_for_its_length() {
    let json = serde_json::json!({ "d": { "a": 1, "k".repeat(80_000): 2 } });
    let tree = Context::from_serialize(&json).unwrap();
    for (kind, data) in [
        ("tree", ContextRef::from(&tree)),
        ("json", ContextRef::from(&json)),
    ] {
        for look in [
            "x in d",
            "d[x]",
            "d?[x]",
            "d.get(x)",
            "d | get(x)",
            "x in d.keys()",
        ] {
            let times = |n: u32| {
                let source = format!(
                    "{{% let x = 'k' * 80000 %}}{{% for i in range({n}) %}}{{% if {look} %}}{{% end %}}{{% end %}}"
                );
                steps_of(&source, data)
            };
            let (few, many) = (times(1), times(11));
            assert!(many - few >= 100_000, "{look} of {kind}: {few} then {many}");
        }
    }
}

#[test]
fn places_of_lists_are_paid_for_and_held_wherever_they_are_copied() {
    const MADE: &str =
        "{% def f() %}{% for i in range(1000) %}{% stack 'a' %}{% end %}{% end %}{% let z = f() %}";
    let none = context! {};
    for work in [
        "{% if z ~ z %}{% end %}",
        "{% if z + z %}{% end %}",
        "{{ z }}",
        "{{ z ~ z }}",
        "{% capture t %}{{ z }}{% end %}",
        "{% if z | upper %}{% end %}",
    ] {
        let times = |n: u32| {
            let source = format!("{MADE}{{% for i in range({n}) %}}{work}{{% end %}}");
            steps_of(&source, (&none).into())
        };
        let (few, many) = (times(1), times(11));
        assert!(many - few >= 10_000, "{work}: {few} then {many}");
    }
    for grow in [
        "{% let z = z ~ z %}",
        "{% capture y %}{{ z }}{{ z }}{% end %}{% let z = y %}",
    ] {
        let source = format!("{MADE}{{% for i in range(40) %}}{grow}{{% end %}}");
        let environment = Environment::with_options(Options {
            limits: Limits {
                memory: 4 << 20,
                ..Limits::default()
            },
            ..Options::default()
        });
        let page = environment
            .unwrap()
            .from_string(&source)
            .unwrap()
            .render(&none);
        assert_eq!(page.unwrap_err().code(), Code::RunBudget, "{grow}");
    }
}

#[test]
fn long_names_are_paid_for() {
    // Steps of four rounds with a name of so many letters.
    let steps = |body: &str, n: usize| {
        let name = "b".repeat(n);
        let body = body.replace("BIG", &name);
        let source = format!("{{% for i in range(4) %}}{body}{{% end %}}");
        let environment = Environment::with_options(Options {
            loader: Some(Arc::new(MapLoader::from([
                ("main", source.as_str()),
                (name.as_str(), "x"),
            ]))),
            ..Options::default()
        });
        let template = environment.unwrap().get_template("main").unwrap();
        let data = context! { d => std::collections::BTreeMap::from([("a", 1)]) };
        let mut render = template.begin(&data).unwrap();
        while !matches!(render.step(1 << 30).unwrap(), Progress::Done(_)) {}
        render.steps()
    };
    for body in [
        "{% include 'BIG' %}",
        "{% include 'noBIG' ignore missing %}",
        "{% include 'no' ~ 'BIG' ignore missing %}",
        "{% embed 'BIG' %}{% end %}",
        "{% import 'BIG' as it %}",
        "{% push 'BIG' %}x{% end %}",
        "{% stack 'BIG' %}",
        "{% if d?.BIG %}{% end %}",
        "{% if d.BIG is defined %}{% end %}",
        "{% if BIG is defined %}{% end %}",
        "{% try %}{{ BIG }}{% fallback %}{% end %}",
        "{% try %}{{ d.BIG }}{% fallback %}{% end %}",
        "{% try %}{{ d.BIG() }}{% fallback %}{% end %}",
    ] {
        let (short, same, long) = (steps(body, 8), steps(body, 32), steps(body, 64_000));
        // A name that a person writes costs what any other does.
        assert!(same - short <= 16, "{body}: {short} then {same}");
        assert!(long - short >= 4_000, "{body}: {short} then {long}");
    }
}

#[test]
fn names_of_templates_that_are_kept_take_memory() {
    let render = |n: usize| {
        let body = "{% include './' * 5000 ~ './' * i ~ 'well' %}";
        let source = format!("{{% for i in range({n}) %}}{body}{{% end %}}");
        let mut options = Options {
            loader: Some(Arc::new(MapLoader::from([
                ("main", source.as_str()),
                ("well", ""),
            ]))),
            ..Options::default()
        };
        options.limits.memory = 4 << 20;
        let environment = Environment::with_options(options).unwrap();
        environment.render("main", &context! {})
    };
    assert_eq!(render(100).unwrap(), "");
    let error = render(1_000).expect_err("ten megabytes of names");
    assert_eq!(error.code(), Code::RunBudget);
}

/// A number as the page of limits writes it.
fn written(number: u64, unit: &str) -> String {
    if number == u64::MAX {
        return "none".to_owned();
    }
    let units = [(1 << 30, "Gi"), (1 << 20, "Mi")];
    if !unit.is_empty()
        && let Some((size, name)) = units
            .into_iter()
            .find(|(size, _)| number.is_multiple_of(*size))
    {
        return format!("{} {name}{unit}", number / size);
    }
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

/// Every bound, so that none can be forgotten: its name, its unit, its value.
fn bounds(options: &Options) -> Vec<(&'static str, &'static str, u64)> {
    let Limits {
        fuel,
        memory,
        output,
        call_depth,
        include_depth,
        extends_depth,
        loop_rounds,
        collection,
        text,
        range,
        format_width,
        int_bits,
        callback_depth,
    } = options.limits.clone();
    let source = &options.source_limits;
    vec![
        ("source_limits.max_bytes", "B", source.max_bytes as u64),
        ("source_limits.max_tokens", "", source.max_tokens as u64),
        ("source_limits.max_nesting", "", source.max_nesting.into()),
        (
            "source_limits.max_filter_chain",
            "",
            source.max_filter_chain as u64,
        ),
        ("limits.fuel", "", fuel),
        ("limits.memory", "B", memory),
        ("limits.output", "B", output),
        ("limits.call_depth", "", call_depth.into()),
        ("limits.include_depth", "", include_depth.into()),
        ("limits.extends_depth", "", extends_depth.into()),
        ("limits.loop_rounds", "", loop_rounds),
        ("limits.collection", "", collection),
        ("limits.text", "B", text),
        ("limits.range", "", range),
        ("limits.format_width", "", format_width),
        ("limits.int_bits", "bit", int_bits),
        ("limits.callback_depth", "", callback_depth.into()),
    ]
}

#[test]
fn the_page_of_limits_is_true() {
    let page = include_str!("../../../../docs/limits.md");
    let (default, untrusted) = (bounds(&Options::default()), bounds(&Options::untrusted()));
    for ((name, unit, most), (.., less)) in default.into_iter().zip(untrusted) {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("no row for {name}"));
        let values = format!(" | {} | {} | `K-", written(most, unit), written(less, unit));
        assert!(row.contains(&values), "{row} is not{values}");
        assert!(less <= most, "{name}");
    }
}
