//! MiniJinja with its `speedups`, maps in the order of the JSON (which its
//! lookups like better than sorted ones), and `truncate` from its companion.

use std::any::Any;
use std::rc::Rc;

use minijinja::value::Serde;
use minijinja::{Environment, Value};

use crate::contest::{Compiler, Form, Renderer};
use crate::data::with_data;
use crate::workload::{Sources, Workload, peer_folder};

/// The name in tables.
pub const NAME: &str = "minijinja";

/// The workload from each form of data.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let sources = Sources::read(&peer_folder(NAME, &workload.name));
    let mut environment = empty();
    for (name, text) in sources.templates {
        environment
            .add_template_owned(name, text)
            .expect("the template compiles");
    }
    let environment = Rc::new(environment);
    let prepared = Value::from(Serde(&workload.data));
    let from_struct = with_data!(workload, data => renderer(
        &environment,
        Form::Serialize,
        move || Value::from(Serde(&data)),
    ));
    vec![
        renderer(&environment, Form::Prepared, move || prepared.clone()),
        renderer(&environment, Form::Json, || {
            Value::from(Serde(&workload.data))
        }),
        from_struct,
    ]
}

fn renderer<'w>(
    environment: &Rc<Environment<'static>>,
    form: Form,
    context: impl Fn() -> Value + 'w,
) -> Renderer<'w> {
    let environment = Rc::clone(environment);
    let render = move || {
        let template = environment
            .get_template("main.html")
            .expect("the template was added");
        template.render(context()).expect("the template renders")
    };
    Renderer {
        engine: NAME,
        form,
        render: Box::new(render),
    }
}

/// The corpus.
pub fn compiler(corpus: &Workload) -> Compiler<'_> {
    let sources: &'static Sources =
        Box::leak(Box::new(Sources::read(&peer_folder(NAME, &corpus.name))));
    Compiler {
        engine: NAME,
        bytes: sources.bytes,
        compile: Box::new(|| Box::new(compile(sources)) as Box<dyn Any>),
        render_all: Box::new(|| {
            let environment = compile(sources);
            let page = |(name, _): &(String, String)| {
                let template = environment
                    .get_template(name)
                    .expect("the template was added");
                // The engine drops the last line break; the pages lie in a row.
                template
                    .render(Value::from(Serde(&corpus.data)))
                    .expect("the template renders")
                    + "\n"
            };
            sources.templates.iter().map(page).collect()
        }),
    }
}

fn compile(sources: &Sources) -> Environment<'_> {
    let mut environment = empty();
    for (name, text) in &sources.templates {
        environment
            .add_template(name, text)
            .expect("the template compiles");
    }
    environment
}

fn empty<'s>() -> Environment<'s> {
    let mut environment = Environment::new();
    environment.add_filter("truncate", minijinja_contrib::filters::truncate);
    environment
}
