//! What exists on one surface only: filters and globals of Markdown and of a
//! terminal.
//!
//! In: values, and what the world says about the terminal. Out: text that is
//! marked as safe for its surface. Escaping and cleaning themselves are the
//! business of `gravure_value::text`.

mod grid;
mod markdown;
mod terminal;

use crate::support::Answer;
use gravure_value::{Call, Fault, Heap, Mark, Registry, Surface, Value, ops, text};
use std::borrow::Cow;

/// Name everything that only some surfaces have.
pub(crate) fn register(registry: &mut Registry) {
    markdown::register(registry);
    terminal::register(registry);
}

/// The text form of a value as its surface prints it: escaped or cleaned,
/// unless it is safe there.
fn printed<'h, 'c>(
    heap: &'h Heap<'c>,
    surface: Surface,
    value: Value<'c>,
) -> Result<Cow<'h, str>, Fault> {
    let shown = ops::to_text(heap, value)?;
    let mark = heap.mark(value);
    let is_safe = match surface {
        Surface::Text => true,
        Surface::Html => mark == Mark::Html,
        Surface::Markdown => matches!(mark, Mark::Html | Mark::Markdown),
        Surface::Terminal => mark == Mark::Styled,
    };
    if is_safe {
        return Ok(shown);
    }
    heap.charge(shown.len() as u64 / 8)?;
    // Markdown's backslashes double a text at most; HTML is not printed here.
    heap.reserve((shown.len() as u64).saturating_mul(2))?;
    let mut out = String::with_capacity(shown.len());
    text::escape(surface, mark, &shown, &mut out);
    Ok(Cow::Owned(out))
}

/// As [`printed`], but an object of the host may bring a form of its own.
fn presented<'h, 'c>(
    heap: &'h Heap<'c>,
    surface: Surface,
    value: Value<'c>,
) -> Result<Cow<'h, str>, Fault> {
    match heap.own_form(surface, value)? {
        Some(form) => Ok(Cow::Owned(form)),
        None => printed(heap, surface, value),
    }
}

/// `n` copies of a text at the end of another, whose length was checked.
fn push_repeated(out: &mut String, text: &str, n: u64) {
    for _ in 0..if text.is_empty() { 0 } else { n } {
        out.push_str(text);
    }
}

/// A text of some mark out of pieces; checked before it is built.
fn joined<'c>(call: &mut Call<'_, 'c>, mark: Mark, pieces: &[&str]) -> Answer<'c> {
    let heap = call.heap();
    let len = pieces.iter().map(|piece| piece.len() as u64).sum();
    heap.charge(len / 8)?;
    heap.check_text(len)?;
    heap.new_text(mark, pieces.concat())
}

#[cfg(test)]
mod tests;
