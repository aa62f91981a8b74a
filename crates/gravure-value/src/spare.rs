//! Empty tables that outlive a render, so that the next one need not ask for
//! memory.

use crate::{Cell, Held, Pool};

/// The tables of a heap, emptied.
#[derive(Debug, Default)]
pub struct SpareHeap {
    pub(crate) cells: Vec<Cell<'static>>,
    pub(crate) marks: Vec<bool>,
    pub(crate) pools: Vec<Held<'static, dyn Pool>>,
}

/// The same memory for other contents: an empty table of another type. The
/// memory is kept where both types have one size and alignment, as they have
/// if they differ in a lifetime.
pub fn recycle<T, U>(mut table: Vec<T>) -> Vec<U> {
    table.clear();
    table
        .into_iter()
        .map(|_| unreachable!("the table is empty"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;

    #[test]
    fn the_memory_stays() {
        let text = String::from("short-lived");
        let table: Vec<Value<'_>> = vec![Value::Str(crate::Mark::Plain, &text); 100];
        let place = table.as_ptr() as usize;
        let again: Vec<Value<'static>> = recycle(table);
        assert!(again.is_empty());
        assert_eq!((again.as_ptr() as usize, again.capacity()), (place, 100));
    }
}
