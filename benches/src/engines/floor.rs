//! The floor: the pages written by hand, as Rust that knows its data.
//!
//! No engine is behind it: a loop is a `for`, a path a field, a page a
//! `String` of the length that the page before had. Nobody can expect an
//! engine to be faster.

use std::cell::Cell;

use crate::contest::{Form, Renderer};
use crate::data::{
    Deep, Escape, Item, Link, Notes, Page, Post, TableInt, TableStr, Teams, with_data,
};
use crate::workload::Workload;

/// The name in tables.
pub const NAME: &str = "floor";

/// The workload from its struct.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let render = with_data!(workload, data => over(data));
    vec![Renderer {
        engine: NAME,
        form: Form::Struct,
        render,
    }]
}

fn over(data: impl Write + 'static) -> Box<dyn Fn() -> String> {
    let length = Cell::new(0);
    Box::new(move || {
        let mut page = String::with_capacity(length.get());
        data.write(&mut page);
        length.set(page.len());
        page
    })
}

/// Data that knows its page.
trait Write {
    fn write(&self, page: &mut String);
}

impl Write for TableInt {
    fn write(&self, page: &mut String) {
        page.push_str("<table>\n");
        for row in &self.table {
            page.push_str("<tr>");
            for cell in row {
                page.push_str("<td>");
                integer(page, *cell);
                page.push_str("</td>");
            }
            page.push_str("</tr>\n");
        }
        page.push_str("</table>\n");
    }
}

impl Write for TableStr {
    fn write(&self, page: &mut String) {
        page.push_str("<table>\n");
        for row in &self.table {
            page.push_str("<tr>");
            for cell in row {
                page.push_str("<td>");
                escaped(page, cell);
                page.push_str("</td>");
            }
            page.push_str("</tr>\n");
        }
        page.push_str("</table>\n");
    }
}

impl Write for Teams {
    fn write(&self, page: &mut String) {
        page.push_str("<!doctype html>\n<title>Season ");
        integer(page, self.year);
        page.push_str("</title>\n<ol>\n");
        for (index, team) in self.teams.iter().enumerate() {
            page.push_str("<li class=\"");
            page.push_str(if index == 0 { "leader" } else { "team" });
            page.push_str("\">");
            position(page, index);
            page.push_str(". <b>");
            escaped(page, &team.name);
            page.push_str("</b>: ");
            integer(page, team.score);
            page.push_str(" points</li>\n");
        }
        page.push_str("</ol>\n");
    }
}

impl Write for Escape {
    fn write(&self, page: &mut String) {
        page.push_str("<article>\n");
        for para in &self.paras {
            page.push_str("<p>");
            escaped(page, para);
            page.push_str("</p>\n");
        }
        page.push_str("</article>\n");
    }
}

impl Write for Notes {
    fn write(&self, page: &mut String) {
        page.push_str("<ul>\n");
        for row in &self.rows {
            page.push_str("<li>");
            integer(page, row.id);
            page.push_str(": ");
            escaped(page, row.note.text_or("no note"));
            page.push_str("</li>\n");
        }
        page.push_str("</ul>\n");
    }
}

impl Write for Deep {
    fn write(&self, page: &mut String) {
        page.push_str("<ul>\n");
        for item in &self.items {
            self.write_item(page, item);
        }
        page.push_str("</ul>\n");
    }
}

impl Deep {
    fn write_item(&self, page: &mut String, item: &Item) {
        let (profile, team, stats) = (
            &item.meta.owner.profile,
            &item.meta.owner.team,
            &item.meta.stats,
        );
        page.push_str("<li id=\"i");
        integer(page, item.id);
        page.push_str("\"><b>");
        escaped(page, &profile.name);
        page.push_str("</b> of ");
        escaped(page, &profile.address.city);
        page.push(' ');
        integer(page, profile.address.zip);
        page.push_str(": ");
        let level = profile.level;
        page.push_str(if level > self.threshold.high.level {
            "expert"
        } else if level > self.threshold.mid.level {
            "skilled"
        } else if level > self.threshold.low.level {
            "learner"
        } else {
            "novice"
        });
        page.push_str(", ");
        page.push_str(match item.status.as_str() {
            "active" => "on duty",
            "paused" => "on leave",
            "closed" => "retired",
            _ => "no record",
        });
        let flags = &item.meta.flags;
        if flags.featured && !flags.hidden {
            page.push_str(" <i>featured ");
            integer(page, flags.score);
            page.push_str("</i>");
        }
        page.push(' ');
        page.push_str(zmij::Buffer::new().format(stats.rating));
        page.push_str("/5 by ");
        integer(page, stats.votes);
        if team.size > 9 {
            page.push_str(" in the large ");
            escaped(page, &team.name);
            page.push_str(" team");
        } else if team.size > 3 {
            page.push_str(" in the ");
            escaped(page, &team.name);
            page.push_str(" team");
        } else {
            page.push_str(" alone");
        }
        page.push_str(" (");
        integer(page, stats.history.first);
        page.push('-');
        integer(page, stats.history.last);
        page.push_str(")</li>\n");
    }
}

impl Write for Page {
    fn write(&self, page: &mut String) {
        let site = &self.site;
        page.push_str("<!doctype html>\n<html lang=\"");
        escaped(page, &site.lang);
        page.push_str("\">\n<head>\n<meta charset=\"utf-8\">\n<title>");
        escaped(page, &self.page_title);
        page.push_str(" | ");
        escaped(page, &site.title);
        page.push_str("</title>\n<meta name=\"description\" content=\"");
        escaped(page, &site.description);
        page.push_str("\">\n<link rel=\"stylesheet\" href=\"");
        escaped(page, &site.base_url);
        page.push_str("/css/press.css\">\n</head>\n<body class=\"");
        escaped(page, &self.section);
        page.push_str("\">\n<header>\n<a class=\"brand\" href=\"");
        escaped(page, &site.base_url);
        page.push_str("/\">");
        upper(page, &site.title);
        page.push_str("</a>\n<nav><ul>\n");
        for link in &site.nav {
            self.write_link(page, link);
        }
        page.push_str("</ul></nav>\n</header>\n<main>\n<h1>");
        escaped(page, &self.page_title);
        page.push_str("</h1>\n<p class=\"count\">");
        position(page, self.posts.len().wrapping_sub(1));
        page.push_str(" posts</p>\n");
        for (index, post) in self.posts.iter().enumerate() {
            self.write_post(page, index, post);
        }
        page.push_str("\n</main>\n<aside>\n<h2>Authors</h2>\n<ul>\n");
        for (index, author) in self.authors.iter().enumerate() {
            page.push_str("<li>");
            position(page, index);
            page.push_str(". <a href=\"mailto:");
            escaped(page, &author.mail);
            page.push_str("\">");
            escaped(page, &author.name);
            page.push_str("</a></li>\n");
        }
        page.push_str("</ul>\n</aside>\n<footer>\n<p>&copy; ");
        integer(page, self.year);
        page.push(' ');
        escaped(page, &site.owner);
        page.push_str(", set in ");
        escaped(page, site.typeface.text_or("Garamond"));
        page.push_str("</p>\n</footer>\n</body>\n</html>\n");
    }
}

impl Page {
    fn write_link(&self, page: &mut String, link: &Link) {
        page.push_str("<li><a href=\"");
        escaped(page, &self.site.base_url);
        page.push('/');
        escaped(page, &link.path);
        page.push_str("/\"");
        if link.path == self.section {
            page.push_str(" class=\"here\"");
        }
        page.push('>');
        escaped(page, &link.label);
        page.push_str("</a></li>\n");
    }

    fn write_post(&self, page: &mut String, index: usize, post: &Post) {
        let base_url = &self.site.base_url;
        page.push_str("<article id=\"post-");
        integer(page, post.id);
        page.push('"');
        if post.draft {
            page.push_str(" class=\"draft\"");
        }
        page.push_str(">\n<header>\n<h2><a href=\"");
        escaped(page, base_url);
        page.push('/');
        escaped(page, &post.slug);
        page.push_str("/\">");
        position(page, index);
        page.push_str(". ");
        escaped(page, &post.title);
        page.push_str("</a></h2>\n<h3>");
        escaped(page, post.subtitle.text_or("No subtitle"));
        page.push_str("</h3>\n<p class=\"by\">By ");
        escaped(page, &post.author.name);
        page.push_str(" (@");
        escaped(page, &post.author.handle);
        page.push_str(") on <time>");
        escaped(page, &post.date);
        page.push_str("</time></p>\n</header>\n<p>");
        let (kept, dots) = shorten(&post.body, 240);
        escaped(page, kept);
        page.push_str(dots);
        page.push_str("</p>\n<p class=\"tags\" data-tags=\"");
        for (index, name) in post.tags.iter().enumerate() {
            page.push_str(if index == 0 { "" } else { ", " });
            escaped(page, name);
        }
        page.push_str("\">");
        for (index, name) in post.tags.iter().enumerate() {
            page.push_str(if index == 0 { "" } else { " " });
            page.push_str("<a class=\"tag\" href=\"");
            escaped(page, base_url);
            page.push_str("/tag/");
            lower(page, name);
            page.push_str("/\">");
            upper(page, name);
            page.push_str("</a>");
        }
        page.push_str("</p>\n<footer>");
        match post.comments.last() {
            Some(last) => {
                page.push_str("<b>");
                position(page, post.comments.len() - 1);
                page.push_str(" comments, the last by ");
                escaped(page, &last.by);
                page.push_str("</b>");
            }
            None => page.push_str("<i>No comments</i>"),
        }
        page.push(' ');
        integer(page, post.likes + post.shares);
        page.push_str(" reactions</footer>\n</article>\n");
    }
}

/// At most `length` characters, and the dots behind them if there were more.
pub(crate) fn shorten(text: &str, length: usize) -> (&str, &'static str) {
    if text.len() <= length || text.chars().count() <= length {
        return (text, "");
    }
    let kept = text.char_indices().nth(length.saturating_sub(3));
    kept.map_or((text, ""), |(end, _)| (&text[..end], "..."))
}

fn integer(page: &mut String, number: i64) {
    page.push_str(itoa::Buffer::new().format(number));
}

/// A place counted from one.
fn position(page: &mut String, index: usize) {
    page.push_str(itoa::Buffer::new().format(index.wrapping_add(1)));
}

fn upper(page: &mut String, text: &str) {
    if text.is_ascii() && !text.bytes().any(is_special) {
        page.extend(text.chars().map(|character| character.to_ascii_uppercase()));
    } else {
        escaped(page, &text.to_uppercase());
    }
}

fn lower(page: &mut String, text: &str) {
    if text.is_ascii() && !text.bytes().any(is_special) {
        page.extend(text.chars().map(|character| character.to_ascii_lowercase()));
    } else {
        escaped(page, &text.to_lowercase());
    }
}

fn is_special(byte: u8) -> bool {
    (byte == b'"') | (byte == b'&') | (byte == b'\'') | (byte == b'<') | (byte == b'>')
}

/// Clean stretches are looked at 16 bytes at a time, without a branch for
/// each, and copied in one go.
fn escaped(page: &mut String, text: &str) {
    let bytes = text.as_bytes();
    let (mut from, mut at) = (0, 0);
    loop {
        at += clean_chunks::<16>(&bytes[at..]);
        at += clean_chunks::<4>(&bytes[at..]);
        let Some(step) = bytes[at..].iter().position(|byte| is_special(*byte)) else {
            break;
        };
        at += step;
        page.push_str(&text[from..at]);
        page.push_str(match bytes[at] {
            b'"' => "&quot;",
            b'&' => "&amp;",
            b'\'' => "&#39;",
            b'<' => "&lt;",
            _ => "&gt;",
        });
        at += 1;
        from = at;
    }
    page.push_str(&text[from..]);
}

/// The length of the whole chunks at the start that hold nothing special.
fn clean_chunks<const N: usize>(bytes: &[u8]) -> usize {
    let (chunks, _) = bytes.as_chunks::<N>();
    let is_clean = |chunk: &&[u8; N]| {
        // Bytes instead of truth values: this becomes a comparison of vectors.
        let found = chunk
            .iter()
            .fold(0, |found, byte| found | u8::from(is_special(*byte)));
        found == 0
    };
    chunks.iter().take_while(is_clean).count() * N
}
