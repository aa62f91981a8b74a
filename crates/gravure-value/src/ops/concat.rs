//! `~`: joining printed forms, from left to right.
//!
//! As soon as a safe text is met, everything else is escaped and the result is
//! safe. What counts as safe depends on the surface: HTML everywhere but on a
//! terminal, Markdown on Markdown. On a terminal nothing does, since cleaning
//! spares styles.

use super::print;
use crate::{Fault, Heap, Mark, Surface, Value, text};

/// Join the printed forms of all parts.
///
/// # Errors
/// `K-RUN-019` if the text is too long, and what printing says.
pub fn concat<'c>(
    heap: &mut Heap<'c>,
    surface: Surface,
    parts: &[Value<'c>],
) -> Result<Value<'c>, Fault> {
    let mut len = 0_u64;
    let mut is_safe = false;
    for &part in parts {
        match heap.text(part) {
            Some(shown) => len = len.saturating_add(shown.len() as u64),
            None => len = len.saturating_add(8),
        }
        is_safe |= counts_as_safe(surface, heap.mark(part));
    }
    heap.charge(len / 8)?;
    heap.check_text(len)?;
    let mut out = String::with_capacity(len as usize);
    if !is_safe {
        for &part in parts {
            print(heap, part, &mut out)?;
            heap.check_text(out.len() as u64)?;
        }
        return heap.new_text(Mark::Plain, out);
    }
    // What stands before the first safe text was joined first and is escaped
    // in one piece, which matters where lines count.
    let mut was_safe = false;
    let mut shown = String::new();
    for &part in parts {
        let part_is_safe = counts_as_safe(surface, heap.mark(part));
        if part_is_safe && !was_safe {
            was_safe = true;
            let plain = std::mem::take(&mut out);
            escape_for(surface, &plain, &mut out);
        }
        if !was_safe || part_is_safe {
            print(heap, part, &mut out)?;
        } else if let Some(plain) = heap.text(part) {
            escape_for(surface, plain, &mut out);
        } else {
            shown.clear();
            print(heap, part, &mut shown)?;
            escape_for(surface, &shown, &mut out);
        }
        heap.check_text(out.len() as u64)?;
    }
    heap.new_text(joined_mark(surface), out)
}

/// Does joining with a text of this mark give safe text here?
pub fn counts_as_safe(surface: Surface, mark: Mark) -> bool {
    match surface {
        Surface::Text | Surface::Html => mark == Mark::Html,
        Surface::Markdown => matches!(mark, Mark::Html | Mark::Markdown),
        Surface::Terminal => false,
    }
}

/// The mark of what is joined with safe text on a surface.
pub fn joined_mark(surface: Surface) -> Mark {
    match surface {
        Surface::Markdown => Mark::Markdown,
        _ => Mark::Html,
    }
}

/// The mark of a text of some mark after plain text was inserted into it, by
/// `%`, `format` or `join`, on a surface: [`text::escape_into`] takes it.
pub fn inserting_mark(surface: Surface, mark: Mark) -> Mark {
    match (surface, mark) {
        // HTML passes Markdown as it is, so what goes in must suit both.
        (Surface::Markdown, Mark::Html) => Mark::Markdown,
        _ => mark,
    }
}

/// Escape what is joined with safe text on a surface.
fn escape_for(surface: Surface, plain: &str, out: &mut String) {
    match surface {
        Surface::Markdown => text::escape_markdown(plain, out),
        _ => text::escape_html(plain, out),
    }
}
