//! Handlebars with helpers for what the language itself does not have.

use std::any::Any;
use std::rc::Rc;

use handlebars::{Context, Handlebars};

use crate::contest::{Compiler, Form, Renderer};
use crate::data::with_data;
use crate::workload::{Sources, Workload, peer_folder};

/// The name in tables.
pub const NAME: &str = "handlebars";

/// The workload from each form of data.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let sources = Sources::read(&peer_folder(NAME, &workload.name));
    let registry = Rc::new(compile(&sources));
    let prepared = Context::wraps(&workload.data).expect("JSON is JSON");
    let from_prepared = {
        let registry = Rc::clone(&registry);
        move || {
            registry
                .render_with_context("main", &prepared)
                .expect("the template renders")
        }
    };
    let from_json = {
        let registry = Rc::clone(&registry);
        move || {
            registry
                .render("main", &workload.data)
                .expect("the template renders")
        }
    };
    let from_struct: Box<dyn Fn() -> String> = with_data!(workload, data => Box::new(move || {
        registry.render("main", &data).expect("the template renders")
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
    ]
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
            let registry = compile(sources);
            let page = |(name, _): &(String, String)| {
                registry
                    .render(stem(name), &corpus.data)
                    .expect("the template renders")
            };
            sources.templates.iter().map(page).collect()
        }),
    }
}

fn compile(sources: &Sources) -> Handlebars<'static> {
    let mut registry = Handlebars::new();
    registry.register_helper("add", Box::new(helpers::add));
    registry.register_helper("join", Box::new(helpers::join));
    registry.register_helper("last", Box::new(helpers::last));
    registry.register_helper("lower", Box::new(helpers::lower));
    registry.register_helper("orelse", Box::new(helpers::orelse));
    registry.register_helper("trunc", Box::new(helpers::trunc));
    registry.register_helper("upper", Box::new(helpers::upper));
    for (name, text) in &sources.templates {
        registry
            .register_template_string(stem(name), text)
            .expect("the template compiles");
    }
    registry
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".html").unwrap_or(name)
}

/// What templates call; the macro writes a public struct for each.
mod helpers {
    use handlebars::{JsonValue, handlebars_helper};

    use crate::engines::floor::shorten;

    handlebars_helper!(add: |left: i64, right: i64| left + right);
    handlebars_helper!(upper: |text: str| text.to_uppercase());
    handlebars_helper!(lower: |text: str| text.to_lowercase());
    handlebars_helper!(last: |list: array| list.last().cloned().unwrap_or(JsonValue::Null));
    handlebars_helper!(orelse: |value: Json, other: str| {
        value.as_str().unwrap_or(other).to_owned()
    });
    handlebars_helper!(join: |list: array, between: str| {
        let texts: Vec<&str> = list.iter().filter_map(JsonValue::as_str).collect();
        texts.join(between)
    });
    // At most `length` characters with the dots counted, and five more are let pass.
    handlebars_helper!(trunc: |text: str, length: usize| {
        if text.chars().count() <= length + 5 {
            text.to_owned()
        } else {
            let (kept, dots) = shorten(text, length);
            format!("{kept}{dots}")
        }
    });
}
