//! Pictures and frames, with what stands for them where there is only ASCII.

/// Name, picture, text for terminals without Unicode.
const ICONS: [(&str, &str, &str); 36] = [
    ("check", "✓", "[ok]"),
    ("cross", "✗", "[FAIL]"),
    ("warn", "⚠\u{fe0e}", "[!]"),
    ("info", "ℹ", "[i]"),
    ("dot", "●", "*"),
    ("circle", "○", "o"),
    ("diamond", "◆", "*"),
    ("star", "★\u{fe0e}", "*"),
    ("heart", "♥\u{fe0e}", "<3"),
    ("flag", "⚑", "[F]"),
    ("arrow_r", "→", "->"),
    ("arrow_l", "←", "<-"),
    ("arrow_u", "↑", "^"),
    ("arrow_d", "↓", "v"),
    ("fat_arrow", "⇒", "=>"),
    ("ret", "↵", "<-"),
    ("play", "▶\u{fe0e}", ">"),
    ("pause", "⏸\u{fe0e}", "||"),
    ("stop", "■", "[]"),
    ("record", "⏺\u{fe0e}", "(o)"),
    ("reload", "⟳", "(R)"),
    ("ellipsis", "…", "..."),
    ("bullet", "•", "*"),
    ("dash", "–", "-"),
    ("tri_r", "▸", ">"),
    ("tri_d", "▾", "v"),
    ("lock", "🔒", "[L]"),
    ("unlock", "🔓", "[U]"),
    ("key", "🔑", "[K]"),
    ("link", "🔗", "[~]"),
    ("clip", "📎", "[@]"),
    ("folder", "📁", "[D]"),
    ("file", "📄", "[F]"),
    ("gear", "⚙\u{fe0e}", "[G]"),
    ("spark", "✦", "*"),
    ("zap", "⚡\u{fe0e}", "!"),
];

/// The picture of a name, or what stands for it.
pub(super) fn icon(name: &str, unicode: bool) -> Option<&'static str> {
    let (_, picture, plain) = ICONS.iter().find(|(known, ..)| *known == name)?;
    Some(if unicode { picture } else { plain })
}

/// The lines and corners of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Frame([&'static str; 11]);

/// Names of a frame's parts, in the order of its characters.
const PARTS: [&str; 11] = [
    "tl", "h", "tj", "tr", "v", "lj", "cross", "rj", "bl", "bj", "br",
];

pub(super) const LIGHT: Frame = Frame(["┌", "─", "┬", "┐", "│", "├", "┼", "┤", "└", "┴", "┘"]);
const HEAVY: Frame = Frame(["┏", "━", "┳", "┓", "┃", "┣", "╋", "┫", "┗", "┻", "┛"]);
const DOUBLE: Frame = Frame(["╔", "═", "╦", "╗", "║", "╠", "╬", "╣", "╚", "╩", "╝"]);
const ROUND: Frame = Frame(["╭", "─", "┬", "╮", "│", "├", "┼", "┤", "╰", "┴", "╯"]);
const ASCII: Frame = Frame(["+", "-", "+", "+", "|", "+", "+", "+", "+", "+", "+"]);

impl Frame {
    /// The frame of a style; in ASCII where there is nothing else.
    pub(super) fn of(style: &str, unicode: bool) -> Option<Self> {
        let frame = match style {
            "light" => LIGHT,
            "heavy" => HEAVY,
            "double" => DOUBLE,
            "round" => ROUND,
            "ascii" => ASCII,
            _ => return None,
        };
        Some(if unicode { frame } else { ASCII })
    }

    /// The character of a part's name.
    pub(super) fn part(self, name: &str) -> Option<&'static str> {
        let at = PARTS.iter().position(|part| *part == name)?;
        self.0.get(at).copied()
    }

    /// What lines are drawn with: horizontal and vertical.
    pub(super) fn lines(self) -> (&'static str, &'static str) {
        let [_, horizontal, _, _, vertical, ..] = self.0;
        (horizontal, vertical)
    }

    /// Left end, joint and right end of the line at the top.
    pub(super) fn top(self) -> [&'static str; 3] {
        let [left, _, joint, right, ..] = self.0;
        [left, joint, right]
    }

    /// The same of a line in the middle.
    pub(super) fn middle(self) -> [&'static str; 3] {
        let [.., left, joint, right, _, _, _] = self.0;
        [left, joint, right]
    }

    /// The same of the line at the bottom.
    pub(super) fn bottom(self) -> [&'static str; 3] {
        let [.., left, joint, right] = self.0;
        [left, joint, right]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_have_names() {
        let shown: Vec<_> = PARTS.iter().filter_map(|part| ROUND.part(part)).collect();
        assert_eq!(shown.concat(), "╭─┬╮│├┼┤╰┴╯");
        assert_eq!(DOUBLE.top().concat(), "╔╦╗");
        assert_eq!(DOUBLE.middle().concat(), "╠╬╣");
        assert_eq!(DOUBLE.bottom().concat(), "╚╩╝");
        assert_eq!(DOUBLE.lines(), ("═", "║"));
        assert_eq!(DOUBLE.part("middle"), None);
        assert_eq!(Frame::of("heavy", false), Some(ASCII));
        assert_eq!(Frame::of("wavy", false), None);
    }

    #[test]
    fn icons_have_names() {
        assert_eq!(icon("warn", true), Some("⚠\u{fe0e}"));
        assert_eq!(icon("warn", false), Some("[!]"));
        assert_eq!(icon("nope", true), None);
        assert!(ICONS.iter().all(|(.., plain)| plain.is_ascii()));
    }
}
