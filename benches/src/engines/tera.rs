//! Tera 2 with its `fast` feature.

use std::any::Any;
use std::rc::Rc;

use serde::Serialize;
use tera::{Context, Kwargs, State, Tera, TeraResult};

use crate::contest::{Compiler, Form, Renderer};
use crate::data::with_data;
use crate::workload::{Sources, Workload, peer_folder};

/// The name in tables.
pub const NAME: &str = "tera";

/// The workload from each form of data.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let sources = Sources::read(&peer_folder(NAME, &workload.name));
    let tera = Rc::new(compile(&sources));
    let prepared = Context::from_serialize(&workload.data).expect("the data is a map");
    let from_prepared = {
        let tera = Rc::clone(&tera);
        move || {
            tera.render("main.html", &prepared)
                .expect("the template renders")
        }
    };
    let from_json = {
        let tera = Rc::clone(&tera);
        move || converted(&tera, &workload.data)
    };
    let from_struct: Box<dyn Fn() -> String> =
        with_data!(workload, data => Box::new(move || converted(&tera, &data)));
    let renderer = |form, render| Renderer {
        engine: NAME,
        form,
        render,
    };
    vec![
        renderer(Form::Prepared, Box::new(from_prepared)),
        renderer(Form::Json, Box::new(from_json)),
        renderer(Form::Serialize, from_struct),
    ]
}

fn converted<T: Serialize>(tera: &Tera, data: &T) -> String {
    let context = Context::from_serialize(data).expect("the data is a map");
    tera.render("main.html", &context)
        .expect("the template renders")
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
            let tera = compile(sources);
            let context = Context::from_serialize(&corpus.data).expect("the data is a map");
            let page = |(name, _): &(String, String)| {
                tera.render(name, &context).expect("the template renders")
            };
            sources.templates.iter().map(page).collect()
        }),
    }
}

fn compile(sources: &Sources) -> Tera {
    let mut tera = Tera::default();
    tera.register_filter("trunc", trunc);
    let templates = sources
        .templates
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()));
    tera.add_raw_templates(templates)
        .expect("the templates compile");
    tera
}

/// `truncate` as the other engines know it: at most `length` characters with
/// the dots counted, and five more are let pass.
fn trunc(text: &str, kwargs: Kwargs, _: &State<'_>) -> TeraResult<String> {
    let length = kwargs.must_get::<usize>("length")?;
    if text.chars().count() <= length + 5 {
        return Ok(text.to_owned());
    }
    let kept: String = text.chars().take(length.saturating_sub(3)).collect();
    Ok(kept + "...")
}
