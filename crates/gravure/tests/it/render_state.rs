//! What closures know of the render that calls them, and what nobody else does.

use gravure::{
    CachedBlocks, Context, Data, Environment, Object, Options, RenderContext, RenderOptions,
    Stream, Template, awaitable, context, loader::MapLoader,
};
use std::{
    future::Future,
    pin::pin,
    sync::Arc,
    task::{self, Poll, Waker},
};

fn environment<'a>(templates: impl IntoIterator<Item = (&'a str, &'a str)>) -> Environment {
    let mut environment = Environment::with_options(Options {
        loader: Some(Arc::new(MapLoader::from_iter(templates))),
        ..Options::default()
    })
    .unwrap();
    environment.add_function("here", |render: &RenderContext| {
        let name = render.template().unwrap_or_else(|| "-".to_owned());
        let (includes, extends) = (render.include_depth(), render.extends_depth());
        format!("{name}:{} {includes}/{extends}", render.line())
    });
    environment.add_function("trace", |render: &RenderContext| {
        let frames = render.template_stack().into_iter();
        let frames = frames.map(|it| format!("{} {}:{}", it.role, it.template, it.line));
        let defs = render.component_stack().into_iter();
        let defs = defs.map(|it| format!("def {} {}:{}", it.def, it.template, it.line));
        let imports = render.import_stack().into_iter();
        let imports = imports.map(|it| format!("importing {it}"));
        frames
            .chain(defs)
            .chain(imports)
            .collect::<Vec<_>>()
            .join(", ")
    });
    environment.add_function("get", |render: &RenderContext, key: &str| render.meta(key));
    environment.add_function(
        "put",
        |render: &RenderContext, key: &str, value: Data<'static>| {
            render.set_meta(key, value);
            ""
        },
    );
    environment.add_function("provided", |render: &RenderContext, key: &str| {
        render.consume(key)
    });
    environment.add_filter(
        "at",
        |render: &RenderContext, text: &str, more: Option<&str>| {
            format!("{text}{}@{}", more.unwrap_or(""), render.line())
        },
    );
    environment.add_test("on_line", |render: &RenderContext, line: u32| {
        render.line() == line
    });
    environment
}

fn page(main: &str) -> String {
    let templates = [
        ("main", main),
        ("part", "\n[{{ here() }}; {{ trace() }}]"),
        ("base", "{{ here() }}{% block b %}{% end %}"),
        (
            "child",
            "{% extends 'base' %}{% block b %}\n{{ here() }} {{ trace() }}{% end %}",
        ),
        (
            "kit",
            "{% def f() %}{{ trace() }}{% slot %}{% end %}{% let seen = trace() %}{% def g() %}{{ seen }}{% end %}",
        ),
        (
            "sets",
            "{{ put('k', 'part') }}{% provide p = 'inner' %}{{ provided('p') }}{% end %}",
        ),
    ];
    environment(templates)
        .render("main", &context! { fail => 0 })
        .unwrap()
}

#[test]
fn closures_know_where_they_are_called() {
    for (source, wanted) in [
        ("{{ here() }}\n{{ here() }}", "main:1 0/0\nmain:2 0/0"),
        (
            "a\n{% include 'part' %}",
            "a\n\n[part:2 1/0; include main:2]",
        ),
        (
            "{% include 'child' %}",
            "base:1 1/1\nchild:2 1/1 include main:1, extends child:1, block base:1",
        ),
        (
            "{% for i in [1, 2] %}{% include 'part' %}{% end %}",
            "\n[part:2 1/0; include main:1]\n[part:2 1/0; include main:1]",
        ),
        (
            "{% from 'kit' import f %}\n{{ f() }}",
            "\nimport main:2, def f main:2",
        ),
        (
            "{% from 'kit' import g %}\n{{ g() }}",
            "\nimport main:1, importing kit",
        ),
        (
            "{% from 'kit' import f %}{% call f() %}|{{ trace() }}{% end %}",
            "import main:1, def f main:1|import main:1, def f main:1",
        ),
        ("{{ 'a' | at }}\n{{ 'b' | at('c') }}", "a@1\nbc@2"),
        ("\n{{ 2 is on_line }}{{ 3 is on_line }}", "\nTrueFalse"),
    ] {
        let page = page(source);
        assert_eq!(page, wanted, "{source}");
    }
}

#[test]
fn facts_are_shared_by_the_page_and_kept_from_others() {
    let source =
        "{{ get('k') }}{{ put('k', 'main') }}{{ get('k') }}{% include 'sets' %}{{ get('k') }}";
    assert_eq!(page(source), "Nonemaininnerpart");
    assert_eq!(page("{{ get('k') }}"), "None");
    let environment = environment([("main", "{{ put('csrf_token', 'new') }}{{ csrf_token() }}")]);
    let template = environment.get_template("main").unwrap();
    let options = RenderOptions::default().meta("csrf_token", "old");
    let page = template.render_with(&Context::new(), &options).unwrap();
    assert!(page.contains("\"new\"") && !page.contains("old"), "{page}");
    assert!(matches!(&options.meta["csrf_token"], Data::Str(it) if it == "old"));
}

#[test]
fn what_is_provided_is_gone_after_its_body_however_that_ended() {
    for (source, wanted) in [
        (
            "{% provide p = 1 %}{{ provided('p') }}{% end %}{{ provided('p') }}",
            "1None",
        ),
        (
            "{% provide p = 1 %}{% provide p = 2 %}{{ provided('p') }}{% end %}{{ provided('p') }}{% end %}",
            "21",
        ),
        (
            "{% try %}{% provide p = 1 %}{{ 1 // fail }}{% end %}{% fallback %}{% end %}{{ provided('p') }}",
            "None",
        ),
        (
            "{% for i in [1, 2] %}{% provide p = i %}{{ provided('p') }}{% break %}{% end %}{% end %}{{ provided('p') }}",
            "1None",
        ),
        (
            "{% def f() %}{% provide p = 1 %}{% slot %}{{ 1 // fail }}{% end %}{% end %}\
             {% try %}{% call f() %}{{ provided('p') }}{% end %}{% fallback %}x{% end %}{{ provided('p') }}",
            "xNone",
        ),
        (
            "{% def f() %}{% end %}{% provide p = f %}{{ provided('p') }}{% end %}",
            "None",
        ),
    ] {
        assert_eq!(page(source), wanted, "{source}");
    }
}

#[test]
fn no_name_of_a_template_means_the_render() {
    for name in [
        "render",
        "_render",
        "_template",
        "_line",
        "_meta",
        "_blocks",
        "ctx",
        "caller",
        "_context",
    ] {
        let environment = environment([("main", &*format!("{{{{ {name} ?? 'free' }}}}"))]);
        let template = environment.get_template("main").unwrap();
        assert_eq!(template.render(&Context::new()).unwrap(), "free", "{name}");
        let data = serde_json::json!({name: "mine"});
        assert_eq!(template.render(&data).unwrap(), "mine");
    }
}

#[test]
fn a_render_in_a_render_is_a_new_one_with_a_copy_of_the_facts() {
    let inner = environment([])
        .from_string("{{ here() }} {{ get('k') }}{{ put('k', 'inner') }}{{ provided('p') }}");
    let inner = inner.unwrap();
    let mut outer = environment([]);
    outer.add_function("nested", move |render: &RenderContext| {
        let options = render.nested_options();
        inner.with(&options).render(&Context::new())
    });
    let template = outer
        .from_string(
            "{{ put('k', 'outer') }}\n{% provide p = 1 %}{{ nested() }}{% end %} {{ get('k') }}",
        )
        .unwrap();
    let page = template.render(&Context::new()).unwrap();
    assert_eq!(page, "\n-:1 0/0 outerNone outer");
}

#[derive(Object)]
struct Nothing {}

#[test]
fn options_reach_every_way_of_rendering() {
    let environment = environment([
        (
            "main",
            "{% extends 'base' %}{% block b %}{{ get('k') }}{% end %}",
        ),
        ("base", "{% block b %}{% end %}"),
    ]);
    let template: Template = environment.get_template("main").unwrap();
    let options = RenderOptions::default().meta("k", "v");
    let with = template.with(&options);
    let data = Nothing {};
    let wait =
        |future: std::pin::Pin<Box<dyn Future<Output = Result<String, gravure::Error>> + '_>>| {
            let mut future = future;
            let mut cx = task::Context::from_waker(Waker::noop());
            match future.as_mut().poll(&mut cx) {
                Poll::Ready(page) => page.unwrap(),
                Poll::Pending => panic!("there is nothing to wait for"),
            }
        };
    let first = |mut pieces: gravure::AsyncPieces<'_>| {
        let mut cx = task::Context::from_waker(Waker::noop());
        match pin!(&mut pieces).poll_next(&mut cx) {
            Poll::Ready(Some(piece)) => piece.unwrap(),
            _ => panic!("there is a piece"),
        }
    };
    let mut sink = Vec::new();
    with.render_to(&data, &mut sink).unwrap();
    let pages = [
        with.render(&data).unwrap(),
        template.render_with(&data, &options).unwrap(),
        String::from_utf8(sink).unwrap(),
        with.render_stream(&data).map(Result::unwrap).collect(),
        template
            .render_stream_with(&data, &options)
            .map(Result::unwrap)
            .collect(),
        with.render_block("b", &data).unwrap(),
        with.render_with_blocks(&data, &[]).unwrap(),
        with.render_capturing(&data, &[]).unwrap().0,
        wait(Box::pin(with.render_async(&data))),
        wait(Box::pin(with.render_block_async("b", &data))),
        first(with.render_stream_async(&data)),
        first(with.render_block_stream_async("b", &data)),
        match with.begin(&data).unwrap().step(1_000).unwrap() {
            gravure::Progress::Done(page) => page,
            other => panic!("{other:?}"),
        },
    ];
    for page in pages {
        assert_eq!(page, "v");
    }
    // Bounds too.
    let bounded = RenderOptions {
        limits: Some(gravure::Limits {
            fuel: 0,
            ..gravure::Limits::default()
        }),
        ..RenderOptions::default()
    };
    assert!(template.with(&bounded).render_block("b", &data).is_err());
    assert!(
        template
            .with(&bounded)
            .render_stream(&data)
            .next()
            .unwrap()
            .is_err()
    );
}

#[test]
fn finished_blocks_are_printed_and_counted() {
    let environment = environment([
        (
            "main",
            "{% extends 'base' %}{% block nav %}no {{ nope }}{% end %}{% block body %}{% include 'other' %}{% end %}",
        ),
        (
            "base",
            "{% block nav %}{% end %}|{% block body %}{% end %}|{% block foot %}f{% block inner %}i{% end %}{% end %}",
        ),
        ("other", "{% block nav %}other{% end %}"),
    ]);
    let template = environment.get_template("main").unwrap();
    let texts = [("nav", "<nav>"), ("foot", "<foot>"), ("unknown", "")];
    let texts = texts.map(|(name, text)| (name.to_owned(), text.to_owned()));
    let cached = Arc::new(CachedBlocks::new(texts));
    let options = RenderOptions {
        cached_blocks: Some(cached.clone()),
        ..RenderOptions::default()
    };
    let data = Context::new();
    let page = template.with(&options).render(&data).unwrap();
    assert_eq!(page, "<nav>|other|<foot>");
    assert_eq!((cached.hits(), cached.misses()), (2, 1));
    assert_eq!(
        cached.names().collect::<Vec<_>>(),
        ["foot", "nav", "unknown"]
    );
    let pieces = template.with(&options).render_stream(&data);
    assert_eq!(pieces.map(Result::unwrap).collect::<String>(), page);
    assert_eq!((cached.hits(), cached.misses()), (4, 2));
    // A block alone is rendered.
    assert_eq!(
        template.with(&options).render_block("foot", &data).unwrap(),
        "fi"
    );
    // What the host replaces for this page is nearer.
    let own = [("nav".to_owned(), "own".to_owned())];
    let page = template
        .with(&options)
        .render_with_blocks(&data, &own)
        .unwrap();
    assert_eq!(page, "own|other|<foot>");
}

#[test]
fn closures_that_ask_for_the_render_may_wait() {
    let mut environment = environment([]);
    environment.add_function("soon", |render: &RenderContext| {
        let line = render.line();
        awaitable(async move { line })
    });
    let template = environment.from_string("\n{{ await soon() }}").unwrap();
    let data = Context::new();
    let mut future = pin!(template.render_async(&data));
    let mut cx = task::Context::from_waker(Waker::noop());
    assert!(matches!(future.as_mut().poll(&mut cx), Poll::Ready(Ok(page)) if page == "\n2"));
}
