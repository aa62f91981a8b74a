//! Ways to run a case that must all come to the same.
//!
//! A [`Mode`] says how templates are compiled and run; a [`Way`] how the page
//! is asked for. Whatever is chosen, text and failures are those of the plain
//! way, to the column.

use crate::{
    Call, Case, Outcome,
    engine::{Stop, block_on, joined_async, options},
};
use gravure::{
    Context, ContextRef, DiskCache, Environment, Options, Progress, Render, Template,
    bundle::BundleBuilder,
    loader::{LoadError, Loader, Source},
    unstable::{Chunk, Optimize, Probe},
};
use gravure_value::{Json, Node, NodeId, Tree};
use std::{collections::BTreeSet, sync::Arc};

/// How templates are compiled and run.
#[derive(Clone, Copy, Debug, Default)]
pub struct Mode {
    /// Switches of the optimizer.
    pub optimize: Optimize,
    /// Switches of the machine.
    pub probe: Probe,
    /// Bytes of output, if the case is to have a bound.
    pub output: Option<u64>,
    /// Steps, if the case is to have a bound.
    pub fuel: Option<u64>,
    /// Where compiled templates are kept, if they are to outlive the case.
    pub disk: Option<&'static Arc<DiskCache>>,
    /// Are the templates to come from a bundle?
    pub bundle: Option<Bundled>,
}

/// What is in a bundle.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bundled {
    /// Code and source.
    Whole,
    /// Code alone.
    Stripped,
}

/// Code, line and sentence of what was found when a template was compiled.
pub type Warning = (gravure::Code, u32, String);

/// How the page is asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// As the case says.
    Asked,
    /// The same once more, in the memory of the first.
    Again,
    /// In pieces, joined; other calls than those for a page as asked.
    Stream,
    /// Written to a sink.
    Sink,
    /// From JSON that is lent, not from a tree that was prepared.
    Json,
    /// Awaited, if that gives no page that a plain call refuses.
    Awaited,
    /// In turns of three steps; again no page that a plain call refuses.
    Turns,
}

/// What came out, with everything that can be told of a failure.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Told {
    /// Page or failure.
    pub outcome: Outcome,
    /// First column and the one behind the last, of a failure.
    pub columns: Option<(u32, u32)>,
    /// The sentence of a failure.
    pub message: String,
    /// What it took, where somebody counted.
    pub steps: Option<u64>,
}

/// Every chunk as bytes and back, without its source.
///
/// # Panics
/// If what is read is not what was written.
pub fn through_bytes(chunk: Chunk) -> Chunk {
    assert_eq!(Chunk::decode(&chunk.encode()).as_ref(), Ok(&chunk));
    let stripped = chunk.strip().encode();
    Chunk::decode(&stripped).expect("what was encoded is a chunk")
}

/// The data of a case as JSON; `None` where JSON cannot say the same.
///
/// Recurses as deep as the data are nested, which their reader bounds to 200.
pub fn json_of(tree: &Tree) -> Option<Json> {
    node_json(tree, tree.root())
}

fn node_json(tree: &Tree, id: NodeId) -> Option<Json> {
    Some(match tree.node(id) {
        Node::None => Json::Null,
        Node::Bool(it) => it.into(),
        Node::Int(it) => it.into(),
        Node::Float(it) => serde_json::Number::from_f64(it)?.into(),
        Node::Big(at) => u64::try_from(tree.big(at)?).ok()?.into(),
        Node::Text(start, len) => tree.text(start, len).into(),
        Node::List(first, len) => {
            let items = (0..len).map(|at| node_json(tree, NodeId(first.0 + at)));
            Json::Array(items.collect::<Option<_>>()?)
        }
        Node::Map(entries) => {
            let mut map = serde_json::Map::new();
            for at in 0..entries.len {
                let (key, value) = tree.entry(entries, at)?;
                let Node::Text(start, len) = tree.node(key) else {
                    return None;
                };
                let key = tree.text(start, len).to_owned();
                if map.insert(key, node_json(tree, value)?).is_some() {
                    return None;
                }
            }
            Json::Object(map)
        }
    })
}

impl Mode {
    /// Run a case in one environment, in these ways; the JSON way only if
    /// there is JSON.
    pub fn run(&self, case: &Case, json: Option<&Json>, ways: &[Way]) -> Vec<(Way, Told)> {
        match self.load(case) {
            Ok((environment, template)) => ways
                .iter()
                .filter(|&&way| way != Way::Json || json.is_some())
                .map(|&way| {
                    // What a `cache` tag kept is to change the next page.
                    environment.clear_fragment_cache();
                    way.tell(case, &template, json)
                })
                .collect(),
            Err(stop) => vec![(Way::Asked, Told::new(Err(stop), None))],
        }
    }

    /// What the templates of a case are warned of; `None` for those that
    /// cannot be compiled.
    pub fn warnings(&self, case: &Case) -> Vec<Option<Vec<Warning>>> {
        let Ok(options) = self.options(case) else {
            return Vec::new();
        };
        let Ok(environment) = Environment::with_options(options) else {
            return Vec::new();
        };
        let of = |name: &String| Some(environment.get_template(name).ok()?.warnings());
        case.templates.iter().map(|(name, _)| of(name)).collect()
    }

    fn load(&self, case: &Case) -> Result<(Environment, Template), Stop> {
        let options = self.options(case)?;
        let environment = match self.bundle {
            None => Environment::with_options(options)?,
            Some(bundled) => bundled.environment(options)?,
        };
        let template = environment.get_template(&case.entry)?;
        Ok((environment, template))
    }

    fn options(&self, case: &Case) -> Result<Options, Stop> {
        let mut options = options(case)?;
        options.optimize = self.optimize;
        options.probe = self.probe;
        options.limits.output = self.output.unwrap_or(options.limits.output);
        options.limits.fuel = self.fuel.unwrap_or(options.limits.fuel);
        options.disk_cache = self.disk.cloned();
        Ok(options)
    }
}

impl Bundled {
    /// With a bundle of everything that compiles; its sources cannot be loaded.
    ///
    /// # Panics
    /// If the bundle is not what was written.
    fn environment(self, mut options: Options) -> Result<Environment, Stop> {
        let source = Environment::with_options(options.clone())?;
        let builder = BundleBuilder::new(&source).lenient();
        let builder = match self {
            Self::Whole => builder,
            Self::Stripped => builder.strip(),
        };
        let bundle = builder.open().expect("what compiles can be bundled");
        assert_eq!(bundle.verify(), Ok(()), "what was written can be read");
        let names = bundle.templates().map(|it| it.name.to_owned()).collect();
        options.loader = options.loader.map(|inner| {
            let rest: Arc<dyn Loader> = Arc::new(Rest { inner, names });
            rest
        });
        let mut environment = Environment::with_options(options)?;
        environment.add_bundle(bundle)?;
        Ok(environment)
    }
}

/// A loader without the templates that are in a bundle.
struct Rest {
    inner: Arc<dyn Loader>,
    names: BTreeSet<String>,
}

impl Loader for Rest {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        match self.names.contains(name) {
            true => Err(LoadError::Other("it is in the bundle".into())),
            false => self.inner.load(name),
        }
    }

    fn list(&self) -> Option<Vec<String>> {
        self.inner.list()
    }
}

impl Way {
    /// All of them, in the order in which they are gone.
    pub const ALL: [Self; 7] = [
        Self::Asked,
        Self::Again,
        Self::Stream,
        Self::Sink,
        Self::Json,
        Self::Awaited,
        Self::Turns,
    ];

    fn tell(self, case: &Case, template: &Template, json: Option<&Json>) -> (Self, Told) {
        let mut steps = None;
        let page = self.page(case, template, json, &mut steps);
        let outcome = page.map(|page| match case.call {
            Call::Compile => Outcome::Compiled,
            _ => Outcome::Output(page),
        });
        (self, Told::new(outcome, steps))
    }

    fn page(
        self,
        case: &Case,
        template: &Template,
        json: Option<&Json>,
        steps: &mut Option<u64>,
    ) -> Result<String, Stop> {
        let prepared = Context::from_tree(case.context.clone())?;
        let context = match (self, json) {
            (Self::Json, Some(json)) => ContextRef::from(json),
            _ => ContextRef::from(&prepared),
        };
        let is_page = matches!(case.call, Call::Render | Call::Stream);
        let mut sources = case.templates.iter().map(|(_, source)| source);
        let waits = sources.any(|it| it.contains("await") || it.contains("async"));
        Ok(match (self, &case.call) {
            (Self::Stream, _) if is_page => joined(template, context, steps)?,
            (Self::Sink, _) if is_page => {
                let mut sink = Vec::new();
                template.render_to(context, &mut sink)?;
                String::from_utf8_lossy(&sink).into_owned()
            }
            (Self::Awaited, _) if is_page && !waits => block_on(template.render_async(context))?,
            (Self::Turns, _) if is_page && !waits => {
                let mut render = template.begin(context)?;
                let page = in_turns(&mut render);
                *steps = Some(render.steps());
                page?
            }
            (_, Call::Render) => {
                let (page, used) = template.render_counting(context);
                *steps = Some(used);
                page?
            }
            (_, Call::Stream) => joined(template, context, steps)?,
            (_, Call::Block(name)) => template.render_block(name, context)?,
            (Self::Again, Call::BlockStream(name)) => {
                block_on(template.render_block_async(name, context))?
            }
            (_, Call::BlockStream(name)) => {
                joined_async(template.render_block_stream_async(name, context))?
            }
            (_, Call::Blocks(blocks)) => template.render_with_blocks(context, blocks)?,
            (_, Call::Async) => block_on(template.render_async(context))?,
            (_, Call::StreamAsync) => joined_async(template.render_stream_async(context))?,
            (_, Call::Compile) => String::new(),
        })
    }
}

fn in_turns(render: &mut Render<'_>) -> Result<String, Stop> {
    let mut page = String::new();
    loop {
        match render.step(3)? {
            Progress::Done(rest) => return Ok(page + &rest),
            Progress::Piece(piece) => page.push_str(&piece),
            Progress::Waiting | Progress::OutOfSteps => {}
        }
    }
}

fn joined(
    template: &Template,
    context: ContextRef<'_>,
    steps: &mut Option<u64>,
) -> Result<String, Stop> {
    let mut pieces = template.render_stream(context);
    let page = pieces.by_ref().collect::<Result<String, _>>();
    *steps = Some(pieces.steps());
    Ok(page?)
}

impl Told {
    fn new(result: Result<Outcome, Stop>, steps: Option<u64>) -> Self {
        let (outcome, error) = match result {
            Ok(outcome) => (outcome, None),
            Err(stop) => {
                let outcome = Outcome::Error(stop.failure());
                match stop {
                    Stop::Error(error) => (outcome, Some(error)),
                    Stop::Option(_) => (outcome, None),
                }
            }
        };
        Self {
            outcome,
            columns: error
                .as_ref()
                .and_then(|error| error.column().zip(error.end_column())),
            message: error.map_or(String::new(), |error| error.message().to_owned()),
            steps,
        }
    }
}
