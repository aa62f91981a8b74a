//! Gravure with its default options.

use std::any::Any;
use std::rc::Rc;

use gravure::loader::{FileLoader, MapLoader};
use gravure::{Context, Environment, Template};

use crate::contest::{Compiler, Form, Renderer};
use crate::workload::{Sources, Workload, workload_folder};

/// The name in tables.
pub const NAME: &str = "gravure";

/// The workload from prepared data and from JSON.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let environment = Environment::with_loader(FileLoader::new(workload_folder(&workload.name)));
    let template = environment
        .get_template("main.html")
        .expect("the template compiles");
    let template = Rc::new(template);
    let prepared = Context::from_serialize(&workload.data).expect("the data is a map");
    let from_prepared = {
        let template = Rc::clone(&template);
        move || template.render(&prepared).expect("the template renders")
    };
    let from_json = move || {
        template
            .render(&workload.data)
            .expect("the template renders")
    };
    vec![
        Renderer {
            engine: NAME,
            form: Form::Prepared,
            render: Box::new(from_prepared),
        },
        Renderer {
            engine: NAME,
            form: Form::Json,
            render: Box::new(from_json),
        },
    ]
}

/// The corpus.
pub fn compiler(corpus: &Workload) -> Compiler<'_> {
    let sources: &'static Sources =
        Box::leak(Box::new(Sources::read(&workload_folder(&corpus.name))));
    Compiler {
        engine: NAME,
        bytes: sources.bytes,
        compile: Box::new(|| Box::new(compile(sources)) as Box<dyn Any>),
        render_all: Box::new(|| {
            let templates = compile(sources);
            let page =
                |template: &Template| template.render(&corpus.data).expect("the template renders");
            templates.iter().map(page).collect()
        }),
    }
}

fn compile(sources: &Sources) -> Vec<Template> {
    let loader = MapLoader::new();
    for (name, text) in &sources.templates {
        loader.insert(name.as_str(), text.as_str());
    }
    let environment = Environment::with_loader(loader);
    let template = |(name, _): &(String, String)| {
        environment
            .get_template(name)
            .expect("the template compiles")
    };
    sources.templates.iter().map(template).collect()
}
