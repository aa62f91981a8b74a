//! What a render may know about the terminal that it writes for.
//!
//! In: the answers of whoever can ask a terminal. Out: settings as plain
//! data, or the usual guesses from the environment's variables, which are
//! handed in as a function. Nothing in here reads a variable itself.

/// The colors a terminal shows.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum ColorDepth {
    /// None: text is not even made bold.
    #[default]
    None,
    /// 16.
    Basic,
    /// 256.
    Extended,
    /// 24 bits.
    TrueColor,
}

/// How a terminal shows text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TerminalSettings {
    /// The colors it shows.
    pub color: ColorDepth,
    /// Its columns.
    pub width: u32,
    /// Its rows.
    pub height: u32,
    /// Is there a terminal at all?
    pub tty: bool,
    /// Does it show more than ASCII?
    pub unicode: bool,
    /// The columns of a character of ambiguous width, 1 or 2.
    pub ambiguous_width: u8,
}

impl Default for TerminalSettings {
    /// No terminal: no colors, 80 columns of Unicode.
    fn default() -> Self {
        Self {
            color: ColorDepth::None,
            width: 80,
            height: 24,
            tty: false,
            unicode: true,
            ambiguous_width: 1,
        }
    }
}

impl TerminalSettings {
    /// What the variables of an environment say, and a terminal if there is
    /// one: its columns and rows, where they are known.
    pub fn guess(
        variable: impl Fn(&str) -> Option<String>,
        tty: bool,
        size: Option<(u32, u32)>,
    ) -> Self {
        let value = |name: &str| variable(name).unwrap_or_default();
        let color = if variable("NO_COLOR").is_some() {
            ColorDepth::None
        } else if variable("FORCE_COLOR").is_some() {
            ColorDepth::Basic
        } else if matches!(&*value("COLORTERM"), "truecolor" | "24bit") {
            ColorDepth::TrueColor
        } else if value("TERM").contains("256color") {
            ColorDepth::Extended
        } else if tty {
            ColorDepth::Basic
        } else {
            ColorDepth::None
        };
        let lang = value("LANG");
        let place = format!("{lang}{}", value("LC_ALL"));
        let is_wide = ["ja", "ko", "zh"].iter().any(|it| place.starts_with(it));
        let (width, height) = size.unwrap_or((80, 24));
        Self {
            color,
            width,
            height,
            tty,
            unicode: lang.to_ascii_uppercase().contains("UTF"),
            ambiguous_width: if is_wide { 2 } else { 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guess(variables: &str, tty: bool) -> TerminalSettings {
        let variable = |name: &str| {
            let mut pairs = variables
                .split_whitespace()
                .filter_map(|it| it.split_once('='));
            pairs
                .find(|(known, _)| *known == name)
                .map(|(_, value)| value.to_owned())
        };
        TerminalSettings::guess(variable, tty, tty.then_some((132, 50)))
    }

    #[test]
    fn colors_are_guessed() {
        for (variables, tty, color) in [
            ("", false, ColorDepth::None),
            ("", true, ColorDepth::Basic),
            (
                "NO_COLOR= FORCE_COLOR=1 COLORTERM=truecolor",
                true,
                ColorDepth::None,
            ),
            (
                "FORCE_COLOR=1 COLORTERM=truecolor",
                false,
                ColorDepth::Basic,
            ),
            (
                "COLORTERM=24bit TERM=xterm-256color",
                false,
                ColorDepth::TrueColor,
            ),
            (
                "COLORTERM=yes TERM=xterm-256color",
                false,
                ColorDepth::Extended,
            ),
            ("TERM=xterm", false, ColorDepth::None),
        ] {
            assert_eq!(guess(variables, tty).color, color, "{variables:?} {tty}");
        }
    }

    #[test]
    fn text_and_size_are_guessed() {
        for (variables, unicode, ambiguous) in [
            ("", false, 1),
            ("LANG=en_US.UTF-8", true, 1),
            ("LANG=ja_JP.utf8", true, 2),
            ("LANG=C LC_ALL=zh_CN", false, 1),
            ("LC_ALL=zh_CN.UTF-8", false, 2),
        ] {
            let found = guess(variables, false);
            assert_eq!(
                (found.unicode, found.ambiguous_width),
                (unicode, ambiguous),
                "{variables:?}"
            );
            assert_eq!((found.width, found.height, found.tty), (80, 24, false));
        }
        let found = guess("", true);
        assert_eq!((found.width, found.height, found.tty), (132, 50, true));
    }
}
