//! Predicates: what follows `is`. The first parameter takes the tested value,
//! the answer is a bool.

mod compare;
mod kinds;
mod matches;
mod request;

use gravure_value::Registry;

/// Name every predicate.
pub(crate) fn register(registry: &mut Registry) {
    let tables = [
        kinds::rows(),
        compare::rows(),
        matches::rows(),
        request::rows(),
    ];
    for row in tables.into_iter().flatten() {
        row.add(registry, Registry::set_predicate);
    }
}
