//! `page` by Askama: its template is in the program, its data is read.

use std::env;
use std::error::Error;
use std::fs;
use std::io::{self, Write as _};

use askama::Template;
use serde::Deserialize;

fn main() -> Result<(), Box<dyn Error>> {
    let data = env::args().nth(2).ok_or("usage: askama FOLDER DATA")?;
    let page: Page = serde_json::from_slice(&fs::read(data)?)?;
    io::stdout().write_all(page.render()?.as_bytes())?;
    Ok(())
}

/// What the template needs beyond the engine's own filters.
#[expect(unreachable_pub, reason = "the attribute macro writes `pub`")]
mod filters {
    use askama::{Result, Values};

    /// At most `length` characters, the last three of them dots if there were more.
    #[askama::filter_fn]
    pub(super) fn shorten(text: &str, _: &dyn Values, length: usize) -> Result<String> {
        let is_long = text.chars().count() > length;
        let kept = text.char_indices().nth(length.saturating_sub(3));
        Ok(match kept {
            Some((end, _)) if is_long => format!("{}...", &text[..end]),
            _ => text.to_owned(),
        })
    }
}

#[derive(Default, Deserialize)]
#[serde(transparent)]
struct Maybe(Option<String>);

impl Maybe {
    fn text_or<'a>(&'a self, other: &'a str) -> &'a str {
        self.0.as_deref().unwrap_or(other)
    }
}

#[derive(Deserialize, Template)]
#[template(path = "page/main.html")]
struct Page {
    site: Site,
    section: String,
    page_title: String,
    year: i64,
    authors: Vec<Author>,
    posts: Vec<Post>,
}

#[derive(Deserialize)]
struct Site {
    title: String,
    description: String,
    base_url: String,
    lang: String,
    owner: String,
    #[serde(default)]
    typeface: Maybe,
    nav: Vec<Link>,
}

#[derive(Deserialize)]
struct Link {
    path: String,
    label: String,
}

#[derive(Deserialize)]
struct Author {
    name: String,
    handle: String,
    mail: String,
}

#[derive(Deserialize)]
struct Post {
    id: i64,
    slug: String,
    title: String,
    #[serde(default)]
    subtitle: Maybe,
    body: String,
    author: Author,
    date: String,
    likes: i64,
    shares: i64,
    draft: bool,
    tags: Vec<String>,
    comments: Vec<Comment>,
}

#[derive(Deserialize)]
struct Comment {
    by: String,
}
