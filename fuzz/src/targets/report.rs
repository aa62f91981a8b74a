//! Whatever goes wrong can be said, in every form, and points into its source.

use super::{
    input::{Input, MAIN},
    stage::{self, Way, environment},
};
use gravure::Error;

/// Render, check, and say whatever was found.
pub fn report(bytes: &[u8]) {
    let input = Input::of(bytes);
    let environment = environment(&input, Way::Usual);
    match environment.get_template(MAIN) {
        Ok(template) => {
            let _ = (template.warnings(), template.disassemble());
            if let Err(error) = template.render(stage::context()) {
                say_everything(&error);
            }
        }
        Err(error) => say_everything(&error),
    }
    let names: Vec<&str> = input.templates.iter().map(|(name, _)| &**name).collect();
    let checked = environment
        .check_templates(&names)
        .expect("there is a loader");
    for finding in &checked.findings {
        let _ = (finding.short(), finding.github(Some("a/b")));
        let _ = (finding.text().color(true).to_string(), finding.docs());
    }
    let json = checked.json("/");
    assert!(
        serde_json::from_str::<serde_json::Value>(&json).is_ok(),
        "findings make no JSON: {json}"
    );
}

/// Every form of an error.
pub(super) fn say_everything(error: &Error) {
    let plain = error.report().to_string();
    let harmless = plain.chars().all(|it| it == '\n' || !it.is_control());
    assert!(
        harmless,
        "a control character reaches the terminal: {plain:?}"
    );
    let _ = (
        format!("{error}{error:#}{error:?}"),
        error.report().color(true).to_string(),
    );
    let _ = (
        error.html_page(),
        error.markdown(),
        error.hints(),
        error.suggestion(),
    );
    let html = error.html();
    assert!(
        !html.contains("<script"),
        "source reaches HTML as it is: {html}"
    );
}

/// Does an error point at a place that its template has?
pub(super) fn in_range(error: &Error, input: &Input) {
    let name = error.template().unwrap_or(MAIN);
    let Some((_, source)) = input.templates.iter().find(|(known, _)| known == name) else {
        return;
    };
    if let Some(span) = error.span() {
        assert!(
            source.get(span.start as usize..span.end as usize).is_some(),
            "{error}: {span:?} is no part of the source"
        );
    }
    if let Some(line) = error.line() {
        let n_lines = source.matches('\n').count() + source.matches('\r').count() + 1;
        assert!(
            (1..=n_lines).contains(&(line as usize)),
            "{error}: there is no line {line}"
        );
    }
    if let (Some(start), Some(end)) = (error.column(), error.end_column()) {
        let n = source.chars().count();
        assert!(
            start <= end && end as usize <= n + 1,
            "{error}: no columns {start}..{end}"
        );
    }
    for other in error.others() {
        in_range(other, input);
    }
}
