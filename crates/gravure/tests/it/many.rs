//! Many pages at once: their order, their errors, and what may pile up.

use gravure::{
    Context, Environment, Options, context,
    loader::{FunctionLoader, MapLoader, Source},
};
use std::{ops::ControlFlow, sync::Arc};

const SOURCE: &str = "{{ 60 // n }} {% for i in range(n) %}{{ i }},{% end %}";

#[test]
fn pages_are_those_of_one_thread_in_the_same_order() {
    let environment = Environment::new();
    let template = environment.from_string(SOURCE).unwrap();
    let contexts: Vec<Context> = (0..200).map(|n| context! { n => n % 7 }).collect();
    let shown = |page: Result<String, gravure::Error>| page.map_err(|error| error.to_string());
    let one: Vec<_> = contexts
        .iter()
        .map(|it| shown(template.render(it)))
        .collect();
    assert!(one[0].is_err() && one[1].is_ok());
    for workers in [None, Some(1), Some(2), Some(7), Some(300)] {
        let many = environment.render_many(&template, &contexts, workers);
        let many: Vec<_> = many.into_iter().map(shown).collect();
        assert_eq!(many, one, "{workers:?}");
    }
    assert!(
        environment
            .render_many(&template, [] as [Context; 0], Some(4))
            .is_empty()
    );
}

#[test]
fn contexts_are_lent_or_made_on_the_way() {
    let environment = Environment::new();
    let template = environment.from_string("{{ n }}").unwrap();
    let json: Vec<serde_json::Value> = (0..20).map(|n| serde_json::json!({ "n": n })).collect();
    let lent = environment.render_many(&template, &json, Some(3));
    let given = environment.render_many(&template, json.clone(), Some(3));
    let made = environment.render_many(&template, (0..20).map(|n| context! { n => n }), Some(3));
    for pages in [lent, given, made] {
        let pages: Vec<String> = pages.into_iter().map(Result::unwrap).collect();
        assert_eq!(
            pages.join(" "),
            (0..20).map(|n| n.to_string()).collect::<Vec<_>>().join(" ")
        );
    }
    // There is no end of them; the one who takes says when it is enough.
    let mut pages = Vec::new();
    let endless = (1..).map(|n| context! { n => n });
    environment.render_each(&template, endless, Some(3), |page| {
        pages.push(page.unwrap());
        match pages.len() {
            50 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    assert_eq!(pages.len(), 50);
    assert_eq!(pages[49], "50");
}

#[test]
fn many_templates_are_compiled_at_once_and_every_error_is_told() {
    let names = (0..100).map(|n| {
        let source = match n % 10 {
            0 => "{{ 1 | nothing }}",
            _ => "{{ 1 }}",
        };
        (format!("{n:03}"), source.to_owned())
    });
    let environment = Environment::with_loader(MapLoader::from_iter(names));
    let errors = environment.precompile().unwrap_err();
    let told: Vec<&str> = errors.iter().filter_map(|it| it.template()).collect();
    assert_eq!(
        told,
        [
            "000", "010", "020", "030", "040", "050", "060", "070", "080", "090"
        ]
    );
    assert_eq!(environment.cache_stats().size, 90);
    let any = FunctionLoader::new(|name: &str| Ok(Some(Source::new(name))));
    let environment = Environment::with_options(Options {
        loader: Some(Arc::new(any)),
        ..Options::default()
    })
    .unwrap();
    assert_eq!(
        environment.precompile_templates(&["a", "b", "a"]).ok(),
        Some(3)
    );
    assert_eq!(
        environment.precompile_templates(&[] as &[&str]).ok(),
        Some(0)
    );
}
