//! Warnings of renders: told once a place, with template and line, to the sink.

use gravure::{
    Code, Environment, Options, RenderOptions, check::Warnings, context, loader::MapLoader,
};
use std::sync::{Arc, Mutex};

const MAIN: &str = "{% for x in [1, 2, 3] %}{{ 'x' | int }}{% end %}\n{% include 'form.html' %}\n\
                    {{ 'abc' | float(2) }} {{ '7' | int }}";
const FORM: &str = "<form>\n{{ csrf_token() }}</form>";

/// What a render of the two templates tells: code, template, line.
fn told(change: impl FnOnce(&mut Options), request: &RenderOptions) -> Vec<(Code, String, u32)> {
    let heard = Arc::new(Mutex::new(Vec::new()));
    let sink = heard.clone();
    let mut options = Options {
        loader: Some(Arc::new(MapLoader::from([
            ("main.html", MAIN),
            ("form.html", FORM),
        ]))),
        warning_sink: Some(Arc::new(move |it| {
            let place = (it.code, it.template.clone(), it.line);
            sink.lock().unwrap().push(place);
        })),
        ..Options::default()
    };
    change(&mut options);
    let environment = Environment::with_options(options).unwrap();
    let template = environment.get_template("main.html").unwrap();
    template.render_with(&context! {}, request).unwrap();
    let heard = heard.lock().unwrap();
    heard.clone()
}

#[test]
fn a_form_without_a_token_is_told() {
    let missing = (Code::WarnCsrf, "form.html".to_owned(), 2);
    assert_eq!(told(|_| {}, &RenderOptions::default()), [missing]);
    let request = RenderOptions::default().meta("csrf_token", "t");
    assert_eq!(told(|_| {}, &request), []);
}

#[test]
fn conversions_are_told_once_a_place_where_that_is_asked_for() {
    let request = RenderOptions::default().meta("csrf_token", "t");
    let main = |line| (Code::WarnConversion, "main.html".to_owned(), line);
    let heard = told(|options| options.conversion_warnings = true, &request);
    assert_eq!(heard, [main(1), main(3)]);
}

#[test]
fn warnings_that_are_off_or_silenced_are_not_told() {
    let request = RenderOptions::default();
    let off = |options: &mut Options| options.warnings = Warnings::Off;
    assert_eq!(told(off, &request), []);
    let silenced = |options: &mut Options| {
        options.silenced.insert(Code::WarnCsrf);
    };
    assert_eq!(told(silenced, &request), []);
}
