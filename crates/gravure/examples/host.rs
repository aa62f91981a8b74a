//! What a host can offer to its templates: a filter, a function, an object
//! whose attributes are computed when they are read, and a derived one.
//!
//! `cargo run -p gravure --example host`

use gravure::{AsData, Bindings, Data, Environment, Error, Object};
use std::{cell::Cell, fmt::Write as _};

/// Read in place: every field is an attribute.
#[derive(Object)]
struct Article {
    title: String,
    words: u32,
    tags: Vec<&'static str>,
}

/// Its attributes cost something, so each is computed only when a template
/// reads it.
struct Library {
    articles: Vec<Article>,
}

impl Object for Library {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        match name {
            "words" => {
                n_counted(1);
                Some(Data::from(
                    self.articles
                        .iter()
                        .map(|it| u64::from(it.words))
                        .sum::<u64>(),
                ))
            }
            "articles" => Some(self.articles.as_data()),
            _ => None,
        }
    }

    // Names for "did you mean".
    fn attrs(&self) -> Vec<&str> {
        vec!["words", "articles"]
    }
}

impl AsData for Library {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

/// Adds to what was counted on this thread, and says how much that is.
fn n_counted(more: u32) -> u32 {
    thread_local!(static COUNT: Cell<u32> = const { Cell::new(0) });
    COUNT.set(COUNT.get() + more);
    COUNT.get()
}

fn environment() -> Environment {
    let mut environment = Environment::new();
    environment.add_filter("minutes", |words: i64| match words / 200 {
        0 | 1 => "1 minute".to_owned(),
        n => format!("{n} minutes"),
    });
    environment.add_function("stars", |n: usize, of: Option<usize>| {
        let mut row = String::new();
        for at in 0..of.unwrap_or(5).min(10) {
            let _ = write!(row, "{}", if at < n { '★' } else { '☆' });
        }
        row
    });
    environment
}

const PAGE: &str = "\
{{ owner }} has {{ library.articles | length }} articles.
{% for article in library.articles -%}
{{ loop.index }}. {{ article.title }} ({{ article.words | minutes }}) {{ stars(article.tags | length, 3) }}
{% end -%}
";

fn main() -> Result<(), Error> {
    let article = |title: &str, words, tags| Article {
        title: title.to_owned(),
        words,
        tags,
    };
    let library = Library {
        articles: vec![
            article("Ink & Paper", 1_200, vec!["ink", "paper"]),
            article("Rust <3", 90, vec![]),
        ],
    };
    let context = Bindings::new()
        .lend("library", &library)
        .give("owner", "Ada");

    let environment = environment();
    let page = environment.from_string(PAGE)?.render(&context)?;
    print!("{page}");
    assert_eq!(
        page,
        "Ada has 2 articles.\n\
         1. Ink &amp; Paper (6 minutes) ★★☆\n\
         2. Rust &lt;3 (1 minute) ☆☆☆\n"
    );

    assert_eq!(n_counted(0), 0, "nobody has asked for the words yet");
    let words = environment.from_string("{{ library.words }}")?;
    assert_eq!(words.render(&context)?, "1290");
    assert_eq!(n_counted(0), 1);

    let wrong = environment.from_string("{{ library.article }}")?;
    let error = wrong.render(&context).expect_err("there is no `article`");
    assert_eq!(error.suggestion().as_deref(), Some("articles"));
    Ok(())
}
