//! Names that templates for a terminal can read: its size, pictures, frames,
//! and `hr`, which draws a line.

use super::{HERE, pictures, ruler, settings};
use crate::{
    registry::{Row, params},
    support::{Answer, expect_int, expect_text, new_text},
    surfaces::push_repeated,
};
use gravure_value::{
    Args, Call, Data, Fault, Heap, Mark, NativeFn, Registry, SharedObject, Value, ops,
};
use std::{borrow::Cow, sync::Arc};

/// Name the values and the function.
pub(super) fn register(registry: &mut Registry) {
    let row = |name: &'static [&'static str], run: NativeFn| Row::new(name, params!(""), run);
    let values = [
        row(&["columns"], |call, _| {
            Ok(Value::Int(settings(call).width.into()))
        }),
        row(&["rows"], |call, _| {
            Ok(Value::Int(settings(call).height.into()))
        }),
        row(&["tty"], |call, _| Ok(Value::Bool(settings(call).tty))),
        row(&["icons"], |call, _| {
            let unicode = settings(call).unicode;
            call.heap()
                .import(Data::Shared(Arc::new(Icons { unicode })))
        }),
        row(&["box"], |call, _| {
            let unicode = settings(call).unicode;
            call.heap()
                .import(Data::Shared(Arc::new(Frames { unicode })))
        }),
    ];
    for value in values {
        value.add(registry, |registry, name, id| {
            registry.set_surface_global(HERE, name, id);
        });
    }
    Row::new(&["hr"], params!("w=, char=, title="), hr).add(registry, |registry, name, id| {
        registry.set_surface_function(HERE, name, id);
    });
}

fn styled(text: &'static str) -> Data<'static> {
    Data::Marked(Mark::Styled, Cow::Borrowed(text))
}

/// `icons`: a picture for each name.
#[derive(Debug)]
struct Icons {
    unicode: bool,
}

impl SharedObject for Icons {
    fn attr(&self, name: &str) -> Option<Data<'static>> {
        pictures::icon(name, self.unicode).map(styled)
    }

    fn type_name(&self) -> &str {
        "icons"
    }
}

/// `box`: a frame for each style.
#[derive(Debug)]
struct Frames {
    unicode: bool,
}

impl SharedObject for Frames {
    fn attr(&self, name: &str) -> Option<Data<'static>> {
        let frame = pictures::Frame::of(name, self.unicode)?;
        Some(Data::Shared(Arc::new(frame)))
    }

    fn type_name(&self) -> &str {
        "box"
    }
}

impl SharedObject for pictures::Frame {
    fn attr(&self, name: &str) -> Option<Data<'static>> {
        self.part(name).map(styled)
    }

    fn type_name(&self) -> &str {
        "box style"
    }
}

fn hr<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let settings = settings(call);
    let ruler = ruler(&settings);
    let heap = call.heap();
    let total = match args.get(0) {
        width if width.is_missing() => 0,
        width => expect_int(heap, width, "w")?,
    };
    let total = match total {
        0 => u64::from(settings.width),
        _ => u64::try_from(total).unwrap_or(0),
    };
    let line = optional_text(heap, args.get(1), "char")?;
    let line = match (line, settings.unicode) {
        ("", true) => "─",
        ("", false) => "-",
        (line, _) => line,
    };
    let title = optional_text(heap, args.get(2), "title")?;
    let title = ruler.prefix(title, total.saturating_sub(4));
    let has_title = args.given(2).is_some_and(|it| ops::is_truthy(heap, it));
    let len = total
        .saturating_add(2)
        .saturating_mul(line.len() as u64)
        .saturating_add(title.0.len() as u64 + 2);
    heap.check_text(len)?;
    heap.charge(len / 8)?;
    let mut out = String::with_capacity(usize::try_from(len).unwrap_or(0));
    if has_title {
        let (title, columns) = title;
        push_repeated(&mut out, line, 2);
        out.push(' ');
        out.push_str(title);
        out.push(' ');
        push_repeated(
            &mut out,
            line,
            total.saturating_sub(6).saturating_sub(columns),
        );
    } else {
        push_repeated(&mut out, line, total);
    }
    new_text(call, out)
}

/// A text that may be left out: anything that is not true counts as none.
fn optional_text<'h, 'c>(
    heap: &'h Heap<'c>,
    value: Value<'c>,
    param: &str,
) -> Result<&'h str, Fault> {
    if !ops::is_truthy(heap, value) {
        return Ok("");
    }
    expect_text(heap, value, param)
}
