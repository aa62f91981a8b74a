//! What templates get to see, and the pages that come of it.

use gravure::{AsData, Bindings, Data, Environment, Error, Object};
use std::{
    collections::HashMap,
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};

/// The site: its templates and what it counts.
pub struct Site {
    environment: Environment,
    started: Instant,
    visits: AtomicU64,
}

/// A row of the log. Templates read its fields where they lie.
#[derive(Object)]
struct Row {
    id: usize,
    path: &'static str,
    bytes: u64,
}

impl Site {
    pub fn new() -> Result<Self, Error> {
        let mut environment = Environment::with_loader(gravure::embed_templates!("templates"));
        // `{{ n | size }}`: an error in here would name the template's line.
        environment.add_filter("size", |bytes: u64| match bytes {
            0..1_000 => format!("{bytes} B"),
            1_000..1_000_000 => format!("{:.1} kB", bytes as f64 / 1e3),
            _ => format!("{:.1} MB", bytes as f64 / 1e6),
        });
        // `{{ path_to('log', 500) }}`: the second argument may be left out.
        environment.add_function("path_to", |page: &str, rows: Option<u32>| {
            match (page, rows) {
                ("home", _) => Ok("/".to_owned()),
                ("log", None) => Ok("/log".to_owned()),
                ("log", Some(rows)) => Ok(format!("/log?rows={rows}")),
                _ => Err(format!("there is no page `{page}`")),
            }
        });
        environment.add_global("title", "Gravure, served")?;
        // Mistakes in templates show when the server starts, not when it is asked.
        for name in environment.list_templates().unwrap_or_default() {
            environment.get_template(&name)?;
        }
        Ok(Self {
            environment,
            started: Instant::now(),
            visits: AtomicU64::new(0),
        })
    }

    /// The front page, for the parameters of a request.
    pub fn home(&self, query: &HashMap<String, String>) -> Result<String, Error> {
        self.visits.fetch_add(1, Ordering::Relaxed);
        let context = Bindings::new().lend("site", self).lend("query", query);
        self.environment.render("home.html", &context)
    }

    /// The log in pieces, until `send` says that nobody listens anymore.
    pub fn log(&self, n_rows: usize, mut send: impl FnMut(String) -> bool) -> Result<(), Error> {
        let rows: Vec<Row> = (1..=n_rows.min(1_000_000)).map(Row::new).collect();
        let context = Bindings::new().lend("site", self).lend("rows", &rows);
        let template = self.environment.get_template("log.html")?;
        for piece in template.render_stream(&context) {
            if !send(piece?) {
                break;
            }
        }
        Ok(())
    }
}

impl Row {
    fn new(id: usize) -> Self {
        Self {
            id,
            path: ["/", "/log", "/about?a=1&b=2"][id % 3],
            bytes: (id as u64 * 7_919) % 3_000_000,
        }
    }
}

/// Nothing is computed until a template reads the attribute.
impl Object for Site {
    fn attr<'a>(&'a self, name: &str) -> Option<Data<'a>> {
        match name {
            "visits" => Some(self.visits.load(Ordering::Relaxed).into()),
            "uptime" => Some(self.started.elapsed().as_secs().into()),
            "templates" => Some(self.environment.list_templates().unwrap_or_default().into()),
            _ => None,
        }
    }

    fn attrs(&self) -> Vec<&str> {
        vec!["visits", "uptime", "templates"]
    }

    fn type_name(&self) -> &str {
        "site"
    }
}

impl AsData for Site {
    fn as_data(&self) -> Data<'_> {
        Data::Object(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_stops_when_nobody_listens() {
        let mut n_pieces = 0;
        let site = Site::new().unwrap();
        let sent = site.log(100_000, |piece| {
            assert!(piece.len() < 100_000, "{} bytes in one piece", piece.len());
            n_pieces += 1;
            n_pieces < 3
        });
        sent.unwrap();
        assert_eq!(n_pieces, 3);
    }

    #[test]
    fn a_page_that_does_not_exist_is_an_error_with_a_place() {
        let site = Site::new().unwrap();
        let page = site
            .environment
            .from_string("a\n{{ path_to('nowhere') }}")
            .unwrap();
        let error = page.render(&gravure::context! {}).unwrap_err();
        assert_eq!(error.line(), Some(2));
        assert!(
            error.message().contains("there is no page `nowhere`"),
            "{error}"
        );
    }
}
