//! Filters and globals of the terminal surface.
//!
//! In: values, and the settings of the terminal from the world. Out: styled
//! text, whose input was cleaned, or plain text, which is cleaned when it is
//! printed. Widths are columns, never characters.

mod ambiguous;
mod color;
mod diff;
mod fit;
mod globals;
mod matching;
mod pictures;
mod show;
mod style;
mod syntax;
mod table;
mod tree;
mod width;
mod wrap;

use super::{presented, printed};
use crate::registry::{Name, Row};
use gravure_value::{
    Call, ColorDepth, Fault, Heap, NativeId, Registry, Surface, TerminalSettings, Value,
};
use std::borrow::Cow;
use width::Ruler;

const HERE: Surface = Surface::Terminal;

/// What ends every style.
const RESET: &str = "\u{1b}[0m";

/// Name the filters and globals.
pub(super) fn register(registry: &mut Registry) {
    let filters = [
        style::rows(),
        color::rows(),
        fit::rows(),
        wrap::rows(),
        show::rows(),
        table::rows(),
        tree::rows(),
        diff::rows(),
        syntax::rows(),
    ];
    let add = |registry: &mut Registry, name: Name, id: NativeId| {
        registry.set_surface_filter(HERE, name, id);
    };
    filters
        .into_iter()
        .flatten()
        .for_each(|row: Row| row.add(registry, add));
    globals::register(registry);
}

/// The settings of the terminal that a call writes for.
fn settings(call: &Call<'_, '_>) -> TerminalSettings {
    call.host.world().terminal()
}

/// Are there colors?
fn has_color(settings: &TerminalSettings) -> bool {
    settings.color != ColorDepth::None
}

/// Measures text for a terminal.
fn ruler(settings: &TerminalSettings) -> Ruler {
    Ruler {
        ambiguous: settings.ambiguous_width.clamp(1, 2),
    }
}

/// The text form, cleaned unless it is styled.
fn cleaned<'h, 'c>(heap: &'h Heap<'c>, value: Value<'c>) -> Result<Cow<'h, str>, Fault> {
    printed(heap, HERE, value)
}

/// The same, but for an object of the host that brings a form of its own.
fn presented_here<'h, 'c>(heap: &'h Heap<'c>, value: Value<'c>) -> Result<Cow<'h, str>, Fault> {
    presented(heap, HERE, value)
}
