//! `page` by Tera: the least program that renders a folder with a file of data.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};
use std::path::Path;

use tera::{Context, Tera};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(data)) = (arguments.next(), arguments.next()) else {
        return Err("usage: tera FOLDER DATA".into());
    };
    let mut templates = Vec::new();
    for entry in fs::read_dir(Path::new(&folder))? {
        let path = entry?.path();
        let Some(name) = path.file_name() else {
            continue;
        };
        templates.push((
            name.to_string_lossy().into_owned(),
            fs::read_to_string(&path)?,
        ));
    }
    let mut tera = Tera::default();
    tera.add_raw_templates(
        templates
            .iter()
            .map(|(name, text)| (name.as_str(), text.as_str())),
    )?;
    let data: serde_json::Value = serde_json::from_slice(&fs::read(data)?)?;
    let page = tera.render("main.html", &Context::from_serialize(&data)?)?;
    io::stdout().write_all(page.as_bytes())?;
    Ok(())
}
