//! Askama: templates compiled ahead into Rust, over plain structs.

use askama::Template;

use crate::contest::{Form, Renderer};
use crate::data::with_data;
use crate::workload::Workload;

/// The name in tables.
pub const NAME: &str = "askama";

/// The workload from its struct.
pub fn renderers(workload: &Workload) -> Vec<Renderer<'_>> {
    let render = with_data!(workload, data => over(data));
    vec![Renderer {
        engine: NAME,
        form: Form::Struct,
        render,
    }]
}

fn over<T: Template + 'static>(data: T) -> Box<dyn Fn() -> String> {
    Box::new(move || data.render().expect("the template renders"))
}

/// What the template of `page` needs beyond the engine's own filters.
#[expect(unreachable_pub, reason = "the attribute macro writes `pub`")]
pub(crate) mod filters {
    use std::fmt::{Display, Formatter, Result as FmtResult, Write};

    use askama::{FastWritable, Result, Values};

    use crate::engines::floor;

    /// At most `length` characters, the last three of them dots if there were
    /// more; the engine's own `truncate` counts bytes.
    #[askama::filter_fn]
    pub(crate) fn shorten<'s>(
        text: &'s str,
        _: &dyn Values,
        length: usize,
    ) -> Result<Shortened<'s>> {
        let (kept, dots) = floor::shorten(text, length);
        Ok(Shortened { kept, dots })
    }

    /// A text and the dots behind it, not yet escaped.
    pub(crate) struct Shortened<'s> {
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
