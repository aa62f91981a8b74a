//! Which containers a walk is inside of: circles are met here.

use crate::{CellId, Value};
use gravure_source::RandomState;
use std::collections::HashSet;

/// Up to this depth a scan is faster than a table.
const SCAN: usize = 32;

/// The way from the start of a walk to where it is.
#[derive(Default)]
pub(crate) struct Path {
    /// The first [`SCAN`] containers.
    near: Vec<u64>,
    /// All others, in order and as a set.
    far: Vec<u64>,
    far_set: Option<HashSet<u64, RandomState>>,
}

impl Path {
    /// Go into a container; `false` if the walk is inside of it already.
    pub(crate) fn enter(&mut self, id: u64) -> bool {
        if self.near.contains(&id) || self.is_far(id) {
            return false;
        }
        if self.near.len() < SCAN {
            self.near.push(id);
        } else {
            self.far.push(id);
            self.far_set.get_or_insert_default().insert(id);
        }
        true
    }

    fn is_far(&self, id: u64) -> bool {
        let set = self.far_set.as_ref();
        set.is_some_and(|set| set.contains(&id))
    }

    /// Leave the container that was entered last.
    pub(crate) fn leave(&mut self) {
        match self.far.pop() {
            Some(id) => {
                if let Some(set) = &mut self.far_set {
                    set.remove(&id);
                }
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
        assert!(path.near.is_empty() && path.far.is_empty());
        assert!((0..100).all(|id| !path.is_far(id)));
    }
}
