//! Filters that paint: fourteen colors and seven decorations.

use super::{RESET, has_color, presented_here, settings};
use crate::{
    registry::{Row, params},
    support::Answer,
    surfaces::joined,
};
use gravure_value::{Args, Call, Mark, NativeFn};

/// Names and codes of the colors.
const COLORS: [(&str, u8); 14] = [
    ("black", 30),
    ("red", 31),
    ("green", 32),
    ("yellow", 33),
    ("blue", 34),
    ("magenta", 35),
    ("cyan", 36),
    ("white", 37),
    ("bright_red", 91),
    ("bright_green", 92),
    ("bright_yellow", 93),
    ("bright_blue", 94),
    ("bright_magenta", 95),
    ("bright_cyan", 96),
];

/// The code of a color, as it is written.
pub(super) fn color_code(name: &str) -> Option<u8> {
    COLORS
        .iter()
        .find(|(known, _)| *known == name)
        .map(|&(_, code)| code)
}

pub(super) fn rows() -> Vec<Row> {
    let row = |names: &'static [&'static str], run: NativeFn| {
        Row::reading(names, params!("value, /"), run)
    };
    vec![
        row(&["black"], paint::<30>),
        row(&["red"], paint::<31>),
        row(&["green"], paint::<32>),
        row(&["yellow"], paint::<33>),
        row(&["blue"], paint::<34>),
        row(&["magenta"], paint::<35>),
        row(&["cyan"], paint::<36>),
        row(&["white"], paint::<37>),
        row(&["bright_red"], paint::<91>),
        row(&["bright_green"], paint::<92>),
        row(&["bright_yellow"], paint::<93>),
        row(&["bright_blue"], paint::<94>),
        row(&["bright_magenta"], paint::<95>),
        row(&["bright_cyan"], paint::<96>),
        row(&["bold"], paint::<1>),
        row(&["dim"], paint::<2>),
        row(&["italic"], paint::<3>),
        row(&["underline"], paint::<4>),
        row(&["blink"], paint::<5>),
        row(&["inverse"], paint::<7>),
        row(&["strike"], paint::<9>),
    ]
}

fn paint<'c, const CODE: u8>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>) -> Answer<'c> {
    let text = presented_here(call.heap(), args.get(0))?.into_owned();
    if !has_color(&settings(call)) {
        return call.heap().new_text(Mark::Styled, text);
    }
    joined(
        call,
        Mark::Styled,
        &[&format!("\u{1b}[{CODE}m"), &text, RESET],
    )
}
