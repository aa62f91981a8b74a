//! `gravure render` and `gravure disasm`.

use crate::{
    args, data, engine,
    failure::{Failed, print, remark, wants_color},
    settings::Keep,
    site,
};
use gravure::check::Severity;
use std::fs;

/// Render a template and print or write the result.
pub(crate) fn render(args: &args::Render) -> Result<(), Failed> {
    let (site, name) = site::of_template(&args.which)?;
    let context = data::read(args.data.as_deref(), &args.sets)?;
    if args.warnings {
        let checked = engine::check_one(&site, &name)?;
        let found = checked.findings.iter();
        for warning in found.filter(|it| it.severity == Severity::Warning) {
            remark(&warning.text().color(wants_color()).to_string());
        }
    }
    let cache = match &args.cache {
        Some(text) => Keep::parse(text),
        None => site.settings.cache.clone(),
    };
    let mut page = engine::render(&site, &name, &context, &cache)?;
    match &args.output {
        Some(path) => fs::write(path, page).map_err(|error| {
            Failed::unusable(
                format!("`{}` cannot be written: {error}", path.display()),
                "name a file in a folder that exists",
            )
        }),
        None => {
            if !page.ends_with('\n') {
                // Where it lies there is room for one byte, not for as many again.
                page.reserve_exact(1);
                page.push('\n');
            }
            print(&page)
        }
    }
}

/// Print the instructions of a template.
pub(crate) fn disasm(args: &args::Disasm) -> Result<(), Failed> {
    let (site, name) = site::of_template(&args.which)?;
    print(&engine::listing(&site, &name)?)
}
