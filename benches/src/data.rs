//! The data of the workloads as Rust structs, for whoever takes structs.
//!
//! In: `data.json` of a workload. Out: a struct that serializes, that Gravure
//! reads in place (`Object`), and of which Askama makes a page.
//! Every key is a field, whether a template reads it or not: a conversion has
//! as much to do as one of the JSON.

use gravure::{AsData, Data, Object};
use serde::{Deserialize, Serialize};

/// Runs `$body` with the data of a workload as a value of its own type.
macro_rules! with_data {
    ($workload:expr, $data:ident => $body:expr) => {
        match $workload.name.as_str() {
            "table-int" => $crate::data::with_data!(@$workload, $data: TableInt => $body),
            "table-str" => $crate::data::with_data!(@$workload, $data: TableStr => $body),
            "teams" => $crate::data::with_data!(@$workload, $data: Teams => $body),
            "page" => $crate::data::with_data!(@$workload, $data: Page => $body),
            "escape" => $crate::data::with_data!(@$workload, $data: Escape => $body),
            "deep" => $crate::data::with_data!(@$workload, $data: Deep => $body),
            "default-present" | "default-missing" => {
                $crate::data::with_data!(@$workload, $data: Notes => $body)
            }
            other => panic!("no struct for `{other}`"),
        }
    };
    (@$workload:expr, $data:ident: $type:ident => $body:expr) => {{
        let $data: $crate::data::$type =
            serde_json::from_str(&$workload.data_text).expect("the struct fits the data");
        $body
    }};
}
pub(crate) use with_data;

/// A struct of data, and what every engine derives from it.
macro_rules! data {
    ($($(#[$meta:meta])* $name:ident $(at $path:literal)? { $($(#[$on_field:meta])* $field:ident: $type:ty,)* })*) => {
        $(
            $(#[$meta])*
            #[derive(Debug, Deserialize, Serialize, Object)]
            $(
                #[cfg_attr(feature = "peers", derive(askama::Template))]
                #[cfg_attr(feature = "peers", template(path = $path))]
            )?
            pub(crate) struct $name {
                $($(#[$on_field])* pub(crate) $field: $type,)*
            }
        )*
    };
}

#[cfg(feature = "peers")]
use crate::engines::askama::filters;

/// Text that may be missing: not there when it is serialized, undefined for
/// Gravure, to whom an `Option` would be none.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Maybe(pub(crate) Option<String>);

impl Maybe {
    fn is_missing(&self) -> bool {
        self.0.is_none()
    }

    /// The text, or another.
    pub(crate) fn text_or<'a>(&'a self, other: &'a str) -> &'a str {
        self.0.as_deref().unwrap_or(other)
    }
}

impl AsData for Maybe {
    fn as_data(&self) -> Data<'_> {
        match &self.0 {
            Some(text) => text.as_data(),
            None => Data::Undefined,
        }
    }
}

data! {
    TableInt at "table-int/main.html" {
        table: Vec<Vec<i64>>,
    }
    TableStr at "table-str/main.html" {
        table: Vec<Vec<String>>,
    }
    Teams at "teams/main.html" {
        year: i64,
        teams: Vec<Team>,
    }
    Team {
        name: String,
        score: i64,
    }
    Page at "page/main.html" {
        site: Site,
        section: String,
        page_title: String,
        year: i64,
        authors: Vec<Author>,
        posts: Vec<Post>,
    }
    Site {
        title: String,
        description: String,
        base_url: String,
        lang: String,
        owner: String,
        #[serde(default, skip_serializing_if = "Maybe::is_missing")]
        typeface: Maybe,
        nav: Vec<Link>,
    }
    Link {
        path: String,
        label: String,
    }
    Author {
        name: String,
        handle: String,
        mail: String,
    }
    Post {
        id: i64,
        slug: String,
        title: String,
        #[serde(default, skip_serializing_if = "Maybe::is_missing")]
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
    Comment {
        by: String,
        text: String,
    }
    Escape at "escape/main.html" {
        paras: Vec<String>,
    }
    Deep at "deep/main.html" {
        items: Vec<Item>,
        threshold: Threshold,
    }
    Threshold {
        low: Bound,
        mid: Bound,
        high: Bound,
    }
    Bound {
        level: i64,
    }
    Item {
        id: i64,
        status: String,
        meta: Meta,
    }
    Meta {
        owner: Owner,
        stats: Stats,
        flags: Flags,
    }
    Owner {
        profile: Profile,
        team: Crew,
    }
    Profile {
        name: String,
        level: i64,
        address: Address,
    }
    Address {
        city: String,
        zip: i64,
    }
    Crew {
        name: String,
        size: i64,
    }
    Stats {
        rating: f64,
        votes: i64,
        history: History,
    }
    History {
        first: i64,
        last: i64,
    }
    Flags {
        featured: bool,
        hidden: bool,
        score: i64,
    }
    Notes at "default/main.html" {
        rows: Vec<Row>,
    }
    Row {
        id: i64,
        name: String,
        #[serde(default, skip_serializing_if = "Maybe::is_missing")]
        note: Maybe,
    }
}
