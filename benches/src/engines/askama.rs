//! Askama: templates compiled ahead into Rust, over plain structs.

use askama::Template;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::contest::{Form, Renderer};
use crate::workload::Workload;

/// The name in tables.
pub const NAME: &str = "askama";

/// The workload from its struct.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let render = match workload.name.as_str() {
        "table-int" => over::<TableInt>(workload),
        "table-str" => over::<TableStr>(workload),
        "teams" => over::<Teams>(workload),
        "page" => over::<Page>(workload),
        "escape" => over::<Escape>(workload),
        "deep" => over::<Deep>(workload),
        other => panic!("no struct for `{other}`"),
    };
    vec![Renderer {
        engine: NAME,
        form: Form::Struct,
        render,
    }]
}

fn over<T: Template + DeserializeOwned + 'static>(workload: &Workload) -> Box<dyn Fn() -> String> {
    let data: T = serde_json::from_str(&workload.data_text).expect("the struct fits the data");
    Box::new(move || data.render().expect("the template renders"))
}

/// What the template of `page` needs beyond the engine's own filters.
#[expect(unreachable_pub, reason = "the attribute macro writes `pub`")]
mod filters {
    use std::fmt::{Display, Formatter, Result as FmtResult, Write};

    use askama::{FastWritable, Result, Values};

    /// At most `length` characters, the last three of them dots if there were
    /// more; the engine's own `truncate` counts bytes.
    #[askama::filter_fn]
    pub(super) fn shorten<'s>(
        text: &'s str,
        _: &dyn Values,
        length: usize,
    ) -> Result<Shortened<'s>> {
        let is_long = text.chars().count() > length;
        let kept = text.char_indices().nth(length.saturating_sub(3));
        Ok(match kept {
            Some((end, _)) if is_long => Shortened {
                kept: &text[..end],
                dots: "...",
            },
            _ => Shortened {
                kept: text,
                dots: "",
            },
        })
    }

    /// A text and the dots behind it, not yet escaped.
    pub(super) struct Shortened<'s> {
        kept: &'s str,
        dots: &'static str,
    }

    impl Display for Shortened<'_> {
        fn fmt(&self, f: &mut Formatter<'_>) -> FmtResult {
            f.write_str(self.kept)?;
            f.write_str(self.dots)
        }
    }

    impl FastWritable for Shortened<'_> {
        fn write_into(&self, dest: &mut dyn Write, _: &dyn Values) -> Result<()> {
            dest.write_str(self.kept)?;
            dest.write_str(self.dots)?;
            Ok(())
        }
    }
}

#[derive(Deserialize, Template)]
#[template(path = "table-int/main.html")]
struct TableInt {
    table: Vec<Vec<i64>>,
}

#[derive(Deserialize, Template)]
#[template(path = "table-str/main.html")]
struct TableStr {
    table: Vec<Vec<String>>,
}

#[derive(Deserialize, Template)]
#[template(path = "teams/main.html")]
struct Teams {
    year: i64,
    teams: Vec<Team>,
}

#[derive(Deserialize)]
struct Team {
    name: String,
    score: i64,
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
    typeface: Option<String>,
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
    subtitle: Option<String>,
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

#[derive(Deserialize, Template)]
#[template(path = "escape/main.html")]
struct Escape {
    paras: Vec<String>,
}

#[derive(Deserialize, Template)]
#[template(path = "deep/main.html")]
struct Deep {
    items: Vec<Item>,
    threshold: Threshold,
}

#[derive(Deserialize)]
struct Threshold {
    low: Bound,
    mid: Bound,
    high: Bound,
}

#[derive(Deserialize)]
struct Bound {
    level: i64,
}

#[derive(Deserialize)]
struct Item {
    id: i64,
    status: String,
    meta: Meta,
}

#[derive(Deserialize)]
struct Meta {
    owner: Owner,
    stats: Stats,
    flags: Flags,
}

#[derive(Deserialize)]
struct Owner {
    profile: Profile,
    team: Crew,
}

#[derive(Deserialize)]
struct Profile {
    name: String,
    level: i64,
    address: Address,
}

#[derive(Deserialize)]
struct Address {
    city: String,
    zip: i64,
}

#[derive(Deserialize)]
struct Crew {
    name: String,
    size: i64,
}

#[derive(Deserialize)]
struct Stats {
    rating: f64,
    votes: i64,
    history: History,
}

#[derive(Deserialize)]
struct History {
    first: i64,
    last: i64,
}

#[derive(Deserialize)]
struct Flags {
    featured: bool,
    hidden: bool,
    score: i64,
}
