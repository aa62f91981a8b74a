//! Environments, kept for each way to render, whose loader gives what the
//! running input holds.

use super::{draft, input::Input};
use gravure::{
    Code, Environment, Error, Limits, Options,
    loader::{FunctionLoader, Source},
    options::{AutoEscape, AutoReload, Mode},
    unstable::{Chunk, Optimize, Probe},
};
use std::{cell::RefCell, collections::HashMap, rc::Rc, sync::Arc};

/// A way to render; none may change a page.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Way {
    /// As everybody does.
    Usual,
    /// With nothing optimized.
    Plain,
    /// Op by op, outside of the loop of the frequent ones.
    Slow,
    /// Freeing at every chance.
    Collect,
    /// In pieces of one byte and more.
    Pieces,
}

thread_local! {
    static KEPT: RefCell<HashMap<(u8, Way), Rc<Environment>>> = RefCell::default();
    static TEMPLATES: RefCell<Vec<(String, String)>> = const { RefCell::new(Vec::new()) };
    static GOOD: RefCell<HashMap<usize, Rc<Chunk>>> = RefCell::default();
    /// What the next chunk is replaced by.
    static INSTEAD: RefCell<Option<Chunk>> = const { RefCell::new(None) };
    /// The last chunk that was compiled.
    static COMPILED: RefCell<Option<Chunk>> = const { RefCell::new(None) };
}

/// Bounds so low that an input is done within milliseconds.
fn limits(way: Way) -> Limits {
    let low = Limits {
        // Who frees at every chance looks at everything at every chance.
        fuel: if way == Way::Collect { 5_000 } else { 200_000 },
        memory: 8 << 20,
        output: 1 << 20,
        call_depth: 60,
        include_depth: 10,
        extends_depth: 10,
        ..Limits::default()
    };
    low.lowered(&Limits::untrusted())
}

/// Keep a chunk for who asks, and put another in its place if there is one.
fn exchange(chunk: Chunk) -> Chunk {
    match INSTEAD.take() {
        Some(other) => other,
        None => {
            COMPILED.set(Some(chunk.clone()));
            chunk
        }
    }
}

/// The environment for these switches and this way, with the input's templates.
pub(super) fn environment(input: &Input, way: Way) -> Rc<Environment> {
    TEMPLATES.with_borrow_mut(|templates| templates.clone_from(&input.templates));
    let kept = KEPT.with_borrow_mut(|kept| {
        let make = || Rc::new(build(input.switches, way));
        kept.entry((input.switches, way))
            .or_insert_with(make)
            .clone()
    });
    kept.clear_cache();
    kept.clear_fragment_cache();
    INSTEAD.take();
    kept
}

fn build(switches: u8, way: Way) -> Environment {
    let is_on = |bit: u8| switches & (1 << bit) != 0;
    let loader = FunctionLoader::new(|name: &str| {
        TEMPLATES.with_borrow(|templates| {
            let found = templates.iter().find(|(known, _)| known == name);
            Ok(found.map(|(_, source)| Source::new(source.as_str())))
        })
    });
    let mode = match (is_on(3), is_on(4)) {
        (false, false) => Mode::On,
        (true, false) => Mode::Off,
        (false, true) => Mode::Markdown,
        (true, true) => Mode::Terminal,
    };
    let options = Options {
        loader: Some(Arc::new(loader)),
        autoescape: AutoEscape::All(mode),
        auto_reload: AutoReload::Never,
        strict_undefined: !is_on(2),
        strict_none: is_on(5),
        trim_blocks: is_on(0),
        lstrip_blocks: is_on(1),
        terminal_width: Some(40),
        limits: limits(way),
        optimize: match way {
            Way::Plain => Optimize::NONE,
            _ => Optimize::default(),
        },
        probe: Probe {
            collect_always: way == Way::Collect,
            is_plain: way == Way::Slow,
            piece: (way == Way::Pieces).then_some(1),
            transform: Some(exchange),
        },
        ..Options::untrusted()
    };
    // No clock: what runs out of time here would not there.
    let options = Options {
        max_time: None,
        ..options
    };
    Environment::with_options(options).expect("the options are good")
}

/// The chunk that a source compiles to.
pub(super) fn compile(environment: &Environment, source: &str) -> Result<Chunk, Error> {
    COMPILED.take();
    environment.from_named_string(super::input::MAIN, source)?;
    Ok(COMPILED.take().expect("what compiles has a chunk"))
}

/// The chunk of one of the templates that are edited; each is compiled once.
pub(super) fn good(which: u8) -> Rc<Chunk> {
    let at = usize::from(which) % draft::TEMPLATES.len();
    let make = || {
        let input = Input {
            switches: 0,
            templates: Vec::new(),
        };
        let environment = environment(&input, Way::Usual);
        let chunk = compile(&environment, draft::TEMPLATES[at]);
        Rc::new(chunk.expect("the templates are good"))
    };
    GOOD.with_borrow_mut(|kept| kept.entry(at).or_insert_with(make).clone())
}

/// A template that runs this chunk; an error if a filter is missing.
pub(super) fn template_of(
    environment: &Environment,
    chunk: Chunk,
) -> Result<gravure::Template, Error> {
    INSTEAD.set(Some(chunk));
    environment.from_named_string(super::input::MAIN, "")
}

/// Does an error say that some limit was met? Where that happens is no promise.
pub(super) fn is_limit(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::RunBudget | Code::SecOutput | Code::RunDepth | Code::RunCallDepth
    )
}

/// What two renders that end alike have in common.
pub(super) fn gist(error: &Error) -> String {
    let template = error.template().unwrap_or("-").to_owned();
    let place = (error.line(), error.column(), error.end_column());
    format!(
        "{}: {} in {template} at {place:?}",
        error.code(),
        error.message()
    )
}

/// Fail unless two ways to render end alike, limits aside.
pub(super) fn agree(
    one: &Result<String, Error>,
    other: &Result<String, Error>,
    way: &dyn std::fmt::Debug,
) {
    match (one, other) {
        (Err(error), _) | (_, Err(error)) if is_limit(error) => {}
        (Ok(one), Ok(other)) => assert_eq!(one, other, "{way:?} gives another page"),
        (Err(one), Err(other)) => assert_eq!(gist(one), gist(other), "{way:?} fails elsewhere"),
        (Ok(page), Err(error)) => panic!("{way:?} fails with {} instead of {page:?}", gist(error)),
        (Err(error), Ok(page)) => panic!("{way:?} gives {page:?} instead of {}", gist(error)),
    }
}

/// Data for every render, under the names that templates of tests like.
pub(super) fn context() -> &'static serde_json::Value {
    use std::sync::OnceLock;
    static CONTEXT: OnceLock<serde_json::Value> = OnceLock::new();
    CONTEXT.get_or_init(|| serde_json::from_str(DATA).expect("the data are JSON"))
}

const DATA: &str = r##"{
    "v": [{"name": "Mara", "age": 41, "nick": null}, {"name": "ab", "age": 3, "nick": "x"}],
    "s": "The <b>lighthouse</b> keeper\ncounts 'gulls' & \u001b[31m\u200b\u00e9\ud83d\ude00",
    "q": "\"it's\" & <co>", "n": 3, "a": 1, "x": "<", "z": 0, "f": -2.5, "e": "", "c": "#7f7f7f",
    "o": {"a": 0, "n": null, "e": ""},
    "d": {"a": 1, "n": null, "items": [7], "get": "G", "l": [1, 2], "b": {"c": [true]}},
    "xs": ["a", "b", "c"], "on": true, "off": false, "l": [3, 1, 2], "b": 2,
    "items": [1, 2, 3], "p": "p.html", "i": 123456789012345678901234567890, "none_value": null,
    "vs": [null, true, false, 0, 1, -3, 2.0, 2.5, "", "abc", "ABC", [], [1, [2]], {}, {"k": "v"}],
    "user": {"name": "Ann", "tags": ["x", "<y>"]}, "m": {"0": "x"}, "who": "Ana", "name": "Site",
    "ps": [[1, 2], [3, 4]], "rows": [{"id": 1, "n": "x"}, {"id": 2, "n": "y"}], "ts": 1718452800.75
}"##;
