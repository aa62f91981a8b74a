//! `gravure render` and `gravure disasm`.

use crate::{
    args, data,
    engine::{self, Entry},
    failure::{Failed, print},
};
use std::{fs, path::Path};

/// Render a template and print or write the result.
pub(crate) fn render(args: &args::Render) -> Result<(), Failed> {
    let entry = find(&args.which)?;
    let context = data::read(args.data.as_deref(), &args.sets)?;
    let mut page = engine::render(&entry, &context)?;
    match &args.output {
        Some(path) => fs::write(path, page).map_err(|error| {
            Failed::unusable(
                format!("`{}` cannot be written: {error}", path.display()),
                "name a file in a folder that exists",
            )
        }),
        None => {
            if !page.ends_with('\n') {
                page.push('\n');
            }
            print(&page)
        }
    }
}

/// Print the instructions of a template.
pub(crate) fn disasm(args: &args::Disasm) -> Result<(), Failed> {
    print(&engine::listing(&find(&args.which)?)?)
}

/// Roots and name of the template that is meant.
fn find(which: &args::Which) -> Result<Entry, Failed> {
    for root in &which.roots {
        if !root.is_dir() {
            return Err(Failed::unusable(
                format!("the root `{}` is no folder", root.display()),
                "name a folder after `--root`",
            ));
        }
    }
    if !which.roots.is_empty() {
        return Ok(Entry {
            roots: which.roots.clone(),
            name: which.template.clone(),
        });
    }
    let path = Path::new(&which.template);
    let name = path.file_name().and_then(|name| name.to_str());
    let (true, Some(name)) = (path.is_file(), name) else {
        return Err(Failed::unusable(
            format!("there is no template file `{}`", which.template),
            "check the path, or name the folder of the templates with `--root DIR`",
        ));
    };
    let folder = match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    };
    Ok(Entry {
        roots: vec![folder.to_owned()],
        name: name.to_owned(),
    })
}
