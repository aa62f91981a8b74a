//! `page` by MiniJinja: the least program that renders a folder with a file of data.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};

use minijinja::{Environment, Value, path_loader};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = env::args().skip(1);
    let (Some(folder), Some(data)) = (arguments.next(), arguments.next()) else {
        return Err("usage: minijinja FOLDER DATA".into());
    };
    let mut environment = Environment::new();
    environment.set_loader(path_loader(folder));
    environment.add_filter("truncate", minijinja_contrib::filters::truncate);
    let context: Value = serde_json::from_slice(&fs::read(data)?)?;
    let page = environment.get_template("main.html")?.render(context)?;
    io::stdout().write_all(page.as_bytes())?;
    Ok(())
}
