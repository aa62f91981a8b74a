//! Global functions: what templates call by name.

mod convert;
mod iterate;
mod order;
mod request;
mod translate;

use gravure_value::Registry;

/// Name every global function.
pub(crate) fn register(registry: &mut Registry) {
    let tables = [
        convert::rows(),
        order::rows(),
        iterate::rows(),
        request::rows(),
        translate::rows(),
    ];
    for row in tables.into_iter().flatten() {
        row.add(registry, Registry::set_function);
    }
}
