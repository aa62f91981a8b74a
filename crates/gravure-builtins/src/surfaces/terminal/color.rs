//! The filters `fg` and `bg`: any color, as far as the terminal shows it.
//!
//! In: a name, an index of the palette, or red, green and blue. Out: text in
//! the nearest color that there is.

use super::{RESET, presented_here, settings, style::color_code};
use crate::{
    registry::{Row, params},
    support::{Answer, lowered},
    surfaces::joined,
};
use gravure_value::{Args, Call, ColorDepth, Fault, Heap, Mark, Params, Value, View, text};
use std::borrow::Cow;

pub(super) fn rows() -> Vec<Row> {
    const PARAMS: Params = params!("value, /, color_arg");
    vec![
        Row::reading(&["fg"], PARAMS, |call, args| painted(call, args, false)),
        Row::reading(&["bg"], PARAMS, |call, args| painted(call, args, true)),
    ]
}

type Rgb = [u8; 3];

/// A color as the author gives it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Color {
    /// One of the names, by its code.
    Code(u8),
    /// A place in the palette of 256.
    Index(u8),
    Rgb(Rgb),
}

/// The sixteen colors that every terminal has.
const BASIC: [Rgb; 16] = [
    [0, 0, 0],
    [170, 0, 0],
    [0, 170, 0],
    [170, 85, 0],
    [0, 0, 170],
    [170, 0, 170],
    [0, 170, 170],
    [170, 170, 170],
    [85, 85, 85],
    [255, 85, 85],
    [85, 255, 85],
    [255, 255, 85],
    [85, 85, 255],
    [255, 85, 255],
    [85, 255, 255],
    [255, 255, 255],
];

fn painted<'c>(call: &mut Call<'_, 'c>, args: Args<'_, 'c>, is_back: bool) -> Answer<'c> {
    let text = presented_here(call.heap(), args.get(0))?.into_owned();
    let depth = settings(call).color;
    if depth == ColorDepth::None {
        return call.heap().new_text(Mark::Styled, text);
    }
    let heap = call.heap();
    let Some(color) = read(heap, args.get(1)) else {
        let kind = heap.kind_name(args.get(1));
        return Err(Fault::value(format!("this {kind} is no color")).help(
            "a name such as `bright_red`, `#rrggbb`, an index from 0 to 255, or a list of three",
        ));
    };
    let code = format!("\u{1b}[{}m", sequence(color, depth, is_back));
    joined(call, Mark::Styled, &[&code, &text, RESET])
}

fn read<'c>(heap: &Heap<'c>, value: Value<'c>) -> Option<Color> {
    match heap.view(value) {
        View::Bool(_) | View::Int(_) => part(heap, value).map(Color::Index),
        View::List(seq) | View::Tuple(seq) if seq.len() == 3 => {
            let [red, green, blue] = [0, 1, 2].map(|idx| part(heap, seq.get(idx)?));
            Some(Color::Rgb([red?, green?, blue?]))
        }
        View::Str(_, text) => read_text(text),
        _ => None,
    }
}

/// A number from 0 to 255, read as the function `int` reads it.
fn part<'c>(heap: &Heap<'c>, value: Value<'c>) -> Option<u8> {
    match heap.view(value) {
        View::Bool(it) => Some(u8::from(it)),
        View::Int(it) => u8::try_from(it).ok(),
        // The cast would turn what is no number into 0.
        View::Float(it) if (0.0..256.0).contains(&it.trunc()) => Some(it as u8),
        View::Str(_, text) => u8::try_from(&text::parse_int(text)?).ok(),
        _ => None,
    }
}

fn read_text(text: &str) -> Option<Color> {
    let text = text.trim_matches(text::is_space).trim_start_matches('#');
    if let Some(code) = color_code(&lowered(Cow::Borrowed(text))) {
        return Some(Color::Code(code));
    }
    if text.len() == 6 {
        let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let [_, red, green, blue] = u32::from_str_radix(text, 16).ok()?.to_be_bytes();
        return is_hex.then_some(Color::Rgb([red, green, blue]));
    }
    u8::try_from(&text::parse_int(text)?).ok().map(Color::Index)
}

/// The numbers of the style that shows a color.
fn sequence(color: Color, depth: ColorDepth, is_back: bool) -> String {
    let lift = if is_back { 10 } else { 0 };
    let plane = 38 + lift;
    match (color, depth) {
        (Color::Code(code), _) => (u32::from(code) + lift).to_string(),
        (Color::Rgb([red, green, blue]), ColorDepth::TrueColor) => {
            format!("{plane};2;{red};{green};{blue}")
        }
        (Color::Rgb(rgb), ColorDepth::Extended) => format!("{plane};5;{}", nearest_index(rgb)),
        (Color::Index(index), ColorDepth::TrueColor | ColorDepth::Extended) => {
            format!("{plane};5;{index}")
        }
        (Color::Rgb(rgb), _) => (nearest_basic(rgb) + lift).to_string(),
        (Color::Index(index), _) => (nearest_basic(rgb_of(index)) + lift).to_string(),
    }
}

fn distance(lhs: Rgb, rhs: Rgb) -> u32 {
    let squares = lhs
        .iter()
        .zip(&rhs)
        .map(|(&lhs, &rhs)| u32::from(lhs.abs_diff(rhs)).pow(2));
    squares.sum()
}

/// The code of the nearest of the sixteen.
fn nearest_basic(rgb: Rgb) -> u32 {
    let codes = (30..38).chain(90..98);
    let best = BASIC
        .iter()
        .zip(codes)
        .min_by_key(|&(&basic, _)| distance(rgb, basic));
    best.map_or(37, |(_, code)| code)
}

/// The nearest of the colors of the palette that are the same everywhere: a
/// cube of six steps, and greys.
fn nearest_index([red, green, blue]: Rgb) -> u8 {
    let step = |part: u8| (f64::from(part) / 255.0 * 5.0).round_ties_even() as u8;
    let (r, g, b) = (step(red), step(green), step(blue));
    let sum = f64::from(u16::from(red) + u16::from(green) + u16::from(blue));
    let mean = (sum / 3.0).round_ties_even();
    let grey = ((mean - 8.0) / 10.0).round_ties_even().clamp(0.0, 23.0) as u8;
    let rgb = [red, green, blue];
    let to_cube = distance(rgb, [r * 51, g * 51, b * 51]);
    let to_grey = distance(rgb, [8 + 10 * grey; 3]);
    if to_grey < to_cube {
        232 + grey
    } else {
        16 + 36 * r + 6 * g + b
    }
}

/// What a place in the palette looks like.
fn rgb_of(index: u8) -> Rgb {
    match index {
        0..16 => BASIC[usize::from(index)],
        16..232 => {
            let cube = index - 16;
            [cube / 36 * 51, cube / 6 % 6 * 51, cube % 6 * 51]
        }
        232.. => [8 + 10 * (index - 232); 3],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_colors() {
        for (text, color) in [
            ("red", Some(Color::Code(31))),
            (" Bright_CYAN\n", Some(Color::Code(96))),
            ("#ff8000", Some(Color::Rgb([255, 128, 0]))),
            ("##00Ff0a", Some(Color::Rgb([0, 255, 10]))),
            ("196", Some(Color::Index(196))),
            ("# 1_2", Some(Color::Index(12))),
            ("256", None),
            ("-1", None),
            ("+12345", None),
            ("#abc", None),
            ("bright_black", None),
            ("", None),
            ("日本", None),
        ] {
            assert_eq!(read_text(text), color, "{text:?}");
        }
    }

    #[test]
    fn colors_are_found_in_smaller_palettes() {
        for (rgb, index, basic) in [
            ([0, 0, 0], 16, 30),
            ([255, 255, 255], 231, 97),
            ([127, 127, 127], 244, 90),
            ([128, 128, 128], 244, 37),
            ([10, 10, 10], 232, 30),
            ([255, 128, 0], 214, 33),
            ([51, 51, 51], 59, 90),
            ([215, 215, 175], 187, 37),
            ([238, 238, 238], 255, 97),
        ] {
            assert_eq!(
                (nearest_index(rgb), nearest_basic(rgb)),
                (index, basic),
                "{rgb:?}"
            );
        }
        for (index, rgb) in [
            (0, [0; 3]),
            (9, [255, 85, 85]),
            (21, [0, 0, 255]),
            (255, [238; 3]),
        ] {
            assert_eq!(rgb_of(index), rgb);
        }
    }

    #[test]
    fn sequences() {
        use ColorDepth::{Basic, Extended, TrueColor};
        for (color, depth, front, back) in [
            (Color::Code(96), TrueColor, "96", "106"),
            (Color::Index(8), TrueColor, "38;5;8", "48;5;8"),
            (Color::Index(8), Basic, "90", "100"),
            (Color::Rgb([1, 2, 3]), TrueColor, "38;2;1;2;3", "48;2;1;2;3"),
            (Color::Rgb([1, 2, 3]), Extended, "38;5;16", "48;5;16"),
            (Color::Rgb([1, 2, 3]), Basic, "30", "40"),
        ] {
            assert_eq!(sequence(color, depth, false), front);
            assert_eq!(sequence(color, depth, true), back);
        }
    }
}
