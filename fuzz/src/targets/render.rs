//! Any templates, rendered in every way, give one page or one error.

use super::{
    input::{CHANCE, Input, MAIN},
    report::in_range,
    stage::{self, Way, agree, environment},
};
use gravure::{Error, Template};

/// Render with low limits; compare the ways.
pub fn render(bytes: &[u8]) {
    let input = Input::of(bytes);
    let Ok(usual) = environment(&input, Way::Usual).get_template(MAIN) else {
        return;
    };
    let page = usual.render(stage::context());
    if let Err(error) = &page {
        in_range(error, &input);
    }
    blocks(&usual);
    let is_fixed = !input.mentions(CHANCE);
    for way in [Way::Plain, Way::Slow, Way::Collect] {
        let template = environment(&input, way).get_template(MAIN);
        let other = template.and_then(|template| template.render(stage::context()));
        if is_fixed {
            agree(&page, &other, &way);
        }
    }
    let template = environment(&input, Way::Pieces).get_template(MAIN);
    let joined = template.and_then(|template| join(&template));
    if is_fixed {
        agree(&page, &joined, &Way::Pieces);
    }
}

/// The pieces of a page in one.
pub(super) fn join(template: &Template) -> Result<String, Error> {
    template.render_stream(stage::context()).collect()
}

/// Each block alone.
fn blocks(template: &Template) {
    for name in template.list_blocks().unwrap_or_default().iter().take(4) {
        let _ = template.render_block(name, stage::context());
    }
}
