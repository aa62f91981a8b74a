//! The one door outward: clock, chance, facts about the request, sinks.
//!
//! Neither the VM nor a builtin touches the outside itself, so a fixed world
//! makes every render repeatable.

use crate::{Data, Placed, TerminalSettings};
use std::{sync::Arc, time::Duration};

/// What the body of a `cache` tag made.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Fragment {
    /// Its output.
    pub body: Placed,
    /// What it pushed: list and text, in order.
    pub pushes: Vec<(Box<str>, Placed)>,
}

impl Fragment {
    /// The bytes of its texts.
    pub fn bytes(&self) -> usize {
        let pushed = self.pushes.iter().map(|(list, it)| list.len() + it.bytes());
        self.body.bytes() + pushed.sum::<usize>()
    }
}

/// A finding of a render that stops nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenderWarning {
    /// The stable number.
    pub code: gravure_source::Code,
    /// What was found.
    pub message: String,
    /// The template that holds the place.
    pub template: String,
    /// The line, from 1.
    pub line: u32,
}

/// What a render may ask of the outside.
pub trait World: Send + Sync {
    /// Time since some fixed moment; never goes back.
    fn monotonic(&self) -> Duration;
    /// Offset of the local time zone from UTC at a moment (seconds since
    /// 1970-01-01 UTC), in seconds.
    fn local_offset(&self, unix_seconds: i64) -> i32;
    /// 64 random bits.
    fn random(&self) -> u64;
    /// A fact about the request, such as `csp_nonce`.
    fn meta(&self, key: &str) -> Option<Data<'static>>;
    /// The terminal that is written for.
    fn terminal(&self) -> TerminalSettings {
        TerminalSettings::default()
    }
    /// A finding of a render that stops nothing.
    fn warn(&self, warning: &RenderWarning) {
        let _ = warning;
    }
    /// A description that the filter `debug` writes.
    fn debug(&self, text: &str);
    /// What a `cache` tag kept.
    fn fragment(&self, key: &str) -> Option<Arc<Fragment>> {
        let _ = key;
        None
    }
    /// Keep what a `cache` tag made for some seconds (`None`: as long as the
    /// host likes), and give what is kept: of two that come at once the first.
    fn keep_fragment(&self, key: &str, made: Fragment, seconds: Option<f64>) -> Arc<Fragment> {
        let _ = (key, seconds);
        Arc::new(made)
    }
    /// Translate a message; `None` if no translations are installed.
    fn gettext(&self, message: &str) -> Option<String>;
    /// Translate a message with a number; `None` if none are installed.
    fn ngettext(&self, singular: &str, plural: &str, n: i64) -> Option<String>;
}

/// A world that never changes: no time passes, chance always gives the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct Fixed;

impl World for Fixed {
    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
    fn local_offset(&self, _: i64) -> i32 {
        0
    }
    fn random(&self) -> u64 {
        0x9e37_79b9_7f4a_7c15
    }
    fn meta(&self, _: &str) -> Option<Data<'static>> {
        None
    }
    fn debug(&self, _: &str) {}
    fn gettext(&self, _: &str) -> Option<String> {
        None
    }
    fn ngettext(&self, _: &str, _: &str, _: i64) -> Option<String> {
        None
    }
}
