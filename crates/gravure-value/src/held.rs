//! Things a render holds: borrowed from the host, or counted.

use crate::value::ConstId;
use gravure_source::Symbol;
use std::{ops::Deref, sync::Arc};

/// Something that a render can rely on until its end.
#[derive(Debug)]
pub enum Held<'c, T: ?Sized> {
    /// It outlives the render.
    Borrowed(&'c T),
    /// The render keeps it alive, and pays for it where it is data.
    Counted(Arc<T>),
    /// The render keeps it alive, and the host pays for it.
    Lent(Arc<T>),
}

impl<T: ?Sized> Held<'_, T> {
    /// Does nobody count it?
    #[inline(always)]
    pub fn is_borrowed(&self) -> bool {
        matches!(self, Held::Borrowed(_))
    }
}

impl<T: ?Sized> Deref for Held<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        match self {
            Held::Borrowed(it) => it,
            Held::Counted(it) | Held::Lent(it) => it,
        }
    }
}

impl<T: ?Sized> Clone for Held<'_, T> {
    fn clone(&self) -> Self {
        match self {
            Held::Borrowed(it) => Held::Borrowed(it),
            Held::Counted(it) => Held::Counted(it.clone()),
            Held::Lent(it) => Held::Lent(it.clone()),
        }
    }
}

/// The texts of one template: its constants and the spelling of its symbols.
pub trait Pool: Send + Sync {
    /// The text of a constant; empty if it is no text.
    fn text(&self, id: ConstId) -> &str;
    /// The spelling of a symbol; empty if there is none.
    fn symbol(&self, symbol: Symbol) -> &str;
    /// The name of the template.
    fn template(&self) -> &str;
}
