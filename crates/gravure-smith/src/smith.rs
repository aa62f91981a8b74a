//! What is known while templates are written: names in sight, defs, and how
//! much may still be said.

use crate::forms::Kind;
use arbitrary::{Result, Unstructured};

/// A named slot, and what it gives its content.
pub(crate) type SlotGiving = (String, Vec<(String, Kind)>);

/// A def that can be called, and what its slots give.
#[derive(Clone, Debug)]
pub(crate) struct Def {
    /// What a call says: `card`, `lib.card`.
    pub(crate) name: String,
    /// Parameters by position, each with a default or not.
    pub(crate) params: Vec<(String, Kind, bool)>,
    /// Named slots, with the values that they give.
    pub(crate) slots: Vec<SlotGiving>,
}

/// Where a tag stands: what may be said there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    /// How much deeper it may go.
    pub(crate) depth: u8,
    /// Is it inside a loop of the same body?
    pub(crate) in_loop: bool,
    /// May defs stand here?
    pub(crate) may_def: bool,
    /// Is it the body of a def, and no content of a `call` in it?
    pub(crate) in_def: bool,
    /// May blocks stand here?
    pub(crate) may_block: bool,
}

impl Place {
    /// The top of a template.
    pub(crate) fn top() -> Self {
        Self {
            depth: 4,
            in_loop: false,
            may_def: true,
            in_def: false,
            may_block: true,
        }
    }

    /// A body that belongs to what is around it: `if`, `with`, `try`.
    pub(crate) fn inner(self) -> Self {
        Self {
            depth: self.depth.saturating_sub(1),
            may_def: false,
            ..self
        }
    }

    /// The body of a loop.
    pub(crate) fn looped(self) -> Self {
        Self {
            in_loop: true,
            ..self.inner()
        }
    }

    /// A body of its own: a block, a def, the content of a call. Whether defs
    /// may stand in it is decided by what is around it.
    pub(crate) fn own(self) -> Self {
        Self {
            in_loop: false,
            may_def: self.may_def,
            ..self.inner()
        }
    }
}

/// A writer of templates, driven by bytes.
pub(crate) struct Smith<'a, 'b> {
    pub(crate) bytes: &'a mut Unstructured<'b>,
    /// Names in sight with what they hold; the later hides the earlier.
    pub(crate) names: Vec<(String, Kind)>,
    /// Defs in sight.
    pub(crate) defs: Vec<Def>,
    /// Templates that may be included; none of them leads back.
    pub(crate) parts: Vec<String>,
    /// Templates that may be included without a context.
    pub(crate) bare: Vec<String>,
    /// Templates to embed or extend, with their blocks.
    pub(crate) bases: Vec<(String, Vec<String>)>,
    /// Libraries with their defs.
    pub(crate) libraries: Vec<(String, Vec<Def>)>,
    /// Blocks of the template that is being written.
    pub(crate) blocks: Vec<String>,
    /// How many names were made.
    made: u32,
    /// How many tags may still be written.
    tags_left: u32,
    /// How many operators.
    forms_left: u32,
}

impl<'a, 'b> Smith<'a, 'b> {
    pub(crate) fn new(bytes: &'a mut Unstructured<'b>) -> Self {
        Self {
            bytes,
            names: Vec::new(),
            defs: Vec::new(),
            parts: Vec::new(),
            bare: Vec::new(),
            bases: Vec::new(),
            libraries: Vec::new(),
            blocks: Vec::new(),
            made: 0,
            tags_left: 0,
            forms_left: 0,
        }
    }

    /// How much the next template may say.
    pub(crate) fn allow(&mut self, tags: u32) {
        self.tags_left = tags;
        self.forms_left = tags * 8;
    }

    /// May another tag be written?
    pub(crate) fn spend_tag(&mut self) -> bool {
        let has = self.tags_left > 0 && !self.bytes.is_empty();
        self.tags_left = self.tags_left.saturating_sub(1);
        has
    }

    /// May another operator be written?
    pub(crate) fn spend_form(&mut self) -> bool {
        let has = self.forms_left > 0 && !self.bytes.is_empty();
        self.forms_left = self.forms_left.saturating_sub(1);
        has
    }

    /// A number below `bound`; 0 when the bytes are used up.
    pub(crate) fn below(&mut self, bound: usize) -> Result<usize> {
        self.bytes.int_in_range(0..=bound.saturating_sub(1))
    }

    /// One time in so many; never when the bytes are used up.
    pub(crate) fn once_in(&mut self, n: usize) -> Result<bool> {
        Ok(!self.bytes.is_empty() && self.below(n)? == 0)
    }

    /// One of these.
    pub(crate) fn of<T: Clone>(&mut self, items: &[T]) -> Result<Option<T>> {
        let at = self.below(items.len())?;
        Ok(items.get(at).cloned())
    }

    /// Any kind.
    pub(crate) fn kind(&mut self) -> Result<Kind> {
        Ok(self.of(Kind::ALL)?.unwrap_or(Kind::Int))
    }

    /// A name that nothing has.
    pub(crate) fn fresh(&mut self, stem: &str) -> String {
        self.made += 1;
        format!("{stem}{}", self.made)
    }

    /// What `write` gives, with everything that it names out of sight behind it.
    pub(crate) fn scoped<T>(&mut self, write: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let (names, defs) = (self.names.len(), self.defs.len());
        let written = write(self);
        self.names.truncate(names);
        self.defs.truncate(defs);
        written
    }

    /// The same with names in sight that fit only there.
    pub(crate) fn with_names<T>(
        &mut self,
        names: &[(String, Kind)],
        write: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        self.scoped(|it| {
            it.names.extend_from_slice(names);
            write(it)
        })
    }

    /// A body that sees the first `n` names alone, as a block sees the context.
    pub(crate) fn apart<T>(
        &mut self,
        n: usize,
        write: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let hidden = self.names.split_off(n.min(self.names.len()));
        let written = self.scoped(write);
        self.names.extend(hidden);
        written
    }
}
