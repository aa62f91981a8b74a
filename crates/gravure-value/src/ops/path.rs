//! Which containers a walk is inside of: circles are met here.

use crate::{CellId, Value};
use ahash::AHashSet;

/// Up to this depth a scan is faster than a table.
const SCAN: usize = 32;

/// The way from the start of a walk to where it is.
#[derive(Default)]
pub(crate) struct Path {
    /// The first [`SCAN`] containers.
    near: Vec<u64>,
    /// All others, in order and as a set.
    far: Vec<u64>,
    far_set: AHashSet<u64>,
}

impl Path {
    /// Go into a container; `false` if the walk is inside of it already.
    pub(crate) fn enter(&mut self, id: u64) -> bool {
        if self.near.contains(&id) || self.far_set.contains(&id) {
            return false;
        }
        if self.near.len() < SCAN {
            self.near.push(id);
        } else {
            self.far.push(id);
            self.far_set.insert(id);
        }
        true
    }

    /// Leave the container that was entered last.
    pub(crate) fn leave(&mut self) {
        match self.far.pop() {
            Some(id) => {
                self.far_set.remove(&id);
            }
            None => {
                self.near.pop();
            }
        }
    }
}

/// The cell of a container. Only cells can be part of a circle.
pub(crate) fn cell_of(value: Value<'_>) -> Option<u64> {
    match value {
        Value::Cell(_, CellId(id)) => Some(u64::from(id)),
        _ => None,
    }
}

/// The cells of two containers that are compared, as one number.
pub(crate) fn cells_of(lhs: Value<'_>, rhs: Value<'_>) -> Option<u64> {
    Some(cell_of(lhs)? << 32 | cell_of(rhs)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_knows_where_it_is() {
        let mut path = Path::default();
        for id in 0..100 {
            assert!(path.enter(id));
        }
        for id in [0, 31, 32, 99] {
            assert!(!path.enter(id));
        }
        for id in (0..100).rev() {
            path.leave();
            assert!(path.enter(id));
            path.leave();
        }
        assert!(path.near.is_empty() && path.far_set.is_empty());
    }
}
