//! Sailfish: templates of Rust between tags, compiled ahead, over plain structs.

use sailfish::Template;

use crate::contest::{Form, Renderer};
use crate::data::{Deep, Escape, Notes, Page, TableInt, TableStr, Teams};
use crate::engines::floor::shorten;
use crate::workload::Workload;

/// The name in tables.
pub const NAME: &str = "sailfish";

/// The workload from its struct.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let render = match workload.name.as_str() {
        "table-int" => TableIntPage::over(workload),
        "table-str" => TableStrPage::over(workload),
        "teams" => TeamsPage::over(workload),
        "page" => PagePage::over(workload),
        "escape" => EscapePage::over(workload),
        "deep" => DeepPage::over(workload),
        "default-present" | "default-missing" => NotesPage::over(workload),
        other => panic!("no template for `{other}`"),
    };
    vec![Renderer {
        engine: NAME,
        form: Form::Struct,
        render,
    }]
}

/// The derive of Sailfish reads the same attribute as that of Askama, so each
/// struct of data gets one around it.
macro_rules! pages {
    ($($page:ident over $data:ident at $path:literal)*) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            struct $page {
                data: $data,
            }

            impl $page {
                fn over(workload: &Workload) -> Box<dyn Fn() -> String> {
                    let data = serde_json::from_str(&workload.data_text);
                    let page = Self { data: data.expect("the struct fits the data") };
                    Box::new(move || page.render().expect("the template renders"))
                }
            }
        )*
    };
}

pages! {
    TableIntPage over TableInt at "table-int/main.stpl"
    TableStrPage over TableStr at "table-str/main.stpl"
    TeamsPage over Teams at "teams/main.stpl"
    PagePage over Page at "page/main.stpl"
    EscapePage over Escape at "escape/main.stpl"
    DeepPage over Deep at "deep/main.stpl"
    NotesPage over Notes at "default/main.stpl"
}
