//! Gravure as a server would use it: default options, but for templates that
//! are not looked for again; one environment and one template for all renders.

use std::any::Any;
use std::rc::Rc;
use std::sync::Arc;

use gravure::loader::{FileLoader, MapLoader};
use gravure::options::AutoReload;
use gravure::{Context, Environment, Options, Template};

use crate::contest::{Compiler, Form, Renderer};
use crate::data::with_data;
use crate::workload::{Sources, Workload, workload_folder};

/// The name in tables.
pub const NAME: &str = "gravure";

/// The workload from each form of data.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(FileLoader::new(workload_folder(&workload.name)))),
        auto_reload: AutoReload::Never,
        ..Options::default()
    })
    .expect("the options are good");
    let template = environment
        .get_template("main.html")
        .expect("the template compiles");
    let template = Rc::new(template);

    let prepared = Context::from_serialize(&workload.data).expect("the data is a map");
    let from_prepared = {
        let template = Rc::clone(&template);
        move || template.render(&prepared).expect("the template renders")
    };
    let from_json = {
        let template = Rc::clone(&template);
        move || {
            template
                .render(&workload.data)
                .expect("the template renders")
        }
    };
    let from_struct: Box<dyn Fn() -> String> = {
        let template = Rc::clone(&template);
        with_data!(workload, data => Box::new(move || {
            template.render_serialize(&data).expect("the template renders")
        }))
    };
    let from_object: Box<dyn Fn() -> String> = with_data!(workload, data => Box::new(move || {
        template.render(&data).expect("the template renders")
    }));

    let renderer = |form, render| Renderer {
        engine: NAME,
        form,
        render,
    };
    vec![
        renderer(Form::Prepared, Box::new(from_prepared)),
        renderer(Form::Json, Box::new(from_json)),
        renderer(Form::Serialize, from_struct),
        renderer(Form::Object, from_object),
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
